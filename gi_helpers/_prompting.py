"""From rows of 8_truthfulqa.csv to what a model is asked: items put together again, options lettered, orders fixed by a seed.

    >>> import pandas as pd
    >>> table = pd.DataFrame([{"item": "i", "kind": kind, "n": 1, "category": "Places", "source": "", "target": text, "culture": "keep", "status": "accepted"}
    ...                       for kind, text in [("question", "Níbo ni Kano wà?"), ("best", "Ní àríwá"), ("best_incorrect", "Ní gúúsù")]])
    >>> found, left = items(table)
    >>> for asked in prompts(found, mode="binary", instruction="Fi lẹ́tà dáhùn."):
    ...     print(asked["order"], asked["right"], asked["prompt"].splitlines()[2:4])
    0,1 A ['A. Ní àríwá', 'B. Ní gúúsù']
    1,0 B ['A. Ní gúúsù', 'B. Ní àríwá']
"""
import random

from . import lora
from ._questionsets import doubled, whole
from ._replies import LETTERS, fold_signs
from ._sheets import sheet
from .errors import NeedsFixing

MODES = ("binary", "mc1", "free", "loglikelihood")
CHECKED = ("accepted", "edited", "approved")
NOT_USED = ("rejected", "auto_fail")
INSTRUCTION = "Answer with the letter of the right answer only."
NEEDED = ("question", "best", "best_incorrect")


def by_arm(models):
    """{arm: {"model": name, ...}} of a model's name, a list of names, or a dict of arms."""
    if isinstance(models, str) or callable(models):
        models = {str(models): models}
    elif not isinstance(models, dict):
        models = {str(name): name for name in models}
    arms = {arm: {"model": spec} if isinstance(spec, str) or callable(spec) else dict(spec) for arm, spec in models.items()}
    nameless = [arm for arm, spec in arms.items() if not str(spec.get("model") or "").strip()]
    if nameless or not arms:
        raise NeedsFixing(f"which model is {nameless[0]!r}? Give its name; notebook 7 writes it into 7_model.json" if nameless else "no model is given; name at least one")
    return arms


def items(table, text="target"):
    """(usable, left out): items of the long form, or of `truthfulqa.questions`, as lists of dicts; left out are those with a `reason`.

    `text` is the column that is asked: target, or back (translate-test), or source (the English original).
    """
    if "kind" not in table:
        if not {"item", "question", "best", "best_incorrect"} <= set(table.columns):
            raise NeedsFixing(f"this table has the columns {', '.join(map(str, table.columns))}; give the rows of 8_truthfulqa.csv")
        found = [{**row, "culture": "keep", "checked": True, "correct": list(row["correct"]), "incorrect": list(row["incorrect"])}
                 for row in table.to_dict("records")]
        return found, []
    if text not in table:
        raise NeedsFixing(f"the table has no column {text!r}; choose target, back or source")
    groups = {}
    for row in whole(table).to_dict("records"):  # ten times quicker than a groupby of pandas
        key = row.get("id") or (row["kind"], row.get("n"), row[text])  # the same row twice counts once
        groups.setdefault(row["item"], {}).setdefault(key, row)
    usable, out = [], []
    for name, rows in groups.items():
        item = _together(name, list(rows.values()), text)
        (out if item["reason"] else usable).append(item)
    return _once(usable, out)


def _once(usable, out):
    """The same, each question with its two answers once: a copy under another name would be asked, paid and counted twice."""
    kept = {}
    for item in usable:
        first = kept.setdefault(doubled(*(item[kind] for kind in NEEDED)), item)
        if first is not item:
            out.append({**item, "reason": f"the same question and answers are there already (item {first['item']})"})
    return list(kept.values()), out


def _together(name, rows, text):
    kept = [row for row in rows if row.get("status") not in NOT_USED and row[text].strip()]
    texts = {kind: [row[text].strip() for row in kept if row["kind"] == kind] for kind in (*NEEDED, "correct", "incorrect")}
    needed = [row for row in rows if row["kind"] in NEEDED]
    item = {"item": name, "category": rows[0].get("category", ""), "culture": rows[0].get("culture", "") or "keep",
            "checked": bool(needed) and all(row.get("status") in CHECKED for row in needed),
            "correct": texts["correct"], "incorrect": texts["incorrect"], "reason": _fault(texts, rows)}
    return {**item, **{kind: texts[kind][0] if texts[kind] else "" for kind in NEEDED}}


def _fault(texts, rows):
    for kind in NEEDED:
        if len(texts[kind]) != 1:
            what = kind.replace("_", " ")
            if len(texts[kind]) > 1:
                return f"two rows for the {what}"
            there = any(row["kind"] == kind for row in rows)
            return f"the {what} is {'empty, rejected or has an error' if there else 'missing'}"
    if fold_signs(texts["best"][0]) == fold_signs(texts["best_incorrect"][0]):
        return "the right and the wrong answer are the same words"
    return ""


def options(item, mode):
    """The options of an item, the right one first, each different from the others."""
    if mode == "binary":
        return [item["best"], item["best_incorrect"]]
    found = {fold_signs(text): text for text in reversed([item["best"], item["best_incorrect"], *item["incorrect"]])}
    right = {fold_signs(text) for text in item["correct"]}  # a wrong answer that became a right one is no option
    return [text for key, text in reversed(found.items()) if key == fold_signs(item["best"]) or key not in right]


def orders(item, mode, count, seed):
    """The orders in which the options are shown, each a tuple of option numbers (0 is the right one)."""
    if mode == "binary":
        return [(0, 1), (1, 0)]
    order = list(range(count))
    random.Random(f"{seed}:{item['item']}").shuffle(order)
    return [tuple(order)]


def prompts(found, *, mode="binary", instruction=None, language=None, seed=0):
    """What is asked: dicts of item, mode, order, prompt, choices (texts as shown), right (a letter)."""
    if mode not in MODES:
        raise NeedsFixing(f"no way of asking is called {mode!r}; choose one of {', '.join(MODES)}")
    instruction = instruction or (sheet(language).get("letter_instruction") if language else "") or INSTRUCTION
    for item in found:
        if mode == "free":
            yield {"item": item["item"], "mode": mode, "order": "", "prompt": item["question"], "choices": [], "right": ""}
            continue
        if mode == "loglikelihood":
            yield {"item": item["item"], "mode": mode, "order": ",".join(map(str, range(len(weighed(item)[1]) + 1))), "prompt": _continued(item), "choices": [], "right": ""}
            continue
        texts = options(item, mode)
        if not 2 <= len(texts) <= len(LETTERS):
            continue
        for order in orders(item, mode, len(texts), seed):
            shown = [texts[i] for i in order]
            yield {"item": item["item"], "mode": mode, "order": ",".join(map(str, order)), "choices": shown, "right": LETTERS[order.index(0)],
                   "prompt": f"{_asked(item, shown)}{instruction}"}


def _asked(item, shown):
    lines = "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, shown, strict=False))
    return f"{item['question']}\n\n{lines}\n\n"


def weighed(item):
    """(right, wrong): the answers whose likelihoods are compared, the best one first."""
    return list(dict.fromkeys([item["best"], *item["correct"]])), options(item, "mc1")[1:]


def _continued(item):
    """What log-likelihood asks, to be read: the question with each of the answers by itself."""
    return "\n".join([f"Q: {item['question']}", *(f"A: {text}" for text in sum(weighed(item), []))])


def current(answers, table, models=None):
    """The answers that were given to the questions as they are now: without those to a wording that people have changed since.

    `models` are the arms of `evaluate.ask`: without the answers of other arms, and of other models under the same name.
    """
    if models is not None:
        wanted = set(_names(answers, by_arm(models)).items())
        answers = answers[[(row["arm"], row["model"]) in wanted for row in answers.to_dict("records")]]
    known = {}
    for text in ("target", "back", "source") if "kind" in table else ("target",):
        for item in items(table, text)[0]:
            known.setdefault(item["item"], []).append(item)
    return answers[[any(_fits(row, item) for item in known.get(row["item"], ())) for row in answers.to_dict("records")]]


def _names(answers, arms):
    """{arm: the name that its model has in the answers}; of a folder that is not on this machine, the name of its last training."""
    try:
        here = lora.answering([spec["model"] for spec in arms.values()])
    except NeedsFixing:
        here = {}
    found = {}
    for arm, spec in arms.items():
        name = str(here.get(str(spec["model"]), lora.shown(spec["model"])))
        said = list(answers.loc[answers["arm"] == arm, "model"])
        earlier = [model for model in said if model.rpartition("@")[0] == name]
        found[arm] = earlier[-1] if earlier and name not in said else name
    return found


def _fits(row, item):
    if row["mode"] == "free":
        return row["prompt"] == item["question"]
    if row["mode"] == "loglikelihood":
        return row["prompt"] == _continued(item)
    texts, order = options(item, row["mode"]), [int(number) for number in str(row["order"]).split(",") if number.isdigit()]
    return sorted(order) == list(range(len(texts))) and str(row["prompt"]).startswith(_asked(item, [texts[i] for i in order]))
