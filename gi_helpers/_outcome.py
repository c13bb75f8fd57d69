"""What came of many requests, told once at the end: in a dict that the caller gave, else as a warning.

    >>> report = {}
    >>> outcome = Outcome("questions have no translation", 3, report)
    >>> for result in ({"ok": True, "cost_usd": 0.01}, {"ok": False, "error": "the cap of $1 would be passed"}):
    ...     outcome.add(result)
    >>> outcome.say(); report["why"]
    '1 of 3 questions have no translation yet (the cap of $1 would be passed); the others are kept, run the cell again for the rest'
"""
import warnings

from .errors import NeedsFixing


class Outcome:
    """Counts results of `llm.run`; `what` completes "3 of 40 ... yet"."""

    def __init__(self, what, total, report=None):
        self.what, self.total, self.report = what, total, report
        self.done = self.failed = 0
        self.spent, self.why = 0.0, ""

    def add(self, result):
        """Count one result."""
        self.done += bool(result["ok"])
        self.failed += not result["ok"]
        self.spent += result.get("cost_usd") or 0
        self.why = self.why or result.get("error") or ""

    def say(self):
        """Tell it: NeedsFixing when nothing came at all."""
        words = ""
        if self.failed:
            words = f"{self.failed:,} of {self.total:,} {self.what} yet ({self.why}); the others are kept, run the cell again for the rest"
        if self.report is not None:
            self.report.update(done=self.done, failed=self.failed, spent_usd=self.spent, why=words)
        elif self.failed and not self.done:
            raise NeedsFixing(f"{self.what}: none of {self.total:,} came ({self.why})")
        elif words:
            warnings.warn(words, stacklevel=3)
