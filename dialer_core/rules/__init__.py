"""The law as data and the gate before every INVITE. Pure: facts and time in, refusals out."""
