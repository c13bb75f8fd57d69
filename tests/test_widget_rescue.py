"""The table of texts that notebook 3 put aside: reasons, pages, whole texts, and the button that brings one back."""
import pytest

from gi_helpers import clean, store
from gi_helpers.widgets import rescue_table

LONG = "Ọjà Bódìjà jẹ́ ọjà ńlá kan ní Ìbàdàn. "


@pytest.fixture
def files(tmp_path):
    words = ["ilé", "oko", "ọjà", "odò", "igi", "omi", "iná"]
    (tmp_path / "own.csv").write_bytes("\n".join(["text", *words, '""', LONG * 60, LONG * 60]).encode() + "\ncafé au lait ici\n".encode("cp1252"))
    clean.clean_files(tmp_path / "own.csv", tmp_path / "3_clean.csv", tmp_path / "3_dropped.csv", max_tokens=200)
    return tmp_path / "3_dropped.csv", tmp_path / "3_clean.csv"


def parts(view):
    """The widgets by their kind: reason, back, forward, where, told, problem, cards."""
    pager, told, problem, cards = view.children[1:]
    return (*pager.children, told, problem, cards)


def shown(cards):
    return [card.children[0].value for card in cards.children]


def test_reasons_have_counts_pages_hold_all_texts_and_each_is_whole(files):
    reason, back, forward, where, _, problem, cards = parts(rescue_table(*files))
    assert [label for label, _ in reason.options] == ["all (10)", "too short (7)", "empty (1)", "duplicate (1)", "not UTF-8 (1)"]
    assert "1 to 5 of 10 texts" in where.value and (back.disabled, forward.disabled) == (True, False)
    texts = shown(cards)
    forward.click()
    assert "6 to 10 of 10 texts" in where.value and (back.disabled, forward.disabled) == (False, True)
    texts += shown(cards)
    assert [any(f">{word}<" in text for text in texts) for word in ("ilé", "iná")] == [True, True]
    reason.value = "duplicate"
    assert len(cards.children) == 1 and LONG * 59 in shown(cards)[0] and "1 to 1 of 1" in where.value and problem.value == ""


def test_the_button_moves_a_text_and_the_chosen_reason_stays(files):
    reason, _, _, where, told, problem, cards = parts(rescue_table(*files))
    reason.value = "too short"
    cards.children[1].children[1].click()
    assert "oko" in store.read(files[1])["text"].tolist() and "oko" not in store.read(files[0])["text"].tolist()
    assert reason.value == "too short" and "of 6 texts" in where.value and "3_clean.csv now" in told.value and problem.value == ""
    counts = clean.clean_files(files[0].with_name("own.csv"), files[1], files[0], max_tokens=200)
    summary = clean.summary(counts).set_index("what")
    assert summary["rows"]["note: rescued"] == 1 and "note: too short" not in summary.index


def test_a_text_that_has_lost_letters_is_not_brought_back_and_an_error_is_a_sentence(files):
    reason, *_, problem, cards = parts(rescue_table(*files))
    reason.value = "not UTF-8"
    cards.children[0].children[1].click()
    assert "save it as &#x27;CSV UTF-8&#x27;" in problem.value and "not UTF-8" in store.read(files[0])["reason"].tolist()
    reason.value = "too short"
    files[0].unlink()
    cards.children[0].children[1].click()
    assert "Please fix:" in problem.value


def test_nothing_put_aside_is_said(tmp_path):
    store.write(store.read(rescue_file(tmp_path)).iloc[:0], tmp_path / "3_dropped.csv")
    assert "Nothing was put aside." in parts(rescue_table(tmp_path / "3_dropped.csv"))[3].value


def rescue_file(folder):
    (folder / "own.csv").write_text("text\nilé wa ni èyí\noko\n", encoding="utf-8")
    clean.clean_files(folder / "own.csv", folder / "3_clean.csv", folder / "3_dropped.csv")
    return folder / "3_dropped.csv"
