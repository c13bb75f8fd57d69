"""Notebook 1 beside the packages people use, on one real MediaWiki, and the speed and memory of the dump reader.

    bash ../shared/servers/mediawiki/serve.sh --pages MADE --pages ../shared/servers/mediawiki/demo-pages --port 8391 --lang yo &
    python benchmarks/wikipedia.py --api http://127.0.0.1:8391/w/api.php --gold MADE.gold.jsonl --peers PYTHON

MADE is the folder that make_pages.py wrote. PYTHON is a Python with Wikipedia-API, wikipedia, pymediawiki, pywikibot and mwparserfromhell (a venv
of its own). --log is the server's requests.jsonl: requests are counted there. --dump FILE is a dump of the same wiki; it is made ten times as
long to see whether memory stays flat.
"""
import argparse
import bz2
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

PEER = r'''
import json, sys, time
package, api, titles = sys.argv[1], sys.argv[2], json.load(open(sys.argv[3]))
agent, texts = "benchmark/1.0 (contact: team@example.org)", {}
if package == "Wikipedia-API":
    import wikipediaapi
    wiki = wikipediaapi.Wikipedia(agent, "yo")
    from urllib.parse import urlsplit
    module = wikipediaapi
    import httpx
    host = api.replace("http://", "")
    send = httpx.Client.send
    def local(self, request, **more):
        request.url = httpx.URL(api).copy_with(query=request.url.query)
        request.headers["Host"] = host.split("/")[0]
        return send(self, request, **more)
    httpx.Client.send = local
    get = lambda title: wiki.page(title).text
elif package == "wikipedia":
    import wikipedia
    import wikipedia.wikipedia
    wikipedia.wikipedia.API_URL = api
    wikipedia.set_user_agent(agent)
    get = lambda title: wikipedia.page(title, auto_suggest=False).content
elif package == "pymediawiki":
    import mediawiki
    wiki = mediawiki.MediaWiki(url=api, user_agent=agent, lang="yo")
    get = lambda title: wiki.page(title, auto_suggest=False).content
elif package == "pywikibot":
    import os
    os.environ["PYWIKIBOT_NO_USER_CONFIG"] = "2"
    import pywikibot, mwparserfromhell
    from pywikibot import family
    pywikibot.config.put_throttle = pywikibot.config.minthrottle = 0
    pywikibot.config.maxthrottle = 0
    host = api.split("/")[2]
    class Local(family.Family):
        name = "local"; langs = {"yo": host}
        def protocol(self, code): return "http"
        def scriptpath(self, code): return "/w"
    pywikibot.config.usernames["local"] = {}
    site = pywikibot.Site(code="yo", fam=Local())
begun = time.perf_counter()
if package == "pywikibot":
    for page in site.preloadpages([pywikibot.Page(site, title) for title in titles], groupsize=50, quiet=True):
        texts[page.title()] = mwparserfromhell.parse(page.text).strip_code()
else:
    for title in titles:
        texts[title] = get(title)
json.dump({"seconds": time.perf_counter() - begun, "texts": texts}, open(sys.argv[4], "w"))
'''


def lines(text):
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def judge(name, texts, gold, seconds, requests, pages):
    """One line of the table: requests and pages a second, exact paragraphs, foreign text."""
    wanted = [(title, paragraph) for title, paragraphs in gold.items() for paragraph in paragraphs]
    found = {title: lines(text) for title, text in texts.items() if title in gold}
    exact = sum(paragraph in found.get(title, ()) for title, paragraph in wanted)
    total = sum(len(line) for got in found.values() for line in got)
    foreign = sum(len(line) for title, got in found.items() for line in got if line not in gold[title])
    print(f"| {name} | {requests / pages:.3f} | {pages / seconds:.0f} | {100 * exact / len(wanted):.2f} | {100 * foreign / max(1, total):.2f} |", flush=True)


def requests_in(log):
    return sum(1 for _ in open(log, encoding="utf-8")) if log else 0


def ours(api, gold, log, rounds=3):
    from gi_helpers import wiki_scrape

    best, texts, counts, before = 1e9, {}, {}, requests_in(log)
    for _ in range(rounds):
        begun = time.perf_counter()
        texts = {row["title"]: row["text"] for row in wiki_scrape.articles("yo", contact="team@example.org", base_url=api, counts=counts)}
        best = min(best, time.perf_counter() - begun)
    judge("GlobalInstruct", texts, gold, best, (requests_in(log) - before) / rounds, counts["read"])
    here = {title: paragraphs for title, paragraphs in gold.items() if title in texts}
    judge("the same, English pages apart", texts, here, best, (requests_in(log) - before) / rounds, counts["read"])


def peers(python, api, gold, log):
    with tempfile.TemporaryDirectory() as folder:
        titles, out = Path(folder, "titles.json"), Path(folder, "out.json")
        titles.write_text(json.dumps(list(gold)))
        for package in ("Wikipedia-API", "wikipedia", "pymediawiki", "pywikibot"):
            before = requests_in(log)
            done = subprocess.run([python, "-c", PEER, package, api, str(titles), str(out)], capture_output=True, text=True, cwd=folder)
            if done.returncode:
                print(f"| {package} | did not run: {done.stderr.strip().splitlines()[-1][:120]} | | | |", flush=True)
                continue
            answer = json.loads(out.read_text())
            judge(package + (" preloadpages + strip_code" if package == "pywikibot" else ""), answer["texts"], gold, answer["seconds"], requests_in(log) - before, len(gold))


READ = r'''
import json, resource, sys, time
from gi_helpers import wiki_scrape
begun, counts = time.perf_counter(), {}
for row in wiki_scrape.from_dump(sys.argv[1], "yo", counts=counts, workers=int(sys.argv[2])):
    pass
both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
used = [one.ru_maxrss / 1024 for one in both]
print(json.dumps({"seconds": time.perf_counter() - begun, "cpu": sum(one.ru_utime + one.ru_stime for one in both), "kept": counts["kept"], "own_mb": used[0], "worker_mb": used[1]}))
'''


def longer(source, out, times):
    """A dump with the pages of `source` so many times, ids and titles made different, in streams of a hundred pages."""
    raw = Path(source).read_bytes()
    pages = re.findall(rb"  <page>.*?</page>\n", raw, re.S)
    wikitext = sum(len(text) for page in pages for text in re.findall(rb"<text[^>]*>(.*?)</text>", page, re.S))
    with open(out, "wb") as stream:
        stream.write(bz2.compress(raw[:raw.index(b"  <page>")]))
        for copy in range(times):
            for first in range(0, len(pages), 100):
                block = b"".join(pages[first:first + 100])
                if copy:
                    block = re.sub(rb"<title>([^<]*)</title>", lambda found: b"<title>%s %d</title>" % (found[1], copy), block)
                    block = re.sub(rb"(<ns>0</ns>\s*<id>)(\d+)", lambda found: b"%s%d" % (found[1], int(found[2]) + 10_000 * copy), block)
                stream.write(bz2.compress(block))
        stream.write(bz2.compress(b"</mediawiki>\n"))
    return wikitext * times / 1e6


def dump(source):
    print("\n| dump | MB of wikitext | workers | MB/s | MB per CPU-second | memory of this process, MB | of the largest worker, MB |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for times in (2, 20):
            file = Path(folder, f"{times}.xml.bz2")
            size = longer(source, file, times)
            for workers in (1, 2):
                done = subprocess.run([sys.executable, "-c", READ, str(file), str(workers)], capture_output=True, text=True, check=True,
                                      cwd=Path(__file__).resolve().parent.parent)
                answer = json.loads(done.stdout)
                print(f"| x{times} | {size:.0f} | {workers} | {size / answer['seconds']:.1f} | {size / answer['cpu']:.1f} | {answer['own_mb']:.0f} | {answer['worker_mb']:.0f} |", flush=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("api", "gold", "log", "peers", "dump"):
        options.add_argument(f"--{name}")
    given = options.parse_args()
    if given.api:
        texts = {row["title"]: row["paragraphs"] for row in map(json.loads, open(given.gold, encoding="utf-8"))}
        print("| way | requests a page | pages a second | exact % | foreign % |\n|---|---|---|---|---|")
        ours(given.api, texts, given.log)
        if given.peers:
            peers(given.peers, given.api, texts, given.log)
    if given.dump:
        dump(given.dump)
