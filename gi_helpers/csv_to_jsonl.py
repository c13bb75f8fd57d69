"""Notebook 5: reviewed rows become the conversations that a model is trained on.

    >>> import pandas as pd
    >>> qa = pd.DataFrame([{"id": "a", "question": "Kí ni ẹ̀bà?", "answer": "Oúnjẹ tí a fi gàrí ṣe ni ẹ̀bà.", "status": "accepted"},
    ...                    {"id": "b", "question": "Kí ni ìlù?", "answer": "?", "status": "rejected"}])
    >>> convert(qa, system="Dáhùn ní èdè Yorùbá.") == [{"messages": [
    ...     {"role": "system", "content": "Dáhùn ní èdè Yorùbá."},
    ...     {"role": "user", "content": "Kí ni ẹ̀bà?"},
    ...     {"role": "assistant", "content": "Oúnjẹ tí a fi gàrí ṣe ni ẹ̀bà."}]}]
    True
"""
import collections
import hashlib
import random
import unicodedata

from . import store, tokens
from ._checksizes import Sizes
from .errors import NeedsFixing

GO_ON = ("accepted", "edited", "approved")  # what people have decided to keep


# ---------------------------------------------------------------- rows to conversations

def convert(qa, system=None, *, question="question", answer="answer", conversation=None, name=None):
    """Conversations, a list of {"messages": [...]}, from the rows of `qa` that people have kept.

    A table without a column `status` is taken whole, and rows with an empty question or answer are left out. `question` and `answer` name
    the columns; `conversation` names a column whose equal values, in the order of the rows, are turns of one talk; `name` a column for the
    optional name of the user. Raises NeedsFixing when a column is missing or no row is left.
    """
    groups = _groups(qa, question, answer, conversation)
    if not groups:
        raise NeedsFixing(f"none of the {len(qa):,} rows is reviewed; accept or edit some rows in notebook 4b_review first")
    return [_conversation(rows, system, question, answer, name) for rows in groups]


def _groups(qa, question, answer, conversation):
    rows = qa.fillna("").to_dict("records")
    _columns(list(qa.columns), question, answer, conversation)
    groups = {}
    for number, row in enumerate(row for row in rows if _goes_on(row, question, answer)):
        # A row without a conversation id is a talk of its own.
        groups.setdefault((row.get(conversation) or ("row", number)) if conversation else number, []).append(row)
    return list(groups.values())


def _columns(there, *wanted, place="the table"):
    absent = [column for column in wanted if column and column not in there]
    if absent:
        raise NeedsFixing(f"{place} has no column {absent[0]!r}; its columns are {', '.join(map(str, there))}")


def _goes_on(row, question, answer):
    return row.get("status", "accepted") in GO_ON and bool(str(row[question]).strip()) and bool(str(row[answer]).strip())


def conversation(row, system=None):
    """The conversation of one row that is kept: {"messages": [...]}."""
    return _conversation([row], system, "question", "answer", None)


def _conversation(rows, system, question, answer, name):
    messages = [{"role": "system", "content": _letters(system)}] if system else []
    for row in rows:
        user = {"role": "user", "content": _letters(row[question])}
        if name and str(row.get(name, "")).strip():
            user["name"] = _letters(row[name])
        messages += [user, {"role": "assistant", "content": _letters(row[answer])}]
    return {"messages": messages}


def _letters(text):
    # NFC saves 14 to 25 % of the tokens of Yoruba, and the model must see each letter in one form only.
    text = str(text).encode("utf-8", "replace").decode()  # half a character, which no file can hold, becomes "?"
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


# ---------------------------------------------------------------- two sides

def split(qa, share=0.1, seed=0, passage="passage_id", question="question", conversation=None):
    """Two tables, for training and for validation; all rows of a text stand on one side, and so do all rows with one question, or of one talk.

    About `share` of the rows go to validation; the same seed gives the same sides, whatever the order of the rows.
    """
    aside = _sides(_linked(qa.to_dict("records"), passage, question, conversation), share, seed)
    return qa[[not side for side in aside]].reset_index(drop=True), qa[aside].reset_index(drop=True)


def sides(rows, share=0.1, seed=0):
    """For each row, a dict given one by one, whether `split` would put it into validation: for collections of any length."""
    return _sides(_linked(rows, "passage_id", "question"), share, seed)


def _sides(groups, share, seed):
    """For each row whether it goes to validation; `groups` are the names of their groups."""
    size = collections.Counter(groups)
    names = sorted(size)
    random.Random(seed).shuffle(names)
    wanted, chosen, taken = round(share * len(groups)), set(), 0
    for name in names:
        if taken >= wanted or len(chosen) + 1 >= len(names):
            break
        if taken + size[name] <= max(wanted * 1.2, 1):  # one long text must not fill the whole side
            chosen.add(name)
            taken += size[name]
    return [name in chosen for name in groups]


def _linked(rows, passage, question, conversation=None):
    """The group of each row, a number: rows that share a text, a question or a talk, also by a chain of such rows, share a group."""
    parent = {}

    def root(key):
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    firsts = []
    for number, row in enumerate(rows):
        text = str(row.get(passage) or row.get("context") or row.get("id") or number)
        asked = _letters(row.get(question) or "").casefold()
        names = [("text", text), ("question", asked or text), ("talk", str(row.get(conversation) or ""))]
        keys = [_number(*name) for name in names if name[1]]
        # Joined under the smaller number, so that the order of the rows does not matter.
        ends = sorted(set(map(root, keys)))
        for end in ends[1:]:
            parent[end] = ends[0]
        firsts.append(keys[0])
    return [root(first) for first in firsts]


def _number(kind, text):
    """A key of eight bytes, however long the text."""
    return int.from_bytes(hashlib.blake2b(f"{kind}\x1f{text}".encode("utf-8", "replace"), digest_size=8).digest(), "big")


# ---------------------------------------------------------------- files

def write(conversations, path):
    """Write conversations as JSON lines: UTF-8 without BOM, LF, letters not escaped. Gives the path back; takes any iterable."""
    return store.write_jsonl(conversations, path)


def make(qa, train, validation, *, system=None, share=0.1, seed=0, manifest=None, question="question", answer="answer", conversation=None, name=None,
         passage="passage_id", model="gpt-4o-mini"):
    """Split, convert and write both files and 5_manifest.json; gives the manifest as a dict (rows, tokens, SHA-256 of each file).

    `qa` is a DataFrame, or the path of a CSV or JSONL file of any length, which is read row by row (with `conversation`, the rows of a side are
    held in memory). `question`, `answer`, `conversation`, `name` and `passage` are names of columns. `tokens` are those of `model`.
    """
    rows, columns = _reader(qa), (question, answer, conversation)
    drafted, place = 0, "the table" if hasattr(qa, "to_dict") else qa

    def going_on():
        nonlocal drafted
        drafted = 0
        for row in rows():
            if not drafted:
                _columns(list(row), *columns, place=place)
            drafted += 1
            if _goes_on(row, question, answer):
                yield row

    aside = _sides(_linked(going_on(), passage, question, conversation), share, seed)
    if not aside:
        raise NeedsFixing(f"none of the {drafted:,} rows of {place} is reviewed; accept or edit some rows in notebook 4b_review first")
    told = {"system": system, "seed": seed, "share": share, "rows_drafted": drafted, "rows_kept": len(aside), "files": []}
    for side, file in (("train", train), ("validation", validation)):
        chosen = (row for row, away in zip(going_on(), aside, strict=True) if away == (side == "validation"))
        sizes = _Counted(_talks(chosen, system, *columns, name), model)
        write(sizes, file)
        told["files"].append({"side": side, "name": store.Path(file).name, "rows": sizes.rows, "tokens": sizes.tokens, "tokens_are": tokens.how(model),
                              "sha256": store.sha256(file)})
    store.write_json(told, manifest or store.Path(train).with_name("5_manifest.json"))
    return told


def _reader(qa):
    """A function that gives the rows of a table or a file as dicts, one by one and as often as it is called."""
    if hasattr(qa, "to_dict"):
        table = qa.fillna("").to_dict("records")
        return lambda: iter(table)
    return lambda: store.read_jsonl(qa) if store.Path(qa).suffix == ".jsonl" else store.read_rows(qa)


def _talks(rows, system, question, answer, conversation, name):
    """Conversations of rows, one by one; those of several rows need them all first."""
    if not conversation:
        yield from (_conversation([row], system, question, answer, name) for row in rows)
        return
    groups = {}
    for number, row in enumerate(rows):
        groups.setdefault(row.get(conversation) or ("row", number), []).append(row)
    yield from (_conversation(group, system, question, answer, name) for group in groups.values())


class _Counted:
    """Passes conversations on, and counts them and their tokens as the hosted services do."""

    def __init__(self, talks, model):
        self.talks, self.sizes, self.rows, self.tokens = talks, Sizes(model), 0, 0

    def __iter__(self):
        for talk in self.talks:
            self.rows += 1
            self.tokens += self.sizes.lengths(talk["messages"])[0]
            yield talk


# ---------------------------------------------------------------- other forms

def to_form(conversations, form):
    """The same conversations as rows of another form, one by one: "messages", "prompt_completion", "alpaca" or "sharegpt".

    prompt_completion gives one row for each assistant turn: the messages before it, and the turn. alpaca holds one question and answer,
    and the turns before them in `history`.
    """
    shape = _TO[_known(form)]
    return (row for talk in conversations for row in shape(talk["messages"]))


def from_form(rows, form):
    """Conversations from rows that `to_form` made, one by one. Raises NeedsFixing with the number of a row that is of another form."""
    number = 0

    def counted():
        nonlocal number
        for number, row in enumerate(rows, 1):
            yield row

    try:
        yield from _conversations_from(counted(), _known(form))
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise NeedsFixing(f"row {number} has not the form {form!r} ({type(error).__name__}: {error}); choose the form that the file has, or mend that row") from error


def _conversations_from(rows, form):
    if form != "prompt_completion":
        yield from (_FROM[form](row) for row in rows)
        return
    last = None
    for row in rows:  # a longer row that begins with the last one is the same talk, going on
        talk = {"messages": row["prompt"] + row["completion"]}
        if last is not None and talk["messages"][: len(last["messages"])] != last["messages"]:
            yield last
        last = talk
    if last is not None:
        yield last


def _known(form):
    if form not in _TO:
        raise NeedsFixing(f"no form called {form!r}; choose one of {', '.join(_TO)}")
    return form


def _prompt_completion(messages):
    for place, message in enumerate(messages):
        if message["role"] == "assistant" and message.get("weight", 1):
            yield {"prompt": messages[:place], "completion": [message]}


def _alpaca(messages):
    system = next((message["content"] for message in messages if message["role"] == "system"), "")
    turns = [message["content"] for message in messages if message["role"] != "system"]
    pairs = list(zip(turns[::2], turns[1::2], strict=False))
    yield {"instruction": pairs[-1][0], "input": "", "output": pairs[-1][1], "system": system, "history": [list(pair) for pair in pairs[:-1]]}


def _from_alpaca(row):
    asked = "\n\n".join(part for part in (row["instruction"], row.get("input", "")) if part)
    messages = [{"role": "system", "content": row["system"]}] if row.get("system") else []
    for question, answer in [*row.get("history", []), (asked, row["output"])]:
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": messages}


_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}


def _sharegpt(messages):
    yield {"conversations": [{"from": _SPEAKERS[message["role"]], "value": message["content"]} for message in messages]}


def _from_sharegpt(row):
    roles = {speaker: role for role, speaker in _SPEAKERS.items()}
    return {"messages": [{"role": roles[turn["from"]], "content": turn["value"]} for turn in row["conversations"]]}


_TO = {"messages": lambda messages: [{"messages": messages}], "prompt_completion": _prompt_completion, "alpaca": _alpaca, "sharegpt": _sharegpt}
_FROM = {"messages": lambda row: {"messages": row["messages"]}, "alpaca": _from_alpaca, "sharegpt": _from_sharegpt}
