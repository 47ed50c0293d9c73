"""The bench's rule files in the languages of the peers: one source of rules.

Reads the stanzas of bench/rules and the part of the expression language that
they use, and prints conditions for awk, Miller, jq and SQL. A comparison with
an empty cell is no there, as an unknown condition is in csops.
"""
import re

# n: number, b: true or false (never empty), t: text
COLUMNS = {
    "id": "t", "shop_name": "t", "plan": "t", "contract_status": "t",
    "opened_at": "t", "trial_started_at": "t", "contract_at": "t",
    "cancelled_at": "t", "product_count": "n", "has_logo": "b",
    "has_free_page": "b", "max_pv": "n", "monthly_sales": "n",
    "login_count_30d": "n", "last_login_at": "t", "nps": "n", "email": "t",
    "phone": "t", "prefecture": "t", "sns_count": "n", "seo_set": "b",
    "mail_opt_out": "b", "mrr": "n", "tenure_months": "n",
}
FIELD = {name: i + 1 for i, name in enumerate(COLUMNS)}


def stanzas(path):
    """[(kind, name, {key: value})] in file order."""
    out = []
    for block in open(path, encoding="utf-8").read().split("\n\n"):
        pairs = [line.split(": ", 1) for line in block.splitlines()
                 if line and not line.startswith("#")]
        if pairs:
            out.append((*pairs[0], dict(pairs[1:])))
    return out


# --- conditions: ("and", [..]) ("or", [..]) ("true",) ("yes", col) ("no", col)
# ("empty", col) ("filled", col) ("cmp", col, op, value)

TOKEN = re.compile(r'\s*("[^"]*"|-?\d+|\.\w+|\w+|[<>=!]=|[<>()|])')


class Parser:
    def __init__(self, text):
        self.tokens = TOKEN.findall(text)
        if "".join(self.tokens) != re.sub(r"\s", "", text):
            raise ValueError(f"not in this dialect: {text}")

    def take(self, *wanted):
        if self.tokens and (not wanted or self.tokens[0] in wanted):
            return self.tokens.pop(0)
        return None

    def chain(self, word, part):
        terms = [part()]
        while self.take(word):
            terms.append(part())
        return terms[0] if len(terms) == 1 else (word, terms)

    def either(self):
        return self.chain("or", lambda: self.chain("and", self.term))

    def term(self):
        if self.take("("):
            e = self.either()
            if self.take("|"):
                if not self.take("not") or e[0] != "yes":
                    raise ValueError("only a column can be negated here")
                e = ("no", e[1])
            if not self.take(")"):
                raise ValueError("missing )")
            return e
        if self.take("true"):
            return ("true",)
        column = self.take()[1:]
        op = self.take("==", "!=", "<", "<=", ">", ">=")
        if not op:
            return ("yes", column)
        value = self.take()
        if value == "null":
            return ("empty" if op == "==" else "filled", column)
        return ("cmp", column, op,
                value[1:-1] if value[0] == '"' else int(value))


def parse(text):
    p = Parser(text)
    e = p.either()
    if p.tokens:
        raise ValueError(f"left over in {text}: {p.tokens}")
    return e


class Printer:
    """One language: its words, and how a test of a column looks."""
    words = {"and": " && ", "or": " || "}
    true = "1"

    def show(self, e):
        if e[0] in ("and", "or"):
            return "(" + self.words[e[0]].join(map(self.show, e[1])) + ")"
        if e[0] == "true":
            return self.true
        return self.test(self.column(e[1]), COLUMNS[e[1]], *e[:1], *e[2:])

    def condition(self, text):
        return self.show(parse(text))

    def column(self, name):
        raise NotImplementedError

    def test(self, c, kind, what, op=None, value=None):
        raise NotImplementedError


class Awk(Printer):
    def column(self, name):
        return f"f[{FIELD[name]}]"

    def test(self, c, kind, what, op=None, value=None):
        if what in ("yes", "no"):
            return f'{c} == "{"true" if what == "yes" else "false"}"'
        if what != "cmp":
            return f'{c} {"==" if what == "empty" else "!="} ""'
        if kind == "n":
            return f'({c} != "" && {c} + 0 {op} {value})'
        if op == "==":
            return f'{c} == "{value}"'
        return f'({c} != "" && {c} {op} "{value}")'


class Miller(Printer):
    true = "true"

    def column(self, name):
        return f"${name}"

    def test(self, c, kind, what, op=None, value=None):
        if what in ("yes", "no"):
            return f'{c} == "{"true" if what == "yes" else "false"}"'
        if what != "cmp":
            return f'is_{"" if what == "empty" else "not_"}empty({c})'
        value = f'"{value}"' if kind == "t" else value
        return f"(is_not_empty({c}) && {c} {op} {value})"


class MillerJson(Miller):
    """JSON's own booleans; null is over every number, even behind
    is_not_empty, so its type is asked."""

    def test(self, c, kind, what, op=None, value=None):
        if what in ("yes", "no"):
            return c if what == "yes" else f"!{c}"
        if what != "cmp":
            return super().test(c, kind, what)
        if kind == "n":
            return f"(is_numeric({c}) && {c} {op} {value})"
        return f'(is_string({c}) && {c} {op} "{value}")'


class Jq(Printer):
    words = {"and": " and ", "or": " or "}
    true = "true"

    def column(self, name):
        return f".{name}"

    def test(self, c, kind, what, op=None, value=None):
        if what in ("yes", "no"):
            return c if what == "yes" else f"({c} | not)"
        if what != "cmp":
            return f'{c} {"==" if what == "empty" else "!="} null'
        value = f'"{value}"' if kind == "t" else value
        return f"({c} != null and {c} {op} {value})"


class Sql(Printer):
    """DuckDB and Polars: typed columns, empty is NULL."""
    words = {"and": " AND ", "or": " OR "}
    true = "1 = 1"

    def column(self, name):
        return name

    def test(self, c, kind, what, op=None, value=None):
        if what in ("yes", "no"):
            return c if what == "yes" else f"NOT {c}"
        if what != "cmp":
            return f'{c} IS {"" if what == "empty" else "NOT "}NULL'
        value = f"'{value}'" if kind == "t" else value
        return f'{c} {op.replace("==", "=")} {value}'


class Sqlite(Sql):
    """Imported text: empty is '', and '' is over every number."""

    def test(self, c, kind, what, op=None, value=None):
        if what in ("yes", "no"):
            return f"{c} = '{'true' if what == 'yes' else 'false'}'"
        if what != "cmp":
            return f"{c} {'=' if what == 'empty' else '<>'} ''"
        return super().test(f"nullif({c}, '')", kind, what, op, value)


# --- whole programs

def score_of(path):
    """[(points, condition)], [(from or None, band)]"""
    all_of = stanzas(path)
    return ([(int(k["Points"]), k["When"]) for kind, _, k in all_of
             if kind == "Rule"],
            [(k.get("From"), name) for kind, name, k in all_of
             if kind == "Band"])


def names_of(path, kind="Segment"):
    """[(name, condition)]; the last one takes the rest."""
    return [(name, k["When"]) for what, name, k in stanzas(path)
            if what == kind]


def sql_score(printer, path):
    """score and band as columns around {from}"""
    rules, bands = score_of(path)
    total = " + ".join(f"(CASE WHEN {printer.condition(c)} THEN {p} ELSE 0 END)"
                       for p, c in rules)
    band = " ".join(f"WHEN score >= {least} THEN '{name}'"
                    for least, name in bands if least)
    return (f"SELECT *, CASE {band} ELSE '{bands[-1][1]}' END AS band FROM "
            f"(SELECT *, {total} AS score FROM {{0}})")


def sql_name(printer, path):
    rules = names_of(path)
    return ("CASE " + " ".join(f"WHEN {printer.condition(c)} THEN '{n}'"
                               for n, c in rules[:-1]) +
            f" ELSE '{rules[-1][0]}' END")


def stage_conditions(path):
    """The conditions of the stages after the first, all that come before."""
    seen, out = [], []
    for _, condition in names_of(path, "Stage")[1:]:
        seen.append(parse(condition))
        out.append(("and", list(seen)))
    return out


def sql_stages(printer, path):
    counts = ", ".join(
        f"sum(CASE WHEN {printer.show(c)} THEN 1 ELSE 0 END) AS s{i}"
        for i, c in enumerate(stage_conditions(path), 1))
    return ("SELECT substr(opened_at, 1, 7) AS month, count(*) AS n, "
            f"{counts} FROM {{0}} GROUP BY 1 ORDER BY 1")


AWK_READER = r'''
# A record of RFC 4180: the text between quotes is every second part of it.
function read_record(   n, i, j, k, nf) {
	if (!index(rec = $0, "\"")) {
		split(rec, f, ",")
		return
	}
	while ((n = split(rec, part, "\"")) % 2 == 0) {
		if ((getline line) <= 0)
			break
		rec = rec "\n" line
	}
	f[nf = 1] = ""
	for (i = 1; i <= n; i++)
		if (i % 2 == 0)
			f[nf] = f[nf] part[i]
		else if (part[i] == "" && i > 1 && i < n)
			f[nf] = f[nf] "\""
		else {
			k = split(part[i], cell, ",")
			if (k > 0)
				f[nf] = f[nf] cell[1]
			for (j = 2; j <= k; j++)
				f[++nf] = cell[j]
		}
}
function quoted(s) {
	if (s !~ /[",\n]/)
		return s
	gsub(/"/, "\"\"", s)
	return "\"" s "\""
}
'''


def awk_program(head, body, end="", functions=""):
    return (AWK_READER + functions +
            f"NR == 1 {{ {head}; next }}\n{{\nread_record()\n{body}\n}}\n" +
            (f"END {{ {end} }}\n" if end else ""))


def awk_score(path):
    rules, bands = score_of(path)
    body = "s = 0\n" + "".join(f"if ({Awk().condition(c)}) s += {p}\n"
                               for p, c in rules)
    band = " : ".join(f's >= {least} ? "{name}"' for least, name in bands
                      if least)
    return awk_program('print $0 ",score,band"', body +
                       f'print rec "," s "," ({band} : "{bands[-1][1]}")')


def awk_name(path):
    """function name(): mawk has no room for 119 else-ifs in a row."""
    return "function name() {\n" + "".join(
        f'if ({Awk().condition(c)}) return "{n}"\n'
        for n, c in names_of(path)) + "}\n"


def awk_stages(path):
    body = "m = substr(f[5], 1, 7)\nn[m, 0]++\nmonth[m]\n" + "".join(
        f"if ({Awk().show(c[1][-1])}) {{ n[m, {i}]++\n"
        for i, c in enumerate(stage_conditions(path), 1))
    depth = len(stage_conditions(path))
    return awk_program("", body + "}" * depth, (
        "for (m in month) { line = m; "
        f"for (i = 0; i <= {depth}; i++) line = line \",\" n[m, i] + 0; "
        "print line }"))


def miller_score(path, printer=Miller()):
    rules, bands = score_of(path)
    band = " : ".join(f's >= {least} ? "{name}"' for least, name in bands
                      if least)
    return "num s = 0;\n" + "".join(
        f"if ({printer.condition(c)}) {{s += {p}}}\n" for p, c in rules) + \
        f'$score = s;\n$band = {band} : "{bands[-1][1]}";\n'


def miller_name(path, column="segment"):
    rules = names_of(path)
    return "el".join(f'if ({Miller().condition(c)}) {{${column} = "{n}"}}\n'
                     for n, c in rules[:-1]) + \
        f'else {{${column} = "{rules[-1][0]}"}}\n'


def jq_score(path):
    rules, bands = score_of(path)
    total = " + ".join(f"(if {Jq().condition(c)} then {p} else 0 end)"
                       for p, c in rules)
    band = " elif ".join(f'$s >= {least} then "{name}"'
                         for least, name in bands if least)
    return (f"({total}) as $s | . + "
            f'{{score: $s, band: (if {band} else "{bands[-1][1]}" end)}}')
