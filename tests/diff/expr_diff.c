/* expr_diff: random rules times nasty records, native against libjq
 *
 *	expr_diff [seed=N] [seconds=N] [-v]
 *
 * Many expressions go into one program, because libjq's compile is dear, and
 * many records through it. CS_ENGINE_BOTH compares every value and fault and
 * ends at the first difference. Every few tables the answers of fast are
 * compared with those of ref from outside, too: that goes through what the
 * native engine leaves to libjq for one record. Many operands are outside the
 * native subset, so that leaves stand everywhere in a skeleton. */
#include <stdarg.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "eval.h"
#include "json.h"

enum { EXPRESSIONS = 40, RECORDS = 150, APART = 40, LETS = 3, KEPT = 8 };

static const char *const columns[] = {"n", "m", "t", "u", "b", "d", "e", "x",
    "a b", "\xe6\x9c\x80\xe5\xa4\xa7", "j", "k.l"};
enum { NCOLUMNS = sizeof(columns) / sizeof(*columns) };

struct diff {
	uint64_t state;	       /* of the generator of random numbers */
	struct cs_arena arena; /* one table */
	struct cs_arena rows;  /* one record */
	struct cs_buf b;       /* an expression, or a record */
	bool is_json;
	bool has_lets;
	unsigned depth;
	bool in_items;	/* . is an item */
	bool is_simple; /* a table of columns against constants */
	char *bytes;	/* a record as a splitter leaves it, exactly */
	const char *text[EXPRESSIONS + LETS];
	/* Operands outside the native subset, to be written again. */
	const char *kept[KEPT];
	size_t nkept;
	uint64_t compared, native, all, refused;
	uint64_t leaves, leaf_runs, leaves_idle; /* idle: not asked for */
	bool is_loud;
};

#include "choice.h"
#include "runs.h"

static void CS_PRINTF(2, 3) put(struct diff *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cs_buf_vprintf(&f->b, fmt, ap);
	va_end(ap);
}

/* --- expressions -------------------------------------------------------- */

static void number(struct diff *f);
static void text(struct diff *f);
static void truth(struct diff *f);
static void date(struct diff *f);
static void any_value(struct diff *f);
static void generator(struct diff *f);
static void list(struct diff *f);
static void foreign(struct diff *f, void (*g)(struct diff *));
static void foreign_number(struct diff *f);
static void foreign_text(struct diff *f);
static void foreign_truth(struct diff *f);

static bool
is_deep(struct diff *f)
{
	return f->depth >= 5 || once_in(f, 3);
}

static const char *const numbers[] = {"0", "1", "2", "-1", "3", "10", "0.5",
    "-0", "-0.0", "1e308", "-1e308", "1e-400", "1e309", "123456789012345678",
    "0.1", "1e15", "1e17", "1.7976931348623157e308", "5e-324",
    "9007199254740993", "100", "-2.5", "9223372036854775807", "1e-7",
    "12345678901234567890"};

static const char *const texts[] = {"", "a", "b", "A", "abc", "aBc", "nan",
    "NaN", "null", "true", "12", " 12 ", "007", "+5", "1e5", "x,y", ",",
    "a,b,,c", "\xe6\x9c\x80\xe5\xa4\xa7PV", "\xef\xbc\x91\xef\xbc\x92",
    "\xef\xbd\xb1", "\xf0\x9f\x91\x8d", "\xc3\x84", "e\xcc\x81", "it's",
    "2026-03-01", "2026/03/01", "2026-02-30", "soon", "infinity", "1.50", "[1]",
    "{}", "-", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "vip", ".5", "5.",
    "0x10", "1 2", "-nan", "2026-03-01T00:00:00Z"};

static const char *const dates[] = {"2026-03-31", "2026-02-28", "2024-02-29",
    "2026-01-31", "2025-12-31", "2026-04-30", "2026-02-29", "2026-13-01",
    "0000-01-01", "9999-12-31", "2026-03-30T14:59:59Z", "2026-03-30T15:00:00Z",
    "2026-03-29 02:30", "2026-03-29T01:30:00+01:00", "2026-03-31T23:59:60Z",
    "2026-11-01T05:30:00Z", "2026-03-31T12", "1970-01-01",
    "2026-03-31 00:00:00.5", "2026-3-1", "20260301",
    "2026-03-31T00:00:00-12:00", "1969-12-31T23:59:59Z"};

static void
number_literal(struct diff *f)
{
	const char *z = PICK(f, numbers);

	put(f, z[0] == '-' ? "(%s)" : "%s", z);
}

static void
text_literal(struct diff *f)
{
	const char *z = once_in(f, 5) ? PICK(f, dates) : PICK(f, texts);

	switch (below(f, 12)) {
	case 0:
		put(f, "\"q\\\"\\\\%s\\n\"", z);
		break;
	case 1:
		put(f, "\"\\u0001%s\\t/\\u007f\"", z);
		break;
	default:
		put(f, "\"%s\"", z);
		break;
	}
}

/* A column or what is inside it; mostly of the kind that is asked for. */
static void
path(struct diff *f, const char *kinds)
{
	static const char *const inner[] = {".j.o.k", ".j.a[0]", ".j.a[-1]",
	    ".j.o", ".j.a", ".j[\"a b\"]", ".j.o.n", ".j.s", ".x.y", ".j.o.k?",
	    ".x?.y?", ".j.a[.n]", ".j[.t]", ".j.big", ".j.o.a[1]", ".t.y",
	    ".[\"k.l\"]", ".j.a[9]", ".j.none.none"};
	static const char *const items[] = {
	    ".", ".", ".", ".k", ".n", ".o.k", ".[0]", ".k?", ".t"};
	static const char *const csv_inner[] = {
	    ".k.l", ".x.y", ".t.y?", ".j.k", ".n[0]", ".t[.u]"};

	if (f->in_items)
		put(f, "%s", PICK(f, items));
	else if (once_in(f, 5))
		put(f, "%s", f->is_json ? PICK(f, inner) : PICK(f, csv_inner));
	else if (!once_in(f, 5))
		put(f, ".%c", kinds[below(f, strlen(kinds))]);
	else
		put(f, ".[\"%s\"]", PICK(f, columns));
}

static void
variable(struct diff *f)
{
	static const char *const v[] = {
	    "$today", "$as_of", "$now", "$plan", "$n"};
	size_t n = f->has_lets ? below(f, 5 + 2 * LETS) : below(f, 5);

	if (n < 5)
		put(f, "%s", v[n]);
	else
		put(f, "$let%zu", (n - 5) % LETS);
}

/* How one value is made of others, whatever they are. */
static void
wrapped(struct diff *f, void (*g)(struct diff *))
{
	switch (below(f, 6)) {
	case 0:
		put(f, "(");
		g(f);
		put(f, " // ");
		g(f);
		put(f, ")");
		break;
	case 1:
		put(f, "(if ");
		truth(f);
		put(f, " then ");
		g(f);
		if (once_in(f, 3)) {
			put(f, " elif ");
			truth(f);
			put(f, " then ");
			g(f);
		}
		put(f, " else ");
		g(f);
		put(f, " end)");
		break;
	case 2:
		put(f, "(");
		g(f);
		put(f, ")?");
		break;
	case 3:
		variable(f);
		break;
	case 4:
		put(f, "(");
		any_value(f);
		put(f, " | .)");
		break;
	default:
		any_value(f);
		break;
	}
}

static void
number(struct diff *f)
{
	static const char *const op[] = {"+", "-", "*", "/", "%"};
	static const char *const fn[] = {
	    "floor", "ceil", "round", "sqrt", "fabs", "length", "tonumber"};
	static const char *const day[] = {
	    "days_since", "days_until", "months_since", "weekday"};

	if (is_deep(f)) {
		if (once_in(f, 3))
			number_literal(f);
		else
			path(f, "nmx");
		return;
	}
	f->depth++;
	switch (below(f, 10)) {
	case 9:
		foreign(f, foreign_number);
		break;
	case 0:
	case 1:
		put(f, "(");
		number(f);
		put(f, " %s ", PICK(f, op));
		number(f);
		put(f, ")");
		break;
	case 2:
		put(f, "-(");
		number(f);
		put(f, ")");
		break;
	case 3:
	case 4:
		put(f, "(");
		if (once_in(f, 2))
			number(f);
		else
			text(f);
		put(f, " | %s)", PICK(f, fn));
		break;
	case 5:
		put(f, "%s(", PICK(f, day));
		date(f);
		put(f, ")");
		break;
	case 6:
		put(f, "days_between(");
		date(f);
		put(f, "; ");
		date(f);
		put(f, ")");
		break;
	case 7:
		if (once_in(f, 3)) {
			put(f, "bucket(");
			text(f);
			put(f, "; ");
			any_value(f);
			put(f, ")");
			break;
		}
		/* fall through */
	default:
		wrapped(f, number);
		break;
	}
	f->depth--;
}

static void
text(struct diff *f)
{
	static const char *const fn[] = {
	    "ascii_downcase", "ascii_upcase", "tostring", "nfkc", "type"};
	static const char *const fn2[] = {"ltrimstr", "rtrimstr"};

	if (is_deep(f)) {
		if (once_in(f, 3))
			text_literal(f);
		else
			path(f, "tuxd");
		return;
	}
	f->depth++;
	switch (below(f, 10)) {
	case 9:
		foreign(f, foreign_text);
		break;
	case 0:
		put(f, "(");
		text(f);
		put(f, " + ");
		text(f);
		put(f, ")");
		break;
	case 1:
	case 2:
		put(f, "(");
		if (once_in(f, 4))
			any_value(f);
		else
			text(f);
		put(f, " | %s)", PICK(f, fn));
		break;
	case 3:
		put(f, "(");
		text(f);
		put(f, " | %s(", PICK(f, fn2));
		text(f);
		put(f, "))");
		break;
	case 4:
		put(f, "(");
		text(f);
		put(f, " | split(");
		text(f);
		put(f, ")[%d])", (int)below(f, 4) - 2);
		break;
	case 5:
	case 6:
		put(f, "\"<\\(");
		any_value(f);
		put(f, ")%s\\(", once_in(f, 2) ? "-\\\\" : "");
		text(f);
		put(f, ")\"");
		break;
	default:
		wrapped(f, text);
		break;
	}
	f->depth--;
}

static void
date(struct diff *f)
{
	switch (below(f, 8)) {
	case 0:
		put(f, "\"%s\"", PICK(f, dates));
		break;
	case 1:
		put(f, "$today");
		break;
	case 2:
		if (!is_deep(f)) {
			text(f);
			break;
		}
		/* fall through */
	default:
		path(f, "dddex");
		break;
	}
}

static void
any_value(struct diff *f)
{
	switch (below(f, 6)) {
	case 0:
		number(f);
		break;
	case 1:
		text(f);
		break;
	case 2:
		if (!is_deep(f)) {
			truth(f);
			break;
		}
		/* fall through */
	case 3:
		path(f, "ntbdxj");
		break;
	case 4:
		if (!is_deep(f)) {
			put(f, "(");
			text(f);
			put(f, " | split(");
			text_literal(f);
			put(f, "))");
			break;
		}
		/* fall through */
	default:
		switch (below(f, 6)) {
		case 0:
			put(f, "null");
			break;
		case 1:
			put(f, "true");
			break;
		case 2:
			put(f, "false");
			break;
		default:
			path(f, "nmtubdexj");
			break;
		}
		break;
	}
}

/* Any number of values. */
static void
generator(struct diff *f)
{
	static const char *const g[] = {".j.a[]", ".j[]", ".j.o[]", ".x[]",
	    ".j.a[]?", ".x[]?", ".j.list[].k", ".j.list[] | .n", ".t[]",
	    ".j.a[], .x[]", ".j.list[]", ".j.list[].t?", ".j.list[].a[]",
	    "(.j.a[] | select(. != null))", ".n, .m", ".j.big[]", ".j[.t][]?"};
	static const char *const items[] = {
	    ".[]", ".[]?", ".a[]", ".a[]?", "."};

	if (!f->in_items && once_in(f, 8)) {
		put(f, "(");
		list(f);
		put(f, ")[]");
		return;
	}
	put(f, "%s", f->in_items ? PICK(f, items) : PICK(f, g));
}

/* --- outside the native subset ------------------------------------------ */

static void
of_items(struct diff *f, const char *word, void (*g)(struct diff *))
{
	bool was = f->in_items;

	put(f, " | %s(", word);
	f->in_items = true;
	g(f);
	f->in_items = was;
	put(f, ")");
}

static void
more_list(struct diff *f)
{
	static const char *const fn[] = {"sort", "unique", "reverse", "flatten",
	    "map(.)", "sort_by(.k?)", "group_by(.)", "map(tostring)",
	    "map(select(. != null))", "unique_by(.k?)"};

	if (f->depth >= 6 || once_in(f, 2))
		return;
	f->depth++;
	switch (below(f, 4)) {
	case 0:
		of_items(f, "map", any_value);
		break;
	case 1:
		put(f, " | .[%d:%d]", (int)below(f, 4) - 2,
		    (int)below(f, 5) - 1);
		break;
	default:
		put(f, " | %s", PICK(f, fn));
		break;
	}
	more_list(f);
	f->depth--;
}

/* An array, without brackets around. */
static void
list(struct diff *f)
{
	static const char *const whole[] = {"keys", "to_entries | map(.key)",
	    "[.[]]", "[.]", "[tojson]",
	    "(with_entries(select(.key < \"k\")) | keys)", "[.[\"n\"], .]",
	    "map(.)", "[to_entries[] | .value]"};
	static const char *const plain[] = {"(.j.o | to_entries)",
	    "(.j | keys)", "[.j.a[]?]", "[.x, .n, .m]",
	    "(.t | [scan(\"[ab]\")])", "(.t | [match(\"b\"; \"g\").offset])",
	    "[.j.list[].k]", "[$today, $plan, .d]", "(.j.o | [.[]])"};

	switch (below(f, 6)) {
	case 0:
		put(f, "[");
		any_value(f);
		put(f, ", ");
		any_value(f);
		put(f, "]");
		break;
	case 1:
		put(f, "[");
		generator(f);
		put(f, "]");
		break;
	case 2:
		put(f, "(");
		text(f);
		put(f, " | split(");
		text_literal(f);
		put(f, "))");
		of_items(f, "map", text);
		break;
	case 3:
		put(f, "%s", f->in_items ? "[.]" : PICK(f, whole));
		break;
	case 4:
		put(f, "[{k: ");
		any_value(f);
		put(f, ", n: 1}, {\"k\": ");
		any_value(f);
		put(f, "}]");
		break;
	default:
		put(f, "%s", f->in_items ? "[., 1]" : PICK(f, plain));
		break;
	}
	more_list(f);
}

static void
foreign_number(struct diff *f)
{
	static const char *const fn[] = {"add", "min", "max", "length", "first",
	    "last", "nth(1)", "index(1)", "map(tonumber) | add",
	    "map(select(. != 1))[0]", "max_by(.k?).n", "indices(\"a\")[0]",
	    ".[-1]"};

	list(f);
	put(f, " | %s", PICK(f, fn));
}

static void
foreign_text(struct diff *f)
{
	static const char *const fn[] = {"join(\",\")", "@json", "@csv", "@tsv",
	    "@html", "@uri", "@base64", "@text", "tojson", ".[0]", "first",
	    "map(tostring) | join(\"-\")"};
	static const char *const of_text[] = {".[1:]", ".[:2]", ".[-2:]",
	    "sub(\"[ab]\"; \"<\\(.)>\")", "@html", "@json", "fromjson",
	    "[splits(\",\")][0]", "ascii_downcase | [.]",
	    "capture(\"(?<y>a)\").y", ". as $q | $q + $q", "[., \"z\"] | max",
	    "error", "tojson"};

	if (once_in(f, 2)) {
		list(f);
		put(f, " | %s", PICK(f, fn));
	} else {
		text(f);
		put(f, " | %s", PICK(f, of_text));
	}
}

static void
foreign_truth(struct diff *f)
{
	switch (below(f, 7)) {
	case 0:
		list(f);
		put(f, " | index(");
		any_value(f);
		put(f, ") != null");
		break;
	case 1:
		put(f, "(");
		list(f);
		put(f, ") == (");
		list(f);
		put(f, ")");
		break;
	case 2:
		any_value(f);
		put(f, " as $q | $q == ");
		any_value(f);
		break;
	case 3:
		list(f);
		of_items(f, once_in(f, 2) ? "any" : "all", truth);
		break;
	case 4:
		list(f);
		put(f, " | inside(");
		list(f);
		put(f, ")");
		break;
	case 5:
		put(f, "{a: ");
		truth(f);
		put(f, "} | .a");
		break;
	default:
		list(f);
		put(f, " | .[0] < .[1]");
		break;
	}
}

/* g's operand, or one that was there before: equal leaves are evaluated once.
 */
static void
foreign(struct diff *f, void (*g)(struct diff *))
{
	size_t from;

	put(f, "(");
	from = f->b.n;
	if (!f->in_items && f->nkept > 0 && once_in(f, 4)) {
		put(f, "%s)", f->kept[below(f, f->nkept)]);
		return;
	}
	g(f);
	if (!f->in_items && f->nkept < KEPT)
		f->kept[f->nkept++] = cs_keepz(
		    &f->arena, (struct cs_str){f->b.p + from, f->b.n - from});
	put(f, ")");
}

static void
pattern(struct diff *f)
{
	static const char *const re[] = {"^a", "b+$", "[0-9]{2,}", "a|b", "",
	    "(a+)+$", "^(a+)+$", "\xe6\x9c\x80", ".b", "\\\\d", "^$", "A b",
	    "(?i)ABC", "[^\\\\x00-\\\\x7f]", "\\\\bvip\\\\b", "(?<y>[0-9]{4})",
	    "\\\\p{Hiragana}|\\\\p{Han}", "x*", "$", "^b"};
	static const char *const flags[] = {
	    "i", "x", "g", "n", "s", "p", "l", "m", "ix", "gin", ""};

	put(f, "test(\"%s\"", PICK(f, re));
	if (once_in(f, 2))
		put(f, "; \"%s\"", PICK(f, flags));
	put(f, ")");
}

static void
membership(struct diff *f)
{
	size_t n = 1 + below(f, 4), i, kind = below(f, 4);

	put(f, "(");
	any_value(f);
	if (once_in(f, 5)) {
		put(f, " | in_list(\"won\"))");
		return;
	}
	put(f, " | IN(");
	for (i = 0; i < n; i++) {
		if (i > 0)
			put(f, ", ");
		if (kind == 0 || (kind == 2 && once_in(f, 2)))
			number_literal(f);
		else if (kind == 3 && once_in(f, 3))
			put(f, "%s", once_in(f, 2) ? "null" : "$plan");
		else
			text_literal(f);
	}
	put(f, "))");
}

static void
quantifier(struct diff *f)
{
	bool was = f->in_items;

	put(f, once_in(f, 2) ? "any(" : "all(");
	if (once_in(f, 5)) {
		/* Over the items of what stands before. */
		f->b.n -= 4;
		put(f, "(");
		any_value(f);
		put(f, " | %s", once_in(f, 2) ? "any" : "all");
		if (once_in(f, 3)) {
			put(f, ")");
			return;
		}
		put(f, "(");
		f->in_items = true;
		truth(f);
		f->in_items = was;
		put(f, "))");
		return;
	}
	generator(f);
	put(f, "; ");
	f->in_items = true;
	truth(f);
	f->in_items = was;
	put(f, ")");
}

static void
comparison(struct diff *f)
{
	static const char *const op[] = {"==", "!=", "<", "<=", ">", ">="};
	void (*const kind[])(struct diff *) = {
	    number, text, date, any_value, number, text};
	void (*g)(struct diff *) = PICK(f, kind);

	put(f, "(");
	switch (below(f, 10)) {
	case 0:
		any_value(f);
		put(f, once_in(f, 2) ? " == null" : " != null");
		break;
	case 1:
		any_value(f);
		put(f, " %s ", PICK(f, op));
		any_value(f);
		break;
	case 2:
	case 3:
	case 4:
		path(f, once_in(f, 2) ? "nmx" : "tudx");
		put(f, " %s ", PICK(f, op));
		if (once_in(f, 2))
			number_literal(f);
		else
			text_literal(f);
		break;
	default:
		g(f);
		put(f, " %s ", PICK(f, op));
		g(f);
		break;
	}
	put(f, ")");
}

static void
text_test(struct diff *f)
{
	static const char *const fn[] = {"startswith", "endswith", "contains"};

	put(f, "(");
	if (once_in(f, 6))
		any_value(f);
	else
		text(f);
	put(f, " | ");
	if (once_in(f, 3))
		pattern(f);
	else {
		put(f, "%s(", PICK(f, fn));
		text(f);
		put(f, ")");
	}
	put(f, ")");
}

static void
chain(struct diff *f)
{
	size_t n = 2 + below(f, 4), i;
	const char *op = once_in(f, 2) ? " and " : " or ";

	put(f, "(");
	for (i = 0; i < n; i++) {
		if (i > 0)
			put(f, "%s", op);
		truth(f);
	}
	put(f, ")");
}

static void
truth(struct diff *f)
{
	if (is_deep(f)) {
		if (once_in(f, 2))
			path(f, "bbbx");
		else
			comparison(f);
		return;
	}
	f->depth++;
	switch (below(f, 13)) {
	case 12:
		foreign(f, foreign_truth);
		break;
	case 0:
	case 1:
		chain(f);
		break;
	case 2:
		put(f, "(");
		truth(f);
		put(f, " | not)");
		break;
	case 3:
		membership(f);
		break;
	case 4:
		quantifier(f);
		break;
	case 5:
		text_test(f);
		break;
	case 6:
		put(f, "in_last(");
		date(f);
		put(f, "; ");
		number(f);
		put(f, ")");
		break;
	case 7:
		if (once_in(f, 2))
			put(f, "has(\"%s\")", PICK(f, columns));
		else {
			put(f, "(");
			any_value(f);
			put(f, " | has(");
			text(f);
			put(f, "))");
		}
		break;
	case 8:
		wrapped(f, truth);
		break;
	default:
		comparison(f);
		break;
	}
	f->depth--;
}

/* --- simple conditions -------------------------------------------------- */

/* What expr_native_grid takes: a column against a constant under and, or, not.
 * Many over few columns, with neighbours of each other's constants. */

static const char *const small[] = {"0", "1", "2", "3", "4", "5", "7", "9",
    "10", "11", "0.5", "2.5", "1.0", "-1", "-0", "-0.0", "99999999",
    "100000000", "12345678", "123456789", "1e308", "5e-324", "1e1", "4.999"};

static const char *const words[] = {"a", "ab", "abc", "abcdefgh", "abcdefghi",
    "abcdefghij", "abcdefgh\xe6\x9c\x80", "abcdefgi", "b", "tru", "trueish",
    "falsey", "\xe6\x9c\x80\xe5\xa4\xa7", "A", "z", "~", "x,y", "abd", "-", "",
    "2026", "Zebra", "abcdefg"};

static const char *const days[] = {"2026-03-31", "2026-03-30", "2026-02-28",
    "2025-12-31", "2026-03-31T12:00:00", "2026-03-31 00:00:00", "2026-13-01",
    "2026-04-01", "2024-02-29", "2026-03-01"};

static void
simple_constant(struct diff *f, char column)
{
	const char *z;

	if (once_in(f, 80))
		column = "ntdb"[below(f, 4)];
	if (strchr("nm", column) != NULL) {
		z = PICK(f, small);
		put(f, z[0] == '-' ? "(%s)" : "%s", z);
	} else if (strchr("de", column) != NULL)
		put(f, "\"%s\"", PICK(f, days));
	else if (column == 'b')
		put(f, once_in(f, 2) ? "true" : "false");
	else
		put(f, "\"%s\"", PICK(f, words));
}

static void
simple_subject(struct diff *f, char column)
{
	if (!once_in(f, 8)) {
		put(f, ".%c", column);
		return;
	}
	put(f, "(.%c // ", column);
	simple_constant(f, column);
	put(f, ")");
}

static void
simple_test(struct diff *f)
{
	static const char *const op[] = {
	    "==", "==", "!=", "<", "<=", ">", ">=", ">="};
	char column = "nnnmttudebbx"[below(f, 12)];
	size_t n = 1 + below(f, 4);

	if (f->has_lets && once_in(f, 12))
		put(f, "$let%zu", below(f, LETS));
	else if (once_in(f, 10))
		put(f, ".%c %s null", column, once_in(f, 2) ? "==" : "!=");
	else if (column == 'b' && !once_in(f, 4)) {
		put(f, once_in(f, 8) ? "(false or " : "(");
		simple_subject(f, column);
		put(f, ")");
	} else if (once_in(f, strchr("de", column) ? 40 : 8)) {
		put(f, "(");
		simple_subject(f, column);
		put(f, " | IN(");
		for (; n > 0; n--) {
			simple_constant(f, column);
			put(f, n > 1 ? ", " : "))");
		}
	} else if (once_in(f, 5)) {
		simple_constant(f, column);
		put(f, " %s ", PICK(f, op));
		simple_subject(f, column);
	} else {
		simple_subject(f, column);
		put(f, " %s ", PICK(f, op));
		simple_constant(f, column);
	}
}

static void
simple_truth(struct diff *f)
{
	size_t n = 1 + below(f, once_in(f, 8) ? 6 : 3), i;
	const char *op = once_in(f, 2) ? " and " : " or ";
	bool is_not = once_in(f, 8);

	if (f->depth >= 2 || n == 1) {
		if (once_in(f, 6))
			put(f, "(.b | not)");
		else
			simple_test(f);
		return;
	}
	f->depth++;
	put(f, is_not ? "((" : "(");
	for (i = 0; i < n; i++) {
		if (i > 0)
			put(f, "%s", op);
		simple_truth(f);
	}
	put(f, is_not ? ") | not)" : ")");
	f->depth--;
}

static struct cs_expr *
parsed(struct diff *f, enum cs_role role, const char **z)
{
	struct cs_diags d = {0};
	struct cs_pair pair;
	struct cs_expr *e;

	*z = cs_keepz(&f->arena, cs_buf_get(&f->b));
	pair = cs_expr_pair(cs_str(*z), "-e", &f->arena);
	e = cs_expr_parse(&pair, role, &f->arena, &d);
	if (e == NULL && f->is_loud && f->refused < 20)
		printf("# %s: %s\n", *z, d.v[0].text);
	cs_diags_free(&d);
	return e;
}

/* One that the parser takes: it refuses what can be seen to fail. */
static struct cs_expr *
expression(struct diff *f, enum cs_role *role, const char **z)
{
	struct cs_expr *e;

	for (;;) {
		f->depth = 0;
		f->in_items = false;
		cs_buf_reset(&f->b);
		*role = f->is_simple || once_in(f, 2) ? CS_CONDITION : CS_VALUE;
		if (f->is_simple)
			simple_truth(f);
		else if (*role == CS_CONDITION || once_in(f, 3))
			truth(f);
		else
			any_value(f);
		e = parsed(f, *role, z);
		if (e != NULL)
			return e;
		f->refused++;
	}
}

/* --- records ------------------------------------------------------------ */

static struct cs_str
cell(struct diff *f)
{
	const char *z;

	switch (below(f, 8)) {
	case 0:
		z = "";
		break;
	case 1:
	case 2:
		z = PICK(f, numbers);
		break;
	case 3:
		z = PICK(f, dates);
		break;
	case 4:
		z = once_in(f, 2) ? "true" : "false";
		break;
	case 5:
		return cs_str(
		    cs_arena_printf(&f->rows, "%d", (int)below(f, 40) - 10));
	default:
		z = PICK(f, texts);
		break;
	}
	return cs_keep(&f->rows, cs_str(z));
}

/* What a column of a simple table holds: nearly always its kind. */
static const char *
simple_cell(struct diff *f, size_t col)
{
	switch (columns[col][0]) {
	case 'n':
	case 'm':
		return PICK(f, small);
	case 'b':
		return once_in(f, 2) ? "true" : "false";
	case 'd':
	case 'e':
		return PICK(f, days);
	default:
		return PICK(f, words);
	}
}

static struct cs_str
csv_cell(struct diff *f, size_t col)
{
	if (!f->is_simple || once_in(f, 40))
		return cell(f);
	if (once_in(f, 6))
		return CS_S("");
	return cs_str(simple_cell(f, col));
}

static void
json_text(struct diff *f)
{
	const char *z = once_in(f, 4) ? PICK(f, dates) : PICK(f, texts);

	switch (below(f, 10)) {
	case 0:
		put(f, "\"%s\\u0000%s\"", z, PICK(f, texts));
		break;
	case 1:
		put(f, "\"\\u0041\\\"\\\\\\/%s\\ud83d\\ude00\"", z);
		break;
	case 2:
		put(f, "\"\\u001f\\u007f\\ufffe%s\"", z);
		break;
	default:
		put(f, "\"%s\"", z);
		break;
	}
}

static void json_value(struct diff *f, unsigned depth);

static void
json_list(struct diff *f, unsigned depth)
{
	size_t n = below(f, 5), i;

	put(f, once_in(f, 3) ? "[ " : "[");
	for (i = 0; i < n; i++) {
		if (i > 0)
			put(f, once_in(f, 3) ? " , " : ",");
		json_value(f, depth + 1);
	}
	put(f, "]");
}

static void
json_object(struct diff *f, unsigned depth)
{
	static const char *const key[] = {"k", "n", "o", "a", "t", "a b", "y",
	    "b", "\\u006b", "list", "s", "big", "k\\u0000", "\xe6\x9c\x80"};
	size_t n = below(f, 6), i;

	if (once_in(f, 8))
		n += 12;
	put(f, "{");
	for (i = 0; i < n; i++) {
		if (i > 0)
			put(f, ", ");
		put(f, "\"%s\":", PICK(f, key));
		if (once_in(f, 6))
			put(f, " ");
		json_value(f, depth + 1);
	}
	put(f, "}");
}

static void
json_value(struct diff *f, unsigned depth)
{
	switch (below(f, depth > 3 ? 6 : 9)) {
	case 0:
		put(f, "null");
		break;
	case 1:
		put(f, once_in(f, 2) ? "true" : "false");
		break;
	case 2:
		put(f, "%d", (int)below(f, 20) - 5);
		break;
	case 3:
		put(f, "%s", PICK(f, numbers));
		break;
	case 4:
	case 5:
		json_text(f);
		break;
	case 6:
		json_list(f, depth);
		break;
	default:
		json_object(f, depth);
		break;
	}
}

/* What the paths of the expressions are about. */
static void
json_nested(struct diff *f)
{
	size_t n = below(f, 4), i;

	put(f, "{\"o\":");
	json_object(f, 2);
	put(f, ",\"a\":");
	json_list(f, 2);
	put(f, ",\"list\":[");
	for (i = 0; i < n; i++) {
		if (i > 0)
			put(f, ",");
		json_object(f, 2);
	}
	put(f, "],\"s\":");
	json_text(f);
	put(f, ",\"big\":%s}", PICK(f, numbers));
}

static struct cs_str
json_cell(struct diff *f, size_t col)
{
	const char *z = simple_cell(f, col);

	cs_buf_reset(&f->b);
	if (f->is_simple && !once_in(f, 40)) {
		if (once_in(f, 6))
			put(f, "null");
		else
			put(f, strchr("nmb", columns[col][0]) ? "%s" : "\"%s\"",
			    z);
	} else if (columns[col][0] == 'j' && !once_in(f, 4))
		json_nested(f);
	else if (strchr("nm", columns[col][0]) != NULL && !once_in(f, 4))
		put(f, "%s", PICK(f, numbers));
	else
		json_value(f, 1);
	/* libjq 1.6 loses memory over .list[.list]. */
	if (strchr("nmtu", columns[col][0]) != NULL && f->b.p[0] == '[') {
		cs_buf_reset(&f->b);
		put(f, "null");
	}
	return cs_keep(&f->rows, cs_buf_get(&f->b));
}

/* The cells as a line, some of them quoted, in memory that ends with it. */
static void
as_bytes(struct diff *f, struct cs_rec *r)
{
	uint32_t *end = cs_arena_array(&f->rows, r->n, sizeof(*end));
	bool are_quoted = once_in(f, 4);
	struct cs_buf b = {0};
	size_t i, k;

	for (i = 0; i < r->n; i++) {
		struct cs_str s = r->cell[i];
		/* A quote within a cell is text only behind something else. */
		bool is_quoted =
		    are_quoted || once_in(f, 8) || (s.n > 0 && s.p[0] == '"');

		if (i > 0)
			cs_buf_putc(&b, ',');
		if (is_quoted)
			cs_buf_putc(&b, '"');
		for (k = 0; k < s.n; k++) {
			if (is_quoted && s.p[k] == '"')
				cs_buf_putc(&b, '"');
			cs_buf_putc(&b, s.p[k]);
		}
		if (is_quoted)
			cs_buf_putc(&b, '"');
		end[i] = (uint32_t)b.n;
	}
	free(f->bytes);
	f->bytes = cs_realloc(NULL, b.n, 1);
	memcpy(f->bytes, b.p, b.n);
	r->raw = (struct cs_str){f->bytes, b.n};
	r->base = f->bytes;
	r->end = end;
	r->quote = '"';
	r->cell = r->raw_cell = NULL;
	cs_buf_free(&b);
}

static struct cs_rec
record(struct diff *f, struct cs_header *h, size_t line)
{
	size_t n = cs_header_n(h), i;
	struct cs_rec r = {.head = h,
	    .form = f->is_json ? CS_FORM_JSONL : CS_FORM_CSV,
	    .file = f->is_json ? "json" : "csv",
	    .line = line,
	    .n = n,
	    .arena = &f->rows};

	r.cell = cs_arena_array(&f->rows, n, sizeof(*r.cell));
	r.val = cs_arena_array(&f->rows, n, sizeof(*r.val));
	r.touched = cs_arena_array(&f->rows, n, 1);
	for (i = 0; i < n; i++) {
		if (i >= NCOLUMNS || (f->is_json && once_in(f, 6)))
			continue; /* a member that is not there */
		r.cell[i] = f->is_json ? json_cell(f, i) : csv_cell(f, i);
		if (!f->is_json && once_in(f, 5) && i != 4)
			r.cell[i] = csv_cell(f, i);
	}
	r.raw_cell = r.cell;
	if (!f->is_json && !once_in(f, 4))
		as_bytes(f, &r);
	return r;
}

static void
show(const struct cs_rec *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		printf("# %.*s = %.*s\n", CS_ARG(cs_header_name(r->head, i)),
		    CS_ARG(cs_rec_cell(r, i)));
}

/* --- tables ------------------------------------------------------------- */

struct table {
	struct cs_eval_conf conf;
	struct cs_as_of as_of;
	struct cs_arg arg[2];
	struct cs_list list;
	struct cs_let let[LETS];
	struct cs_header head;
	const struct cs_expr *e[EXPRESSIONS];
	enum cs_role role[EXPRESSIONS];
};

static void
fill(struct diff *f, struct table *t)
{
	static const char *const as_of[] = {"2026-03-31", "2026-02-28",
	    "2024-02-29", "2026-03-29T01:30:00Z", "2026-11-01T06:00:00Z",
	    "2026-03-31T23:59:59+09:00"};
	static const char *const zone[] = {"Asia/Tokyo", "UTC", "Europe/Berlin",
	    "America/New_York", "Pacific/Kiritimati"};
	static const enum cs_type type[] = {CS_TYPE_ANY, CS_TYPE_ANY,
	    CS_TYPE_TEXT, CS_TYPE_NUMBER, CS_TYPE_BOOLEAN, CS_TYPE_DATE};
	static const char *const won[] = {"1", "7", "abc", "1.50", "true", "a"};
	struct cs_err err;
	enum cs_role role;
	bool is_typed;
	size_t i;

	*t = (struct table){.head.is_open = f->is_json};
	f->nkept = 0;
	if (!cs_zone_set(PICK(f, zone), &err) ||
	    !cs_as_of_set(&t->as_of, "2026-03-31T12:00:00Z", &err))
		abort();
	if (once_in(f, 2)) {
		t->as_of.has_time = true;
		cs_as_of_set(&t->as_of, as_of[3 + below(f, 3)], &err);
	}
	for (i = 0; i < NCOLUMNS; i++)
		cs_header_add(&t->head, cs_str(columns[i]));
	/* With fixed types operands may change places. */
	is_typed = once_in(f, 2);
	for (i = 0; is_typed && i < NCOLUMNS; i++)
		cs_header_set_type(&t->head, i, PICK(f, type));
	t->conf.no_short = f->is_simple && once_in(f, 6);
	for (i = 0; i < sizeof(won) / sizeof(*won); i++)
		cs_set_add(&t->list.set, cs_str(won[i]), NULL);
	t->list.name = CS_S("won");
	t->arg[0] = (struct cs_arg){CS_S("plan"), cs_str(PICK(f, texts))};
	t->arg[1] = (struct cs_arg){CS_S("n"), cs_str(PICK(f, numbers))};
	f->has_lets = false;
	for (i = 0; i < LETS; i++) {
		t->let[i].name =
		    cs_str(cs_arena_printf(&f->arena, "let%zu", i));
		t->let[i].expr =
		    expression(f, &role, &f->text[EXPRESSIONS + i]);
		f->has_lets = i == LETS - 1;
	}
	for (i = 0; i < EXPRESSIONS; i++)
		t->e[i] = expression(f, &t->role[i], &f->text[i]);
	t->conf = (struct cs_eval_conf){.no_short = t->conf.no_short,
	    .as_of = &t->as_of,
	    .args = t->arg,
	    .nargs = 2,
	    .lists = &t->list,
	    .nlists = 1,
	    .lets = t->let,
	    .nlets = LETS};
}

static struct cs_eval *
evaluator(struct diff *f, struct table *t, enum cs_engine engine,
    struct cs_eval_conf *conf)
{
	struct cs_eval *ev;
	struct cs_diags d = {0};
	struct cs_err err = {0};
	size_t i;

	*conf = t->conf;
	conf->engine = engine;
	ev = cs_eval_new(conf);
	for (i = 0; i < EXPRESSIONS; i++)
		cs_eval_add(ev, t->e[i], t->role[i], f->text[i]);
	if (!cs_eval_compile(ev, &t->head, &d, &err)) {
		ok(false, "compile: %s%s", err.text, d.n ? d.v[0].text : "");
		cs_eval_free(ev);
		ev = NULL;
	}
	cs_diags_free(&d);
	return ev;
}

static bool
told(struct diff *f, const struct cs_rec *r, const char *text)
{
	size_t i;

	ok(false, "the same answers");
	printf("# %s\n", text);
	show(r);
	for (i = 0; i < LETS; i++)
		printf("# $let%zu: %s\n", i, f->text[EXPRESSIONS + i]);
	return false;
}

static void
count_leaves(struct diff *f, const struct cs_eval *ev, size_t records)
{
	uint64_t runs, most;

	if (ev == NULL)
		return;
	runs = cs_eval_leaf_work(ev).runs;
	most = (uint64_t)cs_eval_leaves(ev) * records;
	f->leaves += cs_eval_leaves(ev);
	f->leaf_runs += runs;
	f->leaves_idle += most - runs;
}

static bool
both(struct diff *f, struct table *t)
{
	struct cs_eval_conf conf;
	struct cs_eval *ev = evaluator(f, t, CS_ENGINE_BOTH, &conf);
	struct cs_err err = {0};
	bool is_good = ev != NULL;
	size_t i;

	for (i = 0; is_good && i < EXPRESSIONS; i++)
		f->native += cs_eval_is_native(ev, i);
	f->all += EXPRESSIONS;
	for (i = 0; is_good && i < RECORDS; i++) {
		struct cs_rec r;

		cs_arena_reset(&f->rows);
		r = record(f, &t->head, i + 1);
		is_good = cs_eval_run(ev, &r, &err) || told(f, &r, err.text);
	}
	if (ev != NULL)
		f->compared += cs_eval_compared(ev);
	count_leaves(f, ev, i);
	cs_eval_free(ev);
	return is_good;
}

static void
put_answer(struct cs_buf *b, const struct cs_eval *ev, size_t i)
{
	const struct cs_eval_fault *v;
	size_t n, k;

	cs_val_put_json(b, cs_eval_get(ev, i));
	n = cs_eval_faults(ev, i, &v);
	for (k = 0; k < n; k++) {
		cs_buf_printf(b, " | %zu:%zu ", v[k].at ? v[k].at->at.line : 0,
		    v[k].at ? v[k].at->at.col : 0);
		cs_buf_str(b, v[k].text);
	}
}

/* cs_eval_ask and cs_eval_next against cs_eval_get. */
static bool
is_asked_well(struct diff *f, struct table *t, struct cs_eval *ev)
{
	const struct cs_eval_fault *v;
	size_t from = below(f, EXPRESSIONS), end = EXPRESSIONS - below(f, 3), k;
	size_t next = cs_eval_next(ev, from, end);
	bool is_calm = true;

	for (k = 0; k < EXPRESSIONS; k++) {
		enum cs_answer a = CS_UNKNOWN, b = CS_UNKNOWN;
		struct cs_val x;

		if (t->role[k] != CS_CONDITION)
			continue;
		a = cs_eval_ask(ev, k);
		is_calm = is_calm && cs_eval_is_calm(ev);
		x = cs_eval_get(ev, k);
		if (x.kind == CS_BOOL)
			b = x.yes ? CS_YES : CS_NO;
		if (a != b)
			return false;
		if (k >= from && k < next && k < end &&
		    (a != CS_NO || cs_eval_faults(ev, k, &v) > 0))
			return false;
	}
	for (k = 0; is_calm && k < EXPRESSIONS; k++)
		if (t->role[k] == CS_CONDITION && cs_eval_faults(ev, k, &v) > 0)
			return false;
	return next <= (from < end ? end : from);
}

/* fast and ref, asked like a command asks. */
static bool
apart(struct diff *f, struct table *t)
{
	struct cs_eval_conf conf[2];
	struct cs_eval *fast = evaluator(f, t, CS_ENGINE_FAST, &conf[0]);
	struct cs_eval *ref = evaluator(f, t, CS_ENGINE_REF, &conf[1]);
	bool is_good = fast != NULL && ref != NULL;
	struct cs_buf a = {0}, b = {0};
	struct cs_err err = {0};
	size_t i, k, n, at;

	for (i = 0; is_good && i < (f->is_simple ? RECORDS : APART); i++) {
		struct cs_rec r;

		cs_arena_reset(&f->rows);
		r = record(f, &t->head, i + 1);
		is_good =
		    cs_eval_run(fast, &r, &err) && cs_eval_run(ref, &r, &err);
		if (is_good && once_in(f, 2) && !is_asked_well(f, t, fast))
			is_good = told(f, &r, "ask and get");
		at = below(f, EXPRESSIONS);
		for (n = EXPRESSIONS; is_good && n-- > 0;) {
			k = (at + n * 7) % EXPRESSIONS;
			cs_buf_reset(&a);
			cs_buf_reset(&b);
			put_answer(&a, fast, k);
			put_answer(&b, ref, k);
			f->compared++;
			if (!cs_str_eq(cs_buf_get(&a), cs_buf_get(&b))) {
				printf("# %s\n# fast %s\n# ref  %s\n",
				    f->text[k], cs_buf_z(&a), cs_buf_z(&b));
				is_good = told(f, &r, "fast and ref");
			}
		}
	}
	cs_buf_free(&a);
	cs_buf_free(&b);
	count_leaves(f, fast, i);
	cs_eval_free(fast);
	cs_eval_free(ref);
	return is_good;
}

static bool
one_table(struct diff *f, size_t number)
{
	struct table *t = cs_calloc(1, sizeof(*t));
	bool is_good;

	f->is_simple = number % 4 == 1;
	f->is_json = number % 3 != 0 && !(f->is_simple && number % 3 == 1);
	cs_arena_reset(&f->arena);
	fill(f, t);
	if (f->is_simple ? number % 8 == 1 : number % 10 == 7)
		is_good = apart(f, t);
	else
		is_good = both(f, t);
	cs_header_free(&t->head);
	cs_set_free(&t->list.set);
	free(t);
	return is_good;
}

int
main(int argc, char **argv)
{
	struct diff *f = cs_calloc(1, sizeof(*f));
	struct runs run = {.seed = 1, .seconds = 5};
	double end;
	size_t tables = 0, bad = 0, most_bad = 1;
	int i;

	for (i = 1; i < argc; i++)
		if (strncmp(argv[i], "faults=", 7) == 0)
			most_bad = strtoull(argv[i] + 7, NULL, 10);
		else if (!runs_take(&run, argv[i])) {
			fputs("usage: expr_diff [seed=N] [seconds=N] "
			      "[faults=N] [-v]\n",
			    stderr);
			return 2;
		}
	f->is_loud = run.is_loud;
	printf("# seed=%llu\n", run.seed);
	end = seconds_now() + run.seconds;
	do {
		/* A seed of its own for each table, so that one that fails can
		 * be had again without those before it. */
		f->state = run.seed + tables;
		if (!one_table(f, tables)) {
			printf("# table %zu of seed=%llu\n", tables, run.seed);
			bad++;
		}
		tables++;
	} while (seconds_now() < end && bad < most_bad);
	ok(bad == 0,
	    "%llu answers compared over %zu tables, %llu of %llu expressions "
	    "native",
	    (unsigned long long)f->compared, tables,
	    (unsigned long long)f->native, (unsigned long long)f->all);
	printf("# %llu leaves: evaluated %llu times, not needed %llu times\n",
	    (unsigned long long)f->leaves, (unsigned long long)f->leaf_runs,
	    (unsigned long long)f->leaves_idle);
	if (f->is_loud)
		printf("# %llu refused by the parser\n",
		    (unsigned long long)f->refused);
	free(f->bytes);
	cs_buf_free(&f->b);
	cs_arena_free(&f->arena);
	cs_arena_free(&f->rows);
	free(f);
	i = done();
	fflush(stdout); /* before a sanitizer ends the process */
	return i;
}
