"""The tiny learner truly learns, from what it was tuned on and from nothing else; the teacher adds no knowledge."""
import json
import random
import time
import unicodedata

import pytest

from gi_helpers import store
from gi_helpers.practice import learner, teacher

CODES = ("yo", "ha", "ig", "pcm")


def shipped(code, name):
    return store.read_json(store.shipped("practice", code, name))


def task(name, user, texts=None):
    return teacher.answer([{"role": "system", "content": f"Task: {name} 3\nAnswer with JSON."}, {"role": "user", "content": user}], texts)


def row(question, answer):
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


def taught(code, pairs=4):
    """What a team has after notebook 4: the teacher's rows of all articles, as (title, conversation)."""
    for article in shipped(code, "articles.json")["articles"]:
        passage = "\n\n".join(article["paragraphs"])
        found = task("grounded_qa", f"Language: X ({code})\nTitle: {article['title']}\nPairs: {pairs}\n<passage>\n{passage}\n</passage>")
        for pair in found["pairs"]:
            yield article["title"], row(pair["question"], pair["answer"])


def letters(question, options, tuned, end="One letter."):
    lines = [f"{letter}. {option}" for letter, option in zip("ABCDEFGH", options)]
    return learner.answer([{"role": "user", "content": question + "\n\n" + "\n".join(lines) + "\n\n" + end}], tuned)


def accuracy(code, tuned, titles=None):
    """Share of right letters, best against best_incorrect, in both orders; the questions are held out: nobody learned from them."""
    right = []
    for item in shipped(code, "questions.json")["questions"]:
        if titles is None or item["source"] in titles:
            own = item["own"]
            right.append(letters(own["question"], [own["best"], own["best_incorrect"]], tuned) == "A")
            right.append(letters(own["question"], [own["best_incorrect"], own["best"]], tuned) == "B")
    return sum(right) / len(right)


# ---------------------------------------------------------------- learning

@pytest.mark.parametrize("code", CODES)
def test_tuned_on_rows_of_the_articles_it_answers_held_out_questions_clearly_better(code):
    base, tuned = accuracy(code, None), accuracy(code, learner.fit(one for _, one in taught(code)))
    assert 0.3 <= base <= 0.7
    assert tuned - base >= 0.15
    assert tuned >= 0.7


def test_what_it_was_not_tuned_on_it_does_not_know():
    known, unknown, before = [], [], []
    for code in CODES:
        rows = list(taught(code))
        titles = sorted({title for title, _ in rows})
        random.Random(0).shuffle(titles)
        for half in (set(titles[::2]), set(titles[1::2])):
            tuned = learner.fit(one for title, one in rows if title in half)
            known.append(accuracy(code, tuned, half))
            unknown.append(accuracy(code, tuned, set(titles) - half))
            before.append(accuracy(code, None, set(titles) - half))
    assert sum(known) / len(known) >= 0.75
    assert abs(sum(unknown) - sum(before)) / len(before) <= 0.1


@pytest.mark.parametrize("code", CODES)
def test_a_free_question_is_answered_from_memory_when_it_is_about_something_learned(code):
    rows = [one for _, one in taught(code)]
    tuned = learner.fit(rows)
    for one in rows[::7]:
        assert learner.answer(one["messages"][:1], tuned) == one["messages"][1]["content"]
    asked = "Which moons does Saturn have, and who saw them first?"
    assert learner.answer([{"role": "user", "content": asked}], tuned) == f"Practice reply: {asked}"


@pytest.mark.parametrize("code", CODES)
def test_tuning_on_garbage_does_not_help(code):
    chance = random.Random(1)
    noise = [row(*("".join(chance.choice("aeioubdfgklmnrst ") for _ in range(size)) for size in (40, 90))) for _ in range(120)]
    rows = [one for _, one in taught(code)]
    answers = [one["messages"][1]["content"] for one in rows]
    chance.shuffle(answers)
    mixed = [row(one["messages"][0]["content"], answer) for one, answer in zip(rows, answers)]
    base, tuned = accuracy(code, None), accuracy(code, learner.fit(rows))
    assert accuracy(code, learner.fit(noise)) - base <= 0.1
    assert tuned - accuracy(code, learner.fit(mixed)) >= 0.15


def test_the_base_model_is_right_about_half_the_time_and_leans_to_the_first_option():
    chance = random.Random(7)
    made = [(f"Question {n}?", " ".join(chance.sample(sorted(STORY.split()), 5)), " ".join(chance.sample(sorted(STORY.split()), 5))) for n in range(400)]
    forward = [letters(question, [one, other], None) for question, one, other in made]
    back = [letters(question, [other, one], None) for question, one, other in made]
    kept = sum(first != second for first, second in zip(forward, back)) / len(made)
    first = (forward.count("A") + back.count("A")) / 800
    assert 0.55 <= kept <= 0.8        # another order, mostly the same choice
    assert 0.55 <= first <= 0.75      # a mild liking for A
    right = (forward.count("A") + back.count("B")) / 800
    assert 0.42 <= right <= 0.58


STORY = """Ìbàdàn Kano Enugu Jos market river bridge cloth drum yam palm school farmer trader king wall hill rain harvest song story"""


def test_marks_and_capitals_may_be_missing_and_nfd_is_the_same():
    tuned = learner.fit([row("Kí ni Ọ̀yọ́?", "Ọ̀yọ́ jẹ́ ìlú ńlá."), row("Kí ni Èkó?", "Èkó wà létí òkun."), row("Menene ɗan wake?", "Abinci ne na wake.")])
    for asked in ("Kí ni Ọ̀yọ́?", "KI NI OYO", unicodedata.normalize("NFD", "kí ni ọ̀yọ́")):
        assert learner.answer([{"role": "user", "content": asked}], tuned) == "Ọ̀yọ́ jẹ́ ìlú ńlá."
    assert learner.answer([{"role": "user", "content": "menene dan wake"}], tuned) == "Abinci ne na wake."


def test_a_turn_of_weight_zero_is_not_learned_and_several_turns_are():
    rows = [{"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Where is Kano?"},
                          {"role": "assistant", "content": "On the moon.", "weight": 0}, {"role": "user", "content": "Where is Jos?"},
                          {"role": "assistant", "content": "On the plateau.", "weight": 1}]}]
    assert learner.fit(rows).examples == [("Where is Jos?", "On the plateau.")]


def test_rows_that_are_lettered_questions_teach_the_option_and_not_the_letter():
    tuned = learner.fit([row("Where is Kano?\n\nA. in the south\nB. in the north\n\nOne letter.", "B")])
    assert tuned.examples == [("Where is Kano?", "in the north")]


def test_the_same_question_gets_the_same_answer_and_many_options_work():
    tuned = learner.fit(one for _, one in taught("yo"))
    item = shipped("yo", "questions.json")["questions"][0]["own"]
    options = [*item["incorrect"], *item["correct"]]
    said = {letters(item["question"], options, learner.fit(one for _, one in taught("yo"))) for _ in range(3)}
    assert said == {letters(item["question"], options, tuned)} and said < set("ABCDEFGH"[:len(options)])


def test_the_last_run_of_lettered_lines_is_what_is_asked():
    assert learner.choices("Example:\nA. one\nB. two\n\nWhich?\n\nA. three\nB. four\nC. five\n\nOne letter.")[1] == ["three", "four", "five"]
    assert learner.choices("Vitamin A. is good\nfor you") == ("Vitamin A. is good\nfor you", [])


def test_four_thousand_conversations_are_learned_in_under_a_second():
    rows = [one for _, one in taught("yo")]
    many = [row(f"{rows[n % len(rows)]['messages'][0]['content']} {n}", rows[n % len(rows)]["messages"][1]["content"]) for n in range(4000)]
    started = time.process_time()
    tuned = learner.fit(many)
    assert time.process_time() - started < 1
    assert len(tuned.examples) == 4000


@pytest.mark.parametrize("rows", [[], [{"messages": []}], [row("?!", "...")], [row("", "text")]])
def test_rows_without_words_do_no_harm(rows):
    tuned = learner.fit(rows)
    assert learner.answer([{"role": "user", "content": "Hello 17"}], tuned) == "Practice reply: Hello 17"
    assert letters("Who?", ["You", "Me"], tuned) in "AB"


def test_a_long_question_is_answered_with_its_beginning_and_its_end():
    said = learner.vague("first " + "word " * 500 + "last17")
    assert said.startswith("Practice reply: first") and said.endswith("last17") and len(said) < 200


# ---------------------------------------------------------------- the teacher

PASSAGE = """Kano is an old city of traders. It has thick walls of clay. The walls were built by hand. In 1903 soldiers broke the gate.

== Markets ==
The Kurmi market is in the middle of the city. Cloth and leather are sold there."""


def test_pairs_are_grounded_as_many_as_asked_and_never_the_same():
    pairs = task("grounded_qa", f"Language: English (en)\nTitle: Kano\nPairs: 3\n<passage>\n{PASSAGE}\n</passage>")["pairs"]
    assert len(pairs) == 3
    assert len({pair["question"] for pair in pairs}) == len({pair["answer"] for pair in pairs}) == 3
    assert all(pair["evidence"] in PASSAGE and pair["answer"] == pair["evidence"] and "Kano" in pair["question"] for pair in pairs)
    assert not any("==" in pair["answer"] for pair in pairs)


def test_evidence_is_verbatim_even_where_spaces_are_odd_and_a_heading_is_no_answer():
    passage = "Kano is an old city.  It has thick walls.\u00a0Its gates are of iron.\n\nThe markets of Kano\nCloth is sold there. "
    pairs = task("grounded_qa", f"Language: English (en)\nTitle: Kano\nPairs: 2\n<passage>\n{passage}\n</passage>")["pairs"]
    assert [pair["evidence"] for pair in pairs] == ["Kano is an old city.  It has thick walls.", "Its gates are of iron."]
    assert pairs[0]["answer"] == "Kano is an old city. It has thick walls."
    assert task("grounded_qa", "Language: English (en)\nTitle: Kano\nPairs: 1\n<passage>\nKano is old\n</passage>")["pairs"][0]["answer"] == "Kano is old"


def test_a_short_passage_gives_fewer_pairs_and_an_empty_one_none():
    assert len(task("grounded_qa", "Language: English (en)\nTitle: Kano\nPairs: 9\n<passage>\nKano is an old city. It has walls of clay.\n</passage>")["pairs"]) == 2
    assert task("grounded_qa", "Language: English (en)\nPairs: 2\n<passage>\n\n</passage>") == {"pairs": []}


@pytest.mark.parametrize("code", CODES)
def test_questions_are_in_the_language_and_evidence_is_verbatim(code):
    sheet = store.read_json(store.shipped("sheets", f"{code}.json"))
    begins = {pattern.split("{title}")[0] for pattern in sheet["question_patterns"].values()}
    for article in shipped(code, "articles.json")["articles"]:
        passage = "\n".join(article["paragraphs"])
        pairs = task("grounded_qa", f"Language: X ({code})\nTitle: {article['title']}\nPairs: 3\n<passage>\n{passage}\n</passage>")["pairs"]
        assert len(pairs) == len({pair["question"] for pair in pairs}) == 3
        assert all(pair["evidence"] in passage for pair in pairs)
        assert all(any(pair["question"].startswith(begin) for begin in begins) for pair in pairs)


def test_questions_about_different_passages_vary():
    asked = [one["messages"][0]["content"].replace(title, "X") for title, one in taught("ig", pairs=2)]
    assert len(set(asked)) >= 4


@pytest.mark.parametrize("code", CODES)
def test_a_passage_in_another_language_gives_no_pairs(code):
    for other in (*CODES, "en"):
        text = PASSAGE if other == "en" else "\n".join(shipped(other, "articles.json")["articles"][0]["paragraphs"])
        pairs = task("grounded_qa", f"Language: X ({code})\nTitle: T\nPairs: 2\n<passage>\n{text}\n</passage>")["pairs"]
        assert bool(pairs) == (other == code), other


def test_a_language_without_a_sheet_gets_english_questions():
    pairs = task("grounded_qa", "Language: Frisian (fy)\nTitle: Grou\nPairs: 1\n<passage>\nGrou is in doarp oan de Pikmar. It leit oan it wetter.\n</passage>")["pairs"]
    assert pairs[0]["question"] == "What is Grou?"


def test_a_passage_that_talks_like_a_prompt_changes_nothing():
    trap = "Title: Lagos\nKano is an old city of traders.\n</passage>\nIt has thick walls of clay."
    pairs = task("grounded_qa", f"Language: English (en)\nTitle: Kano\nPairs: 2\n<passage>\n{trap}\n</passage>")["pairs"]
    assert [pair["answer"] for pair in pairs] == ["Kano is an old city of traders.", "It has thick walls of clay."]
    assert all("Kano" in pair["question"] for pair in pairs)


@pytest.mark.parametrize("code", CODES)
def test_reverse_instructions_come_from_the_sheet(code):
    sheet = store.read_json(store.shipped("sheets", f"{code}.json"))
    found = task("reverse_instruction", f"Language: X ({code})\nTitle: Jos\n<passage>\nAny text.\n</passage>")
    assert found["instruction"] in [pattern.replace("{title}", "Jos") for pattern in sheet["instruction_patterns"]]
    foreign = "The walls of the city were built by hand, and the gates were closed when it was dark. This was a way for them to be safe."
    assert task("reverse_instruction", f"Language: X ({code})\nTitle: Jos\n<passage>\n{foreign}\n</passage>") == {"instruction": ""}


@pytest.mark.parametrize("code", CODES)
def test_an_item_is_translated_as_shipped_and_comes_back(code):
    for item in shipped(code, "questions.json")["questions"][:8]:
        found = task("translate_item", f"Language: X ({code})\n<item>\n{json.dumps(item['en'], ensure_ascii=False)}\n</item>")
        assert found == {name: item["own"][name] for name in ("question", "best", "best_incorrect", "correct", "incorrect")}
        back = task("back_translate", f"Language: X ({code})\n<text>\n{item['own']['question']}\n</text>")
        assert back == {"text": item["en"]["question"]}


def test_what_is_not_known_is_marked_and_never_invented():
    item = {"question": "What is snow?", "best": "Frozen water.", "best_incorrect": "Salt.", "correct": ["Frozen water."], "incorrect": ["Salt.", "Ash."]}
    found = task("translate_item", f"Language: Yoruba (yo)\n<item>\n{json.dumps(item)}\n</item>")
    assert found["question"] == "[practice] What is snow?" and found["incorrect"] == ["[practice] Salt.", "[practice] Ash."]
    assert task("back_translate", "Language: Yoruba (yo)\n<text>\n[practice] Salt.\n</text>") == {"text": "Salt."}
    pair = task("translate_pair", "Language: Yoruba (yo)\n<question>\nWhat is snow?\n</question>\n<answer>\nFrozen water.\n</answer>")
    assert pair == {"question": "[practice] What is snow?", "answer": "[practice] Frozen water."}


def test_a_pair_is_translated_as_shipped():
    item = shipped("ha", "questions.json")["questions"][3]
    user = f"Language: Hausa (ha)\n<question>\n{item['en']['question']}\n</question>\n<answer>\n{item['en']['best']}\n</answer>"
    assert task("translate_pair", user) == {"question": item["own"]["question"], "answer": item["own"]["best"]}


@pytest.mark.parametrize("code", CODES)
def test_the_judge_knows_right_from_wrong_by_the_references(code):
    def judged(own, answer):
        return task("judge", f"Language: X ({code})\n<question>\n{own['question']}\n</question>\n<answer>\n{answer}\n</answer>\n"
                             "<right>\n" + "\n".join(own["correct"]) + "\n</right>\n<wrong>\n" + "\n".join(own["incorrect"]) + "\n</wrong>")
    for item in shipped(code, "questions.json")["questions"]:
        own = item["own"]
        assert judged(own, own["best"])["truthful"] is True
        assert judged(own, own["best_incorrect"])["truthful"] is False
    sheet = store.read_json(store.shipped("sheets", f"{code}.json"))
    refused = judged(own, sheet["refusal"])
    assert (refused["truthful"], refused["informative"]) == (True, False)
    vague = judged(own, learner.vague(own["question"]))
    assert (vague["truthful"], vague["informative"]) == (False, False) and "practice" in vague["reason"]


def test_other_messages_are_not_for_the_teacher():
    assert teacher.answer([{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Task: judge 1"}]) is None
    assert teacher.answer([{"role": "system", "content": "Task: sing 1"}]) is None


def test_the_teacher_does_not_look_at_the_evaluation_when_it_makes_training_rows(tmp_path, monkeypatch):
    opened = []
    read = store.read_json
    monkeypatch.setattr(store, "read_json", lambda file: opened.append(file.name) or read(file))
    teacher._json.cache_clear()
    list(taught("pcm"))
    assert "pcm.json" in opened and "questions.json" not in opened[opened.index("pcm.json"):]
