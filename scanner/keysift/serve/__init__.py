"""The report as a page on this machine, where people decide on keys: `keysift view`."""
