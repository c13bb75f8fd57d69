"""Rows out of CSV files of any state: a broken quote costs as little as possible, and no text is cut in silence.

    >>> lines, problems = ['id,text\\n', '1,15" wide\\n', '2,"ilé\\n', '3,"oko\\n', 'wa"\\n', '4,mo wá, mo lọ\\n'], []
    >>> [(cells, damage) for _, _, cells, damage in rows(lines, problems.append, lambda names: 1)]
    [(['1', '15" wide'], ''), (['2', 'ilé'], 'open quote'), (['3', 'oko\\nwa'], ''), (['4', 'mo wá, mo lọ'], '')]
    >>> len(problems)
    2

The strict reader of the package csv says where a row ends and which quote stands where none can. What it refuses is held back until a line begins
a row that looks like those before.
"""
import csv
import re
from collections import deque

LONGEST = 5_000_000   # characters of one row; beyond it a quote was left open
LIKE = 20             # sound rows that a doubtful one is compared with
PATIENT = 200         # lines of one broken row; then any row with the right number of cells ends it
SENTENCE = 5          # words of a header in one column, from which on it is the first text
NO_MARK = "\x1f"      # parts the cells of a table of one column: no comma there parts anything
NUMBER, ADDRESS = re.compile(r"\d+"), re.compile("https?://")


def rows(lines, tell, text_place):
    """Yield (line number, names, cells, damage) for each row behind the header; damage is '' or why the row, then whole in its text, is to be dropped.

    `tell(sentence)` takes what was wrong, `text_place(names)` gives the place of the column of texts.
    """
    feed = _Feed(lines)
    names, mark = _header(feed, tell)
    if not names:
        return
    if mark == NO_MARK and len(names[0].split()) >= SENTENCE:
        tell("line 1: the first line is a text and no name of a column, so it is kept as one; write 'text' above it")
        yield 1, ["text"], names, ""
        names = ["text"]
    place = text_place(names)
    for number, raw, cells in _records(feed, mark, len(names), tell):
        if cells is None:
            cells, damage = _broken(raw, mark, len(names), place), "open quote"
        elif len(cells) == len(names):
            damage = ""
        elif not cells:
            continue
        else:
            cells, damage = _fitted(number, raw, cells, mark, len(names), place, tell)
        yield number, names, cells, damage


def _header(feed, tell):
    """The names of the columns, and the mark between them."""
    mark = ""
    while (line := next(feed.plain(), None)) is not None:
        if not line.strip():
            continue
        if told := re.fullmatch("sep=(.)\n?", line):  # a line that Excel understands
            mark = told[1]
            continue
        mark = mark or max(",;\t|", key=line.count)
        if mark not in line:
            mark = NO_MARK
        names = next(csv.reader(_again(line, feed), delimiter=mark), [])
        return [name.strip() for name in names], mark
    return [], mark


def _again(line, feed):
    yield line
    yield from feed.plain()


class _Feed:
    """The lines of a file for the csv reader, which can be put back."""

    def __init__(self, lines):
        self.source, self.waiting, self.taken, self.size = enumerate(lines, 1), deque(), [], 0

    def plain(self):
        """Yield lines as the csv reader takes them; `taken` has them as they are, with their numbers."""
        while self.size < LONGEST:
            item = self.waiting.popleft() if self.waiting else next(self.source, None)
            if item is None:
                return
            self.taken.append(item)
            self.size += len(item[1])
            yield _plain(item[1])

    def begin(self):
        self.taken, self.size = [], 0

    def put_back(self):
        """All that was taken but the first line; gives that one."""
        self.waiting.extendleft(reversed(self.taken[1:]))
        return self.taken[0]


def _plain(line):
    # A carriage return inside a record would end it on Python 3.11 and 3.12; a vertical tab is a line end to `repair`, too.
    if "\r" in line:
        if line.endswith("\r"):  # an old Mac's file
            line = line[:-1] + "\n"
        line = line.replace("\r\n", "\n").replace("\r", "\x0b")
    return line.replace("\x00", "") if "\x00" in line else line


def _records(feed, mark, width, tell):
    """Yield (line number, lines as they are, cells); cells is None for a broken row, which ends where a sound one begins."""
    like, held, reader = deque(maxlen=LIKE), [], csv.reader(feed.plain(), delimiter=mark, strict=True)
    while True:
        feed.begin()
        try:
            cells = next(reader, None)
        except csv.Error:
            alone, (number, line) = len(feed.taken) == 1, feed.put_back()
            cells = _loose(_plain(line), mark, width) if alone and not held else None
            reader = csv.reader(feed.plain(), delimiter=mark, strict=True)
            if cells:
                tell(f"line {number}: a quotation mark stands inside a quoted cell and is kept; write it twice there")
                yield number, line, cells
            else:
                held.append((number, line))
            continue
        if cells is None:
            break
        if held and not _alike(cells, feed.taken[0][1], like if len(held) < PATIENT else (), width):
            held.append(feed.put_back())
            continue
        if held:
            yield _told(held, tell)
            held = []
        raw = feed.taken[0][1] if len(feed.taken) == 1 else "".join(line for _, line in feed.taken)
        if len(cells) == width:
            like.append((raw[0], cells))
        yield feed.taken[0][0], raw, cells
    if held:
        yield _told(held, tell)


def _told(held, tell):
    first, last = held[0][0], held[-1][0]
    lines = f"lines {first} to {last} go" if last > first else "this line goes"
    tell(f"line {first}: a quote is opened and never closed, or stands where none can; {lines} whole to the dropped rows, the rest is kept")
    return first, "".join(line for _, line in held), None


def _alike(cells, line, like, width):
    """Whether a row behind a broken one is one of its own, and no line out of a text: it is like the sound rows before in all that they share."""
    if len(cells) != width or not line.strip():
        return False
    if like and all(start == '"' for start, _ in like) and not line.startswith('"'):
        return False
    for place, cell in enumerate(cells):
        others = [row[place] for _, row in like]
        if place and cell.startswith(" ") and not any(other.startswith(" ") for other in others):
            return False  # a comma with a space behind it parts words, not cells
        for kind in (NUMBER.fullmatch, ADDRESS.match):
            if others and all(map(kind, others)) and not kind(cell):
                return False
    return True


def _loose(line, mark, width):
    """The cells of a line with quotes inside quoted cells: only one before a mark or the end closes; None when that gives another number of cells."""
    end = f"(?={re.escape(mark)}|$)"
    cells, line = [], line.rstrip("\n")
    cell, place = re.compile(f'"((?:[^"]|""|"(?!{re.escape(mark)}|$))*)"{end}|([^{re.escape(mark)}]*){end}'), 0
    while found := cell.match(line, place):
        quoted, bare = found.groups()
        if bare and bare[0] == '"' and bare.count('"') % 2:
            return None
        cells.append(quoted.replace('""', '"') if quoted is not None else bare)
        if found.end() == len(line):
            break
        place = found.end() + 1
    return cells if len(cells) == width else None


def _broken(raw, mark, width, place):
    """The cells of a broken row: as they can be read where they are as many as the names, else all of it as the text."""
    try:
        (cells,) = csv.reader([_plain(raw).rstrip("\n")], delimiter=mark)
    except (csv.Error, ValueError):
        cells = []
    return cells if len(cells) == width else _whole(raw, width, place)


def _whole(raw, width, place):
    cells = [""] * width
    cells[place] = _plain(raw).rstrip("\n")
    return cells


def _fitted(number, raw, cells, mark, width, place, tell):
    """(cells, damage) of a row with too many or too few cells: whatever is in it stays in one piece."""
    told = f"line {number}: {len(cells)} cells instead of {width}"
    if len(cells) < width:
        tell(told)
        return (cells, "") if len(cells) > place else (_whole(raw, width, place), "cells missing")
    if not any(cells[width:]):  # a spreadsheet's empty columns
        return cells[:width], ""
    joined = cells[:1]
    for cell in cells[1:]:
        if cell.startswith(" "):  # a comma of a sentence
            joined[-1] += mark + cell
        else:
            joined.append(cell)
    if len(joined) != width and place == width - 1:
        joined = [*cells[:place], mark.join(cells[place:])]
    if len(joined) == width and '"' not in raw:
        tell(f"{told}; a '{mark}' inside a text was taken for one; put quotation marks around such texts")
        return joined, ""
    tell(f"{told}; the line goes whole to the dropped rows; put quotation marks around texts with a '{mark}' in them")
    return _whole(raw, width, place), "surplus cells"
