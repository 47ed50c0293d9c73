#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>
#endif

#include "in_private.h"
#include "lazy.h"

struct zlib {
	__typeof__(inflate) *inflate;
	__typeof__(inflateEnd) *end;
	__typeof__(inflateInit2_) *init;
	__typeof__(inflateReset) *reset;
};

static const struct cs_lazy_name zlib_names[] = {
    {"inflate", offsetof(struct zlib, inflate)},
    {"inflateEnd", offsetof(struct zlib, end)},
    {"inflateInit2_", offsetof(struct zlib, init)},
    {"inflateReset", offsetof(struct zlib, reset)},
};

#ifdef HAVE_ISAL
struct isal {
	__typeof__(isal_inflate) *inflate;
	__typeof__(isal_inflate_init) *init;
};

static const struct cs_lazy_name isal_names[] = {
    {"isal_inflate", offsetof(struct isal, inflate)},
    {"isal_inflate_init", offsetof(struct isal, init)},
};
#endif

/* Two engines. zlib is the authority: it reads the headers, and where ISA-L
 * sees a fault or the end of the input, the member is read again from its
 * start by zlib, so that the last bytes before the fault and its message are
 * zlib's. (ISA-L would give some more or less of them.) What cannot be read
 * twice, a pipe, is zlib's alone. */
struct cs_gzip {
	struct cs_source *source;
	struct cs_window packed;
	void *zlib_lib, *isal_lib;
	struct zlib zlib;
	z_stream z;
	bool in_member; /* between a member's first byte and its last */
	bool is_over;
	bool is_fast;	/* ISA-L may be used */
	bool in_body;	/* ISA-L is in the middle of the member */
	uint64_t begin; /* of the member, in bytes of the source */
	uint64_t given; /* unpacked bytes of the member so far */
	uint64_t again; /* of them, to be passed over a second time */
#ifdef HAVE_ISAL
	struct isal engine;
	struct inflate_state isal;
#endif
};

bool
cs_gzip_is_it(const struct cs_window *w)
{
	return cs_held(w) >= 2 && memcmp(w->p + w->at, "\x1f\x8b", 2) == 0;
}

/* Is ISA-L built in, there, and not switched off? */
static bool
has_isal(struct cs_gzip *g)
{
#ifdef HAVE_ISAL
	const char *engine = getenv("CS_GZIP");

	if (engine != NULL && strcmp(engine, "zlib") == 0)
		return false;
	g->isal_lib = cs_lazy_open("libisal.so.2", isal_names,
	    sizeof(isal_names) / sizeof(isal_names[0]), &g->engine);
#endif
	return g->isal_lib != NULL;
}

struct cs_gzip *
cs_gzip_open(struct cs_source *s, struct cs_window *w)
{
	struct cs_gzip *g = cs_calloc(1, sizeof(*g));

	g->source = s;
	g->packed = *w;
	*w = (struct cs_window){0};
	g->in_member = true;
	g->zlib_lib = cs_lazy_need("libz.so.1", zlib_names,
	    sizeof(zlib_names) / sizeof(zlib_names[0]), &g->zlib);
	g->is_fast = s->begin != -1 && has_isal(g);
	if (g->zlib.init(&g->z, 32 + 15, ZLIB_VERSION, sizeof(g->z)) != Z_OK)
		cs_nomem();
	return g;
}

void
cs_gzip_close(struct cs_gzip *g)
{
	if (g == NULL)
		return;
	g->zlib.end(&g->z);
	dlclose(g->zlib_lib);
	if (g->isal_lib != NULL)
		dlclose(g->isal_lib);
	free(g->packed.p);
	free(g);
}

/* Everything after the last member: zeros only, or worse? */
static bool
junk(struct cs_gzip *g)
{
	struct cs_source *s = g->source;
	struct cs_window *w = &g->packed;

	do {
		for (; w->at < w->end; w->at++)
			if (w->p[w->at] != '\0')
				return cs_source_broken(s, true,
				    "%s: junk after the gzip data", s->name);
	} while (cs_source_read(s, w));
	if (s->has_fault)
		return false;
	return cs_source_broken(
	    s, true, "%s: zero bytes after the gzip data (padding?)", s->name);
}

/* Between members: is there one more? False at the end or a fault. */
static bool
next_member(struct cs_gzip *g)
{
	struct cs_window *w = &g->packed;

	while (cs_held(w) < 2 && cs_source_read(g->source, w))
		;
	if (g->source->has_fault || cs_held(w) == 0)
		return false;
	if (!cs_gzip_is_it(w))
		return junk(g);
	g->begin = g->source->taken - cs_held(w);
	g->given = g->again = 0;
	g->in_body = false;
	g->in_member = g->zlib.reset(&g->z) == Z_OK;
	return g->in_member;
}

static bool
zlib_fault(struct cs_gzip *g, int rc)
{
	struct cs_source *s = g->source;
	const char *why = g->z.msg ? g->z.msg : "stream error";

	if (rc == Z_MEM_ERROR)
		cs_nomem();
	if (strcmp(why, "incorrect data check") == 0 ||
	    strcmp(why, "incorrect length check") == 0)
		return cs_source_broken(s, true,
		    "%s: gzip checksum does not match (damaged file?)",
		    s->name);
	return cs_source_broken(
	    s, false, "%s: gzip data is damaged (%s)", s->name, why);
}

/* What a step of an engine led to. */
enum step { GOES_ON, WANTS_INPUT, MEMBER_ENDS, HEADER_ENDS, FAULT };

static enum step
zlib_step(struct cs_gzip *g, char *to, size_t space, size_t *n)
{
	struct cs_window *from = &g->packed;
	bool in_header = g->is_fast; /* up to there only */
	int rc;

	g->z.next_in = (Bytef *)from->p + from->at;
	g->z.avail_in = (uInt)cs_held(from);
	g->z.next_out = (Bytef *)to;
	g->z.avail_out = (uInt)space;
	rc = g->zlib.inflate(&g->z, in_header ? Z_BLOCK : Z_NO_FLUSH);
	from->at = from->end - g->z.avail_in;
	*n = space - g->z.avail_out;
	if (rc == Z_STREAM_END)
		return MEMBER_ENDS;
	if (rc != Z_OK && rc != Z_BUF_ERROR) {
		zlib_fault(g, rc);
		return FAULT;
	}
	if (in_header && (g->z.data_type & 128) != 0)
		return HEADER_ENDS;
	return *n == 0 && cs_held(from) == 0 ? WANTS_INPUT : GOES_ON;
}

#ifdef HAVE_ISAL
static void
isal_begin(struct cs_gzip *g)
{
	g->engine.init(&g->isal);
	g->isal.crc_flag = ISAL_GZIP_NO_HDR_VER;
	g->in_body = true;
}

static enum step
isal_step(struct cs_gzip *g, char *to, size_t space, size_t *n)
{
	struct cs_window *from = &g->packed;
	int rc;

	g->isal.next_in = (uint8_t *)from->p + from->at;
	g->isal.avail_in = (uint32_t)cs_held(from);
	g->isal.next_out = (uint8_t *)to;
	g->isal.avail_out = (uint32_t)space;
	rc = g->engine.inflate(&g->isal);
	from->at = from->end - g->isal.avail_in;
	*n = space - g->isal.avail_out;
	if (rc != ISAL_DECOMP_OK)
		return FAULT;
	if (g->isal.block_state == ISAL_BLOCK_FINISH)
		return MEMBER_ENDS;
	return *n == 0 && cs_held(from) == 0 ? WANTS_INPUT : GOES_ON;
}

/* Reads the member once more, by zlib, and passes over what was given. */
static bool
begin_again(struct cs_gzip *g)
{
	g->is_fast = g->in_body = false;
	g->again = g->given;
	g->given = 0;
	g->packed.at = g->packed.end = 0;
	return g->zlib.reset(&g->z) == Z_OK &&
	       cs_source_back(g->source, g->begin);
}
#else
static void
isal_begin(struct cs_gzip *g)
{
	(void)g;
}

static enum step
isal_step(struct cs_gzip *g, char *to, size_t space, size_t *n)
{
	(void)to;
	(void)space;
	*n = 0;
	zlib_fault(g, Z_STREAM_ERROR);
	return FAULT;
}

static bool
begin_again(struct cs_gzip *g)
{
	(void)g;
	return false;
}
#endif

/* Some of the n bytes at to may have been given before. */
static size_t
pass_over(struct cs_gzip *g, char *to, size_t n)
{
	size_t old = g->again < n ? (size_t)g->again : n;

	g->again -= old;
	if (old > 0)
		memmove(to, to + old, n - old);
	return n - old;
}

bool
cs_gzip_more(struct cs_gzip *g, char *to, size_t space, size_t *n)
{
	struct cs_source *s = g->source;

	*n = 0;
	while (!g->is_over) {
		bool by_isal;
		enum step step;

		if (!g->in_member && !next_member(g))
			break;
		by_isal = g->in_body;
		step = by_isal ? isal_step(g, to, space, n)
			       : zlib_step(g, to, space, n);
		if (step == WANTS_INPUT && cs_source_read(s, &g->packed))
			continue;
		if (s->has_fault && step != FAULT)
			break; /* of the system */
		if (by_isal && (step == FAULT || step == WANTS_INPUT)) {
			/* What it gave on the way to a fault is zlib's to
			 * give. */
			*n = 0;
			if (!begin_again(g))
				break;
			continue;
		}
		if (step == WANTS_INPUT)
			cs_source_broken(s, false,
			    "%s: gzip data ends too early (cut file?)",
			    s->name);
		g->is_over = step == WANTS_INPUT || step == FAULT;
		if (step == HEADER_ENDS)
			isal_begin(g);
		if (step == MEMBER_ENDS)
			g->in_member = false;
		g->given += *n;
		*n = pass_over(g, to, *n);
		if (*n > 0)
			return true;
	}
	g->is_over = true;
	return false;
}
