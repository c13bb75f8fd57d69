"""The registry of what teams have made: one JSON file for each set, an index of them, and a page that needs no server and no build step. Part of `publish`."""
import datetime
import re

from . import _regpage, store
from .errors import NeedsFixing

KINDS = ("dataset", "eval", "scores", "model")
NEEDED = {"schema": int, "id": str, "version": str, "language": dict, "kind": str, "title": str, "description": str, "license": str, "redistributable": bool, "practice": bool, "files": list,
          "stats": dict, "scores": list, "citation": str, "homepage": str, "contact": str, "created": str}
KINDS_OF = {int: "a whole number", str: "a text", dict: "a group of fields", bool: "true or false", list: "a list"}
DATASET = {"sources": dict, "review": dict, "made_with": dict}  # what a dataset's entry has besides
NAME, VERSION, HEX = re.compile(r"[a-z0-9][a-z0-9._-]{1,95}"), re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}"), re.compile(r"[0-9a-f]{64}")

NUMBER = (int, float)
# What each field must be; a list holds things of one shape, and a field with ? may be missing or empty.
SHAPE = {"id": str, "version": str, "kind": str, "title": str, "description": str, "license": str, "created": str, "redistributable": bool, "practice?": bool, "part_of?": str,
         "homepage?": str, "language": {"iso639_3": str, "code": str, "name": str, "autonym": str}, "files": [{"path": str}], "review?": {"drafted": int, "decided": int},
         "scores?": [{"model": str, "eval": str, "metric": str, "value?": NUMBER, "n?": int, "ci?": [NUMBER]}], "stats?": {"rows?": (int, dict), "evaluation_items?": int},
         "evaluation?": {"items?": int, "read?": int, "license?": str}}


def entries(registry):
    """All entries of a registry folder, by language, name and version. Raises NeedsFixing for a file that is no entry."""
    found = []
    for file in _entry_files(registry):
        entry = store.read_json(file, dict)
        wrong = _unshaped(entry) or [*_file_faults(entry["files"]), *_score_faults(entry.get("scores") or [])]
        if wrong:
            raise NeedsFixing(f"{file}: {wrong[0]}")
        found.append(entry)
    return sorted(found, key=lambda entry: (entry["language"]["iso639_3"], entry["id"], entry["version"]))


def _entry_files(registry):
    return sorted(store.Path(registry).glob("*/*.json"))


def index(registry):
    """What index.json holds: the entries without their lists of files."""
    return [_short(registry, entry) for entry in entries(registry)]


def _short(registry, entry):
    folder = f"{entry['language']['iso639_3']}/{entry['id']}-{entry['version']}"
    if entry.get("part_of"):  # an evaluation set lies in the folder of its dataset
        folder = f"{entry['language']['iso639_3']}/{entry['part_of']}"
    there = {"folder": folder} if (store.Path(registry) / folder / "README.md").exists() else {}
    return {**{name: value for name, value in entry.items() if name != "files"}, "bytes": sum(file["bytes"] for file in entry["files"]), **there}


def rebuild(registry):
    """Write index.json and index.html anew from the entries; gives the number of entries."""
    registry = store.Path(registry)
    listed = index(registry)
    store.write_json(listed, registry / "index.json")
    store.write_text(_regpage.page(listed), registry / "index.html")
    return len(listed)


def faults(entry, languages, licences):
    """What is wrong with an entry, as sentences. `languages` is {ISO 639-3 code: codes of Wikipedia}, `licences` those that it may name."""
    if not isinstance(entry, dict):
        return ["the entry is no group of fields; build the folder again"]
    needed = {**NEEDED, **(DATASET if entry.get("kind") == "dataset" else {})}
    wrong = [f"the entry has no {name}; build the folder again" for name in needed if name not in entry]
    wrong += [f"{name} is {entry[name]!r}, which is not {KINDS_OF[kind]}; build the folder again" for name, kind in needed.items() if name in entry and type(entry[name]) is not kind]
    wrong = wrong or _unshaped(entry)
    if wrong:
        return wrong
    if entry["schema"] != 1:
        wrong.append(f"the schema {entry['schema']!r} is not known; it must be 1")
    wrong += name_faults(entry)
    if entry["kind"] not in KINDS:
        wrong.append(f"the kind {entry['kind']!r} is not known; choose one of {', '.join(KINDS)}")
    if entry["license"] not in licences:
        wrong.append(f"the licence {entry['license']!r} is not known; choose one of {', '.join(licences)}")
    if entry["language"].get("iso639_3") not in languages:
        wrong.append(f"the language {entry['language']!r} has no ISO 639-3 code of the language table; mend it")
    elif entry["language"].get("code") not in languages[entry["language"]["iso639_3"]] or not all(isinstance(entry["language"].get(name), str) for name in ("name", "autonym")):
        wrong.append(f"the language {entry['language']!r} has another code, name or autonym than the language table; mend it")
    if entry.get("part_of") and not re.fullmatch(rf"{NAME.pattern}-{VERSION.pattern}", str(entry["part_of"])):
        wrong.append(f"part_of {entry['part_of']!r} is not the name and version of a set; build the folder again")
    if entry.get("practice") and entry["redistributable"]:
        wrong.append("a rehearsal cannot be redistributable; build the folder again")
    if not entry["files"] and entry["kind"] != "scores":
        wrong.append("the entry names no file; build the folder again")
    return wrong + _file_faults(entry["files"]) + list(_score_faults(entry["scores"])) + list(_count_faults(entry))


def name_faults(entry):
    """What is wrong with the id, version, title, date and address of an entry."""
    if not NAME.fullmatch(str(entry["id"])):
        yield f"the name {entry['id']!r} has other characters than a-z, 0-9, -, _ and .; choose another name"
    if not VERSION.fullmatch(str(entry["version"])):
        yield f"the version {entry['version']!r} is not three numbers such as 1.0.0; mend it"
    if not str(entry["title"]).strip():
        yield "the title is empty; give the set a title"
    if not _date(entry["created"]):
        yield f"the date {entry['created']!r} is not a day up to today, written as 2026-01-31; mend it"
    if entry["homepage"] and not re.match(r"https?://[^\s]+$", str(entry["homepage"])):
        yield f"the homepage {entry['homepage']!r} is not an address that begins with https://; mend it"


def _date(text):
    """Is it a day, written as 2026-01-31, and not later than tomorrow (it is tomorrow already somewhere)?"""
    try:
        return len(str(text)) == 10 and datetime.date.fromisoformat(text) <= datetime.date.today() + datetime.timedelta(days=1)
    except (TypeError, ValueError):
        return False


def _count_faults(entry):
    rows = entry["stats"].get("rows") or {}
    counts = [*(rows.values() if isinstance(rows, dict) else [rows]), entry["stats"].get("evaluation_items") or 0, entry["stats"].get("tokens") or 0]
    if not all(type(count) is int and count >= 0 for count in counts):
        yield f"the counts in stats are {entry['stats']}, which cannot be; build the folder again"
    review = entry.get("review") or {}
    numbers = [review.get(name, 0) for name in ("drafted", "decided", "edited")]
    if not all(type(number) is int and number >= 0 for number in numbers) or max(numbers[1:]) > numbers[0]:
        yield f"the review says {review}, which cannot be; build the folder again"


def _unshaped(entry):
    """What is missing in an entry, or of another kind than it must be; only when there is nothing, the rest can be looked at."""
    wrong = [f"the entry has no {name}; build the folder again" for name in NEEDED if name not in entry]
    wrong = wrong or list(_misfits(entry, SHAPE, ""))
    rows = (entry.get("stats") or {}).get("rows") if not wrong else None
    if isinstance(rows, dict) and not all(isinstance(value, int) for value in rows.values()):
        wrong.append("stats.rows has something that is no number; build the folder again")
    return wrong


def _misfits(value, shape, place):
    if isinstance(shape, dict) and isinstance(value, dict):
        for name, inside in shape.items():
            given = value.get(name.removesuffix("?"))
            if given or not name.endswith("?"):
                yield from _misfits(given, inside, f"{place}.{name.removesuffix('?')}".lstrip("."))
    elif isinstance(shape, list) and isinstance(value, list):
        for one in value:
            yield from _misfits(one, shape[0], place)
    elif isinstance(shape, (dict, list)) or not isinstance(value, shape):
        yield f"{place} is {value!r:.60}, which it cannot be; build the folder again"


def _file_faults(files):
    wrong = []
    if not all(isinstance(file, dict) and isinstance(file.get("path"), str) for file in files):
        return ["a file of the entry has no path; build the folder again"]
    for file in files:
        if store.Path(file["path"]).is_absolute() or ".." in store.Path(file["path"]).parts:
            wrong.append(f"the path {file['path']} leads out of the folder; build the folder again")
        if not HEX.fullmatch(str(file.get("sha256", ""))):
            wrong.append(f"{file['path']} has no SHA-256; build the folder again")
        if not isinstance(file.get("bytes"), int) or file["bytes"] < 0 or not isinstance(rows := file.get("rows", 0), (int, type(None))) or (rows or 0) < 0:
            wrong.append(f"{file['path']} has no good number of bytes or rows; build the folder again")
    names = [file["path"] for file in files]
    return wrong + [f"{name} is stated twice; build the folder again" for name in sorted(set(names)) if names.count(name) > 1]


def _score_faults(scores):
    for one in scores:
        if not all(isinstance(one.get(name), str) for name in ("model", "eval", "metric")) or not isinstance(one.get("n"), int):
            yield f"the score {one!r} has no model, eval, metric or number of questions; build the folder again"
            continue
        low, high = one["ci"] if len(one.get("ci") or ()) == 2 else (None, None)
        if not all(isinstance(value, (int, float)) for value in (one.get("value"), low, high)) or not 0 <= low <= one["value"] <= high <= 1 or one["n"] < 1:
            yield f"the score of {one.get('model')} is {one.get('value')} between {low} and {high} of {one.get('n')} questions, which cannot be; build the folder again"


def registry_faults(registry, languages, licences, check_files):
    """What is wrong with a registry folder: each entry, the files beside it when they are there, the index and the page."""
    registry, wrong = store.Path(registry), []
    for file in _entry_files(registry):
        name = file.relative_to(registry).as_posix()
        try:
            entry = store.read_json(file, dict)
        except NeedsFixing as error:
            wrong.append(str(error))
            continue
        found = faults(entry, languages, sorted(licences(entry) if isinstance(entry, dict) else ()))
        if not found and name != f"{entry['language']['iso639_3']}/{entry['id']}-{entry['version']}.json":
            found = [f"it must be called {entry['language']['iso639_3']}/{entry['id']}-{entry['version']}.json; rename it"]
        beside = file.with_suffix("")
        if not found and beside.is_dir():
            found = check_files(beside, entry)
        wrong += [f"{name}: {one}" for one in found]
    return wrong or _stale(registry)


def _stale(registry):
    listed = index(registry)
    wrong = []
    if not (registry / "index.json").exists() or store.read_json(registry / "index.json") != listed:
        wrong.append("index.json does not say what the entries say; run publish.rebuild on the registry")
    if not (registry / "index.html").exists() or store.read_text(registry / "index.html") != _regpage.page(listed):
        wrong.append("index.html does not show what the entries say; run publish.rebuild on the registry")
    return wrong
