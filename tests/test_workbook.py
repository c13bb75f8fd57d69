"""The one command: it finds a Python, sets up once, and plays the notebooks."""
import ast
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import workbook
from workbook import Trouble

ROOT = Path(workbook.__file__).parent


# ---------------------------------------------------------------- which Python

def command(folder, name, does):
    """A command of this name in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{does}\n")
    file.chmod(0o755)
    return str(file)


def test_even_python_3_6_can_read_the_file_and_so_say_which_to_get():
    ast.parse((ROOT / "workbook.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_the_top_of_the_file_needs_only_the_standard_library():
    tree = ast.parse((ROOT / "workbook.py").read_text(encoding="utf-8"))
    names = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    assert names <= set(sys.stdlib_module_names) and "subprocess" in names


def test_the_running_python_is_taken_when_it_will_do():
    here = "{}.{}".format(*sys.version_info[:2])
    assert os.path.samefile(workbook.find_python((here,)), workbook.base_python())


def test_a_python_on_the_path_is_tried_before_it_is_believed(tmp_path, monkeypatch):
    command(tmp_path / "shims", "python3.99", "echo 'not switched on' >&2; exit 127")
    real = command(tmp_path / "versions" / "3.99.1" / "bin", "python", "echo 3.99 /opt/python3.99")
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    assert [real] in list(workbook.candidates(("3.99",)))
    assert workbook.find_python(("3.99",)) == "/opt/python3.99"


def test_without_a_fitting_python_one_sentence_says_which_to_get(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Trouble, match=r"^This needs Python 3\.98 or 3\.99 and found only 3\.\d+; get Python 3\.99 from https://www.python.org"):
        workbook.find_python(("3.99", "3.98"))


# ---------------------------------------------------------------- set-up

@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with the lists of packages, and installers that only pretend: `project.done` holds their commands."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]")
    (root / "constraints.txt").write_text("a==1")

    class Project:
        venv, done, fails = root / ".venv", [], None

        def set_up(self, *extras):
            self.done.clear()
            return workbook.set_up(self.venv, "constraints.txt", list(extras), root=root)

    def installing(what, folder):
        Project.done.append([str(word) for word in what])
        if "venv" in what:
            python = workbook.python_of(Project.venv)
            python.parent.mkdir(parents=True)
            python.touch()
        if Project.fails and Project.fails in what:
            raise Trouble("no connection")

    monkeypatch.setattr(workbook, "installing", installing)
    Project.root = root
    return Project()


def test_a_second_start_installs_nothing(project):
    assert project.set_up("lab") == str(workbook.python_of(project.venv))
    assert len(project.done) == 2 and ".[lab]" in project.done[1]
    project.set_up("lab")
    assert project.done == []


def test_changed_lists_are_installed_into_the_same_environment(project):
    project.set_up("lab")
    for name in ("pyproject.toml", "constraints.txt"):
        (project.root / name).write_text("b==2")
        project.set_up("lab")
        assert len(project.done) == 1 and "install" in project.done[0]


def test_tests_add_their_packages_and_a_run_after_them_takes_none_away(project):
    project.set_up("lab")
    project.set_up("lab", "test")
    assert ".[lab,test]" in project.done[0]
    project.set_up("lab")
    assert project.done == []
    (project.root / "constraints.txt").write_text("b==2")
    project.set_up("lab")
    assert ".[lab,test]" in project.done[0]


def test_a_killed_or_moved_set_up_is_begun_anew(project):
    project.set_up("lab")
    (project.venv / "workbook.json").write_text('{"lists": "ab')
    (project.venv / "half").touch()
    project.set_up("lab")
    assert len(project.done) == 2 and not (project.venv / "half").exists()
    stamp = json.loads((project.venv / "workbook.json").read_text())
    for name in ("place", "python"):
        (project.venv / "workbook.json").write_text(json.dumps(dict(stamp, **{name: "elsewhere"})))
        project.set_up("lab")
        assert len(project.done) == 2


def test_a_failed_first_set_up_is_repeated_and_a_failed_update_leaves_what_was_good(project):
    type(project).fails = "install"
    with pytest.raises(Trouble, match="no connection"):
        project.set_up("lab")
    type(project).fails = None
    project.set_up("lab")
    assert len(project.done) == 2
    old = (project.root / "constraints.txt").read_text()
    type(project).fails = "install"
    (project.root / "constraints.txt").write_text("b==2")
    with pytest.raises(Trouble):
        project.set_up("lab")
    (project.root / "constraints.txt").write_text(old)
    project.set_up("lab")
    assert project.done == []


def test_uv_is_used_when_it_is_there_and_pip_when_not(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    make, fill = workbook.install_commands(tmp_path / "v", "c.txt", ["lab"], "/py")
    assert make == ["/py", "-m", "venv", str(tmp_path / "v")]
    assert fill[1:4] == ["-m", "pip", "install"] and fill[-4:] == ["-c", "c.txt", "-e", ".[lab]"]
    uv = command(tmp_path, "uv", "true")
    make, fill = workbook.install_commands(tmp_path / "v", "c.txt", ["lab"], "/py")
    assert make[0] == fill[0] == uv and "/py" in make and fill[-4:] == ["-c", "c.txt", "-e", ".[lab]"]


@pytest.mark.parametrize("said, todo", [
    ("error: Failed to fetch: `simple/`\n  cause: dns error: failed to lookup address information", "go online"),
    ("WARNING: Retrying ... Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "go online"),
    ("ERROR: Could not find a version that satisfies the requirement hatchling (from versions: none)", "go online"),
    ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "free some space"),
    ("error: Failed to install\n  cause: No space left on device (os error 28)", "free some space"),
    ("The virtual environment was not created successfully because ensurepip is not\navailable.", "sudo apt install python3"),
    ("Error: [Errno 13] Permission denied: '/opt/gi/.venv'", "'/opt/gi/.venv'; copy this folder to a place of your own"),
    ("failed to create directory `/opt/gi/.venv`: Read-only file system (os error 30)", "copy this folder to a place of your own"),
    ("  cause: invalid peer certificate: UnknownIssuer", "try another network"),
])
def test_what_installers_say_becomes_one_sentence_with_a_way_out(said, todo):
    assert todo in workbook.explain(said) and "\n" not in workbook.explain(said)


def test_what_is_not_foreseen_is_shown_as_it_was_said():
    said = "\n".join(f"line {n}" for n in range(50))
    assert workbook.explain(said).endswith("line 48\n  line 49") and "line 20" not in workbook.explain(said)


def test_an_installer_that_fails_ends_in_a_sentence():
    with pytest.raises(Trouble, match="^The disk is full"):
        workbook.installing([sys.executable, "-c", "print('No space left on device'); raise SystemExit(2)"], ROOT)


def test_a_second_start_costs_less_than_half_a_second(project):
    project.set_up("lab")
    script = ("import sys, workbook as w; from pathlib import Path; w.VENV = Path(sys.argv[1]); w.hand_over = print;"
              "w.set_up.__defaults__ = (None, w.VENV.parent); w.main(['lab'])")
    before = os.times()
    out = subprocess.run([sys.executable, "-c", script, str(project.venv)], cwd=ROOT, capture_output=True, text=True)
    after = os.times()  # the processor's seconds: the clock's would count other programs too
    assert "jupyterlab" in out.stdout and "--ip=127.0.0.1" in out.stdout, out.stderr
    assert after.children_user + after.children_system - before.children_user - before.children_system < 0.5


# ---------------------------------------------------------------- which notebooks, which language

NAMES = "0_start 1_wiki_scrape 2_bbc_scrape 3_clean 4_translate 4b_review 5_csv_to_jsonl 9b_ratings 10_publish".split()


@pytest.fixture
def shelf(tmp_path):
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name in [*NAMES, "scratch"]:
        (folder / f"{name}.ipynb").touch()
    return folder


@pytest.mark.parametrize("first, last, chosen", [
    (None, None, NAMES), ("4", "4", ["4_translate", "4b_review"]), ("4b", "4b", ["4b_review"]), ("9b", None, ["9b_ratings", "10_publish"]),
    (None, "1", ["0_start", "1_wiki_scrape"]), ("3", "5", NAMES[3:7]), ("10", "10", ["10_publish"]),
])
def test_from_and_to_choose_notebooks_by_number(shelf, first, last, chosen):
    assert [path.stem for path in workbook.notebooks(shelf, first, last)] == chosen


@pytest.mark.parametrize("first, last, sentence", [
    ("11", None, "--from 11 is not the number of a notebook; it can be 0, 1, 2, 3, 4, 4b, 5, 9b, 10."),
    (None, "x", "--to x is not the number"), ("5", "3", "--from 5 comes after --to 3; turn them around."),
])
def test_a_slip_in_from_or_to_is_answered_with_what_is_allowed(shelf, first, last, sentence):
    with pytest.raises(Trouble) as error:
        workbook.notebooks(shelf, first, last)
    assert str(error.value).startswith(sentence)


def test_a_slip_is_told_before_the_set_up(capsys, monkeypatch):
    monkeypatch.setattr(workbook, "set_up", lambda *_: pytest.fail("set up first"))
    assert workbook.main(["run", "--from", "77"]) == 1
    assert capsys.readouterr().err.startswith("--from 77 is not the number of a notebook; it can be 0, 1")


def test_a_language_is_found_by_its_name():
    assert workbook.language_code("yo", live=False) == "yo"
    assert workbook.language_code("Yorùbá", live=False) == "yo"
    assert workbook.language_code("Swahili", live=True) == "sw"


def test_a_rehearsal_in_another_language_is_answered_with_what_there_is():
    for text in ("Swahili", "Klingon"):
        with pytest.raises(Trouble, match=f"^--language {text}: the rehearsal has ha, ig, pcm, yo; for other languages add --live.$"):
            workbook.language_code(text, live=False)
    with pytest.raises(Trouble, match="Klingon"):
        workbook.language_code("Klingon", live=True)


# ---------------------------------------------------------------- what the notebooks are told

def test_a_rehearsal_gets_no_key_and_no_address_outside_this_machine(tmp_path):
    outside = {"OPENAI_API_KEY": "sk-" + "a" * 30, "HF_TOKEN": "hf_x", "OPENAI_BASE_URL": "https://api.example.org/v1",
               "GI_WIKI_URL": "http://127.0.0.1.example.org/w/api.php", "GI_NEWS_URL": "http://127.0.0.1:8/news", "PATH": "/bin"}
    told = workbook.kernel_settings("ha", False, tmp_path, outside)
    assert told == {"PATH": "/bin", "GI_NEWS_URL": "http://127.0.0.1:8/news", "GI_LANGUAGE": "ha", "GI_MODE": "practice", "GI_RUN_ALL": "1",
                    "GI_DATA": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    assert workbook.kernel_settings("ha", False, tmp_path, {"OPENAI_API_KEY": "practice-key"})["OPENAI_API_KEY"] == "practice-key"


def test_a_live_run_keeps_what_the_person_has_set(tmp_path):
    outside = {"OPENAI_API_KEY": "mine", "OPENAI_BASE_URL": "https://api.example.org/v1"}
    told = workbook.kernel_settings("ha", True, tmp_path, outside)
    assert outside.items() <= told.items() and told["GI_MODE"] == "live" and "HF_HUB_OFFLINE" not in told


# ---------------------------------------------------------------- playing notebooks

@pytest.fixture
def play(tmp_path, capsys):
    """play({name: [cells]}) -> the exit code, what was printed, and the folder of executed copies."""
    folder, data = tmp_path / "notebooks", tmp_path / "work"
    folder.mkdir()

    def play(**named):
        for name, cells in named.items():
            book = new_notebook(cells=[new_markdown_cell("# A stage"), *map(new_code_cell, cells)])
            nbformat.write(book, folder / f"{name.strip('_')}.ipynb")
        try:
            code = workbook.run(workbook.notebooks(folder), "yo", data=data)
        except Trouble as error:
            code, sentence = error.code, str(error)
        else:
            sentence = ""
        return code, sentence or capsys.readouterr().out, data / "yo" / "notebooks"

    return play


def outputs(file):
    """All that the cells of an executed copy printed."""
    return "".join(out.get("text", "") for cell in nbformat.read(file, 4).cells for out in cell.get("outputs", []))


def test_notebooks_are_played_in_order_by_this_python_in_their_own_folder(play, tmp_path, monkeypatch):
    # somebody's own kernel of the same name must not be taken
    kernel = tmp_path / "share" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text('{"argv": ["/bin/false", "{connection_file}"], "display_name": "theirs", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    code, said, copies = play(
        _3_clean=["import os, sys, json", "print(json.dumps([sys.prefix, os.getcwd(), os.environ['GI_LANGUAGE'], os.environ['GI_MODE'],"
                  "os.environ['GI_RUN_ALL'], os.environ['GI_DATA']]))", "open('seen', 'w').close()"],
        _10_publish=["import os; print('after' if os.path.exists('seen') else 'before')"])
    assert code == 0
    lines = said.splitlines()
    assert lines[0].split()[:2] == ["3_clean", "ok"] and lines[1].split()[:2] == ["10_publish", "ok"] and lines[0].endswith(" s")
    assert f"The results are in {copies.parent}" in lines[2] and "rehearsal" in lines[3]
    data = str(copies.parent.parent)
    assert json.loads(outputs(copies / "3_clean.ipynb")) == [sys.prefix, str(tmp_path / "notebooks"), "yo", "practice", "1", data]
    assert outputs(copies / "10_publish.ipynb") == "after\n"
    assert sorted(os.listdir(copies)) == ["10_publish.ipynb", "3_clean.ipynb"]


def test_the_first_failing_cell_is_named_and_nothing_after_it_runs(play):
    code, said, copies = play(_1_wiki_scrape=["print('kept')", "total = 7\ntotal / 0", "print('never')"], _3_clean=["1"])
    assert code == 1
    assert said.splitlines()[:2] == ["1_wiki_scrape failed in cell [2]: total = 7", "  ZeroDivisionError: division by zero"]
    assert "`python3 workbook.py run --language yo --from 1` goes on from here" in said
    assert os.listdir(copies) == ["1_wiki_scrape.ipynb"] and outputs(copies / "1_wiki_scrape.ipynb") == "kept\n"


def test_an_error_meant_for_people_is_shown_as_its_sentence(play):
    code, said, _ = play(_4b_review=[f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom gi_helpers.errors import NeedsFixing",
                                     "raise NeedsFixing('no file 4_qa.csv; run notebook 4 first')"])
    assert code == 1
    assert said.splitlines()[1] == "  Please fix: no file 4_qa.csv; run notebook 4 first"
    assert "Traceback" not in said and "--from 4b" in said


def test_an_error_that_only_a_widget_shows_is_found_too(play):
    code, said, _ = play(_4b_review=[
        "import ipywidgets as w\nout, button = w.Output(), w.Button()\nbutton.on_click(out.capture()(lambda _: {}['ọ̀rọ̀']))\nout",
        "button.click()", "print('never')"])
    assert code == 1
    assert said.splitlines()[:2] == ["4b_review failed in cell [2]: button.click()", "  KeyError: 'ọ̀rọ̀'"]


def test_a_kernel_that_dies_is_a_sentence_and_its_notebook_is_kept(play):
    code, said, copies = play(_7_finetune=["print('so far')", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
    assert code == 1
    assert said.splitlines()[1] == "  Its Python died; often the memory was used up: close other programs."
    assert "`python3 workbook.py run --language yo --from 7` goes on" in said and outputs(copies / "7_finetune.ipynb") == "so far\n"


def test_a_cell_that_hangs_is_ended(play, monkeypatch):
    monkeypatch.setattr(workbook, "CELL_LIMIT", 1)
    code, said, _ = play(_1_wiki_scrape=["import time; time.sleep(60)"])
    assert code == 1 and "It took longer than" in said


def test_a_broken_notebook_is_named(play, tmp_path):
    (tmp_path / "notebooks" / "2_bbc_scrape.ipynb").write_text('{"cells": [')
    code, said, _ = play()
    assert code == 1 and said.endswith("2_bbc_scrape.ipynb cannot be read (NotJSONError); fetch it again.")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_with_a_sentence_and_ends_the_kernel(number, tmp_path):
    seen = tmp_path / "seen"
    cells = [f"import os, pathlib, time; pathlib.Path({str(seen)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"]
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), tmp_path / "3_clean.ipynb")
    script = ("import sys, workbook as w; from pathlib import Path\n"
              "w.start = lambda argv: w.run([Path(argv[0])], 'yo', data=argv[1])\nsys.exit(w.main(sys.argv[1:]))")
    program = subprocess.Popen([sys.executable, "-c", script, tmp_path / "3_clean.ipynb", tmp_path], cwd=ROOT, stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # a script in the background has it ignored
    while not (seen.exists() and seen.read_text()):
        assert program.poll() is None
        time.sleep(0.05)
    program.send_signal(number)
    said = program.communicate(timeout=30)[1]
    assert program.returncode == 130
    assert said.startswith("Stopped in 3_clean, cell [1]. What was made is kept") and "Traceback" not in said
    with pytest.raises(ProcessLookupError):
        os.kill(int(seen.read_text()), 0)
    assert (tmp_path / "yo" / "notebooks" / "3_clean.ipynb").exists()


@pytest.mark.parametrize("failure, sentence", [
    (PermissionError(13, "Permission denied", "/srv/gi/data/yo"), "Not allowed to write: Permission denied: '/srv/gi/data/yo'; copy this folder"),
    (OSError(28, "No space left on device"), "The disk is full"),
])
def test_a_data_folder_that_takes_nothing_is_a_sentence(failure, sentence, monkeypatch, capsys):
    def mkdir(*_, **__):
        raise failure

    monkeypatch.setattr(workbook, "set_up", lambda *_: sys.executable)
    monkeypatch.setattr(workbook, "VENV", Path(sys.prefix))
    monkeypatch.setattr(Path, "mkdir", mkdir)
    assert workbook.main(["run"]) == 1
    assert capsys.readouterr().err.startswith(sentence)


# ---------------------------------------------------------------- lab and test

@pytest.fixture
def handed(monkeypatch):
    """What lab and test start, instead of starting it."""
    commands, extras = [], []
    monkeypatch.setattr(workbook, "set_up", lambda venv, constraints, wanted, versions=None: extras.append(
        (venv.name, constraints, wanted)) or f"/{venv.name}/python")
    monkeypatch.setattr(workbook, "hand_over", lambda command: commands.append(command) or 0)
    monkeypatch.setattr(workbook.os, "environ", dict(os.environ))
    return commands, extras


def test_lab_opens_the_first_notebook_for_this_machine_only_and_passes_arguments_on(handed):
    assert workbook.main(["lab", "--no-browser", "--port", "9999"]) == 0
    command = handed[0][0]
    assert command[:3] == ["/.venv/python", "-m", "jupyterlab"] and command[-3:] == ["--no-browser", "--port", "9999"]
    assert "--ip=127.0.0.1" in command and "--LabApp.default_url=/lab/tree/notebooks/0_start.ipynb" in command


def test_test_passes_arguments_on_to_pytest(handed):
    assert workbook.main(["test", "-k", "clean", "-x", "tests/test_clean.py"]) == 0
    command = handed[0][0]
    assert command[:3] == ["/.venv/python", "-m", "pytest"] and command[-4:] == ["-k", "clean", "-x", "tests/test_clean.py"]


def test_pytorch_is_installed_only_for_those_who_ask(handed):
    workbook.main(["test"])
    workbook.main(["test", "--train", "-x"])
    assert [extras for _, _, extras in handed[1]] == [["lab", "offline", "test"], ["lab", "offline", "test", "train"]] and handed[0][1][-1] == "-x"


def test_colab_has_its_own_environment_with_its_own_versions_and_no_jupyterlab(handed):
    workbook.main(["test", "--colab", "-x"])
    assert handed[1] == [(".venv-colab", "constraints-colab.txt", ["offline", "test"])]
    assert handed[0][0][0] == "/.venv-colab/python" and handed[0][0][-1] == "-x"


def test_help_names_the_three_commands(capsys):
    with pytest.raises(SystemExit) as end:
        workbook.main(["--help"])
    said = capsys.readouterr().out
    assert end.value.code == 0 and all(f"workbook.py {name}" in said for name in ("run", "lab", "test"))
    assert workbook.main([]) == 2


def test_in_colab_what_is_there_is_pinned_and_only_the_rest_is_installed(monkeypatch, tmp_path):
    ran = []
    monkeypatch.setattr(workbook, "installing", lambda command, folder: ran.append((command, Path(command[command.index("-c") + 1]).read_text())))
    assert workbook.fill_in(sys.executable, tmp_path) == 0
    (command, pins), = ran
    import ipywidgets
    assert f"ipywidgets=={ipywidgets.__version__}" in pins.splitlines() and command[-2:] == ["-e", str(tmp_path)]
    assert not any(flag in command for flag in ("-U", "--upgrade", "--force-reinstall"))


def test_a_rehearsal_beside_real_work_is_kept_in_a_folder_of_its_own(tmp_path):
    (tmp_path / "data" / "yo").mkdir(parents=True)
    (tmp_path / "data" / "yo" / "1_wiki_scrape.csv").write_text('"id"\n"real"\n')
    books = tmp_path / "notebooks"
    books.mkdir()
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1")]), books / "0_start.ipynb")
    assert workbook.run(workbook.notebooks(books), "yo", data=tmp_path / "data") == 0
    assert (tmp_path / "data" / "yo-practice" / "notebooks" / "0_start.ipynb").exists() and not (tmp_path / "data" / "yo" / "notebooks").exists()


def test_going_live_after_a_rehearsal_says_where_the_rehearsal_went(tmp_path, capsys):
    books = tmp_path / "notebooks"
    books.mkdir()
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1")]), books / "0_start.ipynb")
    assert workbook.run(workbook.notebooks(books), "yo", data=tmp_path / "data") == 0
    assert workbook.run(workbook.notebooks(books), "yo", live=True, data=tmp_path / "data") == 0
    assert "a folder whose name ends in -practice" in capsys.readouterr().out
    assert (tmp_path / "data" / "yo-practice" / "PRACTICE.txt").exists() and not (tmp_path / "data" / "yo" / "PRACTICE.txt").exists()


def test_a_missing_earlier_file_leads_to_the_notebook_that_writes_it(tmp_path):
    books = tmp_path / "notebooks"
    books.mkdir()
    cell = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from gi_helpers import store; store.read(store.path('yo', '3_clean.csv'))"
    nbformat.write(new_notebook(cells=[new_code_cell(cell)]), books / "4_translate.ipynb")
    with pytest.raises(Trouble, match="(?s)3_clean.csv is not there.*--from 3` goes on"):
        workbook.run(workbook.notebooks(books), "yo", data=tmp_path / "data")
