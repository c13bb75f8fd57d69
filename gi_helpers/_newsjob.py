"""One job: where the pages of a run come from, on what basis, and what is expected of them.

    >>> local("http://127.0.0.1:8390/news/yo"), local("https://www.bbc.com/yoruba")
    (True, False)
"""
import datetime
import re
import urllib.parse

from . import _newsfind, _newswatch, store, web
from ._manners import Barred, Lost
from ._newskind import is_own
from .errors import NeedsFixing

PER_MINUTE = 12  # requests: one every five seconds
FURNITURE = "2_furniture.json"  # beside the table of the stories
IN_A_ROW = 3  # pages that cannot be had, one after the other: then it is the site or the network, not a page


class Job:
    """One run: where the pages come from, on what basis, and what is expected of them."""

    def __init__(self, language, permission, contact, base_url, folder, variant, script, offline=False, service=None):
        self.language, self.permission, self.folder, self.service, self.robots = language, permission, folder, None, ""
        self.good = set()  # ids of the pages that turned out to hold a story
        self.names = {}  # the file of each saved page, by id
        self.again = 0  # pages that were known before this run
        self.lost, self.closed, self.nothing = 0, [], ""  # pages in a row that cannot be had; places for links that may not or cannot be read; why no story was found
        basis = permission.partition(":")[0]
        check_variant(language, variant)
        if folder is not None and basis == "practice" and web.endpoints().mode == "live":
            raise NeedsFixing("the permission 'practice' is for the rehearsal pages only; choose what is true for your saved pages, such as 'saved'")
        if folder is None and not offline:
            base = base_url or web.endpoints().news(language, service)
            if basis in ("practice", "saved") and not local(base):
                raise NeedsFixing(f"the permission {basis!r} does not allow reading {base}; choose what is true: written, written_use, licence or research; or give a folder of saved pages")
            self.service = _newsfind.Service(base, _variant(language, base) if variant is None else variant)
            self.session = web.Session(web.contact(contact), per_minute=PER_MINUTE, most=_newsfind.BIGGEST, obey=True)
        self.script = _script(language, self.service.variant if self.service else variant) if script is None else script

    def pages(self, known):
        """Yield (id, url, content or None, what is wrong) of each page once; pages fetched before come from the disk."""
        return self._saved(known) if self.folder is not None else self._live(known)

    def _saved(self, known):
        taken, count = self.names, 0
        for count, (name, content, trouble) in enumerate(_newsfind.saved(self.folder), 1):
            url = name if content is None else _newsfind.saved_address(content, name)
            number = self.id_of(url, name)
            if number in known:
                self.again += 1
                continue
            if number in self.good and number in taken:  # a page that gave nothing does not stand in the way of a better copy
                trouble = ("twice", f"it has the same address as {taken[number]}, which came first; keep the one you want in the folder")
                number, url, content = store.short_hash(number, name), name, None
            taken[number] = name
            yield number, url, content, trouble
        if not count:
            raise NeedsFixing(f"there are no saved pages in {self.folder}; save stories in the browser as 'Web page, HTML only' and put them there")

    def _live(self, known):
        self._record()
        done = set()
        for story, url in _newsfind.discover(self.service, self._text):
            number = self.id_of(url, story)
            self.again += number in known
            if number in known or number in done:
                continue
            done.add(number)
            yield number, url, *self._page(url, number)
        if not done and not self.again:
            why = f"these could not be read: {'; '.join(self.closed[:3])}" if self.closed else "feed, front page and topic pages lead to no address of a story"
            self.nothing = f"no story was found at {self.service.front} ({why}); look at it in a browser, and save stories there by hand when they may not be read otherwise"

    def _page(self, url, number):
        kept = self._kept(number)
        if kept.exists():
            return store.read_bytes(kept), ""
        answer = self._had(url, (200, 404, 410, 451))
        if isinstance(answer, str):
            return None, answer
        if answer.status_code != 200:
            return None, f"the site answered HTTP {answer.status_code}: there is no such page"
        if len(answer.content) > _newsfind.BIGGEST:
            return None, ("too big", f"this page has more than {_newsfind.BIGGEST / 1e6:.0f} MB, far too much for a story; look at it in a browser")
        store.write_bytes(answer.content, kept)
        return answer.content, ""

    def _kept(self, number):
        """Where a fetched page is kept: the same story in another script is another page."""
        return store.path(self.language.code, f"2_pages/{number}{'.' * bool(self.service.variant)}{self.service.variant}.html")

    def forget(self, number):
        """A page that arrived broken is fetched again next time."""
        if self.service:
            self._kept(number).unlink(missing_ok=True)

    def _text(self, url):
        answer = self._had(url, (200, 404, 410))
        if isinstance(answer, str):
            self.closed.append(f"{url}: {answer}")
            return ""
        return answer.content.decode("utf-8", "replace") if answer.status_code == 200 else ""

    def _had(self, url, ok):
        """The answer of the site, or why this page cannot be had; one page costs no other, but after some in a row NeedsFixing is raised."""
        try:
            if not self.session.allowed(url):
                return "the site's robots.txt forbids this page"
            answer = self.session.get(url, ok=ok)
        except Barred as error:
            return str(error)
        except Lost as error:
            self.lost += 1
            if self.lost < IN_A_ROW:
                return f"the site did not give this page, so it was left out for now ({str(error).partition(';')[0]}); the next run asks for it again"
            self.lost = 0
            raise NeedsFixing(f"{IN_A_ROW} pages one after the other could not be had, the last one because {error}") from error
        self.lost = 0
        return answer

    def _record(self):
        """Keep what the site said on the day, and on what basis it was read, beside the rows."""
        rules = self.session.robots(self.service.base)
        text = rules.text
        self.robots = store.short_hash(text) if text else ""
        self.session.pause = max(self.session.pause, rules.delay)
        file = store.path(self.language.code, "2_permission.json")
        before = store.read_json(file) if file.exists() else []
        entry = {"permission": self.permission, "site": self.service.base, "robots": self.robots, "robots_txt": text, "at": now()}
        if not before or {**before[-1], "at": ""} != {**entry, "at": ""}:
            store.write_json([*before, entry], file)

    def id_of(self, url, name):
        """The id of a row: language and story, so that all scripts of a story are one row."""
        if self.service:
            return store.short_hash(self.language.code, name)
        path = urllib.parse.urlsplit(url).path
        # Only this publisher's numbers name a story; on other sites /sport/20260504 and /market/20260504 are two.
        found = re.search(r"/(c[a-z0-9]{10}o)(/[a-z]+)?(\.\w+)?$", path) or (re.search(r"/([\w-]*\d{8,})(\.\w+)?$", path) if is_own(url) else None)
        return store.short_hash(self.language.code, found[1] if found else url.partition("#")[0] or name)

    def note_furniture(self, texts):
        """Keep what was left out because it stands on many pages: rows written before that was known may hold it, too."""
        file = store.path(self.language.code, FURNITURE)
        known = store.read_json(file) if texts and file.exists() else []
        if set(texts) - set(known):
            store.write_json(sorted({*known, *texts}), file)

    def permission_of(self, story):
        """What a row says: the rehearsal's own pages are free, but pages of others do not become so by rehearsing with them."""
        rehearsed = self.folder is not None and self.permission.startswith("practice:") and not story.practice
        return self.permission.replace("practice:", "saved:", 1) if rehearsed else self.permission

    def judge(self, looked):
        """The canary's verdict on some Story objects, against what was usual before."""
        file = store.path(self.language.code, "2_canary.json")
        before = store.read_json(file) if file.exists() else {}
        key = self.service.front if self.service else "saved pages"
        live = self.service and not local(self.service.base)
        verdict = _newswatch.judge(looked, script=self.script, oldest=_newswatch.OLDEST if live else None, baseline=before.get(key), site=self.folder is None, repeated=2 if len(looked) <= 10 else _newswatch.OFTEN)
        if verdict["state"] == "green":
            store.write_json({**before, key: verdict["figures"]}, file)
        return verdict


def check_variant(language, variant):
    """Raises NeedsFixing when a language's news are not written in this script."""
    names = sorted({pair.partition("/")[2] for pair in language.bbc_variants.split()})
    if variant and variant not in names:
        advice = f"choose {' or '.join(names)}" if names else "leave it out, there is one script"
        raise NeedsFixing(f"the news in {language.name} has no variant {variant!r}; {advice}")


def _variant(language, base):
    """The script that a service is read in when nobody chooses: the first one named in the language list, on the real site only."""
    service = urllib.parse.urlsplit(base).path.strip("/")
    names = [pair.partition("/")[2] for pair in language.bbc_variants.split() if pair.partition("/")[0] == service]
    return names[0] if names and not local(base) else ""


def _script(language, variant):
    """The script to expect (ISO 15924); both where a language of the list is written in two and nobody has chosen."""
    if variant in ("lat", "cyr"):
        return {"lat": "Latn", "cyr": "Cyrl"}[variant]
    return "Latn Cyrl" if "/cyr" in language.bbc_variants else language.script


def local(url):
    return urllib.parse.urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
