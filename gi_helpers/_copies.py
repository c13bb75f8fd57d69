"""Which texts of a long run are there twice, letter for letter or nearly; every text is compared, in memory that hardly grows with their number.

What is compared goes to scratch files and is sorted there piece by piece: nine bytes a text stay in memory, 210 lie on the disk until the end.

    >>> from gi_helpers._letters import Letters, Words, signatures
    >>> bare = "Obe egusi je obe ti a fi egusi, eran, ewebe ati epo pupa se, a si maa n je e pelu iyan tabi amala ni ile Yoruba."
    >>> accented = "Ọbẹ̀ ẹ̀gúsí jẹ́ ọbẹ̀ tí a fi ẹ̀gúsí, ẹran, ewébẹ̀ àti epo pupa sè, a sì máa ń jẹ ẹ́ pẹ̀lú iyán tàbí àmàlà ní ilẹ̀ Yorùbá."
    >>> with Copies() as copies:
    ...     copies.add([1, 2, 1], [7, 8, 7], signatures(Words(Letters([accented, bare, "Iyán jẹ́ oúnjẹ."]))))
    ...     copies.decide()
    ...     copies.again.tolist(), copies.copy.tolist(), copies.like.tolist()
    ([0, 0, 1], [False, False, True], [0, 1, 0])
"""
import contextlib

import numpy as np

from . import store
from ._letters import BANDS, BINS

THRESHOLD = 0.7   # share of three-word runs two texts have in common, from which on they count as one
PIECE = 2**18     # records that are sorted at a time
ROUNDS = 4        # a text may be free again once the one it was like has gone itself


class Copies:
    """The ids, texts and three-word runs of a run, in the order of the texts; after `decide`:

    `again`: for each text, how many earlier ones have its id. `copy`: whether an earlier one has the same letters. `like`: one more than the number
    of an earlier text that is kept and nearly the same, or 0.
    """

    def __init__(self, folder=None):
        self.total = self.compared = 0  # texts, and those that nearly equal ones are looked for among
        self.open = contextlib.ExitStack()
        self.ids, self.exact, self.sketches, *self.bands = (self.open.enter_context(store.scratch(folder)) for _ in range(3 + BANDS))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open.close()

    def add(self, ids, exact, signed=None):
        """Numbers of 64 bits of the ids and of the texts (0: not to be compared), and the `signatures` of the texts where those are compared."""
        self.total += len(ids)
        self.ids.write(np.array(ids, np.uint64).tobytes())
        self.exact.write(np.array(exact, np.uint64).tobytes())
        if signed is not None:
            sketches, keys = signed
            self.compared += int(keys.any(1).sum())
            self.sketches.write(sketches.tobytes())
            for band, numbers in zip(self.bands, keys.T, strict=True):
                band.write(numbers.tobytes())

    def decide(self):
        """Compare everything that was added."""
        self.again, self.copy, self.like = np.zeros(self.total, np.uint32), np.zeros(self.total, bool), np.zeros(self.total, np.uint32)
        for place, first, rank in self._groups(self.ids, np.uint64):
            self.again[place] = rank
        for place, first, rank in self._groups(self.exact, np.uint64):
            self.copy[place] = rank > 0
        for _ in range(ROUNDS if self.compared else 0):
            if not self._round(self.copy | (self.like > 0)):
                break

    def _round(self, gone):
        """Look for texts that are like an earlier one; gives whether one of those turned out to have gone itself."""
        found = np.zeros(self.total, np.uint32)
        for band in self.bands:
            for place, first, rank in self._groups(band, np.uint32, gone):
                later = (rank > 0) & (found[place] == 0)
                place, first = place[later], first[later]
                same = self._alike(place, first)
                found[place[same]] = first[same] + 1
        freed, needed = False, np.zeros(self.total + 1, bool)
        needed[self.like] = True  # what sent another text away in an earlier round stays
        for place in np.flatnonzero(found).tolist():  # in order: only a text that is kept can send another one away
            earlier = found[place]
            if self.like[earlier - 1]:
                freed = True
            elif not needed[place + 1]:
                self.like[place] = earlier
        return freed

    def _groups(self, stream, kind, gone=None):
        """Yield (places, place of the first with the same number, how many with it came before), a part of all numbers at a time; 0 counts for none."""
        parts = 1 + self.total // PIECE
        for part in range(parts):
            numbers, places = self._part(stream, kind, part, parts, gone)
            order = np.argsort(numbers, kind="stable")
            numbers, places = numbers[order], places[order]
            new = np.ones(len(numbers), bool)
            new[1:] = numbers[1:] != numbers[:-1]
            heads = np.flatnonzero(new)
            sizes = np.diff(heads, append=len(numbers))
            several = np.repeat(sizes > 1, sizes)
            if several.any():
                rank = np.arange(len(numbers)) - np.repeat(heads, sizes)
                yield places[several], np.repeat(places[heads], sizes)[several], rank[several]

    def _part(self, stream, kind, part, parts, gone):
        """The numbers that belong to a part, and where they stand."""
        stream.seek(0)
        numbers, places = [], []
        for start in range(0, self.total, PIECE):
            block = np.frombuffer(stream.read(PIECE * np.dtype(kind).itemsize), kind)
            mine = (block % kind(parts) == part) & (block != 0)
            if gone is not None:
                mine &= ~gone[start:start + len(block)]
            numbers.append(block[mine])
            places.append(np.flatnonzero(mine) + start)
        return np.concatenate(numbers or [np.zeros(0, kind)]), np.concatenate(places or [np.zeros(0, np.int64)])

    def _alike(self, ones, others):
        """For each pair of texts, whether their sketches have enough in common."""
        same = np.zeros(len(ones), bool)
        for start in range(0, len(ones), 4_096):
            one, other = (self._sketches(places[start:start + 4_096]) for places in (ones, others))
            empty = ((one == 0) & (other == 0)).sum(1)
            same[start:start + 4_096] = ((one == other).sum(1) - empty) >= THRESHOLD * (BINS - empty)
        return same

    def _sketches(self, places):
        read = bytearray()
        for place in places.tolist():
            self.sketches.seek(place * BINS)
            read += self.sketches.read(BINS)
        return np.frombuffer(read, np.uint8).reshape(-1, BINS)
