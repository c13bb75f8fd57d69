"""Notebook 2 on real rendered pages, which stay outside this repository."""
import importlib.util
import statistics
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent
PAGES = HOUSE.parent / "shared" / "data" / "news_pages"
pytestmark = [pytest.mark.real, pytest.mark.skipif(not PAGES.is_dir(), reason="the real pages (../shared/data/news_pages) are not here")]


def load():
    spec = importlib.util.spec_from_file_location("news_benchmark", HOUSE / "benchmarks" / "news.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bench = load()


@pytest.mark.parametrize("change, least", [("none", 0.995), ("data dropped", 0.99), ("all at once", 0.98), ("main renamed, data dropped", 0.98), ("pointers in main, data dropped", 0.98), ("paragraphs as div, data dropped", 0.98),
                                           ("figures as div, data dropped", 0.99)])
def test_real_stories_come_out_whole_and_clean(change, least):
    found = bench.measure(bench.ours(), PAGES, bench.MUTATIONS[change])
    assert found["F1"] >= least and found["median"] >= 0.995
    assert found["pages/s"] >= 25 or change != "none"
    assert found["headline"] == 1.0 and found["date"] >= 0.99 and found["captions"] == 0 and found["leaks"].startswith("0/")


def test_each_service_is_read_as_well_as_the_others():
    by_service = {}
    read = bench.ours()
    for name, html, url, gold in bench.pages(PAGES):
        if gold and gold["is_story"]:
            by_service.setdefault(name.partition("/")[0], []).append(bench.scores(read(bench.MUTATIONS["data dropped"](html), url)[0], gold["paragraphs"])[2])
    assert len(by_service) >= 10 and {service: round(statistics.mean(values), 3) for service, values in by_service.items() if statistics.mean(values) < 0.985} == {}


def test_the_two_ways_of_reading_agree_on_every_real_story():
    from gi_helpers import bbc_scrape

    apart = [name for name, html, url, gold in bench.pages(PAGES) if gold and gold["is_story"] and bbc_scrape.extract(html, url)["agreement"] < 0.9]
    assert apart == []


def test_a_real_page_that_breaks_off_anywhere_never_gives_half_a_story():
    from gi_helpers import bbc_scrape

    found = []
    for name, html, url, gold in bench.pages(PAGES):
        if gold and gold["is_story"] and "hausa" in name or "swahili/cps" in name:
            end = html.rfind("</body>")
            for part in (0.2, 0.5, 0.8, 0.95):
                if bbc_scrape.extract(html[:int(end * part)], url)["paragraphs"]:
                    found.append((name, part))
    assert found == []
