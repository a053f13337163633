"""Stripe: a till that people pay at by card and the like, on Stripe's own pages."""
