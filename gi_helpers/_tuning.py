"""One training run: the trainer, its checkpoints, what happens when memory or disk are full. Part of `lora`.

    >>> losses([{"step": 1, "loss": 3.5}, {"step": 2, "loss": 2.0}, {"step": 2, "eval_loss": 2.5}])[-1]
    {'step': 2, 'train_loss': 2.0, 'valid_loss': 2.5}
"""
import contextlib
import os
import shutil

from . import store
from ._card import hours_without_card
from ._tokenized import fetched
from .errors import NeedsFixing

SAVE_EVERY = 20  # steps; what a Colab disconnect costs at most, 3 to 10 minutes on a T4
FULL_CARD = ("out of memory", "CUBLAS_STATUS_ALLOC_FAILED")
FULL_DISK = ("No space left", "PytorchStreamWriter", "unexpected pos", "os error 28", "Disk quota exceeded")


def run(base, tokenizer, rows, aside, out, settings, *, steps=None, adapter=True, seed=0, ends=(), mark="", told=None, tell=None, stop=None):
    """Train, from the last whole checkpoint where there is one of the same data and settings, and save; gives (rows of losses, the step at which it was stopped or 0).

    `aside` are the rows for validation, `ends` the ids that end an answer, `mark` a word that stands for data and settings, `told` a function
    that gets the losses as they come, `tell` one of (done, total, words), `stop` a threading.Event: when it is set, the step is ended, a checkpoint
    is kept, and nothing else is saved.
    """
    import datasets
    from trl import SFTTrainer

    checkpoints = _checkpoints(out, mark)
    trainer = SFTTrainer(model=_model(base, settings, adapter), args=_arguments(checkpoints, settings, len(rows), steps, bool(aside), seed), processing_class=tokenizer,
                         train_dataset=datasets.Dataset.from_list(rows), eval_dataset=datasets.Dataset.from_list(aside) if aside else None,
                         peft_config=_adapter(settings) if adapter else None, callbacks=[_teller(told, tell, stop)])
    _sixteen_bits(trainer.model, settings)
    _warn_without_card(trainer, settings, rows)
    with saving(out):
        trainer.train(resume_from_checkpoint=last_checkpoint(checkpoints))
        if stop is not None and stop.is_set() and trainer.state.global_step < trainer.state.max_steps:
            return losses(trainer.state.log_history), trainer.state.global_step
        trainer.save_model(str(out))
        if trainer.is_world_process_zero():  # under `accelerate launch` there are several
            _save_words(trainer, tokenizer, out, ends)
            shutil.rmtree(checkpoints, ignore_errors=True)
    return losses(trainer.state.log_history), 0


def _save_words(trainer, tokenizer, out, ends):
    """Keep beside the weights what an answer needs: the chat template, and the signs that end it."""
    tokenizer.save_pretrained(str(out))
    wanted = trainer.model.generation_config if getattr(trainer.model, "generation_config", None) is not None else None
    if wanted is None:
        from transformers import GenerationConfig
        wanted = GenerationConfig()
    wanted.eos_token_id, wanted.pad_token_id = list(ends) or tokenizer.eos_token_id, tokenizer.pad_token_id
    wanted.save_pretrained(str(out))
    (out / "training_args.bin").unlink(missing_ok=True)  # holds the paths of this machine, and no one needs it to answer


# ---------------------------------------------------------------- what may go wrong

def within_memory(attempt, settings):
    """attempt(settings); when the card's memory is full halve the batch, say so, and go on from the last checkpoint."""
    import gc

    import torch

    while True:
        try:
            return attempt(settings)
        except RuntimeError as error:  # torch's own OutOfMemoryError is one
            if not isinstance(error, torch.OutOfMemoryError) and not any(sign in str(error) for sign in FULL_CARD):
                raise
        # Only here, outside the handler, is the failed trainer let go.
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if settings["processes"] > 1 and settings["batch"] > 1:  # the others wait for this one, and cannot be told
            raise NeedsFixing(f"the memory of a card was full; start the same command with --batch {settings['batch'] // 2}, it goes on from the last checkpoint")
        if settings["batch"] == 1:
            raise NeedsFixing(f"the card's memory is too small even for one row of {settings['max_length']:,} tokens; choose a smaller model or a smaller max_length")
        settings.update(batch=settings["batch"] // 2, accumulation=settings["accumulation"] * 2)
        print(f"The card's memory was full; going on with a batch of {settings['batch']}.")


@contextlib.contextmanager
def saving(place):
    """Turn a full disk, whatever library meets it, into one sentence."""
    try:
        with store.plain_errors(place):
            yield
    except NeedsFixing:
        raise
    except Exception as error:
        if not any(sign in str(error) for sign in FULL_DISK):
            raise
        raise NeedsFixing(f"the disk is full, so {place} could not be written; free some space and run the cell again, it goes on from the last checkpoint") from error


def _checkpoints(out, mark):
    """The folder of the checkpoints; those of other data or settings are thrown away."""
    folder = out / "checkpoints"
    with saving(out):
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "run.json"
        if not kept.exists() or store.read_json(kept) != {"run": mark}:
            for old in folder.glob("checkpoint-*"):
                shutil.rmtree(old, ignore_errors=True)
            store.write_json({"run": mark}, kept)
    return folder


def last_checkpoint(folder):
    """The path of the last checkpoint that is whole, or None; one that was cut off by a kill or a full disk is taken away."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda one: int(one.name.rpartition("-")[2]))
    while found:
        try:
            store.read_json(found[-1] / "trainer_state.json")  # written last
            return str(found[-1])
        except NeedsFixing:
            shutil.rmtree(found.pop(), ignore_errors=True)
    return None


# ---------------------------------------------------------------- the parts of the trainer

def _model(base, settings, adapter):
    import torch
    from transformers import AutoModelForCausalLM

    precision = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[settings["precision"]]
    if not adapter:
        settings["four_bit"] = False  # only an adapter can be trained on weights of four bits
    more = {"dtype": precision if adapter else torch.float32}  # mixed precision wants the trained weights whole
    if settings["four_bit"]:
        try:
            import bitsandbytes  # noqa: F401
            from transformers import BitsAndBytesConfig

            more["quantization_config"] = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=precision, bnb_4bit_use_double_quant=True)
            more["device_map"] = {"": int(os.environ.get("LOCAL_RANK", 0))}
        except ImportError:
            settings["four_bit"] = False
            print("bitsandbytes is not installed, so the model is loaded in 16 bit; with !pip install bitsandbytes it needs a third of the memory.")
    return fetched(base, lambda: AutoModelForCausalLM.from_pretrained(base, **more))


def _sixteen_bits(model, settings):
    """On a card without bf16 the trained weights must be 32 bit: the trainer turns those of a 4-bit model into bf16, which fp16 cannot scale."""
    import torch

    if settings["precision"] == "fp16":
        for weight in model.parameters():
            if weight.requires_grad:
                weight.data = weight.data.to(torch.float32)


def _adapter(settings):
    from peft import LoraConfig

    return LoraConfig(r=settings["rank"], lora_alpha=settings["alpha"], target_modules="all-linear", task_type="CAUSAL_LM")


def _arguments(checkpoints, settings, rows, steps, evaluate, seed):
    import dataclasses

    import torch
    from trl import SFTConfig

    cuda = torch.cuda.is_available()
    total = steps or max(1, settings["epochs"] * rows // (settings["batch"] * settings["accumulation"] * settings["processes"]))
    each = max(1, total // 10)
    # Its name changed in 2026; on the processor it only costs time.
    spare = next((name for name in ("activation_checkpointing", "gradient_checkpointing") if name in {field.name for field in dataclasses.fields(SFTConfig)}))
    return SFTConfig(
        output_dir=str(checkpoints), max_steps=steps or -1, num_train_epochs=settings["epochs"], per_device_train_batch_size=settings["batch"],
        per_device_eval_batch_size=settings["batch"], gradient_accumulation_steps=settings["accumulation"], learning_rate=settings["learning_rate"],
        max_length=settings["max_length"], packing=False, completion_only_loss=True, fp16=cuda and settings["precision"] == "fp16",
        bf16=cuda and settings["precision"] == "bf16", use_cpu=not cuda, lr_scheduler_type="cosine", warmup_steps=0.03, logging_steps=max(1, min(5, each)),
        eval_strategy="steps" if evaluate else "no", eval_steps=each, save_strategy="steps", save_steps=SAVE_EVERY, save_total_limit=1, seed=seed,
        report_to="none", **{spare: cuda})


def _warn_without_card(trainer, settings, rows):
    """Say how long a real model would take on a processor."""
    import torch

    size = sum(weight.numel() for weight in trainer.model.parameters())
    if not torch.cuda.is_available() and size > 2e8:
        tokens = settings["epochs"] * sum(len(str(row["prompt"])) + len(str(row["completion"])) for row in rows) // 3
        print(f"There is no GPU here: {size / 1e9:.1f} billion parameters would take about {hours_without_card(size / 1e9, tokens)} on this processor. "
              "Stop with the stop button, and open this notebook in Colab with a T4 GPU.")


def _teller(told, tell, stop):
    """A callback that hands the losses and the steps on as they come, and stops after a step with a checkpoint."""
    from transformers import TrainerCallback

    class Teller(TrainerCallback):
        def on_log(self, args, state, control, **more):
            if told and state.is_world_process_zero:
                told(losses(state.log_history))

        def on_step_end(self, args, state, control, **more):
            if tell:
                last = next((entry["loss"] for entry in reversed(state.log_history) if "loss" in entry), None)
                tell(state.global_step, state.max_steps, "" if last is None else f"loss {last:.3f}")
            if stop is not None and stop.is_set():
                control.should_save = control.should_training_stop = True

        def on_evaluate(self, args, state, control, **more):
            self.on_log(args, state, control)

    return Teller()


def losses(history):
    """Rows of 7_curve.csv from the trainer's log."""
    rows = {}
    for entry in history:
        row = rows.setdefault(entry["step"], {"step": entry["step"], "train_loss": "", "valid_loss": ""})
        row["train_loss"] = round(entry["loss"], 4) if "loss" in entry else row["train_loss"]
        row["valid_loss"] = round(entry["eval_loss"], 4) if "eval_loss" in entry else row["valid_loss"]
    return [row for row in rows.values() if row["train_loss"] != "" or row["valid_loss"] != ""]
