"""What one decision does to one row of 4_qa.csv, a dict of strings; used by `review` for tables and by the editor for files.

    >>> row = {"id": "a", "question": "Ki ni eyi?", "answer": "Ile ni.", "question_llm": "Ki ni eyi?", "answer_llm": "Ile ni.", "status": "needs_review"}
    >>> mended = decided(row, "accepted", "Ada", question="Kí ni èyí?")
    >>> mended["status"], mended["question"], mended["question_llm"], mended["letters_changed"]
    ('edited', 'Kí ni èyí?', 'Ki ni eyi?', '3')
"""
import time
import unicodedata

from .errors import NeedsFixing

WAITING = ("generated", "needs_review", "to_revise", "skipped", "auto_fail")  # nobody has decided yet, or somebody should again
KEPT = ("accepted", "edited", "approved")                                     # these rows go on to notebook 5
FIRST, SECOND = ("accepted", "edited", "rejected", "skipped"), ("approved", "to_revise")
REASONS = ("language", "wrong fact", "not in the text", "unnatural", "offensive", "duplicate", "other")
PRACTICE = "practice"  # the name of the pretend reader
COLUMNS = ("reviewer", "reviewed_at", "reason")
# The columns that reviewing adds at the end: edit distance to what the model wrote, the reader's time, and the second reading.
MORE = ("letters_changed", "seconds", "second_reviewer", "second_at")
ADDED = ("question_llm", "answer_llm", *COLUMNS, *MORE)  # what a table gets where it lacks them, in this order


def now():
    """This moment, as it stands in `reviewed_at`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def tidy(text):
    """A text as people's work is kept: joined accents (NFC), one kind of line end, no blanks around."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def plain(text):
    """For comparing: blanks count as one, and it does not matter how an accent was typed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def original(row):
    """(question, answer) as the model wrote them."""
    return row.get("question_llm") or row["question"], row.get("answer_llm") or row["answer"]


def changed(row):
    """Did people change the text?"""
    return [plain(text) for text in original(row)] != [plain(row["question"]), plain(row["answer"])]


def touched(row):
    """Has a person decided about the row, or written in it? The pretend reader is no person."""
    if row.get("reviewer", "") not in ("", PRACTICE):
        return True
    return changed(row) or (row["status"] not in WAITING and row.get("reviewer") != PRACTICE)


def decided(row, status, reviewer, *, question=None, answer=None, reason="", seconds=None, at=None):
    """The row after a decision, as a new dict; NeedsFixing when the decision is not one, or lacks something.

    `accepted` with a changed text becomes `edited`, and `edited` without any change becomes `accepted`. `approved` and `to_revise` are for
    a second person, about a row that a first one kept; an approval that changes the text is a new first reading.
    """
    reviewer, name = reviewer.strip(), row["id"]
    check_call(status, reviewer)
    new = with_text(row, question, answer)
    if not reason and status in ("rejected", "to_revise") and row["status"] == status:
        reason = row.get("reason", "")
    if status == "rejected" and not reason.strip():
        raise NeedsFixing(f"row {name} is rejected without a reason; write one, such as {', '.join(REASONS[:4])}")
    if status in SECOND and not (status == "approved" and rewritten(row, new)):
        return _second(new, status, reviewer, reason, seconds, at)
    if status in ("accepted", "edited", "approved"):
        empty = [what for what in ("question", "answer") if not new[what]]
        if empty:
            raise NeedsFixing(f"row {name} has no {empty[0]}; write one, or reject the row")
        unknown = status == "edited" and not row.get("question_llm")  # the model's text is not there to compare with
        status = "edited" if changed(new) or unknown else "accepted"
    new.update(status=status, reviewer=reviewer, reviewed_at=at or now(), reason=reason.strip(), second_reviewer="", second_at="")
    return _measured(new, seconds)


def _second(new, status, reviewer, reason, seconds, at):
    name = new["id"]
    if new["status"] not in (*KEPT, "to_revise") or not new.get("reviewer"):
        raise NeedsFixing(f"row {name} is {new['status']}; a second reader reads rows that a first reader accepted or edited")
    if new["reviewer"].casefold() == reviewer.casefold():
        raise NeedsFixing(f"{reviewer} was the first reader of row {name}; the second one must be somebody else")
    new.update(status=status, second_reviewer=reviewer, second_at=at or now(), reason=reason.strip())
    return _measured(new, seconds)


def kept(row, question=None, answer=None, reviewer="", seconds=None):
    """The row with a text that was typed but not decided about: nothing that a person wrote is lost. As a new dict.

    A row that waits stays where it is; one that was kept becomes `edited` by this reader, or `accepted` again when it is as the model wrote it.
    """
    new = with_text(row, question, answer)
    if not rewritten(row, new):
        return dict(row)
    if row["status"] in KEPT:
        return decided(row, "edited", reviewer, question=question, answer=answer, seconds=seconds)
    return _measured(new, None)


def check_call(status, reviewer):
    """NeedsFixing when there is no such status, or nobody to stand for it."""
    if status not in FIRST + SECOND:
        raise NeedsFixing(f"there is no status {status!r}; choose from {', '.join(FIRST + SECOND)}")
    if not reviewer.strip():
        raise NeedsFixing("the reader has no name; write your name first, so that the team knows who decided")


def with_text(row, question=None, answer=None):
    """A copy of the row with a new text, and beside it what the model wrote first."""
    new = dict(row)
    for what, text in (("question", question), ("answer", answer)):
        if not new.get(f"{what}_llm"):
            new[f"{what}_llm"] = row[what]
        if text is not None:
            new[what] = tidy(text)
    return new


def rewritten(row, new):
    """Is the text of `new` another one than that of `row`?"""
    return [plain(row[what]) for what in ("question", "answer")] != [plain(new[what]) for what in ("question", "answer")]


def _measured(new, seconds):
    first = original(new)
    new["letters_changed"] = str(sum(distance(plain(before), plain(after)) for before, after in zip(first, (new["question"], new["answer"]), strict=True)))
    if seconds is not None:
        new["seconds"] = str(round(float(new.get("seconds") or 0) + seconds))
    new.setdefault("seconds", "")
    return new


def letters(text):
    """The letters of a text as people see them: ọ̀ is one, however many code points it has."""
    import regex

    return regex.findall(r"\X", unicodedata.normalize("NFC", text))


def distance(one, other):
    """How many letters must be put in, taken out or replaced to make `other` of `one`.

    Hyyrö's bit-parallel form of the edit distance (2003): a whole column of the table is one big integer, so that long answers take milliseconds.

    >>> distance("Ẹ káàárọ̀", "Ẹ kaaro"), distance("", "abc")
    (4, 3)
    """
    if one == other:
        return 0
    one, other = letters(one), letters(other)
    if not one or not other:
        return len(one) + len(other)
    where = {}
    for place, letter in enumerate(one):
        where[letter] = where.get(letter, 0) | 1 << place
    full, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    plus, minus, score = full, 0, len(one)
    for letter in other:
        match = where.get(letter, 0)
        vertical = match | minus
        horizontal = (((match & plus) + plus) ^ plus) | match
        up, down = (minus | ~(horizontal | plus)) & full, plus & horizontal
        score += bool(up & last) - bool(down & last)
        up = (up << 1 | 1) & full
        plus, minus = ((down << 1) | ~(vertical | up)) & full, up & vertical
    return score
