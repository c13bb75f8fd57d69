"""Notebook 1 on the practice server; what holds for a real MediaWiki too stands in wiki_promises."""
import bz2
import json
import sys

import pytest
from wiki_promises import WHO, Promises, all_rows, paragraphs

from gi_helpers import _site, _wiki, languages, practice, store, web, wiki_scrape
from gi_helpers._choice import Choice, english_share
from gi_helpers._html import paragraphs_of
from gi_helpers._templates import Expander, Simple
from gi_helpers._wikitext import MARK, Names, inline, read
from gi_helpers.errors import NeedsFixing
from gi_helpers.practice import wiki as practice_wiki
from gi_helpers.practice.wiki_pages import wiki_of


class PracticeServer:
    def __init__(self, started):
        self.started, self.api, self.state = started, started.wiki("yo"), started.state
        wiki = wiki_of("yo", self.state)
        self.gold = practice_wiki.gold("yo")
        kinds = {"main page": "main page", "disambiguation": "disambiguation", "list": "only a list or table", "stub": "too short", "empty": "empty",
                 "untranslated": "mostly English"}
        self.left_out = {title: kinds[kind] for title, kind in wiki.others.items() if kind in kinds}
        self.redirects, self.english = len(wiki.redirects), ()
        first = wiki.articles[0]
        redirect, target = next((one, other) for one, other in wiki.redirects.items() if other in wiki.titles)
        self.titles = {"redirect": redirect, "target": target, "plain": next(title for title in wiki.titles if title != target),
                       "category": f"{wiki.words['category']}:{wiki.topic(first['topic'])}", "in category": first["title"], "heading": (first["title"], first["heading"])}
        self.mark()

    def faults(self, switches):
        self.state.faults = switches or {}

    def mark(self):
        self.state.log.clear()

    def log(self):
        waits = {429: self.state.faults.get("retry_after", 0), 503: self.state.faults.get("retry_after", 0)}
        return [{**entry, "wait": waits.get(entry["status"], 0)} for entry in self.state.log]


@pytest.fixture(scope="module")
def started():
    with practice.start() as server:
        yield server


@pytest.fixture
def server(started):
    server = PracticeServer(started)
    yield server
    server.faults(None)


class TestPractice(Promises):
    pass


# ---------------------------------------------------------------- before any request

def test_a_live_run_without_contact_is_refused_with_the_reason(monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    for missing in (None, "", "me"):
        with pytest.raises(NeedsFixing, match="10 requests a minute without one and 200 with one"):
            wiki_scrape.articles("yo", 5, contact=missing)


@pytest.mark.parametrize("choice, says", [
    ({"limit": -1}, "the limit is -1"), ({"limit": 2.5}, "the limit is 2.5"), ({"order": "newest"}, "choose title or random"), ({"order": "random"}, "give a limit"),
    ({"titles": "Ìbàdàn"}, r"give a list, such as \['Ìbàdàn'\]"), ({"titles": [" "]}, "at least one title"), ({"category": " "}, "give its name"),
    ({"limit": True}, "the limit is True"), ({"min_bytes": -5}, "the min_bytes is -5"), ({"min_words": "30"}, "the min_words is '30'"),
    ({"titles": ["A"], "category": "B"}, "titles and category are given"), ({"category": "B", "order": "random", "limit": 3}, "category and order='random' are given"),
    ({"titles": ["A"], "min_bytes": 9}, "titles and min_bytes are given"), ({"base_url": "yo.wikipedia.org"}, "is no address of a wiki"), ({"language": "Klingon"}, "no language called 'Klingon'"),
])
def test_a_bad_choice_is_said_before_any_request(choice, says):
    with pytest.raises(NeedsFixing, match=says):
        wiki_scrape.articles(**{"language": "yo", "contact": WHO, **choice})


def test_a_wrong_address_is_a_sentence(server, monkeypatch):
    monkeypatch.setattr(web.PACE, "hold", lambda *_: None)
    for url, says in ((server.api.replace("/w/api.php", "/wiki/"), "a page for readers, not an api.php"), (server.api.replace("/yo/", "/xx/"), "HTTP 404.*check the address"),
                      (server.started.openai + "/models", "HTTP 401|does not answer as a MediaWiki"), ("http://127.0.0.1:9/w/api.php", "no connection.*check the network and the address")):
        with pytest.raises(NeedsFixing, match=says):
            list(wiki_scrape.articles("yo", contact=WHO, base_url=url))


def test_a_wiki_that_has_closed_is_said_to_be_closed():
    with pytest.raises(NeedsFixing, match=r"the Wikipedia in Afar \(aa\) is closed"):
        wiki_scrape.articles("aa", contact=WHO)


# ---------------------------------------------------------------- whose wiki it is

def test_the_wikipedia_of_another_language_is_refused_by_name(server):
    with pytest.raises(NeedsFixing, match=r"is of the Wikipedia in Yoruba \(yo\) and not in Igbo \(ig\); choose yo as the language"):
        list(wiki_scrape.articles("ig", contact=WHO, base_url=server.api))


@pytest.mark.parametrize("code, dbname, tag", [("no", "nowiki", "nb"), ("als", "alswiki", "gsw"), ("simple", "simplewiki", "en"), ("be-tarask", "be_x_oldwiki", "be-tarask"),
                                               ("zh-min-nan", "zh_min_nanwiki", "nan"), ("zh-yue", "zh_yuewiki", "yue"), ("roa-tara", "roa_tarawiki", "roa-tara"),
                                               ("no", "my_wiki", "nb"), ("als", "my_wiki", "gsw"), ("simple", "my_wiki", "en"), ("yo", "", ""), ("yo", "my_wiki", "yo-NG")])
def test_code_and_tag_of_a_wiki_may_differ(code, dbname, tag, caplog):
    _site.same_language(languages.find(code), "x", dbname, tag, f"https://{code}.wikipedia.org/wiki/A" if dbname.endswith("wiki") and dbname != "my_wiki" else "")
    assert not caplog.records


def test_a_wiki_of_ones_own_is_taken_with_a_warning(caplog):
    _site.same_language(languages.find("yo"), "http://127.0.0.1/w/api.php", "my_wiki", "en", "http://127.0.0.1/wiki/A")
    assert "says that its language is 'en'; its texts are kept as Yoruba (yo)" in caplog.text
    with pytest.raises(NeedsFixing, match=r"Simple English \(simple\) and not in English \(en\)"):
        _site.same_language(languages.find("en"), "x", "simplewiki", "en", "https://simple.wikipedia.org/wiki/Main_Page")


@pytest.mark.parametrize("code, dbname, tag, address, says", [
    ("yo", "aawiki", "aa", "https://aa.wikipedia.org/wiki/A", r"the Wikipedia in Afar \(aa\), which is closed, and not in Yoruba"),
    ("yo", "aawiki", "aa", "", r"Afar \(aa\), which is closed"),
    ("knc", "krwiki", "kr", "https://kr.wikipedia.org/wiki/A", r"Kanuri \(kr\), which is closed"),
    ("yo", "tlhwiki", "tlh", "https://tlh.wikipedia.org/wiki/A", r"the Wikipedia tlh and not in Yoruba \(yo\); choose another source"),
    ("yo", "yowiktionary", "yo", "https://yo.wiktionary.org/wiki/A", r"another project \(wiktionary\) and not of a Wikipedia"),
    ("yo", "yowiktionary", "yo", "http://127.0.0.1:8390/wiki/A", r"another project \(wiktionary\)"),
    ("yo", "commonswiki", "en", "https://commons.wikimedia.org/wiki/A", r"another project \(wikimedia\)"),
    ("yo", "hawiki", "ha", "//ha.m.wikipedia.org", r"Hausa \(ha\) and not in Yoruba"),
])
def test_what_is_no_open_wikipedia_of_the_language_is_refused(code, dbname, tag, address, says):
    with pytest.raises(NeedsFixing, match=says):
        _site.same_language(languages.find(code), "x", dbname, tag, address)


def test_a_dump_of_another_language_is_refused(dump, tmp_path):
    file = tmp_path / "hawiki.xml"
    file.write_bytes(dump.replace(b"https://yo.wikipedia.org", b"https://ha.wikipedia.org").replace(b"<namespaces>", b"<dbname>hawiki</dbname><namespaces>"))
    with pytest.raises(NeedsFixing, match=r"hawiki.xml is of the Wikipedia in Hausa \(ha\) and not in Yoruba \(yo\)"):
        list(wiki_scrape.from_dump(file, "yo"))


def test_practice_needs_neither_address_nor_contact():
    rows = list(wiki_scrape.articles("ha", 2, contact=None))
    assert len(rows) == 2 and rows[0]["language"] == "ha" and "CC0" in rows[0]["licence"]


@pytest.mark.parametrize("code", ["ha", "ig", "pcm"])
def test_the_other_practice_wikis_come_back_whole(server, code):
    found = paragraphs(wiki_scrape.articles(code, contact=WHO, base_url=server.started.wiki(code)))
    assert found == practice_wiki.gold(code)


def test_given_titles_are_kept_though_they_are_short(server):
    stub = next(title for title, reason in server.left_out.items() if reason == "too short")
    assert [row["title"] for row in all_rows(server, titles=[stub])] == [stub]


def adds_up(counts):
    table = wiki_scrape.left_out(counts).set_index("reason")["pages"]
    return table.iloc[0] == table.iloc[1:].sum()


def test_min_bytes_lets_the_wiki_leave_out_small_pages_and_they_are_counted(server):
    counts, all_counts = {}, {}
    rows = all_rows(server, min_bytes=1200, counts=counts)
    all_rows(server, counts=all_counts)
    assert rows and "empty" not in counts and counts["fewer than 1,200 bytes"] > 0
    assert counts["read"] + counts["fewer than 1,200 bytes"] == all_counts["read"] and counts["redirect"] == all_counts["redirect"] == server.redirects
    assert adds_up(counts) and adds_up(all_counts)


def test_counts_add_up_after_a_limit_and_after_going_on(server, tmp_path, monkeypatch):
    monkeypatch.setattr(_wiki, "BATCH", 10)
    monkeypatch.setattr(wiki_scrape, "GROUP", 1)
    file, shown = tmp_path / "rows.csv", []
    for limit in (7, 23, None):
        counts = {}
        store.collect(wiki_scrape.articles("yo", limit, contact=WHO, base_url=server.api, done=file, counts=counts, min_bytes=900), file)
        assert adds_up(counts)
        shown.append(wiki_scrape.left_out(counts)["pages"].iloc[0])
    assert shown == sorted(shown) and len(set(shown)) == 3


def shown(file):
    return dict(wiki_scrape.left_out(file).itertuples(index=False))


def test_the_table_counts_all_runs_also_when_nothing_is_left_to_do(server, tmp_path):
    """A second "Run all" on a finished file finds nothing to fetch, and its counts must not be empty."""
    file, tables = tmp_path / "rows.csv", []
    for limit in (20, 20, 25):
        counts = {}
        store.collect(wiki_scrape.articles("yo", limit, contact=WHO, base_url=server.api, done=file, counts=counts), file)
        assert adds_up(counts) and wiki_scrape.left_out(counts).equals(wiki_scrape.left_out(file))
        named = list(store.read_jsonl(tmp_path / "rows.left_out.jsonl"))
        assert counts["kept"] == limit and counts["read"] == limit + len(named) == limit + len({row["title"] for row in named})
        tables.append(shown(file))
    assert tables[0] == tables[1] and len(tables[0]) > 3 and tables[2]["read"] > tables[0]["read"]


def test_a_run_that_is_stopped_keeps_what_it_left_out(server, tmp_path, monkeypatch):
    monkeypatch.setattr(_wiki, "BATCH", 10)
    file, whole = tmp_path / "rows.csv", {}
    all_rows(server, counts=whole)
    rows = wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file)
    store.collect([next(rows) for _ in range(15)], file)
    rows.close()
    assert shown(file)["kept"] == 15 and len(shown(file)) > 2
    store.collect(wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file), file)
    assert wiki_scrape.left_out(file).equals(wiki_scrape.left_out(whole))


def test_other_choices_look_at_the_pages_again_and_count_each_once(server, tmp_path):
    file = tmp_path / "rows.csv"

    def collect(**choice):
        counts = {}
        store.collect(wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file, counts=counts, **choice), file)
        assert adds_up(counts) and wiki_scrape.left_out(counts).equals(wiki_scrape.left_out(file))
        return counts

    strict, mild = collect(min_words=120), collect(min_words=5)
    assert strict["too short"] > mild["too short"] and strict["read"] == mild["read"] and set(store.read(file)["title"]) == set(server.gold)
    again = collect(titles=[next(iter(server.gold)), "Kò sí ojúewé yìí rárá"])
    assert again["no such page"] == 1 and again["kept"] == mild["kept"]
    assert collect(min_words=5)["redirect"] == server.redirects


def test_before_anything_is_fetched_the_cells_below_say_what_they_wait_for(tmp_path):
    for cell in (wiki_scrape.left_out, wiki_scrape.attribution, wiki_scrape.summary, wiki_scrape.look):
        with pytest.raises(NeedsFixing) as caught:
            cell(tmp_path / "1_wiki_scrape.csv")
        assert isinstance(caught.value.__cause__, FileNotFoundError)  # by which widgets.beside knows that the file is yet to come


def test_more_redirects_than_one_answer_holds_are_counted_up_to_the_last_title():
    site = FakeSite({"query": {"allpages": [{}] * 500}, "continue": {"apcontinue": "K"}}, {"query": {"allpages": [{}] * 20}})
    site.redirects, counts = None, {}
    _wiki.AllPages(site).finish(counts, "Ọ̀yọ́ B")
    assert counts == {"redirect": 520, "not fetched": 520}
    assert [(asked.get("apto"), asked.get("apcontinue")) for asked in site.asked] == [("Ọ̀yọ́ B", None), ("Ọ̀yọ́ B", "K")]
    site.redirects = ["A", "O", "Ọ̀yọ́ A", "Ọ̀yọ́ C"]
    _wiki.AllPages(site).finish(counts, "Ọ̀yọ́ B")
    assert counts["redirect"] == 3 and len(site.asked) == 2


def test_the_redirects_of_a_part_are_those_up_to_its_greatest_title(server):
    wiki, said = wiki_of("yo", server.state), []
    for limit in (2, 5, 8, 12, 20, 30, None):
        counts = {}
        titles = [row["title"] for row in wiki_scrape.articles("yo", limit, contact=WHO, base_url=server.api, counts=counts)]
        assert titles == sorted(titles, key=_wiki.key)
        assert counts["redirect"] == sum(limit is None or _wiki.key(title) <= _wiki.key(titles[-1]) for title in wiki.redirects)
        said.append(counts["redirect"])
    assert said == sorted(said) and said[-1] == len(wiki.redirects) > said[0]


def test_a_full_disk_keeps_what_was_written_and_says_so(server, tmp_path, monkeypatch):
    file, real = tmp_path / "rows.csv", store.append.write

    def full(self, row):
        if self.file.name.endswith("partial.jsonl") and self.file.read_bytes().count(b"\n") == 7:
            raise NeedsFixing("the disk is full, so rows.csv could not be written; free some space and run the cell again")
        real(self, row)

    monkeypatch.setattr(store.append, "write", full)
    with pytest.raises(NeedsFixing, match="the disk is full"):
        store.collect(wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file), file)
    monkeypatch.setattr(store.append, "write", real)
    assert len(store.read(file)) == 7
    table = store.collect(wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file), file)
    assert set(table["title"]) == set(server.gold) and table["id"].is_unique


def test_what_ends_a_run_is_all_that_is_said(server, tmp_path, monkeypatch, dump):
    file, said = tmp_path / "rows.csv", []
    (tmp_path / "yo.xml").write_bytes(dump)

    def full(*_, **__):
        raise NeedsFixing("the disk is full")

    monkeypatch.setattr(sys, "unraisablehook", lambda problem: said.append(problem.exc_value))
    monkeypatch.setattr(store, "write_json", full)
    for rows in (wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file), wiki_scrape.from_dump(tmp_path / "yo.xml", "yo", done=file)):
        next(rows)
        del rows  # as it goes when whoever asked for the rows has failed
    assert not said
    with pytest.raises(NeedsFixing, match="the disk is full"):
        list(wiki_scrape.articles("yo", 5, contact=WHO, base_url=server.api, done=file))


def test_a_place_whose_rows_are_gone_is_not_trusted(server, tmp_path, monkeypatch):
    monkeypatch.setattr(_wiki, "BATCH", 10)
    monkeypatch.setattr(wiki_scrape, "GROUP", 1)
    file = tmp_path / "rows.csv"
    store.collect(wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file), file)
    table = store.read(file)
    store.write(table.head(len(table) // 2), file)  # as if a power cut had taken the newest rows
    again = store.collect(wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file), file)
    assert set(again["id"]) == set(table["id"]) and again["id"].is_unique


# ---------------------------------------------------------------- text

YO = Names(file={"fáìlì"}, category={"ẹ̀ka"}, template={"àdàkọ"}, languages={"en", "fr"}, media={"média"})


def text_of(wikitext, **expansions):
    page = read(wikitext, YO)
    return page.fill({source: expansions.get(source.strip("{}").split("|")[0], "") for source in page.templates})


@pytest.mark.parametrize("wikitext, wanted", [
    ("'''''Ọ̀yọ́''''' ''jẹ́'' '''ìlú'''", ["Ọ̀yọ́ jẹ́ ìlú"]),
    ("Ilé '''Ọba'''' àti '''''Ayaba''' rẹ̀''", ["Ilé Ọba' àti Ayaba rẹ̀"]),
    ("L'''ọmọ'' ni", ["L'ọmọ ni"]),
    ("A [[b]], [[c|d]], [[e (f)|]]s, [[:Ẹ̀ka:G]], [[h#i]], [[wikt:j|k]].", ["A b, d, es, Ẹ̀ka:G, h#i, k."]),
    ("[[Fáìlì:x.png|thumb|Àkọlé [[ọ̀nà]] {{y}}]]\nÌlú ni.[[Ẹ̀ka:Ìlú]]\n[[Category:Z]]\n[[fr:Ville]]", ["Ìlú ni."]),
    ("Ó wá [[Image:a.png|20px]] síbí.", ["Ó wá síbí."]),
    ("{| class=x\n| a\n{|\n| b\n|}\n|}\nLẹ́yìn.", ["Lẹ́yìn."]),
    ("Ṣáájú.\n{|\n| a kò pa á\n\nLẹ́yìn.", ["Ṣáájú.", "Lẹ́yìn."]),
    ("<div dir=\"rtl\">'''هَوْسَا''' يارٜ.</div>\n\n<poem>\nẸsẹ kìíní\nẸsẹ kejì\n\nÀpólà kejì\n</poem>", ["هَوْسَا يارٜ.", "Ẹsẹ kìíní\nẸsẹ kejì", "Àpólà kejì"]),
    ("A<ref name=\"a/b\">Ìwé {{cite|url=x}}</ref> b<ref name=x /> d.<references />", ["A b d."]),
    ("A<!-- b\n\nc --> d\n<!-- e -->\nf", ["A d f"]),
    ("<nowiki>[[kì í ṣe]]</nowiki> &amp;amp; &lt;b&gt; &nbsp;x", ["[[kì í ṣe]] &amp; <b> x"]),
    ("== Orí ==\nỌ̀rọ̀.\n=== ===\n----\nÒmíràn.", ["Ọ̀rọ̀.", "Òmíràn."]),
    ("* [[Ìbàdàn]]\n* [[Ọ̀yọ́]], ìlú\n* Ní ọdún 1960 ni orílẹ̀-èdè Nàìjíríà gba òmìnira.\n; Orí\n: kúkúrú", ["Ní ọdún 1960 ni orílẹ̀-èdè Nàìjíríà gba òmìnira."]),
    ("H<sub>2</sub>O, <math>E = mc^2</math>, <code>x</code><br>ìlà kejì", ["H2O, E = mc^2, x\nìlà kejì"]),
    ("<span style=\"display:none\">pamọ́</span>Hàn.<sup class=\"noprint\">[a]</sup>", ["Hàn."]),
    ("[https://x.org Orúkọ] [https://y.org] https://z.org", ["Orúkọ https://z.org"]),
    ("Ọ̀rọ̀ tó ṣẹ́kù]] àti [[èyí", ["Ọ̀rọ̀ tó ṣẹ́kù àti èyí"]),
    ("Ọ̀rọ̀ &#91;&#91;tó ṣẹ́kù]] àti èyí]].", ["Ọ̀rọ̀ [[tó ṣẹ́kù]] àti èyí]]."]),
    ("L<nowiki/>'ilé<nowiki/>s<nowiki />, <NOWIKI/>ọ̀nà.", ["L'ilés, ọ̀nà."]),
    ("(<small>[[wikt:ilé|ilé]]</small>) <i>[[:en:Lagos|Lagos]]</i> <span>[[Star Wars: X]]</span> <del>[[wikt:a]]</del> <foo>[[wikt:b|c]]</foo>",
     ["(ilé) Lagos Star Wars: X wikt:a <foo>c</foo>"]),
    ("Ó <sup>[[A|<u>B</u>]]</sup>, [[C|''D <span>E</span>'']] àti <small>([[F: G|<b>H</b>]])</small>.", ["Ó B, D E àti (H)."]),
    ("A <ref name=\"b>c\" d [[e {{f}} g<nowiki h]] ''i' j.", ["A c\" d e gh i' j."]),
    ("-{zh-hans:a;zh-hant:b}- c", ["a c"]),
    ("-{T|zh-cn:计算机;zh-tw:電腦;}-\n'''猫'''是。-{H|zh-cn:甲;zh-tw:乙}-", ["猫是。"]),
    ("-{zh-cn:[[甲]];zh-tw:[[乙|丙]]}-、-{zh-tw:[[乙|丙]]&nbsp;x;zh-cn:甲}-是。", ["甲、丙 x是。"]),
    ("-{zh-cn:甲=>zh-tw:乙;}-、-{甲=>zh-tw:乙;}-、-{A|zh-cn:丁;}-、-{zh;zh-cn|原文}-、-{R|原文}-、-{原; 文}-、-{}-、-{-{甲}-乙}-", ["甲、甲、丁、原文、原文、原; 文、、甲乙"]),
    ("Ó [[Media:S.ogg|gbọ́]] orin, [[Média:T.ogg|kọ]] ọ́. [[Fichier:S.ogg|thumb|x]]", ["Ó gbọ́ orin, kọ ọ́."]),
    ("[[File:x.jpg|thumb|cap [http://a.b c]]]\nÌlú ni.\n[[File:y.jpg|cap [//a.b [[c]] d] [e]]] Ó tóbi.", ["Ìlú ni. Ó tóbi."]),
    ('<span style="font-size: small"><span id="coordinates">[[A|Coordinates]]: 1°N</span></span>\'\'\'A\'\'\' ni.', ["A ni."]),
    ("{{a|", []),
    ("{{Àpótí\n| orúkọ = Ọ̀yọ́\n| iye = {{b|1}}\n'''Ọ̀yọ́''' jẹ́ ìlú.\n\nÓ tóbi.", ["Ọ̀yọ́ jẹ́ ìlú.", "Ó tóbi."]),
    ("Ṣáájú.\n{{a|b\nLẹ́yìn.", ["Ṣáájú.", "Lẹ́yìn."]),
    ("Ó wà {{a| síbí.", ["Ó wà síbí."]),
    ("Ó pè é {{lang|en|Well ni.\n\n{{a}} ó lọ.", ["Ó pè é Well ni.", "ó lọ."]),
    ("Ó wà }} síbí.\n}}\nÒpin.", ["Ó wà síbí.", "Òpin."]),
    ("A {{b {{c|d}} [[e|f]] g.", ["A b f g."]),
    ("{{{1}}} {{{a|b", ["b"]),
])
def test_wikitext_reads_as_people_see_it(wikitext, wanted):
    assert text_of(wikitext) == wanted


def test_templates_stand_in_a_conversion_too():
    page = read("-{ {{a|b}} }-是，-{{{a|b}}}-是，-{zh-cn:{{a|b}};zh-tw:乙}-。", YO)
    assert page.fill({"{{a|b}}": "-{H|x}-''日''"}) == ["日是，日是，日。"]


@pytest.mark.parametrize("item, stays", [
    ("ᱱᱚᱶᱟ ᱫᱚ ᱢᱤᱫ ᱪᱤᱠᱤ ᱟᱹᱭᱟᱹᱛᱤᱭᱟ ᱢᱤᱫ ᱟᱹᱭᱟᱹᱛᱤᱭᱟ ᱪᱤᱠᱤ ᱢᱤᱫ ᱟᱹᱭᱟᱹᱛᱤᱭᱟ ᱾", True), ("ꯃꯁꯤ ꯑꯃꯅꯤ ꯃꯅꯤꯄꯨꯔ ꯑꯃꯅꯤ ꯃꯅꯤꯄꯨꯔ ꯂꯩ ꯃꯁꯤ ꯑꯃꯅꯤ ꯃꯅꯤꯄꯨꯔ ꯑꯃꯅꯤ꯫", True),
    ("ܗܢܐ ܐܝܬܘܗܝ ܦܬܓܡܐ ܐܪܝܟܐ ܕܐܝܬ ܒܗ ܡܠܐ ܣܓܝܐܬܐ ܘܙܕܩ ܕܢܬܢܛܪ܀", True), ("Wọ́n dá ilé-ẹ̀kọ́ náà sílẹ̀ ní ọdún 1948 láti kọ́ àwọn ọ̀dọ́ ní iṣẹ́ ọwọ́;", True),
    ("Ọ̀yọ́, Ìbàdàn, Abẹ́òkúta, Ilé-Ifẹ̀ àti Òṣogbo pẹ̀lú;", False), ("Ìwé ìtàn Ọ̀yọ́ àti Ìbàdàn àti Ilé-Ifẹ̀ láti ọwọ́ onkọ̀wé kan, 1948", False),
])
def test_a_list_item_stays_when_it_ends_as_sentences_do_in_its_script(item, stays):
    assert text_of(f"* {item}") == ([item] if stays else [])


def test_no_mark_stays_of_what_a_template_gives():
    page = read("Ó {{a}} ni {{b}} àti {{c}}.", YO)
    given = {"{{a}}": '<span lang="en">[[Èkó|Lagos <span class="nowrap">1999</span>]]</span>', "{{b}}": "[[wikt:x|<i>y]]</i><nowiki/>s", "{{c}}": "[[d <ref>e {{f"}
    assert page.fill(given) == ["Ó Lagos 1999 ni ys àti d e f."]


def test_a_template_alone_on_its_line_goes_and_one_in_a_sentence_is_filled():
    wikitext = "{{Àpótí\n| a = {{b}}\n}}\n{{ọjọ́|1}}\nA bí i ní {{ọjọ́|1}} {{ọdún|1960}}.{{àmì}}\n\n{{reflist}} {{stub}}"
    page = read(wikitext, YO)
    assert page.templates == ["{{ọjọ́|1}}", "{{ọdún|1960}}", "{{àmì}}"]
    assert page.fill({"{{ọjọ́|1}}": "''ọjọ́ kìíní''", "{{ọdún|1960}}": "[[1960]]<ref>x</ref>", "{{àmì}}": "<div>àpótí</div>"}) == ["A bí i ní ọjọ́ kìíní 1960."]


@pytest.mark.parametrize("wikitext, wanted", [
    ("Ṣáájú.\n{{quote|Ẹni tó bá fẹ́ jẹ oyin inú àpáta kì í wo ẹnu àáké.|Òwe}}\nLẹ́yìn.", ["{{quote|Ẹni tó bá fẹ́ jẹ oyin inú àpáta kì í wo ẹnu àáké.|Òwe}}"]),  # sentences of its own
    (":{{quote\n| text = Ẹni tó bá fẹ́ jẹ oyin inú àpáta<br>kì í wo ẹnu àáké.\n}}", ["{{quote\n| text = Ẹni tó bá fẹ́ jẹ oyin inú àpáta<br />kì í wo ẹnu àáké.\n}}"]),
    ("Ó jìnnà tó {{convert\n|5\n|km}} sí ibẹ̀.", ["{{convert\n|5\n|km}}"]),  # in the middle of a sentence, though over several lines
    ("{{Àpótí\n| orúkọ = Ẹni tó bá fẹ́ jẹ oyin inú àpáta kì í wo ẹnu àáké.\n}}", []),
    ("{{Italic title}}{{Àpótí\n| a = b\n}}\n'''Ìlú''' ni.", []),
    ("== Ìwé ==\n* {{cite book|last=A|title=Ìwé kan tó gùn gan-an ni|year=1990}}\n* {{cite web\n|url=x\n}}", []),  # a list of sources
    ("{{main|Ìtàn Ìbàdàn}}\n{{Reflist|30em}}", []),
])
def test_which_templates_are_worth_asking_for(wikitext, wanted):
    assert read(wikitext, YO).templates == wanted


def test_a_quotation_is_prose_and_a_box_of_sentences_is_not():
    source = "{{quote|Ẹni tó bá fẹ́ jẹ oyin inú àpáta kì í wo ẹnu àáké.|Òwe}}"
    page = read(f"Ṣáájú.\n{source}\nLẹ́yìn.", YO)
    quoted = "<blockquote class=\"x\"><p>Ẹni tó bá fẹ́ jẹ oyin inú àpáta kì í wo ẹnu àáké.</p></blockquote>"
    assert page.fill({source: quoted}) == ["Ṣáájú.", "Ẹni tó bá fẹ́ jẹ oyin inú àpáta kì í wo ẹnu àáké.", "Lẹ́yìn."]
    for box in (f"<div class=\"hatnote\">{quoted}</div>", f"{{|\n| {quoted}\n|}}", ""):
        assert page.fill({source: box}) == ["Ṣáájú.", "Lẹ́yìn."]


@pytest.mark.parametrize("expansion", ["{| class=x\n| a\n|}", "<table><tr><td>a</td></tr></table>", "[[:Àdàkọ:Kò sí]]", "<strong class=\"error\">Loop</strong>", "[[Ẹ̀ka:x]]"])
def test_boxes_errors_and_missing_templates_leave_nothing(expansion):
    assert inline(expansion, YO) == ""


def test_a_page_as_the_wiki_shows_it_names_no_missing_template():
    shown = '<p><span id="coordinates">1°N</span>Ó wà <a class="new" href="x&amp;redlink=1">Àdàkọ:Tl</a> ní <a class="new" href="y">Èkó</a>.</p>'
    assert paragraphs_of(shown, YO) == ["Ó wà ní Èkó."]


def test_bigger_pages_take_time_in_proportion():
    import time

    for unit in ("{{a|", "[[a|", "'''a ", "<ref>", "{|\n", "-{", "<div>\n", "<span class=\"error\">", "<!-- ", "{{{", "[https://a ", "<table>", "[[Fáìlì:a|", "-{zh:", "-{}- ", "-{a;zh-cn:", "[//a [[b]] "):
        started = time.perf_counter()
        read(unit * 3_000, YO).fill({})
        assert time.perf_counter() - started < 1, unit


# ---------------------------------------------------------------- templates

def test_simple_templates_are_filled_without_the_wiki():
    simple = Simple({"Lang": "<noinclude>about</noinclude><includeonly>{{{2}}}</includeonly>", "Orí": "{{PAGENAME}} {{{x|y}}}", "Hard": "{{#if:1|a}}"}, ["àdàkọ"])
    assert simple.expand("{{lang|yo|{{orí|x= z }}}}") == f"{MARK} z"
    assert simple.expand("{{Àdàkọ:Lang|yo|a=b|c}}") == "c"
    assert simple.expand("{{hard}}") is None and simple.expand("{{unknown}}") is None and simple.expand("{{#expr:1}}") is None and simple.expand("{{lang|yo}}") is None


def test_the_wiki_is_asked_once_for_many_templates_and_never_twice():
    asked = []

    def ask(**parameters):
        asked.append(parameters)
        if parameters["action"] == "query":
            return {"query": {"pages": [{"title": "Template:Lang", "revisions": [{"slots": {"main": {"content": "{{#invoke:lang}}"}}}]}]}}
        return {"expandtemplates": {"wikitext": parameters["text"].replace("{{", "<").replace("}}", ">")}}

    expander = Expander(ask, YO)
    pages = [(read(f"Ọ̀rọ̀ {{{{lang|yo|a{number}}}}} ni.", YO), f"P{number}", number) for number in range(300)]
    first = expander.resolve(pages)
    assert first[7]["{{lang|yo|a7}}"] == "<lang|yo|a7>" and [call["action"] for call in asked] == ["query", "expandtemplates"]
    expander.resolve(pages)
    assert len(asked) == 2


def test_a_template_that_swallows_the_others_costs_only_itself():
    def ask(text="", **_):
        return {"expandtemplates": {"wikitext": text.partition("{{bad}}")[0]}}

    values = Expander(ask, YO)._expand(["{{a}}", "{{b}}", "{{bad}}", "{{c}}"])
    assert values == ["{{a}}", "{{b}}", "", "{{c}}"]


def test_what_only_the_page_knows_is_asked_for_in_its_own_name():
    asked = []

    def ask(**parameters):
        asked.append(parameters.get("title"))
        return {"expandtemplates": {"wikitext": parameters["text"].replace("{{#property:P31}}", "ìlú")}}

    page = read("Ọ̀yọ́ jẹ́ {{#property:P31}}; {{PAGENAME}}.", YO)
    values = Expander(ask, YO).resolve([(page, "Ọ̀yọ́", 5)])[0]
    assert page.fill(values, "Ọ̀yọ́") == ["Ọ̀yọ́ jẹ́ ìlú; Ọ̀yọ́."] and asked == ["Ọ̀yọ́"]


# ---------------------------------------------------------------- choice

def test_pidgin_is_not_taken_for_english():
    for article in store.read_json(store.shipped("practice", "pcm", "articles.json"))["articles"]:
        from gi_helpers._choice import english_share
        assert english_share("\n".join(article["paragraphs"])) < 0.5


# ---------------------------------------------------------------- dumps

HEAD = ('<mediawiki xml:lang="yo"><siteinfo><base>https://yo.wikipedia.org/wiki/Oj%C3%BAew%C3%A9</base><namespaces><namespace key="6">Fáìlì</namespace>'
        '<namespace key="10">Àdàkọ</namespace><namespace key="14">Ẹ̀ka</namespace></namespaces></siteinfo>')


def element(number, title, text, ns=0, redirect=""):
    from xml.sax.saxutils import escape
    return (f"<page><title>{escape(title)}</title><ns>{ns}</ns><id>{number}</id>{redirect}<revision><id>{number + 9000}</id><timestamp>2026-01-02T03:04:05Z</timestamp>"
            f"<model>wikitext</model><text bytes=\"1\" xml:space=\"preserve\">{escape(text)}</text></revision></page>\n")


@pytest.fixture
def dump(server):
    """The practice wiki as the bytes of a dump."""
    wiki = wiki_of("yo", server.state)
    pages = [element(page.pageid, page.title, page.text, page.ns, '<redirect title="x" />' if page.redirect else "") for page in wiki.pages]
    return (HEAD.replace("Oj%C3%BAew%C3%A9", wiki.words["main_page"]) + "".join(pages) + "</mediawiki>\n").encode()


@pytest.mark.parametrize("ending", [".xml", ".xml.bz2", "-multistream.xml.bz2"])
def test_a_dump_gives_what_the_wiki_gives(server, dump, tmp_path, ending):
    file, counts = tmp_path / f"yowiki{ending}", {}
    third = len(dump) // 3
    streams = [dump[:third], dump[third:2 * third], dump[2 * third:]]
    file.write_bytes(dump if ending == ".xml" else b"".join(map(bz2.compress, streams)) if "multi" in ending else bz2.compress(dump))
    live = {}
    whole = {row["id"]: row["text"] for row in all_rows(server, counts=live)}
    server.mark()
    rows = list(wiki_scrape.from_dump(file, "yo", counts=counts, contact=WHO, base_url=server.api))
    assert {row["id"]: row["text"] for row in rows} == whole and len(server.log()) <= 2
    assert {(row["licence"], row["licence_url"]) for row in rows} == {(row["licence"], row["licence_url"]) for row in all_rows(server, limit=1)}  # the wiki was asked
    gaps = {}
    without = {row["id"]: row["text"] for row in wiki_scrape.from_dump(file, "yo", counts=gaps)}
    assert sum(without[key] != whole[key] for key in whole) <= gaps.get("templates without text", 0) and set(without) == set(whole)
    assert {reason: counts.get(reason) for reason in live if reason not in wiki_scrape.NO_REASONS} == {reason: live[reason] for reason in live if reason not in wiki_scrape.NO_REASONS}
    assert list(rows[0]) == wiki_scrape.COLUMNS and rows[0]["permalink"] == f"https://yo.wikipedia.org/w/index.php?oldid={rows[0]['revid']}"


def test_workers_give_the_same_rows_in_the_same_order(dump, tmp_path, monkeypatch):
    from gi_helpers import _dump

    monkeypatch.setattr(_dump, "CHUNK", 5000)
    file = tmp_path / "yowiki.xml.bz2"
    file.write_bytes(bz2.compress(dump))
    one, two = (list(wiki_scrape.from_dump(file, "yo", workers=workers)) for workers in (1, 2))
    assert [(row["id"], row["text"]) for row in one] == [(row["id"], row["text"]) for row in two] and len(one) > 30


@pytest.mark.parametrize("damage, says", [(lambda raw: raw[:len(raw) * 2 // 3], "cut off"), (lambda raw: raw[:len(raw) * 2 // 3] + b"\0" * 400 + raw[len(raw) * 2 // 3 + 400:], "damaged")])
def test_a_damaged_dump_keeps_all_before_the_damage_and_says_where(dump, tmp_path, damage, says):
    file, out = tmp_path / "yowiki.xml.bz2", tmp_path / "rows.csv"
    size = len(dump) // 12
    file.write_bytes(damage(b"".join(bz2.compress(dump[start:start + size]) for start in range(0, len(dump), size))))
    with pytest.raises(NeedsFixing, match=f"is {says} near byte [0-9,]+ of [0-9,]+, after the page '.+'; the [0-9]+ articles before it are kept"):
        store.collect(wiki_scrape.from_dump(file, "yo"), out)
    assert len(store.read(out)) > 15


def test_a_plain_dump_that_is_cut_off_keeps_its_whole_pages(dump, tmp_path):
    file = tmp_path / "yowiki.xml"
    file.write_bytes(dump[:len(dump) // 2])
    rows = wiki_scrape.from_dump(file, "yo")
    kept = []
    with pytest.raises(NeedsFixing, match="is cut off"):
        kept.extend(row["title"] for row in rows)
    # extend keeps nothing of a generator that fails, so once more row by row
    rows = wiki_scrape.from_dump(file, "yo")
    with pytest.raises(NeedsFixing, match="is cut off"):
        for row in rows:
            kept.append(row["title"])
    assert len(kept) > 8


def test_a_bz2_that_breaks_off_in_its_first_block_is_called_cut_off(dump, tmp_path):
    file = tmp_path / "yowiki.xml.bz2"
    raw = bz2.compress(dump)
    file.write_bytes(raw[:len(raw) // 2])
    with pytest.raises(NeedsFixing, match=f"is cut off near byte {len(raw) // 2:,} of {len(raw) // 2:,}, before the first whole page; load the file again"):
        list(wiki_scrape.from_dump(file, "yo"))


def test_the_blocks_before_a_damaged_one_are_kept_though_they_came_in_one_piece(tmp_path):
    from gi_helpers import _dump

    page = element(7, "Ojúewé", "Ìlú ńlá ni Ìbàdàn, ó sì ní ọ̀pọ̀lọpọ̀ ènìyàn. " * 20)
    raw = bz2.compress((HEAD + "".join(page.replace("Ojúewé", f"Ojúewé {number}").replace("<id>7<", f"<id>{number}<") for number in range(1500)) + "</mediawiki>").encode(), 1)
    assert len(raw) < _dump.PIECE  # about fifteen blocks, all in the first piece
    counts = {}
    file = _written(tmp_path / "yowiki.xml.bz2", raw[:len(raw) // 2] + b"\0" * 60 + raw[len(raw) // 2 + 60:])
    with pytest.raises(NeedsFixing, match="is damaged near byte 0 of"):
        list(wiki_scrape.from_dump(file, "yo", counts=counts))
    assert counts["read"] > 500


def test_a_damaged_page_is_counted_and_the_others_stay(dump, tmp_path):
    file, counts = tmp_path / "yowiki.xml", {}
    whole = len(list(wiki_scrape.from_dump(_written(file, dump), "yo")))
    first, template = dump.index(b"<page>"), dump.index(b"<ns>10</ns>")
    broken = dump[:first] + dump[first:].replace(b"<revision>", b"<revision><", 1)
    broken = broken[:template + 1] + broken[template + 1:].replace(b"<timestamp>", b"<timestamp", 1)
    rows = []
    with pytest.raises(NeedsFixing, match=rf"yowiki.xml is damaged at its first page; 1 of its pages cannot be read, all {whole - 1} articles"):
        for row in wiki_scrape.from_dump(_written(file, broken), "yo", counts=counts):
            rows.append(row)
    assert len(rows) == whole - 1 and counts["damaged page"] == 1


@pytest.mark.parametrize("mark, bad, lost", [(b"<text ", b"<text \xff\xfe", 1), (b"<ns>0</ns>", b"<ns>\x00</ns>", 1), (b"<page>", b"<pa\x00e>", 1), (b"</page>", b"</p\x80ge>", 2),
                                             ("Ọ̀".encode(), b"\xe1\xbb\x00", 1)])
@pytest.mark.parametrize("ending", [".xml", ".xml.bz2"])
def test_bad_bytes_in_the_middle_cost_their_page_and_it_is_said_where(tmp_path, mark, bad, lost, ending):
    pages = [element(number, f"Ojúewé {number}", f"Ọ̀yọ́ {number} jẹ́ ìlú ńlá kan ní ilẹ̀ Yorùbá, ó sì ti pẹ́ gan-an. " * 15) for number in range(1, 9)]
    first = "".join(pages[:4])
    rest = "".join(pages[4:]).encode()
    at = rest.index(mark)
    content = (HEAD + first).encode() + rest[:at] + bad + rest[at + len(mark):] + b"</mediawiki>"
    file, out, counts = tmp_path / f"yowiki{ending}", tmp_path / "rows.csv", {}
    file.write_bytes(content if ending == ".xml" else bz2.compress(content))
    with pytest.raises(NeedsFixing, match="is damaged after the page 'Ojúewé 4'; 1 of its pages cannot be read, .* are kept; load the file again"):
        store.collect(wiki_scrape.from_dump(file, "yo", counts=counts, done=out), out)
    assert store.read(out)["title"].tolist() == [f"Ojúewé {number}" for number in range(1, 9) if not 4 < number <= 4 + lost]
    assert counts["damaged page"] == 1 and shown(out)["damaged page"] == 1


def test_the_first_page_may_be_the_damaged_one(tmp_path):
    pages = "".join(element(number, f"Ojúewé {number}", f"Ọ̀yọ́ {number} jẹ́ ìlú ńlá kan ní ilẹ̀ Yorùbá.") for number in (1, 2))
    file = _written(tmp_path / "yowiki.xml", (HEAD + pages.replace("<page>", "<p", 1) + "</mediawiki>").encode())
    rows = wiki_scrape.from_dump(file, "yo")
    assert next(rows)["title"] == "Ojúewé 2"
    with pytest.raises(NeedsFixing, match="is damaged at its first page; 1 of its pages"):
        next(rows)


def _written(file, content):
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("content", [b"", b"id,text\n1,a\n", b"\x1f\x8b\x08", b"<html></html>"])
def test_what_is_no_dump_is_refused(tmp_path, content):
    file = tmp_path / "file.xml"
    file.write_bytes(content)
    with pytest.raises(NeedsFixing, match="no dump of a wiki|packed in another way"):
        list(wiki_scrape.from_dump(file, "yo"))


def test_a_dump_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(NeedsFixing, match=r"is not there; load the dump from https://dumps\.wikimedia\.org/other/mediawiki_content_current/yowiki/"):
        list(wiki_scrape.from_dump(tmp_path / "no.xml.bz2", "yo"))
    with pytest.raises(NeedsFixing, match="is not there; load the dump from https://dumps"):
        wiki_scrape.check_dump(tmp_path / "no.xml.bz2", "0" * 64)


def test_a_dump_goes_on_after_a_stop(dump, tmp_path):
    file, out = tmp_path / "yowiki.xml", tmp_path / "rows.csv"
    file.write_bytes(dump)
    assert len(store.collect(wiki_scrape.from_dump(file, "yo", 7, done=out), out)) == 7
    counts, whole = {}, {}
    table = store.collect(wiki_scrape.from_dump(file, "yo", done=out, counts=counts), out)
    assert table["id"].is_unique and len(table) == len(list(wiki_scrape.from_dump(file, "yo", counts=whole)))
    assert wiki_scrape.left_out(out).equals(wiki_scrape.left_out(whole)) and wiki_scrape.left_out(counts).equals(wiki_scrape.left_out(out))


def test_done_may_be_any_collection_of_titles_or_ids(server, dump, tmp_path):
    import pandas as pd

    rows = all_rows(server, limit=6)
    file = _written(tmp_path / "yowiki.xml", dump)
    whole = [row["id"] for row in all_rows(server)]
    for done in ({rows[0]["title"], rows[1]["title"]}, [rows[0]["id"], rows[1]["id"]], (rows[0]["pageid"], str(rows[1]["pageid"])), dict.fromkeys([rows[0]["title"], rows[1]["title"].replace(" ", "_")]),
                 pd.DataFrame(rows[:2])):
        counts = {}
        found = [row["id"] for row in all_rows(server, done=done, counts=counts)]
        assert found == [key for key in whole if key not in (rows[0]["id"], rows[1]["id"])] and counts["already there"] == 2 and adds_up(counts)
        assert {row["id"] for row in wiki_scrape.from_dump(file, "yo", done=done)} == set(found)
    assert len(all_rows(server, limit=5, done={row["id"] for row in rows[:2]})) == 3 and all_rows(server, limit=2, done={"A", "B"}) == []
    assert len(all_rows(server, done=set())) == len(whole)
    for wrong in ([None], [["A"]], [True], [1.5]):
        with pytest.raises(NeedsFixing, match="done holds .*; give the CSV file of the rows, or titles or ids"):
            all_rows(server, done=wrong)


# ---------------------------------------------------------------- what people see

def test_attribution_names_licence_and_links_every_revision(server, tmp_path):
    file = tmp_path / "1_wiki_scrape.csv"
    table = store.collect(wiki_scrape.articles("yo", 3, contact=WHO, base_url=server.api, done=file), file)
    text = store.read_text(wiki_scrape.attribution(file))
    assert "3 articles of " in text and "(https://creativecommons.org/publicdomain/zero/1.0/)" in text and "What was changed" in text
    assert all(f"[{row['revid']}]({row['permalink']})" in text for row in table.to_dict("records"))


def test_speakers_see_ten_random_pages(server, tmp_path):
    import pandas as pd

    table = pd.DataFrame(all_rows(server))
    shown = wiki_scrape.look(table, seed=1)
    assert len(shown) == 10 and list(shown) == ["id", "title", "words", "text", "url"] and shown["text"].str.len().max() <= 600
    assert set(wiki_scrape.look(table, 10, seed=2)["id"]) != set(shown["id"]) and len(wiki_scrape.look(table.head(3))) == 3
    file = store.write(table, tmp_path / "rows.csv")
    assert wiki_scrape.look(file, seed=1).equals(shown) and wiki_scrape.summary(file) == wiki_scrape.summary(table)


def test_counts_become_a_table(server):
    counts = {}
    all_rows(server, counts=counts)
    table = wiki_scrape.left_out(counts)
    assert table["reason"].tolist()[:2] == ["read", "kept"] and dict(zip(table["reason"], table["pages"]))["redirect"] == server.redirects
    assert json.dumps(counts)


def test_one_budget_holds_for_all_wikis():
    assert web.site_of("https://yo.wikipedia.org/w/api.php") == web.site_of("https://ha.wikipedia.org/w/api.php") == web.site_of("https://meta.wikimedia.org/w")
    assert web.site_of("https://www.bbc.com/yoruba") == "www.bbc.com"


def test_the_meter_tells_words_tokens_speed_and_time_left(server, tmp_path):
    counts, lines = {}, []
    meter = wiki_scrape.Meter(counts, 1000)

    def note():
        lines.append(meter())
        return lines[-1]

    file = tmp_path / "rows.csv"
    table = store.collect(meter.watch(wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file, counts=counts)), file, note=note)
    assert len(lines) == len(table) and counts["words"] < counts["tokens"] < 6 * counts["words"]
    assert f"{counts['read']:,} pages, {counts['words']:,} words, about " in lines[-1] and " pages a minute" in lines[-1] and "min left" in lines[-1]
    assert "tokens" not in wiki_scrape.left_out(counts)["reason"].tolist()


def test_the_dump_is_advised_for_large_wikis_only():
    import datetime

    large, small = wiki_scrape.dump_of("de", datetime.date(2026, 11, 22)), wiki_scrape.dump_of("be-tarask")
    assert large["folder"] == "https://dumps.wikimedia.org/other/mediawiki_content_current/dewiki/2026-11-01/xml/bzip2/" and large["sums"].endswith("/SHA256SUMS")
    assert large["advice"].startswith("take the dump") and small["advice"].startswith("the API is enough") and "/be_x_oldwiki/" in small["older"]


def test_in_the_first_days_of_a_month_the_dump_is_that_of_the_month_before():
    import datetime

    folders = [wiki_scrape.dump_of("yo", datetime.date(2026, month, day))["folder"] for month, day in ((12, 1), (12, 7), (12, 8), (1, 1))]
    assert [folder.split("/")[6] for folder in folders] == ["2026-11-01", "2026-11-01", "2026-12-01", "2025-12-01"]


def test_the_sum_of_a_dump_is_checked(dump, tmp_path):
    file = tmp_path / "yowiki.xml"
    file.write_bytes(dump)
    with pytest.raises(NeedsFixing, match="no sum to compare yowiki.xml with"):
        wiki_scrape.check_dump(file)
    own = store.sha256(file)
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  other.xml\n{own} *yowiki.xml\n")
    assert wiki_scrape.check_dump(file) == wiki_scrape.check_dump(file, own.upper()) == own
    file.write_bytes(dump[:-9])
    with pytest.raises(NeedsFixing, match="was not loaded whole"):
        wiki_scrape.check_dump(file)


# ---------------------------------------------------------------- odd answers of the API

class FakeSite:
    """A wiki that gives the answers of a list; .asked holds the parameters of each request."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []
        self.session = type("Session", (), {"close": lambda self: None})()

    def ask(self, **parameters):
        self.asked.append(parameters)
        return self.answers.pop(0)


def test_an_answer_that_is_too_long_for_the_wiki_is_fetched_in_pieces():
    def page(number, **more):
        return {"pageid": number, "title": f"P{number}", **more}

    first = {"query": {"pages": [page(1, revisions=["one"]), page(2)]}, "continue": {"rvcontinue": "2|7", "continue": "||info"}}
    second = {"query": {"pages": [page(1), page(2, revisions=["two"])]}, "continue": {"gapcontinue": "P3", "continue": "gapcontinue||"}, "batchcomplete": True}
    site = FakeSite(first, second, {"query": {"pages": [page(3, revisions=["three"])]}, "batchcomplete": True})
    batches = list(_wiki.AllPages(site).batches())
    assert [[entry["revisions"] for entry in pages] for pages, _ in batches] == [[["one"], ["two"]], [["three"]]]
    assert [place for _, place in batches] == [{"gapcontinue": "P3", "continue": "gapcontinue||"}, None]
    assert site.asked[1]["rvcontinue"] == "2|7" and "rvcontinue" not in site.asked[2] and site.asked[2]["gapcontinue"] == "P3"


def test_an_empty_answer_in_the_middle_is_asked_for_again(server, monkeypatch):
    monkeypatch.setattr(web.PACE, "hold", lambda *_: None)
    monkeypatch.setattr(_wiki, "BATCH", 10)
    real, lost = _site.read_json, []

    def some_empty(answer):
        if "generator=allpages" in answer.url and len(lost) < 5 and answer.url not in lost:
            lost.append(answer.url)
            return {}
        return real(answer)

    monkeypatch.setattr(_site, "read_json", some_empty)
    rows = list(wiki_scrape.articles("yo", contact=WHO, base_url=server.api))
    assert {row["title"] for row in rows} == set(server.gold) and len(lost) == 5
    monkeypatch.setattr(_site, "read_json", lambda answer: {})
    with pytest.raises(NeedsFixing, match="an answer of the API that holds nothing"):
        list(wiki_scrape.articles("yo", contact=WHO, base_url=server.api))


def test_the_pages_of_an_answer_come_by_title_whatever_their_numbers():
    site = FakeSite({"query": {"pages": [{"pageid": number, "title": title} for number, title in enumerate(["Ọ̀yọ́", "B_c", "B", "Ba"])]}, "batchcomplete": True})
    assert [page["title"] for pages, _ in _wiki.AllPages(site).batches() for page in pages] == ["B", "B_c", "Ba", "Ọ̀yọ́"]


@pytest.mark.parametrize("page, reason", [
    ({"title": "Special:Random", "ns": -1, "special": True}, "no such page"), ("#REDIRECT [[A]]", "redirect"), ("#ÀTÚNJÚWE: [[Ìbàdàn#Ìtàn]]\n\n{{R}}\n[[Ẹ̀ka:A]]", "redirect"),
    ("# [[Ìbàdàn]]\n# [[Ọ̀yọ́]]", ""), ("#Ìlú [[Ìbàdàn]] jẹ́ ìlú ńlá kan ní Nàìjíríà.", ""),
])
def test_redirects_in_a_circle_and_special_pages_are_called_so(page, reason):
    page = page if isinstance(page, dict) else {"title": "A", "revisions": [{"slots": {"main": {"content": page}}}]}
    assert Choice(given=True).before(page) == reason


def test_done_that_is_no_collection_is_a_sentence():
    with pytest.raises(NeedsFixing, match="done is '5'; give the CSV file"):
        wiki_scrape.articles("yo", contact=WHO, done=5)


def test_signs_that_nobody_sees_go():
    assert text_of("Ọ̀\u00adrọ̀ tí a\u200e kò rí\u2069 &shy;&lrm;ni.") == ["Ọ̀rọ̀ tí a kò rí ni."]
    assert text_of("ភាសា\u200bខ្មែរ می\u200cخواهم") == ["ភាសា\u200bខ្មែរ می\u200cخواهم"]


def test_a_title_of_another_wiki_counts_as_missing():
    site = FakeSite({"query": {"interwiki": [{"title": "en:Ibadan", "iw": "en"}]}, "batchcomplete": True})
    assert list(_wiki.Titles(site, ["en:Ibadan"]).batches())[0][0] == [{"title": "en:Ibadan", "missing": True}]


def test_a_run_that_is_stopped_does_not_wait_for_the_next_request():
    import threading
    import time

    stopped = threading.Event()
    site = FakeSite({"query": {"pages": [{"pageid": 1, "title": "A"}]}, "continue": {"gapcontinue": "B"}, "batchcomplete": True})
    site.session = type("Session", (), {"close": lambda self: stopped.set()})()
    answer = site.ask
    site.ask = lambda **parameters: answer(**parameters) if site.answers else stopped.wait(20) and {}  # the second request waits for its Retry-After
    batches = _wiki.AllPages(site).batches()
    next(batches)
    started = time.monotonic()
    batches.close()
    assert time.monotonic() - started < 3 and stopped.is_set()


def test_of_a_bots_stubs_the_first_stays_and_long_texts_are_never_stubs(server):
    from gi_helpers._choice import Choice, skeleton

    choice = Choice()
    stubs = [skeleton(f"Pílánẹ́ẹ̀tì {number}", f"Pílánẹ́ẹ̀tì {number} jẹ́ ìràwọ̀ kékeré kan. Ọdún {1990 + number} ni Sekou{number} rí i.") for number in range(4)]
    assert [choice.repeated(stub) for stub in stubs] == [False, True, True, True]
    assert not choice.repeated(skeleton("Ọ̀yọ́", "Ọ̀yọ́ jẹ́ ìlú ńlá kan tí ó ní ọba tirẹ̀.")) and skeleton("A", "ọ̀rọ̀ " * 61) is None


def test_a_finished_run_asks_for_nothing_more_and_tells_the_same_counts(server, tmp_path):
    file, first, again = tmp_path / "rows.csv", {}, {}
    table = store.collect(wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file, counts=first), file)
    server.mark()
    assert len(store.collect(wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file, counts=again), file)) == len(table)
    assert again == first and server.log() == []


def test_two_workers_keep_of_a_damaged_dump_what_one_keeps(dump, tmp_path):
    file = tmp_path / "yowiki.xml"
    file.write_bytes(dump[:len(dump) * 2 // 3])
    for workers in (1, 2):
        with pytest.raises(NeedsFixing, match="is cut off"):
            store.collect(wiki_scrape.from_dump(file, "yo", workers=workers), tmp_path / f"{workers}.csv")
    one, two = (store.read(tmp_path / f"{workers}.csv")["title"].tolist() for workers in (1, 2))
    assert len(one) > 8 and sorted(one) == sorted(two)


UNSPACED = {  # a paragraph of 50 to 120 letters in each script without spaces
    "zh": "'''水井'''是人们从地下取水的地方。村里的水井很深，大家每天早上来打水，孩子们在旁边玩，老人坐在树下说话，直到太阳很高才回家做饭。井边的石头很旧，上面有许多绳子留下的痕迹，谁也不知道它是哪一年挖的。",
    "ja": "'''井戸'''は地下の水をくむところである。村の井戸はとても深く、毎朝みんなが水をくみに来る。子どもたちはそのそばで遊び、年寄りは木の下で話をする。石はとても古い。",
    "th": "'''บ่อน้ำ'''เป็นที่ที่ผู้คนตักน้ำจากใต้ดินบ่อของหมู่บ้านนี้ลึกมากทุกเช้าทุกคนมาตักน้ำเด็กๆเล่นอยู่ข้างๆและคนแก่นั่งคุยกันใต้ต้นไม้จนพระอาทิตย์ขึ้นสูง",
    "km": "'''អណ្តូង'''គឺជាកន្លែងដែលមនុស្សដងទឹកពីក្រោមដី។អណ្តូងក្នុងភូមិនេះជ្រៅណាស់រាល់ព្រឹកមនុស្សទាំងអស់មកដងទឹកហើយក្មេងៗលេងនៅក្បែរនោះ។",
    "my": "'''ရေတွင်း'''သည်မြေအောက်မှရေကိုခပ်ယူသောနေရာဖြစ်သည်။ရွာ၏ရေတွင်းသည်အလွန်နက်ပြီးနံနက်တိုင်းလူများရေလာခပ်ကြသည်။ကလေးများကအနားတွင်ကစားကြသည်။",
}


@pytest.mark.parametrize("code", UNSPACED)
def test_an_article_without_spaces_between_its_words_is_not_too_short(code, tmp_path):
    counts, text = {}, UNSPACED[code]
    pages = element(1, "A", text) + element(2, "B", text[:16]) + element(3, "C", f"{text}\n* {text}")
    file = _written(tmp_path / "wiki.xml", (HEAD.replace("yo.wikipedia", f"{code}.wikipedia") + pages + "</mediawiki>").encode())
    rows = list(wiki_scrape.from_dump(file, code, min_words=20, counts=counts))
    assert [row["title"] for row in rows] == ["A", "C"] and counts["too short"] == 1
    assert len(rows[1]["text"]) > 2 * len(rows[0]["text"])  # the list item is a sentence and stays
    assert 20 < counts["words"] / 3 < len(text) / 2 and wiki_scrape.summary(store.write(rows, tmp_path / "rows.csv"))["words"] == counts["words"]
    assert english_share(UNSPACED["zh"] * 3 + " This is the house of the man who was in the town, and it is old.") < 0.3


def test_a_dump_knows_the_older_names_of_files_and_categories(server, tmp_path):
    head = HEAD.replace("yo.wikipedia", "sr.wikipedia").replace('xml:lang="yo"', 'xml:lang="sr"')
    text = "[[Слика:bunar.jpg|мини|десно|Опис [[бунар|бунара]] овде]]\n'''Бунар''' даје воду целом селу и никад не пресушује.\n[[Datoteka:b|мини|други]]\n\n[[Kategorija:Бунари]]"
    file = _written(tmp_path / "sr.xml", (head + element(1, "Бунар", text) + "</mediawiki>").encode())
    assert [row["text"] for row in wiki_scrape.from_dump(file, "sr")] == ["Бунар даје воду целом селу и никад не пресушује."]
    names = _site.names_of_dump(languages.find("yo"), [(6, "Fáìlì")], Names(file={"awò"}))
    assert {"fáìlì", "àwòrán", "awò", "image"} <= names.file and "ẹ̀ka" in names.category
    assert len({row["code"] for row in store.read_rows(store.shipped("namespaces.csv"))}) > 280


@pytest.mark.parametrize("wikitext, wanted", [
    ("[[Foto:kànga.JPG|mini|Àkọlé [[ìlú|wa]]]]\nKànga ni.\n[[Grupo:Kànga]]\n\n[[Grupo:Omi|x]]\n", ["Kànga ni."]),
    ("Ó wà nínú [[Ìtàn: Apá kejì]].\n\nKànga ni [[Orin: Omi]]", ["Ó wà nínú Ìtàn: Apá kejì.", "Kànga ni Orin: Omi"]),  # titles with a colon stay
    ("Wo [[:Fáìlì:x.png]] àti [[x.png]].", ["Wo Fáìlì:x.png àti x.png."]),
])
def test_a_file_and_a_category_by_a_name_that_nobody_told_us(wikitext, wanted):
    assert text_of(wikitext) == wanted
