"""The editor of question-answer rows, pressed without a browser: what people do is on the disk at once."""
import asyncio
import html
import signal
import subprocess
import sys

import ipywidgets as w
import pytest

from gi_helpers import review, store
from gi_helpers.errors import NeedsFixing
from gi_helpers.widgets import editor as editor_module
from gi_helpers.widgets import passage
from gi_helpers.widgets.editor import _Editor, qa_editor

TEXT = "Ìjàpá jẹ́ ẹranko tó ń rìn díẹ̀díẹ̀. Ó ń gbé inú igbó, ó sì máa ń jẹ ewé."


def rows(n=12):
    return [{"id": f"r{number:02}", "context": TEXT, "evidence": "Ó ń gbé inú igbó", "question_llm": f"Nibo {number}?", "answer_llm": "Inú igbó.",
             "question": f"Nibo {number}?", "answer": "Inú igbó.", "flags": "", "score": "100", "status": "needs_review", "reviewer": ""} for number in range(n)]


@pytest.fixture
def file(tmp_path):
    return store.write(rows(), tmp_path / "4_qa.csv")


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def saved(file, id):
    return next(row for row in store.read(file).to_dict("records") if row["id"] == id)


def ids(editor):
    return [card.row["id"] for card in editor.cards if card.row is not None]


def press(card, status):
    card.buttons[status].click()


def test_the_cards_of_a_page_show_passage_question_and_answer(file):
    view = qa_editor(file, "Ada")
    fields = [one.value for one in walk(view) if isinstance(one, w.Textarea)]
    assert fields == [text for number in range(5) for text in (f"Nibo {number}?", "Inú igbó.")]
    shown = " ".join(one.value for one in walk(view) if isinstance(one, w.HTML))
    assert "<mark>Ó ń gbé inú igbó</mark>" in shown and "0 of 12 rows reviewed" in shown and "page 1 of 3" in shown


def test_accepting_is_on_the_disk_at_once_with_the_name(file):
    editor = _Editor(file, "Ada", 5)
    press(editor.cards[1], "accepted")
    assert (saved(file, "r01")["status"], saved(file, "r01")["reviewer"]) == ("accepted", "Ada")
    assert "Saved: accepted" in editor.cards[1].said.value and "1 of 12 rows reviewed" in editor.sentence.value and editor.bar.value == 1
    assert saved(file, "r00")["status"] == "needs_review"


def test_a_field_that_was_left_is_saved_before_any_decision(file):
    editor = _Editor(file, "", 5)
    editor.cards[0].question.value = "Níbo ni ìjàpá ń gbé?"
    found = saved(file, "r00")
    assert (found["question"], found["question_llm"], found["status"]) == ("Níbo ni ìjàpá ń gbé?", "Nibo 0?", "needs_review")
    assert "still waits" in editor.cards[0].said.value and "<del>Nibo</del>" in editor.cards[0].change.value
    assert _Editor(file, "", 5).cards[0].question.value == "Níbo ni ìjàpá ń gbé?"


def test_a_text_that_arrives_after_the_page_was_turned_goes_to_its_own_row(file):
    editor = _Editor(file, "Ada", 5)
    card, first, field = editor.cards[0], editor.ids[0], editor.cards[0].answer
    editor.turn(1)
    editor.turn(1)
    field.value = "Ó dára."  # what a slow network brings only now
    assert saved(file, first)["answer"] == "Ó dára." and card.row["id"] == editor.ids[10]
    assert card.answer.value == card.row["answer"] == saved(file, editor.ids[10])["answer"] == "Inú igbó." and "saved there" in card.said.value
    field.value = "Ó dára gan-an."  # and the next letters of it
    assert saved(file, first)["answer"] == "Ó dára gan-an."
    editor.turn(-1)
    editor.turn(-1)
    assert card.answer.value == "Ó dára gan-an." and len({id(one) for pair in card.pairs for one in pair}) == 10


def test_typing_is_saved_after_a_pause_without_leaving_the_field_and_one_undo_takes_it_back(file):
    async def people_type():
        editor.cards[0].answer.value = "Nínú"
        editor.cards[0].answer.value = "Nínú igbó"
        assert saved(file, "r00")["answer"] == "Inú igbó."
        await asyncio.sleep(0.1)
        assert saved(file, "r00")["answer"] == "Nínú igbó"
        editor.cards[0].answer.value = "Nínú igbó ni"
        editor.turn(1)  # before the pause
        assert saved(file, "r00")["answer"] == "Nínú igbó ni" and editor.page == 1
        editor.turn(-1)
        editor.cards[1].answer.value = "Ní"
        await asyncio.sleep(0.1)
        editor.cards[1].answer.value = "Níbí"
        await asyncio.sleep(0.1)
    editor = _Editor(file, "Ada", 5)
    editor_module.PAUSE, pause = 0.02, editor_module.PAUSE
    try:
        asyncio.run(people_type())
    finally:
        editor_module.PAUSE = pause
    assert saved(file, "r01")["answer"] == "Níbí"
    press(editor.cards[1], "undo")
    assert saved(file, "r01")["answer"] == "Inú igbó." == editor.cards[1].answer.value


TYPES_AND_IS_KILLED = """
import asyncio, os, signal, sys
sys.path.insert(0, {house!r})
from gi_helpers.widgets.editor import _Editor
async def people_type():
    editor = _Editor({file!r}, "Ada", 5)
    editor.cards[0].answer.value = "Nínú igb"
    editor.cards[0].answer.value = "Nínú igbó"
    editor.cards[1].question.value = "Níbo ni?"
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(people_type())
"""


def test_what_was_typed_a_moment_before_the_kernel_was_killed_is_in_its_rows_when_the_editor_opens_again(file):
    killed = subprocess.run([sys.executable, "-c", TYPES_AND_IS_KILLED.format(house=str(store.HOUSE), file=str(file))], capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert saved(file, "r00")["answer"] == "Inú igbó."
    review.Sheet(file).decide("r01", "accepted", "Obi")  # another notebook is quicker
    editor = _Editor(file, "Ada", 5)
    assert saved(file, "r00")["answer"] == editor.cards[0].answer.value == "Nínú igbó" and "row r00 before the notebook ended is saved there" in editor.recovered.value
    assert saved(file, "r01")["question"] == "Nibo 1?" and "It was: Níbo ni? / Inú igbó." in html.unescape(editor.recovered.value)
    assert [line["typed"]["question"] for line in store.read_jsonl(review.Sheet(file).log) if "typed" in line] == ["Níbo ni?"]
    assert review.undo(store.read(file), "r01", review.Sheet(file).log)["status"].tolist()[1] == "needs_review"
    assert _Editor(file, "Ada", 5).recovered.value == "" and list(file.parent.glob("*typing*.jsonl")) == []


def test_another_editor_leaves_what_is_being_typed_to_the_one_that_lives(file):
    async def people_type():
        one = _Editor(file, "Ada", 5)
        one.cards[0].answer.value = "Nínú igbó"
        other = _Editor(file, "Obi", 5)
        assert saved(file, "r00")["answer"] == "Inú igbó." and other.recovered.value == ""
        other.cards[3].answer.value = "Ilé"
        assert len(list(file.parent.glob("*typing*.jsonl"))) == 2
        one.turn(1)
        other.turn(1)
    asyncio.run(people_type())
    assert saved(file, "r00")["answer"] == "Nínú igbó" and saved(file, "r03")["answer"] == "Ilé" and list(file.parent.glob("*typing*.jsonl")) == []


@pytest.mark.parametrize("key", ["nnnnn", "p"])
def test_a_text_that_waits_for_its_pause_is_saved_when_a_key_turns_the_page(file, key):
    async def people_type():
        editor = _Editor(file, "Ada", 5)
        editor.turn(1)
        editor.cards[0].answer.value = "Nínú igbó"
        editor.keys.value = key
        assert editor.page == (2 if key[0] == "n" else 0)
    asyncio.run(people_type())
    assert saved(file, "r05")["answer"] == "Nínú igbó"


def test_the_page_stays_while_a_text_cannot_be_saved(file):
    editor = _Editor(file, "Ada", 5)
    editor.filter.value = "all"
    press(editor.cards[0], "accepted")
    editor.cards[0].answer.value = " "
    editor.turn(1)
    assert editor.page == 0 and "row r00 is not saved yet" in editor.problem.value and "has no answer" in editor.cards[0].said.value
    press(editor.cards[0], "undo")
    assert editor.cards[0].answer.value == "Inú igbó." and saved(file, "r00")["status"] == "accepted"
    editor.turn(1)
    assert editor.page == 1


def test_accepting_a_changed_text_is_an_edit_and_undo_goes_back_step_by_step(file):
    editor = _Editor(file, "Ada", 5)
    editor.cards[0].answer.value = "Nínú igbó ni."
    press(editor.cards[0], "accepted")
    assert (saved(file, "r00")["status"], saved(file, "r00")["answer_llm"]) == ("edited", "Inú igbó.")
    press(editor.cards[0], "undo")
    assert (saved(file, "r00")["status"], saved(file, "r00")["answer"]) == ("needs_review", "Nínú igbó ni.")
    press(editor.cards[0], "undo")
    assert saved(file, "r00")["answer"] == editor.cards[0].answer.value == "Inú igbó."
    press(editor.cards[0], "undo")
    assert "nothing to take back" in editor.cards[0].said.value


def test_a_rejection_needs_a_reason_and_a_decision_needs_a_name(file):
    editor = _Editor(file, "", 5)
    press(editor.cards[0], "accepted")
    assert "no name" in editor.cards[0].said.value and saved(file, "r00")["status"] == "needs_review"
    editor.who.value = "Ada"
    press(editor.cards[0], "rejected")
    assert "without a reason" in editor.cards[0].said.value
    editor.cards[0].reason.value = "unnatural"
    press(editor.cards[0], "rejected")
    assert (saved(file, "r00")["status"], saved(file, "r00")["reason"]) == ("rejected", "unnatural")


def test_no_row_slips_away_when_the_page_turns_after_decisions(file):
    editor = _Editor(file, "Ada", 5)
    seen = []
    for _ in range(3):
        for card in editor.cards:
            if card.row is not None:
                seen.append(card.row["id"])
                press(card, "accepted")
        editor.turn(1)
    assert seen == [f"r{number:02}" for number in range(12)]
    assert ids(editor) == [] and "No row is left here" in editor.turners[0][2].value


def test_filters_search_and_batches_choose_rows(file):
    table = store.read(file)
    table.loc[3, ["flags", "score"]] = ["number: 7 is not in the passage", "75"]
    table.loc[4, "status"] = "auto_fail"
    table.loc[5, "question"] = "Kí ni ẸRANKO yìí?"
    store.write(table, file)
    editor = _Editor(file, "Ada", 20)
    assert ids(editor)[0] == "r03" and "r04" not in ids(editor) and len(ids(editor)) == 11  # worst first, failed ones on request
    editor.order.value = "as in the file"
    assert ids(editor)[0] == "r00"
    editor.filter.value = "with flags"
    assert ids(editor) == ["r03"] and "number: 7" in editor.cards[0].state.value
    editor.filter.value = "failed the checks"
    assert ids(editor) == ["r04"]
    editor.filter.value = "all"
    editor.search.value = "ki ni eranko"
    assert ids(editor) == ["r05"]
    editor.search.value = "qqq"
    assert ids(editor) == [] and "No row has these words" in editor.turners[0][2].value
    editor.search.value = ""
    editor.batch.value = 1
    assert len(ids(editor)) == 12


def test_skipped_rows_are_left_to_others(file):
    editor = _Editor(file, "Ada", 5)
    press(editor.cards[0], "skipped")
    assert "r00" not in ids(_Editor(file, "Ada", 20)) and "r00" in ids(_Editor(file, "Obi", 20))


def test_the_keys_decide_in_order_even_when_several_come_in_one_message(file):
    editor = _Editor(file, "Ada", 5)
    editor.keys.value = "a"
    editor.keys.value = "aas"  # two letters came while the first was on its way
    assert [saved(file, f"r0{number}")["status"] for number in range(4)] == ["accepted", "accepted", "skipped", "needs_review"]
    editor.keys.value = "aasr"
    assert "1 language" in editor.keys_said.value and saved(file, "r03")["status"] == "needs_review"
    editor.keys.value = "aasr2"
    assert (saved(file, "r03")["status"], saved(file, "r03")["reason"]) == ("rejected", "wrong fact")
    editor.keys.value = "aasr2pu"
    assert saved(file, "r03")["status"] == "needs_review"
    editor.keys.value = "aasr2pu7"
    assert "no key" in editor.keys_said.value and "7" in editor.keys_said.value


def test_emptying_the_keys_field_decides_nothing(file):
    editor = _Editor(file, "Ada", 5)
    editor.keys.value = "aa"
    before = store.read_bytes(file)
    editor.keys.value = ""
    assert store.read_bytes(file) == before
    editor.keys.value = "a"
    assert saved(file, "r02")["status"] == "accepted"


def test_the_keys_go_on_to_the_next_page(file):
    editor = _Editor(file, "Ada", 2)
    for number in range(1, 13):
        editor.keys.value = "a" * number
    assert set(store.read(file)["status"]) == {"accepted"}
    editor.keys.value = "a" * 13
    assert set(store.read(file)["status"]) == {"accepted"}


def test_two_editors_keep_each_others_work_and_show_a_conflict(file):
    one, other = _Editor(file, "Ada", 5), _Editor(file, "Obi", 5)
    press(one.cards[0], "accepted")
    press(other.cards[1], "accepted")
    assert saved(file, "r00")["status"] == saved(file, "r01")["status"] == "accepted"
    other.cards[0].answer.value = "Nínú igbó."
    assert "Ada changed row r00 meanwhile" in html.unescape(other.cards[0].said.value) and saved(file, "r00")["answer"] == "Inú igbó."
    press(other.cards[0], "accepted")  # the same gesture does not write over it either
    assert saved(file, "r00")["answer"] == "Inú igbó." and other.cards[0].answer.value == "Nínú igbó."
    press(other.cards[0], "accepted")  # told once, the reader decides
    assert (saved(file, "r00")["answer"], saved(file, "r00")["reviewer"]) == ("Nínú igbó.", "Obi")


def test_after_a_conflict_undo_takes_their_row(file):
    one, other = _Editor(file, "Ada", 5), _Editor(file, "Obi", 5)
    one.cards[0].reason.value = "other"
    press(one.cards[0], "rejected")
    press(other.cards[0], "accepted")
    press(other.cards[0], "undo")
    assert other.cards[0].reason.value == "other" and "rejected" in other.cards[0].state.value
    assert saved(file, "r00")["status"] == "rejected"


def test_the_table_view_edits_many_rows_in_place(file):
    editor = _Editor(file, "Ada", 5)
    editor.look.value = "table"
    assert len(ids(editor)) == 12
    editor.cards[7].answer.value = "Nínú igbó."
    press(editor.cards[7], "accepted")
    press(editor.cards[11], "accepted")
    assert (saved(file, "r07")["status"], saved(file, "r11")["status"]) == ("edited", "accepted")
    editor.look.value = "cards"
    assert len(ids(editor)) == 5


def test_a_second_reader_approves_or_sends_back(file):
    table = store.read(file)
    for number in range(12):
        table = review.decide(table, f"r{number:02}", "accepted", reviewer="Ada")
    store.write(table, file)
    editor = _Editor(file, "Obi", 5)
    editor.filter.value = "second reading"
    assert len(ids(editor)) == 2 and editor.cards[0].buttons["accepted"].description == "Approve"
    first, second = ids(editor)
    press(editor.cards[0], "accepted")
    editor.cards[1].reason.value = "tone marks"
    press(editor.cards[1], "rejected")
    assert (saved(file, first)["status"], saved(file, first)["reviewer"], saved(file, first)["second_reviewer"]) == ("approved", "Ada", "Obi")
    assert saved(file, second)["status"] == "to_revise"
    editor.who.value = "Ada"
    assert ids(editor) == []


def test_markup_in_rows_is_shown_and_never_run(tmp_path):
    evil = "<img src=x onerror=alert(1)>"
    row = {**rows(1)[0], **dict.fromkeys(("id", "context", "evidence", "flags", "score", "reviewer", "question"), evil), "url": 'javascript:alert("1")'}
    view = qa_editor(store.write([row], tmp_path / "4_qa.csv"), evil)
    shown = " ".join(one.value for one in walk(view) if isinstance(one, w.HTML))
    assert "<img" not in shown and "javascript:" not in shown and "&lt;img" in shown


def test_a_table_with_only_four_columns_can_be_reviewed(tmp_path):
    file = store.write([{"id": "1", "question": "Kini?", "answer": "Ile", "status": ""}], tmp_path / "4_qa.csv")
    editor = _Editor(file, "Ada", 5)
    press(editor.cards[0], "accepted")
    assert saved(file, "1")["status"] == "accepted"


def test_a_table_without_rows_and_a_missing_file_say_what_to_do(tmp_path):
    file = store.write(store.read(store.write(rows(1), tmp_path / "a.csv")).iloc[:0], tmp_path / "4_qa.csv")
    assert "Draft some in notebook 4" in _Editor(file, "Ada", 5).turners[0][2].value
    with pytest.raises(NeedsFixing, match="is not there"):
        qa_editor(tmp_path / "none.csv")


def test_every_control_has_a_name_for_screen_readers(file):
    fields = [one for one in walk(qa_editor(file, "Ada")) if isinstance(one, (w.Text, w.Textarea, w.Dropdown, w.Combobox, w.Button, w.BoundedIntText, w.IntProgress))]
    assert len(fields) > 30 and all(one.description for one in fields)


def test_the_reader_s_time_is_counted_without_breaks(file):
    editor = _Editor(file, "Ada", 5)
    editor.clock -= 20
    press(editor.cards[0], "accepted")
    editor.clock -= 5000
    press(editor.cards[1], "accepted")
    assert int(saved(file, "r00")["seconds"]) in (20, 21) and saved(file, "r01")["seconds"] == "600"


def test_an_unexpected_error_is_shown_and_the_editor_goes_on(file, monkeypatch):
    editor = _Editor(file, "Ada", 5)
    with monkeypatch.context() as patch:
        patch.setattr(editor.sheet, "decide", lambda *_, **__: 1 / 0)
        press(editor.cards[0], "accepted")
    assert "ZeroDivisionError" in editor.cards[0].said.value
    press(editor.cards[0], "accepted")
    assert saved(file, "r00")["status"] == "accepted"


# ---------------------------------------------------------------- the passage

@pytest.mark.parametrize("evidence, marked", [
    ("o\u0323\u0300san", "ọ̀san"),            # accents coded apart
    ("ILÉ   ìwé", "Ilé\nìwé"),                # capitals and blanks
    ('"mo wá"', "“mo wá”"),                   # quotation marks
    ("osan ... mo wa", None),                 # in parts, and without accents
    ("Ilé ìwé.", "Ilé\nìwé"),                 # a full stop that the text does not have
])
def test_evidence_is_found_although_it_is_written_otherwise(evidence, marked):
    found, whole = passage.marked("<i>Ní ọ̀san, Ilé\nìwé: ó ní “mo wá” & lọ <b>.", evidence)
    assert whole and found.startswith("&lt;i&gt;Ní ") and "&amp; lọ &lt;b&gt;." in found
    if marked:
        assert f"<mark>{marked}</mark>" in found
    else:
        assert found.count("<mark>") == 2 and "<mark>ọ̀san</mark>" in found and "<mark>mo wá</mark>" in found


def test_evidence_that_is_not_there_is_said():
    shown = passage.passage(TEXT, "Ìjàpá ń fò")
    assert "<mark>" not in shown and "not in the text: Ìjàpá ń fò" in shown


def test_a_long_text_shows_the_evidence_first_and_the_rest_behind_a_fold():
    shown = passage.passage("Ó dára. " * 300 + "Ìjàpá ń sùn. " + "Ó tún dára. " * 300, "Ìjàpá ń sùn")
    excerpt, _, whole = shown.partition("<details>")
    assert "<mark>Ìjàpá ń sùn</mark>" in excerpt and len(excerpt) < 900 and len(whole) > 5000 and excerpt.count("…") == 2


def test_the_letters_are_those_of_the_corpus_and_only_where_keyboards_lack_them():
    assert passage.letters(["Ẹ kú ọ̀sán, ṣé dáadáa ni?"]) == ["á", "é", "ẹ", "ọ̀", "ṣ", "ú"]
    assert passage.letters(["ɓaɗi ƙasa"]) == ["ƙ", "ɓ", "ɗ"]
    assert passage.letters(["يعيش في الغابة", "ကျွန်တော်", "привет"]) == []
    assert 'aria-label="insert ṣ"' in passage.palette(["ṣ"]) and passage.palette([]) == ""
