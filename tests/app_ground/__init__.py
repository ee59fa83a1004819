"""Tests of settings, logs, secrets, errors and of the arrows between the rooms."""
