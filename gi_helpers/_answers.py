"""What a chat completion holds, and whether it can be used.

    >>> parse_json('```json\\n{"a": [1, 2]}\\n```'), parse_json('{"question": "Kí ni'), parse_json("no JSON")
    ({'a': [1, 2]}, None, None)
    >>> judge = judged(lambda key, content: "" if "ọ" in content else "not in Yoruba")
    >>> judge({"key": "a"}, {"content": "Hello"}), judge({"key": "a"}, {"content": "ọjọ́"})
    ('not in Yoruba', '')
"""
import json

RESULT = ("ok", "content", "usage", "error", "attempts", "cost_usd", "finish_reason", "served_by", "refused", "capped", "at")


def fill(record, reply):
    """Put what a reply (the JSON of a chat completion) holds into a journal's record; LookupError or TypeError when it is none.

    Of a plain completion, which has a text and no message, the content is the JSON of its tokens' log-probabilities and places.
    """
    choice = reply["choices"][0]
    message = {"content": _likely(choice)} if "text" in choice and "message" not in choice else choice["message"]
    record.update(content=message.get("content") or "", usage=reply.get("usage"), finish_reason=choice.get("finish_reason"),
                  served_by=reply.get("model"), refusal=message.get("refusal") or "", error="")


def _likely(choice):
    told = choice.get("logprobs") or {}
    return json.dumps({name: told.get(name) for name in ("token_logprobs", "text_offset")})


def judged(accept=None):
    """A function of (request, record) that says what is wrong with an answer, "" for nothing; `accept` is a caller's (key, content) -> str."""
    def judge(request, record):
        wanted = (request.get("response_format") or {}).get("type", "text")
        if wanted != "text" and (record.get("finish_reason") == "length" or parse_json(record["content"]) is None):
            why = "cut off" if record.get("finish_reason") == "length" else "no whole JSON"
            return record.get("refusal") or f"the model's answer was {why}; run again, allow longer answers, or choose another model"
        return accept(request["key"], record["content"]) if accept else ""
    return judge


def parse_json(content):
    """The JSON object in an answer, or None. A fence or a sentence around it is forgiven, an object that is not whole is not."""
    if not isinstance(content, str) or "{" not in content:
        return None
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(content, content.index("{"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
