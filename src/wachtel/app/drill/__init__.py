"""The drill: rehearses on copies what would happen if the internet, the index or the vendor were gone, or if the
operator announced the end, and says promise by promise what came of it. Live footage is only read."""
