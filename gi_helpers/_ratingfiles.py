"""The files in which people's ratings are kept, also those that a spreadsheet has changed on their way.

    >>> import pandas as pd
    >>> table = checked(pd.DataFrame([{" Item ": "1", "Rater": "Ada ", "Choice": "LEFT", "left": "B", "right": "T"}]))
    >>> table[["item", "rater", "choice"]].values.tolist()
    [['1', 'Ada', 'left']]
"""
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
    odd = [(row["item"], row["choice"]) for row in table.to_dict("records") if row["choice"] not in ("", *CHOICES)]
    if odd:
        raise NeedsFixing(f"{file} has the choice {odd[0][1]!r} for item {odd[0][0]}; a choice is one of {', '.join(CHOICES)}")
    return table


def _text(value):
    return "" if value is None or value != value else str(value).strip()


def merge(file, others):
    """Bring the rating files of several people into one; the later rating of the same pair by a person wins. Gives the table.

    Nothing is written when one of the files cannot be used.
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
    table = pd.concat(tables, ignore_index=True).fillna("").sort_values("at", kind="stable")
    table["_models"] = [" | ".join(sorted((left, right))) for left, right in zip(table["left"], table["right"], strict=True)]
    table = table.drop_duplicates(["item", "rater", "_models"], keep="last").drop(columns="_models")
    with store.lock(file):
        store.write(table, file)
    return table.reset_index(drop=True)


def _complete(table, file):
    """All columns of a rating file, and a name in every row."""
    table = table.assign(**{name: "" for name in COLUMNS if name not in table})
    nameless = int((table["rater"] == "").sum())
    if nameless:
        raise NeedsFixing(f"{store.Path(file).name} has {nameless} ratings without a name; fill in the column rater")
    return table[[*COLUMNS, *[name for name in table.columns if name not in COLUMNS]]]
