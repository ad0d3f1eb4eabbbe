"""Each request that schemathesis makes has a key of its own: one key for two requests is refused, rightly."""
import re
import uuid

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers or {}
    for name in list(headers):
        if name.lower() == "idempotency-key" and re.fullmatch(r'"[ !#-\[\]-~]{1,255}"', str(headers[name])):
            headers[name] = f'"{uuid.uuid4()}"'
