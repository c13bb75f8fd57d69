"""Texts out of whatever a team brings: CSV, JSON and text files, folders of them, and the tables of notebooks 1 and 2; row by row.

What cannot be read is told with its file and line in `problems`, and the rest is kept.
"""
import json
import re
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
    """Yield the rows of a file as dicts: text, title, url, licence, source, source_id, permission, and damage where the text is broken."""
    problems = [] if problems is None else problems
    try:
        kind = file.suffix.lower()
        if kind == ".txt":
            yield from _text_file(file, problems)
            return
        reader = {".jsonl": _json_lines, ".json": _json_file}.get(kind)
        name = None
        for row in reader(file, problems) if reader else _csv_rows(file, problems, column):
            if name is None:
                name = text_column(list(row), column, file)
            yield plain_row(row, name, file.stem)
        if name is None and not any(problem.startswith(str(file)) for problem in problems):
            problems.append(f"{file}: {EMPTY}")
    except NeedsFixing as error:
        if column:
            raise
        problems.append(str(error))


def text_column(names, column, place):
    """The name of the column that holds the texts; raises NeedsFixing when that is not clear."""
    if column:
        if column in names:
            return column
        raise NeedsFixing(f"{place} has no column {column!r}; it has {', '.join(names)}")
    small = {name.strip().lower(): name for name in names}
    for name in TEXT_NAMES:
        if name in small:
            return small[name]
    if len(names) == 1:
        return names[0]
    raise NeedsFixing(f"{place} has no column 'text', only {', '.join(names) or 'none'}; say which one holds the texts, as in column={(names or ['?'])[0]!r}")


def plain_row(row, column, source):
    """One row in the words of this stage; rows of notebooks 1 and 2 are known by their columns."""
    value = {name: _text(row.get(name)) for name in ("id", "title", "headline", "url", "licence", "license", "licence_url", "source", "source_id", "permission")}
    if "pageid" in row:
        source = "wikipedia"
    elif "headline" in row:
        source = "bbc"
    return {
        "text": _text(row.get(column)), "title": value["title"] or value["headline"], "url": value["url"], "licence": _licence(value),
        "source": value["source"] or source, "source_id": value["source_id"] or value["id"], "permission": value["permission"],
        "damage": _text(row.get("damage")) if "damage" in row else "",
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
        name = text_column(names, column, file)
        return len(names) - 1 - names[::-1].index(name)

    for number, names, cells, damage in _csvrows.rows(store.lines(file), tell, text_place):
        row = dict(zip(names, cells, strict=False))
        if damage:
            row["damage"] = damage
        if bad := next(filter(None, map(_damaged, cells)), ""):
            tell(f"line {number}: {bad}; open the file where it was made and save it as 'CSV UTF-8'")
            row["damage"] = "not UTF-8"
        yield row


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
    if isinstance(content, dict):  # {"articles": [...]} holds the rows one level down
        content = next((value for value in content.values() if isinstance(value, list)), [content])
    yield from _objects(content, file, problems)


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
            value = {**value, "damage": "not UTF-8"}
        yield value


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
    if held:
        yield _of_text_file(file, held, part, first_bad)


def _of_text_file(file, held, part, first_bad):
    identity = file.name if part == 1 else f"{file.name} {part}"
    return plain_row({"text": "".join(held), "title": file.stem, "source_id": identity, **({"damage": "not UTF-8"} if first_bad else {})}, "text", file.stem)
