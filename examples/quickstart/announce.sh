#!/bin/sh
# announce.sh REPORT LOG: stands for telling somebody that new data is there.
# WAYBILL_KEY stays the same when a step is tried again, so nothing is told twice.
set -eu
grep -qsF "$WAYBILL_KEY" "$2" && exit 0
printf '%s: %s files loaded\n' "$WAYBILL_KEY" "$(wc -l <"$1" | tr -d ' ')" >>"$2"
