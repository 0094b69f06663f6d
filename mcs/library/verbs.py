"""What can be done in a case: a closed vocabulary. docs/case-library.md is made of this table.

Each verb does its part at the stage and says what it did, as a person would type or say it, and
what came of it.
"""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from mcs.contract.errors import UsageError
from mcs.contract.signature import sign
from mcs.exporter.configuration import set_value
from mcs.exporter.run import Resync
from mcs.exporter.schedule import MINUTE, CronPass
from mcs.exporter.service import DATA_SPACE_ID, api_key_path
from mcs.exporter.sync import Progress
from mcs.fixtures.catalog import Catalog
from mcs.harness.fault_actions import ACTIONS
from mcs.library.breakages import BREAKAGES, CRON_DOWN
from mcs.library.case import feeds_named
from mcs.library.shop_verbs import SHOP_VERBS
from mcs.library.stage import Killed, Last, Stage, second_shop
from mcs.library.told import Told, Verb, listed
from mcs.library.values import (
    DURATION,
    FEED,
    FEED_NAMES,
    MAPPING,
    NUMBER,
    PRODUCT,
    TEXT,
    TRUTH,
    WHOLE,
    Argument,
    one_of,
)
from mcs.pairing import connect_shop

SEE = "see"
ENVIRONMENTS = "/merchant-registry/v1/registry/environments"
NOT_CLEANED = "the service did not empty the data space: it answered {status}."


# The exporter


def _sync(stage: Stage, values: Mapping[str, Any]) -> Told:
    feeds = feeds_named(values["feed"]) or stage.case.feeds
    options = Resync(
        reindex=not values.get("no_reindex"),
        cleanup=bool(values.get("cleanup")),
        force=bool(values.get("force")),
        resume=bool(values.get("continue")),
        batch_size=values.get("batch_size"),
        threads=values.get("threads"),
    )
    exporter = stage.exporter()
    done = [exporter.resync(feed, options) for feed in feeds]
    command = f"bin/magento saas:resync --feed {feeds[0].cli_names[-1]}{_options(values)}"
    more = f", and so for {listed(feed.name for feed in feeds[1:])}" if len(feeds) > 1 else ""
    return Told(command + more, listed(map(_progress, done), "; "), done)


_OPTIONS = {
    "no_reindex": "--no-reindex",
    "cleanup": "--cleanup-feed",
    "force": "--force",
    "continue": "--continue-resync",
    "batch_size": "--batch-size",
    "threads": "--thread-count",
}


def _options(values: Mapping[str, Any]) -> str:
    given = [
        option if values[name] is True else f"{option} {values[name]}"
        for name, option in _OPTIONS.items()
        if values.get(name)
    ]
    return "".join(f" {one}" for one in given)


def _progress(progress: Progress) -> str:
    counts = {
        "sent": progress.submitted,
        "failed": progress.failed,
        "not collected": len(progress.uncollected),
    }
    told = [f"{count} {what}" for what, count in counts.items() if count or what == "sent"]
    stopped = ", then stopped" if progress.stopped else ""
    return f"{progress.feed.name}: {listed(told)}{stopped}"


def _cron(stage: Stage, values: Mapping[str, Any]) -> Told:
    lasts: timedelta = values["for"]
    end = stage.time.moment + lasts
    done: list[tuple[str, Progress]] = []
    passes = 0
    while stage.time.moment < end:
        if CRON_DOWN not in stage.broken:
            stage.pass_over_other_feeds()
            done += CronPass(stage.exporter(), stage.time.moment).run().done
            passes += 1
        stage.time.sleep(MINUTE.total_seconds())
    told = [f"{operation} of {_progress(progress)}" for operation, progress in done]
    nothing = "nothing was due" if passes else "cron does not run: nothing happened"
    came = listed(told, "; ") or nothing
    return Told(f"cron, for {_shown(lasts)}", came, [progress for _, progress in done])


def _wait(stage: Stage, values: Mapping[str, Any]) -> Told:
    stage.time.sleep(values["for"].total_seconds())
    return Told(f"wait {_shown(values['for'])}", f"it is {stage.time.moment:%d %b, %H:%M}")


def _killed_sync(stage: Stage, values: Mapping[str, Any]) -> Told:
    [feed] = feeds_named([values["feed"]])
    options = Resync(batch_size=values.get("batch_size"))
    did = f"bin/magento saas:resync --feed {feed.cli_names[-1]}{_options(values)}"
    try:
        stage.killed_exporter(values["batches"]).resync(feed, options)
    except Killed:
        came = f"killed when the answer to batch {values['batches']} came, before it was noted"
        return Told(did, came)
    return Told(did, "it was done before it could be killed")


def _break(stage: Stage, values: Mapping[str, Any]) -> Told:
    stage.break_as(values["what"])
    return Told(f"from now on the exporter {BREAKAGES[values['what']].wrong}", "")


def _mend(stage: Stage, values: Mapping[str, Any]) -> Told:
    stage.mend(values["what"])
    return Told(f"put right: that the exporter {BREAKAGES[values['what']].wrong}", "")


def _config(stage: Stage, values: Mapping[str, Any]) -> Told:
    with stage.engine.begin() as connection:
        said = set_value(connection, values["path"], values["value"])
    return Told(f"bin/magento config:set {values['path']} {values['value']}", said or "")


def _api_key(stage: Stage, values: Mapping[str, Any]) -> Told:
    key = stage.data_space["api_key"]
    if values["how"] == MISTYPED:
        key = key[::-1]
    with stage.engine.begin() as connection:
        set_value(connection, api_key_path("production"), key)
    return Told(f"bin/magento config:set {api_key_path('production')} …, {values['how']}", "")


MISTYPED, AS_GIVEN = "mistyped", "as given"


# The service and the line to it


def _fault(stage: Stage, values: Mapping[str, Any]) -> Told:
    rule = {name: value for name, value in values.items() if name != "product"}
    if "product" in values:
        [sku] = stage.products(values["product"])
        rule["identity"] = {"sku": sku}
    stage.control.call("POST", f"{stage.space_path}/faults", rule)
    of = f" with {rule['feed']}" if "feed" in rule else ""
    return Told(f"the service misbehaves{of}: {ACTIONS[rule['action']].help}", "")


def _end_faults(stage: Stage, _: Mapping[str, Any]) -> Told:
    stage.control.call("DELETE", f"{stage.space_path}/faults")
    return Told("the service behaves again", "")


def _settings(stage: Stage, values: Mapping[str, Any]) -> Told:
    stage.control.call("PATCH", stage.space_path, {"settings": values["changes"]})
    told = listed(f"{name}: {value}" for name, value in values["changes"].items())
    return Told(f"the service is set to {told}", "")


def _batches_take(stage: Stage, values: Mapping[str, Any]) -> Told:
    stage.batch_s = values["seconds"]
    return Told(f"from now on each batch is under way for {values['seconds']:g} s", "")


def _switch_data_space(stage: Stage, values: Mapping[str, Any]) -> Told:
    made = stage.new_data_space()
    if values["how"] == QUIETLY:
        connect_shop(stage.engine, stage.url, made)
        told = Told(f"UPDATE core_config_data … {DATA_SPACE_ID} = {made['id']}", "")
    else:
        with stage.engine.begin() as connection:
            said = set_value(connection, DATA_SPACE_ID, made["id"])
        connect_shop(stage.engine, stage.url, made)
        told = Told(f"bin/magento config:set {DATA_SPACE_ID} {made['id']}", said or "")
    stage.data_space = made
    return told


QUIETLY, BY_COMMAND = "in the database", "by command"


def _clean_data_space(stage: Stage, _: Mapping[str, Any]) -> Told:
    space = stage.data_space
    url = f"{stage.url}{ENVIRONMENTS}/{space['id']}/cleanup"
    signature = sign(space["private_key"], stage.time.now())
    headers = {"x-api-key": space["api_key"], "x-gw-signature": signature}
    answer = stage.control.http.request("POST", url, headers=headers)
    if answer.status != HTTPStatus.OK:
        raise UsageError(NOT_CLEANED.format(status=answer.status))
    return Told("bin/magento saas:catalog:cleanup", f"{answer.json()['items']} items are forgotten")


def _second_shop(stage: Stage, values: Mapping[str, Any]) -> Told:
    own = values.get("own_data_space")
    space = stage.new_data_space() if own else stage.data_space
    catalog = Catalog(seed=values["seed"], products=values["products"])
    with second_shop(stage, catalog, space) as exporter:
        done = [exporter.resync(feed, Resync(cleanup=bool(own))) for feed in stage.case.feeds]
    where = "a data space of its own" if own else "the same data space"
    return Told(
        f"another shop, such as staging, exports to {where}", listed(map(_progress, done), "; ")
    )


def _see(_: Stage, __: Mapping[str, Any]) -> Told:
    return Told("look", "")


_FOR = {"for": Argument(DURATION, required=True)}
_WHAT = {"what": Argument(one_of(*BREAKAGES), required=True)}

_VERBS = (
    Verb(
        "sync",
        "Syncs whole feeds, as `bin/magento saas:resync` does",
        _sync,
        {
            "feed": Argument(FEED_NAMES, required=True),
            "no_reindex": Argument(TRUTH),
            "cleanup": Argument(TRUTH),
            "force": Argument(TRUTH),
            "continue": Argument(TRUTH),
            "batch_size": Argument(WHOLE),
            "threads": Argument(WHOLE),
        },
        short="feed",
        exports=True,
    ),
    Verb("cron", "Lets time pass with cron's jobs each minute", _cron, _FOR, "for", exports=True),
    Verb("wait", "Lets time pass without cron", _wait, _FOR, "for"),
    Verb(
        "killed_sync",
        "Syncs a feed with an exporter that dies when so many batches were answered, before it "
        "has noted the last one",
        _killed_sync,
        {
            "feed": Argument(FEED, required=True),
            "batches": Argument(WHOLE, required=True),
            "batch_size": Argument(WHOLE),
        },
        exports=True,
    ),
    *SHOP_VERBS,
    Verb("break", "Lets the exporter be at fault, see below", _break, _WHAT, "what"),
    Verb("mend", "Puts that right, as an upgrade does", _mend, _WHAT, "what"),
    Verb(
        "config",
        "Sets a value of Commerce's configuration",
        _config,
        {"path": Argument(TEXT, required=True), "value": Argument(TEXT, required=True)},
    ),
    Verb(
        "api_key",
        "Sets the API key of the exporter, with a typing error or right",
        _api_key,
        {"how": Argument(one_of(MISTYPED, AS_GIVEN), required=True)},
        "how",
    ),
    Verb(
        "switch_data_space",
        "Configures a new, empty data space: past Commerce, or as config:set does",
        _switch_data_space,
        {"how": Argument(one_of(QUIETLY, BY_COMMAND), required=True)},
        "how",
    ),
    Verb("clean_data_space", "Empties the data space, as its owner may ask for", _clean_data_space),
    Verb(
        "second_shop",
        "Another shop, with a catalog of its own, exports to the same data space, or to its own",
        _second_shop,
        {
            "seed": Argument(WHOLE, required=True),
            "products": Argument(WHOLE, required=True),
            "own_data_space": Argument(TRUTH),
        },
    ),
    Verb(
        "fault",
        "Lets the service misbehave, by a rule as docs/scenarios.md has it",
        _fault,
        {
            "action": Argument(one_of(*ACTIONS), required=True),
            "feed": Argument(FEED),
            "product": Argument(PRODUCT),
            "parameters": Argument(MAPPING),
            "count": Argument(WHOLE),
        },
        "action",
    ),
    Verb("end_faults", "Lets the service behave again", _end_faults),
    Verb(
        "settings",
        "Changes how the service treats the data space",
        _settings,
        {"changes": Argument(MAPPING, required=True)},
    ),
    Verb(
        "batches_take",
        "Sets how many seconds each batch is under way",
        _batches_take,
        {"seconds": Argument(NUMBER, required=True)},
        "seconds",
    ),
    Verb(SEE, "Looks at once, not only at the end; takes what `seen` takes", _see),
)

VERBS: Mapping[str, Verb] = {verb.name: verb for verb in _VERBS}
"""Every verb, by name."""


def act(stage: Stage, verb: str, values: Mapping[str, Any]) -> Told:
    """Does one step, and keeps at the stage what it exported."""
    before, began = stage.latest_request(), stage.time.moment
    stage.marks.append((verb, before))
    told = VERBS[verb].do(stage, values)
    if VERBS[verb].exports:
        stage.last = Last(told.done, stage.time.moment - began, before)
    return told


def _shown(lasts: timedelta) -> str:
    minutes, seconds = divmod(int(lasts.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
