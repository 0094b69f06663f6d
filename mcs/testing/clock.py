"""The service's clock, as a test turns it: time passes without waiting for it."""

from datetime import UTC, datetime

from mcs.contract.errors import UsageError
from mcs.testing.control import Control
from mcs.testing.told import speaks_for_itself

__tracebackhide__ = speaks_for_itself

WITHOUT_ZONE = "clock.set: {moment} has no time zone. Give one, such as tzinfo=datetime.UTC."
SHARED = (
    "the mock service at {url} is shared by several test workers, so its clock cannot be turned: "
    "it is one clock for all. Run without -n, or without --mcs-url."
)
PATH = "/clock"


class Clock:
    """Turns the clock of the whole service; at the end of the test it runs as before.

    Signatures are judged by it too: an exporter that runs by the machine's time must be told.
    """

    def __init__(self, control: Control, *, shared: bool = False) -> None:
        self._control = control
        self._shared = shared
        self._turned = False

    @property
    def turned(self) -> bool:
        """True from the first turn in this test until `real`."""
        return self._turned

    def now(self) -> datetime:
        """The service's present moment."""
        if not self._turned:
            return datetime.now(UTC)
        return datetime.fromisoformat(self._control.call("GET", PATH)["now"])

    def set(self, moment: datetime) -> None:
        """Stops the clock at a moment, which must have a time zone."""
        if moment.tzinfo is None:
            raise UsageError(WITHOUT_ZONE.format(moment=moment))
        self._turn({"now": moment.isoformat()})

    def advance(self, seconds: float) -> None:
        """Moves the clock on, or back; a stopped one stays stopped."""
        self._turn({"advance_s": seconds})

    def real(self) -> None:
        """Lets the clock show the machine's time again."""
        if self._turned:
            self._turn({"real": True})
            self._turned = False

    def _turn(self, how: dict[str, object]) -> None:
        if self._shared:
            raise UsageError(SHARED.format(url=self._control.url))
        self._control.call("PUT", PATH, how)
        self._turned = True
