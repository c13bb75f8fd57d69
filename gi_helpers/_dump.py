"""The pages of one of Wikipedia's dumps, in flat memory; part of wiki_scrape.

A dump is one long XML file, mostly compressed by bzip2. It is unpacked in small pieces and cut at page ends.

    >>> xml = b"<page><title>A</title><ns>0</ns><id>1</id><revision><id>7</id><text>B &amp;amp; C</text></revision></page>\\n"
    >>> [page_of(piece)["text"] for piece in pages_in(xml)]
    ['B &amp; C']
"""
import bz2
import os
import re
import xml.etree.ElementTree as xml

from . import store
from .errors import NeedsFixing

SPACE = re.compile(rb"<ns>(-?\d+)</ns>")
CALL = re.compile(r"\{\{([^{}|]+)")  # the name of each template that a page uses
PIECE = 2**16                     # bytes of the file that are unpacked at once
LONGEST = 2**24                   # bytes of one page; MediaWiki allows 2 MiB of text, which XML can make six times as long
CHUNK = 2**20                     # bytes of XML that go to a worker at once
DISAMBIGUATION = {"Disambig", "Disambiguation", "Dab", "Hndis", "Geodis"}  # by these names on most wikis; others are found by what they say
TEMPLATE, TEMPLATES = 3000, 30e6  # characters: the longest template that is kept, and all together


class Damage(Exception):
    """(what, where): the dump cannot be read any further."""


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
