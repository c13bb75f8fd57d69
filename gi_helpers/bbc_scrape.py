"""Notebook 2: news stories in the language, by permission, without what stands around them.

First the permission, then the pages. The basis that a team states stands in every row, and decides what may be published later:

    >>> permission("written", "Adé Bello") , publishable("written: Adé Bello, 2026-11-22")
    ('written: Adé Bello', True)
    >>> publishable("saved: Adé Bello, 2026-11-22"), publishable("")
    (False, False)

Any page of a news site gives its story, or says what kind of page it is:

    >>> page = extract("<main><h1>Ọjà ọba</h1><p>Àwọn èèyàn pé sí ọjà ọba ní àárọ̀ òní.</p></main>", "https://example.org/oja")
    >>> page["headline"], page["paragraphs"], page["method"]
    ('Ọjà ọba', ['Àwọn èèyàn pé sí ọjà ọba ní àárọ̀ òní.'], 'dom')
    >>> extract(b"%PDF-1.7", "https://example.org/oja.pdf")["page_type"]
    'not html'
"""
import datetime
import urllib.parse

from . import _newsjob, _newsread, _newsrun, _newswatch, languages, store, web
from .errors import NeedsFixing

TERMS = "https://www.bbc.co.uk/usingthebbc/terms/"
# What a team may state, what it means in its own words, and whether rows on this basis may be published.
PERMISSIONS = {
    "written": {"label": "We have the publisher's written permission to make this text a dataset and to publish it", "publish": True},
    "written_use": {"label": "We have the publisher's written permission to use this text, but not to publish it", "publish": False},
    "licence": {"label": "The text is ours, or its licence allows copying and publishing (a partner, a community paper)", "publish": True},
    "research": {"label": "A research exemption of our country, checked by our institution", "publish": False},
    "saved": {"label": "Only pages that we saved by hand, for our own use", "publish": False},
    "practice": {"label": "Practice: the rehearsal pages on this machine, written for this workbook (CC0)", "publish": True},
}
COLUMNS = _newsrun.COLUMNS


# ---------------------------------------------------------------- permission

def permission(basis, name, day=None):
    """The words of a row's `permission` column: basis, who states it, and the day (ISO) when it is given.

    `basis` is a key of PERMISSIONS. Raises NeedsFixing when it is none, or when nobody stands for it.
    """
    if basis not in PERMISSIONS:
        raise NeedsFixing(f"the permission is {basis!r}; choose what is true for you: {', '.join(PERMISSIONS)}")
    name = " ".join(str(name or "").replace(":", " ").split())  # a colon parts the basis from the name
    if not name and basis != "practice":
        raise NeedsFixing("the permission needs a name; write who of your team stands for it")
    return ", ".join(part for part in (f"{basis}: {name or 'rehearsal'}", day) if part)


def _stated(basis, name):
    return permission(basis, name, datetime.date.today().isoformat())


def publishable(permission):
    """May a row with this `permission` be published? Only for a basis that says so; never for an empty or unknown one."""
    basis = str(permission or "").partition(":")[0].strip()
    return bool(PERMISSIONS.get(basis, {}).get("publish"))


def notice(language, *, contact=None, base_url=None):
    """What the site's robots.txt says to people, in its own words: {"text", "terms", "url", "robots"}; robots is a hash of the file.

    One request. Raises NeedsFixing when the site does not answer; a site without the file gives empty text.
    """
    base = base_url or web.endpoints().news(language)
    url = urllib.parse.urljoin(base, "/robots.txt")
    answer = web.Session(web.contact(contact), per_minute=_newsjob.PER_MINUTE).get(url, ok=(200, 404, 410))
    text = answer.content.decode("utf-8", "replace") if answer.status_code == 200 else ""
    said = [line.lstrip("# ").rstrip() for line in text.splitlines() if line.startswith("#")]
    return {"text": "\n".join(said).strip(), "terms": TERMS if "bbc" in urllib.parse.urlsplit(base).netloc else "", "url": url, "robots": store.short_hash(text) if text else ""}


# ---------------------------------------------------------------- one page

def extract(html, url, *, subheads=False):
    """The story of one page: {"url", "page_type", "headline", "published", "paragraphs", "method", "agreement"}; never fails.

    `html` is text or bytes. `paragraphs` is [] when the page holds no story. `method` is json, dom or generic (the last resort, to be looked
    at). `agreement` (0 to 1) is how far two ways of reading found the same paragraphs; below 0.9 people should look.
    """
    story = _newsread.read(html, url, subheads)
    return {name: getattr(story, name) for name in ("url", "page_type", "headline", "published", "paragraphs", "method", "agreement")}


# ---------------------------------------------------------------- many pages

def stories(language, limit=None, *, permission, name="", contact=None, base_url=None, folder=None, seen=None, skipped=None, variant=None,
            script=None, service=None, subheads=False, check=True, tell=print):
    """Yield rows of 2_bbc_scrape.csv, one a story: from the site, from the practice site, or from a folder or zip file of saved pages.

    `permission` is a key of PERMISSIONS and `name` who stands for it; nothing is requested before both are right. `limit` counts rows (live: 50
    unless given). `seen` holds ids of rows that are there already, `skipped` is a list that gets a row for every page without a story.
    `variant` chooses the script of services with two ("cyr", "simp"), `service` which of a
    language's services it is ("dari"; `services()` lists them), `script` (ISO 15924) what letters are expected. `tell` hears of amber
    canaries and of what was skipped. Raises NeedsFixing when the canary is red or the site refuses; what was yielded and fetched is kept.
    """
    job = _newsjob.Job(languages.find(language), _stated(permission, name), contact, base_url, folder, variant, script, service=service)
    if limit is None and folder is None and not _newsjob.local(job.service.base):
        limit = _newsrun.MOST
    run = _newsrun.Run(job, skipped if skipped is not None else [], subheads, check, tell)
    return run.rows(set(seen if seen is not None else ()), limit)


def canary(language, *, permission, name="", contact=None, base_url=None, folder=None, pages=None, variant=None, script=None, count=_newsrun.FIRST):
    """Look at the newest stories before a run: {"state": "green", "amber" or "red", "checks", "sample", "failed", "figures"}.

    amber: it works in another way than it should, `checks` says why. red: stop. `pages` is a list of (html, url) that are at hand already.
    """
    job = _newsjob.Job(languages.find(language), _stated(permission, name), contact, base_url, folder, variant, script, offline=pages is not None)
    found = ((html, url) for html, url in pages) if pages is not None else ((content, url) for _, url, content, trouble in job.pages(set()) if content is not None and not trouble)
    looked = []
    for html, url in found:
        looked.append(_newsread.read(html, url))
        if sum(bool(story.paragraphs) for story in looked) >= count or len(looked) >= _newsrun.NONE:
            break
    foreign = _newsrun.foreign(job, looked)
    return _newswatch.all_foreign(foreign, job.language) if foreign else job.judge(_newsrun.to_judge(looked))


def services():
    """Every news service of the language list, one row a script: [{"service", "variant", "code", "name", "url"}]. Count them; do not write the number down."""
    rows = []
    for row in languages.table().to_dict("records"):
        for service in str(row["bbc"]).split():
            variants = [pair.partition("/")[2] for pair in str(row["bbc_variants"]).split() if pair.partition("/")[0] == service]
            rows += [{"service": service, "variant": variant, "code": row["code"], "name": row["name"], "url": web.LIVE["news"].format(service=service)} for variant in variants or [""]]
    return rows


def without_furniture(table, known=()):
    """The same table without paragraphs that stand on three or more of its pages, or in `known`; rows that have nothing left are dropped. Gives a new table."""
    texts = list(_newswatch.without_furniture(list(zip(table["id"], table["text"])), known))
    return table.assign(text=texts)[[bool(text) for text in texts]].reset_index(drop=True)


def sort_out(skipped, file, skipped_file):
    """What a run leaves for people: keeps the skipped pages in `skipped_file`, takes what stands on every page out of `file`, and gives its stories to look at."""
    import pandas as pd

    if store.Path(file).exists():
        found = store.read(file)
        noted = store.Path(file).with_name(_newsjob.FURNITURE)
        left = without_furniture(found, store.read_json(noted) if noted.exists() else ())
        if list(left["text"]) != list(found["text"]):  # a line that came back after its first rows were written
            store.write(left, file)
    if skipped:
        earlier = store.read(skipped_file).to_dict("records") if store.Path(skipped_file).exists() else []
        read = set(store.read(file)["id"]) if store.Path(file).exists() else ()  # a page that gave nothing once may have given its story since
        left = {row["url"]: row for row in earlier + skipped if row["id"] not in read}
        store.write(pd.DataFrame(left.values(), columns=list(skipped[0])), skipped_file)  # with its columns even when none is left
        print(f"{len(skipped)} pages gave no story; they are in {store.Path(skipped_file).name}, each with the reason.")
    return to_look_at(store.read(file)) if store.Path(file).exists() else pd.DataFrame()


def to_look_at(table):
    """The rows that people should look at before use: two ways of reading differ, or it was read by the last resort."""
    return table[[bool(look) for look in table["look"]]] if "look" in table else table[table["agreement"].astype(float) < _newswatch.AGREE]
