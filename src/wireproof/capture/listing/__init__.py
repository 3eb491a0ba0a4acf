"""Text listings of packets, as Wireshark, Network Monitor and tcpdump print them, as captures: a frame a record, made of what it says.

decode     bytes to plain text: encodings, mail quoting, HTML, CSV; lines that mail broke in `unwrap`
columns    tables whose columns stand in another order or hold names, put in order; what a heading names in `headings`
records    where records stand in a text, and their columns; tcpdump's lines in `tcpdump`, trees without a record in `trees`
info       what the words of a record say of its packet; Network Monitor's in `summary`, missing protocols in `unnamed`
split      which records belong to one listing, and its name
ties       which connection a message without ports belongs to; which packet an ICMP error is about in `quotes`
flows      numbers that a record leaves out, as far as those around it settle them
build      a record's frame
reader     all of it as `Capture`s
"""
