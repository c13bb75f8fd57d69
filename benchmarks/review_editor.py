"""The review editor with 10,000 long rows in a real JupyterLab: seconds to the first card, a page turn, an approval with its save.

    python benchmarks/review_editor.py [rows]

Needs what the tests marked `browser` need. A time begins with the click in the page and ends when the new state is painted; an approval is on the disk by then.
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


# The page has its own clock: what drives the browser from outside would add a tenth of a second to each click.
CLICK = """([card, label, wanted]) => new Promise(done => {
  const root = document.querySelector('.gi'), place = card < 0 ? root : root.querySelectorAll('.gi-card')[card], begin = performance.now();
  const watch = new MutationObserver(() => {
    if (!place.textContent.includes(wanted)) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done((performance.now() - begin) / 1000), 0));
  });
  watch.observe(place, {subtree: true, childList: true, characterData: true});
  [...place.querySelectorAll('button')].find(one => one.textContent.includes(label)).click();
})"""


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
            begin = time.perf_counter()
            page.evaluate(run)
            place.locator(".gi-card").nth(4).wait_for()
            first = time.perf_counter() - begin
            turns = [page.evaluate(CLICK, [-1, "Next", f"page {n} of"]) for n in range(2, 12)]
            size = file.stat().st_size
            page.wait_for_timeout(1500)  # the editor gets ready for its first save while people read
            approvals = [approve(page, file, number) for number in range(10)]
    print(f"{rows:,} rows, {size / 1e6:.0f} MB: first card {first:.2f} s, page turn {statistics.median(turns):.3f} s (worst {max(turns):.3f}), "
          f"approval {statistics.median(approvals):.3f} s (first {approvals[0]:.3f}, worst later {max(approvals[1:]):.3f}), load {os.getloadavg()[0]:.1f}")


def approve(page, file, number):
    if number == 5:
        page.evaluate(CLICK, [-1, "Next", "page 12 of"])
    before = file.stat().st_mtime_ns
    seconds = page.evaluate(CLICK, [number % 5, "Accept", "Saved: accepted"])
    assert file.stat().st_mtime_ns != before, "the page says saved, the disk does not"
    return seconds


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
