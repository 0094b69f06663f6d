"""What is looked at on this machine: Python, folders, the port."""

import os
import platform
import socket
from pathlib import Path

import urllib3

import mcs
from mcs.doctor.finding import Finding, bad, good

TIMEOUT = urllib3.Timeout(5)
OLDEST_PYTHON = (3, 11)
CONTROL_FORBIDDEN = 403


def python_finding() -> Finding:
    """Which Python runs which release."""
    said = (
        f"Python {platform.python_version()}, mcs {mcs.__version__} in {Path(mcs.__file__).parent}"
    )
    version = tuple(int(part) for part in platform.python_version_tuple()[:2])
    if version < OLDEST_PYTHON:
        return bad("python", said, "Install Python 3.11 or later.")
    return good("python", said)


def folder_finding(check: str, folder: Path, setting: str) -> Finding:
    """Whether files can be written in a folder, or the folder can be made."""
    nearest = folder.absolute()
    while not nearest.exists():
        nearest = nearest.parent
    if not nearest.is_dir():
        return bad(check, f"{nearest} is a file", f"Move it away, or name another with {setting}.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        step = f"Give this user the right to write there, or name another with {setting}."
        return bad(check, f"{nearest} cannot be written to", step)
    return good(check, f"{folder} can be written to")


def port_finding(host: str, port: int, url: str) -> Finding:
    """Whether the service can listen on its port, or does."""
    address = f"{host}:{port}"
    refusal = _bind_refusal(host, port)
    if refusal is None:
        return good("port", f"{address} is free")
    version = _version_of_service(url)
    if version is None:
        step = "End what holds it, or take another with --port or MCS_PORT."
        return bad("port", f"{address} is not to be had ({refusal})", step)
    if version not in (mcs.__version__, ""):
        step = "Restart the service with this release."
        return bad("port", f"mcs {version} listens on {address}, this is {mcs.__version__}", step)
    return good("port", f"our service listens on {address}")


def _bind_refusal(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            return str(getattr(error, "strerror", None) or error)
    return None


def _version_of_service(url: str) -> str | None:
    """The release of our service at a URL, "" if it does not say; None if it is none of ours."""
    try:
        answer = urllib3.request(
            "GET", f"{url}control/health", timeout=TIMEOUT, retries=False, redirect=False
        )
        said = answer.json()
    except (urllib3.exceptions.HTTPError, ValueError):
        return None
    if not isinstance(said, dict):
        return None
    if answer.status == CONTROL_FORBIDDEN and said.get("code") == "control_forbidden":
        return ""
    return str(said["version"]) if said.get("status") == "ok" and "version" in said else None
