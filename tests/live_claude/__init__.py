"""What holds on the real `claude`, in the oldest and the newest version that is promised."""
