"""What to set on which machine, in which order, with the check after each step."""
