"""Where a fine-tuning job stands: worked out from its record and the clock, never kept.

So every server on the same folder says the same, and a job goes on while no server runs. A record's `made` and `seconds` say when it
began and how long it takes; moments are in epoch seconds.

    >>> record = {"made": 100.0, "seconds": 1.5, "problem": None}
    >>> [status(record, now) for now in (100.1, 100.3, 101, 102)]
    ['validating_files', 'queued', 'running', 'succeeded']
"""
import math
import time

from gi_helpers import store

VALIDATED, STARTED = 0.2 / 1.5, 0.4 / 1.5  # the parts of a job's time after which it is queued, and after which it runs


def _clock(record, now):
    """Seconds the job has worked: time at rest does not count."""
    until = min([now, *(moment for moment in (record.get("cancelled"), record.get("paused")) if moment is not None)])
    return until - record["made"] - record.get("rested", 0.0)


def status(record, now=None):
    """The state of a job at a moment (epoch seconds)."""
    now = time.time() if now is None else now
    worked, whole = _clock(record, now), record["seconds"]
    if record.get("problem") and worked >= whole * VALIDATED:
        return "failed"
    if record.get("cancelled") is not None:
        return "cancelled"
    if worked < whole * VALIDATED:
        return "validating_files"
    if worked < whole * STARTED or record.get("stuck") or record.get("paused") is not None:
        return "queued"
    return "running" if worked < whole else "succeeded"


def shown(record, now=None):
    """The job as the API shows it."""
    state_now = status(record, now)
    done, failed, cancelled = (state_now == name for name in ("succeeded", "failed", "cancelled"))
    whole = record["seconds"] * VALIDATED if failed else record["seconds"]
    finished = record["cancelled"] if cancelled else record["made"] + record["rested"] + whole
    hyper = record.get("used") if state_now in ("running", "succeeded") else None
    method = {"type": "supervised", "supervised": {"hyperparameters": hyper or record["asked"]}}
    job = {"id": record["id"], "object": "fine_tuning.job", "created_at": int(record["made"]), "model": record["model"],
           "status": state_now,
           "error": record["problem"] if failed else None, "fine_tuned_model": record["name"] if done else None,
           "finished_at": int(finished) if done or failed or cancelled else None, "hyperparameters": hyper or record["asked"],
           "organization_id": "org-practice", "result_files": [record["result"]] if done else [],
           "trained_tokens": record["trained_tokens"] if done else None, "training_file": record["training_file"],
           "validation_file": record["validation_file"], "seed": record["seed"], "method": method}
    if state_now in ("queued", "running") and not record["stuck"] and record["paused"] is None:
        job["estimated_finish"] = math.ceil(finished)
    if record["metadata"]:
        job["metadata"] = record["metadata"]
    return job


def events(record, now=None):
    """The job's events up to now, the newest first."""
    now = time.time() if now is None else now
    worked, whole, last = _clock(record, now), record["seconds"], status(record, now)
    also = f" and validation file: {record['validation_file']}" if record["validation_file"] else ""
    story = [(0, "info", f"Created fine-tuning job: {record['id']}", None),
             (0, "info", f"Validating training file: {record['training_file']}{also}", None)]
    if record["problem"]:
        story.append((VALIDATED, "error", record["problem"]["message"], None))
    else:
        story += _story(record)
    if record["stuck"]:
        story = [part for part in story if part[0] < STARTED]
    told = [(record["made"] + part[0] * whole, *part[1:]) for part in story if part[0] * whole <= worked]
    if last == "cancelled":
        told.append((record["cancelled"], "info", "The job was cancelled.", None))
    found = []
    for number, (at, level, message, data) in enumerate(told):
        event = {"object": "fine_tuning.job.event", "id": f"ftevent-{store.short_hash(record['id'], number, message)}",
                 "created_at": int(at), "level": level, "message": message, "type": "metrics" if data else "message"}
        found.append(event | ({"data": data} if data else {}))
    return found[::-1]


def _story(record):
    """(part of the job's time, level, message, data) of everything that happens in a job that goes well."""
    points, last = record["curve"], record["curve"][-1]["step"]
    yield VALIDATED, "info", "Files validated, moving job to queued state", None
    yield STARTED, "info", "Fine-tuning job started", None
    saved = {point["step"] for point in _saved(record)}
    for number, point in enumerate(points, 1):
        at = STARTED + (1 - STARTED) * number / (len(points) + 1)
        message = f"Step {point['step']}/{last}: training loss={point['train_loss']:.2f}"
        data = {"step": point["step"], "total_steps": last, "train_loss": point["train_loss"],
                "train_mean_token_accuracy": point["train_accuracy"]}
        if "valid_loss" in point:
            message += f", validation loss={point['valid_loss']:.2f}"
            data |= {"valid_loss": point["valid_loss"], "valid_mean_token_accuracy": point["valid_accuracy"]}
        yield at, "info", message, data
        if point["step"] in saved and point["step"] != last:
            yield at, "info", f"Checkpoint created at step {point['step']}", None
    yield 1, "info", f"New fine-tuned model created: {record['name']}", None
    yield 1, "info", "The job has successfully completed (practice: this is a rehearsal)", None


def _saved(record):
    """The points after which a checkpoint is kept: the last measured one of each of the last three epochs."""
    ends = {}
    for point in record["curve"]:
        ends[math.ceil(point["step"] / record["epoch_steps"])] = point
    return list(ends.values())[-3:]


def checkpoints(record, now=None):
    """The checkpoints of a job that has succeeded, the newest first; [] before."""
    if status(record, now) != "succeeded":
        return []
    last, found = record["curve"][-1]["step"], []
    for point in reversed(_saved(record)):
        step = point["step"]
        metrics = {"step": step, "train_loss": point["train_loss"], "train_mean_token_accuracy": point["train_accuracy"]}
        if "valid_loss" in point:
            metrics |= {"valid_loss": point["valid_loss"], "valid_mean_token_accuracy": point["valid_accuracy"],
                        "full_valid_loss": point["valid_loss"], "full_valid_mean_token_accuracy": point["valid_accuracy"]}
        at = record["made"] + record["rested"] + record["seconds"] * (STARTED + (1 - STARTED) * step / last)
        found.append({"id": f"ftckpt_{store.short_hash(record['id'], step)}", "object": "fine_tuning.job.checkpoint", "created_at": int(at),
                      "fine_tuned_model_checkpoint": record["name"] + ("" if step == last else f":ckpt-step-{step}"), "step_number": step,
                      "metrics": metrics, "fine_tuning_job_id": record["id"]})
    return found
