"""What is wrong with a page before anybody sees it. Pure rules over plain values; findings, never exceptions."""
