"""Orders of rows that follow from a key alone: the same on every machine and in every version.

An order of up to a million rows sorts by random draws. A longer one is never written down: a
Feistel network maps positions to rows one by one, so that shuffling takes no memory.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# What a key is for, so that a split and a shuffle of the same seed have nothing in common.
SPLIT, SHUFFLE, BLOCK, MAP = 1, 2, 3, 4
LISTED = 1 << 20
CHUNK = 14
ROUNDS = 8

Key = tuple[int, ...]


def shuffled(positions: np.ndarray, length: int, key: Key) -> np.ndarray:
    """The rows at some positions of a random order of `length` rows.

    Args:
        positions: integers below `length`, of shape (k,).
        length: the number of rows.
        key: nonnegative integers; equal keys give equal orders.

    Returns:
        The rows, int64 of shape (k,); all positions together give each row once.

    Example:
        >>> shuffled(np.arange(5), 5, (SHUFFLE, 0, 1)).tolist()
        [4, 0, 2, 3, 1]
    """
    if length <= LISTED:
        return _listed(length, key)[positions]
    if len(positions):
        chunk = int(positions[0]) >> CHUNK
        if chunk == int(positions[-1]) >> CHUNK and np.all(positions >> CHUNK == chunk):
            return _chunk(length, key, chunk)[positions & ((1 << CHUNK) - 1)]
    return scattered(positions, length, key)


@lru_cache(maxsize=4)
def _listed(length: int, key: Key) -> np.ndarray:
    """A whole order, by sorting the raw draws of a generator whose stream numpy keeps fixed."""
    draws = np.random.PCG64(np.random.SeedSequence(key)).random_raw(length)
    order = np.argsort(draws, kind="stable")
    order.flags.writeable = False
    return order


@lru_cache(maxsize=8)
def _chunk(length: int, key: Key, chunk: int) -> np.ndarray:
    """A run of a long order, of 2**CHUNK positions."""
    first = chunk << CHUNK
    return scattered(np.arange(first, min(first + (1 << CHUNK), length)), length, key)


def scattered(positions: np.ndarray, length: int, key: Key) -> np.ndarray:
    """What `shuffled` gives, computed for each position by itself.

    A balanced Feistel network permutes the numbers of an even count of bits (Luby and Rackoff,
    1988); what falls outside of the rows goes through it again ("cycle walking", Black and
    Rogaway, 2002), which leaves a permutation of the rows.

    Example:
        >>> sorted(scattered(np.arange(5), 5, (1, 2)).tolist())
        [0, 1, 2, 3, 4]
    """
    half = np.uint64(max((length - 1).bit_length() + 1, 2) // 2)
    mask = (np.uint64(1) << half) - np.uint64(1)
    keys = np.random.SeedSequence(key).generate_state(ROUNDS, np.uint64)
    rows = positions.astype(np.uint64)
    walking = np.arange(len(rows))
    while len(walking):
        left, right = rows[walking] >> half, rows[walking] & mask
        for k in keys:
            left, right = right, left ^ (_mixed(right, k) & mask)
        rows[walking] = (left << half) | right
        walking = walking[rows[walking] >= np.uint64(length)]
    return rows.astype(np.int64)


def _mixed(x: np.ndarray, key: np.uint64) -> np.ndarray:
    """A hash of each number: the last steps of splitmix64 (Steele, Lea and Flood, 2014)."""
    x = (x ^ key) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def in_blocks(positions: np.ndarray, starts: np.ndarray, length: int, key: Key) -> np.ndarray:
    """The rows at some positions where blocks are shuffled, and rows within each block.

    Args:
        positions: integers below `length`, of shape (k,).
        starts: the first row of each block, ascending from 0, of shape (b,).
        length: the number of rows.
        key: nonnegative integers; equal keys give equal orders.

    Returns:
        The rows, int64 of shape (k,): one block after the other, none interleaved.

    Example:
        >>> in_blocks(np.arange(6), np.array([0, 3]), 6, (SHUFFLE, 0, 0)).tolist()
        [2, 1, 0, 3, 5, 4]
    """
    order, ends, sizes = _block_order(starts.tobytes(), length, key)
    nth = np.searchsorted(ends, positions, side="right")
    rows = np.empty(len(positions), np.int64)
    for n in np.unique(nth):
        here, block = nth == n, int(order[n])
        within = positions[here] - (ends[n] - sizes[n])
        rows[here] = starts[block] + shuffled(within, int(sizes[n]), (BLOCK, block, *key))
    return rows


@lru_cache(maxsize=4)
def _block_order(starts: bytes, length: int, key: Key) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Blocks in a random order, with the position after each and its number of rows."""
    first = np.frombuffer(starts, np.int64)
    order = shuffled(np.arange(len(first)), len(first), key)
    sizes = np.diff(first, append=length)[order]
    return order, np.cumsum(sizes), sizes
