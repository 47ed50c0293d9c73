#!/bin/sh
# CSV of csvkit, frictionless, the W3C's CSV on the Web and Miller through
# cs-ingest: a verdict for each case. csv-spectrum and csv-test-data are in
# tests/unit/suite_csv.c, at the level of the reader.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

command -v python3 >/dev/null || skip_all 'no python3'
[ -x "$BUILD/bin/cs-ingest" ] || skip_all 'cs-ingest is not built'
for suite in csvkit-examples frictionless csvw miller; do
	[ -d "$CSOPS_SHARED/suites/$suite" ] ||
	    skip_all "$CSOPS_SHARED/suites/$suite is not here"
done
python3 "$root/tests/suites/csv_read.py" "$CSOPS_SHARED" \
    "$root/tests/suites/csv-cases.tsv" "$tmp"
