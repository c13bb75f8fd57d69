"""MC1 and MC2 from how likely a model finds each option, for servers that tell (vLLM, llama.cpp: completions with `echo` and `logprobs`).

    >>> found = mc_scores([-1.0, -2.0, -3.0], [1, 0, 0])
    >>> found["mc1"], round(found["mc2"], 6)
    (1.0, 0.665241)
"""
import contextlib
import math
import re

from . import _prompting, llm
from ._outcome import Outcome
from .errors import NeedsFixing

UNTOLD = "this server does not tell how likely a text is"
INSTEAD = "use mode='binary', or a vLLM or llama.cpp server"
NEVER = re.compile("answered (400|404|405|422) ")  # as the first word of a server: it will say so to all


def mc_scores(log_likelihoods, labels):
    """{"mc1", "mc2"} of one item: `log_likelihoods` of its options (natural logarithms, not divided by length), `labels` 1 for true ones.

    mc1 is 1.0 when the likeliest option is a true one, else 0.0; for the usual MC1 give the best answer and the wrong ones only. mc2 is the
    share of the probability that the true options have. Raises NeedsFixing when no option is true, or the lists differ in length.
    """
    values, true = [float(value) for value in log_likelihoods], [str(label) in ("1", "True", "1.0") for label in labels]
    if len(values) != len(true) or not any(true) or any(value != value for value in values):
        raise NeedsFixing(f"{len(values)} log-likelihoods with {len(true)} labels, {sum(true)} of them true: give a number and a label for each option")
    highest = max(values)
    shares = [math.exp(value - highest) for value in values]
    return {"mc1": float(true[values.index(highest)]), "mc2": math.fsum(share for share, right in zip(shares, true, strict=True) if right) / math.fsum(shares)}


def likelihoods(table, model, *, primer="", question_word="Q", answer_word="A", text="target", journal=None, budget_usd=None, concurrency=8, report=None):
    """One row an item: item, mc1, mc2, options, for a base or tuned model on a server that gives the log-probabilities of a prompt.

    `primer` is the fixed start (six question-answer pairs in the language). Yields dicts. Journal, budget and report as in `evaluate.ask`.
    Raises NeedsFixing on a server that cannot.
    """
    found, _ = _prompting.items(table, text)
    outcome = Outcome("questions have not been weighed", len(found), report)
    for key, result in weigh({item["item"]: item for item in found}, model, f"{primer}{question_word}: ", f"\n{answer_word}:",
                             journal=journal, budget_usd=budget_usd, concurrency=concurrency):
        outcome.add(result)
        if result["ok"]:
            yield {"id": key, "item": key, "model": model, "mc1": result["mc1"], "mc2": result["mc2"], "options": result["options"]}
    outcome.say()


def requests(asked, before="Q: ", after="\nA:"):
    """The requests of `llm.run` for {key: item}, one an answer; its `key` is (key, answer), and its prompt ends with a space and the answer."""
    for key, item in asked.items():
        for option in sum(_prompting.weighed(item), []):
            yield {"key": (key, option), "prompt": f"{before}{item['question']}{after} {option}", "max_tokens": 1, "echo": True, "logprobs": 1, "temperature": 0}


def weigh(asked, model, before="Q: ", after="\nA:", **how):
    """Yield (key, result) for {key: item}, as `llm.run` with `how` does: one request an answer, kept in the journal and within the budget.

    A result also has mc1, mc2 and options; its `content` says the log-likelihoods. Items of which an answer was not sent are not `ok`, and have 0
    `attempts`. Raises NeedsFixing when the first that comes shows that the server cannot.
    """
    came, anything = {}, False

    def accept(key, content):
        return "" if _likelihood(content, asked[key[0]], before, after, key[1]) is not None else UNTOLD

    with contextlib.closing(llm.run(requests(asked, before, after), model=model, accept=accept, **how)) as results:
        for (key, option), result in results:
            anything = anything or result["ok"]
            if not anything and (result["error"] == UNTOLD or NEVER.search(result["error"])):
                raise NeedsFixing(f"{UNTOLD} ({result['error']}); {INSTEAD}" if result["error"] != UNTOLD else f"{UNTOLD}; {INSTEAD}")
            known = came.setdefault(key, {})
            known[option] = result
            if len(known) == len(sum(_prompting.weighed(asked[key]), [])):
                yield key, _together(asked[key], came.pop(key), before, after)
    for key, known in came.items():  # a stop came between an item's answers
        if not all(result["ok"] for result in known.values()):
            yield key, _together(asked[key], known, before, after)


def _together(item, results, before, after):
    """One result of those of all an item's answers."""
    failed = [result for result in results.values() if not result["ok"]]
    found = {**(failed or list(results.values()))[-1], "finish_reason": "", "content": "",
             "attempts": sum(result["attempts"] for result in failed or results.values()) if all(result["attempts"] for result in failed) else 0,
             "cost_usd": math.fsum(result["cost_usd"] or 0 for result in results.values()),
             "usage": {name: sum((result["usage"] or {}).get(name) or 0 for result in results.values()) for name in ("prompt_tokens", "completion_tokens")}}
    if failed:
        return found
    right, wrong = _prompting.weighed(item)
    given = {option: _likelihood(result["content"], item, before, after, option) for option, result in results.items()}
    one = mc_scores([given[option] for option in [item["best"], *wrong]], [1] + [0] * len(wrong))
    two = mc_scores([given[option] for option in right + wrong], [1] * len(right) + [0] * len(wrong))
    return {**found, "mc1": one["mc1"], "mc2": two["mc2"], "options": len(wrong) + 1, "content": "\n".join(f"{given[option]:.4f} {option}" for option in right + wrong)}


def _likelihood(content, item, before, after, option):
    """The log-probability of `option` after the question: what the tokens that begin inside it add up to; None when the content does not tell."""
    told, start = llm.parse_json(content) or {}, len(before) + len(item["question"]) + len(after)
    try:
        values = [float(value) for value, place in zip(told["token_logprobs"], told["text_offset"], strict=True)
                  if value is not None and start <= place <= start + len(option)]
    except (KeyError, TypeError, ValueError):
        return None
    return math.fsum(values) if values else None
