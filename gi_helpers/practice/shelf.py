"""What the model service keeps between requests, as files: any server on the same folder sees the same.

Each kind of thing (files, jobs, batches) has a folder with one JSON record a thing, written whole or not at all.

    >>> from .state import State
    >>> state = State()
    >>> keep(state, "jobs", {"id": "ftjob-1", "made": 1.5})
    >>> find(state, "jobs", "ftjob-1")["made"], find(state, "jobs", "../settings")
    (1.5, None)
"""
import contextlib
import re
import secrets
import string
import tempfile
from pathlib import Path

from gi_helpers import store


class Problem(Exception):
    """An error answer of the API: status, sentence for the caller, and what OpenAI puts beside it."""

    def __init__(self, status, message, code=None, param=None, type="invalid_request_error"):
        super().__init__(message)
        self.status, self.message, self.code, self.param, self.type = status, message, code, param, type

    def body(self):
        """{"error": {...}} as the API writes it."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


def memory(state):
    """The dict of the model service in a server's memory: caches only."""
    return state.memory.setdefault("openai", {})


def home(state, *parts):
    """A path below the folder of the model service. A server without a state folder gets one that goes away with it."""
    with state.lock:
        if state.folder is None and "home" not in memory(state):
            memory(state)["home"] = tempfile.TemporaryDirectory(prefix="practice-")
    return (state.folder / "openai" if state.folder else Path(memory(state)["home"].name)).joinpath(*parts)


def new_id(prefix, length=24):
    """A fresh id such as 'file-3kX…'; letters and digits only after the prefix."""
    return prefix + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


def keep(state, kind, record):
    """Write a record (a dict with an `id`) to the disk."""
    store.write_json(record, home(state, kind, record["id"] + ".json"))


def find(state, kind, id):
    """A record by its id, or None."""
    file = home(state, kind, f"{id}.json")
    return store.read_json(file) if re.fullmatch(r"[\w-]{1,80}", id or "", re.ASCII) and file.exists() else None


def every(state, kind):
    """All records of a kind, the newest first."""
    found = (find(state, kind, file.stem) for file in home(state, kind).glob("[!.]*.json"))
    return sorted(filter(None, found), key=lambda record: (record["made"], record["id"]), reverse=True)


def changing(state, kind, id):
    """Hold a record while it is read, changed and kept again; other processes wait."""
    stack = contextlib.ExitStack()
    stack.enter_context(state.lock)
    stack.enter_context(store.lock(home(state, kind, f"{id}.change")))
    return stack


def page(items, request, default=20, most=100):
    """{"object": "list", "data", "has_more"} for `limit` and `after` of the request; `items` have an id, first comes first."""
    limit = request.arg("limit", str(default))
    if not re.fullmatch(r"\d{1,6}", limit) or not 1 <= int(limit) <= most:
        raise Problem(400, f"Invalid 'limit': {limit!r} is not a number from 1 to {most}.", "invalid_value", "limit")
    after = request.arg("after")
    if after:
        places = [number for number, item in enumerate(items) if item["id"] == after]
        if not places:
            raise Problem(400, f"Invalid 'after': there is no {after!r} in this list.", "invalid_value", "after")
        items = items[places[0] + 1:]
    return {"object": "list", "data": items[:int(limit)], "has_more": len(items) > int(limit)}


def ends(answer, empty=None):
    """A page with first_id and last_id, which are `empty` (or left out) when nothing is on it."""
    ids = [item["id"] for item in answer["data"]]
    if ids:
        return answer | {"first_id": ids[0], "last_id": ids[-1]}
    return answer if empty is None else answer | {"first_id": empty, "last_id": empty}


def json_body(request):
    """The JSON object of a request; raises Problem when there is none."""
    try:
        body = request.json()
    except ValueError:
        raise Problem(400, "We could not parse the JSON body of your request: what was sent is not JSON.") from None
    if not isinstance(body, dict):
        raise Problem(400, "The JSON body of your request must be an object.", "invalid_type")
    return body


def missing(param):
    """The Problem of a request that lacks a parameter."""
    return Problem(400, f"Missing required parameter: '{param}'.", "missing_required_parameter", param)


def metadata(body):
    """The `metadata` of a request, checked: up to 16 short strings. {} when there is none."""
    found = body.get("metadata") or {}
    fits = isinstance(found, dict) and len(found) <= 16
    if not fits or not all(isinstance(value, str) and len(value) <= 512 and len(name) <= 64 for name, value in found.items()):
        raise Problem(400, "Invalid 'metadata': up to 16 pairs of a name (64 characters) and a string (512 characters).",
                      "invalid_value", "metadata")
    return found
