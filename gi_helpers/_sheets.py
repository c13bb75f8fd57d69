"""The sheet of a language: spelling rules, special letters, examples and question templates that a team writes, and prompts are made of.

    >>> sheet("yo")["name_own"], sheet("Ewe")["note"]
    ('Yorùbá', 'No sheet yet: write spelling rules and two examples.')
"""
import time
import unicodedata

from . import _split, languages, store
from .errors import NeedsFixing

DRAFT = "Draft, a speaker must approve."  # the note of a sheet that nobody stands for yet
# What the answer of a question template may be, made of a passage.
ANSWERS = {"{first_sentence}": lambda text: next(iter(_split.sentences(text)), "").strip(),
           "{first_paragraph}": lambda text: text.split("\n\n")[0].strip(), "{text}": lambda text: text}


def sheet(language):
    """What a team says about its language (spelling rules, letters, examples, templates): its own sheet.json, else the shipped draft.

    A language without a sheet gets an empty one, so that drafting works, less well.
    """
    found = languages.find(language)
    own, shipped = store.folder(found.code) / "sheet.json", store.shipped("sheets", f"{found.code}.json")
    empty = {"language": found.code, "name_en": found.name, "name_own": found.autonym, "orthography": [], "letters": [], "examples": [],
             "templates": [], "meta_phrases": [], "note": "No sheet yet: write spelling rules and two examples."}
    file = own if own.exists() else shipped
    given = store.read_json(file, dict) if file.exists() else {}
    for name, inside in (("orthography", str), ("letters", str), ("examples", dict), ("templates", dict), ("meta_phrases", str)):
        one = given.get(name, [])
        if not (isinstance(one, list) and all(isinstance(part, inside) for part in one) or inside is str and isinstance(one, str)):
            raise NeedsFixing(f"{name} in {file} is no list of {'texts' if inside is str else 'objects in braces'}; mend it there, or delete the file to begin with the shipped sheet")
    return {**empty, **given}


def save_sheet(language, sheet, approved_by=""):
    """Keep a team's sheet for its language, after a look at it; gives the path. Raises NeedsFixing for a part that would not work.

    `approved_by` is the speaker who stands for all of it; then the note says so, and it needs spelling rules and two examples.
    """
    found = languages.find(language)
    if approved_by.strip() and (not sheet.get("orthography") or len(sheet.get("examples", ())) < 2):
        raise NeedsFixing(f"the sheet of {found.name} has {len(sheet.get('orthography', ()))} spelling rules and {len(sheet.get('examples', ()))} examples; "
                          "it takes one rule and two examples before a speaker can approve it")
    sheet = {**sheet, "language": found.code, "note": f"Approved by {approved_by.strip()} on {time.strftime('%Y-%m-%d')}." if approved_by.strip() else DRAFT}
    for number, one in enumerate(sheet.get("examples", ()), 1):
        missing = [name for name in ("passage", "question", "answer", "evidence") if not one.get(name)]
        if missing:
            raise NeedsFixing(f"example {number} has no {' and no '.join(missing)}; fill it in, or take the example out")
        if unicodedata.normalize("NFC", one["evidence"]) not in unicodedata.normalize("NFC", one["passage"]):
            raise NeedsFixing(f"the evidence of example {number} is not in its passage; copy it letter for letter: {one['evidence'][:60]!r}")
    for one in sheet.get("templates", ()):
        if "{title}" not in one.get("question", "") or one.get("answer") not in ANSWERS:
            raise NeedsFixing(f"the template {one.get('question', '')!r} -> {one.get('answer', '')!r} does not work; the question needs {{title}}, "
                              f"the answer is one of {', '.join(ANSWERS)}")
    return store.write_json(_composed(sheet), store.path(found.code, "sheet.json"))


def _composed(value):
    """All texts of a sheet in NFC, so that ọ̀ typed on any keyboard is the same."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {name: _composed(one) for name, one in value.items()}
    return [_composed(one) for one in value] if isinstance(value, list) else value
