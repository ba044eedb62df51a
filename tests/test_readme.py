"""The README is right: its Python runs, and prints what the README says it prints."""

from tests.pages import ROOT, compare


def test_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    compare(ROOT / "README.md", tmp_path)
