"""Starts the product on a bare machine: its engines, its processes, and what they need before they run."""
