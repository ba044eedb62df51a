"""Discrete Fourier transforms: linear, and symmetric as matrices, so that each is its own adjoint.

The adjoint of a real operand is the real part; that of half a spectrum counts the entries double
that stand for two.
"""

import numpy as np

from srcgrad import runtime
from srcgrad.kinds import Array, Dim
from srcgrad.rules import (
    UNKNOWN,
    Undecided,
    bar,
    call,
    dot,
    full,
    helper,
    number,
    of,
    option,
    refuse,
    rule,
    zero,
)

OPPOSITE = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}
ONE = [call(of(4)), call(of(5)), call(of(2, 3)), call(of(3, 2), axis=0), call(of(3), norm="ortho")]
SEVERAL = [
    call(of(2, 3)),
    call(of(3, 2, 2)),
    call(of(2, 3), norm="ortho"),
    call(of(2, 2, 3), axes=(0, 2)),
]


def transform_kind(function, change):
    """The kind of a transform along one axis; `change` gives its length from the operand's."""

    def kind(a, n=None, axis=None, norm=None, out=None):
        refuse(n, "n")
        refuse(out, "out")
        k = number(a)
        if not isinstance(k, Array) or not k.dims:
            raise Undecided("a Fourier transform of a value of unknown rank")
        i = option(axis, -1) % len(k.dims)
        with np.errstate(all="ignore"):
            dtype = function(np.ones(4, k.dtype)).dtype
        return Array(dtype, (*k.dims[:i], change(k.dims[i]), *k.dims[i + 1 :]))

    return kind


def same(d):
    """The length of a whole spectrum."""
    return d


def half(d):
    """The length of half a spectrum."""
    return d // 2 + 1 if isinstance(d, int) else UNKNOWN


def twice(d):
    """The length of a signal that has half a spectrum of this length."""
    return 2 * (d - 1) if isinstance(d, int) else UNKNOWN


@rule(np.fft.fft, kind=transform_kind(np.fft.fft, same), samples=ONE)
def fft(z, a, n=None, axis=-1, norm=None):
    bar[a] += np.fft.fft(full(bar[z], z), **given(axis=axis, norm=norm))
    dot[z] = np.fft.fft(full(dot[a], a), **given(axis=axis, norm=norm))


@rule(np.fft.ifft, kind=transform_kind(np.fft.ifft, same), samples=ONE)
def ifft(z, a, n=None, axis=-1, norm=None):
    bar[a] += np.fft.ifft(full(bar[z], z), **given(axis=axis, norm=norm))
    dot[z] = np.fft.ifft(full(dot[a], a), **given(axis=axis, norm=norm))


@rule(np.fft.rfft, kind=transform_kind(np.fft.rfft, half), samples=ONE)
def rfft(z, a, n=None, axis=-1, norm=None):
    g = helper(runtime.padded, like(z, a), full(bar[z], z), a, axis)
    bar[a] += np.real(np.fft.fft(g, **given(axis=axis, norm=norm)))
    dot[z] = np.fft.rfft(full(dot[a], a), **given(axis=axis, norm=norm))


@rule(np.fft.irfft, kind=transform_kind(np.fft.irfft, twice), samples=ONE[:1] + ONE[2:])
def irfft(z, a, n=None, axis=-1, norm=None):
    options = given(axis=axis, norm=OPPOSITE[norm])
    spectrum = np.conjugate(np.fft.rfft(full(bar[z], z), **options))
    bar[a] += helper(runtime.doubled, like(a, a), spectrum, axis)
    dot[z] = np.fft.irfft(full(dot[a], a), **given(axis=axis, norm=norm))


def given(axis=-1, norm=None, axes=None):
    """The options of a transform that are not the default."""
    options = {"axis": axis} if axis != -1 else {}
    options |= {"axes": axes} if axes is not None else {}
    return options | ({"norm": norm} if norm not in (None, "backward") else {})


def like(z, a):
    """The kind of a spectrum of the dims of an operand."""
    k = number(a.kind)
    return Array(np.result_type(number(z.kind).dtype, np.complex64), k.dims)


def several_kind(function):
    """The kind of a transform along several axes."""

    def kind(a, s=None, axes=None, norm=None, out=None):
        refuse(s, "s")
        refuse(out, "out")
        k = number(a)
        if not isinstance(k, Array) or k.dims is None or len(k.dims) < 2:
            raise Undecided("a Fourier transform along several axes of a value of another rank")
        return Array(function(np.ones((2, 2), k.dtype)).dtype, k.dims)

    return kind


def several(function):
    """Declare a transform along several axes, which is its own adjoint."""

    @rule(function, kind=several_kind(function), samples=SEVERAL)
    def transform(z, a, s=None, axes=None, norm=None):
        bar[a] += function(full(bar[z], z), **given(axes=axes, norm=norm))
        dot[z] = function(full(dot[a], a), **given(axes=axes, norm=norm))


def of_matrices(function):
    """Declare a transform along two axes, which is its own adjoint."""

    @rule(function, kind=several_kind(function), samples=SEVERAL)
    def transform(z, a, s=None, axes=(-2, -1), norm=None):
        options = given(axes=None if axes == (-2, -1) else axes, norm=norm)
        bar[a] += function(full(bar[z], z), **options)
        dot[z] = function(full(dot[a], a), **options)


of_matrices(np.fft.fft2)
of_matrices(np.fft.ifft2)
several(np.fft.fftn)
several(np.fft.ifftn)


def shift_kind(x, axes=None):
    """The kind of a spectrum in another order."""
    return number(x)


@rule(
    np.fft.fftshift, kind=shift_kind, samples=[call(of(4)), call(of(2, 3)), call(of(3, 2), axes=0)]
)
def fftshift(z, x, axes=None):
    options = {} if axes is None else {"axes": axes}
    bar[x] += np.fft.ifftshift(full(bar[z], z), **options)
    dot[z] = np.fft.fftshift(full(dot[x], x), **options)


@rule(
    np.fft.ifftshift, kind=shift_kind, samples=[call(of(5)), call(of(2, 3)), call(of(3, 2), axes=0)]
)
def ifftshift(z, x, axes=None):
    options = {} if axes is None else {"axes": axes}
    bar[x] += np.fft.fftshift(full(bar[z], z), **options)
    dot[z] = np.fft.ifftshift(full(dot[x], x), **options)


def frequencies_kind(change):
    """The kind of the frequencies of a spectrum."""

    def kind(n, d=None, device=None):
        k = number(n)
        value = getattr(k, "value", None)
        if isinstance(value, int):
            return Array(np.dtype(float), (change(value),))
        return Array(
            np.dtype(float), (value if change is same and isinstance(value, Dim) else UNKNOWN,)
        )

    return kind


zero(np.fft.fftfreq, kind=frequencies_kind(same))
zero(np.fft.rfftfreq, kind=frequencies_kind(half))


def padded_kind(g, a, axis):
    """The kind of half a spectrum with zeros behind it."""
    return Array(number(g).dtype, number(a).dims)


@rule(runtime.padded, kind=padded_kind)
def padded(z, g, a, axis):
    bar[g] += helper(runtime.cropped, g.kind, full(bar[z], z), g, axis)
    dot[z] = helper(runtime.padded, z.kind, dot[g], a, axis)


def cropped_kind(g, a, axis):
    """The kind of the first entries along an axis."""
    return Array(number(g).dtype, number(a).dims)


@rule(runtime.cropped, kind=cropped_kind)
def cropped(z, g, a, axis):
    bar[g] += helper(runtime.padded, g.kind, full(bar[z], z), g, axis)
    dot[z] = helper(runtime.cropped, z.kind, dot[g], a, axis)


def doubled_kind(g, axis):
    """The kind of half a spectrum whose inner entries count double."""
    return number(g)


@rule(runtime.doubled, kind=doubled_kind)
def doubled(z, g, axis):
    bar[g] += helper(runtime.doubled, g.kind, full(bar[z], z), axis)
    dot[z] = helper(runtime.doubled, z.kind, dot[g], axis)
