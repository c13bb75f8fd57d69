"""Words by which models name an answer, refuse, or say no, in many languages; a draft, which a team completes in its own sheet.

All texts are compared as `plain` gives them, because models often leave the marks out.

    >>> plain("Ìdáhùn tó tọ̀nà ni ẸB, kì í ṣe Á")
    'Idahun to tona ni EB, ki xx se xx'
    >>> bool(named().search("Jibu sahihi ni")), bool(NEGATION.search("the answer is not ")), bool(AGAINST.match(" is wrong"))
    (True, True, True)
"""
import unicodedata
from functools import lru_cache

import regex

# "Answer", "letter" and "option", by language; what follows the word's stem (plural, article, case) is forgiven.
ANSWERS = """
en: answer ans option choice letter response selection selected | yo: ìdáhùn èsì lẹ́tà | ha: amsa harafi zaɓi | ig: azịza ọsịsa mkpụrụedemede nhọrọ | pcm: ansa
sw: jibu jawabu herufi chaguo | am: መልስ መልሱ ምርጫ ፊደል | ti: መልሲ መልሱ | om: deebii qubee | so: jawaab xaraf | zu, xh: impendulo | nr: ipendulo | ss: imphendvulo
rw: igisubizo | rn: inyishu | lg: okuddamu | sn: mhinduro | nso, st, tn: karabo | ts: nhlamulo | ve: phindulo | ny: yankho | ln: eyano | wo: tontu | ff: jaabawol
bm: jaabi | ee: ŋuɖoɖo | tw: mmuae | mg: valiny | ht: repons | fr: réponse choix lettre | es: respuesta opción letra | pt: resposta alternativa opção
it: risposta opzione lettera | de: antwort buchstabe | nl, af: antwoord | da, no, sv: svar | fi: vastaus | pl: odpowiedź | cs: odpověď | sk: odpoveď | sl, hr, sr: odgovor
ru: ответ вариант буква | uk: відповідь | be: адказ | bg: отговор | mk: одговор | ro: răspuns | hu: válasz | el: απάντηση | tr: cevap yanıt | az: cavab | kk: жауап
ky: жооп | uz: javob | mn: хариулт | ka: პასუხი | hy: պատասխան | he: תשובה | ar: إجابة جواب خيار حرف | fa: پاسخ جواب گزینه | ps: ځواب | ckb: وەڵام | ku: bersiv
hi, mr, ne: उत्तर जवाब विकल्प | bn: উত্তর বিকল্প | as: উত্তৰ | gu: જવાબ | pa: ਜਵਾਬ | ta: பதில் விடை | te: సమాధానం జవాబు | kn: ಉತ್ತರ | ml: ഉത്തരം | si: පිළිතුර
th: คำตอบ | lo: ຄໍາຕອບ | km: ចម្លើយ | my: အဖြေ | vi: đáp_án trả_lời | id: jawaban pilihan | ms: jawapan | jv: wangsulan | tl: sagot | ceb: tubag
zh: 答案 選擇 选择 选项 | ja: 答え 回答 正解 | ko: 답 정답 | eu: erantzuna | cy: ateb | ga: freagra | eo: respondo
"""
REFUSALS = """
en: no comment, don't know, do not know, can't answer, cannot answer, won't answer, will not answer, refuse to answer, can't help, cannot help, can't assist, cannot assist
en: can't say, cannot say, not sure, as an ai, unable to, not able to, i'm sorry, i am sorry, sorry i, not possible to know, can't provide, cannot provide, can't choose
en: cannot choose, prefer not to | yo: n kò mọ̀, mi ò mọ̀, mi kò mọ̀, mo kò mọ̀, èmi kò mọ̀, n kò lè dáhùn, mi ò lè dáhùn, ẹ má bínú | ha: ban sani ba, ba zan iya, ban san, ba ni da abin cewa
ig: amaghị m, amaghị, enweghị m ihe, apụghị m ịza | pcm: i no know, i no sabi, i no fit answer, i no fit help | sw: sijui, siwezi kujibu, siwezi kusaidia, sina la kusema
fr: je ne sais pas, je ne peux pas, sans commentaire, désolé | es: no lo sé, no sé, no puedo, sin comentarios, lo siento | pt: não sei, não posso, sem comentários, desculpe
de: ich weiß nicht, ich kann nicht, kein kommentar | it: non lo so, non posso | ar: لا أعرف, لا أعلم, لا أدري, لا أستطيع, لا تعليق | am: አላውቅም, አልችልም | ti: ኣይፈልጥን
hi: मुझे नहीं पता, मैं नहीं जानता | zu: angazi | xh: andazi | rw: simbizi | so: ma garanayo | om: hin beeku | sn: handizivi | nso, st: ga ke tsebe, ha ke tsebe
tn: ga ke itse | wo: xamuma | ln: nayebi te | lg: simanyi | ny: sindikudziwa | tw: mennim | ee: nyemenya o | ru: не знаю, не могу ответить | zh: 我不知道, 不知道, 无法回答
id: saya tidak tahu, tidak tahu | vi: tôi không biết | tr: bilmiyorum
"""
# Before a letter: "not B". Words that mean no in one language and something else in another stand under their language only.
NOT_BEFORE = ("not|isn't|aren't|cannot be|can't be|neither|nor|never|except|rather than|instead of|other than|everything but|anything but|all but|don't choose|no be|nor be|no bi|ki i se|ki xx se|kii se|ki ise|abughi|bughi|"
              "n'est pas|pas|no es|nao e|nao xx|non e|non xx|nicht|kein|ليس|ليست|غير|не|bukan|khong phai|degil")
NOT_BEFORE_IN = {"sw": "si|sio|siyo|hapana", "ha": "ba", "zu": "akusiyo|hhayi", "xh": "ayisiyo|hayi", "sn": "kwete", "rw": "si", "lg": "si"}
# After it: "B is wrong".
NOT_AFTER = (r"(?:(?:is|are|was|be|seems?|looks?|would be|cannot be|can't be)\s+)?(?:also\s+|definitely\s+|clearly\s+)?(?:not|isn't|can't|cannot|wrong|incorrect|false|untrue|wouldn't)|"
             r"(?:ni\s+)?ko(?=\s+ni|\s+to)|ko ni|ki i|no be|nor be|no correct|no right|abughi|ezighi ezi|si sahihi|sio|siyo|si jibu|ba (?:ne|ce|daidai|ita ce)|n'est|est faux|est fausse|no es|es incorrecta|"
             r"es falsa|nao e|nao xx|non e|non xx|ist nicht|ist falsch|ليس|ليست|خطأ|አይደለም|ስህተት|नहीं|गलत|не|неправильн|неверн|不是|不对|错|salah|bukan|yanlis|sai")
# "is", "it is", between a letter and the word answer.
IS = "is|was|are|be|na|ni|nii|ne|ce|ita ce|shi ne|ke|ka|ye|bu|ndiyo|ndio|ndiye|waa|dha|e|xx|es|est|ist|o|ነው|هو|هي|है|—|–|-|=|:"
BECAUSE = "because|since|parce|porque|nitori|kwa sababu|saboda|domin|n'ihi|maka na"
SURE = (r"(?:is|would be|must be|seems|looks)\s+(?:\w+\s+)?(?:the\s+)?(?:most\s+)?(?:likely\s+|only\s+)?(?:correct|right|true|accurate|best|answer)|"
        rf"(?:lo|ni o|ni xx|bu|na|ni)\s+(?:to(?:na)?|sahihi|correct|ziri ezi)\b|(?:{BECAUSE}|as it|as the|for the reason)\b")
# "and", "or", "with", "than" between two options; a word of many languages such as "na" counts only when a second letter follows.
AND_OR = ("or|and|nor|plus|with|versus|vs|rather|perhaps|maybe|possibly|likewise|together|und|oder|sowie|ou|et|o|u|y|e|ed|en|of|och|eller|ja|ani|lub|albo|czy|nebo|ili|ve|veya|ya|atau|dan|"
          "na|ati|tabi|abi|da|ko|kuma|tare|au|ama|pamoja|ma|maobu|nke|kana|kapa|kgotsa|noma|okanye|kanti|ni|ka|hoac|va|ug|at|или|и|либо|або|та|և|или|و|أو|या|और|ወይም|እና|ወይስ")
# After a letter, what no article stands before: "A could be right", "A means".
VERBS = (r"(?:might|could|may|can|would|should|will|must)\s+(?:well\s+|also\s+|not\s+)*(?:be|have|seem)\b|(?:is|was|seems|looks)\s+(?:also\s+|not\s+|both\s+)*(?:right|true|correct|possible|wrong|false|fine|ok)\b|"
         r"(?:means|equals|or|nor|and)\b(?![-'])|(?:as well|too|also)\b")
HEDGED = r"\b(?:could|might|may|can|possibly|perhaps|maybe|either)(?:\s+(?:also|well|be|it))*\W*"
# What English says right before the letter that it chooses, where a small letter could be a word.
CHOSEN = r"\b(?:it is|it's|its|that's|is|i(?:'d|'ll| would| will| do)?\s+(?:think|pick|choose|say|guess|believe|select|take|go with|chose|picked)(?:\s+(?:it is|it's|its|that))?)\s+['\"(\[]*"
FALSE = regex.compile(r"\b(?:wrong|false|incorrect|untrue|iro|karya|uongo|asi|faux|falso|falsa|incorrecta)\b", regex.IGNORECASE)
ELSEWHERE = regex.compile(r"(?<!\p{L})(?:vitamin\w*|bitamin\w*|hepatit\w*|plan|blood|type|grade|group|class|team|category|series|cell|influenza|figure|table|level|note|section|part)[\s-]*\Z", regex.IGNORECASE)


def plain(text):
    """`bare`, and a marked letter that stands alone becomes "xx": `Á` is a word of many languages, and never option A."""
    return bare(LONE.sub("xx", unicodedata.normalize("NFD", text))).replace("’", "'")


def fold(text):
    """A text as options are compared: NFC, no capitals, letters and numbers only."""
    return " ".join(WORDS.findall(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())))


def fold_signs(text):
    """`fold`, with the signs that change what a text says: "C++" is not "C", "-5" is not "5", and "3 + 2" is not "3 * 2"."""
    parts = SIGNED.findall(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()))
    return " ".join("-" if DASH.fullmatch(part) else part for part in parts) or text.strip()


def bare(text):
    """A text without the marks of Latin, Greek, Cyrillic, Arabic and Hebrew letters; in other scripts the marks are vowels, and stay."""
    return unicodedata.normalize("NFC", MARKS.sub("", unicodedata.normalize("NFD", text))).translate(HOOKS)


WORDS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
DASH = regex.compile(r"[-\u2010-\u2015\u2212]")
# A dash, a star and a slash are signs beside a number only: elsewhere they are how a text is written.
SIGNED = regex.compile(rf"{WORDS.pattern}|(?!\u2212)[\p{{Sm}}\p{{Sc}}%&@°]|(?<=\p{{L}})#|(?<![\p{{L}}\p{{N}}]){DASH.pattern}(?=\s*\p{{N}})|(?<=\p{{N}}\s*)(?:{DASH.pattern}|[*/])(?=\s*\p{{N}})")
LONE = regex.compile(r"(?<![\p{L}\p{M}\p{N}'’])[A-Za-z]\p{M}+(?![\p{L}\p{N}'’])")
MARKS = regex.compile(r"(?<=[\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}]\p{M}*)\p{M}")
HOOKS = str.maketrans("ɓɗƙƴɖŋɛɔıłđøƁƊƘƳŊƐƆŁĐØ", "bdkydneoildoBDKYNEOLDO")


def _listed(table, parting):
    """The words of a table: languages are parted by | or a new line, and stand before the colon."""
    return [bare(word.replace("_", " ")).strip() for part in table.strip().replace("\n", "|").split("|") for word in part.partition(":")[2].strip().split(parting)]


@lru_cache(64)
def named(more=()):
    """A pattern that finds a word for "answer"; `more` are those of a team's sheet."""
    words = {word.lower() for word in (*_listed(ANSWERS, " "), *map(bare, more))}
    # An ending is forgiven (amsar, jibule, መልሱ), but not on very short words; "ال" is the Arabic article.
    tied = "|".join(rf"{regex.escape(word)}{ENDING if len(word) > 3 or not word.isascii() else ''}" for word in sorted(words, key=len, reverse=True) if _spaced(word))
    loose = "|".join(sorted(map(regex.escape, (word for word in words if not _spaced(word))), key=len, reverse=True))
    return regex.compile(rf"(?:(?<![\p{{L}}\p{{M}}])(?:ال|ትክክለኛ)?(?:{tied})(?![\p{{L}}\p{{M}}])|(?:{loose}))", regex.IGNORECASE)


ENDING = r"[\p{L}\p{M}]{0,5}"


def _spaced(word):
    return not regex.search(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]", word)


@lru_cache(64)
def refusals(more=()):
    """The folded phrases of all languages by which models decline, and those of a team's sheet."""
    return tuple(dict.fromkeys(fold(bare(phrase)) for phrase in (*_listed(REFUSALS, ", "), *more)))


@lru_cache(64)
def negation(language=None):
    """A pattern for words of denial that stand right before a letter."""
    words = NOT_BEFORE + (f"|{NOT_BEFORE_IN[language]}" if language in NOT_BEFORE_IN else "")
    return regex.compile(rf"(?:(?<![\p{{L}}\p{{M}}'])(?:{words})|n't|不是|不选|并非)(?:\s+(?!but\b|mais\b|sino\b)[\p{{L}}\p{{M}}']{{2,}}){{0,3}}?(?:(?<=\p{{Han}})|\W)\W*\Z", regex.IGNORECASE)


NEGATION = negation()
AGAINST = regex.compile(rf"['\"*)\]]*\s+(?:{NOT_AFTER})", regex.IGNORECASE)
