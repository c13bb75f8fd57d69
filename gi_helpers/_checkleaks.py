"""Questions of the evaluation set inside training rows: letter for letter, without their marks, or with a word changed. Part of `check`.

    >>> leaks = Leaks(["Kí ni ó ṣẹlẹ̀ bí o bá jẹ èso ẹ̀gẹ́ tútù?"])
    >>> leaks.findings([("Jọ̀ọ́, ki ni o sele bi o ba je eso ege tutu?", "joo ki ni o sele bi o ba je eso ege tutu")])
    [('D05', '', 'an evaluation question without its marks: Kí ni ó ṣẹlẹ̀ bí o bá jẹ èso ẹ̀gẹ́ tútù?')]
"""
import collections
import unicodedata

from . import store
from ._checkanswers import plain
from ._checkcodes import excerpt
from ._checkrows import messages_of, text_of
from .errors import NeedsFixing

RUN = 4        # words; the groups by which questions are found
NEARLY = 0.7   # of the groups of an evaluation question that stand in the training row, next to each other or not
QUESTIONS = ("source", "target", "back", "question", "Question", "prompt", "instruction", "text")


class Leaks:
    """Remembers evaluation questions, texts in any language."""

    def __init__(self, questions):
        self.questions = list(dict.fromkeys(filter(None, map(str.strip, questions))))
        self.folded = [plain(question) for question in self.questions]
        self.whole, self.runs = {}, {}
        self.sizes = []
        for number, folded in enumerate(self.folded):
            if folded:
                self.whole.setdefault(folded, number)
            groups = _runs(folded)
            self.sizes.append(len(groups))
            for group in groups:
                self.runs.setdefault(group, []).append(number)

    def findings(self, texts):
        """D05 for the first of `texts`, pairs of a text and its folded form, that holds a question; else nothing."""
        for text, folded in texts:
            number = self.whole.get(folded)
            if number is None:
                number = self._near(folded)
            if number is not None:
                return [("D05", "", f"an evaluation question {self._how(number, text, folded)}: {excerpt(self.questions[number], length=80)}")]
        return []

    def _near(self, folded):
        hits = collections.Counter()
        for group in _runs(folded):
            if group in self.runs:
                hits.update(self.runs[group])
        for number, count in hits.most_common(3):
            if count >= max(2, NEARLY * self.sizes[number]) or count == self.sizes[number] == 1:
                return number
        return None

    def _how(self, number, text, folded):
        if _letters(self.questions[number]) in _letters(text):
            return "letter for letter"
        return "without its marks" if self.folded[number] in folded else "with few words changed"


def _runs(folded):
    found = folded.split()
    return {" ".join(found[place:place + RUN]) for place in range(len(found) - RUN + 1)}


def _letters(text):
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).rstrip("?.! ")


def questions_of(file):
    """The questions of an evaluation file, in all languages it holds: 8_truthfulqa.csv, TruthfulQA.csv, or JSON lines."""
    file = store.Path(file)
    if not file.exists():
        raise NeedsFixing(f"the evaluation set {file} is not there; give the path of 8_truthfulqa.csv, or evaluation=None")
    rows = store.read_jsonl(file) if file.suffix == ".jsonl" else store.read_rows(file)
    found = []
    for row in rows:
        if row.get("kind", "question") == "question":
            found += [row[name] for name in QUESTIONS if isinstance(row.get(name), str) and row[name].strip()]
            found += [text_of(message) for message in messages_of(row) if message.get("role") == "user"]
    if not found:
        raise NeedsFixing(f"{file.name} holds no question; it needs a column question, or source and target as in 8_truthfulqa.csv")
    return list(dict.fromkeys(found))
