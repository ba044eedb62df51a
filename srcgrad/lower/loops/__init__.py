"""Loops over what is known, and over arrays and lists that vary."""
