#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "hash.h"
#include "in.h"
#include "rules.h"
#include "rules_value.h"
#include "text.h"

enum { KINDS_MAX = 32 };

/* A load in progress. */
struct load {
	struct cs_rules *r;
	struct cs_arena *run;
	struct cs_diags *diags;
	const struct cs_kind *kind;
	size_t nkinds;
	struct cs_str *kind_name;
	/* The open Score, Axis, Funnel of this file, by number of the kind. */
	struct cs_stanza *open[KINDS_MAX];
	struct cs_map names; /* kind, owner and name -> first stanza */
	struct cs_stanza **named;
	size_t named_cap;
};

/* The title of a key or kind for messages: "From-date". */
struct title {
	char z[32];
};

static struct title
title(const char *name)
{
	struct title t = {""};

	strncpy(t.z, name, sizeof(t.z) - 1);
	if (t.z[0] >= 'a' && t.z[0] <= 'z')
		t.z[0] = (char)(t.z[0] - 'a' + 'A');
	return t;
}

/* Keys and kinds: case does not matter, - and _ are one. */
static bool
same_word(struct cs_str a, const char *b)
{
	if (a.n != strlen(b))
		return false;
	for (size_t i = 0; i < a.n; i++) {
		char x = a.p[i] == '_' ? '-' : a.p[i];
		char y = b[i] == '_' ? '-' : b[i];

		if (strncasecmp(&x, &y, 1) != 0)
			return false;
	}
	return true;
}

static void
start(struct load *l, struct cs_rules *r, struct cs_arena *run,
    struct cs_diags *diags)
{
	*l = (struct load){.r = r, .run = run, .diags = diags};
	l->kind = cs_kinds(&l->nkinds);
	l->kind_name = cs_arena_array(run, l->nkinds, sizeof(*l->kind_name));
	for (size_t i = 0; i < l->nkinds; i++)
		l->kind_name[i] = cs_str(l->kind[i].name);
}

static void
finish(struct load *l)
{
	cs_map_free(&l->names);
	free(l->named);
}

static const struct cs_kind *
find_kind(const struct load *l, struct cs_str word)
{
	for (size_t i = 0; i < l->nkinds; i++)
		if (same_word(word, l->kind[i].name))
			return &l->kind[i];
	return NULL;
}

static const struct cs_key *
find_key(const struct cs_kind *kind, struct cs_str word)
{
	for (size_t i = 0; i < kind->nkeys; i++)
		if (same_word(word, kind->keys[i].name))
			return &kind->keys[i];
	return NULL;
}

static size_t
kind_number(const struct load *l, const char *name)
{
	return (size_t)(find_kind(l, cs_str(name)) - l->kind);
}

/* "Let Column Score ..." */
static const char *
kind_list(const struct load *l)
{
	struct cs_buf b = {0};
	const char *list;

	for (size_t i = 0; i < l->nkinds; i++)
		cs_buf_printf(&b, "%s%s", i > 0 ? " " : "", l->kind[i].name);
	list = cs_keepz(l->run, cs_buf_get(&b));
	cs_buf_free(&b);
	return list;
}

static const char *
key_list(const struct load *l, const struct cs_kind *kind)
{
	struct cs_buf b = {0};
	const char *list;

	for (size_t i = 0; i < kind->nkeys; i++)
		cs_buf_printf(
		    &b, "%s%s", i > 0 ? " " : "", title(kind->keys[i].name).z);
	list = cs_keepz(l->run, cs_buf_get(&b));
	cs_buf_free(&b);
	return list;
}

/* Which kind has such a key? For a key that stands where a kind should. */
static const struct cs_kind *
kind_with_key(const struct load *l, struct cs_str word)
{
	for (size_t i = 0; i < l->nkinds; i++)
		if (find_key(&l->kind[i], word))
			return &l->kind[i];
	return NULL;
}

/* The kind a stanza begins with. A misspelt one is told and read as what was
 * meant, so that one mistake gives one message. */
static const struct cs_kind *
kind_of(struct load *l, const struct cs_pair *p)
{
	const struct cs_kind *k = find_kind(l, p->key);
	struct cs_str near;

	if (k != NULL)
		return k;
	k = kind_with_key(l, p->key);
	if (k != NULL) {
		cs_diag(l->diags, CS_ERROR, "syntax", p->key_at,
		    "\"%.*s\" does not begin a stanza, it is a key of %s: is "
		    "there a blank line too many above it?",
		    CS_ARG(p->key), k->name);
		return NULL;
	}
	near = cs_nearest(p->key, l->kind_name, l->nkinds);
	if (near.n > 0)
		cs_diag(l->diags, CS_ERROR, "unknown-key", p->key_at,
		    "unknown kind \"%.*s\" (did you mean \"%.*s\"?)",
		    CS_ARG(p->key), CS_ARG(near));
	else
		cs_diag(l->diags, CS_ERROR, "unknown-key", p->key_at,
		    "unknown kind \"%.*s\": a stanza is one of %s",
		    CS_ARG(p->key), kind_list(l));
	return find_kind(l, near);
}

static const struct cs_key *
key_of(struct load *l, const struct cs_stanza *s, const struct cs_pair *p)
{
	const struct cs_kind *kind = s->kind;
	const struct cs_key *key = find_key(kind, p->key);
	struct cs_str names[64], near;

	if (key != NULL)
		return key;
	for (size_t i = 0; i < kind->nkeys; i++)
		names[i] = cs_str(kind->keys[i].name);
	near = cs_nearest(p->key, names, kind->nkeys);
	if (near.n == 0) {
		cs_diag(l->diags, CS_ERROR, "unknown-key", p->key_at,
		    "%s has no key \"%.*s\"; its keys are %s", kind->name,
		    CS_ARG(p->key), key_list(l, kind));
		return NULL;
	}
	key = find_key(kind, near);
	cs_diag(l->diags, CS_ERROR, "unknown-key", p->key_at,
	    "%s has no key \"%.*s\" (did you mean \"%s\"?)", kind->name,
	    CS_ARG(p->key), title(key->name).z);
	return cs_stanza_get(s, key->name) ? NULL : key;
}

static void
add_key(struct load *l, struct cs_stanza *s, const struct cs_pair *p)
{
	const struct cs_key *key = key_of(l, s, p);
	struct cs_kv *kv = &s->kv[s->n];
	const struct cs_kv *first;

	if (key == NULL)
		return;
	first = cs_stanza_get(s, key->name);
	if (first != NULL && !key->is_many) {
		cs_diag(l->diags, CS_ERROR, "duplicate", p->key_at,
		    "\"%.*s\" stands twice in one stanza, first on line %zu",
		    CS_ARG(p->key), first->pair->key_at.line);
		return;
	}
	*kv = (struct cs_kv){.key = key, .pair = p};
	/* A value with a fault stays as an absent one that is present: no
	 * second message says that the key is needed. */
	kv->is_faulty = !cs_rules_value(kv, l->run, l->diags);
	s->n++;
}

static bool
let_name_ok(struct cs_str s)
{
	static const char *const taken[] = {
	    "today", "as_of", "now", "ENV", "__loc__"};

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (cs_str_is(s, taken[i]))
			return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool is_digit = c >= '0' && c <= '9';

		if ((c & 0x80) || c == '_' || (is_digit && i > 0) ||
		    ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
			continue;
		return false;
	}
	return true;
}

/* The name of a mail is the name of its template and stands in its log. */
static bool
mail_name_ok(struct cs_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    !strchr("._-", c))
			return false;
	}
	return s.p[0] != '.';
}

static bool
cell_name_ok(struct load *l, struct cs_str s)
{
	struct cs_str item;
	size_t n = 0;

	while (cs_list_next(&s, &item, l->run))
		n++;
	return n == 2;
}

static bool
kind_name_ok(struct load *l, const struct cs_stanza *s)
{
	struct cs_place at = cs_pair_place(s->pair, 0);

	if (cs_stanza_is(s, "Let") && !let_name_ok(s->name)) {
		cs_diag(l->diags, CS_ERROR, "syntax", at,
		    "\"%.*s\" cannot be the name of a Let: letters, digits and "
		    "_ are, not today, as_of, now",
		    CS_ARG(s->name));
		return false;
	}
	if (cs_stanza_is(s, "Mail") && !mail_name_ok(s->name)) {
		cs_diag(l->diags, CS_ERROR, "syntax", at,
		    "the name of a Mail is made of a-z 0-9 . _ - (it names the "
		    "template), not \"%.*s\"",
		    CS_ARG(s->name));
		return false;
	}
	if (cs_stanza_is(s, "Cell") && !cell_name_ok(l, s->name)) {
		cs_diag(l->diags, CS_ERROR, "syntax", at,
		    "the name of a Cell is the names of two levels, as \"L4 "
		    "bad\", not \"%.*s\"",
		    CS_ARG(s->name));
		return false;
	}
	return true;
}

static bool
take_name(struct load *l, struct cs_stanza *s)
{
	s->name = s->pair->value;
	if (s->name.n == 0) {
		if (cs_stanza_is(s, "Exclude"))
			return true;
		cs_diag(l->diags, CS_ERROR, "syntax", s->at, "%s needs a name",
		    s->kind->name);
		return false;
	}
	/* A header's names are what they are. */
	if (cs_stanza_is(s, "Column"))
		return true;
	if (!cs_rules_name_ok(s->pair, l->diags))
		return false;
	s->name = cs_text_nfc(l->run, s->name);
	return kind_name_ok(l, s);
}

/* Two stanzas with the same of these are the same stanza twice. */
static struct cs_str
identity(struct load *l, const struct cs_stanza *s)
{
	struct cs_buf b = {0};
	struct cs_str name = s->name, item;

	cs_buf_printf(&b, "%s %p ", s->kind->name, (const void *)s->owner);
	if (cs_stanza_is(s, "Cell")) {
		while (cs_list_next(&name, &item, l->run)) {
			cs_buf_str(&b, item);
			cs_buf_putc(&b, '/');
		}
	} else {
		cs_buf_str(&b, cs_text_nfc(l->run, name));
	}
	if (cs_stanza_is(s, "Score") && cs_stanza_get(s, "profile")) {
		cs_buf_putc(&b, '/');
		cs_buf_str(&b, cs_stanza_text(s, "profile"));
	}
	name = cs_keep(l->run, cs_buf_get(&b));
	cs_buf_free(&b);
	return name;
}

static void
check_twice(struct load *l, struct cs_stanza *s)
{
	bool is_new;
	size_t i;

	if (s->name.n == 0)
		return;
	i = cs_map_add(&l->names, identity(l, s), &is_new);
	if (is_new) {
		l->named =
		    cs_grow(l->named, i, &l->named_cap, sizeof(*l->named));
		l->named[i] = s;
		return;
	}
	cs_diag(l->diags, CS_ERROR, "duplicate", s->at,
	    "%s \"%.*s\" stands twice, first at %s:%zu", s->kind->name,
	    CS_ARG(s->name), l->named[i]->at.file, l->named[i]->at.line);
}

static void
check_required(struct load *l, const struct cs_stanza *s)
{
	for (size_t i = 0; i < s->kind->nkeys; i++) {
		const struct cs_key *k = &s->kind->keys[i];

		if (k->is_required && !cs_stanza_get(s, k->name))
			cs_diag(l->diags, CS_ERROR, "syntax", s->at,
			    "%s \"%.*s\" needs the key %s: %s", s->kind->name,
			    CS_ARG(s->name), title(k->name).z, k->help);
	}
}

static void
check_owner(struct load *l, struct cs_stanza *s)
{
	if (s->kind->owner == NULL)
		return;
	s->owner = l->open[kind_number(l, s->kind->owner)];
	if (s->owner == NULL && s->kind->is_owner_required)
		cs_diag(l->diags, CS_ERROR, "syntax", s->at,
		    "%s \"%.*s\" needs a %s stanza above it in the same file",
		    s->kind->name, CS_ARG(s->name), s->kind->owner);
}

static void
add_stanza(struct load *l, struct cs_stanza *s)
{
	struct cs_rules *r = l->r;
	struct cs_stanza **v;

	if (r->n == CS_MAX_RULES)
		cs_diag(l->diags, CS_ERROR, "syntax", s->at,
		    "more than %zu stanzas", CS_MAX_RULES);
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 64;
		v = cs_arena_array(l->run, r->cap, sizeof(struct cs_stanza *));
		if (r->n > 0)
			memcpy(v, r->v, r->n * sizeof(struct cs_stanza *));
		r->v = v;
	}
	r->v[r->n++] = s;
}

/* Both keys in one stanza? */
static bool
has_both(const struct cs_stanza *s, const char *a, const char *b)
{
	return cs_stanza_get(s, a) && cs_stanza_get(s, b);
}

/* What turns a Rule's Value into 0..100: how many of the three stand there. */
static size_t
curves(const struct cs_stanza *s)
{
	return (size_t) !!cs_stanza_get(s, "scale") +
	       (size_t) !!cs_stanza_get(s, "steps") +
	       (size_t) !!cs_stanza_get(s, "half-life");
}

static void
check_rule_value(struct load *l, const struct cs_stanza *s)
{
	bool has_value = cs_stanza_get(s, "value") != NULL;

	if (has_both(s, "when", "value"))
		cs_diag(l->diags, CS_ERROR, "syntax",
		    cs_stanza_place(s, "value"),
		    "Rule \"%.*s\" has When and Value: only one of them",
		    CS_ARG(s->name));
	else if (!has_value && !cs_stanza_get(s, "when"))
		cs_diag(l->diags, CS_ERROR, "syntax", s->at,
		    "Rule \"%.*s\" needs When or Value", CS_ARG(s->name));
	if (!has_value && curves(s) > 0)
		cs_diag(l->diags, CS_ERROR, "syntax", s->at,
		    "Rule \"%.*s\": Scale, Steps and Half-life need Value",
		    CS_ARG(s->name));
	if (has_value && cs_stanza_get(s, "points"))
		cs_diag(l->diags, CS_ERROR, "syntax",
		    cs_stanza_place(s, "value"),
		    "Rule \"%.*s\": Value needs Weight, Points need When",
		    CS_ARG(s->name));
	else if (has_value && curves(s) != 1)
		cs_diag(l->diags, CS_ERROR, "syntax",
		    cs_stanza_place(s, "value"),
		    "Rule \"%.*s\": Value needs one of Scale, Steps, Half-life",
		    CS_ARG(s->name));
}

static void
check_rule(struct load *l, const struct cs_stanza *s)
{
	const struct cs_kv *half = cs_stanza_get(s, "half-life"),
			   *missing = cs_stanza_get(s, "missing");

	if (has_both(s, "points", "weight"))
		cs_diag(l->diags, CS_ERROR, "syntax",
		    cs_stanza_place(s, "weight"),
		    "Rule \"%.*s\" has Points and Weight: only one of them",
		    CS_ARG(s->name));
	else if (!cs_stanza_get(s, "points") && !cs_stanza_get(s, "weight"))
		cs_diag(l->diags, CS_ERROR, "syntax", s->at,
		    "Rule \"%.*s\" needs Points or Weight", CS_ARG(s->name));
	check_rule_value(l, s);
	if (half != NULL && !half->is_faulty && half->duration.unit == 'm')
		cs_diag(l->diags, CS_ERROR, "type",
		    cs_pair_place(half->pair, 0),
		    "\"%.*s\" counts days, months have no fixed length: write "
		    "30d",
		    CS_ARG(half->pair->key));
	if (missing != NULL && missing->is_number &&
	    !cs_stanza_get(s, "weight"))
		cs_diag(l->diags, CS_ERROR, "type",
		    cs_pair_place(missing->pair, 0),
		    "a number for \"%.*s\" needs Weight",
		    CS_ARG(missing->pair->key));
}

static void
check_stanza(struct load *l, const struct cs_stanza *s)
{
	const struct cs_kv *kv;

	check_required(l, s);
	if (cs_stanza_is(s, "Rule"))
		check_rule(l, s);
	if (cs_stanza_is(s, "Override") && !cs_stanza_get(s, "band") &&
	    !cs_stanza_get(s, "score"))
		cs_diag(l->diags, CS_ERROR, "syntax", s->at,
		    "Override \"%.*s\" needs Band or Score", CS_ARG(s->name));
	kv = cs_stanza_is(s, "Score") ? cs_stanza_get(s, "range") : NULL;
	if (kv != NULL && !kv->is_faulty && kv->lo > kv->hi)
		cs_diag(l->diags, CS_ERROR, "type", cs_pair_place(kv->pair, 0),
		    "\"%.*s\" goes from the lower to the higher number, not "
		    "%.*s",
		    CS_ARG(kv->pair->key), CS_ARG(kv->pair->value));
	kv = cs_stanza_get(s, "missing");
	if (kv != NULL && kv->is_number && !cs_stanza_is(s, "Rule"))
		cs_diag(l->diags, CS_ERROR, "type", cs_pair_place(kv->pair, 0),
		    "\"%.*s\" is no, yes or error in a %s, not %.*s",
		    CS_ARG(kv->pair->key), s->kind->name,
		    CS_ARG(kv->pair->value));
}

/* Does pair i begin another stanza? "Level" in the stanza of an Axis does, but
 * "Score" in an Override is its key. Only lines can lack a blank line. */
static bool
begins_another(
    const struct load *l, const struct cs_kind *kind, const struct cs_pair *p)
{
	return p->form == CS_PAIR_LINES && !find_key(kind, p->key) &&
	       find_kind(l, p->key) != NULL;
}

/* Pairs i.. of the raw stanza as one stanza; returns where the next begins,
 * when a blank line is lacking. */
static size_t
take_stanza(struct load *l, const struct cs_raw_stanza *raw, size_t i)
{
	const struct cs_kind *kind = kind_of(l, &raw->pair[i]);
	struct cs_stanza *s = cs_arena_array(l->run, 1, sizeof(*s));
	bool has_name;

	if (kind == NULL)
		return raw->n;
	s->kind = kind;
	s->pair = &raw->pair[i];
	s->at = raw->pair[i].key_at;
	s->kv = cs_arena_array(l->run, raw->n - i, sizeof(*s->kv));
	has_name = take_name(l, s);
	for (i++; i < raw->n; i++) {
		if (begins_another(l, kind, &raw->pair[i])) {
			cs_diag(l->diags, CS_ERROR, "syntax",
			    raw->pair[i].key_at,
			    "\"%.*s\" begins a stanza of its own: put a blank "
			    "line above it",
			    CS_ARG(raw->pair[i].key));
			break;
		}
		add_key(l, s, &raw->pair[i]);
	}
	check_owner(l, s);
	check_stanza(l, s);
	if (has_name)
		check_twice(l, s);
	l->open[kind - l->kind] = s;
	add_stanza(l, s);
	return i;
}

/* The stanza of this kind and name that belongs to owner; also collects the
 * names there are. */
static const struct cs_stanza *
find_owned(const struct load *l, const struct cs_stanza *owner,
    const char *kind, struct cs_str name, struct cs_str *names, size_t *n)
{
	const struct cs_stanza *found = NULL;

	*n = 0;
	for (size_t i = 0; i < l->r->n; i++) {
		const struct cs_stanza *s = l->r->v[i];

		if (s->owner != owner || !cs_stanza_is(s, kind))
			continue;
		names[(*n)++] = s->name;
		if (cs_str_eq(s->name, name))
			found = s;
	}
	return found;
}

/* Does a name in a key stand for a stanza of the same owner? */
static void
check_ref(struct load *l, const struct cs_stanza *s, const struct cs_kv *kv,
    const char *kind, struct cs_str name)
{
	struct cs_str *names, near;
	size_t n;

	if (kv == NULL || kv->is_faulty || s->owner == NULL)
		return;
	names = cs_calloc(l->r->n, sizeof(*names));
	if (!find_owned(l, s->owner, kind, name, names, &n)) {
		near = cs_nearest(name, names, n);
		if (near.n > 0)
			cs_diag(l->diags, CS_ERROR, "unknown-key",
			    cs_pair_place(kv->pair, 0),
			    "no %s \"%.*s\" in this %s (did you mean "
			    "\"%.*s\"?)",
			    kind, CS_ARG(name), s->owner->kind->name,
			    CS_ARG(near));
		else
			cs_diag(l->diags, CS_ERROR, "unknown-key",
			    cs_pair_place(kv->pair, 0),
			    "no %s \"%.*s\" in this %s", kind, CS_ARG(name),
			    s->owner->kind->name);
	}
	free(names);
}

static void
check_needs(struct load *l, const struct cs_stanza *s)
{
	const struct cs_kv *kv;
	size_t i = 0;

	while ((kv = cs_stanza_each(s, "needs", &i)) != NULL) {
		struct cs_str rest = kv->value, item;

		while (!kv->is_faulty && cs_list_next(&rest, &item, l->run))
			check_ref(l, s, kv, "Stage", cs_text_nfc(l->run, item));
	}
}

static void
check_refs(struct load *l, const struct cs_stanza *s)
{
	if (cs_stanza_is(s, "Rule"))
		check_ref(l, s, cs_stanza_get(s, "group"), "Group",
		    cs_stanza_text(s, "group"));
	else if (cs_stanza_is(s, "Override"))
		check_ref(l, s, cs_stanza_get(s, "band"), "Band",
		    cs_stanza_text(s, "band"));
	else if (cs_stanza_is(s, "Stage"))
		check_needs(l, s);
}

static void
check_one_way(struct load *l, const struct cs_stanza *owner,
    const struct cs_stanza *first, const struct cs_stanza *s)
{
	bool is_points = cs_stanza_get(s, "points") != NULL;

	if (cs_stanza_is(s, "Rule")) {
		if (is_points == (cs_stanza_get(first, "points") != NULL))
			return;
		cs_diag(l->diags, CS_ERROR, "syntax", s->at,
		    "Score \"%.*s\" has rules with Points and rules with "
		    "Weight (line %zu): only one of them",
		    CS_ARG(owner->name), first->at.line);
	} else if (s->kind != first->kind) {
		cs_diag(l->diags, CS_ERROR, "syntax", s->at,
		    "Funnel \"%.*s\" has stages and steps (line %zu): make two "
		    "funnels",
		    CS_ARG(owner->name), first->at.line);
	}
}

/* Points or Weight, stages or steps: told once for each owner, at the first
 * stanza that is not like the one before. */
static void
check_mixed(struct load *l, size_t i)
{
	const struct cs_stanza *owner = l->r->v[i], *first = NULL;
	size_t before = l->diags->n;

	for (i++; i < l->r->n && l->diags->n == before; i++) {
		const struct cs_stanza *s = l->r->v[i];

		if (s->kind == owner->kind)
			break;
		if (s->owner != owner)
			continue;
		if (cs_stanza_is(s, "Rule") &&
		    !cs_stanza_get(s, "points") == !cs_stanza_get(s, "weight"))
			continue; /* told already */
		if (!cs_stanza_is(s, "Rule") && !cs_stanza_is(s, "Stage") &&
		    !cs_stanza_is(s, "Step"))
			continue;
		if (first == NULL)
			first = s;
		check_one_way(l, owner, first, s);
	}
}

static void
collect_lets(struct load *l)
{
	struct cs_rules *r = l->r;

	r->lets = cs_arena_array(l->run, r->n, sizeof(*r->lets));
	r->nlets = 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct cs_stanza *s = r->v[i];
		const struct cs_kv *kv = cs_stanza_get(s, "value");

		if (cs_stanza_is(s, "Let") && kv != NULL && kv->expr != NULL)
			r->lets[r->nlets++] =
			    (struct cs_let){s->name, kv->expr, s->at};
	}
}

static bool
load_file(
    struct load *l, const char *path, const char *shown, struct cs_err *err)
{
	struct cs_in *in = cs_in_open(path, err);
	struct cs_raw_stanzas raw;
	struct cs_str bytes;
	bool is_read;

	if (in == NULL)
		return false;
	is_read = cs_in_all(in, CS_MAX_RECORD, l->run, &bytes, err);
	cs_in_close(in);
	if (!is_read)
		return false;
	memset(l->open, 0, sizeof(l->open));
	cs_stanzas_read(bytes, shown, l->run, &raw, l->diags);
	for (size_t i = 0; i < raw.n && l->r->n <= CS_MAX_RULES; i++)
		for (size_t k = 0; k < raw.v[i].n;)
			k = take_stanza(l, &raw.v[i], k);
	return true;
}

const char *
cs_datadir(struct cs_arena *run)
{
	const char *dir = getenv("CSOPS_DATADIR");
	char exe[4096], *slash;
	ssize_t n;

	if (dir != NULL && dir[0] != '\0')
		return dir;
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n > 0) {
		exe[n] = '\0';
		slash = strrchr(exe, '/');
		if (slash != NULL)
			*slash = '\0';
		dir = cs_arena_printf(run, "%s/../share/csops", exe);
		if (access(dir, R_OK | X_OK) == 0)
			return dir;
	}
	return CSOPS_DATADIR;
}

static int
is_rule_file(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 6 && strcmp(d->d_name + n - 6, ".rules") == 0;
}

/* Appends the names in one directory. */
static void
list_std(struct cs_buf *b, const char *dir)
{
	struct dirent **d;
	int n = scandir(dir, &d, is_rule_file, alphasort);

	for (int i = 0; i < n; i++) {
		cs_buf_printf(b, " std:%.*s", (int)strlen(d[i]->d_name) - 6,
		    d[i]->d_name);
		free(d[i]);
	}
	if (n >= 0)
		free(d);
}

static bool
std_path(
    struct load *l, const char *name, const char **path, struct cs_err *err)
{
	static const char *const parts[] = {"rules", "stages"};
	const char *dir = cs_datadir(l->run);
	struct cs_buf b = {0};

	for (size_t i = 0; i < 2 && strchr(name, '/') == NULL; i++) {
		*path = cs_arena_printf(
		    l->run, "%s/%s/%s.rules", dir, parts[i], name);
		if (access(*path, F_OK) == 0)
			return true;
	}
	for (size_t i = 0; i < 2; i++)
		list_std(&b, cs_arena_printf(l->run, "%s/%s", dir, parts[i]));
	if (b.n > 0)
		cs_fail(err, CS_USAGE, "no rules std:%s; there are%s", name,
		    cs_buf_z(&b));
	else
		cs_fail(err, CS_USAGE, "no rules std:%s, and none at all in %s",
		    name, dir);
	cs_buf_free(&b);
	return false;
}

/* Names that stood in the rules before this load. */
static void
remember(struct load *l)
{
	for (size_t i = 0; i < l->r->n; i++)
		check_twice(l, l->r->v[i]);
}

bool
cs_rules_load(struct cs_rules *r, const char *const *files, size_t n,
    struct cs_arena *run, struct cs_diags *diags, struct cs_err *err)
{
	struct load l;
	bool is_good = true;
	size_t first = r->n;

	start(&l, r, run, diags);
	remember(&l);
	for (size_t i = 0; i < n && is_good; i++) {
		const char *path = files[i];

		if (strncmp(path, "std:", 4) == 0)
			is_good = std_path(&l, path + 4, &path, err);
		is_good = is_good && load_file(&l, path, files[i], err);
	}
	for (size_t i = first; i < r->n; i++) {
		check_refs(&l, r->v[i]);
		if (cs_stanza_is(r->v[i], "Score") ||
		    cs_stanza_is(r->v[i], "Funnel"))
			check_mixed(&l, i);
	}
	collect_lets(&l);
	finish(&l);
	return is_good;
}

void
cs_rules_add_segment(struct cs_rules *r, const char *arg, struct cs_arena *run,
    struct cs_diags *diags)
{
	struct cs_pair *whole = cs_arena_array(run, 1, sizeof(*whole));
	struct cs_raw_stanza raw = {NULL, 2};
	const char *equals = strchr(arg, '=');
	struct load l;

	*whole = cs_expr_pair(cs_str(arg), "-e", run);
	if (equals == NULL || equals == arg || equals[1] == '=' ||
	    strchr("!<>.", equals[-1]) || arg[0] == '.') {
		cs_diag(diags, CS_ERROR, "syntax", (struct cs_place){0},
		    "-e takes NAME=EXPR, not \"%s\"", arg);
		return;
	}
	raw.pair = cs_arena_array(run, 2, sizeof(*raw.pair));
	raw.pair[0] = cs_pair_part(whole, 0, (size_t)(equals - arg));
	raw.pair[0].key = CS_S("Segment");
	raw.pair[1] =
	    cs_pair_part(whole, (size_t)(equals - arg) + 1, strlen(arg));
	raw.pair[1].key = CS_S("When");
	start(&l, r, run, diags);
	remember(&l);
	take_stanza(&l, &raw, 0);
	finish(&l);
}

void
cs_rules_types(const struct cs_rules *r, struct cs_header *head)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct cs_stanza *s = r->v[i];
		enum cs_type t;
		size_t col;

		if (!cs_stanza_is(s, "Column") ||
		    !cs_type_parse(cs_stanza_text(s, "type"), &t))
			continue;
		col = cs_header_find(head, s->name);
		if (col != CS_NO_COLUMN)
			cs_header_set_type(head, col, t);
	}
}

bool
cs_stanza_is(const struct cs_stanza *s, const char *kind)
{
	return strcmp(s->kind->name, kind) == 0;
}

const struct cs_kv *
cs_stanza_each(const struct cs_stanza *s, const char *key, size_t *i)
{
	while (*i < s->n) {
		const struct cs_kv *kv = &s->kv[(*i)++];

		if (strcmp(kv->key->name, key) == 0)
			return kv;
	}
	return NULL;
}

const struct cs_kv *
cs_stanza_get(const struct cs_stanza *s, const char *key)
{
	size_t i = 0;

	return cs_stanza_each(s, key, &i);
}

struct cs_str
cs_stanza_text(const struct cs_stanza *s, const char *key)
{
	const struct cs_kv *kv = cs_stanza_get(s, key);

	return kv ? kv->value : (struct cs_str){0};
}

double
cs_stanza_number(const struct cs_stanza *s, const char *key, double other)
{
	const struct cs_kv *kv = cs_stanza_get(s, key);

	return kv && !kv->is_faulty ? kv->num : other;
}

bool
cs_stanza_duration(
    const struct cs_stanza *s, const char *key, struct cs_duration *d)
{
	const struct cs_kv *kv = cs_stanza_get(s, key);

	if (kv == NULL || kv->is_faulty)
		return false;
	*d = kv->duration;
	return true;
}

bool
cs_stanza_range(
    const struct cs_stanza *s, const char *key, double *lo, double *hi)
{
	const struct cs_kv *kv = cs_stanza_get(s, key);

	if (kv == NULL || kv->is_faulty)
		return false;
	*lo = kv->lo;
	*hi = kv->hi;
	return true;
}

bool
cs_stanza_yes(const struct cs_stanza *s, const char *key, bool other)
{
	const struct cs_kv *kv = cs_stanza_get(s, key);

	return kv ? cs_str_is(kv->value, "yes") : other;
}

struct cs_place
cs_stanza_place(const struct cs_stanza *s, const char *key)
{
	const struct cs_kv *kv = cs_stanza_get(s, key);

	return kv ? cs_pair_place(kv->pair, 0) : s->at;
}

enum cs_missing
cs_stanza_missing(const struct cs_stanza *s)
{
	const struct cs_kv *kv = cs_stanza_get(s, "missing");

	if (kv == NULL || kv->is_faulty)
		return CS_MISSING_DEFAULT;
	if (kv->is_number)
		return CS_MISSING_NUMBER;
	return cs_str_is(kv->value, "no")    ? CS_MISSING_NO
	       : cs_str_is(kv->value, "yes") ? CS_MISSING_YES
					     : CS_MISSING_ERROR;
}
