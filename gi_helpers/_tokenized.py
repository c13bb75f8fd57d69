"""What a model's own tokenizer makes of the training rows: which tokens are learned, and by which sign the model stops. Part of `lora`.

    >>> common([1, 2, 3], [1, 2, 4, 5])
    2
"""
from .errors import NeedsFixing

# For models that have no chat template of their own (base models): ChatML, with the model's end sign.
TEMPLATE = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + END + '\n' }}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
NO_THINKING = "{%- set enable_thinking = false %}"
GATED = ("gated", "401", "403", "awaiting a review", "restricted")


def tokenizer_of(base):
    """The tokenizer of a model, with a chat template and a padding sign. Thinking is switched off inside the template, for everyone who will use it."""
    from transformers import AutoTokenizer

    tokenizer = fetched(base, lambda: AutoTokenizer.from_pretrained(base))
    if not tokenizer.chat_template:
        ends = "<|im_end|>" if "<|im_end|>" in tokenizer.get_vocab() else tokenizer.eos_token
        tokenizer.eos_token = ends
        tokenizer.chat_template = TEMPLATE.replace("END", repr(ends))
    elif isinstance(tokenizer.chat_template, str) and "enable_thinking" in tokenizer.chat_template and not tokenizer.chat_template.startswith(NO_THINKING):
        tokenizer.chat_template = NO_THINKING + tokenizer.chat_template
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def fetched(base, fetch):
    """Load something of a model; what the hub or the disk refuses becomes a sentence."""
    try:
        return fetch()
    except (OSError, ValueError, KeyError, ImportError) as error:
        words = " ".join(str(error).split())
        if any(sign in words for sign in GATED):
            raise NeedsFixing(f"the model {base!r} asks you to accept its licence on its page first; do that, log in with your token (HF_TOKEN), or choose another model") from error
        if "No space left" in words:
            raise NeedsFixing(f"the disk is full, so the model {base!r} could not be fetched; free some space and run the cell again") from error
        if "does not recognize this architecture" in words:
            raise NeedsFixing(f"the model {base!r} is newer than the installed transformers; install a newer one (!pip install -U transformers) or choose another model") from error
        raise NeedsFixing(f"the model {base!r} could not be loaded ({words[:120]}); check the name and the network, or give the path of a folder") from error


def common(first, second):
    """How many tokens two lists share from their start."""
    return next((place for place, (one, other) in enumerate(zip(first, second, strict=False)) if one != other), min(len(first), len(second)))


def measured(rows, tokenizer):
    """For each row a pair: the tokens before the answer, and all token ids. The mask lies where the prompt and the whole differ first, as the trainer has it."""
    found = []
    for row in rows:
        asked = tokenizer.apply_chat_template(row["prompt"], add_generation_prompt=True, return_dict=True)["input_ids"]
        whole = tokenizer.apply_chat_template(row["prompt"] + row["completion"], return_dict=True)["input_ids"]
        found.append((common(asked, whole), whole))
    return found


def within(rows, sizes, limit):
    """(rows of which something is learned, facts) at a max_length of `limit` tokens; raises NeedsFixing when no row is left."""
    kept = [place for place, (asked, _) in enumerate(sizes) if asked < limit]  # of the others the answer would be cut off whole
    if not kept:
        raise NeedsFixing(f"all {len(rows)} rows are longer than {limit} tokens before their answer begins; shorten the questions or raise max_length")
    total = sum(min(len(sizes[place][1]), limit) for place in kept)
    learned = total - sum(sizes[place][0] for place in kept)
    return [rows[place] for place in kept], {
        "rows": len(kept), "left_out": len(rows) - len(kept), "cut": sum(len(sizes[place][1]) > limit for place in kept), "tokens": total,
        "trained_on": learned / total, "longest": max(len(sizes[place][1]) for place in kept)}


def sample(tokenizer, size, limit):
    """One row as the model sees it, in plain text: {"not_learned": what is only read, "learned": what is learned, its end sign included}."""
    asked, whole = size
    return {"not_learned": tokenizer.decode(whole[:asked]), "learned": tokenizer.decode(whole[asked:limit])}


def stops(tokenizer, sizes, base):
    """The ids of the signs that end an answer, the model's own first; raises NeedsFixing when no answer ends with one, as the model would never stop."""
    special = set(tokenizer.all_special_ids)
    asked, whole = sizes[0]
    ends = [token for token in whole[asked:] if token in special or token == tokenizer.eos_token_id][-1:]
    if not ends:
        raise NeedsFixing(f"the chat template of {base!r} puts no end sign after an answer, so the model would never stop; choose an instruct model, or a base model without a template")
    return list(dict.fromkeys([*ends, tokenizer.eos_token_id]))
