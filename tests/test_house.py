"""Promises about the shape of the house."""
import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import gi_helpers

HOUSE = Path(gi_helpers.__file__).parent
MAP = re.findall(r"^    (\w+)  +\S", gi_helpers.__doc__, re.M)


def owner(file):
    """The module of the map that a file belongs to; a private `_x.py` belongs to the modules that import it."""
    return file.relative_to(HOUSE).parts[0].removesuffix(".py")


@functools.cache  # the import test asks for every file again and again
def imports(file):
    """Modules of gi_helpers that a file imports, as dotted parts; imports inside functions count too."""
    return tuple(_imports(file))


def _imports(file):
    package = ("gi_helpers", *file.relative_to(HOUSE).parent.parts)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            full = (*base, *(node.module.split(".") if node.module else ()))
            if full[:1] == ("gi_helpers",):
                yield from ([full[1]] if len(full) > 1 else [alias.name for alias in node.names])
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("gi_helpers."))


def all_files():
    return [file for file in HOUSE.rglob("*.py") if file.name != "__init__.py" or file.parent != HOUSE]


def test_every_module_is_on_the_map_and_the_map_names_only_what_is_there():
    there = {file.stem for file in HOUSE.glob("*.py")} | {file.parent.name for file in HOUSE.glob("*/__init__.py")}
    assert {name for name in there if not name.startswith("_")} == set(MAP)


def test_imports_only_go_up_the_list():
    place = {name: number for number, name in enumerate(MAP)}
    # A private module stands just above the first module that uses it.
    private = [file for file in HOUSE.glob("_*.py") if file.name != "__init__.py"]
    for _ in private:
        for file in private:
            users = [place[owner(other)] for other in all_files() if file.stem in imports(other) and owner(other) in place]
            if users:
                place[file.stem] = min(users) - 0.5 + 0.001 * len([1 for other in private if file.stem in imports(other)])
    wrong = []
    for file in all_files():
        mine = owner(file)
        for used in imports(file):
            if used == mine or (used.startswith("_") and mine.startswith("_")):
                continue
            if place[used] >= place[mine]:
                wrong.append(f"{file.relative_to(HOUSE)} imports {used}, which stands below it")
    assert wrong == []


def test_every_private_file_stands_once_in_the_list_of_parts():
    parts = re.findall(r"(?<!\w)_\w+", gi_helpers.__doc__.split("begin with _")[1])
    assert sorted(parts) == sorted(file.stem for file in HOUSE.glob("_*.py") if file.name != "__init__.py")


def test_every_private_module_is_used():
    used = {name for file in all_files() for name in imports(file)}
    assert [file.name for file in HOUSE.glob("_*.py") if file.name != "__init__.py" and file.stem not in used] == []


def third_party(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.split(".")[0]


def test_only_widgets_need_jupyter():
    wrong = [str(file.relative_to(HOUSE)) for file in all_files() if owner(file) != "widgets"
             and {"ipywidgets", "IPython", "ipykernel", "google"} & set(third_party(file))]
    assert wrong == []


def test_only_store_opens_data_files():
    opening = re.compile(r"(?<![\w.])open\(|\.read_text\(|\.write_text\(|\.read_bytes\(|\.write_bytes\(|\.to_csv\(|pd\.read_csv\(|\.to_json\(|np\.load\(")
    allowed = re.compile(r"store\.(read|write)_(text|bytes)\(|(bz2|gzip|zipfile|zip|archive|tar)\w*\.open\(")
    wrong = []
    for file in all_files():
        if owner(file) == "store":
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if opening.search(allowed.sub("", line)) and not line.strip().startswith("#"):
                wrong.append(f"{file.relative_to(HOUSE)}:{number}: {line.strip()}")
    assert wrong == []


def test_importing_the_package_and_a_module_is_quick_because_heavy_libraries_wait():
    heavy = ["pandas", "numpy", "openai", "matplotlib", "torch", "ipywidgets", "IPython", "tiktoken", "py3langid"]
    code = f"import sys, gi_helpers; from gi_helpers import errors, store, languages, web, tokens, llm, wiki_scrape, clean, evaluate; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HOUSE.parent, check=True)
    assert run.stdout.strip() == "[]"


def test_every_module_says_first_what_it_is_for():
    silent = [str(file.relative_to(HOUSE)) for file in all_files() if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))]
    assert silent == []
