"""How long publishing 100,000 rows takes, and how much memory: `python benchmarks/publish.py [rows]`.

The rows are made up (questions of about 10 words, answers of about 60, 20,000 sources). Parquet is written, too, where pyarrow is installed.
"""
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOUSE))

WORDS = "ọjà ilé oúnjẹ ìlú ọmọ omi ojú ọjọ́ ìwé orí èdè Yorùbá àwọn tí wọ́n ń ṣe ní gbogbo ayé àti pé ó dára púpọ̀ láti mọ̀".split()


def rows(count):
    """Rows of 4_qa.csv, one by one; one in ten is not accepted."""
    pick = random.Random(0)
    for number in range(count):
        status = "accepted" if number % 10 else "needs_review"
        yield {"id": f"r{number}", "passage_id": f"p{number // 5}", "source": "wikipedia", "title": f"Ojúewé {number // 5}", "url": f"https://yo.wikipedia.org/wiki/{number // 5}",
               "licence": "CC BY-SA 4.0", "method": "grounded_qa", "model": "m", "question": f"{' '.join(pick.choices(WORDS, k=10))} {number}?",
               "answer": " ".join(pick.choices(WORDS, k=60)), "status": "edited" if number % 7 == 0 and number % 10 else status, "reviewer": f"reader {number % 3}"}


CHILD = """
import resource, sys, time
from gi_helpers import publish
began = time.time()
result = publish.build(sys.argv[1], sys.argv[1] + "/10_publish", language="yo", name="yor-many", title="Many rows", created="2026-01-01")
built = time.time() - began
problems = publish.validate(sys.argv[1] + "/10_publish")
print(f"{sum(result['rows'].values()):,} rows published in {built:.1f} s, checked in {time.time() - began - built:.1f} s, {problems or 'no problem'};"
      f" most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB;"
      f" {sum(file['bytes'] for file in result['files']) / 1e6:.0f} MB in {len(result['files'])} files")
"""


def main(*sizes):
    from gi_helpers import store

    for size in map(int, sizes or (1_000, 10_000, 100_000)):
        with tempfile.TemporaryDirectory() as folder:
            with store.rows_to(Path(folder) / "4_qa.csv", list(next(rows(1)))) as add:
                for row in rows(size):
                    add(row)
            began = time.time()
            subprocess.run([sys.executable, "-c", CHILD, folder], check=True, cwd=HOUSE, env={**os.environ, "GI_MODE": "live", "GI_DATA": folder})
            print(f"  ({size:,} rows drafted; {time.time() - began:.1f} s with starting Python)")


if __name__ == "__main__":
    main(*sys.argv[1:])
