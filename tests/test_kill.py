"""A training run may be killed at any moment, and ends as an undisturbed one does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from srcgrad.train import Checkpoints
from srcgrad.train.checkpoints import NAME

KILLS = int(os.environ.get("KILLS", "20"))
ROOT = Path(__file__).parent.parent


@pytest.mark.skipif(not hasattr(os, "fork"), reason="runs are forked")
def test_a_run_that_is_killed_gives_what_an_undisturbed_one_gives(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.killed", tmp_path, str(KILLS), "1"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    said = done.stdout.splitlines()
    assert not [line for line in said if line.startswith("refused")]
    assert said[-1] == f"kills {KILLS}"
    check_reported(said[said.index("round 0") :])
    alone = tmp_path / "undisturbed"
    runs = sorted(tmp_path.glob("killed*"))
    assert runs
    for killed in runs:
        for name in ("result", "log.csv"):
            assert (alone / name).read_bytes() == (killed / name).read_bytes()
        left = [name for name in os.listdir(killed) if not name.startswith(".result")]
        assert sorted(left) == ["checkpoints", "log.csv", "result"]
        files = os.listdir(killed / "checkpoints")
        assert all(NAME.fullmatch(name) for name in files)
        assert len(files) <= 3
        assert Checkpoints(killed / "checkpoints", keep=2).latest().step == 240


def check_reported(said):
    """Nothing below the last step that was reported as saved is done again."""
    last = 0
    for line in said:
        if found := re.fullmatch(r"saved (\d+)", line):
            assert int(found[1]) > last, said
            last = int(found[1])
        elif line.startswith("round"):
            last = 0
