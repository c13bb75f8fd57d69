"""Notebook 7, the hosted road: a fine-tuning job at OpenAI, or at a server that speaks the same language.

    job = start("data/yo/5_train.jsonl", "data/yo/5_validation.jsonl", model="gpt-4.1-mini-2025-04-14")
    for event in follow(job):
        print(event["message"])
    result(job)["fine_tuned_model"]

OpenAI is closing this service: see `LAST_DAY`. The job's id is kept at once, so that another notebook finds it again.
"""
import datetime
import itertools
import threading
import time

from . import llm, store, web
from ._checkfile import LARGEST
from .errors import NeedsFixing

# From OpenAI's deprecations page, as of November 2026.
LAST_DAY = datetime.date(2027, 1, 6)     # the last day on which anybody may create a job
SWITCHED_OFF = datetime.date(2027, 1, 14)  # when the tuned models of most base models end
MODELS = ("gpt-4o-mini-2024-07-18", "gpt-4o-2024-08-06", "gpt-4.1-mini-2025-04-14", "gpt-4.1-2025-04-14")  # those that can still be tuned
ENDED = ("succeeded", "failed", "cancelled")
OPEN_ROAD = "take the open road instead: lora.train tunes an open model on a free Colab GPU"


# ---------------------------------------------------------------- may we, and until when

def eligible(model, today=None):
    """May a job be made for this model, and how long would its result live? A dict: allowed, last_day, switched_off, sentence.

    Asks the server for the model's shutdown_date; makes no job. `today` is a date, for tests.
    """
    today, openai_itself = today or datetime.date.today(), _at_openai()
    off = _shutdown_date(model) or (SWITCHED_OFF if openai_itself else None)
    allowed, words = True, f"{model} can be tuned here."
    if openai_itself and model not in MODELS:
        allowed, words = False, f"{model} cannot be tuned at OpenAI; those that still can are {', '.join(MODELS)}; or {OPEN_ROAD}."
    elif openai_itself and today > LAST_DAY:
        allowed, words = False, f"OpenAI takes no new fine-tuning jobs since {LAST_DAY}; {OPEN_ROAD}."
    elif off and today >= off:
        allowed, words = False, f"{model} was switched off on {off}; choose another model, or {OPEN_ROAD}."
    elif openai_itself:
        words = (f"New jobs end on {LAST_DAY}, and only for organisations that used a tuned model lately; {model} and everything tuned on it is "
                 f"switched off on {off}, in {(off - today).days} days.")
    elif off:
        words = f"{model} is switched off on {off}, in {(off - today).days} days."
    return {"model": model, "allowed": allowed, "last_day": str(LAST_DAY) if openai_itself else "", "switched_off": str(off or ""), "sentence": words}


def _at_openai():
    return "api.openai.com" in web.endpoints().openai


def _shutdown_date(model):
    import openai

    try:
        found = getattr(llm.client().models.retrieve(model), "shutdown_date", None)
    except openai.OpenAIError:  # servers that do not list their models are asked nothing more
        return None
    if not found:
        return None
    if isinstance(found, (int, float)):
        return datetime.datetime.fromtimestamp(found, datetime.timezone.utc).date()
    return datetime.date.fromisoformat(str(found)[:10])


# ---------------------------------------------------------------- a job

def start(training_file, validation_file=None, *, model, suffix=None, epochs=None, seed=0, record=None):
    """Send the files and make a job; gives it as a dict (id, status, model, files and their SHA-256, base_url).

    `record` is a path at which the job is kept at once. `epochs` None lets the server choose. Raises NeedsFixing when the model or the
    organisation may not be tuned, or when the server refuses the file.
    """
    may = eligible(model)
    if not may["allowed"]:
        raise NeedsFixing(may["sentence"].rstrip("."))
    files = {"training_file": training_file, "validation_file": validation_file}
    # An empty validation file is refused by the server, and means that there is none.
    sent = {name: _send(file) for name, file in files.items() if file is not None and store.Path(file).stat().st_size}
    settings = {"n_epochs": epochs or "auto"}
    try:
        made = llm.client().fine_tuning.jobs.create(
            model=model, suffix=(suffix or None) and suffix[:64], seed=seed, method={"type": "supervised", "supervised": {"hyperparameters": settings}}, **sent)
    except Exception as error:
        raise _plain(error, "make the job") from error
    job = {"id": made.id, "status": made.status, "model": model, "suffix": suffix or "", "base_url": web.endpoints().openai, "settings": {**settings, "seed": seed},
           "data": {store.Path(file).name: store.sha256(file) for file in files.values() if file is not None}, "switched_off": may["switched_off"]}
    if record is not None:
        store.write_json({"backend": "hosted", "base_model": model, "fine_tuned_model": None, "job": job}, record)
    return job


def _send(file):
    file = store.Path(file)
    if file.stat().st_size > LARGEST:
        raise NeedsFixing(f"{file.name} has {file.stat().st_size / 10**6:,.0f} MB and the limit is {LARGEST / 10**6:,.0f}; use fewer rows, or split it into several jobs")
    try:
        return llm.client().files.create(file=(file.name, store.read_bytes(file)), purpose="fine-tune").id
    except Exception as error:
        raise _plain(error, f"send {store.Path(file).name}") from error


def follow(job, every=None, patience=10, stop=None):
    """Yield each event of a job once, as a dict (id, created_at in seconds, level, type, message, data), until the job has ended.

    `every` is the pause between two looks in seconds (live 15, practice 0.3); after `patience` lost connections in a row it gives up, and
    calling it again goes on. Raises NeedsFixing then, and when the job has failed. `stop` is a threading.Event: when it is set, looking ends; the job does not.
    """
    every = every or (15 if web.endpoints().mode == "live" else 0.3)
    seen, lost, stop = set(), 0, stop or threading.Event()
    while not stop.is_set():
        try:
            state = llm.client().fine_tuning.jobs.retrieve(_id(job))
            events = list(llm.client().fine_tuning.jobs.list_events(_id(job), limit=100))
        except Exception as error:
            lost += 1
            if lost > patience or getattr(error, "status_code", 500) < 500:
                raise _plain(error, "look at the job") from error
            stop.wait(min(30, every * lost))
            continue
        lost = 0
        for event in sorted(reversed(events), key=lambda event: event.created_at):  # they come newest first; those of one second stay in order
            if event.id not in seen:
                seen.add(event.id)
                yield {"id": event.id, "created_at": event.created_at, "level": event.level, "type": event.type or "message", "message": event.message, "data": event.data}
        if state.status in ENDED:
            break
        stop.wait(every)
    else:
        return
    if state.status == "cancelled":
        raise NeedsFixing(f"the job {_id(job)} was ended (cancelled), so it has no model; run the cell again to start a new one")
    if state.status != "succeeded":
        why = f": {state.error.message}" if state.error and state.error.message else ""
        raise NeedsFixing(f"the job {_id(job)} {state.status}{why}; mend that (notebook 6 checks the file) and start a new one".replace("..", "."))


def loss(event):
    """The row of 7_curve.csv (step, train_loss, valid_loss) that an event brings, or None."""
    data = event["data"] if isinstance(event["data"], dict) else {}
    if "step" not in data or "train_loss" not in data:
        return None
    return {"step": data["step"], "train_loss": data["train_loss"], "valid_loss": data.get("valid_loss", "")}


def result(job):
    """What a finished job has made: a dict with fine_tuned_model, trained_tokens, status and `curve`, rows of step, train_loss, valid_loss."""
    try:
        state = llm.client().fine_tuning.jobs.retrieve(_id(job))
        files = [llm.client().files.content(name).content for name in state.result_files or ()]
    except Exception as error:
        raise _plain(error, "read the result") from error
    return {"fine_tuned_model": state.fine_tuned_model, "trained_tokens": state.trained_tokens, "status": state.status,
            "curve": [row for content in files for row in _curve(content)]}


def kept(record):
    """(id, status) of the hosted job that 7_model.json at `record` names; the status is asked of the server. Raises NeedsFixing when there is none."""
    job = (store.read_json(record).get("job") or {}) if store.Path(record).exists() else {}
    if not job.get("id"):
        raise NeedsFixing(f"no hosted job is kept in {store.Path(record).name}; there is one from the moment when the training cell has sent the files")
    try:
        return job["id"], llm.client().fine_tuning.jobs.retrieve(job["id"]).status
    except Exception as error:
        raise _plain(error, f"look at the job {job['id']}") from error


def cancel(job):
    """Stop a job for good; gives its status."""
    try:
        return llm.client().fine_tuning.jobs.cancel(_id(job)).status
    except Exception as error:
        raise _plain(error, "stop the job") from error


def _id(job):
    return job if isinstance(job, str) else job["id"]


def _curve(content):
    """Rows of a result file; some servers send it in base64, and the names of its columns differ."""
    import base64
    import csv

    if not content.startswith(b"step"):
        content = base64.b64decode(content)
    for row in csv.DictReader(content.decode("utf-8").splitlines()):
        yield {"step": row["step"], "train_loss": row.get("train_loss", ""), "valid_loss": row.get("valid_loss", "")}


def _plain(error, what):
    """The server's refusal as one sentence."""
    if isinstance(error, NeedsFixing):
        return error
    body = getattr(error, "body", None) or {}
    inner = body.get("error", body) if isinstance(body, dict) else {}
    status, message = getattr(error, "status_code", None), " ".join(str((inner or {}).get("message") or "").split()).rstrip(".")
    if status == 403:
        return NeedsFixing(f"fine-tuning is closed for this organisation ({message.partition('. ')[0]}); {OPEN_ROAD}")
    if status:
        return NeedsFixing(f"the server would not {what} (HTTP {status}: {message}); mend that and run the cell again")
    return NeedsFixing(f"the network was lost while trying to {what} ({type(error).__name__}); run the cell again, the job goes on without you")


# ---------------------------------------------------------------- all of it, for the notebook

def tune(training_file, validation_file=None, *, model, record, suffix=None, system=None, watch=None, tell=None, stop=None):
    """Start a job, or find the one that `record` (7_model.json) names, follow it, and write 7_model.json and 7_curve.csv beside it.

    The same data and model are not paid for twice: a job that runs or has succeeded is found again. Gives 7_model.json as a dict. `watch` is a
    function that gets the losses as they come, rows of step, train_loss, valid_loss; `tell(done, total, words)` hears of each event. When `stop` (a
    threading.Event) is set the following ends, the job itself goes on, and what 7_model.json knows so far is given.
    """
    from tqdm.auto import tqdm

    record, losses = store.Path(record), []
    job = _unfinished(record, training_file, model) or start(training_file, validation_file, model=model, suffix=suffix, record=record)
    with tqdm(desc=job["id"], unit=" events", disable=tell is not None) as bar:
        for event in follow(job, stop=stop):
            bar.update()
            bar.set_postfix_str(event["message"][:60])
            if tell is not None:
                data = event["data"] if isinstance(event["data"], dict) else {}
                tell(data.get("step"), data.get("total_steps"), event["message"][:60])
            if (row := loss(event)) and watch is not None:
                losses.append(row)
                watch(losses)
    made = result(job)
    if made["status"] not in ENDED:
        print(f"No longer followed; the job {job['id']} itself goes on at the server. Run the cell again to follow it; end it with widgets.end_job's button, or finetune.cancel(\"{job['id']}\").")
        return store.read_json(record)
    store.write(made["curve"], record.with_name("7_curve.csv"))
    finished = {"backend": "hosted", "base_model": model, "fine_tuned_model": made["fine_tuned_model"], "trained_tokens": made["trained_tokens"],
                "practice": web.endpoints().mode == "practice", "system": system if system is not None else _system(training_file),
                "switched_off": job.get("switched_off", ""), "job": {**job, "status": made["status"]},
                "finished_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    store.write_json(finished, record)
    return finished


def try_out(record, training_file, rows=3):
    """The tuned model of 7_model.json answers the first questions of the training file: a DataFrame of question, answer, in the file."""
    import pandas as pd

    model, told = store.read_json(record)["fine_tuned_model"], []
    for talk in itertools.islice(store.read_jsonl(training_file), rows):
        asked = talk["messages"][:-1]
        try:
            answer = llm.client().chat.completions.create(model=model, messages=asked, max_tokens=200).choices[0].message.content
        except Exception as error:
            raise _plain(error, f"ask {model}") from error
        told.append({"question": asked[-1]["content"], "answer": answer, "in the file": talk["messages"][-1]["content"]})
    return pd.DataFrame(told, columns=["question", "answer", "in the file"])


def _system(training_file):
    """The system message that the model was trained with; the evaluation must use the same."""
    first = next(iter(store.read_jsonl(training_file)), {"messages": []})
    return next((message["content"] for message in first["messages"] if message["role"] == "system"), "")


def _unfinished(record, training_file, model):
    if not record.exists():
        return None
    kept = store.read_json(record)
    job = kept.get("job") or {}
    same = kept.get("base_model") == model and job.get("data", {}).get(store.Path(training_file).name) == store.sha256(training_file)
    # In practice each process has an address of its own, but the jobs are kept in one folder.
    here = web.endpoints().mode == "practice" or job.get("base_url") == web.endpoints().openai
    if not (job.get("id") and same and here):
        return None
    try:
        status = llm.client().fine_tuning.jobs.retrieve(job["id"]).status
    except Exception as error:
        if getattr(error, "status_code", None) == 404:
            return None
        raise _plain(error, "look at the job that runs already") from error  # never pay for a second one because the network is down
    return None if status in ("failed", "cancelled") else job
