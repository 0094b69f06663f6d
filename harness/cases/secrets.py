"""Takes secrets out of what goes into a case: keys, tokens, passwords. Pure.

Known secrets are found letter by letter; unknown ones by how they look or by what they stand
behind.
"""

import re
from collections.abc import Iterable, Iterator

REMOVED = b"[secret removed]"
SHORTEST_SECRET = 8

_BEGIN = rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----"
_END = rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----"
_LOOKS = re.compile(
    # A PEM text, also where its line breaks are escaped.
    rb"(?P<pem>" + _BEGIN + rb".{0,20000}?(?:" + _END + rb"|\Z))"
    # A JSON web token.
    rb"|(?P<jwt>eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,})"
    rb"|(?P<bearer>(?<=Bearer )[^\s\"',]{8,})",
    re.S,
)
_BEHIND = re.compile(
    rb"""((?:x-api-key|magento-api-key|x-gw-signature|authorization|(?:[\w/-]*_)?api_key|"""
    rb"""(?:[\w/-]*_)?private_key|client_secret|access_token|refresh_token|passw(?:or)?d|"""
    rb"""database_url)\\?["']?\s*(?:=>|[:=])\s*\[?\s*\\?["']?)([^"'\s,\\\]]{4,})""",
    re.I,
)


class Scrubber:
    """known: texts that must not be kept. removed: how many secrets were taken out so far."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        texts = {text.strip() for text in known}
        # A key is written in several ways: as it is, and with its line breaks escaped.
        ways = {way for text in texts for way in (text, text.replace("\n", "\\n"))}
        self._known = sorted(
            (way.encode() for way in ways if len(way) >= SHORTEST_SECRET), key=len, reverse=True
        )
        self.removed = 0

    def clean(self, text: bytes) -> bytes:
        """A text without secrets, such as a line or a block of a log."""
        return self._sub(_BEHIND, rb"\1" + REMOVED, self.clean_payload(text))

    def clean_payload(self, text: bytes) -> bytes:
        """The items of a request without secrets; a field may be called like one."""
        for secret in self._known:
            if secret in text:
                self.removed += text.count(secret)
                text = text.replace(secret, REMOVED)
        return self._sub(_LOOKS, REMOVED, text)

    def clean_lines(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The lines of a log without secrets, keys over several lines included."""
        is_key = False
        for line in lines:
            if is_key:
                is_key = not re.search(_END, line)
                continue
            is_key = bool(re.search(_BEGIN, line)) and not re.search(_END, line)
            yield self.clean(line)

    def _sub(self, pattern: re.Pattern[bytes], by: bytes, text: bytes) -> bytes:
        cleaned, count = pattern.subn(by, text)
        self.removed += count
        return cleaned
