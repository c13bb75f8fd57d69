"""The practice news site: /news/<code> serves what notebook 2 may meet, written for this project.

    /robots.txt and /news/<code>/robots.txt    stories are allowed, /news/<code>/private/ is not
    /news/<code>/rss.xml                       the newest stories, and one page that is no story
    /news/<code>                               the front page; the menu leads to the topics
    /news/<code>/topics/<id>?page=N            three stories a page; one topic, linked from the front page, has them all
    /news/<code>/articles/<id>                 stories that carry their data as JSON, and a short video that does too
    /news/<code>/<words>-<8 digits>            stories of the older kind; an audio page and a gallery look alike
    /news/<code>/live/<id>                     live updates, no story

    >>> story = next(iter(gold("yo").values()))
    >>> sorted(story), len(story["paragraphs"]) >= 4
    (['headline', 'paragraphs', 'published'], True)
"""
import email.utils
import html
import math
import re

from gi_helpers import store

from .messages import Response, html_response
from .news_pages import NOTICE, Classes, Site, figure, first_sentence, frame, most_read, page_data, promos, script, story_page, text_block
from .state import State, codes

PAGE, FEED, FRONT = 3, 6, 8  # stories on a topic page, in the feed, on the front page
NOT_FOUND = {"yo": "A kò rí ojú ewé yìí.", "ha": "Ba a sami wannan shafin ba.", "ig": "Ahụghị ibe a.", "pcm": "We no see dis page."}


def gold(code, texts=None):
    """What a scraper must bring back: {path: {"headline", "published", "paragraphs"}}; `texts` is another folder than data/practice."""
    return _loaded(code, texts).gold


def others(code, texts=None):
    """The pages that are no story: {path: kind}, kind live, audio, gallery or video."""
    return _loaded(code, texts).others


def _loaded(code, texts):
    site = site_of(code, State(texts=texts))
    if site is None:
        raise LookupError(f"there are no practice stories for {code!r}")
    return site


def site_of(code, state):
    """The Site of a language, made once a server; None when there are no texts for it."""
    with state.lock:
        sites = state.memory.setdefault("news sites", {})
        if code not in sites:
            file = state.texts / code / "news.json"
            if not re.fullmatch(r"[a-z_-]+", code) or not file.exists():
                return None
            sites[code] = Site(code, store.read_json(file))
        return sites[code]


def robots(state):
    """robots.txt of the whole practice site."""
    private = "".join(f"Disallow: /news/{code}/private/\n" for code in codes(state))  # spelled out: not every reader knows the star
    rules = f"User-agent: *\n{private}Disallow: /news/*/private/\nAllow: /news/\n"
    return Response(200, f"# {NOTICE}\n# You may fetch its stories and use them: they are CC0.\n{rules}")


def answer(request, state):
    """The Response for a path below /news/."""
    found = re.fullmatch(r"/news/([^/]+)(/.*)?", request.path, re.S)
    site = found and site_of(found[1], state)
    if not site:
        return Response(404, f"There are no practice news here; there are some at /news/<code> for {', '.join(codes(state))}.\n")
    host = "http://" + (request.headers.get("Host") or "127.0.0.1")
    path = request.path.rstrip("/") or "/"
    if path == f"{site.base}/robots.txt":
        return robots(state)
    if path == f"{site.base}/rss.xml":
        return Response(200, feed(site, host), {"Content-Type": "application/rss+xml; charset=utf-8"})
    if path == site.base:
        return html_response(front_page(site, host))
    if path in site.by_path:
        return html_response(story_page(site, site.by_path[path], host))
    if path in site.others:
        return html_response({"live": live_page, "audio": audio_page, "gallery": gallery_page, "video": video_page}[site.others[path]](site, host))
    if path == site.private:
        state.count("news private")
        return html_response(story_page(site, site.stories[0], host))
    topic = re.fullmatch(re.escape(site.base) + r"/topics/(\w+)", path)
    number = request.arg("page", "1")
    if topic and topic[1] in site.topics and number.isdigit():
        page = topic_page(site, host, topic[1], int(number))
        if page:
            return html_response(page)
    return html_response(missing_page(site, host, path), 404)


# ---------------------------------------------------------------- pages that lead to stories

def feed(site, host):
    """The RSS feed: the newest stories, with a live page among them."""
    items = [(story.headline, first_sentence(story), story.path, story.milliseconds / 1000) for story in site.newest[:FEED]]
    items.insert(2, (site.furniture["live"], site.furniture["live"], site.live, items[1][3]))
    rows = "".join(f"<item><title>{html.escape(title)}</title><description>{html.escape(text)}</description><link>{html.escape(host + path)}</link>"
                   f'<guid isPermaLink="false">{html.escape(host + path)}#0</guid><pubDate>{email.utils.formatdate(when, usegmt=True)}</pubDate></item>\n'
                   for title, text, path, when in items)
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{html.escape(site.furniture["site_name"])}</title>'
            f"<link>{host}{site.base}</link><description>{NOTICE}</description><language>{site.code}</language>\n{rows}</channel></rss>\n")


def front_page(site, host):
    """The front page: promos of stories, of what is no story, and of a page that robots.txt forbids."""
    c, words = Classes(site.code, "front"), site.furniture
    extra = "".join(f'<li><a href="{path}">{html.escape(text)}</a></li>' for path, text in (
        (site.live, words["live"]), (site.audio, words["listen"]), (site.gallery, words["credit"]), (site.video, "▶ 0:45"), (site.private, "🔒")))
    everything = next(key for key, topic in site.topics.items() if topic == "all")
    name = html.escape(words["site_name"])
    main = (f'<h1 id="content" tabindex="-1">{name}</h1><section {c("top")}>{promos(site.newest[:FRONT], c)}</section>'
            f'<section {c("more")}><ul role="list">{extra}<li><a href="{site.base}/topics/{everything}">{name} →</a></li></ul></section>')
    data = page_data(site, "IDX")
    return frame(site, host, site.base, words["home"], main, most_read(site, c), c, script(data, "next", site, site.base), og="website")


def topic_page(site, host, key, number):
    """One page of a topic; None when there is no such page."""
    topic = site.topics[key]
    stories = [story for story in site.newest if topic in ("all", story.topic)]
    last = max(1, math.ceil(len(stories) / PAGE))
    if not 1 <= number <= last:
        return None
    c, path = Classes(site.code, key, number), f"{site.base}/topics/{key}"
    name = html.escape(site.topic_name(topic))
    steps = "".join(f'<li><a href="{path}?page={step}">{step}</a></li>' for step in range(1, last + 1))
    main = (f'<h1 id="content" tabindex="-1">{name}</h1>{promos(stories[(number - 1) * PAGE:number * PAGE], c)}'
            f'<nav role="navigation" aria-label="{number} / {last}"><ol>{steps}</ol></nav>')
    data = page_data(site, "Topic", activePage=number, pageCount=last)
    return frame(site, host, f"{path}?page={number}", site.topic_name(topic), main, "", c, script(data, "next", site, path), og="website")


# ---------------------------------------------------------------- pages that are no story

def live_page(site, host):
    """Posts, newest first: short texts, but no story."""
    c, words = Classes(site.code, "live"), site.furniture
    posts = "".join(f'<li><article {c("post")}><time datetime="{story.published}">{story.published[11:16]}</time><h3>{html.escape(story.headline)}</h3>'
                    f'<p dir="ltr">{html.escape(story.paragraphs[0])}</p></article></li>' for story in site.newest[:4])
    main = f'<h1 id="content" tabindex="-1">{html.escape(words["live"])}</h1><ol role="list" tabindex="-1">{posts}</ol>'
    facts = {"@type": "LiveBlogPosting", "headline": words["live"], "datePublished": site.newest[0].published, "url": host + site.live}
    data = page_data(site, "live", site.newest[0].milliseconds)
    return frame(site, host, site.live, words["live"], main, "", c, script(data, "next", site, site.live), facts)


def audio_page(site, host):
    """A radio programme with a summary; its address looks like a story's."""
    c, words, story = Classes(site.code, "audio"), site.furniture, site.stories[1]
    listen = html.escape(words["listen"])
    main = (f'<h1 id="content" tabindex="-1">{listen}</h1><div {c("player")}><button type="button"><strong>{listen}</strong> 29:30</button></div>'
            f'<p dir="ltr" {c("p")}>{html.escape(story.paragraphs[0])}</p>')
    data = page_data(site, "MAP", story.milliseconds, [text_block((story.paragraphs[0], ""))])
    facts = {"@type": "AudioObject", "name": words["listen"], "uploadDate": story.published, "url": host + site.audio}
    return frame(site, host, site.audio, words["listen"], main, most_read(site, c), c, script(data, "older", site, site.audio), facts)


def gallery_page(site, host):
    """Pictures with captions."""
    c = Classes(site.code, "gallery")
    first = site.stories[0]
    pictures = "".join(figure(site, story.row.get("caption", ""), c) for story in site.stories[:6])
    main = (f'<h1 id="content" tabindex="-1">{html.escape(first.headline)}</h1>{pictures}'
            f'<p dir="ltr" {c("p")}>{html.escape(first.paragraphs[0])}</p>')
    data = page_data(site, "PGL", first.milliseconds, [text_block((first.paragraphs[0], ""))])
    facts = {"@type": "ImageGallery", "headline": first.headline, "datePublished": first.published, "url": host + site.gallery}
    return frame(site, host, site.gallery, first.headline, main, "", c, script(data, "older", site, site.gallery), facts)


def video_page(site, host):
    """A short video with an article's address and type; only one mark in its data tells."""
    c, story = Classes(site.code, "video"), site.stories[2]
    main = (f'<h1 id="content" tabindex="-1">{html.escape(story.headline)}</h1><div {c("player")}><button type="button">▶ 0:45</button></div>'
            f'<p dir="ltr" {c("p")}>{html.escape(first_sentence(story))}</p>')
    data = page_data(site, "article", story.milliseconds, [text_block((first_sentence(story), ""))], metadata={"consumableAsSFV": True})
    facts = {"@type": "VideoObject", "name": story.headline, "uploadDate": story.published, "url": host + site.video}
    return frame(site, host, site.video, story.headline, main, most_read(site, c), c, script(data, "next", site, site.video), facts)


def missing_page(site, host, path):
    """The 404 page, in the language."""
    c, words = Classes(site.code, "404"), site.furniture
    text = NOT_FOUND.get(site.code, "404")
    main = (f'<h1 id="content" tabindex="-1">404</h1><p dir="ltr">{html.escape(text)}</p>'
            f'<p dir="ltr"><a href="{site.base}">{html.escape(words["home"])}</a></p>')
    return frame(site, host, path, text, main, "", c, og="website")
