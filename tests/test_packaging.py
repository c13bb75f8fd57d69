"""pyproject.toml, environment.yml, constraints.txt and Colab's own list of packages say the same."""
import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {"matplotlib-base": "matplotlib"}
# imported under another name than it is installed, or brought by a package that is declared
INSTALLED_AS = {"bs4": "beautifulsoup4", "bpe_openai": "bpe-openai", "yaml": "pyyaml", "numpy": "pandas", "IPython": "ipywidgets",
                "xdist": "pytest-xdist", "huggingface_hub": "huggingface-hub", "pydantic": "openai", "tiktoken_ext": "tiktoken", "tokenizers": "transformers"}
USED_WHERE_FOUND = {"google", "bitsandbytes"}  # Colab has the one, a graphics card wants the other


def ranges(lines):
    """{name: set of versions} of requirement lines."""
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): one.specifier for one in found}


def pins(file):
    """[(name, version)] of a constraints file; a name may come twice, for older and newer Pythons."""
    lines = (line.split("#")[0].strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines())
    found = [Requirement(line) for line in lines if line]
    return [(canonicalize_name(one.name), next(iter(one.specifier)).version) for one in found]


def outside_range(wanted, given):
    return [f"{name}=={version} is not {wanted[name]}" for name, version in given if name in wanted and version not in wanted[name]]


def imported(folder):
    """Third-party top-level modules that the files of a folder import, also inside functions."""
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            yield from (name.split(".")[0] for name in names)


def test_conda_and_pip_ask_for_the_same_packages_in_the_same_versions():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    by_pip = listed.pop()["pip"]
    assert by_pip.pop() == "-e ."
    assert listed[:2] == ["python=3.12", "pip"]
    conda = {CONDA_NAMES.get(name, name): specifier for name, specifier in ranges(listed[2:] + by_pip).items()}
    assert conda == ranges(PROJECT["dependencies"] + EXTRAS["lab"])


def test_every_dependency_has_its_reason_beside_it():
    pyproject = re.findall(r'^    "[^"]+[<>=][^"]+",.*$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    conda = re.findall(r"^ +- [^#\n]*\w.*$", (ROOT / "environment.yml").read_text(encoding="utf-8"), re.M)
    conda.remove("  - pip:")
    assert len(pyproject) > 20 and len(conda) > 15
    assert [line for line in pyproject + conda if not re.search(r"# .{4,}", line)] == []


def test_the_pinned_set_fits_every_range():
    wanted = ranges(PROJECT["dependencies"] + [line for name, lines in EXTRAS.items() if name != "train" for line in lines])
    given = pins("constraints.txt")
    assert set(wanted) - {name for name, _ in given} == set()
    assert outside_range(wanted, given) == []


def test_the_pinned_set_names_no_server_and_no_file():
    assert [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not re.match(r"#|[a-z0-9-]+==[\w.]+( ; .*)?$", line)] == []
    assert not re.search(r"://|@|/", (ROOT / "constraints.txt").read_text())


def test_what_colab_has_fits_the_core_so_nothing_there_is_changed():
    assert outside_range(ranges(PROJECT["dependencies"]), pins("constraints-colab.txt")) == []
    assert {"ipywidgets", "pandas", "openai"} <= {name for name, _ in pins("constraints-colab.txt")}
    assert not any("jupyterlab" in line for line in PROJECT["dependencies"] + EXTRAS["test"] + EXTRAS["offline"])


def test_every_import_of_the_helpers_is_a_declared_dependency():
    declared = set(ranges(PROJECT["dependencies"] + [line for lines in EXTRAS.values() for line in lines]))
    used = set(imported("gi_helpers")) - set(sys.stdlib_module_names) - {"gi_helpers"} - USED_WHERE_FOUND
    assert {name for name in used if canonicalize_name(INSTALLED_AS.get(name, name)) not in declared} == set()
    assert used >= {"requests", "openai", "pandas"}


def test_every_import_of_the_tests_is_installed_with_them():
    declared = set(ranges(PROJECT["dependencies"] + EXTRAS["test"] + EXTRAS["offline"]))
    here = {"gi_helpers", "workbook"} | {file.stem for file in (ROOT / "tests").glob("*.py")}
    optional = {canonicalize_name(INSTALLED_AS.get(line, line)) for line in ranges(EXTRAS["train"])}
    used = set(imported("tests")) - set(sys.stdlib_module_names) - here - {"atheris"}  # the fuzzer takes it where it is, and does without
    assert {name for name in used if canonicalize_name(INSTALLED_AS.get(name, name)) not in declared | optional} == set()


def test_no_name_is_unused_or_unknown_in_any_code_cell_or_file():
    report = subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", "."], cwd=ROOT,
                            capture_output=True, text=True)
    assert report.returncode == 0, report.stdout
