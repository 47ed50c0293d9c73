/* rules_verify: what cs-check says about rules, as rows */
#ifndef CS_RULES_VERIFY_H
#define CS_RULES_VERIFY_H

#include "rules.h"
#include "table.h"

/* Binds every expression of the rules to the columns of head (NULL: columns
 * are not known, only $names and lists are looked at). Findings go to diags.
 * False with err when libjq itself fails (exit 3). */
bool cs_rules_bind(const struct cs_rules *rules,
    const struct cs_eval_conf *conf, struct cs_header *head,
    struct cs_arena *run, struct cs_diags *diags, struct cs_err *err);
/* The findings as file,line,severity,code,message,witness, in the order of
 * their places. */
struct cs_table *cs_rules_findings(struct cs_diags *diags);

#endif
