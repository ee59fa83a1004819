"""One customer call and the agent's leg that joins it; knows trunk, phones and its order."""
