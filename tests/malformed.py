"""Malformed files made of sound ones: flips, truncations, splices, and edits of the header."""

import json
import random
import struct

from srcgrad.train.saving_format import signed

HUGE = (1 << 63, 1 << 62, (1 << 31) - 1, -1, 10**30)
ODD = (
    None, True, -1, 0, 1, 1 << 40, 1 << 62, 1 << 63, 10**25, 0.5, float("nan"), float("inf"), "",
    "x", "../../etc/passwd", "/etc/passwd", "\0", [], {}, [[]], [0], [0, 0], [-1, 7], [1 << 62] * 2,
    {"list": []}, {"array": ["<f8", None, 0]}, {"array": ["O", None, 0]}, {"float": "x"},
    {"function": "os.system"}, {"generator": ["PCG64", None]}, {"object": ["os", []]},
    "F64", "BF16", "O", {"int": "0x_1"}, {"__metadata__": {}},
)  # fmt: skip


def flipped(content, rng):
    """Some bits the other way round."""
    spoilt = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 9, 100))):
        spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
    return bytes(spoilt)


def flipped_early(content, rng):
    """The same in the length and the header."""
    header = 8 + int.from_bytes(content[:8], "little")
    return flipped(content[:header], rng) + content[header:]


def truncated(content, rng):
    """Less of it."""
    end = rng.choice((rng.randrange(len(content)), rng.randrange(40), len(content) - 1))
    return content[: min(end, len(content) - 1)]


def spliced(content, rng):
    """A piece taken out, put in twice, put elsewhere, or overwritten by another piece."""
    a, b, c = sorted(rng.randrange(len(content) + 1) for _ in range(3))
    return rng.choice(
        (
            content[:a] + content[b:],
            content[:b] + content[a:],
            content[:a] + content[b:c] + content[a:b] + content[c:],
            content[:a] + bytes(b - a) + content[b:],
            content + content[a:b],
            content[:a] + rng.randbytes(b - a) + content[b:],
        )
    )


def longer(content, rng):
    """Another length of the header."""
    length = rng.choice((0, 1, 7, 8, 100, 1 << 20, 1 << 40, (1 << 64) - 1, rng.getrandbits(64)))
    return struct.pack("<Q", length) + content[8:]


def edited(content, rng):
    """Another header, written as JSON, of which half get a right checksum."""
    length = int.from_bytes(content[:8], "little")
    table = json.loads(content[8 : 8 + length])
    inner = json.loads(table["__metadata__"]["srcgrad"])
    for _ in range(rng.choice((1, 1, 2, 5))):
        change(rng.choice((table, inner, inner.get("tree"))), rng)
    if isinstance(table.get("__metadata__"), dict):
        table["__metadata__"]["srcgrad"] = json.dumps(inner)
    text = json.dumps(table, separators=(",", ":"))
    if rng.random() < 0.2:
        text = twice(text, rng)
    if rng.random() < 0.05:
        text = text[:-1] + ',"deep":' + "[" * 5000 + "]" * 5000 + "}"
    header = text.encode()
    header = len(header).to_bytes(8, "little") + header
    if rng.random() < 0.5 and len(header) > 200:
        header = signed(header)
    return header + content[8 + length :]


def change(value, rng):
    """One change, somewhere in nested JSON."""
    if isinstance(value, dict) and value:
        key = rng.choice(list(value))
        what = rng.random()
        if isinstance(value[key], (dict, list)) and value[key] and what < 0.7:
            change(value[key], rng)
        elif what < 0.8:
            value[rng.choice((key + "x", "../" + key, "", "__metadata__"))] = value.pop(key)
        elif what < 0.9:
            other = rng.choice(list(value))
            value[key], value[other] = value[other], value[key]
        elif what < 0.93:
            del value[key]
        else:
            value[key] = rng.choice(ODD)
    elif isinstance(value, list) and value:
        nth = rng.randrange(len(value))
        what = rng.random()
        if isinstance(value[nth], (dict, list)) and value[nth] and what < 0.7:
            change(value[nth], rng)
        elif what < 0.8:
            value.append(value[nth])
        elif what < 0.85:
            del value[nth]
        elif type(value[nth]) is int and what < 0.95:
            value[nth] += rng.choice((-1, 1, 8, 1 << 20, *HUGE))
        else:
            value[nth] = rng.choice(ODD)


def twice(text, rng):
    """A name that is there twice, or a number that is none."""
    name = rng.choice(("['w']", "__metadata__", "shape", "dtype", "data_offsets"))
    place = text.find(f'"{name}":')
    extra = rng.choice((f'"{name}":0,', f'"{name}":NaN,', f'"{name}":1e999,', f'"{name}":{{}},'))
    return text[:place] + extra + text[place:] if place > 0 else text.replace(":0", ":NaN", 1)


KINDS = (flipped, flipped_early, truncated, spliced, longer, edited, edited)


def malformed(content, seed):
    """A malformed file, and whether it might be a sound file of another tree."""
    rng = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    return kind(content, rng), kind is edited
