"""All codes of the check: what each one means, how grave it is for each place to train, and what to do about it.

    >>> severity("S10", "openai"), severity("S10", "together"), CODES["L01"].mends
    ('W', 'E', True)

E must be mended before training, W should be looked at, I is for information only.
"""
from dataclasses import dataclass

from .errors import NeedsFixing

# Where a file may be trained: hosted services, and templates of open models ("local" is any open model on one's own card).
TARGETS = ("openai", "azure", "together", "fireworks", "mistral", "alibaba", "gemma", "local")
STRICT = "together fireworks gemma"


@dataclass(frozen=True)
class Code:
    """`severity` holds for all targets except those in `graver`, parted by blanks, where it is E; `mends` says that `repair` can mend it."""

    code: str
    severity: str
    title: str
    fix: str
    graver: str = ""
    mends: bool = False


_ALL = [
    # the file
    Code("F01", "E", "the file is missing or empty", "run notebook 5_csv_to_jsonl, and check the path"),
    Code("F02", "E", "not UTF-8", "open the file in a text editor and save it as UTF-8"),
    Code("F03", "W", "a byte order mark stands before the first line", "use the repaired file, or save as UTF-8 without BOM", mends=True),
    Code("F04", "E", "the name does not end in .jsonl", "give the file a name that ends in .jsonl"),
    Code("F05", "W", "larger than 512 MB", "use fewer or shorter rows, or split the file into several jobs", graver="openai azure"),
    Code("F06", "E", "a line is blank or is not JSON", "mend the line in a text editor or write the file anew with notebook 5; blank lines can be taken out", mends=True),
    Code("F07", "E", "a row is not an object in braces", 'write the row as {"messages": [...]}'),
    Code("F08", "W", "lines end in CR LF, as on Windows", "use the repaired file, or save with LF line ends", mends=True),
    Code("F09", "E", "NaN, Infinity or half a character, which JSON does not allow", "delete that value or write it as text"),
    Code("F10", "W", "a key stands twice in one object", "delete one of the two; a reader keeps only the last"),
    Code("F11", "W", "keys differ between rows", "give all rows the same keys"),
    Code("F12", "E", "messages are mixed with text or prompt", "keep one form in a file: chat messages only"),
    # structure
    Code("S01", "E", "no list of messages", 'give the row a list "messages" with at least a user and an assistant message'),
    Code("S02", "E", "a message is not an object", 'write each message as {"role": ..., "content": ...}'),
    Code("S03", "E", "a role is missing or unknown", "use system, developer, user, assistant or tool"),
    Code("S04", "E", "a message has no text", "write the text, or delete the row"),
    Code("S05", "W", "a message has a key that is not known", "delete that key", graver="openai azure"),
    Code("S06", "E", "weight is not 0 or 1 on an assistant message", "write the number 0 or 1, on assistant messages only"),
    Code("S07", "E", "no assistant message", "add the answer that the model should learn"),
    Code("S08", "E", "the last message is not the assistant's", "delete what follows the last answer, or add the answer"),
    Code("S09", "W", "the system message is not first, or there are several", "keep one system message, as the first one", graver=STRICT),
    Code("S10", "W", "user and assistant do not take turns", "join neighbouring messages of one role", graver="together gemma local"),
    Code("S11", "W", "no user message", "add the question, if there is one"),
    Code("S12", "E", "all assistant messages have weight 0", "set weight 1 where the model should learn, or delete the row"),
    Code("S13", "W", "the system text differs between rows", "use one system text, and the same one later when people ask"),
    Code("S14", "E", "the text holds a special sign of chat templates", "delete the sign; the template adds its own"),
    # size
    Code("Z01", "W", "few rows", "review more rows in notebook 4b"),
    Code("Z02", "E", "longer than the model can read, so that the answer is cut", "split the row or shorten the text"),
    Code("Z03", "W", "longer than the length set for training, so that the end is cut", "raise max_length, or shorten the row"),
    Code("Z04", "W", "an answer of fewer than three tokens", "write a whole answer, if that is what people should get"),
    Code("Z05", "I", "totals and cost", "see check.cost for every way to train"),
    Code("Z06", "W", "one kind of row or one answer is too common", "add other rows, or leave out some of these"),
    # text and language
    Code("L01", "W", "letters and marks are not composed (NFC)", "use the repaired file", mends=True),
    Code("L02", "W", "signs that nobody sees", "use the repaired file", mends=True),
    Code("L03", "E", "control characters", "use the repaired file", mends=True),
    Code("L04", "E", "letters were lost in a wrong encoding", "take the text from its source again, read as UTF-8"),
    Code("L05", "W", "letters of another script", "type the word anew on the keyboard of the language"),
    Code("L06", "W", "tone marks or dots are missing", "let a speaker put the marks back"),
    Code("L07", "W", "another language", "write it in the language, or leave the row out"),
    Code("L08", "W", "leftovers of wiki or HTML mark-up", "use the repaired file, then read these rows", mends=True),
    Code("L09", "W", "the answer repeats the question", "write an answer that says something new"),
    Code("L10", "E", "a refusal, or words about the task itself", "write the answer that people should get, or delete the row"),
    Code("L11", "W", "the end is cut off", "finish the sentence"),
    Code("L12", "W", "white space around the text", "use the repaired file", mends=True),
    Code("L13", "W", "the same words again and again", "delete the repetition"),
    Code("L14", "W", "a copy of the English source", "translate it, or leave the row out"),
    Code("L15", "W", "numbers or addresses differ from the source", "compare with the source and correct"),
    # duplicates and leaks
    Code("D01", "W", "the same row twice", "use the repaired file", mends=True),
    Code("D02", "W", "the same question with different answers", "keep the better answer, or make the questions different"),
    Code("D03", "W", "nearly the same as an earlier row", "keep one of the two"),
    Code("D04", "E", "also in the validation file", "write both files anew with notebook 5, which keeps them apart"),
    Code("D05", "E", "also in the evaluation set", "delete the row: a model that has seen the questions is not tested by them"),
    # privacy
    Code("P01", "W", "private data", "delete it, or put an invented example in its place"),
    Code("P02", "E", "a secret key", "delete it here, and make it invalid at once where it was issued"),
    Code("P03", "W", "source or licence is not known", "look the row up in 4_qa.csv; do not publish what you have no permission for"),
    Code("P04", "I", "perhaps a person's name with health data", "a person must decide; a program cannot"),
    Code("P05", "I", "the moderation service has marked it", "read the row; a hosted job may be refused because of it"),
]
CODES = {one.code: one for one in _ALL}


def severity(code, target):
    """E, W or I of a code at a target."""
    found = CODES[code]
    return "E" if target in found.graver.split() else found.severity


def known_target(target):
    """The target itself; raises NeedsFixing for one that is not in TARGETS."""
    if target not in TARGETS:
        raise NeedsFixing(f"no target called {target!r}; choose one of {', '.join(TARGETS)}")
    return target


def excerpt(text, start=0, length=60):
    """A piece of a text on one line, with dots where it was cut."""
    begin = max(0, start - 12) if len(text) > length else 0
    piece = " ".join(text[begin:begin + length].split())
    return ("…" if begin else "") + piece + ("…" if len(text) > begin + length else "")
