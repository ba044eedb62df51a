"""Random generators: what is drawn is drawn once, and depends on nothing that varies."""

import numpy as np

from .registry import normal, program


def generator(_):
    return np.random.default_rng(3)


@program(normal(4), generator)
def dropped_out(x, rng):
    kept = rng.random(x.shape) < 0.6
    return np.sum(np.where(kept, x / 0.6, 0.0) ** 2)


@program(normal(3), generator)
def noise_in_a_loop(x, rng):
    total = 0.0
    for _ in range(3):
        z = rng.normal(size=x.shape)
        x = np.tanh(x * z)
        if rng.random() < 0.5:
            total = total + np.sum(x * x)
    return total + np.sum(x * rng.integers(1, 5, size=len(x)))


@program(normal(3), generator)
def drawn_and_not_used(x, rng):
    rng.standard_normal(2)
    skipped = rng.random()
    if rng.random() < 2.0:
        _ = rng.uniform(-1.0, 1.0, (2, 2))
    return np.sum(x * rng.random(3))


def shaken(x, rng, scale=0.1):
    return np.sin(x + scale * rng.standard_normal(x.shape))


@program(normal(3), generator)
def helper_that_draws(x, rng):
    return np.sum(shaken(shaken(x, rng), rng, scale=0.3) ** 2)


@program(normal(3), 5)
def generator_made_inside(x, seed):
    rng = np.random.default_rng(seed)
    u = rng.uniform(-1.0, 1.0, (len(x), 2))
    return np.sum((x[:, None] * u) ** 2) + rng.standard_normal() * x[0]


class Noisy:
    def __init__(self, w, seed):
        self.w, self.rng = w, np.random.default_rng(seed)

    def __call__(self, x):
        return self.w * x * self.rng.random(x.shape)


@program(normal(3), normal(3))
def object_that_draws(w, x):
    layer = Noisy(w, 4)
    return np.sum(layer(layer(x)) ** 2)


@program(
    normal(3), generator, refused="the distribution of `normal` depends on a value that varies"
)
def distribution_varies(x, rng):
    return np.sum(x * rng.normal(0.0, np.exp(x[0]), size=3))


SIGMA = 0.5


@program(normal(3), generator)
def distribution_of_constants(x, rng):
    return np.sum(x * rng.normal(-1.0, 2.0 * SIGMA, size=3))
