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

from . import evaluate, llm, lora, store
from ._ratingfiles import CHOICES, COLUMNS, CRITERIA, checked, merge
from ._ratingflows import from_web, pair_id, to_preferences, to_qa, to_web
from ._sheets import sheet
from ._statistics import cohen, fleiss
from .errors import NeedsFixing

__all__ = ["CHOICES", "COLUMNS", "CRITERIA", "DEFINITIONS", "TOPICS", "agreement", "bank", "current", "definitions", "from_web", "merge", "pairs", "preferences", "rate", "rated_by", "rehearse",
           "sides", "start_bank", "to_preferences", "to_qa", "to_web"]

DEFINITIONS = {"helpful": "It answers what was asked, so that the person can go on.", "harmless": "It hurts nobody and advises nothing dangerous.",
               "honest": "It says what it does not know, and pretends nothing.", "factual": "What it says is true.",
               "culturally_relevant": "It fits the life, the customs and the words of the people who speak the language."}


TOPICS = ("food", "places", "health", "school", "proverbs")


def definitions(language):
    """What each criterion means, a dict: in the language where its sheet says so, else in English."""
    return {**DEFINITIONS, **sheet(language).get("ratings", {})}


# ---------------------------------------------------------------- questions and pairs

def start_bank(language, each=8):
    """Make data/<code>/9b_questions.csv (topic, question) with `each` empty lines a topic, for the team to fill in; gives the path. It is never written over."""
    file = store.path(language, "9b_questions.csv")
    if not file.exists():
        store.write([{"topic": topic, "question": ""} for topic in TOPICS for _ in range(each)], file)
    return file


def bank(language, sample=10, seed=0):
    """The questions to rate, a DataFrame: topic, question. The team's own from 9b_questions.csv, and `sample` translated evaluation questions.

    In practice, questions about the articles that were written for this project stand for the team's own ones.
    """
    import pandas as pd

    rows = _own(language)
    translated = store.path(language, "8_truthfulqa.csv")
    if translated.exists():
        table = store.read(translated)
        texts = list(dict.fromkeys(table.loc[(table["kind"] == "question") & (table["target"] != ""), "target"]))
        rows += [{"topic": "TruthfulQA", "question": text} for text in random.Random(seed).sample(texts, min(sample, len(texts)))]
    if not rows:
        raise NeedsFixing(f"there are no questions to rate for {language}; write some into {start_bank(language)} (column question), or run notebook 8 first")
    return pd.DataFrame(rows).drop_duplicates("question", ignore_index=True)


def _own(language):
    own, articles = store.path(language, "9b_questions.csv"), store.shipped("practice", language, "articles.json")
    if own.exists():
        table = store.from_people(own)
        if "question" not in table:
            raise NeedsFixing(f"{own} has no column 'question'; its columns are {', '.join(table.columns)}")
        found = [{"topic": row.get("topic", ""), "question": " ".join(row["question"].split())} for row in table.to_dict("records") if row["question"].strip()]
        if found or store.settings()["mode"] != "practice":
            return found
    if store.settings()["mode"] == "practice" and articles.exists():
        pattern = sheet(language)["question_patterns"]["about"]
        return [{"topic": "practice", "question": pattern.format(title=entry["title"])} for entry in store.read_json(articles)["articles"][::2]]
    return []


def pairs(language, *, base, tuned, n=30, journal=None, budget_usd=None, questions=None, system="", seed=0):
    """Both models' answers to `n` questions, a DataFrame: item, question, base, tuned (model names), answer_base, answer_tuned.

    Answers come through `llm.run`, so that nothing is asked twice; an adapter's folder and its base model answer on this machine. A question that a
    model did not answer is left out. New answers, such as those of a model that was tuned again under its old name, make a new pair: nobody has rated them.
    """
    import pandas as pd

    asked = list(dict.fromkeys(questions if questions is not None else bank(language)["question"]))
    asked = random.Random(seed).sample(asked, min(n, len(asked)))
    items = {store.short_hash(language, question): question for question in asked}
    replies, here = {}, lora.answering([base, tuned])
    base, tuned = here.get(str(base), base), here.get(str(tuned), tuned)
    for side, model in (("base", base), ("tuned", tuned)):
        requests = ({"key": key, "messages": [*([{"role": "system", "content": system}] if system else []), {"role": "user", "content": question}],
                     "max_completion_tokens": 1000} for key, question in items.items())
        file = store.Path(journal).with_name(f"{store.Path(journal).stem}_{side}.jsonl") if journal else None
        for key, result in llm.run(requests, model=model, journal=file, budget_usd=budget_usd):
            if result["ok"] and result["content"].strip():
                replies[key, side] = result["content"].strip()
    rows = [{"item": pair_id(language, question, replies[key, "base"], replies[key, "tuned"]), "question": question, "base": str(base), "tuned": str(tuned),
             "answer_base": replies[key, "base"], "answer_tuned": replies[key, "tuned"]}
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
    rater = rater.strip()
    if not rater:
        raise NeedsFixing("the rating has no name; write your name first, so that people's ratings can be compared")
    if choice not in CHOICES:
        raise NeedsFixing(f"the choice is {choice!r}; choose one of {', '.join(CHOICES)}")
    for name, value in criteria.items():
        if name not in CRITERIA or str(value) not in ("", "1", "2", "3", "4", "5"):
            raise NeedsFixing(f"{name} is {value!r}; the criteria are {', '.join(CRITERIA)}, each 1 to 5 or empty")
    left, right = (pair[side] for side in sides(pair["item"], rater))
    row = {"item": pair["item"], "rater": rater, "left": left, "right": right, "choice": choice,
           **{name: str(criteria.get(name, "")) for name in CRITERIA}, "edited": edited, "note": note, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    with store.lock(file):
        kept = store.read(file).to_dict("records") if store.Path(file).exists() else []
        store.write([old for old in kept if _what(old) != _what(row)] + [row], file)
    return row


def _what(row):
    """What a rating is about: the item, the person, and the two models, on whichever sides they stood."""
    return row["item"], row["rater"], frozenset((row["left"], row["right"]))


def rated_by(file, pairs, rater):
    """The items of `pairs` that this person has rated, for these two models; a set."""
    if not store.Path(file).exists():
        return set()
    table = current(store.read(file), pairs)
    return set(table.loc[table["rater"] == rater.strip(), "item"])


def current(ratings, pairs):
    """The ratings of these pairs and their two models, without those of earlier models."""
    wanted = {(pair["item"], frozenset((pair["base"], pair["tuned"]))) for pair in pairs.to_dict("records")}
    return ratings[[(row["item"], frozenset((row["left"], row["right"]))) in wanted for row in ratings.to_dict("records")]].reset_index(drop=True)


def rehearse(table, file):
    """In practice mode two pretend raters, named practice-1 and practice-2, rate each pair, so that the tables below have something to show."""
    if store.settings()["mode"] != "practice":
        raise NeedsFixing("pretend raters work in practice mode only; ask people to rate")
    done = {rater: rated_by(file, table, rater) for rater in ("practice-1", "practice-2")}
    for pair, rater in itertools.product(table.to_dict("records"), done):
        if pair["item"] not in done[rater]:
            # They like the longer answer, and sometimes cannot decide: enough to show how agreement looks.
            left, right = (len(pair[f"answer_{side}"]) for side in sides(pair["item"], rater))
            unsure = int(store.short_hash("unsure", pair["item"], rater), 16) % 5 == 0
            choice = "tie" if unsure or left == right else "left" if left > right else "right"
            rate(file, pair, rater, choice, helpful=2 + min(3, max(left, right) // 60), note="practice")


# ---------------------------------------------------------------- what they say

def preferences(ratings):
    """How often each model was preferred: DataFrame(model, n, wins, losses, ties, both_bad, share, low, high, p, items, p_items).

    share = wins / (wins + losses) with its Wilson 95 % interval; p is the two-sided exact sign test without ties. Several people's ratings
    of one item are no independent proofs: `items` are the items that most of their raters decided alike, and p_items tests these.
    """
    import pandas as pd

    table = checked(ratings, sides=True)
    table = table[table["choice"].isin(CHOICES)]
    rows = []
    for model in sorted(set(table["left"]) | set(table["right"])):
        seen = table[(table["left"] == model) | (table["right"] == model)]
        won = ((seen["choice"] == "left") & (seen["left"] == model)) | ((seen["choice"] == "right") & (seen["right"] == model))
        wins, decided = int(won.sum()), int(seen["choice"].isin(["left", "right"]).sum())
        low, high = evaluate.wilson(wins, decided) if decided else (0.0, 1.0)
        rows.append({"model": model, "n": len(seen), "wins": wins, "losses": decided - wins, "ties": int((seen["choice"] == "tie").sum()),
                     "both_bad": int((seen["choice"] == "both_bad").sum()), "share": wins / decided if decided else math.nan, "low": low, "high": high,
                     "p": sign_test(wins, decided), **_by_item(seen, won)})
    return pd.DataFrame(rows)


def _by_item(seen, won):
    """{"items", "p_items"}: of the items that have a majority, the sign test."""
    votes = collections.Counter()
    for item, choice, mine in zip(seen["item"], seen["choice"], won, strict=True):
        votes[item] += (1 if mine else -1) if choice in ("left", "right") else 0
    signs = [vote > 0 for vote in votes.values() if vote]
    return {"items": len(signs), "p_items": sign_test(sum(signs), len(signs))}


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

    table = checked(ratings)
    rows = []
    for criterion in ("choice", *CRITERIA):
        if criterion in table:
            votes = _votes(table, criterion)
            if votes:
                rows.append({"criterion": criterion, **_agree(votes)})
    return pd.DataFrame(rows, columns=["criterion", "n", "raters", "percent", "kappa"])


def _votes(table, criterion):
    """{item and models: {rater: category}}; a side that was chosen is named by its model, because the sides differ between raters."""
    votes = collections.defaultdict(dict)
    for row in table.to_dict("records"):
        value = str(row[criterion]).strip() if row[criterion] == row[criterion] and row[criterion] is not None else ""
        if criterion == "choice" and value in ("left", "right") and row.get(value):
            value = f"model {row[value]}"
        if value:
            votes[row["item"], frozenset((row.get("left", ""), row.get("right", "")))][row["rater"]] = value
    return {item: given for item, given in votes.items() if len(given) >= 2}


def _agree(votes):
    raters = {rater for given in votes.values() for rater in given}
    most = collections.Counter(len(given) for given in votes.values()).most_common()
    size = max(size for size, count in most if count == most[0][1])  # both formulas want the same number of ratings for each item
    used = [given for given in votes.values() if len(given) == size]
    pairs_of = [(one == other) for given in used for one, other in itertools.combinations(given.values(), 2)]
    first, second = sorted(raters)[:2]
    kappa = cohen([(given[first], given[second]) for given in used]) if len(raters) == 2 else fleiss([list(given.values()) for given in used])
    return {"n": len(used), "raters": len(raters), "percent": 100 * sum(pairs_of) / len(pairs_of), "kappa": kappa}
