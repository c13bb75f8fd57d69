"""The open road: settings, masking, and a tiny model that really learns (marked train: needs the extra `train`)."""
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
import types

import pytest

from gi_helpers import _card, _local, _tuning, csv_to_jsonl, evaluate, llm, lora, publish, ratings, store, truthfulqa, web
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


def test_a_file_too_large_for_the_memory_is_one_sentence_before_it_is_read(tmp_path, monkeypatch):
    file = training_file(tmp_path)
    monkeypatch.setattr(lora, "LARGEST", 100)
    monkeypatch.setattr(store, "read_jsonl", lambda file: pytest.fail("it was read"))
    with pytest.raises(NeedsFixing, match="training holds all rows in memory, so the limit is 0; train on fewer rows"):
        lora.plan(file)


def test_without_a_card_the_plan_says_how_long_a_real_model_would_take(tmp_path, monkeypatch):
    monkeypatch.setattr(lora, "machine", lambda: {"gpu": "", "memory_gb": 0.0, "bf16": False, "advice": "no GPU"})
    assert lora.plan(training_file(tmp_path), base="Qwen/Qwen3.5-4B")["without_gpu"].endswith("on this processor")
    assert "without_gpu" not in lora.plan(training_file(tmp_path), base="practice-base")


def test_answers_without_weight_are_nothing_to_learn(tmp_path):
    file = store.write_jsonl([{"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "x", "weight": 0}]}], tmp_path / "a.jsonl")
    with pytest.raises(NeedsFixing, match="holds no answer with weight"):
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


class Killed(BaseException):
    """What no handler in the code may catch."""


def questions(count):
    """Rows of 8_truthfulqa.csv: the first ones ask what PAIRS teach."""
    rows = [{"item": str(n), "kind": kind, "n": "1", "source": "?", "target": text, "status": "accepted", "flags": "", "category": "", "culture": ""}
            for n, (question, answer) in enumerate(PAIRS[:count])
            for kind, text in (("question", question), ("best", answer), ("best_incorrect", "Kò sí."))]
    return __import__("pandas").DataFrame([{**row, "id": f"{row['item']}{row['kind']}", "back": ""} for row in rows])


@pytest.fixture
def no_server(monkeypatch):
    """Any question to a server is an error here."""
    monkeypatch.setattr(web, "practice_url", lambda: pytest.fail("a server was asked"))


@pytest.fixture(scope="class")
def tuned(tiny, tmp_path_factory):
    """An adapter that answers otherwise than its base model, and its 7_model.json."""
    folder = tmp_path_factory.mktemp("tuned")
    lora.train(training_file(folder), base=str(tiny), out=folder / "7_adapter", steps=20, learning_rate=3e-2, batch=8, record=folder / "7_model.json")
    return store.read_json(folder / "7_model.json")


class TestWithTorch:
    pytestmark = needs_torch

    def test_eight_rows_are_learned_by_heart(self, tmp_path, tiny):
        made = lora.train(training_file(tmp_path), base=str(tiny), out=tmp_path / "out", steps=150, learning_rate=3e-3, batch=8, adapter=False, record=tmp_path / "7_model.json")
        assert made["losses"][-1]["train_loss"] < 0.1 < made["losses"][0]["train_loss"]
        ask = lora.load(tmp_path / "out")
        assert [ask([{"role": "user", "content": question}], max_new_tokens=60) for question, _ in PAIRS] == [answer for _, answer in PAIRS]
        table = lora.try_out(tmp_path / "out", training_file(tmp_path))
        assert table["answer"].tolist() == table["in the file"].tolist() == [answer for _, answer in PAIRS[:3]] and set(table["ended"]) == {"yes"}
        assert store.read_json(tmp_path / "7_model.json")["backend"] == "lora" and len(store.read(tmp_path / "7_curve.csv")) > 5

    def test_an_adapter_lowers_the_loss_and_can_be_melted_in(self, tmp_path, tiny):
        seen = []
        made = lora.train(training_file(tmp_path), base=str(tiny), out=tmp_path / "out", steps=30, learning_rate=1e-2, batch=8, validation=training_file(tmp_path),
                          watch=lambda losses: seen.append(len(losses)))
        learned = [row["train_loss"] for row in made["losses"] if row["train_loss"] != ""]
        assert learned[-1] < learned[0] and len([row for row in made["losses"] if row["valid_loss"] != ""]) >= 5 and len(seen) > 5 and seen == sorted(seen)
        assert (tmp_path / "out" / "adapter_config.json").exists() and (tmp_path / "out" / "chat_template.jinja").exists() and not (tmp_path / "out" / "checkpoints").exists()
        question = [{"role": "user", "content": PAIRS[0][0]}]
        melted = lora.load(lora.export(tmp_path / "out", tmp_path / "whole"))
        assert melted(question, max_new_tokens=20) == lora.load(tmp_path / "out")(question, max_new_tokens=20)

    def test_only_the_answer_and_its_end_sign_are_learned_and_shown(self, tmp_path, tiny):
        told = lora.masked(training_file(tmp_path), str(tiny))
        assert told["learned"].startswith("Oúnjẹ gàrí.</s>") and told["not_learned"].endswith("Kí ni ẹ̀bà?</s>\n<|im_start|>assistant\n")
        assert 0.1 < told["trained_on"] < 0.5 and told["rows"] == 8
        with_two = training_file(tmp_path, [*PAIRS, ("Kí ni gbogbo rẹ̀?", "ọ̀rọ̀ " * 60)])
        told = lora.masked(with_two, str(tiny), max_length=128)
        assert (told["rows"], told["left_out"], told["cut"]) == (9, 0, 1)

    def test_what_the_trainer_learns_is_what_was_shown(self, tmp_path, tiny, monkeypatch):
        import trl
        labels = []

        def look(self, **more):
            for batch in self.get_train_dataloader():
                labels.extend(batch["labels"][batch["labels"] >= 0].tolist())
            raise Killed
        monkeypatch.setattr(trl.SFTTrainer, "train", look)
        with pytest.raises(Killed):
            lora.train(training_file(tmp_path, PAIRS[:1]), base=str(tiny), out=tmp_path / "out")
        from transformers import AutoTokenizer
        assert AutoTokenizer.from_pretrained(tiny).decode(labels) == lora.masked(training_file(tmp_path, PAIRS[:1]), str(tiny))["learned"]

    def test_the_folder_keeps_template_and_end_sign_and_a_thinking_model_does_not_think(self, tmp_path, tiny):
        from transformers import AutoTokenizer
        other, ends = tmp_path / "thinking", "{{ '</s>' }}"
        tokenizer = AutoTokenizer.from_pretrained(tiny)
        tokenizer.chat_template = ("{% for message in messages %}{{ message['role'] + ':' + message['content'] }}" + ends + "{% endfor %}{% if add_generation_prompt %}assistant:"
                                   "{% if enable_thinking is not defined or enable_thinking %}<think>{% endif %}{% endif %}")
        shutil.copytree(tiny, other)
        tokenizer.save_pretrained(other)
        made = lora.train(training_file(tmp_path), base=str(other), out=tmp_path / "out", steps=1, batch=4)
        assert made["learned"] == "Oúnjẹ gàrí.</s>" and made["not_learned"].endswith("assistant:")
        kept = AutoTokenizer.from_pretrained(tmp_path / "out")
        assert kept.apply_chat_template([{"role": "user", "content": "?"}], add_generation_prompt=True, tokenize=False) == "user:?</s>assistant:"
        assert store.read_json(tmp_path / "out" / "generation_config.json")["eos_token_id"] == [tokenizer.eos_token_id]

    def test_a_template_without_an_end_sign_is_refused(self, tmp_path, tiny):
        from transformers import AutoTokenizer
        other = tmp_path / "endless"
        shutil.copytree(tiny, other)
        tokenizer = AutoTokenizer.from_pretrained(tiny)
        tokenizer.chat_template = "{% for message in messages %}{{ message['role'] + ':' + message['content'] + '\n' }}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}"
        tokenizer.save_pretrained(other)
        with pytest.raises(NeedsFixing, match="puts no end sign after an answer"):
            lora.train(training_file(tmp_path), base=str(other), out=tmp_path / "out")

    def test_a_run_that_was_killed_goes_on_from_its_last_whole_checkpoint(self, tmp_path, tiny, monkeypatch):
        monkeypatch.setattr(_tuning, "SAVE_EVERY", 4)
        steps = []

        def watch(losses):
            steps.append(losses[-1]["step"])
            if steps[-1] == 10 and len(steps) < 12:
                raise Killed
        asked = {"base": str(tiny), "out": tmp_path / "out", "steps": 14, "batch": 8, "watch": watch}
        with pytest.raises(Killed):
            lora.train(training_file(tmp_path), **asked)
        (tmp_path / "out" / "checkpoints" / "checkpoint-12").mkdir()  # the kill came while this one was written
        steps.clear()
        made = lora.train(training_file(tmp_path), **{**asked, "watch": lambda losses: steps.append(losses[-1]["step"])})
        assert steps[0] == 9 and made["losses"][0]["step"] == 1 and made["losses"][-1]["step"] == 14

    def test_the_stop_button_ends_after_a_step_and_the_same_call_goes_on(self, tmp_path, tiny, capsys):
        stop, told = threading.Event(), []

        def tell(done, total, words):
            told.append((done, total))
            if done == 3:
                stop.set()
        asked = {"base": str(tiny), "out": tmp_path / "out", "steps": 6, "batch": 8, "tell": tell, "stop": stop, "record": tmp_path / "7_model.json"}
        made = lora.train(training_file(tmp_path), **asked)
        assert made["stopped"] == 3 and told == [(1, 6), (2, 6), (3, 6)] and "Stopped after step 3" in capsys.readouterr().out
        assert not (tmp_path / "7_model.json").exists() and not (tmp_path / "out" / "adapter_config.json").exists()
        stop.clear()
        told.clear()
        made = lora.train(training_file(tmp_path), **{**asked, "tell": lambda *now: told.append(now[:2])})
        assert made["stopped"] == 0 and told[0] == (4, 6) and made["losses"][-1]["step"] == 6 and (tmp_path / "out" / "adapter_config.json").exists()

    def test_other_data_do_not_go_on_from_the_old_checkpoint(self, tmp_path, tiny):
        old = tmp_path / "out" / "checkpoints" / "checkpoint-7"
        store.write_json({"global_step": 7}, old / "trainer_state.json")
        store.write_json({"run": "another"}, old.parent / "run.json")
        made = lora.train(training_file(tmp_path), base=str(tiny), out=tmp_path / "out", steps=1, batch=8)
        assert [row["step"] for row in made["losses"]] == [1]

    def test_a_full_card_halves_the_batch_says_so_and_goes_on(self, tmp_path, tiny, monkeypatch, capsys):
        import torch
        import trl
        real, tries = trl.SFTTrainer.train, []

        def full(self, **more):
            tries.append((self.args.per_device_train_batch_size, self.args.gradient_accumulation_steps))
            if len(tries) < 3:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
            return real(self, **more)
        monkeypatch.setattr(trl.SFTTrainer, "train", full)
        made = lora.train(training_file(tmp_path), base=str(tiny), out=tmp_path / "out", steps=2, batch=4)
        assert tries == [(4, 2), (2, 4), (1, 8)] and made["settings"]["batch"] == 1
        assert "going on with a batch of 2." in capsys.readouterr().out
        tries[:] = []
        monkeypatch.setattr(trl.SFTTrainer, "train", lambda self, **more: (_ for _ in ()).throw(torch.OutOfMemoryError("full")))
        with pytest.raises(NeedsFixing, match="too small even for one row of 256 tokens; choose a smaller model"):
            lora.train(training_file(tmp_path), base=str(tiny), out=tmp_path / "other", steps=2, batch=2)

    @pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0"),
                                       RuntimeError("I/O error: No space left on device (os error 28)")])
    def test_a_full_disk_is_one_sentence_and_the_checkpoints_stay(self, tmp_path, tiny, monkeypatch, error):
        import trl
        monkeypatch.setattr(trl.SFTTrainer, "train", lambda self, **more: None)
        monkeypatch.setattr(trl.SFTTrainer, "save_model", lambda self, *more: (_ for _ in ()).throw(error))
        with pytest.raises(NeedsFixing, match="the disk is full, so .* free some space and run the cell again"):
            lora.train(training_file(tmp_path), base=str(tiny), out=tmp_path / "out", steps=1)
        assert (tmp_path / "out" / "checkpoints" / "run.json").exists()

    def test_rows_that_are_cut_to_nothing_are_one_sentence(self, tmp_path, tiny):
        with pytest.raises(NeedsFixing, match="all 8 rows are longer than 16 tokens before their answer begins"):
            lora.train(training_file(tmp_path), base=str(tiny), out=tmp_path / "out", max_length=16)

    def test_rows_too_long_are_left_out_and_told(self, tmp_path, tiny, capsys):
        file = training_file(tmp_path, [*PAIRS, ("Kí ni " + "ọ̀rọ̀ " * 40 + "?", "Ọ̀rọ̀."), ("Kí ni ọ̀rọ̀?", "ọ̀rọ̀ " * 40)])
        made = lora.train(file, base=str(tiny), out=tmp_path / "out", steps=1, max_length=128)
        assert (made["rows"], made["left_out"], made["cut"]) == (9, 1, 1)
        said = capsys.readouterr().out
        assert "1 rows are left out: before their answer begins they have 128 tokens or more. 1 rows are longer than 128" in said

    def test_a_model_that_is_not_there_is_one_sentence(self, tmp_path):
        with pytest.raises(NeedsFixing, match="could not be loaded .* give the path of a folder"):
            lora.train(training_file(tmp_path), base=str(tmp_path / "nothing"), out=tmp_path / "out")

    @pytest.mark.parametrize("error, words", [
        (OSError("You are trying to access a gated repo. 403 Client Error"), "asks you to accept its licence on its page first"),
        (ValueError("The checkpoint has model type `x` but Transformers does not recognize this architecture"), "newer than the installed transformers"),
        (OSError(28, "No space left on device"), "the disk is full, so the model")])
    def test_what_the_hub_refuses_is_one_sentence(self, tmp_path, monkeypatch, error, words):
        import transformers
        monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", lambda name: (_ for _ in ()).throw(error))
        with pytest.raises(NeedsFixing, match=words):
            lora.train(training_file(tmp_path), base="CohereLabs/tiny-aya-earth", out=tmp_path / "out")

    def test_a_model_too_large_for_the_card_is_told_before_anything_is_fetched(self, tmp_path, monkeypatch):
        monkeypatch.setattr(_card, "card", lambda: {"gpu": "GTX 1050", "memory_gb": 4.0, "bf16": False})
        with pytest.raises(NeedsFixing, match=r"the GTX 1050 has 4 GB and Qwen/Qwen3.5-4B needs about 6 GB; choose a smaller model \(Qwen/Qwen3.5-2B\)"):
            lora.train(training_file(tmp_path), base="Qwen/Qwen3.5-4B", out=tmp_path / "out")

    def test_a_gguf_is_made_by_the_official_converter_when_it_is_there(self, tmp_path, tiny):
        with pytest.raises(NeedsFixing, match="llama.cpp's converter is not here .*get it with: git clone"):
            lora.to_gguf(tiny, tmp_path / "m.gguf")
        script = store.write_text("import sys; open(sys.argv[3], 'w').write(' '.join(sys.argv[1:]))", tmp_path / "convert_hf_to_gguf.py")
        made = lora.to_gguf(tiny, tmp_path / "m.gguf", converter=script)
        assert made.read_text().endswith("--outtype q8_0") and "FROM ./m.gguf" in store.read_text(tmp_path / "Modelfile")
        broken = store.write_text("raise SystemExit('Model LlamaX is not supported')", tmp_path / "broken.py")
        with pytest.raises(NeedsFixing, match="could not convert .*Model LlamaX is not supported"):
            lora.to_gguf(tiny, tmp_path / "n.gguf", converter=broken)

    def test_the_tuned_model_and_its_base_are_asked_without_a_server_and_loaded_once(self, tmp_path, tuned, no_server, monkeypatch):
        loaded, real = [], _local.whole_model
        monkeypatch.setattr(_local, "whole_model", lambda *given: loaded.append(given) or real(*given))
        lora.load(tuned["fine_tuned_model"])
        arms = {"base": tuned["base_model"], "tuned": tuned["fine_tuned_model"]}
        how = {"language": "yo", "journal": tmp_path / "9_llm.jsonl", "budget_usd": 1.0, "room": 12}
        answers = store.collect(evaluate.ask(questions(3), arms, **how), tmp_path / "9_answers.csv", quiet=True)
        assert len(loaded) == 1 and len(answers) == 12 and set(answers["cost_usd"].astype(float)) == {0}
        assert answers.groupby("arm")["model"].first().to_dict() == {arm: str(lora.here(model)) if arm == "tuned" else lora.shown(model) for arm, model in arms.items()}
        assert evaluate.score(answers)["n"].tolist() == [3, 3]
        replies = {arm: part["reply"].tolist() for arm, part in answers.groupby("arm", sort=False)}
        ask = lora.load(tuned["fine_tuned_model"])
        assert replies["tuned"] == [ask([{"role": "user", "content": prompt}], max_new_tokens=12) for prompt in answers["prompt"][6:]] != replies["base"]

    def test_the_base_model_answers_as_if_there_were_no_adapter(self, tuned, tiny):
        from transformers import AutoModelForCausalLM
        base, question = lora.answering([tuned["base_model"], tuned["fine_tuned_model"]])[tuned["base_model"]], [{"role": "user", "content": PAIRS[0][0]}]
        tokenizer, _, ends = base.loaded()
        asked = tokenizer.apply_chat_template(question, add_generation_prompt=True, return_dict=True, return_tensors="pt")
        said = AutoModelForCausalLM.from_pretrained(tiny, dtype="float32").generate(asked["input_ids"], max_new_tokens=15, do_sample=False, eos_token_id=ends, pad_token_id=ends[0])
        assert base(question, max_new_tokens=15) == tokenizer.decode(said[0][asked["input_ids"].shape[1]:], skip_special_tokens=True).strip()
        assert base(question, max_new_tokens=15) != lora.load(tuned["fine_tuned_model"])(question, max_new_tokens=15)

    def test_a_killed_evaluation_asks_only_the_rest_and_a_new_training_asks_anew(self, tmp_path, tuned, no_server, monkeypatch):
        asked, real = [], _local.Local.complete
        monkeypatch.setattr(_local.Local, "complete", lambda self, options: asked.append(self.name) or real(self, options))
        how = {"language": "yo", "journal": tmp_path / "9_llm.jsonl", "room": 4}
        rows = evaluate.ask(questions(4), {"tuned": tuned["fine_tuned_model"]}, **how)
        next(rows), rows.close()
        first = len(asked)
        assert 1 <= first < 8 and len(list(evaluate.ask(questions(4), {"tuned": lora.load(tuned["fine_tuned_model"])}, **how))) == 8 and len(asked) == 8
        other = tmp_path / "again"
        shutil.copytree(tuned["fine_tuned_model"], other)
        before = lora.answering([str(other)])[str(other)].name
        weights = other / "adapter_model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")  # one weight is another
        assert lora.here(str(other)).name != before

    def test_an_evaluation_stopped_half_way_after_a_new_training_shows_no_reply_of_the_old_adapter(self, tmp_path, tuned, no_server):
        home = store.path("yo", "7_adapter")
        shutil.copytree(tuned["fine_tuned_model"], home)
        file, table, arms = tmp_path / "9_answers.csv", questions(3), {"tuned": "yo/7_adapter"}
        how = {"language": "yo", "journal": tmp_path / "9_llm.jsonl", "room": 4}
        before = store.collect(evaluate.ask(table, arms, **how), file, quiet=True)
        (home / "adapter_model.safetensors").write_bytes((home / "adapter_model.safetensors").read_bytes()[:-1] + b"\x7f")  # trained anew, into the same folder
        rows = evaluate.ask(table, arms, **how)
        store.collect([next(rows)], file, quiet=True)
        rows.close()
        both = store.read(file)
        now = evaluate.current(both, table, arms)
        assert len(both) == len(before) + 1 and len(now) == 1 and set(now["model"]).isdisjoint(before["model"])
        assert set(both["model"]) == {*before["model"], str(lora.here("yo/7_adapter"))} and all(model.startswith("yo/7_adapter@") for model in both["model"])
        shutil.rmtree(home)  # the table is looked at on another machine: the last training counts
        assert evaluate.current(both, table, arms)["model"].tolist() == now["model"].tolist()

    def test_no_path_of_this_machine_stands_in_record_answers_or_card(self, tmp_path, tiny, no_server):
        home = store.path("yo", "7_adapter")
        lora.train(training_file(home.parent), base=str(tiny), out=home, steps=1, batch=8, record=home.with_name("7_model.json"))
        record = store.read_json(home.with_name("7_model.json"))
        assert record["fine_tuned_model"] == "yo/7_adapter" and not (home / "training_args.bin").exists()
        answers = store.collect(evaluate.ask(questions(1), evaluate.arms(record), language="yo", room=2), home.with_name("9_answers.csv"), quiet=True)
        store.write(evaluate.score(answers), home.with_name("9_scores.csv"))
        evaluate.report(answers, questions(1), home.with_name("9_report.html"))
        folder = publish.model_card(home.parent, language="yo", name="yor-try", title="A try")
        assert folder == home
        for file in (home.with_name("9_answers.csv"), home.with_name("9_report.html"), home / "README.md", home / "registry.json"):
            assert str(store.data_folder()) not in store.read_text(file) and str(tiny) not in store.read_text(file), file
        assert "yo/7_adapter@" in store.read_text(home / "registry.json")

    def test_ratings_and_back_translation_take_it_too(self, tmp_path, tuned, no_server, monkeypatch):
        real = _local.Local.complete
        monkeypatch.setattr(_local.Local, "complete", lambda self, options: real(self, {**options, "max_completion_tokens": 12}))
        ask = [pair[0] for pair in PAIRS]
        paired = ratings.pairs("yo", base=tuned["base_model"], tuned=tuned["fine_tuned_model"], questions=ask, n=3, budget_usd=1.0, journal=tmp_path / "9b_llm.jsonl")
        assert set(paired["base"]) == {lora.shown(tuned["base_model"])} and (paired["answer_base"] != paired["answer_tuned"]).all()
        table = truthfulqa.back_translate(questions(1), "yo", model=tuned["fine_tuned_model"], journal=tmp_path / "8_llm.jsonl")
        assert "3 of 3 sentences have no way back yet (the model's answer was" in table.attrs["problem"]  # a tiny model writes no JSON

    def test_notebook_9_runs_from_choices_to_report_with_a_model_of_the_open_road(self, tmp_path, tuned, no_server, monkeypatch):
        widgets = pytest.importorskip("gi_helpers.widgets", exc_type=ImportError)
        monkeypatch.setenv("GI_RUN_ALL", "1")
        home = types.SimpleNamespace(path=lambda name: store.path("yo", name), code="yo", practice=True)
        store.write_json(tuned, home.path("7_model.json"))
        store.write(questions(4), home.path("8_truthfulqa.csv"))
        training_file(home.path(""))
        cells = store.read_json(store.HOUSE / "notebooks" / "9_evaluate.ipynb")["cells"]
        names = {"widgets": widgets, "home": home, "display": lambda *shown: None}
        for cell in [cell for cell in cells if cell["cell_type"] == "code"][1:]:
            exec("".join(cell["source"]), names)
        assert set(names["answers"]["arm"]) == {"base", "tuned"} and set(names["answers"]["state"]) <= {"correct", "wrong", "unparsed", "empty", "cut_off"}
        assert len(names["scores"]) and home.path("9_report.html").stat().st_size > 1000

    def test_a_folder_that_is_gone_is_one_sentence(self, tmp_path):
        with pytest.raises(NeedsFixing, match="there is no adapter in .*7_adapter; train one in notebook 7 first"):
            list(evaluate.ask(questions(1), {"tuned": str(tmp_path / "7_adapter")}, language="yo"))

    def test_a_full_card_while_answering_is_one_sentence(self, tmp_path, tuned, monkeypatch):
        import torch
        ask = lora.load(tuned["fine_tuned_model"])
        monkeypatch.setattr(ask.loaded()[1], "generate", lambda **more: (_ for _ in ()).throw(torch.OutOfMemoryError("full")))
        with pytest.raises(NeedsFixing, match="the card's memory is full, so .* cannot answer"):
            list(llm.run([{"key": "a", "messages": [{"role": "user", "content": "?"}]}], model=ask, journal=tmp_path / "a.jsonl"))

    def test_one_card_is_used_unless_a_launcher_started_several(self, monkeypatch):
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        monkeypatch.setenv("LOCAL_RANK", "1")
        _card.ready()
        assert "CUDA_VISIBLE_DEVICES" not in os.environ
        monkeypatch.delenv("LOCAL_RANK")
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")  # so that it is taken back after the test
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
        _card.ready()
        assert os.environ.pop("CUDA_VISIBLE_DEVICES") == "0"

    @pytest.mark.parametrize("flags, processes", [(["--multi_gpu"], 2), ([], 1)])
    def test_the_launcher_trains_with_as_many_processes_as_it_says(self, tmp_path, tiny, flags, processes):
        folder = training_file(tmp_path).parent
        done = subprocess.run(
            [sys.executable, "-m", "accelerate.commands.launch", *flags, "--num_processes", "2", "--main_process_port", "0", "-m", "gi_helpers.lora", str(folder / "5_train.jsonl"),
             "--base", str(tiny), "--out", str(folder / "out"), "--steps", "2", "--batch", "2", "--record", str(folder / "7_model.json")],
            cwd=store.HOUSE, env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        settings = store.read_json(folder / "7_model.json")["settings"]
        assert (settings["processes"], settings["batch"], settings["accumulation"]) == (processes, 2, 2 // processes)  # as many rows a step, either way
        assert done.stdout.count("Training on 8 rows") == done.stdout.count("The adapter is in") == 1
        assert ("started one process only; with --multi_gpu" in done.stdout) == (processes == 1)
        assert store.read(folder / "7_curve.csv")["step"].tolist()[-1] == "2" and len(lora.load(folder / "out")([{"role": "user", "content": "?"}], max_new_tokens=2)) >= 0

    def test_a_full_card_among_several_is_one_sentence_as_the_others_wait(self, monkeypatch):
        import torch
        settings = {"batch": 4, "accumulation": 1, "max_length": 256, "processes": 2}
        with pytest.raises(NeedsFixing, match="start the same command with --batch 2, it goes on from the last checkpoint"):
            _tuning.within_memory(lambda now: (_ for _ in ()).throw(torch.OutOfMemoryError("full")), settings)

    def test_a_t4_trains_its_addition_in_32_bits_although_the_trainer_chose_16(self):
        import torch
        model = torch.nn.Linear(2, 2).to(torch.bfloat16)
        _tuning._sixteen_bits(model, {"precision": "bf16"})
        assert model.weight.dtype == torch.bfloat16
        _tuning._sixteen_bits(model, {"precision": "fp16"})
        assert model.weight.dtype == torch.float32

    def test_the_command_line_says_what_to_fix_in_a_sentence(self, tmp_path, capsys):
        with pytest.raises(SystemExit):
            lora.main([str(training_file(tmp_path)), "--base", str(tmp_path / "nothing"), "--out", str(tmp_path / "out")])
        assert capsys.readouterr().err.startswith("Please fix: the model ")
