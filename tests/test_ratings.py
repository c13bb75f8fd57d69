"""Blind ratings: what people chose is kept, matched by model, and counted by the book."""
import math

import pandas as pd
import pytest

from gi_helpers import practice, ratings, store
from gi_helpers.errors import NeedsFixing

PAIRS = pd.DataFrame([{"item": f"i{n}", "question": f"Kí ni {n}?", "base": "B", "tuned": "T", "answer_base": "Mi ò mọ̀.", "answer_tuned": f"Nǹkan {n} ni."} for n in range(30)])


def given(table):
    return pd.DataFrame([{"item": str(item), "rater": rater, "left": "B", "right": "T", "choice": choice} for rater, choices in table.items()
                         for item, choice in enumerate(choices)])


def test_cohens_kappa_of_two_raters_is_the_textbook_value():
    # Cohen by hand: 50 items, both yes 20, both no 15, 5 and 10 apart: agreement .7, chance .5, kappa .4.
    first = ["left"] * 25 + ["right"] * 25
    second = ["left"] * 20 + ["right"] * 5 + ["left"] * 10 + ["right"] * 15
    [row] = ratings.agreement(given({"Ada": first, "Obi": second})).to_dict("records")
    assert (row["criterion"], row["n"], row["raters"]) == ("choice", 50, 2)
    assert row["percent"] == pytest.approx(70, abs=1e-9) and row["kappa"] == pytest.approx(0.4, abs=1e-9)


def test_fleiss_kappa_of_many_raters_is_the_published_value():
    # The worked example of Fleiss (1971) as it is usually printed: 10 items, 14 raters, 5 categories, kappa .20993.
    counts = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2],
              [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]
    rows = []
    for item, row in enumerate(counts):
        marks = [str(category + 1) for category, count in enumerate(row) for _ in range(count)]
        rows += [{"item": str(item), "rater": f"r{rater}", "left": "B", "right": "T", "choice": "", "helpful": mark} for rater, mark in enumerate(marks)]
    [row] = ratings.agreement(pd.DataFrame(rows)).to_dict("records")
    assert (row["criterion"], row["n"], row["raters"]) == ("helpful", 10, 14)
    assert row["kappa"] == pytest.approx(0.20993070442195522, abs=1e-9)


def test_sides_are_matched_by_model_not_by_place():
    table = given({"Ada": ["left", "right"], "Obi": ["right", "left"]})
    table.loc[table["rater"] == "Obi", ["left", "right"]] = ["T", "B"]
    assert ratings.agreement(table)["percent"].tolist() == [100.0]


def test_kappa_is_undefined_when_everybody_always_said_the_same():
    assert math.isnan(ratings.agreement(given({"Ada": ["left"] * 4, "Obi": ["left"] * 4}))["kappa"][0])


def test_items_that_only_one_person_rated_do_not_count():
    assert ratings.agreement(given({"Ada": ["left", "right", "tie"], "Obi": ["left", "right"]}))["n"].tolist() == [2]
    assert ratings.agreement(given({"Ada": ["left"]})).empty


def test_wins_ties_and_the_sign_test_are_counted():
    table = ratings.preferences(given({"Ada": ["right"] * 8 + ["left"] * 2 + ["tie", "both_bad"]})).set_index("model")
    assert table.loc["T", ["n", "wins", "losses", "ties", "both_bad"]].tolist() == [12, 8, 2, 1, 1]
    assert table.loc["T", "share"] == 0.8 and table.loc["T", "p"] == pytest.approx(0.109375)
    assert table.loc["T", "low"] == pytest.approx(0.4901625, abs=1e-6) and table.loc["T", "high"] == pytest.approx(0.9433178, abs=1e-6)


def test_sides_are_shuffled_over_items_and_people_and_stay_on_every_visit():
    order = [ratings.sides(f"i{n}", "Ada") for n in range(200)]
    assert order == [ratings.sides(f"i{n}", "Ada") for n in range(200)]
    assert 70 < order.count(("base", "tuned")) < 130
    assert order != [ratings.sides(f"i{n}", "Obi") for n in range(200)]


def test_a_rating_is_kept_at_once_and_a_second_one_takes_its_place(tmp_path):
    file, pair = tmp_path / "9b_ratings.csv", PAIRS.to_dict("records")[0]
    ratings.rate(file, pair, "Ada", "tie")
    ratings.rate(file, pair, "Obi", "left", helpful=4)
    ratings.rate(file, pair, "Ada", "right", edited="Nǹkan òdo ni.", note="ọ̀rọ̀")
    table = store.read(file)
    assert table[["rater", "choice", "helpful", "edited"]].values.tolist() == [["Obi", "left", "4", ""], ["Ada", "right", "", "Nǹkan òdo ni."]]
    assert list(table.columns) == list(ratings.COLUMNS)


@pytest.mark.parametrize(("rater", "choice", "more", "sentence"), [
    ("", "left", {}, "has no name"), ("Ada", "both", {}, "the choice is 'both'"), ("Ada", "left", {"helpful": 6}, "helpful is 6"), ("Ada", "left", {"nice": 1}, "nice is 1")])
def test_a_wrong_rating_is_one_sentence(tmp_path, rater, choice, more, sentence):
    with pytest.raises(NeedsFixing, match=sentence):
        ratings.rate(tmp_path / "r.csv", PAIRS.to_dict("records")[0], rater, choice, **more)
    assert not (tmp_path / "r.csv").exists()


def test_files_of_several_people_are_merged_and_the_later_rating_wins(tmp_path):
    rows = [{"item": "1", "rater": "Ada", "left": "B", "right": "T", "choice": "left", "at": "2026-01-01"}]
    store.write(rows, tmp_path / "a.csv")
    store.write([{**rows[0], "choice": "right", "at": "2026-01-02"}, {**rows[0], "rater": "Obi"}], tmp_path / "b.csv")
    table = ratings.merge(tmp_path / "a.csv", [tmp_path / "b.csv"])
    assert sorted(table[["rater", "choice"]].values.tolist()) == [["Ada", "right"], ["Obi", "left"]]
    store.write([{"item": "1", "name": "x"}], tmp_path / "c.csv")
    with pytest.raises(NeedsFixing, match="c.csv has no column rater, choice"):
        ratings.merge(tmp_path / "a.csv", [tmp_path / "c.csv"])


def merged(folder, *given):
    base = {"item": "1", "rater": "Ada", "left": "B", "right": "T", "choice": "left", "at": "2026-11-23T09:00:00Z"}
    for number, row in enumerate(given):
        store.write([{**base, **row}], folder / f"{number}.csv")
    return ratings.merge(folder / "m.csv", [folder / f"{number}.csv" for number in range(len(given))])[["rater", "choice"]].values.tolist()


@pytest.mark.parametrize("at,later", [("01/12/2026 10:00", None), ("25/11/2026 10:00", True), ("11/25/2026 10:00", True), ("22/11/2026 10:00", False), ("23.11.2026 10:00:05", True), ("23/11/26 8:00", False),
                                      ("11/23/2026 1:00 PM", True), ("01/12/2027 10:00", True), ("2026-11-24", True), ("", False), ("yesterday", False), ("45/45/2026", False)])
def test_the_later_rating_wins_however_the_date_is_written(tmp_path, at, later):
    for order in (1, -1):
        given = [{}, {"choice": "right", "at": at}][::order]
        (tmp_path / "m.csv").unlink(missing_ok=True)
        if later is None:  # the 1st of December or the 12th of January: nobody can know
            with pytest.raises(NeedsFixing, match="the date '01/12/2026 10:00' can be read in two ways; write it as 2026-11-23 10:00"):
                merged(tmp_path, *given)
            assert merged(tmp_path, {}, {"at": at}) == [["Ada", "left"]]  # the same choice: it does not matter
        else:
            assert merged(tmp_path, *given) == [["Ada", "right" if later else "left"]]


def test_one_name_in_other_capitals_is_one_person_and_marks_are_numbers_of_the_scale(tmp_path):
    assert merged(tmp_path, {}, {"rater": "ada", "choice": "tie", "at": "2026-11-24"}, {"rater": "Obi"}) == [["Obi", "left"], ["Ada", "tie"]]
    for name, value in (("helpful", "9"), ("honest", "good")):
        with pytest.raises(NeedsFixing, match=f"1.csv has {name} '{value}' for item 1; a criterion is a number from 1 to 5"):
            merged(tmp_path, {}, {name: value})
    (tmp_path / "m.csv").unlink()
    assert merged(tmp_path, {"helpful": "4.0"}) == [["Ada", "left"]] and store.read(tmp_path / "m.csv")["helpful"].tolist() == ["4"]


def test_choices_become_preference_rows_and_edits_become_rows_to_review(tmp_path):
    file, rows = tmp_path / "r.csv", PAIRS.to_dict("records")
    better = {"base": "left", "tuned": "right"} if ratings.sides("i0", "Ada") == ("base", "tuned") else {"base": "right", "tuned": "left"}
    ratings.rate(file, rows[0], "Ada", better["tuned"])
    other = "left" if ratings.sides("i1", "Ada")[0] == "base" else "right"
    ratings.rate(file, rows[1], "Ada", other, edited="Ó dára.")
    ratings.rate(file, rows[2], "Ada", "tie")
    table = store.read(file)
    assert list(ratings.to_preferences(table, PAIRS)) == [
        {"prompt": "Kí ni 0?", "chosen": "Nǹkan 0 ni.", "rejected": "Mi ò mọ̀."}, {"prompt": "Kí ni 1?", "chosen": "Ó dára.", "rejected": "Nǹkan 1 ni."}]
    [row] = ratings.to_qa(table, PAIRS, "yo")
    assert (row["question"], row["answer"], row["answer_llm"], row["status"]) == ("Kí ni 1?", "Ó dára.", "Mi ò mọ̀.", "needs_review")


def test_the_web_apps_json_goes_out_and_comes_in():
    entries = ratings.to_web(PAIRS.head(2))
    assert entries[0] == {"question": "Kí ni 0?", "answer": ["Mi ò mọ̀.", "Nǹkan 0 ni."]}
    assert ratings.from_web(entries)[["question", "answer_base", "answer_tuned"]].values.tolist() == PAIRS.head(2)[["question", "answer_base", "answer_tuned"]].values.tolist()
    three = [{"question": "x", "answer": ["a", "b", "c"]}, {"question": "y", "answer": ["a", "b"]}]
    assert ratings.to_web(ratings.from_web(three)) == three  # not three entries of two
    with pytest.raises(NeedsFixing, match="entry 1 has fewer than two answers"):
        ratings.from_web([{"question": "?", "answer": ["one"]}])


def test_a_rating_counts_for_the_texts_that_were_seen_only(tmp_path):
    file = tmp_path / "r.csv"
    seen = ratings.from_web([{"question": "x", "answer": ["a", "b"]}, {"question": "x", "answer": ["c", "d"]}])
    for pair in seen.to_dict("records"):
        ratings.rate(file, pair, "Ada", "left")
    assert len(store.read(file)) == 2 and len(list(ratings.to_preferences(store.read(file), seen))) == 2
    newer = ratings.from_web([{"question": "x", "answer": ["NEW1", "NEW2"]}])
    assert ratings.rated_by(file, newer, "Ada") == set() and list(ratings.to_preferences(store.read(file), newer)) == []


def test_all_answers_of_the_web_app_are_compared_two_by_two():
    three = ratings.from_web([{"question": "x", "answer": ["a", "b", "c", "a"]}])
    assert three[["base", "tuned", "answer_base", "answer_tuned"]].values.tolist() == [["first", "second", "a", "b"], ["first", "third", "a", "c"], ["second", "third", "b", "c"]]
    assert three["item"].is_unique
    with pytest.raises(NeedsFixing, match="fewer than two answers; give each question two that differ"):
        ratings.from_web([{"question": "x", "answer": ["a", "a "]}])


def test_new_answers_of_a_model_with_its_old_name_are_a_new_pair(monkeypatch):
    said = iter(["old", "old", "old", "new"])
    monkeypatch.setattr(ratings.llm, "run", lambda requests, **_: [(request["key"], {"ok": True, "content": next(said)}) for request in requests])
    first, second = (ratings.pairs("yo", base="B", tuned="T", questions=["Kí ni?"]) for _ in range(2))
    assert first["item"][0] != second["item"][0] and second["answer_tuned"][0] == "new"


def test_pairs_come_from_both_models_and_are_not_asked_twice(tmp_path, monkeypatch):
    with practice.start() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.openai)
        table = ratings.pairs("yo", base="practice-base", tuned="practice-teacher", n=5, journal=tmp_path / "j.jsonl")
        assert len(table) == 5 and set(table.columns) == {"item", "question", "base", "tuned", "answer_base", "answer_tuned"}
    again = ratings.pairs("yo", base="practice-base", tuned="practice-teacher", n=5, journal=tmp_path / "j.jsonl")  # the server is gone
    assert again.equals(table)


def test_pretend_raters_work_in_practice_only_and_never_touch_peoples_ratings(tmp_path, monkeypatch):
    file = tmp_path / "r.csv"
    ratings.rate(file, PAIRS.to_dict("records")[0], "Ada", "left")
    ratings.rehearse(PAIRS, file)
    ratings.rehearse(PAIRS, file)
    table = store.read(file)
    assert len(table) == 61 and table[table["rater"] == "Ada"]["choice"].tolist() == ["left"]
    assert set(table["rater"]) == {"Ada", "practice-1", "practice-2"}
    monkeypatch.setenv("GI_MODE", "live")
    with pytest.raises(NeedsFixing, match="practice mode only"):
        ratings.rehearse(PAIRS, file)


# ---------------------------------------------------------------- a new model, several people, and where answers go

def test_a_new_tuned_model_is_rated_anew_and_old_ratings_stay_apart(tmp_path):
    file, newer = tmp_path / "r.csv", PAIRS.assign(tuned="T2")
    ratings.rehearse(PAIRS, file)
    ratings.rehearse(newer, file)
    table = store.read(file)
    assert len(table) == 120 and len(ratings.current(table, newer)) == 60
    assert set(ratings.preferences(ratings.current(table, newer))["model"]) == {"B", "T2"}
    assert ratings.rated_by(file, PAIRS.assign(tuned="T3"), "practice-1") == set()
    assert ratings.agreement(table)["n"][0] == 60  # the same question with another model is another pair


def test_a_name_with_a_blank_is_the_same_person_and_sees_the_same_sides(tmp_path):
    pair = PAIRS.to_dict("records")[0]
    assert ratings.rate(tmp_path / "r.csv", pair, "Ada ", "left")["left"] == pair[ratings.sides("i0", "Ada")[0]]
    ratings.rate(tmp_path / "r.csv", pair, "Ada", "tie")
    assert store.read(tmp_path / "r.csv")["choice"].tolist() == ["tie"]


def test_files_that_a_spreadsheet_changed_are_read_and_what_is_wrong_is_named(tmp_path):
    good = {"Item": "1", "Rater ": "Ada", "LEFT": "B", "Right": "T", "Choice": "Both bad", "remarks": "x"}
    store.write([good], tmp_path / "a.csv")
    table = ratings.merge(tmp_path / "all.csv", [tmp_path / "a.csv"])
    assert table[["item", "rater", "choice", "remarks", "helpful"]].values.tolist() == [["1", "Ada", "both_bad", "x", ""]]
    for change, words in (({"Choice": "maybe"}, "b.csv has the choice 'maybe' for item 1; a choice is one of left, right"), ({"Rater ": ""}, "1 ratings without a name")):
        store.write([{**good, **change}], tmp_path / "b.csv")
        with pytest.raises(NeedsFixing, match=words):
            ratings.merge(tmp_path / "all.csv", [tmp_path / "b.csv"])
    store.write([{"item": "1", "rater": "Ada", "choice": "left"}], tmp_path / "c.csv")
    with pytest.raises(NeedsFixing, match="c.csv has no column left, right"):
        ratings.merge(tmp_path / "all.csv", [tmp_path / "c.csv"])
    with pytest.raises(NeedsFixing, match="gone.csv is not there"):
        ratings.merge(tmp_path / "all.csv", [tmp_path / "gone.csv"])
    assert len(store.read(tmp_path / "all.csv")) == 1
    with pytest.raises(NeedsFixing, match="no column left, right"):
        ratings.preferences(pd.DataFrame([{"item": "1", "rater": "Ada", "choice": "left"}]))


def votes(*choices, item="i0", edited=()):
    """Ratings of one pair: for each person the model that won, or tie."""
    for number, won in enumerate(choices):
        rater = f"r{number}"
        left, right = (PAIRS.to_dict("records")[0][side] for side in ratings.sides(item, rater))
        yield {"item": item, "rater": rater, "left": left, "right": right, "choice": "left" if won == left else "right" if won == right else won,
               "edited": dict(edited).get(number, ""), "at": f"2026-01-0{number + 1}"}


def test_a_pair_gives_one_preference_row_and_only_when_most_people_agree():
    rows = lambda *choices, **more: list(ratings.to_preferences(pd.DataFrame(list(votes(*choices, **more))), PAIRS))
    assert [row["chosen"] for row in rows("T", "T", "B")] == ["Nǹkan 0 ni."] and rows("T", "B") == [] and rows("tie", "both_bad") == []
    assert [row["chosen"] for row in rows("B", "T", "T", edited=[(0, "old"), (1, "Nǹkan òdo ni."), (2, "Nǹkan òdo ni o.")])] == ["Nǹkan òdo ni o."]


def test_ratings_of_one_pair_by_many_people_are_not_counted_as_many_pairs():
    table = pd.DataFrame([row for item in ("i0", "i1", "i2") for row in votes("T", "T", "T", item=item)])
    found = ratings.preferences(table).set_index("model").loc["T"]
    assert (found["wins"], found["items"]) == (9, 3) and found["p"] == pytest.approx(2 / 2**9) and found["p_items"] == pytest.approx(2 / 2**3)


def test_questions_of_the_evaluation_never_go_into_training():
    evaluation = pd.DataFrame([{"kind": "question", "target": "kí ni 0"}])
    table = pd.DataFrame(list(votes("T", edited=[(0, "Ó dára.")])))
    assert list(ratings.to_preferences(table, PAIRS, evaluation)) == [] == list(ratings.to_qa(table, PAIRS, "yo", evaluation))
    assert len(list(ratings.to_qa(table, PAIRS, "yo"))) == 1


def test_edited_answers_stand_in_the_review_of_notebook_4b(tmp_path):
    from gi_helpers import review

    file = tmp_path / "4_qa.csv"
    store.write([{"id": "a", "language": "yo", "question": "?", "answer": "!", "question_llm": "?", "answer_llm": "!", "flags": "", "status": "accepted"}], file)
    table = pd.DataFrame(list(votes("T", edited=[(0, "Ó dára.")])))
    for _ in range(2):
        qa = store.collect(ratings.to_qa(table, PAIRS, "yo"), file)
    assert len(qa) == 2
    qa = review.decide(qa, qa["id"][1], "accepted", reviewer="Obi")
    assert qa[["answer", "answer_llm", "status"]].values.tolist()[1] == ["Ó dára.", "Nǹkan 0 ni.", "edited"]


def test_the_bank_holds_the_teams_questions_by_topic_and_some_of_the_evaluation():
    file = ratings.start_bank("yo", each=2)
    assert store.read(file)["topic"].value_counts().to_dict() == dict.fromkeys(ratings.TOPICS, 2)
    store.write([{"topic": "food", "question": " Báwo ni a ṣe ń se àmàlà? "}, {"topic": "places", "question": ""}], file)
    assert ratings.start_bank("yo") == file and len(store.read(file)) == 2  # not written over
    store.write([{"item": str(n), "kind": "question", "target": f"Ìbéèrè {n}?"} for n in range(30)], store.path("yo", "8_truthfulqa.csv"))
    table = ratings.bank("yo", sample=5)
    assert table["topic"].tolist() == ["food"] + ["TruthfulQA"] * 5 and table["question"][0] == "Báwo ni a ṣe ń se àmàlà?"
    assert table.equals(ratings.bank("yo", sample=5))


def test_the_teams_questions_come_first_and_the_written_ones_stand_in_only_in_a_rehearsal(monkeypatch):
    monkeypatch.setenv("GI_MODE", "practice")
    titles = [entry["title"] for entry in store.read_json(store.shipped("practice", "yo", "articles.json"))["articles"]]
    stand_in = ratings.bank("yo")
    assert set(stand_in["topic"]) == {"practice"} and len(stand_in) == (len(titles) + 1) // 2
    assert all(title in question for title, question in zip(titles[::2], stand_in["question"], strict=True))
    ratings.start_bank("yo")
    assert ratings.bank("yo")["question"].tolist() == stand_in["question"].tolist()  # an empty table is none
    monkeypatch.setenv("GI_MODE", "live")
    with pytest.raises(NeedsFixing, match="there are no questions to rate for yo"):
        ratings.bank("yo")
    for mode in ("live", "practice"):  # each has a folder of its own
        monkeypatch.setenv("GI_MODE", mode)
        store.write([{"topic": "food", "question": " Kí ni  ẹ̀bà? "}, {"topic": "food", "question": " "}], ratings.start_bank("yo"))
        assert ratings.bank("yo").to_dict("records") == [{"topic": "food", "question": "Kí ni ẹ̀bà?"}]


def test_what_a_person_has_rated_is_theirs_alone_and_of_these_pairs_and_models(tmp_path):
    file, pairs = tmp_path / "r.csv", PAIRS.head(3)
    assert ratings.rated_by(file, pairs, "Ada") == set()
    for number, rater in ((0, "Ada"), (1, "Obi"), (0, "Obi"), (5, "Ada")):
        ratings.rate(file, PAIRS.to_dict("records")[number], rater, "tie")
    assert ratings.rated_by(file, pairs, " Ada ") == {"i0"} and ratings.rated_by(file, pairs, "Obi") == {"i0", "i1"} and ratings.rated_by(file, pairs, "Ad") == set()
    assert ratings.rated_by(file, PAIRS, "Ada") == {"i0", "i5"} and ratings.rated_by(file, pairs.assign(base="B2"), "Ada") == set()
    turned = pairs.rename(columns={"base": "tuned", "tuned": "base", "answer_base": "answer_tuned", "answer_tuned": "answer_base"})
    assert ratings.rated_by(file, turned, "Ada") == {"i0"}


@pytest.mark.parametrize("entries,words", [({"a": 1}, "no list of"), ([], "no list of"), ([{"answer": ["a", "b"]}], "entry 1 has no question"),
                                           ([{"question": "?", "answer": "ab"}], "entry 1 has fewer than two answers"), ([{"question": "?", "answer": ["a", None]}], "fewer than two")])
def test_a_list_of_another_shape_is_refused_in_a_sentence(entries, words):
    with pytest.raises(NeedsFixing, match=words):
        ratings.from_web(entries)


def test_the_criteria_are_explained_in_the_language():
    assert ratings.definitions("yo")["helpful"].startswith("Ìdáhùn náà wúlò") and ratings.definitions("ee") == ratings.DEFINITIONS
