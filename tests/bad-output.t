#!/bin/sh
# Reads and writes that fail, one at a time (strace injects the fault): a
# command prints what it would have printed and exits with 0, or says what went
# wrong and exits with 3. Never 0 with rows missing.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/sample.sh
. tests/sample.sh

work=$tmp/work
sample_files "$work"
cd "$work" || exit 1
sample_rows 6000 >big.csv
data=$work/big.csv

# What is injected is seen to be injected: a program that reads and writes.
can_inject() {
	command -v strace >/dev/null || return 1
	strace -o "$tmp/trace" -P "$data" -e trace=read \
	    -e inject=read:error=EIO:when=1 cat "$data" >/dev/null 2>&1
	[ $? = 1 ] && grep -q INJECTED "$tmp/trace"
}

# traced FILTER... -- COMMAND...: runs the sample on $data under strace
traced() {
	sample_command=$1
	shift
	# shellcheck disable=SC2046 # words are meant to be split
	timeout 120 strace -f --seccomp-bpf -o "$tmp/trace" "$@" "$sample_command" \
	    $(sample_words "$sample_command") <"$data" >"$tmp/out" 2>"$tmp/err"
	code=$?
}

# outcome NAME EXPECT: right (as if nothing had been), wrong (3 and the text
# in EXPECT), or either
outcome() {
	why=
	case $2 in
	right)
		[ "$code" = 0 ] || why="exit $code"
		[ ! -s "$tmp/err" ] || why="$why; not silent"
		cmp -s "$tmp/out" "$tmp/plain" || why="$why; other output"
		;;
	*)
		[ "$code" = 3 ] || why="exit $code, not 3"
		grep -q "^$cmd: .*$2" "$tmp/err" || why="$why; no message"
		;;
	esac
	if [ -z "$why" ]; then
		pass "$cmd: $1"
	else
		{
			echo "${why#; }; $(wc -c <"$tmp/out") bytes out of" \
			    "$(wc -c <"$tmp/plain")"
			head -n 5 "$tmp/err"
			grep INJECTED "$tmp/trace" | cut -c 1-120
		} >"$tmp/log"
		fail "$cmd: $1" "$tmp/log"
	fi
}

# points N: first, second and last
points() {
	printf '%s\n' 1 2 "$1" | sort -nu | awk -v n="$1" '$1 <= n'
}

writes() {
	traced "$cmd" -P "$tmp/out" -e trace=write,writev,pwrite64
	n=$(grep -c 'write.*(1,' "$tmp/trace")
	for at in $(points "$n") 1+; do
		for fault in 'ENOSPC No space left' 'EIO Input/output error' \
		    'EDQUOT quota exceeded'; do
			traced "$cmd" -P "$tmp/out" -e trace=write \
			    -e inject=write:error="${fault%% *}":when="$at"
			outcome "write $at of $n: ${fault%% *}" "${fault#* }"
		done
		[ "$at" != 1+ ] || continue
		traced "$cmd" -P "$tmp/out" -e trace=write \
		    -e inject=write:error=EINTR:when="$at"
		outcome "write $at of $n: EINTR" right
	done
}

reads() {
	traced "$cmd" -P "$data" -e trace=read
	n=$(grep -c 'read(' "$tmp/trace")
	for at in $(points "$n"); do
		traced "$cmd" -P "$data" -e trace=read \
		    -e inject=read:error=EIO:when="$at"
		outcome "read $at of $n: EIO" 'Input/output error'
		traced "$cmd" -P "$data" -e trace=read \
		    -e inject=read:error=EINTR:when="$at"
		outcome "read $at of $n: EINTR" right
	done
}

# A file system that fills: the write is cut, the next one fails.
full() {
	# strace is not needed here.
	: >"$tmp/trace"
	(
		trap '' XFSZ
		ulimit -f 8
		sample "$cmd" <"$data" >"$tmp/cut" 2>"$tmp/err.pipe"
	) 2>/dev/null
	code=$?
	cp "$tmp/cut" "$tmp/out"
	cp "$tmp/err.pipe" "$tmp/err"
	if [ "$(wc -c <"$tmp/plain")" -le 4096 ]; then
		outcome 'file size limit, output below it' right
	else
		outcome 'file size limit' 'File too large'
	fi
}

# Writes that take 7 bytes at most, reads that give 7.
short() {
	LD_PRELOAD=$tmp/short.so sample "$cmd" <"$data" >"$tmp/out" \
	    2>"$tmp/err"
	code=$?
	outcome 'short reads and writes' right
}

cat >"$tmp/short.c" <<'X'
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t
read(int fd, void *p, size_t n)
{
	return syscall(SYS_read, fd, p, fd == 0 && n > 7 ? 7 : n);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	return syscall(SYS_write, fd, p, n > 7 ? 7 : n);
}
X
is_short=false
case $BUILD in
*asan*) ;; # a sanitizer wants to be the first library
*)
	$CC -shared -fPIC -o "$tmp/short.so" "$tmp/short.c" 2>"$tmp/log" &&
	    is_short=true
	;;
esac
is_strace=false
if can_inject; then
	is_strace=true
fi

for cmd in $commands; do
	if [ ! -x "$BUILD/bin/$cmd" ]; then
		skip "$cmd: everything" 'not built'
		continue
	fi
	sample "$cmd" <"$data" >"$tmp/plain" 2>"$tmp/err"
	code=$?
	cp "$tmp/plain" "$tmp/out"
	: >"$tmp/trace"
	outcome 'no fault' right
	if $is_strace; then
		writes
		reads
	else
		skip "$cmd: reads and writes that fail" \
		    'strace cannot inject here'
	fi
	full
	if $is_short; then
		short
	else
		skip "$cmd: short reads and writes" 'no shared object'
	fi
done
finish
