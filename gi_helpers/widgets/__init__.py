"""What people click on. A widget shows a table or asks a question, and calls the plain functions of the other modules.

    start            the first call of every notebook: what is set, and where the files go
    language_picker  choose a language by its code, English name or own name
    mode_picker      practice or live, and the team's contact
    ask_key          a key for a model, into memory only
    stages           all stages with the state of each, and the next thing to do
    speak            the widgets of notebook 0 in another language: "fr"
    go               long or paid work beside the notebook, at once (practice) or behind a button (live), so that "Run all" never spends money
    collect          the same for work that gives rows one by one, each kept as it comes
    permission_picker  what allows the team to read news, and who stands for it
    model_picker     which model drafts, on which server, at what price
    language_sheet   what speakers tell the model about their language
    mix_slider       how much each method of drafting contributes
    draft_desk       estimate, pilot, the whole job
    look             the first rows of a stage's file; sample, curve, record, conversation show other files
    end_job          the button that ends a hosted job, after a second click
    live_curve       the losses of a model while it learns; learned shows what it learns of a row
    token_histogram  how long the texts are, with the limit to move
    rescue_table     what cleaning put aside, by reason, with a button that brings a text back
    qa_editor        correct question-answer rows
    merge_desk       what two people wrote about one row, side by side
    question_editor  read translated evaluation questions, the doubtful ones first
    check_table      what is wrong with a training file, and the row behind each problem
    score_board      the scores of all models
    rating_desk      two answers side by side, blind
    spot_desk        answers that a model has judged, for people to judge without seeing its verdict
"""
from .basis import permission_picker
from .checks import check_table, conversation
from .conflicts import merge_desk
from .desk import rating_desk
from .drafting import draft_desk, mix_slider
from .editor import qa_editor
from .ending import end_job
from .home import ask_key, mode_picker, start
from .jobs import collect, go
from .lengths import token_histogram
from .picker import language_picker
from .questions import question_editor
from .rescuing import rescue_table
from .scores import score_board
from .servers import model_picker
from .sheets import language_sheet
from .spot import spot_desk
from .views import curve, learned, live_curve, look, record, sample, stages
from .words import speak

__all__ = ["ask_key", "check_table", "collect", "conversation", "curve", "draft_desk", "end_job", "go", "language_picker", "language_sheet", "learned", "live_curve",
           "look", "merge_desk", "mix_slider", "mode_picker", "model_picker", "permission_picker", "qa_editor", "question_editor", "rating_desk", "record", "rescue_table", "sample", "score_board",
           "speak", "spot_desk", "stages", "start", "token_histogram"]
