"""The road over a real MediaWiki: notebooks 1, 3, 4, 4b, 5 and 6 on real Yoruba paragraphs, as `workbook.py run` plays them."""
import os
import subprocess
import sys

import pytest
from test_wiki_real import RealServer, pytestmark  # noqa: F401  (its marks: real, and why it would be skipped)

from gi_helpers import check, store

FOLDER = store.HOUSE / "notebooks"


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    data = tmp_path_factory.mktemp("real")
    server = RealServer()
    try:
        server.faults(None)
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GI_", "OPENAI_"))}
        code = (f"import sys; sys.path.insert(0, {str(store.HOUSE)!r}); import workbook; from pathlib import Path; books = workbook.notebooks(Path({str(FOLDER)!r})); "
                f"workbook.run([book for book in books if book.stem[:2] in ('1_', '3_', '4_', '4b', '5_', '6_')], 'yo', data=Path({str(data)!r}))")
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=store.HOUSE,
                             env={**clean, "GI_DATA": str(data), "GI_WIKI_URL": server.api})
        assert run.returncode == 0, run.stdout + run.stderr
        yield data / "yo", server.gold
    finally:
        server.stop()


def test_the_articles_hold_the_paragraphs_that_went_in_letter_by_letter(walked):
    folder, gold = walked
    table = store.read(folder / "1_wiki_scrape.csv")
    made = [row for row in table.itertuples() if row.title in gold]
    assert len(table) == 40 and len(made) >= 25
    assert {row.title: row.text.split("\n\n") for row in made} == {row.title: gold[row.title] for row in made}
    assert all(row.licence and row.revid and "oldid" in row.permalink for row in table.itertuples())


def test_clean_texts_are_the_articles_and_none_is_over_the_limit(walked):
    folder, gold = walked
    clean, dropped = store.read(folder / "3_clean.csv"), store.read(folder / "3_dropped.csv")
    articles = store.read(folder / "1_wiki_scrape.csv")
    assert clean["tokens"].astype(int).max() <= 4096
    assert set(clean["source_id"]) | set(dropped["source_id"]) == set(articles["id"])
    whole = {row.title: row.text for row in articles.itertuples()}
    # Cleaning takes out spaces and leftovers, never letters.
    assert all("".join(row.text.split()) in "".join(whole[row.title].split()) for row in clean.itertuples() if row.part == "1" and "[" not in whole[row.title])


def test_answers_stand_on_words_of_the_texts_and_the_training_file_holds_the_accepted_ones(walked):
    folder, _ = walked
    qa = store.read(folder / "4_qa.csv")
    grounded = qa[(qa["method"] == "grounded_qa") & (qa["status"] != "auto_fail")]
    assert len(grounded) >= 20 and all(row.evidence in row.context for row in grounded.itertuples())
    kept = qa[qa["status"] == "accepted"]
    lines = [*store.read_jsonl(folder / "5_train.jsonl"), *store.read_jsonl(folder / "5_validation.jsonl")]
    assert {line["messages"][-2]["content"] for line in lines} == set(kept["question"]) and len(lines) == len(kept)


def test_the_check_finds_no_error_that_would_block_the_training(walked):
    problems = check.problems(walked[0] / "5_train.jsonl")
    assert problems[problems["severity"] == "E"].to_dict("records") == []
