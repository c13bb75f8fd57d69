"""The one error that is meant for the person at the keyboard.

    >>> raise NeedsFixing("no language called 'Klingon'; try one of yo, ig, ha, pcm")
    Traceback (most recent call last):
    gi_helpers.errors.NeedsFixing: no language called 'Klingon'; try one of yo, ig, ha, pcm
"""
import os
import re

REAL_KEY = re.compile(r"(sk-|hf_|AIza|gsk_|xai-|ghp_)[\w-]{16,}")
_LOGIN = re.compile(r"(?<=://)[^/\s@]+@")
_PARAMETER = re.compile(r"(?i)(?<=[?&])(api[-_]?key|key|(?:access[-_])?token|password|secret)=[^&\s\"')]+")


def without_keys(text):
    """The text without what must stay secret: keys of this process's environment, what looks like a key, and what web addresses hold of such things.

        >>> without_keys("no answer from http://ada:secret@127.0.0.1/v1?key=x to sk-abcdefghijklmnopqrst")
        'no answer from http://127.0.0.1/v1?key=… to …'
    """
    text = _PARAMETER.sub(r"\1=…", _LOGIN.sub("", str(text)))
    for name, value in os.environ.items():
        if name.endswith(("_API_KEY", "_TOKEN")) and len(value) >= 12:
            text = text.replace(value, "…")
    return REAL_KEY.sub("…", text)


class NeedsFixing(Exception):
    """One sentence to a colleague: what happened, with the value, and what to do.

    In a notebook it is shown as that one line, without a traceback. Keys in it are made unreadable.
    """

    def __init__(self, sentence=""):
        super().__init__(without_keys(sentence))

    def _render_traceback_(self):
        # IPython asks an exception for this before it prints a traceback.
        return [f"Please fix: {self}"]
