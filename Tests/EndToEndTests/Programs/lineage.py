"""Makes OpenLineage's own classes of each event in a file, a line each, and complains of what they have no place for or lack."""
import json
import sys
import uuid
from datetime import datetime

from openlineage.client import event_v2
from openlineage.client.generated import (
    column_lineage_dataset,
    error_message_run,
    input_statistics_input_dataset,
    job_type_job,
    output_statistics_output_dataset,
    schema_dataset,
)

FACETS = {
    "errorMessage": error_message_run.ErrorMessageRunFacet,
    "jobType": job_type_job.JobTypeJobFacet,
    "schema": schema_dataset.SchemaDatasetFacet,
    "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet,
    "inputStatistics": input_statistics_input_dataset.InputStatisticsInputDatasetFacet,
    "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
}


def facets(stated):
    made = {}
    for name, stated_facet in (stated or {}).items():
        body = dict(stated_facet)
        producer, url = body.pop("_producer"), body.pop("_schemaURL")
        assert ":" in producer, producer
        if name not in FACETS:
            assert name.startswith("hearth_") and url.endswith("#/$defs/RunFacet"), name
            continue
        if name == "schema":
            body["fields"] = [schema_dataset.SchemaDatasetFacetFields(**field) for field in body["fields"]]
        if name == "columnLineage":
            body["fields"] = {
                field: column_lineage_dataset.Fields(
                    inputFields=[column_lineage_dataset.InputField(**origin) for origin in value["inputFields"]])
                for field, value in body["fields"].items()
            }
        facet = FACETS[name](**body)
        assert url == facet._get_schema(), (url, facet._get_schema())
        made[name] = facet
    return made


count = 0
for line in open(sys.argv[1], encoding="utf-8"):
    event = json.loads(line)
    assert datetime.fromisoformat(event["eventTime"].replace("Z", "+00:00")).tzinfo, event["eventTime"]
    uuid.UUID(event["run"]["runId"])
    url = event.pop("schemaURL")
    assert url == "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent", url
    run, job = event.pop("run"), event.pop("job")
    inputs = [
        event_v2.InputDataset(
            namespace=each.pop("namespace"), name=each.pop("name"), facets=facets(each.pop("facets")),
            inputFacets=facets(each.pop("inputFacets", None)), **each)
        for each in event.pop("inputs")
    ]
    outputs = [
        event_v2.OutputDataset(
            namespace=each.pop("namespace"), name=each.pop("name"), facets=facets(each.pop("facets")),
            outputFacets=facets(each.pop("outputFacets", None)), **each)
        for each in event.pop("outputs")
    ]
    event_v2.RunEvent(
        eventType=event_v2.RunState(event.pop("eventType")),
        run=event_v2.Run(runId=run.pop("runId"), facets=facets(run.pop("facets", None)), **run),
        job=event_v2.Job(namespace=job.pop("namespace"), name=job.pop("name"), facets=facets(job.pop("facets", None)), **job),
        inputs=inputs, outputs=outputs, **event)
    count += 1
print(count)
