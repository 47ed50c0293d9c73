/* schema: the file, read and checked; all findings at once */
#include <stdlib.h>
#include <string.h>

#include "in.h"
#include "json.h"
#include "num.h"
#include "schema_private.h"
#include "text.h"

enum { MAX_FILE = 4 << 20 };

struct load {
	struct cs_schema *s;
	struct cs_str text;
	struct cs_arena *run;
	struct cs_diags *diags;
};

static struct cs_place
place(const struct load *l, const char *p)
{
	struct cs_place at = {l->s->file, 1, 1};

	for (const char *c = l->text.p; c < p; c++) {
		at.col++;
		if (*c == '\n') {
			at.line++;
			at.col = 1;
		}
	}
	return at;
}

static const char *const type_word[] = {"any", "string", "number", "integer",
    "boolean", "date", "time", "datetime", "year", "yearmonth", "duration",
    "object", "array", "geopoint"};
enum { TYPES = sizeof(type_word) / sizeof(type_word[0]) };

bool
cs_field_type_parse(struct cs_str word, enum cs_field_type *t)
{
	for (size_t i = 0; i < TYPES; i++)
		if (cs_str_is(word, type_word[i])) {
			*t = (enum cs_field_type)i;
			return true;
		}
	return false;
}

const char *
cs_field_type_name(enum cs_field_type t)
{
	return type_word[t];
}

static bool
is_moment(enum cs_field_type t)
{
	return t == CS_FIELD_DATE || t == CS_FIELD_TIME ||
	       t == CS_FIELD_DATETIME;
}

/* A format of date, time and datetime. */
static bool
moment_format(struct cs_field *f, struct cs_str format, const char **why)
{
	size_t at;

	*why = "default, any, ja or letters of strptime like %Y/%m/%d";
	if (cs_str_is(format, "any"))
		f->format = CS_FORMAT_ANY;
	else if (cs_str_is(format, "ja") && f->type != CS_FIELD_TIME)
		f->format = CS_FORMAT_JA;
	else {
		/* How the format was written before 1.0. */
		if (cs_str_starts(format, CS_S("fmt:")))
			format = (struct cs_str){format.p + 4, format.n - 4};
		f->format = CS_FORMAT_PATTERN;
		f->pattern = format;
		if (cs_str_chr(format, '%') == NULL)
			return false;
		*why = "letters known here (Y y m d b B a A j H I M S f p z), "
		       "each once, that say all of it";
		return cs_pattern_ok(format, f->type, &at);
	}
	return true;
}

static bool
set_format(struct cs_field *f, struct cs_str format, const char **why)
{
	static const struct {
		const char *word;
		enum cs_field_format format;
	} words[] = {{"email", CS_FORMAT_EMAIL}, {"uri", CS_FORMAT_URI},
	    {"uuid", CS_FORMAT_UUID}, {"binary", CS_FORMAT_BINARY}};

	f->format = CS_FORMAT_DEFAULT;
	*why = "default";
	if (format.p == NULL || cs_str_is(format, "default"))
		return true;
	switch (f->type) {
	case CS_FIELD_STRING:
		*why = "default, email, uri, uuid or binary";
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (cs_str_is(format, words[i].word)) {
				f->format = words[i].format;
				return true;
			}
		return false;
	case CS_FIELD_NUMBER:
	case CS_FIELD_INTEGER:
		*why = "default or ja";
		f->format = CS_FORMAT_JA;
		return cs_str_is(format, "ja");
	case CS_FIELD_DATE:
	case CS_FIELD_TIME:
	case CS_FIELD_DATETIME:
		return moment_format(f, format, why);
	case CS_FIELD_GEOPOINT:
		*why = "default, array or object";
		f->format = cs_str_is(format, "array") ? CS_FORMAT_ARRAY
						       : CS_FORMAT_OBJECT;
		return cs_str_is(format, "array") ||
		       cs_str_is(format, "object");
	default:
		return false;
	}
}

bool
cs_field_make(struct cs_field *f, enum cs_field_type type, struct cs_str format,
    const char **why)
{
	static struct cs_str const yes[] = {
	    {"true", 4}, {"True", 4}, {"TRUE", 4}, {"1", 1}};
	static struct cs_str const no[] = {
	    {"false", 5}, {"False", 5}, {"FALSE", 5}, {"0", 1}};

	*f = (struct cs_field){.type = type,
	    .yes = {(struct cs_str *)yes, 4},
	    .no = {(struct cs_str *)no, 4},
	    .decimal = {".", 1},
	    .is_bare = true};
	return set_format(f, format, why);
}

bool
cs_field_of_type(struct cs_field *f, enum cs_type type, struct cs_str format,
    const char **why)
{
	static const enum cs_field_type t[] = {CS_FIELD_ANY, CS_FIELD_STRING,
	    CS_FIELD_NUMBER, CS_FIELD_BOOLEAN, CS_FIELD_DATE, CS_FIELD_DATETIME,
	    CS_FIELD_ANY};

	return cs_field_make(f, t[type], format, why);
}

static bool
wants(const struct load *l, struct cs_str key, struct cs_str value, bool is_so,
    const char *what)
{
	if (!is_so)
		cs_diag(l->diags, CS_ERROR, "syntax", place(l, value.p),
		    "%.*s: %s is needed", CS_ARG(key), what);
	return is_so;
}

static bool
get_text(const struct load *l, struct cs_str key, struct cs_str value,
    struct cs_str *out)
{
	if (!wants(
		l, key, value, cs_json_kind(value) == CS_JSON_STRING, "a text"))
		return false;
	*out = cs_json_text(l->run, value);
	return true;
}

static bool
get_bool(
    const struct load *l, struct cs_str key, struct cs_str value, bool *out)
{
	enum cs_json_kind k = cs_json_kind(value);

	*out = k == CS_JSON_TRUE;
	return wants(l, key, value, k == CS_JSON_TRUE || k == CS_JSON_FALSE,
	    "true or false");
}

static size_t
count_items(struct cs_str list)
{
	struct cs_str key, item;
	size_t pos = 0, n = 0;

	while (cs_json_next(list, &pos, &key, &item))
		n++;
	return n;
}

/* A list of texts; v2's {"value": ..., "label": ...} is its value. */
static bool
get_texts(const struct load *l, struct cs_str key, struct cs_str value,
    struct cs_texts *out)
{
	struct cs_str k, item;
	size_t pos = 0;

	if (!wants(l, key, value, cs_json_kind(value) == CS_JSON_ARRAY,
		"a list of texts"))
		return false;
	*out = (struct cs_texts){
	    .v = cs_arena_array(
		l->run, count_items(value) + 1, sizeof(struct cs_str))};
	while (cs_json_next(value, &pos, &k, &item)) {
		struct cs_str name, inner = item;
		size_t at = 0;

		if (cs_json_kind(item) == CS_JSON_OBJECT)
			while (cs_json_next(item, &at, &name, &inner) &&
			       !cs_str_is(name, "\"value\""))
				continue;
		if (!wants(l, key, item, cs_json_kind(inner) == CS_JSON_STRING,
			"a list of texts"))
			return false;
		out->v[out->n++] = cs_json_text(l->run, inner);
	}
	return true;
}

static const char *const constraint_word[] = {"required", "unique", "minimum",
    "maximum", "minLength", "maxLength", "pattern", "enum"};
enum { CONSTRAINTS = sizeof(constraint_word) / sizeof(constraint_word[0]) };
enum limit {
	REQUIRED,
	UNIQUE,
	MINIMUM,
	MAXIMUM,
	MIN_LENGTH,
	MAX_LENGTH,
	PATTERN,
	ENUM
};

static const char *const field_word[] = {"name", "type", "format",
    "missingValues", "trueValues", "falseValues", "groupChar", "decimalChar",
    "bareNumber", "constraints", "title", "description", "example", "rdfType",
    "categories", "categoriesOrdered"};
enum { FIELD_WORDS = sizeof(field_word) / sizeof(field_word[0]) };

static size_t
find_word(const char *const *word, size_t n, struct cs_str s)
{
	for (size_t i = 0; i < n; i++)
		if (cs_str_is(s, word[i]))
			return i;
	return SIZE_MAX;
}

/* Properties of one's own are allowed; a slip of the pen is not. */
static void
maybe_slip(const struct load *l, const char *const *word, size_t n,
    struct cs_str key, const char *at)
{
	struct cs_str v[32], near;

	for (size_t i = 0; i < n; i++)
		v[i] = cs_str(word[i]);
	near = cs_nearest(key, v, n);
	if (near.p != NULL)
		cs_diag(l->diags, CS_ERROR, "unknown-key", place(l, at),
		    "unknown key \"%.*s\" (did you mean \"%.*s\"?)",
		    CS_ARG(key), CS_ARG(near));
}

/* May this constraint stand at a field of the type? (Table Schema's table) */
static bool
applies(enum limit what, enum cs_field_type t)
{
	bool is_open = t == CS_FIELD_ARRAY || t == CS_FIELD_OBJECT;

	switch (what) {
	case MINIMUM:
	case MAXIMUM:
		return t == CS_FIELD_NUMBER || t == CS_FIELD_INTEGER ||
		       is_moment(t) || t == CS_FIELD_YEAR ||
		       t == CS_FIELD_YEARMONTH;
	case MIN_LENGTH:
	case MAX_LENGTH:
		return t == CS_FIELD_STRING || is_open;
	case PATTERN:
		return t == CS_FIELD_STRING;
	default:
		return true;
	}
}

/* A value of the field's type, as canonical text. */
static bool
get_value(const struct load *l, const struct cs_field *f, struct cs_str key,
    struct cs_str json, struct cs_str *out)
{
	struct cs_val v;
	struct cs_field plain = *f;
	struct cs_buf b = {0};
	const char *why;

	plain.missing.n = 0;
	if (!cs_field_json(&plain, l->run, json, &v) || v.kind == CS_NULL) {
		/* Written as the type's default form, whatever the cells'. */
		cs_field_make(&plain,
		    f->type == CS_FIELD_YEAR ? CS_FIELD_INTEGER : f->type,
		    (struct cs_str){0}, &why);
		if (!cs_field_json(&plain, l->run, json, &v) ||
		    v.kind == CS_NULL) {
			cs_diag(l->diags, CS_ERROR, "type", place(l, json.p),
			    "%.*s: %.*s is not %s", CS_ARG(key), CS_ARG(json),
			    cs_field_kind(f, l->run));
			return false;
		}
	}
	cs_val_put_text(&b, v);
	*out = cs_keep(l->run, cs_buf_get(&b));
	cs_buf_free(&b);
	return true;
}

static bool
get_length(
    const struct load *l, struct cs_str key, struct cs_str value, size_t *out)
{
	long long n = 0;
	bool is_so = cs_num_whole(value, 0, 1LL << 40, &n);

	*out = (size_t)n;
	return wants(l, key, value, is_so, "a whole number from 0");
}

static void
get_pattern(const struct load *l, struct cs_field *f, struct cs_str key,
    struct cs_str value)
{
	struct cs_limits *c = &f->limits;
	struct cs_err err;
	char *whole;

	if (!get_text(l, key, value, &c->pattern))
		return;
	whole = cs_arena_printf(l->run, "\\A(?:%.*s)\\z", CS_ARG(c->pattern));
	if (!cs_re_check(c->pattern, (struct cs_str){"", 0}, &err)) {
		cs_diag(l->diags, CS_ERROR, "syntax", place(l, value.p), "%s",
		    err.text);
		return;
	}
	c->re = cs_re_new(cs_str(whole), (struct cs_str){"", 0});
	wants(l, key, value, c->re != NULL, "a shorter, plain pattern");
}

static void
get_enum(const struct load *l, struct cs_field *f, struct cs_str key,
    struct cs_str value)
{
	struct cs_limits *c = &f->limits;
	struct cs_str k, item;
	size_t pos = 0;

	if (!wants(l, key, value,
		cs_json_kind(value) == CS_JSON_ARRAY && count_items(value) > 0,
		"a list of values"))
		return;
	c->has_list = true;
	c->list.v =
	    cs_arena_array(l->run, count_items(value), sizeof(struct cs_str));
	while (cs_json_next(value, &pos, &k, &item))
		if (get_value(l, f, key, item, &c->list.v[c->list.n]))
			c->list.n++;
}

static void
constraint(const struct load *l, struct cs_field *f, struct cs_str key,
    struct cs_str value, const char *at)
{
	struct cs_limits *c = &f->limits;
	size_t what = find_word(constraint_word, CONSTRAINTS, key);

	if (what == SIZE_MAX) {
		cs_diag(l->diags, CS_ERROR, "unknown-key", place(l, at),
		    "unknown constraint \"%.*s\" (required unique minimum "
		    "maximum minLength maxLength pattern enum)",
		    CS_ARG(key));
		return;
	}
	if (!applies((enum limit)what, f->type)) {
		cs_diag(l->diags, CS_ERROR, "type", place(l, at),
		    "constraint %.*s does not go with type %s", CS_ARG(key),
		    type_word[f->type]);
		return;
	}
	switch ((enum limit)what) {
	case REQUIRED:
		get_bool(l, key, value, &c->is_required);
		break;
	case UNIQUE:
		get_bool(l, key, value, &c->is_unique);
		break;
	case MINIMUM:
		get_value(l, f, key, value, &c->minimum);
		break;
	case MAXIMUM:
		get_value(l, f, key, value, &c->maximum);
		break;
	case MIN_LENGTH:
		c->has_min_length = get_length(l, key, value, &c->min_length);
		break;
	case MAX_LENGTH:
		c->has_max_length = get_length(l, key, value, &c->max_length);
		break;
	case PATTERN:
		get_pattern(l, f, key, value);
		break;
	case ENUM:
		get_enum(l, f, key, value);
		break;
	}
}

static void
get_type(const struct load *l, struct cs_str key, struct cs_str value,
    enum cs_field_type *type)
{
	struct cs_str word, near, v[TYPES];

	*type = CS_FIELD_ANY;
	if (!get_text(l, key, value, &word) || cs_field_type_parse(word, type))
		return;
	for (size_t i = 0; i < TYPES; i++)
		v[i] = cs_str(type_word[i]);
	near = cs_nearest(word, v, TYPES);
	if (cs_str_is(word, "geojson") || cs_str_is(word, "list"))
		cs_diag(l->diags, CS_ERROR, "type", place(l, value.p),
		    "type %.*s is not supported (object, array or string "
		    "may do)",
		    CS_ARG(word));
	else if (near.p != NULL)
		cs_diag(l->diags, CS_ERROR, "type", place(l, value.p),
		    "unknown type \"%.*s\" (did you mean %.*s?)", CS_ARG(word),
		    CS_ARG(near));
	else
		cs_diag(l->diags, CS_ERROR, "type", place(l, value.p),
		    "unknown type \"%.*s\" (any string number integer boolean "
		    "date time datetime year yearmonth duration object array "
		    "geopoint)",
		    CS_ARG(word));
}

/* The value of a member; absent if there is none. */
static struct cs_str
member(const struct load *l, struct cs_str object, const char *name)
{
	struct cs_str key, value, found = {0};
	size_t pos = 0;

	while (cs_json_next(object, &pos, &key, &value))
		if (cs_str_is(cs_json_text(l->run, key), name))
			found = value;
	return found;
}

/* A property besides name, type, format and constraints. */
static void
property(const struct load *l, struct cs_field *f, struct cs_str key,
    struct cs_str value, const char *at)
{
	struct cs_str text;

	if (cs_str_is(key, "missingValues"))
		get_texts(l, key, value, &f->missing);
	else if (cs_str_is(key, "trueValues"))
		get_texts(l, key, value, &f->yes);
	else if (cs_str_is(key, "falseValues"))
		get_texts(l, key, value, &f->no);
	else if (cs_str_is(key, "bareNumber"))
		get_bool(l, key, value, &f->is_bare);
	else if (cs_str_is(key, "groupChar")) {
		if (get_text(l, key, value, &text) && text.n > 0)
			f->group = text;
	} else if (cs_str_is(key, "decimalChar")) {
		if (get_text(l, key, value, &text) &&
		    wants(l, key, value, text.n > 0, "a character"))
			f->decimal = text;
	} else if (find_word(constraint_word, CONSTRAINTS, key) != SIZE_MAX)
		cs_diag(l->diags, CS_ERROR, "unknown-key", place(l, at),
		    "%.*s belongs into \"constraints\"", CS_ARG(key));
	else if (find_word(field_word, FIELD_WORDS, key) == SIZE_MAX)
		maybe_slip(l, field_word, FIELD_WORDS, key, at);
}

static void
constraints(const struct load *l, struct cs_field *f, struct cs_str value)
{
	struct cs_str key, v;
	size_t pos = 0;

	if (!wants(l, CS_S("constraints"), value,
		cs_json_kind(value) == CS_JSON_OBJECT, "an object"))
		return;
	while (cs_json_next(value, &pos, &key, &v))
		constraint(l, f, cs_json_text(l->run, key), v, key.p);
}

/* Categories are a list of what may stand there, as enum is. */
static void
categories(const struct load *l, struct cs_field *f, struct cs_str value)
{
	struct cs_str key = CS_S("categories");
	struct cs_texts t;

	if (f->type != CS_FIELD_STRING || f->limits.has_list)
		return;
	if (get_texts(l, key, value, &t)) {
		f->limits.has_list = true;
		f->limits.list = t;
	}
}

static bool
find_field(const struct cs_schema *s, struct cs_str name, size_t *at)
{
	for (*at = 0; *at < s->n; (*at)++)
		if (cs_str_eq(s->field[*at].name, name))
			return true;
	return false;
}

static void
field(const struct load *l, struct cs_str value, const struct cs_texts *missing)
{
	struct cs_schema *s = l->s;
	struct cs_field *f = &s->field[s->n];
	struct cs_str key, v, name = {0}, format = {0}, one;
	enum cs_field_type type = CS_FIELD_ANY;
	size_t pos = 0, other;
	const char *why;

	if (!wants(l, CS_S("fields"), value,
		cs_json_kind(value) == CS_JSON_OBJECT, "an object for each"))
		return;
	one = member(l, value, "name");
	if (one.p == NULL) {
		cs_diag(l->diags, CS_ERROR, "syntax", place(l, value.p),
		    "field %zu has no name", s->n + 1);
		return;
	}
	if (!get_text(l, CS_S("name"), one, &name))
		return;
	if (find_field(s, name, &other))
		cs_diag(l->diags, CS_ERROR, "duplicate", place(l, one.p),
		    "field \"%.*s\" stands twice", CS_ARG(name));
	if ((v = member(l, value, "type")).p != NULL)
		get_type(l, CS_S("type"), v, &type);
	v = member(l, value, "format");
	if (v.p != NULL && !get_text(l, CS_S("format"), v, &format))
		return;
	if (!cs_field_make(f, type, format, &why))
		cs_diag(l->diags, CS_ERROR, "type", place(l, v.p),
		    "format \"%.*s\" of type %s: %s is needed", CS_ARG(format),
		    type_word[type], why);
	f->name = name;
	f->missing = *missing;
	s->n++;
	while (cs_json_next(value, &pos, &key, &v))
		property(l, f, cs_json_text(l->run, key), v, key.p);
	if ((v = member(l, value, "constraints")).p != NULL)
		constraints(l, f, v);
	if ((v = member(l, value, "categories")).p != NULL)
		categories(l, f, v);
}

/* A field name or a list of them. */
static bool
key_fields(const struct load *l, struct cs_str key, struct cs_str value,
    struct cs_key_fields *out)
{
	bool is_list = cs_json_kind(value) == CS_JSON_ARRAY;
	struct cs_str k, item = value, name;
	size_t pos = 0, n = is_list ? count_items(value) : 1;

	out->n = 0;
	out->v = cs_arena_array(l->run, n + 1, sizeof(*out->v));
	while (!is_list || cs_json_next(value, &pos, &k, &item)) {
		if (!wants(l, key, item, cs_json_kind(item) == CS_JSON_STRING,
			"a field's name or a list of them"))
			return false;
		name = cs_json_text(l->run, item);
		if (!find_field(l->s, name, &out->v[out->n])) {
			cs_diag(l->diags, CS_ERROR, "unknown-column",
			    place(l, item.p),
			    "%.*s: there is no field \"%.*s\"", CS_ARG(key),
			    CS_ARG(name));
			return false;
		}
		out->n++;
		if (!is_list)
			break;
	}
	return wants(l, key, value, out->n > 0, "one name at least");
}

static void
unique_keys(const struct load *l, struct cs_str value)
{
	struct cs_str key = CS_S("uniqueKeys"), k, item;
	struct cs_schema *s = l->s;
	size_t pos = 0;

	if (!wants(
		l, key, value, cs_json_kind(value) == CS_JSON_ARRAY, "a list"))
		return;
	s->unique =
	    cs_arena_array(l->run, count_items(value) + 1, sizeof(*s->unique));
	while (cs_json_next(value, &pos, &k, &item))
		if (key_fields(l, key, item, &s->unique[s->nunique]))
			s->nunique++;
}

/* Only their shape: what they point at is another file. */
static void
foreign_key(const struct load *l, struct cs_str one)
{
	struct cs_str key = CS_S("foreignKeys"), fields, ref, there;
	struct cs_key_fields here;
	bool is_list;

	if (!wants(l, key, one, cs_json_kind(one) == CS_JSON_OBJECT,
		"an object for each"))
		return;
	fields = member(l, one, "fields");
	ref = member(l, one, "reference");
	there = ref.p != NULL && cs_json_kind(ref) == CS_JSON_OBJECT
		    ? member(l, ref, "fields")
		    : (struct cs_str){0};
	if (fields.p == NULL || there.p == NULL) {
		wants(l, key, one, false, "fields and reference.fields");
		return;
	}
	if (!key_fields(l, key, fields, &here))
		return;
	is_list = cs_json_kind(there) == CS_JSON_ARRAY;
	wants(l, key, there,
	    is_list == (cs_json_kind(fields) == CS_JSON_ARRAY) &&
		(is_list ? count_items(there) : 1) == here.n,
	    "as many in reference.fields as in fields");
}

static void
get_match(const struct load *l, struct cs_str key, struct cs_str value)
{
	static const char *const word[] = {
	    "subset", "exact", "equal", "superset", "partial"};
	struct cs_str k, item = value, text = {0};
	size_t pos = 0, i;

	/* 2.0 has it as a list of one. */
	if (cs_json_kind(value) == CS_JSON_ARRAY)
		cs_json_next(value, &pos, &k, &item);
	if (cs_json_kind(item) == CS_JSON_STRING)
		text = cs_json_text(l->run, item);
	i = find_word(word, 5, text);
	if (wants(l, key, value, i != SIZE_MAX,
		"exact, equal, subset, superset or partial"))
		l->s->match = (enum cs_fields_match)i;
}

static void
top(const struct load *l, struct cs_str key, struct cs_str value,
    const char *at)
{
	static const char *const word[] = {"fields", "missingValues",
	    "primaryKey", "uniqueKeys", "foreignKeys", "fieldsMatch", "name",
	    "title", "description", "$schema"};
	struct cs_str k, item;
	size_t pos = 0;

	if (cs_str_is(key, "primaryKey"))
		key_fields(l, key, value, &l->s->primary);
	else if (cs_str_is(key, "uniqueKeys"))
		unique_keys(l, value);
	else if (cs_str_is(key, "fieldsMatch"))
		get_match(l, key, value);
	else if (cs_str_is(key, "foreignKeys")) {
		l->s->foreign = place(l, at);
		if (wants(l, key, value, cs_json_kind(value) == CS_JSON_ARRAY,
			"a list"))
			while (cs_json_next(value, &pos, &k, &item))
				foreign_key(l, item);
	} else if (find_word(word, 10, key) == SIZE_MAX)
		maybe_slip(l, word, 10, key, at);
}

void
cs_schema_parse(struct cs_schema *s, struct cs_str text, const char *file,
    struct cs_arena *run, struct cs_diags *diags)
{
	struct load l = {s, text, run, diags};
	struct cs_texts missing = {0};
	struct cs_str fields, key, value;
	size_t at, pos = 0;
	const char *why;

	*s = (struct cs_schema){.file = file};
	if (cs_str_starts(text, CS_S("\xef\xbb\xbf"))) {
		text.p += 3;
		text.n -= 3;
	}
	l.text = text;
	if (!cs_json_check(text, &at, &why)) {
		cs_diag(diags, CS_ERROR, "syntax", place(&l, text.p + at),
		    "not JSON: %s", why);
		return;
	}
	text = cs_text_trim(text);
	fields = cs_json_kind(text) == CS_JSON_OBJECT
		     ? member(&l, text, "fields")
		     : (struct cs_str){0};
	if (fields.p == NULL || cs_json_kind(fields) != CS_JSON_ARRAY ||
	    count_items(fields) == 0) {
		cs_diag(diags, CS_ERROR, "syntax", place(&l, text.p),
		    "a Table Schema is an object with a list \"fields\"");
		return;
	}
	value = member(&l, text, "missingValues");
	if (value.p != NULL)
		get_texts(&l, CS_S("missingValues"), value, &missing);
	s->field = cs_arena_array(run, count_items(fields), sizeof(*s->field));
	while (cs_json_next(fields, &pos, &key, &value))
		field(&l, value, &missing);
	for (pos = 0; cs_json_next(text, &pos, &key, &value);)
		top(&l, cs_json_text(run, key), value, key.p);
	/* What identifies a record is there. */
	for (size_t i = 0; i < s->primary.n; i++)
		s->field[s->primary.v[i]].limits.is_required = true;
}

bool
cs_schema_load(struct cs_schema *s, const char *path, struct cs_arena *run,
    struct cs_diags *diags, struct cs_err *err)
{
	struct cs_in *in = cs_in_open(path, err);
	struct cs_str all = {0};
	bool is_read;

	*s = (struct cs_schema){.file = path};
	if (in == NULL)
		return false;
	is_read = cs_in_all(in, MAX_FILE, run, &all, err);
	cs_in_close(in);
	if (is_read)
		cs_schema_parse(s, all, path, run, diags);
	return is_read;
}

void
cs_schema_free(struct cs_schema *s)
{
	for (size_t i = 0; i < s->n; i++)
		cs_re_free(s->field[i].limits.re);
	s->n = 0;
}

static bool
read_field(const void *how, struct cs_arena *a, struct cs_str cell,
    bool is_json, struct cs_val *v)
{
	return is_json ? cs_field_json(how, a, cell, v)
		       : cs_field_cell(how, a, cell, v);
}

void
cs_field_bind(const struct cs_field *f, struct cs_header *head, size_t col)
{
	static const enum cs_type type[] = {CS_TYPE_ANY, CS_TYPE_TEXT,
	    CS_TYPE_NUMBER, CS_TYPE_NUMBER, CS_TYPE_BOOLEAN, CS_TYPE_DATE,
	    CS_TYPE_TEXT, CS_TYPE_TIME, CS_TYPE_NUMBER, CS_TYPE_TEXT,
	    CS_TYPE_TEXT, CS_TYPE_OWN, CS_TYPE_OWN, CS_TYPE_OWN};
	bool is_plain = f->missing.n == 0 && f->format == CS_FORMAT_DEFAULT;

	if (is_plain && (f->type == CS_FIELD_ANY || f->type == CS_FIELD_STRING))
		cs_header_set_type(head, col, type[f->type]);
	else
		cs_header_set_reading(head, col,
		    f->type == CS_FIELD_ANY ? CS_TYPE_OWN : type[f->type],
		    read_field, f);
}

void
cs_schema_bind(const struct cs_schema *s, struct cs_header *head)
{
	for (size_t i = 0; i < s->n; i++) {
		size_t col = cs_header_find(head, s->field[i].name);

		if (col != CS_NO_COLUMN && !s->field[i].is_made &&
		    head->type[col] == CS_TYPE_ANY)
			cs_field_bind(&s->field[i], head, col);
	}
}

static void
missing_column(const struct cs_schema *s, const struct cs_header *head,
    struct cs_str name, struct cs_diags *diags)
{
	struct cs_place at = {s->file, 0, 0};
	struct cs_str near = cs_nearest(name, head->map.key, head->map.n);

	if (near.p != NULL)
		cs_diag(diags, CS_ERROR, "unknown-column", at,
		    "the input has no column \"%.*s\" of the schema (did you "
		    "mean \"%.*s\"?)",
		    CS_ARG(name), CS_ARG(near));
	else
		cs_diag(diags, CS_ERROR, "unknown-column", at,
		    "the input has no column \"%.*s\" of the schema",
		    CS_ARG(name));
}

void
cs_schema_match(const struct cs_schema *s, const struct cs_header *head,
    struct cs_diags *diags)
{
	struct cs_place at = {s->file, 0, 0};
	enum cs_fields_match m = s->match;
	size_t n = cs_header_n(head), found = 0, field;
	bool is_open = m == CS_MATCH_SUPERSET || m == CS_MATCH_PARTIAL;

	if (s->n == 0)
		return;
	for (size_t i = 0; i < s->n; i++) {
		struct cs_str name = s->field[i].name;

		if (cs_header_find(head, name) != CS_NO_COLUMN ||
		    s->field[i].is_made)
			found++;
		else if (!is_open)
			missing_column(s, head, name, diags);
	}
	if (m == CS_MATCH_PARTIAL && found == 0)
		cs_diag(diags, CS_ERROR, "unknown-column", at,
		    "the input has no column of the schema (fieldsMatch)");
	if (m == CS_MATCH_SUBSET || m == CS_MATCH_PARTIAL)
		return;
	for (size_t i = 0; i < n; i++) {
		struct cs_str name = cs_header_name(head, i);

		if (!find_field(s, name, &field) &&
		    !(i < head->alias.n &&
			find_field(s, head->alias.key[i], &field)))
			cs_diag(diags, CS_ERROR, "unknown-column", at,
			    "column \"%.*s\" is no field of the schema "
			    "(fieldsMatch)",
			    CS_ARG(name));
		else if (m == CS_MATCH_EXACT && field != i && found == n)
			cs_diag(diags, CS_ERROR, "unknown-column", at,
			    "column \"%.*s\" is %zu of the input and %zu of "
			    "the schema (fieldsMatch)",
			    CS_ARG(name), i + 1, field + 1);
	}
}
