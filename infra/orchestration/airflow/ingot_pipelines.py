"""Ingot's batch pipelines as DAGs of Airflow 3, each step a container of Ingot's image.

README.md beside this folder says which connections and variables there are.
"""

from __future__ import annotations

import json
import os
import urllib.request
from datetime import datetime, timedelta, timezone

from airflow.providers.docker.operators.docker import DockerOperator
from airflow.sdk import DAG, Param, Variable, task
from airflow.timetables.trigger import CronTriggerTimetable

IMAGE = os.environ.get("INGOT_IMAGE", "ingot")
# The network on which the store is to be reached: that of docker-compose.yml.
NETWORK = os.environ.get("INGOT_NETWORK", "ingot_default")
LAKE_URL = os.environ.get("INGOT_LAKE_URL", "s3://")
S3_ENDPOINT = os.environ.get("INGOT_S3_ENDPOINT", "http://store:9000")
# From this day on Airflow makes up for days on which it did not run; without it, for none.
FIRST_DAY = os.environ.get("INGOT_FIRST_DAY")


def notify(context) -> None:
    """Tells a webhook of Slack's form that a step has failed for good."""
    url = Variable.get("ingot_alarm_webhook", default=None)
    if not url:
        return
    ti = context["ti"]
    text = f"Ingot's {ti.dag_id} failed at {ti.task_id}. Its log is in run {ti.run_id} of Airflow."
    body = json.dumps({"text": text}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()


def pipeline(name: str, cron: str, **given) -> DAG:
    return DAG(
        dag_id=name.replace("-", "_"),
        tags=["ingot"],
        # The logical date is the time of the run itself.
        schedule=CronTriggerTimetable(cron, timezone="UTC"),
        start_date=datetime.fromisoformat(FIRST_DAY or "2026-01-01").replace(tzinfo=timezone.utc),
        catchup=FIRST_DAY is not None,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=6),
        default_args={
            "retries": 1,
            "retry_delay": timedelta(minutes=5),
            "execution_timeout": timedelta(hours=1),
            "on_failure_callback": notify,
        },
        **given,
    )


def ingot(task_id: str, role: str, command: str, **given) -> DockerOperator:
    """`ingot <command>`, with the credentials of a role from the connection `ingot_<role>`."""
    return DockerOperator(
        task_id=task_id,
        image=IMAGE,
        command=command,
        network_mode=NETWORK,
        environment={
            "LAKE_URL": LAKE_URL,
            "S3_ENDPOINT": S3_ENDPOINT,
            "S3_ACCESS_KEY_ID": f"{{{{ conn.ingot_{role}.login }}}}",
            "S3_SECRET_ACCESS_KEY": f"{{{{ conn.ingot_{role}.password }}}}",
            "LOG_FORMAT": "json",
        },
        auto_remove="force",
        mount_tmp_dir=False,
        **given,
    )


def optional(kind: dict, help: str) -> Param:
    return Param(None, type=["null", "string"], description=help, **kind)


@task.short_circuit(ignore_downstream_trigger_rules=False)
def simulated(params: dict) -> bool:
    """Where the stores are real ones, their days are not generated; the run follows nevertheless."""
    return params["simulate"]


DAY = "{% set day = (dag_run.logical_date or dag_run.run_after) | ds %}"
DAY_RANGE = (
    "{% if params['from'] %} --from {{ params['from'] }}{% endif %}"
    "{% if params['to'] %} --to {{ params['to'] }}{% endif %}"
)
MONTH = "{% if params['month'] %} --from {{ params['month'] }} --to {{ params['month'] }}{% endif %}"

with pipeline(
    "retail-stores",
    "50 11 * * *",
    description="The simulated stores' day, then its metrics",
    params={
        "simulate": Param(True, type="boolean", description="Not where real stores deliver."),
        "from": optional({"format": "date"}, "The first day; the day of the run where it is empty."),
        "to": optional({"format": "date"}, "The last day; the day of the run where it is empty."),
    },
) as retail_stores:
    generate = ingot(
        "generate",
        "generator",
        DAY
        + "generate retail-stores"
        + " --from {{ params['from'] or params['to'] or day }} --to {{ params['to'] or day }}",
    )
    # Without days it computes whatever has changed, late data of earlier days included.
    run = ingot("run", "scheduler", "run retail-stores --wait" + DAY_RANGE, trigger_rule="none_failed")
    simulated() >> generate >> run

with pipeline(
    "wine-merchant",
    "0 9 15 * *",
    description="The wine merchant's months whose files are new or changed",
    params={"month": optional({"pattern": r"^\d{4}-(0[1-9]|1[0-2])$"}, "A month such as 2026-11.")},
) as wine_merchant:
    ingot("run", "scheduler", "run wine-merchant --wait" + MONTH)

with pipeline(
    "sme-sales",
    "0 * * * *",
    description="The shops' sales: takes in what is new",
) as sme_sales:
    ingot("run", "scheduler", "run sme-sales --wait")
