#include "buf.h"
#include "clean.h"
#include "text.h"

static const char *const words[CS_CLEAN_STEPS] = {
    [CS_CLEAN_CONTROL] = "control",
    [CS_CLEAN_NFKC] = "nfkc",
    [CS_CLEAN_VARIANTS] = "variants",
    [CS_CLEAN_TRIM] = "trim",
    [CS_CLEAN_BLANK] = "blank",
};

const char *
cs_clean_word(enum cs_clean_step step)
{
	return words[step];
}

static bool
add_word(struct cs_clean *c, struct cs_str word)
{
	bool is_known = false;

	for (size_t i = 0; i < CS_CLEAN_STEPS; i++)
		if (cs_str_is(word, words[i]) || cs_str_is(word, "ja"))
			is_known = c->does[i] = true;
	return is_known;
}

bool
cs_clean_parse(struct cs_clean *c, const char *arg, struct cs_err *err)
{
	struct cs_str rest = cs_str(arg), piece;

	while (cs_str_next(&rest, ',', &piece))
		if (!add_word(c, piece))
			return cs_fail(err, CS_USAGE,
			    "--clean=%s: \"%.*s\" is not one of: trim nfkc "
			    "blank control variants ja",
			    arg, CS_ARG(piece));
	return true;
}

/* Most cells are printable ASCII without a blank at an end: nothing to do. */
static bool
is_tidy(struct cs_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return s.n == 0 || (s.p[0] != ' ' && s.p[s.n - 1] != ' ');
}

/* C1 controls in a text are Windows-1252 that somebody took for Latin-1; 0:
 * none that it has. */
static uint32_t
read_c1(uint32_t c)
{
	static const uint16_t sign[32] = {0x20ac, 0, 0x201a, 0x192, 0x201e,
	    0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0,
	    0x17d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	    0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178};

	return c >= 0x80 && c < 0xa0 ? sign[c - 0x80] : 0;
}

static bool
is_dirt(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
	       (c >= 0x7f && c < 0xa0) || c == 0x200b || c == 0xfeff;
}

static bool
is_digit(uint32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 0xff10 && c <= 0xff19);
}

/* What stands for a hyphen or a wave in Japanese and office texts; 0: no. A
 * long vowel mark between digits was meant as a hyphen (03ー1234). */
static char
plain_sign(uint32_t c, uint32_t before, uint32_t after)
{
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xfe58 ||
	    c == 0xfe63 || c == 0xff0d)
		return '-';
	if ((c == 0x30fc || c == 0xff70) && is_digit(before) && is_digit(after))
		return '-';
	return c == 0x301c || c == 0xff5e || c == 0x223c ? '~' : 0;
}

/* One walk over the characters: ends controls or replaces variants. */
static struct cs_str
walk(struct cs_arena *a, struct cs_str s, bool is_control)
{
	struct cs_buf b = {0};
	uint32_t before = 0, after = 0, c;

	for (size_t i = 0, n, m; i < s.n; i += n, before = c) {
		struct cs_str rest = {s.p + i, s.n - i};
		char sign;

		c = cs_utf8_next(rest, &n);
		rest.p += n;
		rest.n -= n;
		after = rest.n > 0 ? cs_utf8_next(rest, &m) : 0;
		sign = is_control ? 0 : plain_sign(c, before, after);
		if (sign != 0)
			cs_buf_putc(&b, sign);
		else if (is_control && read_c1(c) != 0)
			cs_utf8_put(&b, read_c1(c));
		else if (!is_control || !is_dirt(c))
			cs_buf_add(&b, s.p + i, n);
	}
	s = cs_keep(a, cs_buf_get(&b));
	cs_buf_free(&b);
	return s;
}

static struct cs_str
take_step(enum cs_clean_step step, struct cs_arena *a, struct cs_str s)
{
	switch (step) {
	case CS_CLEAN_NFKC:
		return cs_text_nfkc(a, s);
	case CS_CLEAN_TRIM:
		return cs_text_trim(s);
	case CS_CLEAN_CONTROL:
	case CS_CLEAN_VARIANTS:
		return walk(a, s, step == CS_CLEAN_CONTROL);
	default:
		return s;
	}
}

struct cs_str
cs_clean_text(struct cs_clean *c, struct cs_arena *a, struct cs_str s)
{
	if (is_tidy(s))
		return s;
	for (size_t i = 0; i < CS_CLEAN_STEPS; i++) {
		struct cs_str before = s;

		if (!c->does[i])
			continue;
		s = take_step((enum cs_clean_step)i, a, s);
		c->n[i] += !cs_str_eq(s, before);
	}
	return s;
}

bool
cs_clean_is_blank(struct cs_clean *c, const struct cs_str *cell, size_t n)
{
	if (!c->does[CS_CLEAN_BLANK])
		return false;
	for (size_t i = 0; i < n; i++)
		if (!cs_text_is_blank(cell[i]))
			return false;
	c->n[CS_CLEAN_BLANK]++;
	return true;
}
