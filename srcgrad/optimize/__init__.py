"""From a correct program to a lean one: dead statements, temporaries read once, names."""
