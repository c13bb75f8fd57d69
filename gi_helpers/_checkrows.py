"""Whether one row is a conversation that a service takes: messages, roles, order, weights, special signs. Part of `check`.

    >>> row = {"messages": [{"role": "user", "content": "Kí ni ìlù?"}, {"role": "user", "content": "[INST] Sọ fún mi."}]}
    >>> [code for code, _, _ in structure(row, "openai")]
    ['S14', 'S10', 'S07']
"""
import re

from ._checkcodes import excerpt

ROLES = ("system", "developer", "user", "assistant", "tool")
KEYS = {"role", "content", "name", "weight", "tool_calls", "function_call", "tool_call_id", "refusal"}
REFUSED_KEYS = {"alibaba": {"name", "weight"}}
LEADS = ("system", "developer")
# What templates of Llama, Qwen, Gemma, Mistral, Phi, DeepSeek ... put around turns; a model that sees it in a text stops or goes astray.
SPECIAL = re.compile(r"<\|[A-Za-z_][\w. -]{0,40}\|>|<｜[^｜\s]{1,40}｜>|</?(?:start|end)_of_(?:turn|image)>|<(?:start|end)_of_(?:turn|image)>|\[/?INST\]|<</?SYS>>"
                     r"|</?s>|<(?:bos|eos|pad|unk|mask)>|\[(?:AVAILABLE_TOOLS|TOOL_CALLS|SYSTEM_PROMPT)\]")


def messages_of(row):
    """The messages of a row that are objects, in order; [] where there are none. Prompt and completion rows count as messages, too."""
    found = row.get("messages")
    if found is None and isinstance(row.get("prompt"), list) and isinstance(row.get("completion"), list):
        found = row["prompt"] + row["completion"]
    return [message for message in found if isinstance(message, dict)] if isinstance(found, list) else []


def text_of(message):
    """The content of a message, "" where it is no text."""
    content = message.get("content")
    return content if isinstance(content, str) else ""


def structure(row, target):
    """The findings of one row: [(code, severity or "" for the usual one, message)]."""
    found, listed = [], row.get("messages")
    other = [name for name in ("text", "prompt", "completion") if name in row]
    if "messages" in row and other:
        found.append(("F12", "", f"the row has messages and {other[0]}"))
    if listed is None and target == "local" and messages_of(row):
        listed = messages_of(row)
    if not isinstance(listed, list) or not listed:
        what = "no messages" if "messages" not in row else "messages that are no list" if not isinstance(listed, list) else "an empty list of messages"
        return [*found, ("S01", "", f"the row has {what}; its keys are {', '.join(map(str, row)) or 'none'}"[:200])]
    for place, message in enumerate(listed, 1):
        if not isinstance(message, dict):
            found.append(("S02", "", f"message {place} is {excerpt(repr(message))}"))
        else:
            found += _message(message, place, target)
    return found + _order([message for message in listed if isinstance(message, dict)], target)


def _message(message, place, target):
    found, role, content = [], message.get("role"), message.get("content")
    if role not in ROLES:
        found.append(("S03", "", f"message {place} has {'no role' if 'role' not in message else f'the role {role!r}'}"))
    if not (isinstance(content, str) and content.strip()) and not calls(message, content):
        what = "no content" if "content" not in message else "blank content" if isinstance(content, str) else f"content that is no text ({excerpt(repr(content))})"
        found.append(("S04", "", f"message {place} ({role}) has {what}"))
    refused = REFUSED_KEYS.get(target, set())
    for name in message:
        if name not in KEYS or name in refused:
            found.append(("S05", "E" if name in refused else "", f"message {place} has the key {name!r}"))
    if "weight" in message and (role != "assistant" or isinstance(message["weight"], bool) or message["weight"] not in (0, 1)):
        where = "" if role == "assistant" else f", of the {role}"
        found.append(("S06", "", f"message {place}{where} has the weight {message['weight']!r}"))
    if isinstance(content, str) and ("<" in content or "[" in content) and (sign := SPECIAL.search(content)):
        found.append(("S14", "", f"message {place} ({role}) holds {sign[0]!r}: {excerpt(content, sign.start())}"))
    return found


def calls(message, content):
    """A call of a tool may stand in the place of a text."""
    return message.get("role") == "assistant" and content in (None, "") and bool(message.get("tool_calls") or message.get("function_call") or message.get("refusal"))


def _order(messages, target):
    found, roles = [], [message.get("role") for message in messages]
    answers = [message for message in messages if message.get("role") == "assistant"]
    leads = [place for place, role in enumerate(roles) if role in LEADS]
    if len(leads) > 1:
        found.append(("S09", "", f"there are {len(leads)} system messages, at {', '.join(str(place + 1) for place in leads)[:60]}"))
    elif leads and leads[0] != 0:
        found.append(("S09", "", f"the system message is number {leads[0] + 1}, not the first"))
    elif leads and target == "gemma":
        found.append(("S09", "", "some Gemma templates refuse a system message; put its text before the first question"))
    turns = [role for role in roles if role in ("user", "assistant")]
    if twice := next((role for role, following in zip(turns, turns[1:], strict=False) if role == following), None):
        # Between two answers a tool may have spoken; that is no slip.
        if "tool" not in roles or twice == "user":
            found.append(("S10", "", f"two {twice} messages follow each other"))
    elif turns and turns[0] == "assistant":
        found.append(("S10", "", "the assistant speaks before the user"))
    if "user" not in roles:
        found.append(("S11", "", "nobody asks: there is no user message"))
    if not answers:
        found.append(("S07", "", "no message is the assistant's"))
    elif roles[-1] != "assistant":
        found.append(("S08", "", f"the last message is the {roles[-1]}'s"))
    if answers and all(_is_zero(message.get("weight", 1)) for message in answers):
        found.append(("S12", "", f"{len(answers)} assistant message{'s have' if len(answers) > 1 else ' has'} weight 0, so nothing is learned"))
    return found


def _is_zero(weight):
    return weight == 0 and not isinstance(weight, bool)
