"""Mock Commerce Services: one link per room of the house, so that `mcs.server` is never yours.

The rooms stand beside this folder (contract/, server/, exporter/, harness/, fixtures/, loadtests/);
only what joins them is here: the command line and the demo.
"""

__version__ = "0.1.0"
