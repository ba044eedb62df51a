"""Lists, tuples and dicts: as arguments, built, indexed, appended to."""

import numpy as np

from .registry import normal, program


@program(normal(3), 4)
def append_and_stack(x, n):
    rows = []
    h = x
    for i in range(n):
        h = np.sin(h) * x
        rows.append(h)
    return np.sum(np.stack(rows) ** 2)


@program(0.6, 4)
def append_and_sum(x, n):
    values = []
    y = x
    for _ in range(n):
        y = y * x + 0.2
        values.append(y * y)
    return sum(values)


@program(0.6, 3)
def append_and_array(x, n):
    values = [x]
    for i in range(n):
        values.append(values[-1] * x + values[0])
    return np.sum(np.array(values) ** 2)


@program(0.6, 3)
def append_and_read_back(x, n):
    values = [1.0, x]
    for i in range(n):
        values.append(values[i] * values[i + 1] + x)
    return values[-1] * values[2] * len(values)


@program(0.6, 1.3)
def list_display(x, y):
    values = [x, x * y, 2.0, y]
    return values[0] * values[1] - values[-1] + values[2] * x


@program(0.6, 1.3)
def list_element_replaced(x, y):
    values = [x, y, x * y]
    values[0] = values[0] * values[2]
    values[1] += values[0]
    return values[0] * values[1] + values[2]


@program(0.6, 1.3)
def alias_of_a_list(x, y):
    a = [x, y]
    b = a
    b[0] = x * y
    b.append(x)
    return a[0] * a[1] + a[2] * b[0]


@program(normal(3), 0.6)
def list_of_arrays_built(x, s):
    parts = [x * s, x + s]
    parts[1] = parts[0] * parts[1]
    return np.sum(parts[0] * parts[1])


@program([normal(2, 3), normal(3, 2)])
def list_of_arrays_argument(weights):
    return np.sum((weights[0] @ weights[1]) ** 2) + weights[-1][0, 0]


@program([normal(2, 3), normal(3, 2), normal(2, 2)], normal(2))
def product_over_a_list(weights, x):
    for w in weights:
        x = np.tanh(x @ w)
    return np.sum(x**2)


@program([(normal(2, 3), normal(3)), (normal(3, 1), normal(1))], normal(2, 2))
def list_of_tuples_argument(layers, x):
    h = x
    for w, b in layers:
        h = np.tanh(h @ w + b)
    return np.sum(h**2)


@program({"w": normal(3, 2), "b": normal(2)}, normal(3))
def dict_argument(p, x):
    return np.sum(np.tanh(x @ p["w"] + p["b"]) ** 2)


@program({"layers": [{"w": normal(2, 2), "b": normal(2)}, {"w": normal(2, 2), "b": 0.3}], "s": 1.2})
def nested_dict_of_lists_argument(p):
    h = np.ones(2)
    for layer in p["layers"]:
        h = np.tanh(h @ layer["w"] + layer["b"])
    return np.sum(h) * p["s"]


@program((normal(2), (0.7, normal(2, 2))))
def tuple_argument(p):
    x, (s, a) = p
    return np.sum(s * (a @ x) ** 2) + p[1][0] * p[0][1]


@program({"w": normal(3), "steps": 3, "kind": "sin", "bias": None})
def dict_argument_with_other_leaves(p):
    x = p["w"]
    for _ in range(p["steps"]):
        x = np.sin(x) if p["kind"] == "sin" else x * x
    return np.sum(x if p["bias"] is None else x + p["bias"])


@program({"used": normal(2), "unused": normal(2, 2), "list": [0.5, 1.5]})
def unused_leaves(p):
    return np.sum(p["used"] ** 2) * p["list"][1]


@program(0.6, 1.3)
def dict_built_and_indexed(x, y):
    d = {"a": x * y, "b": y}
    d["c"] = d["a"] * d["b"]
    d["a"] = d["a"] + d["c"]
    return d["a"] * d["c"]


@program(0.6, 1.3)
def dict_element_augmented(x, y):
    d = {"sum": 0.0, "product": 1.0}
    for v in (x, y, x):
        d["sum"] += v * d["product"]
        d["product"] *= v
    return d["sum"] * d["product"]


@program(normal(3), 0.7)
def dict_of_arrays_built(x, s):
    d = {"x": x, "y": x * s}
    d["y"] = d["y"] * d["x"]
    return np.sum(d["x"] * d["y"])


@program(normal(3))
def tuple_built_and_indexed(x):
    t = (x * x, np.sum(x))
    u = t + (x[0],)
    return np.sum(t[0] * u[1]) * u[2]


@program(0.7, 1.4)
def nested_containers(x, y):
    t = {"p": [x, (y, x * y)], "q": y}
    a, (b, c) = t["p"]
    return a * b * c + t["p"][1][0] * t["q"]


@program(normal(4))
def comprehension_over_elements(x):
    squares = [v * v for v in x]
    return squares[0] * squares[1] + sum(squares)


@program([0.3, 0.9, 1.4], 2.0)
def list_argument_by_loop_index(xs, s):
    total = s
    for i in range(len(xs)):
        total = total * xs[i] + xs[i - 1]
    return total


@program([0.3, 0.9, 1.4])
def list_slices_and_sums(xs):
    head, tail = xs[0], xs[1:]
    both = tail + [head * head]
    return sum(both) * both[-1] * both[0]


@program([normal(2), normal(2)])
def loop_with_two_lists(xs):
    ys = [x * 2.0 for x in xs]
    s = 0.0
    for x, y in zip(xs, ys):
        s += np.sum(x * y * y)
    return s


@program(0.7)
def list_overwritten_in_a_loop(x):
    state = [x, 1.0]
    for _ in range(3):
        state = [state[1] * x, state[0] + state[1]]
    return state[0] * state[1]


@program(0.7)
def list_element_in_a_loop(x):
    state = [x, 1.0]
    for i in range(3):
        state[0] = state[0] * state[1]
        state[1] = state[1] + state[0] * x
    return state[0] * state[1]


@program({"a": normal(2), "b": normal(2)}, 3)
def gradient_descent_on_a_dict(p, n):
    a, b = p["a"], p["b"]
    for _ in range(n):
        a, b = a - 0.1 * a * b, b + 0.1 * a
    return np.sum(a * b)


@program({"m": {"w": normal(2)}, "v": {"w": normal(2)}})
def same_last_component(state):
    return np.sum(state["m"]["w"] * state["v"]["w"] ** 2)


@program({"u": 0.5, "v": 1.5})
def returns_a_dict(p):
    return {"product": p["u"] * p["v"], "list": [p["u"], p["v"] ** 2]}


@program(normal(2), 1.5)
def returns_a_nested_tuple(x, s):
    return (x * s, (s * s, x[0]))


@program(0.7, refused="`values` changes while it is looped over")
def list_appended_while_iterated(x):
    values = [x, 1.0]
    for v in values:
        if len(values) < 5:
            values.append(v * x + values[-1])
    return sum(values) * values[-1]


@program(0.7, 1.4)
def list_and_tuple_augmented(x, y):
    a = [x]
    b = a
    a += [y, x * y]
    t = (x,)
    u = t
    t += (y * y,)
    return sum(b) * a[2] * t[1] * len(u)
