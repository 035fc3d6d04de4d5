"""Bounds for the numbers that an administrator types."""

from django.core.validators import MaxValueValidator, MinValueValidator


def up_to(most: int, least: int = 1) -> list[MinValueValidator | MaxValueValidator]:
    """Validators for a number from ``least`` to ``most``, both included."""
    return [MinValueValidator(least), MaxValueValidator(most)]


def bounds(field) -> tuple:
    """The least and the most that a model's number field takes."""
    least = max(check.limit_value for check in field.validators if isinstance(check, MinValueValidator))
    return least, min(check.limit_value for check in field.validators if isinstance(check, MaxValueValidator))
