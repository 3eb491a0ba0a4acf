"""Rules on plans for DirectAccess manage-out: they judge a site under review, not a capture."""
