"""Statements beside assignments and loops: `:=`, `match`, `with`, `try`, imports, `del`."""

import contextlib
import enum
import logging
import math
import threading
import time

import numpy as np

from .registry import normal, positive, program

LOG = logging.getLogger(__name__)
LOCK = threading.Lock()


class Shape(enum.Enum):
    """What to compute."""

    CIRCLE = 1
    SQUARE = 2


@program(0.7)
def walrus_in_a_test(x):
    if (y := x * x) > 0.2:
        return y * x
    return x


@program(1.3)
def walrus_behind_and(x):
    s = x
    if x > 0 and (u := math.sin(x)) > 0.5:
        s = u * u * x
    return s


@program(0.7)
def walrus_behind_or_with_else(x):
    if x > 1 or (v := x * x + 2.0) > 3.0:
        return x * x * x
    else:
        return v * x


@program(0.9)
def walrus_in_a_while(x):
    y = 4.0 * x
    s = 0.0
    while (n := 0.5 * y) > 0.3:
        if n > 1.5:
            y = y - 0.7 * x
            continue
        s = s + n * n
        y = n
    return s * n


@program(0.9, 5)
def walrus_in_a_while_with_else(x, n):
    k = 0
    s = 1.0
    while (k := k + 1) < n:
        s = s * x + k
        if s > 100.0:
            break
    else:
        s = s * s
    return s


@program(0.7)
def walrus_in_arguments(x):
    return math.hypot((a := math.exp(x)), a * x) + (x + (b := a * 2.0)) * b


@program(0.7)
def walrus_after_a_read_of_its_name(x):
    y = x * x
    return y * (y := y + x) + y


@program(0.7)
def walrus_in_a_conditional_expression(x):
    z = (y := x * x) * 3.0 if x > 0 else (y := x) * x
    return z + y


@program(normal(6))
def walrus_in_a_comprehension(x):
    return sum([y * v for v in x if (y := v * v) > 0.1])


@program(0.7)
def walrus_in_elif(x):
    if x > 2:
        y = x
    elif (t := x * x) > 0.3:
        y = t * t
    else:
        y = -t
    return y * x


@program(0.7, 3)
def match_literals(x, n):
    match n:
        case 1:
            return x
        case 2 | 3:
            return x * x
        case _:
            return x * x * x


@program(0.7, "square")
def match_names_of_modes(x, mode):
    match mode:
        case "linear":
            y = x
        case "square" | "quadratic":
            y = x * x
        case other:
            raise ValueError(f"no mode {other}")
    return y * x


@program(0.7, 4)
def match_guards(x, n):
    match n:
        case k if k < 2:
            return x * k
        case k if k % 2 == 0:
            return x * x * k
        case k:
            return x + k


@program((0.7, 1.2))
def match_a_tuple(p):
    match p:
        case (a,):
            return a
        case (a, b) if b > 2.0:
            return a + b
        case [a, b]:
            return a * b * b
        case _:
            return 0.0


@program([0.7, 1.2, 0.4])
def match_a_star(values):
    match (values[0], values[1], values[2]):
        case [first, *rest]:
            return first * rest[0] + rest[1] * rest[1]
    return 0.0


@program({"kind": "ball", "r": 0.7})
def match_a_dict(shape):
    match shape:
        case {"kind": "box", "w": w, "h": h}:
            return w * h
        case {"kind": "ball", "r": r}:
            return math.pi * r * r
        case _:
            return 0.0


@program(normal(3))
def match_a_class(x):
    match x:
        case float() | int():
            return x * x
        case np.ndarray():
            return np.sum(x * x * x)
    return 0.0


@program(0.7)
def match_a_class_that_is_a_float(x):
    match x:
        case np.ndarray():
            return np.sum(x)
        case float(v):
            return v * v
    return 0.0


@program(0.7, lambda rng: Shape.SQUARE)
def match_members_of_an_enumeration(x, shape):
    match shape:
        case Shape.CIRCLE:
            return math.pi * x * x
        case Shape.SQUARE:
            return 4.0 * x * x


@program(0.7, 6)
def match_in_a_loop(x, n):
    y = x
    for i in range(n):
        match i % 3:
            case 0:
                y = y * x + 1.0
            case 1 if y > 1.5:
                y = math.sin(y)
            case _:
                continue
        y = y + 0.1 * i
    return y


@program(normal(3))
def isinstance_decides(x):
    if isinstance(x, (float, int)):
        return x * x
    if not isinstance(x, np.ndarray):
        raise TypeError(f"what is {x}?")
    return np.sum(x * x)


@program(0.7)
def deleted_name(x):
    y = x * x
    z = y * x
    del y
    return z


@program(0.7, 3)
def deleted_in_a_loop(x, n):
    s = 0.0
    for k in range(n):
        t = x**k * 2.0
        s = s + t * t
        del t
    return s


@program(0.7)
def import_inside(x):
    import math as m  # noqa: PLC0415

    return m.sin(x) * x


@program(0.7)
def import_from_inside(x):
    from math import cos  # noqa: PLC0415
    from math import exp as e  # noqa: PLC0415

    return e(x) * cos(x)


@program(normal(3))
def import_of_a_submodule_inside(x):
    import numpy.linalg as la  # noqa: PLC0415

    return la.norm(x) * x[0]


@program(0.7)
def bare_annotations(x):
    y: float
    k: int = 2
    z: float = x * x
    y = z * k
    return y * z


@program(0.7, 3)
def messages(x, n):
    start = time.perf_counter()
    s = 0.0
    for k in range(n):
        s = s + x**k
        LOG.debug("step %d: %s", k, s)
        label = f"s = {s:.3f}" + "!"
        LOG.debug(label)
    LOG.debug("took %s", time.perf_counter() - start)
    assert s > 0, f"{s} at {x}"
    return s * s


@program(0.7)
def raised_from(x):
    try:
        y = math.sqrt(x)
    except ValueError as error:
        raise RuntimeError(f"no root of {x}") from error
    return y * x


@program(0.7)
def raised_again(x):
    try:
        y = math.log(x) * x
    except ValueError:
        LOG.warning("no log of %s", x)
        raise
    return y * y


@program(normal(3))
def with_errstate(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log(np.abs(x))
        s = np.sum(y * x)
    return s * s


@program(normal(3))
def with_errstate_returns(x):
    with np.errstate(all="ignore"):
        return np.sum(np.exp(x) / x)


@program(0.7)
def with_returns_in_branches(x):
    with LOCK:
        if x > 2:
            return x
        y = x * x
        if y > 0.3:
            return y * x
    return y


@program(0.7, 5)
def with_break_and_continue_in_loop_else(x, n):
    s = x
    for k in range(n):
        with LOCK, np.errstate(all="ignore"):
            s = s * x + 0.1 * k
            if s > 3:
                break
            if k == 2:
                continue
            s = math.sin(s)
    else:
        s = s * 2.0
    return s * x


@program(0.7, 9)
def with_break_taken(x, n):
    s = x
    for k in range(n):
        with contextlib.nullcontext():
            s = s * 1.6 + x
            if s > 5.0:
                break
        s = s + 0.1 * k
    else:
        s = s * 100.0
    return s * k


@program(0.7)
def with_a_file(x):
    y = x
    with open("/dev/null", "w", encoding="utf-8") as file:
        for k in range(3):
            y = y * x + k
            file.write(f"{y}\n")
            print(y, file=file)
    return y


@program(normal(4))
def with_nested_and_a_loop(x):
    s = 0.0
    with np.errstate(over="ignore"):
        for v in x:
            with LOCK:
                s = s + v * v * s + v
    return s


@program(-0.7)
def try_that_fails(x):
    try:
        y = math.log(x)
    except ValueError:
        y = 0.5 * x
    return y * x


@program(0.7)
def try_that_succeeds(x):
    try:
        y = math.log(x)
    except ValueError:
        y = 0.5 * x
    return y * x


@program(-0.7)
def try_keeps_what_was(x):
    y = x * 2.0
    try:
        y = math.sqrt(x)
    except ValueError:
        pass
    return y * x


@program(-0.7)
def try_returns(x):
    try:
        return math.sqrt(x) * x
    except ValueError:
        return x * x


@program(0.7)
def try_returns_or_goes_on(x):
    y = x * x
    try:
        return math.acosh(x) * x
    except ValueError:
        y = y + x
    return y * y


@program(normal(5))
def try_in_a_loop(x):
    s = 0.0
    for v in x:
        try:
            y = math.log(v)
        except ValueError:
            y = v * v
        s = s + y * v
    return s


@program(normal(5))
def try_in_a_loop_keeps_what_was(x):
    y = x[0] * 2.0
    s = 0.0
    for v in x:
        try:
            y = math.exp(math.sqrt(v)) * s
        except ValueError:
            s = s + y * v
        s = s + y * 0.1
    return s


@program(1.7, 5)
def try_two_attempts(x, n):
    s = 0.0
    for k in range(n):
        try:
            y = math.exp(x - k)
            z = math.log(x - k) * y
            s = s + z * z
        except (ValueError, ZeroDivisionError) as error:
            LOG.debug("failed: %s", error)
            s = s * x + y * k
        finally:
            s = s * 1.01
    return s


@program(0.7, 4)
def try_two_handlers_and_else(x, n):
    s = x
    for k in range(n):
        try:
            y = math.sqrt(s - 1.0) / (k - 2)
        except ZeroDivisionError:
            s = s * s
        except ValueError:
            s = s + x * k + 0.6
        else:
            s = s + y * y
    return s


@program(0.7)
def try_with_a_loop_inside(x):
    n = 0
    y = x
    try:
        while y < 50.0:
            n += 1
            y = y * y + 1.0
            if n > 3:
                raise ValueError(f"too many: {n} {y}")
        y = y + math.sqrt(y - 100.0)
    except ValueError as error:
        LOG.debug("caught %s", error)
        y = y * x
    else:
        y = y + 3.0 * x
    return y


@program(1.2)
def try_with_branches_inside(x):
    y = x
    try:
        if x > 1:
            y = math.sqrt(x - 2.0)
        else:
            y = x * x
        z = math.log(y - 5.0)
        y = z * y
    except ValueError:
        y = y * x
    return y * y


@program(0.7)
def try_nested(x):
    try:
        try:
            y = math.log(x)
            z = 1.0 / (x - x)
        except ZeroDivisionError:
            y = y * x
            z = math.sqrt(x - 5.0)
    except ValueError:
        return x * y * 3.0
    return y * z


@program(0.7)
def try_nested_that_comes_out(x):
    try:
        y = x * x
        try:
            z = math.log(-x)
        except ZeroDivisionError:
            z = y
        y = y * z
    except ValueError:
        y = y * 5.0 * x
    return y


@program(0.7, 4)
def try_finally_and_break(x, n):
    s = x
    for k in range(n):
        try:
            s = s * 1.7
            if s > 3.0:
                break
        finally:
            s = s + 0.1 * x
        s = s + k
    return s * x


@program(normal(3))
def try_reads_past_the_end(x):
    s = 0.0
    i = 0
    while True:
        try:
            s = s + x[i] * x[i]
            i += 1
        except IndexError:
            break
    return s * i


@program(normal(4))
def try_writes_an_array(x):
    a = x * 2.0
    b = np.zeros(3)
    for i in range(4):
        try:
            b[i] = math.sqrt(a[i])
        except ValueError:
            b[i] = a[i] * 3.0
        except IndexError:
            b[0] = b[0] * x[3]
    return np.sum(b * b)


def root(x):
    if x < 0:
        raise ValueError("negative")
    return math.sqrt(x) * x


@program(normal(4))
def try_a_helper(x):
    s = 0.0
    for v in x:
        try:
            s = s + root(v - 0.1) * v
        except ValueError:
            s = s - v * v
    return s


@program(0.7, "12a")
def try_to_parse(x, text):
    try:
        n = int(text)
    except ValueError:
        n = 3
    return x**n


def guarded_root(x):
    try:
        return math.sqrt(x)
    except ValueError:
        LOG.debug("negative: %s", x)
    return x * x


@program(normal(4))
def helper_with_a_try(x):
    s = 1.0
    for v in x:
        s = s * 0.5 + guarded_root(v) * v
    return s


def quiet_ratio(x, y):
    with np.errstate(divide="ignore"):
        if np.sum(y) > 100.0:
            return x
        return x / y


@program(positive(3), positive(3))
def helper_with_a_with(x, y):
    return np.sum(quiet_ratio(x * x, y) * x)


@program(normal(3))
def try_warnings_as_errors(x):
    with np.errstate(all="raise"):
        try:
            y = np.log(x)
        except FloatingPointError:
            y = x * x
    return np.sum(y * x)


@program(-0.7)
def suppressed(x):
    y = x * x
    with contextlib.suppress(ValueError, ZeroDivisionError):
        y = math.sqrt(x) * x
    return y * x


@program(0.7)
def suppressed_returns(x):
    with contextlib.suppress(ValueError):
        return math.sqrt(x) * x
    return x


@program(0.7, 6)
def while_else_inside_with(x, n):
    k = 0
    y = x
    with LOCK:
        while k < n:
            k += 1
            y = y * x + 0.7
            if y > 50.0:
                break
        else:
            y = y * y
    return y


@program(0.7, 6)
def for_else_in_a_try(x, n):
    y = x
    try:
        for k in range(n):
            y = y + math.sqrt(2.0 - k)
            if y > 50.0:
                break
        else:
            y = y * y
    except ValueError:
        y = y * x
    return y


@program(0.7, 3)
def while_true_try_break(x, n):
    k = 0
    y = x
    while True:
        k += 1
        try:
            y = y * x + math.sqrt(n - k)
        except ValueError:
            y = y * y
            break
        if y > 100.0:
            break
    return y * k
