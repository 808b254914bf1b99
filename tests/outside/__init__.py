"""Tests of outside."""
