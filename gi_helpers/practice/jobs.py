"""Fine-tuning jobs of the model service, and the tuned models they leave.

A job is one record: what was asked, what was found wrong in its files, and its curve; `timeline` says where it stands.

    >>> conversations(b'{"messages": []}', "training_file", 10)[1]["message"]
    "The job failed due to an invalid training file. Invalid file format. Line 1: expected a key 'messages' with a list of messages."

A job takes 1.5 seconds. Other settings (`faults=`, or faults.json in the state folder):
    "job_seconds": 30    "job_stuck": true (stays queued)    "closed": true (403, as organisations get that may no longer fine-tune)
`metadata={"practice_seconds": "30"}` sets it for one job; the key "practice-closed-key" belongs to a closed organisation.
"""
import csv
import io
import json
import math
import re
import time

from gi_helpers import finetune, store

from . import files, learner, shelf
from .curve import curve
from .shelf import Problem
from .timeline import checkpoints, events, shown, status

SECONDS = 1.5
FEWEST = 10     # examples, as at OpenAI
KEPT = 8        # learners in memory
TUNABLE = ("practice-base", *finetune.MODELS)  # any other name is refused, as at OpenAI
CLOSED = ("Fine-tuning is not available to this organization: it is closed to new fine-tuning jobs, and the platform for it is being wound "
          "down. Existing fine-tuned models can be used until their shutdown date. (practice server)")
NAME = re.compile(r"(ft:practice-base:[a-z0-9-]*:(\w{8}))(:ckpt-step-\d+)?", re.ASCII)
LIMITS = {"n_epochs": (int, 1, 50), "batch_size": (int, 1, 256), "learning_rate_multiplier": ((int, float), 1e-9, 1000)}


def tokens(text):
    """A plausible number of tokens: about one for four bytes of a word."""
    return len(learner.WORDS.findall(text)) + len(text.encode("utf-8", "replace")) // 8 if text else 0


# ---------------------------------------------------------------- creating

def create(request, state, key):
    """POST /v1/fine_tuning/jobs"""
    body = shelf.json_body(request)
    if state.settings().get("closed") or key == "practice-closed-key":
        raise Problem(403, CLOSED, "fine_tuning_not_available")
    for name in ("model", "training_file"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise shelf.missing(name)
    asked, method = _settings(body)
    suffix = body.get("suffix") or ""
    if not isinstance(suffix, str) or len(suffix) > 64:
        raise Problem(400, "Invalid 'suffix': expected a string with maximum length 64.", "string_above_max_length", "suffix")
    seed = body.get("seed")
    if seed is not None and (not isinstance(seed, int) or not 0 <= seed < 2**31):
        raise Problem(400, "Invalid 'seed': expected a number from 0 to 2147483647.", "invalid_value", "seed")
    extra = shelf.metadata(body)
    base = find_tuned(state, body["model"]) if body["model"].startswith("ft:") else None
    if base is None and body["model"] not in TUNABLE:
        raise Problem(400, f"Model {body['model']} is not available for fine-tuning or does not exist.", "model_not_available", "model")
    training = _content(state, body["training_file"], "training_file")
    validation = _content(state, body["validation_file"], "validation_file") if body.get("validation_file") else b""
    rows, problem = conversations(training, "training_file", FEWEST)
    checks, other = conversations(validation, "validation_file", 1) if validation else ([], None)
    id = shelf.new_id("ftjob-")
    record = {
        "id": id, "made": time.time(), "seconds": _seconds(state, extra), "stuck": bool(state.settings().get("job_stuck")),
        "problem": problem or other, "cancelled": None, "paused": None, "rested": 0.0, "curve": [], "epoch_steps": 1,
        "trained_tokens": None,
        "name": "ft:practice-base:" + re.sub("[^a-z0-9-]+", "-", suffix.lower()).strip("-") + ":" + id[-8:],
        "result": shelf.new_id("file-"), "model": shown_model(body["model"]), "training_file": body["training_file"],
        "validation_file": body.get("validation_file"), "seed": int(store.short_hash(id), 16) % 2**31 if seed is None else seed,
        "asked": asked, "method": method, "metadata": extra}
    if not record["problem"]:
        _train(record, rows, checks)
        before = _rows(state, base) if base else []
        store.write_jsonl([*before, *rows], shelf.home(state, "models", f"{id}.jsonl"))  # the uploaded file may be deleted later
    shelf.keep(state, "jobs", record)
    return shown(record)


def shown_model(name):
    """The name that answers carry: practice- stands before any name that does not say so itself."""
    return name if name.startswith(("practice", "ft:practice")) else f"practice-{name}"


def _settings(body):
    """(hyperparameters as asked, method type); raises Problem for what a job cannot have."""
    method = body.get("method") or {}
    kind = method.get("type", "supervised") if isinstance(method, dict) else None
    if kind in ("dpo", "reinforcement"):
        raise Problem(400, f"The practice server trains with method 'supervised' only, not {kind!r}.",
                      "unsupported_value", "method.type")
    if kind != "supervised":
        raise Problem(400, f"Invalid value: {kind!r}. Supported values are: 'supervised', 'dpo', and 'reinforcement'.",
                      "invalid_value", "method.type")
    given = (method.get("supervised") or {}).get("hyperparameters") or body.get("hyperparameters") or {}
    asked = {}
    for name, (kinds, low, high) in LIMITS.items():
        value = "auto" if given.get(name) is None else given[name]
        if value != "auto" and (not isinstance(value, kinds) or isinstance(value, bool) or not low <= value <= high):
            raise Problem(400, f"Invalid '{name}': expected 'auto' or a number from {low:g} to {high}, but got {value!r}.",
                          "invalid_value", f"hyperparameters.{name}")
        asked[name] = value
    return asked, kind


def _seconds(state, extra):
    try:
        return max(0.0, float(extra.get("practice_seconds", state.settings().get("job_seconds", SECONDS))))
    except (TypeError, ValueError):
        return SECONDS


def _content(state, id, param):
    try:
        file = files.get(state, id)
    except Problem:
        raise Problem(400, f"invalid {param}: {id}. There is no such file.", "file_not_found", param) from None
    if file["purpose"] != "fine-tune":
        raise Problem(400, f"invalid {param}: {id} was uploaded with purpose '{file['purpose']}', not 'fine-tune'.",
                      "invalid_file_purpose", param)
    return files.read(state, id)


def conversations(content, param, fewest):
    """(rows, problem) of an uploaded file: problem is what the job will fail with, {code, message, param}, or None."""
    rows = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except ValueError:
            row = None
        fault = _row_fault(row)
        if fault:
            return [], {"code": f"invalid_{param}", "param": param,
                        "message": f"The job failed due to an invalid {_plain(param)}. Invalid file format. Line {number}: {fault}."}
        rows.append(row)
    if len(rows) < fewest:
        return [], {"code": "invalid_n_examples", "param": param,
                    "message": f"{_plain(param).capitalize()} has {len(rows)} example(s), but must have at least {fewest} examples"}
    return rows, None


def _plain(param):
    return param.replace("_", " ")


def _row_fault(row):
    if not isinstance(row, dict):
        return "expected a JSON object in UTF-8"
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        return "expected a key 'messages' with a list of messages"
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in ("system", "developer", "user", "assistant", "tool", "function"):
            return "every message needs a role: system, user or assistant"
        if not isinstance(message.get("content"), (str, list)) and not (message.get("tool_calls") or message.get("function_call")):
            return "every message needs a text as its content"
    return None if any(message["role"] == "assistant" for message in messages) else "at least one message must be from the assistant"


def _train(record, rows, checks):
    asked = record["asked"]
    epochs = asked["n_epochs"] if asked["n_epochs"] != "auto" else max(3, math.ceil(100 / len(rows)))
    batch = asked["batch_size"] if asked["batch_size"] != "auto" else min(256, math.ceil(len(rows) * epochs / 60))  # about 60 steps
    rate = asked["learning_rate_multiplier"] if asked["learning_rate_multiplier"] != "auto" else 2.0
    record["used"] = {"n_epochs": epochs, "batch_size": batch, "learning_rate_multiplier": rate}
    record["epoch_steps"] = math.ceil(len(rows) / batch)
    training, validation = (["\n".join(learner.tidy(reply) for _, reply in learner.examples(row["messages"])) for row in part]
                            for part in (rows, checks))
    record["curve"] = curve(training, validation, epochs, batch)
    record["trained_tokens"] = epochs * sum(tokens(learner.content(message)) + 4 for row in rows for message in row["messages"])


# ---------------------------------------------------------------- asking about jobs

def get(state, id):
    """The record of a job, its result file written when it is done; raises Problem 404."""
    record = shelf.find(state, "jobs", id)
    if record is None:
        raise Problem(404, f"Could not find fine tune: {id}", "fine_tune_not_found", "fine_tune_id")
    return record


def settle(state):
    """Write the result files of the jobs that have finished since somebody looked."""
    for record in shelf.every(state, "jobs"):
        _result(state, record)


def _result(state, record):
    if status(record) != "succeeded" or record.get("written"):
        return
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["step", "train_loss", "train_accuracy", "valid_loss", "valid_mean_token_accuracy"])
    for point in record["curve"]:
        writer.writerow([point.get(name, "") for name in ("step", "train_loss", "train_accuracy", "valid_loss", "valid_accuracy")])
    with shelf.changing(state, "jobs", record["id"]):
        files.add(state, "practice_step_metrics.csv", table.getvalue().encode(), "fine-tune-results", record["result"],
                  record["made"] + record["rested"] + record["seconds"])
        shelf.keep(state, "jobs", {**get(state, record["id"]), "written": True})


def retrieve(state, id):
    """GET /v1/fine_tuning/jobs/{id}"""
    record = get(state, id)
    _result(state, record)
    return shown(record)


def listing(request, state):
    """GET /v1/fine_tuning/jobs"""
    return shelf.page([shown(record) for record in shelf.every(state, "jobs")], request)


def event_listing(request, state, id):
    """GET /v1/fine_tuning/jobs/{id}/events, the newest first"""
    return shelf.page(events(get(state, id)), request)


def checkpoint_listing(request, state, id):
    """GET /v1/fine_tuning/jobs/{id}/checkpoints, the newest first"""
    return shelf.ends(shelf.page(checkpoints(get(state, id)), request, 10))


def change(state, id, what):
    """POST /v1/fine_tuning/jobs/{id}/cancel, /pause or /resume"""
    get(state, id)
    with shelf.changing(state, "jobs", id):
        record, now = get(state, id), time.time()
        at = status(record, now)
        if at in ("succeeded", "failed", "cancelled"):
            raise Problem(400, f"Job has already {'completed' if at == 'succeeded' else at}: {id}", "invalid_job_state")
        if what == "cancel":
            record["cancelled"] = now
        elif what == "pause" and record["paused"] is None:
            record["paused"] = now
        elif what == "resume" and record["paused"] is not None:
            record["rested"] += now - record["paused"]
            record["paused"] = None
        shelf.keep(state, "jobs", record)
    return shown(record, now)


# ---------------------------------------------------------------- tuned models

def tuned(state):
    """Records of the jobs that have left a model, the newest first."""
    return [record for record in shelf.every(state, "jobs") if status(record) == "succeeded" and not record.get("deleted")]


def find_tuned(state, name):
    """The job record behind a tuned model's name (a checkpoint's, too); raises Problem 404 when there is no such model."""
    match = NAME.fullmatch(name)
    if match:
        for file in shelf.home(state, "jobs").glob(f"ftjob-*{match[2]}.json"):
            record = shelf.find(state, "jobs", file.stem)
            known = {record["name"], *(one["fine_tuned_model_checkpoint"] for one in checkpoints(record))} if record else ()
            if name in known and status(record) == "succeeded" and not record.get("deleted"):
                return record
    raise Problem(404, f"The model `{name}` does not exist or you do not have access to it.", "model_not_found", "model")


def forget(state, name):
    """DELETE /v1/models/{name}"""
    record = find_tuned(state, name)
    with shelf.changing(state, "jobs", record["id"]):
        shelf.keep(state, "jobs", {**get(state, record["id"]), "deleted": True})
    return {"id": name, "object": "model", "deleted": True}


def _rows(state, record):
    return list(store.read_jsonl(shelf.home(state, "models", f"{record['id']}.jsonl")))


def learned(state, name):
    """The Learner behind a tuned model's name, from memory or learned again from its rows."""
    record = find_tuned(state, name)
    with state.lock:
        kept = shelf.memory(state).setdefault("learners", {})
        if record["id"] not in kept:
            while len(kept) >= KEPT:
                del kept[next(iter(kept))]
            kept[record["id"]] = learner.fit(_rows(state, record))
        return kept[record["id"]]
