"""Programs that were once answered wrongly: draws and taken items where order and number count."""

import numpy as np

from .registry import normal, program


@program(normal(4))
def item_taken_for_the_place_of_a_write(u):
    stack = [0, 2, 1, 3]
    u = u.copy()
    y = 0.0
    while len(stack) > 1:
        y = y + u[stack[-1]] ** 2 * len(stack)
        u[stack.pop()] += y
    return np.sum(u**2) + y


@program(normal(4))
def item_taken_for_the_place_of_an_assignment(u):
    stack = [0, 2, 1]
    u = u.copy()
    y = u[stack[-1]] ** 2
    u[stack.pop()] = 3.0 * y * len(stack)
    z = u[stack[-1]] ** 3
    u[stack.pop()] *= z
    return np.sum(u**2) + y


@program(normal(4))
def items_taken_for_bounds_of_slices(u):
    stack = [0, 2, 1, 3]
    u = u.copy()
    y = 1.0
    for _ in range(2):
        y = y * u[stack[-1]] + np.sum(u[: stack[1]])
        u[stack.pop() :] = y * len(stack)
        u[: stack.pop(0) + 1] *= 2.0
    return np.sum(u**2) * y


@program(normal(4))
def items_taken_for_several_places(u):
    stack = [0, 2, 1, 3]
    u = u.copy()
    rows = [u, u * 2.0, u * 3.0, u * 4.0]
    y = u[stack[-1]] * rows[1][0]
    u[stack.pop()], u[stack.pop()] = y * stack[0], y**2 * len(stack)
    rows[stack.pop()][stack.pop()] += y
    return np.sum(rows[0] * rows[2]) * y


@program(normal(4))
def item_taken_on_the_right_of_an_element(u):
    stack = [0, 2, 1, 3]
    u = u.copy()
    kept = [1.0, 2.0, 3.0, u[0]]
    y = 1.0
    while len(stack) > 1:
        y = y + u[stack[-1]] ** 2 * len(stack)
        u[0] += u[stack.pop()] * y
        kept[len(stack)] += u[stack[-1]]
    return np.sum(u**2) + y * sum(kept)


@program(normal(4))
def item_taken_for_a_key(u):
    stack = [0, 2, 1, 3]
    out = {}
    y = 1.0
    for _ in range(3):
        y = y * u[stack[-1]]
        out[stack.pop()] = y
    total = 0.0
    for k in (3, 1, 2):
        total = total + k * out[k]
    return total * y


@program(normal(4), refused="a call that acts on something in a chain of comparisons")
def item_taken_in_a_chain_of_comparisons(u):
    stack = [0, 2, 1, 3]
    y = 1.0
    while len(stack) > 1:
        y = y + u[stack[-1]] ** 2 * len(stack)
        if 0 <= stack[0] < stack.pop():
            y = y * u[0]
    return y


@program(normal(4))
def places_of_a_stack_cleared_on_the_way_back(u):
    places = []
    for _ in range(2):
        u = u * u
        places.append([0, 3])
    u = 2.0 * u
    for _ in range(2):
        u[places.pop()] = 0.0
        u = 2.0 * u
    return np.sum(u**2)


@program(normal(4))
def noise_added_before_noise_that_scales(u):
    rng = np.random.default_rng(0)
    y = u[0]
    for _ in range(3):
        y = rng.normal() + y * u[1] * rng.normal()
    return y * u[0]


@program(normal(4))
def drawn_place_of_a_drawn_value(u):
    rng = np.random.default_rng(0)
    u = u.copy()
    u[rng.integers(4)] = rng.normal()
    y = rng.normal() + u[rng.integers(4)]
    return np.sum(u**2) * y


@program(normal(4))
def drawn_place_scaled_in_place(u):
    rng = np.random.default_rng(0)
    u = u.copy()
    for _ in range(2):
        u[rng.integers(4)] *= 2.0 + u[1]
        u[: rng.integers(4)] *= 3.0 * u[1]
        u[rng.integers(4)] += rng.normal() * u[0] * rng.normal()
    return np.sum(u**2)


@program(normal(4), True)
def draws_on_paths_of_an_expression(u, flag):
    rng = np.random.default_rng(3)
    y = rng.normal() + (u[rng.integers(4)] if flag else rng.normal() * u[0]) + rng.normal() * u[2]
    y += rng.normal() + u[rng.integers(4)] * rng.normal()
    both = {"a": rng.normal(), "b": u[rng.integers(4)] ** 2}
    return y * both["b"] + both["a"] * y**2


@program(normal(4))
def dropout_and_noise(u):
    rng = np.random.default_rng(3)

    def layer(x):
        return x * (rng.random(x.shape) < 0.5)

    return np.sum(layer(u) * rng.normal(size=4) + layer(u * u) * rng.normal(size=4) * rng.normal())


@program(normal(4))
def two_names_of_one_generator(u):
    rng = np.random.default_rng(3)
    same = rng
    y = rng.normal() * u[0]
    z = same.normal() * u[1]
    w = rng.normal(size=4) * u
    return np.sum(y + same.uniform(size=4) * w) + z


def drawn_by_itself(u, k, rng):
    if k == 0:
        return u[0] ** 2 * rng.normal()
    return rng.normal() + drawn_by_itself(u, k - 1, rng) * u[2] * rng.normal()


@program(normal(4), order=1)
def draws_in_a_recursion(u):
    rng = np.random.default_rng(3)
    return rng.normal() * u[1] + drawn_by_itself(u, 2, rng) + u[rng.integers(4)] * rng.normal()


SEEN = "the values of this iterator are computed as they are asked for"


@program(normal(3), refused=SEEN)
def map_reads_what_its_loop_binds(x):
    k = x[0]
    for v in map(lambda t: t * k, x):
        k = k + v
    return k


@program(normal(3), refused=SEEN)
def map_reads_what_its_loop_writes(x):
    x = x.copy()
    s = 0.0
    for v in map(lambda t: t * 2, x):
        x[2] = v
        s += v * x[1]
    return s


@program(normal(3), refused=SEEN)
def map_used_after_what_it_reads_has_changed(x):
    k = 2.0
    doubled = map(lambda v: v * k, x)
    k = x[0]
    return sum(doubled) * k


@program(normal(3), refused=SEEN)
def map_kept_in_a_dict_and_used_twice(x):
    kept = {"m": map(lambda v: v * 2, x)}
    return sum(kept["m"]) + x[0] * sum(kept["m"])


@program(normal(3), refused=SEEN)
def counted_generator_reads_what_its_loop_binds(x):
    k = 1.0
    for i, v in enumerate(t * k for t in x):
        k = k + v * i
    return k


@program(normal(3))
def map_is_gone_through_beside_other_changes(x):
    k = x[0]
    s = 0.0
    for i, v in enumerate(map(lambda t: t * k, x)):
        s = s + v * i
    doubled = map(lambda v: v * k, x)
    t = s * 2.0
    return sum(doubled) * t


@program(normal(3))
def length_of_a_dict_that_gains_items(x):
    memo = {}
    y = 1.0
    for k in range(3):
        y = y * x[k] * (len(memo) + 1)
        memo[k] = x[k] * y
    return y + memo[1]


@program(normal(3))
def length_of_a_dict_before_and_after(x):
    d = {"a": x[0]}
    y = x[1] * len(d)
    d["b"] = y
    z = y * len(d) * x[2]
    del d["a"]
    return z * x[0] * len(d) + d["b"]


@program(normal(3), 2)
def lists_changed_by_conditional_expressions(x, m):
    order = [0, 1, 2]
    out = []
    y = 1.0
    for k in range(m):
        y = y * x[order[k]] + x[order[-1]]
        order[0], order[-1] = order[-1], order[0]
        k < 1 and out.append(x[k] * y)
        order.reverse() if k == 1 else out.append(y)
        y = y * x[order[0]]
        order.sort(reverse=True) if k == 1 else None
    return y * x[order[1]] + out[0] * out[-1]


@program(normal(3), refused="a list is changed inside of this expression")
def list_changed_inside_of_a_test(x):
    out = []
    y = x[0]
    for k in range(2):
        y = y * x[k] * (len(out) + 1)
        if (k == 0 or out.append(y)) and y > 5.0:
            y = y * 2.0
    return y * (len(out) + 1)


@program(normal(3), 3)
def list_bound_anew_between_appends(x, m):
    order = [0, 1, 2]
    y = 1.0
    for k in range(m):
        y = y * x[order[0]]
        order.append(k % 2)
        y = y * x[order[-1]]
        if k == 1:
            order = [2, 1, 0]
    return y * x[order[0]]


def overwritten(a):
    a[0] = 9.0
    return a


def squared(t):
    return t * t


@program(normal(3), refused=SEEN)
def map_reads_what_numpy_writes(x):
    y = x * 1.0
    scaled = map(lambda t: t * y[0], x)
    np.put(y, [0], 9.0)
    return sum(scaled)


@program(normal(3), refused=SEEN)
def map_reads_what_out_is_given(x):
    y = x * 1.0
    s = 0.0
    for v in map(lambda t: t * y[0], x):
        np.multiply(x, x, out=y)
        s += v
    return s


@program(normal(3), refused=SEEN)
def map_reads_what_an_inner_function_writes_by_name(x):
    y = x * 1.0

    def bump(a):
        a[0] = 9.0

    scaled = map(lambda t: t * y[0], x)
    bump(a=y)
    return sum(scaled)


@program(normal(3), refused=SEEN)
def map_reads_what_another_name_of_a_closure_writes(x):
    y = x * 1.0

    def bump():
        y[0] = 9.0

    again = bump
    scaled = map(lambda t: t * y[0], x)
    again()
    return sum(scaled)


@program(normal(3), refused=SEEN)
def map_reads_what_is_written_through_a_list(x):
    y = x * 1.0
    kept = []
    kept.append(y)
    scaled = map(lambda t: t * y[0], x)
    kept[0][0] = 3.0
    return sum(scaled)


@program(normal(3), refused=SEEN)
def map_reads_what_is_written_through_a_result(x):
    y = x * 1.0

    def same():
        return y

    z = same()
    scaled = map(lambda t: t * y[0], x)
    z[0] = 3.0
    return sum(scaled)


@program(normal(3), refused=SEEN)
def map_used_behind_its_block(x):
    y = x * 1.0
    if x[0] > -100:
        scaled = map(lambda t: t * y[0], x)
    y[0] = 9.0
    return sum(scaled)


@program(normal(3), refused=SEEN)
def map_under_another_name(x):
    y = x * 1.0
    scaled = map(lambda t: t * y[0], x)
    same = scaled
    y[0] = 9.0
    return sum(same)


@program(normal(3), refused=SEEN)
def maps_that_take_turns(x):
    y = x * 1.0
    two = zip(map(lambda t: t * y[0], x), map(lambda t: overwritten(y)[0] * t, x), strict=True)
    return sum(a * b for a, b in two)


@program(normal(3), refused=SEEN)
def map_that_writes_and_is_left_early(x):
    y = x * 1.0

    def add(t):
        y[0] += t
        return t

    s = 0.0
    for v in map(add, x):
        s += v
        break
    return s * y[0]


@program(normal(3), refused=SEEN)
def generator_that_writes_and_is_left_early(x):
    y = x * 1.0

    def add(t):
        y[0] += t
        return t > -100

    return y[0] * x[0] if any(add(t) for t in x) else y[0]


@program(normal(3), refused=SEEN)
def map_that_is_true_without_values(x):
    none = filter(lambda t: t > 1e9, x)
    return x[0] if none else x[1] * x[0]


def writes_one_of_two(a, b):
    s = 0.0
    for v in map(lambda t: t * 2, a):
        b[1] = 7.0
        s += v
    return s


@program(normal(3), refused=SEEN)
def map_of_an_argument_beside_a_write_into_another(x):
    y = x * 1.0
    return writes_one_of_two(y, y[:2])


@program(normal(3))
def maps_beside_helpers_that_change_nothing(x):
    def scaled(t):
        return t * x[0]

    out = []
    last = np.zeros(3)
    s = 0.0
    for i, v in enumerate(map(scaled, x)):
        out.append(squared(v) * 2)
        last[i] = v * x[i] + scaled(v)
        s += v
    doubled = map(lambda t: t * 2.0, x)
    t = squared(x[1])
    return sum(doubled) * t + s * sum(out) + np.sum(last)
