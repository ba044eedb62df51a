"""Real functions that go through complex numbers."""

import cmath

import numpy as np

from .registry import normal, positive, program


@program(normal(3))
def modulus_of_a_phase(x):
    return np.sum(np.abs(np.exp(1j * x) + x))


@program(normal(4))
def parts_of_a_product(x):
    z = x + 1j * x[::-1]
    w = z * z / (2.0 + z)
    return np.sum(w.real * w.imag) + np.sum(np.real(w) - np.imag(z))


@program(normal(3))
def conjugates(x):
    z = (1.0 + 2.0j) * x
    return np.real(np.vdot(z, z) + np.sum(z.conj() * np.conjugate(x))) + np.linalg.norm(z)


@program(positive(3))
def angles(x):
    z = x + 1j * x**2
    return np.sum(np.angle(z) * np.abs(z))


@program(normal(3))
def complex_array_written(x):
    z = np.zeros(3, dtype=complex)
    z[0] = x[0]
    z[1] = 1j * x[1]
    z[2] = x[2] * (1.0 + 1.0j)
    z[1:] *= z[0] + 2.0j
    z += x
    return np.real(np.sum(z * z)) + np.abs(z[1]) ** 2


@program(normal(3))
def quantum_steps(x):
    h = np.array([[0.5, 1.0], [1.0, -0.5]], dtype=complex)
    psi = np.array([1.0, 0.0j])
    for t in x:
        psi = psi - 0.1j * t * (h @ psi)
    return np.abs(psi[1]) ** 2 / np.sum(np.abs(psi) ** 2)


@program(normal(3))
def complex_accumulator(x):
    s = 0j
    for k in range(3):
        s = s * x[k] + 1j**k
    return abs(s) + s.real * s.imag


@program(normal(5))
def power_spectrum(x):
    return np.sum(np.abs(np.fft.fft(x)) ** 2 * np.arange(5.0))


@program(normal(6), normal(6))
def filtered(x, k):
    return np.sum(np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(k)) ** 2)


@program(normal(2, 4))
def spectra_of_rows(a):
    f = np.fft.fftshift(np.fft.fft2(a)) + np.fft.ifft(a, axis=0)
    return np.sum(np.real(f) * np.imag(f)) + np.sum(np.abs(np.fft.rfft(a, axis=1, norm="ortho")))


@program(0.7)
def complex_scalars(x):
    z = complex(x, x * x)
    w = cmath.exp(z) / cmath.sqrt(z + 1.0)
    return abs(w) + w.imag * cmath.phase(z) + cmath.rect(x, x * x).real


def transfer(s, w):
    return 1.0 / (s * s + w * s + 2.0)


@program(positive(4), 0.6)
def response(omega, w):
    h = transfer(1j * omega, w)
    return np.sum(np.log(np.abs(h)))


@program(normal(2, 2))
def complex_matrices(a):
    m = a + 1j * a.T + 3.0 * np.eye(2)
    x = np.linalg.solve(m, np.ones(2) * 1j)
    return np.abs(np.linalg.det(m)) + np.sum(np.abs(np.linalg.inv(m))) + np.sum(np.abs(x @ m.T))


@program(normal(3))
def complex_branches(x):
    z = np.sqrt(x + 0j)
    out = np.where(x > 0, z, 2j * z)
    if np.abs(out[0]) > 0.3:
        out = out * np.exp(1j * x[1])
    return np.sum(np.real(out)) + np.sum(np.imag(out) ** 2)


@program(normal(3))
def modulus_of_an_imaginary_array(x):
    return np.sum(np.abs(x * 1j))
