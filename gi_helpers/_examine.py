"""What can be said of one text by itself: mended, cut, counted, and a reason to leave it out; runs in helper processes and on clusters.

    >>> rule = setting([], max_tokens=90)
    >>> result = examine(rule, [{"text": " 1999: 12, 13, 14 ", "title": "", "url": "", "licence": "", "source": "", "source_id": "", "permission": ""}])[0]
    >>> result["parts"][0][0], result["reason"]
    ('1999: 12, 13, 14', 'numbers or a list')
"""
from collections import Counter
from pathlib import Path
from statistics import median

import regex

from . import _duplicates, _repair, _sources, _split, languages, store, tokens
from .errors import NeedsFixing

SURVEY = 4_000  # rows that are looked at beforehand for what is usual in this collection
USUAL_MARKS = 0.05  # tone marks a letter; below it the language hardly has any
LETTER = regex.compile(r"\p{L}")
NUMBER = regex.compile(r"\p{N}")
SENTENCE_MARK = regex.compile(r"\p{Sentence_Terminal}[\p{P}\s]*$")
DIGITS = regex.compile(r"\p{Nd}+")
LATIN = regex.compile(r"\p{Latin}")


def setting(sample, max_tokens=4096, language=None, model="gpt-4o-mini", min_words=2, tone_marks=False, near=True, count=None):
    """The rules of a run as one dict, with what is usual in the raw rows of `sample`: `usual_marks` and the lines that are `repeated`."""
    try:
        limit = int(max_tokens)
    except (TypeError, ValueError):
        limit = 0
    if limit < 1:
        raise NeedsFixing(f"max_tokens is {max_tokens!r}; give a whole number of 1 or more, such as 4096")
    code = languages.find(language).code if language else None
    texts = list(dict.fromkeys(filter(None, (_repair.repair(row["text"])[0] for row in sample))))
    return {"limit": limit, "code": code, "model": model, "min_words": min_words, "tone_marks": tone_marks, "near": near, "count": count,
            "usual_marks": _usual_marks(texts), "repeated": _repeated(texts), "profile": _profile(texts, code) if code else None}


def _profile(texts, code):
    from . import _language

    return _language.profile(texts, code)


def examine(rules, rows):
    """A dict for each raw row: its fields, parts [[text, tokens], ...], reason, note, repairs, examples, and what finds duplicates."""
    count = rules["count"] or tokens.counter(rules["model"])
    return [_one(row, rules, count) for row in rows]


def examine_file(file, target, column, setting):
    """The same for a whole file, into a file of JSON lines; gives the problems found. A task of a cluster."""
    problems = []
    store.write_jsonl((result for row in _sources.rows(Path(file), column, problems) for result in examine(setting, [row])), target)
    return problems


def _one(row, rules, count):
    raw = row["text"]
    text, repairs = _repair.repair(raw)
    notes = ["mojibake"] if _repair.mojibake(raw) else []
    reason = row.get("damage") or ("" if text else "empty")
    near = None
    if not reason:
        folded, marks = _duplicates.without_marks(text)
        found = _duplicates.words(folded)
        alphabet = "".join(set(text))
        reason = _reason(text, alphabet, folded, found, rules)
        if rules["usual_marks"] >= USUAL_MARKS and LATIN.search(alphabet) and marks < rules["usual_marks"] / 2 * sum(map(len, found)):
            notes.append("few tone marks")
            reason = reason or ("few tone marks" if rules["tone_marks"] else "")
        if not reason and rules["code"]:
            reason, note = _judge(rules)(text)
            notes.append(note)
        if not reason and rules["near"] and (near := _duplicates.signature(found)):
            near = [near[0].hex(), near[1]]
    return {
        **{name: _field(row[name]) for name in ("source", "source_id", "title", "url", "licence", "permission")},
        "parts": [list(part) for part in _split.cut(text, rules["limit"], count)], "reason": reason, "note": "; ".join(filter(None, notes)),
        "repairs": repairs + notes[:1] * (notes[:1] == ["mojibake"]), "examples": {name: _example(raw, text) for name in repairs[:1]},
        "exact": _duplicates.exact(text), "near": near, "counted": "exact" if rules["count"] else tokens.how(rules["model"]),
    }


def _field(value):
    return value if value.isascii() and value.isprintable() else _repair.repair(value)[0]


def _example(before, after):
    """Where a repair first changed something: 30 characters on both sides, before and after."""
    place = next((number for number, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
    start = max(0, place - 30)
    return [part[start:place + 30].encode("utf-8", "replace").decode() for part in (before, after)]  # no lone surrogate goes into a file


def _judge(rules):
    # Loading the language models takes half a second: once for a run in each process.
    from . import _language

    if _last[0] is not rules:
        _last[:] = rules, _language.Judge(rules["code"], rules["profile"])
    return _last[1]


_last = [None, None]


# ---------------------------------------------------------------- reasons

def _reason(text, alphabet, folded, found, rules):
    """The first reason of a text's shape to leave it out, or ''."""
    size = len(found) if not _duplicates.ANY_UNSPACED.search(alphabet) else len(found) / 2
    if size < rules["min_words"] and size + sum(len(word) // 20 for word in found) < rules["min_words"]:  # a long word counts for several
        return "too short"
    letters, digits = sum(map(len, found)), sum(map(text.count, NUMBER.findall(alphabet)))
    if digits > letters - digits or letters < 0.4 * (len(folded) - folded.count(" ")):
        return "numbers or a list"
    lines = text.split("\n") if "\n" in text else ()
    if len(lines) >= 8:
        full = [line for line in lines if line]
        if sum(len(line) <= 60 and not SENTENCE_MARK.search(line) for line in full) >= 0.8 * len(full):
            return "numbers or a list"
    if rules["repeated"] and sum(len(line) for line in lines or (text,) if _line_key(line) in rules["repeated"]) > len(text) / 2:
        return "boilerplate"
    return ""


def _line_key(line):
    return DIGITS.sub("0", line.strip())


def _repeated(texts):
    """The lines that stand in many different texts (at least 5, and one in 200): footers, notices, menus. Digits do not matter."""
    tally = Counter(key for text in texts for key in {_line_key(line) for line in text.split("\n")} if key)
    return {key for key, number in tally.items() if number >= max(5, len(texts) / 200)}


def marks(text):
    """Tone marks and other accents a letter: 0.3 to 0.5 in Yoruba with its marks, about 0.01 in English."""
    folded, taken = _duplicates.without_marks(text)
    return taken / max(1, sum(map(len, _duplicates.words(folded))))


def _usual_marks(texts):
    shares = [marks(text) for text in texts[:1_000] if LATIN.search(text)]
    return median(shares) if len(shares) >= 20 else 0.0  # a handful of texts has no usual share
