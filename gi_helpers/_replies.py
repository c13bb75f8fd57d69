"""Which option did the model choose? Three rules; `workbook` is ours, the other two are those of a usual harness, for comparison.

A reply is "answered", "refused", "unparsed" or "empty"; only an answered one has an option's number.

    >>> options = ["Ó wá láti inú ọ̀rọ̀ méjì.", "Ó wá láti inú odò."]
    >>> [read_reply(reply, options, language="yo")[1] for reply in ("B", "(b)", "a.", "**B**", "Ìdáhùn: B", "Ó wá láti inú odò")]
    [1, 1, 0, 1, 1, 1]
    >>> [read_reply(reply, options, language="yo")[0] for reply in ("A tàbí B", "C", "", "N kò mọ̀.", "Bẹ́ẹ̀ ni")]
    ['unparsed', 'unparsed', 'empty', 'refused', 'unparsed']
    >>> [read_reply(reply, options, rule="first_letter")[1] for reply in ("A or B", "b", "I have no comment.")]
    [0, None, 8]
"""
import itertools
import unicodedata

import regex

from ._replywords import AGAINST, AND_OR, BECAUSE, CHOSEN, ELSEWHERE, FALSE, HEDGED, IS, SURE, VERBS, WORDS, bare, fold, fold_signs, named, negation, plain, refusals
from ._sheets import sheet
from .errors import NeedsFixing

RULES = ("workbook", "strict", "first_letter")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STRICT = regex.compile(r"\(?([A-Z])\)?[.):]?")
FIRST_LETTER = regex.compile(r"(?<![A-Za-z])[A-Z](?![A-Za-z])")
THOUGHT = regex.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)|\A.*</think(?:ing)?>", regex.DOTALL | regex.IGNORECASE)
WHOLE = regex.compile(r"[^\w+]*([A-Za-z])[^\w+]*")
LONGEST = 4000  # characters; the answer of a long reply is looked for at its start and at its end
WINDOW = 100    # characters around a letter that tell what it stands for
SHORT = 12      # words; in a short reply the one letter is the answer, wherever it stands
MOST = 24       # letters that are looked at, half of them the first and half the last: a reply that goes round in a loop says no more
DRESS = regex.compile(r"</?(?:b|i|u|em|strong|code|span|p|br|answer|final|response|choice|option)\b[^<>]{0,40}>|\\[a-z]*|[*_`$#{}]+|[\p{Cf}\ufe0f]")  # what markup puts around an answer
SQUARES = {code: 65 + (code - first) for first in (0x1F150, 0x1F170) for code in range(first, first + 26)}     # white letters on black, such as 🅱
# A letter by itself; Chinese, Japanese and Korean put no space beside it. Not "B12", "B's", "A+", "B-vitamins" or "U.S.A."; Turkish has "B'dir".
GLUED = r"[\p{L}\p{M}\p{N}_]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]"
LETTER = regex.compile(rf"(?V1)(?<![{GLUED}])(?<!\p{{L}}')(?<!\b[A-Za-z]\.)([A-Za-z])(?![{GLUED}])(?!\+(?!\s*[A-Z]\b))(?!-[\p{{L}}\p{{N}}])(?!'(?!d[iu]r\b)\p{{L}})(?!\.[A-Za-z]\b)")
WORDLIKE = "AEIOUYNM"  # letters that are words of some language, such as the English article
SENTENCE = regex.compile(r"(?<=[.!?။።።۔।。！？])\s+|\n")
# "A or B" in any language: one to three short words between two letters.
LISTED = regex.compile(r"(?:\s+(?:[\p{L}\p{M}]{1,5}|option|letter|answer|choice|pamoja)){0,3}\s+[(\[\"']*[A-Z](?![\p{L}\p{M}\p{N}'])")
AND_THEN = rf"[\s,]+(?i:{AND_OR})(?![-'\p{{L}}\p{{M}}])(?:[\s,]+[\p{{L}}\p{{M}}'-]+){{0,6}}?[\s,]+[(\[\"']*"
BOTH = regex.compile(rf"{AND_THEN}[A-Z](?![\p{{L}}\p{{M}}\p{{N}}'])")
BOTH_SMALL = regex.compile(rf"(?:{AND_THEN}|[\s,/&]+)[a-z](?![\p{{L}}\p{{M}}\p{{N}}'])")
# Cyrillic and Greek letters that look as A and B do, where no preposition stands: at the end of a line, or before a point or bracket at its start.
TWINS = regex.compile(r"(?<![\p{L}\p{M}\p{N}])[АВΑΒ](?=[^\p{L}\p{N}]*(?:\n|\Z)|[.):])")
ALPHABET = str.maketrans("АВΑΒ", "ABAB")
PREFIXED = regex.compile(r"(?<![\p{L}\p{M}])(ngu|ngo|nge|yi|ndi|ndu)(?=[A-Z](?![\p{L}\p{M}\p{N}]))")  # "nguB" of the Nguni languages: "it is B"
JOINED = regex.compile(r"\W*(?:(?!but\b|mais\b|pero\b|mas\b|aber\b|amma\b|lakini\b|sugbon\b|mana\b)[\p{L}\p{M}]{1,8}\W+){0,3}", regex.IGNORECASE)
ALIKE = regex.compile(r"\W*(?:(?:\s(?:or|nor|and|na|ati|tabi|da|ko|au|et|ou|y|o|e)\s)|&|/|,)\W*(?:option\W+|letter\W+)?", regex.IGNORECASE)


def read_reply(reply, choices, *, rule="workbook", language=None):
    """(state, index): which of `choices` (the options' texts, in the order shown) a reply chooses; index None when it does not choose one.

    rule "workbook" takes what people would take: a letter in any case, "(B)", "B.", "Answer: B" also in the language, or an option's text.
    "strict" and "first_letter" are a usual harness's; like it they may give the number of a letter that no option has.
    `choices` may be a dict of text to true or false: then the state of a choice is "correct" or "wrong" instead of "answered".
    """
    if rule not in RULES:
        raise NeedsFixing(f"no rule called {rule!r} for reading replies; choose one of {', '.join(RULES)}")
    reply = reply if isinstance(reply, str) else ""  # None and NaN are replies that never came
    texts = [str(choice) for choice in choices]
    if rule == "workbook":
        state, index = _workbook(reply, texts, language)
    else:
        found = STRICT.fullmatch(reply.strip()) if rule == "strict" else FIRST_LETTER.search(reply)
        index = LETTERS.index(found[found.lastindex or 0]) if found else None
        state = "answered" if found else "unparsed" if reply.strip() else "empty"
    if isinstance(choices, dict) and state == "answered":
        state = "correct" if index < len(texts) and list(choices.values())[index] else "wrong"
    return state, index


# ---------------------------------------------------------------- our own rule

def _workbook(reply, texts, language):
    lines = _lines(reply)
    if not lines:
        return "empty", None
    notes = sheet(language) if language else {}
    names, no = named(tuple(notes.get("answer_word", ()))), negation(notes.get("language"))
    text = "\n".join(lines)
    number = _exact(reply, texts, (fold_signs,))
    number = _exact(text, texts) if number is None else number
    if number is None:
        by_letter = _by_letter(_lettered(lines, len(texts)), len(texts), names, no)
        by_text = _by_text(lines, texts, names, no)
        number = by_text if by_letter is None else by_letter if by_text in (None, by_letter) else -1
        declined = refusals((*notes.get("refusals", ()), *filter(None, [notes.get("refusal")])))
        if number is None or (number >= 0 and by_letter is None):
            words = f" {fold(bare(text))} "
            if any(f" {phrase} " in words for phrase in declined):
                return "refused", None
    return ("answered", number) if number is not None and 0 <= number < len(texts) else ("unparsed", None)


def _lines(reply):
    """The lines of a reply that hold letters or numbers, without thoughts, markup and what cannot be seen."""
    text = reply[:LONGEST] + (" … " + reply[-LONGEST:] if len(reply) > 2 * LONGEST else reply[LONGEST:])
    text = DRESS.sub("", unicodedata.normalize("NFKC", THOUGHT.sub(" ", text).translate(SQUARES))).replace("’", "'")
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if WORDS.search(line) or "?" in line]


def _lettered(lines, count):
    """The lines with letters as they were shown: a look-alike of another alphabet is one where only two options leave no doubt which."""
    if count == 2:
        lines = [TWINS.sub(lambda found: found[0].translate(ALPHABET), line) for line in lines]
    return [PREFIXED.sub(r"\1-", line) for line in lines]


def _exact(text, texts, changes=(fold_signs, fold, lambda text: fold(bare(text)))):
    """The number of the option whose very text the reply is, with or without its letter; -1 when the letter is another option's."""
    for change in changes:
        said, options = change(text), [change(option) for option in texts]
        if said in options:
            return options.index(said) if options.count(said) == 1 else -1
        letter, _, rest = said.partition(" ")
        if len(letter) == 1 and letter in LETTERS.lower() and rest in options:
            named = LETTERS.lower().index(letter)
            return named if named < len(options) and options[named] == rest else -1
    return None


def _by_text(lines, texts, names, no):
    """The number of the option that the reply begins with, or names after a word such as "answer"; None when it is none, -1 when two."""
    whole, options = fold(bare(" ".join(lines))), [fold(bare(option)) for option in texts]
    if len(set(options)) < len(options) or "" in options:
        return None
    parts = [fold(part) for part in regex.split(rf"[.!?;:,。።।؟،\n]|\s[-–—]\s|\b(?:{BECAUSE})\b", bare("\n".join(lines)), maxsplit=1)]
    if len(parts) > 1 and len(parts[0].split()) <= 5 and ":" in lines[0] and not no.search(f"{parts[0]} ") and not FALSE.search(parts[0]):
        parts[0] = parts[1] if parts[1] in options else parts[0]  # "I choose: ..."
    first = parts[0]
    found = {number for number, option in enumerate(options) if option == first}
    for number, option in sorted(enumerate(options), key=lambda pair: -len(pair[1])):
        before = whole.removesuffix(option).rstrip() if f" {whole}".endswith(f" {option}") else ""
        if before and len(before.split()) <= 8 and names.search(before) and not no.search(f"{before} ") and not FALSE.search(before) and not found:
            found = {number}
    others = {number for number, option in enumerate(options) if len(option.split()) > 1 and f" {option} " in f" {whole} " and not any(option in options[one] for one in found)}
    return None if not found else found.pop() if others <= found else -1


class _Seen:
    """A letter that stands by itself in a line, and what it looks like there."""

    def __init__(self, found, line, names, no, short=False):
        self.letter, self.start, self.end, self.line = found[1].upper(), found.start(), found.end(), line
        before, after = line[max(0, self.start - WINDOW):self.start], line[self.end:self.end + WINDOW]
        first, last = not WORDS.search(line, 0, self.start), not WORDS.search(line, self.end)
        bracketed = regex.search(r"[(\[]\s*\Z", before) and regex.match(r"\s*[)\]]", after)
        self.short, self.hedged = short, bool(regex.search(rf"{HEDGED}\Z", before, regex.IGNORECASE))
        lead = regex.search(rf"(?:{names.pattern})(?:[\W_]+[\p{{L}}\p{{M}}']{{1,14}}){{0,5}}?[\W_]*(?:\p{{L}}{{1,3}}-)?\Z", before, regex.IGNORECASE)
        follow = regex.match(rf"[\W_]*\s(?:{IS})\s+(?:[\p{{L}}\p{{M}}']+\s+){{0,2}}?(?:{names.pattern})", after, regex.IGNORECASE)
        self.sure = bool(follow or (lead and not regex.search(r"[.!?።।。]\s+\S*\Z", lead[0])))
        self.opens = first and bool(regex.match(r"[\])'\"]*\s*(?:[.,:;)\]!]|\s[-–—]\s)", after))
        self.denied = bool(no.search(before) or AGAINST.match(after) or ELSEWHERE.search(before))
        if found[1].islower():
            colon = lead and regex.search(r"[:=]['\"(\[\s]*\Z|\b(?:is|option|choice|letter)\s+['\"(\[]*\Z", before, regex.IGNORECASE)
            marked = first and regex.match(r"\s*[.)\]:](?=\s|\Z)", after)
            self.counts = bool((first and last) or bracketed or marked or (colon and last) or (short and self._chosen(before, after, first, follow)))
        else:
            self.counts = self.letter not in WORDLIKE or bool(follow) or not _goes_on(after, self.letter)

    def _chosen(self, before, after, first, follow):
        """Does a small letter stand where a short reply names its choice? "i think b", "b is correct", "b, not a"; and not "a dog", or "ihe a" of Igbo."""
        ends = not regex.match(r"\s*['\")\]]*\s*[\p{L}\p{M}\p{N}]", after)
        said = regex.search(rf"{CHOSEN}\Z", before, regex.IGNORECASE)
        told = follow or regex.match(rf"\s+(?:{SURE})|\s+(?:option|answer)\b|[\s,]+i\s+(?:think|guess|believe)\b", after, regex.IGNORECASE)
        if self.letter in WORDLIKE:
            return bool((said and ends) or (first and (told or regex.match(r",\s", after))) or BOTH_SMALL.match(after))
        return bool(ends or told or BOTH_SMALL.match(after))


def _goes_on(after, letter):
    """Does a sentence go on after a letter, so that the letter is a word, as in "A dog" or "A ti dé"?"""
    if letter != "I" and (LISTED.match(after) or regex.match(rf"\s+(?:{VERBS})", after, regex.IGNORECASE)):  # "I think B": the pronoun
        return False
    letter = regex.match(rf"\s+(?:{SURE})|\s+(?:{IS})\W*\Z", after, regex.IGNORECASE) or BOTH.match(after)
    return bool(regex.match(r"\s+[\p{L}\p{M}']", after)) and not letter


def _by_letter(lines, count, names, no):
    """The number of the one letter that a reply gives; None when there is none, -1 when there are several."""
    plains = [plain(line) for line in lines]
    alone = {LETTERS.index(found[1].upper()) for line in (plains[0], plains[-1]) if (found := WHOLE.fullmatch(line))}
    if alone:  # a letter on a line of its own, and perhaps a line that explains it
        return alone.pop() if len(alone) == 1 else -1
    sentences = [sentence for line in plains for sentence in SENTENCE.split(line) if sentence]
    short = sum(len(WORDS.findall(line)) for line in plains) <= SHORT
    places = [(found, line) for line in plains for found in LETTER.finditer(line)]
    places = places if len(places) <= MOST else places[:MOST // 2] + places[-MOST // 2:]
    seen = [_Seen(found, line, names, no, short) for found, line in places]
    seen = [one for one in seen if one.counts]
    kept = _not_denied(_corrected(seen))
    sure = [one for one in kept if one.sure]
    if sure:
        letters = {one.letter for one in sure}
        if len(letters) > 1 or any(_together(one, other) for one in sure for other in kept if other.letter != one.letter):
            return -1
        return LETTERS.index(letters.pop())
    kept = [one for one in kept if LETTERS.index(one.letter) < count]
    letters = {one.letter for one in kept}
    if short or not letters:
        return None if not letters else LETTERS.index(letters.pop()) if len(letters) == 1 else -1
    if any(one.opens for one in kept if one.line is plains[0]):
        openers = {one.letter for one in kept if one.opens}
        first = next(one for one in kept if one.opens)
        return LETTERS.index(first.letter) if len(openers) == 1 and not any(_together(first, other) for other in kept if other.letter != first.letter) else -1
    if len(letters) == 1 and len(WORDS.findall(sentences[-1])) <= 6 and LETTER.search(sentences[-1]):
        return LETTERS.index(letters.pop())
    return -1 if len(letters) > 1 else None


def _corrected(seen):
    """The letters without one that was only thought possible and then corrected: "it could be A, but it is B"."""
    dropped = {id(one) for one, other in itertools.pairwise(seen) if one.hedged and not other.hedged and one.line is other.line
               and regex.match(r"\W*(?:but|however)\b", one.line[one.end:other.start], regex.IGNORECASE)}
    return [one for one in seen if id(one) not in dropped]


def _not_denied(seen):
    """The letters that are not denied; "neither A nor B" and "A and B are wrong" deny both."""
    pairs = [(one, other) for one, other in itertools.pairwise(seen) if one.line is other.line and ALIKE.fullmatch(one.line[one.end:other.start])]
    for one, other in [*pairs, *reversed(pairs)]:
        one.denied = other.denied = one.denied or other.denied
    return [one for one in seen if not one.denied]


def _together(one, other):
    """Do two letters stand side by side, as in "A or B"? """
    if one.line is not other.line:
        return False
    first, second = sorted((one, other), key=lambda seen: seen.start)
    between = one.line[first.end:second.start]
    return bool(JOINED.fullmatch(between)) and not regex.search(r"[.!?]\s", between)
