"""The WebRTC worker: live pictures for browsers with the least delay, from a process of its own (WHEP, RFC 9725)."""
