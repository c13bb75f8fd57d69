"""Make the workshop kit: one zip with all that a room without network needs. `python3 workbook.py kit` runs this in the workbook's environment.

    python3 workbook.py kit                                          for machines like this one
    python3 workbook.py kit --platform windows mac --python 3.12 3.13  for others, too

In the zip: the helpers, the notebooks without their outputs, the practice texts, the documentation, the wheels of constraints.txt (token tables
are among them) and a file to start with for each system. Where workbook.py finds the folder `wheels` beside it, it installs from there and asks no network.
A team's own files in data/ stay at home. Python itself is not in it: carry its installer from python.org for laptops that lack it.
"""
import argparse
import functools
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
TOP = "globalinstruct"  # short: paths on Windows may have 260 characters
PARTS = ("workbook.py", "pyproject.toml", "constraints.txt", "environment.yml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "tools/kit.py",
         "gi_helpers", "notebooks", "docs", "registry", "data/*.csv", "data/practice", "data/sheets")
MADE = {"__pycache__", ".ipynb_checkpoints"}
EXTRAS = ("lab",)
TABLES = ("offline",)  # the token tables; left out, with a word, where there is no wheel of them
# What pip calls a platform, newest first, and what markers such as `sys_platform == 'win32'` ask of it.
WINDOWS = {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"}
MAC = {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin", "platform_machine": "arm64"}
LINUX = {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux", "platform_machine": "x86_64"}
PLATFORMS = {
    "windows": (["win_amd64"], WINDOWS),
    "mac": (["macosx_14_0_arm64"], MAC),
    "linux": ([*(f"manylinux_2_{minor}_x86_64" for minor in range(36, 17, -1)), "manylinux2014_x86_64", "linux_x86_64"], LINUX),
    "linux-arm": ([*(f"manylinux_2_{minor}_aarch64" for minor in range(36, 17, -1)), "manylinux2014_aarch64"], {**LINUX, "platform_machine": "aarch64"}),
}
PYTHONS = ("3.11", "3.12", "3.13")
START = {
    "START HERE.txt": """GlobalInstruct: workshop kit

1. Copy the whole folder from the stick to the computer.
2. You need Python {pythons}. Is it there? Open a terminal (Windows: "Command Prompt") and type:  python3 --version   (Windows:  py --version)
   If not, install it from the stick or from https://www.python.org/downloads/ (Windows: tick "Add python.exe to PATH").
3. Start:  Windows: double-click start.bat.   Mac: double-click start.command.   Linux: open a terminal in this folder and type  sh start.sh
   The first start takes about a minute: it installs from the folder "wheels", without network. Then JupyterLab opens in the browser.
4. Run the notebook 0_start. Choose your language. Then open 1_wiki_scrape, and so on.

For trainers: docs/workshop.md. When something goes wrong: docs/troubleshooting.md.
En français : docs/atelier.md, et le cahier notebooks/fr/0_start.ipynb.
This kit is for: {platforms}; Python {pythons}.
""",
    "start.sh": "#!/bin/sh\n# Open the notebooks; everything comes from this folder.\ncd \"$(dirname \"$0\")\" && exec python3 workbook.py lab\n",
    "start.command": "#!/bin/sh\n# Open the notebooks; everything comes from this folder.\ncd \"$(dirname \"$0\")\" && exec python3 workbook.py lab\n",
    "start.bat": "@echo off\r\ncd /d \"%~dp0\"\r\nwhere py >nul 2>nul\r\nif errorlevel 1 (python workbook.py lab) else (py workbook.py lab)\r\npause\r\n",
}


def main(argv):
    """Make the zip that the command line asks for and say where it lies; returns the exit code."""
    parser = argparse.ArgumentParser(prog="workbook.py kit", description="make one zip with everything for a workshop without network")
    parser.add_argument("--platform", nargs="+", choices=sorted(PLATFORMS), default=[this_platform()], help="for which computers (default: like this one)")
    parser.add_argument("--python", nargs="+", choices=PYTHONS, default=["{}.{}".format(*sys.version_info[:2])], help="for which Pythons (default: this one)")
    parser.add_argument("--out", type=Path, default=HOUSE / "dist", help="the folder where the zip goes (default: dist)")
    choice = parser.parse_args(argv)
    began = time.time()
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder)
        try:
            fetch(wheels, choice.platform, choice.python)
        except subprocess.CalledProcessError as error:
            last = [line for line in error.stderr.splitlines() if line.startswith("ERROR")][-1:] or error.stderr.splitlines()[-1:]
            print("The packages could not be fetched. Go online, or choose another --platform or --python. pip said: " + " ".join(last), file=sys.stderr)
            return 1
        file = pack(wheels, choice.out, choice.platform, choice.python)
    print(f"{file}: {file.stat().st_size / 1e6:.0f} MB, made in {time.time() - began:.0f} s. Unpack it and read START HERE.txt; it needs no network.")
    return 0


def this_platform():
    """The name in PLATFORMS of this computer."""
    mine = (sys.platform, platform.machine().lower())
    return next((name for name, (_, marks) in PLATFORMS.items() if (marks["sys_platform"], marks["platform_machine"].lower()) == mine), "linux")


# ---------------------------------------------------------------- wheels

def fetch(wheels, platforms, pythons):
    """Download every wheel for these computers and Pythons into the folder `wheels`; what builds our own package, too."""
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    pip("download", "-d", wheels, *project["build-system"]["requires"], "editables>=0.3")  # pure Python, the same everywhere
    for name in platforms:
        for version in pythons:
            print(f"{name}, Python {version} ...", flush=True)
            there = set()
            for full in (version + ".0", version + ".9"):  # some pins differ between an early and a late release of one Python
                marks, target = {**PLATFORMS[name][1], "python_version": version, "python_full_version": full}, target_options(name, full)
                core = set(needed(EXTRAS, marks))
                if core - there:
                    pip("download", "--no-deps", "-d", wheels, *target, *sorted(core - there))
                there |= core
            try:
                pip("download", "--no-deps", "-d", wheels, *target, *sorted(set(needed(TABLES, marks)) - there))
            except subprocess.CalledProcessError:
                print(f"  There are no token tables for {name}: token counts will be estimates there.")


def target_options(name, full):
    """pip's options for Python `full` (such as 3.12.9) on a computer of this kind, which may be another than this."""
    if name == this_platform():
        return ["--python-version", full]
    tags = [option for tag in PLATFORMS[name][0] for option in ("--platform", tag)]
    plain = "cp" + "".join(full.split(".")[:2])
    return [*tags, "--python-version", full, "--implementation", "cp", "--abi", plain, "--abi", "abi3", "--abi", "none"]


def pip(*options):
    """Run pip, wheels only; CalledProcessError with what it said when it fails."""
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", options[0], "-q", "--only-binary=:all:", *map(str, options[1:])],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def needed(extras, marks, root=HOUSE):
    """['name==version'] of all that our package with `extras` needs on a computer with these marks, by constraints.txt.

    pip asks markers of the Python that runs it, whatever platform it downloads for, so they are asked here.
    """
    from packaging.markers import default_environment
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    there = {**default_environment(), **marks, "extra": ""}
    pins = [Requirement(line) for line in (root / "constraints.txt").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    pins = [one for one in pins if one.marker is None or one.marker.evaluate(there)]
    versions = {canonicalize_name(one.name): str(one.specifier) for one in pins}
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    queue = [Requirement(line) for line in lines]
    # Packages of other systems are not installed here, so that nobody can be asked what needs them; they are few and small.
    queue += [Requirement(one.name) for one in pins if one.marker and requires(one.name) is None]
    found, asked = set(), set()
    while queue:
        wanted = queue.pop()
        name = canonicalize_name(wanted.name)
        found.add(name)
        for extra in {"", *wanted.extras} - {extra for one, extra in asked if one == name}:
            asked.add((name, extra))
            queue += [one for one, marker in requires(name) or () if marker is None or marker.evaluate({**there, "extra": extra})]
    return sorted(name + versions.get(name, "") for name in found)


@functools.cache
def requires(name):
    """[(requirement, its marker or None)] of an installed package; None when it is not installed in the Python that runs this."""
    from importlib import metadata

    from packaging.requirements import Requirement

    try:
        found = [Requirement(line) for line in metadata.requires(name) or ()]
    except metadata.PackageNotFoundError:
        return None
    return [(one, one.marker) for one in found]


# ---------------------------------------------------------------- the zip

def contents(root=HOUSE):
    """The files of the project that belong into the kit, as paths under `root`; nothing of a team's own work."""
    for part in PARTS:
        for place in sorted(root.glob(part)):
            files = sorted(file for file in place.rglob("*") if file.is_file()) if place.is_dir() else [place]
            yield from (file.relative_to(root) for file in files if not MADE & set(file.parts) and not file.name.startswith("."))


def pack(wheels, out, platforms, pythons, root=HOUSE):
    """Write the zip into the folder `out`, whole or not at all; gives its path."""
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{TOP}-workshop-{'-'.join(platforms)}-python{'-'.join(pythons)}.zip"
    part = file.with_name(file.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in contents(root):
            archive.writestr(entry(name.as_posix(), name.name == "workbook.py"), clean(root / name))
        for name, words in START.items():
            words = words.replace("{pythons}", " or ".join(pythons)).replace("{platforms}", ", ".join(platforms))
            archive.writestr(entry(name, name.endswith((".sh", ".command"))), words)
        archive.writestr(entry("wheels/kit.json"), json.dumps({"pythons": pythons, "platforms": platforms}) + "\n")
        for wheel in sorted(wheels.glob("*.whl")):
            archive.write(wheel, f"{TOP}/wheels/{wheel.name}", zipfile.ZIP_STORED)  # compressed already
    os.replace(part, file)
    return file


def entry(name, runs=False):
    """A place in the zip; `runs`: a program, which Mac and Linux start only when it is marked so."""
    info = zipfile.ZipInfo(f"{TOP}/{name}", time.localtime()[:6])
    info.external_attr = (0o100755 if runs else 0o100644) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def clean(file):
    """The bytes of a file; a notebook without what its cells showed when somebody ran them here."""
    if file.suffix != ".ipynb":
        return file.read_bytes()
    book = json.loads(file.read_text(encoding="utf-8"))
    book["metadata"].pop("widgets", None)
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return (json.dumps(book, ensure_ascii=False, indent=1) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
