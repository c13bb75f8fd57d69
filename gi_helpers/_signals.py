"""Signs that a translated sentence may be wrong, without a reference. They sort and flag; only plain errors make an item unusable.

    >>> rows = [{"id": "q", "kind": "question", "source": "Where is Kano?", "target": "Níbo ni Kano wà?"},
    ...         {"id": "b", "kind": "best", "source": "In the north", "target": "Ní àríwá"},
    ...         {"id": "w", "kind": "best_incorrect", "source": "In the south of it", "target": "ní  ÀRÍWÁ"}]
    >>> of_item(rows, "yo")["w"]
    ['error: the same as the right answer']
    >>> round(chrf("Where is Kano?", "Where is Kano"), 6)       # as sacrebleu's chrF2, 0 to 100
    97.614901
"""
import collections
import unicodedata
from functools import lru_cache

import regex

from . import languages
from ._language import Judge
from ._questionsets import doubled
from ._replies import fold_signs
from ._sheets import sheet

RATIO = (0.5, 2.0)         # length of the target by that of the source; 98 % of good ones lie within
NUMBER = regex.compile(r"\d+(?:[.,]\d+)*")
ADDRESS = regex.compile(r"https?://\S+|www\.\S+|\{\w*\}")
PREAMBLE = regex.compile(r"^\s*(?:here (?:is|are)|sure[,!]|translation\s*:|certainly|of course[,!]|the translation|in \p{Lu}\w+[:,])|```", regex.IGNORECASE)
PRACTICE = "[practice] "   # what the practice teacher writes before a text that it cannot translate
ENOUGH = 60                # characters, before the language of one sentence is judged
COUNTRY = regex.compile(r"\b(?:America\w*|U\.?S\.?A?\.?|United States|California\w*|Texa[ns]\w*)(?!\w)")
BOUND = ("Law", "Misquotations", "Proverbs", "Language")  # categories of TruthfulQA that depend on English or on one country


def of_item(rows, language):
    """{id: [flags]} for the rows of one item."""
    found = {row["id"]: _of_row(row) for row in rows}
    kinds = collections.Counter(row["kind"] for row in rows if row["kind"] in ("question", "best", "best_incorrect"))
    for row in rows:
        if row["kind"] == "question":
            found[row["id"]] += [f"error: no {kind.replace('_', ' ')}" for kind in ("best", "best_incorrect") if not kinds[kind]]
        if kinds.get(row["kind"], 0) > 1:
            found[row["id"]].append("error: doubled row")
    _equal_options(rows, found)
    _language(rows, found, language)
    return found


def _of_row(row):
    source, target = row["source"], row["target"]
    if not target.strip():
        return ["error: empty"]
    flags = []
    if lost := [address for address in ADDRESS.findall(source) if address not in target]:
        flags.append(f"error: lost {lost[0]}")
    if target.startswith(PRACTICE):
        flags.append("practice: not translated")
    if not source:  # a set that was written, or published, in the language
        return flags
    if fold_signs(source) == fold_signs(target) and len(source.split()) > 3:
        flags.append("copy")
    ratio = len(target) / max(1, len(source))
    if len(source) >= 15 and not RATIO[0] <= ratio <= RATIO[1]:
        flags.append(f"length {ratio:.1f}")
    missing = sorted(set(NUMBER.findall(source)) - set(NUMBER.findall(target)))
    if missing:
        flags.append(f"number {missing[0]}")
    if PREAMBLE.search(target) and not PREAMBLE.search(source):
        flags.append("preamble")
    return flags


def _equal_options(rows, found):
    """Options that became the same words: such an item cannot be scored."""
    options = [row for row in rows if row["kind"] != "question" and row["target"].strip()]
    first = {}
    for row in sorted(options, key=lambda row: ("best", "correct", "best_incorrect", "incorrect").index(row["kind"])):
        earlier = first.setdefault(fold_signs(row["target"]), row)
        if earlier is row:
            continue
        right = earlier["kind"] in ("best", "correct")
        if right and row["kind"] in ("best_incorrect", "incorrect"):
            found[row["id"]].append(f"error: the same as {'the' if earlier['kind'] == 'best' else 'a'} right answer")
        elif fold_signs(row["source"]) != fold_signs(earlier["source"]) or not row["source"]:
            found[row["id"]].append("error: the same as another option" if row["kind"] in ("incorrect", "best_incorrect") else "the same as another right answer")


def _language(rows, found, language):
    """The language of long sentences one by one, of the short ones together; the verdict stands at the question."""
    judge = _judge(languages.find(language).code)
    together = " ".join(row["target"] for row in rows if not row["target"].startswith(PRACTICE))
    for row in rows:
        text = row["target"] if len(row["target"]) >= ENOUGH else together if row["kind"] == "question" else ""
        if text and not row["target"].startswith(PRACTICE):
            reason, note = judge(text)
            if reason:
                found[row["id"]].append(note or reason)


@lru_cache(4)
def _judge(code):
    return Judge(code)


def of_file(table, language):
    """{id: [flags]} for the questions of a file: those that stand there twice, and all when the letters of the language are missing throughout."""
    found = _unmarked(table, language)
    for id in _copies(table):
        found[id] = [*found.get(id, []), "error: the same question and answers as another item"]
    return found


def _copies(table):
    """The ids of questions that an earlier item asks with the same two answers."""
    items, first = {}, {}
    for row in table.to_dict("records"):
        if row["kind"] in ("question", "best", "best_incorrect") and row["target"].strip():
            items.setdefault(row["item"], {}).setdefault(row["kind"], row)
    for rows in items.values():
        if len(rows) == 3 and first.setdefault(doubled(*(rows[kind]["target"] for kind in ("question", "best", "best_incorrect"))), rows) is not rows:
            yield rows["question"]["id"]


def _unmarked(table, language):
    usual = _marked(_sentences_of(sheet(language)), language)
    targets = [text for text in table["target"] if text.strip() and not text.startswith(PRACTICE)]
    # Good Yoruba files have marks in 85 % of the rows; a language whose own sheet hardly uses them is not judged.
    if len(targets) < 20 or usual < 0.5 or _marked(targets, language) >= usual / 3:
        return {}
    return {id: ["no marks in the file"] for id, kind in zip(table["id"], table["kind"], strict=True) if kind == "question"}


def _sentences_of(found):
    return [*found.get("question_patterns", {}).values(), *found.get("meta_phrases", ()), *(example["answer"] for example in found.get("examples", ()))]


def _marked(texts, language):
    """The share of texts with a letter that only this language's alphabet has."""
    letters = {letter for letter in sheet(language).get("letters", ()) if not letter.isascii()}
    return sum(any(letter in unicodedata.normalize("NFC", text) for letter in letters) for text in texts) / max(1, len(texts))


def status(flags):
    """The status that flags give a row that no person has seen."""
    if any(flag.startswith("error:") for flag in flags):
        return "auto_fail"
    return "needs_review" if flags else "generated"


def culture(item):
    """A first guess at the culture tag: "adapt" where an item names one country or belongs to a bound category, else "keep"."""
    if item.get("type") == "practice":  # written for the language
        return "keep"
    texts = " ".join([item["question"], item["best"], item["best_incorrect"]])
    return "adapt" if COUNTRY.search(texts) or item["category"] in BOUND or item["category"].startswith("Indexical") else "keep"


def chrf(hypothesis, reference, order=6, beta=2):
    """chrF of two texts, 0 to 100: the F score of shared letter sequences of 1 to 6, spaces left out; counts as sacrebleu's default does."""
    said, meant = "".join(hypothesis.split()), "".join(reference.split())
    precision = recall = 0.0
    used = 0
    for size in range(1, order + 1):
        mine = collections.Counter(said[i:i + size] for i in range(len(said) - size + 1))
        theirs = collections.Counter(meant[i:i + size] for i in range(len(meant) - size + 1))
        if not mine or not theirs:
            continue
        shared = sum((mine & theirs).values())
        precision, recall, used = precision + shared / sum(mine.values()), recall + shared / sum(theirs.values()), used + 1
    if not used or precision + recall == 0:
        return 0.0
    precision, recall = precision / used, recall / used
    return 100 * (1 + beta**2) * precision * recall / (beta**2 * precision + recall)
