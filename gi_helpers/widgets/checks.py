"""The table of what the check found: filter it, click a line, and see the row itself with the place marked."""
import html
import json

import ipywidgets as w

from .. import check, store
from ..errors import NeedsFixing
from .style import box, guarded, tag, text

PER_PAGE = 8
WORDS = {"E": "must be mended", "W": "look at it", "I": "for information"}
ROLES = ("system", "developer", "user", "assistant", "tool")


def check_table(path, problems=None, per_page=PER_PAGE):
    """The problems of a training file, by code and severity, and beside each the row it stands in.

    `problems` is what `check.problems` gave; by default 6_problems.csv beside the file, or else a check is made now.
    """
    return _Table(path, problems, per_page).view


def conversation(path, line=1):
    """One row of a training file as people would say it: who speaks, and what."""
    return box(text(f"line {line} of {store.Path(path).name}", "gi-note"), w.HTML(spoken(check.row(path, line))))


def spoken(talk, marked=""):
    """The messages of a row as HTML; those of the role `marked` are marked."""
    parts = []
    for message in talk.get("messages") if isinstance(talk.get("messages"), list) else []:
        role = message.get("role") if isinstance(message, dict) else ""
        content = message.get("content") if isinstance(message, dict) else message
        words = html.escape(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))[:4000]
        shown = f"<mark>{words}</mark>" if marked and role == marked else words
        parts.append(f'{tag(role or "no role", "gi-note")}<div class="gi-text" dir="auto" style="white-space:pre-wrap">{shown}</div>')
    return "".join(parts)


class _Table:
    """A fixed pool of buttons, refilled for each page: a button for each of a thousand problems would never appear."""

    def __init__(self, path, problems, per_page):
        self.path, self.first, self.rows = store.Path(path), 0, []
        kept = self.path.with_name("6_problems.csv")
        found = problems if problems is not None else store.read(kept) if kept.exists() else check.problems(self.path)
        rows = [{**row, "line": int(row["line"])} for row in found.to_dict("records")] if len(found) else []
        self.problems = sorted(rows, key=lambda row: list(WORDS).index(row["severity"]))  # what must be mended comes first
        self.severity = w.Dropdown(options=[("all", "")] + [(f"{name}: {words}", name) for name, words in WORDS.items()], description="Severity")
        self.code = w.Dropdown(description="Code", layout=w.Layout(width="auto", max_width="36em"))
        self.back, self.forward = w.Button(description="Previous"), w.Button(description="Next")
        self.where, self.problem, self.detail = w.HTML(), w.HTML(), w.HTML()
        self.buttons = [w.Button(layout=w.Layout(width="auto", height="auto")) for _ in range(per_page)]
        for place, button in enumerate(self.buttons):
            button.on_click(lambda _, place=place: self.reveal(self.first + place))
        self.back.on_click(guarded(self.problem)(lambda _: self.turn(-1)))
        self.forward.on_click(guarded(self.problem)(lambda _: self.turn(1)))
        self.severity.observe(guarded(self.problem)(lambda _: self.choose_severity()), "value")
        self.code.observe(guarded(self.problem)(lambda _: self.filter()), "value")
        wrap = w.Layout(flex_flow="row wrap")
        self.view = box(w.HBox([self.severity, self.code], layout=wrap), w.HBox([self.back, self.where, self.forward], layout=wrap),
                        w.VBox(self.buttons), self.problem, self.detail)
        self.choose_severity()

    def choose_severity(self):
        """The codes that have this severity, each with its number of problems; then the table."""
        inside = [row for row in self.problems if self.severity.value in ("", row["severity"])]
        meanings = dict(check.codes()[["code", "meaning"]].to_numpy())
        counted = {}
        for row in inside:
            counted[row["code"]] = counted.get(row["code"], 0) + 1
        keep = self.code.value if self.code.value in counted else ""
        self.code.options = [(f"all ({len(inside):,})", "")] + [(f"{code} ({count:,}) {meanings.get(code, '')}", code) for code, count in sorted(counted.items())]
        self.code.value = keep
        self.filter()

    def filter(self):
        """The problems of the chosen code and severity, from the first on."""
        self.rows = [row for row in self.problems if self.severity.value in ("", row["severity"]) and (self.code.value or row["code"]) == row["code"]]
        self.detail.value, self.first = "", 0
        self.show()

    def turn(self, by):
        self.first = max(0, min(self.first + by * len(self.buttons), max(0, len(self.rows) - 1) // len(self.buttons) * len(self.buttons)))
        self.show()

    def show(self):
        shown = self.rows[self.first:self.first + len(self.buttons)]
        for button, row in zip(self.buttons, shown + [None] * (len(self.buttons) - len(shown)), strict=True):
            button.layout.display = None if row else "none"
            if row:
                line = f"line {row['line']}" if row["line"] else "whole file"
                button.description = f"{row['severity']} {row['code']} · {line} · {row['message']}"[:110]
                button.tooltip = row["message"][:500]
        last = self.first + len(shown)
        self.where.value = tag(f"{self.first + 1 if shown else 0} to {last} of {len(self.rows):,}" if self.problems else "Nothing is wrong.")
        self.back.disabled, self.forward.disabled = self.first == 0, last >= len(self.rows)

    def reveal(self, number):
        """The problem, what to do, and its row."""
        @guarded(self.problem)
        def fill():
            row = self.rows[number]
            about = tag(f"{row['code']}, {WORDS[row['severity']]}: {row['message']}") + tag(f"What to do: {row['fix']}", "gi-note")
            self.detail.value = f'<div class="gi-card">{about}{self._row(row) if row["line"] else ""}</div>'
        fill()

    def _row(self, row):
        try:
            talk = check.row(self.path, row["line"])
        except NeedsFixing as error:
            return tag(str(error), "gi-error")
        others = {name: value for name, value in talk.items() if name != "messages"}
        parts = [tag(f"line {row['line']}, id {row['id']}" + (f"; {json.dumps(others, ensure_ascii=False)[:300]}" if others else ""), "gi-note")]
        parts.append(spoken(talk, next((role for role in ROLES if row["message"].startswith(f"{role}:")), "")))
        return "".join(parts)
