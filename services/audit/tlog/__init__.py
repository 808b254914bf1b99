"""A verifiable log as the C2SP specifications describe it: tree, tiles, proofs, signed notes, receipts.

Pure computation on bytes: nothing here knows a database, a file or a clock.

Source: RFC 6962 and RFC 9162 (hashing, proofs); c2sp.org tlog-tiles, signed-note, tlog-checkpoint, tlog-proof.
"""
