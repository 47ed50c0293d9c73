#!/bin/sh
# The shipped maps on the demo's data, against a second mapping in Python: every
# cell of every record.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

command -v python3 >/dev/null || skip_all 'no python3'
tools=$BUILD/tool
[ -x "$tools/gen" ] || tools=$root/build/release/tool
[ -x "$tools/gen" ] || { echo "Bail out! no $BUILD/tool/gen"; exit 1; }
CSOPS_DATADIR=$root/share
export CSOPS_DATADIR
cd "$tmp" || exit 1

"$tools/gen" shops >shops.u8
iconv -f UTF-8 -t CP932 shops.u8 >shops.csv
demo() {
	cs-ingest -q -m "$root/share/demo/map.rules" --drop-rest shops.csv |
	    cs-score -q --as-of=2026-04-15 -r "$root/share/demo/health.rules" |
	    cs-segment -q --as-of=2026-04-15 -r "$root/share/demo/touch.rules" \
	    >touched.csv
	test "$(wc -l <touched.csv)" -gt 3000
}
ok 'the records of the demo' demo

map() { # MAP INPUT OPTION...
	map=$1
	in=$2
	shift 2
	cs-ingest -q -m "std:$map" --drop-rest --rejects=rejects "$@" "$in" >got
	code=$?
	python3 "$root/tests/maps.py" "$map" "$in" got rejects $code
}
ok 'std:shop-export' map shop-export shops.csv
ok 'std:to-mail-tool' map to-mail-tool touched.csv
ok 'std:to-crm' map to-crm touched.csv
ok 'std:to-sheet' map to-sheet touched.csv
ok 'std:to-sheet -o excel' map to-sheet touched.csv -o excel

# Every map that is shipped is tried here.
tried() {
	for f in "$root"/share/maps/*.rules; do
		grep -q " map $(basename "$f" .rules) " "$root/tests/maps.t" ||
		    echo "$f"
	done
}
tried >untried
is_empty 'every shipped map is tried' untried

# As other systems name it, with most columns missing.
printf '会員番号,氏名,E-mail,登録日,商品数,退会\n007,東,a@example.jp,2020年4月1日,"1,200",\n' |
    iconv -f UTF-8 -t CP932 >other.csv
cs-ingest -v --as-of=2026-04-15 -m std:shop-export --drop-rest -o jsonl \
    --columns=id,shop,name,email,opened_at,product_count,plan other.csv \
    >got 2>&1
cat >want <<'X'
{"id":"007","shop":null,"name":"東","email":"a@example.jp","opened_at":"2020-04-01","product_count":1200,"plan":null}
cs-ingest: other.csv: read as CP932 (all 82 bytes read decode as CP932, not as UTF-8)
cs-ingest: other.csv: csv, delimiter ",", 1 record
cs-ingest: 1 column not in the map, left out: 退会
X
same 'std:shop-export: other names, missing columns' got want
printf 'id,email\n1,a@example.jp\n' >few.csv
cs-ingest -m std:to-mail-tool --drop-rest few.csv >got 2>&1
printf '%s\n' EMAIL,NAME,EXT_ID,SHOP,PLAN,SEGMENT,PRODUCTS,OPENED,LAST_LOGIN \
    a@example.jp,,1,,,,,, >want
same 'std:to-mail-tool: of two columns' got want
printf 'id,e_mail\n1,a@example.jp\n' >few.csv
cs-ingest -m std:to-mail-tool --drop-rest few.csv >got 2>&1
echo 'cs-ingest: std:to-mail-tool:9:7: error: the input has no column "email" (did you mean "e_mail"? or give a Default:)' >want
same 'std:to-mail-tool: no address' got want
finish
