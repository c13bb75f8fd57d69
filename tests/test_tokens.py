"""Token counts, exact where a table is at hand and honest where it is not."""
import hashlib
import sys
import unicodedata

import pytest

from gi_helpers import store, tokens

YORUBA = "Ìbàdàn jẹ́ ìlú ńlá kan ní gúúsù ìwọ̀-oòrùn Nàìjíríà, òun sì ni olú-ìlú ìpínlẹ̀ Ọ̀yọ́."


@pytest.fixture
def without_tables(monkeypatch):
    """A machine with neither bpe-openai nor a table of tiktoken on disk."""
    monkeypatch.setitem(sys.modules, "bpe_openai", None)
    for cache in (tokens._counter, tokens._carried):
        cache.cache_clear()
    yield
    for cache in (tokens._counter, tokens._carried):
        cache.cache_clear()


def test_our_table_knows_the_models_that_tiktoken_gets_wrong():
    pairs = {"ft:gpt-4.1-mini-2025-04-14:team::abc": "o200k_base", "gpt-6-luna": "o200k_base", "ft:gpt-3.5-turbo-0125:x::y": "cl100k_base", "gpt-4": "cl100k_base",
             "gpt-4-turbo": "cl100k_base", "gpt-4o-mini": "o200k_base", "gpt-oss-20b": "o200k_harmony", "practice-gpt-4": "cl100k_base", "o3-mini": "o200k_base"}
    assert {model: tokens.encoding_for(model) for model in pairs} == pairs


def test_counts_are_those_of_the_token_tables_or_near_them():
    for model, right in (("gpt-4o-mini", 53), ("gpt-4", 73)):
        assert abs(tokens.count(YORUBA, model) - right) <= (0 if tokens.how(model) == "exact" else 6)
    assert tokens.count("<|endoftext|>") > 1  # text, never the special token


def test_composed_letters_cost_fewer_tokens_than_loose_ones():
    loose = tokens.count(unicodedata.normalize("NFD", YORUBA))
    assert tokens.count(YORUBA) < 0.9 * loose if tokens.how() == "exact" else tokens.count(YORUBA) == loose  # the estimate is of mended text


def test_lone_surrogates_and_long_runs_are_counted():
    assert tokens.count("ilé\ud800") >= 2
    assert 1_000 < tokens.count("ạ" * 100_000) <= 200_000
    assert tokens.count("ilé wa " * 200_000) > 400_000  # the public face of bpe-openai refuses texts of a million letters


def test_without_tables_the_count_is_an_estimate_that_says_so_and_lies_near(without_tables):
    assert tokens.how() == tokens.how("gpt-4") == "estimate"
    assert abs(tokens.count(YORUBA) - 53) <= 6 and abs(tokens.count(YORUBA, "gpt-4") - 73) <= 6
    assert tokens.count("") == 0 and tokens.count("a") == 1


def test_the_estimate_grows_with_every_letter_and_knows_all_scripts(without_tables):
    for text in (YORUBA, "አዲስ አበባ የኢትዮጵያ ዋና ከተማ ናት።", "北京是中国的首都。", "ߒߞߏ ߦߋ߫", "𞤀𞤣𞤤𞤢𞤥", "👩‍🌾"):
        counts = [tokens.count(text[:end]) for end in range(len(text) + 1)]
        assert counts == sorted(counts) and counts[-1] > 0


def test_a_table_in_tiktokens_cache_is_used_without_network(without_tables, monkeypatch, tmp_path):
    pieces = [bytes([number]) for number in range(256)] + [b"la", b"il"]
    import base64

    table = "".join(f"{base64.b64encode(piece).decode()} {rank}\n" for rank, piece in enumerate(pieces)).encode()
    folder = tmp_path / "tables"
    store.write_bytes(table, folder / tokens.CACHED["o200k_base"])
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
    import tiktoken
    from tiktoken_ext import openai_public

    # A small table of our own stands for the real one, which nobody may ship; tiktoken checks its hash, so that is ours, too.
    def small():
        from tiktoken.load import load_tiktoken_bpe

        ranks = load_tiktoken_bpe(tokens.ADDRESS.format("o200k_base"), expected_hash=hashlib.sha256(table).hexdigest())
        return {"name": "o200k_base", "pat_str": r"\S+|\s+", "mergeable_ranks": ranks, "special_tokens": {}}

    monkeypatch.setitem(openai_public.ENCODING_CONSTRUCTORS, "o200k_base", small)
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    monkeypatch.setattr(tiktoken.registry, "ENCODING_CONSTRUCTORS", {"o200k_base": small})
    assert tokens.how() == "exact" and tokens.count("la il") == 3


def test_live_mode_fetches_the_table_once_with_a_time_limit_and_refuses_a_login_page(without_tables, monkeypatch, tmp_path):
    import requests

    asked = []

    def answer(url, timeout):
        asked.append((url, timeout))
        page = requests.Response()
        page.status_code, page._content = 200, b"<html>please log in</html>"
        return page

    monkeypatch.setattr(requests, "get", answer)
    monkeypatch.setenv("GI_MODE", "live")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "tables"))
    assert tokens.how() == "estimate" and not list(tmp_path.glob("tables/*"))
    assert asked == [("https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken", (5, 20))]
    tokens.count(YORUBA)
    assert len(asked) == 1  # and not again for every text


def test_practice_never_goes_to_the_network(without_tables, monkeypatch, tmp_path):
    import requests

    monkeypatch.setattr(requests, "get", lambda *_, **__: pytest.fail("a rehearsal asked the network"))
    monkeypatch.setenv("GI_MODE", "practice")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert tokens.how() == "estimate"


def test_the_hashes_of_the_tables_come_from_the_installed_tiktoken():
    assert {len(tokens._expected(table)) for table in tokens.CACHED} == {64}
    assert tokens.CACHED == {table: hashlib.sha1(tokens.ADDRESS.format(table).encode()).hexdigest() for table in tokens.CACHED}


def test_a_model_of_open_weights_that_is_only_named_is_an_estimate():
    assert tokens.how("Qwen/Qwen3.5-4B") == "estimate"
    assert tokens.count(YORUBA, "Qwen/Qwen3.5-4B") > 0


def test_a_table_that_is_not_the_models_own_is_an_estimate_whatever_the_name_looks_like():
    strangers = ["Qwen2.5-7B-Instruct", "llama3.1:8b", "gemma-3-4b-it", "claude-3", "mistral-small", "gpt2", "gpt-neox-20b", "text-davinci-003", "davinci",
                 "someone/gpt-4-copy", "whatever", ""]
    assert {model: tokens.how(model) for model in strangers} == dict.fromkeys(strangers, "estimate")
    if tokens.how() == "exact":
        ours = ["gpt-4o-mini", "GPT-4o", "openai/gpt-4", "openai/gpt-oss-20b", "azure/gpt-35-turbo", "o1-mini", "o3", "gpt-5.2", "chatgpt-4o-latest",
                "codex-mini-latest", "ft:gpt-4.1:team::x", "ft:davinci-002", "practice-base"]
        assert {model: tokens.how(model) for model in ours} == dict.fromkeys(ours, "exact")
    assert tokens.encoding_for("openai/gpt-4") == tokens.encoding_for("openrouter/openai/gpt-4-turbo") == "cl100k_base"


def test_the_limit_for_cutting_leaves_room_only_where_tokens_are_estimated():
    if tokens.how() == "exact":
        assert tokens.safe_limit(512) == 512
    assert tokens.safe_limit(512, "claude-3") < 512 / 1.4 and tokens.safe_limit(1, "claude-3") == 1


def test_fertility_is_tokens_a_word_with_tone_marks_and_apostrophes_inside_words():
    assert tokens.fertility(["ẹ̀kọ́ l'ọ́jọ́", "wa"]) == (tokens.count("ẹ̀kọ́ l'ọ́jọ́") + tokens.count("wa")) / 3
    assert tokens.fertility([]) == 0.0
    assert 2 < tokens.fertility([YORUBA]) < 4
