"""Which texts are there already, letter for letter or nearly; small memory for many rows, and no package needed.

    >>> near = Near()
    >>> of = lambda text: near.find(signature(words(fold(text))))
    >>> text = "Ọbẹ̀ ẹ̀gúsí jẹ́ ọbẹ̀ tí a fi ẹ̀gúsí, ẹran, ewébẹ̀ àti epo pupa sè, a sì máa ń jẹ ẹ́ pẹ̀lú iyán tàbí àmàlà ní ilẹ̀ Yorùbá."
    >>> bare = "Obe egusi je obe ti a fi egusi, eran, ewebe ati epo pupa se, a si maa n je e pelu iyan tabi amala ni ile Yoruba."
    >>> of(text), of(bare), of("Iyán jẹ́ oúnjẹ tí a fi iṣu gún.")
    (None, 0, None)
"""
import hashlib
import re
import unicodedata
import zlib
from array import array
from functools import lru_cache
from operator import eq

import regex

from . import languages

THRESHOLD = 0.7      # share of three-word runs two texts have in common, from which on they count as one
FEW_WORDS = 20       # below this one other word is another fact ("X is a town in Y"): only equal words count
BINS = 128           # the estimate of the share is right within .04, one time in three beyond
BANDED = 64          # 16 bands of four bins: texts with .7 in common meet in a band in 98.8 % of cases, with .8 in 99.98 %
WORDS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
# Where no spaces are written each letter counts as a word.
UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
ANY_UNSPACED = regex.compile(UNSPACED)
LETTERS = regex.compile(rf"{UNSPACED}\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}]--{UNSPACED}]+", regex.V1)
# Accents and tone marks, Arabic and Hebrew vowel points; Indic vowel signs are letters and stay.
MARKS = regex.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u064b-\u0652\u0670\u1ab0-\u1aff\u1dc0-\u1dff]")
SPECIAL = {chr(code): plain or "" for code, plain in languages.PLAIN.items()}
PLAIN_WORDS = re.compile("[A-Za-z0-9]+")
APOSTROPHES = regex.compile("['’‘ʼʻʿ`ꞌ]")
MASK, KEY = 2**64 - 1, 2**32 - 1
FIRST, SECOND, THIRD = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9  # odd numbers with well mixed bits


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


def signature(found):
    """What `Near` compares: (sketch, keys), where sketch has 128 bytes and keys 16 numbers of 32 bits (one-permutation MinHash).

    `found` are the `words` of a folded text. They stand for its three-word runs; few words have one key, of them all; none have None.
    """
    if not found:
        return None
    if len(found) < FEW_WORDS:
        key = exact(" ".join(found))
        return key.to_bytes(8, "big"), [key & KEY or 1]
    numbers = list(map(_number, found))
    # Sorted downwards, so that of the runs that fall into a bin (the highest 7 bits) the smallest stays.
    runs = sorted({a * FIRST + b * SECOND + c * THIRD & MASK for a, b, c in zip(numbers, numbers[1:], numbers[2:], strict=False)}, reverse=True)
    smallest = {run >> 57: run for run in runs}
    bins = [smallest.get(number, 0) for number in range(BINS)]
    sketch = bytes([(run >> 20) % 255 + 1 if run else 0 for run in bins])
    return sketch, [hash(band) & KEY if any(band) else 0 for band in zip(*[iter(bins[:BANDED])] * 4, strict=True)]


@lru_cache(200_000)
def _number(word):
    return zlib.crc32(word.encode("utf-8", "replace"))  # and not hash(): it must be the same in every process


class Near:
    """The signatures of the texts so far, in about 400 bytes a text."""

    def __init__(self):
        self.sketches, self.table, self.used = [], array("Q", bytes(8 * 2**12)), 0

    def find(self, signature):
        """The number (0, 1, ...) of an earlier text that is nearly the same, or None; then this one is added under the next number."""
        sketch, keys = signature
        tried, free = set(), []
        for key in keys:
            if key:
                place, number = self._place(self.table, key)
                if number is None:
                    free.append(key)
                elif number not in tried:
                    tried.add(number)
                    if likeness(self.sketches[number], sketch) >= THRESHOLD:
                        return number
        self.sketches.append(sketch)
        for key in free:
            self._add(key, len(self.sketches))
        return None

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


def likeness(one, other):
    """The share of three-word runs two sketches have in common, 0 to 1."""
    if len(one) != len(other):
        return 0.0
    same = sum(map(eq, one, other))
    both_empty = sum(1 for a, b in zip(one, other, strict=True) if not a and not b) if 0 in one and len(one) == BINS else 0
    return (same - both_empty) / (len(one) - both_empty)


class Seen:
    """A set of 64-bit numbers in 11 to 21 bytes a number: `first(number)` adds it and is True the first time."""

    def __init__(self):
        self.slots, self.used = array("Q", bytes(8 * 2**12)), 0

    def first(self, number):
        slots, mask = self.slots, len(self.slots) - 1
        place = number & mask
        while slots[place]:
            if slots[place] == number:
                return False
            place = place + 1 & mask
        slots[place] = number
        self.used += 1
        if 4 * self.used > 3 * len(slots):
            self._grow()
        return True

    def _grow(self):
        old = self.slots
        self.slots = slots = array("Q", bytes(16 * len(old)))
        mask = len(slots) - 1
        for number in old:
            if number:
                place = number & mask
                while slots[place]:
                    place = place + 1 & mask
                slots[place] = number
