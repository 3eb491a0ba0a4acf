"""The network as a graph of machines, links and routes, and packets walked through it."""
