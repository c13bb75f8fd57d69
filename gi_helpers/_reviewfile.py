"""A table under review: one row changes, and the whole file is safe on the disk in a tenth of a second, also with 10,000 long rows.

Writing 10,000 rows anew takes a second; so the lines of the file are kept as they are, and only the line of the changed row is made again.
"""
import csv
import io
import time

from . import store
from ._decision import ADDED, decided, kept
from ._typed import Notes
from .errors import NeedsFixing

NEEDED = ("id", "question", "answer", "status")
# What a decision may change; a row in which somebody else changed one of these meanwhile is not written over.
WATCHED = ("question", "answer", "status", "reviewer", "reason", "second_reviewer")


class Changed(NeedsFixing):
    """Somebody else has changed the row meanwhile; `.row` is what it is now."""

    def __init__(self, row):
        self.row = row
        who = row.get("second_reviewer") or row.get("reviewer") or "somebody else"
        super().__init__(f"{who} changed row {row['id']} meanwhile: it is {row['status']}, with the question {row['question']!r} and the answer {row['answer']!r}. "
                         "Your text still stands in the fields; press again to put it in place of theirs, or Undo to take theirs")


class Sheet:
    """The rows of the file at `path`, a list of dicts of strings in `rows`, by id in `row(id)`; every change is on the disk when the call ends.

    Each change also adds a line to the log beside it (4_qa_log.jsonl): at, id, by, before, after. Two sheets on one file are safe:
    the file is read again when somebody else has written it.
    """

    def __init__(self, path):
        self.path = store.Path(path)
        self.log = self.path.with_name(f"{self.path.stem}_log.jsonl")
        self.undone = []  # (id, before) of this sheet's changes, the last one at the end
        self.notes = Notes(self.path)
        self.load()

    def load(self):
        """Read the file (again)."""
        with store.lock(self.path):
            self.stamp, table = self._stamp(), store.read(self.path)
        absent = [name for name in NEEDED if name not in table]
        if absent:
            raise NeedsFixing(f"{self.path.name} has no column {absent[0]!r}; its columns are {', '.join(table.columns) or 'none'}")
        self.names = [*table.columns, *(name for name in ADDED if name not in table)]
        columns = {name: table[name].tolist() for name in table.columns}
        for name in ADDED:
            columns.setdefault(name, list(columns[name.removesuffix("_llm")]) if name.endswith("_llm") else [""] * len(table))
        self.rows = [dict(zip(self.names, values, strict=True)) for values in zip(*(columns[name] for name in self.names), strict=True)]
        self.place = {row["id"]: number for number, row in enumerate(self.rows)}
        if len(self.place) < len(self.rows):
            twice = next(row["id"] for number, row in enumerate(self.rows) if self.place[row["id"]] != number)
            raise NeedsFixing(f"the id {twice!r} stands on two rows of {self.path.name}; an id must stand once, so delete or rename the other")
        self.lines = None

    def refresh(self):
        """Read the file again if somebody else has written it; True when that was so."""
        if self._stamp() == self.stamp:
            return False
        self.load()
        return True

    def row(self, id):
        """The row with this id, a dict."""
        return self.rows[self.place[id]]

    def note(self, id, question, answer, reviewer, seen):
        """Put on the disk at once what was typed and will be kept only after a pause; see `recover`."""
        self.notes.write(id, question, answer, reviewer, {name: seen.get(name, "") for name in WATCHED})

    def recover(self):
        """Bring what was typed in a notebook that was killed into its rows; gives sentences that say what was found.

        A text whose row somebody changed meanwhile is not put in its place: it stands in the log, and in the sentence.
        """
        told = []
        for note in self.notes.left_behind():
            try:
                self.keep(note["id"], note["question"], note["answer"], note["by"], seen=note["seen"])
                told.append(f"What was typed in row {note['id']} before the notebook ended is saved there.")
            except NeedsFixing as error:
                with store.append(self.log) as log:
                    log.write({"at": note["at"], "id": note["id"], "by": note["by"], "typed": {name: note[name] for name in ("question", "answer")}})
                told.append(f"What was typed in row {note['id']} before the notebook ended is not in the table ({error}). It was: {note['question']} / {note['answer']}")
        return told

    def decide(self, id, status, reviewer, seen=None, **more):
        """`review.decided` for a row of the file. `seen` is the row as the reader saw it; NeedsFixing when it has changed since."""
        return self._change(id, lambda row: decided(row, status, reviewer, **more), seen, reviewer)

    def keep(self, id, question, answer, reviewer="", seen=None, goes_on=False):
        """`review.kept` for a row of the file. With `goes_on`, the change before was typed in this row, too, and one `undo` takes both back."""
        many = len(self.undone)
        row = self._change(id, lambda row: kept(row, question, answer, reviewer), seen, reviewer)
        if goes_on and len(self.undone) > many and many and self.undone[-2][0] == id:
            (_, first, _), (_, then, after) = self.undone[-2:]
            self.undone[-2:] = [(id, {**then, **first}, after)]
        return row

    def undo(self, id=None, reviewer=""):
        """Take back this sheet's last change (of the row `id`, or of any); gives the row, or None when there is nothing to take back."""
        found = [number for number, (one, _, _) in enumerate(self.undone) if id in (None, one)]
        if not found:
            return None
        one, before, after = self.undone[found[-1]]
        row = self._change(one, lambda row: {**row, **before}, seen=after, by=reviewer)
        del self.undone[found[-1]], self.undone[-1]  # the change, and its taking back
        return row

    def _change(self, id, change, seen, by):
        with store.lock(self.path):
            self.refresh()
            if id not in self.place:
                raise NeedsFixing(f"row {id} is no longer in {self.path.name}; open the editor again")
            old = self.row(id)
            if seen is not None and any(old.get(name, "") != seen.get(name, "") for name in WATCHED):
                raise Changed(old)
            new = change(old)
            if new != old:
                self._write(id, old, new, by)
        self.notes.forget(id)
        return old if new == old else new

    def _write(self, id, old, new, by):
        self._take_lines()
        number = self.place[id]
        head = _csv(self.names)
        lines = self.lines[:number] + [self._line(new)] + self.lines[number + 1:]
        differs = [name for name in self.names if old.get(name, "") != new.get(name, "")]
        before, after = ({name: row.get(name, "") for name in differs} for row in (old, new))
        with store.append(self.log, fsync=False) as log:
            log.write({"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "id": id, "by": by, "before": before, "after": after})
        store.write_bytes(b"\n".join([head, *lines, b""]), self.path)
        self.lines, self.rows[number], self.stamp = lines, new, self._stamp()
        self.undone.append((id, before, new))

    def prepare(self):
        """Get ready for the first change, which then takes no longer than the next ones."""
        with store.lock(self.path):
            self.refresh()
            self._take_lines()

    def _take_lines(self):
        if self.lines is None:
            self.lines = self._lines_of_file() or [self._line(row) for row in self.rows]

    def _line(self, row):
        return _csv([store.UNSAFE.sub("", row.get(name, "").replace("\r\n", "\n").replace("\r", "\n")) for name in self.names])

    def _lines_of_file(self):
        """The lines of the file as they are, with empty fields for added columns; None when the file is not of our kind and must be made anew."""
        head, *lines = _records(store.read_bytes(self.path), 1 + len(self.rows)) or [b""]
        added = [name for name in ADDED if name in self.names[len(head.split(b'","')):]]
        own = self.names[:len(self.names) - len(added)]
        if head != _csv(own) or len(lines) != len(self.rows):
            return None
        if not added:
            return lines
        if "question_llm" in added or "answer_llm" in added:
            return None
        return [line + b',""' * len(added) for line in lines]

    def _stamp(self):
        with store.plain_errors(self.path):
            found = self.path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino


def _csv(cells):
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="").writerow(cells)
    return stream.getvalue().encode("utf-8", "replace")


def _records(content, many):
    """The records of a CSV as bytes without their line ends, which are LF; `many` of them if all is well."""
    found = content[1:-2].split(b'"\n"')  # this stands where a record ends, and nearly never inside of one
    if len(found) == many and content[:1] == b'"' and content[-2:] == b'"\n':
        return [b'"%b"' % one for one in found]
    found, open_ = [], []
    for line in content.split(b"\n"):
        open_.append(line)
        if sum(part.count(b'"') for part in open_) % 2 == 0:  # else the record goes on in the next line
            found.append(b"\n".join(open_))
            open_ = []
    return found[:-1] if found and not found[-1] else found
