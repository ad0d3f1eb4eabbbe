"""Reads a dashboard by Grafana's own model of one, writes it again, and names what got lost or was changed on the way."""
import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard


def compare(ours, theirs, place=""):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name, value in ours.items():
            if name in theirs:
                yield from compare(value, theirs[name], f"{place}/{name}")
            else:
                yield f"{place}/{name} is not known"
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, pair in enumerate(zip(ours, theirs)):
            yield from compare(*pair, f"{place}[{index}]")
    elif ours != theirs:
        yield f"{place} is {ours!r}, and comes back as {theirs!r}"


register_default_plugins()
with open(sys.argv[1]) as file:
    dashboard = json.load(file)
panels = Dashboard.from_json(dashboard)
faults = list(compare(dashboard, json.loads(JSONEncoder().encode(panels))))
print("\n".join(faults) or f"{len(panels.panels)} panels")
sys.exit(1 if faults else 0)
