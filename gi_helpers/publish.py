"""Notebook 10: a dataset that others can use, with a card that says honestly how it was made.

    result = build("data/yo", "data/yo/10_publish", language="yo", name="yor-instructions", title="Yoruba instructions", contact="team@example.org")
    validate("data/yo/10_publish")     # [] when every file is there with the count and the check sum that are stated
    register("data/yo/10_publish", "registry")
    upload("data/yo/10_publish", "our-team/yor-instructions", dry_run=False)

A model that was tuned in notebook 7 gets a card with its scores in the same way: see `model_card`.
"""
import time

from . import _cardwords, _croissant, _entries, _frontmatter, _registry, _trainconfigs, _upload, csv_to_jsonl, languages, lora, store, tokens
from ._gathering import DECIDED, Gathered, attribution, permissions_of
from .errors import NeedsFixing

# The licences that a card may name, with their addresses; text of Wikipedia stays under CC BY-SA.
LICENCES = {"cc-by-sa-4.0": "https://creativecommons.org/licenses/by-sa/4.0/", "cc-by-4.0": "https://creativecommons.org/licenses/by/4.0/",
            "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/"}
MODEL_LICENCES = ("apache-2.0", "mit", "cc-by-sa-4.0", "cc-by-4.0", "cc0-1.0", "gemma", "llama3.1", "llama3.2", "llama3.3", "other")
CANARY = "This file is for evaluation. Please do not train on it. GlobalInstruct canary 6f2f6a5e-6a3c-4b54-9d29-0d9d5c0f7a11"
EVALUATION = ("item", "kind", "n", "category", "source", "target", "back", "flags", "culture", "status")  # not who read it
MODEL = "gpt-4o-mini"  # whose tokens the card counts


# ---------------------------------------------------------------- building

def choose(qa):
    """(rows that may be published, {reason: count} of those that stay out), from the rows of 4_qa.csv."""
    found = Gathered()
    for _ in found.passing(qa.fillna("").to_dict("records")):
        pass
    return qa[[bool(keep) for keep in found.keep]].reset_index(drop=True), dict(found.left_out)


def build(source, out, *, language, name, title, contact="", version="1.0.0", licence=None, credit="", homepage="", created=None):
    """Write the dataset of a language into the folder `out`; gives {"files", "left_out", "licence", "rows"}. Rows are read one by one.

    `source` is the folder of the stages' files. The licence follows the sources: CC BY-SA 4.0 as soon as text of Wikipedia is in it. `credit` is a
    text of thanks, or {reviewer: the name to show, "" for none}; without it nobody is named. `homepage` is the address where people will find
    the set, `created` the date, today when not given.
    Raises NeedsFixing when no row may be published, or the licence is not one of `LICENCES` or not one that the sources allow.
    """
    source, out, found = store.Path(source), store.Path(out), languages.find(language)
    file, created = source / "4_qa.csv", created or _today()
    _named(name, version, title, created, homepage)
    gathered, manifest = Gathered(permissions_of(source), found.code), _manifest(source)
    aside = csv_to_jsonl.sides(gathered.passing(store.read_rows(file)), manifest["share"], manifest["seed"])
    if not aside:
        why = "; ".join(f"{count:,} {reason}" for reason, count in gathered.left_out.most_common(3))
        raise NeedsFixing(f"none of the {gathered.drafted:,} rows may be published ({why or 'there are none'}); review rows in notebook 4b_review first, or mend what it says")
    licence = _licence(licence, gathered)
    counts = _write_rows(gathered, file, aside, manifest["system"], out)
    practice = store.settings()["mode"] == "practice" or (source / store.MARK).exists() or gathered.rehearsal
    evaluation = _evaluation(source, out, practice)
    facts = {**gathered.facts(), **counts, **evaluation, "id": name, "title": title, "version": version, "language": _language(found), "licence": licence, "contact": contact,
             "homepage": homepage, "credit": _cardwords.credit(credit, gathered.readers) if credit else "", "practice": practice, "scores": _scores(source), "created": created}
    _write_words(facts, gathered.pages, out)
    about = _entries.entry(facts, out)
    store.write_json(_croissant.croissant(about, LICENCES[licence]), out / "croissant.json")
    about["files"].append(_entries.stated(out / "croissant.json", out))
    store.write_json(about, out / "registry.json")
    return {"files": [{"file": one["path"], "bytes": one["bytes"]} for one in about["files"]], "left_out": facts["left_out"], "licence": licence, "rows": facts["rows"]}


def _named(name, version, title, created, homepage):
    """Raise NeedsFixing for a name, version, title, date or address that the registry would refuse: before the work, not after it."""
    wrong = list(_registry.name_faults({"id": name, "version": version, "title": title, "created": created, "homepage": homepage}))
    if wrong:
        raise NeedsFixing(wrong[0])


def _manifest(source):
    file = source / "5_manifest.json"
    return {"system": None, "seed": 0, "share": 0.1, **(store.read_json(file, dict) if file.exists() else {})}


def _licence(wanted, gathered):
    if wanted and wanted not in LICENCES:
        raise NeedsFixing(f"the licence {wanted!r} is not known; choose one of {', '.join(LICENCES)}")
    if wanted and wanted != "cc-by-sa-4.0" and gathered.share_alike():
        raise NeedsFixing(f"the licence {wanted} does not go with texts under CC BY-SA, such as Wikipedia's; choose cc-by-sa-4.0")
    return wanted or gathered.licence()


def _write_rows(gathered, file, aside, system, out):
    """Write train and validation as JSON lines, and as Parquet where pyarrow is there; gives {"rows", "tokens", "tokenizer"}."""
    count, rows, total = tokens.counter(MODEL), {}, 0
    _clear(out)
    for side in ("train", "validation"):
        wanted, rows[side] = side == "validation", 0

        def talks():
            nonlocal total
            for row, away in zip(gathered.kept(store.read_rows(file)), aside, strict=True):
                if away == wanted:
                    rows[side] += 1
                    talk = csv_to_jsonl.conversation(row, system)
                    total += sum(count(message["content"]) for message in talk["messages"])
                    yield talk

        store.write_jsonl(talks(), out / f"{side}.jsonl")
        if rows[side]:
            store.write_parquet(store.read_jsonl(out / f"{side}.jsonl"), out / "parquet" / f"{side}.parquet")
    return {"rows": rows, "bytes": {side: (out / f"{side}.jsonl").stat().st_size for side in rows}, "tokens": total, "tokenizer": f"counted as {MODEL} does" if tokens.how(MODEL) == "exact" else "an estimate"}


def _clear(out):
    """Take away what an earlier build wrote, and nothing else."""
    file = out / "registry.json"
    for one in store.read_json(file)["files"] if file.exists() else []:
        if ".." not in store.Path(one["path"]).parts:
            (out / one["path"]).unlink(missing_ok=True)


def _evaluation(source, out, practice):
    """Write the translated evaluation set with its licence; gives {"evaluation": {"items", "read", "left_out", "license"}}.

    A question stays out when people rejected one of its sentences, sent it back, or found that it does not fit the culture.
    """
    file, read, refused, items = source / "8_truthfulqa.csv", {}, set(), set()
    for row in store.read_rows(file) if file.exists() else ():
        read[row["item"]] = read.get(row["item"], True) and row.get("status") in DECIDED
        if row.get("status") in ("rejected", "to_revise") or row.get("culture") == "drop":
            refused.add(row["item"])

    def rows():
        for row in store.read_rows(file):
            if row["item"] not in refused:
                items.add(row["item"])
                yield {**{name: row[name] for name in EVALUATION if name in row}, "canary": CANARY}

    if read.keys() - refused:
        store.write_jsonl(rows(), out / "eval" / "truthfulqa.jsonl")
        store.write_text(_cardwords.evaluation_licence(practice), out / "eval" / "LICENSE")
    return {"evaluation": {"items": len(items), "read": sum(read[item] for item in items), "left_out": len(refused), "license": "cc0-1.0" if practice else "apache-2.0"}}


def _write_words(facts, pages, out):
    licence = facts["licence"]
    store.write_text((_cardwords.REHEARSAL.format("dataset", "train on it").strip("*") + "\n\n" if facts["practice"] else "")
                     + f"{facts['title']} is published under {licence}.\n{LICENCES[licence]}\n"
                     + ("The files in eval/ have a licence of their own: eval/LICENSE.\n" if facts["evaluation"]["items"] else ""), out / "LICENSE")
    store.write_text(attribution(pages, facts["practice"]), out / "ATTRIBUTION.md")
    for path, content in _trainconfigs.configs(facts["id"], facts["rows"]["validation"]).items():
        (store.write_text if isinstance(content, str) else store.write_json)(content, out / path)
    store.write_text(card(facts), out / "README.md")


def _language(found):
    return {"code": found.code, "iso639_3": found.iso639_3, "name": found.name, "autonym": found.autonym}


def _today():
    return time.strftime("%Y-%m-%d", time.gmtime())


def _scores(source):
    """The scores of stage 9 over all questions, as the registry keeps them."""
    file = store.Path(source) / "9_scores.csv"
    rows = store.read_rows(file) if file.exists() else ()
    return [{"eval": "8_truthfulqa", "model": lora.shown(row["model"]), "metric": f"accuracy, {row['mode']}", "value": round(float(row["accuracy"]), 4), "n": int(float(row["n"])),
             "ci": [round(float(row["low"]), 4), round(float(row["high"]), 4)]} for row in rows if row["subset"] == "all" and row["accuracy"] not in ("", "nan")]


# ---------------------------------------------------------------- the card

def card(facts):
    """The dataset card as markdown with the front matter that the Hugging Face Hub reads."""
    rows = {side: count for side, count in facts["rows"].items() if count}
    head = {"language": [_tag(facts["language"])], "license": facts["licence"], "pretty_name": facts["title"], "size_categories": [_frontmatter.size(sum(rows.values()))],
            "task_categories": ["question-answering", "text-generation"], "annotations_creators": ["machine-generated", *([] if facts["practice"] else ["expert-generated"])],
            "language_creators": ["found", "machine-generated"], "multilinguality": ["monolingual"], "source_datasets": ["original"],
            "tags": ["instruction-tuning", *(["practice"] if facts["practice"] else [])],
            "configs": [{"config_name": "default", "default": True, "data_files": [{"split": side, "path": f"{side}.jsonl"} for side in rows]}],
            "dataset_info": {"config_name": "default", "splits": [{"name": side, "num_bytes": facts["bytes"][side], "num_examples": count} for side, count in rows.items()],
                             "download_size": sum(facts["bytes"].values()), "dataset_size": sum(facts["bytes"].values())}}
    return "---\n" + _frontmatter.write(head) + "---\n\n" + _cardwords.dataset(facts, LICENCES[facts["licence"]])


def _tag(language):
    """The code that the Hub knows: of two letters where there is one, else ISO 639-3. (The wiki als is not the language als.)"""
    return language["code"] if len(language["code"]) == 2 and language["code"] != "bh" else language["iso639_3"]


def model_card(source, folder=None, *, language, name, title, contact="", version="1.0.0", licence=None, created=None):
    """Write README.md and registry.json for the model of 7_model.json, with its scores of stage 9; gives the folder.

    `folder` is the adapter's folder, or `10_publish_model` for a model that a service keeps. The licence is that of the base model when it is on the menu.
    """
    source, found = store.Path(source), languages.find(language)
    made = store.read_json(source / "7_model.json", dict)
    adapter = lora.placed(made.get("fine_tuned_model") or "")
    folder = store.Path(folder) if folder else adapter if made.get("backend") == "lora" and adapter.is_dir() else source / "10_publish_model"
    known = {row["id"]: row["licence"] for row in lora.models().to_dict("records")}
    practice = bool(made.get("practice")) or (source / store.MARK).exists()
    licence = licence or known.get(made["base_model"]) or ("cc0-1.0" if practice else "other")
    if licence not in MODEL_LICENCES:
        raise NeedsFixing(f"the licence {licence!r} of the model is not known; choose one of {', '.join(MODEL_LICENCES)}")
    settings = {**(made.get("settings") or (made.get("job") or {}).get("settings") or {})}
    facts = {"id": name, "title": title, "version": version, "language": _language(found), "licence": licence, "contact": contact, "base_model": lora.shown(made["base_model"]),
             "backend": made.get("backend", ""), "practice": practice, "scores": _scores(source), "created": created or _today(),
             "training": {"finished": made.get("finished_at", ""), "system message": made.get("system") or "none", **settings,
                          **{f"SHA-256 of {file}": value for file, value in {**(made.get("data") or {}), **((made.get("job") or {}).get("data") or {})}.items()}}}
    store.write_text("---\n" + _frontmatter.write(_model_head(facts)) + "---\n\n" + _cardwords.model(facts), folder / "README.md")
    store.write_json(_entries.model(facts, folder), folder / "registry.json")
    return folder


def _model_head(facts):
    results = [{"task": {"type": "text-generation"}, "dataset": {"name": one["eval"], "type": one["eval"]}, "metrics": [{"type": "accuracy", "name": one["metric"], "value": one["value"]}]}
               for one in facts["scores"] if one["model"] != facts["base_model"]]
    base = facts["base_model"]
    named = {"license_name": "terms-of-the-base-model", "license_link": f"https://huggingface.co/{base}" if "/" in base else "https://openai.com/policies/"} if facts["licence"] == "other" else {}
    return {"language": [_tag(facts["language"])], "license": facts["licence"], **named, "base_model": base, "pipeline_tag": "text-generation",
            **({"library_name": "peft"} if facts["backend"] == "lora" else {}), "tags": ["instruction-tuning", *(["practice"] if facts["practice"] else [])],
            **({"model-index": [{"name": facts["id"], "results": results}]} if results else {})}


# ---------------------------------------------------------------- registry and checks

def validate(folder):
    """What is wrong with a published folder, or with a whole registry, as a list of sentences; [] when all is well."""
    folder = store.Path(folder)
    known = languages_known()
    if not (folder / "registry.json").exists() and (folder / "index.json").exists():
        return _registry.registry_faults(folder, known, _licences_of, check_files)
    about = store.read_json(folder / "registry.json", dict)
    wrong = _registry.faults(about, known, _licences_of(about))
    return wrong or check_files(folder, about)


def _licences_of(about):
    """The licences that an entry of this kind may name."""
    return LICENCES if about.get("kind") == "dataset" else MODEL_LICENCES


def languages_known():
    """{ISO 639-3 code: the Wikipedia codes it goes with} of the language table."""
    known = {}
    for row in store.read_rows(store.shipped("languages.csv")):
        known.setdefault(row["iso639_3"], set()).add(row["code"])
    return known


def check_files(folder, about):
    """What is wrong with the files of a published folder and with its card, given its registry entry."""
    wrong = []
    for file in about["files"]:
        place = folder / file["path"]
        if not place.is_file():
            wrong.append(f"{file['path']} is stated but not there; build the folder again")
        elif store.sha256(place) != file["sha256"]:
            wrong.append(f"{file['path']} was changed after it was registered; build the folder again")
        elif file.get("rows") is not None and file["rows"] != (found := _entries.rows_of(place)["rows"]) and found is not None:
            wrong.append(f"{file['path']} has {found} rows, not the {file['rows']} that are stated; build the folder again")
    stated = {file["path"] for file in about["files"]}
    wrong += [f"{name} is there but not stated; build the folder again" for name in (file.relative_to(folder).as_posix() for file in _entries.files(folder)) if name not in stated]
    return wrong or card_faults(folder, about)


def card_faults(folder, about):
    """What is wrong with the front matter of README.md, held against the closed lists and the files that are there."""
    try:
        head = _frontmatter.read(_frontmatter.parts(store.read_text(folder / "README.md"))[0])
    except NeedsFixing as error:
        return [str(error)]
    codes = {row["code"] for row in store.read_rows(store.shipped("languages.csv")) if len(row["code"]) == 2} - {"bh"} | set(languages_known())
    same = _frontmatter.held_against(head, _tag(about["language"]), about["license"], about["practice"])
    if about["kind"] == "model":
        return _frontmatter.model_faults(head, codes, MODEL_LICENCES, about["practice"]) + same
    return same + _frontmatter.faults(head, {file["path"]: file.get("rows") for file in about["files"]}, codes, tuple(LICENCES), about["practice"])


def register(folder, registry, replace=False):
    """Add a published folder to the registry folder as <iso639-3>/<name>-<version>.json and rebuild its index and page; gives the path.

    The evaluation set of a dataset gets an entry of its own beside it, <name>-eval-<version>.json.

    Raises NeedsFixing when the folder is not valid, or when the name and version are taken by other files; `replace=True` is for a registry of
    your own, which nobody else has seen.
    """
    problems = validate(folder)
    if problems:
        raise NeedsFixing(problems[0])
    about = store.read_json(store.Path(folder) / "registry.json")
    added = [one for one in (about, _entries.evaluation(about)) if one]
    places = [store.Path(registry) / one["language"]["iso639_3"] / f"{one['id']}-{one['version']}.json" for one in added]
    for one, place in zip(added, places, strict=True):
        if place.exists() and not replace and _content(store.read_json(place)) != _content(one):
            raise NeedsFixing(f"{place.name} is registered already with other files; choose another name or a higher version")
    for one, place in zip(added, places, strict=True):
        store.write_json(one, place)
    _registry.rebuild(registry)
    return places[0]


def _content(about):
    """The hashes of what a set consists of; the two files that carry the day of the build do not count."""
    return {file["path"]: file["sha256"] for file in about["files"] if file["path"] not in ("README.md", "croissant.json")}


def upload(folder, repo, private=True, dry_run=True):
    """Show what would go to the Hugging Face Hub as `repo` ("team/name"), a table of files and sizes; with dry_run=False send it.

    Private unless you say otherwise. What is there already is not sent again, so a broken upload goes on when called again. The token comes from
    HF_TOKEN (see `widgets.ask_key`). A practice set is never sent. Raises NeedsFixing when the folder is not valid, or the Hub refuses.
    """
    folder = store.Path(folder)
    problems = validate(folder)
    if problems:
        raise NeedsFixing(problems[0])
    about = store.read_json(folder / "registry.json", dict)
    files = [file for file in [*_entries.files(folder), folder / "croissant.json", folder / "registry.json"] if file.exists()]
    return _upload.send(folder, files, repo, about, private, dry_run)


def rebuild(registry):
    """Write index.json and index.html of a registry folder anew, after an entry came by a pull request; gives the number of entries."""
    return _registry.rebuild(registry)
