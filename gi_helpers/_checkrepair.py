"""What a machine may mend in a training file without a person: a new file is written beside it, and every change is listed. Part of `check`.

    >>> mend(" Ọjọ́\\xa0kan[3], [[Èkó|Lagos]] &amp; '''Kánò''' ")
    ('Ọjọ́ kan, Lagos & Kánò', ['L02', 'L08', 'L12'])
"""
import html
import json
import re
import unicodedata
from pathlib import Path

import regex

from . import _checkfile, store
from ._checkcodes import CODES, excerpt
from ._checkpieces import _id, whole
from ._checkrows import messages_of, text_of
from ._checktext import CONTROL, MARKUP
from ._repair import JOINERS
from .errors import NeedsFixing

UNSEEN = re.compile("[\u00ad\u180e\u2060-\u2064\u206a-\u206f\ufeff]")
BREAKS = re.compile("\r(?!\n)|[\x0b\x0c\x1c-\x1e\x85]")
LINK = regex.compile(r"\[\[(?:[^\[\]|]*\|)*([^\[\]|]*)\]\]")
TEMPLATE = regex.compile(r"\{\{[^{}]*\}\}")
BREAK = regex.compile(r"<br\s*/?>|</p>", regex.IGNORECASE)
REFERENCE = regex.compile(r"<ref\b[^<>]*>[^<]*</ref>|<ref\b[^<>]*/>", regex.IGNORECASE)
QUOTES = regex.compile(r"'{2,5}(?=\p{L})([^'\n]+)'{2,5}")
HEADING = regex.compile(r"(?m)^={2,6}\s*([^=\n]+?)\s*={2,6}\s*$")
ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});")
REST = regex.compile(r"</?\p{L}[^<>]*>|\[\p{Nd}{1,3}\]|\[(?:edit|citation needed|\.\.\.)\]|__[A-Z]{3,}__")
COLUMNS = ["line", "id", "code", "change", "before", "after"]


def repaired(path):
    """The path of the file that `repair` writes: 5_train.jsonl -> 5_train.repaired.jsonl."""
    path = Path(path)
    return path.with_name(f"{path.name.removesuffix('.jsonl')}.repaired.jsonl")


def repair(path, out=None, codes=None):
    """Write what can be mended by itself to a new file, and give the list of changes as a DataFrame: line, id, code, change, before, after.

    The new file is `repaired(path)` or `out`; the path stands in the table's attrs["file"], and the list beside it as .csv. `codes` names what is
    mended, by default all that can be (see check.codes). The file itself is never touched; lines that cannot be read go over as they are.
    Doing it again with the new file changes nothing more.
    """
    import pandas as pd

    path = Path(path)
    chosen = {code for code, one in CODES.items() if one.mends} if codes is None else set(codes)
    if wrong := sorted(code for code in chosen if code not in CODES or not CODES[code].mends):
        raise NeedsFixing(f"{wrong[0]} cannot be mended by itself; choose from {', '.join(code for code, one in CODES.items() if one.mends)}")
    out = Path(out) if out else repaired(path)
    if out.resolve() == path.resolve():
        raise NeedsFixing(f"{path.name} would be written over; give another name for the repaired file")
    found, readable = _checkfile.first_look(path)
    if not readable:
        raise NeedsFixing(f"{found[0][2]}; {CODES[found[0][0]].fix}")
    changes = [(0, "", "F03", "byte order mark taken away", "", "") for code, _, _ in found if code == "F03" and "F03" in chosen]
    rows = _mended(path, chosen, changes)
    if any(code == "F03" for code, _, _ in found) and "F03" not in chosen:
        first = next(rows, b"")
        rows = _before(_checkfile.MARK + first, rows)
    store.write_lines(rows, out)
    table = pd.DataFrame(changes, columns=COLUMNS)
    table.attrs["file"] = str(out)
    store.write(table, out.with_suffix(".csv"))
    return table


def _before(first, rows):
    yield first
    yield from rows


def _mended(path, chosen, changes):
    """The lines of the new file, as bytes; what was changed is added to `changes`."""
    seen, ends = {}, 0
    for number, line in _checkfile.lines(path):
        if line is None:
            raise NeedsFixing(f"line {number} of {path.name} is longer than {_checkfile.LONGEST // 2**20} MiB, so it is no row; delete it first")
        if line.endswith(b"\r") and "F08" in chosen:
            line, ends = line[:-1], ends + 1
        if not line.strip() and "F06" in chosen:
            changes.append((number, "", "F06", "blank line taken out", "", ""))
            continue
        row, wrong = _checkfile.parsed(line.rstrip(b"\r"))
        # Writing a row anew would lose a key that stands twice, and half a character cannot be written: a person must look first.
        if row is not None and not {code for code, _, _ in wrong} & {"F09", "F10"}:
            before = len(changes)
            _row(row, number, chosen, changes)
            if len(changes) > before:
                line = json.dumps(row, ensure_ascii=False).encode()
            messages = messages_of(row)
            if messages and "D01" in chosen:
                first = seen.setdefault(whole(messages), number)
                if first != number:
                    del changes[before:]
                    changes.append((number, _id(row, messages), "D01", f"taken out: the same as line {first}", excerpt(text_of(messages[-1])), ""))
                    continue
        yield line
    if ends:
        changes.insert(0, (0, "", "F08", f"{ends:,} lines now end in LF", "", ""))


def _row(row, number, chosen, changes):
    """Mend the messages of a row where they stand."""
    messages = messages_of(row)
    id = _id(row, messages)
    for message in messages:
        text = text_of(message)
        mended, done = mend(text, chosen)
        if mended != text:
            message["content"] = mended
            changes += [(number, id, code, CHANGE[code], *_around(text, mended)) for code in done]


CHANGE = {"L01": "letters composed (NFC)", "L02": "signs that nobody sees taken out", "L03": "control characters taken out", "L08": "mark-up taken out",
          "L12": "white space around the text taken away"}


def mend(text, chosen=frozenset(CHANGE)):
    """The mended text, and the codes of what had to be done; a text of which nothing would be left stays as it is."""
    original, done = text, []
    for _ in range(5):  # mark-up may stand inside mark-up; five rounds are enough for what people write
        before = text
        for code, step in STEPS:
            if code in chosen and (after := step(text)) != text:
                text = after
                done.append(code)
        if text == before:
            break
    return (text, sorted(set(done))) if text.strip() else (original, [])


def _seen(text):
    return JOINERS.sub("", UNSEEN.sub("", text.replace("\u00a0", " ")))


def _controlled(text):
    return CONTROL.sub("", BREAKS.sub("\n", text)) if CONTROL.search(text) else text


def _unmarked(text):
    if not MARKUP.search(text):
        return text
    text = LINK.sub(r"\1", TEMPLATE.sub("", REFERENCE.sub("", text)))
    text = HEADING.sub(r"\1", QUOTES.sub(r"\1", BREAK.sub("\n", text)))
    return ENTITY.sub(lambda entity: html.unescape(entity[0]), REST.sub("", text))


STEPS = (("L03", _controlled), ("L02", _seen), ("L08", _unmarked), ("L01", lambda text: unicodedata.normalize("NFC", text)), ("L12", str.strip))


def _around(before, after):
    """The place where two texts begin to differ, as an excerpt of each."""
    start = next((place for place, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), min(len(before), len(after)))
    return tuple(repr(text[max(0, start - 15):start + 25])[1:-1] for text in (before, after))
