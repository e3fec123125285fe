"""The import wizard: any number of files, how each is read, what its columns mean, where its rows go."""
