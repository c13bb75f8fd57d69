"""Texts out of whatever a team brings: CSV, JSON and text files, folders of them, and the tables of notebooks 1 and 2; row by row.

What cannot be read is told with its file and line in `problems`, and the rest is kept.
"""
import json
import re
from collections import Counter
from itertools import islice
from pathlib import Path

from . import _csvrows, store
from .errors import NeedsFixing

KINDS = (".csv", ".tsv", ".jsonl", ".json", ".txt")
TEXT_NAMES = ("text", "content", "body", "article", "paragraph", "passage", "sentence", "document")
TXT_PIECE = 200_000   # characters of one text out of a long text file
EMPTY = "has no rows; there is nothing in it to clean"
SURROGATES = re.compile("[\ud800-\udfff]")


def files(inputs, problems):
    """The files behind paths and folders, in order; a folder gives its text files, sorted, those inside its folders, too."""
    inputs = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
    found = []
    for place in map(Path, inputs):
        if place.is_dir():
            inside = sorted(file for file in place.rglob("*") if file.is_file() and file.suffix.lower() in KINDS and not _hidden(file, place))
            if not inside:
                problems.append(f"{place}: the folder has no {', '.join(KINDS)} file")
            found += inside
        elif not place.exists():
            problems.append(f"{place}: is not there")
        elif place.suffix.lower() not in KINDS:
            problems.append(f"{place}: cannot be read; save it as 'CSV UTF-8', JSON lines or plain text")
        else:
            found.append(place)
    if not found:
        raise NeedsFixing(f"there is no text to clean ({'; '.join(problems) or 'no files were named'}); run notebook 1 or 2 first, or name your own files")
    return found


def _hidden(file, folder):
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def rows(file, column=None, problems=None):
    """Yield the rows of a file as dicts: text, title, url, licence, source, source_id, permission, and damage where the text is broken.

    `column`: the name of the column of texts, or a dict from names of files to it; a file without that column gives its own column of texts.
    """
    problems = [] if problems is None else problems
    if isinstance(column, dict):
        column = column.get(file.name, column.get(str(file)))
    before = len(problems)
    try:
        kind = file.suffix.lower()
        if kind == ".txt":
            found = _text_file(file, problems)
        elif kind in (".json", ".jsonl"):
            found = _named(_json_lines(file, problems) if kind == ".jsonl" else _json_file(file, problems), column, file, problems)
        else:
            found = _csv_rows(file, problems, column)
        empty = True
        for row in found:
            empty = False
            yield row
        if empty and len(problems) == before:
            problems.append(f"{file}: {EMPTY}")
    except NeedsFixing as error:
        problems.append(str(error))


def text_column(names, column, place, longest=None):
    """The name of the column that holds the texts; raises NeedsFixing when that is not clear. `longest()` names the column to advise."""
    if column in names and column:
        return column
    small = {name.strip().lower(): name for name in names}
    for name in TEXT_NAMES:
        if name in small:
            return small[name]
    if column:
        raise NeedsFixing(f"{place} has no column {column!r}; it has {', '.join(names)}")
    if len(names) == 1:
        return names[0]
    advice = (longest and longest()) or (names or ["?"])[0]
    raise NeedsFixing(f"{place} has no column 'text', only {', '.join(names) or 'none'}; say which one holds the texts, as in column={advice!r}")


def longest_column(rows):
    """The name of the column whose cells hold the most letters in a few rows; that will be the texts."""
    sizes = Counter()
    for row in islice(rows, 50):
        for name, value in row.items():
            sizes[name] += len(value) if isinstance(value, str) else 0
    return max(sizes, key=sizes.get, default=None)


def _other_column(column, name):
    return f"no column {column!r} here, so its column {name!r} was taken"


def plain_row(row, column, source, damage=""):
    """One row in the words of this stage; rows of notebooks 1 and 2 are known by their columns."""
    value = {name: _text(row.get(name)) for name in ("id", "title", "headline", "url", "licence", "license", "licence_url", "source", "source_id", "permission")}
    if "pageid" in row:
        source = "wikipedia"
    elif "headline" in row:
        source = "bbc"
    return {
        "text": _text(row.get(column)), "title": value["title"] or value["headline"], "url": value["url"], "licence": _licence(value),
        "source": value["source"] or source, "source_id": value["source_id"] or value["id"], "permission": value["permission"],
        "damage": damage,
    }


def _licence(value):
    """The licence with its address: a wiki may state its name in any language, the address is the same everywhere."""
    name, address = value["licence"] or value["license"], value["licence_url"]
    return f"{name} ({address})".strip() if address and address not in name else name


def _text(value):
    if isinstance(value, str):
        return value
    if value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value):
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else str(value)


def _damaged(line):
    """The first byte of a text that is not UTF-8, in words, or ''."""
    bad = SURROGATES.search(line)
    return f"byte {ord(bad[0]) - 0xDC00:#x} is not UTF-8" if bad and 0xDC80 <= ord(bad[0]) <= 0xDCFF else ""


# ---------------------------------------------------------------- CSV

def _csv_rows(file, problems, column=None):
    def tell(sentence):
        problems.append(f"{file} {sentence}")

    def text_place(names):
        if len(set(names)) < len(names):
            tell("line 1: two columns have the same name; the last one counts")
        name = text_column(names, column, file, lambda: longest_column(_cells(file)))
        if column and name != column:
            tell(f"line 1: {_other_column(column, name)}")
        chosen.append(name)
        return len(names) - 1 - names[::-1].index(name)

    chosen = []
    for number, names, cells, damage in _csvrows.rows(store.lines(file), tell, text_place):
        if bad := next(filter(None, map(_damaged, cells)), ""):
            tell(f"line {number}: {bad}; open the file where it was made and save it as 'CSV UTF-8'")
            damage = "not UTF-8"
        yield plain_row(dict(zip(names, cells, strict=False)), chosen[0] if chosen else names[0], file.stem, damage)


def _cells(file):
    """The rows of a CSV file as dicts, whatever its columns."""
    for _, names, cells, _ in _csvrows.rows(store.lines(file), lambda sentence: None, lambda names: 0):
        yield dict(zip(names, cells, strict=False))


# ---------------------------------------------------------------- JSON and text

def _json_lines(file, problems):
    for number, line in enumerate(store.lines(file), 1):
        if not line.strip():
            continue
        try:
            row = store.from_json(line)
        except ValueError as error:
            problems.append(f"{file} line {number}: not JSON ({_why(error)}); this line is left out, the rest is kept")
            continue
        yield from _objects([row], f"{file} line {number}", problems, _damaged(line))


def _json_file(file, problems):
    try:
        content = store.from_json("".join(store.lines(file)))
    except ValueError as error:
        problems.append(f"{file} line {getattr(error, 'lineno', 1)}: not JSON ({_why(error)}); mend it, or save it as JSON lines")
        return
    yield from _objects(_rows_inside(content), file, problems)


def _rows_inside(content, depth=3):
    """The list of rows of a JSON file; {"articles": [...]} and {"data": {"rows": [...]}} hold it further down."""
    if isinstance(content, list):
        return content
    if not isinstance(content, dict):
        return [content]
    if not _usual(content):
        inside = [value for value in content.values() if isinstance(value, list) and value]
        for value in [value for value in inside if isinstance(value[0], dict)] or inside[:1]:
            return value
        for value in content.values() if depth else ():
            if isinstance(value, dict) and (found := _rows_inside(value, depth - 1)) != [value]:
                return found
    return [content]


def _why(error):
    return getattr(error, "msg", str(error).partition(";")[0])


def _objects(values, place, problems, damage=""):
    for value in values:
        if isinstance(value, str):
            value = {"text": value}
        if not isinstance(value, dict):
            problems.append(f"{place}: {str(value)[:40]!r} is neither an object nor a text; it is left out")
            continue
        if damage:
            problems.append(f"{place}: {damage}; save the file as UTF-8")
        yield place, value, "not UTF-8" if damage else ""


def _named(objects, column, file, problems):
    """Rows of JSON objects; each one may call its text by another name. What has none, or no words in it, goes whole to the dropped rows."""
    last, told = column, False
    for place, value, damage in objects:
        names = list(value)
        try:
            name = last if last in value and last != column and not _usual(names) else text_column(names, column, place, lambda value=value: longest_column([value]))
        except NeedsFixing as error:
            problems.append(str(error))
            yield _without_text(value, file.stem)
            continue
        if column and name != column and not told:
            told = True
            problems.append(f"{place}: {_other_column(column, name)}")
        last = name
        content = value[name]
        if isinstance(content, list) and content and all(isinstance(part, str) for part in content):
            value = {**value, name: "\n\n".join(content)}
        elif isinstance(content, (list, dict)):
            problems.append(f"{place}: {name!r} holds no text but {'a list' if isinstance(content, list) else 'an object'}; it goes whole to the dropped rows")
            yield _without_text(value, file.stem)
            continue
        yield plain_row(value, name, file.stem, damage)


def _usual(names):
    return any(name.strip().lower() in TEXT_NAMES for name in names)


def _without_text(value, source):
    return plain_row({"text": json.dumps(value, ensure_ascii=False)}, "text", source, "no text")


def _text_file(file, problems):
    """A text file is one text; a very long one gives several, each of whole paragraphs."""
    held, size, part, first_bad = [], 0, 1, 0
    for number, line in enumerate(store.lines(file), 1):
        if not first_bad and _damaged(line):
            first_bad = number
            problems.append(f"{file} line {number}: {_damaged(line)}; save the file as UTF-8")
        held.append(line)
        size += len(line)
        if size > TXT_PIECE and not line.strip():
            yield _of_text_file(file, held, part, first_bad)
            held, size, part, first_bad = [], 0, part + 1, 0
    if any(map(str.strip, held)):
        yield _of_text_file(file, held, part, first_bad)


def _of_text_file(file, held, part, first_bad):
    identity = file.name if part == 1 else f"{file.name} {part}"
    return plain_row({"text": "".join(held), "title": file.stem, "source_id": identity}, "text", file.stem, "not UTF-8" if first_bad else "")
