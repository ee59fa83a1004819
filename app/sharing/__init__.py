"""One database for many PCs: its server, the move to it, and how seats join. No widgets here."""
