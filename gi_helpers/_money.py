"""What a model costs, and a purse that no job can overdraw. Prices stand in data/prices.csv, with source and date.

    >>> price("gpt-4o-mini"), price("gpt-4o-mini-2024-07-18"), price("a model nobody has listed")
    ((0.15, 0.6), (0.15, 0.6), None)
    >>> purse = Purse(0.01, "gpt-4o-mini")
    >>> held = purse.reserve({"messages": [{"role": "user", "content": "Ẹ káàárọ̀"}], "max_tokens": 1000})
    >>> round(held, 6)              # the worst case: every byte a token, and the whole answer used
    0.000615
    >>> purse.settle(held, purse.price_of({"prompt_tokens": 15, "completion_tokens": 20}, held))
    >>> round(purse.spent, 9)
    1.425e-05
"""
import json
import re
import threading
import time

from . import store
from .errors import NeedsFixing

ANSWER = 4096  # tokens; the room for an answer when a request names none: it is sent along, so that the worst case is one
# A name and what may follow it: a date, or the rest of the name of a fine-tuned model.
SNAPSHOT = re.compile(r"(-\d{4}-\d\d-\d\d)?(:.*)?$")


def priced(model):
    """The line of prices.csv for a chat model, as a dict; None when there is none. A dated name has the price of the plain one."""
    if hasattr(model, "complete"):  # see lora.load
        return {"provider": "this machine", "model": str(model), "usd_per_million_in": "0", "usd_per_million_out": "0", "source": "", "as_of": "", "note": "costs nothing"}
    for row in sorted(_prices(), key=lambda row: -len(row["model"])):
        if row["use"] == "chat" and model.startswith(row["model"]) and SNAPSHOT.match(model, len(row["model"])):
            return row
    if re.match("(ft:)?practice", model):
        return {"provider": "practice", "model": model, "usd_per_million_in": "0", "usd_per_million_out": "0", "source": "this project",
                "as_of": "", "note": "a rehearsal costs nothing"}
    return None


def price(model):
    """US dollars for a million tokens (in, out) of a chat model; None when it is not listed."""
    row = priced(model)
    if row is None:
        return None
    try:
        return float(row["usd_per_million_in"]), float(row["usd_per_million_out"])
    except ValueError as error:
        raise NeedsFixing(f"the price of {row['model']!r} in prices.csv is no number; write it as 0.15") from error


def dollars(model, tokens_in, tokens_out):
    """What so many tokens cost, in US dollars; None when the model's price is not listed."""
    each = price(model)
    return None if each is None else (tokens_in * each[0] + tokens_out * each[1]) / 1e6


def set_price(model, price_in, price_out, source):
    """Write a model's price (dollars for a million tokens) into the team's own prices.csv, in place of what it said before; gives the path."""
    file = store.data_folder() / "prices.csv"
    with store.lock(file):
        rows = [row for row in store.read_rows(file) if (row["use"], row["model"]) != ("chat", model)] if file.exists() else []
        new = {"use": "chat", "provider": "own", "model": model, "usd_per_million_in": price_in, "usd_per_million_out": price_out, "source": source,
               "as_of": time.strftime("%Y-%m-%d"), "note": ""}
        return store.write([*rows, new], file)


def _prices():
    """The shipped prices, and before them those of a team's own prices.csv in its data folder."""
    own, shipped = store.data_folder() / "prices.csv", store.shipped("prices.csv")
    rows = list(store.read_rows(shipped))
    return (list(store.read_rows(own)) if own != shipped and own.exists() else []) + rows


class Purse:
    """Keeps the spending of a job under its cap (US dollars, or None for no cap): the worst case of a request is taken out before it is
    sent, and settled with the truth afterwards. `share` is 0.5 in the Batch lane.

    `spent` is what is settled, `held` the worst case of the requests on their way.
    """

    def __init__(self, cap, model, spent=0.0, share=1.0):
        self.cap, self.spent, self.held, self.share = cap, spent, 0.0, share
        self.price = price(model)
        if cap is not None and self.price is None:
            raise NeedsFixing(f"the price of {model!r} is not in data/prices.csv, so a cap of ${cap:g} cannot be kept; add a line for it "
                              "(0 for a model on your own machine), or set no cap")
        self.factor, self.proven = 1.0, False
        self.change, self.closed = threading.Condition(), False

    def limited(self, options):
        """The options with a bound on the answer, when there is a cap and they have none."""
        if self.cap is None or options.get("max_tokens") or options.get("max_completion_tokens"):
            return options
        return {**options, "max_completion_tokens": ANSWER}

    def reserve(self, options):
        """Hold the worst case of a request; gives it in dollars, or None when it would pass the cap even after all others have settled."""
        if self.cap is None:
            return 0.0
        worst = self.worst(options)
        with self.change:
            while not self.closed:
                together = self.spent + self.factor * (self.held + worst)
                # Until one answer has shown that the server counts as expected, only a tenth of the money is sent out at once.
                if together <= self.cap and (self.proven or not self.held or 10 * together <= self.cap):
                    self.held += worst
                    return worst
                if not self.held:
                    return None
                self.change.wait(1)
        return None

    def settle(self, worst, cost, answered=True):
        """Put back what `reserve` gave, and take out the true cost in dollars."""
        with self.change:
            self.held = self.held - worst if self.held - worst > 1e-12 else 0.0
            self.spent += cost
            self.proven = self.proven or answered
            if cost > worst > 0:  # a server that counts more than the text has: from now on, and for what is out, the worst case is larger
                self.factor = max(self.factor, 1.05 * cost / worst)
            self.change.notify_all()

    def close(self):
        """Let nobody wait any longer."""
        with self.change:
            self.closed = True
            self.change.notify_all()

    def price_of(self, usage, otherwise=0.0):
        """Dollars for the usage of a reply; `otherwise` when the server names none."""
        if self.price is None:
            return 0.0
        if not isinstance(usage, dict) or usage.get("completion_tokens") is None:
            return otherwise
        asked, answered = usage.get("prompt_tokens") or 0, usage["completion_tokens"]
        return self.share * (asked * self.price[0] + answered * self.price[1]) / 1e6

    def worst(self, options):
        """Dollars that a request may cost at most."""
        if self.price is None:
            return 0.0
        # A token is at least one byte of the text, so that bytes are a sure bound where a count of tokens may be an estimate.
        extras = {name: value for name, value in options.items() if name in ("response_format", "tools", "functions")}
        asked = 64 + sum(16 + _bytes(message) for message in options.get("messages") or [options["prompt"]]) + (2 * _bytes(extras) if extras else 0)
        answer = max(options.get("max_completion_tokens") or 0, options.get("max_tokens") or 0) or ANSWER
        return self.share * (asked * self.price[0] + answer * (options.get("n") or 1) * self.price[1]) / 1e6


def _bytes(value):
    if isinstance(value, dict) and isinstance(value.get("content"), str):
        return len(value["content"].encode("utf-8", "replace")) + len(str(value.get("role"))) + len(str(value.get("name") or ""))
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
