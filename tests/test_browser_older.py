"""Every notebook once more, with the widgets that Colab shows (ipywidgets 7.7.1, jupyterlab_widgets 1.1.11). A file of its own, so that both run side by side."""
import os
from pathlib import Path

import pytest
from test_browser_notebooks import *  # noqa: F403  the same tests and fixtures

from gi_helpers import store

OLDER = Path(os.environ.get("GI_COLAB_PYTHON") or store.HOUSE / ".venv-colab" / "bin" / "python")


@pytest.fixture(scope="module")
def kernel():
    if not OLDER.exists():
        pytest.skip("`python3 workbook.py test --colab` sets up the older widgets (.venv-colab)")
    return OLDER
