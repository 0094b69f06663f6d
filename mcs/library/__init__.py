"""The library of support cases: each is a story that this project's exporter and service live
through, from a customer's words to the fix.

case.py and reading.py say what a case is, verbs.py what it can do, facts.py what it can see,
breakages.py how an exporter can be at fault; stage.py has the shop and the service, playing.py goes
through a case, report.py and cli.py tell it. It joins the rooms, so it stands above them.
"""
