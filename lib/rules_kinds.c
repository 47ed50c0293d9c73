/* The kinds of stanzas and their keys: what RULES and CONTRACT give. The help
 * texts are shown in errors and stand in cs-rules(5). */
#include "rules.h"

#define KEYS(t) (t), sizeof(t) / sizeof((t)[0])
#define NOTE                                                                   \
	{                                                                      \
		.name = "note", .type = CS_KEY_TEXT, .help = "text for people" \
	}
#define MISSING                                                                \
	{                                                                      \
		.name = "missing", .type = CS_KEY_MISSING,                     \
		.words = "no yes error", .help = "what an unknown answer does" \
	}
#define WHEN(text)                                                             \
	{                                                                      \
		.name = "when", .type = CS_KEY_CONDITION, .is_required = true, \
		.help = (text)                                                 \
	}

static const struct cs_key let_keys[] = {
    {.name = "value",
	.type = CS_KEY_EXPR,
	.is_required = true,
	.help = "the expression that $NAME stands for"},
    NOTE,
};

static const struct cs_key column_keys[] = {
    {.name = "from",
	.type = CS_KEY_TEXT,
	.is_many = true,
	.help = "a column of the input; the first that is there is taken"},
    {.name = "type",
	.type = CS_KEY_WORD,
	.words = "text number boolean date time",
	.help = "the type of all its cells"},
    {.name = "format",
	.type = CS_KEY_TEXT,
	.help = "how they are written: ja, any, or strptime's %Y/%m/%d"},
    {.name = "default",
	.type = CS_KEY_TEXT,
	.help = "the text an empty cell gets"},
    {.name = "expr",
	.type = CS_KEY_EXPR,
	.help = "the expression that makes the cell"},
    {.name = "required",
	.type = CS_KEY_WORD,
	.words = "yes no",
	.help = "yes: a record without it is refused"},
    NOTE,
};

static const struct cs_key score_keys[] = {
    {.name = "range",
	.type = CS_KEY_RANGE,
	.help = "lowest and highest score, as 0..100"},
    {.name = "coverage",
	.type = CS_KEY_RATE,
	.help = "the share of the rules that must be known for a band"},
    {.name = "start",
	.type = CS_KEY_NUMBER,
	.help = "where a score of points begins; 0 if absent"},
    {.name = "hysteresis",
	.type = CS_KEY_NUMBER,
	.lo = 0,
	.hi = 1e9,
	.help = "how far beyond its border a band is left; with --old"},
    {.name = "outcome",
	.type = CS_KEY_CONDITION,
	.help = "what the score should tell, for cs-score backtest"},
    {.name = "profile",
	.type = CS_KEY_NAME,
	.help = "one of several sets of rules for the same score"},
    {.name = "when",
	.type = CS_KEY_CONDITION,
	.help = "which records the profile is for"},
    MISSING,
    NOTE,
};

static const struct cs_key group_keys[] = {
    {.name = "weight",
	.type = CS_KEY_NUMBER,
	.lo = 0,
	.hi = 1e15,
	.help = "the group's weight in the mean of the groups"},
    NOTE,
};

static const struct cs_key rule_keys[] = {
    {.name = "group",
	.type = CS_KEY_NAME,
	.help = "the group of this score that it belongs to"},
    {.name = "points",
	.type = CS_KEY_NUMBER,
	.help = "points added when the answer is yes"},
    {.name = "weight",
	.type = CS_KEY_NUMBER,
	.lo = 0,
	.hi = 1e15,
	.help = "its weight in the mean"},
    {.name = "when",
	.type = CS_KEY_CONDITION,
	.help = "the condition; with Weight yes is 100 and no is 0"},
    {.name = "value",
	.type = CS_KEY_EXPR,
	.help = "the number that Scale, Steps or Half-life turns into 0..100"},
    {.name = "scale",
	.type = CS_KEY_RANGE,
	.help = "the values that give 0 and 100, as 0..500 or 30..0"},
    {.name = "steps",
	.type = CS_KEY_STEPS,
	.help = "value:result pairs, as 0:0 300:60 1000:100"},
    {.name = "half-life",
	.type = CS_KEY_DURATION,
	.help = "100 for an age of 0 days, half of that after this long"},
    {.name = "missing",
	.type = CS_KEY_MISSING,
	.words = "no yes error",
	.help = "what an unknown answer does; with Weight also a number"},
    NOTE,
};

static const struct cs_key band_keys[] = {
    {.name = "from",
	.type = CS_KEY_NUMBER,
	.help = "the lowest score of the band; absent: all the rest"},
    NOTE,
};

static const struct cs_key override_keys[] = {
    WHEN("the condition; the first override that says yes counts"),
    {.name = "band", .type = CS_KEY_NAME, .help = "the band it sets"},
    {.name = "score", .type = CS_KEY_NUMBER, .help = "the score it sets"},
    MISSING,
    NOTE,
};

static const struct cs_key segment_keys[] = {
    WHEN("the condition; a record goes to the first segment that says yes"),
    {.name = "action",
	.type = CS_KEY_TEXT,
	.help = "what to do with them: text or {{column}}"},
    {.name = "owner",
	.type = CS_KEY_TEXT,
	.help = "who looks after them: text or {{column}}"},
    {.name = "limit",
	.type = CS_KEY_WHOLE,
	.lo = 1,
	.hi = 1e15,
	.help = "at most so many records; the rest go on to later segments"},
    {.name = "order",
	.type = CS_KEY_ORDER,
	.help = "which of them are the best, as .mrr desc, .id"},
    MISSING,
    NOTE,
};

static const struct cs_key capacity_keys[] = {
    {.name = "staff",
	.type = CS_KEY_NUMBER,
	.lo = 0,
	.hi = 1e15,
	.help = "the people who do it; 1 if absent"},
    {.name = "minutes",
	.type = CS_KEY_NUMBER,
	.lo = 0,
	.hi = 1e15,
	.help = "the minutes each of them has for it"},
    {.name = "per-touch",
	.type = CS_KEY_NUMBER,
	.lo = 0.01,
	.hi = 1e15,
	.help = "the minutes one record takes"},
    {.name = "accounts",
	.type = CS_KEY_NUMBER,
	.lo = 0,
	.hi = 1e15,
	.help = "the most records for each of them"},
    NOTE,
};

static const struct cs_key gate_keys[] = {
    WHEN("the condition under which the actions are forbidden"),
    {.name = "forbid",
	.type = CS_KEY_TEXT,
	.is_required = true,
	.is_many = true,
	.help = "an action, * in it for any text, as offer *"},
    MISSING,
    NOTE,
};

static const struct cs_key axis_keys[] = {NOTE};

static const struct cs_key level_keys[] = {
    WHEN("the condition; a record gets the first level that says yes"),
    MISSING,
    NOTE,
};

static const struct cs_key cell_keys[] = {
    {.name = "action",
	.type = CS_KEY_TEXT,
	.help = "what to do with them: text or {{column}}"},
    {.name = "owner",
	.type = CS_KEY_TEXT,
	.help = "who looks after them: text or {{column}}"},
    NOTE,
};

static const struct cs_key funnel_keys[] = {
    {.name = "id",
	.type = CS_KEY_TEXT,
	.help = "events: the column that names the subject"},
    {.name = "time",
	.type = CS_KEY_TEXT,
	.help = "events: the column with the time of the event"},
    {.name = "within",
	.type = CS_KEY_DURATION,
	.help = "events: the longest time from the first step to the last"},
    {.name = "mode",
	.type = CS_KEY_WORD,
	.words = "sequential strict any",
	.help = "events: how the steps must follow each other"},
    {.name = "reuse",
	.type = CS_KEY_WORD,
	.words = "yes no",
	.help = "events: may one event fill several steps"},
    {.name = "order",
	.type = CS_KEY_ORDER,
	.words = "strict implied",
	.help = "stages: does a later stage imply the earlier ones"},
    NOTE,
};

static const struct cs_key stage_keys[] = {
    WHEN("the condition for having reached the stage"),
    {.name = "at", .type = CS_KEY_EXPR, .help = "the date it was reached"},
    {.name = "goal",
	.type = CS_KEY_RATE,
	.help = "the rate wanted from the stage before, as 0.6 or 60%"},
    {.name = "within",
	.type = CS_KEY_DURATION,
	.help = "how long after the stage before it is still open"},
    {.name = "owner", .type = CS_KEY_TEXT, .help = "who looks after it"},
    {.name = "exit",
	.type = CS_KEY_CONDITION,
	.help = "the condition for having left the funnel at this stage"},
    {.name = "needs",
	.type = CS_KEY_LIST,
	.is_many = true,
	.help = "stages of this funnel that must be reached as well"},
    {.name = "value",
	.type = CS_KEY_EXPR,
	.help = "what a record at this stage is worth"},
    MISSING,
    NOTE,
};

static const struct cs_key step_keys[] = {
    WHEN("the condition for an event that fills the step"),
    MISSING,
    NOTE,
};

static const struct cs_key exclude_keys[] = {
    WHEN("the condition for an event that ends the chain"),
    MISSING,
    NOTE,
};

static const struct cs_key mail_keys[] = {
    {.name = "enabled",
	.type = CS_KEY_WORD,
	.words = "yes no draft",
	.help = "draft: only in previews and explanations"},
    {.name = "class",
	.type = CS_KEY_WORD,
	.words = "promo service operational",
	.help = "decides caps, consent, opt-out and headers"},
    {.name = "priority",
	.type = CS_KEY_WHOLE,
	.lo = -1e15,
	.hi = 1e15,
	.help = "the higher goes first; equal ones in file order"},
    WHEN("the condition for sending it"),
    {.name = "repeat",
	.type = CS_KEY_TEXT,
	.help = "once, per:COLUMN, every:30d or monthly"},
    {.name = "cooldown",
	.type = CS_KEY_TEXT,
	.help = "14d after the same mail, group:NAME 7d after any of a group"},
    {.name = "group",
	.type = CS_KEY_NAME,
	.help = "only one mail of a group goes out in a run"},
    {.name = "after",
	.type = CS_KEY_TEXT,
	.is_many = true,
	.help = "what must have been sent, as: welcome sent 3d ago"},
    {.name = "window",
	.type = CS_KEY_TEXT,
	.help = "days and hours, as Mon-Fri 10:00-16:00"},
    {.name = "from-date",
	.type = CS_KEY_DATE,
	.help = "the first day it is sent"},
    {.name = "to-date", .type = CS_KEY_DATE, .help = "the last day it is sent"},
    {.name = "every",
	.type = CS_KEY_DURATION,
	.help = "sent again after this long"},
    {.name = "variants",
	.type = CS_KEY_TEXT,
	.help = "names and weights, as a:50 b:50"},
    {.name = "holdout",
	.type = CS_KEY_NUMBER,
	.lo = 0,
	.hi = 100,
	.help = "percent of the customers who do not get it"},
    {.name = "template",
	.type = CS_KEY_TEXT,
	.help = "the template's name if it is not the mail's"},
    {.name = "subject",
	.type = CS_KEY_TEXT,
	.help = "the subject if it is not in the template"},
    {.name = "to",
	.type = CS_KEY_TEXT,
	.help = "the address: text with {{column}}"},
    {.name = "from",
	.type = CS_KEY_TEXT,
	.help = "the sender: text with {{column}}"},
    {.name = "reply-to",
	.type = CS_KEY_TEXT,
	.help = "where answers go: text with {{column}}"},
    {.name = "requires",
	.type = CS_KEY_LIST,
	.help = "columns that must be there and not blank"},
    {.name = "goal",
	.type = CS_KEY_TEXT,
	.help = "what the mail is for; copied to the log"},
    MISSING,
    {.name = "owner", .type = CS_KEY_TEXT, .help = "who looks after it"},
    NOTE,
};

#define ALL "cs-ingest cs-score cs-segment cs-funnel cs-mailgen cs-check"

static const struct cs_kind kinds[] = {
    {"Let", NULL, false, ALL, KEYS(let_keys),
	"a name for an expression, used as $NAME"},
    {"Column", NULL, false, ALL, KEYS(column_keys),
	"a column's type; for cs-ingest also where it comes from"},
    {"Score", NULL, false, "cs-score", KEYS(score_keys),
	"a score, or one profile of it"},
    {"Group", "Score", true, "cs-score", KEYS(group_keys),
	"rules that are averaged together"},
    {"Rule", "Score", true, "cs-score", KEYS(rule_keys),
	"one measure of a score"},
    {"Band", "Score", true, "cs-score", KEYS(band_keys),
	"a name for a part of the range"},
    {"Override", "Score", true, "cs-score", KEYS(override_keys),
	"a condition that sets band or score itself"},
    {"Segment", NULL, false, "cs-segment", KEYS(segment_keys),
	"a named set of records"},
    {"Capacity", NULL, false, "cs-segment", KEYS(capacity_keys),
	"how many records the people for a segment can look after"},
    {"Axis", NULL, false, "cs-segment", KEYS(axis_keys),
	"one side of the matrix; adds a column of its name"},
    {"Level", "Axis", true, "cs-segment", KEYS(level_keys),
	"one level of an axis"},
    {"Cell", NULL, false, "cs-segment", KEYS(cell_keys),
	"what to do where two levels meet"},
    {"Gate", NULL, false, "cs-segment", KEYS(gate_keys),
	"actions that are never given to some records"},
    {"Funnel", NULL, false, "cs-funnel", KEYS(funnel_keys),
	"a way that customers go, in stages or in steps"},
    {"Stage", "Funnel", true, "cs-funnel", KEYS(stage_keys),
	"a stage that records stand in"},
    {"Step", "Funnel", true, "cs-funnel", KEYS(step_keys),
	"a step that an event fills"},
    {"Exclude", "Funnel", true, "cs-funnel", KEYS(exclude_keys),
	"events that end a chain of steps"},
    {"Mail", NULL, false, "cs-mailgen", KEYS(mail_keys),
	"a mail and who gets it"},
};

const struct cs_kind *
cs_kinds(size_t *n)
{
	*n = sizeof(kinds) / sizeof(kinds[0]);
	return kinds;
}
