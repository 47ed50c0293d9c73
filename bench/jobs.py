"""The jobs of the bench: what each command runs, and how its answer is read.

Commands are shell text, run in the work directory, where the inputs and
programs stand under the names used here; the first of a job is csops.
"""
import csv
import glob
import json
import os
import re
import shlex
import subprocess

import programs

csv.field_size_limit(1 << 30)


class Job:
    def __init__(self, name, title, read, commands, size="customers.csv"):
        self.name, self.title, self.read = name, title, read
        self.size = size  # the file that MB/s is told of
        self.commands = [(label, text) for label, text in commands if text]


# What a command costs that does nothing: no answer, and no goal can be less.
NOTHING = ("sh alone", ":")

# --- what is installed


def first_line(command):
    done = subprocess.run(command, shell=True, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.stdout.splitlines()[0].strip() if done.stdout else ""


VERSION = {
    "mlr": "mlr --version", "mawk": "mawk -W version", "gawk": "gawk -V",
    "jq": "jq --version", "iconv": "iconv --version", "zcat": "zcat --version",
    "pigz": "pigz --version", "csvcut": "csvcut --version",
    "sqlite3": "sqlite3 --version | cut -d' ' -f1", "zsv": "zsv version",
    "duckdb": "node -p 'require(\"@duckdb/node-api/package.json\").version' "
              "&& node -e 'require(\"@duckdb/node-api\")'",
    "polars": "node -p 'require(\"nodejs-polars/package.json\").version' "
              "&& node -e 'require(\"nodejs-polars\")'",
}


def installed():
    """{peer: version} of those that run, [those that do not]"""
    there, missing = {}, []
    for name, command in VERSION.items():
        runs = subprocess.run(
            command if name in ("duckdb", "polars") else f"command -v {name}",
            shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode == 0
        if runs:
            text = first_line(command)
            there[name] = text if name in text.lower() else f"{name} {text}"
        else:
            missing.append(name)
    for name in ("duckdb", "polars"):
        if name in there:
            there[name] += f" (node {first_line('node --version')})"
    return there, missing


# --- reading answers, so that quoting and order of columns' names do not count


def records(path):
    """The records of a CSV; csops's names as the peers say them, and without
    the coverage, which peers do not compute."""
    with open(path, encoding="utf-8", newline="") as f:
        rows = csv.reader(f)
        head = next(rows, [])
        drop = len(head) - 1 if head[-1:] == ["score_coverage"] else None
        yield ["band" if c == "score_band" else c for c in head][:drop]
        for row in rows:
            yield row[:drop]


def counts(path):
    """name,count of any table that begins with them; zeros left out."""
    with open(path, encoding="utf-8", newline="") as f:
        return sorted(row[:2] for row in csv.reader(f)
                      if row[1:2] and re.fullmatch("[1-9][0-9]*", row[1]))


def months(path):
    """month, then how many reached each stage; csops has a row a stage."""
    with open(path, encoding="utf-8", newline="") as f:
        rows = list(csv.reader(f))
    if "reached" not in rows[0]:
        return sorted(r for r in rows if re.match(r"\d{4}-\d\d$", r[0]))
    reached, table = rows[0].index("reached"), {}
    for row in rows[1:]:
        table.setdefault(row[0], [row[0]]).append(row[reached])
    return sorted(table.values())


def objects(path):
    with open(path, encoding="utf-8") as f:
        for line in f:
            one = json.loads(line)
            one.pop("score_coverage", None)
            yield ["band" if k == "score_band" else k for k in one]
            yield [json.dumps(v, ensure_ascii=False) for v in one.values()]


def content(path):
    """The bytes, whatever the line ends are."""
    with open(path, "rb") as f:
        for line in f:
            yield [line.rstrip(b"\r\n").decode()]


# --- the jobs

SELECT = ["id", "shop_name", "plan", "max_pv", "monthly_sales"]


def duck(name):
    return [(f"duckdb, {n} thread{'s' * (n > 1)}",
             f"node duck.js {name}.duck {n}") for n in (1, 2)]


def polars(name):
    return [("polars, 1 thread",
             f"POLARS_MAX_THREADS=1 node polars.js {name}.polars customers.csv"),
            ("polars, 2 threads",
             f"POLARS_MAX_THREADS=2 node polars.js {name}.polars customers.csv")]


def sqlite(name):
    return [("sqlite3", f"sqlite3 -batch :memory: <{name}.sqlite")]


def awks(program, file="customers.csv"):
    return [(awk, f"{awk} -f {program} {file}") for awk in ("mawk", "gawk")]


def select(name, file):
    return [
        ("cs-ingest", f"cs-ingest -q --columns={','.join(SELECT)} {file}"),
        ("zsv", f"zsv select {file} -- {' '.join(SELECT)}"),
        ("zsv, 2 threads", f"zsv select -j 2 {file} -- {' '.join(SELECT)}"),
        *awks("J1.awk", file),
        ("mlr", f"mlr --csv cut -o -f {','.join(SELECT)} {file}"),
        *duck(name),
        *(polars(name) + sqlite(name) if name == "J1" else []),
        ("csvcut", f"csvcut -c {','.join(SELECT)} {file}"),
    ]


def score(name, file):
    return [
        ("cs-score", f"cs-score -q -r score.rules {file}"),
        ("cs-score -j 2", f"cs-score -q -j 2 -r score.rules {file}"),
        *awks("J2.awk", file),
        ("mlr", f"mlr --csv put -f J2.mlr {file}"),
        *duck(name),
        *(polars(name) + sqlite(name) if name == "J2" else []),
    ]


def all_jobs():
    return [
        Job("J1", "select 5 of 24 columns", records,
            select("J1", "customers.csv")),
        Job("J1Q", "select 5 of 24 columns, every cell quoted", records,
            select("J1Q", "quoteall.csv"), "quoteall.csv"),
        Job("J2", "score of 12 rules and a band, appended", records,
            score("J2", "customers.csv")),
        Job("J2Q", "score and band, every cell quoted", records,
            score("J2Q", "quoteall.csv"), "quoteall.csv"),
        Job("J3", "15 segments, counted", counts, [
            ("cs-segment",
             "cs-segment -q -r segments.rules --count customers.csv"),
            *awks("J3.awk"),
            ("mlr", "mlr --csv put -f J3A.mlr then count-distinct -f segment "
             "customers.csv"),
            *duck("J3"), *polars("J3"), *sqlite("J3")]),
        Job("J3A", "segment appended", records, [
            ("cs-segment", "cs-segment -q -r segments.rules customers.csv"),
            *awks("J3A.awk"),
            ("mlr", "mlr --csv put -f J3A.mlr customers.csv"),
            *duck("J3A"), *polars("J3A")]),
        Job("J4", "score, segment, count in a pipe", counts, [
            ("cs-score|cs-segment", "cs-score -q -r score.rules customers.csv "
             "| cs-segment -q -r segments.rules --count"),
            ("cs-score -j 2|cs-segment -j 2",
             "cs-score -q -j 2 -r score.rules customers.csv "
             "| cs-segment -q -j 2 -r segments.rules --count"),
            ("mawk|mawk|mawk", "mawk -f J2.awk customers.csv | "
             "mawk -f J3A.awk | mawk -f J4.awk"),
            ("mlr|mlr", "mlr --csv put -f J2.mlr customers.csv | "
             "mlr --csv put -f J3A.mlr then count-distinct -f segment"),
            ("mlr, one process", "mlr --csv put -f J2.mlr then put -f J3A.mlr "
             "then count-distinct -f segment customers.csv"),
            *duck("J4")]),
        Job("J5", "stage funnel by month", months, [
            ("cs-funnel", "cs-funnel -q -r growth.stages "
             "--cohort=.opened_at --period=month customers.csv"),
            *awks("J5.awk"), *duck("J5"), *polars("J5"),
            *sqlite("J5")]),
        Job("J7", "JSON lines, score and band appended", objects, [
            ("cs-score", "cs-score -q -r score.rules customers.jsonl"),
            *duck("J7"), ("jq", "jq -c -f J7.jq customers.jsonl"),
            ("mlr", "mlr --ijsonl --ojsonl put -f J7.mlr customers.jsonl")],
            "customers.jsonl"),
        Job("J8", "CP932, gzip, CRLF to UTF-8", content, [
            ("cs-ingest", "cs-ingest -q cp932.csv.gz"),
            ("zcat|iconv",
             "zcat cp932.csv.gz | iconv -f CP932 -t UTF-8"),
            ("pigz|iconv",
             "pigz -dc cp932.csv.gz | iconv -f CP932 -t UTF-8")]),
        Job("J8S", "the same, held against a schema of 24 fields", content, [
            ("cs-ingest -S", "cs-ingest -q -S customers.json cp932.csv.gz"),
            ("cs-ingest -S, zlib",
             "CS_GZIP=zlib cs-ingest -q -S customers.json cp932.csv.gz"),
            ("pigz|iconv",
             "pigz -dc cp932.csv.gz | iconv -f CP932 -t UTF-8")]),
        Job("J9", "the first of 119 mail conditions", records, [
            ("cs-segment", "cs-segment -q -r mails.rules "
             "--columns=id,segment customers.csv"),
            *awks("J9.awk"),
            ("mlr", "mlr --csv put -f J9.mlr then cut -o -f id,segment "
             "customers.csv"),
            *duck("J9")]),
        Job("START", "1,000 rows: what a script waits", records, [
            ("cs-score", "cs-score -q -r score.rules 1000.csv"),
            ("mawk", "mawk -f J2.awk 1000.csv"),
            ("gawk", "gawk -f J2.awk 1000.csv"),
            ("mlr", "mlr --csv put -f J2.mlr 1000.csv"),
            ("duckdb", "node duck.js START.duck 1"),
            NOTHING], "1000.csv"),
    ]


def needs(command):
    """The programs that a command runs, as `installed` names them."""
    out = []
    for part in command.split(" | "):
        words = [w for w in shlex.split(part) if "=" not in w]
        out.append({"duck.js": "duckdb", "polars.js": "polars"}.get(
            words[1] if words[0] == "node" else "", words[0]))
    return out


# --- the work directory


def link(source, target):
    if not os.path.lexists(target):
        os.symlink(os.path.abspath(source), target)


def prepare(bench, work):
    """Rules, and the peers' programs made of them."""
    for path in glob.glob(f"{bench}/rules/*") + glob.glob(f"{bench}/*.js"):
        link(path, f"{work}/{os.path.basename(path)}")
    with open(f"{work}/mails.rules", "w", encoding="utf-8") as f:
        f.write(subprocess.run(["python3", "-B", f"{bench}/mails.py"],
                               check=True, stdout=subprocess.PIPE,
                               encoding="utf-8").stdout)
    for name, text in programs.make(work, SELECT).items():
        with open(f"{work}/{name}", "w", encoding="utf-8") as f:
            f.write(text)


# name: form of the generator; rows are the bench's unless given
DATA = {"customers.csv": "csv", "quoteall.csv": "quoteall",
        "customers.jsonl": "jsonl", "cp932.csv.gz": "cp932", "1000.csv": "csv"}


def make_data(name, rows, work, keep):
    """Makes an input, or takes the one that stands in keep."""
    rows = 1000 if name == "1000.csv" else rows
    path = f"{keep or work}/{rows}.{name}"
    if not os.path.exists(path):
        pipe = " | gzip -6n" if name.endswith(".gz") else ""
        subprocess.run(
            f"set -o pipefail; customers {rows} {DATA[name]}{pipe} "
            f">{shlex.quote(path)}.new && mv {shlex.quote(path)}.new "
            f"{shlex.quote(path)}", shell=True, check=True,
            executable="/bin/bash")
    link(path, f"{work}/{name}")


def inputs(job):
    return [n for n in DATA if any(n in re.split(r"[\s|<]+", c) or
                                   "duck.js" in c and n == job.size
                                   for _, c in job.commands)]
