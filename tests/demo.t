#!/bin/sh
# The demo: its data are the same everywhere, its figures are those that a
# second count gives (tests/demo/model.py), and it fails when a part of it does.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# The build with sanitizers may have no tools of its own.
tools=$BUILD/tool
[ -x "$tools/gen" ] || tools=$root/build/release/tool
[ -x "$tools/gen" ] || { echo "Bail out! no $BUILD/tool/gen"; exit 1; }
gen=$tools/gen

# --- the data ---

is_sum() { # NAME WANT
	"$gen" "$1" >"$tmp/$1.u8" && "$gen" "$1" | cmp - "$tmp/$1.u8" || return
	got=$(sha256sum <"$tmp/$1.u8" | cut -d' ' -f1)
	[ "$got" = "$2" ] || { echo "got $got"; return 1; }
}
ok 'gen shops gives the bytes it always gave' is_sum shops \
    a22f9d0c38cb70129a6ec44176d9739a33c291098179ba2c6b722684ae2392d8
ok 'gen last gives the bytes it always gave' is_sum last \
    fee418735c93c50e8fb64a3060a8ab3d65f8c7d78fb3d4a21576a12b2587edcd

in_cp932() { # NAME
	iconv -f UTF-8 -t CP932 "$tmp/$1.u8" >"$tmp/$1.sjis" &&
	    iconv -f CP932 -t UTF-8 "$tmp/$1.sjis" | cmp - "$tmp/$1.u8"
}
ok 'gen shops: CP932 loses nothing' in_cp932 shops
ok 'gen last: CP932 loses nothing' in_cp932 last

is_refused() {
	"$gen" "$@" >"$tmp/out" 2>"$tmp/err"
	[ $? = 2 ] && [ ! -s "$tmp/out" ] && grep -q '^usage: gen' "$tmp/err"
}
ok 'gen without a word: exit 2' is_refused
ok 'gen with another word: exit 2' is_refused more
full() {
	"$gen" shops >/dev/full 2>"$tmp/err"
	[ $? = 3 ]
}
ok 'gen on a full disk: exit 3' full

# Who was there a month ago is there now; the highest page views never fall.
cat >"$tmp/grown.py" <<'X'
import csv, sys
now, last = ({r["ショップID"]: r for r in
              csv.DictReader(open(f, newline="", encoding="utf-8"))}
             for f in sys.argv[1:])
assert len(now) == 3000 and 2800 < len(last) < 2950, len(last)
assert set(last) < set(now)
grown = 0
for i, r in last.items():
    for c in "最大PV", "登録商品数":
        if r[c] and now[i][c]:
            grown += int(r[c]) < int(now[i][c])
            assert c != "最大PV" or int(r[c]) <= int(now[i][c]), i
    assert all(r[c] <= "2026-03-15" for c in r if c.endswith("日")), i
assert grown > 2000, grown
for c in next(iter(now.values())):
    part = sum(r[c] == "" for r in now.values()) / 3000
    assert c == "ショップID" and part == 0 or part > 0.005, (c, part)
X
ok 'last month is the same shops a month younger' \
    python3 "$tmp/grown.py" "$tmp/shops.u8" "$tmp/last.u8"

# --- the tour ---

tour() { # DIR: runs the demo with DIR for $BUILD
	mkdir "$1" && ln -s "$tools" "$1/tool" &&
	    ln -s "$BUILD/bin" "$1/bin" &&
	    (cd "$tmp" && BUILD=${1##*/} sh "$root/share/demo/run")
}
one=$tmp/one
tour "$one" >"$tmp/tour" 2>"$tmp/tour.err"
code=$?
ok 'the demo ends with 0' test "$code" = 0
is_empty 'the demo says nothing on stderr' "$tmp/tour.err"
one=$one/demo
mails=$(grep -c '^From ' "$one/outbox.mbox")
ok 'it tells where the mbox lies' \
    grep -q "^one/demo/outbox.mbox holds $mails mails" "$tmp/tour"
ok 'it tells the encoding found' grep -q 'read as CP932' "$tmp/tour"
ok 'it explains a decision' grep -q '^large-plan *skip *unknown:monthly_sales' \
    "$tmp/tour"

again() {
	mv "$tmp/one" "$tmp/first" && tour "$tmp/one" | cmp - "$tmp/tour" &&
	    diff -r "$tmp/first/demo" "$tmp/one/demo"
}
ok 'a second run gives the same bytes' again

# Each command in turn is one that fails; the tour must not go on.
stops() { # COMMAND
	rm -rf "$tmp/broken"
	mkdir "$tmp/broken" "$tmp/broken/bin"
	ln -s "$BUILD/bin"/cs-* "$tmp/broken/bin"
	ln -sf /bin/false "$tmp/broken/bin/$1"
	ln -s "$tools" "$tmp/broken/tool"
	! (cd "$tmp" && BUILD=broken sh "$root/share/demo/run") >"$tmp/out" \
	    2>&1 && ! grep -q outbox.mbox\ holds "$tmp/out"
}
for command in cs-ingest cs-score cs-segment cs-funnel cs-mailgen cs-check; do
	if [ -n "${CSOPS_REPORTS-}" ]; then
		skip "the demo fails when $command does" 'make check does it'
	else
		ok "the demo fails when $command does" stops $command
	fi
done

# --- the figures ---

cs-ingest -q -o jsonl -m share/demo/map.rules --drop-rest \
    "$one/shops.csv.gz" >"$tmp/shops.jsonl"
ok 'ingest gives 3,000 records' test "$(wc -l <"$tmp/shops.jsonl")" = 3000
unzipped() {
	gzip -dc "$one/shops.csv.gz" | cmp - "$tmp/shops.sjis"
}
ok 'the export is the generator in CP932' unzipped

mkdir "$tmp/want"
ok 'the model counts' python3 tests/demo/model.py "$tmp/shops.u8" \
    share/demo/suppress.csv "$tmp/want"
cd "$one" || exit 1
day=--as-of=2026-04-15
cs-funnel -q $day -r growth.stages -o csv --columns=stage,stock,reached \
    shops.csv >"$tmp/got"
same 'stages as counted independently' "$tmp/got" "$tmp/want/stages.csv"
cs-segment -q $day -r touch.rules --count -o csv --columns=segment,count \
    scored.csv >"$tmp/got"
same 'segments as counted independently' "$tmp/got" "$tmp/want/segments.csv"
cs-segment -q $day -r touch.rules --count=cells -o csv \
    --columns=usage,condition,count scored.csv >"$tmp/got"
same 'cells (and with them health bands) as counted independently' \
    "$tmp/got" "$tmp/want/cells.csv"
# Reasons without what stands behind the colon.
{
	echo mail,reason,count
	awk -F, 'NR > 1 { sub(/:.*/, "", $5); n[$2 "," $5]++ }
		END { for (k in n) print k "," n[k] }' decisions.csv | sort
} >"$tmp/got"
same 'decisions of each mail as counted independently' \
    "$tmp/got" "$tmp/want/decisions.csv"
count=$(python3 "$root/tests/demo/mbox.py" outbox.mbox 2>"$tmp/err")
is_empty 'the mbox is read back without defects, with all the law wants' \
    "$tmp/err"
ok 'as many mails as decisions to send' test "$count" = \
    "$(awk -F, '$3 == "send"' decisions.csv | wc -l)" -a "$count" -gt 1000

# A shop whose free pages are not known is not told that it has none.
no_guess() {
	cs-ingest -q --columns=id,free_pages,opened_at,status,email shops.csv |
	    awk -F, 'NR == FNR {
		if ($2 == "free-page") why[$1] = $5
		next
	}
	$2 == "" && $5 != "" {
		n++
		if (why[$1] == "send" || why[$1] ~ /^lost_to/) {
			print $1 " gets the mail"
			bad = 1
		}
		if ($3 != "" && $4 == "active" &&
		    why[$1] != "unknown:free_pages") {
			print $1 ": " why[$1]
			bad = 1
		}
		told += why[$1] == "unknown:free_pages"
	}
	END { exit bad || n < 50 || told < 20 }' decisions.csv -
}
ok 'an unknown number of free pages sends no free-page mail' no_guess
cd "$root" || exit 1

# --- the shipped defaults on the same columns ---

std() { # WORDS...: silent but for unknowns, and something comes out
	"$@" >"$tmp/out" 2>"$tmp/err" && [ "$(wc -l <"$tmp/out")" -gt 4 ]
}
ok 'std:health' std cs-score -q $day -r std:health "$one/shops.csv"
cp "$tmp/out" "$tmp/scored.csv"
ok 'std:touch' std cs-segment -q $day -r std:touch --count -o csv \
    "$tmp/scored.csv"
# The dearest of the touch models is full, and not more than that; who found no
# room is looked after by another.
full() {
	awk -F, '$1 == "high" { h = $2 == 40 && $4 == 40 }
		$1 == "low" { l = $2 <= 100 && $4 == 100 }
		END { exit !(h && l) }' "$tmp/out" &&
	    cs-segment -q $day -r std:touch --only= "$tmp/scored.csv" |
	    cs-segment -q -e 'lost=.status == "active"' --count |
	    grep -qx lost,0,0
}
ok 'std:touch: as many as there is room for, nobody is lost' full
ok 'std:matrix' std cs-segment -q $day -r std:matrix --count=cells -o csv \
    "$tmp/scored.csv"
# A copy that sells to everybody: not to those in trouble, all the same.
gated() {
	sed 's/^Action: .*/Action: Offer the larger plan/' \
	    share/rules/matrix.rules >"$tmp/sell.rules"
	cs-segment -q $day -r "$tmp/sell.rules" --gate=strict "$tmp/scored.csv" \
	    >"$tmp/out"
	[ $? = 1 ] && cs-segment -q -e 'sold=.health_band == "bad" and
	    .action != null' -e 'kept=.blocked == "no offers in trouble"' \
	    --count "$tmp/out" | awk -F, '$1 == "sold" { s = $2 == 0 }
		$1 == "kept" { k = $2 > 300 } END { exit !(s && k) }'
}
ok 'std:matrix: the gate holds' gated
map() {
	printf '%s\n' id,goals 'a,常連客を増やしたい;他店舗に流したい' b,他店舗に流したい c,x d, |
	    cs-segment -q -r std:success-map --all --columns=id,segments \
	    >"$tmp/out"
	printf '%s\n' id,segments 'a,常連客を増やしたい;他店舗に流したい' b,他店舗に流したい c, d, |
	    cmp - "$tmp/out"
}
ok 'std:success-map' map
ok 'std:growth' std cs-funnel -q $day -r std:growth -o csv "$one/shops.csv"
ok 'std:mails' std cs-mailgen -q $day -r std:mails -t share/templates \
    --stateless --sender='a <a@example.jp>' \
    --unsub-url=https://example.jp/stop --key-file="$one/unsub.key" \
    "$one/shops.csv"
all_rules() {
	cs-ingest -q $day -r share/demo/health.rules -r share/demo/touch.rules \
	    -r share/demo/mails.rules -r share/demo/growth.stages "$one/shops.csv"
}
ok 'the rule files of the demo can be given together' all_rules

clean() { # RULES...: cs-check has nothing to say but its header
	cs-check -q $day "$@" -o csv "$one/touched.csv" >"$tmp/out" &&
	    [ "$(wc -l <"$tmp/out")" = 1 ] || { cat "$tmp/out"; return 1; }
}
ok 'cs-check: the rules of the demo' clean -r share/demo/health.rules \
    -r share/demo/touch.rules -r share/demo/growth.stages \
    -r share/demo/mails.rules
ok 'cs-check: the shipped rules' clean -r std:health -r std:touch \
    -r std:matrix \
    -r std:growth -r std:mails
finish
