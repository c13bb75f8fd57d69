"""What a stage has made, for people to look at."""
import base64
import html
import io
import random
import time
from pathlib import Path

import ipywidgets as w
from IPython.display import display

from .. import charts, languages, store
from .._prose import in_a_cell, word_count
from ..errors import NeedsFixing
from .style import box, guarded, tag, text
from .words import number, say

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
    return table[[name for name in columns or table.columns if name in table]].head(rows).map(lambda cell: in_a_cell(cell) if isinstance(cell, str) else cell)


def sample(file, rows=1, letters=None):
    """Rows of a table of texts, chosen at random and readable: whole, or their first `letters`."""
    table = _table(file)
    if table is None or table.empty:
        return None
    chosen = table.iloc[random.sample(range(len(table)), min(rows, len(table)))]
    return box(*(part for _, row in chosen.iterrows() for part in _readable(row, letters)))


def _readable(row, letters):
    title = row.get("title") or row.get("headline") or row["id"]
    yield text(f"{title} ({word_count(row['text']):,} words)", "gi-note")
    shown = row["text"] if letters is None or len(row["text"]) <= letters else row["text"][:letters] + " …"
    yield from map(text, shown.split("\n\n"))


def curve(file):
    """The figure of a training run, from 7_curve.csv."""
    table = _table(file)
    return None if table is None else charts.curve(table)


def live_curve(pause=1.0):
    """Show a figure that grows while a model learns, drawn anew at most once in `pause` seconds. Give what this gives as `watch` to lora.train or finetune.tune."""
    import pandas as pd

    words, picture, drawn = text("The curve comes here as soon as the model learns.", "gi-note"), w.HTML(), []
    display(box(words, picture))  # now, in the cell: the model learns in a thread, which has no place to show anything

    def watch(losses):
        if not losses or drawn and time.monotonic() - drawn[-1] < pause:
            return
        drawn.append(time.monotonic())
        last = losses[-1]
        told = f"step {last['step']}: " + ", ".join(f"{name} {float(last[key]):.3f}" for name, key in (("loss", "train_loss"), ("on validation", "valid_loss")) if last.get(key) not in ("", None))
        stream = io.BytesIO()
        charts.curve(pd.DataFrame(losses)).savefig(stream, format="png", dpi=80)
        words.value = tag(told, "gi-note")
        picture.value = f'<img alt="{html.escape(told)}" src="data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}">'

    return watch


def learned(told):
    """What of a row is learned (marked) and what is only read (grey), from what lora.masked or lora.plan gave."""
    share = told["trained_on"] if isinstance(told["trained_on"], str) else f"{told['trained_on']:.0%} of tokens"
    lines = [text(f"Trained on {share}, in {told['rows']:,} rows, {told['tokens']:,} tokens in all; the longest row has {told['longest']:,}.")]
    if told.get("left_out") or told.get("cut"):
        lines.append(text(f"Too long: {told['left_out']:,} rows are left out, and of {told['cut']:,} the end is cut.", "gi-flag"))
    if told.get("without_gpu"):
        lines.append(text(f"Without a GPU it would take {told['without_gpu']}.", "gi-note"))
    shown = f'{html.escape(told["not_learned"])}<mark>{html.escape(told["learned"])}</mark>'
    return box(*lines, text("The first row: what is marked is learned, the rest is only read.", "gi-note"), w.HTML(f'<div class="gi-text" dir="auto" style="white-space:pre-wrap">{shown}</div>'))


def record(file):
    """A JSON file of a stage, line by line."""
    if not Path(file).exists():
        print(f"{Path(file).name} is not there yet. Run the step above first, then run this cell again.")
        return None
    return box(*[text(f"{name.replace('_', ' ')}: {_plain(value)}") for name, value in store.read_json(file).items() if value not in ("", None)])


def _plain(value):
    """A value of a JSON file in words."""
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_plain(inner)}" for name, inner in value.items() if inner not in ("", None))
    if isinstance(value, list):
        return "; ".join(map(_plain, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f"{value:,}" if isinstance(value, int) else str(value)


def stages():
    """All stages with the state of each, and the next thing to do. It follows the choice of a language in this notebook; its button looks at the files again."""
    head, table, problem = w.HTML(), w.HTML(), w.HTML()
    again = w.Button(description=say("Look again"), icon="refresh", layout=w.Layout(width="auto"))

    @guarded(problem)
    def draw(_=None):
        chosen = store.settings()
        language = languages.find(chosen["language"])
        practice = chosen["mode"] == "practice"
        if practice and language.code not in store.practice_languages():
            head.value = tag(say("There are no practice texts in this language: choose live, or {codes}.", codes=", ".join(store.practice_languages())), "gi-flag")
            table.value = ""
            return
        states = [(notebook, *stage_state(store.folder(language.code) / name, notebook, what, practice or language.bbc)) for notebook, name, what in STAGES]
        head.value = tag(" ".join([*([say("PRACTICE: a rehearsal.")] if practice else []), advice(states, store.folder(language.code))]))
        table.value = _map([("0_start", f"{language.label}, {chosen['mode']}", True), *states])

    again.on_click(draw)
    _maps[:] = [draw]  # the newest is the one that people see
    draw()
    return box(head, table, w.HBox([again]), problem)


_maps = []


def redraw():
    """Draw the map of the stages again, after another language or mode was chosen."""
    for draw in _maps:
        draw()


def _map(states):
    following = next((notebook for notebook, _, done in states if not done), None)
    rows = "".join(f"<tr{' class=gi-next' if notebook == following else ''}><th scope='row'>{'✓' if done else '·'} {notebook}</th>"
                   f"<td>{html.escape(state)}{' ← ' + say('next') if notebook == following else ''}</td></tr>" for notebook, state, done in states)
    return f"<table class='gi-map'><thead><tr><th scope='col'>{say('Stage')}</th><th scope='col'>{say('State')}</th></tr></thead><tbody>{rows}</tbody></table>"


def advice(states, folder):
    """The next thing to do, in words; `states` are (notebook, words, done)."""
    following = next((notebook for notebook, _, done in states if not done), None)
    words = [say("Next: open {notebook}.", notebook=following) if following else say("All stages have been walked.")]
    qa = folder / "4_qa.csv"
    if following != "4b_review" and qa.exists():
        waiting = sum(row["status"] in WAITING for row in store.read_rows(qa))
        words += [say("{count} rows still wait for a reader in 4b_review.", count=number(waiting))] if waiting else []
    return " ".join(words)


def stage_state(file, notebook, what, news=True):
    """A stage's state in words, and whether it is done; `news`: is there a news service to read?"""
    rows = list(store.rows_so_far(file)) if file.suffix == ".csv" else []
    if not file.exists() and not rows:
        return (say("no service in this language: skip"), True) if notebook == "2_bbc_scrape" and not news else (say("nothing yet"), False)
    if file.suffix == ".json":
        model = store.read_json(file)
        return f"{say(what)}: {model.get('fine_tuned_model') or model.get('adapter') or model.get('base_model') or '?'}", True
    if file.suffix == ".md":
        return say("{what}: there", what=say(what)), True
    if file.suffix == ".jsonl":
        return f"{number(sum(1 for _ in store.read_jsonl(file)))} {say(what)}", True
    if notebook == "4b_review":
        decided = sum(row["status"] not in WAITING for row in rows)
        return say("{done} of {all} rows reviewed", done=number(decided), all=number(len(rows))), decided > 0
    words = f"{number(len(rows))} {say(what)}"
    dropped = file.with_name("3_dropped.csv")
    if notebook == "3_clean" and dropped.exists():
        words += ", " + say("{count} left out", count=number(sum(1 for _ in store.read_rows(dropped))))
    return words, True


def _table(file):
    try:
        return store.read(file)
    except NeedsFixing as error:
        if Path(file).exists():
            raise
        print(f"{Path(file).name} is not there yet. Run the step above first, then run this cell again. ({error})")
        return None
