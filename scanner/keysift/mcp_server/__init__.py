"""Scans for agents, by the Model Context Protocol; the extra `keysift[mcp]` brings the library that speaks it."""
