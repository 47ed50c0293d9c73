"""The peers' programs, by file name, from the rules in the work directory."""
import dialect as d

TYPES = {"t": "VARCHAR", "n": "BIGINT", "b": "BOOLEAN"}


def duck_table(file):
    columns = ", ".join(f"'{n}': '{TYPES[t]}'" for n, t in d.COLUMNS.items())
    if file.endswith("jsonl"):
        return f"read_ndjson('{file}', columns={{{columns}}})"
    return (f"read_csv('{file}', header=true, auto_detect=false, delim=',', "
            f"quote='\"', escape='\"', columns={{{columns}}})")


def copy(query, how="csv, HEADER"):
    return f"COPY ({query}) TO '/dev/stdout' (FORMAT {how})"


SQLITE_TABLE = (
    ".bail on\nCREATE TABLE data(" + ", ".join(
        f"{n} {'INTEGER' if t == 'n' else 'TEXT'}"
        for n, t in d.COLUMNS.items()) +
    ");\n.mode csv\n.separator , \\n\n.import --skip 1 customers.csv data\n"
    ".headers on\n")


def awk(work, select):
    cells = ' "," '.join(f"quoted(f[{d.FIELD[c]}])" if c == "shop_name"
                         else f"f[{d.FIELD[c]}]" for c in select)
    segments = d.awk_name(f"{work}/segments.rules")
    count = 'for (s in n) print s "," n[s]'
    return {
        "J1.awk": d.awk_program(f'print "{",".join(select)}"',
                                f"print {cells}"),
        "J2.awk": d.awk_score(f"{work}/score.rules"),
        "J3.awk": d.awk_program("", "n[name()]++", count, segments),
        "J3A.awk": d.awk_program('print $0 ",segment"',
                                 'print rec "," name()', "", segments),
        "J4.awk": d.awk_program("", f"n[f[{len(d.COLUMNS) + 3}]]++", count),
        "J5.awk": d.awk_stages(f"{work}/growth.stages"),
        "J9.awk": d.awk_program('print "id,segment"', 'print f[1] "," name()',
                                "", d.awk_name(f"{work}/mails.rules")),
    }


def sql(work, select):
    """The queries around {0}, the table, for a printer of conditions."""
    def of(printer):
        name = d.sql_name(printer, f"{work}/segments.rules")
        score = d.sql_score(printer, f"{work}/score.rules")
        return {
            "J1": f"SELECT {', '.join(select)} FROM {{0}}",
            "J2": score,
            "J3": f"SELECT segment, count(*) AS n FROM (SELECT {name} AS "
                  "segment FROM {0}) GROUP BY 1 ORDER BY 1",
            "J3A": f"SELECT *, {name} AS segment FROM {{0}}",
            "J4": "SELECT segment, count(*) AS n, sum(score) AS s, "
                  f"max(band) AS b FROM (SELECT *, {name} AS segment FROM "
                  f"({score})) GROUP BY 1 ORDER BY 1",
            "J5": d.sql_stages(printer, f"{work}/growth.stages"),
            "J9": f"SELECT id, {d.sql_name(printer, f'{work}/mails.rules')} "
                  "AS segment FROM {0}",
        }
    return of


def make(work, select):
    out = awk(work, select)
    of = sql(work, select)
    typed, text = of(d.Sql()), of(d.Sqlite())
    for name, query in typed.items():
        out[f"{name}.duck"] = copy(query.format(duck_table("customers.csv")))
        out[f"{name}.polars"] = query.format("data")
    for name in ("J1", "J2"):
        out[f"{name}Q.duck"] = copy(
            typed[name].format(duck_table("quoteall.csv")))
    out["START.duck"] = copy(typed["J2"].format(duck_table("1000.csv")))
    out["J7.duck"] = copy(typed["J2"].format(duck_table("customers.jsonl")),
                          "json")
    for name in ("J1", "J2", "J3", "J5"):
        out[f"{name}.sqlite"] = SQLITE_TABLE + text[name].format("data") + ";\n"
    out["J2.mlr"] = d.miller_score(f"{work}/score.rules")
    out["J3A.mlr"] = d.miller_name(f"{work}/segments.rules")
    out["J9.mlr"] = d.miller_name(f"{work}/mails.rules")
    out["J7.mlr"] = d.miller_score(f"{work}/score.rules", d.MillerJson())
    out["J7.jq"] = d.jq_score(f"{work}/score.rules")
    return out
