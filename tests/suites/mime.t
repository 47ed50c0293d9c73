#!/bin/sh
# Mails of nasty names, subjects and bodies, read back by Python's email
# package and by checks of our own (rules R01-R12).
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

command -v python3 >/dev/null || skip_all 'no python3'
[ -x "$BUILD/bin/cs-mailgen" ] || skip_all 'cs-mailgen is not built'
cd "$tmp" || exit 1
exec python3 "$root/tests/suites/mime.py" "${CSOPS_SEED:-1}" "${CSOPS_MAILS:-2000}"
