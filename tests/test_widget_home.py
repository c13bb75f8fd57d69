"""The first widgets that a person meets: language, mode, and the map of the road."""
import os

import ipywidgets as w
import pytest

from gi_helpers import store, widgets
from gi_helpers.widgets import views


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def one(widget, kind, description=None):
    return next(found for found in walk(widget) if isinstance(found, kind) and description in (None, found.description))


def shown(widget):
    return " ".join(found.value for found in walk(widget) if isinstance(found, w.HTML))


def test_a_language_is_chosen_by_any_of_its_names_and_remembered(monkeypatch):
    monkeypatch.setenv("GI_LANGUAGE", "yo")
    picker = widgets.language_picker()
    one(picker, w.Combobox).value = "igbo"
    assert store.settings()["language"] == "ig" and "Chosen: Igbo" in shown(picker)
    one(picker, w.Combobox).value = "Urdu"
    assert store.settings()["language"] == "ur" and "right to left" in shown(picker) and "none yet" in shown(picker)


def test_an_unknown_language_is_a_sentence_in_the_widget_and_the_choice_stays():
    picker = widgets.language_picker()
    one(picker, w.Combobox).value = "Klingonish"
    assert "Please fix: no language called" in shown(picker) and store.settings()["language"] == "yo"


def test_going_live_without_a_contact_says_why_one_is_needed(monkeypatch):
    monkeypatch.delenv("GI_MODE")
    picker = widgets.mode_picker()
    one(picker, w.ToggleButtons).value = "live"
    assert "10 requests a minute" in shown(picker) or "contact" in shown(picker)
    one(picker, w.Text, "Contact").value = "team@example.org"
    assert "Please fix" not in shown(picker) and store.settings()["mode"] == "live" and store.settings()["contact"] == "team@example.org"


def test_the_map_tells_each_stages_state_and_the_next_thing_to_do():
    assert "Next: open 1_wiki_scrape." in shown(views.stages()) and "PRACTICE" in shown(views.stages())
    store.write([{"id": "1", "text": "x"}], store.path("yo", "1_wiki_scrape.csv"))
    store.write([{"id": str(n), "status": "accepted" if n < 12 else "needs_review"} for n in range(480)], store.path("yo", "4_qa.csv"))
    assert "12 of 480 rows reviewed" in shown(views.stages()) and "Next: open 2_bbc_scrape." in shown(views.stages())


def test_a_key_is_never_shown_or_kept(monkeypatch, capsys):
    monkeypatch.setenv("GI_MODE", "live")
    monkeypatch.setattr("getpass.getpass", lambda prompt: "sk-averysecretkeyindeed")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    widgets.ask_key()
    assert os.environ["OPENAI_API_KEY"] == "sk-averysecretkeyindeed" and "secret" not in capsys.readouterr().out
    folder = store.data_folder()
    assert not any("averysecret" in file.read_text() for file in folder.rglob("*") if file.is_file())
    monkeypatch.delenv("OPENAI_API_KEY")


def test_text_from_outside_is_shown_and_never_run(tmp_path):
    file = store.write([{"id": "1", "title": "<b>x</b>", "text": "<script>alert(1)</script>"}], tmp_path / "a.csv")
    assert "&lt;script&gt;" in shown(views.sample(file)) and "<script>" not in shown(views.sample(file)).replace("<style>", "")


def test_a_file_that_is_not_there_yet_is_said_gently(tmp_path, capsys):
    assert views.look(tmp_path / "4_qa.csv") is None and "is not there yet. Run the step above first" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["curve", "sample", "record"])
def test_views_of_missing_files_do_not_stop_run_all(tmp_path, name):
    assert getattr(views, name)(tmp_path / "x.json" if name == "record" else tmp_path / "x.csv") is None


def test_without_anybody_to_type_a_key_the_sentence_says_where_to_set_it(monkeypatch):
    def nobody(prompt):
        raise RuntimeError("getpass was called, but this frontend does not support input requests.")

    monkeypatch.setenv("GI_MODE", "live")
    monkeypatch.setattr("getpass.getpass", nobody)
    with pytest.raises(store.NeedsFixing, match="there is no OPENAI_API_KEY; set it in the environment"):
        widgets.ask_key()
