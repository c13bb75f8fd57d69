"""Notebook 3: one tidy table of texts, none longer than the limit.

    >>> import pandas as pd
    >>> table = clean(pd.DataFrame({"text": [" Ẹ káàárọ̀ ", "", "Ó dàárọ̀ o", "Ẹ káàárọ̀"]}))
    >>> table["text"].tolist(), table["reason"].tolist()
    (['Ẹ káàárọ̀', '', 'Ó dàárọ̀ o', 'Ẹ káàárọ̀'], ['', 'empty', '', 'duplicate'])

A text over the limit is cut into parts, which joined are the text; it is never dropped for its length. What is left out keeps its row, with
the reason, and can be brought back with `rescue`. `clean` works on a table in memory; `clean_files` does the same for files of any size.
"""
from collections import Counter
from itertools import chain, islice
from pathlib import Path

from . import _examine, _sources, _workers, store
from .errors import NeedsFixing

COLUMNS = ["id", "source", "source_id", "part", "title", "url", "licence", "text", "tokens"]
KEPT = [*COLUMNS, "permission", "note"]
DROPPED = [*COLUMNS, "reason", "permission", "note"]
LOST = "not UTF-8"
# Meanings of at most 50 characters: a notebook cuts off more.
REASONS = {
    "empty": "nothing is left after the repairs",
    "too short": "fewer words than min_words",
    "duplicate": "the same text stands further up",
    "near-duplicate": "70 % of its three-word runs stand further up",
    "wrong language": "it reads as another language",
    "few tone marks": "less than half of the usual marks; you asked",
    "numbers or a list": "mostly numbers, or short lines, no sentences",
    "boilerplate": "mostly lines of other texts; no sentence else",
    LOST: "some letters were lost when the file was saved",
    "open quote": "a CSV line with a quotation mark too many",
    "surplus cells": "a CSV line with more cells than the header",
    "no text": "a JSON object without a text in it",
    "cells missing": "a CSV line that ends before the text",
}
NOTES = {
    "rescued": "a person brought it back",
    "reads as English": "a warning only, unless the reason says more",
    "few tone marks": "they stay unless tone_marks=True",
    "mojibake": "a wrong encoding, as in Ã©; see its source",
    "like an earlier text": "the id of that text stands in the note",
}
FEW = 4_000  # below this number of rows starting helpers takes longer than they save


def clean(table, max_tokens=4096, language=None, *, model="gpt-4o-mini", column=None, min_words=2, tone_marks=False, near_duplicates=True, count=None,
          workers=None, source="table"):
    """Mend every text, cut what is longer than `max_tokens`, and say in `reason` why a row should be left out; "" means that it stays.

    `table`: a DataFrame with a column of texts (`column`, else "text"); rows of notebooks 1 and 2 are known by their columns, other tables
    get `source` as the name of their source. `language`: a code or name to check the texts against; None checks none. `model`: whose tokens count;
    `count`: a function from a text to a number, instead. `min_words`: fewer are too short. `tone_marks`: also leave out what has less than half of the
    usual marks. `near_duplicates`: False skips that search, among all texts. `workers`: processes.

    Gives the columns id source source_id part title url licence text tokens reason permission note, one row a part. Raises NeedsFixing when
    there is no such column, language or limit.
    """
    import pandas as pd

    table = table.rename(columns=str)
    name = _text_name(table, column)
    raw = [_sources.plain_row(row, name, source) for row in table.to_dict("records")]
    setting = _examine.setting(raw[::max(1, len(raw) // _examine.SURVEY)], max_tokens=max_tokens, language=language, model=model, min_words=min_words,
                               tone_marks=tone_marks, near=near_duplicates, count=count)
    counts = _new_counts()
    rows = list(_decided(_examined(raw, setting, 1 if count else workers), counts))
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "reason", "permission", "note"])
    frame["tokens"], frame["part"] = frame["tokens"].astype(int), frame["part"].astype(int)
    return frame


def clean_files(inputs, output, dropped, max_tokens=4096, language=None, client=None, *, model="gpt-4o-mini", column=None, min_words=2,
                tone_marks=False, near_duplicates=True, workers=None):
    """The same for files of any size: the kept texts go to `output`, the others to `dropped` with their reason; gives counts.

    `inputs`: a path or several, of CSV, JSON, JSON-lines and text files or folders of them. Rows are read, cleaned and written one after the
    other, and wait on the disk beside `output` until all are compared, so memory does not grow with the files. `workers`: processes, by default
    one a core. `client`: a Dask client; each file is then one task, on machines that see the same folders. What was rescued before stays rescued.
    `column`: the name of the column of texts, or a dict from names of files to it; a file without it gives its own column 'text'. The rest as
    for `clean`.

    Gives a dict: rows, kept, parts, dropped, tokens (of the kept), reasons, repairs, notes, examples, problems (file, line and what was
    wrong with it), tokens_are ("exact" or "estimate"), compared (texts among which near-duplicates were looked for). Raises NeedsFixing when
    there is nothing to read.
    """
    counts = _new_counts()
    files = [file for file in _sources.files(inputs, counts["problems"]) if file.resolve() not in {Path(output).resolve(), Path(dropped).resolve()}]
    if not files:
        raise NeedsFixing(f"{output} is the only file to read, and also the file to write; name the file of notebook 1 or 2")
    sample = chain.from_iterable(islice(_sources.rows(file, column), _examine.SURVEY // len(files)) for file in files)
    setting = _examine.setting(sample, max_tokens=max_tokens, language=language, model=model, min_words=min_words, tone_marks=tone_marks,
                               near=near_duplicates)
    if client is None:
        raw = chain.from_iterable(_sources.rows(file, column, counts["problems"]) for file in files)
        examined = _examined(raw, setting, workers)
    else:
        examined = _on_cluster(client, files, column, setting, Path(output).with_name(f".{Path(output).name}.tasks"), counts["problems"])
    rescued = _rescued(output)
    with store.rows_to(output, KEPT) as keep, store.rows_to(dropped, DROPPED) as drop:
        for row in _decided(examined, counts, Path(output).parent, rescued):
            (drop if row["reason"] else keep)(row)
    if counts["rows"] == 0 and not all(problem.endswith(_sources.EMPTY) for problem in counts["problems"]):
        raise NeedsFixing(f"no text could be read: {'; '.join(counts['problems'][:3])}")
    return counts


def _text_name(table, column):
    names = list(table.columns)
    if column and column not in names:
        raise NeedsFixing(f"the table has no column {column!r}; it has {', '.join(names)}")
    return _sources.text_column(names, column, "the table", lambda: _sources.longest_column(table.head(50).to_dict("records"))) if len(table) or column else "text"


def _examined(raw, setting, workers=None):
    """What `_examine.examine` says of the raw rows, in order, a piece at a time, on as many processes as it is worth."""
    import os

    raw = iter(raw)
    first = list(islice(raw, FEW))
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
        raise NeedsFixing(f"workers is {workers!r}; give a whole number of 1 or more, or leave it out")
    helpers = (workers or min(os.cpu_count() or 1, 8)) if len(first) == FEW or workers else 1
    return _workers.ordered("_examine.examine", setting, _examine.pieces(chain(first, raw)), helpers)


def _on_cluster(client, files, column, setting, place, problems):
    """The files as tasks of a Dask client, then what they found, in the order of the files."""
    import shutil

    names = [str((place / f"{number:05d}.pickle").resolve()) for number in range(len(files))]
    try:
        shared = client.scatter(setting, broadcast=True)  # once to each machine; the language profile in it is too much for every task
        tasks = [client.submit(_examine.examine_file, str(file.resolve()), name, column, shared, pure=False) for file, name in zip(files, names, strict=True)]
        for name, told in zip(names, client.gather(tasks), strict=True):
            problems.extend(told)
            yield from store.read_pickles(name)
    finally:
        shutil.rmtree(place, ignore_errors=True)


# ---------------------------------------------------------------- what only the whole can tell

def _new_counts():
    return {"rows": 0, "kept": 0, "parts": 0, "dropped": 0, "tokens": 0, "tokens_are": "exact", "compared": 0, "reasons": Counter(), "repairs": Counter(),
            "notes": Counter(), "examples": {}, "problems": []}


def _decided(examined, counts, folder=None, rescued=()):
    """Duplicates and ids; yields one row a part and counts what happened. The texts wait in a scratch file in `folder`."""
    from tqdm.auto import tqdm

    from . import _copies  # loads numpy

    with _copies.Copies(folder) as copies, store.scratch(folder) as waiting, tqdm(desc="cleaning", unit=" rows", mininterval=0.5, disable=folder is None) as bar:
        for facts, results in examined:
            copies.add(**facts)
            waiting.write(results)
            bar.update(len(facts["ids"]))
        copies.decide()
        waiting.seek(0)
        yield from _settled(_unpickled(waiting), copies, counts, rescued)


def _unpickled(stream):
    import io
    import pickle

    with io.BufferedReader(stream, 2**18) as stream:
        while stream.peek(1):
            yield from pickle.load(stream)


def _settled(results, copies, counts, rescued):
    like = dict.fromkeys((copies.like[copies.like > 0] - 1).tolist())  # the earlier texts that a note will name
    counts["compared"] = copies.compared
    for number, (text, again, copy, earlier) in enumerate(zip(results, copies.again.tolist(), copies.copy.tolist(), copies.like.tolist(), strict=True)):
        reason, note = text["reason"], text["note"]
        if again:  # two rows of one id, such as the same line twice in a file without ids
            text["source_id"] = f"{text['source_id']}-{again + 1}"
            text["ids"] = _examine.part_ids(text)
        if number in like:
            like[number] = text["ids"][0]
        if copy:
            reason = "duplicate"
        elif earlier:
            reason, note = "near-duplicate", _joined(note, f"like {like[earlier - 1]}")
        if reason and reason != LOST and rescued and _was_rescued(text, reason, rescued):
            reason, note = "", _joined("rescued", reason)
        _tally(counts, text, reason, note)
        same = {name: text[name] for name in ("source", "source_id", "title", "url", "licence", "permission")} | {"reason": reason, "note": note}
        for part, (name, (piece, size)) in enumerate(zip(text["ids"], text["parts"], strict=True), 1):
            yield {**same, "id": name, "part": part, "text": piece, "tokens": size}


def _was_rescued(text, reason, rescued):
    """Whether a person brought this text back, also when its file has another name now; of copies only the one that was chosen."""
    return (text["source"], text["source_id"]) in rescued or (reason != "duplicate" and store.short_hash("".join(part for part, _ in text["parts"])) in rescued)


def _joined(*notes):
    return "; ".join(filter(None, notes))


def _tally(counts, text, reason, note):
    counts["rows"] += 1
    counts["tokens_are"] = text["counted"]
    for name in text["repairs"]:
        counts["repairs"][name] += 1
    for name, example in text["examples"].items():
        counts["examples"].setdefault(name, example)
    notes = note.split("; ") if note else []
    for name in notes[:1] if note.startswith("rescued") else notes:  # its reason counts no more
        counts["notes"]["like an earlier text" if name.startswith("like ") else name] += 1
    if reason:
        counts["dropped"] += 1
        counts["reasons"][reason] += 1
    else:
        counts["kept"] += 1
        counts["parts"] += len(text["parts"])
        counts["tokens"] += sum(size for _, size in text["parts"])


# ---------------------------------------------------------------- people's second look

def rescue(dropped_path, ids, clean_path=None):
    """Bring rows back: those of `ids`, and all parts of their texts, move from 3_dropped.csv to 3_clean.csv; gives how many moved.

    A later `clean_files` keeps them; 3_rescued.csv remembers which they are. Raises NeedsFixing for an id that is not among the dropped rows, or whose text has lost letters.
    """
    import pandas as pd

    clean_path = Path(clean_path or Path(dropped_path).with_name("3_clean.csv"))
    ids = {ids} if isinstance(ids, str) else set(ids)
    with store.lock(clean_path, job=True):
        table = store.read(dropped_path)
        unknown = ids - set(table["id"])
        if unknown:
            raise NeedsFixing(f"{Path(dropped_path).name} has no row {', '.join(sorted(unknown))}; copy the id from the table of dropped rows")
        if (table["id"].isin(ids) & (table["reason"] == LOST)).any():
            raise NeedsFixing("letters of this text were lost when its file was saved, so it stays out; open the file where it was made, save it as 'CSV UTF-8', and clean again")
        texts = {(row.source, row.source_id) for row in table[table["id"].isin(ids)].itertuples()}
        back = pd.Series([pair in texts for pair in zip(table["source"], table["source_id"], strict=True)], index=table.index, dtype=bool)
        moved = table[back]
        moved = moved.assign(note=[_joined("rescued", reason, note) for reason, note in zip(moved["reason"], moved["note"], strict=True)])
        kept = store.read(clean_path) if clean_path.exists() else pd.DataFrame(columns=KEPT)
        _remember(moved, clean_path)
        # The kept table first: a stop between the two leaves a row in both, never in none.
        store.write(pd.concat([kept, moved[KEPT]], ignore_index=True).drop_duplicates("id", keep="last"), clean_path)
        store.write(table[~back], dropped_path)
    return int(back.sum())


def _rescued(output):
    """(source, source_id) and the hash of each text that people brought back: from the record of them, and from an earlier output."""
    found, record = set(), _record(output)
    for row in store.read_rows(record) if record.exists() else ():
        found |= {(row["source"], row["source_id"]), row["hash"]}
    for row in store.read_rows(output) if Path(output).exists() else ():
        if row.get("note", "").startswith("rescued"):
            found.add((row["source"], row["source_id"]))
    return found


def _record(clean_path):
    """Where it is kept what people brought back, also over runs without its file."""
    return Path(clean_path).with_name("3_rescued.csv")


def _remember(moved, clean_path):
    import pandas as pd

    record = _record(clean_path)
    texts = moved.sort_values("part", key=lambda parts: parts.astype(int)).groupby(["source", "source_id"], sort=False)["text"].agg("".join).reset_index()
    rows = texts.assign(hash=texts["text"].map(store.short_hash))[["source", "source_id", "hash"]]
    before = [store.read(record)] if record.exists() else []
    store.write(pd.concat([*before, rows], ignore_index=True).drop_duplicates(), record)


# ---------------------------------------------------------------- what happened, for people

def summary(counts):
    """What `clean_files` did as a DataFrame: what, rows, share (percent of all rows), meaning."""
    import pandas as pd

    rows = [("read", counts["rows"], ""), ("kept", counts["kept"], f"in {counts['parts']:,} parts, {counts['tokens']:,} tokens ({counts['tokens_are']})")]
    if counts["compared"]:
        rows.append(("compared", counts["compared"], "each with all others, accents aside"))
    rows += [(f"left out: {name}", number, REASONS.get(name, "")) for name, number in sorted(counts["reasons"].items(), key=lambda item: -item[1])]
    rows += [(f"mended: {name}", number, "") for name, number in sorted(counts["repairs"].items(), key=lambda item: -item[1])]
    rows += [(f"note: {name}", number, NOTES.get(name, "")) for name, number in sorted(counts["notes"].items(), key=lambda item: -item[1])]
    table = pd.DataFrame(rows, columns=["what", "rows", "meaning"])
    table.insert(2, "share", [round(100 * number / max(1, counts["rows"]), 1) for number in table["rows"]])
    return table


def before_after(counts):
    """An example of each repair as a DataFrame: repair, rows, before, after; hidden characters are shown by their numbers, and so are composed letters."""
    import pandas as pd

    rows = []
    for name, sides in counts["examples"].items():
        shown = ["".join((_visible(before), _spelt(place) if name == "composed letters" else _visible(place), _visible(behind))) for before, place, behind in sides]
        rows.append((name, counts["repairs"][name], *shown))
    return pd.DataFrame(rows, columns=["repair", "rows", "before", "after"])


def _visible(text):
    import unicodedata

    return "".join(letter if letter == " " or unicodedata.category(letter)[0] not in "CZ" else f"⟨{letter!a}⟩".replace("'", "") for letter in text)


def _spelt(letter):
    """A letter with the numbers of what it is made of: before and after look the same otherwise."""
    return f"{letter}⟨{' '.join(f'U+{ord(sign):04X}' for sign in letter)}⟩"


def told(counts, most=20):
    """What could not be read, a line each with file and line number; at most `most`, then how many more there are."""
    problems = list(dict.fromkeys(counts["problems"]))
    return problems[:most] + ([f"... and {len(problems) - most:,} more"] if len(problems) > most else [])
