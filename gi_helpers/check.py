"""Notebook 6: what is wrong with a training file, what can be mended by itself, and what training would cost.

    >>> file = store.write_text('{"messages": [{"role": "user", "content": "Kí ni ìlù?"}]}\\n', store.path("yo", "5_train.jsonl"))
    >>> found = problems(file)
    >>> found.loc[found["line"] == 1, ["code", "severity", "message"]].values.tolist()
    [['S07', 'E', "no message is the assistant's"]]

E must be mended before training, W should be looked at, I is for information. Nothing here changes the file: `repair` writes a new one.
"""
import collections
import os
from pathlib import Path

from . import _checkcost, _checkfile, _checkleaks, _checkpieces, _checksizes, _checkwhole, _workers, languages, store, tokens
from ._checkcodes import CODES, TARGETS, known_target, severity
from ._checkrepair import repair, repaired
from .errors import NeedsFixing

__all__ = ["TARGETS", "codes", "cost", "counts", "epochs", "lengths", "moderation", "problems", "repair", "repaired", "row", "verdict"]
COLUMNS = ["line", "id", "code", "severity", "message", "fix"]
PIECE, SMALL = 300, 10**6   # rows of a piece; bytes of a file for which helper processes are not worth their start
LOCAL_LENGTH = 2048         # tokens; what fits a free card


def problems(path, *, target="openai", evaluation=None, model="gpt-4o-mini", language=None, max_length=None, validation=None, qa=None, moderate=None,
             workers=None):
    """All that is wrong with a training file, as a DataFrame: line (0: the file as a whole), id, code, severity (E, W or I), message, fix.

    `target` is one of TARGETS: they differ in what they take. `evaluation` is the path of the evaluation set (8_truthfulqa.csv, or any CSV or JSONL
    with questions), `validation` of the validation file, `qa` of the table of sources; when None they are taken from the same folder if they
    are there. `language` is by default that of the folder, else the one that was chosen in notebook 0. `max_length` is in tokens, for training
    on one's own card. `moderate` is a function from a text to a list of marks, such as `check.moderation()`; texts leave the machine only with it.
    """
    import pandas as pd

    path = Path(path)
    first, readable = _checkfile.first_look(path)
    known_target(target)
    too_large = any(code == "F05" and severity(code, target) == "E" for code, _, _ in first)
    if too_large:
        first, readable = [(code, grave, f"{words}; its rows were not read" if code == "F05" else words) for code, grave, words in first], False
    rows = [(0, "", code, grave, words) for code, grave, words in first]
    beside = _beside(path, evaluation, validation, qa)
    unknown, english = _checkwhole.sources_of(store.read_rows(beside["qa"])) if beside["qa"] else (None, {})
    whole = _checkwhole.Whole(target, _questions(beside["validation"]), unknown)
    whole.found += rows
    if readable:
        setting = _checkpieces.setting(_language(path, language), target, _evaluation(beside["evaluation"]), english)
        own = target in ("local", "gemma")
        sizes = _checksizes.Sizes(model, None if own else _checkcost.limit_of(model), max_length or (LOCAL_LENGTH if own else None))
        for record, line in _records(setting, path, workers):
            whole.add(record, sizes.check(line) if record.keys is not None else None)
            _doubts(record, unknown, whole.found)
        if not whole.rows and not whole.found:
            whole.found.append((0, "", "F01", "", f"{path.name} has no row"))
    if moderate:
        _moderated(path, moderate, whole.found)
    found = [row for row in whole.end(lambda lengths, answers: _totals(lengths, answers, model)) if not (too_large and row[2] == "Z01")]
    return pd.DataFrame([(*row, CODES[row[2]].fix) for row in found], columns=COLUMNS)


def verdict(problems):
    """The outcome of `problems` in a sentence or two, errors first."""
    tally = {grave: problems.loc[problems["severity"] == grave, "code"].value_counts() for grave in "EWI"}
    wrong, doubtful = int(tally["E"].sum()), int(tally["W"].sum())
    doubts = f"{doubtful:,} warning{'' if doubtful == 1 else 's'} to look at" if doubtful else "no warning"
    if not wrong:
        return f"Nothing must be mended before training; {doubts}."
    named = ", ".join(f"{code} {CODES[code].title} ({count:,})" for code, count in tally["E"].items())
    return f"NOT READY: {wrong:,} error{'' if wrong == 1 else 's'} must be mended before training: {named}. Besides, {doubts}."


def codes(target="openai"):
    """The table of all codes at a target: code, severity, what it means, what to do, and whether `repair` mends it."""
    import pandas as pd

    known_target(target)
    return pd.DataFrame([{"code": one.code, "severity": "E" if target in one.graver.split() else one.severity, "meaning": one.title, "fix": one.fix,
                          "repair": one.mends} for one in CODES.values()])


def row(path, line):
    """The conversation on a line (counted from 1), as a dict; raises NeedsFixing when it cannot be read."""
    for number, raw in _checkfile.lines(path):
        if number == line:
            found, wrong = _checkfile.parsed(raw.rstrip(b"\r") if raw else raw)
            if found is None:
                raise NeedsFixing(f"line {line} of {Path(path).name} cannot be shown: {wrong[0][2]}")
            return found
    raise NeedsFixing(f"{Path(path).name} has no line {line}; run the check again")


# ---------------------------------------------------------------- lengths and costs

def lengths(path, model="gpt-4o-mini"):
    """The size of each conversation, as a DataFrame: line, messages, tokens, answer_tokens; for charts.token_lengths."""
    import pandas as pd

    return pd.DataFrame([(line, *one[:3]) for line, one in _measured(path, model)], columns=["line", "messages", "tokens", "answer_tokens"])


def counts(path, model="gpt-4o-mini"):
    """What the cookbook of OpenAI reports of a training file, as a DataFrame: measure, n, total, min, p5, median, mean, p95, max.

    First three distributions, then the rows with each slip of structure, rows without system or user message, rows over the limit, epochs,
    and billed tokens. A slip counts once for each message that has it, as there. Slips of that notebook which are not repeated: its p5 and p95 are the
    10th and 90th hundredth; it stops at a weight, at a line that is no JSON or blank, at a byte order mark, at special signs, at a message without role or
    text, and at an empty file; it calls developer, tools and their keys unknown, wants text beside a call, and takes the role function, which is gone;
    it counts a row without messages as three tokens; its limit and its token table are those of gpt-3.5.
    """
    import pandas as pd

    rows, good, slips, without, limit = 0, [], collections.Counter(), collections.Counter(), _checkcost.limit_of(model)
    for _, one in _measured(path, model):
        rows += 1
        slips.update(one[3])
        if one[0]:
            good.append(one[:3])
            without.update({"no system message": not one[4], "no user message": not one[5], f"longer than {limit:,} tokens, so cut": one[1] > limit})
    table = [_spread(name, [one[place] for one in good]) for place, name in enumerate(("messages in a conversation", "tokens in a conversation", "tokens of its answers"))]
    times, billed = _checkcost.epochs_of(rows), _checkcost.capped([one[1] for one in good], limit)
    single = {"conversations": rows, **{slip: slips[slip] for slip in _checksizes.SLIPS}, **without, "epochs by default": times,
              "tokens billed for one epoch": billed, "tokens billed in all": times * billed}
    return pd.DataFrame(table + [{"measure": name, "n": count} for name, count in single.items()],
                        columns=["measure", "n", "total", "min", "p5", "median", "mean", "p95", "max"])


def cost(path, *, epochs=None):
    """Every way to train on a file, side by side, as a DataFrame, cheapest first.

    backend, model, tokens (of one epoch, each row capped at what the model reads), epochs, usd (NaN: no price is known), note; then billed_tokens
    (tokens times epochs), minutes (NaN: the queue decides), hosting (what asking the model costs afterwards), last_day, source and as_of of
    the price. Prices stand in data/prices.csv. `epochs` is a whole number, by default the cookbook's rule.
    """
    import pandas as pd

    if epochs is not None and (isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1):
        raise NeedsFixing(f"epochs is {epochs!r}; give a whole number of 1 or more, or leave it out")
    found = {}

    def sizes(name):
        encoding = tokens.encoding_for(name)
        if encoding not in found:
            found[encoding] = [one[1] for _, one in _measured(path, name) if one[0]]
        return found[encoding]

    rows = len(sizes("gpt-4o-mini"))
    if not rows:
        raise NeedsFixing(f"{Path(path).name} has no conversation, so nothing can be trained; run check.problems first")
    table = pd.DataFrame(_checkcost.table(sizes, rows, epochs))
    return table.sort_values("usd", kind="stable", na_position="last").reset_index(drop=True)


def epochs(rows):
    """How many epochs the hosted services choose for so many rows, by the cookbook's rule."""
    return _checkcost.epochs_of(rows)


def _measured(path, model):
    """(line, measures) of each line that is not blank."""
    sizes = _checksizes.Sizes(model)
    for number, line in _checkfile.lines(path):
        if line is None or line.strip():
            yield number, sizes.measure(line)


def _spread(name, values):
    import numpy as np

    if not values:
        return {"measure": name, "n": 0}
    low, middle, high = (float(value) for value in np.quantile(values, [0.05, 0.5, 0.95]))
    return {"measure": name, "n": len(values), "total": sum(values), "min": min(values), "p5": low, "median": middle, "mean": round(sum(values) / len(values), 2),
            "p95": high, "max": max(values)}


def _totals(lengths, answers, model):
    times, billed = _checkcost.epochs_of(len(lengths)), _checkcost.capped(lengths, _checkcost.limit_of(model))
    price = next((float(one["usd_per_million_training"]) for one in _checkcost._training_prices()
                  if one["model"].startswith(model) and one["usd_per_million_training"].strip()), None)
    dollars = f", about ${billed * times * price / 1e6:,.2f} on {model}" if price else ""
    share = answers / max(1, sum(lengths))
    return (f"{len(lengths):,} rows, {sum(lengths):,} tokens ({tokens.how(model)} for {model}), {share:.0%} of them in answers; {times} epochs are "
            f"{billed * times:,} billed tokens{dollars}")


# ---------------------------------------------------------------- what stands around the file

def _records(setting, path, workers):
    """(record, line) of each line: what a helper process says of it, and its bytes, for this process to count the tokens meanwhile."""
    size = path.stat().st_size
    helpers = workers or (1 if size < SMALL else min((os.cpu_count() or 1), 3))  # the token tables take 140 MB, so only this process has them
    sent = collections.deque()

    def pieces():
        for piece in _cut(path):
            sent.append(piece[1])
            yield piece

    for records in _workers.ordered("_checkpieces.examine", setting, pieces(), helpers):
        yield from zip(records, sent.popleft(), strict=True)


def _cut(path):
    start, piece, size = 1, [], 0
    for number, line in _checkfile.lines(path):
        piece.append(line)
        size += len(line or b"")
        if len(piece) >= PIECE or size > 2**20:
            yield start, piece
            start, piece, size = number + 1, [], 0
    if piece:
        yield start, piece


def _beside(path, evaluation, validation, qa):
    """The files that the training file is compared with: those that are named, else those in its folder."""
    usual = {"evaluation": "8_truthfulqa.csv", "validation": path.name.replace("train", "validation"), "qa": "4_qa.csv"}
    found = {}
    for what, named in (("evaluation", evaluation), ("validation", validation), ("qa", qa)):
        near = path.with_name(usual[what])
        if named is not None and not Path(named).exists():
            raise NeedsFixing(f"the {what} file {named} is not there; give its path, or leave it out")
        found[what] = named or (near if near != path and near.is_file() and near.stat().st_size else None)
    return found


def _language(path, language):
    """The code of the language of a file: as it is named, else of its folder, else as chosen in notebook 0."""
    if language:
        return languages.find(language).code
    try:
        return languages.find(path.resolve().parent.name.partition("-practice")[0]).code
    except NeedsFixing:
        return languages.find(store.settings()["language"]).code


def _evaluation(file):
    return tuple(_checkleaks.questions_of(file)) if file else None


def _questions(file):
    """The folded questions of a validation file."""
    if not file:
        return frozenset()
    return frozenset(number for _, raw in _checkfile.lines(file) for number in _checkpieces.questions(raw))


def _doubts(record, unknown, found):
    """P03 of a row, from the table of sources."""
    if unknown is not None and record.folded:
        why = unknown.get(record.folded[0], "its question is not in 4_qa.csv")
        if why:
            found.append((record.line, record.id, "P03", "", why))


def _moderated(path, moderate, found):
    for number, raw in _checkfile.lines(path):
        one, _ = _checkfile.parsed(raw.rstrip(b"\r") if raw else raw)
        if one is None:
            continue
        texts = [_checkpieces.text_of(message) for message in _checkpieces.messages_of(one)]
        if marks := moderate("\n".join(filter(None, texts))):
            found.append((number, "", "P05", "", f"marked as {', '.join(map(str, marks))}"))


def moderation(model="omni-moderation-latest"):
    """A function for `problems(moderate=...)` that asks the moderation service of the model API; the texts are sent there."""
    from . import llm

    client = llm.client()

    def marks(text):
        result = client.moderations.create(model=model, input=text).results[0]
        return [name for name, marked in result.categories.model_dump().items() if marked]

    return marks
