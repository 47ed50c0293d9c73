/* What a stanza must have, must not have, and refers to. */
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "rules.h"
#include "rules_load.h"
#include "text.h"

struct check {
	const struct cs_rules *r;
	struct cs_arena *run;
	struct cs_diags *diags;
	struct cs_map refs; /* kind, owner and name of all that is owned */
};

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
check_rule_value(struct check *l, const struct cs_stanza *s)
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
	if (has_value && curves(s) != 1)
		cs_diag(l->diags, CS_ERROR, "syntax",
		    cs_stanza_place(s, "value"),
		    "Rule \"%.*s\": Value needs one of Scale, Steps, Half-life",
		    CS_ARG(s->name));
}

static void
check_rule(struct check *l, const struct cs_stanza *s)
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
check_capacity(struct check *l, const struct cs_stanza *s)
{
	bool has_minutes = cs_stanza_get(s, "minutes") != NULL;

	if (has_minutes != (cs_stanza_get(s, "per-touch") != NULL))
		cs_diag(l->diags, CS_ERROR, "syntax", s->at,
		    "Capacity \"%.*s\": Minutes and Per-touch go together",
		    CS_ARG(s->name));
	else if (!has_minutes && cs_stanza_get(s, "accounts") == NULL)
		cs_diag(l->diags, CS_ERROR, "syntax", s->at,
		    "Capacity \"%.*s\" needs Minutes and Per-touch, or "
		    "Accounts",
		    CS_ARG(s->name));
}

/* An empty pattern would forbid nothing, and look as if it did. */
static void
check_gate(struct check *l, const struct cs_stanza *s)
{
	const struct cs_kv *kv;
	size_t i = 0;

	while ((kv = cs_stanza_each(s, "forbid", &i)) != NULL)
		if (!kv->is_faulty && cs_text_is_blank(kv->value))
			cs_diag(l->diags, CS_ERROR, "syntax",
			    cs_pair_place(kv->pair, 0), "\"%.*s\" has no value",
			    CS_ARG(kv->pair->key));
}

static void
check_stanza(struct check *l, const struct cs_stanza *s)
{
	const struct cs_kv *kv;

	if (cs_stanza_is(s, "Capacity"))
		check_capacity(l, s);
	if (cs_stanza_is(s, "Gate"))
		check_gate(l, s);

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

/* Format: how the cells of a type are written. */
static void
check_format(struct check *l, struct cs_stanza *s)
{
	const struct cs_kv *kv = cs_stanza_get(s, "format");
	struct cs_field *f;
	enum cs_type t;
	const char *why;

	if (kv == NULL || kv->is_faulty)
		return;
	if (!cs_type_parse(cs_stanza_text(s, "type"), &t)) {
		cs_diag(l->diags, CS_ERROR, "type", cs_pair_place(kv->pair, 0),
		    "Format goes with a Type");
		return;
	}
	f = cs_arena_array(l->run, 1, sizeof(*f));
	if (!cs_field_of_type(f, t, kv->value, &why))
		cs_diag(l->diags, CS_ERROR, "type", cs_pair_place(kv->pair, 0),
		    "Format \"%.*s\" of type %.*s: %s is needed", CS_ARG(kv->value),
		    CS_ARG(cs_stanza_text(s, "type")), why);
	f->name = s->name;
	s->field = f;
}

/* Names of the stanzas of this kind that belong to owner. */
static struct cs_str *
names_of(const struct check *l, const struct cs_stanza *owner, const char *kind,
    size_t *n)
{
	struct cs_str *names = cs_calloc(l->r->n, sizeof(*names));

	*n = 0;
	for (size_t i = 0; i < l->r->n; i++) {
		const struct cs_stanza *s = l->r->v[i];

		if (s->owner == owner && cs_stanza_is(s, kind))
			names[(*n)++] = s->name;
	}
	return names;
}

/* What a key refers to: a stanza of a kind and name with the same owner. */
static struct cs_str
reference(struct check *l, const char *kind, const struct cs_stanza *owner,
    struct cs_str name)
{
	return cs_str(cs_arena_printf(
	    l->run, "%s %p %.*s", kind, (const void *)owner, CS_ARG(name)));
}

/* Does a name in a key stand for a stanza of the same owner? */
static void
check_ref(struct check *l, const struct cs_stanza *s, const struct cs_kv *kv,
    const char *kind, struct cs_str name)
{
	struct cs_str *names, near;
	size_t n;

	if (kv == NULL || kv->is_faulty || s->owner == NULL ||
	    cs_map_find(&l->refs, reference(l, kind, s->owner, name)) !=
		SIZE_MAX)
		return;
	names = names_of(l, s->owner, kind, &n);
	near = cs_nearest(name, names, n);
	if (near.n > 0)
		cs_diag(l->diags, CS_ERROR, "unknown-key",
		    cs_pair_place(kv->pair, 0),
		    "no %s \"%.*s\" in %s \"%.*s\" (did you mean \"%.*s\"?)",
		    kind, CS_ARG(name), s->owner->kind->name,
		    CS_ARG(s->owner->name), CS_ARG(near));
	else
		cs_diag(l->diags, CS_ERROR, "unknown-key",
		    cs_pair_place(kv->pair, 0), "no %s \"%.*s\" in %s \"%.*s\"",
		    kind, CS_ARG(name), s->owner->kind->name,
		    CS_ARG(s->owner->name));
	free(names);
}

static void
check_needs(struct check *l, const struct cs_stanza *s)
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
check_refs(struct check *l, const struct cs_stanza *s)
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
check_one_way(struct check *l, const struct cs_stanza *owner,
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
check_mixed(struct check *l, size_t i)
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

static enum cs_missing
missing_of(const struct cs_stanza *s)
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

void
cs_rules_check(const struct cs_rules *r, size_t first, struct cs_arena *run,
    struct cs_diags *diags)
{
	struct check l = {.r = r, .run = run, .diags = diags};

	for (size_t i = 0; i < r->n; i++)
		if (r->v[i]->owner != NULL)
			cs_map_add(&l.refs,
			    reference(&l, r->v[i]->kind->name, r->v[i]->owner,
				r->v[i]->name),
			    NULL);
	for (size_t i = first; i < r->n; i++) {
		check_stanza(&l, r->v[i]);
		if (cs_stanza_is(r->v[i], "Column"))
			check_format(&l, r->v[i]);
		check_refs(&l, r->v[i]);
		r->v[i]->missing = missing_of(r->v[i]);
		if (cs_stanza_is(r->v[i], "Score") ||
		    cs_stanza_is(r->v[i], "Funnel"))
			check_mixed(&l, i);
	}
	cs_map_free(&l.refs);
}
