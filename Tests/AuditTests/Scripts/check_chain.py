"""Checks an audit chain without Hearth: python3 check_chain.py FILE... (a log's files in the order of their names)."""
import hashlib
import sys

previous, number = b"0" * 64, 0
for path in sys.argv[1:]:
    for line in open(path, "rb"):
        number += 1
        stated, body = line[9:73], line[75:-1]
        if hashlib.sha256(previous + body).hexdigest().encode() != stated or not body.startswith(b'"seq":%d' % number):
            sys.exit(f"{path}: line {number} does not follow from the line before it")
        previous = stated
print(f"{number} lines, head {number}:{previous.decode()}")
