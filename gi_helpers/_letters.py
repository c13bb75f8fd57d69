"""Many texts as one array of characters: what is in each text, and its words as numbers, a hundred times as quick as letter by letter.

    >>> look = Letters(["Ìbàdàn jẹ́ ìlú ńlá.", "1999 [3]"])
    >>> look.has(SUSPECT).tolist(), look.number(WORD).tolist(), look.number(DIGIT).tolist(), look.marks().tolist()
    ([False, True], [14, 5], [0, 5], [9, 0])
    >>> Words(look).count.tolist()
    [4, 2]
"""
import hashlib
import unicodedata
from functools import lru_cache

import numpy as np
import regex

from . import _duplicates, _repair

NUMBER = regex.compile(r"\p{N}")
KNOWN, WORD, DIGIT, UNSPACED, MARK, LATIN, SUSPECT, LOOSE, LONGER, GARBLED, SILENT = (1 << bit for bit in range(11))
MARKS = 11            # from this bit on: how many accents and tone marks the character carries, at most three
TRAITS = np.zeros(0x110000, np.uint16)   # filled as characters turn up; pages that nobody asks for take no memory
FOLDED = np.zeros(0x110000, np.uint32)
MIXED = np.frombuffer(hashlib.shake_128(b"letters").digest(8 * 256), "<u8") | np.uint64(1)  # any odd numbers, the same on all machines
FEW_WORDS = 20        # below this one other word is another fact ("X is a town in Y"): only equal words count
BINS = 128            # the estimate of the share is right within .04, one time in three beyond
BANDS = 16            # of four bins each, the first half: texts with .7 in common meet in a band in 98.8 % of cases, with .8 in 99.98 %
LONGEST = 1_000_000   # characters; a longer text is compared letter for letter only, its arrays would fill the memory


class Letters:
    """What is in each of `texts` (a list of strings)."""

    def __init__(self, texts):
        self.codes = np.frombuffer(("\n".join(texts) + "\n").encode("utf-32-le", "surrogatepass"), np.uint32)
        self.ends = np.cumsum([len(text) + 1 for text in texts])  # a line feed stands behind each text, so none is empty
        self.starts = np.concatenate([[0], self.ends[:-1]])
        self.traits = TRAITS[self.codes]
        if not self.traits.all():
            for code in np.unique(self.codes[self.traits == 0]).tolist():
                TRAITS[code], FOLDED[code] = _character(chr(code))
            self.traits = TRAITS[self.codes]
        self.together = np.bitwise_or.reduceat(self.traits, self.starts)

    def has(self, trait):
        """For each text, whether a character of this trait is in it."""
        return self.together & trait != 0

    def number(self, trait):
        """For each text, how many characters of this trait are in it."""
        return self._sum(self.traits & trait != 0)

    def marks(self):
        """For each text, how many accents and tone marks are in it, those inside composed letters, too."""
        return self._sum(self.traits >> MARKS)

    def visible(self):
        """For each text, how many characters are neither white space nor an accent."""
        return self._sum((self.traits & SILENT == 0) & (self.codes != 32) & (self.codes != 10))

    def _sum(self, values):
        return np.add.reduceat(values, self.starts, dtype=np.int64)

    def tidy(self):
        """For each text, whether `_repair.repair` would for certain leave it alone."""
        wrong = self.together & SUSPECT != 0
        white = (self.codes == 32) | (self.codes == 10)
        pairs = np.flatnonzero(white[1:] & white[:-1]) + 1  # also before the first and behind the last character
        wrong[self._rows(pairs)] = True
        wrong[0] |= white[0]
        wrong[self._rows(self._not_composed())] = True
        return ~wrong

    def _rows(self, places):
        return np.searchsorted(self.ends, places, "right")

    def _not_composed(self):
        """Places where the text is not, or might not be, in Unicode's form NFC."""
        places = np.flatnonzero(self.traits & LOOSE)
        if not len(places):
            return places
        before = self.codes[places - 1].astype(np.uint64)
        pairs, number = np.unique(before << np.uint64(32) | self.codes[places], return_inverse=True)
        wrong = np.array([not _composed(pair >> 32, pair & 0xFFFFFFFF) for pair in pairs.tolist()])
        # Two loose marks in a row may stand in the wrong order, or the second may melt into the letter before the first.
        return places[wrong[number] | (self.traits[places - 1] & LOOSE != 0)]


@lru_cache(50_000)
def _composed(before, loose):
    return unicodedata.is_normalized("NFC", chr(before) + chr(loose))


def _character(letter):
    """(traits, what it is folded to) of one character."""
    kind = unicodedata.category(letter)
    whole = unicodedata.normalize("NFD", letter.casefold())
    folded, marks = _duplicates.without_marks(letter)
    traits = KNOWN | min(marks, 3) << MARKS
    if folded and unicodedata.normalize("NFC", folded) != folded:
        folded = unicodedata.normalize("NFC", folded)  # the letters of Korean and Bengali, which are taken apart and carry no accent
    for trait, true in (
        (WORD, _duplicates.WORDS.match(folded) or folded and _duplicates.ANY_UNSPACED.match(letter)), (DIGIT, NUMBER.match(letter)), (UNSPACED, _duplicates.ANY_UNSPACED.match(letter)), (MARK, kind[0] == "M"),
        (LATIN, "LATIN" in unicodedata.name(letter, "")), (SUSPECT, letter == "[" or _repair.SUSPECT.match(letter)),
        (LOOSE, kind[0] == "M" or "\u1100" <= letter <= "\u11ff" or not unicodedata.is_normalized("NFC", letter)),
        (LONGER, len(folded) > 1), (GARBLED, _repair.GARBLED.match(letter)), (SILENT, not folded),
    ):
        traits |= trait if true else 0
    return traits, ord(folded) if len(folded) == 1 else ord(letter) if whole else 0


class Words:
    """The words of the texts of a `Letters`, folded, as numbers: those of `_duplicates.words(_duplicates.fold(text))`."""

    def __init__(self, letters):
        heard = letters.traits & SILENT == 0
        self.codes, traits = FOLDED[letters.codes[heard]], letters.traits[heard]
        ends = np.cumsum(np.add.reduceat(heard, letters.starts, dtype=np.int64))
        self.inside = traits & WORD != 0
        begins = self.inside.copy()
        begins[1:] &= ~self.inside[:-1]
        if letters.together.max(initial=0) and letters.has(UNSPACED).any():  # each letter is a word, with the marks behind it
            base, spread = traits & MARK == 0, traits & UNSPACED != 0
            begins |= self.inside & base & spread
            begins[1:] |= self.inside[1:] & base[1:] & spread[:-1]
        self.first = np.flatnonzero(begins)
        self.row = np.searchsorted(ends, self.first, "right")
        self.count = np.bincount(self.row, minlength=len(ends))
        self.length = np.add.reduceat(self.inside, self.first, dtype=np.int64) if len(self.first) else np.zeros(0, np.int64)

    def long(self):
        """For each text, for how many words its long words count: one for every twenty letters."""
        return np.bincount(self.row, self.length // 20, len(self.count)).astype(np.int64)

    def numbers(self):
        """A number of 64 bits for each word."""
        if not len(self.first):
            return np.zeros(0, np.uint64)
        start = self.first[0]
        place = np.arange(start, len(self.codes)) - np.repeat(self.first, np.diff(self.first, append=len(self.codes)))
        return _stirred(np.add.reduceat((self.codes[start:] * self.inside[start:]) * MIXED[place & 63], self.first - start))


def _stirred(numbers):
    """Every bit of a number made to depend on all others."""
    numbers = (numbers ^ numbers >> np.uint64(31)) * np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ numbers >> np.uint64(29)) * np.uint64(0xC2B2AE3D27D4EB4F)
    return numbers ^ numbers >> np.uint64(32)


def signatures(words):
    """(sketches, keys) of the texts of a `Words`: rows of 128 bytes, and rows of 16 numbers of 32 bits, for `_copies` to compare.

    They stand for the three-word runs of a text (one-permutation MinHash). A text of few words has one key, of all its words; one without words
    has none, which is 0.
    """
    numbers, total = words.numbers(), len(words.count)
    bins = np.full(total * BINS, 2**64 - 1, np.uint64)
    runs = _stirred(numbers[:-2] * MIXED[100] + numbers[1:-1] * MIXED[101] + numbers[2:] * MIXED[102])
    same = words.row[:-2] == words.row[2:]
    np.minimum.at(bins, words.row[:-2][same] * BINS + (runs[same] >> np.uint64(57)).astype(np.int64), runs[same])
    bins = np.where(bins == 2**64 - 1, 0, bins).reshape(total, BINS)
    sketches = np.where(bins, (bins >> np.uint64(20)) % np.uint64(255) + np.uint64(1), 0).astype(np.uint8)
    bands = bins[:, :4 * BANDS].reshape(total, BANDS, 4)
    keys = np.where(bands.any(2), _stirred((bands * MIXED[110:114]).sum(2, np.uint64)) | np.uint64(1), 0).astype(np.uint32)
    few = words.count < FEW_WORDS
    place = np.arange(len(numbers)) - np.repeat(np.cumsum(words.count) - words.count, words.count)
    whole = np.zeros(total, np.uint64)
    np.add.at(whole, words.row, np.where(few[words.row], numbers * MIXED[place % 32 + 120], 0))
    whole = _stirred(whole) | np.uint64(1)
    sketches[few] = np.tile(whole[few, None].view(np.uint8), (1, BINS // 8))
    keys[few] = 0
    keys[few, 0] = np.where(words.count[few] > 0, whole[few], 0).astype(np.uint32)
    return sketches, keys
