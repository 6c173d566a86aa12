"""Findings for editors, by the Language Server Protocol; the extra `keysift[lsp]` brings the library that speaks it."""
