"""The maintainer's side: one text file per lesson becomes the notebook handed out and the notebook with answers."""
