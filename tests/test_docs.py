"""The pages under `docs/` are what the code says today, and their links lead somewhere."""

import os
import re
from pathlib import Path

from tests.refused_page import page

DOCS = Path(__file__).parent.parent / "docs"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)\)")


def test_refused_constructs():
    text = page()
    file = DOCS / "refused.md"
    if UPDATE:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), "`make docs` writes docs/refused.md anew"


def test_links_of_the_pages():
    for file in [*DOCS.glob("*.md"), DOCS.parent / "README.md"]:
        for link in LINK.findall(CODE.sub("", file.read_text(encoding="utf-8"))):
            assert "://" in link or (file.parent / link).exists(), (file.name, link)


def test_every_page_is_in_the_index():
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    for file in DOCS.glob("*.md"):
        assert file.name == "README.md" or f"({file.name})" in index
