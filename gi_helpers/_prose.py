"""What is prose and how many words it has, in any script; part of wiki_scrape."""
import re

import regex

STOPS = r"\p{Sentence_Terminal}།༎"  # what ends a sentence, in all scripts; Unicode's own list lacks Tibetan's shad
CLOSING = r"""['"”’»)\]」』）]*$"""
SENTENCE_END = regex.compile(f"[{STOPS}…၊]{CLOSING}")
HALF_END = re.compile(f"[;；؛⁏]{CLOSING}")  # of a list whose items are one sentence together
# Scripts that are written without spaces between words: Thai and Lao (which have no sentence end either), Tibetan, Myanmar, Khmer, Japanese, Chinese.
UNSPACED = re.compile("[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
UNENDED = re.compile("[\u0e00-\u0eff]")
# Also soft hyphens and marks of direction, which are for the eye only; a space of no width stays, which parts words in Khmer or Thai.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
BLOCK, LINE = "\x1e", "\x1d"  # where a paragraph must end; a line end that stays


def tidy(text):
    """Single spaces, no control characters; only LINE ends a line."""
    if LINE in text:
        text = "\n".join(filter(None, (" ".join(line.split()) for line in text.split(LINE))))
    else:
        text = " ".join(text.split())
    return text if text.isprintable() else CONTROL.sub("", text)


def is_prose(text):
    """Is a list item a sentence or more, or a long part of one? Names and links in a list are not what people write."""
    if len(text) < 40:
        return False
    words, end = word_count(text), text[-20:]
    return words >= 6 and bool(SENTENCE_END.search(end)) or words >= 10 and bool(HALF_END.search(end)) or words >= 20 and bool(UNENDED.search(text))


def word_count(text):
    """How many words a text has; where no spaces are written, two letters count as one, as in notebook 3.

    >>> word_count("Ìbàdàn jẹ́ ìlú ńlá."), word_count("猫是动物。"), word_count("แมว Felis")
    (4, 2, 2)
    """
    if text.isascii() or not UNSPACED.search(text):
        return len(text.split())
    letters = sum(map(str.isalpha, UNSPACED.findall(text)))
    return letters // 2 + sum(any(map(str.isalnum, word)) for word in UNSPACED.sub(" ", text).split())


def in_a_cell(text):
    """A text on one line, for the cell of a table: as people quote a poem, / ends a line; ¶ ends a paragraph."""
    return re.sub(r"\n\n+", " ¶ ", text).replace("\n", " / ")
