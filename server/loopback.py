"""Which addresses and names mean this machine, and which pages are another site's. Pure."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(host: str | None) -> bool:
    """True for a loopback address, or a name that is always one.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::ffff:127.0.0.1", "localhost", "0.0.0.0")]
    [True, True, True, False]
    """
    name = (host or "").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        parsed = ip_address(name)
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


def is_foreign(origin: str | None, host: str) -> bool:
    """True if a browser says that a request comes from a page of another host than was asked.

    The scheme does not count: a proxy before the server may speak TLS.

    >>> [is_foreign(origin, "a:80") for origin in (None, "https://a:80", "http://b", "null")]
    [False, False, True, True]
    """
    return origin is not None and urlsplit(origin).netloc != host
