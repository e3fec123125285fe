"""What the map part of `bench explorer` measures with: a project of many texts, an engine that arranges them."""
