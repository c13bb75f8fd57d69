"""Addresses and manners of the one session that reads from the web."""
import email.utils
import gzip
import http.server
import json
import threading
import time

import pytest

from gi_helpers import _manners, _robots, store, web
from gi_helpers.errors import NeedsFixing

FINE = (200, {"Content-Type": "application/json"}, b'{"fine": true}')


@pytest.fixture
def site():
    """A site that gives the answers in .script one after the other, then FINE; .seen holds (seconds, method, headers, body)."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            Handler.seen.append((time.monotonic(), self.command, dict(self.headers), body))
            Handler.busy += 1
            Handler.most = max(Handler.most, Handler.busy)
            status, headers, content = Handler.script.pop(0) if Handler.script else FINE
            time.sleep(Handler.delay)
            Handler.busy -= 1  # before the answer goes out: the next request may come at once
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            if int(headers.get("Content-Length", len(content))) != len(content):
                self.close_connection = True

        do_GET = do_POST = answer

        def log_message(self, *_):
            pass

    Handler.seen, Handler.script, Handler.delay, Handler.busy, Handler.most = [], [], 0, 0, 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    Handler.url = f"http://127.0.0.1:{server.server_port}/w/api.php"
    yield Handler
    server.shutdown()
    server.server_close()


@pytest.fixture
def quick(monkeypatch):
    """Waits that we choose ourselves (not those a site asks for) take no time."""
    real = web.PACE.hold
    held = []

    def hold(site, seconds):
        held.append(seconds)
        real(site, 0 if seconds in (1, 2, 4, 5, 8, 10, 16, 20) else seconds)

    monkeypatch.setattr(web.PACE, "hold", hold)
    return held


def session(**more):
    return web.Session("team@example.org", notice=lambda *_: None, **more)


# ---------------------------------------------------------------- addresses

def test_live_addresses_are_those_of_wikipedia_and_the_bbc(monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    live = web.endpoints()
    assert live.wiki("yo") == "https://yo.wikipedia.org/w/api.php" and live.wiki("zh_min_nan") == "https://zh-min-nan.wikipedia.org/w/api.php"
    assert live.news("Yoruba") == "https://www.bbc.com/yoruba" and live.openai == "https://api.openai.com/v1"


def test_a_language_without_news_service_is_told_so(monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    with pytest.raises(NeedsFixing, match="the BBC has no service in Ewe"):
        web.endpoints().news("ee")


def test_practice_never_leaves_this_machine(monkeypatch):
    monkeypatch.setenv("GI_WIKI_URL", "https://yo.wikipedia.org/w/api.php")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
    monkeypatch.setattr(web, "practice_url", lambda: "http://127.0.0.1:7")
    there = web.endpoints()
    assert (there.wiki("yo"), there.openai, there.key) == ("http://127.0.0.1:7/wiki/yo/w/api.php", "http://127.0.0.1:7/v1", web.PRACTICE_KEY)


def test_addresses_may_be_set_with_and_without_the_code(monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    for given in ("http://127.0.0.1:1/{code}/w/api.php", "http://127.0.0.1:1/yo/w/api.php"):
        monkeypatch.setenv("GI_WIKI_URL", given)
        assert web.endpoints().wiki("yo") == "http://127.0.0.1:1/yo/w/api.php"


def test_live_without_a_key_or_with_the_practice_key_is_a_sentence(monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    with pytest.raises(NeedsFixing, match="no OPENAI_API_KEY"):
        web.endpoints().key
    monkeypatch.setenv("OPENAI_API_KEY", web.PRACTICE_KEY)
    with pytest.raises(NeedsFixing, match="does not work live"):
        web.endpoints().key


def test_a_contact_is_an_address_that_people_can_write_to(monkeypatch):
    assert web.contact() == "practice@example.org"
    store.remember(contact="https://example.org/team")
    assert web.contact() == "https://example.org/team" and web.contact(" me@example.org ") == "me@example.org"
    monkeypatch.setenv("GI_MODE", "live")
    with pytest.raises(NeedsFixing, match="the contact is 'nobody'"):
        web.contact("nobody")


@pytest.mark.parametrize("given, sent", [
    ("https://مثال.إختبار/فريق", "https://%D9%85%D8%AB%D8%A7%D9%84.%D8%A5%D8%AE%D8%AA%D8%A8%D8%A7%D8%B1/%D9%81%D8%B1%D9%8A%D9%82"),
    ("Ẹgbẹ́ <team@example.org>", "%E1%BA%B8gb%E1%BA%B9%CC%81 <team@example.org>"), ("team@example.org\n", "team@example.org"),
    ("The team\r\n\t<team@example.org>", "The team <team@example.org>"), ("https://example.org/a%20b?c=d#e", "https://example.org/a%20b?c=d#e"),
    ("team@example.org\x00\ud800", "team@example.org%00?")])
def test_a_contact_in_any_letters_can_be_sent(site, given, sent, monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    for contact in (web.contact(given), given):
        web.Session(contact).get(site.url)
    assert [f"(contact: {sent}) " in headers["User-Agent"] for _, _, headers, _ in site.seen] == [True, True]


# ---------------------------------------------------------------- manners

def test_the_team_is_named_and_gzip_understood(site):
    site.script = [(200, {"Content-Type": "application/json", "Content-Encoding": "gzip"}, gzip.compress(b'{"a": "\xe1\xba\xb9"}'))]
    assert session().get_json(site.url) == {"a": "ẹ"}
    headers = site.seen[0][2]
    assert headers["User-Agent"].startswith("GlobalInstruct/") and "(contact: team@example.org)" in headers["User-Agent"] and "gzip" in headers["Accept-Encoding"]


def test_a_post_that_only_reads_says_so(site):
    session().get_json(site.url, data={"text": "Ọ̀yọ́"})
    assert site.seen[0][1] == "POST" and site.seen[0][2]["Promise-Non-Write-API-Action"] == "true" and b"%E1%BB%8C" in site.seen[0][3]
    session().get_json(site.url, params={"a": 1})
    assert "Promise-Non-Write-API-Action" not in site.seen[1][2]


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_to_the_second(site, status):
    site.script = [(status, {"Retry-After": "1"}, b"")]
    assert session().get_json(site.url) == {"fine": True}
    assert 1.0 <= site.seen[1][0] - site.seen[0][0] < 1.6


def test_retry_after_may_be_a_date_of_the_sites_own_clock():
    now = time.time() - 5000
    headers = {"Date": email.utils.formatdate(now, usegmt=True), "Retry-After": email.utils.formatdate(now + 30, usegmt=True)}
    assert web.retry_after(headers) == 30
    assert [web.retry_after({"Retry-After": value}) for value in ("7", " 0.5 ", "-3", "soon", "", "nan", "inf")] == [7, 0.5, 0, 0, 0, 0, 0]


def test_another_session_waits_too(site):
    """Running the cell again must not come before the Retry-After that the last run was told."""
    site.script = [(429, {"Retry-After": "1"}, b"")]
    with pytest.raises(NeedsFixing, match="asks for a slower pace"):
        session(patience=0.5).get_json(site.url)
    with pytest.raises(NeedsFixing, match="asked us to stay away"):
        session(patience=0.5).get_json(site.url)
    assert session().get_json(site.url) == {"fine": True}
    assert len(site.seen) == 2 and site.seen[1][0] - site.seen[0][0] >= 1.0


def test_maxlag_and_ratelimited_are_waited_for_though_they_come_as_200(site):
    for code in ("maxlag", "ratelimited"):
        site.script.append((200, {"Content-Type": "application/json", "Retry-After": "1"}, json.dumps({"error": {"code": code}}).encode()))
    assert session().get_json(site.url) == {"fine": True}
    assert site.seen[1][0] - site.seen[0][0] >= 1 and site.seen[2][0] - site.seen[1][0] >= 1


def test_server_errors_cut_and_broken_bodies_are_asked_for_again(site, quick):
    site.script = [FINE, (500, {}, b""), (502, {"Content-Type": "text/html"}, b"<html>"), (200, {"Content-Type": "application/json", "Content-Length": "99"}, b'{"a":'),
                   (200, {"Content-Type": "application/json"}, b'{"a": [1, 2'), (200, {"Content-Encoding": "gzip", "Content-Type": "application/json"}, b"\x1f\x8b nonsense")]
    reader = session()
    reader.get_json(site.url)
    assert reader.get_json(site.url) == {"fine": True} and reader.requests == 7
    assert quick == [1, 2, 4, 8, 16]


def test_faults_without_end_become_a_sentence(site, quick):
    site.script = [FINE] + [(503, {}, b"")] * 50
    reader = session()
    reader.get_json(site.url)
    with pytest.raises(NeedsFixing, match="answered HTTP 503 for .*run the cell again; it goes on where it stopped"):
        reader.get_json(site.url)
    assert len(site.seen) == 7


@pytest.mark.parametrize("status, says", [(403, "refuses this reader"), (401, "refuses this reader"), (404, "check the address"), (410, "check the address")])
def test_a_refusal_is_not_asked_again(site, status, says):
    site.script = [(status, {}, b"no")]
    with pytest.raises(NeedsFixing, match=f"answered HTTP {status} for .*{says}"):
        session().get(site.url)
    assert len(site.seen) == 1


def test_a_body_is_read_up_to_the_limit_and_the_rest_is_left(site):
    """The site promises more than it sends: whoever waits for all of it gets a fault instead of an answer."""
    bomb = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"z" * 3_000_000))
    site.script = [(200, {"Content-Length": "40000000"}, b"x" * 200_000), (200, {}, b"y" * 1000), bomb]
    reader = session(most=1000)
    assert [reader.get(site.url).content for _ in range(3)] == [b"x" * 1001, b"y" * 1000, b"z" * 1001]
    assert reader.get_json(site.url) == {"fine": True} and len(site.seen) == 4


def test_a_short_body_that_is_cut_off_is_asked_for_again_under_a_limit_too(site, quick):
    site.script = [(200, {"Content-Length": "900"}, b"x" * 100)]
    assert session(most=1000).get(site.url).content == FINE[2] and len(site.seen) == 2


def test_404_is_an_answer_only_where_it_was_asked_for(site):
    site.script = [(404, {}, b"no")]
    assert session().get(site.url, ok=(200, 404)).status_code == 404


def test_a_page_for_readers_is_no_api(site):
    site.script = [(200, {"Content-Type": "text/html"}, b"<html>Log in to this network</html>")]
    with pytest.raises(NeedsFixing, match="a page for readers, not an api.php"):
        session().get_json(site.url)


@pytest.mark.parametrize("url", ["yo.wikipedia.org", "htp://x/", "http://"])
def test_what_is_no_address_is_said_at_once(url):
    with pytest.raises(NeedsFixing, match="is no web address"):
        session().get(url)


def test_a_lost_network_is_tried_again_before_it_is_said(quick):
    reader = session()
    with pytest.raises(NeedsFixing, match="gave no connection for .*check the network"):
        reader.get("http://127.0.0.1:9/")
    assert reader.requests == 3


def test_requests_to_a_site_run_one_after_the_other(site):
    site.delay = 0.05
    readers = [threading.Thread(target=session().get_json, args=(site.url,)) for _ in range(6)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(site.seen) == 6 and site.most == 1


class Quick(web.Pace):
    """A pace whose waits take no time; .waited holds them."""

    def __init__(self):
        super().__init__()
        self.clock, self.passed, self.waited = self, 0.0, []

    def monotonic(self):
        return 1000.0 + self.passed

    def time(self):
        return 1.8e9 + self.passed

    def wait(self, event, seconds):
        self.waited.append(round(seconds, 3))
        self.passed += seconds


def test_one_budget_a_minute_holds_for_all_sites_and_sessions(site, monkeypatch):
    monkeypatch.setattr(web, "on_this_machine", lambda address: False)  # here the pace does not count otherwise
    monkeypatch.setattr(web, "PACE", Quick())
    other = site.url.replace("127.0.0.1", "localhost")
    first, second = session(per_minute=600), session(per_minute=600)
    for reader, url in ((first, site.url), (second, other), (first, other), (second, site.url)):
        reader.get_json(url)
    assert web.PACE.waited == [0, 0.1, 0.1, 0.1] and len(site.seen) == 4


def test_two_notebooks_share_the_budget_and_what_a_site_asked_for(site):
    one, other = Quick(), Quick()
    assert [round(pace.reserve("wikimedia", 0.3), 3) for pace in (one, other, one, other)] == [0, 0.3, 0.6, 0.9]
    one.hold("wikimedia", 30)
    assert round(other.reserve("wikimedia", 0.3), 2) == 30.1 and round(other.reserve("www.bbc.com", 0.3), 2) == 30.4


def test_a_run_after_a_kill_waits_for_what_the_last_one_was_told():
    Quick().hold("127.0.0.1:8391", 20)
    again = Quick()
    assert round(again.reserve("127.0.0.1:8391", 0), 1) == 20.1 and again.reserve("127.0.0.1:8392", 0) == 0
    again.passed = 21
    assert again.reserve("127.0.0.1:8391", 0) == 0


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"wikimedia": 7, "next": ["a", null]}', '{"wikimedia": [1e18, 2e18], "next": [0, 1e12]}'])
def test_a_note_that_is_damaged_or_from_another_time_stops_nobody(content):
    store.write_text(content, store.data_folder() / ".pace.json")
    pace = Quick()
    assert pace.reserve("wikimedia", 0.3) <= 60 and pace.reserve("127.0.0.1:1", 0) == 0
    assert Quick().reserve("wikimedia", 0.3) > 0


def test_where_no_file_can_be_written_each_notebook_keeps_its_own_pace(tmp_path, monkeypatch):
    monkeypatch.setenv("GI_DATA", str(tmp_path / "file" / "data"))
    (tmp_path / "file").write_text("no folder")
    pace = Quick()
    pace.hold("wikimedia", 5)
    assert [round(pace.reserve(site, 0.3), 1) for site in ("www.bbc.com", "wikimedia")] == [0.0, 5.1]


def test_long_waits_are_told(site, monkeypatch):
    told = []
    monkeypatch.setattr(web.PACE, "hold", lambda *_: None)
    site.script = [(429, {"Retry-After": "38"}, b"")]
    web.Session("team@example.org", notice=lambda *what: told.append(what)).get_json(site.url)
    assert told == [(38.0, f"{site.url.split('/')[2]}: HTTP 429")]


def test_closing_a_session_ends_its_waiting(site):
    site.script = [(429, {"Retry-After": "30"}, b"")]
    reader = session()
    threading.Timer(0.3, reader.close).start()
    started = time.monotonic()
    with pytest.raises(NeedsFixing, match="the reading was stopped"):
        reader.get_json(site.url)
    assert time.monotonic() - started < 5
    web.PACE.held.clear()


def test_robots_rules_are_kept_and_read_once(site):
    site.script = [(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /w/\n")]
    reader = session()
    assert not reader.allowed(site.url) and reader.allowed(site.url.replace("/w/api.php", "/wiki/A")) and len(site.seen) == 1


def test_no_robots_file_allows_all_and_a_fault_is_no_answer(site):
    site.script = [(404, {}, b"")]
    assert session().allowed(site.url)
    site.script = [(403, {}, b"")]
    with pytest.raises(NeedsFixing, match="HTTP 403"):
        session().allowed(site.url)


STORY = "https://news.example.org/hausa/articles/c4o"


@pytest.mark.parametrize("robots, may", [
    ("User-agent: *\nDisallow: /*/articles/", False), ("User-agent: *\nDisallow: *4o$", False), ("User-agent: *\nDisallow: *4$", True), ("User-agent: *\nDisallow: /hausa$", True),
    ("User-agent: *\nAllow: /hausa/\nDisallow: /hausa/articles/", False), ("User-agent: *\nDisallow: /hausa/\nAllow: /hausa/articles/", True), ("User-agent: *\nDisallow: /hausa/\nAllow: /hausa/", True),
    ("User-agent: *\nDisallow:\n\nUser-agent: *\nDisallow: /hausa/", False), ("\ufeffUser-agent: *\nDisallow: /hausa/", False), ("User-agent: a\nUser-agent: *\n\nDisallow: /", False),
    ("User-agent: *\nDisallow: /\n\nUser-agent: globalinstruct/9\nDisallow: /x", True), ("User-agent: Other\nDisallow: /", True), ("User-agent: *\nDisallow: /%68ausa # all", False), ("Disallow: /", True), ("", True),
    ("User-agent: *\nSitemap: https://x/s\nDisallow: /hausa/a*c*4o", False), ("User-agent: *\nDisallow: /hausa/*articles*articles", True),
])
def test_robots_rules_are_read_as_the_standard_says(robots, may):
    assert _robots.Rules(robots, "GlobalInstruct").allows(STORY) is may


def test_a_rule_fits_letters_and_questions_in_any_way_of_writing():
    rules = _robots.Rules("User-agent: *\nDisallow: /ọjà/\nDisallow: /*?page=\nCrawl-delay: 7.5\nCrawl-delay: x", "GlobalInstruct")
    assert not rules.allows("https://e.org/%E1%BB%8dj%c3%a0/1") and not rules.allows("https://e.org/a?page=2") and rules.allows("https://e.org/a?b") and rules.delay == 7.5
    assert _robots.Rules("User-agent: *\nDisallow: /", "GlobalInstruct").allows("https://e.org/robots.txt") and not _robots.Rules("User-agent: *\nDisallow: /" + "*a" * 60, "G").allows("https://e.org/" + "a" * 5000)


def moved(to):
    return (302, {"Location": to}, b"")


def test_each_step_of_a_redirect_is_held_against_robots_txt(site):
    rules = (200, {}, b"User-agent: *\nDisallow: /w/secret")
    site.script = [moved("/w/secret/1"), rules]
    with pytest.raises(_manners.Barred, match="leads to .*/w/secret/1, which the robots.txt there forbids"):
        session(obey=True).get(site.url)
    assert len(site.seen) == 2  # the page, and robots.txt; never the other page
    site.script = [moved("/w/open#part"), rules, (200, {}, b"here")]
    reader = session(obey=True)
    assert reader.get(site.url).content == b"here" and reader.requests == 3
    site.script = [moved("/other"), (200, {}, b"User-agent: *\nDisallow: /w/")]
    assert not session(obey=True).allowed(site.url)  # a robots.txt that has moved counts


@pytest.mark.parametrize("script, requests", [([moved("/w/api.php")] * 9, 2), ([moved(f"/w/{number}") for number in range(20)], 6), ([moved("mailto:a@b.org")], 1), ([moved("https://")], 1)])
def test_redirects_without_end_are_one_lost_page(site, script, requests):
    reader = session(obey=True)
    reader.rules[site.url.replace("/w/api.php", "/robots.txt")] = _robots.Rules("", "GlobalInstruct")
    site.script = list(script)
    with pytest.raises(_manners.Lost, match="leads on and on"):
        reader.get(site.url)
    assert len(site.seen) == requests


def test_what_ails_one_address_is_told_from_a_site_that_refuses(site, quick):
    site.script = [(500, {}, b"")] * 3
    with pytest.raises(_manners.Lost, match="HTTP 500"):
        session().get(site.url)
    for script in ([(403, {}, b"")], [(429, {}, b"")] * 3):
        site.script = script
        with pytest.raises(NeedsFixing) as refusal:
            session().get(site.url)
        assert type(refusal.value) is NeedsFixing
    site.script = [(200, {"Content-Length": "99"}, b"half")] * 3
    with pytest.raises(_manners.Lost, match="a body that was cut off"):
        session(most=1000).get(site.url)


def test_practice_in_a_language_without_practice_texts_says_which_have_some():
    with pytest.raises(NeedsFixing, match=r"no practice texts in Swahili \(sw\); choose one of ha, ig, pcm, yo"):
        web.endpoints().wiki("sw")


def test_a_server_of_ones_own_on_this_machine_gets_the_key_of_the_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")  # nobody listens there, so it is not the practice server
    assert web.endpoints().key == "none"
    monkeypatch.setenv("OPENAI_API_KEY", "my-own-server")
    assert web.endpoints().key == "my-own-server"


def test_a_real_looking_key_is_never_sent_to_the_practice_server(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-" + "a" * 40)
    assert web.endpoints().key == web.PRACTICE_KEY


def test_behind_a_proxy_servers_on_this_machine_are_asked_directly(site, monkeypatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "intranet.example")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("GI_WIKI_URL", site.url)
    assert web.Session("team@example.org").get_json(web.endpoints().wiki("yo")) == {"fine": True}
    assert store.os.environ["NO_PROXY"].split(",")[0] == "intranet.example"
    monkeypatch.delenv("http_proxy"), monkeypatch.delenv("HTTP_PROXY"), monkeypatch.setenv("no_proxy", "")
    web.endpoints()
    assert store.os.environ["no_proxy"] == ""
