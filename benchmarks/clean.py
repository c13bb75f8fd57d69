"""How fast, how small and how right notebook 3 is, side by side with peers.

    python benchmarks/clean.py rows 100000      rows a second and peak memory of clean_files (exact duplicates, counting), of pandas and of polars
    python benchmarks/clean.py full 100000      the same with the language check and the search for near-duplicates
    python benchmarks/clean.py near 100000      near-duplicates: seconds, accent-stripped copies found, false drops; beside rensa and datatrove
    python benchmarks/clean.py language         sentences taken for their language, English found in Yoruba
    python benchmarks/clean.py cluster 20000    a Dask cluster of two workers beside one process, and whether the files are the same
    python benchmarks/clean.py widget 100000    milliseconds for one redraw of the histogram

Rows are made of the sentences of ../shared/data/yoruba, drawn at random with a fixed seed, so that no two are the same. Peers that are not
installed (polars, rensa, datatrove) are left out. Each measurement is a process of its own; run it on a machine that does nothing else.
"""
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOUSE))
PARAGRAPHS = HOUSE.parent / "shared" / "data" / "yoruba" / "wikipedia_paragraphs.csv"
WORK = Path(tempfile.gettempdir()) / "gi_benchmark_clean"


def made(number):
    """A CSV of `number` different rows of real Yoruba sentences, about 920 bytes each."""
    from gi_helpers import _split, store

    file = WORK / f"{number}.csv"
    if not file.exists():
        pool = [sentence for row in store.read_rows(PARAGRAPHS) for sentence in _split.sentences(row["text"]) if len(sentence) > 20]
        draw = random.Random(7)
        with store.rows_to(file, ["id", "text"]) as keep:
            for row in range(number):
                keep({"id": f"r{row}", "text": " ".join(sentence.strip() for sentence in draw.sample(pool, 8))})
    return file


def peak():
    """Peak memory of this process and of its largest child, MB."""
    return [round(resource.getrusage(who).ru_maxrss / 1024) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]


def worked():
    """Seconds of processor time of this process and its children so far."""
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def ours(number, full=False):
    from gi_helpers import clean

    more = {"language": "yo", "near_duplicates": True} if full else {"near_duplicates": False}
    start = time.perf_counter()
    counts = clean.clean_files(made(number), WORK / "3_clean.csv", WORK / "3_dropped.csv", **more)
    return time.perf_counter() - start, {name: counts[name] for name in ("rows", "kept", "tokens", "tokens_are")}


def with_pandas(number):
    import pandas as pd

    from gi_helpers import tokens

    count = tokens.counter()
    start = time.perf_counter()
    table = pd.read_csv(made(number), dtype=str, keep_default_na=False)
    table["text"] = table["text"].str.normalize("NFC").str.replace(r"\[\d+\]", "", regex=True).str.replace(r"[ \t]+", " ", regex=True).str.strip()
    table = table.drop_duplicates("text")
    table["tokens"] = table["text"].map(count)
    table[table["tokens"] <= 4096].to_csv(WORK / "peer.csv", index=False)
    return time.perf_counter() - start, {"kept": len(table), "tokens": int(table["tokens"].sum())}


def with_polars(number):
    import polars as pl

    from gi_helpers import tokens

    count = tokens.counter()
    start = time.perf_counter()
    table = pl.read_csv(made(number), infer_schema=False)
    text = pl.col("text").str.normalize("NFC").str.replace_all(r"\[\d+\]", "").str.replace_all(r"[ \t]+", " ").str.strip_chars()
    table = table.with_columns(text).unique("text", maintain_order=True)
    table = table.with_columns(pl.col("text").map_elements(count, return_dtype=pl.Int64).alias("tokens"))
    table.filter(pl.col("tokens") <= 4096).write_csv(WORK / "peer.csv")
    return time.perf_counter() - start, {"kept": len(table), "tokens": int(table["tokens"].sum())}


def near(number):
    """Seconds for `number` rows of which 500 are accent-stripped copies, with the copies found and the others dropped."""
    from gi_helpers import store

    texts = [row["text"] for row in store.read_rows(made(number))][:number - 500]
    start = time.perf_counter()
    hits = like_earlier([*texts, *map(without_accents, texts[:500])])
    seconds = time.perf_counter() - start
    real = [row["text"] for row in store.read_rows(PARAGRAPHS)]
    again = like_earlier([*real, *map(without_accents, real)])
    return seconds, {"copies found of 500": int(hits[-500:].sum()), "other rows dropped": int(hits[:-500].sum()),
                     f"of {len(real):,} real paragraphs dropped": int(again[:len(real)].sum()), "of their copies found": int(again[len(real):].sum())}


def like_earlier(texts):
    """Which of the texts are nearly the same as an earlier one, on one core."""
    from gi_helpers import _copies
    from gi_helpers._letters import Letters, Words, signatures

    with _copies.Copies() as copies:
        for start in range(0, len(texts), 250):
            some = texts[start:start + 250]
            copies.add([1] * len(some), [0] * len(some), signatures(Words(Letters(some))))
        copies.decide()
    return copies.like > 0


def without_accents(text):
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def near_rensa(number):
    import rensa

    from gi_helpers import _duplicates, store

    texts = [row["text"] for row in store.read_rows(made(number))][:number - 500]
    bare = list(map(without_accents, texts[:500]))
    start, hits, index = time.perf_counter(), [], rensa.RMinHashLSH(threshold=0.7, num_perm=128, num_bands=16)
    for key, text in enumerate([*texts, *bare]):
        found = _duplicates.words(_duplicates.fold(text))
        sketch = rensa.RMinHash(num_perm=128, seed=42)
        sketch.update([" ".join(three) for three in zip(found, found[1:], found[2:], strict=False)])
        candidates = index.query(sketch)
        hits.append(bool(candidates))
        index.insert(key, sketch)
    return time.perf_counter() - start, {"copies with a candidate": sum(hits[-500:]), "others with a candidate": sum(hits[:-500])}


def near_datatrove(number):
    """datatrove's MinHash blocks as its example joins them, two tasks on two workers."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import minhash
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    from gi_helpers import store

    texts = [row["text"] for row in store.read_rows(made(number))][:number - 500]
    place = Path(tempfile.mkdtemp(dir=WORK))
    rows = [{"id": str(key), "text": text} for key, text in enumerate([*texts, *map(without_accents, texts[:500])])]
    for half in (0, 1):
        store.write_text("".join(json.dumps(row) + "\n" for row in rows[half::2]), place / "in" / f"{half}.jsonl")
    config, reader = minhash.MinhashConfig(), JsonlReader(str(place / "in"))
    signed, buckets, gone = (str(place / name) for name in ("signatures", "buckets", "gone"))
    steps = [([reader, minhash.MinhashDedupSignature(signed, config, language="yor")], 2), ([minhash.MinhashDedupBuckets(signed, buckets, config=config)], config.num_buckets),
             ([minhash.MinhashDedupCluster(buckets, gone, config)], 1),
             ([reader, minhash.MinhashDedupFilter(gone, JsonlWriter(str(place / "dropped"), compression=None)), JsonlWriter(str(place / "kept"), compression=None)], 2)]
    start = time.perf_counter()
    for number, (pipeline, tasks) in enumerate(steps):
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=2, logging_dir=str(place / f"log{number}")).run()
    seconds = time.perf_counter() - start
    kept = {int(json.loads(line)["id"]) for file in (place / "kept").iterdir() for line in store.read_text(file).splitlines()}
    # Which of a pair it keeps is its own choice, so a pair with one of its two left is a copy found.
    found = sum((key in kept) != (len(texts) + key in kept) for key in range(500))
    return seconds, {"copies found of 500": found, "other rows dropped": len(rows) - len(kept) - found}


def language(_):
    from gi_helpers import _split, store
    from gi_helpers._language import Judge

    start, result = time.perf_counter(), {}
    for code in ("yo", "ha", "ig", "pcm"):
        judge = Judge(code)
        texts = [part for article in store.read_json(store.shipped("practice", code, "articles.json"))["articles"] for part in article["paragraphs"]]
        found = [judge(sentence) for text in texts for sentence in _split.sentences(text) if len(sentence.split()) >= 6]
        result[code] = f"{100 * sum(not reason for reason, _ in found) / len(found):.1f} % of {len(found)} sentences kept"
        if code == "pcm":
            result[code] += f", {100 * sum('English' in note for _, note in found) / len(found):.1f} % read as English"
        if code == "yo":
            wiki = [sentence for row in store.read_rows(PARAGRAPHS) for sentence in _split.sentences(row["text"]) if len(sentence.split()) >= 6]
            result["yo, Wikipedia (some of it English)"] = f"{100 * sum(not judge(text)[0] for text in wiki) / len(wiki):.1f} % of {len(wiki)} sentences kept"
            questions = PARAGRAPHS.parent.parent / "truthfulqa" / "TruthfulQA.csv"
            english = [text for row in store.read_rows(questions) for text in (row["Question"], row["Best Answer"]) if len(text.split()) >= 6]
            result["English found"] = f"{100 * sum(judge(text)[0] != '' for text in english) / len(english):.1f} % of {len(english)}"
    return time.perf_counter() - start, result


def cluster(number):
    """clean_files on a Dask cluster of two workers on this machine, beside one process: seconds, and whether the files are the same."""
    from dask.distributed import Client, LocalCluster

    from gi_helpers import clean, store

    rows, files = list(store.read_rows(made(number))), []
    for part in range(8):
        files.append(store.write(rows[part::8], WORK / f"part{part}.csv"))
    start = time.perf_counter()
    clean.clean_files(files, WORK / "one.csv", WORK / "one_dropped.csv", language="yo", workers=1)
    one = time.perf_counter() - start
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as machines, Client(machines) as client:
        start = time.perf_counter()
        clean.clean_files(files, WORK / "two.csv", WORK / "two_dropped.csv", language="yo", client=client)
        two = time.perf_counter() - start
    same = store.sha256(WORK / "one.csv") == store.sha256(WORK / "two.csv") and store.sha256(WORK / "one_dropped.csv") == store.sha256(WORK / "two_dropped.csv")
    return two, {"one process": round(one, 1), "identical": same}


def widget(number):
    from gi_helpers import store
    from gi_helpers.widgets import lengths

    draw = random.Random(7)
    file = store.write([{"id": str(row), "source": draw.choice(["wikipedia", "bbc"]), "text": "ọ̀rọ̀", "tokens": int(draw.lognormvariate(5.5, 0.8))} for row in range(number)],
                       WORK / "widget.csv")
    start = time.perf_counter()
    lengths.token_histogram(file)
    opened = time.perf_counter() - start
    shown = lengths.Lengths(store.read(file))
    start = time.perf_counter()
    for limit in range(200, 1200, 50):
        shown.picture(limit, limit % 100 == 0)
        shown.words(limit)
    return (time.perf_counter() - start) / 20, {"opening": round(opened, 2)}


KINDS = {"rows": ("ours", "with_pandas", "with_polars"), "full": ("full",), "near": ("near", "near_rensa", "near_datatrove"), "language": ("language",), "cluster": ("cluster",), "widget": ("widget",)}


def main(kind, number="0"):
    """Each measurement of a kind in its own process."""
    if int(number) and kind != "widget":
        made(int(number))
    for name in KINDS[kind]:
        done = subprocess.run([sys.executable, __file__, "--one", name, number], capture_output=True, text=True, env={**os.environ, "GI_DATA": str(WORK)})
        print(name, done.stdout.strip() or done.stderr.strip().splitlines()[-1])


def one(name, number):
    seconds, result = ours(number, full=True) if name == "full" else globals()[name](number)
    rate = f"{number / seconds:,.0f} rows/s, " if name not in ("language", "widget") else ""
    print(f"{seconds:.3f} s, {rate}{worked():.1f} s of processor, peak MB of the process and its largest helper {peak()}, {json.dumps(result, ensure_ascii=False)}")


if __name__ == "__main__":
    WORK.mkdir(exist_ok=True)
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], int(sys.argv[3]))
    else:
        main(*sys.argv[1:])
