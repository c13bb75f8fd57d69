"""Which pages of a wiki stay, and why the others do not; part of wiki_scrape.

    >>> english_share("This is the house of the man who was in the town, and it is old. It has the name of the river that is near.")
    1.0
    >>> first = skeleton("Ástẹ́rọ́ìdì 101", "Ástẹ́rọ́ìdì 101 jẹ́ plánẹ́tì kékeré. Wọ́n ṣàwárí rẹ̀ ní ọdún 1991.")
    >>> first == skeleton("Ástẹ́rọ́ìdì 120", "Ástẹ́rọ́ìdì 120 jẹ́ plánẹ́tì kékeré. Wọ́n ṣàwárí rẹ̀ ní ọdún 2010.")
    True
"""
import re
from functools import lru_cache

from ._prose import UNSPACED, word_count

# The commonest words of English, without those that Pidgin, Dutch or German share with it in great numbers.
ENGLISH = frozenset("the of and was were is are that which with from by his her their its has have had been this these as at be an or it he she they not "
                    "but who when also for to in on".split())
CLEAR = frozenset("the was were which their been".split())  # one of these must be there
ALIKE = {"en", "simple", "sco"}  # wikis whose language is English or nearly
REPEATED = "near-identical stub"
MOSTLY = 2 / 3                   # of the words; what is half and half is for people to judge
REDIRECT = re.compile(r"\s*#[^\s#*:\[\]]+\s*:?\s*\[\[[^\[\]\n]+\]\]\s*(?:\[\[[^\[\]\n]+\]\]\s*|\{\{[^{}]*\}\}\s*)*\Z")  # the word for it is each wiki's own
STUB_WORDS = 60                  # longer texts are never taken for a bot's stub


@lru_cache
def _word():
    import regex

    return regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*|[.!?]")


def words(text):
    """The words of a text, with their marks; sentence ends are no words."""
    return [word for word in _word().findall(text) if word not in ".!?"]


def english_share(text):
    """The share (0-1) of a text's words that stand in English sentences."""
    if sum(text.count(f" {word} ") for word in CLEAR) < len(text) / 1500:  # most texts hold no English at all, and this is soon seen
        return 0.0
    total, english = len(UNSPACED.findall(text)) // 2, 0  # there a run of many words looks like one
    for part in _parts(text):
        total += len(part)
        if len(part) >= 5 and sum(word in ENGLISH for word in part) >= 0.2 * len(part) and any(word in CLEAR for word in part):
            english += len(part)
    return english / total if total else 0.0


def _parts(text, least=8):
    """The sentences of a text as lists of words in small letters; short ones join the next, because a few words say nothing about a language."""
    for paragraph in text.split("\n"):
        part = []
        for word in _word().findall(paragraph.lower()):
            if word not in ".!?":
                part.append(word)
            elif len(part) >= least:
                yield part
                part = []
        if part:
            yield part


def skeleton(title, text):
    """What a text shares with its bot-written brothers: its words without numbers, names and the title. None for a text of its own."""
    if text.count(" ") > 2 * STUB_WORDS:
        return None
    found = _word().findall(text)
    if not 3 <= len(found) <= STUB_WORDS:
        return None
    own, bare, first = {word.lower() for word in words(title)}, [], True
    for word in found:
        changes = any(letter.isdigit() for letter in word) or word.lower() in own or word[0].isupper() and not first
        first = word in ".!?"
        if not changes:
            bare.append(word.lower())
        elif not bare or bare[-1] != "#":
            bare.append("#")
    return " ".join(bare) if sum(word != "#" and word not in ".!?" for word in bare) >= 3 else None


class Choice:
    """The filters, in one place. Pages that were `given` by their titles are wanted as they are: only what has no text is left out."""

    def __init__(self, min_words=5, given=False, language=""):
        self.min_words, self.given, self.language, self.families = min_words, given, language, set()

    def learn(self, title, text):
        """A page that stays already: its brothers are left out."""
        self.repeated(skeleton(title, text))

    def before(self, page, main_page=""):
        """The reason to leave a page out by what the API says about it, or ""."""
        if page.get("missing") or page.get("invalid") or page.get("special"):
            return "no such page"
        if page.get("redirect"):
            return "redirect"
        if "disambiguation" in page.get("pageprops", {}):
            return "disambiguation"
        if page.get("title") == main_page and not self.given:
            return "main page"
        slot = (page.get("revisions") or [{}])[0].get("slots", {}).get("main", {})
        if slot.get("contentmodel", "wikitext") != "wikitext":
            return "no wikitext"
        if "content" not in slot:
            return "text is hidden"
        return "redirect" if REDIRECT.match(slot["content"]) else ""  # to itself in the end, so that the wiki could not follow it

    def after(self, paragraphs, listed):
        """The reason to leave a page out by its text and its number of list items and table rows, or ""."""
        text = "\n".join(paragraphs)
        count = word_count(text)
        if not count or not any(map(str.isalnum, text)):
            return "only a list or table" if listed else "empty"
        if self.given:
            return ""
        if listed >= 3 and count < min(50, 2 * listed):
            return "only a list or table"
        if count < self.min_words:
            return "too short"
        if self.language not in ALIKE and english_share(text) >= MOSTLY:
            return "mostly English"
        return ""

    def repeated(self, family):
        """Has a page with the skeleton `family` stayed already? If not, this one does."""
        if not family or self.given:
            return False
        known = hash(family) in self.families
        self.families.add(hash(family))
        return known
