"""Lists that change: every method and operator, in straight code, loops and branches."""

import copy

import numpy as np

from .registry import normal, program


def push_square(xs, v):
    xs.append(v * v)


def double_first(xs):
    xs[0] = xs[0] * 2.0
    return xs


@program(0.7, 1.3)
def insert_in_the_middle(x, y):
    xs = [x, y]
    xs.insert(1, x * y)
    return xs[0] * xs[1] + xs[2] ** 2


@program(0.7, 4)
def insert_at_the_front_in_a_loop(x, n):
    xs = [x]
    for i in range(n):
        xs.insert(0, xs[0] * x + i)
    return xs[0] * xs[-1] + xs[2]


@program(0.7, 1.3)
def insert_beyond_the_ends(x, y):
    xs = [x]
    xs.insert(10, y)
    xs.insert(-10, x * y)
    xs.insert(-1, y * y)
    return xs[0] + 2.0 * xs[1] ** 2 + 3.0 * xs[2] * xs[3]


@program([0.7, 1.3, 0.4])
def pop_last(xs):
    ys = [x * x for x in xs]
    last = ys.pop()
    return last * sum(ys) + last


@program([0.7, 1.3, 0.4])
def pop_first(xs):
    ys = [x * x for x in xs]
    first = ys.pop(0)
    return first * ys[0] + ys[1]


@program([0.7, 1.3, 0.4, 0.9])
def pop_until_empty(xs):
    ys = [x * x for x in xs]
    total = 1.0
    while ys:
        total = total * 0.5 + ys.pop()
    return total


@program([0.7, 1.3, 0.4, 0.9])
def queue_of_values(xs):
    queue = list(xs)
    total = 0.0
    while len(queue) > 1:
        a = queue.pop(0)
        b = queue.pop(0)
        total += a * b
        if total < 0.5:
            queue.append(a * b + 0.1)
    return total * queue[0] if queue else total


@program([0.7, 1.3, 0.4])
def pop_inside_an_expression(xs):
    stack = [x * 2.0 for x in xs]
    stack.append(stack.pop() * stack.pop())
    return stack.pop() + stack[0]


@program([0.7, 1.3, 0.4])
def pop_without_use(xs):
    ys = [x * x for x in xs]
    ys.pop()
    ys.pop(0)
    return ys[0] * xs[0]


@program([2.0, 3.0, 4.0])
def stack_machine(xs):
    stack = []
    for token in ("0", "1", "+", "2", "*"):
        if token == "+":
            b, a = stack.pop(), stack.pop()
            stack.append(a + b)
        elif token == "*":
            b, a = stack.pop(), stack.pop()
            stack.append(a * b)
        else:
            stack.append(xs[int(token)])
    return stack[0]


@program([0.7, 1.3, 0.4])
def list_reversed_in_place(xs):
    ys = [x * x for x in xs]
    ys.reverse()
    ys.append(ys[0] * ys[2])
    return ys[0] + ys[1] * ys[3]


@program([0.7, 1.3, 0.4])
def list_cleared(xs):
    ys = [x * x for x in xs]
    total = sum(ys)
    ys.clear()
    ys.append(total * xs[0])
    return ys[0] * total


@program([0.7, 1.3, 0.4], 3)
def list_cleared_in_a_loop(xs, n):
    batch = []
    total = 0.0
    for i in range(n):
        batch.append(xs[i] * xs[i])
        if len(batch) == 2:
            total += batch[0] * batch[1]
            batch.clear()
    return total + sum(batch)


@program([0.7, 1.3, 0.4])
def list_copied(xs):
    ys = xs.copy()
    ys[0] = ys[1] * 2.0
    zs = ys[:]
    zs.append(ys[0] * xs[0])
    return sum(zs) * ys[0]


@program([0.7, 1.3, 0.4])
def list_extended(xs):
    ys = [xs[0]]
    ys.extend(xs)
    ys.extend([xs[1] * xs[2], 3.0])
    ys.extend(x * x for x in xs)
    ys += [xs[2]]
    return sum(y * y for y in ys) * ys[4]


@program([0.7, 1.3, 0.4])
def list_item_deleted(xs):
    ys = [x * x for x in xs]
    del ys[1]
    return ys[0] * ys[1]


@program([0.7, 1.3, 0.4])
def last_list_item_deleted(xs):
    ys = [x * x for x in xs]
    del ys[-1]
    return ys[0] * ys[1] * len(ys)


@program([0.7, 1.3, 0.4, 0.8])
def list_slice_deleted(xs):
    ys = [x * x for x in xs]
    del ys[1:3]
    return ys[0] * ys[1] * len(ys)


@program([0.7, 1.3, 0.4, 0.8])
def list_slice_assigned(xs):
    ys = [x * x for x in xs]
    ys[1:3] = [ys[0] * ys[3], xs[0]]
    return ys[0] * ys[1] + ys[2] * ys[3]


@program([0.7, 1.3, 0.4, 0.8])
def list_slice_of_other_length_assigned(xs):
    ys = [x * x for x in xs]
    ys[1:3] = [ys[0] * ys[3]]
    ys[:1] = [xs[1], xs[2], xs[3]]
    return ys[0] * ys[1] + ys[2] * ys[3] + ys[4] * len(ys)


@program([0.7, 1.3, 0.4, 0.8])
def whole_list_assigned(xs):
    ys = [x * x for x in xs]
    zs = ys
    zs[:] = [y * y for y in ys]
    return ys[0] * ys[1]


@program(0.7, 5)
def zeros_then_filled(x, n):
    ys = [0.0] * n
    for i in range(n):
        ys[i] = x * i + (ys[i - 1] ** 2 if i > 0 else 0.0)
    return sum(ys)


@program([0.7, 1.3], 3)
def list_times_a_number(xs, n):
    ys = xs * n
    ys[1] = ys[1] * 2.0
    return sum(y * y for y in ys) * ys[-1]


@program([0.7, 1.3])
def list_times_augmented(xs):
    ys = [x * x for x in xs]
    ys *= 2
    return ys[0] * ys[3] + ys[2]


@program(0.7, 3)
def display_times_a_number(x, n):
    ys = [x, x * x] * n
    return sum(ys) * ys[1]


@program([0.7, 1.3, 0.4])
def sum_of_lists(xs):
    ys = xs + [x * x for x in xs] + [xs[0]]
    return sum(a * b for a, b in zip(ys, ys[1:]))  # noqa: RUF007


@program([0.7, 1.3, 0.4])
def list_items_augmented(xs):
    ys = list(xs)
    for i in range(3):
        ys[i] += ys[i - 1] * 0.5
        ys[-1] *= 1.1
    return ys[0] * ys[1] * ys[2]


@program(normal(3), 3)
def list_of_arrays_changed(x, n):
    rows = [x]
    for i in range(n):
        rows.append(np.sin(rows[-1]) * x)
        rows[0] = rows[0] + rows[-1]
    return np.sum(rows[0] * rows[-1])


@program([0.7, 1.3, 0.4])
def list_sorted_in_place(xs):
    ys = [x * x - x for x in xs]
    ys.sort()
    return ys[0] * 2.0 + ys[1] * ys[2]


@program([0.7, 1.3, 0.4])
def list_sorted_backwards(xs):
    ys = [x * x - x for x in xs]
    ys.sort(reverse=True)
    return ys[0] * 2.0 + ys[1] * ys[2]


@program([0.7, 1.3, 0.4], [2, 0, 1])
def list_sorted_by_key(xs, order):
    pairs = sorted(zip(order, xs), key=lambda p: p[0])
    return pairs[0][1] * 2.0 + pairs[1][1] * pairs[2][1]


@program([0.7, 1.3, 0.4])
def change_in_a_branch(xs):
    ys = [x * x for x in xs]
    if ys[0] < 1.0:
        ys.append(ys[0] * ys[1])
    else:
        ys.pop()
    return sum(ys) * ys[-1]


@program([0.7, 1.3, 0.4])
def pop_in_a_branch_in_a_loop(xs):
    ys = []
    for x in xs:
        if ys and ys[-1] > 0.6:
            y = ys.pop()
            ys.append(y * x)
        ys.append(x * x)
    return sum(v * (i + 1) for i, v in enumerate(ys))


@program([0.7, 1.3])
def argument_appended_to(xs):
    xs.append(xs[0] * xs[1])
    return xs[2] * xs[2]


@program([0.7, 1.3])
def argument_item_written(xs):
    xs[0] = xs[0] * xs[1]
    return xs[0] * xs[0]


@program(0.7, 1.3)
def second_name_appended_to(x, y):
    a = [x]
    b = a
    b.append(y * x)
    a.append(y)
    return a[1] * b[2]


@program(0.7, 1.3)
def helper_appends(x, y):
    xs = [x]
    push_square(xs, y)
    push_square(xs, xs[-1])
    return xs[1] * xs[2] + xs[0]


@program(0.7, 1.3)
def helper_writes_and_returns(x, y):
    xs = [x, y]
    ys = double_first(xs)
    return xs[0] * ys[1]


@program([0.7, 1.3])
def list_copied_by_copy(xs):
    ys = copy.copy(xs)
    ys[0] = ys[1]
    return ys[0] * xs[0]


@program([0.7, 1.3, 0.4])
def removed_and_found(xs):
    names = ["a", "b", "c"]
    names.remove("b")
    return sum(x * names.index("c") for x in xs) * len(names) * xs[0]


@program([0.7, 1.3, 0.4])
def unpacked_with_a_star(xs):
    first, *rest = xs
    *most, last = rest
    return first * sum(rest) + last * most[0]
