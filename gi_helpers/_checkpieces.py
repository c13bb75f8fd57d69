"""One piece of a training file, in a helper process: every row is read, judged by itself, and made into a small record. Part of `check`.

    >>> line = '{"messages": [{"role": "user", "content": "Kí ni ìlù?"}, {"role": "assistant", "content": "Ohun èlò orin ni ìlù."}]}'
    >>> record = examine(setting("yo"), (1, [line.encode()]))[0]
    >>> record.line, record.found, record.messages
    (1, [], 2)
"""
import functools
import hashlib
import unicodedata
import zlib
from collections import namedtuple

from . import _checkanswers, _checkfile, _checktext, store
from ._checkcodes import excerpt
from ._checkrows import LEADS, messages_of, structure, text_of
from ._checkleaks import Leaks

# What the parent process needs of a row: its findings, and numbers to compare it with other rows by.
Record = namedtuple("Record", "line id found keys whole asked said folded sketch messages system marks kind prompted")
SURE_MARKS = 20    # letters, from which on the share of marks means something
FEW_MARKS = 0.25   # above this no answer can be below the threshold of L06


def setting(language, target="openai", leaks=None, sources=None):
    """The choices of a check, as a dict that a helper process gets."""
    return {"language": language, "target": target, "leaks": leaks, "sources": sources or {}}


def examine(chosen, piece):
    """Records of a piece, (number of its first line, its lines)."""
    judge = _judge(chosen["language"])
    return [_record(chosen, judge, number, line) for number, line in enumerate(piece[1], piece[0])]


def questions(line):
    """The questions of a row, each as a number that does not depend on marks and capitals."""
    row, _ = _checkfile.parsed(line.rstrip(b"\r") if line else line)
    asked = (_checkanswers.plain(text_of(message)) for message in messages_of(row or {}) if message.get("role") == "user")
    return [number_of(question) for question in asked if question]


@functools.lru_cache(2)
def _judge(language):
    return _checktext.Text(language)


def _record(chosen, judge, number, line):
    ended = line is not None and line.endswith(b"\r")
    row, found = _checkfile.parsed(line[:-1] if ended else line)
    if ended:
        found.append(("F08", "", ""))
    if row is None:
        return Record(number, store.short_hash(line or b""), found, None, 0, 0, 0, (), None, 0, 0, (), "", False)
    found += structure(row, chosen["target"])
    messages = messages_of(row)
    folded = [(_again if message.get("role") in LEADS else _checkanswers.folded)(text_of(message)) for message in messages]
    marks, plain = [], [one[0] for one in folded]
    for message, (bare, share, letters) in zip(messages, folded, strict=True):
        found += _findings(judge, message, bare)
        if letters > SURE_MARKS and message.get("role") in ("user", "assistant"):
            marks.append((message["role"], share, excerpt(text_of(message)) if share < FEW_MARKS else ""))
    found += _pairs(chosen, messages, plain)
    asked = [bare for message, bare in zip(messages, plain, strict=True) if message.get("role") == "user" and bare]
    if chosen["leaks"]:
        found += _leaks(chosen["leaks"]).findings([(text_of(one), bare) for one, bare in zip(messages, plain, strict=True) if one.get("role") == "user"])
    spoken = " ".join(bare for message, bare in zip(messages, plain, strict=True) if message.get("role") in ("user", "assistant"))
    texts = [_composed(text_of(message)) for message in messages]
    before, said, system = _parts(messages, texts)
    return Record(number, _id(row, messages), _once(found), tuple(sorted(map(str, row))), whole(messages, texts), number_of(before), number_of(said),
                  tuple(map(number_of, asked)), sketch(spoken), len(messages), number_of(system), tuple(marks), _kind(row), "prompt" in row or "text" in row)


@functools.lru_cache(64)
def _again(text):
    return _checkanswers.folded(text)  # a system message, which most rows have alike


def number_of(text):
    """A text as a number of 64 bits, 0 for none."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") if text else 0


def _composed(text):
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _findings(judge, message, bare):
    """The findings of one message; the system message, the same in all rows, is looked at once."""
    role, text = message.get("role"), text_of(message)
    if not text.strip():
        return []
    if role in LEADS:
        return _system(judge, text)
    if role not in ("user", "assistant"):
        return []
    listed = bare.split()
    found = judge.findings(text, listed) + _checkanswers.privacy(text, listed)
    if role == "assistant" and message.get("weight", 1) != 0 and (end := _checktext.cut(text, judge.language.script)):
        found.append(("L11", "", f"it ends in …{end}"))
    return [(code, grave, f"{role}: {words}") for code, grave, words in found]


@functools.lru_cache(64)
def _system(judge, text):
    # Another language is fine here: many teams keep an English system message.
    listed = _checkanswers.plain(text).split()
    return [(code, grave, f"system: {words}") for code, grave, words in judge.findings(text, listed) + _checkanswers.privacy(text) if code != "L07"]


def _pairs(chosen, messages, plain):
    """What is wrong with an answer beside its question, and beside its English source."""
    found, question = [], ""
    refusals = _checkanswers.phrases(chosen["language"])
    for message, folded in zip(messages, plain, strict=True):
        if message.get("role") == "user":
            question = folded
        elif message.get("role") == "assistant" and folded and message.get("weight", 1) != 0:
            found += _checkanswers.answer(text_of(message), question, folded, refusals)
            if chosen["sources"] and (english := chosen["sources"].get(number_of(question))):
                found += _checkanswers.source(text_of(message), english)
    return found


def _parts(messages, texts):
    """The last answer, what was said before it, and the system text, in small letters."""
    answers = [place for place, message in enumerate(messages) if message.get("role") == "assistant"]
    end = answers[-1] if answers else len(messages)
    leads = [message.get("role") in LEADS for message in messages]
    asked = "\x1e".join(text for text, lead in zip(texts[:end], leads, strict=False) if not lead)
    system = "\x1e".join(text for text, lead in zip(texts, leads, strict=True) if lead)
    return asked.casefold().strip(), (texts[end].casefold().strip() if answers else ""), system.strip()


def whole(messages, texts=None):
    """A number for a conversation: the same for rows whose messages differ at most in white space around them and in how letters are composed."""
    parts = []
    for message, text in zip(messages, texts or [_composed(text_of(message)) for message in messages], strict=True):
        others = [f"{name}={value}" for name, value in message.items() if name != "content" or not isinstance(value, str)]
        parts += [*sorted(others), text.strip()]
    return number_of("\x1f".join(parts))


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

def sketch(text):
    """128 bytes and 8 numbers that stand for the five-letter groups of a folded text (one-permutation MinHash); None for a very short one."""
    if len(text) < 20:
        return None
    import numpy as np

    if text.isascii():
        signs = np.frombuffer(text.encode(), dtype=np.uint8).astype(np.uint32)
    else:
        signs = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    groups = signs[:-4] * np.uint32(0x01000193)
    for place, factor in enumerate((0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F), 1):
        groups += signs[place:len(signs) - 4 + place] * np.uint32(factor)
    groups ^= groups >> np.uint32(15)
    groups *= np.uint32(0x85EBCA6B)
    groups ^= groups >> np.uint32(13)
    groups *= np.uint32(0xC2B2AE35)
    groups.sort()
    groups = groups[::-1]  # downwards, so that of the groups that fall into a bin (the highest 7 bits) the smallest stays
    bins = np.zeros(128, dtype=np.uint32)
    bins[groups >> np.uint32(25)] = groups
    small = np.where(bins > 0, (bins & np.uint32(0x1FFFFFF)) % np.uint32(255) + np.uint32(1), 0).astype(np.uint8).tobytes()
    raw = bins[:64].tobytes()
    return small, [zlib.crc32(raw[band:band + 32]) if any(raw[band:band + 32]) else 0 for band in range(0, 256, 32)]


@functools.lru_cache(1)
def _leaks(questions):
    return Leaks(questions)
