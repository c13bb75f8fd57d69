"""How the team shares the work between the methods of drafting, and the desk where drafting is tried, paid for and watched."""
import os

import ipywidgets as w
from IPython.display import display

from .. import store, translate, web
from ..errors import NeedsFixing
from .jobs import collector, offer
from .style import box, guarded, tag

METHODS = {"grounded_qa": ("From the text", "the model asks and answers, and shows the words that prove it"),
           "reverse_instruction": ("The text is the answer", "a person's text stays as it is, the model writes only the question"),
           "templates": ("Your own questions", "question templates of the sheet; no model, no cost"),
           "translate_pair": ("Translated from English", "the least trusted; read each row with care")}


def mix_slider(shares=None):
    """Sliders for the mix of methods; gives an object whose `.method` are the shares, as `translate.draft` takes them."""
    return _Mix(shares or {"grounded_qa": 0.6, "reverse_instruction": 0.2, "templates": 0.2})


class _Mix:
    def __init__(self, shares):
        style, wide = {"description_width": "12em"}, w.Layout(width="auto", max_width="40em")
        self.sliders = {name: w.IntSlider(value=round(100 * shares.get(name, 0)), min=0, max=100, step=5, description=words, style=style, layout=wide, continuous_update=False)
                        for name, (words, _) in METHODS.items()}
        self.said, self.watchers = w.HTML(), []  # functions to be called when a slider was moved
        lines = []
        for name, slider in self.sliders.items():
            slider.observe(self._show, "value")
            lines += [slider, w.HTML(tag(f"{name}: {METHODS[name][1]}", "gi-note"))]
        self.view = box(*lines, self.said)
        self._show()

    @property
    def method(self):
        """The shares, adding up to 1; with all sliders at 0 the usual mix."""
        total = sum(slider.value for slider in self.sliders.values())
        return {name: slider.value / total for name, slider in self.sliders.items() if slider.value} if total else dict(translate.MIX)

    def _show(self, _=None):
        parts = ", ".join(f"{share:.0%} {name}" for name, share in self.method.items())
        self.said.value = tag(f"Of 100 rows: {parts}." + ("" if any(slider.value for slider in self.sliders.values()) else " (All sliders are at 0: the usual mix.)"))
        for watcher in self.watchers:
            watcher()

    def _ipython_display_(self):
        display(self.view)


def draft_desk(texts, language, file, *, mix=None, model=None, n=100, budget_usd=1.0, max_rows=None, journal=None, evaluation=None, concurrency=8):
    """The estimate, a pilot of 20 rows, and then the whole job, each with its button, its cap and a stop.

    mix       what `mix_slider` gave, the name of a method, or shares
    file      4_qa.csv; `journal` stands beside it as 4_llm.jsonl
    evaluation  questions that no row may be near; by default those of the team's 8_truthfulqa.csv, when it is there
    In practice, or from the command line, both steps run at once. Gives the desk: `.report` says what came, and why not all of it.
    """
    file = store.Path(file)
    if file in _desks and any(job.running for job in _desks[file].jobs):  # the cell was run again
        display(_desks[file].view)
        return _desks[file]
    desk = _desks[file] = Desk(texts, language, file, mix, model, n, budget_usd, max_rows, journal, evaluation, concurrency)
    display(desk.view)
    for job in desk.jobs:
        offer(job)
    return desk


_desks = {}  # by file


class Desk:
    """Two jobs in a row: the second one is open only when the first has shown what a row really costs."""

    def __init__(self, texts, language, file, mix, model, n, budget_usd, max_rows, journal, evaluation, concurrency):
        self.texts, self.language, self.file, self.mix, self.n = texts, language, file, mix, n
        self.model, self.report = model or web.endpoints().model, {}
        evaluation = _questions(file.with_name("8_truthfulqa.csv")) if evaluation is None else evaluation
        self.fixed = {"journal": journal or file.with_name("4_llm.jsonl"), "budget_usd": budget_usd, "evaluation": evaluation, "concurrency": concurrency, "max_rows": max_rows}
        self.first = translate.PILOT if n is None else min(n, translate.PILOT)
        self.before, self.between, self.said, self.problem = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self.pilot = self._job(self.first, f"Draft {self.first} rows first")
        self.whole = self._job(n, f"Draft all {n:,} rows" if n else "Draft every text") if n is None or n > self.first else None
        self.jobs = [job for job in (self.pilot, self.whole) if job]
        note = translate.sheet(language)["note"]
        steps = [w.HTML(tag(f"The sheet of your language: {note}", "gi-note" if note.startswith("Approved") else "gi-flag"))]
        for about, job in ((self.before, self.pilot), (self.between, self.whole)):
            steps += [about, job.view] if job else []
        self.view = box(*steps, self.said, self.problem)
        if hasattr(mix, "watchers"):
            mix.watchers.append(self._tell)
        self._tell()

    def _ipython_display_(self):
        """Nothing more: `draft_desk` has shown it."""

    @property
    def shares(self):
        """The methods as they stand on the sliders now."""
        return getattr(self.mix, "method", self.mix)

    def _job(self, n, label):
        def rows(job):
            self.report.clear()
            if n != self.first and (why := self.missing()):  # somebody may have moved the sliders since
                raise NeedsFixing(why)
            return translate.draft(self.texts, self.language, n=n, method=self.shares, model=self.model, done=self.file, report=self.report, watch=job.watch,
                                   stop=job.stopping, **self.fixed)

        job = collector(label, rows, self.file, total=n, report=self.report)
        job.after = self._tell
        return job

    def missing(self):
        """Why the whole job may not begin yet, "" when it may."""
        if os.environ.get("GI_RUN_ALL") or store.settings()["mode"] == "practice":
            return ""
        return translate.pilot_missing(self._there(), self.n, self.shares, self.model)

    def _there(self):
        return store.read(self.file) if self.file.exists() else None

    def _tell(self):
        guarded(self.problem)(self.tell)()

    def tell(self):
        """The estimates, what the pilot has shown, which button is open, and the truth afterwards."""
        there = self._there()
        paid = None if there is None else translate.pilot(there, self.shares, self.model)
        paid = None if paid is None or paid.empty else paid
        self.before.value = tag(f"First a pilot: {self._guess(self.pilot, self.first, None, there)}")
        if self.whole:
            why, guess = self.missing(), self._guess(self.whole, self.n, paid, there)
            self.between.value = (tag(pilot_said(paid)) if paid is not None else "") + tag(f"Then the whole job: {guess}") + (tag(f"Not yet: {why}.", "gi-flag") if why else "")
            self.whole.button.disabled = bool(why) or self.whole.busy
        self.said.value = tag(told(self.report)) if self.report else ""


    def _guess(self, job, n, paid, there):
        """The estimate for a job, in a sentence and in short on its button."""
        cap = self.fixed["budget_usd"]
        cost = translate.estimate(self.texts, self.language, n=n, pilot=paid, done=there, method=self.shares, model=self.model, max_rows=self.fixed["max_rows"])
        job.button.description = f"{job.label}: {on_button(cost, cap)}"
        return sentence(cost, cap)


def _questions(file):
    """The questions of an evaluation set in the language, none when it is not there."""
    table = store.read(file) if file.exists() else None
    return () if table is None else [text for kind, text in zip(table["kind"], table["target"], strict=True) if kind == "question" and text]


def on_button(cost, cap):
    """An estimate of `translate.estimate` in a few words: what is likely, and what is never passed.

    >>> on_button({"rows": 400, "likely": 0.4, "high": 0.9}, 1), on_button({"rows": 400, "likely": 0.4, "high": 0.9}, None)
    ('about $0.40, perhaps $0.90, never more than $1.00', 'about $0.40, perhaps $0.90, without a cap')
    """
    if not cost["rows"]:
        return "nothing is left to do"
    most = f"never more than {dollars(cap)}" if cap is not None else "without a cap"
    if cost["likely"] is None:
        return f"price not known, {most}"
    if not cost["high"]:
        return "costs nothing"
    high = f"perhaps {dollars(cost['high'])}, " if cap is None or cost["high"] < cap else ""
    return f"about {dollars(cost['likely'])}, {high}{most}"


def dollars(amount):
    """Money as people read it.

    >>> dollars(12), dollars(0.0123), dollars(0.000123)
    ('$12.00', '$0.012', '$0.00012')
    """
    return f"${amount:,.2f}" if amount >= 0.1 or not amount else f"${float(f'{amount:.2g}'):f}".rstrip("0")


def sentence(cost, cap):
    """An estimate of `translate.estimate` in words."""
    most = f" Never more than ${cap:.2f} (all runs together)." if cap is not None else " No cap is set."
    if not cost["rows"]:
        return "nothing is left to draft."
    if not cost["requests"]:
        return f"{cost['rows']:,} rows to draft; no model is asked, so they cost nothing."
    if cost["likely"] is None:
        return f"{cost['rows']:,} rows, {cost['requests']:,} requests to {cost['model']}. {cost['note']}."
    money = "free" if not cost["high"] else f"likely ${cost['likely']:.4f} (from ${cost['low']:.4f} to ${cost['high']:.4f})"
    price = f" Price: {cost['source']}, {cost['as_of']}." if cost["as_of"] else ""
    known = " (corrected by your pilot)" if cost["tokens"] == "pilot" else ""
    return f"{cost['rows']:,} rows to draft, {cost['requests']:,} requests to {cost['model']}: {money}{known}.{most if cost['high'] else ''}{price}"


def pilot_said(rows):
    """What the pilot has shown."""
    hidden = sum(rows["status"] == "auto_fail")
    spent = sum(float(cost) for cost in rows["cost_usd"] if cost)
    return f"So far {len(rows):,} rows by the model cost ${spent:.4f}; {hidden:,} of them failed the checks ({hidden / len(rows):.0%}). Look at some before you go on."


def told(report):
    """The truth afterwards."""
    came = f"Asked: {report['requests']:,} requests, {report['failed']:,} failed, {report['empty']:,} gave no row. Spent in all runs: ${report['spent_usd']:.4f}."
    return f"{report['rows']:,} rows are there, {report['auto_fail']:,} of the new ones failed the checks. {came}" + (f" {report['why']}." if report.get("why") else "")
