"""What is looked at of an exporter that speaks the ingestion API: token service, token, tenant.

Source of what is asked: contract/ingestion-api.md. Whether a token opens the tenant is tried with
an empty batch, which has no item; a service's journal of requests shows it.
"""

from collections.abc import Iterator

import urllib3

from mcs.called import MAGENTO
from mcs.contract.catalog import CATALOG_FEEDS, SCOPE
from mcs.contract.dialects import address
from mcs.contract.token_request import TOKEN_PATH, token_form
from mcs.doctor.finding import Finding, absent, bad, good
from mcs.doctor.machine import TIMEOUT
from mcs.doctor.reaching import clock_finding, reason_of
from mcs.exporter import service
from mcs.exporter.service import ImsClient, Service
from mcs.harness.client import refusal

OK, BAD_REQUEST, NOT_FOUND, THROTTLED = 200, 400, 404, 429
TURNED_AWAY = (401, 403)
UNSET = (
    "no URL is set, so calls would go to {url}",
    f"For a service of yours: {MAGENTO} config:set {{path}} http://127.0.0.1:8080",
)
NEW_CLIENT = (
    "Set client_id and client_secret of one credentials file below aco_exporter/general; "
    "POST /control/data-spaces/ID/clients makes another client."
)
CLOCKS = "Set both clocks by NTP; a token lives by the service's clock."


def unset_finding(check: str, path: str, default: str) -> Finding:
    """That a URL is left to be Adobe's, which is not asked."""
    said, step = UNSET
    return absent(check, said.format(url=default), step.format(path=path))


def ingestion_findings(account: Service, client: ImsClient) -> Iterator[Finding]:
    """Whether the token service gives a token, and that opens the tenant."""
    url = client.ims_url.rstrip("/")
    try:
        answer = _asked_for_token(url, client)
    except urllib3.exceptions.HTTPError as error:
        step = f"Start the service (mcs serve), or correct {service.IMS_URL}."
        yield bad("token service", f"{url} does not answer ({reason_of(error)})", step)
        return
    token = _token_in(answer)
    if answer.status == NOT_FOUND or (answer.status == OK and not token):
        step = f"Correct {service.IMS_URL}: the URL of a token service, without a path."
        yield bad("token service", f"{url} answers, but is no token service", step)
        return
    yield good("token service", f"{url} answers")
    if not token:
        yield bad("token", refusal(answer.status, answer.data), NEW_CLIENT)
        return
    yield good("token", f"client {client.client_id} gets one")
    yield from _tenant_findings(account, token)


def _tenant_findings(account: Service, token: str) -> Iterator[Finding]:
    url = account.base_url.rstrip("/")
    try:
        answer = _asked_with(token, url, account.data_space_id)
    except urllib3.exceptions.HTTPError as error:
        step = f"Start the service (mcs serve), or correct {service.INGESTION_URL}."
        yield bad("ingestion API", f"{url} does not answer ({reason_of(error)})", step)
        return
    told = refusal(answer.status, answer.data)
    if answer.status in TURNED_AWAY:
        yield good("ingestion API", f"{url} answers")
        step = (
            f"Take tenant and client of the same credentials file, of a client with the scope "
            f"{SCOPE}."
        )
        yield bad("tenant", told, step)
    elif answer.status not in (OK, BAD_REQUEST, THROTTLED):
        step = f"Correct {service.TENANT_ID}, or {service.INGESTION_URL}: a URL without a tenant."
        yield bad("ingestion API", f"{url} has no tenant {account.data_space_id}: {told}", step)
    else:
        yield good("ingestion API", f"{url} answers")
        yield good("tenant", f"the token opens {account.data_space_id}")
    yield from clock_finding("ingestion API: clock", answer.headers.get("Date"), "service", CLOCKS)


def _asked_for_token(url: str, client: ImsClient) -> urllib3.BaseHTTPResponse:
    form = token_form(client.client_id, client.client_secret)
    return urllib3.PoolManager().request(
        "POST",
        url + TOKEN_PATH,
        fields=form,
        encode_multipart=False,
        timeout=TIMEOUT,
        retries=False,
        redirect=False,
    )


def _token_in(answer: urllib3.BaseHTTPResponse) -> str:
    if answer.status != OK:
        return ""
    try:
        said = answer.json()
    except ValueError:
        return ""
    token = said.get("access_token") if isinstance(said, dict) else None
    return token if isinstance(token, str) else ""


def _asked_with(token: str, url: str, tenant: str) -> urllib3.BaseHTTPResponse:
    feed = CATALOG_FEEDS["catalogProducts"]
    return urllib3.request(
        "POST",
        url + address(feed.name, feed.route, tenant),
        json=[],
        headers={"Authorization": f"Bearer {token}"},
        timeout=TIMEOUT,
        retries=False,
        redirect=False,
    )
