"""One page in, one story out: three ways of reading it, and what is wrong with it when there is none.

    >>> found = read("<html><body><h1>Wọlé</h1><form><input type='password'></form></body></html>", "https://example.org/login")
    >>> found.page_type, found.reason
    ('login', 'this is a page to log in or to agree to something, not a story; log in with a browser and save the story there')
"""
import datetime
import email.utils
import re
from dataclasses import dataclass, field

from . import _newsjson
from ._newsbytes import decoded, too_deep, trouble
from ._newsjson import Line
from ._newskind import asks, page_kind, refused
from ._newspage import Page
from ._newsparts import BYLINE, HEADINGS, INLINE, LABEL, is_caption, is_card, is_furniture, points, words
from ._newstext import bare, ended, is_sentence, size, tidy

BLOCKS = ["p", "div", "table", "ul", "section"]
SOCIAL = re.compile(r"//([\w-]+\.)*(facebook|instagram|twitter|x|youtube|youtu|t|telegram|whatsapp|wa|tiktok|threads|bsky|linkedin|soundcloud|spotify)\.(com|me|be|net|app|social)\b", re.I)
GOES_ON = re.compile(r"[,，،、፣]?\s*[^\W\d_]+(\s+[^\W\d_]|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{2})")  # words after a link: the sentence goes on
TOLD = 40  # letters beside a link, more than any pointer has
LEAST = 300  # as `size` counts: what a page says in a line or two must be as long as this, or come with a date or another sign of a story
# What stands below stories all over the world, in English.
NOTICES = re.compile(r"^\(c\) |^copyright\b|\ball rights reserved\b|^(sign up|subscribe) (for|to) (our|the)\b|^(follow|join|like) us (on|at)\b", re.I)
COLON = re.compile("[:：፦]")
SHORT_LABEL = 3  # words before the colon of a label
NAMES = re.compile(r"facebook|instagram|twitter|youtube|telegram|whatsapp|tiktok", re.I)
FIXES = {
    "not html": "this is not a web page; save the page in the browser as 'Web page, HTML only'",
    "empty": "there is nothing on this page; open it in a browser and save it again",
    "too big": "this page is far too big for a story; look at it in a browser",
    "wrong charset": "many letters of this page cannot be read; save it again as UTF-8",
    "damaged": "this page is broken (thousands of marks that nothing closes); open it in a browser and save it again",
    "cut off": "only the first part of this page arrived; fetch or save it again",
    "login": "this is a page to log in or to agree to something, not a story; log in with a browser and save the story there",
    "not found": "the site says that there is no such page (any more)",
    "no text": "no story text was found on this page",
    "too little": "there is little text, no date, and nothing that says that this is a story: an error page or a list, perhaps; save the page of the story itself",
    "twice": "the same story came before in this run",
}
# What is wrong with the page, not with the site or our way of reading it.
BROKEN = set(FIXES) - {"no text"}


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
    claims: bool = True
    practice: bool = False
    title_differs: bool = False
    blocks: list = field(default_factory=list)

    def without(self, page_type, reason=""):
        """The same page as one that holds no story."""
        self.page_type, self.paragraphs, self.method, self.agreement = page_type, [], "", 0.0
        self.reason = reason or FIXES.get(page_type) or f"this is a page of the kind {page_type!r}, not a story"
        return self


def read(html, url, subheads=False):
    """The Story of a page given as text or bytes; never fails, whatever it is given."""
    story = Story(str(url or ""))
    try:
        return _read(story, html, subheads)
    except Exception as error:  # whatever is on one page, a run over thousands must not end on it
        return story.without("damaged", f"this page cannot be read ({type(error).__name__}); open it in a browser and save it again")


def _read(story, html, subheads):
    text, wrong = decoded(html)
    page = Page(text)
    wrong = wrong or trouble(text, page.markup) or ("damaged" if too_deep(page.whole) else "")
    if wrong:
        return story.without(wrong)
    seen = kept(page.lines)

    def likeness(lines):
        return agreement(kept(lines), seen)

    data = _newsjson.find(page.scripts, likeness)
    if data and data.loose and likeness(data.lines) < 0.5:
        data = None  # some other list of texts
    if data and data.lines and data.headline and seen and page.heading is not None and tidy(data.headline) != page.headline and not likeness(data.lines):
        data = None  # another story, in headline and in every paragraph
    story.address, story.headline, story.claims = page.address, page.headline, page.claims or data is not None
    story.practice = "practice" in page.metas
    story.published = moment(data.published if data else None) or moment(page.published) or day_in(story.url) or day_in(page.address)
    story.language = (data.language if data else "") or (page.soup.html.get("lang") if page.soup.html else "") or ""
    other = refused(page, data, story.url)
    if other:
        return story.without(other)
    _choose(story, page, data, subheads)
    if not story.paragraphs:
        return story.without("login" if asks(page, empty=True) else "no text")
    vague = story.method == "generic" or (story.method == "dom" and page.metas.get("og:type") == "website")
    if vague and not page.says_story and len(story.paragraphs) < 2 and size(story.paragraphs[0]) < 600:
        return story.without("index")  # one line of text on a page that does not say what it is: the summary of a programme or a list
    if not story.claims and page.soup.title and _long(story.paragraphs) < LEAST and (len(story.paragraphs) < 2 or (len(story.paragraphs) < 3 and _plain(page))):
        return story.without("too little")
    return story


def _plain(page):
    """Is there nothing in the main part but a line or two: no picture, no subhead, no list?"""
    return page.root is None or not (page.root.find(["img", "figure", "blockquote", "table"]) or any(line.kind != "paragraph" for line in page.lines))


def _choose(story, page, data, subheads):
    """Read in the three ways, keep the best, and say how far two of them agree."""
    by_data = kept(data.lines, subheads) if data else []
    by_markup = kept(page.lines, subheads)
    story.page_type = (data.kind if data and data.kind else "") or page_kind(page, story.url)
    story.blocks = data.blocks if data else []
    if data and data.headline:
        title = tidy(data.headline)
        story.title_differs = page.heading is not None and page.headline != title
        story.headline = title
    if by_data and _long(by_data) >= 0.5 * _long(by_markup):
        story.paragraphs, story.method, story.agreement = by_data, "json", agreement(by_data, by_markup)
        return
    second = kept(generic(page), subheads=False)
    if by_markup and _long(by_markup) >= 0.4 * _long(second):
        story.paragraphs, story.method = by_markup, "dom"
        story.agreement = agreement(by_markup, by_data) if by_data else agreement(kept(page.lines, False), second)
    elif _long(second) >= (60 if page.says_story else 200):
        story.paragraphs, story.method, story.agreement = second, "generic", agreement(second, by_data or by_markup)


def _long(texts):
    return size(" ".join(texts))


def kept(lines, subheads=False):
    """The texts of the lines that are story: no subheads (unless asked for), no lines that only lead elsewhere, no self-promotion."""
    told = [(line, tidy(line.text)) for line in lines]
    told = [(line, text) for line, text in told if text and re.search(r"[^\W_]", text)]
    away = [line.kind != "subhead" and leads_away(line, text) for line, text in told]
    for place in range(len(told) - 2, -1, -1):  # "Read also:" above lines that only lead elsewhere
        line, text = told[place]
        away[place] = away[place] or (away[place + 1] and line.kind == "paragraph" and not line.targets and size(text) < LABEL and COLON.search(text[-1]) is not None)
    texts = [(line, text) for (line, text), gone in zip(told, away) if not gone and (subheads or line.kind != "subhead")]
    return [text for line, text in _without_ends(texts)]


def _without_ends(texts):
    """The (line, text) pairs without a byline above the first paragraph and labels ("Source: NAN") below the last one."""
    while len(texts) > 2 and texts[-1][0].kind == "paragraph" and _is_label(texts[-1][1]):
        texts = texts[:-1]
    first = next((place for place, (line, _) in enumerate(texts[:2]) if line.kind == "paragraph"), None)
    if first is not None and len(texts) > 2 and _is_byline(texts[first][1]) and size(texts[first + 1][1]) > LABEL:
        texts = texts[:first] + texts[first + 1:]
    return texts


def _is_label(text):
    """Is this a short line of the kind "Source: NAN", no sentence?"""
    head, *rest = COLON.split(text, maxsplit=1)
    return bool(rest) and bool(rest[0].strip()) and size(text) < BYLINE and len(head.split()) <= SHORT_LABEL and not is_sentence(text)


def _is_byline(text):
    """Is this the name of who wrote it, with a full stop: a word or two, then names with capitals only, and the place perhaps?"""
    names = [word.strip(".,،") for word in text.split()]
    if size(text) >= BYLINE or not ended(text) or text[-1] != "." or len(names) < 3 or not all(word[:1].isalpha() for word in names):
        return False
    small = [place for place, word in enumerate(names) if not word[0].isupper()]
    # "Ya ga Adé Bello." may be a sentence; a comma and a place behind the name make it a byline.
    return not small or (max(small) < 2 and "," in text and len(names) - max(small) > 2)


def leads_away(line, text):
    """Is this line a link to something else ("read also"), an invitation to follow the site elsewhere, or a credit?"""
    letters = len("".join(text.split()))
    if letters < 150 and (text[0] == "©" or NOTICES.search(text)):  # the sign is the same in every language
        return True
    sentence = ended(text)
    signs = letters - len(bare(text))
    if line.linked and (line.linked >= letters - (signs if sentence else max(3, signs)) or line.linked >= 0.97 * letters):
        return True
    social = sum(1 for target in line.targets if SOCIAL.search(target))
    aside = bool(line.targets) or text[0] in "([（*"  # three names in a plain sentence may be news about them
    if social >= 2 or (aside and letters < 250 and len({name.lower() for name in NAMES.findall(text)}) >= 3):
        return True
    if social and not sentence and not line.after and size(text) < LABEL:  # "Follow us on WhatsApp"
        return True
    head, *rest = COLON.split(text, maxsplit=1)
    if not sentence and not line.after and rest and bare(head) and size(head) < LABEL and 0 < len(bare(rest[0])) <= line.linked:
        return True  # "Tags: ...": all behind the colon is links
    # A sentence may be mostly link; a pointer ("See also: ...") has no full stop at its end, and ends with its link.
    return line.linked >= 0.7 * letters and not (sentence or GOES_ON.match(line.after) or (letters - line.linked >= TOLD and ":" not in text))


def agreement(one, other):
    """How far two lists of paragraphs agree: the Jaccard index of their paragraphs, 0 to 1; 0.0 when either is empty."""
    first, second = ({bare(text).casefold() for text in texts} for texts in (one, other))
    return round(len(first & second) / len(first | second), 3) if first and second else 0.0


# ---------------------------------------------------------------- the last resort

def generic(page):
    """The lines of the part of a page that holds most running text, for pages that name no main part."""
    scores, around = {}, {}

    def outside(element):
        if id(element) not in around:
            around[id(element)] = is_furniture(element) or (element.parent is not None and element.parent.parent is not None and outside(element.parent))
        return around[id(element)]

    for block in page.soup.find_all(["p", "div", "td", "section", "article", "blockquote"]):
        text, linked = _own(block)
        if size(text) < 40 or linked > 0.5 * len(text) or outside(block):
            continue
        for step, above in enumerate(list(block.parents)[:3]):
            if above.name not in ("body", "html", "[document]") or step == 0:
                scores[id(above)] = (scores.get(id(above), (0, None))[0] + size(text) * (1, 0.6, 0.3)[step], above)
    best = max(scores.values(), key=lambda pair: pair[0], default=(0, None))[1]
    if best is None:
        return []
    lines = page.read(best)
    if any(line.kind == "paragraph" for line in lines):
        return _standfirst(page, best, outside) + lines
    return _by_breaks(best)


def _own(block):
    """(text, characters in links) of a block without the blocks in it."""
    if block.name == "p" or not block.find(BLOCKS):
        return words(block)[:2]
    pieces = [piece for piece in block.children if piece.name is None or (piece.name in INLINE and not piece.find(BLOCKS))]
    links = [link for piece in pieces if piece.name for link in ([piece] if piece.name == "a" else piece.find_all("a"))]
    return tidy("".join(piece.get_text() for piece in pieces)), sum(len("".join(link.get_text().split())) for link in links)


def _standfirst(page, best, outside):
    """The sentences that stand between the headline and the paragraphs, in an element that is no paragraph or outside of the part with most text."""
    lines, inside = [], page.heading is not None and any(above is best for above in page.heading.parents)
    for element in page.heading.next_elements if page.heading is not None else ():
        if element is best or (inside and element.name == "p"):
            return [line for line in lines if is_sentence(line.text) and not line.linked]
        if element.name in ("p", "div") and not element.find(BLOCKS) and not outside(element) and not is_caption(element, None):
            text, linked, targets = words(element)
            lines += [Line("paragraph", text, linked, targets)] if size(text) >= 40 else []
    return []  # the headline stands below the text


def _by_breaks(element):
    """The lines of old pages, which part paragraphs by two line breaks or by a div each."""
    lines, own = [], []

    def end():
        inside = [node for piece in own for node in ([piece] if piece.name in (None, "br") else piece.descendants)]
        text = "".join("\n" if node.name == "br" else node if node.name is None else "" for node in inside)
        links = [link for piece in own if piece.name for link in ([piece] if piece.name == "a" else piece.find_all("a"))]
        linked = sum(len("".join(link.get_text().split())) for link in links)
        parts = [tidy(part) for part in re.split(r"\n\s*\n", text)]
        lines.extend(Line("paragraph", part, *((linked, [link.get("href") or "" for link in links]) if len(text) < 300 else ())) for part in parts if size(part) >= 40 or (size(part) >= 10 and is_sentence(part)))
        own.clear()

    def take(block):
        rows = {id(child) for child in block.children if points(child)}
        for child in block.children:
            if child.name is None or child.name in INLINE:
                own.append(child)
                continue
            end()
            if child.name not in HEADINGS and child.name != "h1" and not is_furniture(child) and not is_card(child) and not (len(rows) >= 3 and id(child) in rows):
                take(child)
        end()

    take(element)
    return lines


# ---------------------------------------------------------------- dates

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
        return _utc(datetime.datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", re.sub(r"\s*(Z|UTC|GMT)$", "+00:00", value))))
    except (ValueError, OverflowError):
        pass
    try:
        return _utc(email.utils.parsedate_to_datetime(value))  # "Mon, 05 Jan 2026 10:00:00 +0100"
    except (ValueError, TypeError, OverflowError, IndexError):
        return ""


def day_in(url):
    """The day that stands in an address, as blogs have it (/2026/05/04/), or ""."""
    found = re.search(r"/((?:19|20)\d\d)[/-]([01]\d)[/-]([0-3]\d)(?=[/-])", str(url))
    try:
        return datetime.date(*map(int, found.groups())).isoformat() if found else ""
    except ValueError:
        return ""


def _utc(when):
    when = when.astimezone(datetime.timezone.utc) if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)
    return when.isoformat().replace("+00:00", "Z")
