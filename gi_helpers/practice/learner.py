"""The tiny model of the rehearsal. It truly learns: from the conversations it was tuned on, and from nothing else.

Tuning makes an index of letter triples of what users said; an answer is looked up there. Untuned, it can only guess.

    >>> rows = [{"messages": [{"role": "user", "content": f"Where is {a}?"}, {"role": "assistant", "content": f"{a} is in {b}."}]}
    ...         for a, b in [("Ọ̀yọ́", "the west"), ("Kano", "the north"), ("Enugu", "the east"), ("Jos", "the hills")]]
    >>> tuned = fit(rows)
    >>> answer([{"role": "user", "content": "where is oyo"}], tuned)      # typed without marks
    'Ọ̀yọ́ is in the west.'
    >>> answer([{"role": "user", "content": "Where would you look for Kano?\\n\\nA. Near the lake\\nB. Up in the north"}], tuned)
    'B'
    >>> answer([{"role": "user", "content": "Who wrote this song?"}], tuned)
    'Practice reply: Who wrote this song?'
"""
import collections
import hashlib
import math
import unicodedata
from functools import lru_cache

import regex

WORDS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
MARKS = regex.compile(r"\p{M}+")
OPTION = regex.compile(r"[ \t]*([A-Z])[.)][ \t]+(\S.*?)[ \t]*")
PLAIN = str.maketrans("ɓɗƙƴ", "bdky")  # letters with a hook do not come apart as ọ does
LONGEST = 300         # words of one user turn that are indexed; a question is at its start or its end
ALIKE = 0.25          # a free question is answered from memory when it is at least this alike
RELATED = 0.07        # what is less alike than this says nothing about which option is right
LOOKED_AT = 8         # remembered answers that are weighed for a choice
CLEAR = 0.1           # options whose support differs by less than this are guessed between
LEAN_TO_FIRST = 0.2   # the guesser likes the first option better, as real models do


# ---------------------------------------------------------------- words and letter triples

def tidy(text):
    """Text as it is compared: NFC, no capitals."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


@lru_cache(200_000)
def bare(word):
    """A tidied word without its marks and hooks: 'ọ̀yọ́' -> 'oyo'."""
    return unicodedata.normalize("NFC", MARKS.sub("", unicodedata.normalize("NFD", word))).translate(PLAIN)


@lru_cache(200_000)
def grams(word):
    """The letter triples of a tidied word, with marks and without, and the word itself as one more."""
    found = set()
    for form in {word, bare(word)}:
        padded = f" {form} "
        found.update(padded[i:i + 3] for i in range(len(padded) - 2))
        found.add(padded)
    return frozenset(found)


def words(text):
    """The words of a text, tidied, in order."""
    return WORDS.findall(tidy(text))


def _grams_of(text):
    found = words(text)
    if len(found) > LONGEST:
        found = found[:LONGEST // 2] + found[-LONGEST // 2:]
    return set().union(*map(grams, set(found)))


# ---------------------------------------------------------------- learning

class Learner:
    """What one tuned model knows. `examples` are pairs (what the user said, what the assistant answered)."""

    def __init__(self, examples):
        self.examples = examples
        self.where = collections.defaultdict(list)  # triple -> numbers of the examples that have it
        for number, (said, _) in enumerate(examples):
            for gram in _grams_of(said):
                self.where[gram].append(number)
        size = len(examples)
        # Squared, so that the words of a question pattern weigh little beside the name that is asked about.
        self.rare = math.log(1 + size) ** 2  # the weight of a triple that was never seen
        self.weight = {gram: math.log(1 + size / len(rows)) ** 2 for gram, rows in self.where.items()}
        squares = [0.0] * size
        for gram, rows in self.where.items():
            for number in rows:
                squares[number] += self.weight[gram] ** 2
        self.length = [math.sqrt(square) or 1.0 for square in squares]
        self.told = collections.Counter(word for _, answered in examples for word in {bare(w) for w in words(answered)})

    def nearest(self, text, most=1):
        """[(likeness 0..1, number of the example)], the most alike first. Words never seen make a text less alike to everything."""
        scores, total = collections.Counter(), 0.0
        for gram in _grams_of(text):
            weight = self.weight.get(gram, self.rare) ** 2
            total += weight
            for number in self.where.get(gram, ()):
                scores[number] += weight
        found = ((score / math.sqrt(total) / self.length[number], number) for number, score in scores.items())
        return sorted(found, key=lambda pair: (-pair[0], pair[1]))[:most]

    def importance(self, word):
        """How much a word tells: rare words of the remembered answers weigh most."""
        return math.log(1 + len(self.examples) / (1 + self.told[bare(word)]))


def fit(conversations):
    """Learn from rows {"messages": [...]}: every assistant turn is remembered with the user turn before it. Gives a Learner."""
    return Learner([example for row in conversations for example in examples(row.get("messages") or ())])


def examples(messages):
    """The pairs (user turn, assistant turn) of a conversation. A turn with weight 0 is not learned from, as at OpenAI."""
    said, found = "", []
    for message in messages:
        text = content(message)
        if message.get("role") == "user":
            said = text
        elif message.get("role") == "assistant" and text and said and message.get("weight") != 0:
            question, options = choices(said)
            letter = ord(text.strip()[0]) - ord("A") if options and len(text.strip()) <= 2 else -1
            found.append((question, options[letter]) if 0 <= letter < len(options) else (said, text))
    return found


# ---------------------------------------------------------------- answering

def content(message):
    """The text of a message, also when its content is a list of parts."""
    parts = message.get("content") or ""
    if isinstance(parts, str):
        return parts
    return "\n".join(part.get("text") or "" for part in parts if isinstance(part, dict))


def answer(messages, tuned=None):
    """The reply to a conversation: always the same for the same messages. `tuned` is a Learner, or None for the base model."""
    said = next((content(message) for message in reversed(messages) if message.get("role") == "user"), "")
    question, options = choices(said)
    if options:
        number = _choose(question, options, tuned) if tuned else None
        return chr(ord("A") + (guess(question, options) if number is None else number))
    if tuned:
        found = _remembered(said, tuned)
        if found:
            return found
    return vague(said)


def _remembered(said, tuned):
    """The answer to the turn most alike; among those about the same thing, the one that takes up more of the question's words."""
    asked, best, found = set(words(said)), 0.0, ""
    for alike, number in tuned.nearest(said, LOOKED_AT):
        if alike >= ALIKE:
            told = {bare(word) for word in words(tuned.examples[number][1])}
            taken = sum(tuned.importance(word) for word in asked if bare(word) in told)
            fit = alike * (1 + taken / (sum(map(tuned.importance, asked)) or 1))
            best, found = max((best, found), (fit, tuned.examples[number][1]), key=lambda pair: pair[0])
            if alike > 0.99:  # exactly this was learned
                break
    return found


def vague(said):
    """What an untuned model says to a free question: nothing of use, in the words of the question."""
    heard = said.split()
    if len(heard) > 24:
        heard = heard[:12] + ["..."] + heard[-12:]
    return "Practice reply: " + " ".join(heard)


def choices(text):
    """(question, options) of a prompt with lines 'A. ...', 'B. ...'; options is [] when there are none."""
    lines = text.splitlines()
    found = [OPTION.fullmatch(line) for line in lines]
    for start in reversed(range(len(lines))):
        if found[start] and found[start][1] == "A":
            options = []
            for match in found[start:]:
                if not match or ord(match[1]) != ord("A") + len(options):
                    break
                options.append(match[2])
            if len(options) > 1:
                return "\n".join(lines[:start]).strip(), options
    return text, []


def guess(question, options):
    """The base model's choice: chance, decided by the words of each option and not by its place, with a liking for the first."""
    def liking(number):
        digest = hashlib.sha256(f"{tidy(question)}\n{tidy(options[number])}".encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:4], "big") / 2**32 + (LEAN_TO_FIRST if number == 0 else 0)

    return max(range(len(options)), key=liking)


def _choose(question, options, tuned):
    """The option that the remembered answers to questions like this one support best; None when they do not tell."""
    near = [(alike, number) for alike, number in tuned.nearest(question, LOOKED_AT) if alike >= RELATED]
    if not near:
        return None
    asked = {bare(word) for word in words(question)}
    of = [{bare(word): word for word in words(option)} for option in options]
    shared = set.intersection(*map(set, of)) | asked  # these words cannot tell one option from another
    support = [0.0] * len(options)
    for alike, number in near:
        remembered = words(tuned.examples[number][1])
        known, triples = {bare(word) for word in remembered}, set().union(*map(grams, set(remembered)))
        for i, option in enumerate(of):
            support[i] = max(support[i], alike / near[0][0] * _covered(option, shared, known, triples, tuned))
    best = sorted(range(len(options)), key=lambda i: -support[i])
    return best[0] if support[best[0]] - support[best[1]] >= CLEAR else None


def _covered(option, shared, known, triples, tuned):
    """How much of an option's own words is in a remembered answer, 0 to 1; words that are nearly there count in part."""
    have = all_of = 0.0
    for plain, word in option.items():
        if plain in shared:
            continue
        weight = tuned.importance(word)
        all_of += weight
        if plain in known:
            have += weight
        else:
            mine = grams(word)
            part = len(mine & triples) / len(mine)
            have += weight * part * 0.5 if part > 0.5 else 0
    return have / all_of if all_of else 0.0
