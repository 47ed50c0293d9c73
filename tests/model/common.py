"""What the models share: random records, random expressions with their
answer, commands, printing. Written from the text of the rule language alone;
nothing here looks at how the commands do it. Standard library only."""

import calendar
import csv
import io
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
DATE = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[-+]\d{2}:\d{2})?)?\Z",
    re.ASCII,
)


def typed(cell):
    """A CSV cell by RULES' Values."""
    if cell == "":
        return None
    if cell in ("true", "false"):
        return cell == "true"
    if NUMBER.match(cell):
        digits = re.sub(r"[eE].*|[-.]", "", cell).lstrip("0")
        value = float(cell)
        is_minus_zero = value == 0 and cell[0] == "-"
        if len(digits) <= 15 and abs(value) < 1e309 and not is_minus_zero:
            if value not in (float("inf"), float("-inf")):
                return value
    return cell


def is_num(v):
    return isinstance(v, float)


def exact(v):
    """The decimal number that a double was written as."""
    return Fraction(repr(v)) if is_num(v) else Fraction(v)


def show(x, places=6):
    """At most so many decimals, half to even, no trailing zeros."""
    if x is None:
        return ""
    scaled = round(Fraction(x) * 10**places)  # half to even
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled), 10**places)
    text = f"{rest:0{places}d}".rstrip("0")
    return f"{sign}{whole}.{text}" if text else f"{sign}{whole}"


def number_text(x):
    """A number as a person writes it in a rule file: no exponent."""
    return show(x, 9)


# Dates


def civil(v, zone):
    """The civil date of a value, None if it is none."""
    if not isinstance(v, str):
        return None
    m = DATE.match(v)
    if not m:
        return None
    try:
        d = date(int(m[1]), int(m[2]), int(m[3]))
        if m[4] is None:
            return d
        if int(m[4]) > 23 or int(m[5]) > 59 or int(m[6] or 0) > 59:
            return None
    except ValueError:
        return None
    if m[7] is None:
        return d
    offset = 0
    if m[7] != "Z":
        offset = int(m[7][1:3]) * 60 + int(m[7][4:6])
        offset = -offset if m[7][0] == "-" else offset
    t = datetime(d.year, d.month, d.day, int(m[4]), int(m[5]), int(m[6] or 0))
    t = t.replace(tzinfo=timezone.utc) - timedelta(minutes=offset)
    return t.astimezone(zone).date()


def month_days(year, month):
    return calendar.monthrange(year, month)[1]


def add_months(d, n):
    """n months later, clamped to the month's last day."""
    m = d.year * 12 + d.month - 1 + n
    year, month = divmod(m, 12)
    month += 1
    return date(year, month, min(d.day, month_days(year, month)))


def months_between(x, today):
    m = (today.year - x.year) * 12 + today.month - x.month
    if today.day < min(x.day, month_days(today.year, today.month)):
        m -= 1
    return m


# Random records

AS_OF = [
    "2026-03-31", "2026-02-28", "2024-02-29", "2025-03-01", "2026-12-31",
    "2026-01-01", "2026-04-15", "2023-02-28", "2026-11-24",
]
ODD = [
    "007", "-0", "-0.0", "1e3", "1E-2", "１２", "abc", "true", "false", "TRUE",
    "null", "NaN", "1e999", "123456789012345", "1234567890123456", "+5", ".5",
    "5.", " 7", "12 ", "0x10", "日本", "-", "2026/03/01", "2026-02-30", "é",
    "1,200", 'a"b', "a;b", "line\nbreak", "0.10", "-1.50", "x" * 40,
]
WORDS = ["gold", "silver", "free", "Gold", "日本語", "a b", "x-1", "go"]
COLUMNS = [
    ("n1", "num"), ("n2", "num"), ("n3", "num"),
    ("d1", "date"), ("d2", "date"),
    ("t1", "text"), ("t2", "text"), ("b1", "bool"), ("b2", "bool"),
]


class World:
    """The day, the zone and the records of one round."""

    def __init__(self, rng, rows=40, odd=0.06, missing=0.15):
        self.rng = rng
        self.today = date.fromisoformat(rng.choice(AS_OF))
        self.zone, self.tz = rng.choice([
            (timezone(timedelta(hours=9)), "Asia/Tokyo"),
            (timezone.utc, "UTC"),
            (timezone(timedelta(hours=5, minutes=45)), "Asia/Kathmandu"),
        ])
        self.odd, self.missing = odd, missing
        self.header = ["id"] + [c for c, _ in COLUMNS]
        self.rows = [self.row(i) for i in range(rows)]

    def day(self):
        rng, today = self.rng, self.today
        kind = rng.randrange(6)
        if kind == 0:
            return add_months(today, -rng.randrange(0, 15))
        if kind == 1:
            d = add_months(today, -rng.randrange(0, 30))
            return d.replace(day=month_days(d.year, d.month))
        if kind == 2:
            return date(rng.choice([2020, 2024, 2028]), 2, 29)
        if kind == 3:
            return today + timedelta(days=rng.randrange(-3, 4))
        if kind == 4:
            return add_months(today, -rng.randrange(0, 8)) + timedelta(
                days=rng.randrange(-2, 3))
        return today - timedelta(days=rng.randrange(-60, 900))

    def cell(self, kind):
        rng = self.rng
        if rng.random() < self.missing:
            return ""
        if rng.random() < self.odd:
            return rng.choice(ODD)
        if kind == "num":
            pick = rng.randrange(5)
            if pick == 0:
                return str(rng.randrange(0, 11))
            if pick == 1:
                return str(rng.randrange(-50, 51))
            if pick == 2:
                return show(Fraction(rng.randrange(-1000, 1001), 100))
            if pick == 3:
                return show(Fraction(rng.randrange(0, 100001), 1000))
            return str(rng.randrange(0, 101))
        if kind == "date":
            d = self.day().isoformat()
            pick = rng.randrange(8)
            if pick == 0:
                return d + rng.choice(["T", " "]) + rng.choice(
                    ["00:00", "23:59:59", "12:30:00.5", "09:15"])
            if pick == 1:
                return d + "T" + rng.choice(
                    ["00:00:00Z", "15:00Z", "14:59:59Z", "23:30:00.25Z",
                     "02:00+09:00", "23:00-05:00", "18:15+00:00"])
            return d
        if kind == "bool":
            return rng.choice(["true", "false"])
        return rng.choice(WORDS)

    def row(self, i):
        return [f"r{i}"] + [self.cell(k) for _, k in COLUMNS]

    def record(self, row):
        return {c: typed(v) for c, v in zip(self.header, row)}

    def csv(self):
        return csv_text([self.header] + self.rows)

    def options(self):
        return [f"--as-of={self.today}", f"--tz={self.tz}"]


def csv_text(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


# Random expressions: the text, its level, and a function of a record. Levels
# as in jq's grammar: 0 pipe, 1 or, 2 and, 3 comparison, 4 sum, 5 product,
# 6 term.


class Node:
    def __init__(self, text, level, value, is_date=False):
        self.text, self.level, self.value = text, level, value
        self.is_date = is_date

    def at(self, level):
        return self.text if self.level >= level else f"({self.text})"


def literal(v):
    if v is None:
        return Node("null", 6, lambda r: None)
    if isinstance(v, bool):
        return Node("true" if v else "false", 6, lambda r: v)
    if isinstance(v, str):
        return Node(json.dumps(v, ensure_ascii=False), 6, lambda r: v,
                    bool(DATE.match(v)))
    return Node(number_text(v), 6 if v >= 0 else 0, lambda r: float(v))


def answer(v):
    """A condition's operand: yes, no, else unknown."""
    return v if isinstance(v, bool) else None


def k_and(a, b):
    a = answer(a)
    if a is False:
        return False
    b = answer(b)
    if b is False:
        return False
    return True if a and b else None


def k_or(a, b):
    a = answer(a)
    if a is True:
        return True
    b = answer(b)
    if b is True:
        return True
    return False if a is False and b is False else None


def compare(op, a, b, date_a=False, date_b=False):
    if a is None or b is None or type(a) is not type(b):
        return None
    if isinstance(a, str):
        if date_a and not DATE.match(b) or date_b and not DATE.match(a):
            return None
    if op == "==":
        return a == b
    if op == "!=":
        return a != b
    if isinstance(a, bool):
        return None
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]


def finite(x):
    return x if x == x and abs(x) != float("inf") else None


def arith(op, a, b):
    if op == "+" and isinstance(a, str) and isinstance(b, str):
        return a + b
    if not is_num(a) or not is_num(b):
        return None
    if op == "+":
        return finite(a + b)
    if op == "-":
        return finite(a - b)
    if op == "*":
        return finite(a * b)
    if op == "/":
        return None if b == 0 else finite(a / b)
    a, b = int(a), int(b)
    if b == 0:
        return None
    r = abs(a) % abs(b)
    return float(-r if a < 0 else r)


class Maker:
    """Makes expressions over a world's columns."""

    def __init__(self, world):
        self.w, self.rng = world, world.rng

    def column(self, kind):
        names = [c for c, k in COLUMNS if k == kind]
        if self.rng.random() < 0.03:
            names = [c for c, _ in COLUMNS]
        name = self.rng.choice(names)
        text = self.rng.choice([f".{name}", f".{name}", f'.["{name}"]'])
        return Node(text, 6, lambda r: r[name])

    def number(self, depth=2):
        rng = self.rng
        pick = rng.randrange(14)
        if depth == 0 or pick < 6:
            return self.column("num")
        if pick == 6:
            return literal(rng.choice([
                Fraction(rng.randrange(-20, 60)),
                Fraction(rng.randrange(-500, 5000), 100)]))
        if pick in (7, 8):
            op = rng.choice("+-*/%")
            a, b = self.number(depth - 1), self.number(depth - 1)
            if rng.random() < 0.5:
                b = literal(Fraction(rng.choice([-3, -1, 2, 3, 7, 10])))
            level = 4 if op in "+-" else 5
            return Node(f"{a.at(level)} {op} {b.at(level + 1)}", level,
                        lambda r: arith(op, a.value(r), b.value(r)))
        if pick == 9:
            a = self.number(depth - 1)
            alt = literal(Fraction(rng.randrange(-5, 20)))
            return Node(
                f"({a.at(6)} // {alt.at(6)})", 6,
                lambda r: a.value(r) if a.value(r) is not None
                else alt.value(r))
        if pick == 10:
            return self.date_word()
        if pick == 11:
            c, a, b = (self.condition(depth - 1), self.number(depth - 1),
                       self.number(depth - 1))

            def choose(r):
                v = answer(c.value(r))
                return None if v is None else (a if v else b).value(r)
            return Node(f"if {c.text} then {a.text} else {b.text} end", 6,
                        choose)
        if pick == 12:
            a = self.number(depth - 1)
            name, f = rng.choice([
                ("floor", lambda x: float(x.__floor__())),
                ("ceil", lambda x: float(x.__ceil__())), ("fabs", abs)])

            def apply(r):
                v = a.value(r)
                return f(v) if is_num(v) else None
            return Node(f"({a.at(6)} | {name})", 6, apply)
        a = self.column("text")

        def length(r):
            v = a.value(r)
            if isinstance(v, str):
                return float(len(v))
            return abs(v) if is_num(v) else None
        return Node(f"({a.text} | length)", 6, length)

    def day(self):
        """An operand of a date word."""
        rng = self.rng
        if rng.random() < 0.85:
            return self.column("date")
        return literal(self.w.day().isoformat())

    def date_word(self):
        rng, w, zone = self.rng, self.w, self.w.zone  # today may change
        a = self.day()
        word = rng.choice(["days_since", "days_until", "days_between",
                           "months_since", "weekday"])
        if word == "days_between":
            b = self.day()

            def between(r):
                x, y = civil(a.value(r), zone), civil(b.value(r), zone)
                return None if x is None or y is None else float((y - x).days)
            return Node(f"days_between({a.text}; {b.text})", 6, between)

        def value(r):
            x, today = civil(a.value(r), zone), self.w.today
            if x is None:
                return None
            return float({
                "days_since": lambda: (w.today - x).days,
                "days_until": lambda: (x - w.today).days,
                "months_since": lambda: months_between(x, w.today),
                "weekday": lambda: x.isoweekday(),
            }[word]())
        return Node(f"{word}({a.text})", 6, value)

    def comparison(self, depth):
        rng = self.rng
        op = rng.choice(["<", "<=", ">", ">=", "==", "!="])
        pick = rng.randrange(12)
        if pick < 4:
            a, b = self.number(depth), literal(
                Fraction(rng.randrange(-10, 60)))
        elif pick == 4:
            a, b = self.number(depth), self.number(depth)
        elif pick == 5:
            a, b = self.column("text"), literal(rng.choice(WORDS))
        elif pick == 6:
            a = self.column("date")
            b = literal(self.w.day().isoformat())
            if rng.random() < 0.3:
                b = Node("$today", 6, lambda r: self.w.today.isoformat(), True)
            if rng.random() < 0.3:
                a, b = b, a
        elif pick == 7:
            a, op = self.column("bool"), rng.choice(["==", "!="])
            b = literal(rng.random() < 0.5)
        elif pick == 8:
            a = self.column(rng.choice(["num", "date", "text", "bool"]))
            op = rng.choice(["==", "!="])
            return Node(f"{a.text} {op} null", 3,
                        lambda r: (a.value(r) is None) == (op == "=="))
        elif pick == 9:
            a, b = self.column("date"), self.column("date")
        else:
            a, b = self.date_word(), literal(
                Fraction(rng.randrange(-10, 400)))
        return Node(
            f"{a.at(4)} {op} {b.at(4)}", 3,
            lambda r: compare(op, a.value(r), b.value(r), a.is_date,
                              b.is_date))

    def condition(self, depth=2):
        rng = self.rng
        pick = rng.randrange(16)
        if depth == 0 or pick < 5:
            return self.comparison(max(depth - 1, 0))
        if pick < 8:
            a, b = self.condition(depth - 1), self.condition(depth - 1)
            return Node(f"{a.at(2)} and {b.at(3)}", 2,
                        lambda r: k_and(a.value(r), b.value(r)))
        if pick < 11:
            a, b = self.condition(depth - 1), self.condition(depth - 1)
            return Node(f"{a.at(1)} or {b.at(2)}", 1,
                        lambda r: k_or(a.value(r), b.value(r)))
        if pick == 11:
            a = self.condition(depth - 1)

            def negate(r):
                v = answer(a.value(r))
                return None if v is None else not v
            return Node(f"({a.at(3)} | not)", 6, negate)
        if pick == 12:
            a = self.column("bool")
            return a
        if pick == 13:
            a, n = self.day(), rng.choice([0, 1, 7, 30, 365])

            def last(r):
                x = civil(a.value(r), self.w.zone)
                if x is None:
                    return None
                return 0 <= (self.w.today - x).days < n
            return Node(f"in_last({a.text}; {n})", 6, last)
        if pick == 14:
            a = self.column(rng.choice(["num", "text"]))
            items = [literal(rng.choice([
                rng.choice(WORDS), Fraction(rng.randrange(0, 12))]))
                for _ in range(rng.randrange(1, 4))]

            def among(r):
                v = False
                for i in items:
                    v = k_or(v, compare("==", a.value(r), i.value(r)))
                return v
            inside = ", ".join(i.text for i in items)
            return Node(f"({a.text} | IN({inside}))", 6, among)
        word = rng.choice(["any", "all"])
        a, b = self.column("num"), self.column("num")
        op, n = rng.choice(["<", ">="]), float(rng.randrange(0, 50))

        def over(r):
            x = compare(op, a.value(r), n)
            y = compare(op, b.value(r), n)
            return k_or(x, y) if word == "any" else k_and(x, y)
        return Node(f"{word}({a.text}, {b.text}; . {op} {int(n)})", 6, over)


# Commands


class Mismatch(Exception):
    pass


class Bench:
    """A directory of one round: files, commands, what to show on failure."""

    def __init__(self, path):
        self.path, self.command = path, ""

    def file(self, name, data):
        if isinstance(data, str):
            data = data.encode()
        with open(os.path.join(self.path, name), "wb") as f:
            f.write(data)
        return name

    def run(self, args, codes=(0,), stdin=None):
        self.command = shlex.join(args)
        p = subprocess.run(args, cwd=self.path, input=stdin or b"",
                           capture_output=True, timeout=120)
        if p.returncode not in codes:
            raise Mismatch(
                f"exit {p.returncode}, wanted {codes}\n"
                + p.stderr.decode(errors="replace")[:2000])
        self.code, self.err = p.returncode, p.stderr.decode(errors="replace")
        return p.stdout

    def table(self, args, codes=(0,)):
        out = self.run(args, codes).decode()
        rows = list(csv.reader(io.StringIO(out, newline="")))
        return rows[0] if rows else [], rows[1:]


def same(what, got, want):
    if got != want:
        raise Mismatch(f"{what}\n  got  {got!r}\n  want {want!r}")


def main(name, checks, rounds=1):
    """Runs each check MODEL_ROUNDS times; a round is told by its seed."""
    seed = int(os.environ.get("MODEL_SEED", "1"))
    rounds = int(os.environ.get("MODEL_ROUNDS", str(rounds)))
    only = sys.argv[1:]
    print(f"{name}: MODEL_SEED={seed} MODEL_ROUNDS={rounds}")
    faults = 0
    for check in checks:
        if only and check.__name__ not in only:
            continue
        for n in range(seed, seed + rounds):
            with tempfile.TemporaryDirectory() as path:
                bench = Bench(path)
                try:
                    check(random.Random(f"{name}/{check.__name__}/{n}"), bench)
                except Mismatch as e:
                    faults += 1
                    print(f"{name} {check.__name__}: MODEL_SEED={n} "
                          f"MODEL_ROUNDS=1\n{bench.command}\n{e}")
                    keep = os.environ.get("MODEL_KEEP")
                    if keep:
                        os.makedirs(keep, exist_ok=True)
                        for f in os.listdir(path):
                            with open(os.path.join(path, f), "rb") as src, \
                                    open(os.path.join(keep, f), "wb") as dst:
                                dst.write(src.read())
                        return 1
                    if faults > 4:
                        return 1
    return 1 if faults else 0
