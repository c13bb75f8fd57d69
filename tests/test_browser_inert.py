"""Text of other people is inert: what widgets, reports and the registry make of hostile text is put into a real browser, and nothing in it runs."""
import browser
import pandas as pd
import pytest

from gi_helpers import _regpage, evaluate, store, truthfulqa, widgets
from gi_helpers.widgets import passage

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(browser.missing()), reason=browser.missing() or "a browser is there")]
EVIL = ("<script>window.ran=1</script><img src=x onerror=\"window.ran=2\"><svg onload=window.ran=3></svg><a href=\"javascript:window.ran=4\">ọjà</a>"
        "\"onmouseover=\"window.ran=5\" '><iframe srcdoc=\"<script>parent.ran=6</script>\"></iframe></textarea></style><style>*{display:none}</style>")
QA = "id language passage_id source url licence method prompt_version model context evidence question_llm answer_llm question answer flags reason title reviewer".split()


def pieces(widget):
    """All HTML that a widget shows, from its parts."""
    found = [widget.value] if type(widget).__name__ in ("HTML", "HTMLMath") else []
    return found + [piece for child in getattr(widget, "children", ()) for piece in pieces(child)]


@pytest.fixture(scope="module")
def page():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser.CHROMIUM, args=browser.FLAGS)
        yield chromium.new_context(offline=True).new_page()
        chromium.close()


def show(page, html):
    """Put HTML into the page as JupyterLab does with what a widget shows, click on all that can be clicked, and give what went wrong."""
    page.goto("about:blank")
    page.evaluate("html => { document.body.innerHTML = html; }", html)
    return _faults(page)


def _faults(page):
    return page.evaluate("""async () => {
        const bad = [...document.querySelectorAll('*')].flatMap(one => [...one.attributes].filter(a => (/^on/i.test(a.name) && a.value.includes('window.ran')) || /^\\s*javascript:/i.test(a.value)).map(a => a.name + '=' + a.value));
        document.querySelectorAll('a').forEach(one => one.click());
        document.querySelectorAll('*').forEach(one => one.dispatchEvent(new MouseEvent('mouseover')));
        await new Promise(done => setTimeout(done, 50));
        return [...bad, ...(window.ran ? ['ran ' + window.ran] : []), ...(document.querySelector('iframe') ? ['a frame'] : [])]; }""")


def rows(*names, **more):
    return {**{name: EVIL for name in names}, **more}


def test_the_trap_springs_where_nothing_is_made_harmless(page):
    assert len(show(page, EVIL)) >= 4


def test_the_editor_shows_hostile_rows_as_text(page, tmp_path):
    file = tmp_path / "4_qa.csv"
    store.write([rows(*QA, id=f"r{n}", status="needs_review", score="0.5", tokens_in="1") for n in range(3)], file)
    shown = pieces(widgets.qa_editor(file, "ada"))
    assert any("window.ran" in one for one in shown) and [show(page, one) for one in shown] == [[] for _ in shown]
    assert show(page, passage.passage(EVIL, EVIL[:40])) == [] and show(page, passage.difference(EVIL, EVIL.upper())) == []


def test_tables_desks_and_boards_show_hostile_text_as_text(page, tmp_path):
    home = tmp_path
    store.write([rows("text", "title", "url", "source", id=str(n), tokens=str(10 * n + 5), part="1", source_id="1", licence="x") for n in range(4)], home / "3_clean.csv")
    store.write([rows("id", "message", "fix", line="1", code="T01", severity="E")], home / "6_problems.csv")
    store.write_json({EVIL: EVIL, "backend": EVIL}, home / "7_model.json")
    questions = [{"item": "1", "question": EVIL, "best": EVIL, "best_incorrect": EVIL + "x", "correct": [EVIL], "incorrect": [EVIL + "x"], "category": EVIL}]
    table = truthfulqa.long_form(pd.DataFrame(questions), target="source")
    store.write(table.assign(flags=EVIL), home / "8_truthfulqa.csv")
    pairs = pd.DataFrame([rows("question", "base", "tuned", "answer_base", "answer_tuned", item="1")])
    views = [widgets.token_histogram(home / "3_clean.csv"), widgets.sample(home / "3_clean.csv"), widgets.check_table(home / "5_train.jsonl", store.read(home / "6_problems.csv")),
             widgets.record(home / "7_model.json"), widgets.question_editor(home / "8_truthfulqa.csv", "ada"), widgets.rating_desk(pairs, home / "9b_ratings.csv", "ada")]
    shown = [piece for view in views for piece in pieces(view)]
    assert sum("window.ran" in one for one in shown) >= 5 and [show(page, one) for one in shown] == [[] for _ in shown]


def test_the_registry_page_shows_a_hostile_entry_as_text(page, tmp_path):
    entry = {"id": EVIL, "version": EVIL, "kind": EVIL, "title": EVIL, "license": EVIL, "created": EVIL, "homepage": "javascript:window.ran=7", "practice": True,
             "language": {"code": "yo", "iso639_3": EVIL, "name": EVIL, "autonym": EVIL + "!"}, "stats": {"rows": {"train": 3}, "evaluation_items": 2}, "review": {"drafted": 3, "decided": 2},
             "scores": [{"eval": EVIL, "model": EVIL, "metric": EVIL, "value": 0.5, "n": 9, "ci": [0.4, 0.6]}]}
    store.write_text(_regpage.page([entry]), tmp_path / "index.html")
    page.goto((tmp_path / "index.html").as_uri())
    assert "window.ran" in page.inner_text("table") and _faults(page) == []


def test_the_report_shows_hostile_questions_and_replies_as_text(page, tmp_path):
    answers = pd.DataFrame([rows("prompt", "reply", "category", "right", "culture", "question", "system", "error", model=arm, arm=arm, item=str(item), mode="binary", order=order,
                                 state="correct" if (item + (arm == "tuned")) % 3 else "wrong", choice="0", correct=str(int(bool((item + (arm == "tuned")) % 3))), language="yo", checked="1", id=f"{arm}{item}{order}")
                            for arm in ("base", "tuned") for item in range(12) for order in ("ab", "ba")])
    questions = truthfulqa.long_form(pd.DataFrame([{"item": str(item), "question": EVIL, "best": EVIL, "best_incorrect": EVIL + "x", "correct": [EVIL], "incorrect": [EVIL + "x"], "category": EVIL}
                                                   for item in range(12)]), target="source")
    file = evaluate.report(answers, questions, tmp_path / "9_report.html")
    text = store.read_text(file)
    page.goto(file.as_uri())
    assert "window.ran" in text and _faults(page) == []
