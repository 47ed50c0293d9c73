#!/bin/sh
# DEVIATIONS.md names for each difference the test that holds it: the last
# cell of each row, and every name in it must be there.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# rows FILE: the cells "held by", one a line
rows() {
	awk -F '|' '
	/^\|[- |]*$/ { is_table = 1; next }
	!/^\|/ { is_table = 0; next }
	is_table { print $(NF - 1) }' "$1"
}

# The cell's names are in backquotes.
missing() { # CELL
	printf '%s\n' "$1" | awk -F '`' '
	NF < 3 { print "no test named:" $0 }
	{ for (i = 2; i <= NF; i += 2) print $i }' | while IFS= read -r name; do
		case $name in
		'no test named:'*) printf '%s\n' "$name" ;;
		*) [ -e "$name" ] || [ -e "tests/$name" ] ||
		    [ -e "tests/golden/$name" ] || printf '%s\n' "$name" ;;
		esac
	done
}

cat >"$tmp/d.md" <<'X'
| what we do | why | held by |
|---|---|---|
| a | b | `tests/tap.sh`, `unit/tap.h` |
| a | b | `golden/cs-x/none` |
| a | b | later |
X
rows "$tmp/d.md" | while IFS= read -r cell; do missing "$cell"; done >"$tmp/got"
printf 'golden/cs-x/none\nno test named: later \n' >"$tmp/want"
same 'self-test: a test that is not there is told' "$tmp/got" "$tmp/want"

rows DEVIATIONS.md | while IFS= read -r cell; do
	missing "$cell"
done >"$tmp/faults"
is_empty 'DEVIATIONS.md: each row names tests that are there' "$tmp/faults"
finish
