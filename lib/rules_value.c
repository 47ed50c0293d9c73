#include <string.h>
#include <strings.h>

#include "date.h"
#include "num.h"
#include "rules_load.h"
#include "text.h"

/* What every check needs. */
struct check {
	struct cs_kv *kv;
	struct cs_arena *run;
	struct cs_diags *diags;
	struct cs_place at; /* where the value begins */
};

#define KEY(c) CS_ARG((c)->kv->pair->key)
#define VALUE(c) CS_ARG((c)->kv->pair->value)

struct cs_str *
cs_rules_words(const char *words, struct cs_arena *run, size_t *n)
{
	struct cs_str rest = cs_str(words), word, *v;
	size_t count = 1;

	for (size_t i = 0; i < rest.n; i++)
		count += rest.p[i] == ' ';
	v = cs_arena_array(run, count, sizeof(*v));
	*n = 0;
	while (cs_str_next(&rest, ' ', &word))
		v[(*n)++] = word;
	return v;
}

bool
cs_rules_name_ok(const struct cs_pair *pair, struct cs_diags *diags)
{
	struct cs_str s = pair->value;

	if (s.n > 0 && s.p[0] == '_') {
		cs_diag(diags, CS_ERROR, "syntax", cs_pair_place(pair, 0),
		    "a name does not begin with \"_\": \"%.*s\"", CS_ARG(s));
		return false;
	}
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n') {
			cs_diag(diags, CS_ERROR, "syntax",
			    cs_pair_place(pair, i), "a name is one line");
			return false;
		}
		if (strchr(";,/", s.p[i])) {
			cs_diag(diags, CS_ERROR, "syntax",
			    cs_pair_place(pair, i),
			    "a name does not hold \"%c\": \"%.*s\"", s.p[i],
			    CS_ARG(s));
			return false;
		}
	}
	return true;
}

static bool
out_of_bounds(const struct check *c)
{
	const struct cs_key *k = c->kv->key;

	if (k->hi >= 1e15)
		cs_diag(c->diags, CS_ERROR, "type", c->at,
		    "\"%.*s\" is %g or more, not %.*s", KEY(c), k->lo,
		    VALUE(c));
	else
		cs_diag(c->diags, CS_ERROR, "type", c->at,
		    "\"%.*s\" is a number from %g to %g, not %.*s", KEY(c),
		    k->lo, k->hi, VALUE(c));
	return false;
}

static bool
check_number(struct check *c)
{
	const struct cs_key *k = c->kv->key;
	struct cs_str s = c->kv->value;
	bool is_percent = k->hi == 100.0 && s.n > 0 && s.p[s.n - 1] == '%';

	if (is_percent)
		s = cs_str_trim((struct cs_str){s.p, s.n - 1});
	if (!cs_num_person(s, &c->kv->num)) {
		cs_diag(c->diags, CS_ERROR, "type", c->at,
		    "\"%.*s\" is a number such as 30 or 2.5, not \"%.*s\"",
		    KEY(c), VALUE(c));
		return false;
	}
	if (k->lo < k->hi && (c->kv->num < k->lo || c->kv->num > k->hi))
		return out_of_bounds(c);
	return true;
}

static bool
check_whole(struct check *c)
{
	const struct cs_key *k = c->kv->key;
	long long v;

	if (!cs_num_whole(
		c->kv->value, -1000000000000000, 1000000000000000, &v)) {
		cs_diag(c->diags, CS_ERROR, "type", c->at,
		    "\"%.*s\" is a whole number, not \"%.*s\"", KEY(c),
		    VALUE(c));
		return false;
	}
	c->kv->num = (double)v;
	if (k->lo < k->hi && (c->kv->num < k->lo || c->kv->num > k->hi))
		return out_of_bounds(c);
	return true;
}

static bool
check_rate(struct check *c)
{
	struct cs_str s = c->kv->value;
	bool is_percent = s.n > 0 && s.p[s.n - 1] == '%';
	double v;

	if (is_percent)
		s = cs_str_trim((struct cs_str){s.p, s.n - 1});
	if (cs_num_person(s, &v)) {
		c->kv->num = is_percent ? v / 100 : v;
		if (c->kv->num >= 0 && c->kv->num <= 1)
			return true;
	}
	cs_diag(c->diags, CS_ERROR, "type", c->at,
	    "\"%.*s\" is a rate from 0 to 1, as 0.6 or 60%%, not \"%.*s\"",
	    KEY(c), VALUE(c));
	return false;
}

static bool
check_range(struct check *c)
{
	struct cs_str s = c->kv->value, lo, hi;
	const char *dots = s.n < 2 ? NULL : memmem(s.p, s.n, "..", 2);

	if (dots != NULL) {
		lo = (struct cs_str){s.p, (size_t)(dots - s.p)};
		hi = (struct cs_str){dots + 2, s.n - lo.n - 2};
		if (cs_num_person(cs_str_trim(lo), &c->kv->lo) &&
		    cs_num_person(cs_str_trim(hi), &c->kv->hi)) {
			if (c->kv->lo != c->kv->hi)
				return true;
			cs_diag(c->diags, CS_ERROR, "type", c->at,
			    "both ends of \"%.*s\" are the same: %.*s", KEY(c),
			    VALUE(c));
			return false;
		}
	}
	cs_diag(c->diags, CS_ERROR, "type", c->at,
	    "\"%.*s\" is two numbers with two dots between, as 0..100, not "
	    "\"%.*s\"",
	    KEY(c), VALUE(c));
	return false;
}

static size_t
word_length(struct cs_str s)
{
	size_t n = 0;

	while (n < s.n && !strchr(" \t\n", s.p[n]))
		n++;
	return n;
}

static bool
step_fault(struct check *c, struct cs_str step)
{
	cs_diag(c->diags, CS_ERROR, "type",
	    cs_pair_place(c->kv->pair, (size_t)(step.p - c->kv->value.p)),
	    "\"%.*s\" is value:result pairs that rise, with results from 0 to "
	    "100, as 0:0 300:60 1000:100; wrong is \"%.*s\"",
	    KEY(c), CS_ARG(step));
	return false;
}

static bool
check_steps(struct check *c)
{
	struct cs_kv *kv = c->kv;
	struct cs_str rest = kv->value;
	size_t cap = rest.n / 2 + 1;

	kv->steps = cs_arena_array(c->run, cap, sizeof(*kv->steps));
	while (rest.n > 0) {
		struct cs_score_step *s = &kv->steps[kv->nsteps];
		struct cs_str step = {rest.p, word_length(rest)};
		const char *colon = cs_str_chr(step, ':');

		if (colon == NULL)
			return step_fault(c, step);
		if (!cs_num_person(
			(struct cs_str){step.p, (size_t)(colon - step.p)},
			&s->at) ||
		    !cs_num_person((struct cs_str){colon + 1,
				       step.n - (size_t)(colon - step.p) - 1},
			&s->result))
			return step_fault(c, step);
		if (s->result < 0 || s->result > 100 ||
		    (kv->nsteps > 0 && s->at <= s[-1].at))
			return step_fault(c, step);
		kv->nsteps++;
		rest.p += step.n;
		rest.n -= step.n;
		while (rest.n > 0 && strchr(" \t\n", rest.p[0])) {
			rest.p++;
			rest.n--;
		}
	}
	return true;
}

static bool
check_duration(struct check *c)
{
	if (cs_duration_parse(c->kv->value, &c->kv->duration))
		return true;
	cs_diag(c->diags, CS_ERROR, "type", c->at,
	    "\"%.*s\" is a duration of one unit, as 30d, 12h, 4w or 1mo, not "
	    "\"%.*s\"",
	    KEY(c), VALUE(c));
	return false;
}

static bool
check_date(struct check *c)
{
	struct cs_time t;
	enum cs_date_fault f = cs_time_parse(c->kv->value, &t);

	if (f == CS_DATE_OK && !t.has_time)
		return true;
	if (f == CS_DATE_NO_DAY)
		cs_diag(c->diags, CS_ERROR, "type", c->at,
		    "the day %.*s does not exist", VALUE(c));
	else
		cs_diag(c->diags, CS_ERROR, "type", c->at,
		    "\"%.*s\" is a day as 2026-03-01, not \"%.*s\"", KEY(c),
		    VALUE(c));
	return false;
}

/* JSON and spreadsheets write yes and no as true and false. */
static struct cs_str
plain_word(struct cs_str s, const char *words)
{
	if (strncmp(words, "yes no", 6) != 0)
		return s;
	return cs_str_isi(s, "true")	? CS_S("yes")
	       : cs_str_isi(s, "false") ? CS_S("no")
					: s;
}

static bool
check_word(struct check *c)
{
	const char *words = c->kv->key->words;
	struct cs_str s = plain_word(c->kv->value, words), near;
	size_t n;
	struct cs_str *v = cs_rules_words(words, c->run, &n);

	for (size_t i = 0; i < n; i++)
		if (s.n == v[i].n && strncasecmp(s.p, v[i].p, s.n) == 0) {
			c->kv->value = v[i];
			return true;
		}
	near = cs_nearest(s, v, n);
	if (near.n > 0)
		cs_diag(c->diags, CS_ERROR, "type", c->at,
		    "\"%.*s\" cannot be \"%.*s\" (did you mean \"%.*s\"?)",
		    KEY(c), VALUE(c), CS_ARG(near));
	else
		cs_diag(c->diags, CS_ERROR, "type", c->at,
		    "\"%.*s\" cannot be \"%.*s\": it is one of %s", KEY(c),
		    VALUE(c), words);
	return false;
}

static bool
check_missing(struct check *c)
{
	struct cs_str s = c->kv->value;

	if (cs_num_person(s, &c->kv->num)) {
		c->kv->is_number = true;
		if (c->kv->num >= 0 && c->kv->num <= 100)
			return true;
		cs_diag(c->diags, CS_ERROR, "type", c->at,
		    "the number of \"%.*s\" is from 0 to 100, not %.*s", KEY(c),
		    VALUE(c));
		return false;
	}
	return check_word(c);
}

static bool
check_list(struct check *c)
{
	struct cs_str rest = c->kv->value, item;
	size_t n = 0, quotes = 0;

	for (size_t i = 0; i < rest.n; i++)
		quotes += rest.p[i] == '"';
	if (quotes % 2 == 1) {
		cs_diag(c->diags, CS_ERROR, "syntax", c->at,
		    "a quote of \"%.*s\" is not closed", KEY(c));
		return false;
	}
	while (cs_list_next(&rest, &item, c->run))
		n++;
	if (n > 0)
		return true;
	cs_diag(c->diags, CS_ERROR, "syntax", c->at, "\"%.*s\" names nothing",
	    KEY(c));
	return false;
}

/* Bytes of a text literal at s (s.p[0] is the quote), interpolations and the
 * literals inside them included. */
static size_t
literal_length(struct cs_str s)
{
	size_t i = 1, depth = 0;

	while (i < s.n) {
		struct cs_str inner = {s.p + i, s.n - i};

		if (depth == 0 && s.p[i] == '"')
			return i + 1;
		if (depth == 0 && s.p[i] == '\\' && i + 1 < s.n) {
			depth += s.p[i + 1] == '(';
			i += 2;
			continue;
		}
		if (depth > 0 && s.p[i] == '"') {
			i += literal_length(inner);
			continue;
		}
		if (depth > 0)
			depth +=
			    (size_t)(s.p[i] == '(') - (size_t)(s.p[i] == ')');
		i++;
	}
	return s.n;
}

/* Bytes up to the comma that ends the piece at the front of s. */
static size_t
piece_length(struct cs_str s)
{
	size_t i = 0, depth = 0;

	while (i < s.n) {
		struct cs_str rest = {s.p + i, s.n - i};

		if (s.p[i] == '"') {
			i += literal_length(rest);
			continue;
		}
		if (s.p[i] == ',' && depth == 0)
			break;
		if (strchr("([{", s.p[i]))
			depth++;
		else if (strchr(")]}", s.p[i]) && depth > 0)
			depth--;
		i++;
	}
	return i;
}

static bool
ends_in_word(struct cs_str s, const char *word)
{
	size_t n = strlen(word);

	return s.n > n && strncasecmp(s.p + s.n - n, word, n) == 0 &&
	       strchr(" \t\n)", s.p[s.n - n - 1]) != NULL;
}

static bool
order_piece(struct check *c, size_t from, size_t to)
{
	struct cs_kv *kv = c->kv;
	struct cs_order *o = &kv->order[kv->norder++];
	struct cs_pair *part = cs_arena_array(c->run, 1, sizeof(*part));
	size_t cut = 0;

	*part = cs_pair_part(kv->pair, from, to);
	if (part->value.n == 0) {
		cs_diag(c->diags, CS_ERROR, "syntax",
		    cs_pair_place(kv->pair, from),
		    "\"%.*s\" has nothing to order by here", KEY(c));
		return false;
	}
	o->is_desc = ends_in_word(part->value, "desc");
	if (o->is_desc)
		cut = 4;
	else if (ends_in_word(part->value, "asc"))
		cut = 3;
	from = part->offset;
	*part = cs_pair_part(kv->pair, from, from + part->value.n - cut);
	o->expr = cs_expr_parse(part, CS_VALUE, c->run, c->diags);
	return true;
}

static bool
check_order(struct check *c)
{
	struct cs_kv *kv = c->kv;
	struct cs_str s = kv->value;
	size_t from = 0, count = 1;
	bool is_good = true;

	if (kv->key->words != NULL)
		return check_word(c);
	for (size_t i = 0; i < s.n; i++)
		count += s.p[i] == ',';
	kv->order = cs_arena_array(c->run, count, sizeof(*kv->order));
	while (is_good) {
		struct cs_str rest = {s.p + from, s.n - from};
		size_t n = piece_length(rest);

		is_good = order_piece(c, from, from + n);
		from += n + 1;
		if (from > s.n)
			break;
	}
	return is_good;
}

static bool
check_name(struct check *c)
{
	if (!cs_rules_name_ok(c->kv->pair, c->diags))
		return false;
	c->kv->value = cs_text_nfc(c->run, c->kv->value);
	return true;
}

bool
cs_rules_value(struct cs_kv *kv, struct cs_arena *run, struct cs_diags *diags)
{
	struct check c = {kv, run, diags, cs_pair_place(kv->pair, 0)};
	enum cs_role role = CS_VALUE;

	kv->value = kv->pair->value;
	if (kv->value.n == 0 && kv->key->type != CS_KEY_TEXT) {
		cs_diag(diags, CS_ERROR, "syntax", c.at,
		    "\"%.*s\" has no value", KEY(&c));
		return false;
	}
	switch (kv->key->type) {
	case CS_KEY_TEXT:
		return true;
	case CS_KEY_NAME:
		return check_name(&c);
	case CS_KEY_NUMBER:
		return check_number(&c);
	case CS_KEY_WHOLE:
		return check_whole(&c);
	case CS_KEY_CONDITION:
		role = CS_CONDITION;
		/* fall through */
	case CS_KEY_EXPR:
		kv->expr = cs_expr_parse(kv->pair, role, run, diags);
		return true;
	case CS_KEY_DURATION:
		return check_duration(&c);
	case CS_KEY_WORD:
		return check_word(&c);
	case CS_KEY_MISSING:
		return check_missing(&c);
	case CS_KEY_ORDER:
		return check_order(&c);
	case CS_KEY_LIST:
		return check_list(&c);
	case CS_KEY_RATE:
		return check_rate(&c);
	case CS_KEY_RANGE:
		return check_range(&c);
	case CS_KEY_STEPS:
		return check_steps(&c);
	case CS_KEY_DATE:
		return check_date(&c);
	}
	return false;
}

/* The text inside quotes that begin *rest; "" stands for ". */
static struct cs_str
quoted_item(struct cs_str *rest, struct cs_arena *a)
{
	char *p = cs_arena_alloc(a, rest->n);
	size_t i = 1, n = 0;

	for (; i < rest->n; i++) {
		if (rest->p[i] == '"') {
			if (i + 1 == rest->n || rest->p[i + 1] != '"') {
				i++;
				break;
			}
			i++;
		}
		p[n++] = rest->p[i];
	}
	rest->p += i;
	rest->n -= i;
	return (struct cs_str){p, n};
}

static void
skip_separators(struct cs_str *rest)
{
	while (rest->n > 0 && strchr(", \t\n", rest->p[0])) {
		rest->p++;
		rest->n--;
	}
}

bool
cs_list_next(struct cs_str *rest, struct cs_str *item, struct cs_arena *a)
{
	size_t n = 0;

	skip_separators(rest);
	if (rest->n == 0)
		return false;
	if (rest->p[0] == '"') {
		*item = quoted_item(rest, a);
		return true;
	}
	while (n < rest->n && !strchr(", \t\n", rest->p[n]))
		n++;
	*item = (struct cs_str){rest->p, n};
	rest->p += n;
	rest->n -= n;
	return true;
}
