"""The field Keys of the editor: who has the cursor there decides row after row with single letters."""
import ipywidgets as w

from .. import review
from ..errors import NeedsFixing
from .style import guarded, tag

KEYS = {"a": "accepted", "e": "edited", "r": "rejected", "s": "skipped", "u": "undo", "n": "next", "p": "previous"}
HELP = "a accept, e save edit, r and a digit reject, s skip, u undo, n next, p previous"


class Keys:
    """`field` takes the letters, `said` answers; `editor` is the one whose cards they act upon."""

    def __init__(self, editor):
        self.editor, self.done, self.waiting_reason = editor, "", False
        self.field = editor.make(w.Text, description="Keys", placeholder="click here, then: " + HELP, width="auto", flex="1 1 20em")
        self.said = editor.make(w.HTML)
        self.view = editor.make(w.HBox, children=[self.field, self.said], flex_flow="row wrap")
        self.field.observe(self._typed, "value")

    def _typed(self, change):
        """Letters came. Only what is new since the last message counts, however late the messages come."""
        text = change["new"]
        fresh = text[len(self.done):] if text.startswith(self.done) else text if len(text) == 1 else ""
        self.done = text

        @guarded(self.said)
        def press():
            for key in fresh.lower():
                self._key(key)
        press()

    def _key(self, key):
        card = self.editor.cards[self.editor.current]
        if self.waiting_reason:
            self.waiting_reason = False
            if key.isdigit() and 0 < int(key) <= len(review.REASONS):
                card.reason.value = review.REASONS[int(key) - 1]
                return self._press(card, "rejected")
        what = KEYS.get(key)
        if what == "rejected":
            self.waiting_reason = True
            self.said.value = tag("Why? " + ", ".join(f"{number} {reason}" for number, reason in enumerate(review.REASONS, 1)), "gi-note")
        elif what in ("next", "previous"):
            self._step(1 if what == "next" else -1)
        elif what:
            self._press(card, what)
        elif key.strip():
            raise NeedsFixing(f"there is no key {key!r}: {HELP}")

    def _press(self, card, what):
        editor, last = self.editor, self.editor.current
        editor.act(card, card.buttons_mean.get(what, what))
        self.said.value = card.said.value
        if what != "undo" and "gi-error" not in card.said.value and len(editor.cards) > 1 and editor.current == last:
            self._turn()

    def _turn(self):
        """After the last row of a page: the next page, without taking the cursor out of the field."""
        if self.editor.page + 1 < self.editor.pages:
            self.editor.show(self.editor.page + 1)
        else:
            self.editor.list_rows()

    def _step(self, by):
        editor, here = self.editor, self.editor.current + by
        if 0 <= here < len([card for card in editor.cards if card.row is not None]):
            editor.choose(here)
        elif by > 0:
            self._turn()
        elif editor.page:
            editor.show(editor.page - 1)
            editor.choose(len(editor.cards) - 1)
