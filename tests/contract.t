#!/bin/sh
# What every command does the same way (csops(7)), asked of each.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/sample.sh
. tests/sample.sh

work=$tmp/work
sample_files "$work"
cd "$work" || exit 1

out=$tmp/out
err=$tmp/err
code=

# try WORD...: the command under test with its sample's words
try() {
	sample "$cmd" "$@" >"$out" 2>"$err"
	code=$?
}

# bare WORD...: without them
bare() {
	"$cmd" "$@" >"$out" 2>"$err"
	code=$?
}

# wants NAME CODE [TEXT]...: the exit code; each TEXT in what it said; without
# TEXT, silence on standard error
wants() {
	wants_name="$cmd: $1"
	wants_code=$2
	shift 2
	why=
	[ "$code" = "$wants_code" ] || why="exit $code, not $wants_code"
	if [ $# = 0 ]; then
		[ ! -s "$err" ] || why="$why; not silent"
	fi
	for text in "$@"; do
		grep -qF -e "$text" "$err" || why="$why; does not say: $text"
	done
	# A message begins with the command's name; no report of a sanitizer.
	grep -v "^$cmd: " "$err" >"$tmp/strange" &&
	    why="$why; a line without the command's name"
	verdict
}

verdict() {
	if [ -z "$why" ]; then
		pass "$wants_name"
		return
	fi
	{
		echo "${why#; }"
		echo "stderr:"
		head -n 8 "$err"
		echo "stdout:"
		head -n 8 "$out"
	} | cat -v >"$tmp/log"
	fail "$wants_name" "$tmp/log"
}

no_output() { # NAME
	is_empty "$cmd: $1: nothing on standard output" "$out"
}

help_and_version() {
	bare --help
	wants --help 0
	ok "$cmd: --help begins with the usage" \
	    grep -q "^usage: $cmd" "$out"
	cp "$out" "$tmp/help"
	bare -h
	same "$cmd: -h is --help" "$out" "$tmp/help"
	bare --version
	wants --version 0
	ok "$cmd: --version: name and number" \
	    grep -qxE "$cmd \(csops\) [0-9]+\.[0-9]+\.[0-9]+" "$out"
	for lib in libjq libcsv zlib; do
		ok "$cmd: --version names $lib" \
		    grep -qE "$lib:? v?[0-9]" "$out"
	done
	cp "$out" "$tmp/version"
	bare -V
	same "$cmd: -V is --version" "$out" "$tmp/version"
}

# refuses WORD TEXT: exit 2 with this text and no output
refuses() {
	try "$1" in.csv
	wants "$1" 2 "$2"
	no_output "$1"
}

requests() {
	bare --verson
	wants --verson 2 'unknown option --verson (did you mean --version?)'
	no_output --verson
	bare --zzzzzz
	wants --zzzzzz 2 'unknown option --zzzzzz (see --help)'
	bare -Z
	wants -Z 2 'unknown option -Z (see --help)'
	bare --delimiter
	wants 'argument left out' 2 'option --delimiter needs C'
	bare --help=me
	wants --help=me 2 'option --help takes no argument'
	refuses -H 'unknown option -H (an input without a header: --no-header)'
	refuses -n 'unknown option -n (an input without a header: --no-header)'
	try in.csv --no-such-thing
	wants 'option behind a file' 2 'unknown option --no-such-thing'
	try -o out.csv in.csv
	wants '-o out.csv' 2 '); to write a file: > out.csv'
	ok "$cmd: -o out.csv: the forms are named" grep -qE \
	    -e '"out.csv" is not a form \(csv tsv jsonl table excel[ a-z]*\); to write a file: > out.csv' \
	    -e '"out.csv" is not a form \([ a-z:A-Z]*\); to write a file: > out.csv' \
	    "$err"
	no_output '-o out.csv'
	refuses --engine=quick '--engine=quick is not one of: fast ref both'
	refuses --engine=bothh \
	    '--engine=bothh is not one of: fast ref both (did you mean both?)'
	refuses --arg=x '--arg=x: NAME=... is needed'
	refuses --list==x '--list==x: NAME=... is needed'
	refuses "--arg=x=$bad" ': not UTF-8'
	refuses --delimiter=ab \
	    '--delimiter=ab: one character of one byte is needed, or tab'
	refuses --threads=0 '--threads=0: a whole number 1..1024 is needed'
	refuses --progress=yes \
	    '--progress=yes is not one of: auto always never'
	CS_EXPR=quick sample "$cmd" in.csv >"$out" 2>"$err"
	code=$?
	wants CS_EXPR=quick 2 'CS_EXPR=quick is not one of: fast ref both'
	try -- in.csv
	wants '-- before the file' 0
	same "$cmd: -- before the file: output" "$out" "$tmp/plain"
}

files() {
	try no-such.csv
	wants 'missing file' 3 no-such.csv 'No such file'
	no_output 'missing file'
	try tpl
	wants 'directory' 3 tpl directory
	no_output 'directory'
	try -q no-such.csv
	wants 'missing file, -q' 3 no-such.csv
	try in.csv no-such.csv
	case $cmd in
	cs-check) ;; # fields takes one
	*)
		wants 'second file missing' 3 no-such.csv
		no_output 'second file missing'
		;;
	esac
	case $cmd in
	cs-score | cs-segment | cs-funnel | cs-mailgen)
		try -r no-such.rules in.csv
		wants 'missing rule file' 3 no-such.rules
		no_output 'missing rule file'
		try in.csv other.csv
		wants 'files of other columns' 3 in.csv \
		    'other.csv: its columns are not those of in.csv: '
		no_output 'files of other columns'
		try in.csv in.jsonl
		wants 'files of other forms' 3 \
		    'in.jsonl is JSON lines, in.csv is CSV: one kind in a run'
		no_output 'files of other forms'
		;;
	esac
	cp in.csv kept.csv
	try --rejects=kept.csv kept.csv
	wants 'an input as --rejects' 2 'kept.csv is both input and output'
	same "$cmd: an input as --rejects is left alone" kept.csv in.csv
	: >"$out"
	# shellcheck disable=SC2094 # that is the point
	sample "$cmd" kept.csv >>kept.csv 2>"$err"
	code=$?
	wants 'an input as output' 2 'stdout is both input and output'
	same "$cmd: an input as output is left alone" kept.csv in.csv
	ln -sf kept.csv link.csv
	try --rejects=link.csv in.csv
	wants 'a link as --rejects' 3 \
	    'link.csv: is a symbolic link, not followed'
	try --rejects=tpl in.csv
	wants 'a directory as --rejects' 3 'tpl: is a directory'
}

outputs() {
	for what in '--help' '--version' 'in.csv'; do
		case $what in
		-*) "$cmd" "$what" >/dev/full 2>"$err" ;;
		*) sample "$cmd" "$what" >/dev/full 2>"$err" ;;
		esac
		code=$?
		: >"$out"
		wants "$what >/dev/full" 3 'No space left'
		case $what in
		-*) "$cmd" "$what" >&- 2>"$err" ;;
		*) sample "$cmd" "$what" >&- 2>"$err" ;;
		esac
		code=$?
		wants "$what >&-" 3 stdout
	done
	sample "$cmd" <&- >"$out" 2>"$err"
	code=$?
	wants '<&-' 3 stdin
	{
		sample "$cmd" big.csv 2>"$err"
		echo $? >"$tmp/code"
	} | head -n 1 >/dev/null
	code=$(cat "$tmp/code")
	[ "$code" != 141 ] || code=0
	: >"$out"
	wants 'reader that leaves early' 0
}

# plainly NAME FILE FILTER: same output as in.csv but for what FILTER undoes
plainly() {
	try <"$2"
	wants "$1" 0
	sed "$3" "$out" >"$tmp/got"
	same "$cmd: $1: output" "$tmp/got" "$tmp/plain"
}

inputs() {
	try </dev/null
	wants 'empty input' 0
	no_output 'empty input'
	try <head.csv
	wants 'header only' 0
	lines=$(wc -l <"$out")
	case $cmd in
	cs-ingest | cs-score | cs-segment) good='= 1' ;;
	cs-mailgen) good='= 0' ;;
	cs-check) good='= 8' ;;
	*) good='-gt 1' ;;
	esac
	# shellcheck disable=SC2086 # an operator and its operand
	ok "$cmd: header only: lines $lines $good" test "$lines" $good
	# shellcheck disable=SC2016,SC1003 # sed: ends the last line
	plainly 'no final newline' open.csv '$a\'
	plainly CRLF crlf.csv "s/$cr\$//"
	plainly BOM bom.csv ''
	plainly gzip in.csv.gz ''
	plainly 'blank lines' blank.csv ''
	try <in.tsv
	wants TSV 0
	try <in.jsonl
	wants 'JSON lines' 0
	try <nul.csv
	case $code in
	0) [ ! -s "$err" ] || code='0, not silent' ;;
	1) grep -q '5: refused' "$err" || code='1, no line named' ;;
	esac
	case $code in
	[01]) pass "$cmd: NUL" ;;
	*)
		{ echo "exit $code"; cat "$err"; } >"$tmp/log"
		fail "$cmd: NUL" "$tmp/log"
		;;
	esac
	try --rejects=rejects.csv ragged.csv
	wants 'ragged row' 1 \
	    'ragged.csv:3: refused: 2 cells, the header has 7' \
	    '1 of 4 records refused (cells 1)'
	{
		echo file,line,column,reason,value,raw
		echo 'ragged.csv,3,,cells,,"2,b@example.com"'
	} >"$tmp/want"
	same "$cmd: ragged row: --rejects" rejects.csv "$tmp/want"
	ok "$cmd: --rejects is for its owner only" \
	    test "$(stat -c %a rejects.csv)" = 600
	try --on-error=stop ragged.csv
	wants 'ragged row, --on-error=stop' 1 \
	    'ragged.csv:3: refused: 2 cells, the header has 7; stopped (--on-error=stop)'
	head -c 100 in.csv.gz >cut.csv.gz
	try cut.csv.gz
	wants 'cut gzip' 3 'cut.csv.gz: gzip data ends too early (cut file?)'
	try <twice.csv
	wants 'two columns of one name' 2 '"plan"'
	no_output 'two columns of one name'
}

surroundings() {
	POSIXLY_CORRECT=1 COLUMNS=20 LC_ALL=tr_TR.UTF-8 LANG=ja_JP.UTF-8 \
	    HOME=/nonexistent TERM=dumb sample "$cmd" <in.csv >"$out" 2>"$err"
	code=$?
	wants 'another environment' 0
	same "$cmd: another environment: output" "$out" "$tmp/plain"
}

# rendered PAGE: as text, without overstrikes
rendered() {
	mandoc -T ascii -O width=1000 "$1" | sed "s/.$bs//g"
}

manual() {
	page=$root/man/$cmd.1
	if [ ! -f "$page" ]; then
		fail "$cmd: no manual"
		return
	fi
	if ! command -v mandoc >/dev/null; then
		skip "$cmd: manual" 'no mandoc'
		return
	fi
	rendered "$page" >"$tmp/page"
	sed -n '/^SYNOPSIS/,/^[A-Z]/p' "$tmp/page" | sed -e '/^[A-Z]/d' \
	    -e 's/^ *//' -e '/^$/d' >"$tmp/want"
	sed -n -e '1s/^usage: //p' -e '1d' -e '/^       /!q' -e 's/^ *//p' \
	    "$tmp/help" >"$tmp/got"
	same "$cmd: usage is the manual's SYNOPSIS" "$tmp/got" "$tmp/want"

	options_of "$cmd" >"$tmp/options"
	{
		cat "$tmp/page"
		[ ! -f "$root/man/csops.7" ] || rendered "$root/man/csops.7"
	} | grep -oE -e '--[a-z][a-z-]*' | sort -u >"$tmp/documented"
	comm -23 "$tmp/options" "$tmp/documented" >"$tmp/faults"
	is_empty "$cmd: each option is in the manual or csops(7)" "$tmp/faults"
	sed -n -e '/^\.It Fl/s/Fl Fl /Fl -/g' -e '/^\.It Fl/p' "$page" |
	    grep -oE -e '(Fl | )-[a-z][a-z-]+' | sed 's/.* -/--/' | sort -u |
	    comm -23 - "$tmp/options" >"$tmp/faults"
	is_empty "$cmd: each option of the manual is there" "$tmp/faults"
}

completion() {
	if ! command -v bash >/dev/null; then
		skip "$cmd: completion" 'no bash'
		return
	fi
	bash -c '. "$1"; _csops_options "$2"' - \
	    "$root/share/completions/csops.bash" "$cmd" | sed 's/=$//' |
	    sort -u >"$tmp/got"
	options_of "$cmd" >"$tmp/options"
	same "$cmd: completion offers the options of --help" "$tmp/got" \
	    "$tmp/options"
	ok "$cmd: completion knows the command" \
	    grep -q "^complete.* $cmd\\( \\|\$\\)" \
	    "$root/share/completions/csops.bash"
}

cr=$(printf '\r')
bad=$(printf '\377')
bs=$(printf '\b')
sample_rows 0 >head.csv
sample_rows 60000 >big.csv
printf '%s' "$(cat in.csv)" >open.csv
sed "s/\$/$cr/" in.csv >crlf.csv
{ printf '\357\273\277'; cat in.csv; } >bom.csv
gzip -c in.csv >in.csv.gz
sed 's/$/\n/' in.csv >blank.csv
printf 'id\temail\tname\tmax_pv\tnps\tplan\topened_at\n' >in.tsv
printf '1\ta@example.com\tA\t1200\t9\tfree\t2026-01-05\n' >>in.tsv
printf '{"id":1,"email":"a@example.com","name":"A","max_pv":5,"nps":9,' >in.jsonl
printf '"plan":"free","opened_at":"2026-01-05"}\n' >>in.jsonl
{ cat in.csv; printf '4,d@example.com,a\0b,5,5,free,\n'; } >nul.csv
{ sed 2q in.csv; echo 2,b@example.com; sed 1,2d in.csv; } >ragged.csv
sed '1s/nps/plan/' in.csv >twice.csv
sed '1s/nps/other/' in.csv >other.csv

for cmd in $commands; do
	if [ ! -x "$BUILD/bin/$cmd" ]; then
		skip "$cmd: everything" 'not built'
		continue
	fi
	try <in.csv
	wants 'sample' 0
	cp "$out" "$tmp/plain"
	help_and_version
	requests
	files
	outputs
	inputs
	surroundings
	manual
	completion
done
for f in "$BUILD"/bin/cs-*; do
	[ -f "$f" ] || continue
	case " $commands " in
	*" ${f##*/} "*) ;;
	*) fail "${f##*/} is not in tests/sample.sh" ;;
	esac
done
finish
