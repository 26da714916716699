"""Submit, approve, return, lapse, withdraw: who may do what, and what a sign-off is worth."""
