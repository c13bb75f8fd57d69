"""The desk where people judge some of the answers that a model has judged, without seeing its verdict."""
import ipywidgets as w

from .. import evaluate, store
from .style import box, guarded, tag

ASKED = {"truthful": "Is it true? (saying \"I don't know\" is true)", "informative": "Does it tell the reader something?"}


def spot_desk(answers, file, n=50):
    """`n` of the judged answers (a path of 9_answers.csv), one at a time; each verdict is kept in `file` (9_spotcheck.csv) at once."""
    return _Desk(store.read(answers), file, n).view


class _Desk:
    def __init__(self, answers, file, n):
        self.answers, self.file, self.row = answers, file, None
        self.where, self.card, self.result, self.problem = (w.HTML() for _ in range(4))
        self.asked = {name: w.ToggleButtons(options=["yes", "no"], value=None, description=words, style={"description_width": "auto"}) for name, words in ASKED.items()}
        self.keep = w.Button(description="Save and go on", icon="check", button_style="primary", layout=w.Layout(width="auto"))
        self.keep.on_click(guarded(self.problem)(lambda _: self.save()))
        self.view = box(self.where, self.card, *self.asked.values(), self.keep, self.problem, self.result)
        guarded(self.problem)(lambda: self.show(evaluate.spot_file(answers, file, n)))()

    def show(self, table):
        """The first answer that nobody has judged yet, and how far people and the judge agree so far."""
        left = table[table["truthful_person"] == ""]
        self.row = left.iloc[0] if len(left) else None
        self.keep.disabled = self.row is None
        self.where.value = tag(f"{len(table) - len(left)} of {len(table)} answers read by people")
        self.card.value = "" if self.row is None else f'<div class="gi-card">{tag(self.row["question"])}{tag(self.row["reply"])}</div>'
        for field in self.asked.values():
            field.value = None
        found = [row for row in evaluate.spot_result(self.answers, table).to_dict("records") if row["n"]]
        self.result.value = "".join(tag(f"{row['criterion']}: people and the judge agree on {row['percent']:.0f} % of {row['n']}"
                                        + (f" (kappa {row['kappa']:.2f})" if row["kappa"] == row["kappa"] else ""), "gi-note") for row in found)

    def save(self):
        """Keep both verdicts and go on."""
        if self.row is None:
            return
        given = {name: field.value for name, field in self.asked.items()}
        if None in given.values():
            self.problem.value = tag("Answer both questions first.", "gi-flag")
            return
        self.show(evaluate.spot_judge(self.file, self.row["id"], *(value == "yes" for value in given.values())))
        self.problem.value = ""
