"""What an element of a page is: part of the story, or something around it; told by what elements are for, never by class names.

    >>> from bs4 import BeautifulSoup
    >>> page = BeautifulSoup("<nav>x</nav><div><img><p>Ọjà</p></div><p>Ọjà <a href='/o'>ń bẹ</a>.</p>", "html.parser")
    >>> is_furniture(page.nav), is_picture(page.div), words(page.find_all("p")[1])
    (True, True, ('Ọjà ń bẹ.', 3, ['/o']))
"""
import re

from ._newstext import bare, ended, is_sentence, size, tidy

SKIPPED = {"nav", "footer", "aside", "figure", "figcaption", "button", "form", "select", "dialog", "video", "audio", "iframe", "menu", "label", "textarea", "head", "address"}
ROLES = {"navigation", "banner", "contentinfo", "complementary", "dialog", "alertdialog", "alert", "search", "menu", "menubar", "toolbar", "tablist"}
# data-e2e, data-testid, data-component and ids are written by people for tests and skip links, so they outlive class names.
MARKS = re.compile(r"(twitter|instagram|youtube|facebook|tiktok|telegram|x)-embed|social-embed|embed-(twitter|x|youtube|instagram|facebook|tiktok)|recommend|related|most-?(read|watched|popular)|"
                   r"top-stories|features-analysis|promo(?!te)|byline|newsletter|comment|cookie|consent|share(-|d-by|bar|$)|sharing|breadcrumb|subscribe|podcast|advert|^ad-|-ad$|(?<![a-z])mpu(?![a-z])|disclaimer|"
                   r"topics?-(list|tags)|tags?-list|links-block|topic-tags|lite-site|reading-time|upload|feedback|caption|credit|elsewhere|read-?more|also-read|sidebar|"
                   r"^end-of-", re.I)
OWN_WORDS = set("related recommended recommendations comment comments most read popular watched promo podcast podcasts newsletter share sharing advert adverts ad ads mpu disclaimer byline cookie cookies "
                "consent section list area box wrapper container block heading title articles stories topics links article story post page end of also more top".split())
OWN_TEXT = {"text", "body", "content", "paragraph", "para"}  # an id with one of these speaks of text
LABEL, BYLINE, NOTE, LONG = 60, 40, 400, 600  # as `size` counts: no label is longer; what stands beside a name; a caption; the text of a story
HEADINGS = ("h2", "h3", "h4", "h5", "h6")
PICTURES = ["img", "picture", "amp-img", "video", "audio", "iframe", "figure"]
DAY = re.compile(r"\d{4}-\d\d")  # a date, not the length of a recording
INLINE = {"a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "time", "u", "wbr"}
BOXES = {"div", "li", "article", "section", "tr", "td", "dd"}


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


def _link_share(element):
    whole = len(element.get_text()) or 1
    return sum(len(link.get_text()) for link in element.find_all("a")) / whole


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


def names_site(h1):
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
