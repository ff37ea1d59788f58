#!/bin/sh
# demo.sh [DIR]: the whole way, from .hcl files to landed data, in about 20 seconds.
# It works in a copy under DIR, else build/demo, and changes nothing else. Kill it whenever
# you like, with Ctrl-C or kill -9: the next one goes on, and loads and sends nothing twice.
# WAYBILL names the program, if it is not to be built.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${1:-$root/build/demo}
program=${WAYBILL:-}

step() { printf '\n== %s\n' "$1"; }
waybill() {
	printf '$ waybill %s\n' "$*"
	"$program" "$@"
}

step "Build waybill and copy the example to ${1:-build/demo}."
if [ -z "$program" ]; then
	program=$root/build/waybill
	(cd "$root" && go build -o build/waybill ./cmd/waybill)
fi
late=4 # seconds until the orders are there
if [ -e "$work/.unfinished" ]; then
	echo "The demo before was broken off. It goes on where it was; for a new one, remove ${1:-build/demo}."
	late=0 # they have come meanwhile
else
	rm -rf "$work"
	mkdir -p "$work"
	cp -R "$here/." "$work"
	: >"$work/.unfinished"
fi
cd "$work"

step "Plan: what would change, and what each run reads, waits for and expects."
waybill plan --out demo.plan

step "Apply that plan to the store in .waybill."
waybill apply demo.plan

step "Run the group on the files of 2026-11-20. The orders arrive $late seconds late; there are no returns."
(
	sleep "$late"
	cp late/orders-2026-11-20.csv inbox/orders/.incoming
	mv inbox/orders/.incoming inbox/orders/orders-2026-11-20.csv
) &
waybill run daily --date 2026-11-20 --token demo || {
	waybill why daily # such as a file that did not come in time, on a very slow machine
	exit 1
}
wait

step "How the group stands, and its runs. 'waybill show daily' has all the details."
waybill status
waybill runs daily

step "What landed, and what the process and the activation made of it."
find landing -type f | sort
cat report.txt announced.txt
rm .unfinished
