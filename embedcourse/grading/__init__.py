"""The instructor's side: a class of untrusted notebooks is read, run behind walls, marked and reported on."""
