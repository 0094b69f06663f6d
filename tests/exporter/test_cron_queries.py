"""What cron asks of all feeds at once, each minute."""

from pathlib import Path

from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce import change_log
from mcs.exporter.feed_table import never_sent
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop


def test_changed_feeds_are_those_with_a_backlog(tmp_path: Path) -> None:
    engine = open_shop(Settings(var=tmp_path))
    with engine.begin() as connection:
        for name in ("prices", "variants"):
            change_log.note_changes(connection, name, [1, 2])
        change_log.mark_processed(connection, "variants", 2)
        changed = change_log.changed_feeds(connection)
        backlogs = {name: change_log.backlog(connection, name) for name in FEEDS}
    engine.dispose()

    assert changed == {"prices"} == {name for name, waiting in backlogs.items() if waiting}


def test_a_new_shop_never_sent_anything(tmp_path: Path) -> None:
    engine = open_shop(Settings(var=tmp_path))
    with engine.connect() as connection:
        found = never_sent(connection)
    engine.dispose()

    assert found == set(FEEDS)
