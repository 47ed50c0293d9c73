"""A model of cs-score fit: the same regression by plain Newton with Gaussian
elimination, rounding in fractions, and the area by comparing all pairs."""

import hashlib
import math
import re
import sys

import common
from common import csv_text, same


def bucket(salt, name):
    h = hashlib.sha256(salt.encode() + b"\0" + name.encode()).digest()
    return int.from_bytes(h[:8], "big") % 10000


def solve(a, v):
    n = len(v)
    a = [row[:] + [x] for row, x in zip(a, v)]
    for i in range(n):
        p = max(range(i, n), key=lambda r: abs(a[r][i]))
        a[i], a[p] = a[p], a[i]
        for r in range(n):
            if r != i:
                f = a[r][i] / a[i][i]
                a[r] = [x - f * y for x, y in zip(a[r], a[i])]
    return [a[i][n] / a[i][i] for i in range(n)]


def newton(rows, lam):
    """rows: (x, yes). None where a class is missing."""
    yes = sum(y for _, y in rows)
    if yes == 0 or yes == len(rows):
        return None
    m = len(rows[0][0]) + 1
    b = [0.0] * m
    for _ in range(60):
        g = [0.0] + [-lam * v for v in b[1:]]
        h = [[lam if i == j and i > 0 else 0.0 for j in range(m)]
             for i in range(m)]
        for x, y in rows:
            z = [1.0] + x
            p = 1 / (1 + math.exp(-sum(u * v for u, v in zip(z, b))))
            for i in range(m):
                g[i] += (y - p) * z[i]
                for j in range(m):
                    h[i][j] += p * (1 - p) * z[i] * z[j]
        step = solve(h, g)
        b = [u + v for u, v in zip(b, step)]
        if max(map(abs, step)) < 1e-12:
            break
    return b


def whole(b):
    """Points whose absolute values sum to 100; None where all are 0."""
    total = sum(map(abs, b))
    if total < 1e-12:
        return None
    exact = [100 * abs(x) / total for x in b]
    points = [math.floor(x + 1e-9) for x in exact]
    while sum(points) < 100:
        rest = [x - p for x, p in zip(exact, points)]
        points[next(i for i, r in enumerate(rest)
                    if r >= max(rest) - 1e-9)] += 1
    return [p if x >= 0 else -p for p, x in zip(points, b)]


def area(cases):
    yes = [s for s, y in cases if y]
    no = [s for s, y in cases if not y]
    if not yes or not no:
        return None, 0
    wins = sum((a > b) + 0.5 * (a == b) for a in yes for b in no)
    return wins / len(yes) / len(no), len(yes) * len(no)


def score(x, points):
    return round(sum(p * v for p, v in zip(points, x))
                 - sum(min(p, 0) for p in points), 6)


def fit_round(rng, bench):
    p, n = rng.randrange(1, 6), rng.randrange(20, 160)
    kinds = [rng.choice(["when", "scale", "yes"]) for _ in range(p)]
    truth = [rng.uniform(-2.5, 2.5) for _ in range(p)]
    rules = ["Score: s"]
    for i, kind in enumerate(kinds):
        rules.append(f"\nRule: r{i}\n{rng.choice(['Points: 3', 'Points: -1'])}")
        if kind == "scale":
            rules.append(f"Value: .c{i}\nScale: 10..0")
        else:
            rules.append(f"When: .c{i} == 1")
        if kind == "yes":
            rules.append("Missing: yes")
    table, rows, known = [], [], [0] * p
    for k in range(n):
        cells, x = [], []
        for i, kind in enumerate(kinds):
            v = rng.randrange(0, 12) if kind == "scale" else rng.randrange(2)
            blank = rng.random() < 0.1
            cells.append("" if blank else str(v))
            if blank:
                x.append(1.0 if kind == "yes" else None)
            elif kind == "scale":
                x.append(min(max((10 - v) / 10, 0), 1))
            else:
                x.append(float(v))
        eta = sum(b * (v or 0) for b, v in zip(truth, x)) - 0.3
        y = rng.random() < 1 / (1 + math.exp(-eta))
        unknown = rng.random() < 0.05
        name = f"id{rng.randrange(10**6)}"
        table.append([name] + cells + ["" if unknown else str(int(y))])
        if unknown or all(v is None for v in x):
            continue
        for i, v in enumerate(x):
            known[i] += v is not None
        rows.append((name, [v or 0.0 for v in x], int(y)))
    bench.file("r", "\n".join(rules) + "\n")
    header = [["id"] + [f"c{i}" for i in range(p)] + ["y"]]
    bench.file("in.csv", csv_text(header + table))
    lam, folds = rng.choice([0.1, 0.5, 1, 3, 20]), rng.choice([2, 3, 5])
    out = bench.run(["cs-score", "fit", "-q", "-r", "r", "--outcome=.y == 1",
                     f"--lambda={lam}", f"--folds={folds}", "in.csv"],
                    codes=(0, 3)).decode()

    def learn(part):
        if not part:
            return None, None
        use = [i for i in range(p) if len({x[i] for _, x, _ in part}) > 1]
        b = newton([([x[i] for i in use], y) for _, x, y in part], lam)
        if b is None:
            return None, None
        full = [0.0] * p
        for i, v in zip(use, b[1:]):
            full[i] = v
        return b[0], full

    b0, b = learn(rows)
    points = whole(b) if b is not None else None
    same("exit", bench.code, 0 if points else 3)
    if not points:
        return
    got = re.findall(r"^Points: (-?\d+)$", out, re.M)
    same("points", [int(v) for v in got], points)
    lines = dict((m[0], m[1:]) for m in re.findall(
        r"^#\t(r\d+|_start)\t(-?\d+)\t([-.\de]+)\t([-.\de]+)", out, re.M))
    for i in range(p):
        if f"r{i}" in lines and abs(float(lines[f"r{i}"][1]) - b[i]) > 2e-6:
            same(f"coefficient r{i}", lines[f"r{i}"][1], b[i])
    if abs(float(lines["_start"][1]) - b0) > 2e-6:
        same("intercept", lines["_start"][1], b0)
    areas = re.findall(r"^# AUC\t([.\d]+|not known)", out, re.M)
    a, _ = area([(score(x, points), y) for _, x, y in rows])
    same("auc in sample", abs(float(areas[0]) - a) < 2e-6, True)
    total = pairs = 0
    for g in range(folds):
        inside = [r for r in rows if bucket("fit", r[0]) % folds == g]
        _, other = learn([r for r in rows if r not in inside])
        other = whole(other) if other is not None else None
        if other is None:
            continue
        a, w = area([(score(x, other), y) for _, x, y in inside])
        if a is not None:
            total, pairs = total + a * w, pairs + w
    if pairs:
        same("auc out of sample", abs(float(areas[1]) - total / pairs) < 2e-6,
             True)
    else:
        same("auc out of sample", areas[1], "not known")
    # The file that came out is the one the figures are of.
    bench.file("fitted", out)
    head, scored = bench.table(
        ["cs-score", "-q", "-r", "fitted", "--columns=id,s", "in.csv"])
    want = {name: score(x, points) for name, x, _ in rows}
    for name, s in scored:
        if name in want and abs(float(s) - want[name]) > 2e-6:
            same(f"score of {name}", s, want[name])
    rng.shuffle(table)
    bench.file("in.csv", csv_text(header + table))
    again = bench.run(["cs-score", "fit", "-q", "-r", "r",
                       "--outcome=.y == 1", f"--lambda={lam}",
                       f"--folds={folds}", "in.csv"]).decode()
    same("another order", again, out)


if __name__ == "__main__":
    sys.exit(common.main("fit", [fit_round], rounds=12))
