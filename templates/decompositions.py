"""Decompositions of matrices: eigenvalues of symmetric ones, singular values, QR.

Values alone are smooth where they are distinct; vectors have no derivative where two values are
equal: nan comes out there. Sources: M. B. Giles, "Collected matrix derivative results for forward
and reverse mode algorithmic differentiation", 2008; J. Townsend, "Differentiating the singular
value decomposition", 2016; M. Seeger et al., "Auto-differentiating linear algebra", 2017.
"""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Record
from srcgrad.rules import (
    UNKNOWN,
    ZERO,
    Undecided,
    apply,
    bar,
    call,
    cut,
    dims,
    dot,
    full,
    helper,
    known_dims,
    length,
    number,
    of,
    one_matrix,
    option,
    pack,
    refuse,
    rule,
    same_length,
    solved_dtype,
    with_dims,
)


def several(*kinds):
    """The kind of several results."""
    return Record(tuple, tuple(range(len(kinds))), kinds)


def smaller(m, n):
    """The smaller one of two lengths."""
    if isinstance(m, int) and isinstance(n, int):
        return min(m, n)
    return m if same_length(m, n) else UNKNOWN


def square(a):
    """The length and the dtype of a square matrix."""
    (m, n), dtype = one_matrix(a), solved_dtype(a)
    return (n if isinstance(m, int) else m), dtype


def eigvalsh_kind(a, UPLO=None):
    """The kind of the eigenvalues of a symmetric matrix."""
    n, dtype = square(a)
    half(UPLO)
    return Array(dtype, (n,))


def half(UPLO):
    """Refuse an unknown half."""
    if option(UPLO, "L") not in ("L", "l", "U", "u"):
        raise Undecided("UPLO= must be 'L' or 'U'")


SQUARES = [call(of(3, 3)), call(of(1, 1)), call(of(3, 3), UPLO="U")]


@rule(np.linalg.eigvalsh, kind=eigvalsh_kind, samples=SQUARES)
def eigvalsh(z, a, UPLO="L"):
    g = full(bar[z], z)
    bar[a] += helper(runtime.eigvalsh_bar, matrix_like(a, a), g, a, UPLO)
    if dot[a] is not ZERO:
        v = apply(np.linalg.eigh, a, **({} if UPLO == "L" else {"UPLO": UPLO}))[1]
        dot[z] = np.sum(v * (whole(dot[a], UPLO) @ v), axis=0)


def matrix_like(a, *factors):
    """The kind of a matrix of the dims of `a`, made of others."""
    dtype = np.result_type(*(number(f.kind).dtype for f in factors))
    return Array(dtype, number(a.kind).dims)


def whole(t, UPLO):
    """The symmetric matrix of which one half is read."""
    return ZERO if t is ZERO else helper(runtime.mirrored, matrix_like(t, t), t, UPLO)


def first_kind(t, half=None):
    """The kind of a matrix like the first operand."""
    return number(t)


def second_kind(g, a, half=None):
    """The kind of a matrix like the second operand."""
    return number(a)


@rule(runtime.mirrored, kind=first_kind)
def mirrored(z, t, half):
    g = full(bar[z], z)
    if g is not ZERO:
        both = g + np.transpose(g)
        bar[t] += helper(runtime.half_bar, matrix_like(t, g), 0.5 * both, half)
    dot[z] = whole(dot[t], half)


@rule(runtime.half_bar, kind=first_kind)
def half_bar(z, s, half):
    bar[s] += doubled(full(bar[z], z), half)
    dot[z] = ZERO if dot[s] is ZERO else helper(runtime.half_bar, z.kind, dot[s], half)


def doubled(g, half):
    """The entries of a half, those off the diagonal twice."""
    if g is ZERO:
        return ZERO
    return np.tril(g) + np.tril(g, -1) if half in "Ll" else np.triu(g) + np.triu(g, 1)


@rule(runtime.eigvalsh_bar, kind=second_kind)
def eigvalsh_bar(z, g, a, half):
    parts = apply(np.linalg.eigh, a, **({} if half == "L" else {"UPLO": half}))
    w, v = parts[0], parts[1]
    up = full(bar[z], z)
    if up is not ZERO:
        both = v.T @ doubled(up, half) @ v
        both = 0.5 * (both + np.transpose(both))
        bar[g] += np.diag(both)
        back = v @ (gaps(w) * (both * g - g[:, None] * both)) @ v.T
        bar[a] += helper(runtime.half_bar, matrix_like(a, a), back, half)
    p = v.T @ whole(dot[a], half) @ v
    turned = ZERO if p is ZERO else gaps(w) * p
    inner = diagonal(dot[g]) + (turned * g - g[:, None] * turned)
    if inner is not ZERO:
        dot[z] = helper(runtime.half_bar, matrix_like(a, a), v @ inner @ v.T, half)


def eigh_kind(a, UPLO=None):
    """The kinds of the eigenvalues and eigenvectors of a symmetric matrix."""
    n, dtype = square(a)
    half(UPLO)
    return several(Array(dtype, (n,)), Array(dtype, (n, n)))


@rule(np.linalg.eigh, kind=eigh_kind, samples=SQUARES)
def eigh(z, a, UPLO="L"):
    w, v = z[0], z[1]
    turn = v.T @ full(bar[v], v)
    inner = diagonal(full(bar[w], w))
    if turn is not ZERO:
        inner = inner + 0.5 * gaps(w) * skew(turn)
    if inner is not ZERO:
        bar[a] += helper(runtime.half_bar, matrix_like(a, a), v @ inner @ v.T, UPLO)
    if dot[a] is not ZERO:
        p = v.T @ whole(dot[a], UPLO) @ v
        dot[z] = pack((np.copy(np.diag(p)), v @ (gaps(w) * p)))


def diagonal(v):
    """A vector as a diagonal matrix."""
    return ZERO if v is ZERO else np.diag(v)


def skew(x):
    """A matrix minus its transpose."""
    return ZERO if x is ZERO else x - np.transpose(x)


def gaps(w):
    """`1 / (w[j] - w[i])` at row i and column j, and 0 on the diagonal."""
    k = number(w.kind)
    return helper(runtime.inverse_gaps, Array(k.dtype, (*k.dims, *k.dims)), w)


def gaps_kind(w):
    """The kind of a matrix of inverse differences."""
    return Array(number(w).dtype, (*known_dims(w), *known_dims(w)))


@rule(runtime.inverse_gaps, kind=gaps_kind)
def inverse_gaps(z, w):
    g = full(bar[z], z) * z**2
    bar[w] += ZERO if g is ZERO else np.sum(g, axis=1) - np.sum(g, axis=0)
    dot[z] = ZERO if dot[w] is ZERO else (dot[w][:, None] - dot[w]) * z**2


def values_kind(x):
    """The kind of singular values."""
    return Array(solved_dtype(x), (smaller(*one_matrix(x)),))


def svd_kind(a, full_matrices=None, compute_uv=None, hermitian=None):
    """The kinds of the parts of a singular value decomposition, or of the values alone."""
    refuse(hermitian, "hermitian", False)
    if not option(compute_uv, True):
        return values_kind(a)
    (m, n), dtype = one_matrix(a), solved_dtype(a)
    if option(full_matrices, True):
        return several(Array(dtype, (m, m)), Array(dtype, (smaller(m, n),)), Array(dtype, (n, n)))
    k = smaller(m, n)
    return several(Array(dtype, (m, k)), Array(dtype, (k,)), Array(dtype, (k, n)))


SHAPES = [of(*s, low=-9.0, high=9.0) for s in ((3, 3), (4, 2), (2, 4), (1, 1))]


@rule(
    np.linalg.svd,
    kind=svd_kind,
    samples=[
        *(call(s, compute_uv=False) for s in SHAPES),
        *(call(s, full_matrices=False) for s in SHAPES),
        call(SHAPES[0]),
    ],
)
def svd(z, a, full_matrices=True, compute_uv=True, hermitian=False):
    if not compute_uv:
        values(z, a)
        return
    u, s, vh = z[0], z[1], z[2]
    if full_matrices and not same_length(*dims(a)):
        if dot[a] is not ZERO or bar[u] is not ZERO or bar[vh] is not ZERO:
            raise Undecided("np.linalg.svd of what may not be square wants full_matrices=False")
        k = length(s)
        front = cut(u, 1, None, k, dims(s)[0]) * full(bar[s], s)
        bar[a] += front @ cut(vh, 0, None, k, dims(s)[0])
        return
    bar[a] += factors_bar(u, s, vh, *(full(bar[x], x) for x in (u, s, vh)))
    if dot[a] is not ZERO:
        dot[z] = pack(factors_dot(u, s, vh, dot[a]))


def factors_bar(u, s, vh, u_bar, s_bar, vh_bar):
    """The cotangent of a matrix, from those of its singular values and vectors."""
    f = gaps(s**2)
    left, right = u.T @ u_bar, vh @ vh_bar.T
    inner = f * skew(left) * s + diagonal(s_bar) + s[:, None] * f * skew(right)
    out = ZERO if inner is ZERO else u @ inner @ vh
    if not same_length(*dims(u)):
        out = out + ((u_bar - u @ left) / s) @ vh
    if not same_length(*dims(vh)):
        out = out + (u / s) @ (vh_bar - right.T @ vh)
    return out


def factors_dot(u, s, vh, t):
    """The tangents of singular values and vectors."""
    f, p = gaps(s**2), u.T @ t @ vh.T
    flipped = np.transpose(p)
    u_dot = u @ (f * (p * s + s[:, None] * flipped))
    v_dot = vh.T @ (f * (s[:, None] * p + flipped * s))
    if not same_length(*dims(u)):
        u_dot = u_dot + (t @ vh.T - u @ p) / s
    if not same_length(*dims(vh)):
        v_dot = v_dot + (t.T @ u - vh.T @ flipped) / s
    return u_dot, np.copy(np.diag(p)), v_dot.T


def values(z, a):
    """Adjoint and tangent of singular values."""
    bar[a] += helper(runtime.svdvals_bar, matrix_like(a, a), full(bar[z], z), a)
    if dot[a] is not ZERO:
        parts = apply(np.linalg.svd, a, full_matrices=False)
        dot[z] = np.sum(parts[0] * (dot[a] @ parts[2].T), axis=0)


@rule(runtime.svdvals_bar, kind=second_kind)
def svdvals_bar(z, g, a):
    parts = apply(np.linalg.svd, a, full_matrices=False)
    u, s, vh = parts[0], parts[1], parts[2]
    up = full(bar[z], z)
    bar[g] += np.sum(u * (up @ vh.T), axis=0)
    bar[a] += factors_bar(u, s, vh, (up @ vh.T) * g, ZERO, g[:, None] * (u.T @ up))
    out = ZERO if dot[g] is ZERO else (u * dot[g]) @ vh
    if dot[a] is not ZERO:
        u_dot, _, vh_dot = factors_dot(u, s, vh, dot[a])
        out = out + (u_dot * g) @ vh + (u * g) @ vh_dot
    dot[z] = out


if hasattr(np.linalg, "svdvals"):

    @rule(np.linalg.svdvals, kind=values_kind, samples=[call(s) for s in SHAPES])
    def svdvals(z, x):
        values(z, x)


def qr_kind(a, mode=None):
    """The kinds of the factors, or of the triangular one alone."""
    (m, n), dtype = one_matrix(a), solved_dtype(a)
    k = smaller(m, n)
    if option(mode, "reduced") == "r":
        return Array(dtype, (k, n))
    refuse(mode, "mode", "reduced")
    return several(Array(dtype, (m, k)), Array(dtype, (k, n)))


@rule(
    np.linalg.qr,
    kind=qr_kind,
    samples=[
        *(call(s) for s in SHAPES),
        *(call(s, mode="r") for s in SHAPES),
        call(SHAPES[1], "reduced"),
    ],
)
def qr(z, a, mode="reduced"):
    """The columns in front, as many as there are rows, decide; the others follow from them."""
    if mode == "r":
        q, r = apply(np.linalg.qr, a)[0], z
        q_bar, r_bar = ZERO, full(bar[z], z)
    else:
        q, r = z[0], z[1]
        q_bar, r_bar = full(bar[q], q), full(bar[r], r)
    tall = same_length(*dims(r)) or dims(r)[1] == 1
    k = length(q, 1)
    front = r if tall else cut(r, 1, None, k, dims(q)[1])
    if not tall:
        behind = cut(a, 1, k, None, UNKNOWN)
        behind_bar = ZERO if r_bar is ZERO else cut(r_bar, 1, k, None, UNKNOWN)
        r_bar = ZERO if r_bar is ZERO else cut(r_bar, 1, None, k, dims(q)[1])
        q_bar = q_bar + behind @ behind_bar.T
    m = front @ r_bar.T - q_bar.T @ q
    if m is not ZERO:
        out = q_bar + q @ (np.tril(m) + np.transpose(np.tril(m, -1)))
        out = np.linalg.solve(front, out.T).T
        bar[a] += out if tall else with_dims(beside(out, q @ behind_bar, behind), dims(a))
    if dot[a] is not ZERO:
        t = dot[a] if tall else cut(dot[a], 1, None, k, dims(q)[1])
        x = np.linalg.solve(front.T, t.T).T
        s = q.T @ x
        turn = np.tril(s, -1) - np.tril(s, -1).T
        q_dot = x - q @ (s - turn)
        r_dot = (s - turn) @ front
        if not tall:
            follow = q_dot.T @ behind + q.T @ cut(dot[a], 1, k, None, UNKNOWN)
            r_dot = with_dims(beside(r_dot, follow, behind), dims(r))
        dot[z] = r_dot if mode == "r" else pack((q_dot, r_dot))


def beside(x, y, like):
    """Two matrices side by side; the second one has the length of another if it is zero."""
    return np.concatenate([x, np.zeros_like(like) if y is ZERO else y], axis=1)
