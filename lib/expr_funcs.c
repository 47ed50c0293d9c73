#include "expr_int.h"

/* The allow list of RULES (Names). Sorted by name, then arity. */

#define B CS_GIVES_BOOL
#define N CS_GIVES_NUMBER
#define T CS_GIVES_TEXT
#define A CS_GIVES_ARRAY
#define O CS_GIVES_OBJECT
#define NIL CS_GIVES_NULL
#define ANY CS_GIVES_ANY

/* native, plain, args, reads, many, gives */
#define NATIVE true, false
#define NATIVE_PLAIN true, true
#define PLAIN false, true

static const struct cs_func funcs[] = {
    {"IN", 1, NATIVE, "g", true, false, B | NIL},
    {"add", 0, PLAIN, "", true, false, ANY},
    {"all", 0, NATIVE, "", true, false, B | NIL},
    {"all", 1, NATIVE, "C", true, false, B | NIL},
    {"all", 2, NATIVE, "gC", false, false, B | NIL},
    {"any", 0, NATIVE, "", true, false, B | NIL},
    {"any", 1, NATIVE, "C", true, false, B | NIL},
    {"any", 2, NATIVE, "gC", false, false, B | NIL},
    {"ascii", 0, PLAIN, "", true, false, T},
    {"ascii_downcase", 0, NATIVE, "", true, false, T | NIL},
    {"ascii_upcase", 0, NATIVE, "", true, false, T | NIL},
    {"bucket", 2, NATIVE, "vv", false, false, N | NIL},
    {"capture", 1, PLAIN, "v", true, false, O},
    {"capture", 2, PLAIN, "vv", true, true, O},
    {"ceil", 0, NATIVE, "", true, false, N | NIL},
    {"contains", 1, NATIVE, "v", true, false, B | NIL},
    {"days_between", 2, NATIVE, "vv", false, false, N | NIL},
    {"days_since", 1, NATIVE, "v", false, false, N | NIL},
    {"days_until", 1, NATIVE, "v", false, false, N | NIL},
    {"endswith", 1, NATIVE, "v", true, false, B | NIL},
    {"error", 0, PLAIN, "", true, false, NIL},
    {"error", 1, PLAIN, "v", false, false, NIL},
    {"fabs", 0, NATIVE, "", true, false, N | NIL},
    {"first", 0, PLAIN, "", true, false, ANY},
    {"first", 1, PLAIN, "g", false, false, ANY},
    {"flatten", 0, PLAIN, "", true, false, A},
    {"flatten", 1, PLAIN, "v", true, false, A},
    {"floor", 0, NATIVE, "", true, false, N | NIL},
    {"from_entries", 0, PLAIN, "", true, false, O},
    {"fromjson", 0, PLAIN, "", true, false, ANY},
    {"group_by", 1, PLAIN, "F", true, false, A},
    {"has", 1, NATIVE_PLAIN, "v", true, false, B | NIL},
    {"in_last", 2, NATIVE, "vv", false, false, B | NIL},
    {"in_list", 1, NATIVE, "v", true, false, B | NIL},
    {"index", 1, PLAIN, "v", true, false, N | NIL},
    {"indices", 1, PLAIN, "v", true, false, A | NIL},
    {"inside", 1, PLAIN, "v", true, false, B},
    {"join", 1, PLAIN, "v", true, false, T},
    {"keys", 0, PLAIN, "", true, false, A},
    {"last", 0, PLAIN, "", true, false, ANY},
    {"last", 1, PLAIN, "g", false, false, ANY},
    {"length", 0, NATIVE, "", true, false, N | NIL},
    {"ltrimstr", 1, NATIVE, "v", true, false, ANY},
    {"map", 1, PLAIN, "F", true, false, A},
    {"map_values", 1, PLAIN, "F", true, false, A | O},
    {"match", 1, PLAIN, "v", true, true, O},
    {"match", 2, PLAIN, "vv", true, true, O},
    {"max", 0, PLAIN, "", true, false, ANY},
    {"max_by", 1, PLAIN, "F", true, false, ANY},
    {"min", 0, PLAIN, "", true, false, ANY},
    {"min_by", 1, PLAIN, "F", true, false, ANY},
    {"months_since", 1, NATIVE, "v", false, false, N | NIL},
    {"nfkc", 0, NATIVE, "", true, false, T | NIL},
    {"not", 0, NATIVE, "", true, false, B | NIL},
    {"nth", 1, PLAIN, "v", true, false, ANY},
    {"nth", 2, PLAIN, "vg", false, false, ANY},
    {"reverse", 0, PLAIN, "", true, false, A},
    {"round", 0, NATIVE, "", true, false, N | NIL},
    {"rtrimstr", 1, NATIVE, "v", true, false, ANY},
    {"scan", 1, PLAIN, "v", true, true, T | A},
    {"select", 1, PLAIN, "s", true, false, ANY},
    {"sort", 0, PLAIN, "", true, false, A},
    {"sort_by", 1, PLAIN, "F", true, false, A},
    {"split", 1, NATIVE, "v", true, false, A | NIL},
    {"splits", 1, PLAIN, "v", true, true, T},
    {"splits", 2, PLAIN, "vv", true, true, T},
    {"sqrt", 0, NATIVE, "", true, false, N | NIL},
    {"startswith", 1, NATIVE, "v", true, false, B | NIL},
    {"sub", 2, PLAIN, "pF", true, false, T},
    {"sub", 3, PLAIN, "pFv", true, false, T},
    {"test", 1, NATIVE, "v", true, false, B | NIL},
    {"test", 2, NATIVE, "vv", true, false, B | NIL},
    {"to_entries", 0, PLAIN, "", true, false, A},
    {"tojson", 0, PLAIN, "", true, false, T},
    {"tonumber", 0, NATIVE, "", true, false, N | NIL},
    {"tostring", 0, NATIVE, "", true, false, T | NIL},
    {"type", 0, NATIVE_PLAIN, "", true, false, T},
    {"unique", 0, PLAIN, "", true, false, A},
    {"unique_by", 1, PLAIN, "F", true, false, A},
    {"values", 0, PLAIN, "", true, false, ANY},
    {"weekday", 1, NATIVE, "v", false, false, N | NIL},
    {"with_entries", 1, PLAIN, "F", true, false, O},
};

#undef B
#undef N
#undef T
#undef A
#undef O
#undef NIL
#undef ANY

static const size_t nfuncs = sizeof(funcs) / sizeof(*funcs);

static const char *const formats[] = {
    "@text", "@json", "@html", "@uri", "@csv", "@tsv", "@base64"};

/* Names of jq 1.6 that are left out, and names of other languages. */
static const struct {
	const char *name, *instead;
} others[] = {
    {"acos", ""},
    {"arrays", "use select(type == \"array\")"},
    {"ascii_only", ""},
    {"atan", ""},
    {"avg", "use add / length"},
    {"average", "use add / length"},
    {"booleans", "use select(type == \"boolean\")"},
    {"break", "use first(...), any or all"},
    {"bsearch", ""},
    {"builtins", ""},
    {"cbrt", ""},
    {"ceiling", "use ceil"},
    {"char_length", "use length"},
    {"coalesce", "use .x // .y"},
    {"combinations", ""},
    {"concat", "use + or \"\\(.x) \\(.y)\""},
    {"count", "use length"},
    {"date", "use days_since, days_between, in_last or $today"},
    {"datediff", "use days_between"},
    {"dateadd", "use days_since, days_between, in_last or $today"},
    {"datesub", "use days_since, days_between, in_last or $today"},
    {"debug", "use cs-check explain"},
    {"del", "use {a, b} with the members to keep"},
    {"delpaths", ""},
    {"downcase", "use ascii_downcase"},
    {"empty", "use null"},
    {"ends_with", "use endswith"},
    {"env", "give values with --arg=NAME=VALUE"},
    {"exp", ""},
    {"exp10", ""},
    {"exp2", ""},
    {"explode", ""},
    {"finites", ""},
    {"floats", ""},
    {"format", "use @json and the like"},
    {"false", "write false"},
    {"fromdate", "use days_since, days_between, in_last or $today"},
    {"fromdateiso8601", "use days_since, days_between, in_last or $today"},
    {"fromstream", ""},
    {"get_search_list", ""},
    {"getpath", "name the path, as in .a.b"},
    {"gmtime", "use days_since, days_between, in_last or $today"},
    {"group", "use group_by"},
    {"gsub", "use sub(pattern; text; \"g\")"},
    {"halt", ""},
    {"halt_error", ""},
    {"implode", ""},
    {"in", "use has, or IN(\"a\", \"b\")"},
    {"infinite", ""},
    {"input", ""},
    {"input_filename", ""},
    {"input_line_number", ""},
    {"inputs", ""},
    {"isempty", "use any(...; true)"},
    {"isinfinite", ""},
    {"isnan", ""},
    {"isnormal", ""},
    {"isnull", "use == null"},
    {"isvalid", "use // or a ? behind the operand"},
    {"is_null", "use == null"},
    {"iterables", "use select(type == \"array\")"},
    {"keys_unsorted", "use keys"},
    {"lcase", "use ascii_downcase"},
    {"leaf_paths", ""},
    {"len", "use length"},
    {"limit", "use first(...) or [...][0:3]"},
    {"localtime", "use days_since, days_between, in_last or $today"},
    {"log", ""},
    {"log10", ""},
    {"log2", ""},
    {"lower", "use ascii_downcase"},
    {"lowercase", "use ascii_downcase"},
    {"ltrim", "use sub(\"^ +\"; \"\")"},
    {"mean", "use add / length"},
    {"mktime", "use days_since, days_between, in_last or $today"},
    {"modulemeta", ""},
    {"nan", "use null"},
    {"nil", "write null"},
    {"none", "write null"},
    {"normals", ""},
    {"now", "use $today, or $now where a time is known"},
    {"null", "write null"},
    {"nulls", "use select(. == null)"},
    {"numbers", "use select(type == \"number\")"},
    {"objects", "use select(type == \"object\")"},
    {"path", ""},
    {"paths", ""},
    {"pow", "use *"},
    {"pow10", "use *"},
    {"range", "name the values, as in 1, 2, 3"},
    {"recurse", "name the path, as in .a.b"},
    {"recurse_down", "name the path, as in .a.b"},
    {"regex", "use test"},
    {"regexp_like", "use test"},
    {"repeat", ""},
    {"replace", "use sub(pattern; text; \"g\")"},
    {"rindex", "use indices(...)[-1]"},
    {"rtrim", "use sub(\" +$\"; \"\")"},
    {"scalars", ""},
    {"setpath", ""},
    {"significand", ""},
    {"sin", ""},
    {"size", "use length"},
    {"starts_with", "use startswith"},
    {"stderr", ""},
    {"strflocaltime", "use days_since, days_between, in_last or $today"},
    {"strftime", "use days_since, days_between, in_last or $today"},
    {"strings", "use select(type == \"string\")"},
    {"strlen", "use length"},
    {"strptime", "use days_since, days_between, in_last or $today"},
    {"substr", "use a slice, as in .x[0:3]"},
    {"substring", "use a slice, as in .x[0:3]"},
    {"sum", "use add"},
    {"tan", ""},
    {"to_number", "use tonumber"},
    {"to_string", "use tostring"},
    {"today", "use $today"},
    {"todate", "use days_since, days_between, in_last or $today"},
    {"todateiso8601", "use days_since, days_between, in_last or $today"},
    {"tostream", ""},
    {"transpose", ""},
    {"trim", "use sub(\"^ +\"; \"\") | sub(\" +$\"; \"\")"},
    {"true", "write true"},
    {"trunc", "use floor"},
    {"truncate_stream", ""},
    {"ucase", "use ascii_upcase"},
    {"undefined", "write null"},
    {"until", ""},
    {"upcase", "use ascii_upcase"},
    {"upper", "use ascii_upcase"},
    {"uppercase", "use ascii_upcase"},
    {"utf8bytelength", "use length"},
    {"walk", ""},
    {"while", ""},
};

const struct cs_func *
cs_funcs(size_t *n)
{
	*n = nfuncs;
	return funcs;
}

const struct cs_func *
cs_func_find(struct cs_str name, size_t arity)
{
	for (size_t i = 0; i < nfuncs; i++)
		if (cs_str_is(name, funcs[i].name) &&
		    (size_t)funcs[i].arity == arity)
			return &funcs[i];
	return NULL;
}

size_t
cs_expr_arities(struct cs_str name, int *v)
{
	size_t n = 0;

	for (size_t i = 0; i < nfuncs && n < CS_MAX_ARITIES; i++)
		if (cs_str_is(name, funcs[i].name)) {
			if (v != NULL)
				v[n] = funcs[i].arity;
			n++;
		}
	return n;
}

const char *
cs_expr_instead(struct cs_str name)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (cs_str_isi(name, others[i].name))
			return others[i].instead;
	return NULL;
}

bool
cs_expr_is_format(struct cs_str name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (cs_str_is(name, formats[i]))
			return true;
	return false;
}
