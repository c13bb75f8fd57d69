"""How long a line of a page is and whether it is a sentence, in any script.

    >>> size("Ọjà ń bẹ."), size("市場"), signs("ที่นี่")
    (9, 6, 2)
    >>> ended("市场开了。"), ended("Ka tún"), is_sentence("ราคาข้าวขึ้นเมื่อวาน")
    (True, False, True)
"""
import re


# Some scripts (Thai, Lao) end a sentence with nothing, some write a word or a syllable in one letter.
NO_STOPS = re.compile("[\u0e00-\u0eff]")
WORDS, SYLLABLES = re.compile("[\u3040-\u30ff\u3400-\u9fff]"), re.compile("[\u1200-\u139f\uac00-\ud7af]")  # Chinese and Japanese; Ethiopic and Korean
UNENDED, UNSPACED = 24, 14  # signs, each with its vowels and tones: a sentence without a stop, and a part of one without a space, which no name is
CLOSERS = " \t\"'”’»›)]}」』）》】〉＂"


def tidy(text):
    """One line: every run of white space becomes one space."""
    return " ".join(text.split())


def bare(text):
    """Letters with their vowel signs and tones, and digits; nothing else."""
    import regex

    return regex.sub(r"[^\p{L}\p{M}\p{N}]", "", text)


def size(text):
    """Characters, as many as the text would have in Latin letters."""
    return len(text) + 2 * len(WORDS.findall(text)) + len(SYLLABLES.findall(text)) if not text.isascii() else len(text)


def signs(text):
    """How many signs a reader sees: a letter counts once with the vowels and tones above and below it."""
    import regex

    return len(regex.findall(r"\X", text))


def is_sentence(text):
    """Is this line a sentence, not a label? Where nothing marks the end of a sentence, by its length."""
    return ended(text) or (bool(NO_STOPS.match(text.rstrip(CLOSERS)[-1:])) and (signs(text) >= UNENDED or max(map(signs, text.split())) >= UNSPACED))


def ended(text):
    """Does this line end as a sentence does, in any script? Headlines and labels do not."""
    import regex

    last = text.rstrip(CLOSERS)[-1:]
    # Two word spaces are a common Ethiopic full stop; a bar often stands for the Indian one.
    return bool(last) and (regex.match(r"[\p{Sentence_Terminal}…։۔།༎]", last) is not None or regex.search(r"፡፡$|[\u0900-\u0dff]\s?\|$", text.rstrip(CLOSERS)) is not None or (bool(NO_STOPS.match(last)) and len(text) >= 100))
