"""The review editor with 10,000 long rows in a real JupyterLab: seconds to the first card, a page turn, an approval with its save.

    python benchmarks/review_editor.py [rows]

Needs what the tests marked `browser` need. A time ends when the page shows the new state; an approval's, when it is on the disk as well.
"""
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(HOUSE), str(HOUSE / "tests")]

import browser  # noqa: E402

from gi_helpers import store  # noqa: E402

TEXT = "Ìlú Èkó jẹ́ ìlú tó tóbi jùlọ ní Nàìjíríà, ó sì wà ní etí òkun. " * 28
READY = "import sys; sys.path.insert(0, {house!r})\nimport pandas\nfrom gi_helpers import widgets"
SHOW = "widgets.qa_editor({file!r}, 'Ada')"


def table(rows):
    for number in range(rows):
        question, answer = f"Kí ni ìbéèrè {number}?", "Ó dára púpọ̀. " * 5
        yield {"id": f"r{number:05}", "context": TEXT, "evidence": "ó sì wà ní etí òkun", "question_llm": question, "answer_llm": answer, "question": question,
               "answer": answer, "flags": "", "score": str(number % 100), "status": "needs_review", "reviewer": "", "reviewed_at": "", "reason": ""}


def timed(act, seen):
    begin = time.perf_counter()
    act()
    seen()
    return time.perf_counter() - begin


def main(rows):
    with tempfile.TemporaryDirectory() as folder:
        file = store.write(list(table(rows)), Path(folder) / "4_qa.csv")
        name = browser.write_notebook(folder, "editor.ipynb", READY.format(house=str(HOUSE)), SHOW.format(file=str(file)))
        with browser.Lab(folder, GI_DATA=str(Path(folder) / "data")) as lab, browser.browser_page() as page:
            notebook = browser.NotebookPage(page, lab, name)
            page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0")
            page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell-and-select-next')")
            run = "() => window.jupyterapp.commands.execute('notebook:run-cell')"
            place = notebook.output(1)
            first = timed(lambda: page.evaluate(run), lambda: place.locator(".gi-card").nth(4).wait_for())
            turns = [timed(place.locator("button", has_text="Next").first.click, lambda n=n: place.get_by_text(f"page {n} of").first.wait_for()) for n in range(2, 12)]
            size = file.stat().st_size
            approvals = [approve(place, file, number) for number in range(10)]
    print(f"{rows:,} rows, {size / 1e6:.0f} MB: first card {first:.2f} s, page turn {statistics.median(turns):.3f} s (worst {max(turns):.3f}), "
          f"approval {statistics.median(approvals):.3f} s (first {approvals[0]:.3f}, worst later {max(approvals[1:]):.3f}), load {os.getloadavg()[0]:.1f}")


def approve(place, file, number):
    card, before = place.locator(".gi-card").nth(number % 5), file.stat().st_mtime_ns
    if number == 5:
        place.locator("button", has_text="Next").first.click()
        place.get_by_text("page 12 of").first.wait_for()
    return timed(card.locator("button", has_text="Accept").click, lambda: (card.get_by_text("Saved: accepted").wait_for(), browser.wait_for(lambda: file.stat().st_mtime_ns != before, "saved")))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
