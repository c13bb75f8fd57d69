"""A paragraph of wikitext without its links, tags and quotes; part of wiki_scrape.

    >>> quotes("'''Ìbàdàn''' jẹ́ ''ìlú''")
    'Ìbàdàn jẹ́ ìlú'
"""
import re

from ._prose import LINE

TAG = re.compile(r"</?(?:span|small|big|b|i|u|s|em|strong|sub|sup|font|abbr|bdi|bdo|cite|code|del|dfn|ins|kbd|mark|q|rp|rt|ruby|samp|strike|time|tt|var|"
                 r"noinclude|onlyinclude|li|ul|ol|dd|dt|wbr|a|nobr|langconvert|translate|tvar|maplink|phonos|caption|table|div|p|references|ref)\b[^<>]*/?>", re.I)
PLAIN_LINK = re.compile(r"\[\[(?:[^\[\]{}|<>\n:]+\|)?([^\[\]{}|<>\n:]+|(?<=\|)[^\[\]{}|<>\n]+)\]\]")
OUTER_LINK = re.compile(r"\[(?:(?:https?|ftps?|irc|news|gopher)://|//|mailto:)[^\s\[\]<>]+(?:[ \t]+([^\[\]\n]*(?:\[\[[^\[\]]*\]\][^\[\]\n]*)*))?\]", re.I)
QUOTES = re.compile(r"''+")
MARKS = re.compile(r"\[\[+|\]\]+|\{\{+|\}\}+|''+|</?(?:nowiki|ref)\b(?:\s+[\w-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>/]+))*\s*/?>?", re.I)
LESS = "\x04"


def plain(text, names):
    """A paragraph without markup; HTML entities stay as they are."""
    if "[" in text:
        text = PLAIN_LINK.sub(r"\1", text)
    if "[" in text:
        text = OUTER_LINK.sub(lambda found: found[1] or "", text)
    if "<" in text:
        text = TAG.sub("", text)  # before the links that are left, because they may stand in a tag and a tag in them
    if "[[" in text and "]]" in text:
        text = _by_nodes(PLAIN_LINK.sub(r"\1", text), names)
    if "''" in text:
        text = re.sub(rf"[^\n{LINE}]+", lambda found: quotes(found[0]), text) if "\n" in text or LINE in text else quotes(text)
    return text


def without_marks(text):
    """The last net: no mark of wikitext stays in a paragraph, whatever nobody closed. What <nowiki> or an entity shows is not here yet."""
    if not any(mark in text for mark in ("[[", "]]", "{{", "}}", "''", "<")):
        return text
    # A ]] without a [[ is what readers see, too, often behind one that was written as an entity.
    lonely = "[[" not in text
    return MARKS.sub(lambda found: found[0] if lonely and found[0][0] == "]" else "", text)


def _by_nodes(text, names):
    """A paragraph whose links need a real parser: nested, or with a prefix such as wikt:."""
    import mwparserfromhell

    out = []
    for node in mwparserfromhell.parse(text.replace("<", LESS), skip_style_tags=True).nodes:  # a tag that nobody knows would hide its links
        if isinstance(node, mwparserfromhell.nodes.Wikilink):
            out.append(_link_text(node, names))
        else:
            out.append(str(node))
    return "".join(out).replace(LESS, "<")


def _link_text(link, names):
    target = str(link.title).strip()
    prefix = target.partition(":")[0].strip().lower()
    if prefix in names.file or prefix in names.category:
        return ""
    if link.text is not None and str(link.text).strip():
        return plain(str(link.text), names)
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
