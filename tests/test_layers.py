"""The structure of the code: layers, cycles, who may import and parse what, file lengths."""

import ast
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "srcgrad"
TEMPLATES = ROOT / "templates"
MAX_LINES = 400

# Lower layers come first; a module imports from its own layer and from lower ones.
LAYERS = (
    {"errors"},
    {"runtime"},
    {"kinds", "structure", "tree"},
    {"syntax"},
    {"rules"},
    {"lower"},
    {"analysis"},
    {"transform"},
    {"optimize"},
    {"assemble"},
    {"pipeline"},
    {"arguments", "snapshots"},
    {"guard"},
    {"dispatch"},
    {"export"},
    {"inside"},
    {"gradient"},
    {"api"},
    {"testing"},
    {"optim", "nn", "data"},
    {"train"},
    {"graph"},
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# The folders of `lower` are layers too.
FOLDERS = (
    *("base", "respell", "memory", "inference", "containers", "loops", "raising", "expansions"),
    *("elaborate", "prepare"),
)
# Operators are declared by their classes in `ast`, Python's own functions by `builtins`.
TEMPLATE_IMPORTS = {
    "ast",
    "builtins",
    "cmath",
    "math",
    "string",
    "operator",
    "numpy",
    "srcgrad.kinds",
    "srcgrad.rules",
    "srcgrad.runtime",
}
PARSERS = {
    "ast.parse",
    "gast.parse",
    "inspect.findsource",
    "inspect.getsource",
    "inspect.getsourcelines",
}

MODULES = sorted(PACKAGE.rglob("*.py"))
each_module = pytest.mark.parametrize(
    "file", MODULES, ids=[file.relative_to(ROOT).as_posix() for file in MODULES]
)
each_template = pytest.mark.parametrize(
    "file", sorted(TEMPLATES.rglob("*.py")), ids=lambda file: file.name
)


@dataclass(frozen=True)
class Import:
    """One imported module: its full name, the line, and whether a function's body holds it."""

    module: str
    line: int
    in_function: bool


def name_of(file):
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(file): file for file in MODULES}


def layer_of(module):
    """The name below `srcgrad`, or None for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


@cache
def tree_of(file):
    return ast.parse(file.read_text(encoding="utf-8"))


def absolute(node, file):
    """The module that an `import from` names, dots resolved."""
    if not node.level:
        return node.module
    package = name_of(file).split(".")
    if file.name != "__init__.py":
        package.pop()
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def walk(node, in_function=False):
    """Every node below this one, and whether it lies in the body of a function."""
    for child in ast.iter_child_nodes(node):
        yield child, in_function
        yield from walk(
            child, in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        )


def imports_of(file):
    for node, inside in walk(tree_of(file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, inside)
        elif isinstance(node, ast.ImportFrom):
            module = absolute(node, file)
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield Import(inner if inner in NAMES else module, node.lineno, inside)


def own_imports_of(file):
    return [i for i in imports_of(file) if i.module.split(".")[0] == "srcgrad"]


def dotted_uses_of(file):
    """Dotted names that the module reads, import aliases undone: `ast.parse`, `gast.Name`."""
    origin = {}
    for node, _ in walk(tree_of(file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname or "." not in alias.name:
                    origin[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                origin[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node, _ in walk(tree_of(file)):
        if isinstance(node, ast.Name):
            yield origin.get(node.id, node.id), node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{origin.get(node.value.id, node.value.id)}.{node.attr}", node.lineno


def test_there_is_something_to_check():
    assert "srcgrad.api" in NAMES
    assert list(TEMPLATES.glob("*.py"))


def test_every_module_has_a_layer():
    assert {layer_of(name) for name in NAMES} - {None} <= LEVEL.keys()


@each_module
def test_imports_go_down(file):
    module = name_of(file)
    if layer_of(module) is None:
        return  # srcgrad/__init__.py: the table of contents, on top of everything
    level = LEVEL[layer_of(module)]
    wrong = [
        f"{module}:{i.line} imports {i.module}"
        for i in own_imports_of(file)
        if layer_of(i.module) is None or LEVEL[layer_of(i.module)] > level
    ]
    assert not wrong


def test_imports_inside_of_lower_go_down():
    wrong = []
    for name, file in NAMES.items():
        parts = name.split(".")
        if parts[1:2] != ["lower"] or len(parts) < 3:
            continue
        for i in own_imports_of(file):
            other = i.module.split(".")
            below = other[1] != "lower" or FOLDERS.index(other[2]) <= FOLDERS.index(parts[2])
            if not below:
                wrong.append(f"{name}:{i.line} imports {i.module}")
    assert not wrong


def test_no_cycles():
    graph = {
        name: {i.module for i in own_imports_of(file)} - {name} for name, file in NAMES.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("import cycle: " + " <- ".join(error.args[1]))


@each_module
def test_no_import_of_our_own_in_a_function(file):
    assert not [i for i in own_imports_of(file) if i.in_function]


@each_module
def test_only_the_emitter_imports_astor(file):
    emitter = file.parent == PACKAGE / "syntax" and file.stem.startswith(("emit", "print"))
    astor = [i for i in imports_of(file) if i.module.split(".")[0] == "astor"]
    assert emitter or not astor


@each_module
def test_only_syntax_parses(file):
    parses = [f"{name} in line {line}" for name, line in dotted_uses_of(file) if name in PARSERS]
    assert layer_of(name_of(file)) == "syntax" or not parses


@each_template
def test_templates_import_rules_runtime_and_numpy_only(file):
    allowed = [i for i in imports_of(file) if i.module in TEMPLATE_IMPORTS]
    assert allowed == list(imports_of(file))


@pytest.mark.parametrize(
    "file",
    [*MODULES, *sorted(TEMPLATES.rglob("*.py"))],
    ids=lambda file: file.relative_to(ROOT).as_posix(),
)
def test_files_are_short(file):
    lines = file.read_text(encoding="utf-8").count("\n")
    assert lines < MAX_LINES
