"""Files are whole or absent, rows are never lost, and errors are one sentence."""
import os
import signal
import subprocess
import sys
import textwrap
import threading

import pandas as pd
import pytest

from gi_helpers import store
from gi_helpers.errors import NeedsFixing

YORUBA = "Ẹ káàárọ̀, ṣé dáadáa ni? ọjọ́"


def test_words_like_NA_and_numbers_like_007_come_back_as_they_were(tmp_path):
    rows = [{"id": "007", "text": "NA"}, {"id": "null", "text": YORUBA}]
    assert store.read(store.write(rows, tmp_path / "a.csv")).to_dict("records") == rows


def test_a_lone_carriage_return_does_not_split_a_row(tmp_path):
    file = store.write([{"id": "1", "text": "one\rtwo\r\nthree\x00\x07"}], tmp_path / "a.csv")
    assert store.read(file).to_dict("records") == [{"id": "1", "text": "one\ntwo\nthree"}]
    assert list(store.read_rows(file)) == [{"id": "1", "text": "one\ntwo\nthree"}]


def test_a_lone_surrogate_is_replaced_and_missing_values_are_empty(tmp_path):
    table = pd.DataFrame({"id": ["1", "2"], "text": ["a\ud800b", None], "n": [1, 2]}, dtype=object)  # with pyarrow, pandas' own strings refuse such a half
    assert store.read(store.write(table, tmp_path / "a.csv")).to_dict("records") == [
        {"id": "1", "text": "a\ufffdb", "n": "1"}, {"id": "2", "text": "", "n": "2"}]


def test_a_field_of_200_000_characters_survives(tmp_path):
    long = "ọ̀" * 100_000
    file = store.write([{"id": "1", "text": long}], tmp_path / "a.csv")
    assert store.read(file)["text"][0] == long and next(store.read_rows(file))["text"] == long


def test_a_semicolon_table_of_a_spreadsheet_is_understood(tmp_path):
    (tmp_path / "a.csv").write_text('id;text\n1;"ó; dára"\n', encoding="utf-8-sig")
    assert store.read(tmp_path / "a.csv").to_dict("records") == [{"id": "1", "text": "ó; dára"}]


@pytest.mark.parametrize(("content", "sentence"), [
    ("id,text\n1,ọ".encode("cp1252", "replace") + b"\xe9", "not UTF-8; open it in the spreadsheet"),
    (b'id,text\n1,"open quote\n2,x\n', "is damaged"),
    (b"id,text\n1,x\n2,x,y,z\n", "line 3"),
])
def test_an_unreadable_table_is_one_sentence(tmp_path, content, sentence):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(NeedsFixing, match=sentence) as caught:
        store.read(tmp_path / "a.csv")
    assert "\n" not in str(caught.value)


def test_an_absent_file_says_which_notebook_to_run(tmp_path):
    with pytest.raises(NeedsFixing, match="3_clean.csv is not there; run the notebook that writes it"):
        store.read(tmp_path / "3_clean.csv")


def test_a_failed_write_leaves_the_old_file_and_no_leftover(tmp_path):
    file = store.write([{"id": "old"}], tmp_path / "a.csv")

    def rows():
        yield {"id": "new"}
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        store.write_jsonl(rows(), file)
    assert store.read(file)["id"].tolist() == ["old"]
    assert [name for name in os.listdir(tmp_path) if name.endswith(".tmp")] == []


def test_a_folder_without_write_permission_is_one_sentence(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", str(tmp_path / "a.csv"))

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(NeedsFixing, match="no permission for .*GI_DATA"):
        store.write([{"id": "1"}], tmp_path / "a.csv")


def test_a_full_disk_is_one_sentence_and_what_was_kept_stays(tmp_path):
    with store.append(tmp_path / "j.jsonl") as journal:
        journal.write({"id": "1"})
        real = journal.stream

        class Full:
            def write(self, line):
                return real.write(line[: len(line) // 2])
            def __getattr__(self, name):
                return getattr(real, name)

        journal.stream = Full()
        with pytest.raises(NeedsFixing, match="the disk is full"):
            journal.write({"id": "2", "text": YORUBA})
        journal.stream = real
        journal.write({"id": "3"})
    assert [row["id"] for row in store.read_jsonl(tmp_path / "j.jsonl")] == ["1", "3"]


def test_a_torn_last_line_is_moved_aside_when_the_journal_is_opened(tmp_path):
    file = tmp_path / "j.jsonl"
    file.write_bytes(b'{"id": "1"}\n{"id": "2", "te')
    assert [row["id"] for row in store.read_jsonl(file)] == ["1"]
    with store.append(file) as journal:
        journal.write({"id": "3"})
    assert [row["id"] for row in store.read_jsonl(file)] == ["1", "3"]
    assert (tmp_path / "j.jsonl.torn").read_bytes() == b'{"id": "2", "te'


def test_a_damaged_line_in_the_middle_is_named(tmp_path):
    (tmp_path / "j.jsonl").write_bytes(b'{"id": "1"}\nnonsense\n{"id": "3"}\n')
    with pytest.raises(NeedsFixing, match="line 2 of .*j.jsonl is not JSON"):
        list(store.read_jsonl(tmp_path / "j.jsonl"))


def test_collect_goes_on_where_it_stopped_and_never_does_a_row_twice(tmp_path):
    file, asked = tmp_path / "a.csv", []
    texts = pd.DataFrame({"id": ["a", "b", "c", "d"]})

    def work(todo, stop_after=99):
        for number, key in enumerate(todo["id"]):
            if number == stop_after:
                raise KeyboardInterrupt
            asked.append(key)
            yield {"id": key, "answer": key.upper()}

    with pytest.raises(KeyboardInterrupt):
        store.collect(work(store.missing(texts, file), stop_after=2), file)
    table = store.collect(work(store.missing(texts, file)), file)
    assert asked == ["a", "b", "c", "d"]
    assert table["answer"].tolist() == ["A", "B", "C", "D"]
    assert not (tmp_path / "a.csv.partial.jsonl").exists()


def test_collect_never_writes_over_a_row_that_people_may_have_changed(tmp_path):
    file = store.write([{"id": "a", "answer": "mended by a person"}], tmp_path / "a.csv")
    table = store.collect(iter([{"id": "a", "answer": "from the model"}, {"id": "b", "answer": "new"}]), file)
    assert table.to_dict("records") == [{"id": "a", "answer": "mended by a person"}, {"id": "b", "answer": "new"}]


def test_rows_kept_before_a_kill_are_there_afterwards(tmp_path):
    code = f"""
        import os, sys
        sys.path.insert(0, {str(store.HOUSE)!r})
        from gi_helpers import store
        def rows():
            for n in range(5):
                yield {{"id": str(n), "text": "ọ̀rọ̀"}}
            print("ready", flush=True)
            import time; time.sleep(60)
        store.collect(rows(), {str(tmp_path / "a.csv")!r})
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert child.stdout.readline().strip() == "ready"
    child.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    child.wait()
    child.stdout.close()
    assert not (tmp_path / "a.csv").exists()
    assert store.read(tmp_path / "a.csv")["id"].tolist() == ["0", "1", "2", "3", "4"]
    assert store.collect(iter([{"id": "5", "text": "x"}]), tmp_path / "a.csv")["id"].tolist() == ["0", "1", "2", "3", "4", "5"]


def test_a_second_notebook_on_the_same_job_is_refused_in_one_sentence(tmp_path):
    inside, leave = threading.Event(), threading.Event()

    def slow():
        yield {"id": "1"}
        inside.set()
        leave.wait(20)

    first = threading.Thread(target=store.collect, args=(slow(), tmp_path / "a.csv"))
    first.start()
    inside.wait(20)
    try:
        with pytest.raises(NeedsFixing, match="a.csv is in use by another notebook"):
            store.collect(iter([{"id": "2"}]), tmp_path / "a.csv")
    finally:
        leave.set()
        first.join()
    assert store.read(tmp_path / "a.csv")["id"].tolist() == ["1"]


def test_a_spreadsheet_file_has_no_formula_and_comes_back_exactly(tmp_path):
    rows = [{"id": "1", "text": "=HYPERLINK(1)"}, {"id": "2", "text": "'=1"}, {"id": "3", "text": "'tis"}, {"id": "4", "text": "-5"},
            {"id": "5", "text": "@x"}, {"id": "6", "text": YORUBA}]
    file = store.for_people(rows, tmp_path / "a.csv")
    raw = file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and b'"=' not in raw and b'"-' not in raw and b'"@' not in raw
    assert store.from_people(file).to_dict("records") == rows


def test_ids_are_short_and_stable():
    assert store.short_hash("yo", 12) == store.short_hash("yo", "12") == "d399efd8b5c8"
    assert store.short_hash("yo", 12) != store.short_hash("yo1", "2")


def test_a_rehearsal_and_real_work_never_share_a_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GI_DATA", str(tmp_path))
    monkeypatch.setenv("GI_MODE", "practice")
    store.write([{"id": "practice"}], store.path("yo", "1_wiki_scrape.csv"))
    assert (tmp_path / "yo" / "PRACTICE.txt").exists()
    monkeypatch.setenv("GI_MODE", "live")
    live = store.write([{"id": "real"}], store.path("yo", "1_wiki_scrape.csv"))
    assert live == tmp_path / "yo" / "1_wiki_scrape.csv" and not (tmp_path / "yo" / "PRACTICE.txt").exists()
    assert store.read(tmp_path / "yo-practice" / "1_wiki_scrape.csv")["id"].tolist() == ["practice"]
    monkeypatch.setenv("GI_MODE", "practice")
    assert store.path("yo", "1_wiki_scrape.csv").parent == tmp_path / "yo-practice"
    assert store.read(live)["id"].tolist() == ["real"]


def test_settings_are_remembered_and_keys_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("GI_DATA", str(tmp_path))
    store.remember(language="ig", contact="team@example.org")
    store.remember(model="gpt-6-luna")
    assert store.settings()["language"] == "ig" and store.settings()["contact"] == "team@example.org"
    with pytest.raises(NeedsFixing, match="is not kept in a file"):
        store.remember(contact="sk-abcdefghijklmnop")
    monkeypatch.setenv("GI_MODE", "rehearsal")
    with pytest.raises(NeedsFixing, match="the mode is 'rehearsal'"):
        store.settings()


def test_a_csv_whose_columns_are_parted_by_tabs_is_read(tmp_path):
    (tmp_path / "t.csv").write_text("question\tbest, or right\nKí ni?\tÓ dára; púpọ̀, gan\n", encoding="utf-8")
    assert store.read(tmp_path / "t.csv").to_dict("records") == [{"question": "Kí ni?", "best, or right": "Ó dára; púpọ̀, gan"}]
