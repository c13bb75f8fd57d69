"""Runs one slow stage at a time in a child process that can be killed; the imports are done once, so that a kill falls into the work and not into starting Python.

    python tests/stage_runner.py     then a line of JSON for each run: {"stage", "home", "jump"}; it prints the child's process id, and its exit status when it has ended

Exit status of a child: 0 done, 3 a `NeedsFixing` sentence (printed to stderr), 1 anything else. `jump` seconds are added to the clock from the third look at it on.
"""
import json
import os
import sys
import time
import traceback
from pathlib import Path

import pandas  # noqa: F401  (before the fork, for all children)

from gi_helpers import bbc_scrape, clean, csv_to_jsonl, evaluate, finetune, publish, store, translate, truthfulqa, wiki_scrape
from gi_helpers.errors import NeedsFixing

MODEL = "practice-teacher"


def wiki(home):
    store.collect(wiki_scrape.articles("yo", contact="team@example.org", done=home / "1_wiki_scrape.csv"), home / "1_wiki_scrape.csv", quiet=True)


def dump(home):
    file = home / "dump.csv"
    store.collect(wiki_scrape.from_dump(home / "dump.xml.bz2", "yo"), file, quiet=True)


def news(home):
    file = home / "2_bbc_scrape.csv"
    seen = store.read(file)["id"] if file.exists() else ()
    store.collect(bbc_scrape.stories("yo", permission="practice", contact="team@example.org", seen=seen), file, quiet=True)


def tidy(home):
    clean.clean_files([home / "1_wiki_scrape.csv"], home / "3_clean.csv", home / "3_dropped.csv", language="yo")


def draft(home):
    method = {"grounded_qa": 0.6, "reverse_instruction": 0.2, "templates": 0.2}
    store.collect(translate.draft(store.read(home / "3_clean.csv"), "yo", method=method, model=MODEL, n=60, journal=home / "4_llm.jsonl", budget_usd=5.0), home / "4_qa.csv", quiet=True)


def convert(home):
    rows = store.read(home / "4_qa.csv").assign(status="accepted")
    train, validation = csv_to_jsonl.split(rows)
    csv_to_jsonl.write(csv_to_jsonl.convert(train), home / "5_train.jsonl")
    csv_to_jsonl.write(csv_to_jsonl.convert(validation), home / "5_validation.jsonl")


def tune(home):
    finetune.tune(home / "5_train.jsonl", home / "5_validation.jsonl", model="practice-base", record=home / "7_model.json")


def questions(home):
    file = home / "8_truthfulqa.csv"
    store.collect(truthfulqa.translate(truthfulqa.questions(), "yo", model=MODEL, journal=home / "8_llm.jsonl", budget_usd=5.0), file, quiet=True)


def ask(home):
    rows = evaluate.ask(store.read(home / "8_truthfulqa.csv"), {"base": "practice-base", "tuned": MODEL}, language="yo", mode="binary", journal=home / "9_llm.jsonl", budget_usd=5.0)
    store.collect(rows, home / "9_answers.csv", quiet=True)


def build(home):
    store.write(store.read(home / "4_qa.csv").assign(status="accepted"), home / "set" / "4_qa.csv")
    publish.build(home / "set", home / "set" / "10_publish", language="yo", name="yor-practice", title="Yoruba", created="2026-01-01")


STAGES = {one.__name__: one for one in (wiki, dump, news, tidy, draft, convert, tune, questions, ask, build)}


def child(order):
    """What the forked process does; gives its exit status."""
    home = Path(order["home"])
    if order.get("jump"):
        real, looks = time.time, iter(range(10**9))
        time.time = lambda: real() + (order["jump"] if next(looks) > 2 else 0)
    try:
        STAGES[order["stage"]](home)
        return 0
    except NeedsFixing as error:
        print(f"{order['stage']}: {error}", file=sys.stderr, flush=True)
        return 3
    except BaseException:
        traceback.print_exc()
        return 1


def main():
    for line in sys.stdin:
        started = os.fork()
        if not started:
            status = 1
            os.dup2(2, 1)  # what a stage prints must not stand between our own lines
            try:
                status = child(json.loads(line))
            finally:
                os._exit(status)
        print(started, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(started, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
