"""What is kept beside the CSV so that a run goes on where it was; part of wiki_scrape."""
import re
from pathlib import Path

from . import store


class Place:
    """What is kept beside the CSV so that a run goes on: the place in the list of pages, the counts, and what was left out."""

    def __init__(self, file, site, source):
        self.file = Path(file) if file is not None else None
        # The practice server has another port on each start and is the same wiki.
        self.site, self.key = site, {**source.key, "url": re.sub(r"//(127\.0\.0\.1|localhost):\d+/", r"//\1/", site.url)}
        self.start, self.already, self.ids, self.last, self.finished = None, 0, set(), None, False
        self.out, self.kept = [], []

    @property
    def note(self):
        return self.file.with_suffix(".place.json")

    @property
    def journal(self):
        return self.file.with_suffix(".left_out.jsonl")

    def load(self, counts, choice):
        """Find out what is done. The place is used only when the row that came before it is really in the file."""
        counts.clear()
        if self.file is None:
            return
        for row in store.rows_so_far(self.file):
            if row.get("language") == self.site.code:
                self.ids.add(row["id"])
                choice.learn(row["title"], row["text"])
        self.already = len(self.ids)
        for place in reversed(self._places()):
            if place["last"] is None or place["last"] in self.ids:
                self.start, self.last, self.finished = place["start"], place["last"], place["start"] is None
                counts.update(place["counts"])
                return

    def _places(self):
        if not self.note.exists():
            return []
        kept = store.read_json(self.note)
        self.kept = kept["places"] if isinstance(kept, dict) and kept.get("key") == self.key else []
        return self.kept

    def knows(self, page):
        return self.file is not None and store.short_hash(self.site.code, page.get("pageid")) in self.ids

    def leave_out(self, page, reason, counts):
        counts["read"] = counts.get("read", 0) + 1
        counts[reason] = counts.get(reason, 0) + 1
        if reason == "already there":
            return
        self.out.append({"reason": reason, "pageid": page.get("pageid", ""), "title": page.get("title", ""), "url": page.get("fullurl", "")})

    def save(self, after, counts):
        if self.file is None:
            self.out.clear()
            return
        if self.out:
            with store.append(self.journal, fsync=False) as journal:
                for row in self.out:
                    journal.write(row)
            self.out.clear()
        # A few older places are kept, too: after a power cut the newest rows may be lost although the place is there.
        places = [*self.kept, {"start": after, "last": self.last, "counts": dict(counts)}][-20:]
        self.kept = places
        store.write_json({"key": self.key, "places": places}, self.note)
