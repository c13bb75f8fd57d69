"""What notebook 1 promises of any wiki; the same tests run on the practice server and on a real MediaWiki.

A `server` fixture gives .api, .gold {title: paragraphs}, .left_out {title: reason}, .titles {name: title}, .faults(switches) and .log().
"""
import os
import signal
import subprocess
import sys
import threading
import time
import unicodedata

import pytest

from gi_helpers import _wiki, store, wiki_scrape
from gi_helpers.errors import NeedsFixing

WHO = "team@example.org"
CHILD = """
import sys, time
from gi_helpers import _wiki, store, wiki_scrape
_wiki.BATCH, wiki_scrape.GROUP = 10, 1
rows = wiki_scrape.articles("yo", contact="team@example.org", base_url=sys.argv[1], done=sys.argv[2])
store.collect((time.sleep(0.02) or row for row in rows), sys.argv[2])
"""


def paragraphs(rows):
    return {row["title"]: row["text"].split("\n\n") for row in rows}


def all_rows(server, **more):
    return list(wiki_scrape.articles("yo", contact=WHO, base_url=server.api, **more))


def check_waits(log):
    """No request left before the Retry-After of the one before it had passed."""
    waits = 0
    for before, after in zip(log, log[1:]):
        if before["wait"]:
            waits += 1
            # `at` is when an answer was ready, so the time the next one took is no waiting.
            assert after["at"] - after["ms"] / 1000 - before["at"] >= before["wait"] - 0.05
    return waits


class Promises:
    def test_every_paragraph_comes_back_letter_for_letter(self, server):
        found = paragraphs(all_rows(server))
        wanted = [(title, text) for title, texts in server.gold.items() for text in texts]
        exact = sum(text in found.get(title, ()) for title, text in wanted)
        assert exact >= 0.995 * len(wanted)
        foreign = sum(len(text) for title, texts in found.items() if title in server.gold for text in texts if text not in server.gold[title])
        assert foreign <= 0.003 * sum(len(text) for texts in found.values() for text in texts)
        assert all(unicodedata.is_normalized("NFC", text) for texts in found.values() for text in texts)

    def test_few_requests_bring_many_pages(self, server):
        server.mark()
        counts = {}
        all_rows(server, counts=counts)
        assert len(server.log()) <= max(4, 0.035 * counts["read"])
        assert all(entry["gzip"] and WHO in entry["agent"] for entry in server.log())

    def test_rows_have_all_columns_with_licence_and_permanent_link(self, server):
        row = all_rows(server, limit=1)[0]
        assert list(row) == wiki_scrape.COLUMNS
        assert row["id"] == store.short_hash("yo", row["pageid"]) and row["language"] == "yo"
        assert row["licence"] and row["licence_url"].startswith("https://creativecommons.org/")
        assert row["permalink"].endswith(f"index.php?oldid={row['revid']}") and row["permalink"].startswith(server.api[:20])
        assert row["retrieved_at"].endswith("Z") and row["url"].startswith("http")

    def test_every_page_left_out_is_counted_with_its_reason(self, server, tmp_path):
        counts, file = {}, tmp_path / "1_wiki_scrape.csv"
        rows = all_rows(server, counts=counts, done=file)
        reasons = {row["title"]: row["reason"] for row in store.read_jsonl(tmp_path / "1_wiki_scrape.left_out.jsonl")}
        assert {title: reasons.get(title) for title in server.left_out} == server.left_out
        assert counts["read"] == len(rows) + len(reasons) and counts["kept"] == len(rows)
        assert counts["redirect"] == server.redirects
        assert sum(counts[reason] for reason in set(reasons.values())) == len(reasons)

    def test_a_limit_counts_what_is_there_already(self, server, tmp_path):
        file = tmp_path / "rows.csv"
        for limit in (5, 5, 12):
            table = store.collect(wiki_scrape.articles("yo", limit, contact=WHO, base_url=server.api, done=file), file)
            assert len(table) == limit and table["id"].is_unique

    def test_exact_titles_are_read_and_missing_ones_counted(self, server):
        counts = {}
        rows = all_rows(server, titles=[server.titles["redirect"], server.titles["plain"], "Kò sí ojúewé yìí rárá"], counts=counts)
        assert {row["title"] for row in rows} == {server.titles["target"], server.titles["plain"]}
        assert counts["no such page"] == 1

    def test_a_category_gives_its_pages_under_its_local_and_its_english_prefix(self, server):
        local, plain = (sorted(row["title"] for row in all_rows(server, category=name)) for name in (server.titles["category"], server.titles["category"].partition(":")[2]))
        assert local == plain and server.titles["in category"] in local and len(local) < len(server.gold)

    def test_a_category_that_does_not_exist_is_a_sentence(self, server):
        with pytest.raises(NeedsFixing, match="no page in the category 'Kò sí'"):
            all_rows(server, category="Kò sí")

    def test_random_order_gives_no_page_twice_and_ends(self, server):
        titles = [row["title"] for row in all_rows(server, order="random", limit=1000)]
        assert len(titles) == len(set(titles)) and set(server.gold) <= set(titles) | set(server.english)

    def test_headings_come_only_when_asked_for(self, server):
        title, heading = server.titles["heading"]
        without, kept = (paragraphs(all_rows(server, titles=[title], keep_headings=keep))[title] for keep in (False, True))
        assert heading not in without and heading in kept and [text for text in kept if text in without] == without

    def test_faults_lose_no_page_and_double_none(self, server, monkeypatch):
        monkeypatch.setattr(_wiki, "BATCH", 10)
        calm = [row["id"] for row in all_rows(server)]
        server.faults({"fail_every": 5, "fail_status": 503, "retry_after": 1, "truncate_every": 7})
        server.mark()
        assert [row["id"] for row in all_rows(server)] == calm
        assert check_waits(server.log()) >= 1

    def test_a_429_is_waited_for_to_the_second(self, server):
        server.faults({"fail_every": 2, "fail_status": 429, "retry_after": 1})
        server.mark()
        rows = all_rows(server, limit=3)
        assert len(rows) == 3 and check_waits(server.log()) >= 1

    def test_a_wiki_that_lags_is_left_alone_for_a_while(self, server):
        server.faults({"maxlag": 7.5})
        server.mark()
        timer = threading.Timer(1, server.faults, [None])
        timer.start()
        started = time.monotonic()
        assert len(all_rows(server, limit=1)) == 1
        assert 5 <= time.monotonic() - started < 9
        timer.join()

    def test_a_403_is_a_refusal_and_not_a_missing_page(self, server):
        server.faults({"fail_every": 1, "fail_status": 403})
        with pytest.raises(NeedsFixing, match="HTTP 403.*refuses this reader.*does not mean that there is no such page"):
            all_rows(server, titles=[server.titles["plain"]])

    def test_a_killed_run_goes_on_with_no_page_lost_and_none_twice(self, server, tmp_path, monkeypatch):
        monkeypatch.setattr(_wiki, "BATCH", 10)
        monkeypatch.setattr(wiki_scrape, "GROUP", 1)
        whole = {row["id"] for row in all_rows(server)}
        file = tmp_path / "1_wiki_scrape.csv"
        child = subprocess.Popen([sys.executable, "-c", CHILD, server.api, str(file)], env={**os.environ, "PYTHONPATH": str(store.HOUSE)}, stderr=subprocess.DEVNULL)
        partial = tmp_path / "1_wiki_scrape.csv.partial.jsonl"
        until = time.monotonic() + 20
        while time.monotonic() < until and (not partial.exists() or partial.read_bytes().count(b"\n") < 15):
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.wait()
        kept = partial.read_bytes().count(b"\n")
        assert 15 <= kept < len(whole)
        server.mark()
        counts = {}
        table = store.collect(wiki_scrape.articles("yo", contact=WHO, base_url=server.api, done=file, counts=counts), file)
        assert set(table["id"]) == whole and table["id"].is_unique
        assert sum("generator=allpages" in entry["uri"] for entry in server.log()) <= (counts["read"] - kept) / 10 + 2  # the pages before are not fetched again
        reasons = [row["pageid"] for row in store.read_jsonl(tmp_path / "1_wiki_scrape.left_out.jsonl")]
        assert len(reasons) == len(set(reasons)) and counts["read"] == len(whole) + len(reasons)
