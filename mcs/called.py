"""How the exporter's command is called where this process runs, for messages that name it.

It knows nothing of the project, so that every room may ask.
"""

import sys
from pathlib import Path

AS_IN_COMMERCE = "bin/magento"
AS_INSTALLED = "magento"


def exporters_command(called: str, folder: Path) -> str:
    """`bin/magento` where there is one, as in a clone and in the root of a Commerce; else the name
    that an installed package has.

    called: what this process was called as, `sys.argv[0]`. folder: where it runs.

    >>> exporters_command("/usr/local/bin/magento", Path("/"))
    'magento'
    """
    program = Path(called)
    if program.stem == AS_INSTALLED:
        return AS_INSTALLED
    # bin/magento of a clone runs a module of the exporter, from wherever it was called.
    is_module = program.parts[-2:] == ("exporter", "__main__.py")
    return AS_IN_COMMERCE if is_module or (folder / AS_IN_COMMERCE).exists() else AS_INSTALLED


MAGENTO = exporters_command(sys.argv[0], Path())
