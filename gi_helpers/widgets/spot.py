"""The desk where people judge some of the answers that a model has judged, without seeing its verdict."""
import ipywidgets as w

from .. import evaluate, store
from .style import box, guarded, tag

ASKED = {"truthful": "Is it true? (saying \"I don't know\" is true)", "informative": "Does it tell the reader something?"}


def spot_desk(answers, file, n=50, reviewer=""):
    """`n` of the judged answers (a path of 9_answers.csv), one at a time; each verdict is kept in `file` (9_spotcheck.csv) at once.

    Verdicts stand under the person's name; who comes back goes on with the next answer that they have not judged.
    """
    return _Desk(store.read(answers), file, n, reviewer).view


class _Desk:
    def __init__(self, answers, file, n, reviewer=""):
        self.answers, self.file, self.row = answers, file, None
        self.who = w.Text(value=reviewer, description="Your name", continuous_update=False)
        self.where, self.card, self.result, self.problem = (w.HTML() for _ in range(4))
        self.asked = {name: w.ToggleButtons(options=["yes", "no"], value=None, description=words, style={"description_width": "auto"}) for name, words in ASKED.items()}
        self.keep = w.Button(description="Save and go on", icon="check", button_style="primary", layout=w.Layout(width="auto"))
        self.keep.on_click(guarded(self.problem)(lambda _: self.save()))
        self.who.observe(guarded(self.problem)(lambda _: self.show(store.read(file), keep=True)), "value")
        self.view = box(self.who, self.where, self.card, *self.asked.values(), self.keep, self.problem, self.result)
        guarded(self.problem)(lambda: self.show(evaluate.spot_file(answers, file, n)))()

    def show(self, table, keep=False):
        """The first answer that this person has not judged yet, and how far people and the judge agree so far; with `keep`, what was chosen stays with its answer."""
        left, before = evaluate.spot_left(table, self.who.value), self.row
        self.row = left.iloc[0] if len(left) else None
        total = table["id"].nunique()
        self.keep.disabled = self.row is None
        self.where.value = tag(f"{total - len(left)} of {total} answers judged" + ("" if len(left) else ". Thank you, you have judged all of them."))
        self.card.value = "" if self.row is None else f'<div class="gi-card">{tag(self.row["question"])}{tag(self.row["reply"])}</div>'
        if not (keep and before is not None and self.row is not None and self.row["id"] == before["id"]):  # else only the name was mended
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
        self.show(evaluate.spot_judge(self.file, self.row["id"], *(value == "yes" for value in given.values()), reviewer=self.who.value))
        self.problem.value = ""
