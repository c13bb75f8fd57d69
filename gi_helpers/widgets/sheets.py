"""The language sheet, filled in by speakers: what the model is told about their language."""
import ipywidgets as w

from .. import translate
from .style import box, guarded, tag

ARROW = " -> "


def language_sheet(language):
    """Fields for spelling rules, letters, two examples and question templates; Save keeps them in the team's folder, with the speaker's name."""
    return _Sheet(language).view


class _Sheet:
    def __init__(self, language):
        self.language, self.sheet = language, translate.sheet(language)
        self.rules = self._field("Spelling rules", "\n".join(self.sheet["orthography"]), "in English, one on a line: how educated speakers write")
        self.letters = self._field("Letters", " ".join(self.sheet["letters"]), "the special letters, with blanks between")
        self.phrases = self._field("Not to be said", "\n".join(self.sheet["meta_phrases"]), "one on a line: 'this article', 'according to the text' in your language")
        shown = (self.sheet["examples"] + [{}, {}])[:2]
        self.examples = [{name: self._field(name.capitalize(), one.get(name, "")) for name in ("passage", "question", "answer", "evidence")} for one in shown]
        self.templates = self._field("Questions", "\n".join(f"{one['question']}{ARROW}{one['answer']}" for one in self.sheet["templates"]),
                                     "one on a line: What is {title}? -> {first_sentence}")
        self.who = w.Text(description="Approved by", placeholder="the speaker who stands for it; empty: still a draft", continuous_update=False,
                          style={"description_width": "8em"}, layout=w.Layout(width="auto", max_width="40em"))
        save = w.Button(description="Save the sheet", icon="save", button_style="primary", layout=w.Layout(width="auto"))
        save.on_click(lambda _: self.save())
        self.note, self.said = w.HTML(), w.HTML()
        parts = [w.VBox([self.rules, self.letters, self.phrases]), *(w.VBox([*example.values()]) for example in self.examples),
                 w.VBox([w.HTML(tag("{title} becomes the title of a text. After the arrow: {first_sentence}, {first_paragraph} or {text}.", "gi-note")), self.templates])]
        folds = w.Accordion(children=parts, selected_index=None)
        for number, title in enumerate(("Spelling, letters", "Example 1", "Example 2", "Question templates")):
            folds.set_title(number, title)
        self.view = box(self.note, folds, self.who, save, self.said)
        self._head()

    def _field(self, name, value, hint=""):
        return w.Textarea(value=value, description=name, placeholder=hint, continuous_update=False, style={"description_width": "8em"}, layout=w.Layout(width="auto"))

    def _head(self):
        sheet = self.sheet
        self.note.value = tag(f"{sheet['name_en']} ({sheet['name_own']}): {len(sheet['orthography'])} spelling rules, {len(sheet['letters'])} letters, {len(sheet['examples'])} examples, "
                              f"{len(sheet['templates'])} question templates.") + tag(sheet["note"], "gi-good" if sheet["note"].startswith("Approved") else "gi-flag")

    def filled(self):
        """The sheet as the fields say it."""
        lines = lambda field: [line.strip() for line in field.value.splitlines() if line.strip()]  # noqa: E731
        examples = [{name: field.value.strip() for name, field in one.items()} for one in self.examples]
        templates = [line.replace("→", "->").partition("->") for line in lines(self.templates)]
        return {**self.sheet, "orthography": lines(self.rules), "letters": self.letters.value.split(), "meta_phrases": lines(self.phrases),
                "examples": [one for one in examples if any(one.values())],
                "templates": [{"question": question.strip(), "answer": answer.strip() or "{first_sentence}"} for question, _, answer in templates]}

    def save(self):
        @guarded(self.said)
        def keep():
            translate.save_sheet(self.language, self.filled(), self.who.value)
            self.sheet = translate.sheet(self.language)
            self._head()
            self.said.value = tag("Saved. Rows that are drafted from now on follow it; rows that are there stay as they are.", "gi-good")
        keep()
