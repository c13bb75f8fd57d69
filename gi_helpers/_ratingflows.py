"""What comes out of people's ratings: preference rows, edited answers for review, and the list of the earlier web app.

    >>> to_web([{"question": "Kí ni èyí?", "answer_base": "Mi ò mọ̀.", "answer_tuned": "Ilé ni."}])
    [{'question': 'Kí ni èyí?', 'answer': ['Mi ò mọ̀.', 'Ilé ni.']}]
"""
import itertools

from . import store
from ._ratingfiles import checked
from ._replywords import fold
from .errors import NeedsFixing


def _joined(ratings, pairs):
    """Each rating with its pair: (rating, pair, the preferred side or "", the other side or "")."""
    known = {(pair["item"], frozenset((pair["base"], pair["tuned"]))): pair for pair in pairs.to_dict("records")}
    for rating in checked(ratings, sides=True).to_dict("records"):
        pair = known.get((rating["item"], frozenset((rating["left"], rating["right"]))))
        if pair:
            order = ("base", "tuned") if rating["left"] == pair["base"] else ("tuned", "base")
            won = {"left": order[0], "right": order[1]}.get(rating["choice"], "")
            yield rating, pair, won, {"base": "tuned", "tuned": "base"}.get(won, "")


def to_preferences(ratings, pairs, evaluation=None):
    """Rows for preference training (DPO): prompt, chosen, rejected; one for each pair that most of its raters decided alike.

    An answer that one of these raters edited is the chosen one, the latest edit first. Questions of `evaluation` (a table of
    8_truthfulqa.csv) are left out: a model that is trained on them cannot be tested with them.
    """
    kept_out, votes = _questions(evaluation), {}
    for rating, pair, won, lost in _joined(ratings, pairs):
        if won and fold(pair["question"]) not in kept_out:
            votes.setdefault(pair["item"], []).append((won, lost, pair, rating))
    for given in votes.values():
        for won, lost, pair, _ in given[:1] + [vote for vote in given if vote[0] != given[0][0]][:1]:
            mine = [rating for side, _, _, rating in given if side == won]
            if 2 * len(mine) > len(given):
                edits = [rating for rating in sorted(mine, key=lambda rating: rating.get("at", "")) if rating.get("edited", "").strip()]
                chosen = edits[-1]["edited"].strip() if edits else pair[f"answer_{won}"]
                if chosen != pair[f"answer_{lost}"]:
                    yield {"prompt": pair["question"], "chosen": chosen, "rejected": pair[f"answer_{lost}"]}


def to_qa(ratings, pairs, language, evaluation=None):
    """Answers that raters edited, as rows for 4_qa.csv with status needs_review: another person reads them in notebook 4b.

    Questions of `evaluation` are left out, as in `to_preferences`.
    """
    kept_out = _questions(evaluation)
    for rating, pair, won, _ in _joined(ratings, pairs):
        edited = rating.get("edited", "").strip()
        if edited and fold(pair["question"]) not in kept_out:
            yield {"id": store.short_hash(language, "rating", rating["item"], rating["rater"], edited), "language": language, "source": "ratings", "method": "edited in 9b",
                   "model": pair[won or "tuned"], "question_llm": pair["question"], "answer_llm": pair[f"answer_{won or 'tuned'}"], "question": pair["question"],
                   "answer": edited, "flags": "", "status": "needs_review", "created_at": rating.get("at", "")}


def _questions(evaluation):
    if evaluation is None:
        return set()
    return {fold(text) for text in evaluation.loc[evaluation["kind"] == "question", "target"]}


def to_web(pairs):
    """The pairs as the earlier web app takes them: a list of {"question", "answer": [texts]}. `pairs` is a DataFrame or a list of dicts.

    A question stands there once, with all its different answers, as `from_web` took it.
    """
    answers = {}
    for pair in pairs if isinstance(pairs, list) else pairs.to_dict("records"):
        answers.setdefault(pair["question"], {}).update(dict.fromkeys((pair["answer_base"], pair["answer_tuned"])))
    return [{"question": question, "answer": list(texts)} for question, texts in answers.items()]


def from_web(entries, base="first", tuned="second"):
    """Pairs from the earlier web app's list of {"question", "answer": [texts]}: every two of an entry's answers, called first, second, third ...

    `base` and `tuned` are names for the first two. A pair is known by its question and its two texts, so that nobody's rating of other texts counts for it.
    """
    import pandas as pd

    if not isinstance(entries, list) or not entries:
        raise NeedsFixing('this file is no list of {"question": ..., "answer": [...]}; export it from the web app again')
    rows = {}
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or not str(entry.get("question") or "").strip():
            raise NeedsFixing(f'entry {number} has no question; each entry is {{"question": ..., "answer": [...]}}')
        answers = entry.get("answer")
        texts = dict.fromkeys(str(text).strip() for text in answers if str(text or "").strip()) if isinstance(answers, list) else ()
        if len(texts) < 2:
            raise NeedsFixing(f"entry {number} has fewer than two answers; give each question two that differ")
        question = str(entry["question"]).strip()
        for (one, first), (other, second) in itertools.combinations(enumerate(texts), 2):
            item = pair_id("web", question, first, second)
            rows[item] = {"item": item, "question": question, "base": _place(one, base, tuned), "tuned": _place(other, base, tuned), "answer_base": first, "answer_tuned": second}
    return pd.DataFrame(list(rows.values()))


def pair_id(where, question, first, second):
    """The name of a pair: another one as soon as the question or one of the two texts is another."""
    return store.short_hash(where, question, first, second)


def _place(number, base, tuned):
    names = (base, tuned, "third", "fourth", "fifth", "sixth")
    return names[number] if number < len(names) else f"answer {number + 1}"
