"""Dicts and sets: built, changed, walked through; keys that are constants or computed."""

import numpy as np

from .registry import normal, program


@program(0.7, 1.3)
def dict_by_keywords(x, y):
    d = dict(a=x * y, b=y)
    e = dict(d)
    e["a"] = e["a"] * 2.0
    return d["a"] * e["a"] + e["b"]


@program({"a": 0.7, "b": 1.3})
def dict_merged(p):
    q = {**p, "c": p["a"] * p["b"]}
    r = q | {"a": 3.0 * p["b"]}
    r |= {"b": q["c"]}
    return r["a"] * r["b"] * r["c"]


@program({"a": 0.7, "b": 1.3})
def dict_updated(p):
    q = dict(p)
    q.update({"a": q["a"] * q["b"]})
    q.update(c=q["a"] ** 2)
    return q["a"] * q["c"] * q["b"]


@program({"a": 0.7, "b": 1.3})
def dict_defaults(p):
    q = {"a": p["a"] * 2.0}
    u = q.get("a") * q.get("z", p["b"]) + q.get("a", 3.0)
    v = q.setdefault("b", u * u)
    w = q.setdefault("a", u)
    return v * w + q["b"]


@program({"a": 0.7, "b": 1.3})
def dict_popped(p):
    q = dict(p)
    a = q.pop("a")
    b = q.pop("zz", 2.0)
    return a * b * q["b"] * len(q)


@program({"a": 0.7, "b": 1.3})
def dict_item_deleted(p):
    q = {k: v * v for k, v in p.items()}
    s = q["a"] * q["b"]
    del q["a"]
    return s * q["b"] * len(q) if "a" not in q else s


@program({"a": 0.7, "b": 1.3})
def dict_comprehension_of_items(p):
    q = {k: v * v for k, v in p.items()}
    return q["a"] * q["b"] + q["a"]


@program({"a": 0.7, "b": 1.3, "c": 0.4})
def dict_comprehension_with_a_condition(p):
    q = {k: v * v for k, v in p.items() if k != "b"}
    return q["a"] * q["c"] * len(q)


@program([0.7, 1.3, 0.4])
def dict_by_position(xs):
    d = {i: v * v for i, v in enumerate(xs)}
    return d[0] * d[1] + d[2]


@program({"a": 0.7, "b": 1.3})
def dict_values_changed(p):
    q = dict(p)
    for k in q:  # noqa: PLC0206
        q[k] = q[k] * 2.0
    for k, v in q.items():
        q[k] = v * v
    return q["a"] * q["b"]


@program({"w": normal(2), "b": normal(2)}, {"w": normal(2), "b": normal(2)})
def momentum_step(p, v):
    new = {}
    for k in p:
        new[k] = p[k] - 0.1 * v[k]
    return sum(np.sum(new[k] ** 2) for k in new)


@program({"a": {"x": 0.7, "y": 1.3}, "b": {"x": 0.2, "y": 0.5}})
def nested_dicts(p):
    q = {k: {i: v * v for i, v in inner.items()} for k, inner in p.items()}
    q["a"]["x"] = q["b"]["y"] * 2.0
    return q["a"]["x"] * q["a"]["y"] + q["b"]["x"]


@program({"a": 0.7, "b": 1.3})
def dict_membership(p):
    total = 0.0
    for k in ("a", "b", "c"):
        if k in p:
            total += p[k] ** 2
    return total * (2.0 if "z" not in p else 1.0)


@program({"a": 0.7, "b": 1.3})
def dict_sorted(p):
    total = 1.0
    for k in sorted(p, reverse=True):
        total = total * p[k] + len(k)
    for k, v in sorted(p.items()):
        total = total * v
    return total


@program({"a": 0.7, "b": 1.3})
def values_as_a_list(p):
    vs = list(p.values())
    ks = list(p)
    return vs[0] * vs[1] * len(ks) + sum(p.values())


@program({"a": 0.7, "b": 1.3}, ("a", "b"))
def dict_by_a_list_of_keys(p, keys):
    return sum(p[k] ** 2 for k in keys)


@program(0.7, 5)
def dict_with_computed_keys(x, n):
    d = {}
    for i in range(n):
        d[i] = x * i + x
    return d[0] * d[n - 1] + d[2]


@program(0.7, 6)
def memo_of_a_recurrence(x, n):
    memo = {0: x, 1: x * x}
    for i in range(2, n):
        memo[i] = memo[i - 1] * memo[i - 2] + memo[i - 1]
    return memo[n - 1]


@program([0.7, 1.3, 0.4, 0.2], ["a", "b", "a", "b"])
def totals_by_group(xs, groups):
    totals = {}
    for x, g in zip(xs, groups):
        totals[g] = totals.get(g, 0.0) + x * x
    return sum(t * t for t in totals.values())


@program([0.7, 1.3, 0.4, 0.2], [0, 1, 0, 1])
def totals_by_number(xs, groups):
    totals = {0: 0.0, 1: 1.0}
    for x, g in zip(xs, groups):
        totals[g] += x * x * totals[0]
    return totals[0] * totals[1]


@program([0.7, 1.3, 0.4, 0.2], ["a", "b", "a", "b"])
def lists_by_group(xs, groups):
    lists = {}
    for x, g in zip(xs, groups):
        if g not in lists:
            lists[g] = 0.0
        lists[g] = lists[g] * 2.0 + x
    return lists["a"] * lists["b"]


@program({"a": 0.7, "b": 1.3})
def argument_dict_changed(p):
    p["a"] = p["a"] * p["b"]
    p["c"] = p["a"]
    return p["a"] * p["c"]


@program({"a": 0.7, "b": 1.3})
def argument_dict_shrinks(p):
    s = p["a"] * p["b"]
    del p["a"]
    return s * p["b"]


@program(0.7, 1.3)
def second_name_of_a_dict(x, y):
    d = {"a": x}
    e = d
    e["b"] = y * x
    d["a"] = e["b"] * d["a"]
    return e["a"] * d["b"]


@program({"a": 0.7, "b": 1.3})
def two_dicts_zipped(p):
    q = {k: 2.0 * v for k, v in zip(p.keys(), p.values())}
    r = dict(zip(("u", "v"), p.values()))
    return q["a"] * r["v"] + r["u"] ** 2


@program({"a": 0.7, "b": 1.3})
def dict_from_keys(p):
    d = dict.fromkeys(p, 0.0)
    d["a"] = p["b"] ** 2
    return d["a"] + d["b"] + p["a"]


@program([0.7, 1.3, 0.4])
def sets_of_strings(xs):
    seen = set()
    total = 0.0
    for i, word in enumerate(("u", "v", "u")):
        if word not in seen:
            total += xs[i] ** 2
        seen.add(word)
    both = seen | {"w"}
    return total * len(seen) * len(both)


@program(0.7, "a-b")
def strings_split(x, text):
    parts = text.split("-")
    label = "+".join(p.upper() for p in parts)
    factor = 2.0 if label.startswith("A") else 3.0
    return x * x * factor * len(parts) if f"{label}" == "A+B" else x


@program(0.7)
def table_of_mixed_values(x):
    table = {"name": "sin", "order": 2, "scale": 1.5}
    labels = ["sin", "cos", 3]
    y = np.sin(x) if table["name"] in labels else x
    return y ** table["order"] * table["scale"]


@program(0.7, 1.3)
def dict_of_lists(x, y):
    d = {"a": [x], "b": []}
    d["a"].append(x * y)
    d["b"].append(y)
    return d["a"][1] * d["b"][0] + d["a"][0]


@program(0.7, 1.3)
def dict_with_an_active_default(x, y):
    d = {"k": x}
    keys = ["k", "q"]
    return sum(d.get(k, y) ** 2 for k in keys)


@program({"a": 0.3, "b": 1.2}, True)
def chosen_name_of_a_dict(p, c):
    d = {}
    e = d if c else {}
    e["k"] = p["a"]
    if "k" in d:
        return p["a"] ** 2
    return p["b"]


@program({"a": 0.3, "b": 1.2})
def one_dict_in_two_places(p):
    inner = {"u": p["a"]}
    outer = {"x": inner, "y": inner}
    outer["x"]["u"] = p["b"] ** 2
    return outer["y"]["u"] * p["a"]


@program([0.3, 1.2, 0.7])
def list_and_sum_in_a_dict(xs):
    d = {"s": 0.0, "xs": []}
    for x in xs:
        d["s"] += x * x
        d["xs"].append(x * d["s"])
    return d["s"] + sum(d["xs"])
