"""A model of cs-score: points, weights, groups, bands, overrides, profiles,
coverage and --why, in exact fractions."""

import csv
import io
import json
import sys
from fractions import Fraction

import common
from common import Maker, World, exact, number_text, same, show

MICRO = 10**6


class Reject(Exception):
    pass


# Making rule files


def weight(rng):
    pick = rng.randrange(4)
    if pick == 0:
        return Fraction(rng.choice([1, 3, 7, 10, 30]))
    if pick == 1:
        return Fraction(rng.randrange(1, 1000), 100)
    if pick == 2:
        return Fraction(rng.randrange(1, 10), 10)
    return Fraction(rng.randrange(1, 101))


def missing(rng, numeric=False):
    """The key's text, None if absent. `error` is rare: it takes a record."""
    pick = rng.randrange(20)
    if pick < 12:
        return None
    if pick < 14:
        return "no"
    if pick < 16:
        return "yes"
    if pick == 16:
        return "error"
    if numeric and pick < 19:
        return number_text(Fraction(rng.randrange(0, 10001), 100))
    return None


def measure(rng, make):
    """Value with one of Scale, Steps, Half-life: lines, and a function of the
    known number that gives 0..100."""
    pick = rng.randrange(3)
    if pick == 0:
        lo, hi = rng.sample(range(-30, 80), 2)
        lo, hi = Fraction(lo), Fraction(hi)
        if rng.random() < 0.3:
            lo, hi = lo / 4, hi / 10
        if lo == hi:
            hi += 1

        def scale(v):
            return min(max(100 * (v - lo) / (hi - lo), Fraction(0)),
                       Fraction(100))
        node = make.number(1)
        return node, f"Scale: {number_text(lo)}..{number_text(hi)}", scale
    if pick == 1:
        froms = sorted(rng.sample(range(-40, 100), rng.randrange(1, 5)))
        steps = [(Fraction(f, rng.choice([1, 1, 2])), Fraction(
            rng.randrange(0, 401), 4)) for f in froms]
        steps = [s for i, s in enumerate(steps)
                 if all(s[0] > t[0] for t in steps[:i])]

        def stepped(v):
            x = Fraction(0)
            for at, value in steps:
                if v >= at:
                    x = value
            return x
        text = " ".join(f"{number_text(a)}:{number_text(b)}" for a, b in steps)
        return make.number(1), f"Steps: {text}", stepped
    n, unit, days = rng.choice([
        (30, "d", 30), (7, "d", 7), (2, "w", 14), (36, "h", Fraction(3, 2)),
        (90, "d", 90), (1, "d", 1)])
    node = make.date_word() if rng.random() < 0.6 else make.number(1)

    def halved(v):
        if v < 0:
            return Fraction(100)
        # what is below 1e-15 of 100 decides no tie
        n = v / days
        if n.denominator == 1 and n < 40:
            return Fraction(100, 2**n.numerator)
        return Fraction(round(100 * 0.5 ** float(n) * 1e15), 10**15)
    return node, f"Half-life: {n}{unit}", halved


def make_score(rng, make, name, profile=None):
    """The stanzas of one Score, as text and as what they mean."""
    p = {"name": name, "profile": profile, "lo": Fraction(0),
         "hi": Fraction(100), "start": Fraction(0), "coverage": Fraction(0),
         "rules": [], "groups": {}, "bands": [], "overrides": [],
         "when": None, "points": rng.random() < 0.4, "hysteresis": 0}
    text = [f"Score: {name}"]
    if profile is not None:
        text.append(f"Profile: {profile}")
        if rng.random() < 0.85:
            node = make.condition()
            p["when"], p["missing"] = node, missing(rng)
            text.append(f"When: {node.text}")
            if p["missing"]:
                text.append(f"Missing: {p['missing']}")
    if rng.random() < 0.5:
        p["lo"], p["hi"] = rng.choice([
            (Fraction(-50), Fraction(50)), (Fraction(0), Fraction(1)),
            (Fraction(-100), Fraction(-20)), (Fraction(0), Fraction(1000)),
            (Fraction(-1, 2), Fraction(5, 4)), (Fraction(1), Fraction(5))])
        text.append(f"Range: {number_text(p['lo'])}..{number_text(p['hi'])}")
    if p["points"] and rng.random() < 0.6:
        p["start"] = Fraction(rng.randrange(-400, 800), 10)
        text.append(f"Start: {number_text(p['start'])}")
    if rng.random() < 0.6:
        p["coverage"] = rng.choice([Fraction(k, 20) for k in range(0, 21)])
        shown = number_text(p["coverage"])
        if rng.random() < 0.3:
            shown = number_text(p["coverage"] * 100) + "%"
        text.append(f"Coverage: {shown}")
    stanzas = [text]
    has_groups = not p["points"] and rng.random() < 0.5
    if has_groups:
        for g in range(rng.randrange(1, 4)):
            w = weight(rng)
            p["groups"][f"g{g}"] = w
            stanzas.append([f"Group: g{g}", f"Weight: {number_text(w)}"])
    count = rng.randrange(1, 7)
    for i in range(count):
        stanzas.append(make_rule(rng, make, p, f"r{i}", i))
    lo, hi = p["lo"], p["hi"]
    if rng.random() < 0.7:
        cuts = [lo + (hi - lo) * Fraction(k, 20)
                for k in rng.sample(range(0, 21), rng.randrange(1, 4))]
        for i, cut in enumerate(cuts):
            p["bands"].append((f"b{i}", cut))
            stanzas.append([f"Band: b{i}", f"From: {number_text(cut)}"])
        if rng.random() < 0.6:
            p["bands"].append(("rest", None))
            stanzas.append(["Band: rest"])
        if rng.random() < 0.5:
            p["hysteresis"] = (hi - lo) * Fraction(rng.randrange(1, 60), 200)
            text.append(f"Hysteresis: {number_text(p['hysteresis'])}")
    for i in range(rng.choice([0, 0, 1, 2])):
        node = make.condition()
        o = {"name": f"o{i}", "when": node, "missing": missing(rng),
             "band": None, "score": None}
        s = [f"Override: o{i}", f"When: {node.text}"]
        pick = rng.randrange(3)
        if p["bands"] and pick != 0:
            o["band"] = rng.choice(p["bands"])[0]
            s.append(f"Band: {o['band']}")
        if not p["bands"] or pick != 1:
            o["score"] = lo + (hi - lo) * Fraction(rng.randrange(0, 41), 40)
            s.append(f"Score: {number_text(o['score'])}")
        if o["missing"]:
            s.append(f"Missing: {o['missing']}")
        p["overrides"].append(o)
        stanzas.append(s)
    return p, stanzas


def make_rule(rng, make, p, name, i):
    r = {"name": name, "group": None, "map": None}
    s = [f"Rule: {name}"]
    if p["points"]:
        r["amount"] = Fraction(rng.randrange(-3000, 6000), rng.choice(
            [100, 1000, 100, 30000000]) or 1)
        r["amount"] = Fraction(round(r["amount"] * MICRO), MICRO)
        s.append(f"Points: {number_text(r['amount'])}")
    else:
        r["amount"] = weight(rng)
        s.append(f"Weight: {number_text(r['amount'])}")
    if p["groups"]:
        names = list(p["groups"])
        # each group gets a rule, the rest go anywhere
        if i < len(names):
            r["group"] = names[i]
        elif rng.random() < 0.7:
            r["group"] = rng.choice(names)
        if r["group"]:
            s.append(f"Group: {r['group']}")
    if rng.random() < 0.5:
        node, line, r["map"] = measure(rng, make)
        s += [f"Value: {node.text}", line]
    else:
        node = make.condition()
        s.append(f"When: {node.text}")
    r["expr"] = node
    r["missing"] = missing(rng, not p["points"])
    if r["missing"]:
        s.append(f"Missing: {r['missing']}")
    head, tail = s[:1], s[1:]
    rng.shuffle(tail)
    return r, head + tail


# What they mean


def decide(when, how, name, record):
    """A condition outside of a rule, under its Missing."""
    v = common.answer(when.value(record))
    if v is None:
        if how == "error":
            raise Reject(name)
        return how == "yes"
    return v


def part(p, r, record):
    """None for unknown, else points, or 0..100; and the value seen."""
    v = r["expr"].value(record)
    if r["map"] is None:
        v = a = common.answer(v)
        x = None if a is None else (r["amount"] if p["points"] else 100) * a
    else:
        x = r["map"](exact(v)) if common.is_num(v) else None
        if p["points"] and x is not None:
            x = Fraction(round(r["amount"] * x / 100 * MICRO), MICRO)
    if x is None:
        how = r["missing"]
        if how == "error":
            raise Reject(r["name"])
        if how == "no":
            x = Fraction(0)
        elif how == "yes":
            x = r["amount"] if p["points"] else Fraction(100)
        elif how is not None:
            x = Fraction(how)
    return (None if x is None else Fraction(x)), v


def band_of(p, score):
    best = None
    for name, at in p["bands"]:
        if at is not None and score >= at and (best is None or at > best[1]):
            best = (name, at)
    if best:
        return best[0]
    return next((n for n, at in p["bands"] if at is None), "")


def spread(parts, total):
    """Micro-points of each part: floor, then the largest remainders first,
    ties by order."""
    micro = [x * MICRO // 1 for x in parts]
    left = total - sum(micro)
    order = sorted(range(len(parts)), key=lambda i: -(parts[i] * MICRO
                                                      - micro[i]))
    for i in order[:left]:
        micro[i] += 1
    return micro


def evaluate(p, record):
    """What the rules and the overrides say of a record."""
    parts, values = [], []
    for r in p["rules"]:
        x, v = part(p, r, record)
        parts.append(x)
        values.append(v)
    override = None
    for o in p["overrides"]:
        if decide(o["when"], o["missing"], o["name"], record):
            override = o
            break
    return parts, values, override


def settle(p, parts, override):
    """Score, band, coverage, entries as (name, micro-points)."""
    known = [i for i, x in enumerate(parts) if x is not None]
    amount = [abs(r["amount"]) for r in p["rules"]]
    extra = {}
    if p["points"]:
        all_ = sum(amount)
        have = sum(amount[i] for i in known)
        share = {i: parts[i] for i in known}
        raw = p["start"] + sum(share.values())
        score = min(max(raw, p["lo"]), p["hi"])
        extra = {"_start": p["start"], "_clamp": score - raw}
    else:
        groups = {}  # a rule without group is a group of its own
        for i, r in enumerate(p["rules"]):
            groups.setdefault(r["group"] or ("", i), []).append(i)
        gweight = {g: p["groups"][g] if isinstance(g, str)
                   else amount[g[1]] for g in groups}
        gknown = {g: [i for i in members if parts[i] is not None]
                  for g, members in groups.items()}
        all_ = sum(gweight.values())
        have = sum(gweight[g] * sum(amount[i] for i in gknown[g])
                   / sum(amount[i] for i in members)
                   for g, members in groups.items())
        present = sum(gweight[g] for g in groups if gknown[g])
        span = p["hi"] - p["lo"]
        share = {}
        for g in groups:
            for i in gknown[g]:
                share[i] = (gweight[g] / present * amount[i]
                            / sum(amount[j] for j in gknown[g])
                            * parts[i] / 100 * span)
        score = p["lo"] + sum(share.values())
        extra = {"_range": p["lo"]}
    coverage = have / all_ if all_ else Fraction(0)
    has_score = bool(known)
    entries = [None] * len(parts)
    band, final = "", None
    if has_score:
        final = round(score * MICRO)
        keys = list(extra)
        micro = spread([share[i] for i in known] + [extra[k] for k in keys],
                       final)
        for i, m in zip(known, micro):
            entries[i] = m
        extra = dict(zip(keys, micro[len(known):]))
        if coverage >= p["coverage"]:
            band = band_of(p, Fraction(final, MICRO))
    else:
        extra = {}
    over = None
    if override:
        over = 0
        if override["score"] is not None:
            over = int(override["score"] * MICRO) - (final or 0)
            final = int(override["score"] * MICRO)
            band = band_of(p, override["score"])
        if override["band"] is not None:
            band = override["band"]
    why = [(r["name"], entries[i]) for i, r in enumerate(p["rules"])]
    why += [(k, m) for k, m in extra.items() if m != 0]
    if override:
        why.append(("!" + override["name"], over))
    return final, band, coverage, why


def hold(p, old, final, band, coverage, override):
    """The band, where there was one before."""
    cuts = {name: at for name, at in p["bands"]}
    if (not p.get("hysteresis") or old not in cuts or override
            or final is None or coverage < p["coverage"]):
        return band
    froms = [at for _, at in p["bands"] if at is not None]
    low = cuts[old]
    above = [at for at in froms if low is None or at > low]
    if low is not None and Fraction(final, MICRO) < low - p["hysteresis"]:
        return band
    if above and Fraction(final, MICRO) >= min(above) + p["hysteresis"]:
        return band
    return old


def compute(p, record, old=None):
    parts, values, override = evaluate(p, record)
    final, band, coverage, why = settle(p, parts, override)
    band = hold(p, old, final, band, coverage, override)
    values = values + [None] * (len(why) - len(values))
    return final, band, coverage, [
        (name, m, v) for (name, m), v in zip(why, values)]


def micro_text(m):
    return show(Fraction(m, MICRO))


def why_text(why):
    return ";".join(
        f"{name}:?" if m is None else
        f"{name}:{'-' if m < 0 else '+'}{micro_text(abs(m))}"
        for name, m, _ in why)


def choose(name, profiles, record):
    return next((q for q in profiles if q["when"] is None
                 or decide(q["when"], q["missing"], name, record)), None)


def expected(scores, record, old={}):
    """The appended cells of one record: [(column, text, why)]. old has the
    bands of before."""
    out = []
    for name, profiles in scores:
        p = choose(name, profiles, record)
        has_bands = any(q["bands"] for q in profiles)
        has_profiles = any(q["profile"] is not None for q in profiles)
        if p is None:
            final, band, coverage, why = None, "", None, []
        else:
            final, band, coverage, why = compute(p, record, old.get(name))
        out.append((name, "" if final is None else micro_text(final), why))
        if has_bands:
            out.append((name + "_band", band, None))
        out.append((name + "_coverage", show(coverage), None))
        if has_profiles:
            out.append((name + "_profile", p["profile"] if p else "", None))
        out.append((name + "_why", why_text(why), why))
    return out


def rule_file(rng, make):
    scores, stanzas = [], []
    for s in range(rng.randrange(2, 6)):
        name = f"s{s}"
        profiles = []
        names = [None]
        if rng.random() < 0.3:
            names = [f"p{i}" for i in range(rng.randrange(1, 4))]
        for profile in names:
            p, text = make_score(rng, make, name, profile)
            for i, t in enumerate(text):
                if isinstance(t, tuple):
                    p["rules"].append(t[0])
                    text[i] = t[1]
            profiles.append(p)
            stanzas += text
        scores.append((name, profiles))
    return scores, "\n\n".join("\n".join(s) for s in stanzas) + "\n"


def check_text(what, rule, row, got, want):
    if got != want:
        raise common.Mismatch(f"{what}\n  row  {row}\n  got  {got!r}\n"
                              f"  want {want!r}\n{rule}")


def part_of_file(text, score):
    """The stanzas of one score, to show."""
    out, showing = [], False
    for stanza in text.split("\n\n"):
        if stanza.startswith("Score: "):
            showing = stanza.split("\n")[0] == f"Score: {score}"
        if showing:
            out.append(stanza)
    return "\n\n".join(out)


def scores_round(rng, bench):
    world = World(rng, rows=60)
    make = Maker(world)
    scores, text = rule_file(rng, make)
    bench.file("r.rules", text)
    bench.file("in.csv", world.csv())
    args = ["cs-score", "-q", "-r", "r.rules", "--why",
            "--rejects=rejects.csv"] + world.options()
    head, got = bench.table(args + ["in.csv"], (0, 1))
    want, refused = [], []
    for i, row in enumerate(world.rows):
        try:
            want.append((row, expected(scores, world.record(row))))
        except Reject as e:
            refused.append((row[0], f"unknown:{e}"))
    same("exit code", bench.code, 1 if refused else 0)
    with open(f"{bench.path}/rejects.csv", newline="") as f:
        rejected = list(csv.reader(f))[1:]
    same("refused records\n" + text,
         [(next(csv.reader(io.StringIO(r[5])))[0], r[3]) for r in rejected],
         refused)
    same("count of rows", len(got), len(want))
    if want:
        same("header", head, world.header + [c for c, _, _ in want[0][1]])
    for g, (row, cells) in zip(got, want):
        same("input cells", g[:len(row)], row)
        for (column, cell, _), seen in zip(cells, g[len(row):]):
            check_text(column, part_of_file(text, column.split("_")[0]),
                       dict(zip(world.header, row)), seen, cell)
        check_sum(g[len(row):], cells)
    check_json(bench.run(args + ["-o", "jsonl", "in.csv"], (0, 1)), want)
    bench.file("in.jsonl", "".join(
        json_line(world.header, r) for r in world.rows))
    check_json(bench.run(args + ["in.jsonl"], (0, 1)), want)
    check_held(rng, bench, world, scores, text)


def check_held(rng, bench, world, scores, text):
    """The same with bands of before."""
    holding = [(name, q) for name, q in scores
               if any(p["hysteresis"] for p in q)]
    if not holding:
        return
    old = []
    for row in rng.sample(world.rows, 50):
        old.append([row[0]] + [
            rng.choice([b for p in q for b, _ in p["bands"]] + ["", "zz"])
            for _, q in holding])
    bench.file("old.csv", common.csv_text(
        [["id"] + [f"{n}_band" for n, _ in holding]] + old))
    bands = {r[0]: dict(zip([n for n, _ in holding], r[1:])) for r in old}
    head, got = bench.table(
        ["cs-score", "-q", "-r", "r.rules", "--old=old.csv", "--why"]
        + world.options() + ["in.csv"], (0, 1))
    rows = {r[0]: r for r in world.rows}
    for g in got:
        row = rows[g[0]]
        cells = expected(scores, world.record(row), bands.get(g[0], {}))
        for (column, cell, _), seen in zip(cells, g[len(row):]):
            check_text(column, part_of_file(text, column.split("_")[0]),
                       (row, bands.get(g[0])), seen, cell)


# trend


def no_errors(scores, text):
    """The same rules without Missing: error, which would end the run."""
    for _, profiles in scores:
        for p in profiles:
            for x in [p] + p["rules"] + p["overrides"]:
                if x.get("missing") == "error":
                    x["missing"] = "no"
    return scores, text.replace("Missing: error", "Missing: no")


def stop(profile, parts, override):
    """One score of the way: its number and entries; None: no score."""
    if profile is None:
        return None
    final, _, _, why = settle(profile, parts, override)
    return None if final is None else (final, why)


def way(name, old, new, old_record, record, world, then, today):
    """The four scores between old and new."""
    world.today = then
    p0 = choose(name, old.get(name, []), old_record)
    e0 = evaluate(p0, old_record) if p0 else None
    world.today = today
    p2 = choose(name, old.get(name, []), record)
    e2 = evaluate(p2, record) if p2 else None
    p3 = choose(name, new[name], record)
    e3 = evaluate(p3, record) if p3 else None
    stops = [stop(p0, e0[0], e0[2]) if p0 else None, None,
             stop(p2, e2[0], e2[2]) if p2 else None,
             stop(p3, e3[0], e3[2]) if p3 else None]
    if p0 is p2 and p0:
        stops[1] = stop(p0, [
            None if a is None else a if b is None else b
            for a, b in zip(e0[0], e2[0])], e2[2])
    else:
        stops[1] = stops[2]
    if stops[0] is None or stops[3] is None:
        return [stops[0], None, None, stops[3]]
    stops[1] = stops[1] or stops[0]
    stops[2] = stops[2] or stops[1]
    return stops


def trend_cells(stops):
    """The columns behind NAME_old, and the change of each entry."""
    if stops[0] is None or stops[3] is None:
        return ["", "", "", "", ""]
    s = [x[0] for x in stops]
    order = []
    for x in reversed(stops):
        order += [n for n, _ in x[1] if n not in order]
    parts = [dict((n, m or 0) for n, m in x[1]) for x in stops]
    moved = [(n, parts[3].get(n, 0) - parts[0].get(n, 0)) for n in order]
    return [micro_text(s[3] - s[0]), micro_text(s[1] - s[0]),
            micro_text(s[3] - s[2]), micro_text(s[2] - s[1]),
            ";".join(f"{n}:{'-' if m < 0 else '+'}{micro_text(abs(m))}"
                     for n, m in moved if m)]


def trend_round(rng, bench):
    world = World(rng, rows=40)
    make = Maker(world)
    new, text = no_errors(*rule_file(rng, make))
    bench.file("new.rules", text.replace("Hysteresis: ", "Note: "))
    old, args = new, []
    if rng.random() < 0.6:
        old, old_text = no_errors(*rule_file(rng, make))
        bench.file("old.rules", old_text.replace("Hysteresis: ", "Note: "))
        args = ["--old-rules=old.rules"]
    today = world.today
    then = common.add_months(today, -rng.randrange(0, 7))
    before = {}
    for row in rng.sample(world.rows, 34):
        changed = list(row)
        for i, (_, kind) in enumerate(common.COLUMNS):
            if rng.random() < 0.3:
                changed[i + 1] = world.cell(kind)
        before[row[0]] = changed
    bench.file("in.csv", world.csv())
    bench.file("old.csv", common.csv_text(
        [world.header] + list(before.values())))
    head, got = bench.table(
        ["cs-score", "trend", "-q", "-r", "new.rules", "--old=old.csv",
         f"--old-as-of={then}", "--why"] + args + world.options()
        + ["in.csv"])
    old, new = dict(old), dict(new)
    same("count of rows", len(got), len(world.rows))
    for g, row in zip(got, world.rows):
        record, seen = world.record(row), dict(zip(head, g))
        for name in new:
            tail = ["_change", "_change_value", "_change_weight",
                    "_change_coverage", "_change_why"]
            have = [seen[name + t] for t in tail]
            if row[0] in before:
                stops = way(name, old, new, world.record(before[row[0]]),
                            record, world, then, today)
                first = "" if stops[0] is None else micro_text(stops[0][0])
                want = trend_cells(stops)
            else:
                first, want = "", [""] * 5
            check_text(name, part_of_file(text, name), (row, before.get(
                row[0])), [seen[name + "_old"]] + have, [first] + want)
            if have[0] == "":
                continue
            same("parts of the change", sum(map(Fraction, have[1:4])),
                 Fraction(have[0]))
            same("new - old", Fraction(seen[name]) - Fraction(
                seen[name + "_old"]), Fraction(have[0]))
            same("entries of the change", sum(
                Fraction(x.rsplit(":", 1)[1]) for x in have[4].split(";")
                if x), Fraction(have[0]))


# backtest


def backtest_round(rng, bench):
    """Random scores and outcomes against the definitions, pair by pair."""
    n = rng.choice([0, 1, 2, 7, 30, 60])
    span = rng.choice([3, 10, 1000])
    rows = []
    for i in range(n):
        s = "" if rng.random() < 0.1 else str(rng.randrange(-5, span + 5))
        y = rng.choice(["true", "false", "false", "", "true"])
        rows.append([f"r{i}", s, y])
    cut = rng.randrange(0, span)
    bench.file("in.csv", common.csv_text([["id", "s", "y"]] + rows))
    bench.file("r.rules", f"""Score: s

Rule: r
Weight: 1
Value: .s
Scale: 0..{span}

Band: high
From: {number_text(Fraction(round(100 * MICRO * Fraction(cut, span)), MICRO))}

Band: low
""")
    _, got = bench.table(["cs-score", "backtest", "-q", "-r", "r.rules",
                          "--outcome=.y", "in.csv"], (0, 1))
    got = {(r[0], r[1]): r[2:] for r in got if not r[0].startswith("leak")}
    cases = [(round(Fraction(min(max(int(s), 0), span), span) * 100 * MICRO),
              y == "true") for _, s, y in rows if s and y]
    yes = [s for s, y in cases if y]
    no = [s for s, y in cases if not y]

    def show_row(section, name, value, low=None, high=None, count=None):
        want = ["" if v is None else show(v) if isinstance(v, Fraction)
                else v for v in (value, low, high)] + [str(count)]
        same(f"{section} {name} of {cases}", got[section, name], want)

    def wins(a, b):
        return Fraction((a > b) * 2 + (a == b), 2)

    auc = low = high = None
    if yes and no:
        over = [sum(wins(a, b) for b in no) / len(no) for a in yes]
        under = [sum(wins(a, b) for a in yes) / len(yes) for b in no]
        auc = sum(over) / len(over)
        if len(yes) > 1 and len(no) > 1:
            var = (sum((x - auc)**2 for x in over) / (len(yes) - 1) / len(yes)
                   + sum((x - auc)**2 for x in under) / (len(no) - 1)
                   / len(no))
            half = 1.959963984540054 * float(var)**0.5
            low = common.show(Fraction(max(0.0, float(auc) - half)))
            high = common.show(Fraction(min(1.0, float(auc) + half)))
    show_row("overall", "auc", auc, low, high, len(cases))
    show_row("overall", "brier", None if not cases else sum(
        (Fraction(s, 100 * MICRO) - y)**2 for s, y in cases) / len(cases),
        count=len(cases))
    same("unknown", got["overall", "unknown"][0], str(n - len(cases)))

    def rate(part):
        return None if not part else Fraction(sum(part), len(part))

    ordered = sorted(cases, key=lambda c: -c[0])
    scores = [s for s, _ in ordered]
    deciles = {d: [] for d in range(10)}
    for s, y in ordered:
        deciles[scores.index(s) * 10 // len(cases)].append(y)
    for d, part in deciles.items():
        r = rate(part)
        same(f"decile {d + 1}", [got["decile", str(d + 1)][k] for k in (0, 3)],
             ["" if r is None else show(r), str(len(part))])
        lift = None if r is None or not yes else r / rate(
            [y for _, y in cases])
        show_row("lift", str(d + 1), lift, count=len(part))
    bar = round(100 * MICRO * Fraction(cut, span))
    for name, part in (("high", [y for s, y in cases if s >= bar]),
                       ("low", [y for s, y in cases if s < bar])):
        r = rate(part)
        same(f"band {name}", [got["band", name][k] for k in (0, 3)],
             ["" if r is None else show(r), str(len(part))])


def ties_round(rng, bench):
    """Weights and yes/no answers that make many equal remainders, halves,
    and coverages that are just enough."""
    n = 6
    scores, text = [], []
    for s in range(12):
        p = {"name": f"s{s}", "profile": None, "lo": Fraction(0),
             "hi": Fraction(rng.choice([1, 100, 100, 1000])),
             "start": Fraction(0), "rules": [], "groups": {}, "bands": [
                 ("ok", Fraction(0))], "hysteresis": 0, "overrides": [], "when": None,
             "points": rng.random() < 0.4}
        few = [weight(rng) for _ in range(2)]
        if not p["points"] and rng.random() < 0.5:
            p["groups"] = {"g0": rng.choice(few), "g1": weight(rng)}
        for i in range(n):
            node = common.Node(f".b{i}", 6, lambda r, i=i: r[f"b{i}"])
            p["rules"].append({
                "name": f"r{i}", "group": rng.choice(list(p["groups"]))
                if p["groups"] else None, "map": None, "missing": None,
                "amount": rng.choice(few + [weight(rng)]), "expr": node})
        for g in p["groups"]:
            if not any(r["group"] == g for r in p["rules"]):
                p["rules"][list(p["groups"]).index(g)]["group"] = g
        used = {r["group"] for r in p["rules"]}
        p["groups"] = {g: w for g, w in p["groups"].items() if g in used}
        if not p["groups"] and rng.random() < 0.3:
            # halves of a micro-point: a whole weight of a power of two
            for r in p["rules"]:
                r["amount"] = Fraction(rng.randrange(1, 20))
            p["rules"][-1]["amount"] = 512 - sum(
                r["amount"] for r in p["rules"][:-1])
        p["coverage"] = just_enough(rng, p)
        stanzas = [[f"Score: s{s}", f"Range: 0..{p['hi']}",
                    f"Coverage: {number_text(p['coverage'])}"]]
        stanzas += [[f"Group: {g}", f"Weight: {number_text(w)}"]
                    for g, w in p["groups"].items()]
        stanzas += [[f"Rule: {r['name']}", f"When: {r['expr'].text}",
                     f"{'Points' if p['points'] else 'Weight'}: "
                     + number_text(r["amount"])]
                    + ([f"Group: {r['group']}"] if r["group"] else [])
                    for r in p["rules"]]
        stanzas.append(["Band: ok", "From: 0"])
        text += ["\n".join(x) for x in stanzas]
        scores.append((p["name"], [p]))
    text = "\n\n".join(text) + "\n"
    bench.file("r.rules", text)
    head = ["id"] + [f"b{i}" for i in range(n)]
    rows = [[f"x{k}"] + [rng.choice(["true", "true", "false", ""])
                         for _ in range(n)] for k in range(80)]
    bench.file("in.csv", common.csv_text([head] + rows))
    _, got = bench.table(["cs-score", "-q", "-r", "r.rules", "--why",
                          "in.csv"])
    same("count of rows", len(got), len(rows))
    for g, row in zip(got, rows):
        record = {c: common.typed(v) for c, v in zip(head, row)}
        cells = expected(scores, record)
        for (column, cell, _), seen in zip(cells, g[len(head):]):
            check_text(column, part_of_file(text, column.split("_")[0]),
                       row, seen, cell)


def just_enough(rng, p):
    """The coverage that some of the rules make, if it can be written."""
    for _ in range(30):
        record = {f"b{i}": rng.choice([True, None])
                  for i in range(len(p["rules"]))}
        coverage = compute(dict(p, coverage=Fraction(0)), record)[2]
        if (coverage * MICRO).denominator == 1:
            return coverage
    return Fraction(1, 2)


def json_line(head, row):
    """The record with JSON's own types, numbers as they were written."""
    cells = []
    for name, cell in zip(head, row):
        v = common.typed(cell)
        text = cell if common.is_num(v) else json.dumps(v)
        cells.append(f"{json.dumps(name)}:{text}")
    return "{" + ",".join(cells) + "}\n"


def check_sum(seen, cells):
    """What --why tells sums to the score, in micro-points, without the
    model's help."""
    byname = {c: v for (c, _, _), v in zip(cells, seen)}
    for column, why in byname.items():
        if not column.endswith("_why"):
            continue
        score = byname[column[:-4]]
        points = [e.rsplit(":", 1)[1] for e in why.split(";") if e]
        known = [Fraction(p) for p in points if p != "?"]
        if score:
            same("sum of " + why, sum(known), Fraction(score))
        else:
            same("points without a score: " + why, [x for x in known if x],
                 [])


def check_json(out, want):
    lines = [json.loads(s, parse_int=float) for s in out.decode().splitlines()]
    same("count of JSON lines", len(lines), len(want))
    for line, (row, cells) in zip(lines, want):
        for column, cell, why in cells:
            seen = line[column]
            if column.endswith("_why"):
                # the value of an added entry is nobody's business
                got = [(e["rule"], e["points"],
                        None if e["rule"][0] in "_!" else e["value"])
                       for e in seen or []]
                need = [(n, None if m is None else m / MICRO, v)
                        for n, m, v in why]
                same(f"JSON {column} of {row}", got, need)
            elif column.endswith(("_band", "_profile")):
                same(f"JSON {column}", seen or "", cell)
            else:
                same(f"JSON {column}", seen,
                     float(cell) if cell else None)


if __name__ == "__main__":
    sys.exit(common.main("score", [scores_round, ties_round, trend_round,
                                   backtest_round], rounds=6))
