"""A diff's verdict to read, one module per format, and the parts that reports are drawn from.

Pure: each format writes to a file it is given. `options` alone knows of the command line.
"""
