#!/bin/sh
# The limits of rules: the numbers in the manual are those of the code, each
# works exactly at the limit, and one more says what is wrong and where. What a
# unit test holds already (brackets, chains, bytes) is not repeated here.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# --- the manual -------------------------------------------------------------

# Name in the manual's table, and the constant.
cat >"$tmp/limits" <<'X'
bytes in one rule file	CS_MAX_RECORD
stanzas in all rule files	CS_MAX_RULES
bytes in one value	CS_MAX_RULE
bytes in one expression	CS_MAX_RULE
brackets inside one another	CS_MAX_EXPR_DEPTH
operands in a chain	CS_MAX_EXPR_CHAIN
Let stanzas in use	CS_MAX_LETS
operands in a chain, Lets put in	CS_MAX_LET_CHAIN
bytes in a text that a rule makes	CS_MAX_TEXT
bytes in a pattern	CS_MAX_PATTERN
retries of a pattern on one text	CS_RE_RETRIES
bytes in one value of a list	CS_MAX_RECORD
parts of a condition in a report	CS_MAX_WHY
seconds of libjq for one record	CS_MAX_JQ_SECONDS
MiB that libjq takes for one record	CS_MAX_JQ_MEMORY
X
# What base.h has and the manual tells elsewhere.
others='CS_MAX_CELL CS_MAX_COLUMNS CS_MAX_JSON_DEPTH CS_MAX_TEMPLATE'

{
	echo '#include <stdio.h>'
	for h in base expr expr_jq explain re; do echo "#include \"$h.h\""; done
	echo 'int main(void) {'
	awk -F '\t' '{
		printf "printf(\"%s\\t%%ld\\n\", (long)%s);\n", $1, $2
	}' "$tmp/limits"
	echo 'return 0; }'
} >"$tmp/limits.c"
# shellcheck disable=SC2086 # a compiler and its words
ok 'the constants' $CC -std=gnu11 -D_GNU_SOURCE -iquote lib \
    -o "$tmp/constants" "$tmp/limits.c"
"$tmp/constants" | sort >"$tmp/want"

# .It NAME Ta NUMBER, in the section LIMITS
awk -v OFS='\t' '/^\.Sh/ { in_it = /LIMITS/ }
in_it && /^\.It .* Ta / {
	number = $NF
	gsub(/,/, "", number)
	sub(/^\.It /, "")
	sub(/ Ta .*/, "")
	print $0, number
}' man/cs-rules.5 | sort >"$tmp/got"
same 'the table of cs-rules(5) has the numbers of the code' "$tmp/got" \
    "$tmp/want"

grep -ho '^#define CS_MAX_[A-Z_]*' lib/base.h lib/expr.h lib/expr_jq.h \
    lib/explain.h lib/re.h | awk '{ print $2 }' | sort -u >"$tmp/named"
{
	cut -f 2 "$tmp/limits"
	for c in $others; do echo "$c"; done
} | grep '^CS_MAX' | sort -u >"$tmp/known"
# The ones of records stand in csops(7), in words.
cat >"$tmp/words.c" <<'X'
#include <stdio.h>
#include "base.h"
int
main(void)
{
	printf("A cell holds at most %d MiB, a record %d MiB, a header "
	       "%d,%03d columns; JSON nests %d deep; rule files hold %d,%03d "
	       "stanzas of %d KiB a value; a template %d MiB.\n",
	    (int)(CS_MAX_CELL >> 20), (int)(CS_MAX_RECORD >> 20),
	    (int)CS_MAX_COLUMNS / 1000, (int)CS_MAX_COLUMNS % 1000,
	    CS_MAX_JSON_DEPTH, (int)CS_MAX_RULES / 1000,
	    (int)CS_MAX_RULES % 1000, (int)(CS_MAX_RULE >> 10),
	    (int)(CS_MAX_TEMPLATE >> 20));
	return 0;
}
X
# shellcheck disable=SC2086 # a compiler and its words
$CC -std=gnu11 -iquote lib -o "$tmp/words" "$tmp/words.c" &&
    "$tmp/words" >"$tmp/want"
sed -n '/^\.Sh LIMITS/,/^A record beyond/p' man/csops.7 | sed '1d;$d' |
    tr '\n' ' ' | sed 's/ $//' >"$tmp/got"
echo >>"$tmp/got"
same 'csops(7) has the numbers of records' "$tmp/got" "$tmp/want"

same 'each constant stands in it or is known to stand elsewhere' \
    "$tmp/named" "$tmp/known"

# --- what is needed ---------------------------------------------------------

# Runs a command and prints its peak in KiB and its CPU time in milliseconds.
cat >"$tmp/peak.c" <<'X'
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
int
main(int argc, char **argv)
{
	struct rusage u;
	int status;
	pid_t pid = argc > 1 ? fork() : -1;

	if (pid == 0) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &u) < 0)
		return 126;
	fprintf(stderr, "%ld %ld\n", u.ru_maxrss,
	    (long)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
		(long)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
X
# shellcheck disable=SC2086 # a compiler and its words
ok 'the measure' $CC -o "$tmp/peak" "$tmp/peak.c"
is_sanitized=no
! grep -q __asan_init "$BUILD/bin/cs-check" || is_sanitized=yes

cd "$tmp" || exit 1
printf 'id,email\n1,u0000001.a@example.co.jp\n2,x@example.jp\n' >in.csv

# below WHAT VALUE MOST: a measured value
below() {
	if [ "$is_sanitized" = yes ]; then
		skip "$1" 'the sanitizer takes more'
	elif [ -n "$2" ] && [ "$2" -lt "$3" ]; then
		pass "$1: $2"
	else
		echo "$2 is not below $3" >log
		fail "$1" log
	fi
}

# says WHAT CODE PATTERN COMMAND...: its exit and a line of its messages
says() {
	what=$1 want=$2 wanted=$3
	shift 3
	"$@" >out 2>err
	code=$?
	if [ "$code" = "$want" ] && grep -q -e "$wanted" err; then
		pass "$what"
	else
		{ echo "exit $code, not $want, or no $wanted"; cut -c 1-300 err; } >log
		fail "$what" log
	fi
}

# gives WHAT OUT COMMAND...: exit 0 and the output
gives() {
	what=$1
	printf '%s\n' "$2" >want
	shift 2
	if "$@" >got 2>err; then
		same "$what" got want
	else
		fail "$what" err
	fi
}

# --- lists ------------------------------------------------------------------

awk 'BEGIN { for (i = 0; i < 1000000; i++)
	printf "u%07d.a@example.co.jp\n", i }' >mails
awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "C%09d\n", i * 7 }' >ids
awk 'BEGIN { print "type,value,reason"; for (i = 0; i < 1000000; i++)
	printf "email,u%07d.a@example.co.jp,left\n", i }' >left.csv
for list in mails ids; do
	: >err
	"$tmp/peak" cs-check eval -e '[.email, "C000000007"] | map(in_list("l"))' \
	    --list=l=$list in.csv >got 2>err
	case $list in
	mails) printf '[true,false]\n[false,false]\n' ;;
	ids) printf '[false,true]\n[false,true]\n' ;;
	esac >want
	same "a million $list: found" got want
	read -r kib ms <err
	below "a million $list: KiB at most" "$kib" 65536
	below "a million $list: ms of CPU" "$ms" 2000
done

# A list's lines: CRLF, BOM, empty and double ones, none at the end.
printf '\357\273\277a\r\n\r\n\nb\nb\r\nc' >list
gives 'the lines of a list' '[true,true,true,false,false,false]' \
    cs-check eval --list=l=list -e \
    '["a", "b", "c", "", "a\r", "\ufeffa"] | map(in_list("l"))'
mkdir -p templates
printf 'x\n' >templates/a.txt
printf 'Mail: a\nClass: service\nWhen: .id != null\nSubject: x\n' >m.rules
"$tmp/peak" cs-mailgen -r m.rules --stateless --as-of=2026-03-01 \
    --sender=a@b.jp --suppress=left.csv -o decisions --columns=id,decision \
    in.csv >got 2>err
printf 'id,decision\n1,skip\n2,send\n' >want
same 'a million suppressed addresses: found' got want
read -r kib ms <err
below 'a million suppressed addresses: KiB at most' "$kib" 98304

# --- rules ------------------------------------------------------------------

awk 'BEGIN { for (i = 0; i < 10000; i++)
	printf "Segment: s%d\nWhen: .id == %d and .email != \"x%d\"\n\n",
	    i, i, i }' >most
{ cat most; printf 'Segment: one\nWhen: true\n'; } >over
"$tmp/peak" cs-segment -q --engine=fast -r most in.csv >got 2>err
printf 'id,email,segment\n1,u0000001.a@example.co.jp,s1\n2,x@example.jp,s2\n' \
    >want
same '10,000 stanzas' got want
read -r kib ms <err
below '10,000 stanzas: ms of CPU' "$ms" 2000
says '10,001 stanzas' 2 '^cs-segment: over:30001:1: error: more than 10000 stanzas$' \
    cs-segment -r over in.csv

# lets N M: N Lets, each on the one above with M more operands
lets() {
	awk -v n="$1" -v m="$2" 'BEGIN {
		print "Let: v1\nValue: .id\n"
		for (i = 2; i <= n; i++) {
			printf "Let: v%d\nValue: $v%d", i, i - 1
			for (k = 0; k < m; k++)
				printf " + 1"
			print "\n"
		}
		printf "Segment: s\nWhen: $v%d > 0\n", n
	}'
}
lets 1000 1 >most
lets 1001 1 >over
lets 5 1022 | sed '$s/ > 0/ + 1 > 0/' >deep # 1 + 4 * 1023 + 3
lets 5 1022 | sed '$s/ > 0/ + 1 + 1 > 0/' >deeper
for engine in fast ref; do
	gives "1,000 Lets ($engine)" 'segment,count,share
s,2,1
,0,0' cs-segment -q --engine=$engine -r most --count in.csv
	says "1,001 Lets ($engine)" 2 \
	    '^cs-segment: over:3001:1: error: 1001 Let: stanzas are in use, at most 1000 may be$' \
	    cs-segment --engine=$engine -r over in.csv
	gives "4,096 operands through Lets ($engine)" 'segment,count,share
s,2,1
,0,0' cs-segment -q --engine=$engine -r deep --count in.csv
	says "4,097 operands through Lets ($engine)" 2 \
	    '^cs-segment: deeper:17:[0-9]*: error: with the Lets it uses this is a chain of 4097 operands, more than 4096: let fewer of them build on each other$' \
	    cs-segment --engine=$engine -r deeper in.csv
done
awk 'BEGIN { print "Let: v0\nValue: .id > 0\n"
	for (i = 1; i <= 40; i++)
		printf "Let: v%d\nValue: $v%d and $v%d\n\n", i, i - 1, i - 1
	print "Segment: s\nWhen: $v40" }' >twice
cs-segment -r twice --why=1 in.csv >got
# shellcheck disable=SC2016 # the inner shell's
ok 'Lets that use another twice: the report has an end' \
    sh -c 'n=$(wc -l <got) && [ "$n" -gt 100 ] && [ "$n" -lt 2000 ]'
awk 'BEGIN { print "Let: v0\nValue: 1\n"
	for (i = 1; i <= 40; i++)
		printf "Let: v%d\nValue: $v%d + $v%d\n\n", i, i - 1, i - 1
	print "Segment: s\nWhen: $v40 > 5" }' >twice
# shellcheck disable=SC2016 # a Let's name
gives 'so has the search for the empty column' \
    'segment,answer,decided,condition,value,needs
s,yes,yes,$v40 > 5,1099511627776,' cs-segment -r twice --why=1 in.csv
# deep_lets VALUE MORE: 300 Lets of 1,000 operands, each on the one above
deep_lets() {
	awk -v value="$1" -v more="$2" 'BEGIN {
		print "Let: v0\nValue: " value "\n"
		for (i = 1; i <= 300; i++) {
			printf "Let: v%d\nValue: $v%d", i, i - 1
			for (k = 0; k < 1000; k++)
				printf " %s", more
			print "\n"
		}
		print "Segment: s\nWhen: $v300 == true"
	}'
}
for more in '+ 1' 'and true'; do
	deep_lets .id "$more" >deeper
	says "Lets that are too deep, and a report ($more)" 2 \
	    'with the Lets it uses this is a chain of 500[0-9] operands' \
	    cs-segment -r deeper --why=1 in.csv
done
# shellcheck disable=SC2016 # a Let's name
printf 'Let: a\nValue: $a and $a\n\nSegment: s\nWhen: $a\n' >circle
says 'a circle of them too' 2 \
    '^cs-segment: circle:2:15: error: the Let "a" needs itself$' \
    cs-segment -r circle --why=1 in.csv

# --- texts ------------------------------------------------------------------

# twice N EXPR: EXPR, doubled N times
twice() {
	printf %s "$2"
	printf '|.+.%.0s' $(seq "$1")
}

big=$(twice 23 '"x"')
# grows WHAT EXPR: 16 MiB of x, from 8 MiB, and one byte more where . is
grows() {
	for engine in fast ref; do
		gives "$1: 16 MiB ($engine)" 16777216 cs-check eval \
		    --engine=$engine -e "$big|. as \$h|\"\"|$2|length"
		says "$1: a byte more ($engine)" 0 \
		    ': the text is over 16 MiB long' cs-check eval \
		    --engine=$engine -e "$big|. as \$h|\"x\"|$2|length"
		printf 'null\n' >want
		same "$1: is unknown ($engine)" out want
	done
}
# shellcheck disable=SC2016 # $h is jq's
{
	grows + '$h + . + $h'
	grows interpolation '"\($h)\(.)\($h)"'
	grows add '[$h, ., $h] | add'
	grows join '. as $d | [$h, $h] | join($d)'
	grows tojson '$h[2:] + . + $h | tojson'
	grows @json '$h[2:] + . + $h | @json'
	grows sub '. as $d | $h[1:] + "y" + $h | sub("y"; "x" + $d)'
}
# U+FDFA becomes 18 characters of 33 bytes.
for engine in fast ref; do
	gives "nfkc: fits ($engine)" 4718592 cs-check eval --engine=$engine \
	    -e "$(twice 18 '"ﷺ"')|nfkc|length"
	says "nfkc: does not ($engine)" 0 ': the text is over 16 MiB long' \
	    cs-check eval --engine=$engine -e "$(twice 19 '"ﷺ"')|nfkc|length"
	printf 'null\n' >want
	same "nfkc: is unknown ($engine)" out want
done

# --- patterns ---------------------------------------------------------------

pattern=$(head -c 4096 /dev/zero | tr '\0' x)
for engine in fast ref; do
	gives "a pattern of 4,096 bytes ($engine)" false cs-check eval \
	    --engine=$engine -e "\"y\" | test(\"$pattern\")"
	says "a pattern of 4,097 ($engine)" 2 \
	    '^cs-check: -e:1:12: error: the pattern has 4097 bytes, at most 4096 are allowed$' \
	    cs-check eval --engine=$engine -e "\"y\" | test(\"x$pattern\")"
	says "a pattern that tries for ever ($engine)" 0 \
	    'the pattern takes too many steps on this text' cs-check eval \
	    --engine=$engine -e \
	    '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" | test("^(a+)+$")'
	printf 'null\n' >want
	same "is unknown ($engine)" out want
done

# --- files ------------------------------------------------------------------

head -c $((64 << 20)) /dev/zero | tr '\0' '\n' >blank
gives 'a rule file of 64 MiB' 'id,email,segment' \
    sh -c 'head -n 1 in.csv | cs-segment -r m.rules -r blank -e a=true'
printf '\n' >>blank
says 'a byte more' 3 '^cs-segment: blank: over the limit of 67108864 bytes$' \
    cs-segment -r blank -e a=true in.csv
rm blank

finish
