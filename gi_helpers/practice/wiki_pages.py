"""The practice wiki's pages: the project's articles dressed in the markup that real wiki pages have.

Every page is made from data/practice/<code>/articles.json alone, the same on every start. What a scraper must bring back of an
article is its paragraphs, letter for letter: `Wiki.gold`. All else on the page (boxes, captions, references, headings, tables,
see-also lists) is there to be left out; the pages in `Wiki.others` are there to be left out whole.

    >>> edits = Edits("Ọ̀yọ́ ní ọba; Aláàfin ni oyè rẹ̀.")
    >>> edits.put(0, 5, "'''Ọ̀yọ́'''"), edits.put(3, 8, "[[nothing]]"), edits.insert(13, "<ref>Ìwé</ref>")
    (True, False, True)
    >>> edits.text()
    "'''Ọ̀yọ́''' ní ọba;<ref>Ìwé</ref> Aláàfin ni oyè rẹ̀."
"""
import dataclasses
import datetime
import random
import re
import unicodedata

from gi_helpers import store

from . import wikitext

LICENCE = {"url": "https://creativecommons.org/publicdomain/zero/1.0/", "text": "CC0 1.0 (GlobalInstruct practice text)"}
PART_OF_WORD = r"\w\u0300-\u036f'’ʼ-"
WORD = re.compile(rf"(?<![{PART_OF_WORD}])[^\W\d_][^\W\d_\u0300-\u036f]*[\w\u0300-\u036f]{{3,}}(?![{PART_OF_WORD}])")
NUMBER = re.compile(r"(?<![\w.,])\d{2,3}(?:,\d{3})+(?![\w,])|(?<![\w.,])\d{2,}(?![\w,])")
FIRST_DAY = datetime.datetime(2025, 3, 1, 6)

TEMPLATES = {
    "Lang": '<span lang="{{{1}}}">{{{2}}}</span>',
    "Number": "{{{1}}}",
    "Nowrap": '<span class="nowrap" style="white-space:nowrap">{{{1}}}</span>',
    "Cite": "{{{title}}}. GlobalInstruct.",
    "Reflist": '<div class="reflist"><references /></div>',
    "Short description": '<div class="shortdescription" style="display:none">{{{1}}}</div>',
    "Stub": '<div class="stub" role="note">GlobalInstruct practice: {{PAGENAME}}</div>',
    "Disambig": '<div class="dmbox" role="note">GlobalInstruct practice: {{PAGENAME}}</div>',
    "Infobox practice": '{| class="infobox"\n|+ {{{name|{{PAGENAME}}}}}\n|-\n| {{{image|}}}\n|-\n! {{{label|}}}\n| {{{topic|}}}\n|-\n'
                        '! №\n| {{{number|}}}\n|}',
}
UNTRANSLATED = [
    "This page has been left in English on purpose. On many small wikis a page begins as a copy from a larger wiki, and nobody has come back "
    "to write it in the language of its readers. A text collection that keeps such pages teaches a model the wrong language.",
    "The rainy season brings water to the fields and mud to the roads. Farmers watch the first storms with care, because seed that is put into "
    "the ground too early may dry out when the rain stops again. When the rain has settled, maize, yam and cassava are planted in turn.",
]


@dataclasses.dataclass
class Page:
    """One page in its only revision; `kind` says why it is there."""
    pageid: int
    ns: int
    title: str
    text: str
    timestamp: str
    kind: str = "article"
    redirect: str = ""
    disambiguation: bool = False

    @property
    def revid(self):
        return 50_000 + self.pageid * 3

    @property
    def length(self):
        return len(self.text.encode("utf-8"))

    @property
    def chance(self):
        """A fixed place between 0 and 1, by which generator=random picks."""
        return random.Random(f"chance {self.title}").random()


class Edits:
    """Markup for a plain text: pieces are replaced by markup that shows as the same piece; no two touch."""

    def __init__(self, plain):
        self.plain, self.done = plain, []

    def put(self, start, end, markup):
        """Replace plain[start:end]; False when something is there already."""
        if any(start < stop and begin < end for begin, stop, _ in self.done):
            return False
        self.done.append((start, end, markup))
        return True

    def insert(self, at, markup):
        """Add markup that shows as nothing (a reference, a comment); False in the middle of a piece."""
        if any(begin < at < stop or begin == stop == at for begin, stop, _ in self.done):
            return False
        self.done.append((at, at, markup))
        return True

    def text(self):
        pieces, position = [], 0
        for start, end, markup in sorted(self.done, key=lambda one: (one[0], one[1])):
            pieces += [protect(self.plain[position:start], not position), markup]
            position = end
        return "".join(pieces + [protect(self.plain[position:], not position)])


def unmarked(title):
    """A title as people type it who have no marks on their keyboard."""
    letters = unicodedata.normalize("NFD", title.translate(str.maketrans("ƁɓƊɗƘƙ", "BbDdKk")))
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def protect(text, first=False):
    """Plain text as wikitext: what would act as markup becomes an entity."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace("[[", "&#91;&#91;").replace("{{", "&#123;&#123;").replace("''", "&#39;&#39;")
    if first and text[:1] and text[0] in "*#:;=|!{ ":
        text = f"&#{ord(text[0])};{text[1:]}"
    return text


class Wiki:
    """The practice wiki of one language, built from what articles.json holds."""

    def __init__(self, code, data):
        self.code, self.words = code, data["wiki"]
        self.articles = [{**article, "paragraphs": [unicodedata.normalize("NFC", text) for text in article["paragraphs"]]} for article in data["articles"]]
        self.pages = []
        self.titles = [article["title"] for article in self.articles]
        self.redirects = self._redirect_titles()
        for number, article in enumerate(self.articles):
            self._add(article["title"], self._article(number, article))
        self._add_others()
        for name, text in TEMPLATES.items():
            self._add(f"{self.words['template']}:{name}", text, ns=10, kind="template")
        for topic in sorted({article["topic"] for article in self.articles}):
            self._add(f"{self.words['category']}:{self.topic(topic)}", f"{self.topic(topic)}.", ns=14, kind="category")
        self.by_title = {page.title: page for page in self.pages}
        self.by_id = {page.pageid: page for page in self.pages}
        self.by_revision = {page.revid: page for page in self.pages}
        self.others = {page.title: page.kind for page in self.pages if page.ns == 0 and page.kind != "article"}
        self.gold = {article["title"]: list(article["paragraphs"]) for article in self.articles}
        self._rendered = {}

    def topic(self, topic):
        """The category name of a topic in the language."""
        return self.words["topics"].get(topic, topic.capitalize())

    def render(self, text, title, parsoid=False):
        """Wikitext of this wiki as wikitext.Rendered."""
        return wikitext.render(text, TEMPLATES, title, self.words["template"], ("File", "Image", self.words["file"]), ("Category", self.words["category"]),
                               parsoid, href=f"/wiki/{self.code}/wiki/{{}}")

    def page_html(self, page, parsoid=False):
        """A page as wikitext.Rendered, kept for the next time."""
        key = (page.pageid, parsoid)
        if key not in self._rendered:
            self._rendered[key] = self.render(page.text, page.title, parsoid)
        return self._rendered[key]

    def members(self, category):
        """The pages of a category, by title."""
        pattern = re.compile(rf"\[\[(?:Category|{re.escape(self.words['category'])}):{re.escape(category)}(?:\|[^\]]*)?\]\]")
        return sorted((page for page in self.pages if pattern.search(page.text)), key=lambda page: page.title)

    # ---------- making pages

    def _add(self, title, text, **more):
        number = len(self.pages)
        day = FIRST_DAY + datetime.timedelta(hours=37 * number, minutes=11 * number)
        self.pages.append(Page(1001 + 7 * number, more.pop("ns", 0), title, text, day.strftime("%Y-%m-%dT%H:%M:%SZ"), **more))

    def _redirect_titles(self):
        """Two other spellings and a double redirect: title -> where it leads."""
        found = {}
        for respell in (unmarked, lambda title: title.capitalize()):
            for title in self.titles:
                other = respell(title)
                if len(found) < 2 and other not in self.titles and title not in found.values():
                    found[other] = title
        if found:
            first = next(iter(found))
            found[f"{first} (redirect)"] = first
        return found

    def _article(self, number, article):
        chance = random.Random(f"{self.code} {article['title']}")
        title, paragraphs = article["title"], article["paragraphs"]
        lines = ["<!-- GlobalInstruct practice page, CC0 -->" if number % 3 else f"{{{{Short description|GlobalInstruct practice: {title}}}}}"]
        if number % 9 == 4:
            lines[0] += "\n__NOTOC__"
        if number % 2 == 0:
            lines[0] += "\n" + self._infobox(number, article)
        linked = set()
        for place, plain in enumerate(paragraphs):
            last = place == len(paragraphs) - 1
            if last and len(paragraphs) > 1:
                lines.append(f"== {article['heading']} ==")
            text = self._paragraph(plain, article, place, number, linked, chance)
            if place == 0 and number % 2 == 0:
                lines[-1] += "\n" + text  # a box's closing braces and the first sentence often touch
            elif last and number % 11 == 7:
                lines.append(f'<div style="text-align: justify">\n{text}\n</div>')
            elif place == 1 and number % 4 != 2:
                lines.append(self._picture(number, article) + "\n" + text)
            else:
                lines.append(text)
        lines += self._tail(number, article)
        return "\n\n".join(lines)

    def _tail(self, number, article):
        words, lines = self.words, []
        near = [self.titles[(number + step) % len(self.titles)] for step in (1, 2, 3)]
        if number % 5 == 1:
            rows = "".join(f"\n|-\n| {row} || [[{title}]] || {{{{number|{1900 + 7 * row + number}}}}}" for row, title in enumerate(near, 1))
            lines.append(f'{{| class="wikitable"\n|+ {self.topic(article["topic"])}\n! № !! {words["see_also"]} !! №{rows}\n|}}')
        if number % 5 == 3:
            topic = self.topic(article["topic"])
            files = "".join(f"\n{words['file']}:GlobalInstruct practice {number + step}.svg|{title} ({topic})" for step, title in enumerate(near))
            lines.append(f"<gallery>{files}\n</gallery>")
        if number % 3 == 0:
            lines.append(f"== {words['see_also']} ==\n" + "\n".join(f"* [[{title}]]" for title in near))
        lines.append(f"== {words['references']} ==\n{{{{reflist}}}}")
        category = "Category" if number % 6 == 5 else words["category"]
        end = [f"[[{category}:{self.topic(article['topic'])}]]"]
        if number % 7 == 2:
            end.insert(0, f"{{{{DEFAULTSORT:{article['title']}}}}}")
        if number % 4 == 3:
            end.insert(0, "{{stub}}")
        return lines + ["\n".join(end)]

    def _infobox(self, number, article):
        words = self.words
        return (f"{{{{Infobox practice\n| name = {article['title']}\n| image = [[{words['file']}:GlobalInstruct practice {number}.svg|200px]]\n"
                f"| label = {words['category']}\n| topic = [[:{words['category']}:{self.topic(article['topic'])}|{self.topic(article['topic'])}]]\n"
                f"| number = {{{{number|{number + 10}}}}}\n}}}}")

    def _picture(self, number, article):
        word = ("File", self.words["file"], self.words["file"], "Image")[number % 4]
        near = self.titles[(number + 5) % len(self.titles)]
        return (f"[[{word}:GlobalInstruct practice {number}.svg|thumb|right|alt=practice|{article['title']} ({self.topic(article['topic'])}), "
                f"''GlobalInstruct'' [[{near}]]]]")

    def _paragraph(self, plain, article, place, number, linked, chance):
        edits, title = Edits(plain), article["title"]
        if place == 0:
            start = next((found.start() for found in _whole(title, plain)), -1)
            if start >= 0 and "'" not in title:
                name = "{{PAGENAME}}" if number % 12 == 2 else title  # only the page itself can say what this is
                edits.put(start, start + len(title), f"'''{name}'''")
        self._links(edits, article, linked)
        for found in NUMBER.finditer(plain):
            digits = found[0].replace(",", "")
            if "," in found[0] and f"{int(digits):,}" == found[0]:
                edits.put(*found.span(), f"{{{{formatnum:{digits}}}}}")
            elif "," not in found[0]:
                edits.put(*found.span(), f"{{{{number|{digits}}}}}")
        self._words(edits, chance)
        self._sentence_ends(edits, place, number, chance)
        return edits.text()

    def _links(self, edits, article, linked):
        other_spelling = {target: title for title, target in self.redirects.items() if target in self.titles}
        for title in sorted(self.titles, key=len, reverse=True):
            if title == article["title"] or title in linked or len(title) < 3:
                continue
            for found in _whole(title, edits.plain, ignore_first=True):
                through = other_spelling.get(title)
                target = through or (title if title != found[0] and len(title) % 2 else "")
                if edits.put(*found.span(), f"[[{target}|{found[0]}]]" if target else f"[[{found[0]}]]"):
                    linked.add(title)
                    break

    def _words(self, edits, chance):
        kinds = ["{{lang|%s|{0}}}" % self.code, "{{lang|%s|{0}}}" % self.code, "''{0}''", "{{nowrap|{0}}}", "<small>{0}</small>",
                 "{{nowrap|{{lang|%s|{0}}}}}" % self.code, "[https://example.org/practice {0}]", '<span style="color:#222">{0}</span>']
        for found in WORD.finditer(edits.plain):
            if chance.random() < 0.07:
                kind = chance.choice(kinds)
                edits.put(*found.span(), kind.replace("{0}", found[0]))

    def _sentence_ends(self, edits, place, number, chance):
        ends = [found.end() for found in re.finditer(r"[.!?](?= |$)", edits.plain)]
        notes = [f"<ref>{{{{cite|title=Practice note {number + 1}}}}}</ref>",
                 f"<ref name=\"n{number}\">GlobalInstruct, ''practice note'' {number + 2}, [[{self.titles[number]}]].</ref>",
                 f'<ref name="n{number}" />', "<!-- practice: nothing to see here -->"]
        for end, note in zip(sorted(chance.sample(ends, min(2, len(ends)))), notes[:2] if place == 0 else notes[2:]):
            edits.insert(end, note)

    # ---------- pages that are no articles

    def _add_others(self):
        words = self.words
        for title, target in self.redirects.items():
            self._add(title, f"#REDIRECT [[{target}]]", kind="redirect", redirect=target)
        lists = "\n".join(f"* [[{title}]]" for title in self.titles[:8])
        box = f'__NOTOC__\n{{| class="mainpage"\n| [[{self.titles[0]}]] || [[{self.titles[-1]}]]\n|}}'
        self._add(words["main_page"], f"{box}\n\n{lists}", kind="main page")
        name = self._shared_word()
        meanings = "\n".join(f"* [[{title}]]" for title in self.titles if name in title or title == self.titles[0])
        sentence = words["disambiguation"].replace("X", f"'''{name}'''", 1)
        self._add(name, f"{sentence}\n{meanings}\n\n{{{{disambig}}}}", kind="disambiguation", disambiguation=True)
        free = [self.topic(topic) for topic in words["topics"] if self.topic(topic) not in {page.title for page in self.pages}]
        listed = "\n".join(f"* [[{article['title']}]]" for article in self.articles if self.topic(article["topic"]) == free[0])
        made = [("list", f"{listed}\n\n[[{words['category']}:{free[0]}]]"), ("stub", f"'''{free[1]}'''.\n\n{{{{stub}}}}"), ("empty", ""),
                ("untranslated", f"'''{free[3]}'''. " + "\n\n".join(UNTRANSLATED) + f"\n\n== {words['references']} ==\n{{{{reflist}}}}")]
        for title, (kind, text) in zip(free, made):
            self._add(title, text, kind=kind)

    def _shared_word(self):
        """A word that several titles share, for the page that tells them apart."""
        seen = {}
        for title in self.titles:
            for word in re.findall(r"[^\W\d_][\w\u0300-\u036f-]{3,}", title):
                seen.setdefault(wikitext.first_upper(word), set()).add(title)
        shared = [word for word, titles in seen.items() if len(titles) > 1 and word not in self.titles and word not in self.redirects]
        return shared[0] if shared else f"{self.titles[0]} (disambiguation)"


def _whole(title, plain, ignore_first=False):
    """Where a title stands as whole words; with ignore_first also with a small first letter."""
    if title[1:] not in plain:  # most do not, and making an expression for each would take a wiki of 600 pages minutes
        return iter(())
    first = re.escape(title[0]) + (re.escape(title[0].lower()) if ignore_first else "")
    return re.finditer(rf"(?<![{PART_OF_WORD}])[{first}]{re.escape(title[1:])}(?![{PART_OF_WORD}\u0300-\u036f])", plain)


def follow(wiki, page):
    """(the page a redirect ends at, the steps there); a redirect that leads nowhere stays itself."""
    steps = []
    while page.redirect and len(steps) < 5 and page.redirect in wiki.by_title:
        steps.append({"from": page.title, "to": page.redirect})
        page = wiki.by_title[page.redirect]
    return page, steps


def wiki_of(code, state):
    """The Wiki of a language, made once a server; None when there are no texts for it."""
    with state.lock:
        wikis = state.memory.setdefault("wikis", {})
        if code not in wikis:
            file = state.texts / code / "articles.json"
            if not re.fullmatch(r"[a-z_-]+", code) or not file.exists():
                return None
            wikis[code] = Wiki(code, store.read_json(file))
        return wikis[code]
