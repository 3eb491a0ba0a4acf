"""Logs beside captures: how far their clocks are apart, and which packets a log's line is about.

sights, connections, data, ports   what of a capture a log's event may be
estimate, zones                    the one offset that brings both together
clocks                             what is known of a log's clock, stated or estimated
"""
