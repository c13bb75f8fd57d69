"""What people decide about rows: nothing of theirs is lost, and what the model wrote stays."""
import csv
import json
import random

import pandas as pd
import pytest

from gi_helpers import review, store
from gi_helpers._decision import distance
from gi_helpers.errors import NeedsFixing
from gi_helpers.widgets import conflicts

ROW = {"question": "Ki ni oruko re?", "answer": "Orúkọ mi ni Adé.", "question_llm": "Ki ni oruko re?", "answer_llm": "Orúkọ mi ni Adé.", "flags": "",
       "status": "needs_review", "reviewer": "", "reviewed_at": "", "reason": ""}


def table(n=3, **more):
    return pd.DataFrame([{"id": f"r{number}", **ROW, **more} for number in range(n)])


def row(qa, id="r0"):
    return qa[qa["id"] == id].iloc[0].to_dict()


@pytest.fixture
def file(tmp_path):
    return store.write(table(), tmp_path / "4_qa.csv")


# ---------------------------------------------------------------- one decision

def test_accepting_changes_one_row_of_a_new_table_and_says_who_and_when():
    qa = table()
    before = qa.copy()
    new = review.decide(qa, "r1", "accepted", reviewer=" Ada ")
    pd.testing.assert_frame_equal(qa, before)
    found = row(new, "r1")
    assert (found["status"], found["reviewer"], found["reason"]) == ("accepted", "Ada", "")
    assert found["reviewed_at"].startswith("20") and found["reviewed_at"].endswith("Z")
    assert list(new.columns) == [*qa.columns, "letters_changed", "seconds", "second_reviewer", "second_at"]
    pd.testing.assert_frame_equal(new[new["id"] != "r1"][list(qa.columns)], before[before["id"] != "r1"])


def test_a_changed_text_is_an_edit_and_the_models_text_stays_beside_it():
    found = row(review.decide(table(), "r0", "accepted", reviewer="Ada", question="Kí ni orúkọ rẹ?"))
    assert (found["status"], found["question"], found["question_llm"]) == ("edited", "Kí ni orúkọ rẹ?", "Ki ni oruko re?")
    assert found["letters_changed"] == "4"


def test_an_edit_without_a_change_is_an_acceptance_and_typing_an_accent_otherwise_is_no_change():
    assert row(review.decide(table(), "r0", "edited", reviewer="Ada"))["status"] == "accepted"
    apart = "Oru\u0301ko\u0323  mi ni Ade\u0301.\n"
    found = row(review.decide(table(), "r0", "edited", reviewer="Ada", answer=apart))
    assert found["status"] == "accepted" and found["letters_changed"] == "0"


def test_letters_are_kept_in_one_form():
    assert row(review.decide(table(), "r0", "edited", reviewer="Ada", answer="e\u0323\u0301 \r\n"))["answer"] == "ẹ́"


def test_an_edit_stays_an_edit_when_it_is_accepted_later():
    qa = review.decide(table(), "r0", "edited", reviewer="Ada", answer="Adé ni.")
    assert row(review.decide(qa, "r0", "accepted", reviewer="Obi"))["status"] == "edited"


def test_a_mistake_can_be_mended_and_the_old_reason_goes():
    qa = review.decide(table(), "r0", "rejected", reviewer="Ada", reason="unnatural")
    assert row(qa)["reason"] == "unnatural"
    found = row(review.decide(qa, "r0", "accepted", reviewer="Ada"))
    assert (found["status"], found["reason"]) == ("accepted", "")


@pytest.mark.parametrize("call, words", [
    (("r9", "accepted", {}), "no row has the id 'r9'"),
    (("r0", "good", {}), "no status 'good'; choose from accepted"),
    (("r0", "needs_review", {}), "no status 'needs_review'"),
    (("r0", "accepted", {"reviewer": "  "}), "no name"),
    (("r0", "rejected", {}), "without a reason"),
    (("r0", "rejected", {"reason": "  "}), "without a reason"),
    (("r0", "edited", {"answer": " "}), "has no answer"),
    (("r0", "approved", {}), "row r0 is needs_review"),
])
def test_what_is_no_decision_is_said_in_a_sentence(call, words):
    id, status, more = call
    with pytest.raises(NeedsFixing, match=words):
        review.decide(table(), id, status, **{"reviewer": "Ada", **more})


def test_an_id_that_stands_twice_is_refused():
    with pytest.raises(NeedsFixing, match="2 rows have the id 'r0'"):
        review.decide(pd.concat([table(), table()]), "r0", "accepted", reviewer="Ada")


def test_a_table_with_only_four_columns_gets_the_others():
    qa = pd.DataFrame({"id": [7, 8], "question": ["Kini?", "Tani?"], "answer": ["Ile", "Ade"], "status": ["draft", "draft"]})
    new = review.decide(qa, 7, "edited", reviewer="Ada", question="Kí ni?")
    assert new.loc[0, ["question", "question_llm", "answer_llm", "status", "reviewer"]].tolist() == ["Kí ni?", "Kini?", "Ile", "edited", "Ada"]
    assert new.loc[1, ["question_llm", "status", "reviewer"]].tolist() == ["Tani?", "draft", ""]
    assert qa.columns.tolist() == ["id", "question", "answer", "status"]


def test_empty_columns_of_numbers_as_pandas_reads_them_take_a_decision():
    qa = table().assign(reviewer=float("nan"), reason=float("nan"), letters_changed=0)
    found = row(review.decide(qa, "r0", "rejected", reviewer="Ada", reason="other"))
    assert (found["reviewer"], found["reason"]) == ("Ada", "other")


def test_a_table_without_an_answer_column_is_named():
    with pytest.raises(NeedsFixing, match="no column 'answer'; its columns are id"):
        review.progress(table()[["id", "question", "status"]])


# ---------------------------------------------------------------- the second reader

def test_a_second_reader_approves_or_sends_back_and_the_first_one_stays_named():
    qa = review.decide(table(), "r0", "accepted", reviewer="Ada")
    found = row(review.decide(qa, "r0", "approved", reviewer="Obi"))
    assert (found["status"], found["reviewer"], found["second_reviewer"]) == ("approved", "Ada", "Obi")
    back = review.decide(qa, "r0", "to_revise", reviewer="Obi", reason="tone marks")
    assert (row(back)["status"], row(back)["reason"]) == ("to_revise", "tone marks")
    again = row(review.decide(back, "r0", "edited", reviewer="Ada", answer="Adé ni orúkọ mi."))
    assert (again["status"], again["second_reviewer"]) == ("edited", "")


def test_nobody_is_his_own_second_reader():
    qa = review.decide(table(), "r0", "accepted", reviewer="Ada")
    with pytest.raises(NeedsFixing, match="must be somebody else"):
        review.decide(qa, "r0", "approved", reviewer="ada")


def test_an_approval_that_changes_the_text_is_a_new_first_reading():
    qa = review.decide(table(), "r0", "accepted", reviewer="Ada")
    found = row(review.decide(qa, "r0", "approved", reviewer="Obi", answer="Adé ni."))
    assert (found["status"], found["reviewer"], found["second_reviewer"]) == ("edited", "Obi", "")


def test_second_readers_get_a_tenth_and_every_heavy_edit_and_not_their_own_rows():
    qa = table(40)
    for number in range(30):
        qa = review.decide(qa, f"r{number}", "accepted", reviewer="Ada" if number % 2 else "Obi")
    qa = review.decide(qa, "r5", "edited", reviewer="Ada", question="Nǹkan mìíràn pátápátá?", answer="Ẹ̀bà.")
    chosen = review.second_readers(qa)
    assert "r5" in chosen["id"].tolist() and 3 <= len(chosen) <= 4
    assert chosen["id"].tolist() == review.second_readers(qa)["id"].tolist()
    assert set(review.second_readers(qa, 1.0, reader="ADA")["reviewer"]) == {"Obi"}
    assert len(review.second_readers(qa, 1.0)) == 30


def test_agreement_counts_the_rows_that_were_read_twice():
    qa = table(4)
    assert review.agreement(qa)["n"] == 0
    for number, status in enumerate(["approved", "approved", "to_revise"]):
        qa = review.decide(qa, f"r{number}", "accepted", reviewer="Ada")
        qa = review.decide(qa, f"r{number}", status, reviewer="Obi", reason="x")
    found = review.agreement(qa)
    assert (found["n"], found["agreed"]) == (3, 2) and "agreed with 2 of them (67%)" in found["sentence"]


# ---------------------------------------------------------------- keep and undo

def test_a_text_without_a_decision_is_kept_and_the_row_still_waits():
    found = row(review.keep(table(), "r0", question="Kí ni?"))
    assert (found["question"], found["status"], found["question_llm"], found["reviewer"]) == ("Kí ni?", "needs_review", "Ki ni oruko re?", "")


def test_writing_in_an_accepted_row_makes_it_an_edit_that_needs_a_name():
    qa = review.decide(table(), "r0", "accepted", reviewer="Ada")
    assert row(review.keep(qa, "r0", answer="Adé.", reviewer="Obi"))["status"] == "edited"
    with pytest.raises(NeedsFixing, match="no name"):
        review.keep(qa, "r0", answer="Adé.")


def test_undo_without_a_log_goes_back_to_what_the_model_wrote():
    qa = review.decide(table(), "r0", "edited", reviewer="Ada", answer="Adé.")
    found = row(review.undo(qa, "r0"))
    assert (found["status"], found["answer"], found["reviewer"], found["reviewed_at"]) == ("needs_review", ROW["answer"], "", "")


# ---------------------------------------------------------------- numbers

def test_progress_says_how_far_and_how_well():
    qa = table(10)
    for number, (status, text, reason, seconds) in enumerate([("accepted", None, "", 20), ("accepted", None, "", 30), ("edited", "Kí ni orúkọ rẹ?", "", 60),
                                                              ("rejected", None, "language", 10), ("skipped", None, "", 5)]):
        qa = review.decide(qa, f"r{number}", status, reviewer="Ada" if number else "Obi", question=text, reason=reason, seconds=seconds)
    found = review.progress(qa)
    assert (found["rows"], found["reviewed"], found["left"], found["accepted"], found["edited"], found["rejected"], found["skipped"]) == (10, 4, 6, 2, 1, 1, 1)
    assert (found["accept_share"], found["edit_share"], found["reject_share"]) == (0.5, 0.25, 0.25)
    assert found["edit_rate"] == pytest.approx(1 / 3) and found["letters_changed"] == 4 and found["seconds_a_row"] == 25
    assert found["readers"] == {"Ada": 3, "Obi": 1}
    assert found["sentence"] == ("4 of 10 rows reviewed: 2 accepted, 1 edited, 1 rejected; people changed 33% of the rows they kept; "
                                 "the middle edit changed 4 letters (13%); 25 seconds a row.")


def test_an_approved_edit_still_counts_as_an_edit():
    qa = review.decide(table(2), "r0", "edited", reviewer="Ada", answer="Adé.")
    qa = review.decide(qa, "r0", "approved", reviewer="Obi")
    found = review.progress(qa)
    assert (found["edit_rate"], found["edit_share"], found["approved"]) == (1.0, 1.0, 1)


def test_progress_of_an_empty_or_untouched_table_has_no_rates():
    found = review.progress(table())
    assert found["edit_rate"] is None and found["sentence"] == "0 of 3 rows reviewed: 0 accepted, 0 edited, 0 rejected."
    assert review.progress(table(0).reindex(columns=["id", *ROW]))["rows"] == 0


def test_the_letter_distance_is_the_edit_distance():
    def slow(one, other):
        line = list(range(len(other) + 1))
        for i, a in enumerate(one, 1):
            new = [i]
            for j, b in enumerate(other, 1):
                new.append(min(line[j] + 1, new[-1] + 1, line[j - 1] + (a != b)))
            line = new
        return line[-1]

    dice = random.Random(4)
    for _ in range(300):
        one, other = ("".join(dice.choices("aẹọs", k=dice.randrange(14))) for _ in range(2))
        assert distance(one, other) == slow(one, other)
    assert distance("ẹ̀ọ́", "eo") == 2  # an accent on a letter is one change, however it is coded


# ---------------------------------------------------------------- the rehearsal

def test_the_pretend_reader_accepts_half_of_the_clean_rows_and_edits_none(tmp_path):
    qa = table(20)
    qa.loc[0:3, "flags"] = "number: 7 is not in the passage"
    qa = review.decide(qa, "r4", "rejected", reviewer="Ada", reason="other")
    qa = review.keep(qa, "r5", answer="Adé.")
    file = store.write(qa, tmp_path / "4_qa.csv")
    found = review.rehearse(file)
    new = store.read(file)
    pretend = new[new["reviewer"] == "practice"]
    assert len(pretend) == 7 and set(pretend["status"]) == {"accepted"} and set(pretend["flags"]) == {""}
    assert row(new, "r4")["status"] == "rejected" and row(new, "r5")["status"] == "needs_review"
    assert "PRACTICE: 7 of these were decided by the pretend reader" in found["sentence"] and found["edit_rate"] is None
    assert new[["question", "answer"]].equals(qa[["question", "answer"]])


def test_rehearsing_twice_changes_nothing_more(tmp_path):
    file = store.write(table(9), tmp_path / "4_qa.csv")
    review.rehearse(file)
    once = store.read_bytes(file)
    review.rehearse(file)
    assert store.read_bytes(file) == once


def test_live_there_is_no_pretend_reader(file, monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    before = store.read_bytes(file)
    with pytest.raises(NeedsFixing, match="practice mode only"):
        review.rehearse(file)
    assert store.read_bytes(file) == before


# ---------------------------------------------------------------- spreadsheets

def copy_of(file, name, **cells):
    """A copy that a person filled in: cells as r0_answer="..."."""
    given = store.read(review.export(file))
    for cell, value in cells.items():
        id, column = cell.split("_", 1)
        given.loc[given["id"] == id, column] = value
    return store.write(given, file.with_name(f"{name}.csv"))


def test_two_peoples_copies_come_back_by_row(file):
    ada = copy_of(file, "ada", r0_status="accepted", r0_reviewer="Ada")
    obi = copy_of(file, "obi", r1_answer="Adé ni orúkọ mi.", r1_status="Edit", r2_status="REJECTED", r2_reason="unnatural")
    found = review.merge(file, {"Ada A.": ada, "Obi": obi})
    assert set(found["what"]) == {"taken"}
    new = store.read(file)
    assert new["status"].tolist() == ["accepted", "edited", "rejected"] and new["reviewer"].tolist() == ["Ada", "Obi", "Obi"]
    assert row(new, "r1")["answer_llm"] == ROW["answer"] and row(new, "r2")["reason"] == "unnatural"
    assert len(review.merge(file, {"Ada A.": ada, "Obi": obi})) == 0  # once more: nothing is left to bring


def test_a_conflict_is_shown_side_by_side_and_written_by_nobody(file):
    ada = copy_of(file, "ada", r0_answer="Adé.", r0_status="edited")
    obi = copy_of(file, "obi", r0_answer="Orúkọ mi: Adé.", r0_status="edited")
    found = review.merge(file, [ada, obi])
    conflict = found[found["what"] == "conflict"].iloc[0]
    assert (conflict["id"], conflict["copy"], conflict["field"]) == ("r0", "obi", "answer")
    assert (conflict["before"], conflict["now"], conflict["theirs"]) == (ROW["answer"], "Adé.", "Orúkọ mi: Adé.")
    assert row(store.read(file))["answer"] == "Adé."
    assert "Orúkọ mi: Adé." in store.read_text(file.with_name("4_qa_conflicts.csv"))


def test_a_conflict_is_settled_by_choosing_a_side_and_the_table_says_whose_it_is(file):
    ada = copy_of(file, "ada", r0_answer="Adé.", r0_status="edited", r1_status="accepted")
    obi = copy_of(file, "Obi", r0_answer="Orúkọ mi: Adé.", r0_status="edited", r1_status="rejected", r1_reason="unnatural")
    review.merge(file, [ada, obi])
    assert [(one["id"], one["copy"], [field["now"] for field in one["fields"]][0]) for one in review.conflicts(file)] == [("r0", "Obi", "Adé."), ("r1", "Obi", "accepted")]
    review.settle(file, "r1", "Obi", take=False)
    desk = conflicts._Desk(file)
    assert "<ins>mi:</ins>" in desk.theirs.value and "<del>Orúkọ" in desk.ours.value and "1 conflict is open" in desk.where.value
    desk.take.click()
    new = store.read(file)
    assert (row(new)["answer"], row(new)["reviewer"], row(new)["status"]) == ("Orúkọ mi: Adé.", "Obi", "edited") and row(new, "r1")["status"] == "accepted"
    assert review.conflicts(file) == [] and desk.take.disabled and not file.with_name("4_qa_conflicts.csv").exists()
    with pytest.raises(NeedsFixing, match="no conflict about row r0"):
        review.settle(file, "r0", "Obi", take=True)


def test_a_settled_conflict_does_not_come_back_with_the_same_copy_but_a_new_text_is_a_new_one(file):
    ada = copy_of(file, "ada", r0_answer="Adé.", r0_status="edited")
    obi = copy_of(file, "obi", r0_answer="Orúkọ mi: Adé.", r0_status="edited")
    review.merge(file, [ada, obi])
    review.settle(file, "r0", "obi", take=False)
    assert len(review.merge(file, [ada, obi])) == 0 and review.conflicts(file) == [] and row(store.read(file))["answer"] == "Adé."
    given = store.read(obi)
    given.loc[given["id"] == "r0", "answer"] = "Adé ni."
    assert review.merge(file, [store.write(given, obi)])["theirs"].tolist() == ["Adé ni."]
    assert [one["fields"][0]["now"] for one in review.conflicts(file)] == ["Adé."]


def test_what_the_team_decided_meanwhile_is_not_written_over(file):
    obi = copy_of(file, "obi", r0_status="rejected", r0_reason="other", r1_status="accepted")
    store.write(review.decide(store.read(file), "r0", "edited", reviewer="Ada", answer="Adé."), file)
    found = review.merge(file, [obi])
    assert found["what"].tolist() == ["conflict", "conflict", "taken"]
    new = store.read(file)
    assert (row(new)["status"], row(new)["answer"], row(new)["reviewer"]) == ("edited", "Adé.", "Ada") and row(new, "r1")["status"] == "accepted"


def test_without_knowing_what_was_given_out_an_untouched_side_still_yields(file):
    obi = copy_of(file, "obi", r0_answer="Adé.", r0_status="edited")
    file.with_name("4_qa_given_out.csv").unlink()
    store.write(review.decide(store.read(file), "r1", "accepted", reviewer="Ada"), file)
    assert set(review.merge(file, [obi])["what"]) == {"taken"}
    assert store.read(file)["status"].tolist() == ["edited", "accepted", "needs_review"]


def test_a_sheet_of_an_earlier_week_does_not_bring_old_text_back(file):
    old = copy_of(file, "old", r1_status="accepted")
    store.write(review.decide(store.read(file), "r0", "edited", reviewer="Ada", answer="Adé."), file)
    review.export(file)  # a second giving-out, of the table as it is now
    for name in ("given_out", None):
        given = store.read(old) if name else store.read(old).drop(columns="given_out")
        found = review.merge(file, {"Obi": store.write(given, old)})
        assert set(found["id"]) <= {"r1"}
        assert row(store.read(file))["answer"] == "Adé." and row(store.read(file), "r1")["status"] == "accepted"


def test_deleted_rows_stay_and_unknown_ids_are_named(file):
    given = store.read(copy_of(file, "obi", r2_status="accepted")).iloc[2:]
    extra = pd.concat([given, given.assign(id="zzz", question_llm="?", status="accepted")])
    found = review.merge(file, [store.write(extra, file.with_name("obi.csv"))])
    assert len(store.read(file)) == 3 and found["what"].tolist() == ["taken", "left out"]
    assert found.iloc[1]["id"] == "zzz" and "no row has this id" in found.iloc[1]["field"]


def test_a_row_whose_id_the_spreadsheet_turned_into_a_number_is_found_by_the_models_text(tmp_path):
    qa = table(2)
    qa.loc[0, ["id", "question_llm"]] = ["12e456789012", "Ta ni?"]
    file = store.write(qa, tmp_path / "4_qa.csv")
    obi = store.read(review.export(file)).assign(status="accepted")
    obi.loc[0, "id"] = "1.20E+457"
    found = review.merge(file, [store.write(obi, tmp_path / "obi.csv")])
    assert set(found["what"]) == {"taken"} and store.read(file)["status"].tolist() == ["edited", "accepted"]


def test_a_renamed_column_and_a_windows_file_are_refused_before_anything_is_written(file):
    before = store.read_bytes(file)
    good = copy_of(file, "good", r0_status="accepted")
    renamed = store.write(store.read(file).rename(columns={"answer": "Antwort"}), file.with_name("renamed.csv"))
    with pytest.raises(NeedsFixing, match="no column 'answer' .its columns: .*Antwort"):
        review.merge(file, [good, renamed])
    windows = file.with_name("windows.csv")
    windows.write_bytes("id,question,answer,status\nr0,Kí ni?,Adé,accepted\n".encode("cp1252"))
    with pytest.raises(NeedsFixing, match="not UTF-8"):
        review.merge(file, [good, windows])
    assert store.read_bytes(file) == before


def test_capitals_and_semicolons_of_a_spreadsheet_are_understood(file):
    rows = [["ID", "Question ", "answer", "Status", "reason"], ["r0", ROW["question"], ROW["answer"], "Accept", ""]]
    path = file.with_name("ada.csv")
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows(rows)
    assert review.merge(file, [path])["what"].tolist() == ["taken"]
    assert (row(store.read(file))["status"], row(store.read(file))["reviewer"]) == ("accepted", "ada")


def test_letters_that_became_question_marks_are_not_taken_for_an_edit(file):
    obi = copy_of(file, "obi", r0_answer="Or?k? mi ni Ad?.", r0_status="edited")
    found = review.merge(file, [obi])
    assert found["what"].tolist() == ["left out"] and "question marks" in found.iloc[0]["field"]
    assert row(store.read(file))["answer"] == ROW["answer"]


def test_a_rejection_without_reason_and_an_unknown_status_are_left_out_with_a_sentence(file):
    obi = copy_of(file, "obi", r0_status="rejected", r1_status="perfect")
    found = review.merge(file, [obi])
    assert "without a reason" in found.iloc[0]["field"] and "no status 'perfect'" in found.iloc[1]["field"]
    assert set(store.read(file)["status"]) == {"needs_review"}


def test_formulas_are_neutral_in_the_sheet_and_whole_again_afterwards(tmp_path):
    file = store.write(table(1, answer="=1+1", answer_llm="=1+1"), tmp_path / "4_qa.csv")
    sheet = review.export(file)
    assert sheet.read_bytes().startswith(b"\xef\xbb\xbf") and "'=1+1" in sheet.read_text("utf-8-sig")
    given = store.read(sheet).assign(status="accepted")
    review.merge(file, {"Ada": store.write(given, tmp_path / "ada.csv")})
    assert (row(store.read(file))["answer"], row(store.read(file))["status"]) == ("=1+1", "accepted")


# ---------------------------------------------------------------- the file

def test_a_sheet_writes_the_same_file_as_the_store_would(tmp_path):
    odd = 'Ó wí pé: "Ẹ kú\n""\nìrọ̀lẹ́", ó sì lọ;'
    qa = table(5, context=odd)
    file = store.write(qa, tmp_path / "4_qa.csv")
    sheet = review.Sheet(file)
    sheet.decide("r1", "accepted", "Ada")
    sheet.decide("r3", "edited", "Ada", answer=odd)
    again = review.decide(review.decide(qa, "r1", "accepted", reviewer="Ada"), "r3", "edited", reviewer="Ada", answer=odd)
    again["reviewed_at"] = store.read(file)["reviewed_at"]
    assert store.read_bytes(file) == store.read_bytes(store.write(again, tmp_path / "again.csv"))


def test_a_file_of_another_hand_is_written_in_our_form(tmp_path):
    file = tmp_path / "4_qa.csv"
    file.write_bytes("\ufeffid,question,answer,status\r\n7,Kí ni?,\"Ilé\r\nni\",x\r\n8,b,c,x\r\n".encode())
    review.Sheet(file).decide("7", "accepted", "Ada")
    found = store.read(file)
    assert found["answer"].tolist() == ["Ilé\nni", "c"] and found["status"].tolist() == ["accepted", "x"] and found["question_llm"][0] == "Kí ni?"


def test_two_sheets_on_one_file_keep_each_others_work_and_refuse_to_write_over_it(file):
    one, other = review.Sheet(file), review.Sheet(file)
    seen = other.row("r0")
    one.decide("r0", "accepted", "Ada")
    other.decide("r1", "accepted", "Obi")
    with pytest.raises(NeedsFixing, match="Ada changed row r0 meanwhile: it is accepted"):
        other.decide("r0", "rejected", "Obi", seen=seen, reason="other")
    assert store.read(file)["status"].tolist() == ["accepted", "accepted", "needs_review"]


def test_undo_takes_back_one_step_at_a_time_and_never_somebody_elses(file):
    one, other = review.Sheet(file), review.Sheet(file)
    before = store.read(file)
    one.decide("r0", "edited", "Ada", answer="Adé.")
    one.decide("r1", "accepted", "Ada")
    assert one.undo()["status"] == "needs_review"
    other.decide("r0", "rejected", "Obi", reason="other")
    with pytest.raises(NeedsFixing, match="Obi changed row r0"):
        one.undo("r0")
    other.undo()
    one.undo("r0")
    assert one.undo() is None
    pd.testing.assert_frame_equal(store.read(file)[list(before.columns)], before)


def test_every_change_stands_in_the_log_and_undo_can_use_it_in_another_session(file):
    sheet = review.Sheet(file)
    sheet.decide("r0", "rejected", "Ada", reason="other")
    sheet.decide("r0", "accepted", "Obi")
    lines = [json.loads(line) for line in sheet.log.read_text("utf-8").splitlines()]
    assert [(line["by"], line["before"]["status"], line["after"]["status"]) for line in lines] == [("Ada", "needs_review", "rejected"), ("Obi", "rejected", "accepted")]
    found = row(review.undo(store.read(file), "r0", sheet.log))
    assert (found["status"], found["reviewer"], found["reason"]) == ("rejected", "Ada", "other")


def test_rows_drafted_meanwhile_are_not_lost(file):
    sheet = review.Sheet(file)
    store.collect(iter([{"id": "new", **ROW}]), file)
    sheet.decide("r0", "accepted", "Ada")
    assert store.read(file)["id"].tolist() == ["r0", "r1", "r2", "new"] and store.read(file)["status"][0] == "accepted"
