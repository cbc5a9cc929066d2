"""French as the institutions of the Union write it; a clock time is never broken over two lines."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "G\u00a0\\h\u00a0i"
DATETIME_FORMAT = "j F Y \\à G\u00a0\\h\u00a0i"
MONTH_DAY_FORMAT = "j F"
SHORT_DATE_FORMAT = "j N Y"  # N, since of juin and juillet the three letters of M leave "Jui" and "Jul"
SHORT_DATETIME_FORMAT = "j N Y, G\u00a0\\h\u00a0i"
FIRST_DAY_OF_WEEK = 1
