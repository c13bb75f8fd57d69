"""What is special in Google Colab: files that must outlive its machine, secrets, and the graphics card.

Nothing here was run on Colab itself; the tests use a stand-in of `google.colab`.
"""
import os
import shutil
import sys
from pathlib import Path

import ipywidgets as w

from .. import lora, store
from ..errors import NeedsFixing

DRIVE = Path("/content/drive/MyDrive")
SHIPPED = {"practice", "sheets"}


def there():
    """Does this notebook run in Colab?"""
    return "google.colab" in sys.modules


def use_drive():
    """Keep the files in a mounted Drive, in the folder GlobalInstruct. What was made before it was mounted is copied there; gives sentences."""
    if os.environ.get("GI_DATA") or not DRIVE.exists():
        return []
    here, drive = store.data_folder(), DRIVE / "GlobalInstruct"
    copied = []
    try:
        drive.mkdir(exist_ok=True)
        for place in sorted(here.iterdir() if here.is_dir() else ()):
            if place.name == "settings.json" and not (drive / place.name).exists():
                shutil.copy2(place, drive / place.name)
            elif place.is_dir() and place.name not in SHIPPED and place.name[0] != "." and any(file.name != store.MARK and file.name[0] != "." for file in place.iterdir()):
                copied += _copied(place, drive)
    except OSError as error:
        raise NeedsFixing(f"Drive takes no files ({error}); free some space there, or take Drive away with Runtime, Disconnect") from error
    os.environ["GI_DATA"] = str(drive)
    return [f"Copied to Drive: {', '.join(copied)}."] if copied else []


def _copied(place, drive):
    """Copy a folder of work to Drive once; beside what is there when Drive has other work of that language already."""
    mark = drive / ".copied" / place.name
    newest = str(max(file.stat().st_mtime_ns for file in place.rglob("*")))
    if mark.exists() and store.read_text(mark) == newest:
        return []
    names = [place.name, *(f"{place.name}-from-colab{number}" for number in ("", *map(str, range(2, 100))))]
    goal = next(drive / name for name in names if not (drive / name).exists())
    shutil.copytree(place, goal)
    store.write_text(newest, mark)
    return [goal.name]


def about():
    """Sentences for the set-up cell: the graphics card, where files are kept, what does not fit."""
    if not there():
        return []
    gpu = lora.machine()["gpu"]
    lines = [f"GPU: {gpu}." if gpu else "GPU: none. Only notebook 7 with an open model needs one: Runtime, Change runtime type, T4 GPU."]
    if not str(store.data_folder()).startswith(str(DRIVE)):
        lines.append("Colab deletes this machine's files some hours after you leave. To keep yours: click the folder sign on the left, then Mount Drive, "
                     "and run this cell again; what you have made goes along.")
    if int(w.__version__.split(".")[0]) > 7:
        lines.append("Colab's page shows ipywidgets 7 only, and version 8 was installed here: choose Runtime, Disconnect and delete runtime, and begin again.")
    return lines


def secret(name):
    """A secret of Colab, "" where there is none or no access was given."""
    if not there():
        return ""
    from google.colab import userdata

    try:
        return (userdata.get(name) or "").strip()
    except Exception:  # SecretNotFoundError, NotebookAccessError, TimeoutException; the hidden box asks then
        return ""
