"""What is wrong with an answer beside its question or its source, and what should not be in any training file. Part of `check`.

    >>> answer("Abuja ni.", "abuja ni", "abuja ni")[0][:2]
    ('L09', 'E')
    >>> privacy("E-mail: ada@example.org")
    [('P01', '', 'an e-mail address: ad…')]
"""
import functools
import re

import regex

from ._checkcodes import excerpt
from ._duplicates import without_marks, words

REFUSALS = ("i'm sorry, but", "i am sorry, but", "i cannot", "i can't", "i can not", "i'm unable to", "i am unable to", "i'm not able to", "i do not have access",
            "i don't have access", "sorry, i can", "i apologize, but", "unfortunately, i can")
META = regex.compile(r"\bas an? (?:\w+ )?(?:ai|artificial intelligence|language model)\b|\b(?:large |ai )language model\b|\bmy (?:training data|knowledge cutoff)\b|\bas an ai\b|"
                     r"\btrained by (?:openai|google|anthropic|meta)\b|\[practice\]", regex.IGNORECASE)
PREAMBLE = regex.compile(r"^\s*(?:here(?:'s| is| are) (?:the|your|a|an)\b[^.\n]{0,60}:|(?:sure|certainly|of course)[,!][^\n]{0,80}[:!]|translation\s*:|translated text\s*:|answer\s*:|"
                         r"```|note\s*:\s*(?:i|the translation)\b|(?:in|into) \p{Lu}\w+\s*:)", regex.IGNORECASE)
PREAMBLES = ("here", "sure", "certainly", "of course", "translat", "answer", "```", "note", "in")
META_SIGNS = ("language model", " ai", "training data", "knowledge cutoff", "trained by", "artificial", "[practice]")
SIGNS = frozenset("“”„«»‹›–—…•·‚‘’")  # without them most folded Latin texts are ASCII, which is quick to take apart
SHORT_REFUSAL = 14   # words; a longer answer that begins like a refusal says more than that
DIGITS = re.compile(r"\d[\d\s().-]{7,}\d")
MAIL = re.compile(r"[\w.+-]{2,}@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
PHONE = re.compile(r"(?<![\w.,-])(?:\+|00)\d{1,3}[\s().-]*\d(?:[\s().-]*\d){6,12}(?![\w])|(?<![\w.,-])0[789][01]\d[\s-]?\d{3}[\s-]?\d{4}(?!\w)"
                   r"|(?<![\w.,-])0\d{2,3}[\s-]\d{3}[\s-]?\d{3,4}(?![\w])")
ID = re.compile(r"(?<![\w.,+-])\d{11}(?![\w]|[.,]\d)")
CARD = re.compile(r"(?<![\w.,-])\d(?:[ -]?\d){12,18}(?![\w]|[.,-]\d)")
SECRET = re.compile(r"(?<![A-Za-z0-9])(?:sk-(?:proj-|ant-|or-|svcacct-)?[A-Za-z0-9_-]{16,}|hf_[A-Za-z0-9]{16,}|AKIA[0-9A-Z]{16}|gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|"
                    r"AIza[\w-]{30,}|xox[abprs]-[\w-]{10,}|glpat-[\w-]{18,})|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----")
# Folded words (see `plain`): English, Pidgin, Yoruba, Hausa, Igbo, Swahili, French.
HEALTH = frozenset("""hiv aids cancer diabetes diabetic tuberculosis hepatitis pregnant pregnancy abortion epilepsy epileptic depression schizophrenia diagnosed diagnosis
patient patients hospitalised hospitalized surgery leukemia stroke aarun kansa daji aisan ciwon sukari oria ukimwi saratani kisukari sida""".split())
NAMES = regex.compile(r"(?<!^)(?<![.!?:]\s)\b\p{Lu}[\p{Ll}\p{M}]+\s+\p{Lu}[\p{Ll}\p{M}]+")
TITLE = regex.compile(r"\b(?:mr|mrs|miss|dr|alhaji|alhaja|chief|mallam|malam|mazi|ọgbẹ́ni|arábìnrin|ìyáàfin)\.?\s+\p{Lu}", regex.IGNORECASE)
NUMBER = regex.compile(r"\p{Nd}+(?:[.,]\p{Nd}+)*")
ADDRESS = regex.compile(r"https?://[^\s<>\"')\]]+|www\.[^\s<>\"')\]]+")
COPIED = 0.9


def answer(said, question, reply, refusals=()):
    """L09 and L10 of an answer; `question` and `reply` (of `plain`) are folded, and so are `refusals`, the phrases of the language's sheet."""
    found = []
    if question and reply == question:
        found.append(("L09", "E", f"question and answer are the same: {excerpt(said)}"))
    elif reply.startswith(question) and len(question.split()) >= 3 and reply[len(question):][:1] == " ":
        found.append(("L09", "", f"the answer begins with the question: {excerpt(said)}"))
    if refused(said, reply, refusals):
        found.append(("L10", "", f"a refusal or words about the task: {excerpt(said)}"))
    return found


def plain(text):
    """A text for comparing: small letters without marks, apostrophes and punctuation, single spaces."""
    return folded(text)[0]


def folded(text):
    """(`plain` of a text, marks per letter after NFD, letters): 0.41 marks are usual for Yoruba, 0.00 for English."""
    bare, taken = without_marks(text)
    if not bare.isascii():
        for sign in SIGNS.intersection(bare):
            bare = bare.replace(sign, " ")
    result = " ".join(words(bare))
    letters = len(result) - sum(map(result.count, " 0123456789"))
    return result, (taken / letters if letters else 0.0), letters


def refused(said, reply, refusals):
    """Whether a text is a refusal, speaks of itself as a model, or begins with words to the one who ordered it."""
    start = said[:200].lower().replace("’", "'").lstrip(" \"'“*\n")
    if start.startswith(REFUSALS) or start.startswith(PREAMBLES) and PREAMBLE.search(start):
        return True
    low = said.lower()
    if any(sign in low for sign in META_SIGNS) and META.search(said):
        return True
    return reply.startswith(refusals) and len(reply.split()) <= SHORT_REFUSAL


@functools.lru_cache(8)
def phrases(language):
    """The folded refusals of a language's sheet."""
    from ._sheets import sheet

    found = sheet(language)
    told = [*found.get("refusals", ()), *filter(None, [found.get("refusal")])]
    return tuple(map(plain, told))


def privacy(text, listed=()):
    """P01, P02 and P04 of a text; what was found is not repeated whole. `listed` are its folded words."""
    found = []
    if ("-" in text or "_" in text or "AK" in text or "AI" in text) and (secret := SECRET.search(text)):
        found.append(("P02", "", f"a secret key: {secret[0][:5]}… ({len(secret[0])} characters)"))
    if "@" in text and (mail := MAIL.search(text)):
        found.append(("P01", "", f"an e-mail address: {mail[0][:2]}…"))
    if DIGITS.search(text):
        found += _numbers(text)
    if not HEALTH.isdisjoint(listed) and (name := NAMES.search(text) or TITLE.search(text)):
        found.append(("P04", "", f"{next(word for word in listed if word in HEALTH)!r} beside a name: {excerpt(text, name.start())}"))
    return found


def _numbers(text):
    text = ADDRESS.sub(" ", text)
    if card := next((one for one in CARD.finditer(text) if _luhn(one[0]) and not text[:one.start()].rstrip(" :").endswith("ISBN")), None):
        return [("P01", "", f"a card number: {card[0][:4]}…")]
    if phone := next((one for one in PHONE.finditer(text) if len(set(one[0]) & set("0123456789")) > 2), None):
        return [("P01", "", f"a telephone number: {phone[0][:5]}…")]
    if number := ID.search(text):
        return [("P01", "", f"a number of 11 digits, as on identity papers: {number[0][:3]}…")]
    return []


def _luhn(number):
    digits = [int(sign) for sign in number if sign.isdigit()]
    if len(set(digits)) < 2:  # 0000 0000 0000 0000 is no card
        return False
    double = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(double)) % 10 == 0


def source(said, english):
    """L14 and L15 of an answer that was translated from `english`."""
    found = []
    if likeness(said, english) > COPIED:
        found.append(("L14", "", f"the same as the English: {excerpt(said)}"))
    for what, pattern in (("address", ADDRESS), ("number", NUMBER)):
        there, here = _values(pattern, english), _values(pattern, said)
        if lost := sorted(there - here):
            found.append(("L15", "", f"the {what} {lost[0]} of the source is missing: {excerpt(said)}"))
        elif new := sorted(here - there):
            found.append(("L15", "", f"the {what} {new[0]} is not in the source: {excerpt(said)}"))
    return found[:2]


def _values(pattern, text):
    if pattern is NUMBER:
        # 3.5 and 3,5, or 1,000 and 1.000, are one number in two habits of writing.
        return {re.sub("[.,]", "", value) for value in pattern.findall(ADDRESS.sub(" ", text))}
    return {value.rstrip(".,;:!?") for value in pattern.findall(text)}


def likeness(one, other):
    """How much of two texts is the same, 0 to 1: shared groups of five letters, without case and marks."""
    mine, theirs = (_fives(plain(text)) for text in (one, other))
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def _fives(text):
    return {text[place:place + 5] for place in range(max(1, len(text) - 4))} if text else set()
