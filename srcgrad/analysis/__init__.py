"""Read-only facts about functions in normal form; nothing here changes a tree."""
