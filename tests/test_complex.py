"""Complex arguments: the adjoint of z = x + iy is dL/dx - i dL/dy, as autograd has it."""

import copy

import numpy as np
import pytest

from srcgrad import errors, grad, jvp, value_and_grad, vjp
from srcgrad.rules.analytic import ANALYTIC
from srcgrad.testing import check_grad
from tests.differences import slope

Z = np.array([0.7 + 0.3j, -1.2 + 0.5j, 0.4 - 0.9j])
X = np.array([0.7, -1.2, 0.4])


def differences(function, args, position=0):
    """Return df/dx - i df/dy of each entry of an argument, by central differences."""
    z = args[position]

    def along(unit):
        def line(t):
            called = copy.deepcopy(args)
            moved = z + t * unit
            return float(function(*called[:position], moved, *called[position + 1 :]))

        return slope(line, 2.0**-10, 2.0**-52)[0]

    def entry(unit):
        return along(unit) - (1j * along(1j * unit) if np.iscomplexobj(z) else 0.0)

    if not isinstance(z, np.ndarray):
        return entry(1.0)
    out = np.zeros(z.shape, z.dtype)
    for index in np.ndindex(z.shape):
        unit = np.zeros(z.shape)
        unit[index] = 1.0
        out[index] = entry(unit)
    return out


def parts(z):
    return np.sum(np.real(z * z) + np.imag(z**3) + z.real * z.imag)


def own_conjugate(z):
    return np.sum((z * np.conj(z)).real) + np.real(np.vdot(z, 2j * z + 1.0))


def analytic(z):
    w = np.sqrt(z) * np.log(z) + np.sin(z) / np.cosh(z) - 1.0 / z
    return np.sum(np.abs(w))


def angles(z):
    return np.sum(np.angle(z) * z.imag) + np.sum(np.exp(-(np.abs(z) ** 2)) * np.cos(np.angle(z)))


def products(z):
    m = np.outer(z, z)
    flat = np.abs(z @ z) + np.real(np.dot(z, np.ones(3))) + np.abs(np.mean(z))
    return flat + np.abs(np.einsum("ij,j->", m, z)) + np.sum(np.abs(np.tensordot(m, z, 1)))


def written(z):
    y = np.zeros(3, complex)
    y[0] = z[1] * 2
    y[1:] = z[:2]
    y *= z
    y[2] += 1j * z[0]
    y[np.array([0, 0])] = z[1:]
    y[z.real > 0] *= 2j
    return np.sum(np.abs(y))


def written_by_calls(z):
    y = np.zeros_like(z)
    np.multiply(z, z, out=y)
    np.add(y, z, out=y, where=z.real > 0)
    y[1:2].fill(z[0])
    return np.sum(np.abs(y))


def horner(z):
    s = 0j
    for v in z:
        s = s * v + v
    return abs(s)


def loop_with_a_test(z):
    w = z * 1j if np.abs(z[0]) > 0.1 else z
    while np.abs(w[0]) > 0.1:
        w = w * (0.3 + 0.2j)
    return np.sum(np.abs(w))


def chosen(z):
    picked = np.where(np.abs(z) > 1, z, np.conj(z) * 2)
    return np.sum(np.abs(picked + z)) + np.max(np.abs(z)) + np.sum(np.maximum(z.real, z.imag))


def shapes(z):
    m = np.stack([z, z * 2])
    wide = np.concatenate([np.tile(z, 2), np.repeat(z, 2), np.roll(np.flip(z), 1)])
    return np.abs(np.sum(m.T @ m)) + np.sum(np.abs(wide) * np.arange(15.0))


def running(z):
    total = np.abs(np.prod(z)) + np.abs(np.cumsum(z)[1])
    return total + np.abs(np.sum(np.cumprod(z) * np.arange(1, 4))) + np.abs(np.sum(np.diff(z)))


def matrices(z):
    m = np.outer(z, z) + (1 + 1j) * np.eye(3)
    inverse = np.sum(np.abs(np.linalg.inv(m))) + np.sum(np.abs(np.linalg.solve(m, z)))
    return np.abs(np.linalg.det(m)) + inverse + np.abs(np.trace(m))


def deviations(z):
    return np.var(z) + np.std(2j * z) + np.linalg.norm(z) + np.sum(np.linalg.norm(z[:, None] * z))


def powers(z):
    return np.sum(np.abs(z**X) + np.abs(z**-2) + np.abs(2.0**z) + np.abs(X[0] ** (z * z)))


def spectra(z):
    f = np.fft.fft2(np.outer(z, z)) * np.arange(9.0).reshape(3, 3)
    return np.sum(np.abs(f)) + np.sum(np.abs(np.fft.fftshift(z) * np.fft.ifft(z)))


def filled(z):
    return np.sum(np.abs(np.full(3, z[0]) * z)) + np.sum(np.abs(np.linspace(z[0], z[1], 5)))


def in_a_list(z):
    return abs(sum([v * v for v in z]))


def scalar(z):
    return abs(z * z + 1) + (z * z.conjugate()).real + z.imag


def real_part_alone(z):
    return np.sum(z.real**2)


ARRAYS = [
    parts, own_conjugate, analytic, angles, products, written, written_by_calls, horner,
    loop_with_a_test, chosen, shapes, running, matrices, deviations, powers, spectra, filled,
    in_a_list, real_part_alone,
]  # fmt: skip


@pytest.mark.parametrize("function", ARRAYS)
def test_reverse_equals_differences(function):
    value, found = value_and_grad(function)(Z.copy())
    assert value == pytest.approx(function(Z.copy()))
    assert found.dtype == complex
    np.testing.assert_allclose(found, differences(function, (Z,)), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("function", ARRAYS)
def test_forward_equals_reverse(function):
    rng = np.random.default_rng(0)
    t = rng.normal(size=3) + 1j * rng.normal(size=3)
    value, tangent = jvp(function, (Z.copy(),), (t,))
    assert value == pytest.approx(function(Z.copy()))
    assert np.isrealobj(tangent)
    want = np.real(np.sum(grad(function)(Z.copy()) * t))
    np.testing.assert_allclose(tangent, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("function", ARRAYS)
def test_single_precision_stays(function):
    found = grad(function)(Z.astype(np.complex64))
    assert found.dtype == np.complex64
    np.testing.assert_allclose(found, grad(function)(Z.copy()), rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("z", [0.6 + 0.8j, np.complex128(0.6 + 0.8j)])
def test_a_scalar(z):
    found = grad(scalar)(z)
    assert isinstance(found, complex)
    assert found == pytest.approx(differences(scalar, (z,)))


def test_a_scalar_that_does_not_matter():
    assert grad(lambda z: abs(z * 0) + 1.0)(1j) == 0
    assert isinstance(grad(constant)(1 + 2j), complex)


def constant(z):
    return 3.0 if z.real > 0 else z.imag


UNARY = [f for f in ANALYTIC if isinstance(f, np.ufunc) and f.nin == 1]


@pytest.mark.parametrize("function", UNARY, ids=lambda f: f.__name__)
def test_analytic_functions_have_their_complex_derivative(function):
    def called(z):
        return function(z)

    value, pull = vjp(called, Z.copy())
    np.testing.assert_allclose(value, function(Z))
    h = 1e-3
    near = function(Z + h) - function(Z - h)
    want = (8 * near - (function(Z + 2 * h) - function(Z - 2 * h))) / (12 * h)
    np.testing.assert_allclose(pull(np.ones(3, complex))[0], want, rtol=1e-7, atol=1e-9)
    _, tangent = jvp(called, (Z.copy(),), (np.full(3, 1j),))
    np.testing.assert_allclose(tangent, 1j * want, rtol=1e-7, atol=1e-9)


def rotated(z, x):
    return z * np.exp(1j * x)


def test_a_complex_result_is_pulled_back():
    rng = np.random.default_rng(1)
    g = rng.normal(size=3) + 1j * rng.normal(size=3)
    t = rng.normal(size=3) + 1j * rng.normal(size=3), rng.normal(size=3)
    _, pull = vjp(rotated, Z, X)
    z_bar, x_bar = pull(g)
    assert x_bar.dtype == float
    _, tangent = jvp(rotated, (Z, X), t)
    have = np.real(np.sum(z_bar * t[0])) + np.sum(x_bar * t[1])
    assert have == pytest.approx(np.real(np.sum(g * tangent)))
    again = pull(g)
    np.testing.assert_array_equal(again[0], z_bar)


def test_a_complex_tangent_of_a_real_value_is_refused():
    with pytest.raises(errors.BadValue, match="complex"):
        jvp(rotated, (Z, X), (Z, 1j * X))


def test_check_grad():
    check_grad(parts, Z)
    check_grad(rotation_angle, 0.3 + 0.4j, X)


def rotation_angle(z, x):
    return np.sum(np.angle(z * np.exp(1j * x)) * np.abs(z))


def test_nested_arguments():
    def loss(p):
        return np.abs(np.sum(p["w"] * p["x"] + p["c"])) ** 2

    found = grad(loss)({"w": Z.copy(), "x": X.copy(), "c": 1j})
    assert found["w"].dtype == complex
    assert found["x"].dtype == float
    assert isinstance(found["c"], complex)
    s = np.sum(Z * X + 1j)
    np.testing.assert_allclose(found["x"], np.real(2 * np.conj(s) * Z))
    np.testing.assert_allclose(found["w"], 2 * np.conj(s) * X)


def test_the_direction_of_descent_is_the_conjugate():
    z = Z.copy()
    for _ in range(100):
        z = z - 0.1 * np.conj(grad(distance)(z))
    np.testing.assert_allclose(z, 1 + 2j, atol=1e-6)


def distance(z):
    return np.sum(np.abs(z - (1 + 2j)) ** 2)


def complex_result(z):
    return np.sum(z)


def smoothed(z):
    return np.sum(np.abs(np.maximum(z, 0.0)))


def sign(z):
    return np.sum(np.sign(z).real)


def real_part_written(z):
    y = z * 1.0
    y.real[0] = 2.0
    return np.sum(np.abs(y))


def into_floats(z):
    y = np.zeros(3)
    y[0] = z[0]
    return np.sum(y)


def ordered(z):
    return np.sum(np.abs(np.sort(z) * np.arange(3.0)))


@pytest.mark.parametrize(
    ("function", "error", "words"),
    [
        (complex_result, errors.NotScalar, "returns a complex number"),
        (smoothed, errors.Unsupported, "`maximum` of a complex number"),
        (sign, errors.Unsupported, "`np.sign` of a complex number"),
        (real_part_written, errors.Unsupported, "`real` part"),
        (into_floats, errors.Unsupported, "array of float64"),
        (ordered, errors.Unsupported, "`sort` of a complex number"),
    ],
)
def test_refused(function, error, words):
    for run in (grad(function), lambda z: jvp(function, (z,), (z,))):
        if error is errors.NotScalar and run.__class__.__name__ == "function":
            continue
        with pytest.raises(error) as caught:
            run(Z.copy())
        assert words in str(caught.value)
        assert "test_complex.py" in str(caught.value)
