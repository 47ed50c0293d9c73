#!/usr/bin/env python3
"""119 mail conditions as segments, and one for the rest: mails.py >FILE

The shape of the real thing: nobody who opted out, then three to five tests on
as many columns, often with two ways for the last; special cases first.
"""
import random

COUNT = 119
ORDERED = {
    "max_pv": (50, 300, 1000, 3000, 10000, 30000),
    "monthly_sales": (1, 5000, 50000, 200000, 1000000),
    "product_count": (1, 5, 20, 100, 800),
    "login_count_30d": (1, 3, 8, 15, 25),
    "tenure_months": (2, 6, 12, 24),
    "sns_count": (1, 2, 4),
    "last_login_at": ('"2025-05-01"', '"2026-02-01"', '"2026-05-15"',
                      '"2026-06-20"'),
}
EQUAL = {
    "plan": ("free", "light", "standard", "pro"),
    "contract_status": ("active", "trial", "suspended", "cancelled"),
    "prefecture": ("東京都", "大阪府", "愛知県", "福岡県", "北海道", "沖縄県"),
}
OTHER = {
    "has_logo": (".has_logo", "(.has_logo | not)"),
    "has_free_page": (".has_free_page", "(.has_free_page | not)"),
    "seo_set": (".seo_set", "(.seo_set | not)"),
    "nps": (".nps == null", ".nps >= 9", ".nps <= 5"),
    "contract_at": (".contract_at == null", ".contract_at != null"),
}
COLUMNS = [*ORDERED, *ORDERED, *EQUAL, *EQUAL, *OTHER]


def test(r, column):
    if column in ORDERED:
        return f".{column} {r.choice(('>=', '<'))} {r.choice(ORDERED[column])}"
    if column in EQUAL:
        return f'.{column} == "{r.choice(EQUAL[column])}"'
    return r.choice(OTHER[column])


def condition(r, tests):
    columns = []
    while len(columns) <= tests:
        column = r.choice(COLUMNS)
        if column not in columns:
            columns.append(column)
    terms = [test(r, column) for column in columns]
    either = f"({terms[-2]} or {terms[-1]})"
    if r.randrange(3) == 0:
        terms[-2] = either
    return " and ".join(["(.mail_opt_out | not)", *terms[:-1]])


def main():
    r = random.Random(20261124)
    for i in range(1, COUNT + 1):
        tests = 5 if i <= COUNT // 2 else 4 if i <= COUNT * 4 // 5 else 3
        print(f"Segment: m{i:03}\nWhen: {condition(r, tests)}\n")
    print("Segment: none\nWhen: true")


main()
