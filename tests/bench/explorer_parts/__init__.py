"""The parts of `bench explorer`: each module has `figures(options)`."""
