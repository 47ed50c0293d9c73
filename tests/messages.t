#!/bin/sh
# Every message of the program is seen by some test: the format texts of the
# message functions, with their %-directives as wildcards, occur in a golden
# err or out, a unit test, tests/expr or another test. What cannot be provoked
# stands in messages-untested.txt with its reason, and nothing else does.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

untested=tests/messages-untested.txt

# literals calls FILE...: prints "FILE<tab>FORMAT" for each message call, and
#	"FILE<tab>no literal<tab>TEXT" for a format that is none.
# literals all FILE...: prints every string literal, one a line.
# Formats: \001 is a wildcard; adjacent literals are joined.
cat >"$tmp/literals.awk" <<'X'
# The argument that is the format, counted from 1.
BEGIN {
	at["cs_fail"] = 3
	at["cs_fail_at"] = 4
	at["cs_diag"] = 5
	at["cs_say"] = 1
	at["cs_kit_note"] = 2
	at["cs_kit_refuse"] = 6
	# Texts made beforehand: messages where they are a sentence.
	at["cs_arena_printf"] = 2
	at["snprintf"] = 3
	for (name in at)
		calls = calls (calls == "" ? "" : "|") name
	maker = "cs_arena_printf snprintf"
	mode = ARGV[1]
	ARGV[1] = ""
	for (i = 2; i < ARGC; i++) {
		text = ""
		in_comment = 0
		while ((getline line <ARGV[i]) > 0)
			text = text bare(line) "\n"
		close(ARGV[i])
		if (mode == "all")
			pieces("", text)
		else
			messages(ARGV[i], text, calls wrappers(text))
	}
	exit
}
# A line without its comments.
function bare(line,    out, c, k, n) {
	if (!in_comment && line !~ /\/[*\/]/)
		return line
	n = length(line)
	for (k = 1; k <= n; k++) {
		c = substr(line, k, 1)
		if (in_comment) {
			if (substr(line, k, 2) == "*/") {
				in_comment = 0
				k++
				out = out " "
			}
		} else if (c == "\"" || c == "'") {
			c = quoted(line, k)
			out = out c
			k += length(c) - 1
		} else if (substr(line, k, 2) == "/*") {
			in_comment = 1
			k++
		} else if (substr(line, k, 2) == "//")
			break
		else
			out = out c
	}
	return out
}
# The literal that begins at k, quotes included.
function quoted(s, k,    q, e, n) {
	q = substr(s, k, 1)
	n = length(s)
	for (e = k + 1; e <= n && substr(s, e, 1) != q; e++)
		if (substr(s, e, 1) == "\\")
			e++
	return substr(s, k, e - k + 1)
}
# Its text: escapes undone, odd ones as wildcards.
function plain(lit,    out, c, k, n) {
	lit = substr(lit, 2, length(lit) - 2)
	if (lit !~ /\\/)
		return lit
	n = length(lit)
	for (k = 1; k <= n; k++) {
		c = substr(lit, k, 1)
		if (c != "\\") {
			out = out c
			continue
		}
		c = substr(lit, ++k, 1)
		if (c ~ /["\\'?]/)
			out = out c
		else if (c == "t")
			out = out "\t"
		else if (c == "n")
			out = out "\001"
		else {
			out = out "\001"
			if (match(substr(lit, k), /^(x[0-9a-fA-F]+|[0-7]+)/))
				k += RLENGTH - 1
		}
	}
	return out
}
# %-directives become wildcards; %% is a percent sign.
function wild(f) {
	gsub(/%%/, "\002", f)
	gsub(/%[-+ #0]*([0-9]+|[*])?(\.([0-9]+|[*]))?(hh|h|ll|l|j|z|t|L)?[diouxXeEfgGcsp]/,
	    "\001", f)
	gsub(/%\001/, "\001", f)
	gsub(/\002/, "%", f)
	gsub(/\001+/, "\001", f)
	return f
}
# Prints the literals of a piece of an expression; true if there was one.
function pieces(file, s,    k, n, c, lit, cur, has, any) {
	n = length(s)
	for (k = 1; k <= n; k++) {
		c = substr(s, k, 1)
		if (c == "\"") {
			lit = quoted(s, k)
			k += length(lit) - 1
			cur = cur plain(lit)
			has = any = 1
		} else if (c == "'") {
			k += length(quoted(s, k)) - 1
		} else if (c ~ /[?:,;(){}=]/) {
			if (has)
				tell(file, cur)
			cur = ""
			has = 0
		} else if (c ~ /[A-Za-z_]/) {
			match(substr(s, k), /^[A-Za-z_0-9]+/)
			k += RLENGTH - 1
			if (has) # PRIu64 and the like
				cur = cur "\001"
		}
	}
	if (has)
		tell(file, cur)
	return any
}
function tell(file, s) {
	if (mode == "all") {
		gsub(/[\001\n]/, " ", s)
		print s
		return
	}
	s = wild(s)
	if (s ~ /[A-Za-z][A-Za-z ]*[A-Za-z]/)
		print file "\t" s
}
# Splits the arguments of a call at its top commas into arg[1..]; returns
# their number.
function arguments(s,    k, n, c, depth, na, from) {
	n = length(s)
	from = 1
	for (k = 1; k <= n; k++) {
		c = substr(s, k, 1)
		if (c == "\"" || c == "'")
			k += length(quoted(s, k)) - 1
		else if (c ~ /[({[]/)
			depth++
		else if (c ~ /[]})]/ && depth-- == 0)
			break
		else if (c == "," && depth == 0) {
			arg[++na] = substr(s, from, k - from)
			from = k + 1
		}
	}
	arg[++na] = substr(s, from, k - from)
	return na
}
# A file's own: functions with "const char *fmt, ..." and macros that hand
# __VA_ARGS__ on. Returns "|name|name", and knows their formats.
function wrappers(text,    head, name, names) {
	while (match(text, /[A-Za-z_0-9]+\([^()]*const char \*[a-z]+, \.\.\.\)|#define [A-Za-z_]+\([^()]*, \.\.\.\)/)) {
		head = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		name = head
		sub(/^#define /, "", name)
		sub(/\(.*/, "", name)
		if (name in at)
			continue
		if (head ~ /^#/ && substr(text, 1, 300) !~ /__VA_ARGS__/)
			continue
		at[name] = gsub(/,/, ",", head) + (head ~ /^#/)
		names = names "|" name
	}
	return names
}
function messages(file, text, calls,    name, na, f, j, found) {
	while (match(text, "(^|[^A-Za-z0-9_])(" calls ")[ \n\t]*\\(")) {
		name = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		gsub(/[^A-Za-z_0-9]/, "", name)
		na = arguments(substr(text, 1, 4000))
		f = at[name]
		if (na < f || arg[f] ~ /const char \*/ || arg[f] ~ /__VA_ARGS__|\.\.\./)
			continue # a declaration
		if (index(maker, name)) {
			if (arg[f] ~ /"/ && arg[f] ~ /[a-z]( [a-zA-Z]+)+ [a-z]/)
				pieces(file, arg[f])
			continue
		}
		if (arg[f] ~ /^[ \n\t]*"%s"[ \n\t]*$/) {
			for (j = f + 1; j <= na; j++)
				pieces(file, arg[j])
			continue
		}
		found = pieces(file, arg[f])
		if (!found && name != "cs_kit_refuse") {
			gsub(/[ \n\t]+/, " ", arg[f])
			print file "\tno literal\t" name ":" arg[f]
		}
	}
}
X

literals() {
	awk -f "$tmp/literals.awk" "$@"
}

# seen FORMATS TEXTS: prints the lines of FORMATS whose format no line of
# TEXTS has: its fixed parts, in their order.
seen() {
	awk -F '\t' -v texts="$2" '
	BEGIN {
		while ((getline line <texts) > 0)
			if (!(line in had)) {
				had[line] = 1
				text[n++] = line
			}
	}
	function holds(line, k,    j, at) {
		for (j = 1; j <= k; j++) {
			if (part[j] == "")
				continue
			at = index(line, part[j])
			if (at == 0)
				return 0
			line = substr(line, at + length(part[j]))
		}
		return 1
	}
	{
		k = split($2, part, "\001")
		for (i = 0; i < n; i++)
			if (holds(text[i], k))
				next
		print
	}' "$1"
}

# The self-test.
cat >"$tmp/x.c" <<'X'
/* cs_fail(err, 1, "in a comment") */
bool cs_fail(struct cs_err *e, int exit, const char *fmt, ...);
	return cs_fail(err, CS_USAGE, "\"%.*s\" is not a form; to write a "
	    "file: > %s", CS_ARG(a), f(b, "no message")); // cs_say("nor here")
	cs_diag(d, CS_ERROR, "syntax", (struct cs_place){f, 1, 2},
	    is_many ? "%zu columns, 100%% wrong" : "one column");
	cs_say("%s", why ? "read it" : err.text);
	cs_say(text);
	cs_fail_at(err, 2, at, "%" PRIu64 " rows of %c, not %d", n, ')', 3);
	cs_say("%s", err->text);
	cs_arena_printf(a, "%s_%zu", name, k);
	cs_arena_printf(a, "the %s of it", name);
static void own(struct v *v, int a, const char *fmt, ...) CS_PRINTF(3, 4);
	own(v, 1, "own %d", 2);
#define WHY(row, ...) snprintf((row)->why, sizeof((row)->why), __VA_ARGS__)
	WHY(row, "%zu cells", n);
X
cat >"$tmp/want" <<X
$tmp/x.c	"@" is not a form; to write a file: > @
$tmp/x.c	@ columns, 100% wrong
$tmp/x.c	one column
$tmp/x.c	read it
$tmp/x.c	no literal	cs_say:text
$tmp/x.c	@ rows of @, not @
$tmp/x.c	the @ of it
$tmp/x.c	own @
$tmp/x.c	@ cells
X
literals calls "$tmp/x.c" >"$tmp/formats"
tr '\001' @ <"$tmp/formats" >"$tmp/got"
same 'self-test: message formats are found' "$tmp/got" "$tmp/want"
cat >"$tmp/texts" <<'X'
cs-x: "a.csv" is not a form; to write a file: > a.csv
cs-x: 3 columns, 100% wrong
cs-x: 3 rows, not 4
cs-x: not 3 rows of "
the name of it, own 2, 3 cells
X
grep -v '	no literal	' "$tmp/formats" >"$tmp/f"
seen "$tmp/f" "$tmp/texts" | tr '\001' @ | cut -f 2 >"$tmp/got"
printf '%s\n' 'one column' 'read it' '@ rows of @, not @' >"$tmp/want"
same 'self-test: untested ones are told' "$tmp/got" "$tmp/want"

# The real thing.
find lib cmd -name '*.[ch]' 2>/dev/null | sort | while read -r f; do
	literals calls "$f"
done >"$tmp/all"
grep '	no literal	' "$tmp/all" >"$tmp/faults"
is_empty 'message formats are literals' "$tmp/faults"
grep -v '	no literal	' "$tmp/all" | sort -u >"$tmp/formats"
{
	find tests/golden -name err -o -name out | while read -r f; do
		cat "$f"
		echo
	done
	find tests/unit -name '*.c' | sort | while read -r f; do
		literals all "$f"
	done
	find tests/expr -type f 2>/dev/null | while read -r f; do
		cat "$f"
	done
	find tests -name '*.t' ! -name messages.t | while read -r f; do
		cat "$f"
	done
} >"$tmp/texts"
seen "$tmp/formats" "$tmp/texts" | tr '\001' @ >"$tmp/unseen"

# FILE<tab>FORMAT<tab>REASON; @ stands for a directive.
[ -f "$untested" ] || : >"$tmp/none"
grep -v '^#' "$([ -f "$untested" ] && echo "$untested" || echo "$tmp/none")" \
    >"$tmp/list"
awk -F '\t' 'NF != 3 || $3 == "" { print "no reason: " $0 }' "$tmp/list" \
    >"$tmp/faults"
is_empty "$untested: every line has file, text and reason" "$tmp/faults"
cut -f 1,2 "$tmp/list" | sort >"$tmp/listed"
sort "$tmp/unseen" | comm -13 - "$tmp/listed" >"$tmp/faults"
is_empty "$untested: every line is still needed" "$tmp/faults"

cut -f 1 "$tmp/formats" | uniq -c | while read -r count file; do
	grep "^$file	" "$tmp/unseen" | sort | comm -23 - "$tmp/listed" |
	    cut -f 2 >"$tmp/faults"
	# Counted outside this pipe: print, and count below.
	if [ -s "$tmp/faults" ]; then
		echo "bad $count $file $(wc -l <"$tmp/faults")"
		sed 's/^/# /' "$tmp/faults"
	else
		echo "good $count $file"
	fi
done >"$tmp/result"
while read -r word count file bad; do
	case $word in
	good) pass "$file: its $count messages are tested" ;;
	bad)
		fail "$file: $bad of its $count messages are not tested"
		;;
	*) echo "$word $count $file $bad" ;;
	esac
done <"$tmp/result"
finish
