"""One look for all widgets, and callbacks that never swallow an error."""
import functools
import html

import ipywidgets as w

from ..errors import NeedsFixing, more_help

# In Colab every output is a page of its own, so the sheet goes into each widget that is shown.
# White paper under every theme, as with the figures: the colours below were chosen on it. ipywidgets takes its own from the variables of the page.
# `plaintext` and `start`: each paragraph runs in its own direction, Arabic from the right.
SHEET = """<style>
.gi {container-type: inline-size; width: 100%; background: #fff; color: #111; color-scheme: light; padding: 2px 4px; box-sizing: border-box;
  --jp-ui-font-color0: #111; --jp-ui-font-color1: #111; --jp-ui-font-color2: #444; --jp-content-font-color0: #111; --jp-content-font-color1: #111; --jp-content-font-color2: #444;
  --jp-layout-color0: #fff; --jp-layout-color1: #fff; --jp-layout-color2: #eee; --jp-layout-color3: #ccc; --jp-border-color0: #767676; --jp-border-color1: #8a8a8a; --jp-border-color2: #ddd;
  --jp-widgets-color: #111; --jp-widgets-label-color: #111; --jp-widgets-readout-color: #111; --jp-widgets-font-color: #111; --jp-widgets-input-color: #111;
  --jp-widgets-input-background-color: #fff; --jp-widgets-input-border-color: #8a8a8a}
.gi .jupyter-widgets, .gi .widget-html-content {max-width: 100%; min-width: 0; box-sizing: border-box}
.gi .widget-html-content {overflow-x: auto; overflow-wrap: anywhere}
.gi .gi-wide .jupyter-widgets, .gi .gi-wide .widget-html-content {max-width: none; overflow: visible}
.gi, .gi textarea, .gi input, .gi select, .gi button, .gi .widget-html-content, .gi .widget-label {font-family: "Noto Sans", system-ui, sans-serif}
.gi textarea, .gi .widget-html-content {line-height: 1.75}
.gi textarea, .gi .gi-text {unicode-bidi: plaintext; text-align: start; font-size: 15px}
.gi .gi-text {white-space: pre-line}
.gi textarea {field-sizing: content; min-height: 3.4em; height: auto; max-height: 24em; padding: 4px 8px; box-sizing: border-box}
.gi .gi-tall, .gi .gi-tall textarea {line-height: 2.2}
.gi .gi-card {border: 1px solid #767676; border-radius: 6px; padding: 10px; margin: 6px 0}
.gi .gi-job {white-space: normal; overflow-wrap: anywhere; line-height: 1.5; padding: 4px 10px; min-height: 28px; text-align: start}
.gi .gi-now {border-left: 6px solid #1558a6}
.gi .gi-fields {position: relative; overflow: visible}
.gi .gi-before:not(:focus-within), .gi .gi-empty:not(:focus-within) {display: none}
.gi .gi-before {position: absolute; inset: 0 0 auto 0; z-index: 2; height: auto; margin: 0; flex-wrap: wrap; background: #fff; outline: 3px solid #8a4b00}
.gi .gi-before:nth-child(even) {inset: auto 0 0 0}
.gi .gi-before .widget-label {color: #111}
.gi .gi-empty .gi-before {position: static}
.gi .gi-before::after {content: "The page has turned. What you write here goes on in the row before and is saved there; leave the field, and the new row is here."; flex: 1 1 100%; padding: 2px 8px; color: #8a4b00; font-weight: 600; line-height: 1.5}
.gi .gi-note {color: #444; line-height: 1.5}
.gi .gi-error {color: #b00020; font-weight: 600; line-height: 1.5}
.gi .gi-flag {color: #8a4b00; font-weight: 600; line-height: 1.5}
.gi .gi-good {color: #1b5e20; line-height: 1.5}
.gi mark {background: #ffe08a; color: #000}
.gi del {color: #8a0013} .gi ins {color: #0b5a1e}
.gi .gi-passage {background: #f6f6f3; color: #111; border-radius: 4px; padding: 4px 10px; white-space: pre-wrap; overflow-wrap: anywhere}
.gi summary {cursor: pointer; color: #1558a6; line-height: 1.5}
.gi .gi-status {display: inline-block; border: 1px solid currentColor; border-radius: 10px; padding: 0 8px; line-height: 1.5; color: #444}
.gi .gi-accepted, .gi .gi-edited, .gi .gi-approved {color: #1b5e20} .gi .gi-rejected, .gi .gi-to_revise {color: #8a0013}
.gi img {max-width: 100%; height: auto} .gi .wide {overflow-x: auto} .gi .wide th, .gi .wide td {text-align: start; vertical-align: top; padding: 1px 14px 1px 4px; overflow-wrap: normal; word-break: normal; font-size: 15px}
.gi .gi-map {border-collapse: collapse; line-height: 1.6} .gi .gi-map th, .gi .gi-map td {text-align: start; padding: 1px 14px 1px 4px; border-bottom: 1px solid #ddd}
.gi .gi-map tbody th {font-weight: 400} .gi .gi-map .gi-next th, .gi .gi-map .gi-next td {font-weight: 600; background: #e8f0fb; color: #111}
.gi .gi-letters {display: flex; flex-wrap: wrap; gap: 3px}
.gi .gi-letter {min-width: 30px; height: 30px; font-size: 16px; line-height: 1; border: 1px solid #767676; border-radius: 4px; background: #fff; color: #111; cursor: pointer}
.gi .gi-letter:hover {background: #e8f0fb}
.gi button:focus-visible, .gi textarea:focus-visible, .gi input:focus-visible, .gi select:focus-visible, .gi summary:focus-visible {outline: 3px solid #1558a6; outline-offset: 1px}
.gi .gi-row {border-top: 1px solid #b5b5b5; padding: 6px 0 6px 6px}
.gi .gi-row.gi-now {border-left: 6px solid #1558a6; padding-left: 2px}
@container (max-width: 640px) {
  .gi .widget-textarea, .gi .widget-text, .gi .widget-dropdown {flex-direction: column; height: auto; width: auto; min-width: 0; max-width: 100%}
  .gi .widget-textarea > *, .gi .widget-text > *, .gi .widget-dropdown > * {width: 100%; flex: 0 0 auto}
  .gi .widget-textarea > .widget-label, .gi .widget-text > .widget-label, .gi .widget-dropdown > .widget-label {text-align: start; line-height: 1.5; height: auto}
  .gi .jupyter-button {min-height: 40px}
  .gi .gi-letter {min-width: 38px; height: 38px}
}
</style>"""


def box(*children):
    """A column of widgets with the house's look."""
    column = w.VBox([w.HTML(SHEET), *children])
    column.add_class("gi")
    return column


class Maker:
    """Makes widgets that share their layouts and styles: each is a model of its own for the browser, and a page of cards has hundreds."""

    def __init__(self):
        self.layouts, self.styles = {}, {}

    def __call__(self, kind, **traits):
        """A widget; width, max_width, flex, flex_flow and align_items are those of its layout."""
        how = {name: traits.pop(name) for name in ("width", "max_width", "flex", "flex_flow", "align_items") if name in traits}
        if kind in self.styles:
            traits["style"] = self.styles[kind]
        elif "description" in traits and kind is not w.Button:
            traits["style"] = {"description_width": "5.5em"}
        made = kind(layout=self.layouts.get(tuple(how.items())) or w.Layout(**how), **traits)
        self.layouts[tuple(how.items())] = made.layout
        if hasattr(made, "style"):
            self.styles[kind] = made.style
        return made


def text(content, style="gi-text"):
    """Words as an HTML widget; anything that looks like a tag is shown, never run."""
    return w.HTML(tag(content, style))


def tag(content, style="gi-text"):
    """The same as a string of HTML."""
    return f'<div class="{style}">{html.escape(str(content))}</div>'


def guarded(place):
    """A decorator for callbacks: an error is shown in `place` (an HTML widget) as a sentence, and nowhere lost."""
    def around(function):
        @functools.wraps(function)
        def inside(*args, **kwargs):
            place.value = ""
            try:
                return function(*args, **kwargs)
            except Exception as error:
                place.value = tag(explain(error), "gi-error")
        return inside
    return around


def explain(error):
    """An error as a sentence to the person at the keyboard."""
    if isinstance(error, NeedsFixing):
        return f"Please fix: {error} (More help: {more_help(str(error))})"
    return (f"Something unexpected happened ({type(error).__name__}: {error}). Nothing saved is lost. "
            "Run this cell again; if it happens again, tell the project and copy this line.")
