"""What can be said of one text by itself: mended, cut, counted, and a reason to leave it out; runs in helper processes and on clusters.

    >>> rule = setting([], max_tokens=90)
    >>> row = {"text": " 1999: 12, 13, 14 ", "title": "", "url": "", "licence": "", "source": "", "source_id": "", "permission": ""}
    >>> facts, results = examine(rule, [row])
    >>> [(result["parts"][0][0], result["reason"]) for result in pickle.loads(results)]
    [('1999: 12, 13, 14', 'numbers or a list')]
"""
import pickle
import unicodedata
from collections import Counter
from pathlib import Path
from statistics import median

import regex

from . import _duplicates, _repair, _sources, _split, languages, store, tokens
from .errors import NeedsFixing

SURVEY = 4_000  # rows that are looked at beforehand for what is usual in this collection
USUAL_MARKS = 0.05  # tone marks a letter; below it the language hardly has any
MANY, MUCH = 250, 120_000  # rows and characters that are examined together
SENTENCE_MARK = regex.compile(r"\p{Sentence_Terminal}[\p{P}\s]*$")
REPEATED = "repeated lines"  # a repair that needs to know the other texts
MARKED = regex.compile(r"[\p{Pd}•*·▪‣]\s|[\p{Nd}]+[.):]?\s")
NO_SPACES = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Han}\p{Hiragana}\p{Katakana}\p{Javanese}\p{Balinese}]")
UNSPACED_LINE = 9  # from so many letters on, a line in a script without spaces is more than a name or two
DIGITS = regex.compile(r"\p{Nd}+")


def setting(sample, max_tokens=4096, language=None, model="gpt-4o-mini", min_words=2, tone_marks=False, near=True, count=None):
    """The rules of a run as one dict, with what is usual in the raw rows of `sample`: `usual_marks` and the lines that are `repeated`."""
    try:
        limit = int(max_tokens)
    except (TypeError, ValueError, OverflowError):
        limit = 0
    if limit < 1:
        raise NeedsFixing(f"max_tokens is {max_tokens!r}; give a whole number of 1 or more, such as 4096")
    if isinstance(min_words, bool) or not isinstance(min_words, (int, float)) or not min_words >= 0:
        raise NeedsFixing(f"min_words is {min_words!r}; give a whole number, such as 2")
    code = languages.find(language).code if language else None
    from ._letters import LATIN, WORD  # loads numpy, which an import of this module need not wait for

    texts, shares = {}, []
    for piece in pieces(sample):
        mended, look, _ = _mended([row["text"] for row in piece])
        texts.update((text, None) for text, _ in mended if text)
        shares += (look.marks() / look.number(WORD).clip(1))[look.has(LATIN)].tolist()
    return {"cut_at": limit if count else tokens.safe_limit(limit, model), "code": code, "model": model, "min_words": min_words, "tone_marks": tone_marks, "near": near, "count": count,
            "usual_marks": median(shares) if len(shares) >= 20 else 0.0,  # a handful of texts has no usual share
            "repeated": _repeated(list(texts)), "profile": _profile(list(texts), code) if code else None}


def _profile(texts, code):
    from . import _language

    return _language.profile(texts, code)


def pieces(rows):
    """Raw rows in lists of as many as are examined together; a list ends early when its texts are long."""
    piece, size = [], 0
    for row in rows:
        piece.append(row)
        size += len(row["text"])
        if len(piece) >= MANY or size >= MUCH:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def examine(rules, rows):
    """(facts, results) of a piece of raw rows: what `_copies.Copies.add` takes as a dict, and a pickled list of a dict for each row.

    Such a dict has the fields of the row, reason, note, repairs, examples, counted, parts [[text, tokens], ...] and the ids of the parts.
    """
    from ._letters import DIGIT, LATIN, UNSPACED, WORD, Words

    count = rules["count"] or tokens.counter(rules["model"], tidy=True)
    counted = "exact" if rules["count"] else tokens.how(rules["model"])
    mended, look, garbled = _mended([row["text"] for row in rows], rules["repeated"])
    found = Words(look)
    shapes = zip(*(values.tolist() for values in (found.count, found.long(), look.number(WORD), look.number(DIGIT), look.visible(), look.marks(),
                                                  look.has(UNSPACED), look.has(LATIN))), strict=True)
    results, keys, exact, seen = [], [], [], set()
    for row, (text, repairs), wrong, shape in zip(rows, mended, garbled, shapes, strict=True):
        result = _one(row, text, repairs, wrong, shape, rules, count)
        number = _duplicates.exact(text)
        result["source_id"] = result["source_id"] or f"{number:016x}"[:12]
        result["ids"] = part_ids(result)
        result["counted"] = counted
        if not seen.issuperset(repairs):  # one of each kind in a piece is enough
            result["examples"] = _examples(row["text"], text)
            seen.update(repairs)
        results.append(result)
        keys.append(int(store.short_hash(result["source"], result["source_id"]), 16) or 1)
        exact.append(0 if result["reason"] else number)
    return {"ids": keys, "exact": exact, "signed": _signed(mended, look, found, exact) if rules["near"] else None}, pickle.dumps(results, pickle.HIGHEST_PROTOCOL)


def examine_file(file, target, column, setting):
    """The same for a whole file, into a file of pickles; gives the problems found. A task of a cluster."""
    problems = []
    store.write_pickles((examine(setting, piece) for piece in pieces(_sources.rows(Path(file), column, problems))), target)
    return problems


def part_ids(result):
    """The ids of the parts of a text."""
    return [store.short_hash(result["source"], result["source_id"], number, part) for number, (part, _) in enumerate(result["parts"], 1)]


def _mended(raws, repeated=()):
    """([(mended text, repairs), ...], the `Letters` of the mended texts, whether each one was garbled before)."""
    from ._letters import GARBLED, Letters

    look = Letters(raws)
    suspect = look.has(GARBLED).tolist()
    garbled = [maybe and _repair.mojibake(text) for text, maybe in zip(raws, suspect, strict=True)]
    mended = [(text, []) if tidy else _repair.repair(text) for text, tidy in zip(raws, look.tidy().tolist(), strict=True)]
    if repeated:
        mended = [_without_repeated(text, repairs, repeated) for text, repairs in mended]
    if any(repairs for _, repairs in mended):
        look = Letters([text for text, _ in mended])
    return mended, look, garbled


def _signed(mended, look, found, exact):
    """The signatures of the texts that stay; none for the others and for the very long ones."""
    from ._letters import LONGER, LONGEST, Letters, Words, signatures

    texts = ["" if len(text) > LONGEST else text for text, _ in mended]
    for place in look.has(LONGER).nonzero()[0].tolist():
        texts[place] = unicodedata.normalize("NFC", _duplicates.fold(texts[place]))
    if any(text is not other for text, (other, _) in zip(texts, mended, strict=True)):
        found = Words(Letters(texts))
    sketches, keys = signatures(found)
    keys[[not number for number in exact]] = 0
    return sketches, keys


def _one(row, text, repairs, garbled, shape, rules, count):
    words, _, letters, _, _, marks, _, latin = shape
    notes = ["mojibake"] if garbled else []
    reason = row.get("damage") or ("" if text else "empty")
    if not reason:
        reason = _reason(text, shape, rules)
        if rules["usual_marks"] >= USUAL_MARKS and latin and marks < rules["usual_marks"] / 2 * letters:
            notes.append("few tone marks")
            reason = reason or ("few tone marks" if rules["tone_marks"] else "")
        if not reason and rules["code"]:
            reason, note = _judge(rules)(text)
            notes += [note] if note else []
    result = {name: _field(row[name]) for name in ("source", "source_id", "title", "url", "licence", "permission")}
    result["parts"] = _split.cut(text, rules["cut_at"], count)
    result["reason"], result["note"] = reason, "; ".join(notes)
    result["repairs"] = repairs
    result["examples"] = {}
    return result


def _field(value):
    return value if value.isascii() and value.isprintable() else _repair.repair(value)[0]


def _examples(raw, text):
    """For each repair of a text where it first changed something: before and after, each as (words before, the place, words behind)."""
    steps = {}
    mended, _ = _repair.repair(raw, steps)
    if mended != text:
        steps[REPEATED] = mended, text
    # No lone surrogate goes into a file.
    return {name: [[part.encode("utf-8", "replace").decode() for part in side] for side in _repair.spot(*texts)] for name, texts in steps.items()}


def _judge(rules):
    # Loading the language models takes half a second: once for a run in each process.
    from . import _language

    if _last[0] is not rules:
        _last[:] = rules, _language.Judge(rules["code"], rules["profile"])
    return _last[1]


_last = [None, None]


# ---------------------------------------------------------------- reasons

def _reason(text, shape, rules):
    """The first reason of a text's shape to leave it out, or ''."""
    words, long, letters, digits, visible, _, unspaced, _ = shape
    size = words / 2 if unspaced else words
    if size < rules["min_words"] and size + long < rules["min_words"]:  # a long word counts for several
        return "too short"
    if digits > letters - digits or letters < 0.4 * visible:
        return "numbers or a list"
    lines = text.split("\n") if "\n" in text else ()
    if len(lines) >= 8:
        full = [line for line in lines if line]
        if sum(map(_item, full)) >= 0.8 * len(full):
            return "numbers or a list"
    if lines and rules["repeated"]:
        often = _often(lines, rules["repeated"])
        if len(text) / 2 < sum(map(len, often)) and len(often) < len(list(filter(None, lines))):
            return "boilerplate"
    return ""


def _item(line):
    """Whether a line looks like one of a list: short, no sentence, and of one or two words, with a number or a mark before them, or nearly all names."""
    if len(line) > 60 or SENTENCE_MARK.search(line):
        return False
    words = line.split()
    if MARKED.match(line) or len(words) < 3:
        return len(line) < UNSPACED_LINE or not NO_SPACES.match(line)
    capitals = sum(word[:1] != word[:1].lower() or not word[:1].isalpha() for word in words[1:])
    return capitals > len(words[1:]) / 2  # the first word of a verse has a capital, too


def _often(lines, repeated):
    return [line for line in lines if line and _line_key(line) in repeated]


def _without_repeated(text, repairs, repeated):
    """A text most of which is repeated in many others, without that, where a sentence is left; else as it is."""
    if "\n" not in text:
        return text, repairs
    lines = text.split("\n")
    often = set(_often(lines, repeated))
    if sum(len(line) for line in lines if line in often) <= len(text) / 2:
        return text, repairs
    rest = [line for line in lines if line not in often]
    if not any(len(line.split()) >= 3 and SENTENCE_MARK.search(line) or NO_SPACES.match(line) and len(line) >= UNSPACED_LINE for line in rest):
        return text, repairs
    return _repair.repair("\n".join(rest))[0], [*repairs, REPEATED]


def _line_key(line):
    return DIGITS.sub("0", line.strip())


def _repeated(texts):
    """The lines that stand in many different texts (at least 5, and one in 200): footers, notices, menus. Digits do not matter."""
    tally = Counter(key for text in texts for key in {_line_key(line) for line in text.split("\n")} if key)
    return {key for key, number in tally.items() if number >= max(5, len(texts) / 200)}
