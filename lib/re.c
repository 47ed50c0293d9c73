#include <oniguruma.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lazy.h"
#include "re.h"

enum { PARSE_DEPTH = 250 };

/* oniguruma, loaded with the first pattern. */
struct api {
	__typeof__(onig_error_code_to_str) *error_code_to_str;
	__typeof__(onig_free) *free;
	__typeof__(onig_initialize) *initialize;
	__typeof__(onig_new) *new;
	__typeof__(onig_region_free) *region_free;
	__typeof__(onig_region_new) *region_new;
	__typeof__(onig_search) *search;
	__typeof__(onig_set_parse_depth_limit) *set_parse_depth_limit;
	__typeof__(onig_set_retry_limit_in_match) *set_retry_limit_in_match;
	__typeof__(onig_set_retry_limit_in_search) *set_retry_limit_in_search;
	OnigEncoding utf8;
	OnigSyntaxType *perl;
};

static const struct cs_lazy_name names[] = {
    {"onig_error_code_to_str", offsetof(struct api, error_code_to_str)},
    {"onig_free", offsetof(struct api, free)},
    {"onig_initialize", offsetof(struct api, initialize)},
    {"onig_new", offsetof(struct api, new)},
    {"onig_region_free", offsetof(struct api, region_free)},
    {"onig_region_new", offsetof(struct api, region_new)},
    {"onig_search", offsetof(struct api, search)},
    {"onig_set_parse_depth_limit", offsetof(struct api, set_parse_depth_limit)},
    {"onig_set_retry_limit_in_match",
	offsetof(struct api, set_retry_limit_in_match)},
    {"onig_set_retry_limit_in_search",
	offsetof(struct api, set_retry_limit_in_search)},
    {"OnigEncodingUTF8", offsetof(struct api, utf8)},
    {"OnigSyntaxPerl_NG", offsetof(struct api, perl)},
};

/* The same for the whole process, like the library itself. */
static struct api api;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
load(void)
{
	cs_lazy_need(
	    "libonig.so.5", names, sizeof(names) / sizeof(names[0]), &api);
}

static const struct api *
onig(void)
{
	pthread_once(&once, load);
	return &api;
}

void
cs_re_limits(void)
{
	OnigEncoding utf8 = onig()->utf8;

	onig()->initialize(&utf8, 1);
	onig()->set_retry_limit_in_match(CS_RE_RETRIES);
	onig()->set_retry_limit_in_search(CS_RE_RETRIES);
	onig()->set_parse_depth_limit(PARSE_DEPTH);
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
	r = onig()->new (
	    &re, p, p + pattern.n, options, onig()->utf8, onig()->perl, &info);
	onig()->free(re);
	if (r == ONIG_NORMAL)
		return true;
	if (r == ONIGERR_MEMORY)
		cs_nomem();
	onig()->error_code_to_str(text, r, &info);
	return cs_fail(err, CS_USAGE, "pattern \"%.*s\": %s", CS_ARG(pattern),
	    (const char *)text);
}

struct cs_re {
	regex_t *re;
	/* jq has one, so we have: what it costs in steps is the same then. */
	OnigRegion *region;
};

/* All of jq's flags; g makes no difference to test(). */
static OnigOptionType
jq_options(struct cs_str flags)
{
	OnigOptionType o = ONIG_OPTION_CAPTURE_GROUP;

	for (size_t i = 0; i < flags.n; i++)
		switch (flags.p[i]) {
		case 'i':
			o |= ONIG_OPTION_IGNORECASE;
			break;
		case 'm':
			o |= ONIG_OPTION_MULTILINE;
			break;
		case 'n':
			o |= ONIG_OPTION_FIND_NOT_EMPTY;
			break;
		case 'p':
			o |= ONIG_OPTION_MULTILINE | ONIG_OPTION_SINGLELINE;
			break;
		case 's':
			o |= ONIG_OPTION_SINGLELINE;
			break;
		case 'l':
			o |= ONIG_OPTION_FIND_LONGEST;
			break;
		case 'x':
			o |= ONIG_OPTION_EXTEND;
			break;
		default:
			break;
		}
	return o;
}

struct cs_re *
cs_re_new(struct cs_str pattern, struct cs_str flags)
{
	const UChar *p = (const UChar *)(pattern.p ? pattern.p : "");
	OnigErrorInfo info = {0};
	struct cs_re *re;
	struct cs_err err;

	if (!cs_re_check(pattern, flags, &err))
		return NULL;
	cs_re_limits();
	re = cs_calloc(1, sizeof(*re));
	re->region = onig()->region_new();
	if (re->region == NULL)
		cs_nomem();
	if (onig()->new (&re->re, p, p + pattern.n, jq_options(flags),
		onig()->utf8, onig()->perl, &info) == ONIG_NORMAL)
		return re;
	re->re = NULL;
	cs_re_free(re);
	return NULL;
}

enum cs_re_answer
cs_re_search(struct cs_re *re, struct cs_str s)
{
	const UChar *p = (const UChar *)(s.p ? s.p : ""), *end = p + s.n;
	int r = onig()->search(
	    re->re, p, end, p, end, re->region, ONIG_OPTION_NONE);

	if (r >= 0)
		return CS_RE_YES;
	switch (r) {
	case ONIG_MISMATCH:
		return CS_RE_NO;
	case ONIGERR_RETRY_LIMIT_IN_MATCH_OVER:
	case ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER:
		return CS_RE_STEPS;
	case ONIGERR_MEMORY:
		cs_nomem();
	default:
		return CS_RE_FAILED;
	}
}

void
cs_re_free(struct cs_re *re)
{
	if (re == NULL)
		return;
	onig()->free(re->re);
	onig()->region_free(re->region, 1);
	free(re);
}
