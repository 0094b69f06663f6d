"""What the exporter and the service show of themselves in a case: counts, logs, items, times."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce import change_log
from mcs.exporter.commerce.indexer_state import IndexerStatus, indexer_states
from mcs.library import looking
from mcs.library.sight import SOME, Finding, Sight, all_of, each
from mcs.library.stage import Stage
from mcs.library.told import listed
from mcs.library.values import (
    CODE,
    DURATION,
    FEED,
    MAPPING,
    PRODUCTS,
    TEXT,
    TRUTH,
    WHOLE,
    Argument,
    Kind,
    arguments,
    list_of,
    one_of,
    value,
)

# The exporter


def _counts(given: Any, keys: Iterable[str], of: str) -> dict[str, Any]:
    table = {key: Argument(_COUNT) for key in keys}
    return arguments({str(key): one for key, one in _mapping(given, of).items()}, table, of)


def _mapping(given: Any, of: str) -> dict[Any, Any]:
    found: dict[Any, Any] = value(given, MAPPING, of)
    return found


def _read_count(given: Any) -> Any:
    return given if given == SOME else WHOLE.read(given)


_COUNT = Kind(f"a number, or {SOME}", _read_count)


def _counted(name: str, wanted: Mapping[str, Any], found: Mapping[str, int]) -> Finding:
    holds = all(
        found.get(key, 0) > 0 if count == SOME else found.get(key, 0) == count
        for key, count in wanted.items()
    )
    shown = {key: found.get(key, 0) for key in {**wanted, **found}}
    return Finding(name, _pairs(wanted), _pairs(shown), holds)


def _pairs(counts: Mapping[str, Any]) -> str:
    return listed(f"{key} {count}" for key, count in counts.items()) or "none"


def _backlog(stage: Stage, wanted: Mapping[str, Any]) -> Finding:
    with stage.engine.connect() as connection:
        found = {feed: change_log.backlog(connection, feed) for feed in wanted}
    return _counted("backlog", wanted, found)


def _indexer(stage: Stage, wanted: Mapping[str, str]) -> Finding:
    with stage.engine.connect() as connection:
        states = indexer_states(connection)
    found = {feed: states[feed].status.value for feed in wanted}
    return Finding("indexer", _pairs(wanted), _pairs(found), found == dict(wanted))


def _read_indexer(given: Any) -> dict[str, str]:
    table = {name: Argument(one_of(*IndexerStatus)) for name in FEEDS}
    return arguments(_mapping(given, "indexer"), table, "indexer")


def _sent(stage: Stage, wanted: Mapping[str, Any]) -> Finding:
    found: Counter[str] = Counter()
    for progress in stage.last.done:
        found[progress.feed.name] += progress.submitted
    return _counted("sent", wanted, found)


def _log(stage: Stage, codes: list[str]) -> Finding:
    found = sorted(set(looking.CODE.findall(looking.logged(stage))))
    holds = set(codes) <= set(found)
    return Finding("log", listed(codes), listed(found) or "no code", holds)


def _log_says(stage: Stage, texts: list[str]) -> Finding:
    log = looking.logged(stage)
    found = [text for text in texts if text in log]
    return Finding("log_says", listed(texts), listed(found) or "nothing of it", found == texts)


def _took(stage: Stage, values: Mapping[str, Any]) -> Finding:
    took = stage.last.took
    holds = values.get("at_least", took) <= took <= values.get("at_most", took)
    expected = listed(f"{name.replace('_', ' ')} {wanted}" for name, wanted in values.items())
    return Finding("took", expected, str(took), holds)


# The service


def _answers(stage: Stage, wanted: Mapping[str, Any]) -> Finding:
    entries = looking.requests_since(stage, stage.last.requests_after)
    return _counted("answers", wanted, Counter(str(entry["status"]) for entry in entries))


def _requests(stage: Stage, wanted: Mapping[str, Any]) -> Finding:
    entries = looking.requests_since(stage, stage.last.requests_after)
    return _counted("requests", wanted, Counter(entry["feed"] for entry in entries))


_HELD = {
    "feed": Argument(FEED, required=True),
    "product": Argument(PRODUCTS, required=True),
    "scope": Argument(TEXT),
    "having": Argument(MAPPING),
    "absent": Argument(TRUTH),
}
_SERVICES = ("catalog_service", "live_search", "product_recommendations")
_SHOWN = {"service": Argument(one_of(*_SERVICES), required=True), **_HELD}


def _held(stage: Stage, values: Mapping[str, Any]) -> Finding:
    found = {
        sku: looking.items_held(stage, values["feed"], sku, values.get("scope"))
        for sku in stage.products(values["product"])
    }
    return _as_wanted("held", values, found)


def _shown(stage: Stage, values: Mapping[str, Any]) -> Finding:
    found = {
        sku: looking.items_shown(stage, values["service"], values["feed"], sku, values.get("scope"))
        for sku in stage.products(values["product"])
    }
    return _as_wanted("shown", values, found)


def _as_wanted(
    name: str, values: Mapping[str, Any], found: Mapping[str, list[dict[str, Any]]]
) -> Finding:
    where = f" in {values['service']}" if "service" in values else ""
    of = f"{values['feed']} of {listed(found)}{where}"
    if values.get("absent"):
        count = sum(map(len, found.values()))
        return Finding(name, f"{of}: none", f"{of}: {count or 'none'}", not count)
    having = values.get("having", {})
    seen = [{key: item.get(key) for key in having} for items in found.values() for item in items]
    distinct = [one for at, one in enumerate(seen) if one not in seen[:at]]
    shown = listed(map(_pairs, distinct), "; ") if distinct else "none"
    holds = all(found.values()) and all(one == having for one in seen)
    return Finding(name, f"{of}: {_pairs(having)}", f"{of}: {shown}", holds)


def _several(kind: Kind, name: str) -> Callable[[Any], Any]:
    return lambda given: value(given, list_of(kind), name)


TRACES = (
    Sight(
        "held",
        "the service holds",
        "What the service holds of products: fields of their items, or that there is none; `scope` "
        "chooses a store view, website or customer group",
        all_of(_HELD, "held"),
        each(_held),
    ),
    Sight(
        "shown",
        "shoppers see",
        "The same of what a consuming service shows",
        all_of(_SHOWN, "shown"),
        each(_shown),
    ),
    Sight(
        "backlog",
        "waiting in the change log",
        "Changes by feed that wait in the change log (`bin/magento indexer:status`)",
        lambda given: _counts(given, FEEDS, "backlog"),
        _backlog,
    ),
    Sight("indexer", "indexers", "The state of indexers by feed", _read_indexer, _indexer),
    Sight(
        "sent",
        "sent in the last step",
        "Items by feed that the latest step sent with success",
        lambda given: _counts(given, FEEDS, "sent"),
        _sent,
    ),
    Sight(
        "answers",
        "answers in the last step",
        "Requests by HTTP status in the latest step that exports",
        lambda given: _counts(given, map(str, range(100, 600)), "answers"),
        _answers,
    ),
    Sight(
        "requests",
        "requests in the last step",
        "Requests by feed in that step",
        lambda given: _counts(given, FEEDS, "requests"),
        _requests,
    ),
    Sight("log", "codes in the logs", "Codes in the exporter's logs", _several(CODE, "log"), _log),
    Sight(
        "log_says",
        "the logs say",
        "Texts in the exporter's logs",
        _several(TEXT, "log_says"),
        _log_says,
    ),
    Sight(
        "took",
        "the last step took",
        "How long the latest step that exports took, in virtual time",
        lambda given: arguments(
            given, {"at_least": Argument(DURATION), "at_most": Argument(DURATION)}, "took"
        ),
        _took,
    ),
)
"""What exporter and service show of themselves."""
