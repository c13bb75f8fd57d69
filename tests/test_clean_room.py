"""A newcomer's first hour, `python3 workbook.py test -m cleanroom -s`: a fresh clone, an empty home, no caches, one Python, and the two commands of the README, timed.

Where packages come from (pip's settings, proxies, certificates) is the machine's and is kept; all else begins with nothing. What is not committed is not tried.
"""
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

import workbook

pytestmark = pytest.mark.cleanroom
HOUSE = Path(workbook.__file__).parent
REGISTRY = re.compile(r"(?i)(pip_|uv_index|uv_find|ssl_cert|\w+_ca_bundle$|pip_cert|\w+_proxy$)")


def python_for(version):
    """The folder of a Python of this version, of which one is on the PATH or known to pyenv; the test is skipped where there is none."""
    try:
        found = workbook.find_python([version])
    except workbook.Trouble as error:
        pytest.skip(str(error))
    # pyenv's own name for a Python carries python3 beside it; so does every other that this looks for.
    return Path(os.path.realpath(found)).parent


def nothing(home, python):
    """The environment of a machine on which nothing of this project, and no cache, has ever been: one Python and the system's tools."""
    settings = {name: value for name, value in os.environ.items() if REGISTRY.match(name)}
    own = Path.home() / ".config" / "pip" / "pip.conf"
    if own.exists():
        settings.setdefault("PIP_CONFIG_FILE", str(own))
    home.mkdir()
    return {**settings, "HOME": str(home), "PATH": os.pathsep.join([str(python), "/usr/bin", "/bin"]), "LANG": "C.UTF-8", "PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1",
            "TMPDIR": str(home)}


def timed(command, folder, environment):
    """(what a command said, seconds that it took); the test ends where it fails."""
    began = time.monotonic()
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1800)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout[-3000:]}"
    return done.stdout, time.monotonic() - began


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_the_commands_of_the_readme_work_from_nothing(version, tmp_path):
    python, clone = python_for(version), tmp_path / "globalinstruct"
    room = nothing(tmp_path / "home", python)
    said, _ = timed(["python3", "--version"], tmp_path, room)
    assert said.startswith(f"Python {version}.")
    _, cloned = timed(["git", "clone", "-q", "--no-local", str(HOUSE), str(clone)], tmp_path, room)
    said, ran = timed(["python3", "workbook.py", "run"], clone, room)
    notebooks = [path.stem for path in sorted((clone / "notebooks").glob("[0-9]*.ipynb"))]
    assert sorted(re.findall(r"^(\d\w+) +ok ", said, re.M)) == notebooks, said
    set_up = float(re.search(r"Ready after (\d+) s", said)[1])
    published = clone / "data" / "yo" / "10_publish" / "registry.json"
    assert published.exists()  # the road was walked to its end
    assert not subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True).stdout  # and left the checkout as it was
    said, again = timed(["python3", "workbook.py", "run", "--to", "1"], clone, room)
    assert "Setting up" not in said
    said, tested = timed(["python3", "workbook.py", "test", "tests/test_store.py"], clone, room)
    assert re.search(r"\d+ passed", said) and "failed" not in said
    print(f"\nPython {version}: clone {cloned:.0f} s, run {ran:.0f} s ({set_up:.0f} s of it set-up), run --to 1 again {again:.0f} s, test tests/test_store.py {tested:.0f} s"
          f" (its packages included), load {os.getloadavg()[0]:.1f}")
