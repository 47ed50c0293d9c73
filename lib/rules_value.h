/* rules_value: the text behind a key, checked and read by the key's type */
#ifndef CS_RULES_VALUE_H
#define CS_RULES_VALUE_H

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

#endif
