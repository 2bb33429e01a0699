"""ONVIF messages: values become bytes to be sent, bytes from a device become values.

Written after the public specifications: ONVIF Core, Media, PTZ and DeviceIO; SOAP 1.2; WS-Security UsernameToken
profile 1.0; WS-BaseNotification; WS-Discovery of April 2005. Import from the modules inside.
"""
