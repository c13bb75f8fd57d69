"""Translated items that two people read, each without the other's verdict: who should read what, and how far they agree.

    >>> import pandas as pd
    >>> table = pd.DataFrame([{"id": f"{n}{kind}", "item": str(n), "kind": kind, "status": "accepted" if n < 3 else "rejected", "reviewer": "Ada"}
    ...                       for n in range(4) for kind in ("question", "best", "best_incorrect")])
    >>> for item, good in zip("0123", (True, True, False, False)):
    ...     table = read_again(table, item, good, reviewer="Obi")
    >>> agreement(table)["sentence"]
    '4 questions were read twice; both readers said the same of 75 %, kappa 0.50 (1: always, 0: no more than by chance).'
    >>> table.loc[table["kind"] == "question", "status"].tolist()
    ['approved', 'approved', 'to_revise', 'rejected']
"""
import math

from . import store
from ._statistics import cohen
from .errors import NeedsFixing

KEPT, DECIDED = ("accepted", "edited", "approved"), ("accepted", "edited", "approved", "rejected", "to_revise")
COLUMNS = ("first_verdict", "second_verdict", "second_reviewer")


def to_read_again(table, n=50, seed=0, reader=""):
    """The ids of up to `n` items that a second person should read: decided by one person, drawn with `seed`, none that `reader` read first.

    Items that were read twice count towards `n`, so that the number does not grow with every visit.
    """
    heads = table[table["kind"] == "question"].to_dict("records")
    drawn = sorted((row for row in heads if row.get("second_verdict") or row["status"] in ("accepted", "edited", "rejected")),
                   key=lambda row: store.short_hash("second", seed, row["item"]))
    twice = [row for row in drawn if row.get("second_verdict")]
    open_rows = [row for row in drawn if not row.get("second_verdict")][:max(0, n - len(twice))]
    me = reader.strip().casefold()
    return [row["item"] for row in open_rows if not me or str(row.get("reviewer", "")).strip().casefold() != me]


def read_again(table, item, good, *, reviewer):
    """The table after a second person's verdict on an item, `good` True or False.

    What both keep is approved; what only one of them keeps is to_revise. Raises NeedsFixing for the first reader, or an item that nobody read.
    """
    rows = table["item"] == item
    heads = table[rows & (table["kind"] == "question")]
    if heads.empty or heads.iloc[0]["status"] not in DECIDED:
        raise NeedsFixing(f"the item {item!r} has no first verdict yet; a first person reads it, then a second one")
    head, name = heads.iloc[0].to_dict(), str(reviewer).strip()
    if not name or name.casefold() == str(head["reviewer"]).strip().casefold():
        raise NeedsFixing(f"the second reader must be another person than {head['reviewer'] or 'the first'}; write your own name" if name else "whose verdict is this? Write your name first")
    table = table.assign(**{column: "" for column in COLUMNS if column not in table})
    first = head.get("first_verdict") or ("keep" if head["status"] in KEPT else "reject")
    status = "approved" if first == "keep" and good else "rejected" if first == "reject" and not good else "to_revise"
    table.loc[rows, ["first_verdict", "second_verdict", "second_reviewer", "status"]] = [first, "keep" if good else "reject", name, status]
    return table


def agreement(table):
    """How far the two readers agree: a dict of n (items read twice), percent, kappa (Cohen; NaN when both always said the same) and a sentence."""
    heads = table[table["kind"] == "question"]
    pairs = [(row["first_verdict"], row["second_verdict"]) for row in heads.to_dict("records") if row.get("second_verdict")]
    if not pairs:
        return {"n": 0, "percent": math.nan, "kappa": math.nan, "sentence": "No question has been read by a second person yet; 50 are enough to see how far two readers agree."}
    percent, kappa = 100 * sum(one == other for one, other in pairs) / len(pairs), cohen(pairs)
    words = f"kappa {kappa:.2f} (1: always, 0: no more than by chance)" if kappa == kappa else "and always the same thing, so that kappa cannot be computed"
    return {"n": len(pairs), "percent": percent, "kappa": kappa, "sentence": f"{len(pairs):,} questions were read twice; both readers said the same of {percent:.0f} %, {words}."}
