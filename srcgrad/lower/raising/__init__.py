"""What raises, may raise, or is caught."""
