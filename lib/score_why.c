#include "num.h"
#include "score_why.h"

static void
add(struct cs_score_entry *v, size_t *n, const char *name, long long micro)
{
	if (micro != 0)
		v[(*n)++] = (struct cs_score_entry){
		    .name = cs_str(name), .is_known = true, .micro = micro};
}

size_t
cs_score_entries(const struct cs_profile *p, const struct cs_part *part,
    const struct cs_val *value, const struct cs_score_result *r,
    struct cs_arena *a, struct cs_score_entry **v)
{
	size_t n = p->nrules;

	*v = cs_arena_array(a, n + 4, sizeof(**v));
	for (size_t i = 0; i < n; i++)
		(*v)[i] = (struct cs_score_entry){p->rule[i].stanza->name,
		    value[i], part[i].is_known, part[i].micro};
	add(*v, &n, "_start", r->start);
	add(*v, &n, "_clamp", r->clamp);
	add(*v, &n, "_range", r->range);
	if (r->override != NULL)
		(*v)[n++] = (struct cs_score_entry){
		    .name = cs_str(cs_arena_printf(
			a, "!%.*s", CS_ARG(r->override->stanza->name))),
		    .is_known = true,
		    .micro = r->overridden};
	return n;
}

void
cs_score_why_text(struct cs_buf *b, const struct cs_score_entry *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		cs_buf_puts(b, i > 0 ? ";" : "");
		cs_buf_str(b, v[i].name);
		if (!v[i].is_known) {
			cs_buf_puts(b, ":?");
			continue;
		}
		cs_buf_puts(b, v[i].micro < 0 ? ":" : ":+");
		cs_num_print6(b, (double)v[i].micro / 1e6);
	}
}

void
cs_score_why_json(struct cs_buf *b, const struct cs_score_entry *v, size_t n)
{
	cs_buf_putc(b, '[');
	for (size_t i = 0; i < n; i++) {
		cs_buf_puts(b, i > 0 ? ",{\"rule\":" : "{\"rule\":");
		cs_val_put_json(b, cs_val_text(v[i].name));
		cs_buf_puts(b, ",\"value\":");
		cs_val_put_json(b, v[i].value);
		cs_buf_puts(b, ",\"points\":");
		if (v[i].is_known)
			cs_num_print6(b, (double)v[i].micro / 1e6);
		else
			cs_buf_puts(b, "null");
		cs_buf_putc(b, '}');
	}
	cs_buf_putc(b, ']');
}
