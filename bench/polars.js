// Runs the SQL of a file in Polars over a CSV: node polars.js SQL CSV
const pl = require("nodejs-polars");
const fs = require("fs");
const [sql, csv] = process.argv.slice(2);
const numbers = ["product_count", "max_pv", "monthly_sales", "nps",
	"login_count_30d", "sns_count", "mrr", "tenure_months"];
const truths = ["has_logo", "has_free_page", "seo_set", "mail_opt_out"];

const fd = fs.openSync(csv, "r");
const head = Buffer.alloc(4096);
const names = head.toString("utf8", 0, fs.readSync(fd, head)).split("\n")[0];
const schema = {};
for (const name of names.split(","))
	schema[name] = numbers.includes(name) ? pl.Int64
		: truths.includes(name) ? pl.Bool : pl.Utf8;

const data = pl.scanCSV(csv, { schema });
const query = pl.SQLContext({ data }).execute(fs.readFileSync(sql, "utf8"),
	{ eager: false });
const out = Buffer.from(query.collectSync().writeCSV());
for (let at = 0; at < out.length;)
	at += fs.writeSync(1, out, at);
