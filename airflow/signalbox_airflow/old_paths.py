"""Where names of Airflow 1.10 and 2 are today: module → name → `module:name`. Plain data.

Airflow 3 redirects some old paths itself; those are not here. `*` stands for every name of the
module. A target that begins with `!` cannot be had at all, and the rest of it says why.
"""

from __future__ import annotations

_STANDARD = "airflow.providers.standard"
_AMAZON = "airflow.providers.amazon.aws"
_SDK = "airflow.sdk"

_SUBDAG = "!SubDAGs were removed in Airflow 3; a task group takes their place"
_NO_SLA = "!SLAs were removed in Airflow 3; a deadline takes their place"

_EMPTY = f"{_STANDARD}.operators.empty:EmptyOperator"
_PYTHON = {
    name: f"{_STANDARD}.operators.python:{name}"
    for name in ("PythonOperator", "BranchPythonOperator", "ShortCircuitOperator", "PythonVirtualenvOperator")
}
_EXTERNAL_TASK = {name: f"{_STANDARD}.sensors.external_task:{name}" for name in ("ExternalTaskSensor", "ExternalTaskMarker")}
_SENSOR_BASE = {
    "BaseSensorOperator": f"{_SDK}:BaseSensorOperator",
    "poke_mode_only": f"{_SDK}.bases.sensor:poke_mode_only",
    "apply_defaults": "signalbox_airflow.compat:apply_defaults",
}
_CHAINS = {name: f"{_SDK}:{name}" for name in ("chain", "cross_downstream", "chain_linear")}
_S3_HOOK = {"S3Hook": f"{_AMAZON}.hooks.s3:S3Hook"}
_HTTP = {
    "SimpleHttpOperator": "airflow.providers.http.operators.http:HttpOperator",
    "HttpOperator": "airflow.providers.http.operators.http:HttpOperator",
}
_SUBDAGS = {"SubDagOperator": _SUBDAG, "SubDagSkippedStatesPropagationMode": _SUBDAG}

_CREATE = {"EmrCreateJobFlowOperator": f"{_AMAZON}.operators.emr:EmrCreateJobFlowOperator"}
_ADD = {"EmrAddStepsOperator": f"{_AMAZON}.operators.emr:EmrAddStepsOperator"}
_TERMINATE = {"EmrTerminateJobFlowOperator": f"{_AMAZON}.operators.emr:EmrTerminateJobFlowOperator"}
_MODIFY = {"EmrModifyClusterOperator": f"{_AMAZON}.operators.emr:EmrModifyClusterOperator"}
_EMR_SENSORS = {name: f"{_AMAZON}.sensors.emr:{name}" for name in ("EmrBaseSensor", "EmrJobFlowSensor", "EmrStepSensor")}
_S3_SENSORS = {name: f"{_AMAZON}.sensors.s3:{name}" for name in ("S3KeySensor", "S3KeysUnchangedSensor", "S3PrefixSensor")} | {
    "S3KeySizeSensor": "!use S3KeySensor with check_fn",
    "S3PrefixSensor": "!use S3KeySensor with wildcard_match",
}

OLD_PATHS: dict[str, dict[str, str]] = {
    # Airflow 1.10 and 2, core
    "airflow.operators.dummy": {"DummyOperator": _EMPTY, "EmptyOperator": _EMPTY},
    "airflow.operators.dummy_operator": {"DummyOperator": _EMPTY, "EmptyOperator": _EMPTY},
    "airflow.operators.bash_operator": {"BashOperator": f"{_STANDARD}.operators.bash:BashOperator"},
    "airflow.operators.python_operator": _PYTHON,
    "airflow.operators.branch_operator": {"BaseBranchOperator": f"{_SDK}.bases.branch:BaseBranchOperator"},
    "airflow.operators.email_operator": {"EmailOperator": "airflow.providers.smtp.operators.smtp:EmailOperator"},
    "airflow.operators.http_operator": _HTTP,
    "airflow.operators.dagrun_operator": {
        "TriggerDagRunOperator": f"{_STANDARD}.operators.trigger_dagrun:TriggerDagRunOperator",
        "DagRunOrder": "!use the operator's conf",
    },
    "airflow.operators.latest_only_operator": {"LatestOnlyOperator": f"{_STANDARD}.operators.latest_only:LatestOnlyOperator"},
    "airflow.operators.subdag": _SUBDAGS,
    "airflow.operators.subdag_operator": _SUBDAGS,
    "airflow.operators.sensors": {
        "ExternalTaskSensor": _EXTERNAL_TASK["ExternalTaskSensor"],
        "S3KeySensor": _S3_SENSORS["S3KeySensor"],
        "TimeDeltaSensor": f"{_STANDARD}.sensors.time_delta:TimeDeltaSensor",
        "TimeSensor": f"{_STANDARD}.sensors.time:TimeSensor",
        **_SENSOR_BASE,
    },
    "airflow.operators.sql": {"*": "airflow.providers.common.sql.operators.sql"},
    "airflow.operators.mysql_operator": {"MySqlOperator": "airflow.providers.common.sql.operators.sql:SQLExecuteQueryOperator"},
    "airflow.operators.postgres_operator": {
        "PostgresOperator": "airflow.providers.common.sql.operators.sql:SQLExecuteQueryOperator"
    },
    "airflow.operators.s3_to_redshift_operator": {
        "S3ToRedshiftTransfer": f"{_AMAZON}.transfers.s3_to_redshift:S3ToRedshiftOperator",
        "S3ToRedshiftOperator": f"{_AMAZON}.transfers.s3_to_redshift:S3ToRedshiftOperator",
    },
    "airflow.operators.redshift_to_s3_operator": {
        "RedshiftToS3Transfer": f"{_AMAZON}.transfers.redshift_to_s3:RedshiftToS3Operator",
        "RedshiftToS3Operator": f"{_AMAZON}.transfers.redshift_to_s3:RedshiftToS3Operator",
    },
    "airflow.sensors.base_sensor_operator": _SENSOR_BASE,
    "airflow.sensors.external_task_sensor": _EXTERNAL_TASK,
    "airflow.sensors.s3_key_sensor": _S3_SENSORS,
    "airflow.sensors.s3_prefix_sensor": _S3_SENSORS,
    "airflow.sensors.http_sensor": {"HttpSensor": "airflow.providers.http.sensors.http:HttpSensor"},
    "airflow.sensors.sql_sensor": {"SqlSensor": "airflow.providers.common.sql.sensors.sql:SqlSensor"},
    "airflow.sensors.sql": {"SqlSensor": "airflow.providers.common.sql.sensors.sql:SqlSensor"},
    "airflow.sensors.date_time_sensor": {"DateTimeSensor": f"{_STANDARD}.sensors.date_time:DateTimeSensor"},
    "airflow.sensors.time_delta_sensor": {"TimeDeltaSensor": f"{_STANDARD}.sensors.time_delta:TimeDeltaSensor"},
    "airflow.sensors.weekday_sensor": {"DayOfWeekSensor": f"{_STANDARD}.sensors.weekday:DayOfWeekSensor"},
    "airflow.hooks.base_hook": {"BaseHook": f"{_SDK}:BaseHook"},
    "airflow.hooks.dbapi": {"*": "airflow.providers.common.sql.hooks.sql"},
    "airflow.hooks.dbapi_hook": {"DbApiHook": "airflow.providers.common.sql.hooks.sql:DbApiHook"},
    "airflow.hooks.http_hook": {"HttpHook": "airflow.providers.http.hooks.http:HttpHook"},
    "airflow.hooks.S3_hook": _S3_HOOK,
    "airflow.hooks.mysql_hook": {"MySqlHook": "airflow.providers.mysql.hooks.mysql:MySqlHook"},
    "airflow.hooks.postgres_hook": {"PostgresHook": "airflow.providers.postgres.hooks.postgres:PostgresHook"},
    "airflow.models.baseoperator": {"BaseOperator": f"{_SDK}:BaseOperator", **_CHAINS},
    "airflow.models.param": {"Param": f"{_SDK}:Param", "ParamsDict": f"{_SDK}.definitions.param:ParamsDict"},
    "airflow.models.mappedoperator": {"MappedOperator": f"{_SDK}.definitions.mappedoperator:MappedOperator"},
    "airflow.models.operator": {"Operator": f"{_SDK}:BaseOperator"},
    "airflow.models.skipmixin": {"SkipMixin": f"{_SDK}.bases.skipmixin:SkipMixin"},
    "airflow.models.slamiss": {"SlaMiss": _NO_SLA},
    "airflow.datasets": {
        "Dataset": f"{_SDK}:Asset",
        "DatasetAlias": f"{_SDK}:AssetAlias",
        "DatasetAll": f"{_SDK}:AssetAll",
        "DatasetAny": f"{_SDK}:AssetAny",
    },
    "airflow.timetables.datasets": {"DatasetOrTimeSchedule": "signalbox_airflow.compat:dataset_or_time_schedule"},
    "airflow.utils.dates": {
        "days_ago": "signalbox_airflow.compat:days_ago",
        "parse_execution_date": f"{_SDK}.timezone:parse",
    },
    "airflow.utils.decorators": {"apply_defaults": "signalbox_airflow.compat:apply_defaults"},
    "airflow.utils.helpers": _CHAINS,
    "airflow.utils.db": {
        "provide_session": "airflow.utils.session:provide_session",
        "create_session": "airflow.utils.session:create_session",
    },
    "airflow.utils.log.logging_mixin": {"LoggingMixin": "airflow.sdk.definitions._internal.logging_mixin:LoggingMixin"},
    "airflow.www.app": {"*": "!the web server of Airflow is not there while DAG files are read"},
    # Airflow 1.10, contrib
    "airflow.contrib.operators.emr_create_job_flow_operator": _CREATE,
    "airflow.contrib.operators.emr_add_steps_operator": _ADD,
    "airflow.contrib.operators.emr_terminate_job_flow_operator": _TERMINATE,
    "airflow.contrib.sensors.emr_base_sensor": _EMR_SENSORS,
    "airflow.contrib.sensors.emr_job_flow_sensor": _EMR_SENSORS,
    "airflow.contrib.sensors.emr_step_sensor": _EMR_SENSORS,
    "airflow.contrib.hooks.emr_hook": {"EmrHook": f"{_AMAZON}.hooks.emr:EmrHook"},
    "airflow.contrib.hooks.aws_hook": {"AwsHook": f"{_AMAZON}.hooks.base_aws:AwsGenericHook"},
    "airflow.contrib.hooks.aws_lambda_hook": {"AwsLambdaHook": f"{_AMAZON}.hooks.lambda_function:LambdaHook"},
    "airflow.contrib.hooks.aws_sns_hook": {"AwsSnsHook": f"{_AMAZON}.hooks.sns:SnsHook"},
    "airflow.contrib.hooks.aws_sqs_hook": {"SQSHook": f"{_AMAZON}.hooks.sqs:SqsHook"},
    "airflow.contrib.hooks.aws_dynamodb_hook": {"AwsDynamoDBHook": f"{_AMAZON}.hooks.dynamodb:DynamoDBHook"},
    "airflow.contrib.hooks.aws_athena_hook": {"AWSAthenaHook": f"{_AMAZON}.hooks.athena:AthenaHook"},
    "airflow.contrib.hooks.ssh_hook": {"SSHHook": "airflow.providers.ssh.hooks.ssh:SSHHook"},
    "airflow.contrib.hooks.sftp_hook": {"SFTPHook": "airflow.providers.sftp.hooks.sftp:SFTPHook"},
    "airflow.contrib.hooks.slack_webhook_hook": {
        "SlackWebhookHook": "airflow.providers.slack.hooks.slack_webhook:SlackWebhookHook"
    },
    "airflow.contrib.operators.ssh_operator": {"SSHOperator": "airflow.providers.ssh.operators.ssh:SSHOperator"},
    "airflow.contrib.operators.sftp_operator": {"SFTPOperator": "airflow.providers.sftp.operators.sftp:SFTPOperator"},
    "airflow.contrib.operators.ecs_operator": {"ECSOperator": f"{_AMAZON}.operators.ecs:EcsRunTaskOperator"},
    "airflow.contrib.operators.awsbatch_operator": {"AWSBatchOperator": f"{_AMAZON}.operators.batch:BatchOperator"},
    "airflow.contrib.operators.aws_athena_operator": {"AWSAthenaOperator": f"{_AMAZON}.operators.athena:AthenaOperator"},
    "airflow.contrib.operators.sns_publish_operator": {"SnsPublishOperator": f"{_AMAZON}.operators.sns:SnsPublishOperator"},
    "airflow.contrib.operators.slack_webhook_operator": {
        "SlackWebhookOperator": "airflow.providers.slack.operators.slack_webhook:SlackWebhookOperator"
    },
    "airflow.contrib.operators.databricks_operator": {"*": "airflow.providers.databricks.operators.databricks"},
    "airflow.contrib.operators.snowflake_operator": {
        "SnowflakeOperator": "airflow.providers.common.sql.operators.sql:SQLExecuteQueryOperator"
    },
    "airflow.contrib.operators.spark_submit_operator": {
        "SparkSubmitOperator": "airflow.providers.apache.spark.operators.spark_submit:SparkSubmitOperator"
    },
    "airflow.contrib.operators.kubernetes_pod_operator": {
        "KubernetesPodOperator": "airflow.providers.cncf.kubernetes.operators.pod:KubernetesPodOperator"
    },
    "airflow.contrib.sensors.file_sensor": {"FileSensor": f"{_STANDARD}.sensors.filesystem:FileSensor"},
    "airflow.contrib.sensors.python_sensor": {"PythonSensor": f"{_STANDARD}.sensors.python:PythonSensor"},
    "airflow.contrib.sensors.bash_sensor": {"BashSensor": f"{_STANDARD}.sensors.bash:BashSensor"},
    "airflow.contrib.sensors.aws_athena_sensor": {"AthenaSensor": f"{_AMAZON}.sensors.athena:AthenaSensor"},
    "airflow.contrib.sensors.aws_sqs_sensor": {"SQSSensor": f"{_AMAZON}.sensors.sqs:SqsSensor"},
    # The Amazon provider, up to 8
    f"{_AMAZON}.operators.emr_create_job_flow": _CREATE,
    f"{_AMAZON}.operators.emr_add_steps": _ADD,
    f"{_AMAZON}.operators.emr_terminate_job_flow": _TERMINATE,
    f"{_AMAZON}.operators.emr_modify_cluster": _MODIFY,
    f"{_AMAZON}.operators.emr_containers": {"*": f"{_AMAZON}.operators.emr"},
    f"{_AMAZON}.operators.s3_bucket": {"*": f"{_AMAZON}.operators.s3"},
    f"{_AMAZON}.operators.s3_copy_object": {"*": f"{_AMAZON}.operators.s3"},
    f"{_AMAZON}.operators.s3_delete_objects": {"*": f"{_AMAZON}.operators.s3"},
    f"{_AMAZON}.operators.s3_file_transform": {"*": f"{_AMAZON}.operators.s3"},
    f"{_AMAZON}.operators.s3_list": {"*": f"{_AMAZON}.operators.s3"},
    f"{_AMAZON}.operators.redshift": {"*": f"{_AMAZON}.operators.redshift_cluster"},
    f"{_AMAZON}.operators.aws_lambda": {"*": f"{_AMAZON}.operators.lambda_function"},
    f"{_AMAZON}.operators.sagemaker_training": {"*": f"{_AMAZON}.operators.sagemaker"},
    f"{_AMAZON}.operators.sagemaker_transform": {"*": f"{_AMAZON}.operators.sagemaker"},
    f"{_AMAZON}.sensors.emr_base": _EMR_SENSORS,
    f"{_AMAZON}.sensors.emr_containers": {"*": f"{_AMAZON}.sensors.emr"},
    f"{_AMAZON}.sensors.emr_job_flow": _EMR_SENSORS,
    f"{_AMAZON}.sensors.emr_step": _EMR_SENSORS,
    f"{_AMAZON}.sensors.s3_key": _S3_SENSORS,
    f"{_AMAZON}.sensors.s3_prefix": _S3_SENSORS,
    f"{_AMAZON}.sensors.s3_keys_unchanged": _S3_SENSORS,
    f"{_AMAZON}.sensors.redshift": {"*": f"{_AMAZON}.sensors.redshift_cluster"},
    f"{_AMAZON}.hooks.aws_dynamodb": {"AwsDynamoDBHook": f"{_AMAZON}.hooks.dynamodb:DynamoDBHook"},
    f"{_AMAZON}.hooks.lambda_function": {"AwsLambdaHook": f"{_AMAZON}.hooks.lambda_function:LambdaHook"},
    f"{_AMAZON}.hooks.redshift": {"RedshiftHook": f"{_AMAZON}.hooks.redshift_cluster:RedshiftHook"},
    "airflow.providers.http.operators.http": _HTTP,
}

# What today's names were called, in modules that are still there: Airflow 2's EMR on EKS, HTTP, Slack.
RENAMED_ARGUMENTS: dict[str, str] = {
    "task_concurrency": "max_active_tis_per_dag",
    "xcom_push": "do_xcom_push",
    "schedule_interval": "schedule",
    "timetable": "schedule",
    "concurrency": "max_active_tasks",
    "fail_stop": "fail_fast",
}

# Arguments that Airflow 3 does not know, and that meant nothing for what is run.
DROPPED_TASK_ARGUMENTS: dict[str, str] = {
    "provide_context": "the context is always given",
    "python_callable_args": "nothing reads it",
    "adhoc": "ad-hoc tasks were removed",
    "sla": "SLAs were removed in Airflow 3; a deadline takes their place",
    "on_sla_miss_callback": "SLAs were removed in Airflow 3",
    "subdag": "SubDAGs were removed in Airflow 3",
}
DROPPED_DAG_ARGUMENTS: dict[str, str] = {
    "default_view": "it was of Airflow's own pages",
    "orientation": "it was of Airflow's own pages",
    "full_filepath": "nothing reads it",
    "sla_miss_callback": "SLAs were removed in Airflow 3; a deadline takes their place",
}
