"""When the next request may leave: one pace for all sites and sessions, and for all notebooks of a team; part of web.

    >>> clock = Clock()
    >>> clock.monotonic = clock.time = lambda: 1000.0                            # it stands still here
    >>> one, other = Pace(clock), Pace(clock)                                    # two notebooks
    >>> [round(pace.reserve("wikimedia", 0.3), 1) for pace in (one, one, other)]   # seconds to wait
    [0.0, 0.3, 0.6]
"""
import contextlib
import threading
import time

from . import store
from .errors import NeedsFixing

MARGIN = 0.1  # seconds added to what a site asks for: its clock and ours may tick coarsely
MOST = 60     # seconds: other notebooks cannot have taken more of the budget of a minute


class Clock:
    """The time; a test may put a quicker one in its place."""

    monotonic, time = staticmethod(time.monotonic), staticmethod(time.time)

    def wait(self, event, seconds):
        """Let the time pass; True as soon as the event is set."""
        return event.wait(seconds)


class Pace:
    """One budget a minute for all sites together, and for each site the moment up to which it asked us to stay away.

    Both are also kept in a small file, so that two notebooks share the budget, and a run that was killed does not come back before the
    time it was told. The file may be damaged, locked or on a full disk: then each notebook keeps its own pace.
    """

    def __init__(self, clock=None):
        self.clock, self.guard, self.alone = clock or Clock(), threading.Lock(), False
        self.next_time, self.held, self.lines, self.seen = 0.0, {}, {}, (None, {})

    def line(self, site):
        """The lock of a site: two requests never run there at the same time."""
        with self.guard:
            return self.lines.setdefault(site, threading.Lock())

    def reserve(self, site, pause):
        """Take the next free moment for a request and give the seconds up to it. A `pause` of 0 s stands outside the budget."""
        with self.guard, self._note(change=pause > 0) as note:
            now = self.clock.monotonic()
            start = max(now, self.held.get(site, 0.0), now + self._left(note.get(site)))
            if pause:
                start = max(start, self.next_time, now + min(MOST, self._left(note.get("next"))))
                self.next_time = start + pause
                self._until(note, "next", self.next_time - now)
            return start - now

    def hold(self, site, seconds):
        """No request to this site for so many seconds."""
        with self.guard:
            self.held[site] = max(self.held.get(site, 0.0), self.clock.monotonic() + seconds + MARGIN)
            with self._note(change=seconds >= 1) as note:
                self._until(note, site, max(seconds + MARGIN, self._left(note.get(site))))

    def _until(self, note, name, seconds):
        now = self.clock.time()
        note[name] = [now, now + seconds]

    def _left(self, entry):
        """The seconds that an entry [written, until] still asks for. A clock that was set back must not make them more than they were."""
        try:
            written, until = map(float, entry)
        except (TypeError, ValueError):
            return 0.0
        seconds = min(until - self.clock.time(), until - written)
        return seconds if 0 < seconds < 1e7 else 0.0  # as web.retry_after: more is nonsense

    @contextlib.contextmanager
    def _note(self, change):
        """What the notebooks tell each other: {"next" or site: [written, until]} in seconds of the clock on the wall."""
        file = store.data_folder() / ".pace.json"
        if self.alone or not change:
            yield {} if self.alone else self._read(file)
            return
        held, note = contextlib.ExitStack(), {}
        try:
            held.enter_context(store.lock(file))
            note = self._read(file)
        except (NeedsFixing, OSError):
            self.alone = True
        with held:
            yield note
            if not self.alone:
                self._write(file, note)

    def _read(self, file):
        try:
            changed = file.stat().st_mtime_ns
            if self.seen[0] != (file, changed):
                found = store.read_json(file)
                self.seen = (file, changed), found if isinstance(found, dict) else {}
        except (NeedsFixing, OSError):  # not there yet, or damaged: it is written anew
            return {}
        return dict(self.seen[1])

    def _write(self, file, note):
        try:
            store.write_json({name: entry for name, entry in note.items() if self._left(entry) > 0}, file)
        except (NeedsFixing, OSError):
            self.alone = True
