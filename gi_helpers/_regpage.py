"""index.html of the registry: a page that works from a file, without network and without a build step. Part of `publish`."""
import html

STYLE = """body{font:16px/1.6 "Noto Sans",system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#1b1b1b;background:#fff}
h2{margin-top:2.5rem}.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:start;font-weight:700;padding:.5rem 0}
th,td{border-bottom:1px solid #767676;padding:.5rem;text-align:start;vertical-align:top}td.n{white-space:nowrap}.n{text-align:end;font-variant-numeric:tabular-nums}
th button{font:inherit;font-weight:700;background:none;border:0;padding:.25rem 0;min-height:24px;cursor:pointer;text-align:inherit;text-decoration:underline;color:inherit}
th button:focus-visible,a:focus-visible,.wide:focus-visible{outline:3px solid #0b57d0}th[aria-sort=ascending] button::after{content:" ▲";content:" ▲"/""}
th[aria-sort=descending] button::after{content:" ▼";content:" ▼"/""}.w{white-space:nowrap}.practice{color:#8a0018;font-weight:700}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:1rem}.card{border:1px solid #767676;border-radius:.5rem;padding:0 1rem 1rem}
.card h3{margin:.75rem 0 .25rem}svg{display:block;max-width:100%;height:auto}a{color:#0b57d0}"""
SCRIPT = """document.querySelectorAll("th button").forEach(button => button.addEventListener("click", () => {
const head = button.closest("th"), table = head.closest("table"), body = table.tBodies[0], column = head.cellIndex;
const up = head.getAttribute("aria-sort") !== "ascending", key = row => row.cells[column].dataset.key || row.cells[column].textContent.trim();
const rows = [...body.rows].sort((a, b) => key(a).localeCompare(key(b), undefined, {numeric: true}) * (up ? 1 : -1));
table.querySelectorAll("th").forEach(one => one.removeAttribute("aria-sort"));
head.setAttribute("aria-sort", up ? "ascending" : "descending"); body.append(...rows);
}));"""
SETS = ("Language", "Title", "Kind", "Version", "Rows", "Evaluation questions", "Licence", "Read by people", "Made")
SCORES = ("Language", "Model", "Evaluation", "Score", "95 % interval", "Questions", "From")
NUMBERS = ("Rows", "Evaluation questions", "Score", "Questions")
PRACTICE = '<br><span class="practice">PRACTICE: a rehearsal</span>'


def page(listed):
    """index.html as a string, from what index.json holds: a card with a chart for each language, a table of sets and a table of scores."""
    sets = "".join(_set(entry) for entry in listed)
    scores = "".join(_score(entry, one) for entry, one in _scores(listed))
    languages = {entry["language"]["iso639_3"]: entry["language"] for entry in listed}
    cards = "".join(_card(language, [entry for entry in listed if entry["language"]["iso639_3"] == code]) for code, language in languages.items())
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>GlobalInstruct registry</title><style>{STYLE}</style></head><body><main><h1>What teams have made</h1>"
            f"<p>{_many(len(listed), 'set')} in {_many(len(languages), 'language')}. Click on a heading of a table to sort it. "
            "Practice sets are rehearsals: they show how the registry works, and are not real datasets.</p>"
            f'<h2>Languages</h2><div class="cards">{cards}</div>'
            f"<h2>Sets</h2>{_table('Datasets, evaluation sets and models', SETS, sets)}"
            + (f"<h2>Scores</h2>{_table('Scores of models', SCORES, scores)}" if scores else "") + f"</main><script>{SCRIPT}</script></body></html>\n")


def _scores(listed):
    """(entry, score) of all scores; one that a dataset and its model both tell is told once, with the model."""
    models_first = sorted(listed, key=lambda entry: entry["kind"] != "model")
    found = {}
    for entry in models_first:
        for one in entry.get("scores") or []:
            found.setdefault((entry["language"]["iso639_3"], one["model"], one["eval"], one["metric"], one["value"], one["n"]), (entry, one))
    return sorted(found.values(), key=lambda pair: (pair[0]["language"]["iso639_3"], pair[1]["eval"], pair[1]["metric"], pair[1]["model"]))


def _many(number, word):
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _table(caption, columns, body):
    head = "".join(f'<th scope="col"{" class=n" if name in NUMBERS else ""}><button type="button">{name}</button></th>' for name in columns)
    return (f'<div class="wide" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>")


def _set(entry):
    review, stats = entry.get("review") or {}, entry.get("stats") or {}
    read = f"{review['decided']:,} of {review['drafted']:,}" if review.get("drafted") else ""
    title = html.escape(entry["title"])
    place = f"{entry['folder']}/README.md" if entry.get("folder") else entry.get("homepage", "")
    if place.startswith(("https://", "http://")) or entry.get("folder"):  # an entry of a stranger must not bring a javascript: address
        title = f'<a href="{html.escape(place)}">{title}</a>'
    cells = [_name(entry["language"]), title + (PRACTICE if entry.get("practice") else ""), html.escape(entry["kind"]), html.escape(entry["version"]), _rows(entry),
             int(stats.get("evaluation_items") or 0), html.escape(entry["license"]), read, f'<span class="w">{html.escape(entry["created"])}</span>']
    return _row(cells)


def _score(entry, one):
    cells = [_name(entry["language"]), html.escape(one["model"]), html.escape(f"{one['eval']}, {one['metric']}"), round(100 * one["value"], 1),
             f"<span class=\"w\">{100 * one['ci'][0]:.1f} to {100 * one['ci'][1]:.1f} %</span>", one["n"], html.escape(entry["title"]) + (PRACTICE if entry.get("practice") else "")]
    return _row(cells, percent=3)


def _row(cells, percent=None):
    """Numbers are shown with their thousands and sorted as numbers; texts are HTML already."""
    shown = []
    for place, cell in enumerate(cells):
        if isinstance(cell, (int, float)):
            words = f"{cell:.1f} %" if place == percent else f"{cell:,}" if cell else ""
            shown.append(f'<td class="n" data-key="{cell}">{words}</td>')
        else:
            shown.append(f"<td>{cell}</td>")
    return f"<tr>{''.join(shown)}</tr>"


def _name(language):
    tag = language["code"] if len(language["code"]) == 2 else language["iso639_3"]  # browsers want the short code where there is one
    own = f' <span lang="{html.escape(tag)}">({html.escape(language["autonym"])})</span>' if language["autonym"] != language["name"] else ""
    return html.escape(language["name"]) + own


def _rows(entry):
    rows = (entry.get("stats") or {}).get("rows") or {}
    return sum(rows.values()) if isinstance(rows, dict) else int(rows)


def _card(language, listed):
    """A language with its number of sets and a small chart: rows, evaluation questions, and the scores with their intervals."""
    practice = '<p class="practice">PRACTICE only: rehearsals</p>' if all(entry.get("practice") for entry in listed) else ""
    return (f'<section class="card"><h3>{_name(language)}</h3><p>ISO 639-3 <code>{html.escape(language["iso639_3"])}</code>, {_many(len(listed), "set")}</p>{practice}{_chart(language, listed)}</section>')


def _chart(language, listed):
    counts = [("rows", sum(_rows(entry) for entry in listed), "#0072b2"),
              ("evaluation", sum(int((entry.get("stats") or {}).get("evaluation_items") or 0) for entry in listed), "#a3478a")]
    most = max(1, *(value for _, value, _ in counts))
    lines, words, y = [], [], 0
    for name, value, colour in counts:
        lines.append(_label(y, name) + f'<rect x="110" y="{y + 4}" width="{170 * value / most:.0f}" height="16" fill="{colour}"/>{_label(y, f"{value:,}", 116 + 170 * value / most)}')
        words.append(f"{name} {value:,}")
        y += 24
    for _, one in _scores(listed)[:6]:
        low, high, value = (110 + 170 * share for share in (*one["ci"], one["value"]))
        lines.append(_label(y, one["model"] if len(one["model"]) < 15 else one["model"][:13] + "…")
                     + f'<path d="M{low:.0f} {y + 12}H{high:.0f}" stroke="#1b1b1b" stroke-width="2"/><circle cx="{value:.0f}" cy="{y + 12}" r="5" fill="#8a4b00"/>'
                     + _label(y, f"{100 * one['value']:.0f} %", 290))
        words.append(f"{one['model']} {100 * one['value']:.0f} % right")
        y += 24
    return (f'<svg role="img" aria-label="{html.escape(language["name"] + ": " + ", ".join(words))}" viewBox="0 0 340 {y + 2}" width="340" fill="#1b1b1b">{"".join(lines)}</svg>')


def _label(y, text, x=0):
    return f'<text x="{x:.0f}" y="{y + 17}" font-size="13">{html.escape(text)}</text>'
