"""Bytes -> findings: the keys in them, each with its confidence and label. Reads no files."""
