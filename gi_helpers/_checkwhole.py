"""What is seen only over all rows of a training file: copies, near copies, answers that differ, odd ones out, totals. Part of `check`.

Of each row a few numbers are kept, about 600 bytes, so that a file of any length can be compared with itself.
"""
import collections
from array import array
from operator import eq
from statistics import median

from . import bbc_scrape
from ._checkanswers import plain
from ._checkcodes import severity
from ._checkpieces import number_of
from ._duplicates import Near

NEAR = 0.88             # of 128 MinHash values; texts that share 0.9 of their five-letter groups reach it nearly always
LEAST_MARKS, SHARE_OF_MEDIAN, MARKED = 0.10, 0.35, 0.15
ONE_KIND, ONE_ANSWER = 0.80, 0.05
FEWEST_FOR_SHARES = 20  # rows, from which on a share means something
FEW = {"openai": 10, "azure": 10, "fireworks": 3}
FEW_ANSWERS_OF_A_KIND = 3


class Whole:
    """Takes the records of all rows in their order with `add`, and says at the `end` what is wrong between them.

    `found` grows by tuples (line, id, code, severity or "", message).
    """

    def __init__(self, target, validation=frozenset(), sources=None):
        self.target, self.validation, self.sources, self.found = target, validation, sources, []
        self.rows, self.answer_tokens, self.lengths = 0, 0, array("I")
        self.both = set()
        self.first, self.answers, self.near, self.near_lines = {}, {}, _Near(), array("Q")
        self.keys, self.systems, self.kinds = {}, {}, collections.Counter()
        self.said, self.again = {}, {}  # answer -> line of the first; answer -> [count, line, id of the second] where there is a second
        self.marks, self.low, self.endings, self.mixed, self.with_messages = array("f"), [], 0, [], False
        self.look_again = 20_000  # rows without marks, from which on it is asked whether the language has any

    def add(self, record, size=None):
        """Compare a row with those before it. `size` is what `Sizes.check` says of it."""
        for code, grave, words in record.found + (size[2] if size else []):
            if code == "F08":
                self.endings = self.endings or record.line
            else:
                self.found.append((record.line, record.id, code, grave, words))
        if record.keys is None:
            return
        self.rows += 1
        if size:
            self.lengths.append(size[0])
            self.answer_tokens += size[1]
        _tally(self.keys, record.keys, record)
        self.with_messages = self.with_messages or "messages" in record.keys
        if record.prompted:
            self.mixed.append((record.line, record.id))
        if not record.messages:
            return
        _tally(self.systems, record.system, record)
        self.kinds[record.kind] += 1
        self._count_answer(record)
        self._compare(record)
        self._mark(record)

    def _count_answer(self, record):
        if self.said.setdefault(record.said, record.line) != record.line:
            self.again.setdefault(record.said, [1, record.line, record.id])[0] += 1

    def _compare(self, record):
        tell = lambda code, words: self.found.append((record.line, record.id, code, "", words))
        if record.whole in self.first:
            return tell("D01", f"the same as line {self.first[record.whole]}")
        self.first[record.whole] = record.line
        if record.asked:
            # The hash of the answer is added up with that of its question, so that one number says whether both are the same.
            line, both = self.answers.setdefault(record.asked, record.line), record.asked ^ record.said
            if line == record.line:
                self.both.add(both)
            elif both not in self.both:
                tell("D02", f"line {line} has the same question and another answer")
        if not self.validation.isdisjoint(record.folded):
            tell("D04", "the question is in the validation file, too")
        if record.sketch and (twin := self.near.find(record.sketch)) is not None:
            return tell("D03", f"nearly the same as line {self.near_lines[twin]}")
        if record.sketch:
            self.near_lines.append(record.line)
        return None

    def _mark(self, record):
        for role, share, words in record.marks:
            if role == "assistant":
                self.marks.append(share)
            if words:
                self.low.append((record.line, record.id, role, share, words))
        if len(self.low) > self.look_again:
            if median(self.marks[-5000:]) < MARKED / 2:
                self.low.clear()  # the language hardly writes marks, so a row without them says nothing
            else:
                self.look_again *= 2

    # ------------------------------------------------------------ at the end

    def end(self, notes):
        """All findings as rows (line, id, code, severity, message), sorted by line; `notes` are totals for Z05."""
        if self.endings:
            self.found.append((self.endings, "", "F08", "", "the lines end in CR LF (told once, at the first one)"))
        self._odd_keys()
        self._odd_systems()
        self._few_marks()
        self._shares()
        self._sources()
        self._size(notes)
        rows = [(line, id, code, grave or severity(code, self.target), words) for line, id, code, grave, words in self.found]
        return sorted(rows, key=lambda row: (row[0], row[2]))

    def _odd_keys(self):
        if len(self.keys) > 1:
            usual = max(self.keys, key=lambda keys: self.keys[keys][0])
            for keys, (count, line, id) in self.keys.items():
                if keys != usual:
                    self.found.append((line, id, "F11", "", f"{_rows(count)} the keys {', '.join(keys) or '(none)'}; the usual ones are {', '.join(usual)}"))
        if self.with_messages:
            told = {(line, code) for line, _, code, _, _ in self.found if code == "F12"}
            self.found += [(line, id, "F12", "", "this row has a prompt or text, other rows have messages") for line, id in self.mixed if (line, "F12") not in told]

    def _odd_systems(self):
        if len(self.systems) < 2:
            return
        usual = max(self.systems, key=lambda system: self.systems[system][0])
        # Many texts on purpose (one for each role to play) are another thing than a few rows that differ.
        varied = len(self.systems) > max(10, 0.1 * self.rows)
        for system, (count, line, id) in sorted(self.systems.items(), key=lambda entry: entry[1][1])[:1 if varied else 20]:
            if varied:
                self.found.append((line, id, "S13", "I", f"there are {len(self.systems):,} system texts in {self.rows:,} rows"))
            elif system != usual:
                what = "no system message" if not system else "another system message than most"
                self.found.append((line, id, "S13", "", f"{_rows(count)} {what}; this is the first"))

    def _few_marks(self):
        usual = median(self.marks) if self.marks else 0
        if usual > MARKED:
            least = max(LEAST_MARKS, SHARE_OF_MEDIAN * usual)
            self.found += [(line, id, "L06", "", f"{role}: {share:.2f} marks a letter, {usual:.2f} is usual here: {words}")
                           for line, id, role, share, words in self.low if share < least]

    def _shares(self):
        if self.rows < FEWEST_FOR_SHARES:
            return
        kind, count = self.kinds.most_common(1)[0] if self.kinds else ("", 0)
        if kind and count > ONE_KIND * self.rows:
            self.found.append((0, "", "Z06", "", f"{count / self.rows:.0%} of the rows are of the kind {kind!r}"))
        for said, (count, line, id) in self.again.items():
            if count > ONE_ANSWER * self.rows and count >= FEW_ANSWERS_OF_A_KIND:
                self.found.append((line, id, "Z06", "", f"{count:,} rows ({count / self.rows:.0%}) have this answer, line {self.said[said]} first"))

    def _sources(self):
        if self.sources is None and self.rows:
            self.found.append((0, "", "P03", "", "no table of sources: 4_qa.csv is not beside this file"))

    def _size(self, notes):
        least = FEW.get(self.target, 0)
        if self.rows < 200:
            grave = "E" if self.rows < least else "W" if self.rows < 50 else "I"
            more = f"at least {least} are needed" if self.rows < least else "gains are seen from 50 to 100 on" if self.rows < 50 else "200 and more are better"
            self.found.append((0, "", "Z01", grave, f"{self.rows:,} {'row' if self.rows == 1 else 'rows'}; {more}"))
        if self.rows:
            self.found.append((0, "", "Z05", "", notes(self.lengths, self.answer_tokens)))


def _tally(table, name, record):
    """Count a value, and keep the first row that has it."""
    count, line, id = table.get(name, (0, record.line, record.id))
    table[name] = (count + 1, line, id)


def _rows(count):
    return "1 row has" if count == 1 else f"{count:,} rows have"


class _Near(Near):
    """`Near` for sketches of five-letter groups."""

    def find(self, signature):
        """The number of an earlier row that is nearly the same, or None; then this one is added."""
        sketch, keys = signature
        tried, free = set(), []
        for key in filter(None, keys):
            _, number = self._place(self.table, key)
            if number is None:
                free.append(key)
            elif number not in tried:
                tried.add(number)
                if sum(map(eq, self.sketches[number], sketch)) >= NEAR * len(sketch):
                    return number
        self.sketches.append(sketch)
        for key in free:
            self._add(key, len(self.sketches))
        return None


def sources_of(rows):
    """(unknown, english) of the rows of 4_qa.csv: question -> why its source is in doubt, and question -> its English original."""
    unknown, english = {}, {}
    for row in rows:
        question = number_of(plain(row.get("question", "")))
        unknown[question] = _doubt(row)
        if row.get("method") == "translate_pair" and "\n" in row.get("context", ""):
            english[question] = row["context"].partition("\n")[2]
    return unknown, english


def _doubt(row):
    licence, source = row.get("licence", "").strip(), row.get("source", "").lower()
    permission = row.get("permission", "")
    if ("bbc" in source or "bbc." in row.get("url", "")) and not bbc_scrape.publishable(permission):
        return "the text is from the BBC, whose terms allow training and publishing only with permission"
    if permission and not bbc_scrape.publishable(permission):
        return f"the text is news of {source}, and the permission stated for it ({permission}) does not allow publishing"
    return "" if licence and licence.lower() not in ("unknown", "none", "?") else f"no licence is given for its source ({source or 'unknown'})"
