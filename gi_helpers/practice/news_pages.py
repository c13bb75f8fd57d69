"""The practice news pages: the project's stories with all the furniture that news sites put around them.

Stories come in three shapes, one after the other: "next" and "older" carry the story as JSON too, each in another script; "plain" has
the markup only, at an older kind of address. Headline, date and paragraphs are the story; captions, credits, bylines, links to other
stories, recommendations, embeds and the footer are there to be left out. Class names mean nothing and differ on every page.

    >>> pieces("Omi mímọ́ ṣe pàtàkì fún gbogbo ilé.", 1, "/news/yo")
    [('Omi', 'bold'), (' mímọ́ ṣe pàtàkì fún gbogbo ilé.', '')]
    >>> slug("Bí a ṣe ń tọ́jú omi")
    'bi-a-se-n-toju'
"""
import datetime
import hashlib
import html
import json
import re
import unicodedata

from .wiki_pages import unmarked

NOTICE = "Practice text written for the GlobalInstruct workbook. This is not a real news site."
SHAPES = ("next", "older", "plain")
TOPICS = {
    "yo": dict(health="Ìlera", school="Ẹ̀kọ́", market="Ọjà", weather="Ojú ọjọ́", farming="Iṣẹ́ àgbẹ̀", sport="Eré ìdárayá", culture="Àṣà",
               technology="Ìmọ̀ ẹ̀rọ"),
    "ha": dict(health="Lafiya", school="Makaranta", market="Kasuwa", weather="Yanayi", farming="Noma", sport="Wasanni", culture="Al'adu",
               technology="Fasaha"),
    "ig": dict(health="Ahụike", school="Ụlọ akwụkwọ", market="Ahịa", weather="Ihu igwe", farming="Ọrụ ugbo", sport="Egwuregwu", culture="Omenala",
               technology="Teknụzụ"),
    "pcm": dict(sport="Sports"),
}


def digest(*parts):
    """A whole number that stays the same for the same parts."""
    return int(hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:15], 16)


def slug(headline):
    """The first five words of a headline, as older addresses have them."""
    return "-".join(re.findall(r"[a-z0-9]+", unmarked(headline).lower())[:5])


def pieces(text, number, base):
    """A paragraph as [(text, kind)], kind "" | "bold" | an address: links and bold stand inside sentences."""
    words = text.split(" ")
    if number % 3 == 1:
        return [(words[0], "bold"), (text[len(words[0]):], "")]
    if number % 3 == 2 and len(words) > 12:
        before, link = " ".join(words[:6]) + " ", " ".join(words[6:8])
        return [(before, ""), (link, f"{base}/topics/{topic_id(base.split('/')[-1], 'all')}"), (text[len(before) + len(link):], "")]
    return [(text, "")]


def topic_id(code, topic):
    """The id of a topic page: as on the real site it begins with c and ends with t."""
    number, letters = digest(code, topic), ""
    for _ in range(10):
        number, rest = divmod(number, 36)
        letters += "0123456789abcdefghijklmnopqrstuvwxyz"[rest]
    return f"c{letters}t"


class Story:
    """One story and where it stands."""

    def __init__(self, number, row, code):
        self.number, self.row, self.id, self.topic = number, row, row["id"], row.get("topic", "culture")
        self.headline = unicodedata.normalize("NFC", row["headline"])
        self.published = row["published"]
        self.paragraphs = [unicodedata.normalize("NFC", text) for text in row["paragraphs"]]
        self.shape = SHAPES[number % 3]
        tail = f"{slug(row['headline'])}-{10_000_000 + digest(row['id']) % 89_999_999}" if self.shape == "plain" else f"articles/{row['id']}"
        self.path = f"/news/{code}/{tail}"

    @property
    def milliseconds(self):
        return int(datetime.datetime.fromisoformat(self.published.replace("Z", "+00:00")).timestamp() * 1000)


class Site:
    """The practice news site of one language, built from what news.json holds."""

    def __init__(self, code, data):
        self.code, self.furniture, self.base = code, data["furniture"], f"/news/{code}"
        self.stories = [Story(number, row, code) for number, row in enumerate(data["stories"])]
        self.newest = sorted(self.stories, key=lambda story: story.published, reverse=True)
        self.by_path = {story.path: story for story in self.stories}
        self.topics = {topic_id(code, topic): topic for topic in [*dict.fromkeys(story.topic for story in self.stories), "all"]}
        first = self.stories[0].id
        self.live = f"{self.base}/live/{first[:-1]}t"
        self.audio = f"{self.base}/{slug(self.furniture['listen']) or 'audio'}-{10_000_000 + digest(code, 'audio') % 89_999_999}"
        self.gallery = f"{self.base}/{slug(self.stories[0].headline)}-{10_000_000 + digest(code, 'gallery') % 89_999_999}"
        self.video = f"{self.base}/articles/{topic_id(code, 'video')[:-1]}o"
        self.private = f"{self.base}/private/{first}"
        self.others = {self.live: "live", self.audio: "audio", self.gallery: "gallery", self.video: "video"}
        self.gold = {story.path: {"headline": story.headline, "published": story.published, "paragraphs": list(story.paragraphs)}
                     for story in self.stories}

    def topic_name(self, topic):
        """What a topic is called in the language."""
        return self.furniture["site_name"] if topic == "all" else TOPICS.get(self.code, {}).get(topic, topic.capitalize())


# ---------------------------------------------------------------- the story as JSON

def block(kind, **model):
    return {"type": kind, "model": model}


def paragraph_block(parts):
    """One paragraph: fragments, and links that hold fragments."""
    inside = []
    for text, kind in parts:
        fragment = block("fragment", text=text, attributes=["bold"] if kind == "bold" else [])
        inside.append(block("urlLink", text=text, locator=kind, blocks=[fragment], isExternal=False) if kind.startswith(("/", "http")) else fragment)
    return block("paragraph", text="".join(text for text, _ in parts), blocks=inside)


def text_block(*parts):
    return block("text", blocks=[paragraph_block(parts)])


def story_blocks(site, story, order):
    """content.model.blocks of a story; `order` is what `layout` gives."""
    words = site.furniture
    blocks = [block("headline", blocks=[text_block((story.headline, ""))]),
              block("timestamp", firstPublished=story.milliseconds, lastPublished=story.milliseconds),
              block("byline", blocks=[block("contributor", blocks=[text_block((words["byline"], ""))])])]
    for kind, value in order:
        if kind == "paragraph":
            blocks.append(text_block(*value))
        elif kind == "list":
            blocks.append(block("text", blocks=[block("unorderedList", blocks=[block("listItem", blocks=[paragraph_block(parts)]) for parts in value])]))
        elif kind == "subhead":
            blocks.append(block("subheadline", level=2, blocks=[text_block((value, ""))]))
        elif kind == "image":
            blocks.append(block("image", blocks=[block("rawImage", copyrightHolder=words["credit"], width=976, height=549, locator="practice.svg"),
                                                 block("altText", blocks=[text_block((value, ""))]), block("caption", blocks=[text_block((value, ""))])]))
        elif kind == "embed":
            blocks.append(block("social_embed", source="practice", blocks=[text_block((words["end_of"].replace("{X}", "1"), ""))]))
        elif kind == "recommendations":
            blocks.append(block("wsoj", title=words["related"], path=f"{site.base}/recommendations"))
        elif kind == "advert":
            blocks.append(block("mpu"))
    links = [block("link", blocks=[text_block((other.headline, other.path))]) for other in neighbours(site, story)]
    return [*blocks, block("relatedContent", blocks=links)]


def page_data(site, kind, published=0, blocks=(), **more):
    """pageData as the site's pages carry it; `kind` is the page type."""
    return {"metadata": {"type": kind, "language": site.code, "firstPublished": published, "lastPublished": published, "practice": NOTICE,
                         "passport": {"language": site.code}, **more.pop("metadata", {})},
            "content": {"model": {"blocks": list(blocks)}}, "promo": {"headlines": {"seoHeadline": site.furniture["site_name"]}}, **more}


def script(data, shape, site, path):
    """The page's data in the script of its shape."""
    if shape == "next":
        props = {"pageType": data["metadata"]["type"], "service": site.code, "pathname": path, "status": 200, "pageData": data}
        return f'<script id="__NEXT_DATA__" type="application/json">{_safe({"props": {"pageProps": props}, "page": "/[service]/[[...]]"})}</script>'
    if shape == "older":
        return f"<script>window.SIMORGH_DATA={_safe({'pageData': data, 'status': 200, 'path': path})};window.SIMORGH_READY=1;</script>"
    return ""


def _safe(value):
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/").replace("<!--", "<\\u0021--")


# ---------------------------------------------------------------- the story as markup

def neighbours(site, story, count=3):
    """The next stories after this one, going round."""
    return [site.stories[(story.number + step) % len(site.stories)] for step in range(1, count + 1)]


def layout(site, story):
    """What stands between headline and end, in order: [(kind, value)]."""
    number, words, order = story.number, site.furniture, []
    subhead = story.row.get("subhead") or {}
    texts = [pieces(text, number + place, site.base) for place, text in enumerate(story.paragraphs)]
    order.append(("image", story.row.get("caption", "")))
    skip = 0
    for place, parts in enumerate(texts):
        if subhead.get("before") == place:
            order.append(("subhead", subhead["text"]))
        if skip:
            skip -= 1
        elif number % 6 == 0 and place == 2 and len(texts) > 4 and subhead.get("before") != 3:
            order.append(("list", texts[2:4]))  # two paragraphs of the story as bullets: they belong to it
            skip = 1
        else:
            order.append(("paragraph", parts))
        if place == 0:
            order.append(("advert", ""))
        if place == 1:
            other = neighbours(site, story)[0]
            link = [(words["read_also"] + other.headline, other.path)]
            order.append(("list", [link]) if number % 2 else ("paragraph", link))
        if place == 2 and number % 4 == 1:
            order.append(("embed", ""))
        if place == 2 and number % 4 != 3:
            order.append(("recommendations", ""))
    if number % 4 == 2:
        order.append(("paragraph", [(f"{words['site_name']}: ", ""), ("Facebook", "https://www.facebook.com/"), (", ", ""),
                                    ("YouTube", "https://www.youtube.com/"), (", ", ""), ("WhatsApp", "https://www.whatsapp.com/")]))
    return order


class Classes:
    """Class names without meaning, other ones on every page."""

    def __init__(self, *seed):
        self.seed = seed

    def __call__(self, name):
        return f'class="gi-{digest(*self.seed, name) % 36**6:x}"'


def inline(parts):
    """Pieces of a paragraph as HTML."""
    made = []
    for text, kind in parts:
        text = html.escape(text, quote=False)
        made.append(f"<b>{text}</b>" if kind == "bold" else f'<a href="{html.escape(kind)}">{text}</a>' if kind else text)
    return "".join(made)


def story_page(site, story, host):
    """A story as a page."""
    c, words, order = Classes(site.code, story.id), site.furniture, layout(site, story)
    main = [f'<h1 id="content" tabindex="-1" {c("h1")}>{html.escape(story.headline)}</h1>', _byline(words["byline"], c),
            f'<div {c("time")}><time datetime="{story.published}" {c("stamp")}>{story.published[:10]}</time></div>']
    for kind, value in order:
        if kind == "paragraph":
            main.append(f'<div dir="ltr" {c("text")}><p dir="ltr" {c("p")}>{inline(value)}</p></div>')
        elif kind == "list":
            rows = "".join(f"<li>{inline(parts)}</li>" for parts in value)
            main.append(f'<div dir="ltr" {c("text")}><ul dir="ltr" {c("ul")}>{rows}</ul></div>')
        elif kind == "subhead":
            main.append(f'<div {c("sub")}><h2 tabindex="-1" {c("h2")}>{html.escape(value)}</h2></div>')
        elif kind == "image":
            main.append(figure(site, value, c))
        elif kind == "embed":
            main.append(_embed(site, c))
        elif kind == "recommendations":
            main.append(_recommendations(site, story, c))
    if story.number % 3 == 1:
        main.append(_player(words["listen"], c))
    related = _related(site, story, c)
    data = page_data(site, "article", story.milliseconds, story_blocks(site, story, order), relatedContent={"groups": []}, mostRead={"items": []})
    facts = {"@type": "ReportageNewsArticle", "headline": f"{story.headline} - {words['site_name']}", "datePublished": story.published,
             "dateModified": story.published, "inLanguage": site.code, "url": host + story.path,
             "author": {"@type": "NewsMediaOrganization", "name": words["site_name"]}}
    # Related links stand inside main on some pages and after it on others; both happen on real sites.
    inside, after = (related, "") if story.number % 2 else ("", related)
    scripts = script(data, story.shape, site, story.path)
    return frame(site, host, story.path, story.headline, "\n".join(main) + inside, after + most_read(site, c), c, scripts, facts)


def _byline(text, c):
    return (f'<section role="region" aria-labelledby="article-byline" {c("byline")}><ul role="list"><li>'
            f'<span {c("name")} id="article-byline">{html.escape(text)}</span></li></ul></section>')


def figure(site, caption, c):
    """A picture with its credit, and a caption that begins with words only screen readers read."""
    words, text = site.furniture, html.escape(caption)
    return (f'<figure {c("figure")}><div><img alt="{text}" src="data:," width="976" height="549">'
            f'<p role="text" {c("credit")}>{html.escape(words["credit"])}</p></div><figcaption dir="ltr" {c("caption")}>'
            f'<span {c("hidden")}>{html.escape(words["caption_prefix"])}</span><p dir="ltr">{text}</p></figcaption></figure>')


def _embed(site, c):
    words = site.furniture
    return (f'<div data-e2e="twitter-embed-practice" {c("embed")}><a href="#end-of-embed" {c("skip")}>{html.escape(words["skip"])}</a>'
            f'<blockquote><p>GlobalInstruct practice embed</p></blockquote>'
            f'<p id="end-of-embed" tabindex="-1">{html.escape(words["end_of"].replace("{X}", "X"))}</p></div>')


def _recommendations(site, story, c):
    words, mark = site.furniture, "recommendations-heading"
    rows = "".join(f'<li><div {c("card")}><a href="{other.path}">{html.escape(other.headline)}</a><p>{html.escape(first_sentence(other))}</p></div></li>'
                   for other in neighbours(site, story, 2))
    return (f'<section role="region" data-e2e="{mark}" aria-labelledby="{mark}" {c("reco")}><strong id="{mark}">{html.escape(words["related"])}</strong>'
            f'<a href="#end-of-recommendations">{html.escape(words["skip"])}</a><ul role="list">{rows}</ul>'
            f'<p id="end-of-recommendations" tabindex="-1">{html.escape(words["end_of"].replace("{X}", words["related"]))}</p></section>')


def _player(text, c):
    text = html.escape(text)
    return (f'<div {c("player")}><button type="button"><span>▶</span> <strong>{text}</strong> 2:30</button>'
            f"<noscript><strong>{text}</strong></noscript></div>")


def promos(stories, c):
    """Stories as a list of headlines, each with its first sentence."""
    rows = "".join(f'<li><div data-e2e="story-promo" {c("promo")}><h3><a href="{story.path}">{html.escape(story.headline)}</a></h3>'
                   f'<p>{html.escape(first_sentence(story))}</p><time datetime="{story.published}">{story.published[:10]}</time></div></li>' for story in stories)
    return f'<ul role="list" {c("list")}>{rows}</ul>'


def _related(site, story, c):
    mark = "related-content-heading"
    return (f'<section aria-labelledby="{mark}" data-e2e="{mark}" {c(mark)}><h2 id="{mark}">{html.escape(site.furniture["related"])}</h2>'
            f"{promos(neighbours(site, story), c)}</section>")


def most_read(site, c):
    """The list that stands on every page."""
    rows = "".join(f'<li><span {c("rank")}>{rank}</span><a href="{story.path}">{html.escape(story.headline)}</a>'
                   f'<time datetime="{story.published}">{story.published[:10]}</time></li>' for rank, story in enumerate(site.stories[:5], 1))
    return (f'<section role="region" data-e2e="most-read" aria-labelledby="Most-Read" {c("most")}>'
            f'<h2 id="Most-Read">{html.escape(site.furniture["most_read"])}</h2><ol role="list">{rows}</ol></section>')


def first_sentence(story):
    """The first sentence of a story, as promos show it."""
    return re.match(r".*?[.!?](?=\s|$)|.*", story.paragraphs[0], re.S)[0]


def frame(site, host, path, title, main, after, c, scripts="", facts=None, og="article"):
    """A whole page: head, masthead, menu, main, what follows, footer."""
    words, e = site.furniture, html.escape
    menu = "".join(f'<li><a href="{site.base}/topics/{key}">{e(site.topic_name(topic))}</a></li>' for key, topic in site.topics.items() if topic != "all")
    ld = f'<script type="application/ld+json">{_safe({"@context": "http://schema.org", "@graph": [facts]})}</script>' if facts else ""
    return f"""<!doctype html>
<html lang="{site.code}" dir="ltr" {c("html")}>
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{e(title)} - {e(words["site_name"])}</title>
<meta name="practice" content="{NOTICE}">
<meta name="description" content="{e(title)}"><meta property="og:type" content="{og}"><meta property="og:title" content="{e(title)}">
<link rel="canonical" href="{e(host + path)}">
{ld}
</head>
<body {c("body")}>
<div id="root"><a href="#content" {c("skiplink")}>{e(words["skip"])}</a>
<header role="banner" {c("banner")}><a href="{site.base}"><span>{e(words["site_name"])}</span></a>
<nav role="navigation" aria-label="{e(words["site_name"])}"><ul role="list"><li><a href="{site.base}">{e(words["home"])}</a></li>{menu}</ul></nav></header>
<div {c("page")}><main role="main" {c("main")}>
{main}
</main>
{after}
</div>
<footer role="contentinfo" {c("footer")}><ul role="list"><li><a href="{site.base}">{e(words["home"])}</a></li></ul>
<p>{e(words["copyright"])}</p><p lang="en">{NOTICE}</p></footer>
</div>
{scripts}
</body>
</html>
"""
