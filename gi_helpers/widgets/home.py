"""The first call of every notebook, the choice of a language and of a mode, and keys."""
import io
import os
import sys
import types
from pathlib import Path

import ipywidgets as w
from IPython import get_ipython

from .. import languages, store, web
from ..errors import NeedsFixing
from .style import box, guarded, tag

DRIVE = Path("/content/drive/MyDrive")


def start():
    """Restore the choices, say what is set, and give them back: `.language`, `.code`, `.mode`, `.model`, `.contact`, `.path(name)`."""
    if DRIVE.exists() and not os.environ.get("GI_DATA"):
        os.environ["GI_DATA"] = str(DRIVE / "GlobalInstruct")
    _show_figures()
    chosen = store.settings()
    language = languages.find(chosen["language"])
    home = types.SimpleNamespace(
        language=language, code=language.code, mode=chosen["mode"], practice=chosen["mode"] == "practice", contact=chosen.get("contact", ""),
        model=web.endpoints().model, path=lambda name: store.path(language.code, name))
    print(f"{language.name} ({language.autonym}), {home.mode} mode. Your files: {home.path('')}")
    print(f"Python {sys.version.split()[0]}, ipywidgets {w.__version__}")
    if home.practice:
        print("PRACTICE: this is a rehearsal. It costs nothing, needs no key and no network, and its results are not real.")
    return home


def _show_figures():
    """Let a notebook show the figures of `charts`, which are made without pyplot, and give each its title as words for screen readers."""
    shell = get_ipython()
    if shell is None:
        return
    formatters = shell.display_formatter.formatters
    formatters["image/png"].for_type_by_name("matplotlib.figure", "Figure", _png)
    formatters["text/plain"].for_type_by_name("matplotlib.figure", "Figure", lambda figure, printer, cycle: printer.text("Figure: " + _title(figure)))


def _png(figure):
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=90)
    return stream.getvalue(), {"alt": _title(figure)}


def _title(figure):
    return "; ".join(filter(None, (axes.get_title("left") or axes.get_title() for axes in figure.axes)))


def language_picker():
    """A box to choose a language by typing its code, English name or own name; the choice is kept for all notebooks."""
    chosen = store.settings()
    now = languages.find(chosen["language"])
    entry = w.Combobox(options=languages.options(), value=label(now), description="Language", ensure_option=False, continuous_update=False,
                       placeholder="type a name or a code", layout=w.Layout(width="32em"))
    card, problem = w.HTML(), w.HTML()

    @guarded(problem)
    def choose(change):
        if not change["new"].strip():
            return
        found = languages.find(change["new"])
        store.remember(language=found.code)
        os.environ.pop("GI_LANGUAGE", None)
        card.value = language_card(found) + tag("Now run the cells below again; they still show the language before.", "gi-note")

    entry.observe(choose, "value")
    card.value = language_card(now)
    return box(entry, problem, card)


def label(language):
    """How the picker shows a language."""
    return f"{language.name} · {language.autonym} ({language.code})"


def language_card(language):
    """A few facts about a language, as HTML."""
    direction = "right to left" if language.direction == "rtl" else "left to right"
    practice = store.shipped("practice", language.code, "articles.json").exists()
    lines = [f"Chosen: {label(language)}. ISO 639-3 code {language.iso639_3}, script {language.script}, written {direction}.",
             f"News service of the BBC: {language.bbc or 'none'}.",
             "Practice texts: yes." if practice else "Practice texts: none yet, so practice mode works with yo, ha, ig or pcm; live mode works with this language."]
    return "".join(tag(line) for line in lines)


def mode_picker():
    """Practice or live, and the contact that live reading needs; kept for all notebooks."""
    chosen = store.settings()
    mode = w.ToggleButtons(options=["practice", "live"], value=chosen["mode"], description="Mode")
    contact = w.Text(value=chosen.get("contact", ""), description="Contact", placeholder="e-mail or web address of your team", continuous_update=False,
                     layout=w.Layout(width="32em"))
    said, problem = w.HTML(), w.HTML()

    @guarded(problem)
    def keep(_=None):
        store.remember(mode=mode.value, contact=contact.value.strip())
        os.environ.pop("GI_MODE", None)
        os.environ.pop("GI_CONTACT", None)
        said.value = tag(mode_sentence(mode.value))
        if mode.value == "live":
            web.contact(contact.value)

    mode.observe(keep, "value")
    contact.observe(keep, "value")
    said.value = tag(mode_sentence(mode.value))
    return box(mode, contact, said, problem)


def mode_sentence(mode):
    """What a mode means, in a sentence."""
    if mode == "practice":
        return "Practice: a rehearsal on this machine. No key, no cost, no network."
    return "Live: real sites and real models. Run the set-up cell of a notebook again after this change. Steps that cost money wait for your click."


def ask_key(name="OPENAI_API_KEY"):
    """Bring a key into this notebook's memory: from the environment, Colab's secrets, or a hidden box. It is never shown and never saved."""
    if store.settings()["mode"] == "practice":
        print("Practice mode needs no key.")
        return
    if not os.environ.get(name) and "google.colab" in sys.modules:
        from google.colab import userdata

        try:
            os.environ[name] = userdata.get(name)
        except Exception:  # not there, or no access given: the box below asks
            pass
    if not os.environ.get(name):
        from getpass import getpass

        try:
            os.environ[name] = getpass(f"{name} (nothing is shown while you type): ").strip()
        except RuntimeError as error:  # run from the command line, where nobody can type into a notebook
            raise NeedsFixing(f"there is no {name}; set it in the environment, or open this notebook with `workbook.py lab` and run this cell") from error
    print(f"{name}: {'set' if os.environ[name] else 'still empty'}")
