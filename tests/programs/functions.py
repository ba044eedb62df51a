"""Functions as values: inner ones, lambdas, closures, partials, decorators, generators."""

import functools
import math
import operator

import numpy as np

from .registry import normal, positive, program

SCALE = 1.5


def square(x):
    return x * x


def power_of(base, exponent, offset=0.0):
    return base**exponent + offset


def scaled_by(factor):
    def inner(v):
        return factor * v

    return inner


def composed(*functions):
    def run(v):
        for f in functions:
            v = f(v)
        return v

    return run


def doubled(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return 2.0 * function(*args, **kwargs)

    return wrapper


def times(factor):
    def decorate(function):
        def wrapper(v):
            return factor * function(v)

        return wrapper

    return decorate


@doubled
def area(width, height=1.0):
    return width * height


@times(3.0)
def tripled_sine(v):
    return np.sin(v)


@functools.lru_cache(maxsize=None)
def cached_cube(v):
    return v * v * v


def multiples(n, x):
    for i in range(n):
        yield x * i


def halves(x):
    while abs(x) > 0.5:
        yield x
        x = x * 0.5


def nested_items(rows):
    for row in rows:
        yield from row


ACTIVATIONS = {"tanh": np.tanh, "square": square, "cube": lambda v: v**3}
PAIR = (square, math.sin)
TWO_AND_A_HALF_TIMES = scaled_by(2.5)


@program(1.5, 2.0)
def inner_function(x, a):
    def g(v):
        return v * v * a

    return g(x) + g(a)


@program(1.5, 2.0)
def inner_function_with_locals(x, a):
    def g(v, w=3.0):
        t = v * w
        t = t + a
        return t * t

    t = g(x)
    return t + g(a, w=x) * t


@program(1.2)
def late_binding(x):
    a = 2.0

    def g(v):
        return a * v

    first = g(x)
    a = x * 3.0
    return first + g(x)


@program(1.2)
def late_binding_in_a_loop(x):
    def g(v):
        return total * v

    total = 1.0
    for i in range(3):
        total = g(x) + i
    return total


@program(1.3)
def default_binds_now(x):
    fs = []
    for i in range(3):
        fs.append(lambda v, i=i: v * i)
    return fs[0](x) + fs[1](x) * fs[2](x)


@program(1.3)
def loop_variable_is_shared(x):
    fs = [lambda v: v * i for i in range(3)]
    return fs[0](x) + fs[2](x)


@program(1.1)
def counting_with_nonlocal(x):
    total = 0.0

    def add(v):
        nonlocal total
        total += v

    for i in range(4):
        add(x * i)
        if total > 3.0:
            add(x * x)
    return total * total


@program(1.1)
def nonlocal_two_levels(x):
    a = x

    def outer(v):
        b = v * 2.0

        def inner(w):
            nonlocal a, b
            a = a * w
            b = b + w
            return b

        return inner(v) + inner(a)

    return outer(x) + a


@program(0.8, 1.7)
def closure_from_a_factory(x, y):
    m = scaled_by(y)
    n = scaled_by(m(x))
    return m(x) * n(2.0)


@program(normal(3), 0.7)
def factory_called_in_a_loop(x, a):
    for i in range(3):
        f = scaled_by(a * i + 1.0)
        x = f(x)
    return np.sum(x * x)


@program(0.6)
def lambdas(x):
    twice = lambda f, v: f(f(v))  # noqa: E731
    return twice(lambda v: v * v + x, x)


@program(0.6)
def composition(x):
    f = composed(np.sin, square, lambda v: v + x)
    return f(x) * composed(f, f)(x)


@program(0.6)
def immediately_called(x):
    return (lambda a, b: a * b + a)(x, x * x)


@program(0.4)
def list_of_functions(x):
    fs = [np.sin, square, scaled_by(3.0)]
    for f in fs:
        x = f(x)
    return x


@program(0.4)
def dict_of_functions(x):
    table = {"a": square, "b": lambda v: v * x}
    y = 0.0
    for name, f in table.items():
        y = y + f(x) if name == "a" else y * f(x)
    return y + table["b"](x)


@program(normal(3), "tanh")
def function_by_name(x, name):
    return np.sum(ACTIVATIONS[name](x))


@program(normal(3), "cube")
def lambda_by_name(x, name):
    f = ACTIVATIONS[name]
    return np.sum(f(x) * PAIR[0](x))


@program(0.7)
def function_chosen_by_value(x):
    f = np.sin if x > 0.5 else (lambda v: v**3)
    return f(x) * f(0.5 * x)


@program(0.7, 2)
def function_chosen_by_branch(x, n):
    if n > 1:

        def f(v):
            return v * x

    elif n > 0:
        f = square
    else:
        f = math.sin
    return f(x) + f(2.0)


@program(lambda rng: np.tanh, normal(3))
def function_argument(f, x):
    return np.sum(f(x) * f(2.0 * x))


@program(0.3, lambda rng: TWO_AND_A_HALF_TIMES)
def closure_argument(x, f):
    return f(x) * f(f(x))


@program(1.3)
def variadic(x):
    def many(first, *rest, scale=2.0, **more):
        return first * sum(rest) * scale + more.get("z", 0.0) * len(rest)

    return many(x, x * x, 3.0, z=x) + many(x, 1.0, scale=x)


@program(1.3, 0.4)
def arguments_forwarded(x, y):
    def call(f, *args, **kwargs):
        return f(*args, **kwargs)

    return call(power_of, x, 3, offset=y) * call(math.hypot, x, y)


@program(1.3, 0.4)
def spread_arguments(x, y):
    pair = (x, 2)
    named = {"offset": y}
    return power_of(*pair, **named) + power_of(*[y, 3])


@program(1.3)
def positional_and_keyword_only(x):
    def f(a, /, b, *, c=2.0):
        return a * b + c * a

    return f(x, 2.0) + f(x, b=x, c=x)


@program(0.8)
def inner_decorated(x):
    return area(x) + area(x, height=x)


@program(0.8)
def decorated_with_argument(x):
    return tripled_sine(x) * x


@program(0.8)
def decorated_inside(x):
    @doubled
    def f(v):
        return v * x

    @functools.lru_cache
    def g(v):
        return v**2

    return f(x) + g(x)


@program(0.8)
def cached_helper(x):
    return cached_cube(x) + cached_cube(2.0) * x


@program(0.8)
def partials(x):
    p = functools.partial(power_of, offset=3.0)
    q = functools.partial(power_of, x)
    r = functools.partial(q, 3)
    return p(x, 2) * q(2) + r() + r(offset=x)


@program(0.8)
def partial_of_a_lambda(x):
    f = functools.partial(lambda a, b, c: a * b + c, x, c=2.0)
    return f(x) * f(3.0)


@program(0.7)
def reduced(x):
    return functools.reduce(lambda a, b: a * b + x, [x, x + 1.0, 2.0]) + functools.reduce(
        operator.mul, [x, x, 3.0], 1.0
    )


@program(normal(4))
def mapped_and_filtered(x):
    def positive_part(v):
        return v * v if v > 0.0 else 0.1 * v

    kept = list(filter(lambda v: v > -0.5, x))
    return sum(map(positive_part, x)) + sum(kept)


@program([0.5, 1.5], [2.0, 3.0])
def mapped_over_two(a, b):
    k = 2.0
    return sum(map(lambda u, v: u * v * k, a, b))


@program(1.3)
def generator(x):
    s = 0.0
    for v in multiples(4, x):
        s += v * v
    return s + sum(u * u for u in multiples(2, x))


@program(3.3)
def generator_with_while(x):
    return sum(v * v for v in halves(x))


@program([[1.0, 2.0], [3.0]])
def generator_with_yield_from(rows):
    out = 1.0
    for v in nested_items(rows):
        out = out * v
    return out


@program(1.3)
def generator_left_early(x):
    s = 0.0
    for v in multiples(6, x):
        if v > 4.0:
            break
        s = s + v * v
    return s


@program(1.3)
def generator_in_a_list(x):
    values = list(multiples(4, x))
    return values[1] * values[3] + len(values)


@program(1.3)
def generator_expression_with_closure(x):
    f = scaled_by(x)
    return sum(f(v) for v in (1.0, x, x * x) if v > 0.5) + max(f(v) for v in [x, 2.0])


@program(normal(3), normal(3))
def inner_function_writes(x, y):
    out = np.zeros(3)

    def put(i, v):
        out[i] = v

    for i in range(3):
        put(i, x[i] * y[i])
    put(0, out[1] * x[0])
    return np.sum(out**2)


@program(normal(3))
def closure_over_an_array_written_later(x):
    a = x.copy()

    def total():
        return np.sum(a * x)

    before = total()
    a[0] = 3.0 * x[1]
    return before * total()


@program(1.7)
def inner_function_in_a_test(x):
    def f(v):
        if v > 3.0:
            return v
        return v * v + 1.0

    count = 0
    while f(x) < 10.0 and count < 20:
        x = x * 1.5
        count += 1
    return x


@program(1.7)
def inner_function_in_conditions(x):
    def f(v):
        return v * x

    a = f(2.0) if f(1.0) > 1.0 else f(3.0)
    b = f(x) > 1.0 and f(x) < 5.0
    return a * 2.0 if b else a


@program(normal(4))
def inner_function_in_a_comprehension(x):
    def f(v):
        w = v * v
        return w + 1.0

    return sum([f(v) for v in x if f(v) > 1.1])


@program(1.4)
def early_return_in_a_loop_inside(x):
    def first_above(limit):
        v = x
        for _ in range(10):
            if v > limit:
                return v * 2.0
            v = v * 1.3
        return -v

    return first_above(2.0) + first_above(100.0)


@program(1.4)
def order_of_evaluation(x):
    log = []

    def note(v):
        log.append(v)
        return v * 2.0

    y = x * note(x) + note(x + 1.0) * len(log)
    return y + log[0] * log[1]


@program(1.4)
def operand_rebound_by_a_call(x):
    a = x

    def change():
        nonlocal a
        a = a * 3.0
        return a

    return a * change() + a


@program(1.4)
def inner_recursion_over_structure(x):
    def total(tree):
        if isinstance(tree, tuple):
            left, right = tree
            return total(left) * x + total(right)
        return tree * x

    return total(((1.0, 2.0), 3.0))


@program(0.9)
def function_with_attributes_of_modules(x):
    f = math.sin
    g = np.exp
    return f(x) * g(x)


@program(1.2)
def functions_in_a_tuple(x):
    f, g = (lambda v: v * 2.0), (lambda v: v + x)
    f, g = g, f
    return f(x) * g(x)


@program(1.2)
def zip_of_functions(x):
    total = 0.0
    for i, (f, w) in enumerate(zip([np.sin, square], [x, 2.0])):
        total = total + (i + 1) * w * f(x)
    return total


@program(normal(3, 3), normal(3))
def newton_with_functions(a, b):
    def residual(v):
        return a @ v + 5.0 * v - b

    v = np.zeros(3)
    for _ in range(4):
        v = v - 0.1 * residual(v)
    return np.sum(v**2)


@program(positive(4))
def midpoint_with_functions(p):
    def rhs(y, t):
        return np.array([p[0] * y[0] - p[1] * y[0] * y[1], p[2] * y[0] * y[1] - p[3] * y[1]])

    def step(f, y, t, h):
        k1 = f(y, t)
        k2 = f(y + 0.5 * h * k1, t + 0.5 * h)
        return y + h * k2

    y = np.array([1.0, 0.5])
    for i in range(5):
        y = step(rhs, y, 0.1 * i, 0.1)
    return y[0] * y[1]


@program(0.7, 1.2)
def second_name_of_a_list_display(x, a):
    cs = [a, 2.0, a * a]
    ps = cs
    r = 0.0
    for i in range(3):
        r = r * x + ps[i]
    for i, c in enumerate(ps):
        r = r + i * c
    return r


@program(0.7, 1.2, 1)
def list_display_on_one_path(x, a, n):
    cs = [a, 2.0, a * a]
    if n > 0:
        ps = cs
    else:
        ps = [x for _ in range(n)]
    r = 0.0
    for c in ps:
        r = r * x + c
    return r * cs[0]


@program(1.1)
def inner_recursion(x):
    def power(n):
        if n == 0:
            return 1.0
        return x * power(n - 1)

    return power(4) + power(1)


@program(0.9)
def inner_recursion_of_two(x):
    def even(v, n):
        return v * x if n == 0 else odd(v * 2.0, n - 1)

    def odd(v, n):
        return v + x if n == 0 else even(v * x, n - 1)

    return even(x, 5) * odd(1.0, 4)


@program(0.3, 1.7)
def adaptive_quadrature_inside(a, b):
    def rule(lo, hi):
        return (hi - lo) / 6.0 * (lo**4 + 4.0 * (0.5 * (lo + hi)) ** 4 + hi**4)

    def area(lo, hi, depth=0):
        mid = 0.5 * (lo + hi)
        halves = rule(lo, mid) + rule(mid, hi)
        if depth > 6 or abs(halves - rule(lo, hi)) < 1e-4:
            return halves
        return area(lo, mid, depth + 1) + area(mid, hi, depth + 1)

    return area(a, b) * a


@program(normal(8), 0.4)
def divide_and_conquer_inside(x, k):
    def total(v):
        if len(v) == 1:
            return v[0] ** 2 * k
        m = len(v) // 2
        return total(v[:m]) + 2.0 * total(v[m:])

    return total(x)


@program(0.7, 1)
def function_at_a_varying_index(x, n):
    fs = [lambda v: v * x, np.sin, square]
    y = fs[n](x)
    for i in range(5):
        y = fs[i % 3 - 1](y) + 0.1
    return y


@program(normal(3))
def inner_function_with_a_local_of_its_own_name(x):
    def g(c):
        g = x[2] * c
        return g * 0.5

    w = g(x[0])
    y = x * 2.0
    for k in range(2):

        def g(c):
            g = y[2] + w
            return g * c

        w = g(y[k])
    return w * x[1]
