"""Notebook 2: runs over many pages, good and bad in any order. All texts are written for these tests."""
import itertools
import random
import zipfile

import pytest

from gi_helpers import _gathering, _newsfind, _newsjob, _newsrun, _robots, bbc_scrape, languages, store, web
from gi_helpers._manners import Barred, Lost
from gi_helpers.errors import NeedsFixing

SITE = "https://paper.example.org"
WORDS = "ọjà ilé omi ọ̀nà ìlú ọmọ ìyá bàbá ẹja iṣu oko ilẹ̀ odò igi ewé ojú ọwọ́ ẹsẹ̀ orí ìwé".split()


def sentence(number, part):
    pick = random.Random(100 * number + part)
    return f"Ní ọjọ́ {number} àwọn èèyàn rí {' àti '.join(pick.sample(WORDS, 7))} ní àárín ìlú náà."


def story(number, dated=True, og="article", count=5):
    """A story of a small paper."""
    head = f'<meta property="og:type" content="{og}">' * bool(og) + f'<link rel="canonical" href="{SITE}/iroyin/{number}">'
    time = f'<time datetime="2026-01-{number % 28 + 1:02d}">x</time>' * dated
    return page(f"Ìròyìn {number}", time + "".join(f"<p>{sentence(number, part)}</p>" for part in range(count)), head)


def page(headline, body, head=""):
    return f'<!doctype html><html lang="yo"><head><meta charset="utf-8"><title>{headline}</title>{head}</head><body><main><h1>{headline}</h1>{body}</main></body></html>'


def bare(number):
    """A story that does not name its own address."""
    return story(number).replace(f'<link rel="canonical" href="{SITE}/iroyin/{number}">', "").encode()


MISSING = page("Ẹ má bínú", "<p>A kò rí ojú ewé tí ẹ ń wá yìí. Ó ṣeé ṣe kó jẹ́ pé a ti pa á rẹ́.</p><p>Ẹ padà sí ojú ewé àkọ́kọ́ wa, ẹ tún wá a.</p>")
MISSING_LONG = page("Ẹ má bínú", "".join(f"<p>A kò rí ojú ewé tí ẹ ń wá yìí ní orí ìkànnì wa, ẹ jọ̀wọ́ ẹ wo ibòmíràn, ọ̀nà {number} ni èyí.</p>" for number in range(4)))
LOGIN = page("Wọlé", "<p>Ẹ kọ orúkọ àti ọ̀rọ̀ ìpamọ́ yín kí ẹ tó lè ka ìròyìn.</p><form><input name=n><input type=password><button>Wọlé</button></form>")
CONSENT = page("Kúkì", "<p>A fẹ́ kó kúkì sí orí ẹ̀rọ yín kí a lè mọ ohun tí ẹ ń kà.</p><p>Ṣé ẹ gbà bẹ́ẹ̀ kí a tẹ̀ síwájú báyìí?</p><div><button>Mo gbà</button><button>N ò gbà</button></div>")
BAD = {"missing.html": MISSING.encode(), "login.html": LOGIN.encode(), "consent.html": CONSENT.encode(), "picture.html": b"\x89PNG\r\n\x1a\n" + random.Random(3).randbytes(900), "empty.html": b"",
       "half.html": bare(90)[:330] + b"<div>", "strange.html": bare(91).replace(b"\xc3", b"\xff"), "deep.html": page("x", "<div>" * 900 + "a" + "</div>" * 900).encode(),
       "long missing.html": MISSING_LONG.encode(), "letter.html": b"Just some words.", "shell.html": page("x", "").encode()}
REASONS = {"missing.html": "too little", "login.html": "login", "consent.html": "login", "picture.html": "not html", "empty.html": "empty", "strange.html": "wrong charset", "deep.html": "damaged",
           "half.html": "cut off", "long missing.html": "too little", "letter.html": "not html", "shell.html": "no text"}


def run(folder, **more):
    skipped, said = [], []
    rows = list(bbc_scrape.stories("yo", permission="saved", name="Adé", folder=folder, skipped=skipped, tell=said.append, **more))
    return rows, skipped, said


def zipped(file, pages):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pages:
            archive.writestr(name, content)
    return file


# ---------------------------------------------------------------- bad pages among good ones

@pytest.mark.parametrize("order", ["bad first", "bad last", "mixed", "three of each bad one"])
def test_bad_pages_stand_in_the_skipped_table_and_no_story_is_lost(order, tmp_path):
    good = [(f"story {number}.html", story(number, count=14).encode()) for number in range(6)]
    bad = list(BAD.items())
    pages = {"bad first": bad + good, "bad last": good + bad, "mixed": [pair for pairs in itertools.zip_longest(bad, good) for pair in pairs if pair],
             "three of each bad one": [(f"{number}/{name}", content) for number in range(3) for name, content in bad] + good}[order]
    rows, skipped, said = run(zipped(tmp_path / "pages.zip", pages))
    assert sorted(row["headline"] for row in rows) == [f"Ìròyìn {number}" for number in range(6)]
    assert len(rows) + len(skipped) == len(pages)
    told = {row["url"].rpartition("/")[2]: row["reason"] for row in skipped if row["reason"] != "twice"}
    assert told == REASONS
    assert all(len(row["detail"]) > 20 for row in skipped) and not any("red" in line for line in said)


def test_a_folder_of_bad_pages_alone_says_so_and_stops_nothing(tmp_path):
    rows, skipped, said = run(zipped(tmp_path / "pages.zip", [(f"{number}.html", LOGIN) for number in range(30)]))
    assert rows == [] and len(skipped) == 30 and {row["reason"] for row in skipped} == {"login"} and "30 pages gave no story" in said[-1]


def test_a_page_that_says_it_is_a_story_and_gives_none_is_judged(tmp_path):
    pages = [(f"{number}.html", page("Ọjà", "<span>x</span>", '<meta property="og:type" content="article">')) for number in range(12)]
    with pytest.raises(NeedsFixing, match="canary is red"):
        run(zipped(tmp_path / "pages.zip", pages))


def test_pages_without_a_date_are_read_and_marked_for_a_look(tmp_path):
    rows, skipped, said = run(zipped(tmp_path / "pages.zip", [(f"{number}.html", story(number, dated=False, og="")) for number in range(8)]))
    assert len(rows) == 8 and skipped == [] and {row["look"] for row in rows} == {"no date on the page"}
    assert said[0].startswith("canary amber") and "3 of 3 have no date" in said[0]


def test_a_line_on_every_page_of_a_small_paper_is_dropped_and_not_a_reason_to_stop(tmp_path):
    pages = [(f"{number}.html", story(number).replace("</main>", "<p>Ìwé Ìròyìn Wa is not responsible for the content of other sites.</p></main>")) for number in range(6)]
    rows, _, said = run(zipped(tmp_path / "pages.zip", pages))
    assert len(rows) == 6 and not any("not responsible" in row["text"] for row in rows) and "no known furniture" in said[0]


def test_stories_in_another_script_do_not_stop_the_others(tmp_path):
    foreign = [(f"a{number}.html", page(f"Новость {number}", "".join(f"<p>Это {number} новость о рынке в центре города, часть {part}, её читают многие.</p>" for part in range(5)))) for number in range(5)]
    rows, skipped, _ = run(zipped(tmp_path / "pages.zip", foreign + [(f"b{number}.html", story(number)) for number in range(4)]))
    assert len(rows) == 4 and [row["reason"] for row in skipped] == ["other script"] * 5


SWAHILI = "Soko jipya lilifunguliwa Jumatatu asubuhi katikati ya mji na wauzaji {n} walianza kuingiza bidhaa zao, alisema mwenyekiti wa soko sehemu ya {p}."
RUSSIAN = "Это {n} новость о рынке в центре города, часть {p}, её читают многие жители."


def others(count, sentence=SWAHILI):
    return [(f"a{number}.html", page(f"H {number}", "<time datetime='2026-01-01'>1</time>" + "".join(f"<p>{sentence.format(n=number, p=part)}</p>" for part in range(5)))) for number in range(count)]


@pytest.mark.parametrize("count, sentence, says", [(1, SWAHILI, "the only story is not in Yoruba"), (4, SWAHILI, "none of the 4 stories is in Yoruba .* reads as"), (14, SWAHILI, "none of the 14"), (4, RUSSIAN, "none of the 4 .* script Latn")])
def test_a_folder_in_another_language_is_told_and_not_passed_over(count, sentence, says, tmp_path):
    place, skipped = zipped(tmp_path / "pages.zip", others(count, sentence)), []
    with pytest.raises(NeedsFixing, match=f"canary is red.*language: {says}.*check the language that you chose"):
        list(bbc_scrape.stories("yo", permission="saved", name="Adé", folder=place, skipped=skipped, tell=print))
    assert len(skipped) == count  # nothing is lost
    assert run(place, check=False)[0] == []
    verdict = bbc_scrape.canary("yo", permission="saved", name="Adé", folder=place)
    assert verdict["state"] == "red" and verdict["failed"] == ("language" if sentence == SWAHILI else "script")


def test_pages_in_another_language_beside_ours_stop_nothing_now_or_the_next_time(tmp_path):
    place = zipped(tmp_path / "pages.zip", others(5) + [(f"b{number}.html", story(number)) for number in range(3)])
    rows, skipped, _ = run(place)
    assert len(rows) == 3 and {row["reason"] for row in skipped} == {"other language"}
    rows, skipped, said = run(place, seen=[row["id"] for row in rows])  # only the others are new
    assert rows == [] and len(skipped) == 5 and not any("red" in line for line in said)


def test_a_folder_that_gives_hardly_a_story_says_so(tmp_path):
    lists = [(f"{number}.html", page(f"Àtòkọ {number}", f"<p>{sentence(number, 1)}</p>", '<meta property="og:type" content="profile">')) for number in range(12)]
    rows, skipped, said = run(zipped(tmp_path / "pages.zip", [*lists, ("x.html", story(1))]))
    assert len(rows) == 1 and "canary amber: only 1 of 13 pages gave a story, and 12 were put aside as 'index'" in " ".join(said)
    assert not any("only" in line for line in run(zipped(tmp_path / "few.zip", [*lists[:4], ("x.html", story(1))]))[2])


def test_one_headline_on_all_pages_stops_the_run_before_a_row_of_them_leaves(tmp_path):
    pages = [(f"{number:02d}.html", story(number) if number < 20 else story(number).replace(f"<h1>Ìròyìn {number}</h1>", "<h1>Ìròyìn gbogbo</h1>")) for number in range(60)]
    rows, skipped = [], []
    with pytest.raises(NeedsFixing, match="11 of 11 pages have the same headline, 'Ìròyìn gbogbo'"):
        for row in bbc_scrape.stories("yo", permission="saved", name="Adé", folder=zipped(tmp_path / "pages.zip", pages), skipped=skipped, tell=[].append):
            rows.append(row)
    assert len(rows) == 20 and [row["reason"] for row in skipped] == ["canary"] * 11


def test_a_line_that_comes_back_after_its_rows_were_written_goes_from_them_too(tmp_path):
    line = "Ìwé ìròyìn yìí dúpẹ́ lọ́wọ́ gbogbo àwọn òǹkàwé rẹ̀ káàkiri àgbáyé."
    pages = [(f"{number:02d}.html", story(number).replace("</main>", f"<p>{line}</p></main>" if number in (0, 15, 30) else "</main>")) for number in range(40)]
    rows, skipped, _ = run(zipped(tmp_path / "pages.zip", pages))
    assert sum(line in row["text"] for row in rows) == 2  # two rows had left when the third page came
    file = store.write(rows, store.path("yo", "2_bbc_scrape.csv"))
    bbc_scrape.sort_out(skipped, file, tmp_path / "2_skipped.csv")
    table = store.read(file)
    assert len(table) == 40 and not any(line in text for text in table["text"])


# ---------------------------------------------------------------- folders and files

@pytest.mark.parametrize("kind", ["folder", "zip", "folder with pictures only"])
def test_a_place_without_pages_is_told(kind, tmp_path):
    place = zipped(tmp_path / "pages.zip", []) if kind == "zip" else tmp_path / "pages"
    if kind != "zip":
        place.mkdir()
        (place / "a.png").write_bytes(b"x" * bool("pictures" in kind))
    with pytest.raises(NeedsFixing, match="there are no saved pages in"):
        run(place)


def test_reading_a_folder_again_gives_nothing_new_and_says_nothing_wrong(tmp_path):
    file = zipped(tmp_path / "pages.zip", [(f"{number}.html", story(number)) for number in range(4)])
    rows, _, _ = run(file)
    assert run(file, seen=[row["id"] for row in rows]) == ([], [], [])


def test_two_stories_with_one_number_on_another_site_are_two(tmp_path):
    pages = [(f"{topic}.html", story(number).replace(f"{SITE}/iroyin/{number}", f"{SITE}/{topic}/20260504")) for number, topic in enumerate(("oja", "ilera", "oko"))]
    rows, skipped, _ = run(zipped(tmp_path / "pages.zip", pages))
    assert len(rows) == 3 and skipped == []


def test_a_site_that_names_its_front_page_on_every_page_loses_no_story(tmp_path):
    pages = [(f"{number}.html", story(number).replace(f"{SITE}/iroyin/{number}", f"{SITE}/")) for number in range(3)]
    rows, skipped, _ = run(zipped(tmp_path / "pages.zip", pages))
    assert sorted(row["url"] for row in rows) == ["0.html", "1.html", "2.html"] and skipped == []


def test_a_story_saved_twice_is_one_row_and_one_line_in_the_skipped_table(tmp_path):
    rows, skipped, _ = run(zipped(tmp_path / "pages.zip", [("0.html", story(0)), ("1.html", story(1)), ("again.html", story(1)), ("other name.html", bare(1)), ("2.html", story(2))]))
    assert len(rows) == 3 and [(row["url"], row["reason"]) for row in skipped] == [("again.html", "twice"), ("other name.html", "twice")]
    assert "1.html, which came first" in skipped[0]["detail"]


def test_half_a_page_does_not_stand_in_the_way_of_the_whole_one(tmp_path):
    for name, content in (("a.html", story(1)[:500]), ("b.html", story(1)), ("c.html", story(2))):
        (tmp_path / name).write_text(content, encoding="utf-8")
    rows, skipped, _ = run(tmp_path)
    assert [row["headline"] for row in rows] == ["Ìròyìn 1", "Ìròyìn 2"] and [row["reason"] for row in skipped] == ["cut off"]


def test_a_broken_zip_file_in_a_folder_costs_no_other_page(tmp_path):
    for name, content in (("a.html", bare(1)), ("b.zip", b"PK\x03\x04broken"), ("c.html", bare(2)), ("notes.txt", b"words"), ("data.json", b"{}")):
        (tmp_path / name).write_bytes(content)
    rows, skipped, _ = run(tmp_path)
    assert len(rows) == 2 and sorted(row["url"] for row in skipped) == ["b.zip", "data.json", "notes.txt"]
    assert all(len(row["detail"]) > 30 for row in skipped)


@pytest.mark.parametrize("place", ["first", "last"])
def test_short_notes_that_people_saved_are_rows_to_look_at_in_any_order(place, tmp_path):
    for number in range(15):
        brief = number < 3 if place == "first" else number > 11
        (tmp_path / f"{number:02d}.html").write_text(story(number, count=2 if brief else 6), encoding="utf-8")
    rows, skipped, _ = run(tmp_path)
    assert len(rows) == 15 and not skipped
    assert sum("very short" in row["look"] for row in rows) == 3


def test_what_a_red_canary_keeps_out_stands_in_the_skipped_table(tmp_path):
    for number in range(4):
        (tmp_path / f"{number}.html").write_text(story(number).replace("<main>", "<main>" + "<p>Ẹ tẹ̀lé wa ní gbogbo ibi kí ẹ lè máa rí ìròyìn tuntun gbà lójoojúmọ́ láìsí ìdíwọ́ kankan rárá.</p>" * 9), encoding="utf-8")
    skipped = []
    with pytest.raises(NeedsFixing, match="the canary is red"):
        list(bbc_scrape.stories("yo", permission="saved", name="Adé", folder=tmp_path, skipped=skipped, tell=[].append))
    assert len(skipped) >= 3 and {row["reason"] for row in skipped} == {"canary"}


def test_a_saved_page_without_a_story_is_named_by_its_file(tmp_path):
    for name in ("a.html", "b.html", "c.html"):
        (tmp_path / name).write_text(story(1)[:520], encoding="utf-8")
    rows, skipped, _ = run(tmp_path)
    file, table = store.path("yo", "2_bbc_scrape.csv"), tmp_path / "2_skipped.csv"
    bbc_scrape.sort_out(skipped, file, table)
    assert [(row["url"], row["reason"]) for row in store.read(table).to_dict("records")] == [("a.html", "cut off"), ("b.html", "cut off"), ("c.html", "cut off")]
    store.write([{"id": skipped[0]["id"], "text": "x", "look": ""}], file)
    bbc_scrape.sort_out(skipped[:1], file, table)
    assert not table.exists() or len(store.read(table)) == 0  # since then the page, which is one, gave its story


def test_a_saved_page_in_two_bytes_a_letter_keeps_its_address(tmp_path):
    (tmp_path / "a.html").write_bytes(story(7).encode("utf-16"))
    assert run(tmp_path)[0][0]["url"] == f"{SITE}/iroyin/7"


def test_pages_that_a_site_forbids_say_nothing_about_its_health():
    assert not _newsrun.looks_like_story(_newsrun._newsread.Story("x").without("not read", "forbidden"))


def test_a_page_saved_as_a_single_file_is_read(tmp_path):
    parts = b"From: <Saved by a browser>\r\nSnapshot-Content-Location: https://paper.example.org/iroyin/5\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"XX\"\r\n\r\n"
    import quopri

    whole = parts + b"--XX\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Location: https://paper.example.org/iroyin/5\r\n\r\n" + quopri.encodestring(bare(5))
    whole += b"\r\n--XX\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--XX--\r\n"
    (tmp_path / "one.mhtml").write_bytes(whole)
    rows, _, _ = run(tmp_path)
    assert rows[0]["url"] == f"{SITE}/iroyin/5" and rows[0]["text"].split("\n\n") == [sentence(5, part) for part in range(5)]
    assert _newsfind.unwrapped(b"<p>x</p>") == b"<p>x</p>"


def test_links_that_lead_nowhere_are_told(tmp_path):
    (tmp_path / "a.html").symlink_to(tmp_path / "not there.html")
    (tmp_path / "b").symlink_to(tmp_path)
    for number in range(3):
        (tmp_path / f"c{number}.html").write_text(story(number), encoding="utf-8")
    rows, skipped, _ = run(tmp_path)
    assert len(rows) == 3 and sorted(row["url"] for row in skipped) == ["a.html", "b"] and "no file with a page" in skipped[0]["detail"]


def test_rehearsing_with_saved_pages_of_others_does_not_make_them_free(tmp_path):
    ours = story(1).replace("<title>", '<meta name="practice" content="x"><title>')
    file = zipped(tmp_path / "pages.zip", [("0.html", story(0)), ("1.html", ours), ("2.html", story(2))])
    rows = list(bbc_scrape.stories("yo", permission="practice", folder=file, tell=lambda _: None))
    assert [bbc_scrape.publishable(row["permission"]) for row in rows] == [False, True, False] and rows[0]["permission"].startswith("saved: rehearsal, 2")


# ---------------------------------------------------------------- scripts of a service, and pages kept

class Pretend:
    """A news site in two scripts that answers from a table and counts the requests."""

    def __init__(self, pages):
        self.pages, self.asked, self.pause = pages, [], 0

    def allowed(self, url):
        return True

    def robots(self, url):
        return _robots.Rules("", "GlobalInstruct")

    def get(self, url, params=None, data=None, ok=(200,), read=None):
        self.asked.append(url)
        answer = type("Answer", (), {})()
        answer.content = self.pages.get(url, "").encode()
        answer.status_code = 200 if url in self.pages else 404
        return answer


@pytest.fixture
def serbian(monkeypatch):
    base = "http://127.0.0.1:9/serbian"
    text = {"cyr": "Нова пијаца је отворена у понедељак ујутру у центру града, рекао је председник општине {n} {p} пута.", "lat": "Nova pijaca je otvorena u ponedeljak ujutru u centru grada, rekao je predsednik opštine {n} {p} puta."}
    pages = {}
    for variant in text:
        links = "".join(f'<a href="/serbian/articles/c{number:010d}o/{variant}">x</a>' for number in range(4))
        pages[f"{base}/{variant}"] = links
        for number in range(4):
            body = "<time datetime='2026-01-01'>1</time>" + "".join(f"<p>{text[variant].format(n=number, p=part)}</p>" for part in range(4))
            pages[f"{base}/articles/c{number:010d}o/{variant}"] = page(f"H {number}", body, '<meta property="og:type" content="article">')
    site = Pretend(pages)
    monkeypatch.setattr("gi_helpers.web.Session", lambda *_, **__: site)
    return base, site


def rows_of(base, variant, **more):
    return list(bbc_scrape.stories("sr", permission="practice", base_url=base, variant=variant, tell=lambda _: None, **more))


def test_the_same_stories_can_be_read_in_one_script_and_then_in_the_other(serbian):
    base, site = serbian
    cyrillic, latin = rows_of(base, "cyr"), rows_of(base, "lat")
    assert len(cyrillic) == len(latin) == 4 and "пијаца" in cyrillic[0]["text"] and "pijaca" in latin[0]["text"]
    assert {row["id"] for row in cyrillic} == {row["id"] for row in latin}  # one story, whatever the script
    before = len(site.asked)
    assert rows_of(base, "cyr")[0]["text"] == cyrillic[0]["text"] and not any("/articles/" in url for url in site.asked[before:])


def test_a_script_that_the_news_do_not_have_is_refused_by_name(serbian):
    for code, variant, said in (("sr", "xx", "choose cyr or lat"), ("yo", "cyr", "leave it out"), ("zh", "lat", "choose simp or trad")):
        with pytest.raises(NeedsFixing, match=said):
            bbc_scrape.stories(code, permission="practice", base_url=serbian[0], variant=variant)
    _newsjob.check_variant(languages.find("uz"), "lat")


def test_a_page_that_arrived_broken_is_fetched_again_next_time(serbian):
    base, site = serbian
    url = f"{base}/articles/c{1:010d}o/cyr"
    whole = site.pages[url]
    site.pages[url] = whole[:-60] + "<div"
    skipped = []
    assert len(rows_of(base, "cyr", skipped=skipped)) == 3 and [row["reason"] for row in skipped] == ["cut off"]
    site.pages[url] = whole
    assert len(rows_of(base, "cyr")) == 4
    assert len(list(store.path("sr", "2_pages").glob("*.cyr.html"))) == 4


def test_a_site_that_asks_to_log_in_instead_of_showing_stories_is_not_asked_on(serbian):
    base, site = serbian
    front = "".join(f'<a href="/serbian/articles/c{number:010d}o/cyr">x</a>' for number in range(40))
    site.pages = {f"{base}/cyr": front, **{f"{base}/articles/c{number:010d}o/cyr": LOGIN for number in range(40)}}
    with pytest.raises(NeedsFixing, match="canary is red.*login"):
        rows_of(base, "cyr")
    assert sum("/articles/" in url for url in site.asked) == 10


def test_a_page_far_too_big_is_not_kept_and_stands_in_the_skipped_table(serbian):
    base, site = serbian
    url = f"{base}/articles/c{1:010d}o/cyr"
    site.pages[url] = "x" * (_newsfind.BIGGEST + 1)
    skipped = []
    assert len(rows_of(base, "cyr", skipped=skipped)) == 3
    assert [(row["url"], row["reason"], row["detail"]) for row in skipped] == [(url, "too big", "this page has more than 12 MB, far too much for a story; look at it in a browser")]
    assert len(list(store.path("sr", "2_pages").glob("*.html"))) == 3


def lost_at(site, bad, error=Lost):
    """The pretended site gives none of the pages whose address holds one of the words in `bad`."""
    whole = site.get

    def get(url, **more):
        if any(part in url for part in bad):
            site.asked.append(url)
            raise error(f"the site answered HTTP 500 for {url}; check the network")
        return whole(url, **more)

    site.get = get


@pytest.mark.parametrize("error", [Lost, Barred])
def test_a_page_that_cannot_be_had_costs_no_other_and_is_asked_for_again(serbian, error):
    base, site = serbian
    fine, skipped = site.get, []
    lost_at(site, [f"c{1:010d}o", "rss.xml"], error)
    assert len(rows_of(base, "cyr", skipped=skipped)) == 3
    assert [(row["url"], row["reason"], "HTTP 500" in row["detail"]) for row in skipped] == [(f"{base}/articles/c{1:010d}o/cyr", "not read", True)]
    site.get = fine
    assert len(rows_of(base, "cyr")) == 4


def test_many_pages_in_a_row_that_cannot_be_had_end_the_run(serbian):
    base, site = serbian
    site.pages[f"{base}/cyr"] = "".join(f'<a href="/serbian/articles/c{number:010d}o/cyr">x</a>' for number in [0, *range(10, 40)])
    lost_at(site, [f"c{number:010d}o" for number in range(10, 40)])
    skipped, rows = [], []
    with pytest.raises(NeedsFixing, match="3 pages one after the other could not be had"):
        for row in bbc_scrape.stories("sr", permission="practice", base_url=base, variant="cyr", tell=print, skipped=skipped):
            rows.append(row)
    assert len(rows) == 1 and len(skipped) == 2 and sum("/articles/" in url for url in site.asked) == 4


@pytest.mark.parametrize("closed", [True, False])
def test_a_site_without_a_story_says_so(serbian, closed):
    base, site = serbian
    site.pages = {f"{base}/cyr": "<main><h1>Вести</h1></main>"}
    site.allowed = lambda url: not closed
    with pytest.raises(NeedsFixing, match="no story was found .*" + ("rss.xml: the site's robots.txt forbids" if closed else "lead to no address of a story")):
        rows_of(base, "cyr")


def test_another_service_of_the_language_is_chosen_by_its_name(monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    given = dict(permission="written", name="Adé", contact="a@b.org")
    assert web.endpoints().news("fa", "persian").endswith("/persian")
    code, both = next((row["code"], str(row["bbc"]).split()) for row in languages.table().to_dict("records") if len(str(row["bbc"]).split()) > 1)
    job = _newsjob.Job(languages.find(code), "written: A", "a@b.org", None, None, None, None, service=both[1])
    assert job.service.base == f"https://www.bbc.com/{both[1]}"
    with pytest.raises(NeedsFixing, match="'xx' is no news service .* choose one of " + both[0]):
        bbc_scrape.stories(code, service="xx", **given)


def test_rows_of_a_paper_are_published_by_its_permission_only():
    drafted = {"status": "accepted", "question": "Q?", "answer": "A.", "url": f"{SITE}/1", "source": "paper.example.org", "licence": "", "permission": "saved: Adé"}
    assert _gathering.stays_out(drafted) == "news text without permission to publish"
    assert _gathering.stays_out({**drafted, "permission": "licence: Adé"}) == "" and _gathering.stays_out({**drafted, "permission": ""}) == "its licence is not stated"
