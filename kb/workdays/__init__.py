"""Working days (工作日): the calendar of holidays and make-up days, and deadlines counted in it."""
