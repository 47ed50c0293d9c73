/* rfmrun: cs-score rfm: orders in, one row a customer out */
#ifndef CS_RFMRUN_H
#define CS_RFMRUN_H

#include "kit.h"
#include "rfm.h"

/* Its options; the command's table has them. */
enum cs_rfm_opt {
	CS_RFM_DATE = CS_OPT_OWN + 100,
	CS_RFM_AMOUNT,
	CS_RFM_ORDER,
	CS_RFM_METHOD,
	CS_RFM_BINS,
	CS_RFM_CUTS,
	CS_RFM_FREQUENCY,
	CS_RFM_REFUNDS,
	CS_RFM_PERIOD,
	CS_RFM_OPT_END
};

/* The zero value is a run without options. */
struct cs_rfmrun {
	const char *date, *amount, *order, *bins, *cuts, *period;
	const char *method, *frequency, *refunds; /* words */
	struct cs_rfm_conf conf;
	struct cs_rfm *rfm;
	size_t date_col, order_col;
	size_t factor[2]; /* the columns whose product is the amount */
	size_t factors;
	uint64_t nameless, later, refunds_left;
};

bool cs_rfmrun_option(
    struct cs_rfmrun *r, int id, const char *arg, struct cs_err *err);
bool cs_rfmrun_ready(struct cs_rfmrun *r, struct cs_kit *k, struct cs_err *err);
bool cs_rfmrun_start(struct cs_rfmrun *r, struct cs_kit *k, struct cs_err *err);
/* A row that cannot be read is refused; one without a customer, or after the
 * as-of date, is left out and counted. */
bool cs_rfmrun_record(struct cs_rfmrun *r, struct cs_kit *k, struct cs_rec *rec,
    struct cs_err *err);
bool cs_rfmrun_finish(
    struct cs_rfmrun *r, struct cs_kit *k, struct cs_err *err);
void cs_rfmrun_free(struct cs_rfmrun *r);

#endif
