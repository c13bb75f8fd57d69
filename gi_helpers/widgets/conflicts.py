"""What two people wrote about one row, side by side, for the team to choose."""
import ipywidgets as w

from .. import review
from . import passage
from .style import box, guarded, tag


def merge_desk(file):
    """The conflicts that `review.merge` left, one at a time: what was given out, what stands in the table, what the copy says. Each choice is saved at once."""
    return _Desk(file).view


class _Desk:
    def __init__(self, file):
        self.file, self.one = file, None
        half = w.Layout(width="auto", flex="1 1 18em")
        self.where, self.before, self.problem = w.HTML(), w.HTML(), w.HTML()
        self.ours, self.theirs = w.HTML(layout=half), w.HTML(layout=half)
        for side in (self.ours, self.theirs):
            side.add_class("gi-card")
        wrap = w.Layout(flex_flow="row wrap")
        self.keep, self.take = w.Button(description="Keep the table's", icon="check"), w.Button(description="Take the copy's", icon="exchange")
        for button, take in ((self.keep, False), (self.take, True)):
            button.layout.width = "auto"
            button.on_click(lambda _, take=take: self.choose(take))
        self.choice = w.VBox([w.HBox([self.ours, self.theirs], layout=wrap), w.HBox([self.keep, self.take], layout=wrap)])
        self.view = box(self.where, self.before, self.choice, self.problem)
        guarded(self.problem)(self.show)()

    def show(self):
        """The first conflict that is open."""
        open_ = review.conflicts(self.file)
        self.one = open_[0] if open_ else None
        self.keep.disabled = self.take.disabled = self.one is None
        self.choice.layout.display = None if self.one else "none"
        self.before.value = self.ours.value = self.theirs.value = ""
        self.where.value = tag(f"{len(open_):,} conflict{'s are' if len(open_) > 1 else ' is'} open. Row {self.one['id']}:" if open_ else "No conflict is open.", "gi-note")
        if self.one:
            fields, row = self.one["fields"], self.one["row"]
            asked = "" if any(one["field"] == "question" for one in fields) else tag(f"Question: {row['question']}")
            self.before.value = passage.passage(row.get("context", ""), row.get("evidence", "")) + asked + "".join(tag(f"Given out, {one['field']}: {one['before']}", "gi-note") for one in fields)
            self.ours.value = tag("The table now", "gi-note") + "".join(_side(one, "now") for one in fields)
            self.theirs.value = tag(f"The copy of {self.one['copy']}", "gi-note") + "".join(_side(one, "theirs") for one in fields)

    def choose(self, take):
        """Settle what is shown, and go on."""
        @guarded(self.problem)
        def settle():
            if self.one:
                review.settle(self.file, self.one["id"], self.one["copy"], take)
                self.show()
        settle()


def _side(one, which):
    return tag(one["field"], "gi-note") + f'<div class="gi-text">{passage.difference(one["before"], one[which])}</div>'
