"""Notebook 2: permission, discovery, extraction, canary. All pages here are written for these tests."""
import json
import zipfile
from urllib.parse import urlsplit

import pytest

from gi_helpers import _newsfind, _newsread, _newswatch, bbc_scrape, practice, store
from gi_helpers.errors import NeedsFixing
from gi_helpers.practice import news

BASE = "https://www.example.org/svc"
STORY = ["Ọjà tuntun ṣí ní àárín ìlú ní àárọ̀ ọjọ́ Ajé, àwọn olùtajà sì ti bẹ̀rẹ̀ sí í kó ọjà wọn wọlé.",
         "Alága ọjà sọ pé ilé ìtajà ọgọ́rùn-ún ló wà níbẹ̀, omi àti iná sì wà fún gbogbo wọn.",
         "Àwọn oníbàárà ní inú àwọn dùn nítorí pé ọ̀nà tó lọ sí ọjà náà ti dára ju ti àtẹ̀yìnwá lọ.",
         "Ọjà náà yóò máa wà ní ṣíṣí ní ojoojúmọ́ láti aago méje àárọ̀ títí di aago méje alẹ́."]
FURNITURE = {"caption": "Àwòrán ẹnu ọ̀nà ọjà náà.", "credit": "Fọ́tò: Ilé Iṣẹ́ Àpẹẹrẹ", "byline": "Láti ọwọ́ akọ̀ròyìn wa", "copyright": "© 2026 Ìròyìn Àpẹẹrẹ.",
             "most read": "Ìròyìn tí wọ́n kà jù lónìí ni èyí", "related": "Kà síwájú sí i nípa àwọn ọjà mìíràn ní ìlú", "end": "Òpin àwọn ìròyìn tó jọ ọ́",
             "read also": "Ẹ tún kà: ọjà àtijọ́ tó jóná", "tweet": "Ọ̀rọ̀ tí ẹnìkan kọ sí orí ìkànnì", "menu": "Eré ìdárayá"}


def block(kind, **model):
    return {"type": kind, "model": model}


def text_block(text, link=""):
    fragment = block("fragment", text=text, attributes=[])
    inside = [block("urlLink", text=text, locator=link, blocks=[fragment])] if link else [fragment]
    return block("text", blocks=[block("paragraph", text=text, blocks=inside)])


def page_data(kind="article", paragraphs=STORY, headline="Ọjà tuntun ṣí", **meta):
    f = FURNITURE
    blocks = [block("headline", blocks=[text_block(headline)]), block("timestamp", firstPublished=1767261600000), block("byline", blocks=[text_block(f["byline"])]),
              block("image", blocks=[block("caption", blocks=[text_block(f["caption"])])]), *map(text_block, paragraphs[:2]),
              text_block(f["read also"], "https://www.example.org/svc/12345678"), block("subheadline", blocks=[text_block("Ohun tó wà níbẹ̀")]),
              block("social_embed", blocks=[text_block(f["tweet"])]), block("mpu"), *map(text_block, paragraphs[2:]), block("relatedContent", blocks=[text_block(f["related"])])]
    return {"metadata": {"type": kind, "firstPublished": 1767261600000, "language": "yo", **meta}, "content": {"model": {"blocks": blocks}}, "promo": {}}


def page(paragraphs=STORY, headline="Ọjà tuntun ṣí", data="next", kind="article", ld="ReportageNewsArticle", og="article", extra="", **meta):
    """A story page in the shape of a big news site, with everything that does not belong to the story."""
    f = FURNITURE
    written = json.dumps(page_data(kind, paragraphs, headline, **meta), ensure_ascii=False).replace("</", "<\\/")
    script = {"next": f'<script id="__NEXT_DATA__" type="application/json">{{"props": {{"pageProps": {{"pageType": "{kind}", "pageData": {written}}}}}}}</script>',
              "window": f"<script>window.ANY_NAME={{\"pageData\":{written},\"status\":200}};window.more=1;</script>",
              "pieces": "".join(f"<script>self.__next_f.push([1,{json.dumps(piece)}])</script>" for piece in ("5:[\"$\",\"div\",null," + written[:300], written[300:] + "]\n")),
              "": ""}[data]
    body = "".join(f'<div dir="ltr" class="css-1a2b"><p dir="ltr" class="css-9z8y">{text}</p></div>' for text in paragraphs[:2])
    rest = "".join(f'<div dir="ltr"><p dir="ltr"><b>{text.split()[0]}</b>{text[len(text.split()[0]):]}</p></div>' for text in paragraphs[2:])
    return f"""<!doctype html><html lang="yo"><head><meta charset="utf-8"><title>Àkọlé ìwádìí - Ìròyìn</title><meta property="og:type" content="{og}">
<script type="application/ld+json">{{"@context":"http://schema.org","@graph":[{{"@type":"{ld}","headline":"Àkọlé ìwádìí","datePublished":"2026-01-01T10:00:00.000Z"}}]}}</script></head>
<body><header role="banner"><a href="#content">Fò kọjá</a><nav role="navigation"><ul><li><a href="/svc/topics/c0123456789t">{f['menu']}</a></li></ul></nav></header>
<div class="x"><main role="main"><div><h1 id="content" tabindex="-1">{headline}</h1></div>
<div><ul role="list"><li role="listitem">{f['byline']}</li></ul></div><div><time datetime="2026-01-01">1 Ṣẹ́ẹ́rẹ́ 2026</time></div>
<figure><div><p role="text"><span>Orísun, </span>{f['credit']}</p></div><figcaption><span>Àkọlé, </span><p>{f['caption']}</p></figcaption></figure>
{body}<ul dir="ltr"><li><a href="/svc/12345678">{f['read also']}</a></li></ul>
<div data-e2e="twitter-embed-1"><blockquote><p>{f['tweet']}</p></blockquote><p id="end-of-1" tabindex="-1">{f['end']}</p></div>
<h2 tabindex="-1">Ohun tó wà níbẹ̀</h2>{rest}{extra}
<section data-e2e="related-content-heading" aria-labelledby="r"><h2 id="r">Síwájú</h2><ul><li><h3><a href="/svc/22345678">{f['related']}</a></h3><p>{f['related']}</p></li></ul></section>
</main>{most_read()}</div><footer role="contentinfo"><p>{f['copyright']}</p></footer></div>{script}</body></html>"""


def most_read():
    return f'<section data-e2e="most-read"><ol><li><span>1</span><a href="/svc/32345678">{FURNITURE["most read"]}</a><time datetime="2026-01-01">1</time></li></ol></section>'


def read(html, url=BASE + "/articles/c0123456789o"):
    return bbc_scrape.extract(html, url)


@pytest.fixture(scope="module")
def site():
    with practice.start() as server:
        yield server


@pytest.fixture
def on_practice(site, monkeypatch):
    monkeypatch.setenv("GI_NEWS_URL", site.url + "/news/{code}")
    return site


# ---------------------------------------------------------------- permission

def test_nothing_is_requested_before_a_basis_and_a_name_are_given(monkeypatch):
    monkeypatch.setattr("gi_helpers.web.Session.get", lambda *_, **__: pytest.fail("a request was made"))
    for basis, name, said in (("", "Adé", "choose what is true"), ("everybody does it", "Adé", "choose what is true"), ("written", " ", "needs a name")):
        with pytest.raises(NeedsFixing, match=said):
            bbc_scrape.stories("yo", permission=basis, name=name, base_url="https://www.bbc.com/yoruba", contact="team@example.org")


def test_practice_and_saved_pages_are_no_permission_to_read_a_real_site():
    for basis in ("practice", "saved"):
        with pytest.raises(NeedsFixing, match="does not allow reading"):
            bbc_scrape.stories("yo", permission=basis, name="Adé", base_url="https://www.bbc.com/yoruba")


def test_only_bases_that_allow_it_are_published():
    told = {basis: bbc_scrape.publishable(bbc_scrape.permission(basis, "Adé", "2026-01-01")) for basis in bbc_scrape.PERMISSIONS}
    assert told == {"written": True, "written_use": False, "licence": True, "research": False, "saved": False, "practice": True}
    assert not bbc_scrape.publishable("") and not bbc_scrape.publishable(None) and not bbc_scrape.publishable("whatever: Adé")


def test_a_colon_in_the_name_cannot_turn_one_basis_into_another():
    assert bbc_scrape.permission("saved", "written: Adé") == "saved: written Adé"


# ---------------------------------------------------------------- one page

@pytest.mark.parametrize("data", ["next", "window", "pieces"])
def test_a_story_is_found_in_any_script_by_its_shape(data):
    found = read(page(data=data))
    assert found["paragraphs"] == STORY
    assert (found["headline"], found["published"], found["page_type"], found["method"], found["agreement"]) == ("Ọjà tuntun ṣí", "2026-01-01T10:00:00Z", "article", "json", 1.0)


def test_without_data_the_markup_gives_the_same_story():
    found = read(page(data=""))
    assert (found["paragraphs"], found["headline"], found["published"], found["method"]) == (STORY, "Ọjà tuntun ṣí", "2026-01-01T10:00:00Z", "dom")


def test_nothing_around_the_story_comes_along():
    for html in (page(), page(data=""), page(data="").replace("</main>" + most_read(), most_read() + "</main>")):
        text = " ".join(read(html)["paragraphs"])
        assert [name for name, words in FURNITURE.items() if words in text] == []


def test_class_names_and_wrappers_do_not_matter():
    html = page(data="").replace('class="css-', 'class="zz-').replace("<main role", '<div class="n"><div><main role').replace("</main>", "</main></div></div>")
    assert read(html)["paragraphs"] == STORY


def test_bytes_and_text_read_alike_and_subheads_come_only_when_asked_for():
    assert read(page().encode()) == read(page())
    assert "Ohun tó wà níbẹ̀" in bbc_scrape.extract(page(), BASE, subheads=True)["paragraphs"]


@pytest.mark.parametrize("kind", ["MAP", "PGL", "FIX", "CSP", "IDX", "mostRead", "On Demand Radio", "Live Radio", "something new"])
def test_pages_of_other_types_give_no_paragraphs(kind):
    found = read(page(kind=kind))
    assert (found["paragraphs"], found["page_type"]) == ([], kind)


def test_a_short_video_at_the_address_of_an_article_gives_no_paragraphs():
    assert read(page(consumableAsSFV=True))["page_type"] == "short video"


@pytest.mark.parametrize("ld, og, kind", [("LiveBlogPosting", "article", "live"), ("AudioObject", "article", "audio"), ("VideoObject", "website", "video"), ("ImageGallery", "article", "gallery"),
                                         ("CollectionPage", "website", "index")])
def test_without_data_the_page_still_says_what_kind_it_is(ld, og, kind):
    found = read(page(data="", ld=ld, og=og))
    assert (found["paragraphs"], found["page_type"]) == ([], kind)


def test_a_page_about_a_recording_repeats_its_headline_as_the_label_of_the_player():
    html = page(data="", ld="Article").replace("<figure>", '<div><strong aria-hidden="true">Ọjà tuntun ṣí</strong></div><figure>', 1)
    assert read(html)["page_type"] == "media"


def test_lines_that_lead_elsewhere_go_and_sentences_with_links_stay():
    linked = '<p><a href="/a">Alága ọjà sọ fún àwọn akọ̀ròyìn ní àárọ̀ òní pé gbogbo nǹkan ti parí</a>, kò sì sí wàhálà.</p>'
    follow = '<p>Ẹ tẹ̀lé wa: <a href="https://www.facebook.com/x">Facebook</a> àti <a href="https://t.me/x">Telegram</a> lójoojúmọ́, ní gbogbo ìgbà.</p>'
    pointer = '<p>Ẹ tún kà: <a href="/b">Ohun tó ṣẹlẹ̀ ní ọjà Ọba</a></p>'
    found = read(page(data="", extra=linked + follow + pointer))["paragraphs"]
    assert found == STORY + ["Alága ọjà sọ fún àwọn akọ̀ròyìn ní àárọ̀ òní pé gbogbo nǹkan ti parí, kò sì sí wàhálà."]


def test_when_data_and_markup_differ_the_row_says_so():
    more = "".join(f"<p>Ìpínrọ̀ tuntun kan tí kò sí nínú dátà ojú ewé náà, nọ́mbà {number} ni èyí.</p>" for number in range(2))
    found = read(page(extra=more))
    assert found["paragraphs"] == STORY and found["agreement"] == pytest.approx(4 / 6, abs=0.01)


def test_a_page_that_names_no_main_part_is_read_by_the_last_resort_and_says_so():
    old = "<html><body><table><tr><td><a href='/'>Ilé</a> <a href='/b'>Ìròyìn</a></td></tr><tr><td><h1>Ọjà</h1>" + "<br><br>".join(STORY) + "</td></tr></table></body></html>"
    found = read(old)
    assert (found["method"], found["paragraphs"], found["headline"]) == ("generic", STORY, "Ọjà")


SITES = {
    "blog software": """<div id="page"><header id="masthead"><a href="/">Ilé</a></header><div id="content"><main id="main"><article id="post-7"><header><h1>Ọjà</h1>
        <div><time datetime="2026-01-01T09:00:00+01:00">1 Ṣẹ́ẹ́rẹ́</time> <span>Láti ọwọ́ Adé</span></div></header><div>{p}<div id="sharing"><h3>Share</h3><ul><li><a href="#">F</a></li></ul></div></div>
        <footer><a href="/tag/oja">ọjà</a></footer></article><nav><a href="/b">Èyí tó kàn</a></nav><div id="comments"><ol><li><article><p>{c}</p></article></li><li><article><p>{c}</p></article></li></ol>
        <form><p><label>Orúkọ</label></p><p>{c}</p></form></div></main></div><div id="secondary"><p>{c}</p></div></div>""",
    "portal": """<div class="wrap"><div class="top"><ul><li><a href="/a">A</a></li></ul></div><div class="col"><h1>Ọjà</h1><div class="text">{p}</div>
        <div class="box"><h3><a href="/x">{c}</a></h3><p>{c}</p></div></div><div class="foot"><p>© 2026</p></div></div>""",
    "hosted blog": """<div class="main"><h3>Ọjà</h3><div id="post-body-1">{d}</div></div><div><a href="/1">{c}</a><a href="/2">{c}</a></div>""",
    "tags left open": """<table><tr><td><ul><li><a href="/">A</a><li><a href="/b">B</a></ul></td><td><h1>Ọjà</h1><div>{o}</div></td></tr></table>""",
    "with sections": """<main><section><h1>Ọjà</h1><section>{p}</section><section aria-label="Síwájú"><p>{c}</p></section></section><aside><p>{c}</p></aside></main>""",
}


@pytest.mark.parametrize("kind", SITES)
def test_pages_of_other_sites_give_their_story(kind):
    html = SITES[kind].format(p="".join(f"<p>{text}</p>" for text in STORY), o="".join(f"<p>{text}" for text in STORY), d="<div><br></div>".join(f"<div>{text}</div>" for text in STORY), c="Ọ̀rọ̀ tí kì í ṣe ara ìròyìn náà rárá o, ó kan wà níbẹ̀ ni.")
    found = read(f'<html lang="yo"><head><title>Ọjà</title><meta property="og:title" content="Ọjà"></head><body>{html}</body></html>', "https://paper.example.org/2026/oja")
    assert (found["paragraphs"], found["headline"]) == (STORY, "Ọjà")


# ---------------------------------------------------------------- bad input

@pytest.mark.parametrize("html, kind", [
    (b"", "empty"), ("   \n", "empty"), (b"\x89PNG\r\n\x1a\n" + bytes(200), "not html"), ('{"a": 1}', "not html"), ('<?xml version="1.0"?><rss><channel></channel></rss>', "not html"),
    ("<html><body><div></div></body></html>", "empty"), (page()[:2600], "cut off"), (page(data="").encode()[:1800], "cut off"),
    ("<html><body><h1>Wọlé</h1><form><input type=password></form></body></html>", "login"),
    ("<html><body><h1>Ìwé àdéhùn</h1><p>Ṣé ẹ gbà?</p><form><button>Bẹ́ẹ̀ ni</button><button>Rárá</button></form></body></html>", "login"),
    ('<html><body><main><div><span>404</span></div><h1>A kò rí ojú ewé yìí</h1><p>Ẹ padà sí ojú ewé àkọ́kọ́ wa, ẹ wá ohun tí ẹ ń fẹ́.</p></main></body></html>', "not found"),
    (page().encode("utf-8").replace(b"\xe1", b"\xff"), "wrong charset"),
])
def test_what_is_no_story_page_says_what_it_is(html, kind):
    found = bbc_scrape.extract(html, BASE + "/articles/c0123456789o")
    assert (found["page_type"], found["paragraphs"]) == (kind, [])


def test_a_page_of_forty_megabytes_is_refused_at_once():
    assert bbc_scrape.extract(b"<html><body>" + b"<p>a</p>" * 5_000_000, BASE)["page_type"] == "too big"


def test_elements_thousands_deep_are_no_reason_to_fail():
    assert read("<html><body><main>" + "<div>" * 5000 + f"<p>{STORY[0]}</p>" + "</div>" * 5000 + "</main></body></html>")["page_type"] == "damaged"
    assert read("<html><body>" + '<script>{"metadata":' + '{"a":' * 5000 + "1" + "}" * 5001 + "</script><main><h1>Ọjà</h1>" + "".join(f"<p>{text}</p>" for text in STORY) + "</main></body></html>")["paragraphs"] == STORY


def test_other_charsets_and_doubly_decoded_text_are_read_right():
    latin = page(["El mercado abrió ayer en la mañana, con más de cien puestos.", "Así lo dijo el señor alcalde, según informó la radio."], "Más puestos", data="").replace('charset="utf-8"', 'charset="iso-8859-1"')
    latin = latin.encode("iso-8859-1", "ignore")
    assert read(latin)["paragraphs"][0] == "El mercado abrió ayer en la mañana, con más de cien puestos."
    assert read(page(["Él leyó más allá: «¿qué pasó?», según él.", "Está más allá."], "Más", data="").encode().decode("cp1252", "ignore").encode("cp1252").decode("utf-8", "ignore"))["headline"] == "Más"


@pytest.mark.parametrize("value, meant", [(1562936294950, "2019-07-12T12:58:14.950000Z"), (1342110000, "2012-07-12T16:20:00Z"), ("2019-07-12", "2019-07-12"),
                                         ("2026-05-04T12:00:00+02:00", "2026-05-04T10:00:00Z"), ("2026-05-04T12:00:00.000Z", "2026-05-04T12:00:00Z"), ("lana", ""), (None, ""), (True, "")])
def test_dates_of_all_kinds_become_one(value, meant):
    assert _newsread.moment(value) == meant


# ---------------------------------------------------------------- where the stories are

def test_only_stories_of_the_service_and_its_script_are_taken():
    service = _newsfind.Service("https://www.bbc.com/serbian", "cyr")
    site = "https://www.bbc.com/serbian"
    wanted = {"/serbian/articles/c0abcdefghio/cyr": f"{site}/articles/c0abcdefghio/cyr", "/serbian/articles/c0abcdefghio.amp": f"{site}/articles/c0abcdefghio/cyr",
              "/serbian/cyr/svet-51234567": f"{site}/cyr/svet-51234567", "https://www.bbc.co.uk/serbian/51234567?x=1#top": f"{site}/51234567"}
    assert {link: service.story(link)[1] for link in wanted} == wanted
    for link in ("/serbian/articles/c0abcdefghio/lat", "/serbian/lat/svet-51234567", "/serbian/live/c0abcdefghit", "/serbian/topics/c0abcdefghit", "/serbian/institutional-51234567",
                 "/serbian/bbc_serbian_radio/w3csz", "/serbian/media/video", "/yoruba/articles/c0abcdefghio", "https://elsewhere.org/serbian/articles/c0abcdefghio", "#", "mailto:a@b.org", ""):
        assert service.story(link) is None, link


def test_all_scripts_of_a_story_have_one_id_and_another_language_is_not_a_script():
    service = _newsfind.Service("https://www.bbc.com/zhongwen")
    assert {service.story(f"/zhongwen/articles/c0abcdefghio{tail}")[0] for tail in ("", "/simp", "/trad", "/trad.amp")} == {"c0abcdefghio"}
    assert _newsfind.Service("https://www.bbc.com/ukrainian").story("/ukrainian/articles/c0abcdefghio/ru-UA") is None


def site_of_pages(pages):
    asked = []
    return (lambda url: (asked.append(url), pages.get(url, ""))[1]), asked


def test_feed_then_front_page_then_topics_page_by_page_each_story_once():
    def link(number):
        return f'<a href="/svc/articles/c{number:010d}o">x</a>'

    rss = f"<?xml version='1.0'?><rss><channel><link>{BASE}</link><item><link>{BASE}/articles/c0000000001o?at=rss</link></item><item><link><![CDATA[{BASE}/live/c0000000009t]]></link></item></channel></rss>"
    topic = f"{BASE}/topics/c0123456789t"
    pages = {f"{BASE}/rss.xml": rss, BASE: f'<a href="/svc/topics/c0123456789t">t</a>{link(1)}{link(2)}', f"{topic}?page=1": link(2) + link(3) + f'<a href="{topic}?page=2">2</a>', f"{topic}?page=2": link(4)}
    fetch, asked = site_of_pages(pages)
    found = [number for number, _ in _newsfind.discover(_newsfind.Service(BASE), fetch)]
    assert found == [f"c{number:010d}o" for number in (1, 2, 3, 4)]
    assert asked == [f"{BASE}/rss.xml", BASE, f"{topic}?page=1", f"{topic}?page=2"]


def test_no_more_pages_are_asked_for_than_the_limit_needs(on_practice, monkeypatch):
    asked = []
    real = bbc_scrape.web.Session.get
    monkeypatch.setattr("gi_helpers.web.Session.get", lambda self, url, *args, **more: asked.append(url) or real(self, url, *args, **more))
    assert len(list(bbc_scrape.stories("yo", 2, permission="practice", tell=lambda _: None))) == 2
    assert len([url for url in asked if "/articles/" in url or url[-8:].isdigit()]) <= 3 and not any("topics" in url for url in asked)


@pytest.mark.parametrize("code", ["yo", "pcm"])
def test_practice_gives_every_story_exactly_and_nothing_else(code, on_practice):
    skipped = []
    rows = list(bbc_scrape.stories(code, permission="practice", skipped=skipped, tell=lambda _: None))
    gold = news.gold(code)
    assert {urlsplit(row["url"]).path: row["text"].split("\n\n") for row in rows} == {path: story["paragraphs"] for path, story in gold.items()}
    assert {(row["headline"], row["published"]) for row in rows} == {(story["headline"], story["published"]) for story in gold.values()}
    assert {row["reason"] for row in skipped} == {"MAP", "PGL", "short video"}
    assert list(rows[0]) == list(bbc_scrape.COLUMNS) and rows[0]["permission"].startswith("practice: rehearsal, 2") and rows[0]["robots"]
    assert store.read_json(store.path(code, "2_permission.json"))[0]["robots_txt"].startswith("#")
    assert on_practice.counts().get("news private", 0) == 0 if hasattr(on_practice, "counts") else True


def test_a_second_run_asks_for_no_story_again(on_practice, monkeypatch):
    quiet = {"permission": "practice", "tell": lambda _: None}
    first = list(bbc_scrape.stories("ig", **quiet))
    real = bbc_scrape.web.Session.get
    asked = []
    monkeypatch.setattr("gi_helpers.web.Session.get", lambda self, url, *args, **more: asked.append(url) or real(self, url, *args, **more))
    again = list(bbc_scrape.stories("ig", **quiet))
    assert [row["text"] for row in again] == [row["text"] for row in first] and not any("/articles/" in url for url in asked)
    assert list(bbc_scrape.stories("ig", seen=[row["id"] for row in first], **quiet)) == []


def test_when_the_site_refuses_rows_at_hand_are_given_first(on_practice, monkeypatch):
    real = bbc_scrape.web.Session.get

    def refuse(self, url, *args, **more):
        if "topics" in url:
            raise NeedsFixing("the site answered HTTP 403")
        return real(self, url, *args, **more)

    monkeypatch.setattr("gi_helpers.web.Session.get", refuse)
    rows = []
    with pytest.raises(NeedsFixing, match="403"):
        for row in bbc_scrape.stories("ha", permission="practice", tell=lambda _: None):
            rows.append(row)
    assert len(rows) >= 8


def test_services_are_counted_from_the_language_list():
    rows = bbc_scrape.services()
    assert {"yoruba", "hausa", "igbo", "pidgin", "dari", "ukchina"} <= {row["service"] for row in rows}
    assert {(row["service"], row["variant"]) for row in rows} >= {("serbian", "lat"), ("serbian", "cyr"), ("zhongwen", "trad"), ("uzbek", "lat")}


# ---------------------------------------------------------------- saved pages

def long_story(number):
    return [f"Ìpínrọ̀ àkọ́kọ́ nínú ìròyìn nọ́mbà {number}: {STORY[0]}", f"Ìpínrọ̀ kejì nínú ìròyìn nọ́mbà {number}: {STORY[1]}", f"Ìpínrọ̀ kẹta nínú ìròyìn nọ́mbà {number}: {STORY[2]}"]


def story_page(number, **more):
    link = f'<link rel="canonical" href="{BASE}/articles/c{number:010d}o">'
    return page(long_story(number), f"Ìròyìn {number}", **more).replace("<title>", link + "<title>")


def saved(folder, **more):
    skipped, said = [], []
    rows = list(bbc_scrape.stories("yo", permission="saved", name="Adé", folder=folder, skipped=skipped, tell=said.append, **more))
    return rows, skipped, said


def test_a_folder_of_saved_pages_gives_rows_and_says_why_the_others_did_not(tmp_path):
    for number in range(4):
        (tmp_path / f"page {number}.html").write_text(story_page(number), encoding="utf-8")
    (tmp_path / "again.html").write_text(story_page(1), encoding="utf-8")
    (tmp_path / "half.html").write_text(story_page(7)[:2600], encoding="utf-8")
    (tmp_path / "picture.htm").write_bytes(b"\x89PNG" + bytes(50))
    (tmp_path / "english.html").write_text(page(["The market opened yesterday morning in the middle of the city.", "The chair of the market said that there were a hundred stalls.", "People were happy."], "Market"), encoding="utf-8")
    (tmp_path / "page 1_files").mkdir()
    (tmp_path / "page 1_files" / "frame.html").write_text("<p>x</p>", encoding="utf-8")
    rows, skipped, said = saved(tmp_path)
    assert sorted(row["headline"] for row in rows) == ["Ìròyìn 0", "Ìròyìn 1", "Ìròyìn 2", "Ìròyìn 3"]
    assert {row["url"]: row["reason"] for row in skipped} == {"half.html": "cut off", "picture.htm": "not html", "english.html": "other language", "page 1.html": "twice"}
    assert all(row["permission"].startswith("saved: Adé, 2") for row in rows) and "4 pages gave no story" in said[-1]


def test_a_zip_file_cannot_write_anywhere_and_says_what_it_left(tmp_path):
    file = tmp_path / "in" / "pages.zip"
    file.parent.mkdir()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"pages/{number}.html", story_page(number))
        archive.writestr("../../climbs.html", story_page(8))
        archive.writestr("/etc/climbs.html", story_page(9))
        archive.writestr("big.html", b"<html>" + b" " * 20_000_000)
        archive.writestr("__MACOSX/x.html", "x")
    before = set(tmp_path.rglob("*"))
    rows, skipped, _ = saved(file)
    assert len(rows) == 3 and {row["url"]: row["reason"] for row in skipped} == {"../../climbs.html": "not read", "/etc/climbs.html": "not read", "big.html": "not read"}
    assert {path for path in set(tmp_path.rglob("*")) - before if "climbs" in path.name or "big" in path.name} == set()


def test_a_damaged_zip_file_and_a_missing_folder_are_told_in_one_sentence(tmp_path):
    (tmp_path / "half.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(NeedsFixing, match="whole zip file"):
        saved(tmp_path / "half.zip")
    with pytest.raises(NeedsFixing, match="is not there"):
        saved(tmp_path / "nothing")


def test_paragraphs_on_three_pages_are_furniture_in_a_run_and_in_a_table(tmp_path):
    for number in range(5):
        extra = "<p>Ẹ máa tẹ̀lé ìròyìn wa ní ojoojúmọ́, ẹ ṣeun.</p>" + ("<p>Èyí wà ní ojú ewé méjì péré, ó sì dára bẹ́ẹ̀.</p>" if number < 2 else "")
        (tmp_path / f"{number}.html").write_text(story_page(number, data="", extra=extra), encoding="utf-8")
    rows, _, _ = saved(tmp_path)
    assert [len(row["text"].split("\n\n")) for row in rows] == [4, 4, 3, 3, 3]
    import pandas as pd

    table = pd.DataFrame({"id": list("abcd"), "text": ["one\n\nsame", "two\n\nsame", "three\n\nsame", "same"]})
    assert bbc_scrape.without_furniture(table)["text"].tolist() == ["one", "two", "three"]


def test_rows_that_two_ways_read_differently_are_marked_for_a_look(tmp_path):
    for number in range(8):
        extra = "".join(f"<p>Ohun mìíràn tí kò sí nínú dátà, {number} àti {part}.</p>" for part in range(3)) if number == 4 else ""
        (tmp_path / f"{number}.html").write_text(story_page(number, extra=extra), encoding="utf-8")
    rows, _, _ = saved(tmp_path)
    assert [row["headline"] for row in rows if row["look"]] == ["Ìròyìn 4"] and "0.50" in rows[4]["look"]


def test_practice_is_no_basis_for_saved_pages_in_live_mode(tmp_path, monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    with pytest.raises(NeedsFixing, match="rehearsal pages only"):
        bbc_scrape.stories("yo", permission="practice", folder=tmp_path)


# ---------------------------------------------------------------- the canary

def verdict(pages, **more):
    return bbc_scrape.canary("yo", permission="saved", name="Adé", pages=[(html, f"{BASE}/articles/c{number:010d}o") for number, html in enumerate(pages)], **more)


def test_the_canary_is_green_when_all_is_as_it_should_be():
    found = verdict(story_page(number) for number in range(3))
    assert found["state"] == "green" and {check["state"] for check in found["checks"]} == {"green"}


def test_the_canary_is_amber_and_says_so_when_the_data_is_gone():
    found = verdict(story_page(number, data="") for number in range(3))
    assert (found["state"], found["failed"]) == ("amber", "data on the page") and "read from the markup" in found["checks"][1]["note"]


@pytest.mark.parametrize("failed, made", [
    ("pages are stories", lambda number: story_page(number, kind="newKind")), ("pages are stories", lambda number: "<html><body><form><input type=password></form>x</body></html>"),
    ("script", lambda number: page([f"Это {number} новость дня о рынке." * 6] * 3, "Рынок")),
    ("two ways of reading agree", lambda number: story_page(number, extra="".join(f"<p>Ohun mìíràn nọ́mbà {number} {part} tí kò sí nínú dátà.</p>" for part in range(5)))),
    ("nothing repeated", lambda number: story_page(number, data="", extra=f"<p>{STORY[3]} {STORY[2]} {STORY[1]}</p>")),
    ("long enough", lambda number: page([f"Kúkúrú ni {number}."], f"Ìròyìn {number}")),
    ("no known furniture", lambda number: story_page(number, data="", extra=f"<p>Ilé iṣẹ́ ìròyìn {number} is not responsible for the content of other sites.</p>")),
    ("headline", lambda number: story_page(number).replace('tabindex="-1">Ìròyìn', 'tabindex="-1">Ọ̀rọ̀ mìíràn')),
])
def test_the_canary_is_red_and_shows_a_sample(failed, made):
    found = verdict([made(number) for number in range(3)])
    assert found["state"] == "red" and found["failed"] == failed and found["sample"]["url"].startswith(BASE)


def test_a_redesign_stops_the_run_before_a_row_is_written(tmp_path):
    for number in range(6):
        (tmp_path / f"{number}.html").write_text(story_page(number, kind="newKind"), encoding="utf-8")
    for number in range(6, 12):
        (tmp_path / f"x{number}.html").write_text(page(["Ìwọ̀nyí nìkan."], "Ìròyìn", data="").replace("<title>", f'<link rel="canonical" href="{BASE}/{number}"><title>'), encoding="utf-8")
    rows = []
    with pytest.raises(NeedsFixing, match="the canary is red.*reads"):
        for row in bbc_scrape.stories("yo", permission="saved", name="Adé", folder=tmp_path, tell=lambda _: None):
            rows.append(row)
    assert rows == []


def test_the_canary_looks_again_every_fifty_pages(tmp_path):
    for number in range(160):
        more = {"kind": "newKind"} if number >= 100 else {}
        (tmp_path / f"{number:03d}.html").write_text(story_page(number, **more), encoding="utf-8")
    rows = []
    with pytest.raises(NeedsFixing, match="canary is red"):
        for row in bbc_scrape.stories("yo", permission="saved", name="Adé", folder=tmp_path, tell=lambda _: None):
            rows.append(row)
    assert len(rows) == 100


def test_script_shares_know_mixed_scripts():
    assert _newswatch.share("日本語のテキスト", "Jpan") == 1.0 and _newswatch.share("한국어 글", "Kore") == 1.0 and _newswatch.share("Бозор bozor", "Latn Cyrl") == 1.0
    assert _newswatch.share("123", "Latn") == 1.0 and _newswatch.share("ọjà", "Ethi") == 0.0 and _newswatch.share("abc", "Xxxx") == 1.0


# ---------------------------------------------------------------- rules that only some pages need

def test_credits_cards_and_skip_targets_outside_their_usual_place_are_left_out():
    extra = ('<p role="text">Orísun àwòrán: Ilé Iṣẹ́ Àwòrán Kan ní ìlú.</p><p tabindex="-1" id="x9">Òpin ohun tí ẹ lè fò kọjá nìyí.</p>'
             '<ul><li><h3><a href="/svc/5">Àkọlé mìíràn</a></h3><span>Àkótán ìròyìn mìíràn tí ó ní gbólóhùn kan.</span></li></ul>')
    assert read(page(data="", extra=extra))["paragraphs"] == STORY


def test_list_items_that_are_promos_in_the_data_are_left_out():
    listed = block("text", blocks=[block("unorderedList", blocks=[{**block("listItem", blocks=[text_block("Ìpolongo ìròyìn kan.")]), "itemMeta": {"id": 1}}, block("listItem", blocks=[text_block("Ohun kan ṣoṣo.")])])])
    data = page_data()
    data["content"]["model"]["blocks"].append(listed)
    html = f"<html><body><main><h1>Ọjà</h1></main><script>x={json.dumps(data)}</script></body></html>"
    assert read(html)["paragraphs"] == [*STORY, "Ohun kan ṣoṣo."]


def test_one_line_on_a_page_that_calls_itself_a_website_is_no_story():
    html = '<html><head><meta property="og:type" content="website"></head><body><main><h1>Rédíò</h1><p>Ìròyìn àti orin ní gbogbo ọjọ́.</p></main></body></html>'
    assert (read(html)["page_type"], read(html)["paragraphs"]) == ("index", [])


def test_a_page_that_robots_txt_forbids_is_not_fetched(on_practice, monkeypatch):
    first = next(iter(news.gold("yo")))
    monkeypatch.setattr("gi_helpers.web.Session.allowed", lambda self, url: not url.endswith(first))
    skipped = []
    rows = list(bbc_scrape.stories("yo", permission="practice", skipped=skipped, tell=lambda _: None))
    assert first not in {urlsplit(row["url"]).path for row in rows}
    assert [row["detail"] for row in skipped if row["url"].endswith(first)] == ["the site's robots.txt forbids this page"]


def test_what_came_since_the_last_good_look_is_not_given_when_the_canary_turns_red(tmp_path):
    for number in range(110):
        more = {"data": "", "extra": f"<p>{STORY[3]} {STORY[2]} {STORY[1]} {STORY[0]}</p>"} if number >= 60 else {}
        (tmp_path / f"{number:03d}.html").write_text(story_page(number, **more), encoding="utf-8")
    rows = []
    with pytest.raises(NeedsFixing, match="nothing repeated"):
        for row in bbc_scrape.stories("yo", permission="saved", name="Adé", folder=tmp_path, tell=lambda _: None):
            rows.append(row)
    assert rows[-1]["headline"] == "Ìròyìn 91"  # looks after 3, 53 and 103 pages; ten rows are held back


def test_skipped_pages_are_kept_once_with_their_reason_and_doubtful_stories_are_shown(tmp_path):
    skipped = [{"id": "9", "language": "yo", "url": "https://example.org/a", "reason": "gallery", "detail": "", "retrieved_at": ""}]
    rows = [{"id": "1", "headline": "A", "agreement": "0.5", "look": "read in two ways", "text": "x"}, {"id": "2", "headline": "B", "agreement": "1.0", "look": "", "text": "y"}]
    file = store.write(rows, tmp_path / "2_bbc_scrape.csv")
    for _ in range(2):
        shown = bbc_scrape.sort_out(skipped, file, tmp_path / "2_skipped.csv")
    assert store.read(tmp_path / "2_skipped.csv")["reason"].tolist() == ["gallery"]
    assert shown["headline"].tolist() == ["A"]
    bbc_scrape.sort_out([{**skipped[0], "id": "1"}], file, tmp_path / "2_other.csv")  # its story has come since
    assert store.read(tmp_path / "2_other.csv").columns.tolist() == list(skipped[0]) and len(store.read(tmp_path / "2_other.csv")) == 0
