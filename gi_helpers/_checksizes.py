"""How long the rows are, counted as the service counts, and what the cookbook's check would say of them. Part of `check`.

    >>> sizes = Sizes("gpt-4o-mini", count=len)
    >>> sizes.lengths([{"role": "user", "content": "Kí ni ìlù?", "name": "Ada"}, {"role": "assistant", "content": "Ohun èlò."}])
    (45, 9)
"""
import functools
import json

from . import tokens
from ._checkcodes import excerpt
from ._checkrows import KEYS, ROLES, calls, messages_of, text_of

FEW_TOKENS = 3
SLIPS = ("not JSON", "not an object", "no list of messages", "a key is missing", "an unknown key", "an unknown role", "no content", "no assistant message")


class Sizes:
    """Counts for one model; `limit` (tokens of an example) and `max_length` (of one's own training) are None where there is none."""

    def __init__(self, model, limit=None, max_length=None, count=None):
        self.model, self.limit, self.max_length = model, limit, max_length
        counted = count or tokens.counter(model)
        self.count = lambda text: counted(text) if text else 0
        self.short = functools.lru_cache(512)(self.count)  # roles, names and system messages come again and again

    def lengths(self, messages):
        """(tokens of a conversation, tokens of its answers): 3 a message and 3 at the end, all fields that are text, 1 more for a name."""
        total = answers = 0
        for message in messages:
            total += 3 + ("name" in message)
            for name, value in message.items():
                if isinstance(value, str):
                    size = (self.count if name == "content" and message.get("role") != "system" else self.short)(value)
                    total += size
                    if name == "content" and message.get("role") == "assistant":
                        answers += size
        return total + 3, answers

    def check(self, line):
        """(tokens, tokens of the answers, findings Z02 to Z04) of a line; None when it holds no row."""
        row = read(line)
        if not isinstance(row, dict):
            return None
        messages = messages_of(row)
        total, answers = self.lengths(messages)
        found = []
        if self.limit and total > self.limit:
            found.append(("Z02", "", f"{total:,} tokens; {self.model} takes {self.limit:,}"))
        if self.max_length and total > self.max_length:
            found.append(self._too_long(messages, total))
        if answers < FEW_TOKENS * len(messages):  # only then can one of them be so short
            found += [("Z04", "", f"an answer is {excerpt(text)!r}") for text in map(text_of, filter(_learned, messages)) if text.strip() and self.count(text) < FEW_TOKENS][:1]
        return total, answers, found

    def _too_long(self, messages, total):
        answers = [place for place, message in enumerate(messages) if message.get("role") == "assistant"]
        prompt = self.lengths(messages[:answers[-1]])[0] if answers else total
        whole = "the prompt alone reaches it, so that nothing of the answer is learned" if prompt >= self.max_length else "the end of the answer is not learned"
        return "Z03", "E" if prompt >= self.max_length else "", f"{total:,} tokens, and max_length is {self.max_length:,}: {whole}"

    def measure(self, line):
        """(messages, tokens, tokens of answers, slips, has a system message, has a user message) of a line, as the cookbook counts."""
        row = read(line)
        if row is None or not isinstance(row, dict):
            return 0, 0, 0, ["not JSON" if row is None else "not an object"], False, False
        messages = messages_of(row)
        if not messages:
            return 0, 0, 0, ["no list of messages"], False, False
        roles = {message["role"] for message in messages if isinstance(message.get("role"), str)}
        return len(messages), *self.lengths(messages), list(_slips(messages, roles)), bool(roles & {"system", "developer"}), "user" in roles


def read(line):
    """What a line holds, None when it is no JSON."""
    try:
        return json.loads(line)
    except (TypeError, ValueError, RecursionError):
        return None


def _learned(message):
    return message.get("role") == "assistant" and message.get("weight", 1) != 0


def _slips(messages, roles):
    for message in messages:
        content = message.get("content")
        if "role" not in message or "content" not in message and not calls(message, None):
            yield "a key is missing"
        if any(name not in KEYS for name in message):
            yield "an unknown key"
        if message.get("role") not in ROLES:
            yield "an unknown role"
        if not (isinstance(content, str) and content) and not calls(message, content):
            yield "no content"
    if "assistant" not in roles:
        yield "no assistant message"
