"""How a row is shown: the passage with its evidence marked, what people changed, and the letters that a keyboard may lack. Plain functions.

    >>> marked("Ìjàpá ń gbé  inú igbó.", "gbé inú IGBÓ")
    ('Ìjàpá ń <mark>gbé  inú igbó</mark>.', True)
    >>> letters(["Ọjọ́ àti ọ̀sán, ọjọ́ dára."])
    ['à', 'á', 'ọ', 'ọ̀', 'ọ́']
"""
import collections
import difflib
import html
import re
import unicodedata

ALIKE = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "ʼ": "'", "–": "-", "—": "-", "‐": "-", "‑": "-"})
GAP = re.compile(r"\s*(?:\[?\.\.\.\]?|\[?…\]?)\s*")  # models leave out the middle of a long evidence
LONG = 900  # letters of a passage that is shown whole; of a longer one, what stands around the evidence
AROUND = 280
# Scripts whose letters carry signs far above or below: Arabic, the scripts of South and South-East Asia, Tibetan.
TALL = re.compile("[\u0600-\u06ff\u0750-\u077f\u0900-\u0fff\u1000-\u109f\u1780-\u17ff\ufb50-\ufdff]")


def passage(context, evidence):
    """The text of a row as HTML, its evidence marked; of a long text what stands around the evidence, and the rest behind a fold."""
    if not context.strip():
        return note("This row has no text beside it.")
    whole, found = marked(context, evidence)
    says = "" if found or not evidence.strip() else note(f"The proof that the model names is not in the text: {evidence}")
    tall = " gi-tall" if TALL.search(context[:400]) else ""
    if len(context) <= LONG:
        return f'<div class="gi-text gi-passage{tall}">{whole}</div>{says}'
    excerpt = _excerpt(context, evidence)
    return f'<div class="gi-text gi-passage{tall}">{excerpt}</div>{says}' + fold("The whole text", f'<div class="gi-text gi-passage{tall}">{whole}</div>')


def fold(title, inner):
    """HTML behind a line that opens it."""
    # JupyterLab would take Enter and Space away from the line without that attribute.
    return f'<details><summary data-lm-suppress-shortcuts="true">{html.escape(title)}</summary>{inner}</details>'


def note(text):
    """A remark beside the row, as HTML."""
    return f'<div class="gi-note">{html.escape(text)}</div>'


def marked(context, evidence):
    """(HTML of the context with the evidence in <mark>, was all of it found?).

    Found also when blanks, quotation marks, capitals or the coding of accents differ, and as a last try without accents. An evidence with
    "..." in it is looked for in parts.
    """
    context = unicodedata.normalize("NFC", context)
    spans, found = _spans(context, evidence)
    parts, last = [], 0
    for start, end in spans:
        parts += [html.escape(context[last:start]), "<mark>", html.escape(context[start:end]), "</mark>"]
        last = end
    return "".join([*parts, html.escape(context[last:])]), found


def _spans(context, evidence):
    """Where in the (NFC) context the parts of the evidence stand: [(start, end)], and whether all of them do."""
    wanted = [part for part in GAP.split(unicodedata.normalize("NFC", evidence)) if part.strip()]
    spans = [_span(context, part) for part in wanted]
    there = sorted(span for span in spans if span)
    joined = []
    for start, end in there:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined, bool(wanted) and len(there) == len(wanted)


def _span(context, part):
    for accents in (True, False):
        place, where = _folded(context, accents)
        part_folded = _folded(part, accents)[0]
        for wanted in (part_folded.strip(), part_folded.strip(" \"'.,;:!?-")):
            at = place.find(wanted) if wanted else -1
            if at >= 0:
                end = where[at + len(wanted) - 1] + 1
                while end < len(context) and unicodedata.combining(context[end]):
                    end += 1
                return where[at], end
    return None


def _folded(text, accents):
    """The text for comparing, and for each of its letters the place in `text`."""
    letters_, where = [], []
    for number, letter in enumerate(text.translate(ALIKE)):
        if letter.isspace():
            if not letters_ or letters_[-1] != " ":
                letters_.append(" ")
                where.append(number)
            continue
        if unicodedata.category(letter) == "Cf":
            continue
        for one in letter.casefold() if accents else unicodedata.normalize("NFD", letter.casefold()):
            if accents or not unicodedata.combining(one):
                letters_.append(one)
                where.append(number)
    return "".join(letters_), where


def _excerpt(context, evidence):
    """What stands around the evidence, or the beginning, cut at blanks."""
    context = unicodedata.normalize("NFC", context)
    spans, _ = _spans(context, evidence)
    start, end = (spans[0][0], spans[-1][1]) if spans else (0, AROUND)
    if end - start > 2 * LONG:
        end = spans[0][1]
    first = context.rfind(" ", 0, max(start - AROUND, 0) + 1) + 1 if start > AROUND else 0
    last = context.find(" ", end + AROUND)
    last = len(context) if last < 0 else last
    inner = marked(context[first:last], evidence)[0]
    return f"{'… ' if first else ''}{inner}{' …' if last < len(context) else ''}"


def difference(before, after):
    """What people changed, as HTML: words taken out in <del>, words put in in <ins>."""
    one, other = (re.findall(r"\s+|\S+", unicodedata.normalize("NFC", text)) for text in (before, after))
    parts = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        out, in_ = html.escape("".join(one[a:b])), html.escape("".join(other[c:d]))
        parts.append(in_ if what == "equal" else (f"<del>{out}</del>" if out.strip() else "") + (f"<ins>{in_}</ins>" if in_.strip() else in_))
    return "".join(parts)


def letters(texts, most=36):
    """The letters of some texts that an English (or Russian) keyboard lacks, small ones, in the order of the alphabet.

    Only for the alphabets that have capitals; who writes another script has a keyboard for it.
    """
    import regex

    count = collections.Counter()
    for text in texts:
        count.update(regex.findall(r"[\p{Latin}\p{Cyrillic}\p{Greek}]\p{Mn}*", unicodedata.normalize("NFC", text).lower()))
    usual = set("abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя")
    found = [letter for letter, _ in count.most_common(most + len(usual)) if letter not in usual][:most]
    return sorted(found, key=lambda letter: unicodedata.normalize("NFD", letter))


def palette(found):
    """Buttons that put a letter where the cursor stands, as HTML; "" for no letters. Arrow keys walk along them.

    Plain ipywidgets do not know where the cursor is, so each button holds a line of script. The letter is read from the button's own text.
    """
    if not found:
        return ""
    script = ("var b=this.parentNode,t=document.activeElement;if(!/^(TEXTAREA|INPUT)$/.test(t.tagName))t=b.field;"
              "if(t){t.focus();document.execCommand('insertText',false,this.textContent)}")
    walk = ("var n={ArrowRight:'nextElementSibling',ArrowLeft:'previousElementSibling'}[event.key];"
            "if(n){event.preventDefault();this[n]&&this[n].focus&&this[n].focus()}")
    buttons = [f'<button type="button" class="gi-letter" data-lm-suppress-shortcuts="true" tabindex="{0 if number == 0 else -1}" aria-label="insert {html.escape(letter)}" '
               f'onmousedown="event.preventDefault()" onkeydown="{walk}" onclick="{script}">{html.escape(letter)}</button>' for number, letter in enumerate(found)]
    # The field that was left for a letter is remembered, so that the letters work from the keyboard, too.
    remember = "var t=event.relatedTarget;if(t&&/^(TEXTAREA|INPUT)$/.test(t.tagName))this.field=t"
    return f'<div class="gi-letters" role="toolbar" aria-label="Letters" onfocusin="{remember}">{"".join(buttons)}</div>'
