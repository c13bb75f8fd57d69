"""What allows a team to read news: one of the bases, and who stands for it."""
import ipywidgets as w
from IPython.display import display

from .. import bbc_scrape, store
from .style import box, guarded, tag


def permission_picker():
    """A list of the bases and a box for a name; gives an object with `.basis` (a key of PERMISSIONS, or "") and `.name`, kept for the next time."""
    return _Basis(store.settings())


class _Basis:
    def __init__(self, chosen):
        practice = chosen["mode"] == "practice"
        kept = "practice" if practice else chosen.get("news_basis", "")
        options = [("choose what is true for you", "")] + [(about["label"], basis) for basis, about in bbc_scrape.PERMISSIONS.items() if practice or basis != "practice"]
        style, wide = {"description_width": "5em"}, w.Layout(width="auto", max_width="52em")
        self.choice = w.Dropdown(options=options, value=kept if kept in [basis for _, basis in options] else "", description="Basis", style=style, layout=wide)
        self.who = w.Text(value=str(chosen.get("news_name", "")), description="Name", placeholder="who in your team answers for it", continuous_update=False, style=style, layout=wide)
        self.said, self.problem = w.HTML(), w.HTML()
        for entry in (self.choice, self.who):
            entry.observe(guarded(self.problem)(self._keep), "value")
        self.view = box(self.choice, self.who, self.said, self.problem)
        self._say()

    @property
    def basis(self):
        """The key of the basis, or "" while nothing is chosen."""
        return self.choice.value

    @property
    def name(self):
        """Who stands for it, or ""."""
        return self.who.value.strip()

    @property
    def note(self):
        """What the button that reads says of it."""
        return f"Permission: {self.basis}" if self._complete() else "permission of step 1"

    def _complete(self):
        return bool(self.basis and (self.name or self.basis == "practice"))

    def _keep(self, _):
        self._say()
        # The rehearsal's own basis is not kept: it would be none in live mode.
        store.remember(news_name=self.name, **({} if self.basis == "practice" else {"news_basis": self.basis}))

    def _say(self):
        # A list shows as much of a line as there is room for, so what was chosen stands below it, too.
        label = bbc_scrape.PERMISSIONS[self.basis]["label"] if self.basis else ""
        if not self._complete():
            lacks = "a name is" if self.basis else "a basis is" if self.name else "a basis and a name are"
            words = [label and f"{label}.", f"Nothing is read before {lacks} given."]
        else:
            may = "may" if bbc_scrape.publishable(self.basis) else "may not"
            words = [f"{label}.", f"Each row will say: {bbc_scrape.permission(self.basis, self.name)}. Such text {may} be published. Now run the cells below."]
        self.said.value = "".join(tag(line, "gi-note") for line in words if line)

    def _ipython_display_(self):
        display(self.view)
