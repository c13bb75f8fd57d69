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
from dataclasses import dataclass, field

# Content that is no prose, with its tag.
GONE = ("ref references gallery timeline graph score syntaxhighlight source pre imagemap templatestyles mapframe includeonly categorytree inputbox "
        "hiero templatedata charinsert indicator section chem ce rss style script").split()
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
COMMENT_LINE = re.compile(r"(?<=\n)[ \t]*<!--(?:(?!-->).)*-->[ \t]*\n", re.S)
NOWIKI, MATH, POEM = (re.compile(rf"<({tag})(?:\s[^>]*)?>", re.I) for tag in ("nowiki", "math", "poem"))
GONE_TAG = re.compile(rf"<({'|'.join(GONE)})(?:\s[^>]*)?/?>", re.I)
HTML_TABLE = re.compile(r"<table\b(?:(?!</?table\b).)*</table\s*>", re.S | re.I)
HIDDEN = re.compile(
    r"<(div|span|sup|p|small|ol|ul)\b[^<>]*(?:\b(?:class|role)\s*=\s*[\"']?[^\"'<>]*\b(?:noprint|metadata|navbox|hatnote|thumb|infobox|[atfoc]?mbox|reflist|reference|"
    r"references|gallery|navigation|sidebar|toc|error|mw-empty-elt|sistersitebox|stub|Inline-Template)\b|display\s*:\s*none)[^<>]*>(?:(?!</?\1\b).)*</\1\s*>", re.S | re.I)
BREAK = re.compile(r"<br\b[^<>]*>", re.I)
BLOCK_TAG = re.compile(r"</?(?:div|p|blockquote|center|poem|section|article|figure|dl|hr|tr|td|th|tbody)\b[^<>]*>", re.I)
ITEM_TAG = re.compile(r"<(?:li|dd|dt)\b[^<>]*>", re.I)
TAG = re.compile(r"</?(?:span|small|big|b|i|u|s|em|strong|sub|sup|font|abbr|bdi|bdo|cite|code|del|dfn|ins|kbd|mark|q|rp|rt|ruby|samp|strike|time|tt|var|"
                 r"noinclude|onlyinclude|li|ul|ol|dd|dt|wbr|a|nobr|langconvert|translate|tvar|maplink|phonos|caption|table|div|p|references|ref)\b[^<>]*/?>", re.I)
TABLE_EDGE = re.compile(r"^[ \t:]*\{\||^[ \t]*\|\}(?!\})", re.M)
BRACES = re.compile(r"\{\{+|\}\}+")
BRACKETS = re.compile(r"\[\[|\]\]")
BEHAVIOUR = re.compile(r"__[A-ZÀ-Þ]{3,}__")
VARIANT = re.compile(r"-\{([^{}]*)\}-")
HEADING = re.compile(r"(={1,6})\s*(.+?)\s*\1\s*")
PLAIN_LINK = re.compile(r"\[\[(?:[^\[\]{}|<>\n:]+\|)?([^\[\]{}|<>\n:]+|(?<=\|)[^\[\]{}|<>\n]+)\]\]")
OUTER_LINK = re.compile(r"\[(?:(?:https?|ftps?|irc|news|gopher)://|//|mailto:)[^\s\[\]<>]+(?:[ \t]+([^\[\]\n]*(?:\[\[[^\[\]]*\]\][^\[\]\n]*)*))?\]", re.I)
QUOTES = re.compile(r"''+")
PLACE = re.compile("\x02([TQN])(\\d+)\x03")  # a template in a sentence, one that holds sentences itself, and text that stays as it is
# An opening {{ without its end: on a line of its own with its parameter lines, in a sentence with what stands before its last |.
ENDLESS_BOX = re.compile(r"(?m)^[ \t:*#;]*\{\{(?!\s)[^\n]*(?:\n[ \t]*[|}!][^\n]*)*$")
ENDLESS = re.compile("\\{\\{+(?:[^{}\\[\\]\\n\x02]*\\|)?|\\}\\}+")
ALONE = re.compile(r"[ \t]*(?:\n|\Z)")
ONLY_PLACES = re.compile("(?:\x02T\\d+\x03|[\\s.,;:|*#]|<br\\b[^<>]*>|&nbsp;|\x1d)+")
FILE_NAME = r"[^\[\]{}|<>\n:]+:[^\[\]{}|<>\n]+\.(?:jpe?g|png|gif|svg|tiff?|webp|xcf|djvu|pdf|ogg|oga|ogv|opus|webm|mp3|mpe?g|wav|flac|midi?|stl)\s*(?=\||\]\])"
LAST_LINK = re.compile(r"\[\[[^\[\]{}|:\n]+:[^\[\]\n]+\]\]")  # a line of its own at the end of a page: a category, by whatever name
STRANGE = re.compile(r"\{\{[^{}]*\}\}|\[\[[^\[\]]*\]\]|^\{\||^\|\}|</?[a-z]+\b[^<>]*>", re.I | re.M)  # a lonely ]] is shown to readers, too
MARKUP = ("{{", "[[", "<", "{|", "|}")  # without one of these nothing is strange, and most pieces have none
SENTENCE_END = re.compile(r"[.!?…։。！？؟۔।॥።፧។၊။།༎]['\"”’»)\]」』）]*$")
# Scripts that are written without spaces between words: Thai and Lao (which have no sentence end either), Tibetan, Myanmar, Khmer, Japanese, Chinese.
UNSPACED = re.compile("[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
UNENDED = re.compile("[\u0e00-\u0eff]")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufeff]")
BLOCK, LINE = "\x1e", "\x1d"  # where a paragraph must end; a line end that stays
OURS = "\x02\x03" + BLOCK + LINE


@dataclass(frozen=True)
class Names:
    """What a wiki calls its namespaces, in small letters, the English names and the aliases among them; `languages` are prefixes of links to other editions."""

    file: frozenset = frozenset({"file", "image"})
    category: frozenset = frozenset({"category"})
    template: frozenset = frozenset({"template"})
    languages: frozenset = frozenset()
    gone: re.Pattern = field(init=False, compare=False, repr=False)

    def __post_init__(self):
        always = {"file": {"file", "image"}, "category": {"category"}, "template": {"template"}}
        for kind, names in always.items():
            object.__setattr__(self, kind, frozenset(unicodedata.normalize("NFC", name).lower() for name in {*getattr(self, kind), *names}))
        words = "|".join(re.escape(name).replace(r"\ ", "[ _]+") for name in sorted(self.file | self.category, key=len, reverse=True))
        object.__setattr__(self, "gone", re.compile(rf"\[\[\s*(?:({words})\s*:|(?=[^:]){FILE_NAME})", re.I))


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


MARK = "Giqx7f3a"  # stands for the title of the page when templates of many pages are expanded together


def read(text, names=Names()):
    """Wikitext of a page -> Page."""
    kept, templates = [], []
    page = Page([], templates, kept, names, listed=text.count("\n|-"))
    text = _take_templates(_without_furniture(text, names, kept), templates)
    for kind, piece in _blocks(text):
        piece = _plain(piece, names)
        page.strange = page.strange or any(mark in piece for mark in MARKUP) and bool(STRANGE.search(piece))
        page.listed += kind == "item"
        page.blocks.append((kind, html.unescape(piece)))
    _forget_unused(page)
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
    text = _without_furniture(text, names, kept)
    text = _take_templates(text, [])
    text = " ".join(piece for _, piece in _blocks(text))
    text = html.unescape(_plain(text, names))
    text = PLACE.sub(lambda found: kept[int(found[2])] if found[1] == "N" else "", text)
    return tidy(text.replace(MARK, title))


def tidy(text):
    """Single spaces, no control characters; only LINE ends a line."""
    if LINE in text:
        text = "\n".join(filter(None, (" ".join(line.split()) for line in text.split(LINE))))
    else:
        text = " ".join(text.split())
    return text if text.isprintable() else CONTROL.sub("", text)


def is_prose(text):
    """Is a list item a sentence or more? Names and links in a list are not what people write."""
    if len(text) < 40:
        return False
    return bool(SENTENCE_END.search(text)) and word_count(text) >= 6 or bool(UNENDED.search(text)) and word_count(text) >= 20


def word_count(text):
    """How many words a text has; where no spaces are written, two letters count as one, as in notebook 3.

    >>> word_count("Ìbàdàn jẹ́ ìlú ńlá."), word_count("猫是动物。"), word_count("แมว Felis")
    (4, 2, 2)
    """
    if text.isascii() or not UNSPACED.search(text):
        return len(text.split())
    letters = sum(map(str.isalpha, UNSPACED.findall(text)))
    return letters // 2 + sum(any(map(str.isalnum, word)) for word in UNSPACED.sub(" ", text).split())


def in_a_cell(text):
    """A text on one line, for the cell of a table: as people quote a poem, / ends a line; ¶ ends a paragraph."""
    return re.sub(r"\n\n+", " ¶ ", text).replace("\n", " / ")


# ---------------------------------------------------------------- what goes at once

def _without_furniture(text, names, kept):
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
    text = BEHAVIOUR.sub("", text) if "__" in text else text
    return VARIANT.sub(_variant, text) if "-{" in text else text


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


def _variant(found):
    """-{zh-hans:a; zh-hant:b}- shows one of its forms; the first is taken."""
    first = found[1].split("|")[-1].split(";")[0]
    return re.sub(r"^\s*[a-z-]+\s*:", "", first)


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
        elif openings:
            ends[openings.pop()] = edge.end()
    return ends


# ---------------------------------------------------------------- templates

def template_spans(text):
    """The (start, end) of the outermost {{templates}} of a text; an opening without its end is no template."""
    spans, openings = [], []
    for braces in BRACES.finditer(text):
        count, place = len(braces[0]), braces.start()
        if braces[0][0] == "{":
            openings.append([place, count])
            continue
        while count >= 2 and openings:
            opening = openings[-1]
            taken = 3 if count >= 3 and opening[1] >= 3 else 2
            count, place = count - taken, place + taken
            opening[1] -= taken
            spans.append((opening[0] + opening[1], place))
            if opening[1] < 2:
                openings.pop()
    outer = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not outer or start >= outer[-1][1]:
            outer.append((start, end))
    return outer


def split_pipes(text):
    """Split the inside of a template at its own | signs, not at those of links and templates in it."""
    parts, depth, start = [], 0, 0
    for found in re.finditer(r"\[\[|\]\]|\{\{+|\}\}+|\|", text):
        if found[0] == "|":
            if depth == 0:
                parts.append(text[start:found.start()])
                start = found.end()
        else:
            depth = max(0, depth + (1 if found[0][0] in "[{" else -1))
    return parts + [text[start:]]


def _take_templates(text, templates):
    """Text with a place for each inline template. One that begins a line and goes over several, or is very long, is a box."""
    if "{{" not in text and "}}" not in text:
        return text
    out, last = [], 0
    for start, end in template_spans(text):
        source, before = text[start:end], text[last:start]
        at_start = last == 0 or "\n" in before
        first = at_start and not before.rpartition("\n")[2].strip(" \t*#:;")  # nothing stands before it on its line
        last, kind = end, "T"
        out.append(before)
        if first and ALONE.match(text, end) and _speaks(source):
            kind = "Q"
        elif "\n" in source.strip() and (first or not before) or len(source) > 1500 or LINE in source or BLOCK in source:
            # In the middle of a line it leaves nothing; where it is a line of its own, the line ends a paragraph.
            out.append(BLOCK if before.endswith("\n") or not before else "")
            continue
        templates.append(PLACE.sub("", source).replace(LINE, "<br />"))
        place = f"\x02{kind}{len(templates) - 1}\x03"
        out.append(place if kind == "T" else BLOCK + place + BLOCK)
    return _without_endless("".join(out) + text[last:])


def _without_endless(text):
    """Text without {{ that nothing ends and }} that nothing began. Of a sentence no word goes but the template's name and first parameters."""
    if "{{" in text:
        text = ENDLESS_BOX.sub(BLOCK, text)
    return ENDLESS.sub("", text) if "{{" in text or "}}" in text else text


def _speaks(source):
    """Does a template that is a line of its own hold sentences, as {{quote|...}} does? What it makes of them shows whether it is a box."""
    if not 60 <= len(source) <= 5000 or BLOCK in source:
        return False
    for part in split_pipes(source[2:-2])[1:]:
        name, named, value = part.partition("=")
        if named and re.fullmatch(r"[\w .-]+", name):
            part = value if name.strip().lower() in ("1", "text", "quote") else ""
        if is_prose(PLAIN_LINK.sub(r"\1", part).strip().strip("'")):
            return True
    return False


def _forget_unused(page):
    """Keep only the templates that stand in what is left."""
    used = sorted({int(found[2]) for kind, text in page.blocks for found in PLACE.finditer(text) if found[1] != "N"})
    number = {old: new for new, old in enumerate(used)}
    page.templates = [page.templates[old] for old in used]
    page.blocks = [(kind, PLACE.sub(lambda found: found[0] if found[1] == "N" else f"\x02T{number[int(found[2])]}\x03", text)) for kind, text in page.blocks]


# ---------------------------------------------------------------- lines become blocks

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


# ---------------------------------------------------------------- a piece becomes plain

def _plain(text, names):
    """A paragraph without markup; HTML entities stay as they are."""
    if "[" in text:
        text = PLAIN_LINK.sub(r"\1", text)
    if "[" in text:
        text = OUTER_LINK.sub(lambda found: found[1] or "", text)
        if "[[" in text and "]]" in text:
            text = _by_nodes(text, names)
    if "<" in text:
        text = TAG.sub("", text)
    if "''" in text:
        text = re.sub(rf"[^\n{LINE}]+", lambda found: quotes(found[0]), text) if "\n" in text or LINE in text else quotes(text)
    return text


def _by_nodes(text, names):
    """A paragraph whose links need a real parser: nested, or with a prefix such as wikt:."""
    import mwparserfromhell

    out = []
    for node in mwparserfromhell.parse(text, skip_style_tags=True).nodes:
        if isinstance(node, mwparserfromhell.nodes.Wikilink):
            out.append(_link_text(node, names))
        else:
            out.append(str(node))
    return "".join(out)


def _link_text(link, names):
    target = str(link.title).strip()
    prefix = target.partition(":")[0].strip().lower()
    if prefix in names.file or prefix in names.category:
        return ""
    if link.text is not None and str(link.text).strip():
        return _plain(str(link.text), names)
    if link.text is not None:  # the pipe trick: [[wikt:ilé|]]
        return re.sub(r"\s*\([^()]*\)$", "", target.lstrip(":").partition(":")[2] or target.lstrip(":"))
    return target.lstrip(":")


def quotes(line):
    """A line without the '' and ''' of italics and bold, as MediaWiki reads them: what is too much stays an apostrophe."""
    runs = [found.span() for found in QUOTES.finditer(line)]
    lengths, shown = [], []
    for start, end in runs:
        length = end - start
        shown.append(1 if length == 4 else max(0, length - 5))  # four are an apostrophe and bold; six an apostrophe and both
        lengths.append(length - shown[-1])
    bold = sum(length in (3, 5) for length in lengths)
    italic = sum(length in (2, 5) for length in lengths)
    if bold % 2 and italic % 2:
        shown[_odd_one(line, runs, lengths, shown)] += 1
    out, last = [], 0
    for (start, end), count in zip(runs, shown):
        out += [line[last:start], "'" * count]
        last = end
    return "".join(out) + line[last:]


def _odd_one(line, runs, lengths, shown):
    """Which ''' is an apostrophe and '': the first after a one-letter word, else after a longer word, else after a space."""
    rank = {}
    for number, ((start, _), length) in enumerate(zip(runs, lengths)):
        if length != 3:
            continue
        before = (line[:start] + "'" * shown[number])[-2:]
        kind = 2 if before[-1:] == " " else 0 if before[:1] == " " and len(before) == 2 else 1
        rank.setdefault(kind, number)
    return rank[min(rank)] if rank else next(number for number, length in enumerate(lengths) if length == 5)
