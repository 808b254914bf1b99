"""Webhooks: programs of partners that are told how their requests stand, at least once each, with our signature.

The desk says what is told and keeps the ledger; here it is signed, sent, and tried again.
Source: Standard Webhooks 1.0.
"""
