"""Notebook 9 beside the two usual harnesses, on one pretend server and the same questions. Not part of the tests.

    python benchmarks/evaluation_peers.py --lm-eval /tmp/lm/bin/python --inspect /tmp/inspect/bin/python

Each peer in an environment of its own: `pip install "lm_eval[api]"`, `pip install inspect_ai openai`. Nothing is fetched while it runs: the
questions are a local file, and the server answers after 300 ms. Both peers get their documented fast settings, 32 requests at once.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from evaluation import HOUSE, Server, call

TASK = """
task: own_letters
dataset_path: json
dataset_kwargs: {data_files: {test: FILE}}
test_split: test
output_type: generate_until
doc_to_text: "{{prompt}}"
doc_to_target: "{{right}}"
generation_kwargs: {until: [], max_gen_toks: 16, temperature: 0}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
filter_list:
  - {name: strict, filter: [{function: regex, regex_pattern: '\\A\\s*\\(?([A-Z])\\)?[.):]?\\s*\\Z'}, {function: take_first}]}
  - {name: first_letter, filter: [{function: regex, regex_pattern: '(?<![A-Za-z])([A-Z])(?![A-Za-z])'}, {function: take_first}]}
"""
LM_EVAL = """
import json, sys, time
from lm_eval import simple_evaluate
from lm_eval.tasks import TaskManager
began = time.perf_counter()
found = simple_evaluate(model="local-chat-completions", model_args=f"model={sys.argv[2]},base_url={sys.argv[1]}/chat/completions,num_concurrent=32,tokenized_requests=False",
                        tasks=["own_letters"], task_manager=TaskManager(include_path=sys.argv[3], include_defaults=False), apply_chat_template=True, log_samples=True, bootstrap_iters=0)
print(json.dumps({"seconds": time.perf_counter() - began, "rows": [[row["doc"]["item"], row["filter"], row["resps"][0][0], row["filtered_resps"][0], row["exact_match"]]
                  for row in found["samples"]["own_letters"]]}))
"""
LIKELY = """
import hashlib, json, sys
from lm_eval import simple_evaluate
from lm_eval.api.model import LM
from lm_eval.tasks import TaskManager
class Hashed(LM):
    def loglikelihood(self, requests):
        return [(-int(hashlib.sha256(one.args[1].strip().encode()).hexdigest()[:8], 16) / 2**27, False) for one in requests]
    def loglikelihood_rolling(self, requests): raise NotImplementedError
    def generate_until(self, requests): raise NotImplementedError
found = simple_evaluate(model=Hashed(), tasks=["own_mc1", "own_mc2"], task_manager=TaskManager(include_path=sys.argv[1], include_defaults=False), log_samples=True, bootstrap_iters=0)
print(json.dumps({name: [[row["doc"]["item"], float(row["acc"])] for row in found["samples"][f"own_{name}"]] for name in ("mc1", "mc2")}))
"""
MC = """
task: own_mc1
dataset_path: json
dataset_kwargs: {data_files: {test: FILE}}
test_split: test
output_type: multiple_choice
doc_to_text: "Q: {{question}}\\nA:"
doc_to_target: 0
doc_to_choice: "{{mc1_targets.choices}}"
metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]
"""
INSPECT = """
import json, sys, time
began = time.perf_counter()
from inspect_ai import Task, eval as run
from inspect_ai.dataset import Sample, MemoryDataset
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.scorer import answer
from inspect_ai.solver import generate
rows = [json.loads(line) for line in open(sys.argv[3], encoding="utf-8")]
task = Task(dataset=MemoryDataset([Sample(input=row["prompt"], target=row["right"], id=row["item"]) for row in rows]), solver=generate(), scorer=answer("letter"))
model = get_model(f"openai-api/own/{sys.argv[2]}", base_url=sys.argv[1], api_key="x", config=GenerateConfig(max_connections=32, max_tokens=16, temperature=0))
run(task, model=model, display="none", max_samples=790, log_dir=sys.argv[4], log_realtime=False, score_display=False)
print(time.perf_counter() - began)
"""


def ours(server, questions, model):
    """Our own answers: the seconds as a user waits for them, and the rows by item."""
    from gi_helpers import store

    data = tempfile.mkdtemp()
    began = time.perf_counter()
    call(server, data, questions, arms=f'{{"{model}": "{model}"}}')
    return time.perf_counter() - began, store.read(Path(data) / "yo" / "9_answers.csv")


def peer(python, script, *arguments):
    """(seconds, what it printed last) of a peer's script in its own environment, with nothing to be fetched."""
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "OPENAI_API_KEY": "x", "HF_HOME": tempfile.mkdtemp(), "TOKENIZERS_PARALLELISM": "false"}
    began = time.perf_counter()
    done = subprocess.run([python, "-c", script, *map(str, arguments)], env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    return time.perf_counter() - began, done.stdout.strip().splitlines()[-1]


def folder_with(task, rows):
    """A folder with a task file and the rows it reads."""
    folder = Path(tempfile.mkdtemp())
    (folder / "rows.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    (folder / "task.yaml").write_text(task.replace("FILE", str(folder / "rows.jsonl")), encoding="utf-8")
    return folder


def lm_eval(python, questions, server, model):
    from gi_helpers import evaluate

    seconds, mine = ours(server, questions, model)
    rows = [{"item": row["item"], "prompt": row["prompt"], "right": row["right"], "options": row["order"].count(",") + 1} for row in mine.to_dict("records")]
    theirs, told = peer(python, LM_EVAL, server.url, model, folder_with(TASK, rows))
    print(f"{model}, {len(mine)} items: ours {seconds:.1f} s, lm-evaluation-harness {theirs:.1f} s ({json.loads(told)['seconds']:.1f} s without its imports)")
    size, right = {row["item"]: row["options"] for row in rows}, {row["item"]: row["right"] for row in rows}
    same = {"strict": 0, "first_letter": 0}
    for item, rule, reply, _, verdict in json.loads(told)["rows"]:
        state, _ = evaluate.read_reply(reply, {str(n): "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[n] == right[item] for n in range(size[item])}, rule=rule)
        same[rule] += (state == "correct") == (verdict == 1)
    print(f"  the same verdict on every item: {same} of {len(mine)}")


def likelihoods(python, questions):
    import hashlib

    from gi_helpers import _prompting, evaluate, truthfulqa

    items, rows, mine = truthfulqa.questions(questions), [], {}
    for item in _prompting.items(items)[0]:
        wrong, right = _prompting.options(item, "mc1")[1:], list(dict.fromkeys([item["best"], *item["correct"]]))
        rows.append({"item": item["item"], "question": item["question"], "mc1_targets": {"choices": [item["best"], *wrong], "labels": [1] + [0] * len(wrong)},
                     "mc2_targets": {"choices": right + wrong, "labels": [1] * len(right) + [0] * len(wrong)}})
        likely = {text: -int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 2**27 for text in right + wrong}
        mine[item["item"]] = [evaluate.mc_scores([likely[text] for text in row["choices"]], row["labels"]) for row in (rows[-1]["mc1_targets"], rows[-1]["mc2_targets"])]
    folder = folder_with(MC, rows)
    (folder / "two.yaml").write_text((folder / "task.yaml").read_text().replace("own_mc1", "own_mc2").replace("mc1_targets", "mc2_targets")
                                     + "process_results: !function lm_eval.tasks.truthfulqa.utils.process_results_mc2\n", encoding="utf-8")
    (folder / "mc2.py").write_text("from lm_eval.tasks.truthfulqa.utils import process_results_mc2\n", encoding="utf-8")
    (folder / "two.yaml").write_text((folder / "two.yaml").read_text().replace("lm_eval.tasks.truthfulqa.utils.process", "mc2.process"), encoding="utf-8")
    told = json.loads(peer(python, LIKELY, folder)[1])
    far = {name: max(abs(mine[item][place][name] - value) for item, value in told[name]) for place, name in enumerate(("mc1", "mc2"))}
    print(f"MC1 and MC2 of {len(told['mc1'])} items: largest difference from the harness {far}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", default=HOUSE.parent / "shared" / "data" / "truthfulqa" / "TruthfulQA.csv")
    parser.add_argument("--lm-eval")
    parser.add_argument("--inspect")
    chosen = parser.parse_args()
    slow, quick = Server(0.3), Server(0)
    if chosen.lm_eval:
        lm_eval(chosen.lm_eval, chosen.questions, slow, "knows")
        lm_eval(chosen.lm_eval, chosen.questions, quick, "mixed")
        likelihoods(chosen.lm_eval, chosen.questions)
    if chosen.inspect:
        _, mine = ours(quick, chosen.questions, "knows")
        folder = folder_with("", mine[["item", "prompt", "right"]].to_dict("records"))
        print(f"inspect_ai: {peer(chosen.inspect, INSPECT, slow.url, 'knows', folder / 'rows.jsonl', tempfile.mkdtemp())[0]:.1f} s")
    slow.stop()
    quick.stop()
