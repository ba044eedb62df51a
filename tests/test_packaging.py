"""What is packaged is what is there."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


def test_every_package_is_listed():
    folders = {file.parent for file in (ROOT / "srcgrad").rglob("*.py")}
    packages = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == packages | {"srcgrad.templates"}


def test_core_dependencies_are_these_three():
    names = [requirement.split(">")[0] for requirement in PROJECT["project"]["dependencies"]]
    assert names == ["numpy", "gast", "astor"]


def test_wheel_carries_modules_and_templates(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    for name in ("srcgrad", "templates"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-c", BUILD, tmp_path], cwd=tree, capture_output=True, check=True
    )
    (wheel,) = tmp_path.glob("*.whl")

    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    modules = {file.relative_to(tree).as_posix() for file in (tree / "srcgrad").rglob("*.py")}
    rules = {f"srcgrad/templates/{file.name}" for file in (tree / "templates").glob("*.py")}
    assert rules
    assert packed == modules | rules
