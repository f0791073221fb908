"""What people agreed to: the ledger, confirming, taking back."""
