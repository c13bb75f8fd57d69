"""Did the model see the evaluation while it was trained? Its questions in the training file, whole, without marks or nearly so.

That an answer stands in a training text is no leak: texts about a place hold facts about it. It is one when the question came with it.

    >>> training = [{"messages": [{"role": "user", "content": "Tell me: where is the old city of Kano and its market?"}]}]
    >>> [(role, line) for (role, piece), places in _found(training, {"where is the old city of kano and"}).items() for line, _ in places]
    [('user', 1)]
"""
from . import _prompting, store
from ._replywords import bare, fold

SIZE, LEAST = 8, 4   # words in a row that make a leak; a shorter question counts whole, from four words
ALIKE = 0.7          # share of a question's words in the user's turn, for an answer to count as learned with its question


def leaks(table, training_file, *, text="target"):
    """Evaluation items that stand in the training file, as a DataFrame: item, kind, line, shared, text. Empty is good.

    A question leaks when eight of its words in a row are in a training conversation, or, when it is shorter, all of it. An answer leaks
    when eight of its words in a row are in one whose user asks nearly the same question. Marks and capitals do not matter.
    """
    import pandas as pd

    usable, out = _prompting.items(table, text)
    asked = [(item, kind, _pieces(item[kind])) for item in usable + out for kind in ("question", "best", "best_incorrect")]
    places = _found(store.read_jsonl(training_file), {piece for _, _, pieces in asked for piece in pieces})
    rows = []
    for item, kind, pieces in asked:
        question = set(_words(item["question"]))
        shared, line = _first(pieces, places, () if kind == "question" else question, ("user", "assistant") if kind == "question" else ("assistant",))
        if shared:
            rows.append({"item": item["item"], "kind": kind, "line": line, "shared": shared, "text": item[kind]})
    return pd.DataFrame(rows, columns=["item", "kind", "line", "shared", "text"])


def _found(conversations, wanted):
    """{(role, piece): [(line, words of the user's turns)]} for the pieces that are wanted."""
    sizes, places = {len(piece.split()) for piece in wanted}, {}
    for line, row in enumerate(conversations, 1):
        turns = [(message.get("role"), _words(str(message.get("content") or ""))) for message in row.get("messages") or () if isinstance(message, dict)]
        asked = {word for role, words in turns if role == "user" for word in words}
        for role, words in turns:
            for size in sizes if role in ("user", "assistant") else ():
                for start in range(len(words) - size + 1):
                    if (piece := " ".join(words[start:start + size])) in wanted:
                        places.setdefault((role, piece), []).append((line, asked))
    return places


def _first(pieces, places, question, roles):
    """(the first piece that stands in a turn of one of `roles`, its line), or ("", 0); the user must have used most words of `question`."""
    for piece in pieces:
        for role in roles:
            for line, asked in places.get((role, piece), ()):
                if len(asked & set(question)) >= ALIKE * len(question):
                    return piece, line
    return "", 0


def _words(text):
    return fold(bare(text)).split()


def _pieces(text):
    """All sequences of eight words of a text; the whole text when it is shorter but says something."""
    words = _words(text)
    if len(words) < SIZE:
        return [" ".join(words)] if len(words) >= LEAST else []
    return [" ".join(words[start:start + SIZE]) for start in range(len(words) - SIZE + 1)]
