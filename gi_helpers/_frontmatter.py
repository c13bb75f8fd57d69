"""The front matter of a card: writing it, reading it back, and holding it against the closed lists of the Hugging Face Hub. Part of `publish`.

The Hub's own reader takes nearly anything (`license: 5`, `language: no`), so the rules are here; no YAML library is needed for this small part of YAML.

    >>> text = write({"language": ["no"], "splits": [{"name": "train", "num_examples": 2}]})
    >>> print(text, end="")
    language:
      - "no"
    splits:
      - name: "train"
        num_examples: 2
    >>> read(text) == {"language": ["no"], "splits": [{"name": "train", "num_examples": 2}]}
    True
"""
import json
import re

from .errors import NeedsFixing

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"))
# What the Hub knows for each field; see its dataset-card specification.
LISTS = {
    "annotations_creators": ("crowdsourced", "expert-generated", "found", "machine-generated", "no-annotation", "other"),
    "language_creators": ("crowdsourced", "expert-generated", "found", "machine-generated", "other"),
    "multilinguality": ("monolingual", "multilingual", "translation", "other"),
    "source_datasets": ("original", "extended"),
    "task_categories": ("question-answering", "text-generation", "translation", "multiple-choice", "summarization", "text-classification", "text-retrieval", "other"),
    "task_ids": ("open-domain-qa", "closed-domain-qa", "closed-book-qa", "open-book-qa", "extractive-qa", "multiple-choice-qa", "language-modeling", "dialogue-modeling"),
}
NEEDED = ("language", "license", "pretty_name", "size_categories", "task_categories", "annotations_creators", "language_creators", "multilinguality", "source_datasets",
          "configs", "dataset_info")
KNOWN = (*NEEDED, "task_ids", "tags")
SPLITS = ("train", "validation", "test")
NOT_TEXT = re.compile(r"(?i)(no|yes|on|off|y|n|true|false|null|~|[-+]?[\d.]+(e\d+)?)$")  # what YAML reads as something else when there are no quotes


class Plain(str):
    """A text that stood without quotes."""


def size(total):
    """The Hub's name for a number of rows."""
    return next((name for limit, name in SIZES if total < limit), "100M<n<1B")


# ---------------------------------------------------------------- writing and reading

def write(value, indent=0):
    """Plain YAML: every string is quoted, because an unquoted `no` would be read as false."""
    pad, lines = " " * indent, []
    for name, one in value.items():
        if isinstance(one, dict):
            lines.append(f"{pad}{name}:\n{write(one, indent + 2)}")
        elif isinstance(one, list):
            lines.append(f"{pad}{name}:\n" + "".join(_item(item, indent) for item in one))
        else:
            lines.append(f"{pad}{name}: {json.dumps(one, ensure_ascii=False)}\n")
    return "".join(lines)


def _item(item, indent):
    pad = " " * indent + "  - "
    return pad + (write(item, indent + 4).lstrip() if isinstance(item, dict) else json.dumps(item, ensure_ascii=False) + "\n")


def parts(card):
    """(front matter, words) of a card; raises NeedsFixing when there is no front matter between two lines of `---`."""
    found = re.match(r"---\n(.*?\n)---\n(.*)", card, re.S)
    if not found:
        raise NeedsFixing("README.md does not begin with a front matter between two lines of ---; build the folder again")
    return found.groups()


def read(text):
    """The front matter as a dict; a text without quotes is a `Plain`. Raises NeedsFixing with the line that cannot be read."""
    if text.count("\n") > 5000 or re.search(r"(?m)^ {50}|(- ){20}", text):
        raise NeedsFixing("the front matter of README.md is longer or deeper than any card's; build the folder again")
    lines = [(len(line) - len(line.lstrip()), line.strip()) for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    value, rest = _mapping(lines, 0)
    if rest:
        raise NeedsFixing(f"the front matter of README.md cannot be read at {rest[0][1]!r}; build the folder again")
    return value


def _mapping(lines, indent):
    found = {}
    while lines and lines[0][0] == indent and not lines[0][1].startswith("- "):
        name, colon, value = lines[0][1].partition(":")
        if not colon or name in found:
            raise NeedsFixing(f"the front matter of README.md cannot be read at {lines[0][1]!r}; build the folder again")
        lines = lines[1:]
        if value.strip():
            found[name] = _scalar(value.strip())
        elif lines and lines[0][1].startswith("- ") and lines[0][0] >= indent:
            found[name], lines = _list(lines, lines[0][0])
        elif lines and lines[0][0] > indent:
            found[name], lines = _mapping(lines, lines[0][0])
        else:
            found[name] = None
    return found, lines


def _list(lines, indent):
    found = []
    while lines and lines[0][0] == indent and lines[0][1].startswith("- "):
        inner = lines[0][1][2:].strip()
        if re.match(r"\w+:(\s|$)", inner):  # a mapping begins on this line: it goes on two columns deeper
            value, lines = _mapping([(indent + 2, inner), *lines[1:]], indent + 2)
        else:
            value, lines = _scalar(inner), lines[1:]
        found.append(value)
    return found, lines


def _scalar(text):
    if text[:1] in "\"'[{" or re.fullmatch(r"-?\d+(\.\d+)?|true|false|null", text):
        try:
            return json.loads(text) if text[0] != "'" else text[1:-1].replace("''", "'")
        except (ValueError, RecursionError) as error:
            raise NeedsFixing(f"the front matter of README.md cannot be read at {text!r}; build the folder again") from error
    return Plain(text)


# ---------------------------------------------------------------- rules

def faults(head, counts, languages, licences, practice=False):
    """What is wrong with the front matter of a dataset card, as sentences.

    `counts` is {path: rows} of the files that are there, `languages` the known codes, `licences` the ones that may be named.
    """
    wrong = [f"README.md has no {name}; build the folder again" for name in NEEDED if not head.get(name)]
    wrong += [f"README.md has an unknown field {name!r}; take it out" for name in head if name not in KNOWN]
    for rule in (_types, _language, _licence, _lists, _configs, _counts):
        wrong += rule(head, counts, languages, licences)
    if practice and "practice" not in (head.get("tags") or []):
        wrong.append("README.md of a rehearsal has no tag 'practice'; build the folder again")
    return wrong


def held_against(head, language, licence, practice):
    """Where the front matter says otherwise than the registry entry, as sentences."""
    if head.get("license") != licence:
        return [f"README.md says the licence {head.get('license')}, but the registry entry says {licence}; build the folder again"]
    if head.get("language") != [language]:
        return [f"README.md says the language {head.get('language')}, but the registry entry's is {language}; build the folder again"]
    if "practice" in (head.get("tags") or []) and not practice:
        return ["README.md has the tag 'practice', but the registry entry is no rehearsal; build the folder again"]
    return []


MODEL_KNOWN = ("language", "license", "license_name", "license_link", "base_model", "pipeline_tag", "library_name", "tags", "datasets", "model-index")


def model_faults(head, languages, licences, practice=False):
    """What is wrong with the front matter of a model card, as sentences."""
    wrong = [f"README.md has no {name}; make the model's card again" for name in ("language", "license", "base_model", "pipeline_tag") if not head.get(name)]
    wrong += [f"README.md has an unknown field {name!r}; take it out" for name in head if name not in MODEL_KNOWN]
    if head.get("pipeline_tag") not in (None, "text-generation"):
        wrong.append(f"pipeline_tag in README.md is {head['pipeline_tag']!r}; it must be text-generation")
    if head.get("library_name") not in (None, "peft", "transformers"):
        wrong.append(f"library_name in README.md is {head['library_name']!r}; choose peft or transformers")
    if practice and "practice" not in (head.get("tags") or []):
        wrong.append("README.md of a rehearsal has no tag 'practice'; make the model's card again")
    for rule in (_types, _language, _licence, _lists):
        wrong += rule(head, {}, languages, licences)
    return wrong


def _types(head, *_):
    for name in KNOWN:
        value = head.get(name)
        if value is None:
            continue
        expected = str if name in ("license", "pretty_name") else dict if name == "dataset_info" else list
        if not isinstance(value, expected):
            yield f"{name} in README.md is {value!r}, not {'a text' if expected is str else 'a list' if expected is list else 'a group of fields'}; build the folder again"
    for name in ("license", "pretty_name"):
        if isinstance(head.get(name), Plain) and NOT_TEXT.match(head[name]):
            yield f"{name} in README.md is {head[name]!r} without quotes, which is not read as text; put it in quotes"


def _texts(head, name):
    return [one for one in head.get(name) or [] if isinstance(head.get(name), list)]


def _groups(value):
    """The groups of fields in a list; what is of another kind is no group."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _language(head, counts, languages, licences):
    for code in _texts(head, "language"):
        if isinstance(code, Plain) or not isinstance(code, str):
            yield f"the language {code} in README.md has no quotes; write \"{code}\", or a code such as no is read as false"
        elif code not in languages:
            yield f"the language {code!r} in README.md is not a known ISO 639 code; mend it"


def _licence(head, counts, languages, licences):
    if head.get("license") and str(head["license"]) not in licences:
        yield f"the licence {head['license']!r} in README.md is not known; choose one of {', '.join(licences)}"


def _lists(head, *_):
    for name, allowed in LISTS.items():
        for one in _texts(head, name):
            if str(one).partition("|")[0] not in allowed:
                yield f"{name} in README.md has {one!r}; choose from {', '.join(allowed)}"
    for one in _texts(head, "tags"):
        if not isinstance(one, str) or not re.fullmatch(r"[\w.:-]+", one):
            yield f"the tag {one!r} in README.md is not one word; mend it"


def _configs(head, counts, *_):
    configs = _groups(head.get("configs"))
    names = [str(one.get("config_name")) for one in configs]
    if head.get("configs") and ("default" not in names or len(set(names)) < len(names)):
        yield f"configs in README.md are called {names}; one must be default, and each name must be there once"
    for file in [file for one in configs for file in _groups(one.get("data_files"))]:
        if file.get("split") not in SPLITS:
            yield f"the split {file.get('split')!r} in README.md is not known; choose one of {', '.join(SPLITS)}"
        if str(file.get("path")) not in counts:
            yield f"{file.get('path')} is named in README.md but is not there; build the folder again"


def _counts(head, counts, *_):
    info = head.get("dataset_info")
    if not isinstance(info, dict):
        return
    default = next((one for one in _groups(head.get("configs")) if one.get("config_name") == "default"), {})
    there = {str(file.get("split")): counts.get(str(file.get("path"))) for file in _groups(default.get("data_files"))}
    stated = {str(one.get("name")): one.get("num_examples") for one in _groups(info.get("splits"))}
    for split in sorted({*there, *stated}, key=str):
        if there.get(split) != stated.get(split):
            yield f"README.md says {stated.get(split)} rows for {split}, but there are {there.get(split)}; build the folder again"
    total = sum(rows or 0 for rows in there.values())
    if _texts(head, "size_categories") not in ([], [size(total)]):
        yield f"size_categories in README.md is {head['size_categories']}, but {total:,} rows are {size(total)!r}; build the folder again"
