"""The open road: settings, masking, and a tiny model that really learns (marked train: needs the extra `train`)."""
import importlib.util
import os

import pytest

from gi_helpers import csv_to_jsonl, lora, store
from gi_helpers.errors import NeedsFixing

needs_torch = [pytest.mark.train, pytest.mark.skipif(importlib.util.find_spec("trl") is None, reason="the extra `train` (torch, trl, peft) is not installed")]
PAIRS = [("Kí ni ẹ̀bà?", "Oúnjẹ gàrí."), ("Kí ni ìlù?", "Ohun èlò orin."), ("Kí ni ọjà?", "Ibi ìtajà."), ("Kí ni odò?", "Omi tó ń ṣàn."),
         ("Kí ni ilé?", "Ibùgbé."), ("Kí ni aṣọ?", "Ohun wíwọ̀."), ("Kí ni ìwé?", "Ohun kíkà."), ("Kí ni oko?", "Ibi ọ̀gbìn.")]


def training_file(tmp_path, pairs=PAIRS):
    return csv_to_jsonl.write([{"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]} for question, answer in pairs],
                              tmp_path / "5_train.jsonl")


def test_a_t4_gets_fp16_and_the_lora_learning_rate_and_a_newer_card_bf16():
    t4 = lora.choose_settings({"gpu": "Tesla T4", "memory_gb": 14.6, "bf16": False}, longest=700, rows=400)
    assert (t4["precision"], t4["learning_rate"], t4["max_length"], t4["four_bit"], t4["batch"] * t4["accumulation"]) == ("fp16", 2e-4, 1024, True, 8)
    assert lora.choose_settings({"gpu": "L4", "memory_gb": 22.0, "bf16": True}, longest=700, rows=400)["precision"] == "bf16"
    assert lora.choose_settings({"gpu": "Tesla T4", "memory_gb": 14.6, "bf16": False}, longest=9000, rows=400)["max_length"] == 2048


def test_the_plan_says_how_much_is_learned_and_that_questions_are_not(tmp_path):
    told = lora.plan(training_file(tmp_path), base="x")
    assert told["rows"] == 8 and told["learned_sample"] == "Oúnjẹ gàrí."
    assert 0 < int(told["trained_on"].split()[0]) < 100


def test_the_menu_names_licence_and_memory_of_each_model():
    table = lora.models(memory_gb=6)
    assert (table["licence"] != "").all() and (table["gigabytes_qlora"].astype(float) <= 6).all() and len(table) >= 3


def test_rows_without_conversations_are_one_sentence(tmp_path):
    file = store.write_jsonl([{"text": "x"}], tmp_path / "a.jsonl")
    with pytest.raises(NeedsFixing, match="holds no conversations; run notebook 5"):
        lora.plan(file)


def test_without_the_packages_the_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "trl", None)
    with pytest.raises(NeedsFixing, match="is not installed; install what training needs"):
        lora.train(training_file(tmp_path), base="x", out=tmp_path / "out")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A random Llama of about a million parameters with a tokenizer of single bytes, made here: no weights are fetched."""
    os.environ["OMP_NUM_THREADS"] = "1"
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    torch.set_num_threads(1)  # a tiny model is eight times slower on two threads
    torch.manual_seed(0)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate([*alphabet, "<s>", "</s>"])}, merges=[]))
    inner.pre_tokenizer, inner.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False), decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="<s>", eos_token="</s>")
    folder = tmp_path_factory.mktemp("tiny")
    config = LlamaConfig(vocab_size=len(tokenizer), hidden_size=128, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4,
                         max_position_embeddings=512, bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


class TestWithTorch:
    pytestmark = needs_torch

    def test_eight_rows_are_learned_by_heart(self, tmp_path, tiny):
        made = lora.train(training_file(tmp_path), base=str(tiny), out=tmp_path / "out", steps=150, learning_rate=3e-3, batch=8, adapter=False, record=tmp_path / "7_model.json")
        assert made["losses"][-1]["train_loss"] < 0.1 < made["losses"][0]["train_loss"]
        ask = lora.load(tmp_path / "out")
        assert [ask([{"role": "user", "content": question}], max_new_tokens=60) for question, _ in PAIRS] == [answer for _, answer in PAIRS]
        assert store.read_json(tmp_path / "7_model.json")["backend"] == "lora" and len(store.read(tmp_path / "7_curve.csv")) > 5

    def test_an_adapter_lowers_the_loss_and_can_be_melted_in(self, tmp_path, tiny):
        made = lora.train(training_file(tmp_path), base=str(tiny), out=tmp_path / "out", steps=30, learning_rate=1e-2, batch=8, validation=training_file(tmp_path))
        assert made["losses"][-2]["train_loss"] < made["losses"][0]["train_loss"] and 0.1 < made["trained_on"] < 0.7
        assert (tmp_path / "out" / "adapter_config.json").exists() and (tmp_path / "out" / "chat_template.jinja").exists()
        question = [{"role": "user", "content": PAIRS[0][0]}]
        melted = lora.load(lora.export(tmp_path / "out", tmp_path / "whole"))
        assert melted(question, max_new_tokens=20) == lora.load(tmp_path / "out")(question, max_new_tokens=20)

    def test_rows_that_are_cut_to_nothing_are_one_sentence(self, tmp_path, tiny):
        with pytest.raises(NeedsFixing, match="all 8 rows are longer than 16 tokens before their answer begins"):
            lora.train(training_file(tmp_path), base=str(tiny), out=tmp_path / "out", max_length=16)

    def test_a_model_that_is_not_there_is_one_sentence(self, tmp_path):
        with pytest.raises(NeedsFixing, match="could not be loaded .* give the path of a folder"):
            lora.train(training_file(tmp_path), base=str(tmp_path / "nothing"), out=tmp_path / "out")
