"""A tuned model answers, is melted into one folder, and goes to llama.cpp and Ollama. Part of `lora`."""
import os
import subprocess
import sys

from . import store
from ._card import SMALL, card, ready
from ._tokenized import fetched
from ._tuning import saving
from .errors import NeedsFixing

CONVERTER = "convert_hf_to_gguf.py"
WHERE = ("get it with: git clone --depth 1 https://github.com/ggml-org/llama.cpp ; pip install -r llama.cpp/requirements/requirements-convert_hf_to_gguf.txt ; then give "
         f'converter="llama.cpp/{CONVERTER}"')


def load(folder):
    """A function that answers: ask(messages, max_new_tokens=200) -> str, with the model of an adapter folder (or of a whole model's folder).

    ask.reply(messages, ...) gives the text and whether the model ended it by itself.
    """
    ready()
    folder = _there(folder)
    tokenizer, model = _tokenizer(folder), _whole(folder).eval()
    ends = _ends(folder, tokenizer)

    def reply(messages, max_new_tokens=200):
        import torch

        entered = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True, return_tensors="pt").to(model.device)
        entered.pop("token_type_ids", None)
        with torch.no_grad():
            answer = model.generate(**entered, max_new_tokens=max_new_tokens, do_sample=False, pad_token_id=tokenizer.pad_token_id, eos_token_id=ends)
        said = answer[0][entered["input_ids"].shape[1]:]
        return tokenizer.decode(said, skip_special_tokens=True).strip(), bool(len(said)) and int(said[-1]) in ends

    def ask(messages, max_new_tokens=200):
        return reply(messages, max_new_tokens)[0]

    ask.reply = reply
    return ask


def tried(folder, rows, max_new_tokens=200):
    """The saved model loaded again and asked some rows (prompt and completion), as a DataFrame: question, answer, in the file, ended.

    `ended` is no where the model did not stop by itself: then the chat template or the end sign is wrong, or the training was too short.
    """
    import pandas as pd

    ask = load(folder)
    told = []
    for row in rows:
        answer, ended = ask.reply(row["prompt"], max_new_tokens)
        told.append({"question": row["prompt"][-1]["content"], "answer": answer, "in the file": row["completion"][0]["content"], "ended": "yes" if ended else "no"})
    return pd.DataFrame(told, columns=["question", "answer", "in the file", "ended"])


def _there(folder):
    folder = store.Path(folder)
    if not (folder / "config.json").exists() and not (folder / "adapter_config.json").exists():
        raise NeedsFixing(f"there is no adapter in {folder}; train one in notebook 7 first")
    return folder


def _tokenizer(folder):
    from transformers import AutoTokenizer

    return fetched(str(folder), lambda: AutoTokenizer.from_pretrained(str(folder)))


def _ends(folder, tokenizer):
    """The ids that end an answer: those that training kept, else the tokenizer's own."""
    file = folder / "generation_config.json"
    kept = store.read_json(file).get("eos_token_id") if file.exists() else None
    return kept if isinstance(kept, list) else [kept if isinstance(kept, int) else tokenizer.eos_token_id]


def _whole(folder, to_melt=False):
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


# ---------------------------------------------------------------- out of here

def export(folder, out):
    """Melt the adapter into its model and write both as one folder, for `transformers serve`, vLLM, llama.cpp or the Hub; gives the path."""
    ready()
    folder, out = _there(folder), store.Path(out)
    tokenizer, model = _tokenizer(folder), _whole(folder, to_melt=True)
    whole = model.merge_and_unload() if hasattr(model, "merge_and_unload") else model
    if whole.generation_config is not None:
        whole.generation_config.eos_token_id = _ends(folder, tokenizer)
    with saving(out):
        whole.save_pretrained(str(out))
        tokenizer.save_pretrained(str(out))
    return out


def to_gguf(folder, out, outtype="q8_0", converter=None):
    """Write a model as GGUF with llama.cpp's own converter, and beside it a Modelfile for Ollama; gives the path of the GGUF.

    `folder` is an adapter's (it is melted first, into `out` without its ending) or a whole model's. `converter` is the path of
    convert_hf_to_gguf.py, by default that in $LLAMA_CPP, in ./llama.cpp or on the PATH. Raises NeedsFixing when it is not there or fails.
    """
    folder, out = _there(folder), store.Path(out)
    script = _converter(converter)
    if (folder / "adapter_config.json").exists():
        folder = export(folder, out.with_suffix(""))
    with saving(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([sys.executable, str(script), str(folder), "--outfile", str(out), "--outtype", outtype], capture_output=True, text=True, errors="replace")
    if done.returncode or not out.exists():
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NeedsFixing(f"{CONVERTER} could not convert {folder.name} ({said[-1][:200] if said else 'it said nothing'}); {WHERE}, a newer one may know this model")
    store.write_text(f"FROM ./{out.name}\nPARAMETER temperature 0\n", out.with_name("Modelfile"))
    return out


def _converter(given):
    places = [given] if given else [store.Path(folder) / CONVERTER for folder in (os.environ.get("LLAMA_CPP", "llama.cpp"), "/content/llama.cpp", *os.get_exec_path())]
    found = next((store.Path(place) for place in places if store.Path(place).is_file()), None)
    if found is None:
        raise NeedsFixing(f"llama.cpp's converter is not here ({given or CONVERTER}); {WHERE}")
    return found
