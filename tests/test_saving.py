"""Saved trees and checkpoints: the same bits, all or nothing, and never anything else."""

import collections
import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import time
import types
import warnings

import numpy as np
import pytest

from srcgrad import data, train
from srcgrad.errors import BadArgument, BadValue, CheckpointError, SrcgradError
from srcgrad.train import checkpoints, saving, saving_files
from srcgrad.train.saving_format import PREFIX, Entry, header_bytes, signed
from tests.malformed import malformed

Pair = collections.namedtuple("Pair", "x y")


@dataclasses.dataclass
class Layer:
    w: np.ndarray
    name: str = "layer"


class Model:
    def __init__(self):
        self.layers = [Layer(np.arange(6.0).reshape(2, 3)), Layer(np.zeros((0, 4), "f4"), "empty")]
        self.activation = np.tanh


class Slotted:
    __slots__ = ("w",)


def same(a, b):
    """Whether two trees have the same bits, types and order in memory."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return (
            a.dtype.str == b.dtype.str
            and a.shape == b.shape
            and a.tobytes() == b.tobytes()
            and (not a.size or steps(a) == steps(b))
        )
    if isinstance(a, float):
        return np.float64(a).tobytes() == np.float64(b).tobytes() and type(a) is type(b)
    if isinstance(a, np.generic):
        return a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, np.random.Generator):
        return same(a.bit_generator.state, b.bit_generator.state)
    if hasattr(a, "__dict__") and not callable(a):
        return same(vars(a), vars(b))
    return a == b


def steps(x):
    return [s for s, n in zip(x.strides, x.shape, strict=True) if n > 1]


def everything():
    rng = np.random.default_rng(3)
    return {
        "w": rng.normal(size=(3, 4)),
        "fortran": np.asfortranarray(rng.normal(size=(3, 4))),
        "axes": rng.normal(size=(2, 3, 4)).transpose(1, 2, 0),
        "point": np.array(1.5),
        "empty": np.zeros((0, 3)),
        "nan": np.array([np.nan, -np.nan, np.inf, -0.0]),
        "types": [
            np.arange(3).astype(t) for t in ("?", "i1", "u2", ">i4", "u8", "f2", "f4", ">f8")
        ],
        "complex": (np.array([1 + 2j]), np.ones((2, 2), "c8"), np.zeros((3, 0), "c16")),
        "text": np.array([["a", "bcd"], ["\U0001f600", ""]]),
        "scalars": [np.float32(0.1), np.int64(3), np.bool_(True), np.str_("x"), np.complex64(1j)],
        "python": [
            1,
            -(2**200),
            2**53,
            1.5,
            float("nan"),
            float("inf"),
            -0.0,
            True,
            None,
            "\ud800é",
            1j,
        ],
        "history": [0.1 * i for i in range(100)],
        "few": (1.0, 2.0),
        "keys": {1: "a", True + 1: "b", None: "c", "": [], "['x']": {}, "a.b": ()},
        "rng": [np.random.Generator(getattr(np.random, n)(5)) for n in saving_generators()],
    }


def saving_generators():
    return ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def test_everything_comes_back_with_the_same_bits(tmp_path):
    tree, file = everything(), tmp_path / "a.safetensors"
    for rng in tree["rng"]:
        rng.integers(9, dtype=np.int32)
    train.save(file, tree)
    found = train.load(file)
    assert same(found, tree)
    assert same(train.load(file, like=tree), tree)
    assert os.listdir(tmp_path) == ["a.safetensors"]
    for a, b in zip(found["rng"], tree["rng"], strict=True):
        assert np.array_equal(a.normal(size=5), b.normal(size=5))
    for leaf in (found["w"], found["axes"], found["complex"][0], found["text"]):
        assert leaf.flags.writeable


@pytest.mark.parametrize("tree", [None, 1, 2.5, "x", np.arange(3), [], {}, (), np.float32(1)])
def test_a_tree_may_be_a_single_leaf(tmp_path, tree):
    train.save(tmp_path / "a", tree)
    assert same(train.load(tmp_path / "a"), tree)


def test_arrays_that_lie_elsewhere_in_memory(tmp_path):
    whole = np.arange(60.0).reshape(3, 4, 5)
    views = [
        whole[::2],
        whole[:, 1],
        whole[..., ::-1],
        whole.T,
        whole[1:, :, 2:4],
        np.broadcast_to(1.0, (2, 3)),
    ]
    train.save(tmp_path / "a", views)
    for found, view in zip(train.load(tmp_path / "a"), views, strict=True):
        assert np.array_equal(found, view)
        assert found.flags.owndata or found.base.flags.owndata


def test_classes_come_from_the_example_and_from_nowhere_else(tmp_path):
    slotted = Slotted()
    slotted.w = np.ones(2)
    tree = {
        "model": Model(),
        "pair": Pair(1.0, np.ones(3)),
        "space": types.SimpleNamespace(a=1),
        "slotted": slotted,
        "ordered": collections.OrderedDict(b=1, a=2),
    }
    train.save(tmp_path / "a", tree)
    like = dict(tree, model=Model())
    like["model"].layers[0].w = np.full((2, 3), 9.0)
    found = train.load(tmp_path / "a", like=like)
    assert type(found["model"]) is Model
    assert found["model"].activation is np.tanh
    assert same(found["model"].layers, tree["model"].layers)
    assert type(found["pair"]) is Pair
    assert same(found["pair"].y, np.ones(3))
    assert np.array_equal(found["slotted"].w, np.ones(2))
    assert found["ordered"] == tree["ordered"]
    assert type(found["ordered"]) is collections.OrderedDict
    with pytest.raises(
        CheckpointError, match=r"\['model'\]\.activation: the function tanh is not saved"
    ):
        train.load(tmp_path / "a")
    plain = train.load(tmp_path / "a", like={**dict.fromkeys(tree), "model": like["model"]})
    assert plain["pair"].keys() == {"x", "y"}
    assert plain["space"] == {"a": 1}


@pytest.mark.parametrize(
    ("like", "text"),
    [
        (
            {"w": np.zeros((2, 3)), "b": 0.0},
            r"\['w'\]: float64 of shape \(3, 2\), expected .*\(2, 3\)",
        ),
        ({"w": np.zeros((3, 2), "f4"), "b": 0.0}, "expected float32 of shape"),
        ({"w": 1.0, "b": 0.0}, r"\['w'\]: an array, expected a float as in the example"),
        ({"w": np.zeros((3, 2)), "b": [0.0]}, r"\['b'\]: the value '0.5', expected a list"),
        ({"w": np.zeros((3, 2))}, "it has 'b', and the example has not"),
        ({"w": np.zeros((3, 2)), "b": 0.0, "c": 0}, "'c' of the example is missing"),
        ([np.zeros((3, 2)), 0.0], "the tree: a dict, expected a list as in the example"),
        (Layer(np.zeros((3, 2))), "a dict, expected a Layer"),
    ],
)
def test_a_tree_that_is_not_like_the_example(tmp_path, like, text):
    train.save(tmp_path / "a", {"w": np.zeros((3, 2)), "b": 0.5})
    with pytest.raises(CheckpointError, match=text) as caught:
        train.load(tmp_path / "a", like=like)
    assert caught.value.file == str(tmp_path / "a")
    assert caught.value.place
    assert caught.value.reason in str(caught.value)


def circular():
    tree = []
    tree.append(tree)
    return tree


@pytest.mark.parametrize(
    ("tree", "error", "text"),
    [
        ({"a": [1, {2, 3}]}, BadArgument, r"a set cannot be saved, at \['a'\]\[1\]"),
        ({"a": np.array([None])}, BadArgument, r"an array of object cannot be saved, at \['a'\]"),
        ({"a": np.zeros(2, "M8[s]")}, BadArgument, "an array of datetime64"),
        (
            {"a": np.ma.masked_array([1.0, 2.0], [0, 1])},
            BadArgument,
            "a MaskedArray cannot be saved",
        ),
        ({(1, 2): 1}, BadArgument, r"the key \(1, 2\) cannot be saved"),
        (b"x", BadArgument, "a bytes cannot be saved, at the tree itself"),
        (circular(), BadValue, "nested more than 100 deep, or it contains itself"),
        (
            types.SimpleNamespace(**{"a": Layer(np.ones(1)), "a.w": np.ones(1)}),
            BadValue,
            "both called .a.w",
        ),
    ],
)
def test_what_cannot_be_saved_is_refused_before_anything_is_written(tmp_path, tree, error, text):
    with pytest.raises(error, match=text) as caught:
        train.save(tmp_path / "a", tree)
    assert isinstance(caught.value, SrcgradError)
    assert not os.listdir(tmp_path)


def test_a_description_that_is_too_long_is_refused_before_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(saving, "LARGEST_HEADER", 1000)
    with pytest.raises(BadValue, match="may take 1000 and"):
        train.save(tmp_path / "a", ["x"] * 1000)
    assert not os.listdir(tmp_path)


def test_the_same_tree_gives_the_same_bytes(tmp_path, monkeypatch):
    train.save(tmp_path / "a", everything())
    monkeypatch.setattr(saving_files, "LARGE", 0)
    train.save(tmp_path / "b", everything())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_safetensors_reads_ours_and_we_read_theirs(tmp_path):
    theirs = pytest.importorskip("safetensors.numpy")
    tree = {
        "layers": [Layer(np.arange(6.0).reshape(3, 2).T)],
        "f": np.ones(3, "f4"),
        "i": np.arange(5),
    }
    train.save(tmp_path / "a", tree)
    found = theirs.load_file(tmp_path / "a")
    assert found.keys() == {"['layers'][0].w", "['f']", "['i']"}
    assert np.array_equal(found["['layers'][0].w"], tree["layers"][0].w)
    given = {"x": np.arange(6.0).reshape(2, 3), "y": np.ones(4, "i2"), "z": np.array([True, False])}
    theirs.save_file(given, tmp_path / "b", metadata={"format": "np"})
    back = train.load_safetensors(tmp_path / "b")
    assert back.keys() == given.keys()
    assert all(same(back[k], given[k]) for k in given)
    with pytest.raises(
        CheckpointError, match=r"does not begin with a checksum\n.*load_safetensors"
    ):
        train.load(tmp_path / "b")


# Files that were spoilt, or made to do harm.

SMALL = {
    "w": np.arange(12.0).reshape(3, 4),
    "v": np.arange(12.0)[::-1].reshape(4, 3).T,
    "n": np.arange(3),
    "rng": np.random.default_rng(0),
    "history": [0.5] * 40,
    "b": [1.0, None, True, "x", 2**70],
    "text": np.array(["ab", "c"]),
    "mask": np.array([True, False]),
    "z": (np.complex64(1j), Pair(1, {})),
}


def plain(tree):
    return {**tree, "z": (tree["z"][0], dict(tree["z"][1]._asdict()))}


def test_malformed_files_are_refused_and_nothing_else(tmp_path):
    file = tmp_path / "a"
    train.save(file, SMALL)
    content, slowest, refused = file.read_bytes(), 0.0, 0
    count = int(os.environ.get("MALFORMED", "700"))
    for seed in range(count):
        spoilt, edited = malformed(content, seed)
        if spoilt == content:
            continue
        file.write_bytes(spoilt)
        begin = time.perf_counter()
        try:
            found = train.load(file)
        except CheckpointError as error:
            refused += str(error).startswith(f"{error.file}: {error.place}: {error.reason}")
        else:
            # An edit with a right checksum is a sound file if its contents are.
            assert edited or same(found, plain(SMALL)), seed
        slowest = max(slowest, time.perf_counter() - begin)
    print(f"{count} malformed files, {refused} refused, the slowest in {slowest:.3f} s")
    assert refused > 0.9 * count
    assert slowest < 1.0


def test_every_bit_of_a_file_matters(tmp_path):
    file = tmp_path / "a"
    train.save(file, {"w": np.arange(3.0), "b": 1.0})
    content = file.read_bytes()
    for place in range(len(content)):
        spoilt = bytearray(content)
        spoilt[place] ^= 1 << place % 8
        file.write_bytes(spoilt)
        with pytest.raises(CheckpointError):
            train.load(file)
        file.write_bytes(content[:place])
        with pytest.raises(CheckpointError):
            train.load(file)
    file.write_bytes(content + b"\0")
    with pytest.raises(CheckpointError, match="something was appended"):
        train.load(file)


def crafted(tree, tensors=None, data=b"", schema=1, **more):
    """A file with a right checksum and whatever contents."""
    inner = {"schema": schema, "tree": tree, "note": {}, **more}
    entries = {n: Entry(d, s, a, b) for n, (d, s, a, b) in (tensors or {}).items()}
    return header_bytes({"srcgrad": json.dumps(inner)}, entries) + data


def raw(text):
    """A file whose header is this text, behind a right checksum."""
    begin = PREFIX + b"0" * 64 + b'"' + text
    return signed(len(begin).to_bytes(8, "little") + begin)


F8 = {"array": ["<f8", None, "00000000"]}
EMPTY = {"array": ["<f8", None, "00000000"]}
DEEP = ("[" * 100_000).encode()
HOSTILE = {
    "nothing": (b"", "length of the header: 0 bytes, expected 8"),
    "length beyond the file": (b"\xff" * 8 + b"{}", "18446744073709551615, expected at most 2"),
    "length of a terabyte": ((1 << 40).to_bytes(8, "little") + b"{}", "expected at most 2"),
    "no checksum": (b"\2" + bytes(7) + b"{}", "does not begin with a checksum"),
    "wrong checksum": (signed(raw(b"}}"))[:-1] + b" ", "its checksum differs"),
    "no table": (raw(b"} "), "no JSON"),
    "nan": (raw(b'},"a":NaN}'), "NaN is no JSON"),
    "infinity": (raw(b'},"a":-Infinity}'), "-Infinity is no JSON"),
    "nested": (raw(b'},"a":' + DEEP), "nested too deeply"),
    "name twice": (raw(b'},"a":1,"a":2}'), "the name 'a' is there twice"),
    "checksum twice": (raw(b',"checksum":""}}'), "the name 'checksum' is there twice"),
    "bytes": (raw(b'},"\xff":1}'), "utf-8"),
    "digits": (raw(b'},"a":' + b"9" * 10_000 + b"}"), "no JSON"),
    "metadata": (raw(b',"x":1}}'), "no table of strings"),
    "no tree": (raw(b"}}"), "the description of the tree: it is missing"),
    "entry": (raw(b'},"a":{}}'), "expected dtype, shape and data_offsets"),
    "dtype": (crafted(F8, {"": ("O", (1,), 0, 8)}, bytes(8)), "the dtype 'O', expected one of"),
    "negative": (crafted(F8, {"": ("F64", (-1,), 0, -8)}), "no list of nonnegative integers"),
    "bool": (crafted(F8, {"": ("F64", (True,), 0, 8)}, bytes(8)), "no list of nonnegative"),
    "huge": (crafted(F8, {"": ("F64", (1 << 62,), 0, 1 << 62)}), "its shape is too large"),
    "huge and empty": (crafted(F8, {"": ("F64", (0, 1 << 62), 0, 0)}), "its shape is too large"),
    "claims": (crafted(F8, {"": ("F64", (1 << 37,), 0, 1 << 40)}), "the file was cut"),
    "axes": (crafted(F8, {"": ("F64", (1,) * 65, 0, 8)}, bytes(8)), "its shape is too large"),
    "offsets": (crafted(F8, {"": ("F64", (1,), 0, 9)}, bytes(9)), "do not fit F64"),
    "overlap": (
        crafted(F8, {"": ("U8", (2,), 0, 2), "b": ("U8", (2,), 1, 3)}, bytes(3)),
        "begins at 1, expected 2",
    ),
    "gap": (crafted(F8, {"": ("U8", (2,), 1, 3)}, bytes(3)), "begins at 1, expected 0"),
    "cut": (
        crafted(F8, {"": ("F64", (2,), 0, 16)}, bytes(15)),
        "15 bytes of data, expected 16: the file was cut",
    ),
    "more": (crafted(None, {}, bytes(3)), "something was appended"),
    "sum": (
        crafted({"array": ["<f8", None, "00000001"]}, {"": ("F64", (1,), 0, 8)}, bytes(8)),
        "the tree: its checksum differs",
    ),
    "no sum": (
        crafted({"array": ["<f8", None, None]}, {"": ("F64", (0,), 0, 0)}),
        "its checksum differs",
    ),
    "no tensor": (crafted({"dict": [["../../x", F8]]}), r"\['../../x'\]: there is no tensor"),
    "other tensor": (crafted(None, {"../../x": ("F64", (0,), 0, 0)}), "the tree has no such part"),
    "other dtype": (crafted(EMPTY, {"": ("F32", (0,), 0, 0)}), "stored as F32"),
    "object dtype": (
        crafted({"array": ["|O", None, "00000000"]}, {"": ("U8", (0,), 0, 0)}),
        "the dtype '|O' is not known",
    ),
    "dtype of code": (
        crafted({"array": ["__import__('os')", None, "00000000"]}, {"": ("U8", (0,), 0, 0)}),
        "is not known",
    ),
    "axes order": (
        crafted({"array": ["<f8", [0, 0], "00000000"]}, {"": ("F64", (0, 0), 0, 0)}),
        "is no order",
    ),
    "bools": (
        crafted({"array": ["|b1", None, "3c0c8ea1"]}, {"": ("BOOL", (1,), 0, 1)}, b"\2"),
        "neither 0 nor 1",
    ),
    "characters": (
        crafted({"array": ["<U1", None, "ffffffff"]}, {"": ("U32", (1, 1), 0, 4)}, b"\xff" * 4),
        "no character",
    ),
    "schema": (crafted(None, schema=2), "schema 2, expected 1"),
    "no schema": (crafted(None, schema="1"), "no schema version"),
    "extra": (crafted(None, extra=1), "expected schema, tree and note"),
    "kinds": (crafted({"list": [], "tuple": []}), "a part has one kind"),
    "unknown": (crafted({"os.system": "x"}), "is no part of a tree"),
    "function": (crafted({"function": "os.system"}), "is not saved"),
    "inner nan": (crafted([1]), "is no part of a tree"),
    "infinite": (
        raw(b',"srcgrad":"{\\"schema\\":1,\\"tree\\":1e999,\\"note\\":{}}"}}'),
        "'inf' is no part",
    ),
    "key twice": (crafted({"dict": [["a", 1], ["a", 2]]}), "a key is there twice"),
    "key": (crafted({"dict": [[{"list": []}, 1]]}), "is no part of a tree"),
    "float key": (crafted({"dict": [[1.5, 1]]}), "a key is no string or integer"),
    "attribute": (crafted({"object": ["A", [[1, 1]]]}), "no string"),
    "integer": (crafted({"int": "0x_1"}), "is no part of a tree"),
    "generator": (
        crafted({"generator": ["system", None]}),
        "expected the name of a random generator",
    ),
    "state": (crafted({"generator": ["PCG64", None]}), "no state of PCG64"),
    "position": (
        crafted({"generator": ["Philox", {"dict": [["buffer_pos", -9]]}]}),
        "buffer_pos is out of range",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files(tmp_path, case):
    content, text = HOSTILE[case]
    (tmp_path / "a").write_bytes(content)
    begin = time.perf_counter()
    with pytest.raises(CheckpointError, match=f"(?s)^{tmp_path / 'a'}: .*({text})"):
        train.load(tmp_path / "a")
    assert time.perf_counter() - begin < 1.0


def test_deep_trees_are_refused(tmp_path):
    for deep in ("list", "dict"):
        node = 1
        for _ in range(150):
            node = {"list": [node]} if deep == "list" else {"dict": [["a", node]]}
        (tmp_path / "a").write_bytes(crafted(node))
        with pytest.raises(CheckpointError, match="nested"):
            train.load(tmp_path / "a")


@pytest.mark.parametrize(
    "unit", [b"[],", b'{"":0},', b'{"a":[1,2.5,"x"]},', b'"\\ud83d",', b"1e-5,", b"[[[[]]]],"]
)
def test_headers_of_the_greatest_length_are_refused_in_time(tmp_path, unit):
    text = b'},"a":[' + unit * ((7 << 20) // len(unit)) + b"0]}"
    (tmp_path / "a").write_bytes(raw(text))
    begin = time.perf_counter()
    with pytest.raises(CheckpointError):
        train.load(tmp_path / "a")
    assert time.perf_counter() - begin < 1.0


def test_what_is_no_regular_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        train.load(tmp_path / "a")
    with pytest.raises(CheckpointError, match="not a regular file"):
        train.load("/dev/zero")
    with pytest.raises(IsADirectoryError):
        train.load(tmp_path)
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(CheckpointError, match="not a regular file"):
        train.load(tmp_path / "fifo")


# Folders of checkpoints.


def names(folder):
    return sorted(os.listdir(folder))


def test_the_newest_and_the_best_are_kept(tmp_path):
    store = train.Checkpoints(tmp_path / "new" / "folder", keep=2)
    assert store.latest() is None
    assert store.lowest() is None
    for step, score in enumerate([5.0, 1.0, 3.0, float("nan"), 4.0, None]):
        store.save(step, {"step": step}, score)
        assert store.latest().step == step
    assert names(store.folder) == [
        "00000002-step-1-score-1.0.safetensors",
        "00000005-step-4-score-4.0.safetensors",
        "00000006-step-5.safetensors",
    ]
    best = store.lowest()
    assert (best.step, best.score, best.tree) == (1, 1.0, {"step": 1})
    assert best.file.endswith("00000002-step-1-score-1.0.safetensors")


def test_without_scores_only_the_newest_are_kept(tmp_path):
    store = train.Checkpoints(tmp_path, keep=1, best=False)
    for step in range(3):
        store.save(step, None, score=-step)
    store.save(1, "again")
    assert len(names(tmp_path)) == 1
    assert train.Checkpoints(tmp_path).latest().tree == "again"


def test_files_of_others_are_left_alone(tmp_path):
    others = ["notes.txt", "step-1.safetensors", ".x.tmp", ".other.0123456789abcdef.tmp"]
    for name in others:
        (tmp_path / name).write_text("mine")
    store = train.Checkpoints(tmp_path, keep=1)
    store.save(1, None)
    store.save(2, None)
    assert set(others) < set(names(tmp_path))
    assert len(names(tmp_path)) == len(others) + 1


def test_the_newest_sound_one_is_used_and_said_so(tmp_path):
    store = train.Checkpoints(tmp_path, keep=3)
    files = [store.save(step, {"w": np.full(4, step)}, score=-step) for step in range(3)]
    spoil(files[2])
    with pytest.warns(
        train.CheckpointWarning, match=r"(?s)its checksum differs.*Used instead: .*step-1"
    ):
        found = store.latest()
    assert found.step == 1
    assert np.array_equal(found.tree["w"], np.full(4, 1))
    assert [error.file for error in found.refused] == [files[2]]
    with pytest.warns(train.CheckpointWarning):
        assert store.lowest().step == 1
    saved = store.save(2, {"w": np.full(4, 2)})
    assert store.latest().file == saved
    for file in map(str, tmp_path.iterdir()):
        spoil(file)
    with pytest.raises(CheckpointError, match="all checkpoints: none is sound"):
        store.latest()


def spoil(file):
    with open(file, "r+b") as stream:
        stream.seek(-3, os.SEEK_END)
        stream.write(b"\xff")


def test_checkpoints_whose_names_were_swapped_are_refused(tmp_path):
    store = train.Checkpoints(tmp_path)
    first, second = store.save(1, "one"), store.save(2, "two")
    os.rename(first, first + "x")
    os.rename(second, first)
    os.rename(first + "x", second)
    with pytest.raises(CheckpointError, match=r"(?s)the name: it was saved as.*the name"):
        store.latest()


def test_an_example_gives_classes_to_checkpoints(tmp_path):
    store = train.Checkpoints(tmp_path)
    store.save(1, {"params": Layer(np.ones(2)), "history": [1.0]})
    found = store.latest(like={"params": Layer(np.zeros(2)), "history": None})
    assert type(found.tree["params"]) is Layer
    assert found.tree["history"] == [1.0]


@pytest.mark.parametrize("at", ["write", "fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("large", [saving_files.LARGE, 0])
def test_a_full_disk_loses_nothing_and_leaves_nothing(tmp_path, monkeypatch, at, code, large):
    monkeypatch.setattr(saving_files, "LARGE", large)
    store = train.Checkpoints(tmp_path, keep=1)
    file = store.save(1, {"w": np.ones(1000)})
    calls = []

    def full(*args):
        calls.append(args)
        if at == "write" and len(calls) == 1:
            return write(args[0], args[1][:100])
        raise OSError(code, os.strerror(code))

    write = os.write
    monkeypatch.setattr(saving_files.os, at, full)
    with pytest.raises(OSError, match=os.strerror(code)):
        store.save(2, {"w": np.ones(1000)})
    monkeypatch.undo()
    assert names(tmp_path) == [os.path.basename(file)]
    assert store.latest().step == 1
    store.save(2, None)
    assert store.latest().step == 2


def test_an_interrupt_while_saving_leaves_nothing(tmp_path, monkeypatch):
    store = train.Checkpoints(tmp_path)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(saving_files.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.save(1, None)
    monkeypatch.undo()
    assert names(tmp_path) == []


def test_leftovers_of_killed_writers_are_removed_and_those_of_living_ones_are_not(tmp_path):
    name = "00000001-step-5.safetensors"
    number, temporary = saving_files._created(str(tmp_path), name)
    dead = tmp_path / f".{name}.0123456789abcdef.tmp"
    dead.write_bytes(b"half of it")
    train.Checkpoints(tmp_path)
    assert names(tmp_path) == [os.path.basename(temporary)]
    os.close(number)
    train.Checkpoints(tmp_path)
    assert names(tmp_path) == []


def run(steps, folder=None, stop=None):
    """A small training run: noise, momentum and shuffled data; it saves at every step."""
    x, y = np.arange(30.0).reshape(10, 3) % 7, np.arange(10.0)
    batches = data.arrays(x, y).shuffle(1).batch(4).prefetch(2)
    store = train.Checkpoints(folder) if folder else None
    found = store.latest() if store else None
    tree = found.tree if found else {"w": np.zeros(3), "m": np.zeros(3), "history": [], "at": None}
    rng = tree.get("rng") or np.random.default_rng(0)
    stream = batches.stream(position=tree["at"])
    for step in range(len(tree["history"]), min(steps, stop or steps)):
        inputs, targets = next(stream)
        error = inputs @ tree["w"] - targets + 0.1 * rng.normal(size=len(targets))
        tree["m"] = 0.9 * tree["m"] + inputs.T @ error / len(error)
        tree["w"] = tree["w"] - 0.01 * tree["m"]
        tree["history"].append(float(error @ error))
        tree |= {"at": stream.position, "rng": rng}
        if store:
            store.save(step, tree, score=tree["history"][-1])
    return tree


@pytest.mark.parametrize("stop", [1, 2, 3, 4, 31, 39])
def test_going_on_from_a_checkpoint_gives_the_same_bits(tmp_path, stop):
    run(40, tmp_path, stop)
    assert same(run(40, tmp_path), run(40))


WRITER = """
import sys
import numpy as np
from srcgrad.train import Checkpoints
store = Checkpoints(sys.argv[1], keep=2)
found = store.latest()
step = found.step if found else 0
assert found is None or (found.tree["w"] == step).all(), found
print("start", step, flush=True)
while True:
    step += 1
    store.save(step, {"w": np.full(20_000, step)}, score=-step)
    print("saved", step, flush=True)
"""


def test_a_writer_may_be_killed_at_any_moment(tmp_path):
    rng = np.random.default_rng(0)
    last = 0
    for _ in range(int(os.environ.get("KILLS", "4"))):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout.readline() == f"start {last}\n" or last
        time.sleep(rng.uniform(0, 0.1))
        writer.send_signal(signal.SIGKILL)
        said = [int(line.split()[1]) for line in writer.stdout.read().splitlines()]
        writer.stdout.close()
        writer.wait()
        last = max([last, *said])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = train.Checkpoints(tmp_path, keep=2).latest()
        assert found is None or found.step >= last
        assert not [name for name in names(tmp_path) if checkpoints.NAME.fullmatch(name) is None]
        last = found.step if found else 0
    store = train.Checkpoints(tmp_path, keep=2)
    store.save(last + 1, None, score=0.0)
    assert last
    assert len(names(tmp_path)) <= 3


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda store: store.save(-1, None), BadValue),
        (lambda store: store.save(1.5, None), BadArgument),
        (lambda store: store.save(10**18, None), BadValue),
        (lambda store: store.save(1, None, score="low"), BadArgument),
        (lambda store: train.Checkpoints(store.folder, keep=0), BadValue),
        (lambda _: train.Checkpoints(3), BadArgument),
    ],
)
def test_arguments_are_checked(tmp_path, call, error):
    with pytest.raises(error):
        call(train.Checkpoints(tmp_path))
