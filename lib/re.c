#include <oniguruma.h>
#include <string.h>

#include "re.h"

enum { PARSE_DEPTH = 250 };

void
cs_re_limits(void)
{
	OnigEncoding utf8 = ONIG_ENCODING_UTF8;

	onig_initialize(&utf8, 1);
	onig_set_retry_limit_in_match(CS_RE_RETRIES);
	onig_set_retry_limit_in_search(CS_RE_RETRIES);
	onig_set_parse_depth_limit(PARSE_DEPTH);
}

/* Only what changes how a pattern is read; the rest changes matching. */
static bool
read_flags(struct cs_str flags, OnigOptionType *options, struct cs_err *err)
{
	*options = ONIG_OPTION_CAPTURE_GROUP; /* as jq has it */
	for (size_t i = 0; i < flags.n; i++) {
		if (flags.p[i] == '\0' || !strchr("gimnpslx", flags.p[i]))
			return cs_fail(err, CS_USAGE,
			    "\"%.*s\" are not flags: they are letters of "
			    "gimnpslx",
			    CS_ARG(flags));
		if (flags.p[i] == 'i')
			*options |= ONIG_OPTION_IGNORECASE;
		if (flags.p[i] == 'x')
			*options |= ONIG_OPTION_EXTEND;
	}
	return true;
}

bool
cs_re_check(struct cs_str pattern, struct cs_str flags, struct cs_err *err)
{
	const UChar *p = (const UChar *)(pattern.p ? pattern.p : "");
	OnigErrorInfo info = {0};
	OnigOptionType options;
	UChar text[ONIG_MAX_ERROR_MESSAGE_LEN];
	regex_t *re = NULL;
	int r;

	if (!read_flags(flags, &options, err))
		return false;
	if (pattern.n > CS_MAX_PATTERN)
		return cs_fail(err, CS_USAGE,
		    "the pattern has %zu bytes, at most %zu are allowed",
		    pattern.n, CS_MAX_PATTERN);
	r = onig_new(&re, p, p + pattern.n, options, ONIG_ENCODING_UTF8,
	    ONIG_SYNTAX_PERL_NG, &info);
	onig_free(re);
	if (r == ONIG_NORMAL)
		return true;
	if (r == ONIGERR_MEMORY)
		cs_nomem();
	onig_error_code_to_str(text, r, &info);
	return cs_fail(err, CS_USAGE, "pattern \"%.*s\": %s", CS_ARG(pattern),
	    (const char *)text);
}
