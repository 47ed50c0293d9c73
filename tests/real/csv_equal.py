#!/usr/bin/env python3
"""Do two CSV files have the same records? Compared by Python's csv module,
an independent reader; the header's texts are compared too."""
import csv
import sys

csv.field_size_limit(1 << 30)


def records(path):
    with open(path, encoding="utf-8-sig", errors="replace", newline="") as f:
        return [r for r in csv.reader(f) if r]


sys.exit(records(sys.argv[1]) != records(sys.argv[2]))
