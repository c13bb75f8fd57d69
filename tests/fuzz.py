"""The fuzzer: spoiled files for every reader, for as long as you like; a fault is printed once, with the command that shows it again.

    pip install atheris                            into an environment that has the project's packages; it is no dependency
    python tests/fuzz.py --minutes 10              all readers, each an equal part of the time
    python tests/fuzz.py --minutes 2 --reader dump

With atheris the inputs grow toward code that was not reached before; without it, or with --plain, samples are spoiled at random. At most 2 GB of memory and
5 seconds of its own time an input. The samples are made in code (readers.py); nothing is kept but the inputs that show a fault, in the folder .fuzz.
"""
import argparse
import contextlib
import importlib.util
import io
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEPT = HERE.parent / ".fuzz"
MEMORY, SECONDS = 2 * 2**30, 5


def main():
    """Load all once; then one process a reader, since a fault may end it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--reader", action="append", help="one or several, else all")
    options.add_argument("--plain", action="store_true", help="without atheris")
    options.add_argument("--seed", type=int, default=None, help="plain only: where to begin, else another place each time")
    options.add_argument("--again", metavar="FILE", help="one kept input, with its --reader")
    given = options.parse_args()
    guided = not given.plain and not given.again and importlib.util.find_spec("atheris") is not None
    readers = load(guided)
    if given.again:
        limits()
        trial = Trial(given.reader[0], readers)
        trial("".join(Path(given.again).suffixes), Path(given.again).read_bytes())
        print(trial.told())
        return int(bool(trial.faults))
    names, found = given.reader or list(readers.READERS), {}
    print(f"{'atheris' if guided else 'spoiled samples'}, {len(names)} readers, {given.minutes:g} minutes in all", flush=True)
    for name in names:
        told = Path(tempfile.mkstemp()[1])
        child = os.fork()
        if not child:
            limits()
            trial = Trial(name, readers, told, time.monotonic() + 60 * given.minutes / len(names))
            (trial.guided if guided else trial.plain)(given.seed)
            os._exit(0)
        _, ended = os.waitpid(child, 0)
        found[name] = json.loads(told.read_text() or json.dumps({"inputs": 0, "faults": [f"the process ended with {ended}"]}))
        told.unlink()
        print(f"{name:12} {found[name]['inputs']:7,} inputs, slowest {found[name].get('slowest', 0):.1f} s, {len(found[name]['faults'])} faults", flush=True)
        for fault in found[name]["faults"]:
            print("   ", fault, flush=True)
    print(json.dumps(found, ensure_ascii=False))
    return int(any(one["faults"] for one in found.values()))


def load(guided):
    """The module of the readers, watched by atheris or not, in a process in which nothing is sent and little is said."""
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    os.environ.update(GI_MODE="practice", TQDM_DISABLE="1")
    warnings.simplefilter("ignore")
    if not guided:
        import readers
        return readers
    import atheris

    with atheris.instrument_imports(include=["gi_helpers"]):
        import readers
    return readers


def limits():
    """For this process: 2 GB, and an alarm that `Trial` sets for each input."""
    import resource

    def ring(*_):
        raise Hang(f"no answer within {SECONDS} seconds")

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, ring)


class Hang(BaseException):
    """Longer than 5 seconds; no `except Exception` in between may swallow it."""


class Trial:
    """Tries inputs on one reader and keeps what is wrong, each fault once."""

    def __init__(self, name, readers, told=None, end=0.0):
        self.name, self.readers, self.inputs, self.slowest, self.faults, self.began = name, readers, 0, 0.0, {}, time.monotonic()
        self.file, self.end = told, end

    def __call__(self, suffix, content):
        self.inputs += 1
        began = time.monotonic()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                said = self.readers.fault(self.name, suffix, content)
        except (Exception, Hang) as error:
            place = [frame for frame in traceback.extract_tb(error.__traceback__) if "gi_helpers" in frame.filename][-1:]
            said = f"{type(error).__name__} {str(error)[:120]!r} at {Path(place[0].filename).name if place else '?'}:{place[0].lineno if place else 0}"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        self.slowest = max(self.slowest, time.monotonic() - began)
        if said and said.rpartition(" at ")[2][:80] not in self.faults:
            KEPT.mkdir(exist_ok=True)
            file = KEPT / f"{self.name.replace(' ', '-')}-{len(self.faults)}{suffix}"
            file.write_bytes(content)
            self.faults[said.rpartition(" at ")[2][:80]] = f"{said}   python tests/fuzz.py --reader '{self.name}' --again {file.relative_to(HERE.parent)}"

    def told(self):
        return json.dumps({"inputs": self.inputs, "slowest": round(self.slowest, 2), "seconds": round(time.monotonic() - self.began), "faults": list(self.faults.values())})

    def plain(self, seed):
        """Samples spoiled at random, until the time is over."""
        chance = random.Random(seed)
        while time.monotonic() < self.end:
            self(*self.readers.some(self.name, chance))
        self.file.write_text(self.told())

    def guided(self, _):
        """What atheris and we make of the samples, until the time is over; this process ends with it."""
        import atheris

        suffixes, samples, _ = self.readers.READERS[self.name]

        def one(content):
            if time.monotonic() > self.end:
                self.file.write_text(self.told())
                os._exit(0)
            self(suffixes[len(content) % len(suffixes)], content)

        def other(content, size, seed):  # half of the changes are ours, which know JSON and what breaks readers; the rest are libFuzzer's
            chance = random.Random(seed)
            if chance.random() < 0.5:
                return self.readers.spoiled(content or chance.choice(samples), chance)[:size]
            return atheris.Mutate(content, size)

        with tempfile.TemporaryDirectory() as corpus:
            for number, sample in enumerate(samples):
                Path(corpus, str(number)).write_bytes(sample)
            atheris.Setup([sys.argv[0], corpus, "-max_len=200000", "-rss_limit_mb=2048", "-timeout=60", "-verbosity=0"], one, custom_mutator=other)
            atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
