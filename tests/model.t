#!/bin/sh
# The commands against models in Python that were written from the contract
# alone: random rule files on random records, every cell of the output.
#	MODEL_SEED=N MODEL_ROUNDS=N tests/model.t	by hand; a failure
#	names the seed that shows it in one round
#	MODEL_KEEP=DIR	leaves the files of the first failure there
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

if ! command -v python3 >/dev/null 2>&1; then
	skip_all 'no python3: the models of score, segment, limits, funnel, ingest, change did not run'
fi

# model NAME CHECK WHAT
model() {
	ok "$1: $3" python3 -B "tests/model/$1.py" "$2"
}

model score scores_round 'scores, bands, coverage, reasons in exact fractions'
model score ties_round 'equal remainders, coverage that is just enough'
model score trend_round 'trend: four scores, the effects of each entry'
model score backtest_round 'backtest: AUC pair by pair, deciles, bands'
model fit fit_round 'coefficients, points, areas, in any order of records'
model rfm rfm_round 'recency, frequency, money, classes, in any order of rows'
model segment segments_round 'segments, axes, cells, tables'
model limits limits_round 'limits, capacity, gates, overlap, ranks'
model limits moves_round 'who moved, and why'
model funnel funnels_round 'stages, rates, waiting, times, ranks'
model funnel ties_round 'equal gains'
model ingest texts_round 'what the csv module writes comes back'
model ingest found_round 'the delimiter is found'
model ingest encodings_round 'Japanese encodings'
model ingest maps_round 'maps'
model change csv_round 'change sets of CSV, and back'
model change jsonl_round 'change sets of JSON lines, and back'
finish
