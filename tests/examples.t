#!/bin/sh
# Runs the examples of the manuals and of README.md and compares what they
# show. In .Sh EXAMPLES, between .Bd -literal and .Ed, and in README's ```sh
# blocks, a line "$ ..." is a command (with its here-document and the lines a
# backslash continues); the lines up to the next one are its output, standard
# error included. One page is run in one directory, empty at first.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# mdoc FILE: the literal blocks of EXAMPLES, escapes undone; a form feed line
# parts the blocks. README's blocks come out in the same form.
mdoc() {
	awk '
	function undo(s,    out, at) {
		while ((at = index(s, "\\")) > 0) {
			out = out substr(s, 1, at - 1)
			s = substr(s, at + 1)
			if (s ~ /^&/) {
				s = substr(s, 2)
			} else if (s ~ /^e/) {
				out = out "\\"
				s = substr(s, 2)
			} else if (s ~ /^[-.]/) {
				out = out substr(s, 1, 1)
				s = substr(s, 2)
			} else if (substr(s, 1, 3) in glyph) {
				out = out glyph[substr(s, 1, 3)]
				s = substr(s, 4)
			} else if (s ~ /^ /) {
				out = out " "
				s = substr(s, 2)
			} else {
				print FILENAME ":" FNR ": unknown escape \\" s \
				    >"/dev/stderr"
				return out
			}
		}
		return out s
	}
	BEGIN {
		glyph["(dq"] = "\""; glyph["(aq"] = "\047"
		glyph["(ga"] = "`"; glyph["(ti"] = "~"
		glyph["(ha"] = "^"; glyph["(rs"] = "\\"
		glyph["(at"] = "@"; glyph["(sh"] = "#"
		glyph["(Do"] = "$"; glyph["(mi"] = "-"
		glyph["(hy"] = "-"; glyph["(en"] = "-"
	}
	/^\.Sh/ { is_examples = /EXAMPLES/; next }
	!is_examples { next }
	/^\.Bd .*-literal/ { is_block = 1; next }
	/^\.Ed/ { if (is_block) print "\f"; is_block = 0; next }
	is_block && /^\.\\"/ { next }
	is_block && /^[.\047]/ {
		print FILENAME ":" FNR ": a macro in an example: " $0 \
		    >"/dev/stderr"
		next
	}
	is_block { print undo($0) }' "$1"
}

readme() {
	awk '
	/^```sh/ { is_block = 1; next }
	/^```/ { if (is_block) print "\f"; is_block = 0; next }
	is_block' "$1"
}

# Splits blocks into DIR/NNN.sh and DIR/NNN.out, one for each command.
commands() { # DIR
	awk -v dir="$1" '
	function begin() {
		n++
		name = sprintf("%s/%03d", dir, n)
		printf "" >(name ".out")
	}
	/^\f/ { is_output = 0; is_open = 0; next }
	is_open {
		print >(name ".sh")
		if (word != "") {
			line = $0
			if (is_tabbed)
				sub(/^\t*/, "", line)
			if (line == word) {
				is_open = 0
				is_output = 1
			}
		} else
			more($0)
		next
	}
	/^\$ / {
		begin()
		$0 = substr($0, 3)
		print >(name ".sh")
		more($0)
		next
	}
	is_output { print >(name ".out") }
	function more(line) {
		word = ""
		is_open = line ~ /\\$/
		is_output = !is_open
		if (match(line, /<<-?[ ]*["\047\\]?[A-Za-z_]+/)) {
			word = substr(line, RSTART, RLENGTH)
			is_tabbed = word ~ /^<<-/
			gsub(/[^A-Za-z_]/, "", word)
			is_open = 1
			is_output = 0
		}
	}'
}

# page NAME BLOCKS: runs the commands of one page
page() {
	rm -rf "$tmp/work" "$tmp/parts"
	mkdir "$tmp/work" "$tmp/parts"
	commands "$tmp/parts" <"$2"
	status=0
	count=0
	: >"$tmp/diff"
	for sh in "$tmp/parts"/*.sh; do
		[ -f "$sh" ] || continue
		count=$((count + 1))
		# $? in an example is that of the command before it.
		{
			printf '(exit %d)\n' "$status"
			cat "$sh"
		} >"$tmp/run.sh"
		(cd "$tmp/work" && timeout 60 sh "$tmp/run.sh") \
		    >"$tmp/got" 2>&1 </dev/null
		status=$?
		cmp -s "$tmp/got" "${sh%.sh}.out" && continue
		sed '1s/^/$ /' "$sh"
		differ "$tmp/got" "${sh%.sh}.out" | sed 1,2d
		[ "$status" = 0 ] || echo "(exit status $status)"
	done >"$tmp/diff"
	is_empty "$1: $count commands show what they do" "$tmp/diff"
}

# The self-test.
cat >"$tmp/p.1" <<'X'
.Sh NAME
.Bd -literal
$ echo not here
.Ed
.Sh EXAMPLES
.Bd -literal -offset indent
$ cat >x <<'END'
\&.a \e \(dqb\(dq
$ not a command
END
$ head \-n 1 \e
	x
\&.a \e "b"
.Ed
A second block, in the same directory.
.Bd -literal
$ grep \-c command x; false
1
$ echo $?
1
$ echo wrong
right
.Ed
.Sh SEE ALSO
X
sed 's/^right$/wrong/' "$tmp/p.1" >"$tmp/q.1"
mdoc "$tmp/q.1" >"$tmp/blocks"
page 'self-test: a true page' "$tmp/blocks"
ok 'self-test: all its commands were run' test "$count" = 5
mdoc "$tmp/p.1" >"$tmp/blocks"
(page x "$tmp/blocks") >"$tmp/log"
if grep -q '^not ok' "$tmp/log" && grep -q '^# -right$' "$tmp/log"; then
	pass 'self-test: a page that is not true is seen'
else
	fail 'self-test: a page that is not true is seen' "$tmp/log"
fi

for f in man/*.[157]; do
	[ -f "$f" ] || {
		skip 'man/' 'no pages yet'
		continue
	}
	mdoc "$f" >"$tmp/blocks" 2>"$tmp/faults"
	is_empty "$f: examples can be read" "$tmp/faults"
	if grep -q '^\$ ' "$tmp/blocks"; then
		page "$f" "$tmp/blocks"
	elif grep -q '^\.Sh EXAMPLES' "$f" || [ "${f%.1}" != "$f" ]; then
		fail "$f: no example with a command"
	fi
	if command -v mandoc >/dev/null; then
		ok "$f: mandoc has no complaint" mandoc -T lint -W warning "$f"
	else
		skip "$f: mandoc has no complaint" 'no mandoc'
	fi
done

if [ -f README.md ]; then
	readme README.md >"$tmp/blocks"
	grep -q '^\$ ' "$tmp/blocks" && page README.md "$tmp/blocks"
else
	skip README.md 'not there yet'
fi
finish
