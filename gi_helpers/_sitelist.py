"""Wikimedia's list of its wikis as it comes, with what is odd in it told and never taken; part of languages."""
import re
import unicodedata

from .errors import NeedsFixing

CODE, DBNAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*"), re.compile(r"[a-z][a-z0-9_]*")


def answers(fetch, url, params):
    """The answers to one request in as many parts as the site gives it; NeedsFixing when it goes round in a circle."""
    seen = []
    while True:
        answer = fetch(url, {**params, **(seen[-1] if seen else {})})
        yield answer
        more = answer.get("continue")
        if not more:
            return
        if not isinstance(more, dict) or more in seen:
            raise NeedsFixing(f"{url} gives the same part of its list again and again; try again later, the old table stays as it is")
        seen.append(more)


def parse(answer):
    """The open Wikipedias in an answer to action=sitematrix (formatversion 1 or 2): dicts of code, dbname, name, autonym, direction.

    Raises NeedsFixing for what is no list of sites, and for an entry that cannot be read: without it a wiki would be lost unseen.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("sitematrix"), dict):
        what = answer.get("error", answer) if isinstance(answer, dict) else answer
        raise NeedsFixing(f"this is no list of sites: {str(what)[:120]}; check the address and try again")
    entries = [entry for number, entry in answer["sitematrix"].items() if number.isdecimal()]  # not: count, specials
    return [_parsed(entry, site) for entry in entries for site in _sites(entry) if _is_open(site)]


def _sites(entry):
    sites = entry.get("site", []) if isinstance(entry, dict) else None
    if not isinstance(sites, list) or not all(isinstance(site, dict) for site in sites):
        raise _odd(entry)
    return sites


def _is_open(site):
    # "closed" is true in formatversion 2 and "" in version 1, so that its presence says it
    return site.get("code") == "wiki" and site.get("closed", False) is False


def _parsed(entry, site):
    url = site.get("url")
    host = re.match(r"(?:https?:)?//([a-z-]+)\.wikipedia\.org", url if isinstance(url, str) else "")
    code = host[1] if host else entry.get("code")  # the list still says be-x-old where the host says be-tarask
    own, english, direction = entry.get("name") or "", entry.get("localname") or "", entry.get("dir") or "ltr"
    if not (all(isinstance(value, str) for value in (code, own, english, site.get("dbname"))) and CODE.fullmatch(code) and DBNAME.fullmatch(site["dbname"])
            and direction in ("ltr", "rtl")):
        raise _odd(entry)
    return {"code": code, "dbname": site["dbname"], "name": english or own or code, "autonym": unicodedata.normalize("NFC", own or english or code), "direction": direction}


def _odd(entry):
    return NeedsFixing(f"the list of wikis has an entry that cannot be read: {str(entry)[:120]}; try again later, the old table stays as it is")
