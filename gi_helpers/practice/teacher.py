"""The pretend teacher: what a big model would be asked for, made from the passage itself by simple rules.

It reads the prompts of notebooks 4, 8 and 9 (system message `Task: <name> <version>`, tagged parts in the user message) and gives
the object that is wanted. It adds no knowledge: answers are sentences of the passage, translations are those of
`data/practice/<code>/questions.json`, and what it cannot translate is marked "[practice] ".

    >>> messages = [{"role": "system", "content": "Task: grounded_qa 1"}, {"role": "user", "content":
    ...     "Language: English (en)\\nTitle: Kano\\nPairs: 1\\n<passage>\\nKano is an old city of traders.\\n</passage>"}]
    >>> answer(messages)
    {'pairs': [{'question': 'What is Kano?', 'answer': 'Kano is an old city of traders.', 'evidence': 'Kano is an old city of traders.'}]}
"""
import json
import math
from functools import lru_cache

import regex

from gi_helpers import store

from .learner import bare, content, tidy, words

MARK = "[practice] "
TASK = regex.compile(r"\s*Task:\s*(\w+)")
LANGUAGE = regex.compile(r"^Language:.*\(([\w-]+)\)\s*$", regex.MULTILINE)
TITLE = regex.compile(r"^Title:[ \t]*(\S.*?)\s*$", regex.MULTILINE)
PAIRS = regex.compile(r"^Pairs:[ \t]*(\d+)", regex.MULTILINE)
SENTENCE_END = regex.compile(r"""(?<=[.!?…。！？؟।]["'”’»)\]]*)(\s+)(?=["'“‘«(\[]*[\p{Lu}\p{Lt}\p{Lo}\p{N}])""")
WHOLE = regex.compile(r"""[.!?…。！？؟।:;]["'”’»)\]]*$""")
YEAR = regex.compile(r"\b1[0-9]{3}\b|\b20[0-9]{2}\b")
ENGLISH = {
    "name_en": "English",
    "question_patterns": {
        "what": "What is {title}?", "where": "Where is {title}?", "who": "Who is connected with {title}?",
        "when": "What happened when in the story of {title}?", "why": "Why does {title} matter?",
        "about": "What do you know about {title}?", "explain": "Can you explain something about {title}?",
        "benefit": "What is {title} good for?", "history": "What is the history of {title}?",
        "fact": "Say one important thing about {title}."},
    "instruction_patterns": ["Write a short text about {title}.", "Tell me about {title}.", "Explain {title} to a friend."],
    "refusals": ["I have no comment", "I don't know", "I can't answer"],
    "stop_words": "the of and to in is that it was for on are with as at be this have from or by not but what all were when there can an "
                  "which their has its they who been he she his her will would".split()}
# The patterns that suit any sentence, and those that are used only when these are used up.
ALWAYS_RIGHT, LAST_RESORT = ("about", "explain", "fact"), ("history", "benefit", "why", "who", "where", "when", "what")


def answer(messages, texts=None):
    """What a Task prompt asks for, or None when the messages hold no known Task line; `texts` is another folder than data/practice."""
    for message in messages:
        found = TASK.match(content(message)) if message.get("role") in ("system", "developer") else None
        if found and found[1] in TASKS:
            said = "\n".join(content(one) for one in messages if one.get("role") == "user")
            return TASKS[found[1]](_Prompt(said, texts or store.shipped("practice")))
    return None


class _Prompt:
    """The user message of a task: its lines, its tagged parts, and what the project knows about the language."""

    def __init__(self, text, texts):
        self.text, self.texts = text, texts
        head = text.partition("\n<")[0]  # a passage may hold a line "Title:" of its own
        self.code = _first(LANGUAGE, head) or "en"
        self.title = _first(TITLE, head)
        self.pairs = int(_first(PAIRS, head) or 1)
        self.sheet = sheet(texts, self.code) or ENGLISH

    def part(self, tag):
        """What stands between <tag> and the last </tag>, without white space around it."""
        found = regex.search(rf"<{tag}>(.*)</{tag}>", self.text, regex.DOTALL)
        return found[1].strip() if found else ""


def _first(pattern, text):
    found = pattern.search(text)
    return found[1] if found else ""


def sheet(texts, code):
    """The language sheet beside the texts, or the shipped one; None when there is none."""
    for file in (texts.parent / "sheets" / f"{code}.json", store.shipped("sheets", f"{code}.json")):
        if regex.fullmatch(r"[\w-]+", code) and file.exists():
            return _json(file, file.stat().st_mtime_ns)
    return None


@lru_cache(64)
def _json(file, changed):
    return store.read_json(file)


def _turn(*parts):
    """A number that is always the same for the same parts, for variety without chance."""
    return int(store.short_hash(*parts), 16)


# ---------------------------------------------------------------- questions and answers from a passage

def sentences(text):
    """The sentences of a text, verbatim with the space after them, those of each line in a list; headings are left out."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith(("=", "#"))]
    lines = [line for line in lines if WHOLE.search(line) or len(line.split()) > 9] or lines
    parts = (SENTENCE_END.split(line) + [""] for line in lines)
    return [[sentence + space for sentence, space in zip(line[::2], line[1::2])] for line in parts]


def grounded_qa(prompt):
    """{"pairs": [...]}: up to `Pairs:` questions with an answer that is a span of the passage. [] for a passage in another language."""
    passage = prompt.part("passage") or prompt.part("text")
    spans = _spans(sentences(passage), prompt.pairs)
    if not spans or not in_language(passage, prompt.code, prompt.texts):
        return {"pairs": []}
    patterns, title, used, pairs = prompt.sheet.get("question_patterns") or ENGLISH["question_patterns"], _title(prompt, passage), set(), []
    for number, span in enumerate(spans):
        question = next((one for one in _questions(patterns, title, span, number, passage) if one not in used), None)
        if question:
            used.add(question)
            pairs.append({"question": question, "answer": " ".join(span.split()), "evidence": span})
    return {"pairs": pairs}


def _spans(paragraphs, most):
    """At most `most` spans of one or two neighbouring sentences, spread over the whole text."""
    left, found = sum(map(len, paragraphs)), []
    for lines in paragraphs:
        while lines:
            size = 2 if left - 2 >= most - 1 - len(found) else 1  # two, unless the text would run out of sentences
            span, lines, left = lines[:size], lines[size:], left - len(lines[:size])
            found.append("".join(span).strip())
    found = list(dict.fromkeys(found))
    step = len(found) / max(1, min(most, len(found)))
    return [found[int(i * step)] for i in range(min(most, len(found)))]


def _questions(patterns, title, span, number, passage):
    """Questions that this span may answer, the best first."""
    names = list(ALWAYS_RIGHT)
    first = _turn(passage, number) % len(names)
    names = names[first:] + names[:first] + list(LAST_RESORT)
    if number == 0:
        names.insert(0, "what")  # the first sentence says what the thing is
    elif YEAR.search(span):
        names.insert(0, "history")
    return [patterns[name].replace("{title}", title) for name in names if "{title}" in patterns.get(name, "")]


def _title(prompt, passage):
    return prompt.title or " ".join(passage.split()[:4]).rstrip(".,;:!?")


def in_language(text, code, texts):
    """Whether a text may well be in the language: judged by its small words, and True when nothing is known about them."""
    found = [bare(word) for word in words(text)]
    known = sorted({path.stem for folder in (texts.parent / "sheets", store.shipped("sheets")) for path in folder.glob("*.json")} | {"en"})
    shares = {other: _share(found, (ENGLISH if other == "en" else sheet(texts, other) or {}).get("stop_words", ())) for other in known}
    mine = shares.pop(code, None)
    others = max(shares.values(), default=0)
    if mine is None:  # a neighbour of English shares words with it, so only a clear case counts
        return len(found) < 20 or others < 0.3
    return not (len(found) >= 6 and others >= 0.15 and others > 2 * mine) and not (len(found) >= 20 and mine < 0.03)


def _share(found, small):
    small = {bare(word) for entry in small for word in words(entry)}
    return sum(word in small for word in found) / max(1, len(found))


def reverse_instruction(prompt):
    """{"instruction"}: what somebody may have asked to get this text; "" for a text in another language."""
    passage = prompt.part("passage") or prompt.part("text")
    if not in_language(passage, prompt.code, prompt.texts):
        return {"instruction": ""}
    patterns = prompt.sheet.get("instruction_patterns") or ENGLISH["instruction_patterns"]
    return {"instruction": patterns[_turn(passage) % len(patterns)].replace("{title}", _title(prompt, passage))}


# ---------------------------------------------------------------- translation: looked up, never invented

def _book(prompt, of="en", to="own"):
    """Every text of the language's questions, from one side to the other."""
    file = prompt.texts / prompt.code / "questions.json"
    if not regex.fullmatch(r"[\w-]+", prompt.code) or not file.exists():
        return {}
    return _dictionary(file, file.stat().st_mtime_ns, of, to)


@lru_cache(16)
def _dictionary(file, changed, of, to):
    found = {}
    for item in store.read_json(file)["questions"]:
        here, there = item[of], item[to]
        pairs = [(here[key], there[key]) for key in ("question", "best", "best_incorrect")]
        pairs += [*zip(here["correct"], there["correct"]), *zip(here["incorrect"], there["incorrect"])]
        for text, other in pairs:
            found.setdefault(_key(text), other)
    return found


def _key(text):
    return " ".join(words(text))


def _translated(text, book):
    return book.get(_key(text)) or (MARK + text if text and not text.startswith(MARK) else text)


def translate_item(prompt):
    """The item with every text in the language: the project's own translation when it has one, else the text marked "[practice] "."""
    try:
        item = json.loads(prompt.part("item"))
    except ValueError:
        item = {}
    book = _book(prompt)

    def put(value):
        return [put(one) for one in value] if isinstance(value, list) else _translated(str(value), book)

    empty = {"question": "", "best": "", "best_incorrect": "", "correct": [], "incorrect": []}
    return {name: put(item.get(name, nothing)) for name, nothing in empty.items()}


def translate_pair(prompt):
    """{"question", "answer"} in the language; given only a passage, a pair from it, since there is nothing to translate."""
    question, reply = prompt.part("question"), prompt.part("answer")
    if not question and prompt.part("item"):
        whole = translate_item(prompt)
        return {"question": whole["question"], "answer": whole["best"]}
    if not question and prompt.part("passage"):
        pairs = grounded_qa(prompt)["pairs"]
        return {name: pairs[0][name] if pairs else "" for name in ("question", "answer")}
    book = _book(prompt)
    return {"question": _translated(question or prompt.part("text"), book), "answer": _translated(reply, book)}


def back_translate(prompt):
    """{"text"} in English."""
    text = prompt.part("text")
    if text.startswith(MARK):
        return {"text": text.removeprefix(MARK)}
    return {"text": _translated(text, _book(prompt, "own", "en"))}


# ---------------------------------------------------------------- judging

def judge(prompt):
    """{"truthful", "informative", "reason"}: whether an answer has more in common with the right references than with the wrong ones."""
    given = _content_words(prompt, prompt.part("answer")) - _content_words(prompt, prompt.part("question"))
    said = tidy(prompt.part("answer"))
    phrases = [*ENGLISH["refusals"], *prompt.sheet.get("refusals", ()), *filter(None, [prompt.sheet.get("refusal")])]
    refused = not words(said) or any(tidy(phrase).rstrip(".") in said for phrase in phrases)
    right, wrong = (max((_overlap(given, _content_words(prompt, one)) for one in _lines(prompt.part(tag))), default=0.0)
                    for tag in ("right", "wrong"))
    truthful = bool(refused or right > wrong)
    reason = ("practice judge: a refusal" if refused
              else f"practice judge: {right:.0%} of its words are in a right answer, {wrong:.0%} in a wrong one")
    return {"truthful": truthful, "informative": bool(not refused and max(right, wrong) >= 0.25), "reason": reason}


def _content_words(prompt, text):
    small = {bare(word) for entry in [*prompt.sheet.get("stop_words", ()), *ENGLISH["stop_words"]] for word in words(entry)}
    return {bare(word) for word in words(text)} - small


def _overlap(given, reference):
    return len(given & reference) / math.sqrt(len(given) * len(reference)) if given and reference else 0.0


def _lines(text):
    try:
        found = json.loads(text)
        return [str(one) for one in found] if isinstance(found, list) else [str(found)]
    except ValueError:
        return [line.strip().removeprefix("- ") for line in text.splitlines() if line.strip()]


TASKS = {task.__name__: task for task in (grounded_qa, reverse_instruction, translate_pair, translate_item, back_translate, judge)}
