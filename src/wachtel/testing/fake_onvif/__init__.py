"""A virtual ONVIF device: device, media, event and PTZ services, discovery, and quirks to order.

Its streams are those of a fake camera (`wachtel.testing.fake_camera`) or of anything with RTSP URLs. Import from
the modules inside; `wachtel.testing.fake_onvif.server.FakeOnvif` is the device.
"""
