"""Loops that jump: while, break, continue, else, and returns from inside."""

import math

from .registry import normal, positive, program


@program(1.9)
def while_on_an_active_value(x):
    y = x
    while y < 20.0:
        y = y * x + 0.5
    return y * y


@program(0.9, 4)
def while_with_a_counter(x, n):
    i = 0
    y = 1.0
    while i < n:
        y = y * x + i
        i += 1
    return y * i


@program(7.3, 1e-13, wrt=("a",))
def newton_cube_root(a, tol):
    x = a
    n = 0
    while abs(x * x * x - a) > tol * a:
        if n > 50:
            break
        x = x - (x * x * x - a) / (3.0 * x * x)
        n += 1
    return x


@program(0.7)
def while_true_with_break(x):
    y = x
    while True:
        y = y * y + x
        if y > 5.0:
            break
        y = y + 0.1 * x
    return y * x


@program(0.7, 6)
def break_in_the_middle(x, n):
    y = x
    for i in range(n):
        y = y * (x + 1.0)
        if y > 2.5:
            break
        y = y + x * y
    return y * i


@program(0.7, 6)
def continue_in_the_middle(x, n):
    y = x
    for i in range(n):
        y = y * x + i
        if i % 2 == 1:
            continue
        y = math.sin(y)
    return y


@program(0.7, 5)
def break_and_continue(x, n):
    y = x
    s = 0.0
    for i in range(n):
        y = y * 1.3
        if y < 1.1:
            continue
        s = s + y * y
        if s > 3.0:
            break
        y = y + s * 0.1
    return s * y


@program(0.7, 6)
def break_nested_in_two_ifs(x, n):
    y = x
    for i in range(n):
        y = y * 1.4 + 0.05
        if i > 1:
            y = y * x
            if y > 0.9:
                y = y * y
                break
            y = y + 0.3
    return y


@program(0.7, 4)
def break_of_the_inner_loop(x, n):
    y = x
    for i in range(n):
        for j in range(n):
            y = y + x * 0.1 * j
            if j > i:
                break
            y = y * x
        y = y * 1.2
    return y


@program(0.7, 4)
def continue_of_the_inner_loop(x, n):
    y = x
    for i in range(n):
        if i == 1:
            continue
        for j in range(3):
            if j == i:
                continue
            y = y * x + j
        y = y * y
    return y


@program(normal(5))
def break_at_the_first_iteration(x):
    s = 1.0
    for v in x:
        s = s * v
        break
    return s * s


@program(0.7, 6)
def loop_else(x, n):
    y = x
    for i in range(n):
        y = y * x + 0.5
        if y > 100.0:
            break
    else:
        y = y * y
    return y


@program(0.7, 8)
def return_inside_a_loop(x, n):
    y = x
    for i in range(n):
        y = y * 1.5
        if y > 2.0:
            return y * y * x
        y = y + 0.1 * i
    return y


@program(0.7, 2)
def return_inside_a_loop_not_taken(x, n):
    y = x
    for i in range(n):
        y = y * 1.5
        if y > 20.0:
            return y * y * x
        y = y + 0.1 * i
    return y


@program(0.7, 4)
def return_inside_nested_loops(x, n):
    y = x
    for i in range(n):
        for j in range(n):
            y = y * x + 0.4
            if i * j == 2:
                return y * i + x
        y = y * y
    return y


@program(0.7)
def raised_in_a_branch(x):
    if x < 0:
        raise ValueError("negative")
    return x * x


@program(positive(3), 2.0)
def raised_in_a_loop_and_behind_it(x, most):
    s = 0.0
    for v in x:
        if v > most:
            raise ValueError(f"{v} is too large")
        if v < 0:
            return s * v
        s += v * v
    if s > 100.0:
        y = s
    elif s > 0:
        y = s * x[0]
    else:
        raise ValueError("nothing left")
    return y * s


@program(normal(6))
def integer_state_as_an_index(x):
    k = 0
    y = x[0]
    while k < 5:
        k = k + 1 if x[k] > 0 else k + 2
        y = y * x[k % 6] + k
    return y
