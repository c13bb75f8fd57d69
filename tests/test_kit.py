"""The workshop kit: what is in the zip, which packages, and an installation from it that asks no network."""
import importlib.util
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import workbook

ROOT = Path(workbook.__file__).parent
SPEC = importlib.util.spec_from_file_location("kit", ROOT / "tools" / "kit.py")
kit = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(kit)
DEAD = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}


@pytest.fixture
def packed(tmp_path):
    """A kit of the real project with one pretended wheel, as an open zip."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "pandas-3.1.1-cp311-cp311-win_amd64.whl").write_bytes(b"wheel")
    return zipfile.ZipFile(kit.pack(wheels, tmp_path / "out", ["windows"], ["3.11", "3.12"]))


def test_the_zip_holds_all_that_a_room_needs_and_nothing_of_the_teams_own(packed):
    names = {name.removeprefix("globalinstruct/") for name in packed.namelist()}
    assert {"workbook.py", "pyproject.toml", "constraints.txt", "START HERE.txt", "start.bat", "start.command", "start.sh", "wheels/kit.json",
            "wheels/pandas-3.1.1-cp311-cp311-win_amd64.whl", "notebooks/0_start.ipynb", "notebooks/fr/0_start.ipynb", "gi_helpers/widgets/home.py",
            "data/languages.csv", "data/practice/yo/articles.json", "data/sheets/ha.json", "docs/workshop.md",
            "docs/troubleshooting.md"} <= names
    assert not any("__pycache__" in name or "settings.json" in name or name.startswith(("data/yo/", "data/.", ".")) for name in names)
    assert {name.split("/")[0] for name in packed.namelist()} == {"globalinstruct"}


def test_the_way_to_start_is_said_for_each_system(packed):
    words = packed.read("globalinstruct/START HERE.txt").decode()
    assert "Python 3.11 or 3.12" in words and all(name in words for name in ("start.bat", "start.command", "start.sh"))
    assert b"\r\n" in packed.read("globalinstruct/start.bat") and b"\r" not in packed.read("globalinstruct/start.sh")
    assert packed.getinfo("globalinstruct/start.command").external_attr >> 16 & 0o111


def test_notebooks_go_in_without_what_they_showed(tmp_path):
    book = {"cells": [{"cell_type": "code", "source": "1", "outputs": [{"text": "sk-secret"}], "execution_count": 3}], "metadata": {"widgets": {"state": "sk-secret"}}}
    file = tmp_path / "1_x.ipynb"
    file.write_text(json.dumps(book), encoding="utf-8")
    assert b"secret" not in kit.clean(file) and json.loads(kit.clean(file))["cells"][0]["execution_count"] is None


def test_markers_are_asked_of_the_computer_that_the_kit_is_for():
    windows = kit.needed(("lab", "test"), {**kit.WINDOWS, "python_version": "3.13", "python_full_version": "3.13.9"})
    linux = kit.needed(("lab", "test"), {**kit.LINUX, "python_version": "3.11", "python_full_version": "3.11.9"})
    named = {line.split("==")[0] for line in windows}
    assert {"pywinpty", "colorama"} <= named and "pexpect" not in named
    assert not {"pywinpty", "appnope"} & {line.split("==")[0] for line in linux}
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert {line.split(">=")[0] for line in wanted} <= named and all("==" in line for line in windows + linux)


def test_another_platform_is_asked_for_by_its_tags():
    options = kit.target_options("mac", "3.12.9")
    assert options[:2] == ["--platform", "macosx_14_0_arm64"] and "cp312" in options and options[options.index("--python-version") + 1] == "3.12.9"
    assert kit.target_options(kit.this_platform(), "3.12.9") == ["--python-version", "3.12.9"]


def test_early_and_late_releases_of_a_python_both_find_their_packages(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(kit, "pip", lambda *words: asked.extend(map(str, words)))
    kit.fetch(tmp_path, ["windows"], ["3.11"])
    assert sum(word.startswith("soupsieve==") for word in asked) == 2 and sum(word.startswith("pandas==") for word in asked) == 1
    assert any(word.startswith("bpe-openai==") for word in asked) and any(word.startswith("hatchling") for word in asked)


def test_without_network_making_a_kit_is_refused_in_a_sentence(monkeypatch, tmp_path, capsys):
    def fails(*_):
        raise subprocess.CalledProcessError(1, "pip", stderr="WARNING: x\nERROR: No matching distribution found for pandas\n")

    monkeypatch.setattr(kit, "pip", fails)
    assert kit.main(["--out", str(tmp_path / "out")]) == 1
    assert "Go online" in capsys.readouterr().err and not (tmp_path / "out").exists()


# ---------------------------------------------------------------- the other side: workbook.py in a kit

def test_in_a_kit_everything_is_installed_from_its_wheels(tmp_path):
    assert workbook.kit_pythons(tmp_path) == ()
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "kit.json").write_text('{"pythons": ["3.11", "3.12"], "platforms": ["linux"]}')
    assert workbook.kit_pythons(tmp_path) == ("3.11", "3.12")
    make, fill = workbook.install_commands(tmp_path / "v", "c.txt", ["lab"], "/py", tmp_path)
    assert make[:3] == ["/py", "-m", "venv"] and fill[2:4] == ["pip", "install"]  # pip, although there may be uv
    assert fill[fill.index("--find-links") + 1] == str(tmp_path / "wheels") and "--no-index" in fill


def test_a_python_without_packages_in_the_kit_is_not_taken(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(workbook, "kit_pythons", lambda root: ("3.98",))
    monkeypatch.setattr(workbook, "find_python", lambda versions: asked.append(versions) or "/python3.98")
    monkeypatch.setattr(workbook, "hand_over", lambda command: command)
    assert workbook.start(["run"])[0] == "/python3.98" and asked == [("3.98",)]


def test_a_package_comes_from_the_folder_with_the_network_cut(tmp_path):
    """A real pip and a tiny package: what workbook.py asks for is enough, whatever index the machine is set to."""
    wheels = tmp_path / "kit" / "wheels"
    wheels.mkdir(parents=True)
    (wheels / "kit.json").write_text('{"pythons": ["3.11"], "platforms": []}')
    with zipfile.ZipFile(wheels / "tinytext-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tinytext.py", "word = 'ọ̀rọ̀'\n")
        wheel.writestr("tinytext-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tinytext\nVersion: 1.0\n")
        wheel.writestr("tinytext-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tinytext-1.0.dist-info/RECORD", "")
    _, fill = workbook.install_commands(tmp_path / "v", "c.txt", ["lab"], sys.executable, tmp_path / "kit")
    offline = fill[fill.index("--no-index"):fill.index("-c")]
    done = subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", str(tmp_path / "there"), *offline, "tinytext"], capture_output=True, text=True,
                          env={**os.environ, **DEAD})
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "there" / "tinytext.py").exists()


def test_a_kit_for_other_computers_says_so(tmp_path, monkeypatch):
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "kit.json").write_text('{"pythons": ["3.11"], "platforms": ["windows"]}')
    with pytest.raises(workbook.Trouble, match="This kit has no packages for this computer"):
        workbook.installing([sys.executable, "-c", "print('ERROR: No matching distribution found for pandas'); raise SystemExit(1)"], tmp_path)
