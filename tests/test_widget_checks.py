"""The table of problems, filtered and clicked without a browser."""
import json

import ipywidgets as w
import pytest

from gi_helpers import check, store
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
