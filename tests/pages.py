"""Pages of Markdown whose Python is run: each block in turn, in one namespace for the page."""

import contextlib
import importlib.util
import io
import os
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"


def run(code, file, namespace):
    """Run one block from a file, so that its functions have source; return what it prints."""
    file.parent.mkdir()
    file.write_text(code, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    vars(module).update(namespace)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        spec.loader.exec_module(module)
    namespace.update({k: v for k, v in vars(module).items() if not k.startswith("__")})
    return printed.getvalue()


def executed(page, folder):
    """A page with the text that its blocks really print, and the names that they leave.

    The blocks run in `folder`, which is left out of file names in what they print.
    """
    text = page.read_text(encoding="utf-8")
    namespace, printed = {}, ""
    pieces, end = [], 0
    for number, match in enumerate(BLOCK.finditer(text)):
        if match[1] == "python":
            assert not printed, f"this is printed, and no text block follows: {printed}"
            file = folder / f"block_{number}" / f"{page.stem.lower()}.py"
            printed = run(match[2], file, namespace)
            for place in (file.parent, folder):
                printed = printed.replace(f"{place}{os.sep}", "")
        else:
            pieces += [text[end : match.start(2)], printed.rstrip("\n") + "\n"]
            end, printed = match.end(2), ""
    assert not printed, f"this is printed, and no text block follows: {printed}"
    return "".join([*pieces, text[end:]]), namespace


def compare(page, folder):
    """Run a page and compare, or write it anew; return the names that its blocks leave."""
    real, namespace = executed(page, folder)
    if UPDATE:
        page.write_text(real, encoding="utf-8")
    assert real == page.read_text(encoding="utf-8")
    return namespace
