"""The house as docs/architecture.md draws it: who may import whom, and how big a room may be."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("events", "questionnaire", "ravisit")

# Each may import those before it and nothing after it. The longest name that fits a module decides.
LAYERS = {
    "events": 0,
    "questionnaire.states": 1,
    "questionnaire.signals": 1,
    "questionnaire.models": 2,
    "questionnaire.workflow": 3,
    "questionnaire": 4,
    "ravisit": 5,
}
TOP_LEVEL = {
    "Dockerfile", "LICENSE", "Makefile", "README.md", "compose.yaml", "conftest.py", "docs", "events",
    "gunicorn.conf.py", "manage.py", "package-lock.json", "package.json", "pytest.ini", "questionnaire", "ravisit",
    "requirements-dev.txt", "requirements.txt", "static", "templates", "var",
}  # fmt: skip
LONGEST_FILE = 400  # lines
# openpyxl brings numpy along, a tenth of the memory of a web worker, which hardly ever makes a workbook.
LOADED_LATE = {"questionnaire.workflow.spreadsheet"}


def is_ours(file: Path) -> bool:
    """Say whether the rules bind a file: tests may import what they test, and migrations are written by Django."""
    return not {"tests", "migrations", "__pycache__"} & set(file.relative_to(BASE_DIR).parts)


@cache
def modules() -> dict[str, Path]:
    """Return every module of the project by its dotted name."""
    files = [file for package in PACKAGES for file in (BASE_DIR / package).rglob("*.py") if is_ours(file)]
    return {
        ".".join(file.relative_to(BASE_DIR).with_suffix("").parts).removesuffix(".__init__"): file for file in files
    }


@cache
def parsed(module: str) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def imported_names(module: str) -> Iterator[str]:
    """Yield the dotted name of everything that a module imports from the project, wherever in the file."""
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{origin(node, module)}.{name.name}" for name in node.names)


def origin(node: ast.ImportFrom, module: str) -> str:
    """Return the dotted name that stands after `from`, with the dots of a relative import resolved."""
    if not node.level:
        return node.module or ""
    is_package = modules()[module].name == "__init__.py"
    ancestors = module.split(".")[: (1 if is_package else 0) - node.level or None]
    return ".".join([*ancestors, *filter(None, [node.module])])


def imports(module: str) -> set[str]:
    """Return the project's modules that a module imports: the module named, or the one that holds the name."""
    names = [name for name in imported_names(module) if name.split(".")[0] in PACKAGES]
    return {name if name in modules() else name.rpartition(".")[0] for name in names}


def layer(module: str) -> int:
    """Return the layer of a module."""
    return LAYERS[max((name for name in LAYERS if f"{module}.".startswith(f"{name}.")), key=len)]


def test_imports_point_one_way() -> None:
    """No module imports from a layer above its own."""
    wrong = {(module, other) for module in modules() for other in imports(module) if layer(other) > layer(module)}
    assert wrong == set()


def test_no_two_modules_import_each_other() -> None:
    """There is no circle of imports (a CycleError names it)."""
    TopologicalSorter({module: imports(module) - {module} for module in modules()}).prepare()


def test_nothing_is_imported_inside_a_function() -> None:
    """What a module needs stands at its top, but for what is named here with its reason."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    hidden = {
        module
        for module in modules()
        for function in ast.walk(parsed(module))
        if isinstance(function, functions)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert hidden == LOADED_LATE


@pytest.mark.parametrize("ending", ["py", "html", "js", "css"])
def test_no_file_is_two_rooms(ending: str) -> None:
    """A file that outgrows its length is split."""
    folders = (*PACKAGES, "templates", "static")
    files = [file for folder in folders for file in (BASE_DIR / folder).rglob(f"*.{ending}")]
    lengths = {file: len(file.read_text().splitlines()) for file in files if "migrations" not in file.parts}
    assert {str(file): length for file, length in lengths.items() if length > LONGEST_FILE} == {}


def test_nothing_else_lies_at_the_top() -> None:
    """The top of the checkout holds what the map names; dotfiles are for tools."""
    assert {path.name for path in BASE_DIR.iterdir() if path.name[0] not in "._"} - TOP_LEVEL == set()
