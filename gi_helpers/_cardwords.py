"""The words of a dataset card and of a model card, from facts that were counted. Part of `publish`."""

REHEARSAL = "**PRACTICE: this is a rehearsal, made from practice texts by a practice model. It is not a real {}; do not publish it and do not {}.**"


def dataset(facts, licence_url):
    """The card of a dataset below its front matter, as markdown."""
    parts = [f"# {facts['title']}", *([REHEARSAL.format("dataset", "train on it")] if facts["practice"] else []), _what(facts), _made(facts), _checked(facts), _left_out(facts)]
    parts.append(f"## Licence\n\nThe rows: {facts['licence']}, {licence_url}. The sources are named in ATTRIBUTION.md.")
    if facts["evaluation"]["items"]:
        parts.append(_evaluation(facts["evaluation"]))
    parts.append(_use(facts))
    parts.append("## Limits\n\nThe rows know what the collected texts know, with their gaps and mistakes. " + _limits(facts))
    if facts["credit"]:
        parts.append(f"## Thanks\n\n{facts['credit']}")
    if facts["contact"]:
        parts.append(f"## Contact\n\n{facts['contact']}")
    return "\n\n".join(parts) + "\n"


def _what(facts):
    language, total = facts["language"], sum(facts["rows"].values())
    names = language["name"] if language["name"] == language["autonym"] else f"{language['name']} ({language['autonym']})"
    return (f"{total:,} questions with answers in {names}, ISO 639-3 `{language['iso639_3']}`: " + ", ".join(f"{rows:,} for {side}" for side, rows in facts["rows"].items())
            + f". About {facts['tokens']:,} tokens ({facts['tokenizer']}). Version {facts['version']}.")


def _made(facts):
    lines = ["| method | rows | corrected by people | models |", "|---|---:|---:|---|"]
    for name, method in sorted(facts["methods"].items(), key=lambda pair: -pair[1]["rows"]):
        models = ", ".join(f"{model or 'none'} ({count:,})" for model, count in sorted(method["models"].items(), key=lambda pair: -pair[1]))
        lines.append(f"| {name or 'not stated'} | {method['rows']:,} | {share(method['edited'], method['rows'])} | {models} |")
    return ("## How it was made\n\nTexts were collected (" + counted(facts["sources"]) + "), cleaned and cut. Questions and answers were drafted from them, "
            "and people decided about each row.\n\n" + "\n".join(lines))


def _checked(facts):
    total = sum(facts["rows"].values())
    words = f"## How it was checked\n\nOf {facts['drafted']:,} drafted rows people decided {facts['decided']:,} ({share(facts['decided'], facts['drafted'])}). "
    if facts["practice"]:
        words += "A pretend reader took the part of people, because this is a rehearsal. "
    words += f"All {total:,} rows published here were accepted or corrected; {facts['edited']:,} of them were corrected ({share(facts['edited'], total)})."
    readers = len([name for name in facts["readers"] if name])
    return words + (f" {readers} {'person' if readers == 1 else 'people'} read them" if readers else "") + (
        f"; {facts['second']:,} rows were read by a second person." if facts["second"] else "." if readers else "")


def _left_out(facts):
    return "## What stayed out\n\n" + ("\n".join(f"- {count:,} rows: {reason}" for reason, count in sorted(facts["left_out"].items())) or "Nothing.")


def _evaluation(told):
    refused = f"{told['left_out']:,} that people refused stayed out. " if told["left_out"] else ""
    return (f"## Evaluation set\n\n`eval/truthfulqa.jsonl` holds {told['items']:,} translated questions under {told['license']} (see `eval/LICENSE`). "
            f"People have read and decided {told['read']:,} of them ({share(told['read'], told['items'])}). {refused}"
            "Each line carries a canary, so that it can be found in training data. Please do not train on it.")


def evaluation_licence(practice):
    """What eval/LICENSE says."""
    if practice:
        return "PRACTICE: the questions are practice questions of GlobalInstruct, CC0 1.0.\nhttps://creativecommons.org/publicdomain/zero/1.0/\n"
    return ("The questions come from TruthfulQA (Lin, Hilton, Evans 2022), Apache License 2.0. They were translated, and some were changed, by the team of this dataset.\n"
            "https://github.com/sylinrl/TruthfulQA\nhttps://www.apache.org/licenses/LICENSE-2.0\n")


def _use(facts):
    return ("## How to use it\n\n```python\nfrom datasets import load_dataset\nrows = load_dataset(\"json\", data_files={\"train\": \"train.jsonl\"})\n```\n\n"
            "Each line holds `messages`, as most trainers read them. `configs/` has ready settings for Axolotl and LLaMA-Factory.")


def _limits(facts):
    few = len([name for name in facts["readers"] if name])
    words = "Few readers have looked at each row." if not facts["second"] else f"{share(facts['second'], sum(facts['rows'].values()))} of the rows have had a second reader."
    return words + (" One person read them all, so that person's way of writing is in all of them." if few == 1 else "")


def credit(wished, readers):
    """The thanks, from what readers wish: a text, or {reviewer: the name to show, "" for none}. Nobody is named who did not ask for it."""
    if isinstance(wished, str):
        return wished
    named = [f"{shown} ({readers.get(name, 0):,} rows)" for name, shown in wished.items() if shown]
    others = len([name for name in readers if name and not wished.get(name)])
    return "Read and corrected by " + ", ".join(named) + (f", and {others} more who wish not to be named" if others and named else f"{others} people who wish not to be named" if others else "") + "."


def share(part, whole):
    """A share in percent, as words."""
    return f"{100 * part / max(1, whole):.0f} %"


def counted(names):
    """Names with their numbers, most first."""
    return ", ".join(f"{name or 'unnamed'} {count:,}" for name, count in sorted(names.items(), key=lambda pair: -pair[1]))


# ---------------------------------------------------------------- models

def model(facts):
    """The card of a model below its front matter, as markdown."""
    parts = [f"# {facts['title']}", *([REHEARSAL.format("model", "use it")] if facts["practice"] else []),
             f"`{facts['base_model']}` tuned for {facts['language']['name']} ({facts['language']['autonym']}) with "
             + ("a LoRA adapter" if facts["backend"] == "lora" else "a hosted fine-tuning job") + f". Version {facts['version']}.",
             "## Training\n\n" + "\n".join(f"- {name}: {value}" for name, value in facts["training"].items()), _scores(facts["scores"]),
             f"## Licence\n\n{facts['licence']}; the licence of the base model holds, too.",
             "## Limits\n\nThe scores stand for the questions that were asked and no more. The model can be wrong, and can say wrong things fluently."]
    if facts["contact"]:
        parts.append(f"## Contact\n\n{facts['contact']}")
    return "\n\n".join(parts) + "\n"


def _scores(scores):
    if not scores:
        return "## Scores\n\nThe model was not evaluated."
    lines = ["| model | evaluation | score | 95 % interval | questions |", "|---|---|---:|---|---:|"]
    lines += [f"| {one['model']} | {one['eval']}, {one['metric']} | {100 * one['value']:.1f} % | {100 * one['ci'][0]:.1f} to {100 * one['ci'][1]:.1f} % | {one['n']:,} |" for one in scores]
    return "## Scores\n\n" + "\n".join(lines)
