"""The same work on all cores, in the order of the rows, with few rows in memory.

The helpers are plain Python processes that talk through pipes. multiprocessing would run a script again that has no `if __name__ ==
"__main__"`, or copy a notebook's threads in the middle of their work.
"""
import concurrent.futures
import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
from collections import deque

from . import store

CODE = "from gi_helpers import _workers; _workers.serve()"


def ordered(function, setting, pieces, helpers):
    """Yield function(setting, piece) for each piece, in their order; `function` is 'module.name' inside gi_helpers, all must pickle.

    With fewer than two helpers it is done here.
    """
    if helpers < 2:
        call = _named(function)
        yield from (call(setting, piece) for piece in pieces)
        return
    idle, started = queue.Queue(), [_start(function, setting) for _ in range(helpers)]
    for helper in started:
        idle.put(helper)
    try:
        with concurrent.futures.ThreadPoolExecutor(helpers) as threads:
            waiting = deque()
            for piece in pieces:
                waiting.append(threads.submit(_ask, idle, piece))
                if len(waiting) > 2 * helpers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    finally:
        for helper in started:
            helper.kill()
            helper.wait()
            with contextlib.suppress(OSError):  # what was not sent any more
                helper.stdin.close()
            helper.stdout.close()


def _start(function, setting):
    folders = [str(store.HOUSE), os.environ.get("PYTHONPATH", "")]
    helper = subprocess.Popen([sys.executable, "-c", CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))})
    pickle.dump((function, setting), helper.stdin)
    helper.stdin.flush()
    return helper


def _ask(idle, piece):
    helper = idle.get()
    try:
        pickle.dump(piece, helper.stdin, protocol=pickle.HIGHEST_PROTOCOL)
        helper.stdin.flush()
        done, result = pickle.load(helper.stdout)
    except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
        raise MemoryError("a helper process ended; the machine may be short of memory: try again with workers=1") from error
    finally:
        idle.put(helper)
    if not done:
        raise result
    return result


def serve():
    """What a helper does: take pieces from its input and give results to its output until that closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its helpers
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not spoil the answers
    function, setting = pickle.load(sys.stdin.buffer)
    call = _named(function)
    while True:
        try:
            piece = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = True, call(setting, piece)
        except Exception as error:
            answer = False, error
        pickle.dump(answer, answers, protocol=pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _named(function):
    import importlib

    module, name = function.split(".")
    return getattr(importlib.import_module(f"gi_helpers.{module}"), name)
