"""Names that generated code would like to use: builtins, modules, adjoints, other alphabets."""

import numpy

from .registry import normal, positive, program

table = numpy.array([0.3, 1.7, 2.9, 4.1])


@program(normal(3), 0, 1, 2.0, 3.0)
def parameters_with_names_of_builtins(x, range, list, sum, float):
    return x[range] * x[list] + sum * x[0] * float


@program(normal(3))
def reversed_is_a_number(x):
    reversed = 2.0
    len = x * reversed
    s = 0.0
    for i in range(3):
        s = s * len[i] + x[i]
    return s


@program(normal(3), 0.5)
def range_is_a_parameter(x, range):
    s = 0.0
    i = 0
    while i < 3:
        y = x[i] * s * range
        s = s + y * y + x[i]
        i += 1
    return s


@program(normal(3))
def locals_named_like_builtins(x):
    zip = x * 2.0
    enumerate = zip + x
    for float in enumerate:
        zip = zip * float
    sum = numpy.sum(zip)
    abs = sum * sum
    return abs


@program(positive(3))
def variables_named_like_modules(np):
    d = np * 2.0
    srcgrad = d + np
    math = srcgrad * d
    return (math * np).sum()


@program(normal(3))
def module_under_its_full_name(d):
    return numpy.sum(numpy.exp(d) * d)


@program(normal(3), 2.0)
def variables_named_like_adjoints(bar, tape):
    tape_bar = bar * tape
    bar_bar = tape_bar**2
    bar_tape = []
    s = 0.0
    for i in range(3):
        bar_tape.append(s)
        s = s * bar[0] + bar_bar[i]
    return s + len(bar_tape)


@program(normal(3), normal(3), normal(3), normal(3))
def parameters_named_like_adjoints(x, x_bar, x_dot, y_bar):
    y = x * x_bar
    return numpy.sum(y * x_dot * y_bar)


@program(normal(3))
def variables_named_like_helpers(x):
    unbroadcast = x * 2.0
    broadcast_to = x[0]
    zeros_like = unbroadcast * broadcast_to
    return numpy.sum(zeros_like * x[:, None])


@program(normal(3), 2.0)
def keywords_with_an_underscore(lambda_, in_):
    class_ = lambda_ * in_
    None_ = class_ * lambda_
    return numpy.sum(None_)


@program(normal(3), 2.0)
def letters_of_other_alphabets(π, größe):
    naïve = π * größe
    变量 = naïve * π
    return numpy.sum(变量)


@program(normal(3))
def loop_variables_rebind_the_argument(x):
    for x in x:
        pass
    return x * x


@program(normal(3))
def loop_variable_is_changed(x):
    s = 0.0
    for v in x:
        for w in (1.0, 2.0):
            s = s + v * w
            v = v * w
    return s * v


@program(normal(3), 0)
def bound_in_a_loop_of_no_trips(x, n):
    for i in range(n):
        last = x[i] * 2.0
    return numpy.sum(x)


@program(normal(3), 2)
def bound_in_a_loop_and_read_after_it(x, n):
    for i in range(n):
        last = x[i] * 2.0
        s = last
    return s * last * i


@program(positive(3))
def one_and_two_underscores(h):
    j = h * 2.0
    _ = j * j + 1.0
    __ = _ * 2.0
    return numpy.sum(__ * _)


@program(positive(3), smooth=False)
def whole_numbers_of_what_varies(x):
    t = x[0] + 1.0
    nearest = round(t, 1)
    return table[int(t * 1.3)] * t + round(t) * x[1] + nearest * x[2] + x[int(x[0] / 3.0)] * 2.0
