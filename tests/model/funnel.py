"""A model of cs-funnel: the stage table in exact fractions, --by, --each."""

import csv
import io
import math
import sys
from datetime import timedelta
from decimal import Decimal, getcontext
from fractions import Fraction

import common
from common import Maker, Mismatch, Node, World, civil, same, show

getcontext().prec = 60
Z = Decimal("1.95996398454005423552459443052055152795555")
COLUMNS = ("funnel stage position stock reached rate_prev rate_prev_low "
           "rate_prev_high rate_first open lost goal gap median_days p90_days "
           "bottleneck").split()


class Reject(Exception):
    pass


def wilson(x, n):
    p, n = Decimal(x) / n, Decimal(n)
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * (p * (1 - p) / n + Z * Z / (4 * n * n)).sqrt() / (1 + Z * Z / n)
    return [show(Fraction(min(max(v, Decimal(0)), Decimal(1))))
            for v in (middle - half, middle + half)]


def quantile(events, censored, q):
    """The smallest t with S(t) <= 1 - q; None if S stays above."""
    s = Fraction(1)
    for t in sorted(set(events)):
        risk = sum(x >= t for x in events) + sum(x >= t for x in censored)
        s *= 1 - Fraction(events.count(t), risk)
        if s <= 1 - q:
            return t
    return None


def within_end(text, day):
    n, unit = int(text.rstrip("dwmo")), text.lstrip("0123456789")
    if unit == "mo":
        return common.add_months(day, n)
    return day + timedelta(days=n * (7 if unit == "w" else 1))


def make_funnel(rng, make, name):
    f = {"name": name, "strict": rng.random() < 0.4, "stages": []}
    head = [f"Funnel: {name}"]
    if f["strict"]:
        head.append("Order: strict")
    elif rng.random() < 0.3:
        head.append("Order: implied")
    text = [head]
    has_goals = rng.random() < 0.5
    is_ladder = rng.random() < 0.7
    cut = rng.randrange(0, 30)
    for i in range(rng.randrange(1, 6)):
        g = {"name": f"stage {i}", "at": None, "exit": None, "goal": None,
             "within": None, "missing": None}
        s = [f"Stage: {g['name']}"]
        if is_ladder:  # conditions that most records meet in order
            at = cut + rng.randrange(0, 12) * i
            g["when"] = Node(f".level >= {at}", 3,
                             lambda r, at=at: common.compare(
                                 ">=", r["level"], float(at)))
        else:
            g["when"] = make.condition(1)
        s.append(f"When: {g['when'].text}")
        pick = rng.randrange(20)
        if pick < 4:
            g["missing"] = ["no", "yes", "yes", "error"][pick]
            if g["missing"] == "error" and rng.random() < 0.7:
                g["missing"] = "no"
            s.append(f"Missing: {g['missing']}")
        if rng.random() < 0.8:
            column = rng.choice(["d1", "d2", "d3", "d4"])
            g["at"] = lambda r, c=column: r[c]
            s.append(f"At: .{column}")
        if rng.random() < 0.5:
            g["exit"] = make.condition(1)
            s.append(f"Exit: {g['exit'].text}")
        if rng.random() < 0.6:
            g["within"] = rng.choice(
                ["0d", "1d", "30d", "4w", "1mo", "6mo", "12mo", "400d"][1:])
            s.append(f"Within: {g['within']}")
        if has_goals and rng.random() < 0.7:
            g["goal"] = Fraction(rng.randrange(1, 21), 20)
            shown = show(g["goal"])
            if rng.random() < 0.3:
                shown = show(g["goal"] * 100) + "%"
            s.append(f"Goal: {shown}")
        f["stages"].append(g)
        tail = s[1:]
        rng.shuffle(tail)
        text.append(s[:1] + tail)
    return f, "\n\n".join("\n".join(s) for s in text)


def stand(f, record, zone):
    """The furthest stage (None: in none), the day of each, whether it left."""
    yes = []
    for g in f["stages"]:
        v = common.answer(g["when"].value(record))
        if v is None:
            if g["missing"] == "error":
                raise Reject(g["name"])
            v = g["missing"] == "yes"
        yes.append(v)
    at = None
    for i, v in enumerate(yes):
        if v:
            at = i
        elif f["strict"]:
            break
    if at is None:
        return None, [], False
    days = [civil(g["at"](record), zone) if g["at"] else None
            for g in f["stages"][:at + 1]]
    leave = f["stages"][at]["exit"]
    return at, days, bool(leave) and leave.value(record) is True


def table(f, standing, today):
    """The rows of one funnel in one group."""
    n = len(f["stages"])
    stock = [sum(s[0] == i for s in standing) for i in range(n)]
    reached = [sum(stock[i:]) for i in range(n)]
    rate = [None] + [Fraction(reached[i], reached[i - 1])
                     if reached[i - 1] else None for i in range(1, n)]
    rank = bottlenecks(f, reached, rate)
    rows = []
    for i, g in enumerate(f["stages"]):
        row = [f["name"], g["name"], str(i + 1), str(stock[i]),
               str(reached[i]), show(rate[i])]
        row += ["", ""] if rate[i] is None else wilson(reached[i],
                                                      reached[i - 1])
        row.append(show(Fraction(reached[i], reached[0]))
                   if reached[0] else "")
        row += waiting(f, standing, today, i)
        row += [show(g["goal"]), "" if g["goal"] is None or rate[i] is None
                else show(g["goal"] - rate[i])]
        row += spans(f, standing, today, i)
        row.append(str(rank[i]) if i in rank else "")
        rows.append(row)
    return rows


def waiting(f, standing, today, i):
    """open and lost of the step into i."""
    if i == 0 or f["stages"][i - 1]["at"] is None:
        return ["", ""]
    within, is_open, lost = f["stages"][i]["within"], 0, 0
    for at, days, has_left in standing:
        if at != i - 1:
            continue
        if has_left:
            lost += 1
        elif within is None:
            is_open += 1
        elif days[at] is not None:
            if today <= within_end(within, days[at]):
                is_open += 1
            else:
                lost += 1
    return [str(is_open), str(lost)]


def spans(f, standing, today, i):
    """Median and 90% of the days from the stage before."""
    if i == 0 or not f["stages"][i - 1]["at"] or not f["stages"][i]["at"]:
        return ["", ""]
    events, censored = [], []
    for at, days, _ in standing:
        if at is None or at < i - 1 or days[i - 1] is None:
            continue
        if at >= i:
            if days[i] is not None:
                events.append((days[i] - days[i - 1]).days)
        elif today >= days[i - 1]:
            censored.append((today - days[i - 1]).days)
    out = [quantile(events, censored, q)
           for q in (Fraction(1, 2), Fraction(9, 10))]
    return ["" if t is None else str(t) for t in out]


def bottlenecks(f, reached, rate):
    """Rank by stage, by the gain at the last stage."""
    n = len(reached)
    goals = [g["goal"] for g in f["stages"]]
    gains = {}
    for i in range(1, n):
        if rate[i] is None:
            continue
        if any(g is not None for g in goals[1:]):
            want = goals[i] if goals[i] is not None else rate[i]
        else:
            want = max([r for j, r in enumerate(rate)
                        if j not in (0, i) and r is not None],
                       default=Fraction(0))
        worth = Fraction(1)
        for j in range(i + 1, n):
            worth *= rate[j] or 0
        gain = reached[i - 1] * (want - rate[i]) * worth
        if gain > 0:
            gains[i] = gain
    order = sorted(gains, key=lambda i: (-gains[i], i))
    return {i: k + 1 for k, i in enumerate(order)}


def make_world(rng):
    world = World(rng, rows=rng.choice([1, 7, 30, 60, 80]), odd=0.03)
    world.header += ["d3", "d4", "level", "k", "j"]
    keys = rng.choice([["a", "B", ""], ["x", "é", "日本"], ["1", "10", "2"]])
    few = rng.random() < 0.5
    for row in world.rows:
        first = world.day()
        for _ in range(2):
            first += timedelta(days=rng.choice([1, 2, 5, 30])
                               if few else rng.randrange(0, 60))
            row.append(first.isoformat() if rng.random() < 0.9 else "")
        row += [str(rng.randrange(0, 60)) if rng.random() < 0.95 else "",
                rng.choice(keys), rng.choice(["", "z", "y"])]
    return world


def funnels_round(rng, bench):
    world = make_world(rng)
    make = Maker(world)
    made = [make_funnel(rng, make, f"f{i}")
            for i in range(rng.randrange(1, 5))]
    funnels = [f for f, _ in made]
    text = "\n\n".join(t for _, t in made) + "\n"
    bench.file("f.rules", text)
    bench.file("in.csv", world.csv())
    base = ["cs-funnel", "-q", "-r", "f.rules"] + world.options()
    kept, refused = [], []
    for row in world.rows:
        record = world.record(row)
        try:
            kept.append((row, [stand(f, record, world.zone)
                               for f in funnels]))
        except Reject as e:
            refused.append((row[0], f"unknown:{e}"))
    codes = (1,) if refused else (0,)

    head, got = bench.table(
        base + ["--rejects=rejects.csv", "in.csv"], codes)
    same("header", head, COLUMNS)
    with open(f"{bench.path}/rejects.csv", newline="") as file:
        seen = [(next(csv.reader(io.StringIO(r[5])))[0], r[3])
                for r in list(csv.reader(file))[1:]]
    same("refused\n" + text, seen, refused)
    tell(text, COLUMNS, got,
         [r for i, f in enumerate(funnels)
          for r in table(f, [s[i] for _, s in kept], world.today)])

    for by in (["k"], ["k", "j"], ["level"]):
        at = [world.header.index(c) for c in by]
        groups = {}
        for row, s in kept:
            groups.setdefault(tuple(row[i] for i in at), []).append(s)
        want = []
        for key in sorted(groups, key=lambda k: [c.encode() for c in k]):
            for i, f in enumerate(funnels):
                want += [list(key) + r for r in table(
                    f, [s[i] for s in groups[key]], world.today)]
        head, got = bench.table(base + ["--by=" + ",".join(by), "in.csv"],
                                codes)
        same("header", head, by + COLUMNS)
        tell(text, by + COLUMNS, got, want)

    one = rng.randrange(len(funnels))
    head, got = bench.table(
        base + [f"--funnel=f{one}", "--each", "in.csv"], (0, 1))
    same("header", head, world.header + ["stage", "stage_at", "stage_days"])
    want = []
    for row in world.rows:
        try:
            at, days, _ = stand(funnels[one], world.record(row), world.zone)
        except Reject:
            continue
        day = None if at is None else days[at]
        want.append(row + ["" if at is None
                           else funnels[one]["stages"][at]["name"],
                           day.isoformat() if day else "",
                           str((world.today - day).days) if day else ""])
    tell(text, head, got, want)


def ties_round(rng, bench):
    """Equal gains: the earlier stage first. Counts that divide well give
    many of them."""
    n = rng.randrange(3, 6)
    f = {"name": "f", "strict": False, "stages": []}
    text, has_goals = ["Funnel: f"], rng.random() < 0.5
    for i in range(n):
        g = {"name": f"s{i}", "at": None, "exit": None, "within": None,
             "goal": Fraction(rng.randrange(1, 20), 20)
             if has_goals and i else None}
        text.append(f"Stage: s{i}\nWhen: .a >= {i}" + (
            f"\nGoal: {show(g['goal'])}" if g["goal"] else ""))
        f["stages"].append(g)
    bench.file("f.rules", "\n\n".join(text) + "\n")
    rows, want = [["id", "a", "k"]], []
    for k in range(60):
        steps = rng.choices([Fraction(rng.randrange(1, d + 1), d) for d in
                             (rng.choice([2, 3, 4, 5]), 3)], k=n - 1)
        reached = [math.prod(s.denominator for s in steps)
                   * rng.randrange(1, 3)]
        for s in steps:  # few rates, so that many gains are equal
            reached.append(int(reached[-1] * s) - (rng.random() < 0.05))
        reached = [max(x, 0) for x in reached]
        standing = []
        for i in range(n):
            stock = reached[i] - (reached + [0])[i + 1]
            standing += [(i, [], False)] * stock
            rows += [[len(rows) + j, i, k] for j in range(stock)]
        want += [[f"{k}"] + r for r in table(f, standing, None)]
    bench.file("in.csv", common.csv_text(rows))
    want.sort(key=lambda r: r[0])  # groups go by their bytes
    head, got = bench.table(["cs-funnel", "-q", "-r", "f.rules", "--by=k",
                             "in.csv"])
    tell("\n".join(text), head, got, want)


def tell(text, names, got, want):
    for g, w in zip(got, want):
        if g != w:
            cells = [f"{n}: {x!r}, want {y!r}"
                     for n, x, y in zip(names, g, w) if x != y]
            raise Mismatch(f"row {w}\n  " + "\n  ".join(cells) + "\n" + text)
    same("count of rows", len(got), len(want))


if __name__ == "__main__":
    sys.exit(common.main("funnel", [funnels_round, ties_round], rounds=6))
