"""What another setting would have made of a recorded day. Reads the database, changes nothing."""
