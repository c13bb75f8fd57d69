"""The editor of question-answer rows in a real JupyterLab: typed, clicked, reloaded, and looked for on the disk."""
import sys
from pathlib import Path

import pytest

from gi_helpers import store

sys.path.insert(0, str(Path(__file__).parent))
import browser  # noqa: E402

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(browser.missing()), reason=browser.missing() or "a browser is there")]

HOUSE = Path(__file__).resolve().parent.parent
TEXT = "Ìjàpá jẹ́ ẹranko tó ń rìn díẹ̀díẹ̀. Ó ń gbé inú igbó, ó sì máa ń jẹ ewé ọṣọ."
ARABIC = {"context": "السلحفاة حيوان بطيء يعيش في الغابة.", "evidence": "يعيش في الغابة", "question": "أين تعيش السلحفاة؟", "answer": "تعيش السلحفاة في الغابة."}
CELL = "import sys; sys.path.insert(0, {house!r})\nfrom gi_helpers import widgets\nwidgets.qa_editor({file!r}, 'Ada')"


def rows():
    plain = [{"id": f"r{number:02}", "context": TEXT, "evidence": "ó ń gbé  inú igbó", "question": f"Níbo ni ìjàpá {number} ń gbé?", "answer": "Inu igbo.",
              "status": "needs_review", "reviewer": "", "flags": "", "score": "100"} for number in range(12)]
    plain[3].update(ARABIC)
    return [{**row, "question_llm": row["question"], "answer_llm": row["answer"]} for row in plain]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    with browser.Lab(folder, GI_DATA=str(folder / "data"), GI_MODE="practice") as one:
        yield one


@pytest.fixture
def opened(lab, request):
    """(the notebook with an editor on a fresh table, that table's file)"""
    name = request.node.name
    file = store.write(rows(), lab.folder / name / "4_qa.csv")
    browser.write_notebook(lab.folder, f"{name}.ipynb", CELL.format(house=str(HOUSE), file=str(file)))
    with browser.browser_page() as page:
        notebook = browser.NotebookPage(page, lab, f"{name}.ipynb")
        notebook.run_all()
        yield notebook, file
        browser.picture(page, name)
        assert page.complaints == []


def on_disk(file, id, **values):
    def there():
        row = next(row for row in store.read(file).to_dict("records") if row["id"] == id)
        return all(row[name] == value for name, value in values.items())
    browser.wait_for(there, f"row {id} has {values} in {file.name}")


def card(notebook, number):
    return notebook.output().locator(".gi-card").nth(number)


def button(place, name):
    return place.locator("button.jupyter-button", has_text=name)


def test_what_is_typed_and_decided_is_on_the_disk_and_there_after_a_restart(opened):
    notebook, file = opened
    page, first = notebook.page, card(notebook, 0)
    assert first.locator("mark").inner_text() == "Ó ń gbé inú igbó"
    answer = first.get_by_label("Answer")
    answer.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Ẹ̀kọ́ ọ̀ṣọ́ ẹ̀ọ́ṣ")
    page.keyboard.press("Tab")
    on_disk(file, "r00", answer="Ẹ̀kọ́ ọ̀ṣọ́ ẹ̀ọ́ṣ", answer_llm="Inu igbo.", status="needs_review")
    button(first, "Save edit").click()
    on_disk(file, "r00", status="edited", reviewer="Ada")
    button(card(notebook, 1), "Accept").click()
    on_disk(file, "r01", status="accepted")
    third = card(notebook, 2)
    button(third, "Reject").click()
    third.get_by_text("without a reason").wait_for()
    third.get_by_label("Reason").fill("unnatural")
    button(third, "Reject").click()
    on_disk(file, "r02", status="rejected", reason="unnatural")
    notebook.output().get_by_text("3 of 12 rows reviewed").wait_for()

    notebook.come_back()
    notebook.output().get_by_label("Show").select_option("edited")
    card(notebook, 0).locator("del", has_text="igbo.").wait_for()
    assert card(notebook, 0).get_by_label("Answer").input_value() == "Ẹ̀kọ́ ọ̀ṣọ́ ẹ̀ọ́ṣ"
    notebook.output().get_by_label("Show").select_option("rejected")
    card(notebook, 0).get_by_text("Row 1 of 1, r02").wait_for()


def test_what_is_typed_while_the_page_turns_is_kept_in_its_own_row_and_nothing_comes_into_the_next(opened):
    notebook, file = opened
    page = notebook.page
    page.evaluate("() => addEventListener('input', event => {window.typed = event.target.value}, true)")
    card(notebook, 0).get_by_label("Answer").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Nínú")
    page.evaluate("() => [...document.querySelectorAll('.gi button')].find(one => one.textContent.includes('Next')).click()")  # the cursor stays in the field
    page.keyboard.type(" igbó abcdefghijklmnop", delay=20)
    card(notebook, 0).get_by_text("Row 6 of 12, r05").wait_for()
    typed = page.evaluate("window.typed")  # the page turns somewhere in the middle
    assert typed.startswith("Nínú")
    on_disk(file, "r00", answer=typed.strip())
    page.wait_for_timeout(2000)  # longer than the pause after which a text is saved
    on_disk(file, "r05", answer="Inu igbo.")
    assert card(notebook, 0).get_by_label("Answer").input_value() == "Inu igbo."


@pytest.mark.parametrize("leave", ["Next", "table", "search"])
def test_who_goes_on_typing_when_the_page_has_turned_writes_in_the_old_row_until_the_field_is_left(opened, leave):
    notebook, file = opened
    page, place = notebook.page, notebook.output()
    card(notebook, 4).get_by_label("Answer").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Nínú")
    if leave == "Next":
        page.evaluate("() => [...document.querySelectorAll('.gi button')].find(one => one.textContent.includes('Next')).click()")  # the cursor stays
        card(notebook, 4).get_by_text("Row 10 of 12, r09").wait_for()
    elif leave == "table":
        change(place.get_by_label("View"), "table")
        place.locator(".gi-row").nth(11).wait_for()
    else:  # finds less rows than the page has cards
        change(place.get_by_label("Search"), "ìjàpá 2")
        place.get_by_text("Row 1 of 1, r02").wait_for()
    page.keyboard.type(" igbó ", delay=20)
    page.wait_for_timeout(2000)  # longer than the pause after which a text is saved
    page.keyboard.type("ńlá", delay=20)
    on_disk(file, "r04", answer="Nínú igbó ńlá")
    browser.picture(page, f"typing-on-{leave}")
    page.keyboard.press("Tab")
    if leave == "table":
        assert place.locator(".gi-row").nth(4).get_by_label("Answer").input_value() == "Nínú igbó ńlá"
    if leave == "Next":
        card(notebook, 4).get_by_label("Answer").click()  # the field of the new row, where the old one was
        page.keyboard.press("End")
        page.keyboard.type(" Bẹ́ẹ̀ ni.")
        on_disk(file, "r09", answer="Inu igbo. Bẹ́ẹ̀ ni.")
    assert [row["answer"] for row in store.read(file).to_dict("records") if row["id"] not in ("r03", "r04", "r09")] == ["Inu igbo."] * 9


def change(field, value):
    """Choose without taking the cursor along, as a message of a slow network comes."""
    field.evaluate("(field, value) => {field.value = value; field.dispatchEvent(new Event('change', {bubbles: true}))}", value)


def test_a_letter_of_the_palette_stands_where_the_cursor_was(opened):
    notebook, file = opened
    page, first = notebook.page, card(notebook, 0)
    answer = first.get_by_label("Answer")
    answer.click()
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    first.get_by_label("insert ọ", exact=True).click()
    assert answer.input_value() == "Inu ọigbo."
    page.keyboard.press("Tab")  # out of the field, onto the letters: the keyboard alone does it, too
    page.keyboard.press("Enter")
    assert len(answer.input_value()) == 11 and answer.evaluate("field => field === document.activeElement")
    page.keyboard.press("Tab")
    on_disk(file, "r00", answer=answer.input_value())


def test_the_keyboard_alone_decides(opened):
    notebook, file = opened
    page = notebook.page
    notebook.output().get_by_label("Keys").focus()
    page.keyboard.type("asr2a")
    on_disk(file, "r03", status="accepted")
    assert store.read(file)["status"].tolist()[:5] == ["accepted", "skipped", "rejected", "accepted", "needs_review"]
    page.keyboard.type("pu")
    on_disk(file, "r03", status="needs_review")
    button(card(notebook, 4), "Accept").focus()
    page.keyboard.press("Space")
    on_disk(file, "r04", status="accepted")
    page.keyboard.press("Escape")
    button(card(notebook, 4), "Accept").focus()
    page.keyboard.type("ddx")  # JupyterLab's keys for deleting and cutting a cell
    assert card(notebook, 4).is_visible()


def test_arabic_stands_on_the_right_and_the_table_edits_in_place(opened):
    notebook, file = opened
    assert card(notebook, 3).locator("mark").inner_text() == ARABIC["evidence"]
    # The first letter of an Arabic text stands in the right half of its box.
    right = card(notebook, 3).locator(".gi-passage").evaluate("""box => {const range = document.createRange(); const text = box.firstChild;
        range.setStart(text, 0); range.setEnd(text, 1);
        return range.getBoundingClientRect().left - box.getBoundingClientRect().left > box.clientWidth / 2}""")
    style = card(notebook, 3).get_by_label("Answer").evaluate("field => [getComputedStyle(field).unicodeBidi, getComputedStyle(field).textAlign]")
    assert right and style == ["plaintext", "start"]
    notebook.output().get_by_label("View").select_option("table")
    lines = notebook.output().locator(".gi-row")
    lines.nth(11).wait_for()
    lines.nth(11).get_by_label("Answer").fill("Nínú igbó.")
    button(lines.nth(11), "Accept").click()
    on_disk(file, "r11", answer="Nínú igbó.", status="edited")


def test_a_window_as_narrow_as_a_phone_shows_everything(opened):
    notebook, file = opened
    notebook.narrow()
    first = card(notebook, 0)
    wide = first.evaluate("card => card.closest('.jp-OutputArea').getBoundingClientRect().right")
    for name in ("Question", "Answer"):
        field, label = first.get_by_label(name).bounding_box(), first.get_by_text(name, exact=True).bounding_box()
        assert field["x"] + field["width"] <= wide and field["width"] > 200 and label["y"] < field["y"]
    for name in ("Accept", "Save edit", "Reject", "Skip", "Undo"):
        place = button(first, name).bounding_box()
        assert place["x"] >= 0 and place["x"] + place["width"] <= wide and place["height"] >= 40
    button(first, "Accept").click()
    on_disk(file, "r00", status="accepted")


# Words whose colour is too near to what is painted behind them (WCAG 2.2, 4.5 to 1), as the browser shows them.
FAINT = """() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {const [r, g, b] = parts(colour).map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
                           return 0.2126 * r + 0.7152 * g + 0.0722 * b};
  const ground = element => {for (; element; element = element.parentElement) {const colour = getComputedStyle(element).backgroundColor; if (parts(colour)[3] !== 0) return colour}
                             return 'rgb(255, 255, 255)'};
  const own = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()) || element.value;
  const shown = [...document.querySelectorAll('.gi *')].filter(element => element.checkVisibility() && !element.disabled && own(element) && element.tagName !== 'STYLE');
  const faint = shown.filter(element => {const [low, high] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => a - b); return (high + 0.05) / (low + 0.05) < 4.5});
  return [shown.length, faint.map(element => element.className + ': ' + (element.value || element.textContent).slice(0, 40))]}"""


def test_every_word_can_be_read_under_the_dark_theme(opened):  # the last of this file: its JupyterLab stays dark
    notebook, _ = opened
    notebook.page.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    notebook.page.wait_for_function("document.body.dataset.jpThemeLight === 'false' && getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor !== 'rgb(255, 255, 255)'")
    shown, faint = notebook.page.evaluate(FAINT)
    assert shown > 50 and faint == []
