"""What can be seen of a drafted row without a person, free and on this machine: flags that a reviewer can read, and a score that sorts.

    >>> checks = RowChecks("yo")
    >>> passage = "Ìjàpá ń gbé inú igbó. Ó máa ń jẹ ewé àti èso, ó sì máa ń rìn díẹ̀díẹ̀."
    >>> checks("grounded_qa", "Kí ni ìjàpá máa ń jẹ?", "Ó máa ń jẹ ewé àti èso.", passage, "Ó máa ń jẹ ewé àti èso")
    Found(flags='', score=100, fails=False)
    >>> checks("grounded_qa", "Ta ni ìjàpá jẹ́ fún wọn?", "Ọ̀gá àgbà fásitì gba ìwé ẹ̀rí ní ọdún 1984.", passage).flags
    "not in the passage: 0% of the answer's words are there; number: 1984 is not in the passage"
"""
import collections
import functools
import math
import unicodedata
from dataclasses import dataclass

import regex

from . import _language, tokens
from ._duplicates import ANY_UNSPACED, words
from ._nearby import Nearby, folded

# What each flag takes off a score of 100; those of FAILS make a row auto_fail, which a reviewer's edit can rescue.
FAILS = ("empty", "cut off", "leftover", "language", "apology", "not in the passage", "copy", "repetition", "too long", "duplicate", "in the evaluation")
COSTS = {"empty": 100, "cut off": 80, "leftover": 60, "language": 70, "apology": 70, "not in the passage": 60, "copy": 60, "repetition": 60, "too long": 60,
         "duplicate": 80, "in the evaluation": 90, "orders": 30, "number": 25, "tone marks": 25, "this text": 25, "short": 15, "long": 15, "near duplicate": 30,
         "language?": 10, "evidence": 15, "garbled": 50, "hidden characters": 5, "accents joined": 2, "title": 10}
# On sentences of 1,948 paragraphs of the Yoruba Wikipedia, every fifth word replaced: 99.9 % pass with their own passage, 99.9 % are caught
# with another; of those with 4 to 8 words 99.5 to 100 % and 97.7 to 98.2 % over six seeds (benchmarks/drafting.py --grounded). What is left of the
# short ones says what stands in many texts ("Their family", "He died in the year").
SIDE_BY_SIDE = 2       # two words side by side in both are no chance; a word alone may be
SUPPORT = 0.75         # of 3: the share of the answer's words, and twice that of its pairs of neighbours, weighted, that are in the passage
WITH_EVIDENCE = 0.2    # when the evidence is in the passage, the answer may use words of its own
NEAR_EVIDENCE = 0.6    # evidence that is not there letter for letter must be nearly there
LEFTOVER = regex.compile(r"\{\w*\}|\[(?:\.\.\.|insert[^]]*|your [^]]*|practice)\]|```|<\|[^|]*\||</?\w+>|(?<!\w)(?:TODO|lorem ipsum)(?!\w)|^\s*\{\s*\"", regex.IGNORECASE)
# UTF-8 that was read as Windows-1252: a letter of the first kind is followed by one of the second ("á»" and a third for ọ).
SECOND = r"\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
GARBLED = regex.compile(rf"\ufffd|[ÃÂÆÌ][{SECOND}]|[ÄÅ][\x80-\xbf]|á[¸¹º»][{SECOND}]|â€[{SECOND}]")
HIDDEN = regex.compile(r"[\p{Cc}\p{Cf}--[\n\t\u200c\u200d\u200e\u200f\u061c]]", regex.V1)  # joiners and marks of direction are letters to some scripts
NUMBER = regex.compile(r"\p{N}+(?:[.,]\p{N}+)*")
# What a model says that will not, or of itself. A speaker's text may hold such words as well, so it is a flag, and no failure of the passage.
APOLOGY = regex.compile(r"\b(?:as an ai\b|as a (?:large )?language model|i(?:'|’)?m sorry,? but|i am sorry,? but|i (?:cannot|can(?:'|’)t|am unable to) (?:help|assist|answer|comply|do that))", regex.IGNORECASE)
# A passage that speaks to the model instead of to people.
ORDER = regex.compile(r"\b(?:ignore|disregard|forget) (?:all |any |the |your |these |of )*(?:previous|above|prior|earlier|other|instructions?|rules|prompts?)|system prompt|you are (?:now )?(?:chatgpt|an ai|a language model)"
                      r"|<\|im_(?:start|end)\|>|\[/?INST\]|(?:answer|reply|respond) only with\b", regex.IGNORECASE)
META = ("this text", "this article", "this passage", "the passage", "the article", "the text above", "according to the text", "in the text", "above text")


@dataclass(frozen=True)
class Found:
    """`flags` parted by "; ", `score` from 0 (worst) to 100, `fails` when a person should see the row only on request."""

    flags: str
    score: int
    fails: bool


def tidy(text):
    """A text as it is shown and trained on: NFC, no hidden characters, no fence around it, one kind of line end."""
    text = unicodedata.normalize("NFC", str(text or "")).replace("\r\n", "\n").replace("\r", "\n")
    return regex.sub(r"[ \t]+\n", "\n", HIDDEN.sub("", text)).strip()


class RowChecks:
    """Call it with the parts of a row, in the order in which the rows come; it remembers the questions for the duplicates.

    `corpus` holds the team's own texts, `sheet` the language sheet, `evaluation` the questions of the evaluation set.
    """

    def __init__(self, language, corpus=(), sheet=None, evaluation=()):
        self.corpus = list(corpus)
        self.language = _judge(language)
        if not self.language.label:  # py3langid does not know it, so the team's own texts say what it looks like
            self.language = _language.Judge(language, _language.profile(self.corpus[:2000], language))
        self.meta = [folded(phrase) for phrase in (*META, *(sheet or {}).get("meta_phrases", ()))]
        self.usual_marks = _median([marks(text) for text in self.corpus[:2000]])
        self.weight = Weights(self.corpus)
        self.questions, self.evaluation = Nearby(), Nearby()
        for question in evaluation:
            self.evaluation.add(question, "an evaluation question")

    def __call__(self, method, question, answer, passage, evidence="", cut=False, id=""):
        """The Found of one row. `passage` may be "" (an English pair that was translated); `id` is named to later duplicates."""
        raw, (question, answer) = (question, answer), (tidy(question), tidy(answer))
        flags = {}
        if cut:
            flags["cut off"] = "the model's answer was not finished"
        if not question or not answer:
            flags["empty"] = "no question" if not question else "no answer"
            return _found(flags)
        human = method in ("reverse_instruction", "templates")  # the answer is a person's text, so only the question is in doubt
        flags |= _letters(raw, question, answer)
        flags |= self._language(question, "" if human else answer)
        flags |= self._marks(question, "" if human else answer)
        if passage and not human:
            flags |= grounded(answer, passage, evidence, self.weight)
        flags |= _model_talk(question, "" if human else answer, passage)
        flags |= _copies(method, question, answer, passage)
        said = folded(question if human else f"{question} {answer}")
        if any(phrase in said for phrase in self.meta):
            flags["this text"] = "the row speaks of the text, which its reader does not see"
        flags |= _lengths(question, answer)
        flags |= self._duplicates(question, id)
        return _found(flags)

    def language_of(self, *texts):
        """What is wrong with the language of some texts, "" for nothing; a mere hint (Pidgin that reads as English) does not count."""
        return next((note for text in texts for reason, note in [self.language(tidy(text))] if reason), "")

    def _language(self, *texts):
        for what, text in zip(("question", "answer"), texts, strict=True):
            reason, note = self.language(text)
            if reason or note:
                return {"language" if reason else "language?": f"the {what} {note}"}
        return {}

    def _marks(self, *texts):
        """Tone marks and underdots against what is usual in the corpus, where the language has them at all."""
        text = " ".join(texts)
        if self.usual_marks > 0.05 and size(text) >= 4 and (share := marks(text)) < 0.5 * self.usual_marks:
            return {"tone marks": f"{share:.0%} of the letters carry a mark, in your texts {self.usual_marks:.0%}"}
        return {}

    def _duplicates(self, question, id):
        known = self.evaluation.find(question)
        if known:
            return {"in the evaluation": "the question is (nearly) one of the evaluation set; training on it would spoil the score"}
        twin, same = self.questions.find(question) or ("", False)
        if not twin:
            self.questions.add(question, id or "an earlier row")
            return {}
        if twin == id and id:
            return {}
        return {"duplicate" if same else "near duplicate": f"the question {'is' if same else 'is nearly'} that of {twin}"}


@functools.lru_cache(maxsize=8)
def _judge(language):
    return _language.Judge(language)  # its tables take half a second to load


def _found(flags):
    score = max(0, 100 - sum(COSTS[name] for name in flags))
    return Found("; ".join(f"{name}: {why}" for name, why in flags.items()), score, any(name in FAILS for name in flags))


# ---------------------------------------------------------------- the single checks: each gives {flag: why}

def _letters(raw, question, answer):
    flags, both = {}, question + "\n" + answer
    if LEFTOVER.search(both):
        flags["leftover"] = f"{LEFTOVER.search(both)[0]!r} looks like a template or mark-up"
    if GARBLED.search(both):
        flags["garbled"] = "letters were read in a wrong encoding"
    if HIDDEN.search("".join(raw)):
        flags["hidden characters"] = "they were taken out"
    if any(unicodedata.normalize("NFC", one) != one for one in raw):
        flags["accents joined"] = "letters and their marks came apart, and were joined (NFC)"
    return flags


def _model_talk(question, answer, passage):
    """A model that speaks of itself, and a passage that gives it orders."""
    flags = {}
    if found := APOLOGY.search(f"{question}\n{answer}"):
        flags["apology"] = f"{found[0]!r} is what a model says that will not answer"
    if found := ORDER.search(passage):
        flags["orders"] = f"the text gives orders to a model ({found[0]!r}); read the row against it with care"
    return flags


def grounded(answer, passage, evidence="", weight=None):
    """Is the answer in the passage? By the evidence it names, found there letter for letter (folded), else by its words.

    `weight(word)` says how much a word tells, see `Weights`.
    """
    flags, place = {}, folded(passage)
    found = bool(evidence) and folded(evidence) in place
    share = overlap(answer, passage, weight)
    if share < WITH_EVIDENCE if found else share + SIDE_BY_SIDE * neighbours(answer, passage, weight) < SUPPORT:
        flags["not in the passage"] = f"{share:.0%} of the answer's words are there"
    if evidence and not found:
        flags["evidence"] = "the words it names as evidence are not in the passage"
        near = overlap(evidence, passage, weight)
        if near < NEAR_EVIDENCE and not flags.get("not in the passage"):
            flags["not in the passage"] = f"{near:.0%} of the words it names as evidence are there"
    numbers = [number for number in NUMBER.findall(answer) if number not in NUMBER.findall(passage)]
    if numbers:
        flags["number"] = f"{', '.join(numbers[:3])} is not in the passage"
    return flags


def overlap(answer, passage, weight=None):
    """How much of an answer's words (3 letters and more, accents folded) stands in the passage, 0 to 1; 1.0 when it has none."""
    found = [word for word in folded(answer).split() if len(word) >= 3]
    there, weight = set(folded(passage).split()), weight or len
    whole = sum(map(weight, found))
    return sum(weight(word) for word in found if word in there) / whole if whole else 1.0


def neighbours(answer, passage, weight=None):
    """How many of an answer's pairs of neighbouring words are such pairs in the passage, too, 0 to 1: a word alone may be there by chance."""
    found, there, weight = folded(answer).split(), folded(passage).split(), weight or len
    mine, theirs = list(zip(found, found[1:], strict=False)), set(zip(there, there[1:], strict=False))
    tells = [weight(one) + weight(other) for one, other in mine]
    return sum(tell for tell, pair in zip(tells, mine, strict=True) if pair in theirs) / sum(tells) if sum(tells) else overlap(answer, passage, weight)


class Weights:
    """How much a word tells about a passage: much when few of the team's texts have it. Without enough texts, long words tell more.

    >>> Weights([])("the"), Weights(["Ilé náà tóbi."] * 30 + ["Ọjà wà."])("oja") > Weights(["Ilé náà tóbi."] * 30 + ["Ọjà wà."])("ile")
    (3, True)
    """

    def __init__(self, corpus):
        some = corpus[::max(1, len(corpus) // 3000)]
        self.texts = len(some) if len(some) >= 20 else 0
        self.having = collections.Counter(word for text in some for word in set(folded(text).split())) if self.texts else {}

    def __call__(self, word):
        return math.log((self.texts + 1) / (self.having.get(word, 0) + 0.5)) if self.texts else len(word)


def _copies(method, question, answer, passage):
    asked, said, place = folded(question), folded(answer), folded(passage)
    if asked.rstrip("?.! ") == said.rstrip("?.! "):
        return {"copy": "question and answer are the same"}
    if len(said.split()) >= 3 and said.rstrip("?.! ") in asked:
        return {"copy": "the question contains the answer"}
    if method == "grounded_qa" and len(place.split()) > 40 and len(said) >= 0.95 * len(place):
        return {"copy": "the answer is the whole passage"}
    return {}


def _lengths(question, answer):
    flags, asked, said = {}, size(question), size(answer)
    if not 3 <= asked <= 60:
        flags["short" if asked < 3 else "long"] = f"the question has {asked} words"
    elif said > 400:
        flags["long"] = f"the answer has {said} words"
    if len(question) + len(answer) > 4096 and tokens.count(question + answer) > 4080:
        flags["too long"] = "more than 4,096 tokens"
    share = max(repetition(question), repetition(answer))
    if share > 0.3:
        flags["repetition"] = f"{share:.0%} of it repeats itself"
    return flags


def repetition(text):
    """The share of a text's groups of three words that stood in it before; 0.0 for fewer than twelve words."""
    found = folded(text).split()
    groups = list(zip(found, found[1:], found[2:], strict=False))
    return 1 - len(set(groups)) / len(groups) if len(found) >= 12 else 0.0


def size(text):
    """Words; in scripts without spaces, half the letters."""
    found = words(text)
    return len(found) // 2 if ANY_UNSPACED.search(text) else len(found)


def marks(text):
    """The share of letters that carry a mark (ọ, é, ẹ̀)."""
    apart = unicodedata.normalize("NFD", text)
    letters = len(regex.findall(r"\p{L}", apart))
    return len(regex.findall(r"\p{L}[\u0300-\u036f]+", apart)) / letters if letters else 0.0


def _median(values):
    values = sorted(values)
    return values[len(values) // 2] if values else 0.0
