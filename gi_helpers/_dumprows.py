"""The articles of a dump as rows; part of wiki_scrape.

The templates of a dump are read first, because a page may use one that stands far behind it.
"""
import contextlib
import datetime
import os
import re
import urllib.parse

from . import store
from ._choice import REPEATED, Choice
from ._dump import Damage, chunks, head_of, templates_of
from ._dumpwork import DAMAGED, Team, Work, decided
from ._place import WIKIS_OWN, Done, note_dump
from ._site import names_of_dump, same_language
from ._templates import Expander
from ._wikitext import read
from .errors import NeedsFixing

LICENCE = ("Creative Commons Attribution-Share Alike 4.0", "https://creativecommons.org/licenses/by-sa/4.0/")  # of all text in Wikipedia's dumps, which do not name it
SMALL = 2**20  # bytes; a dump below this is read by this process alone, sooner than workers would start


def rows_of(path, language, limit, keep_headings, min_words, counts, workers, done, site=None):
    """The rows of a dump for wiki_scrape.from_dump."""
    counts.clear()
    choice = Choice(min_words, language=language.code)
    done = Done(done, language.code)
    for row in done.rows():
        choice.learn(row["title"], row["text"])
    left = None if limit is None else limit - len(done)
    if left is not None and left <= 0:
        return
    last, places, counts[WIKIS_OWN] = "", [], language.articles
    try:
        head, _ = next(iter(chunks(path)), (None, None))
        if head is None:
            return
        about = {**head_of(head), "licence": LICENCE}
        same_language(language, path.name, about["dbname"], about["tag"], about["base"])
        if site is not None:
            site.about()  # it knows all names of its namespaces, and its licence
            about["licence"] = (site.licence, site.licence_url) if site.licence else LICENCE
        names = names_of_dump(language, about["namespaces"], site and site.names)
        pages = _results(path, names, language, min_words, keep_headings, workers, gaps=site is not None)
        if site is not None:
            pages = _without_gaps(pages, Expander(site.ask, names), choice, keep_headings)
        for page in pages:
            if page["reason"] == DAMAGED:
                places.append(last)
            last = page["title"] or last
            row = _row(page, about, language, choice, counts, done)
            if row:
                yield row
                left = None if left is None else left - 1
                if left == 0:
                    return
        if places:  # XML goes on after a page that cannot be read, so that all others were given first
            raise NeedsFixing(_damaged(path, places, counts))
    except Damage as damage:
        what, where = damage.args
        until = f"after the page {last!r}; the {counts.get('kept', 0)} articles before it are kept" if last else "before the first whole page"
        raise NeedsFixing(f"{path} is {what} near byte {where:,} of {os.path.getsize(path):,}, {until}; load the file again and compare its SHA-256") from damage
    finally:
        if done.file is not None and "read" in counts:
            with contextlib.suppress(NeedsFixing, OSError):  # a full disk has been said of the rows already, and the next reading counts again
                note_dump(done.file, path, counts)


def _damaged(path, places, counts):
    some = " and ".join(f"after the page {last!r}" if last else "at its first page" for last in places[:3]) + (" and further on" if len(places) > 3 else "")
    return (f"{path} is damaged {some}; {len(places):,} of its pages cannot be read, all {counts.get('kept', 0):,} articles before and after them are kept; "
            "load the file again and compare its SHA-256")


def _without_gaps(pages, expander, choice, keep_headings):
    """The same pages in the same order; the templates that the dump cannot tell are asked of the wiki, for a hundred pages at once."""
    waiting, gaps = [], 0
    try:
        for page in pages:
            waiting.append(page)
            gaps += "source" in page
            if not gaps or gaps == 100 or len(waiting) > 3000:
                yield from _asked(waiting, expander, choice, keep_headings)
                waiting, gaps = [], 0
    except Damage:
        yield from _asked(waiting, expander, choice, keep_headings)
        raise
    yield from _asked(waiting, expander, choice, keep_headings)


def _asked(pages, expander, choice, keep_headings):
    lost = [(page, read(page.pop("source"), expander.names)) for page in pages if "source" in page]
    values = expander.resolve([(text, page["title"], page["revid"]) for page, text in lost]) if lost else []
    for (page, text), expansions in zip(lost, values):
        paragraphs = text.fill(expansions, page["title"], keep_headings)
        page.update(decided(page, paragraphs, text.listed, choice))
    return pages


def _results(path, names, language, min_words, keep_headings, workers, gaps):
    """The results of a dump's pages in order, by this process or by workers."""
    workers = workers or (os.cpu_count() or 1 if path.stat().st_size > SMALL else 1)
    with Team(workers if workers > 1 else 0) as team:
        templates, disambiguation = templates_of(path)
        setting = {"names": [sorted(names.file), sorted(names.category), sorted(names.template), sorted(names.languages), sorted(names.media)], "templates": templates,
                   "prefixes": sorted(names.template), "disambiguation": sorted(disambiguation), "language": language.code, "min_words": min_words,
                   "keep_headings": keep_headings, "gaps": gaps}
        pieces = (chunk for _, chunk in chunks(path))
        if team.size:
            team.tell(setting)
            every = team.results(pieces)
        else:
            every = map(Work(**setting), pieces)
        for results in every:
            yield from results


def _row(page, about, language, choice, counts, done):
    """The row of a page that stays, or None; the counts are brought up to date."""
    counts["read"] = counts.get("read", 0) + 1
    main_page = urllib.parse.unquote(about["base"].rpartition("/")[2]).replace("_", " ")
    key = store.short_hash(language.code, page["pageid"])
    there = key in done.ids
    reason = "" if there else "already there" if done.names(page["pageid"], page["title"]) else "main page" if page["title"] == main_page else page["reason"]
    if not reason and not there and choice.repeated(page["family"]):
        reason = REPEATED
    if reason:
        counts[reason] = counts.get(reason, 0) + 1
        return None
    counts["kept"] = counts.get("kept", 0) + 1
    counts["words"] = counts.get("words", 0) + page.get("words", 0)
    if there:
        return None
    if page["lost"]:
        counts["templates without text"] = counts.get("templates without text", 0) + page["lost"]
    host = re.match(r"https?://[^/]+", about["base"])
    host = host[0] if host else f"https://{language.code.replace('_', '-')}.wikipedia.org"
    return {"id": key, "language": language.code, "pageid": page["pageid"], "revid": page["revid"], "title": page["title"],
            "url": f"{host}/wiki/{urllib.parse.quote(page['title'].replace(' ', '_'), safe='/:,')}", "timestamp": page["timestamp"], "text": page["text"],
            "licence": about["licence"][0], "retrieved_at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "permalink": f"{host}/w/index.php?oldid={page['revid']}", "licence_url": about["licence"][1]}
