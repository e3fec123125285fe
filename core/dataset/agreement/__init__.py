"""Two judgements of the same rows: how far they agree, by chance or better, and what to settle."""
