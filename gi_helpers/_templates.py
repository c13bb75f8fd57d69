"""What the inline templates of many pages stand for, with few requests; part of wiki_scrape.

A template is text with places for its parameters. Where its own wikitext says no more than that, it is filled here (`Simple`, which
dumps use too); all others are sent to the wiki together, some hundreds in a request, and each answer is kept for the pages to come.

    >>> simple = Simple({"Lang": '<span lang="{{{1}}}">{{{2}}}</span>', "Ìlú": "{{{orúkọ|ìlú}}} ní {{lang|yo|{{{1}}}}}"})
    >>> simple.expand("{{ìlú|orúkọ= Ìbàdàn |Ọ̀yọ́}}")
    'Ìbàdàn ní <span lang="yo">Ọ̀yọ́</span>'
    >>> simple.expand("{{ìlú|Ọ̀yọ́}} {{#if:a|b}}") is None        # a function of the wiki: ask the wiki
    True
"""
import re

from ._braces import split_pipes, template_spans
from ._furniture import COMMENT
from ._wikitext import MARK

PARAMETER = re.compile(r"\{\{\{([^{}|]*)(\|[^{}]*)?\}\}\}")
NOT_INCLUDED = re.compile(r"<noinclude\b[^<>]*>.*?(?:</noinclude\s*>|\Z)", re.S | re.I)
ONLY_INCLUDED = re.compile(r"<onlyinclude\b[^<>]*>(.*?)</onlyinclude\s*>", re.S | re.I)
INCLUDED_TAG = re.compile(r"</?includeonly\b[^<>]*>", re.I)
EXTENSION = re.compile(r"<(?:nowiki|ref|poem|section|templatestyles|gallery|math|pre|syntaxhighlight|score|timeline)\b", re.I)
PAGE_NAMES = {"PAGENAME", "FULLPAGENAME", "BASEPAGENAME", "SUBPAGENAME", "ROOTPAGENAME", "ARTICLEPAGENAME", "SUBJECTPAGENAME"}
SILENT = {"DEFAULTSORT", "DISPLAYTITLE", "DEFAULTSORTKEY", "DEFAULTCATEGORYSORT", "SHORTDESC", "#SEO"}
# What only the page itself can say, even where its title is known.
OF_THE_PAGE = re.compile(r"\{\{\s*(?:#property|#statements|REVISION[A-Z]+|PAGEID|PAGESIZE|CASCADINGSOURCES|PROTECTION[A-Z]+)\b", re.I)
TOGETHER, CHARACTERS = 400, 150_000  # templates and wikitext of one request


def name_of(source):
    """The name of the template in its wikitext: first letter large, spaces single; None for functions of the wiki such as {{#if:}}."""
    name = re.split(r"[|}]", source[2:], maxsplit=1)[0]
    name = " ".join(name.replace("_", " ").split())
    if not name or re.search(r"[#{}\[\]<>:]", name):
        return None
    return name[0].upper() + name[1:]


class Simple:
    """Templates that need no wiki: `sources` maps a name to the wikitext of its page."""

    def __init__(self, sources=None, prefixes=("template",)):
        self.prefixes, self.bodies, self.known = {prefix.lower() for prefix in prefixes}, {}, set()
        for name, source in (sources or {}).items():
            self.learn(name, source)

    def learn(self, name, source):
        """Remember a template's page; one that needs the wiki is remembered as such. None: there is no such page."""
        self.known.add(name)
        body = "" if source is None else included(source)
        if not EXTENSION.search(body) and not re.search(r"\{\{\s*(?:#|subst:|safesubst:)", body, re.I):
            self.bodies[name] = body

    def expand(self, source, depth=0):
        """The wikitext that a template stands for, MARK in it for the page's title; None when only the wiki can say."""
        spans = template_spans(source)
        if depth > 8 or PARAMETER.search(source) and not spans:
            return None
        out, last = [], 0
        for start, end in spans:
            value = self._call(source[start + 2:end - 2], depth)
            if value is None:
                return None
            out += [source[last:start], value]
            last = end
        return "".join(out) + source[last:]

    def _call(self, inside, depth):
        first, *rest = split_pipes(inside)
        name = " ".join(first.replace("_", " ").split())
        prefix, colon, after = name.partition(":")
        if colon and prefix.strip().lower() in self.prefixes:
            name = after.strip()
        elif colon and prefix.strip() in SILENT:
            return ""
        if name in PAGE_NAMES and not rest:
            return MARK
        if name == "!":
            return "|"
        name = name[:1].upper() + name[1:]
        if name not in self.bodies:
            return None
        values = self._arguments(rest, depth)
        if values is None:
            return None
        text = fill_parameters(self.bodies[name], values)
        return None if text is None else self.expand(text, depth + 1)

    def _arguments(self, parts, depth):
        values, number = {}, 0
        for part in parts:
            part = self.expand(part, depth + 1)
            if part is None:
                return None
            key, named, value = part.partition("=")
            if named and not re.search(r"[<\[{]", key):
                values[key.strip()] = value.strip()
            else:
                number += 1
                values[str(number)] = part
        return values


def included(source):
    """The part of a template's page that other pages show."""
    source = COMMENT.sub("", source)
    if ONLY_INCLUDED.search(source):
        return "".join(ONLY_INCLUDED.findall(source))
    return INCLUDED_TAG.sub("", NOT_INCLUDED.sub("", source))


def fill_parameters(body, values):
    """The body of a template with its parameters put in; None when one that was not given has no default."""
    for _ in range(40):
        lost = False

        def value(found):
            nonlocal lost
            name = found[1].strip()
            if name in values:
                return values[name].replace("{{{", "{ { {")
            lost = lost or found[2] is None
            return (found[2] or "|")[1:]

        body, changes = PARAMETER.subn(value, body)
        if lost:
            return None
        if not changes:
            return None if "{{{" in body else body
    return None


class Expander:
    """Asks the wiki what templates stand for, with as few requests as can be. `ask(**parameters)` sends one API request and gives its JSON."""

    def __init__(self, ask, names, limit=100_000):
        self.ask, self.names, self.limit = ask, names, limit
        self.simple, self.cache, self.missing = Simple(prefixes=names.template), {}, 0

    def resolve(self, pages):
        """Expansions for pages of (Page, title, revid): a dict from template wikitext to wikitext for each, in order."""
        wanted = {source for page, _, _ in pages for source in page.templates if not OF_THE_PAGE.search(source)}
        new = [source for source in sorted(wanted) if source not in self.cache]
        self._learn(new)
        hard = []
        for source in new:
            value = self.simple.expand(source)
            if value is None:
                hard.append(source)
            else:
                self.cache[source] = value
        for group in _groups(hard):
            self.cache.update(zip(group, self._expand(group)))
        shared = {source: self.cache[source] for source in wanted}
        if len(self.cache) > self.limit:
            self.cache.clear()
        return [self._of_page(page, title, revid, shared) for page, title, revid in pages]

    def _of_page(self, page, title, revid, shared):
        own = [source for source in page.templates if source not in shared]
        if own:
            values = self._expand(own, title, revid)
            return {**shared, **dict(zip(own, values))}
        return shared

    def _learn(self, sources):
        """Read the pages of the templates that are used most, fifty in one request: most then need no further request."""
        uses = {}
        for source in sources:
            for start, end in template_spans(source):
                name = name_of(source[start:end])
                if name and name not in self.simple.known:
                    uses[name] = uses.get(name, 0) + 1
        often = [name for name in sorted(uses, key=lambda name: (-uses[name], name)) if uses[name] >= 5][:50]
        if not often:
            return
        prefix = "Template:"
        answer = self.ask(action="query", prop="revisions", rvprop="content", rvslots="main", redirects=1, post=True, titles="|".join(prefix + name for name in often))
        query = answer.get("query", {})
        found = {page["title"]: _content(page) for page in query.get("pages", [])}
        moved = {step["from"]: step["to"] for part in ("normalized", "redirects") for step in query.get(part, [])}
        for name in often:
            title = prefix + name
            for _ in range(4):
                title = moved.get(title, title)
            if title in found:
                self.simple.learn(name, found[title])
            else:
                self.simple.known.add(name)

    def _expand(self, sources, title=MARK, revid=None):
        """The wiki's expansion of each source; "" for one that it cannot expand."""
        parts = "".join(f"§{number}§{source}" for number, source in enumerate(sources)) + f"§{len(sources)}§"
        own = {"revid": revid} if revid else {}
        answer = self.ask(action="expandtemplates", prop="wikitext", title=title, text=parts, post=True, **own)
        text = answer.get("expandtemplates", {}).get("wikitext", "")
        values = _between(text, len(sources))
        if values is None:  # one of them has no end and takes the others with it
            if len(sources) == 1:
                return [""]
            half = len(sources) // 2
            return self._expand(sources[:half], title, revid) + self._expand(sources[half:], title, revid)
        return values


def _between(text, count):
    values, place = [], text.find("§0§")
    for number in range(count):
        start = place + len(f"§{number}§")
        place = text.find(f"§{number + 1}§", start)
        if place < 0:
            return None
        values.append(text[start:place])
    return values


def _groups(sources):
    group, size = [], 0
    for source in sources:
        if group and (len(group) >= TOGETHER or size + len(source) > CHARACTERS):
            yield group
            group, size = [], 0
        group.append(source)
        size += len(source)
    if group:
        yield group


def _content(page):
    """The wikitext in an API answer; None for a page that does not exist."""
    if page.get("missing") or not page.get("revisions"):
        return None
    return page["revisions"][0].get("slots", {}).get("main", {}).get("content")
