"""One run over many news pages: looking after the site's health, leaving out what is no story, giving rows.

    >>> [looks_like_story(_newsread.Story("", page_type=kind)) for kind in ("MAP", "login", "no text", "a kind nobody knows")]
    [False, False, True, True]
"""
import unicodedata
from collections import Counter, deque
from dataclasses import replace
from functools import lru_cache
from statistics import median

from . import _newsjson, _newsread, _newswatch, store
from ._newsjob import now
from ._newstext import size
from .errors import NeedsFixing

MOST = 50  # stories in one live run, unless the team gives another limit
EVERY = 50  # pages between two looks at how the site is doing
HELD = 10  # rows held back until the pages after them are known, so that what stands on every page is noticed before the first row leaves
FIRST = 3  # stories that the first look needs
FEW = 5  # pages that gave no story; with fewer it may be chance
FOREIGN = ("other script", "other language")
NONE = 10  # pages one after the other at addresses of stories without a single story: then a live run looks at what is wrong
KINDS = _newsjson.OTHER | {"not read", "gallery", "video", "short video", "other", "other script", "other language"}  # good pages that hold no story to be read
COLUMNS = ("id", "language", "url", "headline", "published", "text", "page_type", "method", "agreement", "permission", "retrieved_at", "look", "robots")


class Run:
    """The rows of one job. Each is held back until the pages after it have shown what stands on every page."""

    def __init__(self, job, skipped, subheads, check, tell):
        self.job, self.skipped, self.subheads, self.check, self.tell = job, skipped, subheads, check, tell
        self.held, self.recent, self.judged, self.furniture = deque(), [], False, _newswatch.Furniture()
        self.given, self.unsure, self.left_out, self.wrong = 0, 0, len(skipped), _language_check(job)
        self.others, self.foreign, self.texts, self.sizes = [], [], set(), {True: [], False: []}

    def rows(self, seen, limit):
        """Yield the rows; no page is fetched that the limit does not need, and rows at hand are yielded before a refusal of the site is raised."""
        pages, refusal = self.job.pages(seen), None
        while limit is None or self.given < limit:
            try:
                page = next(pages, None)
                if page is not None:
                    self.take(*page)
                full = limit is not None and self.given + len(self.held) >= limit
                if page is None or full:
                    self.look(end=True)
            except NeedsFixing as error:  # the site refuses, or the canary is red
                page, refusal = None, error
            while self.held and (page is None or full or len(self.held) > HELD):
                yield from self.give(*self.held.popleft())
            if page is None:
                break
        self.count_stories()
        if self.job.nothing and not refusal:
            refusal = NeedsFixing(self.job.nothing)
        if len(self.skipped) > self.left_out:
            self.tell(f"{len(self.skipped) - self.left_out} pages gave no story; the skipped table says why")
        if refusal:
            raise refusal

    def count_stories(self):
        """Say so when hardly any of many saved pages gave a story: each has its reason, but all of them together are a sign of something else."""
        left_out, good = self.skipped[self.left_out:], len(self.job.good)
        if self.check and self.job.folder is not None and not self.job.again and len(left_out) >= FEW and 10 * good <= len(left_out):
            kind, count = Counter(row["reason"] for row in left_out).most_common(1)[0]
            sample = next(row["url"] for row in left_out if row["reason"] == kind)
            self.tell(f"canary amber: only {good} of {good + len(left_out)} pages gave a story, and {count} were put aside as {kind!r}; look at one of them, such as {sample}, and tell the project when it is a story")

    def take(self, id_, url, content, trouble):
        """Read one page: hold its story, or note why there is none."""
        kind, reason = trouble if isinstance(trouble, tuple) else ("not read", trouble)
        story = self.wrong(self.checked(_newsread.read(content, url, self.subheads))) if not trouble else _newsread.Story(url).without(kind, reason)
        if looks_like_story(story):
            self.recent.append(story)
            self.others = []
        else:
            self.others.append(story)
        if story.page_type in FOREIGN:
            self.foreign.append(story)
        if story.paragraphs:
            self.job.good.add(id_)
            self.furniture.add(id_, story.paragraphs)
            self.sizes[story.claims].append(_long(story))
            self.held.append((id_, story, now()))
            self.unsure += 1
        else:
            if story.page_type in _newsread.BROKEN:
                self.job.forget(id_)
            self.skip(id_, url, story.page_type, story.reason)
        self.look()

    def checked(self, story):
        """The same story, or none when it came before or is no more than a note on a page that makes no claim to be one."""
        if story.paragraphs and not story.claims and _long(story) < _newswatch.SHORTEST:
            return story.without("too little")
        text = store.short_hash(*story.paragraphs)
        if story.paragraphs and text in self.texts:
            return story.without("twice")
        self.texts.add(text)
        return story

    def look(self, end=False):
        """The canary: on the first stories, then every 50 pages. Red stops the run, and what came since the last look is not given."""
        if not self.check:
            return
        first = len(self.held) >= FIRST or len(self.recent) >= NONE or (end and self.held)
        if self.recent and (first if not self.judged else len(self.recent) >= EVERY):
            self.judge(self.recent)
        elif len(self.held) >= HELD and len({story.headline for _, story, _ in self.held}) == 1:
            self.judge([story for _, story, _ in self.held])  # one headline on all of them: before the first row of a redesign leaves
        elif self.job.service and len(self.others) >= NONE:  # a site that shows something else instead of its stories need not be asked on
            self.judge(self.others[-NONE:])
        if end and self.foreign and not self.job.good and not self.job.again:
            stop_or_tell(_newswatch.all_foreign(self.foreign, self.job.language), self.tell)  # the wrong folder, or the wrong language

    def judge(self, looked):
        """Hear what the canary says about some pages; when they are bad themselves, the rows since the last look are not given."""
        verdict, self.judged, self.recent, self.others = self.job.judge(looked), True, [], []
        red = next((check for check in verdict["checks"][1:] if check["state"] == "red"), None)
        while red and self.held and self.unsure:
            id_, story, _ = self.held.pop()
            self.skip(id_, story.url, "canary", f"the canary was red when this page was read ({red['check']}: {red['note']}), so its story was not kept")
            self.unsure -= 1
        self.unsure = 0
        stop_or_tell(verdict, self.tell)

    def give(self, id_, story, when):
        """The row of a story, without what has turned out to stand on every page."""
        usual, odd = self.sizes[True], self.sizes[False]
        if not story.claims and len(usual) >= max(FIRST, 4 * len(odd)) and _long(story) < median(usual) / 3:
            self.skip(id_, story.url, "too little", _newsread.FIXES["too little"])
            return
        paragraphs = self.furniture.without(story.paragraphs)
        self.job.note_furniture([text for text in story.paragraphs if text not in paragraphs])
        if not paragraphs:
            self.skip(id_, story.url, "furniture", "all its paragraphs stand on three or more pages")
            return
        look = [f"two ways of reading agree to {story.agreement:.2f} only"] if story.agreement < _newswatch.AGREE else []
        look += ["read by the last resort"] if story.method == "generic" else []
        look += ["no date on the page"] if not story.published else []
        look += ["very short"] if _newswatch.short(story) else []
        self.given += 1
        row = (id_, self.job.language.code, story.url, story.headline, story.published, "\n\n".join(paragraphs), story.page_type, story.method,
               story.agreement, self.job.permission_of(story), when, "; ".join(look), self.job.robots)
        yield {name: unicodedata.normalize("NFC", value) if isinstance(value, str) else value for name, value in zip(COLUMNS, row)}

    def skip(self, id_, url, reason, detail):
        url = self.job.names.get(id_, url)  # of pages that have one address, people must know which file it is
        self.skipped.append({"id": id_, "language": self.job.language.code, "url": url, "reason": reason, "detail": detail, "retrieved_at": now()})


def stop_or_tell(verdict, tell):
    """Go on when green, say why when amber, stop when red."""
    if verdict["state"] == "green":
        return
    notes = "; ".join(f"{check['check']}: {check['note']}" for check in verdict["checks"] if check["state"] == verdict["state"])
    sample = verdict["sample"]
    if verdict["state"] == "red":
        words = " ".join(repr(part) for part in (sample.get("headline", ""), sample.get("text", "")[:200]) if part)
        shown = f" The page {sample.get('url', '')} reads: {words or 'nothing'}." if sample else ""
        raise NeedsFixing(f"the canary is red, so no more pages are read ({notes}).{shown} Look at that page; when the site has changed, report it and wait for a new version")
    tell(f"canary amber: {notes}")


def looks_like_story(story):
    """Does this page hold a story, or ought it to? Broken pages, and pages known to hold none, say nothing about how the site is doing."""
    if story.paragraphs:
        return True
    return story.claims if story.page_type == "no text" else story.page_type not in _newsread.BROKEN and story.page_type.lower() not in KINDS


def to_judge(looked):
    """Those pages that the canary judges: all when none of them looks like a story."""
    return [story for story in looked if looks_like_story(story)] or looked


def _long(story):
    return sum(map(size, story.paragraphs))


@lru_cache(maxsize=4)
def _judge(code):
    from ._language import Judge  # loads the table of a hundred languages, which takes a second

    return Judge(code)


def _language_check(job):
    """A function that turns a Story in another language or script into one without text; a service is not one language."""
    judge = _judge(job.language.code)

    def wrong(story):
        if not story.paragraphs:
            return story
        text = " ".join(story.paragraphs)
        part = _newswatch.share(text, job.script)
        if part < _newswatch.SCRIPT:
            return story.without("other script", f"only {part:.0%} of its letters are of the script {job.script}; other languages are left out")
        reason, note = judge(text) if judge.label else ("", "")
        return story.without("other language", f"the text {note}; other languages are left out") if reason else story

    return wrong


def foreign(job, looked):
    """The stories among some pages when every one of them is in another language, with the reason; else []."""
    wrong, good = _language_check(job), [story for story in looked if story.paragraphs]
    found = [wrong(replace(story)) for story in good]
    return found if found and all(story.page_type == "other language" for story in found) else []
