"""Where the stories are: feed, front page and topic pages of a news service, or a folder or zip file of saved pages.

    >>> service = Service("https://www.bbc.com/serbian", variant="cyr")
    >>> service.story("https://www.bbc.com/serbian/articles/c0abcdefghio/cyr?at_medium=rss#0")
    ('c0abcdefghio', 'https://www.bbc.com/serbian/articles/c0abcdefghio/cyr')
    >>> service.story("/serbian/articles/c0abcdefghio/lat"), service.story("https://www.bbc.com/serbian/live/c0abcdefghit")
    (None, None)
"""
import email
import html
import re
import urllib.parse
from pathlib import Path, PurePosixPath

from . import store
from ._newsbytes import decoded
from .errors import NeedsFixing

SCRIPTS = ("simp", "trad", "cyr", "lat")  # the same story in other letters; any other word there is another language
ARTICLE = re.compile(r"(?:articles|erthyglau|sgeulachdan)/(c[a-z0-9]{10}o)(?:/([\w-]+))?")
OLDER = re.compile(r"(?:([\w-]+)/)?((?:[a-z0-9_-]*[a-z_]-)?\d{8,})", re.I)
NEVER = re.compile(r"(^|/)(institutional|live|media/video|bbc_\w+_(radio|tv)|podcasts|send|av-embeds|popular|topics|downloads)(/|-\d|$)")
SUFFIX = re.compile(r"\.(amp|app|lite)$")
LINK = re.compile(r"""<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.I)
FEED_LINK = re.compile(r"<link>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]+)", re.I)
ATOM_LINK = re.compile(r"<link\b[^>]*?\bhref\s*=\s*[\"']([^\"']+)", re.I)
FEEDS = {"www.bbc.com": "https://feeds.bbci.co.uk{path}/rss.xml"}  # this publisher keeps its feeds on a host of their own
PAGES = 40  # pages of one topic; a topic that never ends is not followed for ever
BIGGEST = 12_000_000  # bytes of a page, saved or fetched


class Service:
    """One news service in one script: its address, and which addresses are stories of it.

    `variant` is the script ("cyr", "simp" ...) of services that are written in two; "" where there is one.
    """

    def __init__(self, base_url, variant=""):
        parts = urllib.parse.urlsplit(base_url.rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise NeedsFixing(f"{base_url!r} is not the address of a news service; give one such as https://www.bbc.com/yoruba")
        self.base, self.site, self.path, self.variant = base_url.rstrip("/"), f"{parts.scheme}://{parts.netloc}", parts.path, variant or ""

    @property
    def front(self):
        """The front page of the variant."""
        return f"{self.base}/{self.variant}" if self.variant else self.base

    @property
    def feeds(self):
        """The addresses at which a feed may be, best first."""
        host = urllib.parse.urlsplit(self.site).netloc
        pattern = FEEDS.get(host, self.site + "{path}/rss.xml")
        paths = [f"{self.path}/{self.variant}", self.path] if self.variant else [self.path]
        return [pattern.format(path=path) for path in paths]

    def inside(self, link):
        """The path of a link below the service's own, such as "articles/c0abcdefghio", or None when it leads elsewhere."""
        url = urllib.parse.urljoin(self.front + "/", html.unescape(link.strip()))
        parts = urllib.parse.urlsplit(url)
        host, own = parts.netloc.removeprefix("www."), urllib.parse.urlsplit(self.site).netloc.removeprefix("www.")
        same = host == own or {host, own} == {"bbc.com", "bbc.co.uk"}
        path = SUFFIX.sub("", parts.path.rstrip("/"))
        return path[len(self.path) + 1:] if same and path.startswith(self.path + "/") else None

    def story(self, link):
        """(story id, tidy address) of a link to a story of this service and script, else None. All scripts of a story share one id."""
        path = self.inside(link)
        if not path or NEVER.search(path):
            return None
        article, older = ARTICLE.fullmatch(path), OLDER.fullmatch(path)
        if article:
            number, variant = article[1], article[2] or ""
        elif older and (not older[1] or older[1] in SCRIPTS):
            number, variant = older[2], older[1] or ""
        else:
            return None
        if variant not in ("", self.variant) and (self.variant or variant not in SCRIPTS):
            return None
        if article and self.variant and not variant:
            path = f"{path}/{self.variant}"  # links in a feed often leave the script out
        return number, f"{self.site}{self.path}/{path}"

    def topic(self, link):
        """The address of a topic page without page number, or None."""
        path = self.inside(link) or ""
        found = re.fullmatch(r"(?:([\w-]+)/)?topics/(c[a-z0-9]{10}t)", path)
        if not found or (found[1] or "") not in ("", self.variant):
            return None
        return f"{self.site}{self.path}/{path}"


def links(text):
    """All addresses in a feed or a page, in order, as they stand there."""
    if re.match(r"\s*(<\?xml|<rss|<feed)", text):
        return [html.unescape(link) for link in FEED_LINK.findall(text) or ATOM_LINK.findall(text)]
    return [html.unescape(next(filter(None, found), "")) for found in LINK.findall(text)]


def discover(service, fetch, known=()):
    """Yield (story id, address) of every story once: feed first, then the front page, then each topic page by page.

    `fetch(url)` gives the text of a page, or "" when there is none. Topics are read round after round, so that no single one fills a small limit.
    """
    seen, topics = set(known), {}

    def new(text):
        for link in links(text):
            found = service.story(link)
            if found and found[0] not in seen:
                seen.add(found[0])
                yield found
            topic = service.topic(link)
            if topic:
                topics.setdefault(topic, 0)

    for feed in service.feeds:
        text = fetch(feed)
        if text:
            yield from new(text)
            break
    yield from new(fetch(service.front))
    while any(number >= 0 for number in topics.values()):
        for topic, number in list(topics.items()):
            if number < 0:
                continue
            text = fetch(f"{topic}?page={number + 1}")
            stories = {found[0] for found in map(service.story, links(text)) if found}
            # Past the last page some sites answer 404 and some repeat the last one.
            ended = not stories or number + 1 >= PAGES or topics.get((topic, "last")) == stories
            yield from new(text)
            topics[topic] = -1 if ended or not _leads_to(text, number + 2) else number + 1


def _leads_to(text, number):
    """Does a topic page have a next one? By a link to it, or by the count in its data."""
    count = re.search(r'"pageCount"\s*:\s*(\d+)', text)
    return bool(count and int(count[1]) >= number) or any(re.search(rf"[?&]page={number}(\D|$)", link) for link in links(text))


# ---------------------------------------------------------------- saved pages

def saved(place):
    """Yield (name, content or None, what is wrong) for every page in a folder or zip file; names are relative paths.

    Nothing is unpacked to the disk, so a zip file with names such as ../../x can do no harm; such entries are named, not read.
    """
    place = Path(place).expanduser()
    if place.is_dir():
        yield from _from_folder(place)
    elif not place.exists():
        raise NeedsFixing(f"{place} is not there; give a folder or a zip file of saved pages")
    elif place.suffix.lower() in (".html", ".htm"):
        yield place.name, *_page_of(place)
    else:
        yield from _from_zip(place)


def _from_folder(folder):
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if (file.is_dir() and not file.is_symlink()) or _is_part(name):
            continue
        if file.is_dir() or not file.is_file():  # links to folders and to nothing, pipes, sockets
            yield name, None, "this is no file with a page in it; copy the page itself into the folder"
            continue
        if file.suffix.lower() == ".zip" and not file.is_symlink():
            try:
                yield from ((f"{name}/{inner}", content, trouble) for inner, content, trouble in _from_zip(file))
            except NeedsFixing as error:  # one broken file costs no other
                yield name, None, str(error)
        elif file.is_symlink() and not file.resolve().is_relative_to(folder.resolve()):
            yield name, None, "this link leads out of the folder; copy the page itself into it"
        else:
            yield name, *_page_of(file)


def _page_of(file):
    if file.stat().st_size > BIGGEST:
        return None, f"this file has {file.stat().st_size / 1e6:.0f} MB, far too much for a story; look at it in a browser"
    try:
        return unwrapped(store.read_bytes(file)), ""
    except NeedsFixing as error:
        return None, str(error)


def unwrapped(content):
    """The page in a file of the kind "Web page, single file" (MHTML), with its address noted as browsers do; other content as it is."""
    if b"multipart/related" not in content[:4096] or not re.match(rb"\s*(From|Date|Subject|MIME-Version|Snapshot-Content-Location|Content-Type):", content[:200], re.I):
        return content
    message = email.message_from_bytes(content)
    page = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    if page is None:
        return content
    text = (page.get_payload(decode=True) or b"").decode(page.get_content_charset() or "utf-8", "replace")
    return f"<!-- saved from url=(0000){page['Content-Location'] or message['Snapshot-Content-Location'] or ''} -->{text}".encode()


def _from_zip(file):
    import zipfile

    with store.plain_errors(file):
        try:
            archive = zipfile.ZipFile(file)
        except zipfile.BadZipFile as error:
            raise NeedsFixing(f"{file} is neither a folder nor a whole zip file ({error}); copy it again") from error
        with archive:
            for entry in archive.infolist():
                if not entry.is_dir() and not _is_part(entry.filename):
                    yield entry.filename, *_entry(archive, entry)


def _entry(archive, entry):
    import zipfile
    import zlib

    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in PurePosixPath(name).parts:
        return None, "its name leads out of the zip file; pack the pages again, with plain names"
    if entry.flag_bits & 1:
        return None, "it is locked with a password; pack the pages again, without one"
    try:
        with archive.open(entry) as stream:
            content = stream.read(BIGGEST + 1)  # the size that a zip file declares may be a lie
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        return None, f"it is damaged in the zip file ({error}); pack the pages again"
    if len(content) > BIGGEST:
        return None, f"this file has more than {BIGGEST / 1e6:.0f} MB, far too much for a story; look at it in a browser"
    return unwrapped(content), ""


def _is_part(name):
    """Is this file only a part of a saved page (picture, style) or made by the system?"""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return not parts or any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts) or any(part.endswith(("_files", "_Dateien", "_fichiers", "_archivos")) for part in parts[:-1]) or bool(
        re.search(r"\.(png|jpe?g|gif|svg|webp|avif|ico|css|js|woff2?|ttf|mp3|mp4|download)$", name, re.I))


def saved_address(content, name):
    """The address of a saved page: what it gives for itself, what the browser noted when saving, else its file name.

    An address that is only that of the front page does not count: some sites write it on all their pages.
    """
    head = decoded(content)[0][:400_000]
    marks = [mark for mark in re.findall(r"<(?:link|meta)\b[^<>]*>", head, re.I) if re.search(r"rel\s*=\s*[\"']?canonical|og:url", mark, re.I)]
    given = [re.search(r"(?:href|content)\s*=\s*[\"']?(https?://[^\"'\s>]+)", mark, re.I) for mark in marks]
    noted = re.search(r"saved from url=\(\d+\)(\S+?)\s*-->", head[:3000])
    found = [html.unescape(address[1]) for address in [*given, noted] if address]
    return next((address for address in found if re.match(r"https?://[^/?#]+(/+[^/?#]|/*\?.)", address)), name)
