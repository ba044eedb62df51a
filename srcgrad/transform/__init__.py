"""Reverse and forward mode, over functions in normal form."""
