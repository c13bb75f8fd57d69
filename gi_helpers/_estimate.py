"""What a drafting job will cost, before it is sent; low and high are as honest as the guess in the middle.

    >>> _spread([10, 20, 30, 40, 100])
    (10, 40.0, 100)
"""
from . import llm, tokens
from ._rowchecks import size

SAMPLE = 120  # prompts whose tokens are counted; the rest is like them
# Words of a row that the model writes, by method: what is usual, and how many times less or more it may be.
WRITTEN = {"grounded_qa": 60, "reverse_instruction": 16, "translate_pair": 45}
BRACES = 14   # tokens of JSON around a row
LOW, HIGH, AGAIN = 0.6, 1.8, 1.1  # AGAIN: one answer in ten is asked for twice
REASONS = 1500                    # tokens that a model which reasons may think before each answer (not verified)


def estimate(job, pilot=None):
    """The dict that `translate.estimate` describes, for a Job that has not begun."""
    rows, requests, asked = _rehearse(job)
    how, row = tokens.how(job.model), llm.priced(job.model) or {}
    reasons = REASONS if "reason" in row.get("note", "").lower() else 0
    free = rows - sum(one.rows for one in asked)
    used_in = _mean([_prompt(job, one) for one in asked[:SAMPLE]]) * len(asked)
    per_word = _tokens_per_word(job)
    written = sum((WRITTEN[one.method] * per_word + BRACES) * one.rows for one in asked)
    low_out, high_out = written * LOW, written * HIGH + reasons * len(asked)
    low_in, high_in = used_in, used_in * AGAIN
    if pilot is not None and len(_numbers(pilot, "tokens_out")):
        how, paid = "pilot", rows - free
        (low_in, used_in, high_in), (low_out, written, high_out) = (
            [value * paid for value in _spread(_numbers(pilot, name))] for name in ("tokens_in", "tokens_out"))
    found = {"rows": rows, "requests": requests, "tokens_in": round(used_in), "tokens_out": round(written), "low": None, "likely": None, "high": None,
             "per_1000_rows": None, "batch": None, "model": job.model, "price_in": None, "price_out": None, "source": row.get("source", ""),
             "as_of": row.get("as_of", ""), "note": row.get("note", ""), "tokens": how}
    if not asked:
        return {**found, "low": 0.0, "likely": 0.0, "high": 0.0, "per_1000_rows": 0.0, "batch": 0.0, "source": "no model is asked", "note": ""}
    price = llm.price(job.model)
    if price is None:
        return {**found, "note": f"{job.model} is not in data/prices.csv: add a line with its price and where you read it"}
    low, likely, high = ((one_in * price[0] + one_out * price[1]) / 1e6 for one_in, one_out in ((low_in, low_out), (used_in, written), (high_in, high_out)))
    return {**found, "low": low, "likely": likely, "high": high, "per_1000_rows": 1000 * likely / max(1, rows), "batch": likely / 2,
            "price_in": price[0], "price_out": price[1]}


def _rehearse(job):
    """(rows, requests, tasks that ask a model) when every task gives what is expected of it."""
    rows, asked = 0, []
    while (task := job.plan.next()) is not None:
        job.plan.came(task, task.rows)
        rows += task.rows
        if task.method != "templates":
            asked.append(task)
    return rows, len(asked), asked


def _prompt(job, task):
    request = job.request(task)
    return sum(tokens.count(message["content"], job.model) + 4 for message in request["messages"]) + 3


def _tokens_per_word(job):
    text = " ".join(job.checks.corpus[:40])
    return tokens.count(text, job.model) / max(1, size(text)) if text else 2.0


def _numbers(table, name):
    values = table[name].tolist() if name in table else []
    return [float(value) for value in values if str(value) not in ("", "nan")]


def _mean(values):
    return sum(values) / len(values) if values else 0.0


def _spread(values):
    """(low, likely, high) for a row: the 10th percentile, the mean, the 90th percentile."""
    values = sorted(values)
    return values[len(values) // 10], _mean(values), values[min(len(values) - 1, len(values) * 9 // 10)]
