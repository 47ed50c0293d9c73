#!/usr/bin/env python3
"""CSV files of other projects through cs-ingest, a verdict for each.

Authority: Python's csv module for a file alone (cells and records, those that
have another width than the header must be refused); Miller's and the W3C's own
answers where the suites have them. csv-cases.tsv says what options a file needs
and which do not apply, with reasons; it must be exact: a listed case that would
pass without being listed fails."""
import csv
import glob
import gzip
import io
import json
import os
import re
import shlex
import subprocess
import sys

shared, listed_path, tmp = sys.argv[1:]
csv.field_size_limit(1 << 30)
count = {}
number = 0


def point(suite, verdict, name, why=""):
    global number
    count.setdefault(suite, {"passed": 0, "failed": 0, "not applicable": 0})
    count[suite][verdict] += 1
    if verdict == "failed":
        number += 1
        print(f"not ok {number} - {suite}/{name}")
        for line in why.splitlines():
            print("# " + line)


def read_list():
    listed = {}
    for line in open(listed_path, encoding="utf-8"):
        if line.startswith("#") or not line.strip():
            continue
        name, options, told, why = line.rstrip("\n").split("\t")
        assert name not in listed, name
        listed[name] = (options, dict(
            word.split("=", 1) for word in told.split()), why)
    return listed


def ingest(path, options=()):
    rejects = os.path.join(tmp, "rejects.csv")
    if os.path.exists(rejects):
        os.remove(rejects)
    p = subprocess.run(["cs-ingest", "-o", "csv", "--rejects=" + rejects]
                       + list(options) + [path], capture_output=True,
                       timeout=60)
    refused = 0
    if os.path.exists(rejects):
        with open(rejects, encoding="utf-8", newline="") as f:
            refused = len(list(csv.reader(f))) - 1
    return p, rows(p.stdout.decode("utf-8"), ","), refused


def rows(text, delimiter, quote='"'):
    r = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter,
                   quotechar=quote)
    return [row for row in r if row]


def decoded(path, encoding):
    b = open(path, "rb").read()
    if b[:2] == b"\x1f\x8b":
        b = gzip.decompress(b)
    if encoding:
        return b.decode(encoding)
    return b.decode("utf-16" if b[:2] in (b"\xff\xfe", b"\xfe\xff")
                    else "utf-8-sig")


def fitting(all_rows):
    """The records that fit the header, and how many do not."""
    width = len(all_rows[0])
    good = []
    for r in all_rows[1:]:
        while len(r) > width and r[-1] == "":
            r = r[:-1]
        if len(r) == width:
            good.append(r)
    return all_rows[:1] + good, len(all_rows) - 1 - len(good)


def against_python(path, options, told):
    """What differs from Python's reading; empty: nothing. told: what Python
    cannot find."""
    try:
        text = decoded(path, told.get("encoding"))
    except UnicodeDecodeError as e:
        return f"Python: {e}"
    text = "".join(text.splitlines(True)[int(told.get("skip", 0)):])
    want = rows(text, told.get("delimiter", ","), told.get("quote", '"'))
    want, refused = fitting(want) if want else ([], 0)
    p, got, out = ingest(path, options)
    said = p.stderr.decode("utf-8", "replace")
    if p.returncode != (1 if refused else 0):
        return f"exit {p.returncode}, {refused} to refuse\n{said}"
    if out != refused:
        return f"{out} refused, {refused} to refuse\n{said}"
    if "--rename-duplicates" in options:
        want, got = want[1:], got[1:]
    for w, g in zip(want, got):
        if w != g:
            return f"want {w}\ngot  {g}"
    return "" if len(want) == len(got) else f"{len(got)} of {len(want)} rows"


def judge(suite, name, listed, used, check):
    """One case; check(options, told) says what is wrong."""
    case = f"{suite}/{name}"
    options, told, why = listed.get(case, ("", {}, ""))
    used.add(case)
    if options == "-":
        if check([], {}):
            point(suite, "not applicable", name)
        else:
            point(suite, "failed", name, "listed, but it passes: " + why)
        return
    if options and not check([], told):
        point(suite, "failed", name, "listed, but needs no options: " + why)
        return
    wrong = check(shlex.split(options), told)
    point(suite, "failed" if wrong else "passed", name, wrong)


def files(suite, pattern, listed, used):
    base = os.path.join(shared, "suites", suite)
    for path in sorted(glob.glob(os.path.join(glob.escape(base), pattern),
                                 recursive=True)):
        name = os.path.relpath(path, base)
        judge(suite, name, listed, used,
              lambda o, t, path=path: against_python(path, o, t))


# Miller's words that say no more than the form of the output, and which.
FORMS = {"--icsv": "", "--icsvlite": "", "--jvstack": "", "--csv": "csv",
         "--csvlite": "csv", "-c": "csv", "--ocsv": "csv", "--c2j": "json",
         "--ojson": "json", "--odkvp": "dkvp", "--otsv": "tsv",
         "--opprint": "pprint", "--c2p": "pprint"}
IGNORED = {"--irs": 1, "--ors": 1}  # line ends: both are understood


def miller(listed, used):
    base = os.path.join(shared, "suites", "miller")
    for line in open(os.path.join(base, "cases.jsonl"), encoding="utf-8"):
        case = json.loads(line)
        judge("miller", case["case"], listed, used,
              lambda o, t, case=case: miller_case(base, case, o))


def miller_form(words):
    form, options = "", []
    while words:
        word = words.pop(0)
        if word == "--implicit-csv-header":
            options.append("--no-header")
        elif word in IGNORED:
            words.pop(0)
        elif word in FORMS:
            form = FORMS[word] or form
        else:
            return None, word
    return form, options


def miller_rows(form, text):
    if form == "json":
        records = json.loads(text, parse_float=str, parse_int=str)
        return [list(records[0])] + [list(r.values()) for r in records]
    if form == "dkvp":
        records = [[c.split("=", 1) for c in line.split(",")]
                   for line in text.splitlines()]
        return [[c[0] for c in r] for r in records[:1]] + [
            [c[-1] for c in r] for r in records]
    if form == "pprint":
        return [[c if c != "-" else "" for c in line.split()]
                for line in text.splitlines()]
    return rows(text, "\t" if form == "tsv" else ",")


def eight(cell):
    """The suite was run with --ofmt %.8lf."""
    return f"{float(cell):.8f}" if re.fullmatch(
        r"-?[0-9]+\.[0-9]{9,}", cell) else cell


def miller_case(base, case, extra):
    words = shlex.split(case["cmd"])
    at = words.index("cat") if "cat" in words else 0
    form, options = miller_form(words[1:at])
    if not form:
        return f"not a plain reading: {options}"
    with open(os.path.join(base, case["expected"]), encoding="utf-8",
              newline="") as f:
        want = miller_rows(form, f.read())
    p, got, _ = ingest(os.path.join(base, case["input"]), options + extra)
    if "--no-header" in options and got:
        got[0] = [c[1:] for c in got[0]]
    got = [[eight(c) for c in r] for r in got]
    if p.returncode != 0 or want != got:
        return f"exit {p.returncode}\nwant {want}\ngot  {got}\n" + \
            p.stderr.decode("utf-8", "replace")
    return ""


def csvw_json(listed, used):
    base = os.path.join(shared, "suites", "csvw")
    for line in open(os.path.join(base, "tojson.jsonl"), encoding="utf-8"):
        case = json.loads(line)
        judge("csvw", "tojson/" + case["id"], listed, used,
              lambda o, t, case=case: csvw_case(base, case, o))


def csvw_case(base, case, extra):
    """The cells of tables[].row[].describes[]; empty cells are left out."""
    with open(os.path.join(base, "files", case["json"]),
              encoding="utf-8") as f:
        doc = json.load(f)
    described = [{k: v for k, v in d.items() if not k.startswith("@")}
                 for t in (doc["tables"] if isinstance(doc, dict) else [])
                 for r in t["row"] for d in r["describes"]]
    if isinstance(doc, list):
        described = doc
    p, got, _ = ingest(os.path.join(base, "files", case["csv"]), extra)
    have = [{k: v for k, v in zip(got[0], r) if v != ""} for r in got[1:]]
    if p.returncode != 0 or have != described:
        return f"exit {p.returncode}\nwant {described[:3]}\ngot  {have[:3]}\n"
    return ""


listed, used = read_list(), set()
files("csvkit-examples", "**/*.csv", listed, used)
files("frictionless", "csv/**/*.csv", listed, used)
files("csvw", "files/**/*.csv", listed, used)
csvw_json(listed, used)
miller(listed, used)
for name in sorted(set(listed) - used):
    point(name.split("/")[0], "failed", name, "listed, and there is no such case")
for suite, n in count.items():
    number += 1
    print(f"ok {number} - {suite}: "
          + ", ".join(f"{v} {k}" for k, v in n.items()))
print(f"1..{number}")
sys.exit(any(n["failed"] for n in count.values()))
