"""The demo's camera: a virtual NetCam that looks into the garden. Import from the modules inside."""
