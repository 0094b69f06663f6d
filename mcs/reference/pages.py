"""The pages by file name."""

from collections.abc import Callable, Mapping

from mcs.reference.command_lines import commands_page
from mcs.reference.configuration import configuration_page
from mcs.reference.control_api import control_api_page
from mcs.reference.faults import faults_page

PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "configuration.md": configuration_page,
    "control-api.md": control_api_page,
    "faults.md": faults_page,
}
