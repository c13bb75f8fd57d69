"""Where each stage's file lives, and the only code that opens data files.

Every file is UTF-8. A table is written whole or not at all; a slow job keeps each row as it comes.

    >>> import os, tempfile
    >>> os.environ["GI_DATA"] = tempfile.mkdtemp()
    >>> answers = path("yo", "4_qa.csv")
    >>> texts = write([{"id": "a", "text": "Ẹ káàárọ̀"}, {"id": "b", "text": "Ó dàbọ̀"}], path("yo", "3_clean.csv"))
    >>> table = collect(({"id": i, "answer": "Bẹ́ẹ̀ ni"} for i in missing(read(texts), answers)["id"]), answers)
    >>> len(missing(read(texts), answers))      # run again: nothing is left to do, and nothing is paid twice
    0
"""
import contextlib
import csv
import errno
import hashlib
import json
import os
import re
import time
from pathlib import Path

from .errors import REAL_KEY, NeedsFixing

HOUSE = Path(__file__).resolve().parent.parent
csv.field_size_limit(2**31 - 1)  # the default cuts off at 131,072 characters; a long article has more
# NUL cuts a text short in pandas 2.2; a lone CR splits a row on Python 3.11 and 3.12; a lone surrogate cannot be written.
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
MARK = "PRACTICE.txt"
MOST_COLUMNS = 1000  # a table of more is none; its empty cells would fill the memory
FORMULA = re.compile(r"'*[=+\-@\t\r]")


# ---------------------------------------------------------------- places

def data_folder():
    """The folder of the team's own work: $GI_DATA, or `data` in the house."""
    return Path(os.environ.get("GI_DATA") or HOUSE / "data").expanduser()


def shipped(*parts):
    """A file that came with the project, such as shipped("practice", "yo", "articles.json")."""
    return HOUSE.joinpath("data", *parts)


def practice_languages():
    """The codes of the languages that have practice texts."""
    return sorted(place.parent.name for place in shipped("practice").glob("*/articles.json"))


def path(language, name):
    """The path of a stage's file, such as path("yo", "3_clean.csv"); its folder is made.

    A rehearsal and real work never share a folder: see `folder`.
    """
    place = folder(language) / name
    with plain_errors(place):
        place.parent.mkdir(parents=True, exist_ok=True)
    return place


def folder(language, mode=None, data=None):
    """The folder of a language, data/<code>, in the mode and the data folder in force (or in these). One that holds a rehearsal says so in PRACTICE.txt.

    Going live moves such a folder aside to data/<code>-practice; rehearsing beside real work happens there, too.
    """
    data = Path(data or data_folder())
    base, aside = data / language, data / f"{language}-practice"
    rehearsal = (base / MARK).exists()
    if (mode or settings()["mode"]) == "live":
        if rehearsal:
            number = next(n for n in range(1, 1000) if not aside.with_name(aside.name + (f"-{n}" if n > 1 else "")).exists())
            with plain_errors(base):
                base.rename(aside.with_name(aside.name + (f"-{number}" if number > 1 else "")))
        return base
    if not rehearsal and any(base.glob("[0-9]*_*")):  # a team's own work is there
        base = aside
    if not (base / MARK).exists():
        write_text("Everything in this folder is a rehearsal (practice mode), not a real result.\n", base / MARK)
    return base


def short_hash(*parts):
    """12 hexadecimal characters that stay the same for the same parts: the id of a row."""
    joined = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def sha256(file):
    """The SHA-256 of a file, as 64 hexadecimal characters; the file is read in pieces of 1 MiB."""
    total = hashlib.sha256()
    with plain_errors(file), open(file, "rb") as stream:
        while piece := stream.read(2**20):
            total.update(piece)
    return total.hexdigest()


# ---------------------------------------------------------------- settings

def settings():
    """The remembered choices (language, mode, contact ...); an environment variable such as GI_LANGUAGE wins."""
    file = data_folder() / "settings.json"
    chosen = {"language": "yo", "mode": "practice"}
    if file.exists():
        chosen.update(read_json(file, dict))
    for name in ("language", "mode", "contact", "model"):
        if os.environ.get(f"GI_{name.upper()}"):
            chosen[name] = os.environ[f"GI_{name.upper()}"]
        if not isinstance(chosen.get(name, ""), str):
            raise NeedsFixing(f"the {name} in {file} is {chosen[name]!r:.60}, which is no text; mend it, or delete the file to start afresh")
    if chosen["mode"] not in ("practice", "live"):
        raise NeedsFixing(f"the mode is {chosen['mode']!r}; choose practice or live (GI_MODE, or notebook 0_start)")
    return chosen


def remember(**values):
    """Keep choices for the other notebooks, in settings.json; keys and tokens are refused."""
    for name, value in values.items():
        if re.search("key|token|secret|password", name) or REAL_KEY.search(str(value)):
            raise NeedsFixing(f"{name} is not kept in a file; set it in the environment or in Colab's secrets instead")
    file = data_folder() / "settings.json"
    with lock(file):
        kept = read_json(file, dict) if file.exists() else {}
        write_json({**kept, **values}, file)


# ---------------------------------------------------------------- reading

def read(file):
    """A .csv or .jsonl file as a DataFrame of strings; 'NA' and '007' stay as they are. Rows of an unfinished job are there too.

    Raises NeedsFixing when the file is missing, is not UTF-8, or is damaged.
    """
    import pandas as pd

    file = Path(file)
    left = list(_left_over(file))
    if not file.exists() and left:
        return _frame(left)
    table = _frame(read_jsonl(file), file) if file.suffix == ".jsonl" else _read_csv(file)
    if left and "id" in table:
        new = _frame(left)
        table = pd.concat([table, new[~new["id"].isin(table["id"])]], ignore_index=True).fillna("")
    return table


def _frame(rows, file="the table"):
    import pandas as pd

    cells, names = [], {}
    for row in rows:
        names.update(dict.fromkeys(row))
        _few(len(names), file)
        cells.append({name: _cell(value) for name, value in row.items()})
    return pd.DataFrame(cells, columns=list(names)).fillna("")


def _few(columns, file):
    if columns > MOST_COLUMNS:
        raise NeedsFixing(f"{file} has more than {MOST_COLUMNS:,} columns, so it is no table; look at it in a text editor, and save it anew where it was made")


def _read_csv(file):
    import pandas as pd

    def load(**more):
        return pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig", **more).fillna("")

    with plain_errors(file):
        with open(file, encoding="utf-8", errors="replace", newline="") as stream:
            head = _first(csv.reader(stream))
        _few(sum(1 + cell.count(";") + cell.count("\t") for cell in head), file)
        # A spreadsheet set to a European language parts columns by semicolons, one that saves "text" by tabs.
        mark = "\t" if any("\t" in name for name in head) else ";" if len(head) == 1 and ";" in head[0] else ","
        try:
            table = load(sep=mark)
        except UnicodeDecodeError as error:
            raise NeedsFixing(f"{file} is not UTF-8; open it in the spreadsheet and save it as 'CSV UTF-8'") from error
        except pd.errors.EmptyDataError:
            return pd.DataFrame()
        except pd.errors.ParserError as error:
            raise NeedsFixing(f"{file} is damaged ({_one_line(error)}); open that line in a text editor and mend it") from error
    return table


def _first(rows):
    try:
        return next(rows, [])
    except csv.Error:  # pandas says more of it
        return []


def read_rows(file):
    """The rows of a CSV file as dicts of strings, one at a time and without pandas: for long files and quick starts."""
    with plain_errors(file), open(file, encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, restval="")
        try:
            _few(len(reader.fieldnames or ()), file)
            for row in reader:
                row.pop(None, None)
                yield row
        except (UnicodeDecodeError, csv.Error) as error:
            raise NeedsFixing(f"{file} cannot be read near line {reader.line_num + 1} ({_one_line(error)}); save it as 'CSV UTF-8'") from error


def read_jsonl(file):
    """The rows of a JSON-lines file as dicts, one at a time; a last line that was cut off is left out.

    Raises NeedsFixing with the line number for a damaged line elsewhere.
    """
    with plain_errors(file), open(file, "rb") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                row = from_json(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            except ValueError as error:
                if not line.endswith(b"\n"):
                    return
                raise NeedsFixing(f"line {number} of {file} is not JSON in UTF-8 ({_one_line(error)}); mend or delete that line") from error
            if not isinstance(row, dict):
                raise NeedsFixing(f"line {number} of {file} is not an object in braces; mend or delete that line")
            yield row


def lines(file):
    """The lines of a text file, one at a time, each with its line end, for files of any size and state.

    UTF-8, or UTF-16 where the file says so. A byte that is not UTF-8 becomes a lone surrogate, so that the reader can say where it stands.
    """
    with plain_errors(file):
        with open(file, "rb") as stream:
            start = stream.read(65536)
        encoding = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        old_mac = encoding == "utf-8-sig" and b"\r" in start and b"\n" not in start
        with open(file, encoding=encoding, errors="surrogateescape", newline="\r" if old_mac else "\n") as stream:
            yield from stream


def read_text(file):
    """A text file; raises NeedsFixing when it is missing or not UTF-8."""
    try:
        return read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NeedsFixing(f"{file} is not UTF-8; save it as UTF-8 in a text editor") from error


def read_bytes(file):
    """A file as bytes; raises NeedsFixing when it is missing."""
    with plain_errors(file):
        return Path(file).read_bytes()


def pieces(file, size=2**20):
    """A file as pieces of `size` bytes, one at a time: for files larger than memory."""
    with plain_errors(file), open(file, "rb") as stream:
        while piece := stream.read(size):
            yield piece


def read_json(file, kind=object):
    """A JSON file; raises NeedsFixing when it is missing, damaged, or not of this kind, such as dict."""
    try:
        found = from_json(read_text(file))
    except ValueError as error:
        raise NeedsFixing(f"{file} is not JSON ({_one_line(error)}); mend it, or delete it to start afresh") from error
    if not isinstance(found, kind):
        raise NeedsFixing(f"{file} holds no {'object in braces' if kind is dict else 'list in brackets'}; mend it, or delete it to start afresh")
    return found


def from_json(text):
    """What a JSON text says; ValueError for every text that cannot be read, those nested too deeply, too."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


# ---------------------------------------------------------------- writing

def write(table, file):
    """Write a DataFrame or a list of dicts as CSV, whole or not at all, every field quoted; gives the path back."""
    file = Path(file)
    with _replacing(file) as stream:
        _write_csv(table, stream)
    return file


@contextlib.contextmanager
def rows_to(file, names):
    """Give a function that adds one dict to a CSV of the columns `names`; the file takes its place, whole, only when all went well."""
    file = Path(file)
    with _replacing(file) as stream:
        stream.write(_csv_line(names))
        yield lambda row: stream.write(_csv_line([_cell(row.get(name, "")) for name in names]))


def write_jsonl(rows, file):
    """Write dicts as JSON lines, whole or not at all, letters not escaped; gives the path back."""
    file = Path(file)
    with _replacing(file) as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    return file


def write_text(text, file):
    """Write a text file, whole or not at all; gives the path back."""
    return write_bytes(text.encode("utf-8", "replace"), file)


def write_json(value, file):
    """Write a JSON file, whole or not at all; gives the path back."""
    return write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", file)


def write_lines(rows, file):
    """Write lines, given as bytes without their line end, whole or not at all; for long files that must stay as they are. Gives the path back."""
    file = Path(file)
    with _replacing(file, binary=True) as stream:
        for row in rows:
            stream.write(row + b"\n")
    return file


def write_bytes(content, file):
    """Write bytes, whole or not at all; gives the path back."""
    file = Path(file)
    with _replacing(file, binary=True) as stream:
        stream.write(content)
    return file


def scratch(folder=None):
    """A binary file for what a run has to put aside, in `folder`, without a buffer; it goes when it is closed, and with the process."""
    import tempfile

    if folder is not None:
        with plain_errors(folder):
            Path(folder).mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=folder, buffering=0, prefix=".scratch")


def write_pickles(things, file):
    """Write Python objects, whole or not at all, for `read_pickles` of the same run; gives the path back."""
    import pickle

    file = Path(file)
    with _replacing(file, binary=True) as stream:
        for thing in things:
            pickle.dump(thing, stream, pickle.HIGHEST_PROTOCOL)
    return file


def read_pickles(file):
    """The objects of `write_pickles`, one at a time. Only for files that this run wrote: a pickle of others can do anything."""
    import pickle

    with plain_errors(file), open(file, "rb") as stream:
        while stream.peek(1):
            yield pickle.load(stream)


def write_parquet(rows, file, batch=2_000):
    """Write dicts as a Parquet file, `batch` rows at a time, whole or not at all; gives the path back, or None where pyarrow is not installed.

    All rows have the columns, and the kinds of values, of the first batch.
    """
    import importlib.util
    import itertools

    if importlib.util.find_spec("pyarrow") is None:
        return None
    import pyarrow as pa
    import pyarrow.parquet as pq

    file, rows, writer = Path(file), iter(rows), None
    with _replacing(file, binary=True) as stream:
        while piece := list(itertools.islice(rows, batch)):
            table = pa.Table.from_pylist(piece, schema=writer.schema if writer else None)
            writer = writer or pq.ParquetWriter(stream, table.schema)
            writer.write_table(table)
        if writer:
            writer.close()
    return file


def parquet_rows(file):
    """How many rows a Parquet file holds, or None where pyarrow is not installed."""
    try:
        import pyarrow.parquet as pq
    except ImportError:
        return None
    with plain_errors(file):
        return pq.read_metadata(file).num_rows


def for_people(table, file):
    """A CSV for a spreadsheet: a mark at the start so that tone marks show, and no cell that would run as a formula."""
    escaped = [{name: "'" + cell if FORMULA.match(cell) else cell for name, cell in row.items()} for row in _cells(table)]
    file = Path(file)
    with _replacing(file) as stream:
        stream.write("\ufeff")
        _write_csv(escaped, stream, _names(table))
    return file


def from_people(file):
    """Read a table that `for_people` wrote and people edited; what it put before formulas is taken off again."""
    table = read(file)
    for name in table.columns:
        table[name] = [cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell for cell in table[name]]
    return table


def _names(table):
    if hasattr(table, "columns"):
        return list(table.columns)
    return list(dict.fromkeys(name for row in table for name in row))


def _cells(table):
    rows = table.to_dict("records") if hasattr(table, "columns") else table
    return ({name: _cell(value) for name, value in row.items()} for row in rows)


def _cell(value):
    """A value as the text of a CSV cell."""
    if isinstance(value, str):
        if value.isprintable():
            return value
        text = value
    elif value is None or value != value:  # NaN is the only value that differs from itself
        return ""
    elif isinstance(value, (list, dict, tuple)):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = str(value)
    if UNSAFE.search(text):
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = re.sub("[\ud800-\udfff]", "\ufffd", text)
        text = UNSAFE.sub("", text)
    return text


def _write_csv(table, stream, names=None):
    names = names or _names(table)
    stream.write(_csv_line(names))
    for row in table.to_dict("records") if hasattr(table, "columns") else table:
        stream.write(_csv_line([_cell(row.get(name, "")) for name in names]))


def _csv_line(cells):
    """What csv.writer makes of texts with QUOTE_ALL, three times as quickly."""
    return '"' + '","'.join([cell.replace('"', '""') for cell in cells]) + '"\n' if cells else "\n"


@contextlib.contextmanager
def _replacing(file, binary=False):
    """A stream to a temporary neighbour of `file` that takes its place only when all went well."""
    with plain_errors(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        with lock(file):
            beside = file.with_name(f".{file.name}.tmp")  # one fixed name: a leftover of a killed run is written over
            try:
                with open(beside, "wb" if binary else "w", **({} if binary else {"encoding": "utf-8", "newline": ""})) as stream:
                    yield stream
                    stream.flush()
                    os.fsync(stream.fileno())
                _swap(beside, file)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise


def _swap(beside, file):
    for attempt in range(10):
        try:
            return os.replace(beside, file)
        except PermissionError:  # on Windows a spreadsheet that has the file open holds it
            if os.name != "nt" or attempt == 9:
                raise
            time.sleep(0.2)


# ---------------------------------------------------------------- slow jobs

def missing(table, file, key="id"):
    """The rows of `table` whose key is not in `file` yet: what is still to do."""
    done = {row.get(key) for row in _left_over(file)}
    if Path(file).exists():
        done |= set(read(file).get(key, ()))
    return table[~table[key].isin(done)]


def collect(rows, file, key="id", total=None, label="", note=None, quiet=False):
    """Keep each row of a slow or paid job as it comes, show progress, and give the whole table back.

    `rows` is an iterator of dicts. After a stop, an error or a kill, calling it again goes on from there. A row that is in the file
    already is never written over: people may have worked on it. `note` is a function whose text is shown beside the progress bar;
    `quiet` leaves the bar out. Raises NeedsFixing when another notebook does the same job.
    """
    from tqdm.auto import tqdm

    file = Path(file)
    with lock(file, job=True):
        _merge(file, key)
        try:
            with append(_partial(file), fsync=False) as journal:
                bar = rows if quiet else tqdm(rows, total=total, desc=label or file.name, unit=" rows")
                for row in bar:
                    journal.write(row)
                    if note and not quiet:
                        bar.set_postfix_str(note(), refresh=False)
        finally:
            _merge(file, key)
    import pandas as pd

    return read(file) if file.exists() else pd.DataFrame()


def rows_so_far(file):
    """The rows of a slow job, of its CSV and of a journal that a kill left behind, as dicts and one at a time; none when it has not begun."""
    if Path(file).exists():
        yield from read_rows(file)
    yield from _left_over(file)


def _partial(file):
    return Path(file).with_name(Path(file).name + ".partial.jsonl")


def _left_over(file):
    partial = _partial(file)
    return read_jsonl(partial) if partial.exists() else ()


def _merge(file, key):
    """Put the rows of the journal into the table, one at a time, since there may be 100,000; only then is the journal deleted."""
    last, names = {}, {}  # of each key the line that counts, and all columns
    for number, row in enumerate(_left_over(file)):
        last[row.get(key)] = number
        names.update(dict.fromkeys(row))
    if last:
        with lock(file):
            kept = _read_csv(file) if file.exists() else None
            known = set(kept[key]) if kept is not None and key in kept else set()
            with _replacing(file) as stream:
                _write_csv(_merged(kept, file, key, last, known), stream, list(dict.fromkeys([*(() if kept is None else kept.columns), *names])))
    _partial(file).unlink(missing_ok=True)


def _merged(kept, file, key, last, known):
    if kept is not None:
        names = list(kept.columns)
        yield from (dict(zip(names, row, strict=True)) for row in kept.itertuples(index=False, name=None))
    yield from (row for number, row in enumerate(_left_over(file)) if last[row.get(key)] == number and row.get(key) not in known)


class append:
    """An append-only JSON-lines file: each `write(row)` puts one whole line on the disk before it returns.

    With fsync=True (paid rows) the line also survives a power cut. A last line torn by a crash is moved to `.torn` when opened.
    """

    def __init__(self, file, fsync=True):
        import threading

        self.file, self.fsync, self.turn, self.disk = Path(file), fsync, threading.Lock(), threading.Lock()
        self.written = self.safe = 0  # lines written, and lines that the disk has for certain

    def __enter__(self):
        with plain_errors(self.file):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            _move_torn_tail(self.file)
            self.stream = open(self.file, "ab", buffering=0)
        return self

    def write(self, row):
        line = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        with self.turn, plain_errors(self.file):
            before = self.stream.seek(0, os.SEEK_END)
            try:
                if self.stream.write(line) != len(line):
                    raise OSError(errno.ENOSPC, "disk full")
            except OSError:
                self.stream.truncate(before)  # half a line would spoil the next one
                raise
            self.written += 1
            mine = self.written
        if self.fsync:
            with self.disk, plain_errors(self.file):
                if self.safe < mine:  # else the fsync of another thread has taken this line along
                    reached = self.written
                    os.fsync(self.stream.fileno())
                    self.safe = reached

    def __exit__(self, *_):
        self.stream.close()


def _move_torn_tail(file):
    if not file.exists() or file.stat().st_size == 0:
        return
    with open(file, "rb+") as stream:
        stream.seek(-1, os.SEEK_END)
        if stream.read(1) == b"\n":
            return
        stream.seek(0)
        content = stream.read()
        whole = content.rfind(b"\n") + 1
        file.with_name(file.name + ".torn").write_bytes(content[whole:])
        stream.truncate(whole)


# ---------------------------------------------------------------- locks and errors

@contextlib.contextmanager
def lock(file, job=False):
    """Hold a file for one change (others wait up to 30 s), or with job=True for a whole job (a second one is refused at once)."""
    import filelock

    file = Path(file)
    with plain_errors(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        # A change may hold the same file twice (read, then write); a job may not, and another thread may end it.
        held = filelock.FileLock(file.with_name(f".{file.name}.{'job' if job else 'write'}.lock"), timeout=0 if job else 30,
                                 is_singleton=not job, thread_local=not job)
        try:
            held.acquire()
        except filelock.Timeout as error:
            raise NeedsFixing(f"{file.name} is in use by another notebook; stop that one, or wait until it has finished") from error
    try:
        yield
    finally:
        held.release()


@contextlib.contextmanager
def plain_errors(file):
    """Turn what a disk can refuse into one sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise NeedsFixing(f"{error.filename or file} is not there; run the notebook that writes it first") from error
    except IsADirectoryError as error:
        raise NeedsFixing(f"{file} is a folder; give the path of a file") from error
    except PermissionError as error:
        raise NeedsFixing(f"no permission for {error.filename or file}; close it in other programs, or set GI_DATA to a folder of your own") from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise NeedsFixing(f"the disk is full, so {file} could not be written; free some space and run the cell again") from error
        raise


def _one_line(error):
    return " ".join(str(error).split())[:160]
