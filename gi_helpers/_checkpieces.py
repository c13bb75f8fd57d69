"""One piece of a training file, in a helper process: every row is read, judged by itself, and made into a small record. Part of `check`.

    >>> line = '{"messages": [{"role": "user", "content": "Kí ni ìlù?"}, {"role": "assistant", "content": "Ohun èlò orin ni ìlù."}]}'
    >>> record = examine(setting("yo"), (1, [line.encode()]))[0]
    >>> record.line, record.found, record.messages
    (1, [], 2)
"""
import functools
import json
import unicodedata
from collections import namedtuple

from . import _checkanswers, _checkfile, _checktext, store, tokens
from ._checkcodes import excerpt
from ._checkrows import messages_of, structure, text_of
from ._duplicates import exact
from ._checkleaks import Leaks

# What the parent process needs of a row: its findings, and numbers to compare it with other rows by.
Record = namedtuple("Record", "line id found keys whole asked said folded sketch length answer_tokens messages system lead_user marks kind prompted")
SURE_MARKS = 20    # letters, from which on the share of marks means something
FEW_MARKS = 0.25   # above this no answer can be below the threshold of L06
FEW_TOKENS = 3


def setting(language, target="openai", model="gpt-4o-mini", limit=65536, max_length=None, leaks=None, sources=None):
    """The choices of a check, as a dict that a helper process gets."""
    return {"language": language, "target": target, "model": model, "limit": limit, "max_length": max_length, "leaks": leaks, "sources": sources or {}}


def examine(chosen, piece):
    """Records of a piece, (number of its first line, its lines)."""
    judge = _judge(chosen["language"])
    return [_record(chosen, judge, number, line) for number, line in enumerate(piece[1], piece[0])]


def questions(line):
    """The questions of a row, each as a number that does not depend on marks and capitals."""
    row, _ = _checkfile.parsed(line.rstrip(b"\r") if line else line)
    asked = (_checkanswers.plain(text_of(message)) for message in messages_of(row or {}) if message.get("role") == "user")
    return [exact(question) for question in asked if question]


def measure(chosen, piece):
    """(messages, tokens, tokens of the assistant, cookbook's slips, has system, has user) of each line of a piece; None for a blank line."""
    counted = _counter(chosen["model"])
    return [None if line is not None and not line.strip() else _measured(line, counted) for line in piece[1]]


@functools.lru_cache(2)
def _judge(language):
    return _checktext.Text(language)


@functools.lru_cache(2)
def _counter(model):
    count = tokens.counter(model)
    return functools.lru_cache(256)(lambda text: count(text) if text else 0)  # roles and system messages come again and again


def lengths(messages, counted):
    """(tokens of a conversation, tokens of its answers) as the cookbook counts: 3 a message and 3 at the end, all fields of text, 1 more for a name."""
    total = answers = 0
    for message in messages:
        total += 3 + sum(counted(value) for value in message.values() if isinstance(value, str)) + ("name" in message)
        if message.get("role") == "assistant":
            answers += counted(text_of(message))
    return total + 3, answers


def _record(chosen, judge, number, line):
    if line is not None and line.endswith(b"\r"):
        row, found = _checkfile.parsed(line[:-1])
        found = [("F08", "", ""), *found]
    else:
        row, found = _checkfile.parsed(line)
    if row is None:
        return Record(number, store.short_hash(line or b""), found, None, 0, 0, 0, (), None, 0, 0, 0, 0, False, (), "", False)
    found += structure(row, chosen["target"])
    messages = messages_of(row)
    length, answer_tokens = lengths(messages, _counter(chosen["model"]))
    found += _sizes(chosen, messages, length)
    plain = [_checkanswers.plain(text_of(message)) for message in messages]
    marks = []
    for message, folded in zip(messages, plain, strict=True):
        found += _findings(judge, message, chosen, marks)
    found += _pairs(chosen, messages, plain)
    spoken = [folded for message, folded in zip(messages, plain, strict=True) if message.get("role") in ("user", "assistant")]
    questions = [folded for message, folded in zip(messages, plain, strict=True) if message.get("role") == "user" and folded]
    if chosen["leaks"]:
        found += _leaks(chosen["leaks"]).findings([(text_of(one), folded) for one, folded in zip(messages, plain, strict=True) if one.get("role") == "user"])
    asked, said, system = _parts(messages)
    return Record(number, _id(row, messages), _once(found), tuple(sorted(map(str, row))), whole(messages), exact(asked) if asked else 0, exact(said),
                  tuple(exact(question) for question in questions), _sketch(" ".join(spoken)), length, answer_tokens, len(messages),
                  exact(system) if system else 0, bool(questions), tuple(marks), _kind(row), "prompt" in row or "text" in row)


def _findings(judge, message, chosen, marks):
    """The findings of one message; the system message, the same in all rows, is looked at once."""
    role, text = message.get("role"), text_of(message)
    if not text.strip():
        return []
    if role in ("system", "developer"):
        return _system(judge, text)
    if role not in ("user", "assistant"):
        return []
    found = [(code, grave, f"{role}: {words}") for code, grave, words in judge.findings(text) + _checkanswers.privacy(text)]
    share, letters = _checktext.marks(text)
    if letters > SURE_MARKS:
        marks.append((role, share, excerpt(text) if share < FEW_MARKS else ""))
    if role == "assistant" and message.get("weight", 1) != 0:
        if end := _checktext.cut(text, judge.language.script):
            found.append(("L11", "", f"the answer ends in …{end}"))
        if _counter(chosen["model"])(text) < FEW_TOKENS:
            found.append(("Z04", "", f"the answer is {excerpt(text)!r}"))
    return found


@functools.lru_cache(64)
def _system(judge, text):
    # Another language is fine here: many teams keep an English system message.
    return [(code, grave, f"system: {words}") for code, grave, words in judge.findings(text) + _checkanswers.privacy(text) if code not in ("L07", "P04")]


def _pairs(chosen, messages, plain):
    """What is wrong with an answer beside its question, and beside its English source."""
    found, question = [], ""
    refusals = _checkanswers.phrases(chosen["language"])
    for message, folded in zip(messages, plain, strict=True):
        if message.get("role") == "user":
            question = folded
        elif message.get("role") == "assistant" and folded and message.get("weight", 1) != 0:
            found += _checkanswers.answer(text_of(message), question, folded, refusals)
            if chosen["sources"] and (english := chosen["sources"].get(exact(question))):
                found += _checkanswers.source(text_of(message), english)
    return found


def _sizes(chosen, messages, length):
    found, longest = [], chosen["max_length"]
    if chosen["limit"] and length > chosen["limit"]:
        found.append(("Z02", "", f"{length:,} tokens; {chosen['model']} takes {chosen['limit']:,}"))
    if longest and length > longest:
        answers = [place for place, message in enumerate(messages) if message.get("role") == "assistant"]
        prompt = lengths(messages[:answers[-1]], _counter(chosen["model"]))[0] if answers else length
        whole = "the prompt alone reaches it, so that nothing of the answer is learned" if prompt >= longest else "the end of the answer is not learned"
        found.append(("Z03", "E" if prompt >= longest else "", f"{length:,} tokens, and max_length is {longest:,}: {whole}"))
    return found


def _parts(messages):
    """The last answer, what was said before it, and the system text: NFC, small letters, single spaces."""
    answers = [place for place, message in enumerate(messages) if message.get("role") == "assistant"]
    end = answers[-1] if answers else len(messages)
    said = text_of(messages[end]) if answers else ""
    asked = "\x1e".join(text_of(one) for one in messages[:end] if one.get("role") not in ("system", "developer"))
    system = "\x1e".join(text_of(one) for one in messages if one.get("role") in ("system", "developer"))
    return tuple(unicodedata.normalize("NFC", text).casefold().strip() for text in (asked, said, system))


def whole(messages):
    """A number for a conversation: the same for rows whose messages differ at most in white space around them and in how letters are composed."""
    parts = []
    for message in messages:
        text = unicodedata.normalize("NFC", text_of(message)).strip()
        others = sorted((name, str(value)) for name, value in message.items() if name != "content" or not isinstance(value, str))
        parts.append(f"{others}\x1e{text}")
    return exact("\x1f".join(parts))


def _once(found):
    """Each code once a row: the first place is told, and how many more there are."""
    kept = {}
    for code, grave, words in found:
        if code in kept and code in ("P01", "S05"):  # of these each one matters
            code = (code, words)
        first = kept.setdefault(code, [code if isinstance(code, str) else code[0], grave, words, 0])
        first[3] += 1
        if grave == "E":
            first[1] = "E"
    return [(code, grave, words + (f" (and {times - 1} more)" if times > 1 else "")) for code, grave, words, times in kept.values()]


def _id(row, messages):
    for name in ("id", "custom_id"):
        if isinstance(row.get(name), (str, int)) and str(row[name]).strip():
            return str(row[name])[:64]
    return store.short_hash(*[f"{one.get('role')}:{text_of(one)}" for one in messages]) if messages else store.short_hash(str(row)[:10_000])


def _kind(row):
    """The category of a row, where it carries one."""
    inside = row.get("metadata") if isinstance(row.get("metadata"), dict) else {}
    return next((str(place[name])[:60] for place in (row, inside) for name in ("category", "kind", "method") if isinstance(place.get(name), str)), "")


# ---------------------------------------------------------------- near copies

def _sketch(text):
    """128 bytes and 8 numbers that stand for the five-letter groups of a folded text (MinHash); None for a very short one."""
    if len(text) < 20:
        return None
    import zlib

    import numpy as np

    signs = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    groups = signs[:-4].copy()
    for place in range(1, 5):
        groups = groups * np.uint32(0x01000193) + signs[place:len(signs) - 4 + place] * np.uint32(0x9E3779B1)
    groups ^= groups >> np.uint32(15)
    groups *= np.uint32(0x85EBCA6B)
    groups ^= groups >> np.uint32(13)
    lowest = (groups[None, :] * _factors()).min(axis=1)
    return (((lowest * np.uint32(0x9E3779B1)) >> np.uint32(24)).astype(np.uint8).tobytes(),
            [zlib.crc32(lowest[band:band + 8].tobytes()) or 1 for band in range(0, 64, 8)])


@functools.lru_cache
def _factors():
    import numpy as np

    return np.random.default_rng(11).integers(1, 2**31, (128, 1), dtype=np.uint32) * np.uint32(2) + np.uint32(1)


@functools.lru_cache(1)
def _leaks(questions):
    return Leaks(questions)


# ---------------------------------------------------------------- what the cookbook counts

def _measured(line, counted):
    try:
        row = json.loads(line.decode("utf-8-sig").rstrip("\r")) if line is not None else None
    except (ValueError, RecursionError):
        return 0, 0, 0, ("not JSON",), False, False
    if not isinstance(row, dict):
        return 0, 0, 0, ("not an object",), False, False
    messages = messages_of(row)
    if not messages:
        return 0, 0, 0, ("no list of messages",), False, False
    roles = {message.get("role") for message in messages if isinstance(message.get("role"), str)}
    return len(messages), *lengths(messages, counted), tuple(_slips(messages, roles)), bool(roles & {"system", "developer"}), "user" in roles


def _slips(messages, roles):
    from ._checkrows import KEYS, ROLES, _calls

    for message in messages:
        content = message.get("content")
        if "role" not in message or "content" not in message and not _calls(message, None):
            yield "a key is missing"
        if any(name not in KEYS for name in message):
            yield "an unknown key"
        if message.get("role") not in ROLES:
            yield "an unknown role"
        if not (isinstance(content, str) and content) and not _calls(message, content):
            yield "no content"
    if "assistant" not in roles:
        yield "no assistant message"
