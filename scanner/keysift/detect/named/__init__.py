"""Keys without a format: values behind a name such as `db_password`. `judge` says which of them are keys.

Nothing is imported here, and the rest only when a candidate turns up: patterns and model take longer to load than a
small scan.
"""
