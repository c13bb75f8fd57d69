"""A tuned model is tried out, melted into one folder, and goes to llama.cpp and Ollama. Part of `lora`."""
import os
import subprocess
import sys

from . import store
from ._card import ready
from ._local import ends_of, let_go, load, there, tokenizer_of_folder, whole_model
from ._tuning import saving
from .errors import NeedsFixing

CONVERTER = "convert_hf_to_gguf.py"
WHERE = ("get it with: git clone --depth 1 https://github.com/ggml-org/llama.cpp ; pip install -r llama.cpp/requirements/requirements-convert_hf_to_gguf.txt ; then give "
         f'converter="llama.cpp/{CONVERTER}"')


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
    let_go()
    return pd.DataFrame(told, columns=["question", "answer", "in the file", "ended"])


# ---------------------------------------------------------------- out of here

def export(folder, out):
    """Melt the adapter into its model and write both as one folder, for `transformers serve`, vLLM, llama.cpp or the Hub; gives the path."""
    ready("peft", "transformers")
    let_go()
    folder, out = there(folder), store.Path(out)
    tokenizer, model = tokenizer_of_folder(folder), whole_model(folder, to_melt=True)
    whole = model.merge_and_unload() if hasattr(model, "merge_and_unload") else model
    if whole.generation_config is not None:
        whole.generation_config.eos_token_id = ends_of(folder, tokenizer)
    with saving(out):
        whole.save_pretrained(str(out))
        tokenizer.save_pretrained(str(out))
    return out


def to_gguf(folder, out, outtype="q8_0", converter=None):
    """Write a model as GGUF with llama.cpp's own converter, and beside it a Modelfile for Ollama; gives the path of the GGUF.

    `folder` is an adapter's (it is melted first, into `out` without its ending) or a whole model's. `converter` is the path of
    convert_hf_to_gguf.py, by default that in $LLAMA_CPP, in ./llama.cpp or on the PATH. Raises NeedsFixing when it is not there or fails.
    """
    folder, out = there(folder), store.Path(out)
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
