"""How large a part of a file may be. What is larger is refused before it is read.

A clinical tube is some megabytes with some hundred keywords. The limits stand far above that, and
low enough that a damaged or hostile number asks for no memory and no time.
"""

FILE_BYTES = 2 * 2**30
TEXT_BYTES = 16 * 2**20
KEYWORDS = 50_000
NAME_BYTES = 1_000  # of a keyword
CHANNELS = 512
EVENTS = 50_000_000
DATA_SETS = 100
SPILLOVER_CHANNELS = 64
SPILLOVER_CONDITION = 1_000  # a matrix nearer to singular turns noise into signal
DECADES = 20
SMALLEST_SCALE, LARGEST_SCALE = 1e-6, 1e6  # of a gain, and of a logarithmic channel's first value
LARGEST_RANGE = 1e18
WHOLE_DIGITS = 15  # of a whole number; exact in a float64, too
