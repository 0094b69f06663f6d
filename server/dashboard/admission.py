"""Who may see the pages: login, sessions, and tokens of forms. Nothing of HTTP here."""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from mcs.server.store.repository import timestamp
from mcs.server.store.sessions import Sessions

SESSION_LIFE = timedelta(hours=12)
SESSIONS_KEPT = 200
SECRET_BYTES = 24


def new_token() -> str:
    """A login token that nobody guesses."""
    return secrets.token_urlsafe(SECRET_BYTES)


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode()).hexdigest()


def new_form_key() -> bytes:
    """What the tokens of forms are made with."""
    return secrets.token_bytes(SECRET_BYTES)


class Admission:
    """The door of one server. A restart ends all sessions and outdates all forms.

    login_hash: the hash of the login token. required: whether anybody must log in at all.
    form_key: of all processes of a server. sessions: where all of them see who is logged in.
    """

    def __init__(
        self, *, required: bool, login_hash: str | None, form_key: bytes, sessions: Sessions
    ) -> None:
        self.required = required
        self._login_hash = login_hash
        self._form_key = form_key
        # Of other servers that use the database, and of this one before it was started again, no
        # session counts.
        self._server = sha256(b"server" + form_key).hexdigest()
        self._sessions = sessions

    def log_in(self, token: str, now: datetime) -> str | None:
        """A new session's secret if the token is the right one, else None."""
        expected = self._login_hash
        if expected is None or not hmac.compare_digest(token_hash(token.strip()), expected):
            return None
        session = new_token()
        ends_at = timestamp(now + SESSION_LIFE)
        self._sessions.begin(self._server, token_hash(session), ends_at, most=SESSIONS_KEPT)
        return session

    def log_out(self, session: str) -> None:
        """Ends a session; another one is left alone."""
        self._sessions.end(self._server, token_hash(session))

    def admits(self, session: str | None, now: datetime) -> bool:
        """True if this session is logged in, or nobody needs to be."""
        if not self.required:
            return True
        ends_at = self._sessions.ends_at(self._server, token_hash(session or ""))
        return ends_at is not None and now < datetime.fromisoformat(ends_at)

    def form_token(self, browser: str) -> str:
        """What a form that is shown to this browser must carry when it comes back."""
        return hmac.new(self._form_key, browser.encode(), sha256).hexdigest()

    def is_form_token(self, given: str, browser: str | None) -> bool:
        """True if a form comes back from the browser that it was shown to."""
        return bool(browser) and hmac.compare_digest(
            given.encode(), self.form_token(browser or "").encode()
        )
