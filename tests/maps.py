#!/usr/bin/env python3
"""The shipped maps said another way: MAP INPUT OUTPUT REJECTS CODE. Compares
every cell of the output, and what was refused, with a mapping written here."""
import csv
import re
import sys


def us_date(s):
    return re.sub(r"(\d+)-(\d+)-(\d+)", r"\2/\3/\1", s)


def slashes(s):
    return s.replace("-", "/")


def plain(s):
    return s


def one_line(s):
    return s.replace("\n", " ")


# Column: source, what becomes of it, text if empty.
MAPS = {
    "shop-export": [
        ("id", "ショップID"), ("shop", "ショップ名", one_line),
        ("name", "担当者名"), ("email", "メールアドレス"), ("kind", "区分"),
        ("category", "業種"), ("status", "契約状態"), ("plan", "プラン"),
        ("contracted_at", "契約日"), ("opened_at", "開店日"),
        ("first_sale_at", "初受注日"), ("cancelled_at", "解約日"),
        ("product_count", "登録商品数"), ("max_pv", "最大PV"),
        ("monthly_sales", "月商"), ("last_login_at", "最終ログイン日"),
        ("opt_out", "配信停止"), ("nps", "NPS"), ("cs_owner", "CS担当")],
    "to-mail-tool": [
        ("EMAIL", "email"), ("NAME", "name"), ("EXT_ID", "id"),
        ("SHOP", "shop"), ("PLAN", "plan"), ("SEGMENT", "segment"),
        ("PRODUCTS", "product_count"), ("OPENED", "opened_at", us_date),
        ("LAST_LOGIN", "last_login_at", us_date)],
    "to-crm": [
        ("Account ID", "id"), ("Account Name", "shop"),
        ("Owner", "owner", plain, "(none)"),
        ("Stage", "status", plain, "unknown"), ("Segment", "segment"),
        ("Next Step", "action"), ("Health", "health"),
        ("Last Activity", "last_login_at")],
    "to-sheet": [
        ("店舗ID", "id"), ("店舗名", "shop"), ("担当者", "name"),
        ("メール", "email"), ("プラン", "plan"), ("商品数", "product_count"),
        ("最大PV", "max_pv"), ("健康度", "health"), ("セグメント", "segment"),
        ("次の一手", "action"), ("社内担当", "owner"),
        ("最終ログイン", "last_login_at", slashes)],
}
REQUIRED = {"shop-export": "id", "to-mail-tool": "EMAIL",
            "to-crm": "Account ID", "to-sheet": "店舗ID"}


def rows(path, encoding):
    with open(path, encoding=encoding, newline="") as f:
        return list(csv.DictReader(f))


def target(record, columns):
    out = {}
    for name, source, *rest in columns:
        cell = (rest[0] if rest else plain)(record[source])
        out[name] = cell or (rest[1] if len(rest) > 1 else "")
    return out


what, source, got, rejects, code = sys.argv[1:]
columns = MAPS[what]
records = rows(source, "cp932" if what == "shop-export" else "utf-8")
mapped = [target(r, columns) for r in records]
want = [m for m in mapped if m[REQUIRED[what]]]
raw = open(got, "rb").read()
is_excel = raw.startswith(b"\xef\xbb\xbf")
have = rows(got, "utf-8-sig")
if is_excel:
    assert raw.count(b"\r\n") >= len(want)
    for r in want:
        for c in r:
            if r[c][:1] in tuple("=+-@") and not re.fullmatch(
                    r"[-+]?[0-9.]+", r[c]):
                r[c] = "'" + r[c]
assert len(records) == 3000 and list(have[0]) == [c[0] for c in columns]
for h, w in zip(have, want):
    assert h == w, (h, w)
assert len(have) == len(want), (len(have), len(want))
refused = len(records) - len(want)
assert int(code) == (1 if refused else 0), code
if refused:
    told = rows(rejects, "utf-8")
    assert len(told) == refused and all(
        r["reason"] == "required" and r["column"] == REQUIRED[what]
        for r in told), told[:3]
    assert what == "to-mail-tool" and refused > 30, refused
print(f"{len(have)} records equal, {refused} refused")
