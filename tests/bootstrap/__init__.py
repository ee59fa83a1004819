"""Tests of setting up from a bare Python."""
