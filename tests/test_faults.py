"""The campaign of faults, `python3 workbook.py test -m faults`: each slow stage is killed forty times, loses its network, its disk and its clock, and meets a bad server.

After each, running it again must end with exactly the result of a run that nobody disturbed, with nothing paid twice beyond what was in flight, and nothing left lying about.
"""
import bz2
import contextlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from gi_helpers import store

pytestmark = pytest.mark.faults
HOUSE = Path(__file__).parent.parent
KILLS = int(os.environ.get("GI_KILLS", 40))
IN_ONE_FOLDER = 5  # kills before a run may end: several in one folder are harder than one
# Each stage: the files it needs (from the stages before), what it makes, and whether it pays a model.
STAGES = {"wiki": ((), ("1_wiki_scrape.csv",)), "dump": (("dump.xml.bz2",), ("dump.csv",)), "news": ((), ("2_bbc_scrape.csv",)),
          "tidy": (("1_wiki_scrape.csv",), ("3_clean.csv", "3_dropped.csv")), "draft": (("3_clean.csv",), ("4_qa.csv",)), "convert": (("4_qa.csv",), ("5_train.jsonl", "5_validation.jsonl")),
          "tune": (("5_train.jsonl", "5_validation.jsonl"), ("7_model.json",)), "questions": ((), ("8_truthfulqa.csv",)), "ask": (("8_truthfulqa.csv",), ("9_answers.csv",)),
          "build": (("4_qa.csv",), ("set/10_publish/train.jsonl", "set/10_publish/registry.json"))}
PAID = ("draft", "questions", "ask")
NETWORK = ("wiki", "news", *PAID, "tune")
WHEN = {"retrieved_at", "created_at", "at", "reviewed_at", "seconds"}  # columns that say when: of no run the same
IN_FLIGHT = 32


class Server:
    """The practice server as a process of its own, at one address even when it is started again."""

    def __init__(self, folder, faults=None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.state, self.faults = folder, faults or {}
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        self.process = subprocess.Popen([sys.executable, "-m", "gi_helpers.practice", "--port", str(self.port), "--state", str(self.state), "--faults", json.dumps(self.faults)],
                                        cwd=HOUSE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().startswith("practice ")

    def stop(self):
        self.process.kill()
        self.process.wait()

    def paid(self):
        """How many chat completions were answered."""
        log = json.load(urllib.request.urlopen(self.url + "/practice/requests"))
        return sum(str(one.get("path", "")).endswith("/chat/completions") and one.get("status") == 200 for one in log)


class Runner:
    """See stage_runner.py."""

    def __init__(self, server, data):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GI_", "OPENAI_", "HF_"))}
        self.errors = (data / "errors.txt").open("w+")
        self.process = subprocess.Popen([sys.executable, str(HOUSE / "tests" / "stage_runner.py")], cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, env={
            **clean, "PYTHONPATH": str(HOUSE), "GI_DATA": str(data), "GI_MODE": "practice", "GI_WIKI_URL": server.url + "/wiki/{code}/w/api.php", "GI_NEWS_URL": server.url + "/news/yo",
            "OPENAI_BASE_URL": server.url + "/v1"})

    def start(self, stage, home, **more):
        self.process.stdin.write(json.dumps({"stage": stage, "home": str(home), **more}) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self):
        return int(self.process.stdout.readline())

    def run(self, stage, home, **more):
        self.start(stage, home, **more)
        return self.end()

    def said(self):
        return Path(self.errors.name).read_text()[-3000:]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.errors.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def whole(server, tmp_path_factory):
    """Every stage once, undisturbed: (folder with all files, {stage: seconds}, {stage: answers paid})."""
    home = tmp_path_factory.mktemp("whole")
    (home / "dump.xml.bz2").write_bytes(bz2.compress(dump().encode()))
    runner, took, paid = Runner(server, home), {}, {}
    for stage in STAGES:
        before, began = server.paid(), time.monotonic()
        assert runner.run(stage, home) == 0, runner.said()
        took[stage], paid[stage] = time.monotonic() - began, server.paid() - before
    runner.stop()
    return home, took, paid


def dump(pages=300):
    """A made-up dump of a wiki."""
    text = "Ọjà ńlá wà ní ìlú náà, àwọn ènìyàn sì ń wá láti ibi gbogbo láti ra oúnjẹ àti aṣọ ní ọjọ́ karùn-ún-karùn-ún. "
    parts = "".join(f"<page><title>Ojúewé {n}</title><ns>0</ns><id>{n}</id><revision><id>{n}</id><timestamp>2026-01-01T00:00:00Z</timestamp><text>{text * 3} Nọ́ńbà {n}.</text></revision></page>\n"
                    for n in range(1, pages + 1))
    return ('<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="yo"><siteinfo><sitename>Wikipedia</sitename><dbname>yowiki</dbname>'
            f"<base>https://yo.wikipedia.org/wiki/Main</base></siteinfo>{parts}</mediawiki>")


@pytest.fixture
def fresh(whole, tmp_path):
    """fresh(stage) is a new folder with what the stage needs."""
    count = iter(range(10**6))

    def fresh(stage):
        home = tmp_path / f"{stage}{next(count)}"
        home.mkdir()
        for name in STAGES[stage][0]:
            shutil.copy(whole[0] / name, home / name)
        return home

    return fresh


@pytest.fixture
def runner(server, tmp_path):
    runner = Runner(server, tmp_path)
    yield runner
    runner.stop()


def result(stage, home):
    """What a stage made, without what says when, and in no order where rows come as the network brings them."""
    return {name: _content(home / name) for name in STAGES[stage][1]}


def _content(file):
    if file.suffix == ".csv":
        rows = [{name: value for name, value in row.items() if name not in WHEN} for row in store.read_rows(file)]
        ids = [row.pop("id", "") for row in rows]  # an id of a page is made from its address, and each test has a server of its own
        assert len(set(ids)) in (len(rows), 1)
        return sorted(re.sub(r"127\.0\.0\.1:\d+", "here", json.dumps(row, sort_keys=True, ensure_ascii=False)) for row in rows)
    if file.name == "7_model.json":
        made = store.read_json(file)
        return {name: made[name] for name in ("backend", "base_model", "practice", "trained_tokens")} | {"data": made["job"]["data"]}
    return file.read_text(encoding="utf-8")


def left_lying(home):
    """Temporary files and journals of unfinished work."""
    return [str(file) for file in home.rglob("*") if file.name.endswith((".tmp", ".partial.jsonl", ".part"))]


@pytest.mark.parametrize("stage", STAGES)
def test_forty_kills_change_nothing(stage, whole, fresh, runner, server):
    random.seed(stage)
    reference, took, kills, paid_before, folders = result(stage, whole[0]), whole[1][stage], 0, server.paid(), 0
    while kills < KILLS:
        home, here = fresh(stage), 0
        folders += 1
        for _ in range(60):
            process = runner.start(stage, home)
            if here < IN_ONE_FOLDER and kills < KILLS:
                timer = threading.Timer(random.uniform(0, took), lambda process=process: _kill(process))
                timer.start()
            status = runner.end()
            timer.cancel()
            if status == 0 and (here >= IN_ONE_FOLDER or kills >= KILLS or result(stage, home) == reference):
                break
            assert status in (0, -signal.SIGKILL), runner.said()
            here, kills = here + (status != 0), kills + (status != 0)
        assert runner.run(stage, home) == 0 and result(stage, home) == reference and left_lying(home) == []
    if stage in PAID:
        assert server.paid() - paid_before <= folders * whole[2][stage] + kills * IN_FLIGHT


def _kill(process):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


@pytest.mark.parametrize("stage", NETWORK)
def test_a_network_that_goes_and_comes_back_changes_nothing(stage, whole, fresh, tmp_path):
    own = Server(tmp_path / "state")
    runner, home = Runner(own, tmp_path), fresh(stage)
    try:
        for share in (0.2, 0.5, 0.8):
            runner.start(stage, home)
            time.sleep(share * whole[1][stage])
            own.stop()
            time.sleep(0.5)
            own.start()
            assert runner.end() in (0, 3), runner.said()
        for _ in range(5):
            if runner.run(stage, home) == 0 and result(stage, home) == result(stage, whole[0]):
                break
        assert result(stage, home) == result(stage, whole[0]) and left_lying(home) == []
    finally:
        runner.stop()
        own.stop()


@pytest.mark.parametrize("stage", NETWORK)
def test_a_bad_server_changes_nothing(stage, whole, fresh, tmp_path):
    own = Server(tmp_path / "state", {"429": 0.05, "500": 0.05, "bad_json": 0.05, "cut": 0.05})
    runner, home = Runner(own, tmp_path), fresh(stage)
    try:
        for _ in range(8):
            status = runner.run(stage, home)
            assert status in (0, 3), runner.said()
            if status == 0 and result(stage, home) == result(stage, whole[0]):
                break
        assert result(stage, home) == result(stage, whole[0]) and left_lying(home) == []
    finally:
        runner.stop()
        own.stop()


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 16 MB, as a folder; `fill(room)` leaves that many bytes free."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("a disk of its own needs the rights of root")
    filler = disk / "filler"

    def fill(room):
        filler.unlink(missing_ok=True)
        free = shutil.disk_usage(disk).free
        with filler.open("wb") as stream:
            stream.write(bytes(max(0, free - room)))

    yield disk, fill, filler
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize("stage", STAGES)
def test_a_full_disk_is_one_sentence_and_nothing_is_lost(stage, whole, fresh, runner, small_disk):
    disk, fill, filler = small_disk
    home, told = disk / "home", 0
    shutil.copytree(fresh(stage), home)
    for room in (0, 4_096, 40_960, 122_880):
        fill(room)
        status = runner.run(stage, home)
        assert status in (0, 3), runner.said()
        told += status == 3
    assert told and "the disk is full" in Path(runner.errors.name).read_text()
    filler.unlink()
    assert runner.run(stage, home) == 0 and result(stage, home) == result(stage, whole[0]) and left_lying(home) == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_clock_that_jumps_changes_nothing(stage, whole, fresh, runner):
    for jump in (86_400, -86_400):
        home = fresh(stage)
        assert runner.run(stage, home, jump=jump) == 0, runner.said()
        assert result(stage, home) == result(stage, whole[0])


@pytest.mark.parametrize("stage", STAGES)
def test_two_notebooks_on_one_file_do_not_spoil_it(stage, whole, fresh, server, runner, tmp_path):
    (tmp_path / "second").mkdir()
    second, home = Runner(server, tmp_path / "second"), fresh(stage)
    try:
        before = server.paid()
        runner.start(stage, home)
        time.sleep(whole[1][stage] / 4)
        assert second.run(stage, home) in (0, 3), second.said()
        assert runner.end() in (0, 3), runner.said()
        assert runner.run(stage, home) == 0 and result(stage, home) == result(stage, whole[0]) and left_lying(home) == []
        assert server.paid() - before <= whole[2][stage] + IN_FLIGHT
    finally:
        second.stop()
