"""How fast `llm.run` is against a server with a fixed latency, beside plain AsyncOpenAI; and what rebuilding 100,000 rows takes.

    python benchmarks/drafting.py [--requests 400] [--workers 32] [--latency 0.3]
    python benchmarks/drafting.py --big
    python benchmarks/drafting.py --grounded texts.csv [--seed 7]

Efficiency is the share of the ideal time, requests * latency / workers. The server is a process of its own with almost no work to do.
distilabel and synthetic-data-kit need an environment each, made with `pip install distilabel[openai]` and `pip install synthetic-data-kit`:

    python benchmarks/drafting.py --distilabel <its python> --synthetic-data-kit <its python>
"""
import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

HOUSE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, HOUSE)
ANSWER = {"id": "x", "object": "chat.completion", "created": 1, "model": "stub",
          "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": '{"question": "Kí ni èyí?"}'}}],
          "usage": {"prompt_tokens": 500, "completion_tokens": 50, "total_tokens": 550}}


class Server(asyncio.Protocol):
    """Answers every POST after `latency` seconds; in turn it misbehaves in `faults` of 400 requests each of four ways."""

    latency, faults, count = 0.3, 0, 0

    def connection_made(self, transport):
        self.transport, self.rest = transport, b""

    def data_received(self, data):
        self.rest += data
        head, found, body = self.rest.partition(b"\r\n\r\n")
        if not found:
            return
        size = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0)
        if len(body) >= size:
            self.rest = body[size:]
            asyncio.get_running_loop().call_later(self.latency, self.answer)

    def answer(self):
        Server.count += 1
        place = Server.count % 40 if self.faults else None
        body, status = json.dumps(ANSWER, ensure_ascii=False).encode(), b"200 OK"
        if place == 7:
            status, body = b"429 Too Many Requests\r\nRetry-After: 1", b'{"error": {"code": "rate_limit_exceeded", "message": "busy"}}'
        elif place == 17:
            status, body = b"500 Error", b"{}"
        elif place == 27:
            body = body[:-40]
        elif place == 37:
            asyncio.get_running_loop().call_later(15, self.transport.close)
            return
        self.transport.write(b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)


async def serve(latency, faults):
    """Listen on a free port, say which, and stay."""
    Server.latency, Server.faults = latency, faults
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def requests(n, name):
    """n different requests of the size of a real prompt."""
    return [{"key": f"{name} {i}", "messages": [{"role": "system", "content": "Rules of the task. " * 100},
                                                {"role": "user", "content": f"{name} {i} " + "Ìbàdàn jẹ́ ìlú ńlá. " * 60}]} for i in range(n)]


def ours(n, workers, name, **options):
    """Seconds and good answers of one run with a journal."""
    from gi_helpers import llm

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        good = sum(result["ok"] for _, result in llm.run([{**one, **options} for one in requests(n, name)], model="gpt-4o-mini", journal=f"{folder}/j.jsonl", concurrency=workers))
        return time.perf_counter() - began, good


def plain(n, workers, name):
    """The same with AsyncOpenAI, its own two retries and a semaphore; no journal."""
    import openai

    async def all_of():
        client, gate = openai.AsyncOpenAI(timeout=60), asyncio.Semaphore(workers)

        async def one(request):
            async with gate:
                try:
                    return (await client.chat.completions.create(model="gpt-4o-mini", messages=request["messages"])).choices[0].message.content
                except (openai.OpenAIError, ValueError):
                    return None
        began = time.perf_counter()
        found = await asyncio.gather(*(one(request) for request in requests(n, name)))
        return time.perf_counter() - began, sum(bool(one) for one in found)
    return asyncio.run(all_of())


def distilabel(n, workers, name):
    """The same with a distilabel pipeline of one step, as many rows in a batch as there are workers."""
    from distilabel.models import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps import LoadDataFromDicts
    from distilabel.steps.tasks import TextGeneration

    with Pipeline(name=name) as pipeline:
        load = LoadDataFromDicts(data=[{"instruction": "\n".join(message["content"] for message in one["messages"])} for one in requests(n, name)], batch_size=workers)
        load >> TextGeneration(llm=OpenAILLM(model="gpt-4o-mini", base_url=os.environ["OPENAI_BASE_URL"], api_key="a key"), input_batch_size=workers)
    began = time.perf_counter()
    found = pipeline.run(use_cache=False)["default"]["train"]
    return time.perf_counter() - began, sum(bool(row["generation"]) for row in found)


def synthetic_data_kit(n, workers, name):
    """The same with the client of synthetic-data-kit, as many requests in a batch as there are workers, and no pause between batches."""
    from synthetic_data_kit.models.llm_client import LLMClient

    client = LLMClient(provider="api-endpoint", api_base=os.environ["OPENAI_BASE_URL"], api_key="a key", model_name="gpt-4o-mini", max_retries=3, retry_delay=0.1)
    client.sleep_time = 0
    began = time.perf_counter()
    found = client.batch_completion([one["messages"] for one in requests(n, name)], batch_size=workers)
    return time.perf_counter() - began, sum(bool(one) and not str(one).startswith("ERROR") for one in found)


def rebuild(n=100_000):
    """Seconds and memory (MB) to read a journal of n answers again, and to rebuild the table of n rows."""
    from gi_helpers import llm, store, translate

    with tempfile.TemporaryDirectory() as folder:
        journal, table = f"{folder}/j.jsonl", store.Path(folder) / "4_qa.csv"
        chance = random.Random(1)
        vocabulary = ["".join(chance.choices("abdeẹghijklmnoọprsṣtuwyáàéèíìóòúù", k=chance.randint(2, 9))) for _ in range(20_000)]
        another = lambda words: " ".join(chance.choices(vocabulary, k=words))  # noqa: E731 - no text like another
        with store.append(journal, fsync=False) as book:
            for one in requests_lazily(n):
                book.write({"key": one["key"], "request": llm.fingerprint(one, "m"), "ok": True, "content": another(120), "usage": ANSWER["usage"],
                            "error": "", "attempts": 1, "cost_usd": 0.0001})
        began, used = time.perf_counter(), time.process_time()
        good = sum(result["ok"] for _, result in llm.run(requests_lazily(n), model="m", journal=journal))
        print(f"journal of {good} answers replayed: {time.perf_counter() - began:.1f} s ({time.process_time() - used:.1f} s of processor), {memory():.0f} MB", flush=True)
        with store.append(f"{table}.partial.jsonl", fsync=False) as book:
            for i in range(n):
                book.write(dict.fromkeys(translate.COLUMNS, "") | {"id": f"{i:012x}", "context": another(200), "question": another(10), "answer": another(20)})
        began, used = time.perf_counter(), time.process_time()
        store._merge(table, "id")
        print(f"table of {n} rows rebuilt: {time.perf_counter() - began:.1f} s ({time.process_time() - used:.1f} s of processor), {memory():.0f} MB", flush=True)


def groundedness(file, seed=1):
    """Of sentences whose every 5th word was replaced: how many pass with their own passage, and are flagged with another.

    `file` is a CSV with a column text; with another seed than 1 only its second half counts, which nothing was tuned with.
    """
    from gi_helpers import _rowchecks, _split, store

    texts = [" ".join(row["text"].split()[:350]) for row in store.read_rows(file) if len(row["text"].split()) >= 30]
    texts = texts if seed == 1 else texts[len(texts) // 2:]
    weight, chance = _rowchecks.Weights(texts), random.Random(seed)
    words = [word for text in texts for word in text.split()]
    flagged = lambda answer, passage: "not in the passage" in _rowchecks.grounded(answer, passage, "", weight)  # noqa: E731
    for least, most in ((4, 8), (8, 40)):
        own = other = n = 0
        for place, text in enumerate(texts):
            found = [one for one in _split.sentences(text) if least <= len(one.split()) <= most]
            if found:
                said = chance.choice(found).split()
                said[4::5] = [chance.choice(words) for _ in said[4::5]]
                n += 1
                own += not flagged(" ".join(said), text)
                other += flagged(" ".join(said), texts[(place + chance.randrange(1, len(texts))) % len(texts)])
        print(f"answers of {least} to {most} words, without evidence: {n}, with their own passage {own / n:.1%} pass, with a random one {other / n:.1%} are flagged", flush=True)


def requests_lazily(n):
    """Small requests, one at a time."""
    return ({"key": f"k{i}", "messages": [{"role": "user", "content": f"row {i} " + "ọ̀rọ̀ " * 100}]} for i in range(n))


def elsewhere(python, name, n, workers):
    """Seconds and good answers of a peer that has an environment of its own."""
    run = subprocess.run([python, __file__, "--peer", name, "--requests", str(n), "--workers", str(workers)], capture_output=True, text=True, timeout=300)
    found = [line.split()[1:] for line in run.stdout.splitlines() if line.startswith("measured")]
    if not found:
        print(name, "did not run:", run.stderr[-600:], flush=True)
        return float("inf"), 0
    return float(found[0][0]), int(found[0][1])


def memory():
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("requests", 400), ("workers", 32), ("latency", 0.3), ("serve", -1.0), ("faults", 0)):
        options.add_argument(f"--{name}", type=type(default), default=default)
    for name in ("distilabel", "synthetic-data-kit", "peer"):
        options.add_argument(f"--{name}")
    options.add_argument("--seed", type=int, default=1, help="for --grounded")
    options.add_argument("--big", action="store_true", help="only: 100,000 rows")
    options.add_argument("--grounded", help="only: the check of groundedness on the texts of this CSV")
    chosen = options.parse_args()
    if chosen.peer:
        seconds, good = globals()[chosen.peer](chosen.requests, chosen.workers, "job")
        return print("measured", seconds, good)
    if chosen.grounded:
        return groundedness(chosen.grounded, chosen.seed)
    if chosen.big:
        return rebuild()
    if chosen.serve >= 0:
        return asyncio.run(serve(chosen.serve, chosen.faults))
    os.environ.update(GI_MODE="live", OPENAI_API_KEY="a key", GI_DATA=tempfile.mkdtemp())
    n, workers = chosen.requests, chosen.workers
    for faults in (0, 1):
        child = subprocess.Popen([sys.executable, __file__, "--serve", str(chosen.latency), "--faults", str(faults)], stdout=subprocess.PIPE, text=True)
        os.environ["OPENAI_BASE_URL"] = f"http://127.0.0.1:{child.stdout.readline().strip()}/v1"
        ours(workers, workers, "warm")
        for name, way in (("AsyncOpenAI", plain), ("llm.run", ours), ("distilabel", chosen.distilabel), ("synthetic_data_kit", chosen.synthetic_data_kit)):
            if way is None:
                continue
            seconds, good = way(n, workers, name) if callable(way) else elsewhere(way, name, n, workers)
            print(f"{name:18} {n} at {workers}, {chosen.latency:g} s{', 10 % faults' if faults else '':13} {seconds:6.2f} s  "
                  f"efficiency {n * chosen.latency / workers / seconds:.2f}  lost {n - good}", flush=True)
        child.terminate()


if __name__ == "__main__":
    main()
