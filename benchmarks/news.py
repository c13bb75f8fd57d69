"""How well notebook 2 reads news pages, side by side with other programs.

    python benchmarks/news.py                      ours, and "all paragraphs", on the pages beside this repository
    python benchmarks/news.py --mutations          ours, after the pages have been changed as a redesign would change them
    python benchmarks/news.py --peer trafilatura   a peer (trafilatura, readability, newspaper), run by a Python that has it
    python benchmarks/news.py --pages FOLDER       other pages: <service>/<name>.html, each story with <name>.gold.json beside it

The scores compare the words of a page as a multiset with those of its gold paragraphs. No page's text is printed or kept.
"""
import argparse
import collections
import json
import re
import statistics
import sys
import time
from pathlib import Path

import regex

HOUSE = Path(__file__).resolve().parent.parent
WORDS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
DATA = re.compile(r"<script(?![^>]*ld\+json)\b[^>]*>.*?</script>", re.S)
SCRIPT = re.compile(r"<script\b[^>]*>.*?</script>", re.S)


def pages(folder):
    """Yield (name, html, url, gold or None) of every page."""
    for file in sorted(folder.glob("*/*.html")):
        beside = file.with_name(file.name[:-5] + ".gold.json")
        gold = json.loads(beside.read_text(encoding="utf-8")) if beside.exists() else None
        url = gold["url"] if gold else f"https://www.bbc.com/{file.parent.name}/{file.name[:-5].partition('__')[2].replace('_', '/')}"
        yield f"{file.parent.name}/{file.name}", file.read_text(encoding="utf-8"), url, gold


def scores(found, wanted):
    """(precision, recall, F1) of two lists of texts, as multisets of words."""
    ours, gold = (collections.Counter(WORDS.findall(" ".join(texts))) for texts in (found, wanted))
    both = sum((ours & gold).values())
    if not both:
        return 0.0, 0.0, 0.0
    precision, recall = both / sum(ours.values()), both / sum(gold.values())
    return precision, recall, 2 * precision * recall / (precision + recall)


# ---------------------------------------------------------------- the readers: (html, url) -> (paragraphs, headline, date)

def ours():
    sys.path.insert(0, str(HOUSE))
    from gi_helpers import bbc_scrape

    def read(html, url):
        found = bbc_scrape.extract(html, url)
        return found["paragraphs"], found["headline"], found["published"]
    return read


def all_paragraphs():
    from bs4 import BeautifulSoup

    def read(html, url):
        soup = BeautifulSoup(html, "html.parser")
        h1, when = soup.find("h1"), soup.find("time", datetime=True)
        return [p.get_text() for p in soup.find_all("p")], h1.get_text() if h1 else "", when["datetime"] if when else ""
    return read


def trafilatura():
    import trafilatura as peer

    def read(html, url):
        found = peer.bare_extraction(html, url=url, with_metadata=True, include_comments=False)
        if found is None:
            return [], "", ""
        found = found.as_dict() if hasattr(found, "as_dict") else found
        return (found.get("text") or "").split("\n"), found.get("title") or "", found.get("date") or ""
    return read


def readability():
    from bs4 import BeautifulSoup
    from readability import Document

    def read(html, url):
        document = Document(html)
        return [BeautifulSoup(document.summary(), "html.parser").get_text(" ")], document.short_title(), ""
    return read


def newspaper():
    from newspaper import Article

    def read(html, url):
        article = Article(url)
        article.download(input_html=html)
        article.parse()
        return article.text.split("\n\n"), article.title, str(article.publish_date or "")[:10]
    return read


PEERS = {"ours": ours, "all paragraphs": all_paragraphs, "trafilatura": trafilatura, "readability": readability, "newspaper": newspaper}


# ---------------------------------------------------------------- what a redesign may do

def _rename_classes(html):
    return re.sub(r'class="[^"]*"', lambda found: f'class="n{hash(found[0]) % 16**8:x}"', html)


def _other_script(html):
    """The same data in a script with another name and another form."""
    found = re.search(r"window\.SIMORGH_DATA\s*=\s*", html)
    if not found:
        return html
    value, end = json.JSONDecoder().raw_decode(html[found.end():])
    data = json.dumps({"props": {"pageProps": value}}).replace("</", "<\\/")
    return (html[:found.start()] + html[found.end() + end:]).replace("</body>", f'<script id="state" type="application/json">{data}</script></body>')


def _wrap(html):
    return re.sub(r"(<main\b.*?</main>)", r"<div><div>\1</div></div>", html, flags=re.S)


def _most_read_inside(html):
    found = re.search(r'<section[^>]*data-e2e="most-read".*?</section>', html, re.S)
    rows = "".join(f'<li><div><span>{rank}</span></div><div><a href="/x-{rank}2345678">A headline that many people read today, number {rank}</a></div></li>' for rank in range(1, 11))
    part = found[0] if found else f"<div><h2>Most read</h2><ol>{rows}</ol></div>"
    return (html.replace(found[0], "") if found else html).replace("</main>", part + "</main>")


def _pointers(html):
    """A list of other stories in main without any mark, and a byline that is a plain paragraph."""
    rows = "".join(f'<div><a href="/p{rank}2345678">Another story, number {rank}</a><p>A whole sentence that sums up the other story, number {rank}.</p></div>' for rank in range(6))
    return re.sub("</h1>", "</h1><p>By Somebody Important</p>", html.replace("</main>", f"<div>{rows}</div><p>© 2026 A publisher. All rights reserved.</p></main>"), count=1)


def _drop(html):
    return DATA.sub("", html)


MUTATIONS = {
    "none": lambda html: html,
    "classes renamed": _rename_classes,
    "script renamed": _other_script,
    "data dropped": _drop,
    "main wrapped, data dropped": lambda html: _wrap(_drop(html)),
    "most read in main": _most_read_inside,
    "most read in main, data dropped": lambda html: _most_read_inside(_drop(html)),
    "all at once": lambda html: _rename_classes(_wrap(_most_read_inside(_drop(html)))),
    "no scripts at all": lambda html: SCRIPT.sub("", html),
    "marks gone, data dropped": lambda html: re.sub(r' (data-[\w-]+|aria-[\w-]+|role)="[^"]*"', "", _drop(html)),
    "pointers in main, data dropped": lambda html: _pointers(_drop(html)),
    "paragraphs as div, data dropped": lambda html: re.sub(r"<(/?)p\b", r"<\1div", _drop(html)),
    "figures as div, data dropped": lambda html: re.sub(r"<(/?)(figure|figcaption)\b", r"<\1div", _drop(html)),
    "nothing said of the page": lambda html: re.sub(r"<(/?)time\b[^>]*>", r"<\1span>", re.sub(r"<(meta|link)\b[^>]*>", "", SCRIPT.sub("", html))),
    "main renamed, data dropped": lambda html: _drop(html).replace("<main ", "<div ").replace("</main>", "</div>").replace('role="main"', ""),
}


# ---------------------------------------------------------------- measuring

def measure(read, folder, change):
    """One line of figures: body (precision, recall, F1), headline, date, captions, leaks, pages a second."""
    f1, precision, recall, headlines, dates, captions, leaks, others, seconds, count = [], [], [], 0, 0, 0, 0, 0, 0.0, 0
    for _, html, url, gold in pages(folder):
        html = change(html)
        start = time.process_time()
        try:
            paragraphs, headline, published = read(html, url)
        except Exception:  # a peer that gives up on a page has found nothing
            paragraphs, headline, published = [], "", ""
        seconds, count = seconds + time.process_time() - start, count + 1
        if not gold or not gold["is_story"]:
            others += 1
            leaks += len(WORDS.findall(" ".join(paragraphs))) > 0
            continue
        one = scores(paragraphs, gold["paragraphs"])
        precision.append(one[0]), recall.append(one[1]), f1.append(one[2])
        headlines += " ".join(headline.split()) == " ".join(gold["headline"].split())
        dates += published[:10] == gold["published"][:10]
        text, body = " ".join(" ".join(paragraphs).split()), " ".join(" ".join(gold["paragraphs"]).split())
        captions += sum(" ".join(caption.split()) in text and " ".join(caption.split()) not in body for caption in gold["captions"])
    return {"precision": statistics.mean(precision), "recall": statistics.mean(recall), "F1": statistics.mean(f1), "median": statistics.median(f1), "least": min(f1), "headline": headlines / len(f1),
            "date": dates / len(f1), "captions": captions, "leaks": f"{leaks}/{others}", "pages/s": count / seconds}


def show(name, figures):
    print(f"{name:34}" + " ".join(f"{key} {value:.4f}" if isinstance(value, float) and key != "pages/s" else f"{key} {value:.0f}" if key == "pages/s" else f"{key} {value}" for key, value in figures.items()))


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--pages", type=Path, default=HOUSE.parent / "shared" / "data" / "news_pages")
    asked.add_argument("--peer", choices=PEERS)
    asked.add_argument("--mutations", action="store_true")
    asked.add_argument("--dropped", action="store_true", help="with --peer: drop the page's data first")
    given = asked.parse_args()
    if not any(gold and gold["is_story"] for *_, gold in pages(given.pages)):
        sys.exit(f"there are no stories with gold beside them in {given.pages}; give a folder that has some with --pages")
    if given.mutations:
        read = PEERS[given.peer or "ours"]()
        for name, change in MUTATIONS.items():
            show(name, measure(read, given.pages, change))
        return
    for name in [given.peer] if given.peer else ["ours", "all paragraphs"]:
        read = PEERS[name]()
        if not given.dropped:
            show(name, measure(read, given.pages, MUTATIONS["none"]))
        show(f"{name}, data dropped", measure(read, given.pages, _drop))


if __name__ == "__main__":
    main()
