#!/bin/sh
# zoneinfo.sh rebuilds zoneinfo.zip and zoneinfo.release from one pinned Debian
# package of the time zone database. Run it through `make tzdata`.
#
# It needs a Debian or Ubuntu machine with apt, dpkg and zip, and an apt source
# for the bookworm security suite (on Debian it is there by default; run
# `apt-get update` first). The same package gives the same bytes: names are
# sorted, times are fixed, owners and extra fields are left out.
#
#   ./zoneinfo.sh                    the pinned version
#   ./zoneinfo.sh 2026g-0+deb12u1    another one; then change the pin below
set -eu

version=${1:-2026f-0+deb12u1}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

cd "$work"
apt-get download "tzdata=$version"
dpkg -x tzdata_*.deb deb
source=deb/usr/share/zoneinfo

# Left out: the trees "posix" (the same zones again) and "right" (leap
# seconds), tables, and the three names that depend on the machine or on nothing.
(cd "$source" && find . \( -type f -o -type l \) | sed 's|^\./||') |
	grep -Ev '^(posix|right)(/|$)' |
	grep -Ev '^(Factory|localtime|posixrules|leap.*|.*\.tab|.*\.zi)$' |
	LC_ALL=C sort >names

mkdir zones
while read -r name; do
	mkdir -p "zones/$(dirname "$name")"
	cp -L "$source/$name" "zones/$name"
done <names

# Old names and the zones they stand for, from the database's "backward" links.
awk '$1 == "L" { print $3, $2 }' "$source/tzdata.zi" | LC_ALL=C sort >zones/+links
{ echo +links; cat names; } >entries

TZ=UTC find zones -exec touch -h -d '1980-01-01 00:00:00' {} +
rm -f "$here/zoneinfo.zip"
(cd zones && TZ=UTC zip -q -X -D -9 "$here/zoneinfo.zip" -@ <../entries)
sed -n '1s/^# version //p' "$source/tzdata.zi" >"$here/zoneinfo.release"
echo "tzdata $(cat "$here/zoneinfo.release"): $(wc -l <names) zones"
