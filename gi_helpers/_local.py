"""A tuned model answers on this machine, as one of a server does: in notebooks 8, 9 and 9b too, and nobody has to start a server. Part of `lora`.

The model is loaded when the first question comes, and only one at a time, as two would not fit a small card. The adapter's base model
answers by the same weights, with the adapter switched off.
"""
import functools
import gc
import threading

from . import llm, store
from ._card import SMALL, card, ready
from ._tokenized import fetched
from .errors import NeedsFixing

ROOM = 1000  # tokens for an answer to a request that names no bound
_held, _turn = {}, threading.RLock()  # what is loaded, by the folder and the stamp of its weights; one question at a time


class Local:
    """A model in a folder of this machine: ask(messages, max_new_tokens=200) -> str. `llm.run` and the stages that use it take it in place of a model's name.

    The likeliest word is taken each time, so the same question has the same answer. `.name` (and `str(ask)`) is what tables and journals call the
    model, such as yo/7_adapter@0123456789ab: the place inside the data folder, and a stamp of the weights, so that answers of an earlier training
    into the same folder are never taken for those of this one. `base` is the name of the adapter's base model: then that one answers.
    """

    def __init__(self, folder, base=None):
        self.folder, self.base = there(folder), base
        self.stamp = _stamp(tuple((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in sorted(self.folder.glob("*.safetensors"))))
        self.name = shown(base) if base else f"{shown(self.folder)}@{self.stamp}"

    def __str__(self):
        return self.name

    def __call__(self, messages, max_new_tokens=200):
        return self.reply(messages, max_new_tokens)[0]

    def reply(self, messages, max_new_tokens=200):
        """(text, did the model end it by itself) of an answer."""
        answered = self.complete({"messages": messages, "max_tokens": max_new_tokens})["choices"][0]
        return answered["message"]["content"], answered["finish_reason"] == "stop"

    def complete(self, options):
        """The answer to `messages` in the form of a chat completion, a dict; of the options only max_tokens (or max_completion_tokens) counts."""
        room = options.get("max_completion_tokens") or options.get("max_tokens") or ROOM
        with _turn:
            tokenizer, model, ends = self.loaded()
            asked = tokenizer.apply_chat_template(options["messages"], add_generation_prompt=True, return_dict=True, return_tensors="pt").to(model.device)
            asked.pop("token_type_ids", None)
            said = self._generated(model, asked, max_new_tokens=room, do_sample=False, pad_token_id=tokenizer.pad_token_id, eos_token_id=ends)
        size, ended = asked["input_ids"].shape[1], bool(said) and said[-1] in ends
        return {"object": "chat.completion", "model": self.name, "usage": {"prompt_tokens": size, "completion_tokens": len(said), "total_tokens": size + len(said)},
                "choices": [{"index": 0, "finish_reason": "stop" if ended else "length",
                             "message": {"role": "assistant", "content": tokenizer.decode(said, skip_special_tokens=True).strip()}}]}

    def _generated(self, model, asked, **how):
        """The ids of the tokens of the answer."""
        import contextlib

        import torch

        try:
            with torch.no_grad(), model.disable_adapter() if self.base else contextlib.nullcontext():
                return model.generate(**asked, **how)[0][asked["input_ids"].shape[1]:].tolist()
        except torch.OutOfMemoryError as error:
            raise NeedsFixing(f"the card's memory is full, so {self} cannot answer; restart the other notebooks that use the card (Kernel, Restart), then run this cell again") from error

    def loaded(self):
        """(tokenizer, model, ids that end an answer); loaded once, and what was loaded before is let go."""
        key = str(self.folder.resolve()), self.stamp
        with _turn:
            if key not in _held:
                ready("peft", "transformers")
                let_go()
                tokenizer = tokenizer_of_folder(self.folder)
                _held[key] = tokenizer, whole_model(self.folder).eval(), ends_of(self.folder, tokenizer)
            return _held[key]


def let_go():
    """Forget the model that is loaded, so that the card is free for another."""
    with _turn:
        _held.clear()
        gc.collect()


def load(folder):
    """A function that answers: ask(messages, max_new_tokens=200) -> str, with the model of an adapter folder (or of a whole model's folder).

    ask.reply(messages, ...) gives the text and whether the model ended it by itself. It also stands for a model's name in notebooks 8 and 9:
    evaluate.ask(questions, {"tuned": ask}).
    """
    ready("peft", "transformers")
    ask = Local(folder)
    ask.loaded()
    return ask


def answering(models):
    """{name: Local} of those of `models` (names, folders, or what `load` gave) that answer on this machine: folders, and the base model of an adapter among them."""
    found = {str(model): model if isinstance(model, Local) else Local(model) for model in models if isinstance(model, Local) or _is_adapter(model)}
    for tuned in list(found.values()):
        base = store.read_json(tuned.folder / "adapter_config.json").get("base_model_name_or_path") if _is_adapter(tuned.folder) else None
        if base in models:
            found[base] = Local(tuned.folder, base)
    return found | {model: Local(model) for model in models if str(model) not in found and _is_whole(model)}


def here(model):
    """What answers for one model: a Local when it is on this machine, else its name, for a server."""
    return answering([model]).get(str(model), model)


def _is_adapter(model):
    return bool(model) and (placed(model) / "adapter_config.json").is_file()


def _is_whole(model):
    """Is this the folder of a whole model, and none that a server answers for? Raises NeedsFixing when the folder is gone."""
    if not model or not store.Path(model).is_absolute() and not (placed(model) / "config.json").is_file():
        return False
    try:
        served = model in llm.models()  # `transformers serve FOLDER` names a model after its folder
    except NeedsFixing:
        served = False
    return not served and bool(there(model))


# ---------------------------------------------------------------- names and places

def shown(model):
    """A model's name as other people see it: a folder by its place inside the data folder, else by its own name only; never by where this machine has it."""
    folder = placed(model)
    if not folder.is_dir() and not folder.is_absolute():
        return str(model)
    inside = relative(folder)
    return folder.name if store.Path(inside).is_absolute() else inside


def relative(folder):
    """A folder as records keep it: its place inside the data folder, which may be moved, else its whole path."""
    folder, home = store.Path(folder).resolve(), store.data_folder().resolve()
    return folder.relative_to(home).as_posix() if folder.is_relative_to(home) else str(folder)


def placed(name):
    """The path of what `relative` names."""
    inside = store.data_folder() / str(name)
    return inside if str(name) and inside.is_dir() else store.Path(str(name))


@functools.lru_cache(16)
def _stamp(files):
    """12 characters for the weights in some files, (path, bytes, time of change) each."""
    return store.short_hash(*[store.sha256(file) for file, _, _ in files])


# ---------------------------------------------------------------- loading

def there(folder):
    folder = placed(folder)
    if not (folder / "config.json").exists() and not (folder / "adapter_config.json").exists():
        raise NeedsFixing(f"there is no adapter in {folder}; train one in notebook 7 first")
    return folder


def tokenizer_of_folder(folder):
    from transformers import AutoTokenizer

    return fetched(str(folder), lambda: AutoTokenizer.from_pretrained(str(folder)))


def ends_of(folder, tokenizer):
    """The ids that end an answer: those that training kept, else the tokenizer's own."""
    file = folder / "generation_config.json"
    kept = store.read_json(file).get("eos_token_id") if file.exists() else None
    return kept if isinstance(kept, list) else [kept if isinstance(kept, int) else tokenizer.eos_token_id]


def whole_model(folder, to_melt=False):
    """The model of a folder on the card, else on the processor; in 4 bit where the card is small, unless it will be melted."""
    import torch

    found = card()
    more = {"dtype": torch.float32 if not found["gpu"] else torch.bfloat16 if found["bf16"] else torch.float16}
    if found["gpu"] and found["memory_gb"] < SMALL and not to_melt:
        more.update(_four_bits(more["dtype"]))
    kind = _kind(folder)
    model = fetched(str(folder), lambda: kind.from_pretrained(str(folder), **more))
    return model if "quantization_config" in more or to_melt else model.to("cuda" if found["gpu"] else "cpu")


def _kind(folder):
    if (folder / "adapter_config.json").exists():
        from peft import AutoPeftModelForCausalLM
        return AutoPeftModelForCausalLM
    from transformers import AutoModelForCausalLM
    return AutoModelForCausalLM


def _four_bits(precision):
    try:
        import bitsandbytes  # noqa: F401
        from transformers import BitsAndBytesConfig
    except ImportError:
        return {}
    return {"quantization_config": BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=precision), "device_map": {"": 0}}
