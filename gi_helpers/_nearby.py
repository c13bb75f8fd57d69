"""Questions that are the same, or nearly: accents folded, then MinHash over groups of three words, then the true share of common groups.

    >>> seen = Nearby()
    >>> seen.add("Kí ni orúkọ olú ìlú Nàìjíríà lónìí yìí?", "q1")
    >>> seen.find("Ki ni oruko olu ilu Naijiria lonii yii"), seen.find("Ta ni ó kọ ìwé náà?")
    (('q1', True), None)
"""
import functools
import zlib

from ._duplicates import APOSTROPHES, fold, words

NEAR = 0.7            # share of common groups from which two questions are nearly the same
ROWS, BANDS = 8, 16   # 128 hash values; two texts above NEAR most likely agree in one of 16 bands
PRIME = 2**31 - 1


@functools.lru_cache(maxsize=256)
def folded(text):
    """A text for comparing: no accents and marks, no case, no punctuation, single spaces.

    >>> folded("Ọjọ́  wo ni, ọ̀rẹ́ mi?")
    'ojo wo ni ore mi'
    """
    return " ".join(words(APOSTROPHES.sub("", fold(text))))


def groups(text):
    """The groups of three words of a folded text; the whole of a shorter one."""
    found = text.split()
    return {" ".join(found[i:i + 3]) for i in range(max(1, len(found) - 2))}


class Nearby:
    """Remembers texts with a name each, and finds the first that is the same or nearly the same."""

    def __init__(self):
        self.same, self.bands, self.kept = {}, [{} for _ in range(BANDS)], []

    def add(self, text, name):
        """Remember a text."""
        plain = folded(text)
        if plain in self.same:
            return
        self.same[plain] = len(self.kept)
        for band, mark in zip(self.bands, _bands(groups(plain)), strict=True):
            first = band.setdefault(mark, len(self.kept))  # most marks stand once: a bare number, which needs a third of the memory of a list
            if first != len(self.kept):
                band[mark] = (*(first if isinstance(first, tuple) else (first,)), len(self.kept))[:50]
        self.kept.append((plain, name))

    def find(self, text):
        """(name, True) for the same text, (name, False) for a near one, or None."""
        plain = folded(text)
        if plain in self.same:
            return self.kept[self.same[plain]][1], True
        mine = groups(plain)
        there = [band.get(mark, ()) for band, mark in zip(self.bands, _bands(mine), strict=True)]
        near = {place for places in there for place in (places if isinstance(places, tuple) else (places,))}
        for place in sorted(near):
            theirs = groups(self.kept[place][0])
            if len(mine & theirs) >= NEAR * len(mine | theirs):
                return self.kept[place][1], False
        return None


@functools.lru_cache
def _factors():
    import numpy as np

    rng = np.random.default_rng(7)
    return rng.integers(1, PRIME, (ROWS * BANDS, 1), dtype=np.uint64), rng.integers(0, PRIME, (ROWS * BANDS, 1), dtype=np.uint64)


def _bands(pieces):
    """16 short marks (numbers) of a set of groups: MinHash with 128 hash functions, eight to a mark."""
    import numpy as np

    hashes = np.array([zlib.crc32(piece.encode("utf-8", "replace")) & PRIME for piece in pieces], dtype=np.uint64)
    times, plus = _factors()
    lowest = ((hashes * times + plus) % PRIME).min(axis=1).astype(np.uint32)
    return [hash(lowest[i:i + ROWS].tobytes()) for i in range(0, ROWS * BANDS, ROWS)]
