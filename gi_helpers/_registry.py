"""The registry of what teams have made: one JSON file for each set, an index of them, and a page that needs no server and no build step."""
import html

from . import store

KINDS = ("dataset", "eval", "scores", "model")
NEEDED = ("schema", "id", "version", "language", "kind", "title", "description", "license", "redistributable", "files", "created")


def entries(registry):
    """All entries of a registry folder, by language, name and version."""
    found = [store.read_json(file) for file in sorted(store.Path(registry).glob("*/*.json"))]
    return sorted(found, key=lambda entry: (entry["language"]["iso639_3"], entry["id"], entry["version"]))


def index(registry):
    """What index.json holds: the entries without their lists of files."""
    return [{**{name: value for name, value in entry.items() if name != "files"}, "bytes": sum(file["bytes"] for file in entry["files"])} for entry in entries(registry)]


def rebuild(registry):
    """Write index.json and index.html anew from the entries; gives the number of entries."""
    registry = store.Path(registry)
    listed = index(registry)
    store.write_json(listed, registry / "index.json")
    store.write_text(page(listed), registry / "index.html")
    return len(listed)


def faults(entry, languages):
    """What is wrong with an entry, as sentences. `languages` is the set of known ISO 639-3 codes."""
    wrong = [f"the entry has no {name}; build the folder again" for name in NEEDED if name not in entry]
    if wrong:
        return wrong
    if entry["kind"] not in KINDS:
        wrong.append(f"the kind {entry['kind']!r} is not known; choose one of {', '.join(KINDS)}")
    if entry["language"].get("iso639_3") not in languages:
        wrong.append(f"the language {entry['language'].get('iso639_3')!r} is not an ISO 639-3 code of the language table; mend it")
    if entry.get("practice") and entry["redistributable"]:
        wrong.append("a rehearsal cannot be redistributable; build the folder again")
    for file in entry["files"]:
        if store.Path(file["path"]).is_absolute() or ".." in store.Path(file["path"]).parts:
            wrong.append(f"the path {file['path']} leads out of the folder; build the folder again")
        if len(file.get("sha256", "")) != 64:
            wrong.append(f"{file['path']} has no SHA-256; build the folder again")
    return wrong


STYLE = """body{font:16px/1.6 "Noto Sans",system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #767676;padding:.5rem;text-align:start;vertical-align:top}
th button{all:unset;cursor:pointer;font-weight:700;text-decoration:underline}th button:focus-visible{outline:3px solid #0b57d0}
.practice{color:#8a0018;font-weight:700}svg{display:block}.n{white-space:nowrap}"""
SCRIPT = """document.querySelectorAll("th button").forEach((button, column) => button.addEventListener("click", () => {
const head = button.closest("th"), up = head.getAttribute("aria-sort") !== "ascending", body = document.querySelector("tbody");
const key = row => row.cells[column].dataset.key || row.cells[column].textContent.trim();
const rows = [...body.rows].sort((a, b) => key(a).localeCompare(key(b), undefined, {numeric: true}) * (up ? 1 : -1));
document.querySelectorAll("th").forEach(one => one.removeAttribute("aria-sort"));
head.setAttribute("aria-sort", up ? "ascending" : "descending"); body.append(...rows);
}));"""


def page(listed):
    """index.html as a string: a table that can be sorted, and a small chart of the rows of each language."""
    columns = ("Language", "Title", "Kind", "Version", "Rows", "Licence", "Read by people", "Made")
    head = "".join(f'<th scope="col"><button type="button">{name}</button></th>' for name in columns)
    body = "".join(_row(entry) for entry in listed)
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>GlobalInstruct registry</title><style>{STYLE}</style></head><body><main><h1>What teams have made</h1>"
            f"<p>{len(listed)} entries. Click on a heading to sort. Practice entries are rehearsals, not real datasets.</p>{_chart(listed)}"
            f'<table><caption>Datasets, evaluation sets, models and scores</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></main>'
            f"<script>{SCRIPT}</script></body></html>\n")


def _row(entry):
    language, review = entry["language"], entry.get("review") or {}
    rows = _count(entry)
    read = f"{review['decided']:,} of {review['drafted']:,}" if review.get("drafted") else ""
    practice = '<br><span class="practice">PRACTICE: a rehearsal</span>' if entry.get("practice") else ""
    cells = [f"{language['name']} <span lang=\"{html.escape(language['code'])}\">({html.escape(language['autonym'])})</span>", html.escape(entry["title"]) + practice,
             html.escape(entry["kind"]), html.escape(entry["version"]), f"{rows:,}", html.escape(entry["license"]), read, html.escape(entry["created"])]
    keys = {4: str(rows)}
    return "<tr>" + "".join(f'<td data-key="{keys.get(n, "")}">{cell}</td>' if n in keys else f"<td>{cell}</td>" for n, cell in enumerate(cells)) + "</tr>"


def _count(entry):
    rows = (entry.get("stats") or {}).get("rows") or {}
    return sum(rows.values()) if isinstance(rows, dict) else int(rows)


def _chart(listed):
    totals = {}
    for entry in listed:
        name = entry["language"]["name"]
        totals[name] = totals.get(name, 0) + _count(entry)
    if not totals:
        return ""
    most, lines = max(totals.values()) or 1, []
    for number, (name, rows) in enumerate(sorted(totals.items(), key=lambda pair: -pair[1])):
        y = 26 * number
        lines.append(f'<text x="0" y="{y + 17}" font-size="14">{html.escape(name)}</text><rect x="160" y="{y + 4}" width="{400 * rows / most:.0f}" height="18" fill="#0072b2"/>'
                     f'<text x="{168 + 400 * rows / most:.0f}" y="{y + 17}" font-size="14">{rows:,}</text>')
    words = ", ".join(f"{name} {rows:,}" for name, rows in totals.items())
    return f'<svg role="img" aria-label="Rows by language: {html.escape(words)}" viewBox="0 0 660 {26 * len(totals) + 4}" width="660">{"".join(lines)}</svg>'
