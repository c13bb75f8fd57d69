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

SKIPPED = {"nav", "footer", "aside", "figure", "figcaption", "button", "form", "select", "dialog", "video", "audio", "iframe", "menu", "label", "textarea", "head", "address"}
ROLES = {"navigation", "banner", "contentinfo", "complementary", "dialog", "alertdialog", "alert", "search", "menu", "menubar", "toolbar", "tablist"}
# data-e2e, data-testid, data-component and ids are written by people for tests and skip links, so they outlive class names.
MARKS = re.compile(r"(twitter|instagram|youtube|facebook|tiktok|telegram|x)-embed|social-embed|embed-(twitter|x|youtube|instagram|facebook|tiktok)|recommend|related|most-?(read|watched|popular)|"
                   r"top-stories|features-analysis|promo(?!te)|byline|newsletter|comment|cookie|consent|share(-|d-by|bar|$)|sharing|breadcrumb|subscribe|podcast|advert|^ad-|-ad$|(?<![a-z])mpu(?![a-z])|disclaimer|"
                   r"topics?-(list|tags)|tags?-list|links-block|topic-tags|lite-site|reading-time|upload|feedback|caption|credit|elsewhere|read-?more|also-read|sidebar|"
                   r"^end-of-", re.I)
# Some scripts (Thai, Lao) end a sentence with nothing, some write a word or a syllable in one letter.
NO_STOPS = re.compile("[\u0e00-\u0eff]")
OWN_WORDS = set("related recommended recommendations comment comments most read popular watched promo podcast podcasts newsletter share sharing advert adverts ad ads mpu disclaimer byline cookie cookies "
                "consent section list area box wrapper container block heading title articles stories topics links article story post page end of also more top".split())
OWN_TEXT = {"text", "body", "content", "paragraph", "para"}  # an id with one of these speaks of text
WORDS, SYLLABLES = re.compile("[\u3040-\u30ff\u3400-\u9fff]"), re.compile("[\u1200-\u139f\uac00-\ud7af]")  # Chinese and Japanese; Ethiopic and Korean
LABEL, BYLINE, NOTE, LONG = 60, 40, 400, 600  # as `size` counts: no label is longer; what stands beside a name; a caption; the text of a story
UNENDED, UNSPACED = 24, 14  # signs, each with its vowels and tones: a sentence without a stop, and a part of one without a space, which no name is
CLOSERS = " \t\"'”’»›)]}」』）》】〉＂"
HEADINGS = ("h2", "h3", "h4", "h5", "h6")
# Where a paragraph or a list item ends at the latest.
ENDS = {"p": r"<(?:p|div|ul|ol|table|section|article|h[1-6]|blockquote|figure|footer|header|main|aside|nav|form|hr)\b|</(?:div|td|section|article|main|body|blockquote|li)\b",
        "li": r"<li\b|</(?:ul|ol)\b"}
PICTURES = ["img", "picture", "amp-img", "video", "audio", "iframe", "figure"]
DAY = re.compile(r"\d{4}-\d\d")  # a date, not the length of a recording
INLINE = {"a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "time", "u", "wbr"}
BOXES = {"div", "li", "article", "section", "tr", "td", "dd"}
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
            found = [h1 for h1 in found if tidy(h1.get_text()) and not _names_site(h1)]
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


def is_furniture(element, sure_only=False):
    """Is this element something around the story? Told by its name, role, label and marks; `sure_only` leaves ids out, which may mean anything."""
    name, attrs = element.name, element.attrs
    if name in SKIPPED or (name == "header" and not element.find("h1")):
        return True
    if not attrs:
        return _can_be_skipped(element)
    role = attrs.get("role", "")
    if role in ROLES or attrs.get("aria-hidden") == "true" or "hidden" in attrs or attrs.get("aria-modal"):
        return True
    if name == "p" and (attrs.get("tabindex") == "-1" or role == "text"):  # where a skip link leads to ("End of ..."); the credit of a picture
        return True
    labelled = role == "region" or "aria-labelledby" in attrs or "aria-label" in attrs
    marks = [str(attrs[mark]) for mark in ("data-e2e", "data-testid", "data-test-id", "data-component", "id", "aria-labelledby") if MARKS.search(str(attrs.get(mark, "")))]
    if (labelled and name in ("section", "div", "ul", "ol", "p")) or marks:
        # A label may stand on the story itself, and an id may be made from the words of a subhead ("advertising-ban").
        sure = any(set(re.findall("[a-z]+", mark.lower())) <= OWN_WORDS for mark in marks) or any(MARKS.search(str(attrs[mark])) for mark in attrs if mark.startswith("data-") and str(attrs[mark]) in marks)
        return not (element.find("h1") or (not sure and (sure_only or _tells(element, any(OWN_TEXT & set(re.findall("[a-z]+", mark.lower())) for mark in marks)))))
    return _can_be_skipped(element) or "display:none" in attrs.get("style", "").replace(" ", "")


def _can_be_skipped(element):
    """Does this element begin with a link to its own end? So do embedded posts and lists of other stories, for those who listen to a page."""
    link = element.find("a", recursive=False)
    return link is not None and link.get("href", "")[:1] == "#" and len(link["href"]) > 1 and element.find(id=link["href"][1:]) is not None and not element.find("h1")


def is_picture(element):
    """Is this box a picture with its caption and credit, though no element says so? The picture comes first, and little is said below it."""
    if element.name not in BOXES or size(tidy(element.get_text())) > NOTE or element.find(["h1", "li", *HEADINGS]) or element.find("time", datetime=DAY):
        return False
    first = next((part for part in element.descendants if part.name in PICTURES or (part.name is None and part.strip() and not part.find_parent(_unread))), None)
    return first is not None and first.name in PICTURES and not first.find("figcaption") and len([p for p in element.find_all("p") if p.get("role") != "text"]) <= 2


def _unread(element):
    """Is this element's text no part of what is read: the label of a player, a button?"""
    return element.get("aria-hidden") == "true" or element.name in SKIPPED


def is_caption(element, above):
    """Is this line the caption or credit of the picture right above it? It is no sentence, or a short or slanted one, or what the picture's alt says."""
    if element.name != "p":
        return False
    own, text = element.find("img"), tidy(element.get_text())
    if above is not None and is_picture(above) and tidy(above.get_text()):
        return size(text) < LABEL and not is_sentence(text)  # a credit below the caption
    picture = own or (above is not None and not tidy(above.get_text()) and (above if above.name in ("img", "amp-img") else above.find("img") if above.name != "figure" else None))
    if not text or not picture:
        return False
    if bare(picture.get("alt") or "").casefold() == bare(text).casefold():
        return True
    if own:  # a picture at the side of a paragraph
        return not is_sentence(text)
    slanted = sum(size(part.get_text()) for part in element.find_all(["em", "i", "small", "figcaption"], recursive=False)) >= 0.9 * size(text)
    return size(text) < (LONG / 2 if slanted else LABEL) or (size(text) < LONG / 4 and not is_sentence(text))


def _tells(element, says_text=False):
    """Does this part tell a story, or a chapter of one? Furniture leads elsewhere, asks for something, or is a single note.

    `says_text`: its id itself says that it is text; then one sentence is enough.
    """
    if element.find(["form", "input", "textarea", "select"]) or _link_share(element) >= 0.3:
        return False
    aside, told = {}, []

    def away(part):
        if part is element:
            return False
        if id(part) not in aside:
            aside[id(part)] = part.name in SKIPPED or part.name == "li" or is_card(part) or points(part) or away(part.parent)
        return aside[id(part)]

    for paragraph in [element] if element.name == "p" else element.find_all("p"):
        text, linked, _ = words(paragraph)
        if is_sentence(text) and linked < 0.5 * len(text) and (paragraph is element or not away(paragraph.parent)):
            told.append(size(text))
    alone = element.find(HEADINGS) is not None and not element.find(["a", "button", "iframe"])
    return len(told) >= 3 or sum(told) >= LONG or (bool(told) and (alone or says_text))


def _names_site(h1):
    """Is this h1 the name of the site, which leads to its front page?"""
    link = h1.find("a", href=True) or h1.find_parent("a", href=True)
    return link is not None and tidy(link.get_text()) == tidy(h1.get_text()) and re.fullmatch(r"(https?://[^/?#]+)?/?(index\.\w+)?", link["href"].strip()) is not None


def is_card(element):
    """Is this element a pointer to another story: a linked heading, or a list item with a picture, heading or date?"""
    if element.name == "li":
        return element.find(["h2", "h3", "h4", "time", "img", "figure"]) is not None and element.find("a") is not None
    headings = element.find_all(HEADINGS, recursive=False)
    link = element.find("a", recursive=False) if not headings else None
    if not (link.find(HEADINGS) if link is not None else any(heading.find("a", href=True) for heading in headings)) and not (headings and element.find_parent("a")):
        return False
    return len(element.find_all("p")) <= 2 and not element.find("h1")


def points(element):
    """Does this element begin with a line that is a link, and say little more? Three such side by side are a list of other stories."""
    link = element.find("a", href=True) if element.name in BOXES else None
    text = tidy(link.get_text()) if link else ""
    first = next((piece for piece in element.stripped_strings if re.search(r"[^\W\d_]", piece)), "") if text else ""  # a rank may stand before it
    if not first or not text.startswith(tidy(first)) or len(element.find_all("p")) > 2 or size(element.get_text()) > 800:
        return False
    line = link
    while line.parent is not element and line.parent.name in INLINE:
        line = line.parent
    after, label = line.next_sibling, ""
    while after is not None and (not tidy(after.get_text()) or after.name in INLINE):
        label, after = label + after.get_text(), after.next_sibling
    # "<a>The mayor</a> said ..." is a sentence; a date or a place may stand between a link and what it leads to.
    if not tidy(label):
        return after is None or after.name is not None
    return after is not None and after.name is not None and size(tidy(label)) < BYLINE and not (ended(tidy(label)) and re.search(r"[^\W\d_]{3}", label))


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


def bare(text):
    """Letters with their vowel signs and tones, and digits; nothing else."""
    import regex

    return regex.sub(r"[^\p{L}\p{M}\p{N}]", "", text)


def _weight(element):
    """Characters in the paragraphs of an element."""
    return sum(len(p.get_text()) for p in element.find_all("p"))


def _link_share(element):
    whole = len(element.get_text()) or 1
    return sum(len(link.get_text()) for link in element.find_all("a")) / whole


def size(text):
    """Characters, as many as the text would have in Latin letters."""
    return len(text) + 2 * len(WORDS.findall(text)) + len(SYLLABLES.findall(text)) if not text.isascii() else len(text)


def signs(text):
    """How many signs a reader sees: a letter counts once with the vowels and tones above and below it."""
    import regex

    return len(regex.findall(r"\X", text))


def is_sentence(text):
    """Is this line a sentence, not a label? Where nothing marks the end of a sentence, by its length."""
    return ended(text) or (bool(NO_STOPS.match(text.rstrip(CLOSERS)[-1:])) and (signs(text) >= UNENDED or max(map(signs, text.split())) >= UNSPACED))


def ended(text):
    """Does this line end as a sentence does, in any script? Headlines and labels do not."""
    import regex

    last = text.rstrip(CLOSERS)[-1:]
    # Two word spaces are a common Ethiopic full stop; a bar often stands for the Indian one.
    return bool(last) and (regex.match(r"[\p{Sentence_Terminal}…։۔།༎]", last) is not None or regex.search(r"፡፡$|[\u0900-\u0dff]\s?\|$", text.rstrip(CLOSERS)) is not None or (bool(NO_STOPS.match(last)) and len(text) >= 100))


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
