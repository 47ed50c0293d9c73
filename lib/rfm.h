/* rfm: recency, frequency and money of customers from their orders
 *
 * Source: reference formulas D10, RFM. In memory stands what each customer is:
 * about 150 bytes and the id; with an order column or with days, 40 bytes and
 * the order's name for each order besides. Nothing depends on the order of the
 * rows. */
#ifndef CS_RFM_H
#define CS_RFM_H

#include "date.h"
#include "exact.h"
#include "table.h"

enum { CS_RFM_R, CS_RFM_F, CS_RFM_M, CS_RFM_MEASURES };
#define CS_RFM_MAX_BINS 9 /* one digit each */

enum cs_rfm_method {
	/* Class 1 + floor(bins * worse / n), worse: of the n customers those
	 * with a worse value. Equal values stay together, so a class may stay
	 * empty. */
	CS_RFM_QUANTILE,
	/* SQL's NTILE: classes of equal size, the lower ones one larger where
	 * it does not divide; equal values are parted by the bytes of the
	 * id. */
	CS_RFM_NTILE,
	/* Class 1 + how many cuts the value has reached. */
	CS_RFM_FIXED
};

struct cs_rfm_conf {
	enum cs_rfm_method method;
	unsigned bins; /* 2..9; not for fixed */
	cs_exact_sum cut[CS_RFM_MEASURES][CS_RFM_MAX_BINS]; /* rising */
	size_t ncuts[CS_RFM_MEASURES];
	bool by_days;	   /* frequency counts days with an order, not orders */
	bool no_refunds;   /* negative amounts are left out */
	long today;	   /* civil day */
	long from, before; /* first days of this period and of the one before */
};
/* --cuts: "r:30,90,365/f:2,5,10/m:50,200,1000", each once, rising. */
bool cs_rfm_cuts(
    struct cs_rfm_conf *conf, struct cs_str text, struct cs_err *err);
/* The periods that end today, of duration d (no hours). */
void cs_rfm_period(struct cs_rfm_conf *conf, struct cs_duration d);

struct cs_rfm;
/* conf must outlive it. */
struct cs_rfm *cs_rfm_new(const struct cs_rfm_conf *conf);

enum cs_rfm_row { CS_RFM_TAKEN, CS_RFM_LATER, CS_RFM_REFUND, CS_RFM_OVER };
/* One row: what customer id paid on a day. order names the order it belongs to;
 * absent: it is one by itself. A negative amount is money given back and no
 * order: it lowers the sum only (REFUND: it was left out, as conf says). LATER:
 * after today, not taken. OVER: the sum does not fit. */
enum cs_rfm_row cs_rfm_add(struct cs_rfm *rfm, struct cs_str id, long day,
    struct cs_str order, struct cs_exact amount);

/* One row a customer, by the bytes of the id:
 * id,recency_days,frequency,monetary,r,f,m,rfm,first_order,last_order,
 * is_active,was_active,is_new. r is reversed: the most recent have the highest.
 * Without an order there is no recency, and no class. */
struct cs_table *cs_rfm_table(struct cs_rfm *rfm);
/* How many classes have customers, after cs_rfm_table; most: how many could,
 * with as many classes and customers as there are. */
size_t cs_rfm_classes(const struct cs_rfm *rfm, int measure, size_t *most);
void cs_rfm_free(struct cs_rfm *rfm);

#endif
