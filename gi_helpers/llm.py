"""The one way to a chat model: many requests at once, each answer kept as it comes, never over the budget.

A request is {"key", "messages"} and any option of a chat completion; a result is a dict with `ok`, `content`, `usage`, `error`,
`attempts`. Answers are matched by key and request, never by position; what is in the journal is not asked, and not paid, again.

    for key, result in llm.run(requests, model="gpt-6-luna", journal="data/yo/4_llm.jsonl", budget_usd=2):
        print(key, result["content"])

Any server that speaks OpenAI's language will do: set OPENAI_BASE_URL to one of `SERVERS`, or to your own. What a server does not
understand (a JSON schema, the newer name of an option) is said in an older way.

    >>> parse_json('Here it is: {"question": "Kí ni èyí?"}')
    {'question': 'Kí ni èyí?'}
"""
import concurrent.futures
import contextlib
import time

from . import store, web
from ._answers import RESULT, judged, parse_json
from ._asking import Runner, client, plain
from ._batch import Batch
from ._journal import Journal, fingerprint
from ._money import Purse, dollars, price, priced, set_price
from .errors import NeedsFixing

__all__ = ["ask", "run", "use", "models", "Batch", "SERVERS", "client", "dollars", "fingerprint", "parse_json", "price", "priced", "set_price"]

# Where well-known servers listen, for a chooser; on this machine no key is needed.
SERVERS = {
    "OpenAI": "https://api.openai.com/v1",
    "OpenRouter": "https://openrouter.ai/api/v1",
    "Ollama, this machine": "http://127.0.0.1:11434/v1",
    "LM Studio, this machine": "http://127.0.0.1:1234/v1",
    "llama.cpp, this machine": "http://127.0.0.1:8080/v1",
    "vLLM, this machine": "http://127.0.0.1:8000/v1",
}


def ask(messages, *, model, **options):
    """The text of one answer to `messages` (a list of {"role", "content"}); NeedsFixing when none comes."""
    [(_, result)] = run([{"key": "one", "messages": messages, **options}], model=model, journal=None, concurrency=1)
    if not result["ok"]:
        raise NeedsFixing(result["error"])
    return result["content"]


def run(requests, *, model, journal, concurrency=8, budget_usd=None, accept=None, watch=None, stop=None):
    """Yield (key, result) for every request, in the order in which answers come.

    model        a model's name, or one on this machine: what `lora.load` gives
    requests     an iterable of dicts, with `messages`, or a `prompt` that the plain completions go on with; a None among them means "nothing now, ask me again after the next answer"
    journal      the path of the file that keeps every paid answer, or None
    concurrency  requests at once: 8 in a notebook, 32 at most is sensible
    budget_usd   a cap in US dollars over all runs of this journal: the worst case of a request is reserved before it is sent
    accept       a function of (key, content) that says what is wrong with an answer, "" for nothing; it is asked for anew, three times in all
    watch        a function that gets the state after each answer: a dict with asked, done, failed, reused, in_flight, spent_usd, cap_usd, seconds
    stop         a threading.Event: when set, no new work is taken, and what is in flight is waited for

    Closing the generator does the same as `stop`. Raises NeedsFixing when another notebook uses the journal, when there is no key, or
    when a budget is set and the price of the model is not known.
    """
    with contextlib.ExitStack() as stack:
        book = stack.enter_context(Journal(journal))
        purse = Purse(budget_usd, model, book.spent)
        judge = judged(accept)
        runner = Runner(None if hasattr(model, "complete") else client(), model, purse, book.keep, judge, concurrency)
        close = stack.pop_all().close
    yield from _Job(runner, book, purse, judge, watch, stop).results(requests, 2 * max(1, concurrency), close)


def use(server, model, *, price_usd=None, source=""):
    """Remember for all notebooks which server and model are asked in live mode; gives the address.

    server     a name of SERVERS, or the address of any server that speaks OpenAI's language (it ends in /v1)
    price_usd  dollars for a million tokens (in, out), kept in the team's own prices.csv with `source`; a server on this machine is free
    """
    address = SERVERS.get(server, str(server).strip()).rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise NeedsFixing(f"{server!r} is no address of a server; choose one of {', '.join(SERVERS)}, or write one such as http://127.0.0.1:11434/v1")
    if not (model := model.strip()):
        raise NeedsFixing("no model is named; choose one of the list, or write its name as the server knows it")
    if price_usd is None and web.on_this_machine(address) and price(model) is None:
        price_usd, source = (0, 0), "this machine"
    if price_usd is not None:
        set_price(model, *price_usd, source or "the team")
    store.remember(live_url="" if address == SERVERS["OpenAI"] else address, live_model=model)
    return address


def models():
    """The names of the models that the server in force offers, sorted; NeedsFixing when it does not answer."""
    with plain("the model's server"):
        return sorted(one.id for one in client().models.list())


class _Job:
    """The side of a run that looks at requests and results; the Runner is the side that asks."""

    def __init__(self, runner, book, purse, judge, watch, stop):
        self.runner, self.book, self.purse, self.judge, self.watch, self.stop = runner, book, purse, judge, watch, stop
        self.waiting, self.twins = {}, {}  # future -> (mark, request), and mark -> the keys that wait for it
        self.state = {"asked": 0, "done": 0, "failed": 0, "reused": 0, "in_flight": 0, "spent_usd": purse.spent, "cap_usd": purse.cap, "seconds": 0.0}
        self.began = time.monotonic()

    def results(self, requests, ahead, close):
        requests, more = iter(requests), True
        try:
            while more or self.waiting:
                while more and len(self.waiting) < ahead and not self.stopped():  # twice the workers, so that none waits for us
                    request = next(requests, _END)
                    if request is None and self.waiting:
                        break
                    if request is None or request is _END:
                        more = False
                    elif (known := self._known(request)) is not None:
                        yield request["key"], known
                if self.stopped():
                    more = False
                for keys, record in self._finished():
                    for key in keys:
                        yield key, self._seen(record)
        finally:
            self.runner.stop(self.waiting, close)

    def stopped(self):
        if self.stop is not None and self.stop.is_set() and not self.runner.refused:
            self.runner.refused = "stopped before it was sent"
            self.runner.gate.stopped.set()
            self.purse.close()
        return self.stop is not None and self.stop.is_set()

    def _known(self, request):
        """The result that the journal has for a request; else it is sent, and None."""
        mark = fingerprint(request, self.runner.model)
        record = self.book.answer(mark)
        if record is not None and not self.judge(request, record):
            self.state["reused"] += 1
            return {**self._seen(record), "reused": True}
        if mark in self.twins:
            self.twins[mark].append(request["key"])
        else:
            self.twins[mark] = [request["key"]]
            self.waiting[self.runner.send(request, mark)] = mark
        return None

    def _finished(self):
        if not self.waiting:
            return
        done, _ = concurrent.futures.wait(self.waiting, timeout=0.5 if self.stop else None, return_when=concurrent.futures.FIRST_COMPLETED)
        for future in done:
            mark = self.waiting.pop(future)
            record = future.result()
            yield self.twins.pop(mark), record

    def _seen(self, record):
        state = self.state
        state["asked"] += 1
        state["done" if record["ok"] else "failed"] += 1
        state.update(in_flight=len(self.waiting), spent_usd=self.purse.spent, seconds=time.monotonic() - self.began)
        if self.watch:
            self.watch(dict(state))
        return {name: record.get(name) for name in RESULT}


_END = object()
