"""The figures of notebook 9: scores with their intervals, the difference, categories, what changed, and the states of replies."""
from ._comparing import FEW
from ._look import COLOURS, HATCHES, figure

WORDS = {"fixed": "only the tuned one right (fixed)", "broken": "only the base one right (broken)", "both": "both right", "half": "both right in one order only",
         "neither": "neither right"}


def scores(table, chance=None, references=None):
    """A dot with its 95 % interval for each row of 9_scores.csv (columns model, subset, accuracy, low, high, n), the best on top.

    `chance` (a share) is a line. `references` are rows of `evaluate.published(language)`: hollow dots of models that others have measured.
    """
    import pandas as pd

    table = table.assign(**{name: pd.to_numeric(table[name]) for name in ("accuracy", "low", "high", "n")}).dropna(subset=["accuracy"])
    rows = [(str(row.get("mode", "")), 100 * row["accuracy"], _name(row), 100 * row["low"], 100 * row["high"]) for row in table.to_dict("records")]
    if references is not None:
        rows += [("", 100 * float(row["accuracy"]), f"{row['model']}\n{row['benchmark']}, published", None, None) for row in references.to_dict("records")]
    if references is None:  # each way of asking by itself; beside published scores all in one ranking
        rows.sort(key=lambda row: (-list(dict.fromkeys(table["mode"] if "mode" in table else [""])).index(row[0]), row[1]))
    else:
        rows.sort(key=lambda row: row[1])
    drawn, axes = figure("Share of right answers, with 95 % intervals", height=1.4 + 0.5 * max(1, len(rows)), practice=_practice(table))
    for place, (_, value, _, low, high) in enumerate(rows):
        if low is None:
            axes.plot(value, place, "D", markerfacecolor="white", color="#555555")
        else:
            axes.errorbar(value, place, xerr=[[max(0, value - low)], [max(0, high - value)]], fmt="o", color=COLOURS[0], capsize=4)
        axes.annotate(f"{value:.0f} %", (value, place), (0, 5), textcoords="offset points", ha="center", fontsize=9)
    axes.set_yticks(range(len(rows)), [name for _, _, name, *_ in rows], fontsize=9)
    axes.set(xlim=(0, 100), xlabel="% right", ylim=(-0.6, len(rows) - 0.3))
    if chance is not None and chance == chance:
        axes.axvline(100 * chance, color="black", linestyle=":")
        axes.text(100 * chance, -0.55, " guessing", fontsize=8)
    return drawn


def _name(row):
    arm, model = str(row.get("arm") or row["model"]), str(row["model"])
    first = arm if arm == model else f"{arm}: {model}"
    return f"{first if len(first) <= 44 else first[:43] + '…'}\n{row.get('mode', '')}, {row.get('subset', 'all')}, {int(row['n'])} questions"


def _practice(table):
    return "note" in table and (table["note"] == "PRACTICE").any()


def difference(found, base="base", tuned="tuned", practice=False):
    """The paired difference in points with its interval, of the dict that `evaluate.differences` gives; zero is a line."""
    middle, low, high = (100 * found[name] for name in ("difference", "low", "high"))
    drawn, axes = figure(f"{tuned} minus {base}: {middle:+.0f} points, 95 % interval {low:+.0f} to {high:+.0f} ({found['n']} questions)", height=1.9, practice=practice)
    axes.errorbar(middle, 0, xerr=[[max(0, middle - low)], [max(0, high - middle)]], fmt="o", color=COLOURS[0], capsize=6, markersize=8)
    axes.axvline(0, color="black", linestyle=":")
    far = max(10, abs(low), abs(high)) * 1.15
    axes.set(xlim=(-far, far), ylim=(-1, 1), yticks=[], xlabel=f"points    ({base} better to the left, {tuned} better to the right)")
    return drawn


def categories(table, base="base", tuned="tuned", practice=False):
    """Two dots for each category with shares (rows of `evaluate.by_category`), and for all smaller ones together; few questions tell little."""
    rows = [(f"{row['category'] or '(none)'} ({row['n']})", row["base"], row["tuned"]) for row in table.to_dict("records") if row["base"] == row["base"]]
    small = table[table["base"].isna()]
    if len(small) and (n := int(small["n"].sum())) >= FEW:
        rows.append((f"{len(small)} smaller ones together ({n})", small["base_right"].sum() / n, small["tuned_right"].sum() / n))
    rows.reverse()
    places = range(len(rows))
    drawn, axes = figure("Share of right answers by category", height=1.5 + 0.36 * max(1, len(rows)), practice=practice)
    before, after = [100 * one for _, one, _ in rows], [100 * other for *_, other in rows]
    axes.hlines(places, before, after, color="#bbbbbb")
    axes.plot(before, places, "o", color=COLOURS[1], label=base, linestyle="none")
    axes.plot(after, places, "s", color=COLOURS[0], label=tuned, linestyle="none")
    axes.set_yticks(list(places), [name for name, *_ in rows])
    axes.set(xlim=(-3, 103), ylim=(-0.6, max(1, len(rows)) - 0.4), xlabel="% right (number of questions in brackets)")
    if rows:
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    else:
        axes.text(50, 0, f"fewer than {FEW} questions: see the counts", ha="center", va="center")
    return drawn


def changed(table, practice=False):
    """How many questions were fixed, broken, right in both or in neither: bars of the column `change` of `evaluate.changes`."""
    tally = [(words, int((table["change"] == change).sum())) for change, words in WORDS.items()]
    tally = [pair for pair in tally if pair[1] or pair[0] != WORDS["half"]][::-1]
    drawn, axes = figure(f"What became of the {len(table)} questions", height=2.6, practice=practice)
    bars = axes.barh([words for words, _ in tally], [count for _, count in tally], color=COLOURS[0], edgecolor="white")
    axes.bar_label(bars, labels=[f" {count}" for _, count in tally])
    axes.set(xlabel="questions")
    return drawn


def states(table, practice=False):
    """A bar of all replies for each arm and mode, in parts by state (rows of `evaluate.states`)."""
    shown = [name for name in table.columns if name not in ("arm", "mode") and table[name].sum()]
    drawn, axes = figure("What the replies were", height=1.5 + 0.5 * max(1, len(table)), practice=practice)
    names, left = [f"{arm}, {mode}" for arm, mode in zip(table["arm"], table["mode"], strict=True)], [0] * len(table)
    for number, state in enumerate(shown):
        counts = table[state].tolist()
        axes.barh(names, counts, left=left, label=state.replace("_", " "), color=COLOURS[number % 6], hatch=HATCHES[number % 6], edgecolor="white")
        for place, (start, count) in enumerate(zip(left, counts, strict=True)):
            if count >= 0.06 * max(1, table[shown].sum(axis=1).max()):
                axes.text(start + count / 2, place, count, ha="center", va="center", fontsize=9, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
        left = [start + count for start, count in zip(left, counts, strict=True)]
    axes.set(xlabel="replies")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return drawn
