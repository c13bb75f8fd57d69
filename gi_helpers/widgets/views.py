"""What a stage has made, for people to look at."""
import json
import random
from pathlib import Path

import ipywidgets as w

from .. import charts, store
from ..errors import NeedsFixing
from .style import box, tag, text

# Each stage: the notebook, what it makes, and the file by which it is seen to be done.
STAGES = [
    ("1_wiki_scrape", "1_wiki_scrape.csv", "articles"), ("2_bbc_scrape", "2_bbc_scrape.csv", "stories"), ("3_clean", "3_clean.csv", "clean texts"),
    ("4_translate", "4_qa.csv", "drafted rows"), ("4b_review", "4_qa.csv", "rows reviewed"), ("5_csv_to_jsonl", "5_train.jsonl", "conversations"),
    ("6_check", "6_problems.csv", "problems to look at"), ("7_finetune", "7_model.json", "model"), ("8_TruthfulQA", "8_truthfulqa.csv", "sentences of questions"),
    ("9_evaluate", "9_scores.csv", "scores"), ("9b_ratings", "9b_ratings.csv", "ratings"), ("10_publish", "10_publish/README.md", "dataset card")]
WAITING = ("generated", "needs_review", "to_revise", "auto_fail", "skipped")


def look(file, columns=None, rows=5):
    """The first rows of a stage's file, and how many there are; says so when it is not there yet."""
    table = _table(file)
    if table is None:
        return None
    print(f"{Path(file).name}: {len(table):,} rows")
    return table[[name for name in columns or table.columns if name in table]].head(rows)


def sample(file):
    """One row of a table of texts, chosen at random, whole and readable."""
    table = _table(file)
    if table is None or table.empty:
        return None
    row = table.iloc[random.randrange(len(table))]
    title = row.get("title") or row.get("headline") or row["id"]
    return box(text(f"{title} ({len(row['text'].split()):,} words)", "gi-note"), *[text(part) for part in row["text"].split("\n\n")])


def curve(file):
    """The figure of a training run, from 7_curve.csv."""
    table = _table(file)
    return None if table is None else charts.curve(table)


def record(file):
    """A JSON file of a stage, line by line."""
    if not Path(file).exists():
        print(f"{Path(file).name} is not there yet. Run the step above first, then run this cell again.")
        return None
    return box(*[text(f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}") for name, value in store.read_json(file).items()])


def stages():
    """All stages with the state of each, and the next thing to do."""
    code = store.settings()["language"]
    folder = store.folder(code)
    lines, following = [], None
    for notebook, name, what in STAGES:
        state, done = stage_state(folder / name, notebook, what)
        following = following or (None if done else notebook)
        lines.append(f"<tr><th style='text-align:left'>{notebook}</th><td>{tag(state)}</td></tr>")
    heading = "PRACTICE: a rehearsal. " if store.settings()["mode"] == "practice" else ""
    advice = f"Next: open {following}." if following else "All stages have been walked."
    return box(text(heading + advice), w.HTML(f"<table>{''.join(lines)}</table>"))


def stage_state(file, notebook, what):
    """A stage's state in words, and whether it is done."""
    if not file.exists():
        return "nothing yet", False
    if file.suffix in (".json", ".md"):
        return f"{what}: there", True
    table = store.read(file)
    if notebook == "4b_review":
        decided = int((~table["status"].isin(WAITING)).sum())
        return f"{decided:,} of {len(table):,} rows reviewed", decided > 0
    return f"{len(table):,} {what}", True


def _table(file):
    try:
        return store.read(file)
    except NeedsFixing as error:
        if Path(file).exists():
            raise
        print(f"{Path(file).name} is not there yet. Run the step above first, then run this cell again. ({error})")
        return None
