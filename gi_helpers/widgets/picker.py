"""The choice of a language, and the card about it."""
import itertools
import os
import threading

import ipywidgets as w

from .. import languages, store, tokens
from . import views
from .style import box, guarded, tag
from .words import decimal, number, say

# ISO 15924 in words, where a team may not know the code.
SCRIPTS = {"Latn": "Latin", "Arab": "Arabic", "Cyrl": "Cyrillic", "Deva": "Devanagari", "Ethi": "Ethiopic", "Beng": "Bengali", "Hebr": "Hebrew", "Mymr": "Myanmar",
           "Tfng": "Tifinagh", "Nkoo": "N’Ko", "Adlm": "Adlam", "Grek": "Greek", "Hani": "Han", "Taml": "Tamil", "Telu": "Telugu", "Thai": "Thai", "Khmr": "Khmer",
           "Tibt": "Tibetan", "Armn": "Armenian", "Geor": "Georgian", "Cher": "Cherokee", "Cans": "Canadian syllabics", "Olck": "Ol Chiki"}


def language_picker():
    """A box to choose a language by typing its code, English name or own name; the choice is kept for all notebooks."""
    now = languages.find(store.settings()["language"])
    entry = w.Combobox(options=languages.options(), value=now.label, description=say("Language"), ensure_option=False, continuous_update=False,
                       placeholder=say("type a name or a code"), layout=w.Layout(width="32em", max_width="100%"))
    card, size, note, problem = w.HTML(), w.HTML(), w.HTML(), w.HTML()

    @guarded(problem)
    def choose(change):
        if not change["new"].strip():
            return
        found = languages.find(change["new"])
        store.remember(language=found.code)
        os.environ.pop("GI_LANGUAGE", None)
        show(found)
        card.value += "".join(tag(say("“{word}” is the name of {label}, too; type {code} if you mean that.", word=change["new"].strip(), label=other.label, code=other.code), "gi-flag")
                              for other in languages.namesakes(change["new"]))
        note.value = tag(say("In other notebooks that are open, run the set-up cell again."), "gi-note")
        views.redraw()

    def show(found):
        card.value, size.value = language_card(found), tag(say("Tokens a word: counting ..."))
        card.chosen = found.code
        # Loading the token table takes a second or two, and the box must be there at once.
        threading.Thread(target=guarded(problem)(count), args=[found], daemon=True).start()

    def count(found):
        words = tokens_a_word(found)
        if card.chosen == found.code:  # not, when another was chosen meanwhile
            size.value = tag(words)

    entry.observe(choose, "value")
    show(now)
    return box(entry, problem, card, size, note)


def language_card(language):
    """A few facts about a language, as HTML."""
    direction = say("right to left" if language.direction == "rtl" else "left to right")
    script = f"{SCRIPTS[language.script]} ({language.script})" if language.script in SCRIPTS else language.script
    sheet = store.shipped("sheets", f"{language.code}.json").exists() or (store.data_folder() / language.code / "sheet.json").exists()
    lines = [say("Chosen: {label}.", label=language.label),
             say("ISO 639-3 code {code}, script: {script}, written {direction}.", code=language.iso639_3, script=script, direction=direction),
             say("Wikipedia: about {count} articles.", count=number(language.articles)) if language.articles else say("Wikipedia: size not known."),
             say("News service of the BBC: {name}. Its texts may be used with permission only.", name=language.bbc.replace(" ", ", ")) if language.bbc else
             say("News service of the BBC: none, so notebook 2 can be skipped."),
             practice_texts(language.code),
             say("Language sheet: a draft is there; speakers must approve it." if sheet else "Language sheet: none yet; your team writes one in notebook 4.")]
    return "".join(tag(line) for line in lines)


def practice_texts(code):
    """Which practice texts a language has, in a sentence."""
    if not store.shipped("practice", code, "articles.json").exists():
        return say("Practice texts: none yet. Practice mode works in {codes}; live mode works in your language, too.", codes=", ".join(store.practice_languages()))
    articles, stories, questions = (len(store.read_json(store.shipped("practice", code, f"{name}.json"))[part])
                                    for name, part in (("articles", "articles"), ("news", "stories"), ("questions", "questions")))
    return say("Practice texts: {articles} articles, {stories} news stories, {questions} questions.", articles=articles, stories=stories, questions=questions)


def tokens_a_word(language):
    """How many tokens a word has, in a sentence: counted in the team's own articles, else in the practice texts."""
    own, practice = store.data_folder() / language.code / "1_wiki_scrape.csv", store.shipped("practice", language.code, "articles.json")
    where, texts = "your articles", [row["text"] for row in itertools.islice(store.read_rows(own), 40)] if own.exists() else []
    if not texts and practice.exists():
        where, texts = "the practice texts", ["\n\n".join(article["paragraphs"]) for article in store.read_json(practice)["articles"]]
    if not texts:
        return say("Tokens a word: known when you have texts; notebook 3 counts them.")
    return say("Tokens a word: about {number} in {where} ({how}); English has about 1.2.", number=decimal(tokens.fertility(texts)), where=say(where), how=say(tokens.how()))
