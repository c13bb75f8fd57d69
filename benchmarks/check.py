"""How quickly a training file of 100,000 conversations is checked, with what memory, and whether the verdicts are those of OpenAI's cookbook.

    python benchmarks/check.py --rows 100000
    python benchmarks/check.py --cookbook FILE.py

FILE.py holds the code of the cookbook's notebook on preparing data for chat fine-tuning; it is fetched by whoever runs this, and kept out
of the project. It takes a file as its argument and prints one line of JSON: errors (by the names of the notebook), system, user,
tokens (min, max, mean, median), answers, epochs, billed, and crash where it stopped. Its token table must be cl100k_base.
"""
import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("GI_DATA", tempfile.mkdtemp())

SYLLABLES = "bá bẹ́ dà dé fún gbà gbọ́ hàn ìlú ilé jẹ́ kí kọ́ lọ mọ̀ ní ọ̀nà ọjọ́ pẹ̀lú rí sọ ṣé tí wá yìí àti ènìyàn ìwé ọmọ orí".split()
# The cookbook's names beside ours in check.counts.
NAMES = {"data_type": "not an object", "missing_messages_list": "no list of messages", "message_missing_key": "a key is missing", "message_unrecognized_key": "an unknown key",
         "unrecognized_role": "an unknown role", "missing_content": "no content", "example_missing_assistant_message": "no assistant message"}


def rows(count, seed=1):
    """Invented conversations of about 100 to 400 letters, with some slips among them."""
    rng = random.Random(seed)
    for number in range(count):
        question = " ".join(rng.choices(SYLLABLES, k=rng.randint(5, 12))) + f" {number}?"
        answer = " ".join(rng.choices(SYLLABLES, k=rng.randint(20, 70))).capitalize() + "."
        if number % 1000 == 7:
            answer = " " + answer + " [[ìlú]]"
        yield {"messages": [{"role": "system", "content": "Olùrànlọ́wọ́ tó wúlò ni ọ́."}, {"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


def speed(count, workers):
    """Seconds and megabytes of one check."""
    from gi_helpers import check, store, tokens

    path = store.write_jsonl(rows(count), Path(tempfile.mkdtemp()) / "yo" / "5_train.jsonl")
    peak, start = Peak(), time.perf_counter()
    before = cpu()
    found = check.problems(path, workers=workers)
    seconds, used = time.perf_counter() - start, cpu() - before
    print(f"{count:,} conversations, {path.stat().st_size / 1e6:.0f} MB: {seconds:.1f} s ({used:.1f} s of processor time), peak {peak.stop():.0f} MB with helpers; "
          f"{len(found):,} problems; tokens {tokens.how()}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def cpu():
    """Processor seconds of this process and of helpers that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


class Peak:
    """The largest sum of memory (proportional set size) of this process and its helpers, seen once a second; Linux only."""

    def __init__(self):
        import threading

        self.most, self.going = 0.0, True
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while self.going:
            self.most = max(self.most, sum(map(memory, family())))
            time.sleep(1)

    def stop(self):
        self.going = False
        self.thread.join()
        return self.most


def family():
    """The numbers of this process and its children."""
    me = os.getpid()
    return [me, *map(int, Path(f"/proc/{me}/task/{me}/children").read_text().split())]


def memory(process):
    """Megabytes of a process."""
    try:
        return next(int(line.split()[1]) / 1024 for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0.0


# ---------------------------------------------------------------- the cookbook's verdicts

# Where the verdicts differ on purpose.
KNOWN = {"a tool": "tools came after the notebook: it calls the role, the keys and the empty content wrong, which the API takes",
         "a function": "the role function is gone from the API; the notebook takes it still"}


def files():
    """A shared set of small files: name -> rows."""
    good = list(rows(60))
    ask, say = {"role": "user", "content": "Kí ni?"}, {"role": "assistant", "content": "Ìlú ni."}
    return {
        "good": good, "twenty": good[:20], "no system": [{"messages": row["messages"][1:]} for row in good], "no user": [{"messages": [say]}, *good[:5]],
        "no assistant": [{"messages": [ask]}, *good[:5]], "a list": [["x"], *good[:5]], "no messages": [{"text": "x"}, {"messages": []}, *good[:5]],
        "no role": [{"messages": [{"content": "x"}, ask, say]}], "no content": [{"messages": [ask, {"role": "assistant"}]}, {"messages": [ask, {"role": "assistant", "content": ""}]}],
        "unknown key": [{"messages": [{**ask, "mood": "x"}, say]}], "unknown role": [{"messages": [{**ask, "role": "bot"}, ask, say]}], "a name": [{"messages": [{**ask, "name": "Ada"}, say]}],
        "content is a number": [{"messages": [ask, {"role": "assistant", "content": 7}]}], "long": [{"messages": [ask, {"role": "assistant", "content": "ìlú ńlá " * 3000}]}, *good[:5]],
        # The known differences: what the cookbook calls wrong and the API takes today, or where it stops.
        "a weight": [{"messages": [ask, {**say, "weight": 1}]}], "a tool": [{"messages": [ask, {"role": "assistant", "content": None, "tool_calls": [{"id": "a"}]},
                                                                                       {"role": "tool", "content": "3", "tool_call_id": "a"}, say]}],
        "a function": [{"messages": [ask, {"role": "function", "content": "3", "name": "f"}, say]}], "special sign": [{"messages": [ask, {**say, "content": "a <|endoftext|> b"}]}],
        "nothing": []}


def cookbook(script):
    """Both verdicts on each file, side by side."""
    from gi_helpers import check, store

    folder = Path(tempfile.mkdtemp())
    for name, content in files().items():
        path = store.write_jsonl(content, folder / f"{name}.jsonl")
        run = subprocess.run([sys.executable, script, str(path)], capture_output=True, text=True)
        theirs = json.loads(run.stdout) if run.returncode == 0 else {"errors": {}, "crash": run.stderr.strip().splitlines()[-1]}
        report = check.counts(path, model="gpt-4").set_index("measure")
        ours = {name: int(report["n"].get(mine, 0)) for name, mine in NAMES.items() if report["n"].get(mine, 0)}
        same = ours == theirs["errors"]
        if same and "crash" not in theirs:
            spread = report.loc["tokens in a conversation"]
            same = (theirs["tokens"] == [spread["min"], spread["max"], spread["total"] / spread["n"], spread["median"]] and theirs["answers"] == report["total"]["tokens of its answers"]
                    and theirs["epochs"] == report["n"]["epochs by default"] and theirs["system"] == report["n"]["no system message"] and theirs["user"] == report["n"]["no user message"])
            capped = sum(min(4096, length) for length in check.lengths(path, "gpt-4")["tokens"]) * check.epochs(len(content))
            same = same and capped == theirs["billed"]
        verdict = "same" if same else "known" if name in KNOWN else "DIFFERENT"
        stopped = f"; it stops: {theirs['crash'].splitlines()[0][:90]}" if "crash" in theirs else ""
        print(f"{verdict:10}{name:22} ours {ours}  cookbook {theirs['errors']}{stopped} {KNOWN.get(name, '')}")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=0)
    options.add_argument("--workers", type=int)
    options.add_argument("--cookbook")
    chosen = options.parse_args()
    if chosen.rows:
        speed(chosen.rows, chosen.workers)
    if chosen.cookbook:
        cookbook(chosen.cookbook)
