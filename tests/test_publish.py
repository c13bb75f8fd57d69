"""What is published is what people accepted, with an honest card, and nothing else."""
import json
from pathlib import Path

import browser
import pandas as pd
import pytest
import yaml

from gi_helpers import _frontmatter, _licences, _regpage, csv_to_jsonl, languages, publish, store
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
    with pytest.raises(NeedsFixing, match=r"none of the 1 rows may be published \(1 not accepted by people \(generated\)\); review rows"):
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
    publish.register(stages / "10_publish", tmp_path / "registry", replace=True)
    build(stages, created="2026-01-02")  # the same rows on another day are the same set
    assert store.read_json(publish.register(stages / "10_publish", tmp_path / "registry"))["created"] == "2026-01-02"


def test_readers_are_named_only_as_they_wish(stages):
    store.write([row(n, reviewer="ada" if n < 12 else "bayo" if n < 15 else "chidi") for n in range(20)], stages / "4_qa.csv")
    build(stages)
    words = store.read_text(stages / "10_publish" / "README.md")
    assert "3 people read them." in words and not [name for name in ("ada", "bayo", "chidi") if name in words]
    build(stages, credit={"ada": "Ada Obi, Ibadan", "bayo": ""})
    assert "Read and corrected by Ada Obi, Ibadan (12 rows), and 2 more who wish not to be named." in store.read_text(stages / "10_publish" / "README.md")


def test_the_card_tells_methods_models_corrections_and_tokens_of_the_rows(stages):
    store.write([row(1, question_llm="Kí ni 1?", answer_llm="Èyí ni 1."), row(2, question_llm="Ki ni 2?", answer_llm="x", status="edited"),
                 row(3, method="templates", model="")], stages / "4_qa.csv")
    build(stages)
    words = store.read_text(stages / "10_publish" / "README.md")
    assert "| grounded_qa | 2 | 50 % | m1 (2) |" in words and "| templates | 1 | 0 % | none (1) |" in words
    talks = [talk for side in ("train", "validation") for talk in store.read_jsonl(stages / "10_publish" / f"{side}.jsonl")]
    total = sum(publish.tokens.count(message["content"]) for talk in talks for message in talk["messages"])
    assert f"About {total:,} tokens" in words


def test_text_without_an_open_licence_stays_out_and_wikipedia_stays_share_alike(stages):
    kept, left_out = publish.choose(pd.DataFrame([row(1), row(2, licence="all rights reserved"), row(3, licence=""), row(4, licence="CC BY-NC 4.0"), row(5, licence="Public domain"),
                                                  row(6, question=" ")]))
    assert kept["id"].tolist() == ["r1", "r5"]
    assert left_out == {"its licence does not allow it (all rights reserved)": 1, "its licence is not stated": 1, "its licence does not allow it (CC BY-NC 4.0)": 1,
                        "the question or the answer is empty": 1}
    with pytest.raises(NeedsFixing, match="the licence cc0-1.0 does not go with texts under CC BY-SA"):
        build(stages, licence="cc0-1.0")


@pytest.mark.parametrize("licence, kind", [
    ("Creative Commons Attribution-Share Alike 4.0", "cc-by-sa"), ("Creative Commons Attribution-ShareAlike License 4.0", "cc-by-sa"), ("https://creativecommons.org/licenses/by-sa/4.0/", "cc-by-sa"),
    ("Licence Creative Commons attribution - partage (https://creativecommons.org/licenses/by-sa/4.0/deed.fr)", "cc-by-sa"), ("CC BY 4.0", "cc-by"), ("cc-by-4.0", "cc-by"),
    ("Creative Commons Attribution 4.0", "cc-by"), ("CC0 1.0", "cc0"), ("Public domain", "cc0"), ("https://creativecommons.org/licenses/by-nc-sa/4.0/", ""), ("Creative Commons Attribution-NonCommercial 4.0", ""),
    ("CC BY-ND 4.0", ""), ("GFDL", ""), ("All rights reserved", ""), ("", "")])
def test_what_a_source_says_of_its_licence_is_understood(licence, kind):
    assert _licences.standard(licence) == kind


def test_text_with_the_licence_as_wikipedia_says_it_goes_out_under_the_same(stages):
    store.write([row(n, licence="Creative Commons Attribution-Share Alike 4.0") for n in range(5)], stages / "4_qa.csv")
    assert build(stages)["licence"] == "cc-by-sa-4.0" and build(stages)["rows"] == {"train": 5, "validation": 0}
    with pytest.raises(NeedsFixing, match="the licence cc-by-4.0 does not go with texts under CC BY-SA"):
        build(stages, licence="cc-by-4.0")


def test_rows_that_others_could_not_use_or_trust_stay_out(stages):
    rows = [row(0), row(1, language="ha"), row(2, question="Kí ni 0?", answer="Èyí ni 0."), row(3, answer="Ó \u202edára\u202c."), row(4, answer="Ó\x00 dára."),
            row(5, url="https://www.bbc.com/yoruba/articles/x"), row(6, answer="می\u200cروم")]
    kept, left_out = publish.choose(pd.DataFrame(rows).fillna(""))
    assert set(kept["id"]) == {"r0", "r1", "r6"}
    store.write(rows, stages / "4_qa.csv")
    assert build(stages)["left_out"] == {"in another language (ha)": 1, "the same question and answer stand in another row": 1, "news text without permission to publish": 1,
                                         "holds hidden control characters; correct it in notebook 4b_review": 1 + ("\x00" in store.read(stages / "4_qa.csv")["answer"][4])}


def test_rows_of_a_rehearsal_stay_one_wherever_they_lie(stages, monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    store.write([row(n, licence="CC0 1.0 (GlobalInstruct practice text)") for n in range(5)], stages / "4_qa.csv")
    build(stages)
    assert store.read_json(stages / "10_publish" / "registry.json")["practice"] is True


@pytest.mark.parametrize("bad, sentence", [({"name": "Über set"}, "the name 'Über set'"), ({"version": "1"}, "the version '1'"), ({"title": " "}, "the title is empty"),
                                           ({"created": "2026-13-01"}, "the date '2026-13-01'"), ({"homepage": "our page"}, "the homepage 'our page'")])
def test_what_the_registry_would_refuse_is_told_before_the_work(stages, bad, sentence):
    with pytest.raises(NeedsFixing, match=sentence):
        build(stages, **bad)
    assert not (stages / "10_publish").exists()


def test_a_card_that_says_otherwise_than_its_entry_is_caught(stages):
    build(stages)
    folder = stages / "10_publish"
    card, about = store.read_text(folder / "README.md"), store.read_json(folder / "registry.json")
    for good, bad, sentence in [('license: "cc-by-sa-4.0"', 'license: "cc0-1.0"', "README.md says the licence cc0-1.0"), ('  - "yo"', '  - "ha"', "README.md says the language ['ha']"),
                                ('  - "yo"', '  - "yor"', "README.md says the language ['yor']")]:
        assert good in card
        store.write_text(card.replace(good, bad, 1), folder / "README.md")
        assert any(one.startswith(sentence) for one in publish.card_faults(folder, about)), sentence


def test_the_permission_of_news_is_found_by_its_address(stages):
    store.write([row(1, source="bbc", url="https://news/1", licence=""), row(2, source="bbc", url="https://news/2", licence="")], stages / "4_qa.csv")
    store.write([{"url": "https://news/1", "permission": "written: Ada"}, {"url": "https://news/2", "permission": "research: Ada"}], stages / "2_bbc_scrape.csv")
    assert build(stages)["left_out"] == {"news text without permission to publish": 1}
    assert "(https://news/1), published with permission" in store.read_text(stages / "10_publish" / "ATTRIBUTION.md")


def test_the_evaluation_set_has_its_own_licence_and_does_not_say_who_read_it(stages, monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    store.write([{"item": "1", "kind": "question", "source": "Why?", "target": "Kí ló dé?", "reviewer": "Ada"}], stages / "8_truthfulqa.csv")
    build(stages)
    out = stages / "10_publish"
    assert "Apache License 2.0" in store.read_text(out / "eval" / "LICENSE") and "Ada" not in store.read_text(out / "eval" / "truthfulqa.jsonl")
    assert "PRACTICE" not in store.read_text(out / "README.md") and store.read_json(out / "registry.json")["redistributable"] is True


def test_ready_settings_for_two_trainers_name_files_that_are_there(stages):
    build(stages)
    out = stages / "10_publish"
    axolotl, factory = (yaml.safe_load(store.read_text(out / "configs" / name)) for name in ("axolotl.yml", "llamafactory.yml"))
    assert (out / axolotl["datasets"][0]["path"]).exists() and (out / axolotl["test_datasets"][0]["path"]).exists()
    sets = store.read_json(out / "configs" / "dataset_info.json")
    assert {factory["dataset"], factory["eval_dataset"]} == set(sets) and all((out / "configs" / one["file_name"]).resolve().exists() for one in sets.values())


# ---------------------------------------------------------------- each rule of the front matter, broken once

BROKEN = [
    ('  - "yo"', "  - yo", "the language yo in README.md has no quotes"),
    ('  - "yo"', '  - "xx"', "the language 'xx' in README.md is not a known ISO 639 code"),
    ('license: "cc-by-sa-4.0"', "license: 5", "license in README.md is 5, not a text"),
    ('license: "cc-by-sa-4.0"', 'license: "gpl"', "the licence 'gpl' in README.md is not known"),
    ('license: "cc-by-sa-4.0"', "license:", "README.md has no license"),
    ('pretty_name: "Yoruba: instructions"', "pretty_name: no", "pretty_name in README.md is 'no' without quotes"),
    ('pretty_name: "Yoruba: instructions"', 'pretty_name: ""', "README.md has no pretty_name"),
    ('  - "n<1K"', '  - "1K<n<10K"', "size_categories in README.md is ['1K<n<10K'], but 20 rows are 'n<1K'"),
    ('  - "text-generation"', '  - "chatting"', "task_categories in README.md has 'chatting'; choose from"),
    ("tags:", 'task_ids:\n  - "quiz"\ntags:', "task_ids in README.md has 'quiz'; choose from"),
    ('  - "found"', '  - "stolen"', "language_creators in README.md has 'stolen'; choose from"),
    ('annotations_creators:\n  - "machine-generated"', 'annotations_creators:\n  - "nobody"', "annotations_creators in README.md has 'nobody'; choose from"),
    ('  - "monolingual"', '  - "many"', "multilinguality in README.md has 'many'; choose from"),
    ('  - "original"', '  - "copied"', "source_datasets in README.md has 'copied'; choose from"),
    ('  - "practice"', '  - "rehearsal"', "README.md of a rehearsal has no tag 'practice'"),
    ('  - "practice"', '  - "practice"\n  - "two words"', "the tag 'two words' in README.md is not one word"),
    ('path: "train.jsonl"', 'path: "data/train.jsonl"', "data/train.jsonl is named in README.md but is not there"),
    ('- split: "train"', '- split: "training"', "the split 'training' in README.md is not known"),
    ('config_name: "default"\n    default', 'config_name: "other"\n    default', "configs in README.md are called ['other']; one must be default"),
    ("num_examples: 18", "num_examples: 19", "README.md says 19 rows for train, but there are 18"),
    ("multilinguality:", "colour: \"blue\"\nmultilinguality:", "README.md has an unknown field 'colour'"),
    ("tags:\n", "tags\n", "the front matter of README.md cannot be read at 'tags'"),
    ("---\nlanguage", "language", "README.md does not begin with a front matter"),
]


@pytest.fixture(scope="module")
def good_card(tmp_path_factory):
    folder = tmp_path_factory.mktemp("card") / "yo"
    with pytest.MonkeyPatch.context() as patch:  # this comes before the fixture that gives each test its own data
        patch.setenv("GI_DATA", str(folder.parent))
        patch.setenv("GI_MODE", "practice")
        store.write([row(n) for n in range(20)], folder / "4_qa.csv")
        build(folder)
    out = folder / "10_publish"
    return out, store.read_text(out / "README.md")


@pytest.mark.parametrize(("good", "bad", "sentence"), BROKEN, ids=[one[2][:60] for one in BROKEN])
def test_a_broken_field_of_the_card_is_caught(good_card, good, bad, sentence):
    folder, text = good_card
    assert good in text and publish.validate(folder) == []
    store.write_text(text.replace(good, bad, 1), folder / "README.md")
    try:
        wrong = publish.card_faults(folder, store.read_json(folder / "registry.json"))
    finally:
        store.write_text(text, folder / "README.md")
    assert [one for one in wrong if one.startswith(sentence)], wrong


def test_our_reader_of_the_front_matter_agrees_with_a_yaml_library(good_card):
    head = _frontmatter.parts(good_card[1])[0]
    assert _frontmatter.read(head) == yaml.safe_load(head)


# ---------------------------------------------------------------- registry

def registered(stages, registry):
    build(stages)
    return publish.register(stages / "10_publish", registry)


SCORE = {"eval": "8_truthfulqa", "model": "m", "metric": "accuracy, binary", "value": 0.5, "n": 9, "ci": [0.1, 0.9]}


def test_an_entry_without_one_of_its_fields_is_refused(stages):
    build(stages)
    about = store.read_json(stages / "10_publish" / "registry.json")
    for name in ("practice", "stats", "scores", "sources", "review", "made_with", "contact", "citation", "homepage"):
        store.write_json({key: value for key, value in about.items() if key != name}, stages / "10_publish" / "registry.json")
        assert publish.validate(stages / "10_publish") == [f"the entry has no {name}; build the folder again"]


def test_a_registry_is_checked_as_a_whole(stages, tmp_path):
    registry = tmp_path / "registry"
    place = registered(stages, registry)
    assert publish.validate(registry) == []
    about = store.read_json(place)
    for change, sentence in [({"schema": 2}, "the schema 2 is not known"), ({"id": "Über set"}, "the name 'Über set' has other characters"), ({"version": "1"}, "the version '1' is not"),
                             ({"created": "today"}, "the date 'today' is not"), ({"kind": "poem"}, "the kind 'poem' is not known"), ({"license": "gpl"}, "the licence 'gpl' is not known"),
                             ({"language": {**about["language"], "iso639_3": "xxx"}}, "the language {'code': 'yo', 'iso639_3': 'xxx'"), ({"redistributable": True}, "a rehearsal cannot be"), ({"part_of": "../../etc"}, "part_of '../../etc' is not"),
                             ({"files": [{"path": "../x", "sha256": "0" * 64, "bytes": 1}]}, "the path ../x leads out"),
                             ({"files": [{"path": "x", "sha256": "0", "bytes": 1}]}, "x has no SHA-256"), ({"files": [{"path": "x", "sha256": "0" * 64, "bytes": "1"}]}, "x has no good number"),
                             ({"scores": [{**SCORE, "value": 2}]}, "the score of m is 2 between 0.1 and 0.9"), ({"scores": [{**SCORE, "value": "high"}]}, "scores.value is 'high'"),
                             ({"scores": [{"value": 1}]}, "scores.model is None"), ({"title": 3}, "title is 3, which is not a text"), ({"title": " "}, "the title is empty"),
                             ({"files": {}}, "files is {}, which is not a list"), ({"files": []}, "the entry names no file"), ({"redistributable": "yes"}, "redistributable is 'yes'"),
                             ({"created": "2026-99-99"}, "the date '2026-99-99'"), ({"created": "2999-01-01"}, "the date '2999-01-01'"), ({"homepage": "javascript:alert(1)"}, "the homepage 'javascript"),
                             ({"stats": {"rows": {"train": -5}}}, "the counts in stats"), ({"stats": {"rows": "many"}}, "stats.rows is 'many'"), ({"license": "mit"}, "the licence 'mit' is not known"),
                             ({"review": {"drafted": 1, "decided": 5}}, "the review says"), ({"version": "01.0.0"}, "the version '01.0.0'"),
                             ({"language": {**about["language"], "code": "ha"}}, "the language {'code': 'ha'"), ({"version": "1.0.1"}, "it must be called yor/yor-instructions-1.0.1")]:
        store.write_json({**about, **change}, place)
        assert [one for one in publish.validate(registry) if one.startswith(f"yor/yor-instructions-1.0.0.json: {sentence}")], (change, publish.validate(registry))
    store.write_json({**about, "title": "Another"}, place)
    assert [one.split(" does")[0] for one in publish.validate(registry)] == ["index.json", "index.html"]
    assert publish.rebuild(registry) == 2 and publish.validate(registry) == []


def test_the_evaluation_set_is_listed_by_itself_with_its_own_licence_and_readers(stages, tmp_path):
    rows = [{"item": item, "kind": kind, "source": "Why?", "target": "Kí ló dé?", "status": status, "culture": culture, "reviewer": "Ada"}
            for item, status, culture in (("1", "accepted", "keep"), ("2", "generated", "keep"), ("3", "rejected", "keep"), ("4", "accepted", "drop"), ("5", "edited", "adapt"))
            for kind in ("question", "best")]
    store.write(rows, stages / "8_truthfulqa.csv")
    place = registered(stages, tmp_path / "registry")
    assert {row["item"] for row in store.read_jsonl(stages / "10_publish" / "eval" / "truthfulqa.jsonl")} == {"1", "2", "5"}
    assert "holds 3 translated questions" in (card := store.read_text(stages / "10_publish" / "README.md")) and "decided 2 of them (67 %). 2 that people refused stayed out." in card
    about = store.read_json(place.with_name("yor-instructions-eval-1.0.0.json"))
    assert about["kind"] == "eval" and about["stats"] == {"evaluation_items": 3} and about["review"] == {"drafted": 3, "decided": 2} and about["part_of"] == "yor-instructions-1.0.0"
    assert {file["path"]: file["rows"] for file in about["files"]} == {"eval/LICENSE": None, "eval/truthfulqa.jsonl": 6} and about["license"] == "cc0-1.0"
    assert [entry["kind"] for entry in store.read_json(tmp_path / "registry" / "index.json")] == ["dataset", "eval"] and publish.validate(tmp_path / "registry") == []


def test_a_score_that_a_set_and_its_model_both_tell_stands_once_on_the_page():
    one = {"eval": "8_truthfulqa", "model": "ours", "metric": "accuracy, binary", "value": 0.5, "n": 40, "ci": [0.4, 0.6]}
    both = [{"language": languages.table().query("code == 'yo'").to_dict("records")[0], "id": kind, "version": "1.0.0", "kind": kind, "title": f"the {kind}", "license": "cc0-1.0",
             "created": "2026-11-22", "scores": [one, {**one, "model": kind}]} for kind in ("dataset", "model")]
    page = _regpage.page(both)
    table = page[page.index("Scores of models"):]
    assert table.count("<td>ours</td>") == 1 and "<td>ours</td><td>8_truthfulqa, accuracy, binary</td>" in table and table.count("the model") == 2 and table.count("the dataset") == 1


def test_files_beside_an_entry_are_hashed_again(stages, tmp_path):
    registry = tmp_path / "registry"
    folder = registry / "yor" / "yor-instructions-1.0.0"
    publish.build(stages, folder, language="yo", name="yor-instructions", title="Yoruba")
    publish.register(folder, registry)
    assert publish.validate(registry) == [] and store.read_json(registry / "index.json")[0]["folder"] == "yor/yor-instructions-1.0.0"
    store.write_text(store.read_text(folder / "train.jsonl") + "{}\n", folder / "train.jsonl")
    assert publish.validate(registry) == ["yor/yor-instructions-1.0.0.json: train.jsonl was changed after it was registered; build the folder again"]


def test_the_page_links_to_the_set_and_to_nothing_that_could_run(stages, tmp_path):
    place = registered(stages, tmp_path / "registry")
    about = store.read_json(place)
    for homepage, shown in (("https://example.org/yor", True), ("javascript:alert(1)", False)):  # an entry of a stranger is shown before it is checked
        store.write_json({**about, "homepage": homepage, "title": "<b>Yoruba</b>"}, place)
        publish.rebuild(tmp_path / "registry")
        page = store.read_text(tmp_path / "registry" / "index.html")
        assert (f'<a href="{homepage}">&lt;b&gt;Yoruba&lt;/b&gt;</a>' in page) is shown and "<b>" not in page and "javascript:" not in page


def test_the_committed_registry_is_whole_and_its_practice_sets_say_so():
    registry = Path(__file__).parent.parent / "registry"
    assert publish.validate(registry) == []
    listed = store.read_json(registry / "index.json")
    assert {entry["language"]["iso639_3"] for entry in listed} >= {"yor", "ibo", "hau", "pcm"}
    assert all(entry["practice"] and "-practice" in entry["id"] and "PRACTICE" in store.read_text(registry / entry["folder"] / "README.md")
               for entry in listed if not entry["redistributable"])


@pytest.mark.browser
@pytest.mark.skipif(bool(browser.missing()), reason=browser.missing() or "a browser is there")
def test_the_page_works_from_a_file_without_network_and_sorts():
    from playwright.sync_api import sync_playwright

    place = Path(__file__).parent.parent / "registry" / "index.html"
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser.CHROMIUM, args=browser.FLAGS)
        page = chromium.new_context(offline=True).new_page()
        problems = []
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: problems.append(request.url) if not request.url.startswith("file:") else None)
        page.goto(place.as_uri())
        assert browser.accessibility_faults(page) == []
        table = page.get_by_role("table", name="Datasets")
        column = table.locator("tbody tr td:nth-child(5)")
        rows = column.evaluate_all("cells => cells.map(cell => Number(cell.dataset.key))")
        head = table.get_by_role("columnheader", name="Rows", exact=True)
        page.set_default_timeout(1000 * browser.STEP)
        for direction in ("ascending", "descending"):
            head.get_by_role("button").press("Enter")
            assert head.get_attribute("aria-sort") == direction
            assert column.evaluate_all("cells => cells.map(cell => Number(cell.dataset.key))") == sorted(rows, reverse=direction == "descending")
        assert page.locator("section svg[role=img]").count() == page.locator("section h3").count() >= 4
        chromium.close()
    assert problems == []


# ---------------------------------------------------------------- models

def test_a_model_gets_a_card_with_its_scores_and_a_registry_entry(stages, tmp_path, monkeypatch):
    monkeypatch.setenv("GI_MODE", "live")
    adapter = stages / "7_adapter"
    store.write_text("weights", adapter / "adapter_model.safetensors")
    store.write_json({"backend": "lora", "base_model": "Qwen/Qwen3.5-4B", "fine_tuned_model": str(adapter), "practice": False, "system": "Dáhùn.", "settings": {"epochs": 3},
                      "finished_at": "2026-11-22T10:00:00Z"}, stages / "7_model.json")
    store.write([{"model": model, "mode": "binary", "subset": subset, "n": "40", "correct": "28", "accuracy": accuracy, "low": "0.55", "high": "0.82"}
                 for model, accuracy in (("Qwen/Qwen3.5-4B", "0.6"), (str(adapter), "0.7")) for subset in ("all", "culture-free")], stages / "9_scores.csv")
    folder = publish.model_card(stages, language="yo", name="yor-qwen", title="Yoruba Qwen", contact="team@example.org")
    head, words = _frontmatter.parts(store.read_text(folder / "README.md"))
    about = yaml.safe_load(head)
    assert folder == adapter and about["base_model"] == "Qwen/Qwen3.5-4B" and about["license"] == "apache-2.0" and about["library_name"] == "peft"
    assert [one["metrics"][0]["value"] for one in about["model-index"][0]["results"]] == [0.7]
    assert "accuracy, binary | 70.0 % | 55.0 to 82.0 % | 40 |" in words and "- epochs: 3" in words and str(adapter) not in words
    assert publish.validate(folder) == [] and store.read_json(publish.register(folder, tmp_path / "registry"))["kind"] == "model"
    assert publish.upload(folder, "team/yor-qwen")["file"].tolist() == ["README.md", "adapter_model.safetensors", "registry.json"]
    card = store.read_text(folder / "README.md")
    for good, bad, sentence in [('  - "yo"', "  - yo", "the language yo in README.md has no quotes"), ('license: "apache-2.0"', 'license: "gpl"', "the licence 'gpl' in README.md is not known"),
                                ('pipeline_tag: "text-generation"', 'pipeline_tag: "magic"', "pipeline_tag in README.md is 'magic'"), ('"peft"', '"tool"', "library_name in README.md is 'tool'"),
                                ('base_model: "Qwen/Qwen3.5-4B"', 'base_model: ""', "README.md has no base_model"), ("tags:", "colour: 1\ntags:", "README.md has an unknown field 'colour'")]:
        assert good in card
        store.write_text(card.replace(good, bad, 1), folder / "README.md")
        assert [one for one in publish.card_faults(folder, store.read_json(folder / "registry.json")) if one.startswith(sentence)], sentence


def test_the_sides_are_those_of_notebook_5(stages):
    store.write([row(n, passage_id=f"p{n // 3}") for n in range(30)], stages / "4_qa.csv")
    store.write_json({"system": "Dáhùn.", "seed": 4, "share": 0.3}, stages / "5_manifest.json")
    build(stages)
    for side, rows in zip(("train", "validation"), csv_to_jsonl.split(store.read(stages / "4_qa.csv"), 0.3, 4), strict=True):
        assert list(store.read_jsonl(stages / "10_publish" / f"{side}.jsonl")) == csv_to_jsonl.convert(rows, "Dáhùn.")
