"""Lists in lists: written, appended to, shared."""

from .registry import program


@program(0.7, 3)
def list_of_lists_written(x, n):
    m = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            m[i][j] = x * (i + j) if i != j else x * x
    return m[0][1] * m[2][2] + m[1][2]


@program(0.7, 4)
def table_of_dynamic_programming(x, n):
    t = [[0.0] * (n + 1) for _ in range(n + 1)]
    t[0][0] = 1.0
    for i in range(1, n + 1):
        for j in range(1, i + 1):
            t[i][j] = t[i - 1][j - 1] * x + t[i - 1][j] * j
    return t[n][2] + t[n][n]


@program(0.7, 1.2)
def small_matrix_as_lists(x, y):
    m = [[x, y], [y * y, x * y]]
    m[0][1] = m[1][0] * 2.0
    m[1][1] += m[0][0]
    return m[0][0] * m[1][1] - m[0][1] * m[1][0]


@program([[0.7, 1.2], [0.3, 0.9]])
def matrix_argument_as_lists(m):
    return m[0][0] * m[1][1] - m[0][1] * m[1][0]


@program([[0.7, 1.2], [0.3, 0.9]], [0.5, 1.5])
def product_of_lists(m, v):
    return sum(sum(a * b for a, b in zip(row, v)) ** 2 for row in m)


@program([[0.7, 1.2], [0.3, 0.9]])
def transposed_by_zip(m):
    return sum(a * b for a, b in zip(*m))


@program(0.7, 3)
def list_of_tuples_appended(x, n):
    pairs = []
    for i in range(n):
        pairs.append((i, x * i, x**2))
    return sum(a * b for k, a, b in pairs if k > 0)


@program([0.7, 1.3], order=1)
def same_row_twice(xs):
    row = [xs[0], xs[1]]
    m = [row, row]
    m[0][0] = xs[1] * 3.0
    return m[1][0] * m[0][1]


@program(0.7, 3, refused="may share")
def row_repeated(x, n):
    m = [[x] * n] * n
    m[0][1] = x * x
    return m[1][1] + m[2][0]


@program(0.7)
def row_appended_to_after_it_was_stored(x):
    row = [x, 2.0 * x]
    rows = []
    rows.append(row)
    row.append(x * x)
    return rows[0][2] * row[0]


@program([0.7, 1.3], order=1)
def shallow_copy_of_rows(xs):
    m = [[x, x * x] for x in xs]
    n = list(m)
    n[0][0] = 5.0 * xs[1]
    return m[0][0] ** 2


@program([0.3, 1.2, 0.7])
def rows_appended_to_by_index(xs):
    m = [[x, x * x] for x in xs]
    for i in range(3):
        m[i].append(m[i][0] * m[i - 1][1])
        m[i][0] += 1.0
    return sum(r[0] * r[1] * r[2] for r in m)


@program([0.3, 1.2, 0.7])
def stack_of_tuples(xs):
    stack = [(x, i) for i, x in enumerate(xs)]
    total = 0.0
    while stack:
        v, depth = stack.pop()
        total += v * depth
        if depth > 0 and v > 0.2:
            stack.append((v * 0.5, depth - 1))
    return total


@program([0.3, 1.2, 0.7], 2)
def moving_window(xs, n):
    window = []
    total = 0.0
    for x in xs * 2:
        window.append(x)
        if len(window) > n:
            window.pop(0)
        total += max(window) * min(window)
    return total
