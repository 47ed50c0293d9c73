#include <bsd/stdlib.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hash.h"
#include "in.h"
#include "rules.h"
#include "rules_load.h"
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
		cs_buf_printf(&b, "%s%s", i > 0 ? " " : "",
		    cs_rules_title(kind->keys[i].name).z);
	list = cs_keepz(l->run, cs_buf_get(&b));
	cs_buf_free(&b);
	return list;
}

/* A key that stands where a kind should? */
static bool
is_any_key(const struct load *l, struct cs_str word)
{
	for (size_t i = 0; i < l->nkinds; i++)
		if (find_key(&l->kind[i], word))
			return true;
	return false;
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
	if (is_any_key(l, p->key)) {
		cs_diag(l->diags, CS_ERROR, "syntax", p->key_at,
		    "\"%.*s\" is a key, it does not begin a stanza: is there a "
		    "blank line too many above it?",
		    CS_ARG(p->key));
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
	    CS_ARG(p->key), cs_rules_title(key->name).z);
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
	*kv = (struct cs_kv){.key = key, .value = p->value, .pair = p};
	/* A value with a fault stays as an absent one that is present: no
	 * second message says that the key is needed. */
	kv->is_faulty = p->is_faulty || !cs_rules_value(kv, l->run, l->diags);
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
	if (s->pair->is_faulty)
		return false;
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
	if (!cs_stanza_is(s, "Cell") && !cs_rules_name_ok(s->pair, l->diags))
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

/* Remembers s; the stanza that was it before, or NULL. */
static const struct cs_stanza *
remember(struct load *l, struct cs_stanza *s)
{
	bool is_new;
	size_t i = cs_map_add(&l->names, identity(l, s), &is_new);

	if (!is_new)
		return l->named[i];
	l->named = cs_grow(l->named, i, &l->named_cap, sizeof(*l->named));
	l->named[i] = s;
	return NULL;
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
	for (size_t i = 0; i < r->n; i++)
		remember(l, r->v[i]);
}

static void
check_twice(struct load *l, struct cs_stanza *s)
{
	const struct cs_stanza *first = s->name.n > 0 ? remember(l, s) : NULL;

	if (first != NULL)
		cs_diag(l->diags, CS_ERROR, "duplicate", s->at,
		    "%s \"%.*s\" stands twice, first at %s:%zu", s->kind->name,
		    CS_ARG(s->name), first->at.file, first->at.line);
}

/* A required key that is absent is told, and stands there as a faulty one:
 * commands may rely on it. */
static void
add_required(struct load *l, struct cs_stanza *s)
{
	for (size_t i = 0; i < s->kind->nkeys; i++) {
		const struct cs_key *k = &s->kind->keys[i];

		if (!k->is_required || cs_stanza_get(s, k->name))
			continue;
		cs_diag(l->diags, CS_ERROR, "syntax", s->at,
		    "%s \"%.*s\" needs the key %s: %s", s->kind->name,
		    CS_ARG(s->name), cs_rules_title(k->name).z, k->help);
		s->kv[s->n++] = (struct cs_kv){.key = k,
		    .value = CS_S(""),
		    .pair = s->pair,
		    .is_faulty = true};
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
		    "%s \"%.*s\" needs the stanza of its %s above it in the "
		    "same file",
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
	/* In a table the kind may stand in the header: the row is the place. */
	s->at = s->pair->form == CS_PAIR_CSV ? cs_pair_place(s->pair, 0)
					     : s->pair->key_at;
	s->kv =
	    cs_arena_array(l->run, raw->n - i + kind->nkeys, sizeof(*s->kv));
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
	add_required(l, s);
	check_owner(l, s);
	if (has_name)
		check_twice(l, s);
	l->open[kind - l->kind] = s;
	add_stanza(l, s);
	return i;
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

/* A finding with what it is sorted by. */
struct sorted {
	struct cs_diag d;
	size_t file;
};

static int
by_place(const void *pa, const void *pb)
{
	const struct sorted *a = pa, *b = pb;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->d.at.line != b->d.at.line)
		return a->d.at.line < b->d.at.line ? -1 : 1;
	if (a->d.at.col != b->d.at.col)
		return a->d.at.col < b->d.at.col ? -1 : 1;
	return 0;
}

static bool
same_diag(const struct cs_diag *a, const struct cs_diag *b)
{
	return a->at.file == b->at.file && a->at.line == b->at.line &&
	       a->at.col == b->at.col && strcmp(a->text, b->text) == 0;
}

/* Findings of all checks in the order of files and lines; what the header of a
 * table brings in each of its rows stands there once. */
static void
sort_diags(
    struct cs_diags *d, size_t first, const char *const *files, size_t nfiles)
{
	size_t n = d->n - first;
	struct sorted *v = cs_calloc(n, sizeof(*v));

	for (size_t i = 0; i < n; i++) {
		v[i].d = d->v[first + i];
		while (v[i].file < nfiles && files[v[i].file] != v[i].d.at.file)
			v[i].file++;
	}
	/* Stable, so that findings of one place keep their order. */
	if (n > 1 && mergesort(v, n, sizeof(*v), by_place) != 0)
		cs_nomem();
	d->n = first;
	for (size_t i = 0; i < n; i++)
		if (d->n > first && same_diag(&d->v[d->n - 1], &v[i].d)) {
			free(v[i].d.text);
			d->errors -= v[i].d.severity == CS_ERROR;
		} else {
			d->v[d->n++] = v[i].d;
		}
	free(v);
}

bool
cs_rules_load(struct cs_rules *r, const char *const *files, size_t n,
    struct cs_arena *run, struct cs_diags *diags, struct cs_err *err)
{
	struct load l;
	bool is_good = true;
	size_t first = r->n, first_diag = diags->n;

	start(&l, r, run, diags);
	for (size_t i = 0; i < n && is_good; i++) {
		const char *path = files[i];

		if (strncmp(path, "std:", 4) == 0)
			is_good = cs_rules_std(path + 4, &path, run, err);
		is_good = is_good && load_file(&l, path, files[i], err);
	}
	cs_rules_check(r, first, run, diags);
	sort_diags(diags, first_diag, files, n);
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
	take_stanza(&l, &raw, 0);
	cs_rules_check(r, r->n - 1, run, diags);
	finish(&l);
}
