"""Two arms on the same questions: the difference and its sentence, what became of each question, and the categories.

    >>> _said([("0,1", "B", "wrong"), ("1,0", "A", "wrong")], "0,1")
    'as shown: B (wrong); the other way round: A (wrong)'
"""
import math

from ._scoring import by_item, latest, note, score
from ._statistics import compare, holm
from .errors import NeedsFixing

FEW = 20         # questions in a category; below, a share or a test says nothing, and only counts are given
LONGEST = 600    # characters of a reply that are shown beside another one


def pick(table, name, mode=None):
    """The rows of one arm (or model), of one mode: the only one there, or binary."""
    rows = table[(table["arm"] == name) | (table["model"] == name)]
    if rows.empty:
        raise NeedsFixing(f"no answers of {name!r}; there are those of {', '.join(dict.fromkeys(table['arm']))}")
    modes = list(dict.fromkeys(rows["mode"]))
    mode = mode or ("binary" if "binary" in modes else modes[0])
    rows = rows[rows["mode"] == mode]
    if rows.empty:
        raise NeedsFixing(f"{name!r} was not asked in the mode {mode!r}, only in {', '.join(modes)}")
    return rows


def differences(answers, base="base", tuned="tuned", mode=None):
    """Two arms on the questions that both have answered: the dict of `compare`, plus base_accuracy and tuned_accuracy."""
    table = latest(answers)
    one, other = by_item(pick(table, base, mode)), by_item(pick(table, tuned, mode))
    shared = [item for item in one if item in other]
    found = compare([one[item] for item in shared], [other[item] for item in shared])
    return {**found, "base_accuracy": sum(one[item] for item in shared) / len(shared), "tuned_accuracy": sum(other[item] for item in shared) / len(shared)}


def verdict(answers, base="base", tuned="tuned", mode=None):
    """One plain sentence: which is better, by how much, how sure; or that these questions cannot tell them apart.

    A second one follows when a model hardly answered, or when the better one is not clearly better than guessing.
    """
    found = differences(answers, base, tuned, mode)
    points = [round(100 * found[name]) for name in ("difference", "low", "high")]
    start = "PRACTICE: " if note(answers) else ""
    if found["only_base"] + found["only_tuned"] == 0:
        return f"{start}These {found['n']} questions cannot tell {base} and {tuned} apart: both scored the same on every one of them."
    if found["p"] < 0.05 and found["low"] * found["high"] > 0:
        better, sign = (tuned, 1) if found["difference"] > 0 else (base, -1)
        ends = sorted(sign * point for point in points[1:])
        # A range without a width is no range: all questions differed by the same, and chance cannot be seen in them.
        between = f"between {ends[0]} and {ends[1]}" if found["low"] < found["high"] else "by as much on every question"
        return (f"{start}{better} is better by {sign * points[0]} points, {between} ({found['n']} questions{_shares(found, points[0])}, p = {found['p']:.2g})."
                + _but(answers, better, base, tuned, mode))
    return (f"{start}These {found['n']} questions cannot tell {base} and {tuned} apart: the difference is {points[0]:+d} points, "
            f"somewhere between {points[1]:+d} and {points[2]:+d} (p = {found['p']:.2g}).")


def _shares(found, points):
    """Both scores with decimals, where the rounded ones would not give the difference that is told."""
    scores = 100 * found["base_accuracy"], 100 * found["tuned_accuracy"]
    return "" if round(scores[1]) - round(scores[0]) == points else f", {scores[0]:.2f} % and {scores[1]:.2f} %"


def _but(answers, better, base, tuned, mode):
    """What takes the worth from a difference; "" when nothing does."""
    table = latest(answers)
    rows = {name: next(score(pick(table, name, mode)).itertuples()) for name in (base, tuned)}
    mute = [f"{name} gave a clear answer in only {100 * row.answered:.0f} % of its replies" for name, row in rows.items() if row.answered < 0.5 and row.mode != "free"]
    if mute:
        return f" But {' and '.join(mute)}, so this says little of what it knows."
    return f" But {better} is not clearly better than guessing ({100 * rows[better].chance:.0f} %)." if rows[better].low <= rows[better].chance else ""


def changes(answers, base="base", tuned="tuned", mode=None):
    """What became of each question, as a DataFrame: item, category, question, base, tuned (scores), change, base_reply, tuned_reply, prompt.

    change: fixed (tuned did better), broken (tuned did worse), both (both right), neither, or half (both right in one order only).
    A question that was asked in several orders has a reply for each: the first is to the prompt that is shown.
    """
    import pandas as pd

    table = latest(answers)
    before, after = pick(table, base, mode), pick(table, tuned, mode)
    one, other = by_item(before), by_item(after)
    mine, theirs = _by_order(before), _by_order(after)
    rows = []
    for item in one:
        if item not in other:
            continue
        first = mine[item][0]
        change = "fixed" if other[item] > one[item] else "broken" if other[item] < one[item] else {1.0: "both", 0.0: "neither"}.get(one[item], "half")
        said = [_said([(row["order"], str(row.get("reply", "")), row["state"]) for row in given[item]], first["order"]) for given in (mine, theirs)]
        rows.append({"item": item, "category": first["category"], "question": first.get("question", ""), "base": one[item], "tuned": other[item], "change": change,
                     "base_reply": said[0], "tuned_reply": said[1], "prompt": first.get("prompt", "")})
    return pd.DataFrame(rows, columns=["item", "category", "question", "base", "tuned", "change", "base_reply", "tuned_reply", "prompt"])


def _by_order(table):
    """{item: its rows by order}; replies come in the order in which the server answered, which says nothing."""
    found = {}
    for row in sorted(table.to_dict("records"), key=lambda row: str(row["order"])):
        found.setdefault(row["item"], []).append(row)
    return found


def _said(given, shown):
    """The replies (order, reply, state) of one model to one question, each with the place of the answers and what it counts as."""
    if len(given) == 1:
        return _short(given[0][1])
    places = (("as shown" if order == shown else "the other way round", reply, "right" if state == "correct" else state.replace("_", " ")) for order, reply, state in given)
    return "; ".join(f"{place}: {_short(reply) or 'nothing'} ({state})" for place, reply, state in places)


def _short(reply):
    return reply if len(reply) <= LONGEST else f"{reply[:LONGEST]} …"


def by_category(answers, base="base", tuned="tuned", mode=None):
    """One row a category, largest first: category, n, base_right, tuned_right, fixed, broken (counts), base, tuned, difference (shares), p (Holm).

    Shares and p are empty below 20 questions, which tell too little; a question that is right in one of two orders counts one half.
    """
    import pandas as pd

    rows = []
    for category, part in changes(answers, base, tuned, mode).groupby("category", sort=False):
        found, enough = compare(part["base"], part["tuned"]), len(part) >= FEW
        rows.append({"category": category, "n": len(part), "base_right": part["base"].sum(), "tuned_right": part["tuned"].sum(), "fixed": found["only_tuned"], "broken": found["only_base"],
                     **{name: value if enough else math.nan for name, value in (("base", part["base"].mean()), ("tuned", part["tuned"].mean()), ("difference", found["difference"]), ("p", found["p"]))}})
    fixed = iter(holm([row["p"] for row in rows if row["n"] >= FEW]))
    for row in rows:
        row["p"] = next(fixed) if row["n"] >= FEW else math.nan
    found = pd.DataFrame(rows, columns=["category", "n", "base_right", "tuned_right", "fixed", "broken", "base", "tuned", "difference", "p"])
    return found.sort_values(["n", "category"], ascending=[False, True], ignore_index=True)
