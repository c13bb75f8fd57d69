"""The OpenAI API of the rehearsal: which path goes where, keys, models, errors.

The unmodified `openai` client drives it; what it answers says practice: `system_fingerprint`, model names, result files.

    /v1/chat/completions              chat.py, with learner.py and teacher.py behind it
    /v1/models                        here
    /v1/files                         files.py
    /v1/fine_tuning/jobs              jobs.py, timeline.py, curve.py
    /v1/batches                       batches.py
    (shelf.py keeps things between requests, schema.py knows structured answers)

    >>> from .messages import Request
    >>> from .state import State
    >>> answer(Request("GET", "/v1/models"), State()).status
    401
    >>> b"practice-base" in answer(Request("GET", "/v1/models", headers={"Authorization": "Bearer practice-key"}), State()).body
    True
"""
import re

from . import batches, chat, files, jobs
from .messages import Response, error, json_response
from .shelf import Problem

OWN = ("practice-base", "practice-teacher")
BORN = 1767225600  # 2026-01-01, when the practice models were "made"
# A key that would cost somebody money if it leaked: never taken here, so that nobody gets used to sending it.
REAL_KEY = re.compile(r"(sk-[\w-]{20,}|(sess-|hf_|gsk_|xai-)\w{20,}|AIza[\w-]{30,}|gh[pousr]_\w{30,})", re.ASCII)
SHUTDOWN = {  # OpenAI's announced last days, so that a team can rehearse reading them; practice models have none
    **dict.fromkeys(["gpt-3.5-turbo", "gpt-4", "gpt-4-turbo", "gpt-4.1-nano", "gpt-4o-2024-05-13", "o1", "o3-mini", "o4-mini",
                     "babbage-002", "davinci-002"], "2026-10-23"),
    **dict.fromkeys(["gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "gpt-4o-mini-2024-07-18", "gpt-4.1", "gpt-4.1-2025-04-14", "gpt-4.1-mini",
                     "gpt-4.1-mini-2025-04-14"], "2027-01-14")}


def answer(request, state):
    """The Response to any request under /v1/."""
    try:
        key = _key(request)
        found = _route(request, state, key)
    except Problem as problem:
        return error(problem.status, problem.message, problem.code, problem.type, problem.param)
    return found if isinstance(found, Response) else json_response(found)


def _key(request):
    """The key of a request; raises Problem 401 without one, and for one that looks real."""
    scheme, _, key = (request.headers.get("Authorization") or "").partition(" ")
    key = (key if scheme.lower() == "bearer" else request.headers.get("api-key") or "").strip()
    if not key:
        raise Problem(401, "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
                           "(i.e. Authorization: Bearer YOUR_KEY). On the practice server it is practice-key.", "invalid_api_key")
    if REAL_KEY.fullmatch(key):
        raise Problem(401, "This looks like a real API key, and this is the practice server: use the key practice-key here, and keep the "
                           "real one for live mode. The key was not stored.", "practice_refuses_real_keys")
    return key


# Method and path -> what answers; the parts in brackets are handed over.
ROUTES = [(method, re.compile(path), do) for method, path, do in [
    ("POST", r"/v1/chat/completions", lambda r, s, key: chat.answer(r, s)),
    ("GET", r"/v1/models", lambda r, s, key: models(s)),
    ("GET", r"/v1/models/(.+)", lambda r, s, key, name: model(s, name)),
    ("DELETE", r"/v1/models/(.+)", lambda r, s, key, name: jobs.forget(s, name)),
    ("POST", r"/v1/files", lambda r, s, key: files.upload(r, s)),
    ("GET", r"/v1/files", lambda r, s, key: _settled(s) or files.listing(r, s)),
    ("GET", r"/v1/files/([^/]+)", lambda r, s, key, id: _settled(s) or files.get(s, id)),
    ("DELETE", r"/v1/files/([^/]+)", lambda r, s, key, id: files.delete(r, s, id)),
    ("GET", r"/v1/files/([^/]+)/content", lambda r, s, key, id: _settled(s) or files.content(r, s, id)),
    ("POST", r"/v1/fine_tuning/jobs", lambda r, s, key: jobs.create(r, s, key)),
    ("GET", r"/v1/fine_tuning/jobs", lambda r, s, key: jobs.listing(r, s)),
    ("GET", r"/v1/fine_tuning/jobs/([^/]+)", lambda r, s, key, id: jobs.retrieve(s, id)),
    ("POST", r"/v1/fine_tuning/jobs/([^/]+)/(cancel|pause|resume)", lambda r, s, key, id, what: jobs.change(s, id, what)),
    ("GET", r"/v1/fine_tuning/jobs/([^/]+)/events", lambda r, s, key, id: jobs.event_listing(r, s, id)),
    ("GET", r"/v1/fine_tuning/jobs/([^/]+)/checkpoints", lambda r, s, key, id: jobs.checkpoint_listing(r, s, id)),
    ("POST", r"/v1/batches", lambda r, s, key: batches.create(r, s)),
    ("GET", r"/v1/batches", lambda r, s, key: batches.listing(r, s)),
    ("GET", r"/v1/batches/([^/]+)", lambda r, s, key, id: batches.shown(batches.get(s, id))),
    ("POST", r"/v1/batches/([^/]+)/cancel", lambda r, s, key, id: batches.cancel(s, id)),
]]


def _route(request, state, key):
    path = request.path.rstrip("/")
    others = []
    for method, pattern, do in ROUTES:
        match = pattern.fullmatch(path)
        if match and method == ("GET" if request.method == "HEAD" else request.method):
            return do(request, state, key, *match.groups())
        if match:
            others.append(method)
    if others:
        raise Problem(405, f"Not allowed to {request.method} on {path}; it takes {' and '.join(others)}.", "method_not_supported")
    raise Problem(404, f"Invalid URL ({request.method} {request.path})")


def _settled(state):
    """Result files appear on their own when a job is done; gives None."""
    jobs.settle(state)


# ---------------------------------------------------------------- models

def _model(name, made, owner="practice"):
    return {"id": name, "object": "model", "created": int(made), "owned_by": owner, "shutdown_date": SHUTDOWN.get(name)}


def models(state):
    """GET /v1/models: the practice models and the tuned ones."""
    tuned = [_model(record["name"], record["made"] + record["seconds"]) for record in jobs.tuned(state)]
    return {"object": "list", "data": [_model(name, BORN) for name in OWN] + tuned}


def model(state, name):
    """GET /v1/models/{name}: any name is known here, as any can be asked, but not tuned models that nobody made."""
    if name.startswith("ft:"):
        record = jobs.find_tuned(state, name)
        return _model(name, record["made"] + record["seconds"])
    return _model(name, BORN)
