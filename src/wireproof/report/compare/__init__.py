"""What a comparison of two captures looks like, as text, JSON and HTML."""
