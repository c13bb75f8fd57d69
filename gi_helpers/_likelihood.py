"""MC1 and MC2 from how likely a model finds each option, for servers that tell (vLLM, llama.cpp: completions with `echo` and `logprobs`).

    >>> found = mc_scores([-1.0, -2.0, -3.0], [1, 0, 0])
    >>> found["mc1"], round(found["mc2"], 6)
    (1.0, 0.665241)
"""
import concurrent.futures
import contextlib
import math

from . import _prompting, llm, store
from .errors import NeedsFixing


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


def likelihoods(table, model, *, primer="", question_word="Q", answer_word="A", text="target"):
    """One row an item: item, mc1, mc2, options, for a base or tuned model on a server that gives the log-probabilities of a prompt.

    `primer` is the fixed start (six question-answer pairs in the language). Yields dicts. Raises NeedsFixing on a server that cannot.
    """
    found, _ = _prompting.items(table, text)
    client = llm.client()
    for item in found:
        weighed = _weighed(client, model, item, f"{primer}{question_word}: {item['question']}\n{answer_word}:")
        yield {"id": item["item"], "item": item["item"], "model": model, "mc1": weighed["mc1"], "mc2": weighed["mc2"], "options": weighed["options"]}


def weigh(asked, model, *, journal=None, concurrency=8, stop=None):
    """Yield (key, {"mc1", "mc2", "options", "content"}) for {key: item}, in their order; `content` says the log-likelihoods.

    Every item is kept in `journal` (a path beside it, _likelihood.jsonl) as it comes, and is not weighed again. `stop` is a threading.Event.
    """
    client, file = llm.client(), store.Path(journal).with_name(f"{store.Path(journal).stem}_likelihood.jsonl") if journal else None
    known = {line.pop("id"): line for line in store.read_jsonl(file)} if file and file.exists() else {}

    def one(key):
        if key in known or (stop is not None and stop.is_set()):
            return known.get(key)
        found = _weighed(client, model, asked[key], f"Q: {asked[key]['question']}\nA:")
        if book:
            book.write({"id": key, **found})
        return found

    with contextlib.ExitStack() as stack:
        book = stack.enter_context(store.append(file)) if file else None
        pool = concurrent.futures.ThreadPoolExecutor(concurrency)
        stack.callback(pool.shutdown, cancel_futures=True)
        for key, found in zip(asked, pool.map(one, asked), strict=True):
            if found is not None:
                yield key, found


def _weighed(client, model, item, start):
    right, wrong = _prompting.weighed(item)
    given = {option: _likelihood(client, model, start, f" {option}") for option in right + wrong}
    one = mc_scores([given[option] for option in [item["best"], *wrong]], [1] + [0] * len(wrong))
    two = mc_scores([given[option] for option in right + wrong], [1] * len(right) + [0] * len(wrong))
    return {"mc1": one["mc1"], "mc2": two["mc2"], "options": len(wrong) + 1, "content": "\n".join(f"{value:.4f} {option}" for option, value in given.items())}


def _likelihood(client, model, start, option):
    """The log-probability of `option` after `start`: what the tokens that begin inside it add up to."""
    import openai

    try:
        reply = client.post("/completions", cast_to=object, body={"model": model, "prompt": start + option, "max_tokens": 1, "echo": True, "logprobs": 1, "temperature": 0})
        told = reply["choices"][0]["logprobs"]
        values = [value for value, place in zip(told["token_logprobs"], told["text_offset"], strict=True)
                  if value is not None and len(start) <= place < len(start) + len(option)]
    except (openai.APIStatusError, KeyError, TypeError, ValueError) as error:
        raise NeedsFixing(f"this server does not tell how likely a text is ({type(error).__name__}); use mode='binary', or a vLLM or llama.cpp server") from error
    if not values:
        raise NeedsFixing("this server gave no log-probabilities for the prompt; use mode='binary', or a vLLM or llama.cpp server")
    return math.fsum(values)
