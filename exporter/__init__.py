"""The Commerce side: a catalog database, indexers, feed tables, and the sync that submits them.

It meets the service over HTTP only and never imports it.
"""
