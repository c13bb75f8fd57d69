"""One wiki: what it says about itself, and the polite session that asks it; part of wiki_scrape."""
import datetime
import logging
import re

from . import languages, store, web
from ._html import paragraphs_of
from ._manners import Again, read_json
from ._markup import without_marks
from ._wikitext import Names
from .errors import NeedsFixing

# Wikimedia's other projects, by their addresses and by the names of their databases.
SISTERS = "wiktionary|wikibooks|wikiquote|wikisource|wikinews|wikiversity|wikivoyage"
SISTER_HOST = re.compile(rf"(?:https?:)?//(?:[a-z-]+\.)*({SISTERS}|wikidata|wikimedia|mediawiki)\.org(?:/|$)")
SISTER_NAME = re.compile(rf"\w+({SISTERS})")


class Site:
    """One wiki: its addresses, names and licence, and the polite session that asks it."""

    def __init__(self, language, contact, base_url=None, per_minute=180):
        self.language = languages.find(language)
        self.code = self.language.code
        contact = web.contact(contact)
        self.url = base_url or web.endpoints().wiki(self.language)
        if not re.match(r"https?://[^/\s]+/", self.url):
            raise NeedsFixing(f"{self.url!r} is no address of a wiki; give one like https://yo.wikipedia.org/w/api.php")
        self.session = web.Session(contact, per_minute)
        self.names, self.main_page, self.strange = None, None, 0

    def ask(self, post=False, **parameters):
        """The JSON of one API request; raises NeedsFixing with the wiki's own words when it answers with an error."""
        parameters = {"format": "json", "formatversion": 2, "maxlag": 5, **parameters}
        answer = self.session.get(self.url, **{"data" if post else "params": parameters}, read=read_answer)
        if not isinstance(answer, dict):
            raise NeedsFixing(f"{self.url} does not answer as a MediaWiki api.php does; check the address")
        if "error" in answer:
            raise ApiError(answer["error"].get("code", ""), f"{self.url} answered {answer['error'].get('code')}: {str(answer['error'].get('info', ''))[:200]}; check the choices above")
        return answer

    def about(self):
        """Read once what the wiki says about itself: its language, the names of its namespaces, main page, licence, number of articles and its redirects."""
        if self.names is not None:
            return
        answer = self.ask(action="query", meta="siteinfo", siprop="general|namespaces|namespacealiases|rightsinfo|statistics", list="allpages",
                          apfilterredir="redirects", aplimit=500)
        found = answer.get("query", {})
        if "general" not in found:
            raise NeedsFixing(f"{self.url} does not answer as a MediaWiki api.php does; check the address")
        general, rights = found["general"], found.get("rightsinfo", {})
        same_language(self.language, self.url, general.get("wikiid", ""), general.get("lang", ""), general.get("base", ""))
        self.names = names_of(found.get("namespaces", {}).values(), found.get("namespacealiases", []))
        self.main_page = general.get("mainpage", "")
        self.licence, self.licence_url = rights.get("text", ""), rights.get("url", "")
        self.articles = found.get("statistics", {}).get("articles")
        self.redirects = None if "continue" in answer else [page["title"] for page in found.get("allpages", [])]  # None: too many for one answer
        server = general.get("server", "")
        if server.startswith("//"):
            server = self.url.partition("//")[0] + server
        self.script = server + general.get("script", "/w/index.php")
        self.sitename = general.get("sitename", "Wikipedia")

    def row(self, page, revision, text):
        """One row of 1_wiki_scrape.csv."""
        return {
            "id": store.short_hash(self.code, page["pageid"]), "language": self.code, "pageid": page["pageid"], "revid": revision["revid"], "title": page["title"],
            "url": page.get("fullurl", ""), "timestamp": revision.get("timestamp", ""), "text": text, "licence": self.licence,
            "retrieved_at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "permalink": f"{self.script}?oldid={revision['revid']}", "licence_url": self.licence_url,
        }

    def parsed(self, page, paragraphs):
        """The paragraphs as the wiki itself shows them, for a page whose markup is beyond us; a few in a hundred pages may cost a request."""
        self.strange += 1
        if self.strange > 3 + self.session.requests / 4:
            return paragraphs
        try:
            answer = self.ask(action="parse", oldid=page["revisions"][0]["revid"], prop="text", disablelimitreport=1, disableeditsection=1, disabletoc=1)
        except ApiError:
            return paragraphs
        return [*filter(None, map(without_marks, paragraphs_of(answer["parse"]["text"], self.names)))] or paragraphs


def read_answer(answer):
    """The JSON of an answer of the API; Again when it says nothing: as the end of a list, an empty answer would end a run in its middle."""
    found = read_json(answer)
    if isinstance(found, dict) and not found.keys() & {"error", "batchcomplete", "query", "continue", "expandtemplates", "parse"}:
        raise Again("with an answer of the API that holds nothing", 0)
    return found


class ApiError(NeedsFixing):
    """(code, sentence): the wiki's answer to a request that it does not take."""

    def __init__(self, code, sentence):
        super().__init__(sentence)
        self.code = code


def same_language(language, what, dbname, tag, address):
    """NeedsFixing when the wiki `what` is surely no Wikipedia, a closed one or that of another language; a warning when only its language tag is another.

    A wiki of one's own may have any database name and tag, so that these alone refuse nothing. A Wikipedia's own database name
    counts more than its tag: that of nowiki is nb, that of alswiki gsw, that of simplewiki en.
    """
    if sister := SISTER_HOST.match(address) or SISTER_NAME.fullmatch(dbname):
        raise NeedsFixing(f"{what} is of another project ({sister[1]}) and not of a Wikipedia; choose the Wikipedia in {language.name} ({language.code})")
    if dbname == language.dbname:
        return
    host = re.match(r"(?:https?:)?//([a-z-]+)(?:\.m)?\.wikipedia\.org(?:/|$)", address)
    code = host[1] if host else dbname.removesuffix("wiki")
    other = next((one for one in languages.search() if one.dbname == dbname or host and one.code == code), None)
    ours = {part.lower() for name in (language.code, language.tag, language.iso639_3, *language.also.split("; ")) for part in (name, name.partition("-")[0])}
    spoken = not tag or tag.lower() in ours or tag.lower().partition("-")[0] in ours
    if other == language:
        return
    if (host or not spoken) and (other or host or code in languages.CLOSED):
        raise NeedsFixing(f"{what} is of {_whose(other, code)} and not in {language.name} ({language.code}); " +
                          (f"choose {other.code} as the language, or another source" if other else "choose another source"))
    if not spoken:
        logging.getLogger("gi_helpers").warning("%s says that its language is %r; its texts are kept as %s (%s)", what, tag, language.name, language.code)


def _whose(other, code):
    if other:
        return f"the Wikipedia in {other.name} ({other.code})"
    return f"the Wikipedia in {languages.CLOSED[code]} ({code}), which is closed," if code in languages.CLOSED else f"the Wikipedia {code}"


def names_of(namespaces, aliases):
    """Names from siteinfo's namespaces and aliases."""
    found = {6: set(), 14: set(), 10: set(), -2: set()}
    for entry in [*namespaces, *aliases]:
        if entry.get("id") in found:
            found[entry["id"]] |= {entry.get("name", ""), entry.get("canonical", ""), entry.get("alias", "")} - {""}
    codes = frozenset(language.code for language in languages.search())
    return Names(file=frozenset(found[6]), category=frozenset(found[14]), template=frozenset(found[10]), languages=codes, media=frozenset(found[-2]))


def names_of_dump(language, namespaces, more=None):
    """Names for a dump, whose head tells one name of each namespace [(id, name)]: with the older ones that are shipped, and those of a wiki (`more`)."""
    found = names_of([{"id": number, "name": name} for number, name in namespaces], [])
    shipped = next((row for row in store.read_rows(store.shipped("namespaces.csv")) if row["code"] == language.code), {})
    kinds = {kind: getattr(found, kind) | set(filter(None, shipped.get(kind, "").split("; "))) | (getattr(more, kind) if more else set())
             for kind in ("file", "category", "template")}
    return Names(**kinds, languages=found.languages, media=found.media)
