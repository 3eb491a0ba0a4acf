"""Text listings of packets, as Wireshark, Network Monitor and tcpdump print them, as captures: a frame a record, made of what it says.

decode     bytes to plain text: encodings, mail quoting, HTML, CSV
records    where records stand in a text, and their columns; tcpdump's lines in `tcpdump`
info       what the words of a record say of its packet; Network Monitor's in `summary`
split      which records belong to one listing, and its name
flows      numbers that a record leaves out, as far as those around it settle them
build      a record's frame
reader     all of it as `Capture`s
"""
