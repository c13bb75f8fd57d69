"""The table where people correct question-answer rows."""
import asyncio
import time

import ipywidgets as w

from .. import review
from ..errors import NeedsFixing
from . import finding, passage
from .cards import Card
from .keys import Keys
from .style import Maker, box, guarded, tag

PER_PAGE, LINES, BATCH = 5, 12, 25
PAUSE = 1.5  # seconds without a letter, then what was typed is saved in the table; it is noted at once, see review.Sheet.note
BREAK = 600  # seconds; who takes longer over a row has had a break


def qa_editor(file, reviewer="", per_page=PER_PAGE):
    """Cards with passage, question and answer of the table at `file`; every action is saved at once with the reader's name.

    What is typed is on the disk as soon as the letters reach the kernel, and in the table after a pause; a kernel that is killed loses none of
    it (a power cut may take the last seconds). Who still writes in a row whose page has turned goes on in that row until the field is left.

    `per_page` cards are shown at a time (1 to 20). Two editors on one file never write over each other's work.
    """
    return _Editor(file, reviewer, per_page).view


class _Editor:
    """A fixed pool of cards, refilled for each page: a widget for each row would never appear with thousands of rows."""

    def __init__(self, file, reviewer, per_page):
        self.sheet = review.Sheet(file)
        self.recovered = w.HTML("".join(tag(words, "gi-flag") for words in self.sheet.recover()))
        self.page, self.current, self.ids = 0, 0, []
        self.clock = time.monotonic()
        rows = self.sheet.rows
        self.letters = passage.palette(passage.letters([(row.get("context", "") or row["answer"])[:500] for row in rows[:200]]))
        self.pools, self.make, self.clock_of_typing = {"cards": [], "table": []}, Maker(), None
        self.per_page = max(1, min(int(per_page), 20))
        self._controls(reviewer)
        self.places = {look: w.VBox() for look in self.pools}
        self.cards_box = w.VBox(list(self.places.values()))
        self.view = box(self.top, self.more, self.bar, self.sentence, self.keys_box, self._turners(), self.recovered, self.problem, self.cards_box, self._turners())
        self._pool()
        self.list_rows()
        _later(1, guarded(self.problem)(self.sheet.prepare))  # while people read the first row

    def _controls(self, reviewer):
        make, wide = self.make, {"width": "auto", "flex": "0 1 20em"}
        self.who = make(w.Text, value=reviewer, description="Your name", continuous_update=False, **wide)
        self.filter = make(w.Dropdown, options=finding.SHOW, value="to do", description="Show", **wide)
        self.search = make(w.Text, description="Search", placeholder="words of a question, an answer or a text", continuous_update=False, **wide)
        self.look = make(w.Dropdown, options=["cards", "table"], value="cards", description="View", **wide)
        self.order = make(w.Dropdown, options=["worst first", "as in the file"], value="worst first", description="Order", **wide)
        self.batch = make(w.BoundedIntText, value=0, min=0, max=max(1, -(-len(self.sheet.rows) // BATCH)), description="Batch", **wide)
        self.size = make(w.Dropdown, options=sorted({1, 5, 10, self.per_page}), value=self.per_page, description="Cards", **wide)
        self.top = make(w.HBox, children=[self.who, self.filter, self.search, self.look], flex_flow="row wrap")
        about = make(w.HTML, value=tag(f"Batches share the work: each has {BATCH} rows, and 0 shows all of them.", "gi-note"))
        more = make(w.VBox, children=[make(w.HBox, children=[self.order, self.batch, self.size], flex_flow="row wrap"), about])
        self.more = make(w.Accordion, children=[more], selected_index=None)
        self.more.set_title(0, "Order, batches, cards on a page")
        self.bar = make(w.IntProgress, description="Reviewed", min=0, max=max(1, len(self.sheet.rows)), width="auto")
        self.sentence, self.problem = make(w.HTML), make(w.HTML)
        keyboard = Keys(self)
        self.keys, self.keys_said, self.keys_box = keyboard.field, keyboard.said, keyboard.view
        self.turners = []
        for control in (self.filter, self.search, self.order, self.batch, self.who):
            control.observe(lambda _: self.list_rows(), "value")
        for control in (self.look, self.size):
            control.observe(lambda _: self._another_look(), "value")

    def _turners(self):
        make = self.make
        back, forward, where = make(w.Button, description="Previous", icon="arrow-left"), make(w.Button, description="Next", icon="arrow-right"), make(w.HTML)
        back.on_click(lambda _: self.turn(-1))
        forward.on_click(lambda _: self.turn(1))
        self.turners.append((back, forward, where))
        return make(w.HBox, children=[back, where, forward], flex_flow="row wrap", align_items="center")

    def _another_look(self):
        @guarded(self.problem)
        def go():
            self._all_saved()
            self._pool()
            self.show(0)
        go()

    def _pool(self):
        """Take the cards or lines that the view needs; they are made once, and the others are empty."""
        look = self.look.value
        made, many = self.pools[look], LINES if look == "table" else self.size.value
        made += [Card(self.act, self.make, self.letters, line=look == "table") for _ in range(many - len(made))]
        self.cards = made[:many]

    # ------------------------------------------------------------ which rows

    def list_rows(self):
        """Choose the rows anew; until the next choice the list stays, so that no row slips away while people work through it."""
        @guarded(self.problem)
        def choose():
            if self.ids:
                self._all_saved()
            self.sheet.refresh()
            rows = self.sheet.rows
            if self.batch.value:
                rows = rows[(self.batch.value - 1) * BATCH:self.batch.value * BATCH]
            rows = finding.wanted(rows, self.filter.value, self.who.value.strip().casefold(), self.search.value)
            if self.order.value == "worst first":
                rows = sorted(rows, key=finding.score)
            self.ids = [row["id"] for row in rows]
            self.show(0)
        choose()

    # ------------------------------------------------------------ showing

    def turn(self, by):
        """Turn the page; past the last one the list is made anew."""
        @guarded(self.problem)
        def go():
            self._all_saved()
            self.sheet.refresh()
            if by > 0 and self.page + 1 >= self.pages:
                self.list_rows()
            else:
                self.show(self.page + by)  # the cursor does not go along: who still types would write in the next row
        go()

    @property
    def pages(self):
        return max(1, -(-len(self.ids) // len(self.cards)))

    def show(self, page):
        """Fill the cards with the rows of a page."""
        self._all_saved()
        self.page = max(0, min(page, self.pages - 1))
        first = self.page * len(self.cards)
        second = self.filter.value == "second reading"
        for number, card in enumerate(self.cards, first):
            row = self.sheet.row(self.ids[number]) if number < len(self.ids) and self.ids[number] in self.sheet.place else None
            card.fill(row, f"{number + 1:,} of {len(self.ids):,}", second)
        for card in self._all_cards():
            if card not in self.cards:
                card.fill(None)
        # Shown only now: a card that is filled before people's eyes could write over what somebody types at once.
        for look, place in self.places.items():
            if len(place.children) < len(self.pools[look]):
                place.children = tuple(card.view for card in self.pools[look])
        for _, _, where in self.turners:
            where.value = tag(f"page {self.page + 1:,} of {self.pages:,}" if self.ids else self._nothing(), "gi-note")
        self.clock = time.monotonic()
        self.choose(0)
        self.report()

    def _nothing(self):
        if not self.sheet.rows:
            return "The table has no rows yet. Draft some in notebook 4."
        return "No row is left here. Choose something else under Show." if not self.search.value else "No row has these words."

    def report(self):
        """How far the reviewing is."""
        found = review.progress(self.sheet.rows)
        self.sentence.value = tag(found["sentence"], "gi-note")
        self.bar.value = found["reviewed"]

    def _all_cards(self):
        return [card for made in self.pools.values() for card in made]

    def choose(self, number):
        """Let the keys act upon this card."""
        filled = [card for card in self.cards if card.row is not None]
        self.current = max(0, min(number, len(filled) - 1))
        for place, card in enumerate(self.cards):
            card.now(place == self.current and card.row is not None)

    # ------------------------------------------------------------ deciding

    def act(self, card, what, late=None):
        """A button of a card was pressed, or a text was typed; `late` is the field and the text that came after its row had gone."""
        @guarded(card.said)
        def do():
            if what == "late":
                self._keep_late(card, *late)
            elif what == "keep":
                card.unsaved = True
                if self.clock_of_typing:
                    self.clock_of_typing.cancel()
                self.clock_of_typing = _later(PAUSE, self._save_typed)
                if card.unsaved:
                    self.sheet.note(card.row["id"], card.question.value, card.answer.value, self.who.value, card.seen)
            elif card.row is not None:
                if card.unsaved and what != "undo":
                    self._save_typed()
                (self._undo(card) if what == "undo" else self._decide(card, what))
        do()

    def _save_typed(self):
        """Save what was typed since; True when all of it is on the disk."""
        for card in self.cards:
            if card.unsaved and card.row is not None:
                guarded(card.said)(self._keep)(card)
        return not any(card.unsaved for card in self.cards)

    def _all_saved(self):
        if not self._save_typed():
            ids = [card.row["id"] for card in self.cards if card.unsaved]
            raise NeedsFixing(f"what you typed in row {ids[0]} is not saved yet, so the page stays; the row says why: mend it, or press Undo there")

    def _keep_late(self, card, field, text):
        """Keep a text that was typed for the row that the card showed before."""
        seen = card.rows[field]
        row = self.sheet.row(seen["id"])
        question, answer = text.get("question", row["question"]), text.get("answer", row["answer"])
        self.sheet.note(row["id"], question, answer, self.who.value, seen)
        kept = self.sheet.keep(row["id"], question, answer, self.who.value, seen=seen, goes_on=card.late is field)
        card.late = field
        for other, old in card.rows.items():
            if old is seen:
                card.rows[other] = kept
        for shown in self.cards:
            if shown.row is not None and shown.row["id"] == kept["id"] and not shown.unsaved:
                shown.fill(kept, shown.place, self.filter.value == "second reading")
        card.say(f"What you typed for row {row['id']} came when this card showed the next row; it is saved there.")
        self.report()

    def _keep(self, card):
        row = self.sheet.keep(card.row["id"], card.question.value, card.answer.value, self.who.value, seen=card.seen, goes_on=card.typing)
        card.unsaved = False
        if row is not card.seen:
            card.seen, card.typing = row, True
            card.describe(row)
            card.say("Text saved." + ("" if row["status"] in (*review.KEPT, "rejected") else " The row still waits for a decision."))
            self.report()

    def _decide(self, card, status):
        seconds = min(time.monotonic() - self.clock, BREAK)
        reason = card.reason.value if status in ("rejected", "to_revise") else ""
        try:
            row = self.sheet.decide(card.row["id"], status, self.who.value, seen=card.seen, question=card.question.value, answer=card.answer.value,
                                    reason=reason, seconds=seconds)
        except review.Changed as error:
            card.seen, card.conflict = error.row, True  # the reader has been told; the next press counts
            card.describe(error.row)
            raise
        place, self.clock = card.place, time.monotonic()
        card.fill(row, place, self.filter.value == "second reading")
        card.say(f"Saved: {row['status'].replace('_', ' ')}." + (" Nothing was changed in it, so it is accepted." if status == "edited" and row["status"] == "accepted" else ""))
        self.report()
        self._go_on(card)

    def _undo(self, card):
        if card.conflict or (card.unsaved and not self._save_typed()):
            words = "This is their row." if card.conflict else "What you typed could not be saved; this is the row as it was."
            card.fill(self.sheet.row(card.row["id"]), card.place, self.filter.value == "second reading")
            self.sheet.notes.forget(card.row["id"])
            return card.say(words)
        row = self.sheet.undo(card.row["id"], self.who.value)
        if row is None:
            raise NeedsFixing("there is nothing to take back in this row: you have not changed it since you opened the editor")
        card.fill(row, card.place, self.filter.value == "second reading")
        card.say("The last change is taken back.")
        self.report()

    def _go_on(self, card):
        """To the next row of the page that waits, or with one card a page to the next page. The cursor stays: who writes elsewhere by now goes on there."""
        number = self.cards.index(card)
        if len(self.cards) == 1:
            if self.page + 1 < self.pages:
                self.show(self.page + 1)
            return
        following = [place for place in range(number + 1, len(self.cards)) if self.cards[place].row is not None]
        self.choose(following[0] if following else number)


def _later(seconds, do):
    """Call it after some seconds, or at once where no event loop runs, as in a script; the timer, if there is one."""
    try:
        return asyncio.get_running_loop().call_later(seconds, do)
    except RuntimeError:
        do()
