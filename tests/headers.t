#!/bin/sh
# Every header of lib/ compiles alone, and twice; every external name of the
# library begins with cs_; jqlib.c gives libjq's functions under libjq's names.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# compiles HEADER: alone, and included twice
compiles() {
	printf '#include "%s"\n#include "%s"\n' "$1" "$1" |
	    $CC -std=gnu11 -D_GNU_SOURCE -iquote lib -iquote "${2:-lib}" -Wall \
		-Wextra -Wstrict-prototypes -Werror -fsyntax-only -x c -
}

# names ARCHIVE: external names that are not ours
names() {
	nm -g --defined-only "$1" | awk '/^[^ ]*:$/ { member = $1 }
	    NF == 3 && $3 !~ /^cs_/ &&
	    !(member == "jqlib.o:" && $3 ~ /^j[qv]_/) &&
	    $3 !~ /^_*(asan|odr_asan|ubsan)|^__/ { print $3 }'
}

mkdir "$tmp/h"
echo 'static inline size_t f(void) { return 1; }' >"$tmp/h/needs.h"
if compiles needs.h "$tmp/h" >/dev/null 2>&1; then
	fail 'self-test: a header that needs another is seen'
else
	pass 'self-test: a header that needs another is seen'
fi
echo 'struct a { int b; };' >"$tmp/h/unguarded.h"
if compiles unguarded.h "$tmp/h" >/dev/null 2>&1; then
	fail 'self-test: a header without a guard is seen'
else
	pass 'self-test: a header without a guard is seen'
fi
echo 'int cs_a; int helper(void) { return cs_a; } static int own; int *cs_p = &own;' \
    >"$tmp/h/n.c"
$CC -c "$tmp/h/n.c" -o "$tmp/h/n.o"
names "$tmp/h/n.o" >"$tmp/got"
echo helper >"$tmp/want"
same 'self-test: a name without cs_ is seen' "$tmp/got" "$tmp/want"

for h in lib/*.h; do
	ok "$h compiles alone" compiles "${h#lib/}"
done

if [ -f "$BUILD/libcsops.a" ]; then
	names "$BUILD/libcsops.a" >"$tmp/faults"
	is_empty 'external names begin with cs_' "$tmp/faults"
else
	fail 'external names begin with cs_: no libcsops.a'
fi
finish
