# sample.sh: one small piece of work for each command, for the tests that ask
# the same of all; sourced after tap.sh.
# shellcheck shell=sh

# shellcheck disable=SC2034 # for those who source this
commands='cs-ingest cs-score cs-segment cs-funnel cs-mailgen cs-check'

# sample_files DIR: rules, a template and in.csv
sample_files() {
	mkdir -p "$1/tpl"
	sample_rows 3 >"$1/in.csv"
	cat >"$1/score.rules" <<'X'
Score: health

Rule: views
Points: 60
When: .max_pv >= 1000

Rule: happy
Points: 40
When: .nps >= 9

Band: good
From: 60

Band: bad
X
	cat >"$1/segment.rules" <<'X'
Segment: big
When: .max_pv >= 1000

Segment: free
When: .plan == "free"
X
	cat >"$1/funnel.rules" <<'X'
Funnel: start

Stage: applied
When: .id != null

Stage: opened
When: .opened_at != null
At: .opened_at

Stage: seen
When: .max_pv >= 1000
X
	cat >"$1/mail.rules" <<'X'
Mail: hello
Class: service
Priority: 1
When: .plan == "free"
From: shop@example.com
X
	cat >"$1/tpl/hello.txt" <<'X'
Subject: こんにちは {{name|"お客様"}}
---
{{name|"お客様"}} 様
X
}

# sample_rows N: a header and N records; 0: the header only. What the rules ask
# is never empty, so that nothing is said.
sample_rows() {
	awk -v n="$1" 'BEGIN {
		print "id,email,name,max_pv,nps,plan,opened_at"
		for (i = 1; i <= n; i++) {
			r = i % 3
			printf "%d,u%d@example.com,%s,%s,%s,%s,%s\n", i, i,
			    r == 1 ? "山田商店" : r == 2 ? "\"B, \"\"Shop\"\"\"" : "",
			    i * 700 % 2900, i % 11,
			    r == 1 ? "pro" : "free",
			    "2026-01-0" i % 9 + 1
		}
	}'
}

# sample_words COMMAND: what to say besides the data, relative to DIR
sample_words() {
	case $1 in
	cs-ingest) ;;
	cs-score) echo -r score.rules ;;
	cs-segment) echo -r segment.rules ;;
	cs-funnel) echo -r funnel.rules --as-of=2026-03-01 ;;
	cs-mailgen) echo -r mail.rules -t tpl --stateless --as-of=2026-03-01 ;;
	cs-check) echo fields ;;
	esac
}

# sample COMMAND WORD...: runs it
sample() {
	sample_command=$1
	shift
	# shellcheck disable=SC2046 # words are meant to be split
	"$sample_command" $(sample_words "$sample_command") "$@"
}

# options_of COMMAND: the long options of --help, sorted
options_of() {
	"$1" --help | sed -n \
	    's/^  *\(-[^ ], \)\{0,1\}\(--[a-z][a-z-]*\).*/\2/p' | sort -u
}
