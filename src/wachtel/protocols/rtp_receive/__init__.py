"""RTP and its payload formats: packets in, access units and pieces of sound out (RFC 3550 and the payload
RFCs)."""
