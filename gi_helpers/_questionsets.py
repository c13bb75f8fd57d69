"""Question sets in the layouts that exist, read into one shape: TruthfulQA of 2025 and 2021, its Hugging Face form, Uhura's, or any table.

    >>> rows = [{"Question": "Is the moon a star?", "Best Answer": "No, it is not", "Correct Answers": "No, it is not; It reflects light",
    ...          "Incorrect Answers": "Yes, the nearest; Yes, a cold one", "Category": "Sky"}]
    >>> item = shaped(rows)[0]
    >>> item["best"], item["best_incorrect"], item["correct"]
    ('No, it is not', 'Yes, the nearest', ('No, it is not', 'It reflects light'))
"""
import ast
import csv
import io
import json
import unicodedata
from pathlib import Path

import regex

from . import store
from ._replywords import fold_signs
from .errors import NeedsFixing

NAMES = {  # what a column may be called, folded: letters only
    "question": ("question",),
    "best": ("bestanswer", "best", "rightanswer", "right"),
    "best_incorrect": ("bestincorrectanswer", "bestincorrect", "wronganswer", "wrong"),
    "correct": ("correctanswers", "correct"),
    "incorrect": ("incorrectanswers", "incorrect"),
    "category": ("category",), "type": ("type",), "source": ("source", "url"),
}
ODD = (ValueError, SyntaxError, TypeError, RecursionError, MemoryError)  # what json and ast say of a text that is none of theirs
SHEETS = (".xlsx", ".xls", ".ods")
QUOTED = regex.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")


def load(file):
    """The rows of a .csv, .tsv, .jsonl, .json or .parquet file, as dicts."""
    import pandas as pd

    if not str(file).strip() or Path(file).is_dir():
        raise NeedsFixing(f"{str(file)!r} is no file; give the path of a question set, or leave it out")
    file = Path(file)
    kind = file.suffix.lower()
    if kind in (".json", ".jsonl"):
        text = store.read_text(file)
        if text.lstrip().startswith("["):
            rows = store.read_json(file)
        elif kind == ".json" and text.count("\n{") == 0:
            found = store.read_json(file, dict)  # one object: rows under a name, or columns of lists
            rows = next((value for value in found.values() if isinstance(value, list) and value and isinstance(value[0], dict)), None)
            rows = rows if rows is not None else _by_columns(found, file)
        else:
            rows = list(store.read_jsonl(file))
        if not all(isinstance(row, dict) for row in rows):
            raise NeedsFixing(f"{file} holds no rows with named fields; give a list of objects such as {{\"question\": ..., \"best_answer\": ...}}")
        return rows
    if kind in SHEETS:
        raise NeedsFixing(f"{file.name} is a spreadsheet; open it, save it as CSV (UTF-8), and give that file")
    if kind == ".tsv":
        return list(csv.DictReader(io.StringIO(store.read_text(file)), delimiter="\t"))
    if kind == ".parquet":
        try:
            return pd.read_parquet(io.BytesIO(store.read_bytes(file))).to_dict("records")
        except ImportError as error:
            raise NeedsFixing(f"{file.name} is a Parquet file, which needs pyarrow; install it, or download the set as JSON or CSV") from error
    return store.read(file).to_dict("records")


def _by_columns(found, file):
    """Rows out of an object of lists, one list a column."""
    sizes = {len(values) for values in found.values() if isinstance(values, list)}
    if len(sizes) != 1 or not all(isinstance(values, list) for values in found.values()):
        raise NeedsFixing(f"{file.name} holds no rows with named fields; give a list of objects such as {{\"question\": ..., \"best_answer\": ...}}")
    return [dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=True)]


def shaped(rows, columns=None, place="the question set"):
    """The rows as items: dicts of question, best, best_incorrect, correct, incorrect (tuples), category, type, source.

    `columns` maps our names to theirs where they cannot be guessed: {"question": "Ibeere", "best": "A", "incorrect": ["B", "C"]}.
    Raises NeedsFixing when there is no question or no right answer to be found.
    """
    if not rows:
        raise NeedsFixing(f"{place} has no rows; choose another file")
    given = list(dict.fromkeys(name for row in rows for name in row))
    if {"item", "kind", "target"} <= set(given):
        raise NeedsFixing(f"{place} is already the long form (8_truthfulqa.csv); read it with store.read and go on with evaluate")
    chosen = _columns(given, columns or {}, place)
    return [_item(row, chosen, given) for row in rows]


def _columns(given, wanted, place):
    """Our name -> list of theirs."""
    folded = {regex.sub(r"[^a-z]", "", str(name).lower()): name for name in reversed(given)}
    chosen = {}
    for name, likely in NAMES.items():
        if name in wanted:
            asked = wanted[name] if isinstance(wanted[name], (list, tuple)) else [wanted[name]]
            missing = [one for one in asked if one not in given]
            if missing:
                raise NeedsFixing(f"{place} has no column {missing[0]!r}; it has {', '.join(map(str, given))}")
            chosen[name] = list(asked)
        else:
            chosen[name] = [folded[one] for one in likely if one in folded][:1]
    unknown = set(wanted) - set(NAMES)
    if unknown:
        raise NeedsFixing(f"no part of a question is called {sorted(unknown)[0]!r}; choose columns for {', '.join(NAMES)}")
    lettered = any(str(name).endswith("_targets") for name in given)
    if not chosen["question"] or not (chosen["best"] or chosen["correct"] or lettered):
        raise NeedsFixing(f"which columns hold the question and the answers? {place} has {', '.join(map(str, given))}; "
                          "say it with columns={'question': ..., 'best': ..., 'incorrect': [...]}")
    return chosen


def _item(row, chosen, given):
    def text(name):
        return tidy(next((row[one] for one in chosen[name] if row.get(one) is not None), ""))

    def many(name):
        return [part for one in chosen[name] for part in parts(row.get(one), split=len(chosen[name]) == 1)]

    correct, incorrect = many("correct"), many("incorrect")
    for name in ("mc1_targets", "mc2_targets"):
        if name in given and not (correct and incorrect and name == "mc2_targets" and not _targets(row.get(name))):
            right, wrong = _targets(row.get(name)) or ([], [])
            correct, incorrect = correct + [one for one in right if one not in correct], incorrect + [one for one in wrong if one not in incorrect]
    best = text("best") or (correct[0] if correct else "")
    best_incorrect = text("best_incorrect") or (incorrect[0] if incorrect else "")
    mc0 = _targets(row.get("mc0_targets")) if "mc0_targets" in given else None
    if mc0 and mc0[0] and mc0[1] and not text("best_incorrect"):
        best, best_incorrect = mc0[0][0], mc0[1][0]
    return {"question": text("question"), "best": best, "best_incorrect": best_incorrect,
            "correct": tuple(correct) or (best,) * bool(best), "incorrect": tuple(incorrect) or (best_incorrect,) * bool(best_incorrect),
            "category": text("category"), "type": text("type"), "source": text("source")}


def tidy(value):
    """A cell as NFC text on one line."""
    if value is None or value != value:
        return ""
    return " ".join(unicodedata.normalize("NFC", str(value)).split())


def parts(cell, split=True):
    """The answers in a cell: a list, a list as text, or answers parted by "; "."""
    if cell is None or (isinstance(cell, float) and cell != cell):
        return []
    if not isinstance(cell, str):
        found = list(cell) if hasattr(cell, "__iter__") else [cell]
    else:
        found = _listed(cell) or (cell.split(";") if split else [cell])
    return [text for text in map(tidy, found) if text]


def _listed(cell):
    """The list that a cell spells out, as JSON or as Python shows it; None when it is no list."""
    cell = cell.strip()
    if not (cell.startswith(("[", "array([")) and cell.endswith(("]", ")"))):
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(cell)
        except ODD:
            continue
        # Neighbouring quotes without a comma are what an array prints; Python would glue them into one text.
        if isinstance(found, list) and not (read is ast.literal_eval and regex.search(r"""['"]\s+['"]""", cell)):
            return found
    return [one or other for one, other in QUOTED.findall(cell)]


def _targets(value):
    """(right, wrong) options of {"choices": [...], "labels": [...]} or {"option": 1 or 0}, also as text; None when it is neither."""
    if isinstance(value, str):
        for read in (json.loads, ast.literal_eval):
            try:
                value = read(value)
                break
            except ODD:
                continue
    if isinstance(value, str):
        value = _printed(value)
    if not isinstance(value, dict) or not all(hasattr(value.get(name, ()), "__iter__") for name in ("choices", "labels")):
        return None
    pairs = list(zip(value["choices"], value["labels"], strict=False)) if {"choices", "labels"} <= set(value) else list(value.items())
    return [tidy(text) for text, label in pairs if str(label) == "1"], [tidy(text) for text, label in pairs if str(label) != "1"]


def _printed(text):
    """{"choices", "labels"} out of a dict with arrays as Python prints it, such as "{'choices': array(['No', 'Yes'], dtype=object), 'labels': array([1, 0])}"."""
    found = regex.search(r"['\"]choices['\"]:(.*)['\"]labels['\"]:(.*)", text, regex.DOTALL)
    return found and {"choices": [one or other for one, other in QUOTED.findall(found[1].replace("dtype=object", ""))], "labels": regex.findall(r"[01]", found[2].split("dtype")[0])}


def doubled(question, best, best_incorrect):
    """What two items have in common that ask the same and offer the same."""
    return fold_signs(question), frozenset((fold_signs(best), fold_signs(best_incorrect)))


def whole(table):
    """Rows of 8_truthfulqa.csv however they were read: an empty cell is "" as in `store.read`, and the columns of the review are there."""
    table = table.astype(object).where(table.notna(), "") if table.isna().to_numpy().any() else table
    return table.assign(**{name: "" for name in ("status", "reviewer", "flags", "source") if name not in table})
