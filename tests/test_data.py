"""Data sets: batches, orders, positions, and files that are not what they should be."""

import collections
import gzip
import io
import itertools
import os
import subprocess
import sys
import threading
import time
import zipfile

import numpy as np
import pytest

from srcgrad import data
from srcgrad.data import memory, order
from srcgrad.errors import BadArgument, BadFile, BadValue, MissingExtra, SrcgradError

X, Y = np.arange(40.0).reshape(20, 2), np.arange(20)


def flat(batches):
    return np.concatenate([b[-1] if isinstance(b, tuple) else b for b in batches])


def same(first, second):
    first, second = list(first), list(second)
    assert len(first) == len(second)
    for a, b in zip(first, second, strict=True):
        assert type(a) is type(b)
        for left, right in zip(parts(a), parts(b), strict=True):
            assert left.dtype == right.dtype
            assert left.tobytes() == right.tobytes()
            assert left.shape == right.shape


def parts(batch):
    if isinstance(batch, dict):
        return list(batch.values())
    return list(batch) if isinstance(batch, tuple) else [batch]


# Batches and orders.


def test_batches_keep_the_rows_together():
    for x, y in data.arrays(X, Y).shuffle(3).batch(6).epoch(2):
        assert np.array_equal(x, X[y])


@pytest.mark.parametrize("size", [1, 3, 20, 21])
@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_an_epoch_has_every_row_once(size, epoch):
    batches = list(data.arrays(Y).shuffle(0).batch(size).epoch(epoch))
    assert sorted(flat(batches)) == list(Y)
    assert {len(b) for b in batches[:-1]} <= {size}


def test_epochs_seeds_and_data_sets_differ_in_order():
    orders = [
        tuple(flat(data.arrays(Y).shuffle(seed).batch(5).epoch(epoch)))
        for seed, epoch in itertools.product(range(4), range(4))
    ]
    assert len(set(orders)) == 16


def test_drop_last_leaves_out_a_smaller_batch():
    assert [len(b) for b in data.arrays(Y).batch(6, drop_last=True).epoch()] == [6, 6, 6]
    with pytest.raises(BadValue, match="20 rows give no batch of 21"):
        data.arrays(Y).batch(21, drop_last=True)


def test_dicts_tuples_bare_arrays_and_single_rows():
    Pair = collections.namedtuple("Pair", "x y")
    assert next(data.arrays(x=X, y=Y).batch(20).epoch()).keys() == {"x", "y"}
    assert type(next(data.arrays(Pair(X, Y)).batch(2).epoch())) is Pair
    assert next(data.arrays(X).batch(2).epoch()).shape == (2, 2)
    x, y = next(data.arrays(X, Y).epoch(0, start=3))
    assert np.array_equal(x, X[3])
    assert y == 3


def test_batches_share_no_memory_with_the_data():
    rows = data.arrays(X)
    for made in (rows, rows.shuffle(0), rows.take(2, 9), rows.repeat(2)):
        for batch in made.batch(4).epoch():
            assert not np.may_share_memory(batch, X)
            assert batch.flags.writeable


def test_every_step_leaves_the_data_set_as_it_was():
    rows = data.arrays(Y)
    before = list(rows.batch(7).epoch())
    batches = rows.batch(7)
    _ = rows.shuffle(1), rows.map(abs), batches.map(abs), batches.repeat(2), batches.prefetch(1)
    same(before, batches.epoch())
    with pytest.raises(AttributeError):
        rows.length = 3


def test_repeat_takes_a_new_order_each_time():
    once = data.arrays(Y).shuffle(5)
    twice = once.repeat(2)
    expected = [*flat(once.batch(7).epoch(2)), *flat(once.batch(7).epoch(3))]
    assert list(flat(twice.batch(7).epoch(1))) == expected
    assert list(flat(once.batch(7).repeat(2).epoch(1))) == expected


def test_splits_are_disjoint_and_complete():
    for seed in (None, 0, 1):
        parts_ = data.arrays(Y).split(0.6, 0.25, 0.15, seed=seed)
        assert [len(p) for p in parts_] == [12, 5, 3]
        assert sorted(itertools.chain(*(p.epoch() for p in parts_))) == list(Y)
    first, second = data.arrays(Y).split(3, 4)
    assert list(first.epoch()) == [0, 1, 2]
    assert list(second.epoch(5)) == [3, 4, 5, 6]
    train, _ = data.arrays(Y).split(0.5, 0.5, seed=0)
    assert set(train.shuffle(1).epoch(0)) == set(train.shuffle(1).epoch(1))


def test_a_split_and_a_shuffle_of_one_seed_have_nothing_in_common():
    n = np.arange(1000)
    (split,) = data.arrays(n).split(1000, seed=0)
    assert (
        abs(np.corrcoef(list(split.epoch()), list(data.arrays(n).shuffle(0).epoch()))[0, 1]) < 0.2
    )


def test_map_of_rows_stacks_what_it_returns():
    rows = data.arrays(X, Y).map(lambda row: {"sum": row[0].sum(), "both": [row[0], row[1]]})
    batch = next(rows.batch(3).epoch())
    assert np.array_equal(batch["sum"], X[:3].sum(axis=1))
    assert np.array_equal(batch["both"][0], X[:3])


def test_map_with_a_seed_draws_the_same_again_and_elsewhere_otherwise():
    def noisy(y, rng):
        return y + rng.normal(size=np.shape(y))

    for made in (
        data.arrays(Y).shuffle(0).batch(4).map(noisy, seed=1),
        data.arrays(Y).shuffle(0).map(noisy, seed=1).batch(4),
    ):
        same(made.epoch(3), made.epoch(3))
        same(list(made.epoch(3))[2:], made.epoch(3, start=2))
        noise = flat(made.epoch(0)) - np.rint(flat(made.epoch(0)))
        assert len(set(noise)) == 20


def test_long_orders_are_permutations_without_being_listed(monkeypatch):
    for n in (2, 3, 5, 16, 17, 1000, 70_000):
        assert np.array_equal(np.sort(order.scattered(np.arange(n), n, (1, n))), np.arange(n))
    monkeypatch.setattr(order, "LISTED", 100)
    made = data.arrays(np.arange(40_000)).shuffle(9).batch(999)
    found = flat(made.epoch(1))
    assert np.array_equal(np.sort(found), np.arange(40_000))
    assert abs(np.corrcoef(found, np.arange(40_000))[0, 1]) < 0.03
    same(list(made.epoch(1))[17:], made.epoch(1, start=17))


def test_orders_of_three_rows_are_equally_likely():
    seen = collections.Counter(
        tuple(data.arrays(np.arange(3)).shuffle(s).batch(3).read(e, 0))
        for s, e in itertools.product(range(60), range(20))
    )
    assert len(seen) == 6
    assert max(abs(count - 200) for count in seen.values()) < 60


def test_a_block_is_finished_before_the_next():
    rows = data.arrays(np.arange(23)).shuffle(2, block=5)
    found = flat(rows.batch(4).epoch(1))
    assert sorted(found) == list(range(23))
    runs = [key for key, _ in itertools.groupby(found // 5)]
    assert sorted(runs) == [0, 1, 2, 3, 4]
    assert runs != [0, 1, 2, 3, 4]


# Positions.


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_resuming_at_every_position_gives_the_same_batches(ahead):
    made = data.arrays(X, Y).shuffle(0).batch(6).prefetch(ahead)
    whole = list(made.stream(epochs=3))
    assert len(whole) == 12
    for taken in range(13):
        stream = made.stream(epochs=3)
        same(itertools.islice(stream, taken), whole[:taken])
        position = stream.position
        assert position["epoch"] * 4 + position["batch"] == taken
        same(made.stream(epochs=3, position=position), whole[taken:])


def test_a_position_of_other_data_is_refused():
    position = data.arrays(Y).shuffle(0).batch(4).stream().position
    with pytest.raises(
        BadValue, match=r"saved with other data(.|\n)*shuffle\(0\)(.|\n)*shuffle\(1\)"
    ):
        data.arrays(Y).shuffle(1).batch(4).stream(position=position)
    with pytest.raises(BadArgument, match="a position is what"):
        data.arrays(Y).batch(4).stream(position={"epoch": 1})
    for wrong in ({"batch": 5}, {"batch": -1}, {"epoch": -1}):
        with pytest.raises(BadValue):
            data.arrays(Y).shuffle(0).batch(4).stream(position=position | wrong)


def test_reading_ahead_does_not_change_what_belongs_to_a_position():
    made = data.arrays(Y).shuffle(0).batch(6)
    made.prefetch(4).stream(position=made.stream().position)


# Reading ahead.


def test_batches_are_read_ahead_in_a_thread_that_ends():
    read = []
    made = data.arrays(Y).batch(2).map(lambda b: read.append(threading.current_thread()) or b)
    items = made.prefetch(3).epoch()
    next(items)
    deadline = time.monotonic() + 5
    while len(read) < 4 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert len(read) == 4
    assert threading.main_thread() not in read
    items.close()
    assert not any(t.name.startswith("prefetch") for t in threading.enumerate())


def test_an_error_comes_where_its_batch_would_have_come():
    def fail(batch):
        if batch[0] == 4:
            raise KeyError("at four")
        return batch

    items = data.arrays(Y).batch(2).map(fail).prefetch(5).epoch()
    assert [b[0] for b in itertools.islice(items, 2)] == [0, 2]
    with pytest.raises(KeyError, match="at four"):
        next(items)
    assert not any(t.name.startswith("prefetch") for t in threading.enumerate())


# Files that are right.


def saved(folder, name, array):
    np.save(folder / name, array)
    return folder / name


@pytest.mark.parametrize("dtype", ["f4", ">f8", "i2", "?", "c16", "U3"])
@pytest.mark.parametrize("array_order", ["C", "F"])
@pytest.mark.parametrize("kept", [memory.KEPT, 50])
def test_npy_gives_what_the_array_gives(tmp_path, monkeypatch, dtype, array_order, kept):
    monkeypatch.setattr(memory, "KEPT", kept)
    array = np.asarray(np.arange(24).reshape(6, 2, 2).astype(dtype), order=array_order)
    rows = data.npy(saved(tmp_path, "x.npy", array), saved(tmp_path, "y.npy", np.arange(6)))
    native = array.astype(array.dtype.newbyteorder("="))
    expected = data.arrays(native, np.arange(6)).shuffle(0).batch(4)
    same(rows.shuffle(0).batch(4).epoch(), expected.epoch())


def test_npz_idx_and_csv_give_what_the_arrays_give(tmp_path):
    np.savez(tmp_path / "a.npz", x=X, y=Y)
    np.savez_compressed(tmp_path / "b.npz", x=X, y=Y)
    expected = data.arrays(x=X, y=Y).shuffle(0).batch(4)
    for name in ("a.npz", "b.npz"):
        same(data.npz(tmp_path / name, ["x", "y"]).shuffle(0).batch(4).epoch(), expected.epoch())
    (tmp_path / "a.csv").write_text(
        "u,v,y\n" + "".join(f"{a},{b},{y}\n" for (a, b), y in zip(X, Y, strict=True))
    )
    rows = data.csv(tmp_path / "a.csv", dtype={"y": int}).shuffle(0).batch(4)
    merged = rows.map(lambda b: {"x": np.stack([b["u"], b["v"]], axis=1), "y": b["y"]})
    same(merged.epoch(), expected.epoch())
    for code, dtype in ((8, "u1"), (9, "i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")):
        for pack in (bytes, gzip.compress):
            content = idx_bytes(X.astype(dtype), code)
            (tmp_path / "x").write_bytes(pack(content))
            native = X.astype(np.dtype(dtype).newbyteorder("="))
            same(data.idx(tmp_path / "x").batch(4).epoch(), data.arrays(native).batch(4).epoch())


def idx_bytes(array, code):
    lengths = b"".join(n.to_bytes(4, "big") for n in array.shape)
    return bytes([0, 0, code, array.ndim]) + lengths + array.tobytes()


def test_csv_reads_quotes_names_and_missing_values(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text('\ufeff"a, b";c\n1;"x\ny"\n\n;"z"\n', encoding="utf-8")
    rows = data.csv(file, delimiter=";", dtype={"c": str}, missing=np.nan)
    batch = next(rows.batch(9).epoch())
    assert list(batch["c"]) == ["x\ny", "z"]
    assert np.array_equal(batch["a, b"], [1.0, np.nan], equal_nan=True)
    file.write_text("1,2\n3,4\n")
    assert next(data.csv(file, names="pq", dtype=int).batch(9).epoch())["q"].tolist() == [2, 4]


def parquet_file(file, rows=23, group=5, **more):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    table = {"x": np.arange(rows) / 2, "n": [[i, -i] for i in range(rows)], **more}
    pq.write_table(pa.table(table), file, row_group_size=group)
    return file


def test_parquet_gives_every_row_once(tmp_path):
    rows = data.parquet(parquet_file(tmp_path / "a.parquet", s=[f"r{i}" for i in range(23)]))
    for made in (rows, rows.shuffle(0), rows.shuffle(0, block=3), rows.repeat(2).take(20, 43)):
        batches = list(made.batch(4).epoch(1))
        x = np.concatenate([b["x"] for b in batches])
        assert sorted(x) == list(np.arange(23) / 2)
        for b in batches:
            assert np.array_equal(b["n"], np.stack([2 * b["x"], -2 * b["x"]], axis=1))
            assert list(b["s"]) == [f"r{int(2 * v)}" for v in b["x"]]


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtra, match=r"pip install 'srcgrad\[parquet\]'"):
        data.parquet(tmp_path / "a.parquet")


@pytest.mark.parametrize("kind", ["npy", "npz", "csv", "parquet", "gz"])
def test_sharded_folders_in_the_order_of_their_numbers(tmp_path, kind):
    for n in range(11):
        file, y = tmp_path / f"part-{n}.{kind}", np.arange(10 * n, 10 * n + 1 + n % 3)
        if kind == "npy":
            np.save(file, y)
        elif kind == "npz":
            np.savez(file, y=y)
        elif kind == "csv":
            file.write_text("y\n" + "".join(f"{v}\n" for v in y))
        elif kind == "gz":
            file.write_bytes(gzip.compress(idx_bytes(y.astype("u1"), 8)))
        else:
            pytest.importorskip("pyarrow.parquet").write_table(
                pytest.importorskip("pyarrow").table({"y": y}), file
            )
    (tmp_path / "_notes.txt").write_text("left out")
    rows = data.sharded(tmp_path)
    expected = [10 * n + i for n in range(11) for i in range(1 + n % 3)]
    assert [int(parts(b)[0]) for b in rows.epoch()] == expected
    shuffled = [int(v) for b in rows.shuffle(0).batch(4).epoch(1) for v in parts(b)[0]]
    assert sorted(shuffled) == expected
    assert shuffled != expected


# Files that are not.


def wrong(file, content):
    file.write_bytes(content)
    return file


def npy_bytes(array):
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


NPY = npy_bytes(X)
IDX = idx_bytes(X, 14)
BAD_NPY = {
    "empty": (b"", "header"),
    "magic": (b"X" + NPY[1:], "header.*magic"),
    "version": (NPY[:6] + b"\x09" + NPY[7:], r"format \(9, 0\)|version"),
    "header cut": (NPY[:40], "header"),
    "cut": (NPY[:-3], r"row 19 of 20: .* bytes, expected 448"),
    "longer": (NPY + b"x", "449 bytes, expected 448"),
    "pickle": (npy_bytes(np.array([{}, 1], dtype=object)), "dtype object"),
    "garbled": (NPY.replace(b"}", b"("), "header"),
    "structured": (npy_bytes(np.zeros(3, "f8,i4")), "dtype"),
    "scalar": (npy_bytes(np.array(1.0)), "a single number"),
    "huge": (
        NPY.replace(b"(20, 2), ", b"(9" + b"9" * 30 + b",)"[:2] + b" "),
        "header|row|expected",
    ),
}


@pytest.mark.parametrize("case", BAD_NPY)
def test_bad_npy_files(tmp_path, case):
    content, text = BAD_NPY[case]
    with pytest.raises(BadFile, match=rf"(?s)x\.npy: .*({text})"):
        data.npy(wrong(tmp_path / "x.npy", content))


BAD_IDX = {
    "empty": (b"", "magic number: nothing, expected 0000, one of 08"),
    "magic": (b"\0\1" + IDX[2:], "magic number: 00010e02"),
    "type": (b"\0\0\7" + IDX[3:], "magic number: 00000702"),
    "lengths": (IDX[:9], "header: 5 bytes of lengths, expected 8"),
    "cut": (IDX[:-1], r"row 19 of 20: 319 bytes of entries, expected 320 for float64"),
    "longer": (IDX + b"x", "321 bytes of entries at least, expected 320"),
    "huge": (IDX[:4] + b"\xff" * 8 + IDX[12:], r"row 0 of 4294967295"),
    "gzip cut": (gzip.compress(IDX)[:-9], "compressed data: .*expected a whole gzip file"),
    "gzip flipped": (gzip.compress(IDX)[:-6] + b"xxxxxx", "CRC|expected a whole gzip file"),
    "gzip huge": (gzip.compress(IDX[:4] + b"\xff" * 8), r"row 0 of 4294967295"),
}


@pytest.mark.parametrize("case", BAD_IDX)
def test_bad_idx_files(tmp_path, case):
    content, text = BAD_IDX[case]
    with pytest.raises(BadFile, match=rf"(?s)x: .*({text})"):
        data.idx(wrong(tmp_path / "x", content))


def zipped(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name + ".npy", content)
    return stream.getvalue()


def test_bad_npz_files(tmp_path):
    good, file = zipped(x=NPY), tmp_path / "a.npz"
    middle = len(good) // 4
    for content, text in [
        (b"no zip", "archive: File is not a zip file"),
        (good[:-30], "archive"),
        (good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :], "array 'x'"),
        (zipped(x=NPY[:-8]), "array 'x': .*expected 448"),
        (zipped(x=npy_bytes(np.array([None]))), "array 'x': the dtype object"),
    ]:
        with pytest.raises(BadFile, match=rf"(?s)a\.npz: .*{text}"):
            data.npz(wrong(file, content))
    two = bytearray(zipped(x=NPY, y=NPY))
    two[two.index(b"PK\1\2") + 33] = 1  # a comment that hides what follows
    with pytest.raises(BadFile, match="1 arrays, expected 2 as its end says"):
        data.npz(wrong(file, bytes(two)))
    with pytest.raises(BadFile, match=r"array 'y': it is missing, expected one of \['x'\]"):
        data.npz(wrong(file, good), ["x", "y"])
    with pytest.raises(BadValue, match="column 'y' has 2 rows, and column 'x' has 20"):
        data.npz(wrong(file, zipped(x=NPY, y=npy_bytes(np.zeros(2)))))


BAD_CSV = {
    "short": (b"a,b\n1,2\n3\n", r"record 2 \(line 3\): 1 fields, expected 2"),
    "long": (b"a,b\n1,2,3\n", r"record 1 \(line 2\): 3 fields, expected 2"),
    "number": (b"a,b\n1,2\n3,x\n", r"record 2 \(line 3\), column 'b': 'x', expected a number"),
    "empty field": (b"a,b\n1,\n", r"column 'b': '', expected a number\n.*missing="),
    "underscore": (b"a\n1_0\n", "'1_0', expected a number"),
    "quote": (b'a,b\n1,"2\n3,4\n', "line 4|line 3"),
    "nul or bytes": (b"a\n\xff\n", "line .*expected CSV in UTF-8"),
    "twice": (b"a,a\n1,2\n", "the column 'a' is there twice"),
    "nothing": (b"", "line 1: nothing, expected the names"),
    "no record": (b"a,b\n", "record 1: the end of the file, expected 2 fields"),
}


@pytest.mark.parametrize("case", BAD_CSV)
def test_bad_csv_files(tmp_path, case):
    content, text = BAD_CSV[case]
    with pytest.raises(BadFile, match=rf"(?s)a\.csv: .*({text})"):
        data.csv(wrong(tmp_path / "a.csv", content))


def test_csv_records_are_counted_through_chunks(tmp_path):
    file = wrong(tmp_path / "a.csv", b"a\n" + b"1\n" * 12_345 + b"1,2\n")
    with pytest.raises(BadFile, match=r"record 12346 \(line 12347\): 2 fields, expected 1"):
        data.csv(file)
    with pytest.raises(BadFile, match="expected 64 bit integers"):
        data.csv(wrong(file, b"a\n" + b"9" * 30), dtype=int)


def test_bad_parquet_files(tmp_path):
    file = parquet_file(tmp_path / "a.parquet")
    content = file.read_bytes()
    for bad in (b"", b"nothing", content[:-9], content[:50]):
        with pytest.raises(BadFile, match=r"a\.parquet: the footer: .*expected a whole Parquet"):
            data.parquet(wrong(file, bad))
    with pytest.raises(BadFile, match="column 'z': it is there 0 times, expected once"):
        data.parquet(wrong(file, content), ["z"])
    parquet_file(file, y=[1.0] * 7 + [None] + [2.0] * 15)
    batches = data.parquet(file).batch(5).epoch()
    next(batches)
    with pytest.raises(BadFile, match="row group 1 of 5, column 'y', record 2: null"):
        next(batches)
    parquet_file(file, y=[[1]] * 7 + [[1, 2]] + [[3]] * 15)
    with pytest.raises(BadFile, match=r"row group 1 of 5, column 'y': list<.*expected numbers"):
        list(data.parquet(file).batch(23).epoch())


def test_bad_folders(tmp_path):
    with pytest.raises(FileNotFoundError):
        data.sharded(tmp_path / "none")
    with pytest.raises(BadArgument, match=r"holds no file that is called \*\.npy"):
        data.sharded(tmp_path, "*.npy")
    np.save(tmp_path / "x-0-of-3.npy", X)
    np.save(tmp_path / "x-1-of-3.npy", X)
    with pytest.raises(BadFile, match="the shards: 2 files, expected 3 as in x-0-of-3"):
        data.sharded(tmp_path)
    np.save(tmp_path / "x-2-of-3.npy", X.astype("f4"))
    with pytest.raises(BadFile, match=r"x-2-of-3\.npy: the columns: .*float32.*expected .*float64"):
        data.sharded(tmp_path)
    wrong(tmp_path / "x-2-of-3.npy", NPY[:-1])
    with pytest.raises(BadFile, match=r"x-2-of-3\.npy: row 19"):
        data.sharded(tmp_path)
    (tmp_path / "readme.txt").write_text("no data")
    with pytest.raises(BadArgument, match="has none of the endings"):
        data.sharded(tmp_path, "readme*")


@pytest.mark.parametrize("kept", [memory.KEPT, 50])
def test_a_file_that_becomes_shorter_is_no_crash(tmp_path, monkeypatch, kept):
    monkeypatch.setattr(memory, "KEPT", kept)
    file = saved(tmp_path, "x.npy", np.zeros((1000, 100)))
    batches = data.npy(file).batch(10).epoch()
    next(batches)
    with open(file, "r+b") as stream:
        stream.truncate(5000)
    with pytest.raises(BadFile, match="it became shorter while it was read: 5000 bytes"):
        list(batches)


# Arguments.


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (data.arrays, BadArgument, "by position or by name"),
        (lambda: data.arrays(X, y=Y), BadArgument, "by position or by name"),
        (lambda: data.arrays(X, Y[:3]), BadValue, "column 1 has 3 rows, and column 0 has 20"),
        (lambda: data.arrays(1.0), BadValue, "a single number"),
        (lambda: data.arrays(np.array([None, {}])), BadValue, "Python objects"),
        (lambda: data.arrays(X).batch(0), BadValue, "must be at least 1, not 0"),
        (lambda: data.arrays(X).batch(2.5), BadArgument, "must be an integer, not 2.5"),
        (lambda: data.arrays(X).shuffle(-1), BadValue, "a seed must be at least 0"),
        (lambda: data.arrays(X).shuffle(None), BadArgument, "a seed must be an integer"),
        (lambda: data.arrays(X).split(0.7, 0.7), BadValue, "20 rows cannot be split"),
        (lambda: data.arrays(X).split(0.999, 0.001), BadValue, "Each part needs a row"),
        (lambda: data.arrays(X).split(0.5, 10), BadArgument, "all floats or all ints"),
        (lambda: data.arrays(X).shuffle(0).split(0.5), BadValue, "before they are shuffled"),
        (lambda: data.arrays(X).take(5, 30), BadValue, "no rows from 5 to 30"),
        (data.npy, BadArgument, "at least one"),
        (lambda: data.npy(3), BadArgument, "named by a path"),
        (lambda: data.stacked([[1], [1, 2]]), BadArgument, "row 1 has 2 parts"),
        (lambda: data.stacked([np.zeros(2), np.zeros(3)]), BadValue, r"row 1 has the shape \(3,\)"),
    ],
)
def test_arguments_are_checked(call, error, text):
    with pytest.raises(error, match=text) as caught:
        call()
    assert isinstance(caught.value, SrcgradError)


# Memory.

MEGABYTES = int(os.environ.get("EPOCH_MEGABYTES", "160"))
EPOCH = """
import sys
import numpy as np
from srcgrad import data

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

rows = data.npy(*sys.argv[2:])
made = eval(sys.argv[1], {"rows": rows})
before = most = resident()
total, count = 0.0, 0
for i, batch in enumerate(made.epoch()):
    total, count = total + float(batch.sum()), count + len(batch)
    if i % 7 == 0:
        most = max(most, resident())
print(most, most - before, total, count)
"""


def epoch_of(file, steps):
    """Most resident memory and its growth in kB, the sum and the count of an epoch of a file."""
    command = [sys.executable, "-c", EPOCH, steps, file]
    out = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    return int(out[0]), int(out[1]), float(out[2]), int(out[3])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    "steps",
    ["rows.batch(4096)", "rows.shuffle(0).batch(4096).prefetch(2)", "rows.repeat(2).batch(999)"],
)
def test_an_epoch_takes_less_memory_than_its_file(tmp_path, steps):
    file = tmp_path / "x.npy"
    rows = 2500 * MEGABYTES  # of 50 floats
    array = np.lib.format.open_memmap(file, "w+", dtype="f8", shape=(rows, 50))
    array[:, 3] = 1.0
    del array
    most, growth, total, count = epoch_of(file, steps)
    times = 2 if "repeat" in steps else 1
    assert (total, count) == (rows * times, rows * times)
    assert growth < 60_000
    assert most < 200_000
