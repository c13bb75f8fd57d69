"""What the answer of a site asks of a reader: to wait, to ask again, or to stay away; part of web."""
import re
import time
import urllib.parse

from .errors import NeedsFixing


def site_of(url):
    """Who counts the requests to an address: one name for all wikis of the foundation, else host and port."""
    parts = urllib.parse.urlsplit(url)
    return "wikimedia" if re.search(r"(^|\.)(wiki(pedia|media|data|source|books|quote|news|versity|voyage)|wiktionary|mediawiki)\.org$", parts.hostname or "") else parts.netloc


class Lost(NeedsFixing):
    """One address cannot be had, after all tries; others of the site perhaps can."""


class Barred(Lost):
    """An address leads on to one that may not be read; the site itself is well."""


class Again(Exception):
    """(reason, seconds): this answer does not count; ask again after so many seconds, or soon when it is None."""


# What happened, for people, by the names of the errors of `requests`; the first that fits counts.
FAULTS = {"Timeout": "no answer in time", "SSLError": "a certificate that is not trusted", "ProxyError": "a proxy that does not answer", "ChunkedEncodingError": "a body that was cut off",
          "ContentDecodingError": "a damaged body", "TooManyRedirects": "redirects without end", "ConnectionError": "no connection"}


def fault(error):
    """What happened, in words, when a request failed with this error of `requests`."""
    names = [kind.__name__ for kind in type(error).__mro__]
    return next((FAULTS[name] for name in names if name in FAULTS), names[0])


def cut(answer, most):
    """Read a streamed answer up to one byte more than `most`, and hang up when there is more."""
    parts, left = [], most + 1
    with answer:
        for part in answer.iter_content(65_536):
            parts.append(part[:left])
            left -= len(parts[-1])
            if not left:
                break
    answer._content, answer._content_consumed = b"".join(parts), True  # as requests itself keeps a body that was read whole


def read_json(answer):
    """The JSON of an answer; raises Again for a cut body and for MediaWiki's "not now", NeedsFixing for a page that is for people."""
    try:
        value = answer.json()
    except ValueError as error:
        if "html" in answer.headers.get("Content-Type", ""):
            raise NeedsFixing(f"{answer.url.partition('?')[0]} is a page for readers, not an api.php; check the address (or log in to the network you are in)") from error
        raise Again("a body that was cut off", 0) from error
    problem = value.get("error") if isinstance(value, dict) else None
    code = problem.get("code", "") if isinstance(problem, dict) else ""
    if code in ("maxlag", "ratelimited", "readonly"):
        raise Again(f"{code}", retry_after(answer.headers) or 5)
    if code.startswith("internal_api_error"):
        raise Again(code, 0)
    return value


def retry_after(headers):
    """The seconds that a site asks to wait (Retry-After in seconds or as a date), or 0."""
    from email.utils import parsedate_to_datetime

    value = headers.get("Retry-After", "").strip()
    if not value:
        return 0.0
    try:
        seconds = float(value)
        return max(0.0, seconds) if seconds < 1e7 else 0.0  # nan and inf are nonsense, too
    except ValueError:
        pass
    try:
        # The site's own clock counts, not ours, which may be wrong.
        now = parsedate_to_datetime(headers["Date"]).timestamp() if headers.get("Date") else time.time()
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError):
        return 0.0


def say(seconds, reason):
    import logging

    logging.getLogger("gi_helpers").warning("%s; the next try is in %.0f s", reason, seconds)


def advice(reason, seconds=0):
    if reason in ("HTTP 403", "HTTP 401"):
        return "the site refuses this reader (this does not mean that there is no such page), so stop, check your contact and its rules, and ask for permission"
    if reason == "HTTP 429" or seconds:
        return f"it asks for a slower pace, so wait {max(1, round(seconds / 60))} min or more and run the cell again; it goes on where it stopped"
    if reason in ("HTTP 404", "HTTP 410"):
        return "check the address"
    return "check the network and the address, and run the cell again; it goes on where it stopped"
