"""Which rows may be published, why others stay out, and what is known of the rows: counted in one pass, so that 100,000 rows need little memory. Part of `publish`."""
import collections
import re

from . import bbc_scrape, csv_to_jsonl, store
from ._licences import standard

SECRET = re.compile(r"\b(sk-[A-Za-z0-9_-]{16,}|hf_[A-Za-z0-9]{16,}|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{20,})|-----BEGIN [A-Z ]*PRIVATE KEY-----")
PRIVATE = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|(?<![\w/])\+?\d[\d ()-]{8,}\d(?!\w)")
NEWS = re.compile(r"(?i)//([\w-]+\.)*bbc\.(com|co\.uk)/")
# NUL and other control characters, and marks that make a text look other than it is; the marks that right-to-left and Indic scripts need stay.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
PRETEND = "GlobalInstruct practice text"
LOOPBACK = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::1\])[:/]")
DECIDED = (*csv_to_jsonl.GO_ON, "rejected", "to_revise")


def stays_out(row, permissions=(), language=""):
    """Why a row of 4_qa.csv must not be published; "" when it may. `permissions` is {url: permission} of the news stories, `language` the code of the set."""
    if row.get("status") not in csv_to_jsonl.GO_ON:
        return f"not accepted by people ({row.get('status') or 'no status'})"
    question, answer = str(row.get("question", "")), str(row.get("answer", ""))
    if not question.strip() or not answer.strip():
        return "the question or the answer is empty"
    if language and row.get("language") not in (None, "", language):
        return f"in another language ({row['language']})"
    text = f"{question}\n{answer}"
    if HIDDEN.search(text):
        return "holds hidden control characters; correct it in notebook 4b_review"
    if SECRET.search(text):
        return "holds a key or another secret"
    if PRIVATE.search(text):
        return "holds an e-mail address or a telephone number"
    permission = row.get("permission") or (permissions and permissions.get(row.get("url"))) or ""
    if permission or "bbc" in str(row.get("source", "")).lower() or NEWS.search(str(row.get("url", ""))):
        return "" if bbc_scrape.publishable(permission) else "news text without permission to publish"
    return _licence_stops(str(row.get("licence", "")).strip())


def _licence_stops(licence):
    if not licence:
        return "its licence is not stated"
    return "" if standard(licence) else f"its licence does not allow it ({licence[:60]})"


def permissions_of(source):
    """{url: permission} of the news stories in the folder of a language."""
    file = store.Path(source) / "2_bbc_scrape.csv"
    return {row["url"]: row.get("permission", "") for row in store.read_rows(file)} if file.exists() else {}


class Gathered:
    """What one pass over the rows finds. `keep` says for each row whether it goes out; `facts()` what the card tells."""

    def __init__(self, permissions=None, language=""):
        self.language, self.seen, self.rehearsal = language, set(), False
        self.permissions, self.keep, self.drafted, self.decided, self.edited = permissions or {}, bytearray(), 0, 0, 0
        self.left_out, self.sources, self.licences, self.readers = (collections.Counter() for _ in range(4))
        self.methods, self.models, self.pages, self.second, self.pretend = {}, collections.Counter(), {}, 0, 0

    def passing(self, rows):
        """The rows that go out, one by one, counted on the way."""
        for row in rows:
            self.drafted += 1
            self.decided += row.get("status") in DECIDED
            reason = stays_out(row, self.permissions, self.language) or self._again(row)
            self.keep.append(not reason)
            if reason:
                self.left_out[reason] += 1
            else:
                self._count(row)
                yield row

    def _again(self, row):
        """A question and answer that stand in the set already."""
        mark = store.short_hash(row["question"], row["answer"])
        again = mark in self.seen
        self.seen.add(mark)
        return "the same question and answer stand in another row" if again else ""

    def _count(self, row):
        self.rehearsal = self.rehearsal or PRETEND in row.get("licence", "") or row.get("model", "").startswith("practice-")
        changed = row["status"] == "edited" or any(f"{name}_llm" in row and row[f"{name}_llm"] != row[name] and row[f"{name}_llm"] for name in ("question", "answer"))
        self.edited += changed
        self.sources[row.get("source", "")] += 1
        licence = self._licence(row)
        self.licences[licence] += 1
        self.models[row.get("model", "")] += 1
        reader = row.get("reviewer", "")
        self.pretend += reader == "practice"
        self.readers[reader] += 1
        self.second += bool(row.get("second_reviewer"))
        method = self.methods.setdefault(row.get("method", ""), {"rows": 0, "edited": 0, "models": {}})
        method["rows"] += 1
        method["edited"] += changed
        method["models"][row.get("model", "")] = method["models"].get(row.get("model", ""), 0) + 1
        if row.get("url"):
            self.pages.setdefault(row["url"], (row.get("title") or "", licence))

    def _licence(self, row):
        permission = row.get("permission") or self.permissions.get(row.get("url"), "")
        if row.get("licence") or not (permission or "bbc" in row.get("source", "")):
            return row.get("licence", "")
        return f"CC0 1.0 ({PRETEND})" if permission.startswith("practice") else "published with permission"

    def kept(self, rows):
        """The same rows again, for a later pass."""
        return (row for row, keep in zip(rows, self.keep, strict=True) if keep)

    def facts(self):
        """A dict: drafted, decided, edited, left_out, sources, methods, models, readers, second, pretend."""
        return {"drafted": self.drafted, "decided": self.decided, "edited": self.edited, "left_out": dict(self.left_out), "sources": dict(self.sources),
                "methods": self.methods, "models": sorted(set(self.models) - {""}), "readers": {name: n for name, n in self.readers.items() if name != "practice"},
                "second": self.second, "pretend": self.pretend}

    def licence(self):
        """The licence that the sources ask for: CC BY-SA as soon as one text is under it or says no more than CC BY; CC0 when all are free."""
        return "cc0-1.0" if self.licences and all(standard(licence) == "cc0" for licence in self.licences) else "cc-by-sa-4.0"

    def share_alike(self):
        """Is text under CC BY-SA, such as Wikipedia's, among the rows?"""
        return any(standard(licence) == "cc-by-sa" for licence in self.licences)


def attribution(pages, practice=False):
    """The sources of the rows as markdown: each page once, with its address and licence. `pages` is {url: (title, licence)}."""
    lines = []
    for url, (title, licence) in sorted(pages.items()):
        # The address of a rehearsal's page is one of this machine: it means nothing to others.
        place = f"{title or url.rstrip('/').rpartition('/')[2].replace('_', ' ')} (a practice page)" if LOOPBACK.match(url) else f"[{title or url}]({url})"
        lines.append(f"- {place}, {licence or 'licence not stated'}")
    return "# Sources\n\n" + ("PRACTICE: these are pages of a rehearsal.\n\n" if practice else "") + "The texts were shortened, cut and turned into questions and answers.\n\n" + "\n".join(sorted(lines)) + "\n"
