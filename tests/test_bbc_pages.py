"""Notebook 2: pages of all shapes, sites and scripts, and what is wrong with some. All texts are written for these tests."""
import json
import random

import pytest

from gi_helpers import _newsbytes, _newskind, _newsread, bbc_scrape

OWN = "https://www.bbc.com/yoruba/articles/c0123456789o"
PAPER = "https://paper.example.org/oja-tuntun"
TEXTS = {
    "yo": ["Ọjà tuntun ṣí ní àárín ìlú ní àárọ̀ ọjọ́ Ajé, àwọn olùtajà sì ti bẹ̀rẹ̀ sí í kó ọjà wọn wọlé.",
           "Alága ọjà sọ pé ilé ìtajà ọgọ́rùn-ún ló wà níbẹ̀, omi àti iná sì wà fún gbogbo wọn.",
           "Àwọn oníbàárà ní inú àwọn dùn nítorí pé ọ̀nà tó lọ sí ọjà náà ti dára ju ti àtẹ̀yìnwá lọ."],
    "th": ["ตลาดแห่งใหม่เปิดแล้วเมื่อเช้าวันจันทร์ที่ใจกลางเมือง พ่อค้าแม่ค้าเริ่มขนของเข้าร้านตั้งแต่เช้ามืด มีคนมามากกว่าที่คาดไว้หลายเท่าตัว",
           "ประธานตลาดบอกว่ามีร้านค้าหนึ่งร้อยร้าน ทุกร้านมีน้ำและไฟฟ้าใช้ และถนนที่มาตลาดก็ดีกว่าเดิมมาก ลูกค้าจึงพอใจกันทุกคน",
           "ตลาดจะเปิดทุกวันตั้งแต่เจ็ดโมงเช้าถึงหนึ่งทุ่ม ผู้ขายขอให้ทางการเพิ่มรถประจำทางสายใหม่ให้ผ่านหน้าตลาดด้วยในเดือนหน้า"],
    "zh": ["新市场星期一早上在市中心开业，商贩们一大早就开始把货物搬进店里。", "市场主任说，这里有一百家店铺，每家都有水有电，通往市场的路也修好了。", "顾客们都很高兴，说以后买菜方便多了。"],
    "am": ["አዲሱ ገበያ ሰኞ ጠዋት በከተማው መሃል ተከፈተ፤ ነጋዴዎችም ዕቃቸውን ማስገባት ጀምረዋል።", "የገበያው ሊቀመንበር አንድ መቶ ሱቆች እንዳሉና ሁሉም ውሃና መብራት እንዳላቸው ተናግረዋል።", "ገዢዎችም ወደ ገበያው የሚወስደው መንገድ ከበፊቱ በመሻሻሉ ደስ ብሏቸዋል።"],
    "ur": ["نیا بازار پیر کی صبح شہر کے وسط میں کھل گیا اور دکانداروں نے اپنا سامان اندر لانا شروع کر دیا۔", "بازار کے صدر نے کہا کہ یہاں سو دکانیں ہیں اور سب میں پانی اور بجلی موجود ہے۔", "گاہکوں کا کہنا ہے کہ بازار کو جانے والی سڑک پہلے سے بہت بہتر ہے۔"],
    "hi": ["नया बाज़ार सोमवार की सुबह शहर के बीच में खुला और दुकानदारों ने अपना सामान लाना शुरू कर दिया।", "बाज़ार के अध्यक्ष ने कहा कि यहाँ सौ दुकानें हैं और सबमें पानी और बिजली है।", "ग्राहकों ने कहा कि बाज़ार जाने वाली सड़क पहले से बहुत अच्छी है।"],
}


def read(html, url=PAPER):
    return bbc_scrape.extract(html, url)


def ps(texts):
    return "".join(f"<p>{text}</p>" for text in texts)


def html(body, head="", lang="yo"):
    return f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Ọjà</title>{head}</head><body>{body}</body></html>'


# ---------------------------------------------------------------- what no page may do

@pytest.mark.parametrize("given, kind", [(None, "empty"), (12, "not html"), (["<p>"], "not html"), (bytearray(b""), "empty"), (memoryview(b"GIF89a" + bytes(9)), "not html")])
def test_anything_at_all_may_be_given(given, kind):
    assert bbc_scrape.extract(given, PAPER)["page_type"] == kind
    assert bbc_scrape.extract(html("<main><h1>Ọjà</h1>" + ps(TEXTS["yo"]) + "</main>"), None)["paragraphs"] == TEXTS["yo"]


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"PK\x03\x04", b"%PDF-1.7", b"\x00\x01no name"])
def test_pictures_and_other_files_are_called_what_they_are(start):
    noise = random.Random(1).randbytes(5000)
    assert read(start + noise)["page_type"] == "not html"


@pytest.mark.parametrize("name, body, kind", [
    ("elements in each other", "<div>" * 1000 + ps(TEXTS["yo"]) + "</div>" * 1000, "damaged"), ("never closed", ps(TEXTS["yo"]) + "<b>" * 600, "damaged"),
    ("comments never closed", ps(TEXTS["yo"]) + "<!-- x " * 2000, "damaged"), ("declarations", ps(TEXTS["yo"]) + "<!x " * 2000, "damaged"),
    ("elements without end", ps(["Ó dára."] * 50_000), "too big"), ("a mark the parser rejects", ps(TEXTS["yo"]) + "<![x y>", "damaged"),
])
def test_pages_that_would_take_for_ever_are_refused_by_name(name, body, kind):
    found = _newsread.read(html(body), PAPER)
    assert (found.page_type, found.paragraphs) == (kind, []) and len(found.reason) > 30


def test_real_pages_are_far_from_those_limits():
    deep = html("<div>" * 100 + "<main><h1>Ọjà</h1>" + ps(TEXTS["yo"]) + "</main>" + "</div>" * 100)
    assert read(deep)["paragraphs"] == TEXTS["yo"]
    assert not _newsbytes.too_deep("<p><b>x</p>" * 1000) and not _newsbytes.too_deep("<br><img>" * 1000) and _newsbytes.too_deep("<b>" * 1000)


def _misread(text, table):
    """UTF-8 read as Western European: by Windows' table, with its five gaps as control characters, or by the plain one."""
    return "".join(chr(byte) if table == "latin-1" or byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252") for byte in text.encode())


@pytest.mark.parametrize("code", [*TEXTS, "vi"])
@pytest.mark.parametrize("table", ["cp1252", "latin-1", "twice"])
@pytest.mark.parametrize("kind", [str, bytes])
def test_pages_that_were_read_with_the_wrong_table_are_put_right_in_any_language(code, table, kind):
    texts = TEXTS.get(code) or ["Sáng nay người dân trong làng ra chợ mua gạo, rau và cá.", "Ông trưởng làng nói rằng năm nay mưa nhiều nên được mùa lớn."]
    page = html("<main><h1>Ọjà</h1>" + ps(texts) + "</main>", '<meta property="og:type" content="article">', code)
    page = _misread(_misread(page, "cp1252"), "latin-1") if table == "twice" else _misread(page, table)
    assert read(page if kind is str else page.encode())["paragraphs"] == texts


@pytest.mark.parametrize("text, table", [("Новий ринок відкрився вранці, і люди приходять купувати хліб, рибу та овочі. ", "cp1251"), (TEXTS["th"][0], "tis-620"), (TEXTS["ur"][0], "utf-8")])
def test_letters_that_cannot_be_told_are_refused_by_name(text, table):
    page = html("<main><h1>Ọja</h1>" + ps([text * 3, text * 2]) + "</main>").replace('<meta charset="utf-8">', "").replace("Ọ", "O").encode(table, "ignore")
    page = page.decode("cp1252", "replace") if table == "utf-8" else page
    assert (read(page)["page_type"], read(page)["paragraphs"]) == ("wrong charset", [])


def test_accented_letters_before_quotation_marks_are_left_alone():
    texts = ['Elle a dit : « À l’École, Í” et É’ se lisent bien, déjà vu, très près. »'] * 6
    assert read(html("<main><h1>Oja</h1>" + ps([f"{text} {number}." for number, text in enumerate(texts)]) + "</main>"))["paragraphs"][0].startswith(texts[0])


def test_pictures_inside_the_page_do_not_make_it_too_big():
    picture = '<img src="data:image/jpeg;base64,' + "A" * 6_000_000 + '">'
    assert read(html("<main><h1>Ọjà</h1>" + picture + ps(TEXTS["yo"]) + "</main>"))["paragraphs"] == TEXTS["yo"]
    assert read(html("x" * 6_000_000))["page_type"] == "too big"


def test_half_a_paragraph_at_the_end_is_half_a_download():
    whole = "<html><body><h1>Ọjà</h1>" + ps(TEXTS["yo"])
    assert read(whole + "<p>Àwọn oníb")["page_type"] == "cut off"
    assert read("<html><body><h1>Ọjà</h1><p>" + "<p>".join(TEXTS["yo"]))["paragraphs"] == TEXTS["yo"]  # old pages close no paragraph


# ---------------------------------------------------------------- which pages hold a story

@pytest.mark.parametrize("og, kind", [("video.other", "video"), ("video", "video"), ("music.song", "audio"), ("profile", "index"), ("article", "article"), ("website", "article")])
def test_what_a_page_tells_social_networks_counts(og, kind):
    found = read(html("<main><h1>Ọjà</h1>" + ps(TEXTS["yo"]) + "</main>", f'<meta property="og:type" content="{og}">'))
    assert (found["page_type"], bool(found["paragraphs"])) == (kind, kind == "article")


@pytest.mark.parametrize("path, kind", [
    ("yoruba/live/c0123456789t", "live"), ("yoruba/topics/c0123456789t", "index"), ("zhongwen/simp/topics/c0123456789t", "index"), ("yoruba/popular/read", "index"), ("yoruba/media/video", "video"),
    ("yoruba/bbc_yoruba_radio/w3csz", "audio"), ("persian/bbc_persian_tv/w3csz", "video"), ("yoruba/podcasts/p01", "audio"), ("yoruba/av-embeds/12345678", "video"), ("yoruba/institutional-12345678", "other"),
    ("yoruba/articles/c0123456789o", ""), ("serbian/cyr/svet-51234567", ""), ("yoruba/media-23256549", ""), ("yoruba", ""), ("yoruba/12345678.amp", ""), ("mundo/video-12345678", ""),
])
def test_an_address_of_this_publisher_tells_the_kind_of_page(path, kind):
    assert _newskind.address_kind(f"https://www.bbc.com/{path}") == kind
    story = html("<main><h1>Ọjà</h1><time datetime='2026-01-01'>1</time>" + ps(TEXTS["yo"]) + "</main>", '<meta property="og:type" content="article">')
    assert bool(read(story, f"https://www.bbc.com/{path}")["paragraphs"]) == (not kind)


def test_the_address_that_a_page_gives_itself_counts_too_but_not_against_news():
    page = html("<main><h1>Ọjà</h1>" + ps(TEXTS["yo"]) + "</main>", '<link rel="canonical" href="https://paper.example.org/category/oja/">')
    assert (read(page, "saved.html")["page_type"], read(page, "saved.html")["paragraphs"]) == ("index", [])
    news = page.replace("<title>", '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ọjà"}</script><title>')
    assert read(news, "saved.html")["paragraphs"] == TEXTS["yo"]
    assert _newskind.address_kind("http://[x") == "" and _newskind.address_kind("page 1.html") == ""


def test_a_headline_repeated_in_the_text_is_no_player():
    body = "<main><h1>Ọjà tuntun</h1><p><strong>Ọjà tuntun</strong></p>" + ps(TEXTS["yo"]) + "</main>"
    assert read(html(body))["paragraphs"][-3:] == TEXTS["yo"]


FORM = "<main><h1>{h}</h1><p>{p}</p><p>{p}</p><form>{f}</form></main>"


@pytest.mark.parametrize("form, kind", [("<input type=password><button>Wọlé</button>", "login"), ("<button>Mo gbà</button><button>N ò gbà</button>", "login"), ("<input type=text><button>Wá</button>", "too little")])
def test_a_page_that_asks_for_something_is_no_story_unless_it_has_one(form, kind):
    page = html(FORM.format(h="Ẹ jọ̀wọ́", p="A nílò ìyọ̀ǹda yín kí ẹ tó lè ka ojú ewé yìí lórí ayélujára.", f=form))
    assert (read(page)["page_type"], read(page)["paragraphs"]) == (kind, [])
    dated = page.replace("<h1>", '<time datetime="2026-01-01">1</time><h1>')
    assert bool(read(dated)["paragraphs"]) == ("password" not in form)  # the first lines of a story behind a wall are no story
    longer = dated.replace("<form>", ps(TEXTS["yo"] * 3) + "<form>")
    assert len(read(longer)["paragraphs"]) == 11


@pytest.mark.parametrize("where", ["<title>404: A kò rí i</title>", '<title>A kò rí i</title><link rel="canonical" href="https://paper.example.org/page-not-found/">'])
def test_an_error_page_says_so_outside_its_text(where):
    page = html("<main><h1>Ẹ má bínú</h1>" + ps(["Ojú ewé tí ẹ ń wá kò sí mọ́, tàbí a ti gbé e lọ sí ibòmíràn.", "Ẹ padà sí ojú ewé àkọ́kọ́."]) + "</main>").replace("<title>Ọjà</title>", where)
    assert (read(page)["page_type"], read(page)["paragraphs"]) == ("not found", [])
    story = html("<main><h1>404 ni wọ́n</h1><time datetime='2026-01-01'>1</time>" + ps(TEXTS["yo"]) + "</main>")
    assert read(story)["paragraphs"] == TEXTS["yo"]


# ---------------------------------------------------------------- stories of other sites and scripts

BYLINES = {"yo": "Láti ọwọ́ Adé Bello", "th": "โดย สมชาย ใจดี", "zh": "记者 王小明", "am": "በአበበ ከበደ", "ur": "تحریر احمد علی", "hi": "राम शर्मा"}


@pytest.mark.parametrize("code", TEXTS)
@pytest.mark.parametrize("shape", ["main", "article", "nothing", "breaks"])
def test_a_byline_goes_and_the_story_stays_in_every_script(code, shape):
    line = BYLINES[code]
    body = {"main": f"<main><h1>H</h1><p>{line}</p><p>12.01.2026</p>{ps(TEXTS[code])}</main>", "article": f"<div><article><h1>H</h1><div><p>{line}</p></div>{ps(TEXTS[code])}</article></div>",
            "nothing": f"<div><h1>H</h1><div><p>{line}</p>{ps(TEXTS[code])}</div></div><div><p>© 2026</p></div>", "breaks": f"<div><h1>H</h1><div>{'<br><br>'.join(TEXTS[code])}</div></div>"}[shape]
    assert read(html(body, '<meta property="og:type" content="article">', code))["paragraphs"] == TEXTS[code]


def test_an_author_named_in_the_facts_is_a_byline_wherever_it_stands():
    fact = '<script type="application/ld+json">{"@type": "NewsArticle", "author": [{"@type": "Person", "name": "Adé Bello"}]}</script>'
    body = f"<main><h1>Ọjà</h1><time datetime='2026-01-01'>1</time><p>Láti ọwọ́ Adé Bello, Ìbàdàn</p>{ps(TEXTS['yo'])}<p>Adé Bello sọ pé òun fẹ́ràn ọjà náà.</p><p>Adé Bello ni akọ̀ròyìn wa</p></main>"
    assert read(html(body, fact))["paragraphs"] == [*TEXTS["yo"], "Adé Bello sọ pé òun fẹ́ràn ọjà náà."]


def test_a_standfirst_stays_where_a_byline_would_go():
    for code in TEXTS:
        body = f"<main><h1>H</h1><p>{TEXTS[code][0]}</p><p>{BYLINES[code]}</p><time datetime='2026-01-01'>1</time>{ps(TEXTS[code][1:])}</main>"
        assert read(html(body, lang=code))["paragraphs"] == TEXTS[code], code


def test_links_around_whole_paragraphs_are_pointers():
    card = '<a href="/b"><div><img src="x"><p>Ìròyìn mìíràn nípa ọjà tó wà ní ìlú kejì.</p></div></a>'
    assert read(html(f"<main><h1>Ọjà</h1>{ps(TEXTS['yo'])}{card}{card}</main>"))["paragraphs"] == TEXTS["yo"]
    assert read(html(f"<main><a name='top'><h1>Ọjà</h1>{ps(TEXTS['yo'])}</a></main>"))["paragraphs"] == TEXTS["yo"]


def test_a_headline_over_two_lines_keeps_its_words_apart():
    assert read(html(f"<main><h1>Ọjà<br>tuntun <span aria-hidden='true'>▶</span></h1>{ps(TEXTS['yo'])}</main>"))["headline"] == "Ọjà tuntun"


@pytest.mark.parametrize("page, day", [
    ("<meta itemprop='datePublished' content='Mon, 05 Jan 2026 10:00:00 +0100'>", "2026-01-05T09:00:00Z"), ("<meta name='dcterms.date' content='2026-01-05 10:00:00 UTC'>", "2026-01-05T10:00:00Z"), ("", "2026-05-04"),
])
def test_dates_are_found_in_more_places(page, day):
    assert read(html(f"<main><h1>Ọjà</h1>{ps(TEXTS['yo'])}</main>", page), "https://paper.example.org/2026/05/04/oja")["published"] == day


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+23:59", "99999-01-01", {"a": 1}, 1e300, float("nan")])
def test_impossible_dates_are_no_dates(value):
    assert _newsread.moment(value) == ""


# ---------------------------------------------------------------- data of other shapes

def blocks_of(texts, style):
    if style == "model":
        return [{"type": "text", "model": {"blocks": [{"type": "paragraph", "model": {"text": text, "blocks": [{"type": "fragment", "model": {"text": text}}]}}]}} for text in texts]
    if style == "children":
        return [{"type": "paragraph", "children": [{"type": "text", "text": text[:9]}, {"type": "text", "text": text[9:]}]} for text in texts]
    return [{"type": "p", "content": text} for text in texts]


@pytest.mark.parametrize("style", ["model", "children", "content"])
@pytest.mark.parametrize("nesting", ["deep", "no model", "as text", "in a list"])
def test_story_data_is_found_in_other_nestings(style, nesting):
    blocks = [*blocks_of(TEXTS["yo"], style), {"type": "image", "caption": "Àwòrán"}, {"type": "h2", "text": "Àkọlé kékeré"}, {"paragraph": 1}]
    value = {"deep": {"a": {"b": {"c": {"d": {"e": {"f": {"metadata": {"type": "article"}, "body": {"blocks": blocks}}}}}}}}, "no model": {"metadata": {"type": "article"}, "content": {"blocks": blocks}},
             "as text": {"cache": json.dumps({"paragraph": 0, "blocks": blocks})}, "in a list": [[{"article": blocks}]]}[nesting]
    teasers = {"more": blocks_of(["Ìròyìn mìíràn.", "Ìròyìn kẹta."], style)}
    page = html(f"<main><h1>Ọjà</h1>{ps(TEXTS['yo'])}</main><script>window.x = {json.dumps([value, teasers])}</script>")
    found = read(page)
    assert (found["paragraphs"], found["method"], found["agreement"], found["page_type"]) == (TEXTS["yo"], "json", 1.0, "article")


def test_another_list_of_texts_on_the_page_is_not_taken_for_the_story():
    other = json.dumps({"paragraph": blocks_of([f"Ọ̀rọ̀ ìpolówó ọjà tó gùn díẹ̀ ju ti tẹ́lẹ̀ lọ, nọ́mbà {number} ni èyí jẹ́." for number in range(9)], "content")})
    found = read(html(f"<main><h1>Ọjà</h1>{ps(TEXTS['yo'])}</main><script>{other}</script>"))
    assert (found["paragraphs"], found["method"]) == (TEXTS["yo"], "dom")


@pytest.mark.parametrize("place", ["beside it", "in a script before it", "alone"])
def test_the_data_of_another_story_is_not_taken_for_this_one(place):
    def data(texts, headline):
        blocks = [{"type": "headline", "model": {"blocks": [{"type": "text", "model": {"blocks": [{"type": "paragraph", "model": {"text": headline, "blocks": []}}]}}]}}, *blocks_of(texts, "model")]
        return {"metadata": {"type": "article"}, "content": {"model": {"blocks": blocks}}}

    other, own = data(["Ìròyìn mìíràn pátápátá ni èyí."] * 4, "Odò"), data(TEXTS["yo"], "Ọjà")
    scripts = {"beside it": [{"next": other, "pageData": own}], "in a script before it": [other, own], "alone": [other]}[place]
    found = read(html(f"<main><h1>Ọjà</h1>{ps(TEXTS['yo'])}</main>" + "".join(f"<script>x = {json.dumps(one)}</script>" for one in scripts)))
    assert (found["headline"], found["paragraphs"], found["method"]) == ("Ọjà", TEXTS["yo"], "dom" if place == "alone" else "json")


# ---------------------------------------------------------------- what stands around a story, in any language

@pytest.mark.parametrize("code", TEXTS)
@pytest.mark.parametrize("shape", ["one part", "chapters", "ids like furniture"])
def test_labelled_parts_that_tell_the_story_stay_in_any_script(code, shape):
    texts = TEXTS[code]
    body = {"one part": f'<section aria-label="story">{ps(texts)}</section>',
            "chapters": "".join(f'<section aria-labelledby="s{n}"><h2 id="s{n}">{n}</h2><p>{text}</p></section>' for n, text in enumerate(texts)),
            "ids like furniture": "".join(f'<section id="{name}"><h2>x</h2><p>{text}</p></section>' for name, text in zip(("advertising-ban", "impunity", "related-diseases"), texts))}[shape]
    assert read(html(f"<main><h1>x</h1>{body}</main>", lang=code))["paragraphs"] == texts


@pytest.mark.parametrize("part", ['<section aria-label="x"><p>{}</p></section>', '<div id="comments"><h2>3</h2><p>{0}</p><p>{0}</p><p>{0}</p></div>', '<div id="newsletter-2026"><h2>x</h2><p>{}</p><form><input></form></div>',
                                  '<section aria-labelledby="r"><h2 id="r">x</h2><div><h3><a href="/1">Odò</a></h3><p>{}</p></div></section>', '<div><a href="#e">x</a><p>{}</p><blockquote><p>{}</p></blockquote><p id="e">x</p></div>',
                                  '<section><h2>x</h2><h3><a href="/2">Odò</a></h3><p>{}</p></section>'])
def test_furniture_goes_with_its_marks_or_without(part):
    note = "Ẹ lè gbọ́ ètò wa tuntun ní gbogbo ọ̀sẹ̀ lórí ẹ̀rọ yín, ẹ má jẹ́ kó kọjá yín."
    assert read(html(f"<main><h1>Ọjà</h1>{ps(TEXTS['yo'])}{part.replace('{0}', note).replace('{}', note)}</main>"))["paragraphs"] == TEXTS["yo"]


@pytest.mark.parametrize("link, rest", [("કૃષિ વિભાગે ત્રણ જિલ્લા માટે નવી ચેતવણી આપી છે", ", એમ અધિકારીઓએ કહ્યું."), ("हवामान खात्याने तीन जिल्ह्यांसाठी नवा इशारा दिला आहे", ", असे अधिकारी म्हणाले."),
                                        ("世界卫生组织周二发布新的疫情报告并警告各国政府", "表示。"), ("รัฐบาลประกาศราคาข้าวใหม่", "เมื่อวานนี้ที่ตลาดกลาง")])
def test_a_sentence_with_a_long_link_is_a_sentence_in_any_script(link, rest):
    texts = [*TEXTS["th" if "ร" in link else "hi"], link + rest]
    assert read(html("<main><h1>x</h1>" + ps(texts).replace(link, f'<a href="/a">{link}</a>') + "</main>"))["paragraphs"] == texts
    assert read(html("<main><h1>x</h1>" + ps(texts).replace(link + rest, f'<a href="/a">{link}</a>') + "</main>"))["paragraphs"] == texts[:-1]


@pytest.mark.parametrize("code, first", [("th", "ชาวนาขายข้าวได้ราคาดีเมื่อวานนี้"), ("zh", "市场今天开了。"), ("hi", "बाज़ार आज खुला।"), ("am", "ገበያው ዛሬ ተከፈተ።")])
@pytest.mark.parametrize("place", ["above the date", "below the date", "no date"])
def test_a_short_first_sentence_stays(code, first, place):
    time = '<time datetime="2026-05-04">4</time>'
    body = {"above the date": f"<p>{first}</p>{time}", "below the date": f"{time}<p>{first}</p>", "no date": f"<p>{first}</p>"}[place]
    assert read(html(f"<main><h1>x</h1>{body}{ps(TEXTS[code])}</main>", lang=code))["paragraphs"] == [first, *TEXTS[code]]


def test_a_date_below_a_short_story_costs_none_of_it_and_three_bullets_are_a_summary():
    short = ["Ọjà ṣí ní òní.", "Omi wà níbẹ̀.", "Inú wọn dùn."]
    assert read(html(f'<main><h1>x</h1>{ps(short)}<time datetime="2026-05-04">4</time></main>', '<meta property="og:type" content="article">'))["paragraphs"] == short
    bullets = ["ọjà tuntun", "omi àti iná", "ọ̀nà tó dára"]
    assert read(html(f"<main><h1>x</h1><ul>{''.join(f'<li>{text}</li>' for text in bullets)}</ul>{ps(TEXTS['yo'])}</main>"))["paragraphs"] == bullets + TEXTS["yo"]
    assert read(html(f'<main><h1>x</h1><time datetime="2026-05-04">4</time><p>Adé Bello</p><p>Ìwé Ìròyìn Wa</p>{ps(TEXTS["yo"])}</main>'))["paragraphs"] == TEXTS["yo"]


def test_a_paragraph_may_name_the_house_that_published_it():
    facts = json.dumps({"@type": "NewsArticle", "author": {"@type": "NewsMediaOrganization", "name": "Ilé Ìròyìn Wa"}})
    texts = [*TEXTS["yo"], "Gómìnà bá Ilé Ìròyìn Wa sọ̀rọ̀"]
    assert read(html(f"<main><h1>x</h1>{ps(texts)}</main>", f'<script type="application/ld+json">{facts}</script>'))["paragraphs"] == texts


CARDS = {"link and summary": '<div><a href="/{n}">{h}</a><p>{s}</p></div>', "two paragraphs": '<div><p><a href="/{n}">{h}</a></p><p>{s}</p></div>', "list": '<li><a href="/{n}"><span>{h}</span></a><p>{s}</p></li>',
         "ranked": '<li><span>{n}</span><div><a href="/{n}">{h}</a></div><p>{s}</p></li>', "cells": '<td><b><a href="/{n}">{h}</a></b><p>{s}</p></td>', "link around": '<div><a href="/{n}"><img src="x"><div>{h}</div><p>{s}</p></a></div>'}


@pytest.mark.parametrize("code", TEXTS)
@pytest.mark.parametrize("kind", CARDS)
def test_other_stories_listed_without_any_mark_are_left_out(code, kind):
    cards = "".join(CARDS[kind].format(n=number, h=TEXTS[code][number % 3][:25], s=TEXTS[code][number % 3] + str(number)) for number in range(1, 5))
    box = {"list": f"<ul>{cards}</ul>", "ranked": f"<ol>{cards}</ol>", "cells": f"<table><tr>{cards}</tr></table>"}.get(kind, f"<div>{cards}</div>")
    assert read(html(f"<main><h1>H</h1><time datetime='2026-01-01'>1</time>{ps(TEXTS[code])}{box}</main>", lang=code))["paragraphs"] == TEXTS[code]


def test_paragraphs_that_begin_with_a_link_are_still_paragraphs():
    body = "".join(f"<div><p><a href='/{number}'>{text[:20]}</a>{text[20:]}</p></div>" for number, text in enumerate(TEXTS["yo"]))
    plain = "".join(f"<div><a href='/{number}'>{text[:20]}</a>{text[20:]}</div>" for number, text in enumerate(TEXTS["yo"]))
    assert read(html(f"<main><h1>H</h1>{body}</main>"))["paragraphs"] == TEXTS["yo"]
    assert read(html(f"<div><h1>H</h1>{plain}</div>"))["paragraphs"] == TEXTS["yo"]


AROUND = {"a header without the headline": "<header><p>{t}</p></header>", "a role": '<div role="complementary"><p>{t}</p></div>', "hidden": "<div hidden><p>{t}</p></div>", "aria-hidden": '<div aria-hidden="true"><p>{t}</p></div>',
          "not shown": '<div style="display: none"><p>{t}</p></div>', "a modal": '<div aria-modal="true"><p>{t}</p></div>', "a label": '<section aria-label="x"><p>{t}</p></section>', "a region": '<div role="region"><p>{t}</p></div>',
          "a mark": '<div data-testid="newsletter-signup"><p>{t}</p></div>', "a credit": '<p role="text">{t}</p>', "where a skip link ends": '<p tabindex="-1">{t}</p>', "address": "<address><p>{t}</p></address>"}


@pytest.mark.parametrize("kind", AROUND)
def test_each_mark_of_furniture_counts(kind):
    text = "Ọ̀rọ̀ tí kì í ṣe ara ìròyìn náà rárá o, ó kan wà níbẹ̀ ni."
    assert read(html(f"<main><h1>H</h1>{ps(TEXTS['yo'])}{AROUND[kind].format(t=text)}</main>"))["paragraphs"] == TEXTS["yo"]


def test_a_label_or_header_around_the_story_itself_is_no_furniture():
    long = [f"{text} {number}." for number in range(8) for text in TEXTS["yo"]]
    assert read(html(f"<main><div aria-label='x'><h1>H</h1>{ps(TEXTS['yo'])}</div></main>"))["paragraphs"] == TEXTS["yo"]
    assert read(html(f"<main><h1>H</h1><div role='region'>{ps(long)}</div></main>"))["paragraphs"] == long
    assert read(html(f"<main><header><h1>H</h1><p>{TEXTS['yo'][0]}</p></header>{ps(TEXTS['yo'][1:])}</main>"))["paragraphs"] == TEXTS["yo"]


def test_the_page_of_a_content_system_gives_its_story_alone():
    body = f"""<div id="page"><header><a href="/">Ìwé Ìròyìn</a><nav><ul><li><a href="/a">A</a></li></ul></nav></header><div role="main"><article id="node-7"><h1><span>Ọjà</span></h1>
      <footer>Láti ọwọ́ <span rel="author">Adé</span> lórí 5/4/2026</footer><div property="content:encoded"><div>{ps(TEXTS['yo'])}</div><figure><img><figcaption>Àwòrán ọjà.</figcaption></figure>
      <blockquote><p>Ọjà dùn, ọjà dára fún gbogbo ènìyàn ìlú wa.</p></blockquote></div><ul><li><a href="/tag/oja">ọjà</a></li><li><a href="/tag/ilu">ìlú</a></li></ul></article>
      <section id="comments"><h2>Ọ̀rọ̀ yín</h2><article><p>Ìròyìn yìí dára gan-an ni o, ẹ kú iṣẹ́.</p></article></section></div><aside><p>Ẹ forúkọ sílẹ̀ láti gba ìròyìn wa lójoojúmọ́.</p></aside></div>"""
    assert read(html(body))["paragraphs"] == [*TEXTS["yo"], "Ọjà dùn, ọjà dára fún gbogbo ènìyàn ìlú wa."]


def test_a_page_without_paragraph_elements_gives_its_story_in_order():
    text = TEXTS["yo"]
    card = "<div><a href='/{n}'>Àkọlé ìròyìn mìíràn</a><div>Àkótán ìròyìn mìíràn tí ó ní gbólóhùn kan ṣoṣo péré, {n}.</div></div>"
    body = (f"<main><h1>H</h1><div>{text[0]}</div><figure><div>Àwòrán ẹnu ọ̀nà ọjà tuntun náà ní àárọ̀ ọjọ́ Ajé.</div></figure><div><div><b>{text[1][:9]}</b>{text[1][9:]}</div></div>"
            f"<h2>Àkọlé kékeré</h2><div>{text[2]}</div><div>Ó dára gan-an.</div>{''.join(card.format(n=number) for number in range(4))}<div>© 2026 Ìwé Ìròyìn Wa tó wà ní àárín ìlú náà</div></main>")
    assert read(html(body, '<meta property="og:type" content="article">'))["paragraphs"] == [*text, "Ó dára gan-an."]
    assert read(html(f"<main><h1>H</h1>{ps(text)}<p>© 2026 Ilé iṣẹ́ ìròyìn wa.</p></main>"))["paragraphs"] == text


def test_a_row_of_dated_posts_is_live_and_a_story_with_comments_is_not():
    posts = "".join(f'<article><time datetime="2026-05-04T0{n}:00Z">{n}</time><h3>Ìròyìn {n}</h3>{ps(TEXTS["yo"])}</article>' for n in range(5))
    assert read(html(f"<main><h1>Ọjọ́ ìdìbò</h1>{posts}</main>"))["page_type"] == "live"
    assert read(html(f"<main><article><h1>Ọjà</h1>{ps(TEXTS['yo'])}</article>{posts}</main>"))["page_type"] == "article"


def test_pictures_with_a_line_each_are_a_gallery_and_a_story_with_pictures_is_not():
    pictures = [f'<div><figure><img src="{n}"></figure><p>Àwòrán {n} fi ọjà náà hàn.</p></div>' for n in range(8)]
    assert read(html(f"<main><h1>Ọjà</h1>{''.join(pictures)}</main>"))["page_type"] == "gallery"
    assert read(html(f"<main><h1>Ọjà</h1>{''.join(pictures)}{ps(TEXTS['yo'] * 2)}</main>"))["paragraphs"] == TEXTS["yo"] * 2


# ---------------------------------------------------------------- what has no mark of its own

ARTICLE = '<meta property="og:type" content="article">'
LINE = "Àwọn olùtajà ní ẹnu ọ̀nà ọjà"


@pytest.mark.parametrize("picture", ['<img src="x"><p>{}</p>', '<div><img src="x"></div><p>{}</p>', '<p><a href="/big"><img src="x"></a></p><p>{}</p>', '<div><div><img src="x"></div><p>{}</p></div>', '<p><img src="x"><br><em>{}</em></p>',
                                     '<div><div><noscript><img src="x"></noscript></div><p role="text">Fọ́tò: Reuters</p><div><span>Àkọlé àwòrán, </span><p>{}</p></div></div>', '<div><img src="x"><span>{}</span></div><p>Adé Bello/Reuters</p>',
                                     '<div><iframe src="/film"></iframe><p>{}.</p></div>', '<img src="x" alt="{}."><p>{}.</p>', '<img src="x"><p><i>{}, tí wọ́n ń tà iṣu, ẹja àti ewé fún àwọn tó wá láti ìlú mìíràn.</i></p>'])
@pytest.mark.parametrize("shape", ["main", "article"])
def test_a_line_under_a_picture_is_its_caption_though_nothing_says_so(picture, shape):
    body = f"<{shape}><h1>Ọjà</h1>{ps(TEXTS['yo'][:2])}{picture.replace('{}', LINE)}{ps(TEXTS['yo'][2:])}</{shape}>"
    assert read(html(body, ARTICLE))["paragraphs"] == TEXTS["yo"]


@pytest.mark.parametrize("code", TEXTS)
@pytest.mark.parametrize("picture", ['<img src="x">', '<p><img src="x"></p>', "<figure><img></figure>", '<div><iframe src="/film"></iframe></div>'])
def test_a_paragraph_under_a_picture_stays(code, picture):
    texts = [text * 2 for text in TEXTS[code]]
    assert read(html(f"<main><h1>H</h1><p>{texts[0]}</p>{''.join(picture + f'<p>{text}</p>' for text in texts[1:])}</main>", ARTICLE, code))["paragraphs"] == texts
    beside = texts[0].join(["<p><img src='x'>", "</p>"])
    assert read(html(f"<main><h1>H</h1>{beside}{ps(texts[1:])}</main>", ARTICLE, code))["paragraphs"] == texts


def test_pictures_in_plain_boxes_are_a_gallery_too_and_pointers_with_a_picture_are_not():
    box = '<div><div><img src="{n}"></div><div><span>Àwòrán, </span><p>{t} {n}.</p></div></div>'
    pictures = "".join(box.format(n=number, t=text) for number, text in enumerate(TEXTS["yo"] * 2))
    assert read(html(f"<main><h1>H</h1><p>{TEXTS['yo'][0]}</p>{pictures}</main>", ARTICLE))["page_type"] == "gallery"
    pointers = "".join(f'<div><img src="{number}"><a href="/{number}">{text}</a></div>' for number, text in enumerate(TEXTS["yo"] * 2))
    assert read(html(f"<main><h1>H</h1>{ps(TEXTS['yo'])}{pointers}</main>", ARTICLE))["paragraphs"] == TEXTS["yo"]


PLAYER = '<figure><iframe src="/film"></iframe></figure>'


@pytest.mark.parametrize("order, kind", [("{h}{p}{t}{s}", "media"), ("{p}{h}{t}{s}", "media"), ("{h}{t}{s}{p}{s}", "article"), ("{h}{p}{t}{s}{s}{s}", "article")])
def test_a_page_that_begins_with_a_player_is_about_a_recording(order, kind):
    body = order.format(h="<h1>Ọjà</h1>", p=PLAYER, t='<time datetime="2026-01-01">1</time>', s=ps(TEXTS["yo"]))
    found = read(html(f"<main>{body}</main>", ARTICLE))
    assert (found["page_type"], bool(found["paragraphs"])) == (kind, kind == "article")


NOTES = ["A kò rí ojú ewé tí ẹ ń wá yìí.", "Ó ṣeé ṣe kó jẹ́ pé a ti pa á rẹ́, ẹ padà sí ojú ewé àkọ́kọ́."]


@pytest.mark.parametrize("more, head, kind", [("", "", "too little"), ('<p><a href="/">Ilé</a></p>', "", "not found"), ("", '<meta name="robots" content="noindex">', "not found"),
                                              ('<div><a href="/a">Mo gbà</a><a href="/b">N ò gbà</a></div>', "", "login"), ('<p><a role="button" href="#">Mo gbà</a></p><p><a href="/c">N ò gbà</a></p>', "", "login")])
def test_notes_of_a_site_are_told_without_a_number_a_button_or_a_word_we_know(more, head, kind):
    found = read(html(f"<main><h1>Ẹ má bínú</h1>{ps(NOTES)}{more}</main>", head))
    assert (found["page_type"], found["paragraphs"]) == (kind, [])
    dated = html(f"<main><h1>Ọjà</h1><time datetime='2026-01-01'>1</time>{ps(TEXTS['yo'])}{more}</main>", head)
    assert read(dated)["paragraphs"][:3] == TEXTS["yo"]


@pytest.mark.parametrize("first", ["ราคาข้าวขึ้นเมื่อวาน", "ฝนตกหนักในภาคใต้"])
@pytest.mark.parametrize("place", ["{first}{time}", "{time}{first}", "{first}"])
def test_a_very_short_first_line_stays_where_words_are_not_parted(first, place):
    body = place.format(first=f"<p>{first}</p>", time='<time datetime="2026-05-04">4</time>')
    assert read(html(f"<main><h1>x</h1>{body}{ps(TEXTS['th'])}</main>", lang="th"))["paragraphs"] == [first, *TEXTS["th"]]


@pytest.mark.parametrize("line, stays", [("<a href='/a'>{}</a>, ó ní bẹ́ẹ̀", True), ("Àwọn aláṣẹ ìlú náà sọ fún àwọn akọ̀ròyìn ní òwúrọ̀ pé <a href='/a'>{}</a>", True), ("Ẹ tún kà <a href='/a'>{}</a>", False),
                                         ("Ka ìròyìn yìí pẹ̀lú kí o tó lọ: <a href='/a'>{}</a>", False), ("<a href='/a'>{}</a> (fídíò)", False), ("<a href='/a'>{}</a> »", False)])
@pytest.mark.parametrize("data", [True, False])
def test_a_line_that_is_mostly_link_is_a_sentence_when_it_goes_on(line, stays, data):
    link = "àwọn èèyàn ìlú náà ti ń retí ọjà tuntun yìí fún ọdún mẹ́wàá gbáko, inú wọn sì dùn"
    before, _, after = line.replace("</a>", "<a href='/a'>").partition("<a href='/a'>")[0], None, line.partition("</a>")[2]
    blocks = [{"type": "fragment", "model": {"text": before}}, {"type": "urlLink", "model": {"locator": "/a", "text": link}}, {"type": "fragment", "model": {"text": after}}]
    story = {"metadata": {"type": "article"}, "content": {"model": {"blocks": [*blocks_of(TEXTS["yo"], "model"), {"type": "text", "model": {"blocks": [{"type": "paragraph", "model": {"blocks": blocks}}]}}]}}}
    page = html(f"<main><h1>x</h1>{ps(TEXTS['yo'])}<p>{line.format(link)}</p></main>" + f"<script>x = {json.dumps(story)}</script>" * data)
    found = read(page)
    assert found["method"] == ("json" if data else "dom") and found["paragraphs"][3:] == [before + link + after] * stays


@pytest.mark.parametrize("part", ['<div id="comment-0-text">{}</div>', '<section id="related-body-{n}">{}</section>', '<div id="credit-union">{}</div>'])
def test_an_id_made_of_words_of_the_story_costs_none_of_it(part):
    body = "".join(part.replace("{n}", str(number)).replace("{}", f"<p>{text}</p>") for number, text in enumerate(TEXTS["yo"]))
    assert read(html(f"<main><h1>x</h1>{body}</main>", ARTICLE))["paragraphs"] == TEXTS["yo"]
    assert read(html(f"<main><h1>x</h1>{''.join(f'''<p id='comment-{number}-text'>{text}</p>''' for number, text in enumerate(TEXTS['yo']))}</main>"))["paragraphs"] == TEXTS["yo"]


# ---------------------------------------------------------------- other content systems

@pytest.mark.parametrize("code", TEXTS)
def test_a_blog_names_itself_in_its_h1_and_parts_paragraphs_by_breaks(code):
    body = f"<div><h1><a href='/'>Ìwé wa</a></h1></div><div><h3>Ọjà</h3><div><div><a href='/i'><img src='a'></a></div>{'<br><br>'.join(TEXTS[code])}<br></div></div><div><h2>x</h2><ul><li><a href='/a'>Odò</a></li></ul></div>"
    found = read(html(body, ARTICLE, code))
    assert (found["headline"], found["paragraphs"], found["method"]) == ("Ọjà", TEXTS[code], "generic")


@pytest.mark.parametrize("code", TEXTS)
@pytest.mark.parametrize("around", ["{}", "<div>{}</div>"])
def test_a_standfirst_that_is_no_paragraph_stays(code, around):
    first, *rest = [text * 2 if code == "th" else text for text in TEXTS[code]]
    rest = rest * 3
    story = "".join(f"<div><p>{text}</p></div>" for text in rest)
    body = f"<div><div><a href='/n'>Ìròyìn</a></div><div><div><h1>H</h1><div>{first}</div><div><span>{BYLINES[code]}</span></div><div><img><span>x</span></div></div>{around.format(story)}</div></div>"
    assert read(html(f"<div>{body}</div>", ARTICLE, code))["paragraphs"] == [first, *rest]


@pytest.mark.parametrize("date", ["15.6.", "15 Oṣù Kẹfà 2026", "(15/6)"])
def test_a_date_between_link_and_summary_makes_no_story_of_a_list(date):
    rows = "".join(f"<li><a href='/{number}'>{text[:30]}</a> <span>{date}</span><p>{text} {number}.</p></li>" for number, text in enumerate(TEXTS["yo"] * 3))
    assert read(html(f"<main><h1>Ìlú</h1><ul>{rows}</ul></main>"))["paragraphs"] == []
    assert read(html(f"<main><h1>Ìlú</h1>{ps(TEXTS['yo'])}<ul>{rows}</ul></main>", ARTICLE))["paragraphs"] == TEXTS["yo"]


# ---------------------------------------------------------------- what small papers have on every page

MENU = '<nav><a href="/">Ilé</a> <a href="/oja">Ọjà</a></nav>'
LONGER = [*TEXTS["yo"], "Àwọn aláṣẹ ìlú sọ pé àwọn yóò kọ́ ọ̀nà mìíràn sí ọjà náà kí ọdún tó parí.", "Ọjà náà yóò máa ṣí lójoojúmọ́ láti aago méje àárọ̀ títí di aago méje alẹ́."]


def ld(*types):
    return f'<script type="application/ld+json">{json.dumps({"@graph": [{"@type": name} for name in types]})}</script>'


@pytest.mark.parametrize("types", [["WebSite"], ["WebPage"], ["WebPage", "BreadcrumbList", "WebSite"], ["ItemList"]])
@pytest.mark.parametrize("time", ['<time datetime="2026-03-04">4</time>', ""])
def test_data_that_tools_write_on_every_page_makes_no_list_of_a_story(types, time):
    head = ld(*types) + '<meta property="og:type" content="website">'
    assert read(html(f"<main><h1>Ọjà</h1>{time}{ps(LONGER)}</main>", head))["paragraphs"] == LONGER
    cards = "".join(f'<article><h2><a href="/{n}">Ọjà {n}</a></h2><p>{text}</p></article>' for n, text in enumerate(LONGER))
    assert read(html(f"<main><h1>Ìròyìn</h1>{cards}</main>", head))["page_type"] == "index"
    assert read(html(f"<main><h1>Ọjà</h1>{ps(LONGER)}</main>", head + ld("CollectionPage")))["page_type"] == "index"
    assert read(html(f"<main><h1>Ọjà</h1>{ps(LONGER)}</main>", ld(*types)), "https://www.bbc.com/yoruba/articles/c0123456789o")["page_type"] in ("index", "article")


@pytest.mark.parametrize("below", ['<div><a href="/t/k">Ọjà</a></div><div><a href="/t/h">Ìlú</a></div>', '<p><a href="/a">« Sẹ́yìn</a></p><p><a href="/b">Síwájú »</a></p>', "<button>Pín</button><button>Tẹ̀ ẹ́</button>",
                                   '<ul><li><a href="https://twitter.com/share">X</a></li><li><a href="https://facebook.com/sharer">F</a></li></ul>', '<a href="#">Pín</a> <a href="#">Tẹ̀ ẹ́</a>'])
def test_tags_and_buttons_below_a_story_do_not_make_it_a_form(below):
    assert read(html(MENU + f"<main><h1>Ọjà</h1>{ps(LONGER)}{below}</main>"))["paragraphs"] == LONGER
    if "/t/" in below:  # saved without its menu
        assert read(html(f"<main><h1>Ọjà</h1>{ps(LONGER)}{below}</main>"))["paragraphs"] == LONGER


@pytest.mark.parametrize("below", ['<a href="#ok">Mo gbà</a> <a href="#no">Síi</a>', '<a href="">Mo gbà</a><a href="javascript:no()">Rárá</a>', "<div><button>Mo gbà</button><button>Rárá</button></div>"])
@pytest.mark.parametrize("shape", ["div", "main"])
def test_a_page_alone_with_two_things_to_press_asks_for_something_however_much_it_says(below, shape):
    found = read(html(f"<{shape}><h1>Àṣírí yín</h1>{ps(LONGER)}{below}</{shape}>"))
    assert (found["page_type"], found["paragraphs"]) == ("login", [])


@pytest.mark.parametrize("path, kind", [("archives/812", "index"), ("category/iroyin/oja-tuntun", "index"), ("topics/ibadan/oja-tuntun", "index"), ("photos/2026/oja", "gallery"), ("live/2026/oja", "live")])
def test_an_address_does_not_count_against_a_page_that_is_a_story(path, kind):
    body, url = f"<main><h1>Ọjà</h1>{ps(LONGER)}</main>", f"https://paper.example.org/{path}"
    assert read(html(body, ARTICLE), url)["paragraphs"] == LONGER
    assert read(html(body), url)["page_type"] == kind  # nothing else says that it is one
    cards = "".join(f'<article><h2><a href="/{n}">Ọjà {n}</a></h2><p>{text}</p></article>' for n, text in enumerate(LONGER))
    assert read(html(f"<main><h1>Ọjà</h1>{cards}</main>", ARTICLE), url)["page_type"] == kind
    assert read(html(body, ARTICLE), "https://paper.example.org/videos/oja")["page_type"] == "video"


@pytest.mark.parametrize("frame, kind", [('<iframe src="https://ads.example.net/x?slot=1">', "article"), ('<iframe src="https://blogs.example.net/navbar.g?targetBlogID=7">', "article"), ('<iframe src="https://www.youtube.com/embed/x">', "media"),
                                         ('<iframe src="/x" allowfullscreen>', "media"), ('<iframe src="/x" allow="autoplay; x">', "media")])
@pytest.mark.parametrize("place", ["above", "below"])
def test_an_advertisement_above_a_story_is_no_player(frame, kind, place):
    frame = f"<div>{frame}</iframe></div>"
    body = (frame if place == "above" else "") + "<h1>Ọjà</h1>" + (frame if place == "below" else "") + ps(TEXTS["yo"])
    assert read(html(f"<main>{body}</main>"))["page_type"] == kind


@pytest.mark.parametrize("line", ["<p>Tún kà:</p><p><a href='/1'>Odò tuntun</a></p>", "<p><strong>اقرأ أيضا:</strong></p><ul><li><a href='/1'>Odò tuntun</a></li><li><a href='/2'>Ilé ìwé</a></li></ul>", "<p>相关新闻：</p><p><a href='/1'>Odò tuntun</a></p>",
                                  "<p>Àkọlé: <a href='/t'>Kánò</a>, <a href='/u'>Ọ̀nà</a></p>", "<p>Orísun: NAN</p>", "<p>Copyright 2026 Ìwé Ìròyìn. All rights reserved.</p>", "<p>Sign up for our newsletter to get the news every morning.</p>",
                                  "<p>Ẹ tẹ̀lé wa lórí <a href='https://whatsapp.com/channel/x'>WhatsApp</a></p>"])
def test_pointers_and_notices_below_a_story_are_left_out(line):
    assert read(html(f"<main><h1>Ọjà</h1>{ps(LONGER)}{line}</main>", ARTICLE))["paragraphs"] == LONGER


@pytest.mark.parametrize("line", ["Daga Aisha Musa, Kano.", "Láti ọwọ́ Adé Bello, Ìbàdàn.", "Adé Bello Ìbàdàn."])
def test_a_byline_with_a_full_stop_goes(line):
    assert read(html(f"<main><h1>Ọjà</h1>{ps([line, *LONGER])}</main>", ARTICLE))["paragraphs"] == LONGER


@pytest.mark.parametrize("texts", [["President Bola Tinubu resigned.", *LONGER], ["Ya kashe Musa Aliyu.", *LONGER], [*LONGER[:2], "Ó sọ báyìí:", *LONGER[2:]], [*LONGER, "Adé sọ pé: ó dára púpọ̀."], [*LONGER, "The copyright law of 2026 was signed in Lagos on Monday."],
                                   ["Ọjà ṣí ní òní.", *LONGER], [*LONGER[:2], "Orísun: NAN", *LONGER[2:]]])
def test_short_lines_that_are_part_of_a_story_stay(texts):
    assert read(html(f"<main><h1>Ọjà</h1>{ps(texts)}</main>", ARTICLE))["paragraphs"] == texts
