"""Copies text and streams with every key in them masked: texts, streams in pieces, records of logs, growing files."""
