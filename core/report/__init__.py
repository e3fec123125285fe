"""The report of a run: one page to hand to a colleague, made from what is on the disk and what the models say about the rows."""
