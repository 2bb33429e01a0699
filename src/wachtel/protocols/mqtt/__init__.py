"""What is said at an MQTT broker, and how what is heard there is read. Nothing here does I/O."""
