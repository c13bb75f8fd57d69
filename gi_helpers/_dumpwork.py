"""The pages of a dump become paragraphs, on all cores: workers, each a Python of its own, take a chunk of XML at a time; part of wiki_scrape."""
import contextlib
import marshal
import os
import queue
import struct
import subprocess
import sys
import threading

from . import store
from ._choice import Choice, skeleton
from ._dump import Damage, calls, page_of, pages_in, space_of
from ._prose import word_count
from ._templates import Simple
from ._wikitext import Names, read
from .errors import NeedsFixing

DAMAGED = "damaged page"


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
            worker = subprocess.Popen([sys.executable, "-m", "gi_helpers._dumpwork"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
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
