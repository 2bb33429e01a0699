"""The virtual NetCam's scene: a garden, drawn by us, in which somebody passes now and then."""
