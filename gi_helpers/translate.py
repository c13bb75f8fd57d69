"""Notebook 4: question-answer rows, drafted from people's own texts.

Four methods: `grounded_qa` (a model asks and answers from a passage, and shows the words that prove it), `reverse_instruction` (the text
is the answer, the model writes only the question), `templates` (the team's question patterns, no model), and `translate_pair` (an
English pair into the language, the least trusted). Every row is checked at once; people decide about it in notebook 4b.

    todo = store.read(store.path("yo", "3_clean.csv"))
    translate.estimate(todo, "yo", method=translate.MIX, model="gpt-6-luna", n=200)
    rows = translate.draft(todo, "yo", method=translate.MIX, model="gpt-6-luna", n=200, journal=store.path("yo", "4_llm.jsonl"), budget_usd=1)
    qa = store.collect(rows, store.path("yo", "4_qa.csv"), total=200)

    >>> import pandas as pd
    >>> texts = pd.DataFrame([{"id": "a", "source": "wiki", "title": "Ìjàpá", "text": "Ìjàpá jẹ́ ẹranko tó ń rìn díẹ̀díẹ̀. Ó ń gbé inú igbó."}])
    >>> [row] = draft(texts, "yo", method="templates")
    >>> "Ìjàpá" in row["question"], row["status"], row["cost_usd"]
    (True, 'needs_review', 0.0)
"""
import itertools

from . import _estimate, web
from ._drafting import COLUMNS, METHODS, MIX, Job, shares
from ._plan import largest_remainder
from ._sheets import save_sheet, sheet

PILOT = 20  # rows of a pilot: a paid job begins with so many, and their real usage corrects the estimate

__all__ = ["COLUMNS", "METHODS", "MIX", "PILOT", "draft", "estimate", "pilot", "pilot_missing", "requests", "save_sheet", "sheet"]


def draft(texts, language, *, method=None, model=None, journal=None, budget_usd=None, n=None, concurrency=8, evaluation=(), options=None,
          report=None, watch=None, stop=None, max_rows=None, done=None):
    """Yield one dict a row, with the columns of 4_qa.csv, as the answers come.

    texts       a DataFrame with the columns of 3_clean.csv; for translate_pair it may have English `question` and `answer`
    method      one of METHODS, or their shares, such as {"grounded_qa": .6, "reverse_instruction": .4}
    n           exactly so many rows; a passage of which nothing comes is replaced by the next. None: every passage once
    max_rows    a cap: never more rows than this in all, also without n
    done        the path of 4_qa.csv, or its table: the rows of this job in it count, so that together exactly n come out
    journal     the file that keeps every paid answer; with it, running again costs nothing for what has come
    budget_usd  the cap in US dollars over all runs with this journal
    evaluation  the questions of the evaluation set: rows too near to one are flagged
    options     further options of a chat completion, such as {"temperature": 0.7}
    report      a dict that is filled with rows (also those of `done`), auto_fail, requests, failed, empty, reused, spent_usd, seconds, and `why` ("" when all is there)
    watch, stop as in `llm.run`

    Raises NeedsFixing when the model refuses (no key, no credit, no such model) or when nothing usable comes at all.
    """
    job = Job(texts, language, method, model, n, evaluation, options, max_rows, done)
    yield from job.local()
    if set(job.shares) != {"templates"}:
        yield from job.asked(journal, budget_usd, concurrency, watch, stop)
        if not job.why:
            yield from job.local()  # when the texts were too few for the other methods, templates make up for them
    job.close(report)


def estimate(texts, language, *, method=None, model=None, n=None, pilot=None, options=None, max_rows=None, done=None):
    """What drafting will use and cost, before anything is sent: a dict. With `done` (see `draft`) only what is still to do counts.

    rows requests tokens_in tokens_out    the likely numbers
    low likely high per_1000_rows batch   US dollars (`batch`: likely, in the Batch lane); None when the model is not in prices.csv
    price_in price_out source as_of note  the line of prices.csv: dollars for a million tokens, where from, of which day
    tokens                                "exact", "estimate" or "pilot": where the numbers come from

    `pilot` is a table of rows that were drafted already (20 are enough): their real usage corrects the estimate.
    """
    return _estimate.estimate(Job(texts, language, method, model, n, (), options, max_rows, done), pilot)


def pilot(qa, method=None, model=None):
    """The rows of a table that tell what a job by these methods and this model will cost."""
    names, model = shares(method), model or web.endpoints().model
    return qa[[one in names and by == model for one, by in zip(qa["method"], qa["model"], strict=True)]]


def pilot_missing(qa, n, method=None, model=None):
    """Why a paid job of `n` rows (None: every text) should not begin yet: a sentence, or "" when enough rows in `qa` show what one costs.

    A pilot is 20 rows, shared over the methods as the job is; the team's own templates cost nothing and need none.
    """
    first = PILOT if n is None else min(n, PILOT)
    wanted = first - largest_remainder(first, shares(method)).get("templates", 0)
    there = len(pilot(qa, method, model)) if qa is not None and len(qa) else 0
    return "" if there >= wanted else (f"first draft a pilot of {first} rows: {there} of {wanted} rows by {model or web.endpoints().model} are there to show what a row costs, "
                                       "and how good it is")


def requests(texts, language, *, method=None, model=None, n=None, options=None, max_rows=None, done=None):
    """The requests that `draft` with the same arguments begins with, for the Batch lane; afterwards `draft` finds the answers in the journal."""
    job = Job(texts, language, method, model, n, (), options, max_rows, done)
    return list(itertools.takewhile(bool, job.feed()))  # None means: wait for answers
