#!/bin/sh
# Fetches the rates of a day, 2026-11-20, into the folder that it is given.
set -eu

if [ "$RATES_KEY" != "correct horse" ]; then
  echo "the key is refused" >&2
  exit 1
fi
if [ ! -e "published/$1.csv" ]; then
  echo "the rates of $1 are not published yet" >&2
  exit 75
fi
cp "published/$1.csv" "$WAYBILL_LANDING/rates-$1.csv"
