"""One row of the editor, as a card with its passage or as a line of the table; the editor fills and refills a fixed number of them."""
import html
import time

import ipywidgets as w

from .. import review
from . import passage
from .style import tag

LABELS = (("Accept", "accepted", "check"), ("Save edit", "edited", "save"), ("Reject", "rejected", "times"), ("Skip", "skipped", "forward"))
LATE = 8  # seconds after a page turn in which a text may still be one for the row before
SECOND = {"accepted": ("approved", "Approve"), "rejected": ("to_revise", "Send back")}


class Card:
    """Passage, question, answer, decision. `act(card, what)` of the editor is called for a status, "keep" or "undo"."""

    def __init__(self, act, letters="", line=False):
        self.act, self.line, self.row, self.seen, self.filling, self.conflict = act, line, None, None, False, False
        self.before, self.filled = None, 0.0  # the row that stood here before, and since when it does not
        self.state, self.passage, self.change, self.said = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        wide = w.Layout(width="auto", flex="1 1 16em") if line else w.Layout(width="auto")
        label = {"description_width": "5.5em"}
        self.question = w.Textarea(description="Question", continuous_update=False, layout=wide, style=label)
        self.answer = w.Textarea(description="Answer", continuous_update=False, layout=wide, style=label)
        self.reason = w.Combobox(description="Reason", options=review.REASONS, placeholder="why you reject it", ensure_option=False, continuous_update=False,
                                 style=label, layout=w.Layout(width="auto", max_width="20em"))
        self.buttons = {}
        narrow = w.Layout(width="auto")
        for words, status, icon in LABELS if not line else (LABELS[0], LABELS[2]):
            self.buttons[status] = self._button(words, status, icon, narrow)
        self.buttons["undo"] = self._button("Undo", "undo", "undo", narrow)
        for field in (self.question, self.answer):
            field.observe(self._left, "value")
        self.view = self._as_line() if line else self._as_card(letters)

    def _button(self, words, status, icon, layout):
        button = w.Button(description=words, icon=icon, layout=layout)  # no tooltip: a screen reader would read it in place of the word
        button.on_click(lambda _: self.act(self, self.buttons_mean.get(status, status)))
        return button

    def _as_card(self, letters):
        decide = w.HBox([*self.buttons.values(), self.reason], layout=w.Layout(flex_flow="row wrap", align_items="center"))
        parts = [self.state, self.passage, self.question, self.answer, *([w.HTML(letters)] if letters else []), self.change, decide, self.said]
        view = w.VBox(parts)
        view.add_class("gi-card")
        return view

    def _as_line(self):
        wrap = w.Layout(flex_flow="row wrap")
        decide = w.HBox([*self.buttons.values(), self.reason], layout=w.Layout(flex_flow="row wrap", align_items="center"))
        view = w.VBox([w.HBox([self.state, self.said], layout=wrap), self.passage, w.HBox([self.question, self.answer], layout=wrap), decide])
        view.add_class("gi-row")
        return view

    buttons_mean = {}  # what a button stands for in a second reading

    def _left(self, change):
        """A field was left with another text: keep it, decided or not."""
        if self.filling or self.row is None:
            return
        what = "question" if change["owner"] is self.question else "answer"
        if self._belongs_to_the_row_before(what, change["new"]):
            late, shown = {what: change["new"]}, self.row[what]
            self.filling = True
            change["owner"].value = shown
            self.filling = False
            return self.act(self, "late", late)
        self.act(self, "keep")

    def _belongs_to_the_row_before(self, what, text):
        """On a slow network a text can arrive when its card shows the next row already: it came at once, and is like the row before, not like this one."""
        if self.before is None or time.monotonic() - self.filled > LATE:
            return False
        return 2 * review.distance(text, self.before[what]) < review.distance(text, self.row[what])

    # ------------------------------------------------------------ showing a row

    def fill(self, row, place="", second=False):
        """Show a row (a dict), or nothing (None)."""
        self.filling = True
        try:
            self.view.layout.display = "none" if row is None else ""
            if row is None or self.row is None or row["id"] != self.row["id"]:
                self.before, self.filled = self.row, time.monotonic()
            self.row = self.seen = row
            self.conflict = False
            if row is None:
                return
            self.place, self.said.value = place, ""
            self._means(second)
            self.question.value, self.answer.value, self.reason.value = row["question"], row["answer"], row.get("reason", "")
            for field in (self.question, self.answer):
                _class(field, "gi-tall", bool(passage.TALL.search(field.value[:400])))
            shown = passage.passage(row.get("context", ""), row.get("evidence", ""))
            self.passage.value = passage.fold("Text", shown) if self.line else shown
            self.describe(row)
        finally:
            self.filling = False

    def describe(self, row):
        """The head of the card, and what people changed; the fields stay as they are."""
        self.row = row
        self.state.value = head(row, self.place)
        self.change.value = changes(row)

    def _means(self, second):
        self.buttons_mean = {status: new for status, (new, _) in SECOND.items()} if second else {}
        for words, status, _ in LABELS:
            if status in self.buttons:
                self.buttons[status].description = SECOND[status][1] if second and status in SECOND else words

    def say(self, words, style="gi-good"):
        """A sentence at the foot of the card."""
        self.said.value = tag(words, style)

    def now(self, on):
        """Mark the card as the one that the keys act upon."""
        _class(self.view, "gi-now", on)


def _class(widget, name, on):
    if on != (name in widget._dom_classes):
        (widget.add_class if on else widget.remove_class)(name)


def head(row, place):
    """Where the row stands, what was decided and by whom, and what the checks found, as HTML."""
    status = row["status"] or "no status"
    who = [row["reviewer"]] if row.get("reviewer") else []
    if row.get("second_reviewer"):
        who.append(f"second reader {row['second_reviewer']}")
    style = f"gi-{status}" if status.replace("_", "").isalpha() else ""
    words = [html.escape(f"Row {place}, {row['id']}"), f'<span class="gi-status {style}">{html.escape(status.replace("_", " "))}</span>']
    words += [html.escape(f"by {', '.join(who)}")] if who else []
    words += [html.escape(f"score {row['score']}")] if row.get("score") else []
    url = row.get("url", "")
    if url.startswith(("http://", "https://")):
        words.append(f'<a href="{html.escape(url)}" target="_blank" rel="noopener noreferrer">source</a>')
    flags = "".join(f'<div class="gi-flag">⚑ {html.escape(flag)}</div>' for flag in row.get("flags", "").split("; ") if flag)
    return f'<div class="gi-note">{" · ".join(words)}</div>{flags}'


def changes(row):
    """What people made of the model's text, as HTML; "" when nothing."""
    parts = []
    for what, before in zip(("question", "answer"), review.original(row), strict=True):
        if review.plain(before) != review.plain(row[what]):
            parts.append(f'<div class="gi-text">Changed {what}: {passage.difference(before, row[what])}</div>')
    return "".join(parts)
