"""The practice Wikipedia answers as MediaWiki does, and its pages hide the paragraphs that a scraper must find."""
import http.client
import json
import re
import time

import pytest
import requests
from bs4 import BeautifulSoup

from gi_helpers import store
from gi_helpers.practice import start, wiki, wiki_pages
from gi_helpers.practice.messages import Request
from gi_helpers.practice.state import State
from gi_helpers.practice.wiki_pages import wiki_of

CODES = ("ha", "ig", "pcm", "yo")
PAGES = {"generator": "allpages", "gapnamespace": 0, "gapfilterredir": "nonredirects", "gaplimit": 50, "prop": "revisions|info|pageprops",
         "rvprop": "ids|timestamp|content", "rvslots": "main", "inprop": "url", "ppprop": "disambiguation"}


@pytest.fixture(scope="module")
def practice():
    with start() as server:
        yield server


@pytest.fixture
def many(tmp_path):
    """A wiki of 120 tiny articles in a folder of its own."""
    words = {"category": "Ẹ̀ka", "file": "Fáìlì", "template": "Àdàkọ", "references": "Ìtọ́kasí", "see_also": "Ẹ tún wo", "disambiguation": "X lè túmọ̀ sí:",
             "main_page": "Ojúewé", "topics": {topic: topic.upper() for topic in ("place", "food", "health", "history")}}
    articles = [{"title": f"Ìlú {number:03}", "topic": "place", "paragraphs": [f"Ìlú {number:03} ni ìlú.", "Ó tóbi ní ọdún 1948."], "heading": "Ọjà"}
                for number in range(120)]
    (tmp_path / "yo").mkdir()
    (tmp_path / "yo" / "articles.json").write_text(json.dumps({"language": "yo", "wiki": words, "articles": articles}), encoding="utf-8")
    with start(texts=tmp_path) as server:
        yield server


def get(server, _code="yo", _version=2, **params):
    """The JSON answer of the API."""
    reply = requests.get(server.wiki(_code), params={"action": "query", "format": "json", "formatversion": _version, **params},
                         headers={"User-Agent": "tests (contact: team@example.org)"}, timeout=20)
    assert reply.status_code == 200
    return reply.json()


def walk(server, _code="yo", **params):
    """Every answer of a query, going on until it is done."""
    going_on = {}
    while True:
        answer = get(server, _code, **{**params, **going_on})
        yield answer
        if "continue" not in answer:
            return
        going_on = answer["continue"]


# ---------------------------------------------------------------- what the pages hide

@pytest.mark.parametrize("code", CODES)
def test_every_article_shows_exactly_its_paragraphs(practice, code):
    gold = wiki.gold(code)
    assert len(gold) >= 25
    for title, paragraphs in gold.items():
        soup = BeautifulSoup(get(practice, code, action="parse", page=title, prop="text")["parse"]["text"], "html.parser")
        for furniture in soup.select("table, sup.reference, .thumb, .gallery, .reflist, .stub, .shortdescription"):
            furniture.decompose()
        assert [p.get_text() for p in soup.select(".mw-parser-output p")] == paragraphs, title


def test_the_wikitext_holds_what_makes_scraping_hard():
    pages = [page for page in wiki_of("yo", State()).pages if page.kind == "article"]
    texts = "\n".join(page.text for page in pages)
    for markup in (r"^\{\{Infobox practice\n", r"'''\{\{PAGENAME\}\}'''", r"\[\[[^\]|:]+\]\]", r"\[\[[^\]|:]+\|[^\]]+\]\]", r"<ref>", r'<ref name="\w+" />', r"<!--",
                   r"\[\[Fáìlì:[^\]]+\|thumb\|", r"\[\[File:", r"\[\[Image:", r"\{\{lang\|yo\|\w", r"\{\{number\|\d", r"\{\{nowrap\|\{\{lang", r'^\{\| class="wikitable"',
                   r"<gallery>", r"^== .+ ==$", r"\{\{reflist\}\}", r"\[\[Ẹ̀ka:", r"\[\[Category:", r"__NOTOC__", r"<div style", r"\[https://example.org"):
        assert re.search(markup, texts, re.M), markup
    inline = re.compile(r"(?<=\S )\{\{[^{}\n]*\}\}|(?<=\S )\{\{[^{}\n]*\{\{[^{}\n]*\}\}\}\}")
    assert sum(bool(inline.search(page.text)) for page in pages) > len(pages) / 2  # a scraper that drops templates leaves holes in sentences


def test_templates_expand_to_the_words_they_stand_for(practice):
    text = "{{lang|yo|àwọn}}@@{{number|1948}}@@{{formatnum:10000}}@@{{nowrap|{{lang|yo|rírò}}}}@@{{kò sí}}@@{{PAGENAME}}@@<ref>{{number|7}}</ref><!-- x -->"
    reply = requests.post(practice.wiki("yo"), data={"action": "expandtemplates", "text": text, "title": "Iyán", "prop": "wikitext", "format": "json", "formatversion": 2}, timeout=9)
    lang, number, big, both, missing, name, ref = reply.json()["expandtemplates"]["wikitext"].split("@@")
    assert lang == '<span lang="yo">àwọn</span>' and (number, big, name, ref) == ("1948", "10,000", "Iyán", "<ref>7</ref>")
    assert missing == "[[:Àdàkọ:Kò sí]]" and BeautifulSoup(both, "html.parser").get_text() == "rírò"
    old = get(practice, _version=1, action="expandtemplates", text="{{number|3}}")
    assert old["expandtemplates"] == {"*": "3"}


def test_a_page_is_the_same_on_every_start():
    first, second = (State(), State())
    assert [vars(page) for page in wiki_of("ig", first).pages] == [vars(page) for page in wiki_of("ig", second).pages]
    pages = wiki_of("ig", first).pages
    assert len({page.pageid for page in pages}) == len({page.revid for page in pages}) == len({page.title for page in pages}) == len(pages)


@pytest.mark.parametrize("code", CODES)
def test_there_are_pages_to_leave_out(practice, code):
    kinds = wiki_of(code, State()).others
    assert sorted(kinds.values()) == ["disambiguation", "empty", "list", "main page", "redirect", "redirect", "redirect", "stub", "untranslated"]
    pages = {page["title"]: page for answer in walk(practice, code, **PAGES) for page in answer["query"]["pages"]}
    assert set(pages) == set(wiki.gold(code)) | {title for title, kind in kinds.items() if kind != "redirect"}
    assert [title for title, page in pages.items() if "pageprops" in page] == [title for title, kind in kinds.items() if kind == "disambiguation"]
    assert [title for title, page in pages.items() if page["length"] == 0] == [title for title, kind in kinds.items() if kind == "empty"]
    general = get(practice, code, meta="siteinfo")["query"]["general"]
    assert kinds[general["mainpage"]] == "main page"


# ---------------------------------------------------------------- going on

@pytest.mark.parametrize("limit", [1, 7, 50])
def test_walking_all_pages_gives_each_once_with_its_text(practice, limit):
    seen = [page for answer in walk(practice, **{**PAGES, "gaplimit": limit}) for page in answer["query"]["pages"]]
    titles = [page["title"] for page in seen]
    assert titles == sorted(titles) and len(titles) == len(set(titles)) == len(wiki.gold("yo")) + 6
    page = next(page for page in seen if page["title"] == "Iyán")
    revision = page["revisions"][0]
    assert "'''Iyán'''" in revision["slots"]["main"]["content"] and revision["revid"] == page["lastrevid"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", revision["timestamp"]) and page["pagelanguage"] == "yo"
    assert page["fullurl"] == practice.url + "/wiki/yo/wiki/Iy%C3%A1n" and page["length"] == len(revision["slots"]["main"]["content"].encode())


def test_content_comes_for_fifty_pages_a_request_and_the_rest_follows(many):
    answers = list(walk(many, **{**PAGES, "gaplimit": 500}))
    first = answers[0]
    assert "batchcomplete" not in first and "rvcontinue" in first["continue"] and first["continue"]["continue"] == "||info|pageprops"
    assert len(first["query"]["pages"]) == 126 and sum("revisions" in page for page in first["query"]["pages"]) == 50
    texts = [page["title"] for answer in answers for page in answer["query"]["pages"] if "revisions" in page]
    assert len(answers) == 3 and len(texts) == len(set(texts)) == 126 and answers[-1]["batchcomplete"] is True
    assert sum("length" in page for page in answers[1]["query"]["pages"]) == 0  # the finished properties do not come again


def test_content_and_pages_go_on_together(many):
    texts = [page["title"] for answer in walk(many, **{**PAGES, "gaplimit": 80}) for page in answer["query"]["pages"] if "revisions" in page]
    assert len(texts) == len(set(texts)) == 126


def test_whole_extracts_come_one_a_request_and_openings_by_twenty(practice):
    answers = list(walk(practice, generator="allpages", gaplimit=4, gapfrom="Iyán", gapto="Kòkó", prop="extracts|info", explaintext=1, exlimit="max"))
    assert all(sum("extract" in page for page in answer["query"]["pages"]) == 1 for answer in answers)
    assert "lowered to 1" in answers[0]["warnings"]["extracts"]["warnings"] and answers[0]["continue"]["excontinue"] == 1
    texts = {page["title"]: page["extract"] for answer in answers for page in answer["query"]["pages"] if "extract" in page}
    first, *_ = wiki.gold("yo")["Kòkó"]
    assert texts["Kòkó"].startswith(first + "\n") and "\n\n\n== " in texts["Kòkó"] and set(texts) >= {"Iyán", "Kòkó"}
    assert "justify" not in texts["Iyán"] and wiki.gold("yo")["Iyán"][-1] not in texts["Iyán"]  # what stands in a div is lost, as on Wikipedia
    intros = get(practice, titles="|".join(list(wiki.gold("yo"))[:20]), prop="extracts", exintro=1, explaintext=1, exlimit=20)["query"]["pages"]
    assert all(page["extract"] and "==" not in page["extract"] for page in intros)


def test_random_gives_articles_and_never_one_twice_in_an_answer(practice):
    pages = get(practice, generator="random", grnnamespace=0, grnlimit=30, prop="info")["query"]["pages"]
    assert len({page["pageid"] for page in pages}) == 30 and {page["ns"] for page in pages} == {0} and not any("redirect" in page for page in pages)
    other = get(practice, list="random", rnnamespace=0, rnlimit=5)
    assert len(other["query"]["random"]) == 5 and "rncontinue" in other["continue"]


def test_a_category_lists_its_pages(practice):
    food = [article["title"] for article in wiki_of("yo", State()).articles if article["topic"] == "food"]
    seen = [row["title"] for answer in walk(practice, list="categorymembers", cmtitle="Ẹ̀ka:Oúnjẹ", cmlimit=2) for row in answer["query"]["categorymembers"]]
    assert seen == sorted(food)
    pages = [page for answer in walk(practice, generator="categorymembers", gcmtitle="Category:Oúnjẹ", gcmlimit=3, prop="revisions", rvprop="content", rvslots="main")
             for page in answer["query"]["pages"]]
    assert sorted(page["title"] for page in pages) == sorted(food) and all(page["revisions"] for page in pages)


# ---------------------------------------------------------------- single pages

def test_titles_are_tidied_and_the_missing_are_marked(practice):
    answer = get(practice, titles="ìbàdàn|Ilé-Ifẹ̀|Nkankan tí kò sí|a<b|Ẹ̀ka:oúnjẹ", prop="info")["query"]
    pages = {page["title"]: page for page in answer["pages"]}
    assert {"fromencoded": False, "from": "ìbàdàn", "to": "Ìbàdàn"} in answer["normalized"]
    assert pages["Ìbàdàn"]["pageid"] == 1001 and pages["Ẹ̀ka:Oúnjẹ"]["ns"] == 14
    assert pages["Nkankan tí kò sí"]["missing"] is True and "pageid" not in pages["Nkankan tí kò sí"]
    assert pages["a<b"]["invalid"] is True and '"<"' in pages["a<b"]["invalidreason"]


def test_redirects_are_followed_to_the_end_when_asked(practice):
    answer = get(practice, titles="Ibadan (redirect)", redirects=1)["query"]
    assert answer["redirects"] == [{"from": "Ibadan (redirect)", "to": "Ibadan"}, {"from": "Ibadan", "to": "Ìbàdàn"}]
    assert [page["title"] for page in answer["pages"]] == ["Ìbàdàn"]
    assert get(practice, titles="Ibadan", prop="info")["query"]["pages"][0]["redirect"] is True


def test_pages_are_found_by_id_and_by_revision(practice):
    answer = get(practice, pageids="1001|7", revids="53003|9")["query"]
    assert [page.get("title", page.get("missing")) for page in answer["pages"]] == [True, "Ìbàdàn"]
    assert answer["badrevids"] == {"9": {"revid": 9, "missing": True}}
    assert get(practice, action="parse", oldid=53003, prop="wikitext")["parse"]["title"] == "Ìbàdàn"


def test_more_than_fifty_titles_are_refused(practice):
    answer = get(practice, titles="|".join(f"T{number}" for number in range(51)))
    assert answer["error"]["code"] == "toomanyvalues" and answer["error"]["limit"] == 50


@pytest.mark.parametrize("params, code", [
    ({"action": "fly"}, "badvalue"), ({"generator": "everything"}, "badvalue"), ({"generator": "allpages", "gapfilterredir": "some"}, "badvalue"),
    ({"generator": "allpages", "gaplimit": "many"}, "badinteger"), ({"action": "parse", "page": "Kò sí rárá"}, "missingtitle"),
    ({"action": "parse", "oldid": "1"}, "nosuchrevid"), ({"action": "parse"}, "missingparam"), ({"action": "expandtemplates"}, "missingparam"),
    ({"list": "categorymembers", "cmtitle": "Iyán"}, "invalidcategory"), ({"format": "xml"}, "badvalue"), ({"pageids": "x"}, "badinteger"),
    ({"titles": "Iyán|Kòkó", "prop": "revisions", "rvlimit": 1}, "multpages"),
])
def test_a_wrong_request_gets_the_apis_error(practice, params, code):
    answer = get(practice, **params)
    assert answer["error"]["code"] == code and answer["error"]["info"]


def test_unknown_parameters_are_warned_about(practice):
    answer = get(practice, titles="Iyán", prop="info|smell", gaplimits=3)
    assert answer["warnings"]["main"]["warnings"] == 'Unrecognized value for parameter "prop": smell\nUnrecognized parameter: gaplimits.'


def test_the_older_format_of_answers(practice):
    answer = get(practice, _version=1, titles="Iyán|Kò sí rárá|Ibadan", prop="revisions|info", rvprop="content", rvslots="main")
    pages = answer["query"]["pages"]
    assert pages["-1"]["missing"] == "" and answer["batchcomplete"] == ""
    page = next(page for page in pages.values() if page["title"] == "Iyán")
    assert "'''Iyán'''" in page["revisions"][0]["slots"]["main"]["*"] and "redirect" not in page
    names = get(practice, _version=1, meta="siteinfo", siprop="namespaces")["query"]["namespaces"]
    assert names["14"]["*"] == "Ẹ̀ka" and names["14"]["canonical"] == "Category"
    assert "mw-parser-output" in get(practice, _version=1, action="parse", page="Iyán", prop="text")["parse"]["text"]["*"]


def test_siteinfo_says_language_names_and_licence(practice):
    found = get(practice, "ha", meta="siteinfo", siprop="general|namespaces|namespacealiases|rightsinfo|statistics|languages")["query"]
    assert (found["general"]["lang"], found["general"]["dbname"], found["general"]["server"]) == ("ha", "hawiki", practice.url)
    assert found["general"]["articlepath"] == "/wiki/ha/wiki/$1" and found["namespaces"]["6"]["name"] == "Fayil" and found["namespaces"]["6"]["canonical"] == "File"
    assert {"id": 6, "alias": "Image"} in found["namespacealiases"] and "CC0" in found["rightsinfo"]["text"] and "creativecommons" in found["rightsinfo"]["url"]
    assert found["statistics"]["articles"] >= 25 and {"code": "ha", "bcp47": "ha", "name": "Hausa"} in found["languages"]


def test_sitematrix_lists_the_wikis(practice):
    matrix = get(practice, action="sitematrix")["sitematrix"]
    rows = {matrix[key]["code"]: matrix[key] for key in matrix if key.isdigit()}
    assert matrix["count"] == len(rows) and set(CODES) <= set(rows)
    assert rows["yo"]["site"][0]["dbname"] == "yowiki" and rows["yo"]["site"][0]["url"] == "https://yo.wikipedia.org" and rows["yo"]["dir"] == "ltr"


def test_both_shapes_of_html(practice):
    old = get(practice, action="parse", page="Ìbàdàn", prop="text")["parse"]["text"]
    new = get(practice, action="parse", page="Ìbàdàn", prop="text", parser="parsoid")["parse"]["text"]
    assert '<span class="mw-headline"' in old and 'class="thumbcaption"' in old and '<table class="infobox"' in old and '<ol class="references">' in old
    assert '<div class="mw-heading mw-heading2">' in new and "<figcaption>" in new


def test_readers_see_pages_and_old_revisions(practice):
    page = requests.get(practice.url + "/wiki/yo/wiki/Ibadan", timeout=9)
    assert page.status_code == 200 and "<h1 id=\"firstHeading\">Ìbàdàn</h1>" in page.text and "This is not Wikipedia" in page.text
    assert "Ìbàdàn" in requests.get(practice.url + "/wiki/yo/w/index.php?oldid=53003", timeout=9).text
    assert requests.get(practice.url + "/wiki/yo/w/index.php?title=Iy%C3%A1n&action=raw", timeout=9).text == wiki_of("yo", State()).by_title["Iyán"].text
    assert requests.get(practice.url + "/wiki/yo/wiki/Kosi", timeout=9).status_code == 404


def test_a_language_without_texts_is_a_clear_404(practice):
    reply = requests.get(practice.wiki("sw"), params={"action": "query", "meta": "siteinfo", "format": "json"}, timeout=9)
    assert reply.status_code == 404 and reply.json()["error"] == {
        "code": "nosuchwiki", "info": "There are no practice texts for 'sw'; there are some for ha, ig, pcm, yo."}
    with pytest.raises(LookupError):
        wiki.gold("sw")


# ---------------------------------------------------------------- faults, as the test MediaWiki has them

def api(server, **params):
    return requests.get(server.wiki("yo"), params={"action": "query", "meta": "siteinfo", "format": "json", **params},
                        headers={"User-Agent": params.pop("agent", "tests (contact: team@example.org)")}, timeout=20)


def test_lag_is_an_error_inside_a_200_with_retry_after():
    with start(faults={"maxlag": 7.5}) as server:
        reply = api(server, maxlag=5)
        assert reply.status_code == 200 and reply.json()["error"]["code"] == "maxlag" and reply.json()["error"]["lag"] == 7.5
        assert (reply.headers["Retry-After"], reply.headers["X-Database-Lag"], reply.headers["MediaWiki-API-Error"]) == ("5", "7.5", "maxlag")
        assert "query" in api(server, maxlag=8).json() and "query" in api(server).json()
        assert "query" in requests.get(server.wiki("yo"), params={"action": "query", "meta": "siteinfo", "format": "json"}, timeout=9).json()


def test_nobody_without_a_name_is_let_in():
    with start(faults={"require_user_agent": True}) as server:
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=9)
        line.request("GET", "/wiki/yo/w/api.php?action=query&format=json")
        reply = line.getresponse()
        assert reply.status == 403 and b"user-agent" in reply.read()
        assert api(server).status_code == 200


def test_the_limit_a_minute_counts_over_all_wikis_and_knows_who_gave_a_contact():
    while time.time() % 60 > 57:  # not over the turn of a minute
        time.sleep(0.2)
    with start(faults={"rate_limit": {"unidentified": 2, "identified": 4}}) as server:
        def status(code, agent):
            return requests.get(server.wiki(code), params={"action": "query", "format": "json"}, headers={"User-Agent": agent}, timeout=9)
        assert [status(code, "python-requests/2").status_code for code in ("yo", "ha", "ig")] == [200, 200, 429]
        replies = [status(code, "workbook (contact: team@example.org)") for code in ("yo", "ha", "ig", "pcm", "yo")]
        assert [reply.status_code for reply in replies] == [200] * 4 + [429] and 1 <= int(replies[-1].headers["Retry-After"]) <= 60


def test_every_nth_request_fails_and_every_nth_answer_is_halved():
    with start(faults={"fail_every": 3, "retry_after": 2, "truncate_every": 4}) as server:
        replies = [api(server) for _ in range(12)]
    assert [reply.status_code for reply in replies] == [200, 200, 503] * 4
    assert {reply.headers["Retry-After"] for reply in replies if reply.status_code == 503} == {"2"}
    halves = []
    for number, reply in enumerate(replies, 1):
        if reply.status_code == 200:
            try:
                reply.json()
            except ValueError:
                halves.append(number)
    assert halves == [4, 8]


def test_the_canned_site_list_can_be_given():
    state = State(faults={"sitematrix": {"sitematrix": {"count": 0, "specials": []}}})
    reply = wiki.answer(Request("GET", "/wiki/yo/w/api.php?action=sitematrix&format=json&formatversion=2"), state)
    assert json.loads(reply.body) == {"sitematrix": {"count": 0, "specials": []}}


def test_a_wiki_of_many_pages_is_made_without_an_expression_for_each_pair_of_titles(monkeypatch):
    made, real = [], wiki_pages.re.escape
    monkeypatch.setattr(wiki_pages.re, "escape", lambda text: made.append(text) or real(text))
    words = store.read_json(store.shipped("practice", "yo", "articles.json"))["wiki"]
    articles = [{"title": f"Ìlú {number:03}", "topic": "place", "heading": "Ìtàn", "paragraphs": ["Ó dára púpọ̀ láti máa gbé ní ibẹ̀."] * 2} for number in range(150)]
    wiki = wiki_pages.Wiki("yo", {"wiki": words, "articles": articles})
    assert len(wiki.gold) == 150 and len(made) < 10 * 150
