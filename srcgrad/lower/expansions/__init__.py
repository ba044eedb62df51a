"""Other statements rewritten by the kinds of what they hold."""
