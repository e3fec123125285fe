"""A report on sheets of A4: the blocks of `core.report` laid out and painted into a PDF."""
