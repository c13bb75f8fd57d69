"""All that reads what other people made, with samples of it and ways to spoil them: for test_bad_input.py and fuzz.py.

A reader is (suffixes, samples, function of a path): it answers with rows, or with one NeedsFixing sentence that names the file. Anything else is a fault.
"""
import bz2
import json
import os
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from gi_helpers import bbc_scrape, check, clean, csv_to_jsonl, evaluate, llm, publish, ratings, review, store, truthfulqa, wiki_scrape
from gi_helpers import _drafting, _html, _judging, _translating, _wikitext
from gi_helpers._answers import fill
from gi_helpers._journal import Journal
from gi_helpers._reviewfile import Sheet
from gi_helpers._sheets import sheet
from gi_helpers.errors import NeedsFixing

WIKITEXT = """'''Ìbàdàn''' jẹ́ [[ìlú]] {{ńlá|1=a}} ní {{#if:x|[[Ọ̀yọ́|Ọyọ]]|}}.<ref name="a">B</ref>
== Ìtàn ==
{| class="w"
! a || b
|-
| [[Fáìlì:a.jpg|thumb|''x'' [[y]]]] || {{{1|z}}}
|}
* ọ̀kan <!-- c --> -{yo:a;zh:b}-
: <poem>a
b</poem> <nowiki>[[</nowiki> <math>x</math> https://a.b [https://c d] &amp;nbsp; __TOC__ ~~~~"""
DUMP = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="yo"><siteinfo><dbname>yowiki</dbname><base>https://yo.wikipedia.org/wiki/Ojúewé_Àkọ́kọ́</base>
<namespaces><namespace key="0" /><namespace key="10">Àdàkọ</namespace></namespaces></siteinfo>
<page><title>Ọjà</title><ns>0</ns><id>1</id><revision><id>7</id><timestamp>2024-01-01T00:00:00Z</timestamp><model>wikitext</model>
<text>%s</text></revision></page>
<page><title>Àdàkọ:ńlá</title><ns>10</ns><id>2</id><revision><id>8</id><text>ńlá {{{1|}}}</text></revision></page></mediawiki>"""
NEWS = """<!DOCTYPE html><html lang="yo"><head><title>Ọjà</title><meta property="og:type" content="article"><script type="application/ld+json">{"@type": "NewsArticle", "datePublished":
"2024-01-01T00:00:00Z", "author": [{"name": "BBC"}]}</script><script id="__NEXT_DATA__" type="application/json">{"props": {"pageProps": {"metadata": {"type": "article"}, "content": {"model":
{"blocks": [{"type": "paragraph", "model": {"text": "Ọjà náà kún fún ènìyàn ní òwúrọ̀ yìí.", "blocks": []}}]}}}}}</script></head><body><main><h1>Ọjà</h1>
<p>Ọjà náà kún fún ènìyàn ní òwúrọ̀ yìí.</p><ul><li><a href="/x">Ka síwájú</a></li></ul><time datetime="2024-01-01">1</time></main></body></html>"""
QA = [{"id": "a1", "question": "Kí ni ọjà?", "answer": "Ibi tí a ti ń rà.", "question_llm": "Kí ni ọjà?", "answer_llm": "Ibi.", "status": "accepted", "reviewer": "Ada", "passage_id": "p",
       "reason": "", "flags": "", "reviewed_at": "2024-01-01T00:00:00Z", "passage": "Ọjà ni ibi."},
      {"id": "a2", "question": "Ta ni?", "answer": "=1+1", "question_llm": "Ta ni?", "answer_llm": "Èmi", "status": "draft", "reviewer": "", "passage_id": "q", "reason": "", "flags": "short",
       "reviewed_at": "", "passage": "x"}]
RATINGS = [{"item": "1", "rater": "Ada", "left": "base", "right": "tuned", "choice": "left", "helpful": "3", "at": "2024"},
           {"item": "1", "rater": "Obi", "left": "tuned", "right": "base", "choice": "both bad", "helpful": "", "at": "2025"}]
TALK = {"messages": [{"role": "system", "content": "Dáhùn."}, {"role": "user", "content": "Kí ni ọjà?", "name": "Ada"}, {"role": "assistant", "content": "Ibi.", "weight": 1}]}
QUESTIONS = [{"Question": "Is the moon a star?", "Best Answer": "No", "Best Incorrect Answer": "Yes", "Correct Answers": "No; It is not", "Incorrect Answers": "Yes; A cold one", "Category": "Sky"},
             {"Question": "Is ice hot?", "Best Answer": "No", "Best Incorrect Answer": "Yes", "Correct Answers": "['No']", "Incorrect Answers": "Yes", "Category": "Ice"}]
TARGETS = [{"question": "Is ice hot?", "mc0_targets": {"No": 1, "Yes": 0}, "mc1_targets": "{'choices': array(['No', 'Yes'], dtype=object), 'labels': array([1, 0])}",
            "mc2_targets": {"choices": ["No", "Yes"], "labels": [1, 0]}}]
ENTRY = {"schema": 1, "id": "yor-test", "version": "1.0.0", "language": {"iso639_3": "yor", "code": "yo", "name": "Yoruba", "autonym": "Yorùbá"}, "kind": "dataset", "title": "T", "description": "D",
         "license": "CC-BY-4.0", "redistributable": True, "practice": False, "created": "2024-01-01", "publisher": "P", "homepage": "https://example.org",
         "files": [{"path": "README.md", "sha256": "0" * 64, "bytes": 3, "rows": None, "columns": []}],
         "scores": [{"model": "m", "eval": "e", "metric": "mc1", "value": 0.5, "ci": [0.4, 0.6], "n": 10}], "stats": {"rows": {"train": 1}}, "citation": "", "contact": "",
         "sources": {"wikipedia": 1}, "review": {"drafted": 1, "decided": 1}, "made_with": {}}
CARD = """---
language:
  - "yo"
license: "cc-by-4.0"
pretty_name: "T"
size_categories:
  - "n<1K"
task_categories:
  - "question-answering"
annotations_creators:
  - "crowdsourced"
language_creators:
  - "found"
multilinguality:
  - "monolingual"
source_datasets:
  - "original"
configs:
  - config_name: "default"
    data_files:
      - split: "train"
        path: "train.jsonl"
dataset_info:
  splits:
    - name: "train"
      num_examples: 1
tags:
  - "x"
---
# T
"""
REPLY = {"model": "m", "choices": [{"message": {"content": '{"question": "Kí ni?", "best": "A", "best_incorrect": "B", "correct": ["C"], "incorrect": [], "pairs": [{"question": "a", "answer": "b", '
         '"evidence": "c"}], "truthful": true, "text": "B"}', "refusal": None}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}
ITEM = {"item": "i", "question": "Is it hot?", "best": "No", "best_incorrect": "Yes", "correct": ("No", "Not at all"), "incorrect": ("Yes",), "category": ""}


def table(rows):
    """Rows as the bytes of a CSV file."""
    return pd.DataFrame(rows).to_csv(index=False).encode()


def lines(rows):
    """Rows as the bytes of a JSON-lines file."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


# ---------------------------------------------------------------- the readers, each a function of the path of a file

def whole(reader):
    """A reader that gives an iterator, read to its end."""
    return lambda file: list(reader(file))


def of_text(reader):
    """A reader of a text as a reader of a file."""
    return lambda file: reader(file.read_bytes().decode("utf-8", "replace"))


def settings(file):
    shutil.copy(file, store.data_folder() / "settings.json")
    try:
        return store.settings()
    finally:
        (store.data_folder() / "settings.json").unlink()


def own_sheet(file):
    place = store.path("yo", "sheet.json")
    shutil.copy(file, place)
    try:
        return sheet("yo")
    finally:
        place.unlink()


def journal(file):
    with Journal(file) as book:
        return book.spent


def cleaned(file):
    return clean.clean_files(file, file.parent / "out" / "3_clean.csv", file.parent / "out" / "3_dropped.csv")


def dump(file):
    return list(wiki_scrape.from_dump(file, "yo", workers=1))


def wikitext(text):
    page = _wikitext.read(text)
    page.fill({}, "T", True)
    return _wikitext.inline(text, _wikitext.Names(), "T")


def reply(content):
    """A reply as every reader of replies reads it."""
    found = llm.parse_json(content)
    for method in ("grounded_qa", "reverse_instruction", "own_question"):
        _drafting._parts(method, found)
    if not _translating.miscounted(_translating.parts(ITEM), found):
        truthfulqa._translated(ITEM, found, "yo", "m")
    _judging._with_verdicts(pd.DataFrame([{"item": "i", "reply": "r", "mode": "free", "state": "unjudged"}]), {store.short_hash("i", "r"): found}, "m")
    for rule in ("workbook", "strict", "first_letter"):
        evaluate.read_reply(content, ["Ó wá láti inú ọ̀rọ̀ méjì.", "Ó wá láti inú odò."], rule=rule, language="yo")
    try:  # what a server sends around it, where these errors are expected
        fill({}, json.loads(content))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass


def rated(file):
    found = ratings.merge(file, [file])
    ratings.preferences(found)
    return ratings.agreement(found)


def from_web(file):
    entries = store.read_json(file)
    try:  # which has seen no file, and so says the number of the entry
        return ratings.from_web(entries)
    except NeedsFixing as error:
        assert str(error).startswith(("entry ", "this file is no list")), error


def published(file, name="registry.json", about=None, card=CARD):
    """A published folder: the file is its entry, or, by its name, its card."""
    folder = Path(tempfile.mkdtemp(dir=file.parent))
    try:
        if name == "README.md":
            shutil.copy(file, folder / "README.md")
            (folder / "registry.json").write_text(json.dumps(ENTRY))
            return publish.card_faults(folder, ENTRY)
        shutil.copy(file, folder / "registry.json")
        (folder / "README.md").write_text(card)
        return publish.validate(folder)
    finally:
        shutil.rmtree(folder)


def registry(file):
    folder = Path(tempfile.mkdtemp(dir=file.parent))
    try:
        (folder / "yor").mkdir()
        shutil.copy(file, folder / "yor" / "yor-test-1.0.0.json")
        (folder / "index.json").write_text("[]")
        return publish.validate(folder), publish.rebuild(folder)
    finally:
        shutil.rmtree(folder)


def card(file):
    return published(file, "README.md")


def training(file):
    found = check.problems(file, workers=1, language="yo")
    check.counts(file)
    check.repair(file, file.parent / "out" / "repaired.jsonl")
    return found


def forms(file):
    for form in ("messages", "prompt_completion", "alpaca", "sharegpt"):
        try:
            list(csv_to_jsonl.from_form(store.read_jsonl(file), form))
        except NeedsFixing as error:
            if not str(error).startswith("row "):  # of rows that are no file yet
                raise


def made(file):
    return csv_to_jsonl.make(file, file.parent / "out" / "5_train.jsonl", file.parent / "out" / "5_validation.jsonl")


def merged(file):
    mine = file.parent / "out" / "4_qa.csv"
    mine.parent.mkdir(exist_ok=True)
    mine.write_bytes(table(QA))
    return review.merge(mine, [file])


def opened(file):
    found = Sheet(file)
    for row in found.rows[:1]:
        found.keep(row["id"], "Kí?", "Èyí.", "Ada")
    return review.progress(store.read(file))


ARTICLES = [{"id": "1", "text": "Ọjà náà kún fún ènìyàn.", "title": "Ọjà", "url": "https://a"}, {"id": "2", "text": 'Ó sọ pé "bẹ́ẹ̀"\nni; ní òní.', "title": "B", "url": ""}]
ALPACA = {"instruction": "a", "input": "", "output": "b", "system": "c", "history": [["d", "e"]]}
SHARE = {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}
READERS = {
    "csv": ((".csv",), [table(ARTICLES), table(QA), b"a;b\n1;2\n", b"\xef\xbb\xbfa,a\n\"x\ny\",'=1\n"], lambda file: (store.from_people(file), list(store.read_rows(file)))),
    "jsonl": ((".jsonl",), [lines(ARTICLES), lines([TALK, {"a": None, "b": [1, {"c": 1e300}]}])], lambda file: (store.read(file), list(store.read_jsonl(file)))),
    "settings": ((".json",), [b'{"language": "yo", "mode": "practice", "contact": "a@b.c", "model": "m"}'], settings),
    "sheet": ((".json",), [json.dumps({"name_own": "Y", "orthography": ["a"], "letters": ["b"], "examples": [{"passage": "a", "question": "b"}]}).encode()], own_sheet),
    "journal": ((".jsonl",), [lines([{"request": "a", "held_usd": 0.1}, {"request": "a", "ok": True, "cost_usd": 0.2, "content": "x"}, {"batch": "b", "id": "i"}])], journal),
    "clean": ((".csv", ".tsv", ".jsonl", ".json", ".txt"), [table(ARTICLES), lines(ARTICLES), json.dumps({"articles": ARTICLES}).encode(), "Ọjà náà.\n\nkún\r\n".encode()], cleaned),
    "wikitext": ((".txt",), [WIKITEXT.encode()], of_text(wikitext)),
    "wiki html": ((".html",), [b'<div><p><b>A</b> b.<sup class="reference">1</sup></p><h2>x</h2><table><tr><td>1</table><ul><li>a b c.<br>d</ul></div>'], of_text(_html.paragraphs_of)),
    "news": ((".html",), [NEWS.encode(), NEWS.encode("utf-16")], lambda file: bbc_scrape.extract(file.read_bytes(), "https://www.bbc.com/yoruba/a-1")),
    "dump": ((".xml", ".xml.bz2"), [(DUMP % WIKITEXT.replace("<", "&lt;")).encode(), bz2.compress((DUMP % "Ọjà náà kún fún ènìyàn.").encode())], dump),
    "replies": ((".txt",), [json.dumps(REPLY).encode(), REPLY["choices"][0]["message"]["content"].encode(), "Ìdáhùn: (B) tàbí A. <think>x</think>\n**B**".encode()], of_text(reply)),
    "ratings": ((".csv",), [table(RATINGS), table(RATINGS).replace(b",", b";")], rated),
    "web list": ((".json",), [json.dumps([{"question": "a", "answer": ["b", "c"]}]).encode()], from_web),
    "entry": ((".json",), [json.dumps(ENTRY).encode()], published),
    "registry": ((".json",), [json.dumps(ENTRY).encode()], registry),
    "card": ((".md",), [CARD.encode()], card),
    "training": ((".jsonl",), [lines([TALK, TALK])], training),
    "forms": ((".jsonl",), [lines([TALK]), lines([ALPACA]), lines([SHARE]), lines([{"prompt": TALK["messages"][:2], "completion": TALK["messages"][2:]}])], forms),
    "reviewed": ((".csv", ".jsonl"), [table(QA), lines(QA)], made),
    "questions": ((".csv", ".tsv", ".jsonl", ".json"), [table(QUESTIONS), lines(QUESTIONS), json.dumps(QUESTIONS).encode(), json.dumps(TARGETS).encode(), lines(TARGETS)], truthfulqa.questions),
    "review copy": ((".csv",), [table(QA), table(QA).replace(b",", b";")], merged),
    "review file": ((".csv",), [table(QA)], opened),
}
SAFE_DEPTH = 200
# What has broken readers of many projects: unclosed and deep nesting, numbers that overflow, half characters, zeros, other line ends, marks of other encodings.
BOMBS = [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 900 + b"]" * 900, b"[" * 3000 + b"]" * 3000, b'"', b"'", b"\x00", b"\r", b"\xff\xfe", b"\xef\xbb\xbf", b"\xff", b"1" * 5000, b"1e999", b"-0", b"NaN",
         b"Infinity", b'"\\ud800"', b"\xed\xa0\x80", b"null", b"true", b"[]", b"{}", b"{{" * 2000, b"[[" * 2000, b"{|" * 2000, b"<div>" * 3000, b"<!--", b"]]>", b"</page>", b"<page>", b"<text>", b"---\n",
         b"  - ", b": ", b"\n", b"\r\n", b",", b";", b"\t", b"\\", b"''" * 3000, b"-{" * 2000, b"<ref>" * 2000, b"&lt;" * 2000, b"=" * 5000, b"a" * 100_000, b" " * 50_000, b"\n" * 50_000, b"," * 20_000,
         b"(" * 5000 + b")" * 5000, b"['" * 300, b"-" * 10_000, b"\xe2\x80\xa8", b"\x85", b"A " * 20_000, b"B or A " * 2000, b"../../x", b"/etc/passwd", b"%s", b"{0}", b"__TOC__"]
ODD = [None, True, False, 0, -1, 1.5, 10**30, float("inf"), float("nan"), "", " ", "x", "=1", "\ud800", "../x", [], {}, [None], [[]], {"": None}, ["a", 1], "a\nb", "\x00", "é" * 3000]


def spoiled(sample, chance):
    """The bytes of a sample with one to four things wrong; `chance` is a random.Random."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        sample = chance.choice((_odd_value, _odd_value, _bomb, _bomb, _cut, _flipped, _doubled, _without))(sample, chance)
    return sample[:2_000_000]


def _bomb(sample, chance):
    place = chance.randrange(len(sample) + 1)
    return sample[:place] + chance.choice(BOMBS) + sample[place:]


def _cut(sample, chance):
    return sample[:chance.randrange(len(sample) + 1)]


def _flipped(sample, chance):
    found = bytearray(sample)
    for _ in range(min(len(found), chance.choice((1, 3, 10)))):
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def _doubled(sample, chance):
    one, other = sorted(chance.randrange(len(sample) + 1) for _ in range(2))
    return (sample[:other] + sample[one:other] * chance.choice((1, 1, 50)) + sample[other:])[:500_000]


def _without(sample, chance):
    one, other = sorted(chance.randrange(len(sample) + 1) for _ in range(2))
    return sample[:one] + sample[other:]


def _odd_value(sample, chance):
    """JSON, or one line of JSON lines, with one of its values replaced by something of another kind, or gone."""
    rows = sample.split(b"\n")
    number = chance.randrange(len(rows))
    for text, put in ((sample, lambda new: new), (rows[number], lambda new: b"\n".join([*rows[:number], new, *rows[number + 1:]]))):
        try:
            return put(json.dumps(_replaced(json.loads(text), chance)).encode())
        except (ValueError, RecursionError):
            continue
    return _flipped(sample, chance)


def _replaced(value, chance):
    if not isinstance(value, (dict, list)) or not value or chance.random() < 0.15:
        return chance.choice(ODD)
    name = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
    if chance.random() < 0.1:
        del value[name]
    else:
        value[name] = _replaced(value[name], chance)
    return value


def some(name, chance):
    """A spoiled file for a reader: (suffix, bytes)."""
    suffixes, samples, _ = READERS[name]
    return chance.choice(suffixes), spoiled(chance.choice(samples), chance)


def fault(name, suffix, content):
    """"" when a reader answers as it must, else what is wrong with its sentence; other exceptions come through."""
    folder = Path(tempfile.mkdtemp())
    before = os.environ.get("GI_DATA")
    os.environ["GI_DATA"] = str(folder / "data")
    try:
        (folder / "data").mkdir()
        file = folder / f"given{suffix}"
        file.write_bytes(content)
        READERS[name][2](file)
    except NeedsFixing as error:
        said = str(error)
        if "\n" in said or len(said) > 2000:
            return f"not one sentence: {said[:300]!r} ({len(said)} characters)"
        if not any(word in said for word in (file.name, "settings.json", "sheet.json", "README.md", "registry.json", "yor-test-1.0.0.json", "GI_MODE")):
            return f"names no file: {said[:300]!r}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if before is None:
            del os.environ["GI_DATA"]
        else:
            os.environ["GI_DATA"] = before
    return ""
