"""Safety: serious adverse events reported, judged without arms, submitted, coded, listed."""
