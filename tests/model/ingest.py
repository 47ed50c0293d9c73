"""A model of cs-ingest: what Python's csv module writes comes back equal, in
every encoding, as CSV and as JSON lines; maps."""

import csv
import gzip
import io
import json
import sys

import common
from common import DATE, NUMBER, Maker, Mismatch, World, civil, same, typed

KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
KATAKANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンー"
KANJI = "日本東京都会社店舗商品契約開始解約顧客株式有限田中山川鈴木佐藤高橋表予能十構欺申貼暴能ソ噂浬欺圭構蚕十申曾箪貼能表暴予禄兔喀媾彌拿杤歃濬畚秉綵臀藹觸軆鐔饅鷭偆"
MARKS = "、。「」（）・！？％＆１２３ＡＢＣａｂｃ"
HALF = "ｱｲｳｴｵｶﾞﾊﾟﾝ"
NASTY = ['"', ",", ";", "\t", "|", "\n", "\r\n", "\r", " ", "'", "\\", "a", "b",
         "0", "1.50", "é", "日", "😀", "\u00a0", "#", "=", "{", "[", '""', "\x7f",
         "e\u0301", "\u200b", "true", "null", "-"]


def nasty(rng):
    pick = rng.randrange(8)
    if pick == 0:
        return ""
    if pick == 1:
        return rng.choice(common.ODD)
    if pick == 2:
        return str(rng.randrange(-1000, 1000))
    return "".join(rng.choice(NASTY) for _ in range(rng.randrange(1, 7)))


def write(rows, delimiter, quoting, end):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting,
               lineterminator=end).writerows(rows)
    return out.getvalue()


def read(data):
    text = data.decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    return [r or [""] for r in rows]


def tell(got, want, extra=""):
    for i, (g, w) in enumerate(zip(got, want)):
        if g != w:
            raise Mismatch(f"row {i}\n  got  {g!r}\n  want {w!r}\n{extra}")
    same("count of rows", len(got), len(want))


class Written(str):
    """A JSON number as it stands."""


def json_rows(data):
    out = []
    for line in data.decode().splitlines():
        out.append(json.loads(line, parse_int=Written, parse_float=Written,
                              object_pairs_hook=list))
    return out


def as_json(head, rows):
    """Pairs of name and value; a number's text is copied."""
    out = []
    for row in rows:
        out.append([(h, Written(c) if common.is_num(typed(c)) else typed(c))
                    for h, c in zip(head, row)])
    return out


def kinds(rows):
    """Written and text are not to be equal."""
    return [[(k, type(v).__name__, v) for k, v in row] for row in rows]


def texts_round(rng, bench):
    n = rng.randrange(1, 6)
    head = rng.sample(["id", "name", "最大PV", "a b", "x;y", "q\"q", "é", "n"],
                      n)
    rows = [[nasty(rng) for _ in head] for _ in range(rng.randrange(0, 40))]
    delimiter = rng.choice([",", ";", "\t", "|"])
    end = rng.choice(["\n", "\r\n"])
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL,
                          csv.QUOTE_NONNUMERIC])
    if end == "\n" and any("\r" in c for r in rows for c in r):
        quoting = csv.QUOTE_ALL  # the module does not quote a lone CR
    text = write([head] + rows, delimiter, quoting, end)
    if rng.random() < 0.2 and rows and rows[-1][-1] != "":
        text = text[:-len(end)]  # no line end at the end
    data = text.encode()
    if rng.random() < 0.3:
        data = b"\xef\xbb\xbf" + data
    if rng.random() < 0.3:
        data = gzip.compress(data)
    bench.file("in.csv", data)
    args = ["cs-ingest", "-d", "tab" if delimiter == "\t" else delimiter]
    out = bench.run(args + ["-o", "csv", "in.csv"])
    tell(read(out), [head] + rows, text)
    if b"\r\n" in out and not any("\r" in c for r in rows for c in r):
        raise Mismatch("CR at the end of a record")
    same("again, through itself", bench.run(
        ["cs-ingest", "-d,", "-o", "csv", "-"], stdin=out), out)
    as_lines = bench.run(args + ["-o", "jsonl", "in.csv"])
    tell(kinds(json_rows(as_lines)), kinds(as_json(head, rows)), text)
    if rows:
        tell(read(bench.run(["cs-ingest", "-i", "jsonl", "-o", "csv", "-"],
                            stdin=as_lines)), [head] + rows, text)
    as_tabs = bench.run(args + ["-o", "tsv", "in.csv"]).decode()
    tell([r or [""] for r in csv.reader(io.StringIO(as_tabs, newline=""),
                                        delimiter="\t")], [head] + rows, text)
    # any command that changes nothing copies the cells
    bench.file("copy.csv", out)
    got = read(bench.run(["cs-segment", "-d,", "-e", "x=false", "--columns",
                          csv_list(head), "copy.csv"])) \
        if not any(set(h) & set(',"') for h in head) else [head] + rows
    tell(got, [head] + rows, text)


def csv_list(names):
    return ",".join(names)


def found_round(rng, bench):
    """The delimiter is found."""
    delimiter = rng.choice([",", ";", "\t", "|"])
    words = ["gold", "日本", "a b", "10", "-1.5", "2026-03-01", "x-1", "",
             "quo\"te", "it's", "line\nbreak", "10:30", "a" + delimiter + "b"]
    head = ["id", "name", "value", "note"][:rng.randrange(2, 5)]
    rows = [[rng.choice(words) for _ in head]
            for _ in range(rng.randrange(1, 30))]
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    end = rng.choice(["\n", "\r\n"])
    text = write([head] + rows, delimiter, quoting, end)
    bench.file("in.csv", text)
    tell(read(bench.run(["cs-ingest", "-o", "csv", "in.csv"])),
         [head] + rows, text)


def japanese(rng, encoding):
    pool = rng.choice([KANA, KANJI, KANA + KANJI, KATAKANA + KANJI,
                       KANA + KATAKANA + KANJI + MARKS])
    if encoding == "cp932" and rng.random() < 0.2:
        pool = pool + HALF
    text = "".join(rng.choice(pool) for _ in range(rng.randrange(2, 14)))
    if rng.random() < 0.3:
        text += rng.choice([" No.1", "(ABC)", ",カンマ", '"引用"', "\n改行", "12"])
    while True:
        try:
            text.encode(encoding)
            return text
        except UnicodeEncodeError as e:
            text = text[:e.start] + text[e.end:]


def encodings_round(rng, bench):
    names = [("cp932", "cp932"), ("euc_jp", "eucjp"),
             ("iso2022_jp", "ISO-2022-JP"), ("utf_16_le", "UTF-16LE"),
             ("utf_16_be", "UTF-16BE"), ("utf_8", "UTF-8")]
    for codec, name in names:
        head = ["id", "店名", "備考", "n"]
        rows = [[f"s{i}", japanese(rng, codec), japanese(rng, codec),
                 str(rng.randrange(0, 1000))]
                for i in range(rng.randrange(12, 60))]
        end = rng.choice(["\n", "\r\n"])
        text = write([head] + rows, rng.choice([",", "\t"]),
                     csv.QUOTE_MINIMAL, end)
        data = text.encode(codec)
        bom = {"utf_16_le": b"\xff\xfe", "utf_16_be": b"\xfe\xff"}
        bench.file("in.csv", bom.get(codec, b"") + data)
        if codec in bom and rng.random() < 0.5:
            bench.file("in.csv", gzip.compress(bom[codec] + data))
        same_rows(bench, ["in.csv"], [head] + rows, f"{codec} found")
        bench.file("raw.csv", data)
        same_rows(bench, [f"--encoding={name}", "raw.csv"], [head] + rows,
                  f"{codec} named")


def same_rows(bench, args, want, what):
    try:
        tell(read(bench.run(["cs-ingest", "-o", "csv"] + args)), want)
    except Mismatch as e:
        raise Mismatch(f"{what}: {e}") from None


def fits(kind, cell, zone):
    if cell == "" or kind in (None, "text"):
        return True
    if kind == "number":
        return bool(NUMBER.match(cell)) and abs(float(cell)) != float("inf")
    if kind == "boolean":
        return cell in ("true", "false")
    return bool(DATE.match(cell)) and civil(cell, zone) is not None


def maps_round(rng, bench):
    world = World(rng, rows=50, odd=0.01)
    make = Maker(world)
    plan, text = [], []
    sources = rng.sample(range(len(world.header)), 5)
    for i in range(rng.randrange(1, 6)):
        c = {"name": f"out{i}", "from": None, "type": None, "default": None,
             "expr": None}
        s = []
        if rng.random() < 0.25:
            c["expr"] = make.condition(1)
            s.append(f"Expr: {c['expr'].text}")
        else:
            at = sources[i]
            c["from"] = at
            froms = [world.header[at]]
            while rng.random() < 0.3:
                froms.insert(0, f"no such {len(froms)}")
            if rng.random() < 0.3:
                froms.append(rng.choice(world.header))
            s += [f"From: {f}" for f in froms]
            kind = dict(common.COLUMNS).get(world.header[at])
            if rng.random() < 0.5:
                c["type"] = {"num": "number", "bool": "boolean",
                             "date": "date"}.get(kind, "text")
                s.append(f"Type: {c['type']}")
            if rng.random() < 0.4:
                c["default"] = {"num": "0", "bool": "false",
                                "date": "2020-01-01"}.get(kind, "none")
                s.append(f"Default: {c['default']}")
        plan.append(c)
        text.append("\n".join([f"Column: {c['name']}"] + s))
    text = "\n\n".join(text) + "\n"
    bench.file("m.rules", text)
    bench.file("in.csv", world.csv())
    want, refused = [[c["name"] for c in plan]], []
    for row in world.rows:
        cells, record = [], world.record(row)
        for c in plan:
            if c["expr"]:
                v = c["expr"].value(record)
                cells.append("" if v is None else v)
                continue
            cell = row[c["from"]]
            if not fits(c["type"], cell, world.zone):
                cells = None
                break
            if cell == "" and c["default"] is not None:
                cell = c["default"]
            cells.append(cell)
        if cells is None:
            refused.append((row[0], "type"))
        else:
            want.append(cells)
    # a boolean column's cell may be any text: the value as it was
    want = [[v if isinstance(v, str) else
             str(v).lower() if isinstance(v, bool) else v for v in r]
            for r in want]
    out = bench.run(["cs-ingest", "-q", "-m", "m.rules", "--drop-rest",
                     "--rejects=rejects.csv", "in.csv"] + world.options(),
                    (1,) if refused else (0,))
    with open(f"{bench.path}/rejects.csv", newline="") as f:
        seen = [(next(csv.reader(io.StringIO(r[5])))[0], r[3])
                for r in list(csv.reader(f))[1:]]
    same("refused\n" + text, seen, refused)
    got = read(out)
    for g, w in zip(got, want):
        for i, (x, y) in enumerate(zip(g, w)):
            if isinstance(y, float):
                w[i] = x if x and float(x) == y else y
    tell(got, want, text)


if __name__ == "__main__":
    sys.exit(common.main(
        "ingest", [texts_round, found_round, encodings_round, maps_round],
        rounds=6))
