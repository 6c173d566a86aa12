"""A whole repository with all that it ever held: which keys, where, since when, until when."""
