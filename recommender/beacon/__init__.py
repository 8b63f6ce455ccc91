"""What pages report about themselves: a door for the script beacon.js, and for the button "not for me"."""
