"""A model of what cs-segment does with all records: Limit, Order and Capacity,
gates, --overlap, --moves. Brute force: every segment sorts those it may take."""

import json
import re
import sys
import unicodedata
from fractions import Fraction
from functools import cmp_to_key

import common
from common import Maker, World, answer, same, show
from segment import fill, tell

NAMES = ["high", "tech", "low touch", "コミュニティ", "x1", "at-risk", "é"]


class Segment:
    def __init__(self, name, when, missing_yes):
        self.name, self.when, self.missing_yes = name, when, missing_yes
        self.limit, self.order, self.action = None, [], None

    def says_yes(self, record):
        v = answer(self.when.value(record))
        return self.missing_yes if v is None else v

    def best(self, rows):
        """rows: (place, row, record)"""
        def compare(a, b):
            for node, desc in self.order:
                x, y = rank(node.value(a[2])), rank(node.value(b[2]))
                if x == y:
                    continue
                if x[0] == 4 or y[0] == 4:
                    return -1 if y[0] == 4 else 1
                return (-1 if x < y else 1) * (-1 if desc else 1)
            x = (a[1][0].encode(), a[0]), (b[1][0].encode(), b[0])
            return -1 if x[0] < x[1] else 1
        return sorted(rows, key=cmp_to_key(compare))


def rank(v):
    if isinstance(v, bool):
        return (1 if v else 0, 0)
    if isinstance(v, (int, float)):
        return (2, v)
    if isinstance(v, str):
        return (3, v.encode())
    return (4, 0)


def make_order(rng, make):
    """As text, and as nodes with their direction."""
    order, texts = [], []
    for _ in range(rng.randrange(1, 4)):
        node = rng.choice([make.number, lambda: make.column("text"),
                           lambda: make.column("bool"),
                           lambda: make.column("date")])()
        way = rng.choice(["", " asc", " desc", " desc"])
        order.append((node, way == " desc"))
        texts.append(node.at(0) + way if node.level == 6
                     else f"({node.text}){way}")
    return ", ".join(texts), order


def make_segments(rng, world, names, most, has_actions=False):
    make, plan, text = Maker(world), [], []
    for name in names:
        node = make.condition() if rng.random() < 0.7 else common.literal(True)
        missing = rng.choice([None, None, "yes", "no"])
        s = Segment(name, node, missing == "yes")
        lines = [f"Segment: {name}", f"When: {node.text}"]
        if missing:
            lines.append(f"Missing: {missing}")
        if rng.random() < 0.6:
            s.limit = rng.choice([1, 2, 3, 5, 8, most // 2, most * 2])
            if rng.random() < 0.3:
                # staff x minutes by minutes a touch, and a higher Limit
                text.append([f"Capacity: {name}", "Staff: 2",
                             f"Minutes: {s.limit * 15 + rng.randrange(15)}",
                             "Per-touch: 30"])
                if rng.random() < 0.5:
                    lines.append(f"Limit: {s.limit + rng.randrange(3)}")
            else:
                lines.append(f"Limit: {s.limit}")
            if rng.random() < 0.8:
                order, s.order = make_order(rng, make)
                lines.append(f"Order: {order}")
        if has_actions and rng.random() < 0.8:
            action, s.action = fill(rng, world)
            lines.append(f"Action: {action}")
        plan.append(s)
        text.append(lines)
    return plan, text


def join(text):
    return "\n\n".join("\n".join(s) for s in text) + "\n"


def assign(plan, world, rows):
    """For each row its segment (or None) and all its segments."""
    rest = [(i, r, world.record(r)) for i, r in enumerate(rows)]
    everyone = list(rest)
    first, every = {}, {i: set() for i, _, _ in rest}
    for s in plan:
        taken = [x for x in rest if s.says_yes(x[2])]
        if s.limit is not None:
            taken = s.best(taken)[:s.limit]
        else:
            for i, _, record in everyone:
                if s.says_yes(record):
                    every[i].add(s.name)
        for i, _, _ in taken:
            first[i] = s.name
            every[i].add(s.name)
        rest = [x for x in rest if x[0] not in first]
    names = [s.name for s in plan]
    return [(first.get(i), [n for n in names if n in every[i]])
            for i in range(len(rows))]


def make_gates(rng, world):
    make, gates, text = Maker(world), [], []
    pieces = ["call", "MAIL", "担当", "a", "1", "x", "%", "r1", "", "true"]
    for i in range(rng.randrange(0, 4)):
        node = make.condition() if rng.random() < 0.8 else common.literal(True)
        missing = rng.choice([None, None, "no", "yes"])
        patterns = []
        for _ in range(rng.randrange(1, 3)):
            p = "*".join(rng.choice(pieces)
                         for _ in range(rng.randrange(1, 4)))
            patterns.append(p if p else "*")
        gates.append((f"g{i}", node, missing != "no", patterns))
        text.append([f"Gate: g{i}", f"When: {node.text}"] +
                    [f"Forbid: {p}" for p in patterns] +
                    ([f"Missing: {missing}"] if missing else []))
    return gates, text


def nfc(s):
    return unicodedata.normalize("NFC", s)


def blocker(gates, action, record):
    for name, node, unknown, patterns in gates:
        if not action or not any(
                re.fullmatch(".*".join(re.escape(x) for x in
                                       nfc(p).split("*")),
                             nfc(action.strip()),
                             re.ASCII | re.IGNORECASE | re.DOTALL)
                for p in patterns):
            continue
        v = answer(node.value(record))
        if unknown if v is None else v:
            return name
    return ""


def limits_round(rng, bench):
    world = World(rng, rows=50)
    for row in world.rows:  # ties by id, and then by row
        row[0] = rng.choice(["r1", "r2", "r10", "é", "Z", "", row[0]])
    names = rng.sample(NAMES, rng.randrange(1, 6))
    plan, text = make_segments(rng, world, names, 50, True)
    gates, more = make_gates(rng, world)
    rules = join(text + more)
    bench.file("s.rules", rules)
    bench.file("in.csv", world.csv())
    base = ["cs-segment", "-q", "-r", "s.rules",
            f"--memory={rng.choice([0, 64])}"] + world.options()
    places = assign(plan, world, world.rows)
    by_name = {s.name: s for s in plan}

    head, got = bench.table(base + ["--all", "in.csv"])
    columns = ["segment"]
    columns += ["action"] if any(s.action for s in plan) else []
    columns += ["blocked"] if gates else []
    same("header", head, world.header + columns + ["segments"])
    want, blocked = [], 0
    for row, (name, every) in zip(world.rows, places):
        s = by_name.get(name)
        action = s.action(row) if s and s.action else ""
        gate = blocker(gates, action, world.record(row))
        blocked += gate != ""
        cells = {"segment": name or "", "action": "" if gate else action,
                 "blocked": gate}
        want.append(row + [cells[c] for c in columns] + [";".join(every)])
    tell(rules, world.rows, got, want)

    # the same again, as JSON lines; --gate=strict tells of a blocked one
    out = bench.run(base + ["--gate=strict", "-o", "jsonl", "in.csv"],
                    (1,) if blocked else (0,))
    got = [json.loads(x).get("segment") for x in out.decode().splitlines()]
    same("JSON segments\n" + rules, got, [n for n, _ in places])

    only = rng.choice(names)
    _, got = bench.table(base + [f"--only={only}", "in.csv"])
    same("--only\n" + rules, [r[:len(world.header)] for r in got],
         [r for r, (n, _) in zip(world.rows, places) if n == only])
    _, got = bench.table(base + ["--count", "--columns=segment,count",
                                 "in.csv"])
    same("--count\n" + rules, got,
         [[n, str(sum((p or "") == n for p, _ in places))]
          for n in names + [""]])

    want = []
    for i, a in enumerate(names):
        for b in names[i + 1:]:
            na, nb = (sum(x in e for _, e in places) for x in (a, b))
            both = sum(a in e and b in e for _, e in places)

            def share(n):
                return show(Fraction(both, n)) if n else ""
            want.append([a, b, str(na), str(nb), str(both), share(na),
                         share(nb), share(na + nb - both)])
    _, got = bench.table(base + ["--overlap", "in.csv"])
    tell(rules, want, got, want)
    ranks(rng, bench, base, world, plan, places)


def ranks(rng, bench, base, world, plan, places):
    """The report of one record: its rank in each limited segment that it
    wished to be in, the value at the cut, and what the next ten add."""
    counts = {}
    for row in world.rows:
        counts[row[0]] = counts.get(row[0], 0) + 1
    alone = [i for i, r in enumerate(world.rows) if counts[r[0]] == 1]
    if not alone:
        return
    me = rng.choice(alone)
    if not world.rows[me][0]:
        return
    _, got = bench.table(base + [f"--why={world.rows[me][0]}", "in.csv"])
    got = {r[0]: r for r in got if r[3].startswith(("Limit: ", "Capacity: "))}
    rest = [(i, r, world.record(r)) for i, r in enumerate(world.rows)]
    for s in plan:
        wished = [x for x in rest if s.says_yes(x[2])]
        if s.limit is not None:
            order = [i for i, _, _ in s.best(wished)]
            value = ""
            if me in order:
                value = f"rank {order.index(me) + 1} of {len(order)}"
            elif got[s.name][4].startswith("taken by "):
                value = f"taken by {places[me][0]}"
            same(f"rank in {s.name}", got[s.name][4], value)
            same("answer", got[s.name][1],
                 "yes" if places[me][0] == s.name else "no")
        rest = [x for x in rest if places[x[0]][0] != s.name]


def moves_round(rng, bench):
    world = World(rng, rows=60)
    now, was = world.today, world.day()
    old = [list(r) for r in world.rows[:50]]
    new = []
    for row in world.rows[10:]:
        other = world.row(0)
        new.append([row[0]] + [
            b if rng.random() < 0.2 else a
            for a, b in zip(row[1:], other[1:])])
    rng.shuffle(new)
    names = rng.sample(NAMES, rng.randrange(1, 5))
    plan, text = make_segments(rng, world, names, 50)
    has_rules = rng.random() < 0.6
    old_plan, old_text = plan, text
    if has_rules:
        # some as they are, in another order, one of another name
        names = names + ["gone"] * rng.randrange(2)
        rng.shuffle(names)
        old_plan, old_text = make_segments(rng, world, names, 50)
    rules = join(text)
    bench.file("s.rules", rules)
    bench.file("old.rules", join(old_text))
    bench.file("in.csv", common.csv_text([world.header] + new))
    bench.file("old.csv", common.csv_text([world.header] + old))
    base = ["cs-segment", "-q", "-r", "s.rules", "--moves", "--old=old.csv",
            f"--memory={rng.choice([0, 64])}"] + world.options()
    if has_rules:
        base.append("--old-rules=old.rules")
    if rng.random() < 0.5:
        base.append(f"--old-as-of={was}")
    else:
        was = now

    def places(plan, rows, day):
        world.today = day
        return {r[0]: n or "" for r, (n, _) in
                zip(rows, assign(plan, world, rows))}
    start = places(old_plan, old, was)
    middle = places(plan, old, was)
    end = places(plan, new, now)
    world.today = now

    def move(key):
        if key not in end:
            return start[key], "", "gone"
        if key not in start:
            return "", end[key], "new"
        a, m, b = start[key], middle[key], end[key]
        cause = ("stay" if a == b else "data" if m == a
                 else "rules" if m == b else "both")
        return a, b, cause
    want = [r + list(move(r[0])) for r in new] + [
        r + list(move(r[0])) for r in old if r[0] not in end]
    head, got = bench.table(base + ["--each", "in.csv"])
    same("header", head, world.header + ["from", "to", "cause"])
    tell(rules + join(old_text), want, got, want)

    causes = ["stay", "data", "rules", "both", "new", "gone"]
    counts = {}
    for r in want:
        key = tuple(r[-3:])
        counts[key] = counts.get(key, 0) + 1

    def at(plan, name):
        return [s.name for s in plan].index(name) if name else len(plan)
    rows = sorted(counts, key=lambda k: (
        at(old_plan, k[0]), at(plan, k[1]), causes.index(k[2])))
    _, got = bench.table(base + ["in.csv"])
    same("table\n" + rules, got,
         [list(k) + [str(counts[k]), show(Fraction(counts[k], len(want)))]
          for k in rows])


if __name__ == "__main__":
    sys.exit(common.main("limits", [limits_round, moves_round], rounds=10))
