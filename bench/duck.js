// Runs the SQL of a file in DuckDB: node duck.js FILE THREADS
const { DuckDBInstance } = require("@duckdb/node-api");
const [file, threads] = process.argv.slice(2);

async function main() {
	const db = await DuckDBInstance.create(":memory:", { threads });
	const connection = await db.connect();
	await connection.run(require("fs").readFileSync(file, "utf8"));
}

main().catch((e) => {
	console.error(e.message);
	process.exit(1);
});
