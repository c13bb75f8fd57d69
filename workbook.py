#!/usr/bin/env python3
"""Set up the workbook and drive it; this one file needs nothing but Python.

    python3 workbook.py run     play all notebooks in order, as a rehearsal that costs nothing and needs no network
    python3 workbook.py lab     open the notebooks in the browser
    python3 workbook.py test    run the tests
    python3 workbook.py kit     make one zip for a workshop without network
    python3 workbook.py bench   measure it beside other packages (an hour or two)

The first start makes the folder .venv beside this file and installs into it (one to four minutes); later starts go straight to work.
On Windows say `py workbook.py` instead of `python3 workbook.py`.
"""
# Pythons as old as 3.6 must be able to read this file, so that they can say which one to get: no newer syntax here.
import argparse
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST = (3, 11)
NEWEST_FIRST = ("3.13", "3.12", "3.11")
CELL_LIMIT = 600  # seconds for one cell in practice; nothing there takes a tenth of it, so more means that it hangs


class Trouble(Exception):
    """One sentence to the person at the keyboard: what happened, and what to do."""

    code = 1


class Stopped(Trouble):
    """Ctrl-C."""

    code = 130


def main(argv):
    """Do what the command line says and return the exit code; failures are told in a sentence."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a Windows pipe cannot show every letter; that must not end the run
    try:
        return start(argv)
    except KeyboardInterrupt:
        trouble = Stopped("Stopped. Start again to go on.")
    except OSError as error:
        trouble = Trouble(explain(str(error)))
    except Trouble as error:
        trouble = error
    status("")
    print(trouble, file=sys.stderr)
    return trouble.code


def start(argv):
    # Imports would be compiled again at every start of a notebook: 4 s instead of 1.5.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if os.environ.get("GI_DATA"):
        os.environ["GI_DATA"] = os.path.abspath(os.environ["GI_DATA"])  # the work goes on in other folders
    fitting = kit_pythons(ROOT)
    if sys.version_info < OLDEST or fitting and "{}.{}".format(*sys.version_info[:2]) not in fitting:
        return hand_over([find_python(fitting or NEWEST_FIRST), str(ROOT / "workbook.py")] + argv)
    parser = command_line()
    choice, extra = parser.parse_known_args(argv)
    if choice.command is None:
        parser.print_help()
        return 2
    if choice.command == "lab":
        python = set_up(VENV, "constraints.txt", ["lab"])
        os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # our kernel, not one of the same name in the person's home folder
        as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # containers; the page has a token
        page = "--LabApp.default_url=/lab/tree/notebooks/0_start.ipynb"
        return hand_over([python, "-m", "jupyterlab", "--ip=127.0.0.1", page] + as_root + extra)
    if choice.command == "test":
        # On several processors; a file's tests stay together, as they may share a server.
        pytest = ["-m", "pytest", "-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile", "--no-loadscope-reorder"]
        if choice.colab:  # without JupyterLab, as there, so without what needs it
            python = set_up(ROOT / ".venv-colab", "constraints-colab.txt", ["offline", "test"], versions=("3.13", "3.12"))
            return hand_over([python] + pytest + ["-m", "not browser"] + extra)
        # Without --train the tests that train a model are skipped: PyTorch is 1.5 GB.
        python = set_up(VENV, "constraints.txt", ["lab", "offline", "test"] + (["train"] if choice.train else []))
        return hand_over([python] + pytest + extra)
    if choice.command == "colab":
        return fill_in(sys.executable)
    if choice.command == "kit":
        return hand_over([set_up(VENV, "constraints.txt", ["lab", "offline"]), str(ROOT / "tools" / "kit.py")] + extra)
    if choice.command == "bench":
        return hand_over([set_up(VENV, "constraints.txt", ["lab", "offline", "dedup", "publish", "test"]), str(ROOT / "benchmarks" / "run.py")] + extra)
    if extra:
        parser.error("run does not know " + " ".join(extra))
    paths = notebooks(ROOT / "notebooks", choice.first, choice.last)  # a slip is told before minutes of set-up
    python = set_up(VENV, "constraints.txt", ["lab"])
    if os.path.realpath(sys.prefix) != os.path.realpath(str(VENV)):
        return hand_over([python, str(ROOT / "workbook.py")] + argv)
    return run(paths, language_code(choice.language, choice.live), choice.live)


def command_line():
    parser = argparse.ArgumentParser(prog="workbook.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", metavar="run | lab | test | kit | bench")
    run_ = commands.add_parser("run", help="play the notebooks in order; the results land in data/<language>", allow_abbrev=False)
    run_.add_argument("--language", default="yo", help="name or code; the rehearsal has yo, ha, ig and pcm (default: yo)")
    run_.add_argument("--from", dest="first", metavar="N", help="begin with this notebook: 0, 1, ... 4, 4b, ... 10")
    run_.add_argument("--to", dest="last", metavar="N", help="end with this one; --to 4 takes 4b along")
    run_.add_argument("--live", action="store_true", help="use the real Wikipedia and the real model; without it nothing leaves this machine")
    commands.add_parser("colab")  # for the set-up cell in Google Colab, not for people
    commands.add_parser("lab", help="open JupyterLab on notebooks/0_start.ipynb; more arguments go to JupyterLab", allow_abbrev=False)
    test = commands.add_parser("test", help="run the tests; more arguments go to pytest", allow_abbrev=False)
    test.add_argument("--train", action="store_true", help="also those that train a tiny model; installs PyTorch (1.5 GB) into .venv")
    test.add_argument("--colab", action="store_true", help="with the older packages of Google Colab, in .venv-colab")
    commands.add_parser("bench", help="measure the workbook beside other packages; writes benchmarks/RESULTS.md; `bench --help` says more", add_help=False)
    commands.add_parser("kit", help="make a zip with all packages, for computers without network; `kit --help` says for which", add_help=False)
    return parser


def hand_over(command):
    """Go on as another program, in this folder; Windows has no exec, so there we wait for it."""
    sys.stdout.flush()
    os.chdir(str(ROOT))
    if os.name != "nt":
        os.execv(command[0], command)
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the other program got it too and decides what it means
            pass


def status(text):
    """One passing line on a terminal, the next one replaces it; nothing in a file."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        print("\r" + text[:width].ljust(width) + "\r", end="", flush=True)


# ---------------------------------------------------------------- which Python

def find_python(versions):
    """The path of a Python of one of these versions; tried by running it, since a name on the PATH may be an empty promise."""
    seen = []
    for command in candidates(versions):
        question = "import sys; print('%d.%d' % sys.version_info[:2] + ' ' + (getattr(sys, '_base_executable', '') or sys.executable))"
        try:
            answer = subprocess.Popen(command + ["-c", question], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True)
            version, _, path = answer.communicate()[0].strip().partition(" ")
        except OSError:
            continue
        if version in versions:
            return path
        seen.append(version)
    found = ", ".join(sorted(set(filter(None, seen)))) or "none"
    raise Trouble(f"This needs Python {' or '.join(sorted(versions))} and found only {found}; "
                  f"get Python {versions[0]} from https://www.python.org/downloads/ and start again.")


def candidates(versions):
    yield [sys.executable]
    for version in versions:
        if os.name == "nt":
            yield ["py", "-" + version]
        for folder in os.get_exec_path():
            paths = [os.path.join(folder, "python" + version)]
            if os.path.basename(folder) == "shims":  # pyenv: a shim refuses a version that is not switched on, the Python itself does not
                paths += sorted(glob.glob(os.path.join(os.path.dirname(folder), "versions", version + ".*", "bin", "python")), reverse=True)
            for path in paths:
                if os.path.isfile(path):
                    yield [path]


# ---------------------------------------------------------------- set-up

def python_of(venv):
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def stamp_of(venv, constraints, root):
    """What must stay the same for an environment to stay good: the lists of packages, its Python, its place."""
    lists = b"".join((root / name).read_bytes() for name in ("pyproject.toml", constraints))
    return {"lists": hashlib.sha256(lists).hexdigest(), "python": os.path.realpath(str(python_of(venv))), "place": str(venv)}


def set_up(venv, constraints, extras, versions=None, root=ROOT):
    """Make the environment `venv` with these extras of pyproject.toml, unless its stamp says that it is there; give its Python's path.

    The stamp is written last, so a set-up that was killed is begun anew.
    """
    if kit_tables(root):
        extras = sorted(set(extras) | {"offline"})
    stamp, python = venv / "workbook.json", python_of(venv)
    want = stamp_of(venv, constraints, root)
    try:
        have = json.loads(stamp.read_text())
    except (OSError, ValueError):
        have = {}
    standing = python.exists() and have.get("python") == want["python"] and have.get("place") == want["place"]
    if standing and have["lists"] == want["lists"] and set(extras) <= set(have["extras"]):
        return str(python)
    began = time.time()
    if standing:
        print(f"Bringing {venv.name} up to date ...", flush=True)
        extras = sorted(set(extras) | set(have["extras"]))
        stamp.unlink()
    else:
        print(f"Setting up {venv.name} in {root} (one to four minutes, the first time only) ...", flush=True)
    make, fill = install_commands(venv, constraints, extras, find_python(versions) if versions and not standing else base_python(), root)
    try:
        if not standing:
            if venv.exists():
                shutil.rmtree(str(venv))
            installing(make, root)
        installing(fill, root)
    except Trouble:
        if standing:  # as good as before; the next start tries again
            stamp.write_text(json.dumps(have))
        raise
    part = stamp.with_name("workbook.json.part")
    part.write_text(json.dumps(dict(stamp_of(venv, constraints, root), extras=extras)))
    part.replace(stamp)
    status("")
    print(f"Ready after {time.time() - began:.0f} s.", flush=True)
    return str(python)


def base_python():
    return getattr(sys, "_base_executable", None) or sys.executable  # outside any environment, ours too, which may be made anew


def kit_pythons(root):
    """For which Pythons a workshop kit brought packages, in the folder `wheels`; () when this is no kit."""
    try:
        return tuple(json.loads((root / "wheels" / "kit.json").read_text())["pythons"])
    except (OSError, ValueError, KeyError):
        return ()


def kit_tables(root):
    """Did the kit bring token tables that this computer can use?"""
    import platform

    system = {"win32": "win", "darwin": "macosx"}.get(sys.platform, "linux")
    machine = platform.machine().lower()
    return any(system in file.name and machine in file.name for file in (root / "wheels").glob("bpe_openai-*.whl"))


def install_commands(venv, constraints, extras, base, root=ROOT):
    """Two commands, to make the environment and to fill it: uv's where there is uv (four times faster), else the Python's own.

    In a workshop kit everything comes from its folder `wheels`, and nothing is asked of the network.
    """
    wanted = ["-c", constraints, "-e", f".[{','.join(extras)}]"]
    uv, python = shutil.which("uv"), str(python_of(venv))
    if kit_pythons(root):
        uv, wanted = None, ["--no-index", "--find-links", str(root / "wheels")] + wanted
    if uv:
        return [uv, "venv", "--seed", "--python", base, str(venv)], [uv, "pip", "install", "--python", python] + wanted
    return [base, "-m", "venv", str(venv)], [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile"] + wanted


def installing(command, folder):
    """Run one of those commands and show what it is at; Trouble when it fails."""
    said = []
    settings = dict(os.environ, PIP_USER="0")
    with subprocess.Popen(command, cwd=str(folder), env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True, errors="replace") as process:
        for line in process.stdout:
            said.append(line.rstrip())
            status("  " + line.strip())
    if process.returncode:
        said = "\n".join(said)
        if kit_pythons(folder) and re.search("No matching distribution|not a supported wheel", said):
            raise Trouble("This kit has no packages for this computer ({}); on a computer with network make one that has: "
                          "`python3 workbook.py kit --help` says how.".format(sys.platform))
        raise Trouble(explain(said))


def fill_in(python, root=ROOT):
    """Install into this Python what the notebooks need and it lacks; what it has stays as it is (Colab's own packages fit its front end)."""
    import tempfile

    listed = subprocess.run([python, "-m", "pip", "list", "--format=freeze"], stdout=subprocess.PIPE, check=True, universal_newlines=True).stdout
    own = [line for line in listed.splitlines() if "==" in line and not line.startswith("globalinstruct")]
    with tempfile.TemporaryDirectory() as folder:
        have = Path(folder) / "have.txt"
        have.write_text("\n".join(own) + "\n")
        installing([python, "-m", "pip", "install", "--disable-pip-version-check", "-c", str(have), "-e", str(root)], root)
    return 0


def explain(said):
    """Turn what an installer or the system said into a sentence that says what to do."""
    for sign, sentence in (
        (r"No space left|not enough space|disk full", "The disk is full; the set-up needs about 1 GB: free some space and start again."),
        (r"ensurepip is not|No module named .?ensurepip",
         "This Python cannot make virtual environments; on Debian or Ubuntu run `sudo apt install python{}.{}-venv`, then start again."
         .format(*sys.version_info[:2])),
        (r"Permission denied|Read-only file system|Operation not permitted|Access is denied|EACCES",
         "Not allowed to write: {last}; copy this folder to a place of your own (or set GI_DATA to one, for the data) and start it there."),
        (r"certificate verify failed|invalid peer certificate|UnknownIssuer",
         "This network shows a certificate that is not trusted, as some schools' and firms' do: try another network."),
        (r"dns error|resolve host|name resolution|Name or service|getaddrinfo|establish a new connection|Connection refused|[Tt]imed out"
         r"|unreachable|error sending request|ConnectionError|ProxyError|Failed to fetch|from versions: none",
         "The packages could not be fetched: no connection to the package server; go online and start again "
         "(what was downloaded is kept)."),
    ):
        match = re.search(".*(?:" + sign + ").*", said)
        if match:
            return sentence.format(last=re.sub(r".*\[Errno \d+\]|cause:", "", match.group()).strip())
    return "This did not work; the last words were:\n  " + "\n  ".join(said.splitlines()[-12:])


# ---------------------------------------------------------------- run

def notebooks(folder, first=None, last=None):
    """The notebooks of a folder in the order of their numbers (4_, 4b_, 5_, ... 10_), from one number to another, both included."""
    numbered = [(re.match(r"(\d+)([a-z]?)_", path.name), path) for path in folder.glob("*.ipynb")]
    found = sorted((int(match.group(1)), match.group(2), path) for match, path in numbered if match)
    numbers = [f"{number}{letter}" for number, letter, _ in found]
    if not numbers:
        raise Trouble(f"There are no notebooks in {folder}; fetch the whole project again.")
    for option, value in (("--from", first), ("--to", last)):
        if value is not None and value not in numbers:
            raise Trouble(f"{option} {value} is not the number of a notebook; it can be {', '.join(numbers)}.")
    begin = numbers.index(first) if first else 0
    end = max(i for i, number in enumerate(numbers) if last is None or number.rstrip("abc") == last or number == last)
    if end < begin:
        raise Trouble(f"--from {first} comes after --to {last}; turn them around.")
    return [path for _, _, path in found[begin:end + 1]]


def language_code(text, live):
    """The code of a language by its name or code; a rehearsal is only for languages that have practice texts."""
    practice = sorted(path.name for path in (ROOT / "data" / "practice").iterdir() if path.is_dir())
    if text in practice:
        return text
    from gi_helpers import languages
    from gi_helpers.errors import NeedsFixing

    try:
        code = languages.find(text).code
    except NeedsFixing as error:
        if live:
            raise Trouble(f"--language: {error}")
        code = None
    if live or code in practice:
        return code
    raise Trouble(f"--language {text}: the rehearsal has {', '.join(practice)}; for other languages add --live.")


def kernel_settings(language, live, data, environment):
    """The environment variables for the notebooks; in a rehearsal without keys and without addresses outside this machine."""
    settings = dict(environment, GI_LANGUAGE=language, GI_MODE="live" if live else "practice", GI_RUN_ALL="1", GI_DATA=str(data))
    if live:
        return settings
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if not settings.get(name, "").startswith("practice"):
            settings.pop(name, None)
    for name in ("OPENAI_BASE_URL", "GI_WIKI_URL", "GI_NEWS_URL"):
        if not re.match(r"https?://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)", settings.get(name, "")):
            settings.pop(name, None)
    return dict(settings, HF_HUB_OFFLINE="1")


def run(paths, language, live=False, data=None):
    """Play these notebooks, keep the executed copies under data/<language>/notebooks, and return 0; Trouble at the first failing cell."""
    import asyncio
    import logging
    import tempfile

    logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # what nbclient logs is said below, in a sentence
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # else ipykernel 6 prints four lines about debugging
    data = Path(data or os.environ.get("GI_DATA") or ROOT / "data").absolute()
    from gi_helpers import store

    rehearsal = live and (data / language / store.MARK).exists()
    try:
        copies = store.folder(language, "live" if live else "practice", data) / "notebooks"
        copies.mkdir(parents=True, exist_ok=True)
    except store.NeedsFixing as error:
        raise Trouble(explain(str(error.__cause__ or error))) from None
    if rehearsal:
        print(f"The rehearsal that was in {data / language} now stands beside it, in a folder whose name ends in -practice.")
    began = time.time()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:  # nobody's own Jupyter settings change what happens
        settings = dict(kernel_settings(language, live, data, os.environ), IPYTHONDIR=own)
        asyncio.run(play(paths, copies, settings, None if live else CELL_LIMIT))
    print(f"Done in {time.time() - began:.0f} s. The results are in {copies.parent}, the notebooks as they ran in {copies}.")
    if not live:
        print("This was a rehearsal: practice texts, practice news and a practice model. The numbers mean nothing about a real model.")
    return 0


async def play(paths, copies, settings, limit):
    """Play the notebooks one after another, each in a kernel of its own."""
    import asyncio
    import contextlib
    import signal

    if os.name != "nt":  # ended by another program: as tidy as by Ctrl-C
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    status("starting")
    coming, ending = asyncio.create_task(start_kernel(settings, paths[0].parent)), []
    try:
        for path, following in zip(paths, paths[1:] + [None]):
            kernel, coming = await coming, None
            if following:  # kernels start and end while a notebook runs: that saves a second each
                coming = asyncio.create_task(start_kernel(settings, following.parent))
            try:
                await play_one(path, copies / path.name, kernel, settings, limit)
            finally:
                ending.append(asyncio.create_task(stop_kernel(*kernel)))
    finally:
        if coming:
            with contextlib.suppress(Exception):
                await stop_kernel(*await coming)
        await asyncio.gather(*ending, return_exceptions=True)


async def start_kernel(settings, folder):
    """The manager and the client of a new kernel of this very Python, whatever kernels are installed on the machine."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    manager.connection_file = os.path.join(settings["IPYTHONDIR"], f"kernel-{time.time_ns()}.json")
    await manager.start_kernel(env=settings, cwd=str(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    client.allow_stdin = False
    try:
        await client.wait_for_ready(timeout=120)
    except RuntimeError as error:
        await stop_kernel(manager, client)
        raise Trouble(f"A notebook's Python did not start ({error}); delete the folder {VENV} and start again.") from None
    return manager, client


async def stop_kernel(manager, client):
    client.stop_channels()
    await manager.shutdown_kernel()


async def play_one(path, copy, kernel, settings, limit):
    """Run the cells of one notebook up to the first that fails, and save it with what they showed in any case."""
    import asyncio

    import nbformat
    from nbclient import NotebookClient

    began, number = time.time(), 0
    try:
        notebook = nbformat.read(str(path), as_version=4)
    except Exception as error:
        raise Trouble(f"{path} cannot be read ({type(error).__name__}); fetch it again.") from None
    player = NotebookClient(notebook, km=kernel[0], timeout=limit, iopub_timeout=60)
    player.kc = kernel[1]
    again = f"python3 workbook.py run --language {settings['GI_LANGUAGE']} --from {path.name.split('_')[0]}"
    again += " --live" if settings["GI_MODE"] == "live" else ""
    kept = f"What was made is kept, also this notebook as far as it went ({copy}).\n`{again}` goes on from here."
    try:
        for index, cell in enumerate(notebook.cells):
            number = player.code_cells_executed + 1
            status(f"{path.stem}  cell {index + 1} of {len(notebook.cells)}")
            problem = await play_cell(player, index, cell, number)
            if problem:
                line = cell.source.strip().split("\n")[0]
                missing = re.search(r"(\d+[a-z]?)_[\w.]+ is not there", problem)
                if missing:  # beginning with this notebook again would only fail again
                    kept = kept.replace(f"--from {path.name.split('_')[0]}", f"--from {missing.group(1)}")
                raise Trouble(f"{path.stem} failed in cell [{number}]: {line}\n  {problem}\n{kept}")
    except asyncio.CancelledError:
        raise Stopped(f"Stopped in {path.stem}, cell [{number}]. {kept}") from None
    finally:
        player.set_widgets_metadata()
        part = copy.with_name("." + copy.name + ".part")
        part.write_text(nbformat.writes(notebook), encoding="utf-8", errors="replace")
        part.replace(copy)
    status("")
    print(f"{path.stem:<18}ok {time.time() - began:6.1f} s", flush=True)


async def play_cell(player, index, cell, number):
    """Run one cell; what went wrong, in words, or None."""
    import asyncio

    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    def words(kind, text):
        return "Please fix: " + text if kind == "NeedsFixing" else f"{kind}: {text}"

    try:
        await player.async_execute_cell(cell, index, execution_count=number)
    except CellExecutionError as error:
        return words(error.ename, error.evalue)
    except CellTimeoutError:
        return f"It took longer than {CELL_LIMIT // 60} minutes and was ended."
    except DeadKernelError:
        if asyncio.current_task().cancelling():  # so nbclient calls a cell that was stopped by Ctrl-C
            raise asyncio.CancelledError from None
        return "Its Python died; often the memory was used up: close other programs."
    # An exception in a widget's callback fails no cell; it is only found in what an Output widget shows.
    shown = [output for state in player.widget_state.values() for output in state.get("outputs") or ()]
    return next((words(output["ename"], output["evalue"]) for output in shown if output["output_type"] == "error"), None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
