"""What the document says in words alone, told to schemathesis.

Each request has a key of its own: one key for two requests is refused, rightly. `fresh` stands beside no `as_of`.
"""
import re
import uuid

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers or {}
    for name in list(headers):
        if name.lower() == "idempotency-key" and re.fullmatch(r'"[ !#-\[\]-~]{1,255}"', str(headers[name])):
            headers[name] = f'"{uuid.uuid4()}"'
    query = case.query or {}
    if "as_of" in query and re.fullmatch(r"[1-9]|[12][0-9]|30", str(query.get("fresh"))):
        del query["fresh"]
