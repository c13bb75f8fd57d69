"""Cutting a long text into parts under a limit, at the best border that is there; nothing is lost.

    >>> parts = cut("Mo wá. Mo rí i. Mo ṣẹ́gun.\\n\\nÓ parí.", 16, len)
    >>> [part for part, size in parts], "".join(part for part, size in parts)
    (['Mo wá. Mo rí i. ', 'Mo ṣẹ́gun.\\n\\n', 'Ó parí.'], 'Mo wá. Mo rí i. Mo ṣẹ́gun.\\n\\nÓ parí.')
"""
import regex

from ._prose import STOPS
from .errors import NeedsFixing

# A piece ends with the white space behind it, so that the pieces joined are the text.
PARAGRAPHS = regex.compile(r"(?:(?!\n\n).)*(?:\n\n|$)", regex.DOTALL)
LINES = regex.compile(r"[^\n]*(?:\n+|$)")
# A full stop ends a sentence before a space, unless an initial ("Elfrida O. Adebo"), a short title or a small letter says otherwise.
# STOPS holds the marks of all scripts: the danda, Arabic and Ethiopic stops, CJK ...
CLOSING = r"""["'\p{Pf}\p{Pe}\p{Pi}]*"""
SENTENCE_END = regex.compile(
    rf"(?:(?<!(?:^|[\s\p{{Ps}}.])(?:\p{{Lu}}\p{{M}}*|Dr|Mr|Mrs|Ms|St|Prof|Rev|Gen|No|vs|Jr|Sr))\.|[!?…]|\.\.+){CLOSING}\s+(?!\p{{Ll}})"
    rf"|[[{STOPS}]--[.!?]]+{CLOSING}\s*", regex.V1)
CLAUSE_END = regex.compile(r"[,;:،؛፣፤፥、，；：。།]+\s+|[،؛፣፤፥、，；：]+\s*|\s[-–—]\s")
WORD_END = regex.compile(r"\s+|[\u200b་]+")
LETTERS = regex.compile(r"\X")


def cut(text, limit, count):
    """[(part, tokens), ...]: the text whole where it fits, else in parts of at most `limit` tokens that joined are the text.

    `count(text) -> int`. Cut at paragraphs, then lines, sentences, clauses, words, and only in a word longer than the limit between letters.
    Raises NeedsFixing when the limit is smaller than one letter.
    """
    total = count(text)
    if total <= limit:
        return [(text, total)]
    pieces = list(_pieces(text, limit, count, 0))
    parts = list(_packed(pieces, limit, count))
    # Packing to the brim leaves a crumb at the end; the same number of parts of about one size reads better.
    even = sum(size for _, size in parts) / len(parts)
    for goal in (1.1, 1.3):
        if even * goal < limit:
            tried = list(_packed(pieces, limit, count, even * goal))
            if len(tried) <= len(parts):
                return tried
    return parts


def sentences(text):
    """The sentences of a text, each with the space behind it."""
    return _after(text, SENTENCE_END)


def _after(text, border):
    """A text cut behind each match of a border."""
    ends = [match.end() for match in border.finditer(text)]
    if not ends or ends[-1] != len(text):
        ends.append(len(text))
    return [text[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]


WAYS = (
    PARAGRAPHS.findall, LINES.findall, sentences,
    lambda text: _after(text, CLAUSE_END), lambda text: _after(text, WORD_END), LETTERS.findall, list,
)


def _pieces(text, limit, count, way):
    """Pieces that each fit, as large as the kind of border allows."""
    size = count(text)
    if size <= limit:
        yield text
        return
    if way == len(WAYS):
        raise NeedsFixing(f"the character {text!r} alone has {size} tokens, over the limit of {limit}; set a higher limit")
    pieces = [piece for piece in WAYS[way](text) if piece]
    if way >= 4:
        # Words and letters are many: what fits is packed at once, and only what is too long goes further down.
        yield from _filled(pieces, limit, count, way)
        return
    for piece in pieces:
        yield from _pieces(piece, limit, count, way + 1)


def _filled(pieces, limit, count, way):
    start = 0
    while start < len(pieces):
        end = _furthest(pieces, start, limit, count)
        if end == start:
            yield from _pieces(pieces[start], limit, count, way + 1)
            end = start + 1
        else:
            yield "".join(pieces[start:end])
        start = end


def _packed(pieces, limit, count, goal=None):
    """Neighbours joined to parts of at most `limit` tokens, or of about `goal` tokens."""
    start = 0
    while start < len(pieces):
        end = max(start + 1, _furthest(pieces, start, goal or limit, count))
        part = "".join(pieces[start:end])
        yield part, count(part)
        start = end


def _furthest(pieces, start, limit, count):
    """The largest `end` with pieces[start:end] within the limit (`start` if not even one is); found by doubling and halving steps."""
    good, step = start, 1
    while good + step <= len(pieces) and count("".join(pieces[start:good + step])) <= limit:
        good += step
        step *= 2
    while step > 1:
        step //= 2
        if good + step <= len(pieces) and count("".join(pieces[start:good + step])) <= limit:
            good += step
    return good
