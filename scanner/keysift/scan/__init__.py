"""Sources -> results: whole files with everything inside of them, on all cores, and their tally."""
