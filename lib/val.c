#include <math.h>

#include "date.h"
#include "json.h"
#include "num.h"
#include "text.h"
#include "val.h"

struct cs_val
cs_val_null(void)
{
	return (struct cs_val){0};
}

struct cs_val
cs_val_bool(bool yes)
{
	return (struct cs_val){.kind = CS_BOOL, .yes = yes};
}

struct cs_val
cs_val_num(double v)
{
	return (struct cs_val){.kind = CS_NUM, .num = v};
}

struct cs_val
cs_val_text(struct cs_str s)
{
	return (struct cs_val){.kind = CS_TEXT, .text = s};
}

bool
cs_type_parse(struct cs_str s, enum cs_type *t)
{
	static const char *const word[] = {
	    "text", "number", "boolean", "date", "time"};

	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (cs_str_isi(s, word[i])) {
			*t = (enum cs_type)(CS_TYPE_TEXT + i);
			return true;
		}
	return false;
}

/* A number keeps how it was written. */
static struct cs_val
written(double v, struct cs_str s)
{
	return (struct cs_val){.kind = CS_NUM, .num = v, .text = s};
}

static bool
is_date(struct cs_str s)
{
	struct cs_time t;

	return cs_time_parse(s, &t) == CS_DATE_OK;
}

/* A cell that is not empty under a fixed type. */
static struct cs_val
fixed(struct cs_str s, enum cs_type t, bool *misfit)
{
	double v;

	switch (t) {
	case CS_TYPE_TEXT:
		return cs_val_text(s);
	case CS_TYPE_NUMBER:
		if (cs_num_parse(s, &v) && isfinite(v))
			return written(v, s);
		break;
	case CS_TYPE_BOOLEAN:
		if (cs_str_is(s, "true") || cs_str_is(s, "false"))
			return cs_val_bool(s.p[0] == 't');
		break;
	case CS_TYPE_DATE:
	case CS_TYPE_TIME:
		if (is_date(s))
			return cs_val_text(s);
		break;
	case CS_TYPE_ANY:
	case CS_TYPE_OWN:
		break;
	}
	*misfit = true;
	return cs_val_null();
}

static bool
is_yes_no(struct cs_str s)
{
	uint64_t word = s.n > 5 ? 0 : cs_few_bytes(s.p, s.n);

	return (word == CS_TRUE_WORD) | (word == CS_FALSE_WORD);
}

void
cs_val_set_cell(
    struct cs_val *v, struct cs_str cell, enum cs_type t, bool *misfit)
{
	double num;

	*misfit = false;
	if (cell.n == 0)
		*v = cs_val_null();
	else if (t != CS_TYPE_ANY)
		*v = fixed(cell, t, misfit);
	else if (cs_val_may_be_number(cell)) {
		if (cs_num_cell(cell, &num))
			*v = written(num, cell);
		else
			*v = cs_val_text(cell);
	} else if (is_yes_no(cell))
		*v = cs_val_bool(cell.p[0] == 't');
	else
		*v = cs_val_text(cell);
}

struct cs_val
cs_val_cell(struct cs_str cell, enum cs_type t, bool *misfit)
{
	struct cs_val v;

	cs_val_set_cell(&v, cell, t, misfit);
	return v;
}

/* A JSON value under CS_TYPE_ANY. */
static void
plain_json(struct cs_val *v, struct cs_arena *a, struct cs_str json)
{
	double num;

	switch (cs_json_kind(json)) {
	case CS_JSON_NULL:
		*v = cs_val_null();
		return;
	case CS_JSON_FALSE:
		*v = cs_val_bool(false);
		return;
	case CS_JSON_TRUE:
		*v = cs_val_bool(true);
		return;
	case CS_JSON_NUMBER:
		if (cs_num_parse(json, &num) && isfinite(num))
			*v = written(num, json);
		else
			*v = cs_val_null();
		return;
	case CS_JSON_STRING:
		*v = cs_val_text(cs_json_text(a, json));
		return;
	case CS_JSON_ARRAY:
	case CS_JSON_OBJECT:
		break;
	}
	*v = (struct cs_val){.kind = CS_JSON, .text = json};
}

void
cs_val_set_json(struct cs_val *v, struct cs_arena *a, struct cs_str json,
    enum cs_type t, bool *misfit)
{
	bool fits = true;

	*misfit = false;
	plain_json(v, a, json);
	if (t == CS_TYPE_ANY || v->kind == CS_NULL)
		return;
	if (v->kind == CS_TEXT && v->text.n == 0 && t != CS_TYPE_TEXT) {
		*v = cs_val_null();
		return;
	}
	switch (t) {
	case CS_TYPE_TEXT:
		/* An id written as a number is its digits. */
		if (v->kind == CS_NUM)
			*v = cs_val_text(v->text);
		fits = v->kind == CS_TEXT;
		break;
	case CS_TYPE_NUMBER:
		fits = v->kind == CS_NUM;
		break;
	case CS_TYPE_BOOLEAN:
		fits = v->kind == CS_BOOL;
		break;
	case CS_TYPE_DATE:
	case CS_TYPE_TIME:
		fits = v->kind == CS_TEXT && is_date(v->text);
		break;
	case CS_TYPE_ANY:
	case CS_TYPE_OWN:
		break;
	}
	*misfit = !fits;
	if (!fits)
		*v = cs_val_null();
}

struct cs_val
cs_val_json(
    struct cs_arena *a, struct cs_str json, enum cs_type t, bool *misfit)
{
	struct cs_val v;

	cs_val_set_json(&v, a, json, t, misfit);
	return v;
}

bool
cs_val_eq(struct cs_val a, struct cs_val b)
{
	if (a.kind != b.kind)
		return false;
	switch (a.kind) {
	case CS_NULL:
		return true;
	case CS_BOOL:
		return a.yes == b.yes;
	case CS_NUM:
		return !(a.num < b.num) && !(a.num > b.num);
	case CS_TEXT:
	case CS_JSON:
		return cs_str_eq(a.text, b.text);
	}
	return false;
}

/* A number as it was written, else the shortest form. */
static void
put_number(struct cs_buf *b, struct cs_val v)
{
	if (v.text.p != NULL && cs_num_is_json(v.text))
		cs_buf_str(b, v.text);
	else
		cs_num_print(b, v.num);
}

void
cs_val_put_json(struct cs_buf *b, struct cs_val v)
{
	switch (v.kind) {
	case CS_NULL:
		cs_buf_puts(b, "null");
		break;
	case CS_BOOL:
		cs_buf_puts(b, v.yes ? "true" : "false");
		break;
	case CS_NUM:
		put_number(b, v);
		break;
	case CS_TEXT:
		cs_text_json(b, v.text);
		break;
	case CS_JSON:
		cs_buf_str(b, v.text);
		break;
	}
}

void
cs_val_put_text(struct cs_buf *b, struct cs_val v)
{
	if (v.kind == CS_TEXT)
		cs_buf_str(b, v.text);
	else if (v.kind != CS_NULL)
		cs_val_put_json(b, v);
}
