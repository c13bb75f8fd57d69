"""Drafting as a person sees it: the model, the sheet, the sliders, and the desk with its pilot, its caps and its stop."""
import json
import time

import ipywidgets as w
import pytest
from chat_stub import Stub, refusal
from test_translate import passage_of, texts

from gi_helpers import llm, store, translate, web, widgets
from gi_helpers.errors import NeedsFixing
from gi_helpers.widgets import drafting
from gi_helpers.widgets.drafting import Desk
from gi_helpers.widgets.servers import _Picker
from gi_helpers.widgets.sheets import _Sheet


def shown(widget):
    parts = [widget.value] if isinstance(widget, w.HTML) else []
    return " ".join([*parts, *(shown(child) for child in getattr(widget, "children", ()))])


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(drafting, "display", lambda _: None)


@pytest.fixture
def model(monkeypatch):
    """A model of our own, asked live; it answers with the first sentence of the passage."""
    def reply(body, number):
        if "Pairs:" not in body["messages"][-1]["content"]:
            return json.dumps({"instruction": f"Kí ni a mọ̀ nípa ọ̀rọ̀ tí ó wà nínú ìwé náà {number} ní ilé?"}, ensure_ascii=False)
        said = passage_of(body).replace("\n", " ").split(". ")[0]
        return json.dumps({"pairs": [{"question": f"Kí ni {' '.join(said.split()[:5])} {number} jẹ́ ní ilé?", "answer": said, "evidence": said}]}, ensure_ascii=False)

    with Stub(reply, 0.005) as stub:
        for name, value in {"GI_MODE": "live", "OPENAI_BASE_URL": stub.url, "OPENAI_API_KEY": "a key"}.items():
            monkeypatch.setenv(name, value)
        yield stub


# ---------------------------------------------------------------- the desk

def ended(job):
    """The job, begun and ended."""
    job.start(aside=True)
    job.thread.join(30)

def desk(folder, n=40, **more):
    given = {"mix": {"grounded_qa": 0.6, "reverse_instruction": 0.2, "templates": 0.2}, "model": "gpt-4o-mini", "budget_usd": 1.0, "max_rows": None, "journal": None, "evaluation": None, "concurrency": 8}
    return Desk(texts(), "yo", folder / "4_qa.csv", n=n, **{**given, **more})


def test_the_whole_job_is_open_only_after_a_pilot_whose_usage_corrects_the_estimate(model, tmp_path):
    made = desk(tmp_path)
    assert made.whole.button.disabled and "Not yet: first draft a pilot of 20 rows: 0 of 16" in shown(made.view)
    ended(made.whole)
    assert "pilot of 20 rows" in shown(made.whole.view) and not model.seen
    ended(made.pilot)
    assert len(store.read(tmp_path / "4_qa.csv")) == 20 and "corrected by your pilot" in shown(made.view)
    assert not made.whole.button.disabled
    ended(made.whole)
    rows = store.read(tmp_path / "4_qa.csv")
    assert len(rows) == rows["id"].nunique() == 40 == made.report["rows"] and made.report["why"] == ""
    assert max(model.counts().values()) == 1 and "40 rows are there" in shown(made.view)  # nothing was paid twice


def test_each_button_says_what_its_step_will_cost_and_what_is_never_passed(model, tmp_path):
    made = desk(tmp_path)
    pilot, whole = made.pilot.button.description, made.whole.button.description
    assert pilot.startswith("Draft 20 rows first: about $0.00") and pilot.endswith(", never more than $1.00") and whole.startswith("Draft all 40 rows: about $0.0")
    ended(made.pilot)
    assert made.pilot.button.description == "Draft 20 rows first: nothing is left to do"
    assert made.whole.button.description.startswith("Draft all 40 rows: about $0.0") and made.whole.button.description != whole  # what the pilot has shown
    assert desk(tmp_path, model="nobody-knows-it", budget_usd=None).pilot.button.description == "Draft 20 rows first: price not known, without a cap"
    assert desk(tmp_path / "free", mix="templates", n=10).pilot.button.description == "Draft 10 rows first: costs nothing"


def test_a_mix_that_was_moved_after_the_pilot_and_another_model_need_a_pilot_of_their_own(model, tmp_path):
    mix = widgets.mix_slider()
    made = desk(tmp_path, mix=mix)
    ended(made.pilot)
    mix.sliders["templates"].value = 0
    assert made.whole.button.disabled and "16 of 20 rows by gpt-4o-mini" in shown(made.view)
    ended(made.pilot)
    assert not made.whole.button.disabled and len(store.read(tmp_path / "4_qa.csv")) == 24
    other = desk(tmp_path, model="gpt-4.1-mini")
    assert other.whole.button.disabled and "by gpt-4.1-mini" in shown(other.view)


def test_a_stop_keeps_what_is_on_its_way_and_going_on_asks_only_for_the_rest(model, tmp_path):
    model.latency = 0.1
    made = desk(tmp_path, n=20, concurrency=2)
    made.pilot.start(aside=True)
    model.opened.wait(5)
    time.sleep(0.25)
    made.pilot.stop.click()
    made.pilot.thread.join(10)
    first = len(store.read(tmp_path / "4_qa.csv"))
    assert 4 < first < 20 and "Stopped" in shown(made.view)
    ended(made.pilot)
    assert len(store.read(tmp_path / "4_qa.csv")) == 20 and max(model.counts().values()) == 1


def test_the_whole_job_can_be_taken_up_again_after_a_stop(model, tmp_path):
    made = desk(tmp_path)
    ended(made.pilot)
    made.whole.start(aside=True)
    made.whole.stop.click()
    made.whole.thread.join(10)
    assert "Stopped" in shown(made.whole.view) and not made.whole.button.disabled


def test_a_wrong_key_ends_the_job_with_one_sentence(model, tmp_path):
    model.reply = lambda body, number: refusal(401, "invalid_api_key", "Incorrect API key")
    made = desk(tmp_path, mix="grounded_qa")
    ended(made.pilot)
    assert "the key is wrong for this address" in shown(made.pilot.view) and len(model.seen) <= 8


def test_in_practice_the_cell_walks_through_both_steps(tmp_path):
    made = widgets.draft_desk(texts(), "yo", tmp_path / "4_qa.csv", mix=widgets.mix_slider(), n=50)
    assert len(store.read(tmp_path / "4_qa.csv")) == 50 == made.report["rows"] and "nothing is left to draft" in shown(made.view)


def test_only_templates_need_no_pilot(tmp_path, monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    made = desk(tmp_path, mix="templates", n=30)
    assert not made.whole.button.disabled and "no model is asked" in shown(made.view)


def test_the_sliders_give_the_shares():
    mix = widgets.mix_slider({"grounded_qa": 1})
    mix.sliders["reverse_instruction"].value = 100
    assert mix.method == {"grounded_qa": 0.5, "reverse_instruction": 0.5} and "50% grounded_qa" in mix.said.value
    for slider in mix.sliders.values():
        slider.value = 0
    assert mix.method == translate.MIX


# ---------------------------------------------------------------- the sheet

def test_the_sheet_is_filled_in_the_notebook_and_approved_by_name():
    form = _Sheet("yo")
    assert "Draft, a speaker must approve." in form.note.value
    form.rules.value = "Write ẹ and ọ with a dot below.\nMark the tones."
    form.letters.value = "ẹ ọ ṣ"
    form.templates.value = "Kí ni {title}? → {first_sentence}\nSọ nǹkan nípa {title}."
    form.who.value = "Ada"
    form.save()
    kept = translate.sheet("yo")
    assert kept["orthography"] == ["Write ẹ and ọ with a dot below.", "Mark the tones."] and kept["letters"] == ["ẹ", "ọ", "ṣ"]
    assert kept["templates"][1] == {"question": "Sọ nǹkan nípa {title}.", "answer": "{first_sentence}"}
    assert kept["note"].startswith("Approved by Ada on 20") and "Approved" in form.note.value and kept["question_patterns"]  # what has no field stays


def test_a_sheet_that_would_not_work_is_not_saved():
    form = _Sheet("yo")
    form.examples[0]["evidence"].value = "words that are not there"
    form.save()
    assert "evidence of example 1 is not in its passage" in form.said.value and "words that" not in json.dumps(translate.sheet("yo"))
    empty = _Sheet("ee")
    empty.who.value = "Ama"
    empty.save()
    assert "takes one rule and two examples" in empty.said.value


# ---------------------------------------------------------------- the model

def test_a_server_on_this_machine_is_chosen_by_name_and_is_free(monkeypatch):
    picker = _Picker()
    picker.server.value = "Ollama, this machine"
    picker.model.value = "gemma3:4b"
    picker.keep()
    assert "http://127.0.0.1:11434/v1" in picker.said.value and llm.price("gemma3:4b") == (0, 0)
    assert web.endpoints().model == "practice-teacher"  # the rehearsal keeps its own
    monkeypatch.setenv("GI_MODE", "live")
    assert (web.endpoints().openai, web.endpoints().model) == ("http://127.0.0.1:11434/v1", "gemma3:4b")
    assert _Picker().server.value == "Ollama, this machine"


def test_a_model_without_a_price_asks_for_one():
    picker = _Picker()
    picker.server.value = "OpenRouter"
    picker.model.value = "some/model"
    assert picker.prices.layout.display == "" and "not known here" in shown(picker.view)
    picker.price_in.value, picker.price_out.value = 0.2, 0.8
    picker.keep()
    assert llm.price("some/model") == (0.2, 0.8) and picker.prices.layout.display == "none"


def test_the_models_of_a_server_are_listed_and_one_is_tried(model, monkeypatch):
    picker = _Picker()
    press = {button.description: button.click for button in picker.view.children[-2].children}
    press["List its models"]()
    assert picker.model.options == ("stub-a", "stub-b")
    model.reply = lambda body, number: "Ẹ káàárọ̀!"
    press["Try it"]()
    assert "It answered in" in picker.said.value and "Ẹ káàárọ̀!" in picker.said.value
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    press["List its models"]()
    assert "does not answer; check the network and the address" in picker.said.value


@pytest.mark.parametrize("call, words", [(("my server", "m"), "is no address"), (("OpenAI", " "), "no model is named")])
def test_a_choice_that_is_none_is_one_sentence(call, words):
    with pytest.raises(NeedsFixing, match=words):
        llm.use(*call)
