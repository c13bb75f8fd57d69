"""Notebook 7, the open road: an open model tuned with LoRA on this machine or on a free Colab GPU. The result is a folder that belongs to you.

    made = train("data/yo/5_train.jsonl", base="Qwen/Qwen3.5-4B", out="data/yo/7_adapter")
    ask = load(made["adapter"])
    ask([{"role": "user", "content": "Kí ni ẹ̀bà?"}])

Needs the extra `train` (torch, transformers, peft, trl, datasets, accelerate). The weights of the model itself are not changed: a small addition is trained.
On several cards the same call goes through a launcher:

    accelerate launch --multi_gpu --num_processes 2 -m gi_helpers.lora data/yo/5_train.jsonl --base Qwen/Qwen3.5-4B --out data/yo/7_adapter

(Without --multi_gpu a machine with fewer than two cards gets one process, whatever the number says.)
"""
import time

from . import _card, _tokenized, _tuning, csv_to_jsonl, store, tokens
from ._answering import export, to_gguf, tried
from ._card import choose_settings, machine, models
from ._local import answering, here, let_go, load, placed, relative, shown
from ._checkfile import LARGEST
from .errors import NeedsFixing

__all__ = ["answering", "choose_settings", "export", "here", "load", "machine", "masked", "models", "placed", "plan", "rows_for_training", "shown", "to_gguf", "train", "try_out"]


# ---------------------------------------------------------------- what would be learned

def rows_for_training(training_file):
    """Prompt/completion rows, one for each answer with weight: only the completion is learned, whatever the model's chat template."""
    if (size := store.Path(training_file).stat().st_size if store.Path(training_file).exists() else 0) > LARGEST:
        raise NeedsFixing(f"{training_file} has {size / 10**6:,.0f} MB; training holds all rows in memory, so the limit is {LARGEST / 10**6:,.0f}; train on fewer rows")
    talks = list(store.read_jsonl(training_file))
    if not talks or any("messages" not in talk for talk in talks):
        raise NeedsFixing(f"{training_file} holds no conversations; run notebook 5 first, and check the file in notebook 6")
    rows = list(csv_to_jsonl.to_form(talks, "prompt_completion"))
    if not rows:
        raise NeedsFixing(f"{training_file} holds no answer with weight, so nothing would be learned; check the file in notebook 6")
    return rows


def plan(training_file, base=""):
    """What training would do, before anything heavy is loaded: rows, tokens, the share that is learned, settings and a sample; an estimate by tokens.count."""
    rows, card = rows_for_training(training_file), machine()
    asked = [sum(tokens.count(message["content"]) + 4 for message in row["prompt"]) for row in rows]
    learned = [tokens.count(row["completion"][0]["content"]) + 1 for row in rows]
    longest, total = max(map(sum, zip(asked, learned, strict=True))), sum(asked) + sum(learned)
    settings = choose_settings(card, longest, len(rows))
    told = {"base": base, "rows": len(rows), "tokens": total, "trained_on": f"{100 * sum(learned) / total:.0f} % of tokens", "longest": longest, "settings": settings,
            "not_learned": "\n".join(message["content"] for message in rows[0]["prompt"]) + "\n", "learned": rows[0]["completion"][0]["content"],
            "learned_sample": rows[0]["completion"][0]["content"][:200], "machine": card["advice"]}
    if not card["gpu"] and (size := _card.known(base).get("billions")):
        told["without_gpu"] = f"about {_card.hours_without_card(float(size), total * settings['epochs'])} on this processor"
    return told


def masked(training_file, base, max_length=None):
    """The same by the model's own tokenizer, exact: a dict with rows, left_out, cut, tokens, trained_on (0 to 1), longest, and of the first row in
    plain text `not_learned`, which the model only reads, and `learned`, with the sign that ends it. Fetches the tokenizer of `base`."""
    _card.ready()
    rows, tokenizer = rows_for_training(training_file), _tokenized.tokenizer_of(base)
    sizes = _tokenized.measured(rows, tokenizer)
    limit = max_length or choose_settings(machine(), max(len(whole) for _, whole in sizes), len(rows))["max_length"]
    _, told = _tokenized.within(rows, sizes, limit)
    return {**told, **_tokenized.sample(tokenizer, next(size for size in sizes if size[0] < limit), limit)}


# ---------------------------------------------------------------- training

def train(training_file, *, base, out, steps=None, validation=None, epochs=None, learning_rate=None, max_length=None, batch=None, rank=None, four_bit=None,
          adapter=True, record=None, watch=None, seed=0, tell=None, stop=None):
    """Tune the model `base` (a name on the Hugging Face Hub, or a folder) on the conversations of `training_file`.

    Gives a dict: adapter (the folder), losses (a list of step, train_loss, valid_loss), trained_on (share of the tokens), left_out (rows too long to
    learn from), cut (rows whose end is lost), learned and not_learned (a sample in plain text), settings, seconds, stopped (the step, or 0). With `record` 7_model.json is written,
    and 7_curve.csv while it trains; `watch` is a function that gets the losses as they come. `adapter=False` trains all weights, for tiny models.
    `tell(done, total, words)` hears of each step; `stop` is a threading.Event: when it is set, training ends after the step, with a checkpoint, and
    neither model nor record is written. A run that was stopped goes on from its last checkpoint. Raises NeedsFixing when a package, the model, memory or disk space is missing.
    """
    _card.ready()
    let_go()
    began, out, found = time.time(), store.Path(out), _card.card()
    _card.must_fit(base, found)
    rows, tokenizer = rows_for_training(training_file), _tokenized.tokenizer_of(base)
    sizes = _tokenized.measured(rows, tokenizer)
    settings = choose_settings(found, max(len(whole) for _, whole in sizes), len(rows))
    settings.update({name: value for name, value in {"epochs": epochs, "learning_rate": learning_rate, "max_length": max_length, "batch": batch, "rank": rank,
                                                     "four_bit": four_bit}.items() if value is not None})
    settings.update(processes=_card.processes(), accumulation=max(1, settings["accumulation"] // _card.processes()))  # a step sees as many rows as with one
    kept, told = _tokenized.within(rows, sizes, settings["max_length"])
    ends = _tokenized.stops(tokenizer, sizes, base)
    told.update(_tokenized.sample(tokenizer, next(size for size in sizes if size[0] < settings["max_length"]), settings["max_length"]))
    if _card.speaks():
        _say(told, settings)
    aside = _aside(validation, tokenizer, settings["max_length"])
    mark = store.short_hash(base, store.sha256(training_file), steps, adapter, seed, *[f"{name}={settings[name]}" for name in settings if name not in ("batch", "accumulation", "processes")])
    losses, stopped = _tuning.within_memory(lambda now: _tuning.run(base, tokenizer, kept, aside, out, now, steps=steps, adapter=adapter, seed=seed, ends=ends, mark=mark,
                                                           told=_teller(record, watch), tell=tell, stop=stop), settings)
    made = {"adapter": str(out), "base_model": base, "losses": losses, **told, "learned_sample": told["learned"][:200], "settings": settings,
            "seconds": round(time.time() - began, 1), "stopped": stopped}
    if stopped:
        print(f"Stopped after step {stopped}; the checkpoint is kept, and the same call goes on from there.")
    elif record is not None and _card.speaks():
        _keep(made, training_file, record)
    return made


def _say(told, settings):
    words = f"Training on {told['rows']:,} rows; {told['trained_on']:.0%} of {told['tokens']:,} tokens are learned, the rest is only read."
    if told["left_out"]:
        words += f" {told['left_out']:,} rows are left out: before their answer begins they have {settings['max_length']:,} tokens or more."
    if told["cut"]:
        words += f" {told['cut']:,} rows are longer than {settings['max_length']:,} tokens, so the end of their answer is not learned."
    print(words)


def _aside(validation, tokenizer, limit):
    """The rows for validation that are short enough, or None."""
    if not validation or not store.Path(validation).stat().st_size:
        return None
    rows = rows_for_training(validation)
    return [row for row, (asked, _) in zip(rows, _tokenized.measured(rows, tokenizer), strict=True) if asked < limit] or None


def _teller(record, watch):
    """A function that keeps 7_curve.csv up to date while the model learns, and hands the losses to `watch`."""
    def tell(losses):
        if record is not None:
            store.write(losses, store.Path(record).with_name("7_curve.csv"))
        if watch is not None:
            watch(losses)
    return tell if record is not None or watch is not None else None


def _keep(made, training_file, record):
    record = store.Path(record)
    first = next(iter(store.read_jsonl(training_file)))
    system = next((message["content"] for message in first["messages"] if message["role"] == "system"), "")
    store.write(made["losses"], record.with_name("7_curve.csv"))
    store.write_json({"backend": "lora", "base_model": made["base_model"], "fine_tuned_model": relative(made["adapter"]), "practice": False, "system": system,
                      "data": {store.Path(training_file).name: store.sha256(training_file)}, "settings": made["settings"], "rows": made["rows"],
                      "trained_on": made["trained_on"], "left_out": made["left_out"], "cut": made["cut"], "seconds": made["seconds"],
                      "finished_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}, record)


# ---------------------------------------------------------------- using it

def try_out(folder, training_file, rows=3, max_new_tokens=200):
    """The saved model, loaded again, answers the first rows of the file: a DataFrame of question, answer, in the file, ended (yes: it stopped by itself)."""
    return tried(folder, rows_for_training(training_file)[:rows], max_new_tokens)


def main(arguments=None):
    """The same training from a command line, for `accelerate launch` on several cards."""
    import argparse

    parser = argparse.ArgumentParser(prog="gi_helpers.lora", description="Tune an open model with LoRA.")
    parser.add_argument("training_file")
    for name in ("--base", "--out"):
        parser.add_argument(name, required=True)
    for name in ("--validation", "--record"):
        parser.add_argument(name)
    for name in ("--steps", "--epochs", "--max-length", "--batch", "--rank"):
        parser.add_argument(name, type=int)
    parser.add_argument("--learning-rate", type=float)
    chosen = vars(parser.parse_args(arguments))
    if words := _card.alone():
        print(words)
    try:
        made = train(chosen.pop("training_file"), **chosen)
    except NeedsFixing as error:
        parser.exit(1, f"Please fix: {error}\n")
    if _card.speaks():
        print(f"The adapter is in {made['adapter']}.")


if __name__ == "__main__":
    main()
