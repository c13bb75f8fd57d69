"""Did the model see the evaluation while it was trained? Sequences of eight words that stand in both files.

    >>> training = [{"messages": [{"role": "user", "content": "Tell me: where is the old city of Kano and its market?"}]}]
    >>> _shared(_eights("Where is the old city of Kano and its walls?"), _book(training))
    ('where is the old city of kano and', 1)
"""
from . import _prompting, store
from ._replies import fold

SIZE = 8  # words


def leaks(table, training_file, *, text="target"):
    """Evaluation items that stand in the training file, as a DataFrame: item, kind, line, shared, text. Empty is good.

    A sentence leaks when eight of its words in a row are in a training conversation, or, when it is shorter, all of it as one turn.
    """
    import pandas as pd

    book = _book(store.read_jsonl(training_file))
    usable, out = _prompting.items(table, text)
    rows = []
    for item in usable + out:
        for kind in ("question", "best", "best_incorrect"):
            shared, line = _shared(_eights(item[kind]), book)
            if shared:
                rows.append({"item": item["item"], "kind": kind, "line": line, "shared": shared, "text": item[kind]})
    return pd.DataFrame(rows, columns=["item", "kind", "line", "shared", "text"])


def _book(conversations):
    """{words in a row: number of the first line that has them}"""
    book = {}
    for number, row in enumerate(conversations, 1):
        for message in row.get("messages") or ():
            for piece in _eights(str(message.get("content") or "")) if message.get("role") != "system" else ():
                book.setdefault(piece, number)
    return book


def _eights(text):
    """All sequences of eight words of a text; the whole text when it is shorter but says something (three words)."""
    found = fold(text).split()
    if len(found) < SIZE:
        return [" ".join(found)] if len(found) >= 3 else []
    return [" ".join(found[i:i + SIZE]) for i in range(len(found) - SIZE + 1)]


def _shared(pieces, book):
    """(the first shared piece, its line), or ("", 0)."""
    return next(((piece, book[piece]) for piece in pieces if piece in book), ("", 0))
