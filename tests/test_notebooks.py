"""All notebooks have one shape, and all of them run in practice and leave what they promise."""
import re
import sys
import types
from pathlib import Path

import nbformat
import pytest

from gi_helpers import publish, ratings, store
from gi_helpers.practice import wiki

sys.path.insert(0, str(Path(__file__).parent))
import road  # noqa: E402

FOLDER = store.HOUSE / "notebooks"
ORDER = ["0_start", "1_wiki_scrape", "2_bbc_scrape", "3_clean", "4_translate", "4b_review", "5_csv_to_jsonl", "6_check", "7_finetune", "8_TruthfulQA",
         "9_evaluate", "9b_ratings", "10_publish"]
WIDGETS = ("language_picker", "mode_picker", "token_histogram", "qa_editor", "rating_desk", "check_table")


def notebook(name):
    return nbformat.read(FOLDER / f"{name}.ipynb", 4)


def sources(name, kind):
    return [cell.source for cell in notebook(name).cells if cell.cell_type == kind]


def test_there_are_thirteen_notebooks_in_order():
    assert sorted(file.stem for file in FOLDER.glob("*.ipynb")) == sorted(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_a_notebook_has_the_shape_of_all(name):
    cells, words = notebook(name).cells, "\n".join(sources(name, "markdown"))
    assert len(re.findall("^# ", words, re.M)) == 1 and words.startswith(f"# {name.split('_')[0]} · ")
    assert f"blob/v0.1.0/notebooks/{name}.ipynb)" in words and f"notebooks/{name}.ipynb)" in words.split("mybinder.org/v2")[1]
    assert all(part in words for part in ("In: ", "Out: ", "Time: ", "Cost: ", "Key: ", "*Where you are:*", "## If something goes wrong", "## Your turn", "## What you made"))
    assert len(words.split()) <= 900 and 18 <= len(cells) <= 28
    assert [cell.source for cell in cells if cell.cell_type == "code"][0] == sources("0_start", "code")[0]
    following = ORDER[ORDER.index(name) + 1] if name != ORDER[-1] else None
    assert following is None or f"]({following}.ipynb)" in words.split("## What you made")[1]
    assert all((FOLDER / link).exists() for link in re.findall(r"\]\(([^)/]+\.ipynb)\)", words))


@pytest.mark.parametrize("name", ORDER)
def test_the_parts_come_in_the_same_order_in_each(name):
    words = "\n".join(sources(name, "markdown"))
    headings = re.findall("^## (.+)$", words, re.M)
    steps = [int(found[1]) for heading in headings if (found := re.match(r"Step (\d+): ", heading + ": "))]
    assert steps == list(range(1, len(steps) + 1)) and headings[0].startswith("Step 1")
    last = [heading for heading in headings if heading in ("Check", "If something goes wrong", "Your turn", "What you made")]
    assert last == ["Check", "If something goes wrong", "Your turn", "What you made"] and headings[-1] == last[-1]
    section = dict(zip(headings, re.split("^## .+$", words, flags=re.M)[1:], strict=True))
    assert re.match(r"\s*You should now see ", section["Check"]) and len(re.findall(r"^\d\. ", section["Your turn"], re.M)) in (2, 3)
    following = ORDER[ORDER.index(name) + 1:][:1]
    assert all(words.rstrip().endswith(f"Next: [{one}]({one}.ipynb).") for one in following)


@pytest.mark.parametrize("name", ORDER)
def test_a_notebook_is_committed_clean(name):
    book = notebook(name)
    assert "widgets" not in book.metadata and not any(cell.get("outputs") or cell.get("execution_count") for cell in book.cells)
    text = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert not re.search(r"sk-[\w-]{16}|hf_\w{16}", text)
    assert not re.search(r"!\[\]\(|<img(?![^>]*alt=)", text)


@pytest.mark.parametrize("name", ORDER)
def test_code_cells_are_short_and_widgets_cannot_be_deleted_by_a_slip(name):
    for cell in notebook(name).cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 6
            if any(f"widgets.{widget}(" in cell.source for widget in WIDGETS):
                assert cell.metadata.get("deletable") is False


def test_the_set_up_cell_clones_and_installs_in_colab_only_what_is_missing(tmp_path, monkeypatch):
    ran = []
    cell = sources("0_start", "code")[0].replace("!git", "shell('git").replace("workbook.py colab", "workbook.py colab')")
    assert cell.count("shell(") == 1 and "{sys.executable}" in cell
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    exec(cell, {"shell": ran.append})
    assert ran[0].startswith("git clone -q --depth 1 -b v0.1.0 https://github.com/") and "workbook.py colab" in ran[0]


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """(the folder of Yoruba after the whole road, what the walk said)"""
    data, said = road.copy(tmp_path_factory)
    return data / "yo", said


def test_every_notebook_runs_in_practice_with_a_line_each(walked):
    folder, said = walked
    assert [line.split()[0] for line in said.splitlines() if " ok " in line] == ORDER
    assert "rehearsal" in said and sorted(file.stem for file in (folder / "notebooks").glob("*.ipynb")) == sorted(ORDER)
    assert (folder / "PRACTICE.txt").exists()


def test_the_articles_are_the_texts_that_were_written_letter_by_letter(walked):
    table, gold = store.read(walked[0] / "1_wiki_scrape.csv"), wiki.gold("yo")
    assert len(table) >= 25
    assert {row.title: row.text for row in table.itertuples()} == {title: "\n\n".join(gold[title]) for title in table["title"]}


def test_only_rows_that_were_accepted_went_into_training(walked):
    qa = store.read(walked[0] / "4_qa.csv")
    kept = qa[qa["status"].isin(["accepted", "edited", "approved"])]
    lines = [*store.read_jsonl(walked[0] / "5_train.jsonl"), *store.read_jsonl(walked[0] / "5_validation.jsonl")]
    assert len(qa) > len(kept) == len(lines) >= 10
    assert {line["messages"][-1]["content"] for line in lines} == set(kept["answer"])
    assert set(kept["model"]) <= {"practice-teacher", ""}


def test_the_tuned_practice_model_is_better_than_its_base_and_everything_says_practice(walked):
    scores = store.read(walked[0] / "9_scores.csv")
    best = {row.arm: float(row.accuracy) for row in scores[scores["subset"] == "all"].itertuples()}
    assert best["tuned"] > best["base"] + 0.1 and set(scores["note"]) == {"PRACTICE"}
    assert "PRACTICE" in store.read_text(walked[0] / "9_report.html") and store.read_json(walked[0] / "7_model.json")["practice"] is True
    verdict = next(output for cell in nbformat.read(walked[0] / "notebooks" / "9_evaluate.ipynb", 4).cells for output in cell.get("outputs", [])
                   if "verdict" in cell.source and output.output_type == "stream")
    assert verdict.text.startswith("PRACTICE: tuned is better by ")


def test_what_is_published_is_whole_and_marked_as_a_rehearsal(walked):
    folder = walked[0] / "10_publish"
    assert publish.validate(folder) == []
    assert "PRACTICE" in store.read_text(folder / "README.md") and store.read_json(folder / "registry.json")["redistributable"] is False
    qa = store.read(walked[0] / "4_qa.csv")
    # Practice news may go out, because it was written for this project.
    assert all(permission.startswith("practice: rehearsal") for permission in qa[qa["source"] == "bbc"]["permission"])


def test_walking_again_adds_nothing_and_changes_nothing(walked, monkeypatch):
    folder = walked[0]
    before = {name: store.sha256(folder / name) for name in ("1_wiki_scrape.csv", "4_qa.csv", "5_train.jsonl")}
    monkeypatch.setenv("GI_DATA", str(folder.parent))
    import workbook
    assert workbook.run(workbook.notebooks(FOLDER, "1", "1") + workbook.notebooks(FOLDER, "4", "5"), "yo", data=folder.parent) == 0
    assert {name: store.sha256(folder / name) for name in before} == before


def changed(walked, folder, monkeypatch, name, old, new):
    """Run one notebook with one line changed, on a copy of what was walked; gives the folder of Yoruba."""
    import shutil
    import workbook

    shutil.copytree(walked[0].parent, folder / "data")
    (folder / "notebooks").mkdir(exist_ok=True)
    monkeypatch.setenv("PYTHONPATH", str(store.HOUSE))
    monkeypatch.setenv("GI_DATA", str(folder / "data"))
    text = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / "notebooks" / f"{name}.ipynb").write_text(text.replace(old, new), encoding="utf-8")
    assert workbook.run(workbook.notebooks(folder / "notebooks"), "yo", data=folder / "data") == 0
    return folder / "data" / "yo"


def test_notebook_9_walks_with_free_answers_and_an_english_arm(walked, tmp_path, monkeypatch):
    """The other way of asking is chosen in one line: own words, judged by a third model."""
    folder = changed(walked, tmp_path, monkeypatch, "9_evaluate", 'mode, english = \\"binary\\", False', 'mode, english = \\"free\\", True')
    scores = store.read(folder / "9_scores.csv")
    best = {row.arm: float(row.accuracy) for row in scores[scores["mode"] == "free"].itertuples()}
    assert list(best) == ["base", "tuned", "in English"] and best["tuned"] > best["base"]
    answers = store.read(folder / "9_answers.csv")
    assert set(answers.loc[answers["mode"] == "free", "judge"]) == {"practice-judge"} and (folder / "9_spotcheck.csv").exists()


def test_notebook_9b_rates_the_answers_of_the_earlier_web_app(walked, tmp_path, monkeypatch):
    entries = [{"question": "Kí ni ẹ̀bà?", "answer": ["Oúnjẹ ni.", "Gàrí tí a fi omi gbígbóná rò ni.", "Mi ò mọ̀."]}, {"question": "Níbo ni Ọ̀yọ́ wà?", "answer": ["Ní ìwọ̀-oòrùn.", "Ní àríwá."]}]
    (tmp_path / "notebooks").mkdir()
    store.write_json(entries, tmp_path / "notebooks" / "answers.json")  # beside the notebook, where a person puts it
    folder = changed(walked, tmp_path, monkeypatch, "9b_ratings", "web = None ", 'web = \\"answers.json\\" ')
    pairs, given = store.read(folder / "9b_pairs.csv"), store.read(folder / "9b_ratings.csv")
    assert len(pairs) == 4 and set(pairs["question"]) == {entry["question"] for entry in entries} and set(pairs["base"]) | set(pairs["tuned"]) == {"first", "second", "third"}
    now = ratings.current(given, pairs)
    assert set(now["item"]) == set(pairs["item"]) and len(now) >= 8
    assert {row["prompt"] for row in store.read_jsonl(folder / "9b_preferences.jsonl")} <= set(pairs["question"])
    assert sorted(store.read_json(folder / "9b_web.json"), key=lambda row: row["question"]) == sorted(entries, key=lambda row: row["question"])
