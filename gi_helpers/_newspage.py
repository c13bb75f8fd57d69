"""The story in the markup of a news page: by what elements are for, never by class names, which are new with every release of a site.

    >>> page = Page("<main><h1>Ọjà</h1><p>Ọjà ń bẹ.</p><figure><figcaption><p>Àwòrán ọjà</p></figcaption></figure></main><footer><p>©</p></footer>")
    >>> page.headline, [line.text for line in page.lines]
    ('Ọjà', ['Ọjà ń bẹ.'])
"""
import json
import re
from functools import cached_property

from ._newsbytes import parted
from ._newsjson import Line
from ._newsparts import BYLINE, HEADINGS, LABEL, is_caption, is_card, is_furniture, is_picture, names_site, points, words
from ._newstext import ended, is_sentence, size, tidy

# Where a paragraph or a list item ends at the latest.
ENDS = {"p": r"<(?:p|div|ul|ol|table|section|article|h[1-6]|blockquote|figure|footer|header|main|aside|nav|form|hr)\b|</(?:div|td|section|article|main|body|blockquote|li)\b",
        "li": r"<li\b|</(?:ul|ol)\b"}
STORY_TYPE = re.compile(r"(Article|BlogPosting|^Report)$")


class Page:
    """A parsed page; everything else is worked out when it is asked for."""

    def __init__(self, html):
        self.markup, scripts = parted(html)
        self.facts = [fact for attributes, text in scripts if "ld+json" in attributes.lower() for fact in _graph(text)]
        self.scripts = [text for attributes, text in scripts if "ld+json" not in attributes.lower() and len(text) > 40]

    @cached_property
    def whole(self):
        """The markup with all its end tags."""
        return closed(self.markup)

    @cached_property
    def soup(self):
        """The tree of the page."""
        from bs4 import BeautifulSoup

        # html.parser alone: lxml mends broken pages in another way, and the same page must give the same rows on every machine.
        return BeautifulSoup(self.whole, "html.parser")

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
        return {name for fact in self.facts for name in _types(fact)}

    @cached_property
    def story_types(self):
        """Those of the types that say "this is a story"."""
        return {name for name in self.types if STORY_TYPE.search(name) and name != "LiveBlogPosting"}

    @property
    def says_story(self):
        """Does the page say in its facts that it is an article?"""
        return bool(self.story_types) or self.metas.get("og:type") == "article"

    @property
    def says_news(self):
        """Does it even say that it is news?"""
        return any("News" in name for name in self.story_types)

    @property
    def claims(self):
        """Does anything on the page speak for a story: its facts, or a date? Error pages and forms have neither."""
        return self.says_story or bool(self.published)

    @cached_property
    def authors(self):
        """The names of the people who wrote it, as the page's facts give them."""
        given = [author for fact in self.facts for author in _listed(fact.get("author")) if not isinstance(author, dict) or not any("Organi" in name for name in _types(author))]
        names = [author.get("name") if isinstance(author, dict) else author for author in given]
        names += [self.metas.get(name, "") for name in ("author", "article:author", "byl", "parsely-author", "dc.creator")]
        return {tidy(name).casefold() for name in names if isinstance(name, str) and 4 <= len(tidy(name)) <= 60 and "://" not in name}

    @cached_property
    def published(self):
        """When it was first published, as the page writes it: JSON-LD, then meta, then the first time element with a date; "" when not said."""
        stories = [fact for fact in self.facts if any(STORY_TYPE.search(name) for name in _types(fact))]
        for fact in stories or self.facts:
            if isinstance(fact.get("datePublished"), str):
                return fact["datePublished"]
        for name in ("article:published_time", "og:article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.date", "parsely-pub-date", "pubdate"):
            if self.metas.get(name):
                return self.metas[name]
        times = self.soup.find_all("time", attrs={"itemprop": "datePublished"}) + (self.root or self.soup).find_all("time", datetime=True)
        return next((time["datetime"] for time in times if re.match(r"\d{4}-\d\d-\d\d", time.get("datetime") or "")), "")

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
            found = [h1 for h1 in found if tidy(h1.get_text()) and not names_site(h1)]
            named = [h1 for h1 in found if h1.get("id") == "content"]
            if named or found:
                outside = [h1 for h1 in found if not h1.find_parent(["header"], attrs={"role": "banner"})]
                return (named or outside or found)[0]
        return None

    @cached_property
    def headline(self):
        """The text of the h1, else what the page tells others its title is."""
        if self.heading is not None:
            return words(self.heading)[0] or tidy(self.heading.get_text())
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
        if not lines:  # all of it looks like what stands around a story, so it is the story
            self._walk(root, lines, seen, sure_only=True)
        lines = _without_byline(lines, seen["time"])
        return [line for line in lines if ended(line.text) or not any(name in line.text.casefold() and size(line.text) - size(name) < BYLINE for name in self.authors)]

    def _walk(self, element, lines, seen, sure_only=False):
        pointers, above = {id(child) for child in element.children if points(child)}, None
        for child in element.children:
            name = getattr(child, "name", None)
            if not name:
                continue
            under, above = above, child
            if is_furniture(child, sure_only) or (len(pointers) >= 3 and id(child) in pointers) or is_caption(child, under) or (not sure_only and is_picture(child)):
                continue
            if name == "p" or (name == "li" and not child.find(["p", "ul", "ol"])):
                if not (name == "li" and is_card(child)):
                    _add("bullet" if name == "li" else "paragraph", child, lines)
            elif name in HEADINGS:
                if not child.find("a", href=True):
                    _add("subhead", child, lines)
            elif name == "time":
                if seen["time"] is None and re.match(r"\d{4}-\d\d", child.get("datetime") or ""):
                    seen["time"] = len(lines)
            elif name == "blockquote" and not child.find(["p", "li"]):
                _add("paragraph", child, lines)
            elif name == "a" and child.get("href") and size(child.get_text()) < 600 and not child.find("h1"):
                continue  # a link around whole paragraphs is a pointer to another story
            elif child.contents and not is_card(child):
                self._walk(child, lines, seen, sure_only)


def _add(kind, element, lines):
    """Put the text of an element behind the lines, if it has any."""
    text, linked, targets = words(element)
    if text:
        last = tidy(element.find_all("a")[-1].get_text()) if linked else ""
        lines.append(Line(kind, text, linked, targets, len(lines), text.rpartition(last)[2].strip() if last else ""))


def _without_byline(lines, time):
    """The lines without those between headline and story: who wrote it, when and where. `time` is how many lines stand before the date."""
    if time is not None and len([line for line in lines if line.order < time]) <= 3:
        # A whole sentence between headline and date is a standfirst and stays.
        lines = [line for line in lines if line.order >= time or (line.kind == "paragraph" and is_sentence(line.text))]
    # Short lines that are no sentences, with a sentence soon after them; but three bullets are a summary.
    first = next((place for place, line in enumerate(lines[:4]) if is_sentence(line.text)), 0)
    listed = all(line.kind == "bullet" for line in lines[:first]) and first >= 3
    return [line for line in lines[:first] if line.kind == "subhead" or listed or size(line.text) >= LABEL] + lines[first:]


def closed(html):
    """The same markup with the end tags of paragraphs and list items, which older pages leave out and html.parser does not add."""
    for name in ("p", "li"):
        if len(re.findall(rf"<{name}\b", html, re.I)) > len(re.findall(rf"</{name}\s*>", html, re.I)):
            html = re.sub(rf"(?={ENDS[name]})", f"</{name}>", html, flags=re.I)
    return html


def _weight(element):
    """Characters in the paragraphs of an element."""
    return sum(len(p.get_text()) for p in element.find_all("p"))


def _graph(text):
    """The objects of a JSON-LD script, one level of @graph opened; [] when it is damaged."""
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return []
    found = []
    for node in _listed(value):
        if isinstance(node, dict):
            graph = node.get("@graph")
            found += [part for part in graph if isinstance(part, dict)] if isinstance(graph, list) else [node]
    return found


def _types(fact):
    return [name for name in _listed(fact.get("@type")) if isinstance(name, str)]


def _listed(value):
    return value if isinstance(value, list) else [value]
