"""Links, short addresses and QR codes for channels and campaigns."""
