"""What the answers on the big data must be: for tests/perf-answers.t.

	model.py rules RULES_DIR OUT_DIR
		writes OUT_DIR/mails.rules: the 119 conditions of the reference
	model.py answers RULES_DIR CSV OUT_DIR
		writes what each job must give, by evaluating the reference's own
		rules on records that the csv module read
	model.py plain RULES_DIR JOB
		standard input is what csops gave for JOB; prints it in the form
		of the reference: no coverage, the reference's names

RULES_DIR holds the reference's rules.py: trees of ("and", ...), ("or", ...),
("true", col), ("false", col), ("null", col), ("cmp", col, op, value). Nothing
here knows how csops parses or evaluates.
"""
import csv
import json
import operator
import re
import sys

sys.dont_write_bytecode = True
sys.stdin.reconfigure(encoding="utf-8", newline="")
sys.stdout.reconfigure(encoding="utf-8", newline="")

OPS = {"==": operator.eq, "<": operator.lt, "<=": operator.le,
       ">": operator.gt, ">=": operator.ge}


def reference(directory):
    sys.path.insert(0, directory)
    import rules
    return rules


# --- the reference's trees


def holds(e, row):
    kind = e[0]
    if kind == "and":
        return all(holds(x, row) for x in e[1:])
    if kind == "or":
        return any(holds(x, row) for x in e[1:])
    cell = row[e[1]]
    if kind in ("true", "false"):
        return cell == kind
    if kind == "null":
        return cell == ""
    if cell == "":
        return False
    return OPS[e[2]](int(cell) if isinstance(e[3], int) else cell, e[3])


def expression(e):
    kind = e[0]
    if kind in ("and", "or"):
        return "(" + f" {kind} ".join(expression(x) for x in e[1:]) + ")"
    if kind in ("true", "null"):
        return f".{e[1]}" + (" == null" if kind == "null" else "")
    if kind == "false":
        return f"(.{e[1]} | not)"
    return f".{e[1]} {e[2]} {json.dumps(e[3], ensure_ascii=False)}"


def first(rules, row, rest):
    return next((name for name, e in rules if holds(e, row)), rest)


def score(ref, row):
    points = sum(p for p, e in ref.SCORE if holds(e, row))
    return points, next((b for least, b in ref.BANDS if points >= least), "D")


# The stages of the reference are not in its rules; a stage counts those who
# reached all before it.
STAGES = [
    lambda row: row["trial_started_at"] != "",
    lambda row: row["product_count"] != "" and int(row["product_count"]) >= 1,
    lambda row: row["contract_at"] != "",
    lambda row: row["monthly_sales"] != "" and int(row["monthly_sales"]) >= 1,
    lambda row: row["cancelled_at"] == "" and row["max_pv"] != "" and
    int(row["max_pv"]) >= 1000,
]


def reached(row):
    n = 0
    while n < len(STAGES) and STAGES[n](row):
        n += 1
    return n


# --- answers


def write_csv(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows(rows)


def typed(ref, name, cell):
    if cell == "":
        return None
    kind = ref.TYP[name]
    return cell == "true" if kind == "b" else int(cell) if kind == "n" else cell


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answers(ref, path, out):
    with open(path, encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    head = list(rows[0])
    some = ["id", "shop_name", "plan", "max_pv", "monthly_sales"]
    write_csv(f"{out}/J1", [some, *([r[c] for c in some] for r in rows)])
    scored = [(r, *score(ref, r)) for r in rows]
    write_csv(f"{out}/J2", [[*head, "score", "band"],
                            *([*r.values(), s, b] for r, s, b in scored)])
    segment = [first(ref.SEGMENT, r, ref.ELSE) for r in rows]
    write_csv(f"{out}/J3A", [[*head, "segment"],
                             *([*r.values(), s] for r, s in
                               zip(rows, segment))])
    names = [n for n, _ in ref.SEGMENT] + [ref.ELSE]
    write_csv(f"{out}/J3", [[n, segment.count(n)] for n in names])
    table = {}
    for r in rows:
        counts = table.setdefault(r["opened_at"][:7], [0] * (len(STAGES) + 1))
        for i in range(reached(r) + 1):
            counts[i] += 1
    write_csv(f"{out}/J5", [[m, *table[m]] for m in sorted(table)])
    write_csv(f"{out}/J9", [["id", "segment"],
                            *([r["id"], first(ref.MAIL, r, "M000")]
                              for r in rows)])
    with open(f"{out}/J7", "w", encoding="utf-8") as f:
        for r, s, b in scored:
            one = {c: typed(ref, c, r[c]) for c in head}
            f.write(compact({**one, "score": s, "band": b}) + "\n")


def mail_rules(ref, path):
    with open(path, "w", encoding="utf-8") as f:
        for name, e in ref.MAIL:
            f.write(f"Segment: {name}\nWhen: {expression(e)}\n\n")
        f.write("Segment: M000\nWhen: true\n")


# --- csops's answers in the form of the reference


def raw_records(lines):
    """The bytes of each record: quotes stand in pairs at its end."""
    held = ""
    for line in lines:
        held += line
        if held.count('"') % 2 == 0:
            yield held
            held = ""
    if held:
        yield held


def without_coverage(lines):
    for n, record in enumerate(raw_records(lines)):
        record = record[:record.rindex(",")] + "\n"
        yield record.replace(",score_band\n", ",band\n") if n == 0 else record


def with_names(ref, lines):
    """s01 of bench/rules is the reference's s01_..., in its order."""
    names = {n[:3]: n for n, _ in [*ref.SEGMENT, (ref.ELSE, None)]}
    for n, record in enumerate(raw_records(lines)):
        at = record.rindex(",") + 1
        yield record if n == 0 else record[:at] + names[record[at:-1]] + "\n"


def count_table(ref, lines):
    names = {n[:3]: n for n, _ in [*ref.SEGMENT, (ref.ELSE, None)]}
    for name, count, _ in list(csv.reader(lines))[1:]:
        if name or count != "0":
            yield f"{names.get(name, name)},{count}\n"


def month_table(lines):
    rows = csv.reader(lines)
    at = next(rows).index("reached")
    table = {}
    for row in rows:
        table.setdefault(row[0], []).append(row[at])
    for month in sorted(table):
        yield ",".join([month, *table[month]]) + "\n"


COVERAGE = re.compile(r'"score_band":("."),"score_coverage":[0-9.]+}\n$')


def objects(lines):
    for line in lines:
        yield COVERAGE.sub(r'"band":\1}' + "\n", line)


def plain(job, directory):
    lines = sys.stdin
    out = {
        "J2": lambda: without_coverage(lines),
        "J3": lambda: count_table(reference(directory), lines),
        "J3A": lambda: with_names(reference(directory), lines),
        "J5": lambda: month_table(lines),
        "J7": lambda: objects(lines),
    }.get(job, lambda: lines)()
    sys.stdout.writelines(out)


def main():
    what, directory, *rest = sys.argv[1:]
    if what == "rules":
        mail_rules(reference(directory), f"{rest[0]}/mails.rules")
    elif what == "answers":
        answers(reference(directory), *rest)
    else:
        plain(rest[0], directory)


main()
