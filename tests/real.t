#!/bin/sh
# Real data sets with figures that others published (their READMEs). The files
# are not in this repository: $CSOPS_SHARED/data has them.
set -u
here=$(cd "$(dirname "$0")" && pwd)
data=${CSOPS_SHARED:-../shared}/data
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0
bad=0

point() { # point STATUS TEXT
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		bad=$((bad + 1))
	fi
}

skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $data/$2 is not here"
}

same() { # same TEXT: $tmp/want against $tmp/got
	if cmp -s "$tmp/want" "$tmp/got"; then
		point 0 "$1"
	else
		point 1 "$1"
		diff -u "$tmp/want" "$tmp/got" | head -40 | sed 's/^/# /'
	fi
}

telco() {
	f=$data/telco-churn/WA_Fn-UseC_-Telco-Customer-Churn.csv
	if [ ! -f "$f" ]; then
		skip "telco: ingest, segments, score" telco-churn
		return
	fi
	cs-ingest "$f" >"$tmp/telco.csv" 2>"$tmp/err"
	point $? "telco: ingest ends with 0"
	test ! -s "$tmp/err"
	point $? "telco: ingest is silent"
	tr -d '\r' <"$f" | cmp -s - "$tmp/telco.csv"
	point $? "telco: only the line ends changed"
	test "$(awk -F, '$20 == " "' "$tmp/telco.csv" | wc -l)" -eq 11
	point $? "telco: the 11 blank TotalCharges are still one blank"

	churn Contract "Month-to-month:1655:3875 One_year:166:1473 Two_year:48:1695"
	churn InternetService "DSL:459:2421 Fiber_optic:1297:3096 No:113:1526"
	churn PaymentMethod "Electronic_check:1071:2365 Mailed_check:308:1612 \
Bank_transfer_(automatic):258:1544 Credit_card_(automatic):232:1522"

	cs-score --id=customerID -r "$here/real/telco.health.rules" \
	    "$tmp/telco.csv" >"$tmp/scored.csv" 2>"$tmp/err"
	point $? "telco: score ends with 0"
	cat "$tmp/err" | sed 's/^/# /'
	cs-segment -e 'good=.health_band == "good"' \
	    -e 'normal=.health_band == "normal"' -e 'bad=.health_band == "bad"' \
	    --count --by=Churn -o csv "$tmp/scored.csv" >"$tmp/bands"
	awk -F, 'NR > 1 { n[$2] += $3; if ($1 == "Yes") y[$2] = $3 }
		END { g = y["good"] / n["good"]; m = y["normal"] / n["normal"]
		b = y["bad"] / n["bad"]
		printf "# churn good %.4f normal %.4f bad %.4f\n", g, m, b
		exit !(n["good"] + n["normal"] + n["bad"] == 7043 &&
		    g < m && m < b && b > 3 * g) }' "$tmp/bands"
	point $? "telco: the bands of the health score order churn"
}

# The sample score of cs-score(1) on Telco. R 4.2 with pROC 1.18 says, of
# cs-score -r tests/real/telco.risk.rules --columns=risk,Churn,risk_band:
#	d <- read.csv("scored.csv"); y <- d$Churn == "Yes"
#	ci(roc(d$Churn, d$risk, levels = c("No", "Yes"), direction = "<"))
#	mean((d$risk / 100 - y)^2)
#	k <- d$risk_band == "high"; mean(y[k])
#	prop.test(sum(y[k]), sum(k), correct = FALSE)$conf.int
#	o <- order(-d$risk); s <- d$risk[o]
#	tapply(y[o], floor((match(s, s) - 1) * 10 / length(s)) + 1, mean)
backtest() {
	if [ ! -f "$tmp/telco.csv" ]; then
		skip "telco: back-test" telco-churn
		return
	fi
	rules=$here/real/telco.risk.rules
	cat >"$tmp/want" <<'X'
overall,auc,0.838882,0.82884,0.848924,7043
overall,brier,0.194067,,,7043
overall,records,7043,,,7043
overall,unknown,0,,,7043
overall,rate,0.26537,0.255188,0.275807,7043
decile,1,0.744711,0.711357,0.775428,709
decile,2,0.574859,0.538136,0.610773,708
decile,3,0.459227,0.422608,0.496293,699
decile,4,0.304965,0.272113,0.33993,705
decile,5,0.211348,0.182816,0.243007,705
decile,6,0.15812,0.133,0.186961,702
decile,7,0.09887,0.079001,0.123069,708
decile,8,0.055794,0.04108,0.075363,699
decile,9,0.026352,0.016934,0.040791,721
decile,10,0.014556,0.007925,0.026585,687
band,high,0.599412,0.577991,0.62046,2042
band,middle,0.237975,0.219714,0.257253,1975
band,low,0.057832,0.050062,0.066723,3026
band,,,,,0
X
	cs-score backtest -r "$rules" --outcome='.Churn == "Yes"' \
	    "$tmp/telco.csv" >"$tmp/all" 2>"$tmp/err"
	point $? "telco: back-test ends with 0: no leak"
	test ! -s "$tmp/err"
	point $? "telco: back-test is silent"
	grep -e ^overall -e ^decile -e '^band,' "$tmp/all" >"$tmp/got"
	same "telco: AUC, Brier, deciles, bands are R's"
	rounded=$(awk -F, '$2 == "auc" { printf "%.2f", $3 }' "$tmp/got")
	grep -q "AUC of $rounded" "$here/../man/cs-score.1"
	point $? "telco: cs-score(1) states this AUC, $rounded"

	for seed in 1 2 3; do
		shuffled $seed "$tmp/telco.csv" >"$tmp/shuffled.csv"
		cs-score backtest -r "$rules" --outcome='.Churn == "Yes"' \
		    "$tmp/shuffled.csv" >"$tmp/got"
		awk -F, '$2 == "auc" { print "# auc", $3, $4, $5
			exit !($4 < 0.5 && $5 > 0.5 && $5 - $4 < 0.05) }' \
		    "$tmp/got"
		point $? "telco: outcomes shuffled with $seed give 0.5"
	done

	# Planted: when they left, and what they were asked then.
	awk -F, 'NR == 1 { print $0 ",left_on,asked"; next }
		{ print $0 "," ($21 == "Yes" ? "2030-01-01" : "") "," \
		    ($21 == "Yes" ? NR % 5 : "") }' "$tmp/telco.csv" \
	    >"$tmp/planted.csv"
	{
		cat "$rules"
		printf '\nRule: left\nWeight: 1\n'
		printf 'When: days_since(.left_on) >= 0\n'
		printf '\nRule: asked\nWeight: 1\nWhen: .asked == 3\n'
	} >"$tmp/planted.rules"
	cs-score backtest -q -r "$tmp/planted.rules" --as-of=2026-01-01 \
	    --outcome='.Churn == "Yes"' "$tmp/planted.csv" >"$tmp/all"
	test $? -eq 1
	point $? "telco: planted columns of the future end with 1"
	printf '%s\n' leak_date,left_on,1869,,,7043 leak,left_on,1,,,7043 \
	    leak,asked,1,,,7043 >"$tmp/want"
	grep ^leak "$tmp/all" >"$tmp/got"
	same "telco: they are named"
}

# The outcomes (the last cell) dealt anew, by a seed.
shuffled() { # SEED FILE
	awk -F, -v seed="$1" '
	function below(n) {
		seed = seed * 16807 % 2147483647
		return seed % n + 1
	}
	NR == 1 { print; next }
	{ n++; cell[n] = $NF; sub(/,[^,]*$/, ""); row[n] = $0 }
	END {
		for (i = n; i > 1; i--) {
			j = below(i)
			t = cell[i]; cell[i] = cell[j]; cell[j] = t
		}
		for (i = 1; i <= n; i++)
			print row[i] "," cell[i]
	}' "$2"
}

# churn COLUMN "VALUE:CHURNED:ALL ...": _ stands for a blank
churn() {
	set -f
	col=$1
	set -- $2
	set +f
	: >"$tmp/want"
	: >"$tmp/rules"
	for v in "$@"; do
		name=$(echo "${v%%:*}" | tr _ ' ')
		printf 'Segment: %s\nWhen: .%s == "%s"\n\n' "$name" "$col" \
		    "$name" >>"$tmp/rules"
		echo "$name,$(echo "$v" | cut -d: -f3)" >>"$tmp/want"
	done
	cs-segment -r "$tmp/rules" --count -o csv "$tmp/telco.csv" |
	    awk -F, 'NR > 1 && $1 != "" { print $1 "," $2 }' >"$tmp/got"
	same "telco: customers by $col"
	for v in "$@"; do
		echo "$(echo "${v%%:*}" | tr _ ' '),$(echo "$v" | cut -d: -f2)"
	done >"$tmp/want"
	cs-segment -r "$tmp/rules" --count --by=Churn -o csv "$tmp/telco.csv" |
	    awk -F, '$1 == "Yes" && $2 != "" { print $2 "," $3 }' >"$tmp/got"
	same "telco: churned by $col"
}

# The best of a segment, and what two share, against sort and awk.
telco_limits() {
	f=$data/telco-churn/WA_Fn-UseC_-Telco-Customer-Churn.csv
	if [ ! -f "$f" ]; then
		skip "telco: limits and overlap" telco-churn
		return
	fi
	cat >"$tmp/rules" <<'EOF'
Segment: dear
When: .Churn == "No"
Limit: 100
Order: .MonthlyCharges desc, .tenure

Segment: fiber
When: .InternetService == "Fiber optic"

Segment: monthly
When: .Contract == "Month-to-month"
EOF
	tr -d '\r' <"$f" | awk -F, '$21 == "No"' |
	    LC_ALL=C sort -t, -k19,19nr -k6,6n -k1,1 | head -n 100 |
	    LC_ALL=C sort >"$tmp/want"
	cs-segment --id=customerID -r "$tmp/rules" --memory=0 --only=dear "$f" |
	    tr -d '\r' | sed -e 1d -e 's/,dear$//' | LC_ALL=C sort >"$tmp/got"
	same "telco: the 100 who pay most and stay"
	tr -d '\r' <"$f" | awk -F, 'NR > 1 { f = $9 == "Fiber optic"
		m = $16 == "Month-to-month"; nf += f; nm += m; b += f && m }
		END { print "fiber,monthly," nf "," nm "," b }' >"$tmp/want"
	cs-segment --id=customerID -r "$tmp/rules" --overlap -o csv \
	    --columns=a,b,a_count,b_count,both "$f" | tail -n 1 >"$tmp/got"
	same "telco: fiber and monthly customers overlap"
}

# The same file under the dates its README gives figures for.
ravenstack() {
	f=$data/ravenstack-saas/ravenstack_subscriptions_iso.csv
	if [ ! -f "$f" ]; then
		skip "ravenstack: active at a date, moves" ravenstack-saas
		return
	fi
	cat >"$tmp/rules" <<'EOF'
Segment: active
When: .start_date <= $today and (.end_date == null or .end_date > $today)

Segment: ended
When: .end_date != null and .end_date <= $today
EOF
	for v in 2023-12-31:648 2024-06-30:1742 2024-12-31:4514; do
		test "$(cs-segment --as-of="${v%:*}" -r "$tmp/rules" --count \
		    -o csv "$f" | grep '^active,' | cut -d, -f2)" = "${v#*:}"
		point $? "ravenstack: ${v#*:} active subscriptions on ${v%:*}"
	done
	cs-segment --id=subscription_id -r "$tmp/rules" --moves --old="$f" \
	    --old-as-of=2023-12-31 --as-of=2024-06-30 -o csv \
	    --columns=from,to,cause,count "$f" >"$tmp/got"
	awk -F, -v a=2023-12-31 -v b=2024-06-30 '
	function at(day) {
		return $3 <= day && ($4 == "" || $4 > day) ? "active" :
		    $4 != "" && $4 <= day ? "ended" : ""
	}
	NR > 1 { x = at(a); y = at(b); n[x "," y "," (x == y ? "stay" : "data")]++ }
	END { print "from,to,cause,count"
		split("active,active,stay active,ended,data ended,ended,stay " \
		    ",active,data ,ended,data ,,stay", k, " ")
		for (i = 1; i <= 6; i++) if (k[i] in n) print k[i] "," n[k[i]] }' \
	    "$f" >"$tmp/want"
	same "ravenstack: moves in half a year"
}

olist() {
	d=$data/olist-marketing-funnel
	if [ ! -d "$d" ]; then
		skip "olist: funnel by origin" olist-marketing-funnel
		return
	fi
	cs-ingest "$d/olist_marketing_qualified_leads_dataset.csv" \
	    >"$tmp/leads.csv"
	point $? "olist: leads (BOM, semicolons) ingest"
	cs-ingest --columns=mql_id \
	    "$d/olist_marketing_closed_deals_dataset.csv" | tail -n +2 \
	    >"$tmp/won"
	test "$(wc -l <"$tmp/leads.csv")" -eq 8001 &&
	    test "$(wc -l <"$tmp/won")" -eq 842
	point $? "olist: 8,000 leads, 842 deals"
	cs-funnel -r "$here/real/olist.stages" --list=won="$tmp/won" -o csv \
	    --columns=stage,stock,reached,rate_prev "$tmp/leads.csv" \
	    >"$tmp/got"
	printf 'stage,stock,reached,rate_prev\nlead,7158,8000,\nclosed,842,842,0.10525\n' \
	    >"$tmp/want"
	same "olist: lead -> closed 842 of 8,000 = 10.525 %"
	cs-funnel -r "$here/real/olist.stages" --list=won="$tmp/won" -o csv \
	    --by=origin --columns=origin,stage,reached "$tmp/leads.csv" |
	    awk -F, '$2 == "lead" { l = $3 } $2 == "closed" { print $1 "," l "," $3 }' \
	    >"$tmp/got"
	LC_ALL=C sort -t, -k1,1 >"$tmp/want" <<'EOF'
Organic Search,2296,271
Paid Search,1586,195
Social,1350,75
Unknown,1099,179
Direct Traffic,559,70
Email,493,15
Referral,284,24
Other,150,4
Display,118,6
Other Publicities,65,3
EOF
	same "olist: every row of the table by origin, in order of bytes"
}

jigyosyo() {
	f=$data/japanpost-jigyosyo/JIGYOSYO.CSV.gz
	if [ ! -f "$f" ]; then
		skip "jigyosyo: CP932 round trip" japanpost-jigyosyo
		return
	fi
	cs-ingest --no-header -v "$f" >"$tmp/j.csv" 2>"$tmp/err"
	point $? "jigyosyo: ingest ends with 0"
	grep -q CP932 "$tmp/err"
	point $? "jigyosyo: found to be CP932"
	test "$(($(wc -l <"$tmp/j.csv") - 1))" -eq 21845
	point $? "jigyosyo: 21,845 records"
	zcat "$f" >"$tmp/j.raw"
	tail -n +2 "$tmp/j.csv" | sed 's/$/\r/' | iconv -f UTF-8 -t CP932 |
	    cmp - "$tmp/j.raw"
	point $? "jigyosyo: the bytes come back through CP932"
	cs-segment -e 'tokyo=.c4 == "東京都"' -e 'aichi=.c4 == "愛知県"' \
	    -e 'hokkaido=.c4 == "北海道"' --count -o csv "$tmp/j.csv" |
	    cut -d, -f1,2 >"$tmp/got"
	printf 'segment,count\ntokyo,4566\naichi,1537\nhokkaido,1241\n,14501\n' \
	    >"$tmp/want"
	same "jigyosyo: prefectures as its README counts them"
}

# All 50 files: none crashes or hangs; those whose data records are not those of
# the clean version are listed in real/pollock.tsv, with options or a reason.
pollock() {
	d=$data/pollock-survey
	if [ ! -d "$d" ]; then
		skip "pollock: 50 messy files" pollock-survey
		return
	fi
	: >"$tmp/broken"
	mkdir "$tmp/plain" "$tmp/helped"
	for f in "$d"/csv/*; do
		name=$(basename "$f")
		timeout 20 cs-ingest "$f" >"$tmp/plain/$name" 2>/dev/null
		code=$?
		[ $code -le 3 ] || echo "$name $code" >>"$tmp/broken"
	done
	grep -v '^#' "$here/real/pollock.tsv" >"$tmp/listed"
	while IFS='	' read -r name options why; do
		[ "$options" != - ] || continue
		# shellcheck disable=SC2086
		cs-ingest $options "$d/csv/$name" >"$tmp/helped/$name" \
		    2>/dev/null
	done <"$tmp/listed"
	python3 "$here/real/csv_equal.py" "$d/clean" "$tmp/plain" >"$tmp/equal"
	python3 "$here/real/csv_equal.py" "$d/clean" "$tmp/helped" >"$tmp/got"
	test ! -s "$tmp/broken"
	point $? "pollock: 50 files, none crashes, none hangs"
	sed 's/^/# broke: /' "$tmp/broken"
	echo "# pollock: $(wc -l <"$tmp/equal") files have the data of their \
clean version without options, $(wc -l <"$tmp/got") more with"
	awk -F'\t' '$2 != "-" { print $1 }' "$tmp/listed" >"$tmp/want"
	same "pollock: those that options bring in"
	(cut -f1 "$tmp/listed" && cat "$tmp/equal") | LC_ALL=C sort >"$tmp/got"
	find "$d/csv" -type f -exec basename {} \; | LC_ALL=C sort >"$tmp/want"
	same "pollock: every other file is equal without options"
	awk -F'\t' '$2 == "-" { print "# not: " $1 ": " $3 }' "$tmp/listed"
}

# sums RFM: customers, orders and money of the table
sums() {
	awk -F, 'NR > 1 { n++; f += $3; m += int($4 * 100 + ($4 < 0 ? -.5 : .5)) }
		END { printf "%d customers, %d orders, %.2f\n", n, f, m / 100 }' \
	    "$1" >"$tmp/got"
}

cdnow() {
	f=$data/cdnow/CDNOW_master.txt
	if [ ! -f "$f" ]; then
		skip "cdnow: recency, frequency, money" cdnow
		return
	fi
	printf 'Column: day\nType: date\nFormat: %%Y%%m%%d\n' >"$tmp/day.rules"
	awk 'NR == 1 { print "customer,day,paid"; next }
		{ sub(/\r$/, ""); print $1 "," $2 "," $4 }' "$f" >"$tmp/cdnow.csv"
	cs-score rfm -r "$tmp/day.rules" --id=customer --date=day \
	    --amount=paid --as-of=1998-06-30 "$tmp/cdnow.csv" \
	    >"$tmp/rfm.csv" 2>"$tmp/err"
	point $? "cdnow: rfm ends with 0"
	sums "$tmp/rfm.csv"
	echo "23570 customers, 69659 orders, 2500315.63" >"$tmp/want"
	same "cdnow: customers, transactions and dollars as its README counts"
	# Counted by awk alone.
	awk -F, 'NR > 1 && $3 == 1 { n++ } END { print n }' "$tmp/rfm.csv" \
	    >"$tmp/got"
	awk -F, 'NR > 1 { c[$1]++ } END { for (i in c) n += c[i] == 1; print n }' \
	    "$tmp/cdnow.csv" >"$tmp/want"
	same "cdnow: those who came once"
	cs-segment -r std:rfm --count -o csv "$tmp/rfm.csv" |
	    cut -d, -f1,2 >"$tmp/got"
	cat >"$tmp/want" <<'E'
segment,count
champions,6314
loyal,1143
new_customers,0
big_spenders,1597
promising,5069
cannot_lose,90
at_risk,3368
sleeping,2893
lost,3096
,0
E
	same "cdnow: std:rfm"
	cs-segment -r std:lifecycle --count -o csv "$tmp/rfm.csv" |
	    cut -d, -f1,2 >"$tmp/got"
	# All came for the first time in the first three months. The windows
	# of 30 days by awk.
	awk -F, 'NR > 1 { all[$1]
		if ($2 > 19980531) now[$1]
		else if ($2 > 19980501) was[$1] }
		END { for (i in all) {
			a += (i in now) && (i in was)
			b += (i in now) && !(i in was)
			c += !(i in now) && (i in was)
			d += !(i in now) && !(i in was)
		}
		print "segment,count\nnew,0\nreturning," a "\nresurrecting," b
		print "dormant," c "\ngone," d "\n,0" }' "$tmp/cdnow.csv" \
	    >"$tmp/want"
	same "cdnow: std:lifecycle"
}

retail() {
	f=$data/online-retail-4months/by-day.tar.gz
	if [ ! -f "$f" ]; then
		skip "online-retail: rfm" online-retail-4months
		return
	fi
	tar xzf "$f" -C "$tmp"
	cs-ingest "$tmp"/by-day/*.csv >"$tmp/retail.csv"
	o='--id=CustomerID --date=InvoiceDate --amount=Quantity*UnitPrice
	    --order=InvoiceNo --as-of=2011-03-31'
	# shellcheck disable=SC2086
	cs-score rfm $o --refunds=ignore "$tmp/retail.csv" >"$tmp/rfm.csv" \
	    2>"$tmp/err"
	point $? "online-retail: rfm ends with 0"
	grep -q '45136 rows left out: CustomerID is empty' "$tmp/err"
	point $? "online-retail: rows without a customer as its README counts"
	sums "$tmp/rfm.csv"
	# One of the invoices has a price of 0, which the README leaves out.
	echo "2134 customers, 4706 orders, 2184797.04" >"$tmp/want"
	same "online-retail: customers, invoices and sum as its README counts"
	# shellcheck disable=SC2086
	cs-score rfm -q $o "$tmp/retail.csv" >"$tmp/rfm.csv"
	sums "$tmp/rfm.csv"
	echo "2189 customers, 4706 orders, 2046189.16" >"$tmp/want"
	same "online-retail: with what was cancelled"
}

telco
telco_limits
ravenstack
backtest
olist
jigyosyo
pollock
cdnow
retail
echo "1..$n"
exit $((bad > 0))
