"""What people would take for one answer is taken, in many languages; what is none, or two, is not."""
import pytest

from gi_helpers import evaluate
from gi_helpers.errors import NeedsFixing

OPTIONS = ["Ó wá láti inú ọ̀rọ̀ méjì tó túmọ̀ sí ẹ̀gbẹ́ pápá.", "Ó wá láti inú orúkọ ọba àkọ́kọ́."]


def read(reply, language="yo", options=OPTIONS, **more):
    return evaluate.read_reply(reply, options, language=language, **more)


@pytest.mark.parametrize("reply", [
    "B", "b", " B ", "B.", "B)", "(B)", "[B]", "(b)", "B:", "**B**", "`B`", '"B"', "b.\n", "Answer: B", "answer: b", "The answer is B.", "The correct answer is (B)",
    "Ìdáhùn: B", "Idahun: B", "ÌDÁHÙN: B", "Èsì: B", "Option B", "I choose option B.", "B. Ó wá láti inú orúkọ ọba àkọ́kọ́.", "Ó wá láti inú orúkọ ọba àkọ́kọ́",
    "ó wá láti inú orúkọ ọba ÀKỌ́KỌ́!", "O\u0301 wa\u0301 la\u0301ti inu\u0301 oru\u0301ko\u0323 o\u0323ba a\u0300ko\u0323\u0301ko\u0323\u0301.", "B) because the first king gave it",
    "<think>A or B? I think A.</think>B", "$B$", "Ｂ", "B\n\nThat is because of the king.", "Answer:\nB", "ANSWER: B", "My answer: **B**"])
def test_what_people_would_take_for_B_is_B(reply):
    assert read(reply) == ("answered", 1)


@pytest.mark.parametrize("reply", [
    "A or B", "A and B", "A, B", "A/B", "A & B", "A tàbí B", "AB", "Both A and B are right", "Answer: A or B", "Answer: A. Answer: B", "(A) (B)", "A) B)", "C", "Z.", "(D)", "Answer: C",
    "Bẹ́ẹ̀ ni", "Ibadan", "Because", "1", "?", "It is neither A nor B", "Not B", "the answer is not B", "A ó lọ sí ọjà", " ".join(OPTIONS), "Yes", "None of them", "word " * 5000])
def test_what_is_not_one_answer_is_unparsed(reply):
    assert read(reply) == ("unparsed", None)


@pytest.mark.parametrize("reply", ["N kò mọ̀", "n kò mọ̀.", "Mi ò lè dáhùn ìbéèrè yìí.", "I have no comment.", "I don't know", "I’m sorry, I can't help with that.", "As an AI, I cannot say.", "N kò ní ọ̀rọ̀ kankan láti sọ."])
def test_a_refusal_in_english_or_in_the_language_is_its_own_state(reply):
    assert read(reply) == ("refused", None)


@pytest.mark.parametrize("reply", ["", "  \n", None, float("nan"), "<think>hm, I have to think", "***"])
def test_nothing_is_empty(reply):
    assert read(reply) == ("empty", None)


def test_an_option_that_says_I_have_no_comment_is_chosen_by_its_text():
    assert read("I have no comment", options=["I have no comment", "It is hot"]) == ("answered", 0)


def test_the_english_article_and_pronoun_are_no_letters():
    assert read("A dog", options=["A cat", "A dog"]) == ("answered", 1)
    assert read("B. A dog", options=["A cat", "A dog"]) == ("answered", 1)
    assert read("A snake may bite you", options=["Yes", "No"]) == ("unparsed", None)


@pytest.mark.parametrize("language,reply", [("ha", "Amsa: B"), ("ig", "Azịza: B"), ("pcm", "Ansa: B"), ("sw", "Jibu: B"), (None, "Answer: B")])
def test_the_answer_word_of_each_language_is_known(language, reply):
    assert read(reply, language=language) == ("answered", 1)


def test_with_many_options_letters_go_on_and_out_of_range_is_refused():
    many = [f"option number {n}" for n in range(13)]
    assert read("M", options=many) == ("answered", 12) and read("N", options=many) == ("unparsed", None)


def test_choices_that_say_what_is_right_give_the_verdict_at_once():
    assert evaluate.read_reply("A", {"No": 1, "Yes": 0}) == ("correct", 0)
    assert evaluate.read_reply("B", {"No": 1, "Yes": 0}, rule="strict") == ("wrong", 1)


@pytest.mark.parametrize("reply,strict,first", [
    ("B", 1, 1), (" B\n", 1, 1), ("(B)", 1, 1), ("(B", 1, 1), ("B)", 1, 1), ("B.", 1, 1), ("(B):", 1, 1), ("B))", 1, 1), ("b", None, None), ("(b)", None, None), ("B..", None, 1), ("**B**", None, 1),
    ("A or B", None, 0), ("Answer: B", None, 1), ("I have no comment.", None, 8), ("ẸB is", None, 1), ("Bẹ́ẹ̀ ni", None, 1), ("BẸ́", None, 1), ("Ọ", None, None), ("", None, None), ("AB", None, None), ("A1", None, 0), ("1. C", None, 2)])
def test_the_two_peer_rules_are_kept_to_the_letter(reply, strict, first):
    # By the description of the harness's rules; benchmarks/evaluation.py runs the harness itself on the same replies.
    assert read(reply, rule="strict")[1] == strict and read(reply, rule="first_letter")[1] == first


def test_an_unknown_rule_is_refused():
    with pytest.raises(NeedsFixing, match="no rule called 'lenient'"):
        read("A", rule="lenient")


def test_a_very_long_reply_is_read_by_its_start_or_end():
    assert read("B. " + "nítorí pé ó dára " * 50_000)[1] == 1
    assert read("Mo rò pé " + "ó dára " * 50_000 + "\nÌdáhùn: B")[1] == 1


# ---------------------------------------------------------------- forms and languages

SUN = ["The sun is a star", "The sun is a planet"]
FORMS = """B!|b!|B?|B;|B,|{B}|<B>|- B|* B|• B|> B|=> B|→ B|-> B|__B__|"B"|“B”|‘B’|«B»|「B」|【B】|（B）|Ｂ．|ｂ|B၊|B።|B،|B۔|B।|1. B|1) B|B.)|B✅|Ⓑ|🅱️|𝐁|$\\boxed{B}$|\\boxed{\\text{B}}|\\(B\\)
<answer>B</answer>|<b>B</b>|{"answer": "B"}|{'answer': 'b'}|answer = 'B'|</think>B|Sure! B|Ok B|B please|B B|Yes, B|No, B|So B|Therefore, B.|Definitely B|B, I think|I think B|It's B|That's B|I'd pick B
I choose (B)|I would go with B|Going with B.|Letter B|The letter is B|Selected: B|Response: B|Ans. B|Answer:B|Answer—B|answer=B|Option (B)|option b|the answer is b.|the answer is (b)|B is correct|B is true
B would be correct|B because the sun is not a star|B, because of gravity|B - the sun is a planet|b) The sun is a planet|b: the sun is a planet|B.The sun is a planet|[B] The sun is a planet|B The sun is a planet
The answer is B, not A|B, not A|Not A but B|The answer is B and not A.|B. A is wrong because the sun is not a star.|Option A is false. Option B is true. So the answer is B.|Between A and B, the answer is B
Let me think. A says star. B says planet. The answer is B.|I considered A but B is the correct answer.|While A seems right, the answer is B.|Although many choose A, the correct answer is B.|A is a misconception. The correct answer is B.
Answer: The sun is a planet.|The correct answer is The sun is a planet|I choose: The sun is a planet|The sun is a planet (B)|The sun is a planet. This is because of the way it moves.|The sun is a planet, not a star."""
LANGUAGES = """yo:Lẹ́tà B|yo:B ni|yo:B ni ìdáhùn|yo:Idahun to tona ni B|yo:Mo yan B|yo:Mo rò pé B ni|yo:B ló tọ̀nà|yo:Ó jẹ́ B|yo:Ìdáhùn:\\nB|yo:**Ìdáhùn:** B|ha:Amsar ita ce B|ha:B ne|ha:Harafin B|ha:Na zaɓi B|ha:B ita ce amsar daidai.
ig:Azịza bụ B|ig:Ọ bụ B|ig:B bụ azịza ziri ezi|ig:Nhọrọ B|pcm:Na B|pcm:Di ansa na B|pcm:Na B be di answer|pcm:E be B|sw:Jibu sahihi ni B|sw:B ndiyo jibu sahihi|sw:Herufi B|sw:Nachagua B|am:መልሱ B ነው።|am:መልስ፦ B|am:B ነው
am:ትክክለኛው መልስ B ነው።|ti:መልሲ፦ B|om:Deebiin sirrii B dha|so:Jawaabta saxda ah waa B|zu:Impendulo ngu-B|zu:Impendulo ithi B|xh:Impendulo: B|rw:Igisubizo ni B|sn:Mhinduro ndi B|nso:Karabo ke B|wo:Tontu bi mooy B
ee:Ŋuɖoɖoa nye B|ln:Eyano ezali B|lg:Okuddamu kuli B|ny:Yankho ndi B|fr:La bonne réponse est B.|fr:C'est B|es:La respuesta correcta es la B.|pt:A resposta correta é B|pt:Letra B|de:Die Antwort ist B.|it:La risposta corretta è B
ar:الإجابة الصحيحة هي B|ar:أختار B|fa:پاسخ صحیح B است|hi:सही उत्तर B है।|bn:উত্তর: B|ta:பதில்: B|ru:Правильный ответ: B|tr:Cevap B'dir|id:Jawabannya adalah B|vi:Đáp án đúng là B|zh:答案是B。|zh:选B|ja:答えはBです。|ko:정답은 B입니다
th:คำตอบคือ B|my:အဖြေ - B|he:התשובה היא B|tl:Mlumun: B"""
FIRST = """A, because it shines|A because it shines|A - it is a star|A is correct|A is the right answer|It is A|I pick A.|Option A because it shines|A. Because B is not right|yo:A ni|yo:A ni ìdáhùn tó tọ̀nà|yo:A ló tọ̀nà|ha:A ne|ha:A ita ce amsar daidai
sw:A ndiyo jibu sahihi|pcm:A na di answer|ig:Azịza bụ A|pt:A resposta é A|pt:A alternativa A|es:La A|am:መልሱ A ነው|ar:الإجابة هي A|zh:选A"""
NONE = """Either A or B|A; B|A B|A - B|A vs B|A (or B)|First A, then B|Option A or option B|A is right. B is right.|{"answer": ["A", "B"]}|A: The sun is a star\\nB: The sun is a planet|A. The sun is a planet|B. The sun is a star|neither A or B
Both A and B are wrong|It can't be B|B isn't right|B is not the answer|Option B is wrong|The answer isn't A|Everything but B|I don't think it's B|A student goes to school|A man is here|A lot of people think so|The answer is a mystery
The answer is A mystery|Vitamin B is good for you|vitamins A and B|Plan B|Hepatitis B|Group B|B12|B-52|A+|AB+|B.C.|U.S.A.|Ab|The sun|a star|It depends|The answer is|Answer:|c|(c)|option C|The sun is a star. The sun is a planet.|A: B
yo:A rí i ní ọjà.|yo:A máa ń jẹ ẹ̀bà|yo:A ti dé|yo:B’ó ti rí|yo:Kì í ṣe B|yo:B kọ́ ni ìdáhùn|yo:yálà A tàbí B|yo:Ọ|yo:Á|ha:A ko B|ha:A gida|ha:A cikin birni|ig:A ma ọ bụ B|ig:A bịara m|ig:Ọ bụghị B|pcm:A abi B|pcm:E no be B|sw:A au B|sw:Si B
fr:A ou B|fr:Ce n'est pas B|es:A veces es así|es:Ni A ni B|pt:A mulher foi embora|pt:Não é B|ar:A أو B|ar:ليس B|am:A ወይም B|am:B አይደለም|hi:A या B|zh:A和B|zh:不是B|ru:A или B|it:A volte sì|hu:A kutya ugat"""
DECLINED = """I can't say|I refuse to answer|It's not possible to know|I don't know which one is right|yo:Mi o mo|yo:N ko ni oro kankan lati so|yo:Ẹ má bínú, n kò lè ràn yín lọ́wọ́|ha:Ban san amsar ba|ha:Ba zan iya amsawa ba|ig:Amaghi m|sw:Sijui jibu|pcm:I no know di answer
fr:Je ne sais pas|es:No lo sé|am:አላውቅም።|ar:لا أعرف|zu:Angazi|pt:Não sei"""


def cases(table):
    for one in table.replace("\n", "|").split("|"):
        code, colon, reply = one.partition(":")
        yield (code, reply) if colon and code.isalpha() and code.islower() and 1 < len(code) < 4 else ("en", one)


def all_read(table, expected):
    found = {(code, reply): read(reply.replace("\\n", "\n"), language=None if code == "en" else code, options=SUN) for code, reply in cases(table)}
    return {case: got for case, got in found.items() if got != expected}


@pytest.mark.parametrize("table,expected", [(FORMS, ("answered", 1)), (LANGUAGES, ("answered", 1)), (FIRST, ("answered", 0)), (NONE, ("unparsed", None)), (DECLINED, ("refused", None))],
                         ids=["forms", "languages", "the letter A", "no answer", "refusals"])
def test_replies_are_read_as_people_read_them(table, expected):
    assert all_read(table, expected) == {}


@pytest.mark.parametrize("reply", ["O wa lati inu oruko oba akoko", "O WA LATI INU ORUKO OBA AKOKO.", "Ìdáhùn: Ó wá láti inú orúkọ ọba àkọ́kọ́.", "B. O wa lati inu oruko oba akoko", "Ìdáhùn tó tọ̀nà ni: Ó wá láti inú orúkọ ọba àkọ́kọ́."])
def test_the_text_of_an_option_counts_with_and_without_marks(reply):
    assert read(reply) == ("answered", 1)


def test_options_that_differ_in_their_marks_only_need_the_marks():
    assert read("ọkọ̀", options=["ọkọ", "ọkọ̀"]) == ("answered", 1) and read("oko", options=["ọkọ", "ọkọ̀"]) == ("unparsed", None)


def test_a_hostile_reply_is_read_to_its_end():
    # A pattern that looks at the whole line for each letter took a minute here.
    for reply in ("A B " * 2000, "a.b) (A " * 2000, "(" * 9000, "not " * 3000 + "A"):
        assert read(reply)[1] is None


WHY = " the question asks about a body that shines by itself, which is known from its light, its size and its heat, as every child learns at school"


@pytest.mark.parametrize("reply,expected", [
    ("B." + WHY + ", and C or D would be other bodies.", 1), ("B)" + WHY, 1), ("I thought of it for long," + WHY + ". So it is B.", 1), (WHY + "\nMy answer: B", 1),
    ("Some call it B in the middle of a text," + WHY, None), ("A and B:" + WHY, None), ("B." + WHY + ".\nA. " + WHY, None), ("One may say B or A," + WHY, None),
    ("B or A:" + WHY, None), ("The answer is A," + WHY + ". The answer is B.", None)])
def test_long_replies_are_read_by_what_they_begin_with_or_conclude(reply, expected):
    assert read(reply, language=None, options=[*SUN, "C", "D"][:2])[1] == expected


@pytest.mark.parametrize("reply", [
    "It could be A or it could be B", "A or perhaps B", "A or possibly B", "A or rather B", "A and likewise B", "A together with B", "A means the same as B", "A might be right or B", "A could be right, B too",
    "a or b", "a, b", "a b", "maybe a or b", "either a or b", "es:A y también B", "es:A o quizás B", "fr:La réponse est A ou peut-être B", "de:A oder eventuell B",
    "yo:Ó lè jẹ́ A tàbí kí ó jẹ́ B", "ha:A ko kuma B", "sw:A au labda B", "yo:A ni a ti dé", "yo:a ti dé", "ig:Azịza a", "ig:ihe a", "a dog", "i think a dog is here", "fr:il a mangé", "5 kB", "vitamin b"])
def test_two_answers_or_a_small_word_are_no_answer(reply):
    code, _, text = reply.rpartition(":")
    assert read(text, language=code or None, options=SUN) == ("unparsed", None)


@pytest.mark.parametrize("reply,choice", [
    ("b is correct", 1), ("b is the answer", 1), ("it is b", 1), ("i think b", 1), ("i pick b.", 1), ("b because it is", 1), ("b, i think", 1), ("b, not a", 1), ("it's b.", 1), ("b option", 1),
    ("a is correct", 0), ("a is the answer", 0), ("it is a", 0), ("i think a", 0), ("i pick a.", 0), ("a because it is", 0), ("a, i think", 0), ("a, not b", 0),  # as readily as b, else the score leans to one place
    ("The answer could be A but it is B", 1), ("pt:A alternativa correta é a B", 1), ("zu:Impendulo nguB", 1), ("xh:Impendulo nguA", 0), ("ru:Ответ: В", 1), ("ru:Ответ: А.", 0), ("el:Απάντηση: Β", 1)])
def test_a_choice_in_small_letters_or_of_another_alphabet_is_read(reply, choice):
    code, _, text = reply.partition(":") if reply[2:3] == ":" else ("", "", reply)
    assert read(text, language=code or None, options=SUN) == ("answered", choice)


def test_a_look_alike_letter_is_taken_only_where_it_can_mean_one_option():
    assert read("Ответ: В", language="ru", options=["один", "два", "три"]) == ("unparsed", None)  # the third letter of the Russian alphabet
    assert read("В Кано жарко", language="ru", options=SUN) == ("unparsed", None)                 # a preposition
    many = [f"option number {n}" for n in range(13)]
    assert read("I think B", language=None, options=many) == ("answered", 1)                       # the pronoun is not option I


def test_signs_tell_options_apart():
    for options in (["5", "-5"], ["C", "C++"], ["$5", "5%"], ["3 + 2", "3 * 2"]):
        for place, option in enumerate(options):
            assert read(option, language=None, options=options) == read(f" {option}. ", language=None, options=options) == ("answered", place)
        assert read(f"B. {options[1]}", language=None, options=options) == ("answered", 1)
    assert read("C#", language=None, options=["C", "C#"]) == ("answered", 1) and read("− 5", language=None, options=["5", "-5"]) == ("answered", 1)


def test_of_a_reply_that_loops_only_its_ends_are_looked_at(monkeypatch):
    from gi_helpers import _replies

    looked, real = [], _replies._Seen
    monkeypatch.setattr(_replies, "_Seen", lambda *args: looked.append(args) or real(*args))
    assert read("A B " * 2500) == ("unparsed", None) and len(looked) <= 24
    assert read("The answer is B. " * 1250, language=None) == ("answered", 1)
