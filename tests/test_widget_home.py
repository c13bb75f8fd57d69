"""The first widgets that a person meets: language, mode, and the map of the road."""
import json
import os
import re
import sys
import time
import types

import ipywidgets as w
import pytest

from gi_helpers import store, widgets, wiki_scrape
from gi_helpers.widgets import colab, home, views, words


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def one(widget, kind, description=None):
    return next(found for found in walk(widget) if isinstance(found, kind) and description in (None, found.description))


def shown(widget):
    return " ".join(found.value for found in walk(widget) if isinstance(found, w.HTML))


def counted(picker):
    """Wait for the tokens of a word, which are counted beside the widget."""
    end = time.monotonic() + 30
    while "counting" in shown(picker):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_language_is_chosen_by_any_of_its_names_and_remembered(monkeypatch):
    monkeypatch.setenv("GI_LANGUAGE", "yo")
    picker = widgets.language_picker()
    one(picker, w.Combobox).value = "igbo"
    assert store.settings()["language"] == "ig" and "Chosen: Igbo" in shown(picker)
    one(picker, w.Combobox).value = "Urdu"
    assert store.settings()["language"] == "ur" and "right to left" in shown(picker) and "none yet" in shown(picker)


def test_the_card_tells_what_a_team_wants_to_know_first(monkeypatch):
    picker = widgets.language_picker()
    assert "Wikipedia: about " in shown(picker) and "script: Latin (Latn), written left to right" in shown(picker)
    assert "BBC: yoruba." in shown(picker) and "36 articles, 14 news stories, 40 questions" in shown(picker) and "a draft is there" in shown(picker)
    counted(picker)
    tokens = re.search(r"about (\d\.\d) in the practice texts", shown(picker))
    assert 1.8 < float(tokens[1]) < 3.2
    one(picker, w.Combobox).value = "Ewe"
    assert "BBC: none, so notebook 2 can be skipped" in shown(picker) and "none yet; your team writes one" in shown(picker)
    counted(picker)
    assert "known when you have texts" in shown(picker)
    store.write([{"id": "1", "text": "Ŋdi na mi, aleke nèle?"}], store.data_folder() / "ee" / "1_wiki_scrape.csv")
    one(picker, w.Combobox).value = "Yoruba"
    one(picker, w.Combobox).value = "ee"
    counted(picker)
    assert "in your articles" in shown(picker)


@pytest.mark.parametrize("typed, code", [("yo", "yo"), ("YOR", "yo"), ("yoruba", "yo"), ("Yorùbá", "yo"), ("YORÙBÁ", "yo"), ("evegbe", "ee"), ("Eʋegbe", "ee"),
                                         ("kiswahili", "sw"), ("العربية", "ar"), ("Soomaali", "so"), ("Hausa (ha)", "ha")])
def test_a_language_is_found_with_or_without_marks(typed, code):
    picker = widgets.language_picker()
    one(picker, w.Combobox).value = typed
    assert store.settings()["language"] == code


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


def test_the_map_follows_the_choice_of_a_language_at_once(monkeypatch):
    table, picker = views.stages(), widgets.language_picker()
    store.write([{"id": "1", "text": "x"}], store.path("ig", "1_wiki_scrape.csv"))
    one(picker, w.Combobox).value = "Igbo"
    assert "Igbo (ig), practice" in shown(table) and "1 articles" in shown(table) and "<tr class=gi-next><th scope='row'>· 2_bbc" in shown(table)
    one(picker, w.Combobox).value = "Swahili"
    assert "no practice texts in this language: choose live, or ha, ig, pcm, yo" in shown(table)
    one(picker, w.Combobox).value = "ig"
    store.write([{"id": str(n), "text": "x"} for n in range(5)], store.path("ig", "1_wiki_scrape.csv"))
    one(table, w.Button, "Look again").click()
    assert "5 articles" in shown(table)


def test_the_map_tells_of_a_language_without_news_and_of_rows_that_wait(monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    monkeypatch.setenv("GI_LANGUAGE", "ee")
    store.write([{"id": "1", "text": "x"}], store.path("ee", "1_wiki_scrape.csv"))
    assert "no service in this language: skip" in shown(views.stages()) and "Next: open 3_clean." in shown(views.stages())
    store.write([{"id": "1", "text": "x"}], store.path("ee", "3_clean.csv"))
    store.write([{"id": "2", "text": "", "reason": "empty"}], store.path("ee", "3_dropped.csv"))
    store.write([{"id": "1", "status": "edited"}, {"id": "2", "status": "generated"}], store.path("ee", "4_qa.csv"))
    store.write_json({"backend": "lora", "base_model": "tiny/one"}, store.path("ee", "7_model.json"))
    said = shown(views.stages())
    assert "1 clean texts, 1 left out" in said and "Next: open 5_csv_to_jsonl. 1 rows still wait for a reader in 4b_review." in said and "model: tiny/one" in said
    assert "PRACTICE" not in said and said.count("<th scope='row'>") == 13


def test_the_widgets_of_the_first_notebook_speak_french():
    widgets.speak("fr")
    try:
        picker, mode = widgets.language_picker(), widgets.mode_picker()
        one(picker, w.Combobox, "Langue").value = "Hausa"
        assert "Langue choisie : Hausa (ha)." in shown(picker) and "de gauche à droite" in shown(picker) and "Practice : une répétition" in shown(mode)
        assert "À faire : ouvrez 1_wiki_scrape." in shown(views.stages()) and "Étape" in shown(views.stages())
    finally:
        widgets.speak("en")
    assert one(widgets.language_picker(), w.Combobox, "Language")


def test_every_sentence_keeps_its_values_in_french():
    for english, french in words.FRENCH.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", french)), english


def test_a_key_is_in_no_saved_state_of_a_widget_and_in_no_log(monkeypatch, caplog, capsys):
    monkeypatch.setenv("GI_MODE", "live")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-averysecretkeyindeed")
    monkeypatch.setenv("GI_CONTACT", "team@example.org")
    caplog.set_level("DEBUG")
    shows = [widgets.language_picker(), widgets.mode_picker(), views.stages(), widgets.ask_key(), repr(home.start())]
    state = json.dumps([found.get_state(drop_defaults=False) for show in shows if isinstance(show, w.Widget) for found in walk(show)], default=str)
    assert len(state) > 2000 and "averysecret" not in state + caplog.text + capsys.readouterr().out + repr(shows)


def test_a_key_in_the_field_of_the_contact_is_refused_and_wiped(monkeypatch):
    picker = widgets.mode_picker()
    one(picker, w.Text).value = "sk-averysecretkeyindeed"
    assert "not kept in a file" in shown(picker) and one(picker, w.Text).value == ""
    assert not any("averysecret" in file.read_text() for file in store.data_folder().rglob("*") if file.is_file())


def test_a_key_is_never_shown_or_kept(monkeypatch, capsys):
    monkeypatch.setenv("GI_MODE", "live")
    monkeypatch.setattr("getpass.getpass", lambda prompt: "sk-averysecretkeyindeed")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    widgets.ask_key()
    assert os.environ["OPENAI_API_KEY"] == "sk-averysecretkeyindeed" and "secret" not in capsys.readouterr().out
    folder = store.data_folder()
    assert not any("averysecret" in file.read_text() for file in folder.rglob("*") if file.is_file())
    monkeypatch.delenv("OPENAI_API_KEY")


class Secrets(types.ModuleType):
    """A stand-in of google.colab with one secret and a Drive that is mounted or not."""

    def __init__(self, monkeypatch, tmp_path, **secrets):
        super().__init__("google.colab")
        self.userdata = types.SimpleNamespace(get=lambda name: secrets[name])  # an absent one raises, as on Colab
        monkeypatch.setitem(sys.modules, "google.colab", self)
        monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
        monkeypatch.setattr(colab, "DRIVE", tmp_path / "content" / "drive" / "MyDrive")
        monkeypatch.setattr(store, "shipped", lambda *parts, real=store.HOUSE: real.joinpath("data", *parts))
        monkeypatch.setattr(store, "HOUSE", tmp_path / "content" / "globalinstruct")
        monkeypatch.delenv("GI_DATA")
        monkeypatch.delenv("GI_MODE")


def test_colabs_secret_is_taken_before_anybody_is_asked(monkeypatch, tmp_path, capsys):
    Secrets(monkeypatch, tmp_path, OPENAI_API_KEY="sk-fromcolabsecrets123")
    monkeypatch.setenv("GI_MODE", "live")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    monkeypatch.setattr("getpass.getpass", lambda prompt: pytest.fail("asked"))
    widgets.ask_key()
    said = capsys.readouterr().out
    assert os.environ["OPENAI_API_KEY"] == "sk-fromcolabsecrets123" and "Colab's secrets" in said and "sk-" not in said
    monkeypatch.setenv("OPENAI_API_KEY", "")
    monkeypatch.setattr(sys.modules["google.colab"].userdata, "get", lambda name: (_ for _ in ()).throw(TimeoutError("no access")))
    monkeypatch.setattr("getpass.getpass", lambda prompt: "")
    widgets.ask_key()
    assert "still empty" in capsys.readouterr().out


def test_in_colab_the_files_follow_into_a_mounted_drive_and_a_restart_loses_nothing(monkeypatch, tmp_path, capsys):
    Secrets(monkeypatch, tmp_path)
    home.start()
    assert "Mount Drive" in capsys.readouterr().out
    store.remember(language="ha")
    store.write([{"id": "1", "text": "Sannu"}], store.path("ha", "1_wiki_scrape.csv"))
    colab.DRIVE.mkdir(parents=True)
    for _ in range(2):  # the second time is after a restart of the runtime: its environment is new
        monkeypatch.delenv("GI_DATA", raising=False)
        now = home.start()
        assert now.code == "ha" and now.path("1_wiki_scrape.csv") == colab.DRIVE / "GlobalInstruct" / "ha" / "1_wiki_scrape.csv"
        assert store.read(now.path("1_wiki_scrape.csv"))["text"].tolist() == ["Sannu"]
    said = capsys.readouterr().out
    assert said.count("Copied to Drive: ha.") == 1 and "Mount Drive" not in said
    assert sorted(place.name for place in (colab.DRIVE / "GlobalInstruct").iterdir() if place.name[0] != ".") == ["ha", "settings.json"]


def test_work_in_colab_never_writes_over_what_is_in_drive(monkeypatch, tmp_path):
    Secrets(monkeypatch, tmp_path)
    there = store.write([{"id": "1", "text": "old"}], colab.DRIVE / "GlobalInstruct" / "yo" / "1_wiki_scrape.csv")
    store.write([{"id": "1", "text": "new"}], store.data_folder() / "yo" / "1_wiki_scrape.csv")
    assert colab.use_drive() == ["Copied to Drive: yo-from-colab."]
    assert store.read(there)["text"].tolist() == ["old"]
    assert store.read(colab.DRIVE / "GlobalInstruct" / "yo-from-colab" / "1_wiki_scrape.csv")["text"].tolist() == ["new"]


def test_in_colab_the_graphics_card_and_a_wrong_ipywidgets_are_told(monkeypatch, tmp_path):
    assert colab.about() == []
    Secrets(monkeypatch, tmp_path)
    monkeypatch.setattr(colab.lora, "machine", lambda: {"gpu": "Tesla T4"})
    monkeypatch.setattr(colab.w, "__version__", "8.1.9")
    assert colab.about()[0] == "GPU: Tesla T4." and "ipywidgets 7 only" in colab.about()[-1]
    monkeypatch.setattr(colab.lora, "machine", lambda: {"gpu": ""})
    monkeypatch.setattr(colab.w, "__version__", "7.7.1")
    assert "GPU: none" in colab.about()[0] and not any("ipywidgets" in line for line in colab.about())


def test_text_from_outside_is_shown_and_never_run(tmp_path):
    file = store.write([{"id": "1", "title": "<b>x</b>", "text": "<script>alert(1)</script>"}], tmp_path / "a.csv")
    assert "&lt;script&gt;" in shown(views.sample(file)) and "<script>" not in shown(views.sample(file)).replace("<style>", "")


def test_ten_texts_by_chance_are_shown_by_their_first_letters(tmp_path):
    many = store.write([{"id": str(number), "title": f"P{number}", "text": "ọ̀rọ̀ " * 90} for number in range(12)], tmp_path / "many.csv")
    ten = shown(views.sample(many, 10, letters=60))
    assert len(set(re.findall(r"P\d+ \(90 words\)", ten))) == 10 and ten.count(" …") == 10 and "…" not in shown(views.sample(many))


def test_the_lines_of_a_poem_are_seen(tmp_path):
    poem = store.write([{"id": "1", "title": "Oríkì", "url": "", "text": "Ìjímèrè arinkorò,\nàkàndà ẹranko\n\nẸsẹ kejì"}], tmp_path / "1_wiki_scrape.csv")
    assert "Ìjímèrè arinkorò,\nàkàndà ẹranko</div>" in shown(views.sample(poem)) and re.search(r"\.gi-text \{white-space: pre-line\}", shown(views.sample(poem)))
    cells = views.look(poem)["text"].tolist() + wiki_scrape.look(poem)["text"].tolist()
    assert cells == ["Ìjímèrè arinkorò, / àkàndà ẹranko ¶ Ẹsẹ kejì"] * 2


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


# ---------------------------------------------------------------- the permission to read news

def test_a_basis_and_a_name_are_asked_for_and_kept_for_the_next_time(monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    asked = widgets.permission_picker()
    assert (asked.basis, asked.name) == ("", "") and "practice" not in [basis for _, basis in asked.choice.options]
    assert "Nothing is read" in shown(asked.view)
    asked.choice.value = "research"
    assert "Nothing is read" in shown(asked.view)
    asked.who.value = " Adé Bello "
    assert "Each row will say: research: Adé Bello. Such text may not be published." in shown(asked.view)
    again = widgets.permission_picker()
    assert (again.basis, again.name) == ("research", "Adé Bello")


def test_the_rehearsal_needs_no_name_and_is_no_basis_for_the_live_site(monkeypatch):
    monkeypatch.setenv("GI_MODE", "practice")
    asked = widgets.permission_picker()
    assert asked.basis == "practice" and "may be published" in shown(asked.view)
    asked.who.value = "Adé"
    monkeypatch.setenv("GI_MODE", "live")
    assert (widgets.permission_picker().basis, widgets.permission_picker().name) == ("", "Adé")
