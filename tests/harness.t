#!/bin/sh
# The harness itself: what tests/check and tests/run must not let pass.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# program NAME: a test program from standard input
program() {
	{ echo '#!/bin/sh'; cat; } >"$tmp/$1"
	chmod +x "$tmp/$1"
}

# judged NAME WANT-LAST-LINE WANT-EXIT FILE...
judged() {
	name=$1 last=$2 want=$3
	shift 3
	sh tests/check "$@" >"$tmp/log" 2>&1
	got=$?
	if [ "$(tail -n 1 "$tmp/log")" = "$last" ] && [ $got = "$want" ]; then
		pass "check: $name"
	else
		echo "exit $got, wanted $want and: $last" >>"$tmp/log"
		fail "check: $name" "$tmp/log"
	fi
}

program good <<'X'
echo 'ok 1 - a'; echo 'ok 2 - b # SKIP no data'; echo 1..2
X
program bad <<'X'
echo 1..2; echo 'ok 1 - a'; echo 'not ok 2 - b'; echo '# seen: x'; exit 1
X
program lying <<'X'
echo 1..1; echo 'not ok 1 - exits with 0 all the same'
X
program crash <<'X'
echo 1..1; echo 'ok 1 - a'; kill -SEGV $$
X
program short <<'X'
echo 1..3; echo 'ok 1 - a'
X
program long <<'X'
echo 1..1; echo 'ok 1 - a'; echo 'ok 2 - b'
X
program planless <<'X'
echo 'ok 1 - a'
X
program silent </dev/null
printf '#!/usr/bin/env sh\necho "ok 1 - a"; echo 1..1\n' >"$tmp/modeless"
program absent <<'X'
echo '1..0 # SKIP no strace here'
X
program hang <<'X'
sleep 60
X
judged 'good file' '1 passed, 0 failed, 1 skipped' 0 "$tmp/good"
ok 'check: a skip is shown with its reason' grep -q 'b # SKIP no data' "$tmp/log"
judged 'failed test' '1 passed, 1 failed, 0 skipped' 1 "$tmp/bad"
ok 'check: the failed line is shown' grep -q 'not ok 2 - b' "$tmp/log"
ok 'check: with its comment' grep -q '# seen: x' "$tmp/log"
judged 'not ok with exit 0' '0 passed, 1 failed, 0 skipped' 1 "$tmp/lying"
judged 'crash after the last test' '1 passed, 1 failed, 0 skipped' 1 "$tmp/crash"
judged 'fewer than planned' '1 passed, 1 failed, 0 skipped' 1 "$tmp/short"
judged 'more than planned' '2 passed, 1 failed, 0 skipped' 1 "$tmp/long"
judged 'no plan' '1 passed, 1 failed, 0 skipped' 1 "$tmp/planless"
judged 'no output' '0 passed, 1 failed, 0 skipped' 1 "$tmp/silent"
judged 'program not built' '0 passed, 1 failed, 0 skipped' 1 "$tmp/missing"
judged 'a file without the mode to be run' '1 passed, 0 failed, 0 skipped' 0 \
    "$tmp/modeless"
judged 'whole file skipped' '0 passed, 0 failed, 1 skipped' 0 "$tmp/absent"
ok 'check: its reason is shown' grep -q 'SKIP no strace here' "$tmp/log"
judged 'several files' '2 passed, 1 failed, 1 skipped' 1 "$tmp/good" "$tmp/bad"
mkdir "$tmp/reports"
echo 'ERROR: AddressSanitizer: heap-use-after-free' >"$tmp/reports/r.1"
CSOPS_REPORTS=$tmp/reports
export CSOPS_REPORTS
judged 'a report of a sanitizer' '1 passed, 1 failed, 1 skipped' 1 "$tmp/good"
ok 'check: the report is shown' grep -q heap-use-after-free "$tmp/log"
unset CSOPS_REPORTS
CSOPS_TEST_SECONDS=1
export CSOPS_TEST_SECONDS
judged 'a test that hangs' '0 passed, 1 failed, 0 skipped' 1 "$tmp/hang"

# The golden runner, with a command that upper-cases and complains.
mkdir "$tmp/bin" "$tmp/g" "$tmp/g/cs-fake"
PATH=$tmp/bin:$PATH
program bin/cs-fake <<'X'
case ${1-} in
--bad) echo "cs-fake: $2: not here" >&2; exit 3 ;;
--engine) echo "$CS_EXPR $CS_SPLIT $CS_JSON" ;;
--words) shift; printf '<%s>' "$@" ;;
*) tr a-z A-Z ;;
esac
X
CSOPS_GOLDEN=$tmp/g
export CSOPS_GOLDEN

# case_of NAME ARGS OUT: makes a case
case_of() {
	mkdir -p "$tmp/g/cs-fake/$1"
	echo "$2" >"$tmp/g/cs-fake/$1/args"
	[ -z "$3" ] || printf '%s\n' "$3" >"$tmp/g/cs-fake/$1/out"
}

# golden NAME WANT CASE: WANT is ok or "not ok"
golden() {
	sh tests/run "cs-fake/$3" >"$tmp/log" 2>&1
	code=$?
	case $2:$code:$(head -n 1 "$tmp/log") in
	"ok:0:ok 1 "* | "not ok:1:not ok 1 "*) pass "run: $1" ;;
	*) fail "run: $1" "$tmp/log" ;;
	esac
}

case_of same '' 'ABC'
echo abc >"$tmp/g/cs-fake/same/in"
golden 'equal output' ok same
case_of other '' 'abc'
echo abc >"$tmp/g/cs-fake/other/in"
golden 'other output' 'not ok' other
ok 'run: shows the difference' grep -q '^# +ABC' "$tmp/log"
case_of newline '' ''
printf 'ABC' >"$tmp/g/cs-fake/newline/out"
echo abc >"$tmp/g/cs-fake/newline/in"
golden 'a missing last newline' 'not ok' newline
case_of noin '' ''
golden 'no in, no out: nothing' ok noin
case_of words "--words 'a b' \"c\" d" ''
printf '<a b><c><d>' >"$tmp/g/cs-fake/words/out"
golden 'args are shell words' ok words
case_of err '--bad x.csv' ''
golden 'stderr and code not expected' 'not ok' err
echo 3 >"$tmp/g/cs-fake/err/code"
golden 'stderr not expected' 'not ok' err
echo 'cs-fake: x.csv: not here' >"$tmp/g/cs-fake/err/err"
golden 'stderr and code expected' ok err
echo 2 >"$tmp/g/cs-fake/err/code"
golden 'another code' 'not ok' err
mkdir "$tmp/g/cs-fake/script"
echo 'cs-fake <data >made; cat made; echo x >data; ls' \
    >"$tmp/g/cs-fake/script/cmd"
echo q >"$tmp/g/cs-fake/script/data"
printf 'Q\ndata\nmade\n' >"$tmp/g/cs-fake/script/out"
golden 'cmd, in a copy' ok script
golden 'cmd, again' ok script
mkdir "$tmp/g/cs-fake/empty"
golden 'neither args nor cmd' 'not ok' empty
golden 'no such case' 'not ok' nowhere
case_of quote "it's" ''
golden 'args that are no words' 'not ok' quote
case_of engine --engine 'ref ref ref'
sh tests/run cs-fake/engine >"$tmp/log" 2>&1
ok 'run: ref by default' grep -q '^ok 1 - cs-fake/engine \[ref\]' "$tmp/log"
ok 'run: and fast, each named' \
    grep -q '^not ok 2 - cs-fake/engine \[fast\]' "$tmp/log"
CSOPS_ENGINES=ref

sh tests/bless cs-fake/err cs-fake/other >"$tmp/log" 2>&1
ok 'bless: shows the difference' grep -q '^+ABC' "$tmp/log"
golden 'blessed: code and stderr' ok err
golden 'blessed: output' ok other
sh tests/bless >"$tmp/log" 2>&1
ok 'bless: names wanted' test $? = 2
finish
