"""botocore's SigV4Auth, asked what the headers of a given request have to be."""

import datetime
from unittest import mock

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SIGNED_BY_US = ("authorization", "x-amz-date", "x-amz-security-token")
# What an HTTP client adds after signing; botocore's does the same.
OF_TRANSPORT = ("content-length", "connection", "accept-encoding", "accept")


def expected(method, url, headers, body, credentials, scope, stamp):
    """The headers that botocore adds at the time `stamp` ("20260105T020000Z"), lower-case names.

    credentials: (key, secret, token or ""); scope: (region, service)."""
    request = AWSRequest(method=method, url=url, data=body)
    for name, value in headers:
        request.headers.add_header(name, value)
    given = set(request.headers.keys())
    now = datetime.datetime.strptime(stamp, SIGV4_TIMESTAMP)
    key, secret, token = credentials
    with mock.patch("botocore.auth.get_current_datetime", return_value=now):
        SigV4Auth(Credentials(key, secret, token or None), scope[1], scope[0]).add_auth(request)
    return {n.lower(): v for n, v in request.headers.items() if n not in given}
