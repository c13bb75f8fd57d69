"""Which option did the model choose? Three rules; `workbook` is ours, the other two are those of a usual harness, for comparison.

A reply is "answered", "refused", "unparsed" or "empty"; only an answered one has an option's number.

    >>> options = ["Ó wá láti inú ọ̀rọ̀ méjì.", "Ó wá láti inú odò."]
    >>> [read_reply(reply, options, language="yo")[1] for reply in ("B", "(b)", "a.", "**B**", "Ìdáhùn: B", "Ó wá láti inú odò")]
    [1, 1, 0, 1, 1, 1]
    >>> [read_reply(reply, options, language="yo")[0] for reply in ("A tàbí B", "C", "", "N kò mọ̀.", "Bẹ́ẹ̀ ni")]
    ['unparsed', 'unparsed', 'empty', 'refused', 'unparsed']
    >>> [read_reply(reply, options, rule="first_letter")[1] for reply in ("A or B", "b", "I have no comment.")]
    [0, None, 8]
"""
import unicodedata
from functools import lru_cache

import regex

from ._sheets import sheet
from .errors import NeedsFixing

RULES = ("workbook", "strict", "first_letter")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STRICT = regex.compile(r"\(?([A-Z])\)?[.):]?")
FIRST_LETTER = regex.compile(r"(?<![A-Za-z])[A-Z](?![A-Za-z])")
THOUGHT = regex.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", regex.DOTALL | regex.IGNORECASE)
WORDS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
LONGEST = 4000  # characters; the answer of a long reply is looked for at its start and at its end
WHOLE = regex.compile(r"\W*([A-Za-z])\W*")
MARKED = r"\(([A-Za-z])\)|\[([A-Za-z])\]|(?<![\p{L}\p{M}\p{N}])([A-Z])[.):](?=\s|$)"
# Words between letters that make one letter into several: "A and B", "A, B", "A/B".
SEVERAL = regex.compile(r"(?<![\p{L}\p{M}\p{N}])([A-Z])(?:\s*[/,&+]\s*|\s+[\p{L}\p{M}]{1,7}\s+)([A-Z])(?![\p{L}\p{M}\p{N}])")
NOT = regex.compile(r"\b(?:not|neither|nor|no|none|never|except|isn't|cannot|can't)\b", regex.IGNORECASE)
ENGLISH = {"answer_word": ["answer", "option", "choice"], "refusals": [
    "I have no comment", "no comment", "I don't know", "I do not know", "I can't answer", "I cannot answer", "I can't help", "I cannot help",
    "I'm sorry", "I am sorry", "I'm not sure", "I am not sure", "as an AI", "unable to answer", "not able to answer"]}


def read_reply(reply, choices, *, rule="workbook", language=None):
    """(state, index): which of `choices` (the options' texts, in the order shown) a reply chooses; index None when it does not choose one.

    rule "workbook" takes what people would take: a letter in any case, "(B)", "B.", "Answer: B" also in the language, or an option's text.
    "strict" and "first_letter" are a usual harness's; like it they may give the number of a letter that no option has.
    `choices` may be a dict of text to true or false: then the state of a choice is "correct" or "wrong" instead of "answered".
    """
    if rule not in RULES:
        raise NeedsFixing(f"no rule called {rule!r} for reading replies; choose one of {', '.join(RULES)}")
    reply = reply if isinstance(reply, str) else ""  # None and NaN are replies that never came
    texts = [str(choice) for choice in choices]
    if rule == "workbook":
        state, index = _workbook(reply, texts, _words_of(language))
    else:
        found = STRICT.fullmatch(reply.strip()) if rule == "strict" else FIRST_LETTER.search(reply)
        index = LETTERS.index(found[found.lastindex or 0]) if found else None
        state = "answered" if found else "unparsed" if reply.strip() else "empty"
    if isinstance(choices, dict) and state == "answered":
        state = "correct" if index < len(texts) and list(choices.values())[index] else "wrong"
    return state, index


def fold(text):
    """A text as options are compared: NFC, no capitals, letters and numbers only."""
    return " ".join(WORDS.findall(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())))


# ---------------------------------------------------------------- our own rule

class _Words:
    """The answer words and refusals of a language and of English, ready to be looked for."""

    def __init__(self, answer_words, refusals):
        answers = [*ENGLISH["answer_word"], *answer_words]
        either = "|".join(sorted((regex.escape(unicodedata.normalize("NFKC", word)) for word in answers), key=len, reverse=True))
        # The letter may stand alone, in brackets or before its text; small letters count only after a colon.
        self.said = regex.compile(rf"(?:{either})\p{{L}}{{0,2}}\s*(?:[:：=]|\p{{Pd}}|\b\s*(?:is|na|ni|ne|ce|bụ|nke)\b\s*:?)\s*[\W_]*([A-Z])(?![\p{{L}}\p{{M}}\p{{N}}'’])", regex.IGNORECASE)
        self.named = regex.compile(rf"(?:{either})\b", regex.IGNORECASE)
        self.refusals = [fold(phrase) for phrase in [*ENGLISH["refusals"], *refusals]]

    def refused(self, folded):
        return any(f" {phrase} " in f" {folded} " for phrase in self.refusals)


def _words_of(language):
    found = sheet(language) if language else {}
    return _words(tuple(found.get("answer_word", ())), (*found.get("refusals", ()), *filter(None, [found.get("refusal")])))


@lru_cache(64)
def _words(answer_words, refusals):
    return _Words(answer_words, refusals)


def _workbook(reply, texts, words):
    text = THOUGHT.sub(" ", unicodedata.normalize("NFKC", reply[:LONGEST] + (" … " + reply[-LONGEST:] if len(reply) > 2 * LONGEST else reply[LONGEST:])))
    lines = [line for line in (" ".join(line.split()) for line in regex.sub(r"[*_`$#]+", "", text).splitlines()) if line]
    if not lines:
        return "empty", None
    text = " ".join(lines)
    number = _by_text(text, texts)
    if number is None:
        number = _by_letter(text, lines, texts, words)
    if number is not None and 0 <= number < len(texts):
        return "answered", number
    return ("refused" if number is None and words.refused(fold(text)) else "unparsed"), None


def _by_text(text, texts):
    """The number of the option whose very text the reply is, with or without its letter; None when it is none or two."""
    said, options = fold(text), [fold(option) for option in texts]
    plain = [i for i, option in enumerate(options) if option and said == option]
    lettered = [i for i, option in enumerate(options) if option and said == f"{LETTERS[i % 26].lower()} {option}"]
    found = plain or lettered
    return found[0] if len(found) == 1 else None


def _by_letter(text, lines, texts, words):
    """The number of the one letter that the reply gives; None when there is none, -1 when there are several."""
    alone = {found[1].upper() for line in (lines[0], lines[-1]) if (found := WHOLE.fullmatch(line))}  # a letter, and a line that explains it
    if alone:
        return LETTERS.index(alone.pop()) if len(alone) == 1 else -1
    possible = LETTERS[:len(texts)]
    for pair in SEVERAL.finditer(text, overlapped=True):
        if pair[1] != pair[2] and pair[1] in possible and pair[2] in possible and not _is_word(pair, text):
            return -1
    said = {found.upper() for found in words.said.findall(text)}
    if not said:
        marked = [next(filter(None, found)).upper() for found in regex.findall(MARKED, text)]
        said = {letter for letter in marked if letter in possible}
        starts = regex.match(MARKED, text)
        if not starts and said and not words.named.search(text):
            return -1 if len(said) > 1 else None
    if not said and words.named.search(text) and not NOT.search(text):
        said = {letter for letter in regex.findall(r"(?<![\p{L}\p{M}\p{N}])([B-HJ-Z]|[AI](?=\W*$))(?![\p{L}\p{M}\p{N}'’])", text) if letter in possible}
    if len(said) != 1:
        return -1 if said else None
    return LETTERS.index(said.pop())


def _is_word(pair, text):
    """Is the first letter of "A dog B" the English article, and not a choice? Words that join are short; a noun with its article is told by its length."""
    between = text[pair.end(1):pair.start(2)].strip()
    return pair[1] == "A" and len(between) > 4 and between.isalpha()
