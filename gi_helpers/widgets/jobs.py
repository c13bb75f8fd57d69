"""Work that takes long or costs money: it waits for a button when it is real, and goes on beside the notebook, with progress and a stop.

    collect("Draft rows", lambda job: translate.draft(..., watch=job.watch, stop=job.stopping), file, total=100, note="Never more than $1.00")
    go("Train", lambda job: lora.train(..., tell=job.tell, stop=job.stopping), "20 minutes on a free GPU")
"""
import inspect
import os
import re
import threading
import time

import ipywidgets as w
from IPython.display import display

from .. import store
from ..errors import NeedsFixing
from .beside import later_cells_wait, listening
from .style import box, explain, guarded, tag

PATIENCE = 30  # seconds that a cell waits for a rehearsal, so that "Run all" walks the whole road; longer work goes on beside the notebook
EVERY = 0.2    # seconds between two looks of the widget
LINES = 4      # of what the work prints, the last ones are shown
_jobs = {}     # by key: a cell that is run again finds its work


def go(label, step, note=""):
    """Do `step()` beside the notebook: at once in practice and from the command line, else after a click on a button with `note` (what it costs) on it.

    Gives what `step` gives when that came before the cell ended, else None, and the widget shows it when it has come. A `step` that
    takes an argument gets the job: `job.tell(done, total, words)` moves the bar, and `job.stopping` is an Event that the stop button sets.
    """
    return _begin(Job(label, step, note))


def collect(label, rows, file, total=None, note="", progress=None, report=None):
    """The same (see `go`) for a slow or paid job that gives rows: `rows` is a function that gives them, and each is kept in `file` as it comes.

    What is there stays; run the cell again to go on. `total` is how many rows there should be in the end. `progress` is a function whose
    words stand beside the bar; `report` a dict of the job: when each of its requests failed, that is an error (its `why`), although free
    rows may have come. A `rows` that takes an argument gets the job, for `watch=job.watch, stop=job.stopping` of `llm.run` and its like;
    without it, a stop closes the iterator after the next row.
    """
    _begin(collector(label, rows, file, total, note, progress, report))


def collector(label, rows, file, total=None, note="", progress=None, report=None):
    """The Job behind `collect`, for a desk that has more than one."""
    def step(job):
        job.known = {row.get("id") for row in store.rows_so_far(file)}
        found = rows(job) if takes_job(rows) else job.until_stopped(rows())
        kept = store.collect(job.counted(found), file, quiet=True)
        job.kept = f"{len(kept):,} rows are in {store.Path(file).name}."
        if report and report.get("requests") and report.get("failed", 0) >= report["requests"]:
            raise NeedsFixing(report.get("why") or "no request was answered; check the network and the key, and run this cell again")
        job.warning = (report or {}).get("why") or ""

    return Job(label, step, note, total=total, progress=progress, key=(label, str(file)), report=report)


def takes_job(function):
    """Does it want the job as its argument?"""
    return any(one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD) for one in inspect.signature(function).parameters.values())


def _begin(job):
    before = _jobs.get(job.key)
    if before is not None and before.running:  # the cell was run again
        display(before.view)
        return None
    display(job.view)
    return offer(job)


def offer(job):
    """Let a job that is shown wait for its button, or do it at once in practice and from the command line; gives its result when it has one."""
    _jobs[job.key] = job
    all_of_it = os.environ.get("GI_RUN_ALL")
    if not all_of_it:
        later_cells_wait(_jobs)
        if store.settings()["mode"] != "practice":
            return None
    job.start()
    if job.wait(None if all_of_it else PATIENCE):
        if job.error:
            raise job.error
        if job.kept:
            print(job.kept)
        return job.result
    job.let_go()
    return None


class Job:
    """One piece of work in a thread, and its widget. Only that thread writes into bar and words, so nothing is shown out of turn."""

    def __init__(self, label, step, note="", total=None, progress=None, key=None, report=None):
        self.label, self.step, self.total, self.progress, self.key, self.report = label, step, total, progress, key or label, report
        self.stopping, self.thread, self.result, self.error = threading.Event(), None, None, None
        self.known, self.state, self.words, self.kept, self.warning = set(), {}, "", "", ""
        self.can_stop = takes_job(step)
        self.busy = False  # unlike `running`, no longer so when `after` is called, which is the last that its thread does
        self.after = lambda: None  # called when it has ended, well or not
        self.button = w.Button(description=f"{label}: {note}" if note else label, button_style="primary", icon="play", layout=w.Layout(width="auto", max_width="100%", height="auto"))
        self.stop = w.Button(description="Stop", icon="stop", disabled=True, layout=w.Layout(width="auto", display=None if self.can_stop else "none"))
        self.bar = w.IntProgress(description=label, min=0, max=1, style={"description_width": "auto"}, layout=w.Layout(width="auto"))
        self.status, self.problem, self.heard, self.output = w.HTML(), w.HTML(), w.HTML(), w.Output()
        self.bar.layout.visibility = "hidden"
        self.button.add_class("gi-job")
        self.button.on_click(guarded(self.problem)(lambda _: self.start(aside=True)))
        self.stop.on_click(guarded(self.problem)(lambda _: self.end()))
        self.view = box(w.HBox([self.button, self.stop], layout=w.Layout(flex_flow="row wrap")), self.bar, self.status, self.problem, self.heard, self.output)

    # ------------------------------------------------------------ from the notebook

    @property
    def running(self):
        return self.thread is not None and self.thread.is_alive()

    @property
    def unfinished(self):
        """It waits for its button, is at work, or ended early."""
        return self.thread is None or self.thread.is_alive() or self.stopping.is_set() or self.error is not None

    def advice(self):
        """What a cell below must wait for, as a sentence."""
        if self.running:
            return f"\"{self.label}\" above is still at work; wait until it says Done."
        return f"\"{self.label}\" above has not been done; press its button and wait until it says Done."

    def start(self, aside=False):
        """Begin, or go on; `aside` when the cell has ended already, so that the stop button can be heard."""
        if self.running:
            return
        self.stopping.clear()
        self.busy = True
        self.error, self.result, self.words, self.kept, self.warning, self.state, self.lines, self.half = None, None, "", "", "", {}, [], ""
        self.new, self.shown, self.began, self.first = 0, 0.0, time.monotonic(), None
        self.button.disabled, self.button.icon, self.heard.value, self.problem.value = True, "play", "", ""
        self.output.outputs = ()
        self.bar.layout.visibility = "visible"
        self.bar.value, self.bar.max, self.bar.bar_style = 0, max(1, self.total or 1), "info"
        self.status.value = tag("Starting ..." if aside else "Starting ... The square button in the menu bar of the notebook stops it.", "gi-note")
        self.thread = threading.Thread(target=self._run, args=(aside,), name=f"job {self.label}", daemon=True)
        self.stop.disabled = not aside
        self.thread.start()

    def wait(self, seconds):
        """Until it has ended, or so many seconds; True when it has ended. The square button of the notebook stops the work."""
        end = None if seconds is None else time.monotonic() + seconds
        try:
            while self.running and (end is None or time.monotonic() < end):
                self.thread.join(EVERY)
        except KeyboardInterrupt:
            self.end()
            self.thread.join(60 if self.can_stop else 0)
            raise NeedsFixing(f"\"{self.label}\" was stopped; run this cell again to go on" if not self.running
                              else f"\"{self.label}\" cannot stop half-way and is still at work; wait until it says Done") from None
        return not self.running

    def let_go(self):
        """The cell ends while the work goes on: from now on the stop button is heard."""
        self.stop.disabled = False

    def end(self):
        """Take no new work; what is in flight is finished and kept."""
        self.stopping.set()
        self.stop.disabled = True
        if self.running:
            self.status.value = tag("Stopping: finishing what is in flight ...", "gi-note")

    # ------------------------------------------------------------ in the thread

    def _run(self, aside):
        with listening(self._hear):
            try:
                self.result = self.step(self) if takes_job(self.step) else self.step()
            except Exception as error:
                self.error = error
        self._ended(aside)
        self.after()

    def until_stopped(self, rows):
        """The same rows, up to a stop."""
        for row in rows:
            yield row
            if self.stopping.is_set():
                break

    def counted(self, rows):
        """The same rows; each moves the bar. Rows that were there before count as done, and not for the pace."""
        for row in rows:
            yield row
            if row.get("id") not in self.known:
                self.known.add(row.get("id"))
                self.new += 1
            self.tell(len(self.known), self.total)

    def watch(self, state):
        """For `watch=` of llm.run and its like: what is in flight and what it has cost."""
        self.state = state
        self.tell()

    def tell(self, done=None, total=None, words=None):
        """How far the work is: `done` of `total` steps, and words beside the bar. Any of them may be left out."""
        if done is not None:
            self.done, self.of = done, total
            self.first = self.first or (time.monotonic(), done)
        self.words = self.words if words is None else words
        now = time.monotonic()
        if now - self.shown >= EVERY and not self.stopping.is_set():
            self.shown = now
            self._show()

    def _show(self):
        parts = [self._pace()] if self.first else []
        if self.state.get("in_flight"):
            parts.append(f"{self.state['in_flight']:,} in flight")
        if (spent := self.state.get("spent_usd")) is not None:
            cap = self.state.get("cap_usd")
            parts.append(f"${spent:.4f} spent" + (f" of at most ${cap:,.2f}" if cap else ""))
        parts += [part for part in (self.words, self.progress() if self.progress and self.first else "") if part]
        self.status.value = tag(" · ".join(parts), "gi-note")

    def _pace(self):
        """Done and total; how fast, and how long it will still take, once there is something to judge by."""
        total = self.of if self.of and self.of >= self.done else None
        self.bar.max, self.bar.value = total or max(1, self.done), self.done
        words = f"{self.done:,} of {total:,}" if total else f"{self.done:,}"
        began, before = self.first
        seconds, steps = time.monotonic() - began, self.done - before
        if steps < 2 or seconds < 0.5:
            return words
        a_second = steps / seconds
        words += f" · {a_second:,.1f} a second" if a_second >= 1 else f" · {a_second * 60:,.1f} a minute"
        return words + (f" · about {duration((total - self.done) / a_second)} left" if total else "")

    def _hear(self, text):
        """What the work prints or warns; its last lines are shown."""
        *whole, self.half = re.split("[\r\n]", self.half + text)
        if found := [line.strip() for line in whole if line.strip()]:
            self.lines = (self.lines + found)[-LINES:]
            self.heard.value = "".join(tag(line, "gi-note") for line in self.lines)

    def _ended(self, aside):
        self.busy = False
        took, again = duration(time.monotonic() - self.began), "Run this cell again, or press the button, to go on."
        if self.first:
            self._pace()
        if self.error is not None:
            self.bar.bar_style = "danger"
            self.status.value = tag(f"Ended by an error after {took}. What had come is kept. {again}", "gi-note")
            self.problem.value = tag(explain(self.error), "gi-error")
        elif self.stopping.is_set():
            self.bar.bar_style = "warning"
            self.status.value = tag(f"Stopped after {took}. {self.kept} {again}", "gi-note")
        else:
            self.bar.max, self.bar.value, self.bar.bar_style = max(1, self.bar.value), max(1, self.bar.value), "success"
            cost = f" It cost ${self.state['spent_usd']:.4f} so far." if self.state.get("spent_usd") else ""
            self.status.value = tag(f"Done in {took}. {self.kept}{cost}{' Now run the cells below.' if aside else ''}", "gi-good")
            if self.warning:
                self.problem.value = tag(self.warning, "gi-flag")
            if self.result is not None and aside:
                self.output.append_display_data(self.result)
        self.button.disabled, self.stop.disabled = False, True


def duration(seconds):
    """A time for people: '8 s', '3 min', '1 h 20 min'."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
