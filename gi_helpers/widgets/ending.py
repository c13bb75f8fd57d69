"""The end of a hosted job: a button that asks once more, since what was paid and learned so far is lost."""
import ipywidgets as w

from .. import finetune
from .style import box, guarded, tag

LABEL = "End the hosted job"


def end_job(record):
    """A button that ends the job which 7_model.json at `record` names, after a second click. It can be pressed while the training cell follows the job."""
    return _Ending(record).view


class _Ending:
    def __init__(self, record):
        self.record, self.asked = record, None
        self.button = w.Button(description=LABEL, icon="ban", layout=w.Layout(width="auto", height="auto"))
        self.keep = w.Button(description="Let it go on", layout=w.Layout(width="auto", display="none"))
        self.status, self.problem = w.HTML(), w.HTML()
        self.button.on_click(guarded(self.problem)(lambda _: self.press()))
        self.keep.on_click(guarded(self.problem)(lambda _: self.settle("The job goes on.")))
        self.view = box(w.HBox([self.button, self.keep], layout=w.Layout(flex_flow="row wrap")), self.status, self.problem)

    def press(self):
        """First ask, then end the job that was asked about."""
        job, self.asked = self.asked, None
        if job is not None:
            return self.settle(f"The job {job} is {finetune.cancel(job)}. A new run of the training cell starts a new one.")
        job, state = finetune.kept(self.record)
        if state in finetune.ENDED:
            return self.settle(f"The job {job} has ended already: {state}.")
        self.asked, self.button.description, self.button.button_style, self.keep.layout.display = job, f"Yes, end {job}", "danger", None
        self.status.value = tag(f"The job {job} is {state}. When it is ended, what it has learned and cost so far is lost. Really end it?", "gi-flag")
        return None

    def settle(self, words):
        self.asked, self.button.description, self.button.button_style, self.keep.layout.display = None, LABEL, "", "none"
        self.status.value = tag(words, "gi-note")
