"""Whose keys sign our calls: `signalbox aws whoami` beside botocore's own session in the same
environment and with the same files, and against moto's STS. Loopback alone."""

import dataclasses
import hashlib
import json
import os
import re
import subprocess
from unittest import mock

import botocore.credentials
import botocore.session
import botocore.tokens
import pytest

from processes import clean_environment, signalbox_path
from surroundings import BEARER, Surroundings, in_hours

moto_server = pytest.importorskip("moto.server", reason="moto[server] is not installed")

ENVIRONMENT = 6  # the exit code
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAENVIRONMENT1", "AWS_SECRET_ACCESS_KEY": "hush"}
REGION = {"AWS_DEFAULT_REGION": "eu-west-1"}
BASE = "[profile base]\naws_access_key_id = AKIABASE0000BASE\naws_secret_access_key = hush\n"
ROLE = "arn:aws:iam::123456789012:role/"
EXPIRES = in_hours(3)


@pytest.fixture(scope="module")
def sts():
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def around():
    server = Surroundings()
    yield server
    server.shutdown()
    server.server_close()


@dataclasses.dataclass
class Place:
    """A home folder and an environment, where both programs are asked who they are."""

    home: object
    environment: dict

    def write(self, path, text):
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return str(file)

    def whoami(self, profile=None, *more):
        named = ["--profile", profile] if profile else []
        result = subprocess.run(
            [signalbox_path(), "aws", "whoami", "--output", "json", *named, *more],
            env=self.environment, cwd=self.home, capture_output=True, text=True, timeout=60,
        )
        assert "hush" not in result.stdout + result.stderr
        return result

    def botocore(self, profile=None):
        cache = str(self.home / ".aws" / "sso" / "cache")
        with (
            mock.patch.dict(os.environ, self.environment, clear=True),
            mock.patch.object(botocore.credentials.SSOProvider, "_SSO_TOKEN_CACHE_DIR", cache),
            mock.patch.object(botocore.tokens.SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", cache),
        ):
            session = botocore.session.Session(profile=profile)
            credentials = session.get_credentials()
            keys = credentials.get_frozen_credentials()
            client = session.create_client("emr")
            expires = getattr(credentials, "_expiry_time", None)
            return {
                "source": credentials.method,
                "access_key": "****" + keys.access_key[-4:],
                "expires": expires.strftime("%Y-%m-%dT%H:%M:%SZ") if expires else None,
                "region": client.meta.region_name,
                "emr_endpoint": client.meta.endpoint_url,
            }


@pytest.fixture
def place(tmp_path, sts):
    environment = clean_environment(HOME=str(tmp_path), AWS_ENDPOINT_URL_STS=sts, **REGION)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        environment.pop(name)
    return Place(tmp_path, environment)


@dataclasses.dataclass
class Case:
    env: dict = dataclasses.field(default_factory=dict)  # None removes a variable
    config: str = ""
    credentials: str = ""
    profile: str = None
    source: str = "env"
    random_keys: bool = False  # moto draws them: each caller gets others
    offline: bool = False  # STS can't be asked; all else is printed nevertheless


def process(**keys):
    text = json.dumps({"Version": 1, "AccessKeyId": "AKIAPROCESS0PROC", "SecretAccessKey": "s"} | keys)
    return f"[default]\ncredential_process = printf '%s' '{text}'\n"


def role(name, **keys):
    lines = [f"role_arn = {ROLE}{name}", *(f"{key} = {value}" for key, value in keys.items())]
    return "\n".join(lines) + "\n"


DEFAULT_KEYS = "[default]\naws_access_key_id = AKIADEFAULT0DEFA\naws_secret_access_key = hush\n"
SSO_SESSION = ("[default]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = R\n"
               "[sso-session corp]\nsso_region = eu-north-1\nsso_start_url = https://corp/start\n")
SSO_LEGACY = ("[default]\nsso_start_url = https://corp/start\nsso_region = eu-north-1\n"
              "sso_account_id = 111122223333\nsso_role_name = R\n")
SERVICES = "services = local\nendpoint_url = http://127.0.0.1:5\n[services local]\nemr =\n"
REFUSED = {"HTTPS_PROXY": "http://127.0.0.1:1"}  # nothing of this reaches AWS

CASES = {
    "environment": Case(KEYS),
    "session token": Case(KEYS | {"AWS_SESSION_TOKEN": "t"}),
    "expiring environment": Case(KEYS | {"AWS_CREDENTIAL_EXPIRATION": EXPIRES}),
    "environment beside AWS_PROFILE": Case(KEYS | {"AWS_PROFILE": "base"}, BASE),
    "a profile named outright": Case(KEYS, BASE, profile="base", source="config-file"),
    "secret without key": Case({"AWS_SECRET_ACCESS_KEY": "hush"}, DEFAULT_KEYS, source="config-file"),
    "AWS_PROFILE": Case({"AWS_PROFILE": "base"}, BASE + DEFAULT_KEYS, source="config-file"),
    "AWS_DEFAULT_PROFILE": Case({"AWS_DEFAULT_PROFILE": "base", "AWS_PROFILE": "default"},
                                BASE + DEFAULT_KEYS, source="config-file"),
    "credentials file": Case({}, DEFAULT_KEYS,
                             DEFAULT_KEYS.replace("AKIADEFAULT0DEFA", "AKIASHARED00SHAR"),
                             source="shared-credentials-file"),
    "quoted profile": Case({"AWS_PROFILE": "x y"}, BASE.replace("profile base", 'profile "x y"'),
                           source="config-file"),
    "DEFAULT section": Case({}, "[DEFAULT]\nregion = sa-east-1\n" + DEFAULT_KEYS,
                            source="config-file"),
    "process": Case({}, process(), source="custom-process"),
    "process with expiry": Case({}, process(SessionToken="t", Expiration=EXPIRES),
                                source="custom-process"),
    "role": Case({"AWS_PROFILE": "prod"}, "[profile prod]\n" + role("r", source_profile="base") + BASE,
                 source="assume-role", random_keys=True),
    "role over role": Case({}, "[default]\n" + role("r", source_profile="m", external_id="partner") +
                           "[profile m]\n" + role("m", source_profile="base") + BASE,
                           source="assume-role", random_keys=True),
    "role with the environment": Case(KEYS, "[profile p]\n" +
                                      role("r", credential_source="Environment"), profile="p",
                                      source="assume-role", random_keys=True),
    "role on own keys": Case({}, DEFAULT_KEYS + role("r", source_profile="default"),
                             source="assume-role", random_keys=True),
    "role over a process": Case({}, process().replace("default", "profile t") + "[default]\n" +
                                role("r", source_profile="t"), source="assume-role",
                                random_keys=True),
    "web identity": Case({"AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/jwt", "AWS_ROLE_ARN": ROLE + "web"},
                         source="assume-role-with-web-identity", random_keys=True),
    "web identity profile": Case({"AWS_PROFILE": "w"}, "[profile w]\n" +
                                 role("web", web_identity_token_file="HOME/jwt"),
                                 source="assume-role-with-web-identity", random_keys=True),
    "sso": Case({}, SSO_SESSION, source="sso"),
    "older sso": Case({}, SSO_LEGACY, source="sso"),
    "container": Case({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "AROUND/container"},
                      source="container-role"),
    "instance": Case({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "AROUND",
                      "AWS_EC2_METADATA_DISABLED": "false"}, source="iam-role"),
    "role of the container": Case({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "AROUND/container"},
                                  "[default]\n" + role("r", credential_source="EcsContainer"),
                                  source="assume-role", random_keys=True),
    "region of the profile": Case(KEYS | {"AWS_DEFAULT_REGION": None},
                                  "[default]\nregion = ap-south-1\n"),
    "endpoint of the service": Case(KEYS | {"AWS_ENDPOINT_URL_EMR": "http://127.0.0.1:7",
                                            "AWS_ENDPOINT_URL": "http://127.0.0.1:8"}),
    "endpoint of all": Case(KEYS | {"AWS_ENDPOINT_URL": "http://127.0.0.1:8"}),
    "services section": Case(KEYS, "[default]\n" + SERVICES + "  endpoint_url = http://127.0.0.1:4\n"),
    "endpoint of the profile": Case(KEYS, "[default]\nendpoint_url = http://127.0.0.1:5\n"),
    "endpoints ignored": Case(KEYS | REFUSED | {"AWS_ENDPOINT_URL_EMR": "http://127.0.0.1:7",
                                                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
                              offline=True),
    "fips": Case(KEYS | {"AWS_USE_FIPS_ENDPOINT": "true"}),
    "fips in govcloud": Case(KEYS | {"AWS_USE_FIPS_ENDPOINT": "true",
                                     "AWS_DEFAULT_REGION": "us-gov-west-1"}),
    "dual-stack": Case(KEYS, "[default]\nuse_dualstack_endpoint = true\n"),
    "fips and dual-stack in China": Case(KEYS | {"AWS_USE_FIPS_ENDPOINT": "true",
                                                 "AWS_USE_DUALSTACK_ENDPOINT": "true",
                                                 "AWS_DEFAULT_REGION": "cn-north-1"}),
    "eusc": Case(KEYS | {"AWS_DEFAULT_REGION": "eusc-de-east-1"}),
    "iso": Case(KEYS | {"AWS_DEFAULT_REGION": "us-iso-east-1"}),
    "isob": Case(KEYS | {"AWS_DEFAULT_REGION": "us-isob-east-1"}),
}


def prepare(place, case, around, login=in_hours(1)):
    def filled(text):
        return text.replace("HOME", str(place.home)).replace("AROUND", around.url)

    place.environment |= {"AWS_ENDPOINT_URL_SSO": around.url}
    for name, value in case.env.items():
        place.environment.pop(name, None)
        if value is not None:
            place.environment[name] = filled(value)
    place.write(".aws/config", filled(case.config))
    place.write(".aws/credentials", case.credentials)
    place.write("jwt", "header.payload.signature")
    for name in ("corp", "https://corp/start"):
        file = hashlib.sha1(name.encode()).hexdigest() + ".json"
        place.write(f".aws/sso/cache/{file}",
                    json.dumps({"accessToken": BEARER, "expiresAt": login,
                                "startUrl": "https://corp/start", "region": "eu-north-1"}))


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_botocore(name, place, around):
    case = CASES[name]
    prepare(place, case, around)
    result = place.whoami(case.profile)
    assert result.returncode == (ENVIRONMENT if case.offline else 0), result.stderr
    ours = json.loads(result.stdout)
    judged = place.botocore(case.profile)
    assert judged["source"] == case.source, "the case is not what it is called"
    compared = dict(judged)
    if case.random_keys:
        assert ours["expires"] is not None and compared["expires"] is not None
        compared |= {"access_key": ours["access_key"], "expires": ours["expires"]}
    assert {key: ours[key] for key in compared} == compared
    if not case.offline:
        assert re.fullmatch(r"\d{12}", ours["account"]) and re.match("arn:aws[a-z-]*:sts:", ours["arn"])


def test_the_role_is_whom_aws_sees(place, around):
    config = "[default]\n" + role("worker", source_profile="base", role_session_name="me") + BASE
    prepare(place, Case(config=config), around)
    ours = json.loads(place.whoami().stdout)
    assert ours["arn"] == "arn:aws:sts::123456789012:assumed-role/worker/me"
    assert ours["detail"] == "profile default → source_profile base (config-file)"


# What botocore refuses we refuse, with a message that says what to do.
REFUSALS = {
    "a profile that is not there": (Case({"AWS_PROFILE": "gone"} | KEYS, BASE), "there are: base"),
    "half of the keys": (Case({"AWS_ACCESS_KEY_ID": "a"}, DEFAULT_KEYS), "AWS_SECRET_ACCESS_KEY"),
    "half of the keys in a file": (Case({}, "[default]\naws_access_key_id = a\n"),
                                   "aws_secret_access_key"),
    "roles in a circle": (Case({"AWS_PROFILE": "a"}, "[profile a]\n" + role("r", source_profile="b") +
                               "[profile b]\n" + role("r", source_profile="a")), "a → b → a"),
    "a role without a source": (Case({}, "[default]\n" + role("r")), "source_profile"),
    "a source that is not there": (Case({}, "[default]\n" + role("r", source_profile="x")), "'x'"),
    "two sources": (Case({}, "[default]\n" + role("r", source_profile="base",
                                                  credential_source="Environment") + BASE), "both"),
    "an unknown source": (Case({}, "[default]\n" + role("r", credential_source="Moon")), "Moon"),
    "a file that is no INI": (Case({}, "[default]\nnonsense\n"), "config:2"),
    "a key twice": (Case({}, "[default]\na = 1\nA = 2\n"), "config:3"),
    "an sso-session that is not there": (Case({}, SSO_SESSION.replace("[sso-session corp]",
                                                                      "[sso-session x]")), "corp"),
    "a process that fails": (Case({}, "[default]\ncredential_process = false\n"), "exit code 1"),
    "a process of another version": (Case({}, process(Version=2)), "Version 1"),
    "a container elsewhere": (Case({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/x"}),
                              "192.0.2.1"),
    "services that are not there": (Case(KEYS, "[default]\nservices = x\n"), "[services x]"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refuses_what_botocore_refuses(name, place, around):
    case, part = REFUSALS[name]
    prepare(place, case, around)
    result = place.whoami(case.profile)
    assert result.returncode == ENVIRONMENT and part in result.stderr, result.stderr
    assert result.stdout == ""
    with pytest.raises(Exception):
        place.botocore(case.profile)


def test_an_expired_login_says_how_to_log_in(place, around):
    prepare(place, Case({}, SSO_LEGACY), around, login=in_hours(-1))
    result = place.whoami()
    assert result.returncode == ENVIRONMENT
    assert "run `aws sso login --profile default`" in result.stderr
    with pytest.raises(Exception):
        place.botocore()


def test_mfa_is_refused_with_a_way_out(place, around):
    prepare(place, Case({}, "[default]\n" + role("r", source_profile="base", mfa_serial="m") + BASE),
            around)
    result = place.whoami()
    assert result.returncode == ENVIRONMENT and "mfa_serial needs a person" in result.stderr


def test_without_keys_every_source_says_why(place, around):
    prepare(place, Case(), around)
    result = place.whoami()
    assert result.returncode == ENVIRONMENT
    for source in ("env", "assume-role", "assume-role-with-web-identity", "sso",
                   "shared-credentials-file", "custom-process", "config-file", "container-role",
                   "iam-role"):
        assert f"{source}: " in result.stderr


def test_aws_region_goes_before_the_older_name_and_the_flag_before_both(place, around):
    prepare(place, Case(KEYS | {"AWS_REGION": "us-west-2"}), around)
    assert json.loads(place.whoami().stdout)["region"] == "us-west-2"
    assert json.loads(place.whoami(None, "--region", "us-west-1").stdout)["region"] == "us-west-1"


def test_a_project_names_profile_region_and_endpoint(place, around):
    prepare(place, Case(KEYS, BASE), around)
    place.write("project/signalbox.yaml",
                "deployment: demo\nemr: {profile: base, region: us-east-2, "
                "endpoint: \"http://127.0.0.1:9\"}\n")
    ours = json.loads(place.whoami(None, "--project", str(place.home / "project")).stdout)
    assert (ours["source"], ours["profile"], ours["access_key"]) == ("config-file", "base", "****BASE")
    assert (ours["region"], ours["emr_endpoint"]) == ("us-east-2", "http://127.0.0.1:9")


def test_people_get_a_table(place, around):
    prepare(place, Case(KEYS), around)
    result = subprocess.run([signalbox_path(), "aws", "whoami"], env=place.environment, text=True,
                            cwd=place.home, capture_output=True, timeout=60)
    assert result.returncode == 0 and "access key    ****ENT1" in result.stdout
