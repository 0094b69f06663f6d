"""What is looked at of the exporter: its configuration, and whether the gateway knows its keys.

Source of what is asked: contract/wire.md, "Key check" and "Merchant registry".
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import urllib3

from mcs.called import MAGENTO
from mcs.contract.errors import UsageError
from mcs.contract.signature import sign
from mcs.doctor.databases import looking_at
from mcs.doctor.finding import Finding, absent, bad, good
from mcs.doctor.ingestion import ingestion_findings, unset_finding
from mcs.doctor.machine import TIMEOUT
from mcs.doctor.reaching import clock_finding, reason_of
from mcs.exporter import service
from mcs.exporter.commerce.database import read_config
from mcs.harness.client import refusal
from mcs.harness.credentials import credentials_files, read_credentials

PING = "/merchant-registry/v1/ping"
DATA_SPACE = "/merchant-registry/v1/registry/environments/{id}"
CLOCKS = "Set both clocks by NTP; signatures are good for minutes only."

OK, NOT_FOUND = 200, 404
GATEWAY_UNSET = (
    "no gateway URL is set, so batches would go to {url}",
    f"For a service of yours: {MAGENTO} config:set {{path}} http://127.0.0.1:8080/",
)
NEW_KEYS = (
    "Set the API key and private key of one credentials file; `mcs dataspace rotate NAME` makes "
    "a new pair."
)


def shop_findings(database_url: str) -> Iterator[Finding]:
    """The exporter's configuration, and if that is whole, what its gateway says to it."""
    try:
        with looking_at(database_url) as connection:
            configured = service.configured_service(connection, [])
            environment = read_config(connection, service.ENVIRONMENT) or "production"
            gateway = read_config(connection, service.gateway_path(environment))
            ingestion = read_config(connection, service.INGESTION_URL)
            ims = read_config(connection, service.IMS_URL)
    except UsageError as error:
        yield bad("exporter", str(error), "Run those lines; `mcs dataspace create` prints them.")
        return
    if configured.client is not None:
        said = f"configured for tenant {configured.data_space_id} of the ingestion API"
        yield good("exporter", said)
        if not ims:
            yield unset_finding("token service", service.IMS_URL, configured.client.ims_url)
        if not ingestion:
            yield unset_finding("ingestion API", service.INGESTION_URL, configured.base_url)
        if ims and ingestion:
            yield from ingestion_findings(configured, configured.client)
        return
    yield good("exporter", f"configured for data space {configured.data_space_id}")
    if not gateway:
        said, step = GATEWAY_UNSET
        path = service.gateway_path(environment)
        yield absent("gateway", said.format(url=configured.base_url), step.format(path=path))
        return
    url_is = f"{MAGENTO} config:set {service.gateway_path(environment)} URL"
    yield from gateway_findings("gateway", configured, url_is)


def credentials_findings(var: Path) -> Iterator[Finding]:
    """Whether each credentials file below a var folder is one, and is still good."""
    for path in credentials_files(var):
        check = f"credentials {path.stem}"
        try:
            known = read_credentials(path)
        except UsageError as error:
            yield bad(check, str(error), "Remove it, and make another: mcs dataspace create NAME")
            continue
        account = service.Service(known.url, known.data_space_id, known.api_key, known.private_key)
        found = gateway_findings(check, account, f"it is in {path}")
        wrong = [finding for finding in found if finding.next]
        yield from wrong or [good(check, f"accepted by {known.url}")]


def gateway_findings(check: str, account: service.Service, url_is: str) -> Iterator[Finding]:
    """Whether the gateway answers, takes the keys, knows the data space and tells our time.

    url_is: where its URL is kept.
    """
    url = account.base_url.rstrip("/")
    try:
        headers = _headers(account)
        ping = _ask(url + PING, headers)
        data_space = _ask(url + DATA_SPACE.format(id=account.data_space_id), headers)
    except UsageError as error:
        yield bad(f"{check}: keys", str(error), NEW_KEYS)
        return
    except urllib3.exceptions.HTTPError as error:
        step = f"Start the service (mcs serve), or correct its URL: {url_is}."
        yield bad(check, f"{url} does not answer ({reason_of(error)})", step)
        return
    if ping.status == NOT_FOUND:
        step = "Set the URL of a Commerce gateway, with nothing behind host and port."
        yield bad(check, f"{url} answers, but is no Commerce gateway", step)
        return
    yield good(check, f"{url} answers")
    if ping.status != OK:
        yield bad(f"{check}: keys", refusal(ping.status, ping.data), NEW_KEYS)
    elif data_space.status != OK:
        step = "Take the data space id and the keys of the same credentials file."
        yield bad(f"{check}: data space", refusal(data_space.status, data_space.data), step)
    else:
        yield good(f"{check}: keys", f"they match, and open data space {account.data_space_id}")
    yield from clock_finding(f"{check}: clock", ping.headers.get("Date"), "gateway", CLOCKS)


def _headers(account: service.Service) -> dict[str, str]:
    token = sign(account.private_key, datetime.now(UTC))
    return {"x-api-key": account.api_key, "x-gw-signature": token}


def _ask(url: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        "GET", url, headers=headers, timeout=TIMEOUT, retries=False, redirect=False
    )
