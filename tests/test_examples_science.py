"""The examples of science and teaching run, and reach what they promise."""

import os

import nbclient
import nbformat
import numpy as np
from test_examples import EXAMPLES, is_picture, load

TOUR = EXAMPLES / "tour.ipynb"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"


def test_physics(tmp_path, capsys):
    picture = tmp_path / "physics.png"
    example = load("physics")
    body = example.main(picture)
    assert abs(body.mass - example.TRUE.mass) < 0.002 * example.TRUE.mass
    assert abs(body.damping - example.TRUE.damping) < 0.02 * example.TRUE.damping
    assert "mass_bar = mass_bar - v_bar * (STEP * force)" in capsys.readouterr().out
    assert is_picture(picture)


def test_ode_fit(tmp_path, capsys):
    picture = tmp_path / "ode.png"
    example = load("ode_fit")
    np.testing.assert_allclose(example.main(picture), example.RATES, rtol=0.02)
    assert "def runge_kutta_bwd(" in capsys.readouterr().out
    assert is_picture(picture)


def executed(folder):
    """The notebook with the outputs that its cells really have."""
    notebook = nbformat.read(TOUR, as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=60, record_timing=False, resources={"metadata": {"path": str(folder)}}
    ).execute()
    notebook.metadata.language_info = {"name": "python"}
    return notebook


def outputs(notebook):
    """What each cell printed and drew: texts, and the kinds of all else."""
    return {
        cell.id: [(part.get("text"), sorted(part.get("data", ()))) for part in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    }


def test_tour(tmp_path, monkeypatch):
    """The outputs are kept, so that the notebook can be read where nothing runs it."""
    for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    real, kept = executed(tmp_path), nbformat.read(TOUR, as_version=4)
    if UPDATE and outputs(real) != outputs(kept):
        nbformat.write(real, TOUR)
        kept = real
    assert outputs(real) == outputs(kept)
