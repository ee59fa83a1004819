""" "What is wrong?": looks at one thing after the other and says what to do. Changes nothing."""
