"""A camera that plays files: RTSP with log-in, real time and faults to order. Import from the modules
inside."""
