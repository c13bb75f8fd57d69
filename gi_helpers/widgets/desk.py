"""The desk where people rate two answers side by side, without knowing whose they are."""
import ipywidgets as w

from .. import ratings, store
from .style import box, guarded, tag

WORDS = {"left": "Left is better", "right": "Right is better", "tie": "Equal", "both_bad": "Both are bad"}


def rating_desk(pairs, file, rater=""):
    """One pair of `pairs` at a time; each choice is kept in `file` at once, and the desk goes on with the next pair that this person has not rated."""
    return _Desk(pairs, file, rater).view


class _Desk:
    def __init__(self, pairs, file, rater):
        self.table, self.pairs, self.file, self.pair = pairs, pairs.to_dict("records"), file, None
        self.who = w.Text(value=rater, description="Your name", continuous_update=False)
        self.question, self.where, self.problem = w.HTML(), w.HTML(), w.HTML()
        half = w.Layout(width="auto", flex="1 1 18em")
        self.left, self.right = w.HTML(layout=half), w.HTML(layout=half)
        for side in (self.left, self.right):
            side.add_class("gi-card")
        self.criteria = {name: w.Dropdown(options=["", "1", "2", "3", "4", "5"], description=name.replace("_", " "), style={"description_width": "9em"})
                         for name in ratings.CRITERIA}
        self.edited = w.Textarea(description="Better answer", placeholder="correct the answer that you prefer, if it needs it", continuous_update=False,
                                 layout=w.Layout(width="auto"), style={"description_width": "7em"})
        wrap = w.Layout(flex_flow="row wrap")
        copy = [self._copier(words, number) for number, words in enumerate(("Edit the left answer", "Edit the right answer"))]
        self.note = w.Text(description="Note", continuous_update=False)
        buttons = []
        for choice, words in WORDS.items():
            button = w.Button(description=words, layout=w.Layout(width="auto"))
            button.on_click(lambda _, choice=choice: self.choose(choice))
            buttons.append(button)
        help_text = w.HTML("".join(tag(f"{name.replace('_', ' ')}: {meaning}", "gi-note") for name, meaning in ratings.definitions(store.settings()["language"]).items()))
        more = w.Accordion(children=[w.VBox([help_text, *self.criteria.values(), w.HBox(copy, layout=wrap), self.edited, self.note])], selected_index=None)
        more.set_title(0, "More about the answer that you prefer (you may leave this out)")
        self.view = box(self.who, self.where, self.question, w.HBox([self.left, self.right], layout=wrap), w.HBox(buttons, layout=wrap), more, self.problem)
        self.who.observe(guarded(self.problem)(lambda _: self.show(keep=True)), "value")
        self.show()

    def _copier(self, words, number):
        """A button that puts one of the two answers into the field, to be corrected there."""
        def fill(_):
            if self.pair is not None:
                self.edited.value = self.pair[f"answer_{ratings.sides(self.pair['item'], self.who.value.strip())[number]}"]

        button = w.Button(description=words, icon="pencil", layout=w.Layout(width="auto"))
        button.on_click(fill)
        return button

    def show(self, keep=False):
        """The first pair that this person has not rated yet; with `keep`, what was typed stays while the pair is the same."""
        rater = self.who.value.strip()
        rated = ratings.rated_by(self.file, self.table, rater)
        left = [pair for pair in self.pairs if pair["item"] not in rated]
        before, self.pair = self.pair, left[0] if left else None
        self.where.value = tag(f"{len(self.pairs) - len(left)} of {len(self.pairs)} rated" + ("" if left else ". Thank you, you have rated all of them."))
        if not (keep and self.pair and before and self.pair["item"] == before["item"]):  # else only the name was mended
            self.edited.value = self.note.value = ""
            for field in self.criteria.values():
                field.value = ""
        if self.pair is None:
            self.question.value = self.left.value = self.right.value = ""
            return
        one, other = ratings.sides(self.pair["item"], rater)
        self.question.value = tag(self.pair["question"])
        self.left.value = tag("Left", "gi-note") + tag(self.pair[f"answer_{one}"])
        self.right.value = tag("Right", "gi-note") + tag(self.pair[f"answer_{other}"])

    def choose(self, choice):
        """Keep the choice and go on."""
        @guarded(self.problem)
        def keep():
            if self.pair is None:
                return
            edited = self.edited.value.strip()
            if edited in (self.pair["answer_base"].strip(), self.pair["answer_tuned"].strip()):
                edited = ""  # copied, and not changed
            ratings.rate(self.file, self.pair, self.who.value, choice, edited=edited, note=self.note.value,
                         **{name: field.value for name, field in self.criteria.items()})
            self.show()
        keep()
