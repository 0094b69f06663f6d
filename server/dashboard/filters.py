"""How pages write numbers, sizes and times. The only place that does."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from markupsafe import Markup

NOTHING = "—"
THOUSAND_BYTES = 1000
_UNITS = ("B", "kB", "MB", "GB", "TB")


def number(value: float | None) -> str:
    """A count or an amount with separators.

    >>> number(1234567), number(19.5), number(None)
    ('1,234,567', '19.50', '—')
    """
    if value is None:
        return NOTHING
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def size(value_bytes: float | None) -> str:
    """A size in bytes for people.

    >>> size(999), size(1_500_000), size(None)
    ('999 B', '1.5 MB', '—')
    """
    if value_bytes is None:
        return NOTHING
    amount, unit = float(value_bytes), 0
    while amount >= THOUSAND_BYTES and unit < len(_UNITS) - 1:
        amount, unit = amount / THOUSAND_BYTES, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}" if unit else f"{amount:.0f} {_UNITS[unit]}"


def moment(text: str | None) -> str | Markup:
    """An ISO 8601 time to the second, in UTC, as a <time>.

    What is no such time, as items may carry, is shown as it is.

    >>> str(moment("2026-11-22T19:10:15.123456+00:00"))
    '<time datetime="2026-11-22T19:10:15Z">2026-11-22 19:10:15</time>'
    """
    if not text:
        return NOTHING
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return text
    # Commerce writes UTC without saying so.
    utc = parsed.replace(tzinfo=parsed.tzinfo or UTC).astimezone(UTC)
    return Markup('<time datetime="{}Z">{}</time>').format(
        utc.strftime("%Y-%m-%dT%H:%M:%S"), utc.strftime("%Y-%m-%d %H:%M:%S")
    )


def plain_moment(text: str) -> str:
    """An ISO 8601 time to the second where no element may stand.

    >>> plain_moment("2026-11-22T19:10:15.123456+00:00")
    '2026-11-22 19:10:15'
    """
    return text[:19].replace("T", " ")


def digest(text: str) -> str:
    """The beginning of a hash, enough to tell two apart."""
    return text[:12]


def percent(share: float) -> str:
    """A share of one.

    >>> percent(0.999)
    '99 %'
    """
    return f"{int(share * 100)} %"


def duration(seconds: float | None) -> str:
    """A time span in its two largest units.

    >>> duration(0.25), duration(75), duration(7260), duration(None)
    ('0 s', '1 min 15 s', '2 h 1 min', '—')
    """
    if seconds is None:
        return NOTHING
    whole = timedelta(seconds=int(seconds))
    hours, rest = divmod(whole.seconds, 3600)
    parts = ((whole.days, "d"), (hours, "h"), (rest // 60, "min"), (rest % 60, "s"))
    shown = [f"{count} {unit}" for count, unit in parts if count][:2]
    return " ".join(shown) or "0 s"


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "product"), plural(2000, "product")
    ('1 product', '2,000 products')
    """
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def identity_text(identity: str | None) -> str:
    """An identity, given as JSON, for people.

    >>> identity_text('{"sku": "A", "storeViewCode": "default"}')
    'sku A, storeViewCode default'
    """
    named = orjson.loads(identity) if identity else {}
    return ", ".join(f"{path} {value}" for path, value in named.items())


def with_code(text: str) -> Markup:
    """A text whose commands stand in backticks, as the reports write them.

    >>> str(with_code("Run `mcs diff` <now>"))
    'Run <code>mcs diff</code> &lt;now&gt;'
    """
    shown = Markup()
    for number, part in enumerate(re.split("`([^`]+)`", text)):
        shown += Markup("<code>{}</code>").format(part) if number % 2 else part
    return shown


FILTERS: Mapping[str, Callable[..., Any]] = {
    "digest": digest,
    "identity": identity_text,
    "number": number,
    "percent": percent,
    "plain_moment": plain_moment,
    "size": size,
    "moment": moment,
    "duration": duration,
    "plural": plural,
    "with_code": with_code,
}
