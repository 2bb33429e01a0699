"""What rules drive: lamps, sirens, plugs, one folder per way to reach them."""
