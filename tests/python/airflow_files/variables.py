"""What a file asks for while it is read: variables, a connection, a file and a module beside it."""

from __future__ import annotations

import json
import os
from datetime import datetime

from airflow.models import Variable as OldVariable
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, BaseHook, Connection, Variable
from emr_requests import step

LAKE = Variable.get("lake")
SIZES = Variable.get("sizes", deserialize_json=True)
OLD = OldVariable.get("old", default_var="absent")
FROM_ENVIRONMENT = Variable.get("from_environment")
HOST = BaseHook.get_connection("store").host
EXTRA = Connection.get("store").extra_dejson["zone"]
BESIDE = json.load(open("beside.json"))

with DAG("variables", schedule=None, start_date=datetime(2026, 1, 5)):
    words = [LAKE, SIZES["core"], OLD, FROM_ENVIRONMENT, HOST, EXTRA, BESIDE["word"], step("x")["Name"]]
    BashOperator(task_id="say", bash_command=f"echo {' '.join(map(str, words))} {os.path.basename(os.getcwd())}")
    BashOperator(task_id="later", bash_command="echo {{ var.value.later }} {{ var.json.deep.a }} {{ conn.store.host }}")
