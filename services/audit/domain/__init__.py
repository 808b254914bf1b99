"""The rules of the memory: what may follow in a chain, what auditors may ask, how a petition's life is told."""
