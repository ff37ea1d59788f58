#!/bin/sh
# load.sh LIST: stands for what loads the landed files that the list names.
[ ! -e broken ] || { echo "the warehouse is closed" >&2; exit 1; }
cat "$1" >>loaded.json
