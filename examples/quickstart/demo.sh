#!/bin/sh
# demo.sh: the whole way, from .hcl files to landed data, in about 20 seconds.
# It works in a copy under build/demo and changes nothing else.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/build/demo

step() { printf '\n== %s\n' "$1"; }
waybill() {
	printf '$ waybill %s\n' "$*"
	"$root/build/waybill" "$@"
}

step "Build waybill and copy the example to build/demo."
(cd "$root" && go build -o build/waybill ./cmd/waybill)
rm -rf "$work"
mkdir -p "$work"
cp -R "$here/." "$work"
cd "$work"

step "Plan: what would change, and what each run reads, waits for and expects."
waybill plan --out demo.plan

step "Apply that plan to the store in .waybill."
waybill apply demo.plan

step "Run the group on the files of 2026-11-20. The orders arrive 4 seconds late; there are no returns."
(
	sleep 4
	cp late/orders-2026-11-20.csv inbox/orders/.incoming
	mv inbox/orders/.incoming inbox/orders/orders-2026-11-20.csv
) &
waybill run daily --date 2026-11-20 --token demo
wait

step "How the group stands, and its runs. 'waybill show daily' has all the details."
waybill status
waybill runs daily

step "What landed, and what the process and the activation made of it."
find landing -type f | sort
cat report.txt announced.txt
