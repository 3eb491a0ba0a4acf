"""What to run on each machine so that its captures and logs show the failure: commands in order, scripts, and a capture here and now."""
