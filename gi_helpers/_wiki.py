"""The pages of a wiki that were chosen, fifty in a request; part of wiki_scrape."""
from concurrent.futures import ThreadPoolExecutor

from . import store
from .errors import NeedsFixing

BATCH = 50  # pages of a request: the API gives no more with their text
ORDERS = ("title", "random")
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

    def _steps(self, start):
        for pages, place in super()._steps(start):  # a wiki gives the pages of an answer by their numbers
            yield sorted(pages, key=lambda page: key(page["title"])), place

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
