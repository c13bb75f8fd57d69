"""What this machine can train, and the settings that suit it. Part of `lora`.

    >>> choose_settings({"gpu": "Tesla T4", "memory_gb": 14.6, "bf16": False}, longest=700, rows=400)["precision"]
    'fp16'
    >>> hours_without_card(4, 300_000)
    '6 days'
"""
import importlib
import os

from . import store
from .errors import NeedsFixing

INSTALL = 'install what training needs with: pip install "globalinstruct[train]" (in Colab: !pip install trl peft bitsandbytes)'
LENGTHS = (256, 512, 1024, 2048, 4096)  # tokens in a row; longer than the data need only costs memory
SMALL = 20             # GB; below it a card is filled by 4 billion parameters, the batch and rows of 2,048 tokens
ON_T4 = 2048           # tokens; longer rows do not fit a T4 beside a model of 4 billion parameters
PER_PARAMETER = 8      # calculations a parameter and token: forward, back, and forward again for what was not kept
PROCESSOR = 2e10       # calculations a second of two processor cores; computed for a guess in hours, not measured


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
    return f"{card['gpu']} with {card['memory_gb']:g} GB: " + ("models up to 4 billion parameters fit in 4 bit." if card["memory_gb"] < SMALL else "models up to 9 billion parameters fit.")


def processes():
    """How many processes train together: more than one only under a launcher (accelerate, torchrun)."""
    return int(os.environ.get("WORLD_SIZE") or 1)


def speaks():
    """Is this the process that prints and keeps records? Of several, the first."""
    return os.environ.get("RANK", "0") == "0"


def alone():
    """Words for somebody who asked a launcher for several processes and got one, else ""; accelerate says nothing of it."""
    if "MASTER_ADDR" in os.environ and "WORLD_SIZE" not in os.environ and "ACCELERATE_MIXED_PRECISION" in os.environ:
        return "The launcher found fewer than two cards, so it started one process only; with --multi_gpu it starts as many as you say, also on processors."
    return ""


def ready(*packages):
    """Raise NeedsFixing when one of `packages` (all that training needs, when none is given) is missing. One card is used unless `accelerate launch` started this."""
    if "LOCAL_RANK" not in os.environ:
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")  # the trainer refuses several cards without a launcher
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        for package in packages or ("datasets", "peft", "trl"):
            importlib.import_module(package)
    except ImportError as error:
        raise NeedsFixing(f"{error.name} is not installed; {INSTALL}") from error


def card():
    """The card that torch will use, as a dict: gpu (name or ""), memory_gb, bf16."""
    import torch

    if not torch.cuda.is_available():
        return {"gpu": "", "memory_gb": 0.0, "bf16": False}
    about = torch.cuda.get_device_properties(torch.cuda.current_device())
    return {"gpu": about.name, "memory_gb": round(about.total_memory / 2**30, 1), "bf16": about.major >= 8}


def models(memory_gb=None):
    """The menu of open models as a DataFrame: size, licence, languages, memory in GB; with `memory_gb` only those that fit."""
    import pandas as pd

    own = store.data_folder() / "models.csv"
    table = store.read(own if own.exists() else store.shipped("models.csv"))
    return table if memory_gb is None else table[pd.to_numeric(table["gigabytes_qlora"]) <= memory_gb].reset_index(drop=True)


def known(base):
    """The line of the menu for a model, as a dict; {} when it is not on it."""
    return next((row for row in models().to_dict("records") if row["id"] == base), {})


def must_fit(base, found):
    """Raise NeedsFixing when a model of the menu needs more memory than the card `found` has."""
    need = float(known(base).get("gigabytes_qlora") or 0)
    if found["gpu"] and need > found["memory_gb"]:
        fitting = ", ".join(models(found["memory_gb"])["id"]) or "none of the menu fits, so take a larger card"
        raise NeedsFixing(f"the {found['gpu']} has {found['memory_gb']:g} GB and {base} needs about {need:g} GB; choose a smaller model ({fitting}) or a larger card")


def choose_settings(card, longest, rows):
    """Settings for a card, as a dict. `longest` is the longest row in tokens, `rows` their number.

    Learning rate 2e-4 and rank 16 are what LoRA wants (the trainer's own defaults suit full training); a T4 takes fp16, not bf16.
    """
    small = bool(card["gpu"]) and card["memory_gb"] < SMALL
    length = next((size for size in LENGTHS if size >= longest), LENGTHS[-1])
    if small:
        length = min(length, ON_T4)
    precision = "fp32" if not card["gpu"] else "bf16" if card.get("bf16") else "fp16"
    batch = max(1, min(2 if small else 4, rows))
    return {"precision": precision, "max_length": length, "batch": batch, "accumulation": max(1, min(8 // batch, rows // batch)), "epochs": 3 if rows < 1000 else 1,
            "learning_rate": 2e-4, "rank": 16, "alpha": 32, "four_bit": bool(card["gpu"]) and card["memory_gb"] < 40}


def hours_without_card(billions, tokens):
    """About how long a processor would train so many tokens (all epochs together), in words."""
    hours = billions * 1e9 * tokens * PER_PARAMETER / PROCESSOR / 3600
    if hours < 1.5:
        return f"{max(1, round(hours * 60))} minutes"
    return f"{round(hours)} hours" if hours < 72 else f"{round(hours / 24):,} days"
