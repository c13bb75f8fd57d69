"""Notebook 10: a dataset that others can use, with a card that says honestly how it was made.

    result = build("data/yo", "data/yo/10_publish", language="yo", name="yor-instructions", title="Yoruba instructions", contact="team@example.org")
    validate("data/yo/10_publish")     # [] when every file is there with the count and the check sum that are stated
"""
import collections
import json
import re
import time

from . import _croissant, _registry, bbc_scrape, csv_to_jsonl, languages, store
from .errors import NeedsFixing

# The licences that a card may name, with their addresses; text of Wikipedia stays under CC BY-SA.
LICENCES = {"cc-by-sa-4.0": "https://creativecommons.org/licenses/by-sa/4.0/", "cc-by-4.0": "https://creativecommons.org/licenses/by/4.0/",
            "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/"}
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"), (float("inf"), "10M<n<100M"))
SECRET = re.compile(r"\b(sk-[A-Za-z0-9_-]{16,}|hf_[A-Za-z0-9]{16,}|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{20,})|-----BEGIN [A-Z ]*PRIVATE KEY-----")
PRIVATE = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|(?<![\w/])\+?\d[\d ()-]{8,}\d(?!\w)")
CANARY = "This file is for evaluation. Please do not train on it. GlobalInstruct canary 6f2f6a5e-6a3c-4b54-9d29-0d9d5c0f7a11"


# ---------------------------------------------------------------- choosing rows

def choose(qa):
    """(rows that may be published, {reason: count} of those that stay out), from the rows of 4_qa.csv."""
    reasons = [_stays_out(row) for row in qa.fillna("").to_dict("records")]
    kept = qa[[reason == "" for reason in reasons]].reset_index(drop=True)
    return kept, dict(collections.Counter(reason for reason in reasons if reason))


def _stays_out(row):
    text = "\n".join(str(row.get(name, "")) for name in ("question", "answer"))
    if row.get("status") not in csv_to_jsonl.GO_ON:
        return f"not accepted by people ({row.get('status') or 'no status'})"
    if SECRET.search(text):
        return "holds a key or another secret"
    if PRIVATE.search(text):
        return "holds an e-mail address or a telephone number"
    if "bbc" in str(row.get("source", "")).lower() and not bbc_scrape.publishable(row.get("permission", "")):
        return "news text without permission to publish"
    return ""


# ---------------------------------------------------------------- building

def build(source, out, *, language, name, title, contact="", version="1.0.0", licence=None, credit=""):
    """Write the dataset of a language into the folder `out`; gives {"files", "left_out", "licence", "rows"}.

    `source` is the folder of the stages' files. The licence follows the sources: CC BY-SA 4.0 as soon as text of Wikipedia is in it.
    Raises NeedsFixing when no row may be published, or the licence is not one of `LICENCES`.
    """
    source, out, found = store.Path(source), store.Path(out), languages.find(language)
    qa = store.read(source / "4_qa.csv")
    kept, left_out = choose(qa)
    if kept.empty:
        raise NeedsFixing(f"none of the {len(qa):,} rows may be published; review rows in notebook 4b_review first")
    licence = licence or _licence(kept)
    if licence not in LICENCES:
        raise NeedsFixing(f"the licence {licence!r} is not known; choose one of {', '.join(LICENCES)}")
    manifest = store.read_json(source / "5_manifest.json") if (source / "5_manifest.json").exists() else {"system": None, "seed": 0, "share": 0.1}
    sides = dict(zip(("train", "validation"), csv_to_jsonl.split(kept, manifest["share"], manifest["seed"]), strict=True))
    for side, rows in sides.items():
        csv_to_jsonl.write(csv_to_jsonl.convert(rows, manifest["system"]) if len(rows) else [], out / f"{side}.jsonl")
    evaluation = _evaluation(source, out)
    store.write_text(f"{title} is published under {licence}.\n{LICENCES[licence]}\n", out / "LICENSE")
    store.write_text(attribution(kept), out / "ATTRIBUTION.md")
    facts = _facts(qa, kept, found, name, title, version, licence, contact, credit, left_out, {side: len(rows) for side, rows in sides.items()}, evaluation, source)
    store.write_text(card(facts), out / "README.md")
    about = entry(facts, out)
    store.write_json(_croissant.croissant(about, LICENCES[licence]), out / "croissant.json")
    store.write_json(about, out / "registry.json")
    return {"files": [{"file": str(file.relative_to(out)), "bytes": file.stat().st_size} for file in _files(out)], "left_out": left_out, "licence": licence,
            "rows": facts["rows"]}


def _licence(kept):
    texts = " ".join(kept.get("licence", [])).lower()
    return "cc0-1.0" if texts and all("cc0" in text.lower() for text in kept["licence"]) else "cc-by-sa-4.0"


def _evaluation(source, out):
    """Write the translated evaluation set; gives the number of its items."""
    file = source / "8_truthfulqa.csv"
    if not file.exists():
        return 0
    table = store.read(file)
    store.write_jsonl(({**row, "canary": CANARY} for row in table.to_dict("records")), out / "eval" / "truthfulqa.jsonl")
    return table["item"].nunique()


def attribution(kept):
    """The sources of the rows as markdown: each page once, with its address and licence."""
    pages = {}
    for row in kept.fillna("").to_dict("records"):
        if row.get("url"):
            pages.setdefault(row["url"], (row.get("title", ""), row.get("licence", "")))
    lines = [f"- [{title or url}]({url}), {licence or 'licence not stated'}" for url, (title, licence) in sorted(pages.items())]
    return "# Sources\n\nThe texts were shortened, cut and turned into questions and answers.\n\n" + "\n".join(lines) + "\n"


def _files(out):
    return sorted(file for file in out.rglob("*") if file.is_file() and not file.name.startswith(".") and file.name not in ("registry.json", "croissant.json"))


def _facts(qa, kept, found, name, title, version, licence, contact, credit, left_out, rows, evaluation, source):
    edited = int((kept["status"] == "edited").sum())
    return {"id": name, "title": title, "version": version, "language": {"code": found.code, "iso639_3": found.iso639_3, "name": found.name, "autonym": found.autonym},
            "licence": licence, "contact": contact, "credit": credit, "left_out": left_out, "rows": rows, "evaluation": evaluation, "drafted": len(qa),
            "decided": int(qa["status"].isin([*csv_to_jsonl.GO_ON, "rejected"]).sum()), "edited": edited,
            "sources": dict(collections.Counter(kept.get("source", []))), "methods": dict(collections.Counter(kept.get("method", []))),
            "models": sorted(set(kept.get("model", [])) - {""}), "practice": store.settings()["mode"] == "practice" or (source / store.MARK).exists()}


# ---------------------------------------------------------------- the card

def card(facts):
    """The dataset card as markdown with the front matter that the Hugging Face Hub reads. Raises NeedsFixing when a field is not allowed."""
    total = sum(facts["rows"].values())
    head = {"language": [facts["language"]["iso639_3"] if len(facts["language"]["code"]) > 3 else facts["language"]["code"]], "license": facts["licence"],
            "pretty_name": facts["title"], "size_categories": [next(name for limit, name in SIZES if total < limit)],
            "task_categories": ["question-answering", "text-generation"], "annotations_creators": ["expert-generated", "machine-generated"],
            "language_creators": ["found", "machine-generated"], "multilinguality": ["monolingual"], "source_datasets": ["original"],
            "tags": ["instruction-tuning", *(["practice"] if facts["practice"] else [])],
            "configs": [{"config_name": "default", "data_files": [{"split": side, "path": f"{side}.jsonl"} for side, rows in facts["rows"].items() if rows]}]}
    return "---\n" + _yaml(head) + "---\n\n" + _words(facts)


def _yaml(value, indent=0):
    """Plain YAML: every string is quoted, because an unquoted `no` would be read as false."""
    pad, lines = " " * indent, []
    for name, one in value.items():
        if isinstance(one, list):
            lines.append(f"{pad}{name}:\n")
            for item in one:
                if isinstance(item, dict):
                    block = _yaml(item, indent + 4)
                    lines.append(f"{pad}  - {block.lstrip()}")
                else:
                    lines.append(f"{pad}  - {json.dumps(item, ensure_ascii=False)}\n")
        else:
            lines.append(f"{pad}{name}: {json.dumps(one, ensure_ascii=False)}\n")
    return "".join(lines)


def _words(facts):
    language, total = facts["language"], sum(facts["rows"].values())
    parts = [f"# {facts['title']}"]
    if facts["practice"]:
        parts.append("**PRACTICE: this is a rehearsal, made from practice texts by a practice model. It is not a real dataset; do not publish it and do not train on it.**")
    parts += [
        f"{total:,} questions with answers in {language['name']} ({language['autonym']}, ISO 639-3 `{language['iso639_3']}`): "
        + ", ".join(f"{rows:,} for {side}" for side, rows in facts["rows"].items()) + ".",
        "## How it was made\n\nTexts were collected (" + _list(facts["sources"]) + "), cleaned and cut. Questions and answers were drafted from them (" + _list(facts["methods"])
        + (f"; models: {', '.join(facts['models'])}" if facts["models"] else "") + "), and people decided about each row.",
        f"## How it was checked\n\nOf {facts['drafted']:,} drafted rows people decided {facts['decided']:,}. "
        + ("A pretend reader took the part of people, because this is a rehearsal. " if facts["practice"] else "")
        + f"All {total:,} rows published here were accepted or corrected; {facts['edited']:,} of them were corrected ({100 * facts['edited'] / max(1, total):.0f} %).",
        "## What stayed out\n\n" + ("\n".join(f"- {count:,} rows: {reason}" for reason, count in sorted(facts["left_out"].items())) or "Nothing."),
        f"## Licence\n\n{facts['licence']}, {LICENCES[facts['licence']]}. The sources are named in ATTRIBUTION.md.",
        "## Limits\n\nThe rows know what the collected texts know, with their gaps and mistakes. Few readers have looked at each row.",
    ]
    if facts["evaluation"]:
        parts.insert(-1, f"## Evaluation set\n\n`eval/truthfulqa.jsonl` holds {facts['evaluation']:,} translated questions. Please do not train on it.")
    if facts["credit"]:
        parts.append(f"## Thanks\n\n{facts['credit']}")
    return "\n\n".join(parts) + "\n"


def _list(counted):
    return ", ".join(f"{name or 'unnamed'} {count:,}" for name, count in sorted(counted.items(), key=lambda pair: -pair[1]))


# ---------------------------------------------------------------- registry and checks

def entry(facts, out):
    """The registry entry of a dataset: what it is, its files with SHA-256, bytes and rows, and how it was reviewed."""
    files = [{"path": str(file.relative_to(out)).replace("\\", "/"), "sha256": store.sha256(file), "bytes": file.stat().st_size, **_rows_of(file)} for file in _files(out)]
    return {"schema": 1, "id": facts["id"], "version": facts["version"], "language": facts["language"], "kind": "dataset", "title": facts["title"],
            "description": f"Questions and answers in {facts['language']['name']}, drafted from texts and decided by people.", "license": facts["licence"],
            "redistributable": not facts["practice"], "practice": facts["practice"], "sources": facts["sources"], "files": files,
            "stats": {"rows": facts["rows"], "evaluation_items": facts["evaluation"]},
            "review": {"drafted": facts["drafted"], "decided": facts["decided"], "edited": facts["edited"]}, "made_with": {"models": facts["models"], "methods": facts["methods"]},
            "scores": [], "citation": "", "contact": facts["contact"], "created": time.strftime("%Y-%m-%d", time.gmtime())}


def _rows_of(file):
    """How many rows a file holds, and their columns (None and [] when it is no file of rows)."""
    if file.suffix != ".jsonl":
        return {"rows": None, "columns": []}
    count, first = 0, {}
    for row in store.read_jsonl(file):
        first = first or row
        count += 1
    return {"rows": count, "columns": list(first)}


def validate(folder):
    """What is wrong with a published folder, as a list of sentences; [] when all is well."""
    folder = store.Path(folder)
    about = store.read_json(folder / "registry.json")
    wrong = _registry.faults(about, {row["iso639_3"] for row in store.read_rows(store.shipped("languages.csv"))})
    if wrong:
        return wrong
    if about.get("license") not in LICENCES:
        wrong.append(f"the licence {about.get('license')!r} is not known; choose one of {', '.join(LICENCES)}")
    for file in about["files"]:
        place = folder / file["path"]
        if not place.exists():
            wrong.append(f"{file['path']} is stated but not there; build the folder again")
        elif store.sha256(place) != file["sha256"]:
            wrong.append(f"{file['path']} was changed after it was registered; build the folder again")
        elif file["rows"] is not None and sum(1 for _ in store.read_jsonl(place)) != file["rows"]:
            wrong.append(f"{file['path']} has not the {file['rows']} rows that are stated; build the folder again")
    stated = {file["path"] for file in about["files"]}
    wrong += [f"{name} is there but not stated; build the folder again" for name in (str(file.relative_to(folder)).replace("\\", "/") for file in _files(folder)) if name not in stated]
    return wrong


def register(folder, registry):
    """Add a published folder to the registry folder as <iso639-3>/<name>-<version>.json and rebuild its index and page; gives the path.

    Raises NeedsFixing when the folder is not valid, or when the name and version are taken by other files.
    """
    problems = validate(folder)
    if problems:
        raise NeedsFixing(problems[0])
    about = store.read_json(store.Path(folder) / "registry.json")
    place = store.Path(registry) / about["language"]["iso639_3"] / f"{about['id']}-{about['version']}.json"
    if place.exists() and store.read_json(place)["files"] != about["files"]:
        raise NeedsFixing(f"{place.name} is registered already with other files; choose another name or a higher version")
    store.write_json(about, place)
    _registry.rebuild(registry)
    return place
