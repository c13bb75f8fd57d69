"""Readable paragraphs from the HTML that a wiki makes of a page; part of wiki_scrape, for pages whose markup is beyond _wikitext.

    >>> paragraphs_of('<div class="mw-parser-output"><p><b>Ìbàdàn</b> jẹ́ ìlú.<sup class="reference">[1]</sup></p><h2>Ìtàn</h2><table><tr><td>1</td></tr></table></div>')
    ['Ìbàdàn jẹ́ ìlú.']
"""
import unicodedata

from ._furniture import Names
from ._prose import LINE, is_prose, tidy

# Both shapes of MediaWiki's HTML: the older one (thumb, h2) and the newer one (figure, mw-heading).
FURNITURE = ("table, style, script, figure, sup.reference, h1, h2, h3, h4, h5, h6, pre, .mw-heading, .thumb, .gallery, .reflist, .references, .mw-references-wrap, .hatnote, .navbox, "
             ".metadata, .noprint, .mw-editsection, .toc, .error, .infobox, .mw-empty-elt, #coordinates, .shortdescription, [style*='display:none'], [role=navigation], [role=note]")


def paragraphs_of(page, names=Names()):
    """The prose of a page's HTML as a list of plain texts; `names` tell which red links stand for templates that do not exist."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(page, "html.parser")
    for element in soup.select(FURNITURE):
        element.decompose()
    for link in soup.select("a.new"):
        if link.get_text().partition(":")[0].strip().lower() in names.template:
            link.decompose()
    for element in soup.find_all("br"):
        element.replace_with(LINE)
    found = []
    for element in soup.find_all(["p", "li", "blockquote", "dd"]):
        if element.find(["p", "li", "blockquote", "dd"]) is None:
            text = tidy(element.get_text())
            if text and (element.name not in ("li", "dd") or is_prose(text)):
                found.append(unicodedata.normalize("NFC", text))
    return found
