"""The whole road in Yoruba, walked once for all tests that need what it leaves."""
import os
import shutil
import subprocess
import sys

import filelock

from gi_helpers import store

FOLDER = store.HOUSE / "notebooks"


def walk(data):
    """Walk it as `python3 workbook.py run` does, into the folder `data`; gives what was said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GI_", "OPENAI_"))}
    run = subprocess.run([sys.executable, "-c", f"import sys; sys.path.insert(0, {str(store.HOUSE)!r}); import workbook; from pathlib import Path; "
                          f"workbook.run(workbook.notebooks(Path({str(FOLDER)!r})), 'yo', data=Path({str(data)!r}))"],
                         capture_output=True, text=True, env={**clean, "GI_DATA": str(data)}, cwd=store.HOUSE)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def copy(factory):
    """A data folder of one's own in which the road has been walked, and what was said; all workers of a test run share the one walk."""
    shared = factory.getbasetemp().parent if os.environ.get("PYTEST_XDIST_WORKER") else factory.getbasetemp()
    data, said, own = shared / "road", shared / "road.txt", factory.mktemp("data") / "road"
    with filelock.FileLock(shared / "road.lock"):
        if not said.exists():
            said.write_text(walk(data), encoding="utf-8")
    shutil.copytree(data, own)
    return own, said.read_text(encoding="utf-8")
