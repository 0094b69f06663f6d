"""The reference pages that are written from several rooms' code: docs/reference/.

`make docs` writes them, a test holds them to the code. No page is written by hand.
"""
