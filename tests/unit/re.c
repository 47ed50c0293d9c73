/* re: what is refused at load, and the limits on matching */
#include <oniguruma.h>

#include "re.h"
#include "tap.h"

static void
fails(struct cs_str pattern, const char *flags, const char *want)
{
	struct cs_err err = {0};

	ok(!cs_re_check(pattern, cs_str(flags), &err), "refused");
	is_str(cs_str(err.text), want, want);
	ok(err.exit == CS_USAGE, "exit 2");
}

static void
passes(const char *pattern, const char *flags)
{
	struct cs_err err = {0};

	if (!ok(cs_re_check(cs_str(pattern), cs_str(flags), &err),
		"passes: %s /%s", pattern, flags))
		printf("# %s\n", err.text);
}

static void
patterns(void)
{
	static char big[CS_MAX_PATTERN + 1], deep[600];
	struct cs_err err;

	passes("^[0-9]{3}-[0-9]{4}$", "");
	passes("(?<year>\\d{4})", "gx");
	passes("", "");
	passes("最大.*(店|舗)", "gimnpslx");
	passes("\\p{Hiragana}+", "i");
	fails(CS_S("(a"), "",
	    "pattern \"(a\": end pattern with unmatched parenthesis");
	fails(CS_S("["), "", "pattern \"[\": premature end of char-class");
	fails(CS_S("*"), "",
	    "pattern \"*\": target of repeat operator is not specified");
	fails(CS_S("\\p{Nope}"), "",
	    "pattern \"\\p{Nope}\": invalid character property name {Nope}");
	fails(CS_S("a"), "gz",
	    "\"gz\" are not flags: they are letters of gimnpslx");
	/* x: the rest of the line is a comment, and the ) in it no fault. */
	passes("a # )", "x");
	fails(CS_S("a # )"), "",
	    "pattern \"a # )\": unmatched close "
	    "parenthesis");
	memset(big, 'a', sizeof(big));
	ok(cs_re_check((struct cs_str){big, CS_MAX_PATTERN}, CS_S(""), &err),
	    "4096 bytes");
	fails((struct cs_str){big, sizeof(big)}, "",
	    "the pattern has 4097 bytes, at most 4096 are allowed");
	memset(deep, '(', 120);
	memset(deep + 120, ')', 120);
	ok(cs_re_check((struct cs_str){deep, 240}, CS_S(""), &err),
	    "120 groups deep");
	memset(deep, '(', 130);
	memset(deep + 130, ')', 130);
	ok(!cs_re_check((struct cs_str){deep, 260}, CS_S(""), &err) &&
		strstr(err.text, "parse depth limit over") != NULL,
	    "130 groups deep");
}

static int
search(const char *pattern, const char *text)
{
	const UChar *p = (const UChar *)pattern, *s = (const UChar *)text,
		    *end = s + strlen(text);
	regex_t *re;
	int r;

	if (onig_new(&re, p, p + strlen(pattern), ONIG_OPTION_NONE,
		ONIG_ENCODING_UTF8, ONIG_SYNTAX_PERL_NG, NULL) != ONIG_NORMAL)
		return -1000;
	r = onig_search(re, s, end, s, end, NULL, ONIG_OPTION_NONE);
	onig_free(re);
	return r;
}

static void
limits(void)
{
	ok(onig_get_retry_limit_in_match() == 100000 &&
		onig_get_retry_limit_in_search() == 100000 &&
		onig_get_parse_depth_limit() == 250,
	    "the limits are set");
	ok(search("b+", "aaabbb") == 3, "an honest search");
	ok(search("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab") ==
		ONIGERR_RETRY_LIMIT_IN_MATCH_OVER,
	    "a run-away search ends");
}

int
main(void)
{
	cs_re_limits();
	cs_re_limits();
	patterns();
	limits();
	onig_end();
	return done();
}
