"""One row of the editor, as a card with its passage or as a line of the table; the editor fills and refills a fixed number of them."""
import html

import ipywidgets as w

from .. import review
from . import passage
from .style import tag

LABELS = (("Accept", "accepted", "check"), ("Save edit", "edited", "save"), ("Reject", "rejected", "times"), ("Skip", "skipped", "forward"))
RING = 6  # pairs of fields of a card: a text that was typed up to five page turns ago still arrives in a field of its own row
SECOND = {"accepted": ("approved", "Approve"), "rejected": ("to_revise", "Send back")}


class Card:
    """Passage, question, answer, decision. `act(card, what, text)` of the editor is called for a status, "keep", "late" or "undo".

    Another row comes in other fields: what somebody types while the page turns goes with the row of its field, never with the next one. The
    fields of the row before stay on the page as long as the cursor is in them (`gi-before` of the style), so that no letter falls beside.
    `make` of the editor makes the widgets.
    """

    def __init__(self, act, make, letters="", line=False):
        self.act, self.make, self.line, self.row, self.seen, self.filling, self.conflict = act, make, line, None, None, False, False
        self.unsaved = self.typing = False  # is something typed not on the disk yet; was the last change typed, too
        self.state, self.passage, self.change, self.said = (make(w.HTML) for _ in range(4))
        self.pairs, self.rows = [], {}  # (question, answer), the shown ones at the end; of each such field the row
        self.late = None  # the field whose text came last after its row had gone
        self.fields = make(w.HBox if line else w.VBox, **({"flex_flow": "row wrap"} if line else {"width": "auto"}))
        self.fields.add_class("gi-fields")
        self.reason = make(w.Combobox, description="Reason", options=review.REASONS, placeholder="why you reject it", ensure_option=False, continuous_update=False,
                           width="auto", max_width="20em")
        self.buttons = {status: self._button(words, status, icon) for words, status, icon in (LABELS if not line else (LABELS[0], LABELS[2]))}
        self.buttons["undo"] = self._button("Undo", "undo", "undo")
        self.view = self._as_line() if line else self._as_card(letters)

    @property
    def question(self):
        """The field of the question, of the row that is shown."""
        return self.pairs[-1][0]

    @property
    def answer(self):
        """The field of the answer, of the row that is shown."""
        return self.pairs[-1][1]

    def _button(self, words, status, icon):
        button = self.make(w.Button, description=words, icon=icon, width="auto")  # no tooltip: a screen reader would read it in place of the word
        button.on_click(lambda _: self.act(self, self.buttons_mean.get(status, status)))
        return button

    def _as_card(self, letters):
        palette = [self.make(w.HTML, value=letters)] if letters else []
        return self._framed("gi-card", self.state, self.passage, self.fields, *palette, self.change, self._decide(), self.said)

    def _as_line(self):
        head = self.make(w.HBox, children=[self.state, self.said], flex_flow="row wrap")
        return self._framed("gi-row", head, self.passage, self.fields, self._decide())

    def _decide(self):
        return self.make(w.HBox, children=[*self.buttons.values(), self.reason], flex_flow="row wrap", align_items="center")

    def _framed(self, name, *parts):
        view = w.VBox(parts)  # with a layout of its own: a card without a row is hidden
        view.add_class(name)
        return view

    buttons_mean = {}  # what a button stands for in a second reading

    def _typed(self, change):
        """A field has another text: keep it, decided or not."""
        field = change["owner"]
        if self.filling or field not in self.rows:
            return
        if self.row is not None and field in self.pairs[-1]:
            return self.act(self, "keep")
        what = "question" if any(field is question for question, _ in self.pairs) else "answer"
        self.act(self, "late", (field, {what: change["new"]}))

    def _other_fields(self, row):
        """Fields for another row. Those of the rows before stay, for what is still on its way and for who still writes there."""
        self._before()
        if len(self.pairs) < RING:
            how = {"width": "auto", **({"flex": "1 1 16em"} if self.line else {})}
            pair = tuple(self.make(w.Textarea, value=row[words.lower()], description=words, **how) for words in ("Question", "Answer"))
            for field in pair:
                field.observe(self._typed, "value")
        else:
            pair = self.pairs.pop(0)
        self.pairs.append(pair)

    def _before(self):
        """From now on the last fields are those of a row that is no longer shown."""
        for field in self.pairs[-1] if self.pairs else ():
            with field.hold_sync():  # one message, not two
                field.description = "Before"
                _class(field, "gi-before", True)

    def _shown(self, row):
        """The last fields are those of this row."""
        for field, words, text in zip(self.pairs[-1], ("Question", "Answer"), (row["question"], row["answer"]), strict=True):
            with field.hold_sync():
                if review.tidy(field.value) != text:  # else somebody may be writing in it: a blank at the end, and the next word
                    field.value = text
                field.description = words
                _class(field, "gi-before", False)
                _class(field, "gi-tall", bool(passage.TALL.search(text[:400])))
        if len(self.fields.children) < 2 * len(self.pairs):  # only now that they are filled; more at the end leaves the others, and the cursor, in place
            self.fields.children = (*self.fields.children, *self.pairs[-1])

    # ------------------------------------------------------------ showing a row

    def fill(self, row, place="", second=False):
        """Show a row (a dict), or nothing (None)."""
        if row is None and self.row is None and self.pairs:
            return
        self.filling = True
        try:
            if row is not None and (self.row is None or row["id"] != self.row["id"]):
                self._other_fields(row)
            self.row = self.seen = row
            self.conflict = self.unsaved = self.typing = False
            _class(self.view, "gi-empty", row is None)
            if row is None:
                return self._before()
            self.place, self.said.value = place, ""
            self._means(second)
            self.reason.value = row.get("reason", "")
            self._shown(row)
            shown = passage.passage(row.get("context", ""), row.get("evidence", ""))
            self.passage.value = passage.fold("Text", shown) if self.line else shown
            self.describe(row)
        finally:
            self.filling = False

    def describe(self, row):
        """The head of the card, and what people changed; the fields stay as they are."""
        self.row = row
        self.rows.update(dict.fromkeys(self.pairs[-1], row))
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
