"""action=query of the practice wiki: which pages, what about them, and where to go on.

Going on works as MediaWiki's: an answer that is not all holds `continue`; its values are added to the next request. First the
properties of the same pages are finished (rvcontinue, excontinue), then the next pages come (gapcontinue ...).

    >>> sorted(GENERATORS), sorted(PROPS)
    (['allpages', 'categorymembers', 'random'], ['categories', 'extracts', 'info', 'pageprops', 'revisions'])
"""
import random
import re
import unicodedata
import urllib.parse

from .wiki_about import CANONICAL, meta, title_parts
from .wiki_pages import follow
from .wikitext import first_upper

REVISION_PROPS = "ids flags timestamp user userid size slotsize sha1 contentmodel comment parsedcomment content tags roles".split()
CONTENT_LIMIT, EXTRACT_LIMIT = 50, 20
CHARACTERS = re.compile(r"[<>\[\]|{}\x00-\x1f\x7f]")


class Problem(Exception):
    """(code, info, more): what the API answers as {"error": ...}, with HTTP 200 as MediaWiki does."""


# ---------------------------------------------------------------- action=query

def query(call):
    """The whole answer of action=query."""
    found, going_on = {}, {}
    before = call.get("continue", "")
    done = set(before.partition("||")[2].split("|")) if "||" in before else set()
    for name in ("indexpageids", "export", "iwurl", "rawcontinue", "converttitles"):
        call.flag(name)
    generator = call.get("generator")
    pages, more = None, {}
    if generator is not None:
        if generator not in GENERATORS:
            raise Problem("badvalue", f'Unrecognized value for parameter "generator": {generator}.')
        pages, more = GENERATORS[generator](call, "g")
        pages = [_entry(page) for page in pages]
    elif any(call.get(name) for name in ("titles", "pageids", "revids")):
        pages = _asked(call, found)
    if pages is not None and call.flag("redirects"):
        pages = _redirected(call, pages, found)
    for name in call.several("meta", ("siteinfo", "userinfo", "tokens")):
        found.update(meta(call, name))
    for name in call.several("list", GENERATORS):
        rows, next_one = GENERATORS[name](call, "")
        found[name] = [{"pageid": page.pageid, "ns": page.ns, "title": page.title} for page in rows]
        going_on.update(next_one)
    props = call.several("prop", PROPS)
    unfinished = {}
    if pages is not None:
        for name in props:
            if name not in done:
                unfinished.update({key: (name, value) for key, value in (PROPS[name](call, pages) or {}).items()})
        found["pages"] = [{key: value for key, value in entry.items() if key != "page"} for entry in pages]
    result = {}
    if unfinished:
        names = {name for name, _ in unfinished.values()}
        finished = "|".join(name for name in props if name not in names)
        given = {key: call.params[key] for key in ("gapcontinue", "gcmcontinue", "grncontinue") if key in call.params}
        result["continue"] = {**given, **{key: value for key, (_, value) in unfinished.items()}, "continue": f"{'|'.join(given)}||{finished}"}
    else:
        result["batchcomplete"] = True
        if more or going_on:
            result["continue"] = {**more, **going_on, "continue": "-||" if going_on else f"{next(iter(more))}||"}
    if found:
        result["query"] = found
    return result


def _entry(page):
    return {"pageid": page.pageid, "ns": page.ns, "title": page.title, "page": page}


def _asked(call, found):
    """Pages by title, page id or revision id; the missing and impossible ones are marked, as the API does."""
    wiki, entries, normalized = call.wiki, [], []
    for title in call.several("titles"):
        ns, clean = title_parts(title.partition("#")[0], wiki.words)
        bad = CHARACTERS.search(clean)
        if bad or not clean or len(clean.encode()) > 255:
            reason = (f'The requested page title contains invalid characters: "{bad[0]}".' if bad else
                      "The requested page title is empty or contains only the name of a namespace." if not clean else
                      "The requested page title is too long. It must be no longer than 255 bytes in UTF-8 encoding.")
            entries.append({"title": title, "invalidreason": reason, "invalid": True})
            continue
        if clean != title:
            normalized.append({"fromencoded": unicodedata.normalize("NFC", title) != title, "from": title, "to": clean})
        page = wiki.by_title.get(clean)
        entries.append(_entry(page) if page else {"ns": ns, "title": clean, "missing": True})
    for number in call.several("pageids"):
        page = wiki.by_id.get(_whole(call, "pageids", number))
        entries.append(_entry(page) if page else {"pageid": int(number), "missing": True})
    bad = {}
    for number in call.several("revids"):
        page = wiki.by_revision.get(_whole(call, "revids", number))
        if page:
            entries.append(_entry(page))
        else:
            bad[number] = {"revid": int(number), "missing": True}
    if bad:
        found["badrevids"] = bad
    if normalized:
        found["normalized"] = normalized
    unique = {(entry.get("pageid"), entry.get("title")): entry for entry in entries}
    return sorted(unique.values(), key=lambda entry: "page" in entry)


def _whole(call, name, number):
    if not number.isdigit():
        raise Problem("badinteger", f'Invalid value "{number}" for integer parameter "{name}".')
    return int(number)


def _redirected(call, entries, found):
    steps, kept = [], {}
    for entry in entries:
        if "page" in entry:
            page, taken = follow(call.wiki, entry["page"])
            steps += [step for step in taken if step not in steps]
            entry = entry if page is entry["page"] else _entry(page)
        kept[entry.get("pageid", entry.get("title"))] = entry
    if steps:
        found["redirects"] = steps
    return list(kept.values())


# ---------------------------------------------------------------- generators and lists

def _allpages(call, g):
    """Pages of one namespace by title."""
    ask, p = call.get, g + "ap"
    space = _namespace(call, f"{p}namespace", "0")
    kind = call.choice(f"{p}filterredir", ("all", "redirects", "nonredirects"), "all")
    smallest, largest = ask(f"{p}minsize"), ask(f"{p}maxsize")
    descending = call.choice(f"{p}dir", ("ascending", "descending"), "ascending") == "descending"
    limit = call.number(f"{p}limit", 10)
    start, stop, prefix = ask(f"{p}continue") or ask(f"{p}from", ""), ask(f"{p}to", ""), ask(f"{p}prefix", "")
    start, stop, prefix = (first_upper(unicodedata.normalize("NFC", value)) for value in (start, stop, prefix))
    rows = []
    for page in sorted(call.wiki.pages, key=lambda page: page.title, reverse=descending):
        name = page.title.partition(":")[2] if page.ns else page.title
        wanted = (page.ns == space and name.startswith(prefix) and (kind == "all" or bool(page.redirect) == (kind == "redirects"))
                  and (not smallest or page.length >= int(smallest)) and (not largest or page.length <= int(largest)))
        if wanted and (not start or (name <= start if descending else name >= start)) and (not stop or (name >= stop if descending else name <= stop)):
            rows.append((name, page))
    more = {f"{p}continue": rows[limit][0].replace(" ", "_")} if len(rows) > limit else {}
    return [page for _, page in rows[:limit]], more


def _namespace(call, name, default):
    """A namespace parameter as a number."""
    value = call.get(name, default)
    if not re.fullmatch(r"-?\d+", value) or int(value) not in CANONICAL:
        raise Problem("badvalue", f'Unrecognized value for parameter "{name}": {value}.')
    return int(value)


def _random(call, g):
    """Pages from a place picked by chance; each has a fixed place between 0 and 1, as in MediaWiki, so none comes twice in an answer."""
    p = g + "rn"
    spaces = {int(number) for number in call.several(f"{p}namespace") if number.lstrip("-").isdigit()} or set(CANONICAL)
    kind = call.choice(f"{p}filterredir", ("all", "redirects", "nonredirects"), "nonredirects")
    limit = call.number(f"{p}limit", 1)
    token = call.get(f"{p}continue", "")
    with call.state.lock:
        dice = call.state.memory.setdefault("wiki dice", random.Random(0))
        start = float(token.partition("|")[0]) if re.match(r"0\.\d+", token) else dice.random()
    rows = [page for page in call.wiki.pages if page.ns in spaces and (kind == "all" or bool(page.redirect) == (kind == "redirects"))]
    rows.sort(key=lambda page: (page.chance < start, page.chance))
    rows = rows[:limit]
    return rows, {f"{p}continue": f"{rows[-1].chance + 1e-9:.12f}|{start:.12f}|{rows[-1].pageid}|0"} if rows else {}


def _categorymembers(call, g):
    """Pages of a category by title."""
    p = g + "cm"
    limit, wiki = call.number(f"{p}limit", 10), call.wiki
    for name in ("prop", "type", "sort", "dir"):
        call.get(p + name)
    spaces = {int(number) for number in call.several(f"{p}namespace") if number.isdigit()}
    if call.get(f"{p}pageid"):
        page = wiki.by_id.get(_whole(call, f"{p}pageid", call.get(f"{p}pageid")))
        ns, title = (page.ns, page.title) if page else (0, "")
    elif call.get(f"{p}title"):
        ns, title = title_parts(call.get(f"{p}title"), wiki.words)
    else:
        raise Problem("missingparam", f'One of the parameters "{p}title" and "{p}pageid" is required.')
    if ns != 14:
        raise Problem("invalidcategory", "The category name you entered is not valid.")
    rows = [page for page in wiki.members(title.partition(":")[2]) if not spaces or page.ns in spaces]
    start = call.get(f"{p}continue", "")
    if start:
        rows = [page for page in rows if page.title.encode().hex() >= start.split("|")[1:2][0]] if start.count("|") == 2 else []
    more = {f"{p}continue": f"page|{rows[limit].title.encode().hex()}|{rows[limit].pageid}"} if len(rows) > limit else {}
    return rows[:limit], more


GENERATORS = {"allpages": _allpages, "random": _random, "categorymembers": _categorymembers}


# ---------------------------------------------------------------- properties

def _revisions(call, entries):
    """The revision of each page; its content for fifty pages only, the others follow with rvcontinue."""
    wanted = call.several("rvprop", REVISION_PROPS, "ids|timestamp|flags|comment|user")
    slots = call.get("rvslots")
    for name in ("rvdir", "rvstart", "rvend", "rvstartid", "rvendid", "rvsection", "rvuser", "rvexcludeuser"):
        call.get(name)
    present = sorted((entry for entry in entries if "page" in entry), key=lambda entry: entry["page"].pageid)
    if call.get("rvlimit") is not None and len(present) > 1:
        raise Problem("multpages", '"rvlimit" may only be used with a single page.')
    if "content" in wanted and slots is None:
        call.warn("revisions", 'Because "rvslots" was not specified, a legacy format has been used for the output. This format is deprecated, '
                               'and in the future the new format will always be used.')
    start = call.get("rvcontinue", "").partition("|")[0]
    if start.isdigit():
        present = [entry for entry in present if entry["page"].pageid >= int(start)]
    limit = CONTENT_LIMIT if "content" in wanted else 500
    for entry in present[:limit]:
        entry["revisions"] = [_revision(entry["page"], wanted, slots)]
    if len(present) > limit:
        page = present[limit]["page"]
        return {"rvcontinue": f"{page.pageid}|{page.revid}"}


def _revision(page, wanted, slots):
    row = {}
    if "ids" in wanted:
        row.update(revid=page.revid, parentid=0)
    if "flags" in wanted:
        row["minor"] = False
    if "user" in wanted:
        row["user"] = "GlobalInstruct practice"
    if "timestamp" in wanted:
        row["timestamp"] = page.timestamp
    if "size" in wanted:
        row["size"] = page.length
    if "comment" in wanted:
        row["comment"] = "Practice text written for the GlobalInstruct workbook"
    if "content" in wanted:
        content = {"contentmodel": "wikitext", "contentformat": "text/x-wiki", "content": page.text}
        row.update({"slots": {"main": content}} if slots is not None else content)
    return row


def _info(call, entries):
    more = call.several("inprop", ("url", "protection", "displaytitle", "talkid", "watched", "associatedpage", "preload", "readable", "varianttitles"))
    for entry in entries:
        if "invalid" in entry:
            continue
        entry.update(contentmodel="wikitext", pagelanguage=call.wiki.code, pagelanguagehtmlcode=call.wiki.code, pagelanguagedir="ltr")
        page = entry.get("page")
        if page:
            entry.update(touched=page.timestamp, lastrevid=page.revid, length=page.length)
            if page.redirect:
                entry["redirect"] = True
        if "protection" in more:
            entry.update(protection=[], restrictiontypes=["edit", "move"])
        if "url" in more and "title" in entry:
            name = urllib.parse.quote(entry["title"].replace(" ", "_"), safe="/:,;@!*()'~")
            base = f"{call.host}/wiki/{call.wiki.code}"
            entry.update(fullurl=f"{base}/wiki/{name}", editurl=f"{base}/w/index.php?title={name}&action=edit", canonicalurl=f"{base}/wiki/{name}")
        if "displaytitle" in more and page:
            entry["displaytitle"] = page.title


def _pageprops(call, entries):
    wanted = call.several("ppprop")
    for entry in entries:
        if entry.get("page") and entry["page"].disambiguation and (not wanted or "disambiguation" in wanted):
            entry["pageprops"] = {"disambiguation": ""}
    call.get("ppcontinue")


def _categories(call, entries):
    for name in ("cllimit", "clprop", "clshow", "clcontinue", "cldir"):
        call.get(name)
    for entry in entries:
        names = call.wiki.page_html(entry["page"]).categories if entry.get("page") else []
        if names:
            entry["categories"] = [{"ns": 14, "title": f"{call.wiki.words['category']}:{name}"} for name in names]


def _extracts(call, entries):
    """Plain text or simple HTML. Whole texts come one page a request, as from Wikipedia; openings up to twenty."""
    intro, plain = call.flag("exintro"), call.flag("explaintext")
    sentences, characters = call.get("exsentences"), call.get("exchars")
    call.get("exsectionformat"), call.get("explaintext")
    limit = call.number("exlimit", EXTRACT_LIMIT, EXTRACT_LIMIT)
    if not (intro or sentences or characters) and limit > 1:
        if call.get("exlimit") is not None or len(entries) > 1:
            call.warn("extracts", '"exlimit" was too large for a whole article extracts request, lowered to 1.')
        limit = 1
    start = call.get("excontinue", "0")
    start = int(start) if start.isdigit() else 0
    present = [entry for entry in entries if "page" in entry]
    for entry in present[start:start + limit]:
        page = call.wiki.page_html(entry["page"])
        text = page.plain(intro) if plain else page.extract_html(intro)
        if sentences and plain:
            text = "".join(re.findall(r".*?[.!?](?:\s+|$)|.+$", text, re.S)[:int(sentences)]).strip()
        if characters and plain and len(text) > int(characters):
            text = text[:int(characters)].rsplit(" ", 1)[0] + "..."
        entry["extract"] = text
    if len(present) > start + limit:
        return {"excontinue": start + limit}


PROPS = {"revisions": _revisions, "info": _info, "pageprops": _pageprops, "extracts": _extracts, "categories": _categories}
