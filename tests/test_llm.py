"""No answer is lost, none is paid twice, none lands in another row, and the cap holds."""
import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from chat_stub import Fault, Stub, completion, refusal

from gi_helpers import _asking, llm, practice, store, web
from gi_helpers.errors import NeedsFixing

PRICE = llm.price("gpt-4o-mini")


@pytest.fixture
def serve(monkeypatch):
    """serve(reply, latency) starts a stub that the modules talk to, live."""
    started = []

    def start(reply=lambda body, number: "echo " + body["messages"][-1]["content"], latency=0.0):
        started.append(Stub(reply, latency).__enter__())
        monkeypatch.setenv("GI_MODE", "live")
        monkeypatch.setenv("OPENAI_BASE_URL", started[-1].url)
        monkeypatch.setenv("OPENAI_API_KEY", "a key")
        return started[-1]

    monkeypatch.setattr(_asking, "_backoff", lambda attempt: 0.01)
    yield start
    for stub in started:
        stub.__exit__()


def ask_for(*texts, **options):
    return [{"key": text, "messages": [{"role": "user", "content": text}], **options} for text in texts]


def many(n, **options):
    return ask_for(*(f"row {i}" for i in range(n)), **options)


def all_of(requests, **more):
    return dict(llm.run(requests, **{"model": "gpt-4o-mini", "journal": None, "concurrency": 16, **more}))


# ---------------------------------------------------------------- whose answer is whose

def test_each_answer_belongs_to_its_key_although_they_come_in_another_order(serve):
    serve(lambda body, number: (time.sleep(random.random() / 20), "echo " + body["messages"][-1]["content"])[1])
    results = all_of(many(100))
    assert {key: result["content"] for key, result in results.items()} == {f"row {i}": f"echo row {i}" for i in range(100)}
    assert set(results["row 7"]) >= {"ok", "content", "usage", "error", "attempts"} and results["row 7"]["attempts"] == 1


def test_three_blank_rows_among_400_finished_ones_are_filled_and_no_other_row_changes(serve, tmp_path):
    stub = serve()
    file = tmp_path / "table.csv"
    rows = [{"id": f"row {i}", "answer": "" if i in (5, 50, 150) else f"human work {i}"} for i in range(400)]
    blank = [row["id"] for row in rows if not row["answer"]]
    store.write([row for row in rows if row["answer"]], file)
    found = ({"id": key, "answer": result["content"]} for key, result in llm.run(ask_for(*blank), model="m", journal=tmp_path / "j.jsonl"))
    after = {row["id"]: row["answer"] for row in store.collect(found, file).to_dict("records")}
    assert after == {row["id"]: row["answer"] or "echo " + row["id"] for row in rows}
    assert sorted(stub.counts()) == sorted(blank)


def test_what_is_in_the_journal_is_not_asked_again_but_another_prompt_model_or_option_is(serve, tmp_path):
    stub, journal = serve(), tmp_path / "j.jsonl"
    all_of(many(5), journal=journal)
    again = all_of(many(6), journal=journal)
    assert len(stub.seen) == 6 and again["row 2"]["content"] == "echo row 2"
    all_of(many(5), journal=journal, model="gpt-4.1-mini")
    all_of(many(5, temperature=0), journal=journal)
    assert len(stub.seen) == 16


def test_two_requests_that_are_the_same_are_paid_once(serve, tmp_path):
    stub = serve(latency=0.05)
    results = list(llm.run(ask_for("a", "a", "b"), model="m", journal=tmp_path / "j.jsonl"))
    assert sorted(key for key, _ in results) == ["a", "a", "b"] and len(stub.seen) == 2


def test_a_request_may_say_wait_for_the_next_answer(serve):
    serve(latency=0.02)
    came = []

    def requests():
        yield ask_for("first")[0]
        while not came:
            yield None
        yield ask_for("after " + came[0])[0]

    for _, result in llm.run(requests(), model="m", journal=None):
        came.append(result["content"])
    assert came == ["echo first", "echo after echo first"]


# ---------------------------------------------------------------- faults

def test_no_row_is_lost_to_busy_servers_errors_cut_bodies_and_damaged_json(serve):
    def reply(body, number):
        kinds = {3: refusal(429, "rate_limit_exceeded", Retry_After="0"), 7: refusal(500, ""), 11: Fault("cut"), 13: Fault("damaged"), 17: '{"a": "cut of'}
        return kinds.get(number % 40) or json.dumps({"echo": body["messages"][-1]["content"]})

    serve(reply)
    results = all_of(many(200, response_format={"type": "json_object"}))
    assert all(result["ok"] for result in results.values())
    assert {key: json.loads(result["content"])["echo"] for key, result in results.items()} == {f"row {i}": f"row {i}" for i in range(200)}
    assert max(result["attempts"] for result in results.values()) > 1


def test_a_hanging_answer_is_given_up_and_asked_for_again(serve, monkeypatch):
    monkeypatch.setattr(_asking, "TIMEOUT", 0.3)
    serve(lambda body, number: Fault("hang") if number == 1 else "ok")
    assert all_of(ask_for("a"))["a"]["attempts"] == 2


@pytest.mark.parametrize("name, bound", [("ENOUGH", 0.2), ("MOST_BYTES", 20_000)])
def test_an_answer_that_drips_for_ever_is_given_up_and_asked_for_again(serve, monkeypatch, name, bound):
    monkeypatch.setattr(_asking, name, bound)
    serve(lambda body, number: Fault("endless") if number <= 2 else "ok")
    results = all_of(ask_for("a", "b"))
    assert [results[key]["content"] for key in "ab"] == ["ok", "ok"] and results["a"]["attempts"] == 2
    serve(lambda body, number: Fault("endless"))
    assert "had not ended after" in all_of(ask_for("c"))["c"]["error"]


def test_when_one_worker_is_told_to_wait_all_wait(serve):
    times = []

    def reply(body, number):
        times.append(time.monotonic())
        return refusal(429, "rate_limit_exceeded", **{"Retry-After": "1"}) if number == 1 else "ok"

    serve(reply, latency=0.05)
    results = all_of(many(40), concurrency=4)
    assert all(result["ok"] for result in results.values())
    assert sum(times[0] + 0.3 < moment < times[0] + 0.9 for moment in times) == 0


def test_a_cut_answer_is_tried_three_times_and_then_is_a_failure(serve):
    stub = serve(lambda body, number: completion('{"a": "b"}', finish_reason="length"))
    result = all_of(ask_for("a", response_format={"type": "json_object"}))["a"]
    assert not result["ok"] and "cut off" in result["error"] and len(stub.seen) == 3


def test_an_answer_that_the_caller_does_not_accept_is_asked_for_again(serve):
    serve(lambda body, number: "Hello" if number < 3 else "Ẹ káàárọ̀")
    result = all_of(ask_for("a"), accept=lambda key, content: "" if "ọ" in content else "not in Yoruba")["a"]
    assert result["ok"] and result["content"] == "Ẹ káàárọ̀" and result["attempts"] == 3


@pytest.mark.parametrize(("answer", "words"), [
    (refusal(401, "invalid_api_key", "Incorrect API key"), "the key is wrong"),
    (refusal(429, "insufficient_quota", "You exceeded your quota"), "no credit"),
    (refusal(404, "model_not_found", "The model does not exist"), "check the model's name"),
    (refusal(429, "rate_limit_exceeded", **{"Retry-After": "7200"}), "wait 120 minutes"),
])
def test_a_refusal_ends_the_whole_run_with_what_to_do_and_asks_no_more(serve, answer, words):
    stub = serve(lambda body, number: answer)
    results = all_of(many(50), concurrency=4)
    assert len(results) == 50 and not any(result["ok"] for result in results.values()) and words in results["row 0"]["error"]
    assert len(stub.seen) <= 4


def test_without_a_server_the_error_says_where_it_looked(monkeypatch, serve):
    serve()
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(NeedsFixing, match=r"127.0.0.1:9.*check the network"):
        llm.ask([{"role": "user", "content": "a"}], model="m")


def test_without_a_key_nothing_is_sent(monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    with pytest.raises(NeedsFixing, match="OPENAI_API_KEY"):
        all_of(ask_for("a"))


# ---------------------------------------------------------------- servers that understand less

def test_a_server_without_json_schemas_gets_json_mode_and_one_without_that_gets_neither(serve):
    def reply(body, number):
        if "response_format" in body:
            return refusal(400, None, f"'response_format.type' {body['response_format']['type']} is not supported")
        return 'Of course:\n```json\n{"a": 1}\n```'

    stub = serve(reply)
    schema = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": {"type": "object"}}}
    results = all_of(many(12, response_format=schema), concurrency=2)
    assert all(llm.parse_json(result["content"]) == {"a": 1} for result in results.values())
    assert [body.get("response_format", {}).get("type") for body in stub.seen].count(None) == 12 and len(stub.seen) <= 16


def test_an_option_that_a_server_does_not_know_is_renamed_or_left_out(serve):
    def reply(body, number):
        if "max_completion_tokens" in body:
            return refusal(400, "unknown_parameter", "Unrecognized request argument supplied: max_completion_tokens", "max_completion_tokens")
        return refusal(400, "unsupported_value", "temperature is not supported with this model", "temperature") if "temperature" in body else "ok"

    stub = serve(reply)
    assert all_of(ask_for("a", max_completion_tokens=77, temperature=0))["a"]["ok"]
    assert stub.seen[-1]["max_tokens"] == 77 and "temperature" not in stub.seen[-1]


def test_a_wrong_request_fails_alone(serve):
    serve(lambda body, number: refusal(400, "context_length_exceeded", "too long") if body["messages"][0]["content"] == "row 3" else "ok")
    results = all_of(many(6))
    assert [key for key, result in results.items() if not result["ok"]] == ["row 3"] and "too long" in results["row 3"]["error"]


# ---------------------------------------------------------------- money

@pytest.mark.parametrize("said", [50, 900])
def test_the_cap_is_never_passed_and_most_of_it_is_used(serve, tmp_path, said):
    stub = serve(lambda body, number: completion("ok", asked=20, said=said), latency=0.005)
    cap = 60 * (20 * PRICE[0] + said * PRICE[1]) / 1e6
    results = all_of(many(400, max_tokens=1000), journal=tmp_path / "j.jsonl", budget_usd=cap, concurrency=32)
    assert 0.7 * cap < stub.spent(PRICE) <= cap and len(results) == 400
    assert "cap" in next(result["error"] for result in results.values() if not result["ok"])
    all_of(many(400, max_tokens=1000), journal=tmp_path / "j.jsonl", budget_usd=cap, concurrency=32)
    assert stub.spent(PRICE) <= cap


def test_the_cap_holds_even_when_the_server_counts_more_than_the_text_has(serve, tmp_path):
    stub = serve(lambda body, number: completion("ok", asked=5000, said=3000), latency=0.01)
    cap = 40 * (5000 * PRICE[0] + 3000 * PRICE[1]) / 1e6
    all_of(many(300, max_tokens=100), journal=tmp_path / "j.jsonl", budget_usd=cap, concurrency=32)
    assert 0.5 * cap < stub.spent(PRICE) <= cap


def test_damaged_answers_count_as_paid_in_full(serve, tmp_path):
    stub = serve(lambda body, number: Fault("damaged") if number % 2 else completion("ok", said=1000), latency=0.001)
    cap = 0.02
    all_of(many(100, max_tokens=1000), journal=tmp_path / "j.jsonl", budget_usd=cap, concurrency=8)
    assert sum(1000 * PRICE[1] / 1e6 for _ in stub.seen) <= cap


def test_a_cap_needs_a_price(serve):
    serve()
    with pytest.raises(NeedsFixing, match="price of 'nobody-7b' is not in data/prices.csv"):
        all_of(many(3), model="nobody-7b", budget_usd=1)
    store.write([{"use": "chat", "provider": "x", "model": "nobody-7b", "usd_per_million_in": "1", "usd_per_million_out": "2", "note": ""}],
                store.data_folder() / "prices.csv")
    assert all_of(many(3), model="nobody-7b", budget_usd=1)["row 1"]["cost_usd"] == pytest.approx((100 * 1 + 50 * 2) / 1e6)


def test_another_model_whose_name_only_begins_the_same_has_no_price():
    assert llm.price("gpt-4o-realtime-preview") is None and llm.price("ft:gpt-4o-mini-2024-07-18:team::abc") == (0.3, 1.2)


# ---------------------------------------------------------------- stops, kills, two notebooks

CHILD = textwrap.dedent("""
    import sys
    from gi_helpers import llm
    requests = ({"key": f"row {i}", "messages": [{"role": "user", "content": f"row {i}"}], "max_tokens": 60} for i in range(400))
    for key, result in llm.run(requests, model="gpt-4o-mini", journal=sys.argv[1], concurrency=32, budget_usd=float(sys.argv[2])):
        print(key, flush=True)
""")


def test_after_a_kill_half_way_at_most_32_rows_are_paid_twice_and_none_is_wrong(serve, tmp_path):
    stub, journal = serve(lambda body, number: completion("echo " + body["messages"][-1]["content"]), latency=0.1), tmp_path / "j.jsonl"
    cap = 430 * (100 * PRICE[0] + 60 * PRICE[1]) / 1e6
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(journal), str(cap)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(store.HOUSE)})
    for _ in range(200):
        child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    time.sleep(0.3)
    results = all_of(many(400, max_tokens=60), journal=journal, concurrency=32, budget_usd=cap)
    twice = sum(count - 1 for count in stub.counts().values())
    assert {key: result["content"] for key, result in results.items() if result["ok"]}.items() <= {f"row {i}": f"echo row {i}" for i in range(400)}.items()
    assert twice <= 32 and stub.spent(PRICE) <= cap and sum(result["ok"] for result in results.values()) > 380
    marks = [line["request"] for line in store.read_jsonl(journal) if line.get("ok")]
    assert len(marks) == len(set(marks))


def test_closing_early_keeps_the_answers_that_are_in_flight_and_asks_for_no_more(serve, tmp_path):
    stub, journal = serve(latency=0.1), tmp_path / "j.jsonl"
    run = llm.run(many(40), model="gpt-4o-mini", journal=journal, concurrency=8)
    next(run)
    run.close()
    sent = len(stub.seen)
    kept = [line for line in store.read_jsonl(journal) if line.get("ok")]
    assert len(kept) == sent <= 24
    all_of(many(40), journal=journal)
    assert max(stub.counts().values()) == 1


def test_an_answer_that_comes_after_the_patience_of_a_stop_is_kept_too(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(_asking, "GRACE", 0.1)
    free = threading.Event()
    stub = serve(lambda body, number: (body["messages"][0]["content"] == "slow" and free.wait(20), "ok")[1])
    run = llm.run(ask_for("quick", "slow"), model="gpt-4o-mini", journal=tmp_path / "j.jsonl")
    next(run)
    run.close()  # returns although the slow answer is still to come
    with pytest.raises(NeedsFixing, match="in use by another notebook"):
        all_of(ask_for("slow"), journal=tmp_path / "j.jsonl")
    free.set()
    for _ in range(100):
        with contextlib.suppress(NeedsFixing):
            assert all_of(ask_for("quick", "slow"), journal=tmp_path / "j.jsonl")["slow"]["ok"] and len(stub.seen) == 2
            return
        time.sleep(0.1)
    raise AssertionError("the journal was never set free")


def test_a_stop_button_finishes_what_is_in_flight_and_says_so(serve, tmp_path):
    stub, stop, states = serve(latency=0.1), threading.Event(), []

    def watch(state):
        states.append(state)
        if state["done"] == 5:
            stop.set()

    results = all_of(many(200), journal=tmp_path / "j.jsonl", concurrency=4, watch=watch, stop=stop)
    good = [key for key, result in results.items() if result["ok"]]
    assert 5 <= len(good) == len(stub.seen) <= 12 and states[-1]["done"] == len(good)
    assert {"asked", "done", "failed", "reused", "in_flight", "spent_usd", "cap_usd", "seconds"} <= set(states[0])


def test_a_second_notebook_on_the_same_journal_is_refused_in_one_sentence(serve, tmp_path):
    serve()
    first = llm.run(many(3), model="m", journal=tmp_path / "j.jsonl")
    next(first)
    with pytest.raises(NeedsFixing, match="in use by another notebook"):
        all_of(many(3), journal=tmp_path / "j.jsonl")
    first.close()
    assert len(all_of(many(3), journal=tmp_path / "j.jsonl")) == 3


def test_it_runs_where_an_event_loop_is_running(serve):
    serve()

    async def cell():
        return all_of(many(20))

    assert len(asyncio.run(cell())) == 20


def test_a_torn_last_line_of_the_journal_costs_one_request_at_most(serve, tmp_path):
    stub, journal = serve(), tmp_path / "j.jsonl"
    all_of(many(4), journal=journal)
    journal.write_bytes(journal.read_bytes()[:-20])
    assert len(all_of(many(4), journal=journal)) == 4 and len(stub.seen) == 5


def test_letters_reach_the_server_and_the_journal_unescaped(serve, tmp_path):
    serve()
    all_of(ask_for("Ẹ káàárọ̀"), journal=tmp_path / "j.jsonl")
    assert "Ẹ káàárọ̀".encode() in (tmp_path / "j.jsonl").read_bytes()


# ---------------------------------------------------------------- the Batch lane

@pytest.fixture(scope="module")
def rehearsal():
    with practice.start() as server:
        yield server


@pytest.fixture
def batch_lane(rehearsal, monkeypatch, tmp_path):
    monkeypatch.setenv("OPENAI_BASE_URL", rehearsal.openai)
    rehearsal.state.faults = {"batch_seconds": 0.2}
    yield llm.Batch(tmp_path / "j.jsonl", model="gpt-4o-mini"), rehearsal
    rehearsal.state.faults = {}


def finished(lane):
    """Wait until the open batches are over."""
    for _ in range(100):
        if all(one["status"] in ("completed", "expired", "failed") for one in lane.status()):
            return
        time.sleep(0.05)


def test_a_batch_is_collected_in_another_kernel_at_half_price_and_not_asked_again(batch_lane):
    lane, server = batch_lane
    [id] = lane.submit(many(10), budget_usd=1)
    assert lane.submit(many(10)) == []  # they are on their way
    again = llm.Batch(lane.journal, model="gpt-4o-mini")  # as another kernel would, from the journal alone
    finished(again)
    results = dict(again.collect())
    assert sorted(results) == sorted(f"row {i}" for i in range(10)) and all(result["ok"] for result in results.values())
    usage = results["row 3"]["usage"]
    whole = (usage["prompt_tokens"] * PRICE[0] + usage["completion_tokens"] * PRICE[1]) / 1e6
    assert results["row 3"]["cost_usd"] == pytest.approx(whole / 2) and "row 3" in results["row 3"]["content"]
    before = server.state.counts["openai"]
    assert all_of(many(10), journal=lane.journal)["row 3"]["content"] == results["row 3"]["content"]
    assert server.state.counts["openai"] == before and dict(again.collect()) == {} and id


def test_an_expired_batch_gives_what_it_has_and_the_rest_can_be_handed_in_again(batch_lane):
    lane, server = batch_lane
    server.state.faults = {"batch_seconds": 0.1, "batch_expired": True}
    lane.submit(many(10))
    finished(lane)
    first = dict(lane.collect())
    assert len(first) == 10 and sum(result["ok"] for result in first.values()) == 5
    assert all("hand it in again" in result["error"] for result in first.values() if not result["ok"])
    server.state.faults = {"batch_seconds": 0.1}
    lane.submit(many(10))
    finished(lane)
    second = dict(lane.collect())
    assert sorted([*second, *(key for key, result in first.items() if result["ok"])]) == sorted(f"row {i}" for i in range(10))


def test_a_batch_that_may_pass_the_cap_is_not_handed_in(batch_lane):
    lane, _ = batch_lane
    with pytest.raises(NeedsFixing, match=r"may cost up to \$0.01.*cap of \$0.001"):
        lane.submit(many(10), budget_usd=0.001)
    assert lane.status() == []


def test_a_batch_with_one_key_twice_is_refused(batch_lane):
    with pytest.raises(NeedsFixing, match="two requests have the key 'a'"):
        batch_lane[0].submit([*ask_for("a"), {"key": "a", "messages": [{"role": "user", "content": "b"}]}])


def test_practice_and_live_use_the_address_in_force(rehearsal, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", rehearsal.openai)
    assert web.endpoints().mode == "practice" and "Practice reply" in llm.ask([{"role": "user", "content": "Hello"}], model="x")
