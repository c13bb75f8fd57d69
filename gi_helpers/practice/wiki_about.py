"""The practice wiki's names: its namespaces, how it writes a title, and what siteinfo says of it.

    >>> title_parts("ẹ̀ka:oúnjẹ", {"category": "Ẹ̀ka", "file": "Fáìlì", "template": "Àdàkọ"})
    (14, 'Ẹ̀ka:Oúnjẹ')
"""
import unicodedata
import urllib.parse

from .wiki_pages import LICENCE
from .wikitext import first_upper

CANONICAL = {-2: "Media", -1: "Special", 0: "", 1: "Talk", 2: "User", 3: "User talk", 4: "Project", 5: "Project talk", 6: "File", 7: "File talk",
             8: "MediaWiki", 9: "MediaWiki talk", 10: "Template", 11: "Template talk", 12: "Help", 13: "Help talk", 14: "Category", 15: "Category talk"}
LANGUAGES = {"en": "English", "ha": "Hausa", "ig": "Igbo", "pcm": "Naijá", "yo": "Yorùbá"}


# ---------------------------------------------------------------- titles

def local_names(words):
    """The names of the namespaces in the language: number -> name."""
    return {**CANONICAL, 6: words["file"], 10: words["template"], 14: words["category"], 4: "GlobalInstruct"}


def title_parts(title, words):
    """(namespace, title as the wiki writes it)."""
    title = unicodedata.normalize("NFC", title).replace("_", " ").strip()
    space, colon, rest = title.lstrip(":").partition(":")
    if colon:
        names = {name.lower(): number for number, name in CANONICAL.items() if name}
        names.update({name.lower(): number for number, name in local_names(words).items() if name}, image=6, t=10)
        number = names.get(" ".join(space.split()).lower())
        if number is not None:
            return number, f"{local_names(words)[number]}:{first_upper(rest)}"
    return 0, first_upper(title.lstrip(":"))


def normal(wiki, title):
    """A title as the wiki writes it, without a fragment."""
    return title_parts(title.partition("#")[0], wiki.words)[1]


# ---------------------------------------------------------------- about the wiki

def meta(call, name):
    """The answer of meta=siteinfo, userinfo or tokens: {part: what it says}."""
    if name == "userinfo":
        call.get("uiprop")
        return {"userinfo": {"id": 0, "name": "127.0.0.1", "anon": True, "groups": ["*"], "rights": ["read"]}}
    if name == "tokens":
        call.get("type")
        return {"tokens": {"csrftoken": "+\\"}}
    for one in ("sishowalldb", "sinumberingroup", "siinlanguagecode", "sifilteriw"):
        call.get(one)
    parts = {"general": _general(call), "statistics": _statistics(call), "namespaces": _namespaces(call),
             "namespacealiases": [{"id": 6, "alias": "Image"}, {"id": 10, "alias": "T"}], "rightsinfo": dict(LICENCE),
             "languages": [{"code": code, "bcp47": code, "name": own} for code, own in LANGUAGES.items()], "extensions": [], "interwikimap": [],
             "magicwords": [{"name": "redirect", "aliases": ["#REDIRECT"], "case-sensitive": False}]}
    return {part: parts[part] for part in call.several("siprop", parts, "general")}


def _general(call):
    wiki = call.wiki
    main = urllib.parse.quote(wiki.words["main_page"].replace(" ", "_"))
    return {"mainpage": wiki.words["main_page"], "base": f"{call.host}/wiki/{wiki.code}/wiki/{main}", "sitename": "Wikipedia (GlobalInstruct practice)",
            "practice": True, "generator": "MediaWiki 1.46.0", "case": "first-letter", "lang": wiki.code, "fallback": [], "rtl": False,
            "articlepath": f"/wiki/{wiki.code}/wiki/$1", "scriptpath": f"/wiki/{wiki.code}/w", "script": f"/wiki/{wiki.code}/w/index.php",
            "server": call.host, "servername": call.host.partition("//")[2], "wikiid": f"{wiki.code}wiki", "dbname": f"{wiki.code}wiki",
            "writeapi": False, "readonly": True, "timezone": "UTC", "timeoffset": 0, "maxarticlesize": 2097152, "max-page-id": max(wiki.by_id)}


def _statistics(call):
    pages = call.wiki.pages
    articles = [page for page in pages if page.ns == 0 and not page.redirect and "[[" in page.text]
    return {"pages": len(pages), "articles": len(articles), "edits": len(pages), "images": 0, "users": 1, "activeusers": 0, "admins": 0, "jobs": 0}


def _namespaces(call):
    rows = {}
    for number, name in local_names(call.wiki.words).items():
        rows[str(number)] = {"id": number, "case": "first-letter", "name": name, "subpages": bool(number % 2), "content": number == 0,
                             "nonincludable": False}
        if number:
            rows[str(number)]["canonical"] = CANONICAL[number]
    return rows
