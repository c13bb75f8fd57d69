"""The story in the markup of a news page: by what elements are for, never by class names, which are new with every release of a site.

    >>> page = Page("<main><h1>Ọjà</h1><p>Ọjà ń bẹ.</p><figure><figcaption><p>Àwòrán ọjà</p></figcaption></figure></main><footer><p>©</p></footer>")
    >>> page.headline, [line.text for line in page.lines]
    ('Ọjà', ['Ọjà ń bẹ.'])
"""
import json
import re
from functools import cached_property

from ._newsjson import Line

SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.S | re.I)
USELESS = re.compile(r"<!--.*?-->|<(style|svg|noscript|template|object|canvas)\b[^>]*>.*?</\1\s*>", re.S | re.I)
SKIPPED = {"nav", "footer", "aside", "figure", "figcaption", "button", "form", "select", "dialog", "video", "audio", "iframe", "menu", "label", "textarea", "head", "address"}
ROLES = {"navigation", "banner", "contentinfo", "complementary", "dialog", "alertdialog", "alert", "search", "menu", "menubar", "toolbar", "tablist"}
# data-e2e, data-testid, data-component and ids are written by people for tests and skip links, so they outlive class names.
MARKS = re.compile(r"(twitter|instagram|youtube|facebook|tiktok|telegram|x)-embed|social-embed|embed-(twitter|x|youtube|instagram|facebook|tiktok)|recommend|related|most-?(read|watched|popular)|"
                   r"top-stories|features-analysis|promo(?!te)|byline|newsletter|comment|cookie|consent|share(-|d-by|bar|$)|sharing|breadcrumb|subscribe|podcast|advert|^ad-|-ad$|mpu|disclaimer|"
                   r"topics?-(list|tags)|tags?-list|links-block|topic-tags|lite-site|reading-time|upload|feedback|caption|credit|elsewhere|read-?more|also-read|sidebar|"
                   r"^end-of-", re.I)
END = set(".!?…。！？।॥።۔؟၊။")
HEADINGS = ("h2", "h3", "h4", "h5", "h6")
# Where a paragraph or a list item ends at the latest.
ENDS = {"p": r"<(?:p|div|ul|ol|table|section|article|h[1-6]|blockquote|figure|footer|header|main|aside|nav|form|hr)\b|</(?:div|td|section|article|main|body|blockquote|li)\b",
        "li": r"<li\b|</(?:ul|ol)\b"}
INLINE = {"a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "time", "u", "wbr"}
STORY_TYPE = re.compile(r"(News|Blog)?(Article|Posting)$|^Report$")
NO_STORY_TYPE = {"LiveBlogPosting": "live", "ImageGallery": "gallery", "MediaGallery": "gallery", "AudioObject": "audio", "PodcastEpisode": "audio", "RadioEpisode": "audio",
                 "RadioChannel": "audio", "RadioBroadcastService": "audio", "RadioSeries": "audio", "VideoObject": "video", "TVEpisode": "video", "TVSeries": "video",
                 "BroadcastEvent": "video", "CollectionPage": "index", "ItemList": "index", "SearchResultsPage": "index", "WebPage": "index", "WebSite": "index"}


class Page:
    """A parsed page; everything else is worked out when it is asked for."""

    def __init__(self, html):
        from bs4 import BeautifulSoup

        self.scripts, self.facts = [], []
        html = SCRIPT.sub(self._keep, html)
        # html.parser alone: lxml mends broken pages in another way, and the same page must give the same rows on every machine.
        self.soup = BeautifulSoup(closed(USELESS.sub("", html)), "html.parser")

    def _keep(self, script):
        if "ld+json" in script[1].lower():
            self.facts += _graph(script[2])
        elif len(script[2]) > 40:
            self.scripts.append(script[2])
        return ""

    # ------------------------------------------------------------ facts about the page

    @cached_property
    def metas(self):
        """The meta elements as {name or property: content}; the first of a name counts."""
        found = {}
        for meta in self.soup.find_all("meta"):
            name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
            found.setdefault(name.lower(), (meta.get("content") or "").strip())
        return found

    @cached_property
    def types(self):
        """The types that JSON-LD gives: a set of names such as "NewsArticle"."""
        names = [fact.get("@type") for fact in self.facts]
        return {name for value in names for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)}

    @cached_property
    def published(self):
        """When it was first published, as the page writes it: JSON-LD, then meta, then the first time element with a date; "" when not said."""
        stories = [fact for fact in self.facts if any(STORY_TYPE.search(name) for name in _types(fact))]
        for fact in stories or self.facts:
            if isinstance(fact.get("datePublished"), str):
                return fact["datePublished"]
        for name in ("article:published_time", "og:article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "parsely-pub-date"):
            if self.metas.get(name):
                return self.metas[name]
        return next((time["datetime"] for time in (self.root or self.soup).find_all("time", datetime=True) if re.match(r"\d{4}-\d\d-\d\d", time["datetime"])), "")

    @cached_property
    def address(self):
        """The address that the page gives for itself, or ""."""
        link = self.soup.find("link", rel="canonical", href=True)
        found = (link["href"] if link else "") or self.metas.get("og:url", "")
        return found if re.match(r"https?://", found) else ""

    @cached_property
    def heading(self):
        """The h1 of the story: in main, else in the article, else the only one of the page; None when there is none."""
        for place in (self.root, self.soup):
            found = place.find_all("h1") if place else []
            found = [h1 for h1 in found if tidy(h1.get_text())]
            named = [h1 for h1 in found if h1.get("id") == "content"]
            if named or found:
                outside = [h1 for h1 in found if not h1.find_parent(["header"], attrs={"role": "banner"})]
                return (named or outside or found)[0]
        return None

    @cached_property
    def headline(self):
        """The text of the h1, else what the page tells others its title is."""
        if self.heading is not None:
            return tidy(self.heading.get_text())
        return tidy(self.metas.get("og:title", "") or (self.soup.title.get_text() if self.soup.title else ""))

    # ------------------------------------------------------------ where the story stands

    @cached_property
    def root(self):
        """The element that holds the story: main, or the article in it that has most of the text; None when the page has neither."""
        mains = self.soup.find_all("main") or self.soup.find_all(attrs={"role": "main"})
        main = max(mains, key=_weight, default=None)
        place = main or self.soup.body or self.soup
        articles = [part for part in place.find_all("article") if not part.find_parent("article")]
        titled = [part for part in articles if part.find("h1")]
        best = max(titled or articles, key=_weight, default=None)
        if len(titled) == 1 and _weight(best):  # the others are comments or pointers
            return best
        if best is not None and (len(articles) == 1 or _weight(best) >= 0.6 * _weight(place)) and _weight(best) >= 0.4 * _weight(place):
            return best
        return main

    @cached_property
    def lines(self):
        """Paragraphs, bullets and subheads of the story, in order, as Line; empty when there is no main part."""
        return self.read(self.root) if self.root is not None else []

    def read(self, root):
        """The lines below an element, furniture left out."""
        lines, seen = [], {"time": None}
        self._walk(root, lines, seen)
        if seen["time"] is not None:
            # What stands between headline and date is the byline; a whole sentence there is a standfirst and stays.
            before = [line for line in lines if line.order < seen["time"]]
            if len(before) <= 3:
                lines = [line for line in lines if line.order >= seen["time"] or (line.kind == "paragraph" and _sentence(line.text))]
                # The line right below the date may say how long the reading takes.
                lines = [line for line in lines if not (line.order == seen["time"] and re.search(r"\d", line.text) and len(line.text) < 60 and not ended(line.text))]
        return lines

    def _walk(self, element, lines, seen):
        for child in element.children:
            name = getattr(child, "name", None)
            if not name or is_furniture(child):
                continue
            if name == "p" or (name == "li" and not child.find(["p", "ul", "ol"])):
                text, linked, targets = words(child)
                if text and not (name == "li" and is_card(child)):
                    lines.append(Line("bullet" if name == "li" else "paragraph", text, linked, targets, len(lines)))
            elif name in HEADINGS:
                text, linked, targets = words(child)
                if text and not linked:
                    lines.append(Line("subhead", text, linked, targets, len(lines)))
            elif name == "time":
                if seen["time"] is None and re.match(r"\d{4}-\d\d", child.get("datetime") or ""):
                    seen["time"] = len(lines)
            elif name == "blockquote" and not child.find(["p", "li"]):
                text, linked, targets = words(child)
                if text:
                    lines.append(Line("paragraph", text, linked, targets, len(lines)))
            elif not is_card(child):
                self._walk(child, lines, seen)

    # ------------------------------------------------------------ what kind of page it is

    @property
    def says_story(self):
        """Does the page say in its facts that it is an article?"""
        return any(STORY_TYPE.search(name) for name in self.types) or self.metas.get("og:type") == "article"

    @cached_property
    def kind(self):
        """What the page says it is, from JSON-LD and the shape of its markup: "article", or the kind of page that holds no story."""
        story = {name for name in self.types if STORY_TYPE.search(name) and name != "LiveBlogPosting"}
        if "LiveBlogPosting" in self.types:
            return "live"
        if not story:
            told = [NO_STORY_TYPE[name] for name in NO_STORY_TYPE if name in self.types]
            if told and (told[0] != "index" or self.metas.get("og:type", "website").startswith("website")):
                return told[0]
        if not any("News" in name for name in self.types):
            if self._has_player_first():
                return "media"
            if self._is_gallery():
                return "gallery"
        return "article"

    def _has_player_first(self):
        """Is the page about a recording? Then its player stands right below the headline and repeats it."""
        place, title = self.root or self.soup, self.headline
        return any(title and tidy(label.get_text()) == title for label in [*place.find_all("strong"), *place.find_all(["span", "div"], attrs={"aria-hidden": "true"})])

    def _is_gallery(self):
        """Is it a series of pictures? Then the captions say more than the paragraphs."""
        place = self.root or self.soup.body or self.soup
        pictures = [figure for figure in place.find_all("figure") if not figure.find(["iframe", "button", "video", "audio"])]
        captions = sum(len(tidy(caption.get_text())) for figure in pictures for caption in figure.find_all("figcaption"))
        if len(pictures) < 4 or not captions:
            return False
        lines = self.lines if self.root is not None else self.read(place)
        return captions > sum(len(line.text) for line in lines if line.kind != "subhead" and line.linked < 0.5 * len(line.text))


def closed(html):
    """The same markup with the end tags of paragraphs and list items, which older pages leave out and html.parser does not add."""
    for name in ("p", "li"):
        if len(re.findall(rf"<{name}\b", html, re.I)) > len(re.findall(rf"</{name}\s*>", html, re.I)):
            html = re.sub(rf"(?={ENDS[name]})", f"</{name}>", html, flags=re.I)
    return html


def is_furniture(element):
    """Is this element something around the story? Told by its name, role, label and marks."""
    name, attrs = element.name, element.attrs
    if name in SKIPPED or (name == "header" and not element.find("h1")):
        return True
    if not attrs:
        return False
    role = attrs.get("role", "")
    if role in ROLES or attrs.get("aria-hidden") == "true" or "hidden" in attrs or attrs.get("aria-modal"):
        return True
    if name == "p" and (attrs.get("tabindex") == "-1" or role == "text"):  # where a skip link leads to ("End of ..."); the credit of a picture
        return True
    labelled = role == "region" or "aria-labelledby" in attrs or "aria-label" in attrs
    marks = [str(attrs[mark]) for mark in ("data-e2e", "data-testid", "data-test-id", "data-component", "id", "aria-labelledby") if mark in attrs]
    marked = any(MARKS.search(mark) for mark in marks)
    if (labelled and name in ("section", "div", "ul", "ol", "p")) or marked:
        # A label may stand on the part that holds the story itself.
        return not (element.find("h1") or (not marked and _weight(element) > 1500 and _link_share(element) < 0.3))
    return "display:none" in attrs.get("style", "").replace(" ", "")


def is_card(element):
    """Is this element a pointer to another story: a linked heading, or a list item with a picture, heading or date?"""
    if element.name == "li":
        return element.find(["h2", "h3", "h4", "time", "img", "figure"]) is not None and element.find("a") is not None
    heading = next((child for child in element.find_all(HEADINGS, recursive=False)), None)
    link = element.find("a", recursive=False) if heading is None else None
    if link is not None and link.find(HEADINGS):
        heading = link.find(HEADINGS)
    if heading is None or not (heading.find("a") or heading.find_parent("a")):
        return False
    return len(element.find_all("p")) <= 2 and not element.find("h1")


def words(element):
    """(text, characters that stand in links, addresses of the links) of an element, without what only screen readers or scripts use."""
    parts, linked, targets = [], 0, []

    def take(node, in_link):
        nonlocal linked
        for child in node.children:
            name = getattr(child, "name", None)
            if name is None:
                parts.append(child)
                linked += len("".join(child.split())) if in_link else 0
            elif name == "br":
                parts.append("\n")
            elif name == "a":
                targets.append(child.get("href") or "")
                take(child, True)
            elif child.get("aria-hidden") != "true" and name not in SKIPPED:
                take(child, in_link)
                if name not in INLINE:
                    parts.append(" ")

    take(element, False)
    return tidy("".join(parts)), linked, targets


def tidy(text):
    """One line: every run of white space becomes one space."""
    return " ".join(text.split())


def _weight(element):
    """Characters in the paragraphs of an element."""
    return sum(len(p.get_text()) for p in element.find_all("p"))


def _link_share(element):
    whole = len(element.get_text()) or 1
    return sum(len(link.get_text()) for link in element.find_all("a")) / whole


def _sentence(text):
    return len(text) >= 60 and ended(text)


def ended(text):
    """Does this line end as a sentence does? Headlines and labels do not."""
    return text.rstrip(" \"'”’»)]")[-1:] in END


def _graph(text):
    """The objects of a JSON-LD script, one level of @graph opened; [] when it is damaged."""
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return []
    found = []
    for node in value if isinstance(value, list) else [value]:
        if isinstance(node, dict):
            graph = node.get("@graph")
            found += [part for part in graph if isinstance(part, dict)] if isinstance(graph, list) else [node]
    return found


def _types(fact):
    kind = fact.get("@type")
    return [name for name in (kind if isinstance(kind, list) else [kind]) if isinstance(name, str)]
