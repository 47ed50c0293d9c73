/* rules_load: what the files that load rules share (rules, rules_value,
 * rules_check, rules_std) */
#ifndef CS_RULES_LOAD_H
#define CS_RULES_LOAD_H

#include "rules.h"

/* kv->key and kv->pair are set; fills the rest. False: the value has a fault
 * (told to diags, not for an expression that has one: kv->expr is NULL then and
 * the answer true, because the key is there). */
bool cs_rules_value(
    struct cs_kv *kv, struct cs_arena *run, struct cs_diags *diags);
/* Cuts "a b c" at its blanks into names in the arena. */
struct cs_str *cs_rules_words(
    const char *words, struct cs_arena *run, size_t *n);
/* May text stand as a name (RULES, Rule files)? If not, the fault goes to
 * diags. */
bool cs_rules_name_ok(const struct cs_pair *pair, struct cs_diags *diags);

/* Checks stanzas first.. of r: keys that need or exclude each other,
 * names that refer to stanzas of the same owner, stanzas that cannot stand
 * under one owner. */
void cs_rules_check(const struct cs_rules *r, size_t first,
    struct cs_arena *run, struct cs_diags *diags);
/* The file of std:NAME. False with err (exit 2) and the names there are. */
bool cs_rules_std(const char *name, const char **path, struct cs_arena *run,
    struct cs_err *err);

/* The title of a key for messages: "From-date". */
struct cs_title {
	char z[32];
};
struct cs_title cs_rules_title(const char *name);

#endif
