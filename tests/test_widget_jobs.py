"""Long and paid work: behind a button when it is real, beside the notebook, stopped and taken up again without loss."""
import threading
import time

import ipywidgets as w
import pytest
from IPython.core.interactiveshell import InteractiveShell

from gi_helpers import store, widgets
from gi_helpers.errors import NeedsFixing
from gi_helpers.widgets import beside, jobs


@pytest.fixture
def live(monkeypatch):
    """Live mode; gives the list of what was displayed."""
    seen = []
    monkeypatch.setenv("GI_MODE", "live")
    monkeypatch.setattr(jobs, "display", seen.append)
    monkeypatch.setattr(jobs, "_jobs", {})
    monkeypatch.setattr(jobs, "EVERY", 0)
    return seen


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def button(view, name):
    return next(one for one in walk(view) if isinstance(one, w.Button) and one.description.startswith(name))


def said(view):
    return " ".join(one.value for one in walk(view) if isinstance(one, w.HTML) and "<style>" not in one.value)


def until(check):
    end = time.monotonic() + 20
    while not check():
        assert time.monotonic() < end
        time.sleep(0.01)


def rows(number, wait=None):
    for id in range(number):
        if wait:
            wait(id)
        yield {"id": str(id), "text": "Ẹ káàárọ̀"}


def test_in_practice_a_step_runs_at_once_and_its_value_comes_back():
    assert widgets.go("Do it", lambda: 7) == 7
    assert widgets.go("Do it", lambda job: job.label) == "Do it"


def test_live_nothing_runs_before_the_button_and_the_estimate_stands_on_it(live):
    ran = []
    assert widgets.go("Draft rows", lambda: ran.append(1), "never more than $1.00") is None
    assert ran == [] and button(live[0], "Draft rows").description == "Draft rows: never more than $1.00"
    button(live[0], "Draft").click()
    until(lambda: "Done in" in said(live[0]))
    assert ran == [1] and "Now run the cells below." in said(live[0])


def test_what_a_live_step_gives_is_shown_in_the_widget(live):
    widgets.go("Train", lambda: {"loss": 0.5})
    button(live[0], "Train").click()
    output = next(one for one in walk(live[0]) if isinstance(one, w.Output))
    until(lambda: output.outputs)
    assert "0.5" in output.outputs[0]["data"]["text/plain"]


def test_an_error_is_a_sentence_in_the_widget_and_the_button_goes_on(live):
    ran = []

    def step():
        ran.append(1)
        if len(ran) == 1:
            raise NeedsFixing("the cap is too low; raise it")

    widgets.go("Draft rows", step)
    press = button(live[0], "Draft")
    press.click()
    until(lambda: not press.disabled)
    assert "Please fix: the cap is too low; raise it" in said(live[0]) and "Ended by an error" in said(live[0])
    press.click()
    until(lambda: "Done" in said(live[0]))
    assert ran == [1, 1] and "Please fix" not in said(live[0])


def test_a_stop_keeps_what_is_in_flight_and_the_next_run_goes_on(live, tmp_path):
    file, second = tmp_path / "a.csv", threading.Event()
    widgets.collect("Fetch", lambda: rows(5, lambda id: second.wait(20) if id == 1 else None), file, total=5, note="free")
    press, stop = button(live[0], "Fetch"), button(live[0], "Stop")
    assert stop.disabled and not file.exists()
    press.click()
    until(lambda: "1 of 5" in said(live[0]))
    assert press.disabled and not stop.disabled
    stop.click()
    second.set()
    until(lambda: "Stopped after" in said(live[0]))
    assert store.read(file)["id"].tolist() == ["0", "1"] and "2 rows are in a.csv." in said(live[0])
    widgets.collect("Fetch", lambda: rows(5), file, total=5)
    button(live[1], "Fetch").click()
    until(lambda: "Done in" in said(live[1]))
    assert len(store.read(file)) == 5 and "5 rows are in a.csv." in said(live[1])
    bar = next(one for one in walk(live[1]) if isinstance(one, w.IntProgress))
    assert (bar.value, bar.max, bar.bar_style) == (5, 5, "success")


def test_a_job_that_listens_to_the_stop_gives_its_rows_to_the_end(live, tmp_path):
    begun, file = threading.Event(), tmp_path / "a.csv"

    def work(job):
        yield {"id": "first"}
        begun.set()
        job.stopping.wait(20)
        yield {"id": "in flight"}
        job.watch({"in_flight": 0, "spent_usd": 0.25, "cap_usd": 1})

    widgets.collect("Draft", work, file)
    button(live[0], "Draft").click()
    begun.wait(20)
    button(live[0], "Stop").click()
    until(lambda: "Stopped after" in said(live[0]))
    assert store.read(file)["id"].tolist() == ["first", "in flight"]


def test_progress_tells_pace_time_left_money_and_words(monkeypatch):
    monkeypatch.setattr(jobs, "EVERY", 0)
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(jobs.time, "monotonic", lambda: float(next(clock)))
    job = jobs.Job("Draft", lambda: None)
    job.shown, job.first = 0.0, None
    job.tell(10, 100)
    job.watch({"in_flight": 8, "spent_usd": 0.0123, "cap_usd": 1})
    for done in (12, 14, 16):
        job.tell(done, 100, "all well")
    words = said(job.view)
    assert "16 of 100 · " in words and "8 in flight · $0.0123 spent of at most $1.00 · all well" in words and " left" in words and "a minute" in words
    assert job.bar.value == 16 and job.bar.max == 100


def test_rows_that_were_there_before_count_as_done(live, tmp_path):
    file, go_on = store.write([{"id": str(id), "text": ""} for id in range(3)], tmp_path / "a.csv"), threading.Event()
    widgets.collect("Draft", lambda: rows(5, lambda id: go_on.wait(20) if id == 4 else None), file, total=5)
    button(live[0], "Draft").click()
    until(lambda: "4 of 5" in said(live[0]))
    go_on.set()
    until(lambda: "Done in" in said(live[0]))


def test_what_the_work_prints_lands_in_its_widget_and_nowhere_else(live, capsys):
    def step():
        print("the batch was", "halved")

    widgets.go("Train", step)
    button(live[0], "Train").click()
    until(lambda: "Done" in said(live[0]))
    print("from a cell")
    assert "the batch was halved" in said(live[0]) and capsys.readouterr().out == "from a cell\n"


def test_the_cell_run_again_shows_the_work_that_is_under_way(live):
    go_on, ran = threading.Event(), []

    def step():
        ran.append(1)
        go_on.wait(20)

    widgets.go("Train", step)
    button(live[0], "Train").click()
    widgets.go("Train", step)
    assert live[1] is live[0] and ran == [1]
    go_on.set()
    until(lambda: "Done" in said(live[0]))


def test_from_the_command_line_a_live_step_runs_to_its_end_because_it_was_asked_for(live, monkeypatch):
    monkeypatch.setenv("GI_RUN_ALL", "1")
    monkeypatch.setattr(jobs, "PATIENCE", 0)
    assert widgets.go("Do it", lambda: time.sleep(0.3) or 7) == 7


def test_a_long_rehearsal_goes_on_beside_the_notebook(live, monkeypatch):
    monkeypatch.setenv("GI_MODE", "practice")
    monkeypatch.setattr(jobs, "PATIENCE", 0.05)
    go_on = threading.Event()
    assert widgets.go("Train", lambda job: go_on.wait(20)) is None
    assert not button(live[0], "Stop").disabled
    go_on.set()
    until(lambda: "Done" in said(live[0]))


def test_the_square_button_stops_a_rehearsal_with_a_sentence(live, monkeypatch, tmp_path):
    monkeypatch.setenv("GI_MODE", "practice")
    real = threading.Thread.join

    def interrupted(thread, timeout=None):
        if timeout == jobs.EVERY:
            raise KeyboardInterrupt
        real(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(NeedsFixing, match='"Fetch" was stopped; run this cell again to go on'):
        widgets.collect("Fetch", lambda: rows(100_000, lambda id: time.sleep(0.01)), tmp_path / "a.csv")
    assert 0 < len(store.read(tmp_path / "a.csv")) < 100_000


def test_a_job_of_which_no_request_was_answered_is_an_error_although_free_rows_came(tmp_path):
    report = {"requests": 27, "failed": 27, "why": "no whole answer from the model (ConnectError); check the network and run again"}
    with pytest.raises(NeedsFixing, match="no whole answer from the model"):
        widgets.collect("Draft rows", lambda: iter([{"id": "1"}]), tmp_path / "4_qa.csv", report=report)
    assert store.read(tmp_path / "4_qa.csv")["id"].tolist() == ["1"]
    widgets.collect("Draft rows", lambda: iter([{"id": "2"}]), tmp_path / "4_qa.csv", report={"requests": 27, "failed": 3})


def test_cells_below_a_waiting_job_say_what_to_do_and_run_all_goes_on(live, monkeypatch, tmp_path, capsys):
    shell = InteractiveShell()
    monkeypatch.setattr(beside, "get_ipython", lambda: shell)
    shell.user_ns.update(store=store, file=tmp_path / "4_qa.csv")
    widgets.collect("Draft rows", lambda: rows(2), tmp_path / "4_qa.csv")
    for source in ("table = store.read(file)\ntable.head()", "len(table)", "print(table)"):
        assert shell.run_cell(source).success
        assert capsys.readouterr().out.startswith('Not yet: "Draft rows" above has not been done; press its button and wait until it says Done.')
    assert shell.run_cell("x = 40\nx + 2").result == 42
    assert not shell.run_cell("1 / 0").success
    button(live[0], "Draft rows").click()
    until(lambda: not live[0].children[1].children[0].disabled and jobs._jobs and not next(iter(jobs._jobs.values())).unfinished)
    assert shell.run_cell("len(store.read(file))").result == 2
    assert not shell.run_cell("never_defined").success


@pytest.mark.parametrize("seconds, words", [(0.2, "1 s"), (59, "59 s"), (170, "3 min"), (4800, "1 h 20 min")])
def test_times_are_told_as_people_tell_them(seconds, words):
    assert jobs.duration(seconds) == words
