"""Scripts for people who work on wireproof; nothing here is installed."""
