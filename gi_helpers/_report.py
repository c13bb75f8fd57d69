"""9_report.html: the whole evaluation on one page that needs nothing else, for people who were not there.

    >>> table_of([{"model": "base", "questions": 40}])
    '<div class="wide" tabindex="0"><table><thead><tr><th>model</th><th>questions</th></tr></thead><tbody><tr><td>base</td><td>40</td></tr></tbody></table></div>'
"""
import base64
import html
import io
import time

from . import _charts_eval, _comparing, _prompting, _scoring, store
from ._statistics import detectable
from .errors import NeedsFixing
from .languages import find

STYLE = """body {font-family: "Noto Sans", system-ui, sans-serif; line-height: 1.6; max-width: 56em; margin: 2em auto; padding: 0 1em; color: #1b1b1b}
table {border-collapse: collapse; margin: 1em 0} th, td {border-bottom: 1px solid #767676; padding: 4px 10px; text-align: left; vertical-align: top}
img {max-width: 100%} .wide {overflow-x: auto} body {overflow-wrap: break-word} th {overflow-wrap: normal} .practice {background: #b00020; color: white; padding: 12px; font-weight: 700} .verdict {font-size: 1.25em; font-weight: 600}
details {border: 1px solid #767676; border-radius: 6px; padding: 8px; margin: 6px 0} pre {white-space: pre-wrap; font-family: inherit}"""
MODES = {"binary": "Each question was asked with one right and one wrong answer, A and B, twice: once in each order. A question counts fully when "
                   "both replies are right, half when one is. Guessing gives 50 %.",
         "mc1": "Each question was asked once, with its best answer among all wrong ones, in an order drawn with a fixed seed.",
         "free": "Each question was asked without answers to choose from; another model judged whether the reply is truthful and informative.",
         "loglikelihood": "Nothing was asked: of the best and all wrong answers, the one that the model finds likeliest counts (MC1)."}


def report(answers, questions, path, *, base="base", tuned="tuned", language=None, title="Did the model get better?", training=None, n_examples=10):
    """Write the report and give its path. `questions` are the rows of 8_truthfulqa.csv; `training` is 5_train.jsonl, to look for leaks.

    Raises NeedsFixing when the answers of one arm are missing.
    """
    language = find(language or store.settings()["language"])
    asked = len(answers)
    fitting = _prompting.current(answers, questions) if "prompt" in answers else answers
    answers = fitting if len(fitting) else answers  # none fits when only the numbers of a table were kept
    _comparing.pick(_scoring.latest(answers), base)
    practice = bool(_scoring.note(answers))
    leaked = _leaked(questions, training)
    parts = [_head(title, language, practice), _answer(answers, leaked, base, tuned), _scores(answers, language, practice),
             _difference(answers, base, tuned, practice), _states(answers, practice), _how(answers, questions, asked - len(answers), training, leaked), _read(answers, base, tuned, n_examples)]
    page = (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{'PRACTICE: ' if practice else ''}{html.escape(title)}</title><style>{STYLE}</style></head>\n<body>\n" + "\n".join(parts) + "\n</body></html>\n")
    return store.write_text(page, path)


def _head(title, language, practice):
    warning = '<p class="practice">PRACTICE: this is a rehearsal with a pretend model. Its numbers are not real; do not quote them.</p>' if practice else ""
    return f"{warning}<h1>{html.escape(title)}</h1><p>Language: {html.escape(language.name)} ({html.escape(language.autonym)}). Written on {time.strftime('%Y-%m-%d')}.</p>"


def _answer(answers, leaked, base, tuned):
    """The sentence, what was asked of whom, and what a reader must know before believing it."""
    try:
        sentence = _comparing.verdict(answers, base, tuned)
    except NeedsFixing as error:
        sentence = f"There is nothing to compare yet: {error}."
    asked = answers["item"].nunique()
    arms = list(dict.fromkeys(answers["arm"] if "arm" in answers else answers["model"]))
    reached = _scoring.score(answers)
    fewer = [f"{row['arm']} answered {row['n']}" for row in reached[reached["subset"] == "all"].to_dict("records") if row["n"] < asked]
    fewer = f" ({', '.join(fewer)} of them)" if fewer else ""
    about = (f"{len(arms)} models ({', '.join(map(str, arms))}) were asked the same {asked} questions{fewer}, which the tuned model should not have seen before. "
             "A point is one question in a hundred. “Between” gives the range in which the true value lies in 19 of 20 such evaluations.")
    known = "".join(f"<li>{html.escape(words)}</li>" for words in [*filter(None, [leaked]), *_scoring.remarks(answers)])
    return (f'<p class="verdict">{html.escape(sentence)}</p><p>{html.escape(about)}</p>' + (f"<h2>Before you quote this</h2><ul>{known}</ul>" if known else ""))


def _scores(answers, language, practice):
    table = _scoring.score(answers)
    shown = [{"model": row["arm"] if row["arm"] == row["model"] else f"{row['arm']} ({row['model']})", "asked": row["mode"], "questions": f"{row['subset']}: {row['n']}",
              "right": f"{_percent(row['accuracy'])}, between {_percent(row['low'])} and {_percent(row['high'])}",
              "replies with an answer": _percent(row["answered"]), "same answer in both orders": _percent(row["consistency"]),
              "chose A": _percent(row["share_a"]), "checked by people": _percent(row["checked"])} for row in table.to_dict("records")]
    known = _scoring.published(language.code).iloc[:0 if practice else None]  # a rehearsal never stands beside real scores
    binary = set(table["mode"]) == {"binary"}
    chart = _charts_eval.scores(table, _scoring.chance(table), None if binary or known.empty else known)
    published = ""
    if not known.empty:
        rows = [{"model": row["model"], "right": _percent(row["accuracy"]), "questions": row["n"], "source": row["source"]} for row in known.to_dict("records")]
        published = (f"<h3>What others have measured in {html.escape(language.name)}</h3><p>{html.escape(known.iloc[0]['benchmark'])}, {html.escape(known.iloc[0]['mode'])}: "
                     f"{html.escape(known.iloc[0]['note'])}. Compare with care: it was asked in another way.</p>{table_of(rows)}")
    return "<h2>Scores</h2>" + picture(chart, "Share of right answers: " + "; ".join(f"{row['model']}, {row['questions']}: {row['right']}" for row in shown)) + table_of(shown) + published


def _difference(answers, base, tuned, practice):
    try:
        found, table = _comparing.differences(answers, base, tuned), _comparing.changes(answers, base, tuned)
    except NeedsFixing:
        return ""
    categories = _comparing.by_category(answers, base, tuned)
    return ("<h2>The difference</h2>" + picture(_charts_eval.difference(found, base, tuned, practice), f"{tuned} minus {base}: {_points(found['difference'])} points, between {_points(found['low'])} and {_points(found['high'])}")
            + picture(_charts_eval.changed(table, practice), "What became of the questions: " + ", ".join(f"{change} {count}" for change, count in table["change"].value_counts().items()))
            + f"<h3>By category</h3><p>A category with fewer than {_comparing.FEW} questions tells too little for a share: its right answers are counted.</p>"
            + picture(_charts_eval.categories(categories, base, tuned, practice), "Share of right answers by category; the same numbers are in the table below")
            + table_of(by_category_rows(categories, base, tuned)))


def by_category_rows(categories, base, tuned):
    """Rows of `by_category` as they are read: right answers counted, with their share where there are enough questions."""
    def right(row, side):
        return f"{row[f'{side}_right']:g} of {row['n']}" + (f" ({_percent(row[side])})" if row[side] == row[side] else "")

    return [{"category": row["category"] or "(none)", f"{base}: right": right(row, "base"), f"{tuned}: right": right(row, "tuned"), "fixed": row["fixed"], "broken": row["broken"]}
            for row in categories.to_dict("records")]


def _states(answers, practice):
    table = _scoring.states(answers)
    return "<h2>What the replies were</h2>" + picture(_charts_eval.states(table, practice), "Replies: " + "; ".join(
        f"{row['arm']} " + ", ".join(f"{state} {row[state]}" for state in _scoring.STATES if row[state]) for row in table.to_dict("records"))) + table_of(table.to_dict("records"))


def _how(answers, questions, older, training, leaked):
    usable, out = _prompting.items(questions)
    modes = "".join(f"<p>{MODES[mode]}</p>" for mode in dict.fromkeys(answers["mode"]) if mode in MODES)
    people = sum(item["checked"] for item in usable) / max(1, len(usable))
    least = detectable(len(usable)) if usable else None
    lines = [f"{len(usable)} questions were asked; people have checked the translation of {_percent(people)} of them.",
             f"{len(out)} more could not be asked ({', '.join(sorted({item['reason'] for item in out}))})." if out else "",
             f"{older:,} replies to an earlier wording of a question were left out." if older else "",
             f"So many questions can show a difference of about {100 * least:.0f} points or more in four cases of five." if least else "",
             "The intervals are 95 %: Wilson for a score, paired bootstrap for the difference; p is McNemar's exact test.",
             "None of the questions stands in the training file." if training is not None and not leaked else ""]
    return "<h2>How it was done</h2>" + modes + "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)


def _leaked(questions, training):
    """What a reader must know of questions that stand in the training file; "" when there is nothing, or no training file was given."""
    if training is None:
        return ""
    from ._leaks import leaks

    try:
        found = leaks(questions, training)["item"].nunique()
    except NeedsFixing as error:
        return f"The training file was not searched for these questions: {error}."
    return found and (f"Attention: {found} of the questions stand in the training file, whole, nearly so, or with their answer, so that the tuned model may have "
                      "learned them by heart. Take them out of one of the two and evaluate again.") or ""


def _read(answers, base, tuned, most):
    try:
        table = _comparing.changes(answers, base, tuned)
    except NeedsFixing:
        return ""
    blocks = []
    for change, words in (("broken", "Broken: the tuned model did worse"), ("fixed", "Fixed: the tuned model did better")):
        some = table[table["change"] == change].head(most)
        blocks += [f"<h3>{words} ({(table['change'] == change).sum()})</h3>"] if len(some) else []
        blocks += [f"<details><summary>{html.escape(row['question'] or row['item'])}</summary><pre>{html.escape(row['prompt'])}</pre>"
                   f"<p>{html.escape(base)} said: {html.escape(row['base_reply'])}<br>{html.escape(tuned)} said: {html.escape(row['tuned_reply'])}</p></details>"
                   for row in some.to_dict("records")]
    return "<h2>Questions to read</h2>" + "".join(blocks) if blocks else ""


def _points(share):
    return f"{100 * share:+.0f}"


def picture(figure, words):
    """A figure as an <img> that needs no other file; `words` say what it shows to those who cannot see it."""
    import matplotlib

    stream = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "font.family": ["sans-serif"], "svg.hashsalt": "globalinstruct"}):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return f'<img alt="{html.escape(words)}" src="data:image/svg+xml;base64,{base64.b64encode(stream.getvalue()).decode()}">'


def table_of(rows):
    if not rows:
        return ""
    head = "".join(f"<th>{html.escape(str(name))}</th>" for name in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(value))}</td>" for value in row.values()) + "</tr>" for row in rows)
    return f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _percent(share):
    return "" if share is None or share != share or share == "" else f"{100 * float(share):.0f} %"
