"""The practice Wikipedia: /wiki/<code>/w/api.php answers as MediaWiki's Action API does, as far as notebook 1 and its peers ask.

    action=query   titles, pageids, revids (50 at most), redirects, converted answers for formatversion 1 and 2
        generator / list   allpages, random, categorymembers, with `continue`
        prop               revisions (content of 50 pages a request), info, pageprops, extracts (whole texts: one page a request), categories
        meta               siteinfo, userinfo
    action=parse, expandtemplates, sitematrix
    also /wiki/<code>/wiki/<Title>, /wiki/<code>/w/index.php?title= or ?oldid= (with action=raw) as pages for a reader

    >>> from gi_helpers.practice.messages import Request
    >>> reply = answer(Request("GET", "/wiki/yo/w/api.php?action=query&titles=Ibadan&redirects=1&format=json&formatversion=2"), State())
    >>> import json
    >>> json.loads(reply.body)["query"]["pages"]
    [{'pageid': 1001, 'ns': 0, 'title': 'Ìbàdàn'}]
"""
import hashlib
import html
import re
import time

from gi_helpers import store

from . import wiki_query, wikitext
from .messages import Response, html_response, json_response
from .state import State, codes
from .wiki_about import normal
from .wiki_pages import TEMPLATES, follow, wiki_of
from .wiki_query import Problem

FOUR = [("ha", "Hausa", "Hausa"), ("ig", "Igbo", "Igbo"), ("pcm", "Naijá", "Nigerian Pidgin"), ("yo", "Yorùbá", "Yoruba")]
COMMON = set("action format formatversion utf8 ascii maxlag curtimestamp errorformat errorlang errorsuselocal origin smaxage maxage uselang variant requestid "
             "assert servedby responselanginfo".split())
EXPAND_PROPS = "wikitext categories properties volatile ttl modules jsconfigvars encodedjsconfigvars parsetree".split()
PARSE_PROPS = "text wikitext langlinks categories links templates images externallinks sections revid displaytitle iwlinks properties parsewarnings".split()
PARSE_SETTINGS = ("disablelimitreport disableeditsection disabletoc wrapoutputclass contentmodel contentformat pst preview section "
                  "disablestylededuplication").split()


def gold(code, texts=None):
    """What a scraper must bring back: {title: [paragraphs]} of every article; `texts` is another folder than data/practice."""
    found = wiki_of(code, State(texts=texts))
    if found is None:
        raise LookupError(f"there are no practice texts for {code!r}")
    return found.gold


def answer(request, state):
    """The Response for a path below /wiki/."""
    found = re.fullmatch(r"/wiki/([^/]+)(/w/api\.php|/w/index\.php|/wiki/?(.*))", request.path, re.S)
    if not found:
        return Response(404, "The practice wikis are at /wiki/<code>/w/api.php, where <code> is one of " + ", ".join(codes(state)) + ".\n")
    code, api = found[1], found[2].endswith("api.php")
    wiki = wiki_of(code, state)
    if wiki is None:
        info = f"There are no practice texts for {code!r}; there are some for {', '.join(codes(state))}."
        return json_response({"error": {"code": "nosuchwiki", "info": info}}, 404)
    host = "http://" + (request.headers.get("Host") or "127.0.0.1")
    if not api:
        return _page(wiki, found[3], request)
    refused = _refused(request, state)
    if refused:
        return refused
    settings, response = state.settings(), _api(wiki, request, state, host)
    bad = state.fault_for(request) == "bad_json"
    if bad or settings.get("truncate_every") and request.turn % settings["truncate_every"] == 0:
        response.body = response.body[:len(response.body) // 2]
    return response


# ---------------------------------------------------------------- faults on purpose

def _params(request):
    """GET and POST parameters as one dict of strings."""
    merged = {name: values[-1] for name, values in {**request.query, **request.form()}.items()}
    if request.headers.get("Content-Type", "").startswith("multipart/form-data"):
        merged.update(request.multipart()[0])
    return merged


def _refused(request, state):
    """The answer of one of Wikipedia's switches that holds now (see server), or None."""
    settings = state.settings()
    agent = request.headers.get("User-Agent", "")
    state.wait(settings.get("delay_ms", 0) / 1000)
    if settings.get("require_user_agent") and not agent:
        return Response(403, "Please set a user-agent and respect our robot policy https://w.wiki/4wJS.\n")
    if settings.get("rate_limit"):
        known = re.search(r"https?://|[^\s@]+@[^\s@]+\.\w", agent)
        limit = int(settings["rate_limit"].get("identified" if known else "unidentified", 0))
        now = time.time()  # one counter over all wikis, as Wikimedia has
        if limit and state.count(f"minute {int(now // 60)} {agent if known else 'unidentified'}") > limit:
            return Response(429, "You are making too many requests.\n", {"Retry-After": str(60 - int(now) % 60)})
    params = _params(request)
    lag = settings.get("maxlag")
    if lag is not None and re.fullmatch(r"-?\d+(\.\d+)?", params.get("maxlag", "")) and lag > float(params["maxlag"]):
        body = {"error": {"code": "maxlag", "info": f"Waiting for db: {lag} seconds lagged.", "host": "db", "lag": lag, "type": "db"}}
        return json_response(body, Retry_After=5, X_Database_Lag=lag, MediaWiki_API_Error="maxlag")
    request.turn = state.count("wiki api")
    if settings.get("fail_every") and request.turn % settings["fail_every"] == 0:
        after = {"Retry_After": settings["retry_after"]} if "retry_after" in settings else {}
        return html_response("<html><body>Wikimedia Error (practice)</body></html>\n", settings.get("fail_status", 503), **after)
    return None


# ---------------------------------------------------------------- the API

class Call:
    """The parameters of one request; remembers which were asked for, so that the others can be warned about."""

    def __init__(self, params, wiki, state, host):
        self.params, self.wiki, self.state, self.host = params, wiki, state, host
        self.asked, self.warnings = set(COMMON), {}
        self.version = int(params.get("formatversion", "1")) if params.get("formatversion", "1") in ("1", "2") else 2

    def get(self, name, default=None):
        self.asked.add(name)
        return self.params.get(name, default)

    def flag(self, name):
        """A boolean parameter is true whenever it is there, whatever it says."""
        return self.get(name) is not None

    def choice(self, name, allowed, default=None):
        value = self.get(name, default)
        if value not in allowed:
            raise Problem("badvalue", f'Unrecognized value for parameter "{name}": {value}.')
        return value

    def several(self, name, allowed=None, default="", limit=50):
        """A list parameter, parted by | or, when it begins with one, by the unit separator."""
        value = self.get(name, default)
        values = [] if value == "" else value[1:].split("\x1f") if value.startswith("\x1f") else value.split("|")
        values = list(dict.fromkeys(values))
        if len(values) > limit:
            raise Problem("toomanyvalues", f'Too many values supplied for parameter "{name}". The limit is {limit}.',
                          {"parameter": name, "limit": limit, "lowlimit": limit, "highlimit": 500})
        if allowed is not None:
            unknown = [one for one in values if one not in allowed]
            if unknown:
                more = "s" if len(unknown) > 1 else ""
                self.warn("main", f'Unrecognized value{more} for parameter "{name}": {", ".join(unknown)}')
            values = [one for one in values if one in allowed]
        return values

    def number(self, name, default, highest=500):
        """A limit; "max" is the highest, more than the highest is lowered with a warning."""
        value = self.get(name, str(default))
        if value == "max":
            return highest
        if not re.fullmatch(r"-?\d+", value):
            raise Problem("badinteger", f'Invalid value "{value}" for integer parameter "{name}".')
        if int(value) > highest:
            self.warn("main", f'The value "{value}" for parameter "{name}" must be no more than {highest}.')
        if int(value) < 1 and name.endswith("limit"):
            raise Problem("badinteger", f'The value "{value}" for parameter "{name}" must be no less than 1.')
        return min(int(value), highest)

    def warn(self, module, text):
        self.warnings.setdefault(module, []).append(text)


def _api(wiki, request, state, host):
    call, headers = Call(_params(request), wiki, state, host), {}
    try:
        if call.get("format", "json") not in ("json", "jsonfm", "none"):
            raise Problem("badvalue", f'Unrecognized value for parameter "format": {call.get("format")}.')
        lag = call.get("maxlag")
        if lag is not None and not re.fullmatch(r"-?\d+(\.\d+)?", lag):
            raise Problem("badinteger", f'Invalid value "{lag}" for integer parameter "maxlag".')
        result = ACTIONS[call.choice("action", ACTIONS)](call)
    except Problem as problem:
        code, info, *more = problem.args
        result = {"error": {"code": code, "info": info, **(more[0] if more else {}), "docref": f"See {host}/wiki/{wiki.code}/w/api.php for API usage."}}
        headers = {"MediaWiki_API_Error": code}
    unknown = sorted(set(call.params) - call.asked)
    if unknown and "error" not in result:
        call.warn("main", f"Unrecognized parameter{'s' * (len(unknown) > 1)}: {', '.join(unknown)}.")
    if call.warnings:
        result = {"warnings": {module: {"warnings": "\n".join(texts)} for module, texts in call.warnings.items()}, **result}
    if call.get("curtimestamp") is not None:
        result["curtimestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return json_response(result if call.version == 2 else old_shape(result), **headers)


STARRED = {("revisions", "content"), ("main", "content"), ("namespaces", "name"), ("namespacealiases", "alias"), ("languages", "name"),
           ("warnings", "warnings")}


def old_shape(value, inside=""):
    """formatversion 2 -> 1: true is "", false is absent, pages stand under their ids, texts under "*"."""
    if isinstance(value, list) and inside == "pages":
        negative = iter(range(-1, -len(value) - 1, -1))
        return {str(page["pageid"] if "pageid" in page else next(negative)): old_shape(page) for page in value}
    if isinstance(value, list):
        return [old_shape(one, inside) for one in value]
    if not isinstance(value, dict):
        return "" if value is True else value
    result = {}
    for name, one in value.items():
        if one is False:
            continue
        shaped = old_shape(one, inside if inside in ("namespaces", "warnings") else name)
        if inside == "parse" and name in ("text", "wikitext"):
            shaped = {"*": shaped}
        result["*" if (inside, name) in STARRED else name] = shaped
    return result


def _expand(call):
    wiki, text = call.wiki, call.get("text")
    if text is None:
        raise Problem("missingparam", 'The "text" parameter must be set.')
    title = normal(wiki, call.get("title", "API"))
    for name in ("includecomments", "revid", "generatexml", "templatesandboxprefix"):
        call.flag(name)
    key = "wikitext" if call.several("prop", EXPAND_PROPS) or call.version == 2 else "*"
    return {"expandtemplates": {key: wikitext.expand(text, TEMPLATES, title, wiki.words["template"])}}


def _parse(call):
    wiki, text = call.wiki, call.get("text")
    page = None
    for name in PARSE_SETTINGS:
        call.get(name)
    wanted = call.several("prop", PARSE_PROPS, "text|wikitext|categories|sections|revid|displaytitle")
    if call.get("oldid"):
        page = wiki.by_revision.get(int(call.get("oldid")) if call.get("oldid").isdigit() else -1)
        if page is None:
            raise Problem("nosuchrevid", f"There is no revision with ID {call.get('oldid')}.")
    elif call.get("pageid"):
        page = wiki.by_id.get(int(call.get("pageid")) if call.get("pageid").isdigit() else -1)
        if page is None:
            raise Problem("nosuchpageid", f"There is no page with ID {call.get('pageid')}.")
    elif call.get("page") is not None:
        page = wiki.by_title.get(normal(wiki, call.get("page")))
        if page is None:
            raise Problem("missingtitle", "The page you specified doesn't exist.")
        if call.flag("redirects"):
            page = follow(wiki, page)[0]
    elif text is None:
        raise Problem("missingparam", 'One of the parameters "page", "pageid", "oldid" and "text" is required.')
    title = page.title if page else normal(wiki, call.get("title", "API"))
    parsoid = call.flag("parsoid") or call.get("parser") == "parsoid"
    rendered = wiki.page_html(page, parsoid) if page else wiki.render(text, title, parsoid)
    result = {"title": title, **({"pageid": page.pageid} if page else {})}
    headings = [wikitext.strip_tags(piece) for kind, piece, _ in rendered.blocks if kind == "heading"]
    everything = {"revid": page.revid if page else 0, "text": _output(wiki, rendered), "wikitext": page.text if page else text,
                  "displaytitle": html.escape(title), "categories": [{"sortkey": "", "category": name.replace(" ", "_")} for name in rendered.categories],
                  "sections": [{"toclevel": 1, "level": "2", "line": line, "index": str(number)} for number, line in enumerate(headings, 1)]}
    for name in wanted:
        result[name] = everything.get(name, [])
    return {"parse": result}


def _output(wiki, rendered):
    return f'<div class="mw-content-ltr mw-parser-output" lang="{wiki.code}" dir="ltr">{rendered.html}</div>'


def _sitematrix(call):
    settings = call.state.settings()
    if isinstance(settings.get("sitematrix"), dict):
        return settings["sitematrix"]
    for name in ("smtype", "smstate", "smlangprop", "smsiteprop", "smlimit", "smcontinue"):
        call.get(name)
    file = store.shipped("languages.csv")
    rows = list(store.read_rows(file)) if file.exists() else [dict(code=code, autonym=own, name=english) for code, own, english in FOUR]
    matrix = {"count": len(rows)}
    for number, row in enumerate(rows):
        code = row["code"]
        site = {"url": f"https://{code}.wikipedia.org", "dbname": row.get("dbname") or code.replace("-", "_") + "wiki", "code": "wiki", "lang": code,
                "sitename": "Wikipedia"}
        matrix[str(number)] = {"code": code, "name": row.get("autonym") or code, "site": [site], "dir": row.get("direction") or "ltr",
                               "localname": row.get("name") or code}
    return {"sitematrix": {**matrix, "specials": []}}


ACTIONS = {"query": lambda call: wiki_query.query(call), "parse": _parse, "expandtemplates": _expand, "sitematrix": _sitematrix}


# ---------------------------------------------------------------- pages for a reader

def _page(wiki, title, request):
    """A page as HTML, or its wikitext for action=raw."""
    if title is None:
        if request.arg("oldid", "").isdigit():
            page = wiki.by_revision.get(int(request.arg("oldid")))
        else:
            page = wiki.by_title.get(normal(wiki, request.arg("title", wiki.words["main_page"])))
    else:
        page = wiki.by_title.get(normal(wiki, title or wiki.words["main_page"]))
    if page is None:
        return html_response(_frame(wiki, "?", "<p>There is no such page in the practice wiki.</p>"), 404)
    if request.arg("action") == "raw":
        return Response(200, page.text, {"Content-Type": "text/x-wiki; charset=utf-8"})
    page = follow(wiki, page)[0] if request.arg("redirect") != "no" and not request.arg("oldid") else page
    return html_response(_frame(wiki, page.title, _output(wiki, wiki.page_html(page))))


def _frame(wiki, title, body):
    checksum = hashlib.sha256(body.encode()).hexdigest()[:8]
    return (f'<!doctype html><html lang="{wiki.code}" dir="ltr"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
            f'<meta name="description" content="Practice text written for the GlobalInstruct workbook ({checksum})"></head><body>'
            f'<h1 id="firstHeading">{html.escape(title)}</h1><div id="bodyContent">{body}</div>'
            f'<footer>Practice text written for the GlobalInstruct workbook, CC0. This is not Wikipedia.</footer></body></html>')
