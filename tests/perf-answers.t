#!/bin/sh
# The jobs of the bench on the reference's customers: csops with bench/rules
# against a model in Python that evaluates the reference's own rules.
#	PERF_ROWS=20000		customers (row i does not depend on how many)
#	PERF_MILLION="J2 J3"	also these jobs on the million, against the
#				published hashes of its answers; "all" does all
#	PERF_BUILD=DIR		the build that the million runs through
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

ref=$CSOPS_SHARED/bench
rows=${PERF_ROWS:-20000}
rules=bench/rules

if [ ! -f "$ref/gen.c" ] || [ ! -f "$ref/rules.py" ]; then
	skip_all "$ref is not here: answers on the big data not compared"
fi
if ! command -v python3 >/dev/null 2>&1; then
	skip_all 'no python3: answers on the big data not compared'
fi

if ! "$CC" -O2 -w -o "$tmp/gen" "$ref/gen.c" 2>"$tmp/log"; then
	fail "the reference's generator compiles" "$tmp/log"
	finish
fi
customers() { # customers N FORM
	"$tmp/gen" customers "$1" "$2"
}
model() {
	what=$1
	shift
	python3 -B tests/perf/model.py "$what" "$ref" "$@"
}
model rules "$tmp"

# job NAME: standard input to the form of the reference
job() {
	case $1 in
	J1) cs-ingest -q --columns=id,shop_name,plan,max_pv,monthly_sales ;;
	J2 | J7) cs-score -q -r $rules/score.rules ;;
	J3) cs-segment -q -r $rules/segments.rules --count ;;
	J3A) cs-segment -q -r $rules/segments.rules ;;
	J5) cs-funnel -q -r $rules/growth.stages --cohort=.opened_at ;;
	J8) cs-ingest -q ;;
	J9) cs-segment -q -r "$tmp/mails.rules" --columns=id,segment ;;
	esac | model plain "$1"
}

customers "$rows" csv >"$tmp/csv"
customers "$rows" quoteall >"$tmp/quoteall"
customers "$rows" jsonl >"$tmp/jsonl"
mkdir "$tmp/want"
ok "the model answers for $rows customers" model answers "$tmp/csv" "$tmp/want"

for j in J1 J2 J3 J3A J5 J9; do
	job $j <"$tmp/csv" >"$tmp/got"
	same "$j: csops says what the model says" "$tmp/got" "$tmp/want/$j"
done
job J7 <"$tmp/jsonl" >"$tmp/got"
same 'J7: JSON lines, as the model says' "$tmp/got" "$tmp/want/J7"
for form in cp932 csv; do
	customers "$rows" $form | gzip -1n >"$tmp/gz"
	job J8 <"$tmp/gz" >"$tmp/got"
	same "J8: $form and gzip come out as the CSV" "$tmp/got" "$tmp/csv"
done

# What is quoted says the same: cells, not bytes.
cells() {
	cs-ingest -q -o jsonl
}
for j in J1 J3 J5 J9; do
	job $j <"$tmp/quoteall" | cells >"$tmp/got"
	cells <"$tmp/want/$j" >"$tmp/cells"
	same "$j: the same with every cell quoted" "$tmp/got" "$tmp/cells"
done
cs-score -q -r $rules/score.rules <"$tmp/quoteall" | model plain J2 | cells \
    >"$tmp/got"
cells <"$tmp/want/J2" >"$tmp/cells"
same 'J2: the same with every cell quoted' "$tmp/got" "$tmp/cells"

if [ -z "${PERF_MILLION:-}" ]; then
	finish
fi
PATH=$(absolute "${PERF_BUILD:-$BUILD}")/bin:$PATH

# hash JOB FORM WANT: first 16 digits of SHA-256 over the million
hash() {
	case " $PERF_MILLION " in
	*" $1 "* | ' all ') ;;
	*) return ;;
	esac
	customers 1000000 "$2" | job "$1" >"$tmp/million"
	case $1 in
	J9) cut -d, -f2 "$tmp/million" | sort | uniq -c | awk '
	    $2 ~ /^M(000|001|068|078)$/ { print $2 "," $1 }' ;;
	J3) LC_ALL=C sort "$tmp/million" | sha256sum | cut -c 1-16 ;;
	*) sha256sum <"$tmp/million" | cut -c 1-16 ;;
	esac >"$tmp/got"
	printf '%b\n' "$3" >"$tmp/hash"
	same "$1: the million, as all peers answer" "$tmp/got" "$tmp/hash"
}
hash J1 csv 483b38a2e506e126
hash J2 csv 3abea260f422691f
hash J3 csv 27b5c8b7a9c68920
hash J3A csv 7ae0b79f323697c9
hash J5 csv a788e0781e915787
hash J7 jsonl d640410c0c257d73
hash J8 cp932 d21ee22e79559957
hash J9 csv 'M000,183235\nM001,69052\nM068,66602\nM078,67585'
finish
