"""When sources are due: pure timetables, the slots that they yield, and the marks up to which each was processed.

The timekeeper uses it to queue runs. Nothing here starts one.
"""
