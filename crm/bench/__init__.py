"""The big company and the benchmark: as many rows as a firm leaves behind in years, and how fast the product is on them."""
