#!/bin/bash
# Checks an audit chain with sha256sum alone: check_chain.sh FILE... (a log's files in the order of their names).
previous=$(printf '0%.0s' {1..64})
while IFS= read -r line; do
    stated=${line:9:64}
    [ "$(printf '%s%s' "$previous" "${line:75}" | sha256sum | cut -c1-64)" = "$stated" ] || { echo "broken at: $line"; exit 1; }
    previous=$stated
done < <(cat "$@")
echo "head $previous"
