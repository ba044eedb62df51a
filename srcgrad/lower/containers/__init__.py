"""Lists, tuples and dicts in the statements that later passes know."""
