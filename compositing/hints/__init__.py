"""What knows what a person is: a small segmenter, installed by whoever wants it; a hint, never the key."""
