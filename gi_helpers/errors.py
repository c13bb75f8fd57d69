"""The one error that is meant for the person at the keyboard.

    >>> raise NeedsFixing("no language called 'Klingon'; try one of yo, ig, ha, pcm")
    Traceback (most recent call last):
    gi_helpers.errors.NeedsFixing: no language called 'Klingon'; try one of yo, ig, ha, pcm
    >>> more_help("no language called 'Klingon'; try one of yo, ig, ha, pcm")
    'docs/troubleshooting.md#language'
"""
import os
import re

REAL_KEY = re.compile(r"(sk-|hf_|AIza|gsk_|xai-|ghp_)[\w-]{16,}")
_LOGIN = re.compile(r"(?<=://)[^/\s@]+@")
_PARAMETER = re.compile(r"(?i)(?<=[?&])(api[-_]?key|key|(?:access[-_])?token|password|secret)=[^&\s\"')]+")
# The headings of docs/troubleshooting.md, and the words by which a sentence belongs to one; the first that fits counts.
HELP = {
    "contact": r"\bcontact\b",
    "key": r"_KEY|practice key|log in with your token|not kept in a file|set it in the environment",
    "cost": r"\bcap\b|\bprice\b",
    "language": r"language|practice (texts|questions)|the Wikipedia in",
    "permission": r"permission(?! for)|canary|BBC|saved pages|the news in",
    "in-use": r"in use by|\bport\b|no permission for|disk is full|Drive takes no files",
    "not-installed": r"not installed|needs pyarrow|get the project's files|practice server did not start",
    "fine-tuning": r"could not be loaded|fine-tuning|the job|adapter|max_length|epochs|memory|7_model|convert",
    "network": r"network|reached|answered \S+ for|service answered|does not answer|stay away|this server|api\.php|\baddress\b|HTTP|came \(|was stopped|(on|of) the wiki",
    "review": r"reviewed|reject|reader|status|decision|review|evidence|take back|who translated|sentence needs|there is no key|verdict",
    "publishing": r"licence|README|the Hub|registered|rehearsal|front matter|everybody can see",
    "evaluation": r"question|answer|\brat(ing|er)|judge|criteria|log-like|template|example|culture|way of asking|no rule|option|translation|models|not asked",
    "damaged-file": r"damaged|UTF-8|JSON|cannot be read|loaded whole|dump|packed|whole zip|\bbyte|SUMS|written over|file to write|MiB|in braces",
    "columns": r"column|stands? (once|on two)|the id\b|no item|no row|line\b|conversation|the key",
    "not-there": r"not there|no longer|no text|no articles|no page|none of|is a folder|holds no|empty",
    "choice": r"choose|choice|give|is no |set a higher|long form",
}


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


def more_help(sentence):
    """The place in docs/troubleshooting.md that says more about an error."""
    return "docs/troubleshooting.md#" + next((name for name, words in HELP.items() if re.search(words, sentence)), "something-else")


class NeedsFixing(Exception):
    """One sentence to a colleague: what happened, with the value, and what to do.

    In a notebook it is shown as that one line, without a traceback, and below it the place where more is said. Keys in it are made unreadable.
    """

    def __init__(self, sentence=""):
        said = " ".join(without_keys(sentence).splitlines())
        # What it quotes can be of any length, such as a thousand columns; it begins with what happened and ends with what to do.
        super().__init__(said if len(said) <= 1500 else f"{said[:1000]} … {said[-400:]}")

    def _render_traceback_(self):
        # IPython asks an exception for this before it prints a traceback.
        return [f"Please fix: {self}", f"More help: {more_help(str(self))}"]
