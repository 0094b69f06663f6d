"""The service's control API as far as cases need it, besides what the conformance suite does."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import urllib3

from mcs.contract.token_request import TOKEN_PATH, token_form
from mcs.harness.client import refusal, unreachable
from mcs.harness.conformance.service import DataSpace, LiveService, data_space_of
from mcs.harness.errors import CouldNotTell

TURNED_AWAY = "{url} gave no token: {refusal}"

_COUNTS = ("sources_done", "submitted", "failed")
_REPORTED = ("source_records", "sent", "failed", "waiting", "indexer", "items")


class CaseService(LiveService):
    """A running service, of which data spaces are frozen, or on which they are restored."""

    def made(self, name: str, settings: Mapping[str, Any]) -> DataSpace:
        """A new data space with these settings."""
        given = {"name": name, "settings": dict(settings)}
        made = self._json("POST", "/data-spaces", given)
        return data_space_of(made)

    def token(self, space: DataSpace) -> str:
        """A new token for the ingestion API of a data space."""
        url = f"{self.url}{TOKEN_PATH}"
        fields = token_form(space.client_id, space.client_secret)
        try:
            answer = self._http.request("POST", url, fields=fields, encode_multipart=False)
            return str(answer.json()["access_token"])
        except urllib3.exceptions.HTTPError as error:
            raise CouldNotTell(unreachable(url, error)) from None
        except (ValueError, LookupError):
            told = refusal(answer.status, answer.data)
            raise CouldNotTell(TURNED_AWAY.format(url=url, refusal=told)) from None

    def version(self) -> str:
        """Which release the service is."""
        return str(self._json("GET", "/health").get("version", ""))

    def described(self, data_space: str) -> dict[str, Any]:
        """A data space: id, name, settings, created_at."""
        return self._json("GET", f"/data-spaces/{data_space}")

    def set_clock(self, moment: datetime) -> None:
        """Stops the service's clock at a moment."""
        self._json("PUT", "/clock", {"now": moment.isoformat()})

    def newest_request(self, data_space: str) -> int:
        """The number of the newest request; 0 if none came."""
        page = self._json("GET", f"/data-spaces/{data_space}/requests?limit=1")["requests"]
        return int(page[0]["id"]) if page else 0

    def faults(self, data_space: str) -> list[dict[str, Any]]:
        """The rules that are in force or switched off."""
        return self._listed(data_space, "faults", "faults")

    def fault_journal(self, data_space: str) -> list[dict[str, Any]]:
        """What faults did, in order."""
        return self._listed(data_space, "faults/journal", "events")

    def runs(self, data_space: str) -> list[dict[str, Any]]:
        """The sync runs that began last, newest first."""
        return self._listed(data_space, "runs?limit=1000", "runs")

    def feed_status(self, data_space: str) -> list[dict[str, Any]]:
        """The last report of each feed that has one."""
        return self._listed(data_space, "feed-status", "feeds")

    def resyncs(self, data_space: str) -> list[dict[str, Any]]:
        """The resyncs that were asked for, oldest first."""
        return self._listed(data_space, "resyncs", "resyncs")

    def versions(self, data_space: str, feed: str, key: str) -> list[dict[str, Any]]:
        """The accepted writes of an item, oldest first."""
        return self._listed(data_space, f"received/{feed}/{key}", "versions")

    def restore_run(self, data_space: str, run: Mapping[str, Any]) -> None:
        """Notes a sync run as it stood; its times are those of now."""
        path = f"/data-spaces/{data_space}/runs"
        begun = {name: run[name] for name in ("feed", "operation", "sources")}
        number = self._json("POST", path, begun)["id"]
        report = {name: run[name] for name in ("state", *_COUNTS)}
        if run.get("reason"):
            report["reason"] = run["reason"]
        self._json("PUT", f"{path}/{number}", report)

    def restore_feed_status(self, data_space: str, report: Mapping[str, Any]) -> None:
        """Notes how a feed stood at its exporter."""
        told = {name: report[name] for name in _REPORTED if name in report}
        self._json("PUT", f"/data-spaces/{data_space}/feed-status/{report['feed']}", told)

    def restore_resync(self, data_space: str, resync: Mapping[str, Any]) -> None:
        """Asks for a resync that still waited."""
        asked = {"feeds": resync["feeds"], "now": bool(resync.get("now"))}
        if resync.get("ids"):
            asked["ids"] = resync["ids"]
        self._json("POST", f"/data-spaces/{data_space}/resyncs", asked)

    def _listed(self, data_space: str, path: str, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._json("GET", f"/data-spaces/{data_space}/{path}")[name]
        return found
