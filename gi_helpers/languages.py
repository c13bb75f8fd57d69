"""Which languages there are, and what Wikipedia and the BBC call them.

One row for every open Wikipedia (about 350), shipped in data/languages.csv. A language is found by any of its names and codes:

    >>> find("yoruba").code, find("Naija").code, find("Yorùbá (yo)").autonym
    ('yo', 'pcm', 'Yorùbá')
    >>> find("zh_min_nan").dbname, find("nb").code, find("als").name      # wiki codes are not always language codes
    ('zh_min_nanwiki', 'no', 'Alemannic')
"""
import functools
import re
import unicodedata
from dataclasses import asdict, dataclass, fields, replace

from . import store
from ._contact import address, agent
from ._plainnames import plain, several
from ._sitelist import answers, parse
from .errors import NeedsFixing

SITES = "https://meta.wikimedia.org/w/api.php"
WHOLE = 0.9  # a newer list with fewer than this share of the wikis of the table is not taken: wikis are closed one at a time
RIGHT_TO_LEFT = {"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"}
# Wikipedias that were closed: nobody can write there any more, and most hold a few pages only.
CLOSED = {
    "aa": "Afar", "ak": "Akan", "cho": "Choctaw", "ho": "Hiri Motu", "hz": "Herero", "ii": "Nuosu", "kj": "Kuanyama", "kr": "Kanuri", "lrc": "Northern Luri",
    "mh": "Marshallese", "mus": "Muscogee", "na": "Nauruan", "ng": "Ndonga", "pih": "Norfuk",
}
# Codes that were given up for others, but are still written.
OLD = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro"}
# The first word of a letter's Unicode name, for the script of a Wikipedia that is newer than this table.
SCRIPTS = {
    "ADLAM": "Adlm", "ARABIC": "Arab", "BENGALI": "Beng", "CJK": "Hani", "CYRILLIC": "Cyrl", "DEVANAGARI": "Deva", "ETHIOPIC": "Ethi",
    "GREEK": "Grek", "HEBREW": "Hebr", "LATIN": "Latn", "MYANMAR": "Mymr", "NKO": "Nkoo", "TIBETAN": "Tibt", "TIFINAGH": "Tfng",
}


@dataclass(frozen=True)
class Language:
    """One Wikipedia and its language.

    `code` stands in the host name (be-tarask.wikipedia.org), `dbname` in the names of its dumps (be_x_oldwiki). `tag` is BCP 47, `script`
    ISO 15924 (Hani, Jpan and Kore are mixtures). `also` holds further names and codes, parted by "; ". `articles` is a rough count or None.
    `bbc` is the BBC service, "" where there is none; zh and fa have two, parted by a space.
    """

    code: str
    dbname: str
    name: str
    autonym: str
    also: str
    iso639_3: str
    tag: str
    script: str
    direction: str
    articles: int | None = None
    bbc: str = ""
    bbc_variants: str = ""

    @property
    def label(self):
        """How the picker shows it: 'Yoruba · Yorùbá (yo)', or 'Hausa (ha)' where both names are one."""
        names = self.name if self.name == self.autonym else f"{self.name} · {self.autonym}"
        return f"{names} ({self.code})"


# ---------------------------------------------------------------- finding

def find(text):
    """The Language that a word stands for: a wiki code, database name, ISO 639-3 or BCP 47 code, English or own name, or a picker entry.

    Case and marks do not matter, except that 'mon' is a code (Mongolian) and 'Mon' a name. A wiki code wins over any other code, als is
    Alemannic and not Tosk Albanian, and over any name: 'Ga' is Irish (see `namesakes`). Raises NeedsFixing with the nearest names when nothing, or more than one language, is called so.
    """
    if isinstance(text, Language):
        return text
    if not isinstance(text, str) or not text.strip():
        raise NeedsFixing(f"no language is named ({text!r}); give a code or a name, such as 'yo', 'Yoruba' or 'Yorùbá'")
    codes, names = _index(*_source())
    for reading in _readings(text.strip()):
        if reading in codes:
            return codes[reading]
        found = names.get(plain(reading), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise NeedsFixing(f"{text!r} may be {_either(found)}; give its code instead")
    for reading in _readings(text.strip()):
        closed = next((code for code, name in CLOSED.items() if plain(reading) in (code, f"{code}wiki", plain(name))), None)
        if closed:
            near = [language for language in search(CLOSED[closed]) if plain(language.code) != closed]
            instead = f"choose {_either(near[:4])} instead" if near else "choose another language"
            raise NeedsFixing(f"the Wikipedia in {CLOSED[closed]} ({closed}) is closed and takes no more articles; {instead}")
    raise NeedsFixing(f"no language called {text.strip()[:60]!r}; {_advice(text[:60])}")


def namesakes(text):
    """The Languages whose English or own name is exactly this word, although `find` reads it as a code or name of another: the picker tells them."""
    found = find(text)
    return [language for language in _languages() if language != found and plain(text) in (plain(language.name), plain(language.autonym))]


def search(text=""):
    """The Languages with `text` in their code or one of their names, without regard to marks; those that begin with it come first."""
    wanted = plain(text)
    ranked = []
    for language in _languages():
        if wanted in ("", plain(language.code)):
            rank = 0
        else:
            words = [f" {plain(name)}" for name in _names(language)]
            rank = 1 if any(f" {wanted}" in name for name in words) else 2 if any(wanted in name for name in words) else None
        if rank is not None:
            ranked.append((rank, plain(language.name), language))
    return [language for _, _, language in sorted(ranked, key=lambda entry: entry[:2])]


def options():
    """What the picker lists, such as 'Yoruba · Yorùbá (yo)', by English name; `find` takes each of them."""
    return [language.label for language in search()]


def table():
    """All languages as a DataFrame, one column for each field of Language; `articles` holds whole numbers or <NA>."""
    import pandas as pd

    rows = pd.DataFrame([asdict(language) for language in _languages()], columns=[field.name for field in fields(Language)])
    return rows.assign(articles=rows["articles"].astype("Int64"))


def _readings(text):
    """What people mean by what they type: the word, a code in brackets, an address of a Wikipedia, a code with a script or country."""
    yield text
    if bracket := re.search(r"\(([^()]+)\)$", text):
        yield bracket[1]
    if address := re.match(r"(?:https?://)?([a-z-]+)(?:\.m)?\.wikipedia\.org(?:/|$)", text, re.IGNORECASE):
        yield address[1].lower()
    if tag := re.match(r"([A-Za-z]{2,3})[-_](?:[A-Za-z]{4}|[A-Za-z]{2}|[0-9]{3})(?:[-_]|$)", text):  # yo-NG, yor_Latn, pt-br
        yield tag[1].lower()
    if (old := re.split("[-_]", text.lower())[0]) in OLD:
        yield OLD[old]
    if place := re.fullmatch(r"(.+?)\s*\([^()]*\)", text):  # Yoruba (Nigeria)
        yield place[1]
    if noun := re.fullmatch(r"(.+)\s(?:language|wikipedia)", text, re.IGNORECASE):
        yield noun[1]


def _names(language):
    return [language.name, language.autonym, language.code, *filter(None, language.also.split("; "))]


def _either(found):
    labels = [language.label for language in found]
    return " or ".join(filter(None, [", ".join(labels[:-1]), labels[-1]]))


def _advice(text):
    if near := _nearest(text):
        return f"did you mean {_either(near)}? (Only languages with a Wikipedia are listed.)"
    return f"give a code or a name, such as 'yo' or 'Yoruba', of one of the {len(_languages())} languages with a Wikipedia"


def _nearest(text, most=4):
    """The languages that a mistyped or incomplete name may mean, nearest first."""
    import difflib

    _, names = _index(*_source())
    wanted = plain(text)
    near = search(text) if len(wanted) > 2 else []
    for word in [] if near else [wanted, *wanted.split()]:
        near += [language for name in difflib.get_close_matches(word, names, n=most, cutoff=0.65) for language in names[name]]
    return list(dict.fromkeys(near))[:most]


# ---------------------------------------------------------------- the table

def _refreshed():
    # In a folder of its own: without GI_DATA the team's data folder is the one where the shipped table lies.
    return store.data_folder() / "refreshed" / "languages.csv"


def _source():
    """The team's own table where there is one, else the shipped one; with its time, so that a new one is read at once."""
    for file in (_refreshed(), store.shipped("languages.csv")):
        try:
            return file, file.stat().st_mtime_ns
        except OSError:
            continue
    raise NeedsFixing(f"{store.shipped('languages.csv')} is missing; get the project's files again")


def _shipped():
    """The shipped table: it knows more of a wiki that an earlier list left out."""
    file = store.shipped("languages.csv")
    return _load(file, file.stat().st_mtime_ns)


def _languages():
    return _load(*_source())


@functools.lru_cache(maxsize=4)
def _load(file, _time):
    names = [field.name for field in fields(Language)]
    rows = [{name: row.get(name, "") for name in names} for row in store.read_rows(file)]
    if not rows or not all(row["code"] and row["dbname"] for row in rows):
        raise NeedsFixing(f"{file} is no table of languages; delete it, and refresh again if you need a newer list")
    return tuple(Language(**{**row, "articles": int(row["articles"]) if row["articles"].isdecimal() else None}) for row in rows)


@functools.lru_cache(maxsize=4)
def _index(file, time):
    """Two dicts: code -> Language as written, and plain name -> Languages; what stands further up here wins over what follows."""
    # A variety comes after its language, so that eng is English before Simple English, and jav Javanese before Banyumasan.
    languages = sorted(_load(file, time), key=lambda language: "-" in language.tag)
    codes = {language.code: language for language in languages}
    for language in languages:
        for code in (language.dbname, language.iso639_3, language.tag):
            codes.setdefault(code, language)
    names = {}
    for own in (lambda one: [one.code], lambda one: [one.name], lambda one: [one.autonym]):
        _add(names, languages, own)
    for code, language in codes.items():
        names.setdefault(plain(code), [language])
    _add(names, languages, lambda one: one.also.split("; "))
    names.pop("", None)
    return codes, names


def _add(names, languages, own):
    """Add the names that no stronger kind of name has taken; two languages may share one here."""
    new = {}
    for language in languages:
        for name in {plain(name) for name in own(language)}:
            new.setdefault(name, []).append(language)
    for name, found in new.items():
        names.setdefault(name, found)


# ---------------------------------------------------------------- a newer list

def refresh(contact, base_url=SITES, fetch=None):
    """Ask Wikimedia which Wikipedias are open now, keep that list in the team's data folder, and give the new table.

    `contact` is the team's e-mail or web address. `fetch(url, params)` gives the answer as a dict; by default it is asked with requests.
    What the table knows of a language (script, BBC service, names) is kept. Raises NeedsFixing, and changes nothing, when there is no
    contact, no proper answer, or a list so short that it cannot be whole.
    """
    if not address(contact):
        raise NeedsFixing(f"the contact is {contact!r}; give your team's e-mail or web address, which Wikimedia asks of every program")
    fetch = fetch or functools.partial(_fetch, address(contact))
    params = {"action": "sitematrix", "smtype": "language", "format": "json", "formatversion": 2}
    found = [one for answer in answers(fetch, base_url, params) for one in parse(answer)]
    if not found:
        raise NeedsFixing(f"{base_url} lists no open Wikipedia; check the address, the old table stays as it is")
    if len(found) < WHOLE * len(_languages()):
        raise NeedsFixing(f"{base_url} lists {len(found):,} open Wikipedias, and the table has {len(_languages()):,} of them, so the list cannot be whole; try again later, the old table stays as it is")
    store.write([asdict(language) for language in merge(found, [*_shipped(), *_languages()])], _refreshed())
    return table()


def merge(found, known):
    """Languages for what `parse` found: a known one keeps all but its code and direction, a new one is filled in as well as can be."""
    by_dbname = {language.dbname: language for language in known}
    merged = {}
    for row in found:
        old = by_dbname.get(row["dbname"])
        merged[row["dbname"]] = _renewed(old, row) if old else _new(row)
    return sorted(merged.values(), key=lambda language: language.code)


def _renewed(old, row):
    known = {row["code"], old.name, old.autonym, old.iso639_3, old.tag}
    also = several([*old.also.split("; "), old.code, row["name"], row["autonym"]], known)
    return replace(old, code=row["code"], direction=row["direction"], also=also)


def _new(row):
    first = next((letter for letter in row["autonym"] if letter.isalpha()), " ")
    script = SCRIPTS.get(unicodedata.name(first, "").split(" ")[0], "")
    iso = row["code"] if re.fullmatch("[a-z]{3}", row["code"]) else ""
    return Language(**row, also="", iso639_3=iso, tag=row["code"], script=script)


def _fetch(contact, url, params):
    import requests

    try:
        answer = requests.get(url, params=params, headers={"User-Agent": agent(contact)}, timeout=60)
    except requests.RequestException as error:
        what = type(error).__name__
        raise NeedsFixing(f"{url} cannot be reached ({what}); the old table stays in use, try again with a network") from error
    if answer.status_code != 200:
        when = f"in {answer.headers['Retry-After']} seconds" if "Retry-After" in answer.headers else "later"
        raise NeedsFixing(f"{url} answered HTTP {answer.status_code}; try again {when}, the old table stays in use")
    try:
        return answer.json()
    except ValueError as error:
        raise NeedsFixing(f"{url} did not answer with JSON; check the address, the old table stays in use") from error
