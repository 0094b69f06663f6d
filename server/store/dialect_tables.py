"""The tables of the ingestion API: who may ask for tokens, the tokens, and what went by cascade."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mcs.server.store.tables import Sorted, Table


class ImsClients(Table):
    """Which client may make tokens for which data space. The secret itself is kept nowhere.

    scopes: separated by spaces.
    """

    __tablename__ = "ims_clients"

    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), index=True)
    scopes: Mapped[str]
    created_at: Mapped[str]


class ImsTokens(Table):
    """The tokens that were made and are not forgotten yet, each by its hash."""

    __tablename__ = "ims_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("ims_clients.client_id"), index=True)
    scopes: Mapped[str]
    expires_at: Mapped[str]
    revoked: Mapped[bool]


class Cascaded(Table):
    """Items that were deleted since what they hang below was. root: the key of that item, which
    is of the feed `root_feed`; whoever creates it again gets them back."""

    __tablename__ = "cascaded"
    __table_args__ = (
        Index("cascaded_by_root", "data_space", "root_feed", "root"),
        {"sqlite_with_rowid": False},
    )

    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), primary_key=True)
    feed: Mapped[str] = mapped_column(Sorted, primary_key=True)
    key: Mapped[str] = mapped_column(Sorted, primary_key=True)
    root_feed: Mapped[str] = mapped_column(Sorted)
    root: Mapped[str] = mapped_column(Sorted)
    deleted_at: Mapped[str]
