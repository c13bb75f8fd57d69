"""What people decide about translated questions: sentence by sentence, or a whole item at once.

    >>> import pandas as pd
    >>> table = pd.DataFrame([{"id": kind, "item": "i", "kind": kind, "target": "Kí ni?", "status": "generated", "culture": "keep"} for kind in ("question", "best", "best_incorrect")])
    >>> for kind in table["id"]:
    ...     table = decide(table, kind, "accepted", reviewer="Ada", culture="adapt")
    >>> checked(table), set(table["culture"])
    (1.0, {'adapt'})
"""
import unicodedata

from . import _signals, store
from ._translating import CHECKED
from .errors import NeedsFixing

CULTURES = ("keep", "adapt", "drop")


def decide(table, id, status, *, reviewer, target=None, reason="", culture=None):
    """The table after a person's decision on one sentence: accepted, edited (with `target`), rejected, skipped, approved or to_revise.

    `culture` (keep, adapt, drop) is set on the whole item. Raises NeedsFixing for an unknown row, status or tag, or without a name.
    """
    allowed = (*CHECKED, "rejected", "skipped", "to_revise")
    if status not in allowed:
        raise NeedsFixing(f"{status!r} is no decision; choose one of {', '.join(allowed)}")
    if culture is not None and culture not in CULTURES:
        raise NeedsFixing(f"{culture!r} is no culture tag; choose one of {', '.join(CULTURES)}")
    if not str(reviewer).strip():
        raise NeedsFixing("whose decision is this? Write your name first")
    place = table.index[table["id"] == id]
    if len(place) != 1:
        raise NeedsFixing(f"the table has {len(place)} rows with the id {id!r}; run the notebook's cell that makes it again")
    if status == "edited" and not str(target or "").strip():
        raise NeedsFixing("an edited sentence needs its new text; write it, or reject the sentence")
    table = table.assign(**{name: "" for name in ("status", "reviewer", "reason") if name not in table})
    if target is not None and str(target).strip():
        table.loc[place, "target"] = " ".join(unicodedata.normalize("NFC", str(target)).split())
    table.loc[place, ["status", "reviewer", "reason"]] = [status, str(reviewer).strip(), reason]
    if culture is not None:
        table.loc[table["item"] == table.loc[place[0], "item"], "culture"] = culture
    return table


def decide_item(table, item, status, *, reviewer, targets=None, culture=None, reason=""):
    """The table after a person's decision on a whole item. `targets` ({id: text}) are the words as the person left them.

    status "accepted": sentences whose words were changed become edited, the others accepted. rejected, skipped, to_revise and approved hold
    for all its sentences. The flags of the item are made anew. Raises NeedsFixing as `decide` does.
    """
    rows = table[table["item"] == item]
    if rows.empty:
        raise NeedsFixing(f"the table has no item {item!r}; run the notebook's cell that makes it again")
    for row in rows.to_dict("records"):
        text = " ".join(unicodedata.normalize("NFC", str((targets or {}).get(row["id"], row["target"]))).split())
        changed = status == "accepted" and text != row["target"]
        table = decide(table, row["id"], "edited" if changed or (status == "accepted" and row["status"] == "edited") else status, reviewer=reviewer,
                       target=text or row["target"], reason=reason, culture=culture)
    found = _signals.of_item(table[table["item"] == item].to_dict("records"), store.settings()["language"])
    table["flags"] = ["; ".join(found[id]) if id in found else words for id, words in zip(table["id"], table["flags"], strict=True)]
    return table


def checked(table):
    """The share of items (0 to 1) of which people have kept the question, the best and the best wrong answer."""
    needed = table[table["kind"].isin(["question", "best", "best_incorrect"])]
    whole = needed["status"].isin(CHECKED).groupby(needed["item"]).all()
    return float(whole.mean()) if len(whole) else 0.0
