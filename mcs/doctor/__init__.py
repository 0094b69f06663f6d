"""`mcs doctor`: is a set-up of service and exporter whole, and if not, what is to be done?

It looks and asks, and changes nothing: no database is made, no item sent.
"""
