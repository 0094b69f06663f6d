"""What the pytest plugin hands to tests: a data space to send to, and questions to ask it.

It joins the rooms, so it stands above them. Tests get it by the fixtures of `mcs.pytest_plugin`;
they import from here what they annotate with: `mcs.testing.services.CommerceServices`,
`mcs.testing.exporter.PairedExporter`. Nothing here is loaded before a test asks for a fixture.
"""
