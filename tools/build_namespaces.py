"""Build data/namespaces.csv: what each Wikipedia calls, or once called, its pages for files, categories and templates.

    python tools/build_namespaces.py MEDIAWIKI/languages/messages

A dump names each namespace once only; pages still use its older names and those of the language's other script. They are facts about the
wikis, taken from the lists of names in the messages of MediaWiki (1.39.17 for the shipped table). No network is used.
"""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gi_helpers import languages, store

KINDS = {"FILE": "file", "CATEGORY": "category", "TEMPLATE": "template"}
NAMED = re.compile(r"NS_(FILE|CATEGORY|TEMPLATE)\s*=>\s*(?:'([^'\n]*)'|\"([^\"\n]*)\")")
ALIAS = re.compile(r"(?:'([^'\n]*)'|\"([^\"\n]*)\")\s*=>\s*NS_(FILE|CATEGORY|TEMPLATE)\b(?!_)")
FALLBACK = re.compile(r"^\$fallback\s*=\s*['\"]([^'\"]*)['\"]", re.M)


def main(folder):
    sources = {file.stem.removeprefix("Messages").replace("_", "-").lower(): file.read_text(encoding="utf-8") for file in Path(folder).glob("Messages*.php")}
    rows = []
    for language in languages.search():
        names = names_of(codes_of(language, sources), sources)
        if any(names.values()):
            rows.append({"code": language.code, **{kind: "; ".join(sorted(found)) for kind, found in names.items()}})
    store.write(sorted(rows, key=lambda row: row["code"]), store.HOUSE / "data" / "namespaces.csv")
    print(len(rows), "Wikipedias with names of their own")


def codes_of(language, sources):
    """The codes whose names a wiki may use: its own, those of its scripts and variants, and those that they fall back on; English is known anyway."""
    own = {language.code.replace("_", "-"), language.tag.lower()}
    codes = [code for code in sources if code in own or code.rpartition("-")[0] in own]
    for code in codes:
        found = FALLBACK.search(sources[code])
        codes += [other for other in re.split(r"\s*,\s*", found[1] if found else "") if other in sources and other not in codes]
    return [code for code in codes if code != "en"]


def names_of(codes, sources):
    names = {kind: set() for kind in KINDS.values()}
    for code in codes:
        found = [(kind, one or other) for kind, one, other in NAMED.findall(sources[code])]
        found += [(kind, one or other) for one, other, kind in ALIAS.findall(sources[code])]
        for kind, name in found:
            names[KINDS[kind]].add(name.replace("_", " "))
    return names


if __name__ == "__main__":
    main(sys.argv[1])
