"""Each analysis and pass that can be switched off is there for a text of the corpus."""

import pytest

from srcgrad import grad
from srcgrad.errors import SrcgradError
from srcgrad.lower.base.switches import Switches
from tests.programs import PROGRAMS
from tests.switched import switch_off


def text(name):
    """Return the text of a gradient, or the error that there is instead."""
    program = PROGRAMS[name]
    try:
        return grad(program.function, wrt=program.wrt).source_for(*program.arguments())
    except SrcgradError as error:
        return str(error)


TOLD_APART = {
    "activity": "two_layer_network",
    "aliases": "may_alias_but_does_not",
    "moves": "jacobi_with_two_buffers",
    "lengths": "softmax_regression",
    "raises": "both_arms_overwrite",
    "liveness": "view_written",
    "stability": "branch_taken",
    "indices": "pairs_assigned",
    "handover": "helper_returns_a_dict",
    "recording": "power_of_itself",
    "inlining": "flatten_is_a_copy",
}


@pytest.mark.parametrize("switch", Switches.names())
def test_each_switch_changes_a_text(switch, monkeypatch):
    name = TOLD_APART[switch]
    want = text(name)
    switch_off(monkeypatch, switch)
    assert text(name) != want
