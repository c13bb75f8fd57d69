"""The practice news site serves stories among their furniture, and pages that are no story."""
import datetime
import email.utils
import json
import re
import urllib.robotparser
import xml.etree.ElementTree as ElementTree

import pytest
import requests
from bs4 import BeautifulSoup

from gi_helpers.practice import news, start
from gi_helpers.practice.news import site_of
from gi_helpers.practice.state import State

CODES = ("ha", "ig", "pcm", "yo")


@pytest.fixture(scope="module")
def practice():
    with start() as server:
        yield server


@pytest.fixture(scope="module")
def pages(practice):
    """Every story of every language: [(code, path, gold, soup)]."""
    return [(code, path, story, fetch(practice, path)) for code in CODES for path, story in news.gold(code).items()]


def fetch(server, path):
    reply = requests.get(server.url + path, timeout=20)
    assert reply.status_code == 200, path
    return BeautifulSoup(reply.content, "html.parser")


def embedded(soup):
    """The pageData in any script of a page, or None."""
    for script in soup.find_all("script"):
        found = re.search(r"\{.*", script.string or "", re.S)
        value = json.JSONDecoder().raw_decode(found[0])[0] if found else {}
        for path in (("props", "pageProps", "pageData"), ("pageData",)):
            inner = value
            for name in path:
                inner = inner.get(name) or {}
            if inner:
                return inner


def json_texts(data):
    """The paragraphs and list items of content.model.blocks, in order."""
    for block in data["content"]["model"]["blocks"]:
        if block["type"] == "text":
            for inner in block["model"]["blocks"]:
                if inner["type"] == "paragraph":
                    yield inner
                else:
                    yield from (item["model"]["blocks"][0] for item in inner["model"]["blocks"])


def furniture_of(code):
    return site_of(code, State()).furniture


def markup_texts(soup):
    """The story by the markers of the page, as a careful reader would take it: no class names."""
    for node in soup.find("main").find_all(["p", "li"]):
        if node.find_parent(["figure", "section", "nav", "li", "blockquote"]) or node.find_parent(attrs={"data-e2e": True}) or node.get("role") == "text":
            continue
        text, links = node.get_text(), node.find_all("a")
        social = [link for link in links if re.search(r"facebook|youtube|whatsapp", link["href"])]
        if sum(len(link.get_text()) for link in links) < len(text) / 2 and len(social) < 2:
            yield text


# ---------------------------------------------------------------- stories

def test_there_are_enough_stories_in_all_three_shapes():
    for code in CODES:
        site = site_of(code, State())
        assert len(news.gold(code)) >= 12
        assert {story.shape for story in site.stories} == {"next", "older", "plain"}
        for story in site.stories:
            assert re.fullmatch(r"/news/\w+/articles/c\w{10}o" if story.shape != "plain" else r"/news/\w+/[a-z0-9-]+-\d{8}", story.path)


def test_the_markup_holds_exactly_the_story(pages):
    for code, path, gold, soup in pages:
        assert list(markup_texts(soup)) == gold["paragraphs"], path
        heading = soup.find("main").find("h1", id="content")
        assert heading.get_text() == gold["headline"] and soup.find("main").find("time")["datetime"] == gold["published"]


def test_the_embedded_data_holds_the_same_story(pages):
    shapes = {"__NEXT_DATA__": 0, "SIMORGH_DATA": 0, "none": 0}
    for code, path, gold, soup in pages:
        data, source = embedded(soup), str(soup)
        shapes["__NEXT_DATA__" if "__NEXT_DATA__" in source else "SIMORGH_DATA" if "SIMORGH_DATA" in source else "none"] += 1
        if data is None:
            continue
        texts = [paragraph["model"]["text"] for paragraph in json_texts(data)]
        assert [text for text in texts if text in gold["paragraphs"]] == gold["paragraphs"], path
        for paragraph in json_texts(data):
            assert "".join(piece["model"]["text"] for piece in paragraph["model"]["blocks"]) == paragraph["model"]["text"]
        assert data["metadata"]["type"] == "article" and data["metadata"]["language"] == code
        moment = datetime.datetime.fromtimestamp(data["metadata"]["firstPublished"] / 1000, datetime.timezone.utc)
        assert moment == datetime.datetime.fromisoformat(gold["published"].replace("Z", "+00:00"))
    assert min(shapes.values()) >= 12


def test_structured_data_has_dates_and_no_text(pages):
    for _, path, gold, soup in pages:
        fact = json.loads(soup.find("script", type="application/ld+json").string)["@graph"][0]
        assert fact["datePublished"] == gold["published"] and "articleBody" not in fact and fact["headline"] != gold["headline"]
        assert fact["url"].endswith(path) and soup.find("link", rel="canonical")["href"] == fact["url"]


def test_every_page_carries_what_must_be_left_out(pages):
    for code, path, gold, soup in pages:
        words, story = furniture_of(code), site_of(code, State()).by_path[path]
        text = soup.get_text(" ")
        for junk in (words["credit"], words["caption_prefix"], words["byline"], words["skip"], words["most_read"], words["related"], words["copyright"],
                     words["read_also"], story.row["caption"]):
            assert junk.strip() in text and not any(junk in paragraph for paragraph in gold["paragraphs"]), (path, junk)
        figure = soup.find("main").find("figure")
        assert figure.find("p", role="text").get_text() == words["credit"] and figure.find("figcaption").get_text() == words["caption_prefix"] + story.row["caption"]
        assert soup.find("section", attrs={"data-e2e": "most-read"}) and soup.find(attrs={"data-e2e": "related-content-heading"})
        assert soup.find("header", role="banner") and soup.find("footer", role="contentinfo") and soup.find("section", attrs={"aria-labelledby": "article-byline"})
        assert soup.html["lang"] == code and soup.html["dir"] == "ltr"
    every = "".join(str(soup) for *_, soup in pages)
    for sometimes in ("recommendations-heading", "twitter-embed-practice", "<noscript>", "https://www.whatsapp.com/", "<b>", "end-of-recommendations"):
        assert sometimes in every


def test_related_links_stand_inside_main_on_some_pages_only(pages):
    inside = [bool(soup.find("main").find(attrs={"data-e2e": "related-content-heading"})) for *_, soup in pages]
    assert 0 < sum(inside) < len(inside)


def test_class_names_tell_nothing(pages):
    names = [{name for node in soup.find_all(class_=True) for name in node["class"]} for *_, soup in pages]
    assert not set.intersection(*names)
    assert all(re.fullmatch(r"gi-[0-9a-f]+", name) for page in names for name in page)


def test_every_page_says_that_it_is_practice(practice, pages):
    soups = [soup for *_, soup in pages] + [fetch(practice, path) for path in (*news.others("yo"), "/news/yo")]
    for soup in soups:
        notice = "Practice text written for the GlobalInstruct workbook. This is not a real news site."
        assert soup.find("meta", attrs={"name": "practice"})["content"] == notice and notice in soup.footer.get_text()


# ---------------------------------------------------------------- finding stories

@pytest.mark.parametrize("code", CODES)
def test_the_topic_pages_lead_to_every_story(practice, code):
    found, several = set(), 0
    front = fetch(practice, f"/news/{code}")
    for topic in {link["href"] for link in front.find_all("a", href=re.compile("/topics/"))}:
        number = 1
        while (reply := requests.get(practice.url + topic, params={"page": number}, timeout=9)).status_code == 200:
            links = [link["href"] for link in BeautifulSoup(reply.content, "html.parser").select('main [data-e2e="story-promo"] a')]
            assert 1 <= len(links) <= 3
            found |= set(links)
            number += 1
        several += number > 2
    assert found == set(news.gold(code)) and several >= 1
    stories_on_front = {link["href"] for link in front.select('main [data-e2e="story-promo"] a')}
    assert stories_on_front < found and set(news.others(code)) <= {link["href"] for link in front.find_all("a")}


@pytest.mark.parametrize("code", CODES)
def test_the_feed_has_the_newest_stories_and_one_page_that_is_none(practice, code):
    reply = requests.get(practice.news(code) + "/rss.xml", timeout=9)
    assert reply.headers["Content-Type"].startswith("application/rss+xml")
    channel = ElementTree.fromstring(reply.content).find("channel")
    assert "Practice text" in channel.findtext("description")
    links = [item.findtext("link").removeprefix(practice.url) for item in channel.iter("item")]
    gold, stories = news.gold(code), [link for link in links if link in news.gold(code)]
    assert [link for link in links if link not in gold] == [next(iter(news.others(code)))]
    assert stories == sorted(gold, key=lambda path: gold[path]["published"], reverse=True)[:6]
    for item in channel.iter("item"):
        path = item.findtext("link").removeprefix(practice.url)
        if path in gold:
            assert item.findtext("title") == gold[path]["headline"]
            assert email.utils.parsedate_to_datetime(item.findtext("pubDate")).strftime("%Y-%m-%dT%H:%M") == gold[path]["published"][:16]


def test_robots_txt_allows_stories_and_forbids_the_private_folder(practice):
    for place in ("/robots.txt", "/news/yo/robots.txt"):
        rules = urllib.robotparser.RobotFileParser()
        rules.parse(requests.get(practice.url + place, timeout=9).text.splitlines())
        assert all(rules.can_fetch("workbook", practice.url + path) for path in news.gold("yo"))
        assert not rules.can_fetch("workbook", practice.url + "/news/yo/private/x")
    private = fetch(practice, "/news/yo").find("a", href=re.compile("/private/"))["href"]
    before = practice.state.counts["news private"]
    fetch(practice, private)
    assert practice.state.counts["news private"] == before + 1  # a scraper's test can see that it went where it may not


# ---------------------------------------------------------------- no stories

@pytest.mark.parametrize("code", CODES)
def test_other_pages_say_in_their_data_what_they_are(practice, code):
    kinds = {kind: embedded(fetch(practice, path))["metadata"] for path, kind in news.others(code).items()}
    assert (kinds["live"]["type"], kinds["audio"]["type"], kinds["gallery"]["type"]) == ("live", "MAP", "PGL")
    assert kinds["video"]["type"] == "article" and kinds["video"]["consumableAsSFV"] is True
    paths = {kind: path for path, kind in news.others(code).items()}
    assert re.fullmatch(rf"/news/{code}/live/c\w{{10}}t", paths["live"]) and re.fullmatch(rf"/news/{code}/articles/c\w{{10}}o", paths["video"])
    assert all(re.search(r"-\d{8}$", paths[kind]) for kind in ("audio", "gallery")) and not set(paths.values()) & set(news.gold(code))
    assert embedded(fetch(practice, f"/news/{code}"))["metadata"]["type"] == "IDX"
    assert fetch(practice, paths["audio"]).find("meta", property="og:type")["content"] == "article"  # that mark alone says nothing


def test_a_missing_page_is_a_404_in_the_language(practice):
    reply = requests.get(practice.news("yo") + "/articles/c0000000000o", timeout=9)
    assert reply.status_code == 404 and "A kò rí ojú ewé yìí." in reply.text
    for path in ("/news/yo/index.xml", "/news/yo/topics/cxt", "/news/xx", "/news/xx/rss.xml"):
        assert requests.get(practice.url + path, timeout=9).status_code == 404


def test_texts_can_come_from_another_folder(tmp_path):
    furniture = dict(furniture_of("yo"), site_name="Àyẹ̀wò")
    story = {"id": "c0123456789o", "headline": "Omi <mímọ́> & ilé", "published": "2025-05-05T05:05:00Z", "topic": "health", "caption": "Àwòrán.",
             "paragraphs": ["Omi </script> ṣe pàtàkì.", "Ẹ sè é & ẹ bò ó."], "subhead": {"before": 1, "text": "Sísè"}}
    (tmp_path / "yo").mkdir()
    stories = [story, {**story, "id": "c0123456788o"}, {**story, "id": "c0123456787o"}]
    (tmp_path / "yo" / "news.json").write_text(json.dumps({"furniture": furniture, "stories": stories}), encoding="utf-8")
    with start(texts=tmp_path) as server:
        for path, gold in news.gold("yo", tmp_path).items():
            soup = fetch(server, path)
            assert list(markup_texts(soup)) == gold["paragraphs"] == story["paragraphs"] and soup.h1.get_text() == story["headline"]
            data = embedded(soup)
            assert data is None or [p["model"]["text"] for p in json_texts(data)][0] == story["paragraphs"][0]
