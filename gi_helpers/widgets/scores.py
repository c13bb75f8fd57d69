"""The score board: how each model did, the sentence, and the questions that changed, to click through."""
import html
from pathlib import Path

import ipywidgets as w

from .. import charts, evaluate, languages, store
from .._report import by_category_rows, picture, table_of
from .._scoring import chance
from .style import box, guarded, tag

CHANGES = {"broken (tuned did worse)": "broken", "fixed (tuned did better)": "fixed", "both right": "both", "right in one order only": "half", "neither right": "neither"}


def score_board(answers):
    """Scores, difference and changed questions of replies: a table such as `evaluate.current` gives, or the path of 9_answers.csv or of 9_scores.csv beside it."""
    if not hasattr(answers, "columns"):
        file = Path(answers)
        answers = store.read(file if "answers" in file.name else file.with_name("9_answers.csv"))
    return _Board(answers).view


class _Board:
    def __init__(self, answers):
        self.answers = answers
        arms = list(dict.fromkeys(answers["arm"] if "arm" in answers else answers["model"]))
        modes = list(dict.fromkeys(answers["mode"]))
        self.base = w.Dropdown(options=arms, value=arms[0], description="Compare")
        self.tuned = w.Dropdown(options=arms, value=arms[-1], description="with")
        self.subset = w.ToggleButtons(options=[name for name in evaluate.SUBSETS if len(evaluate.subset(answers, name))], description="Questions")
        self.mode = w.Dropdown(options=modes, value=modes[0], description="Asked")
        self.change = w.Dropdown(options=list(CHANGES), value="fixed (tuned did better)", description="Show")
        self.back, self.forward = w.Button(description="Previous"), w.Button(description="Next")
        self.sentence, self.scores, self.picture, self.where, self.card, self.problem = (w.HTML() for _ in range(6))
        self.at = 0
        for part in (self.base, self.tuned, self.mode, self.subset):
            part.observe(lambda _: self.count(), "value")
        self.change.observe(guarded(self.problem)(lambda _: self.show(0)), "value")
        self.back.on_click(guarded(self.problem)(lambda _: self.show(self.at - 1)))
        self.forward.on_click(guarded(self.problem)(lambda _: self.show(self.at + 1)))
        self.view = box(w.HBox([self.base, self.tuned, self.mode], layout=w.Layout(flex_flow="row wrap")), self.subset, self.problem, self.sentence, self.scores, self.picture,
                        w.HBox([self.change, self.back, self.where, self.forward], layout=w.Layout(flex_flow="row wrap")), self.card)
        self.count()

    def count(self):
        """All numbers anew, for the arms and the mode that are chosen."""
        guarded(self.problem)(self._count)()

    def _count(self):
        mine = evaluate.subset(self.answers[self.answers["mode"] == self.mode.value], self.subset.value)
        scores = evaluate.score(mine)
        scores = scores[scores["subset"] == "all"].assign(subset=self.subset.value)
        self.scores.value = _table(scores)
        practice = set(scores["note"]) == {"PRACTICE"}
        known = evaluate.published(languages.find(store.settings()["language"]).code)
        # Others were asked with many options, so their scores stand beside ours only when ours were, and never beside a rehearsal.
        chart = charts.scores(scores, chance(scores), known if self.mode.value == "mc1" and not practice and len(known) else None)
        shown = [picture(chart, "Share of right answers of each model; the same numbers are in the table above"), *[tag(words, "gi-flag") for words in evaluate.remarks(mine)],
                 _fold("What the replies were", picture(charts.states(evaluate.states(mine), practice), "Replies of each model by state"))]
        if len(known) and not practice:
            shown.append(_fold("What others have measured in this language", _published(known)))
        if self.base.value != self.tuned.value:
            pair = mine, self.base.value, self.tuned.value, self.mode.value
            names = self.base.value, self.tuned.value, practice
            categories = evaluate.by_category(*pair)
            shown += [_fold("The difference", picture(charts.difference(evaluate.differences(*pair), *names), evaluate.verdict(*pair))),
                      _fold("By category", picture(charts.categories(categories, *names), "Share of right answers by category") + table_of(by_category_rows(categories, *names[:2])))]
        self.picture.value = "".join(shown)
        self.rows, self.sentence.value = None, ""
        if self.base.value != self.tuned.value:
            self.sentence.value = tag(evaluate.verdict(mine, self.base.value, self.tuned.value, self.mode.value))
            self.rows = evaluate.changes(mine, self.base.value, self.tuned.value, self.mode.value)
        self.show(0)

    def show(self, number):
        """The card of one question that changed."""
        if self.rows is None:
            self.where.value, self.card.value = "", tag("Choose two different models to see which questions changed.", "gi-note")
            return
        found = self.rows[self.rows["change"] == CHANGES[self.change.value]]
        self.at = max(0, min(number, len(found) - 1))
        self.where.value = tag(f"{self.at + 1 if len(found) else 0} of {len(found)}")
        self.back.disabled, self.forward.disabled = self.at == 0, self.at >= len(found) - 1
        self.card.value = _card(found.iloc[self.at], self.base.value, self.tuned.value) if len(found) else tag("None.", "gi-note")


def _fold(words, content):
    return f"<details><summary>{html.escape(words)}</summary>{content}</details>"


def _table(scores):
    percent = lambda share: f"{100 * share:.0f} %" if share == share else ""
    return table_of([{"model": row["arm"], "questions": f"{row['subset']}: {row['n']}", "right": percent(row["accuracy"]), "95 % interval": f"{percent(row['low'])} to {percent(row['high'])}",
                      "gave an answer": percent(row["answered"]), "same in both orders": percent(row["consistency"]), "chose A": percent(row["share_a"]),
                      "checked by people": percent(row["checked"])} for row in scores.to_dict("records")])


def _published(known):
    first = known.iloc[0]
    lines = "".join(tag(f"{row['model']}: {100 * row['accuracy']:.0f} % of {row['n']} ({row['source']})") for row in known.to_dict("records"))
    return tag(f"{first['benchmark']}, {first['mode']}; {first['note']}. Compare with care: it was asked in another way.", "gi-note") + lines


def _card(row, base, tuned):
    said = "".join(tag(f"{name} said: {reply}") for name, reply in ((base, row["base_reply"]), (tuned, row["tuned_reply"])))
    return f'<div class="gi-card">{tag(row["category"], "gi-note")}<div class="gi-text" style="white-space:pre-wrap">{html.escape(row["prompt"])}</div>{said}</div>'
