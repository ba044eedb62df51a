"""Programs as people write them: filters, solvers, networks, simulations."""

import functools
import itertools
import math
from collections import namedtuple
from dataclasses import dataclass

import numpy as np

from .registry import normal, positive, program


@program(0.1, 0.5, normal(6))
def kalman_likelihood(q, r, zs):
    x = np.zeros(2)
    P = np.eye(2)
    F = np.array([[1.0, 0.1], [0.0, 1.0]])
    H = np.array([[1.0, 0.0]])
    ll = 0.0
    for z in zs:
        x = F @ x
        P = F @ P @ F.T + q * np.eye(2)
        S = H @ P @ H.T + r * np.eye(1)
        K = P @ H.T @ np.linalg.inv(S)
        innov = z - (H @ x)[0]
        x = x + K[:, 0] * innov
        P = (np.eye(2) - K @ H) @ P
        ll += -0.5 * (np.log(S[0, 0]) + innov**2 / S[0, 0])
    return ll


@program(normal(3, 3), normal(4, 3))
def hidden_markov_in_logarithms(logA, logB):
    n = logA.shape[0]
    alpha = logB[0].copy()
    for t in range(1, logB.shape[0]):
        new = np.empty(n)
        for j in range(n):
            m = alpha + logA[:, j]
            mx = np.max(m)
            new[j] = mx + np.log(np.sum(np.exp(m - mx))) + logB[t, j]
        alpha = new
    mx = alpha.max()
    return mx + np.log(np.exp(alpha - mx).sum())


@program(0.7, np.array([1.0, 0.5]))
def adaptive_runge_kutta(mu, y0):
    def f(t, y):
        return np.array([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])

    def step(t, y, h):
        k1 = f(t, y)
        k2 = f(t + h / 2, y + h / 2 * k1)
        k3 = f(t + h / 2, y + h / 2 * k2)
        k4 = f(t + h, y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    t = 0.0
    h = 0.1
    y = y0
    hist = []
    while t < 1.0:
        full = step(t, y, h)
        half = step(t + h / 2, step(t, y, h / 2), h / 2)
        err = np.max(np.abs(full - half))
        if err > 1e-3:
            h *= 0.5
            continue
        y = half
        t += h
        hist.append(y[0])
        if err < 1e-6:
            h = min(h * 2, 0.2)
    return sum(hist) / len(hist)


class Layer:
    def __init__(self, params, name, act):
        self.p = params[name]
        self.act = act

    def __call__(self, x):
        return self.act(x @ self.p["w"] + self.p["b"])


class Net:
    def __init__(self, params):
        self.layers = [
            Layer(params, n, np.tanh if n != "out" else (lambda z: z)) for n in ("h1", "h2", "out")
        ]

    def forward(self, x):
        return functools.reduce(lambda h, l: l(h), self.layers, x)  # noqa: E741


@program(
    normal(2, 3),
    normal(3),
    normal(3, 3),
    normal(3),
    normal(3, 1),
    normal(1),
    normal(4, 2),
    normal(4, 1),
)
def network_of_objects(w1, b1, w2, b2, w3, b3, x, y):
    params = {"h1": {"w": w1, "b": b1}, "h2": {"w": w2, "b": b2}, "out": {"w": w3, "b": b3}}
    out = Net(params).forward(x)
    err = {"mse": lambda a, b: np.mean((a - b) ** 2), "mae": lambda a, b: np.mean(np.abs(a - b))}[
        "mse"
    ]
    return err(out, y) + 0.01 * sum(np.sum(p["w"] ** 2) for p in params.values())


@dataclass
class Body:
    pos: np.ndarray
    vel: np.ndarray
    mass: float


@program(normal(2), normal(2), normal(2), 1.5)
def bodies_in_a_list(p1, p2, v1, m):
    bodies = [Body(p1, v1, m), Body(p2, -v1, 1.0), Body(np.zeros(2), np.zeros(2), 2.0)]
    for _ in range(5):
        forces = [np.zeros(2) for _ in bodies]
        for i, a in enumerate(bodies):
            for j, b in enumerate(bodies):
                if i == j:
                    continue
                d = b.pos - a.pos
                r = np.sqrt(d @ d + 0.1)
                forces[i] = forces[i] + a.mass * b.mass * d / r**3
        for b, f in zip(bodies, forces):
            b.vel = b.vel + 0.05 * f / b.mass
            b.pos = b.pos + 0.05 * b.vel
    return sum(0.5 * b.mass * (b.vel @ b.vel) for b in bodies)


@program(normal(3), normal(4), 0.7)
def soft_time_warping(a, b, g):
    n, m = len(a), len(b)
    R = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(1, n + 1):
        R[i][0] = 1e3
    for j in range(1, m + 1):
        R[0][j] = 1e3

    def softmin(*xs):
        lo = min(xs)
        return lo - g * math.log(sum(math.exp(-(x - lo) / g) for x in xs))

    for i in range(1, n + 1):
        for j in range(1, m + 1):
            R[i][j] = (a[i - 1] - b[j - 1]) ** 2 + softmin(
                R[i - 1][j], R[i][j - 1], R[i - 1][j - 1]
            )
    return R[n][m]


@program(0.3, 5)
def cached_inner_recursion(p, n):
    @functools.lru_cache(None)
    def f(k, i):
        if i == 0:
            return 1.0 if k == 0 else 0.0
        return p * f(k - 1, i - 1) + (1 - p) * f(k, i - 1) if k >= 0 else 0.0

    return f(2, n)


@program(0.8, 0.3, np.linspace(0.0, 1.0, 4), normal(4))
def gaussian_process(ls, noise, X, y):
    def k(a, b):
        return np.exp(-0.5 * ((a[:, None] - b[None, :]) / ls) ** 2)

    K = k(X, X) + noise**2 * np.eye(len(X))
    L = np.linalg.cholesky(K)
    al = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ al + np.sum(np.log(np.diag(L)))


@program(1.1, 0.3)
def binomial_option(s, vol):
    n = 6
    dt = 1.0 / n
    u = np.exp(vol * np.sqrt(dt))
    d = 1 / u
    p = (1.0 - d) / (u - d)
    v = np.maximum(s * u ** np.arange(n, -n - 1, -2) - 1.0, 0.0)
    for i in range(n, 0, -1):
        v[:i] = p * v[:i] + (1 - p) * v[1 : i + 1]
    return v[0]


Cell = namedtuple("Cell", "h c")


@program(normal(8, 2), normal(8, 2), normal(3, 2))
def long_short_term_memory(W, U, xs):
    def sig(z):
        return 1 / (1 + np.exp(-z))

    def cell(s, x):
        z = W @ x + U @ s.h
        i, f, o, g = np.split(z, 4)
        c = sig(f) * s.c + sig(i) * np.tanh(g)
        return Cell(sig(o) * np.tanh(c), c)

    s = Cell(np.zeros(2), np.zeros(2))
    outs = []
    for x in xs:
        s = cell(s, x)
        outs.append(s.h)
    return np.sum(np.stack(outs) ** 2)


@program(normal(5, 5), normal(2, 3))
def real_convolution_by_slices(img, k):
    H, W = img.shape
    kh, kw = k.shape
    out = np.zeros((H - kh + 1, W - kw + 1))
    for i in range(kh):
        for j in range(kw):
            out += k[i, j] * img[i : i + out.shape[0], j : j + out.shape[1]]
    np.maximum(out, 0.0, out=out)
    return (out**2).sum()


@program(0.05, normal(3))
def descent_as_a_generator(lr, w0):
    def grads(w):
        return 2 * (w - 3.0) + np.cos(w)

    def iterate(w):
        m = np.zeros_like(w)
        for t in itertools.count(1):
            g = grads(w)
            m = 0.9 * m + g
            w = w - lr * m
            yield t, w

    for t, w in iterate(w0):
        if t >= 5:
            break
    return np.sum((w - 3.0) ** 2)


@dataclass(frozen=True)
class Config:
    loss: str = "huber"
    delta: float = 1.0


CFG = Config()


@program(normal(2), normal(5, 2), normal(5))
def robust_regression(w, X, y):
    r = X @ w - y
    match CFG.loss:
        case "huber":
            l = np.where(  # noqa: E741
                np.abs(r) < CFG.delta, 0.5 * r**2, CFG.delta * (np.abs(r) - 0.5 * CFG.delta)
            )
        case "l2":
            l = r**2  # noqa: E741
        case _:
            raise ValueError(CFG.loss)
    return l.mean()


@program(normal(5), positive(5), normal(5), normal(5))
def tridiagonal_solver(a, b, c, d):
    n = len(d)
    cp = np.zeros(n)
    dp = np.zeros(n)
    x = np.zeros(n)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] + 4.0 - a[i] * cp[i - 1]
        cp[i] = c[i] / m if i < n - 1 else 0.0
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return x @ x


@program(normal(6))
def real_moving_window(xs):
    window = []
    tot = 0.0
    out = 0.0
    for x in xs:
        window.append(x)
        tot += x
        if len(window) > 3:
            tot -= window.pop(0)
        out += (tot / len(window)) ** 2
    return out


class Num:
    def __init__(self, v):
        self.v = v

    def eval(self, env):
        return self.v


class Var:
    def __init__(self, n):
        self.n = n

    def eval(self, env):
        return env[self.n]


class Add:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def eval(self, env):
        return self.a.eval(env) + self.b.eval(env)


class Mul(Add):
    def eval(self, env):
        return self.a.eval(env) * self.b.eval(env)


@program(1.2, 0.7)
def expression_tree(x, y):
    e = Add(Mul(Var("x"), Var("y")), Mul(Num(3.0), Mul(Var("x"), Var("x"))))
    return e.eval({"x": x, "y": y})


@program(2.3)
def newton_with_try(a):
    x = 1.0
    for _ in range(50):
        try:
            dx = (x * x - a) / (2 * x)
        except ZeroDivisionError:
            dx = 0.1
        x -= dx
        if abs(dx) < 1e-12:
            break
    else:
        raise RuntimeError("no convergence")
    return x
