"""The tables of what only the pages need: who is logged in, and comparisons."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mcs.server.store.tables import Table


class PageSessions(Table):
    """Who is logged in to the pages of a server. The session's secret itself is kept nowhere."""

    __tablename__ = "page_sessions"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    server: Mapped[str] = mapped_column(String(64))
    ends_at: Mapped[str]


class Comparisons(Table):
    """What became of comparisons. home: names the folder that has their reports."""

    __tablename__ = "comparisons"

    home: Mapped[str] = mapped_column(String(64), primary_key=True)
    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    sent: Mapped[str]
    started_at: Mapped[str]
    finished_at: Mapped[str | None]
    error: Mapped[str]
    to_stop: Mapped[bool]
