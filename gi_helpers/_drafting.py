"""One drafting job of notebook 4: from passages to requests, from answers to rows. Used by `translate.draft`.

    >>> shares("templates"), shares({"grounded_qa": 3, "reverse_instruction": 1})
    ({'templates': 1.0}, {'grounded_qa': 0.75, 'reverse_instruction': 0.25})
"""
import time
import warnings

from . import _prompts, languages, llm, store, web
from ._plan import Plan, pairs_of, passages
from ._rowchecks import RowChecks, tidy
from ._sheets import ANSWERS, sheet
from .errors import NeedsFixing

METHODS = ("grounded_qa", "reverse_instruction", "templates", "translate_pair")
MIX = {"grounded_qa": 0.6, "reverse_instruction": 0.4}
COLUMNS = ("id", "language", "passage_id", "source", "url", "licence", "method", "prompt_version", "model", "context", "evidence",
           "question_llm", "answer_llm", "question", "answer", "flags", "score", "status", "reviewer", "reviewed_at", "reason", "tokens_in",
           "tokens_out", "cost_usd", "created_at", "title", "permission")
HOPELESS = 12                  # passages in a row of which nothing came: the model or the sheet is wrong, not the passages
ROOM, ROOM_A_ROW = 1500, 1000  # tokens that an answer may have; models that reason need room for that, too


def shares(method=None):
    """The shares of the methods, adding up to 1; NeedsFixing for a name that is none."""
    given = dict(MIX) if method is None else {method: 1} if isinstance(method, str) else dict(method)
    wrong = [name for name in given if name not in METHODS]
    if wrong or not given:
        raise NeedsFixing(f"no method is called {wrong[0] if wrong else ''!r}; choose from {', '.join(METHODS)}")
    total = sum(given.values())
    if total <= 0 or min(given.values()) < 0:
        raise NeedsFixing(f"the shares of the methods are {given}; give numbers from 0 to 1, at least one above 0")
    return {name: share / total for name, share in given.items() if share > 0}


class Job:
    """What draft keeps in mind between a request and its rows."""

    def __init__(self, texts, language, method, model, n, evaluation=(), options=None, most=None, done=None):
        self.language, self.shares = languages.find(language).code, shares(method)
        self.sheet, self.options = sheet(language), dict(options or {})
        self.model = model or (web.endpoints().model if set(self.shares) != {"templates"} else "")
        if "templates" in self.shares and not self.sheet["templates"]:
            raise NeedsFixing(f"the sheet of {self.sheet['name_en']} has no templates; write one in notebook 4, such as 'What is {{title}}?'")
        pieces = passages(texts)
        self.plan = Plan(pieces, self.shares, n, len(self.sheet["templates"]), most)
        self.most, self.versions = most, {}
        self.checks = RowChecks(self.language, [one["passage"] for one in pieces], self.sheet, evaluation)
        self.there, self.tasks = self._known(done), {}
        self.found = {"rows": self.there, "auto_fail": 0, "requests": 0, "failed": 0, "empty": 0, "reused": 0, "spent_usd": 0.0}
        self.n, self.why, self.dry, self.began = n, "", 0, time.monotonic()

    def _known(self, done):
        """Count the rows that an earlier run has left, and remember their questions; gives how many belong to this job."""
        if done is None:
            return 0
        there = set()
        for row in store.rows_so_far(done) if isinstance(done, (str, store.Path)) else done.to_dict("records"):
            self.checks.questions.add(row.get("question_llm") or row["question"], row["id"])
            there.add(row["id"])
        return self.plan.known(self.ids_of, there)

    # ------------------------------------------------------------ without a model

    def local(self):
        """Rows of the team's own question templates."""
        while (task := self.plan.next(("templates",))) is not None:
            patterns, item, number = self.sheet["templates"], task.item, self.pattern(task)
            question = patterns[number]["question"].replace("{title}", item["title"].strip())
            answer = ANSWERS.get(patterns[number]["answer"], str)(item["passage"])
            self.plan.came(task, 1)
            yield self.row(task, number, question, answer, "", {"cost_usd": 0.0, "at": _now()}, 1)

    def pattern(self, task):
        """The number of the question template that a task takes."""
        return (int(store.short_hash(task.item["passage_id"]), 16) + task.turn) % len(self.sheet["templates"])

    # ------------------------------------------------------------ with a model

    def asked(self, journal, budget_usd, concurrency, watch, stop):
        """Rows of the methods that ask a model."""
        run = llm.run(self.feed(), model=self.model, journal=journal, concurrency=concurrency, budget_usd=budget_usd,
                      accept=self.accept, watch=self._watching(watch), stop=stop)
        for key, result in run:
            task = self.tasks.pop(key)
            rows = list(self.rows(task, result)) if result["ok"] else []
            self.plan.came(task, len(rows))
            yield from rows
            self._note(result, rows)
            if result.get("refused") and not self.why:
                self.why, self.refused = result["error"], True
            if self.dry >= HOPELESS and not self.why:
                self.why = f"nothing usable came of {self.dry} passages in a row ({result['error'] or 'the model found no fact in them'}); look at the texts, the sheet and the model"
        if stop is not None and stop.is_set():
            self.why = self.why or "stopped"

    def feed(self):
        """Requests as long as rows are missing; None while enough are on their way."""
        while not self.why:
            task = self.plan.next([name for name in self.shares if name != "templates"])
            if task is None:
                if not self.tasks or (self.n is None and self.most is None):
                    return
                yield None
                continue
            request = self.request(task)
            self.tasks[request["key"]] = task
            yield request

    def request(self, task):
        """The request of a task; its key stands for language, passage, method, prompt and model."""
        item = {**task.item, "pairs": _pairs(task)}
        messages = _prompts.messages(task.method, self.sheet, item)
        version = self.version(task.method)
        key = store.short_hash(self.language, item["passage_id"], item["passage"], task.method, version, self.model)
        room = ROOM + ROOM_A_ROW * item["pairs"]
        return {"key": key, "messages": messages, "response_format": _prompts.response_format(task.method), "max_completion_tokens": room, **self.options}

    def accept(self, key, content):
        """What is wrong with an answer: another shape, or another language. Then it is asked for again."""
        found = llm.parse_json(content)
        parts = _parts(self.tasks[key].method, found)
        if parts is None:
            return "the model's answer has another shape than was asked for; try again, or choose another model"
        wrong = [self.checks.language_of(part["question"], part["answer"]) for part in parts if part["question"]]
        if wrong and all(wrong):
            return f"the model answered in the wrong language ({wrong[0]}, not {self.language}); try again, or choose another model"
        return ""

    def rows(self, task, result):
        """The rows of one answer, at most as many as the plan wants of it."""
        parts = [part for part in _parts(task.method, llm.parse_json(result["content"])) if tidy(part["question"])][:task.rows + len(task.there)]
        for k, part in enumerate(parts):
            if self.id_of(task, k) in task.there:
                continue
            answer = task.item["passage"] if task.method == "reverse_instruction" else part["answer"]
            yield self.row(task, k, part["question"], answer, part.get("evidence", ""), result, len(parts))

    def row(self, task, k, question, answer, evidence, result, among):
        """One row with its checks; what the request cost is shared by its rows."""
        item, method = task.item, task.method
        version = self.version(method)
        given = bool(item["question"]) and method == "translate_pair"
        context = f"{item['question']}\n{item['answer']}" if given else item["passage"]
        model = "" if method == "templates" else self.model
        id = self.id_of(task, k)
        seen = self.checks(method, question, answer, "" if given else context, evidence, id=id)
        usage = result.get("usage") or {}
        self.found["rows"] += 1
        self.found["auto_fail"] += seen.fails
        values = {"id": id, "language": self.language, "passage_id": item["passage_id"], "source": item["source"], "url": item["url"],
                  "licence": item["licence"], "title": item["title"], "permission": item["permission"], "method": method, "prompt_version": version, "model": model and _shown(model, result.get("served_by")),
                  "context": context, "evidence": tidy(evidence), "question_llm": question, "answer_llm": answer, "question": tidy(question),
                  "answer": tidy(answer), "flags": seen.flags, "score": seen.score, "status": "auto_fail" if seen.fails else "needs_review",
                  "tokens_in": _share(usage.get("prompt_tokens"), k, among), "tokens_out": _share(usage.get("completion_tokens"), k, among),
                  "cost_usd": "" if result.get("cost_usd") is None else round(result["cost_usd"] / among, 9), "created_at": result.get("at") or _now()}
        return {name: values.get(name, "") for name in COLUMNS}

    def version(self, method):
        """The version of a method's prompt: its rules, and what the sheet adds to them."""
        if method not in self.versions:
            system = "" if method == "templates" else _prompts.messages(method, self.sheet, dict.fromkeys(("title", "passage", "question", "answer"), ""))[0]["content"]
            self.versions[method] = _prompts.VERSIONS[method] + (f".{store.short_hash(system)[:4]}" if system else "")
        return self.versions[method]

    def id_of(self, task, k):
        """The id of a row: the same in every run, however the answers come."""
        item, model = task.item, "" if task.method == "templates" else self.model
        return store.short_hash(self.language, item["passage_id"], item["passage"], task.method, self.version(task.method), model, k)

    def ids_of(self, task):
        """The ids that the rows of a task may have."""
        return [self.id_of(task, k) for k in ([self.pattern(task)] if task.method == "templates" else range(task.rows))]

    # ------------------------------------------------------------ keeping count

    def _watching(self, watch):
        def see(state):
            self.found.update(reused=state["reused"], spent_usd=round(state["spent_usd"], 6))
            if watch:
                watch({**state, "rows": self.found["rows"], "rows_wanted": self.n})
        return see

    def _note(self, result, rows):
        self.found["requests"] += 1
        self.found["failed"] += not result["ok"]
        self.found["empty"] += result["ok"] and not rows
        if result.get("capped"):
            self.why = self.why or "the cap is reached: " + result["error"]
        # What the journal knows to be empty comes first in a run that goes on, and says nothing new about the texts.
        self.dry = 0 if rows else self.dry + (not result.get("reused"))
        self.last = result["error"] or self.last

    def close(self, report):
        """Say what came, and why not all of it; a refusal of the model is raised, after its rows have been handed out."""
        missing, found = self.plan.lacking, self.found
        if self.most is not None and found["rows"] >= self.most and not self.why and (self.n is None or self.n > self.most):
            self.why = f"the cap of {self.most:,} rows is reached; raise it to go on"
        if missing > 0 and not self.why:
            self.why = f"all {len(self.checks.corpus)} passages are used up; clean more texts, or add a method"
        if found["failed"] and not self.why and self.n is None:
            self.why = "run the cell again for the rest"
        last = f" ({found['failed']} requests failed, the last one: {self.last})" if found["failed"] and self.last not in self.why else ""
        came = f"{found['rows']}{f' of {self.n}' if self.n is not None else ''} rows came"
        sentence = f"{came}: {self.why}{last}" if self.why else ""
        found.update(why=sentence, seconds=round(time.monotonic() - self.began, 1))
        if report is not None:
            report.update(found)
        if self.refused:
            raise NeedsFixing(sentence)
        if sentence and report is None:
            warnings.warn(sentence, stacklevel=3)

    refused = False
    last = ""


def _pairs(task):
    # Always as many as the passage is worth, even when fewer are wanted: the same request serves a pilot and the whole job.
    return pairs_of(task.item["passage"]) if task.method == "grounded_qa" else 1


def _parts(method, found):
    """[{question, answer, evidence}] of an answer, or None when it has another shape."""
    if not isinstance(found, dict):
        return None
    if method == "grounded_qa":
        parts = found.get("pairs")
    elif method == "reverse_instruction":
        parts = [{"question": found.get("instruction"), "answer": ""}]
    else:
        parts = [found]
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return None
    names = ("question", "answer", "evidence") if method == "grounded_qa" else ("question", "answer")
    return [{name: part[name] for name in names} for part in parts] if all(isinstance(part.get(name), str) for part in parts for name in names) else None


def _shown(model, served_by):
    """The model of a row; a rehearsal says so."""
    return served_by if str(served_by).startswith(("practice", "ft:practice")) else model


def _share(tokens_used, k, among):
    """A request's tokens over its rows, in whole numbers that add up."""
    return "" if tokens_used is None else tokens_used * (k + 1) // among - tokens_used * k // among


def _now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
