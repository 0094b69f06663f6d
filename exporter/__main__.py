"""`python -m mcs.exporter` is bin/magento."""

from mcs.exporter.cli import main

main()
