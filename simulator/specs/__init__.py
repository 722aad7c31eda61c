"""What the files say: kinds, machines, the calibration bench, and what is wrong with them."""
