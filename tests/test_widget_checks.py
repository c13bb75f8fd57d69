"""The table of problems, filtered and clicked without a browser."""
import json

import ipywidgets as w
import pytest

from gi_helpers import check, store, widgets
from gi_helpers.widgets import views
from gi_helpers.widgets.checks import check_table


def talk(question, answer):
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


@pytest.fixture
def file(tmp_path):
    rows = [talk("Kí ni ẹ̀bà?", "<b>Oúnjẹ</b> ni ẹ̀bà."), talk("Kí ni iyán?", " Oúnjẹ ni iyán."), talk("Kí ni ìlù?", "As an AI, I cannot say."), {"messages": []}]
    return store.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows) + "{\n", tmp_path / "yo" / "5_train.jsonl")


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def of(kind, table):
    return [one for one in walk(table) if isinstance(one, kind)]


def lines(table):
    """The buttons of problems that are shown."""
    return [one for one in of(w.Button, table) if one.description not in ("Previous", "Next") and one.layout.display != "none"]


def shown(table):
    return " ".join(one.value for one in of(w.HTML, table)[1:])


def choose(table, what, value):
    next(one for one in of(w.Dropdown, table) if one.description == what).value = value


def test_every_problem_has_a_line_and_severity_and_code_filter_them(file):
    found = check.problems(file)
    table = check_table(file, found, per_page=50)
    assert len(lines(table)) == len(found) and f"1 to {len(found)} of {len(found)}" in shown(table)
    choose(table, "Severity", "E")
    assert {one.description[:5] for one in lines(table)} == {"E F06", "E L10", "E S01", "E Z01"}
    choose(table, "Code", "L10")
    assert [one.description[:14] for one in lines(table)] == ["E L10 · line 3"]
    choose(table, "Severity", "W")  # a code that is not there any more falls back to all
    assert {one.description[0] for one in lines(table)} == {"W"}


def test_a_click_shows_the_row_the_fix_and_marks_the_message(file):
    table = check_table(file, check.problems(file), per_page=50)
    choose(table, "Code", "L12")
    lines(table)[0].click()
    text = shown(table)
    assert "What to do: use the repaired file" in text and "Kí ni iyán?" in text and "<mark> Oúnjẹ ni iyán.</mark>" in text and "line 2" in text


def test_mark_up_in_a_row_is_shown_and_never_run(file):
    table = check_table(file, check.problems(file), per_page=50)
    choose(table, "Code", "L08")
    lines(table)[0].click()
    assert "&lt;b&gt;Oúnjẹ&lt;/b&gt;" in shown(table) and "<b>" not in shown(table)


def test_a_line_that_cannot_be_read_and_one_without_messages_say_so(file):
    table = check_table(file, check.problems(file), per_page=50)
    choose(table, "Code", "F06")
    lines(table)[0].click()
    assert "line 5 of 5_train.jsonl cannot be shown: not JSON" in shown(table)
    choose(table, "Code", "S01")
    lines(table)[0].click()
    assert "line 4" in shown(table)


def test_pages_turn_and_stop_at_both_ends(file):
    found = check.problems(file)
    table = check_table(file, found, per_page=3)
    back, forward = [next(one for one in of(w.Button, table) if one.description == words) for words in ("Previous", "Next")]
    assert back.disabled and len(lines(table)) == 3
    seen = [one.description for one in lines(table)]
    while not forward.disabled:
        forward.click()
        seen += [one.description for one in lines(table)]
    assert len(seen) == len(set(seen)) == len(found)
    back.click()
    assert not forward.disabled


def test_the_kept_table_is_taken_and_without_one_a_check_is_made(file):
    assert len(lines(check_table(file, per_page=50))) == len(check.problems(file))
    kept = check.problems(file).query("code == 'L10'")
    store.write(kept, file.with_name("6_problems.csv"))
    assert len(lines(check_table(file))) == 1


def test_a_file_without_problems_says_so(file):
    assert "Nothing is wrong" in shown(check_table(file, check.problems(file).head(0)))


def test_what_must_be_mended_comes_first_and_the_verdict_says_so(file):
    found = check.problems(file)
    assert [one.description[0] for one in lines(check_table(file, found, per_page=50))] == sorted(found["severity"], key="EWI".index)
    assert check.verdict(found).startswith("NOT READY: 4 errors must be mended before training: ") and "L10 a refusal" in check.verdict(found)
    assert check.verdict(found[found["severity"] == "I"]) == "Nothing must be mended before training; no warning."


def test_a_conversation_shows_who_says_what_and_never_runs_it(file):
    words = shown(widgets.conversation(file, 1))
    assert "line 1 of 5_train.jsonl" in words and ">user<" in words and "&lt;b&gt;Oúnjẹ&lt;/b&gt; ni ẹ̀bà." in words


def test_the_sample_marks_what_is_learned(file):
    words = shown(widgets.learned({"trained_on": 0.41, "rows": 8, "tokens": 100, "longest": 20, "left_out": 2, "cut": 1, "not_learned": "Kí ni <ẹ̀bà>?", "learned": "Oúnjẹ.</s>"}))
    assert "Trained on 41% of tokens, in 8 rows" in words and "2 rows are left out" in words and "Kí ni &lt;ẹ̀bà&gt;?<mark>Oúnjẹ.&lt;/s&gt;</mark>" in words


def test_the_live_curve_is_drawn_at_once_and_then_not_too_often(monkeypatch):
    shown_now, clock = [], [0.0]
    monkeypatch.setattr(views, "display", shown_now.append)
    monkeypatch.setattr(views.time, "monotonic", lambda: clock[0])
    watch = widgets.live_curve()
    assert "The curve comes here" in shown(shown_now[0])
    for step, now in ((1, 0.0), (2, 0.5), (3, 2.0)):
        clock[0] = now
        watch([{"step": one, "train_loss": 3.0 - one / 2, "valid_loss": 2.5 if one == 3 else ""} for one in range(1, step + 1)])
        assert ("step 2:" in shown(shown_now[0])) is False
    assert len(shown_now) == 1 and "step 3: loss 1.500, on validation 2.500" in shown(shown_now[0]) and "data:image/png;base64,iVBOR" in shown(shown_now[0])


def test_a_record_is_told_in_words_and_not_in_braces(tmp_path):
    file = store.write_json({"base_model": "x", "system": "", "practice": True, "settings": {"n_epochs": "auto", "seed": 0}, "rows": 1200}, tmp_path / "7_model.json")
    words = shown(widgets.record(file))
    assert "base model: x" in words and "practice: yes" in words and "settings: n epochs auto, seed 0" in words and "rows: 1,200" in words and "{" not in words and "system" not in words
