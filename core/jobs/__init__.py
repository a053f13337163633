"""The job machine: submit, claim, execute, deliver, cancel, remove, and reconcile what was cut off."""
