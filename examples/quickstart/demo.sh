#!/bin/sh
# demo.sh: the whole way, from .hcl files to landed data, in about 20 seconds.
# It works in a copy under build/demo and changes nothing else. Kill it whenever you
# like, with Ctrl-C or kill -9: the next one goes on, and loads and sends nothing twice.
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
if [ -e "$work/.unfinished" ]; then
	echo "The demo before was broken off. It goes on where it was; for a new one, remove build/demo."
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

step "Run the group on the files of 2026-11-20. The orders arrive 4 seconds late; there are no returns."
(
	sleep 4
	cp late/orders-2026-11-20.csv inbox/orders/.incoming
	mv inbox/orders/.incoming inbox/orders/orders-2026-11-20.csv
) &
waybill run daily --date 2026-11-20 --token demo || {
	waybill why daily # such as an activation that was killed while it was sent
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
