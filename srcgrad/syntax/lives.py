"""Names that passes make, and how they are told from those that the user wrote.

A name with a bar in it cannot be written in Python: it is internal, and the last pass gives it a
final form. Before the bar stands what it would like to be called; after it a role and a number.

- `x|2`: the second further life of the user's variable `x`;
- `x_sum|h3` (HOISTED): a value of the primal that had no name, `x_sum|h3r` where the reverse sweep
  has taken it back from its tape `x_sum_tape|p_h3`;
- `x_bar|b3` (ADJOINT): an adjoint, inlined only where it is an atom;
- `x_bar|bt3` (STEP): an adjoint of a sub-expression, inlined where it is read once;
- `x_dot|d` (TANGENT): the tangent of `x`; `x_dot|d2` that of its life `x|2`;
- `x_old|s3` (SAVED), `x_tape|p3` (TAPE): an old value for the reverse sweep, and a list of those of
  a loop; `x_tape|q3` (GIVEN): a tape that a backward half is given;
- `x_bar|w` (SHADOW): the adjoint of `x` that the forward sweep made; `x_bar|w2` that of `x|2`;
- `x|c1` (COPY): a copy of an argument that the reverse sweep may write to;
- `x|k3` (SUGAR), `x|u3` (EXPANDED), `x|v3` (INLINED), `x|t3` (NAMED): names that passes of `lower`
  need: for the removal of sugar, for an expansion of a statement, for a variable of a function that
  is written in place, for a part of a statement whose order or kind matters;
- `x|w3` (STATED): a name that a statement needs which is put into plain ones: `match`, `:=`, `try`;
- `failed|f3` (FLAG): which handler of a `try` has run; it is one variable, and never split;
- `out|r` (RESULT): what leaves loops and branches, or a forward half: a result or a flag;
- `step|m` (MEMORY): memory that parts of what `step` returns share; it is no variable;
- `_|i` (UNUSED): a target that nothing reads.

Within one statement `x#` stands for the value that the statement has given to `x`.

>>> made("x_bar", ADJOINT, 3), user_name("x_bar|b3"), role("x_bar|b3"), role("x|2")
('x_bar|b3', 'x_bar', 'b', '')
>>> is_internal("x"), is_internal("x|2"), is_tape("x_tape|p1")
(False, True, True)
"""

from __future__ import annotations

import string

BAR = "|"
OUTPUT = "#"

HOISTED = "h"
ADJOINT = "b"
STEP = "bt"
TANGENT = "d"
SAVED = "s"
TAPE = "p"
GIVEN = "q"
COPY = "c"
SHADOW = "w"
NAMED = "t"
EXPANDED = "u"
INLINED = "v"
RESULT = "r"
SUGAR = "k"
STATED = "e"
FLAG = "f"
MEMORY = "m"
UNUSED = f"_{BAR}i"


def user_name(name: str) -> str:
    """What a name would like to be called: for a life, the name that the user gave."""
    return name.partition(BAR)[0]


def is_internal(name: str) -> bool:
    """Whether a pass made a name."""
    return BAR in name


def role(name: str) -> str:
    """The role of an internal name; empty for a life of the user's and for a name of the user's."""
    rest = name.partition(BAR)[2]
    return rest[: len(rest) - len(rest.lstrip(string.ascii_lowercase))]


def made(hint: str, role: str, number: int | str = "") -> str:
    """An internal name."""
    return f"{user_name(hint)}{BAR}{role}{number}"


def unused_name(hint: str, role: str, taken: set[str]) -> str:
    """An internal name that is not taken, which it then is.

    >>> unused_name("x|2", EXPANDED, {"x|u1"})
    'x|u2'
    """
    number = 1
    while made(hint, role, number) in taken:
        number += 1
    taken.add(made(hint, role, number))
    return made(hint, role, number)


def is_flagged(name: str) -> bool:
    """Whether a variable holds what leaves a loop or a block, which a flag tells of.

    >>> is_flagged("out|r1"), is_flagged("out|rx2"), is_flagged("out|r|2"), is_flagged("out")
    (True, True, False, False)
    """
    return role(name).startswith(RESULT) and name.split(BAR)[1] != RESULT


def is_tape(name: str) -> bool:
    """Whether a name is a tape that its own function fills."""
    return role(name) == TAPE


def tape_for(name: str) -> str:
    """The tape that records an internal name in a loop; no other tape is called so.

    >>> tape_for("x_sum|h3"), is_tape(tape_for("x_sum|h3"))
    ('x_sum_tape|p_h3', True)
    """
    return made(f"{user_name(name)}_tape", TAPE, f"_{name.partition(BAR)[2]}")


def retaken(name: str) -> str:
    """The name of a value that the reverse sweep has taken back from a tape."""
    return f"{name}r"


def given_tape(name: str) -> str:
    """The name of a tape in a function that is given it."""
    return name.replace(f"{BAR}{TAPE}", f"{BAR}{GIVEN}")


def is_adjoint_name(name: str) -> bool:
    """Whether the reverse sweep made a name for an adjoint."""
    return role(name) in (ADJOINT, STEP)


def output_of(name: str) -> str:
    """The name by which the value that a statement gives to a variable is meant."""
    return f"{name}{OUTPUT}"


def readable(name: str) -> str:
    """An internal name as one that Python can read, for showing a program between two passes.

    >>> readable("x|2"), readable("x#")
    ('x__2', 'x')
    """
    return name.replace(BAR, "__").replace(OUTPUT, "")
