"""The scripted agent: a terminal program that needs no account and misbehaves when told to."""
