"""Measurements of srcgrad: run them all with `make bench`."""
