#!/bin/sh
# The floors of the house: who may include whom, and which file sees which
# library. Reads the #include lines of lib/ and cmd/, and the objects for what
# the lines do not show.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# Floor, then its modules; a file includes what stands before it. A file NAME_x
# that is not listed belongs to NAME; files of one module may include each
# other, but not in a circle.
cat >"$tmp/floors" <<'X'
0 base lazy arena buf msg
1 num exact date text jqlib re stat logit hash set foreign
2 in out decode encode zone backlog
3 json json_scan json_ref split val rec split_ref dialect clean reader table nest rowplan csvw stanza schema hold
4 expr prelude eval explain rules verify
4 group mapping score fit rfm segment overlap stages events moves retention address mime template unsub suppress mailplan decision spool letter mailrun stamp
5 opt kit change scorer snapshot oldband trend score_columns score_report leaks backtest fitrun rfmrun segment_run segment_count segment_only segment_wait segment_why segment_columns segment_moves
X

# Header, then the files that may see it.
cat >"$tmp/fences" <<'X'
csv.h split_ref.c
jq.h jqlib.c expr_jq.c json_ref.c
jv.h jqlib.c expr_jq.c json_ref.c
zlib.h in_gzip.c
isa-l.h in_gzip.c
isa-l/igzip_lib.h in_gzip.c
iconv.h decode_conv.c decode_guess.c encode.c
uchardet.h decode_guess.c
uchardet/uchardet.h decode_guess.c
utf8proc.h text.c
oniguruma.h re.c
getopt.h opt.c
gsl/gsl_cdf.h stat_gsl.c
gsl/gsl_errno.h stat_gsl.c
gsl/gsl_linalg.h stat_gsl.c
emmintrin.h decode_table.c json_scan.c split_sse2.c
immintrin.h split_avx2.c text_avx2.c
sha2.h hash.c
X

# What a system has without a library of its own; libbsd is ground too.
cat >"$tmp/system" <<'X'
assert.h ctype.h dirent.h dlfcn.h endian.h errno.h fcntl.h fenv.h float.h fnmatch.h
inttypes.h langinfo.h limits.h locale.h math.h poll.h pthread.h sched.h setjmp.h
signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h
stdlib.h stdnoreturn.h string.h strings.h sys/file.h sys/ioctl.h sys/mman.h
sys/random.h sys/resource.h sys/stat.h sys/time.h sys/types.h sys/uio.h
sys/wait.h termios.h threads.h time.h unistd.h wchar.h wctype.h
bsd/stdlib.h bsd/string.h bsd/unistd.h bsd/stdio.h
X

# Prints the faults of a tree that has lib/ and cmd/.
faults() { # DIR
	(
		cd "$1" || exit 1
		find lib cmd -name '*.[ch]' 2>/dev/null | sort |
		    xargs grep -n '^[ 	]*#[ 	]*include' /dev/null
	) | awk -v dir="$tmp" '
	function load(file, into,    line, w, i, k) {
		while ((getline line <(dir "/" file)) > 0) {
			k = split(line, w, " ")
			if (into == "floors") {
				for (i = 2; i <= k; i++) {
					n++
					order[w[i]] = n
					floor_of[w[i]] = w[1]
				}
			} else if (into == "fences") {
				fence[w[1]] = " "
				for (i = 2; i <= k; i++)
					fence[w[1]] = fence[w[1]] w[i] " "
			} else
				for (i = 1; i <= k; i++)
					system_has[w[i]] = 1
		}
	}
	# The name under which the table knows a file, "" if it does not.
	function row(module,    head) {
		head = module
		do {
			if (head in order)
				return head
		} while (sub(/_[^_]*$/, "", head))
		return ""
	}
	function base(path) {
		sub(/.*\//, "", path)
		return path
	}
	function stem(path) {
		path = base(path)
		sub(/\.[ch]$/, "", path)
		return path
	}
	# Depth first over the files of one row; a way back is a circle.
	function visit(m, way,    to, i, k) {
		state[m] = 1
		k = split(edges[m], to, " ")
		for (i = 1; i <= k; i++) {
			if (!(to[i] in state))
				visit(to[i], way " " m)
			else if (state[to[i]] == 1)
				print "circle:" way " " m " " to[i]
		}
		state[m] = 2
	}
	BEGIN {
		load("floors", "floors")
		load("fences", "fences")
		load("system", "system")
	}
	{
		split($0, part, ":")
		file = part[1]
		where = file ":" part[2] ": "
		mine = stem(file)
		is_cmd = file ~ /^cmd\//
		if (!is_cmd && row(mine) == "") {
			if (!(mine in told))
				print where mine " is not in the table of floors"
			told[mine] = 1
			next
		}
		text = $0
		sub(/^[^:]*:[^:]*:/, "", text)
	}
	text ~ /</ {
		sub(/.*</, "", text)
		sub(/>.*/, "", text)
		if (text in system_has)
			next
		if (is_cmd)
			print where "a command includes <" text ">"
		else if (!(text in fence))
			print where "<" text "> has no fence in floors.t"
		else if (index(fence[text], " " base(file) " ") == 0)
			print where "<" text "> is fenced to" fence[text]
		next
	}
	{
		sub(/^[^"]*"/, "", text)
		sub(/".*/, "", text)
		other = stem(text)
		if (other == mine)
			next
		if (text ~ /\// || row(other) == "") {
			print where "\"" text "\" is not in the table of floors"
			next
		}
		if (is_cmd)
			next
		a = row(mine)
		b = row(other)
		if (order[b] > order[a])
			print where mine " (floor " floor_of[a] ") includes " \
			    other " (floor " floor_of[b] "), which is above it"
		# Nobody includes a .c, so a circle is one of headers.
		if (file ~ /h$/) {
			if (!(base(file) in edges))
				names[++headers] = base(file)
			edges[base(file)] = edges[base(file)] " " text
		}
	}
	END {
		for (i = 1; i <= headers; i++)
			if (!(names[i] in state))
				visit(names[i], "")
	}'
}

# The self-test: trees with one fault each.
# tree FILE INCLUDE...: adds a file to the made-up tree
tree() {
	file=$tmp/tree/$1
	mkdir -p "$tmp/tree/lib" "$tmp/tree/cmd"
	shift
	for what in "$@"; do
		echo "#include $what"
	done >"$file"
}

# finds TEXT: the made-up tree has this fault and only this; begins a new one
finds() {
	faults "$tmp/tree" >"$tmp/faults"
	if [ "$(wc -l <"$tmp/faults")" = 1 ] && grep -qF -e "$1" "$tmp/faults"
	then
		pass "self-test: $1"
	else
		fail "self-test: $1" "$tmp/faults"
	fi
	rm -rf "$tmp/tree"
}

tree lib/num.c '"num.h"' '"buf.h"' '<stdio.h>'
tree lib/buf.h '"base.h"'
tree lib/expr_parse.c '"expr.h"' '"expr_tree.h"' '"msg.h"'
tree lib/expr_tree.h '"expr.h"'
tree cmd/cs-x.c '"kit.h"' '"num.h"' '<string.h>'
faults "$tmp/tree" >"$tmp/faults"
is_empty 'self-test: a tree in order has no fault' "$tmp/faults"
rm -rf "$tmp/tree"
tree lib/num.c '"in.h"'
finds 'num (floor 1) includes in (floor 2), which is above it'
tree lib/arena.h '"msg.h"'
finds 'arena (floor 0) includes msg (floor 0), which is above it'
tree lib/val.c '"kit.h"'
finds 'val (floor 3) includes kit (floor 5), which is above it'
tree lib/expr_a.h '"expr_b.h"'
tree lib/expr_b.h '"expr_a.h"'
finds 'circle: expr_a.h expr_b.h expr_a.h'
tree lib/helpers.c '"base.h"'
finds 'helpers is not in the table of floors'
tree lib/num.c '"../tests/unit/tap.h"'
finds '"../tests/unit/tap.h" is not in the table of floors'
tree lib/reader.c '<csv.h>'
finds '<csv.h> is fenced to split_ref.c'
tree lib/eval.c '"expr.h"' '<jv.h>'
finds '<jv.h> is fenced to jqlib.c expr_jq.c json_ref.c'
tree lib/in.c '<curl/curl.h>'
finds '<curl/curl.h> has no fence in floors.t'
tree cmd/cs-x.c '<zlib.h>'
finds 'a command includes <zlib.h>'
tree cmd/cs-x.c '"cs-y.h"'
finds '"cs-y.h" is not in the table of floors'

faults . >"$tmp/faults"
is_empty 'lib/ and cmd/ include downwards, behind their fences' "$tmp/faults"

# What the objects show. SECTION .data.rel.ro holds constants with pointers.
# hash.o: the key of the hash tables, drawn once a process so that data cannot
# be made to collide; no output depends on it. jqlib.o, re.o: a library that was
# loaded when it was needed (lazy.h).
cat >"$tmp/may_change" <<'X'
hash.o process_key
hash.o process_key_once
jqlib.o api
jqlib.o once
re.o api
re.o once
X

# file-scope variables that can change: "OBJECT NAME"
variables() { # DIR
	find "$1" -name '*.o' 2>/dev/null | sort | while read -r o; do
		objdump -t "$o" | awk -v o="${o#"$1/"}" '
		$0 ~ / O / || / \*COM\*/ || $0 ~ / \.t(data|bss)/ {
			section = ""
			for (i = 1; i <= NF; i++)
				if ($i ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/)
					section = $i
			if (section == "" || section ~ /^\.data\.rel\.ro/ ||
			    $NF ~ /^\./ || $NF ~ /asan|ubsan|odr/)
				next
			print o, $NF
		}'
	done
}

mkdir "$tmp/vars"
cat >"$tmp/vars/v.c" <<'X'
struct s { const char *p; };
static const struct s fixed[] = {{"a"}};
static const int table[] = {1, 2};
static int counter;
int shared = 3;
static _Thread_local int own;
const void *f(int i);
const void *f(int i)
{
	static int calls;
	calls += counter++ + shared + own++;
	return calls + i ? (const void *)&fixed[i] : (const void *)&table[i];
}
X
if $CC -O0 -fPIE -c "$tmp/vars/v.c" -o "$tmp/vars/v.o" 2>"$tmp/log"; then
	variables "$tmp/vars" | sed 's/\.[0-9]*$//' | sort >"$tmp/got"
	printf 'v.o %s\n' calls counter own shared >"$tmp/want"
	same 'self-test: variables are seen, constants not' "$tmp/got" "$tmp/want"
else
	fail 'self-test: variables are seen, constants not' "$tmp/log"
fi

for d in lib cmd; do
	[ -d "$BUILD/obj/$d" ] || {
		skip "$d/: no file-scope variable can change" 'not built'
		continue
	}
	variables "$BUILD/obj/$d" | grep -vxFf "$tmp/may_change" >"$tmp/faults"
	is_empty "$d/: no file-scope variable can change" "$tmp/faults"
done

# Libraries fill a struct cs_err; who prints or ends the program is listed:
# base when memory is out, lazy when a library is not there, out when the reader
# of the pipe has left, expr_jq when libjq runs out of memory or time, as it has
# no other way back.
cat >"$tmp/may_print" <<'X'
base lazy out expr_jq
msg
kit kit_opts kit_count
X
prints() { # OBJECT
	nm -u "$1" | awk -v o="$(basename "$1")" '
	{ sub(/^__/, "", $2); sub(/_chk$/, "", $2) }
	$2 ~ /^(stdout|stderr|v?printf|v?dprintf|puts|putchar|perror|v?warnx?|v?errx?|exit|_exit|_Exit|quick_exit|abort)$/ {
		print o ": " $2
	}'
}
for o in "$BUILD"/obj/lib/*.o; do
	[ -f "$o" ] || continue
	grep -qw "$(basename "$o" .o)" "$tmp/may_print" || prints "$o"
done >"$tmp/faults"
is_empty 'lib/: only those listed print or exit' "$tmp/faults"

# Floor 1 is pure: no files, no clock, no environment. The clock in hash is
# for the key above, on a kernel without getrandom.
awk '$1 == 1 { for (i = 2; i <= NF; i++) print $i }' "$tmp/floors" |
    while read -r m; do
	[ -f "$BUILD/obj/lib/$m.o" ] || continue
	nm -u "$BUILD/obj/lib/$m.o" | awk -v m="$m" '
	$2 ~ /^(f?open(at)?(64)?|read|write|close|stat|getenv|time|clock_gettime|gettimeofday|localtime(_r)?|tzset|setlocale|rand|random)$/ {
		print m ": " $2
	}' | grep -vx 'hash: clock_gettime'
done >"$tmp/faults"
is_empty 'floor 1: no file, clock, environment or locale' "$tmp/faults"
finish
