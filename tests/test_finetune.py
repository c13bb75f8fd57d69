"""The hosted road, driven through the unmodified client against the practice server."""
import datetime
import os
import subprocess
import sys
import threading

import openai
import pytest

from gi_helpers import csv_to_jsonl, finetune, practice, store
from gi_helpers.errors import NeedsFixing


@pytest.fixture
def server(tmp_path, monkeypatch):
    with practice.start(state=tmp_path / "state") as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.openai)
        monkeypatch.setenv("GI_MODE", "practice")
        yield running


def training(tmp_path, rows=12, system="Dáhùn ní Yorùbá."):
    talks = [{"messages": [{"role": "system", "content": system}, {"role": "user", "content": f"Kí ni nǹkan {n}?"},
                           {"role": "assistant", "content": f"Nǹkan {n} ni ohun tí a ń lò."}]} for n in range(rows)]
    return csv_to_jsonl.write(talks, tmp_path / "5_train.jsonl")


def test_a_job_goes_from_file_to_tuned_model_and_leaves_record_and_curve(tmp_path, server):
    made = finetune.tune(training(tmp_path), model="practice-base", record=tmp_path / "7_model.json")
    assert made["fine_tuned_model"].startswith("ft:practice-base:") and made["practice"] is True
    assert made["system"] == "Dáhùn ní Yorùbá." and made["trained_tokens"] > 0
    assert store.read_json(tmp_path / "7_model.json") == made
    tried = finetune.try_out(tmp_path / "7_model.json", training(tmp_path), rows=2)
    assert tried["answer"].tolist() == tried["in the file"].tolist() == ["Nǹkan 0 ni ohun tí a ń lò.", "Nǹkan 1 ni ohun tí a ń lò."]
    curve = store.read(tmp_path / "7_curve.csv")
    assert list(curve.columns) == ["step", "train_loss", "valid_loss"] and float(curve["train_loss"].iloc[-1]) < float(curve["train_loss"].iloc[0])


def test_the_same_data_and_model_are_not_paid_for_twice_and_new_data_are(tmp_path, server):
    file, record = training(tmp_path), tmp_path / "7_model.json"
    first = finetune.tune(file, model="practice-base", record=record)["job"]["id"]
    assert finetune.tune(file, model="practice-base", record=record)["job"]["id"] == first
    assert finetune.tune(training(tmp_path, rows=15), model="practice-base", record=record)["job"]["id"] != first


def test_a_run_killed_while_it_follows_is_ended_by_another_process_with_the_same_job_and_no_second_upload(tmp_path):
    file, record = training(tmp_path), tmp_path / "7_model.json"
    code = f"""if True:
        import sys; sys.path.insert(0, {str(store.HOUSE)!r})
        from gi_helpers import finetune
        print(finetune.tune({str(file)!r}, model="practice-base", record={str(record)!r}, watch=lambda losses: print("learning", flush=True))["job"]["id"])"""
    with practice.start(state=tmp_path / "state", faults={"job_seconds": 3}) as running:
        first = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, "OPENAI_BASE_URL": running.openai})
        assert first.stdout.readline() == "learning\n"
        first.kill()
        first.communicate()
        job = store.read_json(record)["job"]["id"]
        again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "OPENAI_BASE_URL": running.openai}, check=True)
        client = openai.OpenAI(base_url=running.openai, api_key="practice-key")
        assert again.stdout.splitlines()[-1] == job and [one.id for one in client.fine_tuning.jobs.list()] == [job]
        assert len([one for one in client.files.list() if one.purpose == "fine-tune"]) == 1
    assert store.read_json(record)["fine_tuned_model"].startswith("ft:practice-base:") and len(store.read(tmp_path / "7_curve.csv")) > 3


def test_the_losses_are_seen_while_the_job_runs(tmp_path, server):
    seen = []
    finetune.tune(training(tmp_path), training(tmp_path, 12), model="practice-base", record=tmp_path / "7_model.json", watch=lambda losses: seen.append(dict(losses[-1])))
    assert len(seen) > 3 and {"step", "train_loss", "valid_loss"} == set(seen[0]) and seen[0]["train_loss"] > seen[-1]["train_loss"]


def test_the_stop_button_ends_the_following_and_not_the_job(tmp_path, monkeypatch, capsys):
    file, record, stop, told = training(tmp_path), tmp_path / "7_model.json", threading.Event(), []

    def tell(done, total, words):
        told.append((done, total, words))
        if done:
            stop.set()
    with practice.start(state=tmp_path / "state", faults={"job_seconds": 3}) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.openai)
        left = finetune.tune(file, model="practice-base", record=record, tell=tell, stop=stop)
        job = left["job"]["id"]
        assert left["fine_tuned_model"] is None and f'the job {job} itself goes on at the server' in capsys.readouterr().out
        assert told[0][2].startswith("Created fine-tuning job") and told[-1][0] <= told[-1][1]
        made = finetune.tune(file, model="practice-base", record=record, stop=threading.Event())
    assert made["job"]["id"] == job and made["fine_tuned_model"].startswith("ft:practice-base:")


def test_events_come_once_and_in_order(tmp_path, server):
    job = finetune.start(training(tmp_path), model="practice-base")
    events = list(finetune.follow(job, every=0.1))
    assert len({event["id"] for event in events}) == len(events) > 3
    assert [event["created_at"] for event in events] == sorted(event["created_at"] for event in events)


def test_too_few_rows_fail_in_one_sentence_with_the_reason(tmp_path, server):
    with pytest.raises(NeedsFixing, match="failed: .*10 examples.*start a new one"):
        finetune.tune(training(tmp_path, rows=4), model="practice-base", record=tmp_path / "7_model.json")


def test_a_closed_organisation_is_pointed_to_the_open_road(tmp_path, monkeypatch):
    with practice.start(faults={"closed": True}) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.openai)
        with pytest.raises(NeedsFixing, match="closed for this organisation .*lora.train tunes an open model"):
            finetune.start(training(tmp_path), model="practice-base")


def test_the_dates_are_said_before_a_job_is_made(monkeypatch):
    monkeypatch.setattr(finetune, "_at_openai", lambda: True)
    monkeypatch.setattr(finetune, "_shutdown_date", lambda model: datetime.date(2027, 1, 14))
    told = finetune.eligible("gpt-4.1-mini-2025-04-14", today=datetime.date(2026, 11, 22))
    assert told["allowed"] and "New jobs end on 2027-01-06" in told["sentence"] and "switched off on 2027-01-14, in 53 days" in told["sentence"]
    assert not finetune.eligible("gpt-4.1-mini-2025-04-14", today=datetime.date(2027, 1, 7))["allowed"]
    assert "cannot be tuned at OpenAI" in finetune.eligible("gpt-3.5-turbo")["sentence"]


def test_a_job_can_be_stopped(tmp_path, server):
    job = finetune.start(training(tmp_path), model="practice-base")
    assert finetune.cancel(job) == "cancelled"
    with pytest.raises(NeedsFixing, match="cancelled"):
        list(finetune.follow(job, every=0.1))


def test_a_file_over_512_mb_is_not_sent(tmp_path, server, monkeypatch):
    monkeypatch.setattr(finetune, "LARGEST", 100)
    with pytest.raises(NeedsFixing, match=r"5_train.jsonl has 0 MB and the limit is 0; use fewer rows"):
        finetune.start(training(tmp_path), model="practice-base")


def test_the_button_ends_the_job_of_the_record_after_a_second_click_and_a_new_run_starts_another(tmp_path, monkeypatch):
    widgets = pytest.importorskip("gi_helpers.widgets", exc_type=ImportError)
    file, record = training(tmp_path), tmp_path / "7_model.json"
    box = widgets.end_job(record)
    (end, let), status, problem = box.children[-3].children, box.children[-2], box.children[-1]
    end.click()
    assert "no hosted job is kept in 7_model.json" in problem.value
    with practice.start(state=tmp_path / "state", faults={"job_seconds": 60}) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.openai)
        job = finetune.start(file, model="practice-base", record=record)["id"]
        end.click()
        assert end.description == f"Yes, end {job}" and "Really end it?" in status.value and finetune.kept(record)[1] != "cancelled"
        let.click()
        assert end.description == "End the hosted job" and "goes on" in status.value and finetune.kept(record)[1] != "cancelled"
        end.click(), end.click()
        assert finetune.kept(record) == (job, "cancelled") and f"The job {job} is cancelled" in status.value
        end.click()
        assert "has ended already: cancelled" in status.value and end.description == "End the hosted job"
        with pytest.raises(NeedsFixing, match="was ended .*run the cell again to start a new one"):
            list(finetune.follow(job, every=0.1))
        assert finetune._unfinished(record, file, "practice-base") is None


def test_a_lost_network_is_one_sentence(tmp_path, server):
    job = finetune.start(training(tmp_path), model="practice-base")
    server.stop()
    with pytest.raises(NeedsFixing, match="the network was lost .* run the cell again"):
        list(finetune.follow(job, every=0.01, patience=2))


def test_a_network_that_comes_back_is_not_noticed(tmp_path, monkeypatch):
    state = tmp_path / "state"
    with practice.start(state=state, faults={"job_seconds": 2}) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.openai)
        monkeypatch.setattr(openai._base_client, "MAX_RETRY_DELAY", 0.1)
        job, port = finetune.start(training(tmp_path), model="practice-base"), int(running.url.rsplit(":", 1)[1])
        events = finetune.follow(job, every=0.2, patience=50)
        seen = [next(events)]
    back = threading.Timer(1, lambda: runs.append(practice.start(state=state, port=port, faults={"job_seconds": 2})))
    runs = []
    back.start()
    seen += list(events)
    runs[0].stop()
    assert len({event["id"] for event in seen}) == len(seen) and "successfully completed" in seen[-1]["message"]


def test_a_job_that_runs_is_not_paid_for_again_because_the_network_is_down(tmp_path, server):
    file, record = training(tmp_path), tmp_path / "7_model.json"
    finetune.start(file, model="practice-base", record=record)
    server.stop()
    with pytest.raises(NeedsFixing, match="the network was lost while trying to look at the job that runs already"):
        finetune.tune(file, model="practice-base", record=record)


def test_a_base_that_cannot_be_tuned_is_one_sentence(tmp_path, server):
    with pytest.raises(NeedsFixing, match=r"would not make the job \(HTTP 400: Model gpt-6-luna is not available"):
        finetune.start(training(tmp_path), model="gpt-6-luna")


def test_a_file_that_is_no_json_is_refused_with_its_line(tmp_path, server):
    with pytest.raises(NeedsFixing, match="would not send x.jsonl .*Line 1 is not a dictionary"):
        finetune.start(store.write_text("question,answer\n", tmp_path / "x.jsonl"), model="practice-base")


def test_a_result_file_in_base64_is_read_too():
    import base64
    content = b"step,train_loss,train_accuracy\n1,2.5,0.1\n2,1.5,0.3\n"
    assert list(finetune._curve(base64.b64encode(content))) == list(finetune._curve(content)) == [
        {"step": "1", "train_loss": "2.5", "valid_loss": ""}, {"step": "2", "train_loss": "1.5", "valid_loss": ""}]
