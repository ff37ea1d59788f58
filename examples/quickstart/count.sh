#!/bin/sh
# count.sh LIST REPORT: counts the rows of every file that has landed since this
# step last succeeded. LIST is run.landing: the list that Waybill wrote.
set -eu
list=${1#file://} report=$2

# Each file of the list has a "landing" and, after it, a "url" below it.
awk -F '"' '$2 == "landing" { root = $4 } $2 == "url" { print root "/" $4 }' "$list" |
	while IFS= read -r file; do
		rows=$(($(wc -l <"${file#file://}") - 1)) # the first line is the header
		word=rows
		[ "$rows" -ne 1 ] || word=row
		printf '%6d %s in %s\n' "$rows" "$word" "${file##*/}"
	done >"$report.new"
mv "$report.new" "$report"
