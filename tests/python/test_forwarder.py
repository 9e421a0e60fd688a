"""The forwarder as Lambda runs it (the static program, under a Runtime API) against databases that others
wrote: moto, and Amazon's DynamoDB Local where it is installed. What the table holds is asked with boto3."""

import datetime
import itertools
import json
import os
import pathlib
import re
import shutil
import ssl
import struct
import subprocess
import sys
import time
import zipfile

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from databases import DynamoDbLocal, MotoServer, client, make_table
from lambda_runtime import BOOTSTRAP, Function, RieFunction, cluster_event, emr_event
from processes import clean_environment

RANKS = {"STARTING": 0, "RUNNING": 2, "WAITING": 2, "TERMINATED": 4, "TERMINATED_WITH_ERRORS": 4}


class Database:
    def __init__(self, server):
        self.server = server
        self.url = server.url
        self.dynamodb = client("dynamodb", server.url)

    def item(self, cluster, item="STATE", table="states", keys=("cluster_id", "item")):
        key = {keys[0]: {"S": cluster}, keys[1]: {"S": item}}
        return self.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")

    def items(self):
        pages = self.dynamodb.get_paginator("scan").paginate(TableName="states")
        return {
            (item["cluster_id"]["S"], item["item"]["S"]): item
            for page in pages
            for item in page["Items"]
        }


@pytest.fixture(scope="module", params=[MotoServer, DynamoDbLocal])
def database(request, tmp_path_factory):
    if request.param is DynamoDbLocal and DynamoDbLocal.why_not():
        pytest.skip(f"DynamoDB Local judges nothing here: {DynamoDbLocal.why_not()}")
    with open(tmp_path_factory.mktemp("dynamodb") / "log", "wb") as log:
        server = request.param(log)
        yield Database(server)
        server.stop()


@pytest.fixture
def start(database, tmp_path):
    """A function that starts a forwarder on an empty table."""
    started = []
    make_table(database.dynamodb)

    def begin(**environment):
        log = tmp_path / f"log{len(started)}"
        started.append(Function(database.url, log, **environment))
        return started[-1]

    yield begin
    for function in started:
        function.stop()


def outcome(function, event):
    kind, said = function.invoke(event)
    assert kind == "response", said
    return said["outcome"]


def text(item, attribute):
    return next(iter(item[attribute].values())) if attribute in item else None


def test_an_item_is_what_the_event_said(start, database):
    function = start()
    event = cluster_event(
        "j-1", "TERMINATED", "2026-01-05T04:00:00Z", "STEP_FAILURE", "Steps completed with errors"
    )
    assert outcome(function, event) == "written"
    item = database.item("j-1")
    assert json.loads(item.pop("raw")["S"]) == event
    assert item == {
        "cluster_id": {"S": "j-1"},
        "item": {"S": "STATE"},
        "rank": {"N": "4"},
        "event_time": {"N": "1767585600"},
        "state": {"S": "TERMINATED"},
        "reason_code": {"S": "STEP_FAILURE"},
        "message": {"S": "Steps completed with errors"},
        "name": {"S": event["detail"]["name"]},
        "ttl": {"N": str(1767585600 + 30 * 86400)},
    }
    fleet = {
        "severity": "INFO", "clusterId": "j-1", "instanceFleetId": "if-1", "instanceFleetType": "CORE",
        "targetOnDemandCapacity": "2", "targetSpotCapacity": "6", "provisionedOnDemandCapacity": "2",
        "provisionedSpotCapacity": "0", "state": "RESIZING", "message": "m",
    }  # fmt: skip
    type_ = "EMR Instance Fleet State Change"
    assert outcome(function, emr_event(type_, "2026-01-05T03:00:00Z", **fleet)) == "written"
    item = database.item("j-1", "FLEET#CORE")
    assert (text(item, "target"), text(item, "running"), text(item, "state")) == ("8", "2", "RESIZING")
    assert function.log() == []  # good events leave no line


def life(cluster):
    """A cluster's events as EMR gives them: it works, waits, works again, and a step fails at the end."""
    return [
        cluster_event(cluster, "STARTING", "2026-01-05T02:00:00Z"),
        cluster_event(cluster, "RUNNING", "2026-01-05T02:05:00Z"),
        cluster_event(cluster, "WAITING", "2026-01-05T02:30:00Z"),
        cluster_event(cluster, "RUNNING", "2026-01-05T02:31:00Z"),
        cluster_event(cluster, "TERMINATED", "2026-01-05T03:00:00Z", "STEP_FAILURE", "with errors"),
    ]


def test_w2_no_order_of_a_clusters_events_moves_its_state_back(start, database):
    function = start()
    for number, order in enumerate(itertools.permutations(range(5))):
        events = life(f"j-{number}")
        best = (-1, "")
        for position in order:
            event = events[position]
            news = (RANKS[event["detail"]["state"]], event["time"])
            assert outcome(function, event) == ("written" if news > best else "known")
            best = max(best, news)
            item = database.item(f"j-{number}")
            assert (int(text(item, "rank")), json.loads(text(item, "raw"))["time"]) == best
        assert json.loads(text(item, "raw")) == events[-1]


def capacity(kind, cluster, state, time_text, running, role="CORE", capacity_id="x-1"):
    counts = {
        "Fleet": {"targetOnDemandCapacity": "4", "provisionedOnDemandCapacity": str(running)},
        "Group": {"requestedInstanceCount": "4", "runningInstanceCount": str(running)},
    }[kind]
    names = {f"instance{kind}Type": role, f"instance{kind}Id": capacity_id}
    detail = {"clusterId": cluster, "state": state} | counts | names
    return emr_event(f"EMR Instance {kind} State Change", time_text, **detail)


def step(cluster, state, time_text, step_id="s-1"):
    detail = {"clusterId": cluster, "stepId": step_id, "name": "train", "state": state, "message": "m"}
    return emr_event("EMR Step Status Change", time_text, **detail)


def test_w2_shuffled_and_repeated_events_of_a_whole_cluster_end_in_the_same_items(start, database):
    """Steps, fleets and groups too; some events share their second, as EMR's do."""
    function = start()
    events = lambda cluster: [  # noqa: E731
        step(cluster, "PENDING", "2026-01-05T02:00:00Z"),
        step(cluster, "RUNNING", "2026-01-05T02:05:00Z"),
        step(cluster, "FAILED", "2026-01-05T02:05:00Z"),
        capacity("Fleet", cluster, "RUNNING", "2026-01-05T02:04:00Z", 4),
        capacity("Fleet", cluster, "RESIZING", "2026-01-05T02:04:00Z", 0),
        capacity("Fleet", cluster, "RUNNING", "2026-01-05T02:06:00Z", 3),
        capacity("Group", cluster, "RUNNING", "2026-01-05T02:04:00Z", 4, "TASK", "ig-1"),
        capacity("Group", cluster, "TERMINATED", "2026-01-05T02:05:00Z", 0, "TASK", "ig-1"),
        capacity("Group", cluster, "RUNNING", "2026-01-05T02:03:00Z", 4, "TASK", "ig-2"),
        cluster_event(cluster, "RUNNING", "2026-01-05T02:05:00Z"),
        cluster_event(cluster, "WAITING", "2026-01-05T02:05:00Z"),
    ]
    wanted = {
        "STATE": "WAITING",
        "STEP#s-1": "FAILED",
        "FLEET#CORE": "RUNNING",
        "GROUP#TASK#ig-1": "TERMINATED",
        "GROUP#TASK#ig-2": "RUNNING",
    }
    orders = [sequence for n in range(11) for sequence in ((n, 1), (n, -1))]
    for number, (first, direction) in enumerate(orders):
        cluster = f"j-{number}"
        told = events(cluster)
        order = told[first::direction] + told[first::-direction]
        for event in order + order[::-1]:
            outcome(function, event)
    found = database.items()
    assert {key: text(item, "state") for key, item in found.items()} == {
        (f"j-{number}", item): state for number in range(len(orders)) for item, state in wanted.items()
    }
    assert {text(found[f"j-{n}", "FLEET#CORE"], "running") for n in range(len(orders))} == {"3"}


BAD_EVENTS = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{",
    b"\xff\xfe",
    b'{"detail-type": "EMR Cluster State Change", "source": "aws.emr"}',
    b"[" * 100_000,
    json.dumps(cluster_event("", "RUNNING", "2026-01-05T02:00:00Z")).encode(),
    json.dumps(cluster_event("j-1", "RUNNING", "yesterday")).encode(),
]


def test_a_bad_event_is_one_log_line_and_the_loop_goes_on(start, database):
    function = start()
    for event in BAD_EVENTS:
        assert outcome(function, event) == "bad"
    assert outcome(function, cluster_event("j-1", "RUNNING", "2026-01-05T02:00:00Z")) == "written"
    log = function.log()
    assert [line["outcome"] for line in log] == ["bad"] * len(BAD_EVENTS)
    assert all(line["level"] == "warning" and line["why"] for line in log)
    assert list(database.items()) == [("j-1", "STATE")]


def test_w4_what_is_anothers_or_unknown_is_left_alone(start, database):
    function = start(SIGNALBOX_DEPLOYMENT="prod")
    good = cluster_event("j-1", "RUNNING", "2026-01-05T02:00:00Z")
    foreign = cluster_event("j-1", "RUNNING", "2026-01-05T02:00:00Z", name="sbx-test-abcdef-x d r j try 1")
    spot = emr_event(
        "EC2 Spot Instance Interruption Warning", "2026-01-05T02:00:00Z", **{"instance-id": "i-1"}
    )
    for event in (
        good | {"account": "210987654321"},
        good | {"region": "us-east-1"},
        good | {"source": "me.evil"},
        good | {"detail-type": "EMR Novelty"},
        good | {"detail": good["detail"] | {"state": "NOVEL"}},
        foreign,
        spot | {"source": "aws.ec2"},
    ):
        assert outcome(function, event) == "ignored", event
    assert database.items() == {}
    assert outcome(function, good) == "written"


def test_an_event_that_cannot_be_written_is_lambdas_to_bring_again(start, database):
    function = start(SIGNALBOX_TABLE="later")
    event = cluster_event("j-1", "RUNNING", "2026-01-05T02:00:00Z")
    kind, said = function.invoke(event)
    assert (kind, said["errorType"]) == ("error", "Signalbox.NotWritten")
    assert "table later: ResourceNotFoundException" in said["errorMessage"]
    make_table(database.dynamodb, "later")
    assert outcome(function, event) == "written"


def test_a_table_that_exists_already_keeps_its_names(start, database):
    make_table(database.dynamodb, "theirs", ("ClusterId", "Sort"))
    names = "cluster_id=ClusterId,item=Sort,rank=r,event_time=at,state=status"
    function = start(SIGNALBOX_TABLE="theirs", SIGNALBOX_ATTRIBUTES=names, SIGNALBOX_TTL="1h")
    events = life("j-1")
    for event in events[::-1]:
        outcome(function, event)
    item = database.item("j-1", table="theirs", keys=("ClusterId", "Sort"))
    assert (text(item, "status"), text(item, "r"), text(item, "at")) == ("TERMINATED", "4", "1767582000")
    assert int(text(item, "ttl")) == 1767582000 + 3600


def test_the_program_needs_nothing_of_its_machine(tmp_path):
    """No loader, no libraries: an older glibc than Debian's is no matter."""
    header = BOOTSTRAP.read_bytes()
    (table,) = struct.unpack_from("<Q", header, 32)
    size, count = struct.unpack_from("<HH", header, 54)
    kinds = {struct.unpack_from("<I", header, table + size * n)[0] for n in range(count)}
    assert 1 in kinds and not kinds & {2, 3}, "PT_DYNAMIC, PT_INTERP"
    ended = subprocess.run(
        [BOOTSTRAP], env=clean_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 6 and "AWS_LAMBDA_RUNTIME_API is not set" in ended.stderr


def test_the_archive_holds_the_program_and_the_root_certificates():
    with zipfile.ZipFile(BOOTSTRAP.parent / "forwarder.zip") as archive:
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
        assert modes.pop("bootstrap") == 0o755
        assert archive.read("bootstrap") == BOOTSTRAP.read_bytes()
        roots = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        for name in modes:
            assert re.fullmatch(r"certs/[0-9a-f]{8}\.[0-9]", name) and modes[name] & 0o444 == 0o444
            roots.load_verify_locations(cadata=archive.read(name).decode())
    names = [dict(part[0] for part in root["subject"]).get("commonName") for root in roots.get_ca_certs()]
    assert len(names) > 100 and "Amazon Root CA 1" in names


def self_signed(name):
    """(certificate, key), both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    return (
        certificate.public_bytes(pem),
        key.private_bytes(pem, form, serialization.NoEncryption()),
    )


@pytest.mark.parametrize("packed", [False, True])
def test_names_and_certificates_are_found_on_a_machine_that_is_not_debian(tmp_path, packed):
    """In an empty root (empty_root.py). Its nsswitch.conf would end each look-up at a module that is not
    there; where it is there, it is another glibc's. Its bundle is where Amazon Linux has it, or the
    certificate is packed with the program."""
    unshare = ["unshare", "--user", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or subprocess.run(
        [*unshare, "true"], stderr=subprocess.DEVNULL, timeout=30, check=False
    ).returncode:
        pytest.skip("nobody judges how the forwarder looks up names: no user namespace can be made here")
    certificate, key = self_signed("dynamodb.from.names")
    (tmp_path / "etc").mkdir()
    bundle = tmp_path / "etc/pki/tls/certs/ca-bundle.crt"
    if packed:
        hash_ = subprocess.run(
            ["openssl", "x509", "-subject_hash", "-noout"], input=certificate, capture_output=True, check=True
        )
        bundle = tmp_path / "task/certs" / (hash_.stdout.decode().strip() + ".0")
    bundle.parent.mkdir(parents=True)
    bundle.write_bytes(certificate)
    (tmp_path / "server.pem").write_bytes(certificate + key)
    (tmp_path / "etc" / "hosts").write_text("127.0.0.1 localhost runtime.in.hosts\n")
    (tmp_path / "etc" / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    (tmp_path / "etc" / "nsswitch.conf").write_text("hosts: myhostname [UNAVAIL=return]\n")
    shutil.copy(BOOTSTRAP, tmp_path / "bootstrap")
    program = pathlib.Path(__file__).parent / "empty_root.py"
    ended = subprocess.run(
        [*unshare, sys.executable, program, tmp_path, tmp_path / "server.pem"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout.strip() == "written", ended.stderr


def test_it_runs_under_awss_runtime_interface_emulator(tmp_path, database):
    """SIGNALBOX_RIE names aws-lambda-rie; it takes the place of our own Runtime API."""
    rie = os.environ.get("SIGNALBOX_RIE")
    if not rie:
        pytest.skip("AWS's Runtime Interface Emulator judges nothing here: SIGNALBOX_RIE is not set")
    make_table(database.dynamodb)
    function = RieFunction(
        database.url, tmp_path / "rie.log", rie, SIGNALBOX_ACCOUNT="any", SIGNALBOX_REGION="any"
    )
    try:
        told = [outcome(function, event) for event in life("j-1")[::-1]]
        assert told == ["written"] + ["known"] * 4
        assert text(database.item("j-1"), "state") == "TERMINATED"
    finally:
        function.stop()
