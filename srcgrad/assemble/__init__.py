"""A generated module: finished functions, the names they read, the text they print."""
