"""Pictures in a codec that every browser plays, made of one that not every browser does; only while somebody looks."""
