# tap.sh: what the shell tests share; sourced, from any directory:
#	. "$(dirname "$0")/tap.sh"
# Leaves the reader in the tree's root with a clean environment, an empty
# directory $tmp that is removed at the end, and the functions below.
# shellcheck shell=sh
# From outside come BUILD, CC, CSOPS_SHARED, CSOPS_ENGINES (all optional).

root=$(cd "$(dirname "$0")" && while [ ! -f config.mk ]; do
	[ "$PWD" != / ] && cd .. || exit 1
done && pwd) || { echo 'Bail out! no config.mk above this test'; exit 1; }
cd "$root" || exit 1

# absolute PATH: relative ones are meant from the root
absolute() {
	case $1 in
	/*) printf '%s\n' "$1" ;;
	*) printf '%s\n' "$root/$1" ;;
	esac
}

BUILD=$(absolute "${BUILD:-build/release}")
CC=${CC:-gcc}
CSOPS_SHARED=$(absolute "${CSOPS_SHARED:-../shared}")
CSOPS_ENGINES=${CSOPS_ENGINES:-ref fast}
CSOPS_DATADIR=$root/share
case :$PATH: in
*":$BUILD/bin:"*) ;;
*) PATH=$BUILD/bin:$PATH ;;
esac
LC_ALL=C
unset TZ LANG LANGUAGE POSIXLY_CORRECT COLUMNS LINES NO_COLOR CLICOLOR \
    CLICOLOR_FORCE CS_EXPR CS_SPLIT CS_JSON CS_BATCH SOURCE_DATE_EPOCH GREP_OPTIONS \
    ENV CDPATH MAKEFLAGS MFLAGS MAKELEVEL || :
umask 022

tmp=$(mktemp -d "${TMPDIR:-/tmp}/csops-test.XXXXXX") || exit 1
trap 'chmod -R u+rwx "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$tmp/home"
HOME=$tmp/home
export BUILD CC CSOPS_SHARED CSOPS_ENGINES CSOPS_DATADIR PATH LC_ALL HOME

tap_n=0
tap_bad=0

# pass NAME
pass() {
	tap_n=$((tap_n + 1))
	printf 'ok %d - %s\n' "$tap_n" "$1"
}

# fail NAME [FILE]: FILE is shown as a comment. Not behind a pipe: it counts.
fail() {
	tap_n=$((tap_n + 1))
	tap_bad=$((tap_bad + 1))
	printf 'not ok %d - %s\n' "$tap_n" "$1"
	[ $# -lt 2 ] || head -n 60 "$2" | comment
}

# skip NAME WHY
skip() {
	tap_n=$((tap_n + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_n" "$1" "$2"
}

# skip_all WHY: ends the test
skip_all() {
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

# ok NAME COMMAND...: passes if the command succeeds; its output is the comment
ok() {
	tap_what=$1
	shift
	if "$@" >"$tmp/ok.log" 2>&1; then
		pass "$tap_what"
	else
		fail "$tap_what" "$tmp/ok.log"
	fi
}

# is_empty NAME FILE: passes if FILE is empty, else shows it
is_empty() {
	if [ -s "$2" ]; then fail "$1" "$2"; else pass "$1"; fi
}

# same NAME GOT WANT: bytes of two files
same() {
	if cmp -s "$2" "$3"; then
		pass "$1"
	else
		differ "$2" "$3" >"$tmp/same.log"
		fail "$1" "$tmp/same.log"
	fi
}

# differ GOT WANT: what changed, for people
differ() {
	diff -a -u -L expected -L got "$2" "$1" | cat -v
}

comment() {
	sed 's/^/# /'
}

# finish: the plan and the exit code
finish() {
	printf '1..%d\n' "$tap_n"
	[ "$tap_bad" = 0 ]
	exit $?
}
