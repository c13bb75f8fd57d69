"""Reviewing away from the notebook: a spreadsheet goes out, copies of it come back, by row and without writing over anybody's work."""
import re

from . import store
from ._decision import FIRST, SECOND, WAITING, decided, kept, now, plain, rewritten, tidy, touched
from .errors import NeedsFixing

FIELDS = ("question", "answer", "status", "reason")  # what people change in a spreadsheet
NEEDED = ("id", "question", "answer", "status")
WORDS = {"accept": "accepted", "ok": "accepted", "yes": "accepted", "edit": "edited", "reject": "rejected", "no": "rejected", "skip": "skipped",
         "approve": "approved", "revise": "to_revise", "to revise": "to_revise", "needs review": "needs_review", "auto fail": "auto_fail"}


def export(file, to=None):
    """Write the table at `file` for a spreadsheet, by default as 4_qa_for_people.csv beside it; gives that path.

    What was given out is kept (4_qa_given_out.csv), and the sheet says in its last column which giving-out it is, so that `merge` can
    tell later who changed what, also when sheets of different weeks come back.
    """
    file = store.Path(file)
    table = store.read(file)
    earlier = store.read(_given_out(file)).to_dict("records") if _given_out(file).exists() else []
    number = str(1 + max((int(row["given_out"]) for row in earlier), default=0))
    table["given_out"] = number
    to = store.for_people(table, to or file.with_name(f"{file.stem}_for_people.csv"))
    kept_names = [name for name in ("id", *FIELDS, "given_out") if name in table]
    store.write(earlier + table[kept_names].to_dict("records"), _given_out(file))
    return to


def merge(file, copies, reviewer=None):
    """Bring copies of a table back into the table at `file`, row by row (three-way, by id); gives a DataFrame of what happened.

    copies    paths of CSV files, or {reader's name: path}; a row without a reviewer gets that name, else `reviewer`, else the file's name
    result    id, copy, what, field, before, now, theirs. `what` is "taken"; or "conflict": both sides changed the row, nothing was written,
              and `now` and `theirs` stand side by side; or "left out", with the reason in `field`

    A row that is missing in a copy stays. What a conflict or a problem left out stands in 4_qa_conflicts.csv, too,
    until it is settled (`settle`, or the widget `merge_desk`). Raises NeedsFixing for
    a copy that is not UTF-8 or lacks a column; then nothing is written at all.
    """
    import pandas as pd

    file = store.Path(file)
    read = [(name, _copy(path)) for name, path in _named(copies, reviewer)]
    with store.lock(file):
        table = store.read(file)
        rows = {row["id"]: row for row in table.to_dict("records")}
        base = _base(file)
        results, started, over = [], {id: dict(row) for id, row in rows.items()}, _settled(file)
        for name, copy in read:
            own = _own_base(base, copy)
            for theirs in copy:
                results += [line for line in _bring(rows, started, own, name, theirs) if line["what"] != "conflict" or _mark(line) not in over]
        if any(line["what"] == "taken" for line in results):
            store.write([*rows.values()] if rows else table, file)
    found = pd.DataFrame(results, columns=["id", "copy", "what", "field", "before", "now", "theirs"])
    open_ = found[found["what"] != "taken"].to_dict("records")
    earlier = [line for line in _open(file) if line["what"] == "conflict" and not any((line["id"], line["copy"]) == (one["id"], one["copy"]) for one in open_)]
    if open_ or earlier:
        store.for_people(earlier + open_, _open_file(file))
    return found


def conflicts(file):
    """The conflicts that `merge` left and nobody has settled: dicts of id, copy, row and fields, a list of {"field", "before", "now", "theirs"}; `now` is today's."""
    lines = [line for line in _open(file) if line["what"] == "conflict"]
    rows = {row["id"]: row for row in store.rows_so_far(file)} if lines else {}
    found = {}
    for line in lines:
        if line["id"] in rows:
            found.setdefault((line["id"], line["copy"]), []).append({**{name: line[name] for name in ("field", "before", "theirs")}, "now": rows[line["id"]].get(line["field"], "")})
    return [{"id": id, "copy": copy, "row": rows[id], "fields": fields} for (id, copy), fields in found.items()]


def settle(file, id, copy, take):
    """End a conflict: with take=True the row gets what the copy says, in the name of the copy's reader; with False it stays as it is.

    It is over then: the same text in a copy that is merged again is no conflict any more (4_qa_settled.jsonl).
    """
    file = store.Path(file)
    with store.lock(file):
        mine = [one for one in conflicts(file) if (one["id"], one["copy"]) == (id, copy)]
        if not mine:
            raise NeedsFixing(f"no conflict about row {id} with {copy} is open; it may be settled already")
        if take:
            table = store.read(file)
            rows = {row["id"]: row for row in table.to_dict("records")}
            theirs = {**rows[id], "reviewer": "", "second_reviewer": "", **{one["field"]: one["theirs"] for one in mine[0]["fields"]}}
            rows[id] = {**rows[id], **_decision(rows[id], theirs, [one["field"] for one in mine[0]["fields"]], copy)}
            store.write([*rows.values()], file)
        with store.append(_settled_file(file)) as log:
            for one in mine[0]["fields"]:
                log.write({"id": id, "copy": copy, "field": one["field"], "theirs": one["theirs"], "taken": take, "at": now()})
        left = [line for line in _open(file) if (line["id"], line["copy"]) != (id, copy)]
        if left:
            store.for_people(left, _open_file(file))
        else:
            _open_file(file).unlink()


def _open_file(file):
    file = store.Path(file)
    return file.with_name(f"{file.stem}_conflicts.csv")


def _open(file):
    return store.from_people(_open_file(file)).to_dict("records") if _open_file(file).exists() else []


def _settled_file(file):
    return file.with_name(f"{file.stem}_settled.jsonl")


def _settled(file):
    """The conflicts that people ended: the same copy, brought again, must not bring them back."""
    return {_mark(line) for line in store.read_jsonl(_settled_file(file))} if _settled_file(file).exists() else set()


def _mark(line):
    return line["id"], line["field"], plain(line["theirs"])


def _given_out(file):
    return file.with_name(f"{file.stem}_given_out.csv")


def _base(file):
    """{number of the giving-out: {id: row}}, the last one at the end."""
    found = {}
    for row in store.read(_given_out(file)).to_dict("records") if _given_out(file).exists() else []:
        found.setdefault(row["given_out"], {})[row["id"]] = row
    return found


def _own_base(base, copy):
    """What this copy looked like when it was given out: by its number, else the giving-out that most of its rows agree with."""
    numbers = {row.get("given_out", "").strip() for row in copy} & set(base)
    if len(numbers) == 1:
        return base[numbers.pop()]
    if not base:
        return {}
    return max(reversed(base.values()), key=lambda rows: sum(_same(row["question"] + row["answer"] + row["status"], "".join(
        rows.get(row["id"], {}).get(field, "\0") for field in ("question", "answer", "status"))) for row in copy))


def _named(copies, reviewer):
    if isinstance(copies, dict):
        return list(copies.items())
    if isinstance(copies, (str, store.Path)):
        copies = [copies]
    return [(reviewer or store.Path(path).stem, path) for path in copies]


def _copy(path):
    """The rows of a copy, whose column names may have other capitals or blanks around them."""
    table = store.from_people(path)
    names = {name: re.sub(r"\s+", "_", name.strip().lower()) for name in table.columns}
    table = table.rename(columns=names)
    absent = [name for name in NEEDED if name not in table]
    if absent:
        raise NeedsFixing(f"{path} has no column {absent[0]!r} (its columns: {', '.join(names) or 'none'}); give the column its old name back and merge again")
    rows = []
    for row in table.to_dict("records"):
        status = row["status"].strip().lower()
        rows.append({**row, "id": row["id"].strip(), "status": WORDS.get(status, status)})
    return [row for row in rows if any(row.values())]


# ---------------------------------------------------------------- one row of one copy

def _bring(rows, started, base, name, theirs):
    """Lines of the result for one row; `rows` is changed where nothing speaks against it."""
    id = theirs["id"] if theirs["id"] in rows else _same_text(rows, theirs)
    if id is None:
        return [_line(theirs["id"], name, "left out", "no row has this id; a spreadsheet may have changed it")]
    mine, before = rows[id], base.get(id) or _first(started[id])
    fields = [field for field in FIELDS if field in theirs and not _same(theirs[field], before.get(field, ""))]
    if "status" in fields and theirs["status"] in ("generated", "needs_review"):
        fields.remove("status")
    fields = [field for field in fields if not _same(theirs[field], mine.get(field, ""))]
    if not fields:
        return []
    lost = [field for field in fields if field in ("question", "answer") and _letters_lost(theirs[field], before.get(field, ""))]
    if lost:
        return [_line(id, name, "left out", f"letters of the {lost[0]} became question marks; save the sheet as 'CSV UTF-8'", before[lost[0]], mine[lost[0]], theirs[lost[0]])]
    if theirs["status"] not in (*FIRST, *SECOND, *WAITING):
        return [_line(id, name, "left out", f"there is no status {theirs['status']!r}; write accepted, rejected or skipped", before["status"], mine["status"], theirs["status"])]
    if any(not _same(mine.get(field, ""), before.get(field, "")) for field in FIELDS):  # our side changed, too
        return [_line(id, name, "conflict", field, before.get(field, ""), mine.get(field, ""), theirs[field]) for field in fields]
    try:
        rows[id] = {**mine, **_decision(mine, theirs, fields, name)}
    except NeedsFixing as error:
        return [_line(id, name, "left out", str(error))]
    return [_line(id, name, "taken", field, before.get(field, ""), rows[id].get(field, ""), theirs[field]) for field in fields]


def _decision(mine, theirs, fields, name):
    text = {field: theirs[field] for field in ("question", "answer") if field in fields}
    who = theirs.get("reviewer", "").strip()
    if not who or (who == mine.get("reviewer") and theirs["status"] in SECOND):
        who = theirs.get("second_reviewer", "").strip() or name
    if "status" in fields:
        return decided(mine, theirs["status"], who, reason=theirs.get("reason", ""), at=now(), **text)
    new = kept(mine, text.get("question"), text.get("answer"), who)
    return {**new, "reason": theirs["reason"].strip()} if "reason" in fields else new


def _line(id, name, what, field, before="", now="", theirs=""):
    return {"id": id, "copy": str(name), "what": what, "field": field, "before": before, "now": now, "theirs": theirs}


def _same(one, other):
    return plain(one) == plain(other)


def _first(row):
    """What was given out, when that was not kept: the row as the model left it, unless only one side can have changed it."""
    return {**row, "question": tidy(row.get("question_llm") or row["question"]), "answer": tidy(row.get("answer_llm") or row["answer"]),
            "status": "needs_review" if touched(row) else row["status"], "reason": "" if touched(row) else row.get("reason", "")}


def _same_text(rows, theirs):
    """The id of the one row with the same passage and model text: a spreadsheet turns an id such as 12e456789012 into a number."""
    if not theirs.get("question_llm"):
        return None
    found = [id for id, row in rows.items() if not rewritten({"question": row.get("question_llm", ""), "answer": row.get("answer_llm", "")},
                                                             {"question": theirs["question_llm"], "answer": theirs.get("answer_llm", "")})]
    return found[0] if len(found) == 1 else None


def _letters_lost(theirs, before):
    """Is it the old text with ? in place of the letters that Windows-1252 lacks?"""
    if "?" not in theirs:
        return False
    for encoding in ("cp1252", "ascii"):
        if plain(theirs) == plain(tidy(before).encode(encoding, "replace").decode(encoding)):
            return True
    return theirs.count("?") - before.count("?") >= 3 and sum(not letter.isascii() for letter in theirs) < sum(not letter.isascii() for letter in before) / 2
