"""Every notebook in a real JupyterLab: run from the menu, used as a person would, and what was done looked for on the disk."""
import json
import shutil
import sys
from pathlib import Path

import pytest

from gi_helpers import store

sys.path.insert(0, str(Path(__file__).parent))
import browser  # noqa: E402
import road  # noqa: E402

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(browser.missing()), reason=browser.missing() or "a browser is there")]


@pytest.fixture(scope="module")
def kernel():
    """The Python of the notebooks' kernel when it is another one; test_browser_older.py has one."""


@pytest.fixture(scope="module")
def lab(kernel, tmp_path_factory):
    """A JupyterLab on copies of the notebooks, with a data folder in which the road has been walked: `lab.data` is its folder of Yoruba."""
    data, _ = road.copy(tmp_path_factory)
    place = tmp_path_factory.mktemp("house")
    shutil.copytree(road.FOLDER, place / "notebooks", ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(store.HOUSE / "docs", place / "docs")
    with browser.Lab(place, kernel=kernel, GI_DATA=str(data), PYTHONPATH=str(store.HOUSE)) as one:
        one.data, one.older = data / "yo", bool(kernel)
        yield one


@pytest.fixture(scope="module")
def page():
    with browser.browser_page() as one:
        yield one


@pytest.fixture
def opened(lab, page):
    """A function that opens a notebook and runs it from the menu; when the test is over, what holds for each of them is looked at."""
    books = []

    def open_(name):
        page.complaints.clear()
        page.set_viewport_size({"width": 1280, "height": 900})
        books.append((name, browser.NotebookPage(page, lab, f"notebooks/{name}.ipynb")))
        books[-1][1].run_all()
        return books[-1][1]

    yield open_
    for name, book in books:
        assert book.nameless() == []
        place = f"{'7.7.1' if lab.older else '8.1'}/{name}"
        browser.picture(page, place)
        book.narrow()
        assert book.too_wide() == []
        browser.picture(page, f"{place}-narrow")
        # The older widgets' front end looks for MathJax 2, which JupyterLab 4 no longer has, whenever an HTML widget is shown.
        complaints = [one for one in page.complaints if not (lab.older and "reading 'Queue'" in one)]
        assert page.locator(book.ERRORS).count() == 0 and complaints == []
        book.close()


def rows(lab, name):
    return store.read(lab.data / name).to_dict("records")


def press(place, name):
    place.locator("button.jupyter-button", has_text=name).first.click()


def sees(place, words):
    place.get_by_text(words).locator("visible=true").first.wait_for()


def test_a_language_is_picked_and_the_choice_is_kept(lab, opened):
    book, settings = opened("0_start"), lab.data.parent / "settings.json"
    place = book.below("widgets.language_picker")
    field = place.get_by_label("Language")
    for typed, code in (("Igbo", "ig"), ("Yorùbá", "yo")):
        field.fill(typed)
        field.press("Tab")
        browser.wait_for(lambda code=code: settings.exists() and store.read_json(settings)["language"] == code, f"{code} is in settings.json")
    sees(place, "Chosen: Yoruba · Yorùbá (yo)")
    field.fill("Klingonish")
    field.press("Tab")
    sees(place, "Please fix: no language called")
    assert store.read_json(settings)["language"] == "yo"
    sees(book.below("widgets.stages"), "10_publish")


def test_articles_and_stories_come_in_a_job_and_are_shown(lab, opened):
    book = opened("1_wiki_scrape")
    job = book.below("widgets.collect")
    sees(job, "Done in")
    assert f"{len(rows(lab, '1_wiki_scrape.csv'))} rows are in 1_wiki_scrape.csv" in job.inner_text()
    assert book.below("widgets.look").locator("table").count() == 1


def test_news_stories_come_with_their_permission(lab, opened):
    book = opened("2_bbc_scrape")
    sees(book.below("widgets.collect"), "Done in")
    sees(book.below("widgets.look"), "rehearsal")
    place = book.below("widgets.permission_picker")
    basis, who = place.get_by_label("Basis"), place.get_by_label("Name")
    basis.select_option(index=2)
    sees(place, "Nothing is read before a name is given.")
    who.fill("Adé Bello")
    who.press("Tab")
    sees(place, "but not to publish it.")  # the whole of what was chosen, however narrow the list is
    sees(place, "Each row will say: written_use: Adé Bello. Such text may not be published.")
    browser.wait_for(lambda: store.read_json(lab.data.parent / "settings.json").get("news_basis") == "written_use", "the basis is in settings.json")
    basis.select_option(index=0)
    sees(place, "Nothing is read before a basis is given.")


def test_the_limit_is_dragged_over_the_histogram(lab, opened):
    book = opened("3_clean")
    place = book.below("widgets.token_histogram")
    sees(place, "With a limit of 4,096, none would be cut.")
    grip = place.locator(".noUi-handle, .ui-slider-handle")  # the older widgets have another slider
    grip.hover()  # waits until nothing above it moves any more
    book.page.mouse.down()
    track = place.locator(".noUi-base, .ui-slider").first.bounding_box()
    book.page.mouse.move(track["x"] + 2, track["y"] + track["height"] / 2, steps=12)
    book.page.mouse.up()
    sees(place, "would be cut into at least")
    assert "would be cut" in place.locator("svg[role=img]").get_attribute("aria-label")
    place.locator("button.jupyter-button[title*='click to read']:enabled").first.click()
    sees(place.locator(".gi-note"), "texts of")


def test_drafts_come_in_a_job_that_tells_what_they_cost(lab, opened):
    book = opened("4_translate")
    sees(book.below("widgets.draft_desk"), "Done in")
    assert len(rows(lab, "4_qa.csv")) >= 90


def test_rows_are_corrected_by_keyboard_and_kept_over_a_reload(lab, opened):
    book = opened("4b_review")
    page, place = book.page, book.below("widgets.qa_editor")
    cards = place.locator(".gi-card")
    ids = [cards.nth(number).locator(".gi-note").first.inner_text().split(", ")[1].split(" ")[0].strip(" ·") for number in range(3)]

    def status(number):
        return next((row["status"], row["answer"]) for row in rows(lab, "4_qa.csv") if row["id"] == ids[number])

    answer = cards.nth(0).get_by_label("Answer")
    answer.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Ẹ̀kọ́ ẹ̀ọ́ṣ ni.")
    page.keyboard.press("Tab")
    press(cards.nth(0), "Save edit")
    browser.wait_for(lambda: status(0) == ("edited", "Ẹ̀kọ́ ẹ̀ọ́ṣ ni."), "the correction is in 4_qa.csv")
    press(cards.nth(1), "Accept")
    browser.wait_for(lambda: status(1)[0] == "accepted", "the second row is accepted")
    cards.nth(2).get_by_label("Reason").fill("unnatural")
    press(cards.nth(2), "Reject")
    browser.wait_for(lambda: status(2)[0] == "rejected", "the third row is rejected")
    cards.nth(1).locator("button.jupyter-button", has_text="Accept").focus()
    page.keyboard.type("ddx")  # JupyterLab's keys for deleting and cutting a cell
    assert cards.nth(1).is_visible()

    book.come_back()
    place.get_by_label("Show").select_option("edited")
    sees(place, ids[0])
    assert cards.nth(0).get_by_label("Answer").input_value() == "Ẹ̀kọ́ ẹ̀ọ́ṣ ni."
    assert status(1)[0] == "accepted" and status(2)[0] == "rejected"


SLOW = ("import os, time; os.environ['GI_MODE'] = 'live'\nfrom gi_helpers import store, widgets\nfile = store.Path('slow.csv')",
        "def rows():\n    for number in range(40):\n        time.sleep(0.1)\n        yield {'id': str(number)}\nwidgets.collect('Fetch', rows, file, total=40, note='never more than $1.00')",
        "table = store.read(file)\nprint(len(table), 'rows')", "len(table)")


def test_a_live_job_waits_for_its_button_and_is_stopped_and_taken_up_again(lab, opened):
    browser.write_notebook(lab.folder / "notebooks", "slow.ipynb", *SLOW)
    book, file = opened("slow"), lab.folder / "notebooks" / "slow.csv"
    job, below = book.output(1), book.output(2)
    assert not file.exists() and "Fetch: never more than $1.00" in job.inner_text()
    assert below.inner_text().startswith('Not yet: "Fetch" above has not been done; press its button') and "Not yet" in book.output(3).inner_text()
    press(job, "Fetch")
    sees(job, " of 40 · ")
    press(job, "Stop")
    sees(job, "Stopped after")
    had = len(store.read(file))
    assert 0 < had < 40 and f"{had} rows are in slow.csv" in job.inner_text()
    press(job, "Fetch")
    sees(job, "Done in")
    assert len(store.read(file)) == 40 and job.locator(".progress-bar").evaluate("bar => bar.style.width") == "100%"
    book.page.locator(".jp-CodeCell").nth(2).click()
    book.page.keyboard.press("Control+Enter")
    sees(below, "40 rows")


def test_the_training_file_is_written(lab, opened):
    opened("5_csv_to_jsonl")
    lines = list(store.read_jsonl(lab.data / "5_train.jsonl"))
    assert len(lines) > 10 and [message["role"] for message in lines[0]["messages"]][-2:] == ["user", "assistant"]


def test_the_problems_are_filtered_and_a_row_is_read(lab, opened):
    book = opened("6_check")
    place = book.below("widgets.check_table")
    found = rows(lab, "6_problems.csv")
    place.get_by_label("Severity").select_option(index=1 + "EWI".index(found[0]["severity"]))
    code = place.get_by_label("Code")
    code.select_option(index=1)
    chosen = code.evaluate("field => field.selectedOptions[0].textContent").split()[0]
    sees(place.locator("button.jupyter-button"), chosen)
    press(place, chosen)
    sees(place, "What to do:")


def test_a_model_is_trained_beside_the_notebook_and_its_curve_has_words(lab, opened):
    book = opened("7_finetune")
    sees(book.below("widgets.go"), "Done in")
    assert book.below("widgets.curve").locator("img").get_attribute("alt")
    assert store.read_json(lab.data / "7_model.json")["practice"] is True


def test_a_translated_question_is_corrected_and_accepted(lab, opened):
    book = opened("8_TruthfulQA")
    place = book.below("widgets.question_editor")
    field = place.locator("textarea").first
    field.fill("Ṣé òótọ́ ni pé ẹ̀ọ́ṣ?")
    field.press("Tab")
    press(place, "Save and accept")
    browser.wait_for(lambda: any(row["target"] == "Ṣé òótọ́ ni pé ẹ̀ọ́ṣ?" and row["status"] in ("accepted", "edited") for row in rows(lab, "8_truthfulqa.csv")),
                     "the question is in 8_truthfulqa.csv")


def test_the_score_board_shows_the_questions_that_changed(lab, opened):
    book = opened("9_evaluate")
    place = book.below("widgets.score_board")
    for kind in ("broken (tuned did worse)", "fixed (tuned did better)", "both right"):
        place.get_by_label("Show").select_option(kind)
    sees(place, "said:")
    press(place, "Next")
    sees(place, "2 of")
    assert (lab.data / "9_report.html").exists()


def test_three_pairs_are_rated(lab, opened):
    book = opened("9b_ratings")
    place = book.below("widgets.rating_desk")
    place.get_by_label("Your name").fill("Ada")
    place.get_by_label("Your name").press("Tab")
    for number, choice in enumerate(("Left is better", "Right is better", "Equal"), 1):
        press(place, choice)
        sees(place, f"{number} of 12 rated")
    browser.wait_for(lambda: [row["choice"] for row in rows(lab, "9b_ratings.csv") if row["rater"] == "Ada"] == ["left", "right", "tie"], "three ratings of Ada")


def test_what_is_published_can_be_read(lab, opened):
    book = opened("10_publish")
    sees(book.below("README.md"), "PRACTICE")
    assert (lab.data / "10_publish" / "README.md").exists() and json.loads((lab.data / "10_publish" / "registry.json").read_text())["redistributable"] is False
