"""What is wrong with the letters and words of one text, whatever stands around it. Part of `check`.

    >>> Text("yo").findings("Ìbàdàn jẹ́ ìlú [[ńlá]] ní\\xa0gúúsù.", ["ibadan", "je"])
    [('L02', '', 'U+00A0 after "ní"'), ('L08', '', 'mark-up is left: Ìbàdàn jẹ́ ìlú [[ńlá]] ní gúúsù.')]
"""
import collections
import functools
import re
import unicodedata

import regex

from . import _repair, languages
from ._checkcodes import excerpt
from ._duplicates import words

# Words that make up a third of English, without those that other languages write alike (a, in, an, on, so, me, we, he, be).
ENGLISH = frozenset("""the of and to is was are were that this these those it its for with from by at as not which their they there his her she you your had has
have been being would could should will can when what who how why where but or if than then into about after before most some such only also because do does did
between through during while many""".split())
# Pidgin shares some of these with English, and many with everyday English; the rest sets the two apart.
NOT_PIDGIN = frozenset("the is are was were that this these those its their they his which has had been being would should does did".split())
THREES = frozenset("""the and ing her hat his tha ere for ent ion ter was you ith ver all wit thi tio ate est ers rea ill res con men ess eve rom fro pro com sta ons our
ave ine ted ted ear oul out nce per int ati nte der tin ive ati ght igh ore art one ain pre who ome ust ich hic whi hav hen
""".split())
# Words that only one of the languages that stand beside each other in a team's sources writes so; for files in languages of Africa.
OTHERS = {
    "French": frozenset("les des une est dans pour qui que avec sont cette aux ces pas mais elle".split()),
    "Hausa": frozenset("wannan kuma cikin suka wanda domin amma haka aka yana tana ake daga wasu ce".split()),
    "Igbo": frozenset("nke bụ ndị n'ime n’ime maka ihe mmadụ dị site kwa bụkwa n'ala ma ọ bụrụ".split()) - {"ma", "kwa", "ọ"},
    "Swahili": frozenset("katika hiki hii ambayo lakini baada watu pia huo ambao hicho kutoka".split()),
    "Yoruba": frozenset("tí ní àti ń sí wọ́n láti fún ṣe pé ọ̀kan jẹ́ àwọn".split())}
AFRICA = frozenset("yo ig ha pcm sw zu xh am so om rw lg ln tw ff wo sn ny st tn".split())
THIRD = 0.2  # of the words
ENGLISH_LIKE = 0.15
SHARE, DOUBT = 0.10, 0.05    # of English function words: certain, and worth a closer look
FOREIGN = 0.20
INVISIBLE = regex.compile("[\u00a0\u00ad\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\ufeff]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
WORD = regex.compile(r"[\p{L}\p{M}]+")
MARKUP = regex.compile(
    r"\[\[|\]\]|\{\{|\}\}|'{2,5}(?=\p{L})[^'\n]+'{2,5}|(?m:^={2,6}[^=\n]+={2,6}\s*$)|</?(?:ref|br|p|div|span|b|i|u|a|em|strong|small|sup|sub|table|tr|td|th|ul|ol|li|h[1-6]|"
    r"font|center|blockquote|code|pre|img|hr|nowiki|gallery|math|poem|big|tt)\b[^<>]*>|&(?:[a-zA-Z]{2,8}|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});|"
    r"(?<=[\p{L}\p{M}\p{P}\p{N}])\[\p{Nd}{1,3}\]|\[(?:edit|citation needed|\.\.\.)\]|\b(?:File|Image|Category):\p{L}|\|\s*thumb\s*\||__[A-Z]{3,}__")
MAYBE_MARKUP = frozenset("[]{}<&|'=_:")
# The end of a sentence that goes on: a letter, a comma, an open bracket, a dash.
UNFINISHED = regex.compile(r"[\p{L}\p{M},;:،፣\-–—(\[{/]")
UNMARKED = frozenset(["Thai", "Laoo", "Khmr", "Mymr", "Tibt", "Bali", "Java"])  # sentences need no sign at their end
FEWEST = 6                   # words, from which on an answer should be a sentence
# Scripts with letters that look alike, so that a foreign one inside a word is a slip of the keyboard or of a text recognition.
ALIKE = {"LATIN", "CYRILLIC", "GREEK", "CHEROKEE", "ARMENIAN", "COPTIC"}
NEUTRAL = {"MODIFIER", "MICRO", "FEMININE", "MASCULINE", "DOUBLE-STRUCK", "SCRIPT", "OHM", "KELVIN", "ANGSTROM", "SUPERSCRIPT", "MATHEMATICAL"}
SCIENCE = frozenset("μΩΔπλαβγθσφρεηω")
TOGETHER = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"}


class Text:
    """Judges texts of one language; `findings(text)` gives [(code, severity or "", message)]."""

    def __init__(self, language):
        self.language = languages.find(language)
        self.others = {name: known for name, known in OTHERS.items() if self.language.code in AFRICA and self.language.name.split()[-1] != name}
        self.english = None if self.language.code in ("en", "simple", "sco") else NOT_PIDGIN if self.language.code == "pcm" else ENGLISH

    def findings(self, text, listed):
        """The codes L01 to L05, L07, L08, L12 and L13 of one text; `listed` are its words, without marks (see `_checkanswers.folded`)."""
        found, signs = [], set(text)
        if not unicodedata.is_normalized("NFC", text):
            found.append(("L01", "", _uncomposed(text)))
        if not all(map(_plain, signs)):
            found += _hidden(text)
            if _repair.mojibake(text):
                place = _repair.MOJIBAKE.search(text).start()
                found.append(("L04", "", f"letters are broken: {excerpt(text, place)}"))
        found += self._scripts(text, signs)
        if text != text.strip():
            found.append(("L12", "", f"{excerpt(repr(text[:12] + ' … ' + text[-12:]), length=50)}"))
        if not MAYBE_MARKUP.isdisjoint(signs) and (left := MARKUP.search(text)):
            found.append(("L08", "", f"mark-up is left: {excerpt(text, left.start())}"))
        return found + self._other_language(text) + _again(listed)

    def _scripts(self, text, signs):
        kinds = {_script(sign) for sign in signs} - {""}
        if not kinds or kinds == {"LATIN"} and self.language.script == "Latn":
            return []
        if len(kinds & ALIKE) > 1:
            for word in WORD.findall(text):
                inside = {_script(sign) for sign in word} & ALIKE
                if len(inside) > 1 and SCIENCE.isdisjoint(word):
                    return [("L05", "E", f"{' and '.join(sorted(name.title() for name in inside))} letters in one word: {word[:40]}")]
        letters = collections.Counter(_script(sign) for sign in text)
        letters.pop("", None)
        allowed = _names_of(self.language.script)
        foreign = sum(count for name, count in letters.items() if name not in allowed)
        if allowed and foreign > FOREIGN * sum(letters.values()):
            name = max((name for name in letters if name not in allowed), key=letters.get)
            return [("L05", "", f"{foreign / sum(letters.values()):.0%} of the letters are {name.title()}: {excerpt(text)}")]
        return []

    def _other_language(self, text):
        listed = text.lower().split()
        if len(listed) >= FEWEST:
            several = set(listed)
            for name, known in self.others.items():
                if len(known & several) > 1 and (share := sum(map(known.__contains__, listed)) / len(listed)) > THIRD:
                    return [("L07", "", f"{share:.0%} of the words are {name}: {excerpt(text)}")]
        if not self.english or len(listed) < 4 or len(self.english.intersection(listed)) < 2:
            return []
        share = sum(map(self.english.__contains__, listed)) / len(listed)
        if share > SHARE and len(listed) >= FEWEST or share > 2 * SHARE:
            return [("L07", "", f"{share:.0%} English function words: {excerpt(text)}")]
        if share > DOUBT and len(listed) >= 2 * FEWEST and (english := _threes(listed)) > ENGLISH_LIKE:
            return [("L07", "", f"{english:.0%} of its letter groups are English: {excerpt(text)}")]
        return []


def _threes(listed):
    """The share of groups of three letters that are among the commonest of English."""
    found = [word[place:place + 3] for word in listed for place in range(len(word) - 2)]
    return sum(map(THREES.__contains__, found)) / len(found) if len(found) >= 20 else 0.0


def cut(text, script="Latn"):
    """Whether an answer ends in the middle; its last words, or ""."""
    end = text.rstrip()
    if not UNFINISHED.match(end[-1:]) or script in UNMARKED or len(words(end)) < FEWEST:
        return ""
    return end[-40:]


@functools.lru_cache(20_000)
def _plain(sign):
    """False for a sign that needs a closer look."""
    code = ord(sign)
    if code < 0x300:
        return not (code < 9 or 10 < code < 32 or 126 < code < 0xa1 or code == 0xad or sign in "ÃÂâáÌï")
    return not (INVISIBLE.match(sign) or sign == "\ufffd" or 0xd800 <= code < 0xe000 or sign in "€™œ")


@functools.lru_cache(20_000)
def _kind(sign):
    return unicodedata.category(sign)[0]


@functools.lru_cache(20_000)
def _script(sign):
    """The first word of a letter's name, such as LATIN; "" for what is no letter or belongs to many scripts."""
    if _kind(sign) != "L":
        return ""
    name = unicodedata.name(sign, "").partition(" ")[0]
    return "" if name in NEUTRAL else name.removesuffix("-HIRAGANA")


@functools.lru_cache(8)
def _names_of(script):
    """The names of letters that a language with this script (ISO 15924) writes."""
    if script in ("Hani", "Hans", "Hant", "Jpan", "Kore"):
        return TOGETHER
    found = {name for name, code in languages.SCRIPTS.items() if code == script}
    if not found:  # by a letter that belongs to it
        found = {_script(chr(code)) for code in range(0x250, 0x20000) if _kind(chr(code)) == "L" and regex.match(rf"\p{{Script={script}}}", chr(code))}
    return found - {""}


def _uncomposed(text):
    for word in text.split():
        if not unicodedata.is_normalized("NFC", word):
            return f"{word[:30]} is {len(word)} signs where {len(unicodedata.normalize('NFC', word))} would do"
    return "blanks or signs between the words are not composed"


def _hidden(text):
    found = []
    if _repair.JOINERS.search(text) or re.search("[\u00a0\u00ad\u180e\u2060-\u2064\u206a-\u206f\ufeff]", text):
        place = next(place for place, sign in enumerate(text) if INVISIBLE.match(sign))
        before = text[:place].split()
        found.append(("L02", "", f'U+{ord(text[place]):04X} after "{before[-1][-20:] if before else ""}"'))
    if sign := CONTROL.search(text):
        found.append(("L03", "", f"U+{ord(sign[0]):04X} in {excerpt(CONTROL.sub('', text), max(0, sign.start() - 1))}"))
    return found


def _again(listed):
    """Three words that come four times and more, and make up a seventh of the text."""
    if len(listed) < 12 or len(listed) - len(set(listed)) < 9:
        return []
    threes = collections.Counter(zip(listed, listed[1:], listed[2:], strict=False))
    three, times = threes.most_common(1)[0]
    if times >= 4 and 3 * times >= 0.15 * len(listed):
        return [("L13", "", f"{' '.join(three)!r} stands {times} times")]
    return []
