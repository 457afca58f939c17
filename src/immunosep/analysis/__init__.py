"""From the records of a trial to its estimates: endpoints derived, arms compared, looks planned."""
