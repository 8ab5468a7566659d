"""Writes: what people and schedules do to accounts and calendars. Network stays outside transactions."""
