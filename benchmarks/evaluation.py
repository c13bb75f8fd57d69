"""Notebook 9 beside its peers: verdicts, statistics, speed, and what a kill costs. Not part of the tests.

    python benchmarks/evaluation.py                                   # ours alone: speed, kill, position
    python benchmarks/evaluation.py --reference /tmp/refvenv/bin/python --harness /tmp/harness

The reference Python has scipy, statsmodels and sacrebleu; the harness folder holds an unpacked lm_eval wheel, of which only the filter
file is loaded (`pip download --no-deps lm_eval`, unzip), so that the 758 MB it would install are not needed. The question set is the
corrected TruthfulQA: ../shared/data/truthfulqa/TruthfulQA.csv, or --questions PATH.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOUSE))

# A server on this machine that answers every chat request after a pause, and writes down what it was asked. `model` decides what it says.
SERVER = """
import asyncio, json, sys
pause, log = float(sys.argv[1]), open(sys.argv[2], "a")

async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\\r\\n\\r\\n")).decode("latin-1")
            if not head.startswith("POST"):
                writer.write(b"HTTP/1.1 404 Not Found\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
                continue
            size = next(int(line[15:]) for line in head.split("\\r\\n") if line.lower().startswith("content-length:"))
            body = json.loads(await reader.readexactly(size))
            prompt = body["messages"][-1]["content"]
            log.write(json.dumps([body["model"], prompt]) + "\\n"); log.flush()
            await asyncio.sleep(pause)
            letters = {line[0]: line[3:] for line in prompt.splitlines() if line[1:3] == ". "}
            said = "A" if body["model"] == "always-a" else min(letters, key=lambda letter: hash_of(letters[letter]))
            if body["model"] == "mixed":
                said = FORMS[int(hash_of(prompt)[:6], 16) % len(FORMS)].replace("X", said).replace("TEXT", letters[said])
            raw = json.dumps({"model": body["model"], "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}],
                              "usage": {"prompt_tokens": 100, "completion_tokens": 1}}).encode()
            writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(raw) + raw)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()

FORMS = ["X", "(X)", "X.", "X)", " X:", "x", "**X**", "Answer: X", "A or B", "TEXT", "X. TEXT", "I have no comment.", "", "The answer is X because it is so.", "I think (X)", "\u1eb8X", "X\u0301", "x)", "Z", "10"]

def hash_of(text):
    import hashlib
    return hashlib.sha256(text.encode()).hexdigest()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()

asyncio.run(main())
"""
CALL = """
import os, sys, time
began = time.perf_counter()
from gi_helpers import evaluate, store, truthfulqa
table = truthfulqa.long_form(truthfulqa.questions(os.environ["SET"]), target="source")
file = store.path("yo", "9_answers.csv")
rows = evaluate.ask(table, {arms}, mode="{mode}", language="yo", journal=store.path("yo", "9_llm.jsonl"), concurrency=32)
answers = store.collect(rows, file)
scores = evaluate.score(answers)
print(round(time.perf_counter() - began, 2), len(answers), scores[["arm", "n", "accuracy", "consistency", "share_a"]].round(6).to_dict("records"))
"""


class Server:
    """The pretend model in a process of its own."""

    def __init__(self, pause):
        self.log = tempfile.mktemp(suffix=".jsonl")
        self.process = subprocess.Popen([sys.executable, "-c", SERVER, str(pause), self.log], stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().strip()}/v1"

    def asked(self):
        return [tuple(json.loads(line)) for line in Path(self.log).read_text(encoding="utf-8").splitlines()]

    def stop(self):
        self.process.terminate()


def call(server, data, questions, mode="mc1", arms='{"knows": "knows"}', wait=True):
    env = {**os.environ, "GI_DATA": data, "GI_MODE": "live", "OPENAI_BASE_URL": server.url, "SET": str(questions), "PYTHONPATH": str(HOUSE)}
    code = CALL.replace("{mode}", mode).replace("{arms}", arms)
    process = subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return process.communicate()[0].strip() if wait else process


def speed(questions):
    server = Server(0.3)
    began = time.perf_counter()
    told = call(server, tempfile.mkdtemp(), questions)
    print(f"790 items, 300 ms, 32 at once: {time.perf_counter() - began:.1f} s with the start of Python, {told.split()[0]} s without (ideal 7.4 s; target 11 s)")
    server.stop()


def killed(questions):
    server, data = Server(0.02), tempfile.mkdtemp()
    process = call(server, data, questions, wait=False)
    while len(server.asked()) < 400:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.3)  # what was in flight has been answered, and nobody was there to hear it
    before = len(server.asked())
    resumed = call(server, data, questions)
    repeated = len(server.asked()) - len(set(server.asked()))
    whole = call(server, tempfile.mkdtemp(), questions)
    print(f"killed after {before} requests: {repeated} of 790 asked twice (those in flight at the kill), same scores: {resumed.split(maxsplit=1)[1] == whole.split(maxsplit=1)[1]}")
    server.stop()


def position(questions):
    server = Server(0)
    print("both orders:", call(server, tempfile.mkdtemp(), questions, "binary", '{"knows": "knows", "always-a": "always-a"}').split(maxsplit=1)[1])
    server.stop()


def verdicts(folder):
    """Our two peer rules against the harness's own filter class, on replies of every kind."""
    import importlib.util
    import types

    for name in ("lm_eval", "lm_eval.api", "lm_eval.api.filter", "lm_eval.api.registry"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["lm_eval.api.filter"].Filter = object
    sys.modules["lm_eval.api.registry"].register_filter = lambda name: lambda cls: cls
    spec = importlib.util.spec_from_file_location("extraction", Path(folder) / "lm_eval" / "filters" / "extraction.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    from gi_helpers import evaluate

    replies = many_replies()
    # The two rules as patterns for the harness, by the description in the evaluation notes.
    patterns = {"strict": r"\A\s*\(?([A-Z])\)?[.):]?\s*\Z", "first_letter": r"(?<![A-Za-z])([A-Z])(?![A-Za-z])"}
    for rule, pattern in patterns.items():
        theirs = [found[0] for found in module.RegexFilter(regex_pattern=pattern).apply([[reply] for reply in replies], [{}] * len(replies))]
        ours = [evaluate.read_reply(reply, ["a", "b", "c", "d"], rule=rule)[1] for reply in replies]
        same = sum((chr(65 + index) if index is not None else "[invalid]") == letter for index, letter in zip(ours, theirs, strict=True))
        print(f"rule {rule}: {same} of {len(replies)} replies read as the harness reads them")


def many_replies(count=20_000, seed=0):
    pieces = ["A", "B", "C", "I", "a", "b", "(", ")", ".", ":", " ", "\n", "*", "Ẹ", "ẹ́", "Bẹ́ẹ̀", "ni", "or", "Answer", "1", "Z", "ọ̀", "I have no comment.", "\u00a0", "\u0301", "_"]
    draw = random.Random(seed)
    return ["".join(draw.choice(pieces) for _ in range(draw.randint(0, 6))) for _ in range(count)]


REFERENCE = """
import json, sys
import numpy as np, sacrebleu, scipy.stats as st
from sacrebleu.metrics import CHRF
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa, to_table
from statsmodels.stats.proportion import proportion_confint
given = json.load(sys.stdin)
rng = np.random.default_rng(0)
def boot(values):
    found = st.bootstrap((np.array(values, float),), np.mean, n_resamples=100_000, method="percentile", rng=rng, batch=1000).confidence_interval
    return [float(found.low), float(found.high)]
json.dump({"wilson": [list(map(float, proportion_confint(k, n, method="wilson"))) for k, n in given["wilson"]],
           "mcnemar": [float(mcnemar([[0, b], [c, 0]], exact=True).pvalue) for b, c in given["mcnemar"]],
           "bootstrap": [boot(values) for values in given["bootstrap"]],
           "cohen": [float(cohens_kappa(to_table(np.array(pairs), bins=np.arange(5) - 0.5)[0]).kappa) for pairs in given["cohen"]],
           "fleiss": [float(fleiss_kappa(aggregate_raters(np.array(rows))[0])) for rows in given["fleiss"]],
           "chrf": [CHRF().sentence_score(a, [b]).score for a, b in given["chrf"]],
           "mc2": [float(np.exp(np.array(v, dtype=np.longdouble))[np.array(l) == 1].sum() / np.exp(np.array(v, dtype=np.longdouble)).sum()) for v, l in given["mc2"]]}, sys.stdout)
"""


def statistics(python):
    from gi_helpers import _signals, _statistics, evaluate

    draw = random.Random(1)
    words = "Ó wà ní apá àríwá ìlú Kano it lies in the north 1960 ẹ̀gbẹ́ ọjọ́".split()
    given = {"wilson": [(k, n) for n in (1, 2, 7, 37, 100, 790) for k in sorted({0, 1, n // 3, n // 2, n})],
             "mcnemar": [(draw.randint(0, 120), draw.randint(0, 120)) for _ in range(200)] + [(0, 0), (0, 1)],
             "bootstrap": [[draw.choices([-1, 0, 1], [a, b, c])[0] for _ in range(n)] for n, a, b, c in ((100, 1, 6, 2), (200, 1, 8, 1), (790, 1, 6, 2), (790, 2, 5, 1))]
             + [[draw.choice([-1, -0.5, 0, 0.5, 1]) for _ in range(790)], [draw.random() - 0.4 for _ in range(300)]],
             "cohen": [[(draw.randint(0, 3), draw.randint(0, 3)) for _ in range(draw.randint(5, 80))] for _ in range(50)],
             "fleiss": [[[draw.randint(0, 3) for _ in range(people)] for _ in range(draw.randint(5, 80))] for people in (3, 4, 7) for _ in range(20)],
             "chrf": [(" ".join(draw.choices(words, k=draw.randint(0, 12))), " ".join(draw.choices(words, k=draw.randint(1, 12)))) for _ in range(300)],
             "mc2": [([draw.uniform(-40, -1) for _ in range(n)], [1] + [draw.randint(0, 1) for _ in range(n - 1)]) for n in range(2, 14) for _ in range(10)]}
    theirs = json.loads(subprocess.run([python, "-c", REFERENCE], input=json.dumps(given), capture_output=True, text=True, check=True).stdout)
    ours = {"wilson": [list(evaluate.wilson(*one)) for one in given["wilson"]], "mcnemar": [[_statistics.mcnemar(*one)] for one in given["mcnemar"]],
            "bootstrap": [list(_statistics.bootstrap(one)) for one in given["bootstrap"]], "chrf": [[_signals.chrf(*one)] for one in given["chrf"]],
            "cohen": [[_statistics.cohen([tuple(pair) for pair in one])] for one in given["cohen"]], "fleiss": [[_statistics.fleiss(one)] for one in given["fleiss"]],
            "mc2": [[evaluate.mc_scores(*one)["mc2"]] for one in given["mc2"]]}
    for name, found in ours.items():
        reference = [one if isinstance(one, list) else [one] for one in theirs[name]]
        far = max(abs(a - b) for mine, other in zip(found, reference, strict=True) for a, b in zip(mine, other, strict=True))
        print(f"{name}: largest difference from the reference {far:.2g} in {len(found)} cases")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=textwrap.dedent(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", default=HOUSE.parent / "shared" / "data" / "truthfulqa" / "TruthfulQA.csv")
    parser.add_argument("--reference")
    parser.add_argument("--harness")
    chosen = parser.parse_args()
    if chosen.harness:
        verdicts(chosen.harness)
    if chosen.reference:
        statistics(chosen.reference)
    speed(chosen.questions)
    killed(chosen.questions)
    position(chosen.questions)
