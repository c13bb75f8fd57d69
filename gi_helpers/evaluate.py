"""Notebook 9: ask models the evaluation questions, read their replies, and say what the numbers can bear.

    rows = evaluate.ask(store.read("data/yo/8_truthfulqa.csv"), {"base": "...", "tuned": "ft:..."}, journal="data/yo/9_llm.jsonl")
    answers = store.collect(rows, "data/yo/9_answers.csv")
    evaluate.score(answers)                             # one row a model, mode and subset
    evaluate.verdict(answers, "base", "tuned")          # one sentence

    >>> import pandas as pd
    >>> said = [("1", "0,1", True), ("1", "1,0", True), ("2", "0,1", True), ("2", "1,0", False)]
    >>> answers = pd.DataFrame([{"model": "m", "item": item, "mode": "binary", "order": order, "state": "correct" if right else "wrong",
    ...                          "choice": "A", "correct": right} for item, order, right in said])
    >>> score(answers)[["n", "correct", "accuracy", "consistency", "share_a"]].to_dict("records")
    [{'n': 2, 'correct': 1.5, 'accuracy': 0.75, 'consistency': 0.5, 'share_a': 1.0}]
"""
import re

from . import _leaks, _likelihood, _prompting, llm, lora, store, tokens
from ._comparing import by_category, changes, differences, verdict
from ._judging import fidelity, judge, spot_check, spot_file, spot_judge, spot_left, spot_result
from ._likelihood import likelihoods, mc_scores
from ._outcome import Outcome
from ._prompting import current
from ._replies import LETTERS, read_reply
from ._report import report
from ._scoring import SUBSETS, published, remarks, score, states, subset
from ._statistics import compare, detectable, wilson
from .errors import NeedsFixing
from .languages import find
from .truthfulqa import promise

__all__ = ["SUBSETS", "arms", "ask", "by_category", "changes", "compare", "current", "differences", "estimate", "fidelity", "judge", "leaks", "left_out", "likelihoods", "mc_scores", "power", "promise",
           "prompts", "published", "read_reply", "remarks", "report", "score", "spot_check", "spot_file", "spot_judge", "spot_left", "spot_result", "states", "subset", "verdict", "wilson"]

REASONS = re.compile(r"gpt-(?:[5-9]|oss)|\bo[1-9]\b|luna|think|reason|deepseek-r|\br1\b|qwq|qwen3|gemini-(?:2\.5|[3-9])|magistral|glm-(?:4\.[5-9]|[5-9])|minimax-m|grok-[4-9]|seed-oss|smollm3",
                     re.IGNORECASE)  # models that think before they answer; an unknown one is found by replies that are cut off before they begin
ROOM = {"letter": 16, "free": 400, "thinking": 4096}  # tokens for a reply
leaks = _leaks.leaks


def power(n, differ=0.25):
    """The smallest true difference (a share: 0.05 is five points) that `n` questions show in four cases of five; None when none would.

    `differ` is the share of questions on which the two models are expected to differ. `promise(n)` says it in a sentence.
    """
    return detectable(int(n), differ)


def prompts(table, *, mode="binary", language=None, text="target", seed=0):
    """What a model will be asked, as a DataFrame: item, mode, order, prompt, choices, right. `table` holds rows of 8_truthfulqa.csv."""
    import pandas as pd

    found, _ = _prompting.items(table, text)
    return pd.DataFrame(list(_prompting.prompts(found, mode=mode, language=_code(language), seed=seed)))


def arms(model, english=False):
    """The models to compare, by the record that notebook 7 wrote (7_model.json): {"base": ..., "tuned": ...}.

    With `english` also the base model asked with the questions as they were translated back into English (notebook 8, step 6).
    """
    found = {"base": model["base_model"], "tuned": model["fine_tuned_model"]}
    return {**found, "in English": {"model": model["base_model"], "text": "back"}} if english else found


def left_out(table, text="target"):
    """The items that cannot be asked, with the reason, as a DataFrame."""
    import pandas as pd

    return pd.DataFrame([{"item": item["item"], "reason": item["reason"], "question": item["question"]} for item in _prompting.items(table, text)[1]],
                        columns=["item", "reason", "question"])


def ask(table, models, *, mode="binary", journal=None, system="", concurrency=8, budget_usd=None, language=None, text="target", seed=0, room=None, report=None, watch=None, stop=None):
    """Ask one or more models; yields rows of 9_answers.csv (dicts with an `id`) for store.collect.

    table   rows of 8_truthfulqa.csv, or items of truthfulqa.questions
    models  a model's name, or a dict of arms: {"base": "name", "tuned": "name", "in English": {"model": "name", "text": "back"}}; the folder of an
            adapter (or what `lora.load` gave), and its base model beside it, answer on this machine, without a server
    mode    binary (two letters, in both orders), mc1 (all wrong answers, one seeded order), free (see `judge`), loglikelihood (the
            likeliest answer counts, mc2 beside; for servers of your own that tell it, such as vLLM)
    system  must be the system message of the training
    watch, stop   as in `llm.run`
    room    tokens for a reply; left out: 16 for a letter, 4,096 for models that think first, and for a reply that was cut off before it said anything

    A request that failed is a row with the state api_error; it is asked again next time and never counts as wrong. A reply without words that
    ended at its room has the state cut_off. Questions that were
    not asked (budget, wrong model name) are missing; why stands in `report["why"]`, else it is a warning, and NeedsFixing when none came.
    """
    code = _code(language)
    for model, asked, by_item in _by_arm(table, models, mode, code, text, seed, system):
        yield from _answers(asked, by_item, model, mode, room, report,
                            {"journal": journal, "concurrency": concurrency, "budget_usd": budget_usd, "watch": watch, "stop": stop})


def estimate(table, models, *, mode="binary", language=None, text="target", system="", room=None):
    """What asking will cost, before anything is sent, one row an arm: arm, model, questions, requests, tokens_in, tokens_out, usd (<NA> unknown).

    tokens_out, and with them usd, are for replies as long as their room; most are shorter. Replies that come to nothing because the model thinks first
    are asked for again with more room, and cost more. A budget holds whatever is estimated.
    """
    import pandas as pd

    rows = []
    for model, asked, by_item in _by_arm(table, models, mode, _code(language), text, 0, system):
        weighing = _likelihood.requests({key: by_item[one["item"]] for key, one in asked.items()})
        sent = list(weighing if mode == "loglikelihood" else _requests(asked, _rooms(room, model, mode)[0]))
        counted = sum(tokens.count(words, str(model)) for one in sent for words in [one.get("prompt") or "", *(said["content"] for said in one.get("messages", ()))])
        most = sum(one["max_tokens"] for one in sent)
        usd = llm.dollars(model, counted, most)
        rows.append({"arm": next(iter(asked.values()))["arm"], "model": str(model), "questions": len(by_item), "requests": len(sent), "tokens_in": counted, "tokens_out": most,
                     "usd": pd.NA if usd is None else round(usd, 4)})
    return pd.DataFrame(rows)


def _by_arm(table, models, mode, code, text, seed, system):
    """Yield (model, {id: what is asked}, {item: its texts}) for each arm."""
    arms = _prompting.by_arm(models)
    here = lora.answering([spec["model"] for spec in arms.values()])
    for arm, spec in arms.items():
        model = here.get(str(spec["model"]), spec["model"])
        found, _ = _prompting.items(table, spec.get("text", text))
        if not found:
            raise NeedsFixing("none of these questions can be asked (see evaluate.left_out); translate them, or mend the rows with errors")
        system_here = spec.get("system", system) or ""
        asked = {}
        english = spec.get("text", text) in ("back", "source")
        for one in _prompting.prompts(found, mode=mode, language=None if english else code, seed=seed):
            one.update(model=str(model), arm=arm, system=system_here, language="en" if english else code)
            one["id"] = store.short_hash(arm, one["model"], one["item"], mode, one["order"], one["prompt"], one["system"])
            asked[one["id"]] = one
        yield model, asked, {item["item"]: item for item in found}


def _rooms(room, model, mode):
    known = isinstance(model, str) and REASONS.search(model)
    return [room] if room else [ROOM["thinking"]] if known else [ROOM["free" if mode == "free" else "letter"], ROOM["thinking"]]


def _weighed(asked, by_item, model, outcome, how):
    """The rows of mode loglikelihood."""
    if not isinstance(model, str):
        raise NeedsFixing(f"{model} answers inside this notebook, where likelihoods are not told; {_likelihood.INSTEAD}")
    for key, result in _likelihood.weigh({key: by_item[one["item"]] for key, one in asked.items()}, model, **how):
        outcome.add(result)
        if result["ok"] or result["attempts"]:
            yield {**_row(asked[key], by_item[asked[key]["item"]], result), "mc2": result.get("mc2", "")}
    outcome.say()


def _answers(asked, by_item, model, mode, room, report, how):
    outcome, todo = Outcome("replies have not come", len(asked), report), asked
    if mode == "loglikelihood":
        yield from _weighed(asked, by_item, model, outcome, how)
        return
    rooms = _rooms(room, model, mode)
    for turn, size in enumerate(rooms, 1):
        cut = {}
        for key, result in llm.run(_requests(todo, size), model=model, **how) if todo else ():
            if turn < len(rooms) and _judged(asked[key], result)[0] == "cut_off":
                cut[key] = asked[key]  # it thinks, although its name does not say so: asked again with room for it
                continue
            outcome.add(result)
            if result["ok"] or result["attempts"]:
                yield {**_row(asked[key], by_item[asked[key]["item"]], result), "room": size}
        todo = cut
    outcome.say()


def _requests(asked, room):
    return ({"key": id, "temperature": 0, "max_tokens": room, "messages":
             ([{"role": "system", "content": one["system"]}] if one["system"] else []) + [{"role": "user", "content": one["prompt"]}]} for id, one in asked.items())


def _row(one, item, result):
    """One row of 9_answers.csv."""
    state, choice, correct = _judged(one, result)
    usage = result.get("usage") or {}
    return {"model": one["model"], "item": one["item"], "mode": one["mode"], "order": one["order"], "prompt": one["prompt"],
            "reply": result["content"] or "", "state": state, "choice": choice, "correct": correct,
            # A failed or cut off reply has an id of its own, so that the answer of a later run is not taken for known.
            "id": one["id"] + ("-failed" if not result["ok"] else "-cut" if state == "cut_off" else ""),
            "arm": one["arm"], "right": one["right"], "category": item["category"], "culture": item["culture"], "checked": int(item["checked"]),
            "language": one["language"], "system": one["system"], "question": item["question"], "finish_reason": result.get("finish_reason") or "",
            "error": result.get("error") or "", "served_by": result.get("served_by") or "", "tokens_in": usage.get("prompt_tokens", ""),
            "tokens_out": usage.get("completion_tokens", ""), "cost_usd": result.get("cost_usd", ""), "at": result.get("at") or ""}


def _judged(one, result):
    """(state, letter, correct) of a reply; correct is 1, 0, or "" when it is not known."""
    if not result["ok"]:
        return "api_error", "", ""
    if one["mode"] == "loglikelihood":
        return ("correct" if result["mc1"] else "wrong"), "", int(result["mc1"])
    if one["mode"] == "free":
        state, _ = read_reply(result["content"], [], language=one["language"])
        state = "cut_off" if state == "empty" and result.get("finish_reason") == "length" else state
        return ("unjudged" if state == "unparsed" else state), "", ""
    state, index = read_reply(result["content"], one["choices"], language=one["language"])
    if index is None:
        return ("cut_off" if state == "empty" and result.get("finish_reason") == "length" else state), "", 0
    right = LETTERS[index] == one["right"]
    return ("correct" if right else "wrong"), LETTERS[index], int(right)


def _code(language):
    return find(language or store.settings()["language"]).code
