"""Every code of the check fails where it should and stays quiet where it should; repairs are listed, costs are the cookbook's."""
import json
import unicodedata

import pandas as pd
import pytest

from gi_helpers import check, csv_to_jsonl, store, tokens
from gi_helpers.errors import NeedsFixing

SYSTEM = "Olùrànlọ́wọ́ tó wúlò ni ọ́, o sì ń dáhùn ní èdè Yorùbá."
PAIRS = [("Kí ni ẹ̀bà?", "Oúnjẹ tí a fi gàrí àti omi gbígbóná ṣe ni ẹ̀bà."), ("Níbo ni Ìbàdàn wà?", "Ìpínlẹ̀ Ọ̀yọ́ ni ìlú Ìbàdàn wà."),
         ("Ta ni olùkọ́?", "Ẹni tó ń kọ́ àwọn ọmọ ní ẹ̀kọ́ ni olùkọ́."), ("Ìgbà wo ni òjò máa ń rọ̀?", "Láti oṣù Ẹrẹ́nà títí dé oṣù Ọ̀wàrà ni òjò ń rọ̀.")]


def chat(question=PAIRS[0][0], answer=PAIRS[0][1], system=SYSTEM, **more):
    lead = [{"role": "system", "content": system}] if system else []
    return {"messages": [*lead, {"role": "user", "content": question}, {"role": "assistant", "content": answer}], **more}


def talk(*messages):
    return {"messages": [{"role": role, "content": content, **dict(*more)} for role, content, *more in messages]}


def good(count=4):
    """Rows in which nothing is wrong."""
    return [chat(*PAIRS[n]) if n < len(PAIRS) else chat(f"{PAIRS[n % 4][0][:-1]} ní ọdún {1900 + n}?", f"Ní ọdún {1900 + n}, {varied(n)}.") for n in range(count)]


def varied(n):
    words = "ilé ọ̀nà ọjà oko igi ẹyẹ ẹja ọba ayaba ọmọ àgbà ìyá bàbá ẹ̀gbọ́n àbúrò ọ̀rẹ́ iṣẹ́ ìwé ọ̀rọ̀ orin ijó aṣọ bàtà fìlà gèlè".split()
    return " ".join(words[(n * n + 7 * place + n * place) % len(words)] for place in range(9))


def write(folder, rows, name="5_train.jsonl"):
    """Rows (dicts, or whole lines as text or bytes) as a file in a folder named yo."""
    lines = [row if isinstance(row, bytes) else (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)).encode("utf-8", "surrogatepass") for row in rows]
    return store.write_bytes(b"\n".join(lines) + b"\n", folder / "yo" / name)


def sources(folder, rows, **values):
    """A 4_qa.csv beside the file, with the questions of the rows."""
    table = [{"id": f"q{n}", "question": row["messages"][1]["content"], "licence": "CC BY-SA 4.0", "source": "wikipedia", "method": "grounded_qa", "context": "", "url": "",
              **values} for n, row in enumerate(rows)]
    return store.write(table, folder / "yo" / "4_qa.csv")


def found(problems, code):
    return problems[problems["code"] == code]


CYRILLIC = "Oúnjẹ tí a fi gàrí ṣe ni ẹ̀b\u0430 ní ilé."
KEY = "sk-" + "proj-" + "Ab3dE6gH9" * 3
LONG = "Bí ọmọdé bá ṣubú, á wo iwájú; bí àgbà bá ṣubú, á wo ẹ̀yìn wò, ó sì máa ń rántí ohun tí ó mú un ṣubú ní ọ̀nà oko."

# code: (rows in which it must be found, what is asked with it, a word of the message). A text or bytes is a whole line.
FAILS = {
    "F02": (["not utf-8: caf\xe9".encode("latin-1")], {}, "byte 15"),
    "F03": (None, {}, "EF BB BF"),
    "F04": (None, {"name": "train.json"}, "train.json"),
    "F06": (['{"messages": [}'], {}, "not JSON"),
    "F07": (['["messages"]'], {}, "a list"),
    "F08": (None, {}, "CR LF"),
    "F09": (['{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "score": NaN}'], {}, "NaN"),
    "F10": (['{"messages": [], "messages": []}'], {}, "'messages' stands twice"),
    "F11": ([chat(), chat(*PAIRS[1]), chat(*PAIRS[2], note="x")], {}, "messages, note"),
    "F12": ([chat(prompt="Kí ni ẹ̀bà?")], {}, "prompt"),
    "S01": ([{"message": "ẹ̀bà"}], {}, "no messages"),
    "S02": ([{"messages": ["ẹ̀bà", *chat()["messages"]]}], {}, "message 1"),
    "S03": ([talk(("user", "Kí ni ẹ̀bà?"), ("bot", "Oúnjẹ ni."), ("assistant", "Oúnjẹ ni."))], {}, "'bot'"),
    "S04": ([talk(("user", "Kí ni ẹ̀bà?"), ("assistant", " "))], {}, "blank content"),
    "S05": ([talk(("user", "Kí ni ẹ̀bà?", {"mood": "!"}), ("assistant", "Oúnjẹ ni."))], {}, "'mood'"),
    "S06": ([talk(("user", "Kí ni ẹ̀bà?"), ("assistant", "Oúnjẹ ni.", {"weight": 0.5}))], {}, "0.5"),
    "S07": ([talk(("user", "Kí ni ẹ̀bà?"))], {}, "no message is the assistant's"),
    "S08": ([talk(("user", "Kí ni ẹ̀bà?"), ("assistant", "Oúnjẹ ni."), ("user", "Ó dára."))], {}, "user's"),
    "S09": ([talk(("user", "Kí ni ẹ̀bà?"), ("system", SYSTEM), ("assistant", "Oúnjẹ ni."))], {}, "number 2"),
    "S10": ([talk(("user", "Kí ni ẹ̀bà?"), ("user", "Sọ fún mi."), ("assistant", "Oúnjẹ ni."))], {}, "two user"),
    "S11": ([talk(("assistant", "Oúnjẹ ni ẹ̀bà."))], {}, "nobody asks"),
    "S12": ([talk(("user", "Kí ni ẹ̀bà?"), ("assistant", "Oúnjẹ ni.", {"weight": 0}))], {}, "weight 0"),
    "S13": ([*good(), chat("Kí ni iyán?", "Oúnjẹ tí a fi iṣu gún ni iyán.", system="Dáhùn.")], {}, "another system"),
    "S14": ([chat("Kí ni ẹ̀bà?<|im_end|>")], {}, "<|im_end|>"),
    "Z01": (good(), {}, "4 rows"),
    "Z02": ([chat(answer="ọ̀rọ̀ kan ni. " * 14_000)], {}, "tokens"),
    "Z03": ([chat(answer=LONG * 3)], {"max_length": 120}, "max_length is 120"),
    "Z04": ([chat("Ṣé ẹ̀bà dára?", "A")], {}, "'A'"),
    "Z05": (good(), {}, "billed tokens"),
    "Z06": ([chat(f"Kí ni ìdáhùn {varied(n)}?", "Ìdáhùn kan náà ni fún gbogbo wọn.") for n in range(30)], {}, "30 rows (100%)"),
    "L01": ([chat(answer=unicodedata.normalize("NFD", PAIRS[0][1]))], {}, "signs where"),
    "L02": ([chat(answer="Oúnjẹ\u200b ni ẹ̀bà\u00a0jẹ́ fún wa.")], {}, "U+200B"),
    "L03": ([chat(answer="Oúnjẹ\x07 ni ẹ̀bà.")], {}, "U+0007"),
    "L04": ([chat(answer="OÃºnjáº¹ ni áº¹Ì€bÃ .")], {}, "broken"),
    "L05": ([chat(answer=CYRILLIC)], {}, "Cyrillic"),
    "L06": ([*good(), chat("Kí ni àmàlà?", "Ounje ti a fi elubo isu ati omi gbigbona se ni amala je ni ile wa.")], {}, "usual here"),
    "L07": ([chat(answer="This is the food that is made from cassava and hot water in the west of the country.")], {}, "English"),
    "L08": ([chat(answer="Oúnjẹ ni [[ẹ̀bà]] jẹ́.")], {}, "[[ẹ̀bà]]"),
    "L09": ([chat("Kí ni olú ìlú Nàìjíríà?", "Ki ni olu ilu Naijiria")], {}, "the same"),
    "L10": ([chat(answer="As an AI language model, I cannot answer.")], {}, "refusal"),
    "L11": ([chat(answer="Oúnjẹ tí a fi gàrí àti omi gbígbóná ṣe ní ilé ni")], {}, "…"),
    "L12": ([chat(answer=" Oúnjẹ ni ẹ̀bà jẹ́.\n")], {}, "assistant"),
    "L13": ([chat(answer="Ó jẹ́ oúnjẹ tó dára. " * 6)], {}, "times"),
    "L14": ([chat("Kí ni ẹ̀bà?", "Eba is a food made from garri.")], {"english": "What is eba?\nEba is a food made from garri."}, "same as the English"),
    "L15": ([chat("Kí ni ẹ̀bà?", "Oúnjẹ tí wọ́n ń jẹ láti ọdún 1958.")], {"english": "What is eba?\nA food eaten since 1985."}, "1985"),
    "D01": ([*good(), good()[1]], {}, "line 2"),
    "D02": ([*good(), chat(PAIRS[1][0], "Ní gúúsù ìwọ̀-oòrùn Nàìjíríà ni.")], {}, "line 2"),
    "D03": ([chat("Sọ òwe kan.", LONG), chat("Sọ òwe kan!", LONG.replace("oko", "odò"))], {}, "line 1"),
    "D04": (good(), {"validation": [chat("Ki ni eba", "Nǹkan mìíràn.")]}, "validation"),
    "D05": (good(), {"evaluation": "Níbo ni Ìbàdàn wà?"}, "letter for letter"),
    "P01": ([chat(answer="Kọ̀wé sí ada.obi@example.org.")], {}, "e-mail"),
    "P02": ([chat(answer=f"Kọ́kọ́rọ́ náà ni {KEY}.")], {}, "secret key: sk-pr…"),
    "P03": (good(), {"licence": ""}, "no licence"),
    "P04": ([chat(answer="Àìsàn diabetes ni ó ń ṣe Adé Bámidélé ní ọdún tó kọjá.")], {}, "beside a name"),
    "P05": (good(), {"moderate": lambda text: ["violence"] if "ẹ̀bà" in text else []}, "violence"),
}
# code: rows that come near it and are fine. Where nothing is written, the good rows are.
PASSES = {
    "F09": [chat(answer="Orin ayọ̀ 🎶 ni. NaN kọ́.")], "F10": ['{"messages": %s, "a": {"b": 1}, "b": 1}' % json.dumps(chat()["messages"])],
    "F06": [json.dumps(chat())],  # letters escaped as \\u1ecd are fine, and so are pairs of surrogates
    "S03": [talk(("developer", SYSTEM), ("user", "Kí ni ẹ̀bà?"), ("assistant", "Oúnjẹ ni."))],
    "S04": [{"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": None, "tool_calls": [{"id": "a"}]}, {"role": "tool", "content": "3", "tool_call_id": "a"},
                          {"role": "assistant", "content": "Mẹ́ta ni."}]}],
    "S05": [talk(("user", "Kí ni ẹ̀bà?", {"name": "Ada"}), ("assistant", "Oúnjẹ ni.", {"weight": 1}))],
    "S06": [talk(("user", "Kí ni ẹ̀bà?"), ("assistant", "Oúnjẹ ni.", {"weight": 0}), ("user", "Kí ni iyán?"), ("assistant", "Oúnjẹ ni.", {"weight": 1}))],
    "S10": [talk(("system", SYSTEM), ("user", "1?"), ("assistant", "1."), ("user", "2?"), ("assistant", "2."))],
    "S14": [chat(answer="Bí a < b, tí b > c, kọ <ọmọ> àti [1].")], "Z03": [chat()], "Z04": [chat("Mélòó ni?", "Mẹ́rin ni.")],
    "L02": [chat(answer="Àmì ẹbí 👨‍👩‍👧 ni èyí.")], "L03": [chat(answer="Ìlà kan.\nÌlà kejì\tni èyí.")], "L04": [chat(answer="Ça va, São Paulo, Áà, Ṣẹ̀ẹ̀ “ẹ̀bà” – €5.")],
    "L05": [chat(answer="Lẹ́tà П àti α wà nínú àwọn ìwé kan, àti 5 μm.")], "L07": [chat(answer="Ọ̀rọ̀ yìí wá láti inú ìwé \"The Palm-Wine Drinkard\" tí Amos Tutuola kọ.")],
    "L08": [chat(answer="Bí 3 < 5 tí 5 > 3, a kọ ọ́ báyìí: [wo ojú ewé] & a parí.")], "L09": [chat("Kí ni ẹ̀bà?", "Ẹ̀bà ni oúnjẹ.")],
    "L10": [chat(answer="Mi ò mọ̀ bóyá ó dára tàbí kò dára, ṣùgbọ́n àwọn àgbà sọ pé ó máa ń mú ara le, ó sì máa ń fún ènìyàn ní okun.")],
    "L11": [chat(answer="Gàrí ni."), chat("Sọ fún mi.", "Gàrí")], "L13": [chat(answer=LONG)],
    "L14": [chat(answer=PAIRS[0][1])], "L15": [chat("Ọdún wo ni?", "Ọdún 1,985 ni.")],
    "D02": [chat("Kí ni ọkọ̀?", "Ohun ìrìnnà ni."), chat("Kí ni ọkọ́?", "Irinṣẹ́ oko ni.")], "D03": [chat("Sọ òwe kan.", LONG), chat("Sọ òwe kejì.", PAIRS[1][1] + LONG[40:])],
    "P01": [chat(answer="Láàrin 1999-2005, ènìyàn 12,345,678 ni, ISBN 978-0-306-40615-7.")], "P02": [chat(answer="Lo sk-learn àti hf_hub.")],
    "P04": [chat(answer="Ìtọ́jú diabetes ṣòro.")],
}


def problems_of(folder, code, rows, asked):
    """The problems of rows, with what a code needs around the file."""
    rows, asked = (good() if rows is None else rows), dict(asked)
    lines = [row if isinstance(row, (str, bytes)) else json.dumps(row, ensure_ascii=False) for row in rows]
    path = write(folder, lines, asked.pop("name", "5_train.jsonl"))
    if code in ("F03", "F08"):
        raw = path.read_bytes()
        path.write_bytes(b"\xef\xbb\xbf" + raw if code == "F03" else raw.replace(b"\n", b"\r\n"))
    if "english" in asked:
        sources(folder, rows, method="translate_pair", context=asked.pop("english"))
    if "licence" in asked:
        sources(folder, rows, licence=asked.pop("licence"))
    if "validation" in asked:
        write(folder, asked.pop("validation"), "5_validation.jsonl")
    if "evaluation" in asked:
        asked["evaluation"] = store.write([{"kind": "question", "source": "Where is Ibadan?", "target": asked["evaluation"]}], folder / "8_truthfulqa.csv")
    return check.problems(path, **asked)


def test_every_code_has_a_failing_example():
    assert sorted({"F01", "F05", *FAILS}) == sorted(check.codes()["code"])  # F01 and F05 have tests of their own
    assert set(PASSES) <= set(FAILS)


@pytest.mark.parametrize("code", FAILS)
def test_it_is_found_where_it_is(tmp_path, code):
    rows, asked, words = FAILS[code]
    table = found(problems_of(tmp_path, code, rows, asked), code)
    assert len(table) >= 1 and words in " ".join(table["message"]), table.to_dict("records")
    one = table.iloc[-1]
    assert one["severity"] in "EWI" and one["fix"] and (one["line"] == 0 or one["id"] or code in ("F08", "P05"))


@pytest.mark.parametrize("code", ["F01", "F05", *FAILS])
def test_it_is_not_found_where_it_is_not(tmp_path, code):
    if code in PASSES:
        path = write(tmp_path, PASSES[code])
    elif code == "Z01":
        path = write(tmp_path, good(200))
    else:
        path = write(tmp_path, good())
    if code in ("P03", "L14", "L15"):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        english = {"L14": "What is eba?\nEba is a food made from garri and hot water.", "L15": "Which year?\nIt was 1985."}.get(code)
        sources(tmp_path, rows, **({"method": "translate_pair", "context": english} if english else {}))
    write(tmp_path, [chat("Kí ni ìyàtọ̀?", "Kò sí.")], "5_validation.jsonl")
    evaluation = store.write([{"kind": "question", "source": "Where is the moon?", "target": "Níbo ni òṣùpá wà ní ọ̀sán?"}], tmp_path / "8.csv")
    table = check.problems(path, evaluation=evaluation, max_length=2000 if code == "Z03" else None, moderate=(lambda text: []) if code == "P05" else None)
    if code == "Z05":  # totals are always told, except of an empty file
        table = check.problems(write(tmp_path, [], "5_empty.jsonl"))
    assert found(table, code).empty, found(table, code).to_dict("records")


def test_rows_in_which_nothing_is_wrong_have_no_problem_but_their_number(tmp_path):
    path = write(tmp_path, good(60))
    sources(tmp_path, good(60))
    assert sorted(check.problems(path)["code"].unique()) == ["Z01", "Z05"]


# ---------------------------------------------------------------- the file

def test_a_missing_an_empty_and_a_blank_file_and_a_folder_are_one_row(tmp_path):
    for path, words in ((tmp_path / "no.jsonl", "not there"), (tmp_path, "a folder"), (store.write_text("", tmp_path / "e.jsonl"), "is empty")):
        table = check.problems(path)
        assert found(table, "F01")["severity"].tolist() == ["E"] and words in found(table, "F01")["message"].iloc[0]


def test_utf16_is_said_once_and_not_for_each_line(tmp_path):
    path = store.write_bytes("\n".join(map(json.dumps, good())).encode("utf-16"), tmp_path / "a.jsonl")
    assert check.problems(path)["code"].tolist() == ["F02", "Z01"]


def test_a_file_over_512_mb_is_said_before_it_is_read(tmp_path, monkeypatch):
    from gi_helpers import _checkfile

    monkeypatch.setattr(_checkfile, "LARGEST", 100)
    path = write(tmp_path, good())
    tables = [check.problems(path, target=target) for target in ("openai", "local")]
    assert [found(table, "F05")["severity"].item() for table in tables] == ["E", "W"]
    assert "its rows were not read" in found(tables[0], "F05")["message"].item() and tables[0]["code"].tolist() == ["F05"] and not found(tables[1], "Z05").empty


def test_a_line_without_end_is_no_row_and_does_not_fill_the_memory(tmp_path, monkeypatch):
    from gi_helpers import _checkfile

    monkeypatch.setattr(_checkfile, "LONGEST", 2**20)
    path = write(tmp_path, [good()[0], "x" * 4 * 2**20, good()[1]])
    table = check.problems(path, workers=1)
    assert found(table, "F06")["line"].tolist() == [2] and "longer than 1 MiB" in found(table, "F06")["message"].item()
    assert "2 rows" in found(table, "Z05")["message"].item()


def test_a_blank_line_and_half_a_character_are_told_with_their_line(tmp_path):
    path = write(tmp_path, [good()[0], "", '{"messages": [{"role": "user", "content": "a\\ud83d"}, {"role": "assistant", "content": "b"}]}'])
    table = check.problems(path)
    assert found(table, "F06")["line"].tolist() == [2] and found(table, "F09")["line"].tolist() == [3]
    assert store.write(table, tmp_path / "6_problems.csv")  # half a character must not stop the file of problems


def test_the_table_has_the_columns_of_6_problems(tmp_path):
    assert check.problems(write(tmp_path, good())).columns.tolist() == ["line", "id", "code", "severity", "message", "fix"]


# ---------------------------------------------------------------- severity

@pytest.mark.parametrize("code, rows, graver, milder", [
    ("S05", FAILS["S05"][0], "openai", "local"), ("S09", FAILS["S09"][0], "together", "openai"), ("S10", FAILS["S10"][0], "gemma", "openai"), ("Z01", good(), "azure", "local")])
def test_the_same_slip_is_graver_at_one_place_than_at_another(tmp_path, code, rows, graver, milder):
    path = write(tmp_path, rows)
    assert [found(check.problems(path, target=target), code)["severity"].iloc[0] for target in (graver, milder)] == ["E", "W"]


def test_few_rows_are_an_error_a_warning_or_a_remark(tmp_path):
    grave = [found(check.problems(write(tmp_path, good(count)), target=target), "Z01")["severity"].tolist()
             for count, target in ((9, "openai"), (10, "openai"), (50, "openai"), (2, "fireworks"), (3, "fireworks"))]
    assert grave == [["E"], ["W"], ["I"], ["E"], ["W"]]


def test_an_unknown_target_names_the_known_ones(tmp_path):
    with pytest.raises(NeedsFixing, match="no target called 'moon'; choose one of openai, azure"):
        check.problems(write(tmp_path, good()), target="moon")


def test_a_prompt_that_fills_the_length_is_an_error_because_nothing_is_learned(tmp_path):
    path = write(tmp_path, [chat(question=LONG * 3 + "?")])
    table = found(check.problems(path, target="local", max_length=100), "Z03")
    assert table["severity"].item() == "E" and "nothing of the answer" in table["message"].item()


# ---------------------------------------------------------------- private data and secrets

@pytest.mark.parametrize("text, words", [
    ("Pè mí ní +234 803 123 4567.", "telephone"), ("Pè mí ní 08031234567.", "telephone"), ("Pè mí ní 0712 345 678.", "telephone"), ("NIN mi ni 12345678901.", "11 digits"),
    ("Káàdì: 4111 1111 1111 1111", "card number: 4111"), ("Káàdì: 5500-0055-5555-5559", "card"), ("Kọ sí a.b@c.org.ng", "e-mail address: a.")])
def test_private_data_is_found_and_not_repeated_whole(tmp_path, text, words):
    message = found(check.problems(write(tmp_path, [chat(answer=text)])), "P01")["message"].item()
    assert words in message and "1234" not in message and "1111" not in message.replace("4111", "") and "b@c" not in message


@pytest.mark.parametrize("text", ["Ènìyàn 1,234,567,890 ni.", "Láti 1960-10-01 sí 1966-01-15.", "Nọ́mbà 4111 1111 1111 1112 kì í ṣe káàdì.", "0000 0000 0000 0000", "ISBN 978-0-306-40615-7",
                                  "https://example.org/08031234567", "Iye rẹ̀ jẹ́ 3.14159265358979."])
def test_numbers_that_are_no_private_data_are_left_alone(tmp_path, text):
    assert found(check.problems(write(tmp_path, [chat(answer=text)])), "P01").empty


@pytest.mark.parametrize("start, rest", [("sk-", "a1B2" * 8), ("hf_", "AbCd" * 8), ("AKIA", "ABCD" * 4), ("ghp_", "a1b2" * 9), ("github_pat_", "a1b2" * 8), ("-----BEGIN RSA ", "PRIVATE KEY-----")])
def test_secrets_are_errors_and_not_repeated(tmp_path, start, rest):
    one = found(check.problems(write(tmp_path, [chat(question=f"Kí ni {start}{rest}?")])), "P02").iloc[0]
    assert one["severity"] == "E" and rest not in one["message"]


# ---------------------------------------------------------------- rows against each other and against the evaluation

@pytest.mark.parametrize("question, how", [("Níbo ni Ìbàdàn wà ní ilẹ̀ wa?", "letter for letter"), ("Nibo ni Ibadan wa ni ile wa", "without its marks"),
                                           ("Jọ̀ọ́ sọ fún mi: níbo ni Ìbàdàn wà ní ilẹ̀ wa?", "letter for letter"), ("Where in our country is Ibadan city?", "letter for letter"),
                                           ("Where in our country is Ibadan city located exactly?", "few words")])
def test_a_leak_is_found_with_and_without_marks_translated_and_in_english(tmp_path, question, how):
    evaluation = store.write([{"kind": "question", "source": "Where in our country is Ibadan city?" if "exactly" not in question else "Where in our country is Ibadan city located?",
                               "target": "Níbo ni Ìbàdàn wà ní ilẹ̀ wa?"}, {"kind": "best", "source": "In the west", "target": "Oúnjẹ"}], tmp_path / "8_truthfulqa.csv")
    table = found(check.problems(write(tmp_path, [chat(question, "Ó wà ní ìwọ̀-oòrùn.")]), evaluation=evaluation), "D05")
    assert table["severity"].tolist() == ["E"] and (how in table["message"].item() or "letter" in table["message"].item())


def test_evaluation_validation_and_sources_are_taken_from_the_same_folder(tmp_path):
    path = write(tmp_path, good())
    write(tmp_path, good()[:1], "5_validation.jsonl")
    store.write([{"kind": "question", "source": "", "target": PAIRS[2][0]}], path.with_name("8_truthfulqa.csv"))
    sources(tmp_path, good()[:2], source="bbc")
    table = check.problems(path)
    assert found(table, "D04")["line"].tolist() == [1] and found(table, "D05")["line"].tolist() == [3]
    assert [message[:30] for message in found(table, "P03")["message"]] == ["the text is from the BBC, whos"] * 2 + ["its question is not in 4_qa.csv"[:30]] * 2


def test_an_evaluation_file_without_questions_or_that_is_missing_is_one_sentence(tmp_path):
    path = write(tmp_path, good())
    with pytest.raises(NeedsFixing, match="holds no question"):
        check.problems(path, evaluation=store.write([{"a": "1"}], tmp_path / "x.csv"))
    with pytest.raises(NeedsFixing, match="evaluation file .* is not there"):
        check.problems(path, evaluation=tmp_path / "no.csv")


@pytest.mark.parametrize("answer, name", [
    ("C'est un plat qui est fait avec une farine de manioc, et les gens sont contents dans cette ville.", "French"),
    ("Wannan abinci ne wanda ake yi daga rogo kuma wasu mutane suka fi so cikin kasar.", "Hausa"), ("Nke a bụ nri ndị Igbo ji maka ihe oriri dị ụtọ.", "Igbo")])
def test_an_answer_in_a_neighbouring_language_is_found(tmp_path, answer, name):
    assert name in found(check.problems(write(tmp_path, [chat(answer=answer)])), "L07")["message"].item()


def test_lost_marks_are_judged_by_the_other_rows_and_not_in_a_language_without_marks(tmp_path):
    hausa = [chat(f"Mene ne abu na {n}?", f"Wannan abu ne da mutane suke amfani da shi a kowace rana lamba {n}.", system="") for n in range(12)]
    path = store.write_bytes(b"\n".join(json.dumps(row).encode() for row in hausa), tmp_path / "ha" / "5_train.jsonl")
    assert found(check.problems(path), "L06").empty and found(check.problems(path), "L07").empty


def test_many_rows_in_helper_processes_give_the_same_as_in_one(tmp_path):
    path = write(tmp_path, [*good(700), good()[0], "{", chat("Kí ni ẹ̀bà ", "Food")])
    one, two = check.problems(path, workers=1), check.problems(path, workers=2)
    assert one.equals(two) and {"D01", "F06"} <= set(one["code"])


# ---------------------------------------------------------------- repair

BROKEN = [chat(answer=unicodedata.normalize("NFD", PAIRS[0][1])), chat("Kí ni\u200b iyán? ", "Oúnjẹ\u00a0 ni [[iyán|Iyán]]&nbsp;jẹ́[2].\x07"), "", good()[1], good()[1],
          "{not json", '{"messages": [{"role": "user", "content": " x "}, {"role": "assistant", "content": "y"}], "a": 1, "a": 2}']


def test_repair_writes_a_new_file_lists_every_change_and_leaves_the_old_one_alone(tmp_path):
    path = write(tmp_path, BROKEN)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    changes = check.repair(path)
    assert path.read_bytes() == before
    assert changes.groupby("code")["line"].apply(list).to_dict() == {"D01": [5], "F03": [0], "F06": [3], "F08": [0], "L01": [1], "L02": [2, 2], "L03": [2], "L08": [2], "L12": [2]}
    new = check.repaired(path)
    assert changes.attrs["file"] == str(new) and len(store.read(new.with_suffix(".csv"))) == len(changes)
    lines = new.read_bytes().split(b"\n")
    assert lines[3] == b"{not json" and lines[4] == BROKEN[6].encode() and lines[5] == b""  # what cannot be read, or would lose something, goes over as it is
    mended = [json.loads(line) for line in lines[:3]]
    assert mended[0] == chat() and mended[1]["messages"][1:] == [{"role": "user", "content": "Kí ni iyán?"}, {"role": "assistant", "content": "Oúnjẹ  ni Iyán jẹ́."}]


def test_repairing_twice_changes_nothing_more_and_the_mended_codes_are_gone(tmp_path):
    path = write(tmp_path, [*BROKEN[:5], *good()])
    new = check.repaired(path)
    check.repair(path)
    again = check.repair(new)
    assert again.empty and check.repaired(new).read_bytes() == new.read_bytes()
    assert not set(check.problems(new)["code"]) & set(check.codes().query("repair")["code"])


def test_the_list_of_changes_shows_the_place(tmp_path):
    changes = check.repair(write(tmp_path, [chat(answer="Oúnjẹ tí a ń jẹ ní ilé ni [[ẹ̀bà]] jẹ́.")]))
    assert changes[["code", "before", "after"]].values.tolist() == [["L08", " a ń jẹ ní ilé ni [[ẹ̀bà]] jẹ́."[1:], "a ń jẹ ní ilé ni ẹ̀bà jẹ́."]] or "[[ẹ̀bà]]" in changes["before"].item()


def test_only_what_is_chosen_is_mended_and_what_cannot_be_is_refused(tmp_path):
    path = write(tmp_path, BROKEN)
    assert set(check.repair(path, codes=["L12"])["code"]) == {"L12"}
    with pytest.raises(NeedsFixing, match="L06 cannot be mended by itself"):
        check.repair(path, codes=["L06"])
    with pytest.raises(NeedsFixing, match="would be written over"):
        check.repair(path, out=path)


# ---------------------------------------------------------------- counts and cost

def cookbook_lengths(rows):
    count = lambda text: tokens.count(text)
    return [3 + sum(3 + sum(count(value) for value in one.values()) + ("name" in one) for one in row["messages"]) for row in rows]


def test_tokens_are_counted_as_the_cookbook_counts_them(tmp_path):
    rows = [*good(30), talk(("user", "Kí ni ẹ̀bà?", {"name": "Ada"}), ("assistant", "Oúnjẹ ni.", {"weight": 1}))]
    named = cookbook_lengths(rows[:-1]) + [3 + 3 + tokens.count("user") + tokens.count("Kí ni ẹ̀bà?") + tokens.count("Ada") + 1 + 3 + tokens.count("assistant") + tokens.count("Oúnjẹ ni.")]
    assert check.lengths(write(tmp_path, rows))["tokens"].tolist() == named  # a weight is a number and no text


@pytest.mark.parametrize("model, table", [("gpt-4o-mini", "o200k_base"), ("gpt-4", "cl100k_base")])
def test_the_counts_are_tiktokens_own(tmp_path, monkeypatch, model, table):
    import gzip
    import hashlib
    from importlib import resources

    import tiktoken
    packed = pytest.importorskip("bpe_openai") and resources.files("bpe_openai.data").joinpath(f"{table}.tiktoken.gz").read_bytes()
    content = gzip.decompress(packed)
    assert hashlib.sha256(content).hexdigest() == tokens._expected(table)  # so this is the very file that tiktoken would fetch
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(store.write_bytes(content, tmp_path / "tables" / tokens.CACHED[table]).parent))
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    encode = tiktoken.get_encoding(table).encode_ordinary
    rows = [*good(30), chat("Kí ni <|endoftext|>?", "Emoji 👨‍👩‍👧, 12,345.67 and\r\n\ttabs  ẹ̀bà naïve 漢字")]
    theirs = [3 + sum(3 + sum(len(encode(value)) for value in one.values()) for one in row["messages"]) for row in rows]
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "empty"))  # now without tiktoken's table
    tokens._counter.cache_clear()
    assert check.lengths(write(tmp_path, rows), model)["tokens"].tolist() == theirs


@pytest.mark.parametrize("rows, epochs", [(1, 25), (4, 25), (5, 20), (20, 5), (33, 3), (34, 3), (100, 3), (8333, 3), (8334, 2), (12_501, 1), (100_000, 1)])
def test_epochs_follow_the_cookbooks_rule(rows, epochs):
    assert check.epochs(rows) == epochs


def test_the_report_counts_slips_and_distributions_and_does_not_crash_where_the_cookbook_does(tmp_path):
    rows = [*good(20), {"messages": []}, {"messages": [{"role": "bot", "content": None, "mood": 1}]}, "{", "7", *FAILS["S06"][0]]
    table = check.counts(write(tmp_path, rows)).set_index("measure")
    assert table["n"].loc["conversations"] == 25
    assert {name: int(table["n"].loc[name]) for name in ("not JSON", "not an object", "no list of messages", "an unknown key", "an unknown role", "no content", "no assistant message",
                                                         "no system message", "no user message")} == {
        "not JSON": 1, "not an object": 1, "no list of messages": 1, "an unknown key": 1, "an unknown role": 1, "no content": 1, "no assistant message": 1,
        "no system message": 2, "no user message": 1}
    lengths = pd.Series(check.lengths(tmp_path / "yo" / "5_train.jsonl").query("messages > 0")["tokens"])
    spread = table.loc["tokens in a conversation"]
    assert (spread["p5"], spread["p95"], spread["total"]) == (lengths.quantile(0.05), lengths.quantile(0.95), lengths.sum())
    assert table["n"].loc["tokens billed in all"] == check.epochs(25) * lengths.sum()
    assert check.counts(write(tmp_path, [""]))["n"].iloc[0] == 0  # no row at all


def test_cost_is_the_cookbooks_formula_to_the_token(tmp_path):
    rows = good(40)
    table = check.cost(write(tmp_path, rows)).set_index("model")
    billed = sum(min(65_536, length) for length in cookbook_lengths(rows))
    mini = table.loc["gpt-4o-mini-2024-07-18"]
    assert (mini["tokens"], mini["epochs"], mini["billed_tokens"]) == (billed, 3, 3 * billed) and mini["usd"] == pytest.approx(3 * billed * 3 / 1e6, abs=1e-4)
    assert check.cost(tmp_path / "yo" / "5_train.jsonl", epochs=2).set_index("model")["billed_tokens"].loc["gpt-4o-mini-2024-07-18"] == 2 * billed


def test_cost_caps_a_row_at_what_the_model_reads(tmp_path):
    path = write(tmp_path, [chat(answer="ọ̀rọ̀ kan ni. " * 14_000)])
    assert check.cost(path, epochs=1).set_index("model")["tokens"].loc["gpt-4o-mini-2024-07-18"] == 65_536


def test_cost_lists_every_road_with_source_date_and_last_day(tmp_path):
    table = check.cost(write(tmp_path, good()))
    assert table.columns.tolist()[:6] == ["backend", "model", "tokens", "epochs", "usd", "note"]
    assert {"openai", "practice", "azure", "together", "fireworks", "mistral", "open (Colab T4)"} <= set(table["backend"])
    hosted = table[table["backend"] == "openai"]
    assert (hosted["last_day"] == "2027-01-06").all() and hosted["hosting"].str.contains(r"\$").all() and (table["source"] != "").all()
    assert (table[table["backend"].str.startswith("open (")]["usd"] == 0).all() and (table[table["backend"].str.startswith("open (")]["minutes"] >= 1).all()
    assert store.write(table, tmp_path / "6_cost.csv") and "nan" not in store.read_text(tmp_path / "6_cost.csv")


def test_a_price_of_ones_own_wins(tmp_path):
    price = {"use": "train", "provider": "openai", "model": "gpt-4o-mini-2024-07-18", "usd_per_million_training": "9", "source": "our contract", "as_of": "2026-11-20", "note": ""}
    store.write([price], store.data_folder() / "prices.csv")
    table = check.cost(write(tmp_path, good()), epochs=1).set_index("model")
    assert table["source"].loc["gpt-4o-mini-2024-07-18"] == "our contract" and table["usd"].loc["gpt-4o-mini-2024-07-18"] == pytest.approx(
        9 * table["tokens"].loc["gpt-4o-mini-2024-07-18"] / 1e6, abs=1e-4)


@pytest.mark.parametrize("epochs", [0, 2.5, True, "3"])
def test_a_number_of_epochs_that_is_none_is_one_sentence(tmp_path, epochs):
    with pytest.raises(NeedsFixing, match="whole number of 1 or more"):
        check.cost(write(tmp_path, good()), epochs=epochs)


def test_a_file_without_rows_costs_one_sentence(tmp_path):
    with pytest.raises(NeedsFixing, match="no conversation, so nothing can be trained"):
        check.cost(write(tmp_path, ["{"]))
    with pytest.raises(NeedsFixing, match="not there"):
        check.cost(tmp_path / "no.jsonl")


def test_what_notebook_5_writes_passes(tmp_path):
    qa = pd.DataFrame([{"id": str(n), "passage_id": f"p{n}", "question": row["messages"][1]["content"], "answer": row["messages"][2]["content"], "status": "accepted",
                        "licence": "CC0", "source": "w", "context": "", "method": "", "url": ""} for n, row in enumerate(good(60))])
    store.write(qa, tmp_path / "yo" / "4_qa.csv")
    csv_to_jsonl.make(qa, tmp_path / "yo" / "5_train.jsonl", tmp_path / "yo" / "5_validation.jsonl", system=SYSTEM)
    assert set(check.problems(tmp_path / "yo" / "5_train.jsonl")["code"]) == {"Z01", "Z05"}


def test_a_conversation_can_be_looked_up_by_its_line(tmp_path):
    path = write(tmp_path, [*good(), "{"])
    assert check.row(path, 2) == good()[1]
    with pytest.raises(NeedsFixing, match="line 5 of 5_train.jsonl cannot be shown: not JSON"):
        check.row(path, 5)
    with pytest.raises(NeedsFixing, match="no line 9"):
        check.row(path, 9)


def test_news_with_a_permission_to_publish_is_no_problem(tmp_path):
    path = write(tmp_path, good())
    sources(tmp_path, good(), source="bbc", permission="licence: Ada Obi")
    assert found(check.problems(path), "P03").empty
