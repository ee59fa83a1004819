"""Figures of the floor, each with its formula. Knows neither where counts come from nor windows."""

from dialer_core.kpi.figures import (
    Figure,
    SeatTimes,
    abandoned,
    contacts_per_hour,
    mean_wait,
    occupancy,
    utilisation,
    wait_p95,
)

__all__ = [
    "Figure",
    "SeatTimes",
    "abandoned",
    "contacts_per_hour",
    "mean_wait",
    "occupancy",
    "utilisation",
    "wait_p95",
]
