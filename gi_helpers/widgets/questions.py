"""The desk where a speaker reads translated evaluation questions, the doubtful ones first."""
import html

import ipywidgets as w

from .. import store, truthfulqa
from .style import box, guarded, tag

NAMES = {"question": "Question", "best": "Best right answer", "best_incorrect": "Best wrong answer (must stay wrong)", "correct": "Right answer", "incorrect": "Wrong answer (must stay wrong)"}
SHOWN = {"to do": lambda rows: not set(rows["status"]) <= {*truthfulqa.CHECKED, "rejected"}, "with errors": lambda rows: rows["flags"].str.contains("error:").any(),
         "checked": lambda rows: set(rows["status"]) <= set(truthfulqa.CHECKED), "all": lambda rows: True}
LABELS = ("Save and accept", "Reject", "Skip")
TWICE = "a second reading"  # by another person, who does not see what the first one decided


def question_editor(file, reviewer=""):
    """One item of 8_truthfulqa.csv at a time: the English, the translation to correct, and what looks odd. Every decision is saved at once."""
    return _Desk(file, reviewer).view


class _Desk:
    """A fixed pool of lines, filled anew for each item."""

    def __init__(self, file, reviewer):
        self.file, self.at = file, 0
        table = store.read(file)
        self.who = w.Text(value=reviewer, description="Your name", continuous_update=False)
        self.filter = w.Dropdown(options=[*SHOWN, TWICE], value="to do", description="Show")
        self.back, self.forward = w.Button(description="Previous"), w.Button(description="Next")
        self.culture = w.ToggleButtons(options=list(truthfulqa.CULTURES), description="Fits here?")
        self.reason = w.Text(description="Reason", placeholder="why you reject it", continuous_update=False)
        self.where, self.progress, self.problem = w.HTML(), w.HTML(), w.HTML()
        most = int(table.groupby("item").size().max()) if len(table) else 0
        self.lines = [_Line() for _ in range(most)]
        buttons = []
        for label, status, icon in zip(LABELS, ("accepted", "rejected", "skipped"), ("check", "times", "forward"), strict=True):
            button = w.Button(description=label, icon=icon, layout=w.Layout(width="auto"))
            button.on_click(lambda _, status=status: self.decide(status))
            buttons.append(button)
        self.buttons = dict(zip(("accepted", "rejected", "skipped"), buttons, strict=True))
        safe = guarded(self.problem)
        self.back.on_click(safe(lambda _: self.show(self.at - 1)))
        self.forward.on_click(safe(lambda _: self.show(self.at + 1)))
        self.filter.observe(safe(lambda _: self.choose()), "value")
        self.who.observe(safe(lambda _: self.choose() if self.filter.value == TWICE else None), "value")
        wrap = w.Layout(flex_flow="row wrap")
        card = w.VBox([*[line.view for line in self.lines], self.culture, w.HBox([*buttons, self.reason], layout=wrap)])
        card.add_class("gi-card")
        self.view = box(w.HBox([self.who, self.filter], layout=wrap), w.HBox([self.back, self.where, self.forward, self.progress], layout=wrap), self.problem, card)
        self.choose()

    def choose(self):
        """The items of the filter, the doubtful ones first; they stay in this order until the filter is changed."""
        self.table = store.read(self.file)
        if self.filter.value == TWICE:
            self.items = truthfulqa.to_read_again(self.table, reader=self.who.value)
        else:
            wanted = SHOWN[self.filter.value]
            self.items = [item for item, rows in truthfulqa.worst_first(self.table).groupby("item", sort=False) if wanted(rows)]
        for button, words in zip(self.buttons.values(), ("Good", "Not good", "") if self.filter.value == TWICE else LABELS, strict=True):
            button.description, button.layout.display = words, None if words else "none"
        self.show(0)

    def show(self, number):
        self.at = max(0, min(number, len(self.items) - 1))
        rows = self.table[self.table["item"] == self.items[self.at]].to_dict("records") if self.items else []
        for line, row in zip(self.lines, rows + [None] * (len(self.lines) - len(rows)), strict=True):
            line.fill(row, blind=self.filter.value == TWICE)
        if rows:
            self.culture.value = rows[0]["culture"] or "keep"
            self.reason.value = "" if self.filter.value == TWICE else rows[0].get("reason", "")
        self.where.value = tag(f"{self.at + 1 if self.items else 0} of {len(self.items)}")
        self.progress.value = tag(f"People have checked {100 * truthfulqa.checked(self.table):.0f} % of the questions." + (" " + truthfulqa.agreement(self.table)["sentence"] if self.filter.value == TWICE else ""))
        self.back.disabled, self.forward.disabled = self.at == 0, self.at >= len(self.items) - 1

    def decide(self, status):
        @guarded(self.problem)
        def save():
            if not self.items:
                return
            words = {line.id: line.box.value for line in self.lines if line.id}
            with store.lock(self.file):
                if self.filter.value == TWICE:
                    self.table = truthfulqa.read_again(store.read(self.file), self.items[self.at], status == "accepted", reviewer=self.who.value)
                else:
                    self.table = truthfulqa.decide_item(store.read(self.file), self.items[self.at], status, reviewer=self.who.value, targets=words,
                                                        culture=self.culture.value, reason=self.reason.value)
                store.write(self.table, self.file)
            self.show(self.at + 1)
        save()


class _Line:
    def __init__(self):
        self.id, self.source = None, w.HTML()
        self.box = w.Textarea(description="Translation", continuous_update=False, style={"description_width": "6em"}, layout=w.Layout(width="auto"))
        self.view = w.VBox([self.source, self.box])

    def fill(self, row, blind=False):
        self.view.layout.display = "none" if row is None else None
        self.id = row["id"] if row else None
        if row:
            state = "" if blind else f"({row['status']})"
            odd = f" <mark>{html.escape(row['flags'])}</mark>" if row["flags"] else ""
            self.source.value = f'<div class="gi-text"><b>{NAMES.get(row["kind"], row["kind"])}</b> {html.escape(state)}{odd}<br>{html.escape(row["source"])}</div>'
            self.box.value, self.box.disabled = row["target"], blind
