"""How requests are sent: workers in threads, retries, and one gate for all when the server is busy.

Used by `llm.run`; the client is the `openai` one, asked for the bare JSON, which is quicker than its typed answers.

    >>> gate = Gate()
    >>> gate.close(0.01); gate.wait()       # everybody waits until the server has had its rest
    True
"""
import concurrent.futures
import contextlib
import json
import random
import threading
import time
from functools import lru_cache

from . import web
from ._answers import fill
from ._refusals import NO_CREDIT, Dialect, advice, said
from .errors import NeedsFixing, without_keys

TRIES = 6          # for a fault of the server or a lost network
BAD_ANSWERS = 3    # a damaged answer is paid for, so it is asked for less often
BUSY = 30          # a busy server is asked this often; it charges nothing for saying no
LESSONS = 8        # options that a server may turn down, one after the other
TIMEOUT = 60       # seconds without a byte of an answer
ENOUGH = 180       # seconds for a whole answer, also when its bytes keep dripping
MOST_BYTES = 4_000_000  # of an answer; a model that never ends is cut off here, whatever bound the server was asked for
PATIENCE = 20      # an answer that takes so many times as long as the slowest good one so far (of 20 and more) will not come
SHORTEST = 5       # seconds, however quick the server is
LONGEST_WAIT = 120 # seconds; when a server asks for more, it is a matter for people (a daily limit)
GRACE = 10         # seconds that a stop waits for answers on their way; later ones are still kept


@lru_cache(maxsize=4)
def _client(base_url, key):
    import openai

    # Retries are ours (the client's would not tell the other workers to wait), and one client serves all threads.
    return openai.OpenAI(base_url=base_url, api_key=key, max_retries=0)


def client():
    """The `openai` client for the address and key in force."""
    ends = web.endpoints()
    return _client(ends.openai, ends.key)


class Gate:
    """Lets all workers through, or, when the server is busy, nobody for a while."""

    def __init__(self):
        self.until, self.stopped = 0.0, threading.Event()

    def close(self, seconds):
        """Nobody passes for so many seconds."""
        self.until = max(self.until, time.monotonic() + seconds)

    def wait(self):
        """Wait for the gate to open; False when all work has been stopped."""
        waited = False
        while (left := self.until - time.monotonic()) > 0 and not self.stopped.wait(left):
            waited = True
        if waited:
            self.pause(random.uniform(0, 0.2))  # not all at the same moment
        return not self.stopped.is_set()

    def pause(self, seconds):
        """Sleep, but wake up at a stop."""
        self.stopped.wait(seconds)


class _Endless(Exception):
    """An answer that does not end; says after how much."""


class Runner:
    """Asks for many answers at once, in threads, so that it also works where a notebook's own event loop is running.

    `purse` keeps the money, `keep(record)` writes the journal, `judge(request, reply)` says what is wrong with an answer ("" for nothing).
    """

    def __init__(self, client, model, purse, keep, judge, concurrency):
        self.client, self.model, self.purse, self.keep, self.judge = client, getattr(model, "name", model), purse, keep, judge
        self.local = getattr(model, "complete", None)  # a model on this machine answers itself, one question after the other
        self.pool = concurrent.futures.ThreadPoolExecutor(1 if self.local else max(1, concurrency), thread_name_prefix="llm")
        self.gate, self.dialect = Gate(), Dialect()
        self.refused = ""  # why no further request is sent
        self.good, self.slowest = 0, 0.0

    def send(self, request, mark):
        """A future of the journal's record for this request."""
        return self.pool.submit(self._answer, request, mark)

    def stop(self, waiting, afterwards):
        """Take no new work, wait a moment for what is in flight, and call `afterwards` when the last worker has put its answer down."""
        self.refused = self.refused or "stopped before it was sent"
        self.gate.stopped.set()
        self.purse.close()
        self.pool.shutdown(wait=False, cancel_futures=True)
        running = [future for future in waiting if not future.cancelled()]
        left = concurrent.futures.wait(running, timeout=GRACE).not_done
        if not left:
            return afterwards()
        count, turn = [len(left)], threading.Lock()

        def one_less(_):
            with turn:
                count[0] -= 1
                last = count[0] == 0
            if last:
                afterwards()

        for future in left:
            future.add_done_callback(one_less)

    # ------------------------------------------------------------ one request

    def _answer(self, request, mark):
        """Ask until there is a whole answer, and keep it; gives the journal's record."""
        options = self.purse.limited({name: value for name, value in request.items() if name != "key"})
        record = {"key": request["key"], "request": mark, "model": self.model, "ok": False, "content": None, "usage": None, "error": "",
                  "attempts": 0, "cost_usd": 0.0 if self.purse.price else None}
        left = {"faults": TRIES, "bad": 1 if self.local else BAD_ANSWERS, "busy": BUSY, "learned": LESSONS, "refused": 1}
        while not record["ok"] and min(left.values()) > 0:
            if not self.gate.wait() or self.refused:
                record["error"] = record["error"] or self.refused
                break
            held = self.purse.reserve(options)
            if held is None:
                record["error"] = self.refused or f"not sent, because the cap of ${self.purse.cap:g} would be passed; raise the cap to go on"
                record["capped"] = not self.refused
                break
            if held:
                self.keep({"request": mark, "held_usd": round(held, 9)})  # so that a kill now cannot hide what this may cost
            record["attempts"] += 1
            left[self._try(request, self.dialect.fit(options), record, held)] -= 1
        record["error"] = without_keys(record["error"])  # some servers repeat the key that they refuse
        record["at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        if record["attempts"]:
            self.keep(record)
        return record

    def timeout(self):
        """Seconds to wait for an answer."""
        return TIMEOUT if self.good < 20 else min(TIMEOUT, max(SHORTEST, PATIENCE * self.slowest))

    def _try(self, request, options, record, held):
        """One attempt; fills `record` and says what it used up: "bad" for a paid answer that cannot be used, else as in `left`."""
        import openai

        cost, answered, used = 0.0, False, "faults"
        try:
            began = time.monotonic()
            reply = self._reply(options)
            self.good, self.slowest = self.good + 1, max(self.slowest, time.monotonic() - began)
            cost, answered, used = self.purse.price_of(reply.get("usage"), held), True, "bad"
            fill(record, reply)
            record["error"] = self.judge(request, record)
            record["ok"] = not record["error"]
        except openai.APIStatusError as error:
            used = self._refusal(error, options, record)
        except openai.APITimeoutError:  # the server may have charged for it
            cost, used = held, "bad"
            record["error"] = f"no answer within {self.timeout():.0f} seconds; run again, or choose a quicker model or shorter answers"
        except _Endless as error:
            cost, used = held, "bad"
            record["error"] = f"the model's answer had not ended after {error}; allow shorter answers, or choose another model"
        except openai.APIConnectionError as error:
            cause = error.__cause__ or error
            cost = 0.0 if "Connect" in type(cause).__name__ else held  # a body that was cut may have been charged for
            record["error"] = f"no whole answer from {self.client.base_url} ({type(cause).__name__}); check the network and the address, and run again"
            self.gate.pause(_backoff(record["attempts"]))
        except (ValueError, AttributeError, TypeError, LookupError) as error:  # damaged JSON, or JSON that is no chat completion
            cost = cost or held
            record["error"] = f"the model's server sent something that is no answer ({type(error).__name__}); run again, and check the address"
            self.gate.pause(_backoff(record["attempts"]))
        finally:
            if record["cost_usd"] is not None:
                record["cost_usd"] = round(record["cost_usd"] + cost, 9)
            self.purse.settle(held, cost, answered)
        return used

    def _reply(self, options):
        """The JSON of a reply, taken piece by piece, so that no answer can hold a worker for ever."""
        import openai

        if self.local:
            return self.local(options)
        options = dict(options)
        end, pieces, size = time.monotonic() + ENOUGH, [], 0
        words = "prompt" if "prompt" in options else "messages"  # a prompt is a text to go on with, as `_likelihood` asks
        api = self.client.completions if words == "prompt" else self.client.chat.completions
        with api.with_streaming_response.create(model=self.model, **{words: options.pop(words)}, extra_body=options, timeout=self.timeout()) as response:
            try:
                for piece in response.iter_bytes():
                    pieces.append(piece)
                    size += len(piece)
                    if size > MOST_BYTES or time.monotonic() > end:
                        raise _Endless(f"{size:,} bytes" if size > MOST_BYTES else f"{ENOUGH:.0f} seconds")
            except _Endless:
                raise
            except Exception as error:  # of the library below, whose name depends on the version
                if "Timeout" in type(error).__name__:
                    raise openai.APITimeoutError(response.http_request) from error
                raise openai.APIConnectionError(request=response.http_request) from error
        return json.loads(b"".join(pieces))

    def _refusal(self, error, options, record):
        """Fill `record` from a refusal of the server, wait if it asks for that, and say what was used up."""
        status, code, words, parameter = said(error)
        record["error"] = f"the model's server answered {status} {code}: {words}".rstrip(": ")
        wait = web.retry_after(error.response.headers)
        broke = code in NO_CREDIT
        if status == 429 and not broke and wait <= LONGEST_WAIT:
            self.gate.close(wait or _backoff(record["attempts"]))
            return "busy"
        if status in (408, 409) or status >= 500:
            self.gate.pause(min(wait, LONGEST_WAIT) or _backoff(record["attempts"]))
            return "faults"
        if status in (400, 422) and self.dialect.learn(options, words.lower(), parameter):
            return "learned"
        if status in (401, 402, 403, 404, 429) or broke or code == "model_not_found":
            self.refused = record["error"] = f"{record['error']}; {advice(status, code, wait, self.model)}"
            record["refused"] = True
        return "refused"


@contextlib.contextmanager
def plain(what):
    """Turn what a service can refuse into one sentence; `what` is its name."""
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        status, code, message, _ = said(error)
        raise NeedsFixing(f"{what} answered {status} {code}: {message}; {advice(status, code, 0, 'the model')}") from error
    except openai.APIConnectionError as error:
        raise NeedsFixing(f"{what} at {client().base_url} does not answer; check the network and the address, and run again: nothing is lost") from error


def _backoff(attempt):
    return min(20, 0.5 * 2 ** (attempt - 1)) * random.uniform(0.5, 1)
