"""What is published is what people accepted, with an honest card, and nothing else."""
import json

import pandas as pd
import pytest
import yaml

from gi_helpers import publish, store
from gi_helpers.errors import NeedsFixing


def row(number, **more):
    return {"id": f"r{number}", "passage_id": f"p{number}", "source": "wikipedia", "title": f"Ojúewé {number}", "url": f"https://yo.wikipedia.org/{number}",
            "licence": "CC BY-SA 4.0", "method": "grounded_qa", "model": "m1", "question": f"Kí ni {number}?", "answer": f"Èyí ni {number}.", "status": "accepted", **more}


@pytest.fixture
def stages(tmp_path):
    folder = tmp_path / "yo"
    rows = [row(n, status="edited" if n % 4 == 0 else "accepted") for n in range(20)]
    rows += [row(20, status="rejected"), row(21, status="needs_review"), row(22, source="bbc"), row(23, answer="Ẹ kọ̀wé sí ada@example.com."),
             row(24, question="Kí ni sk-abcdefghijklmnopqrstuv?"), row(25, answer="Ẹ pe 0803 123 4567.")]
    store.write(rows, folder / "4_qa.csv")
    store.write([{"item": "1", "kind": "question", "source": "Why?", "target": "Kí ló dé?"}], folder / "8_truthfulqa.csv")
    return folder


def build(stages, **more):
    return publish.build(stages, stages / "10_publish", **{"language": "yo", "name": "yor-instructions", "title": "Yoruba: instructions", "contact": "team@example.org", **more})


def test_only_what_may_be_published_goes_out_and_the_rest_is_listed_with_the_reason(stages):
    result = build(stages)
    out = stages / "10_publish"
    answers = {talk["messages"][-1]["content"] for side in ("train", "validation") for talk in store.read_jsonl(out / f"{side}.jsonl")}
    assert answers == {f"Èyí ni {n}." for n in range(20)}
    assert result["left_out"] == {"not accepted by people (rejected)": 1, "not accepted by people (needs_review)": 1, "news text without permission to publish": 1,
                                  "holds an e-mail address or a telephone number": 2, "holds a key or another secret": 1}
    assert sum(result["rows"].values()) == 20


def test_news_with_a_permission_to_publish_goes_out():
    kept, _ = publish.choose(pd.DataFrame([row(1, source="bbc", permission="licence: Ada Obi"), row(2, source="bbc", permission="research: Ada Obi")]))
    assert kept["id"].tolist() == ["r1"]


def test_the_card_is_yaml_with_quoted_codes_and_splits_that_exist(stages):
    build(stages)
    head = store.read_text(stages / "10_publish" / "README.md").split("---")[1]
    about = yaml.safe_load(head)
    assert about["language"] == ["yo"] and '- "yo"' in head and about["pretty_name"] == "Yoruba: instructions"
    assert about["license"] == "cc-by-sa-4.0" and about["size_categories"] == ["n<1K"]
    assert all((stages / "10_publish" / entry["path"]).exists() for entry in about["configs"][0]["data_files"])


def test_the_card_says_how_many_rows_people_corrected_and_that_a_rehearsal_is_one(stages):
    build(stages)
    words = store.read_text(stages / "10_publish" / "README.md")
    assert "5 of them were corrected (25 %)" in words and "26 drafted rows people decided 25" in words
    assert "PRACTICE: this is a rehearsal" in words


def test_the_language_no_is_not_read_as_false(stages):
    build(stages, language="no")
    assert yaml.safe_load(store.read_text(stages / "10_publish" / "README.md").split("---")[1])["language"] == ["no"]


def test_sources_are_attributed_and_the_evaluation_set_carries_its_canary(stages):
    build(stages)
    out = stages / "10_publish"
    assert "[Ojúewé 3](https://yo.wikipedia.org/3), CC BY-SA 4.0" in store.read_text(out / "ATTRIBUTION.md")
    assert next(store.read_jsonl(out / "eval" / "truthfulqa.jsonl"))["canary"] == publish.CANARY
    assert "creativecommons.org/licenses/by-sa/4.0" in store.read_text(out / "LICENSE")


def test_a_changed_or_missing_file_is_found(stages):
    build(stages)
    out = stages / "10_publish"
    assert publish.validate(out) == []
    store.write_text(store.read_text(out / "LICENSE") + "x", out / "LICENSE")
    (out / "ATTRIBUTION.md").unlink()
    store.write_text("x", out / "extra.txt")
    assert publish.validate(out) == ["ATTRIBUTION.md is stated but not there; build the folder again", "LICENSE was changed after it was registered; build the folder again",
                                     "extra.txt is there but not stated; build the folder again"]


def test_no_reviewed_rows_and_an_unknown_licence_are_one_sentence(stages):
    with pytest.raises(NeedsFixing, match="the licence 'gpl' is not known; choose one of cc-by-sa-4.0"):
        build(stages, licence="gpl")
    store.write([row(1, status="generated")], stages / "4_qa.csv")
    with pytest.raises(NeedsFixing, match="none of the 1 rows may be published; review rows"):
        build(stages)


def test_a_name_can_be_registered_again_only_with_the_same_files(stages, tmp_path):
    build(stages)
    place = publish.register(stages / "10_publish", tmp_path / "registry")
    assert place == tmp_path / "registry" / "yor" / "yor-instructions-1.0.0.json" and json.loads(place.read_text())["language"]["iso639_3"] == "yor"
    assert publish.register(stages / "10_publish", tmp_path / "registry") == place
    store.write([row(n) for n in range(3)], stages / "4_qa.csv")
    build(stages)
    with pytest.raises(NeedsFixing, match="is registered already with other files; choose another name or a higher version"):
        publish.register(stages / "10_publish", tmp_path / "registry")
