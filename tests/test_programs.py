"""Every program of the corpus, in every mode, against differences and against the other mode."""

import ast
import inspect
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from srcgrad.errors import SrcgradError
from tests.checks import checks_of, gradient_function, is_scalar, reverse
from tests.differences import is_float, leaves
from tests.programs import PROGRAMS
from tests.switched import numbers_stay_without_analyses
from tests.trees import bits

RUNNING = [name for name, p in PROGRAMS.items() if p.refused is None]


# One test for all checks: each would generate the same texts anew in the process that draws it.
@pytest.mark.parametrize("name", RUNNING)
def test_program(name):
    for check in checks_of(PROGRAMS[name]):
        check(PROGRAMS[name])
    numbers_stay_without_analyses(PROGRAMS[name])


def test_texts_pass_the_linter(tmp_path):
    # The user's own lines stay as they are, so what they are blamed for is not counted.
    for folder in ("gradients", "primals"):
        (tmp_path / folder).mkdir()
    for name in filter(lambda n: is_scalar(PROGRAMS[n]), RUNNING):
        args = PROGRAMS[name].arguments()
        text = gradient_function(name).source_for(*args)
        ast.parse(text)
        assert max(map(len, text.splitlines())) < 100, name
        primal = textwrap.dedent(inspect.getsource(PROGRAMS[name].function))
        (tmp_path / "gradients" / f"{name}.py").write_text(text, encoding="utf-8")
        (tmp_path / "primals" / f"{name}.py").write_text(primal, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--output-format=json"]
    done = subprocess.run(
        [*command, "."], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False
    )
    found = {"gradients": set(), "primals": set()}
    for finding in json.loads(done.stdout):
        file = Path(finding["filename"])
        found[file.parent.name].add((file.stem, finding["code"], finding["message"]))
    blamed = {(name, code) for name, code, _ in found["primals"] if code != "F821"}
    ours = [f for f in sorted(found["gradients"]) if f[:2] not in blamed]
    assert not ours


REFUSED = [name for name, p in PROGRAMS.items() if p.refused is not None]


def test_refused_programs_say_so():
    for name in REFUSED:
        program = PROGRAMS[name]
        with pytest.raises(SrcgradError) as caught:
            reverse(program, program.arguments())
        assert str(program.refused) in str(caught.value), name


def test_corpus_is_deterministic_and_finite():
    for program in PROGRAMS.values():
        one = program.function(*program.arguments())
        other = program.function(*program.arguments())
        assert bits(one) == bits(other), program.name
        assert all(np.all(np.isfinite(x)) for _, x in leaves(one) if is_float(x)), program.name
