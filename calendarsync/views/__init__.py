"""Pages of the calendar: HTTP in, services and selectors behind."""
