"""Gradients of the golden programs as a good numerical programmer would write them.

They are the reference in three respects: the values of the generated gradients, their speed and
their length. Nothing here is generated.
"""

import numpy as np

from tests.golden_programs import dense


def mse_grad(w, b, x, y):
    """Gradient of `mse` with respect to (w, b).

    `v_bar` is the adjoint of `v`: the derivative of the result with respect to `v`.
    """
    pred = x @ w + b  # one prediction per row
    err = pred - y

    # adjoint of: return np.mean(err**2)
    err_bar = 2.0 / err.size * err
    # adjoint of: pred = x @ w + b
    w_bar = x.T @ err_bar
    b_bar = np.sum(err_bar)
    return w_bar, b_bar


def cross_entropy_grad(w, b, x, labels):
    """Gradient of `cross_entropy` with respect to (w, b).

    `v_bar` is the adjoint of `v`: the derivative of the result with respect to `v`.
    """
    logits = x @ w + b
    top = np.max(logits, axis=1, keepdims=True)
    shifted = logits - top
    exp_shifted = np.exp(shifted)
    rows = np.arange(len(labels))

    # adjoint of: return np.mean(log_norm - picked)
    log_norm_bar = 1.0 / labels.size
    # adjoint of: picked = shifted[rows, labels]
    shifted_bar = np.zeros_like(shifted)
    shifted_bar[rows, labels] = -log_norm_bar
    # adjoint of: log_norm = np.log(np.sum(np.exp(shifted), axis=1))
    sum_exp_shifted_bar = log_norm_bar / np.sum(exp_shifted, axis=1)
    shifted_bar += sum_exp_shifted_bar[:, None] * exp_shifted
    # adjoint of: shifted = logits - top
    top_bar = -np.sum(shifted_bar, axis=1, keepdims=True)
    # adjoint of: top = np.max(logits, axis=1, keepdims=True)
    ties = logits == top
    logits_bar = shifted_bar + top_bar / np.sum(ties, axis=1, keepdims=True) * ties
    # adjoint of: logits = x @ w + b
    w_bar = x.T @ logits_bar
    b_bar = np.sum(logits_bar, axis=0)
    return w_bar, b_bar


def dense_bwd(x, w, out_bar):
    # adjoint of: return x @ w + b
    x_bar = out_bar @ w.T
    w_bar = x.T @ out_bar
    b_bar = np.sum(out_bar, axis=0)
    return x_bar, w_bar, b_bar


def dense_bwd_2(x, out_bar):
    # adjoint of: return x @ w + b
    w_bar = x.T @ out_bar
    b_bar = np.sum(out_bar, axis=0)
    return w_bar, b_bar


def loss_grad(params, x, y):
    """Gradient of `loss` with respect to params.

    `v_bar` is the adjoint of `v`: the derivative of the result with respect to `v`.
    """
    h = np.tanh(dense(x, params["w1"], params["b1"]))
    out = dense(h, params["w2"], params["b2"])

    # adjoint of: return np.sum((out - y) ** 2)
    out_bar = 2.0 * (out - y)
    # adjoint of: out = dense(h, params["w2"], params["b2"])
    h_bar, w2_bar, b2_bar = dense_bwd(h, params["w2"], out_bar)
    # adjoint of: h = np.tanh(dense(x, params["w1"], params["b1"]))
    w1_bar, b1_bar = dense_bwd_2(x, h_bar * (1.0 - h**2))
    return {"w1": w1_bar, "b1": b1_bar, "w2": w2_bar, "b2": b2_bar}


def net_grad(layers, x):
    """Gradient of `net` with respect to layers.

    `v_bar` is the adjoint of `v`: the derivative of the result with respect to `v`.
    """
    h = x
    h_tape = []
    for w, b in layers:
        h_tape.append(h)
        h = np.tanh(h @ w + b)

    # adjoint of: return np.sum(h**2)
    h_bar = 2.0 * h
    # adjoint of: for w, b in layers
    layers_bar = []
    for w, b in reversed(layers):
        # adjoint of: h = np.tanh(h @ w + b)
        h_arg_bar = h_bar * (1.0 - h**2)
        h = h_tape.pop()
        w_bar = h.T @ h_arg_bar
        b_bar = np.sum(h_arg_bar, axis=0)
        h_bar = h_arg_bar @ w.T
        layers_bar.append((w_bar, b_bar))
    layers_bar.reverse()
    return layers_bar


def rnn_grad(w, u, xs):
    """Gradient of `rnn` with respect to (w, u).

    `v_bar` is the adjoint of `v`: the derivative of the result with respect to `v`.
    """
    h = np.zeros((xs.shape[1], w.shape[0]))
    h_tape = []
    for x in xs:
        h_tape.append(h)
        h = np.tanh(h @ w + x @ u)

    # adjoint of: return np.sum(h**2)
    h_bar = 2.0 * h
    # adjoint of: for x in xs
    w_bar = np.zeros_like(w)
    u_bar = np.zeros_like(u)
    for x in xs[::-1]:
        # adjoint of: h = np.tanh(h @ w + x @ u)
        h_arg_bar = h_bar * (1.0 - h**2)
        h = h_tape.pop()
        w_bar += h.T @ h_arg_bar
        u_bar += x.T @ h_arg_bar
        h_bar = h_arg_bar @ w.T
    return w_bar, u_bar


def huber_grad(r, delta):
    """Gradient of `huber` with respect to r.

    `v_bar` is the adjoint of `v`: the derivative of the result with respect to `v`.
    """
    size = abs(r)
    if size <= delta:
        # adjoint of: return 0.5 * r * r
        return r
    # adjoint of: size = abs(r)
    r_bar = delta * np.sign(r)
    return r_bar


def cube_root_grad(a, tol):
    """Gradient of `cube_root` with respect to a.

    `v_bar` is the adjoint of `v`: the derivative of the result with respect to `v`.
    """
    x = a
    n = 0
    x_tape = []
    while abs(x * x * x - a) > tol:
        if n > 50:
            break
        x_tape.append(x)
        x = x - (x * x * x - a) / (3.0 * x * x)
        n += 1

    # adjoint of: return x
    x_bar = 1.0
    # adjoint of: while abs(x * x * x - a) > tol
    a_bar = 0.0
    while x_tape:
        # adjoint of: x = x - (x * x * x - a) / (3.0 * x * x)
        x = x_tape.pop()
        x_den = 3.0 * x * x
        a_bar = a_bar + x_bar / x_den
        x_bar = x_bar * (1.0 - 3.0 * x * x / x_den + 6.0 * (x * x * x - a) * x / x_den**2)
    # adjoint of: x = a
    a_bar = a_bar + x_bar
    return a_bar


def simulate_grad(theta, steps):
    """Gradient of `simulate` with respect to theta.

    `v_bar` is the adjoint of `v`: the derivative of the result with respect to `v`.
    """
    a, b, c, d = theta[0], theta[1], theta[2], theta[3]
    u = 1.0
    v = 0.5
    dt = 0.001
    u_tape = []
    v_tape = []
    for _ in range(steps):
        du = a * u - b * u * v
        dv = c * u * v - d * v
        u_tape.append(u)
        u = u + dt * du
        v_tape.append(v)
        v = v + dt * dv

    # adjoint of: for _ in range(steps)
    u_bar = v_bar = a_bar = b_bar = c_bar = d_bar = 0.0
    for _ in range(steps):
        # adjoint of: cost = cost + dt * (u - 1.2) ** 2
        u_bar = u_bar + 2.0 * dt * (u - 1.2)
        # adjoint of: v = v + dt * dv
        v = v_tape.pop()
        dv_bar = v_bar * dt
        # adjoint of: u = u + dt * du
        u = u_tape.pop()
        du_bar = u_bar * dt
        # adjoint of: dv = c * u * v - d * v
        c_bar = c_bar + dv_bar * u * v
        u_bar = u_bar + dv_bar * c * v
        v_bar = v_bar + dv_bar * (c * u - d)
        d_bar = d_bar - dv_bar * v
        # adjoint of: du = a * u - b * u * v
        a_bar = a_bar + du_bar * u
        u_bar = u_bar + du_bar * (a - b * v)
        b_bar = b_bar - du_bar * u * v
        v_bar = v_bar - du_bar * b * u
    # adjoint of: a, b, c, d = theta[0], theta[1], theta[2], theta[3]
    theta_bar = np.zeros_like(theta)
    theta_bar[0] = a_bar
    theta_bar[1] = b_bar
    theta_bar[2] = c_bar
    theta_bar[3] = d_bar
    return theta_bar


def heat_grad(u0, k, steps):
    """Gradient of `heat` with respect to (u0, k).

    `v_bar` is the adjoint of `v`: the derivative of the result with respect to `v`.
    """
    u = u0.copy()
    u_sum_tape = []
    for _ in range(steps):
        u_sum = u[2:] - 2.0 * u[1:-1] + u[:-2]
        u_sum_tape.append(u_sum)
        u[1:-1] += k * u_sum

    # adjoint of: return np.sum(u**2)
    u_bar = 2.0 * u
    # adjoint of: for _ in range(steps)
    k_bar = 0.0
    for _ in range(steps):
        # adjoint of: u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        u_sum_bar = k * u_bar[1:-1]
        k_bar = k_bar + np.sum(u_bar[1:-1] * u_sum_tape.pop())
        u_bar[2:] += u_sum_bar
        u_bar[1:-1] -= 2.0 * u_sum_bar
        u_bar[:-2] += u_sum_bar
    return u_bar, k_bar


def burgers_grad(u0, dt, steps):
    """Gradient of `burgers` with respect to u0.

    `v_bar` is the adjoint of `v`: the derivative of the result with respect to `v`.
    """
    u = u0.copy()
    u_tape = []
    for _ in range(steps):
        u_tape.append(u[1:-1].copy())
        u[1:-1] -= dt * u[1:-1] * (u[2:] - u[:-2])

    # adjoint of: return np.sum(u**2)
    u_bar = 2.0 * u
    # adjoint of: for _ in range(steps)
    for _ in range(steps):
        u[1:-1] = u_tape.pop()
        # adjoint of: u[1:-1] -= dt * u[1:-1] * (u[2:] - u[:-2])
        u_prod_bar = -dt * u_bar[1:-1]
        u_diff_bar = u_prod_bar * u[1:-1]
        u_bar[1:-1] += u_prod_bar * (u[2:] - u[:-2])
        u_bar[2:] += u_diff_bar
        u_bar[:-2] -= u_diff_bar
    return u_bar


# The gradient first, then the functions that it calls.
HANDWRITTEN = {
    "linear_regression": (mse_grad,),
    "softmax_regression": (cross_entropy_grad,),
    "mlp": (
        loss_grad,
        dense_bwd,
        dense_bwd_2,
    ),
    "layers": (net_grad,),
    "rnn": (rnn_grad,),
    "huber": (huber_grad,),
    "newton": (cube_root_grad,),
    "lotka_volterra": (simulate_grad,),
    "heat": (heat_grad,),
    "burgers": (burgers_grad,),
}
