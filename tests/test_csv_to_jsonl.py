"""Reviewed rows become conversations, and nothing else does."""
import json
import unicodedata

import pandas as pd
import pytest

from gi_helpers import csv_to_jsonl, store
from gi_helpers.errors import NeedsFixing


def table(count=40, texts=10):
    return pd.DataFrame([{"id": f"r{n}", "passage_id": f"p{n % texts}", "question": f"Ìbéèrè {n}?", "answer": f"Ìdáhùn {n}.",
                          "status": ["accepted", "edited", "approved"][n % 3]} for n in range(count)])


def test_only_rows_that_people_kept_go_on():
    qa = table(9)
    qa["status"] = ["accepted", "edited", "approved", "generated", "needs_review", "auto_fail", "rejected", "skipped", "to_revise"]
    assert [talk["messages"][0]["content"] for talk in csv_to_jsonl.convert(qa)] == ["Ìbéèrè 0?", "Ìbéèrè 1?", "Ìbéèrè 2?"]


def test_without_a_reviewed_row_the_sentence_points_to_the_review():
    with pytest.raises(NeedsFixing, match="none of the 3 rows is reviewed; accept or edit"):
        csv_to_jsonl.convert(table(3).assign(status="generated"))


def test_the_file_is_utf8_without_mark_with_lf_and_readable_letters_in_nfc(tmp_path):
    qa = pd.DataFrame([{"question": unicodedata.normalize("NFD", "Ṣé ó dára?"), "answer": "Bẹ́ẹ̀ ni.\r\nÓ dára \"gan-an\"."}])
    raw = csv_to_jsonl.write(csv_to_jsonl.convert(qa, system="Jẹ́ olùrànlọ́wọ́."), tmp_path / "t.jsonl").read_bytes()
    assert raw.count(b"\n") == 1 and b"\r" not in raw and not raw.startswith(b"\xef\xbb\xbf")
    assert raw.decode() == ('{"messages": [{"role": "system", "content": "Jẹ́ olùrànlọ́wọ́."}, {"role": "user", "content": "Ṣé ó dára?"}, '
                            '{"role": "assistant", "content": "Bẹ́ẹ̀ ni.\\nÓ dára \\"gan-an\\"."}]}\n')


def test_rows_of_one_conversation_become_turns_of_one_talk():
    qa = pd.DataFrame([{"talk": "x", "question": "1?", "answer": "1.", "who": "Ada"}, {"talk": "", "question": "3?", "answer": "3.", "who": ""},
                       {"talk": "x", "question": "2?", "answer": "2.", "who": ""}, {"talk": "", "question": "4?", "answer": "4.", "who": ""}])
    talks = csv_to_jsonl.convert(qa, conversation="talk", name="who")
    assert [[message["content"] for message in talk["messages"]] for talk in talks] == [["1?", "1.", "2?", "2."], ["3?", "3."], ["4?", "4."]]
    assert talks[0]["messages"][0] == {"role": "user", "content": "1?", "name": "Ada"} and "name" not in talks[0]["messages"][2]


def test_any_table_is_taken_by_column_choice_and_a_wrong_choice_names_the_columns():
    qa = pd.DataFrame({"tambaya": ["Ina kwana?"], "amsa": ["Lafiya lau."]})
    assert csv_to_jsonl.convert(qa, question="tambaya", answer="amsa")[0]["messages"][1]["content"] == "Lafiya lau."
    with pytest.raises(NeedsFixing, match="no column 'question'; its columns are tambaya, amsa"):
        csv_to_jsonl.convert(qa)


def test_no_text_and_no_question_stands_on_both_sides():
    qa = table(200, texts=37)
    qa.loc[qa["id"] == "r5", "question"] = "Ìbéèrè 90?"  # the same question about another text
    train, validation = csv_to_jsonl.split(qa, 0.2, seed=3)
    assert len(train) + len(validation) == 200 and 25 <= len(validation) <= 48
    assert set(train["passage_id"]).isdisjoint(validation["passage_id"])
    assert set(train["question"]).isdisjoint(validation["question"])


def test_the_sides_do_not_depend_on_the_order_of_rows_and_change_with_the_seed():
    qa = table(100, texts=20)
    mixed = qa.sample(frac=1, random_state=1)
    sides = [sorted(csv_to_jsonl.split(rows, 0.2, seed=seed)[1]["id"]) for rows, seed in ((qa, 0), (mixed, 0), (qa, 1))]
    assert sides[0] == sides[1] != sides[2]


def test_a_table_of_one_text_keeps_it_for_training():
    train, validation = csv_to_jsonl.split(table(10, texts=1), 0.5)
    assert len(train) == 10 and len(validation) == 0


def test_the_manifest_states_counts_and_check_sums(tmp_path):
    told = csv_to_jsonl.make(table(40), tmp_path / "5_train.jsonl", tmp_path / "5_validation.jsonl", system="S", share=0.2)
    assert store.read_json(tmp_path / "5_manifest.json") == told
    for entry in told["files"]:
        file = tmp_path / entry["name"]
        assert len(list(store.read_jsonl(file))) == entry["rows"] and store.sha256(file) == entry["sha256"]
    assert sum(entry["rows"] for entry in told["files"]) == told["rows_kept"] == 40


@pytest.mark.parametrize("form", ["messages", "prompt_completion", "alpaca", "sharegpt"])
def test_each_form_can_be_read_back_without_loss(form):
    qa = pd.DataFrame([{"talk": talk, "question": f"{n} kí?", "answer": f"{n} báyìí."} for n, talk in enumerate("aabbbcd")])
    talks = csv_to_jsonl.convert(qa, system="Ṣe rere.", conversation="talk")
    rows = json.loads(json.dumps(list(csv_to_jsonl.to_form(talks, form))))
    assert list(csv_to_jsonl.from_form(rows, form)) == talks


def test_prompt_completion_has_one_row_for_each_answer():
    qa = pd.DataFrame([{"talk": "a", "question": "1?", "answer": "1."}, {"talk": "a", "question": "2?", "answer": "2."}])
    rows = list(csv_to_jsonl.to_form(csv_to_jsonl.convert(qa, conversation="talk"), "prompt_completion"))
    assert [len(row["prompt"]) for row in rows] == [1, 3] and rows[1]["completion"] == [{"role": "assistant", "content": "2."}]


def test_an_unknown_form_is_one_sentence():
    with pytest.raises(NeedsFixing, match="no form called 'csv'; choose one of messages"):
        list(csv_to_jsonl.to_form([], "csv"))


def test_a_file_is_read_row_by_row_and_gives_the_same_as_a_table(tmp_path):
    qa = table(60, texts=15).assign(question=lambda rows: rows["question"].map(lambda text: unicodedata.normalize("NFD", text)))
    source = store.write(qa, tmp_path / "4_qa.csv")
    told = [csv_to_jsonl.make(rows, tmp_path / name / "5_train.jsonl", tmp_path / name / "5_validation.jsonl", share=0.2) for rows, name in ((qa, "a"), (source, "b"))]
    assert told[0] == told[1] and 8 <= told[0]["files"][1]["rows"] <= 16


def test_the_manifest_counts_conversations_and_their_tokens(tmp_path):
    from gi_helpers import check

    qa = table(40).assign(talk=lambda rows: [f"t{n // 2}" for n in range(len(rows))], passage_id=lambda rows: [f"p{n // 2}" for n in range(len(rows))])
    told = csv_to_jsonl.make(qa, tmp_path / "5_train.jsonl", tmp_path / "5_validation.jsonl", system="Ṣe rere.", share=0.2, conversation="talk")
    assert sum(entry["rows"] for entry in told["files"]) == 20 and told["rows_kept"] == 40
    assert [entry["tokens"] for entry in told["files"]] == [check.lengths(tmp_path / entry["name"])["tokens"].sum() for entry in told["files"]]


def test_turns_of_one_talk_stay_on_one_side_also_when_their_texts_differ():
    qa = table(80, texts=80).assign(talk=[f"t{n // 4}" for n in range(80)])
    train, validation = csv_to_jsonl.split(qa, 0.25, conversation="talk")
    assert set(train["talk"]).isdisjoint(validation["talk"]) and 16 <= len(validation) <= 24


def test_a_question_in_a_column_of_another_name_also_stands_on_one_side_only(tmp_path):
    qa = pd.DataFrame([{"q": f"Ìbéèrè {n % 20}?", "a": f"Ìdáhùn {n}."} for n in range(60)])
    csv_to_jsonl.make(qa, tmp_path / "5_train.jsonl", tmp_path / "5_validation.jsonl", share=0.2, question="q", answer="a")
    asked = [{row["messages"][0]["content"] for row in store.read_jsonl(tmp_path / name)} for name in ("5_train.jsonl", "5_validation.jsonl")]
    assert asked[0].isdisjoint(asked[1]) and len(asked[1]) == 4


def test_without_a_reviewed_row_no_file_is_written(tmp_path):
    with pytest.raises(NeedsFixing, match="none of the 3 rows of the table is reviewed"):
        csv_to_jsonl.make(table(3).assign(status="generated"), tmp_path / "t.jsonl", tmp_path / "v.jsonl")
    assert not list(tmp_path.glob("*.jsonl"))


def test_half_a_character_does_not_stop_the_file(tmp_path):
    csv_to_jsonl.write(csv_to_jsonl.convert(pd.DataFrame([{"question": "a\ud83d?", "answer": "b"}], dtype=object)), tmp_path / "t.jsonl")
    assert next(store.read_jsonl(tmp_path / "t.jsonl"))["messages"][0]["content"] == "a??"
