#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "address.h"
#include "hash.h"
#include "reader.h"
#include "set.h"
#include "suppress.h"

enum type { T_EMAIL, T_SHA256, T_DOMAIN, T_ID, T_ACCOUNT, TYPES };
static const char *const type_names[TYPES] = {
    "email", "sha256", "domain", "id", "account"};

enum column { C_TYPE, C_VALUE, C_REASON, C_SCOPE, C_SINCE, C_UNTIL, COLUMNS };
static const char *const column_names[COLUMNS] = {
    "type", "value", "reason", "scope", "since", "until"};

enum scope { S_ALL, S_PROMO, S_MAIL, S_GROUP };

enum { DAY = 86400, HEX = 64 };

/* What a record says of its value. Files have millions of records and say few
 * different things, so each is kept once. */
struct terms {
	enum scope scope;
	struct cs_str name; /* of mail: and group: */
	bool is_bounce;
	long since, until; /* days, LONG_MIN and LONG_MAX: open */
	struct cs_str reason, until_text;
	const char *file;
};

struct entry {
	uint32_t terms;
	uint32_t next; /* index + 1 of the next entry of the same value */
	size_t line;
};

/* With each value in its set: index + 1 of its entries. */
struct chain {
	uint32_t first, last;
};

struct cs_suppress {
	struct cs_arena arena;
	struct cs_set value[TYPES];
	struct cs_map said; /* the cells of terms -> number */
	struct terms *terms;
	size_t terms_cap;
	struct entry *entry;
	size_t n, capn;
};

struct cs_suppress *
cs_suppress_new(void)
{
	struct cs_suppress *s = cs_calloc(1, sizeof(*s));

	for (int i = 0; i < TYPES; i++)
		s->value[i].extra = sizeof(struct chain);
	return s;
}

void
cs_suppress_free(struct cs_suppress *s)
{
	if (s == NULL)
		return;
	for (int i = 0; i < TYPES; i++)
		cs_set_free(&s->value[i]);
	cs_map_free(&s->said);
	free(s->terms);
	free(s->entry);
	cs_arena_free(&s->arena);
	free(s);
}

size_t
cs_suppress_count(const struct cs_suppress *s)
{
	return s->n;
}

/* --- loading --- */

struct loading {
	struct cs_suppress *s;
	struct cs_diags *diags;
	const char *path;
	size_t col[COLUMNS];
	struct cs_rec rec;
	struct cs_buf said;
};

static struct cs_place
line_of(const struct loading *l)
{
	return (struct cs_place){l->path, l->rec.line, 0};
}

/* The cell of a column, trimmed; "" when there is none. */
static struct cs_str
cell(struct loading *l, enum column c)
{
	struct cs_str s = {NULL, 0};

	if (l->col[c] != CS_NO_COLUMN)
		s = cs_str_trim(cs_rec_text(&l->rec, l->col[c]));
	return s.p ? s : (struct cs_str){"", 0};
}

static bool
read_type(struct loading *l, enum type *t)
{
	struct cs_str s = cell(l, C_TYPE);

	for (int i = 0; i < TYPES; i++)
		if (cs_str_isi(s, type_names[i])) {
			*t = (enum type)i;
			return true;
		}
	cs_diag(l->diags, CS_ERROR, "type", line_of(l),
	    "type \"%.*s\" is not one of: email domain id account sha256",
	    CS_ARG(s));
	return false;
}

static bool
is_sha256(struct cs_str s)
{
	if (s.n != HEX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') ||
			(s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

/* The value as it is looked up. */
static bool
read_value(struct loading *l, enum type t, struct cs_str *v)
{
	struct cs_arena *a = l->rec.arena;
	bool is_good;

	*v = cell(l, C_VALUE);
	switch (t) {
	case T_EMAIL:
		*v = cs_address_norm(a, *v);
		is_good = cs_address_domain(*v).p != NULL;
		break;
	case T_DOMAIN:
		*v = cs_address_norm(a, *v);
		if (v->n > 0 && v->p[0] == '@') {
			v->p++;
			v->n--;
		}
		is_good = v->n > 0 && cs_str_chr(*v, '@') == NULL;
		break;
	case T_SHA256:
		*v = cs_address_norm(a, *v);
		is_good = is_sha256(*v);
		break;
	default:
		is_good = v->n > 0;
	}
	if (!is_good)
		cs_diag(l->diags, CS_ERROR, "type", line_of(l),
		    "\"%.*s\" is no value of type %s", CS_ARG(*v),
		    type_names[t]);
	return is_good;
}

static bool
read_scope(struct loading *l, struct terms *e)
{
	struct cs_str s = cell(l, C_SCOPE);

	if (s.n == 0 || cs_str_isi(s, "all")) {
		e->scope = S_ALL;
		return true;
	}
	if (cs_str_isi(s, "promo")) {
		e->scope = S_PROMO;
		return true;
	}
	if (cs_str_starts(s, CS_S("mail:")) && s.n > 5) {
		e->scope = S_MAIL;
		e->name =
		    cs_keep(&l->s->arena, (struct cs_str){s.p + 5, s.n - 5});
		return true;
	}
	if (cs_str_starts(s, CS_S("group:")) && s.n > 6) {
		e->scope = S_GROUP;
		e->name =
		    cs_keep(&l->s->arena, (struct cs_str){s.p + 6, s.n - 6});
		return true;
	}
	cs_diag(l->diags, CS_ERROR, "type", line_of(l),
	    "scope \"%.*s\" is not one of: all promo mail:NAME group:NAME",
	    CS_ARG(s));
	return false;
}

static bool
read_day(struct loading *l, enum column c, long open, long *day)
{
	struct cs_str s = cell(l, c);
	struct cs_civil civil;

	*day = open;
	if (s.n == 0)
		return true;
	if (cs_zone_civil(s, &civil) != CS_DATE_OK) {
		cs_diag(l->diags, CS_ERROR, "type", line_of(l),
		    "%s \"%.*s\" is not a date (YYYY-MM-DD)", column_names[c],
		    CS_ARG(s));
		return false;
	}
	*day = cs_civil_days(civil);
	return true;
}

static bool
holds(struct cs_str s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= s.n; i++)
		if (cs_str_isi((struct cs_str){s.p + i, n}, word))
			return true;
	return false;
}

/* The cells that make the terms, as one text. */
static void
put_said(struct loading *l, struct cs_buf *b)
{
	for (enum column c = C_REASON; c <= C_UNTIL; c++) {
		struct cs_str s = cell(l, c);

		cs_buf_add(b, &s.n, sizeof(s.n));
		cs_buf_str(b, s);
	}
	cs_buf_puts(b, l->path);
}

static bool
read_terms(struct loading *l, struct terms *t)
{
	struct cs_str reason = cell(l, C_REASON);
	char text[16];

	if (!read_scope(l, t) || !read_day(l, C_SINCE, LONG_MIN, &t->since) ||
	    !read_day(l, C_UNTIL, LONG_MAX, &t->until))
		return false;
	t->is_bounce = holds(reason, "bounce");
	t->reason =
	    reason.n > 0 ? cs_keep(&l->s->arena, reason) : CS_S("listed");
	t->until_text = CS_S("");
	if (t->until != LONG_MAX) {
		cs_civil_print(text, cs_days_civil(t->until));
		t->until_text = cs_keep(&l->s->arena, cs_str(text));
	}
	t->file = l->path;
	return true;
}

static bool
find_terms(struct loading *l, size_t *number)
{
	struct cs_suppress *s = l->s;
	struct terms t = {0};
	bool is_good = true;

	cs_buf_reset(&l->said);
	put_said(l, &l->said);
	*number = cs_map_find(&s->said, cs_buf_get(&l->said));
	if (*number == SIZE_MAX && (is_good = read_terms(l, &t))) {
		*number = cs_map_add(&s->said, cs_buf_get(&l->said), NULL);
		s->terms = cs_grow(
		    s->terms, *number, &s->terms_cap, sizeof(*s->terms));
		s->terms[*number] = t;
	}
	return is_good;
}

static void
add(struct cs_suppress *s, enum type t, struct cs_str value, struct entry e)
{
	size_t place = cs_set_add(&s->value[t], value, NULL);
	void *extra = cs_set_extra(&s->value[t], place);
	struct chain chain;

	if (s->n == UINT32_MAX)
		cs_nomem();
	s->entry = cs_grow(s->entry, s->n, &s->capn, sizeof(*s->entry));
	s->entry[s->n++] = e;
	memcpy(&chain, extra, sizeof(chain));
	if (chain.first == 0)
		chain.first = (uint32_t)s->n;
	else
		s->entry[chain.last - 1].next = (uint32_t)s->n;
	chain.last = (uint32_t)s->n;
	memcpy(extra, &chain, sizeof(chain));
}

static void
one_record(struct loading *l)
{
	struct cs_str value;
	enum type t;
	size_t terms;

	if (read_type(l, &t) && read_value(l, t, &value) &&
	    find_terms(l, &terms))
		add(l->s, t, value,
		    (struct entry){
			.terms = (uint32_t)terms, .line = l->rec.line});
}

static bool
find_columns(struct loading *l, struct cs_header *head)
{
	for (int c = 0; c < COLUMNS; c++)
		l->col[c] = head->is_open
				? cs_header_add(head, cs_str(column_names[c]))
				: cs_header_find(head, cs_str(column_names[c]));
	if (l->col[C_TYPE] != CS_NO_COLUMN && l->col[C_VALUE] != CS_NO_COLUMN)
		return true;
	cs_diag(l->diags, CS_ERROR, "type", (struct cs_place){l->path, 1, 0},
	    "a suppression file needs the columns type and value; reason, "
	    "scope, since, until may follow");
	return false;
}

static bool
read_records(struct loading *l, struct cs_reader *r, struct cs_err *err)
{
	struct cs_refused refused;

	for (;;) {
		switch (cs_reader_next(r, &l->rec, &refused, err)) {
		case CS_READ:
			one_record(l);
			break;
		case CS_READ_REFUSED:
			cs_diag(l->diags, CS_ERROR, "type",
			    (struct cs_place){l->path, refused.line, 0}, "%s",
			    refused.text);
			break;
		case CS_READ_END:
			return true;
		case CS_READ_FAILED:
			return false;
		}
		cs_arena_reset(l->rec.arena);
	}
}

static bool
is_fresh(struct cs_in *in, const struct cs_duration *max_age,
    const struct cs_as_of *as_of, struct cs_err *err)
{
	static const struct {
		char unit;
		long seconds;
	} units[] = {{'h', 3600}, {'d', DAY}, {'w', 7 * DAY}, {'m', 30 * DAY}};
	struct stat st;
	long long age, limit = 0;

	if (max_age == NULL)
		return true;
	if (fstat(cs_in_fd(in), &st) != 0 || !S_ISREG(st.st_mode))
		return cs_fail(err, CS_STOP,
		    "%s: not a file, so its age is not known "
		    "(--suppress-max-age)",
		    cs_in_name(in));
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].unit == max_age->unit)
			limit = (long long)max_age->n * units[i].seconds;
	age = as_of->epoch - (long long)st.st_mtime;
	if (age <= limit)
		return true;
	return cs_fail(err, CS_STOP,
	    "stop: %s is %lld hours old, over --suppress-max-age (%lld hours); "
	    "nothing written",
	    cs_in_name(in), (age + 3599) / 3600, limit / 3600);
}

bool
cs_suppress_load(struct cs_suppress *s, const char *path,
    const struct cs_duration *max_age, const struct cs_as_of *as_of,
    struct cs_diags *diags, struct cs_err *err)
{
	struct cs_reader_conf conf = {0};
	struct cs_header head = {0};
	struct cs_arena one = {0};
	struct loading l = {.s = s, .diags = diags};
	struct cs_in *in = cs_in_open(path, err);
	struct cs_reader *r;
	bool is_good = true;

	if (in == NULL)
		return false;
	l.path = cs_keepz(&s->arena, cs_str(cs_in_name(in)));
	if (!is_fresh(in, max_age, as_of, err)) {
		cs_in_close(in);
		return false;
	}
	r = cs_reader_open(in, &conf, &head, err);
	if (r == NULL)
		return false;
	l.rec.arena = &one;
	if (!cs_reader_is_empty(r) && find_columns(&l, &head))
		is_good = read_records(&l, r, err);
	cs_reader_close(r);
	cs_header_free(&head);
	cs_arena_free(&one);
	cs_buf_free(&l.said);
	return is_good;
}

/* --- asking --- */

static bool
applies(const struct terms *e, const struct cs_suppress_who *who, long today)
{
	if (today < e->since || today > e->until)
		return false;
	if (e->is_bounce)
		return true;
	switch (e->scope) {
	case S_ALL:
		return true;
	case S_PROMO:
		return who->is_promo;
	case S_MAIL:
		return cs_str_eq(e->name, who->mail);
	case S_GROUP:
		return who->group.n > 0 && cs_str_eq(e->name, who->group);
	}
	return false;
}

static bool
find_key(const struct cs_suppress *s, enum type type, struct cs_str value,
    const struct cs_suppress_who *who, long today, struct cs_suppress_hit *hit)
{
	const struct entry *e;
	const struct terms *t;
	struct chain chain;
	size_t place, i;

	if (value.p == NULL)
		return false;
	place = cs_set_find(&s->value[type], value);
	if (place == SIZE_MAX)
		return false;
	memcpy(&chain, cs_set_extra(&s->value[type], place), sizeof(chain));
	for (i = chain.first; i != 0; i = e->next) {
		e = &s->entry[i - 1];
		t = &s->terms[e->terms];
		if (applies(t, who, today)) {
			*hit = (struct cs_suppress_hit){
			    t->reason, t->until_text, t->file, e->line};
			return true;
		}
	}
	return false;
}

static bool
find_hash(const struct cs_suppress *s, const struct cs_suppress_who *who,
    long today, struct cs_suppress_hit *hit)
{
	unsigned char sum[32];
	char hex[HEX];

	if (who->email.p == NULL || s->value[T_SHA256].n == 0)
		return false;
	cs_sha256(who->email.p, who->email.n, sum);
	for (size_t i = 0; i < sizeof(sum); i++) {
		hex[2 * i] = "0123456789abcdef"[sum[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[sum[i] & 15];
	}
	return find_key(
	    s, T_SHA256, (struct cs_str){hex, HEX}, who, today, hit);
}

bool
cs_suppress_find(const struct cs_suppress *s, const struct cs_suppress_who *who,
    long today, struct cs_suppress_hit *hit)
{
	return find_key(s, T_EMAIL, who->email, who, today, hit) ||
	       find_hash(s, who, today, hit) ||
	       find_key(s, T_DOMAIN, cs_address_domain(who->email), who, today,
		   hit) ||
	       find_key(s, T_ID, who->id, who, today, hit) ||
	       find_key(s, T_ACCOUNT, who->account, who, today, hit);
}
