"""A model of change sets: apply(diff(a, b), a) = b for any a and b, and the
change set says what a look at both says."""

import csv
import io
import json
import sys

import common
from common import Mismatch, same

NAMES = ["n", "最大PV", "a b", "x", "o", "é"]
CELLS = ["", "", "a", "b", "1", "1.0", "01", 'q"q', "a,b", "two\nlines", " ",
         "日本", "null", "true"]
VALUES = ["null", '""', '"a"', '"\\u0061"', "1", "1.0", "1e0", "true", "[]",
          "{}", '[1, {"a": "x"}]', '[1,{"a":"x"}]', '{"b":null}',
          '{"b": {"c": "あ"}}', '{"b":{"c":"\\u3042"}}']
KEYS = ["1", "01", "1.0", "12e3", "12000", "a", "A", "b b", "あ", "x,y", 'k"',
        "-1", "true", "10", "2", "é"]


def keys(rng):
    some = rng.sample(KEYS, rng.randrange(0, len(KEYS)))
    return sorted(some, key=str.encode) if rng.random() < 0.5 else some


def is_sorted(some):
    return some == sorted(some, key=str.encode)


def table(rng):
    head = rng.sample(NAMES, rng.randrange(0, 4))
    head.insert(rng.randrange(0, len(head) + 1), "id")
    return head, {k: {h: k if h == "id" else rng.choice(CELLS) for h in head}
                  for k in keys(rng)}


def near(rng, head, rows, cells):
    """Another state that has much in common with the one."""
    head = list(head)
    for name in NAMES:
        if name in head and rng.random() < 0.1:
            head.remove(name)
        elif name not in head and rng.random() < 0.1:
            head.insert(rng.randrange(0, len(head) + 1), name)
    if rng.random() < 0.3:
        rng.shuffle(head)
    new = {}
    for k in keys(rng) if rng.random() < 0.5 else rows:
        new[k] = {h: k if h == "id" else rows.get(k, {}).get(h, "")
                  if rng.random() < 0.8 else rng.choice(cells) for h in head}
    return head, new


def as_csv(rng, head, rows):
    out = io.StringIO()
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    w = csv.writer(out, quoting=quoting,
                   lineterminator=rng.choice(["\n", "\r\n"]))
    w.writerow(head)
    for row in rows.values():
        w.writerow([row[h] for h in head])
    return out.getvalue()


def read(data):
    rows = [r or [""] for r in csv.reader(io.StringIO(data.decode(),
                                                      newline=""))]
    return rows[0], rows[1:]


def want_rows(head, a, b):
    """The change set: the new state's order, the deleted ones last."""
    out = []
    for k, row in b.items():
        old = a.get(k)
        cells = [row.get(h, "") for h in head]
        if old is None:
            out.append((cells, "add", set()))
            continue
        changed = {h for h in set(old) | set(row)
                   if old.get(h, "") != row.get(h, "")}
        if changed:
            out.append((cells, "update", changed))
    for k, row in a.items():
        if k not in b:
            out.append(([row.get(h, "") for h in head], "delete", set()))
    return out


def state(a, b):
    """The new state's rows in apply's order."""
    return [k for k in a if k in b] + [k for k in b if k not in a]


def csv_round(rng, bench):
    a_head, a = table(rng)
    b_head, b = near(rng, a_head, a, CELLS)
    bench.file("a.csv", as_csv(rng, a_head, a).encode())
    bench.file("b.csv", as_csv(rng, b_head, b).encode())
    ways = [[]]
    if is_sorted(list(a)) and is_sorted(list(b)):
        ways.append(["--sorted"])
    for way in ways:
        out = bench.run(["cs-ingest", "-d,", "--diff", "--old=a.csv", "b.csv"]
                        + way)
        head, rows = read(out)
        same("columns", head, b_head + ["_change", "_changed"])
        got = [(r[:-2], r[-2], set(r[-1].split(";")) - {""}) for r in rows]
        same("the change set", got, want_rows(b_head, a, b))
        bench.file("set.csv", out)
        got = read(bench.run(["cs-ingest", "-d,", "--apply", "--old=a.csv",
                              "set.csv"]))
        want = [[b[k][h] for h in b_head] for k in state(a, b)]
        same("apply(diff(a, b), a)", got, (b_head, want))


def value(text):
    """A JSON value for comparing: numbers as written, members in order."""
    return json.loads(text, parse_int=Written, parse_float=Written,
                      object_pairs_hook=lambda p: ("{", tuple(p)))


class Written(str):
    """A JSON number as it stands."""

    def __eq__(self, other):
        return isinstance(other, Written) and str.__eq__(self, other)

    def __hash__(self):
        return str.__hash__(self)


def lines(rows):
    return "".join("{" + ", ".join(
        json.dumps(h) + ":" + v for h, v in row.items()) + "}\n"
        for row in rows.values())


def jsonl_round(rng, bench):
    def row(k):
        members = [("id", json.dumps(k))]
        members += [(h, rng.choice(VALUES)) for h in
                    rng.sample(NAMES, rng.randrange(0, 4))]
        rng.shuffle(members)
        return dict(members)

    a = {k: row(k) for k in keys(rng)}
    b = {k: a[k] if k in a and rng.random() < 0.5 else row(k)
         for k in keys(rng)}
    bench.file("a.jsonl", lines(a).encode())
    bench.file("b.jsonl", lines(b).encode())
    ways = [[]]
    if is_sorted(list(a)) and is_sorted(list(b)):
        ways.append(["--sorted"])
    for way in ways:
        out = bench.run(["cs-ingest", "--diff", "--old=a.jsonl", "b.jsonl"]
                        + way)
        got = []
        for line in out.decode().splitlines():
            m = json.loads(line)
            got.append((m["id"], m["_change"], set(m["_changed"] or [])))
        want = []
        for k in list(b) + [k for k in a if k not in b]:
            old, new = a.get(k), b.get(k)
            if old is None or new is None:
                want.append((k, "delete" if new is None else "add", set()))
                continue
            old = {h: value(v) for h, v in old.items()}
            new = {h: value(v) for h, v in new.items()}
            changed = {h for h in set(old) | set(new)
                       if h not in old or h not in new or old[h] != new[h]}
            if changed:
                want.append((k, "update", changed))
        same("the change set", got, want)
        bench.file("set.jsonl", out)
        out = bench.run(["cs-ingest", "--apply", "--old=a.jsonl",
                         "set.jsonl"] + way) \
            if not want or is_sorted([w[0] for w in want]) or not way else \
            bench.run(["cs-ingest", "--apply", "--old=a.jsonl", "set.jsonl"])
        got = [dict(value(x)[1]) for x in out.decode().splitlines()]
        same("apply(diff(a, b), a)", got,
             [{h: value(v) for h, v in b[k].items()} for k in state(a, b)])


if __name__ == "__main__":
    sys.exit(common.main("change", [csv_round, jsonl_round], rounds=40))
