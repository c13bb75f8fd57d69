"""What has been asked and paid: an append-only file with one line a finished request, found again by content.

    >>> fingerprint({"key": "a", "messages": []}, "m") == fingerprint({"messages": [], "key": "a"}, "m")
    True
    >>> with Journal(None) as book:
    ...     print(book.spent, book.answer("0123456789ab"))
    0.0 None
"""
import contextlib
import json

from . import store
from .errors import NeedsFixing


def fingerprint(request, model):
    """12 characters that stand for the key, the model, the messages and the options of a request."""
    return store.short_hash(json.dumps([model, request], ensure_ascii=False, sort_keys=True))


class Journal:
    """A context manager: the journal at `path`, held against other notebooks. With None it remembers only as long as it lives.

    `.answer(mark)` is the kept record of a good answer or None, `.keep(record)` writes one to the disk before it returns, `.spent` is
    what all runs cost so far in US dollars, with the worst case of requests whose end is not known (a kill, a power cut).
    """

    def __init__(self, path):
        self.path, self.spent, self.batches = path, 0.0, []
        self._good = {}  # mark -> the record as JSON bytes, a third of the memory of a dict
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self._file = None
            if self.path is not None:
                stack.enter_context(store.lock(self.path, job=True))
                self._read()
                self._file = stack.enter_context(store.append(self.path))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _read(self):
        if not store.Path(self.path).exists():
            return
        held = {}
        for number, line in enumerate(store.read_jsonl(self.path), 1):
            try:
                self._learn(line, held)
            except (LookupError, TypeError) as error:
                raise NeedsFixing(f"record {number} of {self.path} is none of this journal, where paid answers are kept; delete that line") from error
        self.spent += sum(map(sum, held.values()))

    def _learn(self, line, held):
        mark = line.get("request") or line.get("batch")
        if "batch" in line:
            self.batches.append(line)
        if "held_usd" in line:
            held.setdefault(mark, []).append(0.0 + line["held_usd"])
        else:
            held.pop(mark, None)
        if "ok" in line:
            self.spent += line.get("cost_usd") or 0
            self._remember(line)

    def _remember(self, record):
        if record.get("ok"):
            self._good[record["request"]] = json.dumps(record, ensure_ascii=False).encode("utf-8", "replace")

    def answer(self, mark):
        """The record of a good answer, or None."""
        found = self._good.get(mark)
        return None if found is None else json.loads(found)

    def keep(self, line):
        """Write a line; a good answer is remembered."""
        if self._file is not None:
            self._file.write(line)
        if "ok" in line:
            self._remember(line)
