"""How every figure looks: colours that colour-blind readers tell apart, hatches for grey print, and the word PRACTICE on a rehearsal."""
from . import store

COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"]  # Okabe and Ito's palette
HATCHES = ["", "///", "...", "xx", "\\\\\\", "++"]


def figure(title, width=8, height=3.4, practice=False):
    """A matplotlib Figure and its axes; `practice` marks a rehearsal also where the mode is live by now."""
    # Figure without pyplot: nothing is kept in memory after it was shown, and it works in threads and without a screen.
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(width, height), layout="constrained")
    axes = drawn.add_subplot()
    axes.set_title(title, loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    if practice or store.settings()["mode"] == "practice":
        drawn.supxlabel("PRACTICE: a rehearsal, not a real result", fontsize=8, color="#b00020", x=0.01, ha="left")
    return drawn, axes
