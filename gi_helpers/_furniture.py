"""What of a wikitext is no prose goes at once: tables, references, pictures, categories, comments, hidden boxes; part of wiki_scrape."""
import html
import re
import unicodedata
from dataclasses import dataclass, field

from ._prose import BLOCK, LINE

# Content that is no prose, with its tag.
GONE = ("ref references gallery timeline graph score syntaxhighlight source pre imagemap templatestyles mapframe includeonly categorytree inputbox "
        "hiero templatedata charinsert indicator section chem ce rss style script").split()
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
COMMENT_LINE = re.compile(r"(?<=\n)[ \t]*<!--(?:(?!-->).)*-->[ \t]*\n", re.S)
NOWIKI, MATH, POEM = (re.compile(rf"<({tag})(?:\s[^>]*)?/?>", re.I) for tag in ("nowiki", "math", "poem"))
GONE_TAG = re.compile(rf"<({'|'.join(GONE)})(?:\s[^>]*)?/?>", re.I)
HTML_TABLE = re.compile(r"<table\b(?:(?!</?table\b).)*</table\s*>", re.S | re.I)
HIDDEN = re.compile(
    r"<(div|span|sup|p|small|ol|ul)\b[^<>]*(?:\b(?:class|role)\s*=\s*[\"']?[^\"'<>]*\b(?:noprint|metadata|navbox|hatnote|thumb|infobox|[atfoc]?mbox|reflist|reference|"
    r"references|gallery|navigation|sidebar|toc|error|mw-empty-elt|sistersitebox|stub|Inline-Template)\b|\bid\s*=\s*[\"']?coordinates\b|display\s*:\s*none)[^<>]*>(?:(?!</?\1\b).)*</\1\s*>", re.S | re.I)
BREAK = re.compile(r"<br\b[^<>]*>", re.I)
BLOCK_TAG = re.compile(r"</?(?:div|p|blockquote|center|poem|section|article|figure|dl|hr|tr|td|th|tbody)\b[^<>]*>", re.I)
ITEM_TAG = re.compile(r"<(?:li|dd|dt)\b[^<>]*>", re.I)
TABLE_EDGE = re.compile(r"^[ \t:]*\{\||^[ \t]*\|\}(?!\})", re.M)
BRACKETS = re.compile(r"\[\[|\]\]|\[(?:[a-z]+:)?//[^\[\]\n]*(?:\[\[[^\[\]\n]*\]\][^\[\]\n]*)*\]|\[[^\[\]\n]+\](?=\]\])", re.I)  # a link to elsewhere has a bracket of its own
BEHAVIOUR = re.compile(r"__[A-ZÀ-Þ]{3,}__")
FILE_NAME = r"[^\[\]{}|<>\n:]+:[^\[\]{}|<>\n]+\.(?:jpe?g|png|gif|svg|tiff?|webp|xcf|djvu|pdf|ogg|oga|ogv|opus|webm|mp3|mpe?g|wav|flac|midi?|stl)\s*(?=\||\]\])"
LAST_LINK = re.compile(r"\[\[[^\[\]{}|:\n]+:[^\[\]\n]+\]\]")  # a line of its own at the end of a page: a category, by whatever name
OURS = "\x02\x03" + BLOCK + LINE


@dataclass(frozen=True)
class Names:
    """What a wiki calls its namespaces, in small letters, the English names and the aliases among them; `languages` are prefixes of links to other editions."""

    file: frozenset = frozenset({"file", "image"})
    category: frozenset = frozenset({"category"})
    template: frozenset = frozenset({"template"})
    languages: frozenset = frozenset()
    media: frozenset = frozenset({"media"})
    gone: re.Pattern = field(init=False, compare=False, repr=False)

    def __post_init__(self):
        always = {"file": {"file", "image"}, "category": {"category"}, "template": {"template"}, "media": {"media"}}
        for kind, names in always.items():
            object.__setattr__(self, kind, frozenset(unicodedata.normalize("NFC", name).lower() for name in {*getattr(self, kind), *names}))
        words = "|".join(re.escape(name).replace(r"\ ", "[ _]+") for name in sorted(self.file | self.category, key=len, reverse=True))
        media = "|".join(re.escape(name) for name in self.media)  # a link to a sound: its words are part of the sentence
        object.__setattr__(self, "gone", re.compile(rf"\[\[\s*(?:({words})\s*:|(?=[^:])(?!(?:{media})\s*:){FILE_NAME})", re.I))


def without_furniture(text, names, kept):
    def keep(content):
        kept.append(html.unescape(content))
        return f"\x02N{len(kept) - 1}\x03"

    if any(mark in text for mark in OURS):
        text = re.sub(f"[{OURS}]", "", text)
    if "<" in text:
        text = _elements(text, NOWIKI, lambda tag, content: keep(content) if content else "")
        text = COMMENT.sub("", COMMENT_LINE.sub("", text))
        text = _elements(text, GONE_TAG, _gone)
        text = _until_still(HTML_TABLE, BLOCK, text)
        text = _elements(text, MATH, lambda tag, content: keep(" ".join(content.split())))
    text = _without_tables(text)
    text = _without_links(text, names)
    if "<" in text:
        text = _until_still(HIDDEN, lambda found: _gone(found[1], found[0]), text)
        text = _elements(text, POEM, _poem)
        text = BREAK.sub(LINE, text)
        text = ITEM_TAG.sub("\n* ", text)
        text = BLOCK_TAG.sub(f"\n{BLOCK}\n", text)
    return BEHAVIOUR.sub("", text) if "__" in text else text


def _elements(text, opening, replace):
    """Text with each element replaced by replace(tag, content). One without an end stays as it is, as MediaWiki shows it."""
    out, last, endless = [], 0, set()
    for found in opening.finditer(text):
        tag = found[1].lower()
        if found.start() < last or tag in endless:
            continue
        content, end = "", found.end()
        if not found[0].endswith("/>"):
            close = re.compile(rf"</{tag}\s*>", re.I).search(text, end)
            if close is None:
                endless.add(tag)  # so that a page full of them takes no longer than others
                continue
            content, end = text[end:close.start()], close.end()
        out += [text[last:found.start()], replace(tag, content)]
        last = end
    return "".join(out) + text[last:]


def _gone(tag, content):
    return BLOCK if "\n" in content and tag.lower() in ("div", "gallery", "pre", "syntaxhighlight", "source", "p", "ol", "ul") else ""


def _until_still(pattern, by, text):
    for _ in range(20):
        text, changes = pattern.subn(by, text)
        if not changes:
            break
    return text


def _poem(tag, content):
    stanzas = re.split(r"\n\s*\n", content.strip())
    return "".join(f"\n{BLOCK}\n" + LINE.join(line.strip(" \t:") for line in stanza.strip().splitlines()) for stanza in stanzas) + f"\n{BLOCK}\n"


def _without_tables(text):
    """Text without {| tables |}, nested ones too; a table without an end goes up to the next blank line or heading."""
    if "{|" not in text:
        return text
    out, depth, last = [], 0, 0
    for edge in TABLE_EDGE.finditer(text):
        if "{|" in edge[0]:
            if depth == 0:
                out.append(text[last:edge.start()])
                last = edge.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                out.append(BLOCK)
                last = edge.end()
    if depth:
        end = re.search(r"\n\s*\n|\n=", text[last:])
        last += end.start() if end else len(text)
    return "".join(out) + text[last:]


def _without_links(text, names):
    """Text without pictures, categories and links to the same page in other languages."""
    out, last, ends = [], 0, None
    for start in names.gone.finditer(text):
        ends = _link_ends(text) if ends is None else ends
        end = ends.get(start.start())
        if end is None or start.start() < last:
            continue
        out.append(text[last:start.start()])
        last = end
        if start[1] and start[1].lower() in names.category:
            out[-1] = out[-1].rstrip(" \t")
            if out[-1].endswith("\n") and text[last:last + 1] in ("\n", ""):
                last = min(last + 1, len(text))  # a category on a line of its own does not part two lines
        elif not out[-1].strip(" \t") or out[-1].endswith("\n"):
            out.append("" if text[last:last + 1] != "\n" else BLOCK)
    text = "".join(out) + text[last:]
    text = _without_last_links(text)
    if names.languages:
        text = re.sub(r"\[\[\s*([a-z-]{2,12})\s*:[^\[\]|]*\]\]", lambda found: "" if found[1] in names.languages else found[0], text)
    return text


def _without_last_links(text):
    """Text without the links such as [[Prefix:Title]] that are lines of their own at its end: categories, by names that nobody told us."""
    if not text.rstrip().endswith("]]"):
        return text
    lines = text.rstrip().split("\n")
    while lines and (not lines[-1].strip() or LAST_LINK.fullmatch(lines[-1].strip())):
        lines.pop()
    return "\n".join(lines)


def _link_ends(text):
    """{place of [[: place after its ]]} for all links, nested ones too."""
    ends, openings = {}, []
    for edge in BRACKETS.finditer(text):
        if edge[0] == "[[":
            openings.append(edge.start())
        elif edge[0] == "]]" and openings:
            ends[openings.pop()] = edge.end()
    return ends
