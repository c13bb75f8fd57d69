"""The one error that is meant for the person at the keyboard.

    >>> raise NeedsFixing("no language called 'Klingon'; try one of yo, ig, ha, pcm")
    Traceback (most recent call last):
    gi_helpers.errors.NeedsFixing: no language called 'Klingon'; try one of yo, ig, ha, pcm
"""


class NeedsFixing(Exception):
    """One sentence to a colleague: what happened, with the value, and what to do.

    In a notebook it is shown as that one line, without a traceback.
    """

    def _render_traceback_(self):
        # IPython asks an exception for this before it prints a traceback.
        return [f"Please fix: {self}"]
