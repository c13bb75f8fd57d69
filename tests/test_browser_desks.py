"""The desks of notebooks 4 and 4b in a real JupyterLab, used as a person would, with a model that is asked live: what comes, and what stands on the disk."""
import json
import sys
from pathlib import Path

import pytest
from chat_stub import Stub
from test_translate import passage_of, texts

from gi_helpers import review, store

sys.path.insert(0, str(Path(__file__).parent))
import browser  # noqa: E402

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(browser.missing()), reason=browser.missing() or "a browser is there")]

CELL = "import sys; sys.path.insert(0, {house!r})\nfrom gi_helpers import store, widgets\n{show}"


def said(body, number):
    """What a model of our own says: the first sentence of the passage, with a question of its own."""
    first = passage_of(body).replace("\n", " ").split(". ")[0]
    return json.dumps({"pairs": [{"question": f"Kí ni {' '.join(first.split()[:5])} {number} jẹ́ ní ilé?", "answer": first, "evidence": first}]}, ensure_ascii=False)


@pytest.fixture(scope="module")
def model():
    with Stub(said, 0.3) as one:
        yield one


@pytest.fixture(scope="module")
def lab(tmp_path_factory, model):
    folder = tmp_path_factory.mktemp("desks")
    with browser.Lab(folder, GI_DATA=str(folder / "data"), GI_MODE="live", OPENAI_BASE_URL=model.url, OPENAI_API_KEY="a key") as one:
        yield one


def shown(lab, page, name, show):
    """The place below a notebook's cell that shows a desk."""
    browser.write_notebook(lab.folder, f"{name}.ipynb", CELL.format(house=str(store.HOUSE), show=show))
    notebook = browser.NotebookPage(page, lab, f"{name}.ipynb")
    notebook.run_all()
    return notebook, notebook.output()


def looked_at(notebook, name):
    browser.picture(notebook.page, name)
    notebook.narrow()
    assert notebook.too_wide() == notebook.nameless() == notebook.page.complaints == []
    browser.picture(notebook.page, f"{name}-narrow")


def test_a_pilot_opens_the_whole_job_and_a_stop_keeps_what_is_on_its_way(lab, model):
    clean, file = store.write(texts(most=60), lab.folder / "3_clean.csv"), lab.folder / "4_qa.csv"
    show = f"desk = widgets.draft_desk(store.read({str(clean)!r}), 'yo', {str(file)!r}, mix='grounded_qa', model='gpt-4o-mini', n=32, concurrency=2)"
    with browser.browser_page() as page:
        notebook, desk = shown(lab, page, "draft", show)
        pilot, whole = (desk.locator("button.jupyter-button", has_text=words) for words in ("Draft 20 rows first: about $0.0", "Draft all 32 rows: about $0.0"))
        stop = desk.locator("button.jupyter-button", has_text="Stop")
        assert "never more than $1.00" in pilot.inner_text() and whole.is_disabled() and not model.seen and not file.exists()  # looking costs nothing
        pilot.click()
        desk.get_by_text("20 rows are in 4_qa.csv").wait_for()
        asked = len(model.seen)
        assert len(store.read(file)) == 20 <= asked
        whole.click()
        desk.get_by_text(" in flight").wait_for()
        stop.last.click()
        desk.get_by_text("Stopped after").wait_for()
        had = store.read(file)
        assert 20 <= len(had) < 32 and desk.get_by_text(f"{len(had)} rows are in 4_qa.csv").count()
        whole.click()
        desk.get_by_text("32 rows are there").wait_for()
        rows = store.read(file)
        assert len(rows) == rows["id"].nunique() == 32 and rows["id"].tolist()[:len(had)] == had["id"].tolist()
        assert all(one["answer"] in one["context"].replace("\n", " ") for one in rows.to_dict("records"))
        bodies = [json.dumps(body["messages"]) for body in model.seen]
        assert len(bodies) == len(set(bodies))  # nothing was paid twice
        looked_at(notebook, "draft-desk")


def test_two_readers_of_one_row_stand_side_by_side_and_the_chosen_one_is_on_the_disk(lab):
    first = {"question": "Níbo ni ó ń gbé?", "question_llm": "Níbo ni ó ń gbé?", "answer": "Inu igbo.", "answer_llm": "Inu igbo.", "status": "needs_review",
             "context": "Ìjàpá ń gbé inú igbó.", "evidence": "gbé inú igbó"}
    file = store.write([{"id": id, **first} for id in ("a", "b", "c")], lab.folder / "review" / "4_qa.csv")
    given, copies = store.read(review.export(file)), {}
    for name, answers in (("Ada", ["Inú igbó.", "Inú ilé.", "Inu igbo."]), ("Obi", ["Nínú igbó.", "Ilé.", "Oko."])):
        copies[name] = store.write(given.assign(answer=answers, status="edited"), lab.folder / "review" / f"{name}.csv")
    review.merge(file, copies)
    with browser.browser_page() as page:
        notebook, desk = shown(lab, page, "merge", f"widgets.merge_desk({str(file)!r})")
        desk.get_by_text("conflicts are open. Row a").wait_for()
        ours, theirs = (desk.locator(".gi-card").nth(number) for number in (0, 1))
        assert ours.locator("ins").first.inner_text() == "Inú" and theirs.locator("ins").first.inner_text() == "Nínú" and ours.locator("del").first.inner_text() == "Inu"
        assert desk.locator("mark").inner_text() == "gbé inú igbó" and desk.get_by_text("Question: Níbo ni ó ń gbé?").is_visible()  # what the answers are about
        left, right = ours.bounding_box(), theirs.bounding_box()
        assert left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]  # side by side
        browser.picture(page, "merge-desk")
        desk.locator("button.jupyter-button", has_text="Take the copy's").click()
        desk.get_by_text("Row b").wait_for()
        assert store.read(file).to_dict("records")[0] == {**store.read(file).to_dict("records")[0], "answer": "Nínú igbó.", "reviewer": "Obi", "answer_llm": "Inu igbo."}
        keep = desk.locator("button.jupyter-button", has_text="Keep the table's")
        keep.focus()
        page.keyboard.press("Enter")  # the keyboard alone does it, too
        desk.get_by_text("Row c").or_(desk.get_by_text("No conflict is open")).first.wait_for()
        assert store.read(file)["answer"].tolist()[1] == "Inú ilé."
        while keep.is_visible():
            row = desk.get_by_text("Row ").first.inner_text()
            keep.click()
            page.wait_for_function("row => !document.body.innerText.includes(row)", arg=row)
        desk.get_by_text("No conflict is open").wait_for()
        assert not keep.is_visible() and not ours.is_visible()
        assert not file.with_name("4_qa_conflicts.csv").exists()
        looked_at(notebook, "merge-desk-done")
