"""Which way of manage-out fits the site, and why the others fail."""
