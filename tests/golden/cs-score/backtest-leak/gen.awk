# 40 customers; left_at and reason are known only after they left.
BEGIN {
	print "id,logins,renews_at,left_at,reason,fee,gone"
	for (i = 1; i <= 40; i++) {
		gone = i % 4 == 0
		printf "c%d,%d,2026-%02d-15,%s,%s,%d,%s\n", i, i * 7 % 11,
		    i % 12 + 1, gone ? "2026-05-" 10 + i % 9 : "",
		    gone ? (i % 8 ? "price" : "moved") : (i % 3 ? "none" : ""),
		    gone ? 1000 + i : i, gone ? "true" : "false"
	}
}
