"""Notebook 8: evaluation questions in the team's language, each with its right and wrong answers.

    items = truthfulqa.questions(sample=100)                        # TruthfulQA when live, the project's own set in practice
    print(truthfulqa.about(items))                                  # what so many questions can show
    rows = truthfulqa.translate(items, "yo", model="gpt-6-luna", journal="data/yo/8_llm.jsonl", budget_usd=1)
    table = store.collect(rows, "data/yo/8_truthfulqa.csv")         # one row a sentence

    >>> import os; os.environ["GI_MODE"] = "practice"
    >>> items = questions(sample=8, seed=1)
    >>> len(items), len(questions(sample=8, seed=1).merge(items, on="item"))
    (8, 8)
    >>> long_form(items)["kind"].value_counts()[["question", "best", "best_incorrect"]].tolist()
    [8, 8, 8]
"""
import json
import random
import unicodedata
import warnings

from . import _questionsets, _signals, _translating, llm, lora, store, tokens, web
from ._firstreading import CULTURES, checked, decide, decide_item
from ._outcome import Outcome
from ._questionsets import whole
from ._replies import fold_signs
from ._secondreading import agreement, read_again, to_read_again
from ._statistics import detectable
from ._translating import CHECKED, VERSION, messages
from .errors import NeedsFixing
from .languages import find

__all__ = ["CHECKED", "CULTURES", "about", "adopt", "agreement", "back_translate", "checked", "decide", "decide_item", "estimate", "flags", "left_out", "long_form", "promise", "questions",
           "read_again", "to_read_again", "translate", "worst_first"]
URL = "https://raw.githubusercontent.com/sylinrl/TruthfulQA/main/TruthfulQA.csv"
SHA256 = "b8d8ef1e12f98b4f2a9f47abc9765da0640b182b6c5d9b92f0c1a1f2f1e02e5c"  # of January 2025: 790 questions
COLUMNS = ["item", "kind", "n", "category", "source", "target", "back", "flags", "culture", "status", "reviewer", "id", "chrf", "model",
           "prompt_version", "reference", "reason"]
# ---------------------------------------------------------------- the questions

def questions(path=None, sample=None, seed=0, *, columns=None):
    """An evaluation set as a DataFrame: item, category, question, best, best_incorrect, correct, incorrect (tuples), source, type.

    `path` is a TruthfulQA file (790 or 817 rows), its Hugging Face or Uhura form, or any table with `columns` saying which is which,
    such as {"question": "Ibeere", "best": "Right", "incorrect": ["Wrong 1", "Wrong 2"]}. Without a path: the corrected 790 rows (live) or
    the project's own set (practice). `sample` takes that many, in proportion from every category, the same for the same `seed`.
    What cannot be used (doubled, no wrong answer) is in `left_out(items)`. Raises NeedsFixing when nothing is left.
    """
    import pandas as pd

    if path is not None:
        rows = _questionsets.shaped(_questionsets.load(path), columns, path)
    elif store.settings()["mode"] == "practice":
        rows = _practice()
    else:
        rows = _questionsets.shaped(_download())
    kept, out, seen = [], [], set()
    for row in rows:
        reason = _fault(row, seen)
        (out if reason else kept).append({**row, "reason": reason})
        if not reason:  # a faulty row takes no place from a good one
            seen.add(fold_signs(row["question"]))
    if not kept:
        raise NeedsFixing(f"none of the {len(rows)} questions{f' of {path}' if path else ''} can be used ({out[0]['reason']}); choose another file, or name its columns")
    for row in kept:
        row["item"] = store.short_hash(row["question"], row["best"], row["best_incorrect"])
    table = pd.DataFrame(_sampled(kept, sample, seed))[["item", "category", "question", "best", "best_incorrect", "correct", "incorrect", "source", "type"]]
    table.attrs["left_out"] = [{"question": row["question"], "reason": row["reason"]} for row in out]
    return table


def _practice():
    code = find(store.settings()["language"]).code
    file = store.shipped("practice", code, "questions.json")
    if not file.exists():
        raise NeedsFixing(f"there are no practice questions in {find(code).name} ({code}); choose yo, ha, ig or pcm, or give the path of a question set")
    return [{**row["en"], "correct": tuple(row["en"]["correct"]), "incorrect": tuple(row["en"]["incorrect"]), "category": row["category"],
             "source": row["source"], "type": "practice"} for row in store.read_json(file)["questions"]]


def _download():
    """The corrected TruthfulQA; it is fetched once, and never part of the project. A page that is no question set is not kept."""
    file = store.data_folder() / "TruthfulQA.csv"
    if file.exists():
        return _questionsets.load(file)
    fresh = file.with_name("TruthfulQA.fetched.csv")
    store.write_bytes(web.Session(web.contact()).get(URL).content, fresh)
    rows = _questionsets.load(fresh) if b"Question" in store.read_bytes(fresh)[:2000] else []
    if len(rows) < 700:
        fresh.unlink()
        raise NeedsFixing(f"what came from {URL} is not TruthfulQA ({len(rows)} questions); look at this address in a browser, or give the path of a file that you have")
    if store.sha256(fresh) != SHA256:
        warnings.warn(f"TruthfulQA has changed since this project was written ({len(rows)} questions now); it is used as it is, so say in a report when you fetched it", stacklevel=3)
    fresh.replace(file)
    return rows


def _fault(row, seen):
    if not row["question"]:
        return "no question"
    if fold_signs(row["question"]) in seen:
        return "the same question is there already"
    if not row["best"] or not row["best_incorrect"]:
        return "only one option: a right and a wrong answer are needed"
    if fold_signs(row["best"]) == fold_signs(row["best_incorrect"]):
        return "the right and the wrong answer are the same"
    return ""


def _sampled(rows, sample, seed):
    """`sample` rows, each category by its share (largest remainder), in the order of the file."""
    if sample is None or sample == "all":
        return rows
    if isinstance(sample, bool) or not isinstance(sample, int) or sample < 1:
        raise NeedsFixing(f"a sample of {sample!r} questions cannot be drawn; give a number such as 100, or None for all")
    if sample >= len(rows):
        return rows
    groups = {}
    for number, row in enumerate(rows):
        groups.setdefault(row["category"], []).append(number)
    fair = {name: sample * len(numbers) / len(rows) for name, numbers in groups.items()}
    quota = {name: int(share) for name, share in fair.items()}
    rest = sorted(groups, key=lambda name: (quota[name] - fair[name], store.short_hash(seed, name)))
    for name in rest[:sample - sum(quota.values())]:
        quota[name] += 1
    chosen = []
    for name, numbers in groups.items():
        random.Random(f"{seed}:{name}").shuffle(numbers)  # so that a larger sample mostly keeps the smaller one
        chosen += numbers[:quota[name]]
    return [rows[number] for number in sorted(chosen)]


def left_out(items):
    """The questions that `questions` could not use, with the reason, as a DataFrame."""
    import pandas as pd

    return pd.DataFrame(items.attrs.get("left_out", []), columns=["question", "reason"])


def about(items):
    """A sentence or two before any money is spent: how many questions, and what difference they can show."""
    out = len(items.attrs.get("left_out", []))
    words = f"{len(items):,} questions in {items['category'].nunique():,} categories" + (f"; {out:,} could not be used (see left_out)" if out else "") + "."
    return f"{words} {promise(len(items))}"


def promise(n, differ=0.25):
    """What `n` questions can show, in a sentence; `differ` is the share of questions on which two models are expected to differ."""
    low, high = detectable(n, differ), detectable(n, 0.45)
    if low is None or high is None:
        return f"With {n:,} questions only a huge difference could be told from chance; take more."
    return (f"With {n:,} questions you can see a gain of about {100 * low:.0f} to {100 * high:.0f} points (in four cases of five); "
            f"a smaller one may be missed.")


# ---------------------------------------------------------------- the long form

def long_form(items, target="", status="generated", reviewer=""):
    """Items as rows of 8_truthfulqa.csv, one a sentence. `target` may be "source" for sets that are in the language already."""
    import pandas as pd

    rows = [row for item in items.to_dict("records") for row in _translating.sentences(item)]
    for row in rows:
        row.update(target=row["source"] if target == "source" else "", status=status, reviewer=reviewer)
        if target == "source":
            row["source"] = ""
    return pd.DataFrame(rows, columns=COLUMNS).fillna("")


def adopt(items, reviewer):
    """A set that people have published in the language (such as Uhura's), as rows of 8_truthfulqa.csv: read as it is, counted as checked.

    `reviewer` says by whom, such as "Uhura 2412.00948". Doubled options and the like are still flagged.
    """
    if not str(reviewer).strip():
        raise NeedsFixing("who translated this set? Give reviewer='...', because the report says which share of the questions people have checked")
    table = long_form(items, target="source", status="accepted", reviewer=reviewer)
    return flags(table)


# ---------------------------------------------------------------- translating

def translate(items, language=None, *, model, journal=None, budget_usd=None, concurrency=8, examples=None, report=None, watch=None, stop=None):
    """Translate items, each with all its answers in one request; yields rows of 8_truthfulqa.csv (dicts with an `id`) for store.collect.

    Stopped and called again, it asks nothing twice (`journal`). `examples` is a table of rows that people have approved: two of its items
    are shown to the model. A wrong number of answers is asked for again. Items that got no translation are missing from the rows; the
    next call asks for these only; `watch` and `stop` are those of `llm.run`. Why stands in `report["why"]` (a dict that you give), else it is a warning; NeedsFixing when none came.
    """
    code, model = find(language or store.settings()["language"]).code, lora.here(model)
    by_key = {item["item"]: item for item in items.to_dict("records")}
    shown = _translating.examples_text(examples, code)
    requests = ({"key": key, "messages": messages(item, code, shown), "response_format": _translating.FORMAT} for key, item in by_key.items())

    def accept(key, content):
        return _translating.miscounted(_translating.parts(by_key[key]), llm.parse_json(content))

    outcome = Outcome("questions have no translation", len(by_key), report)
    for key, result in llm.run(requests, model=model, journal=journal, concurrency=concurrency, budget_usd=budget_usd, accept=accept, watch=watch, stop=stop):
        outcome.add(result)
        if result["ok"]:
            yield from _translated(by_key[key], llm.parse_json(result["content"]), code, str(model))
    outcome.say()


def _translated(item, got, code, model):
    rows = list(_translating.sentences(item))
    for row in rows:
        found = got[row["kind"]]
        text = found[int(row["n"]) - 1] if isinstance(found, list) else found
        row.update(target=" ".join(unicodedata.normalize("NFC", text).split()), model=model, prompt_version=VERSION)
    found = _signals.of_item(rows, code)
    for row in rows:
        row["flags"] = "; ".join(found[row["id"]])
        row["status"] = _signals.status(found[row["id"]])
    return rows


def estimate(items, language=None, *, model):
    """What translating will cost, before anything is sent: a one-row DataFrame of questions, requests, tokens in and out, usd (<NA> unknown)."""
    import pandas as pd

    code = find(language or store.settings()["language"]).code
    asked = sum(tokens.count(message["content"], model) for item in items.to_dict("records") for message in messages(item, code))
    english = sum(tokens.count(json.dumps(_translating.parts(item)), model) for item in items.to_dict("records"))
    answered = round(english * 2)  # measured on the practice questions with o200k: Yoruba takes 1.8 times as many, Hausa and Igbo 1.3, Pidgin as many
    usd = llm.dollars(model, asked, answered)
    return pd.DataFrame([{"questions": len(items), "requests": len(items), "tokens_in": asked, "tokens_out": answered,
                          "usd": pd.NA if usd is None else round(usd, 4), "counted": tokens.how(model)}])


def back_translate(table, language=None, *, model, journal=None, budget_usd=None, concurrency=8, kinds=("question", "best", "best_incorrect")):
    """The table with `back` (English again, by another model than the translator) and `chrf` (0 to 100, how near it is to the source).

    A low chrF is a reason to read, not an error. All `kinds` of sentences are needed to ask a model in this English (translate-test).
    """
    code, model = find(language or store.settings()["language"]).code, lora.here(model)
    if str(model) in set(table.get("model", ())) - {""} and store.settings()["mode"] == "live":
        raise NeedsFixing(f"{str(model)!r} made this translation, so it would repeat its own mistakes; choose another model for the way back")
    table = table.copy()
    todo = table[table["kind"].isin(kinds) & (table["target"] != "")]
    requests = (_translating.back_request(row, code) for row in todo.to_dict("records"))
    found, why = {}, ""
    for key, result in llm.run(requests, model=model, journal=journal, concurrency=concurrency, budget_usd=budget_usd):
        if result["ok"]:
            found[key] = str((llm.parse_json(result["content"]) or {}).get("text", ""))
        else:
            why = result["error"]
    table["back"] = [found.get(key, back) for key, back in zip(table["id"], table["back"], strict=True)]
    table["chrf"] = [f"{_signals.chrf(back, source):.1f}" if back and source else "" for back, source in zip(table["back"], table["source"], strict=True)]
    table.attrs["problem"] = f"{len(todo) - len(found)} of {len(todo)} sentences have no way back yet ({why}); run the cell again" if len(found) < len(todo) else ""
    return table


# ---------------------------------------------------------------- looking at it

def flags(table, language=None):
    """The table with fresh `flags` for every row, judged with its item and with the whole file; status follows only where no person decided.

    Errors, after which an item cannot be scored, begin with "error:". Signs that a speaker should look are words such as "copy", "length".
    """
    table = whole(table)
    found, extra = {}, _signals.of_file(table, language or store.settings()["language"])
    for _, rows in table.groupby("item", sort=False):
        found.update(_signals.of_item(rows.to_dict("records"), language or store.settings()["language"]))
    table["flags"] = ["; ".join([*found[key], *extra.get(key, [])]) for key in table["id"]]
    open_rows = table["status"].isin(["", "generated", "needs_review", "auto_fail"])
    table["status"] = [_signals.status(words.split("; ") if words else []) if free else status
                       for words, free, status in zip(table["flags"], open_rows, table["status"], strict=True)]
    return table


def worst_first(table):
    """The table in the order in which a speaker should read it: items with errors, then with more flags, then with a lower chrF."""
    import pandas as pd

    count = table["flags"].map(lambda words: len(words.split("; ")) + 10 * words.count("error:") if words else 0)
    near = pd.to_numeric(table["chrf"], errors="coerce") if "chrf" in table else pd.Series(index=table.index, dtype=float)
    keyed = table.assign(_flags=count.groupby(table["item"]).transform("sum"), _chrf=near.groupby(table["item"]).transform("min").fillna(100))
    return keyed.sort_values(["_flags", "_chrf"], ascending=[False, True], kind="stable").drop(columns=["_flags", "_chrf"])
