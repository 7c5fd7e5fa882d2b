"""How the properties here are tried: a busy machine is no reason to fail."""

from hypothesis import HealthCheck, settings

settings.register_profile("kinds", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kinds")
