"""What the practice server knows while it runs, and which of its answers go wrong on purpose.

    >>> from gi_helpers.practice.messages import Request
    >>> state = State(faults={"429": 0.1})
    >>> kinds = [state.fault_for(Request("POST", "/v1/chat/completions")) for _ in range(40)]
    >>> kinds.count("429"), kinds.count(None)
    (4, 36)

Faults: `start(faults={...})`, or a `faults.json` in the state folder, read anew when it changes. Shares of the requests, 0 to 1:
    "429"       too many requests, with `Retry-After: 1`            "500"   a server error
    "hang"      no answer for `hang_s` seconds (15), then closed     "cut"   the connection closes in the middle of the body
    "bad_json"  an answer whose JSON is damaged (the wiki's API and chat completions only)
    "only"      a list of "wiki", "news", "openai": the shares hold for these alone
Wikipedia's own switches, named as those of the test MediaWiki are (its API only):
    "require_user_agent": true           403 without a User-Agent
    "rate_limit": {"unidentified": 10, "identified": 200}    requests a minute; 429 with Retry-After until the minute is over
    "maxlag": 7.5                        replicas this many seconds behind, told to requests that send a lower maxlag
    "fail_every": 13, "fail_status": 503, "retry_after": 2   every 13th request fails
    "truncate_every": 17                 every 17th answer is half as long as it should be
    "delay_ms": 150                      added to every answer
    "sitematrix": {...}                  what action=sitematrix answers instead of the practice list
Both halves have settings of their own beside these, such as those of fine-tuning (see jobs).
"""
import collections
import random
import threading
from pathlib import Path

from gi_helpers import store
from gi_helpers.errors import NeedsFixing

SHARES = ("429", "500", "hang", "bad_json", "cut")


class State:
    """What lives as long as the server: settings, counters and the caches of its halves.

    folder   where jobs, files and tuned models are kept between runs, or None: in memory only
    texts    the folder with <code>/articles.json, news.json, questions.json
    lock     held for the moment it takes to change anything shared
    counts   Counter of requests: "wiki", "news", "openai", "faults", and whatever the halves count
    memory   a dict for the halves' own things (memory["wiki"], memory["openai"], ...)
    log      the last 20,000 requests as dicts: api method uri agent status ms at gzip
    """

    def __init__(self, folder=None, texts=None, faults=None, latency=0, seed=0):
        self.folder = Path(folder) if folder else None
        self.texts = Path(texts) if texts else store.shipped("practice")
        self.faults = dict(faults or {})
        self.latency = latency
        self.lock = threading.RLock()
        self.counts = collections.Counter()
        self.memory = {}
        self.log = collections.deque(maxlen=20_000)
        self.stopping = threading.Event()
        self._random = random.Random(seed)
        self._decks = {}
        self._carry = collections.Counter()
        self._file = (0, {})

    def settings(self):
        """The faults that hold now: those given, and over them the state folder's faults.json."""
        path = self.folder / "faults.json" if self.folder else None
        if not (path and path.exists()):
            return self.faults
        changed = path.stat().st_mtime_ns
        if self._file[0] != changed:
            try:
                self._file = (changed, dict(store.read_json(path)))
            except (NeedsFixing, ValueError):  # caught half written; the next request sees it whole
                return self.faults
        return {**self.faults, **self._file[1]}

    def fault_for(self, request):
        """The kind of fault this request gets ("429", "500", "hang", "bad_json", "cut") or None; the same on every call."""
        if request.fault is None:
            settings = self.settings()
            shares = {kind: float(settings[kind]) for kind in SHARES if settings.get(kind)}
            api = api_of(request.path)
            wanted = shares and api in ("wiki", "news", "openai") and api in settings.get("only", (api,))
            request.fault = self._deal(api, shares) if wanted else ""
        return request.fault or None

    def _deal(self, api, shares):
        # Dealt from a shuffled deck of twenty, so that even a few requests get about their share;
        # what does not make a whole card is carried over to the next deck.
        with self.lock:
            key = (api, tuple(shares.items()))
            deck = self._decks.setdefault(key, [])
            if not deck:
                for kind, share in shares.items():
                    self._carry[api, kind] += share * 20
                    whole = round(self._carry[api, kind] + 1e-9) if share >= 1 else int(self._carry[api, kind] + 1e-9)
                    self._carry[api, kind] -= whole
                    deck += [kind] * whole
                del deck[20:]
                deck += [""] * (20 - len(deck))
                self._random.shuffle(deck)
            return deck.pop()

    def count(self, name, by=1):
        """Add to a counter and return its new value."""
        with self.lock:
            self.counts[name] += by
            return self.counts[name]

    def wait(self, seconds):
        """Sleep, but wake up when the server stops."""
        if seconds > 0:
            self.stopping.wait(seconds)


def api_of(path):
    """Which half answers a path: "wiki", "news", "openai" or "" for the server's own pages."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return {"wiki": "wiki", "news": "news", "v1": "openai"}.get(first, "")


def codes(state):
    """Codes of the languages that have practice texts."""
    return sorted(path.parent.name for path in state.texts.glob("*/articles.json"))
