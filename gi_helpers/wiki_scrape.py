"""Notebook 1: the articles of a Wikipedia as rows of plain text, each with its source and licence.

Fifty pages come in one request. What is left out is counted with its reason; a run that was killed goes on where it was.

    >>> counts = {}
    >>> rows = list(articles("yo", 3, contact=None, counts=counts))        # in practice mode no contact is needed
    >>> list(rows[0])[:7], counts["kept"]
    (['id', 'language', 'pageid', 'revid', 'title', 'url', 'timestamp'], 3)
"""
import contextlib
import datetime
import re
import time
from pathlib import Path

from . import languages, store
from ._choice import REPEATED, Choice, skeleton
from ._place import NO_REASONS, WIKIS_OWN, Place, tally
from ._prose import in_a_cell, word_count
from ._site import Site
from ._templates import Expander
from ._wiki import source_of, whole
from ._wikitext import read
from .errors import NeedsFixing

COLUMNS = "id language pageid revid title url timestamp text licence retrieved_at permalink licence_url".split()
GROUP = 4  # requests whose templates are expanded together
WRITTEN = 7  # days of a month after which its dump should be whole
CHANGED = ("Only the prose was taken: headings, tables, boxes, references, list items that do not end as a sentence does, pictures and their captions were left out, markup was "
           "removed, and letters were brought into Unicode's form NFC.")


def articles(language, limit=None, *, contact, base_url=None, min_bytes=0, order="title", category=None, titles=None, done=None,
             keep_headings=False, min_words=5, counts=None, per_minute=180):
    """The articles of a language's Wikipedia: an iterator of dicts with COLUMNS, given out as the pages are fetched.

    `limit` rows at most, those in `done` included. `contact` is the team's e-mail or web address; without one a live run is refused.
    `base_url` is the address of an api.php (default: endpoints().wiki). `min_bytes` of wikitext let the wiki itself leave out stubs.
    Which pages: all by title, or order="random", or those of a `category`, or exact `titles` (never guessed; redirects are followed).
    `done` is the CSV that store.collect fills: pages in it are not fetched again, and the place reached is kept beside it. It may also be a
    collection of titles, page ids or ids of rows that are not wanted again.
    `counts` is a dict that fills while the rows come: read, kept, words and a number for each reason of `left_out`, over all runs into `done`.
    What the wiki itself left out (redirects) is "not fetched". Its own number of articles counts pages with a link in them, so it is no sum.

    Raises NeedsFixing for a bad argument, a missing contact, a wrong address, and a wiki that refuses or stays away.
    """
    whole("min_words", min_words)
    site = Site(language, contact, base_url, per_minute)
    source = source_of(site, order, category, titles, min_bytes, limit)
    counts = {} if counts is None else counts
    return _rows(site, source, limit, Place(done, site, source, Choice(min_words, given=titles is not None, language=site.code)), keep_headings, counts)


def _rows(site, source, limit, place, keep_headings, counts):
    place.load(counts)
    left = None if limit is None else max(0, limit - len(place.done))
    if left == 0 or place.finished:
        return
    # One batch may be asked for ahead, but not when those at hand may do.
    source.wanted = lambda: left is None or left > source.handed - place.passed
    try:
        site.about()
        counts[WIKIS_OWN] = site.articles
        expander = Expander(site.ask, site.names)
        for group, after in _groups(source.batches(place.start), left):
            for row in _readable(site, group, expander, place, keep_headings, counts):
                yield row
                place.last = row["id"]
                left = None if left is None else left - 1
                if left == 0:
                    source.finish(counts, row["title"])
                    place.save(counts)
                    return
            if after is None:
                source.finish(counts)
            place.save(counts, {"start": after})  # only here have all rows of the group been kept by whoever asked for them
    except BaseException:
        with contextlib.suppress(NeedsFixing, OSError):  # what ended the run is what people must hear, such as a full disk
            place.save(counts)
        raise
    finally:
        site.session.close()


def _groups(batches, left):
    """Batches put together while more pages are needed: (pages, where to go on after them)."""
    group, after = [], None
    number = 0
    for pages, after in batches:
        group += pages
        number += 1
        if number == GROUP or left is not None and len(group) >= left:
            yield group, after
            group, number = [], 0
    if group:
        yield group, after


def _readable(site, pages, expander, place, keep_headings, counts):
    """The rows of the pages that stay; the others are counted."""
    read_pages, choice = [], place.choice
    for page in pages:
        if place.knows(page):
            continue
        reason = "already there" if place.done.names(page.get("pageid"), page["title"]) else choice.before(page, site.main_page)
        if reason:
            place.leave_out(page, reason, counts)
            continue
        revision = page["revisions"][0]
        read_pages.append((page, revision, read(revision["slots"]["main"]["content"], site.names)))
    values = expander.resolve([(text, page["title"], revision["revid"]) for page, revision, text in read_pages])
    for (page, revision, text), expansions in zip(read_pages, values):
        paragraphs = text.fill(expansions, page["title"], keep_headings)
        if text.strange:
            paragraphs = site.parsed(page, paragraphs)
        reason = choice.after(paragraphs, text.listed)
        if not reason and choice.repeated(skeleton(page["title"], "\n".join(paragraphs))):
            reason = REPEATED
        if reason:
            place.leave_out(page, reason, counts)
            continue
        place.keep(page, sum(map(word_count, paragraphs)), counts)
        yield site.row(page, revision, "\n\n".join(paragraphs))


# ---------------------------------------------------------------- whole wikis from a file

def from_dump(path, language, limit=None, *, keep_headings=False, min_words=5, counts=None, workers=None, done=None, contact=None, base_url=None):
    """The articles of a dump file (*.xml.bz2 or *.xml) as rows with COLUMNS, in the order of the file.

    The text code and the reasons are those of `articles`. Memory stays flat. `workers` is the number of processes (default: all cores).
    `done` is the CSV that store.collect fills, or titles or ids: these pages are passed over. Templates come from the dump; one that needs the wiki itself
    leaves a gap, and `counts["templates without text"]` says how many did. With a `contact` the wiki is asked for these, a hundred pages
    at once.

    Raises NeedsFixing for a file that is no dump, and, after the last whole page, for one that is damaged or cut off.
    """
    found = languages.find(language)
    whole("min_words", min_words)
    if limit is not None:
        whole("limit", limit, ", or None for all articles")
    counts = {} if counts is None else counts
    path = there(path, found)
    from . import _dumprows  # here, because only dumps need it

    site = Site(found, contact, base_url) if contact or base_url else None
    return _dumprows.rows_of(path, found, limit, keep_headings, min_words, counts, workers, done, site)


def dump_of(language, day=None):
    """Where the dump of a language's Wikipedia is and whether to prefer it: a dict of folder, sums, older, minutes and advice.

    `folder` holds one or more *.xml.bz2 files and `sums`, the list of their SHA-256 sums; `older` is the single file of the other kind of
    dump. `minutes` is how long all articles would take through the API, fifty a request and 180 requests a minute.
    """
    found = languages.find(language)
    first = ((day or datetime.date.today()) - datetime.timedelta(days=WRITTEN)).replace(day=1)
    folder = f"https://dumps.wikimedia.org/other/mediawiki_content_current/{found.dbname}/{first}/xml/bzip2/"
    minutes = round((found.articles or 0) * 0.035 / 180, 1)
    if minutes > 30:
        advice = f"take the dump: {found.articles:,} articles would take about {minutes / 60:.1f} hours through the API"
    else:
        advice = f"the API is enough: {found.articles or 0:,} articles take about {max(1, round(minutes))} min, and their text is of today"
    return {"folder": folder, "sums": folder + "SHA256SUMS", "older": f"https://dumps.wikimedia.org/{found.dbname}/latest/{found.dbname}-latest-pages-articles-multistream.xml.bz2",
            "minutes": minutes, "advice": advice}


def there(path, language=None):
    """The path of a dump; NeedsFixing when there is none, because no notebook writes it."""
    path = Path(path)
    if not path.is_file():
        where = dump_of(language)["folder"] if language else "https://dumps.wikimedia.org"
        raise NeedsFixing(f"{path} is not there; load the dump from {where} first, or give the path where it was saved")
    return path


def check_dump(path, sha256=None):
    """The SHA-256 of a dump. It is compared with `sha256`, or with the line for this file in a SHA256SUMS file beside it.

    Raises NeedsFixing when they differ, or when there is nothing to compare with.
    """
    path = there(path)
    sums = path.with_name("SHA256SUMS")
    if sha256 is None and sums.exists():
        lines = (line.split() for line in store.read_text(sums).splitlines())
        sha256 = next((line[0] for line in lines if len(line) == 2 and line[1].lstrip("*").rpartition("/")[2] == path.name), None)
    found = store.sha256(path)
    if sha256 is None:
        raise NeedsFixing(f"there is no sum to compare {path.name} with; save the SHA256SUMS of its folder beside it, or give sha256=; its own is {found}")
    if found != sha256.strip().lower():
        raise NeedsFixing(f"{path.name} was not loaded whole: its SHA-256 is {found[:12]}..., and should be {sha256.strip().lower()[:12]}...; load it again")
    return found


# ---------------------------------------------------------------- what people look at

def left_out(counts):
    """A table (reason, pages): all pages, what stays, and what was left out for which reason; these add up to all.

    `counts` is the dict that `articles` fills, or the CSV: then all runs into it are counted, also those of another day.
    """
    import pandas as pd

    if not isinstance(counts, dict):
        counts = tally(counts) or _nothing_yet(counts)
    first = [("read", counts.get("read", 0) + counts.get("not fetched", 0)), ("kept", counts.get("kept", 0))]
    rest = sorted(((reason, pages) for reason, pages in counts.items() if reason not in NO_REASONS), key=lambda entry: -entry[1])
    return pd.DataFrame(first + rest, columns=["reason", "pages"])


class Meter:
    """How a run goes, for a progress bar: meter = Meter(counts, limit); store.collect(meter.watch(rows), file, note=meter).

    Calling it gives a line such as '3,050 pages, 158,271 words, about 402,000 tokens, 6,100 pages a minute, 4 min left'.
    """

    def __init__(self, counts, limit=None):
        self.counts, self.limit, self.started, self.before = counts, limit, None, 0
        self.sample = [0, 0]  # words and tokens of every tenth article; counting all would slow the run down

    def watch(self, rows):
        """The same rows; what passes is counted."""
        from . import tokens

        for number, row in enumerate(rows):
            if self.started is None:
                self.started, self.before = time.monotonic(), self.counts.get("read", 0) - 1
            if number % 10 == 0:
                self.sample = [self.sample[0] + word_count(row["text"]), self.sample[1] + tokens.count(row["text"])]
            yield row

    def __call__(self):
        words, pages = self.counts.get("words", 0), self.counts.get("read", 0)
        speed = (pages - self.before) / max(0.1, time.monotonic() - self.started) * 60
        about = words * self.sample[1] / max(1, self.sample[0])
        self.counts["tokens"] = round(about)
        redirects = 0 if "not fetched" in self.counts else self.counts.get("redirect", 0)  # those of a dump are among the pages, but not in the wiki's own number
        left = (self.limit - self.counts.get("kept", 0)) if self.limit else (self.counts.get(WIKIS_OWN) or 0) - (pages - redirects)
        minutes = f", {max(1, round(left / speed))} min left" if left > 0 and speed else ""
        return f"{pages:,} pages, {words:,} words, about {round(about, -3 if about >= 10_000 else -1):,.0f} tokens, {speed:,.0f} pages a minute{minutes}"


def look(table, n=10, seed=None):
    """`n` articles by chance, for speakers to judge before going on: title, words, text (its first 600 characters) and address.

    In the text, / stands where a line ends and ¶ where a paragraph does. `table` is a DataFrame or the file that holds it, for `summary` too.
    """
    table = _table(table)
    chosen = table.sample(min(n, len(table)), random_state=seed)
    return chosen.assign(words=chosen["text"].map(word_count), text=chosen["text"].map(in_a_cell).str.slice(0, 600))[["id", "title", "words", "text", "url"]].reset_index(drop=True)


def _table(table):
    return table if hasattr(table, "columns") else store.read(table)


def summary(table):
    """What a collection holds: a dict of articles, words, tokens and characters."""
    from . import tokens

    table = _table(table)
    texts = table["text"] if len(table) else []
    return {"articles": len(table), "words": sum(map(word_count, texts)), "tokens": sum(tokens.count(text) for text in texts), "characters": sum(map(len, texts))}


def attribution(file):
    """Write 1_ATTRIBUTION.md beside the CSV `file`: licence, wiki, what was changed, and a link to each article's revision; gives its path."""
    rows = sorted(store.rows_so_far(Path(file)), key=lambda row: row["title"])
    if not rows:
        _nothing_yet(file)
    wikis = sorted({re.match(r"(?:https?://)?[^/]*", row["url"])[0] for row in rows})
    licences = sorted({(row["licence"], row.get("licence_url", "")) for row in rows})
    days = sorted(row["retrieved_at"][:10] for row in rows)
    lines = ["# Where the articles come from", "",
             f"{len(rows)} articles of {', '.join(wikis)}, retrieved {days[0]}" + (f" to {days[-1]}." if days[0] != days[-1] else "."), "",
             "Their authors are named in the history of each page, which its link leads to.", "",
             *[f"Licence: [{name}]({url})" if url else f"Licence: {name or 'not stated by the wiki'}" for name, url in licences], "",
             f"What was changed: {CHANGED} Texts made from these must be shared under the same licence where it asks for that.", "",
             "| article | revision |", "|---|---|"]
    lines += [f"| [{_cell(row['title'])}]({row['url']}) | [{row['revid']}]({row.get('permalink') or row['url']}) |" for row in rows]
    return store.write_text("\n".join(lines) + "\n", Path(file).with_name("1_ATTRIBUTION.md"))


def _nothing_yet(file):
    raise NeedsFixing(f"{file} has no articles yet; collect some first") from FileNotFoundError(file)  # a notebook says then what it waits for


def _cell(title):
    return re.sub(r"([\[\]|\\])", r"\\\1", title)
