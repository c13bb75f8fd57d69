"""Registry entries: what a dataset, its evaluation set or a model is, with every file's SHA-256, bytes and rows. Part of `publish`."""
from . import store


def entry(facts, out):
    """The registry entry of a dataset: what it is, its files with SHA-256, bytes and rows, and how it was reviewed. `evaluation` tells of the set in eval/."""
    return {**common(facts, out), "kind": "dataset", "description": f"Questions and answers in {facts['language']['name']}, drafted from texts and decided by people.",
            "sources": facts["sources"], "stats": {"rows": facts["rows"], "tokens": facts["tokens"]}, "evaluation": facts["evaluation"],
            "review": {"drafted": facts["drafted"], "decided": facts["decided"], "edited": facts["edited"]},
            "made_with": {"models": facts["models"], "methods": {name: method["rows"] for name, method in facts["methods"].items()}}}


def evaluation(about):
    """The entry of the evaluation set that lies in eval/ of a published dataset, from the entry of the dataset; None where there is no such set."""
    told = about.get("evaluation") or {}
    if about["kind"] != "dataset" or not told.get("items"):
        return None
    kept = {name: about[name] for name in ("schema", "version", "language", "redistributable", "practice", "citation", "homepage", "contact", "created")}
    return {**kept, "id": f"{about['id']}-eval", "kind": "eval", "title": f"{about['title']}: evaluation questions", "license": told["license"],
            "description": f"Questions in {about['language']['name']} with true and false answers, to evaluate models with; never to train on.",
            "files": [file for file in about["files"] if file["path"].startswith("eval/")], "stats": {"evaluation_items": told["items"]},
            "review": {"drafted": told["items"], "decided": told["read"]}, "scores": [], "part_of": f"{about['id']}-{about['version']}"}


def model(facts, folder):
    """The registry entry of a model, with its scores."""
    return {**common(facts, folder), "kind": "model", "description": f"A model tuned for {facts['language']['name']}.", "stats": {}, "made_with": {"base_model": facts["base_model"]}}


def common(facts, out):
    """What all entries have."""
    return {"schema": 1, "id": facts["id"], "version": facts["version"], "language": facts["language"], "kind": "", "title": facts["title"], "description": "",
            "license": facts["licence"], "redistributable": not facts["practice"], "practice": facts["practice"], "files": [stated(file, out) for file in files(out)],
            "scores": facts["scores"], "citation": "", "homepage": facts.get("homepage", ""), "contact": facts["contact"], "created": facts["created"]}


def files(out):
    """The files of a published folder, without hidden ones and without the two that describe the others."""
    hidden = (file for file in out.rglob("*") if file.is_file() and not any(part.startswith(".") for part in file.relative_to(out).parts))
    return sorted(file for file in hidden if file.relative_to(out).as_posix() not in ("registry.json", "croissant.json"))


def stated(file, out):
    """What an entry says of one file."""
    return {"path": file.relative_to(out).as_posix(), "sha256": store.sha256(file), "bytes": file.stat().st_size, **rows_of(file)}


def rows_of(file):
    """How many rows a file holds, and their columns (None and [] when it is no file of rows)."""
    if file.suffix == ".parquet":
        return {"rows": store.parquet_rows(file), "columns": []}
    if file.suffix != ".jsonl":
        return {"rows": None, "columns": []}
    first = next(store.read_jsonl(file), {})
    return {"rows": sum(piece.count(b"\n") for piece in store.pieces(file)), "columns": list(first)}
