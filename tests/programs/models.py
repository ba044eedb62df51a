"""Small numerical programs: networks, integrators, iterations, filters."""

import math

import numpy as np

from .registry import definite, normal, positive, program


@program(normal(3), 0.5, normal(4, 3), normal(4), wrt=("w", "b"))
def linear_regression(w, b, x, y):
    pred = x @ w + b  # one prediction per row
    err = pred - y
    return np.mean(err**2)


@program(normal(3), 0.2, normal(4, 3), np.array([0.0, 1.0, 1.0, 0.0]), wrt=("w", "b"))
def logistic_regression(w, b, x, y):
    z = x @ w + b
    p = 1.0 / (1.0 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1.0 - y) * np.log(1.0 - p))


@program(normal(3, 4), normal(4), normal(2, 3), np.array([2, 0]), wrt=("w", "b"))
def softmax_regression(w, b, x, labels):
    logits = x @ w + b
    top = np.max(logits, axis=1, keepdims=True)
    shifted = logits - top
    log_norm = np.log(np.sum(np.exp(shifted), axis=1))
    rows = np.arange(len(labels))
    picked = shifted[rows, labels]
    return np.mean(log_norm - picked)


@program(normal(3, 4))
def softmax_entropy(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return -np.sum(p * np.log(p))


@program(normal(3, 2), normal(3, 2), normal(3, 2))
def attention(q, k, v):
    scores = q @ k.T / math.sqrt(q.shape[-1])
    weights = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    weights = weights / np.sum(weights, axis=-1, keepdims=True)
    return np.sum((weights @ v) ** 2)


@program(normal(2, 3), normal(3), normal(3))
def layer_norm(x, gain, bias):
    centred = x - np.mean(x, axis=-1, keepdims=True)
    scale = np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + 1e-5)
    return np.sum((centred / scale * gain + bias) ** 3)


@program(
    {"w1": normal(2, 3), "b1": normal(3), "w2": normal(3, 1), "b2": normal(1)},
    normal(3, 2),
    normal(3, 1),
    wrt=("params",),
)
def two_layer_network(params, x, y):
    h = np.tanh(x @ params["w1"] + params["b1"])
    out = h @ params["w2"] + params["b2"]
    return np.sum((out - y) ** 2)


@program(normal(2, 2), normal(3, 2), normal(4, 1, 3), wrt=("w", "u"))
def recurrent_network(w, u, xs):
    h = np.zeros((xs.shape[1], w.shape[0]))
    for x in xs:
        h = np.tanh(h @ w + x @ u)
    return np.sum(h**2)


@program(np.array([1.1, 0.4, 0.3, 0.9]), 4)
def lotka_volterra(theta, steps):
    a, b, c, d = theta[0], theta[1], theta[2], theta[3]
    u = 1.0
    v = 0.5
    dt = 0.1
    cost = 0.0
    for _ in range(steps):
        du = a * u - b * u * v
        dv = c * u * v - d * v
        u = u + dt * du
        v = v + dt * dv
        cost = cost + dt * (u - 1.2) ** 2
    return cost


@program(np.array([1.0, 0.3]), 0.4, 3)
def runge_kutta(state, stiffness, steps):
    dt = 0.2
    for _ in range(steps):
        x, v = state[0], state[1]
        k1 = np.array([v, -stiffness * x])
        mid = state + 0.5 * dt * k1
        k2 = np.array([mid[1], -stiffness * np.sin(mid[0])])
        state = state + dt * k2
    return np.sum(state**2)


@program(definite(3), positive(3), 4)
def power_iteration(a, x, n):
    for _ in range(n):
        x = a @ x
        x = x / np.linalg.norm(x)
    return x @ a @ x


@program(2.3, 5)
def newton_square_root(a, n):
    x = 1.0
    for _ in range(n):
        x = 0.5 * (x + a / x)
    return x


@program(normal(6), 3)
def moving_average(x, width):
    total = 0.0
    for i in range(len(x) - width + 1):
        total += np.mean(x[i : i + width]) ** 2
    return total


@program(normal(6), 0.7)
def exponential_smoothing(x, alpha):
    level = x[0]
    error = 0.0
    for v in x[1:]:
        error += (v - level) ** 2
        level = alpha * v + (1.0 - alpha) * level
    return error


@program(normal(6), normal(3))
def convolution_by_loops(x, kernel):
    n = len(x) - len(kernel) + 1
    out = np.zeros(n)
    for i in range(n):
        for j in range(len(kernel)):
            out[i] += x[i + j] * kernel[j]
    return np.sum(np.maximum(out, 0.0) ** 2)


@program(normal(3, 4), normal(2, 2))
def convolution_by_slices(image, kernel):
    h, w = kernel.shape
    rows, cols = image.shape[0] - h + 1, image.shape[1] - w + 1
    out = np.zeros((rows, cols))
    for i in range(h):
        for j in range(w):
            out += kernel[i, j] * image[i : i + rows, j : j + cols]
    return np.sum(out**2)


@program(definite(3))
def cholesky_by_loops(a):
    n = a.shape[0]
    factor = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = a[i, j]
            for k in range(j):
                s = s - factor[i, k] * factor[j, k]
            if i == j:
                factor[i, j] = math.sqrt(s)
            else:
                factor[i, j] = s / factor[j, j]
    return np.sum(np.log(np.diag(factor))) + factor[2, 0]


@program(definite(3), normal(3))
def back_substitution(a, b):
    x = np.zeros(3)
    for i in range(2, -1, -1):
        x[i] = (b[i] - a[i, i + 1 :] @ x[i + 1 :]) / a[i, i]
    return np.sum(x**2)


@program(definite(3), normal(3), 3)
def conjugate_gradient(a, b, n):
    x = np.zeros(3)
    r = b - a @ x
    p = r.copy()
    rr = r @ r
    for _ in range(n - 1):
        q = a @ p
        alpha = rr / (p @ q)
        x += alpha * p
        r -= alpha * q
        new = r @ r
        p = r + new / rr * p
        rr = new
    return x @ b


@program(normal(3), normal(3), 0.1, 3)
def momentum_descent(w, target, rate, n):
    velocity = np.zeros_like(w)
    for _ in range(n):
        step = 2.0 * (w - target) / np.cosh(w - target)
        velocity = 0.9 * velocity - rate * step
        w = w + velocity
    return np.sum((w - target) ** 2)


@program(normal(3, 3), 2)
def diffusion_on_a_grid(u, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1, 1:-1] += 0.2 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] - 3.0 * u[1:-1, 1:-1])
        u[0], u[-1] = u[1] * u[0], u[-2]
    return np.sum(u**2)


@program(normal(3, 2), normal(3))
def pairwise_distances(points, charges):
    energy = 0.0
    for i in range(len(points)):
        for j in range(i):
            r = np.linalg.norm(points[i] - points[j])
            energy += charges[i] * charges[j] / (r + 0.5)
    return energy


@program(positive(3), 0.3)
def horner(coefficients, x):
    y = 0.0
    for c in coefficients[::-1]:
        y = y * x + c
    return y


@program(0.4, 1e-10, wrt=("x",))
def series_until_small(x, tol):
    term = x
    total = x
    k = 1
    while abs(term) > tol:
        term = -term * x * x / ((2 * k) * (2 * k + 1))
        total += term
        k += 1
    return total * x


@program(np.array([0.3, 0.8]), normal(2, 2), 3)
def hidden_markov_forward(start, logits, n):
    e = np.exp(logits)
    transition = e / np.sum(e, axis=1, keepdims=True)
    p = start / np.sum(start)
    loglik = 0.0
    for t in range(n):
        p = p @ transition * (0.4 + 0.2 * t * np.arange(1.0, 3.0))
        norm = np.sum(p)
        loglik += np.log(norm)
        p = p / norm
    return loglik


@program(positive(3), positive(3))
def dynamic_programming(cost, gain):
    best = np.zeros((4, 4))
    for i in range(1, 4):
        for j in range(1, 4):
            match = best[i - 1, j - 1] + cost[i - 1] * gain[j - 1]
            best[i, j] = max(match, best[i - 1, j], best[i, j - 1])
    return best[3, 3]


@program(np.array([1.0, 0.4, 0.1]), np.array([0.2, 0.5, 0.9]))
def quadratic_spline(knots, x):
    total = 0.0
    for v in x:
        if v < 0.3:
            total += knots[0] * v**2
        elif v < 0.7:
            total += knots[1] * v + knots[0]
        else:
            total += np.exp(knots[2] * v)
    return total


@program(normal(2), normal(2), normal(2))
def triplet_loss(a, p, n):
    near = np.sum((a - p) ** 2)
    far = np.sum((a - n) ** 2)
    return max(near - far + 10.0, 0.0) * 2.0
