"""Languages: every open Wikipedia is in the table, and people find theirs by whatever they call it."""
import csv
import http.server
import json
import re
import subprocess
import sys
import threading
import unicodedata
import urllib.parse

import pytest

from gi_helpers import languages, store
from gi_helpers.errors import NeedsFixing

# Codes of ISO 639-3 that two Wikipedias share: the code finds the first, the second is found by its own code.
SHARED = {"simple": "en", "be-tarask": "be", "nds-nl": "nds", "map-bms": "jv", "roa-tara": "nap"}
RIGHT_TO_LEFT = {"ar", "arc", "ary", "arz", "azb", "ckb", "dv", "fa", "glk", "he",
                 "ks", "mzn", "nqo", "pnb", "ps", "sd", "skr", "ug", "ur", "yi"}
SHIPPED = store.shipped("languages.csv")
ROWS = list(store.read_rows(SHIPPED))
CONTACT = "team@example.org"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GI_DATA", str(tmp_path))
    return tmp_path


def message(call, *arguments, **more):
    with pytest.raises(NeedsFixing) as caught:
        call(*arguments, **more)
    return str(caught.value)


# ---------------------------------------------------------------- the shipped table

def test_all_open_wikipedias_are_there_once():
    assert len(ROWS) == 350
    for column in ("code", "dbname", "name"):
        values = [row[column] for row in ROWS]
        assert len(set(values)) == len(values), column
    assert {"yo", "ig", "ha", "pcm", "sw", "am", "simple", "zh-min-nan", "tig"} <= {row["code"] for row in ROWS}
    closed = {"aa", "ak", "cho", "ho", "hz", "ii", "kj", "kr", "lrc", "mh", "mus", "na", "ng", "pih", "ten", "test"}
    assert not closed & {row["code"] for row in ROWS}


def test_no_row_has_a_hole():
    for row in ROWS:
        for column in ("code", "dbname", "name", "autonym", "iso639_3", "tag", "script", "direction"):
            assert row[column].strip() == row[column] != "", (row["code"], column)
        assert re.fullmatch("[a-z]{2,}(-[a-z]+)*", row["code"]), row
        assert re.fullmatch("[a-z]+(_[a-z]+)*wiki", row["dbname"]), row
        assert re.fullmatch("[a-z]{3}", row["iso639_3"]), row
        assert re.fullmatch("[a-z]{2,3}(-[A-Za-z]+)*", row["tag"]), row
        assert re.fullmatch("[A-Z][a-z]{3}", row["script"]), row
        assert re.fullmatch("[1-9][0-9]*|", row["articles"]), row
        assert all(unicodedata.is_normalized("NFC", value) for value in row.values()), row


def test_direction_follows_the_script():
    assert {row["code"] for row in ROWS if row["direction"] == "rtl"} == RIGHT_TO_LEFT
    assert {row["script"] for row in ROWS if row["direction"] == "rtl"} == {"Arab", "Hebr", "Nkoo", "Syrc", "Thaa"}
    assert {row["direction"] for row in ROWS} == {"ltr", "rtl"}


def test_own_names_are_in_the_script_of_the_wiki():
    first_word = {"Latn": "LATIN", "Cyrl": "CYRILLIC", "Arab": "ARABIC", "Ethi": "ETHIOPIC", "Deva": "DEVANAGARI", "Beng": "BENGALI",
                  "Hebr": "HEBREW", "Grek": "GREEK", "Mymr": "MYANMAR", "Hani": "CJK", "Jpan": "CJK", "Kore": "HANGUL",
                  "Geor": "GEORGIAN", "Mtei": "MEETEI", "Tfng": "TIFINAGH"}
    for row in ROWS:
        letter = next(letter for letter in row["autonym"] if letter.isalpha())
        if row["script"] in first_word and letter != "ʻ":
            assert unicodedata.name(letter).startswith(first_word[row["script"]]), row


def test_the_file_is_plain_csv_with_every_field_quoted():
    text = SHIPPED.read_bytes().decode("utf-8")
    assert not text.startswith("\ufeff") and "\r" not in text and text.endswith('"\n')
    columns = next(csv.reader([text.splitlines()[0]]))
    assert columns == list(languages.Language.__dataclass_fields__)
    assert all(line.count('","') == len(columns) - 1 and line[0] == line[-1] == '"' for line in text.splitlines())


def test_bbc_services_stand_with_their_languages():
    services = {row["code"]: row["bbc"] for row in ROWS if row["bbc"]}
    assert {code: services[code] for code in ("yo", "ha", "ig", "pcm", "om", "sr", "zh", "fa", "rw", "rn", "uk", "hu")} == {
        "yo": "yoruba", "ha": "hausa", "ig": "igbo", "pcm": "pidgin", "om": "afaanoromoo", "sr": "serbian", "zh": "zhongwen ukchina",
        "fa": "persian dari", "rw": "gahuza", "rn": "gahuza", "uk": "ukrainian", "hu": "magyarul"}
    world = {slug for code, slugs in services.items() if code not in ("cy", "gd") for slug in slugs.split()}
    assert len(world) == 45
    assert not {"en", "simple", "gpe", "pnb", "zh-yue", "sh", "nl"} & set(services)
    assert {row["code"] for row in ROWS if row["bbc_variants"]} == {"sr", "uz", "zh"}


def test_article_counts_tell_large_from_small():
    table = languages.table().set_index("code")["articles"]
    assert table["en"] > 5_000_000 > table["sw"] > table["yo"] > table["pcm"] > 1000
    assert table.dtype == "Int64" and 0 < table.isna().sum() < 10


def test_the_table_has_a_column_for_each_field():
    table = languages.table()
    assert list(table.columns) == list(languages.Language.__dataclass_fields__) and len(table) == 350
    row = table.set_index("code").loc["yo"]
    assert (row["name"], row["autonym"], row["iso639_3"], row["script"], row["direction"]) == ("Yoruba", "Yorùbá", "yor", "Latn", "ltr")


# ---------------------------------------------------------------- finding

@pytest.mark.parametrize("column", ["code", "dbname", "name", "autonym", "tag"])
def test_every_code_and_name_finds_its_own_row(column):
    for row in ROWS:
        assert languages.find(row[column]).code == row["code"], row[column]
        if column in ("name", "autonym"):
            small = row[column].lower().replace("mon", "MON")  # see the test of Mon and mon
            for typed in (row[column].upper(), f"  {small} ", unicodedata.normalize("NFD", row[column]), unmarked(row[column])):
                assert languages.find(typed).code == row["code"], typed


def unmarked(name):
    return "".join(letter for letter in unicodedata.normalize("NFD", name) if unicodedata.category(letter) != "Mn")


def test_iso_codes_find_their_row_and_shared_ones_the_main_wiki():
    for row in ROWS:
        assert languages.find(row["iso639_3"]).code == SHARED.get(row["code"], row["code"]), row


def test_other_names_find_their_row_unless_two_languages_have_them():
    shared = set()
    for row in ROWS:
        for name in filter(None, row["also"].split("; ")):
            try:
                assert languages.find(name).code == row["code"], name
            except NeedsFixing:
                shared.add(name)
    assert shared == {"Akan", "ak", "aka", "Vlaams"}


def test_every_entry_of_the_picker_finds_its_row():
    for row, entry in zip(sorted(ROWS, key=lambda row: languages.plain(row["name"])), languages.options(), strict=True):
        assert languages.find(entry).code == row["code"]


@pytest.mark.parametrize("text", [
    "yo", "YO", "yor", "yowiki", "yoruba", "YORÙBÁ", "Yorùbá", "Yoru\u0300ba\u0301", " yorùba ", "Yorùbá (yo)", "Yoruba · Yorùbá (yo)", "Èdè Yorùbá",
    "Yoruba language", "yo-NG", "yor_Latn", "https://yo.wikipedia.org/wiki/Oj%C3%BAew%C3%A9", "yo.m.wikipedia.org",
])
def test_yoruba_is_found_however_it_is_written(text):
    assert languages.find(text).code == "yo"


@pytest.mark.parametrize("text", [
    "pcm", "pidgin", "Pidgin", "naija", "Naijá", "NAIJA", "Nigerian Pidgin", "Nigerian Pidgin · Naijá (pcm)", "pcmwiki", "nigerian pidgin english",
])
def test_nigerian_pidgin_is_found_however_it_is_written(text):
    assert languages.find(text).code == "pcm"


@pytest.mark.parametrize("text, code, dbname, iso, tag", [
    ("zh_min_nan", "zh-min-nan", "zh_min_nanwiki", "nan", "nan"), ("zh-min-nan", "zh-min-nan", "zh_min_nanwiki", "nan", "nan"),
    ("nan", "zh-min-nan", "zh_min_nanwiki", "nan", "nan"), ("be_x_old", "be-tarask", "be_x_oldwiki", "bel", "be-tarask"),
    ("be-x-old", "be-tarask", "be_x_oldwiki", "bel", "be-tarask"), ("be_x_oldwiki", "be-tarask", "be_x_oldwiki", "bel", "be-tarask"),
    ("be", "be", "bewiki", "bel", "be"), ("simple", "simple", "simplewiki", "eng", "en-simple"), ("eng", "en", "enwiki", "eng", "en"),
    ("no", "no", "nowiki", "nob", "nb"), ("nb", "no", "nowiki", "nob", "nb"), ("nor", "no", "nowiki", "nob", "nb"), ("nn", "nn", "nnwiki", "nno", "nn"),
    ("Norwegian", "no", "nowiki", "nob", "nb"), ("roa-tara", "roa-tara", "roa_tarawiki", "nap", "nap-x-tara"), ("nap", "nap", "napwiki", "nap", "nap"),
    ("als", "als", "alswiki", "gsw", "gsw"), ("gsw", "als", "alswiki", "gsw", "gsw"), ("sq", "sq", "sqwiki", "sqi", "sq"),
    ("bat-smg", "bat-smg", "bat_smgwiki", "sgs", "sgs"), ("sgs", "bat-smg", "bat_smgwiki", "sgs", "sgs"),
    ("fiu-vro", "fiu-vro", "fiu_vrowiki", "vro", "vro"), ("vro", "fiu-vro", "fiu_vrowiki", "vro", "vro"),
    ("rup", "roa-rup", "roa_rupwiki", "rup", "rup"), ("map_bms", "map-bms", "map_bmswiki", "jav", "jv-x-bms"), ("jav", "jv", "jvwiki", "jav", "jv"),
    ("cbk", "cbk-zam", "cbk_zamwiki", "cbk", "cbk"), ("lzh", "zh-classical", "zh_classicalwiki", "lzh", "lzh"),
    ("yue", "zh-yue", "zh_yuewiki", "yue", "yue"), ("zh-yue", "zh-yue", "zh_yuewiki", "yue", "yue"), ("zh-tw", "zh", "zhwiki", "zho", "zh"),
    ("nrm", "nrm", "nrmwiki", "nrf", "nrf"), ("nrf", "nrm", "nrmwiki", "nrf", "nrf"), ("bh", "bh", "bhwiki", "bho", "bho"),
    ("bho", "bh", "bhwiki", "bho", "bho"), ("eml", "eml", "emlwiki", "egl", "egl"), ("rgn", "eml", "emlwiki", "egl", "egl"),
    ("nds-nl", "nds-nl", "nds_nlwiki", "nds", "nds-NL"), ("nds_nl", "nds-nl", "nds_nlwiki", "nds", "nds-NL"), ("nds", "nds", "ndswiki", "nds", "nds"),
    ("tl", "tl", "tlwiki", "tgl", "tl"), ("mo", "ro", "rowiki", "ron", "ro"), ("prs", "fa", "fawiki", "fas", "fa"), ("swh", "sw", "swwiki", "swa", "sw"),
    ("sh", "sh", "shwiki", "hbs", "sh"), ("bbc", "bbc", "bbcwiki", "bbc", "bbc"), ("twi", "tw", "twwiki", "twi", "tw"), ("jp", "ja", "jawiki", "jpn", "ja"),
])
def test_wiki_codes_that_are_not_language_codes(text, code, dbname, iso, tag):
    found = languages.find(text)
    assert (found.code, found.dbname, found.iso639_3, found.tag) == (code, dbname, iso, tag)


def test_small_letters_make_a_code_where_a_name_reads_the_same():
    assert languages.find("mon").name == "Mongolian" and languages.find("Mon").code == "mnw"


def test_names_typed_on_a_plain_keyboard_find_their_language():
    typed = {"ewegbe": "ee", "gikuyu": "ki", "fongbe": "fon", "kabiye": "kbp", "o'zbek": "uz", "avane'e": "gn", "N'Ko": "nqo", "nko": "nqo",
             "tshivenda": "ve", "asusu igbo": "ig", "Kurdish (Sorani)": "ckb", "Kiswahili": "sw", "አማርኛ": "am", "فارسي": "fa", "turkce": "tr"}
    for text, code in typed.items():
        assert languages.find(text).code == code, text
    assert "Hawaiian" in message(languages.find, "hawaii")


def test_a_language_that_is_found_already_is_given_back():
    hausa = languages.find("ha")
    assert languages.find(hausa) is hausa and hausa.label == "Hausa (ha)"


@pytest.mark.parametrize("text, near", [
    ("Yourba", "Yoruba · Yorùbá (yo)"), ("hausaa", "Hausa (ha)"), ("igbbo", "Igbo (ig)"), ("pigdin", "Nigerian Pidgin · Naijá (pcm)"),
    ("Deutch", "German · Deutsch (de)"), ("Sami", "Northern Sami · davvisámegiella (se)"), ("Frisian", "Western Frisian · Frysk (fy)"),
])
def test_an_unknown_word_brings_the_nearest_languages(text, near):
    said = message(languages.find, text)
    assert said.startswith(f"no language called {text!r}; did you mean ") and near in said
    assert len(said) < 260


def test_klingon_is_refused_in_one_line():
    assert message(languages.find, "Klingon").startswith("no language called 'Klingon'; did you mean ")
    assert "give a code or a name" in message(languages.find, "qqqqqqqq") and "350" in message(languages.find, "qqqqqqqq")


@pytest.mark.parametrize("nothing", ["", "   ", None, 7, float("nan"), ["yo"]])
def test_no_name_at_all_is_refused(nothing):
    said = message(languages.find, nothing)
    assert "no language is named" in said and repr(nothing) in said and "'yo'" in said


@pytest.mark.parametrize("odd", ["?!", "()", "\u0301", "x" * 5000, "a b " * 3000, "('; DROP TABLE", "\x00"])
def test_odd_input_is_refused_in_one_short_line(odd):
    said = message(languages.find, odd)
    assert said.startswith("no language called") and len(said) < 400 and "\n" not in said


@pytest.mark.parametrize("text, code", [("pt-br", "pt"), ("pt_BR", "pt"), ("es-419", "es"), ("yor_latn", "yo"), ("iw", "he"), ("in", "id"), ("ji", "yi"), ("jw", "jv"), ("iw-IL", "he"),
                                        ("Yoruba (Nigeria)", "yo"), ("be_x_old", "be-tarask"), ("roa-rup", "roa-rup"), ("English (simple)", "simple")])
def test_codes_with_a_country_old_codes_and_names_with_a_place(text, code):
    assert languages.find(text).code == code


def test_a_name_of_two_languages_asks_which():
    said = message(languages.find, "Akan")
    assert "Fante · Mfantse (fat) or Twi (tw)" in said and "code" in said


# ---------------------------------------------------------------- the picker

def test_options_are_in_order_of_their_english_names():
    options = languages.options()
    assert len(options) == len(set(options)) == 350
    assert options[0] == "Abkhazian · Аԥсшәа (ab)" and options[-1] == "Zulu · isiZulu (zu)"
    assert "Yoruba · Yorùbá (yo)" in options and "Hausa (ha)" in options


def test_search_looks_in_all_names_without_marks():
    assert [found.code for found in languages.search("yoru")] == ["yo"]
    assert languages.search("ede yor")[0].code == "yo"
    assert [found.code for found in languages.search("pidgin")] == ["gpe", "pcm"]
    assert languages.search("yo")[0].code == "yo"
    assert {"se", "smn"} <= {found.code for found in languages.search("SAMI")}
    assert languages.search("ትግር")[0].code == "ti"
    assert languages.search("qqqq") == [] and len(languages.search("")) == 350


def test_finding_needs_neither_pandas_nor_requests():
    code = "import sys; from gi_helpers import languages; languages.find('Yorùbá'); print({'pandas', 'requests', 'difflib'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=store.HOUSE, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"


# ---------------------------------------------------------------- a newer list

def site(dbname, host, code="wiki", **more):
    return {"url": f"https://{host}.org", "dbname": dbname, "code": code, "sitename": "Wikipedia", **more}


def whole(answer):
    """The same answer with the other Wikipedias of the shipped table, because a short list is refused."""
    there = {one["dbname"] for entry in answer["sitematrix"].values() if isinstance(entry, dict) for one in entry["site"]}
    rest = [{"code": row["code"], "name": row["autonym"], "dir": row["direction"], "localname": row["name"], "site": [site(row["dbname"], f"{row['code']}.wikipedia")]}
            for row in ROWS if row["dbname"] not in there]
    return {"sitematrix": {**answer["sitematrix"], **{str(number): entry for number, entry in enumerate(rest, 1000)}}}


def sitematrix(closed):
    """An answer such as Wikimedia's; `closed` is True in formatversion 2 and "" in version 1."""
    return {"sitematrix": {
        "count": 9,
        "0": {"code": "yo", "name": "Yorùbá", "dir": "ltr", "localname": "Yoruba", "site": [
            site("yowiki", "yo.wikipedia"), site("yowiktionary", "yo.wiktionary", "wiktionary")]},
        "1": {"code": "be-x-old", "name": "беларуская (тарашкевіца)", "dir": "ltr", "localname": "Belarusian (Taraškievica orthography)",
              "site": [site("be_x_oldwiki", "be-tarask.wikipedia")]},
        "2": {"code": "aa", "name": "Qafár af", "dir": "ltr", "localname": "Afar", "site": [site("aawiki", "aa.wikipedia", closed=closed)]},
        "3": {"code": "kl", "name": "kalaallisut", "dir": "ltr", "localname": "Kalaallisut", "site": [site("klwiki", "kl.wikipedia", closed=closed)]},
        "4": {"code": "efi", "name": "Efik", "dir": "ltr", "localname": "Efik", "site": [site("efiwiki", "efi.wikipedia")]},
        "5": {"code": "bgn", "name": "روچ کپتین بلوچی", "dir": "rtl", "localname": "Western Balochi", "site": [site("bgnwiki", "bgn.wikipedia")]},
        "6": {"code": "hz", "name": "", "dir": "ltr", "localname": "Herero", "site": []},
        "7": {"code": "pcm", "name": "Naija\u0301", "dir": "ltr", "localname": "Nigerian Pidgin", "site": [site("pcmwiki", "pcm.wikipedia", closed=False)]},
        "specials": [
            {"url": "https://commons.wikimedia.org", "dbname": "commonswiki", "code": "commons"},
            {"url": "https://test.wikipedia.org", "dbname": "testwiki", "code": "wiki"}],
    }}


@pytest.mark.parametrize("closed", [True, ""], ids=["formatversion 2", "formatversion 1"])
def test_parse_keeps_the_open_wikipedias_of_both_formats(closed):
    found = languages.parse(sitematrix(closed))
    assert [row["code"] for row in found] == ["yo", "be-tarask", "efi", "bgn", "pcm"]
    assert found[1] == {"code": "be-tarask", "dbname": "be_x_oldwiki", "name": "Belarusian (Taraškievica orthography)",
                        "autonym": "беларуская (тарашкевіца)", "direction": "ltr"}
    assert found[3]["direction"] == "rtl" and found[4]["autonym"] == "Naijá"


@pytest.mark.parametrize("answer", [{}, [], "maxlag", None, {"error": {"code": "maxlag", "info": "Waiting"}}, {"sitematrix": []}])
def test_parse_refuses_what_is_no_list_of_sites(answer):
    assert "no list of sites" in message(languages.parse, answer)


def test_merge_keeps_what_is_known_and_fills_in_what_is_new():
    merged = {one.code: one for one in languages.merge(languages.parse(sitematrix(True)), [languages.find(code) for code in ("yo", "be-tarask", "kl", "pcm")])}
    assert list(merged) == ["be-tarask", "bgn", "efi", "pcm", "yo"]
    assert (merged["yo"].bbc, merged["yo"].articles, merged["pcm"].bbc) == ("yoruba", 36000, "pidgin")
    assert "Belarusian (Taraškievica orthography)" in merged["be-tarask"].also
    assert merged["efi"] == languages.Language("efi", "efiwiki", "Efik", "Efik", "", "efi", "efi", "Latn", "ltr")
    assert (merged["bgn"].script, merged["bgn"].direction) == ("Arab", "rtl")


def test_a_wiki_that_moved_is_still_found_by_its_old_code(own_folder):
    moved = {"sitematrix": {"0": {"code": "yue", "name": "粵語", "dir": "ltr", "localname": "Cantonese", "site": [site("zh_yuewiki", "yue.wikipedia")]}}}
    languages.refresh(CONTACT, fetch=lambda url, params: whole(moved))
    for text in ("zh-yue", "yue", "zh_yuewiki", "Cantonese"):
        assert languages.find(text).code == "yue", text


class Wikimedia(http.server.BaseHTTPRequestHandler):
    """Answers the next of `server.answers`: (status, headers, body)."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["User-Agent"]))
        status, headers, body = self.server.answers.pop(0)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": len(body)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def wikimedia():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Wikimedia)
    server.asked, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_port}/w/api.php"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_refresh_writes_the_new_list_to_the_teams_folder(wikimedia, own_folder):
    before = SHIPPED.read_bytes()
    wikimedia.answers = [(200, {}, json.dumps(whole(sitematrix(True))).encode())]
    table = languages.refresh(" team@example.org\n", base_url=wikimedia.url)
    path, agent = wikimedia.asked[0]
    assert urllib.parse.parse_qs(path.partition("?")[2])["action"] == ["sitematrix"] and len(wikimedia.asked) == 1
    assert re.fullmatch(r"GlobalInstruct/[\d.]+ \(contact: team@example.org\) python-requests/[\d.]+", agent)
    assert set(table["code"]) == {row["code"] for row in ROWS} - {"kl"} | {"bgn", "efi"}
    assert languages.find("Efik").dbname == "efiwiki" and languages.find("yoruba").bbc == "yoruba"
    assert "kl" not in [one.code for one in languages.search()]
    assert SHIPPED.read_bytes() == before
    assert [row["code"] for row in store.read_rows(own_folder / "refreshed" / "languages.csv")] == table["code"].tolist()


@pytest.mark.parametrize("status, headers, body, said", [
    (429, {"Retry-After": "37"}, b"", "in 37 seconds"), (403, {}, b"", "HTTP 403"), (503, {}, b"", "HTTP 503"), (200, {}, b"<html>", "JSON"),
    (200, {}, b'{"error": {"code": "maxlag"}}', "maxlag"), (200, {}, b'{"sitematrix": {"count": 0}}', "no open Wikipedia"), (200, {}, b"\xff\xfe", "JSON"),
])
def test_a_bad_answer_changes_nothing(wikimedia, own_folder, status, headers, body, said):
    wikimedia.answers = [(status, headers, body)]
    assert said in message(languages.refresh, CONTACT, base_url=wikimedia.url)
    assert not (own_folder / "refreshed").exists() and len(languages.search()) == 350


def test_no_network_is_said_in_one_line():
    said = message(languages.refresh, CONTACT, base_url="http://127.0.0.1:9/w/api.php")
    assert "cannot be reached" in said and "old table stays" in said


@pytest.mark.parametrize("contact", ["", "  ", None, "team", "a@b", "@"])
def test_refresh_without_a_contact_asks_nobody(contact, wikimedia):
    said = message(languages.refresh, contact, base_url=wikimedia.url)
    assert "contact" in said and "e-mail" in said and not wikimedia.asked


def test_a_contact_with_letters_of_any_script_can_be_sent(wikimedia):
    wikimedia.answers = [(200, {}, json.dumps(whole(sitematrix(True))).encode())]
    languages.refresh("Ẹgbẹ́ wa <ẹgbẹ@example.org>", base_url=wikimedia.url)
    assert urllib.parse.unquote(wikimedia.asked[0][1]).startswith("GlobalInstruct/0.1 (contact: Ẹgbẹ́ wa <ẹgbẹ@example.org>) python") and wikimedia.asked[0][1].isascii()


def test_a_list_in_several_parts_is_read_to_its_end():
    every = whole(sitematrix(True))["sitematrix"]
    first = {number: every[number] for number in list(every)[:9]}
    parts = [{"sitematrix": first, "continue": {"smcontinue": "lang|4", "continue": "-||"}}, {"sitematrix": {number: every[number] for number in every if number not in first}}]
    asked = []
    table = languages.refresh(CONTACT, fetch=lambda url, params: asked.append(params.get("smcontinue")) or parts[len(asked) - 1])
    assert len(table) == 351 and {"efi", "yo"} <= set(table["code"]) and asked == [None, "lang|4"]


@pytest.mark.parametrize("odd", [
    None, [], {"code": "yo", "site": None}, {"code": "yo", "site": ["yowiki"]}, {"code": "yo", "name": 5, "site": [site("yowiki", "yo.wikipedia")]},
    {"code": "yo", "dir": "sideways", "site": [site("yowiki", "yo.wikipedia")]}, {"code": "../../x", "site": [{"code": "wiki", "url": "https://evil.example", "dbname": "xwiki"}]},
    {"code": "yo", "site": [{"code": "wiki", "url": "https://yo.wikipedia.org"}]}, {"site": [{"code": "wiki", "url": None, "dbname": "yowiki"}]},
])
def test_an_entry_that_cannot_be_read_changes_nothing(odd, own_folder):
    answer = whole({"sitematrix": {}})
    answer["sitematrix"]["9999"] = odd
    assert "has an entry that cannot be read" in message(languages.refresh, CONTACT, fetch=lambda url, params: answer)
    assert not (own_folder / "refreshed").exists()


def test_a_list_that_goes_round_in_a_circle_is_left():
    answer = {**whole({"sitematrix": {}}), "continue": {"smcontinue": "lang|4"}}
    assert "again and again" in message(languages.refresh, CONTACT, fetch=lambda url, params: answer)


def test_a_wiki_that_comes_back_is_known_as_before(own_folder):
    every = whole({"sitematrix": {}})
    less = {"sitematrix": {number: entry for number, entry in every["sitematrix"].items() if entry["code"] != "yo"}}
    before = languages.find("yo")
    languages.refresh(CONTACT, fetch=lambda url, params: less)
    languages.refresh(CONTACT, fetch=lambda url, params: every)
    assert languages.find("yo").articles == before.articles > 0 and languages.find("yo").bbc == before.bbc


@pytest.mark.parametrize("kept", [1, 2, 300])
def test_a_list_that_is_much_too_short_changes_nothing(kept, own_folder):
    """A cut or filtered answer must not take away the other languages; one wiki less is an everyday matter."""
    every = whole({"sitematrix": {}})["sitematrix"]
    short = {"sitematrix": dict(list(every.items())[:kept])}
    said = message(languages.refresh, CONTACT, fetch=lambda url, params: short)
    assert f"lists {kept} open Wikipedias, and the table has 350 of them" in said and "the old table stays" in said
    assert not (own_folder / "refreshed").exists() and len(languages.search()) == 350
    assert len(languages.refresh(CONTACT, fetch=lambda url, params: {"sitematrix": dict(list(every.items())[:349])})) == 349


def test_a_name_that_is_read_as_a_code_is_told(own_folder):
    assert languages.find("Ga").code == "ga" and languages.namesakes("Ga") == [] == languages.namesakes("Yorùbá")
    new = {"sitematrix": {"0": {"code": "gaa", "name": "Gã", "dir": "ltr", "localname": "Ga", "site": [site("gaawiki", "gaa.wikipedia")]}}}
    languages.refresh(CONTACT, fetch=lambda url, params: whole(new))
    assert languages.find("Ga").code == "ga" and [one.code for one in languages.namesakes("Ga")] == ["gaa"] and languages.find("gaa").name == "Ga"
    from gi_helpers import widgets

    picker = widgets.language_picker()
    entry = picker.children[1]
    entry.value = "Ga"
    shown = " ".join(child.value for child in picker.children if hasattr(child, "value"))
    assert "Chosen: Irish" in shown and "“Ga” is the name of Ga · Gã (gaa), too; type gaa if you mean that." in shown
    entry.value = "gaa"
    assert "Chosen: Ga" in picker.children[3].value and "too; type" not in picker.children[3].value


@pytest.mark.parametrize("content", ["", "code,name\nyo,Yoruba\n", "half a li"])
def test_a_damaged_own_table_says_what_to_delete(own_folder, content):
    file = own_folder / "refreshed" / "languages.csv"
    file.parent.mkdir()
    file.write_text(content)
    said = message(languages.find, "yo")
    assert str(file) in said and "delete it" in said
