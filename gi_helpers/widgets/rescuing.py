"""The texts that were put aside in notebook 3: to browse by reason, to read whole, and to bring back."""
import html
from collections import Counter
from pathlib import Path

import ipywidgets as w

from .. import clean, store
from .style import box, guarded, tag

PAGE = 5        # texts on a page
SHORT = 1_500   # characters that are shown at once; the rest of a longer text opens with a click
ALL = "all"


def rescue_table(dropped, kept=None):
    """What `clean_files` put into `dropped` (3_dropped.csv), by reason and page, each text whole; its button moves it to `kept`, by default 3_clean.csv beside it."""
    return _Aside(dropped, kept).view


class _Aside:
    def __init__(self, dropped, kept):
        self.dropped, self.kept, self.start = Path(dropped), Path(kept or Path(dropped).with_name("3_clean.csv")), 0
        self.where, self.told, self.problem, self.cards = w.HTML(), w.HTML(), w.HTML(), w.VBox()
        self.reason = w.Dropdown(options=[ALL], description="Reason", layout=w.Layout(width="22em", max_width="100%"))
        self.back, self.forward = w.Button(description="Previous"), w.Button(description="Next")
        self.read = guarded(self.problem)(self._read)
        self.turn = guarded(self.problem)(self._turn)
        self.rescue = guarded(self.problem)(self._rescue)
        self.reason.observe(lambda _: self.turn(-self.start), "value")
        self.back.on_click(lambda _: self.turn(-PAGE))
        self.forward.on_click(lambda _: self.turn(PAGE))
        pager = w.HBox([self.reason, self.back, self.forward, self.where], layout=w.Layout(flex_flow="row wrap", align_items="center"))
        self.texts = []
        self.view = box(pager, self.told, self.problem, self.cards)
        self.read()

    def _read(self):
        """The texts as they stand in the file, and the reasons with their numbers; the chosen reason stays while it has texts."""
        texts = {}
        for row in store.read(self.dropped).to_dict("records"):
            texts.setdefault((row["source"], row["source_id"]), []).append(row)  # a text in parts is one text
        self.texts = list(texts.values())
        tally = Counter(rows[0]["reason"] for rows in self.texts)
        chosen = self.reason.value if self.reason.value in tally else ALL
        self.reason.options = [(f"{ALL} ({len(self.texts):,})", ALL), *((f"{name} ({number:,})", name) for name, number in tally.most_common())]
        self.reason.value = chosen
        self._turn(0)

    def _turn(self, step):
        wanted = [rows for rows in self.texts if self.reason.value in (ALL, rows[0]["reason"])]
        self.start = max(0, min(self.start + step, (len(wanted) - 1) // PAGE * PAGE))
        shown = wanted[self.start:self.start + PAGE]
        self.where.value = tag(f"{self.start + 1:,} to {self.start + len(shown):,} of {len(wanted):,} texts" if shown else "Nothing was put aside.", "gi-note")
        self.back.disabled, self.forward.disabled = self.start == 0, self.start + PAGE >= len(wanted)
        self.cards.children = [self._card(rows) for rows in shown]

    def _card(self, rows):
        first, content = rows[0], "".join(row["text"] for row in rows)
        head = " · ".join(filter(None, (first["reason"], first["note"], first["title"], f"{first['source']} {first['source_id']}")))
        button = w.Button(description="Rescue", icon="undo", tooltip=f"Bring back: {content[:60] or 'an empty text'}", disabled=not content)
        button.on_click(lambda _: self.rescue(first["id"]))
        card = w.VBox([w.HTML(tag(head, "gi-note") + _whole(content)), button])
        card.add_class("gi-card")
        return card

    def _rescue(self, name):
        clean.rescue(self.dropped, name, self.kept)
        self._read()
        self.told.value = tag(f"The text is in {self.kept.name} now, and stays there when you clean again.", "gi-good")


def _whole(content):
    """A text to read; a very long one opens with a click."""
    if len(content) <= SHORT:
        return f'<div class="gi-text" dir="auto">{html.escape(content)}</div>'
    return (f'<details><summary>{html.escape(content[:200])} … ({len(content):,} characters; click to read all)</summary>'
            f'<div class="gi-text" dir="auto">{html.escape(content)}</div></details>')
