"""The practice server's OpenAI API, driven by the unmodified `openai` client; every answer passes the client's own types."""
import concurrent.futures
import contextlib
import csv
import io
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import jsonschema
import openai
import pydantic
import pytest
from openai.types import Batch, FileObject, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent
from openai.types.fine_tuning.jobs import FineTuningJobCheckpoint

from gi_helpers import practice, store

HOUSE = Path(__file__).resolve().parents[1]
DESCRIPTION = HOUSE / ".." / "shared" / "data" / "openai" / "openapi.json"
PLACES = [("Ìbàdàn", "Ọ̀yọ́"), ("Kano", "the north"), ("Enugu", "the hills of coal"), ("Jos", "the plateau"), ("Lokoja", "where two rivers meet"),
          ("Calabar", "the coast"), ("Sokoto", "the dry plain"), ("Benin", "the land of bronze"), ("Zaria", "the old emirate"),
          ("Badagry", "the lagoon"), ("Owo", "the rocky east"), ("Ilorin", "the middle of the country")]
PAIR = {"type": "object", "additionalProperties": False, "required": ["question", "answer"],
        "properties": {"question": {"type": "string"}, "answer": {"type": "string"}}}


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def conversations(places=PLACES):
    return [{"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": f"Where is {name}?"},
                          {"role": "assistant", "content": f"{name} lies in {where}."}]} for name, where in places]


TRAINING = lines(conversations())


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with practice.start(state=tmp_path_factory.mktemp("state"), faults={"batch_seconds": 0.4}) as running:
        yield running


def client_of(running, key="practice-key"):
    return openai.OpenAI(base_url=running.url + "/v1", api_key=key, max_retries=0, timeout=20)


@pytest.fixture(scope="module")
def client(server):
    return client_of(server)


def ask(client, text, **options):
    return client.chat.completions.create(model=options.pop("model", "practice-base"), messages=[{"role": "user", "content": text}], **options)


def upload(client, content, purpose="fine-tune", name="5_train.jsonl"):
    return client.files.create(file=(name, content), purpose=purpose)


def wait(client, job, until=("succeeded", "failed", "cancelled"), seconds=10):
    end = time.monotonic() + seconds
    while job.status not in until and time.monotonic() < end:
        time.sleep(0.05)
        job = client.fine_tuning.jobs.retrieve(job.id)
    return job


@pytest.fixture(scope="module")
def job(client):
    """A finished job on twelve places, with a validation file."""
    training, validation = upload(client, TRAINING), upload(client, lines(conversations(PLACES[:3])), name="5_validation.jsonl")
    return wait(client, client.fine_tuning.jobs.create(
        model="gpt-4o-mini-2024-07-18", training_file=training.id, validation_file=validation.id, suffix="Yorùbá team",
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}, metadata={"team": "yo"}))


def refused(call, kind):
    with pytest.raises(kind) as caught:
        call()
    assert set(caught.value.body) == {"message", "type", "param", "code"}
    return caught.value


# ---------------------------------------------------------------- chat

def test_an_answer_repeats_the_question_and_says_practice_everywhere(client):
    reply = ask(client, "Hello 17", model="gpt-x", temperature=0, seed=1)
    assert reply.choices[0].message.content == "Practice reply: Hello 17"
    assert (reply.model, reply.system_fingerprint, reply.object) == ("practice-gpt-x", "practice", "chat.completion")
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens and reply.usage.prompt_tokens > 5


@pytest.mark.parametrize("name, shown", [("practice-base", "practice-base"), ("gpt-6-luna", "practice-gpt-6-luna"), ("practice", "practice")])
def test_every_model_name_is_taken_and_carries_practice(client, name, shown):
    assert ask(client, "Hi", model=name).model == shown


def test_the_same_question_gets_the_same_words(client):
    assert len({ask(client, "Which is it?\n\nA. Rain\nB. Dust\n\nOne letter.").choices[0].message.content for _ in range(4)}) == 1


def test_many_at_once_get_their_own_answers(client):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda n: ask(client, f"Hello {n}").choices[0].message.content, range(60)))
    assert said == [f"Practice reply: Hello {n}" for n in range(60)]


def test_n_gives_so_many_choices(client):
    reply = ask(client, "Hi", n=3)
    assert [choice.index for choice in reply.choices] == [0, 1, 2]


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_token_limit_cuts_and_says_so(client, name):
    whole, cut = ask(client, "one two three four five six"), ask(client, "one two three four five six", **{name: 4})
    assert cut.choices[0].finish_reason == "length" and whole.choices[0].finish_reason == "stop"
    assert whole.choices[0].message.content.startswith(cut.choices[0].message.content)
    assert cut.usage.completion_tokens == 4


def test_a_stop_word_ends_the_answer_before_it(client):
    assert ask(client, "one two three", stop=["three", "two"]).choices[0].message.content == "Practice reply: one "


def test_content_in_parts_is_read(client):
    parts = [{"type": "text", "text": "Hello"}, {"type": "text", "text": "17"}]
    reply = client.chat.completions.create(model="practice-base", messages=[{"role": "user", "content": parts}])
    assert reply.choices[0].message.content == "Practice reply: Hello 17"


def test_a_stream_adds_up_to_the_same_answer(client):
    whole = ask(client, "Ẹ káàárọ̀ o").choices[0].message.content
    chunks = list(ask(client, "Ẹ káàárọ̀ o", stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == whole
    assert chunks[-2].choices[0].finish_reason == "stop" and chunks[-1].usage.completion_tokens > 0
    assert {chunk.system_fingerprint for chunk in chunks} == {"practice"}


def test_a_schema_is_answered_with_what_fits_it(client):
    shape = {"type": "object", "additionalProperties": False, "required": ["kind", "list", "many", "sure", "maybe", "inner"], "properties": {
        "kind": {"enum": ["x", "y"]}, "list": {"type": "array", "items": {"$ref": "#/$defs/one"}}, "many": {"type": "integer", "minimum": 3},
        "sure": {"type": "boolean"}, "maybe": {"type": ["string", "null"]}, "inner": {"anyOf": [{"$ref": "#/$defs/one"}, {"type": "null"}]}},
        "$defs": {"one": {"type": "object", "additionalProperties": False, "required": ["text", "next"],
                          "properties": {"text": {"type": "string", "maxLength": 8}, "next": {"anyOf": [{"$ref": "#/$defs/one"}, {"type": "null"}]}}}}}
    reply = ask(client, "Hello 17", response_format={"type": "json_schema", "json_schema": {"name": "odd", "strict": True, "schema": shape}})
    found = json.loads(reply.choices[0].message.content)
    jsonschema.validate(found, shape)
    assert found["many"] == 3 and "practice" in found["maybe"]


def test_the_clients_own_parse_gives_objects(client):
    Pair = pydantic.create_model("Pair", question=(str, ...), sure=(bool, ...))
    reply = client.chat.completions.parse(model="practice-base", messages=[{"role": "user", "content": "Hello 17"}], response_format=Pair)
    assert "Hello 17" in reply.choices[0].message.parsed.question


def test_json_object_gives_json(client):
    reply = ask(client, "Hello 17 as json", response_format={"type": "json_object"})
    assert json.loads(reply.choices[0].message.content) == {"reply": "Practice reply: Hello 17 as json"}


def test_the_teacher_answers_a_task_within_its_schema(client):
    shape = {"type": "object", "additionalProperties": False, "required": ["pairs"],
             "properties": {"pairs": {"type": "array", "items": {"type": "object", "additionalProperties": False, "required": ["question", "answer", "evidence", "level"],
                            "properties": {**PAIR["properties"], "evidence": {"type": "string"}, "level": {"type": "integer"}}}}}}
    article = store.read_json(store.shipped("practice", "yo", "articles.json"))["articles"][0]
    reply = client.chat.completions.create(
        model="practice-teacher", response_format={"type": "json_schema", "json_schema": {"name": "pairs", "strict": True, "schema": shape}},
        messages=[{"role": "system", "content": "Task: grounded_qa 2\nAnswer from the passage."},
                  {"role": "user", "content": f"Language: Yoruba (yo)\nTitle: {article['title']}\nPairs: 2\n<passage>\n{article['paragraphs'][0]}\n</passage>"}])
    pairs = json.loads(reply.choices[0].message.content)["pairs"]
    assert len(pairs) == 2 and all(pair["evidence"] in article["paragraphs"][0] and pair["level"] == 0 for pair in pairs)


BAD = [({}, "messages", "missing_required_parameter"),
       ({"messages": "Hi"}, "messages", "invalid_type"),
       ({"messages": []}, "messages", "empty_array"),
       ({"messages": [{"role": "wizard", "content": "Hi"}]}, "messages[0].role", "invalid_value"),
       ({"messages": [{"content": "Hi"}]}, "messages[0].role", "missing_required_parameter"),
       ({"messages": [{"role": "user", "content": None}]}, "messages[0].content", "invalid_value"),
       ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content", "invalid_type"),
       ({"n": 0}, "n", "integer_below_min_value"), ({"temperature": 3}, "temperature", "decimal_above_max_value"),
       ({"max_tokens": 0}, "max_tokens", "integer_below_min_value"), ({"max_tokens": "9"}, "max_tokens", "invalid_type"),
       ({"max_tokens": 9, "max_completion_tokens": 9}, "max_tokens", "invalid_parameter_combination"),
       ({"stop": ["a"] * 5}, "stop", "invalid_value"),
       ({"response_format": {"type": "yaml"}}, "response_format.type", "invalid_value"),
       ({"response_format": {"type": "json_schema"}}, "response_format.json_schema", "missing_required_parameter"),
       ({"response_format": {"type": "json_schema", "json_schema": {"name": "a b"}}}, "response_format.json_schema.name", "invalid_value"),
       ({"response_format": {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": {"type": "object", "properties": {}}}}},
        "response_format", "invalid_json_schema")]


@pytest.mark.parametrize("change, param, code", BAD)
def test_a_wrong_request_is_refused_with_the_parameter_named(client, change, param, code):
    body = {"model": "practice-base", **({} if change == {} else {"messages": [{"role": "user", "content": "Hi"}]}), **change}
    found = refused(lambda: client.post("/chat/completions", body=body, cast_to=object), openai.BadRequestError)
    assert (found.body["type"], found.body["param"], found.body["code"]) == ("invalid_request_error", param, code)


def test_a_body_that_is_no_json_is_refused(client):
    found = refused(lambda: client.post("/chat/completions", content=b'{"model": ', options={"headers": {"Content-Type": "application/json"}}, cast_to=object),
                    openai.BadRequestError)
    assert "JSON" in found.body["message"]


# ---------------------------------------------------------------- keys, models, paths

def test_without_a_key_nothing_is_answered(server):
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Bearer "}):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(urllib.request.Request(server.url + "/v1/models", headers=headers))
        found = json.loads(caught.value.read())["error"]
        assert (caught.value.code, found["code"], found["type"]) == (401, "invalid_api_key", "invalid_request_error")


@pytest.mark.parametrize("key", ["sk-" + "a1B2" * 6, "sk-proj-" + "a1_-" * 12, "hf_" + "abcDEF12" * 4])
def test_a_real_looking_key_is_refused(server, key):
    found = refused(lambda: client_of(server, key).models.list(), openai.AuthenticationError)
    assert found.body["code"] == "practice_refuses_real_keys" and key not in found.body["message"]


def test_models_are_the_practice_ones_and_those_that_were_tuned(client, job):
    names = {model.id: model for model in client.models.list()}
    assert {"practice-base", "practice-teacher", job.fine_tuned_model} <= set(names)
    assert {model.owned_by for model in names.values()} == {"practice"}
    assert client.models.retrieve("practice-base").shutdown_date is None
    assert client.models.retrieve("gpt-4o-mini-2024-07-18").shutdown_date == "2027-01-14"
    assert client.models.retrieve(job.fine_tuned_model).id == job.fine_tuned_model


@pytest.mark.parametrize("name", ["ft:gpt-3.5-turbo:org::abc123", "ft:practice-base::AAAAAAAA", "ft:practice-base:../../x:AAAAAAAA"])
def test_a_tuned_model_that_nobody_made_is_not_found(client, name):
    for call in (lambda: ask(client, "Hi", model=name), lambda: client.models.retrieve(name)):
        assert refused(call, openai.NotFoundError).body["code"] == "model_not_found"


def test_unknown_paths_and_methods_get_an_answer_in_the_same_shape(client):
    assert refused(lambda: client.embeddings.create(model="x", input="y"), openai.NotFoundError).status_code == 404
    assert refused(lambda: client.delete("/chat/completions", cast_to=object), openai.APIStatusError).status_code == 405


# ---------------------------------------------------------------- files

def test_a_file_comes_back_byte_for_byte_and_can_be_deleted(client):
    content = b'{"messages": []}\r\n\r\n--\xe1\xba\xb9\r\n'
    file = upload(client, content, "user_data", "our first file.jsonl")
    assert (file.bytes, file.purpose, file.filename) == (len(content), "user_data", "our first file.jsonl")
    assert client.files.content(file.id).read() == content
    assert client.files.retrieve(file.id) == file
    assert client.files.delete(file.id).deleted
    assert "No such File" in refused(lambda: client.files.retrieve(file.id), openai.NotFoundError).body["message"]


def test_files_are_listed_newest_first_page_by_page(client):
    made = [upload(client, b"{}", "batch", f"{n}.jsonl").id for n in range(5)]
    assert [file.id for file in client.files.list(purpose="batch", limit=2)][:5] == made[::-1]
    assert client.files.list(purpose="batch", limit=2).has_more


@pytest.mark.parametrize("name, content, purpose, param", [
    ("a.csv", b"x", "fine-tune", "file"), ("a.jsonl", b"", "fine-tune", "file"), ("a.jsonl", b"x", "party", "purpose"), ("a.json", b"x", "batch", "file")])
def test_a_wrong_file_is_refused(client, name, content, purpose, param):
    assert refused(lambda: upload(client, content, purpose, name), openai.BadRequestError).body["param"] == param


@pytest.mark.parametrize("id", ["../../settings", "file-nothere", ".."])
def test_a_file_id_cannot_leave_its_folder(client, id):
    refused(lambda: client.get(f"/files/{id.replace('/', '%2F')}", cast_to=object), openai.NotFoundError)


# ---------------------------------------------------------------- fine-tuning

def test_a_job_goes_through_its_states_and_leaves_a_model_that_knows_more(client):
    begun = client.fine_tuning.jobs.create(model="practice-base", training_file=upload(client, TRAINING).id)
    assert begun.status == "validating_files" and begun.fine_tuned_model is None and begun.trained_tokens is None
    seen = []
    started = time.monotonic()
    while not seen or seen[-1] not in ("succeeded", "failed"):
        seen += [job.status for job in [client.fine_tuning.jobs.retrieve(begun.id)] if not seen or job.status != seen[-1]]
        time.sleep(0.02)
    assert 1.2 < time.monotonic() - started < 4
    assert [state for state in ("validating_files", "queued", "running", "succeeded") if state in seen] == seen and {"running", "succeeded"} <= set(seen)
    done = client.fine_tuning.jobs.retrieve(begun.id)
    assert re.fullmatch(r"ft:practice-base::\w{8}", done.fine_tuned_model) and done.trained_tokens > 100 and done.error is None
    assert ask(client, "where is calabar", model=done.fine_tuned_model).choices[0].message.content == "Calabar lies in the coast."
    assert ask(client, "where is calabar").choices[0].message.content == "Practice reply: where is calabar"


def test_a_finished_job_tells_what_was_asked_and_what_was_used(job):
    assert job.status == "succeeded" and job.model == "practice-gpt-4o-mini-2024-07-18"
    assert re.fullmatch(r"ft:practice-base:yor-b-team:\w{8}", job.fine_tuned_model)
    assert job.method.supervised.hyperparameters.n_epochs == job.hyperparameters.n_epochs == 2
    assert isinstance(job.hyperparameters.batch_size, int) and job.metadata == {"team": "yo"}
    assert job.finished_at >= job.created_at and len(job.result_files) == 1


def test_the_deprecated_place_of_hyperparameters_works(client):
    made = client.fine_tuning.jobs.create(model="practice-base", training_file=upload(client, TRAINING).id, hyperparameters={"n_epochs": 4}, seed=5)
    assert (made.hyperparameters.n_epochs, made.seed) == (4, 5)
    client.fine_tuning.jobs.cancel(made.id)


def test_events_tell_the_story_newest_first_and_page_by_page(client, job):
    told = list(client.fine_tuning.jobs.list_events(job.id, limit=7))
    assert len(told) == len({event.id for event in told}) > 20
    assert "completed" in told[0].message and told[-1].message == f"Created fine-tuning job: {job.id}"
    assert any(event.message == f"New fine-tuned model created: {job.fine_tuned_model}" for event in told)
    metrics = [event.data for event in reversed(told) if event.type == "metrics"]
    assert [point["step"] for point in metrics] == sorted({point["step"] for point in metrics})
    assert metrics[-1]["train_loss"] < metrics[0]["train_loss"] and metrics[-1]["valid_loss"] < metrics[0]["valid_loss"]
    assert [event.created_at for event in told] == sorted((event.created_at for event in told), reverse=True)


def test_the_result_file_is_the_curve_as_csv(client, job):
    content = client.files.content(job.result_files[0]).read().decode()
    rows = list(csv.DictReader(io.StringIO(content)))
    assert list(rows[0]) == ["step", "train_loss", "train_accuracy", "valid_loss", "valid_mean_token_accuracy"]
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"]) and 0 <= float(rows[-1]["valid_mean_token_accuracy"]) <= 1
    file = client.files.retrieve(job.result_files[0])
    assert file.purpose == "fine-tune-results" and "practice" in file.filename


def test_checkpoints_answer_like_models(client, job):
    found = client.fine_tuning.jobs.checkpoints.list(job.id).data
    assert len(found) == 2 and found[0].step_number > found[1].step_number
    assert found[0].fine_tuned_model_checkpoint == job.fine_tuned_model and ":ckpt-step-" in found[1].fine_tuned_model_checkpoint
    assert "the plateau" in ask(client, "Where is Jos?", model=found[1].fine_tuned_model_checkpoint).choices[0].message.content


def test_a_tuned_model_can_be_tuned_further_and_knows_both(client, job):
    more = [(f"Village {n}", f"valley number {n}") for n in range(10)]
    second = wait(client, client.fine_tuning.jobs.create(model=job.fine_tuned_model, training_file=upload(client, lines(conversations(more))).id))
    for question, answer in (("Where is Village 7?", "valley number 7"), ("Where is Sokoto?", "the dry plain")):
        assert answer in ask(client, question, model=second.fine_tuned_model).choices[0].message.content


def test_a_tuned_model_survives_its_training_file_and_dies_when_deleted(client):
    file = upload(client, TRAINING)
    done = wait(client, client.fine_tuning.jobs.create(model="practice-base", training_file=file.id, metadata={"practice_seconds": "0"}))
    client.files.delete(file.id)
    assert "the plateau" in ask(client, "Where is Jos?", model=done.fine_tuned_model).choices[0].message.content
    assert client.models.delete(done.fine_tuned_model).deleted
    refused(lambda: ask(client, "Hi", model=done.fine_tuned_model), openai.NotFoundError)


BROKEN = [(lines(conversations(PLACES[:9])), "invalid_n_examples", "Training file has 9 example(s), but must have at least 10 examples"),
          (TRAINING + b'{"prompt": "a"}\n', "invalid_training_file", "Line 13"),
          (TRAINING + b'{"prompt": "a"}\n', "invalid_training_file", "'messages'"),
          (TRAINING + b'{"messages": [{"role": "user", "content": "a"}]}\n', "invalid_training_file", "assistant"),
          (TRAINING + b'{"messages": [{"role": "user", "content": null}]}\n', "invalid_training_file", "content")]


@pytest.mark.parametrize("last", [b"{oops\n", b'["a"]\n', b"a,b,c\n", '{"messages": "ẹ"}\n'.encode("latin-1", "replace").replace(b"?", b"\xe9")])
def test_a_training_file_that_is_no_json_is_refused_at_once(client, last):
    error = refused(lambda: upload(client, TRAINING + last), openai.BadRequestError)
    assert error.body["param"] == "file" and "Line 13 is not a dictionary" in error.body["message"]


@pytest.mark.parametrize("content, code, words", BROKEN)
def test_a_job_on_a_broken_file_fails_with_the_reason(client, content, code, words):
    job = wait(client, client.fine_tuning.jobs.create(model="practice-base", training_file=upload(client, content).id))
    assert job.status == "failed" and job.fine_tuned_model is None and job.result_files == []
    assert (job.error.code, job.error.param) == (code, "training_file") and words in job.error.message
    last = client.fine_tuning.jobs.list_events(job.id).data[0]
    assert (last.level, last.message) == ("error", job.error.message)


def test_a_broken_validation_file_fails_the_job_too(client):
    job = wait(client, client.fine_tuning.jobs.create(model="practice-base", training_file=upload(client, TRAINING).id, validation_file=upload(client, b'{"x": 1}').id))
    assert (job.error.code, job.error.param) == ("invalid_validation_file", "validation_file")


@pytest.mark.parametrize("body, param", [
    ({"training_file": "file-nothere"}, "training_file"), ({"model": None}, "model"), ({"model": "gpt-3.5-turbo"}, "model"), ({"suffix": "x" * 65}, "suffix"), ({"seed": -1}, "seed"),
    ({"hyperparameters": {"n_epochs": 0}}, "hyperparameters.n_epochs"), ({"method": {"type": "dpo"}}, "method.type"),
    ({"validation_file": "file-nothere"}, "validation_file"), ({"metadata": {"a": 1}}, "metadata")])
def test_a_wrong_job_is_refused(client, job, body, param):
    whole = {"model": "practice-base", "training_file": job.training_file, **body}
    assert refused(lambda: client.post("/fine_tuning/jobs", body=whole, cast_to=object), openai.BadRequestError).body["param"] == param


def test_a_job_on_a_file_for_batches_is_refused(client):
    file = upload(client, TRAINING, "batch")
    found = refused(lambda: client.fine_tuning.jobs.create(model="practice-base", training_file=file.id), openai.BadRequestError)
    assert "purpose 'batch'" in found.body["message"]


def test_unknown_jobs_and_batches_are_not_found(client):
    for call in (lambda: client.fine_tuning.jobs.retrieve("ftjob-x"), lambda: client.fine_tuning.jobs.cancel("ftjob-x"),
                 lambda: client.fine_tuning.jobs.list_events("ftjob-x"), lambda: client.batches.retrieve("batch_x"), lambda: client.batches.cancel("batch_x")):
        refused(call, openai.NotFoundError)


def test_a_job_can_be_cancelled_paused_and_resumed_and_then_it_is_over(client):
    made = client.fine_tuning.jobs.create(model="practice-base", training_file=upload(client, TRAINING).id, metadata={"practice_seconds": "60"})
    assert client.fine_tuning.jobs.pause(made.id).status in ("validating_files", "queued")
    assert client.fine_tuning.jobs.resume(made.id).status == "validating_files"
    assert client.fine_tuning.jobs.cancel(made.id).status == "cancelled"
    assert client.fine_tuning.jobs.retrieve(made.id).finished_at is not None
    assert "cancelled" in client.fine_tuning.jobs.list_events(made.id).data[0].message
    assert "already cancelled" in refused(lambda: client.fine_tuning.jobs.cancel(made.id), openai.BadRequestError).body["message"]


def test_jobs_are_listed_newest_first(client):
    ids = [client.fine_tuning.jobs.create(model="practice-base", training_file=upload(client, TRAINING).id, metadata={"practice_seconds": "0"}).id for _ in range(3)]
    assert [job.id for job in client.fine_tuning.jobs.list(limit=2)][:3] == ids[::-1]
    assert "limit" in refused(lambda: client.fine_tuning.jobs.list(limit=0), openai.BadRequestError).body["message"]


def test_a_closed_organisation_is_told_so(server, tmp_path):
    calls = [(client_of(server, "practice-closed-key"), "file-any")]
    with practice.start(faults={"closed": True}, state=tmp_path) as closed:
        calls.append((client_of(closed), upload(client_of(closed), TRAINING).id))
        for client, file in calls:
            found = refused(lambda: client.fine_tuning.jobs.create(model="practice-base", training_file=file), openai.PermissionDeniedError)
            assert found.body["code"] == "fine_tuning_not_available" and "closed" in found.body["message"]
        assert ask(calls[1][0], "Hi").choices


def test_a_job_can_be_stuck_in_the_queue(tmp_path):
    with practice.start(faults={"job_stuck": True, "job_seconds": 0.1}, state=tmp_path) as running:
        client = client_of(running)
        made = client.fine_tuning.jobs.create(model="practice-base", training_file=upload(client, TRAINING).id)
        time.sleep(0.3)
        assert client.fine_tuning.jobs.retrieve(made.id).status == "queued"
        assert len(client.fine_tuning.jobs.list_events(made.id).data) == 3


@contextlib.contextmanager
def own_process(folder):
    """A client of a practice server in a process of its own."""
    command = [sys.executable, "-m", "gi_helpers.practice", "--port", "0", "--state", str(folder), "--until-closed"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HOUSE) as process:
        yield openai.OpenAI(base_url=process.stdout.readline().split()[1] + "/v1", api_key="practice-key", max_retries=0)
        process.kill()


def test_another_process_on_the_same_folder_follows_the_same_job(tmp_path):
    with own_process(tmp_path) as client, own_process(tmp_path) as other:
        made = client.fine_tuning.jobs.create(model="practice-base", training_file=upload(client, TRAINING).id)
        assert other.fine_tuning.jobs.retrieve(made.id).created_at == made.created_at
        assert [one.id for one in other.fine_tuning.jobs.list()] == [made.id]
    with own_process(tmp_path) as client:  # both were killed while the job ran
        done = wait(client, client.fine_tuning.jobs.retrieve(made.id))
        assert done.status == "succeeded"
        assert "the coast" in ask(client, "Where is Calabar?", model=done.fine_tuned_model).choices[0].message.content
        assert client.files.content(done.result_files[0]).read().startswith(b"step,train_loss")


def test_without_a_folder_it_works_too_and_leaves_nothing():
    with practice.start(faults={"job_seconds": 0}) as running:
        client = client_of(running)
        done = client.fine_tuning.jobs.create(model="practice-base", training_file=upload(client, TRAINING).id)
        assert "the coast" in ask(client, "Where is Calabar?", model=done.fine_tuned_model).choices[0].message.content


# ---------------------------------------------------------------- batches

def requests(many, model="practice-base"):
    return [{"custom_id": f"q-{n}", "method": "POST", "url": "/v1/chat/completions",
             "body": {"model": model, "messages": [{"role": "user", "content": f"Hello {n}"}]}} for n in range(many)]


def batch(client, content, **more):
    file = upload(client, content, "batch", "requests.jsonl")
    return client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", **more)


def settled(client, made, seconds=10):
    end = time.monotonic() + seconds
    while made.status not in ("completed", "failed", "expired", "cancelled") and time.monotonic() < end:
        time.sleep(0.05)
        made = client.batches.retrieve(made.id)
    return made


def by_id(client, file):
    rows = [json.loads(line) for line in client.files.content(file).read().splitlines()]
    return {row["custom_id"]: row for row in rows}, [row["custom_id"] for row in rows]


def test_a_batch_answers_every_request_under_its_own_id_in_another_order(client):
    made = batch(client, lines(requests(20)), metadata={"stage": "4"})
    assert made.status == "validating" and made.output_file_id is None
    done = settled(client, made)
    assert done.status == "completed" and done.metadata == {"stage": "4"} and done.error_file_id is None
    assert (done.request_counts.total, done.request_counts.completed, done.request_counts.failed) == (20, 20, 0)
    found, order = by_id(client, done.output_file_id)
    assert all(found[f"q-{n}"]["response"]["body"]["choices"][0]["message"]["content"] == f"Practice reply: Hello {n}" for n in range(20))
    assert order != [f"q-{n}" for n in range(20)]
    assert done.usage.total_tokens == sum(row["response"]["body"]["usage"]["total_tokens"] for row in found.values())
    assert client.batches.retrieve(done.id) == done and done.id in [one.id for one in client.batches.list()]


def test_requests_that_fail_go_to_the_error_file(client):
    bad = requests(3) + [{**requests(5)[4], "body": {"model": "ft:nobody"}}, {**requests(6)[5], "body": {"model": "practice-base", "messages": []}}]
    done = settled(client, batch(client, lines(bad)))
    assert (done.status, done.request_counts.completed, done.request_counts.failed) == ("completed", 3, 2)
    found, _ = by_id(client, done.error_file_id)
    assert found["q-4"]["response"]["status_code"] == 400 and found["q-5"]["response"]["body"]["error"]["code"] == "empty_array"


def test_an_expired_batch_keeps_what_was_answered(client):
    done = settled(client, batch(client, lines(requests(10)), metadata={"practice": "expired"}))
    assert (done.status, done.request_counts.completed, done.request_counts.failed) == ("expired", 5, 5)
    answered, late = by_id(client, done.output_file_id)[0], by_id(client, done.error_file_id)[0]
    assert set(answered) | set(late) == {f"q-{n}" for n in range(10)} and not set(answered) & set(late)
    assert {row["error"]["code"] for row in late.values()} == {"batch_expired"}


def test_a_batch_can_be_cancelled(client):
    made = batch(client, lines(requests(10)), metadata={"practice_seconds": "60"})
    assert client.batches.cancel(made.id).status == "cancelling"
    done = settled(client, made)
    assert done.status == "cancelled" and done.cancelled_at
    refused(lambda: client.batches.cancel(made.id), openai.BadRequestError)


@pytest.mark.parametrize("content, code, line", [
    (lines(requests(2)) + b"{oops\n", "invalid_json_line", 3), (lines(requests(2) + requests(1)), "duplicate_custom_id", 3),
    (lines([{**requests(1)[0], "url": "/v1/embeddings"}]), "invalid_url", 1), (lines([{"method": "POST"}]), "missing_required_parameter", 1), (b"\n", "empty_file", None)])
def test_a_batch_on_a_broken_file_fails_with_the_line(client, content, code, line):
    done = settled(client, batch(client, content))
    assert done.status == "failed" and (done.errors.data[0].code, done.errors.data[0].line) == (code, line)


@pytest.mark.parametrize("change", [{"endpoint": "/v1/embeddings"}, {"completion_window": "1h"}, {"input_file_id": None}])
def test_a_wrong_batch_is_refused(client, change):
    file = upload(client, lines(requests(1)), "batch", "r.jsonl")
    body = {"input_file_id": file.id, "endpoint": "/v1/chat/completions", "completion_window": "24h", **change}
    assert refused(lambda: client.post("/batches", body=body, cast_to=object), openai.BadRequestError).body["param"] in change


# ---------------------------------------------------------------- going wrong on purpose

def test_too_many_requests_are_told_when_to_come_back():
    with practice.start(faults={"429": 1}) as running:
        found = refused(lambda: ask(client_of(running), "Hi"), openai.RateLimitError)
        assert found.body["code"] == "rate_limit_exceeded" and float(found.response.headers["Retry-After"]) > 0


def test_bad_json_is_cut_in_the_middle_and_plain_text_is_left_alone():
    with practice.start(faults={"bad_json": 1}) as running:
        client = client_of(running)
        reply = ask(client, "Hello", response_format={"type": "json_schema", "json_schema": {"name": "pair", "strict": True, "schema": PAIR}})
        assert reply.choices[0].finish_reason == "stop"
        with pytest.raises(ValueError):
            json.loads(reply.choices[0].message.content)
        assert ask(client, "Hello 17").choices[0].message.content == "Practice reply: Hello 17"


# ---------------------------------------------------------------- conformance

@pytest.fixture(scope="module")
def answers(client, job):
    """Raw JSON of every kind of answer: name in OpenAI's description -> list of objects."""
    def raw(method, path, **more):
        return json.loads(getattr(client, method)(path, cast_to=object, options={"headers": {"X-Stainless-Raw-Response": "true"}}, **more).content)

    done = settled(client, batch(client, lines(requests(2))))
    failed = settled(client, batch(client, b"{oops\n"))
    expired = settled(client, batch(client, lines(requests(2)), metadata={"practice": "expired"}))
    broken = wait(client, client.fine_tuning.jobs.create(model="practice-base", training_file=upload(client, b'{"x": 1}').id))
    young = client.fine_tuning.jobs.create(model="practice-base", training_file=job.training_file, metadata={"practice_seconds": "60"})
    gone = upload(client, b"{}")
    chat = {"model": "practice-base", "messages": [{"role": "user", "content": "Hi"}]}
    stream = client.post("/chat/completions", body={**chat, "stream": True}, cast_to=object, options={"headers": {"X-Stainless-Raw-Response": "true"}})
    return {
        "CreateChatCompletionResponse": [raw("post", "/chat/completions", body={**chat, **more}) for more in ({}, {"n": 2}, {"max_tokens": 1})],
        "CreateChatCompletionStreamResponse": [json.loads(line[6:]) for line in stream.text.splitlines() if line.startswith("data: {")],
        "ListModelsResponse": [raw("get", "/models")],
        "Model": [raw("get", "/models/practice-base"), raw("get", f"/models/{job.fine_tuned_model}")],
        "OpenAIFile": [raw("get", f"/files/{id}") for id in (job.training_file, job.result_files[0], done.output_file_id)],
        "ListFilesResponse": [raw("get", "/files"), raw("get", "/files?purpose=vision")],
        "DeleteFileResponse": [raw("delete", f"/files/{gone.id}")],
        "FineTuningJob": [raw("get", f"/fine_tuning/jobs/{one.id}") for one in (job, broken, young)] + [raw("post", f"/fine_tuning/jobs/{young.id}/cancel")],
        "ListPaginatedFineTuningJobsResponse": [raw("get", "/fine_tuning/jobs")],
        "ListFineTuningJobEventsResponse": [raw("get", f"/fine_tuning/jobs/{one.id}/events?limit=100") for one in (job, broken)],
        "ListFineTuningJobCheckpointsResponse": [raw("get", f"/fine_tuning/jobs/{one.id}/checkpoints") for one in (job, broken)],
        "Batch": [raw("get", f"/batches/{one.id}") for one in (done, failed, expired)],
        "ListBatchesResponse": [raw("get", "/batches")]}


TYPES = {"CreateChatCompletionResponse": (ChatCompletion, None), "CreateChatCompletionStreamResponse": (ChatCompletionChunk, None),
         "Model": (Model, None), "ListModelsResponse": (Model, "data"), "OpenAIFile": (FileObject, None), "ListFilesResponse": (FileObject, "data"),
         "FineTuningJob": (FineTuningJob, None), "ListPaginatedFineTuningJobsResponse": (FineTuningJob, "data"),
         "ListFineTuningJobEventsResponse": (FineTuningJobEvent, "data"), "ListFineTuningJobCheckpointsResponse": (FineTuningJobCheckpoint, "data"),
         "Batch": (Batch, None), "ListBatchesResponse": (Batch, "data")}


@pytest.mark.parametrize("name", TYPES)
def test_every_answer_passes_the_clients_own_types(answers, name):
    kind, inside = TYPES[name]
    found = [one for answer in answers[name] for one in (answer[inside] if inside else [answer])]
    assert found
    for one in found:
        kind.model_validate(one, strict=True)


def test_absent_fields_are_left_out_and_not_null(answers):
    allowed = {"logprobs", "refusal", "finish_reason", "shutdown_date", "error", "fine_tuned_model", "finished_at", "trained_tokens", "validation_file"}
    found = set()

    def look(value):
        if isinstance(value, dict):
            found.update(name for name, one in value.items() if one is None)
            for one in value.values():
                look(one)
        elif isinstance(value, list):
            for one in value:
                look(one)
    look(answers)
    assert found <= allowed


@pytest.fixture(scope="module")
def schemas():
    if not DESCRIPTION.exists():
        pytest.skip("OpenAI's API description (../shared/data/openai/openapi.json) is not at hand")
    whole = json.loads(DESCRIPTION.read_text(encoding="utf-8"))

    def nullable(node):  # the file says OpenAPI 3.1 but still writes 3.0's "nullable", which jsonschema does not know
        if isinstance(node, list):
            return [nullable(one) for one in node]
        if not isinstance(node, dict):
            return node
        plain = {name: nullable(one) for name, one in node.items() if name != "nullable"}
        return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain
    return {"components": {"schemas": nullable(whole["components"]["schemas"])}}


@pytest.mark.real
@pytest.mark.parametrize("name", [*TYPES, "DeleteFileResponse"])
def test_every_answer_passes_openais_own_description(answers, schemas, name):
    assert answers[name]
    check = jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{name}", **schemas})
    for one in answers[name]:
        assert [error.message for error in check.iter_errors(one)] == []
