"""Entries of dicts that are built otherwise than what they replace."""

from .registry import positive, program


@program(positive(4), wrt=("a",), order=1)
def popped_list_takes_the_place_of_a_number(a):
    d = {"x": a[0], "y": [a[1], a[2]]}
    d["y"].append(d["x"] * a[3])
    d["x"] = d.pop("y")
    return sum(v**2 for v in d["x"])


@program(positive(4), wrt=("a",))
def popped_list_takes_the_place_of_an_array(a):
    d = {"x": a[:2], "y": [a[1], a[2]]}
    s = (d["x"] * a[3]).sum()
    items = d.pop("y")
    d["x"] = items
    return s + sum(v**2 for v in d["x"])


@program(positive(3), wrt=("a",))
def number_in_a_nested_dict_gives_way_to_a_pair(a):
    d = {"inner": {"x": a[0]}, "y": a[1]}
    s = d["inner"]["x"] ** 2
    d["inner"]["x"] = (s, a[1])
    return d["inner"]["x"][0] * d["inner"]["x"][1] * d["y"] * a[2]


@program(positive(4), wrt=("a",))
def list_with_another_name_gives_way_to_a_number(a):
    d = {"x": [a[0], a[1]], "y": 1.0}
    t = d["x"]
    d["x"] = d["x"][0] * d["x"][1]
    t[0] = t[0] * a[3]
    return d["x"] * t[0]


@program(positive(4), wrt=("a",))
def lists_of_other_lengths_take_their_turns(a):
    d = {"x": [a[0], a[1]], "y": 1.0}
    s = d["x"][0] ** 2
    d["x"] = [s, s * a[1], a[2]]
    d["x"] = [d["x"][1] * d["x"][2]]
    return d["x"][0]


@program(positive(4), wrt=("a",))
def number_gives_way_to_a_list_on_either_path(a):
    d = {"x": a[0], "y": 1.0}
    if a[1] > 0:
        d["x"] = [d["x"], a[1]]
    else:
        d["x"] = [a[1], a[2]]
    return d["x"][0] * d["x"][1]


@program(positive(4), wrt=("a",))
def item_is_changed_through_a_second_name_behind_its_use(a):
    d = {"x": [a[0], a[1]], "y": 1.0}
    t = d["x"]
    e = d["x"][0] * d["x"][1]
    t[0] = t[0] * a[3]
    return e * t[0]
