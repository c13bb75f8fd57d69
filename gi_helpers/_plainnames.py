"""Names as they are compared: without marks, case and apostrophes; part of languages.

    >>> plain("Ọ̀yọ́-Ìbàdàn"), several(["Èdè", "ede", "Yorùbá"])
    ('oyo ibadan', 'Èdè; Yorùbá')
"""
import functools
import unicodedata

# Letters that do not fall apart into a plain letter and a mark, as people type them on a plain keyboard; the apostrophes go.
PLAIN = str.maketrans({
    "ɓ": "b", "ɖ": "d", "ɗ": "d", "đ": "d", "ð": "d", "ɛ": "e", "ǝ": "e", "ə": "e", "ƒ": "f", "ɣ": "g", "ħ": "h", "ı": "i", "ɩ": "i",
    "ƙ": "k", "ł": "l", "ŋ": "n", "ɲ": "n", "ɔ": "o", "ø": "o", "þ": "th", "ʊ": "u", "ʋ": "v", "ƴ": "y", "æ": "ae", "œ": "oe",
    "ي": "ی", "ى": "ی", "ك": "ک", **dict.fromkeys("'’‘ʼʻʿ`ꞌ"),
})


def plain(text):
    """A name as it is compared: small letters, no marks, no apostrophes, single spaces ('Ọ̀yọ́-Ìbàdàn' -> 'oyo ibadan')."""
    letters = unicodedata.normalize("NFKD", text.casefold()).translate(PLAIN)
    return " ".join("".join(map(_plain_letter, letters)).split())


@functools.cache
def _plain_letter(letter):
    kind = unicodedata.category(letter)
    if kind == "Mn":
        return ""
    return letter if kind[0] in "LN" or kind == "Mc" else " "  # Mc: the vowels of Indic scripts


def several(names, known=()):
    """Names joined by "; ", each once, without empty ones and those that `known` holds already."""
    seen, kept = {plain(name) for name in known}, []
    for name in names:
        if plain(name) and plain(name) not in seen:
            seen.add(plain(name))
            kept.append(name)
    return "; ".join(kept)
