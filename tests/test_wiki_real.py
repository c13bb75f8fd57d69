"""Notebook 1 on a real MediaWiki (../shared/servers/mediawiki), faults and kill -9 included. The first start takes a minute or two."""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest
from wiki_promises import WHO, Promises, all_rows, check_waits, paragraphs

from gi_helpers import _wiki, store, wiki_scrape

SHARED = store.HOUSE.parent / "shared"
SERVER = SHARED / "servers" / "mediawiki"
# Kept between runs, because a second start takes a second; two runs at once must not share it, or one sets the other's faults.
STATES = Path(os.environ.get("GI_TEST_MEDIAWIKI") or Path(tempfile.gettempdir()) / "gi-mediawiki-notebook-1")
pytestmark = [pytest.mark.real, pytest.mark.skipif(not SERVER.exists(), reason="there is no ../shared with a MediaWiki"),
              pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="starting MediaWiki needs root")]


def free_folder():
    """The first state folder that no other run holds, and the lock on it."""
    import filelock

    for number in range(1, 20):
        folder = STATES.with_name(STATES.name + (f"-{number}" if number > 1 else ""))
        folder.mkdir(parents=True, exist_ok=True)
        held = filelock.FileLock(folder / ".tests.lock", timeout=0)
        try:
            held.acquire()
        except filelock.Timeout:
            continue
        return folder, held
    raise AssertionError(f"all state folders beside {STATES} are in use")


class RealServer:
    """A MediaWiki with 300 made pages and the demo pages, in a state folder of its own."""

    def __init__(self):
        self.state, self.held = free_folder()
        STATE = self.state
        pages = STATE / "made"
        subprocess.run([sys.executable, str(SERVER / "make_pages.py"), str(SHARED / "data" / "yoruba" / "wikipedia_paragraphs.csv"), str(pages)], check=True, capture_output=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.switches, self.requests = STATE / "wiki-yo" / "faults.json", STATE / "wiki-yo" / "requests.jsonl"
        self.log_file = open(STATE / "serve.log", "w", encoding="utf-8")
        self.process = subprocess.Popen(["bash", str(SERVER / "serve.sh"), "--pages", str(pages), "--pages", str(SERVER / "demo-pages"), "--port", str(port),
                                         "--state", str(STATE), "--lang", "yo"], stdout=self.log_file, stderr=self.log_file, start_new_session=True)
        self.api = f"http://127.0.0.1:{port}/w/api.php"
        self._wait()
        self.gold = {row["title"]: row["paragraphs"] for row in store.read_jsonl(STATE / "made.gold.jsonl")}
        # Three made pages are English from end to end: they are paragraphs of Yoruba Wikipedia that nobody has translated.
        self.english = ("Àwọn sáyẹ́nsì àwùjọ", "Ìgbà Ẹlẹ́fun The", "Ìjídìde Fránsì The")
        self.left_out = {**dict.fromkeys((*self.english, "Untranslated page"), "mostly English"), "Ojúewé ìṣọ̀kan": "disambiguation", "Òfìfo": "empty", "Àdàkọ nìkan": "empty",
                         "Àtòkọ àwọn ìlú": "only a list or table", "Ástẹ́rọ́ìdì 117": "near-identical stub", "C++": "too short"}
        self.redirects = 4
        self.titles = {"redirect": "Ilu Ibadan", "target": "Ìbàdàn", "plain": "Ẹ́", "category": "Ẹ̀ka:Ìlú", "in category": "Ìbàdàn", "heading": ("Ìbàdàn", "Ìtàn")}

    def _wait(self):
        until = time.monotonic() + 420
        while time.monotonic() < until:
            assert self.process.poll() is None, f"MediaWiki did not start: {(self.state / 'serve.log').read_text()[-600:]}"
            try:
                urllib.request.urlopen(self.api + "?action=query&meta=siteinfo&format=json", timeout=30).read()
                return
            except OSError:
                time.sleep(0.3)
        raise AssertionError("MediaWiki did not start in seven minutes")

    def faults(self, switches):
        self.set = switches or {}
        if switches:
            store.write_json(switches, self.switches)
        else:
            self.switches.unlink(missing_ok=True)

    def mark(self):
        self.begin = sum(1 for _ in store.read_jsonl(self.requests))

    def log(self):
        time.sleep(0.2)  # a line is written when the answer has gone
        entries = list(store.read_jsonl(self.requests))[self.begin:]
        wait = self.set.get("retry_after", 0)
        return [{**entry, "agent": entry["ua"], "wait": wait if entry["status"] in (429, 503) else 0} for entry in entries]

    def stop(self):
        self.faults(None)
        self.process.send_signal(signal.SIGTERM)  # serve.sh ends PHP's workers itself
        self.process.wait(20)
        self.log_file.close()
        self.held.release()


@pytest.fixture(scope="session")
def mediawiki():
    server = RealServer()
    yield server
    server.stop()


@pytest.fixture
def server(mediawiki):
    mediawiki.faults(None)
    mediawiki.mark()
    yield mediawiki
    mediawiki.faults(None)


class TestMediaWiki(Promises):
    pass


def test_the_minute_limit_of_wikipedia_is_kept(server):
    server.faults({"rate_limit": {"unidentified": 1, "identified": 6}})
    server.mark()
    rows = all_rows(server, limit=280)
    assert len(rows) == 280
    log = server.log()
    for before, after in zip(log, log[1:]):
        if before["status"] == 429:  # Retry-After leads to the next full minute
            assert int(after["at"] // 60) > int(before["at"] // 60)
    assert sum(entry["status"] == 429 for entry in log) <= 1 + len(log) // 6


def test_right_to_left_text_poems_and_templates_of_the_wiki_come_back(server):
    found = paragraphs(all_rows(server))
    assert found["حوسة"][0] == "هَوْسَا يارٜ نٜ دَ أَكٜ مَغَنَ أَ نيجيريا."
    assert found["Ìbàdàn"][0] == "Ìbàdàn jẹ́ olú-ìlú Ìpínlẹ̀ Ọ̀yọ́ ní Nàìjíríà. Iye àwọn olùgbé rẹ̀ jẹ́ 3,649,000 ní ọdún 2021."
    mixed = found["Ìṣirò àti kóòdù"]
    assert mixed[0] == "Àgbékalẹ̀ 12 jẹ́ méjìlá. [[kì í ṣe ìjápọ̀]] & <àmì> àyè." and "Ẹsẹ àkọ́kọ́\nẸsẹ kejì" in mixed and mixed[-1] == "Ìgbẹ̀yìn."
    assert len(found["Ojúewé gígùn gan-an"]) == 1500
    assert found["AC/DC"] == ["AC/DC jẹ́ ẹgbẹ́ olórin. C++ & C# ? 100% \"àyọlò\" 'kan' — ó wà."]


def test_titles_with_odd_letters_are_found(server):
    odd = ["AC/DC", "C++", 'Kí ni? Bẹ́ẹ̀ni & "rárá"', "100% Ọ̀tọ̀", "Ẹ́", "حوسة"]
    counts = {}
    assert {row["title"] for row in all_rows(server, titles=[*odd, "Àtúndarí tó bàjẹ́", "<bad>"], counts=counts)} == set(odd)
    assert counts["no such page"] == 2


def test_every_thirteenth_503_and_seventeenth_cut_body_and_kills_lose_nothing(server, tmp_path, monkeypatch):
    monkeypatch.setattr(_wiki, "BATCH", 10)
    monkeypatch.setattr(wiki_scrape, "GROUP", 1)
    whole = {row["id"] for row in all_rows(server)}
    server.faults({"fail_every": 13, "fail_status": 503, "retry_after": 1, "truncate_every": 17})
    server.mark()
    from wiki_promises import CHILD

    file = tmp_path / "1_wiki_scrape.csv"
    journal = tmp_path / "1_wiki_scrape.csv.partial.jsonl"
    for kill in (40, 60):  # rows of this run after which it is killed
        child = subprocess.Popen([sys.executable, "-c", CHILD, server.api, str(file)], env={**os.environ, "PYTHONPATH": str(store.HOUSE)}, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 40
        while time.monotonic() < until and child.poll() is None and (not journal.exists() or journal.read_bytes().count(b"\n") < kill):
            time.sleep(0.02)
        child.kill()
        child.wait()
    table = store.collect(wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file), file)
    assert set(table["id"]) == whole and table["id"].is_unique
    runs = []
    for entry in server.log():  # each process begins with siteinfo; one that is killed before it has read an answer cannot tell the next what it was told
        if "meta=siteinfo" in entry["uri"] or not runs:
            runs.append([])
        runs[-1].append(entry)
    assert sum(check_waits(run) for run in runs) >= 1


def test_a_dump_of_the_wiki_gives_the_same_text(server, tmp_path):
    environment = {**os.environ, "GI_MW_WIKI": str(server.state / "wiki-yo"), "GI_MW_LANG": "yo", "GI_MW_PORT": server.api.split(":")[2].split("/")[0],
                   "MW_CONFIG_FILE": str(server.state / "wiki-yo" / "LocalSettings.php")}
    made = subprocess.run(["php", "-d", "memory_limit=1G", str(server.state / "mw" / "maintenance" / "dumpBackup.php"), "--current", "-q"], env=environment, capture_output=True, check=True)
    file = tmp_path / "yowiki.xml"
    file.write_bytes(made.stdout)
    counts = {}
    found = paragraphs(wiki_scrape.from_dump(file, "yo", counts=counts))
    live = paragraphs(all_rows(server))
    different = {title for title in live if found.get(title) != live[title]}
    assert different <= {"Ìbàdàn", "Ìṣirò àti kóòdù"}  # they use templates that only the wiki can expand
    assert counts["templates without text"] == 2 and json.dumps(counts)
    server.mark()
    asked = paragraphs(wiki_scrape.from_dump(file, "yo", counts=counts, contact=WHO, base_url=server.api))
    assert asked == live and "templates without text" not in counts and len(server.log()) <= 3
