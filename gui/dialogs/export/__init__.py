"""Export: which rows, in what form, to which file, with what is written on show before it is."""
