"""The story that a news page carries as data: found by its shape, never by the name of a script.

Some sites put the whole story into the page as JSON. It is anything that holds `content.model.blocks`, or a `metadata` with a `type`:

    >>> from gi_helpers import _newsjson
    >>> page = '{"metadata": {"type": "article"}, "content": {"model": {"blocks": [{"type": "text", "model": {"blocks": [' \\
    ...        '{"type": "paragraph", "model": {"text": "Ó dàárọ̀ o.", "blocks": []}}]}}]}}}'
    >>> found = _newsjson.find(["let a = 1", "anything = " + page + "; more()"])
    >>> found.kind, [line.text for line in found.lines]
    ('article', ['Ó dàárọ̀ o.'])
"""
import json
import re
from dataclasses import dataclass, field

STORY = ("article", "sty")  # the page types that hold prose; all others are refused
# A page without blocks is told by one of these types only: a `metadata` with some other type may be anything on another site.
OTHER = {"map", "pgl", "fix", "csp", "idx", "index", "home", "frontpage", "topic", "live", "media", "mediaarticle", "mostread", "mostwatched", "audio", "tv", "error",
         "ugc", "downloads", "on demand radio", "on demand tv", "live radio", "liveradio", "ondemandradio", "ondemandtv", "podcast", "oembed", "search"}
BESIDE = ("content", "promo", "relatedContent", "mostRead", "mostWatched", "records", "curations", "headline", "heading", "brandTitle", "pageTitle", "title")
PARAGRAPHS, SUBHEADS = ("paragraph", "p"), ("subheadline", "crosshead", "heading", "subheading", "h2", "h3")
LISTS = ("unorderedList", "orderedList")
ROLES = ("transmission-info", "footer")  # paragraphs that older pages mark as no part of the story
FLIGHT = re.compile(r'\.push\(\s*\[\s*\d+\s*,\s*("(?:[^"\\]|\\.)*")\s*\]\s*\)')
START = re.compile(r'(?:^|[=(:,\n\[])\s*(?=[{\["])')
UNDEFINED = re.compile(r"(?<=:)\s*undefined(?=\s*[,}])")  # what scripts may say and JSON may not
TRIES = 400  # places in one script where reading is tried: code that is no JSON must not take for ever


@dataclass
class Line:
    """One piece of text: kind is "paragraph", "bullet" or "subhead"; `linked` of its characters stand in links, which lead to `targets`; `after` follows the last link."""

    kind: str
    text: str
    linked: int = 0
    targets: list = field(default_factory=list)
    order: int = 0
    after: str = ""


@dataclass
class Found:
    """What the data of a page says: page type as written there, headline, first publication (milliseconds or text), lines, status."""

    kind: str = ""
    headline: str = ""
    published: object = None
    language: str = ""
    lines: list = field(default_factory=list)
    status: object = None
    blocks: list = field(default_factory=list)
    short_video: bool = False
    loose: bool = False

    @property
    def is_story(self):
        return self.kind.lower() in STORY and not self.short_video


def find(scripts, likeness=lambda lines: 0):
    """The Found of the first script that holds a page's data, or None; `scripts` are the contents of all script elements.

    A page may carry the data of other stories, too: `likeness(lines)` (0 to 1) says how far some lines are those that people see, and decides.
    """
    pieces = "".join(_text(piece) for script in scripts for piece in FLIGHT.findall(script))
    best, loose, full = None, None, []
    for script in [*scripts, *([pieces] if pieces else [])]:
        if '"' not in script or not any(word in script for word in ("blocks", "metadata", "pageType", "paragraph")):
            continue
        for value in values(script):
            pages = _pages(value)
            best = best or (pages[0] if pages else None)
            if full or pages and pages[0].lines:
                full += [found for found in pages if found.lines]
            loose = loose or (_elsewhere(value) if "paragraph" in script and not full else None)
    if len(full) > 1:
        return max(full, key=lambda found: likeness(found.lines))
    return full[0] if full else best or loose


def values(script):
    """Every JSON value that stands in a script: the whole of it, an assigned object, or JSON in a quoted string."""
    script = script.strip()
    try:
        yield json.loads(script)
        return
    except (ValueError, RecursionError):
        pass
    script = UNDEFINED.sub("null", script)
    reader, place = json.JSONDecoder(), 0
    for _ in range(TRIES):
        start = START.search(script, place)
        if not start:
            return
        place = start.end()
        try:
            value, end = reader.raw_decode(script, place)
        except (ValueError, RecursionError):
            place += 1
            continue
        place = max(end, place + 1)
        if isinstance(value, str) and '{"' in value:  # JSON.parse("...") and streamed pieces
            yield from values(value)
        elif isinstance(value, (dict, list)) and value:
            yield value


def _text(quoted):
    try:
        return json.loads(quoted)
    except (ValueError, RecursionError):
        return ""


def _pages(value):
    """The Found of each object that looks like a page's data and stands in no other such, outermost first."""
    level, around, found = [value], {}, []
    for _ in range(12):
        below = []
        for node in level:
            if isinstance(node, dict) and _is_page(node):
                found.append(_read(node, around.get(id(node), {})))
                continue
            for child in node.values() if isinstance(node, dict) else node:
                if isinstance(child, (dict, list)):
                    around[id(child)] = node if isinstance(node, dict) else around.get(id(node), {})
                    below.append(child)
        level = below[:20_000]
    return found[:20]


def _elsewhere(value):
    """The Found of the longest list of paragraphs that stands anywhere in a value, with headline and dates that stand around it; or None.

    It may be some other list of texts on the page, so it counts only where the markup says the same.
    """
    best, level = None, [(value, {})]
    for _ in range(24):
        below = []
        for node, around in level:
            if isinstance(node, dict):
                around = {**around, **node} if any(name in node for name in ("metadata", "headline", "firstPublished")) else around
                below += [(_opened(child), around) for child in node.values()]
                continue
            if sum(_kind(block) in ("text", *PARAGRAPHS) for block in node) >= 2:
                found = _read({**around, "content": {"model": {"blocks": node}}}, {})
                found.headline = found.headline or (around["headline"] if isinstance(around.get("headline"), str) else "")
                best = max(best or found, found, key=lambda one: sum(len(line.text) for line in one.lines))
            below += [(child, around) for child in node]
        level = [(node, around) for node, around in below if isinstance(node, (dict, list))][:20_000]
    if best is not None:
        best.loose = True
    return best if best and best.lines else None


def _opened(value):
    """A value, or what stands in it when it is JSON written as text."""
    if not (isinstance(value, str) and value[:2] in ('{"', "[{") and "paragraph" in value):
        return value
    return _text(value)


def _is_page(node):
    if _blocks(node):
        return True
    data = node.get("pageData")
    if isinstance(data, dict) and not _typed(data) and not _blocks(data):
        return str(node.get("pageType")).lower() in OTHER
    return _typed(node) and any(name in node for name in BESIDE)


def _typed(data):
    meta = data.get("metadata")
    return isinstance(meta, dict) and str(meta.get("type")).lower() in OTHER


def _blocks(node):
    """content.model.blocks, or [] when that is not there."""
    for name in ("content", "model", "blocks"):
        node = node.get(name) if isinstance(node, dict) else None
    return node if isinstance(node, list) and any(isinstance(block, dict) and "type" in block for block in node) else []


def _read(node, around):
    meta = node["metadata"] if isinstance(node.get("metadata"), dict) else {}
    kind = meta.get("type") or node.get("pageType") or around.get("pageType") or ""
    passport = meta["passport"] if isinstance(meta.get("passport"), dict) else {}
    blocks = _blocks(node)
    found = Found(kind=kind if isinstance(kind, str) else "", published=meta.get("firstPublished") or node.get("firstPublished"), language=meta.get("language") or passport.get("language") or "",
                  status=around.get("status"), short_video=meta.get("consumableAsSFV") is True, blocks=[block.get("type") for block in blocks if isinstance(block, dict)])
    for block in blocks:
        _add(block, found)
    return found


def _add(block, found):
    """Put the text of one outer block into `found`; whatever is not known as story is left out."""
    kind, inside = _kind(block), _inside(block)
    if kind == "headline" and not found.headline:
        found.headline = " ".join(_words(child)[0] for child in inside)
    elif kind == "timestamp" and not found.published:
        found.published = _model(block).get("firstPublished")
    elif kind in SUBHEADS:
        _line("subhead", block, found)
    elif kind in ("text", "introduction"):
        if any(_kind(child) in (*PARAGRAPHS, *LISTS) for child in inside):
            for child in inside:
                _add(child, found)
        else:
            _line("paragraph", block, found)
    elif kind in PARAGRAPHS:
        _line("paragraph", block, found)
    elif kind in LISTS:
        for item in inside:
            if _kind(item) == "listItem" and not _marked(item, "itemMeta"):
                _line("bullet", item, found)


def _line(kind, block, found):
    if _marked(block, "role") in ROLES:
        return
    text, linked, targets, after = _words(block)
    if text.strip():
        found.lines.append(Line(kind, text, linked, targets, after=after.strip()))


def _words(block, in_link=False):
    """(text, characters in links, addresses, text after the last link) of a block: its fragments joined, or its own text when it holds none."""
    inside, model = _inside(block), _model(block)
    in_link = in_link or _kind(block) == "urlLink"
    targets = [str(model["locator"])] if _kind(block) == "urlLink" and model.get("locator") else []
    if not inside:
        text = next((model[name] for name in ("text", "content", "value") if isinstance(model.get(name), str)), "")
        return text, len("".join(text.split())) if in_link else 0, targets, "" if in_link else text
    # Paragraphs side by side (in a list item) are parted by a space; pieces of one paragraph are not.
    glue = " " if any(_kind(child) in (*PARAGRAPHS, *LISTS) or (_kind(child) == "text" and _inside(child)) for child in inside) else ""
    parts = [_words(child, in_link) for child in inside]
    last = max((place for place, part in enumerate(parts) if part[1]), default=0)
    after = glue.join([parts[last][3], *(part[0] for part in parts[last + 1:])])
    return glue.join(part[0] for part in parts), sum(part[1] for part in parts), targets + [target for part in parts for target in part[2]], after


def _marked(block, name):
    return block.get(name) or _model(block).get(name)


def _model(block):
    """The inner part of a block; some sites write it without one."""
    return block["model"] if isinstance(block.get("model"), dict) else block


def _kind(block):
    return block.get("type") if isinstance(block, dict) and isinstance(block.get("type"), str) else ""


def _inside(block):
    model = _model(block)
    blocks = next((model[name] for name in ("blocks", "children", "content") if isinstance(model.get(name), list)), [])
    return [child for child in blocks if isinstance(child, dict)]
