"""Watching over a run: does the site still look as it did, is the text in the right letters, what stands on every page?

    >>> share("Ọjà ń bẹ.", "Latn"), share("Базар", "Latn")
    (1.0, 0.0)
    >>> watch = Furniture()
    >>> for number in range(3):
    ...     watch.add(f"c{number}", ["Follow us everywhere.", f"Story number {number}."])
    >>> watch.without(["Follow us everywhere.", "Story number 2."])
    ['Story number 2.']
"""
import datetime
import hashlib
import re
from collections import Counter
from statistics import median

from ._newstext import bare, size

MIXTURES = {"Hani": ("Han",), "Hans": ("Han",), "Hant": ("Han",), "Jpan": ("Han", "Hiragana", "Katakana"), "Kore": ("Hangul", "Han")}
AGREE, SCRIPT, OFTEN = 0.9, 0.6, 3  # least agreement, least share of the expected script, on how many pages a paragraph is furniture
FEWEST, SHORTEST, OLDEST = 3, 300, 60  # paragraphs and characters of a story; days
# Furniture in the languages that pages all over the world carry; paragraphs on many pages are caught in any language.
KNOWN = re.compile(r"©|all rights reserved|not responsible for the content|enable javascript|cookie (policy|settings)|terms of (use|service)|skip (to|past) |"
                   r"(play|watch) video,? |^(share|copy) (this|link)|sign up (for|to) |subscribe to |^most read$|image (source|caption),|^advertisement$", re.I)
ORDER = ("green", "amber", "red")


def share(text, script):
    """The share of letters that are of a script (ISO 15924, such as "Latn", or several: "Latn Cyrl"); 1.0 without letters or expected script."""
    import regex

    letters = regex.findall(r"\p{L}", text)
    if not letters or not script:
        return 1.0
    try:
        own = regex.compile("[" + "".join(rf"\p{{Script={name}}}" for part in script.split() for name in MIXTURES.get(part, (part,))) + "]")
    except regex.error:  # a script that is not in Unicode yet
        return 1.0
    return sum(1 for letter in letters if own.match(letter)) / len(letters)


class Furniture:
    """Counts on how many pages each paragraph stands."""

    def __init__(self):
        self.pages = {}

    def add(self, page, paragraphs):
        """Count the paragraphs of a page; a page counts once, however often it is added."""
        for text in paragraphs:
            self.pages.setdefault(_mark(text), set()).add(page)

    def without(self, paragraphs, often=OFTEN):
        """The paragraphs that stand on fewer than `often` pages."""
        return [text for text in paragraphs if len(self.pages.get(_mark(text), ())) < often]


def without_furniture(rows, known=()):
    """Yield the text of each row, (id, text), without the paragraphs that stand on three or more of them, or in `known`."""
    counts = Furniture()
    for page in range(OFTEN):
        counts.add(("known", page), known)
    for number, text in rows:
        counts.add(number, text.split("\n\n"))
    for _, text in rows:
        yield "\n\n".join(counts.without(text.split("\n\n")))


def _mark(text):
    return hashlib.blake2b(bare(text.casefold()).encode(), digest_size=8).digest()


def judge(stories, *, script="", oldest=None, baseline=None, repeated=2, site=True):
    """What the canary says about some pages: {"state", "checks": [{"check", "state", "note"}], "sample", "figures"}.

    `stories` are Story objects, newest first. `oldest` is how many days old the newest may be (None: not checked), `baseline` the figures of
    an earlier green verdict, `repeated` on how many pages a paragraph must stand to count as repeated.
    `site` is False for pages that people saved: those may well be short, unless most of them gave no text at all.
    """
    good = [story for story in stories if story.paragraphs]
    checks = [_stories(stories, good)]
    if good:
        checks += [_ways(good), _agree(good), _length(good, site or 2 * len(good) <= len(stories)), _headlines(good), _dates(good, oldest), _script(good, script), _known(good), _repeats(good, repeated), _one_headline(good), _usual(good, baseline)]
    state = max((check["state"] for check in checks), key=ORDER.index)
    worst = next((check for check in checks if check["state"] == state), checks[0])
    return {"state": state, "checks": checks, "sample": _sample(worst.get("at") or (good or stories or [None])[0]), "figures": figures(good), "failed": "" if state == "green" else worst["check"]}


def all_foreign(stories, language):
    """The canary's red verdict on a run in which no story is in the language; `stories` are those that were left out for it."""
    reasons = Counter(story.reason.partition(";")[0] for story in stories).most_common(1)[0]
    note = f"none of the {len(stories)} stories is in {language.name} ({language.code}): {reasons[0]}" if len(stories) > 1 else f"the only story is not in {language.name} ({language.code}): {reasons[0]}"
    check = _check("language", True, False, f"{note}; check the language that you chose, or the pages", stories[0])
    return {"state": "red", "checks": [check], "sample": _sample(stories[0]), "figures": {}, "failed": "language"}


def figures(good):
    """The medians that later runs are compared with."""
    if not good:
        return {}
    return {"paragraphs": median(len(story.paragraphs) for story in good), "characters": median(sum(map(len, story.paragraphs)) for story in good),
            "methods": dict(Counter(story.method for story in good)), "blocks": dict(Counter(block for story in good for block in story.blocks if block).most_common(12))}


def _check(name, red, amber, note, at=None):
    return {"check": name, "state": "red" if red else "amber" if amber else "green", "note": note, "at": at}


def _most(bad, all_):
    """More than half of them, or the only ones."""
    return bool(bad) and 2 * len(bad) > len(all_)


def _stories(stories, good):
    broken = [story for story in stories if not story.paragraphs]
    note = f"{len(good)} of {len(stories)} pages hold a story" + (f"; others: {dict(Counter(story.page_type for story in stories if not story.paragraphs))}" if len(good) < len(stories) else "")
    return _check("pages are stories", not good or _most(broken, stories), bool(broken), note, (broken or stories or [None])[0])


def _ways(good):
    fallen, last = [story for story in good if story.method != "json"], [story for story in good if story.method == "generic"]
    note = "the story's data was found on the page" if not fallen else f"{len(fallen)} of {len(good)} pages carry no story data, so their text was read from the markup"
    if last:
        note += f"; {len(last)} of them by guessing where the text is"
    return _check("data on the page", False, _most(fallen, good) or bool(last), note, (last or fallen or [None])[0])


def _agree(good):
    apart = [story for story in good if story.agreement < AGREE]
    return _check("two ways of reading agree", _most(apart, good) and len(good) > 1, bool(apart), f"{len(apart)} of {len(good)} pages read differently in two ways", (apart or [None])[0])


def short(story):
    """Is there hardly any text for a story?"""
    return len(story.paragraphs) < FEWEST or sum(map(size, story.paragraphs)) < SHORTEST


def _length(good, strict):
    few = [story for story in good if short(story)]
    return _check("long enough", strict and _most(few, good), bool(few) and len(good) <= 3, f"{len(few)} of {len(good)} pages have fewer than {FEWEST} paragraphs or {SHORTEST} characters", (few or [None])[0])


def _headlines(good):
    bad = [story for story in good if not story.headline or story.title_differs]
    return _check("headline", _most(bad, good), bool(bad), f"{len(bad)} of {len(good)} pages have no headline, or another one in their data", (bad or [None])[0])


def _one_headline(good):
    headline, count = Counter(story.headline for story in good if story.headline).most_common(1)[0] if any(story.headline for story in good) else ("", 0)
    same = count >= OFTEN and 2 * count > len(good)  # the name of the site or of a section, not of a story
    note = f"{count} of {len(good)} pages have the same headline, {headline!r}" if same else "each story has a headline of its own"
    return _check("headlines differ", same, False, note, next(story for story in good if story.headline == headline) if same else None)


def _dates(good, oldest):
    missing = [story for story in good if not story.published]
    newest = max((story.published[:10] for story in good if story.published), default="")
    old = bool(oldest and newest and (datetime.date.today() - datetime.date.fromisoformat(newest)).days > oldest)
    # A site whose data we know gives the day; a small paper may print none, and then people look.
    lost = [story for story in missing if story.method == "json"]
    return _check("date", _most(lost, good), old or bool(missing), f"the newest is of {newest or 'no known day'}" + (f", {len(missing)} of {len(good)} have no date" if missing else ""), (missing or [None])[0])


def _script(good, script):
    wrong = [story for story in good if share(" ".join(story.paragraphs), script) < SCRIPT]
    # Such pages give no rows, so some of them do no harm; but where hardly any other comes, the choice of language or site is wrong.
    return _check("script", _most(wrong, good) and len(good) - len(wrong) < FEWEST, bool(wrong), f"{len(wrong)} of {len(good)} pages are mostly not in the script {script}" if script else "no script expected", (wrong or [None])[0])


def _known(good):
    seen = Furniture()
    for story in good:
        seen.add(story.url, story.paragraphs)
    # A line that stands on three pages or more never gets into a row.
    found = [story for story in good if any(KNOWN.search(text) and len(text) < 250 for text in story.paragraphs)]
    left = [story for story in found if any(KNOWN.search(text) and len(text) < 250 for text in seen.without(story.paragraphs))]
    return _check("no known furniture", len(left) > 1 and len(left) > len(good) / 10, bool(found), f"{len(found)} of {len(good)} pages hold lines such as copyright or 'skip to'", (found or [None])[0])


def _repeats(good, repeated):
    seen = Furniture()
    for story in good:
        seen.add(story.url, story.paragraphs)
    whole = sum(len(text) for story in good for text in story.paragraphs)
    again = {story.url: [text for text in story.paragraphs if text not in seen.without(story.paragraphs, repeated)] for story in good}
    part = sum(len(text) for texts in again.values() for text in texts) / max(1, whole)
    at = max(good, key=lambda story: len(again[story.url]))
    return _check("nothing repeated", part > 0.3, part > 0, f"{part:.0%} of the text stands on {repeated} pages or more", at if part else None)


def _usual(good, baseline):
    now, before = figures(good), (baseline or {}).get("characters")
    odd = bool(before) and not 0.3 < now["characters"] / before < 3.5
    return _check("as long as usual", False, odd, f"{now['characters']:.0f} characters a story" + (f", {before:.0f} before" if before else ""), good[0] if odd else None)


def _sample(story):
    """A page for people to look at: its address, kind, headline and the start of its text."""
    if story is None:
        return {}
    return {"url": story.url, "page_type": story.page_type, "method": story.method, "agreement": story.agreement, "headline": story.headline,
            "text": "\n\n".join(story.paragraphs)[:600], "reason": story.reason}
