"""Finds keys without a format: the values of names such as `db_password`. `judge` decides which of them are keys.

This module imports nothing, and the others are imported when a candidate is met: their patterns and the model take
longer to load than a small scan takes.
"""
