# Customers of whom some left: n records for the golden cases of cs-score fit.
function chance() {
	s = s * 16807 % 2147483647
	return s / 2147483647
}
# The outcome leans on a and b, less than on chance; every seventh
# a is empty.
BEGIN {
	print "id,at,a,b,n,left"
	s = 7
	for (i = 1; i <= n; i++) {
		a = chance() < .4
		b = chance() < .5
		v = int(21 * chance())
		u = chance()
		p = .15 + .3 * a - .1 * b + .02 * v
		printf "r%03d,2026-%02d-%02d,%s,%s,%d,%s\n", i,
		    1 + int(i / 28) % 12, 1 + i % 28, i % 7 ? (a ? "true" :
		    "false") : "", b ? "true" : "false", v,
		    i % 40 ? (u < p ? "yes" : "no") : ""
	}
}
