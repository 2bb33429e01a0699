"""The gateway worker: streams for other programs, served by RTSP from a process of its own."""
