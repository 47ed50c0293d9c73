"""The demo counted a second time, from the export alone.

    model.py SHOPS.csv SUPPRESS.csv DIR

writes stages.csv, segments.csv, cells.csv and decisions.csv as the commands
should count them. None is unknown; the rules are written out again here, in
Python, on the Japanese columns.
"""
import csv
import datetime
import os
import sys
from collections import Counter

TODAY = datetime.date(2026, 4, 15)


def all3(*v):
    """Kleene's and."""
    return False if False in v else None if None in v else True


def any3(*v):
    return True if True in v else None if None in v else False


def known(f, *v):
    return None if None in v else f(*v)


def ge(a, b):
    return known(lambda x: x >= b, a)


def lt(a, b):
    return known(lambda x: x < b, a)


def eq(a, b):
    return known(lambda x: x == b, a)


def days(d):
    return known(lambda x: (TODAY - x).days, d)


def in_last(d, n):
    return known(lambda x: 0 <= x < n, days(d))


def months(d):
    # Today is the 15th, which every month has: nothing to clamp.
    return known(lambda x: (TODAY.year - x.year) * 12 + TODAY.month -
                 x.month - (TODAY.day < x.day), d)


def number(s):
    return int(s) if s else None


def date(s):
    return datetime.date.fromisoformat(s) if s else None


def flag(s):
    return known(lambda x: x == 1, number(s))


class Shop:
    def __init__(self, row):
        word = {"契約中": "active", "お試し": "trial", "申込": "applied",
                "解約": "cancelled"}
        plan = {"フリー": "free", "レギュラー": "regular", "ラージ": "large"}
        self.id = row["ショップID"]
        self.email = row["メールアドレス"]
        self.status = word.get(row["契約状態"])
        self.plan = plan.get(row["プラン"])
        self.trial = date(row["お試し開始日"])
        self.contracted = date(row["契約日"])
        self.opened = date(row["開店日"])
        self.first_sale = date(row["初受注日"])
        self.cancelled = date(row["解約日"])
        self.products = number(row["登録商品数"])
        self.pv = number(row["最大PV"])
        self.sales = number(row["月商"])
        self.logins = number(row["ログイン回数"])
        self.last_login = date(row["最終ログイン日"])
        self.logo = flag(row["ロゴ設定"])
        self.pages = number(row["フリーページ数"])
        self.domain = flag(row["独自ドメイン"])
        self.sns = flag(row["SNS連携"])
        self.nps = number(row["NPS"])
        self.consents = row["配信停止"] == "0" and row["メルマガ同意日"] != ""
        self.active = eq(self.status, "active")
        self.band = band(self)


def scale(v, hi):
    return known(lambda x: min(max(x / hi, 0), 1) * 100, v)


def steps(v):
    ladder = ((1000, 100), (500, 60), (200, 35), (50, 15))
    return known(lambda x: next((y for at, y in ladder if x >= at), 0), v)


def yes(v):
    return known(lambda x: 100 if x else 0, v)


def band(s):
    """Health: a mean of the known in each group, then over the groups."""
    groups = (
        (45, ((60, steps(s.pv)), (40, scale(s.sales, 100000)))),
        (30, ((50, scale(s.logins, 12)),
              (50, known(lambda x: 100 * 0.5 ** (x / 21),
                         days(s.last_login))))),
        (25, ((40, scale(s.products, 20)), (20, yes(s.logo)),
              (20, yes(ge(s.pages, 1))), (20, yes(any3(s.domain, s.sns))))))
    total = seen = coverage = 0
    for weight, rules in groups:
        have = [(w, v) for w, v in rules if v is not None]
        share = sum(w for w, _ in have)
        coverage += weight * share / sum(w for w, _ in rules)
        if share:
            total += weight * sum(w * v for w, v in have) / share
            seen += weight
    if s.nps is not None and s.nps <= 4:
        return "bad"
    if coverage / 100 < 0.5:
        return None
    score = round(total / seen, 6)
    return "good" if score >= 60 else "normal" if score >= 35 else "bad"


def stage(s):
    order = (("first_sale", s.first_sale is not None),
             ("pv1000", ge(s.pv, 1000)),
             ("opened", s.opened is not None),
             ("contracted", s.contracted is not None),
             ("trial", s.trial is not None))
    return next((name for name, answer in order if answer), "applied")


def first(pairs):
    return next((name for name, answer in pairs if answer), "")


def segment(s):
    return first((
        ("high", all3(s.active, any3(eq(s.plan, "large"), ge(s.sales, 500000)),
                      ge(s.sales, 100000))),
        ("community", all3(s.active, eq(s.band, "good"), s.nps is not None,
                           ge(s.nps, 8))),
        ("low", all3(s.active, s.opened is not None, ge(s.pv, 200),
                     eq(s.band, "bad"))),
        ("tech", any3(s.active, eq(s.status, "trial"),
                      eq(s.status, "applied")))))


def usage(s):
    return first((
        ("L4", all3(s.active, ge(s.products, 20), ge(s.logins, 8),
                    any3(s.domain, s.sns))),
        ("L3", all3(s.active, ge(s.products, 10), ge(s.logins, 4))),
        ("L2", all3(s.active, s.opened is not None, ge(s.logins, 1))),
        ("L1", s.active)))


def condition(s):
    return first((b, all3(s.active, eq(s.band, b)))
                 for b in ("good", "normal", "bad"))


def mails(s):
    """Best first: name, is it promo, does its condition say yes."""
    is_open = all3(s.active, s.opened is not None)
    trial = eq(s.status, "trial")
    gone = eq(s.status, "cancelled")
    return (
        ("trial-ending", False, all3(trial, ge(days(s.trial), 23))),
        ("welcome", False, all3(trial, in_last(s.trial, 3))),
        ("opened", False, all3(is_open, in_last(s.opened, 7))),
        ("first-sale", False, all3(is_open, s.first_sale is not None,
                                   in_last(s.first_sale, 7))),
        ("open-checklist", False, all3(
            s.active, s.opened is None, ge(days(s.contracted), 14),
            lt(days(s.contracted), 60))),
        ("quiet", False, all3(s.active, ge(days(s.last_login), 60),
                              lt(days(s.last_login), 90))),
        ("first-products", False, all3(
            any3(s.active, trial), s.opened is None, lt(s.products, 3))),
        ("no-sale-yet", False, all3(is_open, ge(s.pv, 1000),
                                    s.first_sale is None)),
        ("anniversary", False, all3(is_open, eq(months(s.opened), 12))),
        ("apps", True, all3(is_open, eq(months(s.opened), 3))),
        ("large-plan", True, all3(is_open, eq(s.plan, "regular"),
                                  ge(s.sales, 200000))),
        ("domain", True, all3(is_open, eq(s.domain, False), ge(s.pv, 1000))),
        ("user-meeting", True, all3(is_open, s.nps is not None,
                                    ge(s.nps, 9))),
        ("stock", False, all3(s.active, ge(s.products, 20))),
        ("sns", False, all3(is_open, eq(s.sns, False), lt(s.pv, 300))),
        ("free-page", False, all3(is_open, eq(s.pages, 0))),
        ("logo", False, all3(is_open, eq(s.logo, False))),
        ("come-back", True, all3(gone, s.contracted is not None,
                                 eq(months(s.cancelled), 2))))


def suppressed(rows, s, is_promo):
    for r in rows:
        value = {"id": s.id, "email": s.email,
                 "domain": s.email.partition("@")[2]}[r["type"]]
        if (value == r["value"] and (is_promo or r["scope"] == "all") and
                (not r["until"] or TODAY <= date(r["until"]))):
            return True
    return False


def decide(s, stops):
    best = None
    for name, is_promo, answer in mails(s):
        if not s.email:
            reason = "no_address"
        elif answer is None:
            reason = "unknown"
        elif not answer:
            reason = "no_match"
        elif suppressed(stops, s, is_promo):
            reason = "suppressed"
        elif is_promo and not s.consents:
            reason = "no_consent"
        elif best:
            reason = "lost_to"
        else:
            reason = best = "send"
        yield name, reason


def read(path):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def main():
    shops = [Shop(row) for row in read(sys.argv[1])]
    stops = read(sys.argv[2])

    def table(name, header, rows):
        path = os.path.join(sys.argv[3], name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(header + "\n")
            for row in rows:
                f.write(",".join(map(str, row)) + "\n")

    stock = Counter(map(stage, shops))
    names = ("applied", "trial", "contracted", "opened", "pv1000",
             "first_sale")
    table("stages.csv", "stage,stock,reached", [
        (n, stock[n], sum(stock[m] for m in names[i:]))
        for i, n in enumerate(names)])
    count = Counter(map(segment, shops))
    table("segments.csv", "segment,count", [
        (n, count[n]) for n in ("high", "community", "low", "tech", "")])
    cells = Counter((usage(s), condition(s)) for s in shops)
    table("cells.csv", "usage,condition,count", [
        (u, c, cells[u, c]) for u in ("L4", "L3", "L2", "L1", "")
        for c in ("good", "normal", "bad", "")
        if cells[u, c] or (u and c)])
    decisions = Counter(d for s in shops for d in decide(s, stops))
    table("decisions.csv", "mail,reason,count", sorted(
        (mail, reason, n) for (mail, reason), n in decisions.items()))


main()
