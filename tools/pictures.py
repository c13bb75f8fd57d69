"""Make the pictures of the README's gallery: each notebook in practice, in a real Chromium.

    GI_DATA=/tmp/rehearsal python3 workbook.py run
    python tools/pictures.py /tmp/rehearsal [notebook ...]

Each picture is the output of one cell, at most HEIGHT pixels high, with 64 colours: 10 to 60 kB. Needs what the browser tests need (CONTRIBUTING.md).
"""
import io
import os
import sys
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(HOUSE), str(HOUSE / "tests")]

import browser  # noqa: E402

HEIGHT, WIDTH = 430, 860  # pixels
TALLER = {"4b_review": 860, "9b_ratings": 700}  # with the buttons
LARGEST = 80_000          # bytes; what a slow network can still load
# notebook: words of the cell whose output is shown
SHOWN = {
    "0_start": "widgets.stages(", "1_wiki_scrape": "widgets.sample(", "2_bbc_scrape": "widgets.look(", "3_clean": "widgets.token_histogram(",
    "4_translate": "widgets.look(", "4b_review": "widgets.qa_editor(", "5_csv_to_jsonl": "train[0]", "6_check": "widgets.check_table(", "7_finetune": "widgets.curve(",
    "8_TruthfulQA": "widgets.question_editor(", "9_evaluate": "charts.scores(", "9b_ratings": "widgets.rating_desk(", "10_publish": '"README.md")',
}
JOBS = {"1_wiki_scrape", "2_bbc_scrape", "7_finetune", "8_TruthfulQA", "9_evaluate"}  # have work beside the notebook; the cells below wait for it


def main(data, names):
    """Take the pictures of these notebooks, or of all, with the files of the run in `data`."""
    out = HOUSE / "docs" / "pictures"
    out.mkdir(parents=True, exist_ok=True)
    with browser.Lab(HOUSE / "notebooks", GI_DATA=data, GI_MODE="practice", GI_LANGUAGE="yo", PYTHONPATH=str(HOUSE)) as lab:
        for name in names or SHOWN:
            with browser.browser_page(WIDTH + 340, 1000) as page:
                picture = small(photograph(browser.NotebookPage(page, lab, f"{name}.ipynb").page, name))
            (out / f"{name}.png").write_bytes(picture)
            print(f"{name}: {len(picture) / 1000:.0f} kB", flush=True)


def photograph(page, name):
    """The picture of a notebook's chosen output, as PNG."""
    run_all = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"  # ends when the last cell has
    page.evaluate(run_all)
    if name in JOBS:
        page.get_by_text("Done in").first.wait_for(timeout=browser.PATIENCE * 1000)
        page.evaluate(run_all)
    cell = page.locator(".jp-CodeCell").filter(has_text=SHOWN[name]).first
    output = cell.locator(".jp-OutputArea-output").last
    output.wait_for(timeout=browser.PATIENCE * 1000)
    output.scroll_into_view_if_needed()
    page.wait_for_timeout(2500)  # figures and counted tokens come a moment later; a picture too early shows a gap
    page.set_viewport_size({"width": WIDTH + 340, "height": 1400})
    page.wait_for_timeout(500)
    output.evaluate("element => element.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(500)
    place = output.bounding_box()
    return page.screenshot(clip={"x": place["x"], "y": place["y"], "width": min(place["width"], WIDTH), "height": min(place["height"], TALLER.get(name, HEIGHT))})


def small(png):
    """The picture with as many colours as fit into LARGEST bytes."""
    from PIL import Image

    for colours in (64, 32, 16):
        stream = io.BytesIO()
        Image.open(io.BytesIO(png)).convert("RGB").quantize(colours).save(stream, "PNG", optimize=True)
        if stream.tell() <= LARGEST:
            break
    return stream.getvalue()


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main(sys.argv[1], sys.argv[2:])
