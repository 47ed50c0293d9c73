#!/bin/sh
# -j N: the same bytes on both outputs, the same rejects and exit code as one
# thread, whatever the batches are. CS_BATCH makes them small, so that a few
# hundred records have many edges.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

RUNS=${THREADS_RUNS:-'2:300 3:4000'} # threads:CS_BATCH
cp -R bench/rules "$tmp/rules"
cd "$tmp" || exit 1

# run OUT COMMAND...: stdout, stderr, rejects and code in OUT
run() {
	to=$1
	shift
	: >rejects
	"$@" >"$to.out" 2>"$to.err" </dev/null
	echo "$?" >"$to.code"
	cat "$to.out" sep "$to.err" sep rejects sep "$to.code" >"$to"
}
echo "----" >sep

# alike NAME COMMAND...: with more threads, and batches of several sizes
alike() {
	what=$1
	shift
	run want "$@" --as-of=2026-03-01 -j 1
	: >log
	[ "$(cat want.code)" != 2 ] || cat want.err >log
	for r in $RUNS; do
		export CS_BATCH="${r#*:}"
		run got "$@" --as-of=2026-03-01 -j "${r%:*}"
		unset CS_BATCH
		cmp -s got want && continue
		echo "-j ${r%:*}, CS_BATCH=${r#*:}" >>log
		diff -a want got | cut -c 1-160 | head -n 8 | cat -v >>log
	done
	is_empty "$what" log
}

# threads COMMAND...: how many it starts
threads() {
	CS_BATCH=1000 strace -f -o trace -e trace=clone,clone3 "$@" \
	    >/dev/null 2>&1 </dev/null
	[ $? != 2 ] || echo 'not understood'
	grep -c '^[0-9]* *clone3\{0,1\}(' trace
}

# --- data ---------------------------------------------------------------

customers=$BUILD/tool/customers
"$customers" 700 csv >plain.csv
"$customers" 300 quoteall >quoted.csv
"$customers" 300 cp932 >sjis.csv
"$customers" 200 jsonl >lines.jsonl
awk 'NR > 1 { printf "\r\n" } { printf "%s", $0 }
    END { printf "\r\n" }' plain.csv >crlf.csv
printf '%s' "$(cat plain.csv)" >no-end.csv
gzip -c plain.csv >plain.csv.gz
head -n 1 plain.csv >header.csv
: >empty.csv
tail -n +2 sjis.csv | head -n 40 | cat plain.csv - >badbytes.csv

# Quoted line ends, delimiters and doubled quotes, so that batches end in them.
awk 'BEGIN {
	print "id,note,n,day"
	for (i = 1; i <= 900; i++) {
		note = "n" i
		if (i % 3 == 0) note = "\"two\nlines " i "\""
		if (i % 5 == 0) note = "\"say \"\"a, b\"\"\n\n,\r\n\"\"\n\""
		if (i % 7 == 0) note = "\"" note2 "\""
		note2 = sprintf("%0" (i % 40) "d", i)
		n = i % 11 == 0 ? "" : i % 13 == 0 ? "many" : i % 50
		day = i % 17 == 0 ? "" : i % 19 == 0 ? "2026/03/" i % 28 : \
		    sprintf("2026-%02d-%02d", i % 12 + 1, i % 28 + 1)
		printf "s%d,%s,%s,%s\n", i, note, n, day
	}
}' >notes.csv
# The same with everything that is refused or read in an odd way.
awk '{ print }
    NR % 50 == 10 { print "bare,19\"monitor,3,2026-01-01" }
    NR % 60 == 20 { print "short,row" }
    NR % 70 == 30 { print "long,row,1,2026-01-01,more,,," }
    NR % 80 == 40 { print "" }
    NR % 90 == 50 { print "after,\"quote\"x,4,2026-01-01" }
    NR % 95 == 60 { print "surplus,x,1,2026-01-01,,," }
    NR % 97 == 60 { printf "bytes,\377\376,5,2026-01-01\n" }
    NR % 99 == 70 { printf "nul,\000,5,2026-01-01\n" }' notes.csv >odd.csv
# A quote that is never closed, in the middle of the file.
{ cat notes.csv; echo 'open,"never closed,1,2026-01-01'; tail -n +2 notes.csv
} >open.csv
{ cat notes.csv; echo 'last,"never closed,1,2026-01-01'; } >open-end.csv
# Cuts that are wrong: behind a bare quote an even number of them stands where
# a line ends in quotes.
awk 'BEGIN {
	print "id,note,n"
	for (i = 1; i <= 900; i++)
		if (i % 97 == 0)
			print i ",19\"monitor,3"
		else if (i % 2)
			print i ",\"two\nlines, of\n\"\"text\"\"\",4"
		else
			print i ",plain," i
}' >wrong.csv
cut -d, -f1-3 plain.csv >three.csv
cut -d, -f1,5,2 plain.csv >other.csv
awk -F, -v OFS=, '{ print $3, $1, $2 }' three.csv >turned.csv
tr , ';' <three.csv >semicolon.csv
tr , '\t' <plain.csv >plain.tsv
head -c 20000 plain.csv.gz >cut.csv.gz

cat >notes.rules <<'X'
Column: day
Type: date

Score: s
Coverage: 0.4

Rule: half
Weight: 3
Value: .n / 2
Scale: 0..25

Rule: small
Weight: 1
When: .n < 20

Rule: long
Weight: 1
When: .note | length > 12

Rule: recent
Weight: 1
When: in_last(.day; 90)

Rule: type
Weight: 1
When: .n + 1 > .note

# A text of its own for most records: the first few are told, then "others".
Rule: texts
Weight: 1
Value: .note
Scale: 0..1

Band: up
From: 40

Band: down
X
cat >stop.rules <<'X'
Score: s

Rule: small
Points: 10
When: .n < 20
Missing: error
X
cat >map.rules <<'X'
Column: shop
From: id

Column: count
From: n
Type: number

Column: twice
Expr: .count * 2
X
cat >notes.segments <<'X'
Segment: low
When: .n < 10
Action: call {{id}}

Segment: mid
When: .n < 30

Axis: size

Level: big
When: .n >= 25

Level: small
When: .n < 25
X
cat >limit.segments <<'X'
Segment: few
When: .n >= 30
Order: .n desc
Limit: 20
X
cat >gate.segments <<'X'
Gate: quiet
Forbid: call *
When: .n > 5
X
cat >notes.stages <<'X'
Funnel: notes

Stage: seen
When: .id != null
At: .day

Stage: small
When: .n < 30
At: .day
Within: 30d
Goal: 0.5

Stage: tiny
When: .n < 5
X
cat >readings.rules <<'X'
Column: when
From: day
Type: date
Format: %Y-%m-%d

Column: n
Type: number
X
cat >open.schema <<'X'
{"fields":[{"name":"id","type":"string"},{"name":"note"},
{"name":"n","type":"integer","constraints":{"maximum":40}},
{"name":"day","type":"date"}]}
X
sed 's/}}/,"unique":true}}/' open.schema >keys.schema
at='--as-of=2026-03-01'

# --- it is done by threads ----------------------------------------------

# The leak checker starts a thread of its own, and cannot do its work where
# strace is.
asan=${ASAN_OPTIONS-}
ASAN_OPTIONS=$asan:detect_leaks=0
export ASAN_OPTIONS
if strace -o trace true 2>/dev/null; then
	for c in "cs-score -r rules/score.rules" "cs-ingest" \
	    "cs-segment -r rules/segments.rules --count" \
	    "cs-funnel -r notes.stages"; do
		f=plain.csv
		[ "$c" != "cs-funnel -r notes.stages" ] || f=notes.csv
		# shellcheck disable=SC2086 # words
		{
			threads $c $at -j 1 $f
			threads $c $at -j 2 $f
			threads $c $at -j 3 $f
			threads $c $at -j 3 --flush $f
		} >got
		printf '0\n2\n3\n0\n' >want
		same "$c: so many threads" got want
	done
	{
		threads cs-ingest -j 2 lines.jsonl
		threads cs-ingest -j 2 -d ';' --on-error=stop plain.csv
		threads cs-segment -e 'a=.id | test("a") and (tojson | length > 3)' \
		    -j 2 plain.csv
		threads cs-score --engine=ref -r rules/score.rules -j 2 plain.csv
		threads cs-ingest --engine=ref -j 2 plain.csv
		threads cs-ingest --infer -j 2 plain.csv
		threads cs-ingest --diff --old=plain.csv -j 2 plain.csv
		threads cs-ingest -S keys.schema -j 2 notes.csv
		threads cs-segment -r notes.segments -r limit.segments -j 2 \
		    notes.csv
		threads cs-segment -r notes.segments -r gate.segments -j 2 \
		    notes.csv
		threads cs-segment -r notes.segments --overlap -j 2 notes.csv
	} >got
	printf '0\n0\n0\n0\n0\n0\n0\n0\n0\n0\n0\n' >want
	same 'what one thread does' got want
	threads cs-ingest -S open.schema -j 2 notes.csv >got
	echo 2 >want
	same 'a schema without keys' got want
	# The first, or the second, is refused by the system.
	run want cs-ingest -v --as-of=2026-03-01 odd.csv
	export CS_BATCH=1000
	for n in 1+ 2+; do
		run got strace -f -o trace \
		    -e trace=clone3,clone \
		    -e inject=clone3,clone:error=EAGAIN:when=$n \
		    cs-ingest -v --as-of=2026-03-01 -j 3 odd.csv
		same "threads that cannot be had: $n" got want
		ok "one of them was asked for: $n" grep -q INJECTED trace
	done
	unset CS_BATCH
else
	skip 'so many threads' 'strace cannot trace here'
fi
ASAN_OPTIONS=$asan

# --- every command ------------------------------------------------------

for f in plain.csv quoted.csv crlf.csv no-end.csv plain.csv.gz header.csv \
    empty.csv badbytes.csv plain.tsv lines.jsonl cut.csv.gz; do
	utf8=
	[ $f != badbytes.csv ] || utf8=--encoding=utf8
	alike "cs-score: $f" cs-score -v -r rules/score.rules \
	    --rejects=rejects $f
	alike "cs-segment: $f" cs-segment -v -r rules/segments.rules \
	    --rejects=rejects $f
	alike "cs-segment --count: $f" cs-segment -v --count --by=plan \
	    -r rules/segments.rules --rejects=rejects $f
	# shellcheck disable=SC2086 # no word or one
	alike "cs-ingest: $f" cs-ingest -v $utf8 --rejects=rejects $f
done
for f in notes.csv odd.csv open.csv open-end.csv; do
	for v in -v '-q --strict'; do
		# shellcheck disable=SC2086 # words
		alike "cs-score: $f $v" cs-score $v -r notes.rules \
		    --rejects=rejects $f
	done
	alike "cs-score --why: $f" cs-score -r notes.rules --why $f
	alike "cs-score, Missing: error: $f" cs-score -v -r stop.rules \
	    --rejects=rejects $f
	alike "cs-score --why=ID: $f" cs-score -r notes.rules --why=s700 $f
	alike "cs-score, form: $f" cs-score -r notes.rules -o jsonl $f
	alike "cs-score, excel: $f" cs-score -r notes.rules -o excel $f
	alike "cs-score, table: $f" cs-score -r notes.rules -o table $f
	alike "cs-score, stop: $f" cs-score -r notes.rules \
	    --on-error=stop $f
	alike "cs-segment: $f" cs-segment -v -r notes.segments --all $f
	alike "cs-segment --count: $f" cs-segment -v -r notes.segments \
	    --count --by=n,day --rejects=rejects $f
	alike "cs-segment --count=cells: $f" cs-segment -r notes.segments \
	    --count=cells $f
	alike "cs-segment --only: $f" cs-segment -r notes.segments --why \
	    --only=mid, --columns=id,segment,size $f
	alike "cs-funnel: $f" cs-funnel -v -r notes.stages --by=n \
	    --rejects=rejects $f
	alike "cs-funnel --each: $f" cs-funnel -r notes.stages --each $f
	alike "cs-ingest: $f" cs-ingest -v --rejects=rejects $f
	alike "cs-ingest, keep: $f" cs-ingest -v --on-error=keep $f
	alike "cs-ingest -m: $f" cs-ingest -v -m map.rules \
	    --rejects=rejects $f
	alike "cs-ingest -m --drop-rest: $f" cs-ingest -m map.rules \
	    --drop-rest -o jsonl $f
	alike "cs-ingest, formats: $f" cs-ingest -v -m readings.rules \
	    --rejects=rejects $f
	alike "cs-ingest, schema: $f" cs-ingest -v -S open.schema \
	    --rejects=rejects $f
	alike "cs-ingest --clean: $f" cs-ingest -v --clean=ja \
	    --source=from --rejects=rejects $f
	alike "cs-ingest, no header: $f" cs-ingest --no-header $f
	alike "cs-ingest, skip: $f" cs-ingest --skip=4 --header=a,b,c,d $f
done
alike 'cs-ingest: CP932' cs-ingest -v --rejects=rejects sjis.csv
{ cat sjis.csv; printf '\202,\n'; tail -n +2 sjis.csv | sed '5s/$/,,/'
} >sjis-odd.csv
alike 'cs-ingest: CP932, odd rows' cs-ingest -v --rejects=rejects \
    --encoding=cp932 sjis-odd.csv
iconv -f UTF-8 -t UTF-16 notes.csv >wide.csv
alike 'cs-ingest: UTF-16' cs-ingest -v --rejects=rejects wide.csv
alike 'cs-segment, a limit' cs-segment -v -r notes.segments \
    -r limit.segments notes.csv
alike 'cs-segment, a gate' cs-segment -v -r notes.segments -r gate.segments \
    notes.csv
alike 'wrong cuts' cs-ingest -v --rejects=rejects wrong.csv
alike 'wrong cuts, sums' cs-segment -v -e 'a=.n > 5' -e 'b=.note == "plain"' \
    --count --by=n wrong.csv
alike 'cs-ingest, a schema with keys' cs-ingest -v -S keys.schema \
    --rejects=rejects notes.csv
alike 'cs-ingest --clean: CP932' cs-ingest -v --clean=ja sjis-odd.csv
alike 'the columns of all' cs-ingest -v --source=from three.csv other.csv \
    notes.csv lines.jsonl
alike 'the columns of all CSV' cs-ingest -v three.csv other.csv notes.csv
alike 'several files' cs-ingest -v three.csv turned.csv semicolon.csv
alike 'several files, other orders' cs-segment -v -e 'a=.id | test("7")' \
    three.csv turned.csv semicolon.csv
alike 'another quote' cs-ingest -v --quote="'" three.csv

# Whatever the bytes: quotes, line ends and faults in random places. SEED is
# told where they are not alike.
for seed in 1 2 3 4 5 6 7 8; do
	awk -v seed="$seed" '
	function cell(  k, n, s) {
		k = rand()
		if (k < quoted) {
			s = "\""
			for (n = rand() * 12; n > 1; n--)
				s = s piece[int(rand() * 7)]
			return s "\""
		}
		return k > 1 - odd ? bad[int(rand() * 6)] : int(rand() * 1e6)
	}
	BEGIN {
		srand(seed)
		split("a;, ;\n;\r\n;\"\";\"\"b;\n\n", p, ";")
		split("19\"x;\"open;\"a\"x;\";\"\"\"y;q\"", b, ";")
		for (i in p) piece[i - 1] = p[i]
		for (i in b) bad[i - 1] = b[i]
		quoted = seed % 4 / 4
		odd = seed % 3 / 50
		print "id,a,b"
		for (i = 0; i < 500; i++)
			printf "%d,%s,%s%s\n", i, cell(), cell(),
			    rand() < 0.01 ? ",x" : rand() < 0.1 ? "\r" : ""
	}' >random.csv
	alike "random bytes, seed $seed" cs-ingest -v --encoding=utf8 \
	    --rejects=rejects random.csv
done

# --- memory -------------------------------------------------------------

# 2 N batches of 128 KiB, what they become, and three evaluators: not more for
# a longer input.
if grep -q __asan_init "$BUILD/bin/cs-ingest"; then
	skip 'memory does not grow with the input' 'sanitizers take more'
else
	"$customers" 60000 csv >long.csv
	peak() { "$BUILD/tool/once" /dev/null "$*" | cut -d' ' -f3; }
	a=$(peak cs-segment -q -j 2 -r rules/segments.rules "$at" long.csv)
	tail -n +2 long.csv >rest
	cat long.csv rest rest rest >longer.csv
	b=$(peak cs-segment -q -j 2 -r rules/segments.rules "$at" longer.csv)
	ok "memory does not grow with the input: $a KiB, $b KiB" \
	    test "$b" -lt $((a + 4096)) -a "$b" -lt 40000
	rm -f long.csv longer.csv rest
fi

# --- ends before the end ------------------------------------------------

cat >full <<'X'
#!/bin/sh
exec "$@" >/dev/full
X
chmod +x full
alike 'a full disk' ./full cs-segment -q -r notes.segments notes.csv
cs-ingest -j 3 plain.csv | head -n 1 >got
same 'a closed pipe' got header.csv
finish
