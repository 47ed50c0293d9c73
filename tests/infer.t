#!/bin/sh
# cs-ingest --infer: the data passes the schema that was made from it. Files of
# others; what cannot be read without a schema is not asked with one.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

n=0
for f in "$CSOPS_SHARED"/suites/frictionless/csv/*.csv share/demo/*.csv; do
	[ -f "$f" ] || continue
	cs-ingest -q "$f" >/dev/null 2>&1 || continue
	name=$(basename "$f")
	cs-ingest --infer "$f" >"$tmp/s.json" 2>"$tmp/err" || {
		fail "$name: infers" "$tmp/err"
		continue
	}
	[ -s "$tmp/s.json" ] || continue
	n=$((n + 1))
	if cs-ingest -S "$tmp/s.json" "$f" >/dev/null 2>"$tmp/err"; then
		pass "$name: passes its own schema"
	else
		fail "$name: passes its own schema" "$tmp/err"
	fi
done
[ "$n" -gt 0 ] || skip_all 'no CSV files of the shared suites are here'
finish
