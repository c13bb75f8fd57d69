"""From the bytes of a saved or fetched page to its markup, or the reason why that cannot be; also what parts of it are scripts.

Each step takes time in proportion to the length of the page, whatever is on it: a broken page must not hold up a thousand good ones.

    >>> parted("<p>Ọjà</p><!-- <p>x --><script type='a'>let b</script><style>p {}</style>")
    ('<p>Ọjà</p>', [(" type='a'", 'let b')])
    >>> trouble("<html><body><div><p>Ọjà ń b"), trouble("<p>Ọjà ń bẹ.</p>")
    ('cut off', '')
"""
import re

LARGEST, BIGGEST = 12_000_000, 5_000_000  # characters as it came, and without pictures in the page itself; the longest real page known has 0.8 million
TAGS, DEEPEST = 40_000, 400  # elements on a page, and inside each other; real pages have some thousands, and some thirty
FILES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0", b"ID3", b"OggS", b"RIFF", b"\x1aE\xdf\xa3")
INSIDE = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,[\w+/=%-]+")  # pictures that some browsers write into the page
LOOKS_HTML = re.compile(r"<(!doctype html|html|head|body|main|article|div|p)\b", re.I)
NAMES = ("script", "style", "svg", "noscript", "template", "object", "canvas")
OPENED = re.compile(rf"<!--|<({'|'.join(NAMES)})\b", re.I)
CLOSED = {name: re.compile(rf"</{name}\s*>", re.I) for name in NAMES} | {"!--": re.compile("-->")}
TAG = re.compile(r"<(/?)([a-z][\w:-]*)[^<>]*?(/?)>", re.I)
# UTF-8 read as Western European: one of the letters that begin a character there, and as many as it asks for of those that go on.
# Both readings in use are undone: Windows' own, with its signs such as € in place of control characters, and the plain one.
SIGNS = {ord(bytes([code]).decode("cp1252")): code for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
AFTER = "[\x80-\xbf" + "".join(map(chr, SIGNS)) + "]"
MISREAD = re.compile(f"[\xc2-\xdf]{AFTER}|[\xe0-\xef]{AFTER}{{2}}|[\xf0-\xf4]{AFTER}{{3}}")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}


def decoded(html):
    """(text, "") of a page given as text or bytes, or ("", what is wrong with it)."""
    if html is None:
        return "", "empty"
    if not isinstance(html, (str, bytes, bytearray, memoryview)):
        return "", "not html"
    if len(html) > LARGEST:
        return "", "too big"
    given = html if isinstance(html, str) else _from_bytes(bytes(html))
    text = mended(given)
    if text != given and "\ufffd" in text:  # some of its letters were lost when it was misread
        return "", "wrong charset"
    text = INSIDE.sub("data:,", text) if "base64," in text else text
    if len(text) > BIGGEST:
        return "", "too big"
    if not LOOKS_HTML.search(text, 0, 200_000) and text.strip():
        return "", "not html"
    broken = text.count("\ufffd")
    return ("", "wrong charset") if broken > 5 and broken > len(text) / 500 else (text, "")


def mended(text):
    """UTF-8 that was read as if it were Western European, put right, in whatever language; even when that happened twice."""
    for _ in range(2):
        found = MISREAD.findall(text)
        # In text that was read rightly such pairs are rare: an accented capital before a closing quotation mark.
        if len(found) < 5 or 2 * sum(map(len, found)) < len(re.findall(r"[^\x00-\x7f]", text)):
            break
        text = MISREAD.sub(_right, text)
    return text


def _right(found):
    return found[0].translate(SIGNS).encode("latin-1").decode("utf-8", "replace")


def garbled(plain):
    """Was this text read with the wrong table of letters? No language written in Latin letters has more accented letters than plain ones."""
    return len(re.findall("[\xaa\xb5\xba\xc0-\u024f]", plain)) > max(100, len(re.findall("[A-Za-z]", plain)))


def _from_bytes(content):
    if content.startswith(FILES):
        return "a file of another kind"
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")  # what is valid UTF-8 is UTF-8, whatever the page says
    except UnicodeDecodeError as error:
        if error.end >= len(content) - 4:  # a letter cut in two at the very end
            return content.decode("utf-8-sig", "ignore")
    named = re.search(rb"charset\s*=\s*[\"']?\s*([\w-]+)", content[:4096], re.I)
    name = named[1].decode("ascii") if named else "cp1252"
    try:
        return content.decode("utf-8" if name.lower().replace("-", "") == "utf8" else name, "replace")
    except LookupError:
        return content.decode("cp1252", "replace")


def parted(html):
    """(markup, scripts) of a page: the markup without scripts, comments, styles and drawings, and [(attributes, content)] of the scripts."""
    kept, scripts, place, never = [], [], 0, set()
    for found in OPENED.finditer(html):
        name = (found[1] or "!--").lower()
        if found.start() < place or name in never:
            continue
        end = CLOSED[name].search(html, found.end())
        if not end:  # and so none of the later ones is closed either
            never.add(name)
            continue
        if name == "script":
            start = html.find(">", found.end(), end.start())
            if start >= 0:
                scripts.append((html[found.end():start], html[start + 1:end.start()]))
        kept.append(html[place:found.start()])
        if name == "noscript" and "<img" in html[found.end():end.start()].lower():
            kept.append("<img>")  # a picture that a script loads later
        place = end.end()
    return "".join([*kept, html[place:]]), scripts


def trouble(text, markup=None):
    """What is wrong with a page as a whole: "", "empty", "no text", "not html", "wrong charset", "damaged", "too big" or "cut off"; `markup` is what `parted` gives."""
    markup = parted(text)[0] if markup is None else markup
    if not text.strip():
        return "empty"
    if "\0" in text[:2000] or not LOOKS_HTML.search(text, 0, 200_000) or re.match(r"\s*(<\?xml[^>]*>\s*)?<(rss|feed|urlset|svg)\b", text[:2000]):
        return "not html"
    if any(len(re.findall(f"<{name}", markup)) > 20 for name in ("script", "style", "svg")) or _breaks_off(text, markup):
        return "cut off"
    plain = re.sub(r"<[^<>]*>", "", markup)
    if not re.search(r"[^\W\d_]", plain):
        return "empty" if "<script" not in text.lower() else "no text"
    if garbled(plain):
        return "wrong charset"
    # Marks that nothing closes cost the parser time by their square.
    if markup.count("<!") > 50 or markup.count("<") > 2 * markup.count(">") + 1000:
        return "damaged"
    return "too big" if markup.count("<") > 2 * TAGS else ""


def _breaks_off(text, markup):
    """Is the end missing? HTML allows a page without </body>; but an element that must be closed and is not shows that something was cut."""
    if not re.search(r"<(html|body)\b", markup, re.I) or re.search(r"</(html|body)\s*>", text[-20_000:], re.I):
        return False
    counts = {name: (len(re.findall(rf"<{name}\b", markup, re.I)), len(re.findall(rf"</{name}\s*>", markup, re.I))) for name in ("div", "main", "article", "script", "section", "ul", "p")}
    opened, closed = counts.pop("p")  # some pages close no paragraph at all
    return any(first > last for first, last in counts.values()) or opened > closed > 0.5 * opened or bool(re.search(r"<[^<>]*$", text[-3000:]))


def too_deep(markup):
    """Do more elements stand inside each other than people write?"""
    stack, counts = [], {}
    for end, name, alone in TAG.findall(markup):
        name = name.lower()
        if not end and not alone and name not in VOID:
            stack.append(name)
            counts[name] = counts.get(name, 0) + 1
            if len(stack) > DEEPEST:
                return True
        elif end and counts.get(name):
            last = ""
            while last != name:
                last = stack.pop()
                counts[last] -= 1
    return False
