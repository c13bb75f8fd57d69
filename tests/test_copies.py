"""Many texts at a time: what is in them, and which are there twice, as one text after the other would tell it."""
import random
import unicodedata

import numpy as np
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from gi_helpers import _copies, _duplicates, _repair, tokens
from gi_helpers._letters import DIGIT, GARBLED, LONGER, WORD, Letters, Words, signatures

LETTERS = "aẹ̀Ọ́ .!\n\t1ß字ሰकि۲ن'ʼ\u0301\u0323\u09cb한ไทย\u0e31[]Ã©æﬁ\u200b\x00\xa0"
TEXTS = st.lists(st.text(st.sampled_from(LETTERS) | st.characters(), max_size=40), min_size=1, max_size=6)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_tidy_text_is_one_that_the_repairs_leave_alone(texts):
    look = Letters(texts)
    for text, tidy, garbled in zip(texts, look.tidy(), look.has(GARBLED), strict=True):
        assert not tidy or _repair.repair(text) == (text, [])
        assert garbled or not _repair.mojibake(text)


def test_plain_yoruba_text_is_tidy_and_is_not_searched_for_mojibake():
    look = Letters(["Ìbàdàn jẹ́ ìlú ńlá kan ní gúúsù Nàìjíríà.", "Ó dàbọ̀", " Ó dàbọ̀", "Ó dàbọ̀\n", "Ó  dàbọ̀", unicodedata.normalize("NFD", "Ó dàbọ̀"), "Ó[1]", ""])
    assert look.tidy().tolist() == [True, True, False, False, False, False, False, False]
    assert not look.has(GARBLED).any()


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_words_marks_and_digits_are_counted_as_in_each_text_alone(texts):
    texts = [_repair.repair(text)[0] for text in texts]
    look = Letters(texts)
    found = Words(look)
    for place, text in enumerate(texts):
        if look.has(LONGER)[place] or "\u1100" <= max(text, default="") <= "\u11ff":  # such letters are folded to several: these texts are folded first
            continue
        folded, marks = _duplicates.without_marks(text)
        words = _duplicates.words(unicodedata.normalize("NFC", folded))
        assert found.count[place] == len(words)
        assert look.number(WORD)[place] == sum(map(len, words))
        assert look.number(DIGIT)[place] == len(regex.findall(r"\p{N}", text))
        assert min(marks, 3) <= look.marks()[place] <= marks


def signed(texts):
    return signatures(Words(Letters(texts)))


def test_accents_capitals_and_marks_do_not_matter_to_a_signature_and_other_words_do():
    accented = "Ìbàdàn jẹ́ ìlú ńlá kan ní gúúsù ìwọ̀-oòrùn Nàìjíríà, òun sì ni olú-ìlú ìpínlẹ̀ Ọ̀yọ́, tí ó tóbi jù lọ ní gbogbo ilẹ̀ Yorùbá."
    bare = "".join(letter for letter in unicodedata.normalize("NFD", accented) if not unicodedata.combining(letter)).upper().replace("-", " ")
    sketches, keys = signed([accented, bare, accented.replace("ńlá", "kékeré"), "Ó dàbọ̀", "o dabo!", "Ó dàárọ̀", "...", ""])
    assert (sketches[0] == sketches[1]).all() and (keys[0] == keys[1]).all() and not (keys[0] == keys[2]).all()
    assert keys[3, 0] == keys[4, 0] != keys[5, 0] and not keys[3, 1:].any()  # few words: one key of them all
    assert not keys[6:].any()


def test_the_likeness_of_two_sketches_is_near_the_true_share():
    words = [f"oro{number}" for number in range(400)]
    for changed in (0, 40, 120, 400):
        other = words[:400 - changed] + [f"x{number}" for number in range(changed)]
        same = len(set(zip(words, words[1:], words[2:])) & set(zip(other, other[1:], other[2:])))
        one, two = signed([" ".join(words), " ".join(other)])[0]
        assert abs((one == two).mean() - same / (2 * 398 - same)) < 0.13


def compared(texts, near=True, piece=7):
    """`Copies` after all texts went in, a few at a time."""
    with _copies.Copies() as copies:
        for start in range(0, len(texts), piece):
            some = texts[start:start + piece]
            copies.add([len(text) for text in some], [_duplicates.exact(text) for text in some], signed(some) if near else None)
        copies.decide()
    return copies


def test_ids_and_equal_texts_are_found_over_pieces_of_any_size(monkeypatch):
    draw = random.Random(3)
    texts = ["".join(draw.choices("ab", k=draw.randint(1, 6))) for _ in range(500)]
    first = {text: place for place, text in reversed(list(enumerate(texts)))}
    for size in (2**18, 64):
        monkeypatch.setattr(_copies, "PIECE", size)
        copies = compared(texts, near=False)
        assert copies.copy.tolist() == [first[text] != place for place, text in enumerate(texts)]
        assert copies.again.tolist() == [sum(len(text) == len(other) for other in texts[:place]) for place, text in enumerate(texts)]
        assert not copies.like.any() and copies.compared == 0


def test_near_copies_name_an_earlier_text_that_is_kept(monkeypatch):
    draw = random.Random(5)
    pool = [f"oro{number}" for number in range(3_000)]
    originals = [" ".join(draw.sample(pool, 60)) for _ in range(80)]

    def nearly(text, changes):
        words = text.split()
        for place in draw.sample(range(60), changes):
            words[place] = "kan"
        return " ".join(words)

    texts = [*originals, *(nearly(text, 2) for text in originals), *(nearly(text, 30) for text in originals)]
    for size in (2**18, 50):
        monkeypatch.setattr(_copies, "PIECE", size)
        copies = compared(texts)
        assert (copies.like[80:160] == np.arange(80) + 1).mean() >= 0.95
        assert not copies.like[:80].any() and not copies.like[160:].any() and copies.compared == 240


def test_a_text_like_one_that_has_gone_is_compared_with_those_that_stay():
    words = [f"oro{number}" for number in range(120)]

    def turned(count):  # the first words gone, new ones at the end
        return " ".join(words[count:] + [f"x{number}" for number in range(count)])

    chain = [turned(count) for count in (0, 10, 20, 30, 40, 50)]
    copies = compared(chain)
    kept = [place for place in range(6) if not copies.like[place]]
    assert kept[0] == 0 and 1 < len(kept) < 6  # not all fall one behind the other
    assert all(copies.like[place] - 1 in kept for place in range(6) if copies.like[place])


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("abẹ̀ọ́ .,!'’\n1字ሰन- \"(/") | st.characters(), max_size=80))
def test_words_counted_one_by_one_add_up_to_the_tokens_of_the_text(text):
    text = _repair.repair(text)[0]
    for model in ("gpt-4o-mini", "gpt-4"):
        assert tokens.counter(model, tidy=True)(text) == tokens.count(text, model)
