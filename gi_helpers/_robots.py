"""What a site's robots.txt allows, by RFC 9309 (Robots Exclusion Protocol), section 2.2; part of web.

Python's own urllib.robotparser takes `*` and `$` for letters and the first rule that fits, not the longest.

    >>> rules = Rules("User-agent: *\\nDisallow: /news/*/private/\\nAllow: /news/yo/private/notice$", "GlobalInstruct")
    >>> [rules.allows("https://example.org/news/yo/" + page) for page in ("a", "private/a", "private/notice", "private/notices")]
    [True, False, True, False]
"""
import re
import urllib.parse

PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")  # RFC 3986, section 2.3


class Rules:
    """The rules of one robots.txt for one reader: `.text` as it came, `.delay` (seconds between two pages, or 0)."""

    def __init__(self, text, reader):
        self.text, groups, readers, ended = text, {}, [], False
        for line in text.lstrip("\ufeff").splitlines():
            name, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
            name = name.lower()
            if name == "user-agent":
                if ended:
                    readers, ended = [], False
                readers.append(value.lower() if value == "*" else re.match(r"[a-z_-]*", value.lower())[0])
                groups.setdefault(readers[-1], [])  # groups of one name are one
            elif name in ("allow", "disallow", "crawl-delay"):
                ended = True
                for one in readers:
                    groups[one].append((name, value))
        mine = groups.get(reader.lower(), groups.get("*", []))
        self.rules = [(_tidy(value), name == "allow") for name, value in mine if value and name != "crawl-delay"]
        self.delay = max((float(value) for name, value in mine if name == "crawl-delay" and re.fullmatch(r"\d{1,6}(\.\d+)?", value)), default=0.0)

    def allows(self, url):
        """May this address be read? The longest rule that fits decides; of two as long, the one that allows."""
        parts = urllib.parse.urlsplit(url)
        place = _tidy((parts.path or "/") + ("?" + parts.query if parts.query else ""))
        if place == "/robots.txt":
            return True
        return max(((len(rule), allows) for rule, allows in self.rules if _fits(rule, place)), default=(0, True))[1]


def _tidy(place):
    """The same path in one way of writing: letters that need no percent sign without, all others with one."""
    def one(found):
        letter = chr(int(found[1], 16))
        return letter if letter in PLAIN else found[0].upper()

    whole = urllib.parse.quote(place, safe="".join(map(chr, range(33, 127))), errors="replace")
    return re.sub(r"%([0-9a-fA-F]{2})", one, whole)


def _fits(rule, place):
    """Does a rule fit a path from its start? `*` stands for any letters, `$` at the end for the end."""
    first, *parts = rule.removesuffix("$").split("*")
    if not place.startswith(first):
        return False
    if not rule.endswith("$"):
        parts.append("")
    elif not parts:
        return place == first
    at, last = len(first), parts.pop()
    for part in parts:  # the earliest place of each part leaves most room for the next: no way back is needed
        at = place.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return place.endswith(last) and len(place) - len(last) >= at
