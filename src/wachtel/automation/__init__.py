"""What follows from an event: messages, in order, until they are delivered."""
