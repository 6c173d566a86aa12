"""What git knows: the only room that starts git or opens a pack.

Starting git: `hardening` (so that a repository makes it run nothing), `process`. Without a process: `layout`.
What a repository has: `repository`, `refs`, `objects`, `trees`, `index`, `log`, `graph`, `messages`, `tracked` with
`exposed_names`. Parsing: `diff`, `pack`, `delta`.
"""
