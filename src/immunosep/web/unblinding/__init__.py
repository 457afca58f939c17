"""Learning one participant's treatment: in an emergency, at once; and the register of who did."""
