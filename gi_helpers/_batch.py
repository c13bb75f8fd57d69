"""The slow lane at half price: hand in a file of requests, leave, and fetch the answers within a day, from any notebook.

The journal is the same as that of `llm.run`, and so are the keys: what came by batch is not asked again by `run`, and the other way
round. A batch that expired gives what it has; the rest can be handed in once more, or asked at full price.

    lane = llm.Batch("data/yo/4_llm.jsonl", model="gpt-6-luna")
    lane.submit(requests, budget_usd=2)           # then close the notebook
    lane.status()                                 # tomorrow: a list of {"batch", "status", "total", "completed", "failed"}
    for key, result in lane.collect(): ...        # as from llm.run
"""
import json
import time

from ._answers import fill, judged
from ._asking import client, plain
from ._journal import Journal, fingerprint
from ._money import Purse
from .errors import NeedsFixing

MOST, BYTES = 50_000, 190_000_000  # requests and bytes of one batch (OpenAI takes 50,000 and 200 MB)
SHARE = 0.5                        # of the full price
OVER = ("completed", "expired", "cancelled", "failed")
ENDPOINT = "/v1/chat/completions"


class Batch:
    """The Batch lane of a journal. `accept(key, content)` says what is wrong with an answer, "" for nothing, as in `llm.run`."""

    def __init__(self, journal, *, model, accept=None):
        self.journal, self.model, self.judge = journal, model, judged(accept)

    def submit(self, requests, *, budget_usd=None):
        """Hand in the requests that are neither answered nor in a batch that is still open; gives the ids of the new batches.

        Keys must be unique. The worst case at half price must fit under `budget_usd`, together with what the journal cost so far;
        NeedsFixing says how much it is when it does not.
        """
        with Journal(self.journal) as book:
            waiting = {mark for batch in _open(book) for mark, _ in batch["requests"].values()}
            purse = Purse(budget_usd, self.model, book.spent, SHARE)
            todo = {}
            for request in requests:
                mark = fingerprint(request, self.model)
                if book.answer(mark) is None and mark not in waiting:
                    if request["key"] in todo:
                        raise NeedsFixing(f"two requests have the key {request['key']!r}; give each its own")
                    todo[request["key"]] = (mark, purse.limited({name: value for name, value in request.items() if name != "key"}))
            worst = sum(purse.worst(options) for _, options in todo.values())
            if budget_usd is not None and purse.spent + worst > budget_usd:
                raise NeedsFixing(f"the batch may cost up to ${worst:.2f} and ${purse.spent:.2f} is spent, more than the cap of ${budget_usd:g}; "
                                  "take fewer rows, allow shorter answers, or raise the cap")
            return [self._hand_in(book, part, purse) for part in self._parts(todo)]

    def _parts(self, todo):
        """Pieces of {key: (mark, options, line)} that fit into one batch each."""
        part, size = {}, 0
        for key, (mark, options) in todo.items():
            body = {"custom_id": key, "method": "POST", "url": ENDPOINT, "body": {"model": self.model, **options}}
            line = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
            if part and (len(part) >= MOST or size + len(line) > BYTES):
                yield part
                part, size = {}, 0
            part[key], size = (mark, options, line), size + len(line)
        if part:
            yield part

    def _hand_in(self, book, part, purse):
        content = b"".join(line for _, _, line in part.values())
        with plain("the batch service"):
            file = client().files.create(file=("requests.jsonl", content), purpose="batch")
            batch = client().batches.create(input_file_id=file.id, endpoint=ENDPOINT, completion_window="24h")
        book.keep({"batch": batch.id, "model": self.model, "requests": {key: (mark, options.get("response_format", {}).get("type")) for key, (mark, options, _) in part.items()},
                   "held_usd": round(sum(purse.worst(options) for _, options, _ in part.values()), 9), "at": _now()})
        return batch.id

    def status(self):
        """Where the batches stand that have not been collected: a list of dicts batch, status, total, completed, failed, expires_at."""
        with Journal(self.journal) as book:
            return [_shown(_retrieve(one["batch"])) for one in _open(book)]

    def collect(self):
        """Yield (key, result) for every answer of the batches that are over; they are written to the journal at half price.

        A request without an answer (expired, failed) comes with ok=False and may be handed in again.
        """
        with Journal(self.journal) as book:
            purse = Purse(None, self.model, 0.0, SHARE)
            for one in _open(book):
                batch = _retrieve(one["batch"])
                if batch.status not in OVER:
                    continue
                left = dict(one["requests"])
                for line in _lines(batch):
                    if line.get("custom_id") in left:
                        record = self._record(line, *left.pop(line["custom_id"]), one["model"], purse)
                        book.keep(record)
                        yield record["key"], record
                book.keep({"batch": one["batch"], "over": batch.status})
                why = _reason(batch)
                for key in left:
                    yield key, {"ok": False, "content": None, "usage": None, "error": why, "attempts": 1, "cost_usd": 0.0}

    def cancel(self):
        """Stop the open batches; what they have answered by then can be collected."""
        with Journal(self.journal) as book, plain("the batch service"):
            return [client().batches.cancel(one["batch"]).status for one in _open(book)]

    def _record(self, line, mark, format, model, purse):
        record = {"key": line["custom_id"], "request": mark, "model": model, "ok": False, "content": None, "usage": None, "error": "",
                  "attempts": 1, "cost_usd": 0.0 if purse.price else None, "lane": "batch", "at": _now()}
        answer = line.get("response") or {}
        if answer.get("status_code") != 200:
            said = line.get("error") or (answer.get("body") or {}).get("error") or {}
            record["error"] = f"not answered in the batch ({said.get('code') or answer.get('status_code')}: {said.get('message', '')}); hand it in again"
            return record
        try:
            fill(record, answer["body"])
        except (LookupError, TypeError, AttributeError):
            record["error"] = "the batch holds something that is no answer; hand it in again"
            return record
        if purse.price:
            record["cost_usd"] = round(purse.price_of(record["usage"]), 9)
        record["error"] = self.judge({"key": record["key"], "response_format": {"type": format or "text"}}, record)
        record["ok"] = not record["error"]
        return record


def _open(book):
    over = {line["batch"] for line in book.batches if "over" in line}
    return [line for line in book.batches if "requests" in line and line["batch"] not in over]


def _retrieve(id):
    with plain("the batch service"):
        return client().batches.retrieve(id)


def _lines(batch):
    for id in (batch.output_file_id, batch.error_file_id):
        if id:
            with plain("the batch service"):
                content = client().files.content(id).content
            for line in content.splitlines():
                if line.strip():
                    yield json.loads(line)


def _reason(batch):
    said = "; ".join(str(one.message) for one in (batch.errors.data or [])) if batch.errors else ""
    return f"the batch is {batch.status} without this answer{': ' + said[:200] if said else ''}; hand it in again, or ask at full price"


def _shown(batch):
    counts = batch.request_counts
    return {"batch": batch.id, "status": batch.status, "total": counts.total if counts else 0, "completed": counts.completed if counts else 0,
            "failed": counts.failed if counts else 0, "expires_at": batch.expires_at}


def _now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
