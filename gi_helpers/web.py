"""Where Wikipedia, the news site and the model are, and one polite session for all reading.

No stage knows whether it rehearses: the addresses come from `endpoints()`, by the setting GI_MODE (practice or live).

    >>> import os
    >>> os.environ["GI_WIKI_URL"] = "http://127.0.0.1:8390/{code}/w/api.php"
    >>> endpoints().wiki("yo")
    'http://127.0.0.1:8390/yo/w/api.php'
    >>> del os.environ["GI_WIKI_URL"]
"""
import atexit
import os
import re
import subprocess
import sys
import threading
import urllib.parse
from functools import lru_cache

from . import languages, store
from ._contact import address, agent
from ._manners import FAULTS, Again, Barred, Lost, advice, cut, fault, read_json, retry_after, say, site_of
from ._pace import Pace
from ._robots import Rules
from .errors import REAL_KEY, NeedsFixing

LIVE = {"wiki": "https://{code}.wikipedia.org/w/api.php", "news": "https://www.bbc.com/{service}", "openai": "https://api.openai.com/v1"}
PRACTICE = {"wiki": "/wiki/{code}/w/api.php", "news": "/news/{code}", "openai": "/v1"}
SETTING = {"wiki": "GI_WIKI_URL", "news": "GI_NEWS_URL", "openai": "OPENAI_BASE_URL"}
PRACTICE_KEY = "practice-key"
MODELS = {"practice": "practice-teacher", "live": "gpt-6-luna"}  # live: the cheapest that OpenAI suggests in November 2026


# ---------------------------------------------------------------- addresses

class Endpoints:
    """The addresses in force: `.mode`, `.wiki(language)` (an api.php), `.news(language)`, `.openai` (ends in /v1), `.key`, `.model`."""

    def __init__(self, mode, model):
        self.mode, self.model = mode, model

    def wiki(self, language):
        """The full address of the api.php of a language's Wikipedia."""
        found = languages.find(language) if isinstance(language, str) else language
        return self._address("wiki", found).format(code=found.code.replace("_", "-"))

    def news(self, language, service=None):
        """The address of the front page of a language's news service, the first one unless `service` names another; NeedsFixing when it has none."""
        found = languages.find(language) if isinstance(language, str) else language
        address = self._address("news", found)
        if "{service}" in address and not found.bbc:
            raise NeedsFixing(f"the BBC has no service in {found.name} ({found.code}); skip notebook 2, or read pages that you saved yourselves")
        services = (found.bbc or found.code).split()
        if service and service not in services:
            raise NeedsFixing(f"{service!r} is no news service in {found.name}; choose one of {', '.join(services)}")
        return address.format(code=found.code, service=service or services[0])

    @property
    def openai(self):
        """The base URL that the `openai` client takes."""
        return self._address("openai").rstrip("/")

    @property
    def key(self):
        """The key to send to `.openai`: the practice key never leaves this machine, a real-looking one is never sent to the practice server."""
        key = os.environ.get("OPENAI_API_KEY", "")
        if (self.mode == "practice" and not self._given("openai")) or plays_practice(self.openai):
            return key if key and not REAL_KEY.match(key) else PRACTICE_KEY
        if not key and not on_this_machine(self.openai):
            raise NeedsFixing("there is no OPENAI_API_KEY; run the cell with widgets.ask_key(), or set it in Colab's secrets or in the environment")
        if key == PRACTICE_KEY:
            raise NeedsFixing("the practice key does not work live; set your own OPENAI_API_KEY, or go back to practice mode")
        return key or "none"  # servers on this machine (Ollama, llama.cpp) ask for none, but the client wants one

    def _given(self, what):
        """The address that the environment sets; in practice nothing leaves the machine, so one elsewhere that was left there is not used."""
        given = os.environ.get(SETTING[what])
        return given if given and (self.mode == "live" or on_this_machine(given)) else None

    def _address(self, what, language=None):
        if given := self._given(what):
            return given
        if self.mode == "live":
            return (store.settings().get("live_url") if what == "openai" else "") or LIVE[what]
        if language and not store.shipped("practice", language.code).is_dir():
            there = ", ".join(store.practice_languages())
            raise NeedsFixing(f"there are no practice texts in {language.name} ({language.code}); choose one of {there} in notebook 0_start, or go live there")
        return practice_url() + PRACTICE[what]


def endpoints():
    """The addresses of this moment, by GI_MODE, GI_WIKI_URL, GI_NEWS_URL and OPENAI_BASE_URL; live also by what was chosen in `llm.use`."""
    _no_proxy_at_home()
    chosen = store.settings()
    live = chosen.get("live_model") if chosen["mode"] == "live" else ""
    return Endpoints(chosen["mode"], chosen.get("model") or live or MODELS[chosen["mode"]])


def _no_proxy_at_home():
    """A proxy that a school's or firm's network asks for knows nothing of servers on this machine, such as the practice server."""
    # Only beside proxies of the environment: a lone no_proxy would make Python forget those that Windows or a Mac is set to.
    if not any(os.environ.get(name) for scheme in ("http", "https", "all") for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper())):
        return
    for name in ("no_proxy", "NO_PROXY"):
        given = [part for part in os.environ.get(name, "").split(",") if part.strip()]
        absent = [host for host in ("127.0.0.1", "localhost", "::1") if host not in given]
        if absent and "*" not in given:
            os.environ[name] = ",".join(given + absent)


def on_this_machine(address):
    """Is this the address of a server on this machine?"""
    return urllib.parse.urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")


@lru_cache
def plays_practice(address):
    """Is the practice server behind this address? Only addresses on this machine are asked."""
    if not on_this_machine(address):
        return False
    import requests

    try:
        return "practice" in requests.get(urllib.parse.urljoin(address, "/practice"), timeout=5).json()
    except (requests.RequestException, ValueError, TypeError):
        return False


_child, _child_lock = None, threading.Lock()


def practice_url():
    """The address of the practice server, which is started when first asked for and ends with this process."""
    global _child
    with _child_lock:
        if _child is None or _child.poll() is not None:
            _child = _start_practice()
        return _child.url


def _start_practice():
    # A process of its own, because it must answer while a notebook is busy. It ends when its standard input closes, so also after a kill.
    state = store.data_folder() / ".practice"
    command = [sys.executable, "-m", "gi_helpers.practice", "--port", "0", "--state", str(state), "--until-closed"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(store.HOUSE), os.environ.get("PYTHONPATH", "")])}
    # In a group of its own: the stop button of a notebook interrupts the whole group of its Python, and this server must live on.
    alone = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"start_new_session": True}
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True, **alone)
    line = child.stdout.readline().split()
    if len(line) != 2 or line[0] != "practice":
        child.kill()
        raise NeedsFixing("the practice server did not start; run `python -m gi_helpers.practice --port 0` to see why")
    child.url = line[1]
    atexit.register(_stop, child)
    return child


def _stop(child):
    child.stdin.close()
    try:
        child.wait(3)
    except subprocess.TimeoutExpired:
        child.kill()


# ---------------------------------------------------------------- manners

def contact(given=None):
    """The team's e-mail or web address that names it to the sites it reads; NeedsFixing when there is none in live mode."""
    chosen = store.settings()
    given = (given or chosen.get("contact") or "").strip()
    if not given and chosen["mode"] == "practice":
        return "practice@example.org"
    team = address(given)
    if not team:
        raise NeedsFixing(f"the contact is {given!r}; give your team's e-mail or web address in notebook 0_start (or in GI_CONTACT), because Wikipedia allows 10 requests a minute without one and 200 with one")
    return team


HOPS = 5  # redirects of one page: as many as RFC 9309 asks readers of robots.txt to follow
PACE = Pace()  # of the whole process, because Wikipedia counts all its wikis together and knows nothing of our objects


class Session:
    """One polite reader: names the team, reads one page at a time, keeps a pace, waits when asked to, and tries again after faults.

    `patience` is how many seconds of asked-for waiting one request may cost; `notice(seconds, reason)` hears of waits of 3 s and more.
    `most` is how many bytes of a body are read: of a longer one `content` holds one byte more, and the rest is left where it is.
    `obey`: every address that a redirect leads to is held against robots.txt and the pace as well.
    """

    def __init__(self, contact, per_minute=180, tries=6, patience=900, notice=None, most=None, obey=False):
        import requests

        self.http = requests.Session()
        self.http.headers["User-Agent"] = agent(contact)
        self.http.headers["Accept-Encoding"] = "gzip, deflate"
        self.pause = 60 / per_minute  # seconds between two requests, over all sites
        self.tries, self.patience, self.notice, self.most, self.obey = tries, patience, notice or say, most, obey
        self.requests, self.rules, self.stopped, self.reached = 0, {}, threading.Event(), set()

    def get(self, url, params=None, data=None, ok=(200,), read=None):
        """The answer to one request; POST when `data` is given. Raises NeedsFixing when the site refuses or stays away; Lost when it may be this address alone.

        `ok` lists the status codes that are answers; 404 must be asked for, so that a fault never reads as "no such page".
        `read` turns the answer into what is given back, and may raise Again.
        """
        site, failures, waited, passed = site_of(url), 0, 0.0, [url]
        while True:
            with PACE.line(site):
                kind, reason, seconds, value = self._once(site, url, params, data, ok, read)
                failures += kind != "done" and not seconds
                waited += seconds
                enough = waited > self.patience or failures >= (self.tries if site in self.reached else min(3, self.tries))
                if kind == "again" and (seconds or not enough):
                    seconds = seconds or min(60, 2 ** (failures - 1)) * (5 if "429" in reason else 1)
                    PACE.hold(site, seconds)
            if kind == "done" and not (self.obey and value.is_redirect):
                return value
            if kind == "done":
                url, params, data, failures = self._next(value, passed), None, None, 0
                site = site_of(url)
            elif kind == "refused" or enough:
                alone = kind == "again" and not seconds and "429" not in reason
                raise (Lost if alone else NeedsFixing)(f"{urllib.parse.urlsplit(url).netloc or url} {'gave' if reason in FAULTS.values() else 'answered'} {reason} for {url}; {advice(reason, seconds)}")
            elif seconds >= 3:
                self.notice(seconds, f"{urllib.parse.urlsplit(url).netloc}: {reason}")

    def _next(self, answer, passed):
        """The address that a redirect leads to; Barred when it may not be read, Lost when it leads nowhere or on and on. `passed` holds those before it."""
        url = urllib.parse.urljoin(passed[-1], self.http.get_redirect_target(answer)).partition("#")[0]
        if not re.match(r"https?://[^/?]", url) or passed.count(url) > 1 or len(passed) > HOPS:
            raise Lost(f"{passed[0]} leads on and on ({len(passed)} redirects, the last one to {url or 'nowhere'}); look at it in a browser")
        if not passed[0].endswith("/robots.txt"):
            try:
                may = self.allowed(url)
            except NeedsFixing as error:
                raise Barred(f"{passed[0]} leads to {url}, and whether that may be read is not known ({error})") from error
            if not may:
                raise Barred(f"{passed[0]} leads to {url}, which the robots.txt there forbids; it was left out")
        passed.append(url)
        return url

    def get_json(self, url, params=None, data=None, ok=(200,)):
        """The JSON of an answer; a body that was cut off, maxlag and other "not now" answers of MediaWiki are asked for again."""
        return self.get(url, params, data, ok, read_json)

    def close(self):
        """End all waiting of this session, in other threads too."""
        self.stopped.set()
        self.http.close()

    def _once(self, site, url, params, data, ok, read):
        """(done, again or refused; the reason; seconds the site asks to wait, or 0; the value) of one request."""
        import requests

        left = PACE.reserve(site, 0 if on_this_machine(url) else self.pause)
        if left > self.patience:
            raise NeedsFixing(f"{urllib.parse.urlsplit(url).netloc} asked us to stay away for {round(left / 60)} more min; run the cell again then, and it goes on where it was")
        if PACE.clock.wait(self.stopped, left):
            raise NeedsFixing("the reading was stopped; run the cell again, and it goes on where it was")
        self.requests += 1
        try:
            # MediaWiki may let another of its computers answer a POST when it is told that nothing will be written.
            headers = {"Promise-Non-Write-API-Action": "true"} if data else None
            answer = self.http.request("POST" if data else "GET", url, params=params, data=data, headers=headers, timeout=(10, 60), stream=self.most is not None, allow_redirects=not self.obey)
            if self.most is not None:
                cut(answer, self.most)
        except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema) as error:
            raise NeedsFixing(f"{url!r} is no web address; give one that begins with https://") from error
        except requests.RequestException as error:  # a lost network or a cut body
            return "again", fault(error), 0, None
        reason = f"HTTP {answer.status_code}"
        if answer.status_code not in ok and not (self.obey and answer.is_redirect):
            again = answer.status_code in (408, 429, 500, 502, 503, 504)
            return "again" if again else "refused", reason, retry_after(answer.headers) if again else 0, None
        try:
            value = read(answer) if read else answer
        except Again as again:
            return "again", again.args[0], again.args[1], None
        self.reached.add(site)
        return "done", reason, 0, value

    def allowed(self, url):
        """May this page be read, by the site's robots.txt?"""
        return self.robots(url).allows(url)

    def robots(self, url):
        """The Rules of the site of an address; they are read once, and a missing file allows all."""
        address = urllib.parse.urljoin(url, "/robots.txt")
        if address not in self.rules:
            answer = self.get(address, ok=(200, 404, 410))
            text = answer.content.decode("utf-8", "replace") if answer.status_code == 200 else ""
            self.rules[address] = Rules(text, "GlobalInstruct")
        return self.rules[address]
