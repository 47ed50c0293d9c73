"""A model of cs-score rfm: by brute force, customer by customer, in exact
decimals."""

import sys
from datetime import date
from decimal import Decimal, getcontext

import common
from common import World, add_months, civil, csv_text, same

getcontext().prec = 60
HEADER = ["id", "recency_days", "frequency", "monetary", "r", "f", "m", "rfm",
          "first_order", "last_order", "is_active", "was_active", "is_new"]


def money(rng):
    pick = rng.randrange(8)
    if pick == 0:
        return "0"
    if pick == 1:
        return f"-{rng.randrange(1, 3000) / 100:.2f}"
    if pick == 2:
        return str(rng.randrange(1, 5))
    if pick == 3:
        return rng.choice(["1e3", "2.5e-3", "0.10", "12345678901234567.89"])
    return f"{rng.randrange(1, 50000) / 100:.2f}"


def plain(x):
    text = f"{x:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def quantile(values, bins):
    """values: a list where more is better."""
    n = len(values)
    return [1 + bins * sum(w < v for w in values) // n for v in values]


def ntile(values, ids, bins):
    order = sorted(range(len(values)),
                   key=lambda i: (values[i], ids[i].encode()))
    n, got, row = len(values), [0] * len(values), 0
    for b in range(bins):
        for _ in range(n // bins + (b < n % bins)):
            got[order[row]] = b + 1
            row += 1
    return got


def period_start(today, length):
    n, unit = length
    if unit == "mo":
        return (add_months(today, -n).toordinal() + 1,
                add_months(today, -2 * n).toordinal() + 1)
    days = n * (7 if unit == "w" else 1)
    return today.toordinal() - days + 1, today.toordinal() - 2 * days + 1


def rfm_round(rng, bench):
    w = World(rng)
    customers = [rng.choice(["c", "C", "客", "x y", 'q"']) + str(i)
                 for i in range(rng.randrange(1, 40))]
    rows, size = [], rng.randrange(0, 200)
    two = rng.random() < 0.4
    for i in range(size):
        day = w.cell("date")
        rows.append([
            rng.choice(customers) if rng.random() < 0.97 else "", day,
            money(rng), str(rng.randrange(-2, 6)) if two else "x",
            f"i{rng.randrange(1, 30)}" if rng.random() < 0.98 else ""])
    bench.file("in.csv", csv_text([["who", "day", "paid", "n", "nr"]] + rows))
    method = rng.choice(["quantile", "ntile", "fixed", None])
    by = rng.choice(["orders", "days", "nr"])
    ignore = rng.random() < 0.3
    length = rng.choice([(30, "d"), (1, "mo"), (2, "w"), (3, "mo"), (1, "d")])
    args = ["cs-score", "rfm", "-q", "--id=who", "--date=day",
            "--amount=paid*n" if two else "--amount=paid",
            f"--period={length[0]}{length[1]}"] + w.options()
    bins = rng.choice([2, 3, 5, 9])
    if method:
        args.append(f"--method={method}")
    if method == "fixed":
        cuts = [sorted(rng.sample(range(0, 400), rng.randrange(1, 9)))
                for _ in range(3)]
        args.append("--cuts=" + "/".join(
            f"{c}:{','.join(map(str, x))}" for c, x in zip("rfm", cuts)))
    else:
        args.append(f"--bins={bins}")
    if by == "days":
        args.append("--frequency=days")
    if by == "nr":
        args.append("--order=nr")
    if ignore:
        args.append("--refunds=ignore")

    known = {}
    refused = False
    for who, day, paid, n, nr in rows:
        if not who:
            continue
        d = civil(day, w.zone) if day else None
        if d is None or (by == "nr" and not nr):
            refused = True
            continue
        if d > w.today:
            continue
        amount = Decimal(paid) * (Decimal(n) if two else 1)
        if amount < 0 and ignore:
            continue
        c = known.setdefault(who, {"sum": Decimal(0), "days": [], "keys": []})
        c["sum"] += amount
        if amount >= 0:
            c["days"].append(d)
            c["keys"].append(
                {"orders": len(c["keys"]), "days": d, "nr": nr}[by])
    buyers = [i for i in known if known[i]["days"]]
    values = [[-(w.today - max(known[i]["days"])).days for i in buyers],
              [len(set(known[i]["keys"])) for i in buyers],
              [known[i]["sum"] for i in buyers]]
    classes = []
    for k, v in enumerate(values):
        if method == "fixed" and k == 0:
            classes.append([1 + sum(-x <= c for c in cuts[0]) for x in v])
        elif method == "fixed":
            classes.append([1 + sum(x >= c for c in cuts[k]) for x in v])
        elif method == "ntile":
            classes.append(ntile(v, buyers, bins))
        else:
            classes.append(quantile(v, bins))
    now, before = period_start(w.today, length)
    want = []
    for i in sorted(known, key=lambda i: i.encode()):
        c = known[i]
        row = [i, "", "0", plain(c["sum"])] + [""] * 6 + ["false"] * 3
        if i in buyers:
            k = buyers.index(i)
            got = [str(x[k]) for x in classes]
            days = [d.toordinal() for d in c["days"]]
            row = [i, str(-values[0][k]), str(values[1][k]), plain(c["sum"]),
                   *got, "".join(got),
                   min(c["days"]).isoformat(), max(c["days"]).isoformat(),
                   max(days) >= now, any(before <= d < now for d in days),
                   min(days) >= now]
            row[10:] = ["true" if x else "false" for x in row[10:]]
        want.append(row)
    header, got = bench.table(args + ["in.csv"], codes=(int(refused),))
    same("header", header, HEADER)
    same("ids", [r[0] for r in got], [r[0] for r in want])
    for g, x in zip(got, want):
        same("row", g, x)
    # The rows in another order.
    rng.shuffle(rows)
    bench.file("in.csv", csv_text([["who", "day", "paid", "n", "nr"]] + rows))
    same("shuffled", bench.table(args + ["in.csv"], codes=(0, 1)),
         (header, got))


if __name__ == "__main__":
    sys.exit(common.main("rfm", [rfm_round], rounds=40))
