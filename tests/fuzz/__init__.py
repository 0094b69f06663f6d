"""What reads bytes of strangers, tried with bytes that nobody would send.

targets.py says what is tried, and what may come of it. test_targets.py tries a little of it with
each run of the tests; `python -m tests.fuzz` (`make fuzz`) for as long as one likes, led by the
code that is reached.
"""
