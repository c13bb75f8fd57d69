"""The first call of every notebook, the choice of a mode, and keys."""
import os
import sys
import types

import ipywidgets as w
from IPython import get_ipython

from .. import languages, store, web
from ..errors import NeedsFixing
from . import colab, figures, views
from .style import box, guarded, tag
from .words import say


def start():
    """Restore the choices, say what is set, and give them back: `.language`, `.code`, `.mode`, `.model`, `.contact`, `.path(name)`."""
    copied = colab.use_drive()
    _show_figures()
    chosen = store.settings()
    language = languages.find(chosen["language"])
    home = types.SimpleNamespace(
        language=language, code=language.code, mode=chosen["mode"], practice=chosen["mode"] == "practice", contact=chosen.get("contact", ""),
        model=web.endpoints().model, path=lambda name: store.path(language.code, name))
    print(f"{language.name} ({language.autonym}), {home.mode} mode. Your files: {home.path('')}")
    print(f"Python {sys.version.split()[0]}, ipywidgets {w.__version__}")
    for line in [*copied, *colab.about()]:
        print(line)
    if home.practice:
        print("PRACTICE: this is a rehearsal. It costs nothing, needs no key and no network, and its results are not real.")
    return home


def _show_figures():
    """Let a notebook show the figures of `charts`, which are made without pyplot, each with its words."""
    shell = get_ipython()
    if shell is None:
        return
    formatters = shell.display_formatter.formatters
    formatters["text/html"].for_type_by_name("matplotlib.figure", "Figure", figures.picture)
    formatters["text/plain"].for_type_by_name("matplotlib.figure", "Figure", lambda figure, printer, cycle: printer.text("Figure: " + figures.words(figure)))


def mode_picker():
    """Practice or live, and the contact that live reading needs; kept for all notebooks."""
    chosen = store.settings()
    mode = w.ToggleButtons(options=["practice", "live"], value=chosen["mode"], description=say("Mode"))
    contact = w.Text(value=chosen.get("contact", ""), description=say("Contact"), placeholder=say("e-mail or web address of your team"), continuous_update=False,
                     layout=w.Layout(width="32em", max_width="100%"))
    said, problem = w.HTML(), w.HTML()

    @guarded(problem)
    def keep(_=None):
        try:
            store.remember(mode=mode.value, contact=contact.value.strip())
        except NeedsFixing:  # a key, pasted into the wrong field: it must not stay in the widget's state, which is saved with the notebook
            contact.unobserve(keep, "value")
            contact.value = ""
            contact.observe(keep, "value")
            raise
        os.environ.pop("GI_MODE", None)
        os.environ.pop("GI_CONTACT", None)
        said.value = tag(mode_sentence(mode.value))
        views.redraw()
        if mode.value == "live":
            web.contact(contact.value)

    mode.observe(keep, "value")
    contact.observe(keep, "value")
    said.value = tag(mode_sentence(mode.value))
    return box(mode, contact, said, problem)


def mode_sentence(mode):
    """What a mode means, in a sentence."""
    if mode == "practice":
        return say("Practice: a rehearsal on this machine. No key, no cost, no network.")
    return say("Live: real sites and real models. Run the set-up cell of a notebook again after this change. Steps that cost money wait for your click.")


def ask_key(name="OPENAI_API_KEY"):
    """Bring a key into this notebook's memory: from the environment, Colab's secrets, or a hidden box. It is never shown and never saved."""
    if store.settings()["mode"] == "practice":
        print("Practice mode needs no key.")
        return
    where = "found in the environment, for all notebooks" if os.environ.get(name) else ""
    if not where and (found := colab.secret(name)):
        os.environ[name], where = found, "found in Colab's secrets, for all notebooks that may read it"
    if not where:
        os.environ[name] = _typed(name)
        where = "set, in the memory of this notebook only" if os.environ[name] else "still empty; steps that need it will say so"
    print(f"{name}: {where}.")


def _typed(name):
    """What a person types into a hidden box; "" when they press Enter at once."""
    from getpass import getpass

    try:
        return getpass(f"{name} (nothing is shown while you type; Enter alone goes on without): ").strip()
    except RuntimeError as error:  # run from the command line, where nobody can type into a notebook
        raise NeedsFixing(f"there is no {name}; set it in the environment, or open this notebook with `workbook.py lab` and run this cell") from error
