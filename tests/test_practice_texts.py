"""The texts that the project ships are complete, spelled in NFC, and say what they are."""
import json
import unicodedata

import pytest

from gi_helpers import store

CODES = sorted(folder.name for folder in store.shipped("practice").iterdir() if folder.is_dir())


def load(*parts):
    return store.read_json(store.shipped(*parts))


def words(article):
    return sum(len(paragraph.split()) for paragraph in article["paragraphs"])


def test_the_four_languages_of_the_project_have_practice_texts():
    assert set(CODES) >= {"yo", "ha", "ig", "pcm"}


@pytest.mark.parametrize("code", CODES)
def test_articles_are_many_enough_of_the_right_length_and_say_that_they_were_written_here(code):
    book = load("practice", code, "articles.json")
    assert book["licence"] == "CC0-1.0" and "Written for the GlobalInstruct workbook" in book["note"] and "a speaker must approve" in book["note"]
    assert len(book["articles"]) >= 25
    assert {article["title"]: words(article) for article in book["articles"] if not 80 <= words(article) <= 250} == {}
    topics = {article["topic"] for article in book["articles"]}
    assert topics >= {"place", "food", "health", "history", "proverb"}


@pytest.mark.parametrize("code", CODES)
def test_news_stories_are_many_enough_and_have_paragraphs(code):
    book = load("practice", code, "news.json")
    assert "Written for the GlobalInstruct workbook" in book["note"] and len(book["stories"]) >= 12
    assert all(len(story["paragraphs"]) >= 4 and story["headline"] and story["published"].endswith("Z") for story in book["stories"])
    assert len({story["id"] for story in book["stories"]}) == len(book["stories"])


@pytest.mark.parametrize("code", CODES)
def test_every_question_has_its_evidence_word_for_word_and_options_that_differ(code):
    texts = {article["title"]: "\n".join(article["paragraphs"]) for article in load("practice", code, "articles.json")["articles"]}
    questions = load("practice", code, "questions.json")["questions"]
    assert len(questions) >= 30
    for question in questions:
        assert question["evidence"] in texts[question["source"]], question["id"]
        for side in (question["en"], question["own"]):
            assert side["best"] in side["correct"] and side["best_incorrect"] in side["incorrect"]
            options = [option.casefold() for option in side["correct"] + side["incorrect"]]
            assert len(set(options)) == len(options), question["id"]
        assert [len(question["en"][kind]) for kind in ("correct", "incorrect")] == [len(question["own"][kind]) for kind in ("correct", "incorrect")]


@pytest.mark.parametrize("code", [*CODES, "sw"])
def test_the_language_sheet_is_complete_and_marked_as_a_draft(code):
    sheet = load("sheets", f"{code}.json")
    assert "a speaker must approve" in sheet["note"]
    assert all("{title}" in pattern for pattern in sheet["question_patterns"].values())
    assert all(example["evidence"] in example["passage"] for example in sheet["examples"]) and len(sheet["examples"]) == 2
    assert all(isinstance(sheet[part], list) and len(sheet[part]) >= 2 for part in ("orthography", "letters", "templates", "refusals", "meta_phrases"))
    assert {"orthography", "letters", "templates", "refusal", "answer_word", "letter_instruction", "stop_words"} <= set(sheet)


def test_all_shipped_texts_are_in_nfc():
    wrong = []
    for file in [*store.shipped("practice").rglob("*.json"), *store.shipped("sheets").glob("*.json")]:
        text = json.dumps(store.read_json(file), ensure_ascii=False)
        if text != unicodedata.normalize("NFC", text):
            wrong.append(file.name)
    assert wrong == []


def test_no_sentence_stands_in_two_articles():
    for code in CODES:
        seen = {}
        for article in load("practice", code, "articles.json")["articles"]:
            for sentence in {part.strip() for paragraph in article["paragraphs"] for part in paragraph.split(". ") if len(part) > 40}:
                assert seen.setdefault(sentence, article["title"]) == article["title"], sentence
