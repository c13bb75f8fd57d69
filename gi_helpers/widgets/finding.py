"""Which rows the editor shows: by what was decided, and by words. Plain functions on rows, which are dicts of strings.

    >>> rows = [{"id": "a", "question": "Níbo ni ọjà wà?", "answer": "Ní Èkó.", "status": "needs_review", "score": "40"}]
    >>> [row["id"] for row in wanted(rows, "to do", words="oja eko")], wanted(rows, "accepted")
    (['a'], [])
"""
import functools
import re
import unicodedata

from .. import review

SHOW = ("to do", "all", "second reading", "with flags", "accepted", "edited", "rejected", "skipped", "to revise", "approved", "failed the checks")
ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u1dc0-\u1dff\u20d0-\u20ff]")  # as marks of their own, after NFD


def wanted(rows, show, me="", words=""):
    """The rows that SHOW calls `show` and that have all of the `words`; `me` is the reader's name, casefolded."""
    if show == "to do":
        done = (*review.KEPT, "rejected", "auto_fail")
        rows = [row for row in rows if row["status"] not in done and not (row["status"] == "skipped" and row.get("reviewer", "").casefold() == me)]
    elif show == "second reading":
        chosen = review.second_ids(rows, reader=me)
        rows = [row for row in rows if row["id"] in chosen]
    elif show == "with flags":
        rows = [row for row in rows if row.get("flags")]
    elif show != "all":
        status = {"failed the checks": "auto_fail", "to revise": "to_revise"}.get(show, show)
        rows = [row for row in rows if row["status"] == status]
    words = _folded(words).split()
    return [row for row in rows if _has(row, words)] if words else rows


def score(row):
    """The row's score as a number; one without a score counts as good."""
    try:
        return float(row.get("score") or 100)
    except ValueError:
        return 100.0


def _folded(text):
    """Without capitals and accents: who searches may not have them on the keyboard."""
    return ACCENTS.sub("", unicodedata.normalize("NFD", text.casefold()))


def _has(row, words):
    near = _folded("\n".join((row["id"], row["question"], row["answer"], row.get("flags", ""))))
    far = [word for word in words if word not in near]
    return not far or all(word in _folded_text(row.get("context", "")) for word in far)


@functools.lru_cache(maxsize=20_000)  # the texts stay the same from one search to the next
def _folded_text(text):
    return _folded(text)
