"""One page in, one story out: three ways of reading it, and what is wrong with it when there is none.

    >>> found = read("<html><body><h1>Wọlé</h1><form><input type='password'></form></body></html>", "https://example.org/login")
    >>> found.page_type, found.reason
    ('login', 'this is a page to log in or to agree to something, not a story; log in with a browser and save the story there')
"""
import datetime
import re
from dataclasses import dataclass, field

from . import _newsjson
from ._newsjson import Line
from ._newspage import HEADINGS, Page, ended, is_furniture, tidy, words

BIGGEST = 5_000_000  # characters; the longest real page known has 0.8 million
SOCIAL = re.compile(r"//([\w-]+\.)*(facebook|instagram|twitter|x|youtube|youtu|t|telegram|whatsapp|wa|tiktok|threads|bsky|linkedin|soundcloud|spotify)\.(com|me|be|net|app|social)\b", re.I)
NAMES = re.compile(r"facebook|instagram|twitter|youtube|telegram|whatsapp|tiktok", re.I)
FIXES = {
    "not html": "this is not a web page; save the page in the browser as 'Web page, HTML only'",
    "empty": "there is nothing on this page; open it in a browser and save it again",
    "too big": "this page is far too big for a story; look at it in a browser",
    "wrong charset": "many letters of this page cannot be read; save it again as UTF-8",
    "cut off": "only the first part of this page arrived; fetch or save it again",
    "login": "this is a page to log in or to agree to something, not a story; log in with a browser and save the story there",
    "not found": "the site says that there is no such page (any more)",
    "no text": "no story text was found on this page",
}


@dataclass
class Story:
    """What was found on a page. `paragraphs` is empty when it holds no story, and `reason` then says why."""

    url: str
    page_type: str = ""
    headline: str = ""
    published: str = ""
    paragraphs: list = field(default_factory=list)
    method: str = ""
    agreement: float = 0.0
    reason: str = ""
    language: str = ""
    address: str = ""
    title_differs: bool = False
    blocks: list = field(default_factory=list)

    def without(self, page_type, reason=""):
        """The same page as one that holds no story."""
        self.page_type, self.paragraphs, self.method, self.agreement = page_type, [], "", 0.0
        self.reason = reason or FIXES.get(page_type) or f"this is a page of the kind {page_type!r}, not a story"
        return self


def read(html, url, subheads=False):
    """The Story of a page given as text or bytes; never fails, whatever it is given."""
    try:
        return _read(html, url, subheads)
    except RecursionError:  # thousands of elements inside each other
        return Story(url).without("no text")


def _read(html, url, subheads):
    story = Story(url)
    text, trouble = decoded(html)
    trouble = trouble or damage(text)
    if trouble:
        return story.without(trouble)
    page = Page(text)
    data = _newsjson.find(page.scripts)
    story.address, story.headline = page.address, page.headline
    story.published = moment(data.published if data else None) or moment(page.published)
    story.language = (data.language if data else "") or (page.soup.html.get("lang") if page.soup.html else "") or ""
    refused = _refused(page, data)
    if refused:
        return story.without(refused)
    _choose(story, page, data, subheads)
    if not story.paragraphs:
        return story.without("login" if _asks(page) else "no text")
    vague = story.method == "generic" or (story.method == "dom" and page.metas.get("og:type") == "website")
    if vague and not page.says_story and len(story.paragraphs) < 2 and len(story.paragraphs[0]) < 600:
        return story.without("index")  # one line of text on a page that does not say what it is: the summary of a programme or a list
    return story


def _choose(story, page, data, subheads):
    """Read in the three ways, keep the best, and say how far two of them agree."""
    by_data = kept(data.lines, subheads) if data else []
    by_markup = kept(page.lines, subheads)
    story.page_type = (data.kind if data and data.kind else "") or page.kind
    story.blocks = data.blocks if data else []
    if data and data.headline:
        title = tidy(data.headline)
        story.title_differs = page.heading is not None and page.headline != title
        story.headline = title
    if by_data and len(" ".join(by_data)) >= 0.5 * len(" ".join(by_markup)):
        story.paragraphs, story.method, story.agreement = by_data, "json", agreement(by_data, by_markup)
        return
    second = kept(generic(page), subheads=False)
    if by_markup and len(" ".join(by_markup)) >= 0.4 * len(" ".join(second)):
        story.paragraphs, story.method = by_markup, "dom"
        story.agreement = agreement(by_markup, by_data) if by_data else agreement(kept(page.lines, False), second)
    elif len(" ".join(second)) >= (60 if page.says_story else 200):
        story.paragraphs, story.method, story.agreement = second, "generic", agreement(second, by_data or by_markup)


def kept(lines, subheads=False):
    """The texts of the lines that are story: no subheads (unless asked for), no lines that only lead elsewhere, no self-promotion."""
    texts = []
    for line in lines:
        text = tidy(line.text)
        if text and re.search(r"[^\W_]", text) and (line.kind == "subhead" and subheads or line.kind != "subhead" and not leads_away(line, text)):
            texts.append(text)
    return texts


def leads_away(line, text):
    """Is this line a link to something else ("read also"), or an invitation to follow the site elsewhere?"""
    letters = len("".join(text.split()))
    bare = len(re.sub(r"[\W_]", "", text))
    if line.linked and (line.linked >= letters - max(3, letters - bare) or line.linked >= 0.97 * letters):
        return True
    social = sum(1 for target in line.targets if SOCIAL.search(target))
    aside = bool(line.targets) or text[0] in "([（*"  # three names in a plain sentence may be news about them
    if social >= 2 or (aside and letters < 250 and len({name.lower() for name in NAMES.findall(text)}) >= 3):
        return True
    # A sentence may be mostly link; a pointer ("See also: ...") has no full stop at its end.
    return line.linked >= 0.5 * letters and not ended(text)


def agreement(one, other):
    """How far two lists of paragraphs agree: the Jaccard index of their paragraphs, 0 to 1; 0.0 when either is empty."""
    first, second = ({re.sub(r"\W", "", text).casefold() for text in texts} for texts in (one, other))
    return round(len(first & second) / len(first | second), 3) if first and second else 0.0


# ---------------------------------------------------------------- what kind of page

def _refused(page, data):
    """The kind of a page that holds no story, or "" when it may hold one."""
    status = data.status if data else None
    if status in (404, 410, "404", "410") or _says_missing(page):
        return "not found"
    if data and data.kind:
        return "" if data.is_story else ("short video" if data.short_video else data.kind)
    if page.kind != "article":
        return page.kind
    return ""


def _says_missing(page):
    """Does the page give an error number as a heading of its own?"""
    places = (page.soup.find_all(["h1", "h2", "title"]) + (page.root.find_all(["span", "strong"]) if page.root else []))[:40]
    return any(re.fullmatch(r"(error\s*)?(404|410|500|503)", tidy(place.get_text()).lower()) for place in places) or bool(
        page.soup.title and re.search(r"\b(404|410)\b", page.soup.title.get_text()) and not page.lines)


def _asks(page):
    """Is it a page to log in or to agree to something?"""
    return page.soup.find("input", type="password") is not None or (page.soup.find("form") is not None and page.soup.find("button") is not None)


# ---------------------------------------------------------------- the last resort

def generic(page):
    """The lines of the part of a page that holds most running text, for pages that name no main part."""
    scores = {}
    for block in page.soup.find_all(["p", "div", "td", "section", "article", "blockquote"]):
        if block.name != "p" and block.find(["p", "div", "table", "ul", "section"]):
            continue
        text, linked, _ = words(block)
        if len(text) < 40 or linked > 0.5 * len(text) or any(is_furniture(above) for above in (block, *block.parents) if above.name and above.name != "[document]"):
            continue
        for step, above in enumerate(list(block.parents)[:3]):
            if above.name not in ("body", "html", "[document]") or step == 0:
                scores[id(above)] = (scores.get(id(above), (0, None))[0] + len(text) * (1, 0.6, 0.3)[step], above)
    best = max(scores.values(), key=lambda pair: pair[0], default=(0, None))[1]
    if best is None:
        return []
    lines = page.read(best)
    return lines if any(line.kind == "paragraph" for line in lines) else _by_breaks(best)


def _by_breaks(element):
    """The lines of old pages, which part paragraphs by two line breaks or by a div each."""
    for br in element.find_all("br"):
        br.replace_with("\n")
    lines = []
    for block in [element, *element.find_all(["div", "td"])]:
        if is_furniture(block) or block.find(["div", "td", *HEADINGS]) and block is not element:
            continue
        own = "".join(child if child.name is None else child.get_text() for child in block.children if child.name is None or child.name in ("a", "b", "i", "em", "strong", "span", "font"))
        linked = sum(len("".join(link.get_text().split())) for link in block.find_all("a", recursive=False))
        lines += [Line("paragraph", tidy(part), linked if len(own) < 300 else 0) for part in re.split(r"\n\s*\n", own) if len(tidy(part)) >= 40]
    return lines


# ---------------------------------------------------------------- bytes, damage, dates

def decoded(html):
    """(text, "") of a page given as text or bytes, or ("", what is wrong with it)."""
    if len(html) > BIGGEST:
        return "", "too big"
    if isinstance(html, str):
        text = html
        if len(re.findall("Ã[\x80-\xbf]|â€|á»|áº|Ø[§-ª]|à¤|áˆ", text)) >= 5:  # UTF-8 that was read as if it were Western European
            try:
                text = text.encode("cp1252").decode("utf-8")
            except UnicodeError:
                pass
    else:
        text = _from_bytes(bytes(html))
    broken = text.count("\ufffd")
    if broken > 5 and broken > len(text) / 500:
        return "", "wrong charset"
    return text, ""


def _from_bytes(content):
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")  # what is valid UTF-8 is UTF-8, whatever the page says
    except UnicodeDecodeError as error:
        if error.end >= len(content) - 4:  # a letter cut in two at the very end
            return content.decode("utf-8-sig", "ignore")
    named = re.search(rb"charset\s*=\s*[\"']?\s*([\w-]+)", content[:4096], re.I)
    name = named[1].decode("ascii") if named else "cp1252"
    try:
        return content.decode("utf-8" if name.lower().replace("-", "") == "utf8" else name, "replace")
    except LookupError:
        return content.decode("cp1252", "replace")


def damage(text):
    """What is wrong with a page as a whole: "", "empty", "not html" or "cut off"."""
    if not text.strip():
        return "empty"
    if any(len(re.findall(f"<{name}", text)) > len(re.findall(f"</{name}", text)) + 20 for name in ("script", "style", "svg")):
        return "cut off"
    if text.startswith("%PDF") or "\0" in text[:2000] or not re.search(r"<(!doctype html|html|head|body|main|article|div|p)\b", text[:200_000], re.I) or re.match(r"\s*(<\?xml[^>]*>\s*)?<(rss|feed|urlset|svg)\b", text):
        return "not html"
    if re.search(r"<(html|body)\b", text, re.I) and not re.search(r"</(html|body)\s*>", text[-20_000:], re.I):
        # HTML allows a page without </body>; but an element that must be closed and is not shows that the rest is missing.
        if any(len(re.findall(rf"<{name}\b", text, re.I)) > len(re.findall(rf"</{name}\s*>", text, re.I)) for name in ("div", "main", "article", "script", "section", "ul")) or re.search(r"<[^<>]*$", text[-3000:]):
            return "cut off"
    if not re.search(r"[^\W\d_]", re.sub(r"<[^>]*>", "", re.sub(r"<(script|style)\b.*?</\1\s*>", "", text, flags=re.S | re.I))):
        return "empty" if "<script" not in text.lower() else "no text"
    return ""


def moment(value):
    """A date of any common form as ISO 8601 in UTC ("2026-05-04T10:00:00Z"), or as a plain day when no time is given; "" when unreadable."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
        # Some old pages give seconds where all others give milliseconds; 1e11 ms is 1973, before there were any.
        return _utc(datetime.datetime.fromtimestamp(value if value < 1e11 else value / 1000, datetime.timezone.utc)) if value < 4e12 else ""
    value = str(value or "").strip()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return value
    if re.fullmatch(r"\d{10}|\d{13}", value):
        return moment(int(value))
    try:
        return _utc(datetime.datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", value.replace("Z", "+00:00"))))
    except ValueError:
        return ""


def _utc(when):
    when = when.astimezone(datetime.timezone.utc) if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)
    return when.isoformat().replace("+00:00", "Z")
