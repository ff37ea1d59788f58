#!/bin/sh
# Stands for a loader: it notes which list it was given.
printf '%s\n' "$1" >>loaded
