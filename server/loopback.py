"""Which addresses and names mean this machine. Pure."""

from ipaddress import ip_address


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
