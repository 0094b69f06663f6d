"""The scenarios that come with mcs, by name; or any other, by path."""

from mcs.shipped import SCENARIOS

scenario_names = SCENARIOS.names
scenario_text = SCENARIOS.text
