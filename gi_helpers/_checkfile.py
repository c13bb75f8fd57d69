"""The lines of a training file as bytes, and what each line holds; for files of any size and state. Part of `check`.

    >>> row, found = parsed(b'{"messages": [], "a": 1, "a": NaN}')
    >>> row, [code for code, _, _ in found]
    ({'messages': [], 'a': nan}, ['F10', 'F09'])
"""
import json
import re
from pathlib import Path

from . import store
from ._checkcodes import excerpt

LARGEST = 512 * 10**6       # bytes; what OpenAI takes (its page says 512 MB)
LONGEST = 64 * 2**20        # bytes of one line; more is no row, and would fill the memory
MARK = b"\xef\xbb\xbf"
WIDE = (b"\xff\xfe", b"\xfe\xff")
HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # half of a character; two halves in a row are fine


def lines(file):
    """(number, line without its line feed) for each line of a file; a line over LONGEST is given as None."""
    number, rest, lost = 1, b"", False
    for piece in store.pieces(file):
        if number == 1 and not rest and piece.startswith(MARK):
            piece = piece[len(MARK):]
        parts = (rest + piece).split(b"\n")
        rest = parts.pop()
        for part in parts:
            yield number, None if lost else part
            number, lost = number + 1, False
        if len(rest) > LONGEST:
            rest, lost = b"", True
    if rest or lost:
        yield number, None if lost else rest


def first_look(file):
    """Findings about the file as a whole, [(code, severity or "", message)], and whether its lines can be read at all."""
    file = Path(file)
    if not file.is_file():
        return [("F01", "", f"{file} is {'a folder' if file.is_dir() else 'not there'}")], False
    size = file.stat().st_size
    found = [] if file.name.endswith(".jsonl") else [("F04", "", f"the file is called {file.name}")]
    if not size:
        return [("F01", "", f"{file.name} is empty"), *found], False
    if size > LARGEST:
        found.append(("F05", "", f"{file.name} has {size / 10**6:,.0f} MB; the limit is {LARGEST / 10**6:,.0f}"))
    start = next(store.pieces(file, 4))
    if start.startswith(WIDE):
        return [*found, ("F02", "", f"{file.name} is UTF-16, not UTF-8")], False
    if start.startswith(MARK):
        found.append(("F03", "", "three bytes (EF BB BF) stand before the first row"))
    return found, True


def parsed(line):
    """(row or None, findings) of one line."""
    found = []
    if line is None:
        return None, [("F06", "", f"the line is longer than {LONGEST // 2**20} MiB, so it is no row")]
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        around = excerpt(line[max(0, error.start - 20):error.start + 20].decode("utf-8", "replace"))
        return None, [("F02", "", f"byte {error.start + 1} of the line is not UTF-8: {around}")]
    if not text.strip():
        return None, [("F06", "", "the line is blank")]
    twice, wrong = [], []
    try:
        row = json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, twice), parse_constant=lambda name: _constant(name, wrong))
    except (ValueError, RecursionError) as error:
        where = getattr(error, "pos", 0)
        return None, [("F06", "", f"not JSON ({_why(error)}): {excerpt(text, where)}")]
    if twice:
        found.append(("F10", "", f"the key {twice[0]!r} stands twice"))
    if wrong:
        found.append(("F09", "", f"{wrong[0]} is no value of JSON"))
    if HALF.search(line) and _halves(row):
        found.append(("F09", "", f"half a character (a lone surrogate) in {excerpt(_halves(row).encode('utf-8', 'replace').decode())}"))
    if not isinstance(row, dict):
        return None, [*found, ("F07", "", f"the row is {_kind(row)}: {excerpt(text)}")]
    return row, found


def _object(pairs, twice):
    row = dict(pairs)
    if len(row) != len(pairs):
        names = [name for name, _ in pairs]
        twice += [name for name in row if names.count(name) > 1]
    return row


def _constant(name, wrong):
    wrong.append(name)
    return float(name)


def _why(error):
    return "too deeply nested" if isinstance(error, RecursionError) else str(error).split(":")[0].lower()


def _halves(value):
    """The first text inside a row that cannot be written as UTF-8, or ""."""
    if isinstance(value, str):
        return value if not value.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in value) else ""
    parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next(filter(None, map(_halves, parts)), "")


def _kind(value):
    return {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}.get(type(value), "a number")
