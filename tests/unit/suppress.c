/* Suppression files: lib/suppress */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suppress.h"
#include "tap.h"

static char path[] = "/tmp/cs-suppress.XXXXXX";
static struct cs_as_of as_of;

static struct cs_suppress *
load(const char *content, struct cs_diags *diags)
{
	struct cs_suppress *s = cs_suppress_new();
	struct cs_err err = {0};
	FILE *f = fopen(path, "wb");

	if (f == NULL || fputs(content, f) < 0 || fclose(f) != 0)
		exit(3);
	ok(cs_suppress_load(s, path, NULL, &as_of, diags, &err), "loads");
	return s;
}

static const char *
find(const struct cs_suppress *s, struct cs_suppress_who who)
{
	static char text[200];
	struct cs_suppress_hit hit;

	if (!cs_suppress_find(s, &who, cs_civil_days(as_of.today), &hit))
		return "free";
	snprintf(text, sizeof(text), "%.*s/%.*s/%zu", CS_ARG(hit.reason),
	    CS_ARG(hit.until), hit.line);
	return text;
}

#define WHO(...) ((struct cs_suppress_who){__VA_ARGS__})

static void
is(const struct cs_suppress *s, struct cs_suppress_who who, const char *want,
    const char *what)
{
	is_str(cs_str(find(s, who)), want, what);
}

static void
kinds(void)
{
	struct cs_diags d = {0};
	struct cs_suppress *s = load(
	    "type,value,reason,scope,since,until\n"
	    "email,Taro@Example.JP,unsubscribed,all,,\n"
	    "domain,@Blocked.example,competitor,,,\n"
	    "id,c7,,all,,\n"
	    "account,a1,contract,all,,\n"
	    "sha256,"
	    "973DFE463EC85785F5F95AF5BA3906EEDB2D931C24E69824A89EA65DBA4E813B"
	    ",shared,all,,\n",
	    &d);

	ok(d.n == 0 && cs_suppress_count(s) == 5, "five records");
	is(s, WHO(.email = CS_S("taro@example.jp")), "unsubscribed//2",
	    "email in any case");
	is(s, WHO(.email = CS_S("taro+x@example.jp")), "free",
	    "+tag is another address");
	is(s, WHO(.email = CS_S("x@blocked.example")), "competitor//3",
	    "domain");
	is(s, WHO(.email = CS_S("x@sub.blocked.example")), "free",
	    "not the domains below it");
	is(s, WHO(.id = CS_S("c7")), "listed//4", "id, reason empty");
	is(s, WHO(.id = CS_S("C7")), "free", "ids keep their case");
	is(s, WHO(.account = CS_S("a1")), "contract//5", "account");
	is(s, WHO(.email = CS_S("test@example.com")), "shared//6", "sha256");
	is(s, WHO(.email = CS_S("a@b.jp"), .id = CS_S("c8")), "free", "nobody");
	cs_suppress_free(s);
}

static void
scopes(void)
{
	struct cs_diags d = {0};
	struct cs_suppress *s = load("reason,type,value,scope,since,until\r\n"
				     "no ads,email,a@b.jp,promo,,\r\n"
				     "done,email,b@b.jp,mail:welcome,,\r\n"
				     "pause,email,c@b.jp,group:tips,,\r\n"
				     "Hard-Bounce,email,d@b.jp,promo,,\r\n"
				     "old,email,e@b.jp,all,,2026-03-31\r\n"
				     "now,email,e@b.jp,all,,2026-04-01\r\n"
				     "soon,email,f@b.jp,all,2026-04-02,\r\n",
	    &d);

	is(s, WHO(.email = CS_S("a@b.jp"), .is_promo = true), "no ads//2",
	    "promo");
	is(s, WHO(.email = CS_S("a@b.jp")), "free", "service goes on");
	is(s, WHO(.email = CS_S("b@b.jp"), .mail = CS_S("welcome")), "done//3",
	    "one mail");
	is(s, WHO(.email = CS_S("b@b.jp"), .mail = CS_S("other")), "free",
	    "not another");
	is(s, WHO(.email = CS_S("c@b.jp"), .group = CS_S("tips")), "pause//4",
	    "group");
	is(s, WHO(.email = CS_S("c@b.jp")), "free", "no group");
	is(s, WHO(.email = CS_S("d@b.jp")), "Hard-Bounce//5",
	    "a bounce holds for every class");
	is(s, WHO(.email = CS_S("e@b.jp")), "now/2026-04-01/7",
	    "until is the last day; the expired record is passed over");
	is(s, WHO(.email = CS_S("f@b.jp")), "free", "since is tomorrow");
	cs_suppress_free(s);
}

/* What records say is kept once; whom they say it of, and where, is not. */
static void
alike(void)
{
	struct cs_diags d = {0};
	struct cs_suppress *s = load("type,value,reason,scope\n"
				     "id,a,left,promo\nid,b,left,promo\n"
				     "email,a,left,promo\nid,a,left,\n"
				     "id,c,left,prom\nid,d,left,prom\n",
	    &d);

	is(s, WHO(.id = CS_S("a"), .is_promo = true), "left//2", "the first");
	is(s, WHO(.id = CS_S("b"), .is_promo = true), "left//3", "the second");
	is(s, WHO(.id = CS_S("b")), "free", "only promo");
	is(s, WHO(.id = CS_S("a")), "left//5", "another scope");
	ok(d.n == 3 && d.v[1].at.line == 6 && d.v[2].at.line == 7,
	    "a fault is told of each");
	ok(cs_suppress_count(s) == 3, "three are good");
	cs_diags_free(&d);
	cs_suppress_free(s);
}

static void
faults(void)
{
	static const char *const want[] = {
	    "type \"mail\" is not one of: email domain id account sha256",
	    "\"taro\" is no value of type email",
	    "\"a@b\" is no value of type domain",
	    "\"12\" is no value of type sha256", "\"\" is no value of type id",
	    "scope \"ads\" is not one of: all promo mail:NAME group:NAME",
	    "until \"2026/04/01\" is not a date (YYYY-MM-DD)"};
	struct cs_diags d = {0};
	struct cs_suppress *s = load("type,value,scope,until\nmail,x,,\n"
				     "email,taro,,\ndomain,a@b,,\n"
				     "sha256,12,,\nid,,,\nid,x,ads,\n"
				     "id,x,,2026/04/01\nid,x\n",
	    &d);

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		if (ok(d.n > i && d.v[i].at.line == i + 2, "line %zu", i + 2))
			is_str(cs_str(d.v[i].text), want[i], "its text");
	ok(d.n == 8 && d.v[7].at.line == 9, "a ragged row is a fault too");
	cs_diags_free(&d);
	cs_suppress_free(s);
	s = load("email\na@b.jp\n", &d);
	if (ok(d.n == 1, "no type column"))
		is_str(cs_str(d.v[0].text),
		    "a suppression file needs the columns type and value; "
		    "reason, scope, since, until may follow",
		    "its text");
	cs_diags_free(&d);
	cs_suppress_free(s);
	s = load("", &d);
	ok(d.errors <= 1 && cs_suppress_count(s) == 0, "an empty file is none");
	cs_diags_free(&d);
	cs_suppress_free(s);
}

static void
age(void)
{
	struct timespec t[2] = {{.tv_sec = as_of.epoch - 48 * 3600},
	    {.tv_sec = as_of.epoch - 48 * 3600}};
	struct cs_suppress *s = cs_suppress_new();
	struct cs_duration max = {48, 'h'};
	struct cs_diags d = {0};
	struct cs_err err = {0};

	utimensat(AT_FDCWD, path, t, 0);
	ok(cs_suppress_load(s, path, &max, &as_of, &d, &err),
	    "48 hours old is not over 48h");
	t[1].tv_sec -= 1;
	utimensat(AT_FDCWD, path, t, 0);
	ok(!cs_suppress_load(s, path, &max, &as_of, &d, &err) &&
		err.exit == CS_STOP,
	    "a second more is");
	ok(strstr(err.text, "is 49 hours old, over --suppress-max-age (48 "
			    "hours); nothing written") != NULL,
	    "%s", err.text);
	cs_diags_free(&d);
	cs_suppress_free(s);
}

int
main(void)
{
	struct cs_err err;
	int fd = mkstemp(path);

	if (fd < 0 || close(fd) != 0 || !cs_zone_set("Asia/Tokyo", &err) ||
	    !cs_as_of_set(&as_of, "2026-04-01", &err))
		return 1;
	kinds();
	scopes();
	alike();
	faults();
	age();
	unlink(path);
	return done();
}
