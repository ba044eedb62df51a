"""The README is right: its Python runs, and prints what the README says it prints."""

import contextlib
import importlib.util
import io
import os
import re
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"


def run(code, number, namespace, folder):
    """Run one block from a file, so that its functions have source; return what it prints."""
    file = folder / f"readme_{number}.py"
    file.write_text(code, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    vars(module).update(namespace)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        spec.loader.exec_module(module)
    namespace.update({k: v for k, v in vars(module).items() if not k.startswith("__")})
    return printed.getvalue()


def executed(text, folder):
    """The README with the text that its blocks really print."""
    namespace, printed = {}, ""
    pieces, end = [], 0
    for number, match in enumerate(BLOCK.finditer(text)):
        if match[1] == "python":
            assert not printed, f"this is printed, and no text block follows: {printed}"
            printed = run(match[2], number, namespace, folder)
        else:
            pieces += [text[end : match.start(2)], printed.rstrip("\n") + "\n"]
            end, printed = match.end(2), ""
    assert not printed, f"this is printed, and no text block follows: {printed}"
    return "".join([*pieces, text[end:]])


def test_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = README.read_text(encoding="utf-8")
    real = executed(text, tmp_path)
    if UPDATE:
        README.write_text(real, encoding="utf-8")
    assert real == README.read_text(encoding="utf-8")
