"""The pages of the operators' console, for what walks them and for what scans them."""
import re

SCOPES = ["assistant", "engineer", "auditor", "desk", "pii"]

LOOKUP = {"assistant", "engineer", "auditor"}
OPERATION = {"engineer", "auditor"}
# Paths and the scopes of which any one opens them, as `ConsoleTests` has them.
OPENERS = [
    ("/console", set(SCOPES)),
    ("/console/(account|trace|history)", LOOKUP),
    ("/console/(runs|quarantine|reconciliation|audit)(/.*)?", OPERATION),
    ("/console/(actions|notices)", {"desk", "engineer", "auditor"}),
    ("/console/conversation", {"assistant", "desk", "auditor"}),
    ("/console/sources(/.*)?", {"engineer"}),
    ("/console/access", {"auditor"}),
]


def console_pages(account):
    """Names and paths."""
    yield "today", "/console"
    yield "runs", "/console/runs"
    yield "run", "/console/runs/4"
    yield "quarantine", "/console/quarantine"
    yield "entry", "/console/quarantine/2"
    yield "accounts", "/console/account"
    yield "account", f"/console/account?number={account}"
    yield "previous", f"/console/account?number={account}&versus=previous"
    yield "trace", f"/console/trace?number={account}&field=area_building"
    yield "history", f"/console/history?number={account}"
    yield "talk", "/console/conversation?id=1"
    yield "cause", "/console/quarantine?code=match.unknownAccount"
    yield "reconciliation", "/console/reconciliation"
    yield "findings", "/console/reconciliation/findings"
    yield "compare", "/console/reconciliation/compare?before=.&after=."
    yield "actions", "/console/actions"
    yield "notices", "/console/notices?state=all"
    yield "audit", "/console/audit"
    yield "sources", "/console/sources"
    yield "mapping", "/console/sources/mapping?stream=billing.charges"
    yield "rule", "/console/sources/mapping?stream=billing.charges&line=31"
    yield "access", "/console/access"
    yield "unknown", "/console/account?number=0"


def opens(path):
    """The scopes of which any one opens a page."""
    bare = path.split("?")[0]
    return next(scopes for pattern, scopes in OPENERS if re.fullmatch(pattern, bare))
