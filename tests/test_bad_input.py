"""Whatever is in a file, a reader answers with rows, or with one sentence that names the file: never a traceback, a hang or a gigabyte. See readers.py, and fuzz.py for the long run."""
import bz2
import contextlib
import json
import random
import signal
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest
import readers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gi_helpers import clean, csv_to_jsonl, llm, publish, ratings, review, store, truthfulqa, wiki_scrape
from gi_helpers.errors import NeedsFixing

SECONDS = 5
SIGNS = st.text(alphabet='[]{}(),:;"\'\\|=<>/-!&#* \n\r\t\0\ufeff\u2028áẹ́A1.', max_size=60).map(lambda text: text.encode())


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")


@contextlib.contextmanager
def in_time():
    """At most 5 seconds of this process's own time, so that a busy machine does not count, where the system has a clock that rings (not on Windows)."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGPROF, lambda *_: pytest.fail(f"no answer within {SECONDS} seconds"))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@pytest.mark.parametrize("name", readers.READERS)
@settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(number=st.integers(0, 2**32), odd=st.one_of(st.none(), st.none(), st.none(), st.binary(max_size=80), SIGNS))
def test_a_reader_answers_or_says_which_file_to_mend(name, number, odd):
    suffix, content = readers.some(name, random.Random(number))
    with in_time():
        assert readers.fault(name, suffix, content if odd is None else odd) == ""


@pytest.mark.parametrize("name", readers.READERS)
def test_the_samples_themselves_are_read(name, tmp_path, monkeypatch):
    """Else the readers would refuse everything at the first look, and the tests above would try nothing."""
    suffixes, samples, read = readers.READERS[name]
    for number, sample in enumerate(samples):
        for suffix in suffixes:
            with contextlib.suppress(NeedsFixing) if (suffix, number) != (suffixes[0], 0) else contextlib.nullcontext():
                file = tmp_path / f"{number}{suffix}"
                file.write_bytes(sample)
                monkeypatch.setenv("GI_DATA", str(tmp_path / "data"))
                (tmp_path / "data").mkdir(exist_ok=True)
                read(file)


# ---------------------------------------------------------------- what the fuzzer found

@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5000], ids=["lists", "objects", "digits"])
def test_json_too_deep_or_too_long_is_told_with_its_file(content, tmp_path):
    for suffix, read in ((".jsonl", store.read), (".json", store.read_json)):
        file = tmp_path / f"a{suffix}"
        file.write_bytes(content + b"\n")
        with pytest.raises(NeedsFixing, match=f"a{suffix} is not JSON"):
            read(file)
    file = tmp_path / "b.jsonl"
    file.write_bytes(content + b'\n{"text": "\xe1\xbb\x8cj\xc3\xa0 ni."}\n')
    assert "line 1" in clean.clean_files(file, tmp_path / "kept.csv", tmp_path / "dropped.csv")["problems"][0]
    assert llm.parse_json("{" + content.decode()) is None


@pytest.mark.parametrize("given, wrong", [("[]", "object in braces"), ('{"mode": ["live"]}', "the mode"), ('{"language": 5}', "the language")])
def test_settings_of_another_kind_are_told(given, wrong, monkeypatch):
    monkeypatch.delenv("GI_MODE")
    store.write_text(given, store.data_folder() / "settings.json")
    with pytest.raises(NeedsFixing, match=wrong) as told:
        store.settings()
    assert "settings.json" in str(told.value)


def test_a_sheet_whose_parts_are_of_another_kind_is_told():
    store.write_json({"templates": ["{title}"]}, store.path("yo", "sheet.json"))
    with pytest.raises(NeedsFixing, match="templates in .*sheet.json is no list of objects"):
        readers.sheet("yo")


def test_a_table_of_thousands_of_columns_is_no_table(tmp_path):
    wide, steps = tmp_path / "wide.csv", tmp_path / "steps.jsonl"
    wide.write_text("a," * 5000 + "\n1\n")
    store.write_jsonl(({f"column {number}": 1} for number in range(5000)), steps)
    for file, read in ((wide, store.read), (wide, lambda file: list(store.read_rows(file))), (steps, store.read)):
        with pytest.raises(NeedsFixing, match=f"{file.name} has more than 1,000 columns"):
            read(file)


def test_an_open_quote_before_a_long_file_costs_one_line_and_no_time(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text('text\n"open\n' + "x y\n" * 300_000)
    problems = []
    with in_time():
        assert sum(1 for _ in clean._sources.rows(file, None, problems)) == 300_001
    assert len(problems) == 1 and problems[0].startswith(f"{file} line 2: a quote is opened and never closed") and "this line goes" in problems[0]


def test_quotes_inside_a_cell_without_quotes_are_letters_like_others(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text('text,title\nỌjà "náà,A\nkún" fún,B\nÓ dára gan.,C\n')
    problems = []
    assert [(row["text"], row["title"], row["damage"]) for row in clean._sources.rows(file, None, problems)] == \
        [('Ọjà "náà', "A", ""), ('kún" fún', "B", ""), ("Ó dára gan.", "C", "")]
    assert problems == []


def test_a_small_dump_that_unpacks_to_gigabytes_is_refused_in_little_memory(tmp_path):
    head = (readers.DUMP % "Ọjà náà kún fún ènìyàn.").encode().removesuffix(b"</mediawiki>")
    file, zeros = tmp_path / "bomb.xml.bz2", bz2.compress(b"0" * 4_000_000)
    file.write_bytes(bz2.compress(head + b"<page><text>") + zeros * 300)
    rows = []
    tracemalloc.start()
    try:
        with in_time(), pytest.raises(NeedsFixing, match="a page of it is longer than any wiki has.*the 1 articles before it are kept"):
            rows.extend(wiki_scrape.from_dump(file, "yo", workers=1))
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()
    assert not rows or rows[0]["title"] == "Ọjà"


def test_a_line_of_another_kind_in_a_journal_is_told_with_its_number(tmp_path):
    file = store.write_jsonl([{"request": "a", "ok": True, "content": "x"}, {"ok": True, "content": "x"}], tmp_path / "4_llm.jsonl")
    with pytest.raises(NeedsFixing, match="record 2 of .*4_llm.jsonl"):
        readers.journal(file)


def test_a_translation_without_one_of_its_parts_is_asked_again():
    assert readers._translating.miscounted({"question": "a", "best": "b", "best_incorrect": "c", "correct": [], "incorrect": []}, {"best": "b"}) != ""


@pytest.mark.parametrize("field, value", [("files", ["README.md"]), ("files", [{"path": 5}]), ("language", "yo"), ("license", ["a"]), ("scores", [{"ci": 1}]), ("stats", {"rows": {"a": "b"}})])
def test_an_entry_of_another_shape_is_told_and_not_listed(field, value, tmp_path):
    store.write_json({**readers.ENTRY, field: value}, tmp_path / "yor" / "yor-test-1.0.0.json")
    store.write_json([], tmp_path / "index.json")
    assert field in publish.validate(tmp_path)[0] and "yor-test-1.0.0.json" in publish.validate(tmp_path)[0]
    with pytest.raises(NeedsFixing, match="yor-test-1.0.0.json"):
        publish.rebuild(tmp_path)


@pytest.mark.parametrize("before, after", [('    data_files:\n      - split: "train"\n        path: "train.jsonl"', "    data_files: train"), ("    - name: \"train\"\n      num_examples: 1", "    - train"),
                                           ('"n<1K"', "[" * 3000), ("# T", "# T"), ('tags:\n  - "x"', "".join(f"{' ' * number}a:\n" for number in range(2000)))])
def test_a_card_of_another_shape_is_told(before, after, tmp_path):
    assert before in readers.CARD
    (tmp_path / "README.md").write_text(readers.CARD.replace(before, after))
    assert "README.md" in publish.card_faults(tmp_path, readers.ENTRY)[0] or "train" in publish.card_faults(tmp_path, readers.ENTRY)[0]


@pytest.mark.parametrize("form", ["prompt_completion", "alpaca", "sharegpt", "messages"])
def test_a_row_of_another_form_is_told_with_its_number(form):
    with pytest.raises(NeedsFixing, match=f"row 1 has not the form '{form}'"):
        list(csv_to_jsonl.from_form([{"text": "a"}], form))


def test_what_reads_files_names_them(tmp_path):
    file = tmp_path / "given.csv"
    file.write_text("a,b\n1,2\n")
    for read in (truthfulqa.questions, readers.made, readers.rated, lambda file: review.merge(tmp_path / "4_qa.csv", [file])):
        with pytest.raises(NeedsFixing, match="given.csv"):
            read(file)


def test_a_sentence_stays_one_of_readable_length():
    said = str(NeedsFixing("the file has\n" + "x, " * 5000 + "and nothing more; mend it"))
    assert "\n" not in said and len(said) < 1500 and said.startswith("the file has x") and said.endswith("; mend it")


def test_the_fuzzer_runs_without_atheris_and_says_what_it_tried():
    done = subprocess.run([sys.executable, str(Path(__file__).parent / "fuzz.py"), "--minutes", "0.02", "--reader", "forms", "--plain"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "forms" in done.stdout and "0 faults" in done.stdout, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["forms"]["inputs"] > 10


def test_ratings_of_the_web_app_are_told_by_their_entry():
    with pytest.raises(NeedsFixing, match="entry 1"):
        ratings.from_web([5])
