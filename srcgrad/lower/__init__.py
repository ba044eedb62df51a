"""Python to normal form: lives of variables split, kinds and callees known, views named."""
