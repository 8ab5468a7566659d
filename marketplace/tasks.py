"""Work of the marketplace that the clock starts."""

from celery import shared_task

from marketplace.services import billing


@shared_task
def bill_started_month() -> None:
    """Charge the paid options for months that have started; most runs find nothing to do."""
    billing.bill_started_month()
