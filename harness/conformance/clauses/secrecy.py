"""Secrets stay in the headers that are made for them."""

import re

from mcs.harness.conformance.clause import Clause
from mcs.harness.conformance.observation import Observation
from mcs.harness.conformance.verdict import Verdict, ruled

MADE_FOR_SECRETS = frozenset({"x-api-key", "magento-api-key", "x-gw-signature", "authorization"})
LOOKS_SECRET = (
    ("a JWT", re.compile(rb"eyJ[\w-]{8,}\.eyJ[\w-]+\.[\w-]{16,}")),
    ("a private key", re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a bearer token", re.compile(rb"\bBearer [\w.~+/-]{16,}")),
)

_HEADERS = 'contract/wire.md, "Headers"'


def _bodies(seen: Observation) -> Verdict:
    read = [request for request in seen.requests if request.body is not None]
    complaints = [
        f"{request}: its body holds {what}"
        for request in read
        for what in _secrets_in(request.body or b"", seen)
    ]
    return ruled(complaints, len(read), "bodies")


def _other_headers(seen: Observation) -> Verdict:
    complaints = [
        f"{request}: the header {name} holds {what}"
        for request in seen.requests
        for name, value in request.headers.items()
        if name not in MADE_FOR_SECRETS
        for what in _secrets_in(value.encode(), seen)
    ]
    return ruled(complaints, len(seen.requests), "requests")


def _secrets_in(text: bytes, seen: Observation) -> list[str]:
    """What secrets a text holds, by name: never themselves."""
    named = [what for what, secret in seen.secrets.items() if secret.encode() in text]
    return named + [what for what, pattern in LOOKS_SECRET if pattern.search(text)]


CLAUSES = (
    Clause("SECRET-1", "No body holds a key or a token.", _HEADERS, _bodies),
    Clause(
        "SECRET-2",
        "No header but those made for it holds a key or a token.",
        _HEADERS,
        _other_headers,
    ),
)
