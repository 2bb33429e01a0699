"""The house in Apple Home: a bridge with cameras and alarm panels. The library is imported only where it is on."""
