"""The guides under `docs/` are right: their Python runs, and prints what they say it prints."""

import hashlib
import re

import matplotlib.image as image
import numpy as np
import pytest

from srcgrad import data, nn, optim, train
from tests.pages import ROOT, UPDATE, compare

DOCS = ROOT / "docs"
# Each guide with the modules of which it names every part.
GUIDES = {
    "training": (),
    "models": (nn,),
    "optimizers": (optim,),
    "data": (data,),
    "checkpoints": (),
}
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PICTURES = re.compile(r"!\[[^\]]*\]\(([^)]+)\.png\)")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy's, about numbers that become nan
@pytest.mark.parametrize("name", GUIDES)
def test_guide(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = DOCS / f"{name}.md"
    namespace = compare(page, tmp_path)
    for picture in PICTURES.findall(page.read_text(encoding="utf-8")):
        assert (tmp_path / f"{picture}.png").exists(), "the page saves each picture that it shows"
        check_picture(DOCS / f"{picture}.png", namespace["figure"])


def check_picture(file, figure):
    """The stored picture shows these curves: it carries a digest of them."""
    shown = [
        (axes.get_title(), line.get_xydata().round(6) + 0.0)
        for axes in figure.axes
        for line in axes.lines
    ]
    digest = hashlib.sha256()
    for title, points in shown:
        digest.update(title.encode() + np.ascontiguousarray(points, "<f8").tobytes())
    if UPDATE:
        figure.savefig(file, metadata={"Software": None, "Comment": digest.hexdigest()})
    assert f"Comment\0{digest.hexdigest()}".encode() in file.read_bytes(), "`make docs` draws anew"
    assert image.imread(file).std() > 0.05


@pytest.mark.parametrize("name", GUIDES)
def test_guide_names_everything(name):
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    for module in GUIDES[name]:
        missing = [n for n in module.__all__ if not re.search(rf"\b{n}\b", text)]
        assert not missing


def test_guides_name_all_of_train():
    text = "".join((DOCS / f"{name}.md").read_text(encoding="utf-8") for name in GUIDES)
    assert not [n for n in train.__all__ if not re.search(rf"\b{n}\b", text)]


@pytest.mark.parametrize("name", GUIDES)
def test_contents(name):
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    titles = re.findall(r"^## (.*)", CODE.sub("", text), re.MULTILINE)
    listed = re.findall(r"^- \[(.*)\]\(#(.*)\)", text, re.MULTILINE)
    assert listed == [(t, re.sub(r"[^\w -]", "", t).lower().replace(" ", "-")) for t in titles]


def test_every_example_is_listed():
    text = (DOCS / "training.md").read_text(encoding="utf-8")
    for file in (ROOT / "examples").glob("*.*"):
        assert f"(../examples/{file.name})" in text
