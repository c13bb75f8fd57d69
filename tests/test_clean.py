"""Notebook 3: mending, cutting, leaving out, and the same for files of any size and state."""
import csv
import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gi_helpers import _repair, _split, clean, store, tokens
from gi_helpers.errors import NeedsFixing

YORUBA = ("Ìbàdàn jẹ́ ìlú ńlá kan ní gúúsù ìwọ̀-oòrùn Nàìjíríà, òun sì ni olú-ìlú ìpínlẹ̀ Ọ̀yọ́. Orúkọ ìlú náà wá láti inú ọ̀rọ̀ méjì, ẹ̀bá ọ̀dàn, "
          "tó túmọ̀ sí ẹ̀gbẹ́ pápá ńlá tí koríko pọ̀ sí.")
ENGLISH = "The city lies in the south west of the country and is known for its markets, its university and the old houses on the hill."
SCRIPTS = {
    "Ethiopic": "አዲስ አበባ የኢትዮጵያ ዋና ከተማ ናት። ከተማዋ ትልቅ ናት። ብዙ ሰዎች ይኖሩባታል፧ አዎ።",
    "Devanagari": "दिल्ली भारत की राजधानी है। यह बहुत पुराना नगर है॥ यहाँ बहुत लोग रहते हैं।",
    "Arabic": "القاهرة عاصمة مصر. هل هي مدينة كبيرة؟ نعم، هي كبيرة جدا؛ وفيها نهر.",
    "Persian": "می‌خواهم کتاب‌ها را بخوانم. تهران شهر بزرگی است۔ آیا می‌روید؟",
    "Chinese": "北京是中国的首都。这座城市很大！你去过吗？我去过。「很好。」",
    "Thai": "กรุงเทพฯ เป็นเมืองหลวงของประเทศไทย มีคนอาศัยอยู่มาก",
    "NKo": "ߒߞߏ ߦߋ߫ ߛߓߍ߫ ߟߊ߫߸ ߊ߬ ߢߌ߬߹",
    "Tibetan": "བོད་ཡིག་ནི་སྐད་ཡིག་ཅིག་ཡིན། འདི་ནི་ཡག་པོ་འདུག །",
    "Korean": "서울은 한국의 수도입니다. 도시가 큽니다! 가 보셨습니까?",
    "Adlam": "𞤀𞤣𞤤𞤢𞤥 𞤫𞤲 𞤶𞤢𞤲𞤺𞤵.",
}


def files_of(folder):
    return folder / "3_clean.csv", folder / "3_dropped.csv"


def run(folder, inputs, **more):
    output, dropped = files_of(folder)
    counts = clean.clean_files(inputs, output, dropped, **more)
    return counts, store.read(output), store.read(dropped)


# ---------------------------------------------------------------- repairs

def test_each_repair_does_what_its_name_says_and_is_reported():
    cases = {
        "line ends": ("ọ̀nà\rkan\r\nméjì\u2028mẹ́ta\x85mẹ́rin", "ọ̀nà\nkan\nméjì\nmẹ́ta\nmẹ́rin"),
        "hidden characters": ("ọ\u200bmọ\ufeff \x00ilé\u00ad\ud800", "ọmọ ilé"),
        "footnote marks": ("Èkó[12] jẹ́ ìlú[ 3 ].", "Èkó jẹ́ ìlú."),
        "composed letters": ("o\u0323\u0301ro\u0323\u0300", "ọ́rọ̀"),
        "spaces": (" ilé \t\u00a0 wa \n\n\n\n ọjà ", "ilé wa\n\nọjà"),
    }
    for name, (before, after) in cases.items():
        assert _repair.repair(before) == (after, [name])


def test_each_kind_of_repair_has_an_example_at_the_place_of_its_change(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"text": "O\\u0323\\u0300yo\\u0323\\u0301[12]  \\u200bjẹ́ ìlú.\\r\\nÓ tóbi gan."}\n{"text": "Mo wá Ã© à"}\n', encoding="utf-8")
    counts, _, _ = run(tmp_path, tmp_path / "t.jsonl")
    table = clean.before_after(counts).set_index("repair")
    assert list(table.index) == list(counts["repairs"]) == ["line ends", "hidden characters", "footnote marks", "composed letters", "spaces"]
    assert table.loc["composed letters"].tolist()[1:] == ["o\u0323\u0300⟨U+004F U+0323 U+0300⟩".replace("o", "O") + "yo\u0323\u0301  jẹ́ ìlú.⟨\\n⟩Ó tóbi gan.",
                                                         "Ọ̀⟨U+1ECC U+0300⟩yọ́  jẹ́ ìlú.⟨\\n⟩Ó tóbi gan."]
    assert "⟨\\u200b⟩jẹ́" in table.loc["hidden characters", "before"] and "[12]" in table.loc["footnote marks", "before"] and "⟨\\r⟩⟨\\n⟩" in table.loc["line ends", "before"]
    assert "mended: mojibake" not in set(clean.summary(counts)["what"]) and "note: mojibake" in set(clean.summary(counts)["what"])


def test_joiners_stay_where_the_script_needs_them():
    assert _repair.repair("می‌خواهم")[0] == "می‌خواهم"
    assert _repair.repair("क्‍ष")[0] == "क्‍ष"
    assert _repair.repair("👩‍🌾")[0] == "👩‍🌾"
    assert _repair.repair("ភាសា\u200bខ្មែរ")[0] == "ភាសា\u200bខ្មែរ"
    assert _repair.repair("ọ\u200cm\u200dọ")[0] == "ọmọ"
    assert _repair.repair("abc \u200eאבג")[0] == "abc \u200eאבג"
    assert _repair.repair("abc\u200e d")[0] == "abc d"


def test_mojibake_is_told_and_not_touched():
    wrong = "Ìbàdàn jẹ́ ìlú ńlá".encode().decode("cp1252", "replace")
    table = clean.clean(pd.DataFrame({"text": [wrong, "Ìbàdàn jẹ́ ìlú ńlá", "Pão e maçã, é Às vezes À toa", "café – “oui”"]}))
    assert [("mojibake" in note) for note in table["note"]] == [True, False, False, False]
    assert table["reason"].tolist() == [""] * 4


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60))
def test_repairing_twice_changes_nothing_more_and_is_nfc(text):
    once = _repair.repair(text)[0]
    assert _repair.repair(once) == (once, [])
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")


# ---------------------------------------------------------------- cutting

@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("limit", [9, 50])
def test_parts_joined_are_the_repaired_text_and_none_is_over_the_limit(script, limit):
    text = "\n\n".join([SCRIPTS[script]] * 3)
    table = clean.clean(pd.DataFrame({"text": [text]}), max_tokens=limit)
    assert "".join(table["text"]) == _repair.repair(text)[0]
    assert len(table) > 1 and table["tokens"].max() <= limit
    assert table["tokens"].tolist() == [tokens.count(part) for part in table["text"]]
    assert table["part"].tolist() == list(range(1, len(table) + 1)) and table["source_id"].nunique() == 1 and table["id"].is_unique


@settings(max_examples=120, deadline=None)
@given(st.text(st.sampled_from("aẹ̀ọ́ .!\n。字ሰ።कि।ن؟👩\u200d🌾1[]") | st.characters(), max_size=200), st.integers(4, 40))
def test_nothing_is_lost_and_nothing_too_long_whatever_the_text(text, limit):
    mended = _repair.repair(text)[0]
    for count in (tokens.counter("gpt-4o-mini"), tokens.counter("gpt-4"), lambda part: tokens._estimate(part, "o200k_base")):
        parts = _split.cut(mended, limit, count)
        assert "".join(part for part, _ in parts) == mended
        assert all(size == count(part) <= limit for part, size in parts)


def test_texts_are_cut_at_paragraphs_first_and_then_at_sentences():
    paragraphs = ["Àkọ́kọ́ ni èyí. Ó dára.", "Ẹ̀kejì ni èyí. Ó dára púpọ̀.", "Ẹ̀kẹta."]
    text = "\n\n".join(paragraphs)
    assert [part.strip() for part, _ in _split.cut(text, 35, len)] == paragraphs
    assert [part.strip() for part, _ in _split.cut(text, 17, len)] == ["Àkọ́kọ́ ni èyí.", "Ó dára.", "Ẹ̀kejì ni èyí.", "Ó dára púpọ̀.", "Ẹ̀kẹta."]


def test_sentences_end_at_the_marks_of_every_script():
    assert _split.sentences("አዲስ ናት። ደህና፧ አዎ") == ["አዲስ ናት። ", "ደህና፧ ", "አዎ"]
    assert _split.sentences("यह है। वह था॥ ठीक") == ["यह है। ", "वह था॥ ", "ठीक"]
    assert _split.sentences("هل؟ نعم۔ لا") == ["هل؟ ", "نعم۔ ", "لا"]
    assert _split.sentences("你好。「是！」对") == ["你好。", "「是！」", "对"]
    assert _split.sentences("Elfrida O. Adebo wá. Dr. Ojo rí 3.5 km. Ó rí i. Ó lọ.") == ["Elfrida O. Adebo wá. ", "Dr. Ojo rí 3.5 km. ", "Ó rí i. ", "Ó lọ."]


def test_parts_are_of_about_one_size_and_a_text_that_fits_stays_whole():
    text = " ".join(["Ó dára púpọ̀."] * 41)
    sizes = [size for _, size in _split.cut(text, 300, len)]
    assert max(sizes) - min(sizes) < 150 and sum(sizes) == len(text)
    assert clean.clean(pd.DataFrame({"text": [YORUBA]}))["text"].tolist() == [YORUBA]


@pytest.mark.parametrize("code", ["yo", "ha", "ig", "pcm"])
@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-4", "Qwen2.5-7B-Instruct"])
def test_parts_stay_under_the_limit_when_tokens_are_only_estimated(monkeypatch, code, model):
    counter = tokens.counter("gpt-4" if model == "gpt-4" else "gpt-4o-mini")
    if tokens.how() == "estimate":
        pytest.skip("no token table here to measure the parts with")
    if tokens.how(model) == "exact":
        monkeypatch.setattr(tokens, "_for_model", lambda model: ("estimate", lambda text: tokens._estimate(text, tokens.encoding_for(model))))
    text = "\n\n".join(practice_paragraphs(code))
    for limit in (40, 100, 512, 4096):
        table = clean.clean(pd.DataFrame({"text": [text]}), limit, model=model, near_duplicates=False)
        assert max(map(counter, table["text"])) <= limit and "".join(table["text"]) == _repair.repair(text)[0]


def test_a_200_000_character_word_is_cut_and_not_dropped():
    table = clean.clean(pd.DataFrame({"text": ["ọ́" * 100_000]}), max_tokens=4096)
    assert "".join(table["text"]) == "ọ́" * 100_000 and set(table["reason"]) == {""} and table["tokens"].max() <= 4096


def test_a_limit_below_one_letter_is_refused_with_the_letter():
    with pytest.raises(NeedsFixing, match="'ሰ' alone has . tokens, over the limit of 1"):
        clean.clean(pd.DataFrame({"text": ["ሰላም ሰላም"]}), max_tokens=1)
    with pytest.raises(NeedsFixing, match="max_tokens is 0"):
        clean.clean(pd.DataFrame({"text": ["ilé wa"]}), max_tokens=0)


# ---------------------------------------------------------------- reasons

def reasons(texts, **more):
    return clean.clean(pd.DataFrame({"text": texts}), **more)["reason"].tolist()


def test_empty_short_and_doubled_texts_say_so_and_the_first_one_stays():
    assert reasons(["", None, " \u200b\n", "ilé", "Ó dàárọ̀ o", "Ó  dàárọ̀\no", "NA", "!!!", YORUBA, YORUBA]) == [
        "empty", "empty", "empty", "too short", "", "duplicate", "too short", "too short", "", "duplicate"]
    assert reasons(["ilé", "北京是中国的首都", "a" * 100, "Ẹ káàárọ̀"], min_words=2) == ["too short", "", "", ""]


def test_a_copy_without_accents_is_a_near_duplicate_and_names_the_earlier_text():
    bare = "".join(letter for letter in unicodedata.normalize("NFD", YORUBA) if not unicodedata.combining(letter))
    table = clean.clean(pd.DataFrame({"text": [YORUBA, bare, YORUBA.replace("ńlá", "kékeré"), ENGLISH]}))
    assert table["reason"].tolist() == ["", "near-duplicate", "near-duplicate", ""]
    assert table["note"][1].endswith(f"like {table['id'][0]}")
    assert reasons([YORUBA, bare], near_duplicates=False) == ["", ""]


def test_short_texts_that_differ_in_one_word_are_both_kept():
    assert reasons(["Abẹ́òkúta jẹ́ ìlú ní ìpínlẹ̀ Ògùn ní Nàìjíríà", "Ṣàgámù jẹ́ ìlú ní ìpínlẹ̀ Ògùn ní Nàìjíríà"]) == ["", ""]


def test_the_wrong_language_is_left_out_and_said():
    table = clean.clean(pd.DataFrame({"text": [YORUBA, ENGLISH, "Ilé ni", SCRIPTS["Arabic"]]}), language="Yoruba")
    assert table["reason"].tolist() == ["", "wrong language", "", "wrong language"]
    assert table["note"][1] == "reads as English"


FOREIGN = {
    "Chinese": "中华人民共和国是位于亚洲东部的国家，首都为北京，人口众多，历史悠久，文化灿烂，有五十六个民族。" * 2,
    "Thai": "ประเทศไทยเป็นประเทศในเอเชียตะวันออกเฉียงใต้ มีกรุงเทพมหานครเป็นเมืองหลวง และมีประชากรมากกว่าหกสิบล้านคน",
    "Hebrew": "ישראל היא מדינה במזרח התיכון ובירתה ירושלים והיא שוכנת על חופו המזרחי של הים התיכון ליד לבנון וסוריה.",
    "Amharic": "ኢትዮጵያ በአፍሪካ ቀንድ የምትገኝ ሀገር ናት። ዋና ከተማዋ አዲስ አበባ ነው። ሕዝቧም ከመቶ ሚሊዮን በላይ ነው።",
    "Russian": "Россия — государство в Восточной Европе и Северной Азии. Столица — Москва, крупнейший город страны.",
    "Greek": "Η Ελλάδα είναι χώρα της νοτιοανατολικής Ευρώπης. Πρωτεύουσα και μεγαλύτερη πόλη είναι η Αθήνα.",
    "Korean": "대한민국은 동아시아에 있는 나라이다. 수도는 서울이며 인구는 약 오천만 명이다. 도시가 아주 크다.",
}


@pytest.mark.parametrize("code", ["yo", "pcm", "ig", "sw", "ar", "fon"])
def test_a_text_in_a_foreign_script_is_no_coin_toss(code):
    table = clean.clean(pd.DataFrame({"text": list(FOREIGN.values())}), language=code, near_duplicates=False)
    assert table["reason"].tolist() == ["wrong language"] * len(FOREIGN)
    assert set(table["note"]) == {f"not written in the script {'Arab' if code == 'ar' else 'Latn'}"}


def test_both_scripts_of_a_language_with_two_are_its_own_and_a_third_is_not():
    from gi_helpers._language import Judge

    serbian = Judge("sr")
    assert serbian("Београд је главни и највећи град Србије и налази се на ушћу Саве у Дунав.") == ("", "")
    assert serbian("Beograd je glavni i najveći grad Srbije i nalazi se na ušću Save u Dunav.")[0] == ""
    assert serbian(FOREIGN["Thai"])[1] == "not written in the script Cyrl or Latn"


def test_foreign_scripts_are_found_however_many_they_are_and_texts_that_all_read_as_english_are_noted():
    half = clean.clean(pd.DataFrame({"text": practice_paragraphs("ha")[:30] + [f"{FOREIGN['Russian']} {'яблоко ' * number}" for number in range(30)]}),
                       language="fon", near_duplicates=False)
    assert half["reason"].tolist()[30:] == ["wrong language"] * 30
    english = [f"{ENGLISH} {word.capitalize()} is what the people of that city talk about." for word in ("bread", "water", "school", "work", "music") * 6]
    assert set(clean.clean(pd.DataFrame({"text": english}), language="fon", near_duplicates=False)["note"]) >= {"reads as English"}


def test_pidgin_that_reads_as_english_is_only_noted():
    table = clean.clean(pd.DataFrame({"text": [ENGLISH, YORUBA]}), language="pcm")
    assert table[["reason", "note"]].values.tolist() == [["", "reads as English"], ["wrong language", "reads as Yoruba"]]


@pytest.mark.parametrize("code, script", [("am", "Ethiopic"), ("hi", "Devanagari"), ("ar", "Arabic"), ("fa", "Persian"), ("zh", "Chinese"), ("th", "Thai"),
                                          ("ko", "Korean"), ("nqo", "NKo"), ("bo", "Tibetan")])
def test_texts_in_other_scripts_are_taken_for_their_own_language(code, script):
    table = clean.clean(pd.DataFrame({"text": [SCRIPTS[script]]}), language=code)
    assert table[["reason", "note"]].values.tolist() == [["", ""]]


def practice_paragraphs(code):
    return [paragraph for article in store.read_json(store.shipped("practice", code, "articles.json"))["articles"] for paragraph in article["paragraphs"]]


def test_a_language_the_identifier_does_not_know_is_judged_by_the_teams_own_texts(monkeypatch):
    from gi_helpers import _language

    monkeypatch.setattr(_language, "label", lambda language, labels: None)
    texts = practice_paragraphs("ig")[:60]
    table = clean.clean(pd.DataFrame({"text": [*texts, ENGLISH, SCRIPTS["Arabic"] * 2]}), language="ig")
    assert table["reason"].tolist()[:-2] == [""] * len(texts)
    assert table["reason"].tolist()[-2:] == ["wrong language"] * 2
    assert [note.removeprefix("few tone marks; ") for note in table["note"].tolist()[-2:]] == ["reads as English", "not written in the script Latn"]
    swahili = "Mji huu uko kusini mwa nchi na unajulikana kwa masoko yake, chuo kikuu chake na nyumba za kale zilizo juu ya kilima kikubwa."
    assert clean.clean(pd.DataFrame({"text": [*texts, swahili]}), language="ig")["note"].tolist()[-1].partition("; ")[2].startswith("unlike the other texts")


def test_english_is_found_among_a_few_texts_of_an_unknown_language_and_a_creole_that_reads_as_english_stays(monkeypatch):
    from gi_helpers import _language

    monkeypatch.setattr(_language, "label", lambda language, labels: None)
    few = clean.clean(pd.DataFrame({"text": [*practice_paragraphs("ha")[:5], ENGLISH]}), language="ha")
    assert few["reason"].tolist() == [""] * 5 + ["wrong language"] and few["note"].tolist()[-1] == "reads as English"
    creole = clean.clean(pd.DataFrame({"text": practice_paragraphs("pcm")[:60]}), language="pcm")
    assert set(creole["reason"]) == {""}


@pytest.mark.parametrize("code", ["yo", "ha", "ig"])
def test_at_least_98_percent_of_sentences_are_taken_for_their_language(code):
    from gi_helpers._language import Judge

    judge = Judge(code)
    found = [judge(sentence)[0] for paragraph in practice_paragraphs(code) for sentence in _split.sentences(paragraph) if len(sentence.split()) >= 6]
    assert len(found) > 250 and found.count("") / len(found) >= 0.98


def test_few_tone_marks_are_shown_always_and_dropped_only_on_request():
    texts = practice_paragraphs("yo")[:30]
    bare = "Oja Bodija je oja nla kan ni ilu Ibadan nibi ti awon eniyan ti n ra ounje ati aso lojoojumo."
    table = clean.clean(pd.DataFrame({"text": [*texts, bare]}))
    assert table["reason"].tolist()[-1] == "" and table["note"].tolist()[-1] == "few tone marks"
    assert table["note"].tolist()[:-1] == [""] * 30
    assert reasons([*texts, bare], tone_marks=True)[-1] == "few tone marks"
    assert clean.clean(pd.DataFrame({"text": [*practice_paragraphs("ha")[:30], bare]}))["note"].tolist()[-1] == ""  # Hausa has none to miss


def test_numbers_lists_and_boilerplate_are_left_out():
    notice = "Àpilẹ̀kọ yìí ń fẹ́ àtúnṣe; ẹ lè ràn wá lọ́wọ́ láti mú un gbòòrò sí i ní oṣù kẹta ọdún 2020."
    pages = [f"Ojú-ewé {name}\n{notice.replace('2020', str(2000 + number))}" for number, name in enumerate(["ilé", "ọjà", "oko", "odò", "òkè", "igbó"])]
    towns = "\n".join(["Ìbàdàn", "Èkó", "Ọ̀yọ́", "Òṣogbo", "Ilé-Ifẹ̀", "Abẹ́òkúta", "Àkúrẹ́", "Ìlọrin"])
    assert reasons(["1999: 12, 13, 14, 15 km", towns, *pages, YORUBA], near_duplicates=False) == ["numbers or a list"] * 2 + ["boilerplate"] * 6 + [""]


def test_of_a_stub_only_the_repeated_line_goes_and_texts_that_differ_in_a_number_are_no_boilerplate():
    towns = "Ìbàdàn Èkó Abẹ́òkúta Òṣogbo Iléṣà Ìjẹ̀bú Oǹdó Adó Ọ̀yọ́ Ìlọrin".split()
    stubs = [f"{town} jẹ́ ìlú ní Nàìjíríà.\n\nÀpilẹ̀kọ yìí kéré: ẹ ràn wá lọ́wọ́ láti mú un gùn síi." for town in towns]
    table = clean.clean(pd.DataFrame({"text": stubs}), near_duplicates=False)
    assert table["text"].tolist() == [f"{town} jẹ́ ìlú ní Nàìjíríà." for town in towns] and set(table["reason"]) == {""}
    years = [f"Ọdún {1900 + number} jẹ́ ọdún nínú kàlẹ́ńdà Gregory, tí ó bẹ̀rẹ̀ ní oṣù kìn-ín-ní." for number in range(30)]
    assert "boilerplate" not in reasons(years) and reasons(years)[0] == ""
    assert reasons([f"{year}\nÓ dára gan ni." for year in years])[0] == ""


POEM = ["Ẹyẹ fò lọ sí oko", "igi ga lókè odò", "omi ń ṣàn lọ", "oòrùn ń ràn", "ọmọ ń ṣeré", "ìyá ń rẹ́rìn-ín", "bàbá ń kọrin", "ayé dára"]
THAI = ["ประเทศไทยมีกรุงเทพ", "ฉันรักคุณมาก", "วันนี้อากาศดี", "เราไปตลาดกัน", "แม่ทำอาหาร", "พ่อไปทำงาน", "น้องเล่นบอล", "พี่อ่านหนังสือ"]
PSALM = ["Olúwa ni olùṣọ́-àgùntàn mi,", "èmi kì yóò ṣe aláìní,", "Ó mú mi dùbúlẹ̀ ní pápá oko tútù,", "Ó tu ọkàn mi lára,", "Ó mú mi lọ sí ipa ọ̀nà òdodo,", "nítorí orúkọ rẹ̀,",
         "bí mo tilẹ̀ ń rìn,", "Àmín"]


@pytest.mark.parametrize("lines", [POEM, THAI, PSALM])
def test_verses_are_no_list(lines):
    assert reasons(["\n".join(lines)]) == [""]


def test_lists_of_names_things_and_numbered_lines_are_lists():
    films = [f"{number}. Fíìmù {name}" for number, name in enumerate("Àṣà Ìfẹ́ Orí Ọlá Ayọ̀ Ẹ̀kọ́ Ilé Oko".split(), 1)]
    people = [f"{name} Adé Bọ́lá" for name in "Ṣọlá Kẹ́mi Dàda Tólú Ṣadé Rẹ̀mí Wálé Yẹmí".split()]
    cities = ["北京", "上海", "广州", "深圳", "天津", "重庆", "成都", "武汉"]
    assert reasons(["\n".join(films), "\n".join(people), "\n".join(cities)]) == ["numbers or a list"] * 3


# ---------------------------------------------------------------- tables of the other notebooks

def test_rows_of_notebooks_1_and_2_keep_their_source_licence_and_permission():
    wiki = pd.DataFrame([{"id": "w1", "language": "yo", "pageid": "7", "revid": "9", "title": "Ìbàdàn", "url": "https://x/1", "timestamp": "", "text": YORUBA,
                          "licence": "CC BY-SA 4.0", "retrieved_at": ""}])
    news = pd.DataFrame([{"id": "b1", "language": "yo", "url": "https://x/2", "headline": "Ìròyìn", "published": "", "text": ENGLISH, "page_type": "", "method": "",
                          "agreement": "", "permission": "research exception", "retrieved_at": ""}])
    first, second = clean.clean(wiki), clean.clean(news)
    assert first[["source", "source_id", "title", "licence", "permission"]].values.tolist() == [["wikipedia", "w1", "Ìbàdàn", "CC BY-SA 4.0", ""]]
    assert second[["source", "source_id", "title", "permission"]].values.tolist() == [["bbc", "b1", "Ìròyìn", "research exception"]]
    assert list(first.columns) == [*clean.COLUMNS, "reason", "permission", "note"]


def test_another_text_column_can_be_named_and_a_wrong_name_is_told():
    table = pd.DataFrame({"body_text": [YORUBA], "n": [1]})
    assert clean.clean(table, column="body_text")["text"].tolist() == [YORUBA]
    with pytest.raises(NeedsFixing, match="no column 'text', only body_text, n"):
        clean.clean(table)
    with pytest.raises(NeedsFixing, match="no column 'tekst'; it has body_text, n"):
        clean.clean(table, column="tekst")


def test_a_table_with_numbered_columns_is_read(tmp_path):
    assert clean.clean(pd.DataFrame(["Mo wá mo rí i"]))["text"].tolist() == ["Mo wá mo rí i"]
    with pytest.raises(NeedsFixing, match="as in column='b'"):
        clean.clean(pd.DataFrame({"a": ["1"], "b": [YORUBA]}))


def test_a_column_that_one_file_lacks_leaves_its_own_texts_and_the_advice_names_the_longest(tmp_path):
    store.write([{"id": "w1", "text": ENGLISH}], tmp_path / "1_wiki_scrape.csv")
    store.write([{"nọ́mbà": "1", "ìtàn": YORUBA}], tmp_path / "own.csv")
    inputs = [tmp_path / "1_wiki_scrape.csv", tmp_path / "own.csv"]
    counts, kept, _ = run(tmp_path, inputs)
    assert kept["text"].tolist() == [ENGLISH] and counts["problems"][0].endswith("as in column='ìtàn'")
    counts, kept, _ = run(tmp_path, inputs, column="ìtàn")
    assert kept["text"].tolist() == [ENGLISH, YORUBA] and "its column 'text' was taken" in counts["problems"][0]
    counts, kept, _ = run(tmp_path, inputs, column={"own.csv": "ìtàn"})
    assert kept["text"].tolist() == [ENGLISH, YORUBA] and counts["problems"] == []


def test_json_rows_are_found_where_they_are_and_none_is_lost_in_silence(tmp_path):
    cases = {
        '{"title": "x", "tags": ["a", "b"], "text": "Mo wá mo rí i"}': ["Mo wá mo rí i"],
        '{"data": {"count": 1, "rows": [{"text": "Mo wá mo rí i"}]}}': ["Mo wá mo rí i"],
        '{"tags": ["a"], "articles": [{"content": "Ó dára gan ni"}]}': ["Ó dára gan ni"],
        '[{"text": ["Mo wá mo rí i", "Ó dára"]}]': ["Mo wá mo rí i\n\nÓ dára"],
    }
    for content, texts in cases.items():
        (tmp_path / "t.json").write_text(content, encoding="utf-8")
        counts, kept, _ = run(tmp_path, tmp_path / "t.json")
        assert (kept["text"].tolist(), counts["problems"]) == (texts, [])
    lines = ['{"id": 1, "text": "Mo wá mo rí i"}', '{"id": 2, "content": "Ó dára gan ni", "damage": "kò sí"}', '{"messages": [{"content": "Kí ni?"}]}', '{"a": "Ilé wa", "b": "1"}']
    (tmp_path / "t.jsonl").write_text("\n".join(lines), encoding="utf-8")
    counts, kept, dropped = run(tmp_path, tmp_path / "t.jsonl")
    assert kept["text"].tolist() == ["Mo wá mo rí i", "Ó dára gan ni"]
    assert dropped[["text", "reason"]].values.tolist() == [[line, "no text"] for line in lines[2:]] and ["line 3" in counts["problems"][0], "line 4" in counts["problems"][1]] == [True] * 2


def test_an_empty_text_file_is_told(tmp_path):
    (tmp_path / "a.txt").write_text("\n \n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("Mo wá mo rí i", encoding="utf-8")
    counts, kept, _ = run(tmp_path, [tmp_path / "a.txt", tmp_path / "b.txt"])
    assert len(kept) == 1 and [problem.endswith("a.txt: has no rows; there is nothing in it to clean") for problem in counts["problems"]] == [True]


def test_ids_are_stable_unique_and_change_with_the_text():
    once, again = (clean.clean(pd.DataFrame({"text": [YORUBA, ENGLISH, ENGLISH, ""] * 2}), max_tokens=30) for _ in range(2))
    assert once["id"].tolist() == again["id"].tolist() and once["id"].is_unique
    assert not set(once["id"]) & set(clean.clean(pd.DataFrame({"text": [YORUBA + " Ó dára."]}))["id"])


def test_an_empty_table_gives_an_empty_table_with_all_columns():
    for table in (clean.clean(pd.DataFrame({"text": []})), clean.clean(pd.DataFrame())):
        assert len(table) == 0 and list(table.columns) == [*clean.COLUMNS, "reason", "permission", "note"]


# ---------------------------------------------------------------- files

def test_files_of_every_kind_become_one_table_and_one_of_what_was_left_out(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    store.write([{"text": YORUBA, "title": "Ìbàdàn"}, {"text": ""}], tmp_path / "in" / "a.csv")
    store.write_jsonl([{"content": ENGLISH, "licence": "CC0"}], tmp_path / "in" / "b.jsonl")
    store.write_text("Ọjà kan wà ní ìlú wa.\n\nÓ tóbi púpọ̀.\n", tmp_path / "in" / "deep" / "c.txt")
    store.write_json(["Ẹ káàárọ̀ o", {"text": "Ẹ káàsán o"}], tmp_path / "in" / "d.json")
    counts, kept, dropped = run(tmp_path, tmp_path / "in")
    assert list(kept.columns) == clean.KEPT and list(dropped.columns) == clean.DROPPED
    assert kept[["source", "text"]].values.tolist() == [
        ["a", YORUBA], ["b", ENGLISH], ["d", "Ẹ káàárọ̀ o"], ["d", "Ẹ káàsán o"], ["c", "Ọjà kan wà ní ìlú wa.\n\nÓ tóbi púpọ̀."]]
    assert dropped["reason"].tolist() == ["empty"]
    assert (counts["rows"], counts["kept"], counts["dropped"], counts["problems"]) == (6, 5, 1, [])
    assert counts["tokens"] == sum(kept["tokens"].astype(int)) and counts["tokens_are"] in ("exact", "estimate")


def test_a_table_and_a_file_give_the_same_rows(tmp_path):
    table = pd.DataFrame({"text": [YORUBA, "", ENGLISH, YORUBA, "1 2 3 4"]})
    store.write(table, tmp_path / "t.csv")
    _, kept, dropped = run(tmp_path, tmp_path / "t.csv", max_tokens=20)
    whole = clean.clean(table, max_tokens=20, source="t").astype(str)
    assert kept["id"].tolist() == whole[whole["reason"] == ""]["id"].tolist()
    assert dropped[["id", "reason"]].values.tolist() == whole[whole["reason"] != ""][["id", "reason"]].values.tolist()


def test_two_processes_give_what_one_gives_even_from_a_script_without_a_main_guard(tmp_path):
    texts = [f"{paragraph} {number}" for number in range(2) for paragraph in practice_paragraphs("yo")]
    store.write(pd.DataFrame({"text": texts}), tmp_path / "t.csv")
    _, one, one_dropped = run(tmp_path, tmp_path / "t.csv", workers=1, max_tokens=60)
    script = f"from gi_helpers import clean\nprint(clean.clean_files({str(tmp_path / 't.csv')!r}, *{[str(file) for file in files_of(tmp_path)]}, max_tokens=60, workers=2)['rows'])\n"
    store.write_text(script, tmp_path / "script.py")
    done = subprocess.run([sys.executable, tmp_path / "script.py"], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(store.HOUSE)}, timeout=60)
    assert done.stdout.strip() == str(len(texts)), done.stderr
    output, dropped = files_of(tmp_path)
    assert store.read(output).equals(one) and store.read(dropped).equals(one_dropped) and len(one_dropped) > 0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A Dask client of two worker processes on this machine."""
    distributed = pytest.importorskip("distributed")
    folder = str(tmp_path_factory.mktemp("dask"))
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, local_directory=folder) as machines, \
            distributed.Client(machines) as client:
        yield client


def test_a_cluster_of_two_workers_gives_what_one_process_gives_with_duplicates_over_files(tmp_path, cluster):
    files = [store.write([{"text": text} for text in texts], tmp_path / f"{name}.csv") for name, texts in
             (("a", practice_paragraphs("yo")[:20]), ("b", [ENGLISH, "", *practice_paragraphs("yo")[10:30]]))]
    files.append(tmp_path / "c.csv")
    files[-1].write_bytes(b"text\nil\xe9 wa ni\n")
    one, kept, dropped = run(tmp_path, files, language="yo", max_tokens=60)
    many, kept_there, dropped_there = run(tmp_path, files, language="yo", max_tokens=60, client=cluster)
    assert kept.equals(kept_there) and dropped.equals(dropped_there) and dict(one) == dict(many)
    assert dropped.drop_duplicates("source_id")["reason"].value_counts().to_dict() == {"duplicate": one["reasons"]["duplicate"], "wrong language": 1, "empty": 1, "not UTF-8": 1}
    assert one["reasons"]["duplicate"] == 10 and sorted(file.name for file in tmp_path.iterdir() if "tasks" in file.name) == []


def test_an_error_in_a_helper_comes_back_and_no_process_stays(tmp_path):
    store.write(pd.DataFrame({"text": ["ሰላም ሰላም ሰላም"]}), tmp_path / "t.csv")
    with pytest.raises(NeedsFixing, match="over the limit of 1"):
        run(tmp_path, tmp_path / "t.csv", workers=2, max_tokens=1)
    assert not (tmp_path / "3_clean.csv").exists()


# ---------------------------------------------------------------- bad input

def bad(folder, content, **more):
    (folder / "t.csv").write_bytes(content)
    counts, kept, dropped = run(folder, folder / "t.csv", **more)
    return counts["problems"], kept["text"].tolist(), dropped


def test_a_cp1252_file_is_told_by_line_and_its_good_rows_stay(tmp_path):
    problems, kept, dropped = bad(tmp_path, 'text\nile wa ni eyi\ncafé au lait ici\noko wa ni eyi\n'.encode("cp1252"))
    assert kept == ["ile wa ni eyi", "oko wa ni eyi"] and dropped["reason"].tolist() == ["not UTF-8"]
    assert len(problems) == 1 and re.search(r"t\.csv line 3: byte 0xe9 is not UTF-8; .*'CSV UTF-8'", problems[0])


def test_semicolons_tabs_utf16_and_old_mac_line_ends_are_read(tmp_path):
    rows = "id{0}text\n1{0}\"Ẹ káàárọ̀, ẹ̀yin ará\"\n2{0}Ó dàbọ̀ o\n"
    for content in (rows.format(";").encode(), rows.format("\t").encode(), b"\xef\xbb\xbf" + rows.format(",").encode(), rows.format("\t").encode("utf-16"),
                    rows.format(",").replace("\n", "\r").encode()):
        problems, kept, _ = bad(tmp_path, content)
        assert (problems, kept) == ([], ["Ẹ káàárọ̀, ẹ̀yin ará", "Ó dàbọ̀ o"])


def test_nul_bytes_lone_returns_na_null_and_a_long_field_survive(tmp_path):
    long = "ilé wa " * 30_000
    problems, kept, dropped = bad(tmp_path, f'id,text\n1,"ilé\x00 wa"\n2,oko\rwa ni\n3,NA\n4,null ni\n5,"{long}"\n'.encode(), max_tokens=10**6)
    assert (problems, kept) == ([], ["ilé wa", "oko\nwa ni", "null ni", long.strip()])
    assert dropped[["text", "reason"]].values.tolist() == [["NA", "too short"]]


def test_an_open_quote_costs_one_row_and_names_its_line(tmp_path):
    problems, kept, dropped = bad(tmp_path, 'id,text\n1,ilé kan wà\n2,"ọjà kan wà\n3,oko kan wà\n4,"odò kan, ó jìn"\n'.encode())
    assert kept == ["ilé kan wà", "oko kan wà", "odò kan, ó jìn"] and dropped["reason"].tolist() == ["open quote"] and "ọjà kan wà" in dropped["text"][0]
    assert len(problems) == 1 and "t.csv line 3: a quote is opened and never closed" in problems[0]


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_an_open_quote_among_texts_of_several_paragraphs_costs_its_own_row_which_is_dropped_whole(tmp_path, quoting):
    names = [f"{first}{second}" for first in "adeilo" for second in "bdfgjkl"][:40]
    texts = [f"Ìbẹ̀rẹ̀ {name}, ó dára.\n\nÀárín, {name}\n\nÌparí nọ́mbà {name} ni èyí." for name in names]
    with (tmp_path / "w.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=quoting, lineterminator="\n").writerows([("id", "text"), *enumerate(texts)])
    broken = (tmp_path / "w.csv").read_text(encoding="utf-8").replace(f'nọ́mbà {names[20]} ni èyí."', f"nọ́mbà {names[20]} ni èyí.")
    problems, kept, dropped = bad(tmp_path, broken.encode(), near_duplicates=False)
    assert kept == texts[:20] + texts[21:] and dropped[["source_id", "text", "reason"]].values.tolist() == [["20", texts[20], "open quote"]]
    assert len(problems) == 1 and "t.csv line 102: " in problems[0] and "lines 102 to 106 go whole to the dropped rows" in problems[0]


def test_a_quote_opens_a_cell_only_at_its_beginning(tmp_path):
    rows = [f'{number},ìwọ̀n rẹ̀ jẹ́ 15" ní {chr(97 + number)}' if number % 9 == 4 else f"{number},ilé kan wà ní {chr(97 + number)}" for number in range(26)]
    problems, kept, dropped = bad(tmp_path, "\n".join(["id,text", *rows]).encode(), near_duplicates=False)
    assert problems == [] and kept == [row.partition(",")[2] for row in rows] and len(dropped) == 0


def test_surplus_cells_are_joined_where_they_are_a_sentence_and_else_dropped_whole(tmp_path):
    content = 'id,text,url\n1,"Mo wá, mo lọ",u\n2,Mo wá, mo rí i, mo ṣẹ́gun.,u\n3,Mo wá,mo sì lọ,ọ̀nà,u\n4,ilé wa ni,u,,\nilé wa ni èyí\n'
    problems, kept, dropped = bad(tmp_path, content.encode())
    assert kept == ["Mo wá, mo lọ", "Mo wá, mo rí i, mo ṣẹ́gun.", "ilé wa ni"]
    assert dropped[["text", "reason"]].values.tolist() == [["3,Mo wá,mo sì lọ,ọ̀nà,u", "surplus cells"], ["ilé wa ni èyí", "cells missing"]]
    assert [re.search(r"line \d+: \d cells instead of 3", problem)[0][:6] for problem in problems] == ["line 3", "line 4", "line 6"]
    assert bad(tmp_path, "id,text\n1,Mo wá,mo rí i\n".encode())[1] == ["Mo wá,mo rí i"]  # the last column takes what is over


def test_quotes_inside_a_quoted_cell_are_kept_and_told(tmp_path):
    problems, kept, dropped = bad(tmp_path, 'id,text,n\n1,"Ó sọ pé "wá" fún mi",x\n2,"Mo" wá ni o,y\n'.encode())
    assert kept == ['Ó sọ pé "wá" fún mi', '"Mo" wá ni o'] and ["line 2" in problems[0], "line 3" in problems[1]] == [True, True]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.text(st.sampled_from('ab,\n "'), min_size=1, max_size=9), min_size=1, max_size=3), min_size=1, max_size=8), st.integers(0, 400))
def test_whatever_quote_is_taken_away_no_letter_is_lost(tmp_path_factory, cells, place):
    from gi_helpers import _sources

    file = tmp_path_factory.mktemp("csv") / "t.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["text", "n"], *((f"q{number}q{''.join(text)}z", "1") for number, text in enumerate(cells))])
    content = file.read_text(encoding="utf-8")
    quotes = [found.start() for found in re.finditer('"', content)][4:]
    cut = quotes[place % len(quotes)]
    file.write_text(content[:cut] + content[cut + 1:], encoding="utf-8")
    found = "".join(row["text"] for row in _sources.rows(file, None, []))
    assert all(f"q{number}q" in found for number in range(len(cells))) and found.count("z") == len(cells)


def test_a_list_of_texts_without_a_header_keeps_its_first_text_and_excels_own_line_is_understood(tmp_path):
    problems, kept, _ = bad(tmp_path, "Mo wá mo rí i mo ṣẹ́gun ní ọjà.\nÓ dára gan, ni o.\n".encode())
    assert kept == ["Mo wá mo rí i mo ṣẹ́gun ní ọjà.", "Ó dára gan, ni o."] and "line 1: the first line is a text" in problems[0]
    assert bad(tmp_path, "sep=;\nid;text\n1;Mo wá, mo lọ\n".encode())[:2] == ([], ["Mo wá, mo lọ"])


def test_wrong_settings_are_a_sentence():
    table = pd.DataFrame({"text": [YORUBA]})
    for setting, told in (({"max_tokens": float("inf")}, "max_tokens is inf"), ({"min_words": "3"}, "min_words is '3'"), ({"workers": "2"}, "workers is '2'"), ({"workers": 0}, "workers is 0")):
        with pytest.raises(NeedsFixing, match=told):
            clean.clean(table, **setting)


def test_damaged_json_lines_and_lone_surrogates_are_told_or_mended(tmp_path):
    (tmp_path / "t.jsonl").write_bytes(b'{"text": "il\xc3\xa9 wa ni"}\n{"text": "cut\n[1]\n{"text": "oko \\ud800wa ni"}\n')
    counts, kept, _ = run(tmp_path, tmp_path / "t.jsonl")
    assert kept["text"].tolist() == ["ilé wa ni", "oko wa ni"]
    assert "t.jsonl line 2: not JSON" in counts["problems"][0] and "t.jsonl line 3: '[1]' is neither an object nor a text" in counts["problems"][1]


def test_what_is_not_there_is_told_and_nothing_at_all_is_an_error(tmp_path):
    store.write([{"text": YORUBA}], tmp_path / "a.csv")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "photo.jpg").write_bytes(b"x")
    counts, kept, _ = run(tmp_path, [tmp_path / "a.csv", tmp_path / "2_bbc_scrape.csv", tmp_path / "empty", tmp_path / "empty" / "photo.jpg"])
    assert len(kept) == 1 and [problem.split(": ", 1)[1][:22] for problem in counts["problems"]] == ["is not there", "the folder has no .csv", "cannot be read; save i"]
    with pytest.raises(NeedsFixing, match="no text to clean .*the folder has no .csv"):
        run(tmp_path, tmp_path / "empty")
    (tmp_path / "nothing.csv").write_bytes(b"")
    counts, kept, _ = run(tmp_path, [tmp_path / "nothing.csv"])
    assert counts["rows"] == 0 and len(kept) == 0 and counts["problems"][0].endswith("nothing.csv: has no rows; there is nothing in it to clean")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.sampled_from('ab",\n\r;ẹ́ \t'), max_size=12), min_size=1, max_size=6))
def test_quoted_csv_comes_back_as_it_was_written(tmp_path_factory, texts):
    from gi_helpers import _sources

    file = tmp_path_factory.mktemp("csv") / "t.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["text", "n"], *([text, "1"] for text in texts)])
    problems = []
    assert [row["text"].replace("\x0b", "\r") for row in _sources.rows(file, None, problems)] == [text.replace("\r\n", "\n") for text in texts]
    assert problems == []


# ---------------------------------------------------------------- rescue, summary

def test_rescued_rows_move_with_all_their_parts_and_stay_rescued_after_another_run(tmp_path):
    store.write([{"text": YORUBA}, {"text": ENGLISH}, {"text": f"{YORUBA} Ó dára."}], tmp_path / "t.csv")
    _, kept, dropped = run(tmp_path, tmp_path / "t.csv", language="yo", max_tokens=40)
    assert dropped["reason"].unique().tolist() == ["wrong language", "near-duplicate"]
    english = dropped[dropped["reason"] == "near-duplicate"]
    assert clean.rescue(tmp_path / "3_dropped.csv", english["id"].iloc[0]) == len(english) > 1
    assert len(store.read(tmp_path / "3_clean.csv")) == len(kept) + len(english) and set(store.read(tmp_path / "3_dropped.csv")["reason"]) == {"wrong language"}
    _, again, left = run(tmp_path, tmp_path / "t.csv", language="yo", max_tokens=40)
    assert set(english["id"]) <= set(again["id"]) and set(left["reason"]) == {"wrong language"}
    assert again["note"].str.startswith("rescued; near-duplicate").sum() == len(english)
    with pytest.raises(NeedsFixing, match="has no row nix"):
        clean.rescue(tmp_path / "3_dropped.csv", ["nix"])


def test_a_rescue_outlives_a_run_without_its_file_and_a_new_name(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("text\nọjà\n", encoding="utf-8")
    second.write_text("text\nÓ dára gan ni\n", encoding="utf-8")
    _, _, dropped = run(tmp_path, [first, second])
    clean.rescue(tmp_path / "3_dropped.csv", dropped["id"][0])
    run(tmp_path, second)
    assert run(tmp_path, [first, second])[1]["note"].tolist() == ["rescued; too short", ""]
    first.rename(tmp_path / "c.csv")
    assert run(tmp_path, [tmp_path / "c.csv", second])[1]["text"].tolist() == ["ọjà", "Ó dára gan ni"]


def test_what_the_summary_says_is_not_cut_off_in_a_notebook():
    assert [words for words in (*clean.REASONS.values(), *clean.NOTES.values()) if len(words) > 49] == []


def test_the_summary_counts_everything_once_and_examples_show_hidden_characters(tmp_path):
    store.write_jsonl([{"text": "ilé\u200b wa ni"}, {"text": "ilé wa ni"}, {"text": "Èkó[1] ni ìlú"}, {"text": ""}], tmp_path / "t.jsonl")
    counts, *_ = run(tmp_path, tmp_path / "t.jsonl")
    table = clean.summary(counts).set_index("what")
    assert table["rows"].to_dict() == {"read": 4, "kept": 2, "compared": 3, "left out: duplicate": 1, "left out: empty": 1, "mended: hidden characters": 1, "mended: footnote marks": 1}
    assert table["share"]["kept"] == 50.0 and table["meaning"]["left out: empty"]
    assert clean.before_after(counts)[["before", "after"]].values.tolist() == [["ilé⟨\\u200b⟩ wa ni", "ilé wa ni"], ["Èkó[1] ni ìlú", "Èkó ni ìlú"]]
    assert clean.told({"problems": [f"p{n}" for n in range(25)]})[-1] == "... and 5 more"


# ---------------------------------------------------------------- real texts

PARAGRAPHS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "yoruba" / "wikipedia_paragraphs.csv"


@pytest.mark.real
@pytest.mark.skipif(not PARAGRAPHS.exists(), reason="the 2,000 paragraphs of ../shared are not on this machine")
def test_real_paragraphs_lose_no_letter_and_accent_stripped_copies_are_found(tmp_path):
    texts = store.read(PARAGRAPHS)["text"].tolist()[:400]
    bare = ["".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter)) for text in texts[:100]]
    store.write([{"id": str(number), "text": text} for number, text in enumerate([*texts, *bare])], tmp_path / "t.csv")
    counts, kept, dropped = run(tmp_path, tmp_path / "t.csv", max_tokens=128)
    joined = kept.groupby("source_id", sort=False)["text"].sum()
    assert all(joined[number] == _repair.repair(texts[int(number)])[0] for number in joined.index) and kept["tokens"].astype(int).max() <= 128
    found = set(dropped[dropped["reason"].isin(["near-duplicate", "duplicate"])]["source_id"].astype(int))
    assert len(found & set(range(400, 500))) >= 99 and len(found & set(range(400))) <= 2
    assert json.dumps(counts["reasons"])
