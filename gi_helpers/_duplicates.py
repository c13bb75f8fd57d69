"""Texts and words as people compare them: small letters, no accents; and a compact index of numbers.

    >>> words(fold("Ọbẹ̀ ẹ̀gúsí jẹ́ ọbẹ̀ tí a fi ẹ̀gúsí sè."))
    ['obe', 'egusi', 'je', 'obe', 'ti', 'a', 'fi', 'egusi', 'se']
    >>> exact("ilé wa") == exact("ilé\\nwa")
    True
"""
import hashlib
import re
import unicodedata
from array import array

import regex

from ._plainnames import PLAIN

WORDS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
# Where no spaces are written each letter counts as a word.
UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
ANY_UNSPACED = regex.compile(UNSPACED)
LETTERS = regex.compile(rf"{UNSPACED}\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}]--{UNSPACED}]+", regex.V1)
# Accents and tone marks, Arabic and Hebrew vowel points; Indic vowel signs are letters and stay.
MARKS = regex.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u064b-\u0652\u0670\u1ab0-\u1aff\u1dc0-\u1dff]")
SPECIAL = {chr(code): plain or "" for code, plain in PLAIN.items()}
PLAIN_WORDS = re.compile("[A-Za-z0-9]+")
APOSTROPHES = regex.compile("['’‘ʼʻʿ`ꞌ]")
KEY = 2**32 - 1


def fold(text):
    """Small letters without accents, hooks and apostrophes, as people type them on a plain keyboard; NFD."""
    return without_marks(text)[0]


def without_marks(text):
    """(the folded text, the number of accents and tone marks it had)."""
    text = unicodedata.normalize("NFD", text.casefold())
    whole = len(text)
    letters = set(text)
    for mark in MARKS.findall("".join(letters)):
        text = text.replace(mark, "")
    taken = whole - len(text)
    for other in letters & SPECIAL.keys():  # a replacement for each one that is there is quicker than a table
        text = text.replace(other, SPECIAL[other])
    return text, taken


def words(text):
    """The words of a text; in scripts without spaces each letter counts as one."""
    if text.isascii():
        return PLAIN_WORDS.findall(text)
    return (LETTERS if ANY_UNSPACED.search("".join(set(text))) else WORDS).findall(text)


def exact(text):
    """A mended text as a number of 64 bits; white space does not matter."""
    if "\n" in text:
        text = " ".join(text.split())
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") or 1


class Near:
    """Sketches of texts, and a table from keys of 32 bits to the number of a text, in about 200 bytes a text; which are alike is for others to say."""

    def __init__(self):
        self.sketches, self.table, self.used = [], array("Q", bytes(8 * 2**12)), 0

    def _place(self, table, key):
        """Where a key stands or would stand in the table, and the number of its text. A slot is the key and, in its lower half, the number plus one."""
        mask = len(table) - 1
        place = key & mask
        while slot := table[place]:
            if slot >> 32 == key:
                return place, (slot & KEY) - 1
            place = place + 1 & mask
        return place, None

    def _add(self, key, number):
        place, taken = self._place(self.table, key)
        if taken is None:
            self.table[place] = key << 32 | number
            self.used += 1
            if 3 * self.used > 2 * len(self.table):
                old, self.table, self.used = self.table, array("Q", bytes(16 * len(self.table))), 0
                for slot in old:
                    if slot:
                        self._add(slot >> 32, slot & KEY)
