"""Bounds for the numbers that an administrator types."""

from django.core.validators import MaxValueValidator, MinValueValidator


def up_to(most: int, least: int = 1) -> list[MinValueValidator | MaxValueValidator]:
    """Validators for a number from ``least`` to ``most``, both included."""
    return [MinValueValidator(least), MaxValueValidator(most)]
