"""The site file: its shape, its reading with line numbers, and its schema for editors."""
