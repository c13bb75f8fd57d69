"""A small reading of wikitext, as much as the practice articles need: templates expanded, a page as HTML, a page as plain text.

    >>> book = {"Lang": '<span lang="{{{1}}}">{{{2}}}</span>', "Number": "{{{1}}}"}
    >>> expand("Ní {{number|1948}} ni {{lang|yo|Ìbàdàn}}; {{kò sí}}", book, "Ìbàdàn", "Àdàkọ")
    'Ní 1948 ni <span lang="yo">Ìbàdàn</span>; [[:Àdàkọ:Kò sí]]'
    >>> page = render("'''Ìbàdàn''' jẹ́ [[ìlú]].<ref>Ìwé</ref>\\n\\n== Ọjà ==\\n", book, "Ìbàdàn")
    >>> page.plain()
    'Ìbàdàn jẹ́ ìlú.\\n\\n\\n== Ọjà =='
    >>> page.html.startswith('<p><b>Ìbàdàn</b> jẹ́ <a href="./Ìlú" title="Ìlú">ìlú</a>.<sup')
    True
"""
import html as escapes
import re

TAGS = ("abbr b bdi big blockquote br center cite code dd del dfn div dl dt em hr i ins li ol p poem q rp rt ruby s small span strike strong "
        "sub sup table tbody td tfoot th thead tr u ul var")
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
INNERMOST = re.compile(r"\{\{\{([^{}]*)\}\}\}|\{\{([^{}]*)\}\}")
LAYOUT = re.compile(r"thumb|frame|left|right|center|none|\d+px|alt=.*|upright(=.*)?")
KEPT = re.compile("\x02(\\d+)\x03")


def first_upper(title):
    """Wiki titles begin with a capital letter and use spaces."""
    title = " ".join(title.replace("_", " ").split())
    return title[:1].upper() + title[1:]


# ---------------------------------------------------------------- templates

def expand(text, templates, title="API", word="Template", arguments=None, depth=0):
    """`text` with every template replaced by what it stands for; an unknown one becomes a link to where it would be.

    `templates` maps a name (capital first letter) to wikitext; `word` is the local name of the Template namespace.
    """
    kept = []

    def keep(piece):
        kept.append(piece)
        return f"\x02{len(kept) - 1}\x03"

    def restore(piece):
        while KEPT.search(piece):
            piece = KEPT.sub(lambda found: kept[int(found[1])], piece)
        return piece

    def one(found):
        if found[1] is not None:
            return keep(_parameter(found[1], arguments, found[0]))
        parts = [restore(part) for part in split_pipes(found[2])]
        return keep(_call(parts, templates, title, word, depth))

    text = re.sub(r"<nowiki>.*?</nowiki>", lambda found: keep(found[0]), text, flags=re.S)
    text = COMMENT.sub("", text)
    before = None
    while before != text:
        before, text = text, INNERMOST.sub(one, text)
    return restore(text)


def _parameter(inside, arguments, whole):
    name, has_default, default = inside.partition("|")
    if arguments is not None and name.strip() in arguments:
        return arguments[name.strip()]
    return default if has_default else whole


def split_pipes(text):
    """Split at | outside [[links]]."""
    parts, depth, start = [], 0, 0
    for found in re.finditer(r"\[\[|\]\]|\|", text):
        if found[0] == "|":
            if depth == 0:
                parts.append(text[start:found.start()])
                start = found.end()
        else:
            depth = max(0, depth + (1 if found[0] == "[[" else -1))
    return parts + [text[start:]]


def _call(parts, templates, title, word, depth):
    name = parts[0].strip()
    function, colon, rest = name.partition(":")
    if name in ("PAGENAME", "FULLPAGENAME"):
        return title
    if name == "!":
        return "|"
    if colon and function.lower() in ("formatnum", "lc", "uc", "defaultsort", "#if"):
        return _function(function.lower(), [rest, *parts[1:]])
    if colon and function.lower() in ("template", word.lower()):
        name = rest
    name = first_upper(name)
    if name not in templates or depth > 20:
        return f"[[:{word}:{name}]]"
    arguments, count = {}, 0
    for part in parts[1:]:
        key, named, value = part.partition("=")
        if named and "<" not in key:
            arguments[key.strip()] = value.strip()
        else:
            count += 1
            arguments[str(count)] = part
    return expand(templates[name], templates, title, word, arguments, depth + 1)


def _function(name, parts):
    if name == "formatnum":
        whole, dot, rest = parts[0].strip().partition(".")
        return (f"{int(whole):,}" if whole.isdigit() else whole) + dot + rest
    if name == "#if":
        return (parts + ["", ""])[1 if parts[0].strip() else 2].strip()
    return {"lc": parts[0].lower(), "uc": parts[0].upper(), "defaultsort": ""}[name]


# ---------------------------------------------------------------- a page

class Rendered:
    """A page: `.html` (what stands inside mw-parser-output), `.blocks` [(kind, html, inside a div?)], `.categories`."""

    def __init__(self, blocks, categories):
        self.blocks, self.categories = blocks, categories
        self.html = "\n".join(html for _, html, _ in blocks)

    def plain(self, intro=False):
        """What prop=extracts gives: paragraphs, list items and headings as text; nothing that stands in a div."""
        pieces = []
        for kind, html, boxed in self.blocks:
            if kind == "heading":
                if intro:
                    break
                level = int(re.search(r"<h(\d)", html)[1])
                pieces.append(f"\n\n{'=' * level} {strip_tags(html)} {'=' * level}")
            elif kind in ("paragraph", "list") and not boxed:
                pieces.append(strip_tags(html))
        return "\n".join(pieces).strip()

    def extract_html(self, intro=False):
        """The same as simple HTML."""
        pieces = []
        for kind, html, boxed in self.blocks:
            if kind == "heading":
                if intro:
                    break
                pieces.append(re.sub(r'<span class="mw-editsection">.*?</span>|</?div[^>]*>', "", html))
            elif kind in ("paragraph", "list") and not boxed:
                pieces.append(re.sub(r'<sup [^>]*class="reference".*?</sup>|</?a\b[^>]*>', "", html, flags=re.S))
        return "\n".join(pieces)


def strip_tags(html):
    """The visible text of a piece of HTML, without reference marks and edit links."""
    html = re.sub(r'<sup [^>]*class="reference".*?</sup>|<span class="mw-editsection">.*?</span>', "", html, flags=re.S)
    return escapes.unescape(re.sub(r"<[^>]*>", "", html.replace("</li><li>", "</li>\n<li>"))).strip()


def render(text, templates, title="API", word="Template", file_words=("File", "Image"), category_words=("Category",), parsoid=False, href="./{}"):
    """Wikitext -> Rendered. `parsoid` chooses the newer shapes of headings and pictures; `href` makes a title a link."""
    return _Page(templates, title, word, file_words, category_words, parsoid, href).render(text)


class _Page:
    def __init__(self, templates, title, word, file_words, category_words, parsoid, href):
        self.templates, self.title, self.word, self.parsoid, self.href = templates, title, word, parsoid, href
        self.file_words = {name.lower() for name in file_words}
        self.category_words = {name.lower() for name in category_words}
        self.kept, self.references, self.names, self.categories = [], [], {}, []

    def render(self, text):
        text = expand(text, self.templates, self.title, self.word)
        text = re.sub(r"<nowiki>(.*?)</nowiki>", lambda found: self._keep(escapes.escape(found[1], quote=False)), text, flags=re.S)
        text = re.sub(r"<ref\b([^>/]*)/>|<ref\b([^>]*)>(.*?)</ref>", self._reference, text, flags=re.S)
        text = re.sub(r"<gallery[^>]*>(.*?)</gallery>", lambda found: "\n" + self._gallery(found[1]) + "\n", text, flags=re.S)
        text = re.sub(r"__[A-Z]+__", "", text)
        text = re.sub(r"<(?!/?(?:" + "|".join(TAGS.split()) + r"|references)\b)", "&lt;", text)
        text = self._links(text)
        blocks = self._blocks(text.split("\n"))
        return Rendered([(kind, self._restore(html), boxed) for kind, html, boxed in blocks], self.categories)

    # Pieces of finished HTML wait outside the text, so that nothing reads them as wikitext again.
    def _keep(self, html):
        self.kept.append(html)
        return f"\x02{len(self.kept) - 1}\x03"

    def _restore(self, html):
        html = re.sub(r"<references\s*/?>", lambda _: self._reference_list(), html)
        while KEPT.search(html):
            html = KEPT.sub(lambda found: self.kept[int(found[1])], html)
        return html

    def _reference(self, found):
        name = re.search(r'name\s*=\s*"?([^"/>]+)', found[1] or found[2] or "")
        name, text = (name[1].strip() if name else None), found[3]
        if name in self.names and name is not None:
            number = self.names[name]
            if text:
                self.references[number - 1] = text
        else:
            self.references.append(text or "")
            number = len(self.references)
            if name:
                self.names[name] = number
        return self._keep(f'<sup id="cite_ref-{number}" class="reference"><a href="#cite_note-{number}">&#91;{number}&#93;</a></sup>')

    def _reference_list(self):
        rows = "".join(f'<li id="cite_note-{number}"><span class="mw-cite-backlink"><a href="#cite_ref-{number}">↑</a></span> '
                       f'<span class="reference-text">{self._inline(self._links(text))}</span></li>' for number, text in enumerate(self.references, 1))
        return f'<div class="mw-references-wrap"><ol class="references">{rows}</ol></div>'

    # ---------- links and pictures

    def _links(self, text):
        # Innermost first, because a picture's caption holds links.
        before = None
        while before != text:
            before, text = text, re.sub(r"\[\[((?:(?!\[\[|\]\]).)*)\]\]", self._link, text, flags=re.S)
        return re.sub(r"\[(https?://[^\s\]]+) ([^\]]*)\]", self._outside, text)

    def _outside(self, found):
        return self._keep(f'<a rel="nofollow" class="external text" href="{found[1]}">') + found[2] + self._keep("</a>")

    def _link(self, found):
        parts = split_pipes(found[1])
        target = parts[0].strip()
        space, colon, rest = target.partition(":")
        if colon and space.strip().lower() in self.category_words:
            self.categories.append(first_upper(rest))
            return ""
        if colon and space.strip().lower() in self.file_words:
            return self._picture(rest.strip(), [part.strip() for part in parts[1:]])
        target = target.lstrip(":")
        page = first_upper(target.partition("#")[0]) or self.title
        label = parts[-1] if len(parts) > 1 else target
        return self._keep(f'<a href="{self.href.format(page.replace(" ", "_"))}" title="{escapes.escape(page)}">') + label + self._keep("</a>")

    def _picture(self, name, options):
        caption = next((option for option in reversed(options) if not LAYOUT.fullmatch(option)), "")
        image = f'<a href="{self.href.format("File:" + name.replace(" ", "_"))}" class="image"><img alt="" src="data:," width="220" height="165"/></a>'
        if not {"thumb", "frame"} & set(options):
            return self._keep(f'<span typeof="mw:File">{image}</span>' if self.parsoid else image)
        caption = self._inline(caption)
        if self.parsoid:
            html = f'<figure class="mw-default-size" typeof="mw:File/Thumb">{image}<figcaption>{caption}</figcaption></figure>'
        else:
            html = (f'<div class="thumb tright"><div class="thumbinner" style="width:222px;">{image}<div class="thumbcaption">'
                    f'<div class="magnify"><a href="#" class="internal"></a></div>{caption}</div></div></div>')
        return "\n" + self._keep(html) + "\n"

    def _gallery(self, text):
        boxes = []
        for line in text.strip().splitlines():
            name, _, caption = line.partition("|")
            boxes.append(f'<li class="gallerybox"><div class="thumb"><img alt="" src="data:," title="{escapes.escape(name)}"/></div>'
                         f'<div class="gallerytext">{self._inline(self._links(caption))}</div></li>')
        return self._keep(f'<ul class="gallery mw-gallery-traditional">{"".join(boxes)}</ul>')

    # ---------- lines

    def _blocks(self, lines):
        blocks, paragraph, listed, depth = [], [], [], 0

        def close():
            if paragraph:
                blocks.append(("paragraph", f"<p>{self._inline(chr(10).join(paragraph))}</p>", depth > 0))
                paragraph.clear()
            if listed:
                blocks.append(("list", "<ul>" + "".join(f"<li>{self._inline(item)}</li>" for item in listed) + "</ul>", depth > 0))
                listed.clear()

        lines = iter(lines)
        for line in lines:
            bare = line.strip()
            heading = re.fullmatch(r"(={1,6})\s*(.+?)\s*\1", bare)
            if not bare:
                close()
            elif bare.startswith("{|"):
                close()
                blocks.append(("table", self._table(bare, lines), depth > 0))
            elif heading:
                close()
                blocks.append(("heading", self._heading(len(heading[1]), heading[2]), depth > 0))
            elif bare[0] in "*#:;":
                if paragraph:
                    close()
                listed.append(bare.lstrip("*#:; "))
            elif re.match(r"</?(div|table|tr|ul|ol|blockquote|references)\b", bare) or self._is_block(bare):
                close()
                if depth or not bare.startswith("</"):
                    blocks.append(("html", self._inline(bare), depth > 0))
                depth = max(0, depth + len(re.findall(r"<div\b", bare)) - bare.count("</div"))
            else:
                if listed:
                    close()
                paragraph.append(bare)
        close()
        return blocks

    def _is_block(self, bare):
        first = re.fullmatch("\x02(\\d+)\x03(?:\\s*\x02\\d+\x03)*", bare)
        return first and self.kept[int(first[1])].startswith(("<div", "<figure", "<ul", "<table"))

    def _heading(self, level, text):
        inside, anchor = self._inline(text), escapes.escape(strip_tags(self._restore(self._inline(text))).replace(" ", "_"))
        if self.parsoid:
            return f'<div class="mw-heading mw-heading{level}"><h{level} id="{anchor}">{inside}</h{level}></div>'
        return (f'<h{level}><span class="mw-headline" id="{anchor}">{inside}</span><span class="mw-editsection">'
                f'[<a href="#">edit</a>]</span></h{level}>')

    def _table(self, first, lines):
        rows, caption = [[]], ""
        for line in lines:
            line = line.strip()
            if line.startswith("|}"):
                break
            if line.startswith("|+"):
                caption = f"<caption>{self._inline(line[2:].strip())}</caption>"
            elif line.startswith("|-"):
                rows.append([])
            elif line[:1] in ("|", "!"):
                tag = "td" if line[0] == "|" else "th"
                rows[-1] += [f"<{tag}>{self._inline(cell.strip())}</{tag}>" for cell in re.split(r"\|\||!!", line[1:])]
            elif rows[-1] and line:
                rows[-1].append(self._inline(line))
        body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows if row)
        return f"<table {escapes.unescape(first[2:].strip())}>{caption}<tbody>{body}</tbody></table>"

    def _inline(self, text):
        text = re.sub(r"'''(.+?)'''", r"<b>\1</b>", text)
        text = re.sub(r"''(.+?)''", r"<i>\1</i>", text)
        return re.sub(r"&(?!#?\w+;)", "&amp;", text)
