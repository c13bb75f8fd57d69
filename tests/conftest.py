"""Tests never touch a team's own files, keys or settings."""
import os

import pytest


class OwnData:
    """Registered as a plugin, so that it holds for the doctests in gi_helpers too and not only in this folder."""

    @pytest.fixture(autouse=True)
    def own_data(self, tmp_path, monkeypatch):
        """Each test has its own empty data folder and is in practice mode, with no key."""
        for name in [name for name in os.environ if name.startswith(("GI_", "OPENAI_", "HF_TOKEN"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("GI_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("GI_MODE", "practice")


def pytest_configure(config):
    config.pluginmanager.register(OwnData())


LONG = ("test_browser_notebooks", "test_browser_older", "test_wiki_real", "test_notebooks", "test_real", "test_browser_editor", "test_workbook")


def pytest_collection_modifyitems(config, items):
    """The files that take longest come first, so that no processor is left waiting for one of them at the end. What takes half an hour runs only when asked for."""
    for campaign in ("faults", "cleanroom"):
        if campaign not in config.option.markexpr:
            left_out = [item for item in items if item.get_closest_marker(campaign)]
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if not item.get_closest_marker(campaign)]
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONG)))
