"""Which pages hold no story: told by their data, by what they say of themselves, by their address, and by the shape of their markup.

    >>> address_kind("https://www.bbc.com/yoruba/live/c0123456789t"), address_kind("https://www.bbc.com/yoruba/articles/c0123456789o")
    ('live', '')
    >>> address_kind("https://paper.example.org/category/oja/"), address_kind("https://paper.example.org/2026/oja-tuntun")
    ('index', '')
"""
import re
import urllib.parse

from ._newsparts import BOXES, LONG, is_picture
from ._newstext import ended, is_sentence, size, tidy

NO_STORY_TYPE = {"LiveBlogPosting": "live", "ImageGallery": "gallery", "MediaGallery": "gallery", "AudioObject": "audio", "PodcastEpisode": "audio", "PodcastSeries": "audio",
                 "RadioEpisode": "audio", "RadioChannel": "audio", "RadioBroadcastService": "audio", "RadioSeries": "audio", "VideoObject": "video", "TVEpisode": "video",
                 "TVSeries": "video", "BroadcastEvent": "video", "CollectionPage": "index", "ItemList": "index", "SearchResultsPage": "index", "ProfilePage": "index",
                 "WebPage": "index", "WebSite": "index"}
WEAK = {"WebPage", "WebSite", "ItemList"}  # what tools of small papers write on every page, so also on stories
OG_KINDS = (("video", "video"), ("music", "audio"), ("audio", "audio"), ("radio", "audio"), ("profile", "index"))
# What an address says of a page, in the folders of this publisher (whose addresses are all known) and of any other site.
OWN_HOST = re.compile(r"(^|\.)bbc\.(com|co\.uk)$")
OWN = ((r"live/", "live"), (r"(topics|popular|search|index)(/|$)|index\.xml$", "index"), (r"(media/)?(video|photogalleries)(/|$)|av(-embeds)?/|bbc_\w+_tv(/|$)", "video"),
       (r"bbc_\w+_radio(/|$)|podcasts(/|$)|audio/", "audio"), (r"institutional-\d|send/|downloads(/|$)|help(/|$)", "other"))
ANY = ((r"live/", "live"), (r"(tags?|categor(y|ies)|authors?|search|topics?|archives?|page/\d+)(/|$)", "index"), (r"(videos?|watch)/", "video"), (r"(audio|podcasts?|listen)/", "audio"),
       (r"(galler(y|ies)|photos)/", "gallery"))
SAYS_MISSING = re.compile(r"not[-_ ]?found|\berror[-_ ]?(page|404)", re.I)
OVERRULED = ("index", "gallery", "live")  # folders of other sites that hold stories, too
PLAYER = re.compile(r"(media|video|audio)-?(player|loader)", re.I)
FILM = re.compile(r"player|embed|video|audio|film|watch|listen|radio|podcast|youtu|vimeo|dailymotion|soundcloud|spotify|[/.]tv\b", re.I)
PRESS = 36  # as `size` counts: what stands on a button is no longer
SENTENCES, LEAST = 3, 300  # as many sentences, and as `size` counts as much text, tell a story on a page that names itself something else
POSTS, PICTURES = 4, 4  # fewer dated posts are no live page, fewer pictures no gallery
SHORT, TEASER = 2000, 600  # as `size` counts; a page with more running text than this is not an error page or a form with a note


def refused(page, data, url):
    """The kind of a page that holds no story, or "" when it may hold one."""
    status = data.status if data else None
    if status in (404, 410, "404", "410") or says_missing(page):
        return "not found"
    if data and data.kind:
        return "" if data.is_story else ("short video" if data.short_video else data.kind)
    told = page_kind(page, url)
    if told == "article":
        by_address = [address_kind(place) for place in (url, page.address) if place]
        told = next((kind for kind in by_address if kind), "article") if not page.says_news or is_own(url) else told
        if told in OVERRULED and not is_own(url) and page.says_story and tells(page):
            told = "article"
    if told != "article":
        return told
    return "login" if asks(page) else ""


def page_kind(page, url=""):
    """What a page at this address says it is, in its facts and by the shape of its markup: "article", or the kind of page that holds no story."""
    if "LiveBlogPosting" in page.types:
        return "live"
    og = page.metas.get("og:type", "website").lower()
    if not page.story_types:
        told = [NO_STORY_TYPE[name] for name in NO_STORY_TYPE if name in page.types]
        weak = set(told) == {"index"} and not page.types & (set(NO_STORY_TYPE) - WEAK) and not is_own(page.address) and not is_own(url)
        if told and (told[0] != "index" or og.startswith("website")) and not (weak and tells(page)):
            return told[0]
    if not page.says_news:
        other = next((kind for start, kind in OG_KINDS if og.startswith(start)), "")
        if other:
            return other
        if _has_player_first(page) or _begins_with_player(page):
            return "media"
        if _is_gallery(page):
            return "gallery"
        if _is_live(page):
            return "live"
    return "article"


def tells(page):
    """Does the page have a headline and below it the text of a story: some sentences that are no links?"""
    lines = page.lines if page.root is not None else page.read(page.soup.body or page.soup)
    told = [size(line.text) for line in lines if line.kind == "paragraph" and is_sentence(line.text) and 2 * line.linked < len(line.text)]
    return page.heading is not None and len(told) >= SENTENCES and sum(told) >= (LEAST / 2 if page.published else LEAST)


def is_own(url):
    """Is this an address of the publisher whose services the language list names?"""
    try:
        return bool(OWN_HOST.search(urllib.parse.urlsplit(url).hostname or ""))
    except ValueError:  # an address such as http://[x
        return False


def address_kind(url):
    """The kind of page that an address speaks of, or "" when it may be a story's."""
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https"):
        return ""
    path = parts.path.strip("/").lower()
    if is_own(url):
        inside = path.partition("/")[2]  # the first part is the service
        inside = inside.partition("/")[2] if re.match(r"(simp|trad|cyr|lat)/", inside) else inside
        return next((kind for pattern, kind in OWN if re.match(pattern, inside)), "")
    return next((kind for pattern, kind in ANY if re.match(pattern, path)), "")


def says_missing(page):
    """Is it an error page? By an error number that is a heading of its own; or, on a page that makes no claim to be a story, by one in its title,
    or when its few lines send the reader to the front page, or it asks search engines to forget it."""
    places = (page.soup.find_all(["h1", "h2", "title"]) + (page.root.find_all(["span", "strong"]) if page.root else []))[:40]
    if any(re.fullmatch(r"(error\s*)?(404|410|500|503)", tidy(place.get_text()).lower()) for place in places):
        return True
    title = tidy(page.soup.title.get_text()) if page.soup.title else ""
    told = re.search(r"\b(404|410)\b", f"{title} {page.headline}") or SAYS_MISSING.search(urllib.parse.urlsplit(page.address).path)
    if page.claims or page.root is None and not told:
        return False
    text = _text(page)
    return text < SHORT if told else text < TEASER and ("noindex" in page.metas.get("robots", "").lower() or _sends_home(page))


def _sends_home(page):
    """Does a link in the main part lead to the front page of the site, or of a service of it?"""
    home = urllib.parse.urlsplit(page.address or "")
    for link in page.root.find_all("a", href=True):
        try:
            to = urllib.parse.urlsplit(link["href"].strip())
        except ValueError:
            continue
        if not to.query and not to.fragment and (not to.netloc or not home.netloc or to.netloc == home.netloc) and (to.path == "/" or (to.netloc and not to.path)):
            return True
    return False


def asks(page, empty=False):
    """Is it a page to log in or to agree to something? Pages of stories have forms, too (search, newsletters, comments), but they have a story."""
    place = page.soup if empty or page.root is None else page.root
    password = place.find("input", type="password") is not None
    if not empty and _text(page) >= (TEASER if page.claims else SHORT):
        return False
    if password or (page.claims and not empty):
        return password
    buttons = [button for button in place.find_all(["button", "input"]) if button.name == "button" or button.get("type") in ("submit", "checkbox", "radio")]
    if empty:
        return bool(buttons) and place.find("form") is not None
    if place.find(["video", "audio", "iframe", "figure"]):
        return False
    # Two things to press and nothing to look at or listen to: "I agree", "I do not". Below a story such things are tags, or share it.
    pressed = [link for link in place.find_all("a", href=True) if tidy(link.get_text()) and re.match(r"#|javascript:|$", link["href"].strip(), re.I)]
    if tells(page):
        return _alone(page) and (len(buttons) >= 2 or (2 <= len(pressed) <= 3 and all(size(tidy(link.get_text())) < PRESS and not link.find_parent("p") for link in pressed)))
    return len(buttons) >= 2 or (page.root is not None and _links_to_press(place))


def _alone(page):
    """Does the page lead nowhere else? Stories stand in a site, with a menu; what asks before them stands alone."""
    return sum(bool(re.match(r"(?!#|javascript:).", link["href"].strip(), re.I)) for link in page.soup.find_all("a", href=True)) < 2


def _links_to_press(place):
    """Are there two or three short links side by side, which say all that their box says, and no others but in sentences?"""
    links = [link for link in place.find_all("a", href=True) if tidy(link.get_text())]
    alone = [link for link in links if size(tidy(link.parent.get_text())) <= sum(size(tidy(other.get_text())) + 3 for other in link.parent.find_all("a", href=True))]
    return 2 <= len(alone) <= 3 and all(size(tidy(link.get_text())) < PRESS for link in alone)


def _text(page):
    lines = page.lines if page.root is not None else page.read(page.soup.body or page.soup)
    return sum(size(line.text) for line in lines)


def _has_player_first(page):
    """Is the page about a recording? Then a label above the player, which is no paragraph, repeats the headline."""
    place, title = page.root or page.soup, page.headline
    labels = [*place.find_all("strong"), *place.find_all(["span", "div"], attrs={"aria-hidden": "true"})]
    return any(title and tidy(label.get_text()) == title and not label.find_parent(["p", "h1", "li"]) for label in labels)


def _begins_with_player(page):
    """Does a player stand between headline and date, or above both, with little said below it? A story's own film stands below its date."""
    place = page.root or page.soup.body or page.soup
    for part in place.descendants:
        if part.name == "p" and ended(tidy(part.get_text())) or part.name == "img" or (part.name == "time" and re.match(r"\d{4}-\d\d", part.get("datetime", ""))):
            return False
        if part.name in ("video", "audio") or (part.name == "iframe" and (is_own(page.address) or _shows_film(part))) or PLAYER.search(str(getattr(part, "attrs", {}).get("data-e2e", ""))):
            return _text(page) < (SHORT if is_own(page.address) else LONG)
    return False


def _shows_film(iframe):
    """Does this frame hold a player, not an advertisement or the bar of a host of blogs?"""
    attrs = iframe.attrs
    return "allowfullscreen" in attrs or "autoplay" in attrs.get("allow", "") or iframe.find_parent("figure") is not None or any(FILM.search(str(attrs.get(name, ""))) for name in ("src", "title", "data-src"))


def _is_live(page):
    """Is it a row of dated posts? The articles beside a story are comments or pointers, but here no article has the headline, and they say nearly all."""
    place = page.soup.find("main") or page.soup.body or page.soup
    posts = [part for part in place.find_all("article") if not part.find_parent("article")]
    if len(posts) < POSTS or any(post.find("h1") or not post.find("time") for post in posts):
        return False
    return 2 * sum(size(tidy(post.get_text())) for post in posts) > size(tidy(place.get_text()))


def _is_gallery(page):
    """Is it a series of pictures? Then the captions say more than the paragraphs."""
    place = page.root or page.soup.body or page.soup
    captions = _captions(place)
    if len(captions) < PICTURES:
        return False
    lines = page.lines if page.root is not None else page.read(place)
    if not sum(captions):  # then a line below each picture may be its caption, and there is hardly any other
        return len(captions) >= 6 and sum(line.kind == "paragraph" for line in lines) <= len(captions) + 2
    return sum(captions) >= sum(len(line.text) for line in lines if line.kind != "subhead" and line.linked < 0.5 * len(line.text))


def _captions(place):
    """How long the caption of each picture is: of figures, and of boxes that hold a picture and a line, but are no pointer to another story."""
    lengths, inside = [], set()
    for part in place.find_all(["figure", *BOXES]):
        if any(id(above) in inside for above in part.parents):
            continue
        figures = [part] if part.name == "figure" else part.find_all("figure")
        beside = len(tidy(part.get_text())) - sum(len(tidy(figure.get_text())) for figure in figures)
        if part.name == "figure" or (beside > 0 and is_picture(part) and not part.find("a", href=True)):
            inside.add(id(part))
            if not part.find(["iframe", "button", "video", "audio"]):
                lengths.append(beside + sum(len(tidy(caption.get_text())) for figure in figures for caption in figure.find_all("figcaption")))
    return lengths
