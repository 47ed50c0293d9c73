"""A model of cs-segment: first match, --all, axes and cells, actions, --only,
--count, --count=cells, --by, Missing."""

import csv
import io
import json
import sys
from fractions import Fraction

import common
from common import Maker, Mismatch, World, same, show


class Reject(Exception):
    pass


NAMES = ["high", "tech", "low touch", "コミュニティ", "x1", "at-risk", "é"]


def missing(rng, allow_error):
    pick = rng.randrange(20)
    if pick < 13:
        return None
    if pick < 15:
        return "no"
    if pick < 18:
        return "yes"
    return "error" if allow_error and pick == 19 else None


def fill(rng, world):
    """A text with {{column}} holes, as text and as a function of a row."""
    parts = []
    for _ in range(rng.randrange(1, 4)):
        if rng.random() < 0.5:
            parts.append(("text", rng.choice(
                ["call ", "mail", " / ", "担当: ", "a,b", "{x}", "100%"])))
        else:
            parts.append(("col", rng.randrange(len(world.header))))
    if parts[0][0] == "text":
        parts[0] = ("text", parts[0][1].strip())
    if parts[-1][0] == "text":
        parts[-1] = ("text", parts[-1][1].strip())
    text = "".join(v if k == "text" else "{{%s}}" % world.header[v]
                   for k, v in parts)
    return text, lambda row: "".join(v if k == "text" else row[v]
                                     for k, v in parts)


def named(rng, world, stanza, has_fills):
    """Action and Owner of a stanza."""
    f = {"action": None, "owner": None}
    for key in ("action", "owner"):
        if has_fills and rng.random() < 0.5:
            text, f[key] = fill(rng, world)
            stanza.append(f"{key.capitalize()}: {text}")
    return f


def condition(rng, make, stanza, allow_error):
    node, how = make.condition(), missing(rng, allow_error)
    stanza.append(f"When: {node.text}")
    if how:
        stanza.append(f"Missing: {how}")
    return node, how


def decide(c, name, record):
    v = common.answer(c[0].value(record))
    if v is None:
        if c[1] == "error":
            raise Reject(name)
        return c[1] == "yes"
    return v


def make_plan(rng, world):
    make = Maker(world)
    allow_error = rng.random() < 0.2
    has_fills = rng.random() < 0.6
    plan, text = {"segments": [], "axes": [], "cells": {}}, []
    for name in rng.sample(NAMES, rng.randrange(1, 6)):
        s = [f"Segment: {name}"]
        c = condition(rng, make, s, allow_error)
        plan["segments"].append((name, c, named(rng, world, s, has_fills)))
        text.append(s)
    for a in rng.sample(["usage", "state", "軸"],
                        rng.choice([0, 1, 2, 2, 2, 3])):
        text.append([f"Axis: {a}"])
        levels = []
        for name in rng.sample(["L1", "L2", "L3", "good", "so so", "悪"],
                               rng.randrange(1, 4)):
            s = [f"Level: {name}"]
            levels.append((name, condition(rng, make, s, allow_error)))
            text.append(s)
        plan["axes"].append((a, levels))
    if len(plan["axes"]) == 2:
        (_, xs), (_, ys) = plan["axes"]
        for x, _ in xs:
            for y, _ in ys:
                if rng.random() < 0.7:
                    quoted = " ".join(f'"{n}"' if " " in n else n
                                      for n in (x, y))
                    s = [f"Cell: {quoted}"]
                    f = named(rng, world, s, has_fills)
                    if len(s) > 1:
                        plan["cells"][x, y] = f
                        text.append(s)
    return plan, "\n\n".join("\n".join(s) for s in text) + "\n"


def first(stanzas, record):
    """The first that says yes; what stands behind it is not asked."""
    return next((s[0] for s in stanzas if decide(s[1], s[0], record)), "")


def place(plan, row, record):
    """One record's columns. The contract leaves open whether Missing: error
    holds behind the first yes: in segments it does, all are asked; in the
    levels of an axis it does not."""
    yes = [n for n, c, _ in plan["segments"] if decide(c, n, record)]
    out = {"segment": yes[0] if yes else "", "segments": yes}
    levels = [first(list_, record) for _, list_ in plan["axes"]]
    out.update(zip([a for a, _ in plan["axes"]], levels))
    fills = [f for n, _, f in plan["segments"] if n == out["segment"]]
    if len(levels) == 2:
        out["cell"] = "/".join(levels) if all(levels) else ""
        fills.append(plan["cells"].get(tuple(levels), {}))
    for key in ("action", "owner"):
        made = [f[key] for f in fills if f.get(key)]
        out[key] = made[0](row) if made else ""
    return out


def columns(plan, is_all):
    every = [f for _, _, f in plan["segments"]] + list(plan["cells"].values())
    names = ["segment"]
    names += [k for k in ("action", "owner") if any(f[k] for f in every)]
    names += ["segments"] if is_all else []
    names += [a for a, _ in plan["axes"]]
    return names + (["cell"] if len(plan["axes"]) == 2 else [])


def tell(text, rows, got, want):
    if got == want:
        return
    for g, w, row in zip(got, want, rows):
        if g != w:
            raise Mismatch(f"row {row}\n  got  {g!r}\n  want {w!r}\n{text}")
    raise Mismatch(f"{len(got)} rows, wanted {len(want)}\n{text}")


def segments_round(rng, bench):
    world = World(rng, rows=60)
    keys = rng.choice([["a", "B", ""], ["x", "é", "日本", ""], ["1", "10", "2"]])
    world.header.append("k")
    for row in world.rows:
        row.append(rng.choice(keys))
    plan, text = make_plan(rng, world)
    bench.file("s.rules", text)
    bench.file("in.csv", world.csv())
    base = ["cs-segment", "-q", "-r", "s.rules"] + world.options()
    kept, refused = [], []
    for row in world.rows:
        try:
            kept.append((row, place(plan, row, world.record(row))))
        except Reject as e:
            refused.append((row[0], f"unknown:{e}"))
    codes = (1,) if refused else (0,)

    # the records
    for is_all in (False, True):
        args = base + (["--all"] if is_all else [])
        head, got = bench.table(
            args + ["--rejects=rejects.csv", "in.csv"], codes)
        names = columns(plan, is_all)
        same("header", head, world.header + names)
        tell(text, [r for r, _ in kept], got,
             [r + [";".join(p[n]) if n == "segments" else p[n] for n in names]
              for r, p in kept])
        with open(f"{bench.path}/rejects.csv", newline="") as f:
            seen = [(next(csv.reader(io.StringIO(r[5])))[0], r[3])
                    for r in list(csv.reader(f))[1:]]
        same("refused\n" + text, seen, refused)
    lines = bench.run(base + ["--all", "-o", "jsonl", "in.csv"], codes)
    for line, (row, p) in zip(lines.decode().splitlines(), kept):
        line = json.loads(line)
        same("JSON segments", line["segments"], p["segments"])
        same("JSON segment", line["segment"] or "", p["segment"])

    # --only
    only = rng.sample([n for n, _, _ in plan["segments"]] + [""],
                      rng.randrange(1, 3))
    _, got = bench.table(base + ["--only=" + ",".join(only), "in.csv"], codes)
    names = columns(plan, False)
    chosen = [(r, p) for r, p in kept if p["segment"] in only]
    if only != [""]:
        tell(text, [r for r, _ in chosen], got,
             [r + [p[n] for n in names] for r, p in chosen])

    # tables; the share is of the records read
    total = len(world.rows)

    def share(n):
        return show(Fraction(n, total))

    def grouped(kept):
        keys = sorted({r[-1] for r, _ in kept}, key=lambda k: k.encode())
        return [(k, [x for x in kept if x[0][-1] == k]) for k in keys]

    order = [n for n, _, _ in plan["segments"]] + [""]
    for flag, is_member in [
            ("--count", lambda p, n: p["segment"] == n),
            ("--count --all", lambda p, n: n in p["segments"] or
             n == "" and not p["segments"])]:
        def lines_of(members, lead):
            return [lead + [n, str(c), share(c)] for n in order
                    for c in [sum(is_member(p, n) for _, p in members)]]
        args = base + flag.split()
        _, got = bench.table(args + ["in.csv"], codes)
        tell(text, order, got, lines_of(kept, []))
        _, got = bench.table(args + ["--by=k", "in.csv"], codes)
        tell(text, order * 9, got,
             [x for k, members in grouped(kept) for x in lines_of(members, [k])])
    if plan["axes"]:
        _, got = bench.table(base + ["--count=cells", "in.csv"], codes)
        tell(text, range(999), got, cells(plan, kept, share))
        _, got = bench.table(base + ["--count=cells", "--by=k", "in.csv"],
                             codes)
        tell(text, range(999), got,
             [[k] + x for k, members in grouped(kept)
              for x in cells(plan, members, share)])


def cells(plan, members, share):
    """Levels in file order, first axis outer; the empty level only where it
    has records."""
    combos = [[]]
    for _, levels in plan["axes"]:
        combos = [c + [n] for c in combos
                  for n in [n for n, _ in levels] + [""]]
    out = []
    for c in combos:
        n = sum([p[a] for a, _ in plan["axes"]] == c for _, p in members)
        if n or "" not in c:
            out.append(c + [str(n), share(n)])
    return out


if __name__ == "__main__":
    sys.exit(common.main("segment", [segments_round], rounds=6))
