"""One wiki, and the pages of it that were chosen, fifty in a request; part of wiki_scrape."""
import datetime
import logging
import re
from concurrent.futures import ThreadPoolExecutor

from . import languages, store, web
from ._html import paragraphs_of
from ._wikitext import Names
from .errors import NeedsFixing

BATCH = 50  # pages of a request: the API gives no more with their text
ORDERS = ("title", "random")


# ---------------------------------------------------------------- one wiki

class Site:
    """One wiki: its addresses, names and licence, and the polite session that asks it."""

    def __init__(self, language, contact, base_url=None, per_minute=180):
        self.language = languages.find(language)
        self.code = self.language.code
        contact = web.contact(contact)
        self.url = base_url or web.endpoints().wiki(self.language)
        if not re.match(r"https?://[^/\s]+/", self.url):
            raise NeedsFixing(f"{self.url!r} is no address of a wiki; give one like https://yo.wikipedia.org/w/api.php")
        self.session = web.Session(contact, per_minute)
        self.names, self.main_page, self.strange = None, None, 0

    def ask(self, post=False, **parameters):
        """The JSON of one API request; raises NeedsFixing with the wiki's own words when it answers with an error."""
        parameters = {"format": "json", "formatversion": 2, "maxlag": 5, **parameters}
        answer = self.session.get_json(self.url, **{"data" if post else "params": parameters})
        if not isinstance(answer, dict):
            raise NeedsFixing(f"{self.url} does not answer as a MediaWiki api.php does; check the address")
        if "error" in answer:
            raise ApiError(answer["error"].get("code", ""), f"{self.url} answered {answer['error'].get('code')}: {str(answer['error'].get('info', ''))[:200]}; check the choices above")
        return answer

    def about(self):
        """Read once what the wiki says about itself: its language, the names of its namespaces, main page, licence, number of articles and its redirects."""
        if self.names is not None:
            return
        answer = self.ask(action="query", meta="siteinfo", siprop="general|namespaces|namespacealiases|rightsinfo|statistics", list="allpages",
                          apfilterredir="redirects", aplimit=500)
        found = answer.get("query", {})
        if "general" not in found:
            raise NeedsFixing(f"{self.url} does not answer as a MediaWiki api.php does; check the address")
        general, rights = found["general"], found.get("rightsinfo", {})
        same_language(self.language, self.url, general.get("wikiid", ""), general.get("lang", ""), general.get("base", ""))
        self.names = names_of(found.get("namespaces", {}).values(), found.get("namespacealiases", []))
        self.main_page = general.get("mainpage", "")
        self.licence, self.licence_url = rights.get("text", ""), rights.get("url", "")
        self.articles = found.get("statistics", {}).get("articles")
        self.redirects = None if "continue" in answer else [page["title"] for page in found.get("allpages", [])]  # None: too many for one answer
        server = general.get("server", "")
        if server.startswith("//"):
            server = self.url.partition("//")[0] + server
        self.script = server + general.get("script", "/w/index.php")
        self.sitename = general.get("sitename", "Wikipedia")

    def row(self, page, revision, text):
        """One row of 1_wiki_scrape.csv."""
        return {
            "id": store.short_hash(self.code, page["pageid"]), "language": self.code, "pageid": page["pageid"], "revid": revision["revid"], "title": page["title"],
            "url": page.get("fullurl", ""), "timestamp": revision.get("timestamp", ""), "text": text, "licence": self.licence,
            "retrieved_at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "permalink": f"{self.script}?oldid={revision['revid']}", "licence_url": self.licence_url,
        }

    def parsed(self, page, paragraphs):
        """The paragraphs as the wiki itself shows them, for a page whose markup is beyond us; a few in a hundred pages may cost a request."""
        self.strange += 1
        if self.strange > 3 + self.session.requests / 4:
            return paragraphs
        try:
            answer = self.ask(action="parse", oldid=page["revisions"][0]["revid"], prop="text", disablelimitreport=1, disableeditsection=1, disabletoc=1)
        except ApiError:
            return paragraphs
        return paragraphs_of(answer["parse"]["text"]) or paragraphs


class ApiError(NeedsFixing):
    """(code, sentence): the wiki's answer to a request that it does not take."""

    def __init__(self, code, sentence):
        super().__init__(sentence)
        self.code = code


def same_language(language, what, dbname, tag, address):
    """NeedsFixing when the wiki `what` is surely the Wikipedia of another language; a warning when only its language tag is another.

    A wiki that is no Wikipedia may have any database name and tag, so that these alone refuse nothing. A Wikipedia's own database name
    counts more than its tag: that of nowiki is nb, that of alswiki gsw, that of simplewiki en.
    """
    if dbname == language.dbname:
        return
    host = re.match(r"(?:https?:)?//([a-z-]+)\.wikipedia\.org/", address)
    other = next((one for one in languages.search() if one.dbname == dbname or host and one.code == host[1]), None)
    ours = {part.lower() for name in (language.code, language.tag, language.iso639_3, *language.also.split("; ")) for part in (name, name.partition("-")[0])}
    spoken = not tag or tag.lower() in ours or tag.lower().partition("-")[0] in ours
    if other and other != language and (host or not spoken):
        raise NeedsFixing(f"{what} is of the Wikipedia in {other.name} ({other.code}) and not in {language.name} ({language.code}); choose {other.code} as the language, or another source")
    if not spoken:
        logging.getLogger("gi_helpers").warning("%s says that its language is %r; its texts are kept as %s (%s)", what, tag, language.name, language.code)


def names_of(namespaces, aliases):
    """Names from siteinfo's namespaces and aliases."""
    found = {6: set(), 14: set(), 10: set()}
    for entry in [*namespaces, *aliases]:
        if entry.get("id") in found:
            found[entry["id"]] |= {entry.get("name", ""), entry.get("canonical", ""), entry.get("alias", "")} - {""}
    codes = frozenset(language.code for language in languages.search())
    return Names(file=frozenset(found[6]), category=frozenset(found[14]), template=frozenset(found[10]), languages=codes)


def names_of_dump(language, namespaces, more=None):
    """Names for a dump, whose head tells one name of each namespace [(id, name)]: with the older ones that are shipped, and those of a wiki (`more`)."""
    found = names_of([{"id": number, "name": name} for number, name in namespaces], [])
    shipped = next((row for row in store.read_rows(store.shipped("namespaces.csv")) if row["code"] == language.code), {})
    kinds = {kind: getattr(found, kind) | set(filter(None, shipped.get(kind, "").split("; "))) | (getattr(more, kind) if more else set())
             for kind in ("file", "category", "template")}
    return Names(**kinds, languages=found.languages)


# ---------------------------------------------------------------- which pages

CONTENT = {"action": "query", "prop": "revisions|info|pageprops", "rvprop": "ids|timestamp|content|contentmodel", "rvslots": "main", "inprop": "url",
           "ppprop": "disambiguation"}


def source_of(site, order, category, titles, min_bytes, limit):
    """The Source of pages that the choices mean; raises NeedsFixing for choices that do not go together."""
    if limit is not None:
        whole("limit", limit, ", or None for all articles")
    whole("min_bytes", min_bytes)
    if order not in ORDERS:
        raise NeedsFixing(f"the order is {order!r}; choose title or random")
    given = [name for name, is_given in (("titles", titles is not None), ("category", category is not None), ("order='random'", order == "random"),
                                         ("min_bytes", min_bytes > 0)) if is_given]
    if len(given) > 1:
        raise NeedsFixing(f"{' and '.join(given)} are given, and each says in its own way which pages to take; choose one of them")
    if titles is not None:
        return Titles(site, titles)
    if category is not None:
        return Category(site, category)
    if order == "random":
        if limit is None:
            raise NeedsFixing("random pages have no end; give a limit")
        return Random(site, limit)
    return AllPages(site, min_bytes, limit)


def whole(name, value, more=""):
    """NeedsFixing when a setting is no whole number from 0 on; True is none."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise NeedsFixing(f"the {name} is {value!r}; give a whole number such as 100{more}")


class Source:
    """Pages from a generator of the API, in batches: (pages, where to go on after them or None)."""

    post = False

    def __init__(self, site):
        self.site, self.batch, self.handed, self.wanted = site, BATCH, 0, lambda: True

    def parameters(self):
        """The parameters that say which pages; known when the site is known."""
        raise NotImplementedError

    def batches(self, start=None):
        """Batches from a place on. The next one is on its way while the last is being read; never two at the same time."""
        step = self._steps(start)
        with ThreadPoolExecutor(1) as pool:
            try:
                coming = pool.submit(next, step, None)
                while (batch := coming.result()) is not None:
                    self.handed += len(batch[0])
                    early = self.wanted() and pool.submit(next, step, None)
                    yield batch
                    coming = early or pool.submit(next, step, None)
            except BaseException:
                self.site.session.close()  # else the stop button would wait for a Retry-After to pass
                raise

    def _steps(self, start):
        place = start or {}
        while place is not None:
            pages, place = self._whole(place)
            yield pages, place

    def _whole(self, place):
        """All pages of a batch with their text, however many answers that takes, and where to go on."""
        pages, more = {}, {}
        while True:
            answer = self.site.ask(post=self.post, **CONTENT, **self.parameters(), **{**place, **more})
            query = answer.get("query", {})
            for page in [*query.get("pages", []), *({"title": entry["title"], "missing": True} for entry in query.get("interwiki", []))]:
                known = pages.setdefault(page.get("pageid") or page.get("title"), page)
                known.update({name: value for name, value in page.items() if name not in known})
            more = answer.get("continue", {})
            if "batchcomplete" in answer or not more:
                return list(pages.values()), more or None

    def finish(self, counts, last=None):
        """Put into the counts what the wiki left out for us, up to the title `last` or of the whole wiki."""


class AllPages(Source):
    """All pages that are no redirects, by title."""

    def __init__(self, site, min_bytes=0, limit=None):
        super().__init__(site)
        self.min_bytes = min_bytes
        if limit is not None:
            self.batch = min(BATCH, max(10, limit + limit // 4))
        self.key = {"order": "title", "min_bytes": min_bytes}

    def parameters(self):
        return {"generator": "allpages", "gapnamespace": 0, "gapfilterredir": "nonredirects", "gaplimit": self.batch,
                **({"gapminsize": self.min_bytes} if self.min_bytes else {})}

    def finish(self, counts, last=None):
        """Redirects and, with min_bytes, small pages: the titles in the order of the wiki, so those up to `last` belong to what was read."""
        known, few = self.site.redirects, f"fewer than {self.min_bytes:,} bytes"
        if "not fetched" not in counts and "redirect" in counts:  # read in a run with other choices, and among those of the list
            counts["read"] -= counts["redirect"]
        counts["redirect"] = self._listed(last, apfilterredir="redirects") if known is None else sum(last is None or key(title) <= key(last) for title in known)
        if self.min_bytes:
            counts[few] = self._listed(last, apfilterredir="nonredirects", apmaxsize=self.min_bytes - 1)
        counts["not fetched"] = counts["redirect"] + counts.get(few, 0)

    def _listed(self, last, **which):
        """How many pages there are, 500 in a request and at most 50,000."""
        pages, more = 0, {"apto": last} if last else {}
        for _ in range(100):
            answer = self.site.ask(action="query", list="allpages", apnamespace=0, aplimit=500, **which, **more)
            pages += len(answer.get("query", {}).get("allpages", []))
            if "continue" not in answer:
                break
            more.update(answer["continue"])
        return pages


def key(title):
    """By what a wiki puts its titles into order."""
    return title.replace(" ", "_").encode()


class Random(Source):
    """Pages by chance: from a place picked by chance on, in the wiki's own shuffled order, so that none comes twice."""

    def __init__(self, site, limit):
        super().__init__(site)
        self.batch = min(BATCH, max(10, limit + limit // 2))
        self.seen, self.key = set(), {"order": "random"}

    def parameters(self):
        return {"generator": "random", "grnnamespace": 0, "grnfilterredir": "nonredirects", "grnlimit": self.batch}

    def _steps(self, start):
        for pages, place in super()._steps(start):
            new = [page for page in pages if page.get("pageid") not in self.seen]
            self.seen |= {page.get("pageid") for page in new}
            if not new:  # once around
                return
            yield new, place


class Category(Source):
    """The pages of one category (not of the categories in it)."""

    def __init__(self, site, category):
        super().__init__(site)
        if not isinstance(category, str) or not category.strip():
            raise NeedsFixing(f"the category is {category!r}; give its name as on the wiki")
        self.name, self.key = category.strip(), {"category": category.strip()}

    def parameters(self):
        prefix, colon, rest = self.name.partition(":")
        name = rest if colon and prefix.strip().lower() in self.site.names.category else self.name
        return {"generator": "categorymembers", "gcmtitle": f"Category:{name.strip()}", "gcmnamespace": 0, "gcmlimit": self.batch}

    def _steps(self, start):
        for number, (pages, place) in enumerate(super()._steps(start)):
            if not pages and number == 0 and not start:
                raise NeedsFixing(f"there is no page in the category {self.name!r} of {self.site.url}; copy its name from the wiki")
            yield pages, place


class Titles(Source):
    """Pages by their exact titles, fifty a request; redirects are followed."""

    post = True  # fifty titles make too long an address

    def __init__(self, site, titles):
        super().__init__(site)
        if isinstance(titles, str):
            raise NeedsFixing(f"titles is the single text {titles!r}; give a list, such as [{titles!r}]")
        self.titles = list(dict.fromkeys(str(title).strip() for title in titles if str(title).strip()))
        if not self.titles:
            raise NeedsFixing("the list of titles is empty; give at least one title")
        self.key = {"titles": store.short_hash(*self.titles)}

    def _steps(self, start):
        seen = set()
        for first in range((start or {}).get("from", 0), len(self.titles), BATCH):
            self.some = self.titles[first:first + BATCH]
            pages, _ = self._whole({})
            pages = [page for page in pages if page["title"] not in seen]
            seen |= {page["title"] for page in pages}
            yield pages, {"from": first + BATCH}

    def parameters(self):
        # The first character says that | parts nothing, so that a stray | in a title does no harm.
        return {"titles": "\x1f" + "\x1f".join(self.some), "redirects": 1}
