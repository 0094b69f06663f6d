"""What the HTTP clients of the harness share: who they are, and how a refusal reads."""

from typing import Any
from urllib.parse import urlsplit

import orjson
import urllib3

from mcs.contract.answer import reason_phrase
from mcs.contract.errors import UsageError
from mcs.harness.errors import CouldNotTell

USER_AGENT = "mock-commerce-services harness"
TIMEOUT = urllib3.Timeout(connect=10, read=120)


def checked_url(url: str) -> str:
    """The URL without a slash at its end. Raises UsageError unless it is http or https."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f'"{url}" is no URL of a service. Give one such as http://127.0.0.1:8080 with --url.'
        )
    return url.rstrip("/")


def opened_pool(token: str | None, **options: Any) -> urllib3.PoolManager:
    """Connections to a service. token: opens its control API. options: those of urllib3."""
    headers = {"User-Agent": USER_AGENT, **options.pop("headers", {})}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return urllib3.PoolManager(headers=headers, timeout=TIMEOUT, retries=False, **options)


def exchanged(
    http: urllib3.PoolManager, method: str, url: str, body: object = None
) -> tuple[int, bytes]:
    """Sends JSON, if any; status and body of the answer. Raises CouldNotTell if there is none."""
    content = None if body is None else orjson.dumps(body)
    headers = {**http.headers, "Content-Type": "application/json"}
    try:
        answer = http.request(method, url, body=content, headers=headers)
    except urllib3.exceptions.HTTPError as error:
        raise CouldNotTell(unreachable(url, error)) from None
    return answer.status, answer.data


def unreachable(url: str, error: urllib3.exceptions.HTTPError) -> str:
    """The sentence for a service that gave no answer."""
    cause = error.__cause__ or error.__context__ or error
    reason = str(cause).rpartition("] ")[2] or type(error).__name__
    return (
        f"no answer from {url} ({reason}). Start the service with `mcs serve`, or give its URL "
        "with --url."
    )


def refusal(status: int, body: bytes) -> str:
    """What a refusing answer says: its status, and the message of its JSON body if it has one."""
    said = f"{status} {reason_phrase(status)}"
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return f"{said}."
    parts = [answer.get(name) for name in _SAID] if isinstance(answer, dict) else []
    message = " ".join(str(part) for part in parts if part)
    return f"{said}: {message}" if message else f"{said}."


_SAID = ("message", "detail", "error_description")
"""Where answers say why; the last is the token service's."""
