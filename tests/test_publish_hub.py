"""What is published is read by the libraries that others use, and reaches the Hub. Each test needs a library of an extra, and says which when it is not there."""
import os
import subprocess
import sys

import pytest
from hub_stub import Hub
from test_publish import build, row

from gi_helpers import publish, store
from gi_helpers.errors import NeedsFixing


@pytest.fixture
def live(tmp_path, monkeypatch):
    """The folder of a real set, for the upload."""
    monkeypatch.setenv("GI_MODE", "live")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    folder = tmp_path / "yo"
    store.write([row(n) for n in range(20)], folder / "4_qa.csv")
    store.write([{"item": "1", "kind": "question", "source": "Why?", "target": "Kí ló dé?", "reviewer": "Ada"}], folder / "8_truthfulqa.csv")
    build(folder)
    return folder / "10_publish"


@pytest.fixture
def hub(monkeypatch):
    pytest.importorskip("huggingface_hub", reason="huggingface_hub (extra publish) is not installed")

    def start(token="hf_writer", **more):
        hub = Hub(**more)
        hub.__enter__()
        started.append(hub)
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_TOKEN", token)
        return hub

    started = []
    yield start
    for one in started:
        one.__exit__()


def test_a_dry_run_lists_files_and_sizes_and_asks_nobody(live, monkeypatch):
    monkeypatch.delenv("HF_TOKEN", raising=False)
    table = publish.upload(live, "team/set")
    sizes = {path: (live / path).stat().st_size for path in table["file"]}
    assert {"README.md", "train.jsonl", "eval/LICENSE", "croissant.json", "registry.json"} <= set(table["file"]) and dict(zip(table["file"], table["bytes"], strict=True)) == sizes
    assert set(table["state"]) == {"would be sent"} and not [path for path in table["file"] if "lock" in path]


def test_an_upload_is_private_sends_every_byte_and_the_card_last(live, hub):
    there = hub()
    table = publish.upload(live, "team/set", dry_run=False)
    assert there.private is True and there.kind == "dataset" and set(table["state"]) == {"sent"}
    assert there.files == {path: (live / path).read_bytes() for path in table["file"]} and there.commits[-1] == "README.md"


def test_a_token_that_was_pasted_with_a_line_end_works_and_one_with_other_letters_is_not_shown(live, hub, monkeypatch):
    hub()
    monkeypatch.setenv("HF_TOKEN", "hf_writer\n")
    assert set(publish.upload(live, "team/set", dry_run=False)["state"]) == {"sent"}
    monkeypatch.setenv("HF_TOKEN", "hf_wrіter")  # with a Cyrillic letter
    with pytest.raises(NeedsFixing, match="characters that no token has") as told:
        publish.upload(live, "team/set", dry_run=False)
    assert "hf_wr" not in str(told.value)


@pytest.mark.parametrize("repo", ["te am/x", "team/ünï", "team/-x", "team", None, "a/b/c"])
def test_a_place_that_cannot_be_is_told_in_the_dry_run(live, repo):
    with pytest.raises(NeedsFixing, match="is not the name of a place on the Hub"):
        publish.upload(live, repo)


def test_a_broken_upload_goes_on_where_it_stopped(live, hub):
    there = hub(break_after=3)
    with pytest.raises(NeedsFixing, match=r"the Hub answered 400 after 3 of \d+ files; run the cell again, it goes on"):
        publish.upload(live, "team/set", dry_run=False)
    first = list(there.commits)
    table = publish.upload(live, "team/set", dry_run=False)
    assert len(first) == 3 and sorted(table["state"]).count("was there") == 3 and len(there.commits) == len(table) == len(set(there.commits))


def test_a_token_without_write_rights_is_one_sentence(live, hub):
    there = hub(token="hf_reader", tokens={"hf_reader": "read"})
    with pytest.raises(NeedsFixing, match="the token may not write to team/set; make a token with write rights"):
        publish.upload(live, "team/set", dry_run=False)
    assert there.commits == []


def test_a_fine_grained_token_that_the_hub_refuses_and_a_wrong_one_are_one_sentence(live, hub, monkeypatch):
    hub(tokens={"hf_writer": "fineGrained"}, forbid_create=True)
    with pytest.raises(NeedsFixing, match="the token may not write to team/set"):
        publish.upload(live, "team/set", dry_run=False)
    monkeypatch.setenv("HF_TOKEN", "hf_unknown")
    with pytest.raises(NeedsFixing, match="the Hub does not know this token"):
        publish.upload(live, "team/set", dry_run=False)
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(NeedsFixing, match="there is no HF_TOKEN"):
        publish.upload(live, "team/set", dry_run=False)


def test_an_adapter_is_sent_as_a_model_and_its_weights_only_once(live, hub):
    folder = live.parent / "7_adapter"
    store.write_bytes(b"weights" * 1000, folder / "adapter_model.safetensors")
    store.write_json({"backend": "lora", "base_model": "Qwen/Qwen3.5-4B", "fine_tuned_model": str(folder)}, live.parent / "7_model.json")
    publish.model_card(live.parent, language="yo", name="yor-qwen", title="Yoruba Qwen")
    there = hub()
    publish.upload(folder, "team/set", dry_run=False)
    assert there.kind == "model" and there.files["adapter_model.safetensors"] == b"weights" * 1000
    assert set(publish.upload(folder, "team/set", dry_run=False)["state"]) == {"was there"}


def test_a_hub_that_cannot_be_reached_is_one_sentence(live, hub):
    hub().__exit__()
    with pytest.raises(NeedsFixing, match="the network broke .*; run the cell again, it goes on where it stopped"):
        publish.upload(live, "team/set", dry_run=False)


def test_a_place_that_everybody_sees_is_not_used_when_private_was_asked(live, hub):
    there = hub(public=True)
    with pytest.raises(NeedsFixing, match="team/set is there already and everybody can see it"):
        publish.upload(live, "team/set", dry_run=False)
    assert there.commits == []
    publish.upload(live, "team/set", private=False, dry_run=False)
    assert "train.jsonl" in there.files


def test_a_rehearsal_a_changed_file_and_a_bad_name_are_not_sent(live, hub, tmp_path, monkeypatch):
    there = hub()
    with pytest.raises(NeedsFixing, match="'set' is not the name of a place on the Hub; write it as team/yor-instructions"):
        publish.upload(live, "set", dry_run=False)
    store.write_text("x", live / "LICENSE")
    with pytest.raises(NeedsFixing, match="LICENSE was changed after it was registered"):
        publish.upload(live, "team/set", dry_run=False)
    monkeypatch.setenv("GI_MODE", "practice")
    build(live.parent)
    with pytest.raises(NeedsFixing, match="yor-instructions is a rehearsal, and practice sets are not sent"):
        publish.upload(live, "team/set", dry_run=False)
    assert there.calls == []


def test_the_real_datasets_library_loads_the_folder_and_the_files(live, tmp_path):
    pytest.importorskip("datasets", reason="datasets (extra train) is not installed")
    code = ("import datasets, sys; folder, cache = sys.argv[1:]; whole = datasets.load_dataset(folder, cache_dir=cache); "
            "alone = datasets.load_dataset('json', data_files={'train': folder + '/train.jsonl', 'validation': folder + '/validation.jsonl'}, cache_dir=cache); "
            "print([len(one[side]) for one in (whole, alone) for side in ('train', 'validation')], whole['train'][0]['messages'][-1]['content'])")
    run = subprocess.run([sys.executable, "-c", code, str(live), str(tmp_path / "cache")], capture_output=True, text=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    first = next(store.read_jsonl(live / "train.jsonl"))["messages"][-1]["content"]
    assert run.stdout.strip() == f"[18, 2, 18, 2] {first}", run.stderr


def test_mlcroissant_accepts_the_description_and_reads_the_records(live):
    mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant (239 MB) is not installed")
    found = mlcroissant.Dataset(jsonld=str(live / "croissant.json"))
    assert found.metadata.ctx.issues.errors == set()
    for name in ("train", "validation"):
        rows = list(store.read_jsonl(live / f"{name}.jsonl"))
        records = list(found.records(record_set=name))
        assert [[{part: turn[f"{name}/messages/{part}"].decode() for part in ("role", "content")} for turn in one[f"{name}/messages"]] for one in records] == [
            one["messages"] for one in rows]
    assert [one["eval-truthfulqa/target"].decode() for one in found.records(record_set="eval-truthfulqa")] == ["Kí ló dé?"]


def test_parquet_holds_the_same_rows(live):
    pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed, so no Parquet is written")
    assert pq.read_table(live / "parquet" / "train.parquet").to_pylist() == list(store.read_jsonl(live / "train.jsonl"))
    stated = {file["path"]: file["rows"] for file in store.read_json(live / "registry.json")["files"]}
    assert stated["parquet/train.parquet"] == stated["train.jsonl"] == 18
