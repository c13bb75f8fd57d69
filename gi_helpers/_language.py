"""Whether a text is in the language it should be in.

    >>> judge = Judge("yo")
    >>> judge("Ìbàdàn jẹ́ ìlú ńlá kan ní gúúsù ìwọ̀-oòrùn Nàìjíríà."), judge("Ibadan is a large city in the south west of Nigeria.")
    (('', ''), ('wrong language', 'reads as English'))

py3langid knows 140 languages and is asked only to choose between the likely ones: 97 % right on sentences of six Yoruba words instead of 88 %
without tone marks. Nigerian Pidgin reads as English in one sentence of ten, so there that verdict is a note, not a reason. For a language that
py3langid does not know it may choose among all: such texts read as one of their relatives, and English ones surely as English. They are also
judged by their script and by how often the commonest letter groups of the team's own texts turn up.
"""
from collections import Counter
from statistics import median

import regex

from . import languages

FEWEST_WORDS = 6
SURE = 0.7     # of 1,500 real Yoruba sentences this flags 2.4 %, nearly all of them English; of 1,400 English ones it misses 0.2 %
ALWAYS = ("en", "fr", "es", "pt", "ar")
NEIGHBOURS = (
    ("yo", "ha", "ig"), ("sw", "rw", "lg", "so", "om"), ("am", "om", "so"), ("zu", "xh", "st", "nso", "sn", "af"), ("ln", "kik", "sw", "rw"),
    ("ru", "uk", "be", "bg", "kk", "ky", "tg", "tt", "ba", "mn"), ("hi", "mr", "ne", "sa", "gom"), ("id", "ms", "jv", "tl", "ace", "bcl"),
    ("fa", "ps", "ur", "ku", "sdh", "ug"), ("bn", "as"), ("zh", "yue", "wuu", "ja"), ("tr", "az", "tk", "uz", "crh"), ("de", "nl", "lb", "fy"),
    ("sv", "da", "no", "nn", "fo", "is"), ("it", "vec", "lij", "ca", "oc", "gl"), ("cs", "sk", "pl", "sl"), ("hr", "bs", "sr", "mk"),
)
# Too alike to leave a text out for; such a verdict is only a note.
TWINS = ({"pcm", "en"}, {"no", "nn", "da"}, {"hr", "bs", "sr"}, {"id", "ms"}, {"zh", "yue", "wuu"}, {"pt", "gl"}, {"es", "gl", "ext", "an", "ca"}, {"xh", "zu"},
         {"cs", "sk"}, {"ar", "ary", "arz"}, {"fr", "wa", "gcf", "gcr", "ht"}, {"de", "lb"}, {"tt", "ba"}, {"tr", "az"}, {"en", "simple"},
         {"jam", "en"}, {"srn", "en"}, {"bi", "en"}, {"tpi", "en"}, {"pih", "en"}, {"sco", "en"}, {"kri", "en"}, {"pap", "es", "pt"}, {"lad", "es"}, {"frp", "fr"})
ONE_WAY = {"pcm": ("yo", "ha", "ig")}  # and not the other way: with Pidgin among the choices English is missed
OTHER_LABELS = {"ff": "fuv", "ki": "kik", "gn": "gug", "simple": "en", "ckb": "sdh", "tw": "tw", "fat": "fat", "nb": "no", "zh-yue": "yue", "als": "de"}
MIXTURES = {"Jpan": ("Han", "Hiragana", "Katakana"), "Kore": ("Hangul", "Han"), "Hans": ("Han",), "Hant": ("Han",), "Hani": ("Han",)}
# Languages that people write in more scripts than the one of their Wikipedia's name; texts in these are their own, too.
ALSO = {
    "sr": "Cyrl Latn", "sh": "Cyrl Latn", "bs": "Cyrl Latn", "uz": "Latn Cyrl Arab", "az": "Latn Cyrl Arab", "kk": "Cyrl Latn Arab", "ky": "Cyrl Arab", "tt": "Cyrl Latn",
    "tk": "Latn Cyrl Arab", "crh": "Latn Cyrl", "tg": "Cyrl Arab", "mn": "Cyrl Mong", "ro": "Latn Cyrl", "ku": "Latn Arab Cyrl", "diq": "Latn Arab", "ckb": "Arab Latn",
    "ug": "Arab Latn Cyrl", "pa": "Guru Arab", "pnb": "Arab Guru", "sd": "Arab Deva", "ks": "Arab Deva", "ms": "Latn Arab", "ace": "Latn Arab", "bjn": "Latn Arab",
    "ha": "Latn Arab", "ff": "Latn Adlm Arab", "wo": "Latn Arab", "bm": "Latn Nkoo", "nqo": "Nkoo Latn", "so": "Latn Arab", "om": "Latn Ethi", "kab": "Latn Tfng",
    "shi": "Latn Tfng Arab", "zgh": "Tfng Latn", "gom": "Deva Latn Knda", "sat": "Olck Latn Deva Beng", "mni": "Mtei Beng", "iu": "Cans Latn",
    "cr": "Cans Latn", "chr": "Cher Latn", "jv": "Latn Java", "su": "Latn Sund", "ban": "Latn Bali", "bug": "Bugi Latn", "lad": "Latn Hebr",
    "za": "Latn Hani", "vi": "Latn Hani", "zh-min-nan": "Latn Hani", "cdo": "Latn Hani", "hak": "Latn Hani", "sa": "Deva Latn", "pi": "Deva Latn",
    "dga": "Latn Arab", "mad": "Latn Arab", "min": "Latn Arab", "hif": "Latn Deva", "rmy": "Latn Cyrl",
}
LETTER = regex.compile(r"\p{L}")
WORD = regex.compile(r"[\p{L}\p{M}]+")
COMMON, SHORT = 300, 60
SAMPLE, OFTEN = 200, 0.3  # where that share of a team's own texts reads as another language, that language says nothing


class Judge:
    """Judges texts of one language; `profile` (of `profile(texts)`) is needed where py3langid does not know it, see `known`."""

    def __init__(self, code, profile=None):
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        self.language, self.profile = languages.find(code), profile
        self.identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self.label = label(self.language, self.identifier.labels)
        self.identifier.set_languages(self._choices(self.identifier.labels))
        self.own = self._own(profile["sample"]) if profile and not self.label else ()
        self.scripts = scripts(self.language)
        self.inside = _inside(self.scripts)

    def _choices(self, labels):
        """The languages that a text may turn out to be in."""
        if not self.label:
            return [name for name in labels if name != "pcm"]  # it takes English texts for its own
        likely = {self.label, *ALWAYS, *ONE_WAY.get(self.label, ())}
        likely.update(name for group in NEIGHBOURS if self.label in group for name in group)
        return sorted(likely & set(labels))

    def _own(self, sample):
        tally = Counter(self.identifier.classify(piece)[0] for piece in sample)
        return {name for name, number in tally.items() if number >= OFTEN * len(sample)}

    def __call__(self, text):
        """(reason, note): both empty when all is well or the text is too short to tell, reason 'wrong language', or a note alone."""
        piece = _piece(text)
        found = WORD.findall(piece)
        if len(found) < FEWEST_WORDS and len(LETTER.findall(piece)) < SHORT:
            return "", ""
        letters = len(LETTER.findall(piece))
        if letters and len(self.inside.findall(piece)) < letters / 2:
            return "wrong language", f"not written in the script {' or '.join(self.scripts)}"
        return self._known(piece) if self.label else self._unknown(piece, letters)

    def _known(self, piece):
        best, sure = self.identifier.classify(piece)
        return ("", "") if best == self.label or sure < SURE else self._foreign(best, self.label)

    def _foreign(self, best, own):
        alike = any({best, own} <= twins for twins in TWINS)
        return "" if alike else "wrong language", f"reads as {_name(best)}"

    def _unknown(self, piece, letters):
        best, sure = self.identifier.classify(piece)
        if best in ALWAYS and sure >= SURE:
            # Where most texts read so it may be a creole, or the wrong texts: a person must look.
            return ("", f"reads as {_name(best)}") if best in self.own else self._foreign(best, self.language.code)
        if self.profile and letters >= SHORT and _likeness(piece, self.profile["common"]) < self.profile["least"]:
            return "wrong language", f"unlike the other texts{', reads as ' + _name(best) if sure >= SURE else ''}"
        return "", ""


def scripts(language):
    """The codes of the scripts that a language is written in."""
    return ALSO.get(language.code, language.script).split()


def _inside(codes):
    """A letter of one of the scripts."""
    return regex.compile("[" + "".join(rf"\p{{Script={name}}}" for code in codes for name in MIXTURES.get(code, (code,))) + "]")


def label(language, labels):
    """What py3langid calls a language, or None."""
    names = (OTHER_LABELS.get(language.code), language.code, language.tag, language.iso639_3)
    return next((name for name in names if name in labels), None)


def profile(texts, code):
    """The commonest groups of three letters of a team's own texts, and how many of them a text must at least have; None for fewer than 20 texts."""
    inside = _inside(scripts(languages.find(code)))
    pieces = [piece for piece in map(_piece, texts) if len(inside.findall(piece)) >= SHORT]
    if len(pieces) < 20:
        return None
    tally = Counter()
    for piece in pieces:
        tally.update(set(_threes(piece)))  # each text once, so that one long foreign text does not weigh much
    common = [three for three, _ in tally.most_common(COMMON)]
    usual = median(_likeness(piece, set(common)) for piece in pieces)
    return {"common": set(common), "least": usual / 2, "sample": pieces[::max(1, len(pieces) // SAMPLE)]}


def _piece(text):
    """At most 500 characters, of two places: what a verdict needs, in a third of the time."""
    if len(text) <= 500:
        return text
    start, middle = len(text) // 8, len(text) // 2
    return text[start:start + 250] + " " + text[middle:middle + 250]


def _threes(text):
    text = f" {' '.join(WORD.findall(text.lower()))} "
    return [text[place:place + 3] for place in range(len(text) - 2)]


def _likeness(text, common):
    threes = _threes(text)
    return sum(three in common for three in threes) / max(1, len(threes))


def _name(code):
    names = {"en": "English", "fr": "French", "es": "Spanish", "pt": "Portuguese", "ar": "Arabic", "pcm": "Nigerian Pidgin"}
    try:
        return names.get(code) or languages.find(code).name
    except Exception:  # a label that no Wikipedia has
        return code
