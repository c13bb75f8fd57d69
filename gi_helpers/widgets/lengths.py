"""The histogram of text lengths, with a limit to move, and the texts behind each bar."""
import html
import math

import ipywidgets as w

from .. import charts, store, tokens
from ..errors import NeedsFixing
from .style import box, guarded, tag

ENGLISH = 1.15      # tokens a word of English, with both tables, on the Universal Declaration of Human Rights
WIDE, HIGH, LEFT, FOOT, TOP = 760, 240, 56, 34, 14  # the picture, in pixels
INSET = 6           # pixels that a slider's track is shorter than the slider, on each side
SAMPLE = 1_000      # texts that tokens a word are counted on
SHOWN = 20          # texts of one bar
# White lines and dots tell the sources apart in grey print, too; the first one is plain.
STROKES = ("M0 6L6 0", "M3 2.5v1", "M0 0L6 6M0 6L6 0", "M0 0L6 6", "M0 3h6M3 0v6")
PATTERNS = "<defs>" + "".join(
    f'<pattern id="gi-source-{number}" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="{charts.COLOURS[number]}"/>'
    f'<path d="{stroke}" stroke="white" stroke-width="1.2"/></pattern>' for number, stroke in enumerate(STROKES, 1)) + "</defs>"


def token_histogram(file, limit=4096, model="gpt-4o-mini"):
    """Token lengths of the table at `file` (columns tokens, source, text), with the limit to drag and what it would cut.

    The slider lies under the picture, so that its grip is the foot of the limit's line; the box takes limits beyond the picture, too. Hovering over
    a bar tells how many texts are in it, a click shows them. Redrawn in a few milliseconds at 100,000 texts.
    """
    shown = Lengths(store.read(file), model)
    most = int(shown.edges[-1])
    slider = w.IntSlider(value=limit, min=0, max=most, step=1, continuous_update=True, readout=False,
                         layout=w.Layout(width=f"{WIDE - LEFT + 2 * INSET}px", margin=f"0 0 0 {LEFT - INSET}px"))
    number = w.BoundedIntText(value=limit, min=1, max=10**7, layout=w.Layout(width="12em"), description="Limit", style={"description_width": "4em"})
    log = w.Checkbox(value=False, description="Logarithmic counts", indent=False)
    words, problem, texts = w.HTML(), w.HTML(), w.HTML()
    picture = w.HTML(layout=w.Layout(width=f"{WIDE}px", height=f"{HIGH}px", margin="0", flex="0 0 auto"))
    # The buttons lie over the picture, each on its bar.
    bars = w.HBox([_bar_button(shown, place) for place in range(len(shown.edges) - 1)],
                  layout=w.Layout(width=f"{WIDE - LEFT}px", height=f"{HIGH - FOOT - TOP}px", margin=f"{TOP - HIGH}px 0 {FOOT}px {LEFT}px", overflow="hidden", flex="0 0 auto"))
    frame = w.VBox([picture, bars, slider], layout=w.Layout(max_width="100%", min_height=f"{HIGH + 36}px", overflow="auto hidden"))
    frame.add_class("gi-wide")  # in a narrow window it scrolls in its place

    @guarded(problem)
    def draw(_=None):
        picture.value = shown.picture(number.value, log.value)
        words.value = tag(shown.words(number.value))

    @guarded(problem)
    def moved(change):
        if change["new"] < most or number.value < most:  # at the right end the box may hold a limit further on
            number.value = max(1, change["new"])

    @guarded(problem)
    def typed(change):
        slider.value = min(change["new"], most)
        draw()

    slider.observe(moved, "value")
    number.observe(typed, "value")
    log.observe(draw, "value")
    for place, button in enumerate(bars.children):
        button.on_click(guarded(problem)(lambda _, place=place: setattr(texts, "value", shown.texts(place))))
    draw()
    return box(w.HBox([number, log]), words, frame, problem, w.HTML(tag(shown.cost(), "gi-note")), texts)


def _bar_button(shown, place):
    count = sum(int(heights[place]) for heights in shown.bars.values())
    low, high = int(shown.edges[place]), int(shown.edges[place + 1]) - 1
    return w.Button(tooltip=f"{low:,} to {high:,} tokens: {count:,} {'text' if count == 1 else 'texts'}; click to read", disabled=not count, style={"button_color": "transparent"},
                    layout=w.Layout(width=f"{(WIDE - LEFT) / (len(shown.edges) - 1):.3f}px", min_width="0", padding="0", margin="0", height="100%"))


class Lengths:
    """What the histogram shows of a table, worked out once; a redraw only writes a picture of some forty bars."""

    def __init__(self, table, model="gpt-4o-mini"):
        if len(table) and "tokens" not in table:
            raise NeedsFixing("the table has no column 'tokens'; run the cleaning step of notebook 3 first")
        self.table = (table if "tokens" in table else table.assign(tokens=[])).assign(tokens=lambda rows: rows["tokens"].astype(int))
        self.model, self.numbers = model, self.table["tokens"].to_numpy()
        self.edges, self.bars = charts.length_bars(self.table)
        self.total = int(self.numbers.sum())

    def words(self, limit):
        """One line: how many texts, the middle and the longest one, and what the limit would cut."""
        if not len(self.table):
            return "No texts yet."
        texts, parts, longer = charts.over(self.table, limit)
        cut = f"With a limit of {limit:,}, {longer:,} would be cut into at least {parts:,} parts." if longer else f"With a limit of {limit:,}, none would be cut."
        middle = int(sorted(self.numbers)[texts // 2]) if texts < 1_000 else int(self.table["tokens"].median())
        return f"{texts:,} texts, {self.total:,} tokens. The middle one has {middle:,}, the longest {int(self.numbers.max()):,}. {cut}"

    def cost(self):
        """Tokens a word beside English's, and what training once over these texts costs."""
        sample = self.table["text"].iloc[::max(1, len(self.table) // SAMPLE)] if "text" in self.table else []
        parts = []
        if rate := tokens.fertility(sample, self.model):
            exact = "" if tokens.how(self.model) == "exact" else ", by estimate"
            parts.append(f"A word has {rate:.2f} tokens for {self.model}{exact}; in English {ENGLISH:.2f}, so this language costs {rate / ENGLISH:.1f} times as much a word.")
        prices = [f"{row['model']} ${self.total / 1e6 * float(row['usd_per_million_training']):,.2f}" for row in store.read(store.shipped("prices.csv")).to_dict("records")
                  if row["use"] == "train" and row["usd_per_million_training"] and row["provider"] != "practice"]
        if prices and self.total:
            parts.append(f"Training once over all of it: {', '.join(prices)}.")
        return " ".join(parts)

    def texts(self, place):
        """The first texts of a bar, shortest first, as HTML."""
        low, high = int(self.edges[place]), int(self.edges[place + 1])
        inside = self.table[(self.numbers >= low) & (self.numbers < high)].sort_values("tokens", kind="stable")
        cards = [f"<div class='gi-card'><b>{html.escape(str(row.get('title') or row.get('id', '')))}</b> ({html.escape(str(row.get('source', '')))}, "
                 f"{row['tokens']:,} tokens)<div class='gi-text' dir='auto'>{html.escape(str(row.get('text', '')))}</div></div>" for row in inside.head(SHOWN).to_dict("records")]
        return tag(f"{len(inside):,} texts of {low:,} to {high - 1:,} tokens{f'; the first {SHOWN}' if len(inside) > SHOWN else ''}", "gi-note") + "".join(cards)

    def picture(self, limit, log=False):
        """The histogram as SVG: bars by source, the limit as a line, what lies beyond it on grey."""
        import numpy as np

        count = len(self.edges) - 1
        scale = (lambda value: np.log10(np.asarray(value, float) + 1)) if log else (lambda value: np.asarray(value, float))
        tallest = max(1.0, float(scale(sum(self.bars.values())).max())) if len(self.table) else 1.0
        step = (WIDE - LEFT) / count
        height = HIGH - FOOT - TOP
        parts, foot = [], np.zeros(count)
        for number, (name, heights) in enumerate(self.bars.items()):
            top = foot + heights
            lows, highs = scale(foot) / tallest * height, scale(top) / tallest * height
            parts += [f'<rect x="{LEFT + place * step:.1f}" y="{HIGH - FOOT - highs[place]:.1f}" width="{max(1, step - 1):.1f}" height="{highs[place] - lows[place]:.1f}" '
                      f'{_fill(number)}><title>{html.escape(str(name))}: {int(heights[place]):,} texts of {int(self.edges[place]):,} to '
                      f'{int(self.edges[place + 1]) - 1:,} tokens</title></rect>' for place in range(count) if heights[place]]
            foot = top
        return (f'<svg viewBox="0 0 {WIDE} {HIGH}" style="display:block;width:{WIDE}px;height:{HIGH}px" role="img" aria-label="{html.escape(self.words(limit))}" '
                f'font-family="sans-serif" font-size="11">{PATTERNS}{self._beyond(limit)}{"".join(parts)}{self._limit(limit)}{self._axes(tallest, log)}{self._legend()}{_practice()}</svg>')

    def _beyond(self, limit):
        place = LEFT + (WIDE - LEFT) * limit / self.edges[-1]
        return f'<rect x="{place:.1f}" y="{TOP}" width="{WIDE - place:.1f}" height="{HIGH - FOOT - TOP}" fill="#eeeeee"/>' if place <= WIDE else ""

    def _limit(self, limit):
        place = LEFT + (WIDE - LEFT) * limit / self.edges[-1]
        if place > WIDE:
            return f'<text x="{WIDE - 4}" y="{TOP}" text-anchor="end">limit {limit:,}, beyond the picture →</text>'
        at_end = place > WIDE - 110
        return (f'<line x1="{place:.1f}" x2="{place:.1f}" y1="{TOP - 8}" y2="{HIGH - FOOT}" stroke="black" stroke-dasharray="5 3" stroke-width="1.5"/>'
                f'<text x="{place + (-5 if at_end else 5):.1f}" y="{TOP}" text-anchor="{"end" if at_end else "start"}">limit {limit:,}</text>')

    def _axes(self, tallest, log):
        base, height = HIGH - FOOT, HIGH - FOOT - TOP
        most = round(10**tallest - 1) if log else int(tallest)
        marks = sorted({1, *(10**power for power in range(1, 9) if 1.6 * 10**power <= most), most}) if log else sorted({0, most // 2, most})
        lines = [f'<line x1="{LEFT}" x2="{WIDE}" y1="{base}" y2="{base}" stroke="black"/>']
        for mark in marks:
            y = base - (math.log10(mark + 1) if log else mark) / tallest * height
            lines.append(f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{mark:,}</text>')
        for place in range(0, len(self.edges), 8):
            x = LEFT + (WIDE - LEFT) * place / (len(self.edges) - 1)
            lines.append(f'<text x="{x:.1f}" y="{base + 14}" text-anchor="{"end" if place == len(self.edges) - 1 else "middle"}">{int(self.edges[place]):,}</text>')
        return "".join(lines) + f'<text x="{(WIDE + LEFT) / 2}" y="{HIGH - 5}" text-anchor="middle">tokens in a text</text>'

    def _legend(self):
        if len(self.bars) < 2:
            return ""
        rows = [f'<rect x="{WIDE - 190}" y="{TOP + 8 + 16 * number}" width="10" height="10" {_fill(number)}/>'
                f'<text x="{WIDE - 175}" y="{TOP + 17 + 16 * number}">{html.escape(str(name))} ({int(sum(heights)):,})</text>'
                for number, (name, heights) in enumerate(self.bars.items())]
        return "".join(rows)


def _fill(number):
    return f'fill="{charts.COLOURS[0] if number == 0 else f"url(#gi-source-{number % 6})"}"'


def _practice():
    if store.settings()["mode"] != "practice":
        return ""
    return f'<text x="2" y="{HIGH - 5}" fill="#b00020">PRACTICE: a rehearsal</text>'
