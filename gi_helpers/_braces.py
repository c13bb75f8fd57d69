"""The {{templates}} of a wikitext: where they are, and which stand in a sentence; part of wiki_scrape.

    >>> [split_pipes(text) for text in ("a|b=[[c|d]]|{{e|f}}",)], template_spans("{{a|{{b}}}} {{c")
    ([['a', 'b=[[c|d]]', '{{e|f}}']], [(0, 11)])
"""
import re

from ._markup import PLAIN_LINK
from ._prose import BLOCK, LINE, is_prose

BRACES = re.compile(r"\{\{+|\}\}+")
PLACE = re.compile("\x02([TQN])(\\d+)\x03")  # a template in a sentence, one that holds sentences itself, and text that stays as it is
# An opening {{ without its end: on a line of its own with its parameter lines, in a sentence with what stands before its last |.
ENDLESS_BOX = re.compile(r"(?m)^[ \t:*#;]*\{\{(?!\s)[^\n]*(?:\n[ \t]*[|}!][^\n]*)*$")
ENDLESS = re.compile("\\{\\{+(?:[^{}\\[\\]\\n\x02]*\\|)?|\\}\\}+")
ALONE = re.compile(r"[ \t]*(?:\n|\Z)")


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


def take_templates(text, templates):
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


def forget_unused(page):
    """Keep only the templates that stand in what is left."""
    used = sorted({int(found[2]) for kind, text in page.blocks for found in PLACE.finditer(text) if found[1] != "N"})
    number = {old: new for new, old in enumerate(used)}
    page.templates = [page.templates[old] for old in used]
    page.blocks = [(kind, PLACE.sub(lambda found: found[0] if found[1] == "N" else f"\x02T{number[int(found[2])]}\x03", text)) for kind, text in page.blocks]
