"""What people type is on the disk with every letter that reaches the notebook, long before it is saved in the table; used by `review.Sheet`.

The notes stand beside the table (4_qa_typing1.jsonl) as long as something is not saved, and are gone when all of it is. A notebook that was
killed leaves its notes behind, and the next one that opens the table brings them into their rows.
"""
import contextlib
import time

from . import store
from .errors import NeedsFixing

MOST = 20  # notebooks that may type into one table at the same time


class Notes:
    """The notes of one notebook about the table at `path`; a lock that ends with its process tells others that it is alive."""

    def __init__(self, path):
        self.path, self.open, self.book, self.held = path, set(), None, contextlib.ExitStack()

    def write(self, id, question, answer, by, seen):
        """Note a text that was typed for the row `id`; `seen` is the row as its reader saw it."""
        if self.book is None:
            self._begin()
        self.open.add(id)
        self.book.write({"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "id": id, "by": by, "question": question, "answer": answer, "seen": seen})

    def forget(self, id):
        """What was typed for the row is saved, or given up."""
        if id not in self.open:
            return
        self.open.discard(id)
        if self.open:
            return self.book.write({"id": id, "saved": True})
        self.book.__exit__()
        self.book.file.unlink(missing_ok=True)
        self.book = None
        self.held.close()

    def _begin(self):
        for file in _places(self.path):
            if not file.exists() and (held := _taken(file)):
                self.held, self.book = held, store.append(file, fsync=False).__enter__()
                return
        raise NeedsFixing(f"{MOST} notebooks have left something typed beside {self.path.name}; open the editor in one notebook only, and it brings that into the table")

    def left_behind(self):
        """Of each row the last note that a notebook left which is no more, as dicts; the notes are deleted when the last one was handed out."""
        for file in _places(self.path):
            if file.exists() and (held := _taken(file)):
                with held:
                    last = {}
                    for line in store.read_jsonl(file):
                        last[line["id"]] = line
                    yield from (line for line in last.values() if "saved" not in line)
                    file.unlink(missing_ok=True)


def _places(path):
    return [path.with_name(f"{path.stem}_typing{number}.jsonl") for number in range(1, MOST + 1)]


def _taken(file):
    """The lock of a file of notes, as something to close; None when a notebook that lives has it."""
    held = contextlib.ExitStack()
    try:
        held.enter_context(store.lock(file, job=True))
    except NeedsFixing:
        return None
    return held
