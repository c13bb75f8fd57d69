"""The batch lane: a file of chat requests in, a file of answers out, in another order.

A batch takes 1 second by the clock; its answers are made when somebody looks after that. Settings (`faults=`, or faults.json in the
state folder): "batch_seconds": 60, "batch_expired": true (half of the requests are not answered in time). For one batch,
`metadata={"practice_seconds": "60"}` and `metadata={"practice": "expired"}`.

    >>> requests, faults = read_requests(b'{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {}}\\n{', ENDPOINT)
    >>> len(requests), faults[0]["code"], faults[0]["line"]
    (1, 'invalid_json_line', 2)
"""
import json
import time

from gi_helpers import store

from . import chat, files, shelf
from .shelf import Problem

SECONDS = 1.0
ENDPOINT = "/v1/chat/completions"
MOST = 50_000  # requests of one batch, as at OpenAI
LASTS = {"validating": 0.1, "in_progress": 0.8, "finalizing": 1.0}  # until which part of the time a batch is so
LATE = {"code": "batch_expired", "message": "This request could not be executed before the completion window expired."}


def create(request, state):
    """POST /v1/batches"""
    body = shelf.json_body(request)
    for name in ("input_file_id", "endpoint", "completion_window"):
        if not isinstance(body.get(name), str):
            raise shelf.missing(name)
    if body["endpoint"] != ENDPOINT:
        raise Problem(400, f"Invalid value: '{body['endpoint']}'. The practice server batches {ENDPOINT} only.",
                      "invalid_value", "endpoint")
    if body["completion_window"] != "24h":
        raise Problem(400, f"Invalid value: '{body['completion_window']}'. Supported values are: '24h'.",
                      "invalid_value", "completion_window")
    file = files.get(state, body["input_file_id"])
    if file["purpose"] != "batch":
        raise Problem(400, f"Invalid input file: {file['id']} was uploaded with purpose '{file['purpose']}', not 'batch'.",
                      "invalid_file_purpose", "input_file_id")
    extra, settings = shelf.metadata(body), state.settings()
    requests, faults = read_requests(files.read(state, file["id"]), ENDPOINT)
    try:
        seconds = max(0.0, float(extra.get("practice_seconds", settings.get("batch_seconds", SECONDS))))
    except (TypeError, ValueError):
        seconds = SECONDS
    record = {"id": shelf.new_id("batch_"), "made": time.time(), "seconds": seconds, "input_file_id": file["id"],
              "faults": faults, "total": len(requests), "metadata": extra, "cancelled": None, "done": None,
              "late": bool(settings.get("batch_expired")) or extra.get("practice") == "expired"}
    if not faults:
        store.write_jsonl(requests, shelf.home(state, "batches", f"{record['id']}.requests"))  # the uploaded file may be deleted later
    shelf.keep(state, "batches", record)
    return shown(record)


def read_requests(content, endpoint):
    """(requests, faults) of an input file: faults are {code, message, line, param} as in a failed batch."""
    requests, faults, seen = [], [], set()
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except ValueError:
            one = None
        code, message, param = _fault(one, endpoint, seen)
        if code:
            faults.append({"code": code, "message": message, "line": number} | ({"param": param} if param else {}))
        else:
            seen.add(one["custom_id"])
            requests.append(one)
    if not requests and not faults:
        faults.append({"code": "empty_file", "message": "The input file holds no requests."})
    if len(requests) > MOST:
        faults.append({"code": "too_many_requests", "message": f"The input file holds {len(requests)} requests; {MOST} are allowed."})
    return requests, faults


def _fault(one, endpoint, seen):
    if not isinstance(one, dict):
        return "invalid_json_line", "This line is not parseable as valid JSON.", None
    for name, kind in (("custom_id", str), ("method", str), ("url", str), ("body", dict)):
        if not isinstance(one.get(name), kind):
            return "missing_required_parameter", f"Missing required parameter: '{name}'.", name
    if one["custom_id"] in seen:
        return "duplicate_custom_id", f"The custom_id '{one['custom_id']}' is used more than once.", "custom_id"
    if one["method"] != "POST" or one["url"] != endpoint:
        return "invalid_url", f"The request is {one['method']} {one['url']}, but this batch is for POST {endpoint}.", "url"
    return None, None, None


# ---------------------------------------------------------------- where a batch stands

def status(record, now=None):
    """The state of a batch at a moment (epoch seconds)."""
    now = time.time() if now is None else now
    worked, whole = now - record["made"], record["seconds"]
    stopped = record["cancelled"]
    if record["faults"]:
        return "failed" if worked >= whole * LASTS["validating"] else "validating"
    if stopped is not None:
        return "cancelling" if record["done"] is None else "cancelled"
    at = next((name for name, until in LASTS.items() if worked < whole * until), "")
    return at or ("expired" if record["late"] else "completed")


def shown(record, now=None):
    """The batch as the API shows it; what is not known yet is left out."""
    now = time.time() if now is None else now
    at, made, whole = status(record, now), record["made"], record["seconds"]
    begun = made + whole * LASTS["validating"]
    batch = {"id": record["id"], "object": "batch", "endpoint": ENDPOINT, "input_file_id": record["input_file_id"],
             "completion_window": "24h", "status": at, "created_at": int(made), "expires_at": int(made) + 24 * 3600}
    moments = {"failed_at": (at == "failed", begun), "in_progress_at": (not record["faults"] and now >= begun, begun),
               "finalizing_at": (at in ("finalizing", "completed", "expired"), made + whole * LASTS["in_progress"]),
               "completed_at": (at == "completed", made + whole), "expired_at": (at == "expired", made + whole),
               "cancelling_at": (at in ("cancelling", "cancelled"), record["cancelled"]),
               "cancelled_at": (at == "cancelled", record["cancelled"])}
    batch |= {name: int(moment) for name, (holds, moment) in moments.items() if holds}
    if at == "failed":
        batch["errors"] = {"object": "list", "data": record["faults"]}
    batch["request_counts"] = _counts(record, at, now)
    done = record["done"] or {}
    batch |= {name: done[name] for name in ("output_file_id", "error_file_id", "usage", "model") if done.get(name)}
    if record["metadata"]:
        batch["metadata"] = record["metadata"]
    return batch


def _counts(record, at, now):
    if record["done"]:
        return {name: record["done"][name] for name in ("total", "completed", "failed")}
    part = 0 if record["faults"] else max(0.0, min(1.0, (now - record["made"]) / (record["seconds"] or 1) / LASTS["in_progress"]))
    return {"total": record["total"], "completed": int(record["total"] * part) if at != "validating" else 0, "failed": 0}


# ---------------------------------------------------------------- the work

def _settle(state, record):
    """Answer the requests of a batch that is over, once; gives the record."""
    if record["done"] or record["faults"] or status(record) not in ("completed", "expired", "cancelling"):
        return record
    with shelf.changing(state, "batches", record["id"]):
        record = shelf.find(state, "batches", record["id"])
        if record["done"]:
            return record
        requests = list(store.read_jsonl(shelf.home(state, "batches", f"{record['id']}.requests")))
        requests.sort(key=lambda one: store.short_hash(record["id"], one["custom_id"]))  # answers come in any order, as in life
        reached = _reached(record, len(requests))
        good, bad, used = [], [], {"prompt_tokens": 0, "completion_tokens": 0}
        for number, one in enumerate(requests):
            line = _one(state, record["id"], one, number < reached)
            (good if line["response"] and line["response"]["status_code"] == 200 else bad).append(line)
            for name in used:
                used[name] += line["response"]["body"].get("usage", {}).get(name, 0) if line["response"] else 0
        record["done"] = {"total": len(requests), "completed": len(good), "failed": len(bad), "usage": _usage(used)}
        for name, lines, purpose in (("output", good, "batch_output"), ("error", bad, "batch_output")):
            if lines:
                content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode("utf-8", "surrogatepass")
                record["done"][f"{name}_file_id"] = files.add(state, f"practice_{record['id']}_{name}.jsonl", content, purpose)["id"]
        shelf.keep(state, "batches", record)
    return record


def _reached(record, total):
    """How many requests were answered before the batch was stopped or too late."""
    if record["cancelled"] is not None:
        part = (record["cancelled"] - record["made"]) / (record["seconds"] or 1) / LASTS["in_progress"]
        return int(total * max(0.0, min(1.0, part)))
    return total // 2 if record["late"] else total


def _one(state, batch, one, reached):
    """A line of the output or error file for one request."""
    id = store.short_hash(batch, one["custom_id"])
    line = {"id": f"batch_req_{id}", "custom_id": one["custom_id"], "response": None, "error": None}
    if not reached:
        return line | {"error": LATE}
    try:
        status_code, body = 200, chat.complete({**one["body"], "stream": False}, state)
    except Problem as problem:
        status_code, body = problem.status, problem.body()
    return line | {"response": {"status_code": status_code, "request_id": f"req_{id}", "body": body}}


def _usage(used):
    asked, said = used["prompt_tokens"], used["completion_tokens"]
    return {"input_tokens": asked, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": said,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": asked + said}


# ---------------------------------------------------------------- asking about batches

def get(state, id):
    """The record of a batch, answered when it is over; raises Problem 404."""
    record = shelf.find(state, "batches", id)
    if record is None:
        raise Problem(404, f"No batch found with id '{id}'.", param="id")
    return _settle(state, record)


def listing(request, state):
    """GET /v1/batches"""
    records = (_settle(state, record) for record in shelf.every(state, "batches"))
    return shelf.ends(shelf.page([shown(record) for record in records], request))


def cancel(state, id):
    """POST /v1/batches/{id}/cancel"""
    get(state, id)
    with shelf.changing(state, "batches", id):
        record = get(state, id)
        at = status(record)
        if at in ("completed", "expired", "failed", "cancelled"):
            raise Problem(400, f"Cannot cancel a batch with status '{at}'.", "invalid_batch_state")
        record["cancelled"] = record["cancelled"] or time.time()
        shelf.keep(state, "batches", record)
    return shown(record)
