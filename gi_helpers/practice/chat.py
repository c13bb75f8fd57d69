"""Chat completions: the request checked as OpenAI checks it, the answer by the learner or the teacher.

    >>> from .state import State
    >>> reply = complete({"model": "gpt-x", "messages": [{"role": "user", "content": "Hello 17"}]}, State())
    >>> reply["model"], reply["system_fingerprint"], reply["choices"][0]["message"]["content"]
    ('practice-gpt-x', 'practice', 'Practice reply: Hello 17')
"""
import json
import re
import time

import regex

from . import jobs, learner, schema, shelf, teacher
from .jobs import tokens
from .messages import Response, json_response
from .shelf import Problem

ROLES = ("developer", "system", "user", "assistant", "tool", "function")
FORMATS = ("text", "json_object", "json_schema")
PIECES = regex.compile(r"\s*[\p{L}\p{M}]{1,4}|\s*\p{N}{1,3}|\s*[^\p{L}\p{M}\p{N}\s]|\s+")  # what one token of an answer may be


def answer(request, state):
    """POST /v1/chat/completions; a stream when the body has stream=true."""
    body = shelf.json_body(request)
    reply = complete(body, state, bad_json=request.fault == "bad_json")
    return _stream(body, reply) if body.get("stream") else json_response(reply)


def complete(body, state, bad_json=False):
    """The completion object for a request body; raises Problem. bad_json cuts JSON answers in the middle, as overloaded models do."""
    check(body)
    messages, model = body["messages"], body["model"]
    tuned = jobs.learned(state, model) if model.startswith("ft:") else None
    said = _say(messages, body.get("response_format") or {}, tuned, state)
    if bad_json and (said.startswith("{") or (body.get("response_format") or {}).get("type", "text") != "text"):
        said = said[:len(said) // 2]
    said, reason = _cut(said, body)
    spent, asked = len(PIECES.findall(said)), sum(tokens(learner.content(message)) + 4 for message in messages) + 3
    many = body.get("n") or 1
    return {"id": shelf.new_id("chatcmpl-"), "object": "chat.completion", "created": int(time.time()), "model": jobs.shown_model(model),
            "system_fingerprint": "practice",
            "choices": [{"index": number, "finish_reason": reason, "logprobs": None,
                         "message": {"role": "assistant", "content": said, "refusal": None}} for number in range(many)],
            "usage": {"prompt_tokens": asked, "completion_tokens": spent * many, "total_tokens": asked + spent * many}}


def _say(messages, wanted, tuned, state):
    """The text of the answer."""
    kind = wanted.get("type", "text")
    found = teacher.answer(messages, state.texts)
    if kind == "json_schema":
        shape = wanted["json_schema"].get("schema") or {"type": "object"}
        echo = learner.answer(messages, tuned).replace("Practice reply:", "practice:")
        found = schema.filler(shape, echo) if found is None else schema.fitted(found, shape)
    elif kind == "json_object" and found is None:
        found = {"reply": learner.answer(messages, tuned)}
    return learner.answer(messages, tuned) if found is None else json.dumps(found, ensure_ascii=False)


def _cut(said, body):
    """(text, finish_reason) after stop words and the token limit."""
    stops = [body["stop"]] if isinstance(body.get("stop"), str) else body.get("stop") or []
    ends = [place for place in (said.find(stop) for stop in stops if stop) if place >= 0]
    said = said[:min(ends)] if ends else said
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    pieces = PIECES.findall(said)
    return ("".join(pieces[:limit]), "length") if limit and len(pieces) > limit else (said, "stop")


# ---------------------------------------------------------------- checking a request

def check(body):
    """Raise the Problem that OpenAI would find in the body of a chat request."""
    if not body.get("model") or not isinstance(body["model"], str):
        raise Problem(400, "you must provide a model parameter", "missing_required_parameter", "model")
    if "messages" not in body:
        raise shelf.missing("messages")
    messages = body["messages"]
    if not isinstance(messages, list):
        raise Problem(400, "Invalid type for 'messages': expected an array of objects.", "invalid_type", "messages")
    if not messages:
        raise Problem(400, "Invalid 'messages': empty array. Expected an array with minimum length 1.", "empty_array", "messages")
    for number, message in enumerate(messages):
        _check_message(message, f"messages[{number}]")
    _number(body, "n", 1, 128, whole=True)
    _number(body, "temperature", 0, 2)
    _number(body, "top_p", 0, 1)
    _number(body, "seed", -2**63, 2**63, whole=True)
    for name in ("max_tokens", "max_completion_tokens"):
        _number(body, name, 1, 2**31, whole=True)
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        raise Problem(400, "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
                      "invalid_parameter_combination", "max_tokens")
    stop = body.get("stop")
    several = isinstance(stop, list) and len(stop) <= 4 and all(isinstance(one, str) for one in stop)
    if not (stop is None or isinstance(stop, str) or several):
        raise Problem(400, "Invalid 'stop': expected a string or an array of up to 4 strings.", "invalid_value", "stop")
    _check_format(body.get("response_format"))


def _check_message(message, param):
    if not isinstance(message, dict):
        raise Problem(400, f"Invalid type for '{param}': expected an object.", "invalid_type", param)
    if "role" not in message:
        raise shelf.missing(f"{param}.role")
    if message["role"] not in ROLES:
        wanted = ", ".join(f"'{role}'" for role in ROLES)
        raise Problem(400, f"Invalid value: '{message['role']}'. Supported values are: {wanted}.", "invalid_value", f"{param}.role")
    content = message.get("content")
    if content is None and message["role"] != "assistant":
        raise Problem(400, "Invalid value for 'content': expected a string, got null.", "invalid_value", f"{param}.content")
    parts = isinstance(content, list) and all(isinstance(part, dict) and "type" in part for part in content)
    if not (content is None or isinstance(content, str) or parts):
        raise Problem(400, f"Invalid type for '{param}.content': expected a string or an array of content parts.",
                      "invalid_type", f"{param}.content")


def _number(body, name, low, high, whole=False):
    value = body.get(name)
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        kind = "an integer" if whole else "a decimal"
        raise Problem(400, f"Invalid type for '{name}': expected {kind}, but got {value!r} instead.", "invalid_type", name)
    if not low <= value <= high:
        side, code = ("below minimum", "integer_below_min_value") if value < low else ("above maximum", "integer_above_max_value")
        if not whole:
            code = code.replace("integer", "decimal")
        raise Problem(400, f"Invalid '{name}': {side} value. Expected a value from {low} to {high}, but got {value} instead.", code, name)


def _check_format(wanted):
    if wanted is None:
        return
    kind = wanted.get("type") if isinstance(wanted, dict) else wanted
    if kind not in FORMATS or not isinstance(wanted, dict):
        raise Problem(400, f"Invalid value: {kind!r}. Supported values are: 'json_object', 'json_schema', and 'text'.",
                      "invalid_value", "response_format.type")
    if kind != "json_schema":
        return
    named = wanted.get("json_schema")
    if not isinstance(named, dict) or not isinstance(named.get("name"), str):
        param = "response_format.json_schema" + (".name" if isinstance(named, dict) else "")
        raise shelf.missing(param)
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", named["name"]):
        raise Problem(400, "Invalid 'response_format.json_schema.name': letters, digits, '_' and '-' only, at most 64.",
                      "invalid_value", "response_format.json_schema.name")
    if not isinstance(named.get("schema", {}), dict):
        raise Problem(400, "Invalid type for 'response_format.json_schema.schema': expected an object.",
                      "invalid_type", "response_format.json_schema.schema")
    fault = schema.strict_fault(named.get("schema") or {}) if named.get("strict") else None
    if fault:
        raise Problem(400, f"Invalid schema for response_format '{named['name']}': {fault}", "invalid_json_schema", "response_format")


# ---------------------------------------------------------------- streaming

def _stream(body, reply):
    """The completion as server-sent events, in one go."""
    shared = {name: reply[name] for name in ("id", "created", "model", "system_fingerprint")} | {"object": "chat.completion.chunk"}
    chunks = []
    for choice in reply["choices"]:
        number = choice["index"]
        chunks.append([{"index": number, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
        chunks += [[{"index": number, "delta": {"content": piece}, "finish_reason": None}]
                   for piece in PIECES.findall(choice["message"]["content"])]
        chunks.append([{"index": number, "delta": {}, "finish_reason": choice["finish_reason"]}])
    lines = [shared | {"choices": choices} for choices in chunks]
    if (body.get("stream_options") or {}).get("include_usage"):
        lines.append(shared | {"choices": [], "usage": reply["usage"]})
    events = [f"data: {json.dumps(line, ensure_ascii=False)}\n\n" for line in lines]
    return Response(200, "".join(events) + "data: [DONE]\n\n", {"Content-Type": "text/event-stream; charset=utf-8"})
