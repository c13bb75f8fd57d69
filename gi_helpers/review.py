"""Notebook 4b: people decide about each question-answer row; what the model wrote stays beside what they made of it.

    >>> import pandas as pd
    >>> qa = pd.DataFrame([{"id": "a", "question": "Ki ni oruko re?", "answer": "Orúkọ mi ni Adé.", "status": "needs_review"},
    ...                    {"id": "b", "question": "Kí ni èyí?", "answer": "It is a house.", "status": "needs_review"}])
    >>> qa = decide(qa, "a", "accepted", reviewer="Ada", question="Kí ni orúkọ rẹ?")
    >>> qa = decide(qa, "b", "rejected", reviewer="Ada", reason="language")
    >>> qa["status"].tolist(), qa["question_llm"][0]
    (['edited', 'rejected'], 'Ki ni oruko re?')
    >>> progress(qa)["sentence"].split(";")[0]
    '2 of 2 rows reviewed: 0 accepted, 1 edited, 1 rejected'
"""
import functools
import math
import statistics

from . import store
from ._decision import ADDED, COLUMNS, FIRST, KEPT, MORE, PRACTICE, REASONS, SECOND, WAITING, changed, check_call, decided, distance, kept, letters, now, original, plain, tidy, touched
from ._merging import conflicts, export, merge, settle
from ._reviewfile import Changed, Sheet
from .errors import NeedsFixing

__all__ = ["FIRST", "KEPT", "REASONS", "SECOND", "WAITING", "Changed", "Sheet", "agreement", "changed", "check_call", "conflicts", "decide", "decided", "distance", "export", "kept", "keep", "letters",
           "merge", "now", "original", "plain", "progress", "rehearse", "second_readers", "settle", "tidy", "touched", "undo"]
HEAVY = 0.4  # a row of which so many letters were changed is read by a second person, always


# ---------------------------------------------------------------- one row of a table

def decide(qa, id, status, *, reviewer, question=None, answer=None, reason="", seconds=None):
    """A new table with a person's decision about the row `id`; `qa` itself stays as it is.

    status    accepted, edited, rejected (needs a `reason`) or skipped; approved or to_revise by a second person about a row that was kept
    question, answer  the text as it should be; None leaves it. A row whose text changed is `edited`, whatever was said
    seconds   how long the person needed; it is added to the row's `seconds`

    question_llm and answer_llm are never touched; where they are missing they are made from the first text. Columns that are missing are
    added at the end. Raises NeedsFixing for an unknown id or status, a reader without name, a rejection without reason, an empty text.
    """
    check_call(status, reviewer)
    return _replaced(qa, id, lambda row: decided(row, status, reviewer, question=question, answer=answer, reason=reason, seconds=seconds))


def keep(qa, id, *, question=None, answer=None, reviewer=""):
    """A new table with a text that was typed but not decided about. A row that was kept already becomes `edited`, and then needs a `reviewer`."""
    return _replaced(qa, id, lambda row: kept(row, question, answer, reviewer))


def undo(qa, id, log=None):
    """A new table in which the last change of the row `id` is taken back.

    `log` is the path of the table's log (4_qa_log.jsonl, written by the editor), or its lines. Without one, or without a line about the
    row, the row goes back to what the model wrote, undecided.
    """
    lines = store.read_jsonl(log) if isinstance(log, (str, store.Path)) else log or ()
    last = [line for line in lines if line.get("id") == str(id) and "before" in line][-1:]

    def back(row):
        if last:
            return {**row, **last[0]["before"]}
        return {**row, "question": row.get("question_llm") or row["question"], "answer": row.get("answer_llm") or row["answer"],
                "status": "needs_review", **dict.fromkeys((*COLUMNS, *MORE), "")}
    return _replaced(qa, id, back)


def _replaced(qa, id, change):
    check_table(qa)
    where = [number for number, one in enumerate(qa["id"].tolist()) if str(one) == str(id)]
    if not where:
        raise NeedsFixing(f"no row has the id {str(id)!r}; take one of the column id, such as {str(qa['id'].iloc[0])!r}" if len(qa) else
                          f"no row has the id {str(id)!r}: the table is empty; draft rows in notebook 4 first")
    if len(where) > 1:
        raise NeedsFixing(f"{len(where)} rows have the id {str(id)!r}; an id must stand once, so delete the others")
    old = {name: "" if value is None or value != value else str(value) for name, value in qa.iloc[where[0]].items()}
    new, table = change(old), with_columns(qa.copy())
    for name, value in new.items():
        if value != old.get(name):
            if table[name].dtype.kind in "fiub":  # a column of numbers or of nothing would refuse a text
                table[name] = table[name].astype(object)
            table.iloc[where[0], table.columns.get_loc(name)] = value
    return table


def with_columns(table):
    """The table with all columns of reviewing; those that were missing are added at its end, in place."""
    for name in ADDED:
        if name not in table:
            # A missing original is the text of today: nobody has changed it yet.
            table[name] = table[name.removesuffix("_llm")] if name.endswith("_llm") else ""
    return table


def check_table(qa):
    """NeedsFixing when a table lacks what reviewing needs."""
    absent = [name for name in ("id", "question", "answer", "status") if name not in qa]
    if absent:
        raise NeedsFixing(f"the table has no column {absent[0]!r}; its columns are {', '.join(map(str, qa.columns)) or 'none'}, and reviewing needs id, question, answer, status")


# ---------------------------------------------------------------- how far, and how well

def progress(qa):
    """How far the reviewing is: a dict.

    sentence                         all of it in words
    rows reviewed left               counts; skipped rows and rows to revise are left; those that the checks hid (hidden) are not
    accepted edited rejected approved to_revise skipped hidden pretend   counts; `pretend`: decided by the pretend reader of a rehearsal
    accept_share edit_share reject_share   of the reviewed rows, 0 to 1; a row that was approved counts as what the first reader made of it
    edit_rate                        the share of the kept rows whose text people changed, 0 to 1
    letters_changed letters_share    the middle edited row: letters changed, and their share of its letters
    seconds_a_row                    the middle row of those that were timed, None when none was
    readers                          {name: rows decided}
    """
    rows = records(qa)
    count = {status: 0 for status in (*FIRST, *SECOND, "auto_fail")}
    for row in rows:
        count[row["status"]] = count.get(row["status"], 0) + 1
    people = [row for row in rows if row["status"] in (*KEPT, "rejected")]
    own = [row for row in people if row.get("reviewer") != PRACTICE]
    edited = [row for row in own if row["status"] == "edited" or (row["status"] == "approved" and int(row.get("letters_changed") or 0))]
    accepted = len(people) - count["rejected"] - len(edited)
    timed = [float(row["seconds"]) for row in own if _number(row.get("seconds"))]
    found = {"rows": len(rows), "reviewed": len(people), "left": len(rows) - len(people) - count["auto_fail"], **{name: count[name] for name in (*FIRST, *SECOND)},
             "hidden": count["auto_fail"], "pretend": len(people) - len(own),
             "accept_share": _share(accepted, len(people)), "edit_share": _share(len(edited), len(people)), "reject_share": _share(count["rejected"], len(people)),
             "edit_rate": _share(len(edited), len([row for row in own if row["status"] != "rejected"])),
             "letters_changed": _middle([int(row.get("letters_changed") or 0) for row in edited]),
             "letters_share": _middle([heavy(row) for row in edited]), "seconds_a_row": _middle(timed), "readers": _readers(people)}
    return {"sentence": _sentence(found), **found}


def _sentence(found):
    first = f"{found['reviewed']:,} of {found['rows']:,} rows reviewed: {found['accepted']:,} accepted, {found['edited']:,} edited, {found['rejected']:,} rejected"
    parts = [first + (f", {found['approved']:,} approved by a second reader" if found["approved"] else "")]
    if found["edit_rate"] is not None:
        parts.append(f"people changed {found['edit_rate']:.0%} of the rows they kept")
    if found["letters_changed"]:
        parts.append(f"the middle edit changed {found['letters_changed']:.0f} letters ({found['letters_share']:.0%})")
    if found["seconds_a_row"] is not None:
        parts.append(f"{found['seconds_a_row']:.0f} seconds a row")
    if found["to_revise"]:
        parts.append(f"{found['to_revise']:,} to revise")
    if found["pretend"]:
        parts.append(f"PRACTICE: {found['pretend']:,} of these were decided by the pretend reader")
    return "; ".join(parts) + "."


def heavy(row):
    """The share of a row's letters that people changed, 0 to 1."""
    size = max(_size(row["question"] + row["answer"]), _size(row.get("question_llm", "") + row.get("answer_llm", "")), 1)
    return min(1.0, int(row.get("letters_changed") or 0) / size)


def second_readers(qa, share=0.1, reader=None):
    """The rows that a second person should read, a part of `qa` in its order.

    Of the accepted and edited rows that nobody has read twice: those of which more than 40 % of the letters were changed, and as many
    others as make up the `share` (0 to 1) of all kept rows; which ones depends only on their ids. `reader` leaves out the rows that this
    person read first.
    """
    check_table(qa)
    chosen = second_ids(records(qa), share, reader)
    return qa[[str(id) in chosen for id in qa["id"].tolist()]]


def second_ids(rows, share=0.1, reader=None):
    """The ids of `second_readers`, for rows that are a list of dicts; a set."""
    kept_rows = [(number, row) for number, row in enumerate(rows) if row["status"] in KEPT and row.get("reviewer") != PRACTICE]
    chosen = {number for number, row in kept_rows if heavy(row) > HEAVY}
    chosen |= {number for number, _ in sorted(kept_rows, key=lambda one: store.short_hash("second", one[1]["id"]))[:math.ceil(share * len(kept_rows))]}
    me = (reader or "").strip().casefold()
    return {rows[number]["id"] for number in chosen if rows[number]["status"] != "approved" and not (me and rows[number].get("reviewer", "").casefold() == me)}


def agreement(qa):
    """How often a second reader agreed with the first: a dict of sentence, n, agreed, share (0 to 1, None when nothing was read twice)."""
    read = [row for row in records(qa) if row.get("second_reviewer")]
    agreed = sum(row["status"] == "approved" for row in read)
    if not read:
        return {"sentence": "No row has been read by a second person yet.", "n": 0, "agreed": 0, "share": None}
    return {"sentence": f"{len(read):,} rows were read twice; the second reader agreed with {agreed:,} of them ({agreed / len(read):.0%}).",
            "n": len(read), "agreed": agreed, "share": agreed / len(read)}


def records(qa):
    """A table as a list of dicts of strings; a list is given back as it is."""
    if isinstance(qa, list):
        return qa
    check_table(qa)
    names = [name for name in ("id", "question", "answer", "status", "question_llm", "answer_llm", *COLUMNS, *MORE) if name in qa]
    columns = [["" if value is None or value != value else str(value) for value in qa[name].tolist()] for name in names]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


@functools.lru_cache(maxsize=50_000)  # the editor asks for the same rows after every click
def _size(text):
    return len(letters(text))


def _share(part, whole):
    return part / whole if whole else None


def _middle(values):
    return statistics.median(values) if values else None


def _number(text):
    try:
        return text not in (None, "") and float(text) >= 0
    except ValueError:
        return False


def _readers(rows):
    found = {}
    for row in rows:
        name = row.get("reviewer") or "nobody named"
        found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items(), key=lambda one: -one[1]))


# ---------------------------------------------------------------- the rehearsal

def rehearse(file):
    """Only in practice mode: a pretend reader named "practice" accepts half of the rows without flags, as they are, so that the rehearsal goes on.

    Which half depends on the ids alone. A row that a person decided or wrote in is never touched. Gives `progress` of the new table.
    """
    if store.settings()["mode"] != "practice":
        raise NeedsFixing("the pretend reader works in practice mode only; live, people decide: use the editor above")
    with store.lock(file):
        table = store.read(file)
        check_table(table)
        rows = [{**row, "flags": flags} for row, flags in zip(records(table), _flags(table), strict=True)]
        free = [row for row in rows if not row["flags"] and row["question"].strip() and row["answer"].strip() and not touched(row)
                and (row["status"] in ("generated", "needs_review") or row.get("reviewer") == PRACTICE)]
        half = sorted(free, key=lambda row: store.short_hash("rehearse", row["id"]))[:math.ceil(len(free) / 2)]
        new = {row["id"]: decided(row, "accepted", PRACTICE) for row in half if row.get("reviewer") != PRACTICE}
        if new:
            table = with_columns(table)
            for name in ("status", *COLUMNS, *MORE):
                table[name] = [new.get(id, {}).get(name, old) for id, old in zip(table["id"], table[name], strict=True)]
            store.write(table, file)
    return progress(table)


def _flags(table):
    return table["flags"].tolist() if "flags" in table else [""] * len(table)
