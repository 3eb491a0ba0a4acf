"""What protocols said: one table a protocol, each row naming its packet. Facts only, no judgement."""
