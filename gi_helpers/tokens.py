"""How many tokens a text has for a model; works without network.

Exact with tiktoken when its table is on disk (in live mode it is fetched once and kept), or with the one that bpe-openai carries; a local
model's own tokenizer.json counts exactly, too. Else it is an estimate, and `how` says so.

    >>> encoding_for("ft:gpt-4.1-mini-2025-04-14:team::abc"), encoding_for("gpt-3.5-turbo"), encoding_for("gpt-6-luna")
    ('o200k_base', 'cl100k_base', 'o200k_base')
    >>> count(""), 8 <= count("Ẹ káàárọ̀, báwo ni?") <= 16
    (0, True)
"""
import hashlib
import math
import os
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from . import store

# Our own table: tiktoken 0.14 gives cl100k for ft:gpt-4.1 and fails on newer names. The first prefix that fits decides.
ENCODINGS = (
    ("gpt-oss", "o200k_harmony"),
    ("gpt-4o", "o200k_base"), ("gpt-4.1", "o200k_base"), ("gpt-4.5", "o200k_base"),
    ("gpt-4", "cl100k_base"), ("gpt-3.5", "cl100k_base"), ("gpt-35", "cl100k_base"),
    ("text-embedding", "cl100k_base"), ("davinci-002", "cl100k_base"), ("babbage-002", "cl100k_base"),
)
DEFAULT = "o200k_base"
# The names whose tables are ours; any other model is counted with the default table, as an estimate.
OURS = re.compile(r"gpt-(oss|3\.5|35|4o|4\.\d|4(?=-|$)|[5-9]|\d\d)|chatgpt-|o\d+(?=-|$)|codex-|text-embedding-|(davinci|babbage)-002")
HOSTS = {"openai", "azure"}  # who serves these models under their names
ROOM = {"estimate": 1.3, "stranger": 1.5}  # how many more tokens a long text may have than counted: Hausa's 1.28, Yoruba's 1.38 with another table
SCATTER = 2.0  # and how much a short one varies, in roots of its number: with these no part of four languages is over a limit of 40 to 4,096
# The files in tiktoken's cache are named by the SHA-1 of their address.
CACHED = {"cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4", "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790"}
ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
PATIENCE = 20  # seconds without a byte; tiktoken itself would wait for ever behind a captive network
# Tokens a character for the estimate, measured with both tables on news pages of ten languages and Yoruba Wikipedia: within 5 % for Yoruba,
# Amharic, Arabic, Russian, Hindi and Chinese; 15 to 20 % too few for Hausa and Swahili, 15 to 25 % too many for French and Spanish.
ENDS = (0x80, 0x0300, 0x0370, 0x0530, 0x0590, 0x0780, 0x0900, 0x0E00, 0x1000, 0x1200, 0x13A0, 0x1E00, 0x2000, 0x2E80, 0x3040, 0x3100, 0xAC00, 0xD7B0, 0x10000)
NAMES = ("ascii", "latin", "mark", "greek and cyrillic", "other", "arabic and hebrew", "other", "indic", "other", "other", "ethiopic", "other", "latin",
         "sign", "other", "kana", "han", "hangul", "other", "beyond")
TOKENS_EACH = {
    "o200k_base": {"ascii": 0.238, "latin": 1.15, "mark": 0.4, "greek and cyrillic": 0.28, "arabic and hebrew": 0.32, "indic": 0.34, "ethiopic": 2.2,
                   "sign": 0.8, "kana": 0.75, "han": 0.85, "hangul": 0.65, "other": 1.2, "beyond": 2.5},
    "cl100k_base": {"ascii": 0.303, "latin": 1.6, "mark": 1.2, "greek and cyrillic": 0.52, "arabic and hebrew": 0.78, "indic": 1.2, "ethiopic": 2.9,
                    "sign": 0.9, "kana": 1.0, "han": 1.25, "hangul": 1.2, "other": 2.2, "beyond": 3.0},
}


def encoding_for(model):
    """The name of the token table of a model; o200k_base for names that are not known."""
    name = _name(model).removeprefix("practice-")
    return next((encoding for prefix, encoding in ENCODINGS if name.startswith(prefix)), DEFAULT)


def _name(model):
    return model.lower().rpartition("/")[2].removeprefix("ft:")


def _ours(model):
    name, host = _name(model), model.lower().rpartition("/")[0].rpartition("/")[2]
    return name.startswith("practice-") or bool(OURS.match(name) and (not host or host in HOSTS))


def count(text, model="gpt-4o-mini"):
    """The number of tokens of `text` for `model`; `how(model)` says whether it is exact or an estimate.

    `model` is a name, or the folder of a local model with its tokenizer.json (counted exactly where the package tokenizers is installed).
    """
    return counter(model)(text) if text else 0


def how(model="gpt-4o-mini"):
    """'exact' or 'estimate'. A model whose own table is not at hand, as of any that is not OpenAI's, counts as an estimate."""
    return _for_model(model)[0] if _ours(model) or _local(model) else "estimate"


def safe_limit(limit, model="gpt-4o-mini"):
    """The limit to cut at, so that the parts are within `limit` where their tokens are only estimated, too."""
    if how(model) == "exact":
        return limit
    room = ROOM["estimate" if _ours(model) else "stranger"]
    # The largest number n with room * n + SCATTER * sqrt(n) <= limit.
    root = (math.sqrt(SCATTER**2 + 4 * room * limit) - SCATTER) / (2 * room)
    return max(1, int(root**2))


def counter(model="gpt-4o-mini", tidy=False):
    """The function from a text to its number of tokens for `model`; for many texts it saves looking the model up each time.

    `tidy` promises texts whose only white space is single spaces and line feeds that do not touch: these are counted three times as quickly.
    """
    kind, size = _for_model(model)
    return _by_words(size) if tidy and kind == "exact" and not _local(model) else size


@lru_cache(8)
def _by_words(size):
    """The same count, word for word. Both tables cut a text before a space that stands alone, whatever follows, so the words add up."""
    known = _Known(size)

    def count(text):
        words = text.replace(" ", "\0 ").split("\0")
        if 16 * len(words) < len(text):  # hardly any spaces: long pieces come only once
            return size(text)
        return sum(map(known.__getitem__, words))

    return count


class _Known(dict):
    """The tokens of the words so far; a language's common words soon stand here."""

    MOST = 100_000  # about 12 MB

    def __init__(self, size):
        super().__init__()
        self.size = size

    def __missing__(self, word):
        if len(self) >= self.MOST:
            self.clear()
        self[word] = number = self.size(word)
        return number


def fertility(texts, model="gpt-4o-mini"):
    """Tokens a word over an iterable of texts: about 1.15 in English, 2.6 in Yoruba with o200k_base; 0.0 without a word."""
    import regex

    size, words = counter(model), regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*")
    pairs = [(size(text), len(words.findall(text))) for text in texts]
    return sum(number for number, _ in pairs) / max(1, sum(number for _, number in pairs))


# ---------------------------------------------------------------- the ways to count

def _for_model(model):
    local = _local(model)
    if local:
        found = _own_tokenizer(str(local), local.stat().st_mtime)
        if found:
            return found
    # Another folder, or going live, may open a better way: both belong to the key.
    return _counter(encoding_for(model), _folder(), os.environ.get("GI_MODE", ""))


def _local(model):
    """The tokenizer.json of a model folder on this machine, or None."""
    if "/" not in model and os.sep not in model:
        return None
    file = Path(model).expanduser() / "tokenizer.json"
    return file if file.is_file() else None


def _folder():
    return os.environ.get("TIKTOKEN_CACHE_DIR") or str(store.data_folder() / ".tiktoken")


@lru_cache(4)
def _own_tokenizer(file, _time):
    try:
        from tokenizers import Tokenizer  # comes with the extra `train`
    except ImportError:
        return None
    encode = Tokenizer.from_str(store.read_text(file)).encode
    return "exact", lambda text: len(encode(_sound(text), add_special_tokens=False).ids)


@lru_cache(8)
def _counter(encoding, folder, _mode):
    table = "o200k_base" if encoding == "o200k_harmony" else encoding  # they differ in special tokens only
    ways = (_tiktoken, _bpe_openai)
    if store.settings()["mode"] != "live":  # a rehearsal never goes to the network
        ways = (_tiktoken_on_disk, _bpe_openai)
    for way in ways:
        try:
            size = way(table, folder)
        except Exception:  # whatever is wrong with a download or an installation, the next way is tried
            continue
        if size:
            return "exact", lambda text: size(_sound(text))
    return "estimate", lambda text: _estimate(text, table)


def _tiktoken_on_disk(table, folder):
    if not os.path.exists(os.path.join(folder, CACHED[table])):
        return None
    os.environ["TIKTOKEN_CACHE_DIR"] = folder  # by default it lies in the temporary folder and is gone tomorrow
    import tiktoken

    encode = tiktoken.get_encoding(table).encode_ordinary
    return lambda text: len(encode(text))


def _tiktoken(table, folder):
    if not os.path.exists(os.path.join(folder, CACHED[table])):
        _fetch(table, os.path.join(folder, CACHED[table]))
    return _tiktoken_on_disk(table, folder)


def _fetch(table, file):
    """Put tiktoken's table into its cache; raises when it is not the right one or does not come in time."""
    import requests

    answer = requests.get(ADDRESS.format(table), timeout=(5, PATIENCE))
    answer.raise_for_status()
    if hashlib.sha256(answer.content).hexdigest() != _expected(table):
        raise ValueError("not the token table")  # a captive network answers with its login page
    store.write_bytes(answer.content, file)


def _expected(table):
    from tiktoken_ext import openai_public

    # Asking the package and not keeping a copy: the hash stands in the code of the function that loads the table.
    constants = getattr(openai_public, table).__code__.co_consts
    return next(value for value in constants if isinstance(value, str) and len(value) == 64)


def _bpe_openai(table, _folder):
    return _carried(table)


@lru_cache
def _carried(table):
    """With the table that the extra `offline` carries. It takes a second and 80 MB, so it is loaded once whatever the folder."""
    import gzip
    import importlib.util
    import tempfile

    try:
        # tiktoken itself with this table, whose hash it checks, takes 45 MB less than the package, which is found but not imported.
        home = Path(importlib.util.find_spec("bpe_openai").origin).parent
        with tempfile.TemporaryDirectory() as folder:
            store.write_bytes(gzip.decompress(store.read_bytes(home / "data" / f"{table}.tiktoken.gz")), os.path.join(folder, CACHED[table]))
            before = os.environ.get("TIKTOKEN_CACHE_DIR")
            try:
                return _tiktoken_on_disk(table, folder)
            finally:
                os.environ.pop("TIKTOKEN_CACHE_DIR")
                if before is not None:
                    os.environ["TIKTOKEN_CACHE_DIR"] = before
    except Exception:  # another version that keeps its table elsewhere
        import bpe_openai

        encode = bpe_openai.get_encoding(table).encode_ordinary
        return lambda text: len(encode(text))


def _sound(text):
    """The text, lone surrogates replaced: no tokenizer can take them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _estimate(text, table):
    """Tokens by the kinds of letters; it grows with each letter, and parts add up to the whole."""
    text = unicodedata.normalize("NFC", text)
    weights = TOKENS_EACH[table]
    return math.ceil(sum(text.count(letter) * weights[_kind(letter)] for letter in set(text))) if text else 0


@lru_cache(20_000)
def _kind(letter):
    import bisect

    return NAMES[bisect.bisect_right(ENDS, ord(letter))]
