"""How time and memory grow with the rows: each stage with 1,000, 10,000 and 100,000 made-up rows, each in a process of its own.

    python benchmarks/growth.py [largest]

The slope is that of log(seconds) over log(rows) between the two larger sizes: 1 means linear. Memory is the most the process held.
"""
import bz2
import math
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOUSE))
WORDS = "ọjà ilé oúnjẹ ìlú ọmọ omi ojú ọjọ́ ìwé orí èdè Yorùbá àwọn tí wọ́n ń ṣe ní gbogbo ayé àti pé ó dára púpọ̀ láti mọ̀ kí a tó lọ sí oko".split()


def sentence(pick, words):
    return " ".join(pick.choices(WORDS, k=words)).capitalize() + "."


def texts(count):
    pick = random.Random(0)
    for number in range(count):
        yield {"id": f"t{number}", "source": "wikipedia", "source_id": str(number), "part": "1", "title": f"Ojúewé {number}", "url": f"https://yo.wikipedia.org/wiki/{number}",
               "licence": "CC BY-SA 4.0", "text": f"{sentence(pick, 40)} {number}", "tokens": "90"}


def reviewed(count):
    pick = random.Random(1)
    for number in range(count):
        yield {"id": f"r{number}", "passage_id": f"p{number // 5}", "source": "wikipedia", "title": f"Ojúewé {number // 5}", "url": f"https://yo.wikipedia.org/wiki/{number // 5}",
               "licence": "CC BY-SA 4.0", "method": "grounded_qa", "model": "m", "question": f"{sentence(pick, 10)} {number}?", "answer": sentence(pick, 40), "status": "accepted", "reviewer": "ada"}


def answers(count):
    for number in range(count):
        item, order = number // 4, "ab"[number % 2] + "ba"[number % 2]
        yield {"model": "base" if number % 4 < 2 else "tuned", "arm": "base" if number % 4 < 2 else "tuned", "item": str(item), "mode": "binary", "order": order, "reply": "A", "state": "ok",
               "choice": "0", "correct": str(int((item * 7 + number) % 3 > 0)), "category": "c", "culture": "keep", "checked": "1", "language": "yo", "id": str(number)}


def save(rows, file):
    from gi_helpers import store

    rows = iter(rows)
    first = next(rows)
    with store.rows_to(file, list(first)) as add:
        add(first)
        for row in rows:
            add(row)


def made(stage, count, folder):
    """The input of a stage, as a file."""
    if stage == "wiki dump":
        pick, file = random.Random(2), folder / "dump.xml.bz2"
        with bz2.open(file, "wt", encoding="utf-8") as stream:
            stream.write('<mediawiki xml:lang="yo"><siteinfo><sitename>Wikipedia</sitename><dbname>yowiki</dbname><base>https://yo.wikipedia.org/wiki/</base></siteinfo>\n')
            for n in range(1, count + 1):
                stream.write(f"<page><title>Ojúewé {n}</title><ns>0</ns><id>{n}</id><revision><id>{n}</id><timestamp>2026-01-01T00:00:00Z</timestamp><text>{sentence(pick, 60)} [[Ìlú]] {n}.</text>"
                             "</revision></page>\n")
            stream.write("</mediawiki>")
        return file
    file = folder / "in.csv"
    save({"clean": texts, "templates": texts, "convert": reviewed, "publish": reviewed, "check": reviewed, "score": answers}[stage](count), file if stage != "publish" else folder / "4_qa.csv")
    if stage == "check":
        from gi_helpers import csv_to_jsonl, store

        csv_to_jsonl.write(csv_to_jsonl.convert(store.read(file)), folder / "in.jsonl")
    return file


RUN = {
    "wiki dump": "from gi_helpers import wiki_scrape\nfor row in wiki_scrape.from_dump(folder / 'dump.xml.bz2', 'yo'): pass",
    "clean": "from gi_helpers import clean\nclean.clean_files([folder / 'in.csv'], folder / 'kept.csv', folder / 'dropped.csv', language='yo')",
    "templates": "from gi_helpers import translate, store\nfor row in translate.draft(store.read(folder / 'in.csv'), 'yo', method='templates', model='none', journal=folder / 'j.jsonl'): pass",
    "convert": "from gi_helpers import csv_to_jsonl, store\ntrain, valid = csv_to_jsonl.split(store.read(folder / 'in.csv'))\ncsv_to_jsonl.write(csv_to_jsonl.convert(train), folder / 'out.jsonl')",
    "check": "from gi_helpers import check\ncheck.problems(folder / 'in.jsonl')",
    "score": "from gi_helpers import evaluate, store\nevaluate.score(store.read(folder / 'in.csv'))",
    "publish": "from gi_helpers import publish\npublish.build(folder, folder / '10_publish', language='yo', name='yor-many', title='Many', created='2026-01-01')",
}
CHILD = """
import resource, time
from pathlib import Path
folder = Path({folder!r})
began = time.perf_counter()
{code}
seconds = time.perf_counter() - began
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def measure(stage, count):
    """(seconds, MB of the process, MB of its largest helper)."""
    with tempfile.TemporaryDirectory() as folder:
        made(stage, count, Path(folder))
        done = subprocess.run([sys.executable, "-c", CHILD.format(folder=folder, code=RUN[stage])], capture_output=True, text=True, cwd=HOUSE,
                              env={**os.environ, "PYTHONPATH": str(HOUSE), "GI_DATA": folder, "GI_MODE": "live"})
        if done.returncode:
            raise SystemExit(f"{stage}: {done.stderr.strip().splitlines()[-1]}")
        return [float(word) for word in done.stdout.split()[-3:]]


def main(largest=100_000):
    sizes = [largest // 100, largest // 10, largest]
    print("| stage | " + " | ".join(f"{size:,} rows: s | MB" for size in sizes) + " | slope |\n|---|" + "---:|" * (2 * len(sizes) + 1))
    for stage in RUN:
        found = [measure(stage, size) for size in sizes]
        slope = math.log(found[-1][0] / found[-2][0]) / math.log(sizes[-1] / sizes[-2])
        print(f"| {stage} | " + " | ".join(f"{seconds:.1f} | {own:.0f}{f' + {helper:.0f}' if helper > 20 else ''}" for seconds, own, helper in found) + f" | {slope:.2f} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
