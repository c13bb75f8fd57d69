"""Notebook 9b: people compare two answers side by side, without knowing whose they are.

    >>> import pandas as pd
    >>> given = pd.DataFrame([{"item": item, "rater": rater, "left": "base", "right": "tuned", "choice": choice}
    ...     for item, rater, choice in [("1", "Ada", "right"), ("1", "Obi", "right"), ("2", "Ada", "left"), ("2", "Obi", "right"),
    ...                                 ("3", "Ada", "left"), ("3", "Obi", "left")]])
    >>> agreement(given).round(2).to_dict("records")
    [{'criterion': 'choice', 'n': 3, 'raters': 2, 'percent': 66.67, 'kappa': 0.4}]
"""
import collections
import itertools
import math
import random
import time

from . import evaluate, llm, store
from .errors import NeedsFixing

CRITERIA = ("helpful", "harmless", "honest", "factual", "culturally_relevant")  # each 1 to 5, and may stay empty
CHOICES = ("left", "right", "tie", "both_bad")
COLUMNS = ("item", "rater", "left", "right", "choice", *CRITERIA, "edited", "note", "at")
DEFINITIONS = {"helpful": "It answers what was asked, so that the person can go on.", "harmless": "It hurts nobody and advises nothing dangerous.",
               "honest": "It says what it does not know, and pretends nothing.", "factual": "What it says is true.",
               "culturally_relevant": "It fits the life, the customs and the words of the people who speak the language."}


# ---------------------------------------------------------------- questions and pairs

def bank(language):
    """The questions to rate, a list of strings: the team's own data/<code>/9b_questions.csv (column question), else translated
    evaluation questions, in practice the questions written for this project."""
    own = store.path(language, "9b_questions.csv")
    if own.exists():
        return _column(own, "question")
    if store.settings()["mode"] == "practice" and store.shipped("practice", language, "questions.json").exists():
        return [entry["own"]["question"] for entry in store.read_json(store.shipped("practice", language, "questions.json"))["questions"]]
    translated = store.path(language, "8_truthfulqa.csv")
    if translated.exists():
        table = store.read(translated)
        return table.loc[(table["kind"] == "question") & (table["target"] != ""), "target"].tolist()
    raise NeedsFixing(f"there are no questions to rate for {language}; write some into {own} (column question), or run notebook 8 first")


def _column(file, name):
    table = store.read(file)
    if name not in table:
        raise NeedsFixing(f"{file} has no column {name!r}; its columns are {', '.join(table.columns)}")
    return [text for text in table[name] if text.strip()]


def pairs(language, *, base, tuned, n=30, journal=None, budget_usd=None, questions=None, system="", seed=0):
    """Both models' answers to `n` questions, a DataFrame: item, question, base, tuned (model names), answer_base, answer_tuned.

    Answers come through `llm.run`, so that nothing is asked twice. A question that a model did not answer is left out.
    """
    import pandas as pd

    asked = list(dict.fromkeys(questions or bank(language)))
    asked = random.Random(seed).sample(asked, min(n, len(asked)))
    items = {store.short_hash(language, question): question for question in asked}
    replies = {}
    for side, model in (("base", base), ("tuned", tuned)):
        requests = ({"key": key, "messages": [*([{"role": "system", "content": system}] if system else []), {"role": "user", "content": question}],
                     "max_completion_tokens": 1000} for key, question in items.items())
        file = store.Path(journal).with_name(f"{store.Path(journal).stem}_{side}.jsonl") if journal else None
        for key, result in llm.run(requests, model=model, journal=file, budget_usd=budget_usd):
            if result["ok"] and result["content"].strip():
                replies[key, side] = result["content"].strip()
    rows = [{"item": key, "question": question, "base": base, "tuned": tuned, "answer_base": replies[key, "base"], "answer_tuned": replies[key, "tuned"]}
            for key, question in items.items() if (key, "base") in replies and (key, "tuned") in replies]
    if not rows:
        raise NeedsFixing(f"no question was answered by both {base} and {tuned}; check the models' names in 7_model.json and run again")
    return pd.DataFrame(rows)


def sides(item, rater):
    """Which model stands left and which right, ("base", "tuned") or turned round: shuffled over items and raters, the same on every visit."""
    return ("base", "tuned") if int(store.short_hash("side", item, rater), 16) % 2 else ("tuned", "base")


# ---------------------------------------------------------------- rating

def rate(file, pair, rater, choice, *, edited="", note="", **criteria):
    """Keep one rating in 9b_ratings.csv at once; a second rating of the same item by the same person takes the first one's place.

    `pair` is a row of `pairs`; `choice` one of left, right, tie, both_bad; criteria are numbers from 1 to 5. Gives the row.
    """
    if not rater.strip():
        raise NeedsFixing("the rating has no name; write your name first, so that people's ratings can be compared")
    if choice not in CHOICES:
        raise NeedsFixing(f"the choice is {choice!r}; choose one of {', '.join(CHOICES)}")
    for name, value in criteria.items():
        if name not in CRITERIA or str(value) not in ("", "1", "2", "3", "4", "5"):
            raise NeedsFixing(f"{name} is {value!r}; the criteria are {', '.join(CRITERIA)}, each 1 to 5 or empty")
    left, right = (pair[side] for side in sides(pair["item"], rater))
    row = {"item": pair["item"], "rater": rater.strip(), "left": left, "right": right, "choice": choice,
           **{name: str(criteria.get(name, "")) for name in CRITERIA}, "edited": edited, "note": note, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    with store.lock(file):
        kept = store.read(file).to_dict("records") if store.Path(file).exists() else []
        store.write([old for old in kept if (old["item"], old["rater"]) != (row["item"], row["rater"])] + [row], file)
    return row


def rehearse(table, file):
    """In practice mode two pretend raters, named practice-1 and practice-2, rate each pair, so that the tables below have something to show."""
    if store.settings()["mode"] != "practice":
        raise NeedsFixing("pretend raters work in practice mode only; ask people to rate")
    file = store.Path(file)
    done = {(row["item"], row["rater"]) for row in store.read(file).to_dict("records")} if file.exists() else set()
    for pair, rater in itertools.product(table.to_dict("records"), ("practice-1", "practice-2")):
        if (pair["item"], rater) not in done:
            # They like the longer answer, and sometimes cannot decide: enough to show how agreement looks.
            left, right = (len(pair[f"answer_{side}"]) for side in sides(pair["item"], rater))
            unsure = int(store.short_hash("unsure", pair["item"], rater), 16) % 5 == 0
            rate(file, pair, rater, "tie" if unsure or left == right else "left" if left > right else "right", note="practice")


def merge(file, others):
    """Bring the rating files of several people into one; the later rating of an item by a person wins. Gives the table."""
    import pandas as pd

    tables = [_checked(store.from_people(one), one) for one in [file, *others] if store.Path(one).exists()]
    if not tables:
        raise NeedsFixing(f"none of the rating files is there, beginning with {file}; check the paths")
    table = pd.concat(tables, ignore_index=True).fillna("").sort_values("at", kind="stable").drop_duplicates(["item", "rater"], keep="last")
    store.write(table, file)
    return table.reset_index(drop=True)


def _checked(table, file="the table"):
    absent = [name for name in ("item", "rater", "choice") if name not in table]
    if absent:
        raise NeedsFixing(f"{file} has no column {', '.join(absent)}; a rating file has the columns {', '.join(COLUMNS)}")
    return table


# ---------------------------------------------------------------- what they say

def preferences(ratings):
    """How often each model was preferred: DataFrame(model, n, wins, losses, ties, both_bad, share, low, high, p).

    share = wins / (wins + losses) with its Wilson 95 % interval; p is the two-sided exact sign test without ties.
    """
    import pandas as pd

    table = _checked(ratings)
    table = table[table["choice"].isin(CHOICES)]
    rows = []
    for model in sorted(set(table["left"]) | set(table["right"])):
        seen = table[(table["left"] == model) | (table["right"] == model)]
        won = ((seen["choice"] == "left") & (seen["left"] == model)) | ((seen["choice"] == "right") & (seen["right"] == model))
        wins, decided = int(won.sum()), int(seen["choice"].isin(["left", "right"]).sum())
        low, high = evaluate.wilson(wins, decided) if decided else (0.0, 1.0)
        rows.append({"model": model, "n": len(seen), "wins": wins, "losses": decided - wins, "ties": int((seen["choice"] == "tie").sum()),
                     "both_bad": int((seen["choice"] == "both_bad").sum()), "share": wins / decided if decided else math.nan, "low": low, "high": high,
                     "p": sign_test(wins, decided)})
    return pd.DataFrame(rows)


def sign_test(wins, decided):
    """The two-sided exact binomial p of `wins` out of `decided` against one half (sign test; 1.0 when nothing was decided)."""
    fewer = min(wins, decided - wins)
    return min(1.0, 2 * sum(math.comb(decided, k) for k in range(fewer + 1)) / 2**decided)


def agreement(ratings):
    """Do the raters agree? DataFrame(criterion, n, raters, percent, kappa), one row for the choice and one for each criterion that was used.

    n: items rated by at least two people, the same number of people each; percent: pairs of raters who said the same, 0 to 100; kappa: Cohen's
    for two raters (Cohen 1960), Fleiss's for more (Fleiss 1971), NaN where it is not defined (everybody always said the same).
    """
    import pandas as pd

    table = _checked(ratings)
    rows = []
    for criterion in ("choice", *CRITERIA):
        if criterion in table:
            votes = _votes(table, criterion)
            if votes:
                rows.append({"criterion": criterion, **_agree(votes)})
    return pd.DataFrame(rows, columns=["criterion", "n", "raters", "percent", "kappa"])


def _votes(table, criterion):
    """{item: {rater: category}}; a side that was chosen is named by its model, because the sides differ between raters."""
    votes = collections.defaultdict(dict)
    for row in table.to_dict("records"):
        value = str(row[criterion]).strip() if row[criterion] == row[criterion] and row[criterion] is not None else ""
        if criterion == "choice" and value in ("left", "right") and row.get(value):
            value = f"model {row[value]}"
        if value:
            votes[row["item"]][row["rater"]] = value
    return {item: given for item, given in votes.items() if len(given) >= 2}


def _agree(votes):
    raters = {rater for given in votes.values() for rater in given}
    most = collections.Counter(len(given) for given in votes.values()).most_common()
    size = max(size for size, count in most if count == most[0][1])  # both formulas want the same number of ratings for each item
    used = [given for given in votes.values() if len(given) == size]
    pairs_of = [(one == other) for given in used for one, other in itertools.combinations(given.values(), 2)]
    kappa = _cohen(used) if len(raters) == 2 else _fleiss([list(given.values()) for given in used])
    return {"n": len(used), "raters": len(raters), "percent": 100 * sum(pairs_of) / len(pairs_of), "kappa": kappa}


def _cohen(used):
    first, second = sorted({rater for given in used for rater in given})
    total, same = len(used), sum(given[first] == given[second] for given in used) / len(used)
    shares = [collections.Counter(given[rater] for given in used) for rater in (first, second)]
    chance = sum(shares[0][name] * shares[1][name] for name in shares[0]) / total**2
    return (same - chance) / (1 - chance) if chance < 1 else math.nan


def _fleiss(used):
    size, total = len(used[0]), len(used)
    counts = [collections.Counter(given) for given in used]
    same = sum((sum(count**2 for count in row.values()) - size) / (size * (size - 1)) for row in counts) / total
    overall = sum(counts, collections.Counter())
    chance = sum((count / (total * size)) ** 2 for count in overall.values())
    return (same - chance) / (1 - chance) if chance < 1 else math.nan


# ---------------------------------------------------------------- what comes out of it

def _joined(ratings, table):
    """Each rating with its pair: (rating, pair, preferred side or "", the other side or "")."""
    known = {pair["item"]: pair for pair in table.to_dict("records")}
    for rating in _checked(ratings).to_dict("records"):
        pair = known.get(rating["item"])
        if pair:
            order = sides(rating["item"], rating["rater"])
            order = order if pair[order[0]] == rating["left"] else order[::-1]
            won = {"left": order[0], "right": order[1]}.get(rating["choice"], "")
            yield rating, pair, won, {"base": "tuned", "tuned": "base"}.get(won, "")


def to_preferences(ratings, table):
    """Rows for preference training (DPO): prompt, chosen, rejected; an answer that the rater edited is the chosen one."""
    for rating, pair, won, lost in _joined(ratings, table):
        if won:
            yield {"prompt": pair["question"], "chosen": rating.get("edited") or pair[f"answer_{won}"], "rejected": pair[f"answer_{lost}"]}


def to_qa(ratings, table, language):
    """Answers that raters edited, as rows for 4_qa.csv with status needs_review: another person reads them in notebook 4b."""
    for rating, pair, won, _ in _joined(ratings, table):
        if rating.get("edited", "").strip():
            yield {"id": store.short_hash(language, "rating", rating["item"], rating["rater"]), "language": language, "source": "ratings", "method": "edited in 9b",
                   "model": pair[won or "tuned"], "question_llm": pair["question"], "answer_llm": pair[f"answer_{won or 'tuned'}"], "question": pair["question"],
                   "answer": rating["edited"], "status": "needs_review", "created_at": rating["at"]}


def to_web(table):
    """The pairs as the earlier web app takes them: a list of {"question", "answer": [texts]}."""
    return [{"question": pair["question"], "answer": [pair["answer_base"], pair["answer_tuned"]]} for pair in table.to_dict("records")]


def from_web(entries, base="first", tuned="second"):
    """Pairs from the earlier web app's list of {"question", "answer": [texts]}; its first two answers are compared."""
    import pandas as pd

    short = [number for number, entry in enumerate(entries, 1) if len(entry.get("answer", [])) < 2]
    if short:
        raise NeedsFixing(f"entry {short[0]} has fewer than two answers; give each question two")
    return pd.DataFrame([{"item": store.short_hash("web", entry["question"]), "question": entry["question"], "base": base, "tuned": tuned,
                          "answer_base": entry["answer"][0], "answer_tuned": entry["answer"][1]} for entry in entries])
