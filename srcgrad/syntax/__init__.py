"""Python in, Python out: reads a function into a tree, prints a tree; knows no derivatives."""
