"""Tables become figures, with the same look everywhere; in practice mode every figure says that it is a rehearsal.

Colours are told apart in grey print and by colour-blind readers, and words stand beside them. Each function takes a DataFrame and gives a
matplotlib Figure, which a notebook shows and `savefig` keeps.
"""
from ._charts_eval import categories, changed, difference, scores, states
from ._look import COLOURS, HATCHES
from ._look import figure as _figure
from .errors import NeedsFixing

__all__ = ["categories", "changed", "counts", "curve", "difference", "scores", "states", "token_lengths"]


def token_lengths(table, limit=4096, log=False):
    """A histogram of the column `tokens`, by `source` where there is one, with the limit as a line. `log` makes the counts logarithmic."""
    import numpy as np

    if "tokens" not in table:
        raise NeedsFixing("the table has no column 'tokens'; run the cleaning step of notebook 3 first")
    edges, bars = length_bars(table)
    texts, parts, longer = over(table, limit)
    figure, axes = _figure(f"{texts:,} texts, {int(sum(table['tokens'].astype(int))):,} tokens; {longer:,} longer than {limit:,}"
                           + (f", cut into {parts:,} parts" if longer else ""))
    foot = np.zeros(len(edges) - 1)
    for number, (name, heights) in enumerate(bars.items()):
        axes.bar(edges[:-1], heights, np.diff(edges), foot, align="edge", color=COLOURS[number % 6], hatch=HATCHES[number % 6], edgecolor="white", linewidth=0.4,
                 label=f"{name} ({int(sum(heights)):,})")
        foot += heights
    if log and texts:
        axes.set_yscale("log")
        axes.set_ylim(0.8)
    if len(bars) > 1:
        axes.legend(frameon=False)
    if texts and limit < 1.5 * edges[-1]:
        axes.axvline(limit, color="black", linestyle="--")
        axes.annotate(f" limit {limit:,}", (limit, 1), xycoords=("data", "axes fraction"), va="top")
    axes.set(xlabel="tokens in a text", ylabel="texts")
    return figure


def length_bars(table, bins=40):
    """(edges, {source: heights}): where the bars of a histogram of `tokens` begin and end, and how many texts of each source each one holds.

    The edges are whole numbers. The sources come by size; beyond five the rest is one.
    """
    import numpy as np

    tokens = table["tokens"].to_numpy().astype(int)
    step = max(1, -(-(int(tokens.max()) + 1) // bins)) if len(tokens) else 1
    edges = np.arange(bins + 1) * step
    if "source" not in table:
        return edges, {"texts": np.histogram(tokens, edges)[0]}
    names = table["source"].value_counts().index.tolist()
    shown = {name: name for name in names[:5]} | {name: "others" for name in names[5:]}
    group = table["source"].map(shown).to_numpy()
    return edges, {name: np.histogram(tokens[group == name], edges)[0] for name in dict.fromkeys(shown.values())}


def over(table, limit):
    """(texts, parts, longer): how many texts there are, how many parts those over the limit would at least give, and how many are over it."""
    tokens = table["tokens"].to_numpy().astype(int)
    long = tokens[tokens > limit]
    return len(tokens), int((-(-long // limit)).sum()), len(long)


def counts(values, title, label="rows"):
    """A bar for each different value of a column, longest first, with its count written beside it."""
    import pandas as pd

    tally = pd.Series(list(values), dtype="object").value_counts().sort_values()
    figure, axes = _figure(title, height=1.2 + 0.32 * max(1, len(tally)))
    bars = axes.barh([str(name) or "(none)" for name in tally.index], tally.to_numpy(), color=COLOURS[0])
    axes.bar_label(bars, labels=[f" {count:,}" for count in tally])
    axes.set(xlabel=label)
    return figure


def curve(table):
    """Lines over the steps of a training run, one for each column whose name ends in `loss`; empty cells are left out."""
    import pandas as pd

    figure, axes = _figure("Training: lower is better")
    for number, name in enumerate(column for column in table.columns if column.endswith("loss")):
        line = pd.DataFrame({"step": pd.to_numeric(table["step"]), "loss": pd.to_numeric(table[name], errors="coerce")}).dropna()
        axes.plot(line["step"], line["loss"], color=COLOURS[number % 6], linestyle=["-", "--", ":"][number % 3], marker="o", markersize=3,
                  label=name.replace("_", " "))
    axes.set(xlabel="step", ylabel="loss")
    axes.legend(frameon=False)
    return figure
