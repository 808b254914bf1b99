"""The memory: hears every event, proves that none is missing or changed, and keeps all in a log that others can check.

It holds no sealed value and no key to open one, and nobody can ask it to change anything: it only ever adds. Whoever
does not believe it fetches checkpoint and tiles and computes for himself.

Hears: all sources, itself included (auditors' readings are events too).
Says: access.read, access.denied, auth.signed_in. Into the log itself it writes records of the source `log`: what was
received and when (`audit.batch.v1`), which source and key were met (`audit.source.v1`), what was kept out
(`audit.withheld.v1`), and what is wrong (`audit.finding.v1`).

Rooms of its own: `tlog` (the verifiable log, pure), `entries` (from a message to an entry), `ingest` and `publish` (the
loops that append and sign), `verify` (recomputes everything), `export` (the log as a directory of files).
"""
