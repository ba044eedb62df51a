"""Which names share memory, and which of it is written."""
