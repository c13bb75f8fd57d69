"""Notebook 7, the open road: an open model tuned with LoRA on this machine or on a free Colab GPU. The result is a folder that belongs to you.

    made = train("data/yo/5_train.jsonl", base="Qwen/Qwen3.5-4B", out="data/yo/7_adapter")
    ask = load(made["adapter"])
    ask([{"role": "user", "content": "Kí ni ẹ̀bà?"}])

Needs the extra `train` (torch, transformers, peft, trl, datasets, accelerate). The weights of the model itself are not changed: a small addition is trained.

    >>> choose_settings({"gpu": "Tesla T4", "memory_gb": 14.6, "bf16": False}, longest=700, rows=400)["precision"]
    'fp16'
"""
import os
import time

from . import csv_to_jsonl, store, tokens
from .errors import NeedsFixing

INSTALL = 'install what training needs with: pip install "globalinstruct[train]" (in Colab: !pip install trl peft)'
LENGTHS = (256, 512, 1024, 2048, 4096)  # tokens in a row; longer than the data need only costs memory
# For models that have no chat template of their own. `end` is the model's own end token, so that it learns to stop.
TEMPLATE = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + END + '\n' }}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")


# ---------------------------------------------------------------- what is there

def machine():
    """What this machine can do, as a dict: gpu (name or ""), memory_gb, bf16, torch (version or ""), advice (a sentence). Nothing heavy is loaded."""
    import importlib.metadata
    import shutil
    import subprocess

    card = {"gpu": "", "memory_gb": 0.0, "bf16": False}
    if shutil.which("nvidia-smi"):
        asked = subprocess.run(["nvidia-smi", "--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader,nounits"], capture_output=True, text=True)
        if asked.returncode == 0 and asked.stdout.strip():
            name, memory, ability = (part.strip() for part in asked.stdout.splitlines()[0].split(","))
            card = {"gpu": name, "memory_gb": round(float(memory) / 1024, 1), "bf16": float(ability) >= 8}  # a T4 (7.5) has no bf16
    try:
        card["torch"] = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        card["torch"] = ""
    card["advice"] = _advice(card)
    return card


def _advice(card):
    if not card["gpu"]:
        return "There is no GPU here. Open this notebook in Colab and choose Runtime, Change runtime type, T4 GPU; practice needs none."
    if not card["torch"]:
        return f"There is a {card['gpu']}, but torch is not installed; {INSTALL}."
    return f"{card['gpu']} with {card['memory_gb']:g} GB: " + ("models up to 4 billion parameters fit in 4 bit." if card["memory_gb"] < 20 else "models up to 9 billion parameters fit.")


def models(memory_gb=None):
    """The menu of open models as a DataFrame: size, licence, languages, memory in GB; with `memory_gb` only those that fit."""
    import pandas as pd

    own = store.data_folder() / "models.csv"
    table = store.read(own if own.exists() else store.shipped("models.csv"))
    return table if memory_gb is None else table[pd.to_numeric(table["gigabytes_qlora"]) <= memory_gb].reset_index(drop=True)


def choose_settings(card, longest, rows):
    """Settings for a card, as a dict. `longest` is the longest row in tokens, `rows` their number.

    Learning rate 2e-4 and rank 16 are what LoRA wants (the trainer's own defaults suit full training); a T4 takes fp16, not bf16.
    """
    length = next((size for size in LENGTHS if size >= longest), LENGTHS[-1])
    if card["gpu"] and card["memory_gb"] < 20:
        length = min(length, 2048)
    precision = "fp32" if not card["gpu"] else "bf16" if card.get("bf16") else "fp16"
    batch = 2 if card["gpu"] and card["memory_gb"] < 20 else 4
    batch = max(1, min(batch, rows))
    return {"precision": precision, "max_length": length, "batch": batch, "accumulation": max(1, min(8 // batch, rows // batch)), "epochs": 3 if rows < 1000 else 1,
            "learning_rate": 2e-4, "rank": 16, "alpha": 32, "four_bit": bool(card["gpu"]) and card["memory_gb"] < 40}


# ---------------------------------------------------------------- what would be learned

def rows_for_training(training_file):
    """Prompt/completion rows, one for each answer with weight: only the completion is learned, whatever the model's chat template."""
    talks = list(store.read_jsonl(training_file))
    if not talks or any("messages" not in talk for talk in talks):
        raise NeedsFixing(f"{training_file} holds no conversations; run notebook 5 first, and check the file in notebook 6")
    return list(csv_to_jsonl.to_form(talks, "prompt_completion"))


def plan(training_file, base=""):
    """What training would do, before anything heavy is loaded: rows, tokens, the share that is learned, settings and a sample; an estimate by tokens.count."""
    rows, card = rows_for_training(training_file), machine()
    asked = [sum(tokens.count(message["content"]) + 4 for message in row["prompt"]) for row in rows]
    learned = [tokens.count(row["completion"][0]["content"]) + 1 for row in rows]
    total = sum(asked) + sum(learned)
    return {"base": base, "rows": len(rows), "tokens": total, "trained_on": f"{100 * sum(learned) / total:.0f} % of tokens",
            "longest": max(map(sum, zip(asked, learned, strict=True))), "settings": choose_settings(card, max(map(sum, zip(asked, learned, strict=True))), len(rows)),
            "learned_sample": rows[0]["completion"][0]["content"][:200], "machine": card["advice"]}


# ---------------------------------------------------------------- training

def train(training_file, *, base, out, steps=None, validation=None, epochs=None, learning_rate=None, max_length=None, batch=None, rank=None, four_bit=None,
          adapter=True, record=None, seed=0):
    """Tune the model `base` (a name on the Hugging Face Hub, or a folder) on the conversations of `training_file`.

    Gives a dict: adapter (the folder), losses (a list of step, train_loss, valid_loss), trained_on (share of the tokens), left_out (rows too long to
    learn from), settings, seconds. With `record` 7_model.json and 7_curve.csv are written. `adapter=False` trains all weights, for tiny models.
    A run that was stopped goes on from its last checkpoint. Raises NeedsFixing when a package, the model, or memory is missing.
    """
    _ready()
    began, out = time.time(), store.Path(out)
    rows = rows_for_training(training_file)
    card = _card()
    tokenizer = _tokenizer(base)
    kept, told = _measure(rows, tokenizer, max_length or LENGTHS[-1])
    settings = choose_settings(card, told["longest"], len(kept))
    settings.update({name: value for name, value in {"epochs": epochs, "learning_rate": learning_rate, "max_length": max_length, "batch": batch, "rank": rank,
                                                     "four_bit": four_bit}.items() if value is not None})
    aside = _measure(rows_for_training(validation), tokenizer, settings["max_length"])[0] if validation and store.Path(validation).stat().st_size else None
    losses = _fit_memory(lambda now: _run(base, tokenizer, kept, aside, out, now, steps, adapter, seed), settings)
    made = {"adapter": str(out), "base_model": base, "losses": losses, **told, "settings": settings, "seconds": round(time.time() - began, 1)}
    if record is not None:
        _keep(made, training_file, record)
    return made


def _ready():
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")  # the trainer refuses several cards without a launcher
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        import datasets  # noqa: F401
        import peft  # noqa: F401
        import trl  # noqa: F401
    except ImportError as error:
        raise NeedsFixing(f"{error.name} is not installed; {INSTALL}") from error


def _card():
    import torch

    if not torch.cuda.is_available():
        return {"gpu": "", "memory_gb": 0.0, "bf16": False}
    about = torch.cuda.get_device_properties(0)
    return {"gpu": about.name, "memory_gb": round(about.total_memory / 2**30, 1), "bf16": about.major >= 8}


def _tokenizer(base):
    from transformers import AutoTokenizer

    tokenizer = _fetched(base, lambda: AutoTokenizer.from_pretrained(base))
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if not tokenizer.chat_template:
        ends = "<|im_end|>" if "<|im_end|>" in tokenizer.get_vocab() else tokenizer.eos_token
        tokenizer.eos_token = ends
        tokenizer.chat_template = TEMPLATE.replace("END", repr(ends))
    return tokenizer


def _fetched(base, fetch):
    """Load something of a model; what the hub or the disk refuses becomes a sentence."""
    try:
        return fetch()
    except (OSError, ValueError) as error:
        words = " ".join(str(error).split())
        if "gated" in words or "401" in words or "403" in words:
            raise NeedsFixing(f"the model {base!r} asks you to accept its licence on its page first; do that, log in with your token, or choose another model") from error
        raise NeedsFixing(f"the model {base!r} could not be loaded ({words[:120]}); check the name and the network, or give the path of a folder") from error


def _measure(rows, tokenizer, limit):
    """(rows that can be learned from, facts) by the model's own tokenizer: how many tokens are learned, and a sample of them in plain text."""
    kept, total, learned, longest = [], 0, 0, 0
    for row in rows:
        asked = len(tokenizer.apply_chat_template(row["prompt"], add_generation_prompt=True, return_dict=True)["input_ids"])
        whole = len(tokenizer.apply_chat_template(row["prompt"] + row["completion"], return_dict=True)["input_ids"])
        if asked >= limit:  # its answer would be cut off whole; the trainer would stop with "num_samples=0" when all rows are so
            continue
        kept.append(row)
        total, learned, longest = total + min(whole, limit), learned + min(whole, limit) - asked, max(longest, whole)
    if not kept:
        raise NeedsFixing(f"all {len(rows)} rows are longer than {limit} tokens before their answer begins; shorten the questions or raise max_length")
    return kept, {"rows": len(kept), "left_out": len(rows) - len(kept), "tokens": total, "trained_on": learned / total, "longest": longest,
                  "learned_sample": kept[0]["completion"][0]["content"][:200]}


def _fit_memory(run, settings):
    """Run, and when the card's memory is full halve the batch, say so, and run again."""
    import torch

    while True:
        try:
            return run(settings)
        except torch.cuda.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            if settings["batch"] == 1:
                raise NeedsFixing(f"the card's memory is too small even for one row of {settings['max_length']} tokens; choose a smaller model or a smaller max_length") from error
            settings.update(batch=settings["batch"] // 2, accumulation=settings["accumulation"] * 2)
            print(f"The card's memory was full; going on with a batch of {settings['batch']}.")


def _run(base, tokenizer, rows, aside, out, settings, steps, adapter, seed):
    import datasets
    from trl import SFTTrainer

    trainer = SFTTrainer(model=_model(base, settings), args=_arguments(out, settings, steps, aside is not None, seed), processing_class=tokenizer,
                         train_dataset=datasets.Dataset.from_list(rows), eval_dataset=datasets.Dataset.from_list(aside) if aside else None,
                         peft_config=_adapter(settings) if adapter else None)
    checkpoints = sorted((out / "checkpoints").glob("checkpoint-*"))
    with store.plain_errors(out):
        trainer.train(resume_from_checkpoint=str(checkpoints[-1]) if checkpoints else None)
        trainer.save_model(str(out))
        tokenizer.save_pretrained(str(out))
    import shutil

    shutil.rmtree(out / "checkpoints", ignore_errors=True)
    return _losses(trainer.state.log_history)


def _model(base, settings):
    import torch
    from transformers import AutoModelForCausalLM

    precision = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[settings["precision"]]
    more = {}
    if settings["four_bit"]:
        try:
            import bitsandbytes  # noqa: F401
            from transformers import BitsAndBytesConfig

            more["quantization_config"] = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=precision, bnb_4bit_use_double_quant=True)
        except ImportError:
            settings["four_bit"] = False
            print("bitsandbytes is not installed, so the model is loaded in 16 bit; with !pip install bitsandbytes it needs a third of the memory.")
    return _fetched(base, lambda: AutoModelForCausalLM.from_pretrained(base, dtype=precision, **more))


def _adapter(settings):
    from peft import LoraConfig

    return LoraConfig(r=settings["rank"], lora_alpha=settings["alpha"], target_modules="all-linear", task_type="CAUSAL_LM")


def _arguments(out, settings, steps, evaluate, seed):
    import torch
    from trl import SFTConfig

    cuda = torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(out / "checkpoints"), max_steps=steps or -1, num_train_epochs=settings["epochs"], per_device_train_batch_size=settings["batch"],
        gradient_accumulation_steps=settings["accumulation"], learning_rate=settings["learning_rate"], max_length=settings["max_length"], packing=False,
        completion_only_loss=True, fp16=cuda and settings["precision"] == "fp16", bf16=cuda and settings["precision"] == "bf16", use_cpu=not cuda,
        activation_checkpointing=cuda, lr_scheduler_type="cosine", warmup_steps=0.03, logging_steps=1 if steps and steps < 200 else 5,
        eval_strategy="epoch" if evaluate else "no", save_strategy="steps", save_steps=50, save_total_limit=1, seed=seed, report_to="none", disable_tqdm=False)


def _losses(history):
    """Rows of 7_curve.csv from the trainer's log."""
    rows = {}
    for entry in history:
        row = rows.setdefault(entry["step"], {"step": entry["step"], "train_loss": "", "valid_loss": ""})
        row["train_loss"] = round(entry["loss"], 4) if "loss" in entry else row["train_loss"]
        row["valid_loss"] = round(entry["eval_loss"], 4) if "eval_loss" in entry else row["valid_loss"]
    return [row for row in rows.values() if row["train_loss"] != "" or row["valid_loss"] != ""]


def _keep(made, training_file, record):
    record = store.Path(record)
    first = next(iter(store.read_jsonl(training_file)))
    system = next((message["content"] for message in first["messages"] if message["role"] == "system"), "")
    store.write(made["losses"], record.with_name("7_curve.csv"))
    store.write_json({"backend": "lora", "base_model": made["base_model"], "fine_tuned_model": made["adapter"], "practice": False, "system": system,
                      "data": {store.Path(training_file).name: store.sha256(training_file)}, "settings": made["settings"], "rows": made["rows"],
                      "trained_on": made["trained_on"], "left_out": made["left_out"], "seconds": made["seconds"],
                      "finished_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}, record)


# ---------------------------------------------------------------- using it

def load(folder):
    """A function that answers: ask(messages, max_new_tokens=200) -> str, with the model of an adapter folder (or of a whole model's folder)."""
    _ready()
    import torch
    from transformers import AutoTokenizer

    folder = store.Path(folder)
    if not folder.exists():
        raise NeedsFixing(f"there is no adapter in {folder}; train one in notebook 7 first")
    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    model = _whole(folder).eval()

    def ask(messages, max_new_tokens=200):
        entered = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True, return_tensors="pt").to(model.device)
        entered.pop("token_type_ids", None)
        with torch.no_grad():
            answer = model.generate(**entered, max_new_tokens=max_new_tokens, do_sample=False, pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id)
        return tokenizer.decode(answer[0][entered["input_ids"].shape[1]:], skip_special_tokens=True).strip()

    return ask


def _whole(folder):
    import torch
    from transformers import AutoModelForCausalLM

    device = "cuda" if torch.cuda.is_available() else "cpu"
    if not (folder / "adapter_config.json").exists():
        return _fetched(str(folder), lambda: AutoModelForCausalLM.from_pretrained(str(folder))).to(device)
    from peft import AutoPeftModelForCausalLM

    return _fetched(str(folder), lambda: AutoPeftModelForCausalLM.from_pretrained(str(folder))).to(device)


def export(folder, out):
    """Melt the adapter into its model and write both as one folder, for `transformers serve`, vLLM or llama.cpp; gives the path."""
    _ready()
    from transformers import AutoTokenizer

    folder, out = store.Path(folder), store.Path(out)
    model = _whole(folder)
    with store.plain_errors(out):
        (model.merge_and_unload() if hasattr(model, "merge_and_unload") else model).save_pretrained(str(out))
        AutoTokenizer.from_pretrained(str(folder)).save_pretrained(str(out))
    return out
