/* Rule files with meaning: kinds, keys, owners, types, and every fault. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules.h"
#include "tap.h"

struct world {
	char dir[64];
	struct cs_arena run;
	struct cs_diags diags;
	struct cs_rules r;
	struct cs_err err;
};

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0) {
		perror(path);
		exit(3);
	}
}

/* Loads text as the file "t" of the work directory. */
static bool
load(struct world *w, const char *text)
{
	static const char *const files[] = {"t"};

	cs_diags_free(&w->diags);
	w->r = (struct cs_rules){0};
	put("t", text);
	return cs_rules_load(&w->r, files, 1, &w->run, &w->diags, &w->err);
}

static void
is_diag(struct world *w, size_t n, const char *want)
{
	char got[1024] = "none";

	if (n < w->diags.n && w->diags.v[n].at.line > 0)
		snprintf(got, sizeof(got), "%zu:%zu %s", w->diags.v[n].at.line,
		    w->diags.v[n].at.col, w->diags.v[n].text);
	else if (n < w->diags.n)
		snprintf(got, sizeof(got), "%s", w->diags.v[n].text);
	is_str(cs_str(got), want, want);
}

static void
is_good(struct world *w, const char *text, const char *what)
{
	load(w, text);
	if (!ok(w->diags.n == 0, "%s", what))
		printf("# %zu:%zu %s\n", w->diags.v[0].at.line,
		    w->diags.v[0].at.col, w->diags.v[0].text);
}

/* The text has this fault and no other. */
static void
is_fault(struct world *w, const char *text, const char *want)
{
	load(w, text);
	is_diag(w, 0, want);
	if (w->diags.n > 1) {
		ok(false, "only one finding");
		is_diag(w, 1, "none");
	}
}

static const struct cs_stanza *
stanza(struct world *w, size_t i)
{
	if (i < w->r.n)
		return w->r.v[i];
	ok(false, "there is stanza %zu", i);
	exit(1);
}

static void
test_load(struct world *w)
{
	const struct cs_stanza *s;
	const struct cs_kv *kv;
	size_t i = 0;

	is_good(w,
	    "Let: active\nValue: .status == \"active\"\n\n"
	    "score: health\nRANGE: -10 .. 10.5\ncoverage: 60%\n\n"
	    "Group: growth\nWeight: 40\n\n"
	    "Rule: pv\nGroup: growth\nWeight: 3\nValue: .pv\n"
	    "Steps: 0:0  300:60\n 1000:100\n\n"
	    "Rule: age\nWeight: 0.5\nValue: days_since(.last)\n"
	    "half_life: 30d\nMissing: 40\n\n"
	    "Band: good\nFrom: 5\n\nBand: bad\n\n"
	    "Override: o\nWhen: .nps <= 6\nBand: bad\nScore: 0\nMissing: No\n",
	    "a score of weights");
	ok(w->r.n == 8, "eight stanzas");
	ok(w->r.nlets == 1 && cs_str_is(w->r.lets[0].name, "active") &&
		w->r.lets[0].expr != NULL && w->r.lets[0].at.line == 1,
	    "a Let");
	s = stanza(w, 1);
	ok(cs_stanza_is(s, "Score") && s->owner == NULL && s->at.line == 4,
	    "a Score without owner");
	is_str(s->name, "health", "its name");
	kv = cs_stanza_get(s, "range");
	ok(kv != NULL && kv->lo == -10 && kv->hi == 10.5, "its Range");
	ok(cs_stanza_number(s, "coverage", 0) == 0.6, "a rate in percent");
	ok(cs_stanza_number(s, "start", 7) == 7, "an absent number");
	s = stanza(w, 3);
	ok(s->owner == stanza(w, 1), "a Rule belongs to the Score");
	is_str(cs_stanza_text(s, "group"), "growth", "its Group");
	kv = cs_stanza_get(s, "steps");
	ok(kv != NULL && kv->nsteps == 3 && kv->steps[1].at == 300 &&
		kv->steps[1].result == 60 && kv->steps[2].result == 100,
	    "Steps");
	ok(cs_stanza_get(s, "value")->expr != NULL, "its Value is parsed");
	ok(cs_stanza_place(s, "steps").line == 15 &&
		cs_stanza_place(s, "steps").col == 8,
	    "the place of Steps");
	ok(cs_stanza_place(s, "note").line == 11, "the place of no Note");
	s = stanza(w, 4);
	ok(s->missing == CS_MISSING_NUMBER &&
		cs_stanza_number(s, "missing", 0) == 40,
	    "Missing: 40");
	kv = cs_stanza_get(s, "half-life");
	ok(kv != NULL && kv->duration.n == 30 && kv->duration.unit == 'd',
	    "Half-life");
	ok(stanza(w, 7)->missing == CS_MISSING_NO &&
		cs_stanza_number(stanza(w, 7), "score", 1) == 0,
	    "an Override with a Score");
	ok(stanza(w, 3)->missing == CS_MISSING_DEFAULT, "no Missing");

	is_good(w,
	    "Column: 最大/PV\nFrom: a\nFrom: b\nType: NUMBER\nDefault:\n",
	    "a Column");
	s = stanza(w, 0);
	is_str(s->name, "最大/PV", "a column's name may hold anything");
	is_str(cs_stanza_text(s, "type"), "number", "a word as in the table");
	kv = cs_stanza_each(s, "from", &i);
	ok(kv != NULL && cs_str_is(kv->value, "a"), "the first From");
	kv = cs_stanza_each(s, "from", &i);
	ok(kv != NULL && cs_str_is(kv->value, "b"), "the second From");
	ok(cs_stanza_each(s, "from", &i) == NULL, "no third");

	is_good(w,
	    "Funnel: f\nWithin: 14d\nReuse: TRUE\nOrder: Strict\nMode: any\n\n"
	    "Step: s\nWhen: .a\n\nExclude:\nWhen: .b\n\nExclude:\nWhen: .c\n",
	    "a funnel of steps; Exclude without a name, twice");
	ok(cs_stanza_yes(stanza(w, 0), "reuse", false), "TRUE is yes");
	is_str(cs_stanza_text(stanza(w, 0), "order"), "strict", "Order");

	is_good(w,
	    "Score: h\nProfile: small\nWhen: .n < 10\n\nRule: a\nPoints: 1\n"
	    "When: .x\n\nScore: h\nProfile: big\nWhen: .n >= 10\n\n"
	    "Rule: a\nPoints: -1\nWhen: .x\n",
	    "one name in two profiles");
	is_good(w,
	    "Axis: a\n\nLevel: L1\nWhen: .x\n\nAxis: b\n\n"
	    "Level: L1\nWhen: .y\n\nCell: L1 \"L1\"\nAction: call\n",
	    "one level's name in two axes");
	is_good(w, "Score: h\n\nAxis: a\n\nBand: b\n\nLevel: l\nWhen: .x\n",
	    "an Axis does not close a Score");
	ok(stanza(w, 2)->owner == stanza(w, 0) &&
		stanza(w, 3)->owner == stanza(w, 1),
	    "each with its own owner");
	is_good(w, "", "an empty file");
	is_good(w,
	    "Mail: stock-20\nClass: service\nPriority: -5\nWhen: .n >= 20\n"
	    "After: welcome sent 3d ago\nAfter: not x\nFrom-date: 2026-03-01\n"
	    "Holdout: 12.5%\nRequires: email \"a, b\"\nEnabled: draft\n",
	    "a mail");
	ok(cs_stanza_number(stanza(w, 0), "holdout", 0) == 12.5 &&
		cs_stanza_number(stanza(w, 0), "priority", 0) == -5,
	    "its numbers");
}

static void
test_order(struct world *w)
{
	const struct cs_kv *kv;

	is_good(w,
	    "Segment: s\nWhen: .a\nLimit: 100\n"
	    "Order: ([.a, .b] | length) desc,\n  (\"x,\\(\"y,\")\" | length) "
	    "ASC,"
	    " .desc\n",
	    "an Order with commas inside");
	kv = cs_stanza_get(stanza(w, 0), "order");
	ok(kv != NULL && kv->norder == 3, "three parts");
	ok(kv->order[0].is_desc && !kv->order[1].is_desc &&
		!kv->order[2].is_desc,
	    "their directions");
	is_good(w, "Segment: s\nWhen: .a\nOrder: .mrr desc, .id\n", "an Order");
	kv = cs_stanza_get(stanza(w, 0), "order");
	ok(kv->norder == 2 && kv->order[0].is_desc && kv->order[0].expr &&
		kv->order[1].expr && kv->order[1].expr->at.line == 3 &&
		kv->order[1].expr->at.col == 19,
	    "its second expression is at %zu:%zu", kv->order[1].expr->at.line,
	    kv->order[1].expr->at.col);
	is_fault(w, "Segment: s\nWhen: .a\nOrder: .a,, .b\n",
	    "3:11 \"Order\" has nothing to order by here");
	is_fault(w, "Segment: s\nWhen: .a\nOrder: .a,\n",
	    "3:11 \"Order\" has nothing to order by here");
}

static void
test_kinds_and_keys(struct world *w)
{
	is_fault(w, "Segmnt: a\nWhen: .x\n",
	    "1:1 unknown kind \"Segmnt\" (did you mean \"Segment\"?)");
	is_fault(w, "Customer: a\nWhen: .x\n",
	    "1:1 unknown kind \"Customer\": a stanza is one of Let Column "
	    "Score "
	    "Group Rule Band Override Segment Capacity Axis Level "
	    "Cell Gate Funnel Stage "
	    "Step "
	    "Exclude Mail");
	/* An owner misspelt: what belongs to it is not told as well. */
	is_fault(w, "Scoer: a\n\nBand: b\n",
	    "1:1 unknown kind \"Scoer\" (did you mean \"Score\"?)");
	is_fault(w, "Segment: a\nWehn: .x\n",
	    "2:1 Segment has no key \"Wehn\" (did you mean \"When\"?)");
	is_fault(w, "Segment: a\nWhen: .x\nColour: red\n",
	    "3:1 Segment has no key \"Colour\"; its keys are When Action Owner "
	    "Limit Order Missing Note");
	is_fault(w, "Segment: a\nWhen: .x\nwhen: .y\n",
	    "3:1 \"when\" stands twice in one stanza, first on line 2");
	is_fault(w, "Axis: a\nLevel: b\nWhen: .x\n",
	    "2:1 \"Level\" begins a stanza of its own: put a blank line above "
	    "it");
	ok(w->r.n == 2 && stanza(w, 1)->owner == stanza(w, 0),
	    "and is read as one");
	is_fault(w, "Segment: a\n",
	    "1:1 Segment \"a\" needs the key When: the condition; a record "
	    "goes to the first segment that says yes");
	load(w, "Segment: a\n\nWhen: .x\n");
	is_diag(w, 1,
	    "3:1 \"When\" is a key, it does not begin a stanza: is there a "
	    "blank line too many above it?");
	is_fault(w, "Segment: a\nWhen:\n", "2:6 \"When\" has no value");
}

static void
test_names(struct world *w)
{
	is_fault(w, "Segment:\nWhen: .x\n", "1:1 Segment needs a name");
	is_fault(w, "Segment: _a\nWhen: .x\n",
	    "1:10 a name does not begin with \"_\": \"_a\"");
	is_fault(w, "Segment: a/b\nWhen: .x\n",
	    "1:11 a name does not hold \"/\": \"a/b\"");
	is_fault(w, "Segment: あ,b\nWhen: .x\n",
	    "1:13 a name does not hold \",\": \"あ,b\"");
	is_fault(w, "Segment: a\n b\nWhen: .x\n", "1:11 a name is one line");
	is_fault(w, "Score: s\nProfile: a;b\n",
	    "2:11 a name does not hold \";\": \"a;b\"");
	is_fault(w, "Let: 1st\nValue: .x\n",
	    "1:6 \"1st\" cannot be the name of a Let: letters, digits and _ "
	    "are, not today, as_of, now");
	is_fault(w, "Let: now\nValue: .x\n",
	    "1:6 \"now\" cannot be the name of a Let: letters, digits and _ "
	    "are, not today, as_of, now");
	is_good(w, "Let: a_1\nValue: .x\n", "a good name of a Let");
	is_fault(w, "Mail: Hello\nWhen: .x\n",
	    "1:7 the name of a Mail is made of a-z 0-9 . _ - (it names the "
	    "template), not \"Hello\"");
	is_fault(w, "Cell: L4\n",
	    "1:7 the name of a Cell is the names of two levels, as \"L4 "
	    "bad\", not \"L4\"");
	is_fault(w,
	    "Segment: a\nWhen: .x\n\nSegment: b\nWhen: .x\n\n"
	    "segment: a\nWhen: .y\n",
	    "7:1 Segment \"a\" stands twice, first at t:1");
	is_fault(w,
	    "Segment: か\xe3\x82\x99\nWhen: .x\n\nSegment: が\nWhen: .x\n",
	    "4:1 Segment \"が\" stands twice, first at t:1");
	is_fault(w, "Cell: a b\n\nCell: \"a\", b\n",
	    "3:1 Cell \"\"a\", b\" stands twice, first at t:1");
	is_fault(w, "Score: s\n\nBand: a\n\nBand: a\nFrom: 1\n",
	    "5:1 Band \"a\" stands twice, first at t:3");
	is_fault(w, "Score: s\nProfile: p\n\nScore: s\nProfile: p\n",
	    "4:1 Score \"s\" stands twice, first at t:1");
	is_good(w, "Segment: a\nWhen: .x\n\nAxis: a\n",
	    "two kinds may have one name");
}

static void
test_owners(struct world *w)
{
	is_fault(w, "Band: a\n",
	    "1:1 Band \"a\" needs the stanza of its Score above it in the same "
	    "file");
	is_fault(w, "Level: a\nWhen: .x\n\nAxis: b\n",
	    "1:1 Level \"a\" needs the stanza of its Axis above it in the same "
	    "file");
	is_fault(w,
	    "Score: s\n\nRule: a\nPoints: 1\nWhen: .x\nGroup: growht\n\n"
	    "Group: growth\n",
	    "6:8 no Group \"growht\" in Score \"s\" (did you mean "
	    "\"growth\"?)");
	is_fault(w, "Score: s\n\nOverride: a\nWhen: .x\nBand: bad\n",
	    "5:7 no Band \"bad\" in Score \"s\"");
	is_fault(w,
	    "Funnel: f\n\nStage: a\nWhen: .x\n\nStage: b\nWhen: .y\n"
	    "Needs: a, zzz\n",
	    "8:8 no Stage \"zzz\" in Funnel \"f\"");
	is_fault(w,
	    "Score: s\n\nRule: a\nPoints: 1\nWhen: .x\n\n"
	    "Rule: b\nWeight: 1\nWhen: .x\n",
	    "7:1 Score \"s\" has rules with Points and rules with Weight (line "
	    "3): only one of them");
	is_good(w,
	    "Score: s\n\nRule: a\nPoints: 1\nWhen: .x\n\n"
	    "Score: z\n\nRule: b\nWeight: 1\nWhen: .x\n",
	    "two scores may differ");
	is_fault(w, "Funnel: f\n\nStage: a\nWhen: .x\n\nStep: b\nWhen: .x\n",
	    "6:1 Funnel \"f\" has stages and steps (line 3): make two funnels");
}

static void
test_rules(struct world *w)
{
#define RULE "Score: s\n\nRule: a\n"
	is_fault(w, RULE "When: .x\n", "3:1 Rule \"a\" needs Points or Weight");
	is_fault(w, RULE "Points: 1\n", "3:1 Rule \"a\" needs When or Value");
	is_fault(w, RULE "Points: 1\nWeight: 1\nWhen: .x\n",
	    "5:9 Rule \"a\" has Points and Weight: only one of them");
	is_fault(w, RULE "Weight: 1\nWhen: .x\nValue: .y\nScale: 0..1\n",
	    "6:8 Rule \"a\" has When and Value: only one of them");
	is_fault(w, RULE "Points: 1\nValue: .y\n",
	    "5:8 Rule \"a\": Value needs one of Scale, Steps, Half-life");
	is_fault(w, RULE "Weight: 1\nValue: .y\n",
	    "5:8 Rule \"a\": Value needs one of Scale, Steps, Half-life");
	is_fault(w, RULE "Weight: 1\nValue: .y\nScale: 0..1\nSteps: 0:0\n",
	    "5:8 Rule \"a\": Value needs one of Scale, Steps, Half-life");
	is_fault(w, RULE "Weight: 1\nWhen: .y\nScale: 0..1\n",
	    "3:1 Rule \"a\": Scale, Steps and Half-life need Value");
	is_fault(w, RULE "Weight: 1\nValue: .y\nHalf-life: 1mo\n",
	    "6:12 \"Half-life\" counts days, months have no fixed length: "
	    "write 30d");
	is_fault(w, RULE "Points: 1\nWhen: .y\nMissing: 40\n",
	    "6:10 a number for \"Missing\" needs Weight");
	is_fault(w, "Score: s\n\nOverride: a\nWhen: .x\n",
	    "3:1 Override \"a\" needs Band or Score");
	is_fault(w, "Score: s\nRange: 100..0\n",
	    "2:8 \"Range\" goes from the lower to the higher number, not "
	    "100..0");
	is_fault(w, "Segment: a\nWhen: .x\nMissing: 40\n",
	    "3:10 \"Missing\" is no, yes or error in a Segment, not 40");
}

static void
test_types(struct world *w)
{
	is_fault(w, RULE "Points: ten\nWhen: .x\n",
	    "4:9 \"Points\" is a number such as 30 or 2.5, not \"ten\"");
	is_fault(w, RULE "Points: 1e3\nWhen: .x\n",
	    "4:9 \"Points\" is a number such as 30 or 2.5, not \"1e3\"");
	is_fault(w, RULE "Weight: -1\nWhen: .x\n",
	    "4:9 \"Weight\" is 0 or more, not -1");
	is_fault(w, "Mail: a\nWhen: .x\nHoldout: 101%\n",
	    "3:10 \"Holdout\" is a number from 0 to 100, not 101%");
	is_fault(w, "Segment: a\nWhen: .x\nLimit: 0\n",
	    "3:8 \"Limit\" is 1 or more, not 0");
	is_fault(w, "Segment: a\nWhen: .x\nLimit: 1.5\n",
	    "3:8 \"Limit\" is a whole number, not \"1.5\"");
	is_fault(w, "Score: s\nCoverage: 50\n",
	    "2:11 \"Coverage\" is a rate from 0 to 1, as 0.6 or 60%, not "
	    "\"50\"");
	is_good(w, "Score: s\nCoverage: 0.5\n", "a rate");
	is_fault(w, "Score: s\nRange: 100\n",
	    "2:8 \"Range\" is two numbers with two dots between, as 0..100, "
	    "not \"100\"");
	is_fault(w, "Score: s\nRange: 5..5\n",
	    "2:8 both ends of \"Range\" are the same: 5..5");
	is_fault(w, RULE "Weight: 1\nValue: .x\nSteps: 0:0 300:60 200:70\n",
	    "6:19 \"Steps\" is value:result pairs that rise, with results from "
	    "0 to 100, as 0:0 300:60 1000:100; wrong is \"200:70\"");
	is_fault(w, RULE "Weight: 1\nValue: .x\nSteps: 0\n",
	    "6:8 \"Steps\" is value:result pairs that rise, with results from "
	    "0 to 100, as 0:0 300:60 1000:100; wrong is \"0\"");
	is_fault(w, "Funnel: f\nWithin: 30 days\n",
	    "2:9 \"Within\" is a duration of one unit, as 30d, 12h, 4w or 1mo, "
	    "not \"30 days\"");
	is_fault(w, "Funnel: f\nMode: strikt\n",
	    "2:7 \"Mode\" cannot be \"strikt\" (did you mean \"strict\"?)");
	is_fault(w, "Funnel: f\nMode: quickly\n",
	    "2:7 \"Mode\" cannot be \"quickly\": it is one of sequential "
	    "strict any");
	is_fault(w, "Funnel: f\nOrder: .x desc\n",
	    "2:8 \"Order\" cannot be \".x desc\": it is one of strict implied");
	is_fault(w, "Column: a\nType: int\n",
	    "2:7 \"Type\" cannot be \"int\": it is one of text number boolean "
	    "date time");
	is_fault(w, "Segment: a\nWhen: .x\nMissing: maybe\n",
	    "3:10 \"Missing\" cannot be \"maybe\": it is one of no yes error");
	is_fault(w, RULE "Weight: 1\nWhen: .x\nMissing: 101\n",
	    "6:10 the number of \"Missing\" is from 0 to 100, not 101");
	is_fault(w, "Mail: a\nWhen: .x\nFrom-date: 2026-02-30\n",
	    "3:12 the day 2026-02-30 does not exist");
	is_fault(w, "Mail: a\nWhen: .x\nTo_date: 1 March\n",
	    "3:10 \"To_date\" is a day as 2026-03-01, not \"1 March\"");
	is_fault(w, "Mail: a\nWhen: .x\nRequires: \"a, b\n",
	    "3:11 a quote of \"Requires\" is not closed");
	is_fault(w, "Mail: a\nWhen: .x\nRequires: ,\n",
	    "3:11 \"Requires\" names nothing");
}

static void
test_expressions(struct world *w)
{
	load(w, "Segment: a\nWhen: .x > 1\n  and (.y\n");
	ok(w->diags.n == 1 && w->diags.v[0].at.line >= 2,
	    "a fault in an expression is the only one");
	load(w, "Segment: a\nWhen: .x = 1\n");
	ok(w->diags.n == 1 && w->diags.v[0].at.line == 2 &&
		w->diags.v[0].at.col == 10,
	    "its place: %zu:%zu", w->diags.v[0].at.line, w->diags.v[0].at.col);
	load(w, "Segment,When\na,\".y == \"\"b\"\" and .x = 1\"\n");
	ok(w->diags.n == 1 && w->diags.v[0].at.line == 2 &&
		w->diags.v[0].at.col == 23,
	    "behind doubled quotes: %zu:%zu", w->diags.v[0].at.line,
	    w->diags.v[0].at.col);
	load(
	    w, "{\"Segment\":\"a\",\"When\":\".y == \\\"b\\\" and .x = 1\"}\n");
	ok(w->diags.n == 1 && w->diags.v[0].at.line == 1 &&
		w->diags.v[0].at.col == 43,
	    "behind escapes: %zu:%zu", w->diags.v[0].at.line,
	    w->diags.v[0].at.col);
	load(w, "Segment: a\nWhen: .x\nLimit: 1\nOrder: .a desc, .b = 1\n");
	ok(w->diags.n == 1 && w->diags.v[0].at.line == 4 &&
		w->diags.v[0].at.col == 20,
	    "in a part of an Order: %zu:%zu", w->diags.v[0].at.line,
	    w->diags.v[0].at.col);
}

static void
test_forms(struct world *w)
{
	is_good(w,
	    "Kind,Name,Points,When,From,Note\r\n"
	    "Score,s,,,,\"a, b\"\r\nRule,r,30,.x >= 1,,\r\nBand,b,,,70,\r\n",
	    "a score as CSV");
	ok(w->r.n == 3 && stanza(w, 2)->owner == stanza(w, 0),
	    "with its owners");
	ok(stanza(w, 1)->at.line == 3 && stanza(w, 1)->at.col == 6,
	    "a stanza stands where its name is");
	is_good(w,
	    "{\"Score\":\"s\"}\n{\"Rule\":\"r\",\"Points\":30,\"When\":\".x\"}"
	    "\n",
	    "a score as JSON lines");
	ok(w->r.n == 2 && cs_stanza_number(stanza(w, 1), "points", 0) == 30,
	    "with its number");
	is_good(w, "{\"Funnel\":\"f\",\"Reuse\":false}\n", "false");
	ok(!cs_stanza_yes(stanza(w, 0), "reuse", true), "is no");
	is_good(w, "Column,From,From,Type\na,b,c,text\n", "From twice");
	ok(stanza(w, 0)->n == 3, "both are there");

	/* A fault in the header is one fault, not one a row. */
	is_fault(w, "Segment,Wehn\na,.x\nb,.x\nc,.y\n",
	    "1:9 Segment has no key \"Wehn\" (did you mean \"When\"?)");
	is_fault(w, "Segmnt,When\na,.x\nb,.x\n",
	    "1:1 unknown kind \"Segmnt\" (did you mean \"Segment\"?)");
	is_fault(w, "Segment,When\na,.x\na,.y\n",
	    "3:1 Segment \"a\" stands twice, first at t:2");
	is_fault(w, "Segment,When\na,.x\n,.y\n", "3:1 Segment needs a name");
	is_fault(w, "{\"Segment\":\"a\",\"When\":[{}]}",
	    "1:24 the value of \"When\" is text, a number, true or false");
	is_fault(w, "{\"Segment\":{},\"When\":\".x\"}",
	    "1:12 the value of \"Segment\" is text, a number, true or false");
	is_fault(w, "Kind,When\na,.x\n",
	    "1:1 the column Kind needs the column Name behind it");
	is_fault(w, "Segment,When,Limit\na,.x,\nb,.y,0\n",
	    "3:6 \"Limit\" is 1 or more, not 0");
	is_fault(w, "Axis,Level\na,b\n",
	    "1:6 Axis has no key \"Level\"; its keys are Note");
}

static void
test_files(struct world *w)
{
	const char *two[] = {"a.rules", "b.rules"}, *std[] = {"std:one"},
		   *other[] = {"std:none"}, *path[] = {"std:../rules/one"},
		   *none[] = {"nowhere.rules"};
	struct cs_err err = {0};

	put("a.rules", "Score: s\n\nSegment: x\nWhen: .a\n\nFoo: b\n");
	put("b.rules", "Band: b\n\nSegment: x\nWhen: .b\n");
	cs_diags_free(&w->diags);
	w->r = (struct cs_rules){0};
	ok(cs_rules_load(&w->r, two, 2, &w->run, &w->diags, &err),
	    "two files are read");
	ok(w->diags.n == 3 && strcmp(w->diags.v[0].at.file, "a.rules") == 0 &&
		w->diags.v[0].at.line == 6,
	    "faults of both files, in order");
	is_diag(w, 1,
	    "1:1 Band \"b\" needs the stanza of its Score above it in the same "
	    "file");
	is_diag(w, 2, "3:1 Segment \"x\" stands twice, first at a.rules:3");

	ok(!cs_rules_load(&w->r, none, 1, &w->run, &w->diags, &err) &&
		err.exit == CS_STOP && strstr(err.text, "nowhere.rules"),
	    "a missing file: 3 and its name");

	mkdir("data", 0755);
	mkdir("data/rules", 0755);
	mkdir("data/stages", 0755);
	put("data/rules/one.rules", "Segment: one\n");
	put("data/stages/shop.rules", "Funnel: shop\n");
	setenv("CSOPS_DATADIR", "data", 1);
	cs_diags_free(&w->diags);
	w->r = (struct cs_rules){0};
	ok(cs_rules_load(&w->r, std, 1, &w->run, &w->diags, &err),
	    "a shipped file");
	ok(w->diags.n == 1 && strcmp(w->diags.v[0].at.file, "std:one") == 0,
	    "its place has the name as it was given");
	ok(!cs_rules_load(&w->r, other, 1, &w->run, &w->diags, &err) &&
		err.exit == CS_USAGE,
	    "no such shipped file: 2");
	is_str(cs_str(err.text),
	    "no rules std:none; there are std:one std:shop", "what there is");
	ok(!cs_rules_load(&w->r, path, 1, &w->run, &w->diags, &err),
	    "a shipped file is no path");
	setenv("CSOPS_DATADIR", "nowhere", 1);
	ok(!cs_rules_load(&w->r, other, 1, &w->run, &w->diags, &err),
	    "no data directory");
	is_str(cs_str(err.text),
	    "no rules std:none, and none at all in nowhere", "says so");
	unsetenv("CSOPS_DATADIR");
}

static void
test_segment_option(struct world *w)
{
	load(w, "Segment: a\nWhen: .x\n");
	cs_rules_add_segment(&w->r, "big=.n >= 10", &w->run, &w->diags);
	ok(w->diags.n == 0 && w->r.n == 2, "-e adds a segment");
	is_str(stanza(w, 1)->name, "big", "its name");
	ok(cs_stanza_get(stanza(w, 1), "when")->expr != NULL, "its condition");
	cs_rules_add_segment(&w->r, "a=.y", &w->run, &w->diags);
	is_diag(w, 0, "1:1 Segment \"a\" stands twice, first at t:1");
	cs_rules_add_segment(&w->r, ".n >= 10", &w->run, &w->diags);
	is_diag(w, 1, "-e takes NAME=EXPR, not \".n >= 10\"");
	cs_rules_add_segment(&w->r, "x==1", &w->run, &w->diags);
	is_diag(w, 2, "-e takes NAME=EXPR, not \"x==1\"");
	cs_rules_add_segment(&w->r, "z=", &w->run, &w->diags);
	is_diag(w, 3, "1:3 \"When\" has no value");
	cs_rules_add_segment(&w->r, "y=.n = 1", &w->run, &w->diags);
	ok(w->diags.n == 5 && w->diags.v[4].at.col == 6,
	    "the place of a fault counts from the option's first byte");
}

static void
test_limits(struct world *w)
{
	struct cs_buf b = {0};

	for (size_t i = 0; i < CS_MAX_RULES; i++)
		cs_buf_printf(&b, "Axis: a%zu\n\n", i);
	is_good(w, cs_buf_z(&b), "10,000 stanzas");
	cs_buf_puts(&b, "Axis: b\n\nAxis: c\n");
	is_fault(w, cs_buf_z(&b), "20001:1 more than 10000 stanzas");
	cs_buf_free(&b);
}

static void
test_list(struct world *w)
{
	struct cs_str rest = CS_S(" a, b\tc \"d, \"\"e\"\"\",f"), item;
	static const char *const want[] = {"a", "b", "c", "d, \"e\"", "f"};
	size_t n = 0;

	while (cs_list_next(&rest, &item, &w->run) && n < 5)
		is_str(item, want[n++], "an item");
	ok(n == 5, "five items");
	rest = CS_S(" , ");
	ok(!cs_list_next(&rest, &item, &w->run), "no item");
}

/* Types of Column: stanzas reach the columns that are there. */
static void
test_column_types(struct world *w)
{
	struct cs_header head = {0};
	size_t zip;

	load(w, "Column: zip\nType: text\n\nColumn: other\nType: date\n\n"
		"Column: free\n");
	cs_header_add(&head, CS_S("id"));
	zip = cs_header_add(&head, CS_S("zip"));
	cs_header_add(&head, CS_S("free"));
	cs_rules_types(&w->r, &head);
	ok(head.type[zip] == CS_TYPE_TEXT && head.type[0] == CS_TYPE_ANY &&
		head.type[2] == CS_TYPE_ANY && cs_header_n(&head) == 3,
	    "types of columns");
	cs_header_free(&head);
}

/* The title of a key as the manual writes it. */
static const char *
title(const char *name, char buf[64])
{
	snprintf(buf, 64, "%s", name);
	buf[0] = (char)(buf[0] - 'a' + 'A');
	return buf;
}

/* Every kind, key and help text stands in cs-rules(5), and no other key. */
static void
test_manual(const char *page)
{
	size_t nkinds, bad = 0, items = 0, keys = 0;
	const struct cs_kind *kind = cs_kinds(&nkinds);
	const char *p;
	char buf[64], want[512];

	for (size_t i = 0; i < nkinds; i++) {
		const char *from, *end;
		char *part;

		snprintf(want, sizeof(want), "\n.Ss %s\n", kind[i].name);
		from = strstr(page, want);
		if (!ok(from != NULL, "%s is in the manual", kind[i].name))
			continue;
		end = strstr(from + 2, "\n.S");
		part = strndup(from, (size_t)(end - from));
		for (size_t k = 0; k < kind[i].nkeys; k++, keys++) {
			const struct cs_key *key = &kind[i].keys[k];
			const char *at, *line;

			title(key->name, buf);
			snprintf(want, sizeof(want), "\n.It Cm %s%s :",
			    strcmp(buf, "At") == 0 ? "\\&" : "", buf);
			at = strstr(part, want);
			line = at ? strchr(at + 1, '\n') : NULL;
			snprintf(want, sizeof(want), "\n%s.\n", key->help);
			if (want[1] >= 'a' && want[1] <= 'z')
				want[1] = (char)(want[1] - 'a' + 'A');
			if (line == NULL ||
			    strncmp(line, want, strlen(want)) != 0 ||
			    (memmem(at, (size_t)(line - at), "required", 8) !=
				NULL) != key->is_required ||
			    (memmem(at, (size_t)(line - at), "repeatable",
				 10) != NULL) != key->is_many) {
				bad++;
				printf("# %s: %s is not as in the table\n",
				    kind[i].name, key->name);
			}
		}
		free(part);
	}
	ok(bad == 0, "all keys are in the manual");
	p = strstr(page, "\n.Sh KINDS");
	for (p = p ? strstr(p, "\n.It Cm ") : NULL; p != NULL;
	     p = strstr(p + 1, "\n.It Cm "))
		items++;
	ok(items == keys, "%zu keys in the tables, %zu in the manual", keys,
	    items);
}

static char *
read_manual(void)
{
	FILE *f = fopen("man/cs-rules.5", "r");
	char *z = calloc(1, 1 << 20);

	if (f == NULL)
		return z;
	if (fread(z, 1, (1 << 20) - 1, f) == 0)
		z[0] = '\0';
	fclose(f);
	return z;
}

/* Takes the work directory away again. */
static void
clean(const char *dir)
{
	static const char *const made[] = {"t", "a.rules", "b.rules",
	    "data/rules/one.rules", "data/stages/shop.rules", "data/rules",
	    "data/stages", "data"};

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		remove(made[i]);
	if (chdir("/") == 0)
		rmdir(dir);
}

int
main(void)
{
	struct world w = {.dir = "/tmp/cs-rules.XXXXXX"};
	char *page = read_manual();

	test_manual(page);
	free(page);
	if (mkdtemp(w.dir) == NULL || chdir(w.dir) != 0)
		return 3;
	test_load(&w);
	test_order(&w);
	test_kinds_and_keys(&w);
	test_names(&w);
	test_owners(&w);
	test_rules(&w);
	test_types(&w);
	test_expressions(&w);
	test_forms(&w);
	test_files(&w);
	test_segment_option(&w);
	test_limits(&w);
	test_list(&w);
	test_column_types(&w);
	cs_diags_free(&w.diags);
	cs_arena_free(&w.run);
	clean(w.dir);
	return done();
}
