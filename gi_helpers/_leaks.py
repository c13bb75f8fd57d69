"""Did the model see the evaluation while it was trained? Its questions in the training file, whole, without marks or nearly so.

That an answer stands in a training text is no leak: texts about a place hold facts about it. It is one when the question came with it.

    >>> training = [{"messages": [{"role": "user", "content": "Tell me: where is the old city of Kano and its market?"}]}]
    >>> [(role, line) for (role, piece), places in _found(map(_turns, training), set(_pieces("Where is the old city of Kano, and why?"))).items() for line, _ in places]
    [('user', 1)]
"""
import warnings

import regex

from . import _prompting, store
from ._replywords import bare, fold
from .errors import NeedsFixing

ALIKE = 0.7          # share of a question's words in the user's turn, for an answer to count as learned with its question
# (words in a row that make a leak, the fewest words of a shorter text that count inside of another): where no spaces are written, a sign
# stands for a word. A text that is all of a turn counts however short it is.
SIZES = {"": (8, 4), "east": (12, 6), "south": (20, 10)}
EAST = r"\p{Han}\p{Hiragana}\p{Katakana}"
SOUTH = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
WORD = regex.compile(rf"(?V1)(?P<east>[{EAST}]\p{{M}}*)|(?P<south>[{SOUTH}]\p{{M}}*)|[[\p{{L}}\p{{M}}\p{{N}}]--[{EAST}{SOUTH}]]+")
ROLES = {"human": "user", "prompter": "user", "gpt": "assistant", "bot": "assistant", "model": "assistant"}
FIELDS = (("prompt", "user"), ("instruction", "user"), ("input", "user"), ("question", "user"), ("text", "user"), ("completion", "assistant"), ("output", "assistant"),
          ("response", "assistant"), ("answer", "assistant"))


def leaks(table, training_file, *, text="target"):
    """Evaluation items that stand in the training file, as a DataFrame: item, kind, line, shared, text. Empty is good.

    A question leaks when eight of its words in a row are in a training conversation, or, when it is shorter, all of it. An answer leaks
    when eight of its words in a row are in one whose user asks nearly the same question. Marks and capitals do not matter. Rows may be
    messages, prompt and completion, instruction and output, or conversations; NeedsFixing when no row holds a question or an answer.
    """
    import pandas as pd

    usable, out = _prompting.items(table, text)
    asked = [(item, kind, _pieces(item[kind])) for item in usable + out for kind in ("question", "best", "best_incorrect")]
    places = _found(_read(training_file), {piece for _, _, pieces in asked for piece in pieces})
    rows = []
    for item, kind, pieces in asked:
        question = set(_words(item["question"]))
        shared, line = _first(pieces, places, () if kind == "question" else question, ("user", "assistant") if kind == "question" else ("assistant",))
        if shared:
            rows.append({"item": item["item"], "kind": kind, "line": line, "shared": shared, "text": item[kind]})
    return pd.DataFrame(rows, columns=["item", "kind", "line", "shared", "text"])


def _read(training_file):
    """The turns of each row; it is an error, or a warning, when nothing can be read in all rows or in some."""
    rows = list(store.read_jsonl(training_file))
    turns = [list(_turns(row)) for row in rows]
    unread = [row for row, found in zip(rows, turns, strict=True) if not found]
    if len(unread) == len(rows):
        holds = f"its first row has {', '.join(map(str, unread[0]))[:120]}" if unread else "it is empty"
        raise NeedsFixing(f"no question or answer could be read in {training_file} ({holds}); "
                          "give a training file with messages, prompt and completion, instruction and output, or conversations")
    if unread:
        warnings.warn(f"{len(unread):,} of {len(rows):,} rows of {training_file} could not be read, so no leak was looked for in them", stacklevel=4)
    return turns


def _turns(row):
    """(role, text) of each turn of a training row, in whichever form it is written."""
    for name in ("messages", "conversations", "prompt", "completion"):
        for message in row.get(name) if isinstance(row.get(name), list) else ():
            if isinstance(message, dict):
                role = str(message.get("role") or message.get("from") or "").lower()
                content = message.get("content", message.get("value"))
                parts = content if isinstance(content, list) else [content]
                text = " ".join(str(part.get("text", "") if isinstance(part, dict) else part or "") for part in parts)
                if text.strip():
                    yield ROLES.get(role, role), text
    for turn in row.get("history") if isinstance(row.get("history"), list) else ():
        yield from zip(("user", "assistant"), map(str, turn if isinstance(turn, list) else ()), strict=False)
    for name, role in FIELDS:
        if isinstance(row.get(name), str) and row[name].strip():
            yield role, row[name]


def _found(conversations, wanted):
    """{(role, piece): [(line, words of the user's turns)]} for the pieces that are wanted."""
    sizes, places = {len(piece) for piece in wanted if piece[0] is not None}, {}
    for line, turns in enumerate(conversations, 1):
        turns = [(role, _words(text)) for role, text in turns if role in ("user", "assistant")]
        asked = {word for role, words in turns if role == "user" for word in words}
        for role, words in turns:
            for piece in ((None, *words), *(tuple(words[start:start + size]) for size in sizes for start in range(len(words) - size + 1))):
                if piece in wanted:
                    places.setdefault((role, piece), []).append((line, asked))
    return places


def _first(pieces, places, question, roles):
    """(the first piece that stands in a turn of one of `roles`, its line), or ("", 0); the user must have used most words of `question`."""
    for piece in pieces:
        for role in roles:
            for line, asked in places.get((role, piece), ()):
                if len(asked & set(question)) >= ALIKE * len(question):
                    return " ".join(filter(None, piece)), line
    return "", 0


def _words(text):
    return [found[0] for found in WORD.finditer(fold(bare(text)))]


def _pieces(text):
    """All sequences of so many words of a text, as tuples; of a shorter one the whole, and (None, words ...) for a text that is all of a turn."""
    words = _words(text)
    kinds = [found.lastgroup or "" for found in WORD.finditer(fold(bare(text)))]
    size, least = SIZES[max(SIZES, key=kinds.count)]
    if len(words) < size:
        return ([tuple(words)] if len(words) >= least else []) + ([(None, *words)] if words else [])
    return [tuple(words[start:start + size]) for start in range(len(words) - size + 1)]
