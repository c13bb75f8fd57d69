"""The files in which people's ratings are kept, also those that a spreadsheet has changed on their way.

    >>> import pandas as pd
    >>> table = checked(pd.DataFrame([{" Item ": "1", "Rater": "Ada ", "Choice": "LEFT", "left": "B", "right": "T"}]))
    >>> table[["item", "rater", "choice"]].values.tolist()
    [['1', 'Ada', 'left']]
"""
import datetime

import regex

from . import store
from .errors import NeedsFixing

CRITERIA = ("helpful", "harmless", "honest", "factual", "culturally_relevant")  # each 1 to 5, and may stay empty
CHOICES = ("left", "right", "tie", "both_bad")
COLUMNS = ("item", "rater", "left", "right", "choice", *CRITERIA, "edited", "note", "at")


def checked(table, file="the table", sides=False):
    """The ratings with the names and choices as we write them; NeedsFixing when a column, a name or a choice is missing or unknown.

    `sides` asks for the columns left and right, too: which model stood where.
    """
    table = table.rename(columns={name: str(name).strip().lower().replace(" ", "_") for name in table.columns})
    absent = [name for name in ("item", "rater", "choice", *(("left", "right") if sides else ())) if name not in table]
    if absent:
        raise NeedsFixing(f"{file} has no column {', '.join(absent)}; a rating file has the columns {', '.join(COLUMNS)}")
    table = table.fillna("").assign(**{name: [_text(value) for value in table[name]] for name in ("item", "rater", "left", "right") if name in table})
    table["choice"] = [_text(value).lower().replace(" ", "_") for value in table["choice"]]
    for name in (name for name in CRITERIA if name in table):
        table[name] = [_text(value).removesuffix(".0") for value in table[name]]  # a spreadsheet writes 4 as 4.0
        wrong = [(item, value) for item, value in zip(table["item"], table[name], strict=True) if value not in ("", "1", "2", "3", "4", "5")]
        if wrong:
            raise NeedsFixing(f"{file} has {name} {wrong[0][1]!r} for item {wrong[0][0]}; a criterion is a number from 1 to 5, or empty")
    odd = [(row["item"], row["choice"]) for row in table.to_dict("records") if row["choice"] not in ("", *CHOICES)]
    if odd:
        raise NeedsFixing(f"{file} has the choice {odd[0][1]!r} for item {odd[0][0]}; a choice is one of {', '.join(CHOICES)}")
    return table


def _text(value):
    return "" if value is None or value != value else str(value).strip()


def merge(file, others):
    """Bring the rating files of several people into one; the later rating of the same pair by a person wins. Gives the table.

    Names that differ in capitals only are one person's. Dates may be ours or a spreadsheet's, such as 23/11/2026 10:00. Nothing is written when one of the files cannot be used.
    """
    import pandas as pd

    missing = [str(one) for one in others if not store.Path(one).exists()]
    if missing:
        raise NeedsFixing(f"the rating file {missing[0]} is not there; check the path")
    sheets = [store.Path(one).name for one in others if store.Path(one).suffix.lower() in (".xlsx", ".xls", ".ods")]
    if sheets:
        raise NeedsFixing(f"{sheets[0]} is a spreadsheet; open it, save it as CSV (UTF-8), and give that file")
    tables = [_complete(checked(store.from_people(one), store.Path(one).name, sides=True), one) for one in [file, *others] if store.Path(one).exists()]
    if not tables:
        raise NeedsFixing(f"none of the rating files is there, beginning with {file}; check the paths")
    together = pd.concat(tables, ignore_index=True).fillna("")
    table = pd.DataFrame(_latest(together.to_dict("records")), columns=together.columns)
    with store.lock(file):
        store.write(table, file)
    return table.reset_index(drop=True)


def _latest(rows):
    """The rows without those that the same person gave to the same pair earlier."""
    kept, names = {}, {}
    for row in rows:
        row["rater"] = names.setdefault(row["rater"].casefold(), row["rater"])
        about = row["item"], row["rater"], frozenset((row["left"], row["right"]))
        other = kept.setdefault(about, row)
        if other is not row and _later(row, other):
            del kept[about]
            kept[about] = row
    return sorted(kept.values(), key=lambda row: min(_times(row["at"])))


def _later(row, other):
    """Is `row` the later rating? NeedsFixing when a date can be read in two ways, and it matters."""
    mine, theirs = _times(row["at"]), _times(other["at"])
    if max(theirs) <= min(mine):
        return True
    if max(mine) < min(theirs):
        return False
    if row["choice"] == other["choice"] and row["edited"] == other["edited"]:
        return True
    odd = row["at"] if len(mine) > 1 else other["at"]
    raise NeedsFixing(f"{row['rater']} rated item {row['item']} twice, and it cannot be told which was later: the date {odd!r} can be read in two ways; write it as 2026-11-23 10:00")


def _times(text):
    """The moments that a date can mean, as texts that sort: 01/12/2026 is the 1st of December or the 12th of January. A date that cannot be read is the earliest."""
    found = regex.match(r"\s*(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})[T ,]*(?:(\d{1,2}):(\d\d)(?::(\d\d))?\s*([ap]m)?)?", str(text), regex.IGNORECASE)
    if not found:
        return {""}
    one, two, three = (int(part) for part in found.group(1, 2, 3))
    hour, minute, second = (int(part or 0) for part in found.group(4, 5, 6))
    hour = hour % 12 + (12 if found[7].lower() == "pm" else 0) if found[7] else hour
    orders = [(one, two, three)] if one > 31 else [(three, two, one), (three, one, two)]
    times = set()
    for year, month, day in orders:
        try:
            times.add(datetime.datetime(year + (2000 if year < 100 else 0), month, day, hour, minute, second).isoformat())
        except ValueError:
            continue  # there is no 23rd month
    return times or {""}


def _complete(table, file):
    """All columns of a rating file, and a name in every row."""
    table = table.assign(**{name: "" for name in COLUMNS if name not in table})
    nameless = int((table["rater"] == "").sum())
    if nameless:
        raise NeedsFixing(f"{store.Path(file).name} has {nameless} ratings without a name; fill in the column rater")
    return table[[*COLUMNS, *[name for name in table.columns if name not in COLUMNS]]]
