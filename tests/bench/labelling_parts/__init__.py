"""The parts of `bench labelling`: each module has `figures(options)`."""
