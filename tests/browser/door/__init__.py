"""The door's promise to citizens, proved journey by journey on a phone of 360 px: with JavaScript, without it, and with
a network that is away at the moment of sending."""
