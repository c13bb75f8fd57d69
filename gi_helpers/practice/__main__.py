"""Serve the rehearsal in the foreground: python -m gi_helpers.practice --port 8080"""
import argparse
import json
import signal
import sys
import time

from gi_helpers.errors import NeedsFixing
from gi_helpers.practice import start


def main(arguments=None):
    """Run until Ctrl-C, or until stdin closes; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m gi_helpers.practice", description="The practice server of GlobalInstruct, on this machine only.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes any free one")
    parser.add_argument("--latency", type=float, default=0, metavar="S", help="seconds added to each answer")
    parser.add_argument("--faults", type=json.loads, default={}, metavar="JSON", help="""such as '{"429": 0.1}'; see gi_helpers/practice/server.py""")
    parser.add_argument("--state", metavar="DIR", help="folder that keeps jobs and tuned models between runs")
    parser.add_argument("--until-closed", action="store_true", help="stop when the program that started this one ends or closes our stdin")
    chosen = parser.parse_args(arguments)
    try:
        practice = start(chosen.port, chosen.latency, chosen.faults, chosen.state)
    except NeedsFixing as problem:
        print(f"Please fix: {problem}", file=sys.stderr)
        return 1
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        print(f"practice {practice.url}", flush=True)
        if chosen.until_closed:
            while sys.stdin.buffer.read(4096):
                pass
        else:
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        pass
    finally:
        practice.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
