"""Which passage is drafted by which method, so that exactly as many rows come out as were asked for.

    >>> largest_remainder(10, {"wiki": 2, "news": 1})
    {'wiki': 7, 'news': 3}
    >>> passages = [{"passage_id": str(i), "source": "wiki", "passage": "ọ̀rọ̀ " * 120} for i in range(10)]
    >>> plan = Plan(passages, {"grounded_qa": .5, "reverse_instruction": .5}, 4)
    >>> task = plan.next(); plan.came(task, 0)          # no row came of it, so another passage takes its place
    >>> tasks = [plan.next() for _ in range(4)]; sorted(task.method for task in tasks), plan.next()
    (['grounded_qa', 'grounded_qa', 'reverse_instruction', 'reverse_instruction'], None)
"""
import collections
from dataclasses import dataclass

from . import _split, store
from ._rowchecks import size
from .errors import NeedsFixing

WORDS = 350        # of a passage: models lose the thread of longer ones in such languages
FEWEST = 8         # words; a shorter passage holds no fact to ask about
WORDS_A_PAIR = 120


@dataclass
class Task:
    """One passage for one method; `rows` are expected of it, `turn` counts the templates, `there` are the ids of rows made of it before."""

    method: str
    cell: tuple
    item: dict
    rows: int = 1
    turn: int = 0
    there: tuple = ()


def passages(texts):
    """The passages of a table of texts (columns of 3_clean.csv), each a dict with passage_id source url licence title permission passage and first (bool).

    A text over 350 words is cut into several, numbered `<id>.1`, `<id>.2`. English `question` and `answer` go along where the table has them.
    """
    if "text" not in texts or "id" not in texts:
        raise NeedsFixing(f"the texts have the columns {', '.join(map(str, texts.columns))}; they need id and text, as 3_clean.csv has them")
    found = []
    for row in texts.to_dict("records"):
        row = {name: value if isinstance(value, str) else "" if value is None or value != value else str(value) for name, value in row.items()}
        about = {name: row.get(name, "") for name in ("source", "url", "licence", "title", "permission", "question", "answer")}
        parts = [part.strip() for part, _ in _split.cut(row["text"].strip(), WORDS, size)] if row["text"].strip() else []
        for number, part in enumerate(parts, 1):
            name = row["id"] if len(parts) == 1 else f"{row['id']}.{number}"
            first = number == 1 and row.get("part", "") in ("", "0", "1", "1/1")
            if size(part) >= FEWEST or about["question"]:
                found.append({"passage_id": name, "passage": part, "first": first, **about})
        if not parts and about["question"]:
            found.append({"passage_id": row["id"], "passage": "", "first": True, **about})
    return found


def pairs_of(passage):
    """How many pairs to ask for: one for every 120 words, one to three."""
    return min(3, max(1, round(size(passage) / WORDS_A_PAIR)))


def largest_remainder(n, weights):
    """Whole numbers that add up to n, as near as can be to the weights."""
    total = sum(weights.values())
    if not total:
        return dict.fromkeys(weights, 0)
    exact = {name: n * weight / total for name, weight in weights.items()}
    given = {name: int(share) for name, share in exact.items()}
    for name in sorted(exact, key=lambda name: given[name] - exact[name])[:n - sum(given.values())]:
        given[name] += 1
    return given


class Plan:
    """Hands out tasks until `n` rows have come (None: one task for every passage), and never more than `most` rows.

    The order of the passages and their methods do not depend on n, so that a pilot of 20 rows is the beginning of the whole job.
    """

    def __init__(self, passages, shares, n=None, templates=0, most=None):
        self.n, self.templates = n, templates
        self.left = float("inf") if most is None else most  # rows that may still be handed out
        order = sorted(passages, key=lambda item: store.short_hash(item["passage_id"]))
        own = _assigned(order, shares)
        sources = collections.Counter(item["source"] for item in order)
        self.queues, self.need, self.coming = {}, {}, collections.Counter()
        for method, wanted in largest_remainder(n or 0, shares).items():
            for source, rows in largest_remainder(wanted, sources).items():
                cell = (source, method)
                self.need[cell] = rows if n is not None else float("inf")
                self.queues[cell] = collections.deque(self._tasks(cell, order, own))

    def _tasks(self, cell, order, own):
        source, method = cell
        mine = [item for item in order if item["source"] == source]
        first = [item for item in mine if own[item["passage_id"]] == method]
        # With n set, passages that were meant for another method are a reserve.
        rest = [item for item in mine if own[item["passage_id"]] != method] if self.n is not None else []
        for turn in range(max(1, self.templates if method == "templates" and self.n is not None else 1)):
            for item in first + rest:
                if method != "templates" or (item["title"] and item["first"]):
                    yield Task(method, cell, item, pairs_of(item["passage"]) if method == "grounded_qa" else 1, turn)

    def next(self, methods=None):
        """A Task of one of these methods, or None when enough is on its way. Tasks of the largest need come first."""
        self._move()
        open = [cell for cell, queue in self.queues.items() if queue and self.need[cell] > self.coming[cell] and (not methods or cell[1] in methods)]
        if not open:
            return None
        cell = max(open, key=lambda cell: len(self.queues[cell]) if self.n is None else self.need[cell] - self.coming[cell])
        if self.left <= 0:
            return None
        task = self.queues[cell].popleft()
        task.rows = min(task.rows, self.need[cell] - self.coming[cell], self.left)
        self.coming[cell] += task.rows
        self.left -= task.rows
        return task

    def came(self, task, rows):
        """So many rows came of a task."""
        self.coming[task.cell] -= task.rows
        self.need[task.cell] -= rows
        self.left += task.rows - rows

    def known(self, ids_of, there):
        """Count the rows of an earlier run: `ids_of(task)` are the ids that its rows may have, `there` the ids that the table has.

        A passage that gave fewer rows than it may give comes first: its answer is paid. Gives how many rows were there.
        """
        before = 0
        for cell, queue in self.queues.items():
            begun, fresh = [], []
            for task in queue:
                task.there = tuple(id for id in ids_of(task) if id in there)
                task.rows -= len(task.there)
                self.need[cell] -= len(task.there)
                before += len(task.there)
                if task.rows:
                    (begun if task.there else fresh).append(task)
            self.queues[cell] = collections.deque(begun + fresh)
        self.left -= before
        self._even_out()
        return before

    def _even_out(self):
        """Where a cell has more than it was to have, another cell gets that much less."""
        for cell in self.need:
            while self.need[cell] < 0 and (other := max(self.need, key=self.need.get)) and self.need[other] > 0:
                less = min(-self.need[cell], self.need[other])
                self.need[cell] += less
                self.need[other] -= less

    def _move(self):
        """Give what a dry cell still needs to another: of the same method first, then of the same source."""
        for cell, queue in self.queues.items():
            lacking = self.need[cell] - self.coming[cell]
            if queue or self.n is None or lacking <= 0:
                continue
            others = [other for other, left in self.queues.items() if left]
            if others:
                other = max(others, key=lambda other: (other[1] == cell[1], other[0] == cell[0], len(self.queues[other])))
                self.need[other] += lacking
                self.need[cell] -= lacking

    @property
    def lacking(self):
        """Rows that were asked for and have not come."""
        return 0 if self.n is None else max(0, sum(self.need.values()))


def _assigned(order, shares):
    """passage_id -> method: each passage goes to the method that is furthest behind its share of the rows."""
    rows, own = dict.fromkeys(shares, 0.0), {}
    for item in order:
        total = sum(rows.values()) + 1
        method = max(shares, key=lambda name: shares[name] * total - rows[name])
        rows[method] += pairs_of(item["passage"]) if method == "grounded_qa" else 1
        own[item["passage_id"]] = method
    return own
