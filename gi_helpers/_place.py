"""What is kept beside the CSV: where a run goes on, and what all runs together read, kept and left out; part of wiki_scrape."""
import os
import re
import unicodedata
from collections import Counter
from pathlib import Path

from . import store
from ._prose import word_count
from .errors import NeedsFixing

# Counts that are no reasons to leave a page out. "not fetched" are pages that the wiki itself left out for us, among them its redirects.
WIKIS_OWN = "articles by the wiki's own count"  # pages with a link in them: neither all pages nor those that stay, so no part of any sum
NO_REASONS = ("read", "kept", "words", "tokens", "not fetched", "templates without text", WIKIS_OWN)


def note_of(file):
    """The file that tells where a run goes on."""
    return Path(file).with_suffix(".place.json")


def journal_of(file):
    """The file with one line for each page that was left out."""
    return Path(file).with_suffix(".left_out.jsonl")


def name_of_page(page):
    """What tells a page from all others; one that does not exist has its title only."""
    return page.get("pageid") or page.get("title", "")


class Done:
    """Which pages are done already. `done` is the CSV of the rows, or a collection of titles, page ids or ids of rows, or a table that has ids."""

    def __init__(self, done, language):
        self.language, self.file, self.given, self.ids = language, None, frozenset(), set()
        if done is None or isinstance(done, (str, os.PathLike)):
            self.file = Path(done) if done is not None else None
            return
        if not hasattr(done, "__iter__"):
            raise NeedsFixing(f"done is {str(done)[:60]!r}; give the CSV file of the rows, or titles or ids of pages")
        done = list(done["id"] if hasattr(done, "columns") else done)
        if wrong := [one for one in done if isinstance(one, bool) or not isinstance(one, (str, int))]:
            raise NeedsFixing(f"done holds {str(wrong[0])[:60]!r}; give the CSV file of the rows, or titles or ids of pages")
        self.given = frozenset(same(one) for one in done)

    def rows(self):
        """The rows of the file in this language, each once; its ids are known afterwards."""
        for row in store.rows_so_far(self.file) if self.file is not None else ():
            if row.get("language") == self.language and row["id"] not in self.ids:
                self.ids.add(row["id"])
                yield row

    def __len__(self):
        return len(self.ids) + len(self.given)

    def names(self, pageid, title):
        """Is a page among those of the collection?"""
        return bool(self.given) and not self.given.isdisjoint((str(pageid), same(title), store.short_hash(self.language, pageid)))


def same(name):
    """A title or an id as it is compared."""
    return " ".join(unicodedata.normalize("NFC", str(name)).replace("_", " ").split())


def tally(file):
    """What all runs into a CSV read, kept and left out, by what lies beside it: counts as those of wiki_scrape.articles."""
    note = store.read_json(note_of(file)) if note_of(file).exists() else {}
    key, places = (note.get("key", {}), note.get("places", [])) if isinstance(note, dict) else ({}, [])
    if "dump" in key:
        return dict(places[-1]["counts"])
    texts = {row["pageid"]: word_count(row["text"]) for row in store.rows_so_far(file)}
    reasons = {name: reason for name, reason in reasons_of(file).items() if str(name) not in texts}
    return counts_of(len(texts), sum(texts.values()), reasons, places[-1]["counts"] if places else {})


def reasons_of(file):
    """{page: reason} of all pages that were left out; what was said last about a page holds."""
    journal = journal_of(file)
    return {name_of_page(row): row["reason"] for row in store.read_jsonl(journal)} if journal.exists() else {}


def counts_of(kept, words, reasons, noted):
    """The counts of rows that are kept and pages that are left out, with what a note keeps of the wiki itself."""
    found, noted = Counter(reasons.values()), of_the_wiki(noted)
    if "not fetched" in noted:
        found.pop("redirect", None)  # the wiki has counted all of them
    if not kept and not found and not noted:
        return {}
    return {"read": kept + found.total(), "kept": kept, "words": words, **found, **noted}


def of_the_wiki(counts):
    """The counts that neither the rows nor the pages left out can tell again."""
    return {name: number for name, number in counts.items()
            if name in ("tokens", "not fetched", "templates without text", WIKIS_OWN) or name.startswith("fewer than") or name == "redirect" and "not fetched" in counts}


def note_dump(file, dump, counts):
    """Keep the counts of a reading of a dump: it begins at the first page each time, so that they are whole."""
    store.write_json({"key": {"dump": dump.name}, "places": [{"start": None, "last": None, "counts": counts}]}, note_of(file))


class Place:
    """Where a run goes on in the list of pages, which pages are done, and the counts of all runs into the file."""

    def __init__(self, done, site, source, choice):
        self.done = Done(done, site.code)
        self.file = self.done.file
        # The practice server has another port on each start and is the same wiki. With other choices the pages are looked at again.
        self.site, self.choice = site, choice
        self.key = {**source.key, "min_words": choice.min_words, "url": re.sub(r"//(127\.0\.0\.1|localhost):\d+/", r"//\1/", site.url)}
        self.start, self.last, self.finished = {}, None, False
        self.out, self.kept, self.reasons, self.passed = [], [], {}, 0

    def load(self, counts):
        """Find out what is done. A place is used only when the row that came before it is really in the file."""
        counts.clear()
        if self.file is None:
            return
        kept, words, noted = set(), 0, {}
        for row in self.done.rows():
            kept.add(str(row["pageid"]))
            words += word_count(row["text"])
            self.choice.learn(row["title"], row["text"])
        self.reasons = {name: reason for name, reason in reasons_of(self.file).items() if str(name) not in kept}
        for place in reversed(self._places()):
            if place["last"] is None or place["last"] in self.done.ids:
                self.start, self.last, self.finished, noted = place["start"], place["last"], place["start"] is None, place["counts"]
                break
        counts.update(counts_of(len(kept), words, self.reasons, noted))

    def _places(self):
        if not note_of(self.file).exists():
            return []
        kept = store.read_json(note_of(self.file))
        self.kept = kept["places"] if isinstance(kept, dict) and kept.get("key") == self.key else []
        return self.kept

    def knows(self, page):
        """Is the page in the file? Then it has been counted."""
        known = bool(self.done.ids) and store.short_hash(self.site.code, page.get("pageid")) in self.done.ids
        self.passed += known
        return known

    def leave_out(self, page, reason, counts):
        """Count a page that does not stay, once, however often it is read."""
        self.passed += 1
        if self.reasons.get(name_of_page(page)) == reason:
            return
        self._recount(page, reason, counts)
        if self.file is not None:
            self.reasons[name_of_page(page)] = reason
            self.out.append({"reason": reason, "pageid": page.get("pageid", ""), "title": page.get("title", ""), "url": page.get("fullurl", "")})

    def keep(self, page, words, counts):
        """Count a page that stays."""
        self.passed += 1
        self._recount(page, "kept", counts)
        counts["words"] = counts.get("words", 0) + words

    def _recount(self, page, now, counts):
        before = self.reasons.pop(name_of_page(page), None)  # by an earlier run, with other choices
        for name, step in ((now, 1), (before or "read", -1 if before else 1)):
            counts[name] = counts.get(name, 0) + step
        if before and not counts[before]:
            del counts[before]

    def save(self, counts, after=None):
        """Keep what was left out, and the place: `after` the pages that have all been read, {"start": ...}, else still before the last ones."""
        if self.file is None or not self.passed:
            return
        if self.out:
            with store.append(journal_of(self.file), fsync=False) as journal:
                while self.out:
                    journal.write(self.out[0])
                    self.out.pop(0)
        if after:
            self.start = after["start"]
        # A few older places are kept, too: after a power cut the newest rows may be lost although the place is there.
        place = {"start": self.start, "last": self.last, "counts": of_the_wiki(counts)}
        older = [one for one in self.kept if (one["start"], one["last"]) != (place["start"], place["last"])]
        self.kept = [*older, place][-20:]
        store.write_json({"key": self.key, "places": self.kept}, note_of(self.file))
