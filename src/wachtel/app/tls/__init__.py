"""Certificates of this installation: from an authority of its own, or the owner's."""
