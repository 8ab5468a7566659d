"""Invented people, companies and diaries, so that a newcomer sees a lived-in CRM."""
