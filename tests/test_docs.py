"""The pages for people: they lead where they say, and every error has its place in troubleshooting.md."""
import ast
import re
from pathlib import Path

import nbformat
import pytest

from gi_helpers import errors, languages, store, widgets
from gi_helpers.widgets import style

ROOT = store.HOUSE
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FRENCH = nbformat.read(ROOT / "notebooks" / "fr" / "0_start.ipynb", 4)


def anchors(page):
    """The places in a page that a link can name, as GitHub makes them of its headings."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def words(node):
    """A sentence of the source, X for what is filled in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(words, node.values))
    if isinstance(node, ast.BinOp):
        return words(node.left) + words(node.right)
    return words(node.body) if isinstance(node, ast.IfExp) else "X"


def sentences():
    """Every sentence that NeedsFixing is raised with, of six words or more."""
    for file in sorted((ROOT / "gi_helpers").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "NeedsFixing" and node.args:
                sentence = words(node.args[0])
                if len(sentence.split()) >= 6:
                    yield sentence


def test_every_error_has_its_place_in_troubleshooting():
    found = list(sentences())
    places = {sentence: errors.more_help(sentence).split("#")[1] for sentence in found}
    assert len(found) > 150 and set(places.values()) >= set(errors.HELP)
    lost = [sentence for sentence, place in places.items() if place == "something-else"]
    assert len(lost) <= len(found) / 20, lost  # a new one may wait for its heading, but not many
    assert set(errors.HELP) | {"something-else"} <= anchors(ROOT / "docs" / "troubleshooting.md")


@pytest.mark.parametrize("sentence, place", [
    ("the contact is ''; give your team's e-mail or web address in notebook 0_start", "contact"),
    ("there is no OPENAI_API_KEY; run the cell with widgets.ask_key()", "key"),
    ("yo.wikipedia.org answered HTTP 429 for https://yo.wikipedia.org; it asks for a slower pace", "network"),
    ("/x/3_clean.csv is not there; run the notebook that writes it first", "not-there"),
    ("4_qa.csv is in use by another notebook; stop that one", "in-use"),
    ("4_qa.csv is not UTF-8; open it in the spreadsheet and save it as 'CSV UTF-8'", "damaged-file"),
    ("none of the 40 rows is reviewed; accept or edit some rows in notebook 4b_review first", "review"),
    ("the worm has no teeth", "something-else"),
])
def test_common_errors_lead_to_the_right_place(sentence, place):
    assert errors.more_help(sentence) == f"docs/troubleshooting.md#{place}"


def test_notebook_and_widgets_show_where_more_is_said():
    error = errors.NeedsFixing("the contact is ''; give one")
    assert error._render_traceback_() == ["Please fix: the contact is ''; give one", "More help: docs/troubleshooting.md#contact"]
    assert "Please fix: the contact is ''; give one" in style.explain(error) and "troubleshooting.md#contact" in style.explain(error)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere_and_pictures_have_words(page):
    text = page.read_text(encoding="utf-8")
    for alt, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text):
        assert len(alt.split()) >= 2, target
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http", "mailto:")):
            continue
        file, _, place = target.partition("#")
        goal = (page.parent / file).resolve() if file else page
        assert goal.exists(), target
        assert not place or place in anchors(goal), target


def test_what_the_pages_tell_people_to_run_exists():
    said = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert {*re.findall(r"workbook\.py (\w+)", said)} <= {"run", "lab", "test", "kit", "bench"}
    assert {*re.findall(r"`?widgets\.(\w+)", said)} <= set(widgets.__all__)


def test_the_french_first_notebook_has_the_same_cells_as_the_english_one():
    english = nbformat.read(ROOT / "notebooks" / "0_start.ipynb", 4)
    code = [[cell.source for cell in book.cells if cell.cell_type == "code"] for book in (english, FRENCH)]
    assert code[0][0] == code[1][0] and [line for line in code[1] if "speak" not in line][1:5] == code[0][1:5]
    said = "\n".join(cell.source for cell in FRENCH.cells if cell.cell_type == "markdown")
    assert 18 <= len(FRENCH.cells) <= 28 and len(re.findall("^# ", said, re.M)) == 1 and "notebooks/fr/0_start.ipynb)" in said
    for target in re.findall(r"\]\(([^)\s]+)\)", said):
        assert target.startswith("http") or (ROOT / "notebooks" / "fr" / target).exists(), target
    assert not any(cell.get("outputs") for cell in FRENCH.cells)
    assert all(cell.metadata.get("deletable") is False for cell in FRENCH.cells if re.search(r"_picker\(|stages\(", cell.source))


def test_the_french_first_notebook_runs(tmp_path, monkeypatch):
    import workbook

    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # it stands one folder deeper; elsewhere the installation brings the helpers
    assert workbook.run([Path(ROOT / "notebooks" / "fr" / "0_start.ipynb")], "ha", data=tmp_path) == 0
    book = nbformat.read(tmp_path / "ha" / "notebooks" / "0_start.ipynb", 4)
    shown = str(book.metadata["widgets"])
    assert "Langue choisie : Hausa (ha)" in shown and "À faire : ouvrez 1_wiki_scrape." in shown
    assert any("Langue : Hausa (ha) | mode : practice" in output.get("text", "") for cell in book.cells for output in cell.get("outputs", []))


def test_the_pages_name_only_languages_that_there_are():
    for page in (ROOT / "docs").glob("*.md"):
        for code in re.findall(r"--language (\w+)", page.read_text(encoding="utf-8")):
            assert languages.find(code)


def test_the_readme_shows_a_small_picture_of_every_notebook():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^\]]+\]\((docs/pictures/(\w+)\.png)\)", text)
    assert sorted(name for _, name in shown) == sorted(file.stem for file in (ROOT / "notebooks").glob("*.ipynb"))
    for file, _ in shown:
        assert (ROOT / file).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and (ROOT / file).stat().st_size <= 80_000
