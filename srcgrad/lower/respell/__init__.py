"""Syntax that is short for other syntax, rewritten before any kind is known."""
