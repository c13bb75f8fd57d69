"""The rating desk, pressed without a browser."""
import ipywidgets as w
import pandas as pd

from gi_helpers import ratings, store
from gi_helpers.widgets.desk import rating_desk

PAIRS = pd.DataFrame([{"item": f"i{n}", "question": f"Ìbéèrè {n}", "base": "B", "tuned": "T", "answer_base": "<b>kò</b>", "answer_tuned": "ó dára"} for n in range(2)])


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def press(desk, words):
    next(one for one in walk(desk) if isinstance(one, w.Button) and one.description == words).click()


def shown(desk):
    return " ".join(one.value for one in walk(desk) if isinstance(one, w.HTML))


def test_a_choice_is_on_disk_at_once_and_the_next_pair_comes(tmp_path):
    file = tmp_path / "9b_ratings.csv"
    desk = rating_desk(PAIRS, file, "Ada")
    assert "Ìbéèrè 0" in shown(desk) and "0 of 2 rated" in shown(desk)
    press(desk, "Left is better")
    row = store.read(file).to_dict("records")[0]
    assert (row["item"], row["rater"], row["choice"]) == ("i0", "Ada", "left")
    assert row["left"] == {"base": "B", "tuned": "T"}[ratings.sides("i0", "Ada")[0]]
    assert "Ìbéèrè 1" in shown(desk)
    press(desk, "Equal")
    assert "you have rated all of them" in shown(desk)
    assert "Ìbéèrè 0" in shown(rating_desk(PAIRS, file, "Obi"))


def test_nothing_tells_whose_answer_it_is_and_markup_in_answers_is_inert(tmp_path):
    text = shown(rating_desk(PAIRS, tmp_path / "r.csv", "Ada"))
    assert "tuned" not in text and "base" not in text and "&lt;b&gt;kò&lt;/b&gt;" in text


def test_without_a_name_the_desk_says_so_and_keeps_nothing(tmp_path):
    desk = rating_desk(PAIRS, tmp_path / "r.csv")
    press(desk, "Equal")
    assert "has no name" in shown(desk) and not (tmp_path / "r.csv").exists()


def test_an_answer_is_copied_to_be_edited_and_an_unchanged_copy_is_no_edit(tmp_path):
    file = tmp_path / "r.csv"
    desk = rating_desk(PAIRS, file, "Ada")
    press(desk, "Edit the left answer")
    field = next(one for one in walk(desk) if isinstance(one, w.Textarea))
    left = {"base": "<b>kò</b>", "tuned": "ó dára"}[ratings.sides("i0", "Ada")[0]]
    assert field.value == left
    press(desk, "Left is better")
    press(desk, "Edit the right answer")
    field.value += " púpọ̀"
    press(desk, "Right is better")
    assert [text.endswith(" púpọ̀") for text in store.read(file)["edited"]] == [False, True] and store.read(file)["edited"][0] == ""


def test_what_was_typed_stays_when_the_name_is_mended(tmp_path):
    desk = rating_desk(PAIRS, tmp_path / "r.csv", "Ad")
    name = next(one for one in walk(desk) if isinstance(one, w.Text) and one.value == "Ad")
    field, note = next(one for one in walk(desk) if isinstance(one, w.Textarea)), next(one for one in walk(desk) if isinstance(one, w.Text) and one.description == "Note")
    field.value, note.value = "Ó dára púpọ̀.", "x"
    name.value = "Ada"
    assert (field.value, note.value) == ("Ó dára púpọ̀.", "x")
    press(desk, "Left is better")
    assert store.read(tmp_path / "r.csv")[["rater", "edited", "note"]].values.tolist() == [["Ada", "Ó dára púpọ̀.", "x"]] and (field.value, note.value) == ("", "")
