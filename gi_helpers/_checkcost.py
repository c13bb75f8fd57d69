"""What training costs: the cookbook's rules for epochs and billed tokens, the prices of data/prices.csv, minutes, hosting, last days. Part of `check`.

    >>> epochs_of(20), epochs_of(1000), epochs_of(10_000)
    (5, 3, 2)
    >>> capped([100, 70_000], 65_536)
    65636
"""
from . import store

USUAL, LEAST_EXAMPLES, MOST_EXAMPLES, MOST = 3, 100, 25_000, 25
LIMITS = (("gpt-4o", 65_536), ("gpt-4.1", 65_536), ("gpt-3.5", 16_385), ("practice", 65_536))  # tokens of an example; 4.1 is not verified
OTHERS = 32_768
# Computed, not measured: 6 calculations a parameter and token (forward, again for activation checkpointing, back through frozen weights), at a third
# of a T4's 65 TFLOPS in fp16.
PER_PARAMETER, T4 = 6, 20e12


def epochs_of(rows):
    """How many times a file of so many rows is read when nobody says otherwise."""
    if rows and rows * USUAL < LEAST_EXAMPLES:
        return min(MOST, LEAST_EXAMPLES // rows)
    if rows * USUAL > MOST_EXAMPLES:
        return max(1, MOST_EXAMPLES // rows)
    return USUAL


def limit_of(model):
    """The tokens of one example that a model reads in training; what is beyond is cut."""
    name = model.removeprefix("ft:")
    return next((limit for start, limit in LIMITS if name.startswith(start)), OTHERS)


def capped(lengths, limit):
    """The tokens of one epoch that are billed."""
    return sum(min(length, limit) for length in lengths)


def table(sizes, rows, epochs):
    """The rows of 6_cost.csv as dicts; `sizes(model)` gives the lengths of the conversations for a model."""
    return [*map(lambda price: _hosted(price, sizes, rows, epochs), _training_prices()), *_open(sizes, rows, epochs)]


def _hosted(price, sizes, rows, epochs):
    model, times = price["model"], epochs or epochs_of(rows)
    tokens = capped(sizes(model), limit_of(model))
    dollars = price["usd_per_million_training"].strip()
    free = price["provider"] == "practice"
    return {"backend": price["provider"], "model": model, "tokens": tokens, "epochs": times,
            "usd": round(tokens * times * float(dollars) / 1e6, 4) if dollars else float("nan"), "note": price["note"],
            "billed_tokens": tokens * times, "minutes": 1.0 if free else float("nan"), "hosting": price.get("hosting", ""), "last_day": price.get("last_day", ""),
            "source": price["source"], "as_of": price["as_of"]}


def _training_prices():
    """The lines for training, a team's own before the shipped ones."""
    own, shipped = store.data_folder() / "prices.csv", store.shipped("prices.csv")
    rows = (list(store.read_rows(own)) if own != shipped and own.exists() else []) + list(store.read_rows(shipped))
    first = {}
    for row in rows:
        if row["use"] == "train" and row["provider"] != "colab":
            first.setdefault((row["provider"], row["model"]), row)
    return first.values()


def _open(sizes, rows, epochs):
    for model in store.read_rows(store.shipped("models.csv")):
        times = epochs or min(3, epochs_of(rows))  # LoRA learns a small file by heart long before 25 epochs
        tokens = capped(sizes(model["id"]), OTHERS)
        minutes = tokens * times * PER_PARAMETER * float(model["billions"]) * 1e9 / T4 / 60
        yield {"backend": "open (Colab T4)", "model": model["id"], "tokens": tokens, "epochs": times, "usd": 0.0,
               "note": f"{model['licence']}; {model['note']}", "billed_tokens": tokens * times, "minutes": round(max(1.0, minutes), 1),
               "hosting": "none: the adapter is yours, and runs wherever the model runs", "last_day": "",
               "source": "Google Colab; the minutes are computed, not measured", "as_of": "2026-11-01"}
