"""Readable paragraphs from the wikitext of a page; part of wiki_scrape.

Templates inside a sentence become places, which `Page.fill` fills when somebody has expanded them; a template alone on its line is
furniture and goes, as tables, references, pictures, galleries, categories and comments do.

    >>> page = read("'''Ìbàdàn''' jẹ́ ìlú ní [[Ìpínlẹ̀ Ọ̀yọ́|Ọ̀yọ́]] láti {{ọdún|1829}}.<ref>Ìwé</ref>\\n\\n{{reflist}}\\n[[Ẹ̀ka:Ìlú]]", Names(category={"ẹ̀ka"}))
    >>> page.templates
    ['{{ọdún|1829}}']
    >>> page.fill({"{{ọdún|1829}}": "''1829''"})
    ['Ìbàdàn jẹ́ ìlú ní Ọ̀yọ́ láti 1829.']
"""
import html
import re
import unicodedata
from dataclasses import dataclass

from ._braces import PLACE, forget_unused, take_templates
from ._furniture import Names, without_furniture
from ._markup import plain, without_marks
from ._prose import BLOCK, is_prose, tidy
from ._variants import apart, shown

HEADING = re.compile(r"(={1,6})\s*(.+?)\s*\1\s*")
ONLY_PLACES = re.compile("(?:\x02T\\d+\x03|[\\s.,;:|*#]|<br\\b[^<>]*>|&nbsp;|\x1d)+")
STRANGE = re.compile(r"\{\{[^{}]*\}\}|\[\[[^\[\]]*\]\]|^\{\||^\|\}|</?[a-z]+\b[^<>]*>", re.I | re.M)
MARKUP = ("{{", "[[", "<", "{|", "|}")  # without one of these nothing is strange, and most pieces have none
MARK = "Giqx7f3a"  # stands for the title of the page when templates of many pages are expanded together


@dataclass
class Page:
    """The paragraphs of a page with places for its inline templates. `strange` says that markup was left that this module does not understand."""

    blocks: list  # (kind, text): kind is text, item or heading
    templates: list
    kept: list
    names: Names
    strange: bool = False
    listed: int = 0  # list items and table rows

    def fill(self, expansions=None, title="", keep_headings=False):
        """The paragraphs as plain text in NFC; a template without expansion leaves nothing.

        `expansions` maps the wikitext of a template to the wikitext it stands for; `title` is put where MARK stands in it.
        """
        values = [inline((expansions or {}).get(source, ""), self.names, title) for source in self.templates]
        out = []
        for kind, text in self.blocks:
            text = self._finish(text, values)
            if not text or kind == "heading" and not keep_headings or kind == "item" and not is_prose(text):
                continue
            if kind == "item" and out and out[-1][0] == "item":
                out[-1] = ("item", out[-1][1] + "\n" + text)
            else:
                out.append((kind, text))
        return unicodedata.normalize("NFC", "\x1e".join(text for _, text in out)).split("\x1e") if out else []

    def _finish(self, text, values):
        if "\x02" in text:
            text = PLACE.sub(lambda found: self.kept[int(found[2])] if found[1] == "N" else values[int(found[2])], text)
        return tidy(text)


def read(text, names=Names()):
    """Wikitext of a page -> Page."""
    kept, templates = [], []
    page = Page([], templates, kept, names, listed=text.count("\n|-"))
    text = shown(take_templates(without_furniture(apart(text), names, kept), templates))
    for kind, piece in _blocks(text):
        piece = plain(piece, names)
        page.strange = page.strange or any(mark in piece for mark in MARKUP) and bool(STRANGE.search(piece))
        page.listed += kind == "item"
        page.blocks.append((kind, html.unescape(without_marks(piece))))
    forget_unused(page)
    return page


def inline(text, names, title=""):
    """The plain text of what an inline template stands for; "" for a table, a box, an error or a template that does not exist."""
    text = text.strip()
    if not re.search(r"[\[\]{}<&'\x1e\n]|__|-\{", text):  # most are a word or a number
        return text.replace(MARK, title)
    if re.match(r"\{\||<(?:table|div|ul|ol|h\d|style)\b", text) or re.search(r"\n\{\||<table\b|class=\"[^\"]*\berror\b", text):
        return ""
    if missing := re.fullmatch(r"\[\[:([^:\[\]|]+):[^\[\]|]+\]\]", text):
        if missing[1].strip().lower() in names.template:
            return ""
    kept = []
    text = shown(take_templates(without_furniture(apart(text), names, kept), []))
    text = " ".join(piece for _, piece in _blocks(text))
    text = html.unescape(without_marks(plain(text, names)))
    text = PLACE.sub(lambda found: kept[int(found[2])] if found[1] == "N" else "", text)
    return tidy(text.replace(MARK, title))


def _blocks(text):
    """(kind, text) for each paragraph, list item and heading; furniture alone on its line parts paragraphs."""
    blocks, lines = [], []

    def close():
        if lines:
            blocks.append(("text", "\n".join(lines)))
            lines.clear()

    for line in text.replace(BLOCK, f"\n{BLOCK}\n").split("\n"):
        bare = line.strip()
        heading = HEADING.fullmatch(bare) if bare.startswith("=") else None
        if not bare or bare == BLOCK or bare.startswith("----") or bare[0] == "\x02" and ONLY_PLACES.fullmatch(bare):
            close()
        elif heading:
            close()
            blocks.append(("heading", heading[2]))
        elif bare[0] in "*#:;":
            close()
            if bare[0] != ";" and not ONLY_PLACES.fullmatch(bare):  # the term of a definition list is a heading in disguise
                blocks.append(("item", bare.lstrip("*#:; ")))
        else:
            lines.append(bare)
    close()
    return blocks
