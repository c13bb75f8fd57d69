"""Pages from Wikipedia's dumps, in flat memory and on all cores; part of wiki_scrape.

A dump is one long XML file, mostly compressed by bzip2. This process unpacks it and cuts it at page ends; workers, each a Python of its own,
turn pages into paragraphs. The templates are read first, because a page may use one that stands far behind it.

    >>> xml = b"<page><title>A</title><ns>0</ns><id>1</id><revision><id>7</id><text>B &amp;amp; C</text></revision></page>\\n"
    >>> [page_of(piece)["text"] for piece in pages_in(xml)]
    ['B &amp; C']
"""
import bz2
import contextlib
import datetime
import marshal
import os
import queue
import re
import struct
import subprocess
import sys
import threading
import urllib.parse
import xml.etree.ElementTree as xml

from . import store
from ._choice import REPEATED, Choice, skeleton
from ._place import WIKIS_OWN, Done, note_dump
from ._templates import Expander, Simple
from ._wiki import names_of_dump, same_language
from ._wikitext import Names, read, word_count
from .errors import NeedsFixing

SPACE = re.compile(rb"<ns>(-?\d+)</ns>")
CALL = re.compile(r"\{\{([^{}|]+)")  # the name of each template that a page uses
PIECE = 2**16                     # bytes of the file that are unpacked at once
LONGEST = 2**24                   # bytes of one page; MediaWiki allows 2 MiB of text, which XML can make six times as long
CHUNK = 2**20                     # bytes of XML that go to a worker at once
DISAMBIGUATION = {"Disambig", "Disambiguation", "Dab", "Hndis", "Geodis"}  # by these names on most wikis; others are found by what they say
TEMPLATE, TEMPLATES = 3000, 30e6  # characters: the longest template that is kept, and all together


DAMAGED = "damaged page"


class Damage(Exception):
    """(what, where): the dump cannot be read any further."""


# ---------------------------------------------------------------- bytes become pages

def unpacked(file):
    """The bytes of a dump, bz2 (of one stream or many) or plain, in pieces; raises Damage where it is cut off or broken."""
    position, reader = 0, None
    for piece in store.pieces(file, PIECE):  # small ones, so that a damage is found near its place
        if position == 0 and piece[:3] != b"BZh":
            if piece[:2] in (b"\x1f\x8b", b"7z") or piece[:4] == b"PK\x03\x04":
                raise NeedsFixing(f"{file} is packed in another way than bz2; unpack it, or take the .xml.bz2 file")
            reader = ""
        position += len(piece)
        if reader == "":
            yield piece
            continue
        while piece:
            reader = reader or bz2.BZ2Decompressor()
            start = position - len(piece)
            try:
                yield reader.decompress(piece, CHUNK)
                while not reader.needs_input and not reader.eof:  # block by block, because a damaged one takes with it what was asked for together
                    yield reader.decompress(b"", CHUNK)
            except OSError as error:
                raise Damage("damaged", start) from error
            piece = reader.unused_data if reader.eof else b""
            reader = None if reader.eof else reader
            if reader is None and piece and not piece.startswith(b"BZh"[:len(piece)]):
                raise Damage("damaged", position - len(piece))
    if reader:
        raise Damage("cut off", os.path.getsize(file))


def chunks(file):
    """(head, chunk) with whole pages in each chunk; the head is what stands before the first page. Raises Damage after the last whole page."""
    head, rest, damage, ended = None, b"", None, False
    source = unpacked(file)
    while not ended:
        try:
            piece = next(source, None)
        except Damage as error:
            piece, damage = None, error
        ended = piece is None
        rest += piece or b""
        if len(rest) > LONGEST:  # a few bytes of bz2 can stand for gigabytes without a page end
            damage, ended = damage or Damage("damaged: a page of it is longer than any wiki has,", os.path.getsize(file)), True
        if head is None and (b"<page>" in rest or ended):
            # Where it says itself that it ends: the beginning of the first page may be damaged.
            head = rest[:_after(rest, b"</siteinfo>") or rest.find(b"<page>")] if b"<page>" in rest else rest
            if b"<mediawiki" not in head[:2000]:
                if damage:  # in the first block of bz2, which is read whole or not at all
                    raise damage
                raise NeedsFixing(f"{file} is no dump of a wiki; take a file such as yowiki-...-pages-articles-multistream.xml.bz2")
            rest = rest[len(head):]
        end = rest.rfind(b"</page>") + len(b"</page>")
        if head is not None and end >= len(b"</page>") and (ended or len(rest) >= CHUNK):
            yield head, rest[:end]
            rest = rest[end:]
    if damage:
        raise damage
    if b"</mediawiki>" not in rest:
        raise Damage("cut off", os.path.getsize(file))


def _after(content, mark):
    return content.find(mark) + len(mark) if mark in content else 0


def pages_in(chunk):
    """The <page> elements of a chunk, as bytes; what stands between two of them is one whose beginning is damaged."""
    last = 0
    while (end := chunk.find(b"</page>", last)) >= 0:
        end += len(b"</page>")
        start = chunk.find(b"<page>", last, end)
        between = chunk[last:start if start >= 0 else end]
        if between.strip():
            yield between
        if start >= 0:
            yield chunk[start:end]
        last = end


def space_of(piece):
    """The number of a page's namespace; None when it cannot be read."""
    found = SPACE.search(piece, 0, 2000)
    return int(found[1]) if found else None


def page_of(piece):
    """A <page> element as a dict: title, ns, pageid, redirect, revid, timestamp, model, text; None for one that is damaged."""
    try:
        page = xml.fromstring(piece)
        return _fields(page, page.findall("revision")[-1])
    except (xml.ParseError, IndexError, ValueError):
        return None


def _fields(page, revision):
    return {"title": page.findtext("title", ""), "ns": int(page.findtext("ns", "0")), "pageid": int(page.findtext("id", "0")), "redirect": page.find("redirect") is not None,
            "revid": int(revision.findtext("id", "0")), "timestamp": revision.findtext("timestamp", ""), "model": revision.findtext("model", "wikitext"),
            "text": revision.findtext("text") or ""}


def head_of(head):
    """What the dump says about its wiki: base address, database name, language tag, and namespaces as [(id, name)]."""
    text = head.decode("utf-8", "replace")
    base = re.search(r"<base>(.*?)</base>", text)
    dbname, tag = re.search(r"<dbname>(.*?)</dbname>", text), re.search(r"<mediawiki\b[^>]*\bxml:lang=\"([^\"]*)\"", text)
    spaces = re.findall(r'<namespace key="(-?\d+)"[^>/]*>(.*?)</namespace>', text)
    return {"base": base[1] if base else "", "dbname": dbname[1] if dbname else "", "tag": tag[1] if tag else "", "namespaces": [(int(key), name) for key, name in spaces]}


def templates_of(file):
    """The short templates of a dump as {name: wikitext}, and the names of those that mark a disambiguation page."""
    found, disambiguation, size = {}, set(DISAMBIGUATION), 0
    try:
        for _, chunk in chunks(file):
            if b"<ns>10</ns>" not in chunk:
                continue
            for piece in pages_in(chunk):
                page = page_of(piece) if space_of(piece) == 10 else None
                if page is None:
                    continue
                name = page["title"].partition(":")[2]
                if "__DISAMBIG__" in page["text"]:
                    disambiguation.add(name)
                if len(page["text"]) <= TEMPLATE and size < TEMPLATES:
                    found[name] = page["text"]
                    size += len(page["text"])
    except Damage:
        pass  # the second reading says so
    called = {name: calls(text) for name, text in found.items()}
    for _ in range(3):  # a template may be made of another that says it
        known = {name.lower() for name in disambiguation}
        disambiguation |= {name for name, others in called.items() if others & known}
    return found, disambiguation


def calls(text):
    """The names, in small letters, of the templates that a wikitext uses."""
    return {" ".join(name.replace("_", " ").split()).lower() for name in CALL.findall(text)}


# ---------------------------------------------------------------- the work of one worker

class Work:
    """Turns chunks of XML into results: dicts with title, pageid, revid, timestamp, text, reason, family."""

    def __init__(self, names, templates, prefixes, disambiguation, language, min_words, keep_headings, gaps):
        self.names = Names(*(frozenset(part) for part in names))
        self.simple = Simple(templates, prefixes)
        self.disambiguation = {name.lower() for name in disambiguation}
        self.choice, self.keep_headings, self.gaps = Choice(min_words, language=language), keep_headings, gaps

    def __call__(self, chunk):
        results = []
        for piece in pages_in(chunk):
            if space_of(piece) in (0, None):
                page = page_of(piece)
                results.append(self._result(page) if page else {"title": "", "pageid": 0, "reason": DAMAGED, "lost": 0})
        return results

    def _result(self, page):
        source = page.pop("text")
        page.update(text="", family="", lost=0)
        if page.pop("redirect"):
            return {**page, "reason": "redirect"}
        if page.pop("model") != "wikitext":
            return {**page, "reason": "no wikitext"}
        if "__DISAMBIG__" in source or calls(source) & self.disambiguation:
            return {**page, "reason": "disambiguation"}
        text = read(source, self.names)
        expansions = {template: self.simple.expand(template) for template in text.templates}
        lost = sum(value is None for value in expansions.values())
        if lost and self.gaps:  # the wiki is asked for them later
            page["source"] = source
        paragraphs = text.fill({template: value or "" for template, value in expansions.items()}, page["title"], self.keep_headings)
        return decided(page, paragraphs, text.listed, self.choice, lost)


def decided(page, paragraphs, listed, choice, lost=0):
    """The page with its text, and with the reason to leave it out or "". The family says of which bot's stubs it may be one."""
    text, reason = "\n\n".join(paragraphs), choice.after(paragraphs, listed)
    return {**page, "text": text, "reason": reason, "lost": lost, "words": word_count(text), "family": "" if reason else skeleton(page["title"], "\n".join(paragraphs)) or ""}


# ---------------------------------------------------------------- many workers

class Team:
    """Workers that turn chunks into results, in the order of the chunks and with a few chunks at hand at most.

    Each is started as a program of its own: a fork of a notebook with threads can hang, and it must end when the notebook is killed.
    """

    def __init__(self, size):
        self.size, self.started = size, []

    def __enter__(self):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(store.HOUSE), os.environ.get("PYTHONPATH", "")])}
        for _ in range(self.size):
            worker = subprocess.Popen([sys.executable, "-m", "gi_helpers._dump"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
            self.started.append(worker)
        return self

    def tell(self, setting):
        """Give each worker what Work needs. They have started in the meantime."""
        for worker in self.started:
            send(worker.stdin, marshal.dumps(setting))

    def __exit__(self, *_):
        for worker in self.started:
            worker.kill()
            worker.wait()
            with contextlib.suppress(BrokenPipeError):  # closing writes what was left for the worker
                worker.stdin.close()
            worker.stdout.close()

    def results(self, source):
        """The results of each chunk of an iterator. A worker is given the next chunk as soon as it is free."""
        free, waiting = queue.Queue(), []
        for worker in self.started:
            free.put(worker)
        damage, source = None, iter(source)
        while True:
            try:
                chunk = next(source, None)
            except Damage as error:  # what stands before the damage is with the workers still, and is given first
                damage = error
                break
            if chunk is None:
                break
            while len(waiting) >= 2 * self.size:
                yield waiting.pop(0).get()
            waiting.append(_Job(free, chunk))
        for job in waiting:
            yield job.get()
        if damage:
            raise damage


class _Job(threading.Thread):
    def __init__(self, free, chunk):
        super().__init__(daemon=True)
        self.free, self.chunk, self.value, self.error = free, chunk, None, None
        self.start()

    def run(self):
        worker = self.free.get()
        try:
            send(worker.stdin, self.chunk)
            self.value = marshal.loads(receive(worker.stdout))
        except (OSError, ValueError, EOFError) as error:
            self.error = error
        self.chunk = None
        self.free.put(worker)

    def get(self):
        self.join()
        if self.error is not None:
            raise NeedsFixing("a worker that reads the dump was ended, perhaps for want of memory; run the cell again, with workers=1") from self.error
        return self.value


def send(stream, content):
    stream.write(struct.pack(">Q", len(content)))
    stream.write(content)
    stream.flush()


def receive(stream):
    head = stream.read(8)
    if len(head) < 8:
        raise ValueError("the other end has stopped")
    return stream.read(struct.unpack(">Q", head)[0])


# ---------------------------------------------------------------- pages become rows

LICENCE = ("Creative Commons Attribution-Share Alike 4.0", "https://creativecommons.org/licenses/by-sa/4.0/")  # of all text in Wikipedia's dumps
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
        about = head_of(head)
        same_language(language, path.name, about["dbname"], about["tag"], about["base"])
        if site is not None:
            site.about()  # it knows all names of its namespaces
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
        setting = {"names": [sorted(names.file), sorted(names.category), sorted(names.template), sorted(names.languages)], "templates": templates,
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
            "licence": LICENCE[0], "retrieved_at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "permalink": f"{host}/w/index.php?oldid={page['revid']}", "licence_url": LICENCE[1]}


def main():
    """A worker: the setting comes first, then chunks; ends when its input ends."""
    work = Work(**marshal.loads(receive(sys.stdin.buffer)))
    while True:
        try:
            chunk = receive(sys.stdin.buffer)
        except ValueError:
            return
        send(sys.stdout.buffer, marshal.dumps(work(chunk)))


if __name__ == "__main__":
    main()
