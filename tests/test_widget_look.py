"""What holds for every widget: words for those who cannot see it, contrast, figures that can be told apart in grey, and no error swallowed."""
import itertools
import re

import ipywidgets as w
import pandas as pd
import pytest

from gi_helpers import charts, check, evaluate, ratings, store, widgets
from gi_helpers.errors import NeedsFixing
from gi_helpers.widgets import checks, figures, jobs, style

QA = [{"id": f"r{number}", "context": "Ìjàpá ń gbé inú igbó.", "evidence": "inú igbó", "question": "Níbo?", "answer": "Igbó.", "status": "needs_review", "reviewer": "", "flags": "",
       "score": "100", "question_llm": "Níbo?", "answer_llm": "Igbó."} for number in range(3)]
SENTENCES = [{"id": f"s{number}", "item": "i1", "kind": kind, "n": "1", "category": "food", "source": "What?", "target": "Kí ni?", "back": "", "flags": "", "culture": "keep",
              "status": "needs_review", "reviewer": ""} for number, kind in enumerate(("question", "best", "incorrect"))]
ANSWERS = [{"id": f"{arm}{item}{order}", "arm": arm, "model": arm, "item": str(item), "mode": "binary", "order": order, "category": "food", "prompt": "A or B?", "reply": "A", "state": "valid",
            "choice": "A", "right": "A", "correct": "1" if arm == "tuned" else "0", "checked": "", "note": "PRACTICE"} for arm in ("base", "tuned") for item in range(4) for order in ("0", "1")]
PAIRS = pd.DataFrame([{"item": "1", "question": "Kí ni?", "answer_base": "a", "answer_tuned": "b", "base": "m1", "tuned": "m2"}])
LINE = {"messages": [{"role": "user", "content": "Báwo?"}, {"role": "assistant", "content": "Dáadáa ni."}]}


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def all_widgets(folder):
    """Each widget of the project by its name."""
    qa = store.write(QA, folder / "4_qa.csv")
    texts = store.write([{"id": "t", "source": "wikipedia", "title": "Ọ̀nà", "text": "ilé wa", "tokens": 3}], folder / "3_clean.csv")
    train = store.write_jsonl([LINE] * 12 + [{"messages": "x"}], folder / "5_train.jsonl")
    yield "language_picker", widgets.language_picker()
    yield "mode_picker", widgets.mode_picker()
    yield "stages", widgets.stages()
    yield "token_histogram", widgets.token_histogram(texts)
    yield "rescue_table", widgets.rescue_table(store.write([{"id": "d", "source": "wikipedia", "source_id": "1", "title": "", "text": "ilé", "reason": "too short", "note": ""}], folder / "3_dropped.csv"))
    yield "qa_editor", widgets.qa_editor(qa, "Ada")
    yield "question_editor", widgets.question_editor(store.write(SENTENCES, folder / "8_truthfulqa.csv"), "Ada")
    yield "check_table", widgets.check_table(train)
    yield "rating_desk", widgets.rating_desk(PAIRS, folder / "9b_ratings.csv", "Ada")
    yield "job", jobs.Job("Fetch", lambda job: None, "free").view
    yield "score_board", widgets.score_board(store.write(ANSWERS, folder / "9_answers.csv"))
    judged = [{"id": f"f{item}", "item": str(item), "model": "m", "mode": "free", "reply": "a", "question": "q", "judge": "j", "truthful": 1, "informative": 1, "room": 400} for item in range(2)]
    yield "spot_desk", widgets.spot_desk(store.write(judged, folder / "9_judged.csv"), folder / "9_spotcheck.csv", reviewer="Ada")
    yield "model_picker", widgets.model_picker()
    yield "end_job", widgets.end_job(folder / "7_model.json")
    yield "language_sheet", widgets.language_sheet("yo")
    yield "mix_slider", widgets.mix_slider().view


def test_every_field_and_button_has_a_name_for_screen_readers(tmp_path):
    fields = (w.Text, w.Textarea, w.Dropdown, w.Combobox, w.IntSlider, w.BoundedIntText, w.ToggleButtons, w.Checkbox, w.IntProgress)
    seen, nameless = 0, []
    for name, view in all_widgets(tmp_path):
        assert "gi" in view._dom_classes, name
        for one in walk(view):
            if isinstance(one, (*fields, w.Button)):
                seen += 1
                # A slider without a name stands under the picture of the histogram; the box "Limit" above says and does the same.
                hidden = isinstance(one, w.Button) and (one.disabled or one.layout.display == "none") or isinstance(one, w.IntSlider) and name == "token_histogram"
                if not (one.description or hidden or (isinstance(one, w.Button) and one.tooltip)):
                    nameless.append(f"{name}: {one}")
    assert seen > 100 and nameless == []


# ---------------------------------------------------------------- contrast

def luminance(colour):
    """Relative luminance of '#rgb' or '#rrggbb', by WCAG 2.2."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at:at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_counted_as_wcag_counts_it():
    assert contrast("#000", "#ffffff") == pytest.approx(21) and contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)


def test_all_words_of_the_style_sheet_stand_out_from_their_ground():
    """WCAG's AA: 4.5 for words, 3 for borders that show where a field is. Words stand on white, or on the ground that their own rule gives."""
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", style.SHEET)
    words = [(name.strip(), found[1], (re.search(r"background(?:-color)?: (#\w+)", body) or [0, "#ffffff"])[1]) for name, body in rules if (found := re.search(r"(?<![-\w])color: (#\w+)", body))]
    assert len(words) >= 10 and [(name, round(contrast(ink, ground), 2)) for name, ink, ground in words if contrast(ink, ground) < 4.5] == []
    grounds = {ground for _, body in rules for ground in re.findall(r"background(?:-color)?: (#\w+)", body)}
    assert all(contrast("#111111", ground) >= 4.5 for ground in grounds)
    fields = [found[1] for _, body in rules if (found := re.search(r"border: 1px solid (#\w+)", body))]
    assert fields and all(contrast(line, "#ffffff") >= 3 for line in fields)


# ---------------------------------------------------------------- figures

def test_parts_of_a_figure_differ_in_grey_or_in_their_hatch():
    grey = [luminance(colour) for colour in charts.COLOURS]
    same = [(one, other) for one, other in itertools.combinations(range(len(grey)), 2)
            if abs(grey[one] - grey[other]) < 0.05 and charts.HATCHES[one] == charts.HATCHES[other]]
    assert same == [] and len(set(charts.HATCHES)) == len(charts.HATCHES)


def test_lines_of_a_curve_differ_in_their_stroke():
    lines = charts.curve(pd.DataFrame({"step": [1, 2], "train_loss": [2, 1], "valid_loss": [3, 2]})).axes[0].get_lines()
    assert len({line.get_linestyle() for line in lines}) == 2


def test_the_histograms_sources_differ_in_their_pattern(tmp_path):
    file = store.write([{"id": str(number), "source": f"s{number % 3}", "text": "ilé", "tokens": number} for number in range(1, 30)], tmp_path / "3_clean.csv")
    picture = next(one.value for one in walk(widgets.token_histogram(file)) if isinstance(one, w.HTML) and "<svg" in one.value)
    assert len(set(re.findall(r'fill="([^"]+)"[^>]*><title>', picture))) == 3
    strokes = re.findall(r'<path d="([^"]+)" stroke="white"', picture)
    assert len(strokes) == len(set(strokes)) == 5


def test_every_figure_says_in_words_what_it_shows():
    table = pd.DataFrame([{"model": "m", "arm": arm, "mode": "binary", "subset": "all", "accuracy": share, "low": share - 0.1, "high": share + 0.1, "n": 40}
                          for arm, share in (("base", 0.41), ("tuned", 0.65))])
    said = figures.picture(charts.scores(table, 0.5))
    assert re.search(r'alt="Share of right answers[^"]*base: m binary, all, 40 questions: 41 %; tuned: m binary, all, 40 questions: 65 %; guessing', said)
    assert "Z01: 2" in figures.picture(charts.counts(["Z01", "Z01", "P03"], "Problems by code"))
    assert "train loss: from 2 to 1" in figures.words(charts.curve(pd.DataFrame({"step": [1, 2], "train_loss": [2, 1]})))


# ---------------------------------------------------------------- errors inside callbacks

def broken(*_, **__):
    raise NeedsFixing("the disk is full; free some space")


def press(view, name):
    next(one for one in walk(view) if isinstance(one, w.Button) and one.description.startswith(name)).click()


def said(view):
    return " ".join(one.value for one in walk(view) if isinstance(one, w.HTML))


def judge(view):
    for one in walk(view):
        if isinstance(one, w.ToggleButtons):
            one.value = "yes"
    press(view, "Save and go on")


def pick(view, kind, name, value):
    next(one for one in walk(view) if isinstance(one, kind) and one.description == name).value = value


@pytest.mark.parametrize("name, module, function, act", [
    ("language_picker", store, "remember", lambda view: pick(view, w.Combobox, "Language", "Igbo")),
    ("mode_picker", store, "remember", lambda view: pick(view, w.ToggleButtons, "Mode", "live")),
    ("qa_editor", store, "write_bytes", lambda view: press(view, "Accept")),
    ("qa_editor", store, "write_bytes", lambda view: press(view, "Skip")),
    ("question_editor", store, "write", lambda view: press(view, "Save and accept")),
    ("question_editor", store, "read", lambda view: pick(view, w.Dropdown, "Show", "all")),
    ("check_table", checks._Table, "_row", lambda view: next(one for one in walk(view) if "· line " in getattr(one, "description", "")).click()),
    ("check_table", check, "codes", lambda view: pick(view, w.Dropdown, "Severity", "E")),
    ("rating_desk", ratings, "rate", lambda view: press(view, "Left is better")),
    ("rating_desk", store, "read", lambda view: pick(view, w.Text, "Your name", "Obi")),
    ("spot_desk", evaluate, "spot_judge", judge),
    ("spot_desk", store, "read", lambda view: pick(view, w.Text, "Your name", "Obi")),
    ("score_board", evaluate, "score", lambda view: pick(view, w.Dropdown, "Compare", "tuned")),
    ("token_histogram", widgets.lengths.Lengths, "picture", lambda view: pick(view, w.BoundedIntText, "Limit", 64)),
])
def test_an_error_inside_a_callback_is_shown_in_the_widget(tmp_path, monkeypatch, name, module, function, act):
    view = dict(all_widgets(tmp_path))[name]
    if name == "rating_desk":
        store.write([{"rater": "x", "item": "9"}], tmp_path / "9b_ratings.csv")
    monkeypatch.setattr(module, function, broken)
    act(view)
    assert "the disk is full; free some space" in said(view)
