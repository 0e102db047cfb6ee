"""Mattes without a screen: the person found by a network, refined by the picture's own colours."""
