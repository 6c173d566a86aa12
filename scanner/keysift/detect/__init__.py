"""Bytes -> findings: which keys stand in them, how sure that is, and which label each has. Reads no files."""
