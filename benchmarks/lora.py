"""How quickly `lora.train` learns beside plain trl with the same settings, and how much memory a 4-bit model of 4 billion parameters takes.

    python benchmarks/lora.py                       on a processor: a tiny model, some seconds
    python benchmarks/lora.py --shape 1b            on a graphics card: the speed of both, random weights of a model of 1.1 billion parameters
    python benchmarks/lora.py --memory              on a graphics card: the peak memory of QLoRA on random weights of the shape of Qwen3-4B

Nothing is fetched: the model is made here, with random weights and a tokenizer of single bytes. `--memory` takes the settings of a T4 (fp16, 4 bit, batch 2,
rows of 2,048 tokens) whatever the card is, needs bitsandbytes and 10 GB of disk, and compares with the 14.5 GiB of a T4.
"""
import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("GI_DATA", tempfile.mkdtemp())
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")

T4 = 14.5  # GiB that a T4 has to give
SHAPES = {  # hidden, inner, layers, heads, key-value heads, size of a head, words
    "tiny": (128, 256, 2, 4, 4, 32, 512), "1b": (2048, 5632, 22, 32, 4, 64, 32_000),
    "4b": (2560, 9728, 36, 32, 8, 128, 151_936)}  # that of Qwen3-4B


def model(shape, folder):
    """The folder of a model of random weights in 16 bit (the tiny one in 32), with its tokenizer."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, Qwen3Config

    hidden, inner, layers, heads, pairs, size, words = SHAPES[shape]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bare = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate([*alphabet, "<s>", "</s>"])}, merges=[]))
    bare.pre_tokenizer, bare.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False), decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bare, bos_token="<s>", eos_token="</s>")
    config = Qwen3Config(vocab_size=words, hidden_size=hidden, intermediate_size=inner, num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=pairs,
                         head_dim=size, max_position_embeddings=8192, tie_word_embeddings=True, bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id)
    torch.manual_seed(0)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        made = AutoModelForCausalLM.from_config(config, dtype=torch.float32 if shape == "tiny" else torch.float16)
    print(f"{shape}: {sum(weight.numel() for weight in made.parameters()) / 1e9:.2f} billion random weights")
    made.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    del made
    return folder


def rows(count, size, folder):
    """A training file of `count` conversations of about `size` bytes, which are tokens here."""
    from gi_helpers import store

    talks = [{"messages": [{"role": "user", "content": f"Kí ni nǹkan {n}? " + "ọ̀rọ̀ " * (size // 30)}, {"role": "assistant", "content": "ohun tí a ń lò " * (size // 40)}]}
             for n in range(count)]
    return store.write_jsonl(talks, folder / "5_train.jsonl")


def ours(base, file, folder, settings, steps):
    """(seconds of training, tokens) by lora.train; loading and saving are not counted."""
    from gi_helpers import lora

    return timed(lambda: lora.train(file, base=str(base), out=folder / "ours", steps=steps, **settings))


def plain(base, file, folder, settings, steps):
    """The same by plain trl, written as its manual has it."""
    import datasets
    import torch
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    from gi_helpers import _tokenized, lora

    cuda = torch.cuda.is_available()
    card = lora._card.card()
    chosen = {**lora.choose_settings(card, settings["max_length"], settings["rows"]), **settings}
    half = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[chosen["precision"]]
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.pad_token, tokenizer.chat_template = tokenizer.eos_token, _tokenized.TEMPLATE.replace("END", repr(tokenizer.eos_token))
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(base, dtype=half), processing_class=tokenizer, train_dataset=datasets.Dataset.from_list(lora.rows_for_training(file)),
        peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
        args=SFTConfig(output_dir=str(folder / "plain"), max_steps=steps, per_device_train_batch_size=chosen["batch"], gradient_accumulation_steps=chosen["accumulation"],
                       learning_rate=2e-4, max_length=settings["max_length"], completion_only_loss=True, fp16=cuda and chosen["precision"] == "fp16",
                       bf16=cuda and chosen["precision"] == "bf16", use_cpu=not cuda, activation_checkpointing=cuda, report_to="none", save_strategy="no"))
    return timed(lambda: trainer.train())  # looked up late, so that it is the one that is timed


def timed(run):
    """(seconds, tokens) of the training inside `run`, as the trainer itself counts them."""
    import transformers

    seen, real = [], transformers.Trainer.train

    def train(self, *more, **named):
        begun = time.perf_counter()
        result = real(self, *more, **named)
        seen.append((time.perf_counter() - begun, self.state.num_input_tokens_seen or tokens_of(self)))
        return result
    transformers.Trainer.train = train
    try:
        run()
    finally:
        transformers.Trainer.train = real
    return seen[-1]


def tokens_of(trainer):
    """The tokens of all steps, from the length of the rows: both sides have the same rows, in the same order."""
    args = trainer.args
    each = sum(map(len, trainer.train_dataset["input_ids"])) / len(trainer.train_dataset)
    return each * args.max_steps * args.per_device_train_batch_size * args.gradient_accumulation_steps


def speed(shape, steps, rounds):
    """Tokens a second of both, in turns, and their ratio."""
    folder = Path(tempfile.mkdtemp())
    base, size = model(shape, folder / "base"), 200 if shape == "tiny" else 900
    file = rows(64, size, folder)
    settings = {"max_length": 256 if shape == "tiny" else 1024, "four_bit": False}
    best = {"ours": 0.0, "plain trl": 0.0}
    for number in range(rounds):
        for name, way in (("ours", ours), ("plain trl", lambda *given: plain(*given[:3], {**given[3], "rows": 64}, given[4])))[::1 if number % 2 else -1]:
            seconds, count = way(base, file, folder / str(number), settings, steps)
            best[name] = max(best[name], count / seconds)
    print(json.dumps({"shape": shape, **{name: round(value) for name, value in best.items()}, "unit": "tokens a second, the best of the rounds",
                      "ratio": round(best["ours"] / best["plain trl"], 3), "asked": ">= 1.0"}))


def memory(steps):
    """The peak memory of QLoRA on 4 billion random weights, with the settings of a T4."""
    import torch

    from gi_helpers import _card, lora

    if not torch.cuda.is_available():
        sys.exit("--memory needs a graphics card; there is none here.")
    found = _card.card()
    _card.card = lambda: {"gpu": "Tesla T4", "memory_gb": 14.6, "bf16": False}  # its settings, whatever the card is
    folder = Path(tempfile.mkdtemp())
    base, file = model("4b", folder / "base"), rows(32, 2400, folder)
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    made = lora.train(file, base=str(base), out=folder / "out", steps=steps, max_length=2048)
    peak = torch.cuda.max_memory_reserved() / 2**30
    print(json.dumps({"card": found["gpu"], "settings": made["settings"], "longest": made["longest"], "peak_allocated_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2),
                      "peak_reserved_gib": round(peak, 2), "asked": f"< {T4}", "fits": peak < T4}))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shape", choices=SHAPES, default="tiny")
    options.add_argument("--steps", type=int, default=12)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--memory", action="store_true")
    chosen = options.parse_args()
    if chosen.shape == "tiny" and not chosen.memory:
        os.environ["OMP_NUM_THREADS"] = "1"  # a tiny model is eight times slower on two threads
    memory(chosen.steps) if chosen.memory else speed(chosen.shape, chosen.steps, chosen.rounds)
