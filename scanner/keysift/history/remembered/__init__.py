"""What an audit has seen, kept in a directory, so that the next one reads only what is new."""
